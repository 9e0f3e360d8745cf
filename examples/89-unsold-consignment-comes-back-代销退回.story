# 委托代销:部分售出,未售出的退回仓库。
# Consignment: part is sold, the unsold goods come back.
# rows S18 S7a
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing fifo

given  item LAMP  category merchandise  unit pcs
given  customer AG
given  shipment SH-1  2026-03-01  customer AG  purpose consignment
         line 1  item LAMP  quantity 10  cost 60.00
then   voucher 记-1  2026-03-01
         1406  发出商品  借  600.00
         1405  库存商品  贷  600.00
given  consignmentList LS-1  2026-03-20  customer AG
         line 1  item LAMP  quantity 6  price 100.00  taxRate 0.13  of shipment/SH-1/1
then   voucher 记-2  2026-03-20
         1122.01     明细应收款    借  678.00  customer AG
         6401        主营业务成本  借  360.00
         6001        主营业务收入  贷  600.00
         2221.01.02  销项税额      贷   78.00
         1406        发出商品      贷  360.00
given  shipmentReturn SR-1  2026-03-31  customer AG
         line 1  item LAMP  quantity 4  of shipment/SH-1/1
then   voucher 记-3  2026-03-31
         1406  发出商品  借  -240.00
         1405  库存商品  贷  -240.00
then   vouchers
then   balance 1406 发出商品            0.00
then   balance 1405 库存商品      贷  360.00
then   balance 6401 主营业务成本  借  360.00
