/** SQL of matching: keys, candidates, models, what was decided, and what is absolute. */
import type { Db } from "../platform/index.ts";
import type { Calibration } from "./calibration.ts";
import type { ModelData, PairWeight } from "./matching/model.ts";
import type { Payload } from "./survivorship.ts";
import type { MatchKey } from "./weigh.ts";

// Keys ---------------------------------------------------------------------------------------------------------------------------

export const replaceKeys = async (db: Db, bookId: number, recordId: bigint, keys: readonly MatchKey[], isNew: boolean): Promise<void> => {
  if (!isNew) await db.query("delete from masterdata.match_key where book_id = $1 and record_id = $2", [bookId, recordId]);
  if (keys.length > 0) await db.query("insert into masterdata.match_key (book_id, key, record_id) select $1, k, $2 from unnest($3::bigint[]) as k", [bookId, recordId, keys.map(({ key }) => key)]);
};

/**
 * Records that share keys, those with the rarest common keys first, and beside them the generic keys (record_id null where nothing else was found): of a
 * key no more than `most` and one rows are read. One round trip; the function keeps its plan for the connection, which always goes by index.
 */
export const findSharing = (db: Db, bookId: number, keys: readonly MatchKey[], own: bigint | null, most: number, limit: number) =>
  db.query<{ generic: bigint[] } & ({ recordId: null } | CandidateRecord)>(
    `select generic, record_id as "recordId", system, company, code, payload, root_id as "rootId", golden_id as "goldenId" from masterdata.sharing($1, $2, $3, $4, $5, $6, $7)`,
    [bookId, keys.map(({ key }) => key), keys.map(({ parts }) => parts?.[0] ?? null), keys.map(({ parts }) => parts?.[1] ?? null), own, most, limit], { name: "masterdata_sharing" });

export type CandidateRecord = { recordId: bigint; system: string; company: string; code: string; payload: Payload; rootId: bigint; goldenId: bigint };
export const findCandidateRecords = (db: Db, bookId: number, records: readonly bigint[]) =>
  db.query<CandidateRecord>(
    `select r.record_id as "recordId", r.system, r.company, r.code, r.payload, g.root_id as "rootId", c.golden_id as "goldenId"
       from unnest($2::bigint[]) as w (record_id) join masterdata.source_record r on r.book_id = $1 and r.record_id = w.record_id
       join masterdata.crosswalk c on c.book_id = $1 and c.record_id = w.record_id join masterdata.golden g on g.book_id = $1 and g.golden_id = c.golden_id order by r.record_id`, [bookId, records], { name: "masterdata_candidates" });

export const noteGeneric = (db: Db, bookId: number, domain: string, keys: readonly MatchKey[], example: string, at: string) =>
  db.query("insert into masterdata.generic_key (book_id, domain, name, key, example, seen_at) select $1, $2, n, k, $5, $6 from unnest($3::text[], $4::bigint[]) as w (n, k) on conflict do nothing", [bookId, domain, keys.map(({ name }) => name), keys.map(({ key }) => key), example, at]);

export const findGeneric = (db: Db, bookId: number) => db.query<{ domain: string; name: string; example: string; seenAt: string; rows: bigint }>(
  `select g.domain, g.name, g.example, g.seen_at as "seenAt", (select count(*) from (select from masterdata.match_key m where m.key = g.key limit 100001) m) as rows from masterdata.generic_key g where g.book_id = $1 order by g.domain, g.name, g.key limit 200`, [bookId]);

// Candidates ---------------------------------------------------------------------------------------------------------------------

