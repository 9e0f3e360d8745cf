/**
 * The stream of changes with the snapshot woven in.
 *
 * A snapshot is read in chunks by key, and each chunk is held back until the stream has passed the end of the log as it was after the
 * reading. Rows whose key came by in the stream meanwhile are dropped: the stream knows them better. What is left is handed
 * on at this place of the stream, so that the order of messages is the order of truth for every key, and a kill anywhere
 * goes on with the next chunk. PostgreSQL writes a commit to its log a moment before other sessions see it: a chunk that does not see a
 * transaction that was already handed on is read again.
 *
 * A state stands only between transactions. Many small ones share one; a long transaction has it at its end alone.
 */
import pg from "pg";
import { elapsedMs, sleep } from "../../platform/index.ts";
import { FlowFault, type ConnectorCtx, type Json, type Message } from "../connector.ts";
import { currentSnapshot, describeTable, describeTypes, flushLog, hasEnded, isVisible, readChunk, readFields, readNextXid, readSlotRoom, shapeOf, type Table } from "./catalog.store.ts";
import { decodeBegin, decodeChange, decodeCommitEnd, decodeRelation, decodeTruncate, layoutOf, lsnOf, lsnText, relationIdOf, type Layout, type Relation, type Row } from "./pgoutput.ts";
import type { Prepared } from "./prepare.ts";
import { shapeMark, writtenStanding, type TableStanding } from "./standing.ts";
import { kindOf } from "./values.ts";
import type { Link } from "./walsender.ts";

export type Following = { readonly link: Link; readonly control: pg.Client; readonly prepared: Prepared; readonly slot: string; readonly publication: string; readonly chunkRows: number };
/** What is to be thrown in place of an error, undefined for an end that was wished. A generator around this one would cost as much as decoding. */
export type Ending = { readonly faultOf: (error: unknown) => unknown; readonly close: () => Promise<void> };

const stateRowsMax = 1_000;
const stateDelayMs = 50;
/** A quiet source's log moves on too, by other databases and by vacuum; so often we say that we need none of it. */
const idleStateMs = 10_000;
const idleStateBytes = 16n * 1_048_576n;
const watchMs = 30_000;
const unseenRetryMs = 5;
const soonMs = 20;

/** A table as the stream has it at this moment. */
type Known = { readonly stream: string; readonly table: Table; readonly layout: Layout; readonly mark: string };
type Open = { readonly xid: number; readonly id: string; readonly at: string; readonly place: string; changes: number };
type Waiting = { readonly stream: string; readonly table: Table; readonly rows: Map<string, Row>; readonly last: readonly string[] | undefined; readonly high: bigint };

