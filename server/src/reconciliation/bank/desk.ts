/**
 * The bank desk 银行对账: statements are taken in once, the cascade matches what is certain, a person decides the rest, and everything decided can
 * be undone and is kept. What people decide teaches under which names a party pays.
 */
import { readBankFile } from "../../connectors/index.ts";
import { type Book } from "../../books/index.ts";
import { type Ctx, type Db, refuse } from "../../platform/index.ts";
import { dayNumber, exponentOf, formatDecimal, parseDecimal } from "../../values/index.ts";
import { findNames } from "../difference/difference.store.ts";
import { listStatementLayouts } from "../layout/layout.ts";
import * as store from "./bank.store.ts";
import { type BankLine, type Expected, matchBank, type Party, type Suggestion } from "./match.ts";
import { referencesIn } from "./reference.ts";

export type BankAccount = { readonly bankAccount: string; readonly zh: string; readonly en: string; readonly currency: string; readonly number: string; readonly open: number };
export const listBankAccounts = async (ctx: Ctx, book: Book): Promise<BankAccount[]> => (await store.findBankAccounts(ctx.db, book.bookId)).map((row) => ({ ...row, currency: row.currency || book.currency, open: Number(row.open) }));

/** Refuses: bank.account_unknown. */
async function accountOf(ctx: Ctx, book: Book, code: string): Promise<BankAccount> {
  return (await listBankAccounts(ctx, book)).find(({ bankAccount }) => bankAccount === code) ?? refuse("bank.account_unknown", { account: code });
}

export type TakenStatement = { readonly statement: string; readonly format: string; readonly movements: number; readonly isNew: number; readonly opening: string | null; readonly closing: string | null; readonly problems: readonly { readonly code: string; readonly facts: Readonly<Record<string, unknown>>; readonly where?: string | undefined }[] };

/** Takes a file of the bank in. A movement that an earlier file brought is not taken twice. Refuses: bank.account_unknown, bank.file_unknown, bank.other_account, bank.other_currency, bank.balance. */
export async function takeStatement(ctx: Ctx, book: Book, bankAccount: string, name: string, bytes: Uint8Array): Promise<TakenStatement[]> {
  const account = await accountOf(ctx, book, bankAccount);
  const file = (await readBankFile(name, bytes, (await listStatementLayouts(ctx, book)).map((layout) => ({ name: layout.name, columns: layout.body })))) ?? refuse("bank.file_unknown", { name });
  const minor = (text: string): bigint => parseDecimal(text, exponentOf(account.currency)) ?? refuse("bank.amount", { got: text, currency: account.currency });
  const taken: TakenStatement[] = [];
  for (const one of file.statements) {
    // A file that names another account is not this one's, whoever chose it.
    if (one.account !== "" && account.number !== "" && digits(one.account) !== "" && !digits(account.number).endsWith(digits(one.account).slice(-4))) refuse("bank.other_account", { file: one.account, account: account.number });
    if (one.currency !== "" && one.currency !== account.currency) refuse("bank.other_currency", { file: one.currency, account: account.currency });
    const movements = one.movements.map((movement) => ({ ...movement, amount: minor(movement.amount) })).filter(({ amount }) => amount !== 0n);
    if (movements.length === 0) continue;
    const opening = one.opening === null ? null : minor(one.opening);
    const closing = one.closing === null ? null : minor(one.closing);
    const moved = movements.reduce((sum, { amount }) => sum + amount, 0n);
    if (opening !== null && closing !== null && opening + moved !== closing) refuse("bank.balance", { opening: one.opening ?? "", moved: formatDecimal(moved, exponentOf(account.currency)), closing: one.closing ?? "" });
    const days = movements.map(({ bookedOn }) => bookedOn).sort();
    taken.push(await ctx.db.transaction(async (db) => {
      await store.lockAccount(db, book.bookId, bankAccount);
      const statement = await store.addStatement(db, book.bookId, { bankAccount, format: one.format, name: one.statement || name, currency: account.currency, firstOn: days[0] as string, lastOn: days.at(-1) as string, opening, closing, takenAt: ctx.now().toISOString(), takenBy: ctx.actor.id });
      const isNew = await store.addMovements(db, book.bookId, statement, bankAccount, account.currency, movements);
      return { statement, format: one.format, movements: movements.length, isNew, opening: one.opening, closing: one.closing, problems: file.problems };
    }));
  }
  return taken.length > 0 ? taken : refuse("bank.empty", { name });
}
const digits = (text: string): string => text.replace(/\D/g, "");

export type Matched = { readonly matched: number; readonly movements: number; readonly duplicates: number; readonly left: number };

