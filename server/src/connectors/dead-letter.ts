/**
 * What could not be processed waits for a person: tried again, corrected (the record as received stays what it is), or ignored
 * with a reason. Letters with the same fault in the same place share a fingerprint and can be decided together.
 */
import { createHash } from "node:crypto";
import { type Ctx, type Facts, type Problem, refuse, type RenderedProblem, renderProblem } from "../platform/index.ts";
import type { Json } from "./connector.ts";
import * as store from "./inbox.store.ts";
import type { DeadLetter, NewDeadLetter, PatchStep, Stage } from "./inbox.store.ts";

export function deadLetter(stage: Stage, problems: readonly (Problem | RenderedProblem)[], flow: string): Pick<NewDeadLetter, "stage" | "problems" | "fingerprint"> {
  const [first] = problems;
  // The number of a line or an element is not part of what is wrong; a place that is no path names one record.
  const place = first?.where?.startsWith("/") === true ? first.where.replace(/\/\d+(?=\/|$)/g, "/#") : "";
  const facts: Facts = first && "facts" in first ? first.facts : {};
  const fingerprint = createHash("sha256").update([flow, stage, first?.code, place, facts.field, facts.rule].join("\n")).digest("hex").slice(0, 12);
  return { stage, problems: problems.map((problem) => ("facts" in problem ? renderProblem(problem) : problem)), fingerprint };
}

export type LetterChoice = { readonly flow: string; readonly seqs?: readonly bigint[] | undefined; readonly fingerprint?: string | undefined };
type Deciding = Pick<Ctx, "db" | "actor" | "now">;

/** Refuses: dead_letter.unknown, dead_letter.settled, dead_letter.undecoded. */
export async function retryDeadLetters(ctx: Deciding, bookId: number, choice: LetterChoice): Promise<number> {
  const letters = await chosen(ctx, bookId, choice);
  const undecoded = letters.find(({ stage, patch }) => stage === "decode" && patch === null);
  if (undecoded) refuse("dead_letter.undecoded", { id: nameOf(undecoded) });
  return decide(ctx, bookId, choice.flow, letters, { status: "retried", reason: null, patch: null });
}

/** `patch` is RFC 6902: add, replace, remove, test. Refuses: dead_letter.unknown, dead_letter.settled, dead_letter.patch. */
export async function fixDeadLetters(ctx: Deciding, bookId: number, choice: LetterChoice, patch: readonly PatchStep[], reason: string | null): Promise<number> {
  const letters = await chosen(ctx, bookId, choice);
  for (const letter of letters) {
    const row = await store.readRow(ctx.db, bookId, letter.flow, letter.seq);
    applyPatch(row?.body == null ? null : (JSON.parse(row.body) as Json), patch, nameOf(letter));
  }
  return decide(ctx, bookId, choice.flow, letters, { status: "fixed", reason, patch });
}

/** Refuses: dead_letter.unknown, dead_letter.settled, dead_letter.no_reason. */
export async function ignoreDeadLetters(ctx: Deciding, bookId: number, choice: LetterChoice, reason: string): Promise<number> {
  if (reason.trim() === "") refuse("dead_letter.no_reason");
  return decide(ctx, bookId, choice.flow, await chosen(ctx, bookId, choice), { status: "ignored", reason, patch: null });
}

async function chosen(ctx: Deciding, bookId: number, choice: LetterChoice): Promise<readonly DeadLetter[]> {
  if (choice.seqs === undefined && choice.fingerprint === undefined) refuse("dead_letter.unknown", { id: "–", flow: choice.flow });
  const letters = await store.findDeadLetters(ctx.db, bookId, { flow: choice.flow, seqs: choice.seqs, fingerprint: choice.fingerprint, status: choice.seqs === undefined ? "open" : undefined, limit: 100_000 });
  const absent = choice.seqs?.find((seq) => !letters.some((letter) => letter.seq === seq));
  if (absent !== undefined || letters.length === 0) refuse("dead_letter.unknown", { id: String(absent ?? choice.fingerprint), flow: choice.flow });
  const settled = letters.find(({ status }) => status !== "open");
  if (settled) refuse("dead_letter.settled", { id: nameOf(settled), status: settled.status });
  return letters;
}

async function decide(ctx: Deciding, bookId: number, flow: string, letters: readonly DeadLetter[], decision: { readonly status: "retried" | "fixed" | "ignored"; readonly reason: string | null; readonly patch: readonly PatchStep[] | null }): Promise<number> {
  await ctx.db.transaction(async (db) => {
    await store.lockLandings(db, bookId, flow);
    await store.decideLetters(db, bookId, flow, letters.map(({ seq }) => seq), { ...decision, actor: ctx.actor.id, at: ctx.now().toISOString() });
  });
  return letters.length;
}

const nameOf = ({ flow, seq }: Pick<DeadLetter, "flow" | "seq">): string => `${flow}/${seq}`;

/** The corrected record; the one given is not changed. Refuses: dead_letter.patch. */
export function applyPatch(record: Json, patch: readonly PatchStep[], id: string): Json {
  const refusePatch = (step: PatchStep, detail: string): never => refuse("dead_letter.patch", { id, detail: `${step.op} ${step.path}: ${detail}` });
  let whole = structuredClone(record) as Mutable;
  for (const step of patch) {
    if (!["add", "replace", "remove", "test"].includes(step.op) || typeof step.path !== "string" || (step.path !== "" && !step.path.startsWith("/"))) refusePatch(step, "add, replace, remove, test");
    if (step.op !== "remove" && step.value === undefined) refusePatch(step, "value");
    const names = step.path === "" ? [] : step.path.slice(1).split("/").map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~"));
    const last = names.pop();
    if (last === undefined) {
      if (step.op === "test" && JSON.stringify(whole) !== JSON.stringify(step.value)) refusePatch(step, "differs");
      if (step.op === "remove") refusePatch(step, "path");
      if (step.op !== "test") whole = structuredClone(step.value) as Mutable;
      continue;
    }
    let inner: Mutable = whole;
    for (const name of names) inner = (isContainer(inner) && Object.hasOwn(inner, name) ? (inner as Record<string, Mutable>)[name] : refusePatch(step, "path")) as Mutable;
    if (!isContainer(inner)) refusePatch(step, "path");
    const holder = inner as Record<string, Mutable> | Mutable[];
    const isThere = Object.hasOwn(holder, last);
    if (step.op !== "add" && !isThere) refusePatch(step, "path");
    if (last === "__proto__") refusePatch(step, "path");
    const value = structuredClone(step.value) as Mutable;
    if (step.op === "test") {
      if (JSON.stringify((holder as Record<string, Mutable>)[last]) !== JSON.stringify(value)) refusePatch(step, "differs");
    } else if (Array.isArray(holder)) {
      const index = last === "-" ? holder.length : Number(last);
      if (!Number.isInteger(index) || index < 0 || index > holder.length) refusePatch(step, "path");
      holder.splice(index, step.op === "add" ? 0 : 1, ...(step.op === "remove" ? [] : [value]));
    } else if (step.op === "remove") delete holder[last];
    else holder[last] = value;
  }
  return whole as Json;
}
type Mutable = string | number | boolean | null | Mutable[] | { [name: string]: Mutable };
const isContainer = (value: Mutable): value is Mutable[] | { [name: string]: Mutable } => value !== null && typeof value === "object";
