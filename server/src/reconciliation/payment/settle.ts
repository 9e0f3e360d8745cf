/**
 * 付款核销: a payment that the bank shows under our id becomes a supplierPayment document, posted like any other, which clears the invoices; a payment
 * document that arrived by itself settles ours without another. Run again, it finds what it did: the document carries the payment's own id.
 */
import type { Book } from "../../books/index.ts";
import { type Ctx, type RenderedProblem } from "../../platform/index.ts";
import { exponentOf, formatDecimal } from "../../values/index.ts";
import { type DocumentResult, postDocuments } from "../../vouchers/index.ts";
import * as store from "./payment.store.ts";

export type Settled = { readonly paid: readonly { readonly endToEndId: string; readonly document: string; readonly paidOn: string }[]; readonly problems: readonly { readonly endToEndId: string; readonly reasons: readonly RenderedProblem[] }[]; readonly open: number };

export async function settlePayments(ctx: Ctx, book: Book): Promise<Settled> {
  const unpaid = await store.findUnpaid(ctx.db, book.bookId);
  if (unpaid.length === 0) return { paid: [], problems: [], open: 0 };
  const byNo = new Map(unpaid.map((row) => [row.payment, row]));
  const paid: Settled["paid"][number][] = [];
  const problems: Settled["problems"][number][] = [];
  await markPaid(ctx, book, byNo, paid);
  const left = unpaid.filter(({ payment }) => byNo.has(payment));
  const shownBy = new Map((await store.findPayingMovements(ctx.db, book.bookId, left.map(({ payment }) => payment))).map((row) => [row.payment, row.bookedOn]));
  const items = Map.groupBy(await store.findItems(ctx.db, book.bookId, [...shownBy.keys()]), ({ payment }) => payment);
  const documents = left.flatMap((row) => {
    const date = shownBy.get(row.payment);
    const money = (minor: bigint): string => formatDecimal(minor, exponentOf(row.currency));
    const discount = (items.get(row.payment) ?? []).reduce((sum, item) => sum + item.discount, 0n);
    return date === undefined ? [] : [{
      schema: "tieout/supplierPayment@1", source: "tieout", sourceId: row.endToEndId, date, supplier: row.supplier, bankAccount: row.bankAccount, amount: money(row.amount + discount), ...(discount === 0n ? {} : { discount: money(discount) }), ...(row.currency === book.currency ? {} : { currency: row.currency }),
      links: (items.get(row.payment) ?? []).map(({ document, amount }) => ({ to: document, amount: money(amount) })),
    }];
  });
  if (documents.length > 0) {
    const results: DocumentResult[] = [];
    await postDocuments(ctx, book.code, documents, { onResult: (result) => void results.push(result) });
    for (const { document, state, reasons } of results) if (state !== "posted" && state !== "duplicate") problems.push({ endToEndId: document.slice(document.indexOf("/") + 1), reasons });
    await markPaid(ctx, book, byNo, paid);
  }
  for (const { batch } of await store.findDone(ctx.db, book.bookId)) await store.endBatch(ctx.db, book.bookId, batch, "paid", ctx.now().toISOString(), ctx.actor.id, "");
  return { paid, problems, open: byNo.size };
}

/** One at a time under the lock: two payments of the same invoices are not both settled by one document. */
async function markPaid(ctx: Ctx, book: Book, byNo: Map<string, store.UnpaidRow>, paid: Settled["paid"][number][]): Promise<void> {
  await ctx.db.transaction(async (db) => {
    await store.lockPayments(db, book.bookId);
    const used = new Set<string>();
    for (const { payment, document, date } of await store.findPayingDocuments(db, book.bookId, [...byNo.keys()])) {
      const row = byNo.get(payment);
      if (row === undefined || used.has(document)) continue;
      used.add(document);
      await store.setPaid(db, book.bookId, payment, date, document);
      byNo.delete(payment);
      paid.push({ endToEndId: row.endToEndId, document, paidOn: date });
    }
  });
}
