# 固定资产报废:残值收入 113.00(含税),净损失记营业外支出。折旧按部门入费用。
# An asset is scrapped: scrap value 113.00 with tax, the loss to 6711. Depreciation by department before.
# rows F2 F3
book   B1  pack cas-general  currency CNY  from 2026-03

given  bankAccount BA1  currency CNY  account 1002
given  openingBalance OB-1  2026-02-28
         line 1  account 1601  asset PC  debit 6000.00
         line 2  account 1602  asset PC  credit 5500.00
         line 3  account 4001  credit 500.00
given  depreciation DEP-1  2026-03-10
         line 1  asset PC  amount 60.00  use administration  department D01
         line 2  asset PC  amount 40.00  use selling  department D-SALES
then   voucher 记-1  2026-03-10
         6602  管理费用  借   60.00  department D01
         6601  销售费用  借   40.00  department D-SALES
         1602  累计折旧  贷  100.00  asset PC
given  assetDisposal AD-1  2026-03-10  type scrapped  bankAccount BA1
         line 1  asset PC  costOriginal 6000.00  depreciated 5600.00  amountNet 100.00  taxRate 0.13
then   voucher 记-2  2026-03-10
         1606  固定资产清理  借   400.00
         1602  累计折旧      借  5600.00  asset PC
         1601  固定资产      贷  6000.00  asset PC
then   voucher 记-3  2026-03-10
         1002        银行存款      借  113.00
         1606        固定资产清理  贷  100.00
         2221.01.02  销项税额      贷   13.00
then   voucher 记-4  2026-03-10
         6711  营业外支出    借  300.00
         1606  固定资产清理  贷  300.00
then   vouchers
then   balance 1601 固定资产            0.00
then   balance 1602 累计折旧            0.00
then   balance 1606 固定资产清理        0.00
then   balance 6711 营业外支出    借  300.00
