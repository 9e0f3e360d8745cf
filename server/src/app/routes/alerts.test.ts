import assert from "node:assert/strict";
import { after, test } from "node:test";
import { createUser, type Principal, principalOfAll, principalOfUser } from "../../access/index.ts";
import { createBook, loadBook } from "../../books/index.ts";
import { type Ctx, momentOf, silentLog } from "../../platform/index.ts";
import { testStore } from "../../platform/testing.ts";
import { saveAlertRule, watchBook } from "../../reconciliation/index.ts";
import { postDocuments } from "../../vouchers/index.ts";
import { boardFigures } from "../alerting.ts";
import { buildHttp } from "../http.ts";
import { registerAll } from "../registry.ts";

registerAll();
const store = await testStore();
const ctx: Ctx = { db: store, actor: { id: "chen" }, now: () => momentOf("2026-03-31T02:00:00Z"), log: silentLog };
await createBook(ctx, { code: "B1", pack: "cas-general", currency: "CNY", from: "2026-03" });
const book = await loadBook(store, "B1");
await createUser(ctx, { login: "seller", name: "Seller", employee: "E1", grants: [{ role: "sales", book: "B1", scope: { employees: ["E1"], departments: null, regions: null } }] });
await createUser(ctx, { login: "reviewer", name: "Reviewer", grants: [{ role: "reviewer", book: "B1", scope: null }] });
await postDocuments(ctx, "B1", [
  { schema: "tieout/customer@1", source: "erp", sourceId: "C1", name: { zh: "白榆" }, salesperson: "E1" }, { schema: "tieout/customer@1", source: "erp", sourceId: "C2", name: { zh: "恒润" }, salesperson: "E2" }, { schema: "tieout/supplier@1", source: "erp", sourceId: "S1", name: { zh: "远泰" } },
  ...["C1", "C2"].map((customer) => ({ schema: "tieout/salesInvoice@1", source: "erp", sourceId: `F-${customer}`, date: "2026-03-02", dueDate: "2026-03-10", customer, invoiceNumber: `F-${customer}`, lines: [{ lineId: "1", description: "服务", category: "service", quantity: "1", amountNet: "200000.00", taxRate: "0.06" }] })),
]);
await saveAlertRule(ctx, book, { rule: "overdue", zh: "逾期", en: "Overdue", measure: "overdueReceivable", params: {}, is: "above", line: "1000", margin: "0", afterMinutes: 0, repeatMinutes: 0, escalateMinutes: 0, everyMinutes: 1, quiet: null, isUrgent: false, callsOwner: true, roles: ["controller"], channels: [], language: "both" }, true);
await watchBook(ctx, book, boardFigures);
const principal = async (login: string): Promise<Principal> => (await principalOfUser(ctx, login)) ?? assert.fail(`no ${login}`);
const servers = { all: await buildHttp(ctx, { principal: principalOfAll("api") }), seller: await buildHttp(ctx, { principal: await principal("seller") }), reviewer: await buildHttp(ctx, { principal: await principal("reviewer") }), plain: await buildHttp(ctx, { principal: { ...principalOfAll("plain"), grants: principalOfAll("plain").grants.map((grant) => ({ ...grant, columns: [] })) } }) };
after(async () => { await Promise.all(Object.values(servers).map((server) => server.close())); await store.close(); });
const ask = async (who: keyof typeof servers, method: "GET" | "POST" | "PUT", path: string, body?: object) => { const answer = await servers[who].inject({ method, url: `/api/v1/books/B1/${path}`, ...(body === undefined ? {} : { payload: body }) }); return { status: answer.statusCode, body: answer.json() as Record<string, unknown> & { readonly length: number } & readonly Record<string, unknown>[] }; };

test("a salesperson with a part of the book reads and acknowledges what called them, and nothing else", async () => {
  const own = await ask("seller", "GET", "alerts?rule=overdue");
  assert.deepEqual([own.status, own.body.map(({ subject, value }) => [subject, value])], [200, [["C1", "212000.00"]]]);
  const all = await ask("all", "GET", "alerts?rule=overdue");
  const other = all.body.find(({ subject }) => subject === "C2")?.alertNo as string;
  assert.equal((await ask("seller", "GET", `alerts/${other}`)).status, 404);
  assert.equal((await ask("seller", "POST", `alerts/${other}/acknowledge`, {})).status, 404);
  const done = await ask("seller", "POST", `alerts/${own.body[0]?.alertNo as string}/acknowledge`, { note: "已联系" });
  assert.deepEqual([done.status, done.body.state, done.body.acknowledgedBy], [200, "acknowledged", "seller"]);
  for (const path of ["alert-rules", "alert-channels", "payables", "payment-batches"]) assert.equal((await ask("seller", "GET", path)).status, 403, path);
});

test("secrets of a channel are only written: neither the list nor the trail holds them", async () => {
  const path = "alert-channels/hook";
  // This server has no folder for a key, and without one nothing secret is kept.
  assert.deepEqual((await ask("all", "PUT", path, { kind: "webhook", config: {}, secret: { url: "https://example.com/geheim" }, isOn: true })).status, 422);
  assert.equal((await store.query("select 1 from audit.entry e where e::text like '%geheim%'")).length, 0);
});

test("whoever may not see bank accounts sees four digits of them, and exports no file", async () => {
  const set = await ask("all", "POST", "supplier-accounts", { supplier: "S1", name: "远泰", number: "6222000000000000101", bank: "102100099996", reason: "合同" });
  assert.equal(set.status, 200);
  assert.deepEqual((await ask("plain", "GET", "supplier-accounts?supplier=S1")).body.map(({ number }) => number), ["****0101"]);
  assert.equal((await ask("reviewer", "POST", "supplier-accounts", { supplier: "S1", name: "远泰", number: "6222000000000000102", bank: "102100099996", reason: "x" })).status, 403);
  assert.equal((await ask("reviewer", "POST", `supplier-accounts/${set.body.accountNo as string}/decide`, { approve: true })).status, 200);
  const refused = await ask("plain", "POST", "payment-batches/1/export", { format: "icbc-csv" });
  assert.deepEqual([refused.status, (refused.body.error as { code?: string }).code], [403, "payment.bank_hidden"]);
  assert.equal((await store.query("select 1 from audit.entry e where e::text like '%6222000000000000101%'")).length, 0);
});

test("the close board answers its gates with evidence, and a step by its name", async () => {
  const board = await ask("all", "GET", "periods/2026-03/gates");
  assert.equal(board.status, 200);
  const gates = board.body.gates as readonly { readonly gate: string; readonly state: string }[];
  assert.deepEqual(gates.filter(({ state }) => state === "open").map(({ gate }) => gate), ["vat", "surtax", "profitAndLoss", "chain"]);
  assert.equal((await ask("all", "POST", "periods/2026-03/steps/vat")).status, 200);
  assert.equal((await ask("all", "POST", "periods/2026-03/steps/nothing")).status, 422);
  const ran = await ask("all", "POST", "periods/2026-03/close-run", {});
  assert.deepEqual([ran.status, ran.body.outcome], [200, "closed"]);
});
