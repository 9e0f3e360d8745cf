import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, test } from "node:test";
import { sleep } from "./clock.ts";
import { config } from "./config.ts";
import { isConnectionFault } from "./db.ts";
import { silentLog } from "./log.ts";
import { openStore } from "./open-store.ts";
import { holdPostgres } from "./postgres-server.ts";

const isRoot = process.getuid?.() === 0;
const used: string[] = [];
after(() => Promise.all(used.map((folder) => rm(folder, { recursive: true, force: true }))));

/** `mkdtemp` makes folders that only their maker may enter; the server of a root test runs as another user. */
async function emptyFolder(mode = 0o711): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "tieout-life-"));
  await chmod(folder, mode);
  used.push(folder);
  return folder;
}

/** Creating a database takes a second, so most tests use this one in turn. */
const shared = await emptyFolder();

const hold = (dataDir: string) => holdPostgres({ dataDir, log: silentLog });

/** Another process that holds the server, says its pid, and lets go when told. */
async function otherProcess(dataDir: string): Promise<{ readonly process: ChildProcess; readonly serverPid: Promise<number>; leave(): Promise<void> }> {
  const door = new URL("./index.ts", import.meta.url).href;
  const script = `import { holdPostgres, silentLog } from ${JSON.stringify(door)};
    const hold = await holdPostgres({ dataDir: process.argv[1], log: silentLog });
    process.stdout.write(hold.pid + "\\n");
    process.stdin.once("data", async () => { await hold.release(); process.exit(0); });`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script, dataDir], { stdio: ["pipe", "pipe", "inherit"] });
  const exited = once(child, "exit");
  const serverPid = once(createInterface(child.stdout), "line").then(([line]) => Number(line));
  serverPid.catch(() => {});
  return {
    process: child,
    serverPid,
    async leave() {
      child.stdin.write("\n");
      await exited;
    },
  };
}

async function killed(child: ChildProcess): Promise<void> {
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}

const isRunning = async (serverPid: number): Promise<boolean> => readFile(`/proc/${serverPid}/cmdline`, "utf8").then((command) => command !== "", () => false);

test("processes that start at once on an empty folder share one server, and the last to leave stops it", async () => {
  const dataDir = await emptyFolder();
  const others = await Promise.all([otherProcess(dataDir), otherProcess(dataDir), otherProcess(dataDir)]);
  const pids = await Promise.all(others.map(({ serverPid }) => serverPid));
  assert.equal(new Set(pids).size, 1);
  const [pid = 0] = pids;
  for (const other of others) {
    assert.ok(await isRunning(pid));
    await other.leave();
  }
  assert.ok(!(await isRunning(pid)));
});

test("a server whose starter was killed is adopted with everything in it", async () => {
  const dataDir = shared;
  const starter = await otherProcess(dataDir);
  const pid = await starter.serverPid;
  await killed(starter.process);
  const adopted = await hold(dataDir);
  assert.equal(adopted.pid, pid);
  assert.equal(await adopted.release(), true);
});

test("a killed server starts again, keeps what was committed, and a stale pid file is no obstacle", async () => {
  const dataDir = shared;
  const first = await hold(dataDir);
  await first.owner.query("create table kept (id int)");
  await first.owner.query("insert into kept values (7)");
  const gone = new Promise<void>((resolve) => first.owner.once("end", resolve));
  process.kill(first.pid, "SIGKILL");
  await gone;

  const second = await hold(dataDir);
  assert.notEqual(second.pid, first.pid);
  assert.equal(second.url, first.url);
  assert.deepEqual((await second.owner.query("select id from kept")).rows, [{ id: 7 }]);
  await second.release();

  await writeFile(join(dataDir, "postgres", "postmaster.pid"), `${process.pid}\n${join(dataDir, "postgres")}\n1\n5432\n\n127.0.0.1\n1 2\nready\n`);
  const third = await hold(dataDir);
  assert.deepEqual((await third.owner.query("select id from kept")).rows, [{ id: 7 }]);
  await third.release();
});

test("an attempt that is killed while it creates the database does not hinder the next", async () => {
  const dataDir = await emptyFolder();
  const attempt = await otherProcess(dataDir);
  while (!(await readdir(dataDir)).some((name) => name.startsWith("postgres.new-"))) await sleep(5);
  await killed(attempt.process);
  const next = await hold(dataDir);
  assert.equal((await next.owner.query("select 1")).rowCount, 1);
  await next.release();
});

test("a store whose server is killed under it fails what is under way, waits, and answers again by itself", async (context) => {
  const store = await openStore(config({ TIEOUT_DATA: shared }), { log: silentLog });
  context.after(() => store.close());
  const idle = await store.connect();
  const underWay = assert.rejects(store.transaction((db) => db.query("select pg_sleep(60)")));
  await store.query("select 1");
  process.kill(Number((await readFile(join(shared, "postgres", "postmaster.pid"), "utf8")).split("\n")[0]), "SIGKILL");
  await underWay;
  await assert.rejects(idle.query("select 1"));
  idle.release();
  // A connection of the pool may still be dying when it is used; after that, statements wait for the new server.
  const answers = await Promise.allSettled(Array.from({ length: 10 }, () => store.query("select 1")));
  assert.ok(answers.every((answer) => answer.status === "fulfilled" || isConnectionFault(answer.reason)));
  assert.deepEqual(await store.query("select 1 as one"), [{ one: 1 }]);
});

test("the server listens on the loopback only, asks for a password, and the password file is private", async () => {
  const dataDir = shared;
  const held = await hold(dataDir);
  const { rows } = await held.owner.query("select name, setting from pg_settings where name in ('listen_addresses', 'unix_socket_directories', 'fsync', 'synchronous_commit', 'wal_level', 'TimeZone', 'server_encoding') order by name collate \"C\"");
  assert.deepEqual(Object.fromEntries(rows.map(({ name, setting }) => [name, setting])), {
    TimeZone: "UTC", fsync: "on", listen_addresses: "127.0.0.1", server_encoding: "UTF8", synchronous_commit: "on", unix_socket_directories: "", wal_level: "logical",
  });
  const methods = await held.owner.query("select distinct auth_method from pg_hba_file_rules");
  assert.deepEqual(methods.rows, [{ auth_method: "scram-sha-256" }]);
  assert.equal((await stat(join(dataDir, "postgres.password"))).mode & 0o777, 0o600);
  await held.release();
});

test("root may keep the data in a folder that nobody else can enter, and the server still is not root", { skip: !isRoot && "only root can try this" }, async () => {
  const dataDir = join(await emptyFolder(0o700), "inside");
  const held = await hold(dataDir);
  const status = await readFile(`/proc/${held.pid}/status`, "utf8");
  assert.doesNotMatch(status, /^Uid:\s+0\s/m);
  await held.release();
});
