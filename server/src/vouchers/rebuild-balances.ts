import type { Book } from "../books/index.ts";
import type { Ctx } from "../platform/index.ts";
import * as store from "./verify.store.ts";

/** Makes the balances anew from the lines. Waits for postings under way, and they for it. Answers how many balances there are. */
export async function rebuildBalances(ctx: Ctx, book: Book): Promise<number> {
  return ctx.db.transaction(async (db) => {
    await store.lockHead(db, book.bookId);
    await store.deleteBalances(db, book.bookId);
    return (await store.insertBalances(db, book.bookId)).balances;
  });
}