export type Waterfall = Pick<PairWeight, "weight" | "prior" | "byField" | "hard">;
export type CandidateRow = {
  candidateNo: bigint; domain: string; recordId: bigint; goldenId: bigint; otherRecord: bigint; weight: string; waterfall: Waterfall; model: number; uncertainty: string; openValue: bigint; priority: string; state: string; isDoubt: boolean; foundAt: string; decidedAt: string | null; decidedBy: string | null;
};
const candidateColumns = `is_doubt as "isDoubt", candidate_no as "candidateNo", domain, record_id as "recordId", golden_id as "goldenId", other_record as "otherRecord", weight, waterfall, model, uncertainty, open_value as "openValue", priority, state, found_at as "foundAt", decided_at as "decidedAt", decided_by as "decidedBy"`;

export const addCandidate = (db: Db, bookId: number, one: { readonly domain: string; readonly recordId: bigint; readonly goldenId: bigint; readonly otherRecord: bigint; readonly waterfall: Waterfall; readonly model: number; readonly uncertainty: number; readonly isDoubt: boolean; readonly openValue: bigint }, at: string) =>
  db.query(
    `insert into masterdata.candidate (book_id, domain, record_id, golden_id, other_record, weight, waterfall, model, uncertainty, open_value, priority, found_at, is_doubt)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9::numeric, $10::bigint, $9::numeric * (1 + $10::bigint), $11, $12)
     on conflict (book_id, record_id, golden_id) where state = 'open' do update set other_record = excluded.other_record, weight = excluded.weight, waterfall = excluded.waterfall, model = excluded.model, uncertainty = excluded.uncertainty, open_value = excluded.open_value, priority = excluded.priority, is_doubt = excluded.is_doubt`,
    [bookId, one.domain, one.recordId, one.goldenId, one.otherRecord, one.waterfall.weight, JSON.stringify(one.waterfall), one.model, one.uncertainty, one.openValue, at, one.isDoubt]);

/** The most worth a decision first. */
export const findQueue = (db: Db, bookId: number, domain: string | null, after: { readonly priority: string; readonly no: bigint } | null, limit: number) =>
  db.query<CandidateRow>(
    `select ${candidateColumns} from masterdata.candidate where book_id = $1 and state = 'open' and ($2::text is null or domain = $2) and ($3::numeric is null or priority < $3 or (priority = $3 and candidate_no > $4)) order by priority desc, candidate_no limit $5`,
    [bookId, domain, after?.priority ?? null, after?.no ?? null, limit]);

export const findCandidate = (db: Db, bookId: number, candidateNo: bigint) => db.maybe<CandidateRow>(`select ${candidateColumns} from masterdata.candidate where book_id = $1 and candidate_no = $2`, [bookId, candidateNo]);

export const findCandidatesOf = (db: Db, bookId: number, goldenId: bigint) =>
  db.query<CandidateRow>(
    `select ${candidateColumns} from masterdata.candidate where book_id = $1 and state = 'open' and (golden_id = $2 or record_id in (select record_id from masterdata.crosswalk where book_id = $1 and golden_id = $2 and record_id is not null)) order by priority desc, candidate_no limit 50`, [bookId, goldenId]);

export const countQueue = (db: Db, bookId: number) => db.query<{ domain: string; open: bigint; openValue: bigint }>(`select domain, count(*) as open, coalesce(sum(open_value), 0)::bigint as "openValue" from masterdata.candidate where book_id = $1 and state = 'open' group by domain order by domain`, [bookId]);

export const decideCandidate = (db: Db, bookId: number, candidateNo: bigint, state: string, by: string, at: string) =>
  db.query<{ candidateNo: bigint }>(`update masterdata.candidate set state = $3, decided_by = $4, decided_at = $5 where book_id = $1 and candidate_no = $2 and state = 'open' returning candidate_no as "candidateNo"`, [bookId, candidateNo, state, by, at]);

/** Pairs in which the record stands, save those just asked: what it says now has overtaken them. */
export const settleStale = (db: Db, bookId: number, recordId: bigint, asked: readonly bigint[], at: string) =>
  db.query("update masterdata.candidate set state = 'settled', decided_by = 'engine', decided_at = $4 where book_id = $1 and state = 'open' and ((record_id = $2 and golden_id <> all($3)) or other_record = $2)", [bookId, recordId, asked, at]);

