/** SQL of order chains: one vector an order line, worked out from orders, links, invoices and what cleared them. */
import type { Db } from "../../platform/index.ts";

export const chainColumns = [
  "order_id", "line", "side", "order_key", "date", "period", "party", "salesperson", "item", "due_on", "ordered", "moved", "returned", "invoiced", "credited", "ordered_amount", "moved_amount", "returned_amount", "invoiced_amount", "credited_amount",
  "paid_amount", "written_off_amount", "first_moved_on", "last_moved_on", "last_returned_on", "last_invoiced_on", "pay_by",
] as const;

/**
 * The vectors of some orders, as they follow from the documents now. Goods are counted by the lines that link to the order line, invoices by lines that
 * link to it, to its goods or to what came back of them; of an invoice of several orders each has its part. Paid is what cleared an invoice without red
 * invoices, rebates and write-offs; what a red invoice cleared stands in its own effects. An invoice that was paid at once never stood open.
 */
const vectors = `
  o as materialized (
    select d.book_id, d.document_id, d.kind, d.source || ':' || d.kind || '/' || d.source_id as order_key, d.date, d.period, d.party, c.content,
           case d.kind when 'salesOrder' then 'shipment' else 'goodsReceipt' end as goods_kind, case d.kind when 'salesOrder' then 'shipmentReturn' else 'goodsReturn' end as return_kind, case d.kind when 'salesOrder' then 'salesInvoice' else 'supplierInvoice' end as invoice_kind,
           case when c.content ->> 'currency' is null or c.content ->> 'currency' = b.currency then 1
                else coalesce((c.content ->> 'rate')::numeric, (select (r.body -> 'fields' ->> 'rate')::numeric from masterdata.record r where r.book_id = d.book_id and r.kind = 'exchangeRate'
                       and r.body -> 'fields' ->> 'from' = c.content ->> 'currency' and r.body -> 'fields' ->> 'to' = b.currency and r.body -> 'fields' ->> 'date' <= d.date::text order by r.body -> 'fields' ->> 'date' desc limit 1), 1) end as rate,
           power(10::numeric, case when b.currency in ('JPY', 'KRW', 'VND') then 0 else 2 end) as minor
      from documents.document d join books.book b on b.book_id = d.book_id cross join lateral (select d.body::jsonb as content offset 0) c
     where d.book_id = $1 and d.document_id = any($2) and d.kind in ('salesOrder', 'purchaseOrder') and d.state in ('posted', 'exempt')
       and coalesce(c.content ->> 'status', 'approved') <> 'cancelled'
       and not exists (select from documents.document n where n.book_id = d.book_id and n.document_id = d.document_id and n.source_version > d.source_version and n.state in ('posted', 'exempt'))),
  ol as materialized (
    select o.document_id, l."lineId" as line, coalesce(l.item, '') as item, l."dueDate" as due_on, round(coalesce(l.quantity, 1) * reconciliation.stock_units(o.book_id, l.item, l.unit) * 1000000) as ordered,
           round(coalesce(l."amountNet" + coalesce(l.tax, l."amountNet" * coalesce(l."taxRate", 0)), coalesce(l.quantity, 1) * l.price * (1 + coalesce(l."taxRate", 0)), 0) * o.rate * o.minor * 1000000) as gross
      from o cross join lateral jsonb_to_recordset(coalesce(o.content -> 'lines', '[]')) as l ("lineId" text, item text, unit text, quantity numeric, price numeric, "taxRate" numeric, "amountNet" numeric, tax numeric, "dueDate" text)),
  goods as materialized (
    select o.document_id as order_id, k.target_line as order_line, k.document_id, k.line, sum(k.quantity) as quantity
      from o join documents.link k on k.book_id = o.book_id and k.target_id = o.document_id and k.kind = o.goods_kind group by 1, 2, 3, 4 having sum(k.quantity) <> 0),
  back as materialized (
    select g.order_id, g.order_line, k.document_id, k.line, sum(k.quantity) as quantity
      from goods g join o on o.document_id = g.order_id join documents.link k on k.book_id = o.book_id and k.target_id = g.document_id and k.target_line = g.line and k.kind = o.return_kind group by 1, 2, 3, 4 having sum(k.quantity) <> 0),
  taken as materialized (
    select order_id, order_line, document_id, line, sum(quantity) as quantity from (
      select n.order_id, n.order_line, k.document_id, k.line, k.quantity from (select order_id, order_line, document_id, line from goods union all select order_id, order_line, document_id, line from back) n
        join o on o.document_id = n.order_id join documents.link k on k.book_id = o.book_id and k.target_id = n.document_id and k.target_line = n.line and k.kind in (o.invoice_kind, o.invoice_kind || '-')
      union all
      select o.document_id, k.target_line, k.document_id, k.line, k.quantity from o join documents.link k on k.book_id = o.book_id and k.target_id = o.document_id and k.kind = o.invoice_kind) x
     group by 1, 2, 3, 4 having sum(quantity) <> 0),
  invoice as materialized (
    select t.document_id, v.content, v.date, coalesce(v.content ->> 'credit', '') = 'true' as is_red, h.whole, h.taken, h.due_on, coalesce(r.red, 0) as red, coalesce(r.written_off, 0) as written_off
      from (select distinct document_id from taken) t
      join lateral (select body::jsonb as content, date from documents.document d where d.book_id = $1 and d.document_id = t.document_id and d.state in ('posted', 'exempt') order by source_version desc limit 1) v on true
      left join lateral (select sum(whole_quantity) as whole, sum(taken_quantity) as taken, min(due_on) filter (where whole_quantity <> taken_quantity) as due_on from vouchers.holding h where h.book_id = $1 and h.document_id = t.document_id and h.what = 'open') h on true
      left join lateral (
        select (select sum(coalesce(nullif(split_part(one, e'\\x1f', 6), ''), '0')::bigint) from (select distinct k.document_id from documents.link k where k.book_id = $1 and k.target_id = t.document_id and k.kind in ('salesInvoice-', 'supplierInvoice-')) red
                  join vouchers.event e on e.book_id = $1 and e.document_id = red.document_id and not exists (select from vouchers.event n where n.book_id = $1 and n.document_id = e.document_id and n.source_version > e.source_version)
                 cross join string_to_table(e.effects, e'\\x1e') as one where one like 'h%' and split_part(one, e'\\x1f', 2) = t.document_id::text and split_part(one, e'\\x1f', 3) = 'open') as red,
               (select sum(amount) from documents.link k where k.book_id = $1 and k.target_id = t.document_id and k.kind in ('adjustment', 'writeOff')) as written_off) r on true),
  share as materialized (
    select t.order_id, t.order_line, i.is_red, t.quantity, i.date, i.due_on, i.whole, i.taken, i.red, i.written_off,
           round(case when coalesce((l.line ->> 'quantity')::numeric, 0) = 0 then p.gross else p.gross * t.quantity / round((l.line ->> 'quantity')::numeric * reconciliation.stock_units($1, l.line ->> 'item', l.line ->> 'unit') * 1000000) end * coalesce((i.content ->> 'rate')::numeric, o.rate) / 1000000) as gross
      from taken t join o on o.document_id = t.order_id join invoice i on i.document_id = t.document_id
      join lateral (select one as line from jsonb_array_elements(i.content -> 'lines') one where one ->> 'lineId' = t.line limit 1) l on true
      cross join lateral (select round(coalesce((l.line ->> 'amountNet')::numeric + coalesce((l.line ->> 'tax')::numeric, 0), (l.line ->> 'quantity')::numeric * (l.line ->> 'price')::numeric * (1 + coalesce((l.line ->> 'taxRate')::numeric, 0)), 0) * o.minor * 1000000) as gross) p),
  moved as (select g.order_id, g.order_line, sum(g.quantity) as quantity, min(d.date) as first_on, max(d.date) as last_on from goods g
      join lateral (select date from documents.document d where d.book_id = $1 and d.document_id = g.document_id order by source_version desc limit 1) d on true group by 1, 2),
  returned as (select b.order_id, b.order_line, sum(b.quantity) as quantity, max(d.date) as last_on from back b
      join lateral (select date from documents.document d where d.book_id = $1 and d.document_id = b.document_id order by source_version desc limit 1) d on true group by 1, 2),
  billed as (select order_id, order_line, coalesce(sum(quantity) filter (where not is_red), 0) as invoiced, coalesce(sum(quantity) filter (where is_red), 0) as credited, coalesce(sum(gross) filter (where not is_red), 0) as invoiced_amount, coalesce(sum(gross) filter (where is_red), 0) as credited_amount,
        coalesce(sum(case when whole is null then gross when whole = 0 then 0 else round(gross * (taken - red - written_off) / whole) end) filter (where not is_red), 0) as paid_amount,
        coalesce(sum(case when coalesce(whole, 0) = 0 then 0 else round(gross * written_off / whole) end) filter (where not is_red), 0) as written_off_amount, max(date) as last_on, min(due_on) filter (where not is_red) as pay_by
      from share group by 1, 2),
  vector as (
  select o.document_id as order_id, ol.line, case o.kind when 'salesOrder' then 'sale' else 'purchase' end as side, o.order_key, o.date, o.period, o.party, coalesce(o.content ->> 'salesperson', o.content ->> 'buyer', '') as salesperson, ol.item, coalesce(ol.due_on, o.content ->> 'dueDate')::date as due_on,
         ol.ordered::bigint as ordered, coalesce(m.quantity, 0)::bigint as moved, coalesce(r.quantity, 0)::bigint as returned, coalesce(b.invoiced, 0)::bigint as invoiced, coalesce(b.credited, 0)::bigint as credited, round(ol.gross / 1000000)::bigint as ordered_amount,
         coalesce(round(case when ol.ordered = 0 then 0 else ol.gross * m.quantity / ol.ordered / 1000000 end), 0)::bigint as moved_amount, coalesce(round(case when ol.ordered = 0 then 0 else ol.gross * r.quantity / ol.ordered / 1000000 end), 0)::bigint as returned_amount,
         coalesce(b.invoiced_amount, 0)::bigint as invoiced_amount, coalesce(b.credited_amount, 0)::bigint as credited_amount, coalesce(b.paid_amount, 0)::bigint as paid_amount, coalesce(b.written_off_amount, 0)::bigint as written_off_amount,
         m.first_on as first_moved_on, m.last_on as last_moved_on, r.last_on as last_returned_on, b.last_on as last_invoiced_on, b.pay_by
    from o join ol on ol.document_id = o.document_id
    left join moved m on m.order_id = ol.document_id and m.order_line = ol.line
    left join returned r on r.order_id = ol.document_id and r.order_line = ol.line
    left join billed b on b.order_id = ol.document_id and b.order_line = ol.line)`;

