import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import iconv from "iconv-lite";
import { registerRefusals, silentLog, systemClock } from "../../platform/index.ts";
import type { Inbound } from "../connector.ts";
import { fileRefusals } from "./refusals.ts";
import { type UploadConfig, uploadReceiver } from "./upload.ts";

registerRefusals([fileRefusals]);
const ctx = { now: systemClock, log: silentLog };
const config: UploadConfig = { token: "a-token-of-some-length", streams: { orders: { pattern: "orders*.csv", format: "csv", key: ["no"] }, invoices: { pattern: "*.xml", format: "einvoice" } } };
const send = (body: Buffer, more: Partial<Inbound> = {}) =>
  uploadReceiver.receive(config, { method: "POST", path: "/", query: {}, body, ...more, headers: { authorization: `Bearer ${config.token}`, ...more.headers } }, ctx);
const answer = (received: Awaited<ReturnType<typeof send>>): unknown => [received.reply.status, received.messages.length, (JSON.parse(received.reply.body) as { problems: readonly { code: string }[] }).problems.map(({ code }) => code)];

test("an uploaded file is read by its name, its stream or its content type, and is known again by its content", async () => {
  const csv = iconv.encode("no,名\n1,一\n2\n3,三\n", "gbk");
  const named = await send(csv, { query: { name: "C:\\export\\orders-1.csv" } });
  assert.deepEqual(answer(named), [200, 3, ["file.columns"]]);
  assert.deepEqual(named.messages.map(({ is }) => is), ["record", "bad", "record"]);
  assert.deepEqual((await send(csv, { query: { stream: "orders" } })).once, named.once);
  const xml = await send(await readFile(new URL("fixtures/einvoice-red.xml", import.meta.url)), { headers: { "content-type": "application/xml; charset=utf-8" } });
  assert.deepEqual(xml.messages.map((message) => message.is === "record" && message.stream), ["invoices"]);
});

test("an upload whose structure is broken is refused as a whole, and so is one without token, content or stream", async () => {
  assert.deepEqual(answer(await send(Buffer.from("no,x\n1,2\n3"), { query: { stream: "orders" } })), [422, 0, ["file.unfinished"]]);
  assert.deepEqual(answer(await send(Buffer.from("x"), { headers: { authorization: "Bearer wrong" } })), [401, 0, ["upload.token"]]);
  assert.deepEqual(answer(await send(Buffer.alloc(0))), [400, 0, ["upload.empty"]]);
  assert.deepEqual(answer(await send(Buffer.from("x"), { query: { name: "notes.txt" } })), [422, 0, ["file.unknown_stream"]]);
  assert.deepEqual(answer(await send(Buffer.from("x"), { query: { stream: "__proto__" } })), [422, 0, ["file.unknown_stream"]]);
});
