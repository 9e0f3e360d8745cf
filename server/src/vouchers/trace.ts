/** 追溯: from any document or voucher to all that it hangs together with, in both directions, with quantities and amounts. */
import { exponentOf, formatDecimal, formatTrimmed, isPeriod, QUANTITY_SCALE } from "../values/index.ts";
import type { Book } from "../books/index.ts";
import { findDocument, keyOf, parseReference } from "../documents/index.ts";
import { type Ctx, type Db, refuse } from "../platform/index.ts";
import * as store from "./report.store.ts";
import { openingSeries, parseNumber, readVouchers, type Voucher } from "./voucher-list.ts";
import { rowsOfEffects } from "./state.ts";

export type TracedDocument = {
  readonly node: "document";
  /** source:kind/sourceId */
  readonly id: string;
  readonly kind: string;
  readonly version: number;
  readonly date: string;
  readonly party: string;
  readonly state: string;
  /** As received, without links. */
  readonly lines: readonly Readonly<Record<string, unknown>>[];
};
export type TracedVoucher = { readonly node: "voucher"; /** 2026-03/记-7 */ readonly id: string } & Omit<Voucher, "id">;

/** `from` points at `to`: a document at what it links to, a document at the voucher it caused, a voucher at the one it takes back. */
export type TracedEdge = {
  readonly edge: "link" | "caused" | "reverses";
  readonly from: string;
  readonly to: string;
  readonly fromLine: string;
  readonly toLine: string;
  readonly quantity: string;
  /** Of a link, in the linking document's currency where the link says it; of a cause, in base currency. */
  readonly amount: string;
};

export type Trace = {
  readonly start: string;
  readonly nodes: readonly (TracedDocument | TracedVoucher)[];
  readonly edges: readonly TracedEdge[];
  /** More hangs together than was asked for. */
  readonly isCut: boolean;
};

/** whole: all that hangs together. flow: what the start comes from, and what came of that: a payment's other invoices stay out. */
export type Reach = "whole" | "flow";

/**
 * `reference` is [source:]kind/sourceId, 2026-03/记-7 or v12. Refuses: reference.malformed, reference.unknown, reference.ambiguous.
 */
export async function trace(ctx: Ctx, book: Book, reference: string, options: { readonly documentsMax?: number | undefined; readonly reach?: Reach | undefined; /** Without vouchers, for those who may not see them. */ readonly documentsOnly?: boolean | undefined } = {}): Promise<Trace> {
  const { start, found, links, isCut } = await walk(ctx, book, reference, options.documentsMax ?? 500, options.reach ?? "whole");
  const nameOf = (id: bigint): string | undefined => {
    const row = found.get(id);
    return row && keyOf(row.source, row.kind, row.sourceId);
  };
  const vouchers = options.documentsOnly === true ? [] : await vouchersOf(ctx, book, [...found.keys()]);
  return {
    start,
    nodes: [...[...found.values()].map(viewDocument), ...vouchers.map(({ id: _, ...voucher }): TracedVoucher => ({ node: "voucher", id: voucherName(voucher), ...voucher }))],
    edges: [...linkEdges(links.values(), found, nameOf, book.currency), ...causeEdges(vouchers, new Set([...found.keys()].map(nameOf)))],
    isCut,
  };
}

export type Walked = { readonly start: string; readonly found: ReadonlyMap<bigint, store.TracedRow>; /** Of the found, also to documents that were not. */ readonly links: ReadonlyMap<string, store.LinkRow>; readonly isCut: boolean };

/** From the start along the links, nearest first, until nothing is left or as many are found as may be. Refuses as `trace` does. */
export async function walk(ctx: Ctx, book: Book, reference: string, most: number, reach: Reach): Promise<Walked> {
  const { start, documentIds } = await startOf(ctx, book, reference);
  const found = new Map<bigint, store.TracedRow>();
  const links = new Map<string, store.LinkRow>();
  let isCut = false;
  async function follow(first: readonly bigint[], way: "both" | "up" | "down"): Promise<void> {
    let next = [...first];
    const seen = new Set<bigint>();
    while (next.length > 0) {
      const fresh = next.filter((id) => !found.has(id));
      if (found.size + fresh.length > most) {
        isCut = true;
        const kept = new Set(fresh.slice(0, most - found.size));
        next = next.filter((id) => found.has(id) || kept.has(id));
      }
      for (const id of next) seen.add(id);
      const rows = next.length === 0 ? [] : await store.findTraced(ctx.db, book.bookId, next);
      for (const row of rows) found.set(row.documentId, row);
      if (rows.length === 0) return;
      const around = await neighbours(ctx.db, book, rows);
      for (const link of around.links) links.set(`${link.targetId} ${link.targetLine} ${link.documentId} ${link.line}`, link);
      next = [...new Set([...(way === "down" ? [] : around.up), ...(way === "up" ? [] : around.down)])].filter((id) => !seen.has(id));
    }
  }
  if (reach === "whole") await follow(documentIds, "both");
  else {
    await follow(documentIds, "up");
    await follow([...found.keys()], "down");
  }
  return { start, found, links, isCut };
}

