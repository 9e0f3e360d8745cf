/** 分模块关账与重开. */
import { firstDay, isPeriod, lastDay } from "../values/index.ts";
import { loadBook } from "../books/index.ts";
import { type Ctx, refuse } from "../platform/index.ts";
import { kindsOfModule, type Module } from "./module.ts";
import { forgetWriter, writerOf } from "./post.ts";
import * as store from "./store.ts";

export type ModuleState = { readonly module: Module; readonly period: string; readonly closedAt: string; readonly closedBy: string };
export const readModules = async (ctx: Pick<Ctx, "db">, bookId: number, period?: string): Promise<ModuleState[]> => (await store.readClosedModules(ctx.db, bookId)).filter((row) => period === undefined || row.period === period) as ModuleState[];

/** Closing waits for postings that are under way, and those that began elsewhere before it work their batch again. Refuses: period.malformed, period.outside_calendar, period.closed, module.not_ready. */
export async function closeModule(ctx: Ctx, bookCode: string, period: string, module: Module): Promise<{ readonly period: string; readonly module: Module }> {
  const { bookId } = await loadBook(ctx.db, bookCode);
  if (!isPeriod(period)) refuse("period.malformed", { period });
  const writer = await writerOf(ctx, bookCode);
  await writer.exclusively(() => ctx.db.transaction(async (db) => {
    await store.touchModules(db, bookId);
    const row = await store.lockPeriod(db, bookId, period);
    if (!row) refuse("period.outside_calendar", { date: period, book: bookCode });
    if (row?.state === "closed") refuse("module.period_closed", { period });
    const { waiting, parked, drafts } = await store.countOpenOfKinds(db, bookId, firstDay(period), lastDay(period), kindsOfModule(module));
    if (waiting + parked + drafts > 0n) refuse("module.not_ready", { period, module, waiting: Number(waiting), parked: Number(parked), drafts: Number(drafts) });
    if (await store.addModuleClose(db, bookId, period, module, ctx.now().toISOString(), ctx.actor.id)) await store.recordAct(db, bookId, "module.closed", { period, module }, ctx.now().toISOString(), ctx.actor.id, "");
  }));
  forgetWriter(ctx.db, bookCode);
  return { period, module };
}

/** Refuses: reopen.reason, module.not_closed. */
export async function reopenModule(ctx: Ctx, bookCode: string, period: string, module: Module, reason: string): Promise<{ readonly period: string; readonly module: Module }> {
  const { bookId } = await loadBook(ctx.db, bookCode);
  if (reason.trim() === "") refuse("reopen.reason");
  await ctx.db.transaction(async (db) => {
    await store.touchModules(db, bookId);
    if (!(await store.removeModuleClose(db, bookId, period, module))) refuse("module.not_closed", { period, module });
    await store.recordAct(db, bookId, "module.reopened", { period, module }, ctx.now().toISOString(), ctx.actor.id, reason.trim());
  });
  forgetWriter(ctx.db, bookCode);
  return { period, module };
}
