/** 匹配容差 of suppliers and item groups. The most particular counts; where nothing is set, the strict one that comes with the program. */
import type { Book } from "../../books/index.ts";
import { type Ctx, refuse } from "../../platform/index.ts";
import { exponentOf, formatDecimal, formatTrimmed, parseDecimal, PRICE_SCALE, QUANTITY_SCALE } from "../../values/index.ts";
import { type MatchTolerance, strict } from "./three-way-match.ts";
import * as store from "./tolerance.store.ts";

/** As people write it: quantities and prices as decimals, shares in percent, tax in base currency. */
export type Tolerance = {
  readonly supplier: string; readonly itemGroup: string; readonly quantity: string; readonly quantityPercent: string; readonly price: string; readonly pricePercent: string; readonly tax: string;
};
export type ToleranceShown = Tolerance & { readonly reason: string; readonly setAt: string; readonly setBy: string };
export type Tolerances = { readonly usual: Tolerance; readonly own: readonly ToleranceShown[]; readonly itemGroups: readonly string[] };

/** Of the book, the usual one last. */
export const readTolerances = async (ctx: Ctx, book: Book): Promise<MatchTolerance[]> => [...(await store.findTolerances(ctx.db, book.bookId)), strict];

const shown = (row: MatchTolerance, currency: string): Tolerance => ({
  supplier: row.supplier, itemGroup: row.itemGroup, quantity: formatTrimmed(row.quantityAbsolute, QUANTITY_SCALE), quantityPercent: formatTrimmed(row.quantityBasisPoints, 2), price: formatTrimmed(row.priceAbsolute, PRICE_SCALE), pricePercent: formatTrimmed(row.priceBasisPoints, 2), tax: formatDecimal(row.taxAbsolute, exponentOf(currency)),
});

export async function listTolerances(ctx: Ctx, book: Book): Promise<Tolerances> {
  const rows = await store.findTolerances(ctx.db, book.bookId);
  return { usual: shown(strict, book.currency), own: rows.map((row) => ({ ...shown(row, book.currency), reason: row.reason, setAt: row.setAt, setBy: row.setBy })), itemGroups: await store.findItemGroups(ctx.db, book.bookId) };
}

/** Refuses: match.tolerance, match.tolerance_supplier, match.tolerance_reason. */
export async function setTolerance(ctx: Ctx, book: Book, wanted: Tolerance & { readonly reason: string }): Promise<{ readonly supplier: string; readonly itemGroup: string }> {
  const read = (what: keyof Tolerance, scale: number, most?: bigint): bigint => {
    const value = parseDecimal(wanted[what].trim() || "0", scale);
    return value === undefined || value < 0n || (most !== undefined && value > most) ? refuse("match.tolerance", { what, got: wanted[what] }) : value;
  };
  const row = {
    supplier: wanted.supplier.trim(), itemGroup: wanted.itemGroup.trim(), quantityAbsolute: read("quantity", QUANTITY_SCALE), quantityBasisPoints: read("quantityPercent", 2, 10_000n), priceAbsolute: read("price", PRICE_SCALE), priceBasisPoints: read("pricePercent", 2, 10_000n), taxAbsolute: read("tax", exponentOf(book.currency)), reason: wanted.reason.trim(),
  };
  if (row.reason === "") refuse("match.tolerance_reason");
  if (row.supplier !== "" && !(await store.isSupplier(ctx.db, book.bookId, row.supplier))) refuse("match.tolerance_supplier", { supplier: row.supplier });
  await store.saveTolerance(ctx.db, book.bookId, row, ctx.now().toISOString(), ctx.actor.id);
  return { supplier: row.supplier, itemGroup: row.itemGroup };
}

/** The next wider one counts again. Refuses: match.tolerance_unknown. */
export async function removeTolerance(ctx: Ctx, book: Book, of: { readonly supplier: string; readonly itemGroup: string }): Promise<{ readonly supplier: string; readonly itemGroup: string }> {
  return (await store.removeTolerance(ctx.db, book.bookId, of.supplier, of.itemGroup)).length === 0 ? refuse("match.tolerance_unknown", { supplier: of.supplier, itemGroup: of.itemGroup }) : of;
}
