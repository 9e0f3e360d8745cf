-- Why: boards ask for figures by customer, item, region, salesperson and month; ledgers are kept by account. The facts stand here in the form in which
-- they are asked: lines and sales as caches that follow the vouchers (rows of vouchers never change, so neither do these; `rebuildFacts` makes them
-- anew), open items, orders and budgets as views over what is true now. The mart keeps copies of exactly these relations.
-- Locks: nothing; new tables and views only. Reading rights of `tieout_restricted` follow the rules of 0011.
create schema insight;

-- How far the facts of a book have followed it. `head` is the row version of vouchers.head: every batch of postings changes it.
create table insight.mark (
  book_id     integer primary key,
  head        text not null,
  voucher_id  bigint not null,               -- lines and sales are here up to this voucher
  order_voucher_id  bigint not null,         -- orders have followed up to this voucher and this document
  order_document_id bigint not null,
  swept_order_id    bigint not null default 0,  -- orders up to this one were looked at again, whatever touched them
  version     bigint not null,               -- grows whenever anything that a board shows may have changed
  generation  bigint not null,               -- grows when the facts are made anew: whoever has a copy makes it anew too
  at          timestamptz not null
);

-- What an account is to a board, from the statements of the book's pack: cash, receivable, payable, advance, prepayment, stock, revenue, cost.
create table insight.account_class (
  book_id integer not null,
  account text collate "C" not null,
  class   text collate "C" not null,
  primary key (book_id, account)
);

create table insight.line_cache (
  book_id      integer not null,
  voucher_id   bigint not null,
  line_no      integer not null,
  date         date not null,
  period       text collate "C" not null,
  account      text collate "C" not null,
  class        text collate "C" not null,    -- '' too for what closing moves out of income and expense
  is_result    boolean not null,             -- counts in the profit of the period
  kind         text collate "C" not null,    -- of the source document
  document_id  bigint not null,
  party        text collate "C" not null,
  employee     text collate "C" not null,
  item         text collate "C" not null,
  warehouse    text collate "C" not null,
  department   text collate "C" not null,
  bank_account text collate "C" not null,
  project      text collate "C" not null,
  region       text collate "C" not null,    -- of the source document; '' leaves it to the master record of the party
  salesperson  text collate "C" not null,
  currency     text collate "C" not null,
  debit        bigint not null,
  credit       bigint not null,
  amount       bigint not null,              -- debit less credit, minor units in base currency
  original     bigint not null,              -- the same in `currency`
  quantity     bigint not null,              -- six decimals, in +
  primary key (book_id, voucher_id, line_no)
);
create index line_class on insight.line_cache (book_id, class, date) where class <> '';
create index line_result on insight.line_cache (book_id, date) where is_result;

-- Revenue, cost and quantity of each voucher by item. Sums of all rows are the movements of the revenue and cost accounts, to the cent: what no item
-- can be named for stands under item ''.
create table insight.sale_cache (
  book_id     integer not null,
  voucher_id  bigint not null,
  part_no     integer not null,
  date        date not null,
  period      text collate "C" not null,
  kind        text collate "C" not null,
  document_id bigint not null,
  party       text collate "C" not null,
  item        text collate "C" not null,
  region      text collate "C" not null,
  salesperson text collate "C" not null,
  department  text collate "C" not null,
  project     text collate "C" not null,
  revenue     bigint not null,
  cost        bigint not null,
  quantity    bigint not null,
  primary key (book_id, voucher_id, part_no)
);
create index sale_date on insight.sale_cache (book_id, date);

create view insight.fact_line with (security_invoker = true) as select * from insight.line_cache;
create view insight.fact_sale with (security_invoker = true) as select * from insight.sale_cache;

-- Parties one record a source, as scopes look at them; and one row a code, from the newest record.
create view insight.party_record with (security_invoker = true) as
  select book_id, kind, code, source, coalesce(body -> 'fields' ->> case kind when 'supplier' then 'buyer' else 'salesperson' end, '') as owner,
         coalesce(body -> 'fields' ->> 'department', '') as department, coalesce(body -> 'fields' ->> 'region', '') as region
    from masterdata.record where kind in ('customer', 'supplier', 'employee');
create view insight.party with (security_invoker = true) as
  select distinct on (book_id, code) book_id, code, kind, coalesce(body -> 'fields' ->> case kind when 'supplier' then 'buyer' else 'salesperson' end, '') as owner,
         coalesce(body -> 'fields' ->> 'region', '') as region, coalesce(body -> 'fields' ->> 'group', '') as party_group
    from masterdata.record where kind in ('customer', 'supplier', 'employee') order by book_id, code, kind, changed_at desc, source;
create view insight.item with (security_invoker = true) as
  select distinct on (book_id, code) book_id, code, coalesce(body -> 'fields' ->> 'category', '') as category
    from masterdata.record where kind = 'item' order by book_id, code, changed_at desc, source;

