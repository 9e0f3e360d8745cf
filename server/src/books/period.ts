/** 会计期间: a calendar month, open or closed. The month before the first one holds the opening balances (期初). */
import { addMonths } from "../values/index.ts";
import { type Db, refuse } from "../platform/index.ts";
import type { Book } from "./book.ts";
import * as store from "./store.ts";

export type Period = { readonly period: string; readonly state: "open" | "closed"; readonly closedAt: string | null; readonly closedBy: string | null };

/** Where opening balances stand, so that opening sums are simply those of earlier periods. */
export const openingPeriodOf = (firstPeriod: string): string => addMonths(firstPeriod, -1);

/** The book's calendar, without the opening period. */
export const readPeriods = async (db: Db, book: Book): Promise<Period[]> =>
  (await store.findPeriods(db, book.bookId)).filter(({ period }) => period >= book.firstPeriod);

/**
 * Makes sure that the calendar holds the period: it grows by whole years, and by one year at a time, so that a mistyped
 * date does not open a decade. Refuses: period.before_first, period.outside.
 */
export async function ensurePeriod(db: Db, book: Book, period: string): Promise<void> {
  const opening = openingPeriodOf(book.firstPeriod);
  if (period < opening) refuse("period.before_first", { period, book: book.code, first: book.firstPeriod });
  const { last } = await store.findLastPeriod(db, book.bookId);
  if (period <= last) return;
  const year = Number(last.slice(0, 4)) + 1;
  if (period > `${year}-12`) refuse("period.outside", { period, book: book.code, last });
  await store.insertPeriods(db, book.bookId, Array.from({ length: 12 }, (_, month) => addMonths(`${year}-01`, month)));
}
