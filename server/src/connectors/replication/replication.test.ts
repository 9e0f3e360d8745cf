import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import pg from "pg";
import { connectionConfig, elapsedMs, holdPostgres, openLog, silentLog, sleep, systemClock, type Log } from "../../platform/index.ts";
import { throwAwaySettings } from "../../platform/testing.ts";
import { acceptSource, statesOf, type Sample } from "../acceptance.ts";
import { FlowFault, type Message, type Reading, type Row, type States } from "../connector.ts";
import { lsnOf, lsnText } from "./pgoutput.ts";
import { postgresReplication, type ReplicationConfig } from "./replication.ts";

const dataDir = await mkdtemp(join(tmpdir(), "tieout-replication-"));
const hold = await holdPostgres({ dataDir, log: silentLog, settings: { ...throwAwaySettings, synchronous_commit: "on", wal_sender_timeout: "1s", max_replication_slots: "40", max_wal_senders: "20" } });
const { owner } = hold;
const address = new URL(hold.url);
after(async () => {
  await owner.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'tieout replication'");
  await hold.release();
  await rm(dataDir, { recursive: true, force: true });
});

const ctx = { now: systemClock, log: silentLog };
let made = 0;

/** A table of its own with a slot and a publication of its own. `sql` names the table T. */
async function table(sql: string, rest: Partial<ReplicationConfig> = {}) {
  const name = `t${++made}`;
  const run = (statement: string) => owner.query(statement.replaceAll(/\bT\b/g, name));
  await run(sql);
  const config: ReplicationConfig = { host: address.hostname, port: Number(address.port), database: "tieout", user: "postgres", password: address.password, tables: [name], slot: name, publication: name, ...rest };
  return { name, config, run, confirmed: async () => lsnOf(((await owner.query<{ at: string }>("select confirmed_flush_lsn::text as at from pg_replication_slots where slot_name = $1", [name])).rows[0] as { at: string }).at) as bigint };
}

const open = (config: ReplicationConfig, states: States = new Map(), log: Log = silentLog) => postgresReplication.open(config, states, { now: systemClock, log });

/** Messages until the last one satisfies, which must come within ten seconds. */
async function until(reading: Reading, isLast: (message: Message) => boolean, acks = false): Promise<Message[]> {
  const messages: Message[] = [];
  const late = setTimeout(() => void reading.close(), 10_000);
  const pulled = reading.messages[Symbol.asyncIterator]();
  for (;;) {
    const { value, done } = await pulled.next();
    if (done === true) break;
    messages.push(value);
    if (value.is === "state" && acks) await reading.ack(value.scope, value.state);
    if (isLast(value)) {
      clearTimeout(late);
      return messages;
    }
  }
  throw new Error(`the stream ended after ${messages.length} messages: ${JSON.stringify(messages.slice(-3)).slice(0, 800)}`);
}

const isLive = (message: Message): boolean => message.is === "status" && message.phase === "live";
const isState = (message: Message): boolean => message.is === "state";
const recordsOf = (messages: readonly Message[]) => messages.filter((message) => message.is === "record");

/** What stands in the inbox after these messages: the newest of each key, unset fields from the record before. */
function land(messages: readonly Message[], books = new Map<string, Row>()): Map<string, Row> {
  for (const { key, row, unset } of recordsOf(messages)) {
    if (row === null) books.delete(key);
    else {
      const before = books.get(key);
      for (const field of unset ?? []) assert.ok(before?.[field] !== undefined, `${key}: ${field} was left out, and nothing is known of it`);
      books.set(key, { ...Object.fromEntries((unset ?? []).map((field) => [field, before?.[field] ?? null])), ...row });
    }
  }
  return books;
}

async function contentsOf(name: string): Promise<Map<string, Row>> {
  const client = new pg.Client(connectionConfig(hold.url));
  await client.connect();
  const { rows } = await client.query<{ key: string; row: string }>(`select id::text as key, jsonb_build_object('id', id::text, 'version', version, 'note', note, 'big', big)::text as row from ${name}`);
  await client.end();
  return new Map(rows.map(({ key, row }) => [key, JSON.parse(row) as Row]));
}

