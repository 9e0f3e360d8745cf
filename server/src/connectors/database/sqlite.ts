/**
 * SQLite files, through node:sqlite, opened for reading only. A column's declared type says what it should hold, but SQLite holds
 * anything in it: what does not fit is a bad record.
 */
import { DatabaseSync } from "node:sqlite";
import { Type } from "typebox";
import { plain, type Column, type Kind, type Raw } from "./column.ts";
import { codeOf, type Dialect, type Meaning, type Session } from "./dialect.ts";

export type File = { readonly file: string };
type SqliteSession = Session & { readonly database: DatabaseSync };

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

export const sqlite: Dialect<File, SqliteSession> = {
  name: "sqlite", zh: "SQLite 数据库文件", en: "SQLite database file",
  connection: { file: Type.String({ minLength: 1 }) },
  secrets: [],
  address: ({ file }) => `sqlite:${file}`,
  user: () => "-",
  quote,
  placeholder: () => "?",
  first: (rows) => `limit ${rows}`,

  async connect({ file }) {
    const database = new DatabaseSync(file, { readOnly: true, timeout: 10_000 });
    // A file that is no database is found out only by reading it.
    try {
      database.prepare("select 1 from sqlite_schema limit 1").all();
    } catch (error) {
      database.close();
      throw error;
    }
    const rows: Session["rows"] = async (sql, values = []) => {
      const statement = database.prepare(sql);
      statement.setReturnArrays(true);
      statement.setReadBigInts(true);
      return statement.all(...values) as unknown as Raw[][];
    };
    return {
      database, rows,
      async consistently(work) {
        database.exec("begin");
        try {
          return await work();
        } finally {
          database.exec("rollback");
        }
      },
      close: async () => {
        if (database.isOpen) database.close();
      },
    };
  },

  async tables({ rows }) {
    return (await rows("select name from sqlite_schema where type in ('table', 'view') and name not like 'sqlite\\_%' escape '\\' order by 1")).map(([name]) => String(name));
  },

  async describe({ rows }, table) {
    const columns = await rows('select name, type, "notnull", pk from pragma_table_xinfo(?) where hidden <> 1 order by cid', [table]);
    if (columns.length === 0) return undefined;
    const key = columns.filter(([, , , pk]) => Number(pk) > 0).sort((a, b) => Number(a[3]) - Number(b[3])).map(([name]) => String(name));
    return { key, columns: columns.map(([name, native, isRequired, pk]) => columnOf(String(name), String(native), Number(isRequired) === 0 && Number(pk) === 0)) };
  },

  async describeQuery({ database }, query) {
    return database.prepare(`select * from (${query.trim().replace(/;\s*$/, "")}) q limit 0`).columns().map(({ name, type }) => columnOf(name, type ?? "", true));
  },

  meaning: sqliteMeaning,
};

/** By the declared name, as far as SQLite's own rules of affinity go. */
export function columnOf(name: string, declared: string, isNullable: boolean): Column {
  const native = `sqlite ${declared.toLowerCase()}`.trim();
  const size = /\((\d+)(?:\s*,\s*(\d+))?\)/.exec(declared);
  const kind = kindOf(declared.toLowerCase());
  return {
    name, native, kind, isNullable, read: plain,
    bind: kind === "big" || kind === "boolean" ? (value) => `cast(${value} as integer)` : kind === "decimal" || kind === "float" ? (value) => `cast(${value} as numeric)` : kind === "bytes" ? (value) => `unhex(${value})` : plain,
    ...(kind === "text" && size ? { length: Number(size[1]) } : {}),
    ...(kind === "decimal" && size ? { precision: Number(size[1]), scale: Number(size[2] ?? 0) } : {}),
  };
}

function kindOf(declared: string): Kind {
  if (/bool/.test(declared)) return "boolean";
  if (/int/.test(declared)) return "big";
  if (/char|clob|text/.test(declared)) return "text";
  if (/blob/.test(declared)) return "bytes";
  if (/real|floa|doub/.test(declared)) return "float";
  if (/datetime|timestamp/.test(declared)) return "local";
  if (/date/.test(declared)) return "date";
  if (/json/.test(declared)) return "json";
  return /dec|num/.test(declared) ? "decimal" : "text";
}

export function sqliteMeaning(error: unknown): Meaning | undefined {
  if (codeOf(error) !== "ERR_SQLITE_ERROR") return undefined;
  const primary = ((error as { readonly errcode?: number }).errcode ?? 0) & 0xff;
  if (primary === 3 || primary === 23) return { failure: "permission", code: "not_allowed" };
  // Busy, locked, interrupted, input/output, changed protocol.
  if ([5, 6, 9, 10, 15].includes(primary)) return { failure: "network", code: "unreachable" };
  if ([11, 14, 26].includes(primary)) return { failure: "config", code: "none" };
  return { failure: "config", code: "statement" };
}
