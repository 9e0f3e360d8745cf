/** What a person does to a flow: look at it, check it, stop it, let it go on, run it now, accept what changed in its source. */
import type { Book } from "../../books/index.ts";
import { acceptDrift, type CheckFailure, checkConfig, findWayIn, type Flow, type FlowDefinition, flows as store, isReceiver, type Json, putSecrets, type StreamShape, takeLease, type WaysIn } from "../../connectors/index.ts";
import { checkTarget, type Delivered, type DeliveryFlow, deliverOnce, targets } from "../../delivery/index.ts";
import { type Ctx, refuse, renderProblem, type RenderedProblem } from "../../platform/index.ts";
import { findFlow, findInFlow } from "./find.ts";
import { wakeFlow, waysOf } from "./flows.ts";
import { problemsOfMapping } from "./mapper.ts";
import { connectorCtx, faultOf, runFlow } from "./run.ts";
import { type FlowView, viewFlows } from "./view.ts";

export type FlowShown = FlowView & {
  readonly yaml: string;
  readonly mapping: string;
  readonly versions: readonly { readonly version: number; readonly mapping: string; readonly appliedBy: string; readonly appliedAt: string }[];
  readonly streams: readonly { readonly stream: string; readonly fields: number; readonly key: string; readonly acceptedAt: string; readonly pending: boolean; readonly changes: unknown }[];
};

/** Refuses: flow.unknown. */
export async function showFlow(ctx: Ctx, book: Book, name: string): Promise<FlowShown> {
  const flow = await findFlow(ctx, book, name);
  const [view] = (await viewFlows(ctx, book)).filter((one) => one.flow === name);
  const versions = await store.listVersions(ctx.db, book.bookId, name);
  const shapes = await store.readShapes(ctx.db, book.bookId, name);
  return {
    ...(view as FlowView), yaml: versions.at(-1)?.yaml ?? "", mapping: flow.mappingName,
    versions: versions.map(({ version, mappingName, appliedBy, appliedAt }) => ({ version, mapping: mappingName, appliedBy, appliedAt })),
    streams: shapes.map(({ stream, shape, acceptedAt, pending, changes }) => ({ stream, fields: shape.fields.length, key: shape.key.join("|"), acceptedAt, pending: pending !== null, changes })),
  };
}

export type FlowChecked = { readonly flow: string; readonly isFine: boolean; readonly failures: readonly { readonly failure: CheckFailure["failure"]; readonly problem: RenderedProblem }[] };

/** Says exactly what is wrong: config, auth, network or permission. Refuses: flow.connector, secret.*. */
export async function checkFlow(ctx: Ctx, book: Book, definition: FlowDefinition, mapping: Flow["mapping"], ways: WaysIn = waysOf(ctx.db)): Promise<FlowChecked> {
  const failures = await failuresOf(ctx, book, definition, mapping, ways);
  return { flow: definition.flow, isFine: failures.length === 0, failures: failures.map(({ failure, problem }) => ({ failure, problem: renderProblem(problem) })) };
}

async function failuresOf(ctx: Ctx, book: Book, definition: FlowDefinition, mapping: Flow["mapping"], ways: WaysIn): Promise<readonly CheckFailure[]> {
  try {
    if (definition.direction === "out") return await checkTarget(ctx, (await putSecrets(ctx, book.bookId, definition.out as Json)) as unknown as DeliveryFlow, targets);
    const way = await findWayIn(ways, definition.connector);
    const wrong = [...checkConfig(definition, way), ...(mapping === null ? [] : problemsOfMapping(definition.mapping, mapping))];
    if (wrong.length > 0) return wrong.map((problem) => ({ failure: "config", problem }));
    return await way.check((await putSecrets(ctx, book.bookId, definition.config)) as never, connectorCtx(ctx));
  } catch (error) {
    const { failure, problem } = faultOf(error, { flow: definition.flow, definition }, ctx);
    return [{ failure, problem }];
  }
}

