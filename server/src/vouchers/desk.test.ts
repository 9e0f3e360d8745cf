import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { createBook } from "../books/index.ts";
import { type Ctx, fixedClock, Refusal, silentLog } from "../platform/index.ts";
import { testStore } from "../platform/testing.ts";
import {
  checkEntry, closePeriod, correctVoucher, type Entry, enterVoucher, type FindFilter, findDrafts, findVouchers, postDocuments, readRecentSummaries, readStanding, readVouchers, reverseVoucher, reviewDraft, reviewDrafts, sendBackDraft, showDraft, showVoucher, verify, whyVoucher, withdrawDraft,
} from "./index.ts";

const store = await testStore();
const dataDir = await mkdtemp(join(tmpdir(), "tieout-desk-"));
after(async () => {
  await store.close();
  await rm(dataDir, { recursive: true });
});
const ctx: Ctx = { db: store, actor: { id: "chen" }, now: fixedClock("2026-04-05T08:00:00Z"), log: silentLog, dataDir };
const as = (id: string): Ctx => ({ ...ctx, actor: { id } });
const book = await createBook(ctx, { code: "B1", pack: "cas-general", currency: "CNY", from: "2026-01", settings: { costing: "fifo" } });
const refused = (code: string) => (error: unknown): boolean => error instanceof Refusal && error.code === code;

const line = (more: object) => ({ lineId: "1", item: "PUMP", ...more });
const receipt = (id: string, date: string, quantity: string) => ({ schema: "tieout/goodsReceipt@1", source: "wms", sourceId: id, date, supplier: "S01", warehouse: "W1", lines: [line({ quantity, price: "10.00" })] });
await postDocuments(ctx, "B1", [
  { schema: "tieout/item@1", source: "erp", sourceId: "PUMP", name: { zh: "水泵", en: "Pump" }, category: "finishedGoods" },
  { schema: "tieout/supplier@1", source: "erp", sourceId: "S01", name: { zh: "宝钢股份有限公司" } }, { schema: "tieout/supplier@1", source: "erp", sourceId: "S02", name: { zh: "远泰钢铁" } },
  { schema: "tieout/bankAccount@1", source: "fin", sourceId: "BA1", name: { zh: "工行基本户" }, currency: "CNY" }, { schema: "tieout/department@1", source: "hr", sourceId: "HQ", name: { zh: "总部" } },
  receipt("GR-1", "2026-01-05", "60"), receipt("GR-2", "2026-02-08", "40"), { ...receipt("GR-3", "2026-02-09", "7"), supplier: "S02" },
  ...Array.from({ length: 12 }, (_, i) => receipt(`GR-1${String(i).padStart(2, "0")}`, `2026-03-${String(i + 1).padStart(2, "0")}`, String(i + 1))),
  { schema: "tieout/supplierInvoice@1", source: "erp", sourceId: "INV-A", invoiceNumber: "26332000000012345678", date: "2026-03-18", supplier: "S01", lines: [line({ quantity: "60", price: "10.50", taxRate: "0.13", links: [{ to: "wms:goodsReceipt/GR-1/1", quantity: "60" }] })] },
]);

const find = async (filter: FindFilter): Promise<string[]> => (await findVouchers(ctx, book, filter)).rows.map(({ period, number }) => `${period}/${number}`);
const entry = (more: Partial<Entry> = {}): Entry => ({
  entry: "desk-0001", date: "2026-03-20", attachments: 2,
  lines: [{ summary: "支付展会费", account: "6601", debit: "1,200.00", dimensions: { department: "HQ" } }, { summary: "支付展会费", account: "1002", credit: "1200", dimensions: { bankAccount: "BA1" } }], ...more,
});

