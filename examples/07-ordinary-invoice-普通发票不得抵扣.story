# 普通发票不得抵扣:暂估为不含税,税额按价差分摊。
# Ordinary invoice: the estimate was net, so the tax that cannot be deducted behaves as price variance.
# rows P4e P5
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing fifo
set    estimateMode reverseOnInvoice

given  item PUMP  category merchandise  unit pcs
given  supplier S01
given  customer C01
given  goodsReceipt GR-1  2026-03-02  supplier S01
         line 1  item PUMP  quantity 10  price 20.00
then   voucher 记-1  2026-03-02
         1405     库存商品    借  200.00
         2202.02  暂估应付款  贷  200.00
given  shipment SH-1  2026-03-04  customer C01
         line 1  item PUMP  quantity 4
then   voucher 记-2  2026-03-04
         1406  发出商品  借  80.00
         1405  库存商品  贷  80.00
given  salesInvoice SI-1  2026-03-04  customer C01
         line 1  item PUMP  quantity 4  price 30.00  taxRate 0.13  of shipment/SH-1/1
then   voucher 记-3  2026-03-04
         1122.01     明细应收款    借  135.60
         6401        主营业务成本  借   80.00
         6001        主营业务收入  贷  120.00
         2221.01.02  销项税额      贷   15.60
         1406        发出商品      贷   80.00
given  supplierInvoice INV-1  2026-03-20  supplier S01  invoiceType ordinary
         line 1  item PUMP  quantity 10  price 20.00  taxRate 0.03  of goodsReceipt/GR-1/1
then   voucher 记-4  2026-03-20
         1405     库存商品    借  -200.00
         2202.02  暂估应付款  贷  -200.00
then   voucher 记-5  2026-03-20  # 税 6.00:在库 6 件 3.60,已售 4 件 2.40 · 6.00 tax: 6 on hand 3.60, 4 sold 2.40
         1405     库存商品      借  203.60
         6401     主营业务成本  借    2.40
         2202.01  明细应付款    贷  206.00
then   vouchers
then   balance 1405 库存商品        借  123.60
then   balance 6401 主营业务成本    借   82.40
then   balance 2202.02 暂估应付款         0.00
then   balance 2202.01 明细应付款   贷  206.00
then   balance 1122.01 明细应收款   借  135.60
then   balance 6001 主营业务收入    贷  120.00
then   balance 2221.01.02 销项税额  贷   15.60
then   balance 1406 发出商品              0.00
