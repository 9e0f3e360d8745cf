/** SQL that looks along the chains for what does not go together. Vectors say where to look; documents are read only there. */
import type { Db } from "../../platform/index.ts";

const key = (of: string): string => `${of}.source || ':' || ${of}.kind || '/' || ${of}.source_id`;

export type GoodsRest = {
  readonly side: "sale" | "purchase"; readonly orderKey: string; readonly party: string; readonly owner: string; readonly document: string; readonly documentId: bigint; readonly date: string; readonly period: string;
  /** Of its lines, in base currency with tax, at the order's price: not invoiced at all; invoiced in part; returned and still invoiced. */
  readonly uninvoiced: bigint; readonly partly: bigint; readonly uncredited: bigint; readonly invoices: readonly string[]; readonly returns: readonly string[]; readonly returnedOn: string | null;
};
/** Goods documents of order lines whose goods and invoices differ, by document. Only what moved before a day; the day of a return counts for what was not credited. */
export const findGoodsRests = (db: Db, bookId: number, before: string): Promise<GoodsRest[]> =>
  db.query(`with c as materialized (
         select * from reconciliation.chain_cache where book_id = $1 and moved <> 0 and moved - returned <> invoiced - credited and coalesce(last_returned_on, last_moved_on) < $2),
       g as materialized (
         select c.order_id, c.line as order_line, c.side, c.order_key, c.party, c.salesperson, c.ordered, c.ordered_amount, k.document_id, k.line, sum(k.quantity) as quantity
           from c join documents.link k on k.book_id = $1 and k.target_id = c.order_id and k.target_line = c.line and k.kind = case c.side when 'sale' then 'shipment' else 'goodsReceipt' end group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 having sum(k.quantity) <> 0),
       b as materialized (
         select g.document_id as goods_id, g.line as goods_line, k.document_id, k.line, sum(k.quantity) as quantity
           from g join documents.link k on k.book_id = $1 and k.target_id = g.document_id and k.target_line = g.line and k.kind in ('shipmentReturn', 'goodsReturn') group by 1, 2, 3, 4 having sum(k.quantity) <> 0),
       i as materialized (
         select goods_id, goods_line, sum(case when is_red then 0 else quantity end) as invoiced, sum(case when is_red then quantity else 0 end) as credited, array_agg(distinct document) as invoices from (
           select n.goods_id, n.goods_line, k.document_id, sum(k.quantity) as quantity, ${key("d")} as document, coalesce(d.body::jsonb ->> 'credit', '') = 'true' as is_red
             from (select document_id as goods_id, line as goods_line, document_id, line from g union all select goods_id, goods_line, document_id, line from b) n
             join documents.link k on k.book_id = $1 and k.target_id = n.document_id and k.target_line = n.line and k.kind in ('salesInvoice', 'supplierInvoice', 'salesInvoice-', 'supplierInvoice-')
             join lateral (select source, kind, source_id, body from documents.document d where d.book_id = $1 and d.document_id = k.document_id and d.state in ('posted', 'exempt') order by source_version desc limit 1) d on true
            group by 1, 2, 3, 5, 6 having sum(k.quantity) <> 0) x group by 1, 2),
       lines as (
         select g.*, coalesce(r.returned, 0) as returned, r.returns, r.returned_on, coalesce(i.invoiced, 0) as invoiced, coalesce(i.credited, 0) as credited, i.invoices, g.quantity - coalesce(r.returned, 0) - coalesce(i.invoiced, 0) + coalesce(i.credited, 0) as rest,
                case when g.ordered = 0 then 0 else g.ordered_amount::numeric / g.ordered end as price
           from g left join i on i.goods_id = g.document_id and i.goods_line = g.line
           left join lateral (select sum(b.quantity) as returned, array_agg(distinct ${key("d")}) as returns, max(d.date) as returned_on from b
                join lateral (select source, kind, source_id, date from documents.document d where d.book_id = $1 and d.document_id = b.document_id order by source_version desc limit 1) d on true where b.goods_id = g.document_id and b.goods_line = g.line) r on true)
     select l.side, min(l.order_key) as "orderKey", min(l.party) as party, max(l.salesperson) as owner, ${key("d")} as document, l.document_id as "documentId", d.date, d.period,
            coalesce(round(sum(rest * price) filter (where rest > 0 and invoiced = 0)), 0)::bigint as uninvoiced, coalesce(round(sum(rest * price) filter (where rest > 0 and invoiced > 0)), 0)::bigint as partly, coalesce(round(sum(-rest * price) filter (where rest < 0 and returned > 0)), 0)::bigint as uncredited,
            coalesce((select array_agg(distinct one) from lines o cross join unnest(o.invoices) as one where o.document_id = l.document_id), '{}') as invoices, coalesce((select array_agg(distinct one) from lines o cross join unnest(o.returns) as one where o.document_id = l.document_id and o.rest < 0), '{}') as returns, max(l.returned_on) as "returnedOn"
       from lines l join lateral (select source, kind, source_id, date, period from documents.document d where d.book_id = $1 and d.document_id = l.document_id order by source_version desc limit 1) d on true
      where l.rest <> 0 group by l.side, l.document_id, d.source, d.kind, d.source_id, d.date, d.period having min(d.date) < $2 or max(l.returned_on) < $2 order by l.document_id`, [bookId, before]);