async function startOf(ctx: Ctx, book: Book, reference: string): Promise<{ start: string; documentIds: bigint[] }> {
  const text = reference.replace(/^voucher\//, "");
  const slash = text.indexOf("/");
  if (/^v\d+$/.test(text) || isPeriod(text.slice(0, slash))) {
    const id = /^v\d+$/.test(text) ? BigInt(text.slice(1)) : (await byNumber(ctx.db, book, text.slice(0, slash), text.slice(slash + 1)));
    const voucher = id === undefined ? undefined : (await readVouchers(ctx, book, { ids: [String(id)] }))[0];
    if (!voucher || id === undefined) return refuse("reference.unknown", { book: book.code, text: reference });
    const events = await store.findEventsOf(ctx.db, book.bookId, [id]);
    return { start: voucherName(voucher), documentIds: [...new Set(events.map(({ documentId }) => documentId))] };
  }
  const { documentId, document } = await findDocument(ctx.db, book, text);
  return { start: document, documentIds: [documentId] };
}

async function byNumber(db: Db, book: Book, period: string, text: string): Promise<bigint | undefined> {
  const { series, number } = text === openingSeries ? { series: openingSeries, number: 1 } : parseNumber(text);
  return (await store.findVoucherByNumber(db, book.bookId, period, series, number))?.voucherId;
}

export const voucherName = (voucher: Pick<Voucher, "period" | "number" | "series">): string => `${voucher.period}/${voucher.number || voucher.series}`;

/**
 * What points at these documents, by the key of documents.link; and what they point at: what their bodies name, and what
 * their events took from, where a link on record confirms it (an issue also takes from stock layers, which is no link).
 */
async function neighbours(db: Db, book: Book, rows: readonly store.TracedRow[]): Promise<{ up: bigint[]; down: bigint[]; links: store.LinkRow[] }> {
  const own = new Set(rows.map(({ documentId }) => documentId));
  const ids = [...own];
  const incoming = await store.findLinksTo(db, book.bookId, ids);
  const named = await store.findIdsByKey(db, book.bookId, ...columns(rows.flatMap(referencesOf)));
  const events = await store.findEventsByDocument(db, book.bookId, ids);
  const candidates = [...new Set([...named.map(({ documentId }) => documentId), ...events.flatMap(({ effects }) => rowsOfEffects(effects).ids.map(BigInt))])].filter((id) => !own.has(id));
  const outgoing = (candidates.length === 0 ? [] : await store.findLinksTo(db, book.bookId, candidates)).filter(({ documentId }) => own.has(documentId));
  return { down: incoming.map(({ documentId }) => documentId), up: [...outgoing.map(({ targetId }) => targetId), ...named.map(({ documentId }) => documentId)], links: [...incoming, ...outgoing] };
}

type Reference = { source: string; kind: string; sourceId: string };
const columns = (references: readonly Reference[]): [string[], string[], string[]] => [references.map(({ source }) => source), references.map(({ kind }) => kind), references.map(({ sourceId }) => sourceId)];

type Body = { links?: unknown; lines?: unknown };

/** What the body's links name, both readings of an id with a slash. */
function referencesOf(row: store.TracedRow): Reference[] {
  const body = JSON.parse(row.body) as Body;
  const lines = Array.isArray(body.lines) ? (body.lines as { links?: unknown }[]) : [];
  return [body.links, ...lines.map((line) => line.links)].flatMap((links) => (Array.isArray(links) ? (links as { to?: unknown }[]) : [])).flatMap(({ to }): Reference[] => {
    const parsed = typeof to === "string" ? parseReference(to, row.source) : undefined;
    if (!parsed) return [];
    const { source, kind, sourceId, lineId } = parsed;
    return lineId === "" ? [{ source, kind, sourceId }] : [{ source, kind, sourceId }, { source, kind, sourceId: `${sourceId}/${lineId}` }];
  });
}

function viewDocument(row: store.TracedRow): TracedDocument {
  const { lines } = JSON.parse(row.body) as { lines?: Record<string, unknown>[] };
  return {
    node: "document", id: keyOf(row.source, row.kind, row.sourceId), kind: row.kind, version: Number(row.version), date: row.date, party: row.party, state: row.state,
    lines: (lines ?? []).map(({ links: _, ...line }) => line),
  };
}

function* linkEdges(links: Iterable<store.LinkRow>, found: ReadonlyMap<bigint, store.TracedRow>, nameOf: (id: bigint) => string | undefined, baseCurrency: string): Generator<TracedEdge> {
  for (const link of links) {
    const from = nameOf(link.documentId);
    const to = nameOf(link.targetId);
    if (from === undefined || to === undefined) continue;
    const { currency = baseCurrency } = JSON.parse(found.get(link.documentId)?.body ?? "{}") as { currency?: string };
    yield { edge: "link", from, to, fromLine: link.line, toLine: link.targetLine, quantity: formatTrimmed(link.quantity, QUANTITY_SCALE), amount: formatDecimal(link.amount, exponentOf(currency)) };
  }
}

export async function vouchersOf(ctx: Ctx, book: Book, documentIds: readonly bigint[]): Promise<Voucher[]> {
  const ids = new Set((await store.findEventsByDocument(ctx.db, book.bookId, documentIds)).flatMap(({ voucherIds }) => voucherIds));
  return ids.size === 0 ? [] : readVouchers(ctx, book, { ids: [...ids].map(String) });
}

export function* causeEdges(vouchers: readonly Voucher[], names: ReadonlySet<string | undefined>): Generator<TracedEdge> {
  const shown = new Set(vouchers.map(voucherName));
  for (const voucher of vouchers) {
    for (const { document, lineId, quantity, amount } of voucher.sources) {
      if (names.has(document)) yield { edge: "caused", from: document, to: voucherName(voucher), fromLine: lineId, toLine: "", quantity, amount };
    }
    if (voucher.reversalOf !== null && shown.has(voucher.reversalOf)) yield { edge: "reverses", from: voucherName(voucher), to: voucher.reversalOf, fromLine: "", toLine: "", quantity: "0", amount: "0" };
  }
}
