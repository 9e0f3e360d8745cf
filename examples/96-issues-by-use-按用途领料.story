# 按用途领料:研发、车间、销售、管理;生产余料退回为双负。
# Issues by use; unused material comes back, both sides minus.
# rows I4a
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing fifo

given  item STEEL  category rawMaterial  unit kg
given  openingBalance OB-1  2026-02-28
         line 1  account 1403  item STEEL  quantity 100  debit 1000.00
         line 2  account 4001  credit 1000.00
given  productionIssue PI-1  2026-03-02  use production  workOrder WO-1
         line 1  item STEEL  quantity 30
then   voucher 记-1  2026-03-02
         5001  生产成本  借  300.00
         1403  原材料    贷  300.00
given  productionIssue PI-2  2026-03-03  department D02
         line 1  item STEEL  quantity 10  use researchAndDevelopment
         line 2  item STEEL  quantity 5  use overhead
         line 3  item STEEL  quantity 2  use selling  department D-SALES
         line 4  item STEEL  quantity 3  use administration  department D01
then   voucher 记-2  2026-03-03
         5301  研发支出  借  100.00
         5101  制造费用  借   50.00
         6601  销售费用  借   20.00  department D-SALES
         6602  管理费用  借   30.00  department D01
         1403  原材料    贷  200.00
given  productionIssue PI-3  2026-03-10  credit  use production  workOrder WO-1
         line 1  item STEEL  quantity 4  of productionIssue/PI-1/1
then   voucher 记-3  2026-03-10
         5001  生产成本  借  -40.00
         1403  原材料    贷  -40.00
then   vouchers
then   balance 5001 生产成本  借  260.00
then   balance 1403 原材料    借  540.00
then   balance 5301 研发支出  借  100.00
then   balance 5101 制造费用  借   50.00
