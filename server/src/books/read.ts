import { type Ctx, type Db, refuse } from "../platform/index.ts";
import { type Book, completeSettings, settingKeys, type SettingKey } from "./book.ts";
import type { Account } from "./chart.ts";
import { readPeriods, type Period } from "./period.ts";
import * as store from "./store.ts";

/** The book of this code as its settings are now. Refuses: book.unknown. */
export async function loadBook(db: Db, code: string): Promise<Book> {
  const row = await store.findBook(db, code);
  if (!row) refuse("book.unknown", { book: code, known: (await store.findBooks(db)).map((book) => book.code).join(", ") || "–" });
  return withSettings(db, row);
}

export const listBooks = async (db: Db): Promise<Book[]> => Promise.all((await store.findBooks(db)).map((row) => withSettings(db, row)));

async function withSettings(db: Db, row: store.BookRow): Promise<Book> {
  const chosen = await store.findSettings(db, row.bookId);
  return { ...row, settings: completeSettings(Object.fromEntries(chosen.map(({ key, value }) => [key, value]))) };
}

/** The chart of the book by code, in order. */
export const loadAccounts = async (db: Db, book: Book): Promise<ReadonlyMap<string, Account>> =>
  new Map((await store.findAccounts(db, book.bookId)).map((row) => [row.code, row as Account]));

export type BookShown = Book & {
  readonly periods: readonly Period[];
  readonly accounts: number;
  readonly history: readonly { readonly key: SettingKey; readonly version: number; readonly value: string; readonly setAt: string; readonly setBy: string }[];
  readonly acts: readonly { readonly what: string; readonly facts: unknown; readonly at: string; readonly by: string; readonly reason: string }[];
};

/** All there is to know about a book itself. Refuses: book.unknown. */
export async function showBook(ctx: Ctx, code: string): Promise<BookShown> {
  const book = await loadBook(ctx.db, code);
  const history = await store.findSettingHistory(ctx.db, book.bookId);
  return {
    ...book,
    periods: await readPeriods(ctx.db, book),
    accounts: (await store.findAccounts(ctx.db, book.bookId)).length,
    history: history.filter((row): row is typeof row & { key: SettingKey } => (settingKeys as readonly string[]).includes(row.key)),
    acts: await store.findActs(ctx.db, book.bookId),
  };
}
