/**
 * How fast changes of another system's log become records, beside what the same rows cost without decoding. The log is written first
 * and read afterwards, so that the writer takes no part of the machine. Latency is measured on its own, one row at a time.
 * node bench/change-capture.ts [--rows 200000] [--source postgres|binlog]
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createConnection } from "mysql2/promise";
import { mysqlBinlog, type BinlogConfig } from "../server/src/connectors/binlog/index.ts";
import { startMariadb } from "../server/src/connectors/database/mariadb-server.ts";
import type { Reading } from "../server/src/connectors/connector.ts";
import { connectionOf, slotOf } from "../server/src/connectors/replication/prepare.ts";
import { postgresReplication, type ReplicationConfig } from "../server/src/connectors/replication/index.ts";
import { openLink } from "../server/src/connectors/replication/walsender.ts";
import { elapsedMs, holdPostgres, silentLog, sleep, systemClock } from "../server/src/platform/index.ts";

const { values } = parseArgs({ options: { rows: { type: "string", default: "200000" }, source: { type: "string" }, json: { type: "boolean" } } });
const rows = Number(values.rows);
const ctx = { now: systemClock, log: silentLog };
const figures: Record<string, unknown> = { rows };
if (values.source !== "binlog") Object.assign(figures, { postgres: await measurePostgres() });
if (values.source !== "postgres") Object.assign(figures, { binlog: await measureBinlog() });
process.stdout.write(`${JSON.stringify(figures, null, 1)}\n`);

async function measurePostgres(): Promise<object> {
  const dataDir = await mkdtemp(join(tmpdir(), "tieout-bench-"));
  const hold = await holdPostgres({ dataDir, log: silentLog });
  try {
    const { owner } = hold;
    const address = new URL(hold.url);
    const config: ReplicationConfig = { host: address.hostname, port: Number(address.port), database: "tieout", user: "postgres", password: address.password, tables: ["line"] };
    await owner.query("create table line (id bigint primary key, document text not null, line_no int not null, item text not null, quantity numeric(18,4) not null, price numeric(18,6) not null, amount numeric(18,2) not null, booked_on date not null, changed_at timestamptz not null, note text)");
    let reading = await postgresReplication.open(config, new Map(), ctx);
    const start = await lastState(reading, "snapshot");
    for (let from = 0; from < rows; from += 1_000) {
      await owner.query(`insert into line select g, 'SO-' || g / 5, g % 5 + 1, 'ITEM-' || g % 977, 12.5, 99.123456, 1239.04, date '2026-03-05', now(), '备注 ' || g from generate_series(${from + 1}, ${from + 1_000}) g`);
    }
    const raw = await timed(async () => {
      const link = await openLink(connectionOf(config), { slot: slotOf(config), publication: "tieout", from: 0n, patienceMs: 0 });
      let inserts = 0, bytes = 0;
      while (inserts < rows) {
        const message = link.shift();
        if (message === undefined) await link.arrived(1_000);
        else {
          bytes += message.length;
          if (message[25] === 0x49) inserts++;
        }
      }
      await link.close();
      return bytes;
    });
    const copy = await timed(async () => {
      const { to } = await import("pg-copy-streams");
      let bytes = 0;
      for await (const part of owner.query(to("copy line to stdout"))) bytes += (part as Buffer).length;
      return bytes;
    });
    await sleep(200); // the server frees the slot
    reading = await postgresReplication.open(config, new Map([["", start]]), ctx);
    const decoded = await timed(() => readRecords(reading, rows));
    await reading.close();
    await sleep(200);

    reading = await postgresReplication.open(config, new Map([["", decoded.result.state]]), ctx);
    const latencies = await latenciesOf(reading, (id) => owner.query(`insert into line select ${rows + id}, 'SO', 1, 'ITEM', 1, 1, 1, date '2026-03-05', now(), 'x'`));
    await reading.close();
    return {
      goalRowsPerSecond: 50_000, rowsPerSecond: rate(decoded.ms), cpuMicrosPerRow: decoded.cpuMicros / rows, states: decoded.result.states,
      rawRowsPerSecond: rate(raw.ms), rawCpuMicrosPerRow: raw.cpuMicros / rows, bytesPerRow: Math.trunc(raw.result / rows), copyOutRowsPerSecond: rate(copy.ms), ...latencies,
    };
  } finally {
    await sleep(200);
    await hold.release();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function measureBinlog(): Promise<object> {
  const server = await startMariadb(["--log-bin=bin", "--server-id=1", "--binlog-format=ROW", "--binlog-row-image=FULL", "--binlog-row-metadata=FULL"]);
  const root = await createConnection({ socketPath: server.socket, user: "root", multipleStatements: true });
  try {
    await root.query("create database erp character set utf8mb4; create user tieout@'127.0.0.1'; grant all on *.* to tieout@'127.0.0.1'; use erp");
    const config: BinlogConfig = { host: "127.0.0.1", port: server.port, database: "erp", user: "tieout", tables: ["line"] };
    await root.query("create table line (id bigint primary key, document varchar(40) not null, line_no int not null, item varchar(40) not null, quantity decimal(18,4) not null, price decimal(18,6) not null, amount decimal(18,2) not null, booked_on date not null, changed_at datetime(6) not null, note varchar(200))");
    let reading = await mysqlBinlog.open(config, new Map(), ctx);
    const start = await lastState(reading, "snapshot");
    for (let from = 0; from < rows; from += 1_000) {
      await root.query(`insert into line select seq, concat('SO-', seq div 5), seq mod 5 + 1, concat('ITEM-', seq mod 977), 12.5, 99.123456, 1239.04, '2026-03-05', now(6), concat('备注 ', seq) from seq_${from + 1}_to_${from + 1_000}`);
    }
    const raw = await timed(() => readRawLog(server.port));
    const copy = await timed(async () => ((await root.query("select * from line"))[0] as unknown[]).length);
    reading = await mysqlBinlog.open(config, new Map([["", start]]), ctx);
    const decoded = await timed(() => readRecords(reading, rows));
    await reading.close();
    reading = await mysqlBinlog.open(config, new Map([["", decoded.result.state]]), ctx);
    const latencies = await latenciesOf(reading, (id) => root.query(`insert into line values (${rows + id}, 'SO', 1, 'ITEM', 1, 1, 1, '2026-03-05', now(6), 'x')`));
    await reading.close();
    return {
      goalRowsPerSecond: 40_000, rowsPerSecond: rate(decoded.ms), cpuMicrosPerRow: decoded.cpuMicros / rows, states: decoded.result.states,
      rawRowsPerSecond: rate(raw.ms), rawCpuMicrosPerRow: raw.cpuMicros / rows, bytesPerRow: Math.trunc(raw.result / rows), selectRowsPerSecond: rate(copy.ms), ...latencies,
    };
  } finally {
    await root.end();
    await server.close();
  }
}

/** The whole log as the server sends it, counted and thrown away. */
async function readRawLog(port: number): Promise<number> {
  const { default: ZongJi } = await import("@vlasky/zongji");
  const zongji = new ZongJi({ host: "127.0.0.1", port, user: "tieout" });
  let bytes = 0;
  let commits = 0;
  await new Promise<void>((resolve, reject) => {
    zongji.on("error", reject);
    zongji.on("binlog", (event) => {
      if (event.getEventName() === "xid") commits++;
      if (commits >= rows / 1_000) resolve();
    });
    zongji.start({ serverId: 77, includeEvents: ["xid"], gtidSet: "" });
  });
  bytes = (zongji.connection as unknown as { readonly stream: { readonly bytesRead: number } }).stream.bytesRead;
  zongji.stop();
  return bytes;
}

