/** One voucher as its form shows it: names beside codes, what is attached, what came before and after, what took it back. */
import { amountInWords, formatMoney } from "../values/index.ts";
import { type Account, type Book, loadAccounts, readPeriods } from "../books/index.ts";
import { type Ctx, type Db, refuse } from "../platform/index.ts";
import { findNeighbours, findPeriods, findSeries, findStanding } from "./find.store.ts";
import { loadRules } from "./memory.ts";
import { findSetsWith } from "./report.store.ts";
import * as store from "./show.store.ts";
import { findReversal, findVoucher } from "./store.ts";
import { numberText } from "./voucher.ts";
import { readVouchers, type VoucherLine } from "./voucher-list.ts";

export type DimensionShown = { readonly name: string; readonly value: string; readonly zh: string; readonly en: string };
export type ShownLine = VoucherLine & { readonly accountZh: string; readonly accountEn: string; readonly named: readonly DimensionShown[] };
export type Attached = { readonly document: string; readonly kind: string; readonly number: string; readonly date: string; readonly party: string; readonly amount: string | null; readonly lines: number; readonly state: string };
export type VoucherShown = {
  readonly id: string; readonly number: string; readonly series: string; readonly period: string; readonly date: string; readonly summary: string; readonly attachments: number;
  readonly lines: readonly ShownLine[]; readonly debitTotal: string; readonly creditTotal: string;
  /** 大写金额, where the book is kept in CNY. */
  readonly inWords: string;
  readonly rule: string; readonly ruleVersion: number; readonly ruleZh: string; readonly ruleEn: string; readonly block: number;
  readonly preparedBy: string; readonly reviewedBy: string; readonly postedBy: string; readonly postedAt: string;
  /** Who closed the period; null while it is open. */
  readonly closedBy: string | null;
  readonly reversalOf: string | null; readonly reversedBy: string | null;
  readonly attached: readonly Attached[];
  /** 2026-03/记-6 and 2026-03/记-8 in the order of the list. */
  readonly older: string | null; readonly newer: string | null;
};

/** Refuses: voucher.unknown. */
export async function showVoucher(ctx: Ctx, book: Book, period: string, number: string): Promise<VoucherShown> {
  const { db } = ctx;
  const match = /^(.+)-(\d{1,9})$/u.exec(number);
  const found = match ? await findVoucher(db, book.bookId, period, match[1] as string, Number(match[2])) : undefined;
  if (!match || !found) return refuse("voucher.unknown", { number: `${period}/${number}` });
  const [voucher] = await readVouchers(ctx, book, { ids: [`v${found.voucher_id}`], period });
  if (!voucher) return refuse("voucher.unknown", { number: `${period}/${number}` });
  const [rule = "", version = "0"] = voucher.rule.split("@");
  const words = (await loadRules(db, book.bookId)).byVersion.get(Number(version))?.byId.get(rule)?.rule;
  const reversal = await findReversal(db, book.bookId, found.voucher_id);
  const { older, newer } = await findNeighbours(db, book.bookId, period, found.voucher_id);
  const place = (one: typeof older): string | null => (one === undefined ? null : `${one.period}/${numberText(one.series, one.number)}`);
  const lines = await nameLines(db, book, voucher.lines);
  const totals = totalsOf(voucher.lines, book);
  const { sources: _, block, ...rest } = voucher;
  return {
    ...rest, number: numberText(voucher.series, Number(match[2])), lines, ...totals, inWords: book.currency === "CNY" ? amountInWords(totals.debitTotal) : "",
    rule, ruleVersion: Number(version), ruleZh: words?.zh ?? rule, ruleEn: words?.en ?? rule, block, closedBy: (await readPeriods(db, book)).find((one) => one.period === period)?.closedBy ?? null,
    reversedBy: reversal === undefined ? null : `${reversal.period}/${numberText(reversal.series, reversal.number)}`, attached: await attachedTo(db, book, voucher.sources.map(({ document }) => document)), older: place(older), newer: place(newer),
  };
}

/** Lines with the path of their account and the names of their dimensions. */
export async function nameLines(db: Db, book: Book, lines: readonly VoucherLine[]): Promise<ShownLine[]> {
  const accounts = await loadAccounts(db, book);
  const names = await nameDimensions(db, book, lines.map(({ dimensions }) => dimensions));
  return lines.map((line) => {
    const path = accountPath(accounts, line.account);
    return { ...line, accountZh: path.zh, accountEn: path.en, named: Object.entries(line.dimensions).map(([name, value]) => ({ name, value, ...(names(name, value) ?? { zh: value, en: value }) })) };
  });
}

/** 应交税费—应交增值税—进项税额 */
export function accountPath(accounts: ReadonlyMap<string, Account>, code: string): { readonly zh: string; readonly en: string } {
  const path: Account[] = [];
  for (let at = code; at !== ""; at = at.slice(0, Math.max(0, at.lastIndexOf(".")))) {
    const account = accounts.get(at);
    if (account) path.unshift(account);
  }
  return path.length === 0 ? { zh: code, en: code } : { zh: path.map(({ zh }) => zh).join("—"), en: path.map(({ en }) => en).join(" – ") };
}

