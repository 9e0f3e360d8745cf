# 计提、核销、收回、转回:计提只补差额,不是余额。
# Provision, write-off, later recovery, release: the run posts the difference to the required balance, never the balance.
# rows S12a S12b S12c
book   B1  pack cas-general  currency CNY  from 2026-03

given  customer C09
given  bankAccount BA1  currency CNY  account 1002
given  provision PV-1  2026-03-31  type badDebt  required 5000.00
then   voucher 记-1  2026-03-31
         6702  信用减值损失  借  5000.00
         1231  坏账准备      贷  5000.00
given  writeOff WO-1  2026-04-10  customer C09  type badDebt  amount 1200.00
then   voucher 记-1  2026-04-10
         1231     坏账准备    借  1200.00
         1122.01  明细应收款  贷  1200.00  customer C09
given  writeOff WO-2  2026-05-05  customer C09  type recovered  bankAccount BA1  amount 300.00
then   voucher 记-1  2026-05-05
         1122.01  明细应收款  借  300.00  customer C09
         1231     坏账准备    贷  300.00
then   voucher 记-2  2026-05-05
         1002     银行存款    借  300.00
         1122.01  明细应收款  贷  300.00  customer C09
given  provision PV-2  2026-06-30  type badDebt  required 3000.00
then   voucher 记-1  2026-06-30  # 5000 − 1200 + 300 = 4100 → 3000
         6702  信用减值损失  借  -1100.00
         1231  坏账准备      贷  -1100.00
then   vouchers
then   balance 1231 坏账准备                     贷  3000.00
then   balance 6702 信用减值损失                 借  3900.00
then   balance 1122.01 明细应收款  customer C09  贷  1200.00
then   balance 1002 银行存款                     借   300.00
