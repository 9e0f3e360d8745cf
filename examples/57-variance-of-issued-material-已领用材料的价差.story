# 材料已领用一部分:价差随货走到生产成本与研发支出,多个去向按数量分,最后一个取尾差。
# Part of the material was issued: the variance follows the goods; several accounts by quantity, the remainder to the last.
# rows P5 I4a
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing fifo
set    estimateMode reverseOnInvoice

given  item STEEL  category rawMaterial  unit kg
given  supplier S01
given  goodsReceipt GR-1  2026-03-02  supplier S01
         line 1  item STEEL  quantity 100  price 10.00
then   voucher 记-1  2026-03-02
         1403     原材料      借  1000.00
         2202.02  暂估应付款  贷  1000.00
given  productionIssue PI-1  2026-03-05  use production  workOrder WO-1
         line 1  item STEEL  quantity 20
then   voucher 记-2  2026-03-05
         5001  生产成本  借  200.00
         1403  原材料    贷  200.00
given  productionIssue PI-2  2026-03-06  use researchAndDevelopment
         line 1  item STEEL  quantity 11
then   voucher 记-3  2026-03-06
         5301  研发支出  借  110.00
         1403  原材料    贷  110.00
given  supplierInvoice INV-1  2026-03-20  supplier S01
         line 1  item STEEL  quantity 100  price 10.405  taxRate 0.13  of goodsReceipt/GR-1/1
then   voucher 记-4  2026-03-20
         1403     原材料      借  -1000.00
         2202.02  暂估应付款  贷  -1000.00
then   voucher 记-5  2026-03-20  # 差异 40.50:在库 69 件 27.95(27.945),其余 12.55 按 20 : 11
         1403        原材料      借  1027.95
         5001        生产成本    借     8.10
         5301        研发支出    借     4.45
         2221.01.01  进项税额    借   135.27
         2202.01     明细应付款  贷  1175.77
then   vouchers
then   balance 1403 原材料         借   717.95
then   balance 5001 生产成本       借   208.10
then   balance 5301 研发支出       借   114.45
then   balance 2202.02 暂估应付款         0.00
then   balance 2202.01 明细应付款  贷  1175.77
