import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createConnection, type Connection } from "mysql2/promise";
import { silentLog, systemClock } from "../../platform/index.ts";
import { acceptSource, makeSamples, readSource, type Sample, type System } from "../acceptance.ts";
import type { Server } from "./dialect.ts";
import { mysqlSource } from "./index.ts";
import { mariadbAbsent, startMariadb, type MariadbServer } from "./mariadb-server.ts";
import type { DatabaseConfig } from "./source.ts";

type Config = DatabaseConfig<Server>;
const skip = mariadbAbsent();
const options = skip === undefined ? {} : { skip };
let mariadb: MariadbServer;
let databases = 0;

before(async () => {
  if (skip === undefined) mariadb = await startMariadb();
});
after(() => mariadb?.close());

async function openShop(): Promise<{ readonly client: Connection; readonly config: Config; readonly insert: (samples: readonly Sample[]) => Promise<void> }> {
  const database = `shop_${++databases}`;
  const client = await createConnection({ socketPath: mariadb.socket, user: "root", multipleStatements: true, charset: "utf8mb4" });
  await client.query(`create database ${database} character set utf8mb4; use ${database};
    create table item (id bigint primary key, name varchar(5000) not null, amount decimal(12, 2) not null, changed timestamp(6) not null default current_timestamp(6) on update current_timestamp(6));
    create user if not exists reader@'127.0.0.1' identified by 's3cret'; grant select on ${database}.* to reader@'127.0.0.1';
    create user if not exists clerk@'127.0.0.1' identified by 's3cret'; create table ${database}.open_to_all (id int primary key); grant select on ${database}.open_to_all to clerk@'127.0.0.1'`);
  const config: Config = { host: "127.0.0.1", port: mariadb.port, database, user: "reader", password: "s3cret", streams: { item: { table: "item", cursor: "changed", sweep: "0s", chunk: 10 } } };
  return {
    client, config,
    insert: async (samples) => void (await client.query("insert into item (id, name, amount) values ?", [samples.map(({ id, name, amount }) => [id, name, amount])])),
  };
}

acceptSource<Config>({
  source: mysqlSource, skip,
  async make(): Promise<System<Config>> {
    const { client, config, insert } = await openShop();
    return {
      config, stream: "item", insert,
      update: async (samples) => {
        for (const { id, name, amount } of samples) await client.query("update item set name = ?, amount = ? where id = ?", [name, amount, id]);
      },
      remove: async (ids) => void (await client.query("delete from item where id in (?)", [ids])),
      broken: {
        config: { ...config, streams: { item: { table: "absent" } } },
        auth: { ...config, password: "wrong" },
        network: { ...config, port: 1 },
        permission: { ...config, user: "clerk", streams: { item: { query: "select * from item", key: ["id"] } } },
      },
      types: async () => {
        await client.query(`set time_zone = '+08:00';
          create table kinds (id int primary key, tiny tinyint, big bigint, most bigint unsigned, exact decimal(38, 18), single float, \`double\` double, yes bit(1), day date, at timestamp(6) null, wall datetime,
            raw varbinary(10), words varchar(40) character set gbk, clock time, year_ year, choice enum('甲', '乙'), nothing int);
          insert into kinds values
            (1, -128, 9223372036854775807, 18446744073709551615, '12345678901234567890.123456789012345678', 0.1, 1e21, b'1', '2024-02-29', '2026-03-29 09:59:59.999999', '2026-03-29 02:30:00', x'00ff10', '客户:鑫業、镕', '25:00:01', 2026, '乙', null),
            (2, 127, -9223372036854775808, 0, '-0.000000000000000001', -0.5, 0.1, b'0', '1000-01-01', '2026-10-25 08:30:00', '2026-10-25 02:30:00', x'', '', '-00:00:01', 2000, '甲', null)`);
        return {
          config: { ...config, zone: "Europe/Berlin", streams: { kinds: { table: "kinds" } } },
          stream: "kinds",
          rows: [
            { id: 1, tiny: -128, big: "9223372036854775807", most: "18446744073709551615", exact: "12345678901234567890.123456789012345678", single: "0.1", double: "1000000000000000000000", yes: true, day: "2024-02-29", at: "2026-03-29T01:59:59.999999Z", wall: "2026-03-29T02:30:00+01:00", raw: "AP8Q", words: "客户:鑫業、镕", clock: "25:00:01", year_: 2026, choice: "乙", nothing: null },
            { id: 2, tiny: 127, big: "-9223372036854775808", most: "0", exact: "-0.000000000000000001", single: "-0.5", double: "0.1", yes: false, day: "1000-01-01", at: "2026-10-25T00:30:00Z", wall: "2026-10-25T02:30:00+02:00", raw: "", words: "", clock: "-00:00:01", year_: 2000, choice: "甲", nothing: null },
          ],
        };
      },
      addColumn: async (name) => void (await client.query(`alter table item add ${name} text`)),
      renameColumn: async (from, to) => void (await client.query(`alter table item rename column ${from} to ${to}`)),
      dropColumn: async (name) => void (await client.query(`alter table item drop ${name}`)),
      poison: async (id) => void (await client.query("set sql_mode = ''; alter table item add due date; update item set due = '0000-00-00' where id = ?", [id])),
      fill: async (count, bytesEach) => void (await client.query(`insert into item (id, name, amount) select seq, repeat('x', ?), 1 from seq_1_to_${count}`, [bytesEach])),
      close: async () => {
        await client.query(`drop database ${config.database}`);
        await client.end();
      },
    };
  },
});

test("keys beyond 2^53 and keys in GBK are paged by without losing one", options, async () => {
  const { client, config } = await openShop();
  try {
    await client.query("create table ledger (no bigint, name varchar(20) character set gbk, primary key (no, name))");
    const keys = Array.from({ length: 7 }, (_, at) => [`90071992547409${90 + Math.trunc(at / 2)}`, `往来${"鑫镕業"[at % 3]}${at}`] as const);
    await client.query("insert into ledger values ?", [keys]);
    const { records } = await readSource(mysqlSource, { ...config, streams: { ledger: { table: "ledger", chunk: 1 } } }, new Map(), { ctx: { now: systemClock, log: silentLog }, quietMs: 0, acks: true });
    assert.deepEqual(records.map(({ key }) => key).sort(), keys.map((key) => key.join("|")).sort());
  } finally {
    await client.end();
  }
});

test("the columns of a query have the same kinds as those of the table", options, async () => {
  const { client, config, insert } = await openShop();
  try {
    await insert(makeSamples(1, 12));
    const read = (stream: Config["streams"][string]) => readSource(mysqlSource, { ...config, streams: { item: stream } }, new Map(), { ctx: { now: systemClock, log: silentLog }, quietMs: 0, acks: true });
    const [table, query] = [await read({ table: "item", chunk: 5 }), await read({ query: "select id, name, amount, changed from item where id > 0;", key: ["id"], cursor: "changed", chunk: 5 })];
    assert.deepEqual(query.records.map(({ row }) => row), table.records.map(({ row }) => row));
    const fields = (from: typeof table) => from.messages.flatMap((message) => (message.is === "shape" ? message.shape.fields.map(({ field, type, precision, scale }) => ({ field, type, precision, scale })) : []));
    assert.deepEqual(fields(query), fields(table));
  } finally {
    await client.end();
  }
});
