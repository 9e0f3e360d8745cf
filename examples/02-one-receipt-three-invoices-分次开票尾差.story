# 一次入库、三次开票,尾差一分不丢:每次冲回 = 四舍五入(总额 × 累计数量 ÷ 数量) − 已冲回。
# One receipt, three invoices, no lost cent: slice k = round(total × cumulative quantity ÷ quantity) − slices before.
# rows P4a S5
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing fifo
set    estimateMode reverseOnInvoice

given  item WIRE  category rawMaterial  unit m
given  supplier S01
given  goodsReceipt GR-1  2026-03-03  supplier S01
         line 1  item WIRE  quantity 3  price 10.005
then   voucher 记-1  2026-03-03  # 30.015 → 30.02
         1403     原材料      借  30.02
         2202.02  暂估应付款  贷  30.02
given  supplierInvoice INV-1  2026-03-10  supplier S01
         line 1  item WIRE  quantity 1  price 10.00  taxRate 0.13  of goodsReceipt/GR-1/1
then   voucher 记-2  2026-03-10
         1403     原材料      借  -10.01
         2202.02  暂估应付款  贷  -10.01
then   voucher 记-3  2026-03-10
         1403        原材料      借  10.00
         2221.01.01  进项税额    借   1.30
         2202.01     明细应付款  贷  11.30
given  supplierInvoice INV-2  2026-03-11  supplier S01
         line 1  item WIRE  quantity 1  price 10.00  taxRate 0.13  of goodsReceipt/GR-1/1
then   voucher 记-4  2026-03-11
         1403     原材料      借  -10.00
         2202.02  暂估应付款  贷  -10.00
then   voucher 记-5  2026-03-11
         1403        原材料      借  10.00
         2221.01.01  进项税额    借   1.30
         2202.01     明细应付款  贷  11.30
then   open goodsReceipt/GR-1/1  quantity 1  amount 10.01
given  supplierInvoice INV-3  2026-03-12  supplier S01
         line 1  item WIRE  quantity 1  price 10.00  taxRate 0.13  of goodsReceipt/GR-1/1
then   voucher 记-6  2026-03-12
         1403     原材料      借  -10.01
         2202.02  暂估应付款  贷  -10.01
then   voucher 记-7  2026-03-12
         1403        原材料      借  10.00
         2221.01.01  进项税额    借   1.30
         2202.01     明细应付款  贷  11.30
then   vouchers
then   balance 1403 原材料          借  30.00
then   balance 2202.02 暂估应付款        0.00
then   balance 2221.01.01 进项税额  借   3.90
then   balance 2202.01 明细应付款   贷  33.90
then   open goodsReceipt/GR-1/1  quantity 0  amount 0.00
