/** 撤销勾对. */
import type { Book } from "../../books/index.ts";
import { type Ctx, refuse } from "../../platform/index.ts";
import * as store from "./bank.store.ts";
import { takeBackBooking } from "./book-movement.ts";

/** Its movements and lines are open again; the match stays in the journal. What it had booked is taken back in red first. Refuses: bank.match_unknown, bank.not_posted. */
export async function undoBankMatch(ctx: Ctx, book: Book, match: string): Promise<{ readonly movements: number; readonly document: string | null }> {
  const known = (/^\d{1,18}$/.test(match) ? await store.findMatch(ctx.db, book.bookId, match) : undefined) ?? refuse("bank.match_unknown", { match });
  if (known.document !== null) await takeBackBooking(ctx, book, known.document);
  return ctx.db.transaction(async (db) => {
    const movements = await store.undoMatch(db, book.bookId, match, ctx.now().toISOString(), ctx.actor.id);
    if (movements.length === 0) refuse("bank.match_unknown", { match });
    await store.setMovements(db, book.bookId, movements, "open", "");
    return { movements: movements.length, document: known.document };
  });
}
