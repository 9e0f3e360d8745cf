/** 结账 on one page: which periods are open, what stands in the way of the next, and what its month end has done so far. */
import { firstDay, formatMoney, isPeriod, lastDay } from "../values/index.ts";
import { type Book, readPeriods } from "../books/index.ts";
import { keyOf } from "../documents/index.ts";
import { type Ctx, refuse } from "../platform/index.ts";
import * as store from "./close-board.store.ts";

export type CloseAct = { readonly what: "period.closed" | "period.reopened"; readonly period: string; readonly at: string; readonly by: string; readonly reason: string };
export type ClosePeriod = {
  readonly period: string;
  readonly state: "open" | "closed";
  readonly closedAt: string | null;
  readonly closedBy: string | null;
  readonly vouchers: number;
  /** 本期借方发生额. */
  readonly turnover: string;
  readonly waiting: number;
  readonly parked: number;
  readonly drafts: number;
  /** Debit − credit: zero, or the period cannot close. */
  readonly off: string;
  /** Every earlier period is closed, so this is the one whose turn it is. */
  readonly isNext: boolean;
};

/** All periods up to the one after the last that has vouchers, oldest first, and who closed and reopened when. */
export async function readCloseBoard(ctx: Ctx, book: Book): Promise<{ periods: ClosePeriod[]; acts: CloseAct[] }> {
  const { db } = ctx;
  const periods = await readPeriods(db, book);
  const sums = new Map((await store.sumPeriods(db, book.bookId)).map((row) => [row.period, row]));
  const open = await store.countOpenByMonth(db, book.bookId);
  const drafts = new Map((await store.countDraftsByMonth(db, book.bookId)).map((row) => [row.period, Number(row.drafts)]));
  const vouchers = new Map((await store.countVouchersByPeriod(db, book.bookId)).map((row) => [row.period, Number(row.vouchers)]));
  const counted = (period: string, state: string): number => Number(open.find((row) => row.period === period && row.state === state)?.documents ?? 0n);
  const next = periods.find(({ state }) => state === "open")?.period;
  const last = [...sums.keys(), ...open.map(({ period }) => period), next ?? ""].reduce((most, period) => (period > most ? period : most), "");
  return {
    periods: periods.filter(({ period, state }) => period <= last || state === "closed").map(({ period, state, closedAt, closedBy }) => ({
      period, state, closedAt, closedBy, vouchers: vouchers.get(period) ?? 0, turnover: formatMoney(sums.get(period)?.debit ?? 0n, book.currency), waiting: counted(period, "waiting"), parked: counted(period, "parked"), drafts: drafts.get(period) ?? 0,
      off: formatMoney(sums.get(period)?.off ?? 0n, book.currency), isNext: period === next,
    })),
    acts: (await store.findCloseActs(db, book.bookId)) as CloseAct[],
  };
}

export type MonthEndRun = { readonly document: string; readonly kind: string; /** Of a periodClose: its task; else "". */ readonly task: string; readonly date: string; readonly state: string; readonly at: string; readonly by: string; readonly vouchers: readonly string[] };

/** What the month end of a period has run, oldest first. Refuses: period.malformed. */
export async function readMonthEndRuns(ctx: Ctx, book: Book, period: string): Promise<MonthEndRun[]> {
  if (!isPeriod(period)) refuse("period.malformed", { period });
  return (await store.findRuns(ctx.db, book.bookId, firstDay(period), lastDay(period), ["periodClose", "costRun", "fxRevaluation"])).map((row) => ({
    document: keyOf(row.source, row.kind, row.sourceId), kind: row.kind, task: (JSON.parse(row.body) as { task?: string }).task ?? "", date: row.date, state: row.state, at: row.receivedAt, by: row.by ?? "", vouchers: row.vouchers,
  }));
}
