/** 凭证: vouchers as they are shown and handed out, with where each came from. */
import { exponentOf, formatDecimal, formatMoney, formatTrimmed, isPeriod, QUANTITY_SCALE, RATE_SCALE } from "../values/index.ts";
import { type Book, openingPeriodOf } from "../books/index.ts";
import { findDocument, parseReference } from "../documents/index.ts";
import { type Ctx, type Db, refuse } from "../platform/index.ts";
import { readRows, type Row } from "../rules/index.ts";
import * as store from "./report.store.ts";

/** Amounts are decimal strings with the currency's digits; a red amount is negative on its own side. */
export type VoucherLine = {
  readonly account: string;
  readonly summary: string;
  readonly debit: string;
  readonly credit: string;
  readonly currency: string;
  readonly amountOriginal: string;
  readonly rate: string;
  readonly dimensions: store.Dimensions;
};

/** A line of a business document that is part of the voucher. */
export type VoucherSource = { readonly document: string; readonly lineId: string; readonly quantity: string; readonly amount: string };

export type Voucher = {
  readonly id: string;
  /** 记-7; "" for an opening voucher, which has none. */
  readonly number: string;
  readonly series: string;
  readonly period: string;
  readonly date: string;
  readonly summary: string;
  readonly attachments: number;
  readonly lines: readonly VoucherLine[];
  readonly sources: readonly VoucherSource[];
  /** Rule and its version. */
  readonly rule: string;
  readonly block: number;
  readonly preparedBy: string;
  readonly reviewedBy: string;
  readonly postedBy: string;
  readonly postedAt: string;
  /** Period and number of the voucher that it takes back: 2026-03/记-7. */
  readonly reversalOf: string | null;
};

export type VoucherFilter = {
  readonly period?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly series?: string | undefined;
  /** 记-7 */
  readonly number?: string | undefined;
  readonly ids?: readonly string[] | undefined;
  /** [source:]kind/sourceId */
  readonly document?: string | undefined;
  readonly account?: string | undefined;
  readonly rule?: string | undefined;
  readonly text?: string | undefined;
  readonly block?: number | undefined;
  /** Only vouchers after the one of this id. */
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
};

/** The series of opening balances. */
export const openingSeries = "期初";
export const numberOf = (series: string, number: number): string => (series === openingSeries ? "" : `${series}-${number}`);

/** Vouchers in the order of posting. Refuses: period.malformed, reference.malformed, reference.unknown. */
export async function readVouchers(ctx: Ctx, book: Book, filter: VoucherFilter = {}): Promise<Voucher[]> {
  const vouchers: Voucher[] = [];
  for await (const voucher of streamVouchers(ctx, book, filter)) vouchers.push(voucher);
  return vouchers;
}

const pageSize = 500;

/** The same, a page at a time, so that a whole book may be read. */
export async function* streamVouchers(ctx: Ctx, book: Book, filter: VoucherFilter = {}): AsyncGenerator<Voucher, void, undefined> {
  const wanted = await conditionsOf(ctx.db, book, filter);
  let left = filter.limit ?? Number.POSITIVE_INFINITY;
  let after = filter.after === undefined ? 0n : idOf(filter.after);
  const { may } = await store.mayShareVouchers(ctx.db, book.bookId);
  while (left > 0) {
    const size = Math.min(pageSize, left);
    const rows = await store.findVouchers(ctx.db, book.bookId, wanted, after, size);
    yield* await complete(ctx.db, book, rows, may);
    const last = rows.at(-1);
    if (last === undefined || rows.length < size) return;
    after = last.voucherId;
    left -= rows.length;
  }
}

async function conditionsOf(db: Db, book: Book, filter: VoucherFilter): Promise<store.VoucherConditions> {
  for (const period of [filter.period, filter.from, filter.to]) if (period !== undefined && !isPeriod(period)) refuse("period.malformed", { period });
  const number = filter.number === undefined ? undefined : parseNumber(filter.number);
  return {
    from: filter.period ?? filter.from, to: filter.period ?? filter.to, series: number?.series ?? filter.series, number: number?.number,
    voucherIds: filter.ids?.map(idOf), account: filter.account, rule: filter.rule, text: filter.text,
    block: filter.block === undefined ? undefined : BigInt(filter.block),
    documentId: filter.document === undefined ? undefined : (await findDocument(db, book, filter.document)).documentId,
  };
}

