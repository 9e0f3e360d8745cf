/**
 * Closing. Raced: so many times a period is closed while another process posts into it; what was in the period when the close committed must be what is in
 * it afterwards. Timed: a period with so many documents compared, then closed in one run, and where the time goes; then its steps once more, which must
 * change nothing. Prints one line of JSON: node bench/close.ts [--races 1000] [--documents 1000000]   (0 leaves that part out)
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { demoBook, generateMix } from "../server/src/app/demo/index.ts";
import { runMonthEnd, monthEndTaskNames } from "../server/src/app/month-end.ts";
import { registerAll } from "../server/src/app/registry.ts";
import { type Book, changeSetting, createBook, loadBook } from "../server/src/books/index.ts";
import { config, type Ctx, fixedClock, openPool, openStore, Refusal, silentLog, systemClock } from "../server/src/platform/index.ts";
import { readCloseGates, reconcileBook, runClose } from "../server/src/reconciliation/index.ts";
import { dayNumber, dateOf } from "../server/src/values/index.ts";
import { closePeriod, findDrafts, forgetWriter, postDocuments, reopenPeriod, reviewDraft } from "../server/src/vouchers/index.ts";

const { values } = parseArgs({ options: { races: { type: "string", default: "1000" }, documents: { type: "string", default: "1000000" } } });
registerAll();
const dataDir = await mkdtemp(join(tmpdir(), "tieout-bench-"));
const settings = { ...config(), dataDir, databaseUrl: undefined };
const app = await openStore(settings, { log: silentLog });
const owner = await openStore(settings, { log: silentLog, role: "owner" });
const note = (text: string): void => void process.stderr.write(`${systemClock().toISOString().slice(11, 19)} ${text}\n`);
try {
  const races = Number(values.races) > 0 ? await raced(Number(values.races)) : {};
  const times = Number(values.documents) > 0 ? await timed(Number(values.documents)) : {};
  process.stdout.write(`${JSON.stringify({ ...races, ...times })}\n`);
} finally {
  await app.close();
  await owner.close();
  await rm(dataDir, { recursive: true, force: true });
}

/** A trigger counts the vouchers of the period inside the close, as the last thing before it commits. */
async function raced(rounds: number) {
  const here: Ctx = { db: app, actor: { id: "closer" }, now: systemClock, log: silentLog };
  const elsewhere = openPool(app.url, { max: 3, role: "tieout_app" });
  const there: Ctx = { ...here, db: elsewhere, actor: { id: "poster" } };
  const period = "2026-03";
  await createBook(here, { code: "RACE", pack: "cas-general", currency: "CNY", from: period });
  await changeSetting(here, "RACE", "lateDocuments", "park", "the period is the period");
  await postDocuments(here, "RACE", [{ schema: "tieout/customer@1", source: "erp", sourceId: "C1", name: { zh: "客户" } }]);
  const { bookId } = await loadBook(app, "RACE");
  await owner.exec(`create table bench_close (at_close bigint not null);
    create function bench_counts() returns trigger language plpgsql security definer as $$ begin insert into bench_close select count(*) from vouchers.voucher where book_id = new.book_id and period = new.period; return null; end $$;
    create constraint trigger bench_counts after update on books.period deferrable initially deferred for each row when (new.state = 'closed' and old.state = 'open') execute function bench_counts()`);
  const tally = { rounds, closed: 0, notReady: 0, crossed: 0, allBefore: 0, allAfter: 0, between: 0 };
  const started = performance.now();
  let tookMs = 40;
  try {
    for (let round = 0; round < rounds; round++) {
      const documents = Array.from({ length: 4 }, (_, i) => ({ schema: "tieout/salesInvoice@1", source: "erp", sourceId: `R${round}-${i}`, date: "2026-03-06", customer: "C1", invoiceNumber: `R${round}-${i}`, lines: [{ lineId: "1", description: "服务", category: "service", quantity: "1", amountNet: "100.00", taxRate: "0.06" }] }));
      const since = performance.now();
      const posting = postDocuments(there, "RACE", documents, { batchSize: 1 }).then((done) => { tookMs = tookMs * 0.8 + (performance.now() - since) * 0.2; return done; });
      // From before the first to after the last, wherever this machine has them.
      await new Promise((done) => setTimeout(done, (tookMs * ((round * 7) % 24)) / 20));
      const isClosed = await closePeriod(here, "RACE", period).then(() => true, (error: unknown) => {
        if (!(error instanceof Refusal)) throw error;
        tally.notReady++;
        return false;
      });
      const posted = (await posting).results.filter(({ state, period: to }) => state === "posted" && to === period).length;
      if (isClosed) {
        tally.closed++;
        const [counted] = await owner.query<{ atClose: bigint; now: bigint }>("select (select at_close from bench_close) as \"atClose\", count(*) as now from vouchers.voucher where book_id = $1 and period = $2", [bookId, period]);
        if (counted?.atClose !== counted?.now) tally.crossed++;
        tally[posted === 4 ? "allBefore" : posted === 0 ? "allAfter" : "between"]++;
        await reopenPeriod(here, "RACE", period, "the next round");
      }
      await owner.exec("update documents.document set state = 'superseded' where state = 'parked'; truncate bench_close");
      forgetWriter(elsewhere, "RACE");
      if (round % 100 === 99) note(`race ${round + 1}: ${JSON.stringify(tally)}`);
    }
  } finally {
    await owner.exec("drop trigger bench_counts on books.period; drop function bench_counts; drop table bench_close");
    await elsewhere.close();
  }
  return { races: tally, racesSeconds: tenths(performance.now() - started) };
}

