/** What the data service reads beyond the reports: documents with their content, and the chains from orders to money. */
import type { Db } from "../platform/index.ts";

export type DocumentRow = { readonly documentId: bigint; readonly kind: string; readonly source: string; readonly sourceId: string; readonly version: bigint; readonly date: string; readonly period: string; readonly party: string; readonly state: string; readonly body: string; readonly receivedAt: string; readonly stateAt: string };

/** Newest versions in the order of arrival; with `since`, those that came or changed at or after it. */
export const findDocumentsWhole = (db: Db, bookId: number, filter: { readonly kind: string | null; readonly since: string | null; readonly after: bigint; readonly limit: number }): Promise<DocumentRow[]> =>
  db.query(`select document_id as "documentId", kind, source, source_id as "sourceId", source_version as version, date, period, party, state, body, received_at as "receivedAt", state_at as "stateAt"
      from documents.document d where book_id = $1 and ($2::text is null or kind = $2) and ($3::timestamptz is null or state_at >= $3) and document_id > $4 and state <> 'superseded'
       and not exists (select 1 from documents.document n where n.book_id = d.book_id and n.document_id = d.document_id and n.source_version > d.source_version and n.state <> 'superseded')
     order by document_id limit $5`, [bookId, filter.kind, filter.since, filter.after, filter.limit]);

export type ChainRow = {
  readonly documentId: bigint; readonly source: string; readonly kind: string; readonly sourceId: string; readonly date: string; readonly party: string; readonly currency: string | null;
  readonly ordered: string; readonly delivered: bigint; readonly returned: bigint; readonly invoiced: bigint; readonly invoicedAmount: bigint; readonly settledAmount: bigint; readonly goods: string[] | null; readonly invoices: string[] | null;
};

/**
 * One row an order: quantities in millionths, amounts in minor units of the invoices' currency. Goods are counted by the lines that link to the
 * order, invoices by lines that link to it or to its goods; an invoice of several orders counts for each by its share of the quantity.
 */
export const findChains = (db: Db, bookId: number, filter: { readonly kind: "salesOrder" | "purchaseOrder"; readonly party: string | null; readonly after: bigint; readonly limit: number }): Promise<ChainRow[]> =>
  db.query(`with orders as materialized (
        select document_id, source, kind, source_id, date, party, body from documents.document
         where book_id = $1 and kind = $2 and state in ('posted', 'exempt') and ($3::text is null or party = $3) and document_id > $4 order by document_id limit $5),
      goods as materialized (
        select k.target_id as order_id, k.document_id, k.line, sum(k.quantity) as quantity from orders o join documents.link k on k.book_id = $1 and k.target_id = o.document_id
         where k.kind = any($6::text[]) group by 1, 2, 3 having sum(k.quantity) <> 0),
      taken as materialized (
        select g.order_id, k.document_id, k.kind, sum(k.quantity) as quantity from goods g join documents.link k on k.book_id = $1 and k.target_id = g.document_id and k.target_line = g.line
         where k.kind = any($7::text[]) or k.kind = any($8::text[]) group by 1, 2, 3
        union all
        select k.target_id, k.document_id, k.kind, sum(k.quantity) from orders o join documents.link k on k.book_id = $1 and k.target_id = o.document_id where k.kind = any($8::text[]) group by 1, 2, 3),
      invoices as materialized (select order_id, document_id, sum(quantity) as quantity from taken where kind = any($8::text[]) group by 1, 2 having sum(quantity) <> 0),
      whole as (select i.document_id, sum(k.quantity) as quantity from (select distinct document_id from invoices) i join documents.link k on k.book_id = $1 and k.document_id = i.document_id group by 1),
      money as (
        select i.order_id, max(h.currency) as currency, sum(round(h.whole_quantity * i.quantity / w.quantity)) as invoiced, sum(round(h.taken_quantity * i.quantity / w.quantity)) as settled
          from invoices i join whole w on w.document_id = i.document_id and w.quantity <> 0 join vouchers.holding h on h.book_id = $1 and h.document_id = i.document_id and h.what = 'open' group by 1)
    select o.document_id as "documentId", o.source, o.kind, o.source_id as "sourceId", o.date, o.party, m.currency,
           (select coalesce(sum((l ->> 'quantity')::numeric), 0)::text from jsonb_array_elements(coalesce(o.body::jsonb -> 'lines', '[]')) l) as ordered,
           coalesce((select sum(quantity) from goods g where g.order_id = o.document_id), 0)::bigint as delivered,
           coalesce((select sum(quantity) from taken t where t.order_id = o.document_id and t.kind = any($7::text[])), 0)::bigint as returned,
           coalesce((select sum(quantity) from invoices i where i.order_id = o.document_id), 0)::bigint as invoiced,
           coalesce(m.invoiced, 0)::bigint as "invoicedAmount", coalesce(m.settled, 0)::bigint as "settledAmount",
           (select array_agg(distinct d.source || ':' || d.kind || '/' || d.source_id) from goods g join documents.document d on d.book_id = $1 and d.document_id = g.document_id where g.order_id = o.document_id) as goods,
           (select array_agg(distinct d.source || ':' || d.kind || '/' || d.source_id) from invoices i join documents.document d on d.book_id = $1 and d.document_id = i.document_id where i.order_id = o.document_id) as invoices
      from orders o left join money m on m.order_id = o.document_id order by o.document_id`,
    [bookId, filter.kind, filter.party, filter.after, filter.limit, ...(filter.kind === "salesOrder" ? [["shipment"], ["shipmentReturn"], ["salesInvoice"]] : [["goodsReceipt"], ["goodsReturn"], ["supplierInvoice"]])]);
