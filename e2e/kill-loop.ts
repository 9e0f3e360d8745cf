/**
 * kill -9 in the middle of posting, again and again, then the proof that nothing was lost and nothing doubled.
 * Each cycle posts the same growing file from a process of its own and kills it at a random moment; the last cycle lives.
 * node e2e/kill-loop.ts [--cycles 50] [--documents 4000] [--seed 1] [--server every 10th cycle also kills PostgreSQL's postmaster]
 */
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { demoBook, generateMix } from "../server/src/app/demo/index.ts";

const { values } = parseArgs({ options: { cycles: { type: "string", default: "50" }, documents: { type: "string", default: "4000" }, seed: { type: "string", default: "1" }, server: { type: "boolean", default: true } } });
const cycles = Number(values.cycles);
const tieout = fileURLToPath(new URL("../server/bin/tieout.js", import.meta.url));
const dataDir = await mkdtemp(join(tmpdir(), "tieout-kill-"));
const environment = { TIEOUT_DATA: dataDir };
let random = Number(values.seed) || 1;
const next = (below: number): number => {
  random = (Math.imul(random, 1_103_515_245) + 12_345) & 0x7fffffff;
  return random % below;
};

try {
  const settings = Object.entries({ ...demoBook.settings }).flatMap(([key, value]) => ["--set", `${key}=${value}`]);
  await run(["book", "create", "K1", "--pack", demoBook.pack, "--currency", "CNY", "--from", "2026-01", ...settings]);
  const file = join(dataDir, "documents.jsonl");
  const records = [...generateMix({ seed: Number(values.seed), documents: Number(values.documents), book: "K1", monthEnd: false })];
  let killed = 0, servers = 0;
  for (let cycle = 1; cycle <= cycles; cycle++) {
    // A little more of the file each time, so that every kill has something new to interrupt.
    await writeFile(file, `${records.slice(0, Math.ceil((records.length * cycle) / cycles)).map((record) => JSON.stringify(record)).join("\n")}\n`);
    const child = spawn(process.execPath, [tieout, "post", file, "--book", "K1", "--json"], { stdio: "ignore", env: { PATH: "/usr/local/bin:/usr/bin:/bin", ...environment } });
    const ended = new Promise<number | null>((resolve) => child.on("exit", (code) => resolve(code)));
    await new Promise((resolve) => setTimeout(resolve, 700 + next(2_200)));
    if (values.server && cycle % 10 === 0) {
      const pid = Number((await readFile(join(dataDir, "postgres/postmaster.pid"), "utf8").catch(() => "0")).split("\n")[0]);
      if (pid > 0) {
        try {
          process.kill(pid, "SIGKILL");
          servers++;
        } catch {
          // It had gone by itself; its pid file stayed.
        }
      }
    }
    if (child.kill("SIGKILL")) killed++;
    await ended;
  }
  const last = await run(["post", file, "--book", "K1", "--json"]);
  const again = await run(["post", file, "--book", "K1", "--json"]);
  const verified = await run(["verify", "--book", "K1", "--json"], true);
  const completeness = await run(["completeness", "--book", "K1", "--json"]);
  const broken = [last, again].find(({ out }) => out.includes('"error"'));
  if (broken) throw new Error(`posting was refused: ${broken.out.slice(broken.out.indexOf('"error"'), broken.out.indexOf('"error"') + 600)}`);
  const { summary } = JSON.parse(again.out) as { summary: { received: number; posted: number; duplicate: number; vouchers: number } };
  const proof = JSON.parse(verified.out) as { isWhole: boolean; vouchers: number };
  const { arrived } = JSON.parse(completeness.out) as { arrived: number };
  const expected = new Set(records.filter((record) => !/^tieout\/(item|customer|supplier|department|warehouse|bankAccount|employee|project|region|taxCode|exchangeRate)@/.test(String(record.schema))).map((record) => `${String(record.source)}:${String(record.schema)}/${String(record.sourceId)}`)).size;
  const isRight = proof.isWhole && arrived === expected && summary.vouchers === 0;
  process.stdout.write(`${JSON.stringify({ cycles, killed, servers, expected, arrived, vouchers: proof.vouchers, isWhole: proof.isWhole, secondPosting: summary, lastSummary: (JSON.parse(last.out) as { summary: unknown }).summary, isRight })}\n`);
  process.exitCode = isRight ? 0 : 1;
} finally {
  if (process.exitCode === 0) await rm(dataDir, { recursive: true, force: true });
}

async function run(words: readonly string[], mayFail = false): Promise<{ out: string; code: number | null }> {
  const child = spawn(process.execPath, [tieout, ...words], { stdio: ["ignore", "pipe", "inherit"], env: { PATH: "/usr/local/bin:/usr/bin:/bin", ...environment } });
  let out = "";
  child.stdout.on("data", (part: Buffer) => (out += part.toString("utf8")));
  const code = await new Promise<number | null>((resolve) => child.on("exit", resolve));
  if (code !== 0 && code !== 1 && !mayFail) throw new Error(`tieout ${words.join(" ")} ended with ${code}: ${out.slice(0, 400)}`);
  return { out, code };
}
