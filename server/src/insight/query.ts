/** A question about figures: which metrics, by which dimensions, over which days; and what is wrong with it. */
import { isDate } from "../values/index.ts";
import { type Sight } from "../access/index.ts";
import { refuse } from "../platform/index.ts";
import { componentsOf, dimensions, hiddenDimension, hiddenDrill, hiddenMetric, metrics, reasonOf, type Dimension, type Hidden, type Metric } from "./metric.ts";

export type Filter = { readonly dimension: string; readonly op: "in" | "notIn" | "from" | "to"; readonly values: readonly string[] };
export type Having = { readonly metric: string; readonly op: ">" | ">=" | "<" | "<=" | "<>" | "="; /** Minor units for money, millionths for quantities, a plain decimal for ratios. */ readonly value: string };
export type Compare = "previous" | "lastYear";

export type Query = {
  readonly metrics: readonly string[];
  readonly rows?: readonly string[] | undefined;
  readonly cols?: readonly string[] | undefined;
  readonly filters?: readonly Filter[] | undefined;
  readonly having?: readonly Having[] | undefined;
  /** Both days included. May be left out only where all metrics are as things stand now. */
  readonly time?: { readonly from: string; readonly to: string } | undefined;
  readonly compare?: readonly Compare[] | undefined;
  readonly totals?: boolean | undefined;
  readonly sort?: readonly { readonly by: string; readonly desc?: boolean | undefined }[] | undefined;
  readonly limit?: number | undefined;
  readonly offset?: number | undefined;
  /** The day from which ages count; today unless it is told. */
  readonly asOf?: string | undefined;
};

export const LIMIT = 1_000;
export const LIMIT_MAX = 100_000;

/** Refuses: insight.metric_unknown, .dimension_unknown, .no_such_split, .hidden, .malformed, .currency. */
export function checkQuery(query: Query, sight: Sight, book: string): void {
  const malformed = (detailZh: string, detailEn: string): never => refuse("insight.malformed", { detailZh, detailEn });
  const dims = [...(query.rows ?? []), ...(query.cols ?? [])];
  if (query.metrics.length === 0) malformed("metrics 为空", "metrics is empty");
  if (new Set(dims).size < dims.length || new Set(query.metrics).size < query.metrics.length) malformed("同一指标或维度出现两次", "a metric or dimension stands twice");
  const named = [...new Set([...query.metrics, ...(query.having ?? []).map(({ metric }) => metric), ...(query.sort ?? []).map(({ by }) => by).filter((by) => !dims.includes(by))])];
  for (const id of named) {
    const metric = metrics.get(id) ?? refuse("insight.metric_unknown", { metric: id, book });
    refuseHidden(metric, hiddenMetric(id, sight));
    if (metric.kind === "sum" && metric.needs !== undefined && !dims.includes(metric.needs)) refuse("insight.currency", { metric: id, dimension: metric.needs });
  }
  for (const id of [...dims, ...(query.filters ?? []).map(({ dimension }) => dimension)]) {
    const dimension = dimensions.get(id) ?? refuse("insight.dimension_unknown", { dimension: id, book });
    refuseHidden(dimension, hiddenDimension(dimension, sight));
    if (dimension.detail === true) for (const metric of named) refuseHidden(metrics.get(metric) as Metric, hiddenDrill(metric, sight));
    // Each fact is added up by itself and then joined on the dimensions: all of them must know each.
    for (const metric of named) for (const sum of componentsOf(metric)) if (dimension.facts[sum.fact] === undefined) refuse("insight.no_such_split", { metric, dimension: id, book });
    if (dimension.time !== undefined && dims.includes(id)) for (const metric of named) if (componentsOf(metric).some(({ additive }) => additive === "now")) refuse("insight.no_such_split", { metric, dimension: id, book });
  }
  for (const { by } of query.sort ?? []) if (!dims.includes(by) && !named.includes(by)) refuse("insight.metric_unknown", { metric: by, book });
  const { time } = query;
  if (time !== undefined && (!isDate(time.from) || !isDate(time.to) || time.from > time.to)) malformed("time 须为 from ≤ to 的两个日期", "time must be two days, from ≤ to");
  if (time === undefined && named.some((id) => componentsOf(id).some(({ additive }) => additive !== "now"))) malformed("缺少 time", "time is missing");
  if (query.asOf !== undefined && !isDate(query.asOf)) malformed("asOf 不是日期", "asOf is not a day");
  for (const { op, values } of query.filters ?? []) if ((op === "from" || op === "to") && values.length !== 1) malformed(`${op} 须有一个值`, `${op} takes one value`);
  for (const { value } of query.having ?? []) if (!/^-?\d{1,18}(\.\d{1,9})?$/.test(value)) malformed(`${value} 不是数`, `${value} is not a number`);
  if (!Number.isInteger(query.limit ?? LIMIT) || (query.limit ?? LIMIT) < 1 || (query.limit ?? LIMIT) > LIMIT_MAX) malformed(`limit 须为 1 至 ${LIMIT_MAX}`, `limit must be 1 to ${LIMIT_MAX}`);
}

/** Refuses: insight.hidden. */
export function refuseHidden(what: Metric | Dimension, hidden: Hidden | undefined): void {
  if (hidden === undefined) return;
  const reason = reasonOf(hidden);
  refuse("insight.hidden", { what: `${what.label.zh} ${what.label.en}`, reasonZh: reason.zh, reasonEn: reason.en });
}
