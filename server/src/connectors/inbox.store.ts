/** Records as received, where their sources stand, what they became, and what needs a person. */
import { copyField, type Db, type RenderedProblem } from "../platform/index.ts";
import type { Json } from "./connector.ts";

export type InboxState = "draft" | "again" | "landed" | "done" | "parked" | "behind" | "ignored" | "superseded";

export type InboxRow = {
  readonly stream: string;
  readonly key: string;
  readonly op: "r" | "c" | "u" | "d";
  readonly body: string | null;
  readonly before: string | null;
  readonly unset: readonly string[] | null;
  readonly bytes: Buffer | null;
  readonly position: string;
  readonly transaction: string | null;
  readonly hash: Buffer;
  readonly happenedAt: string | null;
  readonly replays: bigint | null;
  readonly state: InboxState;
};

/** Locks the flow's landings and answers the number of the newest row; undefined when the lease has a newer epoch than this. */
export const lockLandings = async (db: Db, bookId: number, flow: string, epoch: bigint | null = null): Promise<bigint | undefined> =>
  (await db.maybe<{ seq: bigint }>("select landed_seq as seq from connectors.flow_status where book_id = $1 and flow = $2 and ($3::bigint is null or epoch = $3) for update", [bookId, flow, epoch], { name: "inbox_lock" }))?.seq;

export async function copyRows(db: Db, bookId: number, flow: string, after: bigint, rows: readonly InboxRow[], landedAt: string): Promise<number> {
  let text = "";
  let seq = after;
  for (const row of rows) {
    const unset = row.unset === null ? null : `{${row.unset.map((field) => JSON.stringify(field)).join(",")}}`;
    text += `${bookId}\t${flow}\t${(seq += 1n)}\t${copyField(row.stream)}\t${copyField(row.key)}\t${row.op}\t${copyField(row.body)}\t${copyField(row.before)}\t${copyField(unset)}\t${bytesField(row.bytes)}\t${copyField(row.position)}\t${copyField(row.transaction)}\t${bytesField(row.hash)}\t${copyField(row.happenedAt)}\t${landedAt}\t${copyField(row.replays)}\t${row.state}\n`;
  }
  return db.copyIn("connectors.inbox (book_id, flow, seq, stream, key, op, body, before, unset, bytes, position, transaction, hash, happened_at, landed_at, replays, state)", text);
}
const bytesField = (bytes: Buffer | null): string => (bytes === null ? "\\N" : `\\\\x${bytes.toString("hex")}`);

export type Newest = { readonly stream: string; readonly key: string; readonly seq: bigint; readonly hash: Buffer };
/** The newest row of each key. */
export const readNewest = (db: Db, bookId: number, flow: string, streams: readonly string[], keys: readonly string[]): Promise<Newest[]> =>
  db.query<Newest>("select stream, key, seq, hash from connectors.newest_rows($1, $2, $3, $4)", [bookId, flow, streams, keys], { name: "inbox_newest" });

export type Content = { readonly seq: bigint; readonly body: string | null; readonly before: string | null };
export const readContents = (db: Db, bookId: number, flow: string, seqs: readonly bigint[]): Promise<Content[]> =>
  db.query<Content>("select seq, body, before from connectors.inbox where book_id = $1 and flow = $2 and seq = any($3)", [bookId, flow, seqs]);

export const noteLanded = (db: Db, bookId: number, flow: string, landedSeq: bigint, landedAt: string, recordAt: string | null): Promise<unknown> =>
  db.query("update connectors.flow_status set landed_seq = $3, landed_at = $4, record_at = coalesce(greatest(record_at, $5), $4) where book_id = $1 and flow = $2", [bookId, flow, landedSeq, landedAt, recordAt], { name: "inbox_note" });

/** Rows of earlier landings that came before their source's state did are complete now. */
export const completeDrafts = (db: Db, bookId: number, flow: string, scope: string, upTo: bigint): Promise<unknown> =>
  db.query(`update connectors.inbox i
      set state = case when exists (select 1 from connectors.dead_letter d where d.book_id = i.book_id and d.flow = i.flow and d.seq = i.seq) then 'parked' else 'landed' end
    where book_id = $1 and flow = $2 and state = 'draft' and ($3 = '' or stream = $3) and seq <= $4`, [bookId, flow, scope, upTo]);
