/**
 * How fast the first reading of a table goes, from a database on the same machine to records in memory, with its state after each
 * chunk, and how fast a sweep that finds nothing new. node bench/database-source.ts [--rows 200000] [--source postgres|mysql]
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createConnection } from "mysql2/promise";
import type { Json, Source, States } from "../server/src/connectors/connector.ts";
import { mysqlSource, postgresSource } from "../server/src/connectors/database/index.ts";
import { startMariadb } from "../server/src/connectors/database/mariadb-server.ts";
import { elapsedMs, holdPostgres, silentLog, systemClock } from "../server/src/platform/index.ts";

const { values } = parseArgs({ options: { rows: { type: "string", default: "200000" }, source: { type: "string" } } });
const rows = Number(values.rows);
const table = "create table line (id bigint primary key, document varchar(20) not null, line_no int not null, item varchar(20) not null, quantity decimal(18,4) not null, unit decimal(18,6) not null, total decimal(18,2) not null, booked_on date not null, changed timestamp(6) not null, note varchar(40))";
const streams = { line: { table: "line", cursor: "changed", sweep: "0s" } };

const figures: Record<string, unknown> = { rows };
if (values.source !== "mysql") figures.postgres = await measurePostgres();
if (values.source !== "postgres") figures.mysql = await measureMariadb();
process.stdout.write(`${JSON.stringify(figures, null, 1)}\n`);

async function measurePostgres(): Promise<object> {
  const dataDir = await mkdtemp(join(tmpdir(), "tieout-bench-"));
  const hold = await holdPostgres({ dataDir, log: silentLog });
  try {
    const address = new URL(hold.url);
    await hold.owner.query(table);
    await hold.owner.query(`insert into line select g, 'SO-' || g / 5, g % 5 + 1, 'ITEM-' || g % 977, 12.5, 99.123456, 1239.04, '2026-03-05', now() - interval '1 second' * g, '备注 ' || g from generate_series(1, ${rows}) g`);
    await hold.owner.query("create index on line (changed); analyze line");
    return await measure(postgresSource, { host: address.hostname, port: Number(address.port), database: address.pathname.slice(1), user: address.username, password: address.password, streams });
  } finally {
    await hold.release();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function measureMariadb(): Promise<object> {
  const server = await startMariadb();
  try {
    const client = await createConnection({ socketPath: server.socket, user: "root" });
    await client.query("create database bench character set utf8mb4");
    await client.query("use bench");
    await client.query(table);
    await client.query(`insert into line select seq, concat('SO-', seq div 5), seq % 5 + 1, concat('ITEM-', seq % 977), 12.5, 99.123456, 1239.04, '2026-03-05', now(6) - interval seq second, concat('备注 ', seq) from seq_1_to_${rows}`);
    await client.query("create index changed on line (changed)");
    await client.end();
    return await measure(mysqlSource, { host: server.socket, database: "bench", user: "root", streams });
  } finally {
    await server.close();
  }
}

async function measure<Config>(source: Source<Config>, config: Config): Promise<object> {
  const first = await read(source, config, new Map());
  const sweep = await read(source, config, first.states);
  if (first.records !== rows || sweep.records !== 0) throw new Error(`${first.records} and ${sweep.records} records came, ${rows} and 0 were to`);
  return {
    rowsPerSecond: Math.round((rows * 1000) / first.ms), ms: Math.round(first.ms), cpuMs: first.cpuMs, states: first.statesSent, stateBytes: first.stateBytes,
    sweepRowsPerSecond: Math.round((rows * 1000) / sweep.ms), rssMb: Math.round(process.memoryUsage().rss / 2 ** 20),
  };
}

async function read<Config>(source: Source<Config>, config: Config, before: States) {
  const states = new Map<string, Json>(before);
  let [records, statesSent, stateBytes] = [0, 0, 0];
  const [start, cpu] = [elapsedMs(), process.cpuUsage()];
  const reading = await source.open(config, before, { now: systemClock, log: silentLog });
  for await (const message of reading.messages) {
    if (message.is === "record") records += 1;
    if (message.is !== "state") continue;
    states.set(message.scope, message.state);
    statesSent += 1;
    stateBytes += JSON.stringify(message.state).length;
  }
  await reading.close();
  const { user, system } = process.cpuUsage(cpu);
  return { ms: elapsedMs() - start, cpuMs: Math.round((user + system) / 1000), records, states, statesSent, stateBytes };
}
