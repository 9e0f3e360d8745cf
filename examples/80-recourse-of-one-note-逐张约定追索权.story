# 追索权逐张约定:账簿默认终止确认,其中一张附追索权。
# Recourse is agreed note by note: the book derecognises, one note keeps recourse.
# rows S8d
book   B1  pack cas-general  currency CNY  from 2026-03
set    bills derecognised

given  customer C01
given  bankAccount BA1  currency CNY  account 1002
given  openingBalance OB-1  2026-02-28
         line 1  account 1121  debit 20000.00  customer C01  note N1
         line 2  account 1121  debit 30000.00  customer C01  note N2
         line 3  account 4001  credit 50000.00
given  bill DC-1  2026-03-15  note N1  action discounted  bankAccount BA1  amount 20000.00  interest 100.00
then   voucher 记-1  2026-03-15
         1002  银行存款  借  19900.00
         6603  财务费用  借    100.00
         1121  应收票据  贷  20000.00  note N1
given  bill DC-2  2026-03-15  note N2  action discounted  recourse  bankAccount BA1  amount 30000.00  interest 150.00
then   voucher 记-2  2026-03-15
         1002  银行存款  借  29850.00
         6603  财务费用  借    150.00
         2001  短期借款  贷  30000.00
then   vouchers
then   balance 1121 应收票据  note N1          0.00
then   balance 1121 应收票据  note N2  借  30000.00
then   balance 2001 短期借款           贷  30000.00
then   balance 1002 银行存款           借  49750.00
