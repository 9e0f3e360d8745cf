/** What boards are made of: tiles, each a question with its answer, and what of it somebody may not see. */
import { addMonths, firstDay, isPeriod, lastDay, periodOf } from "../values/index.ts";
import { refuse } from "../platform/index.ts";
import { type Answer, ask, type Asking, dayOf } from "./ask.ts";
import { findLastPeriod } from "./facts.store.ts";
import { refreshFacts } from "./facts.ts";
import { componentsOf, dimensions, type Dimension, hiddenDimension, hiddenMetric, metrics, reasonOf, type Words } from "./metric.ts";
import type { Compare, Filter, Query } from "./query.ts";

export type BoardAsked = {
  readonly period?: string | undefined; readonly from?: string | undefined; readonly to?: string | undefined; readonly compare?: readonly Compare[] | undefined; readonly filters?: readonly Filter[] | undefined;
  readonly sort?: string | undefined; readonly desc?: boolean | undefined; readonly after?: number | undefined; readonly limit?: number | undefined; readonly by?: readonly string[] | undefined; readonly side?: "sale" | "purchase" | undefined;
};

export type Tile = {
  readonly id: string;
  readonly label: Words;
  /** As it was asked: with a metric and keys it is a cell to drill into. Null when nothing of it may be seen. */
  readonly query: Query | null;
  readonly answer: Answer | null;
  /** Metrics and dimensions that were left out, and why. */
  readonly hidden: Readonly<Record<string, Words>>;
  /** Filters that this figure knows nothing of. */
  readonly ignores: readonly string[];
};

export type Frame = { readonly time: { readonly from: string; readonly to: string }; /** The day as of which balances and ages are shown. */ readonly day: string; readonly period: string; readonly compare: readonly Compare[] };

/** The days that a board is about: those asked for, or the month of today, or the last month in which anything was sold. Refuses: insight.malformed. */
export async function frameOf(asking: Asking, asked: BoardAsked): Promise<Frame> {
  const today = dayOf(asking);
  const compare = asked.compare ?? ["previous", "lastYear"];
  if (asked.from !== undefined && asked.to !== undefined) return { time: { from: asked.from, to: asked.to }, day: asked.to > today ? today : asked.to, period: periodOf(asked.to), compare };
  if (asked.period !== undefined && !isPeriod(asked.period)) refuse("insight.malformed", { detailZh: `${asked.period} 不是期间`, detailEn: `${asked.period} is not a period` });
  await refreshFacts(asking.ctx, asking.book);
  const period = asked.period ?? (await findLastPeriod(asking.ctx.db, asking.book.bookId, lastDay(periodOf(today)))).period ?? periodOf(today);
  const last = lastDay(period);
  return { time: { from: firstDay(period), to: last }, day: last > today && firstDay(period) <= today ? today : last, period, compare };
}

/** Twelve months up to and with the period of the board. */
export const yearOf = ({ period }: Frame): { from: string; to: string } => ({ from: firstDay(addMonths(period, -11)), to: lastDay(period) });

export async function tile(asking: Asking, id: string, label: Words, query: Query): Promise<Tile> {
  const hidden: Record<string, Words> = {};
  const kept = <T extends string>(ids: readonly T[], reason: (one: T) => Words | undefined): T[] => ids.filter((one) => {
    const why = reason(one);
    if (why !== undefined) hidden[one] = why;
    return why === undefined;
  });
  const metricReason = (one: string): Words | undefined => {
    const found = hiddenMetric(one, asking.sight);
    return found === undefined ? undefined : reasonOf(found);
  };
  const dimensionReason = (one: string): Words | undefined => {
    const found = hiddenDimension(dimensions.get(one) as Dimension, asking.sight);
    return found === undefined ? undefined : reasonOf(found);
  };
  const wanted = kept(query.metrics, metricReason);
  // Rows without a dimension that they are about would say something else: then the tile is not shown.
  const isWhole = kept([...(query.rows ?? []), ...(query.cols ?? [])], dimensionReason).length === (query.rows?.length ?? 0) + (query.cols?.length ?? 0);
  const fits = ({ dimension }: Filter): boolean => wanted.every((metric) => componentsOf(metric).every(({ fact }) => dimensions.get(dimension)?.facts[fact] !== undefined));
  for (const { dimension } of query.filters ?? []) if (!dimensions.has(dimension)) refuse("insight.dimension_unknown", { dimension, book: asking.book.code });
  const ignores = [...new Set((query.filters ?? []).filter((filter) => !fits(filter)).map(({ dimension }) => dimension))];
  if (wanted.length === 0 || !isWhole) return { id, label, query: null, answer: null, hidden, ignores };
  const asked: Query = { ...query, metrics: wanted, filters: query.filters?.filter(fits), sort: query.sort?.filter(({ by }) => !metrics.has(by) || wanted.includes(by)) };
  return { id, label, query: asked, answer: await ask(asking, asked), hidden, ignores };
}
