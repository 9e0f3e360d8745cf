# 结账须依次进行:三月未结,四月不能结;三月结账后,日期在三月的新单据进入四月。
# Periods close in turn: April cannot be closed before March; after that a document of March goes to April.
# rows S15
book   B1  pack cas-general  currency CNY  from 2026-03

given  item SVC  category service
given  customer C01
given  salesInvoice SI-1  2026-03-25  customer C01
         line 1  item SVC  quantity 1  price 100.00  taxRate 0.06
then   voucher 记-1  2026-03-25
         1122.01     明细应收款    借  106.00
         6001        主营业务收入  贷  100.00
         2221.01.02  销项税额      贷    6.00
given  close 2026-04
then   refused close/2026-04  because close.order
given  close 2026-03
given  salesInvoice SI-2  2026-03-30  customer C01
         line 1  item SVC  quantity 1  price 200.00  taxRate 0.06
then   voucher 记-1  2026-04-01  summary "2026-03-30"
         1122.01     明细应收款    借  212.00
         6001        主营业务收入  贷  200.00
         2221.01.02  销项税额      贷   12.00
then   vouchers
then   balance 6001 主营业务收入  贷  100.00  at 2026-03
then   balance 6001 主营业务收入  贷  300.00