test("the list begins with the newest voucher and goes back page by page, and forward again, without losing one", async () => {
  const all = (await readVouchers(ctx, book)).map(({ period, number }) => `${period}/${number}`);
  const byPeriod = [...new Set(all.map((one) => one.slice(0, 7)))].sort().reverse().flatMap((period) => all.filter((one) => one.startsWith(period)).reverse());
  const seen: string[] = [];
  let page = await findVouchers(ctx, book, { limit: 4 });
  assert.equal(page.newer, null);
  for (;;) {
    seen.push(...page.rows.map(({ period, number }) => `${period}/${number}`));
    if (page.older === null) break;
    page = await findVouchers(ctx, book, { limit: 4, after: page.older });
  }
  assert.deepEqual(seen, byPeriod);
  const back = [...page.rows.map(({ period, number }) => `${period}/${number}`)];
  while (page.newer !== null) {
    page = await findVouchers(ctx, book, { limit: 4, before: page.newer });
    back.unshift(...page.rows.map(({ period, number }) => `${period}/${number}`));
  }
  assert.deepEqual(back, byPeriod);
});

test("vouchers are found by period, number, account with all below it, party, amount, summary, rule and document", async () => {
  assert.deepEqual(await find({ from: "2026-01", to: "2026-02" }), ["2026-02/记-2", "2026-02/记-1", "2026-01/记-1"]);
  assert.deepEqual(await find({ number: "记-2" }), ["2026-03/记-2", "2026-02/记-2"]);
  assert.deepEqual(await find({ number: "2", to: "2026-02" }), ["2026-02/记-2"]);
  assert.deepEqual(await find({ party: "S02" }), ["2026-02/记-2"]);
  assert.deepEqual(await find({ account: "2202", from: "2026-01", to: "2026-01" }), ["2026-01/记-1"]);
  assert.deepEqual(await find({ party: "S02", account: "1405" }), []);
  assert.deepEqual(await find({ account: "2221" }), await find({ text: "INV-A", rule: "P4a" }));
  assert.deepEqual(await find({ amount: "400.00" }), ["2026-02/记-1"]);
  assert.equal((await find({ amount: "81.90" })).length, 1, "one line of the invoice, its tax");
  assert.deepEqual(await find({ text: "gr-3" }), ["2026-02/记-2"]);
  assert.deepEqual(await find({ document: "goodsReceipt/GR-3" }), ["2026-02/记-2"]);
  assert.deepEqual(await find({ preparedBy: "nobody" }), []);
  await assert.rejects(find({ account: "9999" }), refused("account.unknown"));
  await assert.rejects(find({ amount: "much" }), refused("amount.malformed"));
});

test("a voucher is shown with names, with what is attached and with its neighbours", async () => {
  const shown = await showVoucher(ctx, book, "2026-02", "记-2");
  assert.deepEqual(shown.lines.map(({ account, accountZh, named }) => `${account} ${accountZh} ${named.map(({ zh }) => zh).join(",")}`), ["1405 库存商品 水泵,W1", "2202.02 应付账款—暂估应付账款 远泰钢铁"].map((text) => text.replace("暂估应付账款", shown.lines[1]?.accountZh.split("—")[1] ?? "")));
  assert.deepEqual([shown.older, shown.newer, shown.inWords, shown.debitTotal], ["2026-02/记-1", "2026-03/记-1", "柒拾元整", "70.00"]);
  assert.deepEqual(shown.attached.map(({ document, lines }) => `${document} ${lines}`), ["wms:goodsReceipt/GR-3 1"]);
  await assert.rejects(showVoucher(ctx, book, "2026-02", "记-99"), refused("voucher.unknown"));
});

test("why: every line is made of entries with rule, table row, inputs and sum, and the voucher derives to the byte", async () => {
  for (const { period, number } of await readVouchers(ctx, book)) {
    const why = await whyVoucher(ctx, book, `${period}/${number}`);
    assert.ok(why.isEqual && why.derivedAs === "entries" && why.hash === why.hashDerived && why.hash.length === 64, `${period}/${number} ${why.derivedAs}`);
    assert.ok(why.lines.every(({ parts, count }) => count === 1 && parts[0]?.sum !== ""), `${period}/${number}`);
  }
  const [invoice = ""] = await find({ text: "INV-A", rule: "P4a" });
  const why = await whyVoucher(ctx, book, invoice);
  const [decision] = why.decisions;
  assert.deepEqual([decision?.document, decision?.rule, decision?.version], ["erp:supplierInvoice/INV-A", "P4a", 1]);
  assert.ok(decision?.rejected.some(({ wanted, actual }) => wanted !== "" && actual !== ""), "a rule that was not chosen says what it wanted and what was");
  assert.ok(why.lines.some(({ parts }) => parts[0]?.sum.includes("× 13%")), JSON.stringify(why.lines.map(({ parts }) => parts[0]?.sum)));
  assert.ok(why.lines.some(({ parts }) => parts[0]?.inputs.some(({ document }) => document === "wms:goodsReceipt/GR-1")), "an input names the receipt that the invoice is for");
  await assert.rejects(whyVoucher(ctx, book, "2026-03/记-99"), refused("voucher.unknown"));
});

