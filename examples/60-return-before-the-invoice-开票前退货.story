# 未开票的退货:按入库的暂估价冲减存货与暂估;其后的发票只对留下的数量。
# A return before the invoice at the receipt's estimate price; the invoice then covers what was kept.
# rows P7a P4a
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing fifo
set    estimateMode reverseOnInvoice

given  item PUMP  category merchandise  unit pcs
given  supplier S01
given  goodsReceipt GR-1  2026-03-02  supplier S01
         line 1  item PUMP  quantity 60  price 10.00
then   voucher 记-1  2026-03-02
         1405     库存商品    借  600.00
         2202.02  暂估应付款  贷  600.00
given  goodsReturn RT-1  2026-03-08  supplier S01
         line 1  item PUMP  quantity 10  of goodsReceipt/GR-1/1
then   voucher 记-2  2026-03-08
         1405     库存商品    借  -100.00
         2202.02  暂估应付款  贷  -100.00
then   open goodsReceipt/GR-1/1  quantity 50  amount 500.00
given  supplierInvoice INV-1  2026-03-20  supplier S01
         line 1  item PUMP  quantity 50  price 10.00  taxRate 0.13  of goodsReceipt/GR-1/1
then   voucher 记-3  2026-03-20
         1405     库存商品    借  -500.00
         2202.02  暂估应付款  贷  -500.00
then   voucher 记-4  2026-03-20
         1405        库存商品    借  500.00
         2221.01.01  进项税额    借   65.00
         2202.01     明细应付款  贷  565.00
then   vouchers
then   open goodsReceipt/GR-1/1  quantity 0  amount 0.00
then   balance 1405 库存商品       借  500.00
then   balance 2202.02 暂估应付款        0.00
then   balance 2202.01 明细应付款  贷  565.00
