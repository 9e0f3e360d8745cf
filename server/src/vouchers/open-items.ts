/** 往来未清项与账龄: what customers, suppliers and employees owe or are owed, item by item. */
import { dayNumber, exponentOf, formatDecimal, formatMoney } from "../values/index.ts";
import { type Book, loadAccounts } from "../books/index.ts";
import { keyOf } from "../documents/index.ts";
import type { Ctx, Db } from "../platform/index.ts";
import * as store from "./report.store.ts";

/** Days past due; without a due date, days since the document. */
export const ageingBuckets = [
  { id: "notDue", zh: "未到期", en: "not due", upTo: 0 },
  { id: "days30", zh: "1–30 天", en: "1–30 days", upTo: 30 },
  { id: "days60", zh: "31–60 天", en: "31–60 days", upTo: 60 },
  { id: "days90", zh: "61–90 天", en: "61–90 days", upTo: 90 },
  { id: "days180", zh: "91–180 天", en: "91–180 days", upTo: 180 },
  { id: "days365", zh: "181–365 天", en: "181–365 days", upTo: 365 },
  { id: "older", zh: "一年以上", en: "over a year", upTo: Number.POSITIVE_INFINITY },
] as const;
export type AgeingBucket = (typeof ageingBuckets)[number]["id"];

export type OpenItem = {
  /** source:kind/sourceId */
  readonly document: string;
  readonly line: string;
  /** For a line of an opening balance the document that it stands for, else "". */
  readonly original: string;
  readonly party: string;
  readonly partyName: string;
  readonly account: string;
  /** receivable: they owe us (an account that stands in debit); payable: we owe them. */
  readonly side: "receivable" | "payable";
  readonly date: string;
  readonly dueOn: string;
  readonly currency: string;
  /** In the item's currency, as decimal strings; negative where the item runs against its side, as a credit invoice does. */
  readonly amount: string;
  readonly cleared: string;
  readonly open: string;
  /** In base currency at the booked rate. */
  readonly openBase: string;
  readonly ageDays: number;
  readonly bucket: AgeingBucket;
};

export type OpenItemFilter = {
  readonly party?: string | undefined;
  readonly account?: string | undefined;
  readonly side?: "receivable" | "payable" | undefined;
  /** The day that ages count to; default today. */
  readonly at?: string | undefined;
};

export async function readOpenItems(ctx: Ctx, book: Book, filter: OpenItemFilter = {}): Promise<OpenItem[]> {
  const at = dayNumber(filter.at ?? ctx.now().toISOString().slice(0, 10));
  const accounts = await loadAccounts(ctx.db, book);
  const rows = (await store.findOpenHoldings(ctx.db, book.bookId, "open", filter.party ?? null)).filter(({ account }) => filter.account === undefined || account === filter.account || account.startsWith(`${filter.account}.`));
  const names = await partyNames(ctx.db, book, rows.map(({ party }) => party));
  return rows.map((row): OpenItem => {
    const currency = row.currency || book.currency;
    const text = (amount: bigint): string => formatDecimal(amount, exponentOf(currency));
    const ageDays = at - dayNumber(row.dueOn ?? row.originalDate ?? row.date);
    return {
      document: keyOf(row.source, row.kind, row.sourceId), line: row.line, original: row.original ?? "", party: row.party, partyName: names.get(row.party) ?? "", account: row.account, side: accounts.get(row.account)?.side === "credit" ? "payable" : "receivable",
      date: row.originalDate ?? row.date, dueOn: row.dueOn ?? "", currency, amount: text(row.wholeQuantity), cleared: text(row.takenQuantity), open: text(row.wholeQuantity - row.takenQuantity),
      openBase: formatMoney(row.wholeAmount - row.takenAmount, book.currency), ageDays, bucket: bucketOf(ageDays),
    };
  }).filter(({ side }) => filter.side === undefined || side === filter.side);
}

export const bucketOf = (ageDays: number): AgeingBucket => (ageingBuckets.find(({ upTo }) => ageDays <= upTo) ?? ageingBuckets[6]).id;

/** Names as people know them, Chinese first. */
export async function partyNames(db: Db, book: Book, codes: Iterable<string>): Promise<ReadonlyMap<string, string>> {
  const rows = await store.findNames(db, book.bookId, ["customer", "supplier", "employee"], [...new Set(codes)]);
  return new Map(rows.map(({ code, zh, en }) => [code, zh || en || ""]));
}
