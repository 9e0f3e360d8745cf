/**
 * Defects on purpose: for each of the eighteen causes so many, in a book that is otherwise whole, with the list of what was done. What can be made by
 * sending documents, by people and by rules is made so; what only a hand in the database or in the finance system can do is done there.
 */
import { addDays } from "../../values/index.ts";
import { type Book, loadAccounts, loadBook } from "../../books/index.ts";
import type { Ctx, Store } from "../../platform/index.ts";
import { currentOf, listRuleVersions, loadRuleVersion, proposeRules } from "../../rules/index.ts";
import { approveRules, closePeriod, type DocumentResult, forgetWriter, postDocuments, reverseVoucher, reviewDraft } from "../../vouchers/index.ts";
import type { CauseId } from "../causes.ts";
import * as store from "./defect-set.store.ts";

/** `subject` is what the difference has to be about: a document, a voucher, an item, a bank account. */
export type Planted = { readonly cause: CauseId; readonly subject: string };

export type DefectSet = { readonly ctx: Ctx; /** Another person, who reviews and approves. */ readonly other: Ctx; readonly owner: Store; readonly book: string; /** A period before the book's other documents, to be closed. */ readonly early: string; /** A day on which all is open. */ readonly date: string; readonly each: number };

const source = "set";
const no = (i: number): string => String(i + 1).padStart(4, "0");

/** Plants `each` defects of each cause. */
export async function plantDefects(set: DefectSet): Promise<Planted[]> {
  const { ctx, each } = set;
  const book = await loadBook(ctx.db, set.book);
  const planted: Planted[] = [];
  const all = Array.from({ length: each }, (_, i) => i);
  await send(set, masters(all));
  await lateDocuments(set, all, planted);
  await estimates(set, all, planted);
  await stock(set, book, all, planted);
  await manual(set, book, all, planted);
  await bankAccounts(set, book, all, planted);
  await openings(set, all, planted);
  await hands(set, book, all, planted);
  await delivered(set, book, all, planted);
  forgetWriter(ctx.db, set.book);
  return planted;
}

async function send({ ctx, book }: DefectSet, documents: readonly object[]): Promise<readonly DocumentResult[]> {
  return (await postDocuments(ctx, book, documents)).results;
}
/** All of them have to post; the set is of no use otherwise. */
async function sendWell(set: DefectSet, documents: readonly object[]): Promise<void> {
  const bad = (await send(set, documents)).filter(({ state }) => state !== "posted");
  if (bad.length > 0) throw new Error(`the set did not post: ${JSON.stringify(bad[0])}`);
}

const masters = (all: readonly number[]): object[] => [
  { schema: "tieout/supplier@1", source, sourceId: "XS", name: { zh: "对账样例供应商", en: "Set supplier" } }, { schema: "tieout/customer@1", source, sourceId: "XC", name: { zh: "对账样例客户", en: "Set customer" } },
  ...all.flatMap((i) => [
    ...["A", "B", "C", "D"].map((of) => ({ schema: "tieout/item@1", source, sourceId: `XI${of}${no(i)}`, name: { zh: `样例物料 ${of}${no(i)}` }, category: "rawMaterial", unit: "kg" })),
    { schema: "tieout/bankAccount@1", source, sourceId: `XT${no(i)}`, name: { zh: `样例账户 ${no(i)}` }, currency: "CNY", account: "1002" }, { schema: "tieout/bankAccount@1", source, sourceId: `XM${no(i)}`, name: { zh: `样例改动账户 ${no(i)}` }, currency: "CNY", account: "1002" },
  ]),
];

const order = (id: string, item: string, date: string): object => ({ schema: "tieout/purchaseOrder@1", source, sourceId: `XPO-${id}`, date, supplier: "XS", lines: [{ lineId: "1", item, quantity: "10", price: "20.00", taxRate: "0.13" }] });
const receipt = (id: string, item: string, date: string): object => ({ schema: "tieout/goodsReceipt@1", source, sourceId: `XGR-${id}`, date, supplier: "XS", warehouse: "W1", lines: [{ lineId: "1", item, quantity: "10", links: [{ to: `${source}:purchaseOrder/XPO-${id}/1`, quantity: "10" }] }] });
const expense = (id: string, date: string, more: object = {}): object => ({ schema: "tieout/supplierInvoice@1", source, sourceId: id, date, supplier: "XS", invoiceNumber: id, lines: [{ lineId: "1", description: "服务", category: "service", quantity: "1", amountNet: "100.00", taxRate: "0.06", tax: "6.00" }], ...more });

