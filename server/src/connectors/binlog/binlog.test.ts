import assert from "node:assert/strict";
import { after, test } from "node:test";
import { createConnection, type Connection } from "mysql2/promise";
import { openLog, silentLog, sleep, systemClock, type Log } from "../../platform/index.ts";
import { acceptSource, statesOf, type Sample } from "../acceptance.ts";
import { FlowFault, type Json, type Message, type Reading, type Row, type States } from "../connector.ts";
import { mariadbAbsent, startMariadb } from "../database/mariadb-server.ts";
import { mysqlBinlog, type BinlogConfig } from "./binlog.ts";
import { canonicalType } from "./values.ts";

const skip = mariadbAbsent();
const options = skip === undefined ? {} : { skip };
const server = skip === undefined ? await startMariadb(["--log-bin=bin", "--server-id=1", "--binlog-format=ROW", "--binlog-row-image=FULL", "--binlog-row-metadata=FULL"]) : undefined;
const connect = (): Promise<Connection> => createConnection({ socketPath: server?.socket ?? "", user: "root", database: "erp", multipleStatements: true, charset: "utf8mb4", ...{ dateStrings: true, supportBigNumbers: true, bigNumberStrings: true } });
let root: Connection;
if (server !== undefined) {
  const first = await createConnection({ socketPath: server.socket, user: "root", multipleStatements: true });
  await first.query("create database erp character set utf8mb4; create user reader@'127.0.0.1' identified by 'open sesame'; grant replication slave, binlog monitor on *.* to reader@'127.0.0.1'; grant select on erp.* to reader@'127.0.0.1'");
  await first.end();
  root = await connect();
}
after(async () => {
  root?.destroy();
  await server?.close();
});

const ctx = { now: systemClock, log: silentLog };
let made = 0;

/** A table of its own; `sql` names it T. */
async function table(sql: string, rest: Partial<BinlogConfig> = {}) {
  const name = `t${++made}`;
  const run = async (statement: string) => void (await root.query(statement.replaceAll(/\bT\b/g, name)));
  await run(sql);
  const config: BinlogConfig = { host: "127.0.0.1", port: server?.port ?? 0, database: "erp", user: "reader", password: "open sesame", tables: [name], ...rest };
  return { name, config, run };
}

const open = (config: BinlogConfig, states: States = new Map(), log: Log = silentLog) => mysqlBinlog.open(config, states, { now: systemClock, log });

/** Messages until the last one satisfies, which must come within ten seconds. */
async function until(reading: Reading, isLast: (message: Message) => boolean): Promise<Message[]> {
  const messages: Message[] = [];
  const late = setTimeout(() => void reading.close(), 10_000);
  const pulled = reading.messages[Symbol.asyncIterator]();
  try {
    for (;;) {
      const { value, done } = await pulled.next();
      if (done === true) break;
      messages.push(value);
      if (isLast(value)) return messages;
    }
  } finally {
    clearTimeout(late);
  }
  throw new Error(`the stream ended after ${messages.length} messages: ${JSON.stringify(messages.slice(-3)).slice(0, 800)}`);
}

const isLive = (message: Message): boolean => message.is === "status" && message.phase === "live";
const isState = (message: Message): boolean => message.is === "state";
const recordsOf = (messages: readonly Message[]) => messages.filter((message) => message.is === "record");
const isFault = (code: string) => (error: unknown) => error instanceof FlowFault && error.problem.code === code;

/** What stands in the inbox after these messages: the newest of each key. */
function land(messages: readonly Message[], books = new Map<string, Row>()): Map<string, Row> {
  for (const { key, row } of recordsOf(messages)) {
    if (row === null) books.delete(key);
    else books.set(key, row);
  }
  return books;
}

async function contentsOf(name: string): Promise<Map<string, Row>> {
  const [rows] = await root.query(`select id, version, amount, note from ${name}`);
  return new Map((rows as { id: string | number; version: number; amount: string; note: string }[]).map((row): [string, Row] => [String(row.id), { ...row, id: String(row.id) }]));
}

const sorted = (books: ReadonlyMap<string, Row>) => [...books].map(([key, row]) => JSON.stringify([key, row])).sort();

