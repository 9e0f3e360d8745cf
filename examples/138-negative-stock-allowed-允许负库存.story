# 允许负库存:出库先按现有平均成本入账,入库补到后由存货核算调整。
# Negative stock is allowed: the issue posts at the average on hand; when the receipt has come, the cost run corrects it.
# rows I6 S3a
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing movingAverage
set    negativeStock allow
set    revenueAt invoice

given  item PUMP  category merchandise  unit pcs
given  supplier S01
given  customer C01
given  openingBalance OB-1  2026-02-28
         line 1  account 1405  item PUMP  quantity 10  debit 100.00
         line 2  account 4001  credit 100.00
given  shipment SH-1  2026-03-05  customer C01
         line 1  item PUMP  quantity 15
then   voucher 记-1  2026-03-05
         1406  发出商品  借  150.00
         1405  库存商品  贷  150.00
given  goodsReceipt GR-1  2026-03-04  supplier S01
         line 1  item PUMP  quantity 10  price 12.00
then   voucher 记-2  2026-03-04
         1405     库存商品    借  120.00
         2202.02  暂估应付款  贷  120.00
given  costRun RUN-1  2026-03-31
then   voucher 记-3  2026-03-31  # 220 ÷ 20 × 15 = 165.00
         1406  发出商品  借  15.00
         1405  库存商品  贷  15.00
then   vouchers
then   balance 1405 库存商品  借   55.00
then   balance 1406 发出商品  借  165.00
