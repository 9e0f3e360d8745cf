/** What does not go together along the chains: goods without invoice, returns without red invoice, prices, tax, rates, money with the wrong party or too little of it. */
import type { Book } from "../../books/index.ts";
import { amountOf, readDocument } from "../../documents/index.ts";
import type { Ctx } from "../../platform/index.ts";
import { addDays, convert, divideRound, exponentOf, parseDecimal, PRICE_SCALE, QUANTITY_SCALE, RATE_SCALE } from "../../values/index.ts";
import type { Finding } from "../causes.ts";
import { refreshChain } from "./chain.ts";
import * as store from "./chain-findings.store.ts";

export type ChainPatience = {
  /** Goods that moved longer ago than so many days are expected to be invoiced, and returns to be credited. */
  readonly invoiceDays: number;
  /** What was paid in part is expected whole so many days after its due date. */
  readonly paymentDays: number;
  /** Two payments of one sum to one party within so many days are taken for the same. */
  readonly twiceDays: number;
  /** An invoice may be so many per mille off the order's price; what is less is a price variance, not a difference. */
  readonly pricePerMille: number;
};
export const usualPatience: ChainPatience = { invoiceDays: 45, paymentDays: 30, twiceDays: 30, pricePerMille: 50 };

export async function searchChain(ctx: Ctx, book: Book, patience: ChainPatience = usualPatience): Promise<Finding[]> {
  await refreshChain(ctx, book);
  const today = ctx.now().toISOString().slice(0, 10);
  return [
    ...(await goods(ctx, book, addDays(today, -patience.invoiceDays))), ...(await prices(ctx, book, BigInt(patience.pricePerMille))), ...(await rates(ctx, book)), ...(await taxes(ctx, book)), ...(await twins(ctx, book)),
    ...(await onAccount(ctx, book, patience.twiceDays)), ...(await shortPaid(ctx, book, addDays(today, -patience.paymentDays))),
  ];
}

async function goods(ctx: Ctx, book: Book, before: string): Promise<Finding[]> {
  return (await store.findGoodsRests(ctx.db, book.bookId, before)).flatMap((row): Finding[] => {
    const common = { party: row.party, period: row.period, owner: row.owner, facts: { order: row.orderKey, side: row.side } };
    const findings: Finding[] = [];
    if (row.uninvoiced > 0n && row.date < before) findings.push({ ...common, cause: "notInvoiced", fingerprint: `uninvoiced|${row.document}`, subject: row.document, documents: [row.document], business: row.uninvoiced, books: 0n, amount: row.uninvoiced, since: row.date });
    if (row.partly > 0n && row.date < before) findings.push({ ...common, cause: "quantityDiffers", fingerprint: `partly|${row.document}`, subject: row.document, documents: [row.document, ...row.invoices], business: row.partly, books: 0n, amount: row.partly, since: row.date });
    if (row.uncredited > 0n) findings.push(row.returns.length === 0
      ? { ...common, cause: "quantityDiffers", fingerprint: `over|${row.document}`, subject: row.document, documents: [row.document, ...row.invoices], business: 0n, books: row.uncredited, amount: -row.uncredited, since: row.date }
      : { ...common, cause: "returnNotCredited", fingerprint: `uncredited|${row.returns[0]}`, subject: row.returns[0] as string, documents: [...row.returns, row.document, ...row.invoices], business: 0n, books: row.uncredited, amount: -row.uncredited, since: row.returnedOn ?? row.date });
    return findings;
  });
}

async function prices(ctx: Ctx, book: Book, perMille: bigint): Promise<Finding[]> {
  const rows = await store.findPricedApart(ctx.db, book.bookId);
  return [...Map.groupBy(rows, ({ documentId }) => documentId).values()].flatMap((own): Finding[] => {
    const first = own[0] as store.PricedLine;
    const findings: Finding[] = [];
    const sum = (lines: readonly store.PricedLine[], of: (line: store.PricedLine) => bigint): bigint => lines.reduce((total, line) => total + of(line), 0n);
    const common = { subject: first.document, party: first.party, period: first.period, item: first.item, documents: [first.document, ...new Set(own.map(({ orderKey }) => orderKey))], since: first.date, owner: first.owner };
    const taxed = own.filter((line) => number(line.taxInvoiced, 6) !== number(line.taxOrdered, 6));
    const priced = own.filter((line) => { const [is, was] = [number(line.invoiced, PRICE_SCALE), number(line.ordered, PRICE_SCALE)]; return (is > was ? is - was : was - is) * 1_000n > was * perMille; });
    if (taxed.length > 0) {
      const off = sum(taxed, (line) => inBase(divideRound(number(line.net, exponentOf(book.currency)) * (number(line.taxInvoiced, 6) - number(line.taxOrdered, 6)), 1_000_000n), line.rate));
      findings.push({ ...common, cause: "taxRateDiffers", fingerprint: `tax|${first.document}`, amount: off, business: null, books: off, facts: { lines: taxed.map(({ line, taxInvoiced, taxOrdered }) => ({ line, invoiced: taxInvoiced, ordered: taxOrdered })) } });
    }
    if (priced.length > 0) {
      const off = sum(priced, (line) => inBase(divideRound(number(line.quantity, QUANTITY_SCALE) * (number(line.invoiced, PRICE_SCALE) - number(line.ordered, PRICE_SCALE)), 10n ** BigInt(QUANTITY_SCALE + PRICE_SCALE - exponentOf(book.currency))), line.rate));
      findings.push({ ...common, cause: "priceDiffers", fingerprint: `price|${first.document}`, amount: off, business: null, books: off, facts: { lines: priced.map(({ line, invoiced, ordered }) => ({ line, invoiced, ordered })) } });
    }
    return findings;
  });
}

