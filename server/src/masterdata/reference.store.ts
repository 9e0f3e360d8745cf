/** SQL of what master data is kept by: standards, trees, unit conversions, change requests, scores, subscriptions. */
import type { Db } from "../platform/index.ts";

// Standards ------------------------------------------------------------------------------------------------------------------------

export type StandardRow = { standardNo: bigint; domain: string; system: string; field: string; pattern: string; checkName: string; isRequired: boolean; zh: string; en: string; by: string; at: string };
export const findStandards = (db: Db, bookId: number, domain: string | null) =>
  db.query<StandardRow>(`select standard_no as "standardNo", domain, system, field, pattern, check_name as "checkName", is_required as "isRequired", zh, en, by, at from masterdata.code_standard where book_id = $1 and ($2::text is null or domain = $2) order by domain, field, system, standard_no`, [bookId, domain]);
export const addStandard = (db: Db, bookId: number, one: Omit<StandardRow, "standardNo" | "by" | "at">, by: string, at: string) =>
  db.maybe<{ standardNo: bigint }>(
    `insert into masterdata.code_standard (book_id, domain, system, field, pattern, check_name, is_required, zh, en, by, at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict do nothing returning standard_no as "standardNo"`,
    [bookId, one.domain, one.system, one.field, one.pattern, one.checkName, one.isRequired, one.zh, one.en, by, at]);
export const dropStandard = (db: Db, bookId: number, no: bigint) => db.query<{ standardNo: bigint }>(`delete from masterdata.code_standard where book_id = $1 and standard_no = $2 returning standard_no as "standardNo"`, [bookId, no]);

// Trees ----------------------------------------------------------------------------------------------------------------------------

export const lockTree = (db: Db, bookId: number, tree: string) => db.query("select pg_advisory_xact_lock(hashtextextended($1, 20))", [`masterdata tree ${bookId} ${tree}`]);

export type NodeRow = { nodeNo: bigint; tree: string; node: string; zh: string; en: string; goldenId: bigint | null; parent: string | null; from: string | null; to: string | null };
const nodeColumns = `node_no as "nodeNo", tree, node, zh, en, golden_id as "goldenId", parent, lower(valid) as "from", upper(valid) as "to"`;
export const findTrees = (db: Db, bookId: number) => db.query<{ tree: string; nodes: bigint }>("select tree, count(*) as nodes from masterdata.node where book_id = $1 and upper_inf(valid) group by tree order by tree", [bookId]);
export const findNodes = (db: Db, bookId: number, tree: string, on: string) => db.query<NodeRow>(`select ${nodeColumns} from masterdata.node where book_id = $1 and tree = $2 and valid @> $3::date order by node`, [bookId, tree, on]);
export const findNodeRows = (db: Db, bookId: number, tree: string, node: string) => db.query<NodeRow>(`select ${nodeColumns} from masterdata.node where book_id = $1 and tree = $2 and node = $3 order by lower(valid) nulls first`, [bookId, tree, node]);
/** The nodes above one, at any time in the range, the nearest first. */
export const findAbove = (db: Db, bookId: number, tree: string, node: string, from: string | null, to: string | null) =>
  db.query<{ node: string }>(
    `with recursive above as (
       select $3::text collate "C" as node, daterange($4, $5) as valid, 0 as depth
       union select n.parent, a.valid * n.valid, a.depth + 1 from above a join masterdata.node n on n.book_id = $1 and n.tree = $2 and n.node = a.node and n.valid && a.valid where n.parent is not null and a.depth < 200
     ) select node from above where depth > 0 order by depth`, [bookId, tree, node, from, to]);
export const addNode = (db: Db, bookId: number, one: { readonly tree: string; readonly node: string; readonly zh: string; readonly en: string; readonly goldenId: bigint | null; readonly parent: string | null; readonly from: string | null; readonly to: string | null }, by: string, at: string) =>
  db.query("insert into masterdata.node (book_id, tree, node, zh, en, golden_id, parent, valid, by, at) values ($1, $2, $3, $4, $5, $6, $7, daterange($8, $9), $10, $11)", [bookId, one.tree, one.node, one.zh, one.en, one.goldenId, one.parent, one.from, one.to, by, at]);
export const endNode = (db: Db, bookId: number, nodeNo: bigint, to: string) => db.query("update masterdata.node set valid = daterange(lower(valid), $3) where book_id = $1 and node_no = $2", [bookId, nodeNo, to]);
export const dropNodeRow = (db: Db, bookId: number, nodeNo: bigint) => db.query("delete from masterdata.node where book_id = $1 and node_no = $2", [bookId, nodeNo]);
export const hasChildren = async (db: Db, bookId: number, tree: string, node: string): Promise<boolean> => (await db.query("select from masterdata.node where book_id = $1 and tree = $2 and parent = $3 and upper_inf(valid) limit 1", [bookId, tree, node])).length > 0;
/** What the records themselves say of who stands above whom: departments name their parent. */
export const findParents = (db: Db, bookId: number, domain: string) =>
  db.query<{ goldenId: bigint; code: string; name: string; parent: string | null }>(`select golden_id as "goldenId", code, name, nullif(body -> 'parent' ->> 'value', '') as parent from masterdata.golden where book_id = $1 and domain = $2 and state in ('active', 'suspended') order by code limit 20000`, [bookId, domain]);