/** 9: the period was closed before they came. */
async function lateDocuments(set: DefectSet, all: readonly number[], planted: Planted[]): Promise<void> {
  await closePeriod(set.ctx, set.book, set.early);
  await sendWell(set, all.map((i) => expense(`XLATE-${no(i)}`, `${set.early}-15`)));
  for (const i of all) planted.push({ cause: "otherPeriod", subject: `${source}:supplierInvoice/XLATE-${no(i)}` });
}

/** 11: somebody took the estimate of a receipt back, and no invoice came. */
async function estimates(set: DefectSet, all: readonly number[], planted: Planted[]): Promise<void> {
  await sendWell(set, all.flatMap((i) => [order(`A${no(i)}`, `XIA${no(i)}`, set.date), receipt(`A${no(i)}`, `XIA${no(i)}`, set.date)]));
  const book = await loadBook(set.ctx.db, set.book);
  for (const { id } of (await store.findDocumentIds(set.owner, book.bookId, source, "goodsReceipt")).slice(0, all.length)) {
    const [first] = await store.findVoucherOf(set.owner, book.bookId, id);
    if (!first) throw new Error("a receipt without voucher");
    const { document } = await reverseVoucher(set.ctx, set.book, first.voucher, set.date, "暂估冲回");
    await review(set, [document.slice(document.indexOf("/") + 1)]);
    planted.push({ cause: "estimateOpen", subject: first.voucher });
  }
}

async function review({ other, owner, book }: DefectSet, sourceIds: readonly string[]): Promise<void> {
  const { bookId } = await loadBook(other.db, book);
  for (const { draft } of await store.findDraftIds(owner, bookId, sourceIds)) await reviewDraft(other, book, String(draft));
}

/** 10: costed again without a voucher. 13: freight that the stock ledger does not have. 14: an amount without goods. */
async function stock(set: DefectSet, book: Book, all: readonly number[], planted: Planted[]): Promise<void> {
  await sendWell(set, all.flatMap((i) => ["B", "C"].flatMap((of) => [order(`${of}${no(i)}`, `XI${of}${no(i)}`, set.date), receipt(`${of}${no(i)}`, `XI${of}${no(i)}`, set.date)])));
  await sendWell(set, all.map((i) => ({ schema: "tieout/costInvoice@1", source, sourceId: `XCI-${no(i)}`, date: set.date, supplier: "XS", invoiceNumber: `XCI-${no(i)}`, allocateBy: "quantity", lines: [{ lineId: "1", charge: "freight", amountNet: "30.00", taxRate: "0.09", tax: "2.70", links: [{ to: `${source}:goodsReceipt/XGR-C${no(i)}/1` }] }] })));
  await sendWell(set, all.map((i) => ({ schema: "tieout/costAdjustment@1", source, sourceId: `XAD-${no(i)}`, date: set.date, lines: [{ lineId: "1", item: `XID${no(i)}`, warehouse: "W1", amount: "55.50" }] })));
  const ids = new Map((await store.findDocumentIds(set.owner, book.bookId, source, "goodsReceipt")).map(({ id, sourceId }) => [sourceId, id]));
  const freight = new Map((await store.findDocumentIds(set.owner, book.bookId, source, "costInvoice")).map(({ id, sourceId }) => [sourceId, id]));
  await set.owner.transaction(async (db) => {
    await store.unguard(db);
    for (const i of all) {
      await store.recost(db, book.bookId, ids.get(`XGR-B${no(i)}`) as bigint, 123n + BigInt(i));
      await store.dropMoves(db, book.bookId, freight.get(`XCI-${no(i)}`) as bigint);
    }
  });
  for (const i of all) planted.push({ cause: "amountDiffers", subject: `${source}:goodsReceipt/XGR-B${no(i)}` }, { cause: "freightFirst", subject: `${source}:costInvoice/XCI-${no(i)}` }, { cause: "amountWithoutQuantity", subject: `item:XID${no(i)}` });
}

/** 4: written and not reviewed. 5: on an account that documents keep; every second one reviewed and posted. */
async function manual(set: DefectSet, book: Book, all: readonly number[], planted: Planted[]): Promise<void> {
  const voucher = (id: string, lines: readonly object[]): object => ({ schema: "tieout/manualVoucher@1", source, sourceId: id, date: set.date, series: "记", summary: "样例", lines });
  await send(set, all.flatMap((i) => [
    voucher(`XMV-${no(i)}`, [{ lineId: "1", account: "6601", department: "D04", debit: "88.00" }, { lineId: "2", account: "6602", department: "D01", credit: "88.00" }]),
    voucher(`XMC-${no(i)}`, [{ lineId: "1", account: "1122.01", counterparty: "XC", debit: "99.00" }, { lineId: "2", account: "6051", credit: "99.00" }]),
  ]));
  const posted = all.filter((i) => i % 2 === 1);
  await review(set, posted.map((i) => `XMC-${no(i)}`));
  const ids = new Map((await store.findDocumentIds(set.owner, book.bookId, source, "manualVoucher")).map(({ id, sourceId }) => [sourceId, id]));
  for (const i of all) {
    planted.push({ cause: "notPosted", subject: `${source}:manualVoucher/XMV-${no(i)}` });
    const id = ids.get(`XMC-${no(i)}`);
    const [number] = id === undefined ? [] : await store.findVoucherOf(set.owner, book.bookId, id);
    planted.push({ cause: "manualOnControlled", subject: number?.voucher ?? `${source}:manualVoucher/XMC-${no(i)}` });
  }
}

