/** All SQL that is asked of the source beside the log itself. */
import mysql, { type Connection, type ConnectionOptions, type RowDataPacket } from "mysql2/promise";
import { canonicalType, kindOf, type Column } from "./values.ts";

export type Table = { readonly database: string; readonly name: string; readonly columns: readonly Column[]; readonly key: readonly string[] };
/** A place in the log: of this server (file and offset) and of its whole family (GTID). */
export type Place = { readonly file: string; readonly offset: number; readonly gtid: string };

export type Control = { readonly connection: Connection; readonly isMariaDb: boolean };

export async function connectControl(options: ConnectionOptions): Promise<Control> {
  const connection = await mysql.createConnection(options);
  connection.on("error", () => {}); // it shows in the next statement
  await connection.query("set session time_zone = '+00:00'");
  const [row] = await ask<{ version: string }>(connection, "select version() as version");
  return { connection, isMariaDb: /mariadb/i.test(row?.version ?? "") };
}

type SqlValues = (string | number | undefined | Buffer | readonly string[])[];

async function ask<Row>(connection: Connection, sql: string, values: SqlValues = []): Promise<Row[]> {
  const [rows] = await connection.query<RowDataPacket[]>(sql, values);
  return rows as Row[];
}

/** Settings by name; one that this server does not know is missing. */
export async function readSettings({ connection }: Control, names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const rows = await ask<{ Variable_name: string; Value: string }>(connection, "show global variables where variable_name in (?)", [names]);
  return new Map(rows.map(({ Variable_name, Value }) => [Variable_name, Value]));
}

export async function readGrants({ connection }: Control): Promise<string> {
  const rows = await ask<Record<string, string>>(connection, "show grants");
  return rows.flatMap(Object.values).join("\n").toUpperCase();
}

export async function describeTable({ connection }: Control, database: string, name: string): Promise<Table | undefined> {
  const columns = await ask<{ name: string; type: string; nullable: string; keyed: number | null }>(
    connection,
    `select c.column_name as name, c.column_type as type, c.is_nullable as nullable, k.ordinal_position as keyed
       from information_schema.columns c
       left join information_schema.key_column_usage k on k.table_schema = c.table_schema and k.table_name = c.table_name and k.column_name = c.column_name and k.constraint_name = 'PRIMARY'
      where c.table_schema = ? and c.table_name = ? order by c.ordinal_position`,
    [database, name],
  );
  if (columns.length === 0) return undefined;
  const keyed = columns.filter(({ keyed: place }) => place !== null).sort((a, b) => Number(a.keyed) - Number(b.keyed));
  return { database, name, columns: columns.map((column) => ({ name: column.name, type: canonicalType(column.type), isNullable: column.nullable === "YES" })), key: keyed.map((column) => column.name) };
}

/** The end of the log. */
export async function readPlace({ connection, isMariaDb }: Control): Promise<Place> {
  // MySQL 8.4 knows only the new name of this statement, MariaDB and older ones only the old.
  const [row] = await ask<{ File: string; Position: number; Executed_Gtid_Set?: string }>(connection, "show master status").catch((error: { errno?: number }) => {
    if (isMariaDb || error.errno !== 1064) throw error;
    return ask<{ File: string; Position: number; Executed_Gtid_Set?: string }>(connection, "show binary log status");
  });
  const file = row?.File ?? "", offset = Number(row?.Position ?? 0);
  if (!isMariaDb) return { file, offset, gtid: (row?.Executed_Gtid_Set ?? "").replace(/\s/g, "") };
  const [at] = await ask<{ gtid: string | null }>(connection, "select binlog_gtid_pos(?, ?) as gtid", [file, offset]);
  return { file, offset, gtid: at?.gtid ?? "" };
}

export type Chunk = { readonly table: Table; readonly rows: readonly (readonly unknown[])[]; /** Transactions behind it are not in the rows, or were under way. */ readonly seen: Place; /** Transactions in the rows were logged before it. */ readonly high: Place };

/**
 * The next rows in the order of the key. MariaDB says at which place of its log a snapshot stands. MySQL does not: what it counts
 * as executed before the snapshot is in it, and what is in it was logged before the log's end afterwards.
 */
export async function readChunk(control: Control, database: string, name: string, after: readonly string[] | null, limit: number): Promise<Chunk | undefined> {
  const { connection, isMariaDb } = control;
  const before = isMariaDb ? undefined : await readPlace(control).then(async (place) => ({ ...place, gtid: await executedGtids(connection) }));
  await connection.query("set session transaction isolation level repeatable read");
  await connection.query("start transaction with consistent snapshot");
  try {
    const table = await describeTable(control, database, name);
    if (table === undefined) return undefined;
    const exact = isMariaDb ? await snapshotPlace(connection) : undefined;
    const { sql, values } = beyond(table, after);
    // A float is shown with six digits; as a double it has all of them.
    const columns = table.columns.map(({ name: column, type }) => (type.startsWith("float") ? `cast(${quoted(column)} as double)` : quoted(column)));
    const [rows] = await connection.query<RowDataPacket[][]>({ sql: `select ${columns.join(", ")} from ${tableSql(table)}${sql} order by ${table.key.map(quoted).join(", ")} limit ${limit}`, values, rowsAsArray: true });
    const high = exact ?? (await readPlace(control));
    return { table, rows: rows as unknown[][], seen: exact ?? (before as Place), high };
  } finally {
    await connection.query("rollback");
  }
}

async function executedGtids(connection: Connection): Promise<string> {
  const [row] = await ask<{ gtid: string }>(connection, "select @@global.gtid_executed as gtid");
  return (row?.gtid ?? "").replace(/\s/g, "");
}

async function snapshotPlace(connection: Connection): Promise<Place> {
  const rows = await ask<{ Variable_name: string; Value: string }>(connection, "show status like 'binlog_snapshot_%'");
  const value = (name: string): string => rows.find((row) => row.Variable_name.toLowerCase() === name)?.Value ?? "";
  return { file: value("binlog_snapshot_file"), offset: Number(value("binlog_snapshot_position")), gtid: "" };
}

/** Whether all of the first set is in the second; MySQL only. */
export async function isSubset({ connection }: Control, part: string, whole: string): Promise<boolean> {
  const [row] = await ask<{ yes: number }>(connection, "select gtid_subset(?, ?) as yes", [part, whole]);
  return row?.yes === 1;
}

/** Rows with a greater key: spelled out, because the server finds no index range in (a, b) > (x, y). */
function beyond({ key, columns }: Table, after: readonly string[] | null): { readonly sql: string; readonly values: SqlValues } {
  if (after === null) return { sql: "", values: [] };
  const parameters = after.map((value, i) => {
    const kind = kindOf(columns.find(({ name }) => name === key[i])?.type ?? "")?.type;
    return kind === "bytes" ? Buffer.from(value, "base64") : kind === "moment" ? value.replace("T", " ").replace("Z", "") : value;
  });
  const cases = key.map((column, i) => [...key.slice(0, i).map((equal) => `${quoted(equal)} = ?`), `${quoted(column)} > ?`].join(" and "));
  return { sql: ` where ${quoted(key[0] as string)} >= ? and (${cases.map((one) => `(${one})`).join(" or ")})`, values: [parameters[0], ...key.flatMap((_, i) => parameters.slice(0, i + 1))] };
}

export const quoted = (name: string): string => `\`${name.replaceAll("`", "``")}\``;
export const tableSql = ({ database, name }: { readonly database: string; readonly name: string }): string => `${quoted(database)}.${quoted(name)}`;
