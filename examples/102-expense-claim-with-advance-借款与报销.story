# 员工借款、报销冲借款、补付差额。车票与专票抵扣进项,餐费不抵扣。
# An employee takes an advance, settles it with a claim, the rest is paid. Tickets are deducted, meals are not.
# rows E1
book   B1  pack cas-general  currency CNY  from 2026-03

given  bankAccount BA1  currency CNY  account 1002
given  employee E01
given  expenseClaim EA-1  2026-03-02  employee E01  bankAccount BA1  type advance  amount 1000.00
then   voucher 记-1  2026-03-02
         1221  其他应收款  借  1000.00  employee E01
         1002  银行存款    贷  1000.00
given  expenseClaim EC-1  2026-03-12  employee E01  bankAccount BA1  type settle  amount 1000.00  department D01  of expenseClaim/EA-1 amount 1000.00
         line 1  charge travel  amountNet 1000.00  taxRate 0.09  use administration
         line 2  charge meals  amountNet 200.00  taxRate 0.06  deductible false  use administration
then   voucher 记-2  2026-03-12
         6602        管理费用    借  1212.00
         2221.01.01  进项税额    借    90.00
         1221        其他应收款  贷  1000.00  employee E01
         1002        银行存款    贷   302.00
then   vouchers
then   balance 1221 其他应收款             0.00
then   balance 6602 管理费用        借  1212.00
then   balance 2221.01.01 进项税额  借    90.00
then   balance 1002 银行存款        贷  1302.00
then   open expenseClaim/EA-1  amount 0.00
