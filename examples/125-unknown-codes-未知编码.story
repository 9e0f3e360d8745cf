# 未知物料、未知供应商:挂起并说明;主数据到达后自动重试入账。
# Unknown item and supplier: parked with the reason; when the master data arrives the documents are tried again by themselves.
# rows P3
book   B1  pack cas-general  currency CNY  from 2026-03

given  item STEEL  category rawMaterial  unit kg
given  supplier S01
given  goodsReceipt GR-1  2026-03-05  supplier S01
         line 1  item STEAL  quantity 10  price 20.00
given  goodsReceipt GR-2  2026-03-06  supplier S99
         line 1  item STEEL  quantity 5  price 20.00
then   parked GR-1  because masterdata.unknown
then   parked GR-2  because masterdata.unknown
then   vouchers
then   completeness 100%
given  supplier S99
then   voucher 记-1  2026-03-06
         1403     原材料      借  100.00
         2202.02  暂估应付款  贷  100.00  supplier S99
then   parked GR-1  because masterdata.unknown
then   vouchers
then   balance 1403 原材料  借  100.00
then   completeness 100%
