/**
 * Delivery to a database target, from posted blocks to confirmed rows: enqueue, write down, send, ledger and fence, read back.
 * In the same run the same rows go into tables of the same shape by COPY alone, in transactions of the same size: the limit beside it.
 * node bench/delivery.ts [--documents 20000] [--batch 1000] [--readBack yes]
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { demoBook, generateMix } from "../server/src/app/demo/index.ts";
import { registerAll } from "../server/src/app/registry.ts";
import { createBook } from "../server/src/books/index.ts";
import { deliverOnce, targets } from "../server/src/delivery/index.ts";
import { config, type Ctx, openPool, openStore, silentLog, type Store, systemClock } from "../server/src/platform/index.ts";
import { postDocuments } from "../server/src/vouchers/index.ts";

const { values } = parseArgs({ options: { documents: { type: "string", default: "20000" }, batch: { type: "string", default: "1000" }, readBack: { type: "string", default: "yes" }, json: { type: "boolean", default: true } } });
const batch = Number(values.batch);
registerAll();

const dataDir = await mkdtemp(join(tmpdir(), "tieout-bench-"));
const settings = { ...config(), dataDir, databaseUrl: undefined };
const app = await openStore(settings, { log: silentLog });
const owner = await openStore(settings, { log: silentLog, role: "owner" });
const ctx: Ctx = { db: app, actor: { id: "bench" }, now: systemClock, log: silentLog, dataDir };
const url = new URL(owner.url);
url.pathname = "/finance";
try {
  await owner.exec("create database finance");
  await fill("WARM", 2_000);
  await deliver("WARM");
  const vouchers = await fill("B1", Number(values.documents));
  const delivery = await deliver("B1");
  const finance = openPool(url.href, { max: 2 });
  const raw = await rawCopy(finance);
  await finance.close();
  process.stdout.write(`${JSON.stringify({ vouchers, ...delivery, rawCopyVouchersPerSecond: raw, batch, readBack: values.readBack === "yes", rssMb: Math.trunc(process.memoryUsage().rss / 1_048_576) })}\n`);
} finally {
  await app.close();
  await owner.close();
  await rm(dataDir, { recursive: true, force: true });
}

async function fill(code: string, documents: number): Promise<number> {
  await createBook(ctx, { code, pack: "cas-manufacturing", currency: "CNY", from: "2026-01", group: code, settings: demoBook.settings });
  const { summary } = await postDocuments(ctx, code, generateMix({ seed: 1, documents, book: code, monthEnd: false }), { batchSize: 1_000 });
  return summary.vouchers;
}

async function deliver(code: string) {
  const cpu = process.cpuUsage();
  const started = performance.now();
  const done = await deliverOnce(ctx, { flow: `to-${code}`, book: code, deliver: "vouchers", to: { connector: "database", url: url.href }, batch, readBack: values.readBack === "yes" }, { targets });
  const seconds = (performance.now() - started) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  if (done.fault !== undefined) throw new Error(JSON.stringify(done.fault));
  return { sent: done.sent, confirmed: done.confirmed, seconds: Math.trunc(seconds * 100) / 100, vouchersPerSecond: Math.trunc(done.sent / seconds), nodeCpuMicrosPerVoucher: Math.trunc((user + system) / Math.max(1, done.sent)) };
}

/** Header, lines and one row of a ledger for each voucher: the same bytes, nothing else. */
async function rawCopy(finance: Store): Promise<number> {
  await finance.exec("create table raw_voucher (like tieout_voucher including all); create table raw_line (like tieout_voucher_line including all); create table raw_ledger (like tieout_ledger including all)");
  const read = async (select: string): Promise<string[]> => {
    let text = "";
    for await (const part of finance.copyOut(select)) text += part.toString("utf8");
    return text.split("\n").slice(0, -1);
  };
  const heads = await read("select * from tieout_voucher where book = 'B1' order by reference");
  const lines = Map.groupBy(await read("select l.* from tieout_voucher_line l join tieout_voucher v using (reference) where v.book = 'B1' order by l.reference, l.line_no"), (row) => row.slice(0, row.indexOf("\t")));
  const ledger = await read("select g.* from tieout_ledger g join tieout_voucher v using (reference) where v.book = 'B1' order by g.reference");
  const started = performance.now();
  for (let from = 0; from < heads.length; from += batch) {
    const part = heads.slice(from, from + batch);
    await finance.transaction(async (db) => {
      await db.copyIn("raw_voucher", `${part.join("\n")}\n`);
      await db.copyIn("raw_line", `${part.flatMap((row) => lines.get(row.slice(0, row.indexOf("\t"))) ?? []).join("\n")}\n`);
      await db.copyIn("raw_ledger", `${ledger.slice(from, from + batch).join("\n")}\n`);
    });
  }
  return Math.trunc(heads.length / ((performance.now() - started) / 1_000));
}