/** The record is somewhere else now. */
export const settleDoubts = (db: Db, bookId: number, recordId: bigint, by: string, at: string) => db.query("update masterdata.candidate set state = 'settled', decided_by = $3, decided_at = $4 where book_id = $1 and record_id = $2 and state = 'open' and is_doubt", [bookId, recordId, by, at]);

/** Pairs that are settled by something else: both sides are one now, or a side is gone. A doubt is about what is one already. */
export const settleCandidates = (db: Db, bookId: number, domain: string, roots: readonly bigint[], by: string, at: string) =>
  db.query(
    `update masterdata.candidate q set state = 'settled', decided_by = $4, decided_at = $5
       from masterdata.crosswalk c join masterdata.golden g on g.book_id = c.book_id and g.golden_id = c.golden_id, masterdata.golden o
      where q.book_id = $1 and q.domain = $2 and q.state = 'open' and not q.is_doubt and c.book_id = $1 and c.record_id = q.record_id and o.book_id = $1 and o.golden_id = q.golden_id and o.root_id = g.root_id and g.root_id = any($3)`,
    [bookId, domain, roots, by, at]);

/** What one decision answered and settled is open again, save where it has been asked anew since. */
export const askAgain = (db: Db, bookId: number, domain: string, by: string, at: string) =>
  db.query(
    `update masterdata.candidate q set state = 'open', decided_by = null, decided_at = null
      where q.book_id = $1 and q.domain = $2 and q.state <> 'open' and q.decided_by = $3 and q.decided_at = $4
        and not exists (select from masterdata.candidate o where o.book_id = $1 and o.record_id = q.record_id and o.golden_id = q.golden_id and o.state = 'open')`, [bookId, domain, by, at]);

export const setOpenValue = (db: Db, bookId: number, candidateNo: bigint, openValue: bigint) =>
  db.query("update masterdata.candidate set open_value = $3::bigint, priority = uncertainty * (1 + $3::bigint) where book_id = $1 and candidate_no = $2 and open_value <> $3::bigint", [bookId, candidateNo, openValue]);

// What is absolute ---------------------------------------------------------------------------------------------------------------

export type EdgeRow = { a: bigint; b: bigint; kind: "must" | "cannot"; decisionNo: bigint };
export const setEdge = (db: Db, bookId: number, x: bigint, y: bigint, kind: "must" | "cannot", decisionNo: bigint) =>
  db.query("insert into masterdata.edge (book_id, a, b, kind, decision_no) values ($1, $2, $3, $4, $5) on conflict (book_id, a, b) do update set kind = excluded.kind, decision_no = excluded.decision_no", [bookId, x < y ? x : y, x < y ? y : x, kind, decisionNo]);
export const dropEdge = (db: Db, bookId: number, x: bigint, y: bigint) => db.query("delete from masterdata.edge where book_id = $1 and a = $2 and b = $3", [bookId, x < y ? x : y, x < y ? y : x]);
export const dropEdgesOf = (db: Db, bookId: number, decisionNo: bigint) => db.query("delete from masterdata.edge where book_id = $1 and decision_no = $2", [bookId, decisionNo]);
/** Between records of one side and of the other. */
export const findEdgesBetween = (db: Db, bookId: number, some: readonly bigint[], others: readonly bigint[]) =>
  db.query<EdgeRow>(`select a, b, kind, decision_no as "decisionNo" from masterdata.edge where book_id = $1 and ((a = any($2) and b = any($3)) or (a = any($3) and b = any($2))) order by a, b`, [bookId, some, others]);
export const findEdgesOf = (db: Db, bookId: number, records: readonly bigint[]) =>
  db.query<EdgeRow>(`select a, b, kind, decision_no as "decisionNo" from masterdata.edge where book_id = $1 and (a = any($2) or b = any($2)) order by a, b`, [bookId, records]);

