/** SQL of the trace as people see it: when documents came, what they wait for, drafts they made. It reads, nothing else. */
import type { Db } from "../platform/index.ts";

export type ArrivalRow = { documentId: bigint; version: bigint; receivedAt: string; reasons: { code: string; facts: Record<string, string>; where?: string }[] | null };

export const findArrivals = (db: Db, bookId: number, documentIds: readonly bigint[], versions: readonly bigint[]) =>
  db.query<ArrivalRow>(
    `select d.document_id as "documentId", d.source_version as version, d.received_at as "receivedAt", d.reasons
       from unnest($2::bigint[], $3::bigint[]) as w (document_id, source_version)
       join documents.document d on d.book_id = $1 and d.document_id = w.document_id and d.source_version = w.source_version`, [bookId, documentIds, versions]);

/** What these documents wait for and is not there yet. */
export const findWanted = (db: Db, bookId: number, documentIds: readonly bigint[]) =>
  db.query<{ documentId: bigint; wanted: string }>(`select distinct document_id as "documentId", wanted from documents.wait where book_id = $1 and document_id = any($2::bigint[]) order by 1, 2`, [bookId, documentIds]);

/** Vouchers of these documents that a person has still to review. */
export const findDraftsOf = (db: Db, bookId: number, documentIds: readonly bigint[]) =>
  db.query<{ draftId: bigint; documentId: bigint; why: string; preparedBy: string; preparedAt: string; body: { date?: string; summary?: string } }>(
    `select draft_id as "draftId", document_id as "documentId", why, prepared_by as "preparedBy", prepared_at as "preparedAt", body from vouchers.draft
      where book_id = $1 and state = 'draft' and document_id = any($2::bigint[]) order by draft_id`, [bookId, documentIds]);

/** The stock units of items. */
export const findItemUnits = (db: Db, bookId: number, items: readonly string[]) =>
  db.query<{ code: string; unit: string | null }>(`select distinct on (code) code, body ->> 'unit' as unit from masterdata.record where book_id = $1 and kind = 'item' and code = any($2) order by code, version desc`, [bookId, items]);
