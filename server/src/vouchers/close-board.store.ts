/** SQL of the close board: what stands in the way of closing each period, and which tasks of a month end have run. It reads, nothing else. */
import type { Db } from "../platform/index.ts";

/** Documents that wait or are parked, by the month of their date: the gate of closing counts by date too. */
export const countOpenByMonth = (db: Db, bookId: number) =>
  db.query<{ period: string; state: string; documents: bigint }>(
    `select to_char(date, 'YYYY-MM') as period, state, count(*) as documents from documents.document where book_id = $1 and state in ('waiting', 'parked') group by 1, 2`, [bookId]);

export const countDraftsByMonth = (db: Db, bookId: number) =>
  db.query<{ period: string; drafts: bigint }>(`select left(body ->> 'date', 7) as period, count(*) as drafts from vouchers.draft where book_id = $1 and state = 'draft' group by 1`, [bookId]);

/** Debit − credit of each period, and what both sides turned over. */
export const sumPeriods = (db: Db, bookId: number) =>
  db.query<{ period: string; off: bigint; debit: bigint }>(`select period, sum(debit - credit)::bigint as off, sum(debit)::bigint as debit from vouchers.balance_cache where book_id = $1 group by period order by period`, [bookId]);

/** Voucher numbers given in each period: they have no gap, so the counters are the count. */
export const countVouchersByPeriod = (db: Db, bookId: number) =>
  db.query<{ period: string; vouchers: bigint }>(`select period, sum(last)::bigint as vouchers from vouchers.counter where book_id = $1 group by period`, [bookId]);

export type RunRow = { source: string; kind: string; sourceId: string; date: string; state: string; body: string; receivedAt: string; vouchers: string[]; by: string | null };

/** The documents of month-end tasks dated in these days, whoever sent them, with what they posted. */
export const findRuns = (db: Db, bookId: number, from: string, to: string, kinds: readonly string[]) =>
  db.query<RunRow>(
    `select d.source, d.kind, d.source_id as "sourceId", d.date, d.state, d.body, d.received_at as "receivedAt",
            array(select v.series || '-' || v.number from vouchers.voucher v where v.book_id = $1 and v.voucher_id in (select unnest(e.voucher_ids) from vouchers.event e where e.book_id = $1 and e.document_id = d.document_id) order by v.voucher_id) as vouchers,
            (select min(v.posted_by) from vouchers.voucher v where v.book_id = $1 and v.voucher_id in (select unnest(e.voucher_ids) from vouchers.event e where e.book_id = $1 and e.document_id = d.document_id)) as by
       from documents.document d
      where d.book_id = $1 and d.date between $2 and $3 and d.kind = any($4) and d.state <> 'superseded' order by d.received_at, d.document_id`, [bookId, from, to, kinds]);

/** Closings and reopenings of periods, newest first. */
export const findCloseActs = (db: Db, bookId: number) =>
  db.query<{ what: string; period: string; at: string; by: string; reason: string }>(
    `select what, facts ->> 'period' as period, at, by, reason from books.act where book_id = $1 and what in ('period.closed', 'period.reopened') order by act_no desc`, [bookId]);