-- What is open now, by document line. Amounts in base currency and in the item's own, signed as the account usually stands. The day it ages from is
-- its due date, else the date of the document (of a line of an opening balance: of the old document).
create view insight.fact_open with (security_invoker = true) as
  select h.book_id, h.document_id, h.line, d.kind, h.date, coalesce(h.due_on, h.date) as due_on, h.account, coalesce(c.class, '') as class, h.party, h.currency,
         coalesce(d.salesperson, '') as salesperson, coalesce(d.region, '') as region, coalesce(d.department, '') as department,
         h.whole_amount - h.taken_amount as amount, h.whole_quantity - h.taken_quantity as original
    from vouchers.holding h
    left join insight.account_class c on c.book_id = h.book_id and c.account = h.account
    left join lateral (
      select kind, case when kind <> 'openingBalance' then coalesce(body::jsonb ->> 'salesperson', body::jsonb ->> 'buyer') end as salesperson,
             case when kind <> 'openingBalance' then body::jsonb ->> 'region' end as region, case when kind <> 'openingBalance' then body::jsonb ->> 'department' end as department
        from documents.document where book_id = h.book_id and document_id = h.document_id order by source_version desc limit 1) d on true
   where h.what = 'open' and h.what in ('estimate', 'open') and h.whole_quantity <> h.taken_quantity;

-- How many stock units one unit of a document line is; links and stock count in stock units.
create function insight.unit_of(book integer, item text, unit text) returns numeric language plpgsql stable as $$
begin
  if unit is null or item is null then return 1; end if;
  return coalesce((select (r.body -> 'units' ->> unit)::numeric from masterdata.record r where r.book_id = book and r.kind = 'item' and r.code = item and r.body -> 'units' ? unit order by changed_at desc, source limit 1) / 1000000, 1);
end $$;

