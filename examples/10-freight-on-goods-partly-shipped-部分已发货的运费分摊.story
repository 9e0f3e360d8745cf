# 部分已发货、未开票的运费分摊:已发出的份额随货走,先到 1406,成为成本后在 6401。
# Freight on goods partly shipped: the shipped share follows the goods: 1406 while shipped, 6401 once it is cost.
# rows P6 S3a S4a
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing fifo
set    revenueAt invoice

given  item PUMP  category merchandise  unit pcs
given  supplier S01
given  supplier CARRIER
given  customer C01
given  goodsReceipt GR-1  2026-03-01  supplier S01
         line 1  item PUMP  quantity 10  price 100.00
then   voucher 记-1  2026-03-01
         1405     库存商品    借  1000.00
         2202.02  暂估应付款  贷  1000.00  supplier S01
given  goodsReceipt GR-2  2026-03-02  supplier S01
         line 1  item PUMP  quantity 30  price 100.00
then   voucher 记-2  2026-03-02
         1405     库存商品    借  3000.00
         2202.02  暂估应付款  贷  3000.00  supplier S01
given  shipment SH-1  2026-03-05  customer C01
         line 1  item PUMP  quantity 12
then   voucher 记-3  2026-03-05
         1406  发出商品  借  1200.00
         1405  库存商品  贷  1200.00
given  costInvoice FR-1  2026-03-08  supplier CARRIER  allocateBy quantity
         line 1  charge freight  amountNet 80.00  taxRate 0.09  tax 7.20  of goodsReceipt/GR-1/1  of goodsReceipt/GR-2/1
then   voucher 记-4  2026-03-08  # GR-1 20.00 全部已发出;GR-2 60.00:在库 28 件 56.00,已发出 2 件 4.00 · GR-1 20.00 all shipped; GR-2: 28 on hand 56.00, 2 shipped 4.00
         1405        库存商品    借  56.00
         1406        发出商品    借  24.00
         2221.01.01  进项税额    借   7.20
         2202.01     明细应付款  贷  87.20  supplier CARRIER
given  salesInvoice SI-1  2026-03-10  customer C01
         line 1  item PUMP  quantity 12  price 150.00  taxRate 0.13  of shipment/SH-1/1
then   voucher 记-5  2026-03-10
         1122.01     明细应收款    借  2034.00
         6401        主营业务成本  借  1224.00
         6001        主营业务收入  贷  1800.00
         2221.01.02  销项税额      贷   234.00
         1406        发出商品      贷  1224.00
then   vouchers
then   balance 1405 库存商品                          借  2856.00
then   balance 1406 发出商品                                 0.00
then   balance 6401 主营业务成本                      借  1224.00
then   balance 2202.02 暂估应付款   supplier S01      贷  4000.00
then   balance 2202.01 明细应付款   supplier CARRIER  贷    87.20
then   balance 2221.01.01 进项税额                    借     7.20
then   balance 1122.01 明细应收款                     借  2034.00
then   balance 6001 主营业务收入                      贷  1800.00
then   balance 2221.01.02 销项税额                    贷   234.00