/** The streams that the source offers. Refuses: flow.unknown, flow.not_in, flow.no_discover. */
export async function discoverFlow(ctx: Ctx, book: Book, name: string): Promise<readonly StreamShape[]> {
  const flow = await findInFlow(ctx, book, name);
  const way = await findWayIn(waysOf(ctx.db), flow.definition.connector);
  if (isReceiver(way)) return refuse("flow.no_discover", { flow: name });
  try {
    return await way.discover((await putSecrets(ctx, book.bookId, flow.definition.config)) as never, connectorCtx(ctx));
  } catch (error) {
    const { problem } = faultOf(error, flow, ctx);
    return refuse(problem.code, problem.facts, problem.where);
  }
}

/** Refuses: flow.unknown. */
export async function pauseFlow(ctx: Ctx, book: Book, name: string): Promise<void> {
  await findFlow(ctx, book, name);
  await store.setWanted(ctx.db, book.bookId, name, "paused", ctx.actor.id, ctx.now().toISOString());
}

/** Also after what stopped it has been put right. Refuses: flow.unknown. */
export async function resumeFlow(ctx: Ctx, book: Book, name: string): Promise<void> {
  await findFlow(ctx, book, name);
  await store.clearProblem(ctx.db, book.bookId, name);
  await store.setWanted(ctx.db, book.bookId, name, "running", ctx.actor.id, ctx.now().toISOString());
}

/** Refuses: flow.unknown, flow.not_in, drift.nothing. */
export async function acceptStream(ctx: Ctx, book: Book, name: string, stream: string): Promise<void> {
  await findInFlow(ctx, book, name);
  if (!(await acceptDrift(ctx, book.bookId, name, stream))) refuse("drift.nothing", { stream });
  wakeFlow(ctx.db, book.bookId, name);
}

export type RanOnce = { readonly flow: string; /** Another process has the flow and was asked to run it now. */ readonly isAsked: boolean; readonly problem: RenderedProblem | null; readonly view: FlowView; readonly delivered?: Delivered };

/** A batch source is read once and what it brought is processed; a live one until `stop`; a flow out makes one pass. Refuses: flow.unknown. */
export async function runOnce(ctx: Ctx, book: Book, name: string, stop?: AbortSignal): Promise<RanOnce> {
  const flow = await findFlow(ctx, book, name);
  const view = async (): Promise<FlowView> => (await viewFlows(ctx, book)).find((one) => one.flow === name) as FlowView;
  if (flow.direction === "out") {
    const delivered = await deliverOnce(ctx, (await putSecrets(ctx, book.bookId, flow.definition.out as Json)) as unknown as DeliveryFlow, { targets });
    return { flow: name, isAsked: delivered.isElsewhere, problem: delivered.fault ? renderProblem(delivered.fault.problem) : null, view: await view(), delivered };
  }
  const lease = await takeLease(ctx.db, book.bookId, name);
  if (!lease) {
    await askRun(ctx, book, name);
    return { flow: name, isAsked: true, problem: null, view: await view() };
  }
  const way = await findWayIn(waysOf(ctx.db), flow.definition.connector);
  const running = runFlow({ ctx, flow, bookCode: book.code, way, lease, once: isReceiver(way) || way.mode === "batch" });
  const end = (): void => void running.stop();
  stop?.addEventListener("abort", end);
  const problem = await running.done;
  stop?.removeEventListener("abort", end);
  return { flow: name, isAsked: false, problem: problem ? renderProblem(problem) : null, view: await view() };
}

/** The process that runs the flow sees it within a second. Refuses: flow.unknown. */
export async function askRun(ctx: Ctx, book: Book, name: string): Promise<void> {
  await findFlow(ctx, book, name);
  await store.askRun(ctx.db, book.bookId, name, ctx.now().toISOString());
  wakeFlow(ctx.db, book.bookId, name);
}
