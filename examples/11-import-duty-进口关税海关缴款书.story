# 进口:关税计入成本,海关缴款书上的增值税为进项税额;当日汇率 7.10。
# Import: duty into cost, customs VAT as input tax; rate of the day 7.10.
# rows P6i
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing fifo

given  item CHIP  category merchandise  unit pcs
given  supplier S-US
given  supplier AGENT
given  bankAccount BA1  currency CNY  account 1002
given  exchangeRate USD-0305  from USD  to CNY  date 2026-03-05  rate 7.10
given  goodsReceipt GR-1  2026-03-05  supplier S-US  currency USD
         line 1  item CHIP  quantity 100  price 100.00
then   voucher 记-1  2026-03-05
         1405     库存商品    借  71000.00
         2202.02  暂估应付款  贷  71000.00  supplier S-US
given  supplierInvoice INV-1  2026-03-05  supplier S-US  currency USD  invoiceType foreign
         line 1  item CHIP  quantity 100  price 100.00  of goodsReceipt/GR-1/1
then   voucher 记-2  2026-03-05
         1405     库存商品    借  -71000.00
         2202.02  暂估应付款  贷  -71000.00  supplier S-US
then   voucher 记-3  2026-03-05
         1405     库存商品    借  71000.00
         2202.01  明细应付款  贷  71000.00  supplier S-US  currency USD  amountOriginal 10000.00  rate 7.10
given  costInvoice CUS-1  2026-03-06  invoiceType customs  paidFrom BA1
         line 1  charge duty  amountNet 3550.00  tax 9691.50  of goodsReceipt/GR-1/1
then   voucher 记-4  2026-03-06  # 74550.00 × 13 %
         1405        库存商品  借   3550.00
         2221.01.01  进项税额  借   9691.50
         1002        银行存款  贷  13241.50
given  costInvoice AG-1  2026-03-07  supplier AGENT
         line 1  charge agency  amountNet 500.00  taxRate 0.06  tax 30.00  of goodsReceipt/GR-1/1
then   voucher 记-5  2026-03-07
         1405        库存商品    借  500.00
         2221.01.01  进项税额    借   30.00
         2202.01     明细应付款  贷  530.00  supplier AGENT
then   vouchers
then   balance 1405 库存商品                        借  75050.00
then   balance 2221.01.01 进项税额                  借   9721.50
then   balance 2202.01 明细应付款   supplier S-US   贷  71000.00
then   balance 2202.01 明细应付款   supplier AGENT  贷    530.00
then   balance 1002 银行存款                        贷  13241.50
then   balance 2202.02 暂估应付款                           0.00
