/**
 * Real databases for tests, a fresh one each, cloned from a template that is migrated once. `npm test` prepares the template;
 * a test file that is run alone (`node --test server/src/vouchers/post.test.ts`) prepares its own on an embedded server below
 * node_modules/.cache, which keeps it for the next time.
 */
import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import pg from "pg";
import { config } from "./config.ts";
import { connectionConfig, openPool, type Store } from "./db.ts";
import { silentLog } from "./log.ts";
import { migrate, migrationsFolder, readMigrations } from "./migrate.ts";
import { appRole } from "./open-store.ts";
import { holdPostgres, type PostgresHold } from "./postgres-server.ts";

export type TestStore = Store & {
  /** The same database without the walls: its owner may do what the application may not, such as tamper. */
  readonly owner: Store;
};

/** Settings that make a throw-away server fast; with them a power cut loses the data. */
export const throwAwaySettings = { fsync: "off", synchronous_commit: "off", full_page_writes: "off", shared_buffers: "128MB", max_wal_size: "1GB", file_copy_method: "clone" };

/** A fresh, migrated database. Close it at the end, as in `after(() => store.close())`; that drops it. */
export async function testStore(): Promise<TestStore> {
  const source = await enter();
  const name = `test_${randomBytes(6).toString("hex")}`;
  await source.admin.query(`create database ${name} template ${source.template} strategy file_copy`);
  const url = withDatabase(source.url, name);
  const store = openPool(url, { max: 10, role: appRole });
  const owner = openPool(url, { max: 4 });
  return {
    ...store,
    owner,
    async close() {
      await Promise.all([store.close(), owner.close()]);
      await source.admin.query(`drop database if exists ${name} with (force)`);
      await leave(source);
    },
  };
}

/** Work on a fresh, migrated database as its owner, over one plain connection. */
export async function onTemplate<T>(work: (owner: pg.Client) => Promise<T>): Promise<T> {
  const store = await testStore();
  const owner = new pg.Client(connectionConfig(store.url));
  await owner.connect();
  try {
    return await work(owner);
  } finally {
    await owner.end();
    await store.close();
  }
}

/** Where this process's test databases come from. The first that needs it opens it, the last that closes ends it. */
type Source = { readonly url: string; readonly template: string; readonly admin: pg.Client; readonly hold: PostgresHold | undefined };
let source: Promise<Source> | undefined;
let users = 0;

function enter(): Promise<Source> {
  users += 1;
  source ??= openSource();
  return source;
}

async function leave({ admin, hold }: Source): Promise<void> {
  users -= 1;
  if (users > 0) return;
  source = undefined;
  await admin.end();
  await hold?.release();
}

async function openSource(): Promise<Source> {
  const prepared = config().testTemplateUrl;
  const hold = prepared === undefined ? await holdPostgres({ dataDir: join(migrationsFolder, "../node_modules/.cache/tieout-tests"), log: silentLog, settings: throwAwaySettings }) : undefined;
  const url = prepared ?? (await prepareTemplate(hold?.url ?? ""));
  const template = new URL(url).pathname.slice(1);
  if (hold !== undefined) await dropLeftovers(hold.owner, template);
  const admin = new pg.Client(connectionConfig(withDatabase(url, "postgres")));
  await admin.connect();
  return { url, template, admin, hold };
}

/** Makes the template database on a server unless it is there already, and answers its address. */
export async function prepareTemplate(serverUrl: string): Promise<string> {
  const migrations = await readMigrations();
  const fingerprint = createHash("sha256").update(migrations.map(({ checksum }) => checksum).join()).digest("hex").slice(0, 12);
  const name = `tieout_template_${fingerprint}`;
  const admin = new pg.Client(connectionConfig(serverUrl));
  await admin.connect();
  try {
    await admin.query("select pg_advisory_lock(824306822)");
    const { rows } = await admin.query("select from pg_database where datname = $1", [name]);
    if (rows.length === 0) {
      await admin.query(`drop database if exists ${name}_draft with (force)`);
      await admin.query(`create database ${name}_draft`);
      const owner = new pg.Client(connectionConfig(withDatabase(serverUrl, `${name}_draft`)));
      await owner.connect();
      await migrate(owner, { migrations }).finally(() => owner.end());
      await admin.query(`alter database ${name}_draft rename to ${name}`);
    }
  } finally {
    await admin.end();
  }
  return withDatabase(serverUrl, name);
}

/** Templates of migrations as they were, and databases of test runs that were killed. */
async function dropLeftovers(owner: pg.Client, template: string): Promise<void> {
  const { rows } = await owner.query<{ datname: string }>(
    `select datname from pg_database
      where datname ~ '^(tieout_template|test)_' and datname <> $1
        and (pg_stat_file('base/' || oid || '/PG_VERSION')).modification < now() - interval '1 hour'`,
    [template],
  );
  for (const { datname } of rows) {
    // A killed test that followed the log leaves a slot, which holds its database; one that is still being let go holds it until the next run.
    await owner.query("select pg_terminate_backend(active_pid) from pg_replication_slots where database = $1 and active", [datname]);
    await owner.query("select pg_drop_replication_slot(slot_name) from pg_replication_slots where database = $1 and not active", [datname]);
    await owner.query(`drop database if exists ${datname} with (force)`).catch(() => {});
  }
}

function withDatabase(url: string, database: string): string {
  const address = new URL(url);
  address.pathname = `/${database}`;
  return address.href;
}
