import assert from "node:assert/strict";
import { after, test } from "node:test";
import fc from "fast-check";
import { createKey, listCalls, revokeKey, type Scope, scopes } from "../access/index.ts";
import { createBook } from "../books/index.ts";
import { type Ctx, momentOf, silentLog, systemClock } from "../platform/index.ts";
import { testStore } from "../platform/testing.ts";
import { postDocuments } from "../vouchers/index.ts";
import { principalOfAll } from "../access/index.ts";
import { buildHttp } from "./http.ts";
import { registerAll } from "./registry.ts";

registerAll();
const store = await testStore();
let moment: string | undefined;
const ctx: Ctx = { db: store, actor: { id: "lin" }, now: () => (moment === undefined ? systemClock() : momentOf(moment)), log: silentLog };
const server = await buildHttp(ctx, { principal: principalOfAll("api") });
after(async () => {
  await server.close();
  await store.close();
});
const source = "erp";
for (const code of ["B1", "B2"]) await createBook(ctx, { code, pack: "cas-general", currency: "CNY", from: "2026-03", group: code });
const order = (id: string) => ({ schema: "tieout/salesOrder@1", source, sourceId: id, date: "2026-03-02", customer: "C01", lines: [{ lineId: "1", item: "STEEL", quantity: "10", price: "20.00", taxRate: "0.13" }] });
await postDocuments(ctx, "B1", [
  { schema: "tieout/item@1", source, sourceId: "STEEL", category: "merchandise" }, { schema: "tieout/customer@1", source, sourceId: "C01" }, { schema: "tieout/supplier@1", source, sourceId: "S01" }, { schema: "tieout/bankAccount@1", source, sourceId: "BA1", currency: "CNY", account: "1002" },
  { schema: "tieout/goodsReceipt@1", source, sourceId: "G1", date: "2026-03-01", supplier: "S01", lines: [{ lineId: "1", item: "STEEL", quantity: "100", price: "8.00" }] },
  order("SO1"), order("SO2"),
  { schema: "tieout/shipment@1", source, sourceId: "SH1", date: "2026-03-05", customer: "C01", lines: [{ lineId: "1", item: "STEEL", quantity: "6", links: [{ to: "salesOrder/SO1/1", quantity: "6" }] }, { lineId: "2", item: "STEEL", quantity: "4", links: [{ to: "salesOrder/SO2/1", quantity: "4" }] }] },
  { schema: "tieout/salesInvoice@1", source, sourceId: "SI1", date: "2026-03-06", customer: "C01", lines: [{ lineId: "1", item: "STEEL", quantity: "6", price: "20.00", taxRate: "0.13", links: [{ to: "shipment/SH1/1", quantity: "6" }] }] },
  { schema: "tieout/shipmentReturn@1", source, sourceId: "SR1", date: "2026-03-07", customer: "C01", lines: [{ lineId: "1", item: "STEEL", quantity: "1", links: [{ to: "shipment/SH1/1", quantity: "1" }] }] },
  { schema: "tieout/cashReceipt@1", source, sourceId: "CR1", date: "2026-03-08", customer: "C01", bankAccount: "BA1", amount: "100.00", links: [{ to: "salesInvoice/SI1", amount: "100.00" }] },
]);

const make = (wanted: { book?: string; scopes?: readonly Scope[]; perMinute?: number; expiresAt?: string | null } = {}) => createKey(ctx, { name: "BI", book: wanted.book ?? "B1", scopes: wanted.scopes ?? scopes, perMinute: wanted.perMinute ?? 1_000, expiresAt: wanted.expiresAt ?? null });
const get = async (path: string, secret?: string) => {
  const answer = await server.inject({ method: "GET", url: `/api/data/v1/books/${path}`, headers: { host: "127.0.0.1:4380", ...(secret === undefined ? {} : { authorization: `Bearer ${secret}` }) } });
  const body = JSON.parse(answer.body) as { error?: { code: string } } & { [row: number]: Record<string, unknown> };
  return { status: answer.statusCode, body, code: body.error?.code, headers: answer.headers };
};

