/** What has arrived, in which state, and why. */
import type { Book } from "../books/index.ts";
import { formatMoney, formatTrimmed, QUANTITY_SCALE } from "../values/index.ts";
import { type Ctx, type Db, refuse, type RenderedProblem, renderProblem } from "../platform/index.ts";
import { amountOf } from "./amount.ts";
import { type Difference, differencesOf } from "./difference.ts";
import { keyOf, type Link, linkKey, parseReference } from "./document.ts";
import { readDocument } from "./read.ts";
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

export type DocumentFilter = Omit<store.DocumentConditions, "documentId"> & { readonly after?: string | undefined; readonly limit?: number | undefined; /** In the order of arrival unless it says otherwise. */ readonly order?: "oldest" | "newest" | undefined };

/** Documents by their newest version, in the order of arrival or the newest first; older versions only by state superseded. Refuses: reference.malformed. */
export async function listDocuments(ctx: Ctx, book: Book, filter: DocumentFilter = {}): Promise<DocumentListed[]> {
  const first = filter.order === "newest" ? "9".repeat(18) : "0";
  const after = /^\d{1,18}$/.test(filter.after ?? first) ? BigInt(filter.after ?? first) : refuse("reference.malformed", { text: filter.after ?? "" });
  return (await store.findDocuments(ctx.db, book.bookId, filter, after, filter.limit ?? 1_000, filter.order)).map(listed);
}

/** Bodies longer than this are not read for a list. */
const bodyLengthMax = 200_000;

/** What the documents of a list come to, by cursor; those that do not say it, or are very long, are missing. */
export async function amountsOf(ctx: Ctx, book: Book, rows: readonly DocumentListed[]): Promise<ReadonlyMap<string, { readonly minor: bigint; readonly currency: string }>> {
  const wanted = new Map(rows.map(({ cursor, version }) => [cursor, version]));
  const amounts = new Map<string, { minor: bigint; currency: string }>();
  for (const { documentId, version, body } of await store.findBodies(ctx.db, book.bookId, rows.map(({ cursor }) => BigInt(cursor)), bodyLengthMax)) {
    if (wanted.get(String(documentId)) !== Number(version)) continue;
    const { document } = readDocument(JSON.parse(body), book.code, book.currency);
    const minor = document === undefined ? null : amountOf(document);
    if (document && minor !== null) amounts.set(String(documentId), { minor, currency: document.currency });
  }
  return amounts;
}

export type OpenReason = { readonly code: string; /** What it is about: kind:code of a master record, an account, an item. */ readonly about: string; readonly documents: number; readonly oldestAt: string; /** Of one of them, with its facts. */ readonly reason: RenderedProblem; readonly facts: Readonly<Record<string, string>> };

/** Why documents are parked or wait, by reason and what it is about, most first. */
export async function listOpenReasons(ctx: Ctx, book: Book, state: "parked" | "waiting"): Promise<OpenReason[]> {
  return (await store.findOpenReasons(ctx.db, book.bookId, state)).map((row) => ({
    code: row.code, about: row.about, documents: Number(row.documents), oldestAt: row.oldestAt, reason: renderProblem(row.reason), facts: Object.fromEntries(Object.entries(row.reason.facts).map(([name, value]) => [name, String(value)])),
  }));
}

export const listSources = async (ctx: Ctx, book: Book): Promise<string[]> => (await store.findSources(ctx.db, book.bookId)).map(({ source }) => source);

/** What waits or is parked of these documents, as it was received, in the order of arrival. Refuses: what findDocument refuses. */
export async function readOpenBodies(ctx: Ctx, book: Book, references: readonly string[]): Promise<unknown[]> {
  const ids: bigint[] = [];
  for (const reference of references) ids.push((await findDocument(ctx.db, book, reference)).documentId);
  return (await store.findOpenBodies(ctx.db, book.bookId, ids)).map(({ body }) => JSON.parse(body) as unknown);
}

const listed = (row: store.DocumentRow): DocumentListed => ({
  document: keyOf(row.source, row.kind, row.sourceId), kind: row.kind, source: row.source, sourceId: row.sourceId, version: Number(row.version), date: row.date, period: row.period, party: row.party,
  state: row.state, reasons: (row.reasons ?? []).map((reason) => renderProblem(reason)), receivedAt: row.receivedAt, stateAt: row.stateAt, cursor: String(row.documentId),
});

