import assert from "node:assert/strict";
import { after, test } from "node:test";
import { XMLValidator } from "fast-xml-parser";
import { registerAll } from "../../app/registry.ts";
import { createBook, loadBook } from "../../books/index.ts";
import { type Ctx, silentLog, systemClock } from "../../platform/index.ts";
import { testStore } from "../../platform/testing.ts";
import { postDocuments, readVouchers } from "../../vouchers/index.ts";
import { approvePayable, approvePayments, decideSupplierAccount, exportPayments, listPayables, listSupplierAccounts, listTolerances, matchAccount, matchInvoices, proposePayments, removeTolerance, savePaymentLayout, setSupplierAccount, setTolerance, settlePayments, showBatch, showDesk, takeStatement, withdrawPayments } from "../index.ts";

registerAll();
const store = await testStore();
after(() => store.close());
const as = (id: string): Ctx => ({ db: store, actor: { id }, now: systemClock, log: silentLog });
const [chen, li, wang] = [as("chen"), as("li"), as("wang")];
await createBook(chen, { code: "B1", pack: "cas-general", currency: "CNY", from: "2026-03" });
const book = await loadBook(store, "B1");
const bought = (id: string, supplier: string, quantity: string, price: string, dueDate: string, invoiced = price) => [
  { schema: "tieout/purchaseOrder@1", source: "erp", sourceId: `PO-${id}`, date: "2026-03-02", supplier, lines: [{ lineId: "1", item: "I1", quantity, price, taxRate: "0.13" }] },
  { schema: "tieout/goodsReceipt@1", source: "erp", sourceId: `GR-${id}`, date: "2026-03-05", supplier, warehouse: "W1", lines: [{ lineId: "1", item: "I1", quantity, price, links: [{ to: `purchaseOrder/PO-${id}/1` }] }] },
  { schema: "tieout/supplierInvoice@1", source: "erp", sourceId: `SI-${id}`, date: "2026-03-10", dueDate, supplier, invoiceNumber: `F-${id}`, lines: [{ lineId: "1", item: "I1", quantity, price: invoiced, taxRate: "0.13", links: [{ to: `goodsReceipt/GR-${id}/1` }] }] },
];
const { results } = await postDocuments(chen, "B1", [
  { schema: "tieout/item@1", source: "erp", sourceId: "I1", name: { zh: "钢板" }, category: "rawMaterial", unit: "pcs" }, { schema: "tieout/warehouse@1", source: "erp", sourceId: "W1", name: { zh: "原料仓" } },
  { schema: "tieout/supplier@1", source: "erp", sourceId: "S1", name: { zh: "宁波远泰钢铁" } }, { schema: "tieout/supplier@1", source: "erp", sourceId: "S2", name: { zh: "绍兴越达运输" } }, { schema: "tieout/supplier@1", source: "erp", sourceId: "S3", name: { zh: "=SUM(1),恒信" } },
  { schema: "tieout/bankAccount@1", source: "fin", sourceId: "BA1", name: { zh: "工行基本户" }, currency: "CNY", account: "1002", number: "6222000000000000011" },
  { schema: "tieout/openingBalance@1", source: "fin", sourceId: "OB", date: "2026-02-28", lines: [{ lineId: "1", account: "1002", debit: "90000.00", bankAccount: "BA1" }, { lineId: "2", account: "4001", credit: "90000.00" }] },
  ...bought("1", "S1", "100", "10.00", "2026-03-20"), ...bought("2", "S1", "50", "10.00", "2026-04-20"), ...bought("3", "S2", "10", "10.00", "2026-03-25", "12.00"), ...bought("4", "S3", "10", "30.00", "2026-05-01"),
]);
assert.deepEqual(results.filter(({ state }) => state !== "posted").map(({ document, reasons }) => [document, reasons]), []);
const zero = { supplier: "", itemGroup: "", quantity: "0", quantityPercent: "0", price: "0", pricePercent: "0", tax: "0", reason: "" };
const account = (supplier: string, number: string) => ({ supplier, name: `户 ${supplier}`, number, bank: "102100099996", bankName: "工行宁波分行", province: "浙江", city: "宁波", reason: "合同" });
const itemOf = async (document: string): Promise<string> => (await listPayables(chen, book)).find((one) => one.document === `erp:supplierInvoice/${document}`)?.item ?? "";

