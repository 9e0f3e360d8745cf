import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { principalOfAll } from "../../access/index.ts";
import { createBook } from "../../books/index.ts";
import { flows as store } from "../../connectors/index.ts";
import { deliverOnce, targets } from "../../delivery/index.ts";
import { type Ctx, silentLog, systemClock } from "../../platform/index.ts";
import { testStore } from "../../platform/testing.ts";
import { type PlainVoucher, postPlainly } from "../../vouchers/testing.ts";
import { buildHttp } from "../http.ts";
import { registerAll } from "../registry.ts";
import { runOnce } from "./act.ts";
import { applyFlow } from "./apply.ts";
import { viewFlows } from "./view.ts";

registerAll();
const db = await testStore();
const folder = await mkdtemp(join(tmpdir(), "tieout-lists-"));
const ctx: Ctx = { db, actor: { id: "chen" }, now: systemClock, log: silentLog };
const book = await createBook(ctx, { code: "B1", pack: "cas-general", currency: "CNY", from: "2026-03" });
const server = await buildHttp(ctx, { principal: principalOfAll("api") });
after(async () => {
  await server.close();
  await db.close();
  await rm(folder, { recursive: true });
});
const get = async <T>(path: string): Promise<T> => JSON.parse((await server.inject({ method: "GET", url: encodeURI(`/api/v1/books/B1${path}`), headers: { host: "127.0.0.1:4380" } })).body) as T;

const yaml = `flow: orders\nbook: B1\nfrom:\n  connector: folder\n  directory: ${folder}\n  settled: 0s\n  streams:\n    salesOrders: { format: csv, pattern: "*.csv", key: [订单号], group: { by: [订单号] } }\nmapping: csv-sales\nevery: 1h\n`;
const header = "订单号,行号,日期,客户编码,业务员,物料编码,数量,单位,税率,含税单价,状态";

test("open dead letters stand by their cause, most first, each with its problem in words", async () => {
  await writeFile(join(folder, "a.csv"), `${header}\nSO-1,1,2026/13/20,C1,E1,P1,10,件,13,113,\nSO-2,1,2026/03/20,C1,E1,P1,many,件,13,113,\nSO-3,1,2026/03/20,C1,E1,P1,x,件,13,113,\n`);
  await applyFlow(ctx, { yaml });
  await runOnce(ctx, book, "orders");
  const causes = await get<{ flow: string; code: string; letters: number; problem: { zh: string } }[]>("/dead-letters/causes");
  assert.deepEqual(causes.map(({ flow, code, letters }) => [flow, code, letters]), [["orders", "mapping.type", 2], ["orders", "mapping.date", 1]]);
  assert.match(causes[1]?.problem.zh ?? "", /2026\/13\/20/);
});

test("a flow that keeps failing is retrying until a try gets through, also while one is under way", async () => {
  const state = async (): Promise<string | undefined> => (await viewFlows(ctx, book)).find(({ flow }) => flow === "orders")?.state;
  assert.equal(await state(), "idle");
  // The next try is due, so that one may be running.
  await store.breakWith(db, book.bookId, "orders", { code: "file.directory", facts: { directory: folder, cause: "gone" } }, 3, "2020-01-01T00:00:00.000Z");
  assert.equal(await state(), "retrying");
  await store.clearProblem(db, book.bookId, "orders");
  assert.equal(await state(), "idle");
});

test("deliveries page newest first, are found by state over all targets, and are counted target by target", async () => {
  const voucher = (n: number): PlainVoucher => ({ document: `erp:salesInvoice/SI-${n}`, date: "2026-03-10", party: "C01", summary: `销售 ${n}`, lines: [{ account: "1122.01", debit: 1130n, dimensions: { counterparty: "C01" } }, { account: "6001", credit: 1000n, dimensions: { item: "PUMP" } }, { account: "2221.01.02", credit: 130n }] });
  await postPlainly(ctx, book, [1, 2, 3].map(voucher));
  const out = `flow: gl\nbook: B1\nto: { connector: database, url: "sqlite:${join(folder, "finance.db")}" }\ndeliver: vouchers\naccounts: { "*": same }\n`;
  await applyFlow(ctx, { yaml: out });
  await deliverOnce(ctx, { flow: "gl", book: "B1", deliver: "vouchers", to: { connector: "database", url: `sqlite:${join(folder, "finance.db")}` }, accounts: { "*": "same" } }, { targets });
  const first = await get<{ subject: string; cursor: string; state: string }[]>("/deliveries?order=newest&limit=2");
  assert.deepEqual(first.map(({ subject, state }) => [subject, state]), [["2026-03/记-3", "confirmed"], ["2026-03/记-2", "confirmed"]]);
  const next = await get<{ subject: string }[]>(`/deliveries?order=newest&limit=2&after=${first[1]?.cursor}`);
  assert.deepEqual(next.map(({ subject }) => subject), ["2026-03/记-1"]);
  assert.equal((await get<unknown[]>("/deliveries?order=newest&state=confirmed")).length, 3);
  assert.deepEqual(await get("/deliveries?order=newest&state=rejected"), []);
  const counts = await get<{ flow: string; connector: string; counts: { confirmed: number; rejected: number } }[]>("/deliveries/counts");
  assert.deepEqual(counts.map(({ flow, connector, counts: { confirmed, rejected } }) => [flow, connector, confirmed, rejected]), [["gl", "database", 3, 0]]);
});
