# 三月已结账,迟到的单据挂起;反结账后重发,记入原日期。
# March is closed and a late document is parked; after the period is reopened it comes again and posts on its own date.
# rows P3
book   B1  pack cas-general  currency CNY  from 2026-03
set    lateDocuments park

given  item STEEL  category rawMaterial  unit kg
given  supplier S01
given  close 2026-03
given  goodsReceipt GR-1  2026-03-28  supplier S01
         line 1  item STEEL  quantity 10  price 20.00
then   parked GR-1  because period.closed_park
then   vouchers
then   completeness 100%
given  reopen 2026-03
given  version goodsReceipt GR-1  2026-03-28  supplier S01
         line 1  item STEEL  quantity 10  price 20.00
then   voucher 记-1  2026-03-28
         1403     原材料      借  200.00
         2202.02  暂估应付款  贷  200.00
then   vouchers
then   parked nothing
then   balance 1403 原材料  借  200.00
