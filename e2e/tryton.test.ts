/** What real-erp.ts does with a running Tryton, on the rows recorded from one: runs with every `npm test`. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { registerAll } from "../server/src/app/registry.ts";
import { type Book, createBook } from "../server/src/books/index.ts";
import { pullTryton, type TrytonCursor } from "../server/src/connectors/index.ts";
import { type FakeTryton, fakeLogin, startFakeTryton } from "../server/src/connectors/tryton-fake.ts";
import { readDocument } from "../server/src/documents/index.ts";
import { type Ctx, silentLog, systemClock } from "../server/src/platform/index.ts";
import { testStore, type TestStore } from "../server/src/platform/testing.ts";
import { postDocuments, readBalances, readStock } from "../server/src/vouchers/index.ts";
import { compareBooks, readTrytonBooks, type TrytonBooks } from "./tryton-figures.ts";

let fake: FakeTryton;
let store: TestStore;
let ctx: Ctx;
let theirs: TrytonBooks;
before(async () => {
  registerAll();
  [fake, store] = await Promise.all([startFakeTryton(), testStore()]);
  ctx = { db: store, actor: { id: "test" }, now: systemClock, log: silentLog };
  theirs = await readTrytonBooks({ url: fake.url, ...fakeLogin });
});
after(() => Promise.all([fake.close(), store.close()]));

let cursor: TrytonCursor | null = null;
async function* documents(code: string): AsyncGenerator<unknown> {
  for await (const item of pullTryton({ url: fake.url, ...fakeLogin, book: code, cursor, now: systemClock })) {
    assert.notEqual(item.is, "unmapped");
    if (item.is === "document") yield item.document;
    if (item.is === "cursor") cursor = item.cursor;
  }
}

async function bookOf(code: string, settings: Readonly<Record<string, string>>): Promise<Book> {
  cursor = null;
  return createBook(ctx, { code, pack: "cas-general", currency: "CNY", from: "2026-01", group: code, settings });
}

test("every document that the connector sends is read without a problem or a doubt", async () => {
  cursor = null;
  let read = 0;
  for await (const document of documents("B1")) {
    if (!("lines" in (document as object) || "amount" in (document as object))) continue;
    const { problems, doubts } = readDocument(document, "B1", "CNY") as { readonly problems?: readonly object[]; readonly doubts?: readonly object[] };
    assert.deepEqual([problems ?? [], doubts ?? []], [[], []]);
    read++;
  }
  assert.ok(read > 40);
});

const ways: readonly Readonly<Record<string, string>>[] = [{ estimateMode: "differenceOnInvoice" }, { estimateMode: "reverseOnInvoice" }, { estimateMode: "differenceOnInvoice", costing: "fifo" }];
for (const settings of ways) {
  const name = Object.values(settings).join(", ");
  test(`a recorded company's books come out equal to Tryton's own to the cent, or explained (${name})`, async () => {
    const book = await bookOf(name.replace(", ", "-"), settings);
    const { summary, results } = await postDocuments(ctx, book.code, documents(book.code));
    assert.deepEqual(results.filter(({ state }) => state !== "posted").map(({ document, state, reasons }) => [document, state, reasons.map(({ en }) => en)]), []);
    assert.ok(summary.vouchers > 20);

    const comparison = compareBooks(theirs, await readBalances(ctx, book, { by: "dimension", from: "2026-01", to: "2026-12" }), await readStock(ctx, book, {}));
    assert.deepEqual(comparison.figures.filter(({ unexplained }) => unexplained !== "0.00"), []);
    assert.deepEqual([comparison.parties, comparison.quantities], [[], []]);
    assert.deepEqual(comparison.causes.map(({ code }) => code).sort(), ["credit without goods", "price variance", "standard cost"]);

    const again = await postDocuments(ctx, book.code, documents(book.code));
    assert.deepEqual([again.summary.received, again.summary.vouchers], [0, 0]);
  });
}

test("a cent too much, a party mixed up or a piece missing is not explained away", async () => {
  const book = await bookOf("wrong", {});
  await postDocuments(ctx, book.code, documents(book.code));
  const [balances, stock] = [await readBalances(ctx, book, { by: "dimension", from: "2026-01", to: "2026-12" }), await readStock(ctx, book, {})];
  const isExplained = (changed: typeof balances, left: typeof stock): boolean => compareBooks(theirs, changed, left).isExplained;
  assert.ok(isExplained(balances, stock));
  const cent = { ...(balances.find(({ account }) => account === "6401") as (typeof balances)[number]), closingDebit: "0.01", closingCredit: "0.00" };
  assert.ok(!isExplained([...balances, cent], stock));
  const owing = balances.find(({ account, closingDebit }) => account === "1122.01" && closingDebit !== "0.00")?.dimensions.counterparty;
  assert.ok(!isExplained(balances.map((row) => (row.dimensions.counterparty === owing ? { ...row, dimensions: { counterparty: "nobody" } } : row)), stock));
  assert.ok(!isExplained(balances, stock.slice(1)));
});

test("a cursor that was lost costs nothing: the whole company again is all duplicates", async () => {
  const book = await bookOf("lost", {});
  const first = await postDocuments(ctx, book.code, documents(book.code));
  cursor = null;
  const again = await postDocuments(ctx, book.code, documents(book.code));
  assert.equal(again.summary.duplicate, first.summary.received);
  assert.equal(again.summary.vouchers, 0);
});
