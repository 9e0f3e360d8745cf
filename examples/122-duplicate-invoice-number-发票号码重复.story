# 同一发票号码第二次出现被拒收,不论单据号。
# The same invoice number a second time is refused, whatever the document's own id.
book   B1  pack cas-general  currency CNY  from 2026-03

given  item RENT  category service  expenseAccount 6602
given  supplier S01
given  supplierInvoice INV-1  2026-03-05  supplier S01  invoiceNumber 26332000000012345678  department D01
         line 1  item RENT  quantity 1  price 100.00  taxRate 0.06
then   voucher 记-1  2026-03-05
         6602        管理费用    借  100.00
         2221.01.01  进项税额    借    6.00
         2202.01     明细应付款  贷  106.00
given  supplierInvoice INV-2  2026-03-06  supplier S01  invoiceNumber 26332000000012345678  department D01
         line 1  item RENT  quantity 1  price 100.00  taxRate 0.06
then   refused INV-2  because invoice.duplicate
then   vouchers
then   balance 2202.01 明细应付款  贷  106.00
