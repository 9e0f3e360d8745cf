/**
 * Exactly one effect, under faults: for each dedupe class many flows deliver through a proxy that cuts, resets, swallows, repeats and
 * delays, while second workers and zombies try to get in. At the end the line is calm, every flow finishes, and the target
 * itself is counted: one effect a voucher, or, where the target can do nothing against repetition, UNKNOWN and a person asked.
 * node e2e/delivery-faults.ts [--faults 10000] [--classes transactional,idempotency-key,natural-key,none] [--flows 16] [--seed 1]
 */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { registerAll } from "../server/src/app/registry.ts";
import { type Book, createBook } from "../server/src/books/index.ts";
import { type Dedupe, type DeliveryFlow, deliveryCounts, openDelivery, type Target, targets as allTargets } from "../server/src/delivery/index.ts";
import { restIdempotentTarget, restSearchableTarget, restTarget } from "../server/src/delivery/targets/rest.ts";
import { config, type Ctx, holdPostgres, openPool, openStore, silentLog, sleep, type Store, systemClock } from "../server/src/platform/index.ts";
import { faultKinds, faultProxy, type FaultPlan, type FaultProxy, seeded } from "./fault-proxy.ts";

const { values } = parseArgs({ options: { faults: { type: "string", default: "10000" }, classes: { type: "string", default: "transactional,idempotency-key,natural-key,none" }, flows: { type: "string", default: "16" }, seed: { type: "string", default: "1" } } });
const faultsWanted = Number(values.faults);
const flows = Number(values.flows);
const timeoutMs = 400;
const lateMs = 500; // after the sender gave up
const settleMs = 600;
registerAll();
const targets = new Map([...allTargets, ...[restTarget, restIdempotentTarget, restSearchableTarget].map((target) => [target.name, target as unknown as Target<never>] as const)]);

