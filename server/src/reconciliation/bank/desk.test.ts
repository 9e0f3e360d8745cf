import assert from "node:assert/strict";
import { after, test } from "node:test";
import { registerAll } from "../../app/registry.ts";
import { createBook, loadBook } from "../../books/index.ts";
import { type Ctx, silentLog, systemClock } from "../../platform/index.ts";
import { testStore } from "../../platform/testing.ts";
import { postDocuments } from "../../vouchers/index.ts";
import { decideMatch, ignoreMovements, listBankAccounts, matchAccount, readBankJournal, reconcileBalance, showDesk, takeStatement, undoBankMatch } from "../index.ts";

registerAll();
const store = await testStore();
after(() => store.close());
const ctx: Ctx = { db: store, actor: { id: "chen" }, now: systemClock, log: silentLog };
await createBook(ctx, { code: "B1", pack: "cas-general", currency: "CNY", from: "2026-03" });
const book = await loadBook(store, "B1");
const invoice = (id: string, customer: string, net: string) => ({ schema: "tieout/salesInvoice@1", source: "erp", sourceId: id, date: "2026-03-05", customer, invoiceNumber: id, lines: [{ lineId: "1", description: "服务", category: "service", quantity: "1", amountNet: net, taxRate: "0.06" }] });
const paid = (id: string, date: string, customer: string, amount: string, of: string, more: object = {}) => ({ schema: "tieout/cashReceipt@1", source: "fin", sourceId: id, date, customer, bankAccount: "BA1", amount, links: [{ to: `erp:salesInvoice/${of}`, amount }], ...more });
const { results } = await postDocuments(ctx, "B1", [
  { schema: "tieout/customer@1", source: "erp", sourceId: "C1", name: { zh: "白榆商贸有限公司" } }, { schema: "tieout/customer@1", source: "erp", sourceId: "C2", name: { zh: "苏州恒润环保工程有限公司" } },
  { schema: "tieout/bankAccount@1", source: "fin", sourceId: "BA1", name: { zh: "工行基本户" }, currency: "CNY", account: "1002", number: "6222000000000000011" },
  { schema: "tieout/openingBalance@1", source: "fin", sourceId: "OB", date: "2026-02-28", lines: [{ lineId: "1", account: "1002", debit: "50000.00", bankAccount: "BA1" }, { lineId: "2", account: "4001", credit: "50000.00" }] },
  invoice("SI2603-00001", "C1", "1000.00"), invoice("SI2603-00002", "C2", "2000.00"), invoice("SI2603-00003", "C2", "3000.00"),
  paid("CR2603-00001", "2026-03-10", "C1", "1060.00", "SI2603-00001"), paid("CR2603-00002", "2026-03-12", "C2", "2120.00", "SI2603-00002"), paid("CR2603-00003", "2026-03-30", "C2", "3180.00", "SI2603-00003"),
]);
assert.deepEqual(results.filter(({ state }) => state !== "posted").map(({ document, reasons }) => [document, reasons]), []);

/** 工行's own download; rows are time, in, out, balance, name, account, remark. */
const icbc = (...rows: readonly (readonly string[])[]): Buffer =>
  Buffer.from(["[HISTORYDETAIL]", "凭证号,交易时间,对方单位,对方账号,转入金额,转出金额,余额,用途,摘要,附言", ...rows.map(([time, inward, outward, balance, name, account, text]) => `0,${time},${name},${account},${inward},${outward},${balance},${text},转账,`)].join("\r\n"));
const march = icbc(
  ["2026-03-10 09:00:00", "1060.00", "", "51060.00", "白榆商贸有限公司", "32001", "货款SI2603-00001"],
  ["2026-03-12 09:00:00", "2115.00", "", "53175.00", "恒润财务", "32002", "往来款"],
  ["2026-03-20 09:00:00", "", "15.00", "53160.00", "", "", "手续费"],
);

test("a statement is taken once: its overlap with an earlier file brings nothing twice", async () => {
  const [first] = await takeStatement(ctx, book, "BA1", "march.csv", march);
  assert.deepEqual([first?.format, first?.movements, first?.isNew, first?.opening, first?.closing], ["icbc", 3, 3, "50000.00", "53160.00"]);
  const [again] = await takeStatement(ctx, book, "BA1", "march again.csv", march);
  assert.deepEqual([again?.movements, again?.isNew], [3, 0]);
  assert.deepEqual((await listBankAccounts(ctx, book)).map(({ bankAccount, open }) => [bankAccount, open]), [["BA1", 3]]);
});

test("what is certain is matched; the rest is shown with what it may be", async () => {
  assert.deepEqual(await matchAccount(ctx, book, "BA1"), { matched: 1, movements: 1, duplicates: 0, left: 2 });
  const desk = await showDesk(ctx, book, "BA1");
  assert.deepEqual(desk.movements.map(({ amount, name }) => [amount, name]), [["2115.00", "恒润财务"], ["-15.00", ""]]);
  assert.deepEqual(desk.lines.map(({ amount, document, party }) => [amount, document, party]), [["2120.00", "fin:cashReceipt/CR2603-00002", "C2"], ["3180.00", "fin:cashReceipt/CR2603-00003", "C2"]]);
});

