/**
 * Land first: records and the state of their source commit together, and nothing is acknowledged before. A row whose source has
 * not yet said that everything up to here is complete is a draft: it counts, and is processed, from the state on. If the source
 * is left before, the drafts stay as they are and the source sends them again.
 */
import { hash } from "node:crypto";
import { type Ctx, type Db, momentOf, type Problem, refuse } from "../platform/index.ts";
import { FlowFault, type Json, type Message, type RecordMessage, type Row } from "./connector.ts";
import { deadLetter } from "./dead-letter.ts";
import * as store from "./inbox.store.ts";
import type { InboxRow, NewCheckpoint, NewDeadLetter } from "./inbox.store.ts";
import type { Lease } from "./lease.ts";

export type BadMessage = Extract<Message, { is: "bad" }>;
export type StateMessage = Extract<Message, { is: "state" }>;
/** Messages in their order; shapes and phases are not landed. */
export type Landing = readonly (RecordMessage | BadMessage | StateMessage)[];

/** What was read of each stream since the last state that covers it. Kept by whoever reads the source, from one landing to the next. */
export type Tally = ReadonlyMap<string, Count>;
type Count = { readonly landed: number; readonly repeated: number; readonly bad: number };
const nothing: Count = { landed: 0, repeated: 0, bad: 0 };

export type Landed = { readonly landed: number; readonly repeated: number; readonly bad: number; readonly tally: Tally; readonly hasDrafts: boolean; readonly seq: bigint };

export type LandInto = { readonly bookId: number; readonly flow: string; readonly flowVersion: number; /** Of a source that is read; a receiver has none. */ readonly lease?: Lease };

/**
 * One transaction. Throws LeaseLost when another process has taken the flow over, FlowFault when the source's own count is
 * another than what was landed. Refuses: received.twice for ids that were accepted before.
 */
export function land(ctx: Pick<Ctx, "db" | "now">, into: LandInto, messages: Landing, options: { readonly tally?: Tally; readonly hasDrafts?: boolean; readonly once?: readonly string[] } = {}): Promise<Landed> {
  const at = ctx.now().toISOString();
  const { bookId, flow, lease } = into;
  return ctx.db.transaction(async (db) => {
    const before = (await store.lockLandings(db, bookId, flow, lease?.epoch)) ?? lease?.lose() ?? refuse("flow.unknown", { book: bookId, flow });
    if (options.once && options.once.length > 0) {
      const [twice] = await store.claimOnce(db, bookId, flow, options.once, at);
      if (twice !== undefined) refuse("received.twice", { id: twice.slice(0, 60) });
    }
    const isDraft = draftsOf(messages, lease !== undefined);
    const { rows, letters, tally, checkpoints } = await gather(db, into, messages, isDraft, before, options.tally ?? new Map());
    if (rows.length > 0) {
      const copied = await store.copyRows(db, bookId, flow, before, rows, at);
      if (copied !== rows.length) throw new Error(`${rows.length} rows were sent and ${copied} landed`);
    }
    const seq = before + BigInt(rows.length);
    if (letters.length > 0) await store.addDeadLetters(db, bookId, flow, into.flowVersion, at, letters);
    for (const checkpoint of checkpoints) {
      if (options.hasDrafts === true) await store.completeDrafts(db, bookId, flow, checkpoint.scope, before);
      await store.saveCheckpoint(db, bookId, flow, lease?.epoch ?? 0n, seq, checkpoint, at);
    }
    if (rows.length > 0) await store.noteLanded(db, bookId, flow, seq, at, newestMoment(rows));
    const bad = letters.length;
    const isCovered = checkpoints.some(({ scope }) => scope === "");
    return { landed: rows.length - bad, repeated: countOf(messages) - rows.length, bad, tally, seq, hasDrafts: isDraft.includes(true) || (options.hasDrafts === true && !isCovered) };
  });
}

/** A row is complete when a state of its scope follows it. What a receiver was given is complete by itself. */
function draftsOf(messages: Landing, hasStates: boolean): boolean[] {
  const isDraft: boolean[] = new Array<boolean>(messages.length).fill(false);
  if (!hasStates) return isDraft;
  const covered = new Set<string>();
  for (let index = messages.length - 1; index >= 0; index--) {
    const message = messages[index] as Landing[number];
    if (message.is === "state") covered.add(message.scope);
    else isDraft[index] = !covered.has("") && !covered.has(message.stream);
  }
  return isDraft;
}

