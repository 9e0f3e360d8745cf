# 一笔交易、两个账簿:关联公司购销,每行以对方账簿为往来单位。
# One sale, two books: each line bears the other book as counterparty.
# rows S20 I3 S3b S4b
book   A  pack cas-general  currency CNY  from 2026-03
set    costing fifo
set    revenueAt shipment
book   B  pack cas-general  currency CNY  from 2026-03
set    costing fifo
set    estimateMode reverseOnInvoice

given  item PUMP  category merchandise  unit pcs
given  customer B  relatedBook B  book A
given  supplier A  relatedBook A  book B
given  shipment SH-1  2026-03-10  customer B  book A
         line 1  item PUMP  quantity 10  price 100.00  taxRate 0.13  cost 70.00
given  salesInvoice SI-1  2026-03-10  customer B  book A
         line 1  item PUMP  quantity 10  price 100.00  taxRate 0.13  of shipment/SH-1/1
then   voucher 记-1  2026-03-10  book A
         1122.02  暂估应收款    借  1130.00  customer B
         6401     主营业务成本  借   700.00
         6001     主营业务收入  贷  1000.00
         2221.06  待转销项税额  贷   130.00
         1405     库存商品      贷   700.00
then   voucher 记-2  2026-03-10  book A
         1122.01     明细应收款    借  1130.00  customer B
         2221.06     待转销项税额  借   130.00
         1122.02     暂估应收款    贷  1130.00  customer B
         2221.01.02  销项税额      贷   130.00
given  goodsReceipt GR-1  2026-03-11  supplier A  book B
         line 1  item PUMP  quantity 10  price 100.00
given  supplierInvoice INV-1  2026-03-11  supplier A  book B
         line 1  item PUMP  quantity 10  price 100.00  taxRate 0.13  of goodsReceipt/GR-1/1
then   voucher 记-1  2026-03-11  book B
         1405     库存商品    借  1000.00
         2202.02  暂估应付款  贷  1000.00  supplier A
then   voucher 记-2  2026-03-11  book B
         1405     库存商品    借  -1000.00
         2202.02  暂估应付款  贷  -1000.00  supplier A
then   voucher 记-3  2026-03-11  book B
         1405        库存商品    借  1000.00
         2221.01.01  进项税额    借   130.00
         2202.01     明细应付款  贷  1130.00  supplier A
then   vouchers
then   balance 1122.01 明细应收款    customer B  借  1130.00  book A
then   balance 1122.02 暂估应收款    customer B         0.00  book A
then   balance 6001 主营业务收入                 贷  1000.00  book A
then   balance 6401 主营业务成本                 借   700.00  book A
then   balance 2221.01.02 销项税额               贷   130.00  book A
then   balance 2221.06 待转销项税额                     0.00  book A
then   balance 1405 库存商品                     贷   700.00  book A
then   balance 1405 库存商品                     借  1000.00  book B
then   balance 2202.02 暂估应付款    supplier A         0.00  book B
then   balance 2202.01 明细应付款    supplier A  贷  1130.00  book B
then   balance 2221.01.01 进项税额               借   130.00  book B
