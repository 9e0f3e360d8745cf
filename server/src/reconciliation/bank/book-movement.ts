/**
 * 补记: what the bank shows and the books do not becomes a document of its own kind (a fee, interest, a receipt, a payment, anything else with its
 * account), is posted by the rules like any other, and matched at once. Chosen lines of the books stand for a part of the movement; the document is for
 * the rest, so a payment that came less its fee is matched with the receipt and the fee. Pressed twice it makes one: its name follows from the movement.
 */
import type { Book } from "../../books/index.ts";
import { keyOf } from "../../documents/index.ts";
import { type Ctx, refuse, type RenderedProblem } from "../../platform/index.ts";
import { exponentOf, formatDecimal, parseDecimal } from "../../values/index.ts";
import { type DocumentResult, postDocuments, readPartyItems } from "../../vouchers/index.ts";
import * as store from "./bank.store.ts";
import { bankDesk } from "./desk.ts";

export const bookings = ["fee", "interest", "receipt", "payment", "customerRefund", "supplierRefund", "other"] as const;
export type Booking = (typeof bookings)[number];
/** Which way the money goes; `other` goes both. */
const ways: Readonly<Record<Booking, "in" | "out" | "both">> = { fee: "out", interest: "in", receipt: "in", payment: "out", customerRefund: "out", supplierRefund: "in", other: "both" };
const ofCustomer: readonly Booking[] = ["receipt", "customerRefund"];
const ofSupplier: readonly Booking[] = ["payment", "supplierRefund"];

export type BookingWanted = {
  readonly movements: readonly string[]; /** Lines of the books that stand for a part of it. */ readonly lines: readonly string[]; readonly as: Booking;
  /** Of a receipt, payment or refund. */ readonly party?: string | undefined; /** Open items that it clears, oldest first as far as it reaches; without any it stands on account. */ readonly items?: readonly string[] | undefined;
  /** Of anything else. */ readonly account?: string | undefined; readonly summary?: string | undefined;
};
export type Booked = { readonly match: string; readonly document: string; readonly amount: string; readonly vouchers: readonly string[] };

/** Refuses: bank.account_unknown, bank.not_open, bank.nothing_left, bank.way, bank.party, bank.counter_account, bank.item, bank.not_posted. */
export async function bookMovement(ctx: Ctx, book: Book, bankAccount: string, wanted: BookingWanted): Promise<Booked> {
  const account = await bankDesk.accountOf(ctx, book, bankAccount);
  const money = (minor: bigint): string => formatDecimal(minor, exponentOf(account.currency));
  const { movements, lines } = await bankDesk.chosen(ctx.db, book, bankAccount, wanted);
  const rest = movements.reduce((sum, { amount }) => sum + amount, 0n) - lines.reduce((sum, { amount }) => sum + amount, 0n);
  if (rest === 0n) refuse("bank.nothing_left");
  const way = rest > 0n ? "in" : "out";
  if (ways[wanted.as] !== "both" && ways[wanted.as] !== way) refuse("bank.way", { amount: money(rest), as: wanted.as });
  const amount = rest > 0n ? rest : -rest;
  const party = wanted.party?.trim() ?? "";
  const isOfParty = ofCustomer.includes(wanted.as) || ofSupplier.includes(wanted.as);
  const partyKind = ofCustomer.includes(wanted.as) ? "customer" : "supplier";
  if (isOfParty && !(await store.isParty(ctx.db, book.bookId, partyKind, party))) refuse("bank.party", { party, kind: partyKind });
  if (wanted.as === "other" && (wanted.account ?? "").trim() === "") refuse("bank.counter_account");
  const [first] = movements;
  // Undone before, it is made anew under a new name.
  const sourceId = `bank-${bankAccount}-${first?.movement}-${(await store.countUndoneBookings(ctx.db, book.bookId, movements.map(({ movement }) => movement))) + 1}`;
  const kind = isOfParty ? (partyKind === "customer" ? "cashReceipt" : "supplierPayment") : "bankStatementLine";
  const links = isOfParty && (wanted.items ?? []).length > 0 ? await linksOf(ctx, book, { party, kind: partyKind, items: wanted.items ?? [], amount, currency: account.currency }) : [];
  const document = {
    schema: `tieout/${kind}@1`, source: "tieout", sourceId, date: movements.map(({ bookedOn }) => bookedOn).sort().at(-1), bankAccount, amount: money(amount), ...(account.currency === book.currency ? {} : { currency: account.currency }),
    ...(wanted.summary?.trim() ? { summary: wanted.summary.trim() } : {}),
    ...(isOfParty ? { [partyKind]: party, ...(wanted.as === "customerRefund" || wanted.as === "supplierRefund" ? { purpose: "refund" } : {}), ...(links.length === 0 ? {} : { links }) } : { type: wanted.as, ...(wanted.as === "other" ? { direction: way, account: wanted.account?.trim() } : {}) }),
  };
  const key = keyOf("tieout", kind, sourceId);
  // Tried first: what cannot be posted leaves nothing behind.
  const tried = await postOne(ctx, book, document, true);
  if (tried.state !== "posted" && tried.state !== "duplicate") refuse("bank.not_posted", { document: key, reasonsZh: said(tried.reasons, "zh"), reasonsEn: said(tried.reasons, "en") });
  const posted = await postOne(ctx, book, document, false);
  if (posted.state !== "posted" && posted.state !== "duplicate") refuse("bank.not_posted", { document: key, reasonsZh: said(posted.reasons, "zh"), reasonsEn: said(posted.reasons, "en") });
  return ctx.db.transaction(async (db) => {
    await store.lockAccount(db, book.bookId, bankAccount);
    const again = await bankDesk.chosen(db, book, bankAccount, wanted);
    const own = (await store.findOpenLines(db, book.bookId, bankAccount, book.currency)).filter((line) => line.kind !== "" && keyOf(line.source, line.kind, line.sourceId) === key);
    if (own.length === 0) refuse("bank.not_open");
    const [match] = await store.addMatches(db, book.bookId, [{ step: "booked", difference: 0n, reason: "", document: key, movements: again.movements.map(({ movement }) => movement), lines: [...again.lines, ...own] }], ctx.now().toISOString(), ctx.actor.id);
    if (isOfParty) await bankDesk.learn({ ...ctx, db: { ...ctx.db, ...db } }, book, again.movements, party);
    return { match: match as string, document: key, amount: money(amount), vouchers: [...new Set(own.map(({ period, series, number }) => `${period}/${series}-${number}`))] };
  });
}

