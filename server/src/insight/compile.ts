/**
 * The only way to SQL. Whoever asks is an argument: the rows that a sight shows are a predicate on each scan of a fact, below every join and sum, and
 * what it hides is refused before there is a statement. One text serves both engines; they hold the same relations under the same names.
 *
 * Facts are added up one by one at the grain of the question and then put side by side, so that sales and receipts never multiply each other. Totals
 * come from the same rows by GROUPING SETS. Ratios leave here as their parts; they are divided at the edge, exactly.
 */
import { createHash } from "node:crypto";
import { addMonths, lastDay, periodOf } from "../values/index.ts";
import type { RowScope, Sight } from "../access/index.ts";
import { refuse } from "../platform/index.ts";
import { componentsOf, type Condition, type Dimension, dimensions, hiddenDrill, isFactOfParty, metrics, signedSums, type FactName, type SumMetric } from "./metric.ts";
import { checkQuery, type Filter, type Having, LIMIT, type Query, refuseHidden } from "./query.ts";

export type Dialect = "postgres" | "duckdb";

declare const made: unique symbol;
/** A statement that `compile` made; nothing else can be run. Every value of a row comes as text. */
export type Compiled = {
  readonly [made]: true;
  readonly sql: string;
  readonly params: readonly (string | number)[];
  /** Who may see what is in it: results are kept under this, too. */
  readonly permission: string;
  /** The relations that it reads, for what has to be asked again after a change. */
  readonly facts: readonly FactName[];
  readonly dims: readonly string[];
  readonly components: readonly string[];
};

/** Figures of another period are read for all rows of the selection. */
export const LIMIT_OF_COMPARE = 100_000;

export type BookKey = { readonly bookId: number; readonly code: string };

type Mode = "flow" | "balance" | "now";
const modeOf = (metric: SumMetric): Mode => (metric.additive === "semi" ? "balance" : metric.additive === "now" ? "now" : "flow");

