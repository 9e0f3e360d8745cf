# 先开票后发货:开票时只记税,签收时确认收入;单位成本 70.00。
# Invoice before control passes: the invoice books its tax only, the acceptance the revenue; cost 70.00.
# rows S4c S3a
book   B1  pack cas-general  currency CNY  from 2026-04
set    costing fifo
set    revenueAt acceptance

given  item PUMP  category merchandise  unit pcs
given  customer C01
given  salesOrder SO-1  2026-04-01  customer C01
         line 1  item PUMP  quantity 10  price 100.00  taxRate 0.13
given  salesInvoice SI-1  2026-04-05  customer C01
         line 1  item PUMP  quantity 10  price 100.00  taxRate 0.13  of salesOrder/SO-1/1
then   voucher 记-1  2026-04-05
         1122.01     明细应收款  借  130.00
         2221.01.02  销项税额    贷  130.00
given  shipment SH-1  2026-04-20  customer C01
         line 1  item PUMP  quantity 10  cost 70.00  of salesOrder/SO-1/1 quantity 10  of salesInvoice/SI-1/1 quantity 10
then   voucher 记-2  2026-04-20
         1406  发出商品  借  700.00
         1405  库存商品  贷  700.00
given  customerAcceptance CA-1  2026-04-25  customer C01
         line 1  item PUMP  quantity 10  of shipment/SH-1/1
then   voucher 记-3  2026-04-25
         1122.01  明细应收款    借  1000.00
         6401     主营业务成本  借   700.00
         6001     主营业务收入  贷  1000.00
         1406     发出商品      贷   700.00
then   vouchers
then   balance 1122.01 明细应收款   借  1130.00
then   balance 2221.01.02 销项税额  贷   130.00
then   balance 6001 主营业务收入    贷  1000.00
then   balance 6401 主营业务成本    借   700.00
then   balance 1406 发出商品               0.00
then   balance 1405 库存商品        贷   700.00
