/**
 * Facts: the books in the form in which they are asked. They follow the vouchers of each book by their numbers, which are given in the order of commits;
 * a question brings them up to date first, so that what it answers is what is posted.
 */
import { exponentOf, pow10 } from "../values/index.ts";
import { type Book, loadPack, packsFolder } from "../books/index.ts";
import type { Ctx, Db } from "../platform/index.ts";
import { classRules } from "./metric.ts";
import * as store from "./facts.store.ts";

export type { FactCheck, Mark } from "./facts.store.ts";

/** How many vouchers go into the facts at once: a rebuild of millions holds no lock for long and takes little memory. */
const STEP = 2_000n;
/** Up to so many, looking rows up one by one is the quickest. */
const FEW = 50n;
/** Above so many documents and vouchers all orders are worked out at once. */
const MANY = 5_000n;

/** Brings the facts of a book up to what was posted when it was called; answers how far they are. Cheap when nothing was posted. */
export async function refreshFacts(ctx: Pick<Ctx, "db" | "now">, book: Book): Promise<store.Mark> {
  for (let wanted: bigint | undefined; ; ) {
    const head = await store.readHead(ctx.db, book.bookId);
    const mark = await store.readMark(ctx.db, book.bookId);
    if (mark !== undefined && (head === undefined || mark.head === head.head)) return mark;
    const { mark: reached, isThere } = await ctx.db.transaction((db) => step(db, ctx.now().toISOString(), book));
    wanted ??= head?.lastVoucher ?? 0n;
    // What is posted meanwhile is for whoever asks next: while much is posted, nobody waits for its end.
    if (isThere || reached.voucherId >= wanted) return reached;
  }
}

async function step(db: Db, at: string, book: Book): Promise<{ readonly mark: store.Mark; readonly isThere: boolean }> {
  await store.lockFacts(db, book.bookId);
  const now = (await store.readHead(db, book.bookId)) ?? { head: "", lastVoucher: 0n, lastDocument: 0n };
  const before = await store.readMark(db, book.bookId);
  if (before !== undefined && before.head === now.head) return { mark: before, isThere: true };
  await classify(db, book);
  const { voucherId: from, orderVoucherId, orderDocumentId, version } = before ?? { voucherId: 0n, orderVoucherId: 0n, orderDocumentId: 0n, version: 0n };
  const to = now.lastVoucher - from > STEP ? from + STEP : now.lastVoucher;
  if (to > from) {
    await store.joinByHash(db, to - from > FEW);
    await store.addFacts(db, book.bookId, from, to, pow10(exponentOf(book.currency)));
    await store.joinByHash(db, false);
  }
  if (to < now.lastVoucher) return { mark: await store.saveMark(db, book.bookId, { head: "", voucherId: to, orderVoucherId, orderDocumentId }, at), isThere: false };
  // Orders follow once the rest is there: in a bulk load each would be worked out for every document that belongs to it.
  const isAll = now.lastVoucher - orderVoucherId + now.lastDocument - orderDocumentId > MANY;
  const ids = isAll ? null : (await store.findTouchedOrders(db, book.bookId, orderDocumentId, now.lastDocument, orderVoucherId, now.lastVoucher)).map(({ id }) => id);
  if (ids === null || ids.length > 0) await store.replaceOrders(db, book.bookId, ids, version + 1n);
  return { mark: await store.saveMark(db, book.bookId, { head: now.head, voucherId: to, orderVoucherId: now.lastVoucher, orderDocumentId: now.lastDocument }, at), isThere: true };
}

/** Looks at some orders again: a new version of an order, and clearing without a link, touch them without a trace. Answers whether it has come round. */
export async function sweepOrders(ctx: Pick<Ctx, "db" | "now">, bookId: number, limit: number): Promise<boolean> {
  return ctx.db.transaction(async (db) => {
    await store.lockFacts(db, bookId);
    const mark = await store.readMark(db, bookId);
    if (mark === undefined) return true;
    const ids = (await store.findOrdersAfter(db, bookId, mark.sweptOrderId, limit)).map(({ id }) => id);
    const changed = ids.length === 0 ? 0 : await store.replaceOrders(db, bookId, ids, mark.version + 1n);
    const isRound = ids.length < limit;
    await store.saveSwept(db, bookId, isRound ? 0n : (ids.at(-1) as bigint), changed > 0);
    return isRound;
  });
}

/** Makes the facts anew from the books. What has copies of them notices by their generation. */
export async function rebuildFacts(ctx: Pick<Ctx, "db" | "now">, book: Book): Promise<store.Mark> {
  await ctx.db.transaction(async (db) => {
    await store.lockFacts(db, book.bookId);
    await store.newGeneration(db, book.bookId);
    await store.dropFacts(db, book.bookId);
  });
  return refreshFacts(ctx, book);
}

/** Compares the facts with the books: by account, and revenue and cost by item with the ledger. Empty when all is well. */
export async function checkFacts(ctx: Pick<Ctx, "db" | "now">, book: Book): Promise<store.FactCheck[]> {
  const { voucherId } = await refreshFacts(ctx, book);
  return store.findDifferences(ctx.db, book.bookId, voucherId);
}

async function classify(db: Db, book: Book): Promise<void> {
  const accounts = (await store.findUnclassed(db, book.bookId)).map(({ code }) => code);
  if (accounts.length === 0) return;
  const rules = patternsOf(book.pack);
  await store.addClasses(db, book.bookId, accounts, accounts.map((account) => rules.find(({ patterns }) => patterns.some((pattern) => covers(pattern, account)))?.class ?? ""));
}

/** Which accounts a class has, by the statements of the pack. */
function patternsOf(pack: string): readonly { readonly class: string; readonly patterns: readonly string[] }[] {
  let known = byPack.get(pack);
  if (known === undefined) {
    const { statements } = loadPack(packsFolder, pack);
    byPack.set(pack, (known = classRules().map(({ class: name, statement, row, accounts = [] }) => {
      const found = statements.find(({ id }) => id === statement)?.rows.find(({ id }) => id === row);
      return { class: name, patterns: [...accounts, ...(found?.add ?? []).flatMap((term) => term.accounts)] };
    })));
  }
  return known;
}
const byPack = new Map<string, readonly { readonly class: string; readonly patterns: readonly string[] }[]>();

const covers = (pattern: string, account: string): boolean => (pattern.endsWith("*") ? account.startsWith(pattern.slice(0, -1)) : account === pattern || account.startsWith(`${pattern}.`));
