/** The three kinds of database that a target can be, as little of each as a delivery needs: a transaction, a query, many rows at once. */
import { DatabaseSync } from "node:sqlite";
import mysql from "mysql2/promise";
import pg from "pg";
import { type CheckFailure, FlowFault } from "../../connectors/index.ts";
import { connectionConfig, copyField, copyInto, isConnectionFault } from "../../platform/index.ts";

export type Value = string | number | bigint | null;
export type Engine = {
  readonly dialect: "postgres" | "mysql" | "sqlite";
  /** One transaction. An error inside has changed nothing; an error of the commit itself is a `CommitUnclear`. */
  transaction<T>(work: (db: EngineDb) => Promise<T>): Promise<T>;
  close(): Promise<void>;
};
export type EngineDb = {
  /** Parameters are ?. Every value comes back as text or null. */
  query(text: string, values?: readonly Value[]): Promise<Readonly<Record<string, string | null>>[]>;
  insert(table: string, columns: readonly string[], rows: readonly (readonly Value[])[]): Promise<void>;
  /** Waits for everybody else who has locked this row; "" where the whole database is locked anyway. */
  readonly forUpdate: string;
  /** The transaction's own number there, for whoever looks into the ledger. */
  transactionId(): Promise<string>;
};

/** The commit was sent and its answer lost. */
export class CommitUnclear extends Error {
  override readonly name = "CommitUnclear";
}

export type DatabaseAddress = { readonly url: string; readonly password?: string | undefined };

/** Refuses by FlowFault what cannot be opened. */
export async function openEngine(address: DatabaseAddress, timeoutMs: number): Promise<Engine> {
  const scheme = address.url.slice(0, address.url.indexOf(":"));
  try {
    if (scheme === "postgres" || scheme === "postgresql") return await openPostgres(address, timeoutMs);
    if (scheme === "mysql" || scheme === "mariadb") return await openMysql(address, timeoutMs);
    if (scheme === "sqlite" || scheme === "file") return openSqlite(address.url, timeoutMs);
  } catch (error) {
    throw asFault(error, address.url);
  }
  throw new FlowFault("config", { code: "database.scheme", facts: { scheme }, where: "url" });
}

async function openPostgres(address: DatabaseAddress, timeoutMs: number): Promise<Engine> {
  const url = new URL(address.url);
  if (address.password !== undefined) url.password = encodeURIComponent(address.password);
  const client = new pg.Client({ ...connectionConfig(url.href), connectionTimeoutMillis: timeoutMs });
  client.on("error", () => {}); // shows in the statement that follows
  await client.connect();
  const limit = Math.trunc(timeoutMs);
  return {
    dialect: "postgres",
    async transaction(work) {
      // Should we vanish in the middle, the locks do not stay for ever.
      await client.query(`begin; set local statement_timeout = ${limit}; set local lock_timeout = ${limit}; set local idle_in_transaction_session_timeout = ${limit}`);
      let result: Awaited<ReturnType<typeof work>>;
      try {
        result = await work({
          forUpdate: " for update",
          query: async (text, values = []) => {
            let at = 0;
            return (await client.query<Record<string, unknown>>({ text: text.replace(/\?/g, () => `$${++at}`), values: values as unknown[] })).rows.map(textRow);
          },
          insert: async (table, columns, rows) => {
            await copyInto(client, `${table} (${columns.join(", ")})`, rows.map((row) => `${row.map(copyField).join("\t")}\n`).join(""));
          },
          transactionId: async () => String((await client.query<{ id: string }>("select pg_current_xact_id()::text as id")).rows[0]?.id),
        });
      } catch (error) {
        await client.query("rollback").catch(() => {});
        throw error;
      }
      try {
        if ((await client.query("commit")).command !== "COMMIT") throw new Error("the transaction had failed before its commit and was rolled back");
      } catch (error) {
        throw isConnectionFault(error) ? new CommitUnclear("the commit was sent and its answer lost", { cause: error }) : error;
      }
      return result;
    },
    close: () => client.end().catch(() => {}),
  };
}

async function openMysql(address: DatabaseAddress, timeoutMs: number): Promise<Engine> {
  const url = new URL(address.url);
  const connection = await mysql.createConnection({
    host: url.hostname, port: Number(url.port || 3306), user: decodeURIComponent(url.username), password: address.password ?? decodeURIComponent(url.password), database: url.pathname.slice(1),
    charset: "utf8mb4", dateStrings: true, supportBigNumbers: true, bigNumberStrings: true, decimalNumbers: false, connectTimeout: timeoutMs, timezone: "Z", ...(url.searchParams.has("socket") ? { socketPath: url.searchParams.get("socket") as string } : {}),
  });
  connection.on("error", () => {}); // shows in the statement that follows
  const seconds = Math.max(1, Math.ceil(timeoutMs / 1_000));
  await connection.query(`set session innodb_lock_wait_timeout = ${seconds}, sql_mode = concat(@@sql_mode, ',STRICT_ALL_TABLES')`);
  const rowsOf = async (text: string, values: readonly Value[]): Promise<Readonly<Record<string, string | null>>[]> => {
    const [rows] = await connection.query({ sql: text, timeout: timeoutMs }, values.map((value) => (typeof value === "bigint" ? String(value) : value)));
    return Array.isArray(rows) ? (rows as Record<string, unknown>[]).map(textRow) : [];
  };
  return {
    dialect: "mysql",
    async transaction(work) {
      await connection.query("start transaction");
      let result: Awaited<ReturnType<typeof work>>;
      try {
        result = await work({
          forUpdate: " for update",
          query: (text, values = []) => rowsOf(text, values),
          insert: async (table, columns, rows) => {
            const width = Math.max(1, Math.trunc(5_000 / columns.length));
            for (let from = 0; from < rows.length; from += width) {
              const part = rows.slice(from, from + width);
              await rowsOf(`insert into ${table} (${columns.join(", ")}) values ${part.map((row) => `(${row.map(() => "?").join(", ")})`).join(", ")}`, part.flat());
            }
          },
          transactionId: async () => String(connection.threadId),
        });
      } catch (error) {
        await connection.query("rollback").catch(() => {});
        throw error;
      }
      try {
        await connection.query({ sql: "commit", timeout: timeoutMs });
      } catch (error) {
        connection.destroy();
        throw new CommitUnclear("the commit was sent and its answer lost", { cause: error });
      }
      return result;
    },
    close: async () => connection.destroy(),
  };
}