test("without a right key nothing is read, and nobody learns which books there are", async () => {
  const { secret, key } = await make({ scopes: ["balances:read"] });
  const expired = await make({ expiresAt: "2026-01-01T00:00:00Z" });
  assert.equal((await get("B1/balances")).code, "key.missing");
  assert.equal((await get("B1/balances", `${secret.slice(0, -1)}_`)).code, "key.invalid");
  assert.equal((await get("B1/balances", expired.secret)).code, "key.invalid");
  assert.deepEqual([(await get("B1/vouchers", secret)).code, (await get("B2/balances", secret)).code, (await get("NOPE/balances", secret)).code], ["key.scope", "key.book", "key.book"]);
  assert.equal((await get("B1/balances", secret)).status, 200);
  await assert.rejects(revokeKey(ctx, key, " "), { code: "key.reason" });
  await revokeKey(ctx, key, "no longer needed");
  assert.equal((await get("B1/balances", secret)).code, "key.invalid");
});

test("a chain tells what of an order was delivered, returned, invoiced and collected", async () => {
  const { secret } = await make();
  const { body } = await get("B1/chains?kind=salesOrder", secret);
  assert.deepEqual((body as unknown as Record<string, unknown>[]).map(({ order: name, ordered, delivered, returned, invoiced, invoicedAmount, settledAmount, openAmount, invoices }) => ({ name, ordered, delivered, returned, invoiced, invoicedAmount, settledAmount, openAmount, invoices })), [
    { name: "erp:salesOrder/SO1", ordered: "10", delivered: "6", returned: "1", invoiced: "6", invoicedAmount: "135.60", settledAmount: "100.00", openAmount: "35.60", invoices: ["erp:salesInvoice/SI1"] },
    { name: "erp:salesOrder/SO2", ordered: "10", delivered: "4", returned: "0", invoiced: "0", invoicedAmount: "0.00", settledAmount: "0.00", openAmount: "0.00", invoices: [] },
  ]);
});

test("pages give every document once, also while new ones arrive", async () => {
  const { secret } = await make();
  const seen: string[] = [];
  let cursor = "";
  for (let n = 0; n < 40; n++) {
    const rows = (await get(`B1/documents?limit=3${cursor}`, secret)).body as unknown as { document: string; cursor: string; content: unknown }[];
    if (rows.length === 0) break;
    seen.push(...rows.map(({ document }) => document));
    cursor = `&after=${rows.at(-1)?.cursor}`;
    if (n === 1) await postDocuments(ctx, "B1", [order("SO3")]);
  }
  assert.equal(new Set(seen).size, seen.length);
  assert.ok(seen.includes("erp:salesOrder/SO3") && seen.includes("erp:salesInvoice/SI1"));
  const vouchers = (await get("B1/vouchers?limit=2", secret)).body as unknown as { id: string; cursor: string }[];
  const next = (await get(`B1/vouchers?limit=2&after=${vouchers.at(-1)?.cursor}`, secret)).body as unknown as { id: string }[];
  assert.equal(new Set([...vouchers, ...next].map(({ id }) => id)).size, 4);
});

test("a key that calls too often is told when to come back, and then may", async () => {
  const { secret } = await make({ perMinute: 3 });
  moment = "2026-11-24T08:00:00.000Z";
  const codes = [];
  for (let n = 0; n < 4; n++) codes.push((await get("B1/balances", secret)).status);
  assert.deepEqual(codes, [200, 200, 200, 429]);
  const refused = await get("B1/balances", secret);
  assert.deepEqual([refused.code, refused.headers["retry-after"]], ["key.rate", "20"]);
  moment = "2026-11-24T08:00:20.000Z";
  assert.equal((await get("B1/balances", secret)).status, 200);
  moment = undefined;
});

