# 预付款部分退回,其余核销发票。
# Part of a prepayment comes back, the rest is applied.
# rows P2 P8r P9
book   B1  pack cas-general  currency CNY  from 2026-03

given  item RENT  category service  expenseAccount 6602
given  supplier S01
given  bankAccount BA1  currency CNY  account 1002
given  supplierPayment PRE-1  2026-03-01  supplier S01  bankAccount BA1  purpose prepayment  amount 5000.00
then   voucher 记-1  2026-03-01
         1123  预付账款  借  5000.00  supplier S01
         1002  银行存款  贷  5000.00
given  supplierPayment RF-1  2026-03-10  supplier S01  bankAccount BA1  credit  purpose refund  amount 760.00  pays supplierPayment/PRE-1 amount 760.00
then   voucher 记-2  2026-03-10
         1002  银行存款  借  760.00
         1123  预付账款  贷  760.00  supplier S01
then   open supplierPayment/PRE-1  amount 4240.00
given  supplierInvoice INV-1  2026-03-20  supplier S01  department D01
         line 1  item RENT  quantity 1  price 4000.00  taxRate 0.06
then   voucher 记-3  2026-03-20
         6602        管理费用    借  4000.00
         2221.01.01  进项税额    借   240.00
         2202.01     明细应付款  贷  4240.00  supplier S01
given  settlement ST-1  2026-03-20  supplier S01  type prepaymentToPayable  amount 4240.00  of supplierPayment/PRE-1 amount 4240.00  of supplierInvoice/INV-1 amount 4240.00
then   voucher 记-4  2026-03-20
         2202.01  明细应付款  借  4240.00  supplier S01
         1123     预付账款    贷  4240.00  supplier S01
then   vouchers
then   balance 1123 预付账款              0.00
then   balance 2202.01 明细应付款         0.00
then   balance 1002 银行存款       贷  4240.00
then   open supplierPayment/PRE-1  amount 0.00
