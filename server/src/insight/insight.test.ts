/** Figures on a small invented company: the same answers from both engines, tied to the books, and only what one may see. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import { type Column, columnNames, dutyNames, type RowScope, type Sight } from "../access/index.ts";
import { restrictedStore } from "../access/index.ts";
import { createDemo } from "../app/demo-company.ts";
import { registerAll } from "../app/registry.ts";
import { addDays, parseDecimal } from "../values/index.ts";
import { type Ctx, fixedClock, Refusal, silentLog, sleep } from "../platform/index.ts";
import { testStore } from "../platform/testing.ts";
import { readStatement } from "../vouchers/index.ts";
import { ask, type Asking, type Answer, shift, valueOf } from "./ask.ts";
import { compile, compileDrill } from "./compile.ts";
import { drill } from "./drill.ts";
import { stateOf } from "./engine.ts";
import { checkFacts, rebuildFacts, refreshFacts, sweepOrders } from "./facts.ts";
import { openMart } from "./mart.ts";
import { componentsOf, dimensions, hiddenMetric, metrics } from "./metric.ts";
import type { Query } from "./query.ts";

registerAll();
const store = await testStore();
const dataDir = await mkdtemp(join(tmpdir(), "tieout-insight-"));
const ctx: Ctx = { db: store, dataDir, actor: { id: "test" }, now: fixedClock("2026-03-20T08:00:00.000Z"), log: silentLog };
const { book } = await createDemo(ctx, { seed: 5, scale: 0.03, book: "DEMO", from: "2026-01", months: 3 });
const mart = openMart(ctx, join(dataDir, "mart"));
after(async () => {
  stateOf(store).mart = undefined;
  await mart.close();
  await store.close();
  await rm(dataDir, { recursive: true });
});
const all: Sight = { user: "all", duties: new Set(dutyNames), columns: new Set(columnNames), scopes: null };
const asking: Asking = { ctx, sight: all, book };
const seeing = (scopes: readonly RowScope[] | null, columns: readonly Column[] = columnNames): Asking => ({ ctx, sight: { ...all, columns: new Set(columns), scopes }, book });
const quarter = { from: "2026-01-01", to: "2026-03-31" }, march = { from: "2026-03-01", to: "2026-03-31" };

/** The same question to both engines; the answer, once it is the same. */
async function both(who: Asking, query: Query): Promise<Answer> {
  const answers: Answer[] = [];
  for (const engine of ["postgres", "duckdb"] as const) {
    stateOf(store).mart = engine === "duckdb" ? mart : undefined;
    stateOf(store).kept.clear();
    const answer = await ask(who, query);
    assert.equal(answer.engine, engine);
    answers.push(answer);
  }
  const [one, other] = answers as [Answer, Answer];
  assert.deepEqual({ ...other, ms: 0, asOf: "", engine: "" }, { ...one, ms: 0, asOf: "", engine: "" });
  return one;
}
const codeOf = (work: () => unknown): string | undefined => {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
};

test("every metric and dimension has its label and definition in both languages, an owner and a version, and is made from what there is", () => {
  for (const metric of metrics.values()) {
    for (const text of [metric.label.zh, metric.definition.zh]) assert.match(text, /\p{Script=Han}|DSO/u, metric.id);
    for (const text of [metric.label.en, metric.definition.en]) assert.match(text, /[A-Za-z]/, metric.id);
    assert.ok(metric.owner !== "" && metric.version >= 1 && componentsOf(metric.id).length > 0, metric.id);
    assert.ok(["full", "semi", "now", "none"].includes(metric.additive) && ["money", "moneyOriginal", "quantity", "percent", "days", "ratio"].includes(metric.unit), metric.id);
  }
  for (const dimension of dimensions.values()) assert.ok(/\p{Script=Han}/u.test(dimension.label.zh) && /[A-Za-z]/.test(dimension.label.en) && Object.keys(dimension.facts).length > 0, dimension.id);
});

test("facts tie to the books: every account, and revenue and cost by item to the cent", async () => {
  assert.deepEqual(await checkFacts(ctx, book), []);
  await mart.sync(book.bookId);
  const income = await readStatement(ctx, book, "income", { from: "2026-01", to: "2026-03" });
  const row = (id: string): string | null | undefined => income.rows.find((one) => one.id === id)?.amount;
  const whole = await both(asking, { metrics: ["revenue", "cost", "net_profit", "gross_profit"], time: quarter });
  assert.deepEqual([valueOf(whole, "revenue"), valueOf(whole, "cost"), valueOf(whole, "net_profit")], [row("revenue"), row("cost"), row("netProfit") ?? income.rows.findLast(({ zh }) => zh.includes("净利润") && zh.startsWith("四"))?.amount]);
  const items = await both(asking, { metrics: ["revenue", "cost"], rows: ["item"], time: quarter, totals: true });
  assert.deepEqual(items.totals[0]?.values, { revenue: valueOf(whole, "revenue"), cost: valueOf(whole, "cost") });
  const sheet = await readStatement(ctx, book, "balance-sheet", { period: "2026-03" });
  assert.equal(valueOf(await both(asking, { metrics: ["cash"], time: march }), "cash"), sheet.rows.find(({ id }) => id === "cash")?.amount);
});

