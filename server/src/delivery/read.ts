/** What is shown of deliveries: counts for a flow, lists, one with all its attempts, what drifted. */
import type { Book } from "../books/index.ts";
import { type Ctx, type Db, type Problem, refuse, renderProblem, type RenderedProblem } from "../platform/index.ts";
import type { DeliveryState } from "./delivery.ts";
import * as store from "./store.ts";

/** `behind` vouchers stand in the chain and were not looked at yet. All vouchers = behind + leftOut + the rows by state, save those delivered anew. */
export type DeliveryCounts = Readonly<Record<DeliveryState, number>> & {
  readonly behind: number; readonly leftOut: number; readonly openDrifts: number; readonly block: string; readonly headBlock: string; readonly oldestOpenAt: string | null;
  readonly epoch: string; readonly isHeld: boolean; readonly pausedMs: number; readonly failures: number; readonly fault: RenderedProblem | null; readonly sweptAt: string | null;
};

const openStates: readonly DeliveryState[] = ["pending", "sending", "unknown", "held", "rejected"];
const states: readonly DeliveryState[] = [...openStates, "sent", "confirmed", "drifted", "voided", "ignored", "replaced"];

export async function deliveryCounts(db: Db, book: Book, flow: string): Promise<DeliveryCounts> {
  const [outbox, head, rows, drifts] = await Promise.all([store.findOutbox(db, book.bookId, flow), store.findHeadBlock(db, book.bookId), store.countStates(db, book.bookId, flow), store.countOpenDrift(db, book.bookId, flow)]);
  const byState = new Map(rows.map((row) => [row.state, row]));
  const oldest = openStates.flatMap((state) => byState.get(state)?.oldest ?? []).sort()[0];
  const behind = await store.countBehind(db, book.bookId, outbox?.blockNo ?? 0n);
  return {
    ...(Object.fromEntries(states.map((state) => [state, Number(byState.get(state)?.count ?? 0n)])) as Record<DeliveryState, number>),
    behind: Number(behind.count), leftOut: Number(outbox?.leftOut ?? 0n), openDrifts: Number(drifts.count), block: String(outbox?.blockNo ?? 0n), headBlock: String(head?.block ?? 0n), oldestOpenAt: oldest ?? null,
    epoch: String(outbox?.epoch ?? 0n), isHeld: outbox?.isHeld ?? false, pausedMs: outbox?.pausedMs ?? 0, failures: outbox?.failures ?? 0, fault: outbox?.fault ? renderProblem(outbox.fault) : null, sweptAt: outbox?.sweptAt ?? null,
  };
}

export type DeliveryListed = {
  readonly delivery: number; readonly flow: string; readonly purpose: string; readonly subject: string; readonly version: number; readonly voucher: string | null; readonly state: DeliveryState; readonly reference: string; readonly deliveryId: string; readonly payloadHash: string;
  readonly attempts: number; readonly targetId: string | null; readonly targetNumber: string | null; readonly targetState: string | null; readonly targetAt: string | null; readonly problem: readonly RenderedProblem[]; readonly cut: unknown; readonly stateAt: string;
};

export const listDeliveries = async (ctx: Ctx, book: Book, filter: store.DeliveryFilter = {}): Promise<DeliveryListed[]> => (await store.listDeliveries(ctx.db, book.bookId, filter)).map(listed);

/** Where a voucher stands in each target: number, state and time there. */
export const deliveriesOf = (ctx: Ctx, book: Book, voucherId: bigint): Promise<DeliveryListed[]> => listDeliveries(ctx, book, { voucherId });

/** The same of many vouchers at once. */
export const deliveriesOfMany = async (ctx: Ctx, book: Book, voucherIds: readonly bigint[]): Promise<DeliveryListed[]> => (voucherIds.length === 0 ? [] : (await store.findDeliveriesOf(ctx.db, book.bookId, voucherIds)).map(listed));

const listed = (row: store.DeliveryRow): DeliveryListed => ({
  delivery: Number(row.deliveryNo), flow: row.flow, purpose: row.purpose, subject: row.subject, version: row.version, voucher: row.voucherId === null ? null : `v${row.voucherId}`, state: row.state, reference: row.reference, deliveryId: row.deliveryId, payloadHash: row.payloadHash,
  attempts: row.attempt, targetId: row.targetId, targetNumber: row.targetNumber, targetState: row.targetState, targetAt: row.targetAt, problem: problemsOf(row.problem), cut: row.cut, stateAt: row.stateAt,
});

/** A held voucher has one problem for each missing code. */
const problemsOf = (stored: Problem | readonly Problem[] | null): RenderedProblem[] => (stored === null ? [] : (Array.isArray(stored) ? stored : [stored]).map((problem: Problem) => renderProblem(problem)));

export type DeliveryShown = DeliveryListed & { readonly log: readonly (Omit<store.AttemptRow, "problem" | "epoch"> & { readonly epoch: string; readonly problem: readonly RenderedProblem[] })[] };

/** Refuses: delivery.unknown. */
export async function showDelivery(ctx: Ctx, book: Book, deliveryNo: bigint): Promise<DeliveryShown> {
  const row = await store.findDelivery(ctx.db, book.bookId, deliveryNo);
  if (row === undefined) refuse("delivery.unknown", { delivery: deliveryNo });
  const log = await store.findAttempts(ctx.db, book.bookId, deliveryNo);
  return { ...listed(row), log: log.map((entry) => ({ ...entry, epoch: String(entry.epoch), problem: problemsOf(entry.problem) })) };
}

export type DriftListed = Omit<store.DriftRow, "driftNo" | "deliveryNo"> & { readonly drift: number; readonly delivery: number };
export const listDrifts = async (ctx: Ctx, book: Book, filter: { flow?: string | undefined; isOpen?: boolean; after?: bigint | undefined; limit?: number | undefined } = {}): Promise<DriftListed[]> =>
  (await store.listDrifts(ctx.db, book.bookId, filter)).map(({ driftNo, deliveryNo, ...rest }) => ({ drift: Number(driftNo), delivery: Number(deliveryNo), ...rest }));
