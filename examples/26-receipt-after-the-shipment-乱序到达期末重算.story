# 入库单晚于它应定价的出库单到达:期末按业务日期重算。
# A receipt arrives after the shipment it should have priced: the run re-costs in date order.
# rows I6
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing movingAverage
set    revenueAt invoice

given  item PUMP  category merchandise  unit pcs
given  supplier S01
given  customer C01
given  goodsReceipt GR-A  2026-03-02  supplier S01
         line 1  item PUMP  quantity 10  price 10.00
then   voucher 记-1  2026-03-02
         1405     库存商品    借  100.00
         2202.02  暂估应付款  贷  100.00
given  shipment SH-1  2026-03-05  customer C01
         line 1  item PUMP  quantity 5
then   voucher 记-2  2026-03-05
         1406  发出商品  借  50.00
         1405  库存商品  贷  50.00
given  goodsReceipt GR-B  2026-03-03  supplier S01
         line 1  item PUMP  quantity 10  price 14.00
then   voucher 记-3  2026-03-03
         1405     库存商品    借  140.00
         2202.02  暂估应付款  贷  140.00
given  costRun RUN-1  2026-03-31
then   voucher 记-4  2026-03-31  # 240 ÷ 20 × 5 = 60.00
         1406  发出商品  借  10.00
         1405  库存商品  贷  10.00
then   vouchers
then   balance 1405 库存商品       借  180.00
then   balance 1406 发出商品       借   60.00
then   balance 2202.02 暂估应付款  贷  240.00
