# 标准成本:完工按标准入库,实际与标准之差转差异,已售份额进成本。
# Standard cost: finished goods at standard, the difference to 1404, the share sold to cost of sales.
# rows I4d I4b
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing fifo

given  item GADGET  category finishedGoods  unit pcs
given  openingBalance OB-1  2026-02-28
         line 1  account 5001  debit 2200.00
         line 2  account 4001  credit 2200.00
given  finishedReceipt FR-1  2026-03-31  workOrder WO-1
         line 1  item GADGET  quantity 20  cost 100.00
then   voucher 记-1  2026-03-31
         1405  库存商品  借  2000.00
         5001  生产成本  贷  2000.00
given  adjustment SD-1  2026-03-31  type standardCostDifference  amount 200.00
then   voucher 记-2  2026-03-31
         1404  材料成本差异  借  200.00
         5001  生产成本      贷  200.00
given  manualVoucher MV-1  2026-03-31
         line 1  account 6401  debit 80.00
         line 2  account 1404  credit 80.00
then   voucher 记-3  2026-03-31  # 已售 8 ÷ 20 · 8 of 20 sold
         6401  主营业务成本  借  80.00
         1404  材料成本差异  贷  80.00
then   vouchers
then   balance 5001 生产成本             0.00
then   balance 1404 材料成本差异  借   120.00
then   balance 6401 主营业务成本  借    80.00
then   balance 1405 库存商品      借  2000.00
