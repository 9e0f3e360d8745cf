# 期初全项启用:现金、银行、票据、外币应收、预收、预付、在途存货与固定资产;其后逐项了结。
# A full opening: cash, bank, note, a receivable in dollars, an advance, a prepayment, stock in two layers, an asset; then each is used.
# rows O1 S9 P9 S16 S8n
book   B1  pack cas-general  currency CNY  from 2026-04
set    costing fifo
set    revenueAt invoice

given  item PUMP  category merchandise  unit pcs
given  item SVC  category service
given  item RENT  category service  expenseAccount 6602
given  supplier S01
given  customer C01
given  customer C-US
given  bankAccount BA1  currency CNY  account 1002
given  openingBalance OB-1  2026-03-31
         line 1  account 1001  debit 200.00
         line 2  account 1002  bankAccount BA1  debit 10000.00
         line 3  account 1121  note N1  customer C01  debit 3000.00
         line 4  account 1122.01  customer C-US  debit 7100.00  currency USD  amountOriginal 1000.00  document salesInvoice/SI-US
         line 5  account 1123  supplier S01  debit 1060.00  document supplierPayment/PRE-OLD
         line 6  account 2204  customer C01  credit 1000.00  document cashReceipt/ADV-OLD
         line 7  account 2221.06  customer C01  credit 130.00  document cashReceipt/ADV-OLD
         line 8  account 1405  item PUMP  quantity 10  debit 100.00  document goodsReceipt/GR-A/1
         line 9  account 1405  item PUMP  quantity 10  debit 120.00  document goodsReceipt/GR-B/1
         line 10  account 1601  asset M1  debit 6000.00
         line 11  account 1602  asset M1  credit 1000.00
         line 12  account 4001  credit 25450.00
then   vouchers
given  shipment SH-1  2026-04-02  customer C01
         line 1  item PUMP  quantity 15
then   voucher 记-1  2026-04-02  # 10 × 10.00 + 5 × 12.00
         1406  发出商品  借  160.00
         1405  库存商品  贷  160.00
given  salesInvoice SI-1  2026-04-03  customer C01
         line 1  item SVC  quantity 1  price 1000.00  taxRate 0.13
then   voucher 记-2  2026-04-03
         1122.01     明细应收款    借  1130.00  customer C01
         6001        主营业务收入  贷  1000.00
         2221.01.02  销项税额      贷   130.00
given  settlement ST-1  2026-04-03  customer C01  type advanceToReceivable  amount 1130.00  of cashReceipt/ADV-OLD amount 1130.00  of salesInvoice/SI-1 amount 1130.00
then   voucher 记-3  2026-04-03
         2204     合同负债      借  1000.00  customer C01
         2221.06  待转销项税额  借   130.00
         1122.01  明细应收款    贷  1130.00  customer C01
given  supplierInvoice INV-1  2026-04-05  supplier S01  department D01
         line 1  item RENT  quantity 1  price 1000.00  taxRate 0.06
then   voucher 记-4  2026-04-05
         6602        管理费用    借  1000.00
         2221.01.01  进项税额    借    60.00
         2202.01     明细应付款  贷  1060.00  supplier S01
given  settlement ST-2  2026-04-05  supplier S01  type prepaymentToPayable  amount 1060.00  of supplierPayment/PRE-OLD amount 1060.00  of supplierInvoice/INV-1 amount 1060.00
then   voucher 记-5  2026-04-05
         2202.01  明细应付款  借  1060.00  supplier S01
         1123     预付账款    贷  1060.00  supplier S01
given  bill BC-1  2026-04-10  customer C01  note N1  action collected  bankAccount BA1  amount 3000.00
then   voucher 记-6  2026-04-10
         1002  银行存款  借  3000.00  bankAccount BA1
         1121  应收票据  贷  3000.00  note N1
given  cashReceipt CR-1  2026-04-12  customer C-US  currency USD  rate 7.15  bankAccount BA1  amount 1000.00  pays salesInvoice/SI-US amount 1000.00
then   voucher 记-7  2026-04-12
         1002     银行存款    借  7150.00  bankAccount BA1
         6603     财务费用    借   -50.00
         1122.01  明细应收款  贷  7100.00  customer C-US
then   vouchers
then   balance 1001 库存现金         借    200.00
then   balance 1002 银行存款         借  20150.00
then   balance 1121 应收票据                 0.00
then   balance 1122.01 明细应收款            0.00
then   balance 1123 预付账款                 0.00
then   balance 2202.01 明细应付款            0.00
then   balance 2204 合同负债                 0.00
then   balance 2221.06 待转销项税额          0.00
then   balance 1405 库存商品         借     60.00
then   balance 1406 发出商品         借    160.00
then   balance 6603 财务费用         贷     50.00
then   open salesInvoice/SI-US  amount 0.00