test("payables come by due date, and what does not match or has no account cannot be paid", async () => {
  assert.deepEqual((await listPayables(chen, book)).map(({ document, dueOn, left, match, account: bank, isPayable }) => [document.split("/")[1], dueOn, left, match, bank, isPayable]), [
    ["SI-1", "2026-03-20", "1130.00", "matched", "none", false], ["SI-3", "2026-03-25", "135.60", "priceVariance", "none", false], ["SI-2", "2026-04-20", "565.00", "matched", "none", false], ["SI-4", "2026-05-01", "339.00", "matched", "none", false],
  ]);
  assert.deepEqual((await listPayables(chen, book, { dueBy: "2026-03-31" })).length, 2);
  const [first] = await listPayables(chen, book, { limit: 1 });
  assert.deepEqual((await listPayables(chen, book, { limit: 1, after: first?.cursor })).map(({ document }) => document), ["erp:supplierInvoice/SI-3"]);
});

test("an account pays only once a second person approved it, and whoever entered it is not that person", async () => {
  await assert.rejects(proposePayments(chen, book, { bankAccount: "BA1", executeOn: "2026-03-19", items: [{ item: await itemOf("SI-1") }] }), { code: "payment.account_none" });
  await assert.rejects(setSupplierAccount(chen, book, { ...account("S1", "6222000000000000101"), bank: "ICBC" }), { code: "payment.account_invalid" });
  const { accountNo } = await setSupplierAccount(chen, book, account("S1", "6222 0000 0000 0000 101"));
  await assert.rejects(setSupplierAccount(li, book, account("S1", "6222000000000000102")), { code: "payment.account_waiting" });
  await assert.rejects(proposePayments(chen, book, { bankAccount: "BA1", executeOn: "2026-03-19", items: [{ item: await itemOf("SI-1") }] }), { code: "payment.account_waiting" });
  await assert.rejects(decideSupplierAccount(chen, book, accountNo, true), { code: "payment.same_person" });
  assert.deepEqual(await decideSupplierAccount(li, book, accountNo, true), { supplier: "S1" });
  assert.deepEqual((await listSupplierAccounts(chen, book, "S1")).map(({ number, state, setBy, decidedBy }) => [number, state, setBy, decidedBy]), [["6222000000000000101", "inForce", "chen", "li"]]);
  for (const [supplier, number] of [["S2", "6222000000000000201"], ["S3", "6222000000000000101"]] as const) {
    const made = await setSupplierAccount(chen, book, account(supplier, number));
    if (supplier === "S3") assert.deepEqual((await listSupplierAccounts(chen, book)).map(({ sameAs }) => sameAs), [["S1"]]);
    await decideSupplierAccount(li, book, made.accountNo, true);
  }
});

test("an exception is paid when another person takes responsibility for exactly what was found", async () => {
  const item = await itemOf("SI-3");
  const wanted = { bankAccount: "BA1", executeOn: "2026-03-19", items: [{ item }] };
  await assert.rejects(proposePayments(chen, book, wanted), { code: "payment.not_matched" });
  await assert.rejects(approvePayable(li, book, item, " "), { code: "payment.reason" });
  await approvePayable(li, book, item, "运费上涨,采购已确认");
  await assert.rejects(proposePayments(li, book, wanted), { code: "payment.same_person" });
  const batch = await proposePayments(chen, book, wanted);
  assert.deepEqual([batch.state, batch.amount, batch.payments], ["proposed", "135.60", 1]);
  await withdrawPayments(chen, book, batch.batch, "试算");
});

