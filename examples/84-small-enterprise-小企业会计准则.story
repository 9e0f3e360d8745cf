# 小企业会计准则:收入 5001、成本 5401、销售费用 5601、管理费用 5602;预收记 2203,坏账直接进 5711。
# The small-enterprise standard has its own codes; advances on 2203 gross, freight out in 5601, bad debts straight to 5711.
# rows S3b S10 S2 S9 S12b
book   B1  pack cas-small  currency CNY  from 2026-03
set    costing fifo
set    revenueAt shipment
set    advanceTax gross

given  item PUMP  category merchandise  unit pcs
given  item SVC  category service
given  item RENT  category service  expenseAccount 5602
given  customer C01
given  supplier CARRIER
given  bankAccount BA1  currency CNY  account 1002
given  cashReceipt ADV-1  2026-03-01  customer C01  bankAccount BA1  purpose advance  taxRate 0.13  amount 500.00
then   voucher 记-1  2026-03-01
         1002  银行存款  借  500.00
         2203  预收账款  贷  500.00  customer C01
given  shipment SH-1  2026-03-03  customer C01
         line 1  item PUMP  quantity 10  price 100.00  taxRate 0.13  cost 60.00
then   voucher 记-2  2026-03-03
         1122.02  暂估应收款    借  1130.00  customer C01
         5401     主营业务成本  借   600.00
         5001     主营业务收入  贷  1000.00
         2221.06  待转销项税额  贷   130.00
         1405     库存商品      贷   600.00
given  salesInvoice SI-1  2026-03-05  customer C01
         line 1  item PUMP  quantity 10  price 100.00  taxRate 0.13  of shipment/SH-1/1
then   voucher 记-3  2026-03-05
         1122.01     明细应收款    借  1130.00  customer C01
         2221.06     待转销项税额  借   130.00
         1122.02     暂估应收款    贷  1130.00  customer C01
         2221.01.02  销项税额      贷   130.00
given  settlement ST-1  2026-03-05  customer C01  type advanceToReceivable  amount 500.00  of cashReceipt/ADV-1 amount 500.00  of salesInvoice/SI-1 amount 500.00
then   voucher 记-4  2026-03-05
         2203     预收账款    借  500.00  customer C01
         1122.01  明细应收款  贷  500.00  customer C01
given  freightBill FB-1  2026-03-06  supplier CARRIER  department D-SALES
         line 1  charge delivery  amountNet 30.00  taxRate 0.09  of shipment/SH-1/1
then   voucher 记-5  2026-03-06
         5601        销售费用    借  30.00
         2221.01.01  进项税额    借   2.70
         2202.01     明细应付款  贷  32.70  supplier CARRIER
given  supplierInvoice INV-1  2026-03-10  supplier CARRIER  department D01
         line 1  item RENT  quantity 1  price 200.00  taxRate 0.06
then   voucher 记-6  2026-03-10
         5602        管理费用    借  200.00
         2221.01.01  进项税额    借   12.00
         2202.01     明细应付款  贷  212.00  supplier CARRIER
given  bankStatementLine BS-1  2026-03-21  bankAccount BA1  type fee  amount 5.00
then   voucher 记-7  2026-03-21
         5603  财务费用  借  5.00
         1002  银行存款  贷  5.00
given  writeOff WO-1  2026-03-30  customer C01  type badDebt  amount 630.00  of salesInvoice/SI-1 amount 630.00
then   voucher 记-8  2026-03-30
         5711     营业外支出  借  630.00
         1122.01  明细应收款  贷  630.00  customer C01
then   vouchers
then   balance 1122 应收账款             0.00
then   balance 2203 预收账款             0.00
then   balance 5001 主营业务收入  贷  1000.00
then   balance 5401 主营业务成本  借   600.00
then   balance 5601 销售费用      借    30.00
then   balance 5602 管理费用      借   200.00
then   balance 5603 财务费用      借     5.00
then   balance 5711 营业外支出    借   630.00
then   balance 1002 银行存款      借   495.00
