# 票先到,按设置不等待:记在途物资,入库到达后转存货,不再暂估。
# An invoice that links a receipt still to come does not wait by setting: goods in transit; the receipt takes them, no estimate.
# rows P4d
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing fifo
set    invoiceBeforeGoods inTransit

given  item STEEL  category rawMaterial  unit kg
given  supplier S01
given  purchaseOrder PO-1  2026-03-01  supplier S01
         line 1  item STEEL  quantity 10  price 20.00  taxRate 0.13
given  supplierInvoice INV-1  2026-03-08  supplier S01
         line 1  item STEEL  quantity 10  price 21.00  taxRate 0.13  of purchaseOrder/PO-1/1
then   voucher 记-1  2026-03-08
         1402        在途物资    借  210.00
         2221.01.01  进项税额    借   27.30
         2202.01     明细应付款  贷  237.30
given  goodsReceipt GR-1  2026-03-10  supplier S01
         line 1  item STEEL  quantity 10  of purchaseOrder/PO-1/1
then   voucher 记-2  2026-03-10
         1403  原材料    借  210.00
         1402  在途物资  贷  210.00
then   vouchers
then   balance 1402 在途物资             0.00
then   balance 1403 原材料         借  210.00
then   balance 2202.02 暂估应付款        0.00
