# 移动加权平均,按仓库分别核算:W2 出库按 W2 的平均成本。
# Moving average by warehouse: an issue from W2 takes the average of W2.
# rows S3a
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing movingAverage
set    costPool itemWarehouse
set    revenueAt invoice

given  item PUMP  category merchandise  unit pcs
given  supplier S01
given  customer C01
given  goodsReceipt GR-1  2026-03-02  supplier S01  warehouse W1
         line 1  item PUMP  quantity 10  price 10.00
then   voucher 记-1  2026-03-02
         1405     库存商品    借  100.00  warehouse W1
         2202.02  暂估应付款  贷  100.00
given  goodsReceipt GR-2  2026-03-03  supplier S01  warehouse W2
         line 1  item PUMP  quantity 10  price 12.00
then   voucher 记-2  2026-03-03
         1405     库存商品    借  120.00  warehouse W2
         2202.02  暂估应付款  贷  120.00
given  shipment SH-1  2026-03-05  customer C01  warehouse W2
         line 1  item PUMP  quantity 5
then   voucher 记-3  2026-03-05
         1406  发出商品  借  60.00
         1405  库存商品  贷  60.00  warehouse W2
then   vouchers
then   balance 1405 库存商品  warehouse W1  借  100.00
then   balance 1405 库存商品  warehouse W2  借   60.00
