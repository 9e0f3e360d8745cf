/**
 * Balance sheet and income statement from balances: pure, in minor units of the book's currency, nothing rounded. What the
 * rows take is data (layout.ts).
 */
import type { Problem } from "../platform/index.ts";
import type { Names } from "./chart.ts";
import { type BalanceSheet, type IncomeStatement, patternFor, type Row, type Term } from "./layout.ts";

/** What an account holds with one set of dimensions over a period. Signed amounts: debit is positive. */
export type Balance = {
  readonly account: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly openingDebit: bigint;
  readonly openingCredit: bigint;
  readonly debit: bigint;
  readonly credit: bigint;
  /** The part of debit − credit that closing vouchers (损益结转) moved. An income statement leaves it out, or a closed period would show nothing. */
  readonly transferred?: bigint;
  /** openingDebit − openingCredit + debit − credit. */
  readonly closing: bigint;
};

/** A row as it is printed. Null in a heading, and where the books cannot say. */
export type StatementRow = Names & { readonly id: string; readonly level: number; readonly ofWhich: boolean; readonly amount: bigint | null };

/**
 * A balance sheet at the end (or `opening`: the beginning) of the balances' period, an income statement of the period.
 * For the other column, call it with the balances of the other period.
 */
export function statement(layout: BalanceSheet | IncomeStatement, balances: Iterable<Balance>, at: "closing" | "opening" = "closing"): StatementRow[] {
  return printRows(layout.rows, sumParts(statementParts(layout, balances, at)));
}

/** By row and account, debit positive: what a row takes by itself, without the rows that it sums. */
export type StatementParts = ReadonlyMap<string, ReadonlyMap<string, bigint>>;

/** The accounts behind each row: its parts add up to what `statement` prints for a row that sums no others. */
export const statementParts = (layout: BalanceSheet | IncomeStatement, balances: Iterable<Balance>, at: "closing" | "opening" = "closing"): StatementParts =>
  takeBalances(layout.rows, balances, layout.measure === "turnover" ? turnover : at === "opening" ? opening : closing);

export const sumParts = (parts: StatementParts): Map<string, bigint> => new Map(Array.from(parts, ([row, accounts]) => [row, [...accounts.values()].reduce((sum, amount) => sum + amount, 0n)]));

/** What a balance sheet must fulfil, checked on the figures as well as on the form. */
export function checkBalanceSheet(layout: BalanceSheet, rows: readonly StatementRow[]): Problem[] {
  const amountOf = (id: string): bigint => rows.find((row) => row.id === id)?.amount ?? 0n;
  const [left, right] = layout.equal;
  const off = amountOf(left) - amountOf(right);
  return off === 0n ? [] : [{ code: "statement.unequal", facts: { statement: layout.id, left, right, off }, where: layout.id }];
}

/** Sums up the rows. `taken` holds, debit positive, what each row takes by itself. Throws `RangeError` for a form that `checkLayout` would have refused. */
export function printRows(rows: readonly Row[], taken: ReadonlyMap<string, bigint>): StatementRow[] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  const amounts = new Map<string, bigint | null>();
  const amountOf = (id: string): bigint | null => {
    const known = amounts.get(id);
    if (known !== undefined) return known;
    const row = byId.get(id);
    if (!row) throw new RangeError(`no row ${id}`);
    if (row.add === undefined && row.rest === undefined && row.sum.length + row.less.length === 0 && !row.flow && !row.opening) return null;
    const own = taken.get(id) ?? 0n;
    let amount = row.side === "debit" ? own : -own;
    amounts.set(id, amount);
    for (const part of row.sum) amount += amountOf(part) ?? 0n;
    for (const part of row.less) amount -= amountOf(part) ?? 0n;
    amounts.set(id, amount);
    return amount;
  };
  return rows.map(({ id, zh, en, level, ofWhich }) => ({ id, zh, en, level, ofWhich, amount: amountOf(id) }));
}

const closing = (balance: Balance): bigint => balance.closing;
const opening = (balance: Balance): bigint => balance.openingDebit - balance.openingCredit;
const turnover = (balance: Balance): bigint => balance.debit - balance.credit - (balance.transferred ?? 0n);

type Take = { readonly row: string; readonly term: Term; readonly pattern: string; readonly groups: Map<string, Map<string, bigint>> };

/** Each row's own part. Groups are netted first and split into sides afterwards. */
function takeBalances(rows: readonly Row[], balances: Iterable<Balance>, measure: (balance: Balance) => bigint): Map<string, Map<string, bigint>> {
  const terms = rows.flatMap((row) => (row.add ?? []).map((term) => ({ row, term, groups: new Map<string, Map<string, bigint>>() })));
  const takesByAccount = new Map<string, { takes: readonly Take[]; isNamed: boolean }>();
  const takesOf = (account: string): { takes: readonly Take[]; isNamed: boolean } => {
    const known = takesByAccount.get(account);
    if (known) return known;
    const matched = terms.flatMap(({ row, term, groups }) => {
      const pattern = patternFor(term, account);
      return pattern === undefined ? [] : [{ row, term, pattern, groups }];
    });
    const found = { takes: matched.map(({ row, ...take }) => ({ row: row.id, ...take })), isNamed: matched.some(({ row }) => !row.ofWhich) };
    takesByAccount.set(account, found);
    return found;
  };

  const unnamed = new Map<string, bigint>();
  for (const balance of balances) {
    const amount = measure(balance);
    if (amount === 0n) continue;
    const { takes, isNamed } = takesOf(balance.account);
    if (!isNamed) unnamed.set(balance.account, (unnamed.get(balance.account) ?? 0n) + amount);
    for (const { term, pattern, groups } of takes) {
      const group = term.take === "net" ? "" : groupOf(term, pattern, balance);
      let accounts = groups.get(group);
      if (!accounts) groups.set(group, (accounts = new Map()));
      accounts.set(balance.account, (accounts.get(balance.account) ?? 0n) + amount);
    }
  }

  const taken = new Map<string, Map<string, bigint>>();
  const add = (row: string, side: "net" | "debit" | "credit", accounts: ReadonlyMap<string, bigint>): void => {
    let amount = 0n;
    for (const part of accounts.values()) amount += part;
    if (side !== "net" && (side === "debit") !== amount > 0n) return;
    let parts = taken.get(row);
    if (!parts) taken.set(row, (parts = new Map()));
    for (const [account, part] of accounts) parts.set(account, (parts.get(account) ?? 0n) + part);
  };
  for (const { row, term, groups } of terms) for (const accounts of groups.values()) add(row.id, term.take, accounts);
  for (const row of rows) if (row.rest !== undefined) for (const [account, amount] of unnamed) add(row.id, row.rest, new Map([[account, amount]]));
  return taken;
}

/** What is netted together before the sides are told apart. */
const groupOf = (term: Term, pattern: string, balance: Balance): string =>
  [pattern, ...term.apart.map((by) => (by === "child" ? childOf(pattern, balance.account) : (balance.dimensions[by] ?? "")))].join("\u0000");

/** The direct child of `parent` that the account is or lies below: 2221.01.02 below 2221 is 2221.01. */
function childOf(parent: string, account: string): string {
  const end = account.indexOf(".", parent.length + 1);
  return end < 0 ? account : account.slice(0, end);
}
