import assert from "node:assert/strict";
import { after, test } from "node:test";
import { fixedClock, Refusal, silentLog, type Ctx } from "../platform/index.ts";
import { testStore } from "../platform/testing.ts";
import { changeSetting, createBook, ensurePeriod, listBooks, loadAccounts, loadBook, packIds, packRules, readPeriods, settingKeys, showBook } from "./index.ts";

const store = await testStore();
after(() => store.close());
const ctx: Ctx = { db: store, actor: { id: "chen" }, now: fixedClock("2026-01-05T08:00:00Z"), log: silentLog };

const refused = (code: string) => (error: unknown): boolean => error instanceof Refusal && error.code === code;

test("a new book has its pack's chart, a calendar of two years, every setting, rules and an empty chain", async () => {
  const book = await createBook(ctx, { code: "B1", pack: "cas-general", currency: "CNY", from: "2026-03", settings: { costing: "fifo" } });
  assert.deepEqual(await loadBook(store, "B1"), book);
  assert.equal(book.settings.costing, "fifo");
  assert.equal(book.settings.estimateMode, "reverseOnInvoice");
  assert.deepEqual(Object.keys(book.settings).sort(), [...settingKeys].sort());
  const periods = await readPeriods(store, book);
  assert.equal(periods[0]?.period, "2026-03");
  assert.equal(periods.at(-1)?.period, "2027-12");
  const accounts = await loadAccounts(store, book);
  assert.deepEqual([accounts.get("1122.01")?.zh, accounts.get("1122.01")?.type, accounts.get("1122.01")?.carries.dimensions, accounts.get("1122")?.postable], ["明细应收款", "asset", ["counterparty"], false]);
  assert.deepEqual(await store.one("select block_no, next_voucher from vouchers.head where book_id = $1", [book.bookId]), { block_no: 0n, next_voucher: 1n });
  assert.deepEqual(await store.one("select version, proposed_by, approved_by from rules.version where book_id = $1", [book.bookId]), { version: 1, proposed_by: "pack", approved_by: "chen" });
});

test("a book is refused whose code is taken, or whose pack, currency, period, setting or value does not exist", async () => {
  const wanted = { code: "B2", pack: "cas-general", currency: "CNY", from: "2026-01" };
  await assert.rejects(createBook(ctx, { ...wanted, code: "B1" }), refused("book.exists"));
  await assert.rejects(createBook(ctx, { ...wanted, code: "a b" }), refused("book.code"));
  await assert.rejects(createBook(ctx, { ...wanted, pack: "gaap" }), refused("pack.unknown"));
  await assert.rejects(createBook(ctx, { ...wanted, currency: "rmb" }), refused("book.currency"));
  await assert.rejects(createBook(ctx, { ...wanted, from: "2026-13" }), refused("book.period"));
  await assert.rejects(createBook(ctx, { ...wanted, settings: { costing: "lifo" } }), refused("setting.value"));
  await assert.rejects(createBook(ctx, { ...wanted, settings: { colour: "red" } }), refused("setting.unknown"));
  await assert.rejects(createBook(ctx, { ...wanted, settings: { levyRate: "1.01" } }), refused("setting.value"));
  assert.deepEqual((await listBooks(store)).map(({ code }) => code), ["B1"]);
});

test("a code that is created twice at once exists once", async () => {
  const both = await Promise.allSettled([1, 2].map(() => createBook(ctx, { code: "TWIN", pack: "cas-general", currency: "CNY", from: "2026-01" })));
  assert.deepEqual(both.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
});

test("a change of method is recorded with who, when and why, and the old value stays", async () => {
  const book = await changeSetting(ctx, "B1", "costing", "movingAverage", "board decision 7");
  assert.equal(book.settings.costing, "movingAverage");
  const shown = await showBook(ctx, "B1");
  assert.deepEqual(shown.history.filter(({ key }) => key === "costing").map(({ version, value }) => [version, value]), [[1, "fifo"], [2, "movingAverage"]]);
  assert.deepEqual(shown.acts.at(-1), { what: "setting.changed", facts: { key: "costing", before: "fifo", after: "movingAverage" }, at: "2026-01-05T08:00:00Z", by: "chen", reason: "board decision 7" });
  await assert.rejects(changeSetting(ctx, "B1", "costing", "lifo"), refused("setting.value"));
  await assert.rejects(changeSetting(ctx, "B9", "costing", "fifo"), refused("book.unknown"));
});

test("the application cannot overwrite a setting or an act", async () => {
  await assert.rejects(store.exec("update books.setting set value = 'fifo'"), /permission denied/);
  await assert.rejects(store.exec("delete from books.act"), /permission denied/);
});

test("the calendar grows by one year at a time and never to before the first period", async () => {
  const book = await loadBook(store, "B1");
  await ensurePeriod(store, book, "2026-02"); // the opening period
  await ensurePeriod(store, book, "2028-05");
  assert.equal((await readPeriods(store, book)).at(-1)?.period, "2028-12");
  await assert.rejects(ensurePeriod(store, book, "2030-01"), refused("period.outside"));
  await assert.rejects(ensurePeriod(store, book, "2026-01"), refused("period.before_first"));
});

test("every pack makes a book", async () => {
  for (const pack of packIds()) {
    const book = await createBook(ctx, { code: `P-${pack}`, pack, currency: "CNY", from: "2026-01" });
    assert.ok((await loadAccounts(store, book)).size > 50, pack);
    assert.deepEqual(Object.keys(packRules(pack)), ["rules", "tables"]);
  }
});
