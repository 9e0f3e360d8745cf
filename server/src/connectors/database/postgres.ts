/** PostgreSQL 12 and newer. All values come as the server's text, so that nothing is rounded on the way. */
import pg from "pg";
import { plain, type Column, type Kind } from "./column.ts";
import { codeOf, connectTimeoutMs, networkMeaning, serverAddress, serverFields, statementTimeoutMs, tableParts, type Described, type Dialect, type Meaning, type Server, type Session } from "./dialect.ts";

type PostgresSession = Session & { readonly client: pg.Client };

const asText = { getTypeParser: () => (text: string) => text } as unknown as pg.CustomTypesConfig;
const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

export const postgres: Dialect<Server, PostgresSession> = {
  name: "postgres", zh: "PostgreSQL 数据库", en: "PostgreSQL database",
  connection: serverFields(5432),
  secrets: ["password"],
  address: (server) => serverAddress("postgres", 5432, server),
  user: ({ user }) => user,
  quote,
  placeholder: (number) => `$${number}`,
  first: (rows) => `limit ${rows}`,

  async connect({ host, port, database, user, password, tls }) {
    const client = new pg.Client({
      host, port: port ?? 5432, database, user, password, types: asText, application_name: "tieout",
      connectionTimeoutMillis: connectTimeoutMs, query_timeout: statementTimeoutMs, keepAlive: true,
      ssl: tls === undefined ? false : { ca: tls.ca, rejectUnauthorized: tls.verify !== false },
      options: "-c timezone=UTC -c datestyle=ISO,YMD -c intervalstyle=iso_8601 -c bytea_output=hex -c extra_float_digits=1 -c default_transaction_read_only=on -c client_encoding=UTF8",
    });
    // A connection that breaks while nothing is asked reports it here; the next question fails with the same.
    client.on("error", () => {});
    await client.connect();
    const rows: Session["rows"] = async (sql, values = []) => (await client.query<(string | null)[]>({ text: sql, values: [...values], rowMode: "array" })).rows;
    return {
      client, rows,
      async consistently(work) {
        await client.query("begin isolation level repeatable read read only");
        try {
          return await work();
        } finally {
          await client.query("rollback").catch(() => {});
        }
      },
      close: () => client.end().catch(() => {}),
    };
  },

  async tables({ rows }) {
    const found = await rows(`
      select n.nspname, c.relname
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
         and has_schema_privilege(n.oid, 'usage') and has_any_column_privilege(c.oid, 'select')
       order by 1, 2`);
    return found.map(([schema, table]) => `${schema}.${table}`);
  },

  async describe({ rows }, name) {
    const { schema, table } = tableParts(name);
    const relation = schema === undefined ? quote(table) : `${quote(schema)}.${quote(table)}`;
    // Each of these is null where the relation is not there or not to be seen; a domain counts as what it is made of.
    const columns = await rows(
      `with recursive base (attnum, oid, typmod) as (
         select attnum, atttypid, atttypmod from pg_attribute where attrelid = to_regclass($1) and attnum > 0 and not attisdropped
         union all
         select attnum, typbasetype, typtypmod from base join pg_type on pg_type.oid = base.oid where typtype = 'd')
       select a.attname, format_type(a.atttypid, a.atttypmod), format_type(b.oid, null), b.typmod, a.attnotnull
         from pg_attribute a join base b using (attnum) join pg_type t on t.oid = b.oid and t.typtype <> 'd'
        where a.attrelid = to_regclass($1) order by a.attnum`,
      [relation],
    );
    if (columns.length === 0) return undefined;
    const key = await rows(
      `select a.attname
         from (select * from pg_index
                where indrelid = to_regclass($1) and indisunique and indisvalid and indpred is null and indexprs is null
                  and not exists (select from pg_attribute n where n.attrelid = indrelid and n.attnum = any (indkey) and not n.attnotnull)
                order by indisprimary desc, indnkeyatts, indexrelid limit 1) i
         cross join lateral unnest(i.indkey) with ordinality k (attnum, at)
         join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
        where k.at <= i.indnkeyatts order by k.at`,
      [relation],
    );
    return { columns: columns.map(([name, native, base, typmod, isRequired]) => columnOf(String(name), String(native), String(base), Number(typmod), isRequired !== "t")), key: key.map(([name]) => String(name)) } satisfies Described;
  },

  async describeQuery({ client, rows }, query) {
    const { fields } = await client.query({ text: `select * from (${query.trim().replace(/;\s*$/, "")}) q limit 0`, rowMode: "array" });
    const types = await rows(
      `select format_type(oid, typmod), format_type(oid, null) from unnest($1::oid[], $2::int[]) with ordinality q (oid, typmod, at) order by at`,
      [`{${fields.map(({ dataTypeID }) => dataTypeID).join()}}`, `{${fields.map(({ dataTypeModifier }) => dataTypeModifier).join()}}`],
    );
    return fields.map(({ name, dataTypeModifier }, at) => columnOf(name, String(types[at]?.[0]), String(types[at]?.[1]), dataTypeModifier, true));
  },

  meaning: postgresMeaning,
};

const kinds: Readonly<Record<string, Kind>> = {
  smallint: "small", integer: "small", bigint: "big", oid: "big", numeric: "decimal", real: "float", "double precision": "float", boolean: "boolean", date: "date",
  "timestamp with time zone": "instant", "timestamp without time zone": "local", bytea: "bytes", json: "json", jsonb: "json",
};

export function columnOf(name: string, native: string, base: string, typmod: number, isNullable: boolean): Column {
  const isText = base === "character varying" || base === "character";
  const isNumeric = base === "numeric" && typmod >= 4;
  return {
    name, native, kind: kinds[base] ?? "text", isNullable, read: plain, bind: plain,
    ...(isText && typmod >= 4 ? { length: typmod - 4 } : {}),
    // A negative scale is written in eleven bits.
    ...(isNumeric ? { precision: (typmod - 4) >> 16, scale: ((((typmod - 4) & 0x7ff) ^ 1024) - 1024) } : {}),
  };
}

export function postgresMeaning(error: unknown): Meaning | undefined {
  const code = codeOf(error);
  if (/^28/.test(code)) return { failure: "auth", code: "login_refused" };
  if (code === "3D000") return { failure: "config", code: "none" };
  if (code === "42501") return { failure: "permission", code: "not_allowed" };
  // Connection exceptions, shutdown, start, too many connections, out of resources, conflicts with recovery and with others.
  if (/^(08|57P|53|40|55P|25006|58)/.test(code) || code === "57014") return { failure: "network", code: "unreachable" };
  if (/^(42|22|0A|3F|54|2[0-9])/.test(code)) return { failure: "config", code: "statement" };
  if (/^[0-9A-Z]{5}$/.test(code) && (error as { readonly severity?: unknown }).severity !== undefined) return { failure: "config", code: "statement" };
  const message = error instanceof Error ? error.message : "";
  if (/does not support SSL/.test(message)) return { failure: "config", code: "tls" };
  if (/^(SASL|SCRAM)|password must be a string/i.test(message)) return { failure: "auth", code: "login_refused" };
  if (/timeout|Connection terminated|not queryable|Client was closed/i.test(message)) return { failure: "network", code: "unreachable" };
  return networkMeaning(error);
}
