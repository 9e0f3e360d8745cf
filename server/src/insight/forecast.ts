/**
 * 十三周现金预测: cash of today, and what open items bring and take, each in the week in which it is likely to be paid: its due date plus the days that
 * this party has been late, weighted by amount, over the last 180 days; the average of all where a party has no history. What should have been paid
 * before today is expected in the first week. Wages, taxes and orders not yet invoiced are not in it, and it says so.
 */
import { addDays, formatMoney, dayNumber, divideRound } from "../values/index.ts";
import type { Asking } from "./ask.ts";
import { keepBeside } from "./engine.ts";
import { findDelays, findDue } from "./forecast.store.ts";
import type { Words } from "./metric.ts";

export type Week = { readonly week: number; readonly from: string; readonly to: string; readonly in: string; readonly out: string; readonly balance: string };
export type Forecast = { readonly from: string; readonly opening: string; readonly weeks: readonly Week[]; readonly lowest: { readonly week: number; readonly balance: string } | null; readonly delays: { readonly in: string; readonly out: string }; readonly method: Words };

const WEEKS = 13;
const HISTORY_DAYS = 180;
const HABITS_MS = 600_000;

export async function forecastCash({ ctx, book }: Asking, day: string, opening: bigint): Promise<Forecast> {
  // Habits of half a year do not change with one receipt.
  const [due, delays] = await Promise.all([findDue(ctx.db, book.bookId), keepBeside(ctx.db, `delays ${book.bookId} ${day}`, HABITS_MS, () => findDelays(ctx.db, book.bookId, addDays(day, -HISTORY_DAYS), day))]);
  const late = lateness(delays);
  const money = (minor: bigint): string => formatMoney(minor, book.currency);
  const moves = Array.from({ length: WEEKS }, () => ({ in: 0n, out: 0n }));
  for (const { party, dueOn, side, amount } of due) {
    const days = dayNumber(dueOn) + late(side, party) - dayNumber(day);
    const week = moves[Math.max(0, Math.floor((days - 1) / 7))];
    if (week !== undefined) week[side] += amount;
  }
  let balance = opening;
  const weeks = moves.map(({ in: incoming, out: outgoing }, index) => {
    balance += incoming - outgoing;
    return { week: index + 1, from: addDays(day, index * 7 + 1), to: addDays(day, index * 7 + 7), in: money(incoming), out: money(outgoing), balance: money(balance), minor: balance };
  });
  const lowest = weeks.reduce((low, one) => (one.minor < low.minor ? one : low));
  return {
    from: day, opening: money(opening), weeks: weeks.map(({ minor: _, ...week }) => week), lowest: { week: lowest.week, balance: lowest.balance }, delays: { in: String(late("in", "")), out: String(late("out", "")) },
    method: {
      zh: `按未清应收、应付的到期日，加各往来单位最近 ${HISTORY_DAYS} 天按金额加权的平均付款延迟（无历史的取总平均）；已过预计日的计入第 1 周。不含工资、税费与尚未开票的订单。`,
      en: `Open receivables and payables on their due dates, later by each party's average delay over the last ${HISTORY_DAYS} days, weighted by amount (the average of all where there is no history); what should have been paid before counts in week 1. Without wages, taxes and orders not yet invoiced.`,
    },
  };
}

/** Whole days late by side and party; "" is the average of all. */
export function lateness(rows: readonly { readonly party: string; readonly side: "in" | "out"; readonly weighted: bigint; readonly amount: bigint }[]): (side: "in" | "out", party: string) => number {
  const sums = new Map<string, { weighted: bigint; amount: bigint }>();
  for (const { party, side, weighted, amount } of rows) for (const key of [`${side} ${party}`, `${side} `]) {
    const sum = sums.get(key) ?? { weighted: 0n, amount: 0n };
    sums.set(key, { weighted: sum.weighted + weighted, amount: sum.amount + amount });
  }
  return (side, party) => {
    const sum = sums.get(`${side} ${party}`) ?? sums.get(`${side} `);
    return sum === undefined || sum.amount === 0n ? 0 : Number(divideRound(sum.weighted, sum.amount));
  };
}
