import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { maskBody } from "./mask.ts";
import { type Column, columnNames } from "./policy.ts";

const seen = (...columns: Column[]): ReadonlySet<Column> => new Set(columns);

test("what goods cost is hidden wherever it stands, and what customers pay is not", () => {
  const receipt = { sourceId: "GR-1", lines: [{ lineId: "1", quantity: "10", price: "8.00", amountNet: "80.00", links: [{ to: "purchaseOrder/PO-1", quantity: "10", amount: "80.00" }] }] };
  assert.deepEqual(maskBody("goodsReceipt", receipt, seen("bank", "salary")), {
    body: { sourceId: "GR-1", lines: [{ lineId: "1", quantity: "10", price: null, amountNet: null, links: [{ to: "purchaseOrder/PO-1", quantity: "10", amount: null }] }] },
    hidden: ["/lines/0/price", "/lines/0/amountNet", "/lines/0/links/0/amount"],
  });
  const shipment = { lines: [{ price: "20.00", cost: "3.33" }] };
  assert.deepEqual(maskBody("shipment", shipment, seen("bank", "salary")), { body: { lines: [{ price: "20.00", cost: null }] }, hidden: ["/lines/0/cost"] });
});

test("pay and bank accounts are hidden, in master records too", () => {
  const pay = { type: "accrue", gross: "1.00", lines: [{ use: "administration", gross: "12000.00", employerInsurance: "3000.00" }] };
  assert.deepEqual(maskBody("payrollSummary", pay, seen("cost", "bank")).hidden, ["/gross", "/lines/0/gross", "/lines/0/employerInsurance"]);
  assert.deepEqual(maskBody("bankAccount", { sourceId: "BA1", number: "6222", account: "1002" }, seen("cost", "salary")).hidden, ["/number"]);
  assert.deepEqual(maskBody("cashReceipt", { bankAccount: "BA1", amount: "9.00" }, seen("cost", "salary")), { body: { bankAccount: null, amount: "9.00" }, hidden: ["/bankAccount"] });
});

test("what the sender added in its own words is hidden from whoever lacks any column", () => {
  assert.deepEqual(maskBody("salesOrder", { extra: { margin: "5" } }, seen("cost", "bank")), { body: { extra: null }, hidden: ["/extra"] });
  assert.deepEqual(maskBody("salesOrder", { extra: { margin: "5" } }, seen(...columnNames)).hidden, []);
});

test("whoever has every column sees the body as it is, and fewer columns never show more", () =>
  fc.assert(fc.property(fc.constantFrom("goodsReceipt", "payrollSummary", "bankAccount", "salesInvoice"), fc.json().map((text) => JSON.parse(text) as unknown), fc.subarray([...columnNames]), (kind, body, columns) => {
    assert.deepEqual(maskBody(kind, body, seen(...columnNames)), { body, hidden: [] });
    const more = new Set(maskBody(kind, body, seen(...columns)).hidden);
    assert.ok([...more].every((path) => maskBody(kind, body, seen()).hidden.some((other) => path === other || path.startsWith(`${other}/`))));
  })));
