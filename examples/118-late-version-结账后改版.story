# 三月已结账,三月的入库单改了数量:差额记入四月第一天。
# March is closed when one of its receipts changes: the difference goes to the first day of April.
# rows P3
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing fifo
set    lateDocuments nextOpenPeriod

given  item STEEL  category rawMaterial  unit kg
given  supplier S01
given  goodsReceipt GR-1  2026-03-05  supplier S01
         line 1  item STEEL  quantity 60  price 10.00
then   voucher 记-1  2026-03-05
         1403     原材料      借  600.00
         2202.02  暂估应付款  贷  600.00
given  close 2026-03
given  version goodsReceipt GR-1  2026-03-05  supplier S01
         line 1  item STEEL  quantity 58  price 10.00
then   voucher 记-1  2026-04-01  summary "2026-03-05"
         1403     原材料      借  -20.00
         2202.02  暂估应付款  贷  -20.00
then   vouchers
then   balance 1403 原材料         借  600.00  at 2026-03
then   balance 1403 原材料         借  580.00
then   balance 2202.02 暂估应付款  贷  580.00
then   open goodsReceipt/GR-1/1  quantity 58  amount 580.00
