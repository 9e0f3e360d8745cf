/** Definitions, status, leases, secrets and shapes of flows. */
import type { Db, Problem } from "../platform/index.ts";
import type { StreamShape } from "./connector.ts";
import type { FlowDefinition } from "./flow.ts";

export type Flow = {
  readonly bookId: number;
  readonly flow: string;
  readonly direction: "in" | "out";
  readonly version: number;
  readonly wanted: "running" | "paused";
  readonly changedBy: string;
  readonly changedAt: string;
  readonly definition: FlowDefinition;
  readonly mappingName: string;
  /** null: the source sends the standard form itself. */
  readonly mapping: MappingStored | null;
};

/** The mapping as it was when the flow was applied, with the tables that stood beside it. */
export type MappingStored = { readonly text: string; readonly files: Readonly<Record<string, string>> };

const flowColumns = `f.book_id as "bookId", f.flow, f.direction, f.version, f.wanted, f.changed_by as "changedBy", f.changed_at as "changedAt", v.definition, coalesce(v.mapping_name, '') as "mappingName", v.mapping`;
const flowTables = "connectors.flow f join connectors.flow_version v using (book_id, flow, version)";

export const findFlow = (db: Db, bookId: number, flow: string): Promise<Flow | undefined> => db.maybe<Flow>(`select ${flowColumns} from ${flowTables} where f.book_id = $1 and f.flow = $2`, [bookId, flow]);

export const listFlows = (db: Db, bookId?: number): Promise<Flow[]> => db.query<Flow>(`select ${flowColumns} from ${flowTables} where $1::int is null or f.book_id = $1 order by f.book_id, f.flow`, [bookId ?? null]);

/** The flow as it was in a version. */
export const findVersion = (db: Db, bookId: number, flow: string, version: number): Promise<Flow | undefined> =>
  db.maybe<Flow>(`select ${flowColumns.replace("f.version", "v.version")} from connectors.flow f join connectors.flow_version v using (book_id, flow) where f.book_id = $1 and f.flow = $2 and v.version = $3`, [bookId, flow, version]);

export type FlowVersionRow = { readonly version: number; readonly yaml: string; readonly mappingName: string; readonly appliedBy: string; readonly appliedAt: string };
export const listVersions = (db: Db, bookId: number, flow: string): Promise<FlowVersionRow[]> =>
  db.query<FlowVersionRow>(`select version, yaml, coalesce(mapping_name, '') as "mappingName", applied_by as "appliedBy", applied_at as "appliedAt" from connectors.flow_version where book_id = $1 and flow = $2 order by version`, [bookId, flow]);

export const lastVersion = (db: Db, bookId: number, flow: string): Promise<{ version: number; hash: string } | undefined> =>
  db.maybe("select version, hash from connectors.flow_version where book_id = $1 and flow = $2 order by version desc limit 1", [bookId, flow]);

export type NewVersion = { readonly bookId: number; readonly flow: string; readonly version: number; readonly definition: FlowDefinition; readonly yaml: string; readonly mappingName: string | null; readonly mapping: MappingStored | null; readonly hash: string; readonly by: string; readonly at: string };

