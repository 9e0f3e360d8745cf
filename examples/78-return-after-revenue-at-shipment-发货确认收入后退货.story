# 发货确认收入:开票后退货,先按发货冲回,再由红字发票冲应收与税。
# Revenue at shipment: a return after the invoice mirrors the shipment, the red invoice moves the receivable and the tax.
# rows S7a S7b S4b
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing fifo
set    revenueAt shipment

given  item PUMP  category merchandise  unit pcs
given  customer C01
given  shipment SH-1  2026-03-03  customer C01
         line 1  item PUMP  quantity 10  price 100.00  taxRate 0.13  cost 60.00
then   voucher 记-1  2026-03-03
         1122.02  暂估应收款    借  1130.00
         6401     主营业务成本  借   600.00
         6001     主营业务收入  贷  1000.00
         2221.06  待转销项税额  贷   130.00
         1405     库存商品      贷   600.00
given  salesInvoice SI-1  2026-03-05  customer C01
         line 1  item PUMP  quantity 10  price 100.00  taxRate 0.13  of shipment/SH-1/1
then   voucher 记-2  2026-03-05
         1122.01     明细应收款    借  1130.00
         2221.06     待转销项税额  借   130.00
         1122.02     暂估应收款    贷  1130.00
         2221.01.02  销项税额      贷   130.00
given  shipmentReturn SR-1  2026-03-12  customer C01
         line 1  item PUMP  quantity 3  of shipment/SH-1/1
then   voucher 记-3  2026-03-12
         1122.02  暂估应收款    借  -339.00
         6401     主营业务成本  借  -180.00
         6001     主营业务收入  贷  -300.00
         2221.06  待转销项税额  贷   -39.00
         1405     库存商品      贷  -180.00
given  salesInvoice SI-2  2026-03-15  customer C01  credit
         line 1  item PUMP  quantity 3  price 100.00  taxRate 0.13  of shipmentReturn/SR-1/1 quantity 3  of salesInvoice/SI-1/1 quantity 3
then   voucher 记-4  2026-03-15
         1122.01     明细应收款    借  -339.00
         2221.06     待转销项税额  借   -39.00
         1122.02     暂估应收款    贷  -339.00
         2221.01.02  销项税额      贷   -39.00
then   vouchers
then   balance 1122.02 暂估应收款          0.00
then   balance 2221.06 待转销项税额        0.00
then   balance 1122.01 明细应收款    借  791.00
then   balance 6001 主营业务收入     贷  700.00
then   balance 6401 主营业务成本     借  420.00
then   balance 2221.01.02 销项税额   贷   91.00
then   open salesInvoice/SI-1  amount 791.00
