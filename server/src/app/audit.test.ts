import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { type Principal, principalOfAll } from "../access/index.ts";
import { listEntries, verifyAudit } from "../audit/index.ts";
import { createBook } from "../books/index.ts";
import { type Ctx, silentLog, systemClock } from "../platform/index.ts";
import { testStore } from "../platform/testing.ts";
import { commandActs, readingCommands } from "./audited-commands.ts";
import { commands } from "./commands/index.ts";
import { buildHttp } from "./http.ts";
import { registerAll } from "./registry.ts";
import { routeActs } from "./route-acts.ts";

registerAll();
const store = await testStore();
const dataDir = await mkdtemp(join(tmpdir(), "tieout-audited-"));
const ctx: Ctx = { db: store, actor: { id: "server" }, now: systemClock, log: silentLog, dataDir };
const all = principalOfAll("wang");
const wang: Principal = { ...all, kind: "user", name: "王倩" };
const as = (id: string, grant: Partial<Principal["grants"][number]>): Principal => ({ kind: "user", id, name: id, grants: [{ ...all.grants[0] as Principal["grants"][number], ...grant }] });
const server = await buildHttp(ctx, { principal: wang });
const clerk = await buildHttp(ctx, { principal: as("clerk", { duties: ["vouchers.read", "documents.read"] }) });
const auditor = await buildHttp(ctx, { principal: as("auditor", { duties: ["audit.read"], columns: [], book: "B1" }) });
after(async () => {
  for (const one of [server, clerk, auditor]) await one.close();
  await store.close();
  await rm(dataDir, { recursive: true });
});

type Server = typeof server;
const call = async (on: Server, method: "GET" | "POST" | "PUT" | "DELETE", url: string, payload?: object | string, headers: Record<string, string> = {}) =>
  on.inject({ method, url: encodeURI(url), headers: { host: "127.0.0.1:4380", ...headers }, ...(payload === undefined ? {} : { payload }) });
const newest = async () => (await listEntries(ctx, { limit: 1 }))[0];
const count = async (): Promise<bigint> => (await newest())?.entryNo ?? 0n;

await createBook(ctx, { code: "B1", pack: "cas-general", currency: "CNY", from: "2026-03" });
await createBook(ctx, { code: "B2", pack: "cas-general", currency: "CNY", from: "2026-03" });
const masters = [{ schema: "tieout/item@1", source: "wms", sourceId: "STEEL", category: "rawMaterial" }, { schema: "tieout/supplier@1", source: "wms", sourceId: "S01" }];
const receipt = (id: string) => ({ schema: "tieout/goodsReceipt@1", source: "wms", sourceId: id, date: "2026-03-05", supplier: "S01", warehouse: "W1", lines: [{ lineId: "1", item: "STEEL", quantity: "10", price: "20.00" }] });

test("posted documents leave their keys and counts, not their contents, whether answered at once or as a stream", async () => {
  assert.equal((await call(server, "POST", "/api/v1/books/B1/documents", [...masters, receipt("GR-1")])).statusCode, 200);
  const posted = await newest();
  assert.deepEqual([posted?.act, posted?.actor, posted?.actorName, posted?.actorKind, posted?.book, posted?.outcome, posted?.request], ["documents.posted", "wang", "王倩", "user", "B1", "done", "POST /api/v1/books/B1/documents"]);
  assert.deepEqual((posted?.after as { summary: { received: number; vouchers: number }; documents: string[] }).documents, ["wms:item/STEEL", "wms:supplier/S01", "wms:goodsReceipt/GR-1"]);
  assert.doesNotMatch(JSON.stringify(posted?.after), /20\.00/);
  const streamed = await call(server, "POST", "/api/v1/books/B1/documents", `${JSON.stringify(receipt("GR-2"))}\n`, { "content-type": "application/x-ndjson", accept: "application/x-ndjson" });
  assert.equal(streamed.statusCode, 200);
  for (let tries = 0; (await newest())?.entryNo === posted?.entryNo && tries < 100; tries++) await new Promise((resolve) => setTimeout(resolve, 10));
  const second = await newest();
  assert.deepEqual([second?.act, second?.outcome, (second?.after as { summary: { posted: number } }).summary.posted], ["documents.posted", "done", 1]);
});