export type PricedLine = { readonly documentId: bigint; readonly document: string; readonly date: string; readonly period: string; readonly party: string; readonly owner: string; readonly orderKey: string; readonly orderLine: string; readonly line: string; readonly item: string; readonly invoiced: string; readonly ordered: string; readonly quantity: string; readonly taxInvoiced: string; readonly taxOrdered: string; readonly net: string; readonly rate: string };
/** Invoice lines whose price or tax rate is not the order line's, looked for where the order line's averages differ by more than a thousandth. */
export const findPricedApart = (db: Db, bookId: number): Promise<PricedLine[]> =>
  db.query(`with c as materialized (
         select * from reconciliation.chain_cache where book_id = $1 and invoiced > 0 and ordered > 0 and abs(invoiced_amount::numeric * ordered - ordered_amount::numeric * invoiced) > 0.001 * abs(ordered_amount::numeric * invoiced)),
       g as (select c.order_id, c.line as order_line, c.order_key, c.party, c.salesperson, c.item, k.document_id, k.line from c join documents.link k on k.book_id = $1 and k.target_id = c.order_id and k.target_line = c.line and k.kind in ('shipment', 'goodsReceipt') group by 1, 2, 3, 4, 5, 6, 7, 8),
       i as materialized (
         select g.order_id, g.order_line, g.order_key, g.party, g.salesperson, g.item, k.document_id, k.line from g join documents.link k on k.book_id = $1 and k.target_id = g.document_id and k.target_line = g.line and k.kind in ('salesInvoice', 'supplierInvoice') group by 1, 2, 3, 4, 5, 6, 7, 8
         union select c.order_id, c.line, c.order_key, c.party, c.salesperson, c.item, k.document_id, k.line from c join documents.link k on k.book_id = $1 and k.target_id = c.order_id and k.target_line = c.line and k.kind in ('salesInvoice', 'supplierInvoice'))
     select i.document_id as "documentId", ${key("d")} as document, d.date, d.period, i.party, i.salesperson as owner, i.order_key as "orderKey", i.order_line as "orderLine", i.line, i.item, n.line ->> 'price' as invoiced, w.line ->> 'price' as ordered, coalesce(n.line ->> 'quantity', '1') as quantity,
            coalesce(n.line ->> 'taxRate', '0') as "taxInvoiced", coalesce(w.line ->> 'taxRate', '0') as "taxOrdered", coalesce(n.line ->> 'amountNet', '0') as net, coalesce(d.body::jsonb ->> 'rate', '1') as rate
       from i
       join lateral (select source, kind, source_id, date, period, body from documents.document d where d.book_id = $1 and d.document_id = i.document_id and d.state in ('posted', 'exempt') order by source_version desc limit 1) d on true
       join lateral (select body from documents.document d where d.book_id = $1 and d.document_id = i.order_id and d.state in ('posted', 'exempt') order by source_version desc limit 1) o on true
       join lateral (select one as line from jsonb_array_elements(d.body::jsonb -> 'lines') one where one ->> 'lineId' = i.line limit 1) n on true
       join lateral (select one as line from jsonb_array_elements(o.body::jsonb -> 'lines') one where one ->> 'lineId' = i.order_line limit 1) w on true
      where coalesce(d.body::jsonb ->> 'credit', '') <> 'true' and coalesce(n.line ->> 'unit', '') = coalesce(w.line ->> 'unit', '')
        and (abs((n.line ->> 'price')::numeric - (w.line ->> 'price')::numeric) > 0.001 * abs((w.line ->> 'price')::numeric) or coalesce(n.line ->> 'taxRate', '0')::numeric <> coalesce(w.line ->> 'taxRate', '0')::numeric) order by 1, 9`, [bookId]);