type Gathered = { rows: InboxRow[]; letters: NewDeadLetter[]; tally: Tally; checkpoints: NewCheckpoint[] };

/** Turns messages into rows: leaves out what the newest row of its key says already, fills in what was not sent, and compares counts at each state. */
async function gather(db: Db, { bookId, flow }: LandInto, messages: Landing, isDraft: readonly boolean[], before: bigint, tallyBefore: Tally): Promise<Gathered> {
  const newest = await newestOf(db, bookId, flow, messages);
  const rows: InboxRow[] = [];
  const letters: NewDeadLetter[] = [];
  const tally = new Map(tallyBefore);
  const checkpoints = new Map<string, NewCheckpoint>();
  const count = (stream: string, what: keyof Count): void => {
    const sofar = tally.get(stream) ?? nothing;
    tally.set(stream, { ...sofar, [what]: sofar[what] + 1 });
  };
  for (const [index, message] of messages.entries()) {
    if (message.is === "state") {
      const counted = settleCount(message, tally);
      const earlier = checkpoints.get(message.scope) ?? { scope: message.scope, state: null, ...nothing };
      checkpoints.set(message.scope, { scope: message.scope, state: message.state, landed: earlier.landed + counted.landed, repeated: earlier.repeated + counted.repeated, bad: earlier.bad + counted.bad });
      continue;
    }
    const state = isDraft[index] === true ? "draft" : "landed";
    const row = message.is === "bad" ? badRow(message, state) : recordRow(message, state, newest.get(pair(message.stream, message.key)));
    const place = pair(row.stream, row.key);
    const last = newest.get(place);
    const problem = message.is === "bad" ? message.problem : missing(message, row);
    if (last?.hash.equals(row.hash) === true) {
      count(message.stream, "repeated");
      continue;
    }
    newest.set(place, row);
    count(message.stream, problem ? "bad" : "landed");
    rows.push(problem && state === "landed" ? { ...row, state: "parked" } : row);
    if (problem) letters.push({ ...deadLetter("decode", [problem], flow), seq: before + BigInt(rows.length), stream: row.stream, key: row.key, status: "open" });
  }
  return { rows, letters, tally, checkpoints: [...checkpoints.values()] };
}

/** The source says how much it sent; what was landed, left out as repeated, or kept as bad must be as much. */
function settleCount({ scope, count }: StateMessage, tally: Map<string, Count>): Count {
  const sum = { ...nothing };
  for (const stream of scope === "" ? new Set([...tally.keys(), ...Object.keys(count)]) : new Set([scope])) {
    const { landed, repeated, bad } = tally.get(stream) ?? nothing;
    const got = landed + repeated + bad;
    if (got !== (count[stream] ?? 0)) throw new FlowFault("config", { code: "flow.count", facts: { stream, sent: count[stream] ?? 0, landed, repeated, bad } });
    sum.landed += landed;
    sum.repeated += repeated;
    sum.bad += bad;
    tally.delete(stream);
  }
  return sum;
}

type Known = { readonly hash: Buffer; readonly body: string | null; readonly before: string | null };

async function newestOf(db: Db, bookId: number, flow: string, messages: Landing): Promise<Map<string, Known>> {
  const wanted = new Map<string, { stream: string; key: string; wantsBody: boolean }>();
  for (const message of messages) {
    if (message.is === "state") continue;
    const wantsBody = message.is === "record" && (message.op === "d" || (message.unset?.length ?? 0) > 0);
    const stream = clean(message.stream), key = keyOf(message);
    const known = wanted.get(pair(stream, key));
    if (!known) wanted.set(pair(stream, key), { stream, key, wantsBody });
    else if (wantsBody) known.wantsBody = true;
  }
  const list = [...wanted.values()];
  if (list.length === 0) return new Map();
  const found = await store.readNewest(db, bookId, flow, list.map(({ stream }) => stream), list.map(({ key }) => key));
  const withBody = found.filter((row) => wanted.get(pair(row.stream, row.key))?.wantsBody === true).map(({ seq }) => seq);
  const contents = new Map((withBody.length === 0 ? [] : await store.readContents(db, bookId, flow, withBody)).map((one) => [one.seq, one]));
  return new Map(found.map(({ stream, key, seq, hash: content }) => [pair(stream, key), { hash: content, body: contents.get(seq)?.body ?? null, before: contents.get(seq)?.before ?? null }]));
}

