# 本年差错:部门改了,先红字注销原凭证,再蓝字订正;摘要写明原凭证。
# An error of this year: the department changed: a red voucher and a blue one, whose summaries name the voucher corrected.
# rows P4a
book   B1  pack cas-general  currency CNY  from 2026-03

given  item RENT  category service  expenseAccount 6602
given  supplier S01
given  supplierInvoice INV-1  2026-03-05  supplier S01  department D01
         line 1  item RENT  quantity 1  price 100.00  taxRate 0.06
then   voucher 记-1  2026-03-05
         6602        管理费用    借  100.00  department D01
         2221.01.01  进项税额    借    6.00
         2202.01     明细应付款  贷  106.00
given  version supplierInvoice INV-1  2026-03-05  supplier S01  department D02
         line 1  item RENT  quantity 1  price 100.00  taxRate 0.06
then   voucher 记-2  2026-03-05  reverses 记-1  summary "注销3月5日记-1号凭证"
         6602        管理费用    借  -100.00  department D01
         2221.01.01  进项税额    借    -6.00
         2202.01     明细应付款  贷  -106.00
then   voucher 记-3  2026-03-05  summary "订正3月5日记-1号凭证"
         6602        管理费用    借  100.00  department D02
         2221.01.01  进项税额    借    6.00
         2202.01     明细应付款  贷  106.00
then   vouchers
then   balance 6602 管理费用       department D01        0.00
then   balance 6602 管理费用       department D02  借  100.00
then   balance 2202.01 明细应付款                  贷  106.00
