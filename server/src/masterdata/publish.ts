/**
 * 发布: golden records and code mappings, for systems that want them. What changed since a system was last told is gathered once a version; who
 * carries it out takes it from here. A record that waits for a second pair of eyes is not published: it does not stand yet.
 */
import { createHash } from "node:crypto";
import type { Book } from "../books/index.ts";
import { type Ctx, refuse } from "../platform/index.ts";
import { domainOf } from "./domain.ts";
import { goldenText } from "./golden.ts";
import * as golden from "./golden.store.ts";
import * as store from "./publish.store.ts";

export type Subscription = { readonly target: string; readonly domain: string; readonly wants: "golden" | "mapping" };
export type Publication = { readonly no: bigint; readonly target: string; readonly domain: string; readonly golden: string; readonly wants: string; readonly version: number; readonly body: Readonly<Record<string, unknown>> };

/** From now on the target is told of every golden record of the domain, or of every mapping. Refuses: masterdata.domain_unknown. */
export async function subscribe(ctx: Ctx, book: Book, { target, domain, wants }: Subscription): Promise<void> {
  if (!domainOf(domain)) refuse("masterdata.domain_unknown", { domain });
  await store.addSubscription(ctx.db, book.bookId, target, domain, wants, ctx.actor.id, ctx.now().toISOString());
}
/** Refuses: masterdata.target_unknown. */
export async function unsubscribe(ctx: Ctx, book: Book, { target, domain, wants }: Subscription): Promise<void> {
  if ((await store.dropSubscription(ctx.db, book.bookId, target, domain, wants)).length === 0) refuse("masterdata.target_unknown", { target });
}
export const listSubscriptions = (ctx: Ctx, book: Book) => store.findSubscriptions(ctx.db, book.bookId);
export const listPublications = async (ctx: Ctx, book: Book, limit = 100) => (await store.findPublications(ctx.db, book.bookId, limit)).map(({ publicationNo, goldenId, ...row }) => ({ no: String(publicationNo), golden: goldenText(goldenId), ...row }));

/** What targets have not been told yet, the oldest change first; each version of a record once. */
export async function gatherPublications(ctx: Ctx, book: Book, limit = 200): Promise<Publication[]> {
  for (const { target, domain, wants, toldUntil } of await store.findSubscriptions(ctx.db, book.bookId)) {
    const changed = await store.findChangedSince(ctx.db, book.bookId, domain, toldUntil, limit);
    for (const row of changed) {
      const body = await bodyOf(ctx, book, row, wants);
      const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 32);
      // What it was told last counts: a value that goes back to what it was is told again.
      const last = await store.findLastPublication(ctx.db, book.bookId, target, domain, row.goldenId, wants), text = JSON.stringify(body);
      const hash = hashOf(`${last?.before ?? ""}${text}`);
      if (last?.hash !== hash) await store.addPublication(ctx.db, book.bookId, { target, domain, goldenId: row.goldenId, wants, body, hash: hashOf(`${last?.hash ?? ""}${text}`) }, ctx.now().toISOString());
    }
    const last = changed.at(-1);
    if (last) await store.setToldUntil(ctx.db, book.bookId, target, domain, wants, `${last.changedText}|${last.goldenId}`);
  }
  return (await store.findPending(ctx.db, book.bookId, limit)).map((row) => ({ no: row.publicationNo, target: row.target, domain: row.domain, golden: goldenText(row.goldenId), wants: row.wants, version: Number(row.version), body: row.body }));
}
export const markPublished = (ctx: Ctx, book: Book, no: bigint, state: "sent" | "refused", answer: string) => store.markPublished(ctx.db, book.bookId, no, state, answer.slice(0, 500), ctx.now().toISOString());

async function bodyOf(ctx: Ctx, book: Book, row: store.ChangedRow, wants: string): Promise<Record<string, unknown>> {
  const family = await golden.findFamily(ctx.db, book.bookId, row.goldenId);
  const codes = (await golden.findCrosswalk(ctx.db, book.bookId, family)).map(({ system, company, code, from, to }) => ({ system, ...(company === "" ? {} : { company }), code, ...(from === null ? {} : { from }), ...(to === null ? {} : { to }) }));
  const common = { golden: goldenText(row.goldenId), domain: row.domain, code: row.code, state: row.state, ...(row.redirectTo === null ? {} : { mergedInto: goldenText(row.redirectTo) }), codes };
  return wants === "mapping" ? common : { ...common, fields: Object.fromEntries(Object.entries(row.body).map(([field, { value }]) => [field, value])) };
}
