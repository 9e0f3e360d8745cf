# 一次付款核销两张发票,第二张只付一部分;手续费另加。
# One payment for two invoices, the second in part; the bank's fee comes on top.
# rows P8
book   B1  pack cas-general  currency CNY  from 2026-03

given  item RENT  category service  expenseAccount 6602
given  supplier S01
given  bankAccount BA1  currency CNY  account 1002
given  supplierInvoice INV-1  2026-03-02  supplier S01  department D01
         line 1  item RENT  quantity 1  price 1000.00  taxRate 0.06
then   voucher 记-1  2026-03-02
         6602        管理费用    借  1000.00
         2221.01.01  进项税额    借    60.00
         2202.01     明细应付款  贷  1060.00  supplier S01
given  supplierInvoice INV-2  2026-03-03  supplier S01  department D01
         line 1  item RENT  quantity 1  price 2000.00  taxRate 0.06
then   voucher 记-2  2026-03-03
         6602        管理费用    借  2000.00
         2221.01.01  进项税额    借   120.00
         2202.01     明细应付款  贷  2120.00  supplier S01
given  supplierPayment PAY-1  2026-03-20  supplier S01  bankAccount BA1  amount 2000.00  fee 8.00  pays supplierInvoice/INV-1 amount 1060.00  pays supplierInvoice/INV-2 amount 940.00
then   voucher 记-3  2026-03-20
         2202.01  明细应付款  借  2000.00  supplier S01
         6603     财务费用    借     8.00
         1002     银行存款    贷  2008.00  bankAccount BA1
then   open supplierInvoice/INV-1  amount 0.00
then   open supplierInvoice/INV-2  amount 1180.00
given  supplierPayment PAY-2  2026-03-31  supplier S01  bankAccount BA1  amount 1180.00  pays supplierInvoice/INV-2 amount 1180.00
then   voucher 记-4  2026-03-31
         2202.01  明细应付款  借  1180.00  supplier S01
         1002     银行存款    贷  1180.00  bankAccount BA1
then   vouchers
then   balance 2202.01 明细应付款         0.00
then   balance 1002 银行存款       贷  3188.00
then   balance 6603 财务费用       借     8.00
then   open supplierInvoice/INV-2  amount 0.00
