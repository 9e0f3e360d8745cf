/** 科目余额表: what each account held, moved and holds, by its dimensions. */
import { formatDecimal, exponentOf, isPeriod } from "../values/index.ts";
import { type Book, loadAccounts, openingPeriodOf } from "../books/index.ts";
import { type Ctx, type Db, refuse } from "../platform/index.ts";
import { findAccountBalances } from "./ledger.store.ts";
import * as store from "./report.store.ts";
import { dimensionsOf } from "./voucher-list.ts";

/** Decimal strings. Openings and closings are net, on the side where they stand; movements are the sums of each side, red as minus. */
export type AccountBalance = {
  readonly account: string;
  readonly dimensions: store.Dimensions;
  readonly openingDebit: string;
  readonly openingCredit: string;
  readonly debit: string;
  readonly credit: string;
  readonly closingDebit: string;
  readonly closingCredit: string;
};

export type BalanceFilter = {
  readonly period?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** This account and all below it. */
  readonly account?: string | undefined;
  readonly dimensions?: store.Dimensions | undefined;
  /** dimension: a row for each set of dimensions; account: one for each account; tree: and one for each account above it. */
  readonly by?: "dimension" | "account" | "tree" | undefined;
  /** In this currency alone, in its own units. */
  readonly currency?: string | undefined;
};

export type Range = { readonly from: string; readonly to: string };

/** The periods meant; without any, from the first of the book to the last that has vouchers. Refuses: period.malformed. */
export async function rangeOf(db: Db, book: Book, wanted: { readonly period?: string | undefined; readonly from?: string | undefined; readonly to?: string | undefined }): Promise<Range> {
  for (const period of [wanted.period, wanted.from, wanted.to]) if (period !== undefined && !isPeriod(period)) refuse("period.malformed", { period });
  if (wanted.period !== undefined) return { from: wanted.period, to: wanted.period };
  const from = wanted.from ?? book.firstPeriod;
  const last = wanted.to ?? (await store.findPeriodsUsed(db, book.bookId)).last ?? from;
  return { from, to: last < from ? from : last };
}

/** Refuses: period.malformed, account.unknown. */
export async function readBalances(ctx: Ctx, book: Book, filter: BalanceFilter = {}): Promise<AccountBalance[]> {
  const figures = await readFigures(ctx, book, filter);
  const decimals = exponentOf(filter.currency ?? book.currency);
  const text = (amount: bigint): string => formatDecimal(amount, decimals);
  const side = (amount: bigint, wanted: "debit" | "credit"): string => text(wanted === "debit" ? (amount > 0n ? amount : 0n) : amount < 0n ? -amount : 0n);
  return figures.filter(({ opening, debit, credit }) => opening !== 0n || debit !== 0n || credit !== 0n).map(({ account, dimensions, opening, debit, credit }) => {
    const closing = opening + debit - credit;
    return {
      account, dimensions, openingDebit: side(opening, "debit"), openingCredit: side(opening, "credit"), debit: text(debit), credit: text(credit),
      closingDebit: side(closing, "debit"), closingCredit: side(closing, "credit"),
    };
  });
}

export type Figures = { readonly account: string; readonly dimensions: store.Dimensions; readonly opening: bigint; readonly debit: bigint; readonly credit: bigint };

/** Balances as figures: opening signed, debit positive. */
export async function readFigures(ctx: Ctx, book: Book, filter: BalanceFilter): Promise<Figures[]> {
  const { db } = ctx;
  const { from, to } = await rangeOf(db, book, filter);
  const accounts = await loadAccounts(db, book);
  if (filter.account !== undefined && !accounts.has(filter.account)) refuse("account.unknown", { book: book.code, account: filter.account });
  const by = filter.by ?? "dimension";
  const figures = by !== "dimension" && filter.currency === undefined ? await sumAccounts(db, book, from, to, filter) : await figuresBySet(db, book, from, to, filter);
  if (by === "dimension") return figures;
  const sums = new Map<string, { opening: bigint; debit: bigint; credit: bigint }>();
  for (const { account, opening, debit, credit } of figures) {
    for (const code of by === "tree" ? pathOf(account) : [account]) {
      const sum = sums.get(code) ?? { opening: 0n, debit: 0n, credit: 0n };
      sum.opening += opening;
      sum.debit += debit;
      sum.credit += credit;
      sums.set(code, sum);
    }
  }
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([account, sum]) => ({ account, dimensions: {}, ...sum }));
}

/** Added up in the database: a large book has many dimension sets and few accounts. */
async function sumAccounts(db: Db, book: Book, from: string, to: string, { account, dimensions }: BalanceFilter): Promise<Figures[]> {
  const sets = dimensions === undefined || Object.keys(dimensions).length === 0 ? null : (await store.findSetsWith(db, book.bookId, dimensions)).map(({ id }) => id);
  return (await findAccountBalances(db, book.bookId, from, to, account ?? null, sets)).map((row) => ({ ...row, dimensions: {} }));
}

async function figuresBySet(db: Db, book: Book, from: string, to: string, filter: BalanceFilter): Promise<Figures[]> {
  const rows = filter.currency === undefined ? await store.findBalances(db, book.bookId, from, to) : await store.findBalancesIn(db, book.bookId, from, to, filter.currency);
  const sets = await dimensionsOf(db, book, rows.map(({ dimensionSet }) => dimensionSet));
  const wanted = Object.entries(filter.dimensions ?? {});
  return rows
    .map(({ dimensionSet, ...row }): Figures => ({ ...row, dimensions: sets.get(dimensionSet) ?? {} }))
    .filter(({ account }) => filter.account === undefined || isBelow(account, filter.account))
    .filter(({ dimensions }) => wanted.every(([name, value]) => dimensions[name] === value));
}

const isBelow = (account: string, top: string): boolean => account === top || account.startsWith(`${top}.`);

/** 2221.01.02 → 2221, 2221.01, 2221.01.02 */
const pathOf = (account: string): string[] => account.split(".").map((_, depth, parts) => parts.slice(0, depth + 1).join("."));

/** The first period that reports may name: the opening one. */
export const earliestOf = (book: Book): string => openingPeriodOf(book.firstPeriod);
