# 附追索权贴现:票据不终止确认,到期承兑人付款。
# The same discount where recourse stays; the acceptor pays at maturity.
# rows S8d
book   B1  pack cas-general  currency CNY  from 2026-03
set    bills recourse

given  customer C01
given  bankAccount BA1  currency CNY  account 1002
given  openingBalance OB-1  2026-02-28
         line 1  account 1121  debit 36500.00  customer C01  note N2
         line 2  account 4001  credit 36500.00
given  bill DC-1  2026-03-15  note N2  action discounted  bankAccount BA1  amount 36500.00  interest 219.00
then   voucher 记-1  2026-03-15
         1002  银行存款  借  36281.00
         6603  财务费用  借    219.00
         2001  短期借款  贷  36500.00
given  bill RE-1  2026-06-13  note N2  action recourseEnded  amount 36500.00
then   voucher 记-1  2026-06-13
         2001  短期借款  借  36500.00
         1121  应收票据  贷  36500.00  note N2
then   vouchers
then   balance 1121 应收票据          0.00
then   balance 2001 短期借款          0.00
then   balance 6603 财务费用  借    219.00
then   balance 1002 银行存款  借  36281.00
then   balance 4001 实收资本  贷  36500.00
