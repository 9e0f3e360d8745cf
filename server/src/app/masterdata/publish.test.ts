/** Golden records and mappings go back to two real targets, a database and a web interface, each version once; what a system brought new goes there after somebody else agrees. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { createBook } from "../../books/index.ts";
import { type DeliveryFlow, deliverOnce, targets } from "../../delivery/index.ts";
import { openStandIn } from "../../delivery/targets/stand-ins/stand-in.ts";
import { approveRequest, decide, listRequests, rejectRequest, setPolicy, subscribe, takeRecord } from "../../masterdata/index.ts";
import { type Ctx, silentLog, systemClock } from "../../platform/index.ts";
import { testStore } from "../../platform/testing.ts";
import { registerAll } from "../registry.ts";
import { publish } from "./tail.ts";

registerAll();
const [store, erp] = [await testStore(), await testStore()];
type Sent = { golden: string; code: string; name: string; codes: { system: string; code: string }[] };
const sent: { key: string; body: Sent }[] = [];
const finance = await openStandIn(({ headers, body }) => {
  const key = String(headers["idempotency-key"]);
  if (!sent.some((one) => one.key === key)) sent.push({ key, body: JSON.parse(body) as Sent });
  return { json: { code: "0", id: `F${sent.length}` } };
}, () => true);
after(async () => {
  await finance.close();
  await erp.close();
  await store.close();
});
const as = (id: string): Ctx => ({ db: store, actor: { id }, now: systemClock, log: silentLog });
const ctx = as("engine");
const book = await createBook(ctx, { code: "B1", pack: "cas-general", currency: "CNY", from: "2026-03" });
await erp.owner.exec("create table partner (golden text primary key, code text not null, state text not null, codes jsonb not null)");
const toErp: DeliveryFlow = { flow: "erp", book: "B1", deliver: "vouchers", to: { connector: "database", url: erp.url, statement: "insert into partner values (:golden, :code, :state, cast(:codes as jsonb)) on conflict (golden) do update set code = excluded.code, state = excluded.state, codes = excluded.codes" } };
const toFinance: DeliveryFlow = { flow: "finance", book: "B1", deliver: "vouchers", to: { connector: "rest-idempotent", url: finance.url, path: "partners", keyHeader: "Idempotency-Key", body: { golden: "{document.golden}", code: "{document.code}", name: "{document.fields.name}", codes: { $each: "document.codes", as: "one", do: { system: "{one.system}", code: "{one.code}" } } }, reply: { success: { path: "code", equals: ["0"] }, id: "id" } } };
const tell = async (): Promise<number> => {
  const told = await publish(ctx, "B1");
  for (const flow of [toErp, toFinance]) await deliverOnce(ctx, flow, { targets });
  return told;
};
const partners = () => erp.owner.query<{ golden: string; code: string; state: string; codes: { system: string; code: string }[] }>("select * from partner order by golden");
const bring = (system: string, code: string, name: string) => takeRecord(ctx, book, { domain: "customer", system, company: "", code, payload: { name } });

await subscribe(ctx, book, { target: "erp", domain: "customer", wants: "mapping" });
await subscribe(ctx, book, { target: "finance", domain: "customer", wants: "golden" });

test("the database gets the mapping and the web interface the golden record, once; a code that is mapped later is told as the next version", async () => {
  const { golden } = await bring("crm", "K-1", "上海远泰钢铁有限公司");
  assert.equal(await tell(), 2);
  assert.deepEqual((await partners()).map(({ code, state, codes }) => [code, state, codes.map((one) => `${one.system} ${one.code}`)]), [["K-1", "active", ["crm K-1"]]]);
  assert.deepEqual(sent.map(({ body }) => [body.code, body.name]), [["K-1", "上海远泰钢铁有限公司"]]);
  assert.equal(await tell(), 0);
  await decide(as("chen"), book, { act: "map", domain: "customer", system: "wms", code: "W-9", golden: `G${golden}` }, "核对过");
  await tell();
  assert.deepEqual((await partners())[0]?.codes.map((one) => `${one.system} ${one.code}`).sort(), ["crm K-1", "wms W-9"]);
  assert.deepEqual(sent.map(({ body }) => body.codes.length), [1, 2]);
  for (const act of ["suspend", "resume"] as const) {
    await decide(as("chen"), book, { act, golden: `G${golden}` }, "核对中");
    await tell();
    assert.equal((await partners())[0]?.state, act === "suspend" ? "suspended" : "active", "what goes back to what it was is told too");
  }
});

test("where four eyes are asked for, a customer that is new in the CRM reaches ERP and finance after somebody else agrees, and never when it is rejected", async () => {
  await setPolicy(as("chen"), book, { domain: "customer", trust: [], fields: {}, autoMerge: true, fourEyes: true, strict: false });
  await bring("crm", "K-2", "深圳明德食品有限公司");
  await bring("crm", "K-3", "成都天府茶业有限公司");
  assert.equal(await tell(), 0);
  const open = await listRequests(ctx, book, "open");
  assert.deepEqual(open.map(({ act, reason }) => [act, reason]), [["introduce", "crm K-3 成都天府茶业有限公司"], ["introduce", "crm K-2 深圳明德食品有限公司"]]);
  await assert.rejects(approveRequest(ctx, book, open[1]?.no ?? ""), { code: "masterdata.own_request" });
  await approveRequest(as("wang"), book, open[1]?.no ?? "");
  await rejectRequest(as("wang"), book, open[0]?.no ?? "", "重复客户,请用 K-1");
  assert.equal(await tell(), 2);
  await bring("crm", "K-3", "成都天府茶业股份有限公司");
  assert.equal(await tell(), 0);
  assert.deepEqual((await partners()).map(({ code }) => code).sort(), ["K-1", "K-2"]);
  assert.deepEqual([...new Set(sent.map(({ body }) => body.code))], ["K-1", "K-2"]);
});
