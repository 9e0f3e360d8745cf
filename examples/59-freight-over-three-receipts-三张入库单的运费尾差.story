# 100.00 的运费摊到三张等量的入库单:33.33、33.34、33.33,一分不丢。
# Freight of 100.00 over three equal receipts: 33.33, 33.34, 33.33, no lost cent.
# rows P6
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing fifo

given  item A  category merchandise  unit pcs
given  item B  category merchandise  unit pcs
given  item C  category merchandise  unit pcs
given  supplier S01
given  supplier CARRIER
given  goodsReceipt GR-1  2026-03-02  supplier S01
         line 1  item A  quantity 7  price 1.00
then   voucher 记-1  2026-03-02
         1405     库存商品    借  7.00  item A
         2202.02  暂估应付款  贷  7.00
given  goodsReceipt GR-2  2026-03-03  supplier S01
         line 1  item B  quantity 7  price 2.00
then   voucher 记-2  2026-03-03
         1405     库存商品    借  14.00  item B
         2202.02  暂估应付款  贷  14.00
given  goodsReceipt GR-3  2026-03-04  supplier S01
         line 1  item C  quantity 7  price 3.00
then   voucher 记-3  2026-03-04
         1405     库存商品    借  21.00  item C
         2202.02  暂估应付款  贷  21.00
given  costInvoice FR-1  2026-03-05  supplier CARRIER  allocateBy quantity
         line 1  charge freight  amountNet 100.00  taxRate 0.09  of goodsReceipt/GR-1/1  of goodsReceipt/GR-2/1  of goodsReceipt/GR-3/1
then   voucher 记-4  2026-03-05
         1405        库存商品    借   33.33  item A
         1405        库存商品    借   33.34  item B
         1405        库存商品    借   33.33  item C
         2221.01.01  进项税额    借    9.00
         2202.01     明细应付款  贷  109.00  supplier CARRIER
then   vouchers
then   balance 1405 库存商品          借  142.00
then   balance 1405 库存商品  item B  借   47.34
