/**
 * One flow at work in this process: its source is read and landed, what has landed is processed, both at the same time and each
 * at its own pace. An outage opens the breaker and is tried again later; anything else that is wrong stops the flow with one message.
 */
import { randomBytes } from "node:crypto";
import { type AnySource, type AnyWayIn, type Change, type ConnectorCtx, type Flow, FlowFault, flows as store, inbox, isReceiver, type Json, land, type Landing, type Lease, LeaseLost, type Message, putSecrets, readDrift, type Row, type StreamDrift, takeShape, type Tally } from "../../connectors/index.ts";
import { type Ctx, elapsedMs, isConnectionFault, momentOf, type Problem, Refusal, statusOf } from "../../platform/index.ts";
import { openBell, pause } from "./bell.ts";
import { type Mapper, mapperOf } from "./mapper.ts";
import { processBatch } from "./process.ts";

export type FlowWork = {
  readonly ctx: Ctx;
  readonly flow: Flow;
  readonly bookCode: string;
  readonly way: AnyWayIn;
  readonly lease: Lease;
  /** Reads a batch source once, processes what it brought, and ends. */
  readonly once?: boolean;
  /** Vouchers may have been posted. */
  readonly onPosted?: () => void;
};

export type Running = {
  /** Something landed elsewhere in this process, or was released for another try. */
  readonly wake: () => void;
  readonly stop: () => Promise<void>;
  /** Ended by `stop`, by the loss of its lease, by a fault that stopped the flow (then that problem), or after `once`. */
  readonly done: Promise<Problem | undefined>;
};

const LINGER_MS = 10;
const ROWS_MAX = 5_000;
const BYTES_MAX = 4 * 1024 * 1024;
/** Between looks at what other processes asked for. */
const LOOK_MS = 1_000;
/** How long the id of a call is remembered: longer than any sender repeats it. */
const ONCE_MS = 30 * 86_400_000;
const FORGET_EVERY_MS = 3_600_000;
/** How long a source may take to end once it is told to. */
const PATIENCE_MS = 5_000;
const BACK_OFF_MS = 500;
const BACK_OFF_MAX_MS = 300_000;

