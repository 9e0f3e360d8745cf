/** 总账与明细账: an account period by period, and line by line with its running balance and the accounts on the other side. */
import { addMonths, formatMoney, formatTrimmed, QUANTITY_SCALE, RATE_SCALE, exponentOf, formatDecimal } from "../values/index.ts";
import { type Book, loadAccounts } from "../books/index.ts";
import { type Ctx, refuse } from "../platform/index.ts";
import { rangeOf } from "./balances.ts";
import * as store from "./report.store.ts";
import { dimensionsOf, numberOf } from "./voucher-list.ts";

export type LedgerFilter = {
  /** This account and all below it. */
  readonly account: string;
  readonly period?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly dimensions?: store.Dimensions | undefined;
};

/** 借, 贷 or 平: where a balance stands. */
export type Standing = "debit" | "credit" | "zero";

export type LedgerPeriod = { readonly period: string; readonly opening: string; readonly openingSide: Standing; readonly debit: string; readonly credit: string; readonly closing: string; readonly closingSide: Standing };

/** 总账. Refuses: account.unknown, period.malformed. */
export async function readLedger(ctx: Ctx, book: Book, filter: LedgerFilter): Promise<LedgerPeriod[]> {
  const { from, to, sets, opening } = await begin(ctx, book, filter);
  const movements = new Map((await store.findMovements(ctx.db, book.bookId, filter.account, from, to, sets)).map((row) => [row.period, row]));
  const periods: LedgerPeriod[] = [];
  let balance = opening;
  for (let period = from; period <= to; period = addMonths(period, 1)) {
    const { debit = 0n, credit = 0n } = movements.get(period) ?? {};
    const closing = balance + debit - credit;
    periods.push({ period, ...stand("opening", balance, book), debit: formatMoney(debit, book.currency), credit: formatMoney(credit, book.currency), ...stand("closing", closing, book) });
    balance = closing;
  }
  return periods;
}

export type LedgerLine = {
  readonly period: string;
  readonly date: string;
  readonly voucher: string;
  readonly id: string;
  readonly account: string;
  readonly summary: string;
  readonly dimensions: store.Dimensions;
  readonly counterAccounts: readonly string[];
  readonly debit: string;
  readonly credit: string;
  readonly balance: string;
  readonly balanceSide: Standing;
  readonly currency: string;
  readonly amountOriginal: string;
  readonly rate: string;
  readonly quantity: string;
};

/** 明细账, in the order of dates. Opening lines have no number. Refuses: account.unknown, period.malformed. */
export async function* streamLedgerLines(ctx: Ctx, book: Book, filter: LedgerFilter): AsyncGenerator<LedgerLine, void, undefined> {
  const { from, to, sets, opening } = await begin(ctx, book, filter);
  let balance = opening;
  for (let period = from; period <= to; period = addMonths(period, 1)) {
    const rows = await store.findLedgerLines(ctx.db, book.bookId, filter.account, period, sets);
    const dimensions = await dimensionsOf(ctx.db, book, rows.map(({ dimensionSet }) => dimensionSet));
    for (const row of rows) {
      balance += row.debit - row.credit;
      const { balance: text, balanceSide } = stand("balance", balance, book) as { balance: string; balanceSide: Standing };
      yield {
        period, date: row.date, voucher: numberOf(row.series, row.number), id: `v${row.voucherId}`, account: row.account, summary: row.summary ?? row.voucherSummary, dimensions: dimensions.get(row.dimensionSet) ?? {}, counterAccounts: row.counter,
        debit: formatMoney(row.debit, book.currency), credit: formatMoney(row.credit, book.currency), balance: text, balanceSide,
        currency: row.currency, amountOriginal: formatDecimal(row.amountOriginal, exponentOf(row.currency)), rate: row.rate === null ? "1" : formatTrimmed(row.rate, RATE_SCALE), quantity: row.quantity === null ? "" : formatTrimmed(row.quantity, QUANTITY_SCALE),
      };
    }
  }
}

export async function readLedgerLines(ctx: Ctx, book: Book, filter: LedgerFilter): Promise<LedgerLine[]> {
  const lines: LedgerLine[] = [];
  for await (const line of streamLedgerLines(ctx, book, filter)) lines.push(line);
  return lines;
}

async function begin(ctx: Ctx, book: Book, filter: LedgerFilter) {
  if (!(await loadAccounts(ctx.db, book)).has(filter.account)) refuse("account.unknown", { book: book.code, account: filter.account });
  const range = await rangeOf(ctx.db, book, filter);
  const dimensions = filter.dimensions ?? {};
  const sets = Object.keys(dimensions).length === 0 ? null : (await store.findSetsWith(ctx.db, book.bookId, dimensions)).map(({ id }) => id);
  const { opening } = await store.findOpening(ctx.db, book.bookId, filter.account, range.from, sets);
  return { ...range, sets, opening };
}

/** A balance without sign and the side where it stands. */
function stand<Name extends string>(name: Name, balance: bigint, book: Book): { [K in Name]: string } & { [K in `${Name}Side`]: Standing } {
  const side: Standing = balance > 0n ? "debit" : balance < 0n ? "credit" : "zero";
  return { [name]: formatMoney(balance < 0n ? -balance : balance, book.currency), [`${name}Side`]: side } as { [K in Name]: string } & { [K in `${Name}Side`]: Standing };
}