acceptSource<BinlogConfig>({
  source: mysqlBinlog,
  quietMs: 300,
  samples: 60,
  skip,
  make: async () => {
    const { name, config, run } = await table("create table T (id bigint primary key, name varchar(4000), amount decimal(18, 2))", { chunkRows: 25 });
    const write = async (samples: readonly Sample[]) => void (await root.query(`insert into ${name} (id, name, amount) values ? on duplicate key update name = values(name), amount = values(amount)`, [samples.map((sample) => [sample.id, sample.name, sample.amount])]));
    return {
      config, stream: name,
      insert: write,
      update: write,
      remove: async (ids) => void (await root.query(`delete from ${name} where id in (?)`, [ids])),
      fill: async (count, bytesEach) => run(`insert into T (id, name, amount) select seq, repeat(md5(seq), ${Math.trunc(bytesEach / 32)}), 1 from seq_1_to_${count}`),
      addColumn: (column) => run(`alter table T add column ${column} varchar(40)`),
      dropColumn: (column) => run(`alter table T drop column ${column}`),
      renameColumn: (from, to) => run(`alter table T rename column ${from} to ${to}`),
      broken: {
        auth: { ...config, password: "wrong" },
        network: { ...config, port: 1 },
        config: { ...config, tables: ["nowhere"] },
        permission: await unprivileged(config),
      },
      types: async () => {
        await run(`drop table T; create table T ${kinds}`);
        await run(kindsRow.replace("ID", "18446744073709551615"));
        return { config, stream: name, rows: [{ id: "18446744073709551615", ...kindsValues }] };
      },
      close: () => run("drop table if exists T"),
    };
  },
});

async function unprivileged(config: BinlogConfig): Promise<BinlogConfig> {
  await root.query("create user if not exists clerk@'127.0.0.1' identified by 'clerk'; grant select on erp.* to clerk@'127.0.0.1'");
  return { ...config, user: "clerk", password: "clerk" };
}

const kinds = `(id bigint unsigned primary key, i1 tinyint, i4 int unsigned, i8 bigint, n decimal(38, 18), f8 double, f4 float, g varchar(40) character set gbk, gt text character set gbk, l char(10) character set latin1,
  b varbinary(20), bb binary(4), bl blob, d date, zd date, ts datetime(6), tz timestamp(3) null, t time(2), y year, e enum('甲','乙') character set gbk, s set('a','b','c'), bi bit(12), j json, missing text)`;
const kindsRow = `set time_zone = '+08:00'; insert into T values (ID, -128, 4294967295, -9223372036854775808, '-12345678901234567890.123456789012345678', 0.1, 16777.217, '采购入库 “甲”', '开具发票', 'é', x'00ff', x'01', x'fffe',
  '2026-03-05', '0000-00-00', '2026-10-25 02:30:00.123456', '2026-10-25 08:30:00.5', '-01:02:03.5', 2026, '乙', 'a,c', b'101000000001', '{"qty": 12345678901234567890.10}', null); set time_zone = default`;
const kindsValues: Row = {
  i1: -128, i4: 4294967295, i8: "-9223372036854775808", n: "-12345678901234567890.123456789012345678", f8: "0.1", f4: "16777.217", g: "采购入库 “甲”", gt: "开具发票", l: "é",
  b: "AP8=", bb: "AQAAAA==", bl: "//4=", d: "2026-03-05", zd: "0000-00-00", ts: "2026-10-25T02:30:00.123456", tz: "2026-10-25T00:30:00.500Z", t: "-01:02:03.50", y: 2026, e: "乙", s: "a,c", bi: "2561", j: '{"qty": 12345678901234567890.10}', missing: null,
};

