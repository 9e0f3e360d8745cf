import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type InvoicedLine, type InvoiceToMatch, type MatchTolerance, matchThreeWay, type OrderedLine, strict, toleranceOf } from "./three-way-match.ts";

const million = 1_000_000n;
const order = (more: Partial<OrderedLine> = {}): OrderedLine => ({ order: "PO-1", line: "1", price: 20n * million, taxRate: 130_000n, quantity: 10n * million, received: 10n * million, invoicedElsewhere: 0n, comesIn: true, ...more });
const line = (more: Partial<InvoicedLine> = {}): InvoicedLine => ({ line: "1", item: "STEEL", itemGroup: "rawMaterial", quantity: 10n * million, net: 20_000n, tax: 2_600n, taxRate: 130_000n, ordered: [order()], ...more });
const invoice = (lines: readonly InvoicedLine[], more: Partial<InvoiceToMatch> = {}): InvoiceToMatch => ({ document: "erp:supplierInvoice/I-1", supplier: "S01", gross: 22_600n, lines, duplicates: [], ...more });
const seen = (one: InvoiceToMatch, tolerances: readonly MatchTolerance[] = []) => { const { state, findings, atStake } = matchThreeWay(one, tolerances); return [state, ...findings.map(({ what }) => what), String(atStake)]; };

test("what was ordered, came and is invoiced alike is matched, and nothing is at stake", () => assert.deepEqual(seen(invoice([line()])), ["matched", "0"]));

test("more than came is a difference of quantity, of what is too much with its tax", () => {
  assert.deepEqual(seen(invoice([line({ ordered: [order({ received: 8n * million })] })])), ["quantityVariance", "quantity", "4520"]);
  assert.deepEqual(seen(invoice([line({ ordered: [order({ invoicedElsewhere: 4n * million })] })])), ["quantityVariance", "quantity", "9040"]);
});

test("an invoice before the goods waits for them, but a service that comes in nowhere does not", () => {
  assert.deepEqual(seen(invoice([line({ ordered: [order({ received: 0n })] })])), ["invoiceFirst", "receipt", "22600"]);
  assert.deepEqual(seen(invoice([line({ ordered: [order({ received: 0n, comesIn: false })] })])), ["matched", "0"]);
});

test("a higher price is at stake by what it costs more; a lower one is shown and costs nothing", () => {
  assert.deepEqual(seen(invoice([line({ net: 21_000n, tax: 2_730n })])), ["priceVariance", "price", "1000"]);
  assert.deepEqual(seen(invoice([line({ net: 19_000n, tax: 2_470n })])), ["priceVariance", "price", "0"]);
  assert.deepEqual(seen(invoice([line({ net: 20_050n, tax: 2_607n })])), ["matched", "0"]);
});

test("tax that is not the order's rate of the net is found", () => assert.deepEqual(seen(invoice([line({ tax: 3_400n })])), ["priceVariance", "tax", "800"]));

test("a duplicate is at stake whole, whatever its lines say", () => assert.deepEqual(seen(invoice([line()], { duplicates: [{ document: "erp:supplierInvoice/I-0", why: "number" }] })), ["duplicateInvoice", "invoice", "22600"]));

test("without an order the line is at stake whole; the worst line names the invoice", () => assert.deepEqual(seen(invoice([line({ ordered: [] }), line({ line: "2", net: 21_000n, tax: 2_730n })])), ["noOrder", "order", "price", "23600"]));

test("the most particular tolerance counts", () => {
  const all: readonly MatchTolerance[] = [strict, { ...strict, supplier: "S01", priceBasisPoints: 600n }, { ...strict, itemGroup: "rawMaterial", priceBasisPoints: 100n }, { ...strict, supplier: "S01", itemGroup: "rawMaterial", priceBasisPoints: 700n }];
  assert.deepEqual([toleranceOf(all, "S01", "rawMaterial"), toleranceOf(all, "S01", "x"), toleranceOf(all, "S02", "rawMaterial"), toleranceOf(all, "S02", "x")].map(({ priceBasisPoints }) => priceBasisPoints), [700n, 600n, 100n, 50n]);
  assert.deepEqual(seen(invoice([line({ net: 21_000n, tax: 2_730n })]), all), ["matched", "0"]);
});

test("an exact invoice of any quantity and price is matched, and rounding of a cent is no difference", () => fc.assert(fc.property(fc.bigInt({ min: 1n, max: 10n ** 12n }), fc.bigInt({ min: 1n, max: 10n ** 11n }), (quantity, price) => {
  const net = (quantity * price + 5_000_000_000n) / 10_000_000_000n;
  const one = line({ quantity, net, tax: (net * 130_000n + 500_000n) / 1_000_000n, ordered: [order({ quantity, price, received: quantity })] });
  assert.equal(matchThreeWay(invoice([one]), [{ ...strict, priceBasisPoints: 0n }]).state, "matched");
})));

test("what is at stake is never negative and never more than the invoice is worth", () => fc.assert(fc.property(fc.bigInt({ min: 1n, max: 10n ** 9n }), fc.bigInt({ min: 0n, max: 10n ** 9n }), fc.bigInt({ min: 0n, max: 10n ** 9n }), fc.bigInt({ min: 1n, max: 10n ** 9n }), (quantity, received, elsewhere, net) => {
  const tax = (net * 13n) / 100n;
  for (const finding of matchThreeWay(invoice([line({ quantity, net, tax, ordered: [order({ quantity, received, invoicedElsewhere: elsewhere })] })]), []).findings) assert.ok(finding.atStake >= 0n && finding.atStake <= net + tax, JSON.stringify(finding, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value)));
})));
