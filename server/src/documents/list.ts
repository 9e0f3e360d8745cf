/** What has arrived, in which state, and why. */
import type { Book } from "../books/index.ts";
import { type Ctx, type Db, refuse, type RenderedProblem, renderProblem } from "../platform/index.ts";
import { keyOf, parseReference } from "./document.ts";
import * as store from "./list.store.ts";

export type DocumentState = store.DocumentRow["state"];

export type DocumentListed = {
  /** source:kind/sourceId */
  readonly document: string;
  readonly kind: string;
  readonly source: string;
  readonly sourceId: string;
  readonly version: number;
  readonly date: string;
  readonly period: string;
  readonly party: string;
  readonly state: DocumentState;
  /** Why it waits or is parked, and what to do. */
  readonly reasons: readonly RenderedProblem[];
  readonly receivedAt: string;
  readonly stateAt: string;
  /** For the next page: `after`. */
  readonly cursor: string;
};

export type DocumentFilter = Omit<store.DocumentConditions, "documentId"> & { readonly after?: string | undefined; readonly limit?: number | undefined };

/** Documents by their newest version, in the order of arrival; older versions only by state superseded. */
export async function listDocuments(ctx: Ctx, book: Book, filter: DocumentFilter = {}): Promise<DocumentListed[]> {
  const after = /^\d{1,18}$/.test(filter.after ?? "0") ? BigInt(filter.after ?? 0) : refuse("reference.malformed", { text: filter.after ?? "" });
  return (await store.findDocuments(ctx.db, book.bookId, filter, after, filter.limit ?? 1_000)).map(listed);
}

const listed = (row: store.DocumentRow): DocumentListed => ({
  document: keyOf(row.source, row.kind, row.sourceId), kind: row.kind, source: row.source, sourceId: row.sourceId, version: Number(row.version), date: row.date, period: row.period, party: row.party,
  state: row.state, reasons: (row.reasons ?? []).map((reason) => renderProblem(reason)), receivedAt: row.receivedAt, stateAt: row.stateAt, cursor: String(row.documentId),
});

export type DocumentShown = DocumentListed & { /** As it was received. */ readonly body: unknown; readonly versions: readonly DocumentListed[] };

/** One document with all its versions. Refuses: reference.malformed, reference.unknown, reference.ambiguous. */
export async function showDocument(ctx: Ctx, book: Book, reference: string): Promise<DocumentShown> {
  const { documentId } = await findDocument(ctx.db, book, reference);
  const versions = await store.findVersions(ctx.db, book.bookId, documentId);
  const newest = versions.findLast(({ state }) => state !== "superseded") ?? versions.at(-1);
  if (!newest) return refuse("reference.unknown", { book: book.code, text: reference });
  return { ...listed(newest), body: JSON.parse(newest.body) as unknown, versions: versions.map(listed) };
}

export type Found = { readonly documentId: bigint; /** source:kind/sourceId */ readonly document: string; readonly lineId: string };

/**
 * The document that [source:]kind/sourceId[/lineId] means. An id may itself hold slashes: the whole is looked for first.
 * Refuses: reference.malformed, reference.unknown, reference.ambiguous.
 */
export async function findDocument(db: Db, book: Book, reference: string): Promise<Found> {
  const parsed = parseReference(reference, "*");
  if (!parsed) return refuse("reference.malformed", { text: reference });
  const { kind, lineId } = parsed;
  const source = parsed.source === "*" ? null : parsed.source;
  const whole = lineId === "" ? parsed.sourceId : `${parsed.sourceId}/${lineId}`;
  for (const [sourceId, line] of lineId === "" ? [[whole, ""]] as const : [[whole, ""], [parsed.sourceId, lineId]] as const) {
    const found = await store.findIds(db, book.bookId, source, kind, sourceId);
    if (found.length > 1) refuse("reference.ambiguous", { text: reference, choices: found.map((one) => keyOf(one.source, kind, sourceId)).join(", ") });
    if (found[0]) return { documentId: found[0].documentId, document: keyOf(found[0].source, kind, sourceId), lineId: line };
  }
  return refuse("reference.unknown", { book: book.code, text: reference });
}

export type RefusedListed = { readonly body: string; readonly reasons: readonly RenderedProblem[]; readonly receivedAt: string; readonly cursor: string };

/** What was refused, with its bytes. */
export async function listRefused(ctx: Ctx, book: Book, filter: { readonly after?: string | undefined; readonly limit?: number | undefined } = {}): Promise<RefusedListed[]> {
  const rows = await store.findRefused(ctx.db, book.bookId, BigInt(filter.after ?? 0), filter.limit ?? 1_000);
  return rows.map(({ refusalNo, body, reasons, receivedAt }) => ({ body, reasons: reasons.map((reason) => renderProblem(reason)), receivedAt, cursor: String(refusalNo) }));
}
