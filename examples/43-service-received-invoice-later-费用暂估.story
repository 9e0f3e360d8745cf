# 费用暂估:三月的服务三月入账,四月只负担差额 20.00。
# Service received, invoice later: March bears 600.00, April 20.00.
# rows P3s
book   B1  pack cas-general  currency CNY  from 2026-03

given  item CONSULT  category service  expenseAccount 6602
given  supplier S07
given  purchaseOrder PO-1  2026-03-01  supplier S07
         line 1  item CONSULT  quantity 1  price 600.00  taxRate 0.06
given  goodsReceipt GR-1  2026-03-31  supplier S07  department D01
         line 1  item CONSULT  quantity 1  of purchaseOrder/PO-1/1
then   voucher 记-1  2026-03-31
         6602     管理费用    借  600.00  department D01
         2202.02  暂估应付款  贷  600.00  supplier S07
given  supplierInvoice INV-1  2026-04-12  supplier S07  department D01
         line 1  item CONSULT  quantity 1  price 620.00  taxRate 0.06  of goodsReceipt/GR-1/1
then   voucher 记-1  2026-04-12
         6602     管理费用    借  -600.00  department D01
         2202.02  暂估应付款  贷  -600.00  supplier S07
then   voucher 记-2  2026-04-12
         6602        管理费用    借  620.00  department D01
         2221.01.01  进项税额    借   37.20
         2202.01     明细应付款  贷  657.20  supplier S07
then   vouchers
then   balance 6602 管理费用        借  600.00  at 2026-03
then   balance 6602 管理费用        借  620.00
then   balance 2202.02 暂估应付款         0.00
then   balance 2221.01.01 进项税额  借   37.20
then   balance 2202.01 明细应付款   贷  657.20
