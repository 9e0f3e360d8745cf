/**
 * Reading a stream: first all rows in chunks by key, then what changed since, from a little before the newest value seen (a row's
 * stamp is older than its commit), then, when it is due, all keys again for what changed without a stamp or is gone. What was sent
 * already is known by its hash and not sent again. Each chunk ends with a state, so a reading that was killed goes on behind it.
 */
import { hash } from "node:crypto";
import { momentOf } from "../../platform/index.ts";
import { FlowFault, type ConnectorCtx, type Json, type Message, type Row, type States } from "../connector.ts";
import { BadValue, offsetAt, textOf, wireOf, type Column, type Raw } from "./column.ts";
import { lowOf, pointOf } from "./cursor.ts";
import type { Session } from "./dialect.ts";
import { openKnown } from "./known.ts";
import { shapesOf, type ChildPlan, type CursorPlan, type Plan } from "./plan.ts";
import { selectByCursor, selectByKey, selectChangedParents, selectChildren, selectNewest, selectWhereIn, type Grammar, type Statement } from "./select.ts";
import { digestOfShapes, keysState, stateRefused, storedKeys, storedState, streamState, type StreamState } from "./state.ts";

/** Values in one `in (…)`; Oracle allows 1,000, SQL Server 2,100 in all. */
const inMax = 500;

export async function* readStream(grammar: Grammar, session: Session, plan: Plan, states: States, ctx: ConnectorCtx): AsyncGenerator<Message> {
  const { stream, cursor, children } = plan;
  const shapes = shapesOf(plan);
  const stored = storedState(plan, states);
  const startedAt = ctx.now();
  if (stored !== undefined) await refuseAhead(grammar, session, plan, stored, startedAt);
  // Without the stream's own state its segments mean nothing: it begins anew.
  const began = stored?.began ?? startedAt.toISOString();
  const known = openKnown(stream, stored === undefined ? new Map() : states, stored?.journal ?? {}, plan.sweepMs !== undefined, storedKeys(plan, began));
  const source = openRows(grammar, session, plan);

  const shape = digestOfShapes(shapes);
  if (stored?.shape !== shape) for (const each of shapes) yield { is: "shape", shape: each, cause: stored === undefined ? "first" : "poll" };

  let state: StreamState = streamState(plan, stored ?? { began, shape, after: [], cursor: null, children: {}, sweptAt: began, journal: {} });
  let written = JSON.stringify(stored);
  let sent = 0;

  /** Sends what is new among rows that were read, and remembers it. */
  function* send(rows: readonly Whole[], remembers: (row: Whole) => boolean = () => true): Generator<Message> {
    for (const row of rows) {
      if (known.get(row.key) === row.hash) continue;
      if (remembers(row)) known.put(row.key, row.hash);
      sent += 1;
      yield messageOf(plan, row);
    }
  }

  /** The stream's state first: it says everything; the segments behind it only shorten it. */
  function* save(next: Partial<StreamState>): Generator<Message> {
    state = streamState(plan, { ...state, ...next, shape, journal: known.journal() });
    const text = JSON.stringify(state);
    if (text === written && sent === 0) return;
    written = text;
    yield { is: "state", scope: stream, state, count: sent > 0 ? { [stream]: sent } : {} };
    sent = 0;
    for (const { scope, keys } of known.segments()) yield { is: "state", scope, state: keysState(plan, state.began, keys), count: {} };
  }

  if (state.after !== null) {
    yield { is: "status", stream, phase: "snapshot" };
    if (stored === undefined) {
      const starts = await Promise.all(children.map((child) => (child.cursor === undefined ? undefined : newest(grammar, session, child.from, child.cursor, plan, startedAt))));
      state = streamState(plan, {
        ...state,
        cursor: cursor === undefined ? null : ((await newest(grammar, session, plan.from, cursor, plan, startedAt)) ?? null),
        children: Object.fromEntries(children.flatMap(({ name }, at) => (starts[at] === undefined ? [] : [[name, starts[at]]]))),
      });
    }
    // Without a sweep only rows that the first look at changes sees again are worth remembering.
    const from = cursor === undefined || state.cursor === null ? undefined : pointOf(cursor.kind, state.cursor);
    const remembers = (row: Whole): boolean => plan.sweepMs !== undefined || from === undefined || (row.point ?? from) >= from - (cursor as CursorPlan).overlap;
    for await (const rows of source.byKey(stored?.after ?? undefined)) {
      yield* send(rows, remembers);
      yield* save({ after: (rows.at(-1) as Whole).place });
    }
    yield* save({ after: null });
  }

  if (cursor !== undefined) {
    yield { is: "status", stream, phase: "catchup" };
    const bound = latest(cursor, plan, startedAt);
    for await (const rows of source.byCursor(cursor, state.cursor === null ? undefined : lowOf(cursor.kind, state.cursor, cursor.overlap))) {
      yield* send(rows);
      yield* save({ cursor: furthest(cursor, state.cursor, rows, bound) });
    }
    for (const child of children) {
      if (child.cursor === undefined) continue;
      const before = state.children[child.name];
      const { parents, value } = await changedParents(grammar, session, child, child.cursor, before, latest(child.cursor, plan, startedAt));
      for (let at = 0; at < parents.length; at += inMax) {
        yield* send(await source.whereIn(child.on, parents.slice(at, at + inMax)));
        yield* save({});
      }
      if (value !== undefined) yield* save({ children: { ...state.children, [child.name]: value } });
    }
  }

  const isDue = stored !== undefined && stored.after === null && plan.sweepMs !== undefined && momentOf(stored.sweptAt).getTime() + plan.sweepMs <= startedAt.getTime();
  if (isDue) {
    const gone = new Set(known.keys());
    for await (const rows of source.byKey(undefined)) {
      for (const { key } of rows) gone.delete(key);
      yield* send(rows);
      yield* save({});
    }
    for (const key of gone) {
      known.drop(key);
      sent += 1;
      yield { is: "record", stream, key, op: "d", row: null, position: "sweep", at: null };
    }
    yield* save({ sweptAt: startedAt.toISOString() });
  }
  yield* save({});
  yield { is: "status", stream, phase: "done" };
}

