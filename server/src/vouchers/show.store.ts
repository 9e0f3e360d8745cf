/** SQL of one voucher or draft on the screen: names beside codes. */
import type { Db } from "../platform/index.ts";

export type Names = { readonly zh: string; readonly en: string };

/** Names of master records by kind and code. */
export const findNamesOf = (db: Db, bookId: number, kinds: readonly string[], codes: readonly string[]): Promise<(Names & { kind: string; code: string })[]> =>
  db.query(
    `select distinct on (w.kind, w.code) w.kind, w.code, coalesce(r.body -> 'name' ->> 'zh', '') as zh, coalesce(r.body -> 'name' ->> 'en', '') as en
       from unnest($2::text[], $3::text[]) as w (kind, code) join masterdata.record r on r.book_id = $1 and r.kind = w.kind and r.code = w.code
      order by w.kind, w.code, r.version desc`, [bookId, kinds, codes]);

export type SourceRow = { documentId: bigint; document: string; kind: string; number: string; date: string; party: string; amount: string | null; state: string };

/** The newest version of these documents: what is attached to a voucher. The amount is the gross one where the body says it. */
export const findAttached = (db: Db, bookId: number, keys: readonly string[]): Promise<SourceRow[]> =>
  db.query(
    `select distinct on (d.document_id) d.document_id as "documentId", w.key as document, d.kind, d.source_id as number, d.date, d.party, coalesce(d.body::jsonb ->> 'amountGross', d.body::jsonb ->> 'amount') as amount, d.state
       from unnest($2::text[], $3::text[], $4::text[], $5::text[]) as w (key, source, kind, source_id)
       join documents.document d on d.book_id = $1 and d.source_id = w.source_id and d.kind = w.kind and d.source = w.source
      order by d.document_id, (d.state = 'superseded'), d.source_version desc`, [bookId, keys, ...splitKeys(keys)]);

/** source:kind/sourceId apart, as three columns. */
function splitKeys(keys: readonly string[]): [string[], string[], string[]] {
  const parts = keys.map((key) => ({ colon: key.indexOf(":"), slash: key.indexOf("/"), key }));
  return [parts.map(({ key, colon }) => key.slice(0, colon)), parts.map(({ key, colon, slash }) => key.slice(colon + 1, slash)), parts.map(({ key, slash }) => key.slice(slash + 1))];
}

export type DraftRow = {
  draftId: bigint; documentId: bigint; version: bigint; document: string; kind: string; docBody: string; body: unknown; state: string; why: string; preparedBy: string; preparedAt: string;
  sentBackBy: string | null; sentBackAt: string | null; sentBackReason: string | null;
};
const draftColumns = `f.draft_id as "draftId", f.document_id as "documentId", f.source_version as version, d.source || ':' || d.kind || '/' || d.source_id as document, d.kind, d.body as "docBody", f.body, f.state, f.why,
            f.prepared_by as "preparedBy", f.prepared_at as "preparedAt", f.sent_back_by as "sentBackBy", f.sent_back_at as "sentBackAt", f.sent_back_reason as "sentBackReason"`;
const draftDocument = "join documents.document d on d.book_id = f.book_id and d.document_id = f.document_id and d.source_version = f.source_version";

/** Open drafts, oldest first. */
export const findOpenDrafts = (db: Db, bookId: number, limit: number): Promise<DraftRow[]> =>
  db.query(`select ${draftColumns} from vouchers.draft f ${draftDocument} where f.book_id = $1 and f.state = 'draft' order by f.draft_id limit $2`, [bookId, limit]);

export const findDraft = (db: Db, bookId: number, draftId: string): Promise<DraftRow | undefined> =>
  db.maybe(`select ${draftColumns} from vouchers.draft f ${draftDocument} where f.book_id = $1 and f.draft_id = $2 and f.state = 'draft'`, [bookId, draftId]);

export const findDraftOfDocument = (db: Db, bookId: number, document: string): Promise<DraftRow | undefined> => {
  const [[source], [kind], [sourceId]] = splitKeys([document]);
  return db.maybe(`select ${draftColumns} from vouchers.draft f ${draftDocument} where f.book_id = $1 and d.source_id = $4 and d.kind = $3 and d.source = $2 and f.state = 'draft' order by f.draft_id desc limit 1`, [bookId, source, kind, sourceId]);
};

/** Answers nothing when it was posted, voided or sent back meanwhile. */
export const sendDraftBack = (db: Db, bookId: number, draftId: string, by: string, at: string, reason: string): Promise<{ draftId: bigint } | undefined> =>
  db.maybe(
    `update vouchers.draft set sent_back_by = $3, sent_back_at = $4, sent_back_reason = $5
      where book_id = $1 and draft_id = $2 and state = 'draft' and sent_back_at is null returning draft_id as "draftId"`, [bookId, draftId, by, at, reason]);

/** Summaries of the latest vouchers that people wrote, the latest first, each once. */
export const findRecentSummaries = (db: Db, bookId: number, text: string, limit: number): Promise<{ summary: string }[]> =>
  db.query(
    `select summary from (select one.summary, max(f.draft_id) as at
               from (select draft_id, body from vouchers.draft where book_id = $1 and state <> 'void' order by draft_id desc limit 500) f
               cross join lateral (select f.body ->> 'summary' as summary union select l.value ->> 'summary' from jsonb_array_elements(f.body -> 'lines') as l) as one
              where one.summary <> '' and position(lower($2) in lower(one.summary)) > 0 group by one.summary) as s
      order by at desc limit $3`, [bookId, text, limit]);
