# 月末转出未交增值税,附加税费,次月缴纳;下月进项大于销项,不结转。本月各税以手工凭证汇总给出。
# VAT of the month, surtaxes, payment; then a month with a credit: nothing moves. The month's taxes come as manual vouchers.
# rows C3a C3b C3c
book   B1  pack cas-general  currency CNY  from 2026-03

given  customer C01
given  supplier S01
given  bankAccount BA1  currency CNY  account 1002
given  manualVoucher MV-1  2026-03-30
         line 1  account 1122.01  customer C01  debit 1300.00
         line 2  account 2221.01.02  credit 1300.00
then   voucher 记-1  2026-03-30
         1122.01     明细应收款  借  1300.00
         2221.01.02  销项税额    贷  1300.00
given  manualVoucher MV-2  2026-03-30
         line 1  account 2221.01.01  debit 900.00
         line 2  account 2202.01  supplier S01  credit 900.00
then   voucher 记-2  2026-03-30
         2221.01.01  进项税额    借  900.00
         2202.01     明细应付款  贷  900.00
given  manualVoucher MV-3  2026-03-30
         line 1  account 6602  department D01  debit 39.00
         line 2  account 2221.01.04  credit 39.00
then   voucher 记-3  2026-03-30
         6602        管理费用      借  39.00
         2221.01.04  进项税额转出  贷  39.00
given  periodClose VAT-3  2026-03-31  task vat
then   voucher 记-4  2026-03-31
         2221.01.09  转出未交增值税  借  439.00
         2221.09     未交增值税      贷  439.00
given  periodClose SUR-3  2026-03-31  task surtax  cityRate 0.07
then   voucher 记-5  2026-03-31
         6403     税金及附加    借  52.68
         2221.15  城建税        贷  30.73
         2221.19  教育费附加    贷  13.17
         2221.20  地方教育附加  贷   8.78
given  taxPayment TP-1  2026-04-15  bankAccount BA1  type lastMonth
         line 1  charge vat  tax 439.00
         line 2  charge cityConstruction  tax 30.73
         line 3  charge education  tax 13.17
         line 4  charge localEducation  tax 8.78
then   voucher 记-1  2026-04-15
         2221.09  未交增值税    借  439.00
         2221.15  城建税        借   30.73
         2221.19  教育费附加    借   13.17
         2221.20  地方教育附加  借    8.78
         1002     银行存款      贷  491.68
given  manualVoucher MV-4  2026-04-29
         line 1  account 1122.01  customer C01  debit 500.00
         line 2  account 2221.01.02  credit 500.00
then   voucher 记-2  2026-04-29
         1122.01     明细应收款  借  500.00
         2221.01.02  销项税额    贷  500.00
given  manualVoucher MV-5  2026-04-29
         line 1  account 2221.01.01  debit 800.00
         line 2  account 2202.01  supplier S01  credit 800.00
then   voucher 记-3  2026-04-29
         2221.01.01  进项税额    借  800.00
         2202.01     明细应付款  贷  800.00
given  periodClose VAT-4  2026-04-30  task vat
then   vouchers
then   balance 2221.01 应交增值税                0.00  at 2026-03
then   balance 2221.01 应交增值税         借   300.00  at 2026-04
then   balance 2221.09 未交增值税                0.00
then   balance 2221.15 城建税                    0.00
then   balance 2221.19 教育费附加                0.00
then   balance 2221.20 地方教育附加              0.00
then   balance 6403 税金及附加            借    52.68
then   balance 2221.01.01 进项税额        借  1700.00
then   balance 2221.01.02 销项税额        贷  1800.00
then   balance 2221.01.04 进项税额转出    贷    39.00
then   balance 2221.01.09 转出未交增值税  借   439.00
then   balance 1122.01 明细应收款         借  1800.00
then   balance 2202.01 明细应付款         贷  1700.00
then   balance 6602 管理费用              借    39.00
then   balance 1002 银行存款              贷   491.68
