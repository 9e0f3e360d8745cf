/** 管理驾驶舱: how much money there is and comes, who owes, what was earned, and whether everything that arrived has its place. */
import { addDays, dayNumber, exponentOf, formatMoney, parseDecimal } from "../values/index.ts";
import { readCompleteness } from "../vouchers/index.ts";
import { type Answer, ask, type Asking, valueOf } from "./ask.ts";
import { type BoardAsked, type Frame, frameOf, tile, type Tile, yearOf } from "./board.ts";
import { keepBeside } from "./engine.ts";
import { findLastReceipt } from "./facts.store.ts";
import { forecastCash, type Forecast } from "./forecast.ts";
import { labelsOf } from "./labels.ts";
import type { Words } from "./metric.ts";
import { findBankAccounts } from "./names.store.ts";

export type Receipt = { readonly document: string; readonly number: string; readonly date: string; readonly at: string; readonly party: string; readonly partyName: Words; readonly bankAccount: string | null; readonly amount: string };
export type Cockpit = Frame & {
  readonly board: "cockpit"; readonly tiles: readonly Tile[]; readonly banks: readonly { readonly code: string; readonly number: string; readonly currency: string }[] | null; readonly lastReceipt: Receipt | null;
  readonly overdueCustomers: readonly { readonly customer: string; readonly name: Words; readonly overdue: string; readonly owners: readonly Words[]; readonly oldestDue: string | null; readonly daysLongest: number }[];
  readonly forecast: Forecast | null; readonly completeness: { readonly arrived: number; readonly posted: number; readonly exempt: number; readonly waiting: number; readonly parked: number; readonly percent: string } | null;
};

/** Counts of documents are of the same version as the figures; what moves without a posting shows after this. */
const COUNTED_MS = 10_000;

export async function readCockpit(asking: Asking, asked: BoardAsked): Promise<Cockpit> {
  const frame = await frameOf(asking, asked);
  const { day, time, compare } = frame;
  const { filters } = asked;
  const on = { from: day, to: day };
  const isWhole = asking.sight.scopes === null;
  const [tiles, top] = await Promise.all([
    Promise.all([
      tile(asking, "cash", { zh: "货币资金", en: "Cash" }, { metrics: ["cash"], time: on, filters }),
      tile(asking, "cashBefore", { zh: "日初", en: "At the beginning of the day" }, { metrics: ["cash"], time: { from: addDays(day, -1), to: addDays(day, -1) }, filters }),
      tile(asking, "cashToday", { zh: "今日收付", en: "In and out today" }, { metrics: ["cash_in", "cash_out"], time: on, filters }),
      tile(asking, "cashByBank", { zh: "各账户", en: "By bank account" }, { metrics: ["cash", "cash_original"], rows: ["bankAccount", "currency"], time: on, filters, sort: [{ by: "cash", desc: true }], having: [{ metric: "cash", op: "<>", value: "0" }], totals: true, limit: 50 }),
      tile(asking, "receivable", { zh: "应收账款", en: "Receivables" }, { metrics: ["open_receivable", "overdue_receivable", "overdue_ratio"], asOf: day, filters }),
      tile(asking, "payable", { zh: "应付账款", en: "Payables" }, { metrics: ["open_payable", "payable_due_7", "overdue_payable"], asOf: day, filters }),
      tile(asking, "revenue", { zh: "营业收入", en: "Revenue" }, { metrics: ["revenue"], time, compare, filters }),
      tile(asking, "margin", { zh: "毛利率", en: "Gross margin" }, { metrics: ["gross_margin", "gross_profit", "revenue", "cost"], time, compare, filters }),
      tile(asking, "profit", { zh: "净利润", en: "Net profit" }, { metrics: ["net_profit"], time, compare, filters }),
      tile(asking, "budget", { zh: "预算", en: "Budget" }, { metrics: ["budget_revenue", "budget_profit", "budget_reached"], time, filters }),
      tile(asking, "months", { zh: "营业收入与预算", en: "Revenue and budget" }, { metrics: ["revenue", "budget_revenue"], rows: ["month"], time: yearOf(frame), filters }),
      tile(asking, "ageing", { zh: "应收账龄", en: "Ageing of receivables" }, { metrics: ["open_receivable"], rows: ["ageBucket"], asOf: day, totals: true, filters }),
      tile(asking, "collection", { zh: "回款", en: "Collection" }, { metrics: ["collection_rate", "dso", "collected_amount", "invoiced_amount"], time, filters }),
    ]),
    ask(asking, { metrics: ["overdue_receivable"], rows: ["customer"], asOf: day, sort: [{ by: "overdue_receivable", desc: true }], having: [{ metric: "overdue_receivable", op: ">", value: "0" }], limit: 5 }),
  ]);
  return {
    board: "cockpit", ...frame, tiles, overdueCustomers: await customersOf(asking, top, day),
    banks: isWhole && asking.sight.columns.has("bank") ? await findBankAccounts(asking.ctx.db, asking.book.bookId) : null,
    lastReceipt: isWhole ? await lastReceiptOf(asking, 0n) : null,
    forecast: isWhole ? await forecastCash(asking, day, parseDecimal(valueOf(tiles[0]?.answer as Answer, "cash") ?? "0", exponentOf(asking.book.currency)) ?? 0n) : null,
    completeness: isWhole ? await keepBeside(asking.ctx.db, `completeness ${asking.book.bookId} ${top.version}`, COUNTED_MS, () => completenessOf(asking)) : null,
  };
}

