import { chmodSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { acceptSource, type System } from "../acceptance.ts";
import { sqliteSource } from "./index.ts";
import type { DatabaseConfig } from "./source.ts";
import type { File } from "./sqlite.ts";

type Config = DatabaseConfig<File>;

acceptSource<Config>({
  source: sqliteSource,
  async make(): Promise<System<Config>> {
    const folder = await mkdtemp(join(tmpdir(), "tieout-sqlite-"));
    const file = join(folder, "shop.db");
    const database = new DatabaseSync(file);
    const stamp = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')";
    database.exec(`pragma journal_mode = wal; create table item (id integer primary key, name text not null, amount text not null, changed text not null default (${stamp}))`);
    const config: Config = { file, streams: { item: { table: "item", cursor: "changed", sweep: "0s", chunk: 10 } } };
    await writeFile(join(folder, "no.db"), "this is no database, but long enough to be looked at as if it were one".repeat(20));
    chmodSync(folder, 0o755);
    const run = (sql: string, ...values: (string | number)[]) => void database.prepare(sql).run(...values);
    return {
      config, stream: "item",
      insert: async (samples) => {
        for (const { id, name, amount } of samples) run("insert into item (id, name, amount) values (?, ?, ?)", id, name, amount);
      },
      update: async (samples) => {
        for (const { id, name, amount } of samples) run(`update item set name = ?, amount = ?, changed = ${stamp} where id = ?`, name, amount, id);
      },
      remove: async (ids) => {
        for (const id of ids) run("delete from item where id = ?", id);
      },
      broken: { config: { ...config, file: join(folder, "no.db") } },
      types: async () => {
        database.exec(`create table kinds (id integer primary key, big bigint, exact decimal(38, 18), double real, yes boolean, day date, wall datetime, raw blob, doc json, words varchar(40), empty text);
          insert into kinds values (1, 9223372036854775807, '12345678901234567890.123456789012345678x', 1e21, 1, '2024-02-29', '2026-03-29 02:30:00', x'00ff10', '{"n": 12345678901234567.89}', '中文', null);
          update kinds set exact = 12.5; insert into kinds values (2, -9223372036854775808, -1, 0.1, 0, '0001-01-01', '2026-10-25T02:30:00', x'', '[]', '', null)`);
        return {
          config: { file, zone: "Europe/Berlin", streams: { kinds: { table: "kinds" } } },
          stream: "kinds",
          rows: [
            { id: "1", big: "9223372036854775807", exact: "12.5", double: "1000000000000000000000", yes: true, day: "2024-02-29", wall: "2026-03-29T02:30:00+01:00", raw: "AP8Q", doc: { n: "12345678901234567.89" }, words: "中文", empty: null },
            { id: "2", big: "-9223372036854775808", exact: "-1", double: "0.1", yes: false, day: "0001-01-01", wall: "2026-10-25T02:30:00+02:00", raw: "", doc: [], words: "", empty: null },
          ],
        };
      },
      addColumn: async (name) => database.exec(`alter table item add ${name} text`),
      renameColumn: async (from, to) => database.exec(`alter table item rename ${from} to ${to}`),
      dropColumn: async (name) => database.exec(`alter table item drop ${name}`),
      poison: async (id) => database.exec(`alter table item add quantity integer; update item set quantity = 'about ten' where id = ${id}`),
      fill: async (count, bytesEach) => database.exec(`insert into item (id, name, amount) with recursive n (i) as (select 1 union all select i + 1 from n where i < ${count}) select i, hex(zeroblob(${bytesEach / 2})), '1' from n`),
      close: async () => {
        database.close();
        await rm(folder, { recursive: true });
      },
    };
  },
});
