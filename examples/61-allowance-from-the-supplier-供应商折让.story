# 供应商折让,红字发票而无退货:在库份额冲存货,已售份额冲成本。
# Allowance from the supplier, a red invoice without goods: the share on hand lowers stock, the share sold lowers cost.
# rows P7c
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing movingAverage
set    estimateMode reverseOnInvoice
set    revenueAt invoice

given  item PUMP  category merchandise  unit pcs
given  supplier S01
given  customer C01
given  goodsReceipt GR-1  2026-03-02  supplier S01
         line 1  item PUMP  quantity 100  price 10.00
then   voucher 记-1  2026-03-02
         1405     库存商品    借  1000.00
         2202.02  暂估应付款  贷  1000.00
given  supplierInvoice INV-1  2026-03-05  supplier S01
         line 1  item PUMP  quantity 100  price 10.00  taxRate 0.13  of goodsReceipt/GR-1/1
then   voucher 记-2  2026-03-05
         1405     库存商品    借  -1000.00
         2202.02  暂估应付款  贷  -1000.00
then   voucher 记-3  2026-03-05
         1405        库存商品    借  1000.00
         2221.01.01  进项税额    借   130.00
         2202.01     明细应付款  贷  1130.00
given  shipment SH-1  2026-03-10  customer C01
         line 1  item PUMP  quantity 40
then   voucher 记-4  2026-03-10
         1406  发出商品  借  400.00
         1405  库存商品  贷  400.00
given  salesInvoice SI-1  2026-03-10  customer C01
         line 1  item PUMP  quantity 40  price 20.00  taxRate 0.13  of shipment/SH-1/1
then   voucher 记-5  2026-03-10
         1122.01     明细应收款    借  904.00
         6401        主营业务成本  借  400.00
         6001        主营业务收入  贷  800.00
         2221.01.02  销项税额      贷  104.00
         1406        发出商品      贷  400.00
given  supplierInvoice CN-1  2026-03-25  supplier S01  credit
         line 1  item PUMP  amountNet 50.00  taxRate 0.13  of supplierInvoice/INV-1/1
then   voucher 记-6  2026-03-25
         1405        库存商品      借  -30.00
         6401        主营业务成本  借  -20.00
         2221.01.01  进项税额      借   -6.50
         2202.01     明细应付款    贷  -56.50
then   vouchers
then   balance 1405 库存商品        借   570.00
then   balance 6401 主营业务成本    借   380.00
then   balance 2202.01 明细应付款   贷  1073.50
then   balance 2221.01.01 进项税额  借   123.50
then   open supplierInvoice/INV-1  amount 1073.50