const dataDir = await mkdtemp(join(tmpdir(), "tieout-faults-"));
const settings = { ...config(), dataDir, databaseUrl: undefined, connectionsMax: 40 };
const db = await openStore(settings, { log: silentLog });
const owner = await openStore(settings, { log: silentLog, role: "owner" });
const elsewhere = openPool(db.url, { max: 20, role: "tieout_app" });
const ctx: Ctx = { db, actor: { id: "faults" }, now: systemClock, log: silentLog, dataDir };
let failed = false;
try {
  for (const name of values.classes.split(",")) {
    const result = await run(name as Dedupe);
    failed ||= !result.isRight;
    process.stdout.write(`${JSON.stringify(result)}\n`);
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(70); // pools that wait for work under way would keep us here
} finally {
  await elsewhere.close();
  await db.close();
  await owner.close();
  await rm(dataDir, { recursive: true, force: true });
}
process.exitCode = failed ? 1 : 0;

async function run(dedupe: Dedupe) {
  const random = seeded(Number(values.seed));
  const system = dedupe === "transactional" ? await databaseSystem() : await httpSystem(dedupe);
  // Twice the same request on the wire is one effect only where the target knows keys; no sender can prevent it elsewhere.
  const weights: FaultPlan["weights"] = { cutBefore: 22, cutAfter: 22, reset: 22, timeout: 8, halfOpen: 8, reorder: 8, ...(dedupe === "idempotency-key" ? { duplicate: 15 } : {}) };
  const proxy = await faultProxy({ to: system.port, isHttp: dedupe !== "transactional", rate: dedupe === "transactional" ? 0.07 : 0.5, weights, lateMs, random });
  const vouchers = Math.ceil((faultsWanted / flows) * (dedupe === "none" ? 2.6 : dedupe === "transactional" ? 4 : 1.6));
  const book = await bookWith(`F${dedupe.slice(0, 3).toUpperCase()}`, vouchers);
  const workers = { second: 0, zombies: 0, intruders: 0 };
  const started = performance.now();
  const names = Array.from({ length: flows }, (_, at) => `${dedupe}-${at}`);
  await Promise.all(names.map((name) => work(name, book, system.to(proxy.port), proxy, workers, random)));
  const seconds = Math.trunc((performance.now() - started) / 1_000);
  await sleep(lateMs + 300);

  const report = { lost: 0, doubled: 0, once: 0, unknown: 0, unknownWithEffect: 0, rejected: 0, open: 0, openDrifts: 0, differing: 0 };
  const standing = await system.standing();
  for (const name of names) {
    const counts = await deliveryCounts(db, book, name);
    report.rejected += counts.rejected;
    report.open += counts.pending + counts.sending + counts.held + counts.behind;
    report.openDrifts += counts.openDrifts;
    for (const row of await owner.query<{ state: string; reference: string; hash: string }>("select state, reference, payload_hash as hash from delivery.delivery where book_id = $1 and flow = $2", [book.bookId, name])) {
      const effects = standing.get(row.reference) ?? [];
      if (effects.length > 1) report.doubled += 1;
      if (row.state === "unknown") {
        report.unknown += 1;
        report.unknownWithEffect += effects.length;
      } else if (effects.length === 0) report.lost += 1;
      else if (effects.length === 1) report.once += 1;
      if (effects.some((hash) => hash !== row.hash)) report.differing += 1;
    }
  }
  await proxy.close();
  await system.close();
  const faults = faultKinds.reduce((sum, kind) => sum + proxy.counts[kind], 0) + workers.second + workers.zombies;
  const isRight = report.lost + report.doubled + report.rejected + report.open + report.openDrifts + report.differing + workers.intruders === 0 && (dedupe === "none" || report.unknown === 0) && faults >= faultsWanted;
  return { dedupe, isRight, faults, byKind: { ...proxy.counts, secondWorker: workers.second, zombie: workers.zombies }, flows, deliveries: vouchers * flows, ...report, intruders: workers.intruders, seconds };
}

/** One flow from its first voucher to its last, through the faults. */
async function work(name: string, book: Book, to: DeliveryFlow["to"], proxy: FaultProxy, workers: { second: number; zombies: number; intruders: number }, random: () => number): Promise<void> {
  const flow: DeliveryFlow = { flow: name, book: book.code, deliver: "vouchers", to, batch: to.connector === "database" ? 2 : 20, timeoutMs, settleMs };
  const options = { targets, firstPauseMs: 0 };
  let open = await openDelivery(ctx, flow, options);
  const faultsOf = (): number => faultKinds.reduce((sum, kind) => sum + proxy.counts[kind], 0);
  for (;;) {
    if (faultsOf() >= faultsWanted) proxy.calm();
    const dice = random();
    if (dice < 0.01) {
      // The worker freezes, its time runs out, another takes over, and then it wakes up.
      const zombie = open;
      await db.query("update delivery.outbox set held_until = now() - interval '1 hour' where book_id = $1 and flow = $2", [book.bookId, name]);
      open = await openDelivery({ ...ctx, db: elsewhere }, flow, options);
      await open.once();
      workers.zombies += 1;
      const woken = await zombie.once();
      if (!woken.isElsewhere && woken.pausedMs === 0) workers.intruders += 1;
      await zombie.close();
      await open.close();
      open = await openDelivery(ctx, flow, options);
    }
    const pass = open.once();
    if (dice > 0.95) {
      const second = await openDelivery({ ...ctx, db: elsewhere }, flow, options);
      await sleep(1);
      const intruder = await second.once();
      workers.second += 1;
      if (intruder.sent > 0 && !intruder.isElsewhere) workers.intruders += (await pass).isElsewhere ? 0 : 1;
      await second.close();
    }
    const done = await pass;
    const counts = await deliveryCounts(db, book, name);
    const left = counts.behind + counts.pending + counts.sending + (to.connector === "rest" ? 0 : counts.unknown) + (to.connector === "database" ? counts.sent : 0);
    if (left === 0 && !done.isElsewhere) break;
    await sleep(done.sent === 0 ? 20 : 1);
  }
  await open.close();
}

/** Vouchers by the shortest way: one block, straight into the tables. */
async function bookWith(code: string, vouchers: number): Promise<Book> {
  const book = await createBook(ctx, { code, pack: "cas-general", currency: "CNY", from: "2026-03", group: code });
  await owner.transaction(async (transaction) => {
    await transaction.exec("select vouchers.ensure_partition('2026-03')");
    await transaction.query("insert into vouchers.dimension_set (book_id, dimension_set_id, dimensions) values ($1, 1, '{\"counterparty\": \"C01\"}')", [book.bookId]);
    await transaction.query(
      `insert into vouchers.voucher (book_id, voucher_id, period, series, number, date, summary, attachments, rule, rule_version, document_id, debit_total, block_no, prepared_by, reviewed_by, posted_by, posted_at)
       select $1, n, '2026-03', '记', n, '2026-03-10', '销售 ' || n, 1, 'plain', 1, n, 100 + n, 1, 'chen', 'rule', 'tieout', '2026-03-10T00:00:00Z' from generate_series(1, $2::int) n`, [book.bookId, vouchers]);
    await transaction.query(
      `insert into vouchers.line (book_id, period, voucher_id, line_no, account, dimension_set_id, debit, credit, currency, amount_original)
       select $1, '2026-03', n, l, case l when 1 then '1122.01' else '6001' end, 1, case l when 1 then 100 + n else 0 end, case l when 2 then 100 + n else 0 end, 'CNY', 100 + n from generate_series(1, $2::int) n, generate_series(1, 2) l`, [book.bookId, vouchers]);
    await transaction.query("insert into vouchers.block (book_id, block_no, first_voucher, last_voucher, count, debit_total, root, previous, hash, sealed_at) values ($1, 1, 1, $2::int, $2::int, 0, '', '', '', '2026-03-10T00:00:00Z')", [book.bookId, vouchers]);
    await transaction.query("update vouchers.head set block_no = 1, next_voucher = $2::int + 1 where book_id = $1", [book.bookId, vouchers]);
  });
  return book;
}

// Targets that count ------------------------------------------------------------------------------------------------------

/** `standing`: the payload hashes that stand there, by reference. */
type System = { readonly port: number; to(port: number): DeliveryFlow["to"]; standing(): Promise<ReadonlyMap<string, readonly string[]>>; close(): Promise<void> };

async function databaseSystem(): Promise<System> {
  // A server of its own: connections that hang in the proxy take up its places, not ours.
  const hold = await holdPostgres({ dataDir: join(dataDir, "finance"), log: silentLog, settings: { max_connections: "600", shared_buffers: "64MB" } });
  const url = new URL(hold.url);
  const finance: Store = openPool(url.href, { max: 2 });
  await finance.exec("create table voucher (reference text, day date, hash text); create table entry (reference text, account text, amount numeric(20, 4))"); // no unique key: it would take anything twice
  return {
    port: Number(url.port),
    to(port) {
      const through = new URL(url);
      through.port = String(port);
      return { connector: "database", url: through.href, header: { table: "voucher", columns: { reference: "reference", day: "date", hash: "payloadHash" } }, lines: { table: "entry", columns: { reference: "reference", account: "account", amount: "amount" } } };
    },
    async standing() {
      const rows = await finance.query<{ reference: string; hashes: string[] }>("select reference, array_agg(hash) as hashes from voucher group by reference");
      const lines = await finance.query<{ reference: string }>("select reference from entry group by reference having count(*) <> 2 or sum(amount) <> 0");
      if (lines.length > 0) throw new Error(`${lines.length} vouchers with wrong lines`);
      return new Map(rows.map(({ reference, hashes }) => [reference, hashes]));
    },
    async close() {
      await finance.close();
      await hold.release();
    },
  };
}

/** A bookkeeping program over HTTP that books whatever comes, and knows keys or a search only where its class says so. */
async function httpSystem(dedupe: Dedupe): Promise<System> {
  const booked = new Map<string, string[]>();
  const byKey = new Map<string, string>();
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("error", () => {});
    request.on("data", (chunk: Buffer) => chunks.push(chunk)).on("end", () => {
      const answer = (status: number, body: unknown): void => void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
      const url = new URL(request.url ?? "/", "http://localhost");
      if (request.method === "GET") return answer(200, { rows: (booked.get(url.searchParams.get("reference") ?? "") ?? []).map((_, at) => ({ reference: url.searchParams.get("reference"), id: String(at) })) });
      const { reference, hash } = JSON.parse(Buffer.concat(chunks).toString("utf8")) as { reference: string; hash: string };
      const key = request.headers["idempotency-key"];
      if (typeof key === "string") {
        const before = byKey.get(key);
        if (before !== undefined) return answer(before === hash ? 200 : 422, { id: key });
        byKey.set(key, hash);
      }
      booked.set(reference, [...(booked.get(reference) ?? []), hash]);
      answer(201, { id: reference });
    });
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const port = (server.address() as AddressInfo).port;
  const common = (at: number) => ({ url: `http://127.0.0.1:${at}/`, path: "vouchers", body: { reference: "{delivery.reference}", hash: "{delivery.hash}" }, reply: { id: "id" } });
  return {
    port,
    to: (at) => (dedupe === "idempotency-key" ? { connector: "rest-idempotent", ...common(at), keyHeader: "Idempotency-Key" } : dedupe === "natural-key" ? { connector: "rest-searchable", ...common(at), search: "vouchers?reference={delivery.reference}", found: { rows: "rows", key: "reference", id: "id" } } : { connector: "rest", ...common(at) }),
    standing: async () => booked,
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
    },
  };
}