const sorted = (books: ReadonlyMap<string, Row>) => [...books].map(([key, row]) => JSON.stringify([key, Object.entries(row).sort()])).sort();
const isFault = (code: string) => (error: unknown) => error instanceof FlowFault && error.problem.code === code;

acceptSource<ReplicationConfig>({
  source: postgresReplication,
  quietMs: 150,
  samples: 60,
  make: async () => {
    const { name, config, run } = await table("create table T (id bigint primary key, name text, amount numeric(18, 2))", { chunkRows: 25 });
    const write = (statement: string, samples: readonly Sample[]) => owner.query(statement.replace("T", name), [JSON.stringify(samples)]);
    return {
      config, stream: name,
      insert: async (samples) => void (await write("insert into T (id, name, amount) select * from json_to_recordset($1) as s(id bigint, name text, amount numeric)", samples)),
      update: async (samples) => void (await write("update T as t set name = s.name, amount = s.amount from json_to_recordset($1) as s(id bigint, name text, amount numeric) where t.id = s.id", samples)),
      remove: async (ids) => void (await owner.query(`delete from ${name} where id = any($1)`, [ids])),
      fill: async (count, bytesEach) => void (await owner.query(`insert into ${name} (id, name, amount) select g, repeat(md5(g::text), ${Math.trunc(bytesEach / 32)}), 1 from generate_series(1, ${count}) g`)),
      addColumn: async (column) => void (await run(`alter table T add column ${column} text`)),
      dropColumn: async (column) => void (await run(`alter table T drop column ${column}`)),
      renameColumn: async (from, to) => void (await run(`alter table T rename column ${from} to ${to}`)),
      broken: {
        auth: { ...config, password: "wrong" },
        network: { ...config, port: 1 },
        config: { ...config, tables: ["nowhere"] },
        permission: await unprivileged(config),
      },
      types: async () => {
        await run("drop table T; create table T (id bigint primary key, i2 smallint, i4 int, n numeric(38, 18), n0 numeric, f8 double precision, f4 real, t text, c char(4), b bytea, ok boolean, d date, ts timestamp, tz timestamptz, j jsonb, u uuid, a int[], missing text)");
        await run(`insert into T values (9223372036854775807, -32768, 2147483647, '12345678901234567890.123456789012345678', 'NaN', 0.1, 0.1, '采购 "入库" 	\\', 'ab', '\\x00ff', true, '2026-03-05', '2026-10-25 02:30:00.123456', '2026-10-25 02:30:00+02', '{"qty": 12345678901234567890.10, "n": 1}', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{1,NULL}', null)`);
        return {
          config, stream: name,
          rows: [{
            id: "9223372036854775807", i2: -32768, i4: 2147483647, n: "12345678901234567890.123456789012345678", n0: "NaN", f8: "0.1", f4: "0.1", t: '采购 "入库" \t\\', c: "ab  ", b: "AP8=", ok: true,
            d: "2026-03-05", ts: "2026-10-25T02:30:00.123456", tz: "2026-10-25T00:30:00Z", j: { n: 1, qty: "12345678901234567890.10" }, u: "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", a: "{1,NULL}", missing: null,
          }],
        };
      },
      close: async () => {
        await owner.query("select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = $1 and not active", [name]);
        await run("drop table T; drop publication if exists T");
      },
    };
  },
});

async function unprivileged(config: ReplicationConfig): Promise<ReplicationConfig> {
  await owner.query("do $$ begin create role clerk login password 'clerk'; exception when duplicate_object then null; end $$");
  return { ...config, user: "clerk", password: "clerk" };
}

const wide = "create table T (id bigint primary key, version int not null, note text, big text); alter table T alter big set storage external";

