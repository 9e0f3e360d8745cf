import assert from "node:assert/strict";
import { after, test } from "node:test";
import { createBook } from "../../books/index.ts";
import { type Ctx, silentLog, sleep, systemClock } from "../../platform/index.ts";
import { testStore } from "../../platform/testing.ts";
import { type Principal, principalOfAll } from "../../access/index.ts";
import { postDocuments } from "../../vouchers/index.ts";
import { buildHttp, type Http } from "../http.ts";
import { registerAll } from "../registry.ts";

registerAll();
const store = await testStore();
const ctx: Ctx = { db: store, actor: { id: "server" }, now: systemClock, log: silentLog };
const without = (id: string, columns: Principal["grants"][number]["columns"]): Principal => { const all = principalOfAll(id); return { ...all, grants: all.grants.map((grant) => ({ ...grant, columns })) }; };
const servers = new Map<string, Http>([["chen", await buildHttp(ctx, { principal: principalOfAll("chen") })], ["li", await buildHttp(ctx, { principal: principalOfAll("li") })], ["clerk", await buildHttp(ctx, { principal: without("clerk", ["bank"]) })]]);
after(async () => {
  for (const server of servers.values()) await server.close();
  await store.close();
});
async function call<T>(who: string, method: "GET" | "POST" | "DELETE", url: string, payload?: object): Promise<{ status: number; body: T; code: string }> {
  const answer = await (servers.get(who) as Http).inject({ method, url: encodeURI(`/api/v1/books/B1${url}`), headers: { host: "127.0.0.1:4380" }, ...(payload === undefined ? {} : { payload }) });
  const body = JSON.parse(answer.body) as T;
  return { status: answer.statusCode, body, code: (body as { error?: { code: string } }).error?.code ?? "" };
}

await createBook(ctx, { code: "B1", pack: "cas-general", currency: "CNY", from: "2026-03" });
const receipt = (id: string, date: string, item: string) => ({ schema: "tieout/goodsReceipt@1", source: "wms", sourceId: id, date, supplier: "S01", lines: [{ lineId: "1", item, quantity: "10", price: "20.00" }] });
await postDocuments(ctx, "B1", [
  { schema: "tieout/item@1", source: "wms", sourceId: "STEEL", category: "rawMaterial" }, { schema: "tieout/item@1", source: "wms", sourceId: "PUMP", category: "merchandise" }, { schema: "tieout/supplier@1", source: "wms", sourceId: "S01" },
  receipt("GR-1", "2026-03-05", "STEEL"), receipt("GR-2", "2026-04-02", "PUMP"), receipt("GR-3", "2026-04-03", "STEEL"),
]);

type View = { text: string; against: number; problems: { code: string; where: string }[]; changes: { added: number; changed: number; removed: number }; rules: { id: string; mark: string }[]; tables: { name: string; rows: { mark: string; account: { code: string; zh: string } | null }[] }[] };
type Job = { replay: string; state: string; evaluated: number; total: number; listed: number; result: { documents: number; changed: number; differences: { period: string; account: string; difference: string }[]; touched: Record<string, number>; compared: number; comparedDifferent: number; problems: Record<string, number>; hidden: number } | null };
const edit = async (who: string, text: string, change: object) => call<View>(who, "POST", "/rules/edit", { text, change });
const current = (await call<View>("chen", "POST", "/rules/view", {})).body;
const changed = (await edit("chen", current.text, { act: "table.row.set", table: "stock", row: 0, account: "1402" })).body;
const finished = async (who: string, body: object): Promise<Job> => {
  let { body: job } = await call<Job>(who, "POST", "/rules/replays", body);
  for (let turn = 0; turn < 200 && (job.state === "waiting" || job.state === "running"); turn++) {
    await sleep(20);
    job = (await call<Job>(who, "GET", `/rules/replays/${job.replay}`)).body;
  }
  return job;
};

test("the rules in force are shown in words, without a mark", () => {
  assert.deepEqual([current.against, current.problems, current.changes], [1, [], { added: 0, changed: 0, removed: 0 }]);
  assert.deepEqual(current.tables.find(({ name }) => name === "stock")?.rows.map(({ account }) => account?.zh), ["原材料", "周转材料", "发出商品", "库存商品"]);
});

test("a change is shown with its mark and kept nowhere; a wrong one names its place", async () => {
  assert.deepEqual([changed.changes, changed.problems], [{ added: 0, changed: 1, removed: 0 }, []]);
  assert.equal((await call<unknown[]>("chen", "GET", "/rules")).body.length, 1);
  const wrong = (await edit("chen", changed.text, { act: "table.row.set", table: "stock", row: 0, account: "9999" })).body;
  assert.deepEqual(wrong.problems.map(({ code, where }) => [code, where]), [["rule.account_unknown", "tables.stock[1]"]]);
  assert.equal((await edit("chen", changed.text, { act: "table.row.set", table: "nothing", row: 0, account: "1402" })).code, "rule.place_unknown");
  assert.equal((await edit("chen", changed.text, { act: "table.row.eat", table: "stock", row: 0 })).status, 422);
});

