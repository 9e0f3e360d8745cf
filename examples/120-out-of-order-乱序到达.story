# 乱序到达:付款先于发票、发票先于入库;各自等待,入库一到依次入账。
# Out of order: the payment before the invoice, the invoice before the receipt; each waits, the receipt releases them in turn.
# rows P3 P4a P8
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing fifo
set    estimateMode reverseOnInvoice
set    invoiceBeforeGoods wait

given  item STEEL  category rawMaterial  unit kg
given  supplier S01
given  bankAccount BA1  currency CNY  account 1002
given  supplierPayment PAY-1  2026-03-12  supplier S01  bankAccount BA1  amount 237.30  pays supplierInvoice/INV-1 amount 237.30
then   waiting PAY-1  because link.waiting
given  supplierInvoice INV-1  2026-03-08  supplier S01
         line 1  item STEEL  quantity 10  price 21.00  taxRate 0.13  of goodsReceipt/GR-1/1
then   waiting INV-1  because link.waiting
then   waiting PAY-1
then   vouchers
then   completeness 100%
given  goodsReceipt GR-1  2026-03-05  supplier S01
         line 1  item STEEL  quantity 10  price 20.00
then   voucher 记-1  2026-03-05
         1403     原材料      借  200.00
         2202.02  暂估应付款  贷  200.00
then   voucher 记-2  2026-03-08
         1403     原材料      借  -200.00
         2202.02  暂估应付款  贷  -200.00
then   voucher 记-3  2026-03-08
         1403        原材料      借  210.00
         2221.01.01  进项税额    借   27.30
         2202.01     明细应付款  贷  237.30
then   voucher 记-4  2026-03-12
         2202.01  明细应付款  借  237.30
         1002     银行存款    贷  237.30
then   vouchers
then   waiting nothing
then   balance 1403 原材料    借  210.00
then   balance 2202 应付账款        0.00
then   balance 1002 银行存款  贷  237.30
then   open supplierInvoice/INV-1  amount 0.00
