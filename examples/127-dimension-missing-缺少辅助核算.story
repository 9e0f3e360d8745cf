# 科目要求的辅助核算缺失:挂起(应收账款必须带客户)。
# A dimension that the account needs is missing: parked (receivables need a customer).
book   B1  pack cas-general  currency CNY  from 2026-03

given  bankAccount BA1  currency CNY  account 1002
given  manualVoucher MV-1  2026-03-05
         line 1  account 1002  bankAccount BA1  debit 50.00
         line 2  account 1122.01  credit 50.00
then   parked MV-1  because dimension.missing
then   vouchers
then   completeness 100%
