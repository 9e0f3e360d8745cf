/** A flow that delivers, opened: its book, its target, its code map. What is wrong with the definition is found here, before anything is sent. */
import type { TSchema } from "typebox";
import { Value } from "typebox/value";
import { type Book, loadBook } from "../books/index.ts";
import type { CheckFailure } from "../connectors/index.ts";
import { type Ctx, type Problem, refuse } from "../platform/index.ts";
import { checkTables, compileCodes, type Render } from "./code-map.ts";
import { type DeliveryFlow, DeliveryFlowSchema } from "./contract.ts";
import { groundOf } from "./outbox.ts";
import type { Target } from "./target.ts";

export type Targets = ReadonlyMap<string, Target<never>>;

/** One way to one target. A write-back is a lane beside the flow's own, with its own target. */
export type Lane = {
  readonly ctx: Ctx;
  readonly book: Book;
  /** The flow's name; of its write-back, with "/writeback" behind it. */
  readonly name: string;
  readonly flow: DeliveryFlow;
  readonly target: Target<unknown>;
  readonly config: unknown;
  /** Only where vouchers are delivered. */
  readonly render: Render | undefined;
  readonly batch: number;
  readonly timeoutMs: number;
  readonly settleMs: number;
};

const batchDefault = 100;
const timeoutDefaultMs = 30_000;
/** How long a target may take to make what it accepted visible, or to finish a call that nobody waits for any more. */
const settleDefaultMs = 5_000;

/** Refuses: book.unknown, delivery.flow_invalid, delivery.target_unknown, delivery.red_impossible. */
export async function openLane(ctx: Ctx, flow: DeliveryFlow, targets: Targets): Promise<Lane> {
  refuseFirst(checkDefinition(flow, targets));
  const book = await loadBook(ctx.db, flow.book);
  const target = targets.get(flow.to.connector) as unknown as Target<unknown>;
  const ground = await groundOf(ctx, book);
  const render = compileCodes(flow, { book: book.code, currency: book.currency, red: flow.red ?? target.red, summaryMax: target.summaryMax, ...ground });
  return { ctx, book, name: flow.flow, flow, target, config: configOf(flow.to), render, batch: flow.batch ?? batchDefault, timeoutMs: flow.timeoutMs ?? timeoutDefaultMs, settleMs: flow.settleMs ?? settleDefaultMs };
}

/** The lane of a flow's write-backs, if it has them. */
export function writeBackLane(lane: Lane, targets: Targets): Lane | undefined {
  const to = lane.flow.writeBack?.to;
  if (to === undefined) return undefined;
  const target = targets.get(to.connector) as unknown as Target<unknown>;
  return { ...lane, name: writeBackName(lane.name), target, config: configOf(to), render: undefined };
}
export const writeBackName = (flow: string): string => `${flow}/writeback`;

/** Everything that is wrong with a definition by itself. */
export function checkDefinition(flow: DeliveryFlow, targets: Targets): Problem[] {
  const problems = schemaProblems(DeliveryFlowSchema, flow, "");
  if (problems.length > 0) return problems;
  problems.push(...checkTables(flow));
  for (const [where, to] of [["to", flow.to], ["writeBack.to", flow.writeBack?.to]] as const) {
    if (to === undefined) continue;
    const target = targets.get(to.connector);
    if (target === undefined) problems.push({ code: "delivery.target_unknown", facts: { connector: to.connector, known: [...targets.keys()].sort().join(", ") }, where: `${where}.connector` });
    else problems.push(...schemaProblems(target.config, configOf(to), where));
  }
  const target = targets.get(flow.to.connector);
  if (target?.red === "swappedSides" && flow.red === "negative") problems.push({ code: "delivery.red_impossible", facts: { connector: flow.to.connector }, where: "red" });
  return problems;
}

/** The definition, and whether the target can be reached and may be written with it. */
export async function checkTarget(ctx: Pick<Ctx, "now" | "log">, flow: DeliveryFlow, targets: Targets): Promise<CheckFailure[]> {
  const problems = checkDefinition(flow, targets);
  if (problems.length > 0) return problems.map((problem) => ({ failure: "config", problem }));
  const failures: CheckFailure[] = [];
  for (const to of [flow.to, flow.writeBack?.to]) {
    if (to !== undefined) failures.push(...(await (targets.get(to.connector) as unknown as Target<unknown>).check(configOf(to), { now: ctx.now, log: ctx.log })));
  }
  return failures;
}

const configOf = ({ connector: _, ...config }: DeliveryFlow["to"]): unknown => config;

const schemaProblems = (schema: TSchema, value: unknown, under: string): Problem[] =>
  [...Value.Errors(schema, value)].slice(0, 20).map((error) => ({ code: "delivery.flow_invalid", facts: { detail: error.message }, where: `${under}${error.instancePath}` || "/" }));

function refuseFirst(problems: readonly Problem[]): void {
  const [first] = problems;
  if (first !== undefined) refuse(first.code, first.facts, first.where);
}
