# 小规模纳税人:发货确认收入,含税价分离征收率;免税部分转其他收益。
# A small-scale taxpayer sells goods: the levy inside the gross price; what is exempt goes to 6117.
# rows T2 S4a
book   B1  pack cas-general  currency CNY  from 2026-04
set    taxpayer smallScale
set    costing fifo
set    revenueAt invoice

given  item PUMP  category merchandise  unit pcs
given  customer C01
given  shipment SH-1  2026-04-08  customer C01
         line 1  item PUMP  quantity 10  cost 60.00
then   voucher 记-1  2026-04-08
         1406  发出商品  借  600.00
         1405  库存商品  贷  600.00
given  salesInvoice SI-1  2026-04-10  customer C01  invoiceType ordinary
         line 1  item PUMP  quantity 10  amountGross 1000.00  taxRate 0.01  of shipment/SH-1/1
then   voucher 记-2  2026-04-10
         1122.01  明细应收款    借  1000.00
         6401     主营业务成本  借   600.00
         6001     主营业务收入  贷   990.10
         2221.01  应交增值税    贷     9.90
         1406     发出商品      贷   600.00
given  adjustment EX-1  2026-06-30  type vatExempt  amount 9.90
then   voucher 记-1  2026-06-30
         2221.01  应交增值税  借  9.90
         6117     其他收益    贷  9.90
then   vouchers
then   balance 2221.01 应交增值税        0.00
then   balance 6001 主营业务收入   贷  990.10
then   balance 6117 其他收益       贷    9.90
