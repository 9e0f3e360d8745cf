# 三月已结账,三月的入库单才到:记入四月第一天,摘要写明单据日期。
# March is closed when one of its receipts arrives: it goes to the first day of April, its own date in the summary.
# rows P3
book   B1  pack cas-general  currency CNY  from 2026-03
set    lateDocuments nextOpenPeriod

given  item STEEL  category rawMaterial  unit kg
given  supplier S01
given  close 2026-03
given  goodsReceipt GR-1  2026-03-28  supplier S01
         line 1  item STEEL  quantity 10  price 20.00
then   voucher 记-1  2026-04-01  summary "2026-03-28"
         1403     原材料      借  200.00
         2202.02  暂估应付款  贷  200.00
then   vouchers
then   parked nothing
then   balance 1403 原材料        0.00  at 2026-03
then   balance 1403 原材料  借  200.00
