# 单到补差下的退货与红字发票:货物单据动存货,红字发票动款项与税。
# Return and red invoice under differenceOnInvoice: the goods document moves stock, the red invoice the money and the tax.
# rows P7a P7b P4b
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing fifo
set    estimateMode differenceOnInvoice

given  item STEEL  category rawMaterial  unit kg
given  supplier S01
given  goodsReceipt GR-1  2026-03-02  supplier S01
         line 1  item STEEL  quantity 20  price 50.00
then   voucher 记-1  2026-03-02
         1403     原材料      借  1000.00
         2202.02  暂估应付款  贷  1000.00
given  supplierInvoice INV-1  2026-03-05  supplier S01
         line 1  item STEEL  quantity 20  price 50.00  taxRate 0.13  of goodsReceipt/GR-1/1
then   voucher 记-2  2026-03-05
         2202.02     暂估应付款  借  1000.00
         2221.01.01  进项税额    借   130.00
         2202.01     明细应付款  贷  1130.00
given  goodsReturn RT-1  2026-03-18  supplier S01
         line 1  item STEEL  quantity 2  of goodsReceipt/GR-1/1
then   voucher 记-3  2026-03-18
         1403     原材料      借  -100.00
         2202.02  暂估应付款  贷  -100.00
given  supplierInvoice CN-1  2026-03-25  supplier S01  credit
         line 1  item STEEL  quantity 2  price 50.00  taxRate 0.13  of goodsReturn/RT-1/1 quantity 2  of supplierInvoice/INV-1/1 quantity 2
then   voucher 记-4  2026-03-25
         2202.02     暂估应付款  借  -100.00
         2221.01.01  进项税额    借   -13.00
         2202.01     明细应付款  贷  -113.00
then   vouchers
then   balance 1403 原材料          借   900.00
then   balance 2202.02 暂估应付款          0.00
then   balance 2202.01 明细应付款   贷  1017.00
then   balance 2221.01.01 进项税额  借   117.00
then   open supplierInvoice/INV-1  amount 1017.00
