/** The trail and what is on its way into it. */
import type { Db } from "../platform/index.ts";
import type { Fields } from "./entry.ts";

/** Both as the database writes JSON, which is what gets hashed. */
export const normalise = (db: Db, values: readonly (readonly [string | null, string | null])[]): Promise<{ readonly before: string | null; readonly after: string | null }[]> =>
  db.query("select before::jsonb::text as before, after::jsonb::text as after from unnest($1::text[], $2::text[]) with ordinality as one (before, after, place) order by place", [values.map(([before]) => before), values.map(([, after]) => after)], { name: "audit normalise" });

export const lockHead = (db: Db): Promise<{ readonly entryNo: bigint; readonly hash: Buffer }> => db.one(`select entry_no as "entryNo", hash from audit.head for update`, [], { name: "audit lock head" });
export const readHead = (db: Db): Promise<{ readonly entryNo: bigint; readonly hash: Buffer } | undefined> => db.maybe(`select entry_no as "entryNo", hash from audit.head`);

export type Row = Fields & { readonly entryNo: bigint; readonly previous: Buffer; readonly hash: Buffer };

/** Together they must continue the chain; the trigger checks it and moves the head. */
export const addEntries = (db: Db, rows: readonly Row[]): Promise<unknown> => {
  const column = <Value>(of: (row: Row) => Value): Value[] => rows.map(of);
  return db.query(`insert into audit.entry (entry_no, at, actor_kind, actor, actor_name, address, session, act, object_kind, object_id, book, before, after, reason, outcome, code, request, previous, hash)
    select no, at, actor_kind, actor, actor_name, address, session, act, object_kind, object_id, book, before::jsonb, after::jsonb, reason, outcome, code, request, decode(previous, 'hex'), decode(hash, 'hex')
      from unnest($1::bigint[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[], $17::text[], $18::text[], $19::text[])
        as one (no, at, actor_kind, actor, actor_name, address, session, act, object_kind, object_id, book, before, after, reason, outcome, code, request, previous, hash) order by no`,
  [column((row) => row.entryNo), column((row) => row.at), column((row) => row.actorKind), column((row) => row.actor), column((row) => row.actorName), column((row) => row.address), column((row) => row.session), column((row) => row.act),
    column((row) => row.objectKind), column((row) => row.objectId), column((row) => row.book), column((row) => row.before), column((row) => row.after), column((row) => row.reason), column((row) => row.outcome), column((row) => row.code), column((row) => row.request),
    column((row) => row.previous.toString("hex")), column((row) => row.hash.toString("hex"))], { name: "audit add entries" });
};

// Intents ----------------------------------------------------------------------------------------------------------------

/** One number for each class of locks of this system. */
const processLocks = 824_306_830;

export const newProcess = (db: Db): Promise<{ readonly processNo: number }> => db.one(`select nextval('audit.process')::int as "processNo"`);
/** Held by the connection until it ends. */
export const lockProcess = (db: Db, processNo: number): Promise<unknown> => db.query("select pg_advisory_lock($1::int, $2::int)", [processLocks, processNo]);
/** False while the process of that number lives. Held until the end of the transaction. */
export const tryProcess = (db: Db, processNo: number): Promise<{ readonly isFree: boolean }> => db.one(`select pg_try_advisory_xact_lock($1::int, $2::int) as "isFree"`, [processLocks, processNo]);

export const addIntents = (db: Db, processNo: number, intents: readonly { readonly at: string; readonly entry: string }[]): Promise<{ readonly intentNo: bigint }[]> =>
  db.query(`insert into audit.intent (process_no, at, entry) select $1, at, entry::jsonb from unnest($2::timestamptz[], $3::text[]) with ordinality as one (at, entry, place) order by place returning intent_no as "intentNo"`,
    [processNo, intents.map(({ at }) => at), intents.map(({ entry }) => entry)], { name: "audit add intents" });

export const dropIntents = (db: Db, intents: readonly bigint[]): Promise<unknown> => db.query("delete from audit.intent where intent_no = any($1::bigint[])", [intents], { name: "audit drop intents" });

