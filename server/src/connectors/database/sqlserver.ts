/**
 * SQL Server 2016 and newer, through tedious, which hands decimals and times over as JavaScript numbers and dates: both are
 * converted to text in the select list. No server has run against this yet; its tests compare statements, types and error numbers
 * with the documentation.
 */
import { Connection, Request, TYPES } from "tedious";
import { plain, singleText, type Column, type Kind, type Raw } from "./column.ts";
import { codeOf, connectTimeoutMs, networkMeaning, serverAddress, serverFields, statementTimeoutMs, tableParts, type Dialect, type Meaning, type Server, type Session } from "./dialect.ts";

const quote = (name: string): string => `[${name.replaceAll("]", "]]")}]`;

export const sqlserver: Dialect<Server> = {
  name: "sqlserver", zh: "SQL Server 数据库", en: "SQL Server database",
  connection: serverFields(1433),
  secrets: ["password"],
  address: (server) => serverAddress("sqlserver", 1433, server),
  user: ({ user }) => user,
  quote,
  placeholder: (number) => `@p${number}`,
  first: (rows) => `offset 0 rows fetch next ${rows} rows only`,

  async connect(server) {
    const connection = await logIn(server);
    const ask = (sql: string, values: readonly string[], isBatch: boolean): Promise<Raw[][]> =>
      new Promise((resolve, reject) => {
        const rows: Raw[][] = [];
        const request = new Request(sql, (error) => (error ? reject(error) : resolve(rows)));
        values.forEach((value, at) => request.addParameter(`p${at + 1}`, TYPES.NVarChar, value));
        request.on("row", (columns: readonly { readonly value: unknown; readonly metadata: { readonly type: { readonly name: string } } }[]) =>
          rows.push(columns.map(({ value, metadata }) => (metadata.type.name === "Real" && typeof value === "number" ? singleText(value) : (value ?? null) as Raw))));
        if (isBatch) connection.execSqlBatch(request);
        else connection.execSql(request);
      });
    const rows: Session["rows"] = (sql, values = []) => ask(sql, values, false);
    const [[snapshots] = []] = await rows("select snapshot_isolation_state from sys.databases where name = db_name()");
    return {
      rows,
      // Where the database keeps no row versions, header and lines may be of two moments; the next reading sets them right.
      async consistently(work) {
        if (Number(snapshots) !== 1) return work();
        await ask("set transaction isolation level snapshot; begin transaction", [], true);
        try {
          return await work();
        } finally {
          await ask("if @@trancount > 0 commit; set transaction isolation level read committed", [], true).catch(() => {});
        }
      },
      close: () => new Promise((resolve) => {
        if (connection.closed) return resolve();
        connection.once("end", () => resolve());
        connection.close();
      }),
    };
  },

  async tables({ rows }) {
    const found = await rows("select table_schema, table_name from information_schema.tables where has_perms_by_name(quotename(table_schema) + '.' + quotename(table_name), 'object', 'select') = 1 order by 1, 2");
    return found.map(([schema, table]) => `${schema}.${table}`);
  },

  async describe({ rows }, name) {
    const { schema, table } = tableParts(name);
    const object = [schema ?? "", quote(table)].map((part, at) => (at === 0 && part !== "" ? quote(part) : part)).filter((part) => part !== "").join(".");
    const columns = await rows(describeSql, [object]);
    if (columns.length === 0) return undefined;
    const key = await rows(keySql, [object]);
    return {
      key: key.map(([column]) => String(column)),
      columns: columns.map(([column, base, bytes, precision, scale, nullable]) => columnOf(String(column), nativeOf(String(base), Number(bytes), Number(precision), Number(scale)), nullable === true)),
    };
  },

  async describeQuery({ rows }, query) {
    const columns = await rows("select name, system_type_name, is_nullable from sys.dm_exec_describe_first_result_set(@p1, null, 0) where is_hidden = 0 order by column_ordinal", [`select * from (${query.trim().replace(/;\s*$/, "")}) q`]);
    // What is wrong with the query is said only by running it.
    if (columns.length === 0 || columns.some(([name]) => name === null)) await rows(`select top 0 * from (${query.trim().replace(/;\s*$/, "")}) q`);
    return columns.map(([name, native, nullable]) => columnOf(String(name), String(native), nullable === true));
  },

  meaning: sqlserverMeaning,
};

export const describeSql = `
      select c.name, coalesce(b.name, type_name(c.user_type_id)), c.max_length, c.precision, c.scale, c.is_nullable
        from sys.columns c left join sys.types b on b.user_type_id = c.system_type_id
       where c.object_id = object_id(@p1) order by c.column_id`;
export const keySql = `
      select c.name
        from sys.index_columns k join sys.columns c on c.object_id = k.object_id and c.column_id = k.column_id
       where k.object_id = object_id(@p1) and k.is_included_column = 0
         and k.index_id = (select top 1 i.index_id from sys.indexes i
                            where i.object_id = k.object_id and i.is_unique = 1 and i.has_filter = 0 and i.is_disabled = 0
                              and not exists (select 1 from sys.index_columns n join sys.columns e on e.object_id = n.object_id and e.column_id = n.column_id
                                               where n.object_id = i.object_id and n.index_id = i.index_id and n.is_included_column = 0 and e.is_nullable = 1)
                            order by i.is_primary_key desc, i.index_id)
       order by k.key_ordinal`;

