import assert from "node:assert/strict";
import { after, test } from "node:test";
import { registerAll } from "../app/registry.ts";
import { createBook, loadBook } from "../books/index.ts";
import { BrokenRecord } from "../documents/index.ts";
import { type Ctx, silentLog, systemClock } from "../platform/index.ts";
import { testStore } from "../platform/testing.ts";
import { closePeriod, type DocumentResult, postDocuments, readBalances, readCompleteness, readVouchers, reopenPeriod, verify } from "./index.ts";

registerAll();
const store = await testStore();
after(() => store.close());
const ctx: Ctx = { db: store, actor: { id: "chen" }, now: systemClock, log: silentLog };
let made = 0;

const masters = [
  { schema: "tieout/item@1", source: "erp", sourceId: "STEEL", category: "rawMaterial", unit: "kg", units: [{ unit: "t", quantity: "1000" }] },
  { schema: "tieout/supplier@1", source: "erp", sourceId: "S01" }, { schema: "tieout/customer@1", source: "erp", sourceId: "C01" },
  { schema: "tieout/bankAccount@1", source: "fin", sourceId: "BA1", currency: "CNY", account: "1002" },
];

async function newBook(settings: Record<string, string> = {}, group?: string): Promise<string> {
  const code = `T${++made}`;
  await createBook(ctx, { code, pack: "cas-general", currency: "CNY", from: "2026-03", group: group ?? code, settings });
  await postDocuments(ctx, code, masters);
  return code;
}
const post = async (book: string, ...documents: unknown[]): Promise<DocumentResult[]> => (await postDocuments(ctx, book, documents)).results;
const receipt = (id: string, more: object = {}, line: object = {}): object =>
  ({ schema: "tieout/goodsReceipt@1", source: "wms", sourceId: id, date: "2026-03-05", supplier: "S01", lines: [{ lineId: "1", item: "STEEL", quantity: "10", price: "20.00", ...line }], ...more });
const invoice = (id: string, of: string, quantity = "10", more: object = {}): object =>
  ({ schema: "tieout/supplierInvoice@1", source: "erp", sourceId: id, date: "2026-03-18", supplier: "S01", lines: [{ lineId: "1", item: "STEEL", quantity, price: "21.00", taxRate: "0.13", links: [{ to: of, quantity }] }], ...more });
const whole = async (book: string): Promise<void> => {
  const result = await verify(ctx, await loadBook(store, book));
  // No data folder, so no anchors: everything else has to hold.
  assert.deepEqual(result.findings.filter((finding) => !finding.code.startsWith("verify.anchor")).map((finding) => finding.code), []);
};

const bad: readonly [title: string, document: unknown, code: string, state: "refused" | "parked" | "waiting"][] = [
  ["an unknown schema", receipt("X1", { schema: "tieout/goodsReciept@1" }), "schema.unknown", "refused"],
  ["an unknown schema version", receipt("X2", { schema: "tieout/goodsReceipt@9" }), "schema.version", "refused"],
  ["a document that is no object", ["x"], "document.not_object", "refused"],
  ["a missing field", receipt("X3", { date: undefined }), "field.missing", "refused"],
  ["a malformed field", receipt("X4", { supplier: 7 }), "field.type", "refused"],
  ["a float instead of a string", receipt("X5", {}, { quantity: 10.5 }), "field.number", "refused"],
  ["a negative quantity", receipt("X6", {}, { quantity: "-1" }), "field.negative", "refused"],
  ["a date outside the calendar", receipt("X7", { date: "2026-02-30" }), "date.invalid", "refused"],
  ["a field that the kind does not have", receipt("X8", { colour: "red" }), "field.unknown", "refused"],
  ["a malformed link", receipt("X9", {}, { links: [{ to: "nonsense" }] }), "link.malformed", "refused"],
  ["an unknown item", receipt("X10", {}, { item: "NOPE" }), "masterdata.unknown", "parked"],
  ["an unknown supplier", receipt("X11", { supplier: "NOBODY" }), "masterdata.unknown", "parked"],
  ["a currency without a rate", receipt("X12", { currency: "USD" }), "rate.missing", "parked"],
  ["an unknown unit", receipt("X13", {}, { unit: "barrel" }), "masterdata.unit_unknown", "parked"],
  ["a line without a price", receipt("X14", {}, { price: undefined }), "line.no_price", "parked"],
  ["a date before the book begins", receipt("X15", { date: "2026-02-10" }), "period.before_book", "parked"],
  ["a date far beyond the calendar", receipt("X16", { date: "2090-01-01" }), "period.outside_calendar", "parked"],
  ["an amount that is off", receipt("X17", {}, { amountNet: "201.00" }), "amount.off", "parked"],
  ["a link to a document that has not come", invoice("X18", "wms:goodsReceipt/NOT-HERE/1"), "link.waiting", "waiting"],
  ["a broken JSON record", new BrokenRecord(1, '{"schema":', "unexpected end"), "document.not_json", "refused"],
];
const shared = await newBook();
for (const [title, document, code, state] of bad) {
  test(`${title} is ${state}, and the answer says what to do in both languages`, async () => {
    const [result] = await post(shared, document);
    assert.equal(result?.state, state);
    const reason = result?.reasons.find((one) => one.code === code);
    assert.ok(reason, JSON.stringify(result));
    assert.match(reason.todo.zh, /\p{Script=Han}/u);
    assert.ok(reason.todo.en.length > 5 && reason.en.length > 5 && !/[{}]/.test(reason.en + reason.zh));
    assert.deepEqual(result?.vouchers, []);
  });
}

