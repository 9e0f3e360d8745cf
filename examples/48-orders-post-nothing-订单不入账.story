# 请购单、采购订单、销售订单、信用额度与预算只是承诺,不入账;入库后订单未清数量减少。
# Requisitions, orders, credit limits and budgets are commitments and post nothing; a receipt lowers what is open of the order.
# rows P1 S1 P3
book   B1  pack cas-general  currency CNY  from 2026-03

given  item STEEL  category rawMaterial  unit kg
given  supplier S01
given  customer C01
given  purchaseRequisition PR-1  2026-03-01
         line 1  item STEEL  quantity 100
given  purchaseOrder PO-1  2026-03-02  supplier S01
         line 1  item STEEL  quantity 100  price 10.00  taxRate 0.13  of purchaseRequisition/PR-1/1
given  salesOrder SO-1  2026-03-03  customer C01
         line 1  item STEEL  quantity 10  price 18.00  taxRate 0.13
given  creditLimit CL-1  2026-03-03  customer C01  amount 50000.00
given  budget BG-1  2026-03-03  period 2026-03
         line 1  account 6602  department D01  amount 8000.00
then   vouchers
then   parked nothing
then   waiting nothing
then   open purchaseOrder/PO-1/1  quantity 100
given  goodsReceipt GR-1  2026-03-05  supplier S01
         line 1  item STEEL  quantity 40  of purchaseOrder/PO-1/1
then   voucher 记-1  2026-03-05
         1403     原材料      借  400.00
         2202.02  暂估应付款  贷  400.00
then   vouchers
then   open purchaseOrder/PO-1/1  quantity 60
then   balance 1403 原材料         借  400.00
then   balance 2202.02 暂估应付款  贷  400.00
then   completeness 100%
