# 库存不足的出库等待入库,入库到达后依次入账(先进先出跨两层)。
# A shipment without stock waits; the receipts release it (first in, first out over two layers).
# rows S3a P3
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing fifo
set    negativeStock wait
set    revenueAt invoice

given  item PUMP  category merchandise  unit pcs
given  supplier S01
given  customer C01
given  goodsReceipt GR-1  2026-03-02  supplier S01
         line 1  item PUMP  quantity 10  price 10.00
then   voucher 记-1  2026-03-02
         1405     库存商品    借  100.00
         2202.02  暂估应付款  贷  100.00
given  shipment SH-1  2026-03-05  customer C01
         line 1  item PUMP  quantity 15
then   waiting SH-1  because stock.waiting
given  goodsReceipt GR-2  2026-03-04  supplier S01
         line 1  item PUMP  quantity 10  price 12.00
then   voucher 记-2  2026-03-04
         1405     库存商品    借  120.00
         2202.02  暂估应付款  贷  120.00
then   voucher 记-3  2026-03-05  # 10 × 10.00 + 5 × 12.00
         1406  发出商品  借  160.00
         1405  库存商品  贷  160.00
then   vouchers
then   waiting nothing
then   balance 1405 库存商品  借   60.00
then   balance 1406 发出商品  借  160.00
