# 一次发货、三次开票:成本按累计份额转出 33.33、33.34、33.33。
# One shipment, three invoices: the cost leaves 1406 in slices of 33.33, 33.34, 33.33.
# rows S5 S4a
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing fifo
set    revenueAt invoice

given  item PUMP  category merchandise  unit pcs
given  supplier S01
given  customer C01
given  goodsReceipt GR-1  2026-03-02  supplier S01
         line 1  item PUMP  quantity 3  price 33.333333
then   voucher 记-1  2026-03-02
         1405     库存商品    借  100.00
         2202.02  暂估应付款  贷  100.00
given  shipment SH-1  2026-03-05  customer C01
         line 1  item PUMP  quantity 3
then   voucher 记-2  2026-03-05
         1406  发出商品  借  100.00
         1405  库存商品  贷  100.00
given  salesInvoice SI-1  2026-03-10  customer C01
         line 1  item PUMP  quantity 1  price 50.00  taxRate 0.13  of shipment/SH-1/1
then   voucher 记-3  2026-03-10
         1122.01     明细应收款    借  56.50
         6401        主营业务成本  借  33.33
         6001        主营业务收入  贷  50.00
         2221.01.02  销项税额      贷   6.50
         1406        发出商品      贷  33.33
given  salesInvoice SI-2  2026-03-11  customer C01
         line 1  item PUMP  quantity 1  price 50.00  taxRate 0.13  of shipment/SH-1/1
then   voucher 记-4  2026-03-11
         1122.01     明细应收款    借  56.50
         6401        主营业务成本  借  33.34
         6001        主营业务收入  贷  50.00
         2221.01.02  销项税额      贷   6.50
         1406        发出商品      贷  33.34
given  salesInvoice SI-3  2026-03-12  customer C01
         line 1  item PUMP  quantity 1  price 50.00  taxRate 0.13  of shipment/SH-1/1
then   voucher 记-5  2026-03-12
         1122.01     明细应收款    借  56.50
         6401        主营业务成本  借  33.33
         6001        主营业务收入  贷  50.00
         2221.01.02  销项税额      贷   6.50
         1406        发出商品      贷  33.33
then   vouchers
then   balance 1406 发出商品            0.00
then   balance 6401 主营业务成本  借  100.00
then   balance 6001 主营业务收入  贷  150.00
