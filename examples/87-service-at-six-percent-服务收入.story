# 6 % 的服务,开票即确认收入;部分收款。
# A service at 6 %, revenue at the invoice, paid in part.
# rows S15 S8
book   B1  pack cas-general  currency CNY  from 2026-03
set    revenueAt invoice

given  item REPAIR  category service
given  customer C01
given  bankAccount BA1  currency CNY  account 1002
given  salesInvoice SI-1  2026-03-05  customer C01
         line 1  item REPAIR  quantity 2.5  price 199.99  taxRate 0.06
then   voucher 记-1  2026-03-05  # 499.975 → 499.98;税 29.9988 → 30.00
         1122.01     明细应收款    借  529.98  customer C01
         6001        主营业务收入  贷  499.98
         2221.01.02  销项税额      贷   30.00
given  cashReceipt CR-1  2026-03-20  customer C01  bankAccount BA1  amount 300.00  fee 2.00  pays salesInvoice/SI-1 amount 300.00
then   voucher 记-2  2026-03-20
         1002     银行存款    借  298.00
         6603     财务费用    借    2.00
         1122.01  明细应收款  贷  300.00  customer C01
then   vouchers
then   open salesInvoice/SI-1  amount 229.98
then   balance 1122.01 明细应收款   借  229.98
then   balance 6001 主营业务收入    贷  499.98
then   balance 2221.01.02 销项税额  贷   30.00
