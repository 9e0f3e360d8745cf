/** What only a person can say of a delivery: that it arrived, that it did not, that it shall not; that a drift is accepted. */
import type { Book } from "../books/index.ts";
import { type Ctx, type Db, refuse } from "../platform/index.ts";
import { type DeliveryState, deliveryIdOf, referenceOf } from "./delivery.ts";
import { newDelivery } from "./outbox.ts";
import { findPosted } from "./store.ts";
import * as store from "./store.ts";

export const decisions = ["sent", "notSent", "ignored"] as const;
export type Decision = (typeof decisions)[number];

const may: Readonly<Record<Decision, readonly DeliveryState[]>> = {
  sent: ["unknown", "rejected", "held", "drifted", "voided"],
  notSent: ["unknown", "rejected", "ignored", "drifted", "voided"],
  ignored: ["unknown", "rejected", "held", "pending", "drifted", "voided"],
};

/**
 * `sent`: it stands in the target. `notSent`: send it; what was once delivered and is gone there is delivered anew under a new id,
 * since the old one counts as done in the target's ledger; what still stands there in another form is not, it would be booked twice. `ignored`: it is never sent.
 * Refuses: delivery.unknown, delivery.not_resolvable, delivery.stands_there, delivery.reason_missing.
 */
export async function resolveDelivery(ctx: Ctx, book: Book, deliveryNo: bigint, as: Decision, reason: string, targetNumber?: string): Promise<void> {
  if (reason.trim() === "") refuse("delivery.reason_missing");
  await ctx.db.transaction(async (db) => {
    const row = await store.lockDelivery(db, book.bookId, deliveryNo);
    if (row === undefined) refuse("delivery.unknown", { delivery: deliveryNo });
    if (!may[as].includes(row.state)) refuse("delivery.not_resolvable", { delivery: deliveryNo, state: row.state, as });
    const at = ctx.now().toISOString();
    const isGone = row.state === "drifted" || row.state === "voided";
    if (as === "notSent" && (await store.findOpenDrifts(db, book.bookId, deliveryNo)).some(({ kind }) => kind === "changed" || kind === "several")) refuse("delivery.stands_there", { reference: row.reference });
    const to: DeliveryState = as === "sent" ? "confirmed" : as === "ignored" ? "ignored" : isGone ? "replaced" : "pending";
    await store.moveDeliveries(db, book.bookId, row.epoch, at, [row.state], [{
      deliveryNo, to, log: { act: "decide", outcome: as, startedAt: at, by: ctx.actor.id, reason },
      ...(targetNumber === undefined ? {} : { acknowledgement: { targetId: row.targetId ?? targetNumber, targetNumber, targetState: row.targetState ?? "", at } }),
    }]);
    if (isGone) await store.resolveDriftsOf(db, book.bookId, deliveryNo, at, ctx.actor.id, reason);
    if (to === "replaced") await deliverAnew(db, book, row, at);
  });
}

async function deliverAnew(db: Db, book: Book, row: store.DeliveryRow, at: string): Promise<void> {
  const version = row.version + 1;
  if (row.voucherId === null) {
    const deliveryId = deliveryIdOf(book.code, row.flow, row.subject, version, row.purpose);
    await store.insertDocuments(db, book.bookId, row.flow, at, [{ ...row, deliveryId, reference: referenceOf(deliveryId, book.code), version, body: row.body ?? {}, cut: undefined, problem: undefined }]);
    return;
  }
  const [voucher] = await findPosted(db, book.bookId, row.voucherId, row.voucherId);
  if (voucher === undefined) throw new Error(`voucher ${row.voucherId} is gone`);
  await store.insertDeliveries(db, book.bookId, row.flow, at, [{ ...newDelivery(book.code, row.flow, voucher, version), payloadHash: row.payloadHash }]);
}

/** The target differs, and stays so with somebody's word for it. The same difference is not told again. Refuses: delivery.drift_unknown, delivery.reason_missing. */
export async function acceptDrift(ctx: Ctx, book: Book, driftNo: bigint, reason: string): Promise<void> {
  if (reason.trim() === "") refuse("delivery.reason_missing");
  await ctx.db.transaction(async (db) => {
    const at = ctx.now().toISOString();
    const drift = await store.resolveDrift(db, book.bookId, driftNo, at, ctx.actor.id, reason);
    if (drift === undefined) refuse("delivery.drift_unknown", { drift: driftNo });
    const row = await store.lockDelivery(db, book.bookId, drift.deliveryNo);
    if (row === undefined || (await store.findOpenDrifts(db, book.bookId, drift.deliveryNo)).length > 0) return;
    await store.moveDeliveries(db, book.bookId, row.epoch, at, ["drifted", "voided"], [{ deliveryNo: row.deliveryNo, to: "confirmed", log: { act: "decide", outcome: "accepted", startedAt: at, by: ctx.actor.id, reason } }]);
  });
}