/** A row with its children, as read. */
type Whole = {
  readonly key: string;
  readonly place: readonly string[];
  readonly raws: readonly Raw[];
  readonly children: readonly (readonly (readonly Raw[])[])[];
  readonly hash: string;
  readonly cursor: string | undefined;
  readonly point: bigint | undefined;
};

function openRows(grammar: Grammar, session: Session, plan: Plan) {
  const { stream, columns, key, cursor, children, chunk } = plan;
  const keyAt = key.map((column) => columns.indexOf(column));
  const onAt = children.map((child) => columns.indexOf(child.on));
  // By name, so that a column that moved changes no hash; nulls are left out, so that a new, empty column does not either.
  const hashOrder = columns.map(({ name }, at) => ({ name, at })).sort((a, b) => (a.name < b.name ? -1 : 1));
  const childOrder = children.map((child) => child.columns.map(({ name }, at) => ({ name, at: at + 1 })).sort((a, b) => (a.name < b.name ? -1 : 1)));

  const select = ({ sql, values }: Statement) => session.rows(sql, values);

  async function withChildren(statement: Statement): Promise<readonly Whole[]> {
    if (children.length === 0) return (await select(statement)).map((raws) => whole(raws, []));
    return session.consistently(async () => {
      const parents = await select(statement);
      const lists: ReadonlyMap<string, readonly (readonly Raw[])[]>[] = [];
      for (const [at, child] of children.entries()) lists.push(await childrenOf(child, parents, onAt[at] as number));
      return parents.map((raws) => whole(raws, lists.map((list, at) => list.get(nullableText(raws[onAt[at] as number])) ?? [])));
    });
  }

  async function childrenOf(child: ChildPlan, parents: readonly (readonly Raw[])[], at: number): Promise<Map<string, (readonly Raw[])[]>> {
    const wanted = [...new Set(parents.flatMap((raws) => (raws[at] === null ? [] : [nullableText(raws[at])])))];
    const found = new Map<string, (readonly Raw[])[]>();
    for (let from = 0; from < wanted.length; from += inMax) {
      for (const raws of await select(selectChildren(grammar, child, wanted.slice(from, from + inMax)))) {
        const parent = nullableText(raws[0]);
        found.set(parent, [...(found.get(parent) ?? []), raws]);
      }
    }
    return found;
  }

  function whole(raws: readonly Raw[], lists: Whole["children"]): Whole {
    const place = keyAt.map((at) => nullableText(raws[at]));
    let content = "";
    for (const { name, at } of hashOrder) if (raws[at] !== null) content += `${name}\0${textOf(raws[at] as Exclude<Raw, null>)}\0`;
    for (const [at, list] of lists.entries()) {
      for (const child of list) {
        content += `\x01${at}`;
        for (const { name, at: from } of childOrder[at] as { name: string; at: number }[]) if (child[from] !== null) content += `${name}\0${textOf(child[from] as Exclude<Raw, null>)}\0`;
      }
    }
    const raw = cursor === undefined ? null : (raws[columns.length] ?? null);
    const value = raw === null ? undefined : textOf(raw);
    return { key: place.join("|"), place, raws, children: lists, hash: hash("sha256", content, "base64url").slice(0, 12), cursor: value, point: value === undefined || cursor === undefined ? undefined : pointOfCursor(plan, cursor, value) };
  }

  return {
    /** In chunks by key, with one row more to see whether the key is really one. */
    byKey: (from: readonly string[] | undefined) =>
      chunks(async (last) => {
        const rows = await withChildren(selectByKey(grammar, plan, last?.place ?? from, chunk + 1));
        const twice = rows.find(({ key }, at) => at > 0 && rows[at - 1]?.key === key);
        if (twice !== undefined) throw new FlowFault("config", { code: "sql.key_twice", facts: { stream, key: twice.key } });
        return { rows: rows.slice(0, chunk), isLast: rows.length <= chunk };
      }),
    byCursor: (cursor: CursorPlan, low: string | undefined) =>
      chunks(async (last) => {
        const rows = await withChildren(selectByCursor(grammar, plan, cursor, low, last?.cursor === undefined ? undefined : { cursor: last.cursor, key: last.place }, chunk));
        return { rows, isLast: rows.length < chunk };
      }),
    whereIn: (column: Column, values: readonly string[]) => withChildren(selectWhereIn(grammar, plan, column, values)),
  };
}

