# 开票确认收入:开票前退货只动发出商品;发票按留下的数量。
# Revenue at the invoice: a return before it moves goods shipped only; the invoice covers what was kept.
# rows S7a S4a
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing fifo
set    revenueAt invoice

given  item PUMP  category merchandise  unit pcs
given  customer C01
given  shipment SH-1  2026-03-03  customer C01
         line 1  item PUMP  quantity 10  cost 50.00
then   voucher 记-1  2026-03-03
         1406  发出商品  借  500.00
         1405  库存商品  贷  500.00
given  shipmentReturn SR-1  2026-03-06  customer C01
         line 1  item PUMP  quantity 2  of shipment/SH-1/1
then   voucher 记-2  2026-03-06
         1406  发出商品  借  -100.00
         1405  库存商品  贷  -100.00
given  salesInvoice SI-1  2026-03-10  customer C01
         line 1  item PUMP  quantity 8  price 80.00  taxRate 0.13  of shipment/SH-1/1
then   voucher 记-3  2026-03-10
         1122.01     明细应收款    借  723.20
         6401        主营业务成本  借  400.00
         6001        主营业务收入  贷  640.00
         2221.01.02  销项税额      贷   83.20
         1406        发出商品      贷  400.00
then   vouchers
then   balance 1406 发出商品            0.00
then   balance 6401 主营业务成本  借  400.00
then   balance 1405 库存商品      贷  400.00
