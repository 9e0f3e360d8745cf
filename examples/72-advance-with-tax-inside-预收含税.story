# 预收款含税入合同负债(advanceTax gross),开票后核销;多收的退回。
# The advance keeps its tax inside the liability; it is applied after the invoice, the rest is paid back.
# rows S2 S9
book   B1  pack cas-general  currency CNY  from 2026-03
set    advanceTax gross
set    revenueAt invoice

given  item SVC  category service
given  customer C01
given  bankAccount BA1  currency CNY  account 1002
given  cashReceipt ADV-1  2026-03-01  customer C01  bankAccount BA1  purpose advance  taxRate 0.13  amount 1200.00
then   voucher 记-1  2026-03-01
         1002  银行存款  借  1200.00
         2204  合同负债  贷  1200.00  customer C01
given  salesInvoice SI-1  2026-03-10  customer C01
         line 1  item SVC  quantity 1  price 1000.00  taxRate 0.13
then   voucher 记-2  2026-03-10
         1122.01     明细应收款    借  1130.00  customer C01
         6001        主营业务收入  贷  1000.00
         2221.01.02  销项税额      贷   130.00
given  settlement ST-1  2026-03-10  customer C01  type advanceToReceivable  amount 1130.00  of cashReceipt/ADV-1 amount 1130.00  of salesInvoice/SI-1 amount 1130.00
then   voucher 记-3  2026-03-10
         2204     合同负债    借  1130.00  customer C01
         1122.01  明细应收款  贷  1130.00  customer C01
given  cashReceipt RF-1  2026-03-20  customer C01  bankAccount BA1  credit  purpose refund  amount 70.00  pays cashReceipt/ADV-1 amount 70.00
then   voucher 记-4  2026-03-20
         2204  合同负债  借  70.00  customer C01
         1002  银行存款  贷  70.00
then   vouchers
then   balance 2204 合同负债              0.00
then   balance 1122.01 明细应收款         0.00
then   balance 1002 银行存款       借  1130.00
then   open cashReceipt/ADV-1  amount 0.00
