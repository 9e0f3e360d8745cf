/** Everything that must hold before the stream can start: what is wrong is said all at once, with the SQL that mends it; what we may mend ourselves is mended. */
import pg from "pg";
import { FlowFault, type CheckFailure, type ConnectorCtx } from "../connector.ts";
import { createPublication, createSlot, describeServer, describeTable, dropSlot, extendPublication, identifySystem, publicationSql, quoted, tableSql, type Place, type Server, type Table } from "./catalog.store.ts";
import { lsnOf } from "./pgoutput.ts";
import type { ReplicationConfig } from "./replication.ts";
import { problemOf, type Standing } from "./standing.ts";

export const slotOf = (config: ReplicationConfig): string => config.slot ?? "tieout";
export const publicationOf = (config: ReplicationConfig): string => config.publication ?? "tieout";

export function connectionOf(config: ReplicationConfig): pg.ClientConfig {
  return {
    host: config.host, port: config.port ?? 5432, database: config.database, user: config.user, password: config.password ?? "",
    ...(config.tls === undefined ? {} : { ssl: { rejectUnauthorized: config.tls === "verify" } }),
    application_name: "tieout replication", keepAlive: true, connectionTimeoutMillis: 10_000,
    options: "-c timezone=UTC -c synchronous_commit=local -c datestyle=ISO -c intervalstyle=iso_8601 -c extra_float_digits=1 -c bytea_output=hex -c client_encoding=UTF8",
  };
}

/** "sale" and "public.sale" are one stream, "sale". */
export function namedTables(config: ReplicationConfig): readonly { readonly stream: string; readonly schema: string; readonly name: string }[] {
  return config.tables.map((written) => {
    const dot = written.indexOf(".");
    const [schema, name] = dot < 0 ? ["public", written] : [written.slice(0, dot), written.slice(dot + 1)];
    return { stream: schema === "public" ? name : `${schema}.${name}`, schema, name };
  });
}

export type Survey = { readonly failures: readonly CheckFailure[]; readonly server: Server; readonly tables: ReadonlyMap<string, Table> };

export async function survey(control: pg.Client, config: ReplicationConfig): Promise<Survey> {
  const failures: CheckFailure[] = [];
  const say = (failure: CheckFailure["failure"], code: string, facts: Readonly<Record<string, string>>): void => void failures.push({ failure, problem: { code, facts } });
  const slot = slotOf(config), publication = publicationOf(config);
  const server = await describeServer(control, slot, publication);
  const { user } = server;
  if (server.walLevel !== "logical") say("config", "replication.wal_level", { level: server.walLevel });
  if (!server.mayReplicate) say("permission", "replication.not_permitted", { user, sql: `alter role ${quoted(user)} replication;` });
  if (server.slot === null && !server.slotsFree) say("config", "replication.slots_used", {});
  if (server.slot !== null && server.slot.plugin !== "pgoutput") say("config", "replication.slot_unlike", { what: "plug-in", found: server.slot.plugin ?? "physical", wanted: "pgoutput" });
  else if (server.slot !== null && server.slot.database !== server.database) say("config", "replication.slot_unlike", { what: "database", found: server.slot.database ?? "", wanted: server.database });

  const tables = new Map<string, Table>();
  for (const { stream, schema, name } of namedTables(config)) {
    const table = await describeTable(control, { schema, name }, publication);
    if (table === undefined) say("config", "replication.no_table", { table: stream });
    else if (table.key.length === 0 || table.identity === "n") say("config", "replication.no_key", { table: stream, sql: `alter table ${tableSql(table)} replica identity using index …;` });
    else {
      if (!table.maySelect) say("permission", "replication.no_select", { user, table: stream, sql: `grant select on ${tableSql(table)} to ${quoted(user)};` });
      tables.set(stream, table);
    }
  }
  const { mends, mayMend } = publicationGap(server, [...tables.values()], publication);
  if (mends.length > 0 && !mayMend) say("permission", "replication.publication", { publication, user, sql: mends.join(" ") });
  return { failures, server, tables };
}