test("after all that was wrong the books are whole and everything that arrived is accounted for", async () => {
  await whole(shared);
  const { arrived, posted, exempt, waiting, parked } = await readCompleteness(ctx, await loadBook(store, shared));
  assert.equal(arrived, posted + exempt + waiting + parked);
});

test("a broken record in the middle refuses only itself", async () => {
  const book = await newBook();
  const results = await post(book, receipt("G1"), new BrokenRecord(2, "{", "x"), receipt("G2"));
  assert.deepEqual(results.map((result) => result.state), ["posted", "refused", "posted"]);
});

test("a document sent again is a duplicate, with other content it is refused", async () => {
  const book = await newBook();
  await post(book, receipt("G1"));
  const [same] = await post(book, receipt("G1"));
  const [other] = await post(book, receipt("G1", {}, { quantity: "11" }));
  assert.deepEqual([same?.state, other?.state, other?.reasons[0]?.code], ["duplicate", "refused", "document.version_reused"]);
  assert.equal((await readVouchers(ctx, await loadBook(store, book))).length, 1);
});

test("master records that a new process meets again are duplicates", async () => {
  const book = await newBook();
  const { summary } = await postDocuments({ ...ctx, db: { ...store } }, book, masters);
  assert.deepEqual([summary.posted, summary.duplicate], [0, masters.length]);
});

test("more is linked to a receipt than came: the second invoice is parked", async () => {
  const book = await newBook();
  const results = await post(book, receipt("G1"), invoice("I1", "wms:goodsReceipt/G1/1", "8"), invoice("I2", "wms:goodsReceipt/G1/1", "3"));
  assert.deepEqual([results[2]?.state, results[2]?.reasons[0]?.code], ["parked", "link.over"]);
  await whole(book);
});

test("an invoice number that another book of the group entered is refused, and the first one is named", async () => {
  const a = await newBook({}, "twins"), b = await newBook({}, "twins");
  const number = { invoiceNumber: "26332000000012345678" };
  await post(a, receipt("G1"), invoice("I1", "wms:goodsReceipt/G1/1", "10", number));
  const results = await post(b, receipt("G1"), invoice("I9", "wms:goodsReceipt/G1/1", "10", number));
  assert.equal(results[1]?.state, "refused");
  assert.match(results[1]?.reasons[0]?.en ?? "", new RegExp(`erp:supplierInvoice/I1 in book ${a}`));
});

test("a closed period accepts nothing: by setting the document goes to the next one, or is parked", async () => {
  const next = await newBook(), parks = await newBook({ lateDocuments: "park" });
  for (const book of [next, parks]) await closePeriod(ctx, book, "2026-03");
  const [late] = await post(next, receipt("G1")), [parked] = await post(parks, receipt("G1"));
  assert.deepEqual([late?.state, late?.period], ["posted", "2026-04"]);
  assert.deepEqual([parked?.state, parked?.reasons[0]?.code], ["parked", "period.closed_park"]);
});

