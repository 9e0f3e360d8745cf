/** MySQL and MariaDB by their row binlog with GTID: every committed change, in order, within a moment of its commit; the tables as they are first. */
import { createHash } from "node:crypto";
import type { ConnectionOptions } from "mysql2";
import Type, { type Static } from "typebox";
import { failuresOf, FlowFault, type CheckFailure, type ConnectorCtx, type Reading, type Source } from "../connector.ts";
import { closed, openDump, type Dump } from "./dump.ts";
import { follow, shapeOf, undecodable } from "./follow.ts";
import { connectControl, describeTable, readGrants, readPlace, readSettings, tableSql, type Control, type Table } from "./server.store.ts";
import { readStanding, type Standing } from "./standing.ts";
import { kindOf } from "./values.ts";

export const BinlogConfig = Type.Object(
  {
    host: Type.String(),
    port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535 })),
    database: Type.String(),
    user: Type.String(),
    password: Type.Optional(Type.String()),
    /** `require` encrypts; `verify` also checks the server's certificate. */
    tls: Type.Optional(Type.Union([Type.Literal("require"), Type.Literal("verify")])),
    tables: Type.Array(Type.String({ minLength: 1 }), { minItems: 1, uniqueItems: true }),
    /** As a replica we need a number that no other replica of this server has; made from the configuration by default. */
    serverId: Type.Optional(Type.Integer({ minimum: 1, maximum: 4_294_967_295 })),
    /** What to do when the source can no longer go on from our position: `stop` (default), or read the tables again while changes keep flowing. */
    onLostPosition: Type.Optional(Type.Union([Type.Literal("stop"), Type.Literal("snapshot")])),
    chunkRows: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000 })),
  },
  { additionalProperties: false },
);
export type BinlogConfig = Static<typeof BinlogConfig>;

export const mysqlBinlog: Source<BinlogConfig> = {
  name: "mysql-binlog",
  zh: "MySQL/MariaDB 行日志",
  en: "MySQL and MariaDB row binlog",
  config: BinlogConfig,
  secrets: ["password"],
  mode: "live",

  async check(config) {
    let found: readonly CheckFailure[] = [];
    const faults = await failuresOf(() => withControl(config, async (control) => (found = (await survey(control, config)).failures)));
    return [...found, ...faults];
  },

  discover: (config) =>
    withControl(config, async (control) => {
      const shapes = [];
      for (const name of config.tables) {
        const table = await describeTable(control, config.database, name);
        if (table === undefined) throw new FlowFault("config", noTable(config, name));
        shapes.push(shapeOf(table));
      }
      return shapes;
    }),

  open(config, states, ctx) {
    const stored = states.get("");
    return openReading(config, stored === undefined ? undefined : readStanding(stored), ctx);
  },
};

const noTable = (config: BinlogConfig, table: string) => ({ code: "binlog.no_table", facts: { database: config.database, table, sql: `grant select on ${tableSql({ database: config.database, name: table })} to ${config.user};` } });

/** Of both products, and those that only one of them has. */
const settings: readonly { readonly setting: string; readonly wanted: string; readonly line: string; readonly onlyIfKnown?: boolean }[] = [
  { setting: "log_bin", wanted: "ON", line: "log_bin" },
  { setting: "binlog_format", wanted: "ROW", line: "binlog_format=ROW" },
  { setting: "binlog_row_image", wanted: "FULL", line: "binlog_row_image=FULL" },
  { setting: "binlog_row_metadata", wanted: "FULL", line: "binlog_row_metadata=FULL" },
  { setting: "gtid_mode", wanted: "ON", line: "gtid_mode=ON enforce_gtid_consistency=ON", onlyIfKnown: true },
  { setting: "binlog_transaction_compression", wanted: "OFF", line: "binlog_transaction_compression=OFF", onlyIfKnown: true },
  { setting: "binlog_row_value_options", wanted: "", line: "binlog_row_value_options=", onlyIfKnown: true },
];

