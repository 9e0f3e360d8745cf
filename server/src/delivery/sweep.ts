/**
 * The standing comparison: does the target still hold what was delivered? It runs on the session of the flow's own worker, since
 * another session would fence that worker off. What differs is told once, with both sides, and waits for a person; what was put right there is over
 * by itself. A long comparison is done in parts, so that deliveries go on between them.
 */
import { addMonths, periodOf } from "../values/index.ts";
import { type Ctx, elapsedMs } from "../platform/index.ts";
import type { DeliveryFlow } from "./contract.ts";
import { type DeliverOptions, openDelivery, type OpenDelivery } from "./deliver.ts";
import { findingOf, problemOf } from "./delivery.ts";
import * as store from "./store.ts";

export type Swept = {
  readonly compared: number; readonly drifted: number; /** Stand there again as delivered. */ readonly mended: number;
  /** Not run: another worker has the flow, the target rests, or cannot be read. */ readonly isSkipped: boolean;
  /** Where the next part goes on; undefined when all was compared. */ readonly next: bigint | undefined;
};
export type SweepPart = { readonly after?: bigint | undefined; /** Stops after the page in which so much time is over. */ readonly partMs?: number | undefined };

const pageRows = 500;
const periodsDefault = 3;

/** Refuses as openDelivery. */
export async function sweepOnce(ctx: Ctx, flow: DeliveryFlow, options: DeliverOptions): Promise<Swept> {
  const open = await openDelivery(ctx, flow, options);
  try {
    return await sweep(open);
  } finally {
    await open.close();
  }
}

/** Not while a pass of the same delivery is under way. */
export async function sweep(open: OpenDelivery, part: SweepPart = {}): Promise<Swept> {
  const { lane } = open;
  const { ctx, book, flow, target } = lane;
  const session = await open.session();
  if (session?.readBack === undefined) return { compared: 0, drifted: 0, mended: 0, isSkipped: true, next: undefined };
  const since = addMonths(periodOf(ctx.now().toISOString().slice(0, 10)), 1 - (flow.sweep?.periods ?? periodsDefault));
  const started = elapsedMs();
  let [compared, drifted, mended] = [0, 0, 0];
  let after = part.after ?? 0n;
  let next: bigint | undefined;
  while (next === undefined) {
    const rows = await store.findDelivered(ctx.db, book.bookId, lane.name, since, after, pageRows);
    if (rows.length === 0) break;
    after = rows.at(-1)?.deliveryNo as bigint;
    const { deliveries } = await open.deliveriesOf(rows);
    const startedAt = ctx.now().toISOString();
    const standing = Map.groupBy(await session.readBack([...deliveries.values()]), ({ reference }) => reference);
    const found: { drift: store.NewDrift; move: store.Move }[] = [];
    const same: store.DeliveryRow[] = [];
    for (const row of rows) {
      const delivery = deliveries.get(row.deliveryId);
      if (delivery?.purpose !== "voucher") continue;
      compared += 1;
      const theirs = standing.get(row.reference) ?? [];
      const finding = findingOf(delivery.voucher, theirs);
      if (finding === undefined) {
        same.push(row);
        continue;
      }
      if (finding.kind === "missing" && row.state === "sent") continue; // not visible yet, perhaps: the read-back of the pass waits for it
      // Rendered with today's map it is not what was handed over: then the map differs, and nobody edited anything there.
      const ours = finding.ours !== null && row.payloadHash !== delivery.payloadHash ? { ...finding.ours, isMapChanged: true } : finding.ours;
      found.push({
        drift: { deliveryNo: row.deliveryNo, ...finding, ours },
        move: { deliveryNo: row.deliveryNo, to: finding.kind === "voided" ? "voided" : "drifted", problem: problemOf(finding, row.reference, target.name, theirs.length), acknowledgement: theirs[0]?.acknowledgement, log: { act: "readBack", outcome: finding.kind, startedAt } },
      });
    }
    await ctx.db.transaction(async (db) => {
      const at = ctx.now().toISOString();
      const epoch = rows.reduce((highest, row) => (row.epoch > highest ? row.epoch : highest), 0n);
      const over = new Set((await store.endDrifts(db, book.bookId, at, "对方已恢复一致 as delivered again", same.map(({ deliveryNo }) => deliveryNo))).map(({ deliveryNo }) => deliveryNo));
      mended += over.size;
      await store.moveDeliveries(db, book.bookId, epoch, at, ["sent", "drifted", "voided"], same.filter(({ state, deliveryNo }) => state === "sent" || over.has(deliveryNo)).map((row): store.Move => ({
        deliveryNo: row.deliveryNo, to: "confirmed", acknowledgement: standing.get(row.reference)?.[0]?.acknowledgement, ...(over.has(row.deliveryNo) ? { log: { act: "readBack", outcome: "mended", startedAt } } : {}),
      })));
      if (found.length === 0) return;
      await store.endOtherDrifts(db, book.bookId, at, "现为另一种差异 differs in another way", found.map(({ drift }) => drift));
      const fresh = new Set((await store.insertDrifts(db, book.bookId, at, found.map(({ drift }) => drift))).map(({ deliveryNo }) => deliveryNo));
      drifted += await store.moveDeliveries(db, book.bookId, epoch, at, ["sent", "confirmed", "drifted", "voided"], found.filter(({ move }) => fresh.has(move.deliveryNo)).map(({ move }) => move));
    });
    if (part.partMs !== undefined && elapsedMs() - started > part.partMs) next = after;
  }
  if (drifted > 0) ctx.log.warn("vouchers drifted in the target", { flow: lane.name, drifted });
  if (next === undefined) await store.saveSweep(ctx.db, book.bookId, lane.name, after, ctx.now().toISOString());
  return { compared, drifted, mended, isSkipped: false, next };
}
