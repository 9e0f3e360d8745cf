import type { Db, Problem } from "../platform/index.ts";

export type DocumentRow = {
  documentId: bigint; version: bigint; source: string; kind: string; sourceId: string; date: string; period: string; party: string;
  state: "posted" | "exempt" | "waiting" | "parked" | "superseded"; reasons: Problem[] | null; receivedAt: string; stateAt: string;
};

export type DocumentConditions = {
  readonly state?: string | undefined;
  readonly kind?: string | undefined;
  readonly source?: string | undefined;
  readonly period?: string | undefined;
  readonly party?: string | undefined;
  readonly text?: string | undefined;
  readonly documentId?: bigint | undefined;
  /** Code of the first reason of one that waits or is parked, and what that is about. */
  readonly reason?: string | undefined;
  readonly about?: string | undefined;
};

/** What the first reason is about, by its code: the code without master data, the line's account, the item. Those with the same reason about the same are decided together. */
const about = `case d.reasons -> 0 ->> 'code'
              when 'masterdata.unknown' then (d.reasons -> 0 -> 'facts' ->> 'kind') || ':' || (d.reasons -> 0 -> 'facts' ->> 'code')
              when 'masterdata.unit_unknown' then (d.reasons -> 0 -> 'facts' ->> 'item') || ' ' || (d.reasons -> 0 -> 'facts' ->> 'unit')
              when 'rate.missing' then (d.reasons -> 0 -> 'facts' ->> 'from') || '>' || (d.reasons -> 0 -> 'facts' ->> 'to')
              when 'dimension.missing' then (d.reasons -> 0 -> 'facts' ->> 'account') || ' ' || (d.reasons -> 0 -> 'facts' ->> 'dimension')
              when 'rule.none' then d.reasons -> 0 -> 'facts' ->> 'event'
              when 'rule.no_account' then d.reasons -> 0 -> 'facts' ->> 'rule'
              when 'rule.account_unknown' then d.reasons -> 0 -> 'facts' ->> 'account'
              when 'period.closed_park' then d.reasons -> 0 -> 'facts' ->> 'period'
              when 'stock.waiting' then d.reasons -> 0 -> 'facts' ->> 'item'
              else '' end`;

const columns = `d.document_id as "documentId", d.source_version as version, d.source, d.kind, d.source_id as "sourceId", d.date, d.period, d.party, d.state, d.reasons,
            d.received_at as "receivedAt", d.state_at as "stateAt"`;

/** Newest versions in the order of arrival, after the one of this id; or the newest first, before it. A text is the beginning of a number, as the unique key holds it. */
export function findDocuments(db: Db, bookId: number, wanted: DocumentConditions, after: bigint, limit: number, order: "oldest" | "newest" = "oldest") {
  const values: unknown[] = [bookId, after, limit];
  const p = (value: unknown): string => `$${values.push(value)}`;
  const equal = (column: string, value: unknown): string => (value === undefined ? "" : `d.${column} = ${p(value)}`);
  const conditions = [
    wanted.state === undefined ? "d.state <> 'superseded'" : equal("state", wanted.state), equal("kind", wanted.kind), equal("source", wanted.source), equal("period", wanted.period), equal("party", wanted.party),
    equal("document_id", wanted.documentId), wanted.text === undefined ? "" : textCondition(p, wanted.text),
    wanted.reason === undefined ? "" : `d.reasons -> 0 ->> 'code' = ${p(wanted.reason)}`, wanted.about === undefined ? "" : `coalesce(${about}, '') = ${p(wanted.about)}`,
  ].filter((condition) => condition !== "").map((condition) => `\n        and ${condition}`).join("");
  return db.query<DocumentRow>(`select ${columns} from documents.document d where d.book_id = $1 and d.document_id ${order === "newest" ? "<" : ">"} $2${conditions}\n      order by d.document_id${order === "newest" ? " desc" : ""}, d.source_version limit $3`, values);
}

export type ParkedRow = { state: "parked" | "waiting"; code: string; about: string; documents: bigint; oldestAt: string; reason: Problem };
/** What is open by its first reason and what that is about, most first. */
export const findOpenReasons = (db: Db, bookId: number, state: "parked" | "waiting") =>
  db.query<ParkedRow>(
    `select state, code, about, count(*) as documents, min(state_at) as "oldestAt", (array_agg(reason order by document_id))[1] as reason
       from (select d.state, d.document_id, d.state_at, coalesce(d.reasons -> 0 ->> 'code', '') as code, coalesce(${about}, '') as about, d.reasons -> 0 as reason from documents.document d where d.book_id = $1 and d.state = $2) as open
      group by state, code, about order by documents desc, code, about limit 500`, [bookId, state]);

