# 全链路:一张发票对两张入库单,部分已售,退货、运费、手续费。
# The whole road: one invoice over two receipts, part sold, return, freight, fee.
# rows P3 P4a P5 P7a P6 P8 S3a S4a S7a S7b S8
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing fifo
set    estimateMode reverseOnInvoice
set    revenueAt invoice

given  item PUMP  category merchandise  unit pcs
given  supplier S01
given  supplier CARRIER
given  customer C01
given  bankAccount BA1  currency CNY  account 1002
given  purchaseOrder PO-1  2026-03-01  supplier S01
         line 1  item PUMP  quantity 100  price 10.00  taxRate 0.13
given  salesOrder SO-1  2026-03-08  customer C01
         line 1  item PUMP  quantity 30  price 20.00  taxRate 0.13
given  goodsReceipt GR-1  2026-03-05  supplier S01
         line 1  item PUMP  quantity 60  of purchaseOrder/PO-1/1
then   voucher 记-1  2026-03-05
         1405     库存商品    借  600.00
         2202.02  暂估应付款  贷  600.00  supplier S01
given  goodsReceipt GR-2  2026-03-06  supplier S01
         line 1  item PUMP  quantity 40  of purchaseOrder/PO-1/1
then   voucher 记-2  2026-03-06
         1405     库存商品    借  400.00
         2202.02  暂估应付款  贷  400.00  supplier S01
given  shipment SH-1  2026-03-10  customer C01
         line 1  item PUMP  quantity 30  of salesOrder/SO-1/1
then   voucher 记-3  2026-03-10
         1406  发出商品  借  300.00
         1405  库存商品  贷  300.00
given  salesInvoice SI-1  2026-03-12  customer C01
         line 1  item PUMP  quantity 30  price 20.00  taxRate 0.13  of shipment/SH-1/1
then   voucher 记-4  2026-03-12
         1122.01     明细应收款    借  678.00  customer C01
         6401        主营业务成本  借  300.00
         6001        主营业务收入  贷  600.00
         2221.01.02  销项税额      贷   78.00
         1406        发出商品      贷  300.00
given  supplierInvoice INV-A  2026-03-18  supplier S01
         line 1  item PUMP  quantity 80  price 10.50  taxRate 0.13  of goodsReceipt/GR-1/1 quantity 60  of goodsReceipt/GR-2/1 quantity 20
then   voucher 记-5  2026-03-18
         1405     库存商品    借  -800.00
         2202.02  暂估应付款  贷  -800.00  supplier S01
then   voucher 记-6  2026-03-18  # 差异 40.00:80 件中 50 件在库 25.00,30 件已售 15.00 · variance 40.00: 50 of 80 on hand 25.00, 30 sold 15.00
         1405        库存商品      借  825.00
         6401        主营业务成本  借   15.00
         2221.01.01  进项税额      借  109.20
         2202.01     明细应付款    贷  949.20  supplier S01
then   open goodsReceipt/GR-2/1  quantity 20  amount 200.00
given  goodsReturn RT-1  2026-03-20  supplier S01
         line 1  item PUMP  quantity 10  of goodsReceipt/GR-2/1
then   voucher 记-7  2026-03-20
         1405     库存商品    借  -100.00
         2202.02  暂估应付款  贷  -100.00  supplier S01
given  costInvoice FR-1  2026-03-21  supplier CARRIER  allocateBy quantity
         line 1  charge freight  amountNet 100.00  taxRate 0.09  tax 9.00  of goodsReceipt/GR-1/1  of goodsReceipt/GR-2/1
then   voucher 记-8  2026-03-21  # 留下 90 件:在库 60,已售 30 · 90 units kept: 60 on hand, 30 sold
         1405        库存商品      借   66.67
         6401        主营业务成本  借   33.33
         2221.01.01  进项税额      借    9.00
         2202.01     明细应付款    贷  109.00  supplier CARRIER
given  shipmentReturn SR-1  2026-03-22  customer C01
         line 1  item PUMP  quantity 5  of shipment/SH-1/1
then   voucher 记-9  2026-03-22  # 按原出库成本 · at the original issue cost
         1406  发出商品  借  -50.00
         1405  库存商品  贷  -50.00
given  salesInvoice SI-2  2026-03-22  customer C01  credit
         line 1  item PUMP  quantity 5  price 20.00  taxRate 0.13  of shipmentReturn/SR-1/1 quantity 5  of salesInvoice/SI-1/1 quantity 5
then   voucher 记-10  2026-03-22
         1122.01     明细应收款    借  -113.00  customer C01
         6401        主营业务成本  借   -50.00
         6001        主营业务收入  贷  -100.00
         2221.01.02  销项税额      贷   -13.00
         1406        发出商品      贷   -50.00
given  supplierPayment PAY-1  2026-03-28  supplier S01  bankAccount BA1  amount 949.20  pays supplierInvoice/INV-A amount 949.20
then   voucher 记-11  2026-03-28
         2202.01  明细应付款  借  949.20  supplier S01
         1002     银行存款    贷  949.20  bankAccount BA1
given  cashReceipt CR-1  2026-03-30  customer C01  bankAccount BA1  amount 565.00  fee 1.00  pays salesInvoice/SI-1 amount 565.00
then   voucher 记-12  2026-03-30
         1002     银行存款    借  564.00  bankAccount BA1
         6603     财务费用    借    1.00
         1122.01  明细应收款  贷  565.00  customer C01
then   vouchers
then   balance 1405 库存商品                          借  741.67
then   balance 1406 发出商品                                0.00
then   balance 2202.02 暂估应付款                     贷  100.00
then   balance 2202.01 明细应付款   supplier S01            0.00
then   balance 2202.01 明细应付款   supplier CARRIER  贷  109.00
then   balance 1122.01 明细应收款                           0.00
then   balance 2221.01.01 进项税额                    借  118.20
then   balance 2221.01.02 销项税额                    贷   65.00
then   balance 6001 主营业务收入                      贷  500.00
then   balance 6401 主营业务成本                      借  298.33
then   balance 6603 财务费用                          借    1.00
then   balance 1002 银行存款                          贷  385.20
then   open goodsReceipt/GR-1/1  quantity 0  amount 0.00
then   open goodsReceipt/GR-2/1  quantity 10  amount 100.00
then   open supplierInvoice/INV-A  amount 0.00
then   parked nothing
then   completeness 100%
