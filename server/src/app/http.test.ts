import assert from "node:assert/strict";
import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { createBook } from "../books/index.ts";
import { type Ctx, openLog, systemClock } from "../platform/index.ts";
import { testStore } from "../platform/testing.ts";
import { principalOfAll } from "../access/index.ts";
import { buildHttp, openHttp } from "./http.ts";
import { buildWeb } from "./web-files.ts";
import { registerAll } from "./registry.ts";

registerAll();
const store = await testStore();
const dataDir = await mkdtemp(join(tmpdir(), "tieout-http-"));
const logged: string[] = [];
const ctx: Ctx = { db: store, actor: { id: "server" }, now: systemClock, log: openLog({ level: "info", write: (line) => void logged.push(line) }), dataDir };
const server = await buildHttp(ctx, { principal: principalOfAll("api") });
after(async () => {
  await server.close();
  await store.close();
  await rm(dataDir, { recursive: true });
});

type Answer = { status: number; body: unknown; text: string; headers: Record<string, unknown> };
async function call(method: "GET" | "POST" | "PUT", url: string, payload?: string | object, headers: Record<string, string> = {}): Promise<Answer> {
  const answer = await server.inject({ method, url: encodeURI(url), headers: { host: "127.0.0.1:4380", ...headers }, ...(payload === undefined ? {} : { payload }) });
  return { status: answer.statusCode, text: answer.body, headers: answer.headers, get body() { return JSON.parse(answer.body) as unknown; } };
}
const codeOf = ({ body }: Answer): string => {
  const { error } = body as { error: { code: string; zh: string; en: string; where: string | null; todo: { zh: string; en: string } } };
  for (const text of [error.zh, error.todo.zh]) assert.match(text, /\p{Script=Han}/u);
  for (const text of [error.en, error.todo.en]) assert.match(text, /[a-z]/);
  assert.doesNotMatch(JSON.stringify(error), /\bat .+\.ts:|node_modules|[{}]\w+[{}]/);
  return error.code;
};

await createBook(ctx, { code: "B1", pack: "cas-general", currency: "CNY", from: "2026-03" });
const item = { schema: "tieout/item@1", source: "wms", sourceId: "STEEL", category: "rawMaterial" };
const supplier = { schema: "tieout/supplier@1", source: "wms", sourceId: "S01" };
const receipt = (id: string) => ({ schema: "tieout/goodsReceipt@1", source: "wms", sourceId: id, date: "2026-03-05", supplier: "S01", warehouse: "W1", lines: [{ lineId: "1", item: "STEEL", quantity: "10", price: "20.00" }] });
type Posted = { summary: Record<string, number>; results: { row: number; document: string; state: string; vouchers: string[]; reasons: { code: string }[] }[] };

test("a book is created, shown and listed; the second of a code is refused", async () => {
  const made = await call("POST", "/api/v1/books", { code: "B2", pack: "cas-small", from: "2026-01" });
  assert.equal(made.status, 201);
  assert.deepEqual([(made.body as { currency: string }).currency, (made.body as { settings: { advanceTax: string } }).settings.advanceTax], ["CNY", "gross"]);
  const again = await call("POST", "/api/v1/books", { code: "B2", pack: "cas-small", from: "2026-01" });
  assert.deepEqual([again.status, codeOf(again)], [409, "book.exists"]);
  assert.deepEqual(((await call("GET", "/api/v1/books")).body as { code: string }[]).map(({ code }) => code), ["B1", "B2"]);
  const shown = (await call("GET", "/api/v1/books/B2")).body as { periods: { period: string }[]; accounts: number; acts: { what: string; by: string }[] };
  assert.deepEqual([shown.periods.length, shown.acts[0]?.what, shown.acts[0]?.by], [24, "book.created", "api"]);
  const changed = await call("PUT", "/api/v1/books/B2/settings/costing", { value: "fifo", reason: "because" });
  assert.equal((changed.body as { settings: { costing: string } }).settings.costing, "fifo");
  assert.equal(((await call("GET", "/api/v1/books/B2")).body as { acts: { by: string }[] }).acts.at(-1)?.by, "api");
});