test("a value is the same from the snapshot and from the log: decimals, 64-bit integers, dates, GBK, bytes", options, async () => {
  const { config, run } = await table(`create table T ${kinds}`);
  await run("set session sql_mode = ''");
  await run(kindsRow.replace("ID", "1"));
  const reading = await open(config);
  const snapshot = recordsOf(await until(reading, isLive));
  await run(kindsRow.replace("ID", "2"));
  const log = recordsOf(await until(reading, isState));
  await run("update T set i1 = 1 where id = 2");
  const [update] = recordsOf(await until(reading, isState));
  await reading.close();
  assert.deepEqual(snapshot[0]?.row, { id: "1", ...kindsValues });
  assert.deepEqual(log[0]?.row, { id: "2", ...kindsValues });
  assert.deepEqual([update?.before, update?.row], [{ id: "2", ...kindsValues }, { id: "2", ...kindsValues, i1: 1 }]);
});

const plain = "create table T (id bigint primary key, version int not null, amount decimal(20, 6) not null, note varchar(200))";

/** Writers that change a table of 1,000 rows in every way, each change a higher version, until they are told to stop. */
async function unrest(name: string, work: () => Promise<void>): Promise<void> {
  await root.query(`insert into ${name} select seq, 0, seq, concat('行 ', seq) from seq_1_to_1000`);
  let isOver = false;
  const writers = Array.from({ length: 3 }, async (_, writer) => {
    const connection = await connect();
    for (let round = 1; !isOver; round++) {
      const id = (round * 7919 * (writer + 1)) % 1000 + 1;
      const statements = [
        `update ${name} set version = version + 1, note = 'by ${writer}' where id = ${id}`,
        `update ${name} set version = version + 1, amount = amount + 0.000001 where id between ${id} and ${id + 3}`,
        `delete from ${name} where id = ${id} and version > 0`,
        `insert into ${name} values (${10_000 + writer * 100_000 + round}, 0, 1, null)`,
        `update ${name} set id = id + 1000000, version = version + 1 where id = ${id}`,
      ];
      await connection.query(`begin; ${statements[round % 5]}; ${statements[(round + writer) % 5]}; commit`).catch((error: { errno?: number }) => {
        if (error.errno !== 1062 && error.errno !== 1213) throw error;
        return connection.query("rollback");
      });
      await sleep(2);
    }
    await connection.end();
  });
  try {
    await work();
  } finally {
    isOver = true;
    await Promise.all(writers);
  }
}

/** Reads on until a row that is written now has come, so that everything before it has. */
async function catchUp(reading: Reading, name: string, id: number): Promise<Message[]> {
  await root.query(`insert into ${name} values (${id}, 0, 0, null)`);
  const messages = await until(reading, (message) => message.is === "record" && message.key === String(id));
  return [...messages, ...(await until(reading, isState))];
}

test("a snapshot in chunks and the log give the table, while others write to it, and no record ever goes back", options, async () => {
  const { name, config } = await table(plain, { chunkRows: 50 });
  let reading: Reading | undefined;
  const messages: Message[] = [];
  await unrest(name, async () => {
    reading = await open(config);
    messages.push(...(await until(reading, isLive)));
  });
  messages.push(...(await catchUp(reading as Reading, name, 5_000_000)));
  await (reading as Reading).close();
  assert.deepEqual(sorted(land(messages)), sorted(await contentsOf(name)));
  assert.ok(recordsOf(messages).some(({ op }) => op !== "r"), "nothing was written meanwhile");
  const versions = new Map<string, number>();
  for (const { key, row, op } of recordsOf(messages)) {
    if (row === null) versions.delete(key);
    else {
      assert.ok(Number(row.version) >= (versions.get(key) ?? 0), `${key} went back to version ${String(row.version)} by ${op}`);
      versions.set(key, Number(row.version));
    }
  }
});

test("killed at any state, in the middle of the snapshot or after it, the rest comes and the whole is the table", options, async () => {
  const { name, config } = await table(plain, { chunkRows: 100 });
  const whole: Message[] = [];
  await unrest(name, async () => {
    const reading = await open(config);
    whole.push(...(await until(reading, isLive)));
    await reading.close();
  });
  const cuts = whole.flatMap(({ is }, at) => (is === "state" ? [at] : []));
  assert.ok(cuts.length > 8, `${cuts.length} states`);
  const step = Math.ceil(cuts.length / 8);
  for (const [i, cut] of cuts.filter((_, at) => at % step === 0 || at === cuts.length - 1).entries()) {
    const before = whole.slice(0, cut + 1);
    const reading = await open(config, statesOf(before));
    const rest = await until(reading, isLive);
    rest.push(...(await catchUp(reading, name, 6_000_000 + i)));
    await reading.close();
    assert.deepEqual(sorted(land(rest, land(before))), sorted(await contentsOf(name)), `after the state at ${cut}`);
  }
});