test("why: the difference voucher of a changed document derives as the difference of its two versions", async () => {
  await postDocuments(ctx, "B1", [{ ...receipt("GR-2", "2026-02-08", "41"), sourceVersion: 2 }]);
  const [difference = ""] = await find({ document: "goodsReceipt/GR-2" });
  const why = await whyVoucher(ctx, book, difference);
  assert.deepEqual([why.isEqual, why.derivedAs], [true, "difference"]);
});

test("an entry by hand with mistakes is not kept, and every mistake is named by its line", async () => {
  const problems = await checkEntry(ctx, book, entry({
    date: "2026-02-30",
    lines: [{ summary: "", account: "6601", debit: "10.00" }, { summary: "甲", account: "2202", credit: "1.234" }, { summary: "乙", account: "1002", debit: "1", credit: "1", dimensions: { bankAccount: "NOPE", item: "PUMP" } }, { summary: "丙", account: "" }],
  }));
  assert.deepEqual(problems.map(({ code, where }) => `${where} ${code}`).sort(), [
    "date entry.date", "lines entry.unbalanced", "lines/1/department entry.dimension_missing", "lines/1/summary entry.no_summary", "lines/2/account entry.account", "lines/2/credit entry.amount",
    "lines/3/bankAccount entry.dimension_unknown", "lines/3/credit entry.both_sides", "lines/3/item entry.dimension_not_asked", "lines/4/account entry.no_account", "lines/4/debit entry.no_amount",
  ].sort());
  const entered = await enterVoucher(ctx, "B1", entry({ lines: [] }));
  assert.deepEqual([entered.draft, entered.problems[0]?.code], [null, "entry.too_few_lines"]);
  assert.deepEqual(await findDrafts(ctx, book), []);
});

test("an entry by hand waits for another person, is sent back with a reason, changed by its preparer and then posted", async () => {
  const entered = await enterVoucher(ctx, "B1", entry());
  const draft = entered.draft ?? "";
  assert.deepEqual(entered.problems, []);
  assert.deepEqual(await enterVoucher(ctx, "B1", entry()), entered, "sent twice it is one draft");
  const shown = await showDraft(as("li"), book, draft);
  assert.deepEqual([shown.isOwn, shown.debitTotal, shown.inWords, shown.attachments, shown.lines[1]?.named[0]?.zh], [false, "1200.00", "壹仟贰佰元整", 2, "工行基本户"]);
  await assert.rejects(reviewDraft(ctx, "B1", draft), refused("voucher.same_person"));
  await assert.rejects(sendBackDraft(ctx, "B1", draft, "x"), refused("voucher.same_person"));
  await assert.rejects(sendBackDraft(as("li"), "B1", draft, " "), refused("draft.reason"));
  const back = await sendBackDraft(as("li"), "B1", draft, "应记 6602 管理费用");
  assert.deepEqual(back.sentBack, { by: "li", at: back.sentBack?.at, reason: "应记 6602 管理费用" });
  await assert.rejects(reviewDraft(as("li"), "B1", draft), refused("draft.sent_back"));
  await assert.rejects(sendBackDraft(as("li"), "B1", draft, "again"), refused("draft.sent_back"));
  await assert.rejects(enterVoucher(as("wang"), "B1", entry()), refused("draft.not_own"));
  const changed = await enterVoucher(ctx, "B1", entry({ lines: [{ summary: "支付展会费", account: "6602", debit: "1200.00", dimensions: { department: "HQ" } }, { summary: "工行付款", account: "1002", credit: "1200.00", dimensions: { bankAccount: "BA1" } }] }));
  assert.ok(changed.version === 2 && changed.draft !== draft && changed.draft !== null);
  const { period, number } = await reviewDraft(as("li"), "B1", changed.draft ?? "");
  const [voucher] = await readVouchers(ctx, book, { period, number });
  assert.deepEqual([voucher?.preparedBy, voucher?.reviewedBy, voucher?.attachments, voucher?.lines.map(({ account, summary }) => `${account} ${summary}`).join("; ")], ["chen", "li", 2, "6602 支付展会费; 1002 工行付款"]);
  assert.ok((await whyVoucher(ctx, book, `${period}/${number}`)).isEqual);
  assert.deepEqual(await readStanding(ctx, book, "1002", { bankAccount: "BA1" }), { balance: "1200.00", side: "credit" });
  assert.deepEqual(await readRecentSummaries(ctx, book, "展会", 5), ["支付展会费"]);
});