export type RatedDocument = { readonly documentId: bigint; readonly document: string; readonly date: string; readonly period: string; readonly party: string; readonly currency: string; readonly rate: string; readonly dayRate: string; readonly body: string };
/** Documents that carry an exchange rate more than a thousandth off the rate of their day. */
export const findRatedApart = (db: Db, bookId: number, base: string): Promise<RatedDocument[]> =>
  db.query(`with rated as materialized (
         select d.document_id, d.source, d.kind, d.source_id, d.date, d.period, d.party, d.body, d.body::jsonb ->> 'currency' as currency, (d.body::jsonb ->> 'rate')::numeric as rate
           from documents.document d where d.book_id = $1 and d.state = 'posted' and d.kind in ('supplierInvoice', 'costInvoice', 'supplierPayment', 'salesInvoice', 'cashReceipt') and strpos(d.body, '"rate"') > 0),
       days as materialized (select r.body -> 'fields' ->> 'from' as currency, (r.body -> 'fields' ->> 'date') as day, (r.body -> 'fields' ->> 'rate')::numeric as rate from masterdata.record r where r.book_id = $1 and r.kind = 'exchangeRate' and r.body -> 'fields' ->> 'to' = $2)
     select t.document_id as "documentId", ${key("t")} as document, t.date, t.period, t.party, t.currency, t.rate::text as rate, f.rate::text as "dayRate", t.body
       from rated t join lateral (select rate from days where days.currency = t.currency and days.day <= t.date::text order by day desc limit 1) f on true
      where t.currency <> $2 and abs(t.rate - f.rate) > 0.001 * f.rate order by 1`, [bookId, base]);

export type RoundedInvoice = { readonly documentId: bigint; readonly document: string; readonly date: string; readonly period: string; readonly party: string; readonly off: string };
/** Posted invoices of suppliers whose tax is off the tax by line, by cents that were let pass. */
export const findTaxRounded = (db: Db, bookId: number, after: bigint): Promise<RoundedInvoice[]> =>
  db.query(`select d.document_id as "documentId", ${key("d")} as document, d.date, d.period, d.party, t.off::text as off
       from documents.document d cross join lateral (select sum((l ->> 'tax')::numeric - round((l ->> 'amountNet')::numeric * (l ->> 'taxRate')::numeric, 2)) as off, bool_or(abs((l ->> 'tax')::numeric - (l ->> 'amountNet')::numeric * (l ->> 'taxRate')::numeric) > 0.0051) as is_off
            from jsonb_array_elements(d.body::jsonb -> 'lines') l where l ? 'tax' and l ? 'amountNet' and l ? 'taxRate') t
      where d.book_id = $1 and d.document_id > $2 and d.kind = 'supplierInvoice' and d.state = 'posted' and t.is_off order by 1`, [bookId, after]);

export type Twin = { readonly documentId: bigint; readonly document: string; readonly date: string; readonly period: string; readonly party: string; readonly number: string; readonly body: string; readonly first: string };
/** Posted invoices of one supplier whose numbers are the same once spaces, dashes, 全角 digits and a "No." are taken away. The one that came first is right. */
export const findTwins = (db: Db, bookId: number): Promise<Twin[]> =>
  db.query(`with numbered as materialized (
         select d.document_id, d.source, d.kind, d.source_id, d.date, d.period, d.party, d.body, d.body::jsonb ->> 'invoiceNumber' as number,
                upper(regexp_replace(regexp_replace(translate(d.body::jsonb ->> 'invoiceNumber', '０１２３４５６７８９', '0123456789'), '^\\s*no\\.?', '', 'i'), '[^0-9A-Za-z]', '', 'g')) as plain
           from documents.document d where d.book_id = $1 and d.kind in ('supplierInvoice', 'costInvoice') and d.state = 'posted' and strpos(d.body, 'invoiceNumber') > 0),
       ranked as (select *, first_value(${key("numbered")}) over same as first, row_number() over same as place from numbered where plain <> '' window same as (partition by party, plain order by document_id))
     select document_id as "documentId", ${key("ranked")} as document, date, period, party, number, body, first from ranked where place > 1 order by 1`, [bookId]);

