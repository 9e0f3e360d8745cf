# 自建固定资产:工程款先归集在建工程,领用材料也进在建工程,完工转固定资产。
# Built by ourselves: costs collect on 1604, material too, and become an asset when complete.
# rows F1
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing fifo

given  item STEEL  category rawMaterial  unit kg
given  supplier BUILDER
given  assetAcquisition AA-1  2026-03-10  supplier BUILDER  type construction
         line 1  asset HALL  amountNet 80000.00  taxRate 0.09
then   voucher 记-1  2026-03-10
         1604        在建工程    借  80000.00
         2221.01.01  进项税额    借   7200.00
         2202.01     明细应付款  贷  87200.00
given  productionIssue PI-1  2026-03-15  use construction
         line 1  item STEEL  quantity 50  cost 20.00  asset HALL
then   voucher 记-2  2026-03-15
         1604  在建工程  借  1000.00
         1403  原材料    贷  1000.00
given  assetAcquisition AA-2  2026-03-31  type completed
         line 1  asset HALL  amountNet 81000.00  lifeMonths 240  residual 1000.00
then   voucher 记-3  2026-03-31
         1601  固定资产  借  81000.00  asset HALL
         1604  在建工程  贷  81000.00
then   vouchers
then   balance 1604 在建工程                0.00
then   balance 1601 固定资产        借  81000.00
then   balance 2221.01.01 进项税额  借   7200.00
then   balance 1403 原材料          贷   1000.00