/** Refuses what `checkQuery` refuses. `today` stands where the question names no day. */
export function compile(query: Query, sight: Sight, book: BookKey, dialect: Dialect, today: string): Compiled {
  checkQuery(query, sight, book.code);
  const dims = [...(query.rows ?? []), ...(query.cols ?? [])].map(dimensionOf);
  const sortMetrics = (query.sort ?? []).map(({ by }) => by).filter((by) => metrics.has(by));
  const components = [...new Map([...query.metrics, ...sortMetrics, ...(query.having ?? []).map(({ metric }) => metric)].flatMap(componentsOf).map((metric) => [metric.id, metric])).values()];
  const sql = writer(sight, book, dialect, query.asOf ?? today);
  const at = (id: string): string => `v${components.findIndex((metric) => metric.id === id)}`;
  const timeAt = dims.findIndex(({ time }) => time !== undefined);
  if (dims.filter(({ time }) => time !== undefined).length > 1 && components.some((metric) => modeOf(metric) === "balance")) refuse("insight.malformed", { detailZh: "余额类指标只能按一个时间维度划分", detailEn: "a balance can be split by one dimension of time" });

  const scans = [...Map.groupBy(components, (metric) => `${metric.fact} ${modeOf(metric)}`).values()];
  const names = dims.map((_, index) => `d${index}`);
  const list = (parts: readonly string[]): string => parts.join(", ");
  const ctes = scans.map((members, index) => `s${index} as (${scan(sql, query, dims, members, at)})`);
  const zeros = (members: readonly SumMetric[]): string => list([...names, ...components.map((metric) => (members.includes(metric) ? at(metric.id) : `0 as ${at(metric.id)}`))]);
  ctes.push(`u as (${scans.map((members, index) => `select ${zeros(members)} from s${index}`).join(" union all ")})`);
  const values = components.map(({ id }) => `sum(${at(id)}) as ${at(id)}`);
  ctes.push(`a as (select ${list([...names, ...values])} from u${names.length > 0 ? ` group by ${list(names)}` : ""})`);
  ctes.push(`h as (select * from a${having(sql, query.having ?? [], at)})`);
  if (names.length === 0) ctes.push("t as (select 0 as g, h.* from h)");
  else if (query.totals !== true) ctes.push("t as (select 0 as g, h.* from h)");
  else {
    const last = timeAt < 0 || query.time === undefined || components.every((metric) => modeOf(metric) !== "balance") ? undefined : sql.param(bucketsOf(dims[timeAt] as Dimension, query.time).at(-1) as string);
    const total = components.map((metric) =>
      last !== undefined && modeOf(metric) === "balance" ? `case when grouping(${names[timeAt]}) = 1 then sum(case when ${names[timeAt]} = ${last} then ${at(metric.id)} else 0 end) else sum(${at(metric.id)}) end as ${at(metric.id)}` : `sum(${at(metric.id)}) as ${at(metric.id)}`);
    const rowNames = names.slice(0, query.rows?.length ?? 0), colNames = names.slice(query.rows?.length ?? 0);
    const sets = [...new Set([names, rowNames, colNames, []].map((set) => `(${list(set)})`))];
    ctes.push(`t as (select grouping(${list(names)}) as g, ${list([...names, ...total])} from h group by grouping sets (${sets.join(", ")}))`);
  }
  const order = [
    ...(query.sort ?? []).map(({ by, desc = false }) => `${dims.some(({ id }) => id === by) ? names[dims.findIndex(({ id }) => id === by)] : expression(by, at)} ${desc ? "desc" : "asc"} nulls last`),
    ...(query.sort === undefined && timeAt >= 0 ? [`${names[timeAt]} asc`] : []), ...names,
  ];
  const offset = query.offset ?? 0;
  const text = `with ${ctes.join(",\n")}
select ${list([...names, "cast(g as integer) as g", ...components.map(({ id }) => `cast(coalesce(${at(id)}, 0) as varchar) as ${at(id)}`), "cast(n as varchar) as n"])}
  from (select t.*, row_number() over (partition by g${order.length > 0 ? ` order by ${list(order)}` : ""}) as rn, count(*) over (partition by g) as n from t) z
 where g <> 0 or (rn > ${offset} and rn <= ${offset + (query.limit ?? LIMIT)})
 order by case when g = 0 then 0 else 1 end, g, rn`;
  return seal(text, sql.params, sight, [...new Set(components.map(({ fact }) => fact))], dims.map(({ id }) => id), components.map(({ id }) => id));
}

export type Cell = { readonly metric: string; readonly filters?: readonly Filter[] | undefined; readonly time?: { readonly from: string; readonly to: string } | undefined; readonly asOf?: string | undefined; readonly limit?: number | undefined; readonly offset?: number | undefined };

/** The rows of facts below one figure; their values add up to it. Refuses what `checkQuery` refuses, and: insight.no_drill. */
export function compileDrill(cell: Cell, sight: Sight, book: BookKey, dialect: Dialect, today: string): Compiled {
  const metric = metrics.get(cell.metric) ?? refuse("insight.metric_unknown", { metric: cell.metric, book: book.code });
  if (metric.kind === "ratio") refuse("insight.no_drill", { metric: cell.metric, num: metric.num, den: metric.den });
  checkQuery({ metrics: [cell.metric], filters: cell.filters, time: cell.time, asOf: cell.asOf, limit: cell.limit, ...(metric.kind === "sum" && metric.needs !== undefined ? { rows: [metric.needs] } : {}) }, sight, book.code);
  refuseHidden(metric, hiddenDrill(cell.metric, sight));
  const sql = writer(sight, book, dialect, cell.asOf ?? today);
  const parts = signedSums(cell.metric).map(({ metric: sum, sign }) => {
    const filtered = (cell.filters ?? []).map((filter) => sql.filter(filter, sum.fact));
    const conditions = [...sql.rows(sum.fact), ...during(sql, modeOf(sum), cell.time), ...filtered, ...sql.condition(sum), `f.${sum.value} <> 0`];
    const text = (column: string, has: boolean): string => (has ? `cast(f.${column} as varchar)` : "''");
    const hasVoucher = sum.fact === "line" || sum.fact === "sale";
    const key = { line: "line_no", sale: "part_no", open: "line", order: "side", budget: "account" }[sum.fact];
    return `select '${sum.id}' as metric, cast(f.date as varchar) as day, ${text("voucher_id", hasVoucher)} as voucher, cast(f.document_id as varchar) as document, cast(f.${key} as varchar) as part,
 ${text("party", sum.fact !== "budget")} as party, ${text("account", sum.fact === "line" || sum.fact === "open" || sum.fact === "budget")} as account, ${text("item", hasVoucher)} as item, ${sum.sign * sign} * f.${sum.value} as v
  from ${sql.from(sum.fact)} where ${conditions.join(" and ")}`;
  });
  const text = `with r as (${parts.join(" union all ")})
select metric, day, voucher, document, part, party, account, item, cast(v as varchar) as v, cast(sum(v) over () as varchar) as total, cast(count(*) over () as varchar) as n
  from r order by day desc, length(document) desc, document desc, length(voucher) desc, voucher desc, metric, length(part), part limit ${cell.limit ?? LIMIT} offset ${cell.offset ?? 0}`;
  return seal(text, sql.params, sight, [...new Set(signedSums(cell.metric).map(({ metric: { fact } }) => fact))], [], [cell.metric]);
}

