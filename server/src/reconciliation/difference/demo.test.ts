import assert from "node:assert/strict";
import { after, test } from "node:test";
import { createDemo } from "../../app/demo-company.ts";
import { registerAll } from "../../app/registry.ts";
import { type Ctx, fixedClock, silentLog } from "../../platform/index.ts";
import { testStore } from "../../platform/testing.ts";
import { listDifferences, reconcileBook } from "../index.ts";

registerAll();
const store = await testStore();
after(() => store.close());

/** What the demo calls a mistake, and what it is to reconciliation. What does not post at all is a document without voucher, and its reason says the rest. */
const expected: Readonly<Record<string, readonly string[]>> = {
  missingInvoice: ["notInvoiced"], unbilledShipment: ["notInvoiced"], returnWithoutRedInvoice: ["returnNotCredited"], quantityDiffers: ["quantityDiffers"], priceDiffers: ["priceDiffers"], wrongTaxRate: ["taxRateDiffers"], wrongCustomer: ["otherParty"], shortPayment: ["paidShort"],
  wrongPeriod: ["datedAhead"], wrongRate: ["rateDiffers"], rounding: ["noVoucher", "taxRounded"], duplicatePayment: ["paidTwice", "noVoucher"], manualOnControlledAccount: ["manualOnControlled"], zeroQuantityAmount: ["amountWithoutQuantity"], openingDiffers: ["openingDiffers"],
  duplicateInvoice: ["noVoucher", "duplicateInvoice"], wrongUnit: ["noVoucher"], unknownCode: ["noVoucher"], overLinked: ["noVoucher"], missingDocument: ["noVoucher"],
};

test("every mistake planted in the demo company is found, under its name", async () => {
  const ctx: Ctx = { db: store, actor: { id: "chen" }, now: fixedClock("2027-03-01T02:00:00Z"), log: silentLog };
  const { book, defects } = await createDemo(ctx, { seed: 1, scale: 0.2, book: "DEMO", from: "2026-01", months: 12 });
  await reconcileBook(ctx, book, { seals: false });
  const found = await listDifferences(ctx, book, { limit: 1_000 }, { cost: true });
  assert.ok(defects.length > 25, String(defects.length));
  const missing = defects.filter(({ cause, documents }) => !found.some((one) => (expected[cause] ?? []).includes(one.cause) && (one.documents.includes(documents[0] as string) || one.subject === documents[0])));
  assert.deepEqual(missing.map(({ id, cause, documents }) => `${id} ${cause} ${documents.join(" ")}`), []);
});
