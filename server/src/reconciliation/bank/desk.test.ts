import assert from "node:assert/strict";
import { after, test } from "node:test";
import { registerAll } from "../../app/registry.ts";
import { createBook, loadBook } from "../../books/index.ts";
import { type Ctx, silentLog, systemClock } from "../../platform/index.ts";
import { testStore } from "../../platform/testing.ts";
import { startOfTable } from "../../connectors/index.ts";
import { postDocuments, readPartyItems } from "../../vouchers/index.ts";
import { bookMovement, decideMatch, forgetPayer, ignoreMovements, listBankAccounts, listPayers, matchAccount, readBankJournal, reconcileBalance, removeLayout, saveStatementLayout, showDesk, takeStatement, undoBankMatch } from "../index.ts";

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
  assert.deepEqual(await undoBankMatch(ctx, book, match), { movements: 1, document: null });
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

/** One movement of an account of its own, so that nothing else is open there. */
const bookings = async (): Promise<(name: string, ...rows: readonly (readonly string[])[]) => Promise<string[]>> => {
  await postDocuments(ctx, "B1", [{ schema: "tieout/bankAccount@1", source: "fin", sourceId: "BA2", name: { zh: "建行一般户" }, currency: "CNY", account: "1002", number: "6222000000000000022" }]);
  return async (name, ...rows) => {
    await takeStatement(ctx, book, "BA2", name, icbc(...rows));
    return (await showDesk(ctx, book, "BA2")).movements.map(({ movement }) => movement);
  };
};