function openSqlite(url: string, timeoutMs: number): Engine {
  const file = new DatabaseSync(url.replace(/^(?:sqlite|file):(?:\/\/)?/, ""), { timeout: timeoutMs });
  file.exec("pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on");
  const prepared = new Map<string, ReturnType<DatabaseSync["prepare"]>>();
  const statement = (text: string): ReturnType<DatabaseSync["prepare"]> => {
    let one = prepared.get(text);
    if (one === undefined) {
      prepared.set(text, (one = file.prepare(text)));
      one.setReadBigInts(true);
    }
    return one;
  };
  return {
    dialect: "sqlite",
    async transaction(work) {
      file.exec("begin immediate");
      try {
        const result = await work({
          forUpdate: "",
          query: async (text, values = []) => statement(text).all(...values).map((row) => textRow(row as Record<string, unknown>)),
          insert: async (table, columns, rows) => {
            const insert = statement(`insert into ${table} (${columns.join(", ")}) values (${columns.map(() => "?").join(", ")})`);
            for (const row of rows) insert.run(...row);
          },
          transactionId: async () => "",
        });
        file.exec("commit");
        return result;
      } catch (error) {
        if (file.isTransaction) file.exec("rollback");
        throw error;
      }
    },
    close: async () => file.close(),
  };
}

const textRow = (row: Readonly<Record<string, unknown>>): Readonly<Record<string, string | null>> =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value === null || value === undefined ? null : Buffer.isBuffer(value) ? value.toString("utf8") : String(value)]));

// What went wrong ---------------------------------------------------------------------------------------------------------

/** data: this row, whatever is done; retry: locks and deadlocks; the others as a check names them. */
export function kindOfError(error: unknown): "data" | "retry" | CheckFailure["failure"] {
  if (!(error instanceof Error)) return "network";
  const code = "code" in error ? String(error.code) : "";
  const number = "errno" in error ? Number(error.errno) : "errcode" in error ? Number(error.errcode) : 0;
  if (code === "ERR_SQLITE_ERROR") return [5, 6].includes(number & 0xff) ? "retry" : [19, 20, 12].includes(number & 0xff) ? "data" : /no such (?:table|column)|has no column/.test(error.message) ? "config" : [8, 14, 23].includes(number & 0xff) ? "permission" : "data";
  if (/^ER_/.test(code) || "sqlState" in error) {
    if (["ER_LOCK_DEADLOCK", "ER_LOCK_WAIT_TIMEOUT"].includes(code)) return "retry";
    if (["ER_ACCESS_DENIED_ERROR"].includes(code)) return "auth";
    if (/ER_(?:TABLEACCESS|COLUMNACCESS|DBACCESS|SPECIFIC_ACCESS)_DENIED/.test(code)) return "permission";
    if (["ER_BAD_DB_ERROR", "ER_NO_SUCH_TABLE", "ER_BAD_FIELD_ERROR", "ER_PARSE_ERROR"].includes(code)) return "config";
    if (/CON_COUNT|SERVER_SHUTDOWN|READ_ONLY|OPTION_PREVENTS/.test(code)) return "network";
    return "data";
  }
  if (/^(?:40|55P03|57014)/.test(code)) return "retry";
  if (/^28/.test(code)) return "auth";
  if (code === "42501") return "permission";
  if (/^(?:3D|3F|42)/.test(code)) return "config";
  if (/^(?:22|23|P0001|P0002|P0003|P0004)/.test(code)) return "data";
  return "network";
}

/** Errors as what stops or pauses a flow. The address is named without its password. */
export function asFault(error: unknown, url: string): FlowFault {
  if (error instanceof FlowFault) return error;
  const kind = kindOfError(error);
  const detail = detailOf(error);
  const place = url.replace(/\/\/([^:/@]*):[^@/]*@/, "//$1@");
  if (kind === "auth") return new FlowFault("auth", { code: "database.login_refused", facts: { place, detail } }, { cause: error });
  if (kind === "permission") return new FlowFault("permission", { code: "database.forbidden", facts: { place, detail } }, { cause: error });
  if (kind === "config") return new FlowFault("config", { code: "database.shape", facts: { place, detail } }, { cause: error });
  return new FlowFault("network", { code: "database.unreachable", facts: { place, detail } }, { cause: error });
}

export const detailOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const inner = error instanceof AggregateError ? error.errors.map(detailOf).join("; ") : error.message;
  return (inner === "" && "code" in error ? String(error.code) : inner).slice(0, 300);
};
