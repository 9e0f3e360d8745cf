# 开立银行承兑汇票,保证金 30 %,到期兑付。
# Own bank acceptance with a deposit, paid at maturity.
# rows P8n
book   B1  pack cas-general  currency CNY  from 2026-03

given  item STEEL  category rawMaterial  unit kg
given  supplier S01
given  bankAccount BA1  currency CNY  account 1002
given  openingBalance OB-1  2026-02-28
         line 1  account 1403  item STEEL  quantity 1000  debit 10000.00
         line 2  account 2202.01  credit 10000.00  supplier S01  document supplierInvoice/INV-OLD
given  bill DP-1  2026-03-01  supplier S01  note N9  action deposit  bankAccount BA1  amount 10000.00  deposit 3000.00
then   voucher 记-1  2026-03-01
         1012  其他货币资金  借  3000.00
         1002  银行存款      贷  3000.00
given  bill BI-1  2026-03-02  supplier S01  note N9  action issued  bankAccount BA1  amount 10000.00  fee 5.00  pays supplierInvoice/INV-OLD amount 10000.00
then   voucher 记-2  2026-03-02
         2202.01  明细应付款  借  10000.00  supplier S01
         2201     应付票据    贷  10000.00  note N9
then   voucher 记-3  2026-03-02
         6603  财务费用  借  5.00
         1002  银行存款  贷  5.00
given  bill BP-1  2026-06-02  supplier S01  note N9  action paid  bankAccount BA1  amount 10000.00  deposit 3000.00
then   voucher 记-1  2026-06-02
         2201  应付票据      借  10000.00  note N9
         1012  其他货币资金  贷   3000.00
         1002  银行存款      贷   7000.00
then   vouchers
then   balance 2201 应付票据               0.00
then   balance 1012 其他货币资金           0.00
then   balance 2202.01 明细应付款          0.00
then   balance 6603 财务费用       借      5.00
then   balance 1403 原材料         借  10000.00
then   balance 1002 银行存款       贷  10005.00
