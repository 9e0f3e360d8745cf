-- The streams of ledgersmb.yaml. amount signs: in acc_trans a debit is negative; ar.amount and ap.amount are positive for an invoice and
-- negative for a credit. Tax is kept as a whole by LedgerSMB; it is spread over the lines by their net, the last taking the cent.

-- customer, vendor: entity_class 2 and 1
select eca.id, eca.entity_class, eca.meta_number, coalesce(nullif(c.legal_name, ''), e.name) as legal_name, c.tax_id, c.sales_tax_id
  from entity_credit_account eca
  join entity e on e.id = eca.entity_id
  left join company c on c.entity_id = e.id
 where eca.entity_class = 2;

-- ar
with own as (
  select a.id, a.invnumber, a.transdate, a.duedate, a.curr, a.ordnumber, a.approved, a.amount, a.netamount, eca.meta_number
    from ar a join entity_credit_account eca on eca.id = a.entity_credit_account
), line as (
  select own.id as trans_id, ac.entry_id as id, p.partnumber, coalesce(i.description, nullif(ac.memo, ''), acc.description) as description, i.qty, i.unit, ac.amount as net
    from own
    join acc_trans ac on ac.trans_id = own.id
    join account acc on acc.id = ac.chart_id
    left join invoice i on i.id = ac.invoice_id
    left join parts p on p.id = i.parts_id
   where not acc.tax and not ac.fx_transaction and ac.amount <> 0
     and exists (select from account_link l where l.account_id = acc.id and l.description in ('AR_amount', 'IC_sale', 'IC_income'))
), taxed as (
  select line.*, own.amount - own.netamount as tax_whole, own.netamount,
         sum(line.net) over (partition by line.trans_id order by line.id) as up_to
    from line join own on own.id = line.trans_id
)
select own.id, own.invnumber, own.transdate, own.duedate, own.curr, own.ordnumber, own.approved, own.amount::text as amount, own.meta_number,
       (select json_agg(json_build_object('id', t.id, 'partnumber', t.partnumber, 'description', t.description, 'qty', coalesce(t.qty, 0)::text, 'unit', t.unit, 'net', round(t.net, 2)::text,
                 'tax', case when t.netamount = 0 then '0' else (round(t.tax_whole * t.up_to / t.netamount, 2) - round(t.tax_whole * (t.up_to - t.net) / t.netamount, 2))::text end) order by t.id)
          from taxed t where t.trans_id = own.id) as lines
  from own;

-- ap: expenses and stock are debits, so their sign is turned
with own as (
  select a.id, a.invnumber, a.transdate, a.duedate, a.curr, a.ordnumber, a.approved, a.amount, a.netamount, eca.meta_number
    from ap a join entity_credit_account eca on eca.id = a.entity_credit_account
), line as (
  select own.id as trans_id, ac.entry_id as id, p.partnumber, coalesce(i.description, nullif(ac.memo, ''), acc.description) as description, i.qty, i.unit, -ac.amount as net
    from own
    join acc_trans ac on ac.trans_id = own.id
    join account acc on acc.id = ac.chart_id
    left join invoice i on i.id = ac.invoice_id
    left join parts p on p.id = i.parts_id
   where not acc.tax and not ac.fx_transaction and ac.amount <> 0
     and exists (select from account_link l where l.account_id = acc.id and l.description in ('AP_amount', 'AP_expense', 'IC', 'IC_cogs', 'IC_expense'))
), taxed as (
  select line.*, own.amount - own.netamount as tax_whole, own.netamount,
         sum(line.net) over (partition by line.trans_id order by line.id) as up_to
    from line join own on own.id = line.trans_id
)
select own.id, own.invnumber, own.transdate, own.duedate, own.curr, own.ordnumber, own.approved, own.amount::text as amount, own.meta_number,
       (select json_agg(json_build_object('id', t.id, 'partnumber', t.partnumber, 'description', t.description, 'qty', coalesce(t.qty, 0)::text, 'unit', t.unit, 'net', round(t.net, 2)::text,
                 'tax', case when t.netamount = 0 then '0' else (round(t.tax_whole * t.up_to / t.netamount, 2) - round(t.tax_whole * (t.up_to - t.net) / t.netamount, 2))::text end) order by t.id)
          from taxed t where t.trans_id = own.id) as lines
  from own;

-- payment: what it takes off invoices, and the cash account it went through
select p.id, p.reference, p.payment_class, p.payment_date, p.currency, eca.meta_number,
       (select min(acc.accno) from payment_links pl join acc_trans ac on ac.entry_id = pl.entry_id join account acc on acc.id = ac.chart_id
          join account_link l on l.account_id = acc.id and l.description in ('AR_paid', 'AP_paid') where pl.payment_id = p.id) as cash_accno,
       (select coalesce(sum(case p.payment_class when 2 then ac.amount else -ac.amount end), 0)::text from payment_links pl join acc_trans ac on ac.entry_id = pl.entry_id
         where pl.payment_id = p.id and pl.type > 0 and not ac.fx_transaction
           and exists (select from account_link l where l.account_id = ac.chart_id and l.description in ('AR', 'AP', 'AR_overpayment', 'AP_overpayment'))) as amount,
       (select json_agg(json_build_object('trans_id', x.trans_id, 'amount', x.amount::text) order by x.trans_id)
          from (select ac.trans_id, sum(case p.payment_class when 2 then ac.amount else -ac.amount end) as amount from payment_links pl join acc_trans ac on ac.entry_id = pl.entry_id
                 where pl.payment_id = p.id and pl.type < 2 and not ac.fx_transaction
                   and exists (select from account_link l where l.account_id = ac.chart_id and l.description in ('AR', 'AP')) group by ac.trans_id) x) as invoices
  from payment p join entity_credit_account eca on eca.id = p.entity_credit_id;
