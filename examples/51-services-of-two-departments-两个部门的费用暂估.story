# 两个部门的服务在同一张验收单上;发票到达后按行冲回、按行入账。
# Services of two departments on one acceptance; the invoice reverses and posts line by line.
# rows P3s P4a
book   B1  pack cas-general  currency CNY  from 2026-03

given  item CLEAN  category service  expenseAccount 6602
given  item ADS  category service  expenseAccount 6601
given  supplier S07
given  goodsReceipt GR-1  2026-03-31  supplier S07
         line 1  item CLEAN  quantity 1  price 300.00  department D01
         line 2  item ADS  quantity 1  price 500.00  department D02
then   voucher 记-1  2026-03-31
         6602     管理费用    借  300.00  department D01
         6601     销售费用    借  500.00  department D02
         2202.02  暂估应付款  贷  800.00
given  supplierInvoice INV-1  2026-04-10  supplier S07
         line 1  item CLEAN  quantity 1  price 300.00  taxRate 0.06  department D01  of goodsReceipt/GR-1/1
         line 2  item ADS  quantity 1  price 480.00  taxRate 0.06  department D02  of goodsReceipt/GR-1/2
then   voucher 记-1  2026-04-10
         6602     管理费用    借  -300.00  department D01
         6601     销售费用    借  -500.00  department D02
         2202.02  暂估应付款  贷  -800.00
then   voucher 记-2  2026-04-10
         6602        管理费用    借  300.00  department D01
         6601        销售费用    借  480.00  department D02
         2221.01.01  进项税额    借   46.80
         2202.01     明细应付款  贷  826.80
then   vouchers
then   balance 6602 管理费用       department D01  借  300.00
then   balance 6601 销售费用       department D02  借  480.00
then   balance 2202.02 暂估应付款                        0.00
then   balance 2202.01 明细应付款                  贷  826.80
