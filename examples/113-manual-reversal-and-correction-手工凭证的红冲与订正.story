# 手工凭证记错科目:红字注销,蓝字订正。
# A manual voucher on the wrong account: reversed in red, corrected in blue.
book   B1  pack cas-general  currency CNY  from 2026-03

given  bankAccount BA1  currency CNY  account 1002
given  manualVoucher MV-1  2026-03-05
         line 1  account 6602  department D01  debit 80.00
         line 2  account 1002  bankAccount BA1  credit 80.00
then   voucher 记-1  2026-03-05
         6602  管理费用  借  80.00
         1002  银行存款  贷  80.00
given  manualVoucher MV-2  2026-03-20  correction reverse  corrects 2026-03/记-1
         line 1  account 6602  department D01  debit -80.00
         line 2  account 1002  bankAccount BA1  credit -80.00
then   voucher 记-2  2026-03-20  reverses 记-1  summary "注销3月5日记-1号凭证"
         6602  管理费用  借  -80.00
         1002  银行存款  贷  -80.00
given  manualVoucher MV-3  2026-03-20  correction correct  corrects 2026-03/记-1
         line 1  account 6603  debit 80.00
         line 2  account 1002  bankAccount BA1  credit 80.00
then   voucher 记-3  2026-03-20  summary "订正3月5日记-1号凭证"
         6603  财务费用  借  80.00
         1002  银行存款  贷  80.00
then   vouchers
then   balance 6602 管理费用       0.00
then   balance 6603 财务费用  借  80.00
then   balance 1002 银行存款  贷  80.00
