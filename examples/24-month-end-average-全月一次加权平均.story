# 全月一次加权平均,发票先于核算到达:开票时不分摊差异,由月末存货核算调整。
# Month-end average, the invoice comes before the run: an invoice never splits its variance; the run does.
# rows P4a I6
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing monthEndAverage
set    estimateMode reverseOnInvoice
set    revenueAt invoice

given  item PUMP  category merchandise  unit pcs
given  supplier S01
given  customer C01
given  openingBalance OB-1  2026-02-28
         line 1  account 1405  item PUMP  quantity 100  debit 1000.00
         line 2  account 4001  credit 1000.00
given  goodsReceipt GR-1  2026-03-05  supplier S01
         line 1  item PUMP  quantity 200  price 11.00
then   voucher 记-1  2026-03-05
         1405     库存商品    借  2200.00
         2202.02  暂估应付款  贷  2200.00
given  shipment SH-1  2026-03-15  customer C01
         line 1  item PUMP  quantity 150
then   voucher 记-2  2026-03-15  # 暂按期初平均 10.00 · provisional: opening average 10.00
         1406  发出商品  借  1500.00
         1405  库存商品  贷  1500.00
given  salesInvoice SI-1  2026-03-15  customer C01
         line 1  item PUMP  quantity 150  price 20.00  taxRate 0.13  of shipment/SH-1/1
then   voucher 记-3  2026-03-15
         1122.01     明细应收款    借  3390.00
         6401        主营业务成本  借  1500.00
         6001        主营业务收入  贷  3000.00
         2221.01.02  销项税额      贷   390.00
         1406        发出商品      贷  1500.00
given  supplierInvoice INV-1  2026-03-30  supplier S01
         line 1  item PUMP  quantity 200  price 11.60  taxRate 0.13  of goodsReceipt/GR-1/1
then   voucher 记-4  2026-03-30
         1405     库存商品    借  -2200.00
         2202.02  暂估应付款  贷  -2200.00
then   voucher 记-5  2026-03-30
         1405        库存商品    借  2320.00
         2221.01.01  进项税额    借   301.60
         2202.01     明细应付款  贷  2621.60
given  costRun RUN-1  2026-03-31
then   voucher 记-6  2026-03-31  # 3320 ÷ 300 × 150 = 1660.00
         6401  主营业务成本  借  160.00
         1405  库存商品      贷  160.00
then   vouchers
then   balance 1405 库存商品        借  1660.00
then   balance 1406 发出商品               0.00
then   balance 6401 主营业务成本    借  1660.00
then   balance 2202.02 暂估应付款          0.00
then   balance 2202.01 明细应付款   贷  2621.60
then   balance 2221.01.01 进项税额  借   301.60
then   balance 1122.01 明细应收款   借  3390.00
then   balance 6001 主营业务收入    贷  3000.00
then   balance 2221.01.02 销项税额  贷   390.00
then   balance 4001 实收资本        贷  1000.00
