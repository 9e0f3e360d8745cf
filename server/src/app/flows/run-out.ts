/** One flow out at work: passes of the stage that delivers, as often as the flow says, and the standing comparison. */
import { loadBook } from "../../books/index.ts";
import { type Flow, flows as store, type Json, putSecrets, readDuration } from "../../connectors/index.ts";
import { type DeliveryFlow, openDelivery, type OpenDelivery, sweep, targets, type Targets } from "../../delivery/index.ts";
import { type Ctx, elapsedMs, type Problem } from "../../platform/index.ts";
import { openBell } from "./bell.ts";
import { faultOf, type Running } from "./run.ts";

/** Between looks when nobody rings, and while another process has the flow. */
const LOOK_MS = 1_000;
/** The standing comparison, where the flow says nothing: a database is asked often, what counts its callers is not. It rests twenty times as long as it took. */
const SWEEP_MS = { transactional: 30_000, other: 3_600_000, rests: 20 };
/** Deliveries go on after so much of a comparison. */
const SWEEP_PART_MS = 250;

export function runFlowOut(ctx: Ctx, flow: Flow, bookCode: string, known: Targets = targets): Running {
  const halt = new AbortController();
  const bell = openBell(halt.signal);
  const { bookId } = flow;

  const go = async (): Promise<Problem | undefined> => {
    let open: OpenDelivery | undefined;
    try {
      const book = await loadBook(ctx.db, bookCode);
      const definition = (await putSecrets(ctx, book.bookId, flow.definition.out as Json)) as unknown as DeliveryFlow;
      open = await openDelivery(ctx, definition, { targets: known });
      const sweepMs = readDuration(definition.sweep?.every) ?? (open.lane.target.dedupe === "transactional" ? SWEEP_MS.transactional : SWEEP_MS.other);
      let [sweepDue, sweptTo, sweepTookMs] = [ctx.now().getTime() + sweepMs, 0n, 0];
      /** True when more of the comparison is left. */
      const compare = async (delivery: OpenDelivery): Promise<boolean> => {
        const since = elapsedMs();
        const { next, isSkipped } = await sweep(delivery, { after: sweptTo, partMs: SWEEP_PART_MS });
        sweepTookMs += elapsedMs() - since;
        sweptTo = next ?? 0n;
        if (next !== undefined) return true;
        sweepDue = ctx.now().getTime() + (isSkipped ? LOOK_MS : Math.max(sweepMs, sweepTookMs * SWEEP_MS.rests));
        sweepTookMs = 0;
        return false;
      };
      let due = 0;
      let hadFault = false;
      while (!halt.signal.aborted) {
        const now = ctx.now().getTime();
        if (now < due && (await store.readStatus(ctx.db, bookId, flow.flow)).runAskedAt === null) {
          if (!hadFault && now > sweepDue && (await compare(open))) continue;
          await bell.wait(Math.min(LOOK_MS, due - now));
          continue;
        }
        const done = await open.once();
        if (done.fault && done.fault.failure !== "network") {
          await store.stopWith(ctx.db, bookId, flow.flow, done.fault.problem, ctx.now().toISOString());
          return done.fault.problem;
        }
        if (done.fault) await store.breakWith(ctx.db, bookId, flow.flow, done.fault.problem, 1, momentIn(ctx, done.pausedMs));
        else if (hadFault) await store.clearProblem(ctx.db, bookId, flow.flow);
        hadFault = done.fault !== undefined;
        const isLeft = !done.isElsewhere && !hadFault && ctx.now().getTime() > sweepDue && (await compare(open));
        due = nextRun(ctx, definition.mode);
        if (due > 0) await store.planRun(ctx.db, bookId, flow.flow, momentIn(ctx, due - ctx.now().getTime()));
        else if (!isLeft) await bell.wait(done.pausedMs > 0 ? Math.min(done.pausedMs, LOOK_MS) : LOOK_MS);
      }
      return undefined;
    } catch (error) {
      const fault = faultOf(error, flow, ctx);
      if (fault.failure !== "network") await store.stopWith(ctx.db, bookId, flow.flow, fault.problem, ctx.now().toISOString()).catch((cause: unknown) => ctx.log.error("the reason why a flow stopped could not be written", { flow: flow.flow, error: cause }));
      return fault.problem;
    } finally {
      await open?.close().catch((error: unknown) => ctx.log.warn("a target did not close well", { flow: flow.flow, error }));
    }
  };
  const done = go();
  return { wake: bell.ring, done, stop: async () => (halt.abort(), void (await done)) };
}

/** When the next pass is due; 0: as soon as there is something. Times of day are this machine's. */
export function nextRun(ctx: Pick<Ctx, "now">, mode: DeliveryFlow["mode"]): number {
  if (mode === undefined || mode === "atOnce") return 0;
  const now = ctx.now();
  if ("every" in mode) return now.getTime() + (readDuration(mode.every) ?? LOOK_MS);
  const moments = mode.at.flatMap((time) => [0, 1].map((days) => {
    const at = ctx.now();
    at.setDate(at.getDate() + days);
    at.setHours(Number(time.slice(0, 2)), Number(time.slice(3)), 0, 0);
    return at.getTime();
  }));
  return Math.min(...moments.filter((moment) => moment > now.getTime()));
}

const momentIn = (ctx: Ctx, ms: number): string => {
  const at = ctx.now();
  at.setTime(at.getTime() + ms);
  return at.toISOString();
};