/** Planning the statements below takes longer than running them for one document; until the transaction ends their plans are kept. */
export const planOnce = (db: Db): Promise<void> => db.exec("set local plan_cache_mode = force_generic_plan");

/** Works the vectors of some orders out again; lines that are gone lose theirs. */
export const refreshOrders = (db: Db, bookId: number, orders: readonly bigint[]): Promise<{ readonly lines: number }> =>
  db.one(`with ${vectors.trimStart()},
  gone as (delete from reconciliation.chain_cache c where c.book_id = $1 and c.order_id = any($2) and not exists (select from vector v where v.order_id = c.order_id and v.line = c.line)),
  made as (insert into reconciliation.chain_cache (book_id, ${chainColumns.join(", ")}) select $1, ${chainColumns.join(", ")} from vector
       on conflict (book_id, order_id, line) do update set ${chainColumns.slice(2).map((name) => `${name} = excluded.${name}`).join(", ")} returning 1)
  select count(*)::int as lines from made`, [bookId, orders], { name: "chain.refresh" });

export type ChainMark = { readonly documentId: bigint; readonly head: string; readonly at: string };
export const readMark = (db: Db, bookId: number): Promise<ChainMark | undefined> => db.maybe(`select document_id as "documentId", head, at from reconciliation.chain_mark where book_id = $1`, [bookId]);
export const saveMark = (db: Db, bookId: number, mark: ChainMark): Promise<unknown> =>
  db.query("insert into reconciliation.chain_mark (book_id, document_id, head, at) values ($1, $2, $3, $4) on conflict (book_id) do update set document_id = $2, head = $3, at = $4", [bookId, mark.documentId, mark.head, mark.at]);
