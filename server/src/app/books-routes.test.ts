import assert from "node:assert/strict";
import { after, test } from "node:test";
import { columnNames, dutyNames, type Column, type Duty, type Principal } from "../access/index.ts";
import { createBook } from "../books/index.ts";
import { type Ctx, silentLog, systemClock } from "../platform/index.ts";
import { testStore } from "../platform/testing.ts";
import { postDocuments } from "../vouchers/index.ts";
import { buildHttp } from "./http.ts";
import { registerAll } from "./registry.ts";

registerAll();
const store = await testStore();
const ctx: Ctx = { db: store, actor: { id: "server" }, now: systemClock, log: silentLog };
const as = (id: string, duties: readonly Duty[], columns: readonly Column[]): Principal => ({ kind: "user", id, name: id, grants: [{ role: id, zh: id, en: id, duties, columns, needsScope: false, book: "*", scope: null }] });
const servers = { chief: await buildHttp(ctx, { principal: as("chief", dutyNames, columnNames) }), clerk: await buildHttp(ctx, { principal: as("clerk", ["books.read", "boards.read", "documents.read"], ["bank"]) }) };
after(async () => {
  await servers.chief.close();
  await servers.clerk.close();
  await store.close();
});
async function call<T>(who: keyof typeof servers, path: string, body?: object): Promise<{ status: number; body: T; type: string; raw: Buffer }> {
  const answer = await servers[who].inject({ method: body === undefined ? "GET" : "POST", url: encodeURI(`/api/v1/books/B1/${path}`), headers: { host: "127.0.0.1:4380" }, ...(body === undefined ? {} : { payload: body }) });
  const type = String(answer.headers["content-type"]);
  return { status: answer.statusCode, type, raw: answer.rawPayload, body: (type.startsWith("application/json") ? JSON.parse(answer.body) : null) as T };
}

await createBook(ctx, { code: "B1", pack: "cas-general", currency: "CNY", from: "2026-03", settings: { costing: "fifo" } });
const line = (more: object) => ({ lineId: "1", item: "STEEL", ...more });
const { summary } = await postDocuments(ctx, "B1", [
  { schema: "tieout/item@1", source: "wms", sourceId: "STEEL", name: { zh: "钢材" }, category: "finishedGoods", unit: "kg" }, { schema: "tieout/supplier@1", source: "erp", sourceId: "S01" }, { schema: "tieout/customer@1", source: "erp", sourceId: "C01", name: { zh: "客户一" } }, { schema: "tieout/bankAccount@1", source: "fin", sourceId: "BA1", currency: "CNY" },
  { schema: "tieout/purchaseOrder@1", source: "erp", sourceId: "PO-1", date: "2026-03-01", supplier: "S01", lines: [line({ quantity: "100", price: "20.00", taxRate: "0.13" })] },
  { schema: "tieout/goodsReceipt@1", source: "wms", sourceId: "GR-1", date: "2026-03-05", supplier: "S01", warehouse: "W1", lines: [line({ quantity: "100", links: [{ to: "erp:purchaseOrder/PO-1/1" }] })] },
  { schema: "tieout/supplierInvoice@1", source: "erp", sourceId: "INV-1", date: "2026-03-09", supplier: "S01", lines: [line({ quantity: "150", price: "20.00", taxRate: "0.13", links: [{ to: "wms:goodsReceipt/GR-1/1" }] })] },
  { schema: "tieout/salesInvoice@1", source: "erp", sourceId: "SI-1", date: "2026-03-12", customer: "C01", dueDate: "2026-03-31", lines: [line({ quantity: "3", price: "30.00", taxRate: "0.13" })] },
  { schema: "tieout/cashReceipt@1", source: "fin", sourceId: "CR-1", date: "2026-03-20", customer: "C01", bankAccount: "BA1", amount: "50.00" },
]);
assert.equal(summary.parked, 1, "an invoice for more than was received is parked");

test("the books answer over HTTP, each in the shape that the screen reads", async () => {
  const paths = ["balances?period=2026-03&by=tree", "dimensions", "balances/by/counterparty?period=2026-03&perAccount=true", "balances/by/counterparty/total?period=2026-03", "ledger/1122.01/page?period=2026-03&limit=2", "statements/balance-sheet/rows/inventories?period=2026-03", "open-items/parties?kind=customer", "open-items/of-party?kind=customer&party=C01",
    "open-items/clearings?of=erp:salesInvoice/SI-1", "stock-check", "close-board", "periods/2026-03/tasks", "verify/last", "trace/graph?of=erp:purchaseOrder/PO-1"];
  for (const path of paths) {
    const { status, raw } = await call("chief", path);
    assert.equal(status, 200, `${path}: ${raw.toString()}`);
    assert.doesNotMatch(raw.toString(), /^(\{\}|)$/, path);
  }
  assert.equal((await call<{ error: { code: string } }>("chief", "statements/income/rows/nothing")).body.error.code, "statement.no_row");
  assert.equal((await call("chief", "balances/by/no%20such%20thing")).status, 422);
});

