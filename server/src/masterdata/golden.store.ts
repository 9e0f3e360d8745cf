/** SQL of golden records, what systems say, and which code means what. */
import type { Db } from "../platform/index.ts";
import type { GoldenBody, Member, Payload, Pinned } from "./survivorship.ts";

/** One at a time within a domain of a book: matching an arrival and a steward's act never pass each other. Held until the transaction ends. */
export const lockDomain = (db: Db, bookId: number, domain: string) => db.query("select pg_advisory_xact_lock(hashtextextended($1, 19))", [`masterdata ${bookId} ${domain}`]);

// Arrivals -----------------------------------------------------------------------------------------------------------------

export type ArrivalRow = { numbers: bigint[]; kind: string; code: string; source: string; body: { name: { zh: string; en: string }; fields: Record<string, string>; units: Record<string, string> } | null; at: string | null };

/** What came since, each code once, with what the books have of it now. */
export const findArrivals = (db: Db, bookId: number, limit: number) =>
  db.query<ArrivalRow>(
    `select a.numbers, a.kind, a.code, a.source, r.body, r.changed_at as at
       from (select array_agg(arrival_no) as numbers, min(arrival_no) as first, kind, code, source from (select * from masterdata.arrival where book_id = $1 order by arrival_no limit $2) a group by kind, code, source) a
       left join masterdata.record r on r.book_id = $1 and r.kind = a.kind and r.code = a.code and r.source = a.source order by a.first`, [bookId, limit]);

export const dropArrivals = (db: Db, bookId: number, numbers: readonly bigint[]) => db.query("delete from masterdata.arrival where book_id = $1 and arrival_no = any($2)", [bookId, numbers]);

export const findBooksWithArrivals = (db: Db) => db.query<{ code: string }>("select code from books.book b where exists (select from masterdata.arrival a where a.book_id = b.book_id) order by code");

// Source records -------------------------------------------------------------------------------------------------------------

export type SourceRow = { recordId: bigint; domain: string; system: string; company: string; code: string; version: number; payload: Payload; hash: string; validFrom: string; changedAt: string; changedBy: string };
const sourceColumns = `r.record_id as "recordId", r.domain, r.system, r.company, r.code, r.version, r.payload, r.hash, r.valid_from as "validFrom", r.changed_at as "changedAt", r.changed_by as "changedBy"`;
export type SourceKey = { readonly domain: string; readonly system: string; readonly company: string; readonly code: string };

export const findSource = (db: Db, bookId: number, { domain, system, company, code }: SourceKey) =>
  db.maybe<SourceRow>(`select ${sourceColumns} from masterdata.source_record r where book_id = $1 and domain = $2 and code = $3 and system = $4 and company = $5`, [bookId, domain, code, system, company]);

export const findSourceById = (db: Db, bookId: number, recordId: bigint) => db.maybe<SourceRow>(`select ${sourceColumns} from masterdata.source_record r where book_id = $1 and record_id = $2`, [bookId, recordId]);

export const addSource = async (db: Db, bookId: number, key: SourceKey, payload: Payload, hash: string, at: string, by: string): Promise<bigint> =>
  (await db.one<{ recordId: bigint }>(
    `with made as (
       insert into masterdata.source_record (book_id, domain, system, company, code, version, payload, hash, valid_from, changed_at, changed_by) values ($1, $2, $3, $4, $5, 1, $6, $7, $8, $8, $9) returning *
     ), versioned as (
       insert into masterdata.source_version (book_id, record_id, version, payload, valid, recorded_at, recorded_by) select book_id, record_id, 1, payload, tstzrange(valid_from, null), changed_at, changed_by from made
     ) select record_id as "recordId" from made`, [bookId, key.domain, key.system, key.company, key.code, JSON.stringify(payload), hash, at, by])).recordId;

/** The version before ends where the new one begins. */
export const changeSource = async (db: Db, bookId: number, recordId: bigint, payload: Payload, hash: string, validFrom: string, at: string, by: string): Promise<void> => {
  await db.query("update masterdata.source_version set valid = tstzrange(lower(valid), $3) where book_id = $1 and record_id = $2 and upper_inf(valid)", [bookId, recordId, validFrom]);
  await db.query(
    `with changed as (update masterdata.source_record set version = version + 1, payload = $3, hash = $4, valid_from = $5, changed_at = $6, changed_by = $7 where book_id = $1 and record_id = $2 returning *)
     insert into masterdata.source_version (book_id, record_id, version, payload, valid, recorded_at, recorded_by) select book_id, record_id, version, payload, tstzrange(valid_from, null), changed_at, changed_by from changed`,
    [bookId, recordId, JSON.stringify(payload), hash, validFrom, at, by]);
};

