# 拆单与合单只是关联:两张采购订单合收一次,两张销售订单合发一次、分两次开票。
# Split and merged orders are just links: two purchase orders in one receipt, two sales orders in one shipment and two invoices.
# rows S6 P3 S5
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing fifo
set    estimateMode reverseOnInvoice
set    revenueAt invoice

given  item PUMP  category merchandise  unit pcs
given  supplier S01
given  customer C01
given  purchaseOrder PO-1  2026-03-01  supplier S01
         line 1  item PUMP  quantity 20  price 10.00  taxRate 0.13
given  purchaseOrder PO-2  2026-03-01  supplier S01
         line 1  item PUMP  quantity 15  price 10.30  taxRate 0.13
given  goodsReceipt GR-1  2026-03-05  supplier S01
         line 1  item PUMP  quantity 30  of purchaseOrder/PO-1/1 quantity 20  of purchaseOrder/PO-2/1 quantity 10
then   voucher 记-1  2026-03-05
         1405     库存商品    借  303.00
         2202.02  暂估应付款  贷  303.00
then   open purchaseOrder/PO-1/1  quantity 0
then   open purchaseOrder/PO-2/1  quantity 5
given  supplierInvoice INV-1  2026-03-08  supplier S01
         line 1  item PUMP  quantity 30  price 10.20  taxRate 0.13  of goodsReceipt/GR-1/1
then   voucher 记-2  2026-03-08
         1405     库存商品    借  -303.00
         2202.02  暂估应付款  贷  -303.00
then   voucher 记-3  2026-03-08
         1405        库存商品    借  306.00
         2221.01.01  进项税额    借   39.78
         2202.01     明细应付款  贷  345.78
given  salesOrder SO-1  2026-03-09  customer C01
         line 1  item PUMP  quantity 10  price 20.00  taxRate 0.13
given  salesOrder SO-2  2026-03-09  customer C01
         line 1  item PUMP  quantity 20  price 20.00  taxRate 0.13
given  shipment SH-1  2026-03-10  customer C01
         line 1  item PUMP  quantity 30  of salesOrder/SO-1/1 quantity 10  of salesOrder/SO-2/1 quantity 20
then   voucher 记-4  2026-03-10
         1406  发出商品  借  306.00
         1405  库存商品  贷  306.00
given  salesInvoice SI-1  2026-03-12  customer C01
         line 1  item PUMP  quantity 15  price 20.00  taxRate 0.13  of shipment/SH-1/1
then   voucher 记-5  2026-03-12
         1122.01     明细应收款    借  339.00
         6401        主营业务成本  借  153.00
         6001        主营业务收入  贷  300.00
         2221.01.02  销项税额      贷   39.00
         1406        发出商品      贷  153.00
given  salesInvoice SI-2  2026-03-13  customer C01
         line 1  item PUMP  quantity 15  price 20.00  taxRate 0.13  of shipment/SH-1/1
then   voucher 记-6  2026-03-13
         1122.01     明细应收款    借  339.00
         6401        主营业务成本  借  153.00
         6001        主营业务收入  贷  300.00
         2221.01.02  销项税额      贷   39.00
         1406        发出商品      贷  153.00
then   vouchers
then   balance 1405 库存商品             0.00
then   balance 1406 发出商品             0.00
then   balance 6401 主营业务成本   借  306.00
then   balance 6001 主营业务收入   贷  600.00
then   balance 1122.01 明细应收款  借  678.00
then   completeness 100%
