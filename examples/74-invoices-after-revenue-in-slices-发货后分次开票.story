# 发货确认收入后分三次开票:暂估应收与待转销项税额按累计份额转出,一分之差调收入。
# Revenue at shipment, invoiced in three: the estimate leaves in slices; a cent of difference goes to revenue.
# rows S5 S3b S4b
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing fifo
set    revenueAt shipment

given  item PUMP  category merchandise  unit pcs
given  customer C01
given  shipment SH-1  2026-03-03  customer C01
         line 1  item PUMP  quantity 3  price 33.335  taxRate 0.13  cost 20.00
then   voucher 记-1  2026-03-03  # 100.005 → 100.01;税 13.0013 → 13.00
         1122.02  暂估应收款    借  113.01
         6401     主营业务成本  借   60.00
         6001     主营业务收入  贷  100.01
         2221.06  待转销项税额  贷   13.00
         1405     库存商品      贷   60.00
given  salesInvoice SI-1  2026-03-10  customer C01
         line 1  item PUMP  quantity 1  price 33.335  taxRate 0.13  of shipment/SH-1/1
then   voucher 记-2  2026-03-10
         1122.01     明细应收款    借  37.67
         2221.06     待转销项税额  借   4.33
         1122.02     暂估应收款    贷  37.67
         2221.01.02  销项税额      贷   4.33
given  salesInvoice SI-2  2026-03-11  customer C01
         line 1  item PUMP  quantity 1  price 33.335  taxRate 0.13  of shipment/SH-1/1
then   voucher 记-3  2026-03-11
         1122.01     明细应收款    借  37.67
         2221.06     待转销项税额  借   4.34
         1122.02     暂估应收款    贷  37.67
         2221.01.02  销项税额      贷   4.33
         6001        主营业务收入  贷   0.01
given  salesInvoice SI-3  2026-03-12  customer C01
         line 1  item PUMP  quantity 1  price 33.335  taxRate 0.13  of shipment/SH-1/1
then   voucher 记-4  2026-03-12
         1122.01     明细应收款    借  37.67
         2221.06     待转销项税额  借   4.33
         1122.02     暂估应收款    贷  37.67
         2221.01.02  销项税额      贷   4.33
then   vouchers
then   balance 1122.02 暂估应收款          0.00
then   balance 2221.06 待转销项税额        0.00
then   balance 1122.01 明细应收款    借  113.01
then   balance 6001 主营业务收入     贷  100.02
then   balance 2221.01.02 销项税额   贷   12.99
