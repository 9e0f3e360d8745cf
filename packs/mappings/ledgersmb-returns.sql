-- The stream of ledgersmb-returns.yaml: approved transactions of the general ledger that finance entered itself, between one money account and
-- receivables or payables. Ours begin with TO- and are left out. The bookkeeper writes the party's code into `source` of the line on
-- the receivable or payable, and into its memo the reference of the voucher that it settles (TO-…), which leads to the invoice.

-- returned
select l.entry_id as id, g.id as trans_id, coalesce(nullif(g.reference, ''), g.id::text) as reference, g.description, g.transdate, s.description as side, nullif(trim(l.source), '') as party,
       money.accno as cash_accno, l.amount::text as amount, (select split_part(value, ':', 1) from defaults where setting_key = 'curr') as currency,
       settles.at[1] as of_source, settles.at[2] as of_kind, settles.at[3] as of_id
  from gl g
  join acc_trans l on l.trans_id = g.id
  join account_link s on s.account_id = l.chart_id and s.description in ('AR', 'AP')
 cross join lateral (select min(a.accno) as accno, count(distinct a.accno) as accounts
                       from acc_trans m join account a on a.id = m.chart_id
                      where m.trans_id = g.id and exists (select from account_link p where p.account_id = a.id and p.description in ('AR_paid', 'AP_paid'))) money
  left join lateral (select regexp_match(o.notes, '([^\s:]+):(salesInvoice|supplierInvoice)/(\S+)') as at from gl o where o.reference = trim(l.memo) order by o.id limit 1) settles on true
 where g.approved and money.accounts = 1 and coalesce(g.reference, '') not like 'TO-%' and l.amount <> 0;
