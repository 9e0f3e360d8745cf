# 年终结转:本年利润转利润分配,提取盈余公积 10 %。
# Year end: the profit of the year to 4104, then a reserve of 10 %.
# rows C4c
book   B1  pack cas-general  currency CNY  from 2026-12

given  openingBalance OB-1  2026-11-30
         line 1  account 1001  debit 3750.05
         line 2  account 4103  credit 3750.05
given  periodClose YE-1  2026-12-31  task yearEnd  reserveRate 0.10
then   voucher 记-1  2026-12-31
         4103  本年利润  借  3750.05
         4104  利润分配  贷  3750.05
then   voucher 记-2  2026-12-31  # 375.005 → 375.01
         4104  利润分配  借  375.01
         4101  盈余公积  贷  375.01
then   vouchers
then   balance 4103 本年利润         0.00
then   balance 4104 利润分配  贷  3375.04
then   balance 4101 盈余公积  贷   375.01
