# 外币暂估按入库日汇率;开票时汇率差进 6603,其余才是价差。
# An estimate in dollars takes the receipt day's rate; at the invoice the rate difference goes to 6603, only the rest is price variance.
# rows P10 P4a P5
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing fifo
set    estimateMode reverseOnInvoice

given  item CHIP  category merchandise  unit pcs
given  supplier S-US
given  exchangeRate USD-0305  from USD  to CNY  date 2026-03-05  rate 7.10
given  exchangeRate USD-0320  from USD  to CNY  date 2026-03-20  rate 7.20
given  purchaseOrder PO-1  2026-03-01  supplier S-US  currency USD  rate 7.05
         line 1  item CHIP  quantity 100  price 10.00
given  goodsReceipt GR-1  2026-03-05  supplier S-US  currency USD
         line 1  item CHIP  quantity 100  of purchaseOrder/PO-1/1
then   voucher 记-1  2026-03-05
         1405     库存商品    借  7100.00
         2202.02  暂估应付款  贷  7100.00
given  supplierInvoice INV-1  2026-03-20  supplier S-US  currency USD  invoiceType foreign
         line 1  item CHIP  quantity 100  price 10.10  of goodsReceipt/GR-1/1
then   voucher 记-2  2026-03-20
         1405     库存商品    借  -7100.00
         2202.02  暂估应付款  贷  -7100.00
then   voucher 记-3  2026-03-20  # 1000 × (7.20 − 7.10) = 100.00
         1405     库存商品    借  7172.00
         6603     财务费用    借   100.00
         2202.01  明细应付款  贷  7272.00  currency USD  amountOriginal 1010.00  rate 7.20
then   vouchers
then   balance 1405 库存商品       借  7172.00
then   balance 6603 财务费用       借   100.00
then   balance 2202.02 暂估应付款         0.00
then   balance 2202.01 明细应付款  贷  7272.00
