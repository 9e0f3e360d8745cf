import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { Value } from "typebox/value";
import { fixedClock, Refusal, silentLog } from "../../platform/index.ts";
import type { ConnectorCtx, Inbound, Received } from "../connector.ts";
import { webhook, type WebhookConfig } from "./webhook.ts";

const ctx: ConnectorCtx = { now: fixedClock("2026-03-05T08:00:00Z"), log: silentLog };
const now = 1_772_697_600;
const sign = (secret: string, text: string, encoding: "hex" | "base64" = "hex"): string => createHmac("sha256", secret).update(text).digest(encoding);
const request = (body: string, headers: Record<string, string>): Inbound => ({ method: "POST", path: "/in", query: {}, headers: { "content-type": "application/json", ...headers }, body: Buffer.from(body) });
const rows = ({ messages }: Received): unknown[] => messages.map((message) => (message.is === "record" ? [message.stream, message.op, message.key, message.row] : [message.is]));
const refusal = (code: string) => (error: unknown): boolean => error instanceof Refusal && (assert.equal(error.code, code), true);
const receive = async (config: WebhookConfig, inbound: Inbound): Promise<Received> => webhook.receive(config, inbound, ctx);

const github: WebhookConfig = { secrets: ["new-secret", "old-secret"], signature: "github", stream: { header: "x-github-event", map: { order: "orders" } }, records: "order", key: ["id"], op: { path: "action", create: ["created"], delete: ["deleted"] }, at: "updated_at" };
const githubCall = (body: string, secret = "new-secret", headers: Record<string, string> = {}): Inbound => request(body, { "x-hub-signature-256": `sha256=${sign(secret, body)}`, "x-github-delivery": "d-1", "x-github-event": "order", ...headers });
const created = '{"action":"created","order":{"id":12345678901234567890,"total":10.50,"updated_at":"2026-03-05T15:59:00+08:00"}}';

test("a call signed as GitHub does is taken with its digits, under its delivery id", async () => {
  assert.ok(Value.Check(webhook.config, github));
  assert.ok(!Value.Check(webhook.config, { ...github, unheardOf: 1 }));
  const received = await receive(github, githubCall(created));
  assert.deepEqual(rows(received), [["orders", "c", "12345678901234567890", { id: "12345678901234567890", total: "10.50", updated_at: "2026-03-05T15:59:00+08:00" }]]);
  assert.deepEqual([received.once, received.reply.status], [["d-1"], 202]);
  assert.equal(received.messages[0]?.is === "record" && received.messages[0].at, "2026-03-05T07:59:00.000Z");
});

test("while a secret is being changed the old one still signs; any other is refused, and so is a changed body", async () => {
  assert.equal((await receive(github, githubCall(created, "old-secret"))).messages.length, 1);
  await assert.rejects(receive(github, githubCall(created, "some-other")), refusal("webhook.forged"));
  await assert.rejects(receive(github, { ...githubCall(created), body: Buffer.from(created.replace("10.50", "99.50")) }), refusal("webhook.forged"));
  for (const signature of ["", "sha256=", "sha256=zz", "sha1=00", `sha256=${"0".repeat(64)}`]) await assert.rejects(receive(github, githubCall(created, "new-secret", { "x-hub-signature-256": signature })), refusal("webhook.forged"));
  const { "x-hub-signature-256": _, ...unsigned } = githubCall(created).headers as Record<string, string>;
  await assert.rejects(receive(github, { ...githubCall(created), headers: unsigned }), refusal("webhook.unsigned"));
});

test("an event that nobody asked for is accepted and let go; a deletion carries the record before it", async () => {
  assert.deepEqual((await receive(github, githubCall(created, "new-secret", { "x-github-event": "ping" }))).messages, []);
  const gone = '{"action":"deleted","order":{"id":7}}';
  const [message] = (await receive(github, githubCall(gone))).messages;
  assert.deepEqual(message?.is === "record" && [message.op, message.key, message.row, message.before], ["d", "7", null, { id: 7 }]);
});

test("a signature as Shopify makes it is over the body, in base64", async () => {
  const config: WebhookConfig = { secrets: ["shop-secret"], signature: "shopify", stream: "orders", key: ["id"] };
  const body = '{"id":1,"total_price":"10.00"}';
  const received = await receive(config, request(body, { "x-shopify-hmac-sha256": sign("shop-secret", body, "base64"), "x-shopify-webhook-id": "w-1" }));
  assert.deepEqual([rows(received), received.once], [[["orders", "u", "1", { id: 1, total_price: "10.00" }]], ["w-1"]]);
});

test("a signature as Stripe makes it covers its time: outside the window it is refused, however right", async () => {
  const config: WebhookConfig = { secrets: ["stripe-secret"], signature: "stripe", stream: { path: "type", map: { "invoice.paid": "payments" } }, records: "data.object", key: ["id"] };
  const body = '{"id":"evt_1","type":"invoice.paid","created":1772697600,"data":{"object":{"id":"in_1","amount":1050}}}';
  const call = (at: number, signature = sign("stripe-secret", `${at}.${body}`)): Inbound => request(body, { "stripe-signature": `t=${at},v0=old,v1=${"0".repeat(64)},v1=${signature}` });
  const received = await receive(config, call(now - 299));
  assert.deepEqual([rows(received), received.once], [[["payments", "u", "in_1", { id: "in_1", amount: 1050 }]], ["evt_1"]]);
  await assert.rejects(receive(config, call(now - 301)), refusal("webhook.stale"));
  await assert.rejects(receive(config, call(now + 301)), refusal("webhook.stale"));
  await assert.rejects(receive(config, call(now, sign("stripe-secret", `${now - 1}.${body}`))), refusal("webhook.forged"));
});

