# 预付款核销两张发票,余款部分支付;货物仍在途,记 1402。
# Prepayment over two supplier invoices, one paid in part; the goods are still under way: 1402.
# rows P2 P4d P9 P8
book   B1  pack cas-general  currency CNY  from 2026-03
set    invoiceBeforeGoods inTransit

given  item STEEL  category rawMaterial  unit kg
given  supplier S01
given  bankAccount BA1  currency CNY  account 1002
given  supplierPayment PRE-1  2026-03-01  supplier S01  bankAccount BA1  purpose prepayment  amount 5000.00
then   voucher 记-1  2026-03-01
         1123  预付账款  借  5000.00  supplier S01
         1002  银行存款  贷  5000.00
given  supplierInvoice INV-A  2026-03-10  supplier S01
         line 1  item STEEL  quantity 300  price 10.00  taxRate 0.13
then   voucher 记-2  2026-03-10
         1402        在途物资    借  3000.00
         2221.01.01  进项税额    借   390.00
         2202.01     明细应付款  贷  3390.00  supplier S01
given  settlement ST-1  2026-03-10  supplier S01  type prepaymentToPayable  amount 3390.00  of supplierPayment/PRE-1 amount 3390.00  of supplierInvoice/INV-A amount 3390.00
then   voucher 记-3  2026-03-10
         2202.01  明细应付款  借  3390.00  supplier S01
         1123     预付账款    贷  3390.00  supplier S01
given  supplierInvoice INV-B  2026-03-20  supplier S01
         line 1  item STEEL  quantity 200  price 10.00  taxRate 0.13
then   voucher 记-4  2026-03-20
         1402        在途物资    借  2000.00
         2221.01.01  进项税额    借   260.00
         2202.01     明细应付款  贷  2260.00  supplier S01
given  settlement ST-2  2026-03-20  supplier S01  type prepaymentToPayable  amount 1610.00  of supplierPayment/PRE-1 amount 1610.00  of supplierInvoice/INV-B amount 1610.00
then   voucher 记-5  2026-03-20
         2202.01  明细应付款  借  1610.00  supplier S01
         1123     预付账款    贷  1610.00  supplier S01
given  supplierPayment PAY-1  2026-03-31  supplier S01  bankAccount BA1  amount 500.00  pays supplierInvoice/INV-B amount 500.00
then   voucher 记-6  2026-03-31
         2202.01  明细应付款  借  500.00  supplier S01
         1002     银行存款    贷  500.00
then   vouchers
then   balance 1123 预付账款               0.00
then   balance 2202.01 明细应付款   贷   150.00
then   balance 1402 在途物资        借  5000.00
then   balance 2221.01.01 进项税额  借   650.00
then   balance 1002 银行存款        贷  5500.00
then   open supplierInvoice/INV-B  amount 150.00
then   open supplierPayment/PRE-1  amount 0.00