export type VersionRow = { recordId: bigint; version: number; payload: Payload; from: string; to: string | null; recordedAt: string; recordedBy: string };
export const findVersions = (db: Db, bookId: number, records: readonly bigint[]) =>
  db.query<VersionRow>(`select record_id as "recordId", version, payload, lower(valid) as "from", upper(valid) as "to", recorded_at as "recordedAt", recorded_by as "recordedBy" from masterdata.source_version where book_id = $1 and record_id = any($2) order by record_id, version desc`, [bookId, records]);

// Golden records -----------------------------------------------------------------------------------------------------------------

export type GoldenRow = { goldenId: bigint; domain: string; state: string; redirectTo: bigint | null; rootId: bigint; code: string; name: string; body: GoldenBody; sources: number; version: number; madeAt: string; changedAt: string };
const goldenColumns = `g.golden_id as "goldenId", g.domain, g.state, g.redirect_to as "redirectTo", g.root_id as "rootId", g.code, g.name, g.body, g.sources, g.version, g.made_at as "madeAt", g.changed_at as "changedAt"`;

export const findGolden = (db: Db, bookId: number, goldenId: bigint) => db.maybe<GoldenRow>(`select ${goldenColumns} from masterdata.golden g where book_id = $1 and golden_id = $2`, [bookId, goldenId]);

export const findGoldens = (db: Db, bookId: number, goldenIds: readonly bigint[]) => db.query<GoldenRow>(`select ${goldenColumns} from masterdata.golden g where book_id = $1 and golden_id = any($2) order by golden_id`, [bookId, goldenIds]);

export const addGolden = async (db: Db, bookId: number, domain: string, code: string, at: string): Promise<bigint> =>
  (await db.one<{ id: bigint }>(
    `with next as (select nextval('masterdata.golden_golden_id_seq') as id)
     insert into masterdata.golden (book_id, golden_id, domain, root_id, code, name, initials, words, body, made_at, changed_at) overriding system value
     select $1, id, $2, id, $3, '', '', '', '{}', $4, $4 from next returning golden_id as id`, [bookId, domain, code, at])).id;

export const saveGolden = (db: Db, bookId: number, goldenId: bigint, one: { readonly name: string; readonly initials: string; readonly words: string; readonly body: GoldenBody; readonly sources: number }, at: string) =>
  db.query(
    `update masterdata.golden set name = $3, initials = $4, words = $5, body = $6, sources = $7, version = version + 1, changed_at = $8
      where book_id = $1 and golden_id = $2 and (name, initials, words, body, sources) is distinct from ($3, $4, $5, $6::jsonb, $7)`, [bookId, goldenId, one.name, one.initials, one.words, JSON.stringify(one.body), one.sources, at]);

export const setGoldenState = (db: Db, bookId: number, goldenId: bigint, state: string, at: string) =>
  db.query("update masterdata.golden set state = $3, version = version + 1, changed_at = $4 where book_id = $1 and golden_id = $2", [bookId, goldenId, state, at]);

/** What its codes mean has changed, though no value of it did: whoever is told of it is told again. */
export const touchGolden = (db: Db, bookId: number, goldenId: bigint, at: string) => db.query("update masterdata.golden set version = version + 1, changed_at = $3 where book_id = $1 and golden_id = $2", [bookId, goldenId, at]);

/** Everything that led to `from` leads to `into`. */
export const redirect = async (db: Db, bookId: number, from: bigint, into: bigint, at: string): Promise<void> => {
  await db.query("update masterdata.golden set state = 'merged', redirect_to = $3, version = version + 1, changed_at = $4 where book_id = $1 and golden_id = $2", [bookId, from, into, at]);
  await db.query("update masterdata.golden set root_id = $3 where book_id = $1 and root_id = $2 and golden_id <> $3", [bookId, from, into]);
};

/** `golden` stands alone again, with all that had been merged into it. */
export const standAlone = async (db: Db, bookId: number, goldenId: bigint, state: string, at: string): Promise<void> => {
  await db.query("update masterdata.golden set state = $3, redirect_to = null, version = version + 1, changed_at = $4 where book_id = $1 and golden_id = $2", [bookId, goldenId, state, at]);
  await db.query(
    `with recursive own as (select golden_id from masterdata.golden where book_id = $1 and golden_id = $2 union all select g.golden_id from masterdata.golden g join own o on g.book_id = $1 and g.redirect_to = o.golden_id)
     update masterdata.golden g set root_id = $2 from own where g.book_id = $1 and g.golden_id = own.golden_id`, [bookId, goldenId]);
};