export type DocumentLinked = {
  /** to: this document names it; from: it names this one. */
  readonly direction: "to" | "from";
  readonly document: string;
  readonly line: string;
  readonly byLine: string;
  readonly quantity: string;
  readonly amount: string;
  /** null: it has not come. */
  readonly state: DocumentState | null;
  readonly date: string;
};
export type VersionShown = DocumentListed & { /** Against the version before; empty of the first. */ readonly changes: readonly Difference[] };
export type DocumentShown = DocumentListed & { /** As it was received. */ readonly body: unknown; readonly currency: string; readonly amount: string | null; readonly versions: readonly VersionShown[]; readonly links: readonly DocumentLinked[] };

/** One document with all its versions. Refuses: reference.malformed, reference.unknown, reference.ambiguous. */
export async function showDocument(ctx: Ctx, book: Book, reference: string): Promise<DocumentShown> {
  const { documentId } = await findDocument(ctx.db, book, reference);
  const versions = await store.findVersions(ctx.db, book.bookId, documentId);
  const newest = versions.findLast(({ state }) => state !== "superseded") ?? versions.at(-1);
  if (!newest) return refuse("reference.unknown", { book: book.code, text: reference });
  const body = JSON.parse(newest.body) as unknown;
  const { document } = readDocument(body, book.code, book.currency);
  const minor = document === undefined ? null : amountOf(document);
  const currency = document?.currency ?? book.currency;
  return {
    ...listed(newest), body, currency, amount: minor === null ? null : formatMoney(minor, currency),
    versions: versions.map((version, at) => ({ ...listed(version), changes: at === 0 ? [] : differencesOf(JSON.parse((versions[at - 1] as typeof version).body), JSON.parse(version.body)) })),
    links: [...(await linksTo(ctx, book, document === undefined ? [] : [...document.links.map((link) => ({ link, byLine: "" })), ...document.lines.flatMap((line) => line.links.map((link) => ({ link, byLine: line.lineId })))], currency)), ...(await linksFrom(ctx, book, documentId))],
  };
}

const LINKS_MAX = 500;

/** What this document names, and how that stands now. An id may itself hold a slash, so both readings are looked for. */
async function linksTo(ctx: Ctx, book: Book, links: readonly { readonly link: Link; readonly byLine: string }[], currency: string): Promise<DocumentLinked[]> {
  const shown = links.slice(0, LINKS_MAX);
  const names = shown.flatMap(({ link: { source, kind, sourceId, lineId } }) => [{ source, kind, sourceId }, ...(lineId === "" ? [] : [{ source, kind, sourceId: `${sourceId}/${lineId}` }])]);
  const standing = new Map((names.length === 0 ? [] : await store.findStanding(ctx.db, book.bookId, names)).map((row) => [keyOf(row.source, row.kind, row.sourceId), row]));
  return shown.map(({ link, byLine }) => {
    const whole = link.lineId === "" ? linkKey(link) : `${linkKey(link)}/${link.lineId}`;
    const isWhole = standing.has(whole) || link.lineId === "";
    const found = standing.get(isWhole ? whole : linkKey(link));
    return {
      direction: "to", document: isWhole ? whole : linkKey(link), line: isWhole ? "" : link.lineId, byLine, quantity: link.quantity === null ? "" : formatTrimmed(link.quantity, QUANTITY_SCALE), amount: link.amount === null ? "" : formatMoney(link.amount, currency),
      state: found?.state ?? null, date: found?.date ?? "",
    };
  });
}

async function linksFrom(ctx: Ctx, book: Book, documentId: bigint): Promise<DocumentLinked[]> {
  return (await store.findLinking(ctx.db, book.bookId, documentId, LINKS_MAX)).map((row) => ({
    direction: "from", document: keyOf(row.source, row.kind, row.sourceId), line: row.line, byLine: row.byLine, quantity: row.quantity === 0n ? "" : formatTrimmed(row.quantity, QUANTITY_SCALE), amount: row.amount === 0n ? "" : formatMoney(row.amount, book.currency), state: row.state, date: row.date,
  }));
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
export async function listRefused(ctx: Ctx, book: Book, filter: { readonly after?: string | undefined; readonly limit?: number | undefined; readonly order?: "oldest" | "newest" | undefined } = {}): Promise<RefusedListed[]> {
  const rows = await store.findRefused(ctx.db, book.bookId, BigInt(filter.after ?? (filter.order === "newest" ? "9".repeat(18) : "0")), filter.limit ?? 1_000, filter.order);
  return rows.map(({ refusalNo, body, reasons, receivedAt }) => ({ body, reasons: reasons.map((reason) => renderProblem(reason)), receivedAt, cursor: String(refusalNo) }));
}
