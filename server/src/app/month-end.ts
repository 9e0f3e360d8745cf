/** 期末任务: each is a canonical document, posted like any other; a second run of a month is a document of its own and posts what has changed since. */
import { type Book } from "../books/index.ts";
import { listDocuments } from "../documents/index.ts";
import { type Ctx, refuse } from "../platform/index.ts";
import { isPeriod, lastDay } from "../values/index.ts";
import { type DocumentResult, type MonthEndRun, postDocuments } from "../vouchers/index.ts";

export const monthEndTasks = {
  estimates: { zh: "月末暂估", en: "estimates of the month (monthEnd mode)", document: { schema: "tieout/periodClose@1", task: "estimates" } },
  overhead: { zh: "制造费用分配", en: "overhead to production", document: { schema: "tieout/periodClose@1", task: "overhead" } },
  cost: { zh: "存货核算", en: "the month's cost run", document: { schema: "tieout/costRun@1" } },
  fx: { zh: "期末调汇", en: "revaluation of foreign currency", document: { schema: "tieout/fxRevaluation@1" } },
  vat: { zh: "结转增值税", en: "VAT payable of the month", document: { schema: "tieout/periodClose@1", task: "vat" } },
  surtax: { zh: "计提附加税", en: "surtaxes on the VAT payable", document: { schema: "tieout/periodClose@1", task: "surtax" } },
  "income-tax": { zh: "计提所得税", en: "income tax", document: { schema: "tieout/periodClose@1", task: "incomeTax" } },
  "profit-and-loss": { zh: "损益结转", en: "income and expense to the profit of the year", document: { schema: "tieout/periodClose@1", task: "profitAndLoss" } },
  "year-end": { zh: "年末结转", en: "the year's profit to retained earnings", document: { schema: "tieout/periodClose@1", task: "yearEnd" } },
} as const;
export type MonthEndTask = keyof typeof monthEndTasks;
export const monthEndTaskNames = Object.keys(monthEndTasks) as MonthEndTask[];

export type MonthEndOptions = { readonly cityRate?: string | undefined; readonly reserveRate?: string | undefined; readonly amount?: string | undefined; readonly foreignCurrency?: string | undefined; readonly closingRate?: string | undefined };

export type MonthEndState = { readonly task: MonthEndTask; readonly zh: string; readonly en: string; /** This book's month end asks for it. */ readonly isUsual: boolean; readonly runs: readonly MonthEndRun[] };

/** The tasks in their order, each with its runs of the period: whoever sent the document, it counts. */
export const monthEndBoard = (book: Book, period: string, runs: readonly MonthEndRun[]): MonthEndState[] => monthEndTaskNames.map((task) => {
  const { zh, en, document } = monthEndTasks[task];
  const kind = document.schema.slice(7, -2);
  return { task, zh, en, isUsual: isUsual(book, task, period), runs: runs.filter((run) => run.kind === kind && (!("task" in document) || run.task === document.task)) };
});

/** Estimates and the cost run are made where the settings ask for them, income tax at the quarter's end, the year end in December. */
function isUsual({ settings }: Book, task: MonthEndTask, period: string): boolean {
  const month = Number(period.slice(5));
  if (task === "estimates") return settings.estimateMode === "monthEnd";
  if (task === "cost") return settings.costing === "monthEndAverage";
  if (task === "income-tax") return month % 3 === 0;
  return task === "year-end" ? month === 12 : task !== "fx" && task !== "overhead";
}

/** Posts the task's document, dated the last day of the period. Refuses: period.malformed. */
export async function runMonthEnd(ctx: Ctx, book: Book, task: MonthEndTask, period: string, options: MonthEndOptions = {}): Promise<DocumentResult> {
  if (!isPeriod(period)) refuse("period.malformed", { period });
  const kind = monthEndTasks[task].document.schema.slice(7, -2);
  const stem = `${task}-${period}-`;
  const before = await listDocuments(ctx, book, { kind, source: "tieout", text: stem });
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const document = { ...monthEndTasks[task].document, ...(kind === "fxRevaluation" ? {} : { period }), source: "tieout", sourceId: `${stem}${before.length + 1}`, date: lastDay(period), ...given };
  const results: DocumentResult[] = [];
  await postDocuments(ctx, book.code, [document], { onResult: (result) => void results.push(result) });
  const [result] = results;
  if (!result) throw new Error(`posting ${stem} answered nothing`);
  return result;
}