test("every call has its line, refused or not, and no line holds a key", async () => {
  const { secret, key } = await make({ scopes: ["openItems:read"] });
  await get("B1/open-items?side=receivable", secret);
  await get("B1/vouchers", secret);
  await get("B1/open-items?nonsense=1", secret);
  let calls = await listCalls(ctx, { key, limit: 100 });
  for (let n = 0; n < 50 && calls.length < 3; n++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    calls = await listCalls(ctx, { key, limit: 100 });
  }
  calls.sort((one, other) => one.status - other.status); // lines are written after the answers went out
  assert.deepEqual(calls.map(({ status, rows, code, query }) => [status, rows, code, query]), [[200, 1, null, "side=receivable"], [403, null, "key.scope", ""], [422, null, "http.parameter", "nonsense=1"]]);
  assert.ok(!JSON.stringify(await listCalls(ctx, { limit: 10_000 })).includes(secret.slice(16)));
});

test("a call with a wrong secret takes nothing from the rate of the key that it names", async () => {
  const { secret } = await make({ perMinute: 2 });
  moment = "2026-11-24T09:00:00.000Z";
  for (let n = 0; n < 10; n++) assert.equal((await get("B1/balances", `${secret.slice(0, -2)}__`)).code, "key.invalid");
  assert.deepEqual([(await get("B1/balances", secret)).status, (await get("B1/balances", secret)).status, (await get("B1/balances", secret)).status], [200, 200, 429]);
  moment = undefined;
});

test("a key that somebody wrote into the address is masked in the log", async () => {
  const { secret, key } = await make();
  await get(`B1/${secret}/vouchers`);
  await get(`B1/vouchers?period=2026-03&token=${secret}`, secret);
  await get(`B1/vouchers?token=${secret.replaceAll("_", "%5F")}`, secret);
  let calls = await listCalls(ctx, { limit: 10_000 });
  for (let n = 0; n < 50 && calls.filter(({ query }) => query.includes("token=")).length < 2; n++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    calls = await listCalls(ctx, { limit: 10_000 });
  }
  assert.ok(calls.some(({ query }) => query === `period=2026-03&token=tk_${key}_…`));
  assert.ok(!JSON.stringify(calls).includes(secret.slice(17)));
});

test("what a key is not for is hidden in the content that it reads, and where is said", async () => {
  const receipt = async (given: readonly Scope[]) => ((await get("B1/documents?kind=goodsReceipt", (await make({ scopes: given })).secret)).body as unknown as { content: { lines: { price: string | null }[] }; hidden: string[] }[])[0];
  const [part, whole] = [await receipt(["documents:read"]), await receipt(["documents:read", "cost:read"])];
  assert.deepEqual([part?.content.lines[0]?.price, part?.hidden], [null, ["/lines/0/price"]]);
  assert.deepEqual([whole?.content.lines[0]?.price, whole?.hidden], ["8.00", []]);
});

test("whatever is asked, the answer is never a fault", async () => {
  const { secret } = await make({ perMinute: 1_000_000 });
  const paths = ["documents", "vouchers", "balances", "open-items", "chains", "deliveries"];
  const names = ["kind", "after", "limit", "period", "from", "to", "account", "by", "dimension", "side", "party", "at", "flow", "updatedAfter", "x"];
  const asked = fc.asyncProperty(fc.constantFrom(...paths), fc.array(fc.tuple(fc.constantFrom(...names), fc.oneof(fc.string({ unit: "binary", maxLength: 20 }), fc.constantFrom("2026-03", "salesOrder", "1", "v9", "2026-03-05T00:00:00Z", "counterparty:C01", "999999999999999999"))), { maxLength: 4 }), async (path, query) => {
    const { status } = await get(`B1/${path}?${query.map(([name, value]) => `${name}=${encodeURIComponent(value.toWellFormed())}`).join("&")}`, secret);
    assert.ok(status < 500, `${path} ${JSON.stringify(query)}: ${status}`);
  });
  await fc.assert(asked, { numRuns: 150 });
});
