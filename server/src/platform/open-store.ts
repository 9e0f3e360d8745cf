/** The usual way to the store: the server of DATABASE_URL, or the embedded one, migrated and ready. */
import pg from "pg";
import { sleep } from "./clock.ts";
import type { Config } from "./config.ts";
import { connectionConfig, openPool, type Store } from "./db.ts";
import { openLog, type Log } from "./log.ts";
import { migrate } from "./migrate.ts";
import { holdPostgres, type PostgresHold } from "./postgres-server.ts";

/** The role that all queries of the application run as. It owns no table. */
export const appRole = "tieout_app";

export type StoreOptions = { readonly log?: Log; /** "owner" only for maintenance that the application's role may not do. */ readonly role?: string | "owner" };

export async function openStore(config: Config, options: StoreOptions = {}): Promise<Store> {
  const log = options.log ?? openLog({ level: config.logLevel, file: config.logFile });
  return config.databaseUrl === undefined ? openEmbedded(config, log, options.role) : openRemote(config, config.databaseUrl, log, options.role);
}

async function openRemote(config: Config, url: string, log: Log, role: string | undefined): Promise<Store> {
  const owner = new pg.Client(connectionConfig(url));
  await owner.connect();
  try {
    const { rows } = await owner.query<{ version: number }>("select current_setting('server_version_num')::int as version");
    if ((rows[0]?.version ?? 0) < 150_000) throw new Error("DATABASE_URL names a PostgreSQL older than 15; Tieout needs 15 or newer");
    await migrate(owner, { log });
  } finally {
    await owner.end();
  }
  return openPool(url, poolOptions(config, log, role));
}

async function openEmbedded(config: Config, log: Log, role: string | undefined): Promise<Store> {
  let hold = await holdMigrated(config, log);
  let isClosing = false;
  const pool = openPool(hold.url, { ...poolOptions(config, log, role), patienceMs: 60_000 });

  // When the server dies under us it is started again on the same port; statements under way fail, later ones wait for it.
  const watch = (): void => {
    hold.owner.once("end", () => {
      if (!isClosing) recovering = recover();
    });
  };
  let recovering: Promise<void> = Promise.resolve();
  const recover = async (): Promise<void> => {
    log.warn("the embedded database went away; starting it again");
    for (let waitMs = 100; !isClosing; waitMs = Math.min(waitMs * 2, 10_000)) {
      try {
        const again = await holdMigrated(config, log);
        if (again.url !== hold.url) log.error("the embedded database came back on another port; restart this process", { url: again.url });
        hold = again;
        return watch();
      } catch (error) {
        log.error("the embedded database does not start", { error });
        await sleep(waitMs);
      }
    }
  };
  watch();
  return {
    ...pool,
    async close() {
      if (isClosing) return;
      isClosing = true;
      await pool.close();
      await recovering;
      await hold.release();
    },
  };
}

async function holdMigrated(config: Config, log: Log): Promise<PostgresHold> {
  const hold = await holdPostgres({ dataDir: config.dataDir, log });
  try {
    await migrate(hold.owner, { log });
    return hold;
  } catch (error) {
    await hold.release();
    throw error;
  }
}

const poolOptions = (config: Config, log: Log, role: string = appRole) => ({
  max: config.connectionsMax,
  ...(role === "owner" ? {} : { role }),
  onIdleFault: (error: Error) => log.warn("an idle database connection broke", { error }),
});
