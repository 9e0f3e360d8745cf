import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Type } from "typebox";
import { createBook, loadBook } from "../../books/index.ts";
import { type AnyReceiver, FlowFault, type Message, type Row, takeLease, type WaysIn } from "../../connectors/index.ts";
import { type Ctx, silentLog, sleep, type Store, systemClock } from "../../platform/index.ts";
import { testStore } from "../../platform/testing.ts";
import { principalOfAll } from "../../access/index.ts";
import { buildHttp } from "../http.ts";
import { registerAll } from "../registry.ts";
import { openFlows } from "./flows.ts";
import { record, scriptedSource } from "./scripted-source.ts";

registerAll();
const store = await testStore();
const dataDir = await mkdtemp(join(tmpdir(), "tieout-receive-"));
let isDown = false;
const db: Store = { ...store, transaction: (work) => store.transaction(async (inner) => {
  const result = await work(inner);
  if (isDown) throw new Error("the disk is full");
  return result;
}) };
const ctx: Ctx = { db, actor: { id: "server" }, now: systemClock, log: silentLog, dataDir };
await createBook(ctx, { code: "B1", pack: "cas-general", currency: "CNY", from: "2026-03" });
const book = await loadBook(db, "B1");

/** Takes JSON arrays of documents; a call has an id in a header and a shared token. */
const receiver: AnyReceiver = {
  name: "push", zh: "推送", en: "push", config: Type.Object({ token: Type.String() }, { additionalProperties: false }), secrets: ["token"], check: async () => [],
  receive: async (config: never, { headers, body, path }) => {
    if (headers["x-token"] !== (config as { token: string }).token) throw new FlowFault("auth", { code: "http.origin", facts: { got: "?" } });
    const messages = (JSON.parse(body.toString("utf8")) as Row[]).map((row): Message => record(String(row.sourceId ?? row.key), row, { op: "c" }));
    return { messages, once: headers["x-id"] === undefined ? [] : [headers["x-id"]], reply: { status: 202, contentType: "application/json", body: JSON.stringify({ taken: messages.length, path }) } };
  },
};
const scripted = scriptedSource("batch");
const ways: WaysIn = { push: async () => receiver, scripted: async () => scripted.source };
const flows = openFlows(ctx, { ways, lookMs: 30 });
const server = await buildHttp(ctx, { principal: principalOfAll("api") });
after(async () => {
  await flows.close();
  await server.close();
  await store.close();
  await rm(dataDir, { recursive: true });
});

async function call(method: "GET" | "POST" | "PUT", url: string, payload?: string | object, headers: Record<string, string> = {}): Promise<{ status: number; body: never; text: string; headers: Record<string, unknown> }> {
  const answer = await server.inject({ method, url, headers: { host: "127.0.0.1:4380", ...headers }, ...(payload === undefined ? {} : { payload }) });
  return { status: answer.statusCode, text: answer.body, headers: answer.headers, get body() { return JSON.parse(answer.body) as never; } };
}
const codeOf = ({ body }: { body: never }): string => (body as { error: { code: string } }).error.code;
const push = (rows: readonly Row[], headers: Record<string, string> = {}) => call("POST", "/api/v1/books/B1/flows/push/receive/orders", JSON.stringify(rows), { "content-type": "application/json", "x-token": "sesame", ...headers });
const landed = async (): Promise<number> => Number((await db.one<{ n: bigint }>("select count(*) as n from connectors.inbox where flow = 'push'")).n);
const receipt = (id: string): Row => ({ schema: "tieout/goodsReceipt@1", source: "wms", sourceId: id, date: "2026-03-05", supplier: "S01", warehouse: "W1", lines: [{ lineId: "1", item: "STEEL", quantity: "10", price: "20.00" }] });

test("a flow is applied over the API once its secret is set, and the secret is sealed and never shown", async () => {
  const yaml = "flow: push\nbook: B1\nfrom: { connector: push, token: { secret: TOKEN } }\nlimits: { waiting: 100 }\n";
  assert.equal(codeOf(await call("POST", "/api/v1/books/B1/flows", { yaml: yaml.replace("{ secret: TOKEN }", "sesame") })), "flow.secret_plain");
  assert.equal(codeOf(await call("POST", "/api/v1/books/B1/flows", { yaml: yaml.replace("limits", "limit") })), "flow.unknown_field");
  assert.equal(codeOf(await call("POST", "/api/v1/books/B1/flows", { yaml: yaml.replace("connector: push,", "connector: pull,") })), "flow.connector");
  assert.deepEqual((await call("PUT", "/api/v1/books/B1/secrets/TOKEN", { value: "sesame" })).body, { done: true });
  const sealed = await db.one<{ sealed: Buffer }>("select sealed from connectors.secret");
  assert.equal(sealed.sealed.includes("sesame"), false);
  assert.deepEqual(Object.keys(((await call("GET", "/api/v1/books/B1/secrets")).body as object[])[0] ?? {}), ["name", "setBy", "setAt"]);
  assert.deepEqual((await call("POST", "/api/v1/books/B1/flows", { yaml })).body, { flow: "push", book: "B1", version: 1, isNew: true });
  assert.equal(((await call("POST", "/api/v1/books/B1/flows", { yaml })).body as { isNew: boolean }).isNew, false);
  assert.deepEqual(((await call("POST", "/api/v1/books/B1/flows/push/check")).body as { isFine: boolean }).isFine, true);
});