/** Writers that change a table of 1,500 rows in every way, each change a higher version, until they are told to stop. */
async function unrest(name: string, work: () => Promise<void>): Promise<void> {
  await owner.query(`insert into ${name} select g, 0, 'note ' || g, repeat('大', 1000) || g from generate_series(1, 1500) g`);
  let isOver = false;
  const writers = Array.from({ length: 3 }, async (_, writer) => {
    const client = new pg.Client(connectionConfig(hold.url));
    await client.connect();
    for (let round = 1; !isOver; round++) {
      const id = (round * 7919 * (writer + 1)) % 1500 + 1;
      const statements = [
        `update ${name} set version = version + 1, note = 'by ${writer}' where id = ${id}`, // leaves the TOAST column out
        `update ${name} set version = version + 1, big = repeat('换', 900) || ${round} where id = ${id}`,
        `delete from ${name} where id = ${id} and version > 0`,
        `insert into ${name} values (${10_000 + writer * 100_000 + round}, 0, null, repeat('新', 900))`,
        `update ${name} set id = id + 1000000, version = version + 1 where id = ${id}`, // a key that changes, with a TOAST column that does not
      ];
      await client.query(`begin; ${statements[round % 5]}; ${statements[(round + writer) % 5]}; commit`).catch((error: { code?: string }) => {
        if (error.code !== "23505" && error.code !== "40P01") throw error;
        return client.query("rollback");
      });
      await sleep(2);
    }
    await client.end();
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
  const end = owner.query(`insert into ${name} values (${id}, 0)`);
  const messages = await until(reading, (message) => message.is === "record" && message.key === String(id));
  await end;
  return [...messages, ...(await until(reading, isState))];
}

test("a snapshot in chunks and the stream give the table, while others write to it, and no record ever goes back", async () => {
  const { name, config } = await table(wide, { chunkRows: 100 });
  let reading: Reading | undefined;
  const messages: Message[] = [];
  await unrest(name, async () => {
    reading = await open(config);
    messages.push(...(await until(reading, isLive, true)));
  });
  messages.push(...(await catchUp(reading as Reading, name, 5_000_000)));
  await (reading as Reading).close();
  assert.deepEqual(sorted(land(messages)), sorted(await contentsOf(name)));
  assert.ok(recordsOf(messages).some(({ op }) => op !== "r"), "nothing was written meanwhile");
  const versions = new Map<string, number>();
  let last = "";
  for (const { key, row, op, position } of recordsOf(messages)) {
    assert.ok(position >= last, `${position} comes after ${last}`);
    last = position;
    if (row === null) versions.delete(key);
    else {
      assert.ok(Number(row.version) >= (versions.get(key) ?? 0), `${key} went back to version ${String(row.version)} by ${op}`);
      versions.set(key, Number(row.version));
    }
  }
});

test("killed at any state, in the middle of the snapshot or after it, the rest comes and the whole is the table", async () => {
  const { name, config } = await table(wide, { chunkRows: 200 });
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

test("a transaction that the log has but others do not see yet takes no record back", async () => {
  const { config, run, name } = await table("create table T (id int primary key, version int)");
  await run("insert into T values (1, 0), (2, 0)");
  const first = await open(config); // makes the slot, and reads nothing
  await first.close();
  await sleep(100);
  const writer = new pg.Client(connectionConfig(hold.url));
  await writer.connect();
  const standby = async (names: string) => void (await owner.query(`alter system set synchronous_standby_names = '${names}'`), await owner.query("select pg_reload_conf()"));
  await standby("ghost"); // a commit is logged and sent, and then waits for a standby that never comes
  try {
    await sleep(200);
    let isSeen = false;
    const commit = writer.query(`update ${name} set version = 1 where id = 1`).then(() => (isSeen = true));
    await sleep(200);
    const reading = await open(config);
    const messages = await until(reading, ({ is }) => is === "record");
    assert.deepEqual(recordsOf(messages).map(({ op, row }) => [op, row?.version]), [["u", 1]]);
    assert.equal(isSeen, false);
    await standby("");
    await commit;
    messages.push(...(await until(reading, isLive)));
    assert.deepEqual(recordsOf(messages).map(({ op, key, row }) => [op, key, row?.version]), [["u", "1", 1], ["r", "1", 1], ["r", "2", 0]]);
    await reading.close();
  } finally {
    await standby("");
    await writer.end();
  }
});

test("a position acknowledged too early by a timer loses nothing: the server's pings are answered with what is durable", async () => {
  const { config, run, confirmed } = await table("create table T (id int primary key)");
  const reading = await open(config);
  const states = statesOf(await until(reading, isLive, true));
  await run("insert into T select generate_series(1, 1000)");
  assert.equal(recordsOf(await until(reading, isState)).length, 1_000); // received and handed on, not yet committed by us
  const before = await confirmed();
  await sleep(2_500); // the server gives a silent receiver up after one second
  assert.equal(await confirmed(), before);
  await run("insert into T values (1001)");
  await until(reading, isState);
  await reading.close(); // as if killed
  const again = await open(config, states);
  assert.equal(recordsOf(await until(again, (message) => message.is === "state" && message.count[config.tables[0] as string] !== undefined)).length >= 1_000, true);
  await again.close();
});

test("a position acknowledged too early by flow control loses nothing: who does not pull holds the source back", async () => {
  const { config, name, run, confirmed } = await table("create table T (id int primary key, note text)");
  const reading = await open(config);
  const states = statesOf(await until(reading, isLive, true));
  const before = await confirmed();
  const memoryBefore = process.memoryUsage();
  await run("insert into T select g, repeat(md5(g::text), 30) from generate_series(1, 60000) g"); // one transaction of 60 MB
  await sleep(1_500); // nobody pulls, and the server's patience is over meanwhile
  const memory = process.memoryUsage();
  assert.ok(memory.arrayBuffers + memory.heapUsed - memoryBefore.arrayBuffers - memoryBefore.heapUsed < 30 * 1_048_576, `${memory.arrayBuffers} bytes wait`);
  assert.equal(await confirmed(), before);
  await reading.close();
  const again = await open(config, states);
  const messages = await until(again, isState);
  assert.deepEqual(recordsOf(messages).map(({ row }) => row?.id), Array.from({ length: 60_000 }, (_, i) => i + 1));
  assert.equal(messages.filter(isState).length, 1, "a state in the middle of a transaction");
  const { rows } = await owner.query<{ id: number; note: string }>(`select id, note from ${name} where id % 7919 = 0`);
  for (const { id, note } of rows) assert.equal(recordsOf(messages)[id - 1]?.row?.note, note);
  const { scope, state } = messages.at(-1) as Message & { is: "state" };
  await again.ack(scope, state);
  await sleep(100);
  assert.ok((await confirmed()) > before);
  await again.close();
});

test("an unchanged TOAST column is merged, never NULL", async () => {
  const { config, run } = await table(wide);
  await run("insert into T values (1, 0, 'a', repeat('大', 5000))");
  const reading = await open(config);
  await until(reading, isLive);
  await run("update T set note = 'b' where id = 1");
  const [changed] = recordsOf(await until(reading, isState));
  assert.deepEqual([changed?.unset, changed?.row], [["big"], { id: "1", version: 0, note: "b" }]);
  await run("update T set id = 2 where id = 1");
  const moved = recordsOf(await until(reading, isState));
  assert.deepEqual(moved.map(({ op, key, unset }) => [op, key, unset]), [["d", "1", undefined], ["c", "2", undefined]]);
  assert.equal(String(moved[1]?.row?.big).length, 5_000); // a new record begins whole
  await run("alter table T replica identity full; update T set note = 'c', big = null where id = 2; update T set note = 'd' where id = 2");
  const full = recordsOf(await until(reading, isState));
  assert.deepEqual(full.map(({ row, before }) => [row?.note, row?.big, before?.note, String(before?.big).length]), [["c", null, "b", 5_000], ["d", null, "c", 4]]);
  await reading.close();
});

test("int becomes bigint: the shape is told before the first row of the new type, and a type's form never changes with its value", async () => {
  const { config, run, name } = await table("create table T (id int primary key, n int)");
  await run("insert into T values (1, 7)");
  const reading = await open(config);
  const first = await until(reading, isLive);
  await run("insert into T values (2, 8)");
  const before = await until(reading, isState);
  assert.deepEqual(before.map(({ is }) => is), ["record", "state"]);
  await run("alter table T alter n type bigint; insert into T values (3, 9), (4, 9223372036854775807)");
  const behind = await until(reading, isState);
  assert.deepEqual(behind.map((message) => (message.is === "shape" ? [message.cause, message.shape.stream, message.shape.fields[1]?.native] : message.is === "record" ? message.row?.n : message.is)), [["relation", name, "bigint"], "9", "9223372036854775807", "state"]);
  assert.deepEqual(recordsOf([...first, ...before]).map(({ row }) => row?.n), [7, 8]);
  await reading.close();
  const again = await open(config, statesOf(behind));
  assert.deepEqual((await until(again, isLive)).filter(({ is }) => is === "shape"), []); // known already
  await again.close();
});

test("a slot that is gone, taken by others, or of another server stops the flow by name; a new reading is a choice", async () => {
  const { config, run, name } = await table("create table T (id int primary key)");
  await run("insert into T values (1)");
  const reading = await open(config);
  const messages = await until(reading, isLive, true);
  const states = statesOf(messages);
  await run("insert into T values (2)");
  await until(reading, isState);
  await reading.close();
  await sleep(100);

  const state = states.get("") as { readonly [name: string]: string };
  const changed = (fields: Record<string, string | number>): States => new Map([["", { ...state, ...fields }]]);
  await assert.rejects(open(config, changed({ system: "1" })), isFault("replication.slot_unlike"));
  await assert.rejects(open(config, changed({ timeline: 7 })), isFault("replication.slot_unlike"));
  await assert.rejects(open(config, changed({ slot: "other" })), isFault("replication.slot_unlike"));
  await assert.rejects(open(config, changed({ lsn: "000000FF/00000000" })), isFault("replication.slot_behind"));
  await owner.query("select pg_replication_slot_advance($1, pg_current_wal_lsn())", [name]);
  await assert.rejects(open(config, states), isFault("replication.slot_ahead"));
  await owner.query("select pg_drop_replication_slot($1)", [name]);
  await assert.rejects(open(config, states), isFault("replication.slot_lost"));

  const warnings: string[] = [];
  const again = await open({ ...config, onLostSlot: "snapshot" }, states, openLog({ level: "warn", write: (line) => void warnings.push(line) }));
  assert.deepEqual(recordsOf(await until(again, isLive, true)).map(({ op, key }) => [op, key]), [["r", "1"], ["r", "2"]]);
  assert.match(warnings.join(), /read again/);
  await again.close();
});

test("a slot whose log was dropped while the flow stood still is named", async () => {
  const { config, run, name } = await table("create table T (id int primary key)");
  const reading = await open(config);
  const states = statesOf(await until(reading, isLive, true));
  await reading.close();
  await sleep(100);
  try {
    await owner.query("alter system set max_slot_wal_keep_size = '1MB'");
    await owner.query("select pg_reload_conf()");
    for (let i = 0; i < 4; i++) await run("select pg_switch_wal(); insert into T values (1) on conflict do nothing");
    await owner.query("checkpoint");
    assert.equal((await owner.query<{ wal_status: string }>("select wal_status from pg_replication_slots where slot_name = $1", [name])).rows[0]?.wal_status, "lost");
    await assert.rejects(open(config, states), isFault("replication.slot_lost"));
  } finally {
    await owner.query("alter system reset max_slot_wal_keep_size");
    await owner.query("select pg_reload_conf()");
  }
});

test("a second reader of a slot is told so, and that it passes", async () => {
  const { config } = await table("create table T (id int primary key)");
  const reading = await open(config);
  await until(reading, isLive, true);
  await assert.rejects(open(config), (error) => isFault("replication.slot_busy")(error) && (error as FlowFault).failure === "network");
  await reading.close();
});

test("a table without key is not published, for its own system could then no longer change it", async () => {
  const { config, run, name } = await table("create table T (id int)");
  const failures = await postgresReplication.check(config, ctx);
  assert.deepEqual(failures.map(({ problem }) => problem.code), ["replication.no_key"]);
  await assert.rejects(open(config), isFault("replication.no_key"));
  await run("insert into T values (1); update T set id = 2");
  assert.equal((await owner.query("select from pg_publication where pubname = $1", [name])).rowCount, 0);
});

test("every missing right is named at once, each with the SQL that gives it", async () => {
  const { config, name } = await table("create table T (id int primary key)");
  const failures = await postgresReplication.check(await unprivileged(config), ctx);
  assert.deepEqual(failures.map(({ problem }) => [problem.code, problem.facts.sql]), [
    ["replication.not_permitted", 'alter role "clerk" replication;'],
    ["replication.no_select", `grant select on "public"."${name}" to "clerk";`],
    ["replication.publication", `create publication "${name}" for table "public"."${name}";`],
  ]);
});

test("a server that does not log for replication is named with the setting to change", async () => {
  const otherDir = await mkdtemp(join(tmpdir(), "tieout-replication-"));
  const other = await holdPostgres({ dataDir: otherDir, log: silentLog, settings: { ...throwAwaySettings, wal_level: "replica" } });
  try {
    await other.owner.query("create table sale (id int primary key)");
    const { hostname, port, password } = new URL(other.url);
    const failures = await postgresReplication.check({ host: hostname, port: Number(port), database: "tieout", user: "postgres", password, tables: ["sale"] }, ctx);
    assert.deepEqual(failures.map(({ failure, problem }) => [failure, problem.code, problem.facts]), [["config", "replication.wal_level", { level: "replica" }]]);
  } finally {
    await other.release();
    await rm(otherDir, { recursive: true, force: true });
  }
});

test("a table that joins the flow later is read in chunks while the others flow on, and only it", async () => {
  const one = await table("create table T (id int primary key)");
  const two = await table("create table T (id int primary key)");
  await one.run("insert into T values (1)");
  await two.run("insert into T values (2)");
  const reading = await open(one.config);
  const states = statesOf(await until(reading, isLive, true));
  await reading.close();
  await sleep(100);
  const again = await open({ ...one.config, tables: [one.name, `public.${two.name}`] }, states);
  const messages = await until(again, (message) => isLive(message) && (message as { stream?: string }).stream === two.name);
  assert.deepEqual(recordsOf(messages).map(({ stream, key, op }) => [stream, key, op]), [[two.name, "2", "r"]]);
  await two.run("insert into T values (3)");
  assert.equal(recordsOf(await until(again, isState))[0]?.key, "3");
  await again.close();
});

test("a table that was emptied or made anew is never passed over in silence", async () => {
  const { config, run, name } = await table("create table T (id int primary key)");
  await run("insert into T values (1)");
  const reading = await open(config);
  await until(reading, isLive, true);
  await run("insert into T values (2); truncate T");
  const messages = await until(reading, isState);
  assert.deepEqual(messages.map((message) => (message.is === "bad" ? message.problem.code : message.is)), ["record", "replication.truncated", "state"]);
  assert.deepEqual((messages.at(-1) as { count?: object }).count, { [name]: 2 });
  await reading.close();
  await run("drop table T; create table T (id int primary key); insert into T values (5)");
  await sleep(100);
  const again = await open(config, statesOf(messages));
  assert.deepEqual(recordsOf(await until(again, isLive)).map(({ key, op }) => [key, op]), [["5", "r"]]);
  await again.close();
});

test("a source that writes only elsewhere does not keep its log for us", async () => {
  const { config, confirmed } = await table("create table T (id int primary key)");
  const other = await table("create table T (id int primary key, note text)");
  const reading = await open(config);
  await until(reading, isLive, true);
  const before = await confirmed();
  await other.run("insert into T select g, repeat(md5(g::text), 30) from generate_series(1, 22000) g");
  const [moved] = (await until(reading, isState, true)).slice(-1) as [Message & { is: "state" }];
  assert.deepEqual(moved.count, {});
  await sleep(100);
  assert.ok((await confirmed()) > before + 16n * 1_048_576n);
  await reading.close();
});

test("a commit is handed on within a moment, with its state", async () => {
  const { config, run } = await table("create table T (id int primary key)");
  const reading = await open(config);
  await until(reading, isLive, true);
  const waits: number[] = [];
  for (let id = 1; id <= 30; id++) {
    const since = elapsedMs();
    void run(`insert into T values (${id})`);
    await until(reading, isState, true);
    waits.push(elapsedMs() - since);
  }
  assert.ok((waits.sort((a, b) => a - b)[15] as number) < 200, `${waits}`);
  await reading.close();
});

test("positions sort as text as they do in the log", () => {
  assert.equal(lsnText(0x1_016b3748n), "00000001/016B3748");
  assert.equal(lsnOf("1/16B3748"), 0x1_016b3748n);
  assert.equal(lsnOf("nonsense"), undefined);
  assert.ok(lsnText(9n) < lsnText(16n) && lsnText(0xffff_ffffn) < lsnText(0x1_0000_0000n));
});
