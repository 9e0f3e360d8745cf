/** Brings a database forward: the files of migrations/ in order, each in a transaction of its own, each recorded with its checksum. */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type pg from "pg";
import { silentLog, type Log } from "./log.ts";

export type Migration = { readonly number: number; readonly name: string; readonly sql: string; readonly checksum: string };

export const migrationsFolder = fileURLToPath(new URL("../../../migrations/", import.meta.url));

/** The files named 0001_what_it_does.sql, in order. Throws when a number is missing or used twice. */
export async function readMigrations(folder: string = migrationsFolder): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => /^\d{4}_\w+\.sql$/.test(name)).sort();
  return Promise.all(
    names.map(async (name, index) => {
      const number = Number(name.slice(0, 4));
      if (number !== index + 1) throw new Error(`migrations/${name} stands where number ${String(index + 1).padStart(4, "0")} belongs`);
      const sql = await readFile(join(folder, name), "utf8");
      return { number, name, sql, checksum: createHash("sha256").update(sql.replaceAll("\r\n", "\n")).digest("hex") };
    }),
  );
}

/** Runs what is missing, as the owner. Throws when the database was made by files that differ from these, or by a newer Tieout. */
export async function migrate(owner: pg.ClientBase, options: { migrations?: readonly Migration[]; log?: Log } = {}): Promise<readonly Migration[]> {
  const migrations = options.migrations ?? (await readMigrations());
  const log = options.log ?? silentLog;
  if (missingOf(migrations, await recorded(owner)).length === 0) return [];
  await owner.query("select pg_advisory_lock($1)", [migrationLock]);
  try {
    const missing = missingOf(migrations, await recorded(owner)); // another process may have migrated meanwhile
    for (const migration of missing) {
      log.info("migrating the database", { migration: migration.name });
      await run(owner, migration);
    }
    return missing;
  } finally {
    await owner.query("select pg_advisory_unlock($1)", [migrationLock]);
  }
}

const migrationLock = "8243068211"; // any number, as long as it is always this one

type Recorded = { readonly number: number; readonly name: string; readonly checksum: string };

async function recorded(owner: pg.ClientBase): Promise<Recorded[]> {
  const { rows } = await owner.query<{ exists: boolean }>("select to_regclass('platform.migration') is not null as exists");
  if (rows[0]?.exists !== true) return [];
  return (await owner.query<Recorded>("select number, name, checksum from platform.migration order by number")).rows;
}

function missingOf(migrations: readonly Migration[], done: readonly Recorded[]): readonly Migration[] {
  for (const { number, name, checksum } of done) {
    const file = migrations[number - 1];
    if (file === undefined) throw new Error(`the database was made by a newer Tieout: it has had migration ${name}, which is not among the files`);
    if (file.name !== name || file.checksum !== checksum) throw new Error(`migration ${name} has run and its file was changed since; put it back and write a new one`);
  }
  return migrations.slice(done.length);
}

async function run(owner: pg.ClientBase, migration: Migration): Promise<void> {
  try {
    await owner.query("begin");
    await owner.query(migration.sql);
    await owner.query("insert into platform.migration (number, name, checksum) values ($1, $2, $3)", [migration.number, migration.name, migration.checksum]);
    await owner.query("commit");
  } catch (cause) {
    await owner.query("rollback").catch(() => {});
    throw new Error(`migration ${migration.name} failed: ${(cause as Error).message}${placeIn(migration.sql, cause)}`, { cause });
  }
}

/** The line of the file where PostgreSQL stopped. */
function placeIn(sql: string, error: unknown): string {
  const position = Number((error as { position?: string }).position);
  return position > 0 ? ` (line ${sql.slice(0, position).split("\n").length})` : "";
}
