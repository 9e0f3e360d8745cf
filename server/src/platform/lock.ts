/**
 * A lock between processes of one machine that the kernel gives back when its holder dies, however it dies.
 * It is SQLite's file lock on an empty database: a file with a process id in it would need guesses about stale owners.
 */
import { DatabaseSync } from "node:sqlite";
import { elapsedMs, sleep } from "./clock.ts";

/** Runs `work` while no other process holds the lock on `path`. Throws when it is not free within `patienceMs`. */
export async function withFileLock<T>(path: string, patienceMs: number, work: () => Promise<T>): Promise<T> {
  const file = new DatabaseSync(path, { timeout: 0 });
  try {
    await acquire(file, path, patienceMs);
    return await work();
  } finally {
    file.close();
  }
}

async function acquire(file: DatabaseSync, path: string, patienceMs: number): Promise<void> {
  const since = elapsedMs();
  for (;;) {
    try {
      file.exec("begin exclusive");
      return;
    } catch (error) {
      if (!isBusy(error)) throw error;
      if (elapsedMs() - since > patienceMs) throw new Error(`${path} has been locked by another process for ${patienceMs / 1000} s`, { cause: error });
      await sleep(15);
    }
  }
}

const isBusy = (error: unknown): boolean => error instanceof Error && "errcode" in error && error.errcode === 5;