/** Their source was left before it said that they are complete: it will send them again. Answers how many. */
export async function dropDrafts(db: Db, bookId: number, flow: string): Promise<number> {
  const { n } = await db.one<{ n: bigint }>(`with dropped as (update connectors.inbox set state = 'again' where book_id = $1 and flow = $2 and state = 'draft' returning seq),
      letters as (update connectors.dead_letter d set status = 'superseded' from dropped where d.book_id = $1 and d.flow = $2 and d.seq = dropped.seq)
    select count(*) as n from dropped`, [bookId, flow]);
  return Number(n);
}

// Checkpoints ------------------------------------------------------------------------------------------------------------

export type Checkpoint = { readonly scope: string; readonly state: Json; readonly epoch: bigint; readonly seq: bigint; readonly landed: bigint; readonly repeated: bigint; readonly bad: bigint; readonly at: string };
export const readCheckpoints = (db: Db, bookId: number, flow: string): Promise<Checkpoint[]> =>
  db.query<Checkpoint>("select scope, state, epoch, seq, landed, repeated, bad, at from connectors.checkpoint where book_id = $1 and flow = $2 order by scope", [bookId, flow]);

export type NewCheckpoint = { readonly scope: string; readonly state: Json; readonly landed: number; readonly repeated: number; readonly bad: number };
export const saveCheckpoint = (db: Db, bookId: number, flow: string, epoch: bigint, seq: bigint, one: NewCheckpoint, at: string): Promise<unknown> =>
  db.query(`insert into connectors.checkpoint as c (book_id, flow, scope, state, epoch, seq, landed, repeated, bad, at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    on conflict (book_id, flow, scope) do update set state = excluded.state, epoch = excluded.epoch, seq = excluded.seq, landed = c.landed + excluded.landed, repeated = c.repeated + excluded.repeated, bad = c.bad + excluded.bad, at = excluded.at`,
    [bookId, flow, one.scope, JSON.stringify(one.state), epoch, seq, one.landed, one.repeated, one.bad, at], { name: "inbox_checkpoint" });

// Calls that count once --------------------------------------------------------------------------------------------------

/** Answers the ids that were known before, or stand among these twice. */
export async function claimOnce(db: Db, bookId: number, flow: string, ids: readonly string[], at: string): Promise<string[]> {
  const claimed = new Set((await db.query<{ id: string }>("insert into connectors.received_once (book_id, flow, id, at) select $1, $2, id, $4 from unnest($3::text[]) id on conflict do nothing returning id", [bookId, flow, ids, at])).map(({ id }) => id));
  return ids.filter((id) => !claimed.delete(id));
}
export const forgetOnce = (db: Db, bookId: number, flow: string, before: string): Promise<unknown> => db.query("delete from connectors.received_once where book_id = $1 and flow = $2 and at < $3", [bookId, flow, before]);

// Processing -------------------------------------------------------------------------------------------------------------

export type LandedRow = {
  readonly seq: bigint;
  readonly stream: string;
  readonly key: string;
  readonly op: "r" | "c" | "u" | "d";
  readonly body: string | null;
  readonly before: string | null;
  readonly hasBytes: boolean;
  readonly replays: bigint | null;
  readonly patch: readonly PatchStep[] | null;
  readonly position: string;
  readonly happenedAt: string | null;
  readonly floor: bigint;
};
export type PatchStep = { readonly op: string; readonly path: string; readonly value?: Json };

/** The next rows in order, at most so many and so many bytes; always one if there is any. `floor`: processed up to there. */
export const readLanded = (db: Db, bookId: number, flow: string, rowsMax: number, bytesMax: number): Promise<LandedRow[]> =>
  db.query<LandedRow>(`select seq, stream, key, op, body, before, bytes is not null as "hasBytes", replays, patch, position, happened_at as "happenedAt", floor from (
      select i.*, d.patch, sum(coalesce(octet_length(i.body), 0)) over (order by i.seq) - coalesce(octet_length(i.body), 0) as size_before
        from connectors.flow_status s
       cross join lateral (select n.*, s.processed_seq as floor from connectors.inbox n where n.book_id = $1 and n.flow = $2 and n.state = 'landed' and n.seq > s.processed_seq order by n.seq limit $3) i
        left join connectors.dead_letter d on d.book_id = i.book_id and d.flow = i.flow and d.seq = i.seq and d.status = 'fixed'
       where s.book_id = $1 and s.flow = $2) sized
    where size_before < $4 order by seq`, [bookId, flow, rowsMax, bytesMax], { name: "inbox_read" });