const seal = (sql: string, params: readonly (string | number)[], sight: Sight, facts: readonly FactName[], dims: readonly string[], components: readonly string[]): Compiled =>
  ({ sql, params, permission: permissionOf(sight), facts, dims, components }) as unknown as Compiled;

/** The same for all who see the same. */
export const permissionOf = (sight: Sight): string => createHash("sha256").update(JSON.stringify([[...sight.columns].sort(), sight.scopes])).digest("hex").slice(0, 16);

const dimensionOf = (id: string): Dimension => dimensions.get(id) as Dimension;

type Writer = ReturnType<typeof writer>;

/** Writes parts of one statement and collects its parameters. */
function writer(sight: Sight, book: BookKey, dialect: Dialect, asOf: string) {
  const params: (string | number)[] = [];
  const joins = new Set<"party" | "item">();
  const known = new Map<string, string>();
  // A parameter has one type wherever it stands: a day is never shared with a text that looks like it.
  const param = (value: string | number, type: string = typeof value): string => {
    const key = `${type} ${value}`;
    if (!known.has(key)) known.set(key, `$${params.push(value)}`);
    return known.get(key) as string;
  };
  const bookId = `cast(${param(book.bookId)} as integer)`;
  const day = (date: string): string => `cast(${param(date, "day")} as date)`;
  const oneOf = (expression: string, values: readonly string[]): string => (values.length === 0 ? "1 = 0" : `${expression} in (${values.map((value) => param(value)).join(", ")})`);
  const byteOrder = (expression: string): string => (dialect === "postgres" ? `(${expression}) collate "C"` : expression);

  const dimension = (one: Dimension, fact: FactName): string => {
    const column = `f.${one.facts[fact]}`;
    const fallback = (own: string, of: string): string => (joins.add("party"), `case when ${own} <> '' then ${own} else coalesce(p.${of}, '') end`);
    switch (one.derive) {
      case "year": return byteOrder(`substr(${column}, 1, 4)`);
      case "quarter": return byteOrder(`substr(${column}, 1, 4) || case when substr(${column}, 6, 2) <= '03' then '-Q1' when substr(${column}, 6, 2) <= '06' then '-Q2' when substr(${column}, 6, 2) <= '09' then '-Q3' else '-Q4' end`);
      case "regionOf": return byteOrder(fallback(column, "region"));
      case "ownerOf": return byteOrder(fallback(column, "owner"));
      case "partyGroup": return joins.add("party"), byteOrder("coalesce(p.party_group, '')");
      case "itemCategory": return joins.add("item"), byteOrder("coalesce(i.category, '')");
      case "ageBucket": return byteOrder(`case when f.due_on >= ${day(asOf)} then 'notDue' when ${day(asOf)} - f.due_on <= 30 then 'd30' when ${day(asOf)} - f.due_on <= 60 then 'd60' when ${day(asOf)} - f.due_on <= 90 then 'd90' else 'over90' end`);
      case "orderState": return byteOrder(`case when f.open_amount > 0 and f.due_on < ${day(asOf)} then 'overdue' when f.shipped <= 0 and f.ordered > 0 then 'notShipped' when f.shipped < f.ordered then 'shipping' when f.shipped - f.returned > f.invoiced then 'toInvoice' when f.open_amount > 0 then 'notDue' else 'settled' end`);
      case undefined: return byteOrder(/_id$|^f\.date$|due_on$/.test(column) ? `coalesce(cast(${column} as varchar), '')` : column);
    }
  };

  /** The rows of the book that the sight shows: on every scan. */
  const rows = (fact: FactName): string[] => {
    const own = [`f.book_id = ${bookId}`];
    if (sight.scopes === null) return own;
    if (!isFactOfParty(fact)) return [...own, "1 = 0"];
    const within = (scope: RowScope): string => [["owner", scope.employees], ["department", scope.departments], ["region", scope.regions]].map(([column, values]) => (values === null ? "1 = 1" : oneOf(`r.${String(column)}`, (values as readonly string[]).filter((value) => value !== "")))).join(" and ");
    const any = sight.scopes.length === 0 ? "1 = 0" : sight.scopes.map((scope) => `(${within(scope)})`).join(" or ");
    // Every record of the code must be visible: a code that is also somebody else's customer stays hidden.
    return [...own, `f.party in (select r.code from insight.party_record r where r.book_id = ${bookId} group by r.code having bool_and(r.kind <> 'employee' and (${any})))`];
  };

  const condition = ({ where, whereNot }: SumMetric): string[] => [...conditions(where), ...conditions(whereNot).map((one) => `not (${one})`)];
  const conditions = (of: Condition): string[] => [
    ...(["class", "kind", "side", "type"] as const).flatMap((column) => (of[column] === undefined ? [] : [oneOf(`f.${column}`, of[column])])),
    ...(of.is_result === undefined ? [] : ["f.is_result"]),
    ...(of.due === "overdue" ? [`f.due_on < ${day(asOf)}`] : of.due === "next7" ? [`f.due_on >= ${day(asOf)} and f.due_on <= ${day(asOf)} + 7`] : []),
  ];

  const filter = ({ dimension: id, op, values }: Filter, fact: FactName): string => {
    const expression = dimension(dimensionOf(id), fact);
    if (op === "in") return oneOf(expression, values);
    if (op === "notIn") return `not (${oneOf(expression, values)})`;
    return `${expression} ${op === "from" ? ">=" : "<="} ${param(values[0] as string)}`;
  };

  return {
    params, param, day, dimension, rows, condition, filter,
    /** Asked after the expressions that may need a join. */
    from(fact: FactName): string {
      const text = `insight.fact_${fact} f${joins.has("party") ? ` left join insight.party p on p.book_id = f.book_id and p.code = f.party and p.book_id = ${bookId}` : ""}${joins.has("item") ? ` left join insight.item i on i.book_id = f.book_id and i.code = f.item and i.book_id = ${bookId}` : ""}`;
      joins.clear();
      return text;
    },
  };
}

