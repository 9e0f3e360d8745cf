/** What a three-way match looks at: invoices with their lines and links, the order lines behind them, and what came in and was invoiced on those. */
import type { Db } from "../../platform/index.ts";

export type InvoiceRow = { readonly documentId: bigint; readonly source: string; readonly sourceId: string; readonly date: string; readonly party: string; readonly state: string; readonly body: { readonly invoiceNumber?: string; readonly dueDate?: string; readonly currency?: string; readonly credit?: boolean; readonly lines?: readonly LineBody[] }; readonly openAmount: bigint };
export type LineBody = { readonly lineId?: string; readonly item?: string; readonly description?: string; readonly quantity?: string; readonly unit?: string; readonly price?: string; readonly taxRate?: string; readonly amountNet?: string; readonly tax?: string };

/** Newest versions of supplier invoices that are not red, the latest first. `onlyOpen`: those of which something is still to be paid, or that have not been posted yet. */
export const findInvoices = (db: Db, bookId: number, filter: { readonly onlyOpen: boolean; readonly party: string | null; readonly documentId: bigint | null; readonly among: readonly bigint[] | null; readonly before: bigint; readonly limit: number }): Promise<InvoiceRow[]> =>
  db.query(`select d.document_id as "documentId", d.source, d.source_id as "sourceId", d.date, d.party, d.state, d.body::jsonb as body,
         coalesce((select sum(h.whole_quantity - h.taken_quantity) from vouchers.holding h where h.book_id = d.book_id and h.document_id = d.document_id and h.what = 'open'), 0)::bigint as "openAmount"
       from documents.document d where d.book_id = $1 and d.kind = 'supplierInvoice' and d.state in ('posted', 'waiting', 'parked') and d.document_id < $4 and ($2::text is null or d.party = $2) and ($3::bigint is null or d.document_id = $3) and ($7::bigint[] is null or d.document_id = any($7))
        and coalesce((d.body::jsonb ->> 'credit')::boolean, false) = false
        and not exists (select from documents.document n where n.book_id = d.book_id and n.document_id = d.document_id and n.source_version > d.source_version and n.state <> 'superseded')
        and (not $5 or d.state <> 'posted' or exists (select from vouchers.holding h where h.book_id = d.book_id and h.document_id = d.document_id and h.what = 'open' and h.whole_quantity <> h.taken_quantity))
       order by d.document_id desc limit $6`, [bookId, filter.party, filter.documentId, filter.before, filter.onlyOpen, filter.limit, filter.among]);

/** Which order line each invoice line is for: named by itself, or by the receipt that it names. */
export type OrderedBy = { readonly invoiceId: bigint; readonly line: string; readonly orderId: bigint; readonly orderLine: string };
export const findOrderedBy = (db: Db, bookId: number, invoices: readonly bigint[]): Promise<OrderedBy[]> =>
  db.query(`with named as materialized (select d.document_id as invoice_id, l ->> 'lineId' as line, k ->> 'to' as target from documents.document d cross join lateral jsonb_array_elements(coalesce(d.body::jsonb -> 'lines', '[]')) l cross join lateral jsonb_array_elements(coalesce(l -> 'links', '[]')) k
         where d.book_id = $1 and d.document_id = any($2) and d.state <> 'superseded'),
       parts as materialized (select invoice_id, line, split_part(regexp_replace(target, '^[^/]*:', ''), '/', 1) as kind, case when strpos(split_part(target, '/', 1), ':') > 0 then split_part(target, ':', 1) end as source, split_part(target, '/', 2) as source_id, split_part(target, '/', 3) as target_line from named),
       found as materialized (select p.invoice_id, p.line, p.kind, p.target_line, t.document_id from parts p cross join lateral (select d.document_id from documents.document d where d.book_id = $1 and d.source_id = p.source_id and d.kind = p.kind and (p.source is null or d.source = p.source) and d.state <> 'superseded' offset 0) t)
     select distinct invoice_id as "invoiceId", line, order_id as "orderId", order_line as "orderLine" from (
       select invoice_id, line, document_id as order_id, target_line as order_line from found where kind = 'purchaseOrder'
       union all
       select f.invoice_id, f.line, k.target_id, k.target_line from found f join lateral (select l ->> 'lineId' as line, x ->> 'to' as target from documents.document r cross join lateral jsonb_array_elements(coalesce(r.body::jsonb -> 'lines', '[]')) l cross join lateral jsonb_array_elements(coalesce(l -> 'links', '[]')) x
                where r.book_id = $1 and r.document_id = f.document_id and r.state <> 'superseded' and l ->> 'lineId' = f.target_line and x ->> 'to' like '%purchaseOrder/%') g on true
              join lateral (select document_id from documents.document o where o.book_id = $1 and o.source_id = split_part(g.target, '/', 2) and o.kind = 'purchaseOrder' and o.state <> 'superseded' offset 0) o on true
              join documents.link k on k.book_id = $1 and k.target_id = o.document_id and k.document_id = f.document_id and k.line = f.target_line
        where f.kind = 'goodsReceipt') t`, [bookId, invoices]);

