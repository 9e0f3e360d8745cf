# 逐行计税:给出的税额差一分照用,差两分挂起;绝不按合计重算。
# Tax per line: a given tax within one cent is what posts, two cents off parks; never re-rounded on the total.
# rows S4a
book   B1  pack cas-general  currency CNY  from 2026-03
set    revenueAt invoice

given  item SVC  category service
given  customer C01
given  salesInvoice SI-1  2026-03-05  customer C01
         line 1  item SVC  quantity 1  price 33.33  taxRate 0.13
         line 2  item SVC  quantity 1  price 33.33  taxRate 0.13
         line 3  item SVC  quantity 1  price 33.33  taxRate 0.13
then   voucher 记-1  2026-03-05  # 每行 4.3329 → 4.33 · 4.33 a line
         1122.01     明细应收款    借  112.98
         6001        主营业务收入  贷   99.99
         2221.01.02  销项税额      贷   12.99
given  salesInvoice SI-2  2026-03-06  customer C01
         line 1  item SVC  quantity 1  price 33.33  taxRate 0.13  tax 4.33
         line 2  item SVC  quantity 1  price 33.33  taxRate 0.13  tax 4.33
         line 3  item SVC  quantity 1  price 33.33  taxRate 0.13  tax 4.34
then   voucher 记-2  2026-03-06
         1122.01     明细应收款    借  112.99
         6001        主营业务收入  贷   99.99
         2221.01.02  销项税额      贷   13.00
given  salesInvoice SI-3  2026-03-07  customer C01
         line 1  item SVC  quantity 1  price 33.33  taxRate 0.13  tax 4.33
         line 2  item SVC  quantity 1  price 33.33  taxRate 0.13  tax 4.33
         line 3  item SVC  quantity 1  price 33.33  taxRate 0.13  tax 4.35
then   parked SI-3  because amount.off
given  salesInvoice SI-4  2026-03-08  customer C01
         line 1  item SVC  quantity 3  price 0.385  taxRate 0.13
then   voucher 记-3  2026-03-08
         1122.01     明细应收款    借  1.31
         6001        主营业务收入  贷  1.16
         2221.01.02  销项税额      贷  0.15
then   vouchers
then   balance 1122.01 明细应收款   借  227.28
then   balance 6001 主营业务收入    贷  201.14
then   balance 2221.01.02 销项税额  贷   26.14
then   completeness 100%
