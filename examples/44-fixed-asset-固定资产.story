# 固定资产:购置、折旧、出售(五月照提折旧)。出售记 6115。
# Fixed asset: buy, depreciate, sell (depreciation of May included). Sold: 6115.
# rows F1 F2 F3
book   B1  pack cas-general  currency CNY  from 2026-01

given  supplier S01
given  bankAccount BA1  currency CNY  account 1002
given  assetAcquisition AA-1  2026-01-10  supplier S01
         line 1  asset M1  amountNet 12000.00  taxRate 0.13  lifeMonths 60  residual 0.00
then   voucher 记-1  2026-01-10
         1601        固定资产    借  12000.00  asset M1
         2221.01.01  进项税额    借   1560.00
         2202.01     明细应付款  贷  13560.00
given  depreciation DEP-2  2026-02-28
         line 1  asset M1  amount 200.00  use overhead
then   voucher 记-1  2026-02-28
         5101  制造费用  借  200.00
         1602  累计折旧  贷  200.00  asset M1
given  depreciation DEP-3  2026-03-31
         line 1  asset M1  amount 200.00  use overhead
then   voucher 记-1  2026-03-31
         5101  制造费用  借  200.00
         1602  累计折旧  贷  200.00  asset M1
given  depreciation DEP-4  2026-04-30
         line 1  asset M1  amount 200.00  use overhead
then   voucher 记-1  2026-04-30
         5101  制造费用  借  200.00
         1602  累计折旧  贷  200.00  asset M1
given  depreciation DEP-5  2026-05-20
         line 1  asset M1  amount 200.00  use overhead
then   voucher 记-1  2026-05-20
         5101  制造费用  借  200.00
         1602  累计折旧  贷  200.00  asset M1
given  assetDisposal AD-1  2026-05-20  type sold  bankAccount BA1
         line 1  asset M1  costOriginal 12000.00  depreciated 800.00  amountNet 11000.00  taxRate 0.13
then   voucher 记-2  2026-05-20
         1606  固定资产清理  借  11200.00
         1602  累计折旧      借    800.00  asset M1
         1601  固定资产      贷  12000.00  asset M1
then   voucher 记-3  2026-05-20
         1002        银行存款      借  12430.00
         1606        固定资产清理  贷  11000.00
         2221.01.02  销项税额      贷   1430.00
then   voucher 记-4  2026-05-20
         6115  资产处置损益  借  200.00
         1606  固定资产清理  贷  200.00
then   vouchers
then   balance 1601 固定资产                0.00
then   balance 1602 累计折旧                0.00
then   balance 1606 固定资产清理            0.00
then   balance 6115 资产处置损益    借    200.00
then   balance 5101 制造费用        借    800.00
then   balance 2221.01.01 进项税额  借   1560.00
then   balance 2221.01.02 销项税额  贷   1430.00
then   balance 2202.01 明细应付款   贷  13560.00
then   balance 1002 银行存款        借  12430.00