async function survey(control: Control, config: BinlogConfig): Promise<{ readonly failures: readonly CheckFailure[]; readonly tables: ReadonlyMap<string, Table> }> {
  const failures: CheckFailure[] = [];
  const found = await readSettings(control, settings.map(({ setting }) => setting));
  for (const { setting, wanted, line, onlyIfKnown } of settings) {
    const value = found.get(setting);
    if (value === wanted || (value === undefined && onlyIfKnown === true)) continue;
    failures.push({ failure: "config", problem: { code: "binlog.setting", facts: { setting, found: value ?? "–", wanted: wanted || "''", line } } });
  }
  const grants = await readGrants(control);
  const lacks = (right: string, names: RegExp): void => {
    if (!names.test(grants)) failures.push({ failure: "permission", problem: { code: "binlog.not_permitted", facts: { user: config.user, right, sql: `grant ${right} on *.* to ${config.user};` } } });
  };
  lacks("replication slave", /ALL PRIVILEGES ON \*\.\*|REPLICATION (SLAVE|REPLICA)(?! ADMIN)/);
  lacks(control.isMariaDb ? "binlog monitor" : "replication client", /ALL PRIVILEGES ON \*\.\*|BINLOG MONITOR|REPLICATION CLIENT|SUPER/);

  const tables = new Map<string, Table>();
  for (const name of config.tables) {
    const table = await describeTable(control, config.database, name);
    if (table === undefined) failures.push({ failure: "config", problem: noTable(config, name) });
    else if (table.key.length === 0) failures.push({ failure: "config", problem: { code: "binlog.no_key", facts: { table: name } } });
    else {
      for (const { name: column, type } of table.columns) if (kindOf(type) === undefined) failures.push({ failure: "config", problem: { code: "binlog.column_type", facts: { table: name, column, type } } });
      tables.set(name, table);
    }
  }
  return { failures, tables };
}

async function openReading(config: BinlogConfig, stored: Standing | undefined, ctx: ConnectorCtx): Promise<Reading> {
  const control = await connectControl(optionsOf(config)).catch((error: unknown) => {
    throw faultOf(error, config, "");
  });
  try {
    const { failures, tables } = await survey(control, config);
    const first = failures[0];
    if (first !== undefined) throw new FlowFault(first.failure, first.problem);
    const end = await readPlace(control);
    const { dump, standing } = await openAt(control, config, stored, end, ctx);
    let isClosed = false;
    async function close(): Promise<void> {
      if (isClosed) return;
      isClosed = true;
      await Promise.all([dump.close(), control.connection.end().catch(() => {})]);
    }
    const start = standing?.place ?? end;
    const ending = { close, faultOf: (error: unknown) => (isClosed || error === closed ? undefined : faultOf(error, config, start.gtid)) };
    const messages = follow({ dump, control, database: config.database, tables, standing, start, end, chunkRows: config.chunkRows ?? 2_000 }, ending, ctx);
    return { messages, ack: async () => {}, close }; // a server keeps its log by age; nothing moves there
  } catch (error) {
    await control.connection.end().catch(() => {});
    throw faultOf(error, config, stored?.place.gtid ?? "");
  }
}

