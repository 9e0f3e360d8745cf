/**
 * The voucher list, newest first. It goes from period to period until the page is full; a search that no index carries (a word of a summary,
 * an amount) stops after a while and says how far it came, so that a page is quick on a book of any size.
 */
import { formatMoney, isPeriod, parseMoney } from "../values/index.ts";
import { type Book, loadAccounts } from "../books/index.ts";
import { findDocument } from "../documents/index.ts";
import { type Ctx, type Db, elapsedMs, refuse } from "../platform/index.ts";
import * as store from "./find.store.ts";

export type FoundVoucher = {
  readonly cursor: string;
  readonly id: string;
  /** 记-7, and 期初-1 for an opening voucher. */
  readonly number: string;
  readonly period: string;
  readonly date: string;
  readonly summary: string;
  readonly attachments: number;
  readonly debitTotal: string;
  readonly rule: string;
  readonly ruleVersion: number;
  readonly preparedBy: string;
  readonly reviewedBy: string;
  readonly postedBy: string;
  readonly postedAt: string;
  /** source:kind/sourceId of the main document. */
  readonly document: string | null;
  readonly reversalOf: string | null;
};

export type FindFilter = {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly series?: string | undefined;
  /** 记-7, or 7 in every series. */
  readonly number?: string | undefined;
  /** This account and all below it. */
  readonly account?: string | undefined;
  readonly amount?: string | undefined;
  readonly text?: string | undefined;
  /** A counterparty, or an employee. */
  readonly party?: string | undefined;
  readonly rule?: string | undefined;
  readonly preparedBy?: string | undefined;
  readonly reviewedBy?: string | undefined;
  /** [source:]kind/sourceId */
  readonly document?: string | undefined;
  /** Older than this cursor, or newer than that. */
  readonly after?: string | undefined;
  readonly before?: string | undefined;
  readonly limit?: number | undefined;
};

export type Found = {
  readonly rows: readonly FoundVoucher[];
  /** Cursor for `after`: there is more, or there may be. */
  readonly older: string | null;
  /** Cursor for `before`. */
  readonly newer: string | null;
  /** The search stopped here to be quick; older periods were not looked at yet. */
  readonly searchedTo: string | null;
};

const pageSize = 50;
/** A page takes what one more period takes beyond this at most. */
const patienceMs = 100;

/** Refuses: period.malformed, reference.malformed, reference.unknown, account.unknown, amount.malformed. */
export async function findVouchers(ctx: Ctx, book: Book, filter: FindFilter = {}): Promise<Found> {
  const since = elapsedMs();
  const limit = filter.limit ?? pageSize;
  const wanted = await conditionsOf(ctx.db, book, filter);
  const way = filter.before !== undefined && filter.after === undefined ? "newer" : "older";
  const cursor = readCursor(filter.after ?? filter.before);
  const periods = await periodsOf(ctx.db, book, filter, wanted);
  const road = (way === "older" ? periods : [...periods].reverse()).filter((period) => cursor === undefined || (way === "older" ? period <= cursor.period : period >= cursor.period));
  const found: store.FoundRow[] = [];
  let stopped: string | null = null;
  for (const [at, period] of road.entries()) {
    const beyond = period === cursor?.period ? cursor.id : null;
    found.push(...(await store.findInPeriod(ctx.db, book.bookId, period, wanted, way, beyond, limit + 1 - found.length)));
    if (found.length > limit) break;
    if (at < road.length - 1 && elapsedMs() - since > patienceMs) {
      stopped = period;
      break;
    }
  }
  const isMore = found.length > limit || stopped !== null;
  const page = found.slice(0, limit);
  if (way === "newer") page.reverse();
  const rows = page.map((row) => listed(row, book.currency));
  const end = stopped === null ? undefined : `${stopped}.${way === "older" ? 0 : "9".repeat(18)}`;
  const last = found.length > limit ? undefined : end;
  const oldest = rows.at(-1)?.cursor ?? null;
  const newest = rows[0]?.cursor ?? null;
  return way === "older"
    ? { rows, older: isMore ? (last ?? oldest) : null, newer: cursor === undefined ? null : (newest ?? filter.after ?? null), searchedTo: last === undefined ? null : stopped }
    : { rows, older: oldest ?? filter.before ?? null, newer: isMore ? (last ?? newest) : null, searchedTo: last === undefined ? null : stopped };
}

