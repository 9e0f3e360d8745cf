/**
 * 口径: metrics and dimensions as data, from packs/metrics. What each figure means is written there once, in both languages; boards, pivots, exports and
 * alerts name a metric and get the same figure. What a metric is made from decides who may see it: the strictest of its parts.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { type Column, columns, type Sight } from "../access/index.ts";
import { packsFolder } from "../books/index.ts";

export type Words = { readonly zh: string; readonly en: string };

/** The relations that are asked, in schema `insight` of both engines. */
export const factNames = ["line", "sale", "open", "order", "budget"] as const;
export type FactName = (typeof factNames)[number];

export type Unit = "money" | "moneyOriginal" | "quantity" | "percent" | "days" | "ratio";

type Named = {
  readonly id: string;
  readonly label: Words;
  readonly definition: Words;
  readonly unit: Unit;
  /** full: sums over everything. semi: a balance, its last value in the period. now: as it stands, whatever the period. none: worked out from its parts. */
  readonly additive: "full" | "semi" | "now" | "none";
  readonly owner: string;
  readonly version: number;
  readonly requires: readonly Column[];
  readonly drillRequires: readonly Column[];
  readonly ofParty: boolean;
};
/** The rows that count; `due` compares the due date with the day of the question. */
export type Condition = { readonly class?: readonly string[]; readonly kind?: readonly string[]; readonly side?: readonly string[]; readonly type?: readonly string[]; readonly is_result?: true; readonly due?: "overdue" | "next7" };
export type SumMetric = Named & { readonly kind: "sum"; readonly fact: FactName; readonly value: string; readonly sign: 1 | -1; readonly where: Condition; readonly whereNot: Condition; /** A dimension that must be among the rows: amounts of several currencies have no sum. */ readonly needs?: string };
export type CombineMetric = Named & { readonly kind: "combine"; readonly plus: readonly string[]; readonly minus: readonly string[] };
export type RatioMetric = Named & { readonly kind: "ratio"; readonly num: string; readonly den: string; readonly times?: "days" };
export type Metric = SumMetric | CombineMetric | RatioMetric;

export type Dimension = {
  readonly id: string;
  readonly label: Words;
  readonly facts: Readonly<Partial<Record<FactName, string>>>;
  readonly time?: "day" | "month" | "quarter" | "year";
  readonly derive?: "quarter" | "year" | "partyGroup" | "regionOf" | "ownerOf" | "itemCategory" | "orderState" | "ageBucket";
  /** What gives the labels of its values. */
  readonly of?: string;
  readonly labels?: Readonly<Record<string, Words>>;
  readonly drillTo?: string;
  /** Shows single accounts or documents: splitting by it is like looking at the rows. */
  readonly detail?: true;
  readonly requires: readonly Column[];
};

const folder = join(packsFolder, "metrics");
const list = (file: string): Record<string, unknown>[] => parse(readFileSync(join(folder, file), "utf8")) as Record<string, unknown>[];

type Catalogue<T> = { readonly get: (id: string) => T | undefined; readonly has: (id: string) => boolean; readonly values: () => Iterable<T> };
/** Read when somebody asks; most commands never do. */
function once<T>(load: () => ReadonlyMap<string, T>): Catalogue<T> {
  let loaded: ReadonlyMap<string, T> | undefined;
  const own = (): ReadonlyMap<string, T> => (loaded ??= load());
  return { get: (id) => own().get(id), has: (id) => own().has(id), values: () => own().values() };
}

export const metrics: Catalogue<Metric> = once(() => new Map(
  list("metrics.yaml").map((raw) => [String(raw.id), { requires: [], drillRequires: [], ofParty: false, ...(raw.kind === "sum" ? { sign: 1, where: {}, whereNot: {} } : {}), ...raw } as unknown as Metric])));