export async function* follow({ link, control, prepared, slot, publication, chunkRows }: Following, ending: Ending, ctx: ConnectorCtx): AsyncGenerator<Message> {
  const streams = new Map([...prepared.tables].map(([stream, { oid }]) => [oid, stream]));
  const tables = new Map([...prepared.tables].map(([stream, table]): [string, TableStanding] => [stream, standingOf(prepared, stream, table)]));
  const known = new Map<number, Known | undefined>();
  const recent = new Set<number>(); // transactions handed on since the last chunk
  let reached = prepared.from; // everything before it was handed on
  let open: Open | undefined;
  let waiting: Waiting | undefined;
  let count: Record<string, number> = {};
  let unstated = 0;
  let statedAtMs = elapsedMs();
  let stated = prepared.standing === undefined ? -1n : reached;
  let watchedAtMs = elapsedMs();
  let settlesAt = 0;
  let isSettled = false;
  let settleAskedAtMs = 0;

  const isPending = (): string | undefined => [...tables].find(([, { snapshot }]) => snapshot !== "done")?.[0];
  const state = (): Message => {
    const message: Message = { is: "state", scope: "", state: writtenStanding({ slot, system: prepared.place.system, timeline: prepared.place.timeline, lsn: reached, tables }), count };
    count = {};
    unstated = 0;
    stated = reached;
    statedAtMs = elapsedMs();
    return message;
  };
  const counted = (stream: string): void => {
    count[stream] = (count[stream] ?? 0) + 1;
    unstated++;
  };

  try {
    for (const [stream, table] of prepared.tables) {
      if (prepared.standing?.tables.get(stream)?.oid !== table.oid) yield { is: "shape", shape: shapeOf(stream, table), cause: "first" };
      yield { is: "status", stream, phase: tables.get(stream)?.snapshot === "done" ? "catchup" : "snapshot" };
    }
    // A transaction that was under way while its table was published may be missing from the stream, and one that the session before
    // handed on may still be unseen: chunks are read once all that run now have ended.
    settlesAt = await readNextXid(control);
    let liveAt = lsnOf(prepared.place.flushed);
    link.ask();

    for (;;) {
      if (liveAt !== undefined && reached >= liveAt) {
        liveAt = undefined;
        for (const [stream, standing] of tables) {
          if (standing.snapshot !== "done") continue;
          // No change since has told of a new shape; the catalog does.
          const table = prepared.tables.get(stream) as Table;
          const mark = shapeMark(table.columns, table.key);
          if (mark !== standing.shape && !known.has(standing.oid)) {
            tables.set(stream, { ...standing, shape: mark });
            yield { is: "shape", shape: shapeOf(stream, table), cause: "poll" };
          }
          yield { is: "status", stream, phase: "live" };
        }
      }
      if (open === undefined) {
        if (waiting !== undefined && reached >= waiting.high) {
          const { stream, table, rows, last } = waiting;
          waiting = undefined;
          const mark = shapeMark(table.columns, table.key);
          if (tables.get(stream)?.shape !== mark) yield { is: "shape", shape: shapeOf(stream, table), cause: "poll" };
          tables.set(stream, { oid: table.oid, shape: mark, snapshot: last ?? "done" });
          const position = `${lsnText(reached)}.00000000`;
          for (const [key, row] of rows) {
            counted(stream);
            yield { is: "record", stream, key, op: "r", row, position, at: null };
          }
          yield state();
          if (last === undefined) yield { is: "status", stream, phase: "live" };
        }
        const stream = waiting === undefined ? isPending() : undefined;
        if (stream !== undefined && (await hasSettled())) {
          waiting = await nextChunk(stream);
          recent.clear();
          if (waiting.high > reached) link.ask();
          else continue;
        }
      }

      const bytes = link.shift();
      if (bytes === undefined) {
        if (open === undefined && unstated > 0) yield state();
        if (elapsedMs() - watchedAtMs > watchMs) await watch();
        // Unsettled or waiting for the end of a chunk, we look again soon; otherwise the next message wakes us.
        await link.arrived(isPending() !== undefined ? soonMs : 1_000);
        if (waiting !== undefined && open === undefined && link.commitsWaiting() === 0) link.ask();
        continue;
      }
      if (bytes[0] === 0x6b) { // k: a keepalive, and how far the server has read
        const end = bytes.readBigUInt64BE(1);
        if (open === undefined && end > reached) reached = end;
        if (open === undefined && reached > stated && (elapsedMs() - statedAtMs > idleStateMs || reached - stated > idleStateBytes)) yield state();
        continue;
      }
      switch (bytes[25]) {
        case 0x42: { // B
          const { commitLsn, at, xid } = decodeBegin(bytes, 25);
          // What follows may be long: what was complete before it does not wait for its end.
          if (unstated > 0 && link.commitsWaiting() === 0) yield state();
          open = { xid, id: String(xid), at, place: `${lsnText(commitLsn)}.`, changes: 0 };
          break;
        }
        case 0x43: // C
          reached = decodeCommitEnd(bytes, 25);
          if (open !== undefined && isPending() !== undefined) recent.add(open.xid);
          open = undefined;
          if (elapsedMs() - watchedAtMs > watchMs) await watch();
          if (unstated > 0 && (unstated >= stateRowsMax || link.commitsWaiting() === 0 || elapsedMs() - statedAtMs > stateDelayMs)) yield state();
          break;
        case 0x52: { // R
          const relation = decodeRelation(bytes, 25);
          const now = await recognise(relation);
          known.set(relation.oid, now);
          if (now !== undefined && tables.get(now.stream)?.shape !== now.mark) {
            tables.set(now.stream, { ...(tables.get(now.stream) as TableStanding), shape: now.mark });
            yield { is: "shape", shape: shapeOf(now.stream, now.table), cause: "relation" };
          }
          break;
        }
        case 0x49:
        case 0x55:
        case 0x44: { // I, U, D
          const relation = known.get(relationIdOf(bytes, 25));
          if (relation === undefined || open === undefined) break; // a table of the publication that this flow does not want
          const { stream, table } = relation;
          const change = decodeChange(bytes, 25, relation.layout);
          const keyBefore = change.before && keyOf(change.before, table.key);
          let { op, row, unset } = change;
          const key = row === null ? (keyBefore ?? "") : keyOf(row, table.key);
          const isMoved = op === "u" && keyBefore !== undefined && keyBefore !== key;
          if (waiting?.stream === stream) waiting.rows.delete(key);
          if (isMoved) {
            // A new key is another record: the old one ends, and the new one begins whole.
            if (waiting?.stream === stream) waiting.rows.delete(keyBefore);
            counted(stream);
            yield { is: "record", stream, key: keyBefore, op: "d", row: null, before: change.before, position: position(open), transaction: open.id, at: open.at };
            op = "c";
          }
          if (unset.length > 0 && row !== null) {
            const snapshot = tables.get(stream)?.snapshot;
            const isBaseKnown = !isMoved && snapshot === "done";
            if (change.isWhole || !isBaseKnown) {
              const whole = change.isWhole ? filledFrom(row, unset, change.before ?? {}, relation.layout.names) : await filledFromTable(relation, row, unset);
              if (whole === "gone") break; // its delete follows in the stream
              [row, unset] = [whole, []];
            }
          }
          counted(stream);
          yield {
            is: "record", stream, key, op, row, position: position(open), transaction: open.id, at: open.at,
            ...(change.before === undefined || isMoved ? {} : { before: change.before }), ...(unset.length === 0 ? {} : { unset }),
          };
          break;
        }
        case 0x54: { // T
          for (const oid of decodeTruncate(bytes, 25)) {
            const relation = known.get(oid);
            if (relation === undefined || open === undefined) continue;
            const { stream } = relation;
            counted(stream);
            yield { is: "bad", stream, key: "", bytes: bytes.subarray(25), problem: { code: "replication.truncated", facts: { table: stream } }, position: position(open) };
          }
          break;
        }
      }
    }
  } catch (error) {
    const fault = ending.faultOf(error);
    if (fault !== undefined) throw fault;
  } finally {
    await ending.close();
  }

  async function hasSettled(): Promise<boolean> {
    if (isSettled || elapsedMs() - settleAskedAtMs < soonMs) return isSettled;
    settleAskedAtMs = elapsedMs();
    isSettled = hasEnded(settlesAt, await currentSnapshot(control));
    return isSettled;
  }

  async function nextChunk(stream: string): Promise<Waiting> {
    const { oid, snapshot } = tables.get(stream) as TableStanding;
    const after = snapshot === "done" ? null : snapshot;
    for (;;) {
      const chunk = await readChunk(control, oid, publication, after, chunkRows);
      if (chunk === undefined) throw replaced(stream);
      if (![...recent].every((xid) => isVisible(xid, chunk.snapshot))) {
        await sleep(unseenRetryMs);
        continue;
      }
      await flushLog(control, chunk.high);
      const { table } = chunk;
      const reads = table.columns.map(({ baseOid }) => kindOf(baseOid).read);
      const keyed = chunk.rows.map((texts): [string, Row] => {
        const row = rowOf(table, reads, texts);
        return [keyOf(row, table.key), row];
      });
      const end = chunk.rows.length < chunkRows ? undefined : chunk.rows.at(-1);
      const last = end && table.key.map((name) => end[table.columns.findIndex((column) => column.name === name)] ?? "");
      return { stream, table, rows: new Map(keyed), last, high: lsnOf(chunk.high) ?? 0n };
    }
  }

  /** What a relation message means for us; undefined for a table that this flow does not want. */
  async function recognise(relation: Relation): Promise<Known | undefined> {
    const stream = streams.get(relation.oid);
    const named = relation.schema === "public" ? relation.name : `${relation.schema}.${relation.name}`;
    if (stream === undefined) {
      if (tables.has(named)) throw replaced(named); // dropped and made anew under its name
      return undefined;
    }
    if (stream !== named) throw replaced(stream);
    const now = await describeTable(control, { oid: relation.oid }, publication);
    const types = await describeTypes(control, relation.columns);
    const flagged = relation.columns.filter(({ isKey }) => isKey).map(({ name }) => name);
    const indexed = now?.key ?? prepared.tables.get(stream)?.key ?? [];
    const key = relation.identity === "f" || (flagged.length === indexed.length && flagged.every((name) => indexed.includes(name))) ? indexed : flagged;
    const columns = relation.columns.map(({ name, typeOid, modifier }, i) => {
      const baseOid = types[i]?.baseOid ?? typeOid;
      return { name, typeOid, modifier, baseOid, native: types[i]?.native ?? String(typeOid), isNullable: now?.columns.find((column) => column.name === name)?.isNullable ?? true };
    });
    const table: Table = { ...(now ?? (prepared.tables.get(stream) as Table)), oid: relation.oid, schema: relation.schema, name: relation.name, identity: relation.identity, columns, key };
    return { stream, table, layout: layoutOf(relation, new Map(columns.map(({ typeOid, baseOid }) => [typeOid, baseOid]))), mark: shapeMark(columns, key) };
  }

  /** The source leaves unchanged TOAST values out, and we do not have the record before: the row as it is now has them. What it has that is newer comes again in its own change. */
  async function filledFromTable({ table, layout }: Known, row: Row, unset: readonly string[]): Promise<Row | "gone"> {
    try {
      const texts = await readFields(control, table, unset, table.key.map((name) => String(row[name])));
      if (texts === undefined) return "gone";
      return filledFrom(row, unset, Object.fromEntries(unset.map((name, i) => [name, valueOf(texts[i] ?? null, layout.reads[layout.names.indexOf(name)])])), layout.names);
    } catch (error) {
      if (/^42(703|P01)$/.test((error as { readonly code?: string }).code ?? "")) return row; // the column or the table is gone since
      throw error;
    }
  }

  /** Room in the log, and whether every table is still published under its name. */
  async function watch(): Promise<void> {
    watchedAtMs = elapsedMs();
    const room = await readSlotRoom(control, slot);
    if (room === undefined || room.walStatus === "lost") throw new FlowFault("config", { code: "replication.slot_lost", facts: { slot, lsn: lsnText(reached) } });
    const { safeMegabytes, keptMegabytes, walStatus } = room;
    const isNarrow = safeMegabytes !== null && keptMegabytes !== null && safeMegabytes * 2 < keptMegabytes;
    if (isNarrow || walStatus === "unreserved") ctx.log.warn("the source will soon drop this slot's log; changes are taken too slowly, or max_slot_wal_keep_size is too small", { slot, walStatus, safeMegabytes, keptMegabytes });
    for (const [stream, { oid }] of tables) {
      const now = await describeTable(control, { oid }, publication);
      const { schema, name } = prepared.tables.get(stream) as Table;
      if (now === undefined || !now.isPublished || now.schema !== schema || now.name !== name) throw replaced(stream);
    }
  }

  function replaced(table: string): FlowFault {
    return new FlowFault("config", { code: "replication.table_replaced", facts: { table, publication } });
  }
}