test("what waited or was parked is posted when its prerequisite arrives", async () => {
  const book = await newBook();
  await post(book, invoice("I1", "wms:goodsReceipt/G1/1"), receipt("G2", {}, { item: "LATER" }));
  const { summary } = await postDocuments(ctx, book, [receipt("G1"), { schema: "tieout/item@1", source: "erp", sourceId: "LATER", category: "rawMaterial" }]);
  assert.equal(summary.released, 2);
  const { waiting, parked } = await readCompleteness(ctx, await loadBook(store, book));
  assert.deepEqual([waiting, parked], [0, 0]);
  await whole(book);
});

test("what waits is released by another process, and a newer version that waits leaves the posted one alone", async () => {
  const book = await newBook();
  const fresh = (): Ctx => ({ ...ctx, db: { ...store } });
  await post(book, invoice("I1", "wms:goodsReceipt/G1/1"));
  const [released] = (await postDocuments(fresh(), book, [receipt("G1")])).results.filter((result) => result.row === 0);
  assert.deepEqual([released?.document, released?.state], ["erp:supplierInvoice/I1", "posted"]);
  const [newer] = (await postDocuments(fresh(), book, [{ ...invoice("I1", "wms:goodsReceipt/G2/1"), sourceVersion: 2 }])).results;
  assert.equal(newer?.state, "waiting");
  assert.equal((await readVouchers(ctx, await loadBook(store, book))).length, 3);
  const { summary } = await postDocuments(fresh(), book, [receipt("G2")]);
  assert.equal(summary.released, 1);
  const balances = await readBalances(ctx, await loadBook(store, book));
  const sum = (account: string): string => balances.filter((row) => row.account === account).map((row) => `${row.closingDebit}/${row.closingCredit}`).join();
  assert.deepEqual([sum("2202.01"), sum("2202.02"), sum("1403")], ["0.00/237.30", "0.00/200.00", "410.00/0.00"]);
  await whole(book);
});

test("a document of 10,000 lines posts whole", async () => {
  const book = await newBook();
  const lines = Array.from({ length: 10_000 }, (_, i) => ({ lineId: String(i + 1), item: "STEEL", quantity: "1", price: "1.00" }));
  const [result] = await post(book, { ...receipt("BIG"), lines });
  assert.equal(result?.state, "posted");
  const balances = await readBalances(ctx, await loadBook(store, book));
  assert.equal(balances.find((row) => row.account === "2202.02")?.closingCredit, "10000.00");
});

test("two writers that post the same documents at once enter each of them once", async () => {
  const book = await newBook();
  const documents = Array.from({ length: 60 }, (_, i) => receipt(`G${i}`));
  // Two stores are two writers with memories of their own, as two processes are.
  const other: Ctx = { ...ctx, db: { ...store } };
  await Promise.all([postDocuments(ctx, book, documents, { batchSize: 7 }), postDocuments(other, book, documents, { batchSize: 5 })]);
  const vouchers = await readVouchers(ctx, await loadBook(store, book));
  assert.equal(vouchers.length, 60);
  assert.deepEqual(vouchers.map((voucher) => voucher.number), Array.from({ length: 60 }, (_, i) => `记-${i + 1}`));
  await whole(book);
});

test("the order of arrival does not change the books, after the cost run", async () => {
  const documents = [
    receipt("G1", { date: "2026-03-02" }, { quantity: "100", price: "10.00" }), receipt("G2", { date: "2026-03-04" }, { quantity: "50", price: "12.00" }),
    { schema: "tieout/shipment@1", source: "wms", sourceId: "S1", date: "2026-03-05", customer: "C01", lines: [{ lineId: "1", item: "STEEL", quantity: "40" }] },
    { schema: "tieout/shipment@1", source: "wms", sourceId: "S2", date: "2026-03-06", customer: "C01", lines: [{ lineId: "1", item: "STEEL", quantity: "70" }] },
    { schema: "tieout/salesInvoice@1", source: "erp", sourceId: "I1", date: "2026-03-08", customer: "C01", lines: [{ lineId: "1", item: "STEEL", quantity: "110", price: "20.00", taxRate: "0.13", links: [{ to: "wms:shipment/S1/1", quantity: "40" }, { to: "wms:shipment/S2/1", quantity: "70" }] }] },
    invoice("P1", "wms:goodsReceipt/G1/1", "100"),
  ];
  const totals = async (order: readonly number[], costing: string): Promise<string> => {
    const book = await newBook({ costing });
    for (const i of order) await post(book, documents[i]);
    await post(book, { schema: "tieout/costRun@1", source: "fin", sourceId: "CR", date: "2026-03-31" });
    await whole(book);
    return JSON.stringify((await readBalances(ctx, await loadBook(store, book))).map((row) => [row.account, row.closingDebit, row.closingCredit]).filter(([, debit, credit]) => debit !== credit));
  };
  for (const costing of ["movingAverage", "fifo", "monthEndAverage"]) {
    const inOrder = await totals([0, 1, 2, 3, 4, 5], costing);
    for (const order of [[1, 0, 3, 2, 5, 4], [4, 5, 3, 2, 1, 0], [5, 1, 2, 4, 0, 3]]) assert.equal(await totals(order, costing), inOrder, `${costing} ${order.join()}`);
  }
});

