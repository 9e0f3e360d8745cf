import type { Db } from "../platform/index.ts";

export type VersionRow = { version: number; body: string; hash: string; effectiveOn: string; proposedBy: string; proposedAt: string; approvedBy: string | null; approvedAt: string | null; note: string };

const columns = `version, body, hash, effective_on as "effectiveOn", proposed_by as "proposedBy", proposed_at as "proposedAt", approved_by as "approvedBy", approved_at as "approvedAt", note`;

export const findVersions = (db: Db, bookId: number) => db.query<VersionRow>(`select ${columns} from rules.version where book_id = $1 order by version`, [bookId]);
export const findVersion = (db: Db, bookId: number, version: number) => db.maybe<VersionRow>(`select ${columns} from rules.version where book_id = $1 and version = $2`, [bookId, version]);

export const insertVersion = (db: Db, bookId: number, row: { body: string; hash: string; effectiveOn: string; by: string; at: string; note: string }) =>
  db.one<{ version: number }>(
    `insert into rules.version (book_id, version, body, hash, effective_on, proposed_by, proposed_at, note)
     select $1, coalesce(max(version), 0) + 1, $2, $3, $4, $5, $6, $7 from rules.version where book_id = $1 returning version`, [bookId, row.body, row.hash, row.effectiveOn, row.by, row.at, row.note]);

/** Answers nothing when somebody approved it before. */
export const approveVersion = (db: Db, bookId: number, version: number, by: string, at: string) =>
  db.maybe<{ version: number }>("update rules.version set approved_by = $3, approved_at = $4 where book_id = $1 and version = $2 and approved_by is null returning version", [bookId, version, by, at]);
