/** What a merge, or taking one back, would make of the values: shown before anybody decides, written nowhere. */
import type { Book } from "../books/index.ts";
import { type Ctx, type Db, refuse } from "../platform/index.ts";
import { fieldWords } from "./domain.ts";
import { goldenNo, goldenText } from "./golden.ts";
import * as store from "./golden.store.ts";
import { mayMerge } from "./steward.ts";
import { type GoldenBody, survive } from "./survivorship.ts";

type Words = { readonly zh: string; readonly en: string };
type Side = { readonly golden: string; readonly code: string; readonly name: string; readonly systems: readonly string[]; readonly codes: readonly string[] };
export type Preview = { readonly domain: string; readonly before: readonly Side[]; readonly after: readonly (Side & { readonly fields: readonly (Words & { readonly field: string; readonly value: string; readonly rule: string; readonly system: string; readonly isChanged: boolean })[] })[] };

/** Refuses: masterdata.golden_unknown, and what the merge itself would refuse. */
export async function previewMerge(ctx: Ctx, book: Book, into: string, from: string): Promise<Preview> {
  const [winner, loser] = [await known(ctx.db, book.bookId, into), await known(ctx.db, book.bookId, from)];
  await mayMerge(ctx.db, book.bookId, winner, loser);
  const mine = await store.findFamily(ctx.db, book.bookId, winner.goldenId), theirs = await store.findFamily(ctx.db, book.bookId, loser.goldenId);
  const merged = await valuesOf(ctx.db, book.bookId, winner, [...mine, ...theirs]);
  return { domain: winner.domain, before: [await sideOf(ctx.db, book.bookId, winner, mine), await sideOf(ctx.db, book.bookId, loser, theirs)], after: [{ ...(await sideOf(ctx.db, book.bookId, winner, [...mine, ...theirs])), name: merged.name?.value ?? winner.name, fields: compared(winner.domain, merged, winner.body) }] };
}

/** Refuses: masterdata.golden_unknown, masterdata.not_merged. */
export async function previewUnmerge(ctx: Ctx, book: Book, golden: string): Promise<Preview> {
  const loser = await known(ctx.db, book.bookId, golden);
  if (loser.state !== "merged") refuse("masterdata.not_merged", { golden: goldenText(loser.goldenId) });
  const root = (await store.findGolden(ctx.db, book.bookId, loser.rootId)) as store.GoldenRow;
  const all = await store.findFamily(ctx.db, book.bookId, root.goldenId), out = await store.findBelow(ctx.db, book.bookId, loser.goldenId), left = all.filter((id) => !out.includes(id));
  const [stays, goes] = [await valuesOf(ctx.db, book.bookId, root, left), await valuesOf(ctx.db, book.bookId, loser, out)];
  return {
    domain: root.domain, before: [await sideOf(ctx.db, book.bookId, root, all)],
    after: [{ ...(await sideOf(ctx.db, book.bookId, root, left)), name: stays.name?.value ?? root.code, fields: compared(root.domain, stays, root.body) }, { ...(await sideOf(ctx.db, book.bookId, loser, out)), name: goes.name?.value ?? loser.code, fields: compared(root.domain, goes, loser.body) }],
  };
}

const known = async (db: Db, bookId: number, golden: string): Promise<store.GoldenRow> => (await store.findGolden(db, bookId, goldenNo(golden))) ?? refuse("masterdata.golden_unknown", { golden });

async function valuesOf(db: Db, bookId: number, root: store.GoldenRow, family: readonly bigint[]): Promise<GoldenBody> {
  const policy = await store.findPolicy(db, bookId, root.domain);
  const pins = await store.findPins(db, bookId, family);
  const fixed = new Map([...pins.filter(({ goldenId }) => goldenId !== root.goldenId), ...pins.filter(({ goldenId }) => goldenId === root.goldenId)].map(({ field, value }) => [field, value]));
  return survive(await store.findMembers(db, bookId, family), { domain: root.domain, trust: policy?.trust ?? [], fields: policy?.fields ?? {} }, [...fixed].map(([field, value]) => ({ field, value })));
}

async function sideOf(db: Db, bookId: number, { goldenId, code, name }: store.GoldenRow, family: readonly bigint[]): Promise<Side> {
  const rows = await store.findCrosswalk(db, bookId, family);
  return { golden: goldenText(goldenId), code, name, systems: [...new Set(rows.map(({ system }) => system))].sort(), codes: rows.filter(({ to }) => to === null).map(({ system, code: own }) => `${system}:${own}`) };
}

const compared = (domain: string, body: GoldenBody, before: GoldenBody) => Object.entries(body).map(([field, { value, rule, system }]) => ({ field, ...fieldWords(domain, field), value, rule, system, isChanged: before[field]?.value !== value }));
