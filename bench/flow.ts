/**
 * From the commit in a source to the canonical document committed here, open loop: records arrive at a fixed rate whatever the
 * system does. The source lives in this process, so what is measured is land, map, post and settle.
 * node bench/flow.ts [--rate 2000] [--seconds 20] [--kind order|receipt]
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { applyFlow } from "../server/src/app/flows/apply.ts";
import { openFlows } from "../server/src/app/flows/flows.ts";
import { record, scriptedSource, state } from "../server/src/app/flows/scripted-source.ts";
import { registerAll } from "../server/src/app/registry.ts";
import { createBook } from "../server/src/books/index.ts";
import type { Row } from "../server/src/connectors/index.ts";
import { config, type Ctx, openStore, silentLog, sleep, systemClock } from "../server/src/platform/index.ts";
import { postDocuments } from "../server/src/vouchers/index.ts";

const { values } = parseArgs({ options: { rate: { type: "string", default: "2000" }, seconds: { type: "string", default: "20" }, kind: { type: "string", default: "order" }, json: { type: "boolean", default: true } } });
const rate = Number(values.rate), seconds = Number(values.seconds);
registerAll();
const dataDir = await mkdtemp(join(tmpdir(), "tieout-bench-"));
const db = await openStore({ ...config(), dataDir, databaseUrl: undefined }, { log: silentLog });
const ctx: Ctx = { db, actor: { id: "bench" }, now: systemClock, log: silentLog, dataDir };

/** What a mapping has to do in life: rename, constants, lines, a condition. An order makes no voucher; a receipt makes one. */
const mapping = `mapping: bench
version: 1
source: erp
zh: 测量
en: bench
streams:
  orders:
    - kind: ${values.kind === "order" ? "purchaseOrder" : "goodsReceipt"}
      id: no
      fields: { date: day, supplier: partner, ${values.kind === "order" ? "" : "warehouse: { const: W1 }, "}summary: note }
      lines:
        from: lines
        fields: { item: sku, quantity: qty, price: unit_price }
`;
const row = (n: number): Row => ({ no: `PO-${n}`, day: "2026-01-15", partner: `S${n % 20}`, note: "as agreed", state: "done", lines: [1, 2, 3].map((line) => ({ sku: `I${(n * 7 + line) % 200}`, qty: "12.5", unit_price: "8.25" })) });

try {
  await createBook(ctx, { code: "B1", pack: "cas-general", currency: "CNY", from: "2026-01" });
  await postDocuments(ctx, "B1", [
    ...Array.from({ length: 200 }, (_, n) => ({ schema: "tieout/item@1", source: "erp", sourceId: `I${n}`, category: "rawMaterial" })),
    ...Array.from({ length: 20 }, (_, n) => ({ schema: "tieout/supplier@1", source: "erp", sourceId: `S${n}` })),
  ]);
  const scripted = scriptedSource("live");
  const ways = { scripted: async () => scripted.source };
  await applyFlow(ctx, { yaml: "flow: bench\nbook: B1\nfrom: { connector: scripted }\nmapping: bench\n", mapping: { text: mapping, files: {} } }, ways);
  const flows = openFlows(ctx, { ways });
  await sleep(300);

  const sentAt: number[] = [];
  const total = rate * seconds;
  const loop = monitorEventLoopDelay({ resolution: 5 });
  loop.enable();
  const cpu = process.cpuUsage();
  const started = performance.now();
  let messages = 0;
  while (sentAt.length < total) {
    const due = Math.min(total, Math.trunc(((performance.now() - started) / 1_000) * rate));
    while (sentAt.length < due) {
      const n = sentAt.length;
      // Each its own transaction in the source; the moment is when it was due, not when this loop got to it.
      sentAt.push(started + (n / rate) * 1_000);
      messages += 2;
      scripted.send(record(`PO-${n}`, row(n), { op: "c" }), state(messages, 1));
    }
    await sleep(2);
  }
  const sentIn = (performance.now() - started) / 1_000;
  const done = async (): Promise<number> => Number((await db.one<{ n: bigint }>("select count(*) as n from documents.document where source = 'erp'")).n);
  while ((await done()) < total && performance.now() - started < seconds * 1_000 + 60_000) await sleep(100);
  const allIn = (performance.now() - started) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  loop.disable();
  // A row is settled after its document was committed: an upper bound.
  const epoch = systemClock().getTime() - performance.now();
  const settled = await db.query<{ key: string; ms: string }>("select key, extract(epoch from settled_at) * 1000 as ms from connectors.inbox where flow = 'bench'");
  await flows.close();
  const lags = settled.map(({ key, ms }) => Number(ms) - epoch - (sentAt[Number(key.slice(3))] as number)).sort((a, b) => a - b);
  const at = (share: number): number => Math.trunc(lags[Math.min(lags.length - 1, Math.trunc(lags.length * share))] as number);
  process.stdout.write(`${JSON.stringify({
    rate, seconds, kind: values.kind, documents: await done(), sentInSeconds: Math.trunc(sentIn * 10) / 10, allInSeconds: Math.trunc(allIn * 10) / 10, p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99), maxMs: at(1),
    nodeCpuMicrosPerDocument: Math.trunc((user + system) / total), eventLoopP99Ms: Math.trunc(loop.percentile(99) / 1e6), rssMb: Math.trunc(process.memoryUsage().rss / 1_048_576),
  })}\n`);
} finally {
  await db.close();
  await rm(dataDir, { recursive: true, force: true });
}
