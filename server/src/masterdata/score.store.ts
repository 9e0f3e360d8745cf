/** SQL of the scorecard. */
import type { Db } from "../platform/index.ts";
import type { Payload } from "./survivorship.ts";

export type ScoredRow = { recordId: bigint; system: string; code: string; payload: Payload; changedAt: string; isRepeated: boolean; isShared: boolean; isMapped: boolean };
/** Records of a domain in pages, with whether the same system has the thing twice, whether another system has it too, and whether a person mapped it. */
export const findRecordsOf = (db: Db, bookId: number, domain: string, after: bigint, limit: number) =>
  db.query<ScoredRow>(
    `select r.record_id as "recordId", r.system, r.code, r.payload, r.changed_at as "changedAt", coalesce(c.is_mapped, false) as "isMapped",
            exists (select from masterdata.golden f join masterdata.crosswalk o on o.book_id = $1 and o.golden_id = f.golden_id and o.record_id is not null where f.book_id = $1 and (f.golden_id = g.root_id or (f.root_id = g.root_id and f.state = 'merged')) and o.system = r.system and o.company = r.company and o.record_id <> r.record_id) as "isRepeated",
            exists (select from masterdata.golden f join masterdata.crosswalk o on o.book_id = $1 and o.golden_id = f.golden_id and o.record_id is not null where f.book_id = $1 and (f.golden_id = g.root_id or (f.root_id = g.root_id and f.state = 'merged')) and o.system <> r.system) as "isShared"
       from masterdata.source_record r left join masterdata.crosswalk c on c.book_id = $1 and c.record_id = r.record_id left join masterdata.golden g on g.book_id = $1 and g.golden_id = c.golden_id
      where r.book_id = $1 and r.domain = $2 and r.record_id > $3 order by r.record_id limit $4`, [bookId, domain, after, limit]);

export type ScoreRow = { domain: string; system: string; records: bigint; fields: bigint; filled: bigint; checked: bigint; right: bigint; alone: bigint; recent: bigint; mapped: bigint; worst: { field: string; problem: "missing" | "invalid"; records: number; example: string }[]; countedAt: string };
export const findScores = (db: Db, bookId: number) =>
  db.query<ScoreRow>(`select domain, system, records, fields, fields_filled as filled, checked, checked_right as "right", alone, recent, mapped, worst, counted_at as "countedAt" from masterdata.score_cache where book_id = $1`, [bookId]);
export const clearScores = (db: Db, bookId: number) => db.query("delete from masterdata.score_cache where book_id = $1", [bookId]);
export const addScore = (db: Db, bookId: number, domain: string, system: string, sum: { readonly records: number; readonly fields: number; readonly filled: number; readonly checked: number; readonly right: number; readonly alone: number; readonly recent: number; readonly mapped: number; readonly worst: unknown }, at: string) =>
  db.query("insert into masterdata.score_cache values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)", [bookId, domain, system, sum.records, sum.fields, sum.filled, sum.checked, sum.right, sum.alone, sum.recent, sum.mapped, JSON.stringify(sum.worst), at]);