test("each report is exported as a sheet", async () => {
  for (const path of ["balances?period=2026-03", "auxiliary?by=counterparty&period=2026-03", "ledger?account=1122.01&period=2026-03", "open-items?kind=customer", "estimates", "stock", "stock-moves?item=STEEL", "statement?statement=income&period=2026-03&language=en"]) {
    const { status, type, raw } = await call("chief", `export/${path}`);
    assert.deepEqual([status, type, raw.subarray(0, 2).toString()], [200, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "PK"], path);
  }
  assert.equal((await call<{ error: { code: string } }>("chief", "export/ledger?account=9999")).body.error.code, "account.unknown");
});

test("money is cleared against an invoice over HTTP, by those who may enter documents", async () => {
  const wanted = { party: "C01", kind: "customer", date: "2026-03-25", from: [{ link: "fin:cashReceipt/CR-1" }], to: [{ link: "erp:salesInvoice/SI-1" }] };
  assert.equal((await call("clerk", "open-items/clear", wanted)).status, 403);
  assert.equal((await call<{ state: string }>("chief", "open-items/clear", wanted)).body.state, "posted");
  const [item, ...more] = (await call<{ open: string }[]>("chief", "open-items/of-party?kind=customer&party=C01")).body;
  assert.deepEqual([item?.open, more], ["51.70", []]);
  assert.equal((await call<{ error: { code: string } }>("chief", "open-items/clear", wanted)).body.error.code, "clear.item_unknown");
});

test("who may not see costs gets stock without amounts, and a trace of purchases without them", async () => {
  const [stock] = (await call<{ quantity: string; amount: string; unitCost: string }[]>("clerk", "stock")).body;
  assert.deepEqual([stock?.quantity, stock?.amount, stock?.unitCost], ["100", "", ""]);
  const [move] = (await call<{ quantity: string; amount: string; balanceAmount: string }[]>("clerk", "stock/STEEL")).body;
  assert.deepEqual([move?.quantity, move?.amount, move?.balanceAmount], ["100", "", ""]);
  assert.deepEqual((await call<{ stock: string; books: string }>("clerk", "stock-check")).body.stock, "");
  const graph = (await call<{ nodes: { node: string; kind: string; amount: string | null }[]; edges: { amount: string | null }[] }>("clerk", "trace/graph?of=erp:purchaseOrder/PO-1")).body;
  assert.deepEqual([...new Set(graph.nodes.map(({ amount }) => amount))], [null]);
  assert.ok(graph.edges.every(({ amount }) => amount === null));
});

test("who may not see vouchers gets a trace of documents alone, from either address", async () => {
  for (const path of ["trace?of=erp:salesInvoice/SI-1", "trace/graph?of=erp:salesInvoice/SI-1"]) {
    assert.ok((await call<{ nodes: { node: string }[] }>("chief", path)).body.nodes.some(({ node }) => node === "voucher"), path);
    const { nodes, edges } = (await call<{ nodes: { node: string }[]; edges: { edge: string }[] }>("clerk", path)).body;
    assert.ok(nodes.length > 0 && nodes.every(({ node }) => node !== "voucher") && edges.every(({ edge }) => edge !== "caused"), path);
  }
});

test("a parked invoice hangs dashed on what it names, and does not count as invoiced", async () => {
  const graph = (await call<{ edges: { edge: string; from: string; to: string; amount: string }[]; accounts: { steps: { step: string; amount: string }[] }[] }>("chief", "trace/graph?of=wms:goodsReceipt/GR-1")).body;
  assert.ok(!graph.edges.some(({ edge, to }) => edge === "link" && to === "erp:supplierInvoice/INV-1"));
  const whole = (await call<typeof graph>("chief", "trace/graph?of=erp:supplierInvoice/INV-1")).body;
  assert.deepEqual(whole.edges.filter(({ to }) => to === "erp:supplierInvoice/INV-1").map(({ edge, from, amount }) => [edge, from, amount]), [["awaits", "wms:goodsReceipt/GR-1", "3390.00"]]);
  assert.equal(whole.accounts[0]?.steps.find(({ step }) => step === "invoiced")?.amount, "0.00");
});

test("the last proof is kept until the next, and says who made it", async () => {
  assert.deepEqual((await call<{ result: unknown }>("clerk", "verify/last")).body.result, null);
  assert.equal((await call<{ findings: unknown[] }>("chief", "verify")).status, 200);
  const last = (await call<{ isRunning: boolean; at: string; by: string; result: { vouchers: number } }>("chief", "verify/last")).body;
  assert.deepEqual([last.isRunning, last.by, last.result.vouchers > 0, /^\d{4}-/.test(last.at)], [false, "chief", true, true]);
});

test("month-end tasks are told with whether the book asks for them, and what they ran", async () => {
  type Task = { task: string; isUsual: boolean; runs: { state: string }[] };
  const before = (await call<Task[]>("chief", "periods/2026-03/tasks")).body;
  assert.deepEqual(before.filter(({ isUsual }) => isUsual).map(({ task }) => task), ["vat", "surtax", "income-tax", "profit-and-loss"]);
  assert.equal((await call("chief", "periods/2026-03/run/vat", {})).status, 200);
  const after = (await call<Task[]>("chief", "periods/2026-03/tasks")).body;
  assert.deepEqual(after.filter(({ runs }) => runs.length > 0).map(({ task, runs }) => [task, runs.length]), [["vat", 1]]);
});
