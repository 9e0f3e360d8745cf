/** How flows stand: for people, for the API and for whoever watches over them. Everything is derived at the moment it is asked. */
import { type Book, listBooks } from "../../books/index.ts";
import { type Flow, type FlowStatus, flows as store, inbox, type Json } from "../../connectors/index.ts";
import { type Ctx, momentOf, renderProblem, type RenderedProblem } from "../../platform/index.ts";
import { deliveryCounts } from "../../delivery/index.ts";
import { countDeadLetters, countOpenDocuments, countStates, readPaces } from "./flows.store.ts";

/** received = posted + waiting + parked + ignored + pending + arriving, always. */
export type FlowCounts = {
  readonly received: number;
  readonly posted: number;
  /** Their document waits for another. */
  readonly waiting: number;
  /** A person decides: the record, one before it of its key, or its document. */
  readonly parked: number;
  /** By the mapping, by a person, or made up for by a later record. */
  readonly ignored: number;
  /** Landed, not processed yet. */
  readonly pending: number;
  /** Read, but its source has not completed it yet. */
  readonly arriving: number;
};

export type FlowView = {
  readonly book: string;
  readonly flow: string;
  readonly direction: "in" | "out";
  readonly connector: string;
  readonly version: number;
  /** stopped: until somebody changes something. retrying: it failed and is tried again. idle: wanted, but no process runs it. */
  readonly state: "running" | "paused" | "stopped" | "retrying" | "idle";
  readonly phase: string;
  readonly lagSeconds: number;
  readonly perMinute: number;
  readonly landedAt: string | null;
  readonly recordAt: string | null;
  readonly counts: FlowCounts;
  readonly deadLetters: number;
  readonly breaker: { readonly isOpen: boolean; readonly failures: number; readonly retryAt: string | null };
  readonly problem: RenderedProblem | null;
  readonly checkpoints: readonly { readonly scope: string; readonly state: Json; readonly at: string }[];
  readonly nextRunAt: string | null;
  /** Quiet for longer than the flow says is usual. */
  readonly isSilent: boolean;
  readonly frozen: readonly string[];
  /** Of a flow out: deliveries by state. */
  readonly deliveries: Readonly<Record<string, number>>;
};

export async function viewFlows(ctx: Ctx, book: Book): Promise<FlowView[]> {
  const now = ctx.now().getTime();
  const { db } = ctx;
  const { bookId } = book;
  const minuteAgo = isoAt(ctx, now - 60_000);
  const [flows, statuses, states, documents, paces, letters, leases] = await Promise.all([
    store.listFlows(db, bookId), store.readStatuses(db, bookId), countStates(db, bookId), countOpenDocuments(db, bookId), readPaces(db, bookId, minuteAgo), countDeadLetters(db, bookId), store.readLeases(db),
  ]);
  return Promise.all(flows.map(async (flow): Promise<FlowView> => {
    const status = statuses.find((one) => one.flow === flow.flow) as FlowStatus;
    const pace = paces.find((one) => one.flow === flow.flow);
    const own = <Row extends { flow: string }>(rows: readonly Row[]): Row[] => rows.filter((row) => row.flow === flow.flow);
    const [checkpoints, shapes] = flow.direction === "in" ? await Promise.all([inbox.readCheckpoints(db, bookId, flow.flow), store.readShapes(db, bookId, flow.flow)]) : [[], []];
    const out = flow.direction === "out" ? await deliveryCounts(db, book, flow.flow) : undefined;
    const isHeld = out?.isHeld ?? leases.some((lease) => lease.bookId === bookId && lease.flow === flow.flow && lease.isHeld);
    const quietMs = now - momentOf(status.landedAt ?? flow.changedAt).getTime();
    const minutes = pace?.sinceAt == null || pace.sampled < 1000n ? 1 : Math.min(1, Math.max(1, now - momentOf(pace.sinceAt).getTime()) / 60_000);
    return {
      book: book.code, flow: flow.flow, direction: flow.direction, connector: flow.definition.connector, version: flow.version,
      state: stateOf(flow, status, isHeld, now), phase: status.phase,
      lagSeconds: pace?.oldestAt == null ? 0 : Math.max(0, now - momentOf(pace.oldestAt).getTime()) / 1000,
      perMinute: Math.floor(Number(pace?.lastMinute ?? 0n) / minutes),
      landedAt: status.landedAt, recordAt: status.recordAt,
      counts: countsOf(Number(status.landedSeq), own(states), own(documents)[0]),
      deadLetters: Number(own(letters)[0]?.n ?? 0n),
      breaker: { isOpen: status.retryAt !== null && momentOf(status.retryAt).getTime() > now, failures: status.failures, retryAt: status.retryAt },
      problem: status.problem === null ? null : renderProblem(status.problem),
      checkpoints: checkpoints.map(({ scope, state, at }) => ({ scope, state, at })),
      nextRunAt: status.nextRunAt,
      isSilent: flow.definition.silenceMs > 0 && flow.wanted === "running" && quietMs > flow.definition.silenceMs,
      frozen: shapes.filter(({ pending }) => pending !== null).map(({ stream }) => stream),
      deliveries: out === undefined ? {} : Object.fromEntries(Object.entries(out).filter((entry): entry is [string, number] => deliveryStates.includes(entry[0]))),
    };
  }));
}

export const viewAllFlows = async (ctx: Ctx): Promise<FlowView[]> => (await Promise.all((await listBooks(ctx.db)).map((book) => viewFlows(ctx, book)))).flat();

function stateOf(flow: Flow, status: FlowStatus, isHeld: boolean, now: number): FlowView["state"] {
  if (flow.wanted === "paused") return "paused";
  if (status.stoppedAt !== null) return "stopped";
  // A try under way is still one of a row of failures, until one gets through.
  if (status.failures > 0 || (status.retryAt !== null && momentOf(status.retryAt).getTime() > now)) return "retrying";
  return isHeld ? "running" : "idle";
}

/** Rows have numbers without gaps, so what is not something else is done. */
export function countsOf(newest: number, states: readonly { readonly state: string; readonly n: bigint }[], documents: { readonly waiting: bigint; readonly parked: bigint } | undefined): FlowCounts {
  const n = (...names: readonly string[]): number => states.reduce((sum, row) => sum + (names.includes(row.state) ? Number(row.n) : 0), 0);
  const waiting = Number(documents?.waiting ?? 0n), parkedDocuments = Number(documents?.parked ?? 0n);
  const notDone = states.reduce((sum, row) => sum + Number(row.n), 0);
  return {
    received: newest - n("again"), posted: newest - notDone - waiting - parkedDocuments, waiting, parked: n("parked", "behind") + parkedDocuments,
    ignored: n("ignored", "superseded"), pending: n("landed"), arriving: n("draft"),
  };
}

const deliveryStates = ["behind", "leftOut", "pending", "sending", "sent", "confirmed", "unknown", "held", "rejected", "drifted", "voided", "ignored"];

const isoAt = (ctx: Ctx, ms: number): string => {
  const at = ctx.now();
  at.setTime(ms);
  return at.toISOString();
};
