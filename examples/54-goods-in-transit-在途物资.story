# 票先到:先记在途物资;货分三次到,每次按累计份额转出,最后一次取尾差。
# Invoice before goods: 1402 first; the goods come in three parts, the last takes the cent.
# rows P4d
book   B1  pack cas-general  currency CNY  from 2026-03
set    invoiceBeforeGoods inTransit

given  item WIRE  category rawMaterial  unit roll
given  supplier S01
given  supplierInvoice INV-1  2026-03-05  supplier S01
         line 1  item WIRE  quantity 3  amountNet 100.00  taxRate 0.13
then   voucher 记-1  2026-03-05
         1402        在途物资    借  100.00
         2221.01.01  进项税额    借   13.00
         2202.01     明细应付款  贷  113.00  supplier S01
given  goodsReceipt GR-1  2026-03-10  supplier S01
         line 1  item WIRE  quantity 1  of supplierInvoice/INV-1/1
then   voucher 记-2  2026-03-10
         1403  原材料    借  33.33
         1402  在途物资  贷  33.33
given  goodsReceipt GR-2  2026-03-11  supplier S01
         line 1  item WIRE  quantity 1  of supplierInvoice/INV-1/1
then   voucher 记-3  2026-03-11
         1403  原材料    借  33.34
         1402  在途物资  贷  33.34
given  goodsReceipt GR-3  2026-03-12  supplier S01
         line 1  item WIRE  quantity 1  of supplierInvoice/INV-1/1
then   voucher 记-4  2026-03-12
         1403  原材料    借  33.33
         1402  在途物资  贷  33.33
then   vouchers
then   balance 1402 在途物资             0.00
then   balance 1403 原材料         借  100.00
then   balance 2202.02 暂估应付款        0.00
then   balance 2202.01 明细应付款  贷  113.00
