/**
 * Reconciliation of a whole book: both sides of every account, every search, seals included. Then so many defects of each of the eighteen causes are
 * planted, and it is counted how many are found, with the right cause, and what else is reported. Prints one line of JSON:
 * node bench/reconcile.ts [--documents 100000] [--each 50]
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { demoBook, generateMix } from "../server/src/app/demo/index.ts";
import { registerAll } from "../server/src/app/registry.ts";
import { createBook, loadBook } from "../server/src/books/index.ts";
import { config, type Ctx, fixedClock, openStore, silentLog } from "../server/src/platform/index.ts";
import { openingLines, plantDefects } from "../server/src/reconciliation/difference/defect-set.ts";
import { listDifferences, reconcileBook } from "../server/src/reconciliation/index.ts";
import { postDocuments } from "../server/src/vouchers/index.ts";

const { values } = parseArgs({ options: { documents: { type: "string", default: "100000" }, each: { type: "string", default: "50" } } });
const [documents, each] = [Number(values.documents), Number(values.each)];
registerAll();

const dataDir = await mkdtemp(join(tmpdir(), "tieout-bench-"));
const settings = { ...config(), dataDir, databaseUrl: undefined };
const app = await openStore(settings, { log: silentLog });
const owner = await openStore(settings, { log: silentLog, role: "owner" });
const ctx: Ctx = { db: app, actor: { id: "bench" }, now: fixedClock("2027-01-02T02:00:00Z"), log: silentLog };
try {
  await createBook(ctx, { code: "B1", pack: demoBook.pack, currency: "CNY", from: "2025-12", settings: { ...demoBook.settings, lateDocuments: "nextOpenPeriod" } });
  const { summary } = await postDocuments(ctx, "B1", withOpenings(), { batchSize: 1_000 });
  await owner.exec("analyze");
  const book = await loadBook(app, "B1");
  await reconcileBook(ctx, book);
  const clean = await reconcileBook(ctx, book);
  const before = new Set((await everything(book)).map(({ cause, subject }) => `${cause} ${subject}`));
  const planted = await plantDefects({ ctx, other: { ...ctx, actor: { id: "other" } }, owner, book: "B1", early: "2025-12", date: "2026-12-28", each });
  const done = await reconcileBook(ctx, book);
  const found = (await everything(book)).map(({ cause, subject }) => `${cause} ${subject}`).filter((one) => !before.has(one));
  const wanted = new Set(planted.map(({ cause, subject }) => `${cause} ${subject}`));
  process.stdout.write(`${JSON.stringify({
    documents, vouchers: summary.vouchers, cleanSeconds: clean.seconds, clean: clean.milliseconds, sidesSeconds: thousandths(clean.milliseconds.sides ?? 0), planted: planted.length, causes: new Set(planted.map(({ cause }) => cause)).size,
    found: found.filter((one) => wanted.has(one)).length, else: found.filter((one) => !wanted.has(one)).length, others: found.filter((one) => !wanted.has(one)).slice(0, 10), foundSeconds: done.seconds, steps: done.milliseconds, rssMb: Math.trunc(process.memoryUsage().rss / 1_048_576),
  })}\n`);
} finally {
  await app.close();
  await owner.close();
  await rm(dataDir, { recursive: true, force: true });
}

function* withOpenings(): Generator<object> {
  for (const record of generateMix({ seed: 1, documents, book: "B1", monthEnd: false })) {
    if (record.schema !== "tieout/openingBalance@1") { yield record; continue; }
    const lines = record.lines as readonly object[];
    yield { ...record, date: "2025-11-30", lines: [...lines, ...openingLines(each, lines.length + 1), { lineId: String(lines.length + each + 1), account: "4001", credit: `${each * 1000}.00` }] };
  }
}

async function everything(book: Awaited<ReturnType<typeof loadBook>>): Promise<readonly { readonly cause: string; readonly subject: string }[]> {
  const all: { cause: string; subject: string }[] = [];
  for (let after: string | undefined; ; ) {
    const page = await listDifferences(ctx, book, { limit: 1_000, ...(after === undefined ? {} : { after }) }, { cost: true });
    all.push(...page);
    if (page.length < 1_000) return all;
    after = page.at(-1)?.cursor;
  }
}

function thousandths(ms: number): string {
  return `${Math.trunc(ms / 1000)}.${String(ms % 1000).padStart(3, "0")}`;
}
