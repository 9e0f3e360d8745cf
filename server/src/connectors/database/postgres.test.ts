import assert from "node:assert/strict";
import { test } from "node:test";
import pg from "pg";
import { silentLog, systemClock } from "../../platform/index.ts";
import { testStore } from "../../platform/testing.ts";
import { acceptSource, makeSamples, readSource, statesOf, type Sample, type System } from "../acceptance.ts";
import { FlowFault, type RecordMessage, type States } from "../connector.ts";
import { postgresSource } from "./index.ts";
import type { Server } from "./dialect.ts";
import type { DatabaseConfig } from "./source.ts";

type Config = DatabaseConfig<Server>;
const ctx = { now: systemClock, log: silentLog };
const read = (config: Config, states: States = new Map()) => readSource(postgresSource, config, states, { ctx, quietMs: 0, acks: true });
const shown = ({ op, key, row }: RecordMessage): string => `${op} ${key}${row === null ? "" : ` ${String(row.name)}`}`;

async function openSystem(streams?: Config["streams"]) {
  const store = await testStore();
  const address = new URL(store.url);
  const server: Server = { host: address.hostname, port: Number(address.port), database: address.pathname.slice(1), user: decodeURIComponent(address.username), password: decodeURIComponent(address.password) };
  const client = new pg.Client(store.url);
  await client.connect();
  await client.query("create schema shop; create table shop.item (id bigint primary key, name text not null, amount numeric(12, 2) not null, changed timestamptz not null default clock_timestamp())");
  const config: Config = { ...server, streams: streams ?? { item: { table: "shop.item", cursor: "changed", sweep: "0s", chunk: 10 } } };
  const insert = async (samples: readonly Sample[]) => {
    await client.query("insert into shop.item (id, name, amount) select * from unnest($1::bigint[], $2::text[], $3::numeric[])", [samples.map(({ id }) => id), samples.map(({ name }) => name), samples.map(({ amount }) => amount)]);
  };
  return { store, server, client, config, insert, close: async () => { await client.end(); await store.close(); } };
}

acceptSource<Config>({
  source: postgresSource,
  async make(): Promise<System<Config>> {
    const { server, client, config, insert, close } = await openSystem();
    const outsider = `outsider_${server.database}`;
    await client.query(`create role ${outsider} login password 'x'; grant usage on schema shop to ${outsider}`);
    return {
      config, stream: "item", insert,
      update: async (samples) => {
        for (const { id, name, amount } of samples) await client.query("update shop.item set name = $2, amount = $3, changed = clock_timestamp() where id = $1", [id, name, amount]);
      },
      remove: async (ids) => void (await client.query("delete from shop.item where id = any ($1)", [ids])),
      broken: {
        config: { ...config, streams: { item: { table: "shop.absent" } } },
        auth: { ...config, user: "nobody_of_that_name" },
        network: { ...config, port: 1 },
        permission: { ...config, user: outsider, password: "x" },
      },
      types: async () => {
        await client.query(`
          create table shop.kinds (id int primary key, small smallint, big bigint, exact numeric(38, 18), free numeric, single real, double double precision, yes boolean, day date,
            at timestamptz, wall timestamp, raw bytea, doc jsonb, words varchar(20), list int[], nothing text);
          insert into shop.kinds values
            (1, -32768, 9223372036854775807, '12345678901234567890.123456789012345678', '1e-20', 0.1, 1e21, true, '2024-02-29',
             '2026-03-29 01:59:59.999999+01', '2026-03-29 02:30:00', '\\x00ff10', '{"n": 12345678901234567.89, "i": 1}', '中文 “q”', '{1,2}', null),
            (2, 0, -9223372036854775808, '-0.000000000000000001', '100', -0.5, 0.1, false, '0001-01-01', '2026-10-25 02:30:00+02', '2026-10-25 02:30:00', '', '[]', '', '{}', null)`);
        const common = { nothing: null };
        return {
          config: { ...config, zone: "Europe/Berlin", streams: { kinds: { table: "shop.kinds" } } },
          stream: "kinds",
          rows: [
            { id: 1, small: -32768, big: "9223372036854775807", exact: "12345678901234567890.123456789012345678", free: "0.00000000000000000001", single: "0.1", double: "1000000000000000000000", yes: true, day: "2024-02-29", at: "2026-03-29T00:59:59.999999Z", wall: "2026-03-29T02:30:00+01:00", raw: "AP8Q", doc: { n: "12345678901234567.89", i: 1 }, words: "中文 “q”", list: "{1,2}", ...common },
            { id: 2, small: 0, big: "-9223372036854775808", exact: "-0.000000000000000001", free: "100", single: "-0.5", double: "0.1", yes: false, day: "0001-01-01", at: "2026-10-25T00:30:00Z", wall: "2026-10-25T02:30:00+02:00", raw: "", doc: [], words: "", list: "{}", ...common },
          ],
        };
      },
      addColumn: async (name) => void (await client.query(`alter table shop.item add ${pg.escapeIdentifier(name)} text`)),
      renameColumn: async (from, to) => void (await client.query(`alter table shop.item rename ${from} to ${to}`)),
      dropColumn: async (name) => void (await client.query(`alter table shop.item drop ${name}`)),
      poison: async (id) => void (await client.query("alter table shop.item add if not exists due date; update shop.item set due = 'infinity' where id = " + String(id))),
      fill: async (count, bytesEach) => void (await client.query("insert into shop.item select i, repeat('x', $2), 1 from generate_series(1, $1) i", [count, bytesEach])),
      close: async () => {
        await client.query(`drop owned by ${outsider}; drop role ${outsider}`);
        await close();
      },
    };
  },
});

