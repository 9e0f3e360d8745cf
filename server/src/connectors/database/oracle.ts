/**
 * Oracle 12.2 and newer, through oracledb's thin mode. Numbers are fetched as text and times are written out by the server. Names
 * stand as the dictionary has them, as a rule in capitals. No server has run against this yet; its tests compare statements, types
 * and error numbers with the documentation.
 */
import oracledb from "oracledb";
import { plain, type Column, type Kind, type Raw } from "./column.ts";
import { codeOf, connectTimeoutMs, networkMeaning, serverAddress, serverFields, statementTimeoutMs, tableParts, type Dialect, type Meaning, type Server, type Session } from "./dialect.ts";

type OracleSession = Session & { readonly connection: oracledb.Connection };

const quote = (name: string): string => `"${name.replaceAll('"', "")}"`;

export const oracle: Dialect<Server, OracleSession> = {
  name: "oracle", zh: "Oracle 数据库", en: "Oracle database",
  connection: serverFields(1521),
  secrets: ["password"],
  address: (server) => serverAddress("oracle", 1521, server),
  user: ({ user }) => user,
  quote,
  placeholder: (number) => `:${number}`,
  first: (rows) => `fetch first ${rows} rows only`,

  async connect({ host, port, database, user, password, tls }) {
    const connection = await oracledb.getConnection({
      user, password: password ?? "", connectString: `${tls === undefined ? "" : "tcps://"}${host.includes(":") ? `[${host}]` : host}:${port ?? 1521}/${database}`,
      connectTimeout: connectTimeoutMs / 1000, transportConnectTimeout: connectTimeoutMs / 1000,
      ...(tls === undefined ? {} : { sslServerDNMatch: tls.verify !== false, ...(tls.ca === undefined ? {} : { walletContent: tls.ca }) }),
    });
    connection.callTimeout = statementTimeoutMs;
    await connection.execute("alter session set time_zone = '+00:00' nls_numeric_characters = '.,'");
    const rows: Session["rows"] = async (sql, values = []) =>
      (await connection.execute<Raw[]>(sql, [...values], { outFormat: oracledb.OUT_FORMAT_ARRAY, fetchArraySize: 1_000, maxRows: 0, fetchTypeHandler: asText })).rows ?? [];
    return {
      connection, rows,
      async consistently(work) {
        await connection.execute("set transaction read only");
        try {
          return await work();
        } finally {
          await connection.rollback().catch(() => {});
        }
      },
      close: () => connection.close().catch(() => {}),
    };
  },

  async tables({ rows }) {
    const found = await rows(`
      select owner, table_name from (select owner, table_name from all_tables where nested = 'NO' union all select owner, view_name from all_views)
       where owner not in (select username from all_users where oracle_maintained = 'Y') order by 1, 2`);
    return found.map(([owner, table]) => `${owner}.${table}`);
  },

  async describe({ rows }, name) {
    const { schema, table } = tableParts(name);
    const owner = schema === undefined ? "sys_context('userenv', 'current_schema')" : ":2";
    const place = [table, ...(schema === undefined ? [] : [schema])];
    const columns = await rows(`select column_name, data_type, data_length, char_length, data_precision, data_scale, nullable from all_tab_columns where table_name = :1 and owner = ${owner} order by column_id`, place);
    if (columns.length === 0) return undefined;
    const key = await rows(
      `select k.column_name from all_constraints c join all_cons_columns k on k.owner = c.owner and k.constraint_name = c.constraint_name
        where c.table_name = :1 and c.owner = ${owner} and c.constraint_type = 'P' and c.status = 'ENABLED' order by k.position`,
      place,
    );
    return {
      key: key.map(([column]) => String(column)),
      columns: columns.map(([column, type, bytes, characters, precision, scale, nullable]) =>
        columnOf(String(column), String(type), { length: numberOf(characters) || numberOf(bytes), precision: numberOf(precision), scale: numberOf(scale) }, nullable === "Y")),
    };
  },

  async describeQuery({ connection }, query) {
    const { metaData } = await connection.execute(`select * from (${query.trim().replace(/;\s*$/, "")}) q where 1 = 0`);
    return (metaData ?? []).map(({ name, dbTypeName = "VARCHAR2", byteSize, precision, scale, nullable }) =>
      // A NUMBER without a size has the scale -127 here.
      columnOf(name, dbTypeName, { length: byteSize, ...(precision === undefined || precision === 0 || scale === -127 ? {} : { precision, scale }) }, nullable !== false));
  },

  meaning: oracleMeaning,
};

const numberOf = (raw: Raw | undefined): number | undefined => (raw === null || raw === undefined ? undefined : Number(raw));

function asText({ dbType }: oracledb.Metadata<unknown>): oracledb.FetchTypeResponse | undefined {
  if (dbType === oracledb.DB_TYPE_NUMBER || dbType === oracledb.DB_TYPE_CLOB || dbType === oracledb.DB_TYPE_NCLOB || dbType === oracledb.DB_TYPE_LONG) return { type: oracledb.STRING };
  return dbType === oracledb.DB_TYPE_BLOB || dbType === oracledb.DB_TYPE_LONG_RAW ? { type: oracledb.BUFFER } : undefined;
}