test("one document, an array and a stream of NDJSON are posted by the same address", async () => {
  const one = await call("POST", "/api/v1/books/B1/documents", item);
  assert.deepEqual([one.status, (one.body as Posted).summary.posted], [200, 1]);
  const array = await call("POST", "/api/v1/books/B1/documents", [supplier, receipt("GR-1")]);
  assert.deepEqual((array.body as Posted).results.map(({ row, document, state, vouchers }) => [row, document, state, vouchers.join()]), [[1, "wms:supplier/S01", "posted", ""], [2, "wms:goodsReceipt/GR-1", "posted", "记-1"]]);
  const lines = [receipt("GR-2"), receipt("GR-1")].map((document) => JSON.stringify(document));
  const stream = await call("POST", "/api/v1/books/B1/documents", [lines[0], "{broken", lines[1]].join("\n"), { "content-type": "application/x-ndjson", accept: "application/x-ndjson" });
  assert.match(String(stream.headers["content-type"]), /^application\/x-ndjson/);
  const answers = stream.text.trim().split("\n").map((line) => JSON.parse(line) as Posted["results"][number] & Posted);
  assert.deepEqual(answers.slice(0, -1).map(({ row, state }) => [row, state]), [[1, "posted"], [2, "refused"], [3, "duplicate"]]);
  assert.deepEqual([answers.at(-1)?.summary.received, answers.at(-1)?.summary.vouchers], [3, 1]);
});

test("a dry run answers what would happen and keeps nothing", async () => {
  const tried = await call("POST", "/api/v1/books/B1/documents?dryRun=true", receipt("GR-9"));
  assert.deepEqual((tried.body as Posted).results[0]?.state, "posted");
  assert.equal(((await call("GET", "/api/v1/books/B1/documents?kind=goodsReceipt")).body as unknown[]).length, 2);
});

test("what is wrong with each document is told for each, and a request of nothing but refusals is an error", async () => {
  const mixed = await call("POST", "/api/v1/books/B1/documents", [{ ...receipt("GR-8"), lines: [{ lineId: "1", item: "STEEL", quantity: 10 }] }, receipt("GR-7")]);
  assert.deepEqual([mixed.status, (mixed.body as Posted).results.map(({ state, reasons }) => [state, reasons[0]?.code])], [200, [["refused", "field.number"], ["posted", undefined]]]);
  const bad = await call("POST", "/api/v1/books/B1/documents", '{"schema": ', { "content-type": "application/json" });
  assert.deepEqual([bad.status, codeOf(bad)], [422, "document.not_json"]);
  const problems = await call("POST", "/api/v1/books/B1/documents?results=problems", [receipt("GR-6"), { schema: "tieout/unknown@1" }]);
  assert.deepEqual((problems.body as Posted).results.map(({ state }) => state), ["refused"]);
  assert.equal(((await call("GET", "/api/v1/books/B1/documents/refused")).body as unknown[]).length >= 3, true);
});

test("every mistake of a caller is answered in one shape, and never with a stack", async () => {
  const cases: [string, Promise<Answer>, number][] = [
    ["book.unknown", call("GET", "/api/v1/books/NO"), 404], ["book.unknown", call("POST", "/api/v1/books/NO/documents", item), 404],
    ["http.not_found", call("GET", "/api/v1/nothing"), 404], ["http.parameter", call("GET", "/api/v1/books/B1/vouchers?limit=0"), 422], ["http.parameter", call("GET", "/api/v1/books/B1/vouchers?colour=red"), 422],
    ["http.parameter", call("POST", "/api/v1/books", { code: "X" }), 422], ["http.body", call("POST", "/api/v1/books", "{", { "content-type": "application/json" }), 400], ["http.body", call("POST", "/api/v1/books/B1/documents", "", { "content-type": "application/json" }), 400],
    ["http.media_type", call("POST", "/api/v1/books/B1/documents", "x", { "content-type": "text/plain" }), 415], ["period.malformed", call("GET", "/api/v1/books/B1/balances?period=2026-13"), 422],
    ["reference.unknown", call("GET", "/api/v1/books/B1/trace?of=wms:goodsReceipt/NONE"), 404], ["statement.unknown", call("GET", "/api/v1/books/B1/statements/none"), 404], ["schema.kind_unknown", call("GET", "/api/schemas/none"), 404],
    ["draft.unknown", call("POST", "/api/v1/books/B1/drafts/99/review"), 404], ["http.origin", call("GET", "/api/v1/books", undefined, { origin: "http://evil.example" }), 403], ["http.origin", call("GET", "/api/v1/books", undefined, { host: "evil.example" }), 403],
  ];
  for (const [code, answer, status] of cases) assert.deepEqual([codeOf(await answer), (await answer).status], [code, status]);
});

