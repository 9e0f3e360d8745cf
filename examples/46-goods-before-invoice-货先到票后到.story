# 货先到、票后到,价格不同。The estimate is reversed in red; the invoice posts at its own price.
# rows P3 P4a P5
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing fifo
set    estimateMode reverseOnInvoice

given  item STEEL  category rawMaterial  unit kg
given  supplier S01
given  purchaseOrder PO-1  2026-03-01  supplier S01
         line 1  item STEEL  quantity 10  price 20.00  taxRate 0.13
given  goodsReceipt GR-1  2026-03-05  supplier S01
         line 1  item STEEL  quantity 10  of purchaseOrder/PO-1/1
then   voucher 记-1  2026-03-05
         1403      借   200.00
         2202.02   贷   200.00  supplier S01
given  supplierInvoice INV-9  2026-04-02  supplier S01
         line 1  item STEEL  quantity 10  price 21.00  taxRate 0.13  of goodsReceipt/GR-1/1
then   voucher 记-1  2026-04-02
         1403      借  -200.00
         2202.02   贷  -200.00  supplier S01
then   voucher 记-2  2026-04-02
         1403      借   210.00
         2221.01.01 借   27.30
         2202.01   贷   237.30  supplier S01
then   balance 2202.02  0.00
then   balance 1403  借 210.00
then   parked nothing
