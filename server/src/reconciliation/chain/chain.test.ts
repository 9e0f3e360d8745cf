import assert from "node:assert/strict";
import { after, test } from "node:test";
import { demoBook, generateMix } from "../../app/demo/index.ts";
import { registerAll } from "../../app/registry.ts";
import { createBook, loadBook } from "../../books/index.ts";
import { type Ctx, fixedClock, silentLog } from "../../platform/index.ts";
import { testStore } from "../../platform/testing.ts";
import { postDocuments } from "../../vouchers/index.ts";
import { listChain, rebuildChain, refreshChain, sumChain } from "../index.ts";

registerAll();
const store = await testStore();
after(() => store.close());
const ctx: Ctx = { db: store, actor: { id: "chen" }, now: fixedClock("2026-07-01T02:00:00Z"), log: silentLog };
await createBook(ctx, { code: "B1", pack: "cas-general", currency: "CNY", from: "2026-03" });
const book = await loadBook(store, "B1");
const post = async (...documents: readonly object[]): Promise<void> => { const { results } = await postDocuments(ctx, "B1", documents); assert.deepEqual(results.filter(({ state }) => state !== "posted").map(({ document, reasons }) => [document, reasons]), []); };
const vector = async (): Promise<readonly string[]> => { await refreshChain(ctx, book); const [row] = await listChain(ctx, book, { side: "sale" }); return row === undefined ? [] : [row.moved, row.returned, row.invoiced, row.credited, row.paidAmount, row.toMove, row.toInvoice, row.toPay]; };

test("an order line's vector follows each document that touches it", async () => {
  await post(
    { schema: "tieout/item@1", source: "erp", sourceId: "PUMP", name: { zh: "水泵" }, category: "merchandise" }, { schema: "tieout/customer@1", source: "erp", sourceId: "C1", name: { zh: "客户" } }, { schema: "tieout/supplier@1", source: "erp", sourceId: "S1", name: { zh: "供应商" } }, { schema: "tieout/bankAccount@1", source: "fin", sourceId: "BA1", name: { zh: "户" }, currency: "CNY", account: "1002" },
    { schema: "tieout/goodsReceipt@1", source: "wms", sourceId: "GR-1", date: "2026-03-01", supplier: "S1", warehouse: "W1", lines: [{ lineId: "1", item: "PUMP", quantity: "100", price: "5.00" }] },
    { schema: "tieout/salesOrder@1", source: "crm", sourceId: "SO-1", date: "2026-03-02", customer: "C1", salesperson: "E1", lines: [{ lineId: "1", item: "PUMP", quantity: "30", price: "20.00", taxRate: "0.13" }] },
  );
  assert.deepEqual(await vector(), ["0", "0", "0", "0", "0.00", "30", "0", "0.00"]);
  await post({ schema: "tieout/shipment@1", source: "wms", sourceId: "SH-1", date: "2026-03-10", customer: "C1", warehouse: "W1", lines: [{ lineId: "1", item: "PUMP", quantity: "20", links: [{ to: "crm:salesOrder/SO-1/1", quantity: "20" }] }] });
  assert.deepEqual(await vector(), ["20", "0", "0", "0", "0.00", "10", "20", "0.00"]);
  await post({ schema: "tieout/salesInvoice@1", source: "erp", sourceId: "SI-1", invoiceNumber: "SI-1", date: "2026-03-12", customer: "C1", lines: [{ lineId: "1", item: "PUMP", quantity: "20", price: "20.00", taxRate: "0.13", links: [{ to: "wms:shipment/SH-1/1", quantity: "20" }] }] });
  assert.deepEqual(await vector(), ["20", "0", "20", "0", "0.00", "10", "0", "452.00"]);
  await post({ schema: "tieout/cashReceipt@1", source: "fin", sourceId: "CR-1", date: "2026-03-20", customer: "C1", bankAccount: "BA1", amount: "400.00", links: [{ to: "erp:salesInvoice/SI-1", amount: "400.00" }] });
  assert.deepEqual(await vector(), ["20", "0", "20", "0", "400.00", "10", "0", "52.00"]);
  await post({ schema: "tieout/shipmentReturn@1", source: "wms", sourceId: "SR-1", date: "2026-03-22", customer: "C1", warehouse: "W1", lines: [{ lineId: "1", item: "PUMP", quantity: "2", links: [{ to: "wms:shipment/SH-1/1", quantity: "2" }] }] });
  assert.deepEqual(await vector(), ["20", "2", "20", "0", "400.00", "12", "-2", "52.00"]);
  await post({ schema: "tieout/salesInvoice@1", source: "erp", sourceId: "SI-2", invoiceNumber: "SI-2", credit: true, date: "2026-03-23", customer: "C1", lines: [{ lineId: "1", item: "PUMP", quantity: "2", price: "20.00", taxRate: "0.13", links: [{ to: "wms:shipmentReturn/SR-1/1", quantity: "2" }, { to: "erp:salesInvoice/SI-1/1", quantity: "2" }] }] });
  assert.deepEqual(await vector(), ["20", "2", "20", "2", "400.00", "12", "0", "6.80"]);
});

test("statements by customer, salesperson, order, item and period add up to the same", async () => {
  for (const by of ["party", "salesperson", "order", "item", "period"] as const) {
    const [row, ...more] = await sumChain(ctx, book, { side: "sale" }, by);
    assert.deepEqual([more.length, row?.ordered, row?.moved, row?.returned, row?.invoiced, row?.credited, row?.paid, row?.toPay], [0, "678.00", "452.00", "45.20", "452.00", "45.20", "400.00", "6.80"], by);
  }
  assert.deepEqual((await listChain(ctx, book, { side: "sale", state: "notPaid" })).length, 1);
  assert.deepEqual((await listChain(ctx, book, { side: "sale", state: "over" })).length, 0);
});

test("kept step by step or made anew, the vectors are the same", async () => {
  await createBook(ctx, { code: "B2", pack: demoBook.pack, currency: "CNY", from: "2026-01", settings: demoBook.settings });
  const mix = [...generateMix({ seed: 5, documents: 1_500, book: "B2", monthEnd: false })];
  const second = await loadBook(store, "B2");
  for (let at = 0; at < mix.length; at += 400) {
    await postDocuments(ctx, "B2", mix.slice(at, at + 400));
    await refreshChain(ctx, second);
  }
  const all = async () => ({ sale: await listChain(ctx, second, { side: "sale", limit: 1_000 }), purchase: await listChain(ctx, second, { side: "purchase", limit: 1_000 }), sums: await sumChain(ctx, second, { side: "sale" }, "party") });
  const kept = await all();
  await rebuildChain(ctx, second);
  assert.deepEqual(await all(), kept);
  assert.ok(kept.sale.length > 100 && kept.sale.some(({ paidAmount }) => paidAmount !== "0.00"));
});
