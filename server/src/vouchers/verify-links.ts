import type { Book } from "../books/index.ts";
import type { Db, Problem } from "../platform/index.ts";
import * as store from "./verify.store.ts";

/** Holdings of which more was taken than they held. */
export async function findBrokenLinks(db: Db, book: Book): Promise<Pick<Problem, "facts" | "where">[]> {
  return (await store.findOverdrawn(db, book.bookId)).map(({ document, line, what, whole, taken }) => ({ facts: { document, line, what, whole, taken }, where: `${document}/${line}` }));
}
