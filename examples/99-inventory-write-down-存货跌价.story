# 存货跌价:计提、出售时转出(手工)、回升时转回,转回为双负。
# Inventory write-down: provided, released when sold (by hand), reversed when the value recovers, both sides minus.
# rows I5
book   B1  pack cas-general  currency CNY  from 2026-03

given  provision PV-1  2026-03-31  type inventory  required 500.00
then   voucher 记-1  2026-03-31
         6701  资产减值损失  借  500.00
         1471  存货跌价准备  贷  500.00
given  manualVoucher MV-1  2026-04-20
         line 1  account 1471  debit 200.00
         line 2  account 6401  credit 200.00
then   voucher 记-1  2026-04-20
         1471  存货跌价准备  借  200.00
         6401  主营业务成本  贷  200.00
given  provision PV-2  2026-04-30  type inventory  required 100.00
then   voucher 记-2  2026-04-30  # 500 − 200 = 300 → 100
         6701  资产减值损失  借  -200.00
         1471  存货跌价准备  贷  -200.00
then   vouchers
then   balance 1471 存货跌价准备  贷  100.00
then   balance 6701 资产减值损失  借  300.00
then   balance 6401 主营业务成本  贷  200.00