test("a binlog ALTER and a resume by GTID shift no column", options, async () => {
  const { config, run, name } = await table("create table T (id int primary key, customer varchar(40), amount decimal(10, 2))");
  await run("insert into T values (1, 'Müller', 1.50)");
  const reading = await open(config);
  const states = statesOf(await until(reading, isLive));
  await reading.close();
  await run("insert into T values (2, '前', 2.50)");
  await run("alter table T add column code varchar(10) first, drop column customer");
  await run("insert into T values ('K3', 3, 3.50)");
  await run("alter table T modify code varchar(20) after amount; alter table T rename column amount to total");
  await run("insert into T values (4, 4.50, 'K4')");
  const again = await open(config, states);
  const messages = await until(again, (message) => message.is === "record" && message.key === "4");
  assert.deepEqual(messages.flatMap((message) => (message.is === "record" ? [message.row as Json] : message.is === "shape" ? [[message.cause, ...message.shape.fields.map(({ field }) => field)] as Json] : [])), [
    { id: 2, customer: "前", amount: "2.50" },
    ["ddl", "code", "id", "amount"],
    { code: "K3", id: 3, amount: "3.50" },
    ["ddl", "id", "total", "code"],
    { id: 4, total: "4.50", code: "K4" },
  ]);
  assert.ok(messages.every((message) => message.is !== "record" || message.stream === name));
  await again.close();
});

test("a long transaction has its state at its end alone, and small ones share one", options, async () => {
  const { config, run } = await table(plain);
  const reading = await open(config);
  await until(reading, isLive);
  await run("insert into T select seq, 0, 1, repeat('x', 200) from seq_1_to_30000");
  const messages = await until(reading, isState);
  assert.deepEqual(recordsOf(messages).map(({ row }) => row?.id), Array.from({ length: 30_000 }, (_, i) => String(i + 1)));
  assert.equal(new Set(recordsOf(messages).map(({ transaction }) => transaction)).size, 1);
  await reading.close();
});

test("every missing setting is named at once, each with the line that mends it", options, async () => {
  const { config } = await table(plain);
  await root.query("set global binlog_format = 'STATEMENT', global binlog_row_image = 'MINIMAL', global binlog_row_metadata = 'NO_LOG'");
  const failures = await mysqlBinlog.check(config, ctx).finally(() => root.query("set global binlog_format = 'ROW', global binlog_row_image = 'FULL', global binlog_row_metadata = 'FULL'"));
  assert.deepEqual(failures.map(({ problem }) => [problem.code, problem.facts.found, problem.facts.line]), [
    ["binlog.setting", "STATEMENT", "binlog_format=ROW"],
    ["binlog.setting", "MINIMAL", "binlog_row_image=FULL"],
    ["binlog.setting", "NO_LOG", "binlog_row_metadata=FULL"],
  ]);
  const rights = await mysqlBinlog.check(await unprivileged(config), ctx);
  assert.deepEqual(rights.map(({ problem }) => problem.facts.sql), ["grant replication slave on *.* to clerk;", "grant binlog monitor on *.* to clerk;"]);
  const other = await table("create table T (id int, place point)");
  assert.deepEqual((await mysqlBinlog.check(other.config, ctx)).map(({ problem }) => problem.code), ["binlog.no_key"]);
  await other.run("alter table T add primary key (id)");
  assert.deepEqual((await mysqlBinlog.check(other.config, ctx)).map(({ problem }) => problem.code), ["binlog.column_type"]);
});

