/** Figures at the edge: what the engines added up becomes what is shown, in exact decimals. */
import { divideRound, exponentOf, formatDecimal, formatMoney, formatTrimmed } from "../values/index.ts";
import { type Metric, metrics } from "./metric.ts";

/** Sums by the metric that they belong to, as integers: minor units, millionths. */
export type Sums = Readonly<Record<string, bigint>>;
export type Frame = { readonly currency: string; /** Days of the period, for figures in days. */ readonly days: number; /** Of the row, where amounts are in their own currency. */ readonly ownCurrency?: string | undefined };

/** A metric as text: money with its decimals, quantities without trailing zeros, shares as a fraction with six decimals, days with one. Null: nothing to divide by. */
export function figure(id: string, sums: Sums, frame: Frame): string | null {
  const metric = metrics.get(id) as Metric;
  if (metric.kind !== "ratio") return format(metric, whole(metric, sums), frame);
  const [num, den] = [whole(metrics.get(metric.num) as Metric, sums), whole(metrics.get(metric.den) as Metric, sums)];
  if (den === 0n) return null;
  if (metric.unit === "days") return formatDecimal(divideRound(num * BigInt(frame.days) * 10n, den), 1);
  return formatDecimal(divideRound(num * 1_000_000n, den), 6);
}

export function whole(metric: Metric, sums: Sums): bigint {
  if (metric.kind === "sum") return sums[metric.id] ?? 0n;
  if (metric.kind === "ratio") throw new RangeError(`metric ${metric.id} is a ratio within another`);
  const of = (ids: readonly string[]): bigint => ids.reduce((sum, id) => sum + whole(metrics.get(id) as Metric, sums), 0n);
  return of(metric.plus) - of(metric.minus);
}

function format({ unit }: Metric, value: bigint, { currency, ownCurrency }: Frame): string | null {
  if (unit === "quantity") return formatTrimmed(value, 6);
  // Amounts of several currencies have no sum.
  if (unit === "moneyOriginal") return ownCurrency === undefined ? null : formatDecimal(value, exponentOf(ownCurrency));
  return formatMoney(value, currency);
}
