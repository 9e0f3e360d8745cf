/**
 * The mart's own process: it alone has the file, follows the books' database and answers what `compile` made. Everything in it is a copy: it may be
 * killed at any moment, and a file that cannot be opened is thrown away and made anew.
 */
import { createWriteStream } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import pg from "pg";
import { to as copyTo } from "pg-copy-streams";
import { connectionConfig, openPool, type Store } from "../platform/index.ts";
import { readMark } from "./facts.store.ts";
import { copyRelation, stampMasters } from "./mart.store.ts";
import { createMart, martForm, type MartTable, martTables } from "./mart-tables.ts";

export type Opening = { readonly url: string; readonly role: string; readonly path: string; readonly memory: string; readonly threads: number };
export type Order =
  | { readonly id: number; readonly do: "open"; readonly with: Opening }
  | { readonly id: number; readonly do: "sync"; readonly bookId: number }
  | { readonly id: number; readonly do: "query"; readonly sql: string; readonly params: readonly (string | number)[] };
export type Synced = { readonly version: bigint; readonly generation: bigint };
export type Reply = { readonly id: number; readonly answer?: unknown; readonly fault?: string };

type Open = { readonly store: Store; readonly source: pg.Client; readonly writer: DuckDBConnection; readonly readers: DuckDBConnection[]; readonly path: string };
let open: Open | undefined;
let writing: Promise<unknown> = Promise.resolve();

process.on("message", (order: Order) => void serve(order).then((answer) => reply({ id: order.id, answer }), (error: unknown) => reply({ id: order.id, fault: error instanceof Error ? error.message : String(error) })));
process.on("disconnect", () => process.exit(0));
// A signal of the terminal goes to the whole group; the parent decides when this ends.
process.on("SIGINT", () => {});

const reply = (message: Reply): void => void process.send?.(message);

function serve(order: Order): Promise<unknown> {
  if (order.do === "query") return query(order.sql, order.params);
  // One writer: what it is told is done in turn.
  const done: Promise<unknown> = writing.then((): Promise<unknown> => (order.do === "open" ? start(order.with) : sync(order.bookId)));
  writing = done.catch(() => {});
  return done;
}

async function start({ url, role, path, memory, threads }: Opening): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const settings = { memory_limit: memory, threads: String(threads), temp_directory: `${path}.tmp`, autoinstall_known_extensions: "false", autoload_known_extensions: "false" };
  const attempt = async (): Promise<DuckDBInstance> => {
    const made = await DuckDBInstance.create(path, settings);
    const connection = await made.connect();
    const known = await connection.runAndReadAll("select form from insight.form").then((result) => result.getRowsJS()[0]?.[0], () => undefined);
    if (known === martForm) return made;
    connection.closeSync();
    made.closeSync();
    await discard(path);
    const fresh = await DuckDBInstance.create(path, settings);
    const first = await fresh.connect();
    for (const statement of createMart) await first.run(statement);
    await first.run("insert into insight.form values ($1)", [martForm]);
    return fresh;
  };
  const instance = await attempt().catch(async (error: unknown) => {
    if (/lock/i.test(String(error))) throw error; // another process has it, and keeps it
    await discard(path);
    return attempt();
  });
  const source = new pg.Client(connectionConfig(url, role));
  await source.connect();
  source.on("error", () => process.exit(1)); // started again, it connects again
  open = { store: openPool(url, { role, max: 1 }), source, writer: await instance.connect(), readers: await Promise.all([instance.connect(), instance.connect(), instance.connect()]), path };
}

const discard = (path: string): Promise<unknown> => Promise.all([path, `${path}.wal`, `${path}.tmp`].map((one) => rm(one, { recursive: true, force: true })));

const opened = (): Open => {
  if (open === undefined) throw new Error("the mart is not open");
  return open;
};

let turn = 0;
async function query(sql: string, params: readonly (string | number)[]): Promise<Record<string, unknown>[]> {
  const { readers } = opened();
  const reader = readers[turn++ % readers.length] as DuckDBConnection;
  const result = await reader.runAndReadAll(sql, [...params]);
  const names = result.columnNames();
  return result.getRowsJS().map((row) => Object.fromEntries(names.map((name, index) => [name, row[index] ?? null])));
}