test("a period that another process closes in the middle of a posting takes nothing more, and nothing is lost", async () => {
  const book = await newBook();
  const other: Ctx = { ...ctx, db: { ...store } };
  const documents = Array.from({ length: 300 }, (_, i) => receipt(`G${i}`));
  let posted = 0;
  let closing: Promise<void> = Promise.resolve();
  const closeAndReopen = async (): Promise<void> => {
    for (let i = 0; i < 3; i++) {
      await closePeriod(other, book, "2026-03");
      await reopenPeriod(other, book, "2026-03", "test");
    }
    await closePeriod(other, book, "2026-03");
  };
  async function* slowly(): AsyncGenerator<unknown> {
    for (const document of documents) {
      if (posted === 20) closing = closeAndReopen();
      posted++;
      if (posted % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 15));
      yield document;
    }
  }
  const { summary } = await postDocuments(ctx, book, slowly(), { batchSize: 10 });
  await closing;
  const inMarch = (await readVouchers(ctx, await loadBook(store, book), { period: "2026-03" })).length;
  const { posted: late } = (await postDocuments(ctx, book, [receipt("LAST")])).summary;
  const inApril = (await readVouchers(ctx, await loadBook(store, book), { period: "2026-04" })).length;
  assert.deepEqual([summary.posted, late, inMarch + inApril], [300, 1, 301]);
  assert.equal((await readVouchers(ctx, await loadBook(store, book), { period: "2026-03" })).length, inMarch);
  assert.ok(inMarch > 0 && inApril > 1, `${inMarch} in March, ${inApril} in April`);
  await whole(book);
});

test("an opening item in yen, which has no decimals, is cleared to nothing by its payment", async () => {
  const book = await newBook();
  const opening = { schema: "tieout/openingBalance@1", source: "fin", sourceId: "OB", date: "2026-02-28", lines: [
    { lineId: "1", account: "2202.01", credit: "4800.00", counterparty: "S01", document: "supplierInvoice/OLD", currency: "JPY", amountOriginal: "100000" }, { lineId: "2", account: "4104", debit: "4800.00" }] };
  const payment = { schema: "tieout/supplierPayment@1", source: "fin", sourceId: "P1", date: "2026-03-09", supplier: "S01", bankAccount: "JP1", currency: "JPY", rate: "0.0485", amount: "100000", links: [{ to: "supplierInvoice/OLD", amount: "100000" }] };
  const results = await post(book, { schema: "tieout/bankAccount@1", source: "fin", sourceId: "JP1", currency: "JPY", account: "1002" }, opening, payment);
  assert.deepEqual(results.map(({ state, reasons }) => [state, reasons[0]?.en]), [["posted", undefined], ["posted", undefined], ["posted", undefined]]);
  const balances = await readBalances(ctx, await loadBook(store, book));
  const sum = (account: string): string[] => balances.filter((row) => row.account === account).map((row) => `${row.closingDebit}/${row.closingCredit}`);
  assert.deepEqual([sum("2202.01"), sum("1002")], [["0.00/0.00"], ["0.00/4850.00"]]);
  const [cents] = await post(book, { ...opening, sourceId: "OB2", lines: [{ ...opening.lines[0], amountOriginal: "100000.50" }, opening.lines[1]] });
  assert.deepEqual([cents?.state, cents?.reasons[0]?.code], ["refused", "field.type"]);
});
