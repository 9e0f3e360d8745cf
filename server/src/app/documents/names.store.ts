import type { Db } from "../../platform/index.ts";

/** What the parties of a list are called. A code that several sources use has the name of any of them. */
export const findPartyNames = (db: Db, bookId: number, codes: readonly string[]) =>
  db.query<{ code: string; zh: string | null; en: string | null }>(
    `select distinct on (code) code, body -> 'name' ->> 'zh' as zh, body -> 'name' ->> 'en' as en from masterdata.record
      where book_id = $1 and kind in ('customer', 'supplier', 'employee') and code = any($2::text[]) order by code, kind, source`, [bookId, codes]);

/** Codes of a kind with their names, to propose from. */
export const findMasters = (db: Db, bookId: number, kind: string, codes: readonly string[]) =>
  db.query<{ code: string; source: string; body: { name: { zh: string; en: string }; fields: Record<string, string>; units: Record<string, string> } }>(
    "select distinct on (code) code, source, body from masterdata.record where book_id = $1 and kind = $2 and code = any($3::text[]) order by code, source", [bookId, kind, codes]);

/** What the codes of a document mean, whatever they are codes of. */
export const findCodeNames = (db: Db, bookId: number, codes: readonly string[]) =>
  db.query<{ kind: string; code: string; zh: string | null; en: string | null }>(
    `select distinct on (kind, code) kind, code, body -> 'name' ->> 'zh' as zh, body -> 'name' ->> 'en' as en from masterdata.record
      where book_id = $1 and kind = any('{item,customer,supplier,employee,department,warehouse,project,region,bankAccount}'::text[]) and code = any($2::text[]) order by kind, code, source`, [bookId, codes]);
