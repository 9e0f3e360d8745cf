/** The file for the bank: pain.001 in two versions, the layout of 工行批量支付, or one of the book's own. The first export fixes who pays from where and when; every later one gives the same bytes. */
import type { Book } from "../../books/index.ts";
import { type Ctx, refuse } from "../../platform/index.ts";
import { exponentOf, formatDecimal } from "../../values/index.ts";
import { listBankAccounts } from "../bank/desk.ts";
import { listPaymentLayouts, type PaymentColumns, type PaymentField } from "../layout/layout.ts";
import { batches } from "./batch.ts";
import { type PainVersion, type PaymentOrder, writePain001 } from "./pain001.ts";
import * as store from "./payment.store.ts";

export const paymentFormats = ["pain.001.001.03", "pain.001.001.09", "icbc-csv"] as const;
/** Or `layout:` and the name of a layout of the book. */
export type PaymentFormat = (typeof paymentFormats)[number] | `layout:${string}`;
export type PaymentFile = { readonly name: string; readonly type: string; readonly body: string };

/** What is known of the own side before the first export: what the last batch of this account said. */
export async function suggestPayer(ctx: Ctx, book: Book, bankAccount: string): Promise<store.Payer> {
  const own = (await listBankAccounts(ctx, book)).find((one) => one.bankAccount === bankAccount);
  const last = (await store.findLastPayer(ctx.db, book.bookId, bankAccount))?.payer;
  return { name: last?.name ?? book.name, account: last?.account ?? own?.number ?? "", bank: last?.bank ?? "", bankName: last?.bankName ?? "" };
}

/** Refuses: layout.unknown, payment.batch_unknown, payment.state, payment.payer, payment.account_changed before the first export. */
export async function exportPayments(ctx: Ctx, book: Book, batch: string, format: PaymentFormat, payer?: Partial<store.Payer>): Promise<PaymentFile> {
  const columns = format === "icbc-csv" ? icbc : format.startsWith("layout:") ? ((await listPaymentLayouts(ctx, book)).find(({ name }) => name === format.slice(7))?.body ?? refuse("layout.unknown", { name: format.slice(7) })) : undefined;
  await ctx.db.transaction(async (db) => {
    await store.lockPayments(db, book.bookId);
    const row = await batches.batchOf(db, book, batch);
    if (row.state !== "approved") return;
    await batches.requireAccounts(db, book, batch);
    const known = await suggestPayer({ ...ctx, db: { ...ctx.db, ...db } }, book, row.bankAccount);
    const own = { name: (payer?.name ?? known.name).trim(), account: (payer?.account ?? known.account).replace(/[\s-]/g, ""), bank: (payer?.bank ?? known.bank).trim().toUpperCase(), bankName: (payer?.bankName ?? known.bankName).trim() };
    if (own.name === "" || !/^[0-9A-Z]{6,34}$/i.test(own.account)) refuse("payment.payer", { what: own.name === "" ? "name" : "account", got: own.name === "" ? own.name : own.account });
    if (!/^(\d{12}|[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?)$/.test(own.bank)) refuse("payment.payer", { what: "bank", got: own.bank });
    await store.setExported(db, book.bookId, batch, ctx.now().toISOString(), ctx.actor.id, own);
  });
  const row = await batches.batchOf(ctx.db, book, batch);
  if (row.payer === null || row.exportedAt === null) return refuse("payment.state", { batch, state: row.state });
  const payments = await store.findPayments(ctx.db, book.bookId, batch);
  const items = Map.groupBy(await store.findItems(ctx.db, book.bookId, payments.map(({ payment }) => payment)), ({ payment }) => payment);
  const remittance = (payment: string): string => (items.get(payment) ?? []).map(({ document }) => document.slice(document.indexOf("/") + 1)).join(" ");
  if (columns !== undefined) return { name: `${row.messageId}.csv`, type: "text/csv; charset=utf-8", body: writeColumns(columns, row, row.payer, payments.map((payment) => ({ payment, remittance: remittance(payment.payment) }))) };
  const orders = payments.map((payment): PaymentOrder => ({ endToEndId: payment.endToEndId, to: { name: payment.account.name, account: payment.account.number, bank: payment.account.bank }, amount: BigInt(payment.amount), currency: row.currency, remittance: remittance(payment.payment) }));
  return { name: `${row.messageId}.xml`, type: "application/xml; charset=utf-8", body: writePain001({ messageId: row.messageId, madeAt: row.exportedAt, executeOn: row.executeOn, from: row.payer, currency: row.currency, orders }, format as PainVersion) };
}

/** 工行批量支付. Our id stands in 备注, so that the statement brings it back. */
const icbc: PaymentColumns = [
  { head: "付款账号开户行", field: "payerBank" }, { head: "付款账号", field: "payerAccount" }, { head: "付款账号名称", field: "payerName" }, { head: "收款账号开户行", field: "payeeBank" }, { head: "省份名", field: "province" }, { head: "城市名", field: "city" }, { head: "收款账号", field: "payeeAccount" },
  { head: "收款账号名称", field: "payeeName" }, { head: "金额", field: "amount" }, { head: "汇款用途", field: "purpose" }, { head: "备注", field: "id" }, { head: "短信通知手机号码", field: "blank" },
];

/** UTF-8 with its mark, as spreadsheet programs expect of Chinese text. */
function writeColumns(columns: PaymentColumns, batch: store.BatchRow, payer: store.Payer, rows: readonly { readonly payment: store.PaymentRow; readonly remittance: string }[]): string {
  const lines = rows.map(({ payment: { account, amount, endToEndId }, remittance }, at) => {
    const values: Readonly<Record<PaymentField, string>> = {
      payerBank: payer.bankName || payer.bank, payerAccount: payer.account, payerName: payer.name, payeeBank: account.bankName || account.bank, payeeBankCode: account.bank, province: account.province, city: account.city, payeeAccount: account.number, payeeName: account.name,
      amount: formatDecimal(BigInt(amount), exponentOf(batch.currency)), currency: batch.currency, date: batch.executeOn, purpose: [...`货款 ${remittance}`].slice(0, 60).join(""), id: endToEndId, number: String(at + 1), text: "", blank: "",
    };
    return columns.map(({ field, text }) => (field === "text" ? (text ?? "") : values[field]));
  });
  return `\ufeff${[columns.map(({ head }) => head), ...lines].map((line) => line.map(cell).join(",")).join("\r\n")}\r\n`;
}
/** No spreadsheet takes a name for a formula. */
const cell = (text: string): string => {
  const plain = /^[=+\-@\t]/.test(text) ? ` ${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
};
