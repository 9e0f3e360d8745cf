/** What an alert can look at. Each measure has a unit, what its subject is, and what one must be allowed to see to be told its figure. */
import type { Column, Duty } from "../../access/index.ts";
import { type Book, loadAccounts } from "../../books/index.ts";
import type { Ctx } from "../../platform/index.ts";
import { addDays, exponentOf, formatMoney, formatTrimmed, parseDecimal, QUANTITY_SCALE } from "../../values/index.ts";
import { matchInvoices } from "../three-way/three-way.ts";
import * as store from "./measure.store.ts";

export type MeasureUnit = "money" | "quantity" | "days" | "minutes" | "count" | "ratio";
export type Params = { readonly days?: number | undefined; readonly weeks?: number | undefined; readonly metric?: string | undefined; readonly dimension?: string | undefined };
export type MeasuredSubject = { readonly subject: string; readonly label: string; readonly value: bigint; readonly employee: string; readonly note: string };
/** What only a later stage knows: figures of the boards and the forecast of cash, by the whole book's sight. */
export type Figures = {
  readonly metric: (ctx: Ctx, book: Book, wanted: { readonly metric: string; readonly dimension: string; readonly days: number }) => Promise<readonly { readonly subject: string; readonly label: string; readonly value: bigint }[]>;
  readonly lowestCash: (ctx: Ctx, book: Book, weeks: number) => Promise<{ readonly balance: bigint; readonly on: string }>;
};
export type Measure = {
  readonly zh: string; readonly en: string; readonly unit: MeasureUnit; readonly duty: Duty; readonly column?: Column; /** Its subjects are customers or suppliers: somebody with a part of the book may be told of their own. */ readonly ofParty?: true;
  /** The page that shows it; {subject} stands for the subject. */
  readonly to: string;
  readonly read: (ctx: Ctx, book: Book, params: Params, figures: Figures) => Promise<readonly (store.MeasureRow | MeasuredSubject)[]>;
};

const today = (ctx: Ctx): string => ctx.now().toISOString().slice(0, 10);
const receivables = async (ctx: Ctx, book: Book): Promise<string[]> => [...(await loadAccounts(ctx.db, book)).values()].filter(({ type, side }) => type === "asset" && side === "debit").map(({ code }) => code);
const none = { employee: "", note: "" };

export const measures = {
  stockNegative: { zh: "库存为负", en: "Stock below zero", unit: "quantity", duty: "books.read", to: "books/stock", read: (ctx, book) => store.findNegativeStock(ctx.db, book.bookId) },
  stockIdle: { zh: "库存呆滞天数", en: "Days without a movement", unit: "days", duty: "books.read", to: "books/stock", read: (ctx, book, { days = 180 }) => store.findIdleStock(ctx.db, book.bookId, today(ctx), days) },
  stockCover: { zh: "库存可用天数", en: "Days that the stock lasts", unit: "days", duty: "books.read", to: "books/stock", read: (ctx, book, { days = 7 }) => store.findCover(ctx.db, book.bookId, today(ctx), days) },
  cashForecast: { zh: "预测期内最低资金", en: "Lowest cash of the coming weeks", unit: "money", duty: "boards.read", to: "cockpit", read: async (ctx, book, { weeks = 13 }, figures) => { const { balance, on } = await figures.lowestCash(ctx, book, weeks); return [{ subject: "cash", label: "", value: balance, employee: "", note: on }]; } },
  overdueReceivable: { zh: "逾期应收", en: "Overdue receivables", unit: "money", duty: "boards.read", ofParty: true, to: "books/open-items/party?kind=customer&party={subject}", read: async (ctx, book) => store.findOverdue(ctx.db, book.bookId, await receivables(ctx, book), today(ctx)) },
  creditUse: { zh: "超过信用额度", en: "Beyond the credit limit", unit: "money", duty: "boards.read", ofParty: true, to: "books/open-items/party?kind=customer&party={subject}", read: async (ctx, book) => store.findCredit(ctx.db, book.bookId, await receivables(ctx, book), exponentOf(book.currency)) },
  bankUnmatched: { zh: "银行流水未勾对天数", en: "Days that a bank movement is unmatched", unit: "days", duty: "bank.read", to: "reconciliation?account={subject}", read: (ctx, book) => store.findUnmatched(ctx.db, book.bookId, today(ctx)) },
  deliveryStuck: { zh: "送达停滞分钟", en: "Minutes that a delivery is stuck", unit: "minutes", duty: "deliveries.read", to: "delivery", read: (ctx, book) => store.findStuckDeliveries(ctx.db, book.bookId, ctx.now().toISOString()) },
  sourceSilent: { zh: "来源静默分钟", en: "Minutes that a source is silent", unit: "minutes", duty: "flows.read", to: "connectors/{subject}", read: (ctx, book) => store.findSilentSources(ctx.db, book.bookId, ctx.now().toISOString()) },
  estimateAge: { zh: "暂估账龄", en: "Age of estimates", unit: "days", duty: "books.read", ofParty: true, to: "books/estimates", read: (ctx, book) => store.findEstimateAge(ctx.db, book.bookId, today(ctx)) },
  duplicateInvoice: { zh: "发票重复", en: "Duplicate invoices", unit: "count", duty: "documents.read", to: "reconciliation/three-way?state=duplicateInvoice", read: readDuplicates },
  accountChanged: { zh: "供应商收款账户变更待批准", en: "A supplier's bank account was changed", unit: "count", duty: "bank.read", ofParty: true, to: "reconciliation/payments?view=accounts&supplier={subject}", read: (ctx, book) => store.findChangedAccounts(ctx.db, book.bookId) },
  margin: { zh: "毛利率", en: "Gross margin", unit: "ratio", duty: "boards.read", column: "cost", to: "boards/margin", read: async (ctx, book, { days = 30, dimension = "item" }, figures) => (await figures.metric(ctx, book, { metric: "gross_margin", dimension, days })).map((row) => ({ ...none, ...row })) },
  metric: { zh: "任一指标", en: "Any metric", unit: "money", duty: "boards.read", column: "cost", to: "boards", read: async (ctx, book, { days = 30, dimension = "", metric = "" }, figures) => (await figures.metric(ctx, book, { metric, dimension, days })).map((row) => ({ ...none, ...row })) },
} as const satisfies Readonly<Record<string, Measure>>;
export type MeasureName = keyof typeof measures;
export const isMeasure = (name: string): name is MeasureName => Object.hasOwn(measures, name);
export const measureOf = (name: MeasureName): Measure => measures[name];

