/**
 * The standing comparison: does the target still hold what was delivered? It runs on the session of the flow's own worker, since
 * another session would fence that worker off. What differs is told once, with both sides, and waits for a person.
 */
import { addMonths, periodOf } from "../values/index.ts";
import type { Ctx } from "../platform/index.ts";
import type { DeliveryFlow } from "./contract.ts";
import { type DeliverOptions, openDelivery, type OpenDelivery } from "./deliver.ts";
import { findingOf, problemOf } from "./delivery.ts";
import * as store from "./store.ts";

export type Swept = { readonly compared: number; readonly drifted: number; /** Not run: another worker has the flow, the target rests, or cannot be read. */ readonly isSkipped: boolean };

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
export async function sweep(open: OpenDelivery): Promise<Swept> {
  const { lane } = open;
  const { ctx, book, flow, target } = lane;
  const session = await open.session();
  if (session?.readBack === undefined) return { compared: 0, drifted: 0, isSkipped: true };
  const since = addMonths(periodOf(ctx.now().toISOString().slice(0, 10)), 1 - (flow.sweep?.periods ?? periodsDefault));
  let compared = 0;
  let drifted = 0;
  let after = 0n;
  for (;;) {
    const rows = await store.findDelivered(ctx.db, book.bookId, lane.name, since, after, pageRows);
    if (rows.length === 0) break;
    after = rows.at(-1)?.deliveryNo as bigint;
    const { deliveries } = await open.deliveriesOf(rows);
    const startedAt = ctx.now().toISOString();
    const standing = Map.groupBy(await session.readBack([...deliveries.values()]), ({ reference }) => reference);
    const found: { drift: store.NewDrift; move: store.Move }[] = [];
    const same: store.Move[] = [];
    for (const row of rows) {
      const delivery = deliveries.get(row.deliveryId);
      if (delivery?.purpose !== "voucher") continue;
      compared += 1;
      const theirs = standing.get(row.reference) ?? [];
      const finding = findingOf(delivery.voucher, theirs);
      if (finding === undefined) {
        if (row.state === "sent") same.push({ deliveryNo: row.deliveryNo, to: "confirmed", acknowledgement: theirs[0]?.acknowledgement });
        continue;
      }
      found.push({
        drift: { deliveryNo: row.deliveryNo, ...finding },
        move: { deliveryNo: row.deliveryNo, to: finding.kind === "voided" ? "voided" : "drifted", problem: problemOf(finding, row.reference, target.name, theirs.length), acknowledgement: theirs[0]?.acknowledgement, log: { act: "readBack", outcome: finding.kind, startedAt } },
      });
    }
    await ctx.db.transaction(async (db) => {
      const at = ctx.now().toISOString();
      const epoch = rows.reduce((highest, row) => (row.epoch > highest ? row.epoch : highest), 0n);
      await store.moveDeliveries(db, book.bookId, epoch, at, ["sent"], same);
      if (found.length === 0) return;
      const fresh = new Set((await store.insertDrifts(db, book.bookId, at, found.map(({ drift }) => drift))).map(({ deliveryNo }) => deliveryNo));
      drifted += await store.moveDeliveries(db, book.bookId, epoch, at, ["sent", "confirmed", "drifted", "voided"], found.filter(({ move }) => fresh.has(move.deliveryNo)).map(({ move }) => move));
    });
  }
  if (drifted > 0) ctx.log.warn("vouchers drifted in the target", { flow: lane.name, drifted });
  await store.saveSweep(ctx.db, book.bookId, lane.name, after, ctx.now().toISOString());
  return { compared, drifted, isSkipped: false };
}
