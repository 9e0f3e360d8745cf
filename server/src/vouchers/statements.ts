/** 财务报表: balance sheet, income and cash flow statement of a period, in the form that the book's pack gives. */
import { formatMoney } from "../values/index.ts";
import { type Account, type Balance, type Book, cashFlow, cashFlowParts, type CashFlowStatement, type CashVoucher, checkBalanceSheet, type Layout, loadAccounts, loadPack, packsFolder, statement, statementParts, type StatementParts, type StatementRow } from "../books/index.ts";
import { type Ctx, refuse, type RenderedProblem, renderProblem } from "../platform/index.ts";
import { type Range, rangeOf, readFigures } from "./balances.ts";
import * as store from "./report.store.ts";
import { dimensionsOf } from "./voucher-list.ts";

type Names = { readonly zh: string; readonly en: string };

export type StatementShown = Names & {
  readonly statement: string;
  readonly form: string;
  readonly book: string;
  readonly currency: string;
  readonly from: string;
  readonly to: string;
  readonly amountIs: Names;
  readonly comparativeIs: Names;
  /** Amounts are decimal strings; null in a heading. */
  readonly rows: readonly (Names & { readonly id: string; readonly level: number; readonly ofWhich: boolean; readonly amount: string | null; readonly comparative: string | null })[];
  readonly problems: readonly RenderedProblem[];
};

export type StatementFilter = { readonly period?: string | undefined; readonly from?: string | undefined; readonly to?: string | undefined };

/** The statements that the book's pack has. */
export const statementKinds = (book: Book): (Names & { id: string })[] => layoutsOf(book.pack).map(({ id, zh, en }) => ({ id, zh, en }));

/**
 * A balance sheet at the end of the period beside the beginning of its year; the others of the period beside the year so far.
 * Refuses: statement.unknown, period.malformed.
 */
export async function readStatement(ctx: Ctx, book: Book, kind: string, filter: StatementFilter = {}): Promise<StatementShown> {
  const layout = layoutsOf(book.pack).find(({ id }) => id === kind) ?? refuse("statement.unknown", { statement: kind, known: layoutsOf(book.pack).map(({ id }) => id).join(", ") });
  const { range, year } = await rangesOf(ctx, book, filter);
  const { rows, comparative, amountIs, comparativeIs } = await columnsOf(ctx, book, layout, range, year);
  const text = (amount: bigint | null | undefined): string | null => (amount === null || amount === undefined ? null : formatMoney(amount, book.currency));
  return {
    statement: layout.id, zh: layout.zh, en: layout.en, form: layout.form, book: book.code, currency: book.currency, from: layout.measure === "closing" ? range.to : range.from, to: range.to, amountIs, comparativeIs,
    rows: rows.map((row, index) => ({ id: row.id, zh: row.zh, en: row.en, level: row.level, ofWhich: row.ofWhich, amount: text(row.amount), comparative: text(comparative[index]?.amount) })),
    problems: layout.measure === "closing" ? checkBalanceSheet(layout, rows).map((problem) => renderProblem(problem)) : [],
  };
}

async function rangesOf(ctx: Ctx, book: Book, filter: StatementFilter): Promise<{ range: Range; year: Range }> {
  const range = await rangeOf(ctx.db, book, filter);
  const january = `${range.to.slice(0, 4)}-01`;
  return { range, year: { from: january < book.firstPeriod ? book.firstPeriod : january, to: range.to } };
}

export type StatementRowShown = Names & {
  readonly statement: string;
  readonly row: string;
  readonly from: string;
  readonly to: string;
  readonly amount: string | null;
  readonly comparative: string | null;
  /** Rows that it adds (+) or takes off (−), as they are printed. */
  readonly rows: readonly (Names & { readonly id: string; readonly sign: "+" | "-"; readonly amount: string | null; readonly comparative: string | null })[];
  /** What it takes by itself, with the row's sign. `balance` is all that the account holds: more than `amount` where the rest is shown in another row. */
  readonly accounts: readonly (Names & { readonly account: string; readonly amount: string; readonly comparative: string; readonly balance: string | null })[];
};

/** What a row of a statement is made of: its rows and accounts add up to it, in both columns. Refuses: statement.unknown, statement.no_row, period.malformed. */
export async function readStatementRow(ctx: Ctx, book: Book, kind: string, rowId: string, filter: StatementFilter = {}): Promise<StatementRowShown> {
  const layout = layoutsOf(book.pack).find(({ id }) => id === kind) ?? refuse("statement.unknown", { statement: kind, known: layoutsOf(book.pack).map(({ id }) => id).join(", ") });
  const row = layout.rows.find(({ id }) => id === rowId) ?? refuse("statement.no_row", { statement: kind, row: rowId });
  const { range, year } = await rangesOf(ctx, book, filter);
  const accounts = await loadAccounts(ctx.db, book);
  const { rows, comparative } = await columnsOf(ctx, book, layout, range, year);
  const text = (amount: bigint | null | undefined): string | null => (amount === null || amount === undefined ? null : formatMoney(amount, book.currency));
  const at = (all: readonly StatementRow[], id: string): string | null => text(all.find((one) => one.id === id)?.amount);
  const part = (sign: "+" | "-") => (id: string) => { const { zh = id, en = id } = layout.rows.find((one) => one.id === id) ?? {}; return { id, zh, en, sign, amount: at(rows, id), comparative: at(comparative, id) }; };
  const { own, before, balances } = await partsOf(ctx, book, layout, [...accounts.values()], range, year);
  const factor = row.side === "debit" ? 1n : -1n;
  const codes = [...new Set([...(own.get(rowId) ?? new Map<string, bigint>()).keys(), ...(before.get(rowId) ?? new Map<string, bigint>()).keys()])].sort();
  return {
    statement: layout.id, row: row.id, zh: row.zh, en: row.en, from: layout.measure === "closing" ? range.to : range.from, to: range.to, amount: at(rows, rowId), comparative: at(comparative, rowId), rows: [...row.sum.map(part("+")), ...row.less.map(part("-"))],
    accounts: codes.map((account) => {
      const known = accounts.get(account);
      const balance = balances?.get(account);
      return { account, zh: known?.zh ?? account, en: known?.en ?? account, amount: formatMoney(factor * (own.get(rowId)?.get(account) ?? 0n), book.currency), comparative: formatMoney(factor * (before.get(rowId)?.get(account) ?? 0n), book.currency), balance: balance === undefined ? null : formatMoney(factor * balance, book.currency) };
    }),
  };
}