/** What the publication lacks, as SQL, and whether we may run it: tables can only be published by their owner. */
function publicationGap(server: Server, tables: readonly Table[], publication: string): { readonly mends: readonly string[]; readonly mayMend: boolean } {
  const missing = tables.filter(({ isPublished }) => !isPublished);
  const operations = `alter publication ${quoted(publication)} set (publish = 'insert, update, delete, truncate');`;
  const mends = [
    ...(missing.length > 0 || server.publication === null ? [publicationSql(publication, missing, server.publication !== null)] : []),
    ...(server.publication !== null && !server.publication.isWhole ? [operations] : []),
  ];
  // A publication that narrows the operations was made so by somebody: it is not ours to change.
  const mayMend = missing.every(({ isOwned }) => isOwned) && (server.publication === null ? server.mayCreate : server.publication.isOwned && server.publication.isWhole && !server.publication.allTables);
  return { mends, mayMend };
}

export type Prepared = { readonly tables: ReadonlyMap<string, Table>; readonly place: Place; /** Undefined: from the beginning. */ readonly standing: Standing | undefined; readonly from: bigint; readonly patienceMs: number };

/** Throws FlowFault with what `survey` found first, or with replication.slot_lost, slot_ahead, slot_behind, slot_unlike where the flow wants to stop for it. */
export async function prepare(control: pg.Client, config: ReplicationConfig, stored: Standing | undefined, ctx: ConnectorCtx): Promise<Prepared> {
  const slot = slotOf(config), publication = publicationOf(config);
  const { failures, server, tables } = await survey(control, config);
  const first = failures[0];
  if (first !== undefined) throw new FlowFault(first.failure, first.problem);
  const place = await identify(config);

  const problem = stored && problemOf(stored, slot, server, place);
  if (problem !== undefined && config.onLostSlot !== "snapshot") throw new FlowFault("config", problem);
  if (problem !== undefined) ctx.log.warn("the stored position cannot be gone on from; the tables are read again while changes keep flowing", { slot, problem });
  const standing = problem === undefined ? stored : undefined;

  // The publication stands before the slot, and before a table's first chunk: what is committed afterwards is in the stream.
  const missing = [...tables.values()].filter(({ isPublished }) => !isPublished);
  if (server.publication === null) await createPublication(control, publication, missing);
  else if (missing.length > 0) await extendPublication(control, publication, missing);
  const { slot: found } = server;
  if (found !== null && (found.walStatus === "lost" || problem !== undefined)) await dropSlot(control, slot);
  const isFresh = found === null || found.walStatus === "lost" || problem !== undefined;
  const at = isFresh ? await createSlot(control, slot) : (found.confirmed ?? "");
  return { tables, place, standing, from: standing?.lsn ?? lsnOf(at) ?? 0n, patienceMs: server.patienceMs };
}

async function identify(config: ReplicationConfig): Promise<Place> {
  const client = new pg.Client({ ...connectionOf(config), replication: "database" } as pg.ClientConfig);
  client.on("error", () => {}); // it shows in the statement
  await client.connect();
  return identifySystem(client).finally(() => client.end());
}

/** What passes by itself, what needs somebody, and what is a fault of ours. */
export function faultOf(error: unknown, config: ReplicationConfig): unknown {
  if (error instanceof FlowFault || !(error instanceof Error)) return error;
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  const host = `${config.host}:${config.port ?? 5432}`;
  const { user, database } = config;
  const slot = slotOf(config);
  const cause = error.message;
  const as = (failure: CheckFailure["failure"], name: string, facts: Readonly<Record<string, string>>): FlowFault => new FlowFault(failure, { code: name, facts }, { cause: error });
  if (code === "28P01" || code === "28000") return as("auth", "replication.login_refused", { host, user, cause });
  if (code === "3D000") return as("config", "replication.no_database", { host, database });
  if (code === "55006") return as("network", "replication.slot_busy", { slot });
  if (code === "42501" && /replication/i.test(cause)) return as("permission", "replication.not_permitted", { user, sql: `alter role ${quoted(user)} replication;` });
  if (code === "42704" && /publication/.test(cause)) return as("config", "replication.table_replaced", { table: config.tables.join(", "), publication: publicationOf(config) });
  if ((code === "55000" || code === "42704") && /slot/.test(cause)) return as("config", "replication.slot_lost", { slot, lsn: "" });
  if (/^(08|57P|53)/.test(code) || /^E[A-Z]+$/.test(code) || /connection|timeout|terminated|ended the replication/i.test(cause)) return as("network", "replication.unreachable", { host, cause });
  return error;
}
