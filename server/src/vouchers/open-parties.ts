/** 往来未清 by party: what each owes or is owed, how old it is, and what money stands against it without having cleared it. */
import { dayNumber, exponentOf, formatDecimal, formatMoney } from "../values/index.ts";
import { type Account, type Book, loadAccounts } from "../books/index.ts";
import { findDocument, keyOf, kinds } from "../documents/index.ts";
import type { Ctx } from "../platform/index.ts";
import { namesOf } from "./names.ts";
import { ageingBuckets, type AgeingBucket, bucketOf } from "./open-items.ts";
import * as store from "./open-items.store.ts";

export type PartyKind = "customer" | "supplier" | "employee";

export type OpenParty = {
  readonly party: string;
  readonly name: string;
  readonly kind: PartyKind;
  /** The employee who looks after the party, where its master record says; else "". */
  readonly owner: string;
  readonly ownerName: string;
  /** Base currency: what customers owe us, what we owe suppliers and employees, by age. */
  readonly buckets: Readonly<Record<AgeingBucket, string>>;
  readonly total: string;
  readonly overdue: string;
  /** Advances, money on account and red invoices that have not been set off. */
  readonly against: string;
  /** total − against. */
  readonly net: string;
  readonly items: number;
  readonly oldest: string;
};

/** Parties with open items, those with most first. `at` is the day that ages count to; default today. */
export async function readOpenParties(ctx: Ctx, book: Book, filter: { readonly kind: PartyKind; readonly at?: string | undefined }): Promise<OpenParty[]> {
  const accounts = await loadAccounts(ctx.db, book);
  const rows = await store.sumOpenByParty(ctx.db, book.bookId, filter.at ?? ctx.now().toISOString().slice(0, 10), ageingBuckets.map(({ upTo }) => upTo).filter(Number.isFinite));
  const byParty = Map.groupBy(rows.filter(({ party }) => party !== ""), ({ party }) => party);
  const masters = Map.groupBy(await store.findPartyKinds(ctx.db, book.bookId, [...byParty.keys()]), ({ code }) => code);
  const employees = await namesOf(ctx.db, book, ["employee"], [...masters.values()].flatMap((all) => all.map(({ owner }) => owner ?? "")));
  const money = (amount: bigint): string => formatMoney(amount, book.currency);
  return [...byParty].flatMap(([party, all]) => {
    const known = masters.get(party) ?? [];
    const master = known.find(({ kind }) => kind === filter.kind) ?? (known.length === 0 && filter.kind === "customer" ? undefined : null);
    if (master === null) return [];
    const own = new Map<number, bigint>();
    let against = 0n;
    for (const row of all) {
      const signed = isDebit(accounts, row.account) === (filter.kind === "customer") ? row.base : -row.base;
      if (signed > 0n) own.set(row.bucket, (own.get(row.bucket) ?? 0n) + signed);
      else against -= signed;
    }
    const total = [...own.values()].reduce((sum, amount) => sum + amount, 0n);
    return [{
      total, shown: {
        party, name: master?.zh ?? master?.en ?? "", kind: filter.kind, owner: master?.owner ?? "", ownerName: employees.get(master?.owner ?? "") ?? "",
        buckets: Object.fromEntries(ageingBuckets.map(({ id }, at) => [id, money(own.get(at) ?? 0n)])) as Record<AgeingBucket, string>, total: money(total), overdue: money(total - (own.get(0) ?? 0n)), against: money(against), net: money(total - against),
        items: all.reduce((sum, { items }) => sum + Number(items), 0), oldest: all.reduce((least, { oldest }) => (least === "" || oldest < least ? oldest : least), ""),
      },
    }];
  }).sort((a, b) => (a.total === b.total ? (a.shown.party < b.shown.party ? -1 : 1) : a.total > b.total ? -1 : 1)).map(({ shown }) => shown);
}