export function runFlow(work: FlowWork): Running {
  const halt = new AbortController();
  const { ctx, flow, lease } = work;
  const { bookId } = flow;
  lease.lost.addEventListener("abort", () => halt.abort(), { once: true });
  if (lease.lost.aborted) halt.abort();
  const bell = openBell(halt.signal);
  const progress = openBell(halt.signal);
  let landedSeq = 0n;
  let processedSeq = 0n;
  let problem: Problem | undefined;
  let isRead = work.once !== true || isReceiver(work.way);
  let drift: ReadonlyMap<string, StreamDrift> = new Map();

  const stopWith = async (cause: Problem): Promise<void> => {
    problem = cause;
    halt.abort();
    await store.stopWith(ctx.db, bookId, flow.flow, cause, ctx.now().toISOString()).catch((error: unknown) => ctx.log.error("the reason why a flow stopped could not be written", { flow: flow.flow, error }));
  };
  /** Answers how long to wait before another try; undefined when the flow is over. */
  const onFault = async (error: unknown, failures: number): Promise<number | undefined> => {
    if (error instanceof LeaseLost || halt.signal.aborted) return void halt.abort();
    const fault = faultOf(error, flow, ctx);
    if (fault.failure !== "network" || work.once === true) return void (await stopOrTell(fault));
    const waitMs = backOff(failures, fault.retryAfterMs);
    ctx.log.warn("a flow waits", { flow: flow.flow, problem: fault.problem, failures, waitMs });
    await store.breakWith(ctx.db, bookId, flow.flow, fault.problem, failures, later(ctx, waitMs)).catch(() => {}); // our own database may be what is away
    return waitMs;
  };
  const stopOrTell = async (fault: FlowFault): Promise<void> => {
    ctx.log.error("a flow stopped", { flow: flow.flow, problem: fault.problem, cause: fault.cause });
    if (fault.failure !== "network") return stopWith(fault.problem);
    problem = fault.problem;
    halt.abort();
  };

  const processing = async (mapper: Mapper): Promise<void> => {
    let forgotAt = Number.NEGATIVE_INFINITY;
    for (let failures = 0; !halt.signal.aborted; ) {
      try {
        const hasRead = isRead;
        const { taken, upTo } = await processBatch({ ctx, flow, bookCode: work.bookCode, mapper, lease, drift: () => drift });
        failures = 0;
        if (taken > 0) {
          processedSeq = upTo;
          progress.ring();
          work.onPosted?.();
          continue;
        }
        if (work.once === true && hasRead) return halt.abort();
        if (isReceiver(work.way) && elapsedMs() - forgotAt > FORGET_EVERY_MS) {
          forgotAt = elapsedMs();
          await inbox.forgetOnce(ctx.db, bookId, flow.flow, later(ctx, -ONCE_MS));
        }
        await bell.wait(LOOK_MS);
      } catch (error) {
        const waitMs = await onFault(error, ++failures);
        if (waitMs !== undefined) await pause(waitMs, halt.signal);
      }
    }
  };

  const reading = async (source: AnySource, mapper: Mapper): Promise<void> => {
    const config = (await putSecrets(ctx, bookId, flow.definition.config)) as never;
    const status = await store.readStatus(ctx.db, bookId, flow.flow);
    let { failures } = status;
    let due = source.mode === "live" || work.once === true ? undefined : status.nextRunAt;
    let retryAt = work.once === true ? null : status.retryAt;
    while (!halt.signal.aborted) {
      if (isAhead(ctx, retryAt) || isAhead(ctx, due)) {
        await pause(Math.min(LOOK_MS, Math.max(msUntil(ctx, retryAt), msUntil(ctx, due), 1)), halt.signal);
        if (!halt.signal.aborted && (await store.readStatus(ctx.db, bookId, flow.flow)).runAskedAt !== null) due = retryAt = null;
        continue;
      }
      try {
        await readOnce(source, config, mapper, () => {
          if (failures === 0) return;
          failures = 0;
          void store.clearProblem(ctx.db, bookId, flow.flow).catch(() => {});
        });
        if (failures > 0) await store.clearProblem(ctx.db, bookId, flow.flow);
        failures = 0;
        if (halt.signal.aborted) return;
        if (source.mode === "live") throw new FlowFault("network", { code: "flow.ended", facts: { connector: flow.definition.connector } });
        due = later(ctx, flow.definition.everyMs);
        await store.planRun(ctx.db, bookId, flow.flow, due);
        if (work.once === true) {
          isRead = true;
          return bell.ring();
        }
      } catch (error) {
        const waitMs = await onFault(error, ++failures);
        if (waitMs !== undefined) retryAt = later(ctx, waitMs);
      }
    }
  };

  /** From where it stands to its end, or until it is stopped. `onLanded`: it answers again. */
  const readOnce = async (source: AnySource, config: never, mapper: Mapper, onLanded: () => void): Promise<void> => {
    await ctx.db.transaction(async (db) => {
      if ((await inbox.lockLandings(db, bookId, flow.flow, lease.epoch)) === undefined) lease.lose();
      await inbox.dropDrafts(db, bookId, flow.flow);
    });
    const states = new Map((await inbox.readCheckpoints(ctx.db, bookId, flow.flow)).map(({ scope, state }) => [scope, state]));
    const reading = await source.open(config, states, connectorCtx(ctx));
    const close = (): void => void reading.close().catch((error: unknown) => ctx.log.warn("a source did not close well", { flow: flow.flow, error }));
    halt.signal.addEventListener("abort", close, { once: true });
    if (halt.signal.aborted) close();
    let tally: Tally = new Map();
    let hasDrafts = false;
    try {
      for await (const part of gather(reading.messages, { over: halt.signal })) {
        if (part.messages.length > 0) {
          const landed = await land(ctx, { bookId, flow: flow.flow, flowVersion: flow.version, lease }, part.messages, { tally, hasDrafts });
          ({ tally, hasDrafts } = landed);
          landedSeq = landed.seq;
          bell.ring();
          for (const [scope, state] of lastStates(part.messages)) await reading.ack(scope, state);
          onLanded();
        }
        if (part.shape) {
          const changes = await takeShape(ctx, bookId, flow.flow, part.shape, flow.definition.drift, (field) => mapper.reads(part.shape?.stream ?? "", field));
          if (changes.length > 0) noteChanges(ctx, flow, part.shape.stream, changes);
          drift = await readDrift(ctx, bookId, flow.flow);
        }
        if (part.phase !== undefined) await store.setPhase(ctx.db, bookId, flow.flow, part.phase);
        // Rows without their state cannot be processed yet: holding the source back now would hold it for ever.
        while (!hasDrafts && !halt.signal.aborted && landedSeq - processedSeq > BigInt(flow.definition.limits.waiting) && (await inbox.countLanded(ctx.db, bookId, flow.flow, flow.definition.limits.waiting)) >= flow.definition.limits.waiting) await progress.wait(LOOK_MS);
      }
    } finally {
      halt.signal.removeEventListener("abort", close);
      if (!halt.signal.aborted) await reading.close();
    }
  };

  const go = async (): Promise<Problem | undefined> => {
    try {
      const mapper = mapperOf(ctx, flow, work.way);
      drift = await readDrift(ctx, bookId, flow.flow);
      const status = await store.readStatus(ctx.db, bookId, flow.flow);
      landedSeq = status.landedSeq;
      processedSeq = status.processedSeq;
      await Promise.all([processing(mapper), isReceiver(work.way) ? undefined : reading(work.way as AnySource, mapper).catch(async (error: unknown) => void (await onFault(error, 1), halt.abort()))]);
    } catch (error) {
      await onFault(error, 1);
      halt.abort();
    } finally {
      await lease.release();
    }
    return problem;
  };
  const done = go();
  return {
    wake: bell.ring,
    done,
    async stop() {
      halt.abort();
      await done;
    },
  };
}

