/** From a figure to what it is made of: the rows of facts below it, each with its document and voucher. Their values add up to the figure. */
import { addMonths, firstDay, formatTrimmed, formatMoney, lastDay } from "../values/index.ts";
import { elapsedMs } from "../platform/index.ts";
import { type Asking, dayOf } from "./ask.ts";
import { type Cell, compileDrill } from "./compile.ts";
import { type Engine, runCompiled } from "./engine.ts";
import { kindName, labelsOf } from "./labels.ts";
import { type Dimension, dimensions, type Metric, metrics, signedSums, type Unit, type Words } from "./metric.ts";
import * as store from "./names.store.ts";

export type Drilled = {
  readonly metric: string;
  readonly unit: Unit;
  /** All rows, not this page alone. */
  readonly sum: string;
  readonly count: number;
  readonly rows: readonly {
    /** The sum that the row counts in, where a figure is made from several. */
    readonly metric: string;
    readonly date: string;
    readonly party: string;
    readonly partyName: Words;
    readonly account: string;
    readonly item: string;
    readonly value: string;
    /** "source:kind/id", as documents are named everywhere. */
    readonly document: string | null;
    readonly documentKind: Words;
    /** "2026-03/记-7"; null where there is none, and for those who may not see vouchers. */
    readonly voucher: string | null;
  }[];
  /** Where the next page begins. */
  readonly next: number | null;
  readonly asOf: string;
  readonly engine: Engine;
  readonly version: string;
  readonly ms: number;
};

export type CellAsked = Cell & { /** The keys of the row and column that were clicked. */ readonly keys?: Readonly<Record<string, string>> | undefined };

/** Refuses what a query is refused for, and: insight.no_drill. */
export async function drill(asking: Asking, asked: CellAsked): Promise<Drilled> {
  const since = elapsedMs();
  const cell = cellOf(asked);
  const ran = await runCompiled(asking, (dialect) => compileDrill(cell, asking.sight, asking.book, dialect, dayOf(asking)));
  const metric = metrics.get(cell.metric) as Metric;
  const text = (value: bigint): string => (metric.unit === "quantity" ? formatTrimmed(value, 6) : formatMoney(value, asking.book.currency));
  const db = asking.reads ?? asking.ctx.db;
  const { bookId } = asking.book;
  const unique = (column: string): string[] => [...new Set(ran.rows.map((row) => row[column] ?? "").filter((value) => value !== ""))];
  const documents = new Map((await store.findDocuments(db, bookId, unique("document"))).map((row) => [String(row.documentId), row]));
  const mayVouchers = asking.reads === undefined && asking.sight.duties.has("vouchers.read");
  const vouchers = new Map(mayVouchers ? (await store.findVouchers(db, bookId, unique("voucher"))).map((row) => [String(row.voucherId), `${row.period}/${row.series}-${row.number}`]) : []);
  const names = await labelsOf(db, asking.book, ["customer"], ran.rows.map((row) => ({ customer: row.party ?? "" })));
  const first = ran.rows[0];
  const count = Number(first?.n ?? 0), end = (cell.offset ?? 0) + ran.rows.length;
  return {
    metric: cell.metric, unit: metric.unit, sum: text(BigInt(first?.total ?? 0)), count,
    rows: ran.rows.map((row) => {
      const document = documents.get(row.document ?? "");
      return {
        metric: row.metric as string, date: row.day as string, party: row.party as string, partyName: names("customer", row.party as string), account: row.account as string, item: row.item as string, value: text(BigInt(row.v as string)),
        document: document === undefined ? null : `${document.source}:${document.kind}/${document.sourceId}`, documentKind: kindName(document?.kind ?? ""), voucher: vouchers.get(row.voucher ?? "") ?? null,
      };
    }),
    next: end < count && ran.rows.length > 0 ? end : null, asOf: ran.asOf, engine: ran.engine, version: ran.version, ms: elapsedMs() - since,
  };
}

/** Keys become filters, and keys of time the days that they mean: what a balance counts goes on before its month. */
export function cellOf({ keys = {}, ...cell }: CellAsked): Cell {
  let { time } = cell;
  const filters = [...(cell.filters ?? [])];
  const isBalance = metrics.has(cell.metric) && metrics.get(cell.metric)?.kind !== "ratio" && signedSums(cell.metric).every(({ metric }) => metric.additive === "semi");
  for (const [id, key] of Object.entries(keys)) {
    const dimension: Dimension | undefined = dimensions.get(id);
    const days = dimension?.time === undefined ? undefined : daysOf(dimension.time, key);
    if (days === undefined) filters.push({ dimension: id, op: "in", values: [key] });
    else time = time === undefined ? days : { from: isBalance || days.from < time.from ? time.from : days.from, to: days.to > time.to ? time.to : days.to };
  }
  return { ...cell, filters, time };
}

function daysOf(grain: NonNullable<Dimension["time"]>, key: string): { from: string; to: string } | undefined {
  if (grain === "day") return { from: key, to: key };
  if (grain === "month") return { from: firstDay(key), to: lastDay(key) };
  if (grain === "year") return { from: `${key}-01-01`, to: `${key}-12-31` };
  const first = `${key.slice(0, 4)}-${String(Number(key.slice(6)) * 3 - 2).padStart(2, "0")}`;
  return /^\d{4}-Q[1-4]$/.test(key) ? { from: firstDay(first), to: lastDay(addMonths(first, 2)) } : undefined;
}
