# 月末暂估、月初红冲:两个月,部分开票。收货时不入账。
# Month-end estimates over two months, part invoiced. Nothing posts at the receipt.
# rows P3m
book   B1  pack cas-general  currency CNY  from 2026-03
set    estimateMode monthEnd

given  item STEEL  category rawMaterial  unit kg
given  supplier S01
given  goodsReceipt GR-1  2026-03-20  supplier S01
         line 1  item STEEL  quantity 40  price 25.00
then   vouchers
given  close 2026-03
then   voucher 记-1  2026-03-31
         1403     原材料      借  1000.00
         2202.02  暂估应付款  贷  1000.00
then   voucher 记-1  2026-04-01
         1403     原材料      借  -1000.00
         2202.02  暂估应付款  贷  -1000.00
given  supplierInvoice INV-1  2026-04-10  supplier S01
         line 1  item STEEL  quantity 15  price 24.50  taxRate 0.13  of goodsReceipt/GR-1/1
then   voucher 记-2  2026-04-10
         1403        原材料      借  367.50
         2221.01.01  进项税额    借   47.78
         2202.01     明细应付款  贷  415.28
given  close 2026-04
then   voucher 记-3  2026-04-30  # 25 件尚未到票,按订单价 · 25 still open at the order's price
         1403     原材料      借  625.00
         2202.02  暂估应付款  贷  625.00
then   voucher 记-1  2026-05-01
         1403     原材料      借  -625.00
         2202.02  暂估应付款  贷  -625.00
given  supplierInvoice INV-2  2026-05-08  supplier S01
         line 1  item STEEL  quantity 25  price 25.20  taxRate 0.13  of goodsReceipt/GR-1/1
then   voucher 记-2  2026-05-08
         1403        原材料      借  630.00
         2221.01.01  进项税额    借   81.90
         2202.01     明细应付款  贷  711.90
then   vouchers
then   balance 2202.02 暂估应付款   贷  1000.00  at 2026-03
then   balance 2202.02 暂估应付款   贷   625.00  at 2026-04
then   balance 1403 原材料          借   997.50
then   balance 2202.02 暂估应付款          0.00
then   balance 2221.01.01 进项税额  借   129.68
then   balance 2202.01 明细应付款   贷  1127.18
