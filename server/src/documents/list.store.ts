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
};

const columns = `d.document_id as "documentId", d.source_version as version, d.source, d.kind, d.source_id as "sourceId", d.date, d.period, d.party, d.state, d.reasons,
            d.received_at as "receivedAt", d.state_at as "stateAt"`;

/** Newest versions in the order of arrival, after the one of this id. */
export function findDocuments(db: Db, bookId: number, wanted: DocumentConditions, after: bigint, limit: number) {
  const values: unknown[] = [bookId, after, limit];
  const p = (value: unknown): string => `$${values.push(value)}`;
  const equal = (column: string, value: unknown): string => (value === undefined ? "" : `d.${column} = ${p(value)}`);
  const conditions = [
    wanted.state === undefined ? "d.state <> 'superseded'" : equal("state", wanted.state), equal("kind", wanted.kind), equal("source", wanted.source), equal("period", wanted.period), equal("party", wanted.party),
    equal("document_id", wanted.documentId), wanted.text === undefined ? "" : `position(lower(${p(wanted.text)}) in lower(d.source_id)) > 0`,
  ].filter((condition) => condition !== "").map((condition) => `\n        and ${condition}`).join("");
  return db.query<DocumentRow>(`select ${columns} from documents.document d where d.book_id = $1 and d.document_id > $2${conditions}\n      order by d.document_id, d.source_version limit $3`, values);
}

/** Every version of one document, oldest first. */
export const findVersions = (db: Db, bookId: number, documentId: bigint) =>
  db.query<DocumentRow & { body: string }>(`select ${columns}, d.body from documents.document d where d.book_id = $1 and d.document_id = $2 order by d.source_version`, [bookId, documentId]);

/** Documents that a reference may mean; no source means any. */
export const findIds = (db: Db, bookId: number, source: string | null, kind: string, sourceId: string) =>
  db.query<{ documentId: bigint; source: string }>(
    `select distinct document_id as "documentId", source from documents.document
      where book_id = $1 and source_id = $4 and kind = $3 and ($2::text is null or source = $2) order by source`, [bookId, source, kind, sourceId]);

export const findRefused = (db: Db, bookId: number, after: bigint, limit: number) =>
  db.query<{ refusalNo: bigint; body: string; reasons: Problem[]; receivedAt: string }>(
    `select refusal_no as "refusalNo", body, reasons, received_at as "receivedAt" from documents.refusal where book_id = $1 and refusal_no > $2 order by refusal_no limit $3`, [bookId, after, limit]);
