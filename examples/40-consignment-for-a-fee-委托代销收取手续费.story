# 委托代销,收取手续费;单位成本 60.00。
# Goods sold through an agent for a fee; cost 60.00.
# rows S18
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing fifo

given  item LAMP  category merchandise  unit pcs
given  customer AG
given  bankAccount BA1  currency CNY  account 1002
given  shipment SH-1  2026-03-01  customer AG  purpose consignment
         line 1  item LAMP  quantity 100  cost 60.00
then   voucher 记-1  2026-03-01
         1406  发出商品  借  6000.00
         1405  库存商品  贷  6000.00
given  consignmentList LS-1  2026-03-31  customer AG  department D-SALES  fee 400.00  feeTax 24.00
         line 1  item LAMP  quantity 40  price 100.00  taxRate 0.13  of shipment/SH-1/1
then   voucher 记-2  2026-03-31
         1122.01     明细应收款    借  4520.00  customer AG
         6401        主营业务成本  借  2400.00
         6001        主营业务收入  贷  4000.00
         2221.01.02  销项税额      贷   520.00
         1406        发出商品      贷  2400.00
then   voucher 记-3  2026-03-31
         6601        销售费用    借  400.00
         2221.01.01  进项税额    借   24.00
         1122.01     明细应收款  贷  424.00  customer AG
given  cashReceipt CR-1  2026-04-05  customer AG  bankAccount BA1  amount 4096.00  pays consignmentList/LS-1 amount 4096.00
then   voucher 记-1  2026-04-05
         1002     银行存款    借  4096.00
         1122.01  明细应收款  贷  4096.00  customer AG
then   vouchers
then   balance 1406 发出商品        借  3600.00
then   balance 1405 库存商品        贷  6000.00
then   balance 1122.01 明细应收款          0.00
then   balance 6001 主营业务收入    贷  4000.00
then   balance 6401 主营业务成本    借  2400.00
then   balance 6601 销售费用        借   400.00
then   balance 2221.01.02 销项税额  贷   520.00
then   balance 2221.01.01 进项税额  借    24.00
then   balance 1002 银行存款        借  4096.00
then   open consignmentList/LS-1  amount 0.00
