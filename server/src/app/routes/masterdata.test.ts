import assert from "node:assert/strict";
import { after, test } from "node:test";
import { createBook } from "../../books/index.ts";
import { type Ctx, silentLog, systemClock } from "../../platform/index.ts";
import { testStore } from "../../platform/testing.ts";
import { type Principal, principalOfAll } from "../../access/index.ts";
import { postDocuments } from "../../vouchers/index.ts";
import { buildHttp, type Http } from "../http.ts";
import { registerAll } from "../registry.ts";

registerAll();
const store = await testStore();
const ctx: Ctx = { db: store, actor: { id: "server" }, now: systemClock, log: silentLog };
const without = (id: string, columns: Principal["grants"][number]["columns"]): Principal => { const all = principalOfAll(id); return { ...all, grants: all.grants.map((grant) => ({ ...grant, columns })) }; };
const all = await buildHttp(ctx, { principal: principalOfAll("chen") });
const seller = await buildHttp(ctx, { principal: without("wang", []) });
after(async () => {
  await all.close();
  await seller.close();
  await store.close();
});
async function get<T>(url: string, server: Http = all): Promise<{ status: number; body: T; code: string }> {
  const answer = await server.inject({ method: "GET", url: encodeURI(`/api/v1/books/B1/masterdata${url}`), headers: { host: "127.0.0.1:4380" } });
  const body = JSON.parse(answer.body) as T;
  return { status: answer.statusCode, body, code: (body as { error?: { code: string } }).error?.code ?? "" };
}

await createBook(ctx, { code: "B1", pack: "cas-general", currency: "CNY", from: "2026-03" });
const receipt = (id: string, item: string) => ({ schema: "tieout/goodsReceipt@1", source: "wms", sourceId: id, date: "2026-03-05", supplier: "S01", lines: [{ lineId: "1", item, quantity: "10", price: "20.00" }] });
await postDocuments(ctx, "B1", [
  { schema: "tieout/item@1", source: "wms", sourceId: "STEEL", name: "圆钢", category: "rawMaterial", units: [{ unit: "t", quantity: "1000" }] }, { schema: "tieout/supplier@1", source: "wms", sourceId: "S01", name: "远泰钢铁", region: "north" }, { schema: "tieout/supplier@1", source: "crm", sourceId: "S01", name: "远泰钢铁有限公司", region: "north" },
  ...["A", "B", "C"].map((code) => ({ schema: "tieout/customer@1", source: "crm", sourceId: code, name: `客户${code}` })), { schema: "tieout/bankAccount@1", source: "erp", sourceId: "ICBC", name: "工行", number: "6222020200112233" },
  receipt("GR-1", "STEEL"), receipt("GR-2", "STEEL"), receipt("GR-3", "COPPER"), receipt("GR-4", "COPPER"),
]);

type Listed = { kind: string; code: string; zh: string; sources: string[]; fields: { name: string; value: string | null }[]; isDisputed: boolean; cursor: string };

test("kinds are counted by code, and so is what is missing", async () => {
  const { kinds, missing } = (await get<{ kinds: { kind: string; zh: string; codes: number }[]; missing: number }>("/kinds")).body;
  assert.deepEqual(kinds.filter(({ codes }) => codes > 0).map(({ kind, codes }) => [kind, codes]), [["item", 1], ["customer", 3], ["supplier", 1], ["bankAccount", 1]]);
  assert.equal(missing, 1);
});

test("codes of a kind come in pages, and by code, name or pinyin the best comes first, whatever its kind", async () => {
  const first = (await get<Listed[]>("?kind=customer&limit=2")).body;
  assert.deepEqual(first.map(({ code }) => code), ["A", "B"]);
  assert.deepEqual((await get<Listed[]>(`?kind=customer&limit=2&after=${first.at(-1)?.cursor}`)).body.map(({ code }) => code), ["C"]);
  for (const text of ["远泰", "yuantai", "ytgt", "s01"]) assert.deepEqual((await get<Listed[]>(`?text=${text}`)).body.map(({ kind, code }) => [kind, code]), [["supplier", "S01"]], text);
  assert.deepEqual((await get<Listed[]>("?text=yg&kind=item")).body.map(({ zh }) => zh), ["圆钢"]);
  assert.equal((await get("?kind=nothing")).code, "masterdata.kind_unknown");
});

test("one code shows what each source says, where they disagree, and where it is used", async () => {
  type Shown = Listed & { disputed: string[]; records: { source: string; version: number }[]; used: { vouchers: number; documents: number; openItems: number; accounts: { account: string; balance: string | null }[]; stock: { pool: string; quantity: string; amount: string | null }[] } };
  const supplier = (await get<Shown>("/supplier/S01")).body;
  assert.deepEqual([supplier.records.map(({ source }) => source).sort(), supplier.disputed, supplier.isDisputed], [["crm", "wms"], ["name"], true]);
  assert.deepEqual([supplier.used.documents, supplier.used.vouchers, supplier.used.accounts.map(({ account, balance }) => [account, balance])], [4, 2, [["2202.02", "-400.00"]]]);
  const steel = (await get<Shown>("/item/STEEL")).body;
  assert.deepEqual([steel.used.stock, steel.used.accounts.map(({ account, balance }) => [account, balance])], [[{ pool: "STEEL", quantity: "20", amount: "400.00" }], [["1403", "400.00"]]]);
  const hidden = (await get<Shown>("/item/STEEL", seller)).body;
  assert.deepEqual([hidden.used.stock[0]?.amount, hidden.used.accounts[0]?.balance], [null, null]);
  assert.equal((await get("/item/NONE")).code, "masterdata.code_unknown");
});

test("an account number is shown to whoever may see bank accounts alone", async () => {
  const numberOf = async (server: Http): Promise<string | null | undefined> => (await get<Listed>("/bankAccount/ICBC", server)).body.fields.find(({ name }) => name === "number")?.value;
  assert.deepEqual([await numberOf(all), await numberOf(seller)], ["6222020200112233", null]);
});

test("a code that documents name and nobody has sent stands with how many wait for it, since when, and an example", async () => {
  const missing = (await get<{ kind: string; code: string; source: string; documents: number; example: string }[]>("/missing")).body;
  assert.deepEqual(missing.map(({ kind, code, source, documents, example }) => [kind, code, source, documents, example]), [["item", "COPPER", "wms", 2, "wms:goodsReceipt/GR-3"]]);
});