test("a change that was logged as a statement stops the flow; one of another table does not", options, async () => {
  const { config, run } = await table(plain);
  const other = await table(plain);
  const reading = await open(config);
  await until(reading, isLive);
  await other.run("set session binlog_format = 'STATEMENT'; insert into T values (1, 0, 0, null); set session binlog_format = 'ROW'");
  await run("insert into T values (1, 0, 0, null)");
  assert.equal(recordsOf(await until(reading, isState)).length, 1);
  await run("set session binlog_format = 'STATEMENT'; insert into T values (2, 0, 0, null); set session binlog_format = 'ROW'");
  await assert.rejects(until(reading, () => false), isFault("binlog.statement"));
});

test("a log written without column names is not guessed at", options, async () => {
  const { config, run } = await table(plain);
  const reading = await open(config);
  await until(reading, isLive);
  await root.query("set global binlog_row_metadata = 'NO_LOG'");
  try {
    await run("insert into T values (1, 0, 0, null)");
    await assert.rejects(until(reading, () => false), isFault("binlog.undecodable"));
  } finally {
    await root.query("set global binlog_row_metadata = 'FULL'");
  }
});

test("a table that was emptied, dropped or renamed is never passed over in silence", options, async () => {
  const { config, run, name } = await table(plain);
  const reading = await open(config);
  await until(reading, isLive);
  await run("truncate table T");
  const messages = await until(reading, isState);
  assert.deepEqual(messages.map((message) => (message.is === "bad" ? [message.problem.code, message.stream, message.bytes.toString()] : message.is)), [["binlog.truncated", name, `truncate table ${name}`], "state"]);
  await run("rename table T to T_old");
  await assert.rejects(until(reading, () => false), isFault("binlog.table_replaced"));
});

test("a connection that is cut is an outage, and the flow goes on from its state", options, async () => {
  const { config, run } = await table(plain);
  const reading = await open(config);
  const states = statesOf(await until(reading, isLive));
  const [dumps] = await root.query("select id from information_schema.processlist where command = 'Binlog Dump'");
  for (const { id } of dumps as { id: number }[]) await root.query(`kill ${id}`);
  await assert.rejects(until(reading, () => false), (error) => error instanceof FlowFault && error.failure === "network");
  await run("insert into T values (1, 0, 0, null)");
  const again = await open(config, states);
  assert.equal(recordsOf(await until(again, isState))[0]?.key, "1");
  await again.close();
});

test("a position that the server no longer has, or never had, stops the flow by name; a new reading is a choice", options, async () => {
  const { config, run } = await table(plain);
  await run("insert into T values (1, 0, 0, null)");
  const reading = await open(config);
  const states = statesOf(await until(reading, isLive));
  await reading.close();
  const state = states.get("") as { readonly [name: string]: Json };
  await assert.rejects(open(config, new Map([["", { ...state, gtid: "0-1-99999999" }]])), isFault("binlog.position_unlike"));
  await assert.rejects(open(config, new Map([["", { ...state, flavour: "mysql", gtid: "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5" }]])), isFault("binlog.position_unlike"));
  await run("insert into T values (2, 0, 0, null)");
  await root.query("flush binary logs");
  const [[last]] = (await root.query("show master status")) as unknown as [[{ File: string }]];
  for (let files = 2; files > 1; await sleep(100)) {
    await root.query(`purge binary logs to '${last.File}'`); // not while a dump that was just ended still holds a file
    files = ((await root.query("show binary logs"))[0] as unknown[]).length;
  }
  await assert.rejects(open(config, states), isFault("binlog.position_lost"));
  const warnings: string[] = [];
  const again = await open({ ...config, onLostPosition: "snapshot" }, states, openLog({ level: "warn", write: (line) => void warnings.push(line) }));
  assert.deepEqual(recordsOf(await until(again, isLive)).map(({ op, key }) => [op, key]), [["r", "1"], ["r", "2"]]);
  assert.match(warnings.join(), /read again/);
  await again.close();
});

test("a type reads the same in the catalog and in the log", () => {
  assert.deepEqual(["int(10) unsigned zerofill", "bigint(20)", "double(10,2)", "varchar(30) /*M!100301 COMPRESSED*/", "decimal(10,2) unsigned", "enum('A b','C')"].map(canonicalType), ["int unsigned", "bigint", "double", "varchar(30)", "decimal(10,2) unsigned", "enum('A b','C')"]);
});
