# 预收款分次核销,零头:核销的税额 = 四舍五入(预收税额 × 核销 ÷ 预收),最后一次取余数。
# Advance applied over two invoices, odd cents: the last application takes what is left.
# rows S2 S9
book   B1  pack cas-general  currency CNY  from 2026-03
set    revenueAt invoice
set    advanceTax split

given  item SVC  category service
given  customer C01
given  bankAccount BA1  currency CNY  account 1002
given  cashReceipt ADV-1  2026-03-01  customer C01  bankAccount BA1  purpose advance  taxRate 0.13  amount 1000.00
then   voucher 记-1  2026-03-01
         1002     银行存款      借  1000.00
         2204     合同负债      贷   884.96  customer C01
         2221.06  待转销项税额  贷   115.04
given  salesInvoice SI-1  2026-03-10  customer C01
         line 1  item SVC  quantity 1  price 294.98  taxRate 0.13
then   voucher 记-2  2026-03-10
         1122.01     明细应收款    借  333.33  customer C01
         6001        主营业务收入  贷  294.98
         2221.01.02  销项税额      贷   38.35
given  settlement ST-1  2026-03-10  customer C01  type advanceToReceivable  amount 333.33  of cashReceipt/ADV-1 amount 333.33  of salesInvoice/SI-1 amount 333.33
then   voucher 记-3  2026-03-10
         2204     合同负债      借  294.98  customer C01
         2221.06  待转销项税额  借   38.35
         1122.01  明细应收款    贷  333.33  customer C01
given  salesInvoice SI-2  2026-03-20  customer C01
         line 1  item SVC  quantity 1  price 700.00  taxRate 0.13
then   voucher 记-4  2026-03-20
         1122.01     明细应收款    借  791.00  customer C01
         6001        主营业务收入  贷  700.00
         2221.01.02  销项税额      贷   91.00
given  settlement ST-2  2026-03-20  customer C01  type advanceToReceivable  amount 666.67  of cashReceipt/ADV-1 amount 666.67  of salesInvoice/SI-2 amount 666.67
then   voucher 记-5  2026-03-20
         2204     合同负债      借  589.98  customer C01
         2221.06  待转销项税额  借   76.69
         1122.01  明细应收款    贷  666.67  customer C01
then   open cashReceipt/ADV-1  amount 0.00
given  cashReceipt CR-1  2026-03-28  customer C01  bankAccount BA1  amount 124.33  pays salesInvoice/SI-2 amount 124.33
then   voucher 记-6  2026-03-28
         1002     银行存款    借  124.33
         1122.01  明细应收款  贷  124.33  customer C01
then   vouchers
then   balance 2204 合同负债                0.00
then   balance 2221.06 待转销项税额         0.00
then   balance 1122.01 明细应收款           0.00
then   balance 6001 主营业务收入     贷   994.98
then   balance 2221.01.02 销项税额   贷   129.35
then   balance 1002 银行存款         借  1124.33