/** 7: rules that send some bank accounts to another account than their master record. 8: master records that got another account later. */
async function bankAccounts(set: DefectSet, book: Book, all: readonly number[], planted: Planted[]): Promise<void> {
  const line = (id: string, bankAccount: string, amount: string): object => ({ schema: "tieout/bankStatementLine@1", source, sourceId: id, date: set.date, bankAccount, type: "fee", amount });
  await sendWell(set, all.map((i) => line(`XBM-${no(i)}`, `XM${no(i)}`, "7.00")));
  const versions = await listRuleVersions(set.ctx.db, book);
  const { body } = await loadRuleVersion(set.ctx.db, book, currentOf(versions, "9999-12-31")?.version ?? 1);
  const wrong = body.replace("- { from: row.account }", `- { when: "row.bankAccount in [${all.map((i) => `'XT${no(i)}'`).join(", ")}]", account: "1012" }\n      - { from: row.account }`);
  if (wrong === body) throw new Error("the rules have no table of own accounts");
  for (const text of [wrong, body]) {
    const version = await proposeRules(set.ctx, book, await loadAccounts(set.ctx.db, book), { text, effectiveOn: `${set.date.slice(0, 7)}-01`, note: "set" });
    await approveRules(set.other, book, version);
    forgetWriter(set.ctx.db, set.book);
    if (text === wrong) await sendWell(set, all.map((i) => line(`XBT-${no(i)}`, `XT${no(i)}`, "8.00")));
  }
  await send(set, all.map((i) => ({ schema: "tieout/bankAccount@1", source, sourceId: `XM${no(i)}`, name: { zh: `样例改动账户 ${no(i)}` }, currency: "CNY", account: "1012" })));
  for (const i of all) planted.push({ cause: "templateAccount", subject: `bankAccount:XT${no(i)}` }, { cause: "masterChanged", subject: `bankAccount:XM${no(i)}` });
}

/** 12: customers who pay more than the opening balance says they owe. */
async function openings(set: DefectSet, all: readonly number[], planted: Planted[]): Promise<void> {
  await send(set, all.map((i) => ({ schema: "tieout/cashReceipt@1", source, sourceId: `XCR-${no(i)}`, date: set.date, customer: "XC", bankAccount: "BA1", currency: "CNY", amount: "1000.50", links: [{ to: `${source}:salesInvoice/XOLD-${no(i)}`, amount: "1000.50" }] })));
  for (const i of all) planted.push({ cause: "openingDiffers", subject: `${source}:cashReceipt/XCR-${no(i)}` });
}
/** Lines for the book's opening balance, which only one document can be. */
export const openingLines = (each: number, from: number): object[] => Array.from({ length: each }, (_, i) => ({ lineId: String(from + i), account: "1122.01", debit: "1000.00", counterparty: "XC", document: `salesInvoice/XOLD-${no(i)}`, date: "2025-11-20", dueDate: "2026-12-31" }));

