/** Boards over HTTP: what they hold, what they hide, workbooks, and that a cash receipt is told at once. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { read, utils } from "@e965/xlsx";
import { type Principal, principalOfAll } from "../access/index.ts";
import { createDemo } from "../app/demo-company.ts";
import { buildHttp } from "../app/http.ts";
import { registerAll } from "../app/registry.ts";
import { type Ctx, elapsedMs, fixedClock, silentLog, sleep } from "../platform/index.ts";
import { testStore } from "../platform/testing.ts";
import { postDocuments, readOpenItems } from "../vouchers/index.ts";
import type { Answer } from "./ask.ts";
import type { Tile } from "./board.ts";
import type { Cockpit } from "./cockpit.ts";
import { stateOf } from "./engine.ts";
import { lateness } from "./forecast.ts";
import { type Sheet, writeXlsx } from "./xlsx.ts";

registerAll();
const store = await testStore();
const dataDir = await mkdtemp(join(tmpdir(), "tieout-boards-"));
const ctx: Ctx = { db: store, dataDir, actor: { id: "test" }, now: fixedClock("2026-03-20T08:00:00.000Z"), log: silentLog };
const { book } = await createDemo(ctx, { seed: 6, scale: 0.02, book: "DEMO", from: "2026-01", months: 3 });
const sales: Principal = { kind: "user", id: "s", name: "s", grants: [{ role: "sales", zh: "销售", en: "Sales", duties: ["documents.read", "masterdata.read", "boards.read"], columns: [], needsScope: true, book: "DEMO", scope: { employees: null, departments: null, regions: ["R1"] } }] };
const server = await buildHttp(ctx, { principal: principalOfAll("api") });
const ofSales = await buildHttp(ctx, { principal: sales });
after(async () => {
  await server.close();
  await ofSales.close();
  await store.close();
  await rm(dataDir, { recursive: true });
});

type Called = { readonly status: number; readonly body: Record<string, unknown>; readonly raw: Buffer; readonly code: string | undefined };
async function call(path: string, payload?: object, by = server): Promise<Called> {
  const answer = await by.inject({ method: payload === undefined ? "GET" : "POST", url: encodeURI(`/api/v1/books/DEMO/${path}`), headers: { host: "127.0.0.1:4380" }, ...(payload === undefined ? {} : { payload }) });
  const body = String(answer.headers["content-type"]).startsWith("application/json") ? (JSON.parse(answer.body) as Record<string, unknown>) : {};
  return { status: answer.statusCode, body, raw: answer.rawPayload, code: (body.error as { code?: string } | undefined)?.code };
}
const tileOf = (body: unknown, id: string): Tile => {
  const found = (body as { tiles: Tile[] }).tiles.find((one) => one.id === id);
  assert.ok(found, id);
  return found;
};
const march = { from: "2026-03-01", to: "2026-03-31" };

test("every board answers, each tile with its moment, its engine and its definition", async () => {
  for (const board of ["cockpit", "orders", "chain", "receivables", "payables", "margin"]) {
    const { status, body } = await call(`boards/${board}?period=2026-03`);
    assert.equal(status, 200, board);
    for (const { id, answer, hidden } of body.tiles as Tile[]) {
      assert.ok(answer !== null && Object.keys(hidden).length === 0, `${board} ${id}`);
      assert.match(answer.asOf, /^2026-03-20T0[78]:/);
      for (const column of answer.columns) if (column.what === "metric") assert.ok(column.definition !== undefined && column.version !== undefined);
    }
  }
  const cockpit = (await call("boards/cockpit?period=2026-03")).body as unknown as Cockpit;
  assert.equal(cockpit.day, "2026-03-20");
  assert.deepEqual([cockpit.forecast?.weeks.length, cockpit.completeness?.percent, cockpit.banks?.length], [13, "100.000000", 5]);
  assert.equal((await call("boards/cockpit?period=2026-13")).code, "insight.malformed");
  assert.equal((await call("boards/cockpit?filter=planet:mars")).code, "insight.dimension_unknown");
});

test("what is open by age is what the list of open items says", async () => {
  const items = (await readOpenItems(ctx, book, { side: "receivable", at: "2026-03-20" })).filter(({ account }) => account.startsWith("1122"));
  const open = items.reduce((sum, { openBase }) => sum + BigInt(openBase.replace(".", "")), 0n);
  const tile = tileOf((await call("boards/receivables?period=2026-03")).body, "ageing");
  assert.equal(BigInt((tile.answer?.totals[0]?.values.open_receivable as string).replace(".", "")), open);
});

test("a click on a value filters the tiles that know it, and the others say that they do not", async () => {
  const whole = (await call("boards/chain?period=2026-03")).body;
  const region = tileOf(whole, "regions").answer?.rows[0];
  const filtered = (await call(`boards/chain?period=2026-03&filter=region:${region?.keys.region}`)).body;
  assert.equal(tileOf(filtered, "revenue").answer?.rows[0]?.values.revenue, region?.values.revenue);
  assert.deepEqual(tileOf(filtered, "revenue").ignores, []);
  assert.deepEqual(tileOf((await call("boards/cockpit?period=2026-03&filter=region:R1")).body, "budget").ignores, ["region"]);
});

test("orders are paged, and their totals are of the whole selection", async () => {
  const first = (await call("boards/orders?period=2026-03&limit=7")).body;
  const second = (await call(`boards/orders?period=2026-03&limit=7&after=${String(first.next)}`)).body;
  const [a, b] = [tileOf(first, "orders").answer as Answer, tileOf(second, "orders").answer as Answer];
  assert.equal(a.rows.length, 7);
  assert.equal(new Set([...a.rows, ...b.rows].map(({ keys }) => keys.order)).size, 7 + b.rows.length);
  assert.deepEqual(a.totals.at(-1)?.values, b.totals.at(-1)?.values);
  const customer = a.rows[0]?.keys.customer as string;
  const one = tileOf((await call(`boards/orders?period=2026-03&customer=${customer}&state=&limit=100`)).body, "orders").answer as Answer;
  assert.deepEqual(new Set(one.rows.map(({ keys }) => keys.customer)), new Set([customer]));
  const states = tileOf(first, "states").answer as Answer;
  assert.equal(states.totals[0]?.values.orders_amount, a.totals.at(-1)?.values.orders_amount);
  for (const row of a.rows) assert.match((first.documents as Record<string, string>)[row.keys.order as string] ?? "", /^crm:salesOrder\//);
});

test("a total leads to its rows, a row to its document and its voucher, and the rows add up", async () => {
  const margin = tileOf((await call("boards/margin?period=2026-03")).body, "customers");
  const row = margin.answer?.rows[0];
  const drilled = (await call("query/drill", { metric: "gross_profit", keys: row?.keys, time: march, limit: 5_000 })).body as { sum: string; next: number | null; rows: { document: string; voucher: string; value: string }[] };
  assert.equal(drilled.sum, row?.values.gross_profit);
  assert.equal(drilled.rows.reduce((sum, { value }) => sum + BigInt(value.replace(".", "")), 0n), BigInt(drilled.sum.replace(".", "")));
  for (const { document, voucher } of drilled.rows) assert.ok(/^\w+:\w+\//.test(document) && /^2026-03\/.+-\d+$/.test(voucher), `${document} ${voucher}`);
  assert.equal((await call("query/drill", { metric: "gross_margin", time: march })).code, "insight.no_drill");
});

test("somebody of sales sees revenue of their customers, and neither cost, cash, vouchers nor anybody else", async () => {
  const cockpit = (await call("boards/cockpit?period=2026-03", undefined, ofSales)).body as unknown as Cockpit;
  for (const id of ["cash", "cashByBank", "cashToday", "profit", "budget"]) assert.ok(tileOf(cockpit, id).answer === null && Object.keys(tileOf(cockpit, id).hidden).length > 0, id);
  assert.deepEqual([cockpit.lastReceipt, cockpit.forecast, cockpit.banks, cockpit.completeness], [null, null, null, null]);
  assert.deepEqual(Object.keys(tileOf(cockpit, "margin").hidden).sort(), ["cost", "gross_margin", "gross_profit"]);
  const query = { metrics: ["revenue"], rows: ["customer"], time: march, totals: true };
  const [mine, whole] = [(await call("query", query, ofSales)).body as unknown as Answer, (await call("query", query)).body as unknown as Answer];
  assert.ok(mine.rows.length > 0 && mine.rows.length < whole.rows.length);
  assert.equal((await call("query", { ...query, metrics: ["gross_margin"] }, ofSales)).code, "insight.hidden");
  assert.equal((await call("query/xlsx", { ...query, metrics: ["cost"] }, ofSales)).code, "insight.hidden");
  const drilled = (await call("query/drill", { metric: "revenue", time: march, limit: 5_000 }, ofSales)).body as { sum: string; rows: { voucher: string | null }[] };
  assert.equal(drilled.sum, mine.totals[0]?.values.revenue);
  assert.ok(drilled.rows.every(({ voucher }) => voucher === null));
  const shown = (await call("metrics", undefined, ofSales)).body as { metrics: { id: string; hidden: { zh: string } | null }[] };
  assert.deepEqual(["revenue", "gross_margin", "cash"].map((id) => shown.metrics.find((one) => one.id === id)?.hidden === null), [true, false, false]);
});

test("several questions are answered in one call", async () => {
  const { body } = await call("query", { queries: [{ metrics: ["revenue"], time: march }, { metrics: ["cash"], time: march }] });
  assert.equal((body.answers as Answer[]).length, 2);
});

test("a workbook holds the rows, columns and totals of the screen", async () => {
  const query = { metrics: ["revenue", "gross_margin", "sold_quantity"], rows: ["customer", "item"], time: march, totals: true, sort: [{ by: "revenue", desc: true }] };
  const answer = (await call("query", query)).body as unknown as Answer;
  const { status, raw } = await call("query/xlsx?language=en", query);
  assert.equal(status, 200);
  const book = read(raw);
  const rows = utils.sheet_to_json<(string | number | null)[]>(book.Sheets[book.SheetNames[0] as string] as never, { header: 1, raw: true, defval: null });
  assert.deepEqual(rows[0], answer.columns.map(({ label }) => label.en));
  const screen = [...answer.rows, ...answer.totals].map(({ keys, labels, values }) => [keys.customer === undefined ? "Total" : labels.customer?.en, keys.item === undefined ? null : labels.item?.en, ...["revenue", "gross_margin", "sold_quantity"].map((id) => (values[id] === null ? null : Number(values[id])))]);
  assert.deepEqual(rows.slice(1, 1 + screen.length).map((row) => row.map((cell) => (cell === "" ? null : cell))), screen);
  const orders = await call("boards/orders.xlsx?period=2026-03");
  const sheet = utils.sheet_to_json<(string | number)[]>(Object.values(read(orders.raw).Sheets)[0] as never, { header: 1 });
  const board = tileOf((await call("boards/orders?period=2026-03&limit=1000")).body, "orders").answer as Answer;
  assert.deepEqual(sheet.slice(1, 1 + board.rows.length).map(([order]) => order), board.rows.map(({ labels }) => labels.order?.zh));
  assert.equal(sheet[board.rows.length + 1]?.[0], "合计");
});

test("no text of a workbook is a formula", async () => {
  const evil = ["=cmd|' /C calc'!A0", "+1", "-1+2", "@SUM(A1)", "<b>&\u0001"];
  const sheet: Sheet = { name: "a/b:c", columns: [{ id: "customer", what: "dimension", label: { zh: "客户", en: "Customer" } }], totals: () => [], note: "", pages: (async function* () { yield evil.map((text) => ({ keys: { customer: text }, labels: { customer: { zh: text, en: text } }, values: {} })); })() };
  const parts: Buffer[] = [];
  for await (const part of writeXlsx(sheet, "zh")) parts.push(part as Buffer);
  const [read_] = Object.values(read(Buffer.concat(parts)).Sheets);
  assert.deepEqual(["A2", "A3", "A4", "A5", "A6"].map((at) => [read_?.[at]?.v, read_?.[at]?.f]), [...evil.slice(0, 4).map((text) => [`'${text}`, undefined]), ["<b>&", undefined]]);
});

test("a party pays as late as it did, and one without a history as late as all", () => {
  const late = lateness([{ party: "A", side: "in", weighted: 3_000n, amount: 100n }, { party: "B", side: "in", weighted: 0n, amount: 200n }]);
  assert.deepEqual([late("in", "A"), late("in", "B"), late("in", "C"), late("out", "A")], [30, 0, 10, 0]);
});

test("a cash receipt is told to whoever watches, and the cockpit has it; the mart answers once it is there", { timeout: 60_000 }, async () => {
  const url = await server.listen({ host: "127.0.0.1", port: 0 });
  for (const since = elapsedMs(); stateOf(store).mart?.freshness(book.bookId) === undefined && elapsedMs() - since < 30_000; ) await sleep(50);
  const over = new AbortController();
  const stream = await fetch(`${url}/api/v1/books/DEMO/live`, { signal: over.signal });
  assert.deepEqual([stream.status, stream.headers.get("content-type"), stream.headers.get("x-accel-buffering")], [200, "text/event-stream; charset=utf-8", "no"]);
  const events: { readonly version: string | null; readonly last: { readonly number: string; readonly amount: string; readonly bankAccount: string } | null }[] = [];
  const reading = (async () => {
    let text = "";
    for await (const part of stream.body as AsyncIterable<Uint8Array>) {
      text += Buffer.from(part).toString();
      for (let at = text.indexOf("\n\n"); at >= 0; at = text.indexOf("\n\n")) {
        const data = /^data: (.*)$/m.exec(text.slice(0, at))?.[1];
        if (data !== undefined) events.push(JSON.parse(data) as (typeof events)[number]);
        text = text.slice(at + 2);
      }
    }
  })().catch(() => {});
  const read_ = async (): Promise<Cockpit> => (await fetch(`${url}/api/v1/books/DEMO/boards/cockpit?period=2026-03`)).json() as Promise<Cockpit>;
  const cashOf = (board: Cockpit): bigint => BigInt((tileOf(board, "cash").answer?.rows[0]?.values.cash as string).replace(".", ""));
  const before = await read_();
  assert.equal(tileOf(before, "cash").answer?.engine, "duckdb");
  const { summary } = await postDocuments(ctx, "DEMO", [{ schema: "tieout/cashReceipt@1", source: "fin", sourceId: "CR-LIVE", date: "2026-03-20", customer: "C0001", bankAccount: "BA1", amount: "8975.00", purpose: "advance", taxRate: "0.13" }]);
  assert.equal(summary.posted, 1);
  for (const since = elapsedMs(); events.length < 2 && elapsedMs() - since < 10_000; ) await sleep(20);
  assert.deepEqual([events[1]?.last?.number, events[1]?.last?.amount, events[1]?.last?.bankAccount], ["CR-LIVE", "8975.00", "BA1"]);
  const now = await read_();
  assert.equal(cashOf(now) - cashOf(before), 897_500n);
  assert.deepEqual([now.lastReceipt?.number, tileOf(now, "cash").answer?.engine], ["CR-LIVE", "duckdb"]);
  over.abort();
  await reading;
});
