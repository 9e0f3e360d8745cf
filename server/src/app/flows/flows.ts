/**
 * All flows of this process. It takes the lease of every flow that should run and that nobody else runs, gives it up when somebody
 * pauses or changes the flow, and takes over what another process has left.
 */
import { listBooks } from "../../books/index.ts";
import { findWayIn, type Flow, flows as store, takeLease, type WaysIn, waysIn } from "../../connectors/index.ts";
import type { Targets } from "../../delivery/index.ts";
import type { Ctx, Store } from "../../platform/index.ts";
import { faultOf, type Running, runFlow } from "./run.ts";
import { runFlowOut } from "./run-out.ts";

/** The flows that a process has open on a store: whoever lands or releases something wakes them. */
const opened = new WeakMap<Store, { readonly flows: Flows; readonly ways: WaysIn }>();
export const wakeFlow = (db: Store, bookId: number, flow: string): void => opened.get(db)?.flows.wake(bookId, flow);
export const waysOf = (db: Store): WaysIn => opened.get(db)?.ways ?? waysIn;

export type Flows = { readonly wake: (bookId: number, flow: string) => void; readonly close: () => Promise<void> };
export type FlowsOptions = { readonly ways?: WaysIn; readonly targets?: Targets; readonly leaseMs?: number; readonly lookMs?: number };

const LOOK_MS = 1_000;

type Held = { readonly flow: Flow; readonly running: Running };

export function openFlows(ctx: Ctx, options: FlowsOptions = {}): Flows {
  const held = new Map<string, Held>();
  const own: Ctx = { ...ctx, actor: { id: "flow" } };
  let isClosing = false;
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> = Promise.resolve();

  const look = async (): Promise<void> => {
    const [books, all, statuses] = await Promise.all([listBooks(ctx.db), store.listFlows(ctx.db), store.readStatuses(ctx.db)]);
    const codes = new Map(books.map(({ bookId, code }) => [bookId, code]));
    const stopped = new Set(statuses.filter(({ stoppedAt }) => stoppedAt !== null).map(placeOf));
    const wanted = new Map(all.filter((flow) => flow.wanted === "running" && !stopped.has(placeOf(flow))).map((flow) => [placeOf(flow), flow]));
    for (const [place, { flow, running }] of held) {
      if (wanted.get(place)?.version === flow.version) continue;
      await running.stop();
      held.delete(place);
    }
    for (const [place, flow] of wanted) {
      const bookCode = codes.get(flow.bookId);
      if (isClosing || held.has(place) || bookCode === undefined) continue;
      const running = await start(flow, bookCode);
      if (!running) continue;
      held.set(place, { flow, running });
      void running.done.finally(() => void (held.get(place)?.running === running && held.delete(place)));
    }
  };

  const start = async (flow: Flow, bookCode: string): Promise<Running | undefined> => {
    if (flow.direction === "out") return runFlowOut(own, flow, bookCode, options.targets);
    const lease = await takeLease(ctx.db, flow.bookId, flow.flow, options.leaseMs);
    if (!lease) return undefined;
    try {
      return runFlow({ ctx: own, flow, bookCode, way: await findWayIn(options.ways ?? waysIn, flow.definition.connector), lease, onPosted: () => wakeOut(flow.bookId) });
    } catch (error) {
      await store.stopWith(ctx.db, flow.bookId, flow.flow, faultOf(error, flow, ctx).problem, ctx.now().toISOString());
      await lease.release();
      return undefined;
    }
  };

  const wakeOut = (bookId: number): void => {
    for (const { flow, running } of held.values()) if (flow.bookId === bookId && flow.direction === "out") running.wake();
  };

  const goOn = (): void => {
    if (isClosing) return;
    looking = look().catch((error: unknown) => ctx.log.warn("flows could not be looked at", { error }));
    void looking.finally(() => void (!isClosing && (timer = setTimeout(goOn, options.lookMs ?? LOOK_MS))));
  };
  goOn();

  const flows: Flows = {
    wake: (bookId, flow) => held.get(placeOf({ bookId, flow }))?.running.wake(),
    async close() {
      isClosing = true;
      clearTimeout(timer);
      await looking;
      opened.delete(ctx.db);
      await Promise.all([...held.values()].map(({ running }) => running.stop()));
    },
  };
  opened.set(ctx.db, { flows, ways: options.ways ?? waysIn });
  return flows;
}

const placeOf = ({ bookId, flow }: { readonly bookId: number; readonly flow: string }): string => `${bookId}/${flow}`;
