# 跨月作废:以前月份的数电票只能红冲;三月保留原收入。
# A sales invoice of a closed month: a digital invoice of an earlier month can only be undone by a red one.
# rows S7b
book   B1  pack cas-general  currency CNY  from 2026-03
set    lateDocuments nextOpenPeriod

given  item SVC  category service
given  customer C01
given  salesInvoice SI-1  2026-03-25  customer C01
         line 1  item SVC  quantity 1  price 1000.00  taxRate 0.13
then   voucher 记-1  2026-03-25
         1122.01     明细应收款    借  1130.00
         6001        主营业务收入  贷  1000.00
         2221.01.02  销项税额      贷   130.00
given  close 2026-03
given  salesInvoice CN-1  2026-04-06  customer C01  credit
         line 1  item SVC  quantity 1  price 1000.00  taxRate 0.13  of salesInvoice/SI-1/1
then   voucher 记-1  2026-04-06
         1122.01     明细应收款    借  -1130.00
         6001        主营业务收入  贷  -1000.00
         2221.01.02  销项税额      贷   -130.00
given  salesInvoice SI-2  2026-04-06  customer C01
         line 1  item SVC  quantity 1  price 900.00  taxRate 0.13
then   voucher 记-2  2026-04-06
         1122.01     明细应收款    借  1017.00
         6001        主营业务收入  贷   900.00
         2221.01.02  销项税额      贷   117.00
then   vouchers
then   balance 6001 主营业务收入    贷  1000.00  at 2026-03
then   balance 1122.01 明细应收款   借  1017.00
then   balance 6001 主营业务收入    贷   900.00
then   balance 2221.01.02 销项税额  贷   117.00
then   open salesInvoice/SI-1  amount 0.00
