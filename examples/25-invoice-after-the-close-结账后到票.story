# 结账后到票:三月不变,120.00 差异进入四月的加权平均。期初为三月核算后的余额。
# The same, the invoice comes after the close: nothing of March changes, the 120.00 difference joins April's pool.
# rows I6 I4a
book   B1  pack cas-general  currency CNY  from 2026-04
set    costing monthEndAverage
set    estimateMode reverseOnInvoice

given  item PUMP  category merchandise  unit pcs
given  supplier S01
given  openingBalance OB-1  2026-03-31
         line 1  account 1405  item PUMP  quantity 150  debit 1600.00
         line 2  account 4103  debit 600.00
         line 3  account 2202.02  item PUMP  quantity 200  credit 2200.00  supplier S01  document goodsReceipt/GR-1/1
given  supplierInvoice INV-1  2026-04-05  supplier S01
         line 1  item PUMP  quantity 200  price 11.60  taxRate 0.13  of goodsReceipt/GR-1/1
then   voucher 记-1  2026-04-05
         1405     库存商品    借  -2200.00
         2202.02  暂估应付款  贷  -2200.00
then   voucher 记-2  2026-04-05
         1405        库存商品    借  2320.00
         2221.01.01  进项税额    借   301.60
         2202.01     明细应付款  贷  2621.60
given  productionIssue PI-1  2026-04-10  use administration  department D01
         line 1  item PUMP  quantity 50
then   voucher 记-3  2026-04-10  # 暂按 10.666667 · provisional 10.666667
         6602  管理费用  借  533.33
         1405  库存商品  贷  533.33
given  costRun RUN-1  2026-04-30
then   voucher 记-4  2026-04-30  # 1720 ÷ 150 × 50 = 573.33
         6602  管理费用  借  40.00
         1405  库存商品  贷  40.00
then   vouchers
then   balance 1405 库存商品        借  1146.67
then   balance 6602 管理费用        借   573.33
then   balance 2202.02 暂估应付款          0.00
then   balance 2202.01 明细应付款   贷  2621.60
then   balance 2221.01.01 进项税额  借   301.60
then   balance 4103 本年利润        借   600.00
