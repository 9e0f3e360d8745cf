/**
 * 后台重放: replays that a screen waits for. One runs at a time in a process, the others wait; what is asked again while nothing was posted is answered
 * from the one before. A job lives as long as the process: it is a question, not a fact of the books.
 */
import { createHash } from "node:crypto";
import type { Book } from "../books/index.ts";
import { type Ctx, refuse, Refusal, type RenderedProblem, renderProblem, type Store } from "../platform/index.ts";
import { loadRuleVersion } from "../rules/index.ts";
import { compiled, type Replay, type ReplayChange, replayRules } from "./replay.ts";
import { findHead } from "./replay.store.ts";

export type ReplayJob = {
  readonly replay: string; readonly state: "waiting" | "running" | "done" | "failed" | "cancelled"; readonly version: number | null; readonly hash: string; readonly from: string | null; readonly to: string | null; readonly evaluated: number; readonly total: number;
  readonly startedAt: string; readonly finishedAt: string | null; readonly problem: RenderedProblem | null; readonly result: Replay | null; /** Changed documents that the list holds; more were only counted. */ readonly listed: number;
};
type Kept = { -readonly [K in keyof ReplayJob]: ReplayJob[K] } & { readonly bookId: number; readonly sight: string; readonly changes: ReplayChange[]; isCancelled: boolean };

const kept = new WeakMap<Store, Map<string, Kept>>();
const queues = new WeakMap<Store, Promise<void>>();
const jobsMax = 40, changesMax = 50_000;

export type ReplayWanted = {
  readonly version?: number | undefined; readonly text?: string | undefined; readonly from?: string | undefined; readonly to?: string | undefined;
  /** What the asker may see of amounts, and its name: two who see different things do not share an answer. */
  readonly sees: (document: string) => boolean; readonly sight: string;
};

/** Begins a replay, or answers the one that is the same. Refuses: rule.version_unknown, rule.malformed. */
export async function startReplay(ctx: Ctx, store: Store, book: Book, wanted: ReplayWanted): Promise<ReplayJob> {
  const text = wanted.text ?? (await loadRuleVersion(ctx.db, book, wanted.version ?? 0)).body;
  compiled(text, 0);
  const { blockNo } = await findHead(ctx.db, book.bookId);
  const hash = createHash("sha256").update(text).digest("hex");
  const replay = createHash("sha256").update(JSON.stringify([book.bookId, hash, wanted.version ?? 0, wanted.from ?? "", wanted.to ?? "", wanted.sight, String(blockNo)])).digest("hex").slice(0, 24);
  const jobs = jobsOf(store);
  const same = jobs.get(replay);
  if (same && same.state !== "failed" && same.state !== "cancelled") return shown(same);
  const job: Kept = {
    replay, state: "waiting", version: wanted.version ?? null, hash, from: wanted.from ?? null, to: wanted.to ?? null, evaluated: 0, total: 0, startedAt: ctx.now().toISOString(), finishedAt: null, problem: null, result: null, listed: 0, bookId: book.bookId, sight: wanted.sight, changes: [], isCancelled: false,
  };
  jobs.set(replay, job);
  for (const [key, old] of jobs) if (jobs.size > jobsMax && old.state !== "running" && old.state !== "waiting") jobs.delete(key);
  const run = async (): Promise<void> => {
    if (job.isCancelled) return;
    job.state = "running";
    try {
      job.result = await replayRules(ctx, book, {
        ...(wanted.version === undefined ? { text } : { version: wanted.version }), from: wanted.from, to: wanted.to, sees: wanted.sees, isCancelled: () => job.isCancelled,
        onProgress: (evaluated, total) => void Object.assign(job, { evaluated, total }),
        onChange: (change) => { if (job.changes.length < changesMax) job.listed = job.changes.push(change); },
      });
      job.evaluated = job.total = job.result.evaluated;
      job.state = job.isCancelled ? "cancelled" : "done";
    } catch (error) {
      job.state = "failed";
      job.problem = renderProblem(error instanceof Refusal ? error : { code: "rule.replay_failed", facts: {} });
      if (!(error instanceof Refusal)) ctx.log.error("a replay failed", { error });
    }
    job.finishedAt = ctx.now().toISOString();
  };
  queues.set(store, (queues.get(store) ?? Promise.resolve()).then(run));
  return shown(job);
}

/** How far a replay is, or what it found. Refuses: rule.replay_unknown. */
export const showReplay = (store: Store, book: Book, replay: string, sight: string): ReplayJob => shown(find(store, book, replay, sight));

/** Refuses: rule.replay_unknown. */
export function cancelReplay(store: Store, book: Book, replay: string, sight: string): ReplayJob {
  const job = find(store, book, replay, sight);
  job.isCancelled = true;
  if (job.state === "waiting") job.state = "cancelled";
  return shown(job);
}

export type ReplayChangeListed = ReplayChange & { readonly cursor: string };

/** Changed documents in the order in which they were found. Refuses: rule.replay_unknown. */
export function listReplayChanges(store: Store, book: Book, replay: string, sight: string, filter: { readonly account?: string | undefined; readonly period?: string | undefined; readonly problems?: boolean | undefined; readonly after?: string | undefined; readonly limit?: number | undefined }): ReplayChangeListed[] {
  const { changes } = find(store, book, replay, sight);
  const found: ReplayChangeListed[] = [];
  for (let at = Number(filter.after ?? -1) + 1; at < changes.length && found.length < (filter.limit ?? 100); at++) {
    const change = changes[at] as ReplayChange;
    if (filter.account !== undefined && !change.accounts.includes(filter.account)) continue;
    if (filter.period !== undefined && change.period !== filter.period) continue;
    if (filter.problems === true && change.problem === "") continue;
    found.push({ ...change, cursor: String(at) });
  }
  return found;
}

function find(store: Store, book: Book, replay: string, sight: string): Kept {
  const job = kept.get(store)?.get(replay);
  return job && job.bookId === book.bookId && job.sight === sight ? job : refuse("rule.replay_unknown", { replay });
}
function jobsOf(store: Store): Map<string, Kept> {
  let jobs = kept.get(store);
  if (!jobs) kept.set(store, (jobs = new Map()));
  return jobs;
}
const shown = ({ bookId: _book, sight: _sight, changes: _changes, isCancelled: _cancelled, ...job }: Kept): ReplayJob => job;
