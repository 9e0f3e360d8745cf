# 供应商寄售(VMI):到货不入账,领用时才是采购,按用量暂估。
# Goods on consignment from a supplier: nothing until they are used; then the quantity used is received and estimated.
# rows P15 P3
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing fifo

given  item SCREW  category rawMaterial  unit box
given  supplier S01
given  purchaseOrder PO-1  2026-03-01  supplier S01
         line 1  item SCREW  quantity 500  price 2.00  taxRate 0.13
then   vouchers
given  goodsReceipt USE-1  2026-03-20  supplier S01
         line 1  item SCREW  quantity 120  of purchaseOrder/PO-1/1
given  productionIssue PI-1  2026-03-20  use production  workOrder WO-1
         line 1  item SCREW  quantity 120
then   voucher 记-1  2026-03-20
         1403     原材料      借  240.00
         2202.02  暂估应付款  贷  240.00
then   voucher 记-2  2026-03-20
         5001  生产成本  借  240.00
         1403  原材料    贷  240.00
then   vouchers
then   balance 1403 原材料               0.00
then   balance 5001 生产成本       借  240.00
then   balance 2202.02 暂估应付款  贷  240.00
