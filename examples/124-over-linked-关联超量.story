# 开票数量超过入库数量:关联超量,挂起;在容差之内的入库照常入账。
# More is invoiced than was received: over-linked, parked. A receipt within the tolerance of its order posts.
# rows P3
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing fifo
set    quantityTolerance 0.05

given  item STEEL  category rawMaterial  unit kg
given  supplier S01
given  purchaseOrder PO-1  2026-03-01  supplier S01
         line 1  item STEEL  quantity 100  price 10.00  taxRate 0.13
given  goodsReceipt GR-1  2026-03-05  supplier S01
         line 1  item STEEL  quantity 103  of purchaseOrder/PO-1/1
then   voucher 记-1  2026-03-05
         1403     原材料      借  1030.00
         2202.02  暂估应付款  贷  1030.00
given  goodsReceipt GR-2  2026-03-06  supplier S01
         line 1  item STEEL  quantity 5  of purchaseOrder/PO-1/1
then   parked GR-2  because link.over
given  supplierInvoice INV-1  2026-03-20  supplier S01
         line 1  item STEEL  quantity 110  price 10.00  taxRate 0.13  of goodsReceipt/GR-1/1 quantity 110
then   parked INV-1  because link.over
then   vouchers
then   balance 1403 原材料  借  1030.00
then   completeness 100%
