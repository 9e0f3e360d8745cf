# 某一时段内履行的服务,按履约进度确认:收款权尚附条件时记合同资产,开票后转应收;成本由合同履约成本结转。
# A service over time by progress: a contract asset until the claim is unconditional; its costs wait on 1475.
# rows S15
book   B1  pack cas-general  currency CNY  from 2026-03
set    revenueAt acceptance

given  item DESIGN  category service
given  customer C01
given  bankAccount BA1  currency CNY  account 1002
given  salesOrder SO-1  2026-03-01  customer C01
         line 1  item DESIGN  quantity 1  price 100000.00  taxRate 0.06
given  adjustment CC-1  2026-03-20  customer C01  type contractCost  amount 30000.00  bankAccount BA1
then   voucher 记-1  2026-03-20
         1475  合同履约成本  借  30000.00
         1002  银行存款      贷  30000.00
given  customerAcceptance CA-1  2026-03-31  customer C01
         line 1  item DESIGN  progress 0.40  cost 24000.00  of salesOrder/SO-1/1
then   voucher 记-2  2026-03-31
         1462     合同资产      借  42400.00
         6401     主营业务成本  借  24000.00
         6001     主营业务收入  贷  40000.00
         2221.06  待转销项税额  贷   2400.00
         1475     合同履约成本  贷  24000.00
given  salesInvoice SI-1  2026-04-05  customer C01
         line 1  item DESIGN  amountNet 40000.00  taxRate 0.06  of customerAcceptance/CA-1/1
then   voucher 记-1  2026-04-05
         1122.01     明细应收款    借  42400.00
         2221.06     待转销项税额  借   2400.00
         1462        合同资产      贷  42400.00
         2221.01.02  销项税额      贷   2400.00
given  customerAcceptance CA-2  2026-04-30  customer C01
         line 1  item DESIGN  progress 1.00  of salesOrder/SO-1/1
then   voucher 记-2  2026-04-30  # 累计进度 100 % − 40 % · progress so far 100 % less 40 %
         1462     合同资产      借  63600.00
         6001     主营业务收入  贷  60000.00
         2221.06  待转销项税额  贷   3600.00
given  adjustment CC-2  2026-04-30  customer C01  type contractCostAmortised  amount 6000.00
then   voucher 记-3  2026-04-30
         6401  主营业务成本  借  6000.00
         1475  合同履约成本  贷  6000.00
then   vouchers
then   balance 1475 合同履约成本              0.00
then   balance 6401 主营业务成本     借   30000.00
then   balance 6001 主营业务收入     贷  100000.00
then   balance 1122.01 明细应收款    借   42400.00
then   balance 1462 合同资产         借   63600.00
then   balance 2221.06 待转销项税额  贷    3600.00
then   balance 2221.01.02 销项税额   贷    2400.00
