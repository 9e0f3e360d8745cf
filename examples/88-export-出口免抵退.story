# 出口:零税率;不得免征和抵扣的税额进成本;免抵的税额;应退税额。
# Export at 0 %: tax that cannot be refunded is cost, part is set off against home sales, part is refunded.
# rows S17 S16
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing fifo
set    revenueAt invoice

given  item CHIP  category finishedGoods  unit pcs
given  customer C-US
given  supplier TAX-OFFICE
given  shipment SH-1  2026-03-03  customer C-US
         line 1  item CHIP  quantity 10  cost 500.00
then   voucher 记-1  2026-03-03
         1406  发出商品  借  5000.00
         1405  库存商品  贷  5000.00
given  salesInvoice SI-1  2026-03-05  customer C-US  currency USD  rate 7.10
         line 1  item CHIP  quantity 10  price 100.00  taxRate 0  of shipment/SH-1/1
then   voucher 记-2  2026-03-05
         1122.01  明细应收款    借  7100.00
         6401     主营业务成本  借  5000.00
         6001     主营业务收入  贷  7100.00
         1406     发出商品      贷  5000.00
given  adjustment EX-1  2026-03-31  type exportTaxNotRefundable  amount 130.00
then   voucher 记-3  2026-03-31
         6401        主营业务成本  借  130.00
         2221.01.04  进项税额转出  贷  130.00
given  adjustment EX-2  2026-03-31  type exportTaxSetOff  amount 80.00
then   voucher 记-4  2026-03-31
         2221.01.08  出口抵减内销应纳税额  借  80.00
         2221.01.03  出口退税              贷  80.00
given  adjustment EX-3  2026-03-31  supplier TAX-OFFICE  type exportRefund  amount 520.00
then   voucher 记-5  2026-03-31
         1221        其他应收款  借  520.00
         2221.01.03  出口退税    贷  520.00
then   vouchers
then   balance 6401 主营业务成本                借  5130.00
then   balance 2221.01.03 出口退税              贷   600.00
then   balance 2221.01.04 进项税额转出          贷   130.00
then   balance 2221.01.08 出口抵减内销应纳税额  借    80.00
then   balance 1221 其他应收款                  借   520.00
