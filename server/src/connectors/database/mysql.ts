/**
 * MySQL 8 and MariaDB 10. Statements are prepared, so that values never become part of the text; decimals and 64-bit integers
 * arrive as text, times as the server wrote them, TIMESTAMP in UTC because the session's zone is.
 */
import { createConnection, type Connection, type FieldPacket, type RowDataPacket } from "mysql2/promise";
import { plain, singleText, type Column, type Kind, type Raw } from "./column.ts";
import { codeOf, connectTimeoutMs, networkMeaning, serverAddress, serverFields, statementTimeoutMs, tableParts, type Dialect, type Meaning, type Server, type Session } from "./dialect.ts";

type MysqlSession = Session & { readonly connection: Connection };

const quote = (name: string): string => `\`${name.replaceAll("`", "``")}\``;

export const mysql: Dialect<Server, MysqlSession> = {
  name: "mysql", zh: "MySQL / MariaDB 数据库", en: "MySQL or MariaDB database",
  connection: serverFields(3306),
  secrets: ["password"],
  address: (server) => serverAddress("mysql", 3306, server),
  user: ({ user }) => user,
  quote,
  placeholder: () => "?",
  first: (rows) => `limit ${rows}`,

  async connect({ host, port, database, user, password, tls }) {
    const connection = await createConnection({
      ...(host.startsWith("/") ? { socketPath: host } : { host, port: port ?? 3306 }),
      database, user, ...(password === undefined ? {} : { password }), charset: "utf8mb4", timezone: "Z", connectTimeout: connectTimeoutMs,
      decimalNumbers: false, dateStrings: true, supportBigNumbers: true, bigNumberStrings: true, jsonStrings: true, rowsAsArray: true,
      ...(tls === undefined ? {} : { ssl: { ...(tls.ca === undefined ? {} : { ca: tls.ca }), rejectUnauthorized: tls.verify !== false, verifyIdentity: tls.verify !== false } }),
    });
    // What breaks while nothing is asked is reported here; the next question fails with the same.
    connection.on("error", () => {});
    // A list of children is read in one statement; the mode of the server must not change what a quote or a pipe means.
    await connection.query("set session time_zone = '+00:00', sql_mode = '', transaction_read_only = 1").catch(async (error: unknown) => {
      // MariaDB knows it under its older name.
      if (codeOf(error) !== "ER_UNKNOWN_SYSTEM_VARIABLE") throw error;
      await connection.query("set session time_zone = '+00:00', sql_mode = '', tx_read_only = 1");
    });
    const rows: Session["rows"] = async (sql, values = []) => {
      const [found, fields] = await connection.execute<RowDataPacket[]>({ sql, values: [...values], timeout: statementTimeoutMs, rowsAsArray: true });
      const singles = fields.flatMap(({ columnType }, at) => (columnType === typeCode.float ? [at] : []));
      const lists = found as unknown as Raw[][];
      for (const at of singles) for (const row of lists) if (typeof row[at] === "number") row[at] = singleText(row[at]);
      return lists;
    };
    return {
      connection, rows,
      async consistently(work) {
        await connection.query("start transaction with consistent snapshot, read only");
        try {
          return await work();
        } finally {
          await connection.query("rollback").catch(() => {});
        }
      },
      close: () => connection.end().catch(() => connection.destroy()),
    };
  },

  async tables({ rows }) {
    return (await rows("select table_name from information_schema.tables where table_schema = database() and table_type in ('BASE TABLE', 'VIEW', 'SYSTEM VERSIONED') order by 1")).map(([name]) => String(name));
  },

  async describe({ rows }, name) {
    const { schema, table } = tableParts(name);
    const place = [...(schema === undefined ? [] : [schema]), table];
    const where = `table_schema = ${schema === undefined ? "database()" : "?"} and table_name = ?`;
    const columns = await rows(
      `select column_name, column_type, data_type, character_maximum_length, numeric_precision, numeric_scale, is_nullable from information_schema.columns where ${where} order by ordinal_position`,
      place,
    );
    if (columns.length === 0) return undefined;
    const indexes = await rows(`select index_name, column_name, nullable from information_schema.statistics where ${where} and non_unique = 0 order by index_name <> 'PRIMARY', index_name, seq_in_index`, place);
    const whole = indexes.filter(([index]) => !indexes.some(([other, , nullable]) => other === index && nullable === "YES"));
    const key = whole.filter(([index]) => index === whole[0]?.[0]).map(([, column]) => String(column));
    return {
      key,
      columns: columns.map(([column, native, base, length, precision, scale, nullable]) =>
        columnOf(String(column), String(native), String(base), { length: numberOf(length), precision: numberOf(precision), scale: numberOf(scale) }, nullable === "YES")),
    };
  },

  async describeQuery({ connection }, query) {
    const [, fields] = await connection.query(`select * from (${query.trim().replace(/;\s*$/, "")}) q limit 0`);
    return (fields as FieldPacket[]).map(columnOfField);
  },

  meaning: mysqlMeaning,
};

const numberOf = (raw: Raw | undefined): number | undefined => (raw === null || raw === undefined ? undefined : Number(raw));