export async function addVersion(db: Db, one: NewVersion): Promise<void> {
  await db.query("insert into connectors.flow_version (book_id, flow, version, definition, yaml, mapping_name, mapping, hash, applied_by, applied_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    [one.bookId, one.flow, one.version, JSON.stringify(one.definition), one.yaml, one.mappingName, one.mapping === null ? null : JSON.stringify(one.mapping), one.hash, one.by, one.at]);
  await db.query(`insert into connectors.flow (book_id, flow, direction, version, wanted, changed_by, changed_at) values ($1, $2, $3, $4, 'running', $5, $6)
    on conflict (book_id, flow) do update set direction = excluded.direction, version = excluded.version, changed_by = excluded.changed_by, changed_at = excluded.changed_at`, [one.bookId, one.flow, one.definition.direction, one.version, one.by, one.at]);
}

export const setWanted = (db: Db, bookId: number, flow: string, wanted: Flow["wanted"], by: string, at: string): Promise<unknown> =>
  db.query("update connectors.flow set wanted = $3, changed_by = $4, changed_at = $5 where book_id = $1 and flow = $2", [bookId, flow, wanted, by, at]);

// Status -----------------------------------------------------------------------------------------------------------------

export type FlowStatus = {
  readonly bookId: number;
  readonly flow: string;
  readonly landedSeq: bigint;
  readonly processedSeq: bigint;
  readonly landedAt: string | null;
  readonly recordAt: string | null;
  readonly phase: string;
  readonly nextRunAt: string | null;
  readonly runAskedAt: string | null;
  readonly failures: number;
  readonly retryAt: string | null;
  readonly stoppedAt: string | null;
  readonly problem: Problem | null;
};
const statusColumns = `book_id as "bookId", flow, landed_seq as "landedSeq", processed_seq as "processedSeq", landed_at as "landedAt", record_at as "recordAt", phase, next_run_at as "nextRunAt", run_asked_at as "runAskedAt", failures, retry_at as "retryAt", stopped_at as "stoppedAt", problem`;

export const makeStatus = (db: Db, bookId: number, flow: string): Promise<unknown> => db.query("insert into connectors.flow_status (book_id, flow) values ($1, $2) on conflict do nothing", [bookId, flow]);
export const readStatuses = (db: Db, bookId?: number): Promise<FlowStatus[]> => db.query<FlowStatus>(`select ${statusColumns} from connectors.flow_status where $1::int is null or book_id = $1`, [bookId ?? null]);
export const readStatus = (db: Db, bookId: number, flow: string): Promise<FlowStatus> => db.one<FlowStatus>(`select ${statusColumns} from connectors.flow_status where book_id = $1 and flow = $2`, [bookId, flow]);

/** The other side answers again, or somebody has changed what was wrong. */
export const clearProblem = (db: Db, bookId: number, flow: string): Promise<unknown> =>
  db.query("update connectors.flow_status set failures = 0, retry_at = null, stopped_at = null, problem = null where book_id = $1 and flow = $2 and (problem is not null or failures > 0)", [bookId, flow]);
export const stopWith = (db: Db, bookId: number, flow: string, problem: Problem, at: string): Promise<unknown> =>
  db.query("update connectors.flow_status set stopped_at = $4, problem = $3, retry_at = null where book_id = $1 and flow = $2", [bookId, flow, problemText(problem), at]);
export const breakWith = (db: Db, bookId: number, flow: string, problem: Problem, failures: number, retryAt: string): Promise<unknown> =>
  db.query("update connectors.flow_status set failures = $4, problem = $3, retry_at = $5 where book_id = $1 and flow = $2", [bookId, flow, problemText(problem), failures, retryAt]);
export const setPhase = (db: Db, bookId: number, flow: string, phase: string): Promise<unknown> => db.query("update connectors.flow_status set phase = $3 where book_id = $1 and flow = $2 and phase <> $3", [bookId, flow, phase]);
export const planRun = (db: Db, bookId: number, flow: string, nextRunAt: string): Promise<unknown> => db.query("update connectors.flow_status set next_run_at = $3, run_asked_at = null where book_id = $1 and flow = $2", [bookId, flow, nextRunAt]);
/** The process that runs the flow sees it within a second. */
export const askRun = (db: Db, bookId: number, flow: string, at: string): Promise<unknown> => db.query("update connectors.flow_status set run_asked_at = $3 where book_id = $1 and flow = $2", [bookId, flow, at]);

const problemText = (problem: Problem): string => JSON.stringify(problem, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value));

// Lease ------------------------------------------------------------------------------------------------------------------

const PRESENCE = 824_306_823;
const isHeld = `(l.expires_at > now() and exists (select from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database()) and classid = ${PRESENCE} and objid::bigint = l.presence and granted))`;

export const announce = (db: Db, presence: number): Promise<unknown> => db.query("select pg_advisory_lock($1, $2)", [PRESENCE, presence]);
export const isLeased = async (db: Db, bookId: number, flow: string): Promise<boolean> => (await db.query(`select from connectors.lease l where book_id = $1 and flow = $2 and ${isHeld}`, [bookId, flow])).length === 1;

