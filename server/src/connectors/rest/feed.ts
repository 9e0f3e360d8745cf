/**
 * Reading one stream of a system that can only be asked "what changed since?". The question is inclusive and goes back by an overlap,
 * because a row can become visible after a later one; what was seen already is told by key and content and not sent again. The
 * position moves only over what was read whole: a listing that shifted while it was read is read again from the same place.
 */
import { refuse, type Problem } from "../../platform/index.ts";
import { FlowFault, type ConnectorCtx, type Json, type Message, type Reading, type RecordMessage, type Row, type States, type StreamShape } from "../connector.ts";
import { pointOf, writtenPoint, type CursorFormat } from "./cursor.ts";
import { digestOf, isObject } from "../json.ts";

export type Item =
  | { readonly is: "row"; readonly key: string; readonly row: Row; /** What tells whether it was seen; the row itself unless fetching it costs a call. */ readonly mark: Json; /** Fetches the rest, once it is known to be new. */ readonly whole?: (() => Promise<Item>) | undefined; readonly position: string; readonly point: bigint | undefined; readonly at: string | null }
  | { readonly is: "gone"; readonly key: string; readonly before?: Row | undefined; readonly mark: Json; readonly position: string; readonly point: bigint | undefined; readonly at: string | null }
  | { readonly is: "bad"; readonly key: string; readonly bytes: Buffer; readonly problem: Problem; readonly position: string };
export type Page = {
  readonly items: readonly Item[];
  /** Rows moved between pages while they were read, so that one may have been passed over. */
  readonly isShifted?: boolean | undefined;
  /** Found beside the listing, as deletions or changed lines are: says nothing about how far the listing was read. */
  readonly isAside?: boolean | undefined;
  /** What its records look like, where only they say so; asked for once, at the first reading. */
  readonly shape?: (() => StreamShape) | undefined;
};

export type Feed = {
  readonly stream: string;
  /** What a stored state belongs to: address, stream, key. One of another source is refused. */
  readonly of: string;
  readonly cursor?: { readonly format: CursorFormat; /** In seconds, or in steps for an integer. */ readonly overlap: number; readonly start?: string | undefined; /** The source answers in order of the cursor, so that every page is a place to go on from. */ readonly isOrdered: boolean; /** A moment without zone that is known to be UTC. */ readonly isUtc?: boolean } | undefined;
  /** A key that is missing in two complete readings is gone. Only without a cursor. */
  readonly tellsAbsence?: boolean | undefined;
  /** What its records look like, where the system says so itself. */
  readonly shape?: (() => Promise<StreamShape>) | undefined;
  readonly pages: (since: bigint | undefined) => AsyncIterable<Page>;
};

/** So many records are remembered. Beyond it the oldest are forgotten, and read again they are landed again: twice, never lost. */
const seenMax = 5_000;
/** Without a cursor every key is remembered, up to this many. */
const keysMax = 20_000;
const passesMax = 3;
const wholeAtOnce = 4;
/** A state is given out when it stands for a good part of what it holds, so that writing states never costs more than the records. */
const seenPerRecord = 10;
const hour = 3_600_000_000n;

/** The last version of each key that was sent, with its point. Not every version: a record that goes back to what it was has changed. */
type Seen = { readonly digest: string; readonly point: bigint };
type Memory = { cursor: bigint | undefined; seen: Map<string, Seen>; missing: ReadonlySet<string> };

