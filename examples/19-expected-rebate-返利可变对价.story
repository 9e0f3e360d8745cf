# 预计返利先计提,再以红字发票兑现。计提凭证只有贷方,借方合计为零。
# Expected rebate accrued, then credited by red invoice. The accrual has credit lines only; the debit total is zero.
# rows S13
book   B1  pack cas-general  currency CNY  from 2026-03
set    revenueAt invoice

given  item SVC  category service
given  customer C01
given  salesInvoice SI-1  2026-03-31  customer C01
         line 1  item SVC  quantity 1  price 100000.00  taxRate 0.13
then   voucher 记-1  2026-03-31
         1122.01     明细应收款    借  113000.00
         6001        主营业务收入  贷  100000.00
         2221.01.02  销项税额      贷   13000.00
given  adjustment RB-1  2026-03-31  customer C01  type rebateAccrual  amount 2000.00  of salesInvoice/SI-1
then   voucher 记-2  2026-03-31
         6001  主营业务收入  贷  -2000.00
         2241  其他应付款    贷   2000.00  counterparty C01
given  salesInvoice CN-1  2026-04-15  customer C01  credit
         line 1  item SVC  amountNet 2000.00  taxRate 0.13  of salesInvoice/SI-1/1
then   voucher 记-1  2026-04-15
         1122.01     明细应收款  借  -2260.00
         2241        其他应付款  贷  -2000.00  counterparty C01
         2221.01.02  销项税额    贷   -260.00
then   vouchers
then   balance 1122.01 明细应收款   借  110740.00
then   balance 6001 主营业务收入    贷   98000.00
then   balance 2221.01.02 销项税额  贷   12740.00
then   balance 2241 其他应付款               0.00