async function readDuplicates(ctx: Ctx, book: Book): Promise<readonly store.MeasureRow[]> {
  const refused = await store.findRefusedDuplicates(ctx.db, book.bookId, addDays(today(ctx), -7));
  const alike = (await matchInvoices(ctx, book, { onlyOpen: true, limit: 100 })).filter(({ state }) => state === "duplicateInvoice");
  const buyers = new Map((await store.findOwners(ctx.db, book.bookId, "supplier", alike.map(({ supplier }) => supplier))).map(({ code, employee }) => [code, employee]));
  return [...refused, ...alike.map((row) => ({ subject: row.document, value: 1n, label: row.invoiceNumber || row.document, employee: buyers.get(row.supplier) ?? "", note: row.findings.flatMap((one) => one.with).join(", ") }))];
}

/** Whole subjects of a measure, without those that say nothing. */
export async function readMeasure(ctx: Ctx, book: Book, measure: MeasureName, params: Params, figures: Figures): Promise<MeasuredSubject[]> {
  return (await measureOf(measure).read(ctx, book, params, figures)).map((row) => ({ subject: row.subject, label: row.label ?? row.subject, value: row.value, employee: row.employee ?? "", note: row.note }));
}

const words: Readonly<Record<MeasureUnit, { zh: string; en: string }>> = { money: { zh: "", en: "" }, quantity: { zh: "", en: "" }, days: { zh: " 天", en: " days" }, minutes: { zh: " 分钟", en: " min" }, count: { zh: "", en: "" }, ratio: { zh: "%", en: "%" } };
/** A value as people read it: whole minor units, millionths, days … */
export function figureOf(unit: MeasureUnit, value: bigint, currency: string, language: "zh" | "en"): string {
  if (unit === "money") return formatMoney(value, currency);
  if (unit === "quantity") return formatTrimmed(value, QUANTITY_SCALE);
  if (unit === "ratio") return `${formatTrimmed(value / 100n, 2)}${words.ratio[language]}`;
  return `${value}${words[unit][language]}`;
}
/** The inverse, for the fields of a rule: "0.12" of a ratio is 12 %. Undefined when it is no such figure. */
export function valueOfText(unit: MeasureUnit, text: string, currency: string): bigint | undefined {
  return parseDecimal(text, unit === "money" ? exponentOf(currency) : unit === "quantity" ? QUANTITY_SCALE : unit === "ratio" ? 6 : 0);
}
export const textOfValue = (unit: MeasureUnit, value: bigint, currency: string): string => (unit === "money" ? formatMoney(value, currency) : unit === "quantity" || unit === "ratio" ? formatTrimmed(value, 6) : String(value));
