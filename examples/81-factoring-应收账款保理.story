# 应收账款保理:无追索权终止确认,有追索权作借款。
# Factoring of receivables: without recourse they leave the books, with recourse it is a loan.
# rows S8f
book   B1  pack cas-general  currency CNY  from 2026-03

given  customer C01
given  customer C02
given  bankAccount BA1  currency CNY  account 1002
given  openingBalance OB-1  2026-02-28
         line 1  account 1122.01  debit 10000.00  customer C01  document salesInvoice/SI-1
         line 2  account 1122.01  debit 5000.00  customer C02  document salesInvoice/SI-2
         line 3  account 4001  credit 15000.00
given  adjustment FA-1  2026-03-10  customer C01  type factoring  amount 9700.00  gain 300.00  bankAccount BA1  of salesInvoice/SI-1 amount 10000.00
then   voucher 记-1  2026-03-10
         1002     银行存款    借   9700.00
         6603     财务费用    借    300.00
         1122.01  明细应收款  贷  10000.00  customer C01
given  adjustment FA-2  2026-03-11  customer C02  type factoringRecourse  amount 5000.00  bankAccount BA1  of salesInvoice/SI-2
then   voucher 记-2  2026-03-11
         1002  银行存款  借  5000.00
         2001  短期借款  贷  5000.00
then   vouchers
then   balance 1122.01 明细应收款  customer C01          0.00
then   balance 1122.01 明细应收款  customer C02  借   5000.00
then   balance 2001 短期借款                     贷   5000.00
then   balance 1002 银行存款                     借  14700.00