const number = (text: string, scale: number): bigint => parseDecimal(text, scale) ?? 0n;
const inBase = (amount: bigint, rate: string): bigint => divideRound(amount * number(rate, RATE_SCALE), 10n ** BigInt(RATE_SCALE));

async function rates(ctx: Ctx, book: Book): Promise<Finding[]> {
  return (await store.findRatedApart(ctx.db, book.bookId, book.currency)).map((row): Finding => {
    const { document } = readDocument(JSON.parse(row.body), book.code, book.currency);
    const original = (document && amountOf(document)) ?? 0n;
    const at = (rate: string): bigint => convert(original, row.currency, book.currency, number(rate, RATE_SCALE));
    return { cause: "rateDiffers", fingerprint: `rate|${row.document}`, subject: row.document, party: row.party, period: row.period, documents: [row.document], business: at(row.dayRate), books: at(row.rate), amount: at(row.dayRate) - at(row.rate), since: row.date, facts: { currency: row.currency, rate: row.rate, dayRate: row.dayRate } };
  });
}

async function taxes(ctx: Ctx, book: Book): Promise<Finding[]> {
  return (await store.findTaxRounded(ctx.db, book.bookId, 0n)).map((row): Finding => {
    const off = number(row.off, exponentOf(book.currency));
    return { cause: "taxRounded", fingerprint: `rounded|${row.document}`, subject: row.document, party: row.party, period: row.period, documents: [row.document], business: null, books: off, amount: off, since: row.date };
  });
}

async function twins(ctx: Ctx, book: Book): Promise<Finding[]> {
  return (await store.findTwins(ctx.db, book.bookId)).map((row): Finding => {
    const { document } = readDocument(JSON.parse(row.body), book.code, book.currency);
    const amount = (document && amountOf(document)) ?? 0n;
    const base = document === undefined || document.currency === book.currency ? amount : convert(amount, document.currency, book.currency, document.rate ?? 10n ** BigInt(RATE_SCALE));
    return { cause: "duplicateInvoice", fingerprint: `twin|${row.document}`, subject: row.document, party: row.party, period: row.period, documents: [row.document, row.first], business: 0n, books: base, amount: -base, since: row.date, facts: { number: row.number } };
  });
}

async function onAccount(ctx: Ctx, book: Book, days: number): Promise<Finding[]> {
  return (await store.findOnAccount(ctx.db, book.bookId, days)).flatMap((row): Finding[] => {
    const common = { subject: row.document, account: row.account, party: row.party, period: row.period, business: 0n, books: row.amount, amount: row.amount, since: row.date };
    if (row.twins.length > 0) return [{ ...common, cause: "paidTwice", fingerprint: `twice|${row.document}`, documents: [row.document, ...row.twins] }];
    if (row.others.length > 0) return [{ ...common, cause: "otherParty", fingerprint: `party|${row.document}`, documents: [row.document, ...row.others.map(({ document }) => document)], facts: { others: row.others } }];
    return [];
  });
}

async function shortPaid(ctx: Ctx, book: Book, before: string): Promise<Finding[]> {
  return (await store.findShortPaid(ctx.db, book.bookId, before)).filter(({ by }) => by.length > 0).map((row): Finding => ({
    cause: "paidShort", fingerprint: `short|${row.documentId}/${row.line}`, subject: row.document, account: row.account, party: row.party, period: row.period, documents: [row.document, ...row.by], business: row.whole, books: row.whole - row.rest, amount: row.rest, since: row.dueOn, facts: { lastOn: row.lastOn },
  }));
}
