# 上年单据今年改版,金额增加:不动上年,以一张蓝字差额凭证入本年(不重大),摘要写明原日期。
# A document of last year changes this year to a higher amount: last year stays, one blue difference voucher in this year (immaterial).
# rows C5
book   B1  pack cas-general  currency CNY  from 2025-12
set    lateDocuments nextOpenPeriod

given  item RENT  category service  expenseAccount 6602
given  supplier S01
given  supplierInvoice INV-1  2025-12-20  supplier S01  department D01
         line 1  item RENT  quantity 1  price 1000.00  taxRate 0.06
then   voucher 记-1  2025-12-20
         6602        管理费用    借  1000.00
         2221.01.01  进项税额    借    60.00
         2202.01     明细应付款  贷  1060.00
given  close 2025-12
given  version supplierInvoice INV-1  2025-12-20  supplier S01  department D01
         line 1  item RENT  quantity 1  price 1200.00  taxRate 0.06
then   voucher 记-1  2026-01-01  summary "2025-12-20"
         6602        管理费用    借  200.00
         2221.01.01  进项税额    借   12.00
         2202.01     明细应付款  贷  212.00
then   vouchers
then   balance 6602 管理费用       借  1000.00  at 2025-12
then   balance 2202.01 明细应付款  贷  1272.00
then   open supplierInvoice/INV-1  amount 1272.00