test("a reversal shows who, what stood before, what came of it and why", async () => {
  const answer = await call(server, "POST", "/api/v1/books/B1/vouchers/2026-03/记-1/reverse", { date: "2026-03-10", reason: "收错供应商" });
  assert.equal(answer.statusCode, 200, answer.body);
  const entry = await newest();
  assert.deepEqual([entry?.zh, entry?.en, entry?.reason, entry?.outcome, entry?.objectKind, entry?.objectId], ["王倩 红冲了凭证 2026-03/记-1", "王倩 reversed voucher 2026-03/记-1", "收错供应商", "done", "voucher", "2026-03/记-1"]);
  const before = entry?.before as { date: string; lines: { account: string; debit: string }[] };
  assert.deepEqual([before.date, before.lines.map(({ account, debit }) => `${account} ${debit}`)], ["2026-03-05", ["1403 200.00", "2202.02 0.00"]]);
  assert.match(JSON.stringify(entry?.after), /reverse-2026-03/);
  assert.equal(entry?.address, "127.0.0.1");
});

test("a setting shows its value before and after, a period how it stood", async () => {
  await call(server, "PUT", "/api/v1/books/B1/settings/costing", { value: "fifo", reason: "董事会决议" });
  const setting = await newest();
  assert.deepEqual([setting?.zh, setting?.before, setting?.after, setting?.reason], ["王倩 更改了设置 costing", { value: "movingAverage" }, { value: "fifo" }, "董事会决议"]);
  await call(server, "POST", "/api/v1/books/B2/periods/2026-03/close");
  const closed = await newest();
  assert.deepEqual([closed?.act, closed?.before, closed?.outcome === "done" ? closed.after : closed?.code], ["period.closed", { state: "open" }, { period: "2026-03", state: "closed" }]);
  await call(server, "POST", "/api/v1/books/B2/periods/2026-03/reopen", { reason: "漏记运费" });
  const reopened = await newest();
  assert.deepEqual([reopened?.zh, reopened?.reason, (reopened?.before as { state: string; closedBy: string }).closedBy], ["王倩 反结账了期间 2026-03", "漏记运费", "wang"]);
});

test("what is refused is recorded with its code: by right, by form and by the verb; a fault with its number; what merely reads is not", async () => {
  const before = await count();
  assert.equal((await call(clerk, "POST", "/api/v1/books/B1/vouchers/2026-03/记-1/reverse", { date: "2026-03-10", reason: "x" })).statusCode, 403);
  const denied = await newest();
  assert.deepEqual([denied?.actor, denied?.outcome, denied?.code, denied?.zh], ["clerk", "refused", "access.denied", "clerk 想红冲凭证 2026-03/记-1 被拒(access.denied)"]);
  await call(server, "POST", "/api/v1/books/B1/vouchers/2026-03/记-1/reverse", { date: "2026-03-10" });
  assert.deepEqual(await newest().then((entry) => [entry?.outcome, entry?.code]), ["refused", "http.parameter"]);
  await call(server, "POST", "/api/v1/books/B1/vouchers/2026-03/记-99/reverse", { date: "2026-03-10", reason: "x" });
  assert.deepEqual(await newest().then((entry) => [entry?.outcome, entry?.code, entry?.before]), ["refused", "voucher.unknown", null]);
  assert.equal(await count(), before + 3n);
  await call(server, "GET", "/api/v1/books");
  await call(server, "POST", "/api/v1/books/B1/rules/lint", { text: "x" });
  await call(server, "POST", "/api/v1/nowhere", {});
  assert.equal(await count(), before + 3n);
  const broken = await buildHttp({ ...ctx, db: { ...store, query: () => Promise.reject(new Error("a wire is loose")), maybe: () => Promise.reject(new Error("a wire is loose")) } }, { principal: wang });
  const { error } = (await call(broken, "PUT", "/api/v1/books/B1/settings/costing", { value: "fifo" })).json() as { error: { code: string; en: string } };
  await broken.close();
  const failed = await newest();
  assert.deepEqual([error.code, failed?.outcome, failed?.zh.startsWith("王倩 更改设置 costing 时出错")], ["fault", "failed", true]);
  assert.ok(failed?.code && error.en.includes(failed.code));
});

test("a secret leaves its name and nothing of what it holds", async () => {
  await call(server, "PUT", "/api/v1/books/B1/secrets/WMS_TOKEN", { value: "hunter2-and-more" });
  const entry = await newest();
  assert.deepEqual([entry?.act, entry?.objectId, entry?.before, entry?.after], ["secret.set", "WMS_TOKEN", { setBy: null }, null]);
  const keyMade = await call(server, "POST", "/api/v1/keys", { name: "数据仓库", book: "B1", scopes: ["vouchers:read"], expiresAt: null });
  assert.equal(keyMade.statusCode, 201, keyMade.body);
  const { key, secret } = keyMade.json() as { key: string; secret: string };
  const made = await newest();
  assert.deepEqual([made?.zh, (made?.after as { key: string }).key], ["王倩 生成了访问密钥 数据仓库", key]);
  const everything = JSON.stringify(await store.query("select entry::text from audit.entry"));
  for (const word of ["hunter2", secret, secret.slice(-20)]) assert.ok(!everything.includes(word), word);
});

