# 直运销售(总额法):货物由供应商直发客户,不进仓库,经 1406;存货类别 dropShip。
# Drop ship with control: the supplier sends the goods to the customer, they pass through 1406, never 1405; item category dropShip.
# rows S18c P3 P4a
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing fifo
set    estimateMode reverseOnInvoice
set    revenueAt shipment

given  item BOILER  category dropShip  unit pcs
given  supplier S01
given  customer C01
given  purchaseOrder PO-1  2026-03-01  supplier S01
         line 1  item BOILER  quantity 10  price 70.00  taxRate 0.13
given  salesOrder SO-1  2026-03-01  customer C01
         line 1  item BOILER  quantity 10  price 100.00  taxRate 0.13
given  goodsReceipt GR-1  2026-03-10  supplier S01
         line 1  item BOILER  quantity 10  of purchaseOrder/PO-1/1
then   voucher 记-1  2026-03-10  # 客户签收日 · the day the customer accepts
         1406     发出商品    借  700.00
         2202.02  暂估应付款  贷  700.00  supplier S01
given  shipment SH-1  2026-03-10  customer C01
         line 1  item BOILER  quantity 10  of salesOrder/SO-1/1
then   voucher 记-2  2026-03-10
         1122.02  暂估应收款    借  1130.00  customer C01
         6401     主营业务成本  借   700.00
         6001     主营业务收入  贷  1000.00
         2221.06  待转销项税额  贷   130.00
         1406     发出商品      贷   700.00
given  supplierInvoice INV-1  2026-03-15  supplier S01
         line 1  item BOILER  quantity 10  price 72.00  taxRate 0.13  of goodsReceipt/GR-1/1
then   voucher 记-3  2026-03-15
         1406     发出商品    借  -700.00
         2202.02  暂估应付款  贷  -700.00  supplier S01
then   voucher 记-4  2026-03-15
         1406        发出商品      借  700.00
         6401        主营业务成本  借   20.00
         2221.01.01  进项税额      借   93.60
         2202.01     明细应付款    贷  813.60  supplier S01
then   vouchers
then   balance 1405 库存商品              0.00
then   balance 1406 发出商品              0.00
then   balance 6401 主营业务成本   借   720.00
then   balance 6001 主营业务收入   贷  1000.00
then   balance 2202.02 暂估应付款         0.00