/** The database's clock decides, the same for all processes. Waits for a commit that is under way under the epoch before. */
export const takeLease = (db: Db, bookId: number, flow: string, presence: number, ttlMs: number): Promise<{ epoch: bigint } | undefined> =>
  db.maybe(`with taken as (insert into connectors.lease as l (book_id, flow, epoch, presence, expires_at) values ($1, $2, 1, $3, now() + $4::int * interval '1 millisecond')
      on conflict (book_id, flow) do update set epoch = l.epoch + 1, presence = excluded.presence, expires_at = excluded.expires_at where not ${isHeld} returning epoch)
    update connectors.flow_status s set epoch = taken.epoch from taken where s.book_id = $1 and s.flow = $2 returning s.epoch`, [bookId, flow, presence, ttlMs]);
export const renewLease = async (db: Db, bookId: number, flow: string, epoch: bigint, ttlMs: number): Promise<boolean> =>
  (await db.query("update connectors.lease set expires_at = now() + $4::int * interval '1 millisecond' where book_id = $1 and flow = $2 and epoch = $3 returning 1", [bookId, flow, epoch, ttlMs])).length === 1;
export const endLease = (db: Db, bookId: number, flow: string, epoch: bigint): Promise<unknown> => db.query("update connectors.lease set expires_at = now() where book_id = $1 and flow = $2 and epoch = $3 and expires_at > now()", [bookId, flow, epoch]);
export const readLeases = (db: Db): Promise<{ bookId: number; flow: string; epoch: bigint; isHeld: boolean }[]> =>
  db.query(`select book_id as "bookId", flow, epoch, ${isHeld} as "isHeld" from connectors.lease l`);

// Secrets ----------------------------------------------------------------------------------------------------------------

export const saveSecret = (db: Db, bookId: number, name: string, sealed: Buffer, by: string, at: string): Promise<unknown> =>
  db.query(`insert into connectors.secret (book_id, name, sealed, set_by, set_at) values ($1, $2, $3, $4, $5)
    on conflict (book_id, name) do update set sealed = excluded.sealed, set_by = excluded.set_by, set_at = excluded.set_at`, [bookId, name, sealed, by, at]);
export const readSecrets = (db: Db, bookId: number, names: readonly string[]): Promise<{ name: string; sealed: Buffer }[]> => db.query("select name, sealed from connectors.secret where book_id = $1 and name = any($2)", [bookId, names]);
export type SecretListed = { readonly name: string; readonly setBy: string; readonly setAt: string };
export const listSecrets = (db: Db, bookId: number): Promise<SecretListed[]> => db.query<SecretListed>(`select name, set_by as "setBy", set_at as "setAt" from connectors.secret where book_id = $1 order by name`, [bookId]);

// Shapes -----------------------------------------------------------------------------------------------------------------

export type ShapeRow = { readonly stream: string; readonly shape: StreamShape; readonly acceptedAt: string; readonly acceptedBy: string; readonly pending: StreamShape | null; readonly changes: unknown };
export const readShapes = (db: Db, bookId: number, flow: string): Promise<ShapeRow[]> =>
  db.query<ShapeRow>(`select stream, shape, accepted_at as "acceptedAt", accepted_by as "acceptedBy", pending, changes from connectors.stream_shape where book_id = $1 and flow = $2 order by stream`, [bookId, flow]);
export const acceptShape = (db: Db, bookId: number, flow: string, shape: StreamShape, changes: unknown, by: string, at: string): Promise<unknown> =>
  db.query(`insert into connectors.stream_shape (book_id, flow, stream, shape, accepted_at, accepted_by, changes) values ($1, $2, $3, $4, $5, $6, $7)
    on conflict (book_id, flow, stream) do update set shape = excluded.shape, accepted_at = excluded.accepted_at, accepted_by = excluded.accepted_by, pending = null, changes = excluded.changes`, [bookId, flow, shape.stream, JSON.stringify(shape), at, by, changes === null ? null : JSON.stringify(changes)]);
export const holdShape = (db: Db, bookId: number, flow: string, shape: StreamShape, changes: unknown): Promise<unknown> =>
  db.query("update connectors.stream_shape set pending = $4, changes = $5 where book_id = $1 and flow = $2 and stream = $3", [bookId, flow, shape.stream, JSON.stringify(shape), JSON.stringify(changes)]);