test("a cursor does not skip a row whose transaction commits late", async () => {
  const { store, client, config, insert, close } = await openSystem({ item: { table: "shop.item", cursor: "changed", sweep: "never" } });
  const slow = new pg.Client(store.url);
  await slow.connect();
  try {
    await insert(makeSamples(1, 2));
    const { states } = await read(config);
    // The slow transaction stamps its row first and commits last.
    await slow.query("begin; insert into shop.item (id, name, amount) values (3, 'late', 1)");
    await client.query("insert into shop.item (id, name, amount) values (4, 'early', 1)");
    const between = await read(config, states);
    assert.deepEqual(between.records.map(shown), ["r 4 early"]);
    await slow.query("commit");
    const then = await read(config, between.states);
    assert.deepEqual(then.records.map(shown), ["r 3 late"]);
    assert.deepEqual((await read(config, then.states)).records.map(shown), []);
  } finally {
    await slow.end();
    await close();
  }
});

test("a row that commits later than the overlap reaches back is found by the sweep", async () => {
  const { client, config, insert, close } = await openSystem();
  const with_ = (sweep: string): Config => ({ ...config, streams: { item: { table: "shop.item", cursor: "changed", overlap: "1s", sweep } } });
  try {
    await insert(makeSamples(1, 2));
    await client.query("update shop.item set changed = now() - interval '2 hours' where id = 1");
    const first = await read(with_("1d"));
    await client.query("insert into shop.item (id, name, amount, changed) values (3, 'very late', 1, now() - interval '1 hour'); update shop.item set name = 'no stamp' where id = 1");
    const poll = await read(with_("1d"), first.states);
    assert.deepEqual(poll.records.map(shown), []);
    assert.deepEqual((await read(with_("0s"), poll.states)).records.map(shown), ["r 1 no stamp", "r 3 very late"]);
  } finally {
    await close();
  }
});

test("a stamp from the future is read and does not hide what comes before it", async () => {
  const { client, config, insert, close } = await openSystem({ item: { table: "shop.item", cursor: "changed", sweep: "never" } });
  try {
    await insert(makeSamples(1, 1));
    await client.query("insert into shop.item values (2, 'typed 2099', 1, '2099-01-01')");
    const first = await read(config);
    assert.equal(first.records.length, 2);
    await insert(makeSamples(3, 1));
    const second = await read(config, first.states);
    assert.deepEqual(second.records.map(({ key }) => key), ["3"]);
    await client.query("update shop.item set changed = '2098-01-01', name = 'typed 2098' where id = 2");
    assert.deepEqual((await read(config, second.states)).records.map(shown), ["r 2 typed 2098"]);
  } finally {
    await close();
  }
});

