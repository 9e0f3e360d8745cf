# 销售运费,收入已确认:履约成本进主营业务成本;另有一张红字运费单。
# Freight out where the revenue is there: cost of sales; then a credit for part of it.
# rows S10
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing fifo
set    revenueAt shipment

given  item PUMP  category merchandise  unit pcs
given  customer C01
given  supplier CARRIER
given  shipment SH-1  2026-03-03  customer C01
         line 1  item PUMP  quantity 10  price 100.00  taxRate 0.13  cost 60.00
then   voucher 记-1  2026-03-03
         1122.02  暂估应收款    借  1130.00
         6401     主营业务成本  借   600.00
         6001     主营业务收入  贷  1000.00
         2221.06  待转销项税额  贷   130.00
         1405     库存商品      贷   600.00
given  freightBill FB-1  2026-03-04  supplier CARRIER
         line 1  charge delivery  amountNet 30.00  taxRate 0.09  of shipment/SH-1/1
then   voucher 记-2  2026-03-04
         6401        主营业务成本  借  30.00
         2221.01.01  进项税额      借   2.70
         2202.01     明细应付款    贷  32.70  supplier CARRIER
given  freightBill FB-2  2026-03-20  supplier CARRIER  credit
         line 1  charge delivery  amountNet 10.00  taxRate 0.09  of shipment/SH-1/1
then   voucher 记-3  2026-03-20
         6401        主营业务成本  借  -10.00
         2221.01.01  进项税额      借   -0.90
         2202.01     明细应付款    贷  -10.90  supplier CARRIER
then   vouchers
then   balance 6401 主营业务成本    借  620.00
then   balance 2221.01.01 进项税额  借    1.80
then   balance 2202.01 明细应付款   贷   21.80
