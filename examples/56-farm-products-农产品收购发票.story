# 农产品收购发票:按买价的 9 % 计算抵扣进项税额。
# Agricultural products on a purchase invoice: 9 % of the price is input tax.
# rows P4g
book   B1  pack cas-general  currency CNY  from 2026-03
set    costing fifo

given  item WHEAT  category agricultural  unit kg
given  supplier FARMER
given  goodsReceipt GR-1  2026-03-05  supplier FARMER
         line 1  item WHEAT  quantity 2000  price 5.00
then   voucher 记-1  2026-03-05
         1403     原材料      借  10000.00
         2202.02  暂估应付款  贷  10000.00
given  supplierInvoice INV-1  2026-03-06  supplier FARMER  invoiceType agricultural
         line 1  item WHEAT  quantity 2000  price 5.00  taxRate 0.09  of goodsReceipt/GR-1/1
then   voucher 记-2  2026-03-06
         1403     原材料      借  -10000.00
         2202.02  暂估应付款  贷  -10000.00
then   voucher 记-3  2026-03-06
         1403        原材料      借   9100.00
         2221.01.01  进项税额    借    900.00
         2202.01     明细应付款  贷  10000.00
then   vouchers
then   balance 1403 原材料          借   9100.00
then   balance 2221.01.01 进项税额  借    900.00
then   balance 2202.01 明细应付款   贷  10000.00
then   balance 2202.02 暂估应付款           0.00
