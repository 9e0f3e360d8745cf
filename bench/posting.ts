/**
 * The posting path, everything of it: documents, rules, costing, open items, links, balances, blocks; synchronous_commit = on.
 * In the same run the same voucher lines go into a table of the same shape by plain COPY: the physical limit beside it.
 * node bench/posting.ts [--documents 100000] [--seed 1] [--batch 1000] [--costing movingAverage] [--json]
 */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { registerAll } from "../server/src/app/registry.ts";
import { demoBook, generateMix } from "../server/src/app/demo/index.ts";
import { createBook } from "../server/src/books/index.ts";
import { config, type Ctx, openStore, silentLog, type Store, systemClock } from "../server/src/platform/index.ts";
import { postDocuments, verify } from "../server/src/vouchers/index.ts";

const { values } = parseArgs({ options: { documents: { type: "string", default: "100000" }, seed: { type: "string", default: "1" }, batch: { type: "string", default: "1000" }, costing: { type: "string", default: "movingAverage" }, open: { type: "string", default: "yes" }, verify: { type: "string", default: "yes" }, json: { type: "boolean", default: true } } });
const documents = Number(values.documents);
const batchSize = Number(values.batch);
registerAll();

const dataDir = await mkdtemp(join(tmpdir(), "tieout-bench-"));
const settings = { ...config(), dataDir, databaseUrl: undefined };
const app = await openStore(settings, { log: silentLog });
const owner = await openStore(settings, { log: silentLog, role: "owner" });
const ctx: Ctx = { db: app, actor: { id: "bench" }, now: systemClock, log: silentLog, dataDir };
try {
  await run("WARM", Math.min(documents, 5_000), undefined); // the compiler settles, files are allocated
  const closed = await run("B1", documents, undefined);
  const raw = await rawCopy(owner, closed.bookId);
  const half = Math.trunc(closed.documentsPerSecond / 2);
  const open = values.open === "yes" ? await run("B2", Math.min(documents, Math.max(2_000, half * 15)), half) : closed;
  const checked = values.verify === "no" ? { isWhole: undefined } : await verify(ctx, (await import("../server/src/books/index.ts").then(({ loadBook }) => loadBook(app, "B1"))));
  const { bookId: _, ...figures } = closed;
  process.stdout.write(`${JSON.stringify({
    ...figures, p50Ms: open.p50Ms, p99Ms: open.p99Ms, openLoopDocumentsPerSecond: half, rawCopyLinesPerSecond: raw,
    ratioToRawCopy: rounded(closed.linesPerSecond / raw), batch: batchSize, costing: values.costing, verified: checked.isWhole, rssMb: Math.trunc(process.memoryUsage().rss / 1_048_576),
  })}\n`);
} finally {
  await app.close();
  await owner.close();
  await rm(dataDir, { recursive: true, force: true });
}

async function run(code: string, count: number, rate: number | undefined) {
  const book = await createBook(ctx, { code, pack: "cas-manufacturing", currency: "CNY", from: "2026-01", group: code, settings: { ...demoBook.settings, costing: values.costing as string } });
  const masters: unknown[] = [], business: unknown[] = [];
  for (const record of generateMix({ seed: Number(values.seed), documents: count, book: code, monthEnd: false })) (isMaster(record.schema) ? masters : business).push(record);
  await postDocuments(ctx, code, masters);
  const arrived = new Float64Array(business.length + 1);
  const waits: number[] = [];
  const before = await cpu();
  const started = performance.now();
  async function* paced(): AsyncGenerator<unknown> {
    for (let i = 0; i < business.length; i++) {
      const due = started + (i / (rate as number)) * 1_000;
      if (performance.now() < due) await new Promise((resolve) => setTimeout(resolve, Math.max(1, due - performance.now())));
      arrived[i + 1] = due;
      yield business[i];
    }
  }
  function* all(): Generator<unknown> {
    for (let i = 0; i < business.length; i++) {
      arrived[i + 1] = performance.now();
      yield business[i];
    }
  }
  const states: Record<string, number> = {};
  const { summary } = await postDocuments(ctx, code, rate === undefined ? all() : paced(), { batchSize, onResult: (result) => {
    states[result.state] = (states[result.state] ?? 0) + 1;
    if (result.row > 0) waits.push(performance.now() - (arrived[result.row] as number));
  } });
  const seconds = (performance.now() - started) / 1_000;
  const after = await cpu();
  const { n: lines } = await owner.one<{ n: bigint }>("select count(*) as n from vouchers.line where book_id = $1", [book.bookId]);
  waits.sort((a, b) => a - b);
  return { bookId: book.bookId, documents: business.length, vouchers: summary.vouchers, lines: Number(lines), seconds: rounded(seconds), documentsPerSecond: Math.trunc(business.length / seconds), vouchersPerSecond: Math.trunc(summary.vouchers / seconds), linesPerSecond: Math.trunc(Number(lines) / seconds),
    p50Ms: rounded(waits[Math.trunc(waits.length * 0.5)] ?? 0), p99Ms: rounded(waits[Math.trunc(waits.length * 0.99)] ?? 0),
    nodeCpuMicrosPerVoucher: rounded((after.node - before.node) / summary.vouchers), postgresCpuMicrosPerVoucher: rounded((after.postgres - before.postgres) / summary.vouchers), states };
}

function isMaster(schema: unknown): boolean {
  return /^tieout\/(item|customer|supplier|department|warehouse|bankAccount|employee|project|region|taxCode|exchangeRate)@/.test(String(schema));
}

/** The same rows by COPY alone, in transactions of the same size, into a table with the same key. */
async function rawCopy(db: Store, bookId: number): Promise<number> {
  await db.exec("drop schema if exists bench cascade; create schema bench; create table bench.line (like vouchers.line including defaults including indexes)");
  const columns = "book_id, period, voucher_id, line_no, account, dimension_set_id, debit, credit, currency, amount_original, rate, quantity, summary";
  const chunks: string[] = [];
  let text = "";
  for await (const part of db.copyOut(`select ${columns} from vouchers.line where book_id = ${bookId} order by voucher_id, line_no`)) text += part.toString("utf8");
  const rows = text.split("\n");
  for (let i = 0; i < rows.length - 1; i += batchSize * 4) chunks.push(`${rows.slice(i, Math.min(i + batchSize * 4, rows.length - 1)).join("\n")}\n`);
  const started = performance.now();
  for (const chunk of chunks) await db.transaction((transaction) => transaction.copyIn(`bench.line (${columns})`, chunk));
  return Math.trunc((rows.length - 1) / ((performance.now() - started) / 1_000));
}

/** CPU microseconds used so far by this process and by every process of the embedded server. */
async function cpu(): Promise<{ node: number; postgres: number }> {
  const { user, system } = process.cpuUsage();
  let ticks = 0;
  const postmaster = await readFile(join(dataDir, "postgres/postmaster.pid"), "utf8").then((text) => text.split("\n")[0] ?? "", () => "");
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (postmaster !== "" && (pid === postmaster || fields[1] === postmaster)) ticks += Number(fields[11]) + Number(fields[12]);
  }
  return { node: user + system, postgres: ticks * 10_000 };
}

function rounded(value: number): number {
  return Math.trunc(value * 100) / 100;
}