export type PartyItem = {
  /** source:kind/sourceId */
  readonly document: string;
  /** How a settlement names it: by the old document, where a line of an opening balance stands for one. */
  readonly link: string;
  readonly kind: string;
  readonly number: string;
  /** The old document that a line of an opening balance stands for, else "". */
  readonly original: string;
  readonly account: string;
  /** debit: they owe us; credit: we owe them. */
  readonly side: "debit" | "credit";
  /** True for money and red invoices: they stand against the others and clear them. */
  readonly isAgainst: boolean;
  /** It can be the source of a settlement. */
  readonly clears: boolean;
  /** A settlement can take it: notes are cleared when they are paid, an opening balance line that names no document cannot be named. */
  readonly isClearable: boolean;
  readonly date: string;
  readonly dueOn: string;
  readonly currency: string;
  readonly amount: string;
  readonly cleared: string;
  readonly open: string;
  readonly openBase: string;
  readonly ageDays: number;
  readonly bucket: AgeingBucket;
  readonly owner: string;
  readonly ownerName: string;
};

/** All open items of a party, oldest first. Amounts are unsigned in the item's own currency; `side` and `isAgainst` tell the direction. */
export async function readPartyItems(ctx: Ctx, book: Book, filter: { readonly party: string; readonly kind: PartyKind; readonly at?: string | undefined }): Promise<PartyItem[]> {
  const at = dayNumber(filter.at ?? ctx.now().toISOString().slice(0, 10));
  const accounts = await loadAccounts(ctx.db, book);
  const rows = await store.findOpenOfParty(ctx.db, book.bookId, filter.party);
  const names = await namesOf(ctx.db, book, ["employee"], rows.map(({ salesperson }) => salesperson ?? ""));
  return rows.map((row): PartyItem => {
    const currency = row.currency || book.currency;
    const text = (amount: bigint): string => formatDecimal(amount < 0n ? -amount : amount, exponentOf(currency));
    const left = row.wholeAmount - row.takenAmount;
    const isDebitSide = isDebit(accounts, row.account) === left > 0n;
    const isAgainst = isDebitSide !== (filter.kind === "customer");
    const ageDays = at - dayNumber(row.agedFrom);
    const document = keyOf(row.source, row.kind, row.sourceId);
    return {
      document, link: row.kind !== "openingBalance" ? (row.line === "" ? document : `${document}/${row.line}`) : row.original === null ? `${document}/${row.line}` : row.original, kind: row.kind, number: row.number ?? row.sourceId, original: row.original ?? "", account: row.account, side: isDebitSide ? "debit" : "credit", isAgainst, clears: isAgainst && canSettle(row) && isClearing(row, filter.kind), isClearable: canSettle(row),
      date: row.originalDate ?? row.date, dueOn: row.dueOn ?? "", currency, amount: text(row.wholeQuantity), cleared: text(row.takenQuantity), open: text(row.wholeQuantity - row.takenQuantity), openBase: formatMoney(left < 0n ? -left : left, book.currency),
      ageDays, bucket: bucketOf(ageDays), owner: row.salesperson ?? "", ownerName: names.get(row.salesperson ?? "") ?? "",
    };
  });
}

/** What the posting of a settlement takes as its source: money, and what an opening balance carries of it. */
const isClearing = (row: store.PartyItemRow, kind: PartyKind): boolean =>
  kind === "customer" ? row.kind === "cashReceipt" || (row.kind === "openingBalance" && /^220[34]/.test(row.account)) : kind === "supplier" && (row.kind === "supplierPayment" || (row.kind === "openingBalance" && row.account.startsWith("1123")));

/** Settlements link to these kinds; an item that is not its document's own (a note) is none of them. */
function canSettle(row: store.PartyItemRow): boolean {
  const linked = kinds.settlement.linksTo as readonly string[];
  if (row.kind === "openingBalance") return row.original !== null && linked.includes(row.original.slice(0, row.original.indexOf("/")));
  return row.line === "" && linked.includes(row.kind);
}

export type Clearing = { readonly document: string; readonly kind: string; readonly date: string; readonly amount: string; readonly recordedAt: string };

/** What cleared an item, oldest first; amounts in the item's currency. Refuses: reference.unknown, reference.malformed. */
export async function readClearings(ctx: Ctx, book: Book, reference: string, currency = book.currency): Promise<Clearing[]> {
  const { documentId } = await findDocument(ctx.db, book, reference);
  return (await store.findClearings(ctx.db, book.bookId, documentId)).map((row) => ({ document: keyOf(row.source, row.kind, row.sourceId), kind: row.kind, date: row.date, amount: formatDecimal(row.amount, exponentOf(currency)), recordedAt: row.receivedAt }));
}

const isDebit = (accounts: ReadonlyMap<string, Account>, account: string): boolean => accounts.get(account)?.side !== "credit";