test("a fault is answered with a number that the log explains", async () => {
  const broken = await buildHttp({ ...ctx, db: { ...store, query: () => Promise.reject(new Error("a secret detail")) } }, { principal: principalOfAll("api") });
  const answer = await broken.inject({ method: "GET", url: "/api/v1/books", headers: { host: "localhost" } });
  await broken.close();
  assert.equal(answer.statusCode, 500);
  const { error } = JSON.parse(answer.body) as { error: { code: string; en: string } };
  assert.equal(error.code, "fault");
  assert.doesNotMatch(answer.body, /secret|stack/);
  const number = /number (\w+)/.exec(error.en)?.[1] ?? "?";
  assert.ok(logged.some((line) => line.includes(number) && line.includes("a secret detail")));
});

test("every report answers over HTTP", async () => {
  const paths = ["vouchers?period=2026-03", "balances?period=2026-03&by=tree", "balances?dimension=counterparty:S01", "ledger/2202?period=2026-03", "ledger/2202.02/lines", "statements/balance-sheet?period=2026-03", "statements/income", "statements/cash-flow", "open-items?side=payable&at=2026-04-01",
    "estimates", "stock?at=2026-03-31", "stock/STEEL", "drafts", "accounts", "periods", "rules", "rules/1", "rules/1/replay", "trace?of=goodsReceipt/GR-1", "completeness", "verify", "documents/one?of=wms:goodsReceipt/GR-1", "vouchers/2026-03/记-1/why"];
  for (const path of paths) {
    const { status, text } = await call("GET", `/api/v1/books/B1/${path}`);
    assert.equal(status, 200, `${path}: ${text}`);
    assert.notEqual(text, "{}", path);
  }
  const [voucher] = (await call("GET", "/api/v1/books/B1/vouchers?number=记-1&period=2026-03")).body as { lines: { account: string; debit: string; dimensions: object }[]; sources: object[] }[];
  assert.deepEqual([voucher?.lines[0]?.account, voucher?.lines[0]?.debit, voucher?.lines[0]?.dimensions], ["1403", "200.00", { item: "STEEL", warehouse: "W1" }]);
  assert.deepEqual(voucher?.sources, [{ document: "wms:goodsReceipt/GR-1", lineId: "1", quantity: "10", amount: "200.00" }]);
  const lines = await call("GET", "/api/v1/books/B1/vouchers", undefined, { accept: "application/x-ndjson" });
  assert.equal(lines.text.trim().split("\n").length, 4);
  const verified = (await call("GET", "/api/v1/books/B1/verify")).body as { isWhole: boolean; checks: { zh: string }[]; findings: unknown[] };
  assert.deepEqual([verified.isWhole, verified.findings], [true, []]);
});

test("a period is closed, refuses, and is reopened with a reason", async () => {
  const task = await call("POST", "/api/v1/books/B1/periods/2026-03/run/profit-and-loss");
  assert.equal(task.status, 200, task.text);
  assert.deepEqual((await call("POST", "/api/v1/books/B1/periods/2026-03/close")).body, { period: "2026-03", state: "closed" });
  const early = await call("POST", "/api/v1/books/B1/periods/2026-05/close");
  assert.equal(codeOf(early), "close.order");
  assert.equal(codeOf(await call("POST", "/api/v1/books/B1/periods/2026-03/reopen", { reason: " " })), "reopen.reason");
  assert.deepEqual((await call("POST", "/api/v1/books/B1/periods/2026-03/reopen", { reason: "late invoice" })).body, { period: "2026-03", state: "open" });
});

