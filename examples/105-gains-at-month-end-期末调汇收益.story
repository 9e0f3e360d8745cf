# 外币应收与外币存款的期末调汇收益;次月不冲回。收款时的汇兑收益为 6603 红字借方。
# Month-end gains on a receivable and a bank account in dollars, not reversed later.
# rows C2a S16
book   B1  pack cas-general  currency CNY  from 2026-03
set    revenueAt invoice

given  item SVC  category service
given  customer C-US
given  bankAccount BA-USD  currency USD  account 1002
given  exchangeRate USD-0331  from USD  to CNY  date 2026-03-31  rate 7.20
given  salesInvoice SI-1  2026-03-02  customer C-US  currency USD  rate 7.10
         line 1  item SVC  quantity 1  price 1000.00  taxRate 0
then   voucher 记-1  2026-03-02
         1122.01  明细应收款    借  7100.00  customer C-US
         6001     主营业务收入  贷  7100.00
given  cashReceipt CR-1  2026-03-20  customer C-US  currency USD  rate 7.12  bankAccount BA-USD  amount 400.00  pays salesInvoice/SI-1 amount 400.00
then   voucher 记-2  2026-03-20
         1002     银行存款    借  2848.00  bankAccount BA-USD
         6603     财务费用    借    -8.00
         1122.01  明细应收款  贷  2840.00  customer C-US
given  fxRevaluation FX-1  2026-03-31
then   voucher 记-3  2026-03-31  # 600 × 7.20 − 4260;400 × 7.20 − 2848
         1122.01  明细应收款  借  60.00  customer C-US
         1002     银行存款    借  32.00  bankAccount BA-USD
         6603     财务费用    贷  92.00
given  cashReceipt CR-2  2026-04-10  customer C-US  currency USD  rate 7.15  bankAccount BA-USD  amount 600.00  pays salesInvoice/SI-1 amount 600.00
then   voucher 记-1  2026-04-10
         1002     银行存款    借  4290.00  bankAccount BA-USD
         6603     财务费用    借    30.00
         1122.01  明细应收款  贷  4320.00  customer C-US
then   vouchers
then   balance 1122.01 明细应收款         0.00
then   balance 1002 银行存款       借  7170.00
then   balance 6603 财务费用       贷    70.00
then   open salesInvoice/SI-1  amount 0.00