test("a growing number serves as cursor, and a source that stands behind the position is refused", async () => {
  const { client, config, insert, close } = await openSystem({ item: { table: "shop.item", cursor: "id", overlap: 0, sweep: "never" } });
  try {
    await insert(makeSamples(1, 5));
    const first = await read(config);
    assert.deepEqual((await read(config, first.states)).records, []);
    await insert(makeSamples(6, 2));
    const second = await read(config, first.states);
    assert.deepEqual(second.records.map(({ key }) => key), ["6", "7"]);
    await client.query("delete from shop.item where id > 3");
    await assert.rejects(read(config, second.states), (error) => error instanceof FlowFault && error.problem.code === "source.state");
  } finally {
    await close();
  }
});

test("a document comes with its lines, and again when only a line changed", async () => {
  const lines = { table: "shop.line", parent: "order_id", cursor: ["written", "created"], overlap: "5m" } as const;
  const { client, config, close } = await openSystem({ order: { table: "shop.order", cursor: ["written", "created"], sweep: "never", chunk: 2, children: { lines: { ...lines, cursor: [...lines.cursor] } } } });
  try {
    await client.query(`
      create table shop.order (id int primary key, no text, created timestamptz not null default clock_timestamp(), written timestamptz);
      create table shop.line (id int primary key, order_id int references shop.order, item text, quantity numeric(10, 3), created timestamptz not null default clock_timestamp(), written timestamptz);
      insert into shop.order (id, no) select i, 'SO-' || i from generate_series(1, 5) i;
      insert into shop.line (id, order_id, item, quantity) select o * 10 + l, o, 'item ' || l, l from generate_series(1, 4) o, generate_series(1, 2) l`);
    const told = ({ records }: Awaited<ReturnType<typeof read>>) => records.map(({ key, row }) => `${key}: ${(row?.lines as { item: string; quantity: string }[]).map(({ item, quantity }) => `${item} × ${quantity}`).join(", ")}`);
    const first = await read(config);
    assert.deepEqual(told(first), [1, 2, 3, 4].map((no) => `${no}: item 1 × 1.000, item 2 × 2.000`).concat("5: "));
    assert.deepEqual((await read(config, first.states)).records, []);
    await client.query("update shop.line set quantity = 7, written = clock_timestamp() where id = 32; insert into shop.line (id, order_id, item, quantity) values (51, 5, 'new', 1)");
    const second = await read(config, first.states);
    assert.deepEqual(told(second).sort(), ["3: item 1 × 1.000, item 2 × 7.000", "5: new × 1.000"]);
    assert.deepEqual((await read(config, second.states)).records, []);
    assert.deepEqual(first.messages.flatMap((message) => (message.is === "shape" ? [message.shape.stream] : [])), ["order", "order.lines"]);
  } finally {
    await close();
  }
});

test("keys and tables of any name are read, and names cannot become SQL", async () => {
  const { client, config, close } = await openSystem();
  try {
    await client.query(`create table shop."x"" ; drop table shop.item --" ("k 1" text, k2 numeric(5, 1), "select" int, primary key ("k 1", k2)); insert into shop."x"" ; drop table shop.item --" values ('a|b', 1.5, 1), ('a''"', 2, 2), ('中', 1, 3), ('a''"', -1, 4)`);
    const { records } = await read({ ...config, streams: { odd: { table: 'shop.x" ; drop table shop.item --', chunk: 1 } } });
    assert.deepEqual(records.map(({ row }) => row?.select).sort(), [1, 2, 3, 4]);
    assert.deepEqual((await client.query("select count(*)::int from shop.item")).rows, [{ count: 0 }]);
  } finally {
    await close();
  }
});

