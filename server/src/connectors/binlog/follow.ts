/**
 * The log's changes with the snapshot woven in: the same method as for PostgreSQL (../replication/follow.ts). A chunk is held back
 * until the log has been read to where it was after the chunk; rows whose key came by meanwhile are dropped. A chunk that does
 * not see what was handed on already is read again. States stand between transactions only.
 */
import { elapsedMs, sleep } from "../../platform/index.ts";
import { FlowFault, type ConnectorCtx, type Json, type Message, type Row, type StreamShape } from "../connector.ts";
import { momentText } from "../replication/pgoutput.ts";
import type { Dump, LogEvent, Rows } from "./dump.ts";
import { describeTable, isSubset, readChunk, type Control, type Place, type Table } from "./server.store.ts";
import { hasReached, shapeMark, writtenStanding, type Flavour, type Standing, type TableStanding } from "./standing.ts";
import { canonicalType, fieldOf, kindOf, type Read } from "./values.ts";

export type Following = { readonly dump: Dump; readonly control: Control; readonly database: string; readonly tables: ReadonlyMap<string, Table>; readonly standing: Standing | undefined; readonly start: Place; /** Where the log ended when we began. */ readonly end: Place; readonly chunkRows: number };
/** What is to be thrown in place of an error, undefined for an end that was wished. */
export type Ending = { readonly faultOf: (error: unknown) => unknown; readonly close: () => Promise<void> };

const stateRowsMax = 1_000;
const stateDelayMs = 50;
const idleStateMs = 10_000;
const unseenRetryMs = 5;
const soonMs = 20;

/** A table as the log has it at this moment. */
type Known = { readonly stream: string; readonly table: Table; readonly reads: readonly (readonly [string, Read])[] };
type Open = { readonly gtid: string; readonly at: string; changes: number };
type Waiting = { readonly stream: string; readonly table: Table; readonly rows: Map<string, Row>; readonly last: readonly string[] | undefined; readonly high: Place };

