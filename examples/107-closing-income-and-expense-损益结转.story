# 所得税与损益结转:收入、费用各一张凭证。
# Income tax, then income and expense close to the profit of the year, a voucher each.
# rows C3d C4a C4b
book   B1  pack cas-general  currency CNY  from 2026-03

given  customer C01
given  supplier S01
given  manualVoucher MV-1  2026-03-20
         line 1  account 1122.01  customer C01  debit 10500.00
         line 2  account 6001  credit 10000.00
         line 3  account 6051  credit 500.00
then   voucher 记-1  2026-03-20
         1122.01  明细应收款    借  10500.00
         6001     主营业务收入  贷  10000.00
         6051     其他业务收入  贷    500.00
given  manualVoucher MV-2  2026-03-21
         line 1  account 6401  debit 6000.00
         line 2  account 6602  department D01  debit 700.00
         line 3  account 6602  department D02  debit 300.00
         line 4  account 2202.01  supplier S01  credit 7000.00
then   voucher 记-2  2026-03-21
         6401     主营业务成本  借  6000.00
         6602     管理费用      借  1000.00
         2202.01  明细应付款    贷  7000.00
given  periodClose TAX-3  2026-03-31  task incomeTax  amount 875.00
then   voucher 记-3  2026-03-31
         6801     所得税费用  借  875.00
         2221.17  企业所得税  贷  875.00
given  periodClose PL-3  2026-03-31  task profitAndLoss
then   voucher 记-4  2026-03-31
         6001  主营业务收入  借  10000.00
         6051  其他业务收入  借    500.00
         4103  本年利润      贷  10500.00
then   voucher 记-5  2026-03-31
         4103  本年利润      借  7875.00
         6401  主营业务成本  贷  6000.00
         6602  管理费用      贷   700.00  department D01
         6602  管理费用      贷   300.00  department D02
         6801  所得税费用    贷   875.00
then   vouchers
then   balance 6001 主营业务收入         0.00
then   balance 6602 管理费用             0.00
then   balance 6801 所得税费用           0.00
then   balance 4103 本年利润      贷  2625.00