async function timed(documents: number) {
  const ctx: Ctx = { db: app, actor: { id: "bench" }, now: fixedClock("2026-02-02T02:00:00Z"), log: silentLog };
  const period = "2026-01";
  await createBook(ctx, { code: "B1", pack: demoBook.pack, currency: "CNY", from: period, settings: demoBook.settings });
  const since = performance.now();
  const { summary } = await postDocuments(ctx, "B1", inOnePeriod(documents), { batchSize: 1_000 });
  const postedMs = performance.now() - since;
  note(`posted ${JSON.stringify(summary)}`);
  // What waits or was parked is decided by people before a close; here it is taken away.
  await owner.exec("update documents.document set state = 'superseded' where state in ('waiting', 'parked'); analyze");
  const book = await loadBook(app, "B1");
  const compared: Awaited<ReturnType<typeof reconcileBook>>[] = [];
  for (let i = 0; i < 2; i++) compared.push(await reconcileBook(ctx, book, { seals: i === 0 }));
  note(`compared ${JSON.stringify(compared)}`);
  const steps: Record<string, number> = {};
  const runTask = async (by: Ctx, of: Book, task: string, to: string) => runMonthEnd(by, of, monthEndTaskNames.find((name) => name === task) ?? "vat", to);
  const gatesSince = performance.now();
  const gates = await readCloseGates(ctx, book, period);
  const gatesMs = performance.now() - gatesSince;
  const soft = gates.filter(({ gate, isHard, state }) => !isHard && ["arrived", "subledgers", "bank", "delivered"].includes(gate) && (state === "open" || state === "stale")).map(({ gate }) => gate);
  // Each step is timed between two of its notes; the clock of the run is the system's.
  const running: Ctx = { ...ctx, now: systemClock };
  const reviews = performance.now();
  for (const { draft } of await findDrafts(ctx, book)) await reviewDraft({ ...ctx, actor: { id: "reviewer" } }, "B1", draft);
  note(`reviewed in ${tenths(performance.now() - reviews)} s`);
  const last = performance.now();
  const done = await runClose(running, book, period, { runTask, accepted: soft, reason: "bench" });
  const closeMs = performance.now() - last;
  let at = Date.parse(done.steps[0]?.at ?? "");
  for (const step of done.steps) {
    steps[step.step.slice(0, 16)] = tenths(Date.parse(step.at) - at);
    at = Date.parse(step.at);
  }
  note(`closed ${JSON.stringify({ outcome: done.outcome, steps, open: done.open.map(({ gate, evidence }) => `${gate} ${evidence.en}`) })}`);
  const count = async (): Promise<string> => String((await owner.one<{ n: bigint }>("select count(*) as n from vouchers.voucher")).n);
  const vouchers = await count();
  let again: Record<string, unknown> = {};
  if (done.outcome === "closed") {
    await reopenPeriod(ctx, "B1", period, "once more");
    const secondSince = performance.now();
    const second = await runClose(running, book, period, { runTask, accepted: soft, reason: "bench" });
    again = { outcome: second.outcome, seconds: tenths(performance.now() - secondSince), newVouchers: Number(await count()) - Number(vouchers), steps: second.steps.filter(({ outcome }) => outcome !== "skipped").map(({ step, outcome }) => `${step.slice(0, 16)} ${outcome}`) };
  }
  const comparedMs = (index: number): Readonly<Record<string, number>> => compared[index]?.milliseconds ?? {};
  return { documents, vouchers, postedSeconds: tenths(postedMs), comparedMs: comparedMs(0), comparedAgainMs: comparedMs(1), sidesSeconds: tenths(comparedMs(1).sides ?? 0), gatesSeconds: tenths(gatesMs), close: { outcome: done.outcome, seconds: tenths(closeMs), stepSeconds: steps, accepted: soft, open: done.open.map(({ gate, evidence }) => `${gate}: ${evidence.en}`) }, again };
}

/** A year's documents of the demo's mix, their days drawn together into one month in the same order. */
function* inOnePeriod(documents: number): Generator<object> {
  const first = dayNumber("2026-01-01");
  for (const record of generateMix({ seed: 1, documents, book: "B1", monthEnd: false })) {
    const day = dayNumber(record.date ?? "2026-01-01") - first;
    yield record.date === undefined || day < 0 ? record : { ...record, date: dateOf(first + Math.min(30, Math.trunc((day * 31) / 366))) };
  }
}

function tenths(ms: number): number {
  return Math.round(ms / 100) / 10;
}
