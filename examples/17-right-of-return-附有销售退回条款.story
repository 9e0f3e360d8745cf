# 附有销售退回条款:退回少于预计。税按全价,只有红字发票才减税。发货与现销发票各一张凭证,合计即一笔销售。
# Sale with a right of return, fewer come back than expected. Tax is due on the full price; a return lowers it only by a red
# invoice. Shipment and cash invoice are two vouchers; together they are the sale.
# rows S7c
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing fifo
set    revenueAt shipment

given  item LAMP  category merchandise  unit pcs
given  customer C01
given  bankAccount BA1  currency CNY  account 1002
given  shipment SH-1  2026-03-01  customer C01  expectedReturnRate 0.10
         line 1  item LAMP  quantity 100  price 100.00  taxRate 0.13  cost 60.00
then   voucher 记-1  2026-03-01
         1122.02  暂估应收款    借  11300.00
         6401     主营业务成本  借   5400.00
         1485     应收退货成本  借    600.00
         6001     主营业务收入  贷   9000.00
         2801     预计负债      贷   1000.00
         2221.06  待转销项税额  贷   1300.00
         1405     库存商品      贷   6000.00
given  salesInvoice SI-1  2026-03-01  customer C01  paidTo BA1
         line 1  item LAMP  quantity 100  price 100.00  taxRate 0.13  of shipment/SH-1/1
then   voucher 记-2  2026-03-01
         1002        银行存款      借  11300.00
         2221.06     待转销项税额  借   1300.00
         1122.02     暂估应收款    贷  11300.00
         2221.01.02  销项税额      贷   1300.00
given  shipmentReturn SR-1  2026-04-10  customer C01
         line 1  item LAMP  quantity 8  of shipment/SH-1/1
then   voucher 记-1  2026-04-10
         1405  库存商品      借  480.00
         1485  应收退货成本  贷  480.00
given  salesInvoice SI-2  2026-04-10  customer C01  credit  paidTo BA1
         line 1  item LAMP  quantity 8  price 100.00  taxRate 0.13  of shipmentReturn/SR-1/1 quantity 8  of salesInvoice/SI-1/1 quantity 8
then   voucher 记-2  2026-04-10
         2801        预计负债  借   800.00
         1002        银行存款  贷   904.00
         2221.01.02  销项税额  贷  -104.00
given  adjustment RE-1  2026-04-30  customer C01  type returnRightEnds  of shipment/SH-1
then   voucher 记-3  2026-04-30
         2801  预计负债      借  200.00
         6001  主营业务收入  贷  200.00
then   voucher 记-4  2026-04-30
         6401  主营业务成本  借  120.00
         1485  应收退货成本  贷  120.00
then   vouchers
then   balance 6001 主营业务收入     贷   9200.00
then   balance 6401 主营业务成本     借   5520.00
then   balance 2801 预计负债                 0.00
then   balance 1485 应收退货成本             0.00
then   balance 1405 库存商品         贷   5520.00
then   balance 2221.01.02 销项税额   贷   1196.00
then   balance 1002 银行存款         借  10396.00
then   balance 1122.02 暂估应收款            0.00
then   balance 2221.06 待转销项税额          0.00
