# 开票 100,实收 96,承运人赔偿。
# Invoice for 100, 96 arrive, the carrier pays.
# rows P12
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing fifo
set    estimateMode reverseOnInvoice
set    shortReceipt claim

given  item STEEL  category rawMaterial  unit kg
given  supplier S01
given  supplier CARRIER
given  purchaseOrder PO-1  2026-03-01  supplier S01
         line 1  item STEEL  quantity 100  price 10.00  taxRate 0.13
given  goodsReceipt GR-1  2026-03-05  supplier S01
         line 1  item STEEL  quantity 96  of purchaseOrder/PO-1/1
then   voucher 记-1  2026-03-05
         1403     原材料      借  960.00
         2202.02  暂估应付款  贷  960.00  supplier S01
given  supplierInvoice INV-1  2026-03-10  supplier S01
         line 1  item STEEL  quantity 100  price 10.00  taxRate 0.13  of goodsReceipt/GR-1/1 quantity 96
then   voucher 记-2  2026-03-10
         1403     原材料      借  -960.00
         2202.02  暂估应付款  贷  -960.00  supplier S01
then   voucher 记-3  2026-03-10
         1403        原材料          借   960.00
         1901        待处理财产损溢  借    40.00
         2221.01.01  进项税额        借   130.00
         2202.01     明细应付款      贷  1130.00  supplier S01
given  claim CL-1  2026-03-20  supplier CARRIER  outcome payer
         line 1  item STEEL  quantity 4  of supplierInvoice/INV-1/1
then   voucher 记-4  2026-03-20
         1221        其他应收款      借  45.20  counterparty CARRIER
         1901        待处理财产损溢  贷  40.00
         2221.01.04  进项税额转出    贷   5.20
then   vouchers
then   balance 1403 原材料              借   960.00
then   balance 1901 待处理财产损溢             0.00
then   balance 1221 其他应收款          借    45.20
then   balance 2221.01.01 进项税额      借   130.00
then   balance 2221.01.04 进项税额转出  贷     5.20
then   balance 2202.01 明细应付款       贷  1130.00
then   balance 2202.02 暂估应付款              0.00
