# 月末暂估方式:退货不出凭证,只减少月末要暂估的数量;暂估由单据发起,次月首日随即红冲。
# monthEnd: a return posts no voucher, it lowers the quantity that is estimated; the estimates come as a document.
# rows P3m P7a
book   B1  pack cas-general  currency CNY  from 2026-03
set    estimateMode monthEnd

given  item STEEL  category rawMaterial  unit kg
given  supplier S01
given  goodsReceipt GR-1  2026-03-10  supplier S01
         line 1  item STEEL  quantity 100  price 5.00
given  goodsReturn RT-1  2026-03-15  supplier S01
         line 1  item STEEL  quantity 20  of goodsReceipt/GR-1/1
then   vouchers
given  supplierInvoice INV-1  2026-03-20  supplier S01
         line 1  item STEEL  quantity 30  price 5.00  taxRate 0.13  of goodsReceipt/GR-1/1
then   voucher 记-1  2026-03-20
         1403        原材料      借  150.00
         2221.01.01  进项税额    借   19.50
         2202.01     明细应付款  贷  169.50
given  periodClose EST-3  2026-03-31  task estimates
then   voucher 记-2  2026-03-31  # 100 − 20 − 30 = 50
         1403     原材料      借  250.00
         2202.02  暂估应付款  贷  250.00
then   voucher 记-1  2026-04-01
         1403     原材料      借  -250.00
         2202.02  暂估应付款  贷  -250.00
given  supplierInvoice INV-2  2026-04-08  supplier S01
         line 1  item STEEL  quantity 50  price 5.10  taxRate 0.13  of goodsReceipt/GR-1/1
then   voucher 记-2  2026-04-08
         1403        原材料      借  255.00
         2221.01.01  进项税额    借   33.15
         2202.01     明细应付款  贷  288.15
then   vouchers
then   balance 2202.02 暂估应付款   贷  250.00  at 2026-03
then   balance 2202.02 暂估应付款         0.00
then   balance 1403 原材料          借  405.00
then   balance 2221.01.01 进项税额  借   52.65
then   balance 2202.01 明细应付款   贷  457.65
