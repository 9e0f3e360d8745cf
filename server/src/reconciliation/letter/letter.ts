/**
 * 对账单: what a customer owes us, or we a supplier, as of a day, to be confirmed by them. It is kept as it was sent, with the hash of what it says. Its
 * link is signed over that (`link.ts`); it shows that one statement, takes one answer, and then, or after its time, is worth nothing. The answer is
 * kept with the hash of what was answered.
 */
import { type Book } from "../../books/index.ts";
import { type Ctx, momentAfter, momentOf, refuse } from "../../platform/index.ts";
import { formatMoney, parseMoney } from "../../values/index.ts";
import { readPartyItems } from "../../vouchers/index.ts";
import { findNames } from "../difference/difference.store.ts";
import { hashOfStatement, readLink, writeLink } from "./link.ts";
import * as store from "./letter.store.ts";

const linkDays = 30;

export type LetterLine = { readonly document: string; readonly date: string; readonly dueOn: string; readonly currency: string; readonly amount: string; readonly cleared: string; /** Signed: minus stands against the others. */ readonly open: string; readonly openBase: string };
export type LetterBody = { readonly party: string; readonly partyName: string; readonly kind: "customer" | "supplier"; readonly company: string; readonly currency: string; readonly at: string; readonly lines: readonly LetterLine[]; readonly balance: string };
export type LetterListed = Omit<LetterBody, "lines" | "company"> & {
  readonly letter: string; readonly madeAt: string; readonly madeBy: string; readonly expiresAt: string; readonly state: "sent" | "agrees" | "differs" | "withdrawn" | "expired"; readonly answeredAt: string | null; readonly answeredBy: string | null; readonly theirBalance: string | null; readonly remark: string | null; /** SHA-256 of what it says, in hex. */ readonly hash: string; readonly answeredHash: string | null; readonly cursor: string;
};

/** Draws one up and signs its link. Refuses: letter.party, letter.no_key. */
export async function makeLetter(ctx: Ctx, book: Book, asked: { readonly party: string; readonly kind: "customer" | "supplier" }): Promise<LetterListed & { readonly token: string }> {
  const body = await drawUp(ctx, book, asked);
  const expiresAt = momentAfter(ctx.now(), linkDays * 86_400_000);
  const row = await store.addLetter(ctx.db, book.bookId, { party: body.party, kind: body.kind, at: body.at, balance: parseMoney(body.balance, book.currency) ?? 0n, body, bodyHash: hashOfStatement(body), madeAt: ctx.now().toISOString(), madeBy: ctx.actor.id, expiresAt: expiresAt.toISOString() });
  return { ...listed(ctx, book, row), token: linkOf(ctx, book, row) };
}

const linkOf = (ctx: Ctx, book: Book, row: store.LetterRow): string => writeLink(ctx, { bookId: book.bookId, letter: row.letter, expiresAt: momentOf(row.expiresAt), hash: hashOfStatement(row.body as LetterBody) });

/** The same link again, for whoever may draw one up. Refuses: letter.unknown, letter.closed when it was answered, withdrawn or has expired, letter.no_key. */
export async function showLink(ctx: Ctx, book: Book, letter: string): Promise<string> {
  const row = await rowOf(ctx, book, letter);
  if (listed(ctx, book, row).state !== "sent") refuse("letter.closed", { letter });
  return linkOf(ctx, book, row);
}

async function drawUp(ctx: Ctx, book: Book, { party, kind }: { readonly party: string; readonly kind: "customer" | "supplier" }): Promise<LetterBody> {
  const at = ctx.now().toISOString().slice(0, 10);
  const items = (await readPartyItems(ctx, book, { party, kind })).filter(({ date }) => date <= at);
  if (items.length === 0) refuse("letter.party", { party });
  const [name] = await findNames(ctx.db, book.bookId, [party]);
  const own = kind === "customer" ? "debit" : "credit";
  const lines = items.map((item): LetterLine => {
    const minus = item.side === own ? "" : "-";
    return { document: item.document, date: item.date, dueOn: item.dueOn, currency: item.currency, amount: `${minus}${item.amount}`, cleared: item.cleared, open: `${minus}${item.open}`, openBase: `${minus}${item.openBase}` };
  });
  const balance = lines.reduce((sum, { openBase }) => sum + (parseMoney(openBase, book.currency) ?? 0n), 0n);
  return { party, partyName: name?.zh ?? name?.en ?? party, kind, company: book.name, currency: book.currency, at, lines, balance: formatMoney(balance, book.currency) };
}

