# 外币应收分三次等额收款,含尾差:核销本位币 = 四舍五入(本位币 × 累计外币 ÷ 外币总额) − 已核销;收益记 6603 红字借方。
# Foreign receivable in three equal parts, rounding included; a gain is a red debit of 6603.
# rows S16 S5
book   B1  pack cas-general  currency CNY  from 2026-03
set    revenueAt invoice

given  item SVC  category service
given  customer C-DE
given  bankAccount BA-EUR  currency EUR  account 1002
given  salesInvoice SI-1  2026-03-02  customer C-DE  currency EUR  rate 7.8123
         line 1  item SVC  quantity 1  price 3333.33  taxRate 0
then   voucher 记-1  2026-03-02
         1122.01  明细应收款    借  26040.97
         6001     主营业务收入  贷  26040.97
given  cashReceipt CR-1  2026-03-10  customer C-DE  currency EUR  rate 7.80  bankAccount BA-EUR  amount 1111.11  pays salesInvoice/SI-1 amount 1111.11
then   voucher 记-2  2026-03-10
         1002     银行存款    借  8666.66
         6603     财务费用    借    13.66
         1122.01  明细应收款  贷  8680.32
given  cashReceipt CR-2  2026-03-15  customer C-DE  currency EUR  rate 7.82  bankAccount BA-EUR  amount 1111.11  pays salesInvoice/SI-1 amount 1111.11
then   voucher 记-3  2026-03-15
         1002     银行存款    借  8688.88
         6603     财务费用    借    -8.55
         1122.01  明细应收款  贷  8680.33
given  cashReceipt CR-3  2026-03-20  customer C-DE  currency EUR  rate 7.81  bankAccount BA-EUR  amount 1111.11  pays salesInvoice/SI-1 amount 1111.11
then   voucher 记-4  2026-03-20
         1002     银行存款    借  8677.77
         6603     财务费用    借     2.55
         1122.01  明细应收款  贷  8680.32
then   vouchers
then   balance 1122.01 明细应收款          0.00
then   balance 6001 主营业务收入   贷  26040.97
then   balance 6603 财务费用       借      7.66
then   balance 1002 银行存款       借  26033.31
then   open salesInvoice/SI-1  amount 0.00