export const findProcesses = (db: Db): Promise<{ readonly processNo: number }[]> => db.query(`select distinct process_no as "processNo" from audit.intent order by process_no`);
export const takeIntents = (db: Db, processNo: number): Promise<{ readonly intentNo: bigint; readonly at: string; readonly entry: Fields }[]> =>
  db.query(`with gone as (delete from audit.intent where process_no = $1 returning intent_no, at, entry) select intent_no as "intentNo", at, entry from gone order by intent_no`, [processNo]);
export const countIntents = async (db: Db): Promise<number> => Number((await db.one<{ count: bigint }>("select count(*) as count from audit.intent")).count);

// Reading ----------------------------------------------------------------------------------------------------------------

const exactAt = `to_char(at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
/** The chain in its order, `before` and `after` as text. */
export const readChain = (db: Db, after: bigint, limit: number): Promise<Row[]> =>
  db.query(`select entry_no as "entryNo", ${exactAt} as at, actor_kind as "actorKind", actor, actor_name as "actorName", address, session, act, object_kind as "objectKind", object_id as "objectId", book, before::text, after::text, reason, outcome, code, request, previous, hash
      from audit.entry where entry_no > $1 order by entry_no limit $2`, [after, limit], { name: "audit read chain" });

export type Entry = Omit<Fields, "before" | "after"> & { readonly entryNo: bigint; readonly before: unknown; readonly after: unknown; readonly hash: string };
export type EntryFilter = {
  readonly actor?: string | undefined; readonly act?: string | undefined; readonly objectKind?: string | undefined; readonly objectId?: string | undefined; readonly outcome?: string | undefined;
  /** Null is all; an empty list shows nothing. Entries beyond a book are seen only by whoever sees all. */
  readonly books?: readonly string[] | null | undefined;
  readonly from?: string | undefined; readonly before?: string | undefined; readonly text?: string | undefined; /** Acts whose names contain the text. */ readonly actsLikeText?: readonly string[] | undefined;
  readonly below?: bigint | undefined; readonly limit: number;
};

const words = "audit.words(act, object_kind, object_id, actor, actor_name, reason, code, before, after)";
/** Newest first. */
export function findEntries(db: Db, filter: EntryFilter): Promise<Entry[]> {
  const values: unknown[] = [];
  const given = (value: unknown): string => `$${values.push(value)}`;
  const text = filter.text?.toLowerCase();
  const conditions = [
    ...(filter.below === undefined ? [] : [`entry_no < ${given(filter.below)}`]),
    ...(filter.actor === undefined ? [] : [`actor = ${given(filter.actor)}`]),
    ...(filter.act === undefined ? [] : [`act = ${given(filter.act)}`]),
    ...(filter.objectKind === undefined ? [] : [`object_kind = ${given(filter.objectKind)}`]),
    ...(filter.objectId === undefined ? [] : [`object_id = ${given(filter.objectId)}`]),
    ...(filter.outcome === undefined ? [] : [`outcome = ${given(filter.outcome)}`]),
    ...(filter.books === undefined || filter.books === null ? [] : [`book = any(${given(filter.books)}::text[])`]),
    ...(filter.from === undefined ? [] : [`at >= ${given(filter.from)}::timestamptz`]),
    ...(filter.before === undefined ? [] : [`at < ${given(filter.before)}::timestamptz`]),
    ...(text === undefined || text === "" ? [] : [
      `(${[...text].length > 1 ? `audit.pairs(${words}) @> audit.pairs(${given(text)}) and ` : ""}strpos(${words}, lower(${given(text)})) > 0 or act = any(${given(filter.actsLikeText ?? [])}::text[]))`,
    ]),
  ];
  return db.query(`select entry_no as "entryNo", at, actor_kind as "actorKind", actor, actor_name as "actorName", address, session, act, object_kind as "objectKind", object_id as "objectId", book, before, after, reason, outcome, code, request, encode(hash, 'hex') as hash
      from audit.entry${conditions.length > 0 ? ` where ${conditions.join(" and ")}` : ""} order by entry_no desc limit ${given(filter.limit)}`, values);
}

export const actNames = (db: Db): Promise<{ readonly act: string; readonly entries: bigint }[]> => db.query("select act, count(*) as entries from audit.entry group by act order by act");
