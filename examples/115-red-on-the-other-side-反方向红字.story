# redStyle swapped:冲回暂估以反方向蓝字表示。
# redStyle swapped: the reversal of the estimate is positive on the other side.
# rows P3 P4a
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing fifo
set    redStyle swapped

given  item STEEL  category rawMaterial  unit kg
given  supplier S01
given  goodsReceipt GR-1  2026-03-05  supplier S01
         line 1  item STEEL  quantity 10  price 20.00
then   voucher 记-1  2026-03-05
         1403     原材料      借  200.00
         2202.02  暂估应付款  贷  200.00
given  supplierInvoice INV-1  2026-03-20  supplier S01
         line 1  item STEEL  quantity 10  price 21.00  taxRate 0.13  of goodsReceipt/GR-1/1
then   voucher 记-2  2026-03-20
         2202.02  暂估应付款  借  200.00
         1403     原材料      贷  200.00
then   voucher 记-3  2026-03-20
         1403        原材料      借  210.00
         2221.01.01  进项税额    借   27.30
         2202.01     明细应付款  贷  237.30
then   vouchers
then   balance 1403 原材料         借  210.00
then   balance 2202.02 暂估应付款        0.00