/** One at a time a book. */
export const lockChain = (db: Db, bookId: number): Promise<unknown> => db.query("select pg_advisory_xact_lock(hashtext('reconciliation.chain'), $1)", [bookId]);
export const dropChain = async (db: Db, bookId: number): Promise<void> => {
  for (const table of ["reconciliation.chain_cache", "reconciliation.chain_mark"]) await db.query(`delete from ${table} where book_id = $1`, [bookId]);
};

export type Head = { readonly lastDocument: bigint; readonly head: string; readonly at: string };
export const readHead = (db: Db, bookId: number): Promise<Head | undefined> =>
  db.maybe(`select next_document - 1 as "lastDocument", h.xmin::text || '/' || h.ctid::text as head, coalesce((select max(state_at) from documents.document where book_id = $1 and document_id > h.next_document - 200), now()) as at from vouchers.head h where book_id = $1`, [bookId]);
/**
 * Orders that some documents concern: found upwards by what each linked and took, at most four steps (payment, invoice, return, goods, order). Every
 * step is a look at a key; `offset 0` and `limit 1` keep the planner from joining whole tables instead.
 */
const upwards = (start: string): string => `
  with recursive up (document_id, depth) as (
    ${start}
    union
    select t.target::bigint, u.depth + 1 from up u
      cross join lateral (select effects from vouchers.event e where e.book_id = $1 and e.document_id = u.document_id offset 0) e
      cross join lateral (select split_part(one, e'\\x1f', 2) as target from string_to_table(e.effects, e'\\x1e') as one where one like 'l%' or one like 'h%') t where u.depth < 4)
  select distinct u.document_id as id from (select distinct document_id from up) u cross join lateral (select kind from documents.document d where d.book_id = $1 and d.document_id = u.document_id limit 1) d where d.kind in ('salesOrder', 'purchaseOrder')`;
