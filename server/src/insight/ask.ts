/**
 * Answers questions about figures: the mart where it is up to date, the books' own database where it is not; the same statement, the same answer.
 * The figures of other periods beside them are questions of their own, put beside each row.
 */
import { addDays, addMonths, dayNumber, firstDay, lastDay, periodOf } from "../values/index.ts";
import type { Sight } from "../access/index.ts";
import type { Book } from "../books/index.ts";
import { type Ctx, type Db, elapsedMs } from "../platform/index.ts";
import { bucketsOf, compile, type Compiled, LIMIT_OF_COMPARE } from "./compile.ts";
import { type Engine, runCompiled } from "./engine.ts";
import { figure, type Sums } from "./figure.ts";
import { labelsOf } from "./labels.ts";
import { componentsOf, type Dimension, dimensions, type Metric, metrics, type Unit, type Words } from "./metric.ts";
import type { Compare, Query } from "./query.ts";

/** Who asks about which book. `reads` is the wall for somebody with a part of the book: then nothing is read past it. */
export type Asking = { readonly ctx: Ctx; readonly sight: Sight; readonly book: Book; readonly reads?: Db | undefined };

export type Column = { readonly id: string; readonly what: "dimension" | "metric"; readonly label: Words; readonly unit?: Unit; readonly definition?: Words; readonly version?: number };
export type Values = Readonly<Record<string, string | null>>;
export type Row = { readonly keys: Readonly<Record<string, string>>; readonly labels: Readonly<Record<string, Words>>; readonly values: Values; readonly compare?: Readonly<Partial<Record<Compare, Values>>> };
export type Answer = {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** Of the whole selection, not of the page: by rows, by columns, and of all, which has no keys. */
  readonly totals: readonly Row[];
  readonly count: number;
  readonly time: { readonly from: string; readonly to: string } | null;
  readonly compared: Readonly<Partial<Record<Compare, { readonly from: string; readonly to: string }>>>;
  readonly currency: string;
  /** The moment at which the books were as the answer says. */
  readonly asOf: string;
  readonly engine: Engine;
  readonly version: string;
  readonly ms: number;
};

export async function ask(asking: Asking, query: Query): Promise<Answer> {
  const since = elapsedMs();
  const { book } = asking;
  const today = dayOf(asking);
  const ran = await runCompiled(asking, (dialect) => compile(query, asking.sight, book, dialect, today));
  const compared = query.time === undefined ? {} : Object.fromEntries((query.compare ?? []).map((how) => [how, shift(query.time as { from: string; to: string }, how)]));
  const others = await Promise.all(Object.entries(compared).map(async ([how, time]) => {
    const { having: _, sort: __, ...plain } = query;
    const other = await runCompiled(asking, (dialect) => compile({ ...plain, filters: shiftFilters(query, time), time, limit: LIMIT_OF_COMPARE, offset: 0 }, asking.sight, book, dialect, today));
    const found = new Map(other.rows.map((row) => [rowKey(other.compiled, row), sumsOf(other.compiled, row)]));
    return { how: how as Compare, time, found };
  }));
  const dims = [...(query.rows ?? []), ...(query.cols ?? [])];
  const timeDim = dims.map((id) => dimensions.get(id) as Dimension).find(({ time }) => time !== undefined);
  const frame = (row: Readonly<Record<string, string>>, time: Query["time"]) => ({ currency: book.currency, days: time === undefined ? 0 : dayNumber(time.to) - dayNumber(time.from) + 1, ownCurrency: dims.includes("currency") ? (row[`d${dims.indexOf("currency")}`] ?? undefined) : undefined });
  const valuesOf = (sums: Sums, row: Readonly<Record<string, string>>, time: Query["time"]): Values => Object.fromEntries(query.metrics.map((id) => [id, figure(id, sums, frame(row, time))]));
  const asRow = (row: Readonly<Record<string, string>>): Omit<Row, "labels"> => {
    const keys = Object.fromEntries(shownDims(dims, Number(row.g)).map((id) => [id, row[`d${dims.indexOf(id)}`] ?? ""]));
    const compare = Object.fromEntries(others.map(({ how, time, found }) => {
      const then = timeDim !== undefined && keys[timeDim.id] !== undefined ? { ...row, [`d${dims.indexOf(timeDim.id)}`]: counterpart(timeDim, keys[timeDim.id] as string, query.time as { from: string; to: string }, time) } : row;
      // What stands as it is now has no figure of another time.
      const values = valuesOf(found.get(rowKey(ran.compiled, then)) ?? {}, row, time);
      return [how, Object.fromEntries(Object.entries(values).map(([id, value]) => [id, componentsOf(id).some(({ additive }) => additive === "now") ? null : value]))];
    }));
    return { keys, values: valuesOf(sumsOf(ran.compiled, row), row, query.time), ...(others.length > 0 ? { compare } : {}) };
  };
  const all = ran.rows.map((row) => ({ isTotal: Number(row.g) !== 0, n: Number(row.n), row: asRow(row) }));
  const labels = await labelsOf(asking.reads ?? asking.ctx.db, book, dims, all.map(({ row }) => row.keys));
  const labelled = (row: Omit<Row, "labels">): Row => ({ ...row, labels: Object.fromEntries(Object.entries(row.keys).map(([id, key]) => [id, labels(id, key)])) });
  const details = all.filter(({ isTotal }) => !isTotal);
  return {
    columns: [...dims.map((id): Column => ({ id, what: "dimension", label: (dimensions.get(id) as Dimension).label })), ...query.metrics.map((id): Column => { const { label, unit, definition, version } = metrics.get(id) as Metric; return { id, what: "metric", label, unit, definition, version }; })],
    rows: details.map(({ row }) => labelled(row)), totals: all.filter(({ isTotal }) => isTotal).map(({ row }) => labelled(row)), count: details[0]?.n ?? 0,
    time: query.time ?? null, compared, currency: book.currency, asOf: ran.asOf, engine: ran.engine, version: ran.version, ms: elapsedMs() - since,
  };
}