const during = (sql: Writer, mode: Mode, time: Query["time"]): string[] =>
  mode === "now" || time === undefined ? [] : mode === "balance" ? [`f.date <= ${sql.day(time.to)}`] : [`f.date >= ${sql.day(time.from)}`, `f.date <= ${sql.day(time.to)}`];

/** One fact, added up at the grain of the question. */
function scan(sql: Writer, query: Query, dims: readonly Dimension[], members: readonly SumMetric[], at: (id: string) => string): string {
  const { fact } = members[0] as SumMetric;
  const mode = modeOf(members[0] as SumMetric);
  const timeAt = dims.findIndex(({ time }) => time !== undefined);
  const isCumulative = mode === "balance" && timeAt >= 0 && query.time !== undefined;
  const splits = dims.map((one, index) => {
    const expression = sql.dimension(one, fact);
    return isCumulative && index === timeAt ? `case when f.date < ${sql.day((query.time as { from: string }).from)} then '' else ${expression} end as d${index}` : `${expression} as d${index}`;
  });
  const filters = (query.filters ?? []).map((filter) => sql.filter(filter, fact));
  const sums = members.map((metric) => {
    const conditions = sql.condition(metric);
    return `coalesce(sum(f.${metric.value})${conditions.length > 0 ? ` filter (where ${conditions.join(" and ")})` : ""}, 0)${metric.sign === -1 ? " * -1" : ""} as ${at(metric.id)}`;
  });
  // Rows that no member counts need not be read.
  const wanted = members.map((metric) => sql.condition(metric));
  const pruned = wanted.every((conditions) => conditions.length > 0) ? [`(${[...new Set(wanted.map((conditions) => conditions.join(" and ")))].map((one) => `(${one})`).join(" or ")})`] : [];
  const classes = members.every(({ where }) => where.class !== undefined) ? [`f.class in (${[...new Set(members.flatMap(({ where }) => where.class ?? []))].map((name) => sql.param(name)).join(", ")})`] : [];
  const where = [...sql.rows(fact), ...during(sql, mode, query.time), ...classes, ...filters, ...pruned];
  const groups = dims.map((_, index) => index + 1).join(", ");
  const text = `select ${[...splits, ...sums].join(", ")} from ${sql.from(fact)} where ${where.join(" and ")}${groups === "" ? "" : ` group by ${groups}`}`;
  if (!isCumulative) return text;
  // A balance stands on, also in months in which nothing moved: what moved until then, at the end of each.
  const buckets = bucketsOf(dims[timeAt] as Dimension, query.time as { from: string; to: string });
  return `select ${[...dims.map((_, index) => (index === timeAt ? `b.bucket as d${index}` : `m.d${index}`)), ...members.map(({ id }) => `sum(m.${at(id)}) as ${at(id)}`)].join(", ")}
  from (${text}) m join (values ${buckets.map((bucket) => `(cast(${sql.param(bucket)} as varchar))`).join(", ")}) b (bucket) on m.d${timeAt} <= b.bucket group by ${groups}`;
}