export const findTouched = (db: Db, bookId: number, after: bigint): Promise<{ readonly id: bigint }[]> => db.query(upwards("select distinct document_id, 0 from documents.document where book_id = $1 and document_id > $2"), [bookId, after]);
export const findTouchedBy = (db: Db, bookId: number, documents: readonly bigint[]): Promise<{ readonly id: bigint }[]> => db.query(upwards("select unnest($2::bigint[]), 0"), [bookId, documents], { name: "chain.touched" });
/** Documents whose version or state changed since a moment, though they are old. */
export const findChanged = (db: Db, bookId: number, since: string, upTo: bigint): Promise<{ readonly id: bigint }[]> =>
  db.query("select distinct document_id as id from documents.document where book_id = $1 and document_id <= $3 and (state_at > $2::timestamptz or received_at > $2::timestamptz)", [bookId, since, upTo]);

export type ChainRow = {
  readonly orderId: bigint; readonly line: string; readonly side: "sale" | "purchase"; readonly order: string; readonly date: string; readonly period: string; readonly party: string; readonly salesperson: string; readonly item: string; readonly dueOn: string | null;
  readonly ordered: bigint; readonly moved: bigint; readonly returned: bigint; readonly invoiced: bigint; readonly credited: bigint; readonly orderedAmount: bigint; readonly movedAmount: bigint; readonly returnedAmount: bigint; readonly invoicedAmount: bigint; readonly creditedAmount: bigint; readonly paidAmount: bigint; readonly writtenOffAmount: bigint;
  readonly lastMovedOn: string | null; readonly lastInvoicedOn: string | null; readonly payBy: string | null;
};
export type ChainFilter = { readonly side: "sale" | "purchase"; readonly party: string | null; readonly salesperson: string | null; readonly item: string | null; readonly from: string | null; readonly to: string | null; readonly text: string | null; readonly today: string };
/** What is open of a chain, as conditions over its vector. */
export const chainStates = {
  open: "moved - returned < ordered", overdue: "moved - returned < ordered and due_on < $9::date", over: "moved - returned > ordered and ordered > 0", notInvoiced: "moved - returned > invoiced - credited", notPaid: "invoiced_amount - credited_amount > paid_amount + written_off_amount", late: "invoiced_amount - credited_amount > paid_amount + written_off_amount and pay_by < $9::date",
} as const;
export type ChainState = keyof typeof chainStates;
const filtered = (state: ChainState | null): string => `book_id = $1 and side = $2 and ($3::text is null or party = $3) and ($4::text is null or salesperson = $4) and ($5::text is null or item = $5) and ($6::text is null or period >= $6) and ($7::text is null or period <= $7)
        and ($8::text is null or strpos(lower(order_key), lower($8)) > 0) and $9::date is not null${state === null ? "" : ` and ${chainStates[state]}`}`;
