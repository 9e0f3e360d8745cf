# 单到补差,移动加权平均,部分已售:差异按在库比例分摊。
# The difference where part is sold: coverage 60 of 100.
# rows P4b P5
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing movingAverage
set    estimateMode differenceOnInvoice
set    revenueAt invoice

given  item PUMP  category merchandise  unit pcs
given  supplier S01
given  customer C01
given  goodsReceipt GR-1  2026-03-02  supplier S01
         line 1  item PUMP  quantity 100  price 12.00
then   voucher 记-1  2026-03-02
         1405     库存商品    借  1200.00
         2202.02  暂估应付款  贷  1200.00
given  shipment SH-1  2026-03-05  customer C01
         line 1  item PUMP  quantity 40
then   voucher 记-2  2026-03-05
         1406  发出商品  借  480.00
         1405  库存商品  贷  480.00
given  salesInvoice SI-1  2026-03-06  customer C01
         line 1  item PUMP  quantity 40  price 20.00  taxRate 0.13  of shipment/SH-1/1
then   voucher 记-3  2026-03-06
         1122.01     明细应收款    借  904.00
         6401        主营业务成本  借  480.00
         6001        主营业务收入  贷  800.00
         2221.01.02  销项税额      贷  104.00
         1406        发出商品      贷  480.00
given  supplierInvoice INV-1  2026-03-15  supplier S01
         line 1  item PUMP  quantity 100  price 12.50  taxRate 0.13  of goodsReceipt/GR-1/1
then   voucher 记-4  2026-03-15
         2202.02     暂估应付款    借  1200.00
         1405        库存商品      借    30.00
         6401        主营业务成本  借    20.00
         2221.01.01  进项税额      借   162.50
         2202.01     明细应付款    贷  1412.50
then   vouchers
then   balance 1405 库存商品       借   750.00
then   balance 6401 主营业务成本   借   500.00
then   balance 2202.02 暂估应付款         0.00
then   balance 2202.01 明细应付款  贷  1412.50
