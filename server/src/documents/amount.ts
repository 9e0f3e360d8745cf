import type { Document } from "./document.ts";

/**
 * What a document comes to, in minor units of its currency: the amount its header says, else its lines with tax; of a manual or opening voucher
 * the debit side. null where the document does not say it, as a receipt that has its prices from an order.
 */
export function amountOf(document: Document): bigint | null {
  if (typeof document.more.amount === "bigint") return document.more.amount;
  if (document.lines.length === 0) return null;
  let sum = 0n;
  for (const line of document.lines) {
    const amount = line.amountGross ?? line.amountNet ?? (typeof line.more.debit === "bigint" || typeof line.more.credit === "bigint" ? ((line.more.debit as bigint | undefined) ?? 0n) : typeof line.more.amount === "bigint" ? line.more.amount : line.tax);
    if (amount === null) return null;
    sum += amount;
  }
  return sum;
}
