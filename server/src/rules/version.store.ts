import type { Db } from "../platform/index.ts";

export type VersionRow = {
  version: number; body: string; hash: string; effectiveOn: string; proposedBy: string; proposedAt: string; approvedBy: string | null; approvedAt: string | null; note: string;
  rejectedBy: string | null; rejectedAt: string | null; rejectedReason: string | null;
};

const select = `select v.version, v.body, v.hash, v.effective_on as "effectiveOn", v.proposed_by as "proposedBy", v.proposed_at as "proposedAt", v.approved_by as "approvedBy", v.approved_at as "approvedAt", v.note,
       r.rejected_by as "rejectedBy", r.rejected_at as "rejectedAt", r.reason as "rejectedReason"
  from rules.version v left join rules.rejection r on r.book_id = v.book_id and r.version = v.version`;

export const findVersions = (db: Db, bookId: number) => db.query<VersionRow>(`${select} where v.book_id = $1 order by v.version`, [bookId]);
export const findVersion = (db: Db, bookId: number, version: number) => db.maybe<VersionRow>(`${select} where v.book_id = $1 and v.version = $2`, [bookId, version]);

export const insertVersion = (db: Db, bookId: number, row: { body: string; hash: string; effectiveOn: string; by: string; at: string; note: string }) =>
  db.one<{ version: number }>(
    `insert into rules.version (book_id, version, body, hash, effective_on, proposed_by, proposed_at, note)
     select $1, coalesce(max(version), 0) + 1, $2, $3, $4, $5, $6, $7 from rules.version where book_id = $1 returning version`, [bookId, row.body, row.hash, row.effectiveOn, row.by, row.at, row.note]);

/** Answers nothing when somebody approved or rejected it before. */
export const approveVersion = (db: Db, bookId: number, version: number, by: string, at: string) =>
  db.maybe<{ version: number }>(
    `update rules.version v set approved_by = $3, approved_at = $4
      where book_id = $1 and version = $2 and approved_by is null and not exists (select from rules.rejection r where r.book_id = v.book_id and r.version = v.version) returning version`, [bookId, version, by, at]);

/** The row of the version is locked, so that approving and rejecting it cannot cross. Answers nothing when it is decided. */
export const insertRejection = (db: Db, bookId: number, version: number, by: string, at: string, reason: string) =>
  db.maybe<{ version: number }>(
    `with open as (select book_id, version from rules.version where book_id = $1 and version = $2 and approved_by is null for update)
     insert into rules.rejection (book_id, version, rejected_by, rejected_at, reason) select book_id, version, $3, $4, $5 from open on conflict do nothing returning version`, [bookId, version, by, at, reason]);
