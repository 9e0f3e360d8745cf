/** Names of master records as people know them, Chinese first. */
import type { Book } from "../books/index.ts";
import type { Db } from "../platform/index.ts";
import { findNames } from "./report.store.ts";

export async function namesOf(db: Db, book: Book, kinds: readonly string[], codes: Iterable<string>): Promise<ReadonlyMap<string, string>> {
  const wanted = [...new Set(codes)].filter((code) => code !== "");
  const rows = wanted.length === 0 ? [] : await findNames(db, book.bookId, kinds, wanted);
  return new Map(rows.map(({ code, zh, en }) => [code, zh || en || ""]));
}
