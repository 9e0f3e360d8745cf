import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { applyFlow } from "../../app/flows/apply.ts";
import { receiveCall } from "../../app/flows/receive.ts";
import { registerAll } from "../../app/registry.ts";
import { createBook, loadBook } from "../../books/index.ts";
import { type Ctx, Refusal, silentLog, sleep, statusOf, systemClock } from "../../platform/index.ts";
import { testStore } from "../../platform/testing.ts";
import { setSecret } from "../index.ts";

registerAll();
const db = await testStore();
const dataDir = await mkdtemp(join(tmpdir(), "tieout-webhook-"));
let ctx: Ctx = { db, actor: { id: "chen" }, now: systemClock, log: silentLog, dataDir };
await createBook(ctx, { code: "B1", pack: "cas-general", currency: "CNY", from: "2026-03" });
const book = await loadBook(db, "B1");
await setSecret(ctx, book.bookId, "HOOK", "the-secret");
await applyFlow(ctx, { yaml: `flow: hook
book: B1
from:
  connector: webhook
  signature: github
  secrets: [{ secret: HOOK }]
  stream: orders
  key: [id]
` });

const server = createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on("data", (part: Buffer) => parts.push(part));
  request.on("end", () => {
    receiveCall(ctx, book, "hook", { method: request.method ?? "", path: "/in", query: {}, headers: request.headers as Record<string, string>, body: Buffer.concat(parts) })
      .catch((error: unknown) => ({ status: error instanceof Refusal ? statusOf(error.code) : 500, contentType: "text/plain", body: "", headers: {} }))
      .then((reply) => {
        response.writeHead(reply.status, { "content-type": reply.contentType, ...reply.headers });
        response.end(reply.body);
      }, () => response.destroy());
  });
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
after(async () => {
  server.closeAllConnections();
  server.close();
  await db.close();
  await rm(dataDir, { recursive: true });
});

const send = (id: number, delivery: string, secret = "the-secret"): Promise<Response> => {
  const body = JSON.stringify({ id });
  return fetch(url, { method: "POST", body, headers: { "content-type": "application/json", "x-github-delivery": delivery, "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}` } });
};
const kept = async (): Promise<string[]> => (await db.query<{ key: string }>("select key from connectors.inbox where flow = 'hook' order by seq")).map(({ key }) => key);

test("a webhook is answered only after it is kept", async () => {
  let isAnswered = false;
  let waiting: Promise<Response> | undefined;
  await db.owner.transaction(async (other) => {
    await other.query("lock table connectors.inbox in exclusive mode");
    waiting = send(1, "d-1").finally(() => (isAnswered = true));
    await sleep(400);
    assert.equal(isAnswered, false, "it was answered while its record could not be written");
  });
  assert.equal((await waiting)?.status, 202);
  assert.deepEqual(await kept(), ["1"]);
});

test("a webhook that could not be kept is told to come again, and is then taken once", async () => {
  const good = ctx;
  ctx = { ...good, db: { ...db, transaction: (work) => db.transaction(async (inner) => (await work(inner), assert.fail("the database went away before the commit"))) } };
  const failed = await send(2, "d-2");
  assert.deepEqual([failed.status, failed.headers.has("retry-after"), await kept()], [503, true, ["1"]]);
  ctx = good;
  assert.equal((await send(2, "d-2")).status, 202);
  // Its answer was lost on the way, so that it comes again.
  assert.equal((await send(2, "d-2")).status, 202);
  assert.deepEqual(await kept(), ["1", "2"]);
});

test("a webhook with a wrong signature leaves nothing behind, not even its delivery id", async () => {
  assert.equal((await send(3, "d-3", "another-secret")).status, 401);
  assert.equal((await send(3, "d-3")).status, 202);
  assert.deepEqual(await kept(), ["1", "2", "3"]);
});