/** Lets the cascade decide what is certain. Refuses: bank.account_unknown. */
export async function matchAccount(ctx: Ctx, book: Book, bankAccount: string): Promise<Matched> {
  await accountOf(ctx, book, bankAccount);
  return ctx.db.transaction(async (db) => {
    await store.lockAccount(db, book.bookId, bankAccount);
    const { result, lineOf } = await tryMatching(db, book, bankAccount);
    await store.addMatches(db, book.bookId, result.matches.map((match) => ({ step: match.step, difference: match.difference, reason: "", document: null, movements: match.lines, lines: match.expected.map((id) => lineOf.get(id) as store.BookLineRow) })), ctx.now().toISOString(), "system");
    await store.setMovements(db, book.bookId, result.duplicates, "duplicate", "");
    return { matched: result.matches.length, movements: result.matches.reduce((sum, { lines }) => sum + lines.length, 0), duplicates: result.duplicates.length, left: result.linesLeft.length - result.duplicates.length };
  });
}

async function tryMatching(db: Db, book: Book, bankAccount: string) {
  const [movements, lines, known, learned] = [await store.findOpenMovements(db, book.bookId, bankAccount), await store.findOpenLines(db, book.bookId, bankAccount, book.currency), await store.findParties(db, book.bookId), await store.findPayers(db, book.bookId)];
  const currency = movements[0]?.currency ?? book.currency;
  const lineOf = new Map(lines.map((line) => [idOf(line), line]));
  const payers = Map.groupBy(learned, ({ party }) => party);
  const parties: Party[] = known.map(({ party, names }) => ({ party, names: [...names, ...(payers.get(party) ?? []).map(({ name }) => name).filter((name) => name !== "")], accounts: (payers.get(party) ?? []).map(({ account }) => account).filter((account) => account !== "") }));
  const bankLines = movements.map((row): BankLine => ({ id: row.movement, account: bankAccount, currency, day: dayNumber(row.bookedOn), amount: row.amount, key: row.reference, text: row.text, name: row.name, counterAccount: row.counterAccount }));
  const expected = lines.filter(({ amount }) => amount !== 0n).map((row): Expected => ({ id: idOf(row), currency, day: dayNumber(row.date), amount: row.amount, key: row.sourceId, references: [...numbersOf(row), ...referencesIn(row.summary)], party: row.party }));
  return { movements, lines, lineOf, result: matchBank(bankLines, expected, parties) };
}
/** Numbers of the documents that it pays: [source:]kind/number[/line]. */
const numbersOf = ({ links }: store.BookLineRow): string[] => (links ?? []).flatMap(({ to }) => (typeof to === "string" ? [/^[^/]*\/([^/]+)/.exec(to)?.[1] ?? ""] : [])).filter((number) => number !== "");
const idOf = ({ period, voucherId, lineNo }: store.LineKey): string => `${period}/${voucherId}/${lineNo}`;

export type DeskMovement = Omit<store.MovementRow, "amount" | "state" | "reason"> & { readonly amount: string; readonly suggestion: { readonly why: Suggestion["why"]; readonly lines: readonly string[] } | null };
export type DeskLine = { readonly line: string; readonly voucher: string; readonly date: string; readonly amount: string; readonly summary: string; readonly document: string; readonly party: string; readonly partyName: string; /** Numbers of the invoices and other papers that it pays. */ readonly pays: readonly string[] };
export type Desk = { readonly account: BankAccount; readonly movements: readonly DeskMovement[]; readonly lines: readonly DeskLine[]; readonly statements: readonly (Omit<store.StatementRow, "opening" | "closing"> & { readonly opening: string | null; readonly closing: string | null })[] };

/** What is open on both sides, with what each movement may be. Refuses: bank.account_unknown. */
export async function showDesk(ctx: Ctx, book: Book, bankAccount: string): Promise<Desk> {
  const account = await accountOf(ctx, book, bankAccount);
  const { movements, lines, result } = await tryMatching(ctx.db, book, bankAccount);
  const names = new Map((await findNames(ctx.db, book.bookId, [...new Set(lines.map(({ party }) => party).filter((party) => party !== ""))])).map((one) => [one.code, one.zh || one.en]));
  const money = (minor: bigint): string => formatDecimal(minor, exponentOf(account.currency));
  // What is certain but not yet decided is the best suggestion there is.
  const suggested = new Map<string, DeskMovement["suggestion"]>([...result.suggestions.map(({ line, why, expected }) => [line, { why, lines: expected }] as const), ...result.matches.flatMap((match) => match.lines.map((line) => [line, { why: "reference" as const, lines: match.expected }] as const))]);
  return {
    account, movements: movements.map(({ state: _, reason: __, ...row }) => ({ ...row, amount: money(row.amount), suggestion: suggested.get(row.movement) ?? null })),
    lines: lines.map((row) => ({ line: idOf(row), voucher: `${row.period}/${row.series}-${row.number}`, date: row.date, amount: money(row.amount), summary: row.summary, document: row.kind === "" ? "" : `${row.source}:${row.kind}/${row.sourceId}`, party: row.party, partyName: names.get(row.party) ?? "", pays: numbersOf(row) })),
    statements: (await store.listStatements(ctx.db, book.bookId, bankAccount)).map((row) => ({ ...row, opening: row.opening === null ? null : money(row.opening), closing: row.closing === null ? null : money(row.closing) })),
  };
}

