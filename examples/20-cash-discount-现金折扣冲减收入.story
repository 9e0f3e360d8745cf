# 现金折扣冲减收入;没有红字发票,税额不变。
# Cash discount taken: no red invoice, so the tax stays.
# rows S13c
book   B1  pack cas-general  currency CNY  from 2026-03
set    revenueAt invoice

given  item SVC  category service
given  customer C01
given  bankAccount BA1  currency CNY  account 1002
given  salesInvoice SI-1  2026-03-01  customer C01
         line 1  item SVC  quantity 1  price 10000.00  taxRate 0.13
then   voucher 记-1  2026-03-01
         1122.01     明细应收款    借  11300.00
         6001        主营业务收入  贷  10000.00
         2221.01.02  销项税额      贷   1300.00
given  cashReceipt CR-1  2026-03-09  customer C01  bankAccount BA1  amount 11300.00  discount 200.00  pays salesInvoice/SI-1 amount 11300.00
then   voucher 记-2  2026-03-09
         1002     银行存款      借  11100.00
         1122.01  明细应收款    贷  11300.00
         6001     主营业务收入  贷   -200.00
then   vouchers
then   balance 1122.01 明细应收款           0.00
then   balance 6001 主营业务收入    贷   9800.00
then   balance 2221.01.02 销项税额  贷   1300.00
then   balance 1002 银行存款        借  11100.00
then   open salesInvoice/SI-1  amount 0.00