export const findGroups = (db: Db, bookId: number, domain: string, field: string) =>
  db.query<{ goldenId: bigint; code: string; name: string; parent: string | null }>(`select golden_id as "goldenId", code, name, nullif(body -> $3 ->> 'value', '') as parent from masterdata.golden where book_id = $1 and domain = $2 and state in ('active', 'suspended') order by code limit 20000`, [bookId, domain, field]);

// Units ----------------------------------------------------------------------------------------------------------------------------

export type FactorRow = { factorNo: bigint; goldenId: bigint | null; fromUnit: string; toUnit: string; num: string; den: string; from: string | null; to: string | null };
export const findFactors = (db: Db, bookId: number, goldenId: bigint | null, on: string) =>
  db.query<FactorRow>(`select factor_no as "factorNo", golden_id as "goldenId", from_unit as "fromUnit", to_unit as "toUnit", num, den, lower(valid) as "from", upper(valid) as "to" from masterdata.unit_factor where book_id = $1 and (golden_id is null or golden_id = $2) and valid @> $3::date order by factor_no`, [bookId, goldenId, on]);
export const addFactor = (db: Db, bookId: number, one: { readonly goldenId: bigint | null; readonly fromUnit: string; readonly toUnit: string; readonly num: bigint; readonly den: bigint; readonly from: string | null; readonly to: string | null }, by: string, at: string) =>
  db.one<{ factorNo: bigint }>(`insert into masterdata.unit_factor (book_id, golden_id, from_unit, to_unit, num, den, valid, by, at) values ($1, $2, $3, $4, $5, $6, daterange($7, $8), $9, $10) returning factor_no as "factorNo"`, [bookId, one.goldenId, one.fromUnit, one.toUnit, one.num, one.den, one.from, one.to, by, at]);
export const dropFactor = (db: Db, bookId: number, factorNo: bigint) => db.query<{ factorNo: bigint }>(`delete from masterdata.unit_factor where book_id = $1 and factor_no = $2 returning factor_no as "factorNo"`, [bookId, factorNo]);
/** For posting: every conversion of an item by the code under which the books know it, and those of all items. */
export const findFactorsForPosting = (db: Db, bookId: number) =>
  db.query<{ item: string | null; fromUnit: string; toUnit: string; num: string; den: string; from: string | null; to: string | null }>(
    `select g.code as item, f.from_unit as "fromUnit", f.to_unit as "toUnit", f.num, f.den, lower(f.valid) as "from", upper(f.valid) as "to" from masterdata.unit_factor f left join masterdata.golden o on o.book_id = $1 and o.golden_id = f.golden_id left join masterdata.golden g on g.book_id = $1 and g.golden_id = o.root_id where f.book_id = $1 order by f.factor_no`, [bookId]);

// Change requests ------------------------------------------------------------------------------------------------------------------

export type RequestRow = { requestNo: bigint; act: string; domain: string; body: Record<string, unknown>; reason: string; state: string; askedAt: string; askedBy: string; decidedAt: string | null; decidedBy: string | null; note: string };
const requestColumns = `request_no as "requestNo", act, domain, body, reason, state, asked_at as "askedAt", asked_by as "askedBy", decided_at as "decidedAt", decided_by as "decidedBy", note`;
export const addRequest = async (db: Db, bookId: number, act: string, domain: string, body: unknown, reason: string, by: string, at: string): Promise<bigint> =>
  (await db.one<{ no: bigint }>("insert into masterdata.request (book_id, act, domain, body, reason, asked_by, asked_at) values ($1, $2, $3, $4, $5, $6, $7) returning request_no as no", [bookId, act, domain, JSON.stringify(body), reason, by, at])).no;
export const findRequests = (db: Db, bookId: number, state: string | null, limit: number) => db.query<RequestRow>(`select ${requestColumns} from masterdata.request where book_id = $1 and ($2::text is null or state = $2) order by request_no desc limit $3`, [bookId, state, limit]);
export const lockRequest = (db: Db, bookId: number, no: bigint) => db.maybe<RequestRow>(`select ${requestColumns} from masterdata.request where book_id = $1 and request_no = $2 for update`, [bookId, no]);
export const decideRequest = (db: Db, bookId: number, no: bigint, state: string, note: string, by: string, at: string) =>
  db.query("update masterdata.request set state = $3, note = $4, decided_by = $5, decided_at = $6 where book_id = $1 and request_no = $2", [bookId, no, state, note, by, at]);
export const countRequests = async (db: Db, bookId: number): Promise<number> => Number((await db.one<{ open: bigint }>("select count(*) as open from masterdata.request where book_id = $1 and state = 'open'", [bookId])).open);
