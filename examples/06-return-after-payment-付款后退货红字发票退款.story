# 付款后退货,红字发票,退款。03-18 至 03-25 之间 2202.02 借方 100.00 说明还缺红字发票。
# Return after invoice and payment, refund. Between 03-18 and 03-25 2202.02 借 100.00 shows the missing red invoice.
# rows P7a P7b P8 P8r
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing fifo
set    estimateMode reverseOnInvoice

given  item STEEL  category rawMaterial  unit kg
given  supplier S01
given  bankAccount BA1  currency CNY  account 1002
given  goodsReceipt GR-1  2026-03-02  supplier S01
         line 1  item STEEL  quantity 20  price 50.00
then   voucher 记-1  2026-03-02
         1403     原材料      借  1000.00
         2202.02  暂估应付款  贷  1000.00
given  supplierInvoice INV-1  2026-03-05  supplier S01
         line 1  item STEEL  quantity 20  price 50.00  taxRate 0.13  of goodsReceipt/GR-1/1
then   voucher 记-2  2026-03-05
         1403     原材料      借  -1000.00
         2202.02  暂估应付款  贷  -1000.00
then   voucher 记-3  2026-03-05
         1403        原材料      借  1000.00
         2221.01.01  进项税额    借   130.00
         2202.01     明细应付款  贷  1130.00
given  supplierPayment PAY-1  2026-03-10  supplier S01  bankAccount BA1  amount 1130.00  pays supplierInvoice/INV-1 amount 1130.00
then   voucher 记-4  2026-03-10
         2202.01  明细应付款  借  1130.00
         1002     银行存款    贷  1130.00
given  goodsReturn RT-1  2026-03-18  supplier S01
         line 1  item STEEL  quantity 2  of goodsReceipt/GR-1/1
then   voucher 记-5  2026-03-18  # 应收红字发票:2202.02 为借方 · a credit note is owed: 2202.02 is debit
         1403     原材料      借  -100.00
         2202.02  暂估应付款  贷  -100.00
then   balance 2202.02 暂估应付款  借  100.00
given  supplierInvoice CN-1  2026-03-25  supplier S01  credit
         line 1  item STEEL  quantity 2  price 50.00  taxRate 0.13  of goodsReturn/RT-1/1 quantity 2  of supplierInvoice/INV-1/1 quantity 2
then   voucher 记-6  2026-03-25
         1403     原材料      借  100.00
         2202.02  暂估应付款  贷  100.00
then   voucher 记-7  2026-03-25
         1403        原材料      借  -100.00
         2221.01.01  进项税额    借   -13.00
         2202.01     明细应付款  贷  -113.00
given  supplierPayment RF-1  2026-03-30  supplier S01  bankAccount BA1  credit  purpose refund  amount 113.00  pays supplierInvoice/CN-1 amount 113.00
then   voucher 记-8  2026-03-30
         1002     银行存款    借  113.00
         2202.01  明细应付款  贷  113.00
then   vouchers
then   balance 1403 原材料          借   900.00
then   balance 2202.02 暂估应付款          0.00
then   balance 2202.01 明细应付款          0.00
then   balance 2221.01.01 进项税额  借   117.00
then   balance 1002 银行存款        贷  1017.00
