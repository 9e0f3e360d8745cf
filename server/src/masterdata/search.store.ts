/** SQL by which golden records are found: each way has its own index, whatever the size of the book. */
import type { Db } from "../platform/index.ts";
import type { GoldenBody } from "./survivorship.ts";

export type FoundRow = { goldenId: bigint; domain: string; state: string; code: string; name: string; sources: number; body: GoldenBody; changedAt: string };
const columns = `g.golden_id as "goldenId", g.domain, g.state, g.code, g.name, g.sources, g.body, g.changed_at as "changedAt"`;

/** Of one domain in order of code, after this cursor (code, separator, id). */
export const listGoldens = (db: Db, bookId: number, domain: string, state: string | null, after: string, limit: number) => {
  const [code = "", id = "0"] = after.split("\u001f");
  return db.query<FoundRow>(
    `select ${columns} from masterdata.golden g where book_id = $1 and domain = $2 and (code, golden_id) > ($3, $4::bigint) and (case when $5::text is null then state in ('active', 'suspended') else state = $5 end) order by code, golden_id limit $6`,
    [bookId, domain, code, /^\d{1,18}$/.test(id) ? id : "0", state, limit]);
};

/** Texts too short for trigrams: what begins with them. The code as it was typed, the name, the initials of its pinyin. */
export const findByBeginning = (db: Db, bookId: number, domain: string | null, text: string, typed: string, limit: number) =>
  db.query<FoundRow>(
    `select ${columns} from masterdata.golden g
      where g.book_id = $1 and g.state <> 'merged' and ($2::text is null or g.domain = $2) and g.golden_id in (
        (select golden_id from masterdata.golden where book_id = $1 and domain = any($6) and code in ($3, $4, upper($3)) limit 50)
        union all (select golden_id from masterdata.golden where book_id = $1 and name ^@ $4 order by name limit $5)
        union all (select golden_id from masterdata.golden where book_id = $1 and initials ^@ $3 order by initials limit $5))
      order by (g.code = $4) desc, g.name, g.golden_id limit $5`, [bookId, domain, text, typed, limit, domain === null ? everyDomain : [domain]]);
const everyDomain = ["customer", "supplier", "item", "department", "account", "employee", "warehouse", "bankAccount", "unit", "taxCode", "region", "project"];

/** What holds the text, the likest first. */
export const findByWords = (db: Db, bookId: number, domain: string | null, text: string, limit: number) =>
  db.query<FoundRow>(
    `select ${columns} from masterdata.golden g join (
       select golden_id from masterdata.golden where book_id = $1 and words like '%' || replace(replace(replace($3, '\\', '\\\\'), '%', '\\%'), '_', '\\_') || '%' and state <> 'merged' and ($2::text is null or domain = $2) limit 2000) f on g.golden_id = f.golden_id
      where g.book_id = $1 order by (lower(g.code) = $3) desc, (lower(g.name) = $3) desc, (lower(g.name) ^@ $3) desc, length(g.name), g.golden_id limit $4`, [bookId, domain, text, limit]);

/** Active ones whose words hold one of the texts, those with the likest code first. `plain` is the code without signs between its letters, 0 for o and 1 for i and l. */
export const findLikeCodes = (db: Db, bookId: number, domain: string, plain: string, parts: readonly string[], limit: number) =>
  db.query<FoundRow>(
    `select ${columns} from masterdata.golden g join (
       select distinct golden_id from unnest($4::text[]) as part cross join lateral (
         select golden_id from masterdata.golden where book_id = $1 and domain = $2 and state = 'active' and words like '%' || replace(replace(replace(part, '\\', '\\\\'), '%', '\\%'), '_', '\\_') || '%' limit 500) one) f on g.golden_id = f.golden_id
      where g.book_id = $1 order by similarity(translate(regexp_replace(lower(g.code), '[^[:alnum:]]', '', 'g'), 'oil', '011'), $3) desc, length(g.code), g.code, g.golden_id limit $5`, [bookId, domain, plain, parts, limit]);
