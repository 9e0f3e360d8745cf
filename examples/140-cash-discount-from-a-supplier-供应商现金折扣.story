# 折扣期内付款,供应商现金折扣冲减财务费用;应付全额核销。
# Paid within the term, the supplier's cash discount comes off finance cost; the payable is cleared whole.
# rows P2 P4d P8
book   B1  pack cas-general  currency CNY  from 2026-03
set    invoiceBeforeGoods inTransit

given  item STEEL  category rawMaterial  unit kg
given  supplier S01
given  bankAccount BA1  currency CNY  account 1002
given  supplierInvoice INV-1  2026-03-10  supplier S01  discountUntil 2026-03-20  discountRate 0.02
         line 1  item STEEL  quantity 100  price 10.00  taxRate 0.13
then   voucher 记-1  2026-03-10
         1402        在途物资    借  1000.00
         2221.01.01  进项税额    借   130.00
         2202.01     明细应付款  贷  1130.00  supplier S01
given  supplierPayment PAY-1  2026-03-18  supplier S01  bankAccount BA1  amount 1130.00  discount 22.60  of supplierInvoice/INV-1 amount 1130.00
then   voucher 记-2  2026-03-18
         2202.01  明细应付款  借  1130.00  supplier S01
         6603     财务费用    贷    22.60
         1002     银行存款    贷  1107.40
then   balance 2202.01 明细应付款  0.00
then   balance 6603 财务费用  贷  22.60