type Part = { readonly messages: Landing; readonly shape?: Extract<Message, { is: "shape" }>["shape"]; readonly phase?: string };

/** Messages in parts to land: as soon as a state has come and nothing more for a moment, or when enough has. */
export async function* gather(messages: AsyncIterable<Message>, limits: { readonly rows?: number; readonly bytes?: number; readonly lingerMs?: number; /** A source that does not end after this is left. */ readonly over?: AbortSignal } = {}): AsyncGenerator<Part> {
  const rowsMax = limits.rows ?? ROWS_MAX, bytesMax = limits.bytes ?? BYTES_MAX, lingerMs = limits.lingerMs ?? LINGER_MS;
  const source = messages[Symbol.asyncIterator]();
  let part: Landing[number][] = [];
  let bytes = 0;
  let stateAt: number | undefined;
  const flush = (): Landing => {
    const full = part;
    part = [];
    bytes = 0;
    stateAt = undefined;
    return full;
  };
  let isLeft = false;
  let leave: (() => void) | undefined;
  let patience: NodeJS.Timeout | undefined;
  const onOver = (): void => void (patience = setTimeout(() => (isLeft = true, leave?.()), PATIENCE_MS));
  limits.over?.addEventListener("abort", onOver, { once: true });
  if (limits.over?.aborted === true) onOver();
  const orLeft = (asked: Promise<IteratorResult<Message>>): Promise<IteratorResult<Message>> => new Promise((resolve, reject) => {
    leave = () => resolve({ done: true, value: undefined });
    if (isLeft) leave();
    asked.then(resolve, reject);
  });
  let next = source.next();
  try {
    for (;;) {
      const leftMs = stateAt === undefined ? undefined : lingerMs - (elapsedMs() - stateAt);
      const got = leftMs === undefined ? await orLeft(next) : leftMs <= 0 ? undefined : await within(next, leftMs);
      if (got === undefined) {
        yield { messages: flush() };
        continue;
      }
      if (got.done === true) break;
      next = source.next();
      next.catch(() => {}); // heard when it is awaited
      const message = got.value;
      if (message.is === "shape") yield { messages: flush(), shape: message.shape }; // rows of the old structure first
      else if (message.is === "status") yield { messages: flush(), phase: message.phase };
      else {
        part.push(message);
        if (message.is === "state") stateAt ??= elapsedMs();
        else bytes += message.is === "bad" ? message.bytes.length : sizeOf(message.row) + (message.bytes?.length ?? 0);
        if (part.length >= rowsMax || bytes >= bytesMax) yield { messages: flush() };
      }
    }
    if (part.length > 0) yield { messages: flush() };
  } finally {
    clearTimeout(patience);
    limits.over?.removeEventListener("abort", onOver);
    if (!isLeft) await source.return?.(); // of one that still waits for its next message, return would wait as well
  }
}