export const dayOf = ({ ctx }: Pick<Asking, "ctx">): string => ctx.now().toISOString().slice(0, 10);

/** Of one figure without dimensions. */
export const valueOf = (answer: Answer, metric: string): string | null => answer.rows[0]?.values[metric] ?? null;

const sumsOf = ({ components }: Compiled, row: Readonly<Record<string, string>>): Sums => Object.fromEntries(components.map((id, index) => [id, BigInt(row[`v${index}`] ?? 0)]));
const rowKey = ({ dims }: Compiled, row: Readonly<Record<string, string>>): string => JSON.stringify([Number(row.g), ...dims.map((_, index) => row[`d${index}`] ?? null)]);

/** A total leaves out the dimensions whose bit is set, the first dimension being the highest bit. */
const shownDims = (dims: readonly string[], g: number): string[] => dims.filter((_, index) => ((g >> (dims.length - 1 - index)) & 1) === 0);

/** The period before, of as many months (or days, where it does not begin with a month); or the same a year earlier. */
export function shift({ from, to }: { readonly from: string; readonly to: string }, how: Compare): { from: string; to: string } {
  const isWhole = from === firstDay(periodOf(from));
  const months = how === "lastYear" ? 12 : (Number(to.slice(0, 4)) - Number(from.slice(0, 4))) * 12 + Number(to.slice(5, 7)) - Number(from.slice(5, 7)) + 1;
  if (how === "previous" && !isWhole) {
    const days = dayNumber(to) - dayNumber(from) + 1;
    return { from: addDays(from, -days), to: addDays(from, -1) };
  }
  return { from: inMonth(addMonths(periodOf(from), -months), from), to: to === lastDay(periodOf(to)) ? lastDay(addMonths(periodOf(to), -months)) : inMonth(addMonths(periodOf(to), -months), to) };
}

/** The same day of another month, or its last. */
const inMonth = (month: string, day: string): string => {
  const wanted = `${month}-${day.slice(8)}`;
  return wanted > lastDay(month) ? lastDay(month) : wanted;
};

/** The month (day, quarter, year) of the other period that stands beside this one. */
function counterpart(dimension: Dimension, key: string, time: { readonly from: string; readonly to: string }, other: { readonly from: string; readonly to: string }): string {
  const at = bucketsOf(dimension, time).indexOf(key);
  return bucketsOf(dimension, other)[at] ?? "";
}

/** Filters by time move along. */
function shiftFilters(query: Query, other: { readonly from: string; readonly to: string }): Query["filters"] {
  return query.filters?.map((filter) => {
    const dimension = dimensions.get(filter.dimension);
    return dimension?.time === undefined ? filter : { ...filter, values: filter.values.map((value) => counterpart(dimension, value, query.time as { from: string; to: string }, other)) };
  });
}
