# 按往来单位合并同日同类单据:客户 C01 两张合为一张凭证,C02 另一张。
# Merged per counterparty: two invoices of C01 become one voucher, that of C02 its own.
# rows S6
book   B1  pack cas-general  currency CNY  from 2026-03
set    merge perCounterparty

given  item SVC  category service
given  customer C01
given  customer C02
given  salesInvoice SI-1  2026-03-05  customer C01
         line 1  item SVC  quantity 1  price 100.00  taxRate 0.13
given  salesInvoice SI-2  2026-03-05  customer C01
         line 1  item SVC  quantity 1  price 200.00  taxRate 0.13
given  salesInvoice SI-3  2026-03-05  customer C02
         line 1  item SVC  quantity 1  price 50.00  taxRate 0.13
then   voucher 记-1  2026-03-05
         1122.01     明细应收款    借  339.00  customer C01
         6001        主营业务收入  贷  300.00
         2221.01.02  销项税额      贷   39.00
then   attachments 2
then   voucher 记-2  2026-03-05
         1122.01     明细应收款    借  56.50  customer C02
         6001        主营业务收入  贷  50.00
         2221.01.02  销项税额      贷   6.50
then   attachments 1
then   vouchers
then   balance 1122.01 明细应收款  customer C01  借  339.00
then   balance 1122.01 明细应收款  customer C02  借   56.50
then   open salesInvoice/SI-2  amount 226.00
