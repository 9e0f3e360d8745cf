# 移动加权平均:三件共 100.00,逐件出库,最后一件取尾差;库存归零时金额也归零。
# Moving average: three units worth 100.00 leave one by one, the last takes the cent; no stock, no amount.
# rows S3a S5
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing movingAverage
set    revenueAt invoice

given  item PUMP  category merchandise  unit pcs
given  customer C01
given  openingBalance OB-1  2026-02-28
         line 1  account 1405  item PUMP  quantity 3  debit 100.00
         line 2  account 4001  credit 100.00
given  shipment SH-1  2026-03-05  customer C01
         line 1  item PUMP  quantity 1
then   voucher 记-1  2026-03-05
         1406  发出商品  借  33.33
         1405  库存商品  贷  33.33
given  shipment SH-2  2026-03-06  customer C01
         line 1  item PUMP  quantity 1
then   voucher 记-2  2026-03-06
         1406  发出商品  借  33.34
         1405  库存商品  贷  33.34
given  shipment SH-3  2026-03-07  customer C01
         line 1  item PUMP  quantity 1
then   voucher 记-3  2026-03-07
         1406  发出商品  借  33.33
         1405  库存商品  贷  33.33
then   vouchers
then   balance 1405 库存商品        0.00
then   balance 1406 发出商品  借  100.00
