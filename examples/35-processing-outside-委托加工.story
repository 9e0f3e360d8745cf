# 委托加工:发料、加工费、收回。
# Processing outside the company: issue, fee, back.
# rows P13
book   B1  pack cas-general  currency CNY  from 2026-03

given  item STEEL  category rawMaterial  unit kg
given  item PART  category finishedGoods  unit pcs
given  item MILLING  category processing
given  supplier PROC
given  subcontractIssue OUT-1  2026-03-02  supplier PROC
         line 1  item STEEL  quantity 100  cost 30.00
then   voucher 记-1  2026-03-02
         1408  委托加工物资  借  3000.00
         1403  原材料        贷  3000.00
given  supplierInvoice INV-1  2026-03-20  supplier PROC
         line 1  item MILLING  amountNet 500.00  taxRate 0.13  of subcontractIssue/OUT-1/1
then   voucher 记-2  2026-03-20
         1408        委托加工物资  借  500.00
         2221.01.01  进项税额      借   65.00
         2202.01     明细应付款    贷  565.00
given  subcontractReceipt IN-1  2026-03-22  supplier PROC
         line 1  item PART  quantity 30  of subcontractIssue/OUT-1/1 quantity 100
then   voucher 记-3  2026-03-22  # 100 公斤料全部用完 · all of the 100 kg was used
         1405  库存商品      借  3500.00
         1408  委托加工物资  贷  3500.00
then   vouchers
then   balance 1408 委托加工物资           0.00
then   balance 1405 库存商品        借  3500.00
then   balance 1403 原材料          贷  3000.00
then   balance 2221.01.01 进项税额  借    65.00
then   balance 2202.01 明细应付款   贷   565.00