test("the trail is read with filters, exported as CSV that no spreadsheet computes and as NDJSON, and the export is itself recorded", async () => {
  await call(server, "PUT", "/api/v1/books/B1/settings/costing", { value: "movingAverage", reason: "=cmd|'/c calc'!A1" });
  const found = (await call(server, "GET", "/api/v1/audit?act=setting.changed&text=董事会&limit=5")).json() as { entryNo: string; zh: string; reason: string }[];
  assert.deepEqual(found.map(({ reason }) => reason), ["董事会决议"]);
  assert.equal((await call(server, "GET", "/api/v1/audit?from=yesterday")).statusCode, 422);
  const names = (await call(server, "GET", "/api/v1/audit/acts")).json() as { act: string; zh: string; en: string }[];
  assert.ok(names.some(({ act, zh, en }) => act === "voucher.reviewed" && zh === "审核凭证草稿" && en === "Review draft"));
  assert.ok(names.every(({ zh, en }) => /\p{Script=Han}/u.test(zh) && /^[^\p{Script=Han}]+$/u.test(en)), JSON.stringify(names.filter(({ zh, en }) => !/\p{Script=Han}/u.test(zh) || /\p{Script=Han}/u.test(en))));
  const csv = await call(server, "GET", "/api/v1/audit/export?format=csv&act=setting.changed&outcome=done");
  assert.equal(csv.headers["content-type"], "text/csv; charset=utf-8");
  const lines = csv.body.split("\r\n");
  assert.deepEqual([lines.length, lines[0]?.startsWith("\uFEFF编号 number,"), lines[1]?.includes("'=cmd|")], [4, true, true]);
  const ndjson = await call(server, "GET", "/api/v1/audit/export?format=ndjson&actor=clerk");
  assert.deepEqual(ndjson.body.trim().split("\n").map((line) => (JSON.parse(line) as { actor: string }).actor), ["clerk"]);
  for (let tries = 0; (await listEntries(ctx, { act: "audit.exported" })).length < 2 && tries < 100; tries++) await new Promise((resolve) => setTimeout(resolve, 10));
  const [, first] = await listEntries(ctx, { act: "audit.exported" });
  assert.deepEqual([first?.outcome, first?.objectId, first?.after], ["done", "csv", { format: "csv", act: "setting.changed", outcome: "done", entries: 2, isWhole: true }]);
  const verified = (await call(server, "GET", "/api/v1/audit/verify")).json() as { isWhole: boolean; entries: string };
  assert.deepEqual([verified.isWhole, verified.entries], [true, String(await count())]);
});

test("who may not read the trail is refused, who may read that of one book sees only that, and hidden columns stay hidden in it", async () => {
  for (const path of ["", "/export", "/verify", "/acts"]) assert.equal((await call(clerk, "GET", `/api/v1/audit${path}`)).statusCode, 403, path);
  const own = (await call(auditor, "GET", "/api/v1/audit?limit=1000")).json() as { book: string | null; act: string; before: { lines: { account: string; debit: string | null }[] } }[];
  assert.deepEqual([...new Set(own.map(({ book }) => book))], ["B1"]);
  assert.deepEqual((await call(auditor, "GET", "/api/v1/audit?book=B2")).json(), []);
  assert.deepEqual(own.find(({ act, before }) => act === "voucher.reversed" && before !== null)?.before.lines.map(({ debit }) => debit), [null, null]);
});

test("every request that changes something has a name in both languages, and every name of the table has a route", () => {
  assert.deepEqual([...server.actsOfRoutes].filter(([, { zh, en }]) => !/\p{Script=Han}/u.test(zh) || /\p{Script=Han}/u.test(en)), []);
  const missing = Object.keys(routeActs).filter((key) => {
    const [method, url] = key.split(" ") as ["GET", string];
    return !server.hasRoute({ method, url });
  });
  assert.deepEqual(missing, []);
});

test("every command says whether it changes something", () => {
  const said = new Set([...Object.keys(commandActs), ...readingCommands]);
  assert.deepEqual(commands.map(({ name }) => name).filter((name) => !said.has(name)), []);
  assert.deepEqual([...said].filter((name) => !commands.some((command) => command.name === name)), []);
});

test("after all of this the chain is whole and no intent is left", async () => {
  assert.deepEqual(await verifyAudit(ctx).then(({ isWhole, intents }) => [isWhole, intents]), [true, 0]);
});
