/**
 * Vouchers of a fresh book into real finance systems, twice, with a process killed between: each voucher stands there once,
 * approved or posted, with equal amounts, and the sweep agrees. What was delivered stays there.
 * node e2e/delivery-real.ts [--ledgersmb postgres://clerk:…@host:port/company] [--tryton http://host:port/database/ --user admin --password … --journal STO] [--vouchers 20] [--date 2026-11-24]
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { registerAll } from "../server/src/app/registry.ts";
import { createBook } from "../server/src/books/index.ts";
import { type DeliveryFlow, deliveryCounts, deliverOnce, listDeliveries, sweepOnce, targets } from "../server/src/delivery/index.ts";
import { config, type Ctx, openStore, silentLog, systemClock } from "../server/src/platform/index.ts";
import { type PlainVoucher, postPlainly } from "../server/src/vouchers/testing.ts";

const { values } = parseArgs({ options: {
  ledgersmb: { type: "string" }, tryton: { type: "string" }, user: { type: "string", default: "admin" }, password: { type: "string", default: "" }, journal: { type: "string", default: "STO" }, vouchers: { type: "string", default: "20" },
  date: { type: "string", default: "2026-11-24" }, "tryton-accounts": { type: "string", default: "1122.01:1001,6001:6001,2221.01.02:222101" }, "ledgersmb-accounts": { type: "string", default: "1122.01:1200,6001:4020,2221.01.02:2310" },
} });
registerAll();
const dataDir = await mkdtemp(join(tmpdir(), "tieout-e2e-"));
const db = await openStore({ ...config(), dataDir, databaseUrl: undefined }, { log: silentLog });
const ctx: Ctx = { db, actor: { id: "e2e" }, now: systemClock, log: silentLog, dataDir };
const stamp = ctx.now().toISOString().slice(5, 16).replace(/\D/g, "");
const codes = (text: string): DeliveryFlow["accounts"] => Object.fromEntries([...text.split(",").map((pair) => pair.split(":") as [string, string]), ["*", "refuse"]]);

try {
  const results: Record<string, unknown> = {};
  if (values.ledgersmb !== undefined) results.ledgersmb = await run("L", { connector: "ledgersmb", url: values.ledgersmb }, codes(values["ledgersmb-accounts"]), {});
  if (values.tryton !== undefined) results.tryton = await run("T", { connector: "tryton", url: values.tryton, user: values.user, password: values.password, journal: values.journal }, codes(values["tryton-accounts"]), { counterparty: false, item: false });
  process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
} finally {
  await db.close();
  await rm(dataDir, { recursive: true, force: true });
}

async function run(letter: string, to: DeliveryFlow["to"], accounts: DeliveryFlow["accounts"], dimensions: NonNullable<DeliveryFlow["dimensions"]>) {
  const code = `${letter}${stamp}`;
  const book = await createBook(ctx, { code, pack: "cas-general", currency: "CNY", from: values.date.slice(0, 7), group: code });
  const count = Number(values.vouchers);
  const line = (n: number) => BigInt(10_000 + n * 7);
  for (let from = 0; from < count; from += 5) {
    await postPlainly(ctx, book, Array.from({ length: Math.min(5, count - from) }, (_, at): PlainVoucher => {
      const [n, sign] = [from + at, (from + at) % 5 === 4 ? -1n : 1n];
      return { document: `e2e:salesInvoice/${code}-${n}`, date: values.date, summary: `销售 ${n}`, lines: [
        { account: "1122.01", debit: sign * (line(n) + line(n) / 10n), dimensions: { counterparty: "C01" } }, { account: "6001", credit: sign * line(n), dimensions: { item: "PUMP" } }, { account: "2221.01.02", credit: sign * (line(n) / 10n) }] };
    }));
  }
  const flow: DeliveryFlow = { flow: "e2e", book: code, deliver: "vouchers", to, batch: 8, timeoutMs: 20_000, settleMs: 1_000, dimensions, ...(accounts === undefined ? {} : { accounts }) };
  const started = performance.now();
  const first = await deliverOnce(ctx, flow, { targets });
  const ms = performance.now() - started;
  // As after a kill -9 in the middle of everything: all of it is looked for in the target again.
  const owner = await openStore({ ...config(), dataDir, databaseUrl: undefined }, { log: silentLog, role: "owner" });
  await owner.exec("update delivery.delivery set state = 'sending', started_at = now() - interval '1 hour' where state in ('sent', 'confirmed')");
  await owner.close();
  const second = await deliverOnce(ctx, flow, { targets });
  const swept = await sweepOnce(ctx, { ...flow, sweep: { periods: 600 } }, { targets });
  const counts = await deliveryCounts(db, book, "e2e");
  const [sample] = await listDeliveries(ctx, book, { flow: "e2e", limit: 1 });
  return { book: code, first, ms: Math.trunc(ms), perSecond: Math.trunc(first.sent / (ms / 1_000)), second, swept, confirmed: counts.confirmed, openDrifts: counts.openDrifts, sample };
}
