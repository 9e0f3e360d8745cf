/**
 * `npm test`: types, then every test on a throw-away PostgreSQL.
 * `npm test -- vouchers` runs the files whose path contains "vouchers"; several words widen the choice.
 */
import { spawn } from "node:child_process";
import { glob, mkdtemp, rm, chmod } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { fileURLToPath } from "node:url";
import { config, holdPostgres, silentLog } from "./src/platform/index.ts";
import { prepareTemplate, throwAwaySettings } from "./src/platform/testing.ts";
import { installTestPackages } from "./test-packages.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const words = process.argv.slice(2);

async function main(): Promise<number> {
  const typesFailed = await checkTypes();
  const files = await testFiles();
  if (files.length === 0) {
    print(`no test file's path contains ${words.map((word) => `"${word}"`).join(" or ")}`);
    return 1;
  }
  if (words.length === 0) installTestPackages(print);
  const testsFailed = await onThrowAwayServer((templateUrl) => runTests(files, templateUrl));
  return typesFailed || testsFailed ? 1 : 0;
}

async function checkTypes(): Promise<boolean> {
  const wrong: boolean[] = [];
  for (const project of [root, join(root, "web")]) wrong.push((await ended(spawn(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "--noEmit", "--project", project], { stdio: "inherit" }))) !== 0);
  const isWrong = wrong.includes(true);
  print(isWrong ? "types: wrong, see above" : "types: right");
  return isWrong;
}

async function testFiles(): Promise<string[]> {
  const found: string[] = [];
  for await (const file of glob("{server,bench,e2e,examples,web}/**/*.test.ts", { cwd: root, exclude: (name) => name.includes("node_modules") })) found.push(join(root, file));
  return found.filter((file) => words.length === 0 || words.some((word) => relative(root, file).includes(word))).sort();
}

/** DATABASE_URL, if set, names the server to test on; its user must be allowed to create databases. */
async function onThrowAwayServer<T>(work: (templateUrl: string) => Promise<T>): Promise<T> {
  const other = config().databaseUrl;
  if (other !== undefined) return work(await prepareTemplate(other));
  const dataDir = await mkdtemp(join(tmpdir(), "tieout-test-"));
  await chmod(dataDir, 0o711);
  try {
    const hold = await holdPostgres({ dataDir, log: silentLog, settings: throwAwaySettings });
    return await work(await prepareTemplate(hold.url)).finally(() => hold.release());
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function runTests(files: string[], templateUrl: string): Promise<boolean> {
  process.env.TIEOUT_TEST_DATABASE = templateUrl;
  delete process.env.DATABASE_URL;
  process.env.NODE_COMPILE_CACHE = join(root, "node_modules/.cache/tieout"); // every file is a process, and loads much the same sources
  const counts = { tests: 0, passed: 0, failed: 0, skipped: 0, todo: 0, cancelled: 0 };
  const slow: { readonly file: string; readonly ms: number }[] = [];
  const stream = run({ files, concurrency: 2, cwd: root, timeout: 1_200_000 });
  stream.on("test:summary", (summary) => {
    if (summary.file === undefined) Object.assign(counts, summary.counts);
    else slow.push({ file: relative(root, summary.file), ms: summary.duration_ms });
  });
  stream.compose(new spec()).pipe(process.stdout);
  await new Promise((resolve, reject) => stream.once("close", resolve).once("error", reject));
  for (const { file, ms } of slow.sort((a, b) => b.ms - a.ms).slice(0, 12)) print(`# ${String(Math.trunc(ms / 1000)).padStart(5)} s ${file}`);
  print(`# tests ${counts.tests}\n# pass ${counts.passed}\n# fail ${counts.failed}\n# cancelled ${counts.cancelled}\n# skipped ${counts.skipped}\n# todo ${counts.todo}`);
  return counts.failed + counts.cancelled > 0 || counts.tests === 0;
}

const ended = (child: ReturnType<typeof spawn>): Promise<number> => new Promise((resolve) => child.once("exit", (code) => resolve(code ?? 1)));
const print = (text: string): void => void process.stdout.write(`${text}\n`);

process.exitCode = await main();
