/**
 * 一次结账: every step that the program can do, in order, then the gates, then the close. A step that is done is not done again, and what one step posted
 * stays when a later one stops: the next run goes on from there, so that nothing has to be taken back.
 */
import type { Book } from "../../books/index.ts";
import { type Ctx, refuse, Refusal, type RenderedProblem, renderProblem } from "../../platform/index.ts";
import { closePeriod, type DocumentResult } from "../../vouchers/index.ts";
import { runAmortisation } from "./amortisation.ts";
import * as store from "./close.store.ts";
import { type Gate, proveForClose, readCloseGates } from "./gates.ts";

export type CloseStep = { readonly step: string; readonly outcome: "done" | "skipped" | "stopped"; readonly vouchers: readonly string[]; readonly problems: readonly RenderedProblem[]; readonly at: string };
export type CloseRan = { readonly run: string; readonly outcome: "closed" | "stopped"; readonly steps: readonly CloseStep[]; readonly open: readonly Gate[] };
/** A month-end task by its name, as `run TASK` does it. */
export type RunTask = (ctx: Ctx, book: Book, task: string, period: string) => Promise<DocumentResult>;

/** In the order in which each reads what the ones before have posted. */
const order = ["amortisation", "estimates", "cost", "fx", "vat", "surtax", "profit-and-loss", "verify"];

/** `accepted` names gates that are not hard and may stay open, with the reason why. Refuses: close.running, close.accept_hard, reopen.reason, and what closing refuses. */
export async function runClose(ctx: Ctx, book: Book, period: string, options: { readonly runTask: RunTask; readonly accepted?: readonly string[]; readonly reason?: string }): Promise<CloseRan> {
  const { accepted = [], reason = "" } = options;
  const before = await readCloseGates(ctx, book, period);
  const hard = before.find(({ gate, isHard }) => isHard && accepted.includes(gate));
  if (hard) refuse("close.accept_hard", { gate: hard.gate });
  if (accepted.length > 0 && reason.trim() === "") refuse("close.reason");
  const alone = await ctx.db.connect();
  try {
    if (!(await store.tryCloseLock(alone, book.bookId))) refuse("close.running", { book: book.code });
    const run = await store.startRun(ctx.db, book.bookId, period, ctx.now().toISOString(), ctx.actor.id);
    const steps: CloseStep[] = [];
    const note = async (step: Omit<CloseStep, "at">): Promise<void> => {
      steps.push({ ...step, at: ctx.now().toISOString() });
      await store.saveSteps(ctx.db, book.bookId, run, JSON.stringify(steps));
    };
    const stop = async (open: readonly Gate[]): Promise<CloseRan> => {
      await store.endRun(ctx.db, book.bookId, run, "stopped", ctx.now().toISOString());
      return { run, outcome: "stopped", steps, open };
    };
    // Read again after each step that did something; what others post meanwhile is found by the gates at the end, and by closing itself.
    let gates: readonly Gate[] = before;
    for (const step of order) {
      const gate = gates.find((one) => one.run === step);
      if (gate === undefined || gate.state === "done" || gate.state === "notNeeded" || accepted.includes(gate.gate)) {
        await note({ step, outcome: "skipped", vouchers: [], problems: [] });
        continue;
      }
      try {
        const done = await doStep(ctx, book, period, step, options.runTask);
        await note({ step, outcome: done.problems.length > 0 ? "stopped" : "done", ...done });
        if (done.problems.length > 0) return await stop(await openGates(ctx, book, period, accepted));
        gates = await readCloseGates(ctx, book, period, "steps");
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        await note({ step, outcome: "stopped", vouchers: [], problems: [renderProblem(error)] });
        return await stop(await openGates(ctx, book, period, accepted));
      }
    }
    const open = await openGates(ctx, book, period, accepted);
    if (open.length > 0) return await stop(open);
    try {
      await closePeriod(ctx, book.code, period);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      await note({ step: "close", outcome: "stopped", vouchers: [], problems: [renderProblem(error)] });
      return await stop([]);
    }
    await note({ step: accepted.length === 0 ? "close" : `close (${accepted.join(", ")}: ${reason.trim()})`, outcome: "done", vouchers: [], problems: [] });
    await store.endRun(ctx.db, book.bookId, run, "closed", ctx.now().toISOString());
    return { run, outcome: "closed", steps, open: [] };
  } finally {
    await store.dropCloseLock(alone, book.bookId).catch(() => {});
    alone.release();
  }
}

const openGates = async (ctx: Ctx, book: Book, period: string, accepted: readonly string[]): Promise<Gate[]> => (await readCloseGates(ctx, book, period)).filter(({ gate, state }) => state !== "done" && state !== "notNeeded" && !accepted.includes(gate));

/** One step of closing, as the board offers it beside its gate. */
export async function doStep(ctx: Ctx, book: Book, period: string, step: string, runTask: RunTask): Promise<{ readonly vouchers: readonly string[]; readonly problems: readonly RenderedProblem[] }> {
  if (step === "verify") {
    const { findings } = await proveForClose(ctx, book);
    return { vouchers: [], problems: findings.slice(0, 20).map((finding) => renderProblem(finding)) };
  }
  const results = step === "amortisation" ? await runAmortisation(ctx, book, period) : [await runTask(ctx, book, step, period)];
  // A voucher that waits for its review is no problem of the step: the gate of reviews has it.
  const bad = results.filter(({ state }) => state === "parked" || state === "refused");
  return { vouchers: results.flatMap(({ vouchers }) => vouchers), problems: bad.flatMap(({ reasons }) => reasons) };
}

export type CloseRunShown = Omit<Awaited<ReturnType<typeof store.findRuns>>[number], "steps"> & { readonly steps: readonly CloseStep[] };
export const listCloseRuns = async (ctx: Ctx, book: Book, period: string): Promise<CloseRunShown[]> => (await store.findRuns(ctx.db, book.bookId, period)).map((row) => ({ ...row, steps: row.steps as CloseStep[] }));