-- A row an order, of sales and of purchases: how far it went, in quantity (six decimals) and in amounts with tax (minor units, base currency).
-- Goods are counted by the lines that link to the order, invoices by lines that link to it, to its goods or to what came back of them; of an invoice
-- of several orders each has its lines. Collected is what cleared the invoices without red invoices and write-offs, and advances still open. Working it
-- out takes most of a millisecond an order, so what boards ask is `order_cache`: each order is worked out again when a document that belongs to it comes.
create view insight.order_now with (security_invoker = true) as
  select o.book_id, o.document_id, case o.kind when 'salesOrder' then 'sale' else 'purchase' end as side, o.source, o.kind, o.source_id, o.date, o.period, o.party,
         coalesce(o.content ->> 'salesperson', o.content ->> 'buyer', '') as salesperson, coalesce(o.content ->> 'region', '') as region, coalesce(o.content ->> 'department', '') as department,
         w.ordered::bigint as ordered, w.ordered_amount::bigint as ordered_amount, g.shipped::bigint as shipped, g.shipped_amount::bigint as shipped_amount,
         g.returned::bigint as returned, g.returned_amount::bigint as returned_amount, i.invoiced::bigint as invoiced, i.invoiced_amount::bigint as invoiced_amount,
         (i.collected_amount + a.advance_amount)::bigint as collected_amount, i.open_amount::bigint as open_amount, i.due_on
    from (select d.*, body::jsonb as content,
                 case when body::jsonb ->> 'currency' is null or body::jsonb ->> 'currency' = b.currency then 1
                      else coalesce((body::jsonb ->> 'rate')::numeric, (
                        select (r.body -> 'fields' ->> 'rate')::numeric from masterdata.record r where r.book_id = d.book_id and r.kind = 'exchangeRate'
                           and r.body -> 'fields' ->> 'from' = d.body::jsonb ->> 'currency' and r.body -> 'fields' ->> 'to' = b.currency and r.body -> 'fields' ->> 'date' <= d.date::text
                         order by r.body -> 'fields' ->> 'date' desc limit 1), 1) end as rate,
                 power(10::numeric, case when b.currency in ('JPY', 'KRW', 'VND') then 0 else 2 end) as minor
            from documents.document d join books.book b on b.book_id = d.book_id
           where d.kind in ('salesOrder', 'purchaseOrder') and d.state in ('posted', 'exempt')
             and not exists (select from documents.document n where n.book_id = d.book_id and n.document_id = d.document_id and n.source_version > d.source_version and n.state in ('posted', 'exempt'))) o
    cross join lateral (
      select coalesce(round(sum(quantity) * 1000000), 0) as ordered, coalesce(sum(round(gross * o.rate * o.minor)), 0) as ordered_amount, jsonb_object_agg("lineId", case when quantity = 0 then 0 else gross / quantity end) as prices
        from (select "lineId", coalesce(quantity, 1) * insight.unit_of(o.book_id, item, unit) as quantity, coalesce("amountNet" + coalesce(tax, "amountNet" * coalesce("taxRate", 0)), coalesce(quantity, 1) * price * (1 + coalesce("taxRate", 0)), 0) as gross
                from jsonb_to_recordset(coalesce(o.content -> 'lines', '[]')) as l ("lineId" text, item text, unit text, quantity numeric, price numeric, "taxRate" numeric, "amountNet" numeric, tax numeric)) l) w
    cross join lateral (
      select coalesce(sum(k.quantity), 0) as shipped, coalesce(round(sum(k.quantity * p.price)), 0) as shipped_amount, coalesce(sum(b.quantity), 0) as returned, coalesce(round(sum(b.quantity * p.price)), 0) as returned_amount
        from (select document_id, line, target_line, sum(quantity) as quantity from documents.link
               where book_id = o.book_id and target_id = o.document_id and kind = case o.kind when 'salesOrder' then 'shipment' else 'goodsReceipt' end group by 1, 2, 3) k
        cross join lateral (select coalesce((w.prices ->> k.target_line)::numeric, 0) * o.rate * o.minor / 1000000 as price) p
        left join lateral (select sum(quantity) as quantity from documents.link
               where book_id = o.book_id and target_id = k.document_id and target_line = k.line and kind = case o.kind when 'salesOrder' then 'shipmentReturn' else 'goodsReturn' end) b on true) g
    cross join lateral (
      with goods as (
        select document_id, line from documents.link where book_id = o.book_id and target_id = o.document_id and kind = case o.kind when 'salesOrder' then 'shipment' else 'goodsReceipt' end group by 1, 2),
      node as (
        select document_id, line from goods
        union
        select k.document_id, k.line from goods g join documents.link k on k.book_id = o.book_id and k.target_id = g.document_id and k.target_line = g.line
         where k.kind = case o.kind when 'salesOrder' then 'shipmentReturn' else 'goodsReturn' end),
      taken as (
        select document_id, line, sum(quantity) as quantity from (
          select k.document_id, k.line, k.quantity from node n join documents.link k on k.book_id = o.book_id and k.target_id = n.document_id and k.target_line = n.line
           where k.kind in (case o.kind when 'salesOrder' then 'salesInvoice' else 'supplierInvoice' end, case o.kind when 'salesOrder' then 'salesInvoice-' else 'supplierInvoice-' end)
          union all
          select document_id, line, quantity from documents.link
           where book_id = o.book_id and target_id = o.document_id and kind = case o.kind when 'salesOrder' then 'salesInvoice' else 'supplierInvoice' end) x
         group by 1, 2 having sum(quantity) <> 0),
      share as (
        select t.document_id, case when v.content ->> 'credit' = 'true' then -1 else 1 end as sign, sum(t.quantity) as quantity,
               sum(coalesce((l.value ->> 'amountNet')::numeric + coalesce((l.value ->> 'tax')::numeric, 0), (l.value ->> 'quantity')::numeric * (l.value ->> 'price')::numeric * (1 + coalesce((l.value ->> 'taxRate')::numeric, 0)), 0)
                   * case when coalesce((l.value ->> 'quantity')::numeric, 0) = 0 then 1 else t.quantity / 1000000.0 / ((l.value ->> 'quantity')::numeric * insight.unit_of(o.book_id, l.value ->> 'item', l.value ->> 'unit')) end) * coalesce((v.content ->> 'rate')::numeric, o.rate) * o.minor as gross
          from taken t
          join lateral (select body::jsonb as content from documents.document where book_id = o.book_id and document_id = t.document_id and state in ('posted', 'exempt') order by source_version desc limit 1) v on true
          join lateral jsonb_array_elements(v.content -> 'lines') l on l.value ->> 'lineId' = t.line
         group by 1, 2, v.content)
      select coalesce(sum(s.sign * s.quantity), 0) as invoiced, coalesce(sum(s.sign * round(s.gross)), 0) as invoiced_amount,
             -- An invoice that was paid at once never stood open.
             coalesce(sum(case when s.sign < 0 then 0 when h.whole_quantity is null then round(s.gross) when h.whole_quantity = 0 then 0 else round(s.gross * (h.taken_quantity - coalesce(r.amount, 0)) / h.whole_quantity) end), 0) as collected_amount,
             coalesce(sum(case when s.sign < 0 or coalesce(h.whole_quantity, 0) = 0 then 0 else round(s.gross * (h.whole_quantity - h.taken_quantity) / h.whole_quantity) end), 0) as open_amount,
             min(h.due_on) filter (where s.sign > 0 and h.whole_quantity <> h.taken_quantity) as due_on
        from share s
        left join lateral (select sum(whole_quantity) as whole_quantity, sum(taken_quantity) as taken_quantity, min(due_on) as due_on from vouchers.holding where book_id = o.book_id and document_id = s.document_id and what = 'open') h on true
        left join lateral (select sum(amount) as amount from documents.link where book_id = o.book_id and target_id = s.document_id and kind in ('salesInvoice-', 'supplierInvoice-', 'writeOff')) r on true) i
    cross join lateral (
      select coalesce(sum(round(k.amount * (h.whole_amount - h.taken_amount)::numeric / h.whole_quantity)), 0) as advance_amount
        from (select document_id, sum(amount) as amount from documents.link where book_id = o.book_id and target_id = o.document_id and kind in ('cashReceipt', 'supplierPayment') group by 1) k
        join vouchers.holding h on h.book_id = o.book_id and h.document_id = k.document_id and h.what = 'open' and h.whole_quantity <> 0) a;