async function lastState(reading: Reading, phase: string) {
  for await (const message of reading.messages) {
    if (message.is !== "state") continue;
    await reading.ack(message.scope, message.state);
    await reading.close();
    return message.state;
  }
  throw new Error(`no state in the ${phase}`);
}

async function readRecords(reading: Reading, wanted: number) {
  let records = 0, states = 0;
  for await (const message of reading.messages) {
    if (message.is === "record") records++;
    if (message.is !== "state") continue;
    states++;
    await reading.ack(message.scope, message.state);
    if (records >= wanted) return { state: message.state, states };
  }
  throw new Error("the stream ended early");
}

/** From the moment before the insert is sent to the state that lets it be committed here. */
async function latenciesOf(reading: Reading, insert: (id: number) => Promise<unknown>) {
  const waits: number[] = [];
  const messages = reading.messages[Symbol.asyncIterator]();
  for (let id = 1; id <= 100; id++) {
    const since = elapsedMs();
    const written = insert(id);
    for (let isRead = false; ; ) {
      const { value } = await messages.next();
      if (value.is === "record") isRead = true;
      if (value.is === "state" && isRead) break;
    }
    waits.push(elapsedMs() - since);
    await written;
  }
  waits.sort((a, b) => a - b);
  return { latencyP50Ms: waits[50], latencyP99Ms: waits[98] };
}

async function timed<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly ms: number; readonly cpuMicros: number }> {
  const before = process.cpuUsage();
  const since = elapsedMs();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  return { result, ms: elapsedMs() - since, cpuMicros: user + system };
}

function rate(ms: number): number {
  return Math.trunc(rows / (ms / 1_000));
}
