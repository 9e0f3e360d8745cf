import type { Book } from "../books/index.ts";
import type { Db, Problem } from "../platform/index.ts";
import { formatTrimmed, parseDecimal, QUANTITY_SCALE } from "../values/index.ts";
import * as store from "./verify.store.ts";

/** Links conserve: no line is linked to beyond its quantity, and nothing gives more than it held. */
export async function findBrokenLinks(db: Db, book: Book): Promise<Pick<Problem, "code" | "facts" | "where">[]> {
  const tolerance = Number(parseDecimal(book.settings.quantityTolerance, QUANTITY_SCALE) ?? 0n);
  const [linked, overdrawn] = [await store.findOverlinked(db, book.bookId, tolerance), await store.findOverdrawn(db, book.bookId)];
  return [
    ...linked.map(({ document, line, kind, whole, linked: sum }) => ({ code: "verify.link_exceeds", facts: { document, line, kind, whole, linked: sum }, where: `${document}/${line}` })),
    ...overdrawn.map(({ document, line, what, whole, taken }) => ({ code: "verify.holding_overdrawn", facts: { document, line, what, whole: formatTrimmed(whole, QUANTITY_SCALE), taken: formatTrimmed(taken, QUANTITY_SCALE) }, where: `${document}/${line}` })),
  ];
}
