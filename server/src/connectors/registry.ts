/** Which systems can be read or may call: each loaded when a flow first names it, since most bring a library of their own. */
import { refuse } from "../platform/index.ts";
import type { Receiver, Source } from "./connector.ts";

/** `never`: its configuration is checked against its schema, not by the compiler. */
export type AnySource = Source<never>;
export type AnyReceiver = Receiver<never>;
export type AnyWayIn = AnySource | AnyReceiver;

/** Names and how each is loaded. */
export type WaysIn = Readonly<Record<string, () => Promise<AnyWayIn>>>;

export const waysIn: WaysIn = {
  postgres: async () => (await import("./database/index.ts")).postgresSource,
  mysql: async () => (await import("./database/index.ts")).mysqlSource,
  sqlserver: async () => (await import("./database/index.ts")).sqlserverSource,
  oracle: async () => (await import("./database/index.ts")).oracleSource,
  sqlite: async () => (await import("./database/index.ts")).sqliteSource,
  "postgres-replication": async () => (await import("./replication/index.ts")).postgresReplication,
  "mysql-binlog": async () => (await import("./binlog/index.ts")).mysqlBinlog,
  rest: async () => (await import("./rest/index.ts")).rest,
  soap: async () => (await import("./soap/index.ts")).soap,
  "soap-endpoint": async () => (await import("./soap/index.ts")).soapEndpoint,
  webhook: async () => (await import("./webhook/index.ts")).webhook,
  upload: async () => (await import("./files/index.ts")).uploadReceiver,
  folder: async () => (await import("./files/index.ts")).folderSource,
  sftp: async () => (await import("./files/index.ts")).sftpSource,
  rabbitmq: async () => (await import("./queue/index.ts")).rabbitmqSource,
  nats: async () => (await import("./queue/index.ts")).natsSource,
  odoo: async () => (await import("./odoo/index.ts")).odoo,
  tryton: async () => (await import("./tryton-sources.ts")).trytonRpc,
  "tryton-replication": async () => (await import("./tryton-sources.ts")).trytonReplication,
  erpnext: async () => (await import("./erpnext/index.ts")).erpnext,
};

export const isReceiver = (way: AnyWayIn): way is AnyReceiver => "receive" in way;

/** Refuses: flow.connector. */
export async function findWayIn(ways: WaysIn, name: string): Promise<AnyWayIn> {
  const load = Object.hasOwn(ways, name) ? ways[name] : undefined;
  return load ? load() : refuse("flow.connector", { got: name, known: Object.keys(ways).join(", ") }, "/from/connector");
}