// The ledger ---------------------------------------------------------------------------------------------------------------------

export type Decision = {
  readonly act: string; readonly domain: string; readonly goldenId?: bigint | undefined; readonly otherId?: bigint | undefined; readonly recordId?: bigint | undefined; readonly waterfall?: Waterfall | undefined; readonly model?: number | undefined; readonly body?: unknown; readonly undoes?: bigint | undefined; readonly reason: string; readonly by: string; readonly at: string;
};
export const addDecision = async (db: Db, bookId: number, one: Decision): Promise<bigint> =>
  (await db.one<{ no: bigint }>(
    `insert into masterdata.decision (book_id, act, domain, golden_id, other_id, record_id, weight, waterfall, model, body, undoes, reason, by, at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) returning decision_no as no`,
    [bookId, one.act, one.domain, one.goldenId ?? null, one.otherId ?? null, one.recordId ?? null, one.waterfall?.weight ?? null, one.waterfall === undefined ? null : JSON.stringify(one.waterfall), one.model ?? null, JSON.stringify(one.body ?? {}), one.undoes ?? null, one.reason, one.by, one.at])).no;

export type DecisionRow = { decisionNo: bigint; act: string; domain: string; goldenId: bigint | null; otherId: bigint | null; recordId: bigint | null; weight: string | null; waterfall: Waterfall | null; model: number | null; body: Record<string, unknown>; undoes: bigint | null; undoneBy: bigint | null; reason: string; by: string; at: string };
const decisionColumns = `d.decision_no as "decisionNo", d.act, d.domain, d.golden_id as "goldenId", d.other_id as "otherId", d.record_id as "recordId", d.weight, d.waterfall, d.model, d.body, d.undoes, (select u.decision_no from masterdata.decision u where u.book_id = d.book_id and u.undoes = d.decision_no) as "undoneBy", d.reason, d.by, d.at`;
export const findDecisions = (db: Db, bookId: number, goldenIds: readonly bigint[], limit: number) =>
  db.query<DecisionRow>(`select ${decisionColumns} from masterdata.decision d where d.book_id = $1 and (d.golden_id = any($2) or d.other_id = any($2)) order by d.decision_no desc limit $3`, [bookId, goldenIds, limit]);
export const findDecision = (db: Db, bookId: number, decisionNo: bigint) => db.maybe<DecisionRow>(`select ${decisionColumns} from masterdata.decision d where d.book_id = $1 and d.decision_no = $2`, [bookId, decisionNo]);
/** The merge that sent this one where it is now. */
export const findMergeOf = (db: Db, bookId: number, loser: bigint) => db.maybe<DecisionRow>(`select ${decisionColumns} from masterdata.decision d where d.book_id = $1 and d.act = 'merged' and d.other_id = $2 order by d.decision_no desc limit 1`, [bookId, loser]);

// Models -------------------------------------------------------------------------------------------------------------------------

export const findModel = (db: Db, bookId: number, domain: string) => db.maybe<{ version: number; body: ModelData; learnedOn: string }>(`select version, body, learned_on as "learnedOn" from masterdata.model where book_id = $1 and domain = $2 order by version desc limit 1`, [bookId, domain]);
/** The newest version of the weights, 0 for those that the system came with, and the newest calibration of it. */
export const findNewest = (db: Db, bookId: number, domain: string) =>
  db.one<{ version: number; calibrationNo: bigint | null }>(
    `select m.version, (select max(calibration_no) from masterdata.calibration where book_id = $1 and domain = $2 and model = m.version) as "calibrationNo" from (select coalesce(max(version), 0) as version from masterdata.model where book_id = $1 and domain = $2) m`, [bookId, domain]);
export const addModel = (db: Db, bookId: number, domain: string, version: number, body: ModelData, learnedOn: string, at: string) =>
  db.query("insert into masterdata.model (book_id, domain, version, body, learned_on, learned_at) values ($1, $2, $3, $4, $5, $6)", [bookId, domain, version, JSON.stringify(body), learnedOn, at]);