test("a call is answered only after what it brought is committed; when it cannot be kept, it is told to come again", async () => {
  assert.equal((await push([receipt("GR-1")], { "x-token": "guess" })).status, 403);
  isDown = true;
  const refused = await push([receipt("GR-1")]);
  isDown = false;
  assert.deepEqual([refused.status, refused.headers["retry-after"], await landed()], [503, "5", 0]);
  const taken = await push([receipt("GR-1")]);
  assert.deepEqual([taken.status, taken.body, await landed()], [202, { taken: 1, path: "/orders" }, 1]);
});

test("the same call again is answered as before and changes nothing", async () => {
  const first = await push([receipt("GR-2")], { "x-id": "call-1" });
  const again = await push([receipt("GR-3")], { "x-id": "call-1" });
  assert.deepEqual([first.status, again.status, await landed()], [202, 202, 2]);
});

test("calls at the same time are landed together, each with its own answer", async () => {
  const answers = await Promise.all(Array.from({ length: 40 }, (_, n) => push([{ key: `T-${n}`, n }], { "x-id": `together-${n % 39}` })));
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([202]));
  assert.equal(await landed(), 41);
});

test("what was received is processed at once by the process that took it", async () => {
  await call("POST", "/api/v1/books/B1/documents", [{ schema: "tieout/item@1", source: "wms", sourceId: "STEEL", category: "rawMaterial" }, { schema: "tieout/supplier@1", source: "wms", sourceId: "S01" }]);
  for (let waited = 0; waited < 3_000; waited += 20) {
    const [view] = (await call("GET", "/api/v1/books/B1/flows")).body as { counts: { posted: number; pending: number } }[];
    if (view?.counts.posted === 2 && view.counts.pending === 0) break;
    await sleep(20);
  }
  const [view] = (await call("GET", "/api/v1/books/B1/flows")).body as { state: string; counts: { received: number; posted: number; parked: number }; deadLetters: number }[];
  assert.deepEqual([view?.state, view?.counts.received, view?.counts.posted, view?.counts.parked, view?.deadLetters], ["running", 41, 2, 39, 39]);
});

test("dead letters are listed with what is wrong, and decided over the API", async () => {
  const letters = (await call("GET", "/api/v1/books/B1/dead-letters?flow=push")).body as { id: string; fingerprint: string; problems: { zh: string; todo: { en: string } }[] }[];
  assert.equal(letters.length, 39);
  assert.match(letters[0]?.problems[0]?.zh ?? "", /\p{Script=Han}/u);
  const shown = (await call("GET", `/api/v1/books/B1/dead-letters/${letters[0]?.id ?? ""}`)).body as { record: string };
  assert.match(JSON.parse(shown.record).key, /^T-\d+$/);
  const [first] = letters;
  assert.equal(codeOf(await call("POST", "/api/v1/books/B1/dead-letters/ignore", { flow: "push", fingerprint: first?.fingerprint, reason: "" })), "dead_letter.no_reason");
  assert.deepEqual((await call("POST", "/api/v1/books/B1/dead-letters/ignore", { flow: "push", fingerprint: first?.fingerprint, reason: "a test" })).body, { count: 39 });
});

test("too many records that wait are answered 429 with Retry-After, and none of it is taken", async () => {
  await call("POST", "/api/v1/books/B1/flows", { yaml: "flow: push\nbook: B1\nfrom: { connector: push, token: { secret: TOKEN } }\nlimits: { waiting: 3 }\n" });
  await flows.close();
  const elsewhere = await takeLease(store, book.bookId, "push"); // a process that has the flow and does nothing
  assert.ok(elsewhere);
  const idle = openFlows(ctx, { ways });
  const before = await landed();
  const statuses: number[] = [];
  for (const n of [1, 2, 3, 4]) {
    const answer = await push([{ key: `W-${n}` }]);
    statuses.push(answer.status);
    if (n === 4) assert.deepEqual([codeOf(answer), answer.headers["retry-after"]], ["flow.busy", "5"]);
  }
  assert.deepEqual([statuses, await landed()], [[202, 202, 202, 429], before + 3]);
  assert.deepEqual((await call("POST", "/api/v1/books/B1/flows/push/pause")).body, { done: true });
  assert.equal((await push([{ key: "W-5" }])).status, 503);
  await idle.close();
  await elsewhere.release();
});

test("the metrics say how the flows stand", async () => {
  const metrics = (await call("GET", "/metrics")).text;
  assert.match(metrics, /^tieout_flow_records_total\{book="B1",flow="push"\} \d+$/m);
  assert.match(metrics, /^# TYPE tieout_flow_lag_seconds gauge$/m);
});