test("a person's match that differs needs a reason, teaches the payer's name, and can be undone", async () => {
  const [movement] = (await showDesk(ctx, book, "BA1")).movements;
  const [line] = (await showDesk(ctx, book, "BA1")).lines;
  const wanted = { movements: [movement?.movement ?? ""], lines: [line?.line ?? ""] };
  await assert.rejects(decideMatch(ctx, book, "BA1", { ...wanted, reason: " " }), { code: "bank.differs" });
  const { match, difference } = await decideMatch(ctx, book, "BA1", { ...wanted, reason: "手续费" });
  assert.equal(difference, "5.00");
  await assert.rejects(decideMatch(ctx, book, "BA1", { ...wanted, reason: "手续费" }), { code: "bank.not_open" });
  assert.deepEqual(await undoBankMatch(ctx, book, match), { movements: 1 });
  await assert.rejects(undoBankMatch(ctx, book, match), { code: "bank.match_unknown" });
  await decideMatch(ctx, book, "BA1", { ...wanted, reason: "手续费" });
  assert.deepEqual((await readBankJournal(ctx, book, "BA1", {})).map(({ step, difference: by, madeBy, undoneBy }) => [step, by, madeBy, undoneBy]), [["person", "5.00", "chen", null], ["person", "5.00", "chen", "chen"], ["reference", "0.00", "system", null]]);
  // The next payment under that name is known to be theirs.
  await takeStatement(ctx, book, "BA1", "april.csv", icbc(["2026-04-02 09:00:00", "3180.00", "", "56340.00", "恒润财务", "32002", "往来款"]));
  assert.deepEqual(await matchAccount(ctx, book, "BA1"), { matched: 1, movements: 1, duplicates: 0, left: 1 });
});

test("the reconciliation of the balance names all four kinds and comes out even", async () => {
  const march31 = await reconcileBalance(ctx, book, "BA1", "2026-03-31");
  assert.deepEqual([march31.bankBalance, march31.bookBalance, march31.bankPaid.map(({ amount }) => amount), march31.bookReceived.map(({ amount }) => amount), march31.matchedDifference, march31.adjustedBank, march31.adjustedBook, march31.difference], ["53160.00", "56360.00", ["15.00"], ["3180.00"], "5.00", "56340.00", "56340.00", "0.00"]);
  const april = await reconcileBalance(ctx, book, "BA1", "2026-04-30");
  assert.deepEqual([april.bankBalance, april.bookReceived, april.difference], ["56340.00", [], "0.00"]);
});

test("what concerns nothing in the books is set aside with a reason, and then asks for nothing", async () => {
  const [movement] = (await showDesk(ctx, book, "BA1")).movements;
  await assert.rejects(ignoreMovements(ctx, book, "BA1", [movement?.movement ?? ""], ""), { code: "bank.reason" });
  assert.deepEqual(await ignoreMovements(ctx, book, "BA1", [movement?.movement ?? ""], "另行入账"), { movements: 1 });
  assert.deepEqual((await showDesk(ctx, book, "BA1")).movements, []);
});

test("a file of nobody, of another account, of another currency and one that does not add up are refused", async () => {
  await assert.rejects(takeStatement(ctx, book, "NOPE", "x.csv", march), { code: "bank.account_unknown" });
  await assert.rejects(takeStatement(ctx, book, "BA1", "x.csv", Buffer.from("a,b\n1,2\n")), { code: "bank.file_unknown" });
  const mt940 = (account: string, currency: string, closing: string): Buffer => Buffer.from(`:20:ST1\r\n:25:${account}\r\n:28C:1/1\r\n:60F:C260301${currency}100,00\r\n:61:2603020302C50,00NTRFREF1//B1\r\n:86:test\r\n:62F:C260302${currency}${closing}\r\n-\r\n`);
  await assert.rejects(takeStatement(ctx, book, "BA1", "x.sta", mt940("6222000000000099999", "CNY", "150,00")), { code: "bank.other_account" });
  await assert.rejects(takeStatement(ctx, book, "BA1", "x.sta", mt940("6222000000000000011", "EUR", "150,00")), { code: "bank.other_currency" });
  await assert.rejects(takeStatement(ctx, book, "BA1", "x.sta", mt940("6222000000000000011", "CNY", "151,00")));
});

test("two who decide about the same movement at once: one does, the other is told", async () => {
  await postDocuments(ctx, "B1", [invoice("SI2603-00009", "C1", "100.00"), paid("CR2603-00009", "2026-03-28", "C1", "106.00", "SI2603-00009")]);
  await takeStatement(ctx, book, "BA1", "y.csv", icbc(["2026-03-28 10:00:00", "106.00", "", "53266.00", "无名", "", "款"]));
  const desk = await showDesk(ctx, book, "BA1");
  const wanted = { movements: [desk.movements[0]?.movement ?? ""], lines: [desk.lines[0]?.line ?? ""], reason: "" };
  const outcomes = await Promise.allSettled([decideMatch(ctx, book, "BA1", wanted), decideMatch(ctx, book, "BA1", wanted)]);
  assert.deepEqual(outcomes.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
});
