# 发票低于暂估,大部分已售:移动加权平均按发票入账前的在库数量分摊。
# Invoice below the estimate, most of it sold: coverage takes the item's quantity on hand just before the invoice posts.
# rows P4a P5 S3b
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing movingAverage
set    estimateMode reverseOnInvoice
set    revenueAt shipment

given  item PUMP  category merchandise  unit pcs
given  supplier S01
given  customer C01
given  openingBalance OB-1  2026-02-28
         line 1  account 1405  item PUMP  quantity 50  debit 500.00
         line 2  account 4001  credit 500.00
given  salesOrder SO-1  2026-03-02  customer C01
         line 1  item PUMP  quantity 120  price 20.00  taxRate 0.13
given  goodsReceipt GR-1  2026-03-04  supplier S01
         line 1  item PUMP  quantity 100  price 12.00
then   voucher 记-1  2026-03-04
         1405     库存商品    借  1200.00
         2202.02  暂估应付款  贷  1200.00
given  shipment SH-1  2026-03-08  customer C01
         line 1  item PUMP  quantity 120  of salesOrder/SO-1/1
then   voucher 记-2  2026-03-08  # 平均成本 1700 ÷ 150 · average 1700 ÷ 150
         1122.02  暂估应收款    借  2712.00
         6401     主营业务成本  借  1360.00
         6001     主营业务收入  贷  2400.00
         2221.06  待转销项税额  贷   312.00
         1405     库存商品      贷  1360.00
given  supplierInvoice INV-1  2026-03-20  supplier S01
         line 1  item PUMP  quantity 100  price 11.00  taxRate 0.13  of goodsReceipt/GR-1/1
then   voucher 记-3  2026-03-20
         1405     库存商品    借  -1200.00
         2202.02  暂估应付款  贷  -1200.00
then   voucher 记-4  2026-03-20  # 在库 30 ÷ 100:存货 −30.00,成本 −70.00 · coverage 30 ÷ 100
         1405        库存商品      借  1170.00
         6401        主营业务成本  借   -70.00
         2221.01.01  进项税额      借   143.00
         2202.01     明细应付款    贷  1243.00
then   vouchers
then   balance 1405 库存商品         借   310.00
then   balance 6401 主营业务成本     借  1290.00
then   balance 2202.02 暂估应付款           0.00
then   balance 2202.01 明细应付款    贷  1243.00
then   balance 2221.01.01 进项税额   借   143.00
then   balance 1122.02 暂估应收款    借  2712.00
then   balance 6001 主营业务收入     贷  2400.00
then   balance 2221.06 待转销项税额  贷   312.00
then   balance 4001 实收资本         贷   500.00
