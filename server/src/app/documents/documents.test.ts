import assert from "node:assert/strict";
import { after, test } from "node:test";
import { createBook } from "../../books/index.ts";
import { type Column, type Principal, principalOfAll } from "../../access/index.ts";
import { type Ctx, silentLog, systemClock } from "../../platform/index.ts";
import { testStore } from "../../platform/testing.ts";
import { buildHttp } from "../http.ts";
import { registerAll } from "../registry.ts";

registerAll();
const store = await testStore();
const ctx: Ctx = { db: store, actor: { id: "server" }, now: systemClock, log: silentLog };
const server = await buildHttp(ctx, { principal: principalOfAll("api") });
const seesColumns = (...columns: readonly Column[]): Principal => ({ ...principalOfAll("narrow"), grants: principalOfAll("narrow").grants.map((grant) => ({ ...grant, columns })) });
const narrow = await buildHttp(ctx, { principal: seesColumns() });
after(async () => {
  await server.close();
  await narrow.close();
  await store.close();
});
await createBook(ctx, { code: "B1", pack: "cas-general", currency: "CNY", from: "2026-03" });

type Row = { document: string; cursor: string; partyZh: string; amount: string | null; isHidden: boolean; state: string };
type Posted = { summary: { posted: number; parked: number; refused: number; released: number }; results: { document: string; state: string; row: number; reasons: { code: string }[] }[] };
async function call<T>(method: "GET" | "POST", url: string, payload?: object, by = server): Promise<{ status: number; body: T; text: string; type: string }> {
  const answer = await by.inject({ method, url: encodeURI(`/api/v1/books/B1${url}`), headers: { host: "127.0.0.1:4380" }, ...(payload === undefined ? {} : { payload }) });
  return { status: answer.statusCode, text: answer.body, type: String(answer.headers["content-type"]), get body() { return JSON.parse(answer.body) as T; } };
}
const codeOf = (answer: { body: unknown }): string => (answer.body as { error: { code: string } }).error.code;

const masters = [
  { schema: "tieout/item@1", source: "erp", sourceId: "PUMP", name: "水泵", category: "finishedGoods", unit: "台", taxRate: "0.13" },
  { schema: "tieout/customer@1", source: "erp", sourceId: "C-0874", name: "嘉兴南湖机械有限公司", uscc: "91330400MA28A1234X" },
];
const order = (id: string, customer: string, price = "100.00") => ({ schema: "tieout/salesOrder@1", source: "erp", sourceId: id, date: "2026-03-05", customer, lines: [{ lineId: "1", item: "PUMP", quantity: "6", price, taxRate: "0.13" }] });
await call("POST", "/documents", [...masters, order("SO-1", "C-0874"), order("SO-2", "C-0874"), order("SO-3", "C-08749"), order("SO-4", "C-08749"), order("SO-5", "C-0874", "200.00")]);

test("the list is newest first, with the name of the party and what the document comes to, and pages by its cursor", async () => {
  const first = (await call<Row[]>("GET", "/document-list?limit=2")).body;
  assert.deepEqual(first.map(({ document, partyZh, amount }) => [document, partyZh, amount]), [["erp:salesOrder/SO-5", "嘉兴南湖机械有限公司", "1356.00"], ["erp:salesOrder/SO-4", "", "678.00"]]);
  const next = (await call<Row[]>("GET", `/document-list?limit=2&after=${first[1]?.cursor}`)).body;
  assert.deepEqual(next.map(({ document }) => document), ["erp:salesOrder/SO-3", "erp:salesOrder/SO-2"]);
});

test("the list takes the beginning of a number in either case, a party, a period and a state", async () => {
  const documents = async (query: string): Promise<string> => (await call<Row[]>("GET", `/document-list?${query}`)).body.map(({ document }) => document.slice(-4)).join();
  assert.equal(await documents("text=so-3"), "SO-3");
  assert.equal(await documents("text=O-3"), "");
  assert.equal(await documents("party=C-0874"), "SO-5,SO-2,SO-1");
  assert.equal(await documents("state=parked&period=2026-03"), "SO-4,SO-3");
  assert.equal(await documents("kind=shipment"), "");
});

