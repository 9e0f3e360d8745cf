# 日元没有小数:原币 12345 日元,本位币两位小数。
# Yen have no decimals: 12345 yen in the document, two decimals in the books.
# rows P10
book   B1  pack cas-general  currency CNY  from 2026-03

given  item DESIGN  category service  expenseAccount 6602
given  supplier S-JP
given  bankAccount BA1  currency CNY  account 1002
given  supplierInvoice INV-1  2026-03-05  supplier S-JP  currency JPY  rate 0.0481  invoiceType foreign  department D01
         line 1  item DESIGN  quantity 1  price 12345
then   voucher 记-1  2026-03-05  # 593.7945
         6602     管理费用    借  593.79
         2202.01  明细应付款  贷  593.79  currency JPY  amountOriginal 12345  rate 0.0481
given  supplierPayment PAY-1  2026-03-20  supplier S-JP  currency JPY  rate 0.048  bankAccount BA1  amount 12345  pays supplierInvoice/INV-1 amount 12345
then   voucher 记-2  2026-03-20
         2202.01  明细应付款  借  593.79
         6603     财务费用    借   -1.23
         1002     银行存款    贷  592.56
then   vouchers
then   balance 2202.01 明细应付款        0.00
then   balance 6603 财务费用       贷    1.23
then   balance 1002 银行存款       贷  592.56
