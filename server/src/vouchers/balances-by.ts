/** 辅助核算余额表: what each value of a dimension holds, in all accounts or in one and what lies below it. */
import { formatMoney } from "../values/index.ts";
import { type Book, loadAccounts } from "../books/index.ts";
import { type Ctx, refuse } from "../platform/index.ts";
import { rangeOf } from "./balances.ts";
import * as store from "./ledger.store.ts";
import { namesOf } from "./names.ts";

export type DimensionBalance = {
  readonly value: string;
  readonly name: string;
  /** "" where the accounts are added together. */
  readonly account: string;
  readonly openingDebit: string;
  readonly openingCredit: string;
  readonly debit: string;
  readonly credit: string;
  readonly closingDebit: string;
  readonly closingCredit: string;
  /** Where the next page begins. */
  readonly cursor: string;
};

export type DimensionBalanceFilter = {
  readonly dimension: string;
  readonly period?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly account?: string | undefined;
  /** A row for each account of each value. */
  readonly perAccount?: boolean | undefined;
  readonly value?: string | undefined;
  /** Part of a code or name. */
  readonly text?: string | undefined;
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
};

/** Refuses: period.malformed, account.unknown. */
export async function readBalancesBy(ctx: Ctx, book: Book, filter: DimensionBalanceFilter): Promise<DimensionBalance[]> {
  const { from, to } = await rangeChecked(ctx, book, filter);
  const [value = "", account = ""] = (filter.after ?? "").split("\t");
  const values = filter.value !== undefined ? [filter.value] : filter.text === undefined || filter.text === "" ? null : await store.searchNames(ctx.db, book.bookId, kindsOf(filter.dimension), filter.text, 200).then((rows) => rows.map(({ code }) => code));
  const rows = await store.findBalancesBy(ctx.db, book.bookId, from, to, filter.dimension, filter.account ?? null, filter.perAccount === true, values, [value, account], filter.limit ?? 200);
  const names = await namesOf(ctx.db, book, kindsOf(filter.dimension), rows.map((row) => row.value));
  return rows.map((row) => ({ value: row.value, name: names.get(row.value) ?? "", account: row.account, ...sidesOf(row, book), cursor: `${row.value}\t${row.account}` }));
}

export type DimensionTotal = Omit<DimensionBalance, "value" | "name" | "account" | "cursor"> & { readonly values: number };

/** What all values hold together. Refuses: period.malformed, account.unknown. */
export async function sumBalancesBy(ctx: Ctx, book: Book, filter: Pick<DimensionBalanceFilter, "dimension" | "period" | "from" | "to" | "account">): Promise<DimensionTotal> {
  const { from, to } = await rangeChecked(ctx, book, filter);
  const { values, ...sums } = await store.sumBalancesBy(ctx.db, book.bookId, from, to, filter.dimension, filter.account ?? null);
  return { values: Number(values), ...sidesOf(sums, book) };
}

/** The dimensions that the book's lines carry, those of most combinations first. */
export const dimensionsInUse = async (ctx: Ctx, book: Book): Promise<string[]> => (await store.findDimensionNames(ctx.db, book.bookId)).map(({ name }) => name);

async function rangeChecked(ctx: Ctx, book: Book, filter: Omit<DimensionBalanceFilter, "dimension">): Promise<{ from: string; to: string }> {
  if (filter.account !== undefined && !(await loadAccounts(ctx.db, book)).has(filter.account)) refuse("account.unknown", { book: book.code, account: filter.account });
  return rangeOf(ctx.db, book, filter);
}

/** Which master records name the values of a dimension. */
export const kindsOf = (dimension: string): string[] => (dimension === "counterparty" ? ["customer", "supplier"] : [dimension]);

/** Opening and closing on the side where they stand. */
export function sidesOf({ opening, debit, credit }: { readonly opening: bigint; readonly debit: bigint; readonly credit: bigint }, book: Book) {
  const closing = opening + debit - credit;
  const on = (amount: bigint, isDebit: boolean): string => formatMoney(amount > 0n === isDebit ? (amount < 0n ? -amount : amount) : 0n, book.currency);
  return {
    openingDebit: on(opening, true), openingCredit: on(opening, false), debit: formatMoney(debit, book.currency), credit: formatMoney(credit, book.currency), closingDebit: on(closing, true), closingCredit: on(closing, false),
  };
}