const kinds: Readonly<Record<string, Kind>> = {
  tinyint: "small", smallint: "small", mediumint: "small", int: "small", year: "small", bigint: "big", decimal: "decimal", float: "float", double: "float", date: "date",
  datetime: "local", timestamp: "instant", json: "json", bit: "bytes", binary: "bytes", varbinary: "bytes", tinyblob: "bytes", blob: "bytes", mediumblob: "bytes", longblob: "bytes",
  geometry: "bytes", point: "bytes", linestring: "bytes", polygon: "bytes", multipoint: "bytes", multilinestring: "bytes", multipolygon: "bytes", geometrycollection: "bytes",
};

/** A text compared with a number would be compared as a double: keys beyond 2⁵³ would be passed over. */
export function columnOf(name: string, native: string, base: string, size: { readonly length?: number | undefined; readonly precision?: number | undefined; readonly scale?: number | undefined }, isNullable: boolean): Column {
  const kind = native === "bit(1)" ? "boolean" : (kinds[base] ?? "text");
  const bind = ((): Column["bind"] => {
    if (kind === "small" || kind === "big") return native.includes("unsigned") ? (value) => `cast(${value} as unsigned)` : (value) => `cast(${value} as signed)`;
    if (kind === "decimal") return (value) => `cast(${value} as decimal(${size.precision ?? 65}, ${size.scale ?? 30}))`;
    if (kind === "float") return (value) => `(${value} + 0e0)`;
    if (kind === "local" || kind === "instant") return (value) => `cast(${value} as datetime(6))`;
    if (kind === "date") return (value) => `cast(${value} as date)`;
    if (kind === "boolean") return (value) => `cast(${value} as unsigned)`;
    return kind === "bytes" ? (value) => `unhex(${value})` : plain;
  })();
  return {
    name, native, kind, isNullable, read: plain, bind,
    ...((kind === "text" || kind === "bytes") && size.length !== undefined && base !== "bit" ? { length: size.length } : {}),
    ...(kind === "decimal" && size.precision !== undefined ? { precision: size.precision, scale: size.scale ?? 0 } : {}),
  };
}

const typeCode = { decimal: 0, tiny: 1, short: 2, long: 3, float: 4, double: 5, timestamp: 7, longlong: 8, int24: 9, date: 10, datetime: 12, year: 13, bit: 16, json: 245, newdecimal: 246, blob: 252, varString: 253, string: 254, geometry: 255 } as const;
const bases: ReadonlyMap<number, string> = new Map([
  [typeCode.decimal, "decimal"], [typeCode.newdecimal, "decimal"], [typeCode.tiny, "tinyint"], [typeCode.short, "smallint"], [typeCode.int24, "mediumint"], [typeCode.long, "int"], [typeCode.longlong, "bigint"],
  [typeCode.float, "float"], [typeCode.double, "double"], [typeCode.timestamp, "timestamp"], [typeCode.date, "date"], [typeCode.datetime, "datetime"], [typeCode.year, "year"], [typeCode.bit, "bit"], [typeCode.json, "json"], [typeCode.geometry, "geometry"],
]);
const [unsignedFlag, binaryCharset] = [32, 63];

/** A column of a query, which the information schema does not know. */
export function columnOfField({ name, columnType, columnLength, decimals, flags, characterSet }: Pick<FieldPacket, "name" | "columnType" | "columnLength" | "decimals" | "flags"> & { readonly characterSet?: number | undefined }): Column {
  const isBinary = characterSet === binaryCharset;
  const base = bases.get(columnType ?? -1) ?? (isBinary ? "varbinary" : "varchar");
  const isUnsigned = typeof flags === "number" && (flags & unsignedFlag) !== 0;
  if (base === "decimal") {
    const scale = decimals ?? 0;
    // The display width counts the sign and the point.
    const precision = (columnLength ?? 67) - (scale > 0 ? 1 : 0) - (isUnsigned ? 0 : 1);
    return columnOf(name, `decimal(${precision},${scale})${isUnsigned ? " unsigned" : ""}`, base, { precision, scale }, true);
  }
  const native = base === "bit" ? `bit(${columnLength ?? 1})` : `${base}${isUnsigned ? " unsigned" : ""}`;
  return columnOf(name, native, base, {}, true);
}

export function mysqlMeaning(error: unknown): Meaning | undefined {
  const { errno, code = "" } = error as { readonly errno?: unknown; readonly code?: string };
  const server = typeof errno === "number" && errno > 0 ? errno : 0;
  if ([1045, 1698, 1130, 1862, 1820, 3118, 3955, 4151].includes(server)) return { failure: "auth", code: "login_refused" };
  if (server === 1049) return { failure: "config", code: "none" };
  if ([1044, 1142, 1143, 1227, 1370].includes(server)) return { failure: "permission", code: "not_allowed" };
  // Too many connections, host blocked, shutdown, lock wait, deadlock, query interrupted, connection killed, too old a connection.
  if ([1040, 1203, 1129, 1053, 1077, 1205, 1213, 1317, 1927, 2006, 2013, 1969, 3024, 4031].includes(server)) return { failure: "network", code: "unreachable" };
  if (/^PROTOCOL_|^ECONN/.test(code) || /connection is in closed state/.test(String((error as Error).message))) return { failure: "network", code: "unreachable" };
  if (code === "HANDSHAKE_NO_SSL_SUPPORT" || code === "HANDSHAKE_SSL_ERROR") return { failure: "config", code: "tls" };
  if (/^AUTH_/.test(code)) return { failure: "auth", code: "login_refused" };
  if (server >= 1000 && /^ER_/.test(code)) return { failure: "config", code: "statement" };
  return networkMeaning(error);
}
