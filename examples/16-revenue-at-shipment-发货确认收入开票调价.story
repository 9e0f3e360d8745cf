# 发货确认收入,开票前退货,开票调价;单位成本 9.00。
# Revenue at shipment, return before the invoice, invoice at another price; cost 9.00.
# rows S3b S7a S4b
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing fifo
set    revenueAt shipment

given  item PUMP  category merchandise  unit pcs
given  customer C01
given  salesOrder SO-1  2026-03-01  customer C01
         line 1  item PUMP  quantity 40  price 15.00  taxRate 0.13
given  shipment SH-1  2026-03-03  customer C01
         line 1  item PUMP  quantity 40  cost 9.00  of salesOrder/SO-1/1
then   voucher 记-1  2026-03-03
         1122.02  暂估应收款    借  678.00
         6401     主营业务成本  借  360.00
         6001     主营业务收入  贷  600.00
         2221.06  待转销项税额  贷   78.00
         1405     库存商品      贷  360.00
given  shipmentReturn SR-1  2026-03-08  customer C01
         line 1  item PUMP  quantity 5  of shipment/SH-1/1
then   voucher 记-2  2026-03-08
         1122.02  暂估应收款    借  -84.75
         6401     主营业务成本  借  -45.00
         6001     主营业务收入  贷  -75.00
         2221.06  待转销项税额  贷   -9.75
         1405     库存商品      贷  -45.00
given  salesInvoice SI-1  2026-03-20  customer C01
         line 1  item PUMP  quantity 35  price 14.50  taxRate 0.13  of shipment/SH-1/1
then   voucher 记-3  2026-03-20  # 507.50 + 65.98 (65.975)
         1122.01     明细应收款    借  573.48
         2221.06     待转销项税额  借   68.25
         1122.02     暂估应收款    贷  593.25
         2221.01.02  销项税额      贷   65.98
         6001        主营业务收入  贷  -17.50
then   vouchers
then   balance 1122.02 暂估应收款          0.00
then   balance 1122.01 明细应收款    借  573.48
then   balance 2221.06 待转销项税额        0.00
then   balance 2221.01.02 销项税额   贷   65.98
then   balance 6001 主营业务收入     贷  507.50
then   balance 6401 主营业务成本     借  315.00
then   balance 1405 库存商品         贷  315.00