test("an amount of goods is not shown to whoever does not see costs, in the list and in the document alike", async () => {
  await call("POST", "/documents", [{ schema: "tieout/supplier@1", source: "erp", sourceId: "S1" }, { schema: "tieout/goodsReceipt@1", source: "erp", sourceId: "GR-1", date: "2026-03-06", supplier: "S1", lines: [{ lineId: "1", item: "PUMP", quantity: "2", price: "50.00" }] }]);
  const [shown] = (await call<Row[]>("GET", "/document-list?text=GR-1")).body;
  const [hidden] = (await call<Row[]>("GET", "/document-list?text=GR-1", undefined, narrow)).body;
  assert.deepEqual([shown?.amount, shown?.isHidden, hidden?.amount, hidden?.isHidden], ["100.00", false, null, true]);
  const one = (await call<{ body: { lines: object[] }; hidden: string[]; amount: null; vouchers: { debitTotal: null }[] }>("GET", "/documents/one?of=erp:goodsReceipt/GR-1", undefined, narrow)).body;
  assert.deepEqual([one.body.lines, one.hidden, one.amount, one.vouchers[0]?.debitTotal], [[{ lineId: "1", item: "PUMP", quantity: "2", price: null }], ["price"], null, null]);
  assert.equal(codeOf(await call("POST", "/documents/correct", { of: "erp:goodsReceipt/GR-1", body: one.body, reason: "because" }, narrow)), "access.denied");
});

test("a document shows what it links to, what links to it, its vouchers, and what each version changed", async () => {
  const shipment = { schema: "tieout/shipment@1", source: "erp", sourceId: "SH-1", date: "2026-03-08", customer: "C-0874", lines: [{ lineId: "1", item: "PUMP", quantity: "1", links: [{ to: "salesOrder/SO-1/1" }] }] };
  await call("POST", "/documents", [shipment, { ...order("SO-2", "C-0874"), sourceVersion: 2, summary: "改价" }]);
  type One = { links: { direction: string; document: string; line: string; state: string; quantity: string }[]; vouchers: { period: string; number: string }[]; versions: { version: number; changes: { path: string; before: string; after: string }[] }[] };
  const shown = (await call<One>("GET", "/documents/one?of=erp:shipment/SH-1")).body;
  assert.deepEqual(shown.links.map(({ direction, document, line, state, quantity }) => [direction, document, line, state, quantity]), [["to", "erp:salesOrder/SO-1", "1", "exempt", "1"]]);
  assert.equal(shown.vouchers.length, 1);
  const target = (await call<One>("GET", "/documents/one?of=erp:salesOrder/SO-1")).body;
  assert.deepEqual(target.links.map(({ direction, document }) => [direction, document]), [["from", "erp:shipment/SH-1"]]);
  const changed = (await call<One>("GET", "/documents/one?of=erp:salesOrder/SO-2")).body;
  assert.deepEqual(changed.versions.map(({ version, changes }) => [version, changes]), [[1, []], [2, [{ path: "summary", before: "", after: "改价" }]]]);
});

test("parked documents stand by reason and code, with records that look alike; the code's record releases all of them", async () => {
  const reasons = (await call<{ code: string; about: string; documents: number; candidates: { code: string; zh: string }[] }[]>("GET", "/document-list/reasons")).body;
  assert.deepEqual(reasons.map(({ code, about, documents, candidates }) => [code, about, documents, candidates.map(({ zh }) => zh)]), [["masterdata.unknown", "customer:C-08749", 2, ["嘉兴南湖机械有限公司"]]]);
  const listed = (await call<Row[]>("GET", "/document-list?state=parked&reason=masterdata.unknown&about=customer:C-08749")).body;
  assert.equal(listed.length, 2);
  const released = (await call<Posted>("POST", "/documents", { schema: "tieout/customer@1", source: "erp", sourceId: "C-08749", name: "嘉兴南湖机械有限公司" })).body;
  assert.equal(released.summary.released, 2);
  assert.deepEqual((await call("GET", "/document-list/reasons")).body, []);
});

