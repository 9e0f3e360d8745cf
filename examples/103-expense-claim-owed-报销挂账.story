# 报销挂账与当场付款,按部门入销售费用和管理费用。
# A claim that is owed to the employee, and one paid at once, by department.
# rows E1
book   B1  pack cas-general  currency CNY  from 2026-03

given  bankAccount BA1  currency CNY  account 1002
given  employee E01
given  employee E02
given  expenseClaim EC-1  2026-03-05  employee E01  type claim  department D-SALES
         line 1  charge travel  amountNet 300.00  taxRate 0.06  use selling
then   voucher 记-1  2026-03-05
         6601        销售费用    借  300.00  department D-SALES
         2221.01.01  进项税额    借   18.00
         2241        其他应付款  贷  318.00  employee E01
given  expenseClaim EC-2  2026-03-06  employee E02  bankAccount BA1  type paid  department D01
         line 1  charge office  amountGross 53.00  taxRate 0  use administration
then   voucher 记-2  2026-03-06
         6602  管理费用  借  53.00  department D01
         1002  银行存款  贷  53.00
then   vouchers
then   balance 2241 其他应付款  贷  318.00
then   balance 6601 销售费用    借  300.00
then   balance 6602 管理费用    借   53.00
then   balance 1002 银行存款    贷   53.00
