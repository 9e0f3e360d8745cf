import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { connect as dial, createServer, type AddressInfo } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { registerRefusals, silentLog, sleep, systemClock } from "../../platform/index.ts";
import { acceptSource, readSource, statesOf } from "../acceptance.ts";
import type { FlowFault, Message } from "../connector.ts";
import { fileRefusals } from "./refusals.ts";
import { type SftpConfig, sftpSource } from "./sftp.ts";

registerRefusals([fileRefusals]);
const binary = "/usr/sbin/sshd";
const skip = existsSync(binary) ? undefined : "install openssh-server (Debian) to run this";
const options = skip === undefined ? {} : { skip };
const ctx = { now: systemClock, log: silentLog };

let folder = "";
let server: ChildProcess | undefined;
let config: SftpConfig;
let directories = 0;

before(async () => {
  if (skip !== undefined) return;
  folder = await mkdtemp(join(tmpdir(), "tieout-sshd-"));
  for (const name of ["host", "user", "other"]) spawnSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(folder, name)]);
  const port = await freePort();
  await writeFile(join(folder, "authorized"), await readFile(join(folder, "user.pub")));
  chmodSync(join(folder, "authorized"), 0o600);
  await writeFile(join(folder, "sshd_config"), `Port ${port}\nListenAddress 127.0.0.1\nHostKey ${folder}/host\nPidFile none\nAuthorizedKeysFile ${folder}/authorized\nStrictModes no\nUsePAM no\nUseDNS no\nPasswordAuthentication no\nPermitRootLogin yes\nSubsystem sftp internal-sftp\n`);
  // sshd of Debian wants this directory, which only its service makes.
  if (!existsSync("/run/sshd") && userInfo().uid === 0) await mkdir("/run/sshd", { recursive: true, mode: 0o755 });
  server = spawn(binary, ["-D", "-f", join(folder, "sshd_config")], { stdio: "ignore" });
  for (let attempt = 0; attempt < 100 && !(await answers(port)); attempt += 1) await sleep(50);
  const print = spawnSync("ssh-keygen", ["-lf", join(folder, "host.pub")], { encoding: "utf8" }).stdout;
  config = { host: "127.0.0.1", port, user: userInfo().username, privateKey: await readFile(join(folder, "user"), "utf8"), hostKey: print.split(" ")[1] ?? "", directory: folder, settled: "0s", streams: { orders: { pattern: "orders-*.csv", format: "csv", key: ["id"] } } };
});

after(async () => {
  server?.kill();
  await rm(folder, { recursive: true, force: true });
});

async function makeDirectory(): Promise<SftpConfig> {
  const directory = join(folder, `in${(directories += 1)}`);
  await mkdir(directory);
  return { ...config, directory };
}

acceptSource({
  source: sftpSource, skip, samples: 1_100,
  make: async () => {
    const own = await makeDirectory();
    let files = 0;
    const write = (samples: readonly { readonly id: number; readonly name: string; readonly amount: string }[]): Promise<void> =>
      writeFile(join(own.directory, `orders-${(files += 1)}.csv`), ["id,name,amount", ...samples.map(({ id, name, amount }) => `${id},"${name.replaceAll('"', '""')}",${amount}`), ""].join("\n"));
    return {
      config: { ...own, after: "keep" as const }, stream: "orders", insert: write, update: write,
      broken: {
        config: { ...own, directory: join(own.directory, "missing") },
        auth: { ...own, privateKey: await readFile(join(folder, "other"), "utf8") },
        network: { ...own, port: 1 },
      },
      close: async () => {},
    };
  },
});

const read = (given: SftpConfig, states = new Map(), acks = true) => readSource(sftpSource, given, states, { ctx, quietMs: 0, acks });

test("a server with another host key is not logged in to, and the check shows its fingerprint", options, async () => {
  const { hostKey, ...unpinned } = config;
  for (const given of [unpinned, { ...config, hostKey: `SHA256:${"A".repeat(43)}` }]) {
    const failures = await sftpSource.check(given, ctx);
    assert.deepEqual(failures, [{ failure: "config", problem: { code: "sftp.host_key", facts: { host: "127.0.0.1", fingerprint: hostKey } } }]);
    await assert.rejects(read(given), (error) => (error as FlowFault).problem.code === "sftp.host_key");
  }
});

test("a file is renamed on the server after its records are in the inbox, a broken one with its reason", options, async () => {
  const given = await makeDirectory();
  await writeFile(join(given.directory, "orders-1.csv"), "id\n1\n2\n");
  await writeFile(join(given.directory, "orders-2.csv"), "id,name\n3,三\n4");
  const unacked = await read(given, new Map(), false);
  assert.deepEqual((await readdir(given.directory)).sort(), ["orders-1.csv", "orders-2.csv"]);
  // The rename was cut off after the commit; it is made up for, and nothing is sent twice but the broken file, which is tried again.
  const { messages } = await read(given, new Map(statesOf(unacked.messages)));
  assert.deepEqual(messages.flatMap((message: Message) => (message.is === "record" ? [message.key] : [])), ["3"]);
  assert.deepEqual([await readdir(join(given.directory, "done")), (await readdir(join(given.directory, "failed"))).sort()], [["orders-1.csv"], ["orders-2.csv", "orders-2.csv.reason.txt"]]);
  assert.match(await readFile(join(given.directory, "failed/orders-2.csv.reason.txt"), "utf8"), /中途断开/);
});

test("a server that goes away is a fault of the network, and no copy stays behind", options, async () => {
  const given = await makeDirectory();
  await writeFile(join(given.directory, "orders-1.csv"), `id\n${Array.from({ length: 3_000 }, (_, id) => id).join("\n")}\n`);
  const reading = await sftpSource.open(given, new Map(), ctx);
  const copies = async (): Promise<number> => (await readdir(tmpdir())).filter((name) => name.startsWith("tieout-sftp-")).length;
  const before = await copies();
  await assert.rejects(async () => {
    for await (const message of reading.messages) {
      if (message.is !== "state") continue;
      // The session's own process lives on when the listening one ends.
      spawnSync("pkill", ["-P", String(server?.pid)]);
      await sleep(100);
      await reading.ack("", { ...(message.state as object), taken: [] });
    }
  }, (error) => (error as FlowFault).failure === "network");
  await reading.close();
  assert.ok((await copies()) <= before);
});

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = dial(port, "127.0.0.1", () => resolve(true)).once("error", () => resolve(false)).once("close", () => socket.destroy());
    socket.once("connect", () => socket.end());
  });

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
