# 按日汇总,只合并同类单据:税额为各行之和 15.66,不是合计的 13 %(15.65)。
# Merged per day, of one kind only: tax is the sum of the lines' taxes, not 13 % of the sum (15.65).
# rows S6
book   B1  pack cas-general  currency CNY  from 2026-03
set    merge perDay

given  item SVC  category service
given  customer C01
given  supplier CARRIER
given  salesInvoice SI-1  2026-03-05  customer C01
         line 1  item SVC  quantity 1  price 12.35  taxRate 0.13
given  salesInvoice SI-2  2026-03-05  customer C01
         line 1  item SVC  quantity 1  price 7.99  taxRate 0.13
given  salesInvoice SI-3  2026-03-05  customer C01
         line 1  item SVC  quantity 1  price 100.05  taxRate 0.13
given  costInvoice FR-1  2026-03-05  supplier CARRIER
         line 1  charge delivery  amountNet 50.00  taxRate 0.09  tax 4.50
then   voucher 记-1  2026-03-05
         1122.01     明细应收款    借  136.05  customer C01
         6001        主营业务收入  贷  120.39
         2221.01.02  销项税额      贷   15.66
then   attachments 3
then   voucher 记-2  2026-03-05
         6401        主营业务成本  借  50.00
         2221.01.01  进项税额      借   4.50
         2202.01     明细应付款    贷  54.50
then   attachments 1
then   vouchers
then   balance 1122.01 明细应收款   借  136.05
then   balance 6001 主营业务收入    贷  120.39
then   balance 2221.01.02 销项税额  贷   15.66
then   balance 6401 主营业务成本    借   50.00
then   balance 2221.01.01 进项税额  借    4.50
then   balance 2202.01 明细应付款   贷   54.50
