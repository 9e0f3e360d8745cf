# 年终亏损:反向结转,不提盈余公积。
# Year end with a loss: the other way round, no reserve.
# rows C4c
book   B1  pack cas-general  currency CNY  from 2026-12

given  openingBalance OB-1  2026-11-30
         line 1  account 4103  debit 800.00
         line 2  account 4001  credit 800.00
given  periodClose YE-1  2026-12-31  task yearEnd
then   voucher 记-1  2026-12-31
         4104  利润分配  借  800.00
         4103  本年利润  贷  800.00
then   vouchers
then   balance 4103 本年利润        0.00
then   balance 4104 利润分配  借  800.00
