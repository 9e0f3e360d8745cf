/** SQL with which the mart reads the books' database. */
import type { Db } from "../platform/index.ts";

/** Changes when master data of the book do. */
export const stampMasters = (db: Db, bookId: number): Promise<{ readonly stamp: string }> =>
  db.one("select count(*) || ' ' || coalesce(max(changed_at)::text, '') || ' ' || coalesce(sum(version), 0) as stamp from masterdata.record where book_id = $1", [bookId]);

/** The rows of a relation, as CSV: `where` is made of whole numbers only. */
export const copyRelation = (table: string, columns: readonly string[], where: string): string => `copy (select ${columns.join(", ")} from insight.${table} where ${where}) to stdout (format csv)`;
