/** The gate: a code that nobody knows, that is suspended or that means several things holds its document back; one decision lets all of them go on, in order, once. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { createBook, loadBook } from "../books/index.ts";
import { takeArrivals } from "../masterdata/index.ts";
import { type Ctx, openPool, silentLog, systemClock } from "../platform/index.ts";
import { testStore } from "../platform/testing.ts";
import { principalOfAll } from "../access/index.ts";
import { forgetWriters, postDocuments } from "../vouchers/index.ts";
import { verify } from "../vouchers/verify.ts";
import { buildHttp } from "./http.ts";
import { actOnMaster } from "./masterdata/desk.ts";
import { registerAll } from "./registry.ts";

registerAll();
const store = await testStore();
const ctx: Ctx = { db: store, actor: { id: "server" }, now: systemClock, log: silentLog };
const server = await buildHttp(ctx, { principal: principalOfAll("chen") });
const other = await buildHttp(ctx, { principal: principalOfAll("wang") });
after(async () => {
  await server.close();
  await other.close();
  await store.close();
});
await createBook(ctx, { code: "B1", pack: "cas-general", currency: "CNY", from: "2026-03" });
const book = await loadBook(store, "B1");

async function call<T>(method: "GET" | "POST" | "PUT" | "DELETE", path: string, payload?: object, to = server): Promise<{ status: number; body: T; code: string }> {
  const answer = await to.inject({ method, url: encodeURI(`/api/v1/books/B1/masterdata${path}`), headers: { host: "127.0.0.1:4380" }, ...(payload ? { payload } : {}) });
  const body = JSON.parse(answer.body) as T;
  return { status: answer.statusCode, body, code: (body as { error?: { code: string } }).error?.code ?? "" };
}
type Acted = { done: { golden: string } | null; request: string | null; released: { posted: number } | null };
const act = (one: object, reason = "核对过来源系统") => call<Acted>("POST", "/acts", { act: one, reason });
const take = async (): Promise<void> => { while ((await takeArrivals(ctx, book)) > 0); };
type Golden = { golden: string; code: string; name: string };
const find = async (text: string, domain: string): Promise<Golden> => ((await call<Golden[]>("GET", `/golden?text=${text}&domain=${domain}`)).body[0] ?? assert.fail(`${domain} ${text}`));

const receipt = (id: string, supplier: string, item: string, more: object = {}) => ({ schema: "tieout/goodsReceipt@1", source: "wms", sourceId: id, date: "2026-03-05", supplier, lines: [{ lineId: "1", item, quantity: "10", price: "20.00", ...more }] });
const statesOf = async (): Promise<Record<string, string>> => Object.fromEntries((await store.query<{ id: string; state: string }>("select source_id as id, state from documents.document where book_id = $1 and kind = 'goodsReceipt' order by source_id", [book.bookId])).map(({ id, state }) => [id, state]));
const vouchersOf = async () => store.query<{ number: string; document: string; dimensions: unknown }>(
  `select v.series || '-' || v.number as number, d.source_id as document, (select jsonb_agg(distinct s.dimensions order by s.dimensions) from vouchers.line l join vouchers.dimension_set s on s.book_id = l.book_id and s.dimension_set_id = l.dimension_set_id where l.book_id = v.book_id and l.voucher_id = v.voucher_id) as dimensions
     from vouchers.voucher v join (select distinct document_id, source_id from documents.document where book_id = $1) d on d.document_id = v.document_id where v.book_id = $1 order by v.voucher_id`, [book.bookId]);

await postDocuments(ctx, "B1", [
  { schema: "tieout/supplier@1", source: "erp", sourceId: "S01", name: "远泰钢铁有限公司", phone: "010-66668888" }, { schema: "tieout/item@1", source: "erp", sourceId: "STEEL", name: "圆钢", category: "rawMaterial", unit: "kg" },
  receipt("GR-1", "VENDOR-9", "STEEL"), receipt("GR-2", "VENDOR-9", "STEEL"), receipt("GR-3", "VENDOR-9", "M-77"),
]);
await take();

test("mapping a code once lets every document of it go on, in order of arrival, under the books' own code; doing it again changes nothing", async () => {
  assert.deepEqual(await statesOf(), { "GR-1": "parked", "GR-2": "parked", "GR-3": "parked" });
  const supplier = await find("远泰", "supplier");
  const mapping = { act: "map", domain: "supplier", system: "wms", code: "VENDOR-9", golden: supplier.golden };
  const first = await act(mapping);
  assert.deepEqual([first.status, first.body.released?.posted], [200, 2]);
  assert.deepEqual(await statesOf(), { "GR-1": "posted", "GR-2": "posted", "GR-3": "parked" });
  const vouchers = await vouchersOf();
  assert.deepEqual(vouchers.map(({ document }) => document), ["GR-1", "GR-2"]);
  assert.ok(JSON.stringify(vouchers).includes('"counterparty":"S01"') && !JSON.stringify(vouchers).includes("VENDOR-9"));
  assert.equal((await act(mapping)).body.released?.posted ?? 0, 0);
  const item = await find("STEEL", "item");
  await act({ act: "map", domain: "item", system: "wms", code: "M-77", golden: item.golden });
  assert.deepEqual((await statesOf())["GR-3"], "posted");
  assert.deepEqual(await vouchersOf().then((rows) => rows.length), 3);
});

test("a document that comes later is booked by the mapping, and the proof of the books holds", async () => {
  const { results } = await postDocuments(ctx, "B1", [receipt("GR-4", "VENDOR-9", "M-77")]);
  assert.deepEqual(results.map(({ state }) => state), ["posted"]);
  const proof = await verify(ctx, book);
  assert.deepEqual(proof.findings, []);
});

test("a suspended code holds its documents back until it is resumed", async () => {
  const supplier = await find("S01", "supplier");
  await act({ act: "suspend", golden: supplier.golden });
  const { results } = await postDocuments(ctx, "B1", [receipt("GR-5", "VENDOR-9", "STEEL")]);
  assert.deepEqual(results.map(({ state, reasons }) => [state, reasons[0]?.code]), [["parked", "masterdata.suspended"]]);
  const missing = (await call<{ problem: string; code: string }[]>("GET", "/missing")).body;
  assert.deepEqual(missing.map(({ problem, code }) => [problem, code]), [["masterdata.suspended", "VENDOR-9"]]);
  const effect = (await call<{ waiting: string[]; codes: string[]; accounts: { account: string }[] }>("GET", `/golden/${supplier.golden}/effect`)).body;
  assert.deepEqual([effect.waiting, effect.codes.sort(), effect.accounts.map(({ account }) => account)], [["wms:goodsReceipt/GR-5"], ["S01", "VENDOR-9"], ["2202.02"]]);
  const before = await vouchersOf();
  await act({ act: "resume", golden: supplier.golden });
  assert.deepEqual((await statesOf())["GR-5"], "posted");
  assert.deepEqual((await vouchersOf()).slice(0, before.length), before, "what was posted stays as it was");
});

test("a code that two systems use for different things is ambiguous to a third, until somebody says which", async () => {
  await postDocuments(ctx, "B1", [{ schema: "tieout/supplier@1", source: "erp", sourceId: "88", name: "南京甲机械有限公司" }, { schema: "tieout/supplier@1", source: "pos", sourceId: "88", name: "成都乙食品有限公司" }]);
  await take();
  await forgetWriters(store, book); // as the tail does where the server listens
  const { results } = await postDocuments(ctx, "B1", [receipt("GR-6", "88", "STEEL")]);
  assert.deepEqual(results.map(({ state, reasons }) => [state, reasons[0]?.code]), [["parked", "masterdata.ambiguous"]]);
  const done = await act({ act: "map", domain: "supplier", system: "wms", code: "88", golden: (await find("成都乙", "supplier")).golden });
  assert.equal(done.body.released?.posted, 1);
});

test("a conversion that people keep is exact: three boxes of a third are one, and a way round with another result is refused", async () => {
  const item = await find("STEEL", "item");
  const { results } = await postDocuments(ctx, "B1", [receipt("GR-7", "S01", "STEEL", { quantity: "3", unit: "box" })]);
  assert.deepEqual(results.map(({ reasons }) => reasons[0]?.code), ["masterdata.unit_unknown"]);
  const kept = await call<{ released: { posted: number } }>("POST", "/units", { golden: item.golden, from: "box", to: "kg", factor: "1/3" });
  assert.deepEqual([kept.status, kept.body.released.posted, (await statesOf())["GR-7"]], [200, 1, "posted"], "what waited for the conversion goes on by itself");
  assert.equal((await call("POST", "/units", { golden: item.golden, from: "t", to: "kg", factor: "1000" })).status, 200);
  assert.equal((await call("POST", "/units", { golden: item.golden, from: "t", to: "box", factor: "3001" })).code, "masterdata.unit_loop");
  assert.equal((await call("POST", "/units", { golden: item.golden, from: "t", to: "box", factor: "3000" })).code, "masterdata.unit_known");
  assert.equal((await call("POST", "/units", { golden: item.golden, from: "kg", to: "kg", factor: "1" })).code, "masterdata.unit_loop");
  assert.equal((await call("POST", "/units", { golden: item.golden, from: "x", to: "kg", factor: "1e3" })).code, "masterdata.factor_unreadable");
  const { quantity } = await store.one<{ quantity: bigint }>("select quantity from vouchers.pool where book_id = $1 and pool = 'STEEL'", [book.bookId]);
  assert.equal(quantity, 61_000_000n); // six receipts of ten, and one third of three boxes
});

test("warehouses, departments and units that people mapped are booked under the books' own codes; a suspended one holds its documents back", async () => {
  await postDocuments(ctx, "B1", [{ schema: "tieout/warehouse@1", source: "erp", sourceId: "WH-A", name: "一号仓" }, { schema: "tieout/department@1", source: "erp", sourceId: "PUR", name: "采购部" }]);
  await act({ act: "create", domain: "unit", code: "kg", fields: { name: "千克" } });
  await take();
  const [warehouse, department, unit] = [await find("WH-A", "warehouse"), await find("PUR", "department"), await find("kg", "unit")];
  for (const [domain, code, golden] of [["warehouse", "7", warehouse], ["department", "D-01", department], ["unit", "公斤", unit]] as const) assert.equal((await act({ act: "map", domain, system: "wms", code, golden: golden.golden })).status, 200);
  const { results } = await postDocuments(ctx, "B1", [receipt("GR-8", "S01", "STEEL", { warehouse: "7", department: "D-01", unit: "公斤" })]);
  assert.deepEqual(results.map(({ state, reasons }) => [state, reasons]), [["posted", []]]);
  const said = JSON.stringify((await vouchersOf()).filter(({ document }) => document === "GR-8"));
  assert.ok(!said.includes('"7"') && !said.includes("D-01"), said);
  const { body } = await store.one<{ body: string }>("select body from documents.document where book_id = $1 and source_id = 'GR-8'", [book.bookId]);
  assert.ok(body.includes("D-01"), "the document itself stays as it was sent");
  await act({ act: "suspend", golden: warehouse.golden });
  const parked = await postDocuments(ctx, "B1", [receipt("GR-9", "S01", "STEEL", { warehouse: "7" })]);
  assert.deepEqual(parked.results.map(({ state, reasons }) => [state, reasons[0]?.code]), [["parked", "masterdata.suspended"]]);
  assert.equal((await act({ act: "resume", golden: warehouse.golden })).body.released?.posted, 1);
});

test("what another process decides about a code is true for this one's next document, also where nothing else has been posted between", async () => {
  const elsewhere = openPool(store.url, { max: 2, role: "tieout_app" });
  assert.equal((await postDocuments(ctx, "B1", [receipt("GR-10", "S01", "STEEL")])).results[0]?.state, "posted"); // memory is warm
  await actOnMaster({ ...ctx, db: elsewhere, actor: { id: "cli" } }, book, { act: "map", domain: "supplier", system: "wms", code: "NEW-7", golden: (await find("S01", "supplier")).golden }, "合同");
  assert.deepEqual((await postDocuments(ctx, "B1", [receipt("GR-11", "NEW-7", "STEEL")])).results.map(({ state, reasons }) => [state, reasons]), [["posted", []]]);
  await elsewhere.close();
});

test("a tree has no circle, on any day, and the database asks again", async () => {
  for (const [node, parent] of [["A", undefined], ["B", "A"], ["C", "B"]] as const) assert.equal((await call("PUT", `/trees/customer/nodes/${node}`, { zh: node, ...(parent ? { parent } : {}) })).status, 200);
  assert.equal((await call("PUT", "/trees/customer/nodes/A", { zh: "A", parent: "C" })).code, "masterdata.tree_circle");
  assert.equal((await call("PUT", "/trees/customer/nodes/A", { zh: "A", parent: "A" })).code, "masterdata.tree_circle");
  assert.equal((await call("PUT", "/trees/customer/nodes/D", { zh: "D", parent: "NOWHERE" })).code, "masterdata.parent_unknown");
  await assert.rejects(store.query("update masterdata.node set parent = 'C' where book_id = $1 and node = 'A'", [book.bookId]), { code: "23514" });
  assert.equal((await call("PUT", "/trees/customer/nodes/C", { zh: "C", parent: "A", from: "2026-06-01" })).status, 200);
  const parentOn = async (on: string): Promise<unknown> => (await call<{ node: string; parent: string }[]>("GET", `/trees/customer?on=${on}`)).body.find(({ node }) => node === "C")?.parent;
  assert.deepEqual([await parentOn("2026-05-31"), await parentOn("2026-06-01")], ["B", "A"]);
  assert.equal((await call("DELETE", "/trees/customer/nodes/A")).code, "masterdata.node_has_children");
});

test("departments that stand in a circle, or under nobody, are left out of the tree and named; a day before the known one is refused", async () => {
  await postDocuments(ctx, "B1", [["X1", "X3"], ["X2", "X1"], ["X3", "X2"], ["X4", ""], ["X5", "X4"], ["X6", "LOST"]].map(([code, parent]) => ({ schema: "tieout/department@1", source: "hr", sourceId: code, name: `部门${code}`, ...(parent === "" ? {} : { parent }) })));
  await take();
  const grown = await call<{ left: string[] }>("POST", "/trees/department/grow", {});
  assert.deepEqual([grown.status, grown.body.left.sort()], [200, ["X1", "X2", "X3", "X6"]]);
  assert.deepEqual((await call<{ node: string; parent: string | null }[]>("GET", "/trees/department")).body.filter(({ node }) => /^X/.test(node)).map(({ node, parent }) => [node, parent]), [["X4", null], ["X5", "X4"]]);
  assert.equal((await call("PUT", "/trees/department/nodes/X5", { zh: "部门X5", from: "2026-06-01" })).status, 200);
  assert.equal((await call("PUT", "/trees/department/nodes/X5", { zh: "部门X5", parent: "X4", from: "2026-05-01" })).code, "masterdata.validity_overlaps");
  const circle = await call<{ error: { zh: string; en: string; todo: { zh: string; en: string } } }>("PUT", "/trees/customer/nodes/A", { zh: "A", parent: "B" });
  assert.deepEqual([circle.code, circle.body.error.zh.includes("A → B → A"), circle.body.error.en.includes("A → B → A"), circle.body.error.todo.zh !== "" && circle.body.error.todo.en !== ""], ["masterdata.tree_circle", true, true, true]);
});

test("code standards are checked on entry, all of them at once, and counted in the scorecard", async () => {
  assert.equal((await call("POST", "/standards", { domain: "customer", field: "code", pattern: "C-####", zh: "四位流水", en: "four digits" })).status, 200);
  assert.equal((await call("POST", "/standards", { domain: "customer", field: "code", pattern: "C-####", zh: "四位流水", en: "four digits" })).code, "masterdata.standard_known");
  assert.equal((await call("POST", "/standards", { domain: "customer", field: "code", zh: "空", en: "empty" })).code, "masterdata.standard_empty");
  const wrong = await call<{ error: { zh: string } }>("POST", "/acts", { act: { act: "create", domain: "customer", code: "X1", fields: { name: "某公司", uscc: "91350100M000100Y44" } }, reason: "新客户" });
  assert.equal(wrong.code, "masterdata.standard");
  assert.match(wrong.body.error.zh, /C-####.*统一社会信用代码/);
  const made = await act({ act: "create", domain: "customer", code: "C-0001", fields: { name: "某某贸易有限公司", uscc: "91350100M000100Y43" } });
  assert.equal(made.status, 200);
  const scores = (await call<{ domain: string; system: string; records: number; validity: { part: number; of: number } }[]>("POST", "/scores/rebuild", {})).body;
  assert.deepEqual(scores.filter(({ domain }) => domain === "customer").map(({ system, records, validity }) => [system, records, validity]), [["tieout", 1, { part: 2, of: 2 }]]);
});

test("what is exported can be imported again and changes nothing; a code that stands twice with other content is told by its rows", async () => {
  const sheet = await server.inject({ method: "GET", url: "/api/v1/books/B1/masterdata/sheet/supplier?format=xlsx", headers: { host: "127.0.0.1:4380" } });
  assert.equal(sheet.statusCode, 200);
  const upload = (content: string, name: string) => ({ name, content, domain: "supplier", system: "erp" });
  const again = await call<{ rows: number; taken: number; same: number }>("POST", "/import", upload(sheet.rawPayload.toString("base64"), "s.xlsx"));
  assert.deepEqual([again.status, again.body.taken], [200, 0], JSON.stringify(again.body));
  const csv = (text: string): string => Buffer.from(text).toString("base64");
  const preview = await call<{ problems: { row: number; zh: string }[] }>("POST", "/import/preview", upload(csv("编码,名称\nS90,甲\nS90,乙\n,丙\n"), "s.csv"));
  assert.deepEqual(preview.body.problems.map(({ row }) => row), [3, 4]);
  assert.equal((await call("POST", "/import", upload(csv("编码,名称\nS90,甲\nS90,乙\n"), "s.csv"))).code, "masterdata.standard");
  const mixed = upload(csv("编码,名称,统一社会信用代码\nS92,台州甲,91350100M000100Y43\nS93,台州乙,91350100M000100Y44\nS94,台州丙,\nS95,丁,\nS95,戊,\n"), "s.csv");
  assert.equal((await call("POST", "/import", mixed)).code, "masterdata.standard", "without being asked to, nothing of such a file is taken");
  const some = await call<{ taken: number; problems: { row: number; zh: string; en: string }[] }>("POST", "/import", { ...mixed, take: "right" });
  assert.deepEqual([some.body.taken, some.body.problems.map(({ row }) => row)], [2, [3, 6]], "of two rows that contradict each other neither is taken");
  assert.match(`${some.body.problems[0]?.zh} ${some.body.problems[0]?.en}`, /「91350100M000100Y44」未通过统一社会信用代码.*“91350100M000100Y44” fails USCC/);
  assert.equal((await call("POST", "/import", { ...upload(csv("编码,名称,统一社会信用代码\nS93,乙,91350100M000100Y44\n"), "s.csv"), take: "right" })).code, "masterdata.standard");
  assert.equal((await call("POST", "/import", upload(csv("名称\n甲\n"), "s.csv"))).code, "masterdata.file");
  const taken = await call<{ taken: number }>("POST", "/import", upload(csv("编码,名称,统一社会信用代码,公司\nS91,上海华新科技有限公司,91350100M000100Y43,\nS91,武汉分公司专用,,wh\n"), "s.csv"));
  assert.equal(taken.body.taken, 2, JSON.stringify(taken.body));
  const resolved = async (company: string): Promise<string> => (await call<{ name: string }>("GET", `/resolve?domain=supplier&system=erp&company=${company}&code=S91`)).body.name;
  assert.deepEqual([await resolved(""), await resolved("wh")], ["上海华新科技有限公司", "武汉分公司专用"]);
});

test("every decision is in the trail, with who and what", async () => {
  const { count } = await store.one<{ count: bigint }>("select count(*) as count from audit.entry where act = 'masterdata.decided'");
  assert.ok(count > 5n);
});
