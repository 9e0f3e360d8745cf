/**
 * Follows the books: facts and mart are brought up to what is posted within a fraction of a second, and whoever watches a board is told. One query of a
 * few rows a beat says which heads moved; nothing is added to the work of posting, and nothing can be missed.
 */
import { loadBook } from "../books/index.ts";
import { type Ctx, elapsedMs, sleep, type Store } from "../platform/index.ts";
import { join } from "node:path";
import { stateOf } from "./engine.ts";
import { refreshFacts, sweepOrders } from "./facts.ts";
import * as store from "./facts.store.ts";
import { type Mart, openMart } from "./mart.ts";

export type Topic = "documents" | "vouchers" | "open" | "orders";
export type Change = {
  readonly book: string; readonly version: string; readonly at: string; readonly topics: readonly Topic[];
  /** The last cash receipt among what came, for those who may see it. */
  readonly receipt: store.ReceiptRow | undefined;
};
export type Follower = { readonly watch: (bookId: number, listener: (change: Change) => void) => () => void; readonly mart: Mart | undefined; readonly close: () => Promise<void> };

const BEAT_MS = 150;
/** So much between two beats is a bulk load: posting comes first, and the figures follow when it has been calm for a while, or once a minute. */
const BULK = 60n;
const BULK_MS = 60_000;
/** A load commits in batches, with beats between them in which nothing comes. */
const CALM_MS = 600;
/** Between two looks at a slice of orders, once all else is done. */
const SWEEP_MS = 2_000;
const SWEEP_ORDERS = 300;

const followers = new WeakMap<Store, Follower>();

/** The one follower of a store; the first who asks starts it. With a data folder it has a mart. */
export function followBooks(ctx: Ctx, options: { readonly mart: boolean }): Follower {
  const known = followers.get(ctx.db);
  if (known !== undefined) return known;
  const listeners = new Map<number, Set<(change: Change) => void>>();
  const mart = options.mart && ctx.dataDir !== undefined ? openMart(ctx, join(ctx.dataDir, "mart")) : undefined;
  stateOf(ctx.db).mart = mart;
  const unswept = new Set<number>();
  /** What watchers know of. */
  const told = new Map<number, { readonly version: bigint; readonly voucherId: bigint }>();
  const loading = new Map<number, { readonly posted: bigint; readonly sinceMs: number; readonly seenMs: number }>();
  let isOver = false;
  let sweptMs = 0;
  let faults = 0;
  let martFaults = 0;

  const isLoading = ({ bookId, posted, isBehind }: store.Followed): boolean => {
    const now = elapsedMs();
    const { posted: before, sinceMs, seenMs } = loading.get(bookId) ?? { posted, sinceMs: now, seenMs: -CALM_MS };
    const wasLoading = now - seenMs < CALM_MS;
    const isMuch = isBehind && posted - before > BULK;
    const since = wasLoading ? sinceMs : now;
    const isLoading = isBehind && (isMuch || wasLoading) && now - since < BULK_MS;
    loading.set(bookId, { posted, sinceMs: since, seenMs: isLoading ? (isMuch ? now : seenMs) : -CALM_MS });
    return isLoading;
  };

  const bring = async (one: store.Followed): Promise<boolean> => {
    const before = told.get(one.bookId) ?? { version: one.version, voucherId: one.voucherId };
    const mark = one.isBehind ? await refreshFacts(ctx, await loadBook(ctx.db, one.code)) : one;
    const at = mart?.freshness(one.bookId);
    const isCopied = mart === undefined || (at?.version === mark.version && at.generation === mark.generation);
    if (!isCopied) await mart.sync(one.bookId).catch((error: unknown) => (isOver || martFaults++ % 200 > 0 ? undefined : ctx.log.warn("the mart could not follow; the database answers", { error })));
    told.set(one.bookId, { version: mark.version, voucherId: mark.voucherId });
    if (mark.version === before.version) return !isCopied;
    if (mart !== undefined) unswept.add(one.bookId);
    const watching = listeners.get(one.bookId);
    if (watching === undefined || watching.size === 0) return true;
    const hasVouchers = mark.voucherId > before.voucherId;
    const receipt = hasVouchers ? await store.findLastReceipt(ctx.db, one.bookId, before.voucherId) : undefined;
    const change: Change = { book: one.code, version: `${mark.generation}.${mark.version}`, at: ctx.now().toISOString(), topics: hasVouchers ? ["documents", "vouchers", "open", "orders"] : ["documents", "orders"], receipt };
    for (const listener of watching) listener(change);
    return true;
  };

  const beat = async (): Promise<void> => {
    const since = elapsedMs();
    let isMoving = false;
    for (const one of await store.readFollowed(ctx.db)) isMoving = (isLoading(one) ? true : await bring(one)) || isMoving;
    if (isMoving) return;
    mart?.confirm(since);
    const [next] = unswept;
    if (next === undefined || elapsedMs() - sweptMs < SWEEP_MS) return;
    sweptMs = elapsedMs();
    if (await sweepOrders(ctx, next, SWEEP_ORDERS)) unswept.delete(next);
  };

  const running = (async () => {
    while (!isOver) {
      try {
        await beat();
        faults = 0;
      } catch (error) {
        if (!isOver && faults++ % 100 === 0) ctx.log.warn("the figures could not follow the books", { error });
        await sleep(Math.min(5_000, faults * 200));
      }
      if (!isOver) await sleep(BEAT_MS);
    }
  })();

  const follower: Follower = {
    mart,
    watch(bookId, listener) {
      let own = listeners.get(bookId);
      if (own === undefined) listeners.set(bookId, (own = new Set()));
      own.add(listener);
      return () => void own.delete(listener);
    },
    async close() {
      isOver = true;
      followers.delete(ctx.db);
      stateOf(ctx.db).mart = undefined;
      await mart?.close();
      await running;
    },
  };
  followers.set(ctx.db, follower);
  return follower;
}

export const followerOf = (db: Store): Follower | undefined => followers.get(db);
