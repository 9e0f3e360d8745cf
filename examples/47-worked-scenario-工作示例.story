# 3.4 的完整算例:同一笔采购与销售,另加一笔外币应付。单据一次送达,凭证随后列出。
# The worked scenario of section 3.4, documents first, then the vouchers, with a payable in dollars beside it.
# rows P3 P4a P5 P6 P7a P8 P10 S3a S4a S7a S7b S8
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing fifo
set    estimateMode reverseOnInvoice
set    revenueAt invoice

given  item PUMP  category merchandise  unit pcs
given  supplier S01
given  supplier S-US
given  supplier CARRIER
given  customer C01
given  bankAccount BA1  currency CNY  account 1002
given  openingBalance OB-1  2026-02-28
         line 1  account 2202.01  credit 7100.00  supplier S-US  currency USD  amountOriginal 1000.00  document supplierInvoice/INV-US
         line 2  account 4104  debit 7100.00
given  purchaseOrder PO-1  2026-03-01  supplier S01
         line 1  item PUMP  quantity 100  price 10.00  taxRate 0.13
given  goodsReceipt GR1  2026-03-05  supplier S01
         line 1  item PUMP  quantity 60  of purchaseOrder/PO-1/1
given  goodsReceipt GR2  2026-03-06  supplier S01
         line 1  item PUMP  quantity 40  of purchaseOrder/PO-1/1
given  shipment SH-1  2026-03-10  customer C01
         line 1  item PUMP  quantity 30
given  salesInvoice SI-1  2026-03-12  customer C01
         line 1  item PUMP  quantity 30  price 20.00  taxRate 0.13  of shipment/SH-1/1
given  supplierInvoice INV-A  2026-03-18  supplier S01
         line 1  item PUMP  quantity 80  price 10.50  taxRate 0.13  amountNet 840.00  tax 109.20  of goodsReceipt/GR1/1 quantity 60  of goodsReceipt/GR2/1 quantity 20
given  goodsReturn RT-1  2026-03-20  supplier S01
         line 1  item PUMP  quantity 10  of goodsReceipt/GR2/1
given  costInvoice FR-1  2026-03-21  supplier CARRIER
         line 1  charge freight  amountNet 100.00  taxRate 0.09  of goodsReceipt/GR1/1  of goodsReceipt/GR2/1
given  shipmentReturn SR-1  2026-03-22  customer C01
         line 1  item PUMP  quantity 5  of shipment/SH-1/1
given  salesInvoice SI-2  2026-03-22  customer C01  credit
         line 1  item PUMP  quantity 5  price 20.00  taxRate 0.13  of shipmentReturn/SR-1/1 quantity 5  of salesInvoice/SI-1/1 quantity 5
given  cashReceipt CR-1  2026-03-30  customer C01  bankAccount BA1  amount 565.00  fee 1.00  pays salesInvoice/SI-1 amount 565.00
given  supplierPayment PAY-1  2026-03-31  supplier S-US  currency USD  rate 7.20  bankAccount BA1  amount 1000.00  pays supplierInvoice/INV-US amount 1000.00
then   voucher 记-1  2026-03-05
         1405     库存商品    借  600.00
         2202.02  暂估应付款  贷  600.00  supplier S01
then   voucher 记-2  2026-03-06
         1405     库存商品    借  400.00
         2202.02  暂估应付款  贷  400.00  supplier S01
then   voucher 记-3  2026-03-10
         1406  发出商品  借  300.00
         1405  库存商品  贷  300.00
then   voucher 记-4  2026-03-12
         1122.01     明细应收款    借  678.00  customer C01
         6401        主营业务成本  借  300.00
         6001        主营业务收入  贷  600.00
         2221.01.02  销项税额      贷   78.00
         1406        发出商品      贷  300.00
then   voucher 记-5  2026-03-18
         1405     库存商品    借  -800.00
         2202.02  暂估应付款  贷  -800.00  supplier S01
then   voucher 记-6  2026-03-18
         1405        库存商品      借  825.00
         6401        主营业务成本  借   15.00
         2221.01.01  进项税额      借  109.20
         2202.01     明细应付款    贷  949.20  supplier S01
then   voucher 记-7  2026-03-20
         1405     库存商品    借  -100.00
         2202.02  暂估应付款  贷  -100.00  supplier S01
then   voucher 记-8  2026-03-21
         1405        库存商品      借   66.67
         6401        主营业务成本  借   33.33
         2221.01.01  进项税额      借    9.00
         2202.01     明细应付款    贷  109.00  supplier CARRIER
then   voucher 记-9  2026-03-22
         1406  发出商品  借  -50.00
         1405  库存商品  贷  -50.00
then   voucher 记-10  2026-03-22
         1122.01     明细应收款    借  -113.00  customer C01
         6401        主营业务成本  借   -50.00
         6001        主营业务收入  贷  -100.00
         2221.01.02  销项税额      贷   -13.00
         1406        发出商品      贷   -50.00
then   voucher 记-11  2026-03-30
         1002     银行存款    借  564.00
         6603     财务费用    借    1.00
         1122.01  明细应收款  贷  565.00  customer C01
then   voucher 记-12  2026-03-31
         2202.01  明细应付款  借  7100.00  supplier S-US
         6603     财务费用    借   100.00
         1002     银行存款    贷  7200.00
then   vouchers
then   balance 1405 库存商品                      借  741.67
then   balance 6401 主营业务成本                  借  298.33
then   balance 6001 主营业务收入                  贷  500.00
then   balance 1122.01 明细应收款  customer C01         0.00
then   balance 2202.02 暂估应付款                 贷  100.00
then   balance 2202.01 明细应付款  supplier S-US        0.00
then   balance 6603 财务费用                      借  101.00
then   open goodsReceipt/GR2/1  quantity 10  amount 100.00
then   completeness 100%