/** The golden record and all that went into it. */
export const findFamily = async (db: Db, bookId: number, rootId: bigint): Promise<bigint[]> =>
  (await db.query<{ id: bigint }>("select golden_id as id from masterdata.golden where book_id = $1 and (golden_id = $2 or (root_id = $2 and state = 'merged')) order by golden_id", [bookId, rootId])).map(({ id }) => id);

/** What went into this one, whether or not it has itself gone into another. */
export const findBelow = async (db: Db, bookId: number, goldenId: bigint): Promise<bigint[]> =>
  (await db.query<{ id: bigint }>("with recursive own as (select golden_id from masterdata.golden where book_id = $1 and golden_id = $2 union all select g.golden_id from masterdata.golden g join own o on g.book_id = $1 and g.redirect_to = o.golden_id) select golden_id as id from own order by 1", [bookId, goldenId])).map(({ id }) => id);

/** What systems say of one of these. A record stays with what it describes, also when its code means something else since. */
export const findMembers = (db: Db, bookId: number, goldenIds: readonly bigint[]) =>
  db.query<Member & { goldenId: bigint }>(
    `select r.record_id as "recordId", r.system, r.company, r.code, r.version, r.payload, r.changed_at as "changedAt", c.golden_id as "goldenId"
       from masterdata.crosswalk c join masterdata.source_record r on r.book_id = c.book_id and r.record_id = c.record_id
      where c.book_id = $1 and c.golden_id = any($2) order by r.system, r.company, r.code`, [bookId, goldenIds]);

// Pins and aliases ---------------------------------------------------------------------------------------------------------------

export const findPins = (db: Db, bookId: number, goldenIds: readonly bigint[]) =>
  db.query<Pinned & { goldenId: bigint; reason: string; by: string; at: string }>(`select golden_id as "goldenId", field, value, reason, by, at from masterdata.pin where book_id = $1 and golden_id = any($2) order by golden_id, field`, [bookId, goldenIds]);

export const setPin = (db: Db, bookId: number, goldenId: bigint, field: string, value: string, reason: string, by: string, at: string) =>
  db.query("insert into masterdata.pin values ($1, $2, $3, $4, $5, $6, $7) on conflict (book_id, golden_id, field) do update set value = excluded.value, reason = excluded.reason, by = excluded.by, at = excluded.at", [bookId, goldenId, field, value, reason, by, at]);

export const dropPin = (db: Db, bookId: number, goldenId: bigint, field: string) => db.query("delete from masterdata.pin where book_id = $1 and golden_id = $2 and field = $3", [bookId, goldenId, field]);

export type AliasRow = { aliasNo: bigint; goldenId: bigint; kind: string; text: string; from: string | null; to: string | null; by: string; at: string };
export const findAliases = (db: Db, bookId: number, goldenIds: readonly bigint[]) =>
  db.query<AliasRow>(`select alias_no as "aliasNo", golden_id as "goldenId", kind, text, lower(valid) as "from", upper(valid) as "to", by, at from masterdata.alias where book_id = $1 and golden_id = any($2) order by kind, text, alias_no`, [bookId, goldenIds]);

export const addAlias = (db: Db, bookId: number, goldenId: bigint, kind: string, text: string, from: string | null, to: string | null, by: string, at: string) =>
  db.query("insert into masterdata.alias (book_id, golden_id, kind, text, valid, by, at) values ($1, $2, $3, $4, daterange($5, $6), $7, $8)", [bookId, goldenId, kind, text, from, to, by, at]);

/** A former name, unless it stands there. */
export const noteFormerName = (db: Db, bookId: number, goldenId: bigint, text: string, to: string, by: string, at: string) =>
  db.query("insert into masterdata.alias (book_id, golden_id, kind, text, valid, by, at) select $1, $2, 'former', $3, daterange(null, $4, '[]'), $5, $6 where not exists (select from masterdata.alias where book_id = $1 and golden_id = $2 and kind = 'former' and text = $3)", [bookId, goldenId, text, to, by, at]);

export const dropAlias = (db: Db, bookId: number, aliasNo: bigint) => db.query<{ goldenId: bigint; kind: string; text: string }>(`delete from masterdata.alias where book_id = $1 and alias_no = $2 returning golden_id as "goldenId", kind, text`, [bookId, aliasNo]);

// Crosswalk ----------------------------------------------------------------------------------------------------------------------

