# 其他银行流水:付保证金与收回、借款与还款、其他支出。
# Other lines of the bank statement: a guarantee paid and back, a loan taken and repaid, something else.
book   B1  pack cas-general  currency CNY  from 2026-03

given  supplier LANDLORD
given  bankAccount BA1  currency CNY  account 1002
given  bankStatementLine BS-1  2026-03-02  bankAccount BA1  type loan  amount 5000.00
then   voucher 记-1  2026-03-02
         1002  银行存款  借  5000.00
         2001  短期借款  贷  5000.00
given  bankStatementLine BS-2  2026-03-05  bankAccount BA1  type deposit  supplier LANDLORD  amount 300.00
then   voucher 记-2  2026-03-05
         1221  其他应收款  借  300.00  counterparty LANDLORD
         1002  银行存款    贷  300.00
given  bankStatementLine BS-3  2026-03-20  bankAccount BA1  type other  direction out  account 6711  amount 20.00
then   voucher 记-3  2026-03-20
         6711  营业外支出  借  20.00
         1002  银行存款    贷  20.00
given  bankStatementLine BS-4  2026-03-25  bankAccount BA1  type depositBack  supplier LANDLORD  amount 300.00
then   voucher 记-4  2026-03-25
         1002  银行存款    借  300.00
         1221  其他应收款  贷  300.00  counterparty LANDLORD
given  bankStatementLine BS-5  2026-03-31  bankAccount BA1  type loanRepaid  amount 5000.00
then   voucher 记-5  2026-03-31
         2001  短期借款  借  5000.00
         1002  银行存款  贷  5000.00
then   vouchers
then   balance 2001 短期借款         0.00
then   balance 1221 其他应收款       0.00
then   balance 1002 银行存款    贷  20.00
then   balance 6711 营业外支出  借  20.00
