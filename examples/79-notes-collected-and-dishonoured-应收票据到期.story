# 两张应收票据到期:一张收款,一张被拒付转回应收账款。
# Two notes received at maturity: one is paid, one is dishonoured and goes back to receivables.
# rows S8n
book   B1  pack cas-general  currency CNY  from 2026-03

given  customer C01
given  customer C02
given  bankAccount BA1  currency CNY  account 1002
given  openingBalance OB-1  2026-02-28
         line 1  account 1122.01  debit 8000.00  customer C01  document salesInvoice/SI-1
         line 2  account 1122.01  debit 3000.00  customer C02  document salesInvoice/SI-2
         line 3  account 4001  credit 11000.00
given  bill BR-1  2026-03-05  customer C01  note N1  action received  amount 8000.00  pays salesInvoice/SI-1 amount 8000.00
then   voucher 记-1  2026-03-05
         1121     应收票据    借  8000.00  note N1
         1122.01  明细应收款  贷  8000.00  customer C01
given  bill BR-2  2026-03-06  customer C02  note N2  action received  amount 3000.00  pays salesInvoice/SI-2 amount 3000.00
then   voucher 记-2  2026-03-06
         1121     应收票据    借  3000.00  note N2
         1122.01  明细应收款  贷  3000.00  customer C02
given  bill BC-1  2026-06-05  customer C01  note N1  action collected  bankAccount BA1  amount 8000.00
then   voucher 记-1  2026-06-05
         1002  银行存款  借  8000.00
         1121  应收票据  贷  8000.00  note N1
given  bill BX-1  2026-06-06  customer C02  note N2  action dishonoured  amount 3000.00
then   voucher 记-2  2026-06-06
         1122.01  明细应收款  借  3000.00  customer C02
         1121     应收票据    贷  3000.00  note N2
then   vouchers
then   balance 1121 应收票据                            0.00
then   balance 1122.01 明细应收款  customer C01         0.00
then   balance 1122.01 明细应收款  customer C02  借  3000.00
then   balance 1002 银行存款                     借  8000.00
