# 两张应付票据到期未付:商业承兑汇票转回应付账款,银行承兑汇票由银行垫款转短期借款。
# Two own notes at maturity without money: a trade note goes back to payables, for a bank acceptance the bank pays: 2001.
# rows P8n
book   B1  pack cas-general  currency CNY  from 2026-03

given  supplier S01
given  supplier S02
given  bankAccount BA1  currency CNY  account 1002
given  openingBalance OB-1  2026-02-28
         line 1  account 2202.01  credit 5000.00  supplier S01  document supplierInvoice/INV-1
         line 2  account 2202.01  credit 10000.00  supplier S02  document supplierInvoice/INV-2
         line 3  account 1002  debit 15000.00  bankAccount BA1
given  bill BI-1  2026-03-02  supplier S01  note N5  action issued  amount 5000.00  pays supplierInvoice/INV-1 amount 5000.00
then   voucher 记-1  2026-03-02
         2202.01  明细应付款  借  5000.00  supplier S01
         2201     应付票据    贷  5000.00  note N5
given  bill DP-1  2026-03-03  supplier S02  note N6  action deposit  bankAccount BA1  amount 10000.00  deposit 1000.00
then   voucher 记-2  2026-03-03
         1012  其他货币资金  借  1000.00
         1002  银行存款      贷  1000.00
given  bill BI-2  2026-03-04  supplier S02  note N6  action issued  bankAccount BA1  amount 10000.00  pays supplierInvoice/INV-2 amount 10000.00
then   voucher 记-3  2026-03-04
         2202.01  明细应付款  借  10000.00  supplier S02
         2201     应付票据    贷  10000.00  note N6
given  bill UN-1  2026-06-02  supplier S01  note N5  action unpaid  amount 5000.00
then   voucher 记-1  2026-06-02
         2201     应付票据    借  5000.00  note N5
         2202.01  明细应付款  贷  5000.00  supplier S01
given  bill AD-1  2026-06-04  supplier S02  note N6  action advanced  bankAccount BA1  amount 10000.00  deposit 1000.00
then   voucher 记-2  2026-06-04
         2201  应付票据      借  10000.00  note N6
         1012  其他货币资金  贷   1000.00
         2001  短期借款      贷   9000.00
then   vouchers
then   balance 2201 应付票据                             0.00
then   balance 1012 其他货币资金                         0.00
then   balance 2202.01 明细应付款  supplier S01  贷   5000.00
then   balance 2202.01 明细应付款  supplier S02          0.00
then   balance 2001 短期借款                     贷   9000.00
then   balance 1002 银行存款                     借  14000.00
