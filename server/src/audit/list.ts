/** Reading the trail: newest first, page by page, with what each entry says in a sentence. */
import { type Ctx, refuse } from "../platform/index.ts";
import { actsLike, type MoreActs, sentenceOf } from "./acts.ts";
import { type Outcome } from "./entry.ts";
import * as store from "./entry.store.ts";

export type ListFilter = {
  readonly actor?: string | undefined; readonly act?: string | undefined; /** "voucher", or "voucher/2026-03/记-7". */ readonly object?: string | undefined; readonly book?: string | undefined;
  /** Days, both included, or moments. */ readonly from?: string | undefined; readonly to?: string | undefined;
  /** Any part of act, object, actor, reason, before or after. */ readonly text?: string | undefined; readonly outcome?: Outcome | undefined;
  /** Go on below this number. */ readonly after?: string | undefined; readonly limit?: number | undefined;
  /** The books that the reader may see; null or left out: all, and what is beyond books. */ readonly books?: readonly string[] | null | undefined;
};

export type EntryListed = store.Entry & { readonly zh: string; readonly en: string; /** To be given as `after` for what comes below. */ readonly cursor: string };

/** Refuses: audit.cursor, audit.moment. */
export async function listEntries(ctx: Pick<Ctx, "db">, filter: ListFilter, more: MoreActs = {}): Promise<EntryListed[]> {
  const books = filter.book === undefined ? filter.books : filter.books === undefined || filter.books === null || filter.books.includes(filter.book) ? [filter.book] : [];
  const slash = filter.object?.indexOf("/") ?? -1;
  const rows = await store.findEntries(ctx.db, {
    actor: filter.actor, act: filter.act, outcome: filter.outcome, books,
    objectKind: filter.object === undefined ? undefined : slash < 0 ? filter.object : filter.object.slice(0, slash), objectId: slash < 0 ? undefined : filter.object?.slice(slash + 1),
    from: startOf(filter.from), before: endOf(filter.to), text: filter.text?.trim(), actsLikeText: filter.text === undefined ? [] : actsLike(filter.text.trim(), more), below: cursorOf(filter.after), limit: filter.limit ?? 100,
  });
  return rows.map((row) => ({ ...row, ...sentenceOf(row, more), cursor: String(row.entryNo) }));
}

/** All that fit, newest first, never held as a whole. What is added meanwhile does not come. */
export async function* eachEntry(ctx: Pick<Ctx, "db">, filter: ListFilter, more: MoreActs = {}): AsyncGenerator<EntryListed, void, undefined> {
  let left = filter.limit ?? Number.POSITIVE_INFINITY;
  for (let after = filter.after; left > 0; ) {
    const page = await listEntries(ctx, { ...filter, after, limit: Math.min(left, pageRows) }, more);
    yield* page;
    left -= page.length;
    after = page.at(-1)?.cursor;
    if (page.length < pageRows || after === undefined) return;
  }
}

const pageRows = 1_000;

const momentPattern = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:\d\d))?$/;
const checked = (text: string): string => (momentPattern.test(text) ? text : refuse("audit.moment", { got: text.slice(0, 40) }));
const startOf = (text: string | undefined): string | undefined => (text === undefined ? undefined : checked(text).length === 10 ? `${text}T00:00:00Z` : text);
/** A day is included as a whole. */
const endOf = (text: string | undefined): string | undefined => (text === undefined ? undefined : checked(text).length === 10 ? `${text}T24:00:00Z` : text);
const cursorOf = (text: string | undefined): bigint | undefined => (text === undefined ? undefined : /^\d{1,18}$/.test(text) ? BigInt(text) : refuse("audit.cursor", { got: text.slice(0, 40) }));