export type OrderLineRow = { readonly orderId: bigint; readonly orderLine: string; readonly order: string; readonly body: LineBody | null; readonly received: bigint; readonly returned: bigint; /** By which invoice how much, millionths as text. */ readonly invoiced: Readonly<Record<string, string>>; readonly category: string };
/** Per order line what came in, went back and was invoiced, by the links; quantities in millionths of the stock unit. */
export const findOrderLines = (db: Db, bookId: number, lines: readonly { readonly orderId: bigint; readonly orderLine: string }[]): Promise<OrderLineRow[]> =>
  db.query(`with wanted as materialized (select distinct order_id, order_line from unnest($2::bigint[], $3::text[]) as u (order_id, order_line)),
       goods as materialized (select w.order_id, w.order_line, k.document_id, k.line, sum(k.quantity) as quantity from wanted w join documents.link k on k.book_id = $1 and k.target_id = w.order_id and k.target_line = w.order_line where k.kind = 'goodsReceipt' group by 1, 2, 3, 4),
       after_goods as materialized (select g.order_id, g.order_line, k.kind, k.document_id, sum(k.quantity) as quantity from goods g join documents.link k on k.book_id = $1 and k.target_id = g.document_id and k.target_line = g.line where k.kind in ('goodsReturn', 'supplierInvoice') group by 1, 2, 3, 4),
       invoiced as (select order_id, order_line, document_id, sum(quantity) as quantity from (
          select order_id, order_line, document_id, quantity from after_goods where kind = 'supplierInvoice'
          union all select w.order_id, w.order_line, k.document_id, k.quantity from wanted w join documents.link k on k.book_id = $1 and k.target_id = w.order_id and k.target_line = w.order_line where k.kind = 'supplierInvoice') t group by 1, 2, 3),
       categories as (select code, min(body -> 'fields' ->> 'category') as category from masterdata.record where book_id = $1 and kind = 'item' group by code)
     select w.order_id as "orderId", w.order_line as "orderLine", d.source_id as "order", l.body,
         coalesce((select sum(g.quantity) from goods g where g.order_id = w.order_id and g.order_line = w.order_line), 0)::bigint as received,
         coalesce((select sum(a.quantity) from after_goods a where a.order_id = w.order_id and a.order_line = w.order_line and a.kind = 'goodsReturn'), 0)::bigint as returned,
         coalesce((select jsonb_object_agg(i.document_id, i.quantity::text) from invoiced i where i.order_id = w.order_id and i.order_line = w.order_line), '{}') as invoiced, coalesce(c.category, '') as category
       from wanted w join lateral (select source_id, body from documents.document d where d.book_id = $1 and d.document_id = w.order_id and d.state <> 'superseded' order by source_version desc limit 1) d on true
       left join lateral (select one as body from jsonb_array_elements(d.body::jsonb -> 'lines') one where one ->> 'lineId' = w.order_line limit 1) l on true left join categories c on c.code = l.body ->> 'item'`,
    [bookId, lines.map(({ orderId }) => orderId), lines.map(({ orderLine }) => orderLine)]);

export type Alike = { readonly documentId: bigint; readonly other: bigint; readonly otherKey: string; readonly why: "number" | "eInvoice" | "amount" };
/**
 * Other invoices of the same supplier with the same number or the same sum within so many days; of a 数电票 whoever holds its number in the books of the
 * group. Each is found by an index: by party, and by the claim of the number.
 */
export const findAlike = (db: Db, bookId: number, invoices: readonly bigint[], days: number): Promise<Alike[]> =>
  db.query(`with live as not materialized (select d.book_id, d.document_id, d.party, d.date, d.source, d.source_id, d.body from documents.document d where d.book_id = $1 and d.kind = 'supplierInvoice' and d.state in ('posted', 'waiting', 'parked')
          and not exists (select from documents.document n where n.book_id = d.book_id and n.document_id = d.document_id and n.source_version > d.source_version and n.state <> 'superseded')),
       asked as materialized (select l.document_id, l.party, l.date, l.source || ':supplierInvoice/' || l.source_id as key, l.body::jsonb ->> 'invoiceNumber' as number, s.gross from live l cross join lateral (${grossOf("l")}) s
          where l.document_id = any($2) and coalesce((l.body::jsonb ->> 'credit')::boolean, false) = false),
       theirs as materialized (select l.document_id, l.party, l.date, l.source || ':supplierInvoice/' || l.source_id as key, l.body::jsonb ->> 'invoiceNumber' as number, s.gross from live l cross join lateral (${grossOf("l")}) s
          where l.party in (select party from asked) and l.party <> '' and coalesce((l.body::jsonb ->> 'credit')::boolean, false) = false)
     select a.document_id as "documentId", b.document_id as other, b.key as "otherKey", case when a.number = b.number and a.number ~ '^\\d{20}$' then 'eInvoice' when a.number = b.number then 'number' else 'amount' end as why
       from asked a join theirs b on b.party = a.party and b.document_id < a.document_id and (a.number = b.number or (a.gross = b.gross and a.gross > 0 and abs(a.date - b.date) <= $3 and (a.number is null or b.number is null)))
     union
     select a.document_id, 0::bigint, c.document, 'eInvoice' from asked a join books.book k on k.book_id = $1 join documents.invoice_claim c on c.group_code = k.group_code and c.direction = 'in' and c.number = a.number where a.number ~ '^\\d{20}$' and (c.book <> k.code or c.document <> a.key)
      order by 1, 2`, [bookId, invoices, days]);
const grossOf = (of: string): string => `select sum(coalesce((x ->> 'amountNet')::numeric, 0) + coalesce((x ->> 'tax')::numeric, 0)) as gross from jsonb_array_elements(coalesce(${of}.body::jsonb -> 'lines', '[]')) x`;
