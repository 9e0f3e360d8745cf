/** Tolerances of the three-way match. */
import type { Db } from "../../platform/index.ts";
import type { MatchTolerance } from "./three-way-match.ts";

export type ToleranceRow = MatchTolerance & { readonly reason: string; readonly setAt: string; readonly setBy: string };
export const findTolerances = (db: Db, bookId: number): Promise<ToleranceRow[]> =>
  db.query(`select supplier, item_group as "itemGroup", quantity_absolute as "quantityAbsolute", quantity_basis_points as "quantityBasisPoints", price_absolute as "priceAbsolute", price_basis_points as "priceBasisPoints", tax_absolute as "taxAbsolute", reason, set_at as "setAt", set_by as "setBy"
     from reconciliation.match_tolerance where book_id = $1 order by supplier, item_group`, [bookId]);
export const saveTolerance = (db: Db, bookId: number, row: MatchTolerance & { readonly reason: string }, at: string, by: string): Promise<unknown> =>
  db.query(`insert into reconciliation.match_tolerance (book_id, supplier, item_group, quantity_absolute, quantity_basis_points, price_absolute, price_basis_points, tax_absolute, reason, set_at, set_by) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
     on conflict (book_id, supplier, item_group) do update set quantity_absolute = excluded.quantity_absolute, quantity_basis_points = excluded.quantity_basis_points, price_absolute = excluded.price_absolute, price_basis_points = excluded.price_basis_points, tax_absolute = excluded.tax_absolute, reason = excluded.reason, set_at = excluded.set_at, set_by = excluded.set_by`,
    [bookId, row.supplier, row.itemGroup, row.quantityAbsolute, row.quantityBasisPoints, row.priceAbsolute, row.priceBasisPoints, row.taxAbsolute, row.reason, at, by]);
export const removeTolerance = (db: Db, bookId: number, supplier: string, itemGroup: string): Promise<unknown[]> => db.query("delete from reconciliation.match_tolerance where book_id = $1 and supplier = $2 and item_group = $3 returning 1", [bookId, supplier, itemGroup]);
export const isSupplier = async (db: Db, bookId: number, code: string): Promise<boolean> => (await db.query("select from masterdata.record where book_id = $1 and kind = 'supplier' and code = $2 limit 1", [bookId, code])).length > 0;
/** Categories that items carry. */
export const findItemGroups = async (db: Db, bookId: number): Promise<string[]> => (await db.query<{ code: string }>("select distinct body -> 'fields' ->> 'category' as code from masterdata.record where book_id = $1 and kind = 'item' and body -> 'fields' ->> 'category' <> '' order by 1", [bookId])).map(({ code }) => code);
