# 往来核销:应收冲应付、应收转应收、应付转应付,每笔两行分录。
# Settlements: receivable against payable, receivable to another customer, payable to another supplier; two lines each.
# rows P8 S8
book   B1  pack cas-general  currency CNY  from 2026-03

given  supplier S01
given  supplier S02
given  customer C01
given  customer C02
given  openingBalance OB-1  2026-02-28
         line 1  account 1122.01  debit 1000.00  customer C01  document salesInvoice/SI-1
         line 2  account 2202.01  credit 700.00  supplier S01  document supplierInvoice/INV-1
         line 3  account 4001  credit 300.00
given  settlement ST-1  2026-03-05  customer C01  supplier S01  type receivableToPayable  amount 200.00  of salesInvoice/SI-1 amount 200.00  of supplierInvoice/INV-1 amount 200.00
then   voucher 记-1  2026-03-05
         2202.01  明细应付款  借  200.00  supplier S01
         1122.01  明细应收款  贷  200.00  customer C01
given  settlement ST-2  2026-03-06  customer C01  toParty C02  type receivableToReceivable  amount 300.00  of salesInvoice/SI-1 amount 300.00
then   voucher 记-2  2026-03-06
         1122.01  明细应收款  借  300.00  customer C02
         1122.01  明细应收款  贷  300.00  customer C01
given  settlement ST-3  2026-03-07  supplier S01  toParty S02  type payableToPayable  amount 500.00  of supplierInvoice/INV-1 amount 500.00
then   voucher 记-3  2026-03-07
         2202.01  明细应付款  借  500.00  supplier S01
         2202.01  明细应付款  贷  500.00  supplier S02
then   vouchers
then   balance 1122.01 明细应收款  customer C01  借  500.00
then   balance 1122.01 明细应收款  customer C02  借  300.00
then   balance 2202.01 明细应付款  supplier S01        0.00
then   balance 2202.01 明细应付款  supplier S02  贷  500.00
then   open salesInvoice/SI-1  amount 500.00
then   open supplierInvoice/INV-1  amount 0.00