const filterValues = (bookId: number, of: ChainFilter): unknown[] => [bookId, of.side, of.party, of.salesperson, of.item, of.from, of.to, of.text, of.today];
/** The newest orders first. */
export const listChain = (db: Db, bookId: number, of: ChainFilter, state: ChainState | null, after: { readonly orderId: bigint; readonly line: string } | null, limit: number): Promise<ChainRow[]> =>
  db.query(`select order_id as "orderId", line, side, order_key as order, date, period, party, salesperson, item, due_on as "dueOn", ordered, moved, returned, invoiced, credited, ordered_amount as "orderedAmount", moved_amount as "movedAmount", returned_amount as "returnedAmount", invoiced_amount as "invoicedAmount",
         credited_amount as "creditedAmount", paid_amount as "paidAmount", written_off_amount as "writtenOffAmount", last_moved_on as "lastMovedOn", last_invoiced_on as "lastInvoicedOn", pay_by as "payBy"
       from reconciliation.chain_cache where ${filtered(state)} and ($10::bigint is null or (order_id, line) < ($10, $11)) order by order_id desc, line desc limit $12`, [...filterValues(bookId, of), after?.orderId ?? null, after?.line ?? null, limit]);

export type ChainSum = { readonly key: string; readonly lines: bigint; readonly ordered: bigint; readonly moved: bigint; readonly returned: bigint; readonly invoiced: bigint; readonly credited: bigint; readonly paid: bigint; readonly writtenOff: bigint; readonly payBy: string | null };
export const chainKeys = { party: "party", salesperson: "salesperson", order: "order_key", period: "period", item: "item" } as const;
/** Amounts by one of these, what is still to be paid first. */
export const sumChain = (db: Db, bookId: number, of: ChainFilter, state: ChainState | null, by: keyof typeof chainKeys, limit: number): Promise<ChainSum[]> =>
  db.query(`select ${chainKeys[by]} as key, count(*) as lines, sum(ordered_amount)::bigint as ordered, sum(moved_amount)::bigint as moved, sum(returned_amount)::bigint as returned, sum(invoiced_amount)::bigint as invoiced, sum(credited_amount)::bigint as credited, sum(paid_amount)::bigint as paid, sum(written_off_amount)::bigint as "writtenOff", min(pay_by) as "payBy"
       from reconciliation.chain_cache where ${filtered(state)} group by 1 order by ${by === "period" ? "1 desc" : "sum(invoiced_amount - credited_amount - paid_amount - written_off_amount) desc, 1"} limit $10`, [...filterValues(bookId, of), limit]);
