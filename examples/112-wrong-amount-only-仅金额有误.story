# 仅金额有误:多记的以红字冲减,少记的以蓝字补记,各一张差额凭证。
# Only the amount was wrong: one difference voucher, red for too much, blue for too little.
# rows P4a
book   B1  pack cas-general  currency CNY  from 2026-03

given  item RENT  category service  expenseAccount 6602
given  supplier S01
given  supplierInvoice INV-1  2026-03-05  supplier S01  department D01
         line 1  item RENT  quantity 1  price 1000.00  taxRate 0.06
then   voucher 记-1  2026-03-05
         6602        管理费用    借  1000.00
         2221.01.01  进项税额    借    60.00
         2202.01     明细应付款  贷  1060.00
given  version supplierInvoice INV-1  2026-03-05  supplier S01  department D01
         line 1  item RENT  quantity 1  price 900.00  taxRate 0.06
then   voucher 记-2  2026-03-05
         6602        管理费用    借  -100.00
         2221.01.01  进项税额    借    -6.00
         2202.01     明细应付款  贷  -106.00
given  version supplierInvoice INV-1  2026-03-05  supplier S01  department D01
         line 1  item RENT  quantity 1  price 950.00  taxRate 0.06
then   voucher 记-3  2026-03-05
         6602        管理费用    借  50.00
         2221.01.01  进项税额    借   3.00
         2202.01     明细应付款  贷  53.00
then   open supplierInvoice/INV-1  amount 1007.00
given  version supplierInvoice INV-1  2026-03-05  supplier S01  department D01
         line 1  item RENT  quantity 1  price 950.00  taxRate 0.06  description "办公室三月租金"
then   vouchers
then   balance 6602 管理费用       借   950.00
then   balance 2202.01 明细应付款  贷  1007.00
