/** SQL that spoils a book on purpose, as the owner of a throw-away database, where neither rights nor triggers stand in the way. */
import type { Db } from "../../platform/index.ts";

/** Triggers that keep posted rows rest until the transaction ends. */
export const unguard = (owner: Db): Promise<void> => owner.exec("set local session_replication_role = replica");

/** A document that is called posted, and nothing follows from it. */
export const addDocument = (owner: Db, bookId: number, document: { readonly source: string; readonly kind: string; readonly sourceId: string; readonly date: string; readonly party: string; readonly body: string }): Promise<{ readonly id: bigint }> =>
  owner.one(`with next as (update vouchers.head set next_document = next_document + 1 where book_id = $1 returning next_document - 1 as id)
     insert into documents.document (book_id, document_id, source_version, source, kind, source_id, date, period, party, state, body, received_at, state_at)
     select $1, id, 1, $2, $3, $4, $5::date, to_char($5::date, 'YYYY-MM'), $6, 'posted', $7, $5::date, $5::date from next returning document_id as id`, [bookId, document.source, document.kind, document.sourceId, document.date, document.party, document.body]);

export type Posted = { readonly voucherId: bigint; readonly voucher: string; readonly period: string; readonly documentId: bigint; readonly document: string };
/** Vouchers of one kind of document with one line on an account, the oldest first. */
export const findVouchers = (owner: Db, bookId: number, kind: string, account: string, limit: number): Promise<Posted[]> =>
  owner.query(`select v.voucher_id as "voucherId", v.period || '/' || v.series || '-' || v.number as voucher, v.period, v.document_id as "documentId", d.source || ':' || d.kind || '/' || d.source_id as document
       from vouchers.voucher v join documents.document d on d.book_id = v.book_id and d.document_id = v.document_id and d.state = 'posted' and d.kind = $2
      where v.book_id = $1 and (select count(*) from vouchers.line l where l.book_id = $1 and l.period = v.period and l.voucher_id = v.voucher_id and l.account = $3) = 1
        and (select count(*) from vouchers.voucher o where o.book_id = $1 and o.document_id = v.document_id) = 1 order by v.voucher_id limit $4`, [bookId, kind, account, limit]);
export const moveLine = (owner: Db, bookId: number, voucher: Posted, from: string, to: string): Promise<unknown> =>
  owner.query("update vouchers.line set account = $5 where book_id = $1 and period = $2 and voucher_id = $3 and account = $4", [bookId, voucher.period, voucher.voucherId, from, to]);
/** One cent more on both sides. */
export const raiseVoucher = (owner: Db, bookId: number, voucher: Posted): Promise<unknown> =>
  owner.query(`with ends as (select min(line_no) filter (where debit > 0) as debited, min(line_no) filter (where credit > 0) as credited from vouchers.line where book_id = $1 and period = $2 and voucher_id = $3)
     update vouchers.line l set debit = debit + case when line_no = debited then 100 else 0 end, credit = credit + case when line_no = credited then 100 else 0 end from ends where l.book_id = $1 and l.period = $2 and l.voucher_id = $3 and line_no in (debited, credited)`, [bookId, voucher.period, voucher.voucherId]);

/** The stock ledger was costed again, and the books were not told. */
export const recost = (owner: Db, bookId: number, documentId: bigint, by: bigint): Promise<unknown> =>
  owner.query("update vouchers.stock_move set amount = amount + $3 where book_id = $1 and document_id = $2 and move_no = (select min(move_no) from vouchers.stock_move where book_id = $1 and document_id = $2)", [bookId, documentId, by]);
export const dropMoves = (owner: Db, bookId: number, documentId: bigint): Promise<unknown> => owner.query("delete from vouchers.stock_move where book_id = $1 and document_id = $2", [bookId, documentId]);

export const findDocumentIds = (owner: Db, bookId: number, source: string, kind: string): Promise<{ readonly id: bigint; readonly sourceId: string }[]> =>
  owner.query(`select document_id as id, source_id as "sourceId" from documents.document where book_id = $1 and source = $2 and kind = $3 and state = 'posted' order by document_id`, [bookId, source, kind]);
export const findVoucherOf = (owner: Db, bookId: number, documentId: bigint): Promise<{ readonly voucher: string; readonly voucherId: bigint; readonly period: string }[]> =>
  owner.query(`select v.period || '/' || v.series || '-' || v.number as voucher, v.voucher_id as "voucherId", v.period from vouchers.voucher v where v.book_id = $1 and v.document_id = $2 order by v.voucher_id`, [bookId, documentId]);
export const findDraftIds = (owner: Db, bookId: number, sourceIds: readonly string[]): Promise<{ readonly draft: bigint; readonly sourceId: string }[]> =>
  owner.query(`select f.draft_id as draft, d.source_id as "sourceId" from vouchers.draft f join documents.document d on d.book_id = f.book_id and d.document_id = f.document_id where f.book_id = $1 and f.state = 'draft' and d.source_id = any($2) order by 1`, [bookId, sourceIds]);

/** A delivery as it stands after its call, and what was found of it there. */
export const addDelivery = (owner: Db, bookId: number, delivery: { readonly voucherId: bigint; readonly voucher: string; readonly period: string; readonly no: number; readonly state: string; readonly problem: object | null; readonly at: string }): Promise<{ readonly no: bigint }> =>
  owner.one(`insert into delivery.delivery (book_id, flow, delivery_id, reference, purpose, subject, period, voucher_id, state, problem, made_at, state_at) values ($1, 'gl', $2, $3, 'voucher', $4, $5, $6, $7, $8, $9, $9) returning delivery_no as no`,
    [bookId, `set-${delivery.no}`, `SET-${delivery.no}`, delivery.voucher, delivery.period, delivery.voucherId, delivery.state, delivery.problem === null ? null : JSON.stringify(delivery.problem), delivery.at]);
export const addDrift = (owner: Db, bookId: number, drift: { readonly no: bigint; readonly kind: string; readonly ours: object | null; readonly theirs: object | null; readonly at: string }): Promise<unknown> =>
  owner.query("insert into delivery.drift (book_id, delivery_no, kind, fingerprint, ours, theirs, found_at) values ($1, $2, $3, $4, $5, $6, $7)", [bookId, drift.no, drift.kind, `set-${drift.no}`, JSON.stringify(drift.ours), JSON.stringify(drift.theirs), drift.at]);
export const findVoucherLines = (owner: Db, bookId: number, voucherId: bigint): Promise<{ readonly date: string; readonly account: string; readonly amount: string }[]> =>
  owner.query(`select v.date, l.account, ((l.debit - l.credit)::numeric / 100)::text as amount from vouchers.voucher v join vouchers.line l on l.book_id = v.book_id and l.period = v.period and l.voucher_id = v.voucher_id where v.book_id = $1 and v.voucher_id = $2 order by l.account, 3`, [bookId, voucherId]);
export const findSomeVouchers = (owner: Db, bookId: number, limit: number): Promise<{ readonly voucherId: bigint; readonly voucher: string; readonly period: string }[]> =>
  owner.query(`select voucher_id as "voucherId", period || '/' || series || '-' || number as voucher, period from vouchers.voucher where book_id = $1 and debit_total > 0 order by voucher_id desc limit $2`, [bookId, limit]);