test("a stream without a key, with an empty key or with a key that is none is refused with its name", async () => {
  const { client, config, close } = await openSystem();
  try {
    await client.query("create table shop.loose (a int, b text); insert into shop.loose values (1, 'x'), (1, 'y')");
    const failing = async (stream: Config["streams"][string]) => {
      const code = await read({ ...config, streams: { loose: stream } }).then(() => "read", (error: unknown) => (error instanceof FlowFault ? `${error.failure} ${error.problem.code}` : String(error)));
      return code;
    };
    assert.equal(await failing({ table: "shop.loose" }), "config sql.no_key");
    assert.equal(await failing({ table: "shop.loose", key: ["a"] }), "config sql.key_twice");
    assert.equal(await failing({ table: "shop.loose", key: ["a"], chunk: 1 }), "config sql.key_twice");
    assert.equal(await failing({ table: "shop.loose", key: ["c"] }), "config sql.no_column");
    assert.equal(await failing({ table: "shop.loose", key: ["a", "b"], cursor: "b" }), "config sql.cursor_type");
    assert.equal(await failing({ table: "shop.loose", key: ["a", "b"], cursor: "a", overlap: "5m" }), "config sql.overlap");
    assert.equal(await failing({ query: "select nothing from shop.loose", key: ["a"] }), "config sql.statement");
    await client.query("insert into shop.loose values (2, null)");
    assert.equal(await failing({ table: "shop.loose", key: ["a", "b"] }), "config sql.key_null");
    assert.equal(await failing({ query: "delete from shop.loose returning a", key: ["a"] }), "config sql.statement");
  } finally {
    await close();
  }
});

test("a state of another database or of another definition is refused", async () => {
  const { config, insert, close } = await openSystem();
  try {
    await insert(makeSamples(1, 3));
    const { states } = await read(config);
    const isRefused = (error: unknown): boolean => error instanceof FlowFault && error.failure === "config" && error.problem.code === "source.state";
    await assert.rejects(read({ ...config, streams: { item: { table: "shop.item", sweep: "0s" } } }, states), isRefused);
    await assert.rejects(read({ ...config, host: "127.0.0.1", zone: "Asia/Shanghai" }, states), isRefused);
    assert.deepEqual((await read({ ...config, streams: { item: { table: "shop.item", cursor: "changed", sweep: "1d", chunk: 3, overlap: "1m" } } }, states)).records, []);
  } finally {
    await close();
  }
});

test("a first reading of thousands of rows is resumed behind every chunk, and its sweep finds what is gone", async () => {
  const { client, config, close } = await openSystem({ item: { table: "shop.item", cursor: "changed", sweep: "0s", chunk: 500 } });
  try {
    await client.query("insert into shop.item select i, 'item ' || i, i, now() - interval '1 day' from generate_series(1, 2600) i");
    const whole = await read(config);
    assert.equal(whole.records.length, 2600);
    const sizes = whole.messages.flatMap((message) => (message.is === "state" ? [JSON.stringify(message.state).length] : []));
    assert.ok(Math.max(...sizes) < 60_000, `the largest state has ${Math.max(...sizes)} characters`);
    for (const [at, message] of whole.messages.entries()) {
      if (message.is !== "state") continue;
      const rest = await read({ ...config, streams: { item: { ...config.streams.item, sweep: "1d" } } }, statesOf(whole.messages.slice(0, at + 1)));
      assert.deepEqual(rest.records.map(({ key }) => key), whole.messages.slice(at + 1).flatMap((later) => (later.is === "record" ? [later.key] : [])));
    }
    await client.query("delete from shop.item where id in (1, 1500, 2600); update shop.item set amount = 0 where id = 700");
    const swept = await read(config, whole.states);
    assert.deepEqual(swept.records.map(({ op, key }) => `${op} ${key}`).sort(), ["d 1", "d 1500", "d 2600", "r 700"]);
    assert.deepEqual((await read(config, swept.states)).records, []);
  } finally {
    await close();
  }
});