create table insight.order_cache (
  book_id          integer not null,
  document_id      bigint not null,
  side             text collate "C" not null,
  source           text collate "C" not null,
  kind             text collate "C" not null,
  source_id        text collate "C" not null,
  date             date not null,
  period           text collate "C" not null,
  party            text collate "C" not null,
  salesperson      text collate "C" not null,
  region           text collate "C" not null,
  department       text collate "C" not null,
  ordered          bigint not null,
  ordered_amount   bigint not null,
  shipped          bigint not null,
  shipped_amount   bigint not null,
  returned         bigint not null,
  returned_amount  bigint not null,
  invoiced         bigint not null,
  invoiced_amount  bigint not null,
  collected_amount bigint not null,
  open_amount      bigint not null,
  due_on           date,
  is_gone          boolean not null default false,   -- cancelled since: kept, so that whoever has a copy learns of it
  version          bigint not null,                  -- of the mark with which it became so
  primary key (book_id, document_id)
) with (fillfactor = 80);
create index order_date on insight.order_cache (book_id, date);
create index order_version on insight.order_cache (book_id, version);
create view insight.fact_order with (security_invoker = true) as
  select book_id, document_id, side, source, kind, source_id, date, period, party, salesperson, region, department, ordered, ordered_amount, shipped, shipped_amount, returned, returned_amount,
         invoiced, invoiced_amount, collected_amount, open_amount, due_on
    from insight.order_cache where not is_gone;

-- What was planned: the lines of budget documents, on the side of the account. Amounts in minor units.
create view insight.fact_budget with (security_invoker = true) as
  select d.book_id, d.document_id, (d.body::jsonb ->> 'period') as period, ((d.body::jsonb ->> 'period') || '-01')::date as date, l.account, coalesce(c.class, '') as class, coalesce(a.type, '') as type,
         coalesce(l.department, '') as department, coalesce(l.project, '') as project, round(l.amount * case when b.currency in ('JPY', 'KRW', 'VND') then 1 else 100 end)::bigint as amount
    from documents.document d
    join books.book b on b.book_id = d.book_id
    cross join lateral jsonb_to_recordset(coalesce(d.body::jsonb -> 'lines', '[]')) as l (account text, department text, project text, amount numeric)
    left join insight.account_class c on c.book_id = d.book_id and c.account = l.account
    left join books.account a on a.book_id = d.book_id and a.code = l.account
   where d.kind = 'budget' and d.state in ('posted', 'exempt')
     and not exists (select from documents.document n where n.book_id = d.book_id and n.document_id = d.document_id and n.source_version > d.source_version and n.state in ('posted', 'exempt'));

grant usage on schema insight to tieout_app, tieout_restricted;
grant select, insert, update on all tables in schema insight to tieout_app;
grant delete on insight.line_cache, insight.sale_cache, insight.order_cache, insight.account_class, insight.mark to tieout_app;
grant select on insight.line_cache, insight.sale_cache, insight.order_cache, insight.account_class, insight.fact_line, insight.fact_sale, insight.fact_open, insight.fact_order, insight.fact_budget, insight.party_record, insight.party, insight.item to tieout_restricted;

create policy application on insight.line_cache to tieout_app using (true) with check (true);
create policy application on insight.sale_cache to tieout_app using (true) with check (true);
create policy application on insight.order_cache to tieout_app using (true) with check (true);
create policy visible on insight.order_cache for select to tieout_restricted using (book_id = (select access.visible_book()) and party in (select access.visible_parties()));
create policy visible on insight.line_cache for select to tieout_restricted using (book_id = (select access.visible_book()) and party in (select access.visible_parties()));
create policy visible on insight.sale_cache for select to tieout_restricted using (book_id = (select access.visible_book()) and party in (select access.visible_parties()));
alter table insight.line_cache enable row level security;
alter table insight.order_cache enable row level security;
alter table insight.sale_cache enable row level security;
