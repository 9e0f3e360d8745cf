# 短缺先记待处理财产损溢,再按原因处理:合理损耗进成本,我方责任进费用并转出进项,供应商补发则等货到。
# What is missing is a claim first; then normal loss, our own fault, and goods that the supplier sends later.
# rows P12
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing fifo
set    estimateMode reverseOnInvoice
set    shortReceipt claim

given  item STEEL  category rawMaterial  unit kg
given  supplier S01
given  goodsReceipt GR-1  2026-03-05  supplier S01
         line 1  item STEEL  quantity 93  price 10.00
then   voucher 记-1  2026-03-05
         1403     原材料      借  930.00
         2202.02  暂估应付款  贷  930.00
given  supplierInvoice INV-1  2026-03-10  supplier S01
         line 1  item STEEL  quantity 100  price 10.00  taxRate 0.13  of goodsReceipt/GR-1/1 quantity 93
then   voucher 记-2  2026-03-10
         1403     原材料      借  -930.00
         2202.02  暂估应付款  贷  -930.00
then   voucher 记-3  2026-03-10
         1403        原材料          借   930.00
         1901        待处理财产损溢  借    70.00
         2221.01.01  进项税额        借   130.00
         2202.01     明细应付款      贷  1130.00
given  claim CL-1  2026-03-20  outcome normalLoss
         line 1  item STEEL  quantity 3  of supplierInvoice/INV-1/1
then   voucher 记-4  2026-03-20
         1403  原材料          借  30.00
         1901  待处理财产损溢  贷  30.00
given  claim CL-2  2026-03-21  outcome ourFault  department D01
         line 1  item STEEL  quantity 4  of supplierInvoice/INV-1/1
then   voucher 记-5  2026-03-21
         6602        管理费用        借  45.20
         1901        待处理财产损溢  贷  40.00
         2221.01.04  进项税额转出    贷   5.20
given  goodsReceipt GR-2  2026-03-22  supplier S01
         line 1  item STEEL  quantity 45  price 10.00
then   voucher 记-6  2026-03-22
         1403     原材料      借  450.00
         2202.02  暂估应付款  贷  450.00
given  supplierInvoice INV-2  2026-03-23  supplier S01
         line 1  item STEEL  quantity 50  price 10.00  taxRate 0.13  replaced  of goodsReceipt/GR-2/1 quantity 45
then   voucher 记-7  2026-03-23
         1403     原材料      借  -450.00
         2202.02  暂估应付款  贷  -450.00
then   voucher 记-8  2026-03-23
         1403        原材料          借  450.00
         1901        待处理财产损溢  借   50.00
         2221.01.01  进项税额        借   65.00
         2202.01     明细应付款      贷  565.00
given  goodsReceipt GR-3  2026-03-28  supplier S01
         line 1  item STEEL  quantity 5  of supplierInvoice/INV-2/1
then   voucher 记-9  2026-03-28
         1403  原材料          借  50.00
         1901  待处理财产损溢  贷  50.00
then   vouchers
then   balance 1403 原材料              借  1460.00
then   balance 1901 待处理财产损溢             0.00
then   balance 6602 管理费用            借    45.20
then   balance 2221.01.04 进项税额转出  贷     5.20
then   balance 2221.01.01 进项税额      借   195.00
then   balance 2202.01 明细应付款       贷  1695.00
