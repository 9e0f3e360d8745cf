# 当月费用化的研发支出转研发费用(6602 下)。
# Research of the month that is expensed goes from 5301 to 6602.
# rows I4e
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing fifo

given  item STEEL  category rawMaterial  unit kg
given  productionIssue PI-1  2026-03-05  use researchAndDevelopment  department D-RD
         line 1  item STEEL  quantity 30  cost 10.00
then   voucher 记-1  2026-03-05
         5301  研发支出  借  300.00
         1403  原材料    贷  300.00
given  adjustment RD-1  2026-03-31  type researchExpensed  department D-RD  amount 300.00
then   voucher 记-2  2026-03-31
         6602  管理费用  借  300.00  department D-RD
         5301  研发支出  贷  300.00
then   vouchers
then   balance 5301 研发支出        0.00
then   balance 6602 管理费用  借  300.00
