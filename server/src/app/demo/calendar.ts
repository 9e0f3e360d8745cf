/** The working year: which days are worked, how busy they are, what foreign money costs. Days are counted from the first one, 0. */
import { addMonths, dateOf, dayNumber } from "../../values/index.ts";
import { between, type Random } from "./random.ts";

export type Calendar = {
  /** How many days documents arrive. */
  readonly days: number;
  readonly dates: readonly string[];
  readonly periods: readonly string[];
  /** 0 is Sunday. */
  readonly weekday: Int8Array;
  /** How busy a day is, in thousandths of an ordinary one; zero where nobody works. */
  readonly activity: Int32Array;
  /** The first day not before this one on which warehouses work, and on which banks do too. */
  readonly openFrom: Int32Array;
  readonly bankFrom: Int32Array;
  /** True on the last and first day of a period. */
  readonly isLast: Uint8Array;
  readonly isFirst: Uint8Array;
  readonly USD: Int32Array;
  readonly EUR: Int32Array;
};

/** Chinese New Year's Day. */
const newYears = ["2024-02-10", "2025-01-29", "2026-02-17", "2027-02-06", "2028-01-26", "2029-02-13", "2030-02-03"];
/** Seasons of pumps: little around the New Year, most before the floods and before the year's end. */
const seasons = [850, 640, 1060, 1120, 1130, 1080, 950, 940, 1070, 1000, 1090, 1070];
const weekdays = [0, 1100, 1040, 1010, 1000, 950, 340];
/** Due dates reach this far beyond the last day. */
const beyond = 240;

export function calendarOf(random: Random, from: string, months: number): Calendar {
  const first = dayNumber(`${from}-01`);
  const days = dayNumber(`${addMonths(from, months)}-01`) - first;
  const all = days + beyond;
  const dates = Array.from({ length: all }, (_, day) => dateOf(first + day));
  const holidays = new Set<number>();
  for (const date of newYears) for (let i = -1; i < 7; i++) holidays.add(dayNumber(date) + i);
  const activity = new Int32Array(all);
  for (let day = 0; day < all; day++) {
    const date = dates[day] as string;
    const monthDay = date.slice(5);
    const isHoliday = holidays.has(first + day) || monthDay === "01-01" || (monthDay >= "05-01" && monthDay <= "05-05") || (monthDay >= "10-01" && monthDay <= "10-07");
    const growth = 1000 + Math.floor((day * 90) / 365);
    const season = seasons[Number(date.slice(5, 7)) - 1] as number;
    activity[day] = isHoliday ? 0 : Math.floor((((weekdays[(first + day + 4) % 7] as number) * season) / 1000) * growth / 1000);
  }
  const openFrom = new Int32Array(all + 1).fill(all);
  const bankFrom = new Int32Array(all + 1).fill(all);
  for (let day = all - 1; day >= 0; day--) {
    const weekday = (first + day + 4) % 7;
    openFrom[day] = (activity[day] as number) > 0 ? day : (openFrom[day + 1] as number);
    bankFrom[day] = (activity[day] as number) > 0 && weekday !== 6 ? day : (bankFrom[day + 1] as number);
  }
  const periods = dates.map((date) => date.slice(0, 7));
  const isFirst = Uint8Array.from(dates, (date) => (date.endsWith("-01") ? 1 : 0));
  const isLast = Uint8Array.from(dates, (_, day) => (periods[day] !== periods[day + 1] ? 1 : 0));
  const weekday = Int8Array.from(dates, (_, day) => (first + day + 4) % 7);
  return { days, dates, periods, weekday, activity, openFrom, bankFrom, isFirst, isLast, USD: wander(random, all, 71_000, 69_800, 72_600), EUR: wander(random, all, 78_200, 76_000, 80_400) };
}

/** A rate that wanders a little every day and never leaves its corridor. */
function wander(random: Random, days: number, start: number, low: number, high: number): Int32Array {
  const rates = new Int32Array(days);
  let rate = start;
  for (let day = 0; day < days; day++) {
    rate += between(random, -60, 60);
    if (rate < low) rate = low + between(random, 0, 60);
    if (rate > high) rate = high - between(random, 0, 60);
    rates[day] = rate;
  }
  return rates;
}