export const countLanded = async (db: Db, bookId: number, flow: string, max: number): Promise<number> =>
  Number((await db.one<{ n: bigint }>("select count(*) as n from (select 1 from connectors.inbox where book_id = $1 and flow = $2 and state = 'landed' limit $3) as first", [bookId, flow, max])).n);

/** Keys of which a row is parked: the first of them. */
export const readParkedKeys = (db: Db, bookId: number, flow: string, streams: readonly string[], keys: readonly string[]): Promise<{ stream: string; key: string; seq: bigint }[]> =>
  db.query(`select d.stream, d.key, min(d.seq) as seq from unnest($3::text[], $4::text[]) as wanted (stream, key)
      join connectors.dead_letter d on d.book_id = $1 and d.flow = $2 and d.stream = wanted.stream collate "C" and d.key = wanted.key collate "C" and d.status = 'open' group by 1, 2`, [bookId, flow, streams, keys]);

/** `seqs` in order: their range keeps the search off the rest of the inbox, also while the table is so young that nothing is known of it. */
export const setStates = (db: Db, bookId: number, flow: string, seqs: readonly bigint[], states: readonly InboxState[], flowVersion: number, at: string): Promise<unknown> =>
  db.query("update connectors.inbox i set state = n.state, flow_version = $5, settled_at = $6 from unnest($3::bigint[], $4::text[]) as n (seq, state) where i.book_id = $1 and i.flow = $2 and i.seq = n.seq and i.seq between $7 and $8", [bookId, flow, seqs, states, flowVersion, at, seqs[0] ?? 0n, seqs.at(-1) ?? 0n], { name: "inbox_states" });

export type Produced = { readonly seq: bigint; readonly document: string; readonly version: number };
export const addProduced = (db: Db, bookId: number, flow: string, rows: readonly Produced[]): Promise<unknown> =>
  db.query("insert into connectors.produced (book_id, flow, seq, document, version) select $1, $2, s, d, v from unnest($3::bigint[], $4::text[], $5::bigint[]) as new (s, d, v) on conflict do nothing", [bookId, flow, rows.map((row) => row.seq), rows.map((row) => row.document), rows.map((row) => row.version)], { name: "inbox_produced" });

/** False when the lease has a newer epoch. A retry that was asked for meanwhile has pulled the mark back: then it stays there. */
export const noteProcessed = async (db: Db, bookId: number, flow: string, epoch: bigint, from: bigint, to: bigint): Promise<boolean> =>
  (await db.query("update connectors.flow_status set processed_seq = case when processed_seq = $3 then $4 else processed_seq end where book_id = $1 and flow = $2 and epoch = $5 returning 1", [bookId, flow, from, to, epoch], { name: "inbox_processed" })).length === 1;

// Dead letters -----------------------------------------------------------------------------------------------------------

export type Stage = "decode" | "validate" | "map" | "deliver";
export type NewDeadLetter = { readonly seq: bigint; readonly stream: string; readonly key: string; readonly stage: Stage; readonly problems: readonly RenderedProblem[]; readonly fingerprint: string; readonly status: "open" | "superseded" };

