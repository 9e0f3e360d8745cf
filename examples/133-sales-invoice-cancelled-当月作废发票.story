# 当月作废销售发票:一张红字凭证,发出商品恢复,可重新开票。
# A sales invoice is cancelled in its month: one red voucher, the goods shipped are back on 1406 and can be invoiced again.
# rows S4a
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing fifo
set    revenueAt invoice

given  item PUMP  category merchandise  unit pcs
given  customer C01
given  shipment SH-1  2026-03-03  customer C01
         line 1  item PUMP  quantity 10  cost 60.00
then   voucher 记-1  2026-03-03
         1406  发出商品  借  600.00
         1405  库存商品  贷  600.00
given  salesInvoice SI-1  2026-03-05  customer C01
         line 1  item PUMP  quantity 10  price 100.00  taxRate 0.13  of shipment/SH-1/1
then   voucher 记-2  2026-03-05
         1122.01     明细应收款    借  1130.00
         6401        主营业务成本  借   600.00
         6001        主营业务收入  贷  1000.00
         2221.01.02  销项税额      贷   130.00
         1406        发出商品      贷   600.00
given  cancel salesInvoice SI-1
then   voucher 记-3  2026-03-05  reverses 记-2
         1122.01     明细应收款    借  -1130.00
         6401        主营业务成本  借   -600.00
         6001        主营业务收入  贷  -1000.00
         2221.01.02  销项税额      贷   -130.00
         1406        发出商品      贷   -600.00
given  salesInvoice SI-2  2026-03-08  customer C01
         line 1  item PUMP  quantity 10  price 98.00  taxRate 0.13  of shipment/SH-1/1
then   voucher 记-4  2026-03-08
         1122.01     明细应收款    借  1107.40
         6401        主营业务成本  借   600.00
         6001        主营业务收入  贷   980.00
         2221.01.02  销项税额      贷   127.40
         1406        发出商品      贷   600.00
then   vouchers
then   balance 1406 发出商品              0.00
then   balance 1122.01 明细应收款  借  1107.40
then   balance 6001 主营业务收入   贷   980.00
then   completeness 100%