/** One chunk is fetched while the one before it is worked on, and never more. */
async function* chunks(fetch: (last: Whole | undefined) => Promise<{ readonly rows: readonly Whole[]; readonly isLast: boolean }>): AsyncGenerator<readonly Whole[]> {
  for (let coming = fetch(undefined); ; ) {
    const { rows, isLast } = await coming;
    if (!isLast) {
      coming = fetch(rows.at(-1));
      // Who stops reading does not wait for it; who goes on gets its error above.
      coming.catch(() => {});
    }
    if (rows.length > 0) yield rows;
    if (isLast) return;
  }
}

const nullableText = (raw: Raw | undefined): string => (raw === null || raw === undefined ? "" : textOf(raw));

function messageOf(plan: Plan, { key, raws, children, cursor, place }: Whole): Message {
  const { stream, zone } = plan;
  const position = cursor ?? `key ${place.join("|")}`;
  try {
    const row: Record<string, Json> = wireRow(plan.columns, raws, zone);
    for (const [at, child] of plan.children.entries()) row[child.name] = (children[at] ?? []).map((values) => wireRow(child.columns, values.slice(1), zone));
    const at = cursor !== undefined && plan.cursor?.isInstant === true ? (wireOf(plan.cursor.columns[0] as Column, cursor, zone) as string) : null;
    return { is: "record", stream, key, op: "r", row, position, at };
  } catch (error) {
    if (!(error instanceof BadValue)) throw error;
    return { is: "bad", stream, key, bytes: bytesOf(plan, raws, children), problem: error.problem, position };
  }
}

function wireRow(columns: readonly Column[], raws: readonly Raw[], zone: string | undefined): Record<string, Json> {
  const row: Record<string, Json> = {};
  for (let at = 0; at < columns.length; at++) row[(columns[at] as Column).name] = wireOf(columns[at] as Column, raws[at] as Raw, zone);
  return row;
}

/** A row that could not be decoded, each value as the driver gave it. */
function bytesOf(plan: Plan, raws: readonly Raw[], children: Whole["children"]): Buffer {
  const asText = (columns: readonly Column[], values: readonly Raw[]): Row => Object.fromEntries(columns.map(({ name }, at) => [name, values[at] === null ? null : nullableText(values[at])]));
  const lists = plan.children.map((child, at) => [child.name, (children[at] ?? []).map((values) => asText(child.columns, values.slice(1)))] as const);
  return Buffer.from(JSON.stringify({ ...asText(plan.columns, raws), ...Object.fromEntries(lists) }));
}

