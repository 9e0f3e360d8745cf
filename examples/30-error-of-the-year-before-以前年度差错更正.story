# 以前年度差错更正:只用蓝字;2025-11 的一台设备 9000.00 记入了 6602,寿命 60 个月、无残值,税率 25 %,盈余公积 10 %。
# An error of the year before, blue only: in 2025-11 a machine of 9000.00 went to 6602; life 60 months, no scrap value; tax 25 %; reserve 10 %.
# rows C5
book   B1  pack cas-general  currency CNY  from 2026-05

given  manualVoucher MV-1  2026-05-10  correction earlierYear
         line 1  account 1601  asset M1  debit 9000.00
         line 2  account 6901  credit 9000.00
then   voucher 记-1  2026-05-10
         1601  固定资产          借  9000.00
         6901  以前年度损益调整  贷  9000.00
given  manualVoucher MV-2  2026-05-10  correction earlierYear
         line 1  account 6901  debit 150.00
         line 2  account 1602  asset M1  credit 150.00
then   voucher 记-2  2026-05-10  # 2025 年 12 月 · December 2025
         6901  以前年度损益调整  借  150.00
         1602  累计折旧          贷  150.00
given  manualVoucher MV-3  2026-05-10
         line 1  account 6602  department D01  debit 600.00
         line 2  account 1602  asset M1  credit 600.00
then   voucher 记-3  2026-05-10  # 2026 年 1 至 4 月 · January to April 2026
         6602  管理费用  借  600.00
         1602  累计折旧  贷  600.00
given  manualVoucher MV-4  2026-05-10  correction earlierYear
         line 1  account 6901  debit 2212.50
         line 2  account 2221.17  credit 2212.50
then   voucher 记-4  2026-05-10
         6901     以前年度损益调整  借  2212.50
         2221.17  企业所得税        贷  2212.50
given  manualVoucher MV-5  2026-05-10  correction earlierYear
         line 1  account 6901  debit 6637.50
         line 2  account 4104  credit 6637.50
then   voucher 记-5  2026-05-10
         6901  以前年度损益调整  借  6637.50
         4104  利润分配          贷  6637.50
given  manualVoucher MV-6  2026-05-10  correction earlierYear
         line 1  account 4104  debit 663.75
         line 2  account 4101  credit 663.75
then   voucher 记-6  2026-05-10
         4104  利润分配  借  663.75
         4101  盈余公积  贷  663.75
then   vouchers
then   balance 1601 固定资产          借  9000.00
then   balance 1602 累计折旧          贷   750.00
then   balance 6901 以前年度损益调整         0.00
then   balance 2221.17 企业所得税     贷  2212.50
then   balance 4104 利润分配          贷  5973.75
then   balance 4101 盈余公积          贷   663.75
then   balance 6602 管理费用          借   600.00
