/**
 * The way to PostgreSQL. SQL stands in each folder's `store.ts`; this file only carries it.
 * int8 arrives as bigint, numeric as string, date as 'YYYY-MM-DD', timestamptz as ISO 8601 in UTC, so that no figure passes through a float.
 */
import pg from "pg";
import { to as copyTo } from "pg-copy-streams";
import { elapsedMs, sleep } from "./clock.ts";
import { copyInto, type CopySource } from "./copy.ts";
import { sendAll, type Statement } from "./send-all.ts";

export type QueryOptions = {
  /** A name makes it a prepared statement: parsed and planned once per connection. The same name must always carry the same text. */
  readonly name?: string;
};

export type Db = {
  query<Row>(text: string, values?: readonly unknown[], options?: QueryOptions): Promise<Row[]>;
  /** Exactly one row; anything else is a fault. */
  one<Row>(text: string, values?: readonly unknown[], options?: QueryOptions): Promise<Row>;
  /** One row or none; more is a fault. */
  maybe<Row>(text: string, values?: readonly unknown[], options?: QueryOptions): Promise<Row | undefined>;
  /** One or more statements without parameters. */
  exec(text: string): Promise<void>;
  /** `copy <target> from stdin` in text format. Target is a table with its columns: "vouchers.line (book_id, number)". Answers the number of rows. */
  copyIn(target: string, source: CopySource): Promise<number>;
  /** `copy (<select>) to stdout` in text format. */
  copyOut(select: string): AsyncIterable<Buffer>;
  /** Runs the work in one transaction; inside a transaction, in a savepoint. An error rolls it back and is thrown on. */
  transaction<T>(work: (db: Db) => Promise<T>): Promise<T>;
};

/** A transaction that its opener ends by hand, for work that overlaps with the commit of the work before. */
export type OpenTransaction = Db & { commit(): Promise<void>; rollback(): Promise<void> };

/** A connection kept for one user, for LISTEN, temporary tables, advisory locks of a session. */
export type Connection = Db & { begin(): Promise<OpenTransaction>; release(fault?: Error): void };

export type Store = Db & {
  begin(): Promise<OpenTransaction>;
  /** One transaction in one round trip; none of the statements may need the answer of another. Either all commit or none. */
  sendAll(statements: readonly Statement[]): Promise<void>;
  connect(): Promise<Connection>;
  close(): Promise<void>;
  /** For tools such as psql. It holds the password: never log it. */
  readonly url: string;
};

export type PoolOptions = {
  readonly max?: number;
  /** The role that queries run as; see migrations/0001_platform.sql. */
  readonly role?: string;
  /** Told about connections that broke while nobody used them. */
  readonly onIdleFault?: (fault: Error) => void;
  /** How long a new connection waits for a server that is down or starting; 0 fails at once. Nothing has been sent yet, so waiting is safe. */
  readonly patienceMs?: number;
};

/** A store over an address. `openStore` is the usual way in; it also starts the server and migrates. */
export function openPool(url: string, options: PoolOptions = {}): Store {
  const pool = new pg.Pool({ ...connectionConfig(url, options.role), max: options.max ?? 10, idleTimeoutMillis: 60_000, connectionTimeoutMillis: 30_000 });
  pool.on("error", (fault) => options.onIdleFault?.(fault));
  pool.on("connect", (client) => client.on("error", () => {})); // in use, a broken connection shows in its statements; unheard, the event would end the process
  let isClosed = false;

  const acquire = async (): Promise<pg.PoolClient> => {
    for (const since = elapsedMs(); ; await sleep(50)) {
      try {
        return await pool.connect();
      } catch (error) {
        if (!isNotServing(error) || elapsedMs() - since > (options.patienceMs ?? 0)) throw error;
      }
    }
  };
  const withClient = async <T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> => {
    const client = await acquire();
    try {
      const result = await work(client);
      client.release();
      return result;
    } catch (error) {
      client.release(isConnectionFault(error) ? (error as Error) : false);
      throw error;
    }
  };
  const begin = async (): Promise<OpenTransaction> => {
    const client = await acquire();
    return beginOn(client, (fault) => client.release(fault));
  };
  return {
    query: (text, values, query) => withClient((client) => rowsOf(client, text, values, query)),
    one: async (text, values, query) => single(await withClient((client) => rowsOf(client, text, values, query)), text),
    maybe: async (text, values, query) => atMostOne(await withClient((client) => rowsOf(client, text, values, query)), text),
    exec: (text) => withClient(async (client) => void (await client.query(text))),
    copyIn: (target, source) => withClient((client) => copyInto(client, target, source)),
    async *copyOut(select) {
      const client = await acquire();
      let isWhole = false;
      try {
        yield* streamOut(client, select);
        isWhole = true;
      } finally {
        client.release(!isWhole); // a copy that was left half read cannot serve another query
      }
    },
    transaction: async (work) => settle(await begin(), work),
    begin,
    sendAll: (statements) => withClient((client) => sendAll(client, statements)),
    async connect() {
      const client = await acquire();
      return { ...onClient(client, 0), begin: () => beginOn(client, () => {}), release: (fault) => client.release(fault) };
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      await pool.end();
    },
    url,
  };
}