export const addDeadLetters = (db: Db, bookId: number, flow: string, flowVersion: number, at: string, rows: readonly NewDeadLetter[]): Promise<unknown> =>
  db.query(`insert into connectors.dead_letter as d (book_id, flow, seq, stream, key, stage, code, problems, fingerprint, flow_version, first_at, last_at, attempts, status)
    select $1, $2, (n->>'seq')::bigint, n->>'stream', n->>'key', n->>'stage', n->'problems'->0->>'code', n->'problems', n->>'fingerprint', $3, $4, $4, 1, n->>'status' from jsonb_array_elements($5::jsonb) n
    on conflict (book_id, flow, seq) do update set stage = excluded.stage, code = excluded.code, problems = excluded.problems, fingerprint = excluded.fingerprint, flow_version = excluded.flow_version, last_at = excluded.last_at, attempts = d.attempts + 1, status = excluded.status`,
    [bookId, flow, flowVersion, at, JSON.stringify(rows, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value)).replaceAll("\\u0000", "\u2400")]);

/** Of these keys a later row was done: what was parked before is made up for. */
export async function supersede(db: Db, bookId: number, flow: string, streams: readonly string[], keys: readonly string[], seqs: readonly bigint[], at: string): Promise<void> {
  const letters = await db.query<{ seq: bigint }>(`update connectors.dead_letter d set status = 'superseded', last_at = $6 from unnest($3::text[], $4::text[], $5::bigint[]) as done (stream, key, seq)
      where d.book_id = $1 and d.flow = $2 and d.status = 'open' and d.stream = done.stream collate "C" and d.key = done.key collate "C" and d.seq < done.seq returning d.seq`, [bookId, flow, streams, keys, seqs, at], { name: "inbox_supersede" });
  if (letters.length > 0) await db.query("update connectors.inbox set state = 'superseded' where book_id = $1 and flow = $2 and seq = any($3)", [bookId, flow, letters.map(({ seq }) => seq)]);
}

export type DeadLetter = {
  readonly flow: string;
  readonly seq: bigint;
  readonly stream: string;
  readonly key: string;
  readonly stage: Stage;
  readonly code: string;
  readonly problems: readonly RenderedProblem[];
  readonly fingerprint: string;
  readonly flowVersion: number;
  readonly firstAt: string;
  readonly lastAt: string;
  readonly attempts: number;
  readonly status: "open" | "fixed" | "retried" | "ignored" | "superseded";
  readonly actor: string | null;
  readonly reason: string | null;
  readonly patch: readonly PatchStep[] | null;
};
const letterColumns = `flow, seq, stream, key, stage, code, problems, fingerprint, flow_version as "flowVersion", first_at as "firstAt", last_at as "lastAt", attempts, status, actor, reason, patch`;

export type DeadLetterFilter = { readonly flow?: string | undefined; readonly status?: string | undefined; readonly fingerprint?: string | undefined; readonly seqs?: readonly bigint[] | undefined; readonly after?: bigint | undefined; readonly limit?: number | undefined };
export const findDeadLetters = (db: Db, bookId: number, filter: DeadLetterFilter): Promise<DeadLetter[]> =>
  db.query<DeadLetter>(`select ${letterColumns} from connectors.dead_letter
    where book_id = $1 and ($2::text is null or flow = $2) and ($3::text is null or status = $3) and ($4::text is null or fingerprint = $4) and ($5::bigint[] is null or seq = any($5)) and ($6::bigint is null or seq > $6)
    order by flow, seq limit $7`, [bookId, filter.flow ?? null, filter.status ?? null, filter.fingerprint ?? null, filter.seqs ?? null, filter.after ?? null, filter.limit ?? 1_000]);

export const countOpen = async (db: Db, bookId: number, flow: string): Promise<number> => Number((await db.one<{ n: bigint }>("select count(*) as n from connectors.dead_letter where book_id = $1 and flow = $2 and status = 'open'", [bookId, flow])).n);

