/** What is still open of one document or line: an estimate (quantity, base currency), or an item to clear (its own currency). */
import { formatMoney, formatTrimmed, QUANTITY_SCALE } from "../values/index.ts";
import type { Ctx } from "../platform/index.ts";
import type { Book } from "../books/index.ts";
import { findDocument, parseReference } from "../documents/index.ts";
import { readEstimates } from "./estimates.ts";
import * as store from "./store.ts";

/** `reference` is [source:]kind/sourceId[/lineId]; documents from before the first period are found in the opening balance. Refuses: reference.unknown. */
export async function openOf(ctx: Ctx, book: Book, reference: string): Promise<{ quantity: string; amount: string }> {
  const parsed = parseReference(reference, "*");
  const old = await openingLine(ctx, book, parsed ? `${parsed.kind}/${parsed.sourceId}${parsed.lineId === "" ? "" : `/${parsed.lineId}`}` : reference);
  if (parsed?.kind === "goodsReceipt" || parsed?.kind === "goodsReturn") {
    const found = old ?? (await findDocument(ctx.db, book, reference));
    const [row] = (await readEstimates(ctx, book)).filter((one) => one.document === found.document && (found.lineId === "" || one.line === found.lineId));
    return row ? { quantity: row.openQuantity, amount: row.openAmount } : { quantity: "0", amount: formatMoney(0n, book.currency) };
  }
  const found = old ?? (await findDocument(ctx.db, book, reference));
  const delivering = parsed && { purchaseOrder: ["goodsReceipt", "goodsReceipt-"], salesOrder: ["shipment", "shipment-"] }[parsed.kind];
  if (delivering) return { quantity: formatTrimmed(await store.openOrder(ctx.db, book.bookId, found.documentId, found.lineId, delivering), QUANTITY_SCALE), amount: formatMoney(0n, book.currency) };
  const holdings = (await store.readHoldings(ctx.db, book.bookId, [Number(found.documentId)])).filter((row) => row.what === "open" && row.line === (old ? old.lineId : ""));
  const left = holdings.reduce((total, row) => total + row.whole_quantity - row.taken_quantity, 0n);
  const currency = holdings[0]?.currency || book.currency;
  return { quantity: formatTrimmed(0n, QUANTITY_SCALE), amount: formatMoney(left, currency) };
}

/** The line of an opening balance that stands for an old document. */
async function openingLine(ctx: Ctx, book: Book, reference: string): Promise<{ documentId: bigint; document: string; lineId: string } | undefined> {
  for (const row of await store.readOpenings(ctx.db, book.bookId)) {
    const { lines = [] } = JSON.parse(row.body) as { lines?: { lineId: string; document?: string; item?: string }[] };
    const matching = lines.filter((line) => line.document === reference);
    const line = matching.find((one) => one.item !== undefined) ?? matching[0];
    if (line) return { documentId: row.document_id, document: `${row.source}:${row.kind}/${row.source_id}`, lineId: line.lineId };
  }
  return undefined;
}
