# 小规模纳税人,季度未达起征点免税;征收率 1 %。2221.01 不设专栏。
# Small-scale taxpayer, a quarter under the threshold; levy 1 %. 2221.01 itself, no columns.
# rows T1 T2 P4e
book   B1  pack cas-general  currency CNY  from 2026-04
set    taxpayer smallScale
set    costing fifo

given  item PUMP  category merchandise  unit pcs
given  item SVC  category service
given  supplier S01
given  customer C01
given  goodsReceipt GR-1  2026-04-05  supplier S01
         line 1  item PUMP  quantity 100  price 10.00
then   voucher 记-1  2026-04-05
         1405     库存商品    借  1000.00
         2202.02  暂估应付款  贷  1000.00
given  supplierInvoice INV-1  2026-04-05  supplier S01
         line 1  item PUMP  quantity 100  price 10.00  taxRate 0.13  of goodsReceipt/GR-1/1
then   voucher 记-2  2026-04-05
         1405     库存商品    借  -1000.00
         2202.02  暂估应付款  贷  -1000.00
then   voucher 记-3  2026-04-05
         1405     库存商品    借  1130.00
         2202.01  明细应付款  贷  1130.00
given  salesInvoice SI-1  2026-04-10  customer C01  invoiceType ordinary
         line 1  item SVC  amountGross 101000.00  taxRate 0.01
then   voucher 记-4  2026-04-10
         1122.01  明细应收款    借  101000.00
         6001     主营业务收入  贷  100000.00
         2221.01  应交增值税    贷    1000.00
given  adjustment EX-1  2026-06-30  type vatExempt  amount 1000.00
then   voucher 记-1  2026-06-30
         2221.01  应交增值税  借  1000.00
         6117     其他收益    贷  1000.00
then   vouchers
then   balance 1405 库存商品       借    1130.00
then   balance 2202.01 明细应付款  贷    1130.00
then   balance 1122.01 明细应收款  借  101000.00
then   balance 6001 主营业务收入   贷  100000.00
then   balance 2221.01 应交增值税           0.00
then   balance 6117 其他收益       贷    1000.00
then   balance 2202.02 暂估应付款           0.00