type Parts = { own: StatementParts; before: StatementParts; /** Closing by account; not where the statement shows movements. */ balances?: ReadonlyMap<string, bigint> };

async function partsOf(ctx: Ctx, book: Book, layout: Layout, accounts: readonly Account[], range: Range, year: Range): Promise<Parts> {
  if (layout.measure === "closing") {
    const all = await readStatementBalances(ctx, book, year);
    const balances = new Map<string, bigint>();
    for (const { account, closing } of all) balances.set(account, (balances.get(account) ?? 0n) + closing);
    return { own: statementParts(layout, all), before: statementParts(layout, all, "opening"), balances };
  }
  if (layout.measure === "turnover") return { own: statementParts(layout, await readStatementBalances(ctx, book, range)), before: statementParts(layout, await readStatementBalances(ctx, book, year)) };
  return { own: cashFlowParts(layout, accounts, await readCashVouchers(ctx, book, layout, accounts, range)), before: cashFlowParts(layout, accounts, await readCashVouchers(ctx, book, layout, accounts, year)) };
}

const layouts = new Map<string, readonly Layout[]>();
function layoutsOf(pack: string): readonly Layout[] {
  let known = layouts.get(pack);
  if (!known) layouts.set(pack, (known = loadPack(packsFolder, pack).statements));
  return known;
}

type Columns = { rows: StatementRow[]; comparative: StatementRow[]; amountIs: Names; comparativeIs: Names };

async function columnsOf(ctx: Ctx, book: Book, layout: Layout, range: Range, year: Range): Promise<Columns> {
  const ofPeriod = { zh: range.from === range.to ? "本期金额" : `${range.from} 至 ${range.to}`, en: range.from === range.to ? "This period" : `${range.from} to ${range.to}` };
  const ofYear = { zh: "本年累计", en: "Year to date" };
  if (layout.measure === "closing") {
    const balances = await readStatementBalances(ctx, book, year);
    return { rows: statement(layout, balances), comparative: statement(layout, balances, "opening"), amountIs: { zh: "期末余额", en: "Closing" }, comparativeIs: { zh: "年初余额", en: "Beginning of year" } };
  }
  if (layout.measure === "turnover") {
    return { rows: statement(layout, await readStatementBalances(ctx, book, range)), comparative: statement(layout, await readStatementBalances(ctx, book, year)), amountIs: ofPeriod, comparativeIs: ofYear };
  }
  const accounts = [...(await loadAccounts(ctx.db, book)).values()];
  return { rows: await readCashFlow(ctx, book, layout, accounts, range), comparative: await readCashFlow(ctx, book, layout, accounts, year), amountIs: ofPeriod, comparativeIs: ofYear };
}

async function readStatementBalances(ctx: Ctx, book: Book, range: Range): Promise<Balance[]> {
  const transferred = await store.findTransferred(ctx.db, book.bookId, range.from, range.to);
  const sets = await dimensionsOf(ctx.db, book, transferred.map(({ dimensionSet }) => dimensionSet));
  const key = (account: string, dimensions: store.Dimensions): string => `${account} ${JSON.stringify(dimensions)}`;
  const moved = new Map(transferred.map(({ account, dimensionSet, amount }) => [key(account, sets.get(dimensionSet) ?? {}), amount]));
  return (await readFigures(ctx, book, range)).map(({ account, dimensions, opening, debit, credit }) => ({
    account, dimensions, openingDebit: opening > 0n ? opening : 0n, openingCredit: opening < 0n ? -opening : 0n, debit, credit,
    transferred: moved.get(key(account, dimensions)) ?? 0n, closing: opening + debit - credit,
  }));
}

const isCash = (layout: CashFlowStatement) => (code: string): boolean => layout.cash.some((pattern) => code === pattern || code.startsWith(`${pattern}.`) || (pattern.endsWith("*") && code.startsWith(pattern.slice(0, -1))));

async function readCashFlow(ctx: Ctx, book: Book, layout: CashFlowStatement, accounts: readonly Account[], range: Range): Promise<StatementRow[]> {
  const vouchers = await readCashVouchers(ctx, book, layout, accounts, range);
  const before = (await readFigures(ctx, book, { from: range.from, to: range.from, by: "account" })).filter(({ account }) => isCash(layout)(account)).reduce((sum, { opening }) => sum + opening, 0n);
  return cashFlow(layout, accounts, vouchers, before);
}

async function readCashVouchers(ctx: Ctx, book: Book, layout: CashFlowStatement, accounts: readonly Account[], range: Range): Promise<CashVoucher[]> {
  const cash = accounts.map(({ code }) => code).filter(isCash(layout));
  const rows = await store.findCashVouchers(ctx.db, book.bookId, range.from, range.to, cash);
  return [...Map.groupBy(rows, ({ kind, direction, accounts: all }) => `${kind} ${direction} ${all.join(" ")}`).values()].map((group): CashVoucher => ({ kind: group[0]?.kind ?? "", lines: group }));
}
