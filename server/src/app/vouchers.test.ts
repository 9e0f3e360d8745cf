import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import yauzl from "yauzl";
import { type Principal, principalOfAll } from "../access/index.ts";
import { createBook } from "../books/index.ts";
import { type Ctx, fixedClock, silentLog } from "../platform/index.ts";
import { testStore } from "../platform/testing.ts";
import { postDocuments } from "../vouchers/index.ts";
import { buildHttp } from "./http.ts";
import { registerAll } from "./registry.ts";

registerAll();
const store = await testStore();
const dataDir = await mkdtemp(join(tmpdir(), "tieout-vouchers-"));
const ctx: Ctx = { db: store, actor: { id: "chen" }, now: fixedClock("2026-04-05T08:00:00Z"), log: silentLog, dataDir };
await createBook(ctx, { code: "B1", pack: "cas-general", currency: "CNY", from: "2026-03" });
const all = principalOfAll("li");
const withColumns = (columns: readonly ("cost" | "bank" | "salary")[]): Principal => ({ ...all, grants: all.grants.map((grant) => ({ ...grant, columns })) });
const [chen, li, noCost, scoped] = await Promise.all([principalOfAll("chen"), all, withColumns(["bank", "salary"]), { ...all, grants: all.grants.map((grant) => ({ ...grant, scope: { employees: ["E1"], departments: null, regions: null } })) }].map((principal) => buildHttp(ctx, { principal })));
after(async () => {
  for (const server of [chen, li, noCost, scoped]) await server?.close();
  await store.close();
  await rm(dataDir, { recursive: true });
});
type Server = typeof chen;
const call = async (server: Server, method: "GET" | "POST", path: string, payload?: object) => {
  const answer = await server!.inject({ method, url: `/api/v1/books/B1${path}`, headers: { host: "localhost" }, ...(payload === undefined ? {} : { payload }) });
  return { status: answer.statusCode, body: answer.headers["content-type"]?.includes("json") ? (answer.json() as unknown) : undefined, raw: answer.rawPayload, headers: answer.headers };
};
await postDocuments(ctx, "B1", [
  { schema: "tieout/item@1", source: "erp", sourceId: "PUMP", name: { zh: "水泵", en: "Pump" }, category: "finishedGoods" }, { schema: "tieout/supplier@1", source: "erp", sourceId: "S01", name: { zh: "宁波远泰钢铁", en: "Yuantai Steel" } },
  { schema: "tieout/bankAccount@1", source: "fin", sourceId: "BA1", name: { zh: "工行基本户" }, currency: "CNY" }, { schema: "tieout/department@1", source: "hr", sourceId: "HQ", name: { zh: "总部" } },
  { schema: "tieout/goodsReceipt@1", source: "wms", sourceId: "GR-1", date: "2026-03-05", supplier: "S01", warehouse: "W1", lines: [{ lineId: "1", item: "PUMP", quantity: "60", price: "10.00" }] },
]);
const entry = (name: string) => ({ entry: name, date: "2026-03-20", series: "记", attachments: 1, lines: [{ summary: "=支付展会费", account: "6601", debit: "1200", dimensions: { department: "HQ" } }, { summary: "支付展会费", account: "1002", credit: "1200", dimensions: { bankAccount: "BA1" } }] });

test("an account is found by code, by name, by pinyin and by its initials, and says which dimensions it asks for", async () => {
  const codes = async (text: string): Promise<string[]> => ((await call(chen, "GET", `/accounts/search?text=${encodeURIComponent(text)}`)).body as { code: string }[]).map(({ code }) => code);
  assert.equal((await codes("1002"))[0], "1002");
  for (const text of ["银行存款", "yinhangcunkuan", "yhck"]) assert.ok((await codes(text)).includes("1002"), text);
  const [first] = (await call(chen, "GET", "/accounts/search?text=1002")).body as { zh: string; asks: { must: string[] } }[];
  assert.deepEqual([first?.zh, first?.asks.must], ["银行存款", ["bankAccount"]]);
  assert.ok(!(await codes("2202")).includes("2202"), "an account above others takes no entries");
});

test("a counterparty is found by part of its name and by pinyin initials", async () => {
  for (const text of ["远泰", "yuantai", "nbytgt", "S01"]) assert.deepEqual(((await call(chen, "GET", `/masterdata/search?kind=counterparty&text=${encodeURIComponent(text)}`)).body as { code: string }[]).map(({ code }) => code), ["S01"], text);
});