/** From the stored position; where the server refuses it, from now with a new snapshot, if the flow wants that. */
async function openAt(control: Control, config: BinlogConfig, stored: Standing | undefined, end: { readonly gtid: string; readonly file: string; readonly offset: number }, ctx: ConnectorCtx): Promise<{ readonly dump: Dump; readonly standing: Standing | undefined }> {
  const open = (place: Standing["place"]): Promise<Dump> => openDump(optionsOf(config), { serverId: config.serverId ?? serverIdOf(config), place, database: config.database, tables: config.tables });
  if (stored === undefined) return { dump: await open(end), standing: undefined };
  try {
    if ((stored.flavour === "mariadb") !== control.isMariaDb) throw new FlowFault("config", { code: "binlog.position_unlike", facts: { gtid: stored.place.gtid, cause: `${stored.flavour} → ${control.isMariaDb ? "mariadb" : "mysql"}` } });
    return { dump: await open(stored.place), standing: stored };
  } catch (error) {
    const fault = faultOf(error, config, stored.place.gtid);
    const isLost = fault instanceof FlowFault && /^binlog\.position_/.test(fault.problem.code);
    if (!isLost || config.onLostPosition !== "snapshot") throw fault;
    ctx.log.warn("the stored position cannot be gone on from; the tables are read again while changes keep flowing", { problem: fault.problem });
    return { dump: await open(end), standing: undefined };
  }
}

function optionsOf(config: BinlogConfig): ConnectionOptions {
  return {
    host: config.host, port: config.port ?? 3306, user: config.user, password: config.password ?? "", database: config.database, charset: "utf8mb4", timezone: "Z", connectTimeout: 10_000,
    dateStrings: true, supportBigNumbers: true, bigNumberStrings: true, decimalNumbers: false, jsonStrings: true,
    ...(config.tls === undefined ? {} : { ssl: { rejectUnauthorized: config.tls === "verify" } }),
  };
}

/** The same at every start of the same flow; in the upper half, away from numbers that people give. */
const serverIdOf = (config: BinlogConfig): number => 2_147_483_648 + (createHash("sha256").update(JSON.stringify([config.host, config.port, config.database, config.user, config.tables])).digest().readUInt32BE(0) >>> 1);

/** What passes by itself, what needs somebody, and what is a fault of ours. */
function faultOf(error: unknown, config: BinlogConfig, gtid: string): unknown {
  if (error instanceof FlowFault || !(error instanceof Error)) return error;
  const { code = "", errno = 0 } = error as { readonly code?: string; readonly errno?: number };
  const host = `${config.host}:${config.port ?? 3306}`;
  const cause = error.message;
  const as = (failure: CheckFailure["failure"], name: string, facts: Readonly<Record<string, string>>): FlowFault => new FlowFault(failure, { code: name, facts }, { cause: error });
  if (code === "ER_ACCESS_DENIED_ERROR" || errno === 1045 || errno === 1698) return as("auth", "binlog.login_refused", { host, user: config.user });
  if (errno === 1049 || errno === 1044) return as("config", "binlog.no_database", { host, database: config.database });
  if (errno === 1227 || errno === 1142) return as("permission", "binlog.not_permitted", { user: config.user, right: /privilege\(s\) for|command denied/.test(cause) ? cause : "select", sql: `grant select, replication slave, replication client on *.* to ${config.user};` });
  if ([1945, 1950, 1955].includes(errno) || /not in the master's binlog|GTID_SET|diverge/i.test(cause)) return as("config", "binlog.position_unlike", { gtid, cause });
  // Two replicas under one number are told with the same code; that passes when the other one has gone.
  if (errno === 1236 && !/same server_(uuid|id)/i.test(cause)) return as("config", "binlog.position_lost", { gtid, cause });
  if (/zongji|Unsupported type|TRANSACTION_PAYLOAD|PARTIAL_UPDATE/.test(cause)) return undecodable(cause);
  if (/^(E[A-Z]+|PROTOCOL_\w+|ER_SERVER_SHUTDOWN|ER_CON_COUNT_ERROR)$/.test(code) || errno === 1236 || errno === 1053 || errno === 1040 || /connection|timeout/i.test(cause)) return as("network", "binlog.unreachable", { host, cause });
  return error;
}

async function withControl<T>(config: BinlogConfig, work: (control: Control) => Promise<T>): Promise<T> {
  let control: Control | undefined;
  try {
    control = await connectControl(optionsOf(config));
    return await work(control);
  } catch (error) {
    throw faultOf(error, config, "");
  } finally {
    await control?.connection.end().catch(() => {});
  }
}