/** The newest cash receipt after a voucher. */
export async function lastReceiptOf(asking: Asking, after: bigint): Promise<Receipt | null> {
  const found = await findLastReceipt(asking.ctx.db, asking.book.bookId, after);
  return found === undefined ? null : receiptShown(asking, found);
}

export async function receiptShown(asking: Asking, found: NonNullable<Awaited<ReturnType<typeof findLastReceipt>>>): Promise<Receipt> {
  const names = await labelsOf(asking.ctx.db, asking.book, ["customer"], [{ customer: found.party }]);
  return {
    document: `${found.source}:cashReceipt/${found.sourceId}`, number: found.sourceId, date: found.date, at: found.at, party: found.party, partyName: names("customer", found.party),
    bankAccount: asking.sight.columns.has("bank") ? found.bankAccount : null, amount: formatMoney(found.amount, asking.book.currency),
  };
}

/** Who is overdue, with who looks after them and the longest time. */
async function customersOf(asking: Asking, top: Answer, day: string): Promise<Cockpit["overdueCustomers"]> {
  const codes = top.rows.map(({ keys }) => keys.customer as string);
  if (codes.length === 0) return [];
  const detail = await ask(asking, { metrics: ["overdue_receivable"], rows: ["customer", "salesperson", "dueDate"], asOf: day, filters: [{ dimension: "customer", op: "in", values: codes }], having: [{ metric: "overdue_receivable", op: "<>", value: "0" }], limit: 5_000 });
  return top.rows.map(({ keys, labels, values }) => {
    const own = detail.rows.filter((row) => row.keys.customer === keys.customer);
    const oldest = own.filter((row) => !(row.values.overdue_receivable as string).startsWith("-")).map((row) => row.keys.dueDate as string).sort()[0] ?? null;
    const owners = new Map(own.filter((row) => row.keys.salesperson !== "").map((row) => [row.keys.salesperson as string, row.labels.salesperson as Words]));
    return { customer: keys.customer as string, name: labels.customer as Words, overdue: values.overdue_receivable as string, owners: [...owners.values()], oldestDue: oldest, daysLongest: oldest === null ? 0 : dayNumber(day) - dayNumber(oldest) };
  });
}

async function completenessOf({ ctx, book }: Asking): Promise<Cockpit["completeness"]> {
  const { arrived, posted, exempt, waiting, parked, percent } = await readCompleteness(ctx, book);
  return { arrived, posted, exempt, waiting, parked, percent: percent.total };
}