const day = `YYYY-MM-DD"T"HH24:MI:SS`;

/** Oracle's DATE has a time of day, so it is a wall clock's reading. */
export function columnOf(name: string, type: string, size: { readonly length?: number | undefined; readonly precision?: number | undefined; readonly scale?: number | undefined }, isNullable: boolean): Column {
  const base = type.toUpperCase().replace(/\(\d+\)/g, "");
  const { kind, read = plain, bind = plain } = sortOf(base, size);
  const isSized = kind === "decimal" || kind === "small" || kind === "big";
  const sized = base === "NUMBER" && size.precision !== undefined ? `(${size.precision},${size.scale ?? 0})` : /CHAR|^RAW$/.test(base) && size.length !== undefined ? `(${size.length})` : "";
  return {
    name, kind, read, bind, isNullable, native: `${type}${sized}`,
    ...(sized !== "" && !isSized && size.length !== undefined ? { length: size.length } : {}),
    ...(isSized && size.precision !== undefined ? { precision: size.precision, scale: size.scale ?? 0 } : {}),
  };
}

function sortOf(base: string, { precision, scale }: { readonly precision?: number | undefined; readonly scale?: number | undefined }): { readonly kind: Kind; readonly read?: Column["read"]; readonly bind?: Column["bind"] } {
  const number = (kind: Kind) => ({ kind, bind: (value: string) => `to_number(${value})` });
  switch (base) {
    case "NUMBER":
      // INTEGER is a NUMBER with scale 0 and without precision; one without either holds anything.
      return number(scale === 0 ? (precision !== undefined && precision <= 9 ? "small" : "big") : "decimal");
    case "FLOAT":
      return number("decimal");
    case "BINARY_FLOAT":
    case "BINARY_DOUBLE":
      return { kind: "float", read: (value) => `to_char(${value})`, bind: (value) => `to_binary_double(${value})` };
    case "DATE":
      return { kind: "local", read: (value) => `to_char(${value}, '${day}')`, bind: (value) => `to_date(${value}, '${day}')` };
    case "TIMESTAMP":
      return { kind: "local", read: (value) => `to_char(${value}, '${day}.FF9')`, bind: (value) => `to_timestamp(${value}, '${day}.FF9')` };
    case "TIMESTAMP WITH TIME ZONE":
    case "TIMESTAMP WITH LOCAL TIME ZONE":
      return { kind: "instant", read: (value) => `to_char(sys_extract_utc(${value}), '${day}.FF9') || '+00:00'`, bind: (value) => `to_timestamp_tz(${value}, '${day}.FF9TZH:TZM')` };
    case "RAW":
      return { kind: "bytes", bind: (value) => `hextoraw(${value})` };
    case "BLOB":
    case "LONG RAW":
      return { kind: "bytes" };
    case "BOOLEAN":
      return { kind: "boolean" };
    case "JSON":
      return { kind: "json", read: (value) => `json_serialize(${value} returning clob)` };
    case "XMLTYPE":
      return { kind: "text", read: (value) => `xmlserialize(content ${value} as clob)` };
    case "ROWID":
      return { kind: "text", read: (value) => `rowidtochar(${value})`, bind: (value) => `chartorowid(${value})` };
    default:
      return base.startsWith("INTERVAL") ? { kind: "text", read: (value) => `to_char(${value})` } : { kind: "text" };
  }
}

export function oracleMeaning(error: unknown): Meaning | undefined {
  const code = codeOf(error);
  const [, family = "", digits = "0"] = /^(ORA|NJS|DPI)-(\d+)$/.exec(code) ?? [];
  const number = Number(digits);
  if (family === "ORA") {
    if ([1005, 1017, 28000, 28001, 28009].includes(number)) return { failure: "auth", code: "login_refused" };
    if ([1031, 1045, 1720, 41900].includes(number)) return { failure: "permission", code: "not_allowed" };
    if ([12504, 12505, 12514].includes(number)) return { failure: "config", code: "none" };
    if ([28759, 28860, 28864, 29024, 29002, 29106].includes(number)) return { failure: "config", code: "tls" };
    // Sessions or processes used up, start and shutdown, contact lost, no listener or handler, time-outs, snapshot too old, deadlock.
    if ([18, 20, 22, 28, 60, 1012, 1033, 1034, 1089, 1090, 1092, 1555, 2391, 2396, 2399, 3113, 3114, 3135, 3136].includes(number) || (number >= 12150 && number <= 12699)) return { failure: "network", code: "unreachable" };
    return { failure: "config", code: "statement" };
  }
  if (family === "NJS" || family === "DPI") {
    if (number === 518 || number === 519) return { failure: "config", code: "none" };
    if (number >= 505 && number <= 508) return { failure: "config", code: "tls" };
    if (family === "NJS" && ((number >= 500 && number <= 511) || number === 3 || number === 123 || number === 521)) return { failure: "network", code: "unreachable" };
    if (number === 101 || number === 116) return { failure: "auth", code: "login_refused" };
    return { failure: "config", code: "statement" };
  }
  return networkMeaning(error);
}
