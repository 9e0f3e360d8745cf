# 债务重组:债务人以现金清偿、收益记 6111;债权人确认损失。
# Debt restructuring in cash: the debtor's gain and the creditor's loss, both 6111.
# rows P16 S21
book   B1  pack cas-general  currency CNY  from 2026-03

given  supplier S01
given  customer C01
given  bankAccount BA1  currency CNY  account 1002
given  openingBalance OB-1  2026-02-28
         line 1  account 2202.01  credit 100000.00  supplier S01  document supplierInvoice/INV-OLD
         line 2  account 1122.01  debit 50000.00  customer C01  document salesInvoice/SI-OLD
         line 3  account 4104  debit 50000.00
given  adjustment DR-1  2026-03-10  supplier S01  type debtRestructuringDebtor  amount 80000.00  gain 20000.00  bankAccount BA1  of supplierInvoice/INV-OLD amount 100000.00
then   voucher 记-1  2026-03-10
         2202.01  明细应付款  借  100000.00  supplier S01
         1002     银行存款    贷   80000.00
         6111     投资收益    贷   20000.00
given  adjustment DR-2  2026-03-12  customer C01  type debtRestructuringCreditor  amount 40000.00  gain 10000.00  bankAccount BA1  of salesInvoice/SI-OLD amount 50000.00
then   voucher 记-2  2026-03-12
         1002     银行存款    借  40000.00
         6111     投资收益    借  10000.00
         1122.01  明细应收款  贷  50000.00  customer C01
then   vouchers
then   balance 2202.01 明细应付款          0.00
then   balance 1122.01 明细应收款          0.00
then   balance 6111 投资收益       贷  10000.00
then   balance 1002 银行存款       贷  40000.00
