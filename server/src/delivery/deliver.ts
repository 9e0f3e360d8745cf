/**
 * One pass of a flow: settle what a worker before us left unclear, take new vouchers from the chain, send, read back.
 * What is about to be sent is written down before the call; whatever happens then, the next worker knows where to look.
 */
import { type CheckFailure, FlowFault } from "../connectors/index.ts";
import { type Ctx, type Db, elapsedMs, momentOf, type Problem } from "../platform/index.ts";
import type { DeliveryFlow } from "./contract.ts";
import { findingOf, problemOf, voucherHash } from "./delivery.ts";
import { endLease, newHolder, takeLease } from "./lease.ts";
import { type Lane, openLane, type Targets, writeBackLane, writeBackName } from "./open.ts";
import { type DocumentOut, enqueueBlocks, enqueueDocuments, ensureOutbox, readPosted } from "./outbox.ts";
import * as store from "./store.ts";
import type { Acknowledgement, Delivery, Outcome, Standing, TargetSession, VoucherOut } from "./target.ts";
import { within } from "./within.ts";

/** What one pass did, by deliveries. */
export type Delivered = {
  enqueued: number; held: number; sent: number; confirmed: number; rejected: number; unknown: number; notSent: number; settled: number; drifted: number;
  /** Another worker has the flow. */
  isElsewhere: boolean;
  /** How long the flow rests: the target asked for it, or does not answer. */
  pausedMs: number;
  /** What stopped it until somebody changes something, or the network. */
  fault: CheckFailure | undefined;
};
const nothing = (): Delivered => ({ enqueued: 0, held: 0, sent: 0, confirmed: 0, rejected: 0, unknown: 0, notSent: 0, settled: 0, drifted: 0, isElsewhere: false, pausedMs: 0, fault: undefined });

export type DeliverOptions = {
  readonly targets: Targets;
  /** The first pause after an outage; each further one is twice as long, up to a minute. */
  readonly firstPauseMs?: number;
  /** A pass ends after this long even if there is more to do. */
  readonly passMs?: number;
};

/** A flow that is delivered for as long as it stands open: it keeps the target's session and the right to the flow from pass to pass. */
export type OpenDelivery = {
  /** One at a time, and not while a sweep is under way. */
  once(): Promise<Delivered>;
  close(): Promise<void>;
  readonly lane: Lane;
  /** Undefined while another worker has the flow, or the target rests. */
  session(): Promise<TargetSession | undefined>;
  deliveriesOf(rows: readonly store.DeliveryRow[]): Promise<{ readonly deliveries: ReadonlyMap<string, Delivery> }>;
};

/** Refuses as openLane. */
export async function openDelivery(ctx: Ctx, flow: DeliveryFlow, options: DeliverOptions): Promise<OpenDelivery> {
  const lane = await openLane(ctx, flow, options.targets);
  await ensureOutbox(ctx, lane.book, flow);
  const main = await openRun(lane, options);
  const back = writeBackLane(lane, options.targets);
  if (back === undefined) return main;
  await store.ensureOutbox(ctx.db, lane.book.bookId, back.name, 0n);
  const second = await openRun(back, options);
  return {
    ...main,
    async once() {
      const done = await main.once();
      const returned = await second.once();
      return { ...done, fault: done.fault ?? returned.fault, unknown: done.unknown + returned.unknown, rejected: done.rejected + returned.rejected };
    },
    async close() {
      await second.close();
      await main.close();
    },
  };
}

/** One pass from nothing to nothing. A runtime that passes again and again keeps the delivery open instead. */
export async function deliverOnce(ctx: Ctx, flow: DeliveryFlow, options: DeliverOptions): Promise<Delivered> {
  const open = await openDelivery(ctx, flow, options);
  try {
    return await open.once();
  } finally {
    await open.close();
  }
}

const pauseMaxMs = 60_000;
const probeAtOnce = 200;
/** A target keeps the time limit itself and says what became of each; only one that does not is cut short, and then nothing is known of any. */
const graceMs = 1_000;
/** How long the right to a flow outlasts the call that follows its confirmation. Who was held up for longer between the two does not call. */
const spareMs = 15_000;