export async function* follow({ dump, control, database, tables: described, standing, start, end, chunkRows }: Following, ending: Ending, ctx: ConnectorCtx): AsyncGenerator<Message> {
  const flavour: Flavour = control.isMariaDb ? "mariadb" : "mysql";
  const tables = new Map([...described].map(([stream, table]): [string, TableStanding] => [stream, standing?.tables.get(stream) ?? { shape: shapeMark(table), snapshot: null }]));
  const known = new Map<number, Known>();
  let reached = start;
  let open: Open | undefined;
  let waiting: Waiting | undefined;
  let count: Record<string, number> = {};
  let unstated = 0;
  let statedAtMs = elapsedMs();
  let statedGtid = standing === undefined ? undefined : start.gtid;
  let isLive = false;

  const isPending = (): string | undefined => [...tables].find(([, { snapshot }]) => snapshot !== "done")?.[0];
  const state = (): Message => {
    const message: Message = { is: "state", scope: "", state: writtenStanding({ flavour, place: reached, tables }), count };
    count = {};
    unstated = 0;
    statedGtid = reached.gtid;
    statedAtMs = elapsedMs();
    return message;
  };
  const counted = (stream: string): void => {
    count[stream] = (count[stream] ?? 0) + 1;
    unstated++;
  };

  try {
    for (const [stream, table] of described) {
      if (standing?.tables.get(stream) === undefined) yield { is: "shape", shape: shapeOf(table), cause: "first" };
      yield { is: "status", stream, phase: tables.get(stream)?.snapshot === "done" ? "catchup" : "snapshot" };
    }

    for (;;) {
      if (!isLive && hasReached(reached, end)) {
        isLive = true;
        const seen = new Set([...known.values()].map(({ stream }) => stream));
        for (const [stream, standing] of tables) {
          if (standing.snapshot !== "done") continue;
          // No change since has told of a new shape; the catalog does.
          const table = described.get(stream) as Table;
          const mark = shapeMark(table);
          if (mark !== standing.shape && !seen.has(stream)) {
            tables.set(stream, { ...standing, shape: mark });
            yield { is: "shape", shape: shapeOf(table), cause: "poll" };
          }
          yield { is: "status", stream, phase: "live" };
        }
      }
      if (open === undefined) {
        if (waiting !== undefined && hasReached(reached, waiting.high)) {
          const { stream, table, rows, last } = waiting;
          waiting = undefined;
          const mark = shapeMark(table);
          if (tables.get(stream)?.shape !== mark) yield { is: "shape", shape: shapeOf(table), cause: "poll" };
          tables.set(stream, { shape: mark, snapshot: last ?? "done" });
          const position = `${reached.gtid}.00000000`;
          for (const [key, row] of rows) {
            counted(stream);
            yield { is: "record", stream, key, op: "r", row, position, at: null };
          }
          yield state();
          if (last === undefined) yield { is: "status", stream, phase: "live" };
        }
        const stream = waiting === undefined ? isPending() : undefined;
        if (stream !== undefined) {
          waiting = await nextChunk(stream);
          continue;
        }
      }

      const event = dump.shift();
      if (event === undefined) {
        if (open === undefined && unstated > 0) yield state();
        await dump.arrived(waiting !== undefined ? soonMs : 1_000);
        continue;
      }
      switch (event.is) {
        case "place":
          reached = event.place;
          if (reached.gtid !== statedGtid && elapsedMs() - statedAtMs > idleStateMs) yield state();
          break;
        case "begin":
          if (unstated > 0 && dump.commitsWaiting() === 0) yield state();
          open = { gtid: event.gtid, at: momentText(BigInt(event.atMs) * 1_000n - micros2000), changes: 0 };
          break;
        case "commit":
          reached = event.place;
          open = undefined;
          if (unstated > 0 && (unstated >= stateRowsMax || dump.commitsWaiting() === 0 || elapsedMs() - statedAtMs > stateDelayMs)) yield state();
          break;
        case "table": {
          const now = recognise(event);
          known.set(event.tableId, now);
          const standing = tables.get(now.stream);
          const mark = shapeMark(now.table);
          if (standing !== undefined && standing.shape !== mark) {
            tables.set(now.stream, { ...standing, shape: mark });
            yield { is: "shape", shape: shapeOf(now.table), cause: "ddl" };
          }
          break;
        }
        case "statement": {
          const emptied = await heed(event.sql);
          const at = position(open ?? { gtid: reached.gtid, at: "", changes: 0 });
          if (event.isAlone) open = undefined;
          if (emptied === undefined) break;
          counted(emptied);
          yield { is: "bad", stream: emptied, key: "", bytes: Buffer.from(event.sql), problem: { code: "binlog.truncated", facts: { table: emptied } }, position: at };
          break;
        }
        case "unusable":
          throw undecodable(event.what);
        case "rows": {
          const relation = known.get(event.tableId);
          if (relation === undefined || open === undefined) throw undecodable("rows without their table or transaction");
          const { stream } = relation;
          for (const pair of event.rows) {
            const { before, row, key, keyBefore, op } = changeOf(relation, event.op, pair);
            const touched = waiting?.stream === stream ? waiting.rows : undefined;
            touched?.delete(key);
            if (keyBefore !== undefined && keyBefore !== key) {
              // A new key is another record: the old one ends, and the new one begins.
              touched?.delete(keyBefore);
              counted(stream);
              yield { is: "record", stream, key: keyBefore, op: "d", row: null, before, position: position(open), transaction: open.gtid, at: open.at };
              counted(stream);
              yield { is: "record", stream, key, op: "c", row, position: position(open), transaction: open.gtid, at: open.at };
              continue;
            }
            counted(stream);
            yield { is: "record", stream, key, op, row, ...(before === undefined ? {} : { before }), position: position(open), transaction: open.gtid, at: open.at };
          }
        }
      }
    }
  } catch (error) {
    const fault = ending.faultOf(error);
    if (fault !== undefined) throw fault;
  } finally {
    await ending.close();
  }

  async function nextChunk(stream: string): Promise<Waiting> {
    const { snapshot } = tables.get(stream) as TableStanding;
    for (;;) {
      const chunk = await readChunk(control, database, stream, snapshot === "done" ? null : snapshot, chunkRows);
      if (chunk === undefined) throw replaced(stream);
      const isSeen = control.isMariaDb ? hasReached(chunk.seen, reached) : await isSubset(control, reached.gtid, chunk.seen.gtid);
      if (!isSeen) {
        await sleep(unseenRetryMs);
        continue;
      }
      const { table } = chunk;
      const reads = readsOf(table);
      const rows = new Map<string, Row>();
      let key: readonly string[] = [];
      for (const values of chunk.rows) {
        const row: { [field: string]: Json } = {};
        reads.forEach(([name, read], i) => (row[name] = values[i] === null ? null : read(values[i])));
        key = table.key.map((name) => String(row[name]));
        rows.set(key.join("|"), row);
      }
      return { stream, table, rows, last: chunk.rows.length < chunkRows ? undefined : key, high: chunk.high };
    }
  }

  function recognise({ name, columns, key }: LogEvent & { readonly is: "table" }): Known {
    // Without names in the log they would have to be guessed from the table as it is now, which shifts columns after an ALTER.
    if (columns === undefined) throw undecodable("binlog_row_metadata = MINIMAL");
    const before = described.get(name);
    const table: Table = {
      database, name,
      columns: columns.map((column) => ({ name: column.COLUMN_NAME, type: canonicalType(column.COLUMN_TYPE), isNullable: before?.columns.find((one) => one.name === column.COLUMN_NAME)?.isNullable ?? true })),
      key: key.length > 0 ? key.map((index) => columns[index]?.COLUMN_NAME ?? "") : (before?.key ?? []),
    };
    return { stream: name, table, reads: readsOf(table) };
  }

  /** DDL is only a signal to look again. Answers the table that was emptied by it. */
  async function heed(sql: string): Promise<string | undefined> {
    const table = [...tables.keys()].find((name) => new RegExp(`(?<![\\w$])${name.replaceAll("$", "\\$")}(?![\\w$])`, "i").test(sql));
    if (table === undefined) return undefined;
    if (/^(insert|update|delete|replace|load|with)\b/i.test(sql)) throw new FlowFault("config", { code: "binlog.statement", facts: { table, statement: sql.slice(0, 200) } });
    if (/^(drop\s+table|rename|alter)\b/i.test(sql) && (await describeTable(control, database, table)) === undefined) throw replaced(table);
    return /^(truncate|drop\s+table)\b/i.test(sql) ? table : undefined;
  }

  function readsOf(table: Table): readonly (readonly [string, Read])[] {
    return table.columns.map(({ name, type }) => {
      const kind = kindOf(type);
      if (kind === undefined) throw new FlowFault("config", { code: "binlog.column_type", facts: { table: table.name, column: name, type } });
      return [name, kind.read];
    });
  }

  function replaced(table: string): FlowFault {
    return new FlowFault("config", { code: "binlog.table_replaced", facts: { table } });
  }
}