export const samplePayloads = (db: Db, bookId: number, domain: string, limit: number) => db.query<{ payload: Payload }>("select payload from masterdata.source_record where book_id = $1 and domain = $2 order by hash limit $3", [bookId, domain, limit]);

// Calibration --------------------------------------------------------------------------------------------------------------------

export type CalibrationRow = { answers: number; body: Calibration; madeAt: string };
export const findCalibration = (db: Db, bookId: number, domain: string, model: number) =>
  db.maybe<CalibrationRow>(`select answers, body, made_at as "madeAt" from masterdata.calibration where book_id = $1 and domain = $2 and model = $3 order by calibration_no desc limit 1`, [bookId, domain, model]);
export const addCalibration = (db: Db, bookId: number, domain: string, model: number, answers: number, body: Calibration, at: string) =>
  db.query("insert into masterdata.calibration (book_id, domain, model, answers, body, made_at) values ($1, $2, $3, $4, $5, $6)", [bookId, domain, model, answers, JSON.stringify(body), at]);

/**
 * Answers that still stand: a pair that a person called one thing and that is one, or called different and that is kept apart; and what joined by itself,
 * which a person took out again or did not. Pairs on which a rule decides say nothing about weights.
 */
const answered = `
  select q.weight, g.root_id = o.root_id as is_same, true as is_by_person
    from masterdata.candidate q
    join masterdata.crosswalk c on c.book_id = $1 and c.record_id = q.record_id join masterdata.golden g on g.book_id = $1 and g.golden_id = c.golden_id
    join masterdata.crosswalk d on d.book_id = $1 and d.record_id = q.other_record join masterdata.golden o on o.book_id = $1 and o.golden_id = d.golden_id
    left join masterdata.edge e on e.book_id = $1 and e.a = least(q.record_id, q.other_record) and e.b = greatest(q.record_id, q.other_record)
   where q.book_id = $1 and q.domain = $2 and q.model = $3 and q.state in ('same', 'different') and not q.is_doubt and q.waterfall ->> 'hard' is null and (g.root_id = o.root_id or e.kind = 'cannot')
  union all
  select d.weight, s.decision_no is null, s.decision_no is not null
    from masterdata.decision d left join lateral (select decision_no from masterdata.decision s where s.book_id = $1 and s.golden_id = d.golden_id and s.act = 'split' and s.record_id = d.record_id and s.decision_no > d.decision_no and s.by <> 'engine' limit 1) s on true
   where d.book_id = $1 and d.domain = $2 and d.model = $3 and d.act = 'linked' and d.waterfall ->> 'hard' is null and d.weight is not null`;
export const countAnswers = async (db: Db, bookId: number, domain: string, model: number): Promise<number> => Number((await db.one<{ count: bigint }>(`select count(*) from (${answered}) a where is_by_person`, [bookId, domain, model])).count);
export const findAnswered = (db: Db, bookId: number, domain: string, model: number) =>
  db.query<{ weight: number; answers: number; same: number }>(`select weight::float8 as weight, count(*)::integer as answers, (count(*) filter (where is_same))::integer as same from (${answered}) a group by weight order by weight`, [bookId, domain, model]);
export const findOpenWeights = (db: Db, bookId: number, domain: string, model: number) =>
  db.query<{ candidateNo: bigint; weight: number }>(`select candidate_no as "candidateNo", weight::float8 as weight from masterdata.candidate where book_id = $1 and domain = $2 and model = $3 and state = 'open' order by candidate_no`, [bookId, domain, model]);
export const setUncertainty = (db: Db, bookId: number, candidateNo: bigint, uncertainty: number) =>
  db.query("update masterdata.candidate set uncertainty = $3::numeric, priority = $3::numeric * (1 + open_value) where book_id = $1 and candidate_no = $2", [bookId, candidateNo, uncertainty]);