test("any other habit is described: what is signed, where, in which encoding", async () => {
  const config: WebhookConfig = { secrets: ["wms-secret"], signature: { header: "X-Sign", prefix: "v1,", encoding: "base64", signed: "{id}.{timestamp}.{body}", timestampHeader: "X-Time" }, id: { header: "X-Id" }, stream: "counts", records: "rows", key: ["sku", "bin"] };
  assert.deepEqual(await webhook.check(config, ctx), []);
  const body = '{"rows":[{"sku":"A","bin":"1"},{"sku":"B"},{"sku":"B","bin":"2"}]}';
  const received = await receive(config, request(body, { "x-sign": `v1,${sign("wms-secret", `m-1.2026-03-05T08:00:00Z.${body}`, "base64")}`, "x-time": "2026-03-05T08:00:00Z", "x-id": "m-1" }));
  assert.deepEqual(rows(received), [["counts", "u", "A|1", { sku: "A", bin: "1" }], ["bad"], ["counts", "u", "B|2", { sku: "B", bin: "2" }]]);
  assert.deepEqual((await webhook.check({ ...config, signature: { header: "X-Sign", encoding: "hex", timestampHeader: "X-Time" } }, ctx)).map(({ problem }) => problem.facts.missing), ["{timestamp}"]);
});

test("CloudEvents come structured, binary or in a batch, and are known again by source and id", async () => {
  const config: WebhookConfig = { secrets: ["ce-secret-1"], signature: { header: "x-signature", encoding: "hex" }, cloudEvents: true, stream: { path: "type", map: { "com.crm.order": "orders" } }, key: ["subject"] };
  const event = { specversion: "1.0", id: "1", source: "/crm", type: "com.crm.order", subject: "SO-1", time: "2026-03-05T07:00:00Z", data: { total: "5.00" } };
  const call = (body: string, type: string, headers: Record<string, string> = {}): Inbound => request(body, { "content-type": type, "x-signature": sign("ce-secret-1", body), ...headers });
  const expected = ["orders", "u", "SO-1", { total: "5.00" }];

  const structured = await receive(config, call(JSON.stringify(event), "application/cloudevents+json; charset=utf-8"));
  const binary = await receive(config, call('{"total":"5.00"}', "application/json", { "ce-specversion": "1.0", "ce-id": "1", "ce-source": "/crm", "ce-type": "com.crm.order", "ce-subject": "SO-1", "ce-time": "2026-03-05T07:00:00Z" }));
  for (const received of [structured, binary]) assert.deepEqual([rows(received), received.once, received.messages[0]?.is === "record" && received.messages[0].at], [[expected], ["/crm 1"], "2026-03-05T07:00:00.000Z"]);

  const { data: _, ...bare } = event;
  const batch = await receive(config, call(JSON.stringify([event, { ...bare, id: "2", subject: "SO-2", data_base64: Buffer.from('{"total":"6.00"}').toString("base64") }]), "application/cloudevents-batch+json"));
  assert.deepEqual(rows(batch), [expected, ["orders", "u", "SO-2", { total: "6.00" }]]);
  // Event 1 was taken before; the batch must not be taken for a repetition because of it.
  assert.equal(batch.once?.length, 1);
  assert.ok(!batch.once.includes("/crm 1"));
  await assert.rejects(receive(config, call(JSON.stringify({ ...event, id: "" }), "application/cloudevents+json")), refusal("webhook.unreadable"));
  const allowed = await receive(config, { ...call("", ""), method: "OPTIONS", headers: { "webhook-request-origin": "crm.example" } });
  assert.deepEqual([allowed.messages, allowed.reply.headers?.["webhook-allowed-origin"]], [[], "crm.example"]);
});

test("a form is read too, and JSON in a form's payload", async () => {
  const config: WebhookConfig = { secrets: ["form-secret"], signature: { header: "x-signature", encoding: "hex" }, id: { path: "id" }, stream: "payments", key: ["id"] };
  const call = (body: string): Inbound => request(body, { "content-type": "application/x-www-form-urlencoded", "x-signature": sign("form-secret", body) });
  assert.deepEqual(rows(await receive(config, call("id=7&amount=10.50&tag=a&tag=b&name=%E5%8C%97+x"))), [["payments", "u", "7", { id: "7", amount: "10.50", tag: ["a", "b"], name: "北 x" }]]);
  assert.deepEqual(rows(await receive(config, call(`payload=${encodeURIComponent('{"id":8,"amount":1.10}')}`))), [["payments", "u", "8", { id: 8, amount: "1.10" }]]);
  await assert.rejects(receive(config, call("amount=1")), refusal("webhook.no_id"));
});

test("what is no call of ours is refused: another method, too much, no JSON, no UTF-8", async () => {
  const broken = "{";
  await assert.rejects(receive(github, { ...githubCall(created), method: "GET" }), refusal("webhook.method"));
  await assert.rejects(receive({ ...github, bodyMegabytesMax: 0.00001 }, githubCall(created)), refusal("webhook.too_large"));
  await assert.rejects(receive(github, githubCall(broken)), refusal("webhook.unreadable"));
  const bytes = Buffer.from([0x7b, 0xff, 0x7d]);
  await assert.rejects(receive(github, { ...githubCall(""), body: bytes, headers: { ...githubCall("").headers, "x-hub-signature-256": `sha256=${createHmac("sha256", "new-secret").update(bytes).digest("hex")}` } }), refusal("webhook.unreadable"));
});