test("many drafts are reviewed at once; one that is refused does not stop the others, and a withdrawn one leaves nothing", async () => {
  const drafts = await Promise.all(["desk-0002", "desk-0003", "desk-0004"].map(async (name, i) => (await enterVoucher(i === 1 ? as("li") : ctx, "B1", entry({ entry: name }))).draft ?? ""));
  await assert.rejects(withdrawDraft(as("li"), "B1", drafts[2] ?? ""), refused("draft.not_own"));
  await withdrawDraft(ctx, "B1", drafts[2] ?? "");
  const results = await reviewDrafts(as("li"), "B1", [...drafts, "999"]);
  assert.deepEqual(results.map(({ number, problem }) => problem?.code ?? (number === null ? "?" : "posted")), ["posted", "voucher.same_person", "draft.unknown", "draft.unknown"]);
  await reviewDraft(ctx, "B1", drafts[1] ?? "");
  assert.deepEqual(await findDrafts(ctx, book), []);
});

test("a reversal carries the legal summary and its reason, waits for review, and may be asked again after it was withdrawn", async () => {
  const asked = await reverseVoucher(ctx, "B1", "2026-02/记-2", "2026-03-25", "重复入库");
  assert.equal(asked.state, "waiting");
  const [draft] = await findDrafts(ctx, book);
  const shown = await showDraft(ctx, book, draft?.draft ?? "");
  assert.deepEqual([shown.summary, shown.reason, shown.corrects, shown.lines[0]?.debit], ["注销2月9日记-2号凭证", "重复入库", "2026-02/记-2", "-70.00"]);
  await withdrawDraft(ctx, "B1", shown.draft);
  await reverseVoucher(ctx, "B1", "2026-02/记-2", "2026-03-25", "重复入库");
  const [again] = await findDrafts(ctx, book);
  const { period, number } = await reviewDraft(as("li"), "B1", again?.draft ?? "");
  assert.equal((await showVoucher(ctx, book, "2026-02", "记-2")).reversedBy, `${period}/${number}`);
  assert.equal((await showVoucher(ctx, book, period, number)).reversalOf, "2026-02/记-2");
  assert.ok((await whyVoucher(ctx, book, `${period}/${number}`)).isEqual);
  const corrected = await correctVoucher(ctx, "B1", "2026-03/记-1", "2026-03-26", [{ lineId: "1", account: "1405", debit: "11.00", item: "PUMP", warehouse: "W1" }, { lineId: "2", account: "2202.02", credit: "11.00", counterparty: "S01" }], "单价有误");
  assert.deepEqual(corrected.map(({ state }) => state), ["waiting", "waiting"]);
  assert.deepEqual((await findDrafts(ctx, book)).map(({ summary }) => summary), ["注销3月1日记-1号凭证", "订正3月1日记-1号凭证"]);
  await reviewDrafts(as("li"), "B1", (await findDrafts(ctx, book)).map((one) => one.draft));
});

test("nothing is entered into a closed period, and the books are whole after all this", async () => {
  await closePeriod(ctx, "B1", "2026-01");
  assert.deepEqual((await checkEntry(ctx, book, entry({ date: "2026-01-20" }))).map(({ code }) => code), ["entry.period_closed"]);
  assert.deepEqual((await verify(ctx, book)).findings, []);
});
