import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import pg from "pg";
import { folders } from "../journey.ts";
import { connectionConfig } from "./db.ts";
import { migrate, migrationsFolder, readMigrations, type Migration } from "./migrate.ts";
import { dumpSchema } from "./schema-dump.ts";
import { onTemplate, testStore } from "./testing.ts";

const shipped = await readMigrations();
const folder = await mkdtemp(join(tmpdir(), "tieout-migrations-"));
after(() => rm(folder, { recursive: true, force: true }));

const also = (sql: string): Migration[] => [...shipped, { number: shipped.length + 1, name: "9999_trial.sql", sql, checksum: `of ${sql}` }];

test("migrations/schema.sql is what the migrations make (npm run schema writes it)", async () => {
  const kept = (await readFile(join(migrationsFolder, "schema.sql"), "utf8")).split("\n");
  const made = (await onTemplate(dumpSchema)).split("\n");
  const line = made.findIndex((text, at) => text !== kept[at]);
  assert.deepEqual({ line: line + 1, kept: kept[line], lines: kept.length }, { line: line + 1, kept: made[line], lines: made.length });
});

test("every schema of the database carries the name of a folder", async () => {
  const { rows } = await onTemplate((owner) => owner.query<{ nspname: string }>("select nspname from pg_namespace where nspname !~ '^(pg_|information_schema$|public$)'"));
  assert.deepEqual(rows.map(({ nspname }) => nspname).filter((name) => !folders.includes(name)), []);
});

test("each migration says first why it is there and what it locks", () => {
  const heads = shipped.map(({ name, sql }) => ({ name, head: /^(?:--.*\n)+/.exec(sql)?.[0] ?? "" }));
  assert.deepEqual(heads.filter(({ head }) => !/\blocks?\b/i.test(head)).map(({ name }) => name), []);
});

test("a migrated database is left alone", () => onTemplate(async (owner) => assert.deepEqual(await migrate(owner), [])));

test("a migration that fails leaves nothing and names its file and line", () =>
  onTemplate(async (owner) => {
    await assert.rejects(migrate(owner, { migrations: also("create table platform.half (id int);\nselect no_such_column;") }), /9999_trial\.sql failed: .*no_such_column.*\(line 2\)/);
    assert.deepEqual((await owner.query("select to_regclass('platform.half') as half")).rows, [{ half: null }]);
  }));

test("a migration that was changed after it ran is refused", () =>
  onTemplate(async (owner) => {
    await migrate(owner, { migrations: also("select 1") });
    await assert.rejects(migrate(owner, { migrations: also("select 2") }), /9999_trial\.sql has run and its file was changed/);
    await assert.rejects(migrate(owner), /made by a newer Tieout/);
  }));

test("two processes that migrate at once run each migration once", async () => {
  const store = await testStore();
  const owners = await Promise.all([1, 2, 3].map(async () => {
    const owner = new pg.Client(connectionConfig(store.url));
    await owner.connect();
    return owner;
  }));
  const ran = await Promise.all(owners.map((owner) => migrate(owner, { migrations: also("create table platform.once (id int)") })));
  assert.equal(ran.flat().length, 1);
  await Promise.all(owners.map((owner) => owner.end()));
  await store.close();
});

test("a gap in the numbers of the files is noticed", async () => {
  await writeFile(join(folder, "0001_first.sql"), "");
  await writeFile(join(folder, "0003_third.sql"), "");
  await assert.rejects(readMigrations(folder), /0003_third\.sql stands where number 0002 belongs/);
});