test("the description is OpenAPI 3.1, covers every route, and its page needs no network", async () => {
  const description = (await call("GET", "/api/openapi.json")).body as { openapi: string; paths: Record<string, Record<string, { summary?: string; responses: object }>> };
  assert.match(description.openapi, /^3\.1/);
  const operations = Object.values(description.paths).flatMap((path) => Object.values(path));
  assert.ok(operations.length > 35);
  assert.deepEqual(operations.filter(({ summary }) => !/\p{Script=Han}.*[A-Za-z]|balance-sheet/u.test(summary ?? "")), []);
  const page = await call("GET", "/api/docs/");
  const addresses = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] as string);
  assert.ok(addresses.length > 3);
  for (const address of addresses) {
    assert.doesNotMatch(address, /^(?:https?:)?\/\//);
    assert.equal((await call("GET", new URL(address, "http://x/api/docs/").pathname)).status, 200, address);
  }
});

test("schemas of every kind are published", async () => {
  const kinds = (await call("GET", "/api/schemas")).body as { kind: string; href: string }[];
  assert.ok(kinds.length > 45);
  for (const { href } of kinds) assert.match(String(((await call("GET", href)).body as { $schema: string }).$schema), /2020-12/);
});

test("the pages of the web app are one file with no script in it, whatever the address; its files are named for their content and kept", async () => {
  await buildWeb(ctx.log);
  for (const path of ["/", "/signin", "/b/B1/vouchers/2026-01/x"]) {
    const page = await call("GET", path);
    assert.deepEqual([page.status, page.headers["cache-control"]], [200, "no-cache"], path);
    assert.doesNotMatch(page.text, /<script(?![^>]*\bsrc=)|style=/);
  }
  const script = /src="(\/assets\/[^"]+\.js)"/.exec((await call("GET", "/")).text)?.[1] ?? "";
  const file = await call("GET", script, undefined, { "accept-encoding": "br" });
  assert.deepEqual([file.status, file.headers["content-encoding"], file.headers["cache-control"]], [200, "br", "public, max-age=31536000, immutable"]);
  assert.equal((await call("GET", "/assets/../package.json")).status, 404);
});

test("health says whether the process lives and whether it can work", async () => {
  assert.deepEqual([(await call("GET", "/health/live")).body, (await call("GET", "/health/ready")).body], [{ live: true }, { ready: true }]);
});

test("a hundred megabytes of NDJSON stream through a real connection with flat memory; an array that big is refused", async () => {
  const real = await openHttp(ctx, { host: "127.0.0.1", port: 0, principal: principalOfAll("api") });
  after(() => real.close());
  const { port } = new URL(real.url);
  // Duplicates: the posting path reads and compares each, and keeps nothing of it.
  const big = { ...receipt("GR-BIG"), extra: { note: "x".repeat(3000) } };
  await call("POST", "/api/v1/books/B1/documents", big);
  const line = Buffer.from(`${JSON.stringify(big)}\n`);
  const chunk = Buffer.concat(Array.from({ length: 60 }, () => line));
  const send = async (type: string, first: string, size: number): Promise<{ status: number; body: string }> => {
    const request = httpRequest({ host: "127.0.0.1", port, method: "POST", path: "/api/v1/books/B1/documents?results=none", headers: { "content-type": type } });
    const answered = once(request, "response");
    answered.catch(() => {});
    let isOver = false;
    request.on("response", () => (isOver = true)).on("error", () => (isOver = true));
    request.write(first);
    for (let sent = 0; sent < size && !isOver; sent += chunk.length) if (!request.write(chunk)) await Promise.race([once(request, "drain"), answered]).catch(() => {});
    request.end();
    const [response] = (await answered) as [NodeJS.ReadableStream & { statusCode: number }];
    let body = "";
    for await (const part of response) body += String(part);
    return { status: response.statusCode, body };
  };
  const before = process.memoryUsage().rss;
  let peak = 0;
  const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss - before)), 100);
  const streamed = await send("application/x-ndjson", "", 100 * 1024 * 1024);
  clearInterval(watch);
  const { summary } = JSON.parse(streamed.body) as Posted;
  assert.ok((summary.duplicate ?? 0) > 30_000);
  assert.ok(peak < 500 * 1024 * 1024, `${peak} bytes`);
  // A sender that goes on writing may find the connection closed before it reads why.
  const array = await send("application/json", "[", 40 * 1024 * 1024).catch((error: NodeJS.ErrnoException) => error);
  if (array instanceof Error) assert.ok(["EPIPE", "ECONNRESET"].includes(array.code ?? ""), String(array));
  else assert.deepEqual([array.status, (JSON.parse(array.body) as { error: { code: string } }).error.code], [413, "http.too_large"]);
});
