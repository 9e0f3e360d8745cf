# 同一集团的两个账簿收到同一张发票:第二个拒收。
# Two books of one group get the same invoice: the second is refused.
# rows S20
book   A  pack cas-general  currency CNY  from 2026-03
book   B  pack cas-general  currency CNY  from 2026-03

given  item RENT  category service  expenseAccount 6602
given  supplier S01
given  supplierInvoice INV-1  2026-03-05  supplier S01  book A  invoiceNumber 26332000000087654321  department D01
         line 1  item RENT  quantity 1  price 100.00  taxRate 0.06
then   voucher 记-1  2026-03-05  book A
         6602        管理费用    借  100.00
         2221.01.01  进项税额    借    6.00
         2202.01     明细应付款  贷  106.00
given  supplierInvoice INV-9  2026-03-06  supplier S01  book B  invoiceNumber 26332000000087654321  department D01
         line 1  item RENT  quantity 1  price 100.00  taxRate 0.06
then   refused INV-9  because invoice.duplicate
then   vouchers
then   balance 2202.01 明细应付款  贷  106.00  book A
then   balance 2202.01 明细应付款        0.00  book B