/** As received, of these documents; what is longer than a list should read is left out. */
export const findBodies = (db: Db, bookId: number, documentIds: readonly bigint[], lengthMax: number) =>
  db.query<{ documentId: bigint; version: bigint; body: string }>(
    `select document_id as "documentId", source_version as version, body from documents.document where book_id = $1 and document_id = any($2::bigint[]) and state <> 'superseded' and length(body) <= $3 order by document_id, source_version`, [bookId, documentIds, lengthMax]);

/** What waits or is parked of these documents, as received. */
export const findOpenBodies = (db: Db, bookId: number, documentIds: readonly bigint[]) =>
  db.query<{ documentId: bigint; body: string }>("select document_id as \"documentId\", body from documents.document where book_id = $1 and document_id = any($2::bigint[]) and state in ('waiting', 'parked') order by document_id", [bookId, documentIds]);

export type LinkedRow = { source: string; kind: string; sourceId: string; state: DocumentRow["state"]; date: string; party: string; line: string; byLine: string; quantity: bigint; amount: bigint };
/** Documents that link to this one, with what they take. */
export const findLinking = (db: Db, bookId: number, documentId: bigint, limit: number) =>
  db.query<LinkedRow>(
    `select d.source, d.kind, d.source_id as "sourceId", d.state, d.date, d.party, l.target_line as line, l.line as "byLine", l.quantity, l.amount
       from documents.link l
       join documents.document d on d.book_id = l.book_id and d.document_id = l.document_id and d.source_version = l.source_version and d.state <> 'superseded'
      where l.book_id = $1 and l.target_id = $2 order by l.document_id, l.line, l.link_no limit $3`, [bookId, documentId, limit]);

/** How named documents stand now. */
export const findStanding = (db: Db, bookId: number, names: readonly { readonly source: string; readonly kind: string; readonly sourceId: string }[]) =>
  db.query<{ source: string; kind: string; sourceId: string; state: DocumentRow["state"]; date: string }>(
    `select distinct on (d.source_id, d.kind, d.source) d.source, d.kind, d.source_id as "sourceId", d.state, d.date
       from unnest($2::text[], $3::text[], $4::text[]) as w (source, kind, source_id)
       join documents.document d on d.book_id = $1 and d.source_id = w.source_id collate "C" and d.kind = w.kind collate "C" and d.source = w.source collate "C"
      order by d.source_id, d.kind, d.source, d.state = 'superseded', d.source_version desc`, [bookId, names.map(({ source }) => source), names.map(({ kind }) => kind), names.map(({ sourceId }) => sourceId)]);

/** Sources of the newest documents: enough to choose from, without reading all of them. */
export const findSources = (db: Db, bookId: number) =>
  db.query<{ source: string }>("select distinct source from (select source from documents.document where book_id = $1 order by document_id desc limit 20000) as newest order by source", [bookId]);

/** A number is looked for from its beginning, which is a range of the unique key, as it was typed and in capitals. */
const textCondition = (p: (value: unknown) => string, text: string): string =>
  `(${[...new Set([text, text.toUpperCase(), text.toLowerCase()])].map((one) => { const at = p(one); return `(d.source_id >= ${at} collate "C" and d.source_id < (${at} || U&'\\FFFF') collate "C")`; }).join(" or ")})`;

/** Every version of one document, oldest first. */
export const findVersions = (db: Db, bookId: number, documentId: bigint) =>
  db.query<DocumentRow & { body: string }>(`select ${columns}, d.body from documents.document d where d.book_id = $1 and d.document_id = $2 order by d.source_version`, [bookId, documentId]);

/** Documents that a reference may mean; no source means any. */
export const findIds = (db: Db, bookId: number, source: string | null, kind: string, sourceId: string) =>
  db.query<{ documentId: bigint; source: string }>(
    `select distinct document_id as "documentId", source from documents.document
      where book_id = $1 and source_id = $4 and kind = $3 and ($2::text is null or source = $2) order by source`, [bookId, source, kind, sourceId]);

export const findRefused = (db: Db, bookId: number, after: bigint, limit: number, order: "oldest" | "newest" = "oldest") =>
  db.query<{ refusalNo: bigint; body: string; reasons: Problem[]; receivedAt: string }>(
    `select refusal_no as "refusalNo", body, reasons, received_at as "receivedAt" from documents.refusal where book_id = $1 and refusal_no ${order === "newest" ? "<" : ">"} $2 order by refusal_no${order === "newest" ? " desc" : ""} limit $3`, [bookId, after, limit]);
