# 手续费取得专票,进项抵扣;利息收入贷记财务费用(教科书写法)。
# A bank fee with a special invoice; interest income credited to 6603, as in textbooks.
# rows C1a C1b
book   B1  pack cas-general  currency CNY  from 2026-03
set    interestIncome credit

given  bankAccount BA1  currency CNY  account 1002
given  bankStatementLine BS-1  2026-03-21  bankAccount BA1  type fee  amount 106.00  tax 6.00
then   voucher 记-1  2026-03-21
         6603        财务费用  借  100.00
         2221.01.01  进项税额  借    6.00
         1002        银行存款  贷  106.00
given  bankStatementLine BS-2  2026-03-21  bankAccount BA1  type interest  amount 35.60
then   voucher 记-2  2026-03-21
         1002  银行存款  借  35.60
         6603  财务费用  贷  35.60
then   vouchers
then   balance 6603 财务费用        借  64.40
then   balance 2221.01.01 进项税额  借   6.00
then   balance 1002 银行存款        贷  70.40