function logIn({ host, port, database, user, password, tls }: Server): Promise<Connection> {
  const connection = new Connection({
    server: host,
    authentication: { type: "default", options: { userName: user, password: password ?? "" } },
    options: {
      port: port ?? 1433, database, appName: "tieout", connectTimeout: connectTimeoutMs, requestTimeout: statementTimeoutMs, useUTC: true, rowCollectionOnRequestCompletion: false,
      encrypt: tls !== undefined, trustServerCertificate: tls?.verify === false, ...(tls?.ca === undefined ? {} : { cryptoCredentialsDetails: { ca: tls.ca } }),
    },
  });
  // The login's own error carries no number; the messages before it do, the first of them the reason.
  let number: number | undefined;
  connection.on("errorMessage", (message: { readonly number: number }) => void (number ??= message.number));
  connection.on("error", () => {});
  return new Promise((resolve, reject) => {
    connection.connect((error) => {
      if (error === undefined || error === null) return resolve(connection);
      connection.close();
      reject(number === undefined ? error : Object.assign(error, { number }));
    });
  });
}

/** The type as one writes it: lengths of nchar and nvarchar are kept in bytes, -1 is max. */
export function nativeOf(base: string, bytes: number, precision: number, scale: number): string {
  if (/^n(var)?char$/.test(base)) return `${base}(${bytes < 0 ? "max" : bytes / 2})`;
  if (/^(var)?(char|binary)$/.test(base)) return `${base}(${bytes < 0 ? "max" : bytes})`;
  if (base === "decimal" || base === "numeric") return `${base}(${precision},${scale})`;
  return /^(datetime2|datetimeoffset|time)$/.test(base) ? `${base}(${scale})` : base;
}

const kinds: Readonly<Record<string, Kind>> = {
  tinyint: "small", smallint: "small", int: "small", bigint: "big", bit: "boolean", decimal: "decimal", numeric: "decimal", money: "decimal", smallmoney: "decimal", float: "float", real: "float",
  date: "date", datetime: "local", smalldatetime: "local", datetime2: "local", datetimeoffset: "instant", binary: "bytes", varbinary: "bytes", image: "bytes", timestamp: "big", rowversion: "big",
};
const reads: Readonly<Record<string, Column["read"]>> = {
  decimal: (value) => `convert(varchar(41), ${value})`, numeric: (value) => `convert(varchar(41), ${value})`, money: (value) => `convert(varchar(30), ${value}, 2)`, smallmoney: (value) => `convert(varchar(30), ${value}, 2)`,
  date: (value) => `convert(char(10), ${value}, 23)`, datetime: (value) => `convert(varchar(33), ${value}, 126)`, smalldatetime: (value) => `convert(varchar(33), ${value}, 126)`, datetime2: (value) => `convert(varchar(33), ${value}, 126)`,
  datetimeoffset: (value) => `convert(varchar(40), switchoffset(${value}, '+00:00'), 127)`, time: (value) => `convert(varchar(16), ${value})`, uniqueidentifier: (value) => `convert(char(36), ${value})`,
  timestamp: (value) => `convert(bigint, ${value})`, rowversion: (value) => `convert(bigint, ${value})`, xml: (value) => `convert(nvarchar(max), ${value})`, sql_variant: (value) => `convert(nvarchar(max), ${value})`, text: plain, ntext: plain,
  hierarchyid: (value) => `${value}.ToString()`, geography: (value) => `${value}.ToString()`, geometry: (value) => `${value}.ToString()`,
};

/** A rowversion is the best cursor there is, so it is read as the growing number that it is. */
export function columnOf(name: string, native: string, isNullable: boolean): Column {
  const match = /^([a-z0-9_]+)(?:\((\d+|max)(?:,(\d+))?\))?$/i.exec(native);
  const base = (match?.[1] ?? native).toLowerCase();
  const kind = kinds[base] ?? "text";
  const size = match?.[2] === undefined || match[2] === "max" ? undefined : Number(match[2]);
  return {
    name, native, kind, isNullable,
    read: reads[base] ?? plain,
    bind: base === "timestamp" || base === "rowversion" ? (value) => `convert(binary(8), convert(bigint, ${value}))` : kind === "bytes" ? (value) => `convert(${native}, ${value}, 2)` : (value) => `cast(${value} as ${native})`,
    ...((kind === "bytes" || /char$/.test(base)) && size !== undefined ? { length: size } : {}),
    ...(kind === "decimal" && size !== undefined ? { precision: size, scale: Number(match?.[3] ?? 0) } : {}),
  };
}

export function sqlserverMeaning(error: unknown): Meaning | undefined {
  const number = Number((error as { readonly number?: unknown } | null)?.number ?? 0);
  const code = codeOf(error);
  if ([4060, 4064, 911].includes(number)) return { failure: "config", code: "none" };
  if ([18452, 18456, 18470, 18486, 18487, 18488, 4818].includes(number)) return { failure: "auth", code: "login_refused" };
  if ([229, 230, 262, 297, 300, 916].includes(number)) return { failure: "permission", code: "not_allowed" };
  // Deadlock victim, lock time-out, out of memory or workers, too many users, shutdown; and what Azure says while it moves a database.
  if ([1205, 1222, 701, 802, 8645, 10928, 10929, 17809, 6005, 233, 4221, 40143, 40197, 40501, 40540, 40613, 49918, 49919, 49920].includes(number)) return { failure: "network", code: "unreachable" };
  if (number > 0) return { failure: "config", code: "statement" };
  if (code === "EENCRYPT" || (code === "ESOCKET" && /certificate|self.signed|tls|ssl/i.test(String((error as Error).message)))) return { failure: "config", code: "tls" };
  if (code === "ELOGIN" || code === "EFEDAUTH") return { failure: "auth", code: "login_refused" };
  if (/^(ETIMEOUT|ESOCKET|ECLOSE|EINVALIDSTATE|ECANCEL|EINSTLOOKUP)$/.test(code)) return { failure: "network", code: "unreachable" };
  return networkMeaning(error);
}
