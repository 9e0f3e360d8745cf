# 一张运费发票,两种货物,按金额分摊。
# One freight invoice over two items, allocated by amount.
# rows P6
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing fifo

given  item PUMP  category merchandise  unit pcs
given  item LAMP  category merchandise  unit pcs
given  supplier S01
given  supplier CARRIER
given  goodsReceipt GR-1  2026-03-02  supplier S01
         line 1  item PUMP  quantity 10  price 10.00
         line 2  item LAMP  quantity 4  price 50.00
then   voucher 记-1  2026-03-02
         1405     库存商品    借  100.00  item PUMP
         1405     库存商品    借  200.00  item LAMP
         2202.02  暂估应付款  贷  300.00
given  costInvoice FR-1  2026-03-05  supplier CARRIER  allocateBy amount
         line 1  charge freight  amountNet 100.00  taxRate 0.09  of goodsReceipt/GR-1/1  of goodsReceipt/GR-1/2
then   voucher 记-2  2026-03-05
         1405        库存商品    借   33.33  item PUMP
         1405        库存商品    借   66.67  item LAMP
         2221.01.01  进项税额    借    9.00
         2202.01     明细应付款  贷  109.00  supplier CARRIER
then   vouchers
then   balance 1405 库存商品       item PUMP  借  133.33
then   balance 1405 库存商品       item LAMP  借  266.67
then   balance 2202.01 明细应付款             贷  109.00
