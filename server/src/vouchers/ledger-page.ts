/**
 * 明细账 as it is read: the opening, the lines with their running balance, 本月合计 and 本年累计 after each period. A page at a time: the cursor
 * says where the next begins and what the balance was there, so that the last page of a busy account costs what the first does.
 */
import { addMonths, exponentOf, formatDecimal, formatMoney, formatTrimmed, QUANTITY_SCALE, RATE_SCALE } from "../values/index.ts";
import { type Book, loadAccounts } from "../books/index.ts";
import { keyOf } from "../documents/index.ts";
import { type Ctx, refuse } from "../platform/index.ts";
import { rangeOf } from "./balances.ts";
import type { LedgerFilter, LedgerLine, Standing } from "./ledger.ts";
import * as lines from "./ledger.store.ts";
import * as store from "./report.store.ts";
import { dimensionsOf, numberOf } from "./voucher-list.ts";

export type LedgerEntry =
  | ({ readonly entry: "line"; readonly document: string } & LedgerLine)
  | { readonly entry: "opening" | "month" | "year"; readonly period: string; readonly debit: string; readonly credit: string; readonly balance: string; readonly balanceSide: Standing };
export type LedgerPage = { readonly entries: readonly LedgerEntry[]; /** Of the next page; null after the last. */ readonly cursor: string | null; readonly from: string; readonly to: string };

type Position = { readonly period: string; readonly after: lines.Place | null; readonly balance: bigint };

/** Refuses: account.unknown, period.malformed, ledger.cursor. */
export async function readLedgerPage(ctx: Ctx, book: Book, filter: LedgerFilter, page: { readonly after?: string | undefined; readonly limit?: number | undefined } = {}): Promise<LedgerPage> {
  const { db } = ctx;
  if (!(await loadAccounts(db, book)).has(filter.account)) refuse("account.unknown", { book: book.code, account: filter.account });
  const { from, to } = await rangeOf(db, book, filter);
  const dimensions = filter.dimensions ?? {};
  const sets = Object.keys(dimensions).length === 0 ? null : (await store.findSetsWith(db, book.bookId, dimensions)).map(({ id }) => id);
  const money = (amount: bigint): string => formatMoney(amount, book.currency);
  const stand = (balance: bigint): { balance: string; balanceSide: Standing } => ({ balance: money(balance < 0n ? -balance : balance), balanceSide: balance > 0n ? "debit" : balance < 0n ? "credit" : "zero" });

  const entries: LedgerEntry[] = [];
  let { period, after, balance } = page.after === undefined ? { period: from, after: null, balance: (await store.findOpening(db, book.bookId, filter.account, from, sets)).opening } satisfies Position : parseCursor(page.after);
  if (page.after === undefined) entries.push({ entry: "opening", period, debit: money(0n), credit: money(0n), ...stand(balance) });
  const january = `${period.slice(0, 4)}-01`;
  const first = january < book.firstPeriod ? book.firstPeriod : january; // what was brought in at the opening is no movement of the year
  const movements = new Map((await store.findMovements(db, book.bookId, filter.account, first < from ? first : from, to, sets)).map((row) => [row.period, row]));
  let left = page.limit ?? 200;
  for (; period <= to; period = addMonths(period, 1), after = null) {
    const moved = movements.get(period);
    const rows = moved === undefined && after === null ? [] : await lines.findLedgerPage(db, book.bookId, filter.account, period, sets, after, left + 1);
    const shown = rows.slice(0, left);
    const [sides, keys] = [await dimensionsOf(db, book, shown.map(({ dimensionSet }) => dimensionSet)), await keysOf(ctx, book, shown.map(({ documentId }) => documentId))];
    for (const row of shown) {
      balance += row.debit - row.credit;
      entries.push({
        entry: "line", document: keys.get(row.documentId) ?? "", period, date: row.date, voucher: numberOf(row.series, row.number), id: `v${row.voucherId}`, account: row.account, summary: row.summary ?? row.voucherSummary, dimensions: sides.get(row.dimensionSet) ?? {}, counterAccounts: row.counter,
        debit: money(row.debit), credit: money(row.credit), ...stand(balance), currency: row.currency, amountOriginal: formatDecimal(row.amountOriginal, exponentOf(row.currency)), rate: row.rate === null ? "1" : formatTrimmed(row.rate, RATE_SCALE), quantity: row.quantity === null ? "" : formatTrimmed(row.quantity, QUANTITY_SCALE),
      });
    }
    const last = shown.at(-1);
    if (rows.length > left && last) return { entries, cursor: cursorOf({ period, after: { date: last.date, voucherId: last.voucherId, lineNo: last.lineNo }, balance }), from, to };
    left -= shown.length;
    if (moved !== undefined) {
      const year = [...movements.values()].filter((row) => row.period.slice(0, 4) === period.slice(0, 4) && row.period <= period && row.period >= first);
      const sum = (side: "debit" | "credit"): string => money(year.reduce((total, row) => total + row[side], 0n));
      entries.push({ entry: "month", period, debit: money(moved.debit), credit: money(moved.credit), ...stand(balance) }, { entry: "year", period, debit: sum("debit"), credit: sum("credit"), ...stand(balance) });
    }
    const next = addMonths(period, 1);
    if (left <= 0 && next <= to) return { entries, cursor: cursorOf({ period: next, after: null, balance }), from, to };
  }
  return { entries, cursor: null, from, to };
}

async function keysOf(ctx: Ctx, book: Book, ids: readonly bigint[]): Promise<ReadonlyMap<bigint, string>> {
  const rows = ids.length === 0 ? [] : await lines.findDocumentKeys(ctx.db, book.bookId, [...new Set(ids)]);
  return new Map(rows.map((row) => [row.documentId, keyOf(row.source, row.kind, row.sourceId)]));
}

const cursorOf = ({ period, after, balance }: Position): string => [period, balance, ...(after === null ? [] : [after.date, after.voucherId, after.lineNo])].join("~");

function parseCursor(text: string): Position {
  const match = /^(\d{4}-\d{2})~(-?\d{1,19})(?:~(\d{4}-\d{2}-\d{2})~(\d{1,18})~(\d{1,9}))?$/.exec(text);
  if (!match) return refuse("ledger.cursor", { text: text.slice(0, 60) });
  const [, period = "", balance = "0", date, voucherId = "0", lineNo = "0"] = match;
  return { period, balance: BigInt(balance), after: date === undefined ? null : { date, voucherId: BigInt(voucherId), lineNo: Number(lineNo) } };
}
