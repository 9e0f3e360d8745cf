# 短缺挂起:发票 100、实收 96,发票挂起不入账;补到 4 件后,改版的发票入账。
# Short receipt on hold: the invoice is parked; when the missing 4 have come, its next version posts.
# rows P12
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing fifo
set    estimateMode reverseOnInvoice
set    shortReceipt hold

given  item STEEL  category rawMaterial  unit kg
given  supplier S01
given  goodsReceipt GR-1  2026-03-05  supplier S01
         line 1  item STEEL  quantity 96  price 10.00
then   voucher 记-1  2026-03-05
         1403     原材料      借  960.00
         2202.02  暂估应付款  贷  960.00
given  supplierInvoice INV-1  2026-03-10  supplier S01
         line 1  item STEEL  quantity 100  price 10.00  taxRate 0.13  of goodsReceipt/GR-1/1 quantity 96
then   parked INV-1  because invoice.short_receipt
then   vouchers
given  goodsReceipt GR-2  2026-03-15  supplier S01
         line 1  item STEEL  quantity 4  price 10.00
then   voucher 记-2  2026-03-15
         1403     原材料      借  40.00
         2202.02  暂估应付款  贷  40.00
given  version supplierInvoice INV-1  2026-03-10  supplier S01
         line 1  item STEEL  quantity 100  price 10.00  taxRate 0.13  of goodsReceipt/GR-1/1 quantity 96  of goodsReceipt/GR-2/1 quantity 4
then   voucher 记-3  2026-03-10
         1403     原材料      借  -1000.00
         2202.02  暂估应付款  贷  -1000.00
then   voucher 记-4  2026-03-10
         1403        原材料      借  1000.00
         2221.01.01  进项税额    借   130.00
         2202.01     明细应付款  贷  1130.00
then   vouchers
then   parked nothing
then   balance 1403 原材料         借  1000.00
then   balance 2202.02 暂估应付款         0.00
then   balance 2202.01 明细应付款  贷  1130.00
then   completeness 100%