export const dimensions: Catalogue<Dimension> = once(() => new Map(list("dimensions.yaml").map((raw) => [String(raw.id), { requires: [], ...raw } as unknown as Dimension])));
export type ClassRule = { readonly class: string; readonly statement?: string; readonly row?: string; readonly accounts?: readonly string[] };
export const classRules = (): readonly ClassRule[] => list("classes.yaml") as unknown as readonly ClassRule[];

/** What it is made from, itself left out. */
const partsOf = (metric: Metric): readonly string[] => (metric.kind === "combine" ? [...metric.plus, ...metric.minus] : metric.kind === "ratio" ? [metric.num, metric.den] : []);

/** Itself and all that it is made from, however deep. */
export function lineage(id: string, seen: readonly string[] = []): Metric[] {
  const metric = metrics.get(id);
  if (metric === undefined) throw new RangeError(`no metric ${id}`);
  if (seen.includes(id)) throw new RangeError(`metric ${id} is made from itself: ${[...seen, id].join(" → ")}`);
  return [metric, ...partsOf(metric).flatMap((part) => lineage(part, [...seen, id]))];
}

/** The sums that a metric is worked out from, each with its sign; of a ratio, those of its numerator and its denominator alike. */
export function componentsOf(id: string): SumMetric[] {
  const found = new Map(lineage(id).filter((metric) => metric.kind === "sum").map((metric) => [metric.id, metric as SumMetric]));
  return [...found.values()];
}

/** A metric that adds up, as sums with signs. */
export function signedSums(id: string): { readonly metric: SumMetric; readonly sign: 1 | -1 }[] {
  const metric = metrics.get(id);
  if (metric === undefined) throw new RangeError(`no metric ${id}`);
  if (metric.kind === "sum") return [{ metric, sign: 1 }];
  if (metric.kind === "ratio") throw new RangeError(`metric ${id} is a ratio and has no sum`);
  const turn = (sign: 1 | -1): 1 | -1 => (sign === 1 ? -1 : 1);
  return [...metric.plus.flatMap(signedSums), ...metric.minus.flatMap(signedSums).map(({ metric: one, sign }) => ({ metric: one, sign: turn(sign) }))];
}

/** Which metrics use this one. */
export const usedBy = (id: string): string[] => [...metrics.values()].filter((metric) => metric.id !== id && lineage(metric.id).some((part) => part.id === id)).map((metric) => metric.id);

/** Why somebody may not see it: a column that was not granted, or that it is a figure of the whole book. */
export type Hidden = { readonly why: "column"; readonly column: Column } | { readonly why: "part" };

export function hiddenMetric(id: string, sight: Sight): Hidden | undefined {
  for (const metric of lineage(id)) {
    const column = metric.requires.find((one) => !sight.columns.has(one));
    if (column !== undefined) return { why: "column", column };
    if (sight.scopes !== null && !metric.ofParty) return { why: "part" };
  }
  return undefined;
}

/** Rows below a figure may show more than the figure. */
export function hiddenDrill(id: string, sight: Sight): Hidden | undefined {
  const hidden = hiddenMetric(id, sight);
  if (hidden !== undefined) return hidden;
  const column = lineage(id).flatMap((metric) => metric.drillRequires).find((one) => !sight.columns.has(one));
  return column === undefined ? undefined : { why: "column", column };
}

export function hiddenDimension(dimension: Dimension, sight: Sight): Hidden | undefined {
  const column = dimension.requires.find((one) => !sight.columns.has(one));
  return column === undefined ? undefined : { why: "column", column };
}

export const reasonOf = (hidden: Hidden): Words =>
  hidden.why === "part" ? { zh: "此项是全账簿的数字，您的权限只限部分客户或供应商", en: "A figure of the whole book; you may see a part of the parties" } : { zh: `需要查看“${columns[hidden.column].zh}”的权限`, en: `Needs permission to see ${columns[hidden.column].en}` };

/** What is asked of a whole book only; the rest belongs to parties. */
export const isFactOfParty = (fact: FactName): boolean => fact !== "budget";
