# 改版、再改版、重发、作废。同一版本发两次只入账一次;作废后没有未清暂估。
# Changed, changed again, sent twice, cancelled. The second copy of v3 posts nothing; no open estimate is left.
# rows P3
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing fifo
set    estimateMode reverseOnInvoice

given  item PUMP  category merchandise  unit pcs
given  supplier S01
given  goodsReceipt GR-1  2026-03-05  supplier S01  warehouse W1
         line 1  item PUMP  quantity 60  price 10.00
then   voucher 记-1  2026-03-05
         1405     库存商品    借  600.00  warehouse W1
         2202.02  暂估应付款  贷  600.00
given  version goodsReceipt GR-1  2026-03-05  supplier S01  warehouse W1
         line 1  item PUMP  quantity 58  price 10.00
then   voucher 记-2  2026-03-05  # 只有金额变:一张差额凭证 · amount only, one difference voucher
         1405     库存商品    借  -20.00  warehouse W1
         2202.02  暂估应付款  贷  -20.00
given  version goodsReceipt GR-1  2026-03-05  supplier S01  warehouse W2
         line 1  item PUMP  quantity 58  price 10.00
then   voucher 记-3  2026-03-05  # 维度变:注销 · a dimension changed: 注销
         1405     库存商品    借  -580.00  warehouse W1
         2202.02  暂估应付款  贷  -580.00
then   voucher 记-4  2026-03-05  # 与订正 · and 订正
         1405     库存商品    借  580.00  warehouse W2
         2202.02  暂估应付款  贷  580.00
given  goodsReceipt GR-1  2026-03-05  supplier S01  warehouse W2  sourceVersion 3
         line 1  item PUMP  quantity 58  price 10.00
then   duplicate GR-1
then   vouchers
given  cancel goodsReceipt GR-1  2026-03-20
then   voucher 记-5  2026-03-20  # 作废 · cancelled
         1405     库存商品    借  -580.00  warehouse W2
         2202.02  暂估应付款  贷  -580.00
then   vouchers
then   balance 1405 库存商品       warehouse W1      0.00
then   balance 1405 库存商品       warehouse W2      0.00
then   balance 2202.02 暂估应付款                    0.00
then   open goodsReceipt/GR-1/1  quantity 0  amount 0.00
then   completeness 100%
