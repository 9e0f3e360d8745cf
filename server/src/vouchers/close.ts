/** 结账与反结账. Closing first makes the runs that the book's settings need, then checks its gates, then closes in one transaction. */
import { firstDay, lastDay } from "../values/index.ts";
import { type Ctx, refuse } from "../platform/index.ts";
import { loadBook } from "../books/index.ts";
import { forgetWriter, postDocuments, writerOf } from "./post.ts";
import * as store from "./store.ts";

/**
 * Closes a period (12号 24: only after all of it is posted). Makes month-end estimates (`estimateMode: monthEnd`) and the cost
 * run (`costing: monthEndAverage`) of the period where they have not been made. Refuses: book.unknown, close.order, close.not_ready.
 */
export async function closePeriod(ctx: Ctx, bookCode: string, period: string): Promise<{ period: string; state: "closed" }> {
  const book = await loadBook(ctx.db, bookCode);
  const { bookId, settings } = book;
  const earlier = await store.earlierOpen(ctx.db, bookId, book.firstPeriod, period);
  if (earlier[0]) refuse("close.order", { period, before: earlier[0].period });
  if (settings.costing === "monthEndAverage") await runOnce(ctx, bookCode, bookId, period, "costRun", {});
  if (settings.estimateMode === "monthEnd") await runOnce(ctx, bookCode, bookId, period, "periodClose", { task: "estimates" });
  const writer = await writerOf(ctx, bookCode);
  await writer.exclusively(() => ctx.db.transaction(async (db) => {
    const row = await store.lockPeriod(db, bookId, period);
    if (!row) refuse("period.outside_calendar", { date: period, book: bookCode });
    const gates = await store.closeGates(db, bookId, firstDay(period), lastDay(period));
    const open = [
      ...(gates.waiting > 0n ? [`${gates.waiting} 张单据等待中 (waiting)`] : []), ...(gates.parked > 0n ? [`${gates.parked} 张单据挂起 (parked)`] : []),
      ...(gates.drafts > 0n ? [`${gates.drafts} 张凭证待审核 (to review)`] : []), ...(gates.off !== 0n ? [`借贷差 ${gates.off} (out of balance)`] : []),
    ];
    if (open.length > 0) refuse("close.not_ready", { book: bookCode, period, gates: open.join("; ") });
    await store.setPeriod(db, bookId, period, "closed", ctx.now().toISOString(), ctx.actor.id);
    await store.recordAct(db, bookId, "period.closed", { period }, ctx.now().toISOString(), ctx.actor.id, "");
  }));
  forgetWriter(ctx.db, bookCode);
  return { period, state: "closed" };
}

/** A run that closing needs, unless somebody has made it. */
async function runOnce(ctx: Ctx, bookCode: string, bookId: number, period: string, kind: "costRun" | "periodClose", fields: object): Promise<void> {
  const { n } = await store.countRuns(ctx.db, bookId, kind, firstDay(period), lastDay(period));
  if (n > 0n && kind === "periodClose") return;
  const stem = `${kind}-${period}-`;
  const run = await store.nextRunNo(ctx.db, bookId, stem);
  await postDocuments(ctx, bookCode, [{ schema: `tieout/${kind}@1`, source: "tieout", sourceId: `${stem}${run.n}`, date: lastDay(period), period, ...fields }]);
}

/** 反结账: only the latest closed period, with a reason that is kept. Posted vouchers stay as they are. Refuses: reopen.reason, reopen.order. */
export async function reopenPeriod(ctx: Ctx, bookCode: string, period: string, reason: string): Promise<{ period: string; state: "open" }> {
  const book = await loadBook(ctx.db, bookCode);
  if (reason.trim() === "") refuse("reopen.reason");
  await ctx.db.transaction(async (db) => {
    const row = await store.lockPeriod(db, book.bookId, period);
    if (!row) refuse("period.outside_calendar", { date: period, book: bookCode });
    const later = await store.laterClosed(db, book.bookId, period);
    if (later[0]) refuse("reopen.order", { later: later[0].period });
    await store.setPeriod(db, book.bookId, period, "open", ctx.now().toISOString(), ctx.actor.id);
    await store.recordAct(db, book.bookId, "period.reopened", { period }, ctx.now().toISOString(), ctx.actor.id, reason);
  });
  forgetWriter(ctx.db, bookCode);
  return { period, state: "open" };
}
