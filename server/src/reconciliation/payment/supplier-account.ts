/**
 * 供应商收款账户. Whoever changes where money goes is not who lets it go there: a new or changed account pays nothing until a second person approved
 * it, and it stays visible who changed what and when.
 */
import type { Book } from "../../books/index.ts";
import { type Ctx, refuse } from "../../platform/index.ts";
import * as store from "./payment.store.ts";

export type AccountWanted = { readonly supplier: string; readonly name: string; readonly number: string; readonly bank: string; readonly bankName?: string | undefined; readonly province?: string | undefined; readonly city?: string | undefined; readonly reason: string };
export type SupplierAccount = store.SupplierAccountRow & { readonly state: "pending" | "inForce" | "before" | "rejected"; /** The same number is another supplier's. */ readonly sameAs: readonly string[] };

/** In force is the last approved; what is not decided yet is beside it. */
export function standingOf(rows: readonly store.SupplierAccountRow[]): { readonly inForce: store.SupplierAccountRow | undefined; readonly pending: store.SupplierAccountRow | undefined } {
  const latest = [...rows].sort((a, b) => (BigInt(a.accountNo) > BigInt(b.accountNo) ? -1 : 1));
  return { inForce: latest.find(({ isApproved }) => isApproved === true), pending: latest.find(({ decidedAt }) => decidedAt === null) };
}

/** Keeps a new account of a supplier; it waits for a second person. Refuses: payment.supplier_unknown, payment.account_invalid, payment.account_waiting, payment.account_same, payment.reason. */
export async function setSupplierAccount(ctx: Ctx, book: Book, wanted: AccountWanted): Promise<{ readonly accountNo: string }> {
  const row = { supplier: wanted.supplier.trim(), name: wanted.name.trim(), number: wanted.number.replace(/[\s-]/g, ""), bank: wanted.bank.trim().toUpperCase(), bankName: wanted.bankName?.trim() ?? "", province: wanted.province?.trim() ?? "", city: wanted.city?.trim() ?? "", reason: wanted.reason.trim() };
  if (!(await store.isSupplier(ctx.db, book.bookId, row.supplier))) refuse("payment.supplier_unknown", { supplier: row.supplier });
  if (row.reason === "") refuse("payment.reason");
  if (row.name === "" || !/^[0-9A-Z]{6,34}$/i.test(row.number)) refuse("payment.account_invalid", { what: row.name === "" ? "name" : row.number });
  if (!/^(\d{12}|[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?)$/.test(row.bank)) refuse("payment.account_invalid", { what: row.bank === "" ? "bank" : row.bank });
  return ctx.db.transaction(async (db) => {
    await store.lockPayments(db, book.bookId);
    const { inForce, pending } = standingOf(await store.findSupplierAccounts(db, book.bookId, [row.supplier]));
    if (pending) refuse("payment.account_waiting", { supplier: row.supplier, person: pending.setBy });
    if (inForce && inForce.number === row.number && inForce.name === row.name && inForce.bank === row.bank) refuse("payment.account_same", { supplier: row.supplier });
    return { accountNo: await store.addSupplierAccount(db, book.bookId, row, ctx.now().toISOString(), ctx.actor.id) };
  });
}

/** A second person lets it pay, or not. Refuses: payment.account_unknown, payment.same_person. */
export async function decideSupplierAccount(ctx: Ctx, book: Book, accountNo: string, isApproved: boolean): Promise<{ readonly supplier: string }> {
  const pending = (await store.findPendingAccounts(ctx.db, book.bookId)).find((row) => row.accountNo === accountNo) ?? refuse("payment.account_unknown", { account: accountNo });
  if (pending.setBy === ctx.actor.id) refuse("payment.same_person", { person: ctx.actor.id });
  const [decided] = await store.decideAccount(ctx.db, book.bookId, accountNo, isApproved, ctx.now().toISOString(), ctx.actor.id);
  return decided ?? refuse("payment.account_unknown", { account: accountNo });
}

/** What a supplier's account was and is, the latest first; without a supplier all that wait. */
export async function listSupplierAccounts(ctx: Ctx, book: Book, supplier?: string): Promise<SupplierAccount[]> {
  const rows = supplier === undefined ? await store.findPendingAccounts(ctx.db, book.bookId) : await store.findSupplierAccounts(ctx.db, book.bookId, [supplier]);
  const { inForce } = standingOf(rows);
  const shown: SupplierAccount[] = [];
  for (const row of rows) shown.push({
    ...row, state: row.decidedAt === null ? "pending" : row.isApproved === false ? "rejected" : row.accountNo === inForce?.accountNo ? "inForce" : "before",
    sameAs: row.decidedAt === null ? (await store.findSameAccount(ctx.db, book.bookId, row.supplier, row.number)).map((one) => one.supplier) : [],
  });
  return shown;
}
