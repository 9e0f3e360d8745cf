# 次月勾选认证,其后部分用于职工食堂,进项税额转出。
# Input tax confirmed a month later, then a quarter of the goods goes to the staff canteen.
# rows P4c P4f
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing fifo
set    inputVat onConfirmation

given  item RICE  category merchandise  unit bag
given  supplier S01
given  goodsReceipt GR-1  2026-03-20  supplier S01
         line 1  item RICE  quantity 40  price 50.00
then   voucher 记-1  2026-03-20
         1405     库存商品    借  2000.00
         2202.02  暂估应付款  贷  2000.00
given  supplierInvoice INV-1  2026-03-20  supplier S01
         line 1  item RICE  quantity 40  price 50.00  taxRate 0.13  of goodsReceipt/GR-1/1
then   voucher 记-2  2026-03-20
         1405     库存商品    借  -2000.00
         2202.02  暂估应付款  贷  -2000.00
then   voucher 记-3  2026-03-20
         1405     库存商品        借  2000.00
         2221.08  待认证进项税额  借   260.00
         2202.01  明细应付款      贷  2260.00
given  vatConfirmation VC-1  2026-04-12  supplier S01  of supplierInvoice/INV-1
then   voucher 记-1  2026-04-12
         2221.01.01  进项税额        借  260.00
         2221.08     待认证进项税额  贷  260.00
given  productionIssue PI-1  2026-04-25  use welfare  department D01
         line 1  item RICE  quantity 10  inputTaxRate 0.13
then   voucher 记-2  2026-04-25
         2211        应付职工薪酬  借  565.00
         1405        库存商品      贷  500.00
         2221.01.04  进项税额转出  贷   65.00
then   voucher 记-3  2026-04-25
         6602  管理费用      借  565.00
         2211  应付职工薪酬  贷  565.00
then   vouchers
then   balance 1405 库存商品            借  1500.00
then   balance 2221.08 待认证进项税额          0.00
then   balance 2221.01.01 进项税额      借   260.00
then   balance 2221.01.04 进项税额转出  贷    65.00
then   balance 2202.01 明细应付款       贷  2260.00
then   balance 2211 应付职工薪酬               0.00
then   balance 6602 管理费用            借   565.00
then   balance 2202.02 暂估应付款              0.00
