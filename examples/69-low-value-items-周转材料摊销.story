# 周转材料:一种领用时一次摊销,一种五五摊销。
# Low-value items: one written off when issued, one half and half.
# rows P14
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing fifo

given  item BOX  category turnover  unit pcs
given  item MOULD  category turnover  unit pcs
given  supplier S01
given  goodsReceipt GR-1  2026-03-02  supplier S01
         line 1  item BOX  quantity 20  price 3.50
         line 2  item MOULD  quantity 1  price 900.01
then   voucher 记-1  2026-03-02
         1411     周转材料    借  970.01
         2202.02  暂估应付款  贷  970.01
given  productionIssue PI-1  2026-03-05  use overhead
         line 1  item BOX  quantity 20
then   voucher 记-2  2026-03-05
         5101  制造费用  借  70.00
         1411  周转材料  贷  70.00
given  adjustment LV-1  2026-03-06  type lowValueWriteDown
         line 1  item MOULD  amount 450.01  use overhead
then   voucher 记-3  2026-03-06  # 领用时一半 · half when taken into use
         5101  制造费用  借  450.01
         1411  周转材料  贷  450.01
given  adjustment LV-2  2026-09-30  type lowValueWriteDown
         line 1  item MOULD  amount 450.00  use overhead
then   voucher 记-1  2026-09-30  # 报废时另一半 · the other half when scrapped
         5101  制造费用  借  450.00
         1411  周转材料  贷  450.00
then   vouchers
then   balance 1411 周转材料             0.00
then   balance 5101 制造费用       借  970.01
then   balance 2202.02 暂估应付款  贷  970.01
