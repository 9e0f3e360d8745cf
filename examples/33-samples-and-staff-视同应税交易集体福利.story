# 样品、自产产品发给职工、外购货物发给职工:自产计销项和收入,外购转出进项。
# Samples, own goods to staff, bought goods to staff. Own goods: output tax, revenue. Bought goods: input tax out, no revenue.
# rows S14 S14b P4f
book   B1  pack cas-general  currency CNY  from 2026-03

given  item GADGET  category finishedGoods  unit pcs
given  item TEA  category merchandise  unit box
given  productionIssue SMP-1  2026-03-05  use sample  department D-SALES
         line 1  item GADGET  quantity 3  cost 40.00  price 60.00  taxRate 0.13
then   voucher 记-1  2026-03-05
         6601        销售费用  借  143.40
         1405        库存商品  贷  120.00
         2221.01.02  销项税额  贷   23.40
given  productionIssue STF-1  2026-03-10  use ownProductToStaff  department D01
         line 1  item GADGET  quantity 10  cost 40.00  price 60.00  taxRate 0.13
then   voucher 记-2  2026-03-10
         6602  管理费用      借  678.00
         2211  应付职工薪酬  贷  678.00
then   voucher 记-3  2026-03-10
         2211        应付职工薪酬  借  678.00
         6401        主营业务成本  借  400.00
         6001        主营业务收入  贷  600.00
         2221.01.02  销项税额      贷   78.00
         1405        库存商品      贷  400.00
given  productionIssue STF-2  2026-03-12  use staffGift  department D01
         line 1  item TEA  quantity 5  cost 20.00  inputTaxRate 0.13
then   voucher 记-4  2026-03-12
         6602  管理费用      借  113.00
         2211  应付职工薪酬  贷  113.00
then   voucher 记-5  2026-03-12
         2211        应付职工薪酬  借  113.00
         1405        库存商品      贷  100.00
         2221.01.04  进项税额转出  贷   13.00
then   vouchers
then   balance 6601 销售费用            借  143.40
then   balance 6602 管理费用            借  791.00
then   balance 2211 应付职工薪酬              0.00
then   balance 6001 主营业务收入        贷  600.00
then   balance 6401 主营业务成本        借  400.00
then   balance 1405 库存商品            贷  620.00
then   balance 2221.01.02 销项税额      贷  101.40
then   balance 2221.01.04 进项税额转出  贷   13.00