/** A table that was made anew since begins from the beginning. */
function standingOf(prepared: Prepared, stream: string, table: Table): TableStanding {
  const stored = prepared.standing?.tables.get(stream);
  return stored !== undefined && stored.oid === table.oid ? stored : { oid: table.oid, shape: shapeMark(table.columns, table.key), snapshot: null };
}

const position = (open: Open): string => open.place + String(++open.changes).padStart(8, "0");

export const keyOf = (row: Row, key: readonly string[]): string => (key.length === 1 ? String(row[key[0] as string]) : key.map((name) => String(row[name])).join("|"));

function rowOf(table: Table, reads: readonly (((text: string) => Json) | undefined)[], texts: readonly (string | null)[]): Row {
  const row: Row = {};
  table.columns.forEach(({ name }, i) => (row[name] = valueOf(texts[i] ?? null, reads[i])));
  return row;
}

const valueOf = (text: string | null, read: ((text: string) => Json) | undefined): Json => (text === null || read === undefined ? text : read(text));

/** The row with its unset fields from another, in the order of the columns. */
function filledFrom(row: Row, unset: readonly string[], other: Row, names: readonly string[]): Row {
  const filled: Row = {};
  for (const name of names) if (name in row || unset.includes(name)) filled[name] = (name in row ? row[name] : other[name]) ?? null;
  return filled;
}