async function within<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await Promise.race([promise, new Promise<undefined>((resolve) => void (timer = setTimeout(resolve, ms, undefined)))]);
  } finally {
    clearTimeout(timer);
  }
}

/** About how much a record takes; exact enough to bound memory. */
function sizeOf(row: Row | null): number {
  let size = 0;
  for (const field in row) {
    const value = row[field];
    size += field.length + (typeof value === "string" ? value.length : value !== null && typeof value === "object" ? JSON.stringify(value).length : 8);
  }
  return size;
}

const lastStates = (messages: Landing): Map<string, Json> => new Map(messages.flatMap((message) => (message.is === "state" ? [[message.scope, message.state] as const] : [])));

export const connectorCtx = (ctx: Ctx): ConnectorCtx => ({ now: ctx.now, log: ctx.log });

/** Whatever was thrown, as the kind of failure that it is. */
export function faultOf(error: unknown, flow: Pick<Flow, "flow" | "definition">, ctx: Pick<Ctx, "log">): FlowFault {
  if (error instanceof FlowFault) return error;
  if (error instanceof Refusal) return new FlowFault([429, 502, 503, 504].includes(statusOf(error.code)) ? "network" : statusOf(error.code) === 401 ? "auth" : statusOf(error.code) === 403 ? "permission" : "config", { code: error.code, facts: error.facts, where: error.where }, { cause: error });
  if (isConnectionFault(error)) return new FlowFault("network", { code: "flow.unreachable", facts: { connector: flow.definition.connector, detail: (error as Error).message.slice(0, 200) } }, { cause: error });
  const fault = randomBytes(4).toString("hex");
  ctx.log.error("a fault in a flow", { fault, flow: flow.flow, error });
  return new FlowFault("config", { code: "flow.fault", facts: { fault, detail: (error instanceof Error ? error.message : String(error)).slice(0, 200) } }, { cause: error });
}

/** Doubles with each failure up to five minutes, and a random part so that flows do not return all at once; or what the other side asked for. */
export function backOff(failures: number, askedMs: number | undefined): number {
  const fullMs = Math.min(BACK_OFF_MAX_MS, BACK_OFF_MS * 2 ** Math.min(failures - 1, 20));
  return Math.max(askedMs ?? 0, Math.floor(fullMs * (0.5 + Math.random() / 2)));
}

function noteChanges(ctx: Ctx, flow: Flow, stream: string, changes: readonly Change[]): void {
  ctx.log.warn("the structure of a source changed", { flow: flow.flow, stream, changes });
}

const later = (ctx: Ctx, ms: number): string => {
  const at = ctx.now();
  at.setTime(at.getTime() + ms);
  return at.toISOString();
};
const msUntil = (ctx: Ctx, moment: string | null | undefined): number => (moment == null ? 0 : momentOf(moment).getTime() - ctx.now().getTime());
const isAhead = (ctx: Ctx, moment: string | null | undefined): boolean => msUntil(ctx, moment) > 0;