test("a parked document is corrected as its next version, which says who and why; without a reason it is refused", async () => {
  await call("POST", "/documents", order("SO-6", "C-9999"));
  const { body } = (await call<{ body: Record<string, unknown> }>("GET", "/documents/one?of=erp:salesOrder/SO-6")).body;
  assert.equal(codeOf(await call("POST", "/documents/correct", { of: "salesOrder/SO-6", body, reason: " " })), "document.no_reason");
  assert.equal(codeOf(await call("POST", "/documents/correct", { of: "salesOrder/SO-6", body: { ...body, sourceId: "SO-7" }, reason: "x" })), "document.other_identity");
  const trial = (await call<Posted>("POST", "/documents/correct", { of: "salesOrder/SO-6", body: { ...body, customer: "C-0874" }, reason: "录错客户", dryRun: true })).body;
  assert.equal(trial.results[0]?.state, "posted");
  const done = (await call<Posted>("POST", "/documents/correct", { of: "salesOrder/SO-6", body: { ...body, customer: "C-0874" }, reason: "录错客户" })).body;
  assert.deepEqual(done.results.map(({ document, state }) => [document, state]), [["erp:salesOrder/SO-6", "posted"]]);
  const shown = (await call<{ state: string; version: number; body: { extra: { correction: { by: string; reason: string } } } }>("GET", "/documents/one?of=erp:salesOrder/SO-6")).body;
  assert.deepEqual([shown.state, shown.version, shown.body.extra.correction.by, shown.body.extra.correction.reason], ["exempt", 2, "api", "录错客户"]);
});

test("documents are tried again as they are; what has been settled meanwhile is left alone", async () => {
  await call("POST", "/documents", order("SO-8", "C-7777"));
  const again = (await call<Posted>("POST", "/documents/retry", { documents: ["erp:salesOrder/SO-8", "erp:salesOrder/SO-1"] })).body;
  assert.deepEqual(again.results.map(({ document, state, reasons }) => [document, state, reasons[0]?.code]), [["erp:salesOrder/SO-8", "parked", "masterdata.unknown"]]);
});

test("the selection is exported for a spreadsheet in either language", async () => {
  const csv = await call("GET", "/document-list/export?format=csv&party=C-0874&language=en");
  assert.match(csv.type, /^text\/csv/);
  const lines = csv.text.replace("\uFEFF", "").trim().split("\r\n");
  assert.match(lines[0] ?? "", /^Source,Kind,Document,Version,Date,Period,Party,Name,Amount/);
  assert.ok(lines.some((line) => line.startsWith("erp,Sales order,SO-5,1,2026-03-05,2026-03,C-0874,嘉兴南湖机械有限公司,1356.00,CNY,Exempt")));
  assert.equal((await server.inject({ method: "GET", url: "/api/v1/books/B1/document-list/export?format=xlsx", headers: { host: "127.0.0.1:4380" } })).rawPayload.subarray(0, 2).toString(), "PK");
});

// Uploads ------------------------------------------------------------------------------------------------------------------

type Preview = { plan: { kind: string; id: string; header: Record<string, { from: string; format?: string }>; line: Record<string, { from: string; percent?: boolean }> }; documents: number; rows: number; problems: { place: string; document: string; problem: { code: string } }[]; summary: Posted["summary"]; encoding: string };
const upload = (name: string, content: string | Buffer, more: object = {}): object => ({ name, content: Buffer.from(content).toString("base64"), ...more });
const sheet = (...rows: readonly string[]): string => ["订单编号,日期,客户编码,物料编码,数量,单价,税率", ...rows].join("\n");

