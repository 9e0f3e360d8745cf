# 盘盈批准后以红字借记管理费用(countGain redDebit)。凭证只有借方,合计为零。
# A count gain as a red debit of expenses; the approval has debit lines only, they sum to zero.
# rows I1
book   B1  pack cas-general  currency CNY  from 2026-03
set    countGain redDebit

given  item LAMP  category merchandise  unit pcs
given  stockCount SC-1  2026-03-31
         line 1  item LAMP  quantity 4  difference gain  cost 30.00
then   voucher 记-1  2026-03-31
         1405  库存商品        借  120.00
         1901  待处理财产损溢  贷  120.00
given  stockCountApproval SA-1  2026-04-05  department D01
         line 1  outcome expense  amount 120.00  of stockCount/SC-1/1
then   voucher 记-1  2026-04-05
         1901  待处理财产损溢  借   120.00
         6602  管理费用        借  -120.00  department D01
then   vouchers
then   balance 1901 待处理财产损溢        0.00
then   balance 6602 管理费用        贷  120.00
then   balance 1405 库存商品        借  120.00