/** Somebody has decided. The rows and what waits behind them are processed again, or left as ignored. */
export async function decideLetters(db: Db, bookId: number, flow: string, seqs: readonly bigint[], decision: { readonly status: "retried" | "fixed" | "ignored"; readonly actor: string; readonly reason: string | null; readonly patch: readonly PatchStep[] | null; readonly at: string }): Promise<void> {
  const letters = await db.query<{ stream: string; key: string }>("update connectors.dead_letter set status = $4, actor = $5, reason = coalesce($6, reason), patch = coalesce($7::jsonb, patch), last_at = $8 where book_id = $1 and flow = $2 and seq = any($3) returning stream, key",
    [bookId, flow, seqs, decision.status === "retried" ? "retried" : decision.status, decision.actor, decision.reason, decision.patch === null ? null : JSON.stringify(decision.patch), decision.at]);
  await db.query("update connectors.dead_letter set status = 'fixed' where book_id = $1 and flow = $2 and seq = any($3) and status = 'retried' and patch is not null", [bookId, flow, seqs]);
  await db.query("update connectors.inbox set state = $4 where book_id = $1 and flow = $2 and seq = any($3)", [bookId, flow, seqs, decision.status === "ignored" ? "ignored" : "landed"]);
  await db.query(`update connectors.inbox i set state = 'landed' from unnest($3::text[], $4::text[]) as k (stream, key)
      where i.book_id = $1 and i.flow = $2 and i.state = 'behind' and i.stream = k.stream collate "C" and i.key = k.key collate "C"`, [bookId, flow, letters.map((one) => one.stream), letters.map((one) => one.key)]);
  await pullBack(db, bookId, flow);
}

/** What stands behind a stream whose structure was accepted. */
export async function releaseStream(db: Db, bookId: number, flow: string, stream: string): Promise<void> {
  await db.query("update connectors.inbox set state = 'landed' where book_id = $1 and flow = $2 and state = 'behind' and stream = $3", [bookId, flow, stream]);
  await pullBack(db, bookId, flow);
}

/** Processing goes on from the first row that is to be done. */
const pullBack = (db: Db, bookId: number, flow: string): Promise<unknown> =>
  db.query("update connectors.flow_status set processed_seq = least(processed_seq, (select min(seq) - 1 from connectors.inbox where book_id = $1 and flow = $2 and state = 'landed')) where book_id = $1 and flow = $2", [bookId, flow]);

// Looking up -------------------------------------------------------------------------------------------------------------

export type InboxShown = InboxRow & { readonly seq: bigint; readonly landedAt: string; readonly settledAt: string | null; readonly flowVersion: number | null };
const shownColumns = `seq, stream, key, op, body, before, unset, bytes, position, transaction, hash, happened_at as "happenedAt", landed_at as "landedAt", replays, state, flow_version as "flowVersion", settled_at as "settledAt"`;
export const readRow = (db: Db, bookId: number, flow: string, seq: bigint): Promise<InboxShown | undefined> =>
  db.maybe<InboxShown>(`select ${shownColumns} from connectors.inbox where book_id = $1 and flow = $2 and seq = $3`, [bookId, flow, seq]);

export type Selection = { readonly seqs?: readonly bigint[] | undefined; readonly keys?: readonly string[] | undefined; readonly from?: string | undefined; readonly to?: string | undefined; readonly flowVersion?: number | undefined };
/** For a replay: the rows chosen, in order; with `newestOnly` the newest of each key. */
export const selectRows = (db: Db, bookId: number, flow: string, { seqs, keys, from, to, flowVersion }: Selection, newestOnly: boolean, after: bigint, upTo: bigint, limit: number): Promise<InboxShown[]> =>
  db.query<InboxShown>(`select ${shownColumns} from connectors.inbox i
    where book_id = $1 and flow = $2 and state not in ('draft', 'again') and ($3::bigint[] is null or seq = any($3)) and ($4::text[] is null or key = any($4)) and ($5::timestamptz is null or landed_at >= $5) and ($6::timestamptz is null or landed_at < $6)
      and ($7::int is null or flow_version = $7) and seq > $9 and seq <= $11
      and (not $8 or not exists (select 1 from connectors.inbox n where n.book_id = i.book_id and n.flow = i.flow and n.stream = i.stream and n.key = i.key and n.seq > i.seq and n.state not in ('draft', 'again')))
    order by seq limit $10`, [bookId, flow, seqs ?? null, keys ?? null, from ?? null, to ?? null, flowVersion ?? null, newestOnly, after, limit, upTo]);

export const producedBy = (db: Db, bookId: number, flow: string, seqs: readonly bigint[]): Promise<{ seq: bigint; document: string; version: bigint }[]> =>
  db.query("select seq, document, version from connectors.produced where book_id = $1 and flow = $2 and seq = any($3) order by seq, document, version", [bookId, flow, seqs]);
