# 收到两张银行承兑汇票:一张背书,一张贴现(终止确认)。同日两张票据合并为一张凭证。
# Bank acceptances received: one endorsed, one discounted (derecognised). The two receipts of one day become one voucher.
# rows S8n P8e S8d
book   B1  pack cas-general  currency CNY  from 2026-03
set    bills derecognised
set    merge perDay

given  customer C01
given  supplier S01
given  bankAccount BA1  currency CNY  account 1002
given  openingBalance OB-1  2026-02-28
         line 1  account 1122.01  debit 56500.00  customer C01  document salesInvoice/SI-OLD
         line 2  account 2202.01  credit 22600.00  supplier S01  document supplierInvoice/INV-OLD
         line 3  account 4001  credit 33900.00
given  cashReceipt CR-1  2026-03-05  customer C01  note N1  amount 20000.00  pays salesInvoice/SI-OLD amount 20000.00
given  cashReceipt CR-2  2026-03-05  customer C01  note N2  amount 36500.00  pays salesInvoice/SI-OLD amount 36500.00
then   voucher 记-1  2026-03-05
         1121     应收票据    借  20000.00  note N1
         1121     应收票据    借  36500.00  note N2
         1122.01  明细应收款  贷  56500.00  customer C01
then   attachments 2
given  bill EN-1  2026-03-10  supplier S01  note N1  action endorsed  amount 20000.00  pays supplierInvoice/INV-OLD amount 20000.00
then   voucher 记-2  2026-03-10
         2202.01  明细应付款  借  20000.00  supplier S01
         1121     应收票据    贷  20000.00  note N1
given  bill DC-1  2026-03-15  note N2  action discounted  bankAccount BA1  amount 36500.00  interest 219.00
then   voucher 记-3  2026-03-15  # 36500 × 2.4 % × 90 ÷ 360
         1002  银行存款  借  36281.00
         6603  财务费用  借    219.00
         1121  应收票据  贷  36500.00  note N2
then   vouchers
then   balance 1121 应收票据               0.00
then   balance 1122.01 明细应收款          0.00
then   balance 2202.01 明细应付款  贷   2600.00
then   balance 6603 财务费用       借    219.00
then   balance 1002 银行存款       借  36281.00
then   balance 4001 实收资本       贷  33900.00
then   open supplierInvoice/INV-OLD  amount 2600.00