test("balances are the last of their period, go on where nothing moves, and are not added up over time", async () => {
  const months = await both(asking, { metrics: ["cash", "receivable", "revenue"], rows: ["month"], time: quarter, totals: true });
  const [total] = months.totals;
  assert.equal(total?.values.cash, months.rows.at(-1)?.values.cash);
  assert.equal(total?.values.receivable, valueOf(await both(asking, { metrics: ["receivable"], time: march }), "receivable"));
  assert.deepEqual(months.rows.map(({ keys }) => keys.month), ["2026-01", "2026-02", "2026-03"]);
  const later = await both(asking, { metrics: ["cash"], rows: ["month"], time: { from: "2026-03-01", to: "2026-06-30" } });
  assert.deepEqual(new Set(later.rows.map(({ values }) => values.cash)), new Set([months.rows.at(-1)?.values.cash]));
});

test("another period stands beside each row: the same months a year before, the months before", async () => {
  assert.deepEqual(shift({ from: "2026-03-01", to: "2026-03-31" }, "previous"), { from: "2026-02-01", to: "2026-02-28" });
  assert.deepEqual(shift({ from: "2026-03-01", to: "2026-03-30" }, "previous"), { from: "2026-02-01", to: "2026-02-28" });
  assert.deepEqual(shift({ from: "2026-01-01", to: "2026-03-31" }, "previous"), { from: "2025-10-01", to: "2025-12-31" });
  assert.deepEqual(shift({ from: "2024-02-01", to: "2024-02-29" }, "lastYear"), { from: "2023-02-01", to: "2023-02-28" });
  assert.deepEqual(shift({ from: "2026-03-10", to: "2026-03-16" }, "previous"), { from: "2026-03-03", to: "2026-03-09" });
  const [february, compared] = [await both(asking, { metrics: ["revenue", "gross_margin"], rows: ["region"], time: { from: "2026-02-01", to: "2026-02-28" } }), await both(asking, { metrics: ["revenue", "gross_margin"], rows: ["region"], time: march, compare: ["previous"] })];
  for (const row of compared.rows) {
    const before = february.rows.find(({ keys }) => keys.region === row.keys.region);
    assert.equal(row.compare?.previous?.revenue, before?.values.revenue ?? "0.00");
    assert.equal(row.compare?.previous?.gross_margin, before?.values.gross_margin ?? null);
  }
});

const scopeOf = fc.record({
  employees: fc.option(fc.subarray(["E10", "E11", "E12"])), departments: fc.option(fc.subarray(["D04", "D05"])), regions: fc.option(fc.subarray(["R1", "R2", "R3"], { minLength: 1 })),
});
const summing = [...metrics.values()].filter(({ kind, unit }) => kind !== "ratio" && unit !== "moneyOriginal").map(({ id }) => id);
const splitsOf = (id: string): string[] => [...dimensions.values()].filter((one) => !["document", "order"].includes(one.id) && componentsOf(id).every(({ fact, additive }) => one.facts[fact] !== undefined && (one.time === undefined || additive !== "now"))).map(({ id: name }) => name);
const anyCell = fc.record({ metric: fc.constantFrom(...summing), seed: fc.nat(), from: fc.integer({ min: 0, max: 60 }), days: fc.integer({ min: 5, max: 60 }), scopes: fc.option(fc.array(scopeOf, { minLength: 1, maxLength: 2 }), { freq: 2 }), hide: fc.subarray(["cost", "bank"] as const), pick: fc.nat() });