/** What the dimensions are called in a message. */
export const dimensionNames: Readonly<Record<string, store.Names>> = {
  counterparty: { zh: "往来单位", en: "a counterparty" }, item: { zh: "物料", en: "an item" }, department: { zh: "部门", en: "a department" }, project: { zh: "项目", en: "a project" }, bankAccount: { zh: "银行账户", en: "a bank account" }, employee: { zh: "员工", en: "an employee" },
  warehouse: { zh: "仓库", en: "a warehouse" }, region: { zh: "地区", en: "a region" }, note: { zh: "票据号", en: "a note" }, asset: { zh: "资产", en: "an asset" }, custom1: { zh: "自定义 1", en: "custom 1" }, custom2: { zh: "自定义 2", en: "custom 2" }, custom3: { zh: "自定义 3", en: "custom 3" },
};

/** Which kinds of master data a dimension may name; what is not here is free text. */
export const kindsOfDimension: Readonly<Record<string, readonly string[]>> = {
  counterparty: ["customer", "supplier", "employee"], item: ["item"], department: ["department"], project: ["project"], bankAccount: ["bankAccount"], employee: ["employee"], warehouse: ["warehouse"], region: ["region"],
};

/** The name of a dimension's value, by master data. */
export async function nameDimensions(db: Db, book: Book, sets: readonly Readonly<Record<string, string>>[]): Promise<(name: string, value: string) => store.Names | undefined> {
  const wanted = new Map(sets.flatMap((set) => Object.entries(set)).filter(([, value]) => value !== "").flatMap(([name, value]) => (kindsOfDimension[name] ?? []).map((kind) => [`${kind}|${value}`, { kind, value }] as const)));
  if (wanted.size === 0) return () => undefined;
  const rows = await store.findNamesOf(db, book.bookId, [...wanted.values()].map(({ kind }) => kind), [...wanted.values()].map(({ value }) => value));
  const byKey = new Map(rows.map((row) => [`${row.kind}|${row.code}`, row]));
  return (name, value) => {
    const found = (kindsOfDimension[name] ?? []).map((kind) => byKey.get(`${kind}|${value}`)).find((one) => one !== undefined);
    return found === undefined ? undefined : { zh: found.zh || found.en || value, en: found.en || found.zh || value };
  };
}

export function totalsOf(lines: readonly Pick<VoucherLine, "debit" | "credit">[], book: Book): { readonly debitTotal: string; readonly creditTotal: string } {
  const minor = (text: string): bigint => BigInt(text.replace(".", ""));
  const sum = (side: "debit" | "credit"): string => formatMoney(lines.reduce((total, line) => total + minor(line[side]), 0n), book.currency);
  return { debitTotal: sum("debit"), creditTotal: sum("credit") };
}

/** The documents of a voucher, each once, with how many of their lines went into it. */
export async function attachedTo(db: Db, book: Book, documents: readonly string[]): Promise<Attached[]> {
  const counts = Map.groupBy(documents, (document) => document);
  const rows = await store.findAttached(db, book.bookId, [...counts.keys()]);
  return rows.map(({ documentId: _, ...row }) => ({ ...row, lines: counts.get(row.document)?.length ?? 0 }));
}

export const readRecentSummaries = async (ctx: Ctx, book: Book, text: string, limit: number): Promise<string[]> => (await store.findRecentSummaries(ctx.db, book.bookId, text.trim(), limit)).map(({ summary }) => summary);

/** Where an account stands now in all open and closed periods, without sign, with its side. Refuses: account.unknown. */
export async function readStanding(ctx: Ctx, book: Book, account: string, dimensions: Readonly<Record<string, string>>): Promise<{ readonly balance: string; readonly side: "debit" | "credit" | "zero" }> {
  if (!(await loadAccounts(ctx.db, book)).has(account)) refuse("account.unknown", { book: book.code, account });
  const sets = Object.keys(dimensions).length === 0 ? null : (await findSetsWith(ctx.db, book.bookId, dimensions)).map(({ id }) => id);
  const { balance } = await findStanding(ctx.db, book.bookId, account, sets);
  return { balance: formatMoney(balance < 0n ? -balance : balance, book.currency), side: balance > 0n ? "debit" : balance < 0n ? "credit" : "zero" };
}

/** What a list of vouchers may be narrowed by: series and periods in use, rules of the version in force. */
export async function readVoucherFacets(ctx: Ctx, book: Book): Promise<{ readonly series: readonly string[]; readonly periods: readonly string[]; readonly rules: readonly { readonly rule: string; readonly zh: string; readonly en: string }[] }> {
  const rules = new Map((await loadRules(ctx.db, book.bookId)).all.flatMap((version) => version.rules.ruleSet.rules).filter(({ exempt }) => !exempt).map(({ id, zh, en }) => [id, { rule: id, zh, en }]));
  return {
    series: (await findSeries(ctx.db, book.bookId)).map(({ series }) => series), periods: (await findPeriods(ctx.db, book.bookId, "0000-00", "9999-99", {})).map(({ period }) => period),
    rules: [...rules.values()].sort((a, b) => (a.rule < b.rule ? -1 : 1)),
  };
}
