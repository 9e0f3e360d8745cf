# 我方为代理人:只确认佣金收入,开票确认,或月末按结算单确认。
# We are the agent: the commission alone is revenue, by invoice or by the month's settlement.
# rows S18b
book   B1  pack cas-general  currency CNY  from 2026-03

given  item COMMISSION  category otherIncome
given  customer PRINCIPAL
given  salesInvoice SI-1  2026-03-05  customer PRINCIPAL
         line 1  item COMMISSION  quantity 1  price 100.00  taxRate 0.06
then   voucher 记-1  2026-03-05
         1122.01     明细应收款    借  106.00  customer PRINCIPAL
         6051        其他业务收入  贷  100.00
         2221.01.02  销项税额      贷    6.00
given  adjustment AC-1  2026-03-31  customer PRINCIPAL  type commissionIncome  amount 50.00  tax 3.00
then   voucher 记-2  2026-03-31
         1122.01     明细应收款    借  53.00  customer PRINCIPAL
         6051        其他业务收入  贷  50.00
         2221.01.02  销项税额      贷   3.00
then   vouchers
then   balance 1122.01 明细应收款   借  159.00
then   balance 6051 其他业务收入    贷  150.00
then   balance 2221.01.02 销项税额  贷    9.00
