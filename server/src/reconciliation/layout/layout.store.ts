/** Layouts of files as the book's people set them. */
import type { Db } from "../../platform/index.ts";

export type LayoutRow = { readonly purpose: "statement" | "payment"; readonly name: string; readonly body: unknown; readonly setAt: string; readonly setBy: string };
export const findLayouts = (db: Db, bookId: number, purpose: string): Promise<LayoutRow[]> => db.query(`select purpose, name, body, set_at as "setAt", set_by as "setBy" from reconciliation.file_layout where book_id = $1 and purpose = $2 order by name`, [bookId, purpose]);
export const saveLayout = (db: Db, bookId: number, purpose: string, name: string, body: object, at: string, by: string): Promise<unknown> =>
  db.query("insert into reconciliation.file_layout (book_id, purpose, name, body, set_at, set_by) values ($1, $2, $3, $4, $5, $6) on conflict (book_id, purpose, name) do update set body = excluded.body, set_at = excluded.set_at, set_by = excluded.set_by", [bookId, purpose, name, JSON.stringify(body), at, by]);
export const removeLayout = (db: Db, bookId: number, purpose: string, name: string): Promise<unknown[]> => db.query("delete from reconciliation.file_layout where book_id = $1 and purpose = $2 and name = $3 returning 1", [bookId, purpose, name]);