test("a spreadsheet with Chinese headers is read, its columns are guessed, and rows of one number become one document", async () => {
  const content = sheet('U-1,2026/3/9,C-0874,PUMP,"1,000",10.50,13%', "U-1,2026/3/9,C-0874,PUMP,2,11,13%", "U-2,2026/3/10,C-0874,PUMP,3,12,13%");
  const preview = (await call<Preview>("POST", "/documents/upload/preview", upload("三月销售订单.csv", content))).body;
  assert.deepEqual([preview.plan.kind, preview.plan.id, preview.rows, preview.documents, preview.problems, preview.summary.posted], ["salesOrder", "订单编号", 3, 2, [], 2]);
  assert.deepEqual([preview.plan.header.date, preview.plan.line.taxRate], [{ from: "日期", format: "yyyy/M/d" }, { from: "税率", percent: true }]);
  assert.deepEqual((await call("GET", "/document-list?text=U-")).body, [], "a preview keeps nothing");
  const done = (await call<Posted>("POST", "/documents/upload", upload("三月销售订单.csv", content, { plan: preview.plan }))).body;
  assert.equal(done.summary.posted, 2);
  assert.deepEqual((await call<Row[]>("GET", "/document-list?text=U-1")).body.map(({ document, amount }) => [document, amount]), [["upload:salesOrder/U-1", "11889.86"]]);
});

test("what is wrong in a file is told row by row before anything is saved, and such a file is not posted", async () => {
  const content = sheet("V-1,2026/3/9,C-0874,PUMP,1,10,13%", "V-2,2026/13/40,C-0874,PUMP,1,10,13%", "V-3,2026/3/9,C-0874,PUMP,many,10,13%", "V-5,2026/3/9", "V-4,2026/3/9,,PUMP,1,10,13%");
  const preview = (await call<Preview>("POST", "/documents/upload/preview", upload("销售订单.csv", content, { plan: { kind: "salesOrder", source: "upload", id: "订单编号", header: { date: { from: "日期", format: "yyyy/M/d" }, customer: { from: "客户编码" } }, line: { item: { from: "物料编码" }, quantity: { from: "数量" }, price: { from: "单价" }, taxRate: { from: "税率", percent: true } } } }))).body;
  assert.deepEqual(preview.problems.map(({ place, document, problem }) => [place, document, problem.code]).sort(), [["line 3", "V-2", "mapping.date"], ["line 4", "V-3", "mapping.type"], ["line 5", "", "file.columns"], ["line 6", "V-4", "mapping.missing"]]);
  assert.equal(codeOf(await call("POST", "/documents/upload", upload("销售订单.csv", content, { plan: preview.plan }))), "upload.problems");
  assert.deepEqual((await call("GET", "/document-list?text=V-")).body, []);
});

test("a file in GB 18030 reads as it was written, and one of our own form needs no columns", async () => {
  const gbk = Buffer.concat([Buffer.from([0xb6, 0xa9, 0xb5, 0xa5, 0xba, 0xc5]), Buffer.from(",date,customer,item,qty,price\nW-1,2026-03-09,C-0874,PUMP,1,10\n")]); // 订单号
  const preview = (await call<Preview>("POST", "/documents/upload/preview", upload("orders.csv", gbk))).body;
  assert.deepEqual([preview.encoding, preview.plan.id, preview.documents], ["gb18030", "订单号", 1]);
  const own = (await call<Preview>("POST", "/documents/upload/preview", upload("own.json", JSON.stringify([order("X-1", "C-0874")])))).body;
  assert.deepEqual([own.plan, own.documents, own.summary.posted, own.problems], [null, 1, 1, []]);
});

test("a file of another type, too large, too long, empty or without a number column is refused in words", async () => {
  const refused = async (name: string, content: string | Buffer, more: object = {}): Promise<string> => codeOf(await call("POST", "/documents/upload/preview", upload(name, content, more)));
  assert.equal(await refused("a.exe", "x"), "upload.type");
  assert.equal(await refused("a.csv", ""), "upload.empty");
  assert.equal(await refused("a.csv", "订单编号\n"), "upload.blank");
  assert.equal(await refused("a.csv", Buffer.alloc(10 * 1_048_576 + 1, "x")), "upload.large");
  assert.equal(await refused("a.csv", `订单编号\n${"A\n".repeat(5_001)}`), "upload.many");
  assert.equal(await refused("a.csv", sheet("A,2026-03-01,C-0874,PUMP,1,1,0"), { plan: { kind: "salesOrder", source: "upload", id: "没有", header: {}, line: {} } }), "upload.no_column");
});
