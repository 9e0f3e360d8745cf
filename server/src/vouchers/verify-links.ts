import type { Book } from "../books/index.ts";
import type { Db, Problem } from "../platform/index.ts";
import { formatTrimmed, parseDecimal, QUANTITY_SCALE, share } from "../values/index.ts";
import { readCopy } from "./copy-rows.ts";
import * as store from "./verify.store.ts";

type Broken = Pick<Problem, "code" | "facts" | "where">;
type Body = { readonly lines?: readonly { readonly lineId?: string; readonly item?: string; readonly unit?: string; readonly quantity?: string }[] };

/** Σ linked quantity, by kind of linking document, is at most the line's in stock units, plus the book's tolerance. */
export async function findOverlinked(db: Db, book: Book): Promise<Broken[]> {
  const tolerance = parseDecimal(book.settings.quantityTolerance, QUANTITY_SCALE) ?? 0n;
  const units = new Map((await store.findUnits(db, book.bookId)).map(({ item, unit, factor }) => [`${item}\u001f${unit}`, BigInt(factor)]));
  const broken: Broken[] = [];
  for await (const [document = "", links = "", body = ""] of readCopy(db.copyOut(store.linkedDocuments(book.bookId)))) {
    const lines = new Map((JSON.parse(body) as Body).lines?.map((line) => [line.lineId, line]));
    for (const link of links.split("\u001e")) {
      const [lineId = "", kind = "", linked = "0"] = link.split("\u001f");
      const { item = "", unit = "", quantity: written } = lines.get(lineId) ?? {};
      const given = written === undefined ? undefined : parseDecimal(written, QUANTITY_SCALE);
      if (given === undefined || given === 0n) continue;
      const factor = unit === "" ? undefined : units.get(`${item}\u001f${unit}`);
      const whole = factor === undefined ? given : share(given, factor, 1_000_000n);
      if (BigInt(linked) <= whole + share(whole, tolerance, 1_000_000n)) continue;
      broken.push({ code: "verify.link_exceeds", facts: { document, line: lineId, kind, whole: formatTrimmed(whole, QUANTITY_SCALE), linked: formatTrimmed(BigInt(linked), QUANTITY_SCALE) }, where: `${document}/${lineId}` });
    }
  }
  return broken;
}

/** Nothing gives more than it held. */
export const findOverdrawn = async (db: Db, book: Book): Promise<Broken[]> =>
  (await store.findOverdrawn(db, book.bookId)).map(({ document, line, what, whole, taken }) => ({
    code: "verify.holding_overdrawn", facts: { document, line, what, whole: formatTrimmed(whole, QUANTITY_SCALE), taken: formatTrimmed(taken, QUANTITY_SCALE) }, where: `${document}/${line}`,
  }));