/** Every voucher of the selection, newest first, a page at a time: for an export. */
export async function* streamFound(ctx: Ctx, book: Book, filter: FindFilter): AsyncGenerator<readonly FoundVoucher[], void, undefined> {
  for (let after = filter.after; ; ) {
    const { rows, older } = await findVouchers(ctx, book, { ...filter, before: undefined, after, limit: 500 });
    if (rows.length > 0) yield rows;
    if (older === null) return;
    after = older;
  }
}

const listed = (row: store.FoundRow, currency: string): FoundVoucher => ({
  cursor: `${row.period}.${row.voucherId}`, id: `v${row.voucherId}`, number: `${row.series}-${row.number}`, period: row.period, date: row.date, summary: row.summary, attachments: row.attachments, debitTotal: formatMoney(row.debitTotal, currency),
  rule: row.rule, ruleVersion: row.ruleVersion, preparedBy: row.preparedBy, reviewedBy: row.reviewedBy, postedBy: row.postedBy, postedAt: row.postedAt, document: row.document, reversalOf: row.reversalOf,
});

async function conditionsOf(db: Db, book: Book, filter: FindFilter): Promise<store.FindConditions> {
  for (const period of [filter.from, filter.to]) if (period !== undefined && !isPeriod(period)) refuse("period.malformed", { period });
  const number = filter.number === undefined ? undefined : /^(?:(\D{1,10}?)[-\s]*)?0*(\d{1,9})$/u.exec(filter.number.trim());
  if (number === null) refuse("reference.malformed", { text: filter.number ?? "" });
  const amount = filter.amount === undefined ? undefined : parseMoney(filter.amount.replace(/[,，\s]/g, "").replace("−", "-"), book.currency);
  if (filter.amount !== undefined && amount === undefined) refuse("amount.malformed", { got: filter.amount });
  const document = filter.document === undefined ? undefined : await findDocument(db, book, filter.document);
  return {
    series: number?.[1] ?? filter.series, number: number === undefined ? undefined : Number(number[2]), text: filter.text === "" ? undefined : filter.text, rule: filter.rule, preparedBy: filter.preparedBy, reviewedBy: filter.reviewedBy, amount,
    voucherIds: document === undefined ? undefined : (await store.findVoucherIdsOf(db, book.bookId, document.documentId)).map(({ voucherId }) => voucherId),
    accounts: filter.account === undefined ? undefined : await accountsBelow(db, book, filter.account),
    sets: filter.party === undefined ? undefined : (await store.findSetsNaming(db, book.bookId, ["counterparty", "employee"], filter.party)).map(({ id }) => id),
  };
}

async function accountsBelow(db: Db, book: Book, top: string): Promise<string[]> {
  const accounts = await loadAccounts(db, book);
  if (!accounts.has(top)) refuse("account.unknown", { book: book.code, account: top });
  return [...accounts.keys()].filter((code) => code === top || code.startsWith(`${top}.`));
}

async function periodsOf(db: Db, book: Book, filter: FindFilter, wanted: store.FindConditions): Promise<string[]> {
  const rows = wanted.voucherIds === undefined ? await store.findPeriods(db, book.bookId, filter.from ?? "0000-00", filter.to ?? "9999-99", wanted) : await store.findPeriodsOfVouchers(db, book.bookId, wanted.voucherIds);
  return rows.map(({ period }) => period).filter((period) => (filter.from === undefined || period >= filter.from) && (filter.to === undefined || period <= filter.to));
}

/** 2026-03.12345 */
function readCursor(text: string | undefined): { period: string; id: bigint } | undefined {
  if (text === undefined) return undefined;
  const match = /^(\d{4}-\d{2})\.(\d{1,18})$/.exec(text);
  if (!match) refuse("reference.malformed", { text });
  return { period: match[1] as string, id: BigInt(match[2] as string) };
}
