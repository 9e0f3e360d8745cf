# 盘亏(被盗,保险赔一部分)转出进项税额;盘盈批准后冲减费用。
# Count: theft with insurance, and a gain.
# rows I2 I1
book   B1  pack cas-general  currency CNY  from 2026-03
set    countGain credit

given  item PUMP  category merchandise  unit pcs
given  item LAMP  category merchandise  unit pcs
given  supplier INSURER
given  stockCount SC-1  2026-03-31
         line 1  item PUMP  quantity 10  difference loss  reason mismanagement  cost 30.00  inputTaxRate 0.13
then   voucher 记-1  2026-03-31
         1901        待处理财产损溢  借  339.00
         1405        库存商品        贷  300.00
         2221.01.04  进项税额转出    贷   39.00
given  stockCount SC-2  2026-03-31
         line 1  item LAMP  quantity 4  difference gain  cost 30.00
then   voucher 记-2  2026-03-31
         1405  库存商品        借  120.00
         1901  待处理财产损溢  贷  120.00
given  stockCountApproval SA-1  2026-04-05  department D01
         line 1  outcome claim  amount 200.00  counterparty INSURER  of stockCount/SC-1/1
         line 2  outcome expense  amount 139.00  of stockCount/SC-1/1
then   voucher 记-1  2026-04-05
         1221  其他应收款      借  200.00  counterparty INSURER
         6602  管理费用        借  139.00
         1901  待处理财产损溢  贷  339.00
given  stockCountApproval SA-2  2026-04-05  department D01
         line 1  outcome expense  amount 120.00  of stockCount/SC-2/1
then   voucher 记-2  2026-04-05
         1901  待处理财产损溢  借  120.00
         6602  管理费用        贷  120.00
then   vouchers
then   balance 1901 待处理财产损溢            0.00
then   balance 1405 库存商品            贷  180.00
then   balance 2221.01.04 进项税额转出  贷   39.00
then   balance 1221 其他应收款          借  200.00
then   balance 6602 管理费用            借   19.00
