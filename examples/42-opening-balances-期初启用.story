# 期初启用:未清暂估与未付发票逐单录入,否则发票无暂估可冲。
# Opening balances with an open estimate and an open invoice: by document, not as one sum, or the invoice has nothing to reverse.
# rows O1 P4a P8
book   B1  pack cas-general  currency CNY  from 2026-04
set    costing fifo
set    estimateMode reverseOnInvoice

given  item PUMP  category merchandise  unit pcs
given  supplier S01
given  bankAccount BA1  currency CNY  account 1002
given  openingBalance OB-1  2026-03-31
         line 1  account 1405  item PUMP  quantity 40  debit 400.00  document goodsReceipt/GR-OLD/1
         line 2  account 2202.02  item PUMP  quantity 40  credit 400.00  supplier S01  document goodsReceipt/GR-OLD/1
         line 3  account 2202.01  credit 565.00  supplier S01  document supplierInvoice/INV-OLD
         line 4  account 4104  debit 565.00
then   vouchers
given  supplierInvoice INV-1  2026-04-08  supplier S01
         line 1  item PUMP  quantity 40  price 10.20  taxRate 0.13  of goodsReceipt/GR-OLD/1
then   voucher 记-1  2026-04-08
         1405     库存商品    借  -400.00
         2202.02  暂估应付款  贷  -400.00  supplier S01
then   voucher 记-2  2026-04-08
         1405        库存商品    借  408.00
         2221.01.01  进项税额    借   53.04
         2202.01     明细应付款  贷  461.04  supplier S01
given  supplierPayment PAY-1  2026-04-20  supplier S01  bankAccount BA1  amount 565.00  pays supplierInvoice/INV-OLD amount 565.00
then   voucher 记-3  2026-04-20
         2202.01  明细应付款  借  565.00  supplier S01
         1002     银行存款    贷  565.00
then   vouchers
then   balance 1405 库存商品        借  408.00
then   balance 2202.02 暂估应付款         0.00
then   balance 2202.01 明细应付款   贷  461.04
then   balance 2221.01.01 进项税额  借   53.04
then   balance 4104 利润分配        借  565.00
then   balance 1002 银行存款        贷  565.00
then   open supplierInvoice/INV-OLD  amount 0.00
