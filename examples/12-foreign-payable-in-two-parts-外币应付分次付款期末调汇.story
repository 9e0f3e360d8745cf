# 外币应付分两次付清,跨月末调汇;调汇后的账面汇率为 7.18。总损失 560.00 = 实付 71560.00 − 71000.00。
# Foreign payable paid in two parts over a month end. The booked rate after 03-31 is 7.18.
# rows P10 C2b
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing fifo

given  item CHIP  category merchandise  unit pcs
given  supplier S-US
given  bankAccount BA1  currency CNY  account 1002
given  goodsReceipt GR-1  2026-03-05  supplier S-US  currency USD  rate 7.10
         line 1  item CHIP  quantity 100  price 100.00
then   voucher 记-1  2026-03-05
         1405     库存商品    借  71000.00
         2202.02  暂估应付款  贷  71000.00  supplier S-US
given  supplierInvoice INV-1  2026-03-05  supplier S-US  currency USD  rate 7.10  invoiceType foreign
         line 1  item CHIP  quantity 100  price 100.00  of goodsReceipt/GR-1/1
then   voucher 记-2  2026-03-05
         1405     库存商品    借  -71000.00
         2202.02  暂估应付款  贷  -71000.00  supplier S-US
then   voucher 记-3  2026-03-05
         1405     库存商品    借  71000.00
         2202.01  明细应付款  贷  71000.00  supplier S-US
given  supplierPayment PAY-1  2026-03-20  supplier S-US  currency USD  rate 7.15  bankAccount BA1  amount 4000.00  pays supplierInvoice/INV-1 amount 4000.00
then   voucher 记-4  2026-03-20
         2202.01  明细应付款  借  28400.00  supplier S-US
         6603     财务费用    借    200.00
         1002     银行存款    贷  28600.00
given  fxRevaluation FX-1  2026-03-31  foreignCurrency USD  closingRate 7.18
then   voucher 记-5  2026-03-31
         6603     财务费用    借  480.00
         2202.01  明细应付款  贷  480.00  supplier S-US
given  supplierPayment PAY-2  2026-04-15  supplier S-US  currency USD  rate 7.16  bankAccount BA1  amount 6000.00  pays supplierInvoice/INV-1 amount 6000.00
then   voucher 记-1  2026-04-15
         2202.01  明细应付款  借  43080.00  supplier S-US
         6603     财务费用    借   -120.00
         1002     银行存款    贷  42960.00
then   vouchers
then   balance 1405 库存商品                      借  71000.00
then   balance 2202.01 明细应付款  supplier S-US          0.00
then   balance 6603 财务费用                      借    560.00
then   balance 1002 银行存款                      贷  71560.00
then   balance 2202.01 明细应付款  supplier S-US  贷  43080.00  at 2026-03
then   open supplierInvoice/INV-1  amount 0.00
