/** What the frame of the web app counts, and its search: a few small reads that stay small on a large book. */
import type { Db } from "../platform/index.ts";

export type ShellCounts = { readonly documents: bigint; readonly parked: bigint; readonly waiting: bigint; readonly masterdata: bigint; readonly drafts: bigint; readonly ruleDrafts: bigint; readonly vouchers: bigint; readonly sources: bigint; readonly deadLetters: bigint; readonly deliveries: bigint };

/** Totals come from the head of the chain, not from counting; only what is open is counted. */
export const countShell = (db: Db, bookId: number): Promise<ShellCounts> =>
  db.one(`select coalesce((select next_document - 1 from vouchers.head where book_id = $1), 0) as documents, coalesce((select next_voucher - 1 from vouchers.head where book_id = $1), 0) as vouchers,
       (select count(*) from documents.document where book_id = $1 and state = 'parked') as parked, (select count(*) from documents.document where book_id = $1 and state = 'waiting') as waiting,
       (select count(*) from masterdata.record where book_id = $1 and kind <> 'exchangeRate') as masterdata, (select count(*) from vouchers.draft where book_id = $1 and state = 'draft') as drafts,
       (select count(*) from rules.version v where book_id = $1 and approved_by is null and not exists (select from rules.rejection r where r.book_id = v.book_id and r.version = v.version) and version > coalesce((select max(version) from rules.version where book_id = $1 and approved_by is not null), 0)) as "ruleDrafts",
       (select count(*) from connectors.flow where book_id = $1) as sources, (select count(*) from connectors.dead_letter where book_id = $1 and status = 'open') as "deadLetters",
       (select count(*) from delivery.delivery where book_id = $1 and state in ('rejected', 'unknown', 'held', 'drifted')) as deliveries`, [bookId]);

/** What those with a part of the book may count: their own parked documents. */
export const countOpenDocuments = (db: Db, bookId: number): Promise<{ readonly parked: bigint; readonly waiting: bigint }> =>
  db.one("select count(*) filter (where state = 'parked') as parked, count(*) filter (where state = 'waiting') as waiting from documents.document where book_id = $1 and state in ('parked', 'waiting')", [bookId]);

export type TodoRow = { readonly kind: string; readonly count: bigint; readonly oldestAt: string | null };
/** What waits for a person, by kind, with the oldest of it; what this person prepared is not theirs to review or approve. */
export const findTodo = (db: Db, bookId: number, user: string): Promise<TodoRow[]> =>
  db.query(`select kind, count, oldest as "oldestAt" from (
      select 1 as place, 'parked' as kind, count(*) as count, min(state_at) as oldest from documents.document where book_id = $1 and state = 'parked'
      union all select 2, 'drafts', count(*), min(prepared_at) from vouchers.draft where book_id = $1 and state = 'draft' and prepared_by <> $2
      union all select 3, 'rules', count(*), min(proposed_at) from rules.version v where book_id = $1 and approved_by is null and proposed_by <> $2 and not exists (select from rules.rejection r where r.book_id = v.book_id and r.version = v.version) and version > coalesce((select max(version) from rules.version where book_id = $1 and approved_by is not null), 0)
      union all select 4, 'deadLetters', count(*), min(first_at) from connectors.dead_letter where book_id = $1 and status = 'open'
      union all select 5, 'deliveries', count(*), min(state_at) from delivery.delivery where book_id = $1 and state in ('rejected', 'unknown', 'held', 'drifted')
      union all select 6, 'payments', count(*), min(proposed_at) from reconciliation.payment_batch where book_id = $1 and state = 'proposed' and proposed_by <> $2
      union all select 7, 'supplierAccounts', count(*), min(set_at) from reconciliation.supplier_account where book_id = $1 and decided_at is null and set_by <> $2
      union all select 8, 'alerts', count(distinct a.alert_no), min(a.opened_at) from reconciliation.alert a join reconciliation.alert_event e on e.book_id = a.book_id and e.alert_no = a.alert_no join reconciliation.alert_send s on s.book_id = e.book_id and s.event_no = e.event_no
         where a.book_id = $1 and a.state = 'open' and (a.snoozed_until is null or a.snoozed_until < now()) and s.channel = 'inApp' and s.recipient = $2
    ) t where count > 0 order by place`, [bookId, user]);

/** Documents whose number begins with the text, the latest first: the unique key starts with the number, so that it is a short range. */
export const searchDocuments = (db: Db, bookId: number, text: string, limit: number): Promise<{ readonly source: string; readonly kind: string; readonly sourceId: string; readonly date: string; readonly party: string; readonly state: string }[]> =>
  db.query(`select source, kind, source_id as "sourceId", date, party, state from documents.document
      where book_id = $1 and source_id >= $2 collate "C" and source_id < ($2 || U&'\\FFFF') collate "C" and state <> 'superseded' order by source_id, document_id desc limit $3`, [bookId, text, limit]);

/** Vouchers of a number, the latest period first. */
export const searchVouchers = (db: Db, bookId: number, series: string | null, number: number, limit: number): Promise<{ readonly period: string; readonly series: string; readonly number: number; readonly date: string; readonly summary: string }[]> =>
  db.query(`select period, series, number, date, summary from vouchers.voucher where book_id = $1 and ($2::text is null or series = $2) and number = $3 and period = any(select period from books.period where book_id = $1)
      order by period desc, series limit $4`, [bookId, series, number, limit]);

/** Names and codes of master records, to be searched with their pinyin. */
export const findNames = (db: Db, bookId: number): Promise<{ readonly kind: string; readonly code: string; readonly zh: string; readonly en: string }[]> =>
  db.query("select kind, code, min(body -> 'name' ->> 'zh') as zh, min(body -> 'name' ->> 'en') as en from masterdata.record where book_id = $1 and kind <> 'exchangeRate' group by kind, code order by kind, code", [bookId]);
export const stampOfNames = async (db: Db, bookId: number): Promise<string> =>
  (await db.one<{ stamp: string }>("select count(*) || ' ' || coalesce(max(changed_at)::text, '') as stamp from masterdata.record where book_id = $1", [bookId])).stamp;
