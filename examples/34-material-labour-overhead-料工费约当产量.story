# 料工费与约当产量:投产 100,完工 80,在产 20(完工一半,料已全投)。
# Material, labour, overhead; part finished: 100 started, 80 finished, 20 half done.
# rows I4a I4b I4c P3s
book   B1  pack cas-general  currency CNY  from 2026-03

given  item STEEL  category rawMaterial  unit kg
given  item GADGET  category finishedGoods  unit pcs
given  item POWER  category service  expenseAccount 5101
given  supplier GRID
given  productionIssue PI-1  2026-03-05  use production  workOrder WO-1
         line 1  item STEEL  quantity 100  cost 50.00
then   voucher 记-1  2026-03-05
         5001  生产成本  借  5000.00
         1403  原材料    贷  5000.00
given  payrollSummary PR-1  2026-03-31  type accrue
         line 1  use production  gross 2000.00  workOrder WO-1  department D-SHOP
then   voucher 记-2  2026-03-31
         5001  生产成本      借  2000.00
         2211  应付职工薪酬  贷  2000.00
given  depreciation DEP-1  2026-03-31
         line 1  asset M1  amount 600.00  use overhead  department D-SHOP
then   voucher 记-3  2026-03-31
         5101  制造费用  借  600.00
         1602  累计折旧  贷  600.00
given  goodsReceipt GR-1  2026-03-31  supplier GRID  department D-SHOP
         line 1  item POWER  quantity 1  price 900.00
then   voucher 记-4  2026-03-31  # 电费单未到 · the power bill is not yet here
         5101     制造费用    借  900.00
         2202.02  暂估应付款  贷  900.00
given  periodClose OH-1  2026-03-31  task overhead
then   voucher 记-5  2026-03-31
         5001  生产成本  借  1500.00
         5101  制造费用  贷  1500.00
given  finishedReceipt FR-1  2026-03-31  workOrder WO-1
         line 1  item GADGET  quantity 80  cost 88.888875
then   voucher 记-6  2026-03-31  # 80 × 50.00 + 3500 × 80 ÷ 90
         1405  库存商品  借  7111.11
         5001  生产成本  贷  7111.11
then   vouchers
then   balance 5001 生产成本       借  1388.89
then   balance 5101 制造费用              0.00
then   balance 1405 库存商品       借  7111.11
then   balance 1403 原材料         贷  5000.00
then   balance 2211 应付职工薪酬   贷  2000.00
then   balance 1602 累计折旧       贷   600.00
then   balance 2202.02 暂估应付款  贷   900.00
