# 成本调整单:调低库存价值,差额进成本。
# A cost adjustment lowers the stock value; the difference goes to cost of sales.
# rows I6
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing fifo
set    revenueAt invoice

given  item PUMP  category merchandise  unit pcs
given  customer C01
given  openingBalance OB-1  2026-02-28
         line 1  account 1405  item PUMP  quantity 10  debit 100.00
         line 2  account 4001  credit 100.00
given  costAdjustment CA-1  2026-03-05
         line 1  item PUMP  amount -12.00
then   voucher 记-1  2026-03-05
         6401  主营业务成本  借  12.00
         1405  库存商品      贷  12.00
given  shipment SH-1  2026-03-08  customer C01
         line 1  item PUMP  quantity 5
then   voucher 记-2  2026-03-08
         1406  发出商品  借  44.00
         1405  库存商品  贷  44.00
then   vouchers
then   balance 1405 库存商品      借  44.00
then   balance 6401 主营业务成本  借  12.00
