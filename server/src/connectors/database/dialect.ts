/** What differs from one database to the next: how to connect, how to ask what there is, how to write a name, and what its errors mean. */
import { Type, type Static, type TProperties } from "typebox";
import type { CheckFailure } from "../connector.ts";
import type { Column, Raw } from "./column.ts";

export type Session = {
  /** Rows as arrays, in the order of the select list. */
  readonly rows: (sql: string, values?: readonly string[]) => Promise<readonly (readonly Raw[])[]>;
  /** Everything the work reads is of one moment, as far as the database can. */
  readonly consistently: <T>(work: () => Promise<T>) => Promise<T>;
  readonly close: () => Promise<void>;
};

export type Described = { readonly columns: readonly Column[]; /** The primary key, or else a unique one without nulls. */ readonly key: readonly string[] };

/** What an error of the driver means. `code`: one of this folder's refusals. */
export type Meaning = { readonly failure: CheckFailure["failure"]; readonly code: "unreachable" | "login_refused" | "not_allowed" | "none" | "tls" | "statement" };

export type Dialect<Connection = object, S extends Session = Session> = {
  readonly name: string;
  readonly zh: string;
  readonly en: string;
  readonly connection: TProperties;
  readonly secrets: readonly string[];
  /** Names the database in messages and in states: host, port and name, without user or password. */
  readonly address: (connection: Connection) => string;
  readonly user: (connection: Connection) => string;
  readonly connect: (connection: Connection) => Promise<S>;
  readonly quote: (name: string) => string;
  readonly placeholder: (number: number) => string;
  /** Ends a statement that is ordered: only the first rows. */
  readonly first: (rows: number) => string;
  /** Names of the tables and views that can be read, as a stream would name them. */
  readonly tables: (session: S) => Promise<readonly string[]>;
  /** Undefined where there is no such table, or none that this user can see. */
  readonly describe: (session: S, table: string) => Promise<Described | undefined>;
  readonly describeQuery: (session: S, query: string) => Promise<readonly Column[]>;
  /** Undefined for what is no error of the database. */
  readonly meaning: (error: unknown) => Meaning | undefined;
};

export const tlsFields = Type.Object(
  {
    ca: Type.Optional(Type.String({ description: "Certificate of the issuer, PEM" })),
    verify: Type.Optional(Type.Boolean({ description: "false accepts any certificate" })),
  },
  { additionalProperties: false },
);
export type Tls = Static<typeof tlsFields>;

/** What the servers have in common. */
export const serverFields = (port: number) => ({
  host: Type.String({ minLength: 1, description: "Name or address; for PostgreSQL and MySQL also the path of a socket" }),
  port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65535, default: port })),
  database: Type.String({ minLength: 1 }),
  user: Type.String({ minLength: 1 }),
  password: Type.Optional(Type.String()),
  tls: Type.Optional(tlsFields),
});
export type Server = { readonly host: string; readonly port?: number; readonly database: string; readonly user: string; readonly password?: string; readonly tls?: Tls };

export const serverAddress = (name: string, port: number, server: Server): string => `${name}://${server.host}:${server.port ?? port}/${server.database}`;

/** Schema and table of a name such as "sales.invoice"; without a schema the connection's own is meant. */
export function tableParts(table: string): { readonly schema: string | undefined; readonly table: string } {
  const dot = table.indexOf(".");
  return dot < 0 ? { schema: undefined, table } : { schema: table.slice(0, dot), table: table.slice(dot + 1) };
}

/** Failures of the way to a server, the same for every driver that runs on node:net and node:tls. */
export function networkMeaning(error: unknown): Meaning | undefined {
  const code = codeOf(error);
  if (/^(ECONN|ENOTFOUND|EAI_|ETIMEDOUT|EHOST|ENET|EPIPE|ESOCKET|ECLOSE|EINSTLOOKUP|EADDRNOTAVAIL|ENOENT)/.test(code)) return { failure: "network", code: "unreachable" };
  if (/CERT|^ERR_TLS|^ERR_SSL|^EPROTO$|SELF_SIGNED|UNABLE_TO_/.test(code)) return { failure: "config", code: "tls" };
  return undefined;
}

export const codeOf = (error: unknown): string => {
  const code = (error as { readonly code?: unknown } | null)?.code;
  return typeof code === "string" || typeof code === "number" ? String(code) : "";
};

/** How long to wait for a server to answer a connection, and for one portion of rows. */
export const connectTimeoutMs = 10_000;
export const statementTimeoutMs = 600_000;
