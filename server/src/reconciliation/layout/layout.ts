/**
 * 文件版式: which column means what, for a statement of a bank that no ready layout reads, and for a bank's template of payments. Data of the book: whoever
 * has the bank's file names its columns once, and from then on the file is read, or written, by them.
 */
import type { Book } from "../../books/index.ts";
import type { StatementColumns } from "../../connectors/index.ts";
import { type Ctx, refuse } from "../../platform/index.ts";
import * as store from "./layout.store.ts";

/** What a column of a payment file can hold; `text` always the same words. */
export const paymentFields = ["payerBank", "payerAccount", "payerName", "payeeBank", "payeeBankCode", "province", "city", "payeeAccount", "payeeName", "amount", "currency", "date", "purpose", "id", "number", "text", "blank"] as const;
export type PaymentField = (typeof paymentFields)[number];
export type PaymentColumns = readonly { readonly head: string; readonly field: PaymentField; readonly text?: string | undefined }[];
type Kept<Body> = { readonly name: string; readonly body: Body; readonly setAt: string; readonly setBy: string };
export type StatementLayout = Kept<StatementColumns>;
export type PaymentLayout = Kept<PaymentColumns>;

export const listStatementLayouts = async (ctx: Ctx, book: Book): Promise<StatementLayout[]> => (await store.findLayouts(ctx.db, book.bookId, "statement")).map(({ purpose: _, body, ...row }) => ({ ...row, body: body as StatementColumns }));
export const listPaymentLayouts = async (ctx: Ctx, book: Book): Promise<PaymentLayout[]> => (await store.findLayouts(ctx.db, book.bookId, "payment")).map(({ purpose: _, body, ...row }) => ({ ...row, body: body as PaymentColumns }));

/** Refuses: layout.invalid. */
export async function saveStatementLayout(ctx: Ctx, book: Book, name: string, body: StatementColumns): Promise<{ readonly name: string }> {
  requireName(name);
  if (body.day.trim() === "") refuse("layout.invalid", { what: "day" });
  const isSigned = (body.signed ?? "").trim() !== "";
  if (isSigned === ((body.inward ?? "").trim() !== "" || (body.outward ?? "").trim() !== "")) refuse("layout.invalid", { what: "signed, inward, outward" });
  await store.saveLayout(ctx.db, book.bookId, "statement", name.trim(), body, ctx.now().toISOString(), ctx.actor.id);
  return { name: name.trim() };
}

/** A file that does not say to whom and how much is no payment file. Refuses: layout.invalid. */
export async function savePaymentLayout(ctx: Ctx, book: Book, name: string, columns: PaymentColumns): Promise<{ readonly name: string }> {
  requireName(name);
  for (const field of ["payeeAccount", "payeeName", "amount"] as const) if (!columns.some((column) => column.field === field)) refuse("layout.invalid", { what: field });
  const heads = columns.map(({ head }) => head.trim());
  if (heads.some((head) => head === "") || new Set(heads).size !== heads.length) refuse("layout.invalid", { what: "head" });
  await store.saveLayout(ctx.db, book.bookId, "payment", name.trim(), columns, ctx.now().toISOString(), ctx.actor.id);
  return { name: name.trim() };
}

const requireName = (name: string): void => { if (name.trim() === "" || name.length > 60 || /[\p{Cc}:]/u.test(name)) refuse("layout.invalid", { what: "name" }); };

/** Refuses: layout.unknown. */
export async function removeLayout(ctx: Ctx, book: Book, purpose: "statement" | "payment", name: string): Promise<{ readonly name: string }> {
  return (await store.removeLayout(ctx.db, book.bookId, purpose, name)).length === 0 ? refuse("layout.unknown", { name }) : { name };
}
