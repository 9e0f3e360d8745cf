# 外币单据没有汇率:挂起;汇率到达后入账。
# A document in dollars without a rate is parked; when the rate arrives it posts.
# rows S16
book   B1  pack cas-general  currency CNY  from 2026-03
set    revenueAt invoice

given  item SVC  category service
given  customer C-US
given  salesInvoice SI-1  2026-03-05  customer C-US  currency USD
         line 1  item SVC  quantity 1  price 100.00  taxRate 0
then   parked SI-1  because rate.missing
then   vouchers
given  exchangeRate USD-0305  from USD  to CNY  date 2026-03-05  rate 7.1234
then   voucher 记-1  2026-03-05
         1122.01  明细应收款    借  712.34  customer C-US
         6001     主营业务收入  贷  712.34
then   vouchers
then   parked nothing
then   balance 1122.01 明细应收款  借  712.34
