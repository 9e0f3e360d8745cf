/**
 * One connection that receives the log, over `@vlasky/zongji`. It reports what it cannot decode once, as an error, and would go on
 * behind it: here the first error of any kind ends the stream. When more waits than is wanted the connection is paused; the log
 * is the buffer.
 */
import ZongJi, { type BinlogEvent, type ColumnSchema } from "@vlasky/zongji";
import type { ConnectionOptions } from "mysql2";
import type { Place } from "./server.store.ts";

export type Rows = { readonly is: "rows"; readonly op: "c" | "u" | "d"; readonly tableId: number; /** Of an update: pairs of before and after. */ readonly rows: readonly unknown[] };
export type LogEvent =
  | Rows
  | { readonly is: "table"; readonly tableId: number; readonly name: string; /** Undefined where the log does not carry the columns' names. */ readonly columns: readonly ColumnSchema[] | undefined; readonly key: readonly number[] }
  | { readonly is: "begin"; readonly gtid: string; readonly atMs: number }
  | { readonly is: "commit"; readonly place: Place }
  | { readonly is: "statement"; readonly sql: string; /** DDL is a transaction of its own, without a commit. */ readonly isAlone: boolean }
  /** Nothing of ours up to here; said between transactions only. */
  | { readonly is: "place"; readonly place: Place }
  | { readonly is: "unusable"; readonly what: string };

export type Dump = {
  readonly shift: () => LogEvent | undefined;
  readonly commitsWaiting: () => number;
  /** Resolves when an event is there, the dump has ended, or the time is over. Throws what ended it. */
  readonly arrived: (withinMs: number) => Promise<void>;
  readonly close: () => Promise<void>;
};

const waitingMax = 20_000; // rows
/** An idle server says so often where its log ends. */
const heartbeatNanos = 250_000_000;
const events = ["tablemap", "writerows", "updaterows", "deleterows", "xid", "query", "mariadbgtid", "gtid", "anonymousgtid", "rotate", "heartbeat", "xaprepare"];

/** Resolves once the server has accepted the position; a position that it refuses is thrown. */
export async function openDump(options: ConnectionOptions, start: { readonly serverId: number; readonly place: Place; readonly database: string; readonly tables: readonly string[] }): Promise<Dump> {
  const zongji = new ZongJi(options);
  let waiting: LogEvent[] = [];
  let next = 0;
  let size = 0;
  let commits = 0;
  let isPaused = false;
  let isOpen = false; // a transaction
  let ended: { readonly fault: unknown } | undefined;
  let wake = (): void => {};

  const end = (fault: unknown): void => {
    ended ??= { fault };
    wake();
  };
  const push = (event: LogEvent): void => {
    waiting.push(event);
    size += event.is === "rows" ? event.rows.length : 1;
    if (event.is === "commit") commits++;
    if (size > waitingMax && !isPaused) {
      isPaused = true;
      zongji.connection?.pause();
    }
    wake();
  };
  const here = (): Place => ({ file: zongji.options.filename ?? start.place.file, offset: zongji.options.position ?? 0, gtid: zongji.gtidSet ?? start.place.gtid });
  let hasBegun = (): void => {};
  const begun = new Promise<void>((resolve) => (hasBegun = resolve));

  zongji.on("error", (error: unknown) => {
    end(error);
    hasBegun();
  });
  zongji.on("ready", () => {
    // Queued before the dump command. While we do not read, the server must not take us for dead.
    zongji.connection?.query(`set @master_heartbeat_period = ${heartbeatNanos}, @source_heartbeat_period = ${heartbeatNanos}, session net_write_timeout = 3600`, (error: unknown) => error && end(error));
  });
  zongji.on("binlog", (event) => {
    if (ended !== undefined) return;
    hasBegun();
    const name = event.getTypeName();
    if (name === "WriteRows" || name === "UpdateRows" || name === "DeleteRows") {
      const { tableId, rows } = event as BinlogEvent & { readonly tableId: number; readonly rows: readonly unknown[] };
      push({ is: "rows", op: name === "WriteRows" ? "c" : name === "UpdateRows" ? "u" : "d", tableId, rows });
    } else if (name === "TableMap") {
      const { tableId, tableName, tableMap, primaryKey, columnNames } = event as BinlogEvent & { readonly tableId: number; readonly tableName: string; readonly tableMap: Readonly<Record<number, { readonly columnSchemas: readonly ColumnSchema[] }>>; readonly primaryKey?: readonly number[]; readonly columnNames?: readonly string[] };
      push({ is: "table", tableId, name: tableName, columns: columnNames === undefined ? undefined : tableMap[tableId]?.columnSchemas, key: primaryKey ?? [] });
    } else if (name === "MariadbGtid" || name === "Gtid") {
      isOpen = (event as { readonly standalone?: boolean }).standalone !== true;
      push({ is: "begin", gtid: event.gtid ?? "", atMs: event.timestamp });
    } else if (name === "Xid") commit();
    else if (name === "Query") {
      const { query } = event as BinlogEvent & { readonly query: string };
      const sql = query.replaceAll(/\/\*.*?\*\//gs, " ").trim();
      if (/^(commit|rollback)\b/i.test(sql)) commit();
      else if (!/^(begin|savepoint|release|start)\b/i.test(sql)) {
        isOpen &&= !/^(create|alter|drop|truncate|rename|grant|revoke|analyze|optimize|flush)\b/i.test(sql);
        push({ is: "statement", sql, isAlone: !isOpen });
      }
    } else if (name === "XaPrepare") push({ is: "unusable", what: "XA PREPARE" });
    else if (name === "AnonymousGtid") push({ is: "unusable", what: "gtid_mode = OFF" });
    else if (!isOpen) push({ is: "place", place: here() });
  });
  function commit(): void {
    isOpen = false;
    push({ is: "commit", place: here() });
  }

  zongji.start({ serverId: start.serverId, gtidSet: start.place.gtid, includeEvents: events, includeSchema: { [start.database]: [...start.tables] } });
  await begun;
  const stop = async (): Promise<void> => {
    const stopped = new Promise<void>((resolve) => zongji.once("stopped", resolve));
    zongji.stop();
    await stopped;
  };
  if (ended !== undefined) {
    await stop();
    throw (ended as { readonly fault: unknown }).fault;
  }
  return {
    shift() {
      const event = waiting[next];
      if (event === undefined) {
        waiting = [];
        next = 0;
        return undefined;
      }
      next++;
      if (next === 4_096) {
        waiting = waiting.slice(next);
        next = 0;
      }
      size -= event.is === "rows" ? event.rows.length : 1;
      if (event.is === "commit") commits--;
      if (isPaused && size < waitingMax / 4) {
        isPaused = false;
        zongji.connection?.resume();
      }
      return event;
    },
    commitsWaiting: () => commits,
    async arrived(withinMs) {
      if (waiting.length > next) return;
      if (ended === undefined) {
        let timer: NodeJS.Timeout | undefined;
        await new Promise<void>((resolve) => {
          wake = resolve;
          timer = setTimeout(resolve, withinMs);
        });
        clearTimeout(timer);
      }
      if (ended !== undefined && waiting.length <= next) throw ended.fault;
    },
    async close() {
      end(closed);
      waiting = [];
      next = 0;
      await stop();
    },
  };
}

/** What `arrived` throws after `close`. */
export const closed = new Error("the dump was closed");