function listed(ctx: Ctx, book: Pick<Book, "currency">, row: store.LetterRow): LetterListed {
  const body = row.body as LetterBody;
  const state = row.answer ?? (row.withdrawnAt !== null ? "withdrawn" : row.expiresAt < ctx.now().toISOString() ? "expired" : "sent");
  return {
    letter: String(row.letter), party: row.party, partyName: body.partyName, kind: row.kind, currency: body.currency, at: row.at, balance: formatMoney(row.balance, book.currency), madeAt: row.madeAt, madeBy: row.madeBy, expiresAt: row.expiresAt, state, answeredAt: row.answeredAt, answeredBy: row.answeredBy,
    theirBalance: row.theirBalance === null ? null : formatMoney(row.theirBalance, book.currency), remark: row.remark, hash: (row.bodyHash ?? hashOfStatement(body)).toString("hex"), answeredHash: row.answeredHash?.toString("hex") ?? null, cursor: String(row.letter),
  };
}

export async function listLetters(ctx: Ctx, book: Book, filter: { readonly party?: string | undefined; readonly after?: string | undefined; readonly limit?: number | undefined } = {}): Promise<LetterListed[]> {
  const rows = await store.listLetters(ctx.db, book.bookId, filter.party ?? null, /^\d{1,18}$/.test(filter.after ?? "") ? BigInt(filter.after as string) : 2n ** 62n, Math.min(filter.limit ?? 100, 1_000));
  return rows.map((row) => listed(ctx, book, row));
}

/** Refuses: letter.unknown. */
const rowOf = async (ctx: Ctx, book: Book, letter: string): Promise<store.LetterRow> => (/^\d{1,18}$/.test(letter) ? await store.findLetter(ctx.db, book.bookId, BigInt(letter)) : undefined) ?? refuse("letter.unknown");

/** Refuses: letter.unknown. */
export async function showLetter(ctx: Ctx, book: Book, letter: string): Promise<LetterListed & { readonly body: LetterBody }> {
  const row = await rowOf(ctx, book, letter);
  return { ...listed(ctx, book, row), body: row.body as LetterBody };
}

/** Its link is worth nothing from now on. Refuses: letter.unknown. */
export async function withdrawLetter(ctx: Ctx, book: Book, letter: string): Promise<LetterListed> {
  const done = /^\d{1,18}$/.test(letter) ? await store.withdraw(ctx.db, book.bookId, BigInt(letter), ctx.now().toISOString()) : [];
  if (done.length === 0) refuse("letter.unknown");
  const { body: _, ...shown } = await showLetter(ctx, book, letter);
  return shown;
}

/** What whoever holds the link sees. A statement that is not what was signed any more opens for nobody. Refuses: letter.link, letter.no_key. */
export async function openLetter(ctx: Ctx, token: string): Promise<LetterBody & { readonly expiresAt: string; readonly hash: string }> {
  const row = await openRow(ctx, token);
  return { ...(row.body as LetterBody), expiresAt: row.expiresAt, hash: hashOfStatement(row.body as LetterBody).toString("hex") };
}

async function openRow(ctx: Ctx, token: string) {
  const link = readLink(ctx, token) ?? refuse("letter.link");
  const row = (await store.findOpenLetter(ctx.db, link.bookId, link.letter, ctx.now().toISOString())) ?? refuse("letter.link");
  return link.isSigned(hashOfStatement(row.body as LetterBody), momentOf(row.expiresAt)) ? row : refuse("letter.link");
}

/** The first answer counts, and ends the link. `hash` is of the statement that they had before them. Refuses: letter.link, letter.no_key, letter.amount, letter.other_statement. */
export async function answerLetter(ctx: Ctx, token: string, answer: { readonly agrees: boolean; readonly by: string; readonly hash: string; readonly theirBalance?: string | undefined; readonly remark?: string | undefined }): Promise<{ readonly letter: string; readonly book: string; readonly hash: string }> {
  const row = await openRow(ctx, token);
  const hash = hashOfStatement(row.body as LetterBody);
  if (answer.hash !== hash.toString("hex")) refuse("letter.other_statement");
  const theirs = answer.theirBalance === undefined || answer.theirBalance === "" ? null : (parseMoney(answer.theirBalance, row.bookCurrency) ?? refuse("letter.amount", { got: answer.theirBalance, currency: row.bookCurrency }));
  const done = await store.saveAnswer(ctx.db, row.bookId, row.letter, { answer: answer.agrees ? "agrees" : "differs", by: answer.by.trim(), theirBalance: answer.agrees ? row.balance : theirs, remark: (answer.remark ?? "").trim(), at: ctx.now().toISOString(), hash });
  return done.length === 0 ? refuse("letter.link") : { letter: String(row.letter), book: row.book, hash: answer.hash };
}