class LeaseLost extends Error {
  override readonly name = "LeaseLost";
}

type Sent = { readonly row: store.DeliveryRow; readonly delivery: Delivery; readonly acknowledgement: Acknowledgement };

async function openRun(lane: Lane, options: DeliverOptions): Promise<OpenDelivery> {
  const { ctx, book, target } = lane;
  const { db } = ctx;
  const { bookId } = book;
  const holder = newHolder();
  const leaseMs = lane.timeoutMs + graceMs + spareMs;
  const firstPauseMs = options.firstPauseMs ?? 500;
  const rendered = new Map<bigint, VoucherOut>();
  let epoch: bigint | undefined;
  let latestEpoch: bigint | undefined;
  let session: TargetSession | undefined;
  let hasReleased = false;
  let failures = 0;
  let hasFault = false;
  let atOnce = 0;

  const now = (): string => ctx.now().toISOString();
  const targetCtx = { now: ctx.now, log: ctx.log, flow: `${book.code}/${lane.name}` };

  /** A session that misbehaved is left to itself, and what it may still do is fenced off: the next one has a higher epoch. */
  function abandon(): void {
    session?.close().catch(() => {});
    session = undefined;
    epoch = undefined;
  }

  async function openSession(): Promise<TargetSession> {
    if (session !== undefined) return session;
    const opening = target.open(lane.config, epoch as bigint, targetCtx);
    session = await within(lane.timeoutMs, opening).catch((error: unknown) => {
      opening.then((late) => late.close()).catch(() => {}); // nobody waits for it any more
      throw error;
    });
    return session;
  }

  async function once(): Promise<Delivered> {
    const done = nothing();
    try {
      const outbox = await enter(done);
      if (outbox === undefined) return done;
      if (!(await wentWell(done, openSession))) return done;
      if (!(await wentWell(done, () => settle(done)))) return done;
      await releaseHeld();
      const since = elapsedMs();
      for (;;) {
        if (!(await sendAll(done, since))) break;
        const read = lane.render === undefined ? undefined : await enqueueBlocks(ctx, book, lane.flow, lane.render, Math.max(lane.batch, 500), rendered);
        if (read === undefined || read.vouchers === 0) break;
        done.enqueued += read.enqueued;
        done.held += read.held;
      }
      if (done.fault === undefined && hasFault) await recovered();
    } catch (error) {
      if (!(error instanceof LeaseLost)) throw error;
      done.isElsewhere = true;
      abandon();
    } finally {
      rendered.clear();
    }
    return done;
  }

  /** The right to the flow, unless it rests. */
  async function enter(done: Delivered): Promise<store.Outbox | undefined> {
    let outbox = await store.findOutbox(db, bookId, lane.name);
    if (epoch === undefined || outbox?.epoch !== epoch) {
      if (epoch !== undefined) abandon();
      const lease = await takeLease(db, bookId, lane.name, holder, leaseMs);
      if (lease === undefined) {
        done.isElsewhere = true;
        return undefined;
      }
      ({ epoch, outbox } = lease);
      latestEpoch = epoch;
      ({ failures, atOnce } = outbox);
      hasFault = outbox.fault !== null;
    }
    done.pausedMs = outbox.pausedMs;
    return outbox.pausedMs > 0 ? undefined : outbox;
  }

  /** Runs what talks to the target outside of a delivery. A fault pauses or stops the flow and marks nothing bad. */
  async function wentWell(done: Delivered, work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (error instanceof LeaseLost) throw error;
      await stumble(done, faultOf(error, target.name), error instanceof FlowFault ? error.retryAfterMs : undefined);
      return false;
    }
  }

  async function stumble(done: Delivered, fault: CheckFailure, retryAfterMs?: number): Promise<void> {
    failures += 1;
    hasFault = true;
    done.fault = fault;
    done.pausedMs = retryAfterMs ?? Math.min(pauseMaxMs, firstPauseMs * 2 ** Math.min(failures - 1, 10));
    ctx.log.warn("a delivery rests", { flow: lane.name, failure: fault.failure, code: fault.problem.code, facts: fault.problem.facts, pauseMs: done.pausedMs });
    if (epoch !== undefined) await store.saveHealth(db, bookId, lane.name, epoch, { atOnce, failures, pauseMs: done.pausedMs, fault: { failure: fault.failure, ...fault.problem } });
    abandon();
  }

  async function recovered(): Promise<void> {
    const grown = Math.min(lane.batch, (atOnce || lane.batch) + Math.max(1, Math.trunc(lane.batch / 10)));
    const next = grown >= lane.batch ? 0 : grown;
    if (failures === 0 && next === atOnce && !hasFault) return;
    failures = 0;
    hasFault = false;
    atOnce = next;
    await store.saveHealth(db, bookId, lane.name, epoch as bigint, { atOnce, failures, pauseMs: 0, fault: null });
  }

  // Settling ---------------------------------------------------------------------------------------------------------------

  async function settle(done: Delivered): Promise<void> {
    await markInterrupted(done);
    await settleUnknown(done);
    if (lane.flow.readBack !== false && lane.render !== undefined && session?.readBack) {
      for (let after = 0n; ; ) {
        const rows = await store.findInState(db, bookId, lane.name, ["sent"], probeAtOnce, after);
        if (rows.length === 0) return;
        await readBack(done, await sentOf(rows));
        after = rows.at(-1)?.deliveryNo as bigint;
      }
    }
  }

  /** What stands as being sent is in nobody's hands any more: the worker died, or its answer could not be written down. */
  async function markInterrupted(done: Delivered): Promise<void> {
    for (;;) {
      const rows = await store.findInState(db, bookId, lane.name, ["sending"], 1_000);
      if (rows.length === 0) return;
      await lock();
      const problem: Problem = { code: "delivery.interrupted", facts: { target: target.name } };
      await store.moveDeliveries(db, bookId, epoch as bigint, now(), ["sending"], rows.map((row) => ({ deliveryNo: row.deliveryNo, to: "unknown", problem, log: { act: "send", outcome: "unknown", startedAt: row.startedAt ?? now() } })));
      done.unknown += rows.length;
    }
  }

  async function settleUnknown(done: Delivered): Promise<void> {
    if (target.dedupe === "none") return; // a person decides
    for (let after = 0n; ; ) {
      const rows = await store.findInState(db, bookId, lane.name, ["unknown"], probeAtOnce, after);
      if (rows.length === 0) return;
      after = rows.at(-1)?.deliveryNo as bigint;
      if (target.dedupe === "idempotency-key") {
        await store.moveDeliveries(db, bookId, epoch as bigint, now(), ["unknown"], rows.map(({ deliveryNo }) => ({ deliveryNo, to: "pending", isAmbiguous: true })));
        done.settled += rows.length;
        continue;
      }
      const settled = target.dedupe === "transactional" ? rows : rows.filter(hasSettled);
      if (settled.length > 0) await probe(done, settled);
    }
  }

  const hasSettled = (row: store.DeliveryRow): boolean =>
    row.startedAt === null || ctx.now().getTime() - momentOf(row.startedAt).getTime() >= lane.timeoutMs + graceMs + lane.settleMs;

  async function probe(done: Delivered, rows: readonly store.DeliveryRow[]): Promise<void> {
    const byId = new Map(rows.map((row) => [row.deliveryId, row]));
    const { deliveries } = await deliveriesOf(rows);
    const startedAt = now();
    const probes = await within(lane.timeoutMs, (await openSession()).probe([...deliveries.values()]));
    await lock();
    const moves: store.Move[] = [];
    const found: Sent[] = [];
    const drifts: store.NewDrift[] = [];
    for (const answer of probes) {
      const row = byId.get(answer.deliveryId);
      if (row === undefined) continue;
      const log = { act: "probe" as const, outcome: answer.is, startedAt };
      if (answer.is === "absent") moves.push({ deliveryNo: row.deliveryNo, to: "pending", log });
      else if (answer.is === "several") {
        drifts.push({ deliveryNo: row.deliveryNo, kind: "several", fingerprint: `several|${answer.acknowledgements.map(({ targetId }) => targetId).sort().join(",")}`, ours: null, theirs: answer.acknowledgements });
        moves.push({ deliveryNo: row.deliveryNo, to: "drifted", problem: { code: "delivery.several", facts: { reference: row.reference, count: answer.acknowledgements.length } }, acknowledgement: answer.acknowledgements[0], log });
      } else if (answer.hash !== undefined && answer.hash !== row.payloadHash) {
        drifts.push({ deliveryNo: row.deliveryNo, kind: "changed", fingerprint: `hash|${answer.hash}`, ours: null, theirs: { hash: answer.hash } });
        moves.push({ deliveryNo: row.deliveryNo, to: "drifted", problem: { code: "delivery.conflict", facts: { reference: row.reference } }, acknowledgement: answer.acknowledgement, log });
      } else {
        moves.push({ deliveryNo: row.deliveryNo, to: "sent", acknowledgement: answer.acknowledgement, log });
        const delivery = deliveries.get(row.deliveryId);
        if (delivery !== undefined) found.push({ row, delivery, acknowledgement: answer.acknowledgement });
      }
    }
    await db.transaction(async (transaction) => {
      if (drifts.length > 0) await store.insertDrifts(transaction, bookId, now(), drifts);
      await store.moveDeliveries(transaction, bookId, epoch as bigint, now(), ["unknown"], moves);
      if (!readsBack()) await enqueueWriteBacks(transaction, found);
    });
    done.settled += moves.length;
    done.drifted += drifts.length;
    done.sent += found.length;
    if (readsBack()) await readBack(done, found);
  }

  /** Held vouchers go out when the map knows their codes; the map can only have changed before this run was opened. */
  async function releaseHeld(): Promise<void> {
    if (hasReleased || lane.render === undefined) return;
    hasReleased = true;
    for (let after = 0n; ; ) {
      const rows = await store.findInState(db, bookId, lane.name, ["held"], 500, after);
      if (rows.length === 0) return;
      after = rows.at(-1)?.deliveryNo as bigint;
      const { deliveries, held } = await deliveriesOf(rows);
      await store.holdDeliveries(db, bookId, now(), held);
      await store.releaseHeld(db, bookId, now(), rows.flatMap((row) => {
        const delivery = deliveries.get(row.deliveryId);
        return delivery === undefined ? [] : [{ deliveryNo: row.deliveryNo, payloadHash: delivery.payloadHash }];
      }));
    }
  }

  // Sending ----------------------------------------------------------------------------------------------------------------

  /** Sends what is pending. False when something went wrong or the pass has taken its time. */
  async function sendAll(done: Delivered, since: number): Promise<boolean> {
    for (;;) {
      if (options.passMs !== undefined && elapsedMs() - since > options.passMs) return false;
      const confirmedAt = elapsedMs();
      const batch = await take(done);
      if (batch === undefined) return true;
      if (elapsedMs() - confirmedAt > spareMs) throw new LeaseLost();
      if (batch.size > 0 && !(await send(done, batch))) return false;
    }
  }

  type Batch = ReadonlyMap<string, { readonly row: store.DeliveryRow; readonly delivery: Delivery }>;

  /** Writes down that the next ones are being sent. Undefined: there are none. */
  function take(done: Delivered): Promise<Batch | undefined> {
    return db.transaction(async (transaction) => {
      if (!(await store.renewLease(transaction, bookId, lane.name, epoch as bigint, leaseMs))) throw new LeaseLost();
      const rows = await store.lockPending(transaction, bookId, lane.name, atOnce || lane.batch);
      if (rows.length === 0) return undefined;
      const { deliveries, held, cuts } = await deliveriesOf(rows, transaction);
      const batch = new Map<string, { row: store.DeliveryRow; delivery: Delivery }>();
      const changed: store.Move[] = [];
      for (const row of rows) {
        const delivery = deliveries.get(row.deliveryId);
        if (delivery === undefined) continue;
        // The target may have it already under this key; other content under the same key is never sent.
        if (row.isAmbiguous && row.payloadHash !== delivery.payloadHash) changed.push({ deliveryNo: row.deliveryNo, to: "rejected", problem: { code: "delivery.payload_changed", facts: { reference: row.reference } }, log: { act: "send", outcome: "refused", startedAt: now() } });
        else batch.set(row.deliveryId, { row, delivery });
      }
      if (held.length > 0) await store.holdDeliveries(transaction, bookId, now(), held);
      done.held += held.length;
      done.rejected += await store.moveDeliveries(transaction, bookId, epoch as bigint, now(), ["pending"], changed);
      if (batch.size > 0) {
        await store.markSending(transaction, bookId, epoch as bigint, now(), [...batch.values()].map(({ row, delivery }) => ({ deliveryNo: row.deliveryNo, payloadHash: delivery.payloadHash, cut: cuts.get(row.deliveryId) ?? (row.cut === null ? null : store.json(row.cut)) })));
      }
      return batch;
    });
  }

  /** One call. True when the pass may go on. */
  async function send(done: Delivered, batch: Batch): Promise<boolean> {
    const startedAt = now();
    const outcomes = new Map<string, Outcome>();
    let fault: unknown;
    try {
      for (const outcome of await within(lane.timeoutMs + graceMs, (await openSession()).deliver([...batch.values()].map(({ delivery }) => delivery), lane.timeoutMs))) outcomes.set(outcome.deliveryId, outcome);
    } catch (error) {
      fault = error;
    }
    const moves: store.Move[] = [];
    const sent: Sent[] = [];
    let trouble: CheckFailure | undefined = fault === undefined ? undefined : faultOf(fault, target.name);
    let retryAfterMs = fault instanceof FlowFault ? fault.retryAfterMs : undefined;
    const unclear: Problem = trouble?.problem ?? { code: "delivery.no_outcome", facts: { target: target.name } };
    for (const [deliveryId, { row, delivery }] of batch) {
      const outcome: Outcome = outcomes.get(deliveryId) ?? { is: "unknown", deliveryId, problem: unclear };
      const log = { act: "send" as const, outcome: outcome.is, startedAt };
      const { deliveryNo } = row;
      if ("acknowledgement" in outcome) {
        moves.push({ deliveryNo, to: "sent", acknowledgement: outcome.acknowledgement, log });
        sent.push({ row: { ...row, startedAt }, delivery, acknowledgement: outcome.acknowledgement });
      } else if (outcome.is === "rejected") {
        moves.push({ deliveryNo, to: "rejected", problem: outcome.problem, log });
        done.rejected += 1;
      } else if (outcome.is === "notSent") {
        moves.push({ deliveryNo, to: "pending", isAmbiguous: row.isAmbiguous, problem: outcome.problem, log });
        done.notSent += 1;
        trouble ??= { failure: "network", problem: outcome.problem };
        if (outcome.retryAfterMs !== undefined) retryAfterMs = Math.max(retryAfterMs ?? 0, outcome.retryAfterMs);
      } else {
        moves.push({ deliveryNo, to: "unknown", problem: outcome.problem, log });
        done.unknown += 1;
        trouble ??= { failure: "network", problem: outcome.problem };
      }
    }
    // Where a search could find it again, it is read back first and written down once; where nothing could, its acknowledgement is written down at once.
    const looked = trouble === undefined && target.dedupe !== "none" && readsBack() ? await look(sent).catch((error: unknown) => error as Error) : undefined;
    const judged = looked instanceof Map ? judge(sent, looked, startedAt) : undefined;
    const isConfirmed = new Map(judged?.confirmed.map((one) => [one.row.deliveryNo, one.acknowledgement]));
    await db.transaction(async (transaction) => {
      const known = moves.map((move): store.Move => (isConfirmed.has(move.deliveryNo) ? { ...move, to: "confirmed", acknowledgement: isConfirmed.get(move.deliveryNo) } : move));
      await store.moveDeliveries(transaction, bookId, epoch as bigint, now(), ["sending"], known);
      if (judged !== undefined) await writeJudged(transaction, { ...judged, moves: judged.moves.filter(({ to }) => to !== "confirmed") });
      else if (!readsBack()) await enqueueWriteBacks(transaction, sent);
    });
    done.sent += sent.length;
    done.confirmed += judged?.confirmed.length ?? 0;
    done.drifted += judged?.drifts.length ?? 0;
    if (trouble !== undefined) {
      if (retryAfterMs !== undefined) atOnce = Math.max(1, Math.trunc((atOnce || lane.batch) / 2)); // slower by half, and up again step by step
      await stumble(done, trouble, retryAfterMs);
      return false;
    }
    await recovered();
    if (judged !== undefined || !readsBack()) return true;
    return wentWell(done, () => (looked === undefined ? readBack(done, sent) : Promise.reject(looked)));
  }

  // Reading back -----------------------------------------------------------------------------------------------------------

  const readsBack = (): boolean => lane.flow.readBack !== false && lane.render !== undefined && session?.readBack !== undefined;

  async function look(sent: readonly Sent[]): Promise<Map<string, Standing[]>> {
    if (sent.length === 0) return new Map();
    return Map.groupBy(await within(lane.timeoutMs, (session as Required<TargetSession>).readBack(sent.map(({ delivery }) => delivery))), ({ reference }) => reference);
  }

  type Judged = { readonly confirmed: readonly Sent[]; readonly drifts: readonly store.NewDrift[]; readonly moves: readonly store.Move[] };

  /** Compares what stands there with what was sent. What is not visible yet stays as sent until its time is over. */
  function judge(sent: readonly Sent[], standing: ReadonlyMap<string, readonly Standing[]>, startedAt: string): Judged {
    const moves: store.Move[] = [];
    const drifts: store.NewDrift[] = [];
    const confirmed: Sent[] = [];
    for (const one of sent) {
      const { row, delivery } = one;
      if (delivery.purpose !== "voucher") continue;
      const theirs = standing.get(row.reference) ?? [];
      const finding = findingOf(delivery.voucher, theirs);
      if (finding?.kind === "missing" && !hasSettled(row)) continue;
      if (finding === undefined) {
        const seen = theirs[0]?.acknowledgement ?? one.acknowledgement;
        const acknowledgement = seen.at === "" ? { ...seen, at: one.acknowledgement.at } : seen;
        moves.push({ deliveryNo: row.deliveryNo, to: "confirmed", acknowledgement });
        confirmed.push({ ...one, acknowledgement });
        continue;
      }
      drifts.push({ deliveryNo: row.deliveryNo, ...finding });
      moves.push({ deliveryNo: row.deliveryNo, to: finding.kind === "voided" ? "voided" : "drifted", problem: problemOf(finding, row.reference, target.name, theirs.length), acknowledgement: theirs[0]?.acknowledgement, log: { act: "readBack", outcome: finding.kind, startedAt } });
    }
    return { confirmed, drifts, moves };
  }

  async function writeJudged(transaction: Db, { confirmed, drifts, moves }: Judged): Promise<void> {
    if (drifts.length > 0) await store.insertDrifts(transaction, bookId, now(), drifts);
    await store.moveDeliveries(transaction, bookId, epoch as bigint, now(), ["sent"], moves);
    await enqueueWriteBacks(transaction, confirmed);
  }

  async function readBack(done: Delivered, sent: readonly Sent[]): Promise<void> {
    if (sent.length === 0) return;
    const startedAt = now();
    const judged = judge(sent, await look(sent), startedAt);
    await db.transaction((transaction) => writeJudged(transaction, judged));
    done.confirmed += judged.confirmed.length;
    done.drifted += judged.drifts.length;
  }

  /** The source learns where its document stands in the finance system: one write-back for each document behind the voucher. */
  async function enqueueWriteBacks(transaction: Db, sent: readonly Sent[]): Promise<void> {
    const to = lane.render === undefined ? undefined : lane.flow.writeBack;
    if (to === undefined || sent.length === 0) return;
    const documents: DocumentOut[] = sent.flatMap(({ row, delivery, acknowledgement }) => delivery.purpose !== "voucher" ? [] : delivery.voucher.sources.map((document): DocumentOut => {
      const [source = "", rest = ""] = [document.slice(0, document.indexOf(":")), document.slice(document.indexOf(":") + 1)];
      return {
        subject: `${document}@v${row.voucherId}`, version: row.version, purpose: "writeback", ...(row.voucherId === null ? {} : { voucherId: row.voucherId }),
        body: { document, source, kind: rest.slice(0, rest.indexOf("/")), sourceId: rest.slice(rest.indexOf("/") + 1), voucher: row.subject, reference: row.reference, targetId: acknowledgement.targetId, targetNumber: acknowledgement.targetNumber, targetState: acknowledgement.targetState, at: acknowledgement.at },
      };
    }));
    await enqueueDocuments(transaction, book, writeBackName(lane.name), now(), documents);
  }

  // What is handed to the target -------------------------------------------------------------------------------------------

  async function sentOf(rows: readonly store.DeliveryRow[]): Promise<Sent[]> {
    const { deliveries } = await deliveriesOf(rows);
    return rows.flatMap((row) => {
      const delivery = deliveries.get(row.deliveryId);
      return delivery === undefined ? [] : [{ row, delivery, acknowledgement: { targetId: row.targetId ?? "", targetNumber: row.targetNumber ?? "", targetState: row.targetState ?? "", at: row.targetAt ?? "" } }];
    });
  }

  async function deliveriesOf(rows: readonly store.DeliveryRow[], from: Db = db) {
    const deliveries = new Map<string, Delivery>();
    const cuts = new Map<string, string>();
    const held: { deliveryNo: bigint; problem: object }[] = [];
    await renderMissing(from, rows, (voucherId, problems) => {
      const row = rows.find((one) => one.voucherId === voucherId);
      if (row !== undefined) held.push({ deliveryNo: row.deliveryNo, problem: problems });
    }, (voucherId, cut) => void cuts.set(rows.find((one) => one.voucherId === voucherId)?.deliveryId ?? "", cut));
    for (const row of rows) {
      const common = { deliveryId: row.deliveryId, reference: row.reference, attempt: row.attempt + (row.state === "pending" ? 1 : 0) };
      if (row.purpose !== "voucher") deliveries.set(row.deliveryId, { ...common, payloadHash: row.payloadHash, purpose: row.purpose, document: row.body ?? {} });
      else {
        const voucher = rendered.get(row.voucherId as bigint);
        if (voucher !== undefined) deliveries.set(row.deliveryId, { ...common, payloadHash: voucherHash(voucher), purpose: "voucher", voucher });
      }
    }
    return { deliveries, held, cuts };
  }

  async function renderMissing(from: Db, rows: readonly store.DeliveryRow[], hold: (voucherId: bigint, problems: readonly Problem[]) => void, cutOff: (voucherId: bigint, cut: string) => void): Promise<void> {
    const ids = rows.flatMap(({ voucherId, purpose }) => (purpose !== "voucher" || voucherId === null || rendered.has(voucherId) ? [] : [voucherId])).sort((a, b) => (a < b ? -1 : 1));
    const [first] = ids;
    const last = ids.at(-1);
    if (first === undefined || last === undefined || lane.render === undefined) return;
    for (const voucher of await readPosted(from, book, first, last, ids)) {
      const mapped = lane.render(voucher);
      if (mapped.voucher === undefined) hold(voucher.voucherId, mapped.problems);
      else {
        rendered.set(voucher.voucherId, mapped.voucher);
        if (mapped.cut.length > 0) cutOff(voucher.voucherId, store.json(mapped.cut));
      }
    }
  }

  /** Still ours? */
  async function lock(): Promise<void> {
    if (epoch === undefined || !(await store.renewLease(db, bookId, lane.name, epoch, leaseMs))) throw new LeaseLost();
  }

  return {
    once, lane,
    async deliveriesOf(rows) {
      rendered.clear();
      return deliveriesOf(rows);
    },
    async session() {
      const done = nothing();
      return (await enter(done)) !== undefined && (await wentWell(done, openSession)) ? session : undefined;
    },
    async close() {
      await session?.close().catch(() => {});
      session = undefined;
      if (latestEpoch !== undefined) await endLease(db, bookId, lane.name, holder, latestEpoch);
      epoch = latestEpoch = undefined;
    },
  };
}

/** What was thrown, as what stops or pauses a flow. */
function faultOf(error: unknown, target: string): CheckFailure {
  if (error instanceof FlowFault) return { failure: error.failure, problem: error.problem };
  const detail = error instanceof Error ? error.message : String(error);
  return { failure: "network", problem: { code: "delivery.target_failed", facts: { target, detail: detail.slice(0, 300) } } };
}
