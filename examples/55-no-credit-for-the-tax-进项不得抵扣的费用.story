# 费用的普通发票,与用途不得抵扣的专用发票(业务招待):税额进费用。
# An ordinary invoice for an expense, and a special one whose use bars deduction: the tax is cost.
# rows P4e
book   B1  pack cas-general  currency CNY  from 2026-03

given  item PAPER  category expense  expenseAccount 6602
given  item DINNER  category service  expenseAccount 6602
given  supplier S08
given  supplierInvoice INV-1  2026-03-05  supplier S08  invoiceType ordinary  department D01
         line 1  item PAPER  quantity 10  price 20.00  taxRate 0.03
then   voucher 记-1  2026-03-05
         6602     管理费用    借  206.00  department D01
         2202.01  明细应付款  贷  206.00
given  supplierInvoice INV-2  2026-03-06  supplier S08  deductible false  department D02
         line 1  item DINNER  quantity 1  price 300.00  taxRate 0.06
then   voucher 记-2  2026-03-06
         6602     管理费用    借  318.00  department D02
         2202.01  明细应付款  贷  318.00
then   vouchers
then   balance 6602 管理费用       借  524.00
then   balance 2202.01 明细应付款  贷  524.00
then   balance 2221 应交税费             0.00