test("what only the bank shows is booked and matched in one act, once however often it is pressed; undone it is taken back in red", async () => {
  const take = await bookings();
  const [fee = "", interest = ""] = await take("fees.csv", ["2026-03-20 09:00:00", "", "15.00", "985.00", "", "", "手续费"], ["2026-03-21 09:00:00", "35.60", "", "1020.60", "", "", "结息"]);
  await assert.rejects(bookMovement(ctx, book, "BA2", { movements: [fee], lines: [], as: "interest" }), { code: "bank.way" });
  await assert.rejects(bookMovement(ctx, book, "BA2", { movements: ["99999"], lines: [], as: "fee" }), { code: "bank.not_open" });
  await assert.rejects(bookMovement(ctx, book, "BA2", { movements: [fee], lines: [], as: "other" }), { code: "bank.counter_account" });
  await assert.rejects(bookMovement(ctx, book, "BA2", { movements: [fee], lines: [], as: "other", account: "no such account" }), { code: "bank.not_posted" });
  const twice = await Promise.allSettled([bookMovement(ctx, book, "BA2", { movements: [fee], lines: [], as: "fee" }), bookMovement(ctx, book, "BA2", { movements: [fee], lines: [], as: "fee" })]);
  assert.deepEqual(twice.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
  const done = twice.find((one) => one.status === "fulfilled");
  assert.ok(done?.status === "fulfilled");
  assert.deepEqual([done.value.document, done.value.amount, done.value.vouchers.length], [`tieout:bankStatementLine/bank-BA2-${fee}-1`, "15.00", 1]);
  await bookMovement(ctx, book, "BA2", { movements: [interest], lines: [], as: "interest" });
  assert.deepEqual((await showDesk(ctx, book, "BA2")).lines, []);
  assert.deepEqual(await undoBankMatch(ctx, book, done.value.match), { movements: 1, document: done.value.document });
  const desk = await showDesk(ctx, book, "BA2");
  assert.deepEqual([desk.movements.map(({ movement }) => movement), desk.lines], [[fee], []], "a voucher and its reversal ask for nothing at the bank");
  assert.equal((await reconcileBalance(ctx, book, "BA2", "2026-03-31")).bookReceived.length, 0);
  const again = await bookMovement(ctx, book, "BA2", { movements: [fee], lines: [], as: "other", account: "6602", summary: "账户管理费" });
  assert.equal(again.document, `tieout:bankStatementLine/bank-BA2-${fee}-2`);
  assert.deepEqual((await readBankJournal(ctx, book, "BA2", {})).map(({ step, document, undoneBy }) => [step, document?.split("/")[1], undoneBy]), [["booked", `bank-BA2-${fee}-2`, null], ["booked", `bank-BA2-${interest}-1`, null], ["booked", `bank-BA2-${fee}-1`, "chen"]]);
});

test("a receipt less its fee is split: the line that is there, and the fee as a document of its own; a receipt that nobody entered clears the invoices that were ticked", async () => {
  const take = await bookings();
  await postDocuments(ctx, "B1", [invoice("SI2603-00020", "C1", "1000.00"), invoice("SI2603-00021", "C1", "500.00"), paid("CR2603-00020", "2026-03-24", "C1", "1060.00", "SI2603-00020", { bankAccount: "BA2" })]);
  const [net = "", whole = ""] = await take("split.csv", ["2026-03-24 09:00:00", "1055.00", "", "2060.60", "白榆代付", "32009", "货款"], ["2026-03-25 09:00:00", "630.00", "", "2690.60", "白榆代付", "32009", "货款"]);
  const [line] = (await showDesk(ctx, book, "BA2")).lines;
  const split = await bookMovement(ctx, book, "BA2", { movements: [net], lines: [line?.line ?? ""], as: "fee" });
  assert.deepEqual([split.amount, split.document.split("/")[0]], ["5.00", "tieout:bankStatementLine"]);
  await assert.rejects(bookMovement(ctx, book, "BA2", { movements: [whole], lines: [], as: "receipt", party: "C9" }), { code: "bank.party" });
  await assert.rejects(bookMovement(ctx, book, "BA2", { movements: [whole], lines: [], as: "receipt", party: "C1", items: ["erp:salesInvoice/NOPE"] }), { code: "bank.item" });
  const receipt = await bookMovement(ctx, book, "BA2", { movements: [whole], lines: [], as: "receipt", party: "C1", items: ["erp:salesInvoice/SI2603-00021"] });
  assert.equal(receipt.document.split("/")[0], "tieout:cashReceipt");
  const items = await readPartyItems(ctx, book, { party: "C1", kind: "customer" });
  // 530.00 of the 630.00 cleared the invoice; what was more stands on account.
  assert.deepEqual([items.find(({ link }) => link === "erp:salesInvoice/SI2603-00021"), items.filter(({ isAgainst }) => isAgainst).map(({ open }) => open)], [undefined, ["100.00"]]);
  // Its payer was learned, is shown, and can be forgotten.
  const learned = (await listPayers(ctx, book)).find(({ name }) => name === "白榆代付");
  assert.deepEqual([learned?.party, learned?.partyName, learned?.account, learned?.learnedBy], ["C1", "白榆商贸有限公司", "32009", "chen"]);
  assert.ok(learned);
  await forgetPayer(ctx, book, learned);
  assert.equal((await listPayers(ctx, book)).find(({ name }) => name === "白榆代付"), undefined);
  await assert.rejects(forgetPayer(ctx, book, learned), { code: "bank.payer_unknown" });
});

test("a bank that no ready layout reads is read by the columns that somebody named", async () => {
  const file = Buffer.from("某银行电子对账单\n账户,6222000000000000022\n记账日,对手方,对手账号,发生额,结余,备注\n20260327,白榆商贸有限公司,32001,\"1,200.00\",3890.60,货款\n20260328,电力公司,32002,-200.00,3690.60,电费\n20260328,电力公司,32002,-200.00,3490.60,电费\n合计,,,800.00,,\n");
  await assert.rejects(takeStatement(ctx, book, "BA2", "else.csv", file), { code: "bank.file_unknown" });
  assert.deepEqual((await startOfTable("else.csv", file))?.columns, ["记账日", "对手方", "对手账号", "发生额", "结余", "备注"]);
  await assert.rejects(saveStatementLayout(ctx, book, "某银行", { day: "记账日" }), { code: "layout.invalid" });
  await saveStatementLayout(ctx, book, "某银行", { day: "记账日", signed: "发生额", balance: "结余", name: "对手方", account: "对手账号", text: "备注" });
  const [taken] = await takeStatement(ctx, book, "BA2", "else.csv", file);
  assert.deepEqual([taken?.format, taken?.isNew, taken?.opening, taken?.closing, taken?.problems], ["某银行", 3, "2690.60", "3490.60", []]);
  assert.deepEqual((await takeStatement(ctx, book, "BA2", "again.csv", file)).map(({ isNew }) => isNew), [0]);
  await removeLayout(ctx, book, "statement", "某银行");
  await assert.rejects(takeStatement(ctx, book, "BA2", "else.csv", file), { code: "bank.file_unknown" });
});
