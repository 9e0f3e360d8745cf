/** Vouchers of chosen records are delivered again where they do not stand: each is looked for in its target first, so that none stands there twice. */
import type { Book } from "../../books/index.ts";
import { type Flow, inbox } from "../../connectors/index.ts";
import { listDeliveries, resolveDelivery } from "../../delivery/index.ts";
import { type Ctx, refuse } from "../../platform/index.ts";
import { readSteps } from "./flows.store.ts";

export type Redelivered = { readonly flow: string; readonly records: number; readonly redelivered: number; readonly standing: number };

const isOpen = new Set(["unknown", "rejected", "ignored", "drifted", "voided"]);

/** Refuses: replay.nothing. */
export async function redeliver(ctx: Ctx, book: Book, flow: Flow, selection: inbox.Selection): Promise<Redelivered> {
  const rows = await inbox.selectRows(ctx.db, book.bookId, flow.flow, selection, false, 0n, 2n ** 62n, 10_000);
  if (rows.length === 0) refuse("replay.nothing");
  const steps = await readSteps(ctx.db, book.bookId, rows.map(({ seq }) => ({ flow: flow.flow, seq })));
  let redelivered = 0, standing = 0;
  for (const voucherId of new Set(steps.flatMap((step) => step.voucherId ?? []))) {
    for (const delivery of await listDeliveries(ctx, book, { voucherId })) {
      if (!isOpen.has(delivery.state)) {
        standing++;
        continue;
      }
      await resolveDelivery(ctx, book, BigInt(delivery.delivery), "notSent", `replay ${flow.flow}`);
      redelivered++;
    }
  }
  return { flow: flow.flow, records: rows.length, redelivered, standing };
}