let first: Awaited<ReturnType<typeof proposePayments>>;
test("what is planned cannot be planned twice, also by two people at once, and whoever proposes does not approve", async () => {
  const wanted = { bankAccount: "BA1", executeOn: "2026-03-19", items: [{ item: await itemOf("SI-1") }, { item: await itemOf("SI-2"), amount: "500.00" }, { item: await itemOf("SI-4") }] };
  const both = await Promise.allSettled([proposePayments(chen, book, wanted), proposePayments(wang, book, wanted)]);
  assert.deepEqual(both.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
  const made = both.find((one) => one.status === "fulfilled");
  assert.ok(made?.status === "fulfilled");
  first = made.value;
  assert.deepEqual([first.amount, first.payments], ["1969.00", 2]);
  const shown = await showBatch(chen, book, first.batch);
  assert.deepEqual(shown.lines.map(({ supplier, amount, items }) => [supplier, amount, items.map(({ amount: of }) => of)]), [["S1", "1630.00", ["1130.00", "500.00"]], ["S3", "339.00", ["339.00"]]]);
  await assert.rejects(proposePayments(chen, book, { ...wanted, items: [{ item: await itemOf("SI-2"), amount: "65.01" }] }), { code: "payment.amount" });
  await assert.rejects(approvePayments(as(first.proposedBy), book, first.batch), { code: "payment.same_person" });
  await assert.rejects(store.query("update reconciliation.payment_batch set state = 'approved', approved_by = proposed_by, approved_at = now() where batch_no = $1", [first.batch]), /payment_batch/);
  await assert.rejects(exportPayments(chen, book, first.batch, "pain.001.001.03"), { code: "payment.state" });
});

test("a changed account stops the batch until it is decided, and afterwards for good", async () => {
  const change = await setSupplierAccount(wang, book, account("S1", "6222000000000000999"));
  await assert.rejects(approvePayments(li, book, first.batch), { code: "payment.account_changed" });
  assert.deepEqual((await showBatch(chen, book, first.batch)).lines.map(({ isAccountChanged }) => isAccountChanged), [true, false]);
  await decideSupplierAccount(li, book, change.accountNo, false);
  assert.equal((await approvePayments(li, book, first.batch)).state, "approved");
});

test("the file is the same however often it is written, in each of its forms, with the id that was made once", async () => {
  await assert.rejects(exportPayments(chen, book, first.batch, "pain.001.001.03"), { code: "payment.payer" });
  const payer = { bank: "102331002077", name: "澄江泵业" };
  const once = await exportPayments(chen, book, first.batch, "pain.001.001.03", payer);
  assert.equal(XMLValidator.validate(once.body), true);
  assert.match(once.body, /<CtrlSum>1969\.00<\/CtrlSum>/);
  assert.ok(once.body.includes(`<MsgId>${first.messageId}</MsgId>`));
  // Another name afterwards, another person, another account of the supplier: the bank still gets the bytes that it got.
  const change = await setSupplierAccount(wang, book, account("S1", "6222000000000000777"));
  await decideSupplierAccount(li, book, change.accountNo, true);
  assert.deepEqual(await exportPayments(li, book, first.batch, "pain.001.001.03", { name: "别名" }), once);
  const csv = await exportPayments(chen, book, first.batch, "icbc-csv");
  const [head, line, other] = csv.body.split("\r\n");
  assert.equal(head, "\ufeff付款账号开户行,付款账号,付款账号名称,收款账号开户行,省份名,城市名,收款账号,收款账号名称,金额,汇款用途,备注,短信通知手机号码");
  assert.equal(line, `102331002077,6222000000000000011,澄江泵业,工行宁波分行,浙江,宁波,6222000000000000101,户 S1,1630.00,货款 SI-1 SI-2,${first.messageId}-1,`);
  assert.ok(other?.includes("339.00"));
});

test("a payment document that arrives settles ours; what the bank shows becomes one, clears the invoices, and is matched with the bank", async () => {
  assert.deepEqual(await settlePayments(chen, book), { paid: [], problems: [], open: 2 });
  await postDocuments(chen, "B1", [{ schema: "tieout/supplierPayment@1", source: "erp", sourceId: "SP-9", date: "2026-03-19", supplier: "S3", bankAccount: "BA1", amount: "339.00", links: [{ to: "erp:supplierInvoice/SI-4", amount: "339.00" }] }]);
  assert.deepEqual((await settlePayments(chen, book)).paid, [{ endToEndId: `${first.messageId}-2`, document: "erp:supplierPayment/SP-9", paidOn: "2026-03-19" }]);
  const today = systemClock().toISOString().slice(0, 10);
  const statement = Buffer.from(["[HISTORYDETAIL]", "凭证号,交易时间,对方单位,对方账号,转入金额,转出金额,余额,用途,摘要,附言", `0,${today} 09:00:00,宁波远泰钢铁,6222000000000000101,,1630.00,88370.00,货款 ${first.messageId}-1,转账,`].join("\r\n"));
  await takeStatement(chen, book, "BA1", "march.csv", statement);
  const settled = await settlePayments(chen, book);
  assert.deepEqual([settled.paid.map(({ document }) => document), settled.problems, settled.open], [[`tieout:supplierPayment/${first.messageId}-1`], [], 0]);
  const shown = await showBatch(chen, book, first.batch);
  assert.deepEqual([shown.state, shown.paid], ["paid", "1969.00"]);
  assert.deepEqual((await listPayables(chen, book)).map(({ document, left }) => [document.split("/")[1], left]), [["SI-3", "135.60"], ["SI-2", "65.00"]]);
  assert.deepEqual(await settlePayments(chen, book), { paid: [], problems: [], open: 0 });
  assert.equal((await matchAccount(chen, book, "BA1")).matched, 1);
  assert.deepEqual((await showDesk(chen, book, "BA1")).movements, []);
});

test("what a supplier and an item group may differ by is data: the most particular counts, and without it the wider one again", async () => {
  await assert.rejects(setTolerance(chen, book, { ...zero, pricePercent: "101", reason: "试" }), { code: "match.tolerance" });
  await assert.rejects(setTolerance(chen, book, { ...zero, supplier: "S9", reason: "试" }), { code: "match.tolerance_supplier" });
  await assert.rejects(setTolerance(chen, book, zero), { code: "match.tolerance_reason" });
  const state = async (): Promise<string | undefined> => (await matchInvoices(chen, book, { of: "erp:supplierInvoice/SI-3" }))[0]?.state;
  assert.equal(await state(), "priceVariance");
  await setTolerance(chen, book, { ...zero, supplier: "S2", pricePercent: "25", tax: "0.05", reason: "框架合同" });
  assert.equal(await state(), "matched");
  await setTolerance(chen, book, { ...zero, supplier: "S2", itemGroup: "rawMaterial", pricePercent: "1", tax: "0.05", reason: "原材料从严" });
  assert.equal(await state(), "priceVariance");
  assert.deepEqual((await listTolerances(chen, book)).own.map(({ supplier, itemGroup, pricePercent, reason, setBy }) => [supplier, itemGroup, pricePercent, reason, setBy]), [["S2", "", "25", "框架合同", "chen"], ["S2", "rawMaterial", "1", "原材料从严", "chen"]]);
  for (const itemGroup of ["rawMaterial", ""]) await removeTolerance(chen, book, { supplier: "S2", itemGroup });
  await assert.rejects(removeTolerance(chen, book, { supplier: "S2", itemGroup: "" }), { code: "match.tolerance_unknown" });
  assert.equal(await state(), "priceVariance");
});

test("an invoice paid whole within its term is paid less the discount, which the books take off finance cost; the file stands in the bank's own columns", async () => {
  const [order, goods, invoice] = bought("5", "S3", "100", "10.00", "2026-06-30");
  await postDocuments(chen, "B1", [order, goods, { ...invoice, discountUntil: "2026-06-10", discountRate: "0.02" }]);
  const item = await itemOf("SI-5");
  assert.deepEqual((await listPayables(chen, book)).find((one) => one.item === item)?.discount, { until: "2026-06-10", amount: "22.60" });
  const late = await proposePayments(chen, book, { bankAccount: "BA1", executeOn: "2026-06-11", items: [{ item }] });
  assert.equal(late.amount, "1130.00");
  await withdrawPayments(chen, book, late.batch, "改到期限内");
  const part = await proposePayments(chen, book, { bankAccount: "BA1", executeOn: "2026-06-10", items: [{ item, amount: "1000.00" }] });
  assert.equal(part.amount, "1000.00");
  await withdrawPayments(chen, book, part.batch, "整笔付");
  const batch = await proposePayments(chen, book, { bankAccount: "BA1", executeOn: "2026-06-10", items: [{ item }] });
  assert.equal(batch.amount, "1107.40");
  assert.deepEqual((await showBatch(chen, book, batch.batch)).lines[0]?.items.map(({ amount, discount }) => [amount, discount]), [["1130.00", "22.60"]]);
  await approvePayments(li, book, batch.batch);
  await assert.rejects(savePaymentLayout(chen, book, "城商行", [{ head: "收款账号", field: "payeeAccount" }, { head: "金额", field: "amount" }]), { code: "layout.invalid" });
  await savePaymentLayout(chen, book, "城商行", [{ head: "序号", field: "number" }, { head: "收款账号", field: "payeeAccount" }, { head: "收款户名", field: "payeeName" }, { head: "金额", field: "amount" }, { head: "汇路", field: "text", text: "大额" }, { head: "附言", field: "id" }]);
  await assert.rejects(exportPayments(chen, book, batch.batch, "layout:无此", { bank: "102331002077" }), { code: "layout.unknown" });
  const file = await exportPayments(chen, book, batch.batch, "layout:城商行", { bank: "102331002077" });
  assert.equal(file.body, `\ufeff序号,收款账号,收款户名,金额,汇路,附言\r\n1,6222000000000000101,户 S3,1107.40,大额,${batch.messageId}-1\r\n`);
  const today = systemClock().toISOString().slice(0, 10);
  await takeStatement(chen, book, "BA1", "june.csv", Buffer.from(["[HISTORYDETAIL]", "凭证号,交易时间,对方单位,对方账号,转入金额,转出金额,余额,用途,摘要,附言", `0,${today} 10:00:00,户 S3,6222000000000000101,,1107.40,87262.60,货款 ${batch.messageId}-1,转账,`].join("\r\n")));
  const settled = await settlePayments(chen, book);
  assert.deepEqual([settled.problems, settled.paid.length], [[], 1]);
  const [voucher] = await readVouchers(chen, book, { document: settled.paid[0]?.document, limit: 1 });
  assert.deepEqual(voucher?.lines.map(({ account: of, debit, credit }) => [of, debit, credit]), [["2202.01", "1130.00", "0.00"], ["6603", "0.00", "22.60"], ["1002", "0.00", "1107.40"]]);
  assert.equal((await listPayables(chen, book)).find((one) => one.item === item), undefined);
});
