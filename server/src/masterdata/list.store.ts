/** SQL of the lists of master data: it reads, nothing else. */
import type { Db } from "../platform/index.ts";

export type RecordRow = { source: string; version: number; changedAt: string; body: { name: { zh: string; en: string }; fields: Record<string, string>; units: Record<string, string> } };
export type CodeRow = { kind: string; code: string; records: RecordRow[] };

const records = `jsonb_agg(jsonb_build_object('source', source, 'version', version, 'changedAt', changed_at, 'body', body) order by changed_at desc, source) as records`;

export const countKinds = (db: Db, bookId: number) =>
  db.query<{ kind: string; codes: bigint; changedAt: string }>(`select kind, count(distinct code) as codes, max(changed_at) as "changedAt" from masterdata.record where book_id = $1 group by kind`, [bookId]);

/** Codes of a kind in their order, after this one: one range of the primary key. */
export const findCodes = (db: Db, bookId: number, kind: string, after: string, limit: number) =>
  db.query<CodeRow>(`select kind, code, ${records} from masterdata.record where book_id = $1 and kind = $2 and code > $3 group by kind, code order by code limit $4`, [bookId, kind, after, limit]);

/** These codes, each of its kind. */
export const findTheseCodes = (db: Db, bookId: number, kinds: readonly string[], codes: readonly string[]) =>
  db.query<CodeRow>(
    `select r.kind, r.code, ${records} from unnest($2::text[], $3::text[]) as w (kind, code) join masterdata.record r on r.book_id = $1 and r.kind = w.kind and r.code = w.code group by r.kind, r.code`, [bookId, kinds, codes]);

export const findOneCode = (db: Db, bookId: number, kind: string, code: string) =>
  db.maybe<CodeRow>(`select kind, code, ${records} from masterdata.record where book_id = $1 and kind = $2 and code = $3 group by kind, code`, [bookId, kind, code]);

export type MissingRow = { problem: string; kind: string; code: string; source: string; unit: string; alike: string; documents: bigint; since: string; example: string };

/** What parked documents wait for: codes without a record, units without a conversion. Parked documents are few and have an index of their own. */
export const findMissing = (db: Db, bookId: number, limit: number) =>
  db.query<MissingRow>(
    `select r ->> 'code' as problem, coalesce(r -> 'facts' ->> 'kind', 'item') as kind, coalesce(r -> 'facts' ->> 'code', r -> 'facts' ->> 'item', r -> 'facts' ->> 'from' || '>' || (r -> 'facts' ->> 'to'), '') as code,
            coalesce(r -> 'facts' ->> 'source', d.source) as source, coalesce(r -> 'facts' ->> 'unit', '') as unit, max(coalesce(r -> 'facts' ->> 'alike', '')) as alike,
            count(distinct d.document_id) as documents, min(d.state_at) as since, min(d.source || ':' || d.kind || '/' || d.source_id) as example
       from documents.document d cross join lateral jsonb_array_elements(d.reasons) as r
      where d.book_id = $1 and d.state in ('waiting', 'parked') and r ->> 'code' in ('masterdata.unknown', 'masterdata.unit_unknown', 'masterdata.suspended', 'masterdata.ambiguous')
      group by 1, 2, 3, 4, 5 order by documents desc, since, code limit $2`, [bookId, limit]);
