/** A private MariaDB for tests and figures: its own folder below the system's temporary one, its own port, gone when closed. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createConnection } from "mysql2/promise";
import { elapsedMs, sleep } from "../../platform/index.ts";

export type MariadbServer = { readonly socket: string; readonly port: number; readonly close: () => Promise<void> };

/** Undefined where the server is installed; else why not. */
export const mariadbAbsent = (): string | undefined => (spawnSync("mariadbd", ["--version"]).status === 0 ? undefined : "install mariadb-server (Debian) to run this");

/** root logs in without a password. `settings`: further options of mariadbd, as in "--log-bin". */
export async function startMariadb(settings: readonly string[] = []): Promise<MariadbServer> {
  const folder = await mkdtemp(join(tmpdir(), "tieout-mariadb-"));
  const [dataDir, socket, port] = [join(folder, "data"), join(folder, "socket"), await freePort()];
  const asRoot = process.getuid?.() === 0;
  await chmod(folder, 0o777);
  const options = ["--no-defaults", `--datadir=${dataDir}`, ...(asRoot ? ["--user=mysql"] : [])];
  const made = spawnSync("mariadb-install-db", [...options, "--auth-root-authentication-method=normal", "--skip-test-db"], { encoding: "utf8" });
  if (made.status !== 0) throw new Error(`mariadb-install-db: ${made.stderr || made.stdout}`);
  const server = spawn("mariadbd", [...options, `--socket=${socket}`, `--port=${port}`, "--bind-address=127.0.0.1", "--skip-name-resolve", "--innodb-flush-log-at-trx-commit=0", ...settings], { stdio: "ignore" });
  const close = async (): Promise<void> => {
    await stopped(server);
    await rm(folder, { recursive: true, force: true });
  };
  const deadline = elapsedMs() + 30_000;
  for (;;) {
    try {
      await (await createConnection({ socketPath: socket, user: "root" })).end();
      return { socket, port, close };
    } catch (error) {
      if (elapsedMs() > deadline || server.exitCode !== null) {
        await close();
        throw error;
      }
      await sleep(100);
    }
  }
}

function stopped(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    server.once("exit", () => resolve());
    server.kill("SIGTERM");
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject).listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