/** Brings the copy of a book up to its facts, in one transaction: whoever asks meanwhile sees the state before. */
async function sync(bookId: number): Promise<Synced> {
  const { store, writer } = opened();
  const mark = await readMark(store, bookId);
  if (mark === undefined) return { version: 0n, generation: 0n };
  const { stamp } = await stampMasters(store, bookId);
  const [row] = (await writer.runAndReadAll("select generation, version, voucher_id, masters from insight.copied where book_id = $1", [bookId])).getRowsJS();
  const had = row === undefined ? undefined : { generation: row[0] as bigint, version: row[1] as bigint, voucherId: row[2] as bigint, masters: row[3] as string };
  if (had?.generation === mark.generation && had.version === mark.version && had.masters === stamp) return { version: mark.version, generation: mark.generation };
  const isAnew = had === undefined || had.generation !== mark.generation || had.voucherId > mark.voucherId;
  await writer.run("begin transaction");
  try {
    if (isAnew) for (const { table } of martTables) await writer.run(`delete from insight.${table} where book_id = ${bookId}`);
    for (const one of martTables) {
      if (one.follows === "tail") await load(one, `book_id = ${bookId} and voucher_id > ${isAnew ? 0n : had.voucherId} and voucher_id <= ${mark.voucherId}`);
      if (one.follows === "whole" || (one.follows === "masters" && (isAnew || had.masters !== stamp))) await replace(one, `book_id = ${bookId}`, isAnew);
      if (one.follows === "versions") await copyChanged(one, bookId, isAnew ? 0n : had.version, mark.version);
    }
    await writer.run("delete from insight.copied where book_id = $1", [bookId]);
    await writer.run("insert into insight.copied values ($1, $2, $3, $4, $5)", [bookId, mark.generation, mark.version, mark.voucherId, stamp]);
    await writer.run("commit");
  } catch (error) {
    await writer.run("rollback").catch(() => {});
    throw error;
  }
  return { version: mark.version, generation: mark.generation };
}

/** Rows that became other than they were, by their version. */
async function copyChanged(table: MartTable, bookId: number, after: bigint, upTo: bigint): Promise<void> {
  const { writer } = opened();
  await writer.run(`create or replace temp table changed as select *, false as is_gone from insight.${table.table} where false`);
  await load({ ...table, table: "order_cache", columns: { ...table.columns, is_gone: "boolean not null" } }, `book_id = ${bookId} and version > ${after} and version <= ${upTo}`, "temp.changed");
  if (after > 0n) await writer.run(`delete from insight.${table.table} where book_id = ${bookId} and document_id in (select document_id from temp.changed)`);
  await writer.run(`insert into insight.${table.table} select * exclude (is_gone) from temp.changed where not is_gone`);
}

async function replace(table: MartTable, where: string, isEmpty: boolean): Promise<void> {
  if (!isEmpty) await opened().writer.run(`delete from insight.${table.table} where ${where}`);
  await load(table, where);
}

/** Rows go through a file: the engine reads it many times faster than it takes rows one by one, and nothing is held in memory. */
async function load({ table, columns }: MartTable, where: string, into: string = `insight.${table}`): Promise<void> {
  const { source, writer, path } = opened();
  const file = join(dirname(path), `${process.pid}.csv`);
  const out = createWriteStream(file);
  await pipeline(source.query(copyTo(copyRelation(table, Object.keys(columns), where))), out);
  if (out.bytesWritten > 0) {
    const types = Object.entries(columns).map(([name, type]) => `'${name}': '${type.replace(" not null", "")}'`).join(", ");
    await writer.run(`insert into ${into} select * from read_csv('${file.replaceAll("'", "''")}', header = false, delim = ',', quote = '"', escape = '"', nullstr = '', allow_quoted_nulls = false, auto_detect = false, columns = {${types}})`);
  }
  await rm(file, { force: true });
}
