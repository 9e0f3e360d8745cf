# 同一公司的仓库调拨:存货换仓,成本不变。
# A transfer within one company: the stock changes its warehouse, not its cost.
# rows I3
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing fifo

given  item PUMP  category merchandise  unit pcs
given  openingBalance OB-1  2026-02-28
         line 1  account 1405  item PUMP  warehouse W1  quantity 100  debit 1000.00
         line 2  account 4001  credit 1000.00
given  transfer TR-1  2026-03-05  fromWarehouse W1  toWarehouse W2
         line 1  item PUMP  quantity 40
then   voucher 记-1  2026-03-05
         1405  库存商品  借  400.00  warehouse W2
         1405  库存商品  贷  400.00  warehouse W1
then   vouchers
then   balance 1405 库存商品  warehouse W1  借   600.00
then   balance 1405 库存商品  warehouse W2  借   400.00
then   balance 1405 库存商品                借  1000.00