test("the rows below a cell add up to it, whoever asks for whatever, and both engines give the same", async () => {
  let cells = 0, read = 0;
  await fc.assert(fc.asyncProperty(anyCell, async ({ metric, seed, from, days, scopes, hide, pick }) => {
    const who = seeing(scopes, columnNames.filter((one) => !(hide as readonly string[]).includes(one)));
    const time = { from: addDays("2026-01-01", from), to: addDays("2026-01-01", from + days) };
    const splits = splitsOf(metric).filter((one) => who.sight.columns.has("bank") || one !== "bankAccount");
    const rows = splits.length === 0 ? [] : [splits[seed % splits.length] as string];
    const query: Query = { metrics: [metric], rows, time, totals: true, limit: 200 };
    if (hiddenMetric(metric, who.sight) !== undefined) {
      assert.equal(codeOf(() => compile(query, who.sight, book, "postgres", "2026-03-20")), "insight.hidden");
      return;
    }
    const answer = await both(who, query);
    const candidates = [...answer.rows, ...answer.totals];
    const cell = candidates[pick % Math.max(1, candidates.length)];
    if (cell === undefined) return;
    cells += 1;
    for (const engine of [undefined, mart]) {
      stateOf(store).mart = engine;
      const drilled = await drill(who, { metric, keys: cell.keys, time, limit: 5_000 });
      assert.equal(drilled.sum, cell.values[metric]);
      const minor = (value: string): bigint => parseDecimal(value, 6) as bigint;
      if (drilled.next === null) assert.equal(drilled.rows.reduce((sum, { value }) => sum + minor(value), 0n), minor(drilled.sum));
      read += drilled.rows.length;
    }
  }), { numRuns: 60, seed: 42 });
  assert.ok(cells > 20 && read > 500, `${cells} cells, ${read} rows`);
});