/** 1, 2, 3: rows that a broken interface left. 6: a hand in the database. */
async function hands(set: DefectSet, book: Book, all: readonly number[], planted: Planted[]): Promise<void> {
  // Half of the first come by themselves: an item that nobody knows parks them.
  const unknown = all.filter((i) => i % 2 === 0);
  await send(set, unknown.map((i) => ({ schema: "tieout/salesInvoice@1", source, sourceId: `XSI-${no(i)}`, date: set.date, customer: "XC", invoiceNumber: `XSI-${no(i)}`, lines: [{ lineId: "1", item: `NOBODY-${no(i)}`, quantity: "1", price: "10.00", taxRate: "0.13" }] })));
  const half = Math.ceil(all.length / 2);
  const fees = await store.findVouchers(set.owner, book.bookId, "bankStatementLine", "6603", all.length * 3);
  const mine = new Set([...all.map((i) => `XBM-${no(i)}`), ...all.map((i) => `XBT-${no(i)}`)].map((id) => `${source}:bankStatementLine/${id}`));
  const others = fees.filter(({ document }) => !mine.has(document)).slice(0, all.length);
  if (others.length < all.length) throw new Error("the book has too few bank lines");
  await set.owner.transaction(async (db) => {
    await store.unguard(db);
    const row = (kind: string, id: string, party: string, body: object): Promise<unknown> => store.addDocument(db, book.bookId, { source, kind, sourceId: id, date: set.date, party, body: JSON.stringify({ schema: `tieout/${kind}@1`, source, sourceId: id, date: set.date, ...body }) });
    for (const i of all) {
      if (i % 2 === 1) await row("salesInvoice", `XSI-${no(i)}`, "XC", { customer: "XC", lines: [{ lineId: "1", description: "服务", category: "service", quantity: "1", amountNet: "10.00", taxRate: "0.06", tax: "0.60" }] });
      await row(i % 2 === 1 ? "shipmentReturn" : "supplierInvoice", `XRT-${no(i)}`, i % 2 === 1 ? "XC" : "XS", i % 2 === 1 ? { customer: "XC", warehouse: "W1", lines: [{ lineId: "1", item: `XIA${no(i)}`, quantity: "1" }] } : { supplier: "XS", credit: true, lines: [{ lineId: "1", description: "折让", quantity: "1", amountNet: "10.00", taxRate: "0.13", tax: "1.30" }] });
      await row("costAdjustment", `XCA-${no(i)}`, "", { lines: [{ lineId: "1", item: `XIA${no(i)}`, warehouse: "W1", amount: "1.00" }] });
    }
    for (const [i, voucher] of others.entries()) await (i < half ? store.moveLine(db, book.bookId, voucher, "6603", "6602") : store.raiseVoucher(db, book.bookId, voucher));
  });
  for (const i of all) planted.push({ cause: "noVoucher", subject: `${source}:salesInvoice/XSI-${no(i)}` }, { cause: "returnWithoutVoucher", subject: `${source}:${i % 2 === 1 ? "shipmentReturn" : "supplierInvoice"}/XRT-${no(i)}` }, { cause: "adjustmentWithoutVoucher", subject: `${source}:costAdjustment/XCA-${no(i)}` });
  for (const voucher of others) planted.push({ cause: "voucherEdited", subject: voucher.voucher });
}

/** 15, 16, 17, 18: what the read-back of deliveries leaves behind. */
async function delivered(set: DefectSet, book: Book, all: readonly number[], planted: Planted[]): Promise<void> {
  const vouchers = await store.findSomeVouchers(set.owner, book.bookId, all.length * 4);
  const at = `${addDays(set.date, -1)}T08:00:00Z`;
  for (const [i, voucher] of vouchers.entries()) {
    const cause = (["changedThere", "twiceThere", "mappedDifferently", "inTransit"] as const)[i % 4] as CauseId;
    const isHeld = cause === "mappedDifferently" && i % 8 >= 4;
    const state = cause === "inTransit" ? (i % 8 >= 4 ? "unknown" : "pending") : isHeld ? "held" : "drifted";
    const { no: delivery } = await store.addDelivery(set.owner, book.bookId, { ...voucher, no: i, state, problem: isHeld ? { code: "delivery.account_unmapped", facts: { account: "1002", name: "银行存款" } } : null, at });
    planted.push({ cause, subject: voucher.voucher });
    if (state !== "drifted") continue;
    const lines = await store.findVoucherLines(set.owner, book.bookId, voucher.voucherId);
    const shown = (change: (line: (typeof lines)[number], at: number) => { account: string; amount: string }) => ({ date: lines[0]?.date ?? "", state: "", lines: lines.map(change) });
    const ours = shown(({ account, amount }) => ({ account, amount }));
    const edit = (["amount", "missing", "voided", "account"] as const)[Math.trunc(i / 4) % 4] as string;
    const kind = cause === "twiceThere" ? "several" : cause === "changedThere" && (edit === "missing" || edit === "voided") ? edit : "changed";
    // Edited by hand it stands on an account that no other has; by another map, on that of the map, and the map is not the one it was delivered with.
    const onto = (to: string) => shown(({ account, amount }, line) => ({ account: line === 0 ? to : account, amount }));
    const theirs = kind === "several" ? ["101", "102"] : kind === "missing" ? null : cause === "mappedDifferently" ? onto("9999") : edit === "account" ? onto(`99${i}`) : shown(({ account, amount }) => ({ account, amount: `${amount}1` }));
    await store.addDrift(set.owner, book.bookId, { no: delivery, kind, ours: kind === "several" || kind === "missing" ? null : cause === "mappedDifferently" ? { ...ours, isMapChanged: true } : ours, theirs: theirs as object | null, at });
  }
}
