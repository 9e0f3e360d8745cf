# 开票确认收入:发货时的运费先记合同履约成本,开票时随成本结转。
# Freight out while revenue waits: held on 1475, it joins the cost at the invoice.
# rows S10 S3a S4a
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing fifo
set    revenueAt invoice

given  item PUMP  category merchandise  unit pcs
given  customer C01
given  supplier CARRIER
given  shipment SH-1  2026-03-03  customer C01
         line 1  item PUMP  quantity 10  cost 60.00
then   voucher 记-1  2026-03-03
         1406  发出商品  借  600.00
         1405  库存商品  贷  600.00
given  freightBill FB-1  2026-03-04  supplier CARRIER
         line 1  charge delivery  amountNet 30.00  taxRate 0.09  of shipment/SH-1/1
then   voucher 记-2  2026-03-04
         1475        合同履约成本  借  30.00
         2221.01.01  进项税额      借   2.70
         2202.01     明细应付款    贷  32.70  supplier CARRIER
given  salesInvoice SI-1  2026-03-10  customer C01
         line 1  item PUMP  quantity 10  price 100.00  taxRate 0.13  of shipment/SH-1/1
then   voucher 记-3  2026-03-10
         1122.01     明细应收款    借  1130.00
         6401        主营业务成本  借   630.00
         6001        主营业务收入  贷  1000.00
         2221.01.02  销项税额      贷   130.00
         1406        发出商品      贷   600.00
         1475        合同履约成本  贷    30.00
then   vouchers
then   balance 1475 合同履约成本        0.00
then   balance 1406 发出商品            0.00
then   balance 6401 主营业务成本  借  630.00