function having(sql: Writer, conditions: readonly Having[], at: (id: string) => string): string {
  if (conditions.length === 0) return "";
  return ` where ${conditions.map(({ metric, op, value }) => `${expression(metric, at)} ${op} cast(${sql.param(value)} as ${metrics.get(metric)?.kind === "ratio" ? "float8" : "decimal(38, 9)"})`).join(" and ")}`;
}

/** A metric over the sums at hand, for sorting and for conditions; what is shown is worked out at the edge. */
function expression(id: string, at: (id: string) => string): string {
  const metric = metrics.get(id);
  if (metric === undefined) throw new RangeError(`no metric ${id}`);
  if (metric.kind === "sum") return at(id);
  if (metric.kind === "combine") return `(${metric.plus.map((part) => expression(part, at)).join(" + ")}${metric.minus.map((part) => ` - ${expression(part, at)}`).join("")})`;
  const [num, den] = [expression(metric.num, at), expression(metric.den, at)];
  return `case when ${den} = 0 then null else cast(${num} as float8) / cast(${den} as float8) end`;
}

/** The names of the days, months, quarters or years from one day to another. */
export function bucketsOf({ time }: Pick<Dimension, "time">, range: { readonly from: string; readonly to: string }): string[] {
  const names: string[] = [];
  if (time === "day") {
    for (let day = range.from; day <= range.to; day = nextDay(day)) names.push(day);
    return names;
  }
  for (let month = periodOf(range.from); month <= periodOf(range.to); month = addMonths(month, 1)) {
    const name = time === "month" ? month : time === "year" ? month.slice(0, 4) : `${month.slice(0, 4)}-Q${Math.ceil(Number(month.slice(5)) / 3)}`;
    if (names.at(-1) !== name) names.push(name);
  }
  return names;
}

const nextDay = (day: string): string => {
  const month = periodOf(day);
  return day < lastDay(month) ? `${month}-${String(Number(day.slice(8)) + 1).padStart(2, "0")}` : `${addMonths(month, 1)}-01`;
};