/** Refuses: bank.not_open when one of them was matched meanwhile or never was. */
async function chosen(db: Db, book: Book, bankAccount: string, wanted: { readonly movements: readonly string[]; readonly lines: readonly string[] }): Promise<{ readonly movements: store.MovementRow[]; readonly lines: store.BookLineRow[] }> {
  const movements = (await store.findMovements(db, book.bookId, bankAccount, wanted.movements.filter((one) => /^\d{1,18}$/.test(one)))).filter(({ state }) => state === "open" || state === "duplicate");
  const open = wanted.lines.length === 0 ? new Map<string, store.BookLineRow>() : new Map((await store.findOpenLines(db, book.bookId, bankAccount, book.currency)).map((line) => [idOf(line), line]));
  const lines = [...new Set(wanted.lines)].flatMap((line) => open.get(line) ?? []);
  if (movements.length === 0 || movements.length !== new Set(wanted.movements).size || lines.length !== new Set(wanted.lines).size) refuse("bank.not_open");
  return { movements, lines };
}

/** Under which names and from which accounts a party pays, from what a person confirmed. */
async function learn(ctx: Ctx, book: Book, movements: readonly store.MovementRow[], party: string): Promise<void> {
  for (const { name, counterAccount } of movements) if (name !== "" || counterAccount !== "") await store.learnPayer(ctx.db, book.bookId, { name, account: counterAccount, party }, ctx.now().toISOString(), ctx.actor.id);
}

/** What booking a movement shares with matching it. */
export const bankDesk = { accountOf, chosen, learn };

/** A person says what belongs together. What differs needs a reason. Refuses: bank.account_unknown, bank.not_open, bank.differs. */
export async function decideMatch(ctx: Ctx, book: Book, bankAccount: string, wanted: { readonly movements: readonly string[]; readonly lines: readonly string[]; readonly reason: string }): Promise<{ readonly match: string; readonly difference: string }> {
  const account = await accountOf(ctx, book, bankAccount);
  return ctx.db.transaction(async (db) => {
    await store.lockAccount(db, book.bookId, bankAccount);
    const { movements, lines } = await chosen(db, book, bankAccount, wanted);
    if (lines.length === 0) refuse("bank.not_open");
    const difference = lines.reduce((sum, { amount }) => sum + amount, 0n) - movements.reduce((sum, { amount }) => sum + amount, 0n);
    if (difference !== 0n && wanted.reason.trim() === "") refuse("bank.differs", { difference: formatDecimal(difference, exponentOf(account.currency)) });
    const [match] = await store.addMatches(db, book.bookId, [{ step: "person", difference, reason: wanted.reason.trim(), document: null, movements: movements.map(({ movement }) => movement), lines }], ctx.now().toISOString(), ctx.actor.id);
    const parties = new Set(lines.map(({ party }) => party).filter((party) => party !== ""));
    const [party] = parties;
    if (parties.size === 1 && party !== undefined) await learn({ ...ctx, db: { ...ctx.db, ...db } }, book, movements, party);
    return { match: match as string, difference: formatDecimal(difference, exponentOf(account.currency)) };
  });
}

export type Payer = store.PayerRow;
/** What confirmed matches taught: under which names and from which accounts a party pays. */
export const listPayers = (ctx: Ctx, book: Book): Promise<Payer[]> => store.findPayers(ctx.db, book.bookId);

/** Not used for matching any more; the next confirmed match teaches it again. Refuses: bank.payer_unknown. */
export async function forgetPayer(ctx: Ctx, book: Book, payer: { readonly name: string; readonly account: string; readonly party: string }): Promise<{ readonly party: string }> {
  return (await store.forgetPayer(ctx.db, book.bookId, payer, ctx.now().toISOString(), ctx.actor.id)).length === 0 ? refuse("bank.payer_unknown", { name: payer.name || payer.account }) : { party: payer.party };
}

