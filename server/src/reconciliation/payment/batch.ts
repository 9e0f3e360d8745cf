/** 付款批次: proposed by one person, approved by another, given to the bank once, and paid when the bank or a payment document shows it. */
import type { Book } from "../../books/index.ts";
import { type Ctx, type Db, refuse } from "../../platform/index.ts";
import { exponentOf, formatDecimal, isDate, parseDecimal } from "../../values/index.ts";
import { listBankAccounts } from "../bank/desk.ts";
import { payableKeys, readPayables } from "./payables.ts";
import * as store from "./payment.store.ts";
import { standingOf } from "./supplier-account.ts";

export type Batch = Omit<store.BatchRow, "payments" | "amount" | "paid"> & { readonly payments: number; readonly amount: string; readonly paid: string; readonly cursor: string };
export type BatchPayment = Omit<store.PaymentRow, "amount"> & { readonly supplierName: string; readonly amount: string; /** The account was changed since, or a change waits. */ readonly isAccountChanged: boolean; readonly items: readonly { readonly document: string; readonly dueOn: string; /** Cleared, of which the discount is kept back. */ readonly amount: string; readonly discount: string }[] };

const shown = (row: store.BatchRow): Batch => ({ ...row, payments: Number(row.payments), amount: formatDecimal(row.amount, exponentOf(row.currency)), paid: formatDecimal(row.paid, exponentOf(row.currency)), cursor: row.batch });
const isNumber = (text: string): boolean => /^\d{1,18}$/.test(text);

export const listBatches = async (ctx: Ctx, book: Book, page: { readonly after?: string | undefined; readonly limit?: number | undefined; readonly isOpen?: boolean | undefined } = {}): Promise<Batch[]> =>
  (await store.findBatches(ctx.db, book.bookId, page.after !== undefined && isNumber(page.after) ? page.after : "9223372036854775807", Math.min(page.limit ?? 50, 200), page.isOpen === true ? ["proposed", "approved", "exported"] : null)).map(shown);

/** Refuses: payment.batch_unknown. */
async function batchOf(db: Db, book: Book, batch: string): Promise<store.BatchRow> {
  return (isNumber(batch) ? await store.findBatch(db, book.bookId, batch) : undefined) ?? refuse("payment.batch_unknown", { batch });
}

/** Refuses: payment.batch_unknown. */
export async function showBatch(ctx: Ctx, book: Book, batch: string): Promise<Batch & { readonly lines: readonly BatchPayment[] }> {
  const row = await batchOf(ctx.db, book, batch);
  const payments = await store.findPayments(ctx.db, book.bookId, batch);
  const suppliers = [...new Set(payments.map(({ supplier }) => supplier))];
  const items = Map.groupBy(await store.findItems(ctx.db, book.bookId, payments.map(({ payment }) => payment)), ({ payment }) => payment);
  const names = new Map((await store.findSupplierNames(ctx.db, book.bookId, suppliers)).map((one) => [one.supplier, one.zh ?? one.en ?? ""]));
  const accounts = Map.groupBy(await store.findSupplierAccounts(ctx.db, book.bookId, suppliers), ({ supplier }) => supplier);
  const money = (minor: bigint): string => formatDecimal(minor, exponentOf(row.currency));
  return {
    ...shown(row),
    lines: payments.map((payment) => {
      const { inForce, pending } = standingOf(accounts.get(payment.supplier) ?? []);
      return { ...payment, supplierName: names.get(payment.supplier) ?? "", amount: money(BigInt(payment.amount)), isAccountChanged: pending !== undefined || inForce?.accountNo !== payment.accountNo, items: (items.get(payment.payment) ?? []).map((item) => ({ document: item.document, dueOn: item.dueOn, amount: money(item.amount), discount: money(item.discount) })) };
    }),
  };
}

export type Proposed = { readonly bankAccount: string; readonly executeOn: string; readonly items: readonly { readonly item: string; readonly amount?: string | undefined }[]; readonly note?: string | undefined };

/**
 * Plans to pay these items, one payment a supplier. What is paid whole within its term is paid less the discount. What does not match must have been approved by somebody else than who proposes.
 * Refuses: payment.empty, payment.date, bank.account_unknown, payment.item_unknown, payment.currency, payment.amount, payment.not_matched, payment.same_person, payment.account_none, payment.account_waiting.
 */
