# 手续费、利息、平台结算。利息凭证只有借方,合计为零。
# Fee, interest, platform payout. The interest voucher has debit lines only; they sum to zero.
# rows C1a C1b S8
book   B1  pack cas-general  currency CNY  from 2026-03
set    interestIncome redDebit

given  customer PLATFORM
given  bankAccount BA1  currency CNY  account 1002
given  openingBalance OB-1  2026-02-28
         line 1  account 1122.01  debit 1000.00  customer PLATFORM  document salesInvoice/SI-OLD
         line 2  account 4001  credit 1000.00
given  bankStatementLine BS-1  2026-03-21  bankAccount BA1  type fee  amount 12.00
then   voucher 记-1  2026-03-21
         6603  财务费用  借  12.00
         1002  银行存款  贷  12.00
given  bankStatementLine BS-2  2026-03-21  bankAccount BA1  type interest  amount 35.60
then   voucher 记-2  2026-03-21
         1002  银行存款  借   35.60
         6603  财务费用  借  -35.60
given  cashReceipt CR-1  2026-03-25  customer PLATFORM  department D-SALES  bankAccount BA1  amount 1000.00  commission 47.17  commissionTax 2.83  pays salesInvoice/SI-OLD amount 1000.00
then   voucher 记-3  2026-03-25
         1002        银行存款    借   950.00
         6601        销售费用    借    47.17
         2221.01.01  进项税额    借     2.83
         1122.01     明细应收款  贷  1000.00
then   vouchers
then   balance 6603 财务费用        贷    23.60
then   balance 6601 销售费用        借    47.17
then   balance 2221.01.01 进项税额  借     2.83
then   balance 1122.01 明细应收款          0.00
then   balance 1002 银行存款        借   973.60
then   balance 4001 实收资本        贷  1000.00