export type CrosswalkRow = { crosswalkId: bigint; domain: string; system: string; company: string; code: string; goldenId: bigint; rootId: bigint; recordId: bigint | null; isMapped: boolean; isSuspended: boolean; from: string | null; to: string | null; madeAt: string; madeBy: string };
const crosswalkColumns = `c.crosswalk_id as "crosswalkId", c.domain, c.system, c.company, c.code, c.golden_id as "goldenId", g.root_id as "rootId", c.record_id as "recordId", c.is_mapped as "isMapped", c.is_suspended as "isSuspended", lower(c.valid) as "from", upper(c.valid) as "to", c.made_at as "madeAt", c.made_by as "madeBy"`;
const crosswalk = "masterdata.crosswalk c join masterdata.golden g on g.book_id = c.book_id and g.golden_id = c.golden_id";

/** What a code of a system means on a day: that of the company first, then the system's own. */
export const findMeaning = (db: Db, bookId: number, { domain, system, company, code }: SourceKey, on: string) =>
  db.maybe<CrosswalkRow>(`select ${crosswalkColumns} from ${crosswalk} where c.book_id = $1 and c.domain = $2 and c.code = $3 and c.system = $4 and c.company in ($5, '') and c.valid @> $6::date order by c.company desc limit 1`, [bookId, domain, code, system, company, on]);

export const findCrosswalk = (db: Db, bookId: number, goldenIds: readonly bigint[]) =>
  db.query<CrosswalkRow>(`select ${crosswalkColumns} from ${crosswalk} where c.book_id = $1 and c.golden_id = any($2) order by c.system, c.company, c.code, lower(c.valid) nulls first`, [bookId, goldenIds]);

export const findCodeRows = (db: Db, bookId: number, { domain, system, company, code }: SourceKey) =>
  db.query<CrosswalkRow>(`select ${crosswalkColumns} from ${crosswalk} where c.book_id = $1 and c.domain = $2 and c.code = $3 and c.system = $4 and c.company = $5 order by lower(c.valid) nulls first`, [bookId, domain, code, system, company]);

export const findRecordRow = (db: Db, bookId: number, recordId: bigint) => db.maybe<CrosswalkRow>(`select ${crosswalkColumns} from ${crosswalk} where c.book_id = $1 and c.record_id = $2`, [bookId, recordId]);

export const findMapping = (db: Db, bookId: number, crosswalkId: bigint) => db.maybe<CrosswalkRow>(`select ${crosswalkColumns} from ${crosswalk} where c.book_id = $1 and c.crosswalk_id = $2`, [bookId, crosswalkId]);

export const addCrosswalk = (db: Db, bookId: number, { domain, system, company, code }: SourceKey, goldenId: bigint, recordId: bigint | null, isMapped: boolean, from: string | null, to: string | null, by: string, at: string) =>
  db.one<{ crosswalkId: bigint }>(
    `insert into masterdata.crosswalk (book_id, domain, system, company, code, golden_id, record_id, is_mapped, valid, made_at, made_by) values ($1, $2, $3, $4, $5, $6, $7, $8, daterange($9, $10), $11, $12) returning crosswalk_id as "crosswalkId"`,
    [bookId, domain, system, company, code, goldenId, recordId, isMapped, from, to, at, by]);

export const pointCrosswalk = (db: Db, bookId: number, crosswalkId: bigint, goldenId: bigint) => db.query("update masterdata.crosswalk set golden_id = $3 where book_id = $1 and crosswalk_id = $2", [bookId, crosswalkId, goldenId]);

export const tieRecord = (db: Db, bookId: number, crosswalkId: bigint, recordId: bigint) => db.query("update masterdata.crosswalk set record_id = $3 where book_id = $1 and crosswalk_id = $2", [bookId, crosswalkId, recordId]);

export const endCrosswalk = (db: Db, bookId: number, crosswalkId: bigint, to: string) => db.query("update masterdata.crosswalk set valid = daterange(lower(valid), $3) where book_id = $1 and crosswalk_id = $2", [bookId, crosswalkId, to]);

export const setMapped = (db: Db, bookId: number, crosswalkId: bigint, isMapped: boolean) => db.query("update masterdata.crosswalk set is_mapped = $3 where book_id = $1 and crosswalk_id = $2", [bookId, crosswalkId, isMapped]);

export const setSuspended = (db: Db, bookId: number, crosswalkId: bigint, isSuspended: boolean) => db.query("update masterdata.crosswalk set is_suspended = $3 where book_id = $1 and crosswalk_id = $2", [bookId, crosswalkId, isSuspended]);

