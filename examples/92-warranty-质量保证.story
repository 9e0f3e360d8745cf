# 保证类质保:计提进主营业务成本;维修冲预计负债,用现金。
# Warranty of the assurance type: accrued into cost of sales, a repair paid from it.
# rows S19
book   B1  pack cas-general  currency CNY  from 2026-03

given  customer C01
given  bankAccount BA1  currency CNY  account 1002
given  adjustment WA-1  2026-03-31  type warrantyAccrual  amount 1000.00
then   voucher 记-1  2026-03-31
         6401  主营业务成本  借  1000.00
         2801  预计负债      贷  1000.00
given  adjustment WR-1  2026-04-10  customer C01  type warrantyRepair  amount 300.00  bankAccount BA1
then   voucher 记-1  2026-04-10
         2801  预计负债  借  300.00
         1002  银行存款  贷  300.00
then   vouchers
then   balance 2801 预计负债      贷   700.00
then   balance 6401 主营业务成本  借  1000.00
then   balance 1002 银行存款      贷   300.00