function recordRow(message: RecordMessage, state: InboxRow["state"], last: Known | undefined): InboxRow {
  let { row } = message;
  const unset = message.unset ?? [];
  if (row !== null && unset.length > 0 && last?.body != null) {
    const was = JSON.parse(last.body) as Row;
    row = { ...row, ...Object.fromEntries(unset.filter((field) => field in was && !(field in (row as Row))).map((field) => [field, was[field] as Json])) };
  }
  const body = row === null ? null : JSON.stringify(row);
  const told = message.before === undefined ? null : JSON.stringify(message.before);
  return {
    stream: clean(message.stream), key: keyOf(message), op: message.op, body, before: message.op === "d" ? (last?.body ?? told) : told, unset: unset.length > 0 ? unset.map(clean) : null, bytes: message.bytes ?? null,
    position: clean(message.position), transaction: message.transaction === undefined ? null : clean(message.transaction), hash: hashOf(body ?? "deleted"), happenedAt: momentText(message.at), replays: null, state,
  };
}

/** Fields that were not sent and that nothing earlier tells: the record is not whole. */
function missing(message: RecordMessage, row: InboxRow): Problem | undefined {
  if (row.unset === null || row.body === null) return undefined;
  const whole = JSON.parse(row.body) as Row;
  const fields = (message.unset ?? []).filter((field) => !(field in whole));
  return fields.length === 0 ? undefined : { code: "record.unset", facts: { fields: fields.join(", ") }, where: `${row.stream} ${row.key}` };
}

const badRow = (message: BadMessage, state: InboxRow["state"]): InboxRow => ({
  stream: clean(message.stream), key: keyOf(message), op: "r", body: null, before: null, unset: null, bytes: message.bytes, position: clean(message.position), transaction: null, hash: hashOf(message.bytes), happenedAt: null, replays: null, state,
});

/** A bad record may have no key; then its place is its key, so that it stands for itself. */
const keyOf = (message: RecordMessage | BadMessage): string => clean(message.is === "bad" && message.key === "" ? `@${message.position}` : message.key);
const pair = (stream: string, key: string): string => `${stream}\u0000${key}`;
/** In UTC, so that moments compare as text. What is no moment is left out: it is only told, never reckoned with. */
function momentText(at: string | null): string | null {
  if (at === null || /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(at)) return at;
  try {
    return momentOf(at).toISOString();
  } catch {
    return null;
  }
}
/** PostgreSQL's text holds no NUL. */
const clean = (text: string): string => (text.includes("\u0000") ? text.replaceAll("\u0000", "\u2400") : text);
export const hashOf = (content: string | Buffer): Buffer => hash("sha256", content, "buffer").subarray(0, 16);
const countOf = (messages: Landing): number => messages.reduce((sum, message) => sum + (message.is === "state" ? 0 : 1), 0);
const newestMoment = (rows: readonly InboxRow[]): string | null => rows.reduce<string | null>((newest, { happenedAt }) => (happenedAt !== null && (newest === null || happenedAt > newest) ? happenedAt : newest), null);

/** Rows of the inbox once more, as new rows that name them: for a replay. */
export function landAgain(ctx: Pick<Ctx, "db" | "now">, { bookId, flow }: LandInto, rows: readonly (InboxRow & { readonly seq: bigint })[]): Promise<number> {
  const at = ctx.now().toISOString();
  return ctx.db.transaction(async (db) => {
    const before = (await store.lockLandings(db, bookId, flow)) ?? refuse("flow.unknown", { book: bookId, flow });
    await store.copyRows(db, bookId, flow, before, rows.map((row) => ({ ...row, replays: row.seq, state: "landed" as const })), at);
    await store.noteLanded(db, bookId, flow, before + BigInt(rows.length), at, null);
    return rows.length;
  });
}