/** Reads 记-7. Refuses: reference.malformed. */
export function parseNumber(text: string): { series: string; number: number } {
  const match = /^(\D{1,10})-(\d{1,9})$/u.exec(text.trim());
  if (!match) refuse("reference.malformed", { text });
  return { series: match[1] as string, number: Number(match[2]) };
}

/** Voucher ids for people are v1, v2 …; the bare number is understood too. */
function idOf(text: string): bigint {
  const match = /^v?(\d{1,18})$/.exec(text);
  if (!match) refuse("reference.malformed", { text });
  return BigInt(match[1] as string);
}

async function complete(db: Db, book: Book, rows: readonly store.VoucherRow[], mayShare: boolean): Promise<Voucher[]> {
  if (rows.length === 0) return [];
  const ids = rows.map(({ voucherId }) => voucherId);
  const lines = await store.findLines(db, book.bookId, [...new Set(rows.map(({ period }) => period))], ids);
  const dimensions = await dimensionsOf(db, book, lines.map(({ dimensionSet }) => dimensionSet));
  const events = mayShare ? await store.findEventsOf(db, book.bookId, ids) : await store.findEventsOfDocuments(db, book.bookId, [...new Set(rows.map(({ documentId }) => documentId))]);
  const linesById = Map.groupBy(lines, ({ voucherId }) => voucherId);
  const eventsById = new Map<bigint, store.EventRow[]>(ids.map((id) => [id, []]));
  for (const event of events) for (const id of event.voucherIds) eventsById.get(id)?.push(event);
  const opening = openingPeriodOf(book.firstPeriod);
  return rows.map((row): Voucher => ({
    id: `v${row.voucherId}`, number: row.period === opening ? numberOf(openingSeries, row.number) : numberOf(row.series, row.number), series: row.series, period: row.period, date: row.date, summary: row.summary, attachments: row.attachments,
    lines: (linesById.get(row.voucherId) ?? []).map((line) => viewLine(line, row.summary, book.currency, dimensions.get(line.dimensionSet) ?? {})),
    sources: (eventsById.get(row.voucherId) ?? []).flatMap((event) => sourcesOf(event, book.currency)),
    rule: `${row.rule}@${row.ruleVersion}`, block: Number(row.blockNo), preparedBy: row.preparedBy, reviewedBy: row.reviewedBy, postedBy: row.postedBy, postedAt: row.postedAt, reversalOf: row.reversalOf,
  }));
}

/** Dimension sets by their ids. */
export async function dimensionsOf(db: Db, book: Book, ids: Iterable<number>): Promise<ReadonlyMap<number, store.Dimensions>> {
  const sets = await store.findDimensionSets(db, book.bookId, [...new Set(ids)]);
  return new Map(sets.map(({ id, dimensions }) => [id, dimensions]));
}

export const viewLine = (line: store.LineRow, voucherSummary: string, currency: string, dimensions: store.Dimensions): VoucherLine => ({
  account: line.account, summary: line.summary ?? voucherSummary, debit: formatMoney(line.debit, currency), credit: formatMoney(line.credit, currency),
  currency: line.currency, amountOriginal: formatDecimal(line.amountOriginal, exponentOf(line.currency)), rate: line.rate === null ? "1" : formatTrimmed(line.rate, RATE_SCALE), dimensions,
});

/**
 * The document lines that an event put into its vouchers, with what each weighs: quantity and amount of the first thing that
 * the rule was told of the line (the goods of an invoice line; its tax and the payable follow from it). Header rows count
 * only where there is no line, as in a payment: then what the money was for, not the bank's side of it.
 */
export function sourcesOf(event: Pick<store.EventRow, "document" | "facts">, currency: string): VoucherSource[] {
  const rows = readRows(event.facts);
  const byLine = Map.groupBy(rows.some(({ line }) => line !== "") ? rows.filter(({ line }) => line !== "") : rows, ({ line }) => line);
  return [...byLine].map(([lineId, own]) => {
    const first = own.find(({ role }) => role !== "bank") ?? (own[0] as Row);
    const main = own.filter(({ role }) => role === first.role);
    const sum = (field: "quantity" | "amount"): bigint => main.reduce((total, row) => total + row[field], 0n);
    return { document: event.document, lineId, quantity: formatTrimmed(sum("quantity"), QUANTITY_SCALE), amount: formatMoney(sum("amount"), currency) };
  });
}

/** True when a text is [source:]kind/sourceId rather than a voucher's number. */
export const isDocumentReference = (text: string): boolean => parseReference(text, "?") !== undefined && !/^\d{4}-\d{2}\//.test(text);