async function* readFeed(feed: Feed, stored: Json | undefined, ctx: ConnectorCtx, isClosed: () => boolean): AsyncGenerator<Message> {
  const { stream, cursor } = feed;
  const memory = recall(feed, stored, ctx);
  let counted = 0;
  let isDescribed = false;
  const state = (): Message => {
    const count = { [stream]: counted };
    counted = 0;
    return { is: "state", scope: stream, state: written(feed, memory), count };
  };
  yield { is: "status", stream, phase: stored === undefined ? "snapshot" : "catchup" };
  if (stored === undefined && feed.shape) yield { is: "shape", shape: await feed.shape(), cause: "first" };
  for (let pass = 1; ; pass++) {
    const present = new Set<string>();
    let highest = memory.cursor;
    // The position never passes the moment at which this reading began: what changed meanwhile may stand where it was read already.
    const latest = latestOf(feed, ctx);
    let isShifted = false;
    const since = sinceOf(feed, memory);
    // As coarse as the source is asked: a date begins at midnight.
    const oldest = cursor && since !== undefined ? pointOf(cursor.format, writtenPoint(cursor.format, since)) : undefined;
    for await (const page of feed.pages(since)) {
      isShifted ||= page.isShifted === true;
      if (stored === undefined && !isDescribed && page.shape && page.items.length > 0) {
        isDescribed = true;
        yield { is: "shape", shape: page.shape(), cause: "first" };
      }
      const fresh: Item[] = [];
      for (const item of page.items) {
        if (feed.tellsAbsence === true) present.add(item.key);
        // A source that was not asked, or does not listen, sends what is long done.
        if (item.is !== "bad" && item.point !== undefined && oldest !== undefined && item.point < oldest) continue;
        if (page.isAside !== true && item.is !== "bad" && item.point !== undefined && (highest === undefined || item.point > highest)) highest = item.point;
        if (isNew(feed, memory, item, highest ?? 0n)) fresh.push(item);
      }
      for (let from = 0; from < fresh.length; from += wholeAtOnce) {
        for (const item of await Promise.all(fresh.slice(from, from + wholeAtOnce).map((item) => (item.is === "row" && item.whole ? item.whole() : item)))) {
          counted++;
          yield messageOf(stream, item);
        }
      }
      if (isClosed()) return;
      if (cursor?.isOrdered === true && !isShifted) memory.cursor = least(highest, latest);
      if (counted * seenPerRecord >= memory.seen.size && counted > 0) yield state();
    }
    if (isShifted && pass < passesMax) continue;
    if (isShifted) ctx.log.warn("a listing kept changing while it was read; the position stays and it is read again next time", { stream, passes: pass });
    else {
      memory.cursor = least(highest, latest);
      for (const key of feed.tellsAbsence === true ? absent(memory, present) : []) {
        counted++;
        yield { is: "record", stream, key, op: "d", row: null, position: "absent", at: null };
      }
    }
    yield state();
    yield { is: "status", stream, phase: "done" };
    return;
  }
}

function sinceOf({ cursor }: Feed, memory: Memory): bigint | undefined {
  if (!cursor) return undefined;
  if (memory.cursor !== undefined) return memory.cursor - overlapOf(cursor);
  return cursor.start === undefined ? undefined : pointOf(cursor.format, cursor.start);
}

const overlapOf = (cursor: NonNullable<Feed["cursor"]>): bigint => BigInt(cursor.overlap) * (cursor.format === "integer" ? 1n : 1_000_000n);

/** Also a record dated in the future must not carry the position there: everything written until then would be passed over. */
const least = (point: bigint | undefined, latest: bigint | undefined): bigint | undefined => (point !== undefined && latest !== undefined && point > latest ? latest : point);

/** Now; a moment without zone may be ahead by fourteen hours. An integer has no latest. */
function latestOf({ cursor }: Feed, ctx: ConnectorCtx): bigint | undefined {
  if (!cursor || cursor.format === "integer") return undefined;
  return BigInt(ctx.now().getTime()) * 1000n + (cursor.format === "datetime" || cursor.format === "date" ? (cursor.isUtc === true ? 0n : 14n * hour) : 0n);
}

function isNew(feed: Feed, { seen }: Memory, item: Item, highest: bigint): boolean {
  const digest = item.is === "bad" ? digestOf("bad", item.bytes.toString("base64")) : digestOf(item.is, item.mark);
  const key = item.key === "" ? digest : item.key;
  const before = seen.get(key);
  if (before?.digest === digest) return false;
  if (!feed.cursor && !before && seen.size >= keysMax) {
    if (feed.tellsAbsence === true) throw new FlowFault("config", { code: "rest.keys_many", facts: { stream: feed.stream, limit: keysMax } });
    return true;
  }
  seen.delete(key);
  if (feed.cursor || item.is !== "gone") seen.set(key, { digest, point: (item.is === "bad" ? undefined : item.point) ?? highest });
  return true;
}

/** Keys that were missing last time too; the others are remembered as missing. */
function absent(memory: Memory, present: ReadonlySet<string>): string[] {
  const missing = [...memory.seen.keys()].filter((key) => !present.has(key));
  const gone = missing.filter((key) => memory.missing.has(key));
  for (const key of gone) memory.seen.delete(key);
  memory.missing = new Set(missing).difference(new Set(gone));
  return gone;
}

function messageOf(stream: string, item: Item): Message {
  if (item.is === "bad") return { is: "bad", stream, key: item.key, bytes: item.bytes, problem: item.problem, position: item.position };
  const record: Omit<RecordMessage, "op" | "row"> = { is: "record", stream, key: item.key, position: item.position, at: item.at };
  return item.is === "gone" ? { ...record, op: "d", row: null, ...(item.before === undefined ? {} : { before: item.before }) } : { ...record, op: "r", row: item.row };
}

