import { lastDay } from "../../values/index.ts";
import type { PlantedDefect } from "./defects.ts";
import { generateDemo } from "./generate.ts";
import { type DemoRecord, kindIn } from "./record.ts";
import type { DemoOptions } from "./world.ts";

/** The book that the demo's documents are made for: the company claims what did not arrive, and confirms its input tax (勾选认证) before it deducts it. */
export const demoBook = {
  pack: "cas-manufacturing", currency: "CNY",
  settings: { costing: "movingAverage", estimateMode: "reverseOnInvoice", revenueAt: "invoice", shortReceipt: "claim", inputVat: "onConfirmation" },
} as const;

/** The planted defects of a demo company: makes the whole stream and keeps nothing of it but this list. */
export function defectsFor(options: DemoOptions): readonly PlantedDefect[] {
  const records = generateDemo(options);
  for (;;) {
    const step = records.next();
    if (step.done === true) return step.value;
  }
}

/** What the demo posts when this period ends, in its order: makes the stream up to there. The stream holds the same documents in place. */
export function monthEndTasks(options: DemoOptions, period: string): DemoRecord[] {
  const tasks: DemoRecord[] = [];
  for (const record of generateDemo(options)) {
    const belongs = record.date === lastDay(period) && (tasks.length > 0 || kindIn(record) === "depreciation");
    if (belongs) tasks.push(record);
    else if (tasks.length > 0) break;
  }
  return tasks;
}

/** The period that ends with this record: nothing else is posted for it but documents that come late. */
export function periodEndedBy(record: DemoRecord): string | undefined {
  if (kindIn(record) !== "periodClose") return undefined;
  const period = String(record.period);
  return record.task === (period.endsWith("-12") ? "yearEnd" : "profitAndLoss") ? period : undefined;
}
