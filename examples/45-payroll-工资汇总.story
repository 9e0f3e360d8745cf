# 按部门汇总工资,次月发放,再缴社保与个税。单位社保 16 %,代扣社保 10.5 %。
# Payroll by department, paid next month, then insurance and tax. Employer 16 %, withheld 10.5 %.
# rows E2
book   B1  pack cas-general  currency CNY  from 2026-03

given  bankAccount BA1  currency CNY  account 1002
given  payrollSummary PR-3  2026-03-31  type accrue
         line 1  use production  department D-SHOP  gross 50000.00  employerInsurance 8000.00
         line 2  use selling  department D-SALES  gross 20000.00  employerInsurance 3200.00
         line 3  use administration  department D01  gross 30000.00  employerInsurance 4800.00
then   voucher 记-1  2026-03-31
         5001     生产成本    借   58000.00
         6601     销售费用    借   23200.00
         6602     管理费用    借   34800.00
         2211.01  工资        贷  100000.00
         2211.03  社会保险费  贷   16000.00
given  payrollSummary PAID-3  2026-04-10  type pay  bankAccount BA1  gross 100000.00  withheldInsurance 10500.00  withheldTax 1200.00
then   voucher 记-1  2026-04-10
         2211.01  工资        借  100000.00
         2241     其他应付款  贷   10500.00
         2221.16  个人所得税  贷    1200.00
         1002     银行存款    贷   88300.00
given  payrollSummary REM-3  2026-04-15  type remit  bankAccount BA1  employerInsurance 16000.00  withheldInsurance 10500.00  withheldTax 1200.00
then   voucher 记-2  2026-04-15
         2211.03  社会保险费  借  16000.00
         2241     其他应付款  借  10500.00
         2221.16  个人所得税  借   1200.00
         1002     银行存款    贷  27700.00
then   vouchers
then   balance 2211.01 工资                 0.00
then   balance 2211.03 社会保险费           0.00
then   balance 2241 其他应付款              0.00
then   balance 2221.16 个人所得税           0.00
then   balance 5001 生产成本       借   58000.00
then   balance 6601 销售费用       借   23200.00
then   balance 6602 管理费用       借   34800.00
then   balance 1002 银行存款       贷  116000.00
