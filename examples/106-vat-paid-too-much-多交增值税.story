# 本月预缴与已交:本月已交 500.00 多于应交 300.00,月末转出多交。
# VAT prepaid and paid within the month: paid 500.00, due 300.00, the excess is transferred out.
# rows C3a C3c
book   B1  pack cas-general  currency CNY  from 2026-03

given  customer C01
given  bankAccount BA1  currency CNY  account 1002
given  manualVoucher MV-1  2026-03-10
         line 1  account 1122.01  customer C01  debit 300.00
         line 2  account 2221.01.02  credit 300.00
then   voucher 记-1  2026-03-10
         1122.01     明细应收款  借  300.00
         2221.01.02  销项税额    贷  300.00
given  taxPayment TP-1  2026-03-15  bankAccount BA1  type prepaid
         line 1  charge vat  tax 100.00
then   voucher 记-2  2026-03-15
         2221.03  预交增值税  借  100.00
         1002     银行存款    贷  100.00
given  taxPayment TP-2  2026-03-20  bankAccount BA1  type thisMonth
         line 1  charge vat  tax 500.00
then   voucher 记-3  2026-03-20
         2221.01.05  已交税金  借  500.00
         1002        银行存款  贷  500.00
given  periodClose VAT-3  2026-03-31  task vat
then   voucher 记-4  2026-03-31
         2221.09     未交增值税      借  200.00
         2221.01.10  转出多交增值税  贷  200.00
then   vouchers
then   balance 2221.01 应交增值税        0.00
then   balance 2221.09 未交增值税  借  200.00
then   balance 2221.03 预交增值税  借  100.00
then   balance 1002 银行存款       贷  600.00