/** What every connection of this system asks for, whoever opens it. */
export function connectionConfig(url: string, role?: string): pg.ClientConfig {
  // A plan made while a table was small must not live on while it grows: plans are made for the values at hand.
  const settings = ["-c timezone=UTC", "-c datestyle=ISO", "-c client_encoding=UTF8", "-c plan_cache_mode=force_custom_plan", ...(role === undefined ? [] : [`-c role=${role}`])];
  return { connectionString: url, application_name: applicationName, options: settings.join(" "), types: { getTypeParser }, keepAlive: true };
}

/** Names this process to the server, so that it can tell its own connections from others. */
export const applicationName = `tieout ${process.pid}`;

function onClient(client: pg.ClientBase, depth: number): Db {
  return {
    query: (text, values, query) => rowsOf(client, text, values, query),
    one: async (text, values, query) => single(await rowsOf(client, text, values, query), text),
    maybe: async (text, values, query) => atMostOne(await rowsOf(client, text, values, query), text),
    exec: async (text) => void (await client.query(text)),
    copyIn: (target, source) => copyInto(client, target, source),
    copyOut: (select) => streamOut(client, select),
    async transaction(work) {
      if (depth === 0) return settle(await beginOn(client, () => {}), work);
      await client.query(`savepoint level_${depth}`);
      try {
        const result = await work(onClient(client, depth + 1));
        await client.query(`release savepoint level_${depth}`);
        return result;
      } catch (error) {
        if (!isConnectionFault(error)) await client.query(`rollback to savepoint level_${depth}`);
        throw error;
      }
    },
  };
}

async function beginOn(client: pg.ClientBase, done: (fault?: Error) => void): Promise<OpenTransaction> {
  const end = async (statement: "commit" | "rollback"): Promise<void> => {
    try {
      const result = await client.query(statement);
      // PostgreSQL answers a commit of a failed transaction with a quiet rollback.
      if (statement === "commit" && result.command !== "COMMIT") throw new Error("the transaction had failed before its commit and was rolled back");
    } catch (error) {
      done(isConnectionFault(error) ? (error as Error) : undefined);
      throw error;
    }
    done();
  };
  try {
    await client.query("begin");
  } catch (error) {
    done(error as Error);
    throw error;
  }
  return { ...onClient(client, 1), commit: () => end("commit"), rollback: () => end("rollback") };
}

async function settle<T>(transaction: OpenTransaction, work: (db: Db) => Promise<T>): Promise<T> {
  let result: T;
  try {
    result = await work(transaction);
  } catch (error) {
    await transaction.rollback().catch(() => {}); // the connection is gone, and the server rolls back by itself
    throw error;
  }
  await transaction.commit();
  return result;
}

async function rowsOf<Row>(client: pg.ClientBase, text: string, values?: readonly unknown[], options?: QueryOptions): Promise<Row[]> {
  const result = await client.query({ text, values: values as unknown[], ...(options?.name === undefined ? {} : { name: options.name }) });
  return result.rows as Row[];
}

async function* streamOut(client: pg.ClientBase, select: string): AsyncIterable<Buffer> {
  yield* client.query(copyTo(`copy (${select}) to stdout`)) as AsyncIterable<Buffer>;
}

function single<Row>(rows: Row[], text: string): Row {
  if (rows.length !== 1) throw new Error(`expected one row and got ${rows.length}: ${text.trim().slice(0, 200)}`);
  return rows[0] as Row;
}

function atMostOne<Row>(rows: Row[], text: string): Row | undefined {
  if (rows.length > 1) throw new Error(`expected at most one row and got ${rows.length}: ${text.trim().slice(0, 200)}`);
  return rows[0];
}

/** True when the connection, not the statement, failed: the outcome of a commit is then unknown. */
export function isConnectionFault(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  if (code === undefined) return /connection|socket|terminated|not queryable/i.test(error.message);
  return /^(08|57P0|E[A-Z]+$)/.test(code); // connection exceptions, shutdowns of the server, errors of the network
}

const isNotServing = (error: unknown): boolean => error instanceof Error && "code" in error && (error.code === "ECONNREFUSED" || error.code === "57P03");

const isoMoment = (text: string): string => `${text.replace(" ", "T").replace(/([+-]\d\d)$/, "$1:00")}`.replace("+00:00", "Z");
const asText = (text: string): string => text;

const scalars: Readonly<Record<number, (text: string) => unknown>> = {
  20: BigInt, // int8
  1700: asText, // numeric
  1082: asText, // date
  1114: asText, // timestamp without zone
  1184: isoMoment, // timestamptz
};
const arraysOf: Readonly<Record<number, number>> = { 1016: 20, 1231: 1700, 1182: 1082, 1115: 1114, 1185: 1184 };

function getTypeParser(oid: number, format?: "text" | "binary"): unknown {
  if (format !== "binary") {
    const scalar = scalars[oid] ?? scalars[arraysOf[oid] ?? 0];
    if (scalar !== undefined) return scalars[oid] ?? ((text: string) => flatArray(text, scalar));
  }
  return pg.types.getTypeParser(oid, format as "text");
}

/** Reads {1,2,NULL}. Elements of these types hold no commas and no braces; moments stand in quotes. */
const flatArray = (text: string, element: (text: string) => unknown): unknown[] =>
  text === "{}" ? [] : text.slice(1, -1).split(",").map((entry) => (entry === "NULL" ? null : element(entry.replaceAll('"', ""))));
