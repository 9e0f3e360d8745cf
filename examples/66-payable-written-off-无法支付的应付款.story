# 确实无法支付的应付款转营业外收入。
# A payable that cannot be paid is written off.
# rows P11
book   B1  pack cas-general  currency CNY  from 2026-03

given  supplier S01
given  openingBalance OB-1  2026-02-28
         line 1  account 2202.01  credit 300.00  supplier S01  document supplierInvoice/INV-OLD
         line 2  account 4104  debit 300.00
given  writeOff WO-1  2026-03-15  supplier S01  type payable  amount 300.00  of supplierInvoice/INV-OLD amount 300.00
then   voucher 记-1  2026-03-15
         2202.01  明细应付款  借  300.00  supplier S01
         6301     营业外收入  贷  300.00
then   vouchers
then   balance 2202.01 明细应付款        0.00
then   balance 6301 营业外收入     贷  300.00
then   open supplierInvoice/INV-OLD  amount 0.00
