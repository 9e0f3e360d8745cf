# 全月平均、三月结账(含存货核算)后到票:三月的成本 1600.00 不变,差异进四月。
# Month-end average for real: closing March runs the costs first (1600.00); the invoice of April leaves March as it was.
# rows I6 P4a
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing monthEndAverage
set    estimateMode reverseOnInvoice
set    revenueAt invoice

given  item PUMP  category merchandise  unit pcs
given  supplier S01
given  customer C01
given  openingBalance OB-1  2026-02-28
         line 1  account 1405  item PUMP  quantity 100  debit 1000.00
         line 2  account 4001  credit 1000.00
given  goodsReceipt GR-1  2026-03-05  supplier S01
         line 1  item PUMP  quantity 200  price 11.00
then   voucher 记-1  2026-03-05
         1405     库存商品    借  2200.00
         2202.02  暂估应付款  贷  2200.00
given  shipment SH-1  2026-03-15  customer C01
         line 1  item PUMP  quantity 150
then   voucher 记-2  2026-03-15
         1406  发出商品  借  1500.00
         1405  库存商品  贷  1500.00
given  salesInvoice SI-1  2026-03-15  customer C01
         line 1  item PUMP  quantity 150  price 20.00  taxRate 0.13  of shipment/SH-1/1
then   voucher 记-3  2026-03-15
         1122.01     明细应收款    借  3390.00
         6401        主营业务成本  借  1500.00
         6001        主营业务收入  贷  3000.00
         2221.01.02  销项税额      贷   390.00
         1406        发出商品      贷  1500.00
given  close 2026-03
then   voucher 记-4  2026-03-31  # 3200 ÷ 300 × 150 = 1600.00
         6401  主营业务成本  借  100.00
         1405  库存商品      贷  100.00
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
then   voucher 记-3  2026-04-10
         6602  管理费用  借  533.33
         1405  库存商品  贷  533.33
given  close 2026-04
then   voucher 记-4  2026-04-30
         6602  管理费用  借  40.00
         1405  库存商品  贷  40.00
then   vouchers
then   balance 6401 主营业务成本  借  1600.00  at 2026-03
then   balance 1405 库存商品      借  1600.00  at 2026-03
then   balance 1405 库存商品      借  1146.67
then   balance 6602 管理费用      借   573.33
then   balance 6401 主营业务成本  借  1600.00