/** A movement that concerns nothing in the books, a duplicate of the bank for instance. Refuses: bank.account_unknown, bank.not_open, bank.reason. */
export async function ignoreMovements(ctx: Ctx, book: Book, bankAccount: string, movements: readonly string[], reason: string): Promise<{ readonly movements: number }> {
  await accountOf(ctx, book, bankAccount);
  if (reason.trim() === "") refuse("bank.reason");
  return ctx.db.transaction(async (db) => {
    await store.lockAccount(db, book.bookId, bankAccount);
    const open = (await store.findMovements(db, book.bookId, bankAccount, movements.filter((one) => /^\d{1,18}$/.test(one)))).filter(({ state }) => state === "open" || state === "duplicate");
    if (open.length === 0 || open.length !== new Set(movements).size) refuse("bank.not_open");
    await store.setMovements(db, book.bookId, movements, "ignored", reason.trim());
    return { movements: open.length };
  });
}

export type JournalEntry = Omit<store.MatchRow, "difference"> & { readonly difference: string; readonly cursor: string };
export async function readBankJournal(ctx: Ctx, book: Book, bankAccount: string, page: { readonly after?: string | undefined; readonly limit?: number | undefined }): Promise<JournalEntry[]> {
  const account = await accountOf(ctx, book, bankAccount);
  return (await store.listMatches(ctx.db, book.bookId, bankAccount, page.after ?? "9223372036854775807", page.limit ?? 100)).map((row) => ({ ...row, difference: formatDecimal(row.difference, exponentOf(account.currency)), cursor: row.match }));
}

type Outstanding = { readonly date: string; readonly amount: string; readonly text: string; readonly where: string };
export type BalanceReconciliation = {
  readonly bankAccount: string; readonly currency: string; readonly at: string; readonly bankBalance: string | null; readonly bookBalance: string;
  /** 银行已收企业未收, 银行已付企业未付, 企业已收银行未收, 企业已付银行未付. Amounts without sign. */
  readonly bankReceived: readonly Outstanding[]; readonly bankPaid: readonly Outstanding[]; readonly bookReceived: readonly Outstanding[]; readonly bookPaid: readonly Outstanding[];
  /** What matched sides differ by. */
  readonly matchedDifference: string; readonly adjustedBank: string | null; readonly adjustedBook: string; readonly difference: string | null;
};

/** 银行存款余额调节表 at the end of a day. The bank's balance is its last statement's plus what moved since. Refuses: bank.account_unknown. */
export async function reconcileBalance(ctx: Ctx, book: Book, bankAccount: string, at: string): Promise<BalanceReconciliation> {
  const account = await accountOf(ctx, book, bankAccount);
  const money = (minor: bigint): string => formatDecimal(minor, exponentOf(account.currency));
  const last = await store.statementAt(ctx.db, book.bookId, bankAccount, at);
  const bank = last === undefined || last.closing === null ? null : last.closing + (await store.sumOfMovements(ctx.db, book.bookId, bankAccount, last.lastOn, at));
  const books = await store.sumOfBooks(ctx.db, book.bookId, bankAccount, book.currency, at);
  const movements = await store.findOutstandingMovements(ctx.db, book.bookId, bankAccount, at);
  const lines = await store.findOutstandingLines(ctx.db, book.bookId, bankAccount, book.currency, at);
  const matched = await store.sumOfDifferences(ctx.db, book.bookId, bankAccount, at);
  const sum = (rows: readonly { readonly amount: bigint }[]): bigint => rows.reduce((total, { amount }) => total + amount, 0n);
  const ofBank = (rows: readonly store.MovementRow[]): Outstanding[] => rows.map((row) => ({ date: row.bookedOn, amount: money(abs(row.amount)), text: [row.name, row.text].filter((part) => part !== "").join(" "), where: row.movement }));
  const ofBook = (rows: readonly store.BookLineRow[]): Outstanding[] => rows.map((row) => ({ date: row.date, amount: money(abs(row.amount)), text: row.summary, where: `${row.period}/${row.series}-${row.number}` }));
  const adjustedBook = books + sum(movements) - matched;
  const adjustedBank = bank === null ? null : bank + sum(lines);
  return {
    bankAccount, currency: account.currency, at, bankBalance: bank === null ? null : money(bank), bookBalance: money(books),
    bankReceived: ofBank(movements.filter(({ amount }) => amount > 0n)), bankPaid: ofBank(movements.filter(({ amount }) => amount < 0n)), bookReceived: ofBook(lines.filter(({ amount }) => amount > 0n)), bookPaid: ofBook(lines.filter(({ amount }) => amount < 0n)),
    matchedDifference: money(matched), adjustedBank: adjustedBank === null ? null : money(adjustedBank), adjustedBook: money(adjustedBook), difference: adjustedBank === null ? null : money(adjustedBank - adjustedBook),
  };
}
const abs = (n: bigint): bigint => (n < 0n ? -n : n);