/** A value that is no time or number at all would keep the position where it is for ever. */
function pointOfCursor({ stream }: Plan, cursor: CursorPlan, value: string): bigint | undefined {
  const point = pointOf(cursor.kind, value);
  const [column] = cursor.columns as [Column];
  if (point === undefined && !/infinity|nan|^0000-| BC$/i.test(value)) throw new FlowFault("config", { code: "sql.cursor_type", facts: { stream, column: column.name, native: `${column.native} ${value}` } });
  return point;
}

/** A stamp from the future must not move the position, or everything before it would be passed over. A wall clock may be ahead of UTC by 14 hours. */
function latest(cursor: CursorPlan, { zone }: Pick<Plan, "zone">, now: Date): bigint | undefined {
  if (cursor.kind === "number") return undefined;
  const aheadMinutes = cursor.isInstant ? 0 : zone === undefined ? 14 * 60 : offsetAt(zone, now.getTime());
  return BigInt(now.getTime() + aheadMinutes * 60_000) * 1_000_000n;
}

function furthest(cursor: CursorPlan, before: string | null, rows: readonly Whole[], bound: bigint | undefined): string | null {
  for (let at = rows.length - 1; at >= 0; at--) {
    const { cursor: value, point } = rows[at] as Whole;
    if (value === undefined || point === undefined || (bound !== undefined && point > bound)) continue;
    return before !== null && point <= (pointOf(cursor.kind, before) ?? point - 1n) ? before : value;
  }
  return before;
}

async function newest(grammar: Grammar, session: Session, from: string, cursor: CursorPlan, plan: Plan, now: Date): Promise<string | undefined> {
  const bound = latest(cursor, plan, now);
  const ask = async (upTo: string | undefined): Promise<string | undefined> => {
    const { sql, values } = selectNewest(grammar, from, cursor, upTo);
    const raw = (await session.rows(sql, values))[0]?.[0] ?? null;
    return raw === null ? undefined : textOf(raw);
  };
  const value = await ask(undefined);
  if (value === undefined || bound === undefined) return value;
  const point = pointOf(cursor.kind, value);
  if (point !== undefined && point <= bound) return value;
  // Written in the format of the database itself, where that can be told from the value.
  return point === undefined ? undefined : ask(lowOf(cursor.kind, value, point - bound));
}

async function changedParents(grammar: Grammar, session: Session, child: ChildPlan, cursor: CursorPlan, before: string | undefined, bound: bigint | undefined) {
  const { sql, values } = selectChangedParents(grammar, child, cursor, before === undefined ? undefined : lowOf(cursor.kind, before, cursor.overlap));
  const parents: string[] = [];
  let value = before;
  let most = before === undefined ? undefined : pointOf(cursor.kind, before);
  for (const [parent, stamp] of await session.rows(sql, values)) {
    parents.push(nullableText(parent));
    const point = pointOf(cursor.kind, nullableText(stamp));
    if (point === undefined || (bound !== undefined && point > bound) || (most !== undefined && point <= most)) continue;
    [value, most] = [nullableText(stamp), point];
  }
  return { parents, value };
}

/** A position that lies behind everything there is would read nothing for ever and call it success: a restored database, or a state that is not its own. */
async function refuseAhead(grammar: Grammar, session: Session, plan: Plan, stored: StreamState, now: Date): Promise<void> {
  const { cursor, stream } = plan;
  if (momentOf(stored.sweptAt).getTime() > now.getTime() + 86_400_000) throw stateRefused(stream, `${stored.sweptAt} 在将来`, `${stored.sweptAt} lies in the future`);
  if (cursor === undefined || stored.cursor === null) return;
  const point = pointOf(cursor.kind, stored.cursor);
  if (point === undefined) throw stateRefused(stream, `"${stored.cursor}" 不是游标的值`, `"${stored.cursor}" is no value of the cursor`);
  const bound = latest(cursor, plan, now);
  if (bound !== undefined) {
    if (point > bound + cursor.overlap) throw stateRefused(stream, `${stored.cursor} 在将来`, `${stored.cursor} lies in the future`);
    return;
  }
  const value = await newest(grammar, session, plan.from, cursor, plan, now);
  const top = value === undefined ? undefined : pointOf(cursor.kind, value);
  if (top !== undefined && top < point - cursor.overlap) throw stateRefused(stream, `位置在 ${stored.cursor},而来源最新的值只到 ${value}`, `it stands at ${stored.cursor}, but the newest value in the source is ${value}`);
}