/** What posting has to know beyond the records themselves: codes that a person mapped, and those that are suspended. */
export type MeaningRow = { kind: string; source: string; code: string; from: string | null; to: string | null; isSuspended: boolean; target: string | null; targetSource: string | null };
export const findMeanings = (db: Db, bookId: number) =>
  db.query<MeaningRow>(
    `select c.domain as kind, c.system as source, c.code, lower(c.valid) as "from", upper(c.valid) as "to", c.is_suspended or g.state = 'suspended' as "isSuspended", case when c.is_mapped then g.code end as target,
            (select o.system from masterdata.crosswalk o where o.book_id = $1 and o.golden_id = g.golden_id and o.code = g.code and o.record_id is not null order by o.system limit 1) as "targetSource"
       from (select * from masterdata.crosswalk where book_id = $1 and (is_mapped or is_suspended)
             union select c.* from masterdata.golden g join masterdata.golden m on m.book_id = $1 and (m.golden_id = g.golden_id or m.root_id = g.golden_id) join masterdata.crosswalk c on c.book_id = $1 and c.golden_id = m.golden_id where g.book_id = $1 and g.state = 'suspended') c
       join masterdata.golden o on o.book_id = $1 and o.golden_id = c.golden_id join masterdata.golden g on g.book_id = $1 and g.golden_id = o.root_id
      where c.company = '' order by c.domain, c.code, c.system, lower(c.valid) nulls first`, [bookId]);

/** Codes that several systems use for different things. */
export const findAmbiguous = (db: Db, bookId: number) =>
  db.query<{ kind: string; code: string }>(
    `select c.domain as kind, c.code from ${crosswalk} where c.book_id = $1 and c.company = '' and upper_inf(c.valid) and c.record_id is not null group by c.domain, c.code having count(*) > 1 and count(distinct g.root_id) > 1 order by 1, 2`, [bookId]);

export const findStrictDomains = async (db: Db, bookId: number): Promise<string[]> => (await db.query<{ domain: string }>("select domain from masterdata.policy where book_id = $1 and strict order by domain", [bookId])).map(({ domain }) => domain);

// Policy -------------------------------------------------------------------------------------------------------------------------

export type PolicyRow = { domain: string; trust: string[]; fields: Record<string, { rule?: "recent" | "frequent" | "longest"; trust?: string[] }>; autoMerge: boolean; fourEyes: boolean; strict: boolean; by: string; at: string };
const policyColumns = `domain, trust, fields, auto_merge as "autoMerge", four_eyes as "fourEyes", strict, by, at`;
export const findPolicy = (db: Db, bookId: number, domain: string) => db.maybe<PolicyRow>(`select ${policyColumns} from masterdata.policy where book_id = $1 and domain = $2`, [bookId, domain]);
export const findPolicies = (db: Db, bookId: number) => db.query<PolicyRow>(`select ${policyColumns} from masterdata.policy where book_id = $1 order by domain`, [bookId]);
export const savePolicy = (db: Db, bookId: number, one: Omit<PolicyRow, "by" | "at">, by: string, at: string) =>
  db.query(
    `insert into masterdata.policy (book_id, domain, trust, fields, auto_merge, four_eyes, strict, by, at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     on conflict (book_id, domain) do update set trust = excluded.trust, fields = excluded.fields, auto_merge = excluded.auto_merge, four_eyes = excluded.four_eyes, strict = excluded.strict, by = excluded.by, at = excluded.at`,
    [bookId, one.domain, one.trust, JSON.stringify(one.fields), one.autoMerge, one.fourEyes, one.strict, by, at]);

// Pages ----------------------------------------------------------------------------------------------------------------------------

/** Source records of a domain in order of arrival, with the golden record of each. */
export const findExportPage = (db: Db, bookId: number, domain: string, after: bigint, limit: number) =>
  db.query<{ recordId: bigint; system: string; company: string; code: string; payload: Payload; rootId: bigint; goldenCode: string }>(
    `select r.record_id as "recordId", r.system, r.company, r.code, r.payload, g.root_id as "rootId", t.code as "goldenCode"
       from masterdata.source_record r join masterdata.crosswalk c on c.book_id = $1 and c.record_id = r.record_id join masterdata.golden g on g.book_id = $1 and g.golden_id = c.golden_id join masterdata.golden t on t.book_id = $1 and t.golden_id = g.root_id
      where r.book_id = $1 and r.domain = $2 and r.record_id > $3 order by r.record_id limit $4`, [bookId, domain, after, limit]);
