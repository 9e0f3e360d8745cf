# 同一张入库单,不同存货类别入不同科目,分物料与仓库核算。
# One receipt, several categories: each goes to its stock account, by item and warehouse.
# rows P3
book   B1  pack cas-general  currency CNY  from 2026-03

given  item STEEL  category rawMaterial  unit kg
given  item PUMP  category merchandise  unit pcs
given  item HALF  category semiFinished  unit pcs
given  item BOX  category turnover  unit pcs
given  supplier S01
given  goodsReceipt GR-1  2026-03-05  supplier S01  warehouse W1
         line 1  item STEEL  quantity 10  price 20.00
         line 2  item PUMP  quantity 5  price 100.00
         line 3  item HALF  quantity 2  price 30.25  warehouse W2
         line 4  item BOX  quantity 20  price 3.50
then   voucher 记-1  2026-03-05
         1403     原材料      借  200.00  item STEEL  warehouse W1
         1405     库存商品    借  500.00  item PUMP  warehouse W1
         1405     库存商品    借   60.50  item HALF  warehouse W2
         1411     周转材料    借   70.00  item BOX  warehouse W1
         2202.02  暂估应付款  贷  830.50  supplier S01
then   vouchers
then   balance 1403 原材料         借  200.00
then   balance 1405 库存商品       借  560.50
then   balance 1411 周转材料       借   70.00
then   balance 2202.02 暂估应付款  贷  830.50
