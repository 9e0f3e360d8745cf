/**
 * How long it takes to prove a book and to replay its rules: posts the demo's mix into a store of its own, then verifies it at
 * once, while the planner knows nothing of it yet, and replays the rules over every event of it.
 * node bench/proof.ts [--documents 200000] [--seed 3]        (1,250,000 documents make about a million vouchers)
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { demoBook, generateMix } from "../server/src/app/demo/index.ts";
import { registerAll } from "../server/src/app/registry.ts";
import { createBook } from "../server/src/books/index.ts";
import { config, type Ctx, openStore, silentLog, systemClock } from "../server/src/platform/index.ts";
import { postDocuments, replayRules, verify } from "../server/src/vouchers/index.ts";

const { values } = parseArgs({ options: { documents: { type: "string", default: "200000" }, seed: { type: "string", default: "3" }, json: { type: "boolean" } } });
registerAll();
const dataDir = await mkdtemp(join(tmpdir(), "tieout-bench-"));
const db = await openStore({ ...config(), dataDir, databaseUrl: undefined }, { log: silentLog });
try {
  const ctx: Ctx = { db, actor: { id: "bench" }, now: systemClock, log: silentLog, dataDir };
  const book = await createBook(ctx, { code: "B1", pack: demoBook.pack, currency: demoBook.currency, from: "2026-01", settings: demoBook.settings });
  await postDocuments(ctx, "B1", generateMix({ seed: Number(values.seed), documents: Number(values.documents), book: "B1", monthEnd: false }), { onResult: () => {} });
  const first = await verify(ctx, book);
  const again = await verify(ctx, book);
  const replay = await replayRules(ctx, book, { version: 1, all: true });
  const hundredths = (value: number): number => Math.trunc(value * 100) / 100;
  process.stdout.write(`${JSON.stringify({
    vouchers: first.vouchers, lines: first.lines, isWhole: first.isWhole, findings: first.findings.slice(0, 5), verifySeconds: hundredths(first.seconds), verifyAgainSeconds: hundredths(again.seconds),
    vouchersVerifiedPerSecond: Math.trunc(again.vouchers / again.seconds), replayDocuments: replay.documents, replaySeconds: hundredths(replay.seconds), replayDocumentsPerSecond: Math.trunc(replay.documents / replay.seconds), replayChanged: replay.changed,
    rssMb: Math.trunc(process.memoryUsage().rss / 1_048_576),
  })}\n`);
} finally {
  await db.close();
  await rm(dataDir, { recursive: true, force: true });
}
