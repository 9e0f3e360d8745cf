# merge none:同日同客户的两张发票各出一张凭证。
# merge none: two invoices of one day and customer are two vouchers.
# rows S6
book   B1  pack cas-general  currency CNY  from 2026-03
set    merge none

given  item SVC  category service
given  customer C01
given  salesInvoice SI-1  2026-03-05  customer C01
         line 1  item SVC  quantity 1  price 100.00  taxRate 0.13
given  salesInvoice SI-2  2026-03-05  customer C01  attachments 2
         line 1  item SVC  quantity 1  price 200.00  taxRate 0.13
then   voucher 记-1  2026-03-05
         1122.01     明细应收款    借  113.00
         6001        主营业务收入  贷  100.00
         2221.01.02  销项税额      贷   13.00
then   attachments 1
then   voucher 记-2  2026-03-05
         1122.01     明细应收款    借  226.00
         6001        主营业务收入  贷  200.00
         2221.01.02  销项税额      贷   26.00
then   attachments 2
then   vouchers
then   balance 1122.01 明细应收款  借  339.00
