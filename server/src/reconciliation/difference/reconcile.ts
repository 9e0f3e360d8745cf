/**
 * 对账: compares everything, keeps what was found, closes what is gone. A difference has a history: when it was found, how it changed, who did what
 * about it, when it was no longer there. Running it again without a change changes nothing.
 */
import type { Book } from "../../books/index.ts";
import { type Ctx, elapsedMs, momentOf } from "../../platform/index.ts";
import { causes, type Finding } from "../causes.ts";
import { searchChain } from "../chain/chain-findings.ts";
import * as store from "./difference.store.ts";
import { graceMinutes, type SearchOptions, searchBooks } from "./findings.ts";
import * as sides from "./sides.store.ts";

export type Reconciled = { readonly run: string; readonly at: string; readonly found: number; readonly opened: number; readonly closed: number; readonly vouchers: number; readonly seconds: string; readonly milliseconds: Readonly<Record<string, number>> };

export async function reconcileBook(ctx: Ctx, book: Book, options: SearchOptions = {}): Promise<Reconciled> {
  const since = elapsedMs();
  const head = await headOf(ctx, book);
  const searched = await searchBooks(ctx, book, options);
  const chainSince = elapsedMs();
  const chain = await searchChain(ctx, book);
  const milliseconds = { ...searched.milliseconds, chain: Math.trunc(elapsedMs() - chainSince) };
  const found = await withOwners(ctx, book, withoutEchoes([...searched.findings, ...chain]));
  return ctx.db.transaction(async (db) => {
    await store.lockDifferences(db, book.bookId);
    const at = ctx.now().toISOString();
    const standing = new Map((await store.findStanding(db, book.bookId)).map((row) => [row.fingerprint, row]));
    const now = new Map(found.map((one) => [one.fingerprint, { ...one, part: causes[one.cause].part }]));
    const opened = [...now.values()].filter(({ fingerprint }) => !standing.has(fingerprint));
    const stays = [...now.values()].filter(({ fingerprint }) => standing.has(fingerprint));
    const changed = stays.filter((one) => { const before = standing.get(one.fingerprint) as store.Standing; return before.amount !== one.amount || before.cause !== one.cause; });
    const reopened = changed.filter((one) => standing.get(one.fingerprint)?.state === "accepted");
    // Without the seals nobody looked for edits: those that were found stay.
    const gone = [...standing.values()].filter(({ fingerprint, cause }) => !now.has(fingerprint) && !(options.seals === false && cause === "voucherEdited"));
    if (opened.length > 0) await store.addDifferences(db, book.bookId, opened, at, ctx.actor.id);
    if (stays.length > 0) await store.updateDifferences(db, book.bookId, stays, at);
    const numbers = (of: readonly Finding[]): bigint[] => of.map(({ fingerprint }) => (standing.get(fingerprint) as store.Standing).difference);
    if (changed.length > 0) await store.addEvents(db, book.bookId, numbers(changed), { at, by: ctx.actor.id, what: "changed" });
    if (reopened.length > 0) await store.addEvents(db, book.bookId, numbers(reopened), { at, by: ctx.actor.id, what: "reopened" });
    if (gone.length > 0) {
      await store.closeDifferences(db, book.bookId, gone.map(({ difference }) => difference), at);
      await store.addEvents(db, book.bookId, gone.map(({ difference }) => difference), { at, by: ctx.actor.id, what: "closed" });
    }
    await sides.dropSides(db, book.bookId);
    if (searched.sides.length > 0) await sides.addSides(db, book.bookId, searched.sides);
    const ms = Math.trunc(elapsedMs() - since);
    const run = await store.addRun(db, book.bookId, { at, by: ctx.actor.id, head, found: now.size, opened: opened.length, closed: gone.length, vouchers: BigInt(searched.vouchers), ms });
    return { run: String(run.run), at, found: now.size, opened: opened.length, closed: gone.length, vouchers: searched.vouchers, seconds: `${Math.trunc(ms / 1000)}.${String(ms % 1000).padStart(3, "0")}`, milliseconds };
  });
}

/** When the book was last compared, how long that took, and whether something moved since; undefined before the first time. */
export async function reconciledAt(ctx: Ctx, book: Book): Promise<{ readonly atMs: number; readonly ms: number; readonly isStale: boolean } | undefined> {
  const [last] = await store.findRuns(ctx.db, book.bookId, 1);
  if (last === undefined) return undefined;
  return { atMs: momentOf(last.at).getTime(), ms: last.ms, isStale: last.head !== (await headOf(ctx, book)) };
}

export const headOf = async (ctx: Ctx, book: Book): Promise<string> => (await store.readHead(ctx.db, book.bookId, ctx.now().toISOString(), graceMinutes))?.head ?? "";

/** Goods are not invoiced because their invoice is parked: one difference, the invoice's. */
function withoutEchoes(found: readonly Finding[]): Finding[] {
  const rests = new Set(found.flatMap(({ facts }) => (facts?.rests as readonly string[] | undefined) ?? []));
  return found.filter((one) => !((one.cause === "notInvoiced" || one.cause === "quantityDiffers" || one.cause === "returnNotCredited") && rests.has(one.subject)));
}

/** Where neither the document nor its kind names anybody, whoever looks after the party does. Vouchers are their makers' and reviewers'. */
async function withOwners(ctx: Ctx, book: Book, found: readonly Finding[]): Promise<readonly Finding[]> {
  const needs = (one: Finding): boolean => (one.owner ?? "") === "" && (one.party ?? "") !== "" && causes[one.cause].part === "chain";
  const parties = [...new Set(found.filter(needs).map(({ party }) => party as string))];
  if (parties.length === 0) return found;
  const owners = new Map((await store.findPartyOwners(ctx.db, book.bookId, parties)).map(({ party, owner }) => [party, owner]));
  return found.map((one) => (needs(one) ? { ...one, owner: owners.get(one.party as string) ?? "" } : one));
}