export async function proposePayments(ctx: Ctx, book: Book, wanted: Proposed): Promise<Batch> {
  const items = new Map(wanted.items.map((one) => [one.item, one]));
  if (items.size === 0 || items.size !== wanted.items.length) refuse("payment.empty");
  if (!isDate(wanted.executeOn)) refuse("payment.date", { date: wanted.executeOn });
  const from = (await listBankAccounts(ctx, book)).find(({ bankAccount }) => bankAccount === wanted.bankAccount) ?? refuse("bank.account_unknown", { account: wanted.bankAccount });
  const batch = await ctx.db.transaction(async (db) => {
    await store.lockPayments(db, book.bookId);
    const read = await readPayables({ ...ctx, db: { ...ctx.db, ...db } }, book, { supplier: null, dueBy: null, of: [...items.keys()], after: null, limit: items.size });
    const known = new Set(read.map(({ row }) => payableKeys.itemOf(row)));
    for (const item of items.keys()) if (!known.has(item)) refuse("payment.item_unknown", { item });
    const chosen = read.map(({ row, match, approval }) => {
      const document = payableKeys.documentOf(row);
      const currency = row.currency || book.currency;
      if (currency !== from.currency) refuse("payment.currency", { document, currency, account: from.bankAccount, accountCurrency: from.currency });
      if (match !== "matched" && approval === undefined) refuse("payment.not_matched", { document, match });
      if (match !== "matched" && approval?.approvedBy === ctx.actor.id) refuse("payment.same_person", { person: ctx.actor.id });
      const left = row.open - row.planned;
      const given = items.get(payableKeys.itemOf(row))?.amount;
      const amount = given === undefined ? left : (parseDecimal(given, exponentOf(currency)) ?? 0n);
      if (amount <= 0n || amount > left) refuse("payment.amount", { document, amount: given ?? "0", left: formatDecimal(left, exponentOf(currency)) });
      return { row, document, amount, discount: amount === row.open ? payableKeys.discountOf(row, currency, wanted.executeOn) : 0n };
    });
    const bySupplier = Map.groupBy(chosen, ({ row }) => row.supplier);
    const accounts = Map.groupBy(await store.findSupplierAccounts(db, book.bookId, [...bySupplier.keys()]), ({ supplier }) => supplier);
    const no = await store.nextBatch(db, book.bookId);
    // Made once with the batch: a bank takes another id for another payment.
    const messageId = `TO${book.bookId}-${wanted.executeOn.replaceAll("-", "")}-${no}`;
    await store.addBatch(db, book.bookId, { batch: no, bankAccount: from.bankAccount, currency: from.currency, executeOn: wanted.executeOn, messageId, note: wanted.note?.trim() ?? "", at: ctx.now().toISOString(), by: ctx.actor.id });
    let place = 0;
    for (const [supplier, rows] of [...bySupplier].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const { inForce, pending } = standingOf(accounts.get(supplier) ?? []);
      if (pending) refuse("payment.account_waiting", { supplier, person: pending.setBy });
      if (!inForce) return refuse("payment.account_none", { supplier });
      const payment = await store.addPayment(db, book.bookId, { batch: no, supplier, accountNo: inForce.accountNo, amount: rows.reduce((sum, { amount, discount }) => sum + amount - discount, 0n), endToEndId: `${messageId}-${++place}` });
      await store.addItems(db, book.bookId, rows.map(({ row, document, amount, discount }) => ({ payment, documentId: row.documentId, line: row.line, document, dueOn: row.dueOn, amount, discount })));
    }
    return String(no);
  });
  return shown(await batchOf(ctx.db, book, batch));
}

/** Where the money goes must still be what was approved. Refuses: payment.account_changed. */
async function requireAccounts(db: Db, book: Book, batch: string): Promise<store.PaymentRow[]> {
  const payments = await store.findPayments(db, book.bookId, batch);
  const accounts = Map.groupBy(await store.findSupplierAccounts(db, book.bookId, [...new Set(payments.map(({ supplier }) => supplier))]), ({ supplier }) => supplier);
  for (const payment of payments) {
    const { inForce, pending } = standingOf(accounts.get(payment.supplier) ?? []);
    if (pending !== undefined || inForce?.accountNo !== payment.accountNo) refuse("payment.account_changed", { supplier: payment.supplier, person: pending?.setBy ?? inForce?.setBy ?? "" });
  }
  return payments;
}

/** The second person. Refuses: payment.batch_unknown, payment.state, payment.same_person, payment.account_changed, payment.amount when an invoice was paid otherwise meanwhile. */
export async function approvePayments(ctx: Ctx, book: Book, batch: string): Promise<Batch> {
  await ctx.db.transaction(async (db) => {
    await store.lockPayments(db, book.bookId);
    const row = await batchOf(db, book, batch);
    if (row.state !== "proposed") refuse("payment.state", { batch, state: row.state });
    if (row.proposedBy === ctx.actor.id) refuse("payment.same_person", { person: ctx.actor.id });
    const payments = await requireAccounts(db, book, batch);
    const items = await store.findItems(db, book.bookId, payments.map(({ payment }) => payment));
    const open = new Map((await readPayables({ ...ctx, db: { ...ctx.db, ...db } }, book, { supplier: null, dueBy: null, of: items.map(payableKeys.itemOf), after: null, limit: items.length })).map((read) => [payableKeys.itemOf(read.row), read]));
    for (const item of items) {
      const read = open.get(payableKeys.itemOf(item));
      if (read === undefined || read.row.open < read.row.planned) refuse("payment.amount", { document: item.document, amount: formatDecimal(item.amount, exponentOf(row.currency)), left: formatDecimal(read === undefined ? 0n : read.row.open, exponentOf(row.currency)) });
      // What was found may have changed since it was proposed: another invoice of the same goods, a return.
      if (read !== undefined && read.match !== "matched" && read.approval === undefined) refuse("payment.not_matched", { document: item.document, match: read.match });
    }
    await store.approveBatch(db, book.bookId, batch, ctx.now().toISOString(), ctx.actor.id);
  });
  return shown(await batchOf(ctx.db, book, batch));
}

/** Before it is paid; what was given to the bank must have been refused or recalled there, and the reason says so. Refuses: payment.batch_unknown, payment.state, payment.reason. */
export async function withdrawPayments(ctx: Ctx, book: Book, batch: string, reason: string): Promise<Batch> {
  if (reason.trim() === "") refuse("payment.reason");
  const row = await batchOf(ctx.db, book, batch);
  if ((await store.endBatch(ctx.db, book.bookId, batch, "withdrawn", ctx.now().toISOString(), ctx.actor.id, reason.trim())).length === 0) refuse("payment.state", { batch, state: row.state });
  return shown(await batchOf(ctx.db, book, batch));
}

export const batches = { batchOf, requireAccounts };