async function postOne(ctx: Ctx, book: Book, document: object, dryRun: boolean): Promise<DocumentResult> {
  const results: DocumentResult[] = [];
  await postDocuments(ctx, book.code, [document], { dryRun, onResult: (result) => void (result.row === 1 && results.push(result)) });
  const [result] = results;
  if (result === undefined) throw new Error("posting answered nothing");
  return result;
}
const said = (reasons: readonly RenderedProblem[], language: "zh" | "en"): string => reasons.map((reason) => reason[language]).join(language === "zh" ? "；" : "; ");

/** Refuses: bank.item. */
async function linksOf(ctx: Ctx, book: Book, wanted: { readonly party: string; readonly kind: "customer" | "supplier"; readonly items: readonly string[]; readonly amount: bigint; readonly currency: string }): Promise<{ readonly to: string; readonly amount: string }[]> {
  const open = new Map((await readPartyItems(ctx, book, { party: wanted.party, kind: wanted.kind })).map((item) => [item.link, item]));
  let left = wanted.amount;
  return wanted.items.flatMap((link) => {
    const item = open.get(link);
    if (item === undefined || item.isAgainst || !item.isClearable || item.currency !== wanted.currency) return refuse("bank.item", { item: link, party: wanted.party });
    const own = parseDecimal(item.open, exponentOf(wanted.currency)) ?? 0n;
    const part = own < left ? own : left;
    left -= part;
    return part === 0n ? [] : [{ to: link, amount: formatDecimal(part, exponentOf(wanted.currency)) }];
  });
}

/** Takes back what a match had booked: the document is cancelled, its voucher reversed by the rules. Refuses: bank.not_posted. */
export async function takeBackBooking(ctx: Ctx, book: Book, document: string): Promise<void> {
  const row = await store.findDocumentBody(ctx.db, book.bookId, document);
  if (row === undefined || row.status === "cancelled") return;
  const result = await postOne(ctx, book, { ...(JSON.parse(row.body) as object), sourceVersion: Number(row.version) + 1, status: "cancelled" }, false);
  if (result.state !== "posted" && result.state !== "duplicate") refuse("bank.not_posted", { document, reasonsZh: said(result.reasons, "zh"), reasonsEn: said(result.reasons, "en") });
}
