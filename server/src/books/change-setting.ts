import { type Ctx, Refusal } from "../platform/index.ts";
import { type Book, checkSettings } from "./book.ts";
import { loadBook } from "./read.ts";
import * as store from "./store.ts";

/**
 * Chooses another practice from now on. The old value stays on record with who changed it, when and why (财会〔2024〕12号 20).
 * Refuses: book.unknown, setting.unknown, setting.value.
 */
export async function changeSetting(ctx: Ctx, code: string, key: string, value: string, reason = ""): Promise<Book> {
  const book = await loadBook(ctx.db, code);
  const [problem] = checkSettings({ [key]: value });
  if (problem) throw new Refusal(problem);
  const before = book.settings[key as keyof typeof book.settings];
  if (before === value) return book;
  const at = ctx.now().toISOString();
  await ctx.db.transaction(async (db) => {
    await store.insertSettings(db, book.bookId, { [key]: value }, at, ctx.actor.id);
    await store.insertAct(db, book.bookId, "setting.changed", { key, before, after: value }, at, ctx.actor.id, reason);
  });
  return loadBook(ctx.db, code);
}