function written(feed: Feed, memory: Memory): Json {
  const { cursor } = feed;
  if (cursor) {
    const from = memory.cursor === undefined ? undefined : memory.cursor - overlapOf(cursor);
    memory.seen = new Map([...memory.seen].filter(([, { point }]) => from === undefined || point >= from).slice(-seenMax));
  }
  return {
    v: 1, of: feed.of, cursor: cursor && memory.cursor !== undefined ? writtenPoint(cursor.format, memory.cursor) : null,
    seen: [...memory.seen].map(([key, { digest, point }]) => [key, digest, String(point)]), missing: [...memory.missing],
  };
}

/** Refuses: source.state. What cannot be used is never read as "from the beginning". */
function recall(feed: Feed, stored: Json | undefined, ctx: ConnectorCtx): Memory {
  if (stored === undefined) return { cursor: undefined, seen: new Map(), missing: new Set() };
  const no = (causeZh: string, causeEn: string): never => refuse("source.state", { scope: feed.stream, cause: causeEn, causeZh, causeEn });
  if (!isObject(stored) || stored.v !== 1) return no("版本不认识", "its version is not known");
  if (stored.of !== feed.of) return no(`它属于「${String(stored.of)}」,不属于「${feed.of}」`, `it belongs to "${String(stored.of)}", not to "${feed.of}"`);
  const cursor = feed.cursor && stored.cursor !== null ? pointOf(feed.cursor.format, stored.cursor) : undefined;
  if (stored.cursor !== null && cursor === undefined) return no("位置读不出来", "its position cannot be read");
  const latest = latestOf(feed, ctx);
  if (cursor !== undefined && latest !== undefined && cursor > latest + 24n * hour) return no(`位置 ${String(stored.cursor)} 在将来`, `its position ${String(stored.cursor)} lies in the future`);
  const { seen, missing } = stored;
  if (!Array.isArray(seen) || !Array.isArray(missing)) return no("内容不完整", "its content is not whole");
  const entries = (seen as readonly Json[]).map((entry): [string, Seen] => {
    if (!Array.isArray(entry) || entry.length !== 3 || !entry.every((part) => typeof part === "string") || !/^-?\d+$/.test(String(entry[2]))) return no("内容不完整", "its content is not whole");
    const [key, digest, point] = entry as [string, string, string];
    return [key, { digest, point: BigInt(point) }];
  });
  return { cursor, seen: new Map(entries), missing: new Set(missing.map(String)) };
}

/** Streams one after the other. */
export function readFeeds(feeds: readonly Feed[], states: States, ctx: ConnectorCtx, onClose: () => void): Reading {
  let isClosed = false;
  async function* messages(): AsyncGenerator<Message> {
    try {
      for (const feed of feeds) {
        if (isClosed) return;
        yield* readFeed(feed, states.get(feed.stream), ctx, () => isClosed);
      }
    } catch (error) {
      // A call cut off by `close` is no failure.
      if (!isClosed) throw error;
    }
  }
  return {
    messages: messages(),
    // A system that is only asked keeps no position of ours.
    ack: () => Promise.resolve(),
    close: () => {
      isClosed = true;
      onClose();
      return Promise.resolve();
    },
  };
}

type FieldKind = StreamShape["fields"][number]["type"];

/** What some records look like: a system without a catalog is described by what it sends. */
export function shapeOf(stream: string, key: readonly string[], rows: readonly Json[]): StreamShape {
  const kinds = new Map<string, Set<FieldKind>>();
  for (const row of rows) {
    for (const [field, value] of Object.entries(isObject(row) ? row : {})) {
      const kind = kindOf(value);
      kinds.set(field, (kinds.get(field) ?? new Set()).union(new Set(kind === undefined ? [] : [kind])));
    }
  }
  const fields = [...kinds].sort(([left], [right]) => (left < right ? -1 : 1)).map(([field, found]) => {
    const type = found.size === 1 ? [...found][0] as FieldKind : joined(found);
    return { field, type, native: `JSON ${[...found].sort().join(" | ") || "null"}`, isNullable: !key.includes(field) };
  });
  return { stream, key, fields };
}

/** Of a value as JSON.parse gives it, numbers as numbers. */
function kindOf(value: Json): FieldKind | undefined {
  if (value === null) return undefined;
  if (typeof value === "object") return "json";
  if (typeof value === "boolean") return "boolean";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "decimal";
  if (/^\d{4}-\d\d-\d\d$/.test(value)) return "date";
  return /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/.test(value) ? "moment" : "text";
}

const joined = (kinds: ReadonlySet<FieldKind>): FieldKind => (kinds.size === 2 && kinds.has("integer") && kinds.has("decimal") ? "decimal" : kinds.has("json") ? "json" : "text");