export type OnAccount = { readonly documentId: bigint; readonly document: string; readonly kind: string; readonly date: string; readonly period: string; readonly party: string; readonly account: string; readonly amount: bigint; readonly others: readonly { readonly document: string; readonly party: string; readonly due: string }[]; readonly twins: readonly string[] };
/** Money on account that cleared nothing: an open item of another party that is just as much, or a payment of the same to the same party shortly before. */
export const findOnAccount = (db: Db, bookId: number, days: number): Promise<OnAccount[]> =>
  db.query(`with loose as materialized (
         select h.*, d.source, d.kind, d.source_id, d.period from vouchers.holding h join lateral (select source, kind, source_id, period from documents.document d where d.book_id = $1 and d.document_id = h.document_id order by source_version desc limit 1) d on true
          where h.book_id = $1 and h.what = 'open' and h.what in ('estimate', 'open') and h.whole_quantity <> h.taken_quantity and h.whole_quantity < 0 and d.kind in ('cashReceipt', 'supplierPayment'))
     select h.document_id as "documentId", ${key("h")} as document, h.kind, h.date, h.period, h.party, h.account, (h.whole_amount - h.taken_amount) as amount,
            coalesce((select jsonb_agg(jsonb_build_object('document', ${key("d")}, 'party', o.party, 'due', coalesce(o.due_on, o.date)) order by o.document_id)
               from vouchers.holding o join lateral (select source, kind, source_id from documents.document d where d.book_id = $1 and d.document_id = o.document_id order by source_version desc limit 1) d on true
              where o.book_id = $1 and o.what = 'open' and o.what in ('estimate', 'open') and o.whole_quantity <> o.taken_quantity and o.account = h.account and o.party <> h.party and o.currency = h.currency and o.whole_quantity - o.taken_quantity = h.taken_quantity - h.whole_quantity and o.date <= h.date), '[]') as others,
            coalesce((select array_agg(${key("d")} order by d.document_id) from documents.document d where d.book_id = $1 and d.kind = h.kind and d.party = h.party and d.state = 'posted' and d.document_id <> h.document_id and abs(d.date - h.date) <= $2 and (d.body::jsonb ->> 'amount') = (select x.body::jsonb ->> 'amount' from documents.document x where x.book_id = $1 and x.document_id = h.document_id order by source_version desc limit 1)), '{}') as twins
       from loose h order by 1`, [bookId, days]);

export type ShortPaid = { readonly documentId: bigint; readonly line: string; readonly document: string; readonly date: string; readonly period: string; readonly party: string; readonly account: string; readonly dueOn: string; readonly whole: bigint; readonly rest: bigint; readonly by: readonly string[]; readonly lastOn: string | null };
/** Open items that were paid in part, long past their day. */
export const findShortPaid = (db: Db, bookId: number, before: string): Promise<ShortPaid[]> =>
  db.query(`select h.document_id as "documentId", h.line, coalesce(nullif(i.document, ''), ${key("d")}) as document, h.date, d.period, h.party, h.account, h.due_on as "dueOn", h.whole_amount as whole, h.whole_amount - h.taken_amount as rest, coalesce(c.by, '{}') as by, c.last_on as "lastOn"
       from vouchers.holding h
       join lateral (select source, kind, source_id, period, body from documents.document d where d.book_id = $1 and d.document_id = h.document_id order by source_version desc limit 1) d on true
       left join lateral (select l ->> 'document' as document from jsonb_array_elements(case when d.kind = 'openingBalance' then d.body::jsonb -> 'lines' else '[]' end) l where l ->> 'lineId' = h.line limit 1) i on true
       left join lateral (select array_agg(${key("p")} order by p.document_id desc) as by, max(p.date) as last_on from documents.link k join lateral (select source, kind, source_id, document_id, date from documents.document p where p.book_id = $1 and p.document_id = k.document_id order by source_version desc limit 1) p on true
          where k.book_id = $1 and k.target_id = h.document_id and k.kind in ('cashReceipt', 'supplierPayment', 'bill')
            -- All lines of an opening balance are one document; which of them was cleared stands in the effects.
            and (d.kind <> 'openingBalance' or exists (select from vouchers.event e cross join string_to_table(e.effects, e'\\x1e') as one where e.book_id = $1 and e.document_id = k.document_id and one like 'h%' and split_part(one, e'\\x1f', 2) = h.document_id::text and split_part(one, e'\\x1f', 3) = 'open' and split_part(one, e'\\x1f', 9) = h.line))) c on true
      where h.book_id = $1 and h.what = 'open' and h.what in ('estimate', 'open') and h.whole_quantity <> h.taken_quantity and h.taken_quantity <> 0 and h.whole_quantity > 0 and h.due_on < $2 and (h.account like '1122%' or h.account like '2202%') order by 1, 2`, [bookId, before]);
