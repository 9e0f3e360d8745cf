/**
 * The mart as the server sees it: a process of its own that is started, told to follow, asked, and started again when it dies. It is never needed:
 * while it is away or behind, the books' database answers.
 */
import { type ChildProcess, fork } from "node:child_process";
import { createHash } from "node:crypto";
import { availableParallelism, totalmem } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { appRole, type Ctx, elapsedMs } from "../platform/index.ts";
import type { Compiled } from "./compile.ts";
import type { Opening, Order, Reply, Synced } from "./mart-process.ts";

/** How far the copy of a book is, and when that was last known to be all there is. */
export type Freshness = Synced & { readonly confirmedMs: number; };
export type Mart = {
  readonly freshness: (bookId: number) => Freshness | undefined;
  readonly query: (compiled: Compiled) => Promise<readonly Readonly<Record<string, string>>[]>;
  /** Copies what the facts of the book have gained. */
  readonly sync: (bookId: number) => Promise<void>;
  /** Nothing was posted since: what was copied is still all there is. */
  readonly confirm: (atMs: number) => void;
  readonly pid: () => number | undefined;
  readonly path: string;
  readonly close: () => Promise<void>;
};

/** The mart did not answer; somebody else can. */
export class MartFault extends Error {
  readonly isMartFault = true;
}

const ANSWER_MS = 30_000;
const LOAD_MS = 3_600_000;

type OrderMade = Order extends infer One ? (One extends Order ? Omit<One, "id"> : never) : never;
type Waiting = { readonly resolve: (answer: unknown) => void; readonly reject: (fault: Error) => void; readonly timer: NodeJS.Timeout };

export function openMart(ctx: Pick<Ctx, "db" | "log">, folder: string): Mart {
  const address = new URL(ctx.db.url);
  const path = join(folder, `${address.pathname.slice(1)}-${createHash("sha256").update(`${address.hostname} ${address.pathname}`).digest("hex").slice(0, 8)}.duckdb`);
  const memoryMb = Math.floor(Math.min(6_144, Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY) / 1_048_576 / 4));
  const opening: Opening = { url: ctx.db.url, role: appRole, path, memory: `${memoryMb}MB`, threads: availableParallelism() };
  const known = new Map<number, Freshness>();
  const waiting = new Map<number, Waiting>();
  let child: ChildProcess | undefined;
  let ready: Promise<unknown> = Promise.resolve();
  let number = 0;
  let restartMs = 500;
  let restart: NodeJS.Timeout | undefined;
  let isClosing = false;

  const tell = (order: OrderMade, patienceMs: number): Promise<unknown> => new Promise((resolve, reject) => {
    if (child === undefined || !child.connected) return reject(new MartFault("the mart is not running"));
    const id = ++number;
    const timer = setTimeout(() => {
      if (!waiting.delete(id)) return;
      reject(new MartFault(`the mart did not answer within ${patienceMs / 1000} s`));
      child?.kill("SIGKILL"); // hung: the next one begins afresh
    }, patienceMs);
    waiting.set(id, { resolve, reject, timer });
    child.send({ ...order, id } as Order, (error) => error !== null && settle({ id, fault: error.message }));
  });
  const settle = ({ id, answer, fault }: Reply): void => {
    const one = waiting.get(id);
    if (one === undefined) return;
    waiting.delete(id);
    clearTimeout(one.timer);
    if (fault === undefined) one.resolve(answer);
    else one.reject(new MartFault(fault));
  };

  const begin = (): void => {
    const started = fork(fileURLToPath(new URL("./mart-process.ts", import.meta.url)), [], { serialization: "advanced", stdio: ["ignore", "ignore", "pipe", "ipc"] });
    child = started;
    let said = "";
    started.stderr?.setEncoding("utf8").on("data", (text: string) => (said = (said + text).slice(-2_000)));
    started.on("message", (message: Reply) => settle(message));
    started.on("error", () => {});
    started.on("exit", (code, signal) => {
      if (child === started) child = undefined;
      known.clear();
      for (const id of [...waiting.keys()]) settle({ id, fault: "the mart ended" });
      if (isClosing) return;
      ctx.log.warn("the mart ended; it is started again", { code, signal, said: said.trim().slice(-500) });
      restart = setTimeout(begin, restartMs);
      restartMs = Math.min(restartMs * 2, 30_000);
    });
    ready = tell({ do: "open", with: opening }, LOAD_MS).then(() => void (restartMs = 500), (error: unknown) => {
      if (!isClosing) ctx.log.warn("the mart cannot be opened; the database answers", { error });
      started.kill("SIGKILL");
      throw error;
    });
    ready.catch(() => {});
  };
  begin();

  return {
    path,
    pid: () => child?.pid,
    freshness: (bookId) => known.get(bookId),
    confirm: (atMs) => void known.forEach((one, bookId) => known.set(bookId, { ...one, confirmedMs: atMs })),
    async query(compiled) {
      await ready.catch(() => {});
      return (await tell({ do: "query", sql: compiled.sql, params: compiled.params }, ANSWER_MS)) as Readonly<Record<string, string>>[];
    },
    async sync(bookId) {
      await ready;
      const since = elapsedMs();
      const synced = (await tell({ do: "sync", bookId }, LOAD_MS)) as Synced;
      if (synced.version > 0n) known.set(bookId, { ...synced, confirmedMs: since });
    },
    async close() {
      isClosing = true;
      clearTimeout(restart);
      const last = child;
      if (last === undefined) return;
      const ended = new Promise<void>((resolve) => last.once("exit", () => resolve()));
      last.disconnect();
      const kill = setTimeout(() => last.kill("SIGKILL"), 5_000);
      await ended;
      clearTimeout(kill);
    },
  };
}