test("each scan of a fact carries the scope, below every join and sum", () => {
  const scope: RowScope = { employees: ["E10"], departments: null, regions: ["R2"] };
  const who = seeing([scope]);
  for (const dialect of ["postgres", "duckdb"] as const) {
    for (const metric of [...metrics.values()].filter(({ id }) => hiddenMetric(id, who.sight) === undefined)) {
      const needs = metric.kind === "sum" && metric.needs !== undefined ? { rows: [metric.needs] } : {};
      const compiled = [compile({ metrics: [metric.id], time: march, ...needs }, who.sight, book, dialect, "2026-03-20"), ...(metric.kind === "ratio" ? [] : [compileDrill({ metric: metric.id, time: march }, who.sight, book, dialect, "2026-03-20")])];
      for (const { sql, params } of compiled) {
        const scans = sql.match(/from insight\.fact_\w+ f/g)?.length ?? 0;
        assert.ok(scans > 0);
        assert.equal(sql.match(/f\.party in \(select r\.code from insight\.party_record r/g)?.length, scans, sql);
        assert.ok(params.includes("E10") && params.includes("R2"));
      }
    }
    assert.match(compile({ metrics: ["revenue"], time: march }, seeing([]).sight, book, dialect, "2026-03-20").sql, /1 = 0/);
  }
});

test("somebody with a part of the book gets the part, the same as through the wall of the database", async () => {
  const scope: RowScope = { employees: null, departments: null, regions: ["R2"] };
  const who = seeing([scope]);
  const mine = await both(who, { metrics: ["revenue", "open_receivable", "orders_amount"], rows: ["customer"], time: quarter, totals: true });
  const whole = await both(asking, { metrics: ["revenue", "open_receivable", "orders_amount"], rows: ["customer"], time: quarter });
  const regions = new Map((await store.query<{ code: string; region: string }>("select code, region from insight.party where book_id = $1", [book.bookId])).map(({ code, region }) => [code, region]));
  const wanted = whole.rows.filter(({ keys }) => regions.get(keys.customer as string) === "R2");
  assert.ok(wanted.length > 0 && wanted.length < whole.rows.length);
  assert.deepEqual(mine.rows.map(({ keys, values }) => [keys, values]), wanted.map(({ keys, values }) => [keys, values]));
  const walled = await ask({ ...who, reads: restrictedStore(store, book.bookId, [scope]) }, { metrics: ["revenue", "open_receivable", "orders_amount"], rows: ["customer"], time: quarter, totals: true });
  assert.deepEqual([walled.rows, walled.totals], [mine.rows, mine.totals]);
  // The wall holds by itself: a statement that forgot to ask finds nothing of others.
  const unasked = compile({ metrics: ["revenue"], rows: ["customer"], time: quarter }, all, book, "postgres", "2026-03-20");
  const seen = await restrictedStore(store, book.bookId, [scope]).query<Record<string, string>>(unasked.sql, unasked.params);
  assert.deepEqual(seen.map(({ d0 }) => d0), mine.rows.filter(({ values }) => values.revenue !== "0.00").map(({ keys }) => keys.customer));
});

test("what cost hides hides margin too: as a value, in sorting, in conditions; bank accounts hide their dimension", () => {
  const { sight } = seeing(null, ["salary"]);
  const tried = (query: Partial<Query>): string | undefined => codeOf(() => compile({ metrics: ["revenue"], time: march, ...query }, sight, book, "postgres", "2026-03-20"));
  assert.equal(tried({}), undefined);
  for (const metric of ["cost", "gross_profit", "gross_margin", "net_profit", "stock_value", "budget_profit"]) {
    assert.equal(tried({ metrics: [metric] }), "insight.hidden", metric);
    assert.equal(tried({ metrics: ["budget_revenue"], having: [{ metric, op: ">", value: "0" }] }), "insight.hidden", metric);
    assert.equal(tried({ metrics: ["budget_revenue"], sort: [{ by: metric }] }), "insight.hidden", metric);
  }
  assert.equal(tried({ metrics: ["cash"], rows: ["bankAccount"] }), "insight.hidden");
  assert.equal(tried({ metrics: ["cash"], filters: [{ dimension: "bankAccount", op: "in", values: ["BA1"] }] }), "insight.hidden");
  assert.equal(codeOf(() => compile({ metrics: ["expense"], time: march }, seeing(null, ["cost"]).sight, book, "postgres", "2026-03-20")), undefined);
  assert.equal(codeOf(() => compile({ metrics: ["expense"], rows: ["account"], time: march }, seeing(null, ["cost"]).sight, book, "postgres", "2026-03-20")), "insight.hidden");
  assert.equal(codeOf(() => compileDrill({ metric: "net_profit", time: march }, seeing(null, ["cost", "bank"]).sight, book, "postgres", "2026-03-20")), "insight.hidden");
});

test("a question that makes no sense is refused with the reason", () => {
  const tried = (query: Query): string | undefined => codeOf(() => compile(query, all, book, "postgres", "2026-03-20"));
  assert.equal(tried({ metrics: ["profits"], time: march }), "insight.metric_unknown");
  assert.equal(tried({ metrics: ["revenue"], rows: ["planet"], time: march }), "insight.dimension_unknown");
  assert.equal(tried({ metrics: ["net_profit"], rows: ["orderState"], time: march }), "insight.no_such_split");
  assert.equal(tried({ metrics: ["open_receivable"], rows: ["month"], time: march }), "insight.no_such_split");
  assert.equal(tried({ metrics: ["cash_original"], time: march }), "insight.currency");
  assert.equal(tried({ metrics: ["revenue"] }), "insight.malformed");
  assert.equal(tried({ metrics: ["revenue"], time: { from: "2026-02-30", to: "2026-03-01" } }), "insight.malformed");
  assert.equal(codeOf(() => compileDrill({ metric: "gross_margin", time: march }, all, book, "postgres", "2026-03-20")), "insight.no_drill");
});

test("what is given as a value stays a value", async () => {
  const answer = await both(asking, { metrics: ["revenue"], rows: ["customer"], time: march, filters: [{ dimension: "customer", op: "in", values: ["C0001') or 1=1 --", "'; drop table insight.mark; --"] }] });
  assert.deepEqual(answer.rows, []);
});

test("facts made anew are the facts that grew, and so is the mart after a kill", async () => {
  const dump = async (): Promise<unknown[]> => [
    await store.query("select * from insight.line_cache order by voucher_id, line_no"), await store.query("select * from insight.sale_cache order by voucher_id, part_no"),
    await store.query("select book_id, document_id, ordered, shipped, invoiced_amount, collected_amount, open_amount, due_on from insight.fact_order order by document_id"),
  ];
  while (!(await sweepOrders(ctx, book.bookId, 1_000)));
  const grown = await dump();
  const questions: Query[] = [{ metrics: ["revenue", "cost", "receivable"], rows: ["customer"], time: quarter, totals: true }, { metrics: ["orders_amount", "order_collected"], rows: ["orderState"], time: quarter, totals: true }];
  await mart.sync(book.bookId);
  const before = await Promise.all(questions.map((query) => ask(asking, query)));
  await rebuildFacts(ctx, book);
  assert.deepEqual(await dump(), grown);
  const pid = mart.pid() as number;
  process.kill(pid, "SIGKILL");
  for (let tries = 0; tries < 100 && (mart.pid() === undefined || mart.pid() === pid); tries++) await sleep(100);
  assert.notEqual(mart.pid(), pid);
  stateOf(store).mart = mart;
  const meanwhile = await ask(asking, questions[0] as Query);
  assert.equal(meanwhile.engine, "postgres");
  await mart.sync(book.bookId);
  for (const [index, query] of questions.entries()) {
    const after = await both(asking, query);
    assert.deepEqual([after.rows, after.totals], [before[index]?.rows, before[index]?.totals]);
  }
});

test("a book is brought up to date by who asks, also when nobody follows it", async () => {
  const { version } = await refreshFacts(ctx, book);
  assert.equal((await refreshFacts(ctx, book)).version, version);
});
