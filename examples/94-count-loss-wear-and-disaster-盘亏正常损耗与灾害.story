# 盘亏:正常损耗进管理费用,灾害损失进营业外支出,都不转出进项税额。
# Count losses by normal wear and by disaster: 6602 and 6711, no input tax comes out.
# rows I2
book   B1  pack cas-general  currency CNY  from 2026-03

given  item PUMP  category merchandise  unit pcs
given  stockCount SC-1  2026-03-31
         line 1  item PUMP  quantity 2  difference loss  reason normal  cost 30.00
then   voucher 记-1  2026-03-31
         1901  待处理财产损溢  借  60.00
         1405  库存商品        贷  60.00
given  stockCount SC-2  2026-03-31
         line 1  item PUMP  quantity 3  difference loss  reason disaster  cost 30.00
then   voucher 记-2  2026-03-31
         1901  待处理财产损溢  借  90.00
         1405  库存商品        贷  90.00
given  stockCountApproval SA-1  2026-04-05  department D01
         line 1  outcome expense  amount 60.00  of stockCount/SC-1/1
then   voucher 记-1  2026-04-05
         6602  管理费用        借  60.00
         1901  待处理财产损溢  贷  60.00
given  stockCountApproval SA-2  2026-04-05
         line 1  outcome disaster  amount 90.00  of stockCount/SC-2/1
then   voucher 记-2  2026-04-05
         6711  营业外支出      借  90.00
         1901  待处理财产损溢  贷  90.00
then   vouchers
then   balance 1901 待处理财产损溢        0.00
then   balance 1405 库存商品        贷  150.00
then   balance 6602 管理费用        借   60.00
then   balance 6711 营业外支出      借   90.00
