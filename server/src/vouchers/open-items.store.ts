/** SQL of open items on screen: sums by party, the items of one party, what cleared an item. It reads, nothing else. */
import type { Db } from "../platform/index.ts";

/**
 * Open items with the date they stand from. A line of an opening balance stands from the date of the old document: such documents are
 * opened up once, not once an item.
 */
const openItems = `items as materialized (
       select h.* from vouchers.holding h
        where h.book_id = $1 and h.what = 'open' and h.what in ('estimate', 'open') and h.whole_quantity <> h.taken_quantity and ($2::text is null or h.party = $2)
     ), openings as materialized (
       select d.document_id, one.value ->> 'lineId' as line, (one.value ->> 'date')::date as date, one.value ->> 'document' as original
         from (select distinct on (d.document_id) d.document_id, d.body from documents.document d
                where d.book_id = $1 and d.document_id in (select document_id from items where line <> '') and d.kind = 'openingBalance' order by d.document_id, d.source_version desc) d,
              jsonb_array_elements(d.body::jsonb -> 'lines') as one
     ), dated as (
       select i.*, coalesce(i.due_on, o.date, i.date) as aged_from, o.original, o.date as original_date
         from items i left join openings o on o.document_id = i.document_id and o.line = i.line
     )`;

export type PartyOpenRow = { party: string; account: string; bucket: number; isAgainst: boolean; items: bigint; base: bigint; oldest: string };

/** By party, account, direction and bucket: the bucket is the place of the first limit that the age does not pass. */
export const sumOpenByParty = (db: Db, bookId: number, at: string, limits: readonly number[]) =>
  db.query<PartyOpenRow>(
    `with ${openItems}
     select party, account, (select count(*) from unnest($4::int[]) as most where $3::date - aged_from > most)::int as bucket, whole_amount < taken_amount as "isAgainst", count(*) as items,
            sum(whole_amount - taken_amount)::bigint as base, min(aged_from) as oldest
       from dated group by 1, 2, 3, 4 order by 1, 2, 3, 4`, [bookId, null, at, limits]);

export type PartyItemRow = {
  documentId: bigint; source: string; kind: string; sourceId: string; line: string; account: string; party: string; currency: string; date: string; dueOn: string | null; agedFrom: string; original: string | null; originalDate: string | null;
  wholeQuantity: bigint; takenQuantity: bigint; wholeAmount: bigint; takenAmount: bigint; salesperson: string | null; number: string | null;
};

/** The open items of one party, oldest first. */
export const findOpenOfParty = (db: Db, bookId: number, party: string) =>
  db.query<PartyItemRow>(
    `with ${openItems}
     select i.document_id as "documentId", d.source, d.kind, d.source_id as "sourceId", i.line, i.account, i.party, i.currency, i.date, i.due_on as "dueOn", i.aged_from as "agedFrom", i.original, i.original_date as "originalDate",
            i.whole_quantity as "wholeQuantity", i.taken_quantity as "takenQuantity", i.whole_amount as "wholeAmount", i.taken_amount as "takenAmount",
            case when d.kind <> 'openingBalance' then coalesce(d.body::jsonb ->> 'salesperson', d.body::jsonb ->> 'buyer') end as salesperson, case when d.kind <> 'openingBalance' then d.body::jsonb ->> 'number' end as number
       from dated i
       join lateral (select source, kind, source_id, body from documents.document where book_id = $1 and document_id = i.document_id order by source_version desc limit 1) d on true
      order by i.aged_from, i.document_id, i.line`, [bookId, party]);

export type ClearingRow = { documentId: bigint; source: string; kind: string; sourceId: string; date: string; amount: bigint; receivedAt: string };

/** What cleared a document's open item: payments, settlements, notes, red invoices that point at it, oldest first. */
export const findClearings = (db: Db, bookId: number, documentId: bigint) =>
  db.query<ClearingRow>(
    `select l.document_id as "documentId", d.source, d.kind, d.source_id as "sourceId", d.date, sum(l.amount)::bigint as amount, d.received_at as "receivedAt"
       from documents.link l
       join documents.document d on d.book_id = l.book_id and d.document_id = l.document_id and d.source_version = l.source_version
      where l.book_id = $1 and l.target_id = $2 and l.amount <> 0 and d.kind in ('cashReceipt', 'supplierPayment', 'settlement', 'bill', 'writeOff', 'salesInvoice', 'supplierInvoice', 'adjustment', 'bankStatementLine', 'expenseClaim')
      group by 1, 2, 3, 4, 5, 7 having sum(l.amount) <> 0 order by d.date, l.document_id`, [bookId, documentId]);

export const findPartyKinds = (db: Db, bookId: number, codes: readonly string[]) =>
  db.query<{ code: string; kind: string; zh: string | null; en: string | null; owner: string | null }>(
    `select distinct on (code, kind) code, kind, body -> 'name' ->> 'zh' as zh, body -> 'name' ->> 'en' as en, coalesce(body ->> 'salesperson', body ->> 'buyer') as owner
       from masterdata.record where book_id = $1 and kind in ('customer', 'supplier', 'employee') and code = any($2) order by code, kind, version desc`, [bookId, codes]);
