# 单到补差:发票冲销暂估应付款,只补价差。
# The invoice settles the estimate by difference.
# rows P4b P5
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing fifo
set    estimateMode differenceOnInvoice

given  item STEEL  category rawMaterial  unit kg
given  supplier S01
given  goodsReceipt GR-1  2026-03-02  supplier S01
         line 1  item STEEL  quantity 50  price 8.00
then   voucher 记-1  2026-03-02
         1403     原材料      借  400.00
         2202.02  暂估应付款  贷  400.00
given  supplierInvoice INV-1  2026-03-15  supplier S01
         line 1  item STEEL  quantity 30  price 8.40  taxRate 0.13  of goodsReceipt/GR-1/1
then   voucher 记-2  2026-03-15
         2202.02     暂估应付款  借  240.00
         1403        原材料      借   12.00
         2221.01.01  进项税额    借   32.76
         2202.01     明细应付款  贷  284.76
given  supplierInvoice INV-2  2026-03-28  supplier S01
         line 1  item STEEL  quantity 20  price 7.90  taxRate 0.13  of goodsReceipt/GR-1/1
then   voucher 记-3  2026-03-28
         2202.02     暂估应付款  借  160.00
         1403        原材料      借   -2.00
         2221.01.01  进项税额    借   20.54
         2202.01     明细应付款  贷  178.54
then   vouchers
then   balance 1403 原材料          借  410.00
then   balance 2202.02 暂估应付款         0.00
then   balance 2221.01.01 进项税额  借   53.30
then   balance 2202.01 明细应付款   贷  463.30
