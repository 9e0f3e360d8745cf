import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { sleep } from "./clock.ts";
import { withFileLock } from "./lock.ts";

const folder = await mkdtemp(join(tmpdir(), "tieout-lock-"));
after(() => rm(folder, { recursive: true, force: true }));

test("work under one lock never overlaps", async () => {
  const path = join(folder, "a");
  const seen: string[] = [];
  await Promise.all(["x", "y", "z"].map((name) => withFileLock(path, 10_000, async () => {
    seen.push(name);
    await sleep(20);
    seen.push(name);
  })));
  assert.equal(seen.length, 6);
  for (const at of [0, 2, 4]) assert.equal(seen[at], seen[at + 1]);
});

test("a lock that stays taken is reported after the agreed patience", async () => {
  const path = join(folder, "b");
  await withFileLock(path, 1_000, () => assert.rejects(withFileLock(path, 50, async () => {}), /locked by another process/));
});

test("a lock is free again when its holder is killed", async () => {
  const path = join(folder, "c");
  const script = `import { withFileLock } from ${JSON.stringify(new URL("./lock.ts", import.meta.url).href)};
    await withFileLock(process.argv[1], 1000, async () => { process.stdout.write("held"); await new Promise((resolve) => setTimeout(resolve, 60_000)); });`;
  const holder = spawn(process.execPath, ["--input-type=module", "-e", script, path], { stdio: ["ignore", "pipe", "inherit"] });
  await once(holder.stdout, "data");
  await assert.rejects(withFileLock(path, 50, async () => {}), /locked/);
  holder.kill("SIGKILL");
  await withFileLock(path, 10_000, async () => {});
});

test("work that throws gives the lock back", async () => {
  const path = join(folder, "d");
  await assert.rejects(withFileLock(path, 1_000, () => Promise.reject(new Error("no"))), /no/);
  await withFileLock(path, 50, async () => {});
});