const micros2000 = 946_684_800_000_000n;

export const undecodable = (what: string): FlowFault => new FlowFault("config", { code: "binlog.undecodable", facts: { what } });

const position = (open: Open): string => `${open.gtid}.${String(++open.changes).padStart(8, "0")}`;

function changeOf({ table: { key: keyed }, reads }: Known, op: Rows["op"], pair: unknown) {
  const { before, after } = op === "u" ? (pair as { readonly before: object; readonly after: object }) : op === "c" ? { before: undefined, after: pair as object } : { before: pair as object, after: undefined };
  const row = after === undefined ? null : rowOf(reads, after as Readonly<Record<string, unknown>>);
  const was = before === undefined ? undefined : rowOf(reads, before as Readonly<Record<string, unknown>>);
  const keyBefore = was && keyOf(was, keyed);
  return { op, row, before: was, key: row === null ? (keyBefore ?? "") : keyOf(row, keyed), keyBefore };
}

function rowOf(reads: Known["reads"], values: Readonly<Record<string, unknown>>): Row {
  const row: { [field: string]: Json } = {};
  for (const [name, read] of reads) {
    const value = values[name];
    row[name] = value === null ? null : read(value);
  }
  return row;
}

const keyOf = (row: Row, key: readonly string[]): string => key.map((name) => String(row[name])).join("|");

export const shapeOf = (table: Table): StreamShape => ({ stream: table.name, key: table.key, fields: table.columns.map(fieldOf) });