test("one document tried shows both vouchers, the row that hit and those that did not", async () => {
  type Tried = { events: { isSame: boolean; before: { rule: string; version: number }; after: { rule: string; entries: { account: string; choice: number; passed: { actual: { zh: string } }[] }[]; considered: { rule: string; holds: boolean; chosen: boolean; actual: { zh: string } | null }[] }; lines: { account: string; before: string | null; after: string | null; difference: string }[] }[] };
  const steel = (await call<Tried>("chen", "POST", "/rules/try", { text: changed.text, of: "wms:goodsReceipt/GR-1" })).body.events[0];
  assert.deepEqual(steel?.lines.map(({ account, before, after: now, difference }) => [account, before, now, difference]), [["1403", "200.00", null, "-200.00"], ["1402", null, "200.00", "200.00"], ["2202.02", "200.00", "200.00", "0.00"]]);
  assert.deepEqual([steel?.isSame, steel?.before.rule, steel?.after.entries[0]?.choice], [false, "P3", 1]);
  assert.deepEqual(steel?.after.considered.map(({ rule, holds, chosen }) => [rule, holds, chosen]), [["P3m", false, false], ["P3", true, true]]);
  assert.equal(steel?.after.considered[0]?.actual?.zh, "暂估方式：单到回冲");
  const pump = (await call<Tried>("chen", "POST", "/rules/try", { text: changed.text, of: "goodsReceipt/GR-2" })).body.events[0];
  assert.deepEqual([pump?.isSame, pump?.after.entries[0]?.choice, pump?.after.entries[0]?.passed[0]?.actual.zh], [true, 4, "物料类别：库存商品"]);
  assert.equal((await call("chen", "POST", "/rules/try", { of: "goodsReceipt/NONE" })).code, "reference.unknown");
});

test("a draft is replayed in the background over a period, with every changed document and both ways of running compared", async () => {
  const job = await finished("chen", { text: changed.text });
  assert.deepEqual([job.state, job.result?.documents, job.result?.changed, job.listed, job.evaluated], ["done", 3, 2, 2, 3]);
  assert.deepEqual([job.result?.touched, job.result?.comparedDifferent, job.result?.compared, job.result?.problems], [{ 1402: 2, 1403: 2 }, 0, 3, {}]);
  assert.deepEqual((await finished("chen", { text: changed.text, from: "2026-04", to: "2026-04" })).result?.differences.map(({ period, account, difference }) => [period, account, difference]), [["2026-04", "1402", "200.00"], ["2026-04", "1403", "-200.00"]]);
  const changes = (await call<{ document: string; moved: string; accounts: string[]; cursor: string }[]>("chen", "GET", `/rules/replays/${job.replay}/changes?account=1402&limit=1`)).body;
  assert.deepEqual(changes.map(({ moved, accounts }) => [moved, accounts]), [["200.00", ["1402", "1403"]]]);
  assert.equal((await call<unknown[]>("chen", "GET", `/rules/replays/${job.replay}/changes?after=${changes[0]?.cursor}`)).body.length, 1);
  assert.equal((await call<Job>("chen", "POST", "/rules/replays", { text: changed.text })).body.replay, job.replay, "asked again it is the same");
  assert.equal((await call("chen", "GET", "/rules/replays/0123")).code, "rule.replay_unknown");
});

test("vouchers that rules would leave off balance or without an account are named by the replay", async () => {
  const off = (await edit("chen", current.text, { act: "entry.remove", rule: "P3", entry: 2 })).body;
  assert.deepEqual((await finished("chen", { text: off.text })).result?.problems, { "rule.unbalanced": 3 });
});

test("whoever may not see costs sees that documents change, and no amount", async () => {
  const job = await finished("clerk", { text: changed.text });
  assert.deepEqual([job.result?.changed, job.result?.hidden, job.result?.differences, job.result?.touched], [2, 2, [], {}]);
  assert.deepEqual((await call<{ moved: string; accounts: string[] }[]>("clerk", "GET", `/rules/replays/${job.replay}/changes`)).body.map(({ moved, accounts }) => [moved, accounts]), [["", []], ["", []]]);
  assert.equal((await call("clerk", "POST", "/rules/try", { of: "goodsReceipt/GR-1" })).code, "access.denied");
  const chen = await finished("chen", { text: changed.text });
  assert.equal((await call("clerk", "GET", `/rules/replays/${chen.replay}`)).code, "rule.replay_unknown");
});

test("a proposal is approved by another, rejected with a reason, or taken back by its author, and is then decided", async () => {
  const propose = async (): Promise<number> => (await call<{ version: number }>("chen", "POST", "/rules", { text: changed.text, effectiveOn: "2027-01-01", note: "在途" })).body.version;
  const [first, second, third] = [await propose(), await propose(), await propose()];
  assert.equal((await call("chen", "POST", `/rules/${first}/approve`)).code, "rule.author_approves");
  assert.equal((await call("li", "POST", `/rules/${first}/reject`, { reason: " " })).code, "rule.reason_missing");
  assert.equal((await call<{ rejectedReason: string }>("li", "POST", `/rules/${first}/reject`, { reason: "生效日太早" })).body.rejectedReason, "生效日太早");
  assert.equal((await call("li", "POST", `/rules/${first}/approve`)).code, "rule.rejected_before");
  assert.equal((await call("li", "POST", `/rules/${first}/reject`, { reason: "x" })).code, "rule.rejected_before");
  assert.equal((await call("chen", "POST", `/rules/${second}/reject`, { reason: "撤回" })).status, 200);
  assert.equal((await call("li", "POST", `/rules/${third}/approve`)).status, 200);
  assert.equal((await call("li", "POST", `/rules/${third}/reject`, { reason: "x" })).code, "rule.approved_before");
  assert.deepEqual((await call<{ version: number; state: string }[]>("li", "GET", "/rules")).body.map(({ version, state }) => [version, state]), [[1, "inForce"], [first, "rejected"], [second, "rejected"], [third, "coming"]]);
});
