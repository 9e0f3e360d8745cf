# 随货向客户收取的运费(混合销售,按货物税率)记其他业务收入;商业折扣已在单价中。
# Freight billed to the customer at the goods' rate: 6051. The trade discount is in the price already.
# rows S11 S13c
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing fifo
set    revenueAt invoice

given  item PUMP  category merchandise  unit pcs
given  item FREIGHT  category otherIncome
given  customer C01
given  shipment SH-1  2026-03-03  customer C01
         line 1  item PUMP  quantity 10  cost 60.00
then   voucher 记-1  2026-03-03
         1406  发出商品  借  600.00
         1405  库存商品  贷  600.00
given  salesInvoice SI-1  2026-03-05  customer C01
         line 1  item PUMP  quantity 10  price 90.00  taxRate 0.13  of shipment/SH-1/1
         line 2  item FREIGHT  quantity 1  price 50.00  taxRate 0.13
then   voucher 记-2  2026-03-05  # 标价 100.00 打九折 · list price 100.00 less 10 %
         1122.01     明细应收款    借  1073.50
         6401        主营业务成本  借   600.00
         6001        主营业务收入  贷   900.00
         6051        其他业务收入  贷    50.00
         2221.01.02  销项税额      贷   123.50
         1406        发出商品      贷   600.00
then   vouchers
then   balance 1122.01 明细应收款   借  1073.50
then   balance 6001 主营业务收入    贷   900.00
then   balance 6051 其他业务收入    贷    50.00
then   balance 2221.01.02 销项税额  贷   123.50