test("an entry is prepared by one and reviewed by another over HTTP, and then stands in the list first", async () => {
  const wrong = (await call(chen, "POST", "/vouchers/check", { ...entry("http-00001"), lines: [] })).body as { code: string; todo: { zh: string } }[];
  assert.deepEqual(wrong.map(({ code }) => code), ["entry.too_few_lines"]);
  const entered = (await call(chen, "POST", "/vouchers", entry("http-00001"))).body as { draft: string; problems: unknown[] };
  assert.deepEqual(entered.problems, []);
  assert.equal((await call(chen, "POST", `/drafts/${entered.draft}/review`)).status, 409);
  const [row] = (await call(li, "GET", "/drafts")).body as { draft: string; isOwn: boolean; total: string }[];
  assert.deepEqual([row?.draft, row?.isOwn, row?.total], [entered.draft, false, "1200.00"]);
  const back = (await call(li, "POST", `/drafts/${entered.draft}/send-back`, { reason: "缺附件" })).body as { sentBack: { reason: string } };
  assert.equal(back.sentBack.reason, "缺附件");
  const again = (await call(chen, "POST", "/vouchers", { ...entry("http-00001"), attachments: 2 })).body as { draft: string };
  const results = (await call(li, "POST", "/drafts/review", { drafts: [again.draft, "77"] })).body as { number: string | null; problem: { code: string } | null }[];
  assert.deepEqual(results.map(({ number, problem }) => number ?? problem?.code), ["记-2", "draft.unknown"]);
  const list = (await call(li, "GET", "/voucher-list?limit=1")).body as { rows: { number: string; preparedBy: string; reviewedBy: string; deliveries: unknown[] }[]; older: string };
  assert.deepEqual(list.rows.map(({ number, preparedBy, reviewedBy, deliveries }) => [number, preparedBy, reviewedBy, deliveries]), [["记-2", "chen", "li", []]]);
  const shown = (await call(li, "GET", `/vouchers/2026-03/${encodeURIComponent("记-2")}`)).body as { inWords: string; older: string; newer: null };
  assert.deepEqual([shown.inWords, shown.older, shown.newer], ["壹仟贰佰元整", "2026-03/记-1", null]);
  assert.equal(((await call(li, "GET", `/vouchers/2026-03/${encodeURIComponent("记-2")}/why`)).body as { isEqual: boolean }).isEqual, true);
  assert.deepEqual((await call(chen, "GET", "/standing?account=1002&dimension=bankAccount:BA1")).body, { balance: "1200.00", side: "credit" });
});

test("the selection is exported as CSV that no spreadsheet takes for formulas, and as a spreadsheet with the same lines", async () => {
  const csv = await call(li, "GET", `/voucher-list/export?format=csv&number=${encodeURIComponent("记-2")}`);
  const lines = csv.raw.toString("utf8").replace("\uFEFF", "").trim().split("\r\n");
  assert.deepEqual([lines.length, lines[0]?.startsWith("期间,凭证字号,日期"), lines[1]?.includes(",'=支付展会费,6601,"), lines[1]?.includes(",1200.00,,CNY,")], [3, true, true, true]);
  const xlsx = await call(li, "GET", `/voucher-list/export?format=xlsx&number=${encodeURIComponent("记-2")}`);
  const sheet = await unzipped(xlsx.raw, "xl/worksheets/sheet1.xml");
  assert.equal(sheet.match(/<row /g)?.length, 3);
  assert.match(sheet, /<c s="2"><v>1200\.00<\/v><\/c>/);
  assert.match(sheet, /<t xml:space="preserve">=支付展会费<\/t>/);
});

test("who may not see costs sees neither the amounts of a goods voucher nor its total, and finds nothing by amount", async () => {
  const list = (await call(noCost, "GET", "/voucher-list")).body as { rows: { number: string; debitTotal: string | null }[] };
  assert.deepEqual(list.rows.map(({ number, debitTotal }) => [number, debitTotal]), [["记-2", "1200.00"], ["记-1", null]]);
  const shown = (await call(noCost, "GET", `/vouchers/2026-03/${encodeURIComponent("记-1")}`)).body as { isHidden: boolean; debitTotal: null; lines: { debit: null; credit: null }[]; inWords: string };
  assert.deepEqual([shown.isHidden, shown.debitTotal, shown.inWords, shown.lines.every(({ debit, credit }) => debit === null && credit === null)], [true, null, "", true]);
  for (const path of ["/voucher-list?amount=600", `/vouchers/2026-03/${encodeURIComponent("记-1")}/why`, "/standing?account=1405", "/vouchers"]) assert.equal((await call(noCost, "GET", path)).status, 403, path);
  assert.ok(!(await call(noCost, "GET", "/voucher-list/export?format=csv")).raw.toString("utf8").includes("600.00"));
});

test("who sees only a part of the book sees no vouchers", async () => {
  for (const path of ["/voucher-list", "/vouchers", "/drafts", `/vouchers/2026-03/${encodeURIComponent("记-1")}`, "/voucher-list/export?format=csv"]) assert.equal((await call(scoped, "GET", path)).status, 403, path);
  assert.equal((await call(scoped, "POST", "/vouchers", entry("http-00009"))).status, 403);
});

const unzipped = (bytes: Buffer, name: string): Promise<string> => new Promise((resolve, reject) => {
  yauzl.fromBuffer(bytes, { lazyEntries: true }, (error, zip) => {
    if (error) return reject(error);
    zip.on("entry", (one: yauzl.Entry) => {
      if (one.fileName !== name) return zip.readEntry();
      zip.openReadStream(one, (failed, stream) => {
        if (failed) return reject(failed);
        const parts: Buffer[] = [];
        stream.on("data", (part: Buffer) => parts.push(part)).on("end", () => resolve(Buffer.concat(parts).toString("utf8"))).on("error", reject);
      });
    });
    zip.on("end", () => reject(new Error(`${name} is not there`)));
    zip.readEntry();
  });
});
