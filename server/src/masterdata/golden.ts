/** 黄金记录: what a thing is, from what systems say of it; found by code, name, pinyin or 统一社会信用代码, and shown with where each value comes from. */
import { pinyin } from "pinyin-pro";
import type { Book } from "../books/index.ts";
import { type Ctx, type Db, refuse } from "../platform/index.ts";
import { domainOf, domainWords, fieldWords } from "./domain.ts";
import * as store from "./golden.store.ts";
import * as match from "./match.store.ts";
import * as search from "./search.store.ts";
import { type GoldenBody, type Member, type Payload, survive } from "./survivorship.ts";

type Words = { readonly zh: string; readonly en: string };

export const goldenText = (id: bigint): string => `G${String(id).padStart(6, "0")}`;
/** Refuses: masterdata.golden_unknown. */
export function goldenNo(text: string): bigint {
  const digits = /^G?(\d{1,18})$/i.exec(text.trim())?.[1];
  return digits === undefined ? refuse("masterdata.golden_unknown", { golden: text.slice(0, 60) }) : BigInt(digits);
}

/** The record that stands for it now: a merged one answers where it went. Refuses: masterdata.golden_unknown. */
export async function rootOf(db: Db, bookId: number, id: bigint): Promise<store.GoldenRow> {
  const found = (await store.findGolden(db, bookId, id)) ?? refuse("masterdata.golden_unknown", { golden: goldenText(id) });
  return found.rootId === id ? found : ((await store.findGolden(db, bookId, found.rootId)) as store.GoldenRow);
}

/** Works the values out again from what systems say and people fixed. Members and pins of records that went into it count; its own pins come first. */
export async function recompute(db: Db, bookId: number, rootId: bigint, at: string): Promise<void> {
  const root = (await store.findGolden(db, bookId, rootId)) as store.GoldenRow;
  const family = await store.findFamily(db, bookId, rootId);
  const members = await store.findMembers(db, bookId, family);
  const pins = await store.findPins(db, bookId, family);
  const aliases = await store.findAliases(db, bookId, family);
  const policy = await store.findPolicy(db, bookId, root.domain);
  const fixed = new Map(pins.filter(({ goldenId }) => goldenId !== rootId).map((pin) => [pin.field, pin.value]));
  for (const { goldenId, field, value } of pins) if (goldenId === rootId) fixed.set(field, value);
  const body = survive(members, { domain: root.domain, trust: policy?.trust ?? [], fields: policy?.fields ?? {} }, [...fixed].map(([field, value]) => ({ field, value })));
  const name = body.name?.value ?? root.code;
  const { initials, words } = wordsOf(name, body, [root.code, ...members.map(({ code }) => code)], aliases.map(({ text }) => text));
  await store.saveGolden(db, bookId, rootId, { name, initials, words, body, sources: members.length }, at);
}

function wordsOf(name: string, body: GoldenBody, codes: readonly string[], aliases: readonly string[]): { initials: string; words: string } {
  const spoken = [name, ...aliases].slice(0, 20).map((text) => text.slice(0, 200)).filter((text) => /\p{Script=Han}/u.test(text)).map((text) => pinyin(text, { toneType: "none", type: "array", nonZh: "consecutive" }));
  const initialsOf = (syllables: readonly string[]): string => syllables.map((syllable) => syllable[0] ?? "").join("").toLowerCase();
  const all = [name, body.english?.value ?? "", body.uscc?.value ?? "", body.phone?.value ?? "", ...aliases, ...codes, ...spoken.map((syllables) => syllables.join("")), ...spoken.map(initialsOf)];
  return { initials: initialsOf(spoken[0] ?? []), words: [...new Set(all.map((word) => word.toLowerCase().slice(0, 400)).filter((word) => word !== ""))].join("\n") };
}

// Found --------------------------------------------------------------------------------------------------------------------------

export type GoldenListed = { readonly golden: string; readonly domain: string; readonly domainWords: Words; readonly state: string; readonly code: string; readonly name: string; readonly sources: number; readonly uscc: string; readonly systems: readonly string[]; readonly changedAt: string; readonly cursor: string };

/** By code, name, alias, pinyin, its initials, or 统一社会信用代码, across all systems; without a text by domain, in order of code. */
export async function searchGolden(ctx: Ctx, book: Book, { text = "", domain, state, after, limit = 50 }: { readonly text?: string | undefined; readonly domain?: string | undefined; readonly state?: string | undefined; readonly after?: string | undefined; readonly limit?: number | undefined }): Promise<GoldenListed[]> {
  const wanted = text.trim().toLowerCase().slice(0, 100);
  if (domain !== undefined && !domainOf(domain)) refuse("masterdata.domain_unknown", { domain });
  const rows = wanted === "" ? await search.listGoldens(ctx.db, book.bookId, domain ?? "customer", state ?? null, after ?? "", limit)
    : wanted.length < 3 ? await search.findByBeginning(ctx.db, book.bookId, domain ?? null, wanted, text.trim(), limit) : await search.findByWords(ctx.db, book.bookId, domain ?? null, wanted, limit);
  return rows.map(listedOf);
}

const listedOf = (row: search.FoundRow): GoldenListed => ({
  golden: goldenText(row.goldenId), domain: row.domain, domainWords: domainWords(row.domain), state: row.state, code: row.code, name: row.name, sources: row.sources, uscc: row.body.uscc?.value ?? "",
  systems: [...new Set(Object.values(row.body).map(({ system }) => system).filter((system) => system !== ""))].sort(), changedAt: row.changedAt, cursor: `${row.code}\u001f${row.goldenId}`,
});

/** What a code that nobody has mapped may mean, the likest code first: the same letters, O and l typed for 0 and 1, the same number, or a part of it. Refuses: masterdata.domain_unknown. */
export async function suggestMeanings(ctx: Ctx, book: Book, { domain, code, limit = 5 }: { readonly domain: string; readonly code: string; readonly limit?: number | undefined }): Promise<GoldenListed[]> {
  if (!domainOf(domain)) refuse("masterdata.domain_unknown", { domain });
  const said = code.trim().toLowerCase().slice(0, 60);
  const meant = said.replaceAll("o", "0").replace(/[il]/g, "1"), plain = meant.replace(/[^\p{L}\p{N}]/gu, ""), number = (said.match(/\d+/g) ?? []).map((digits) => digits.replace(/^0+/, "")).sort((a, b) => b.length - a.length)[0] ?? "";
  const parts = [...new Set([said, meant, said.replace(/[^\p{L}\p{N}]/gu, ""), plain, ...said.split(/[^\p{L}\p{N}]+/u), number])].filter((part) => part.length >= 3);
  return parts.length === 0 ? [] : (await search.findLikeCodes(ctx.db, book.bookId, domain, plain, parts, limit)).map(listedOf);
}

// Shown --------------------------------------------------------------------------------------------------------------------------

export type GoldenField = Words & { readonly field: string; readonly value: string; readonly rule: string; readonly system: string; readonly record: string | null; readonly said: readonly { readonly record: string; readonly value: string }[]; readonly isDisputed: boolean };
export type GoldenMember = { readonly record: string; readonly system: string; readonly company: string; readonly code: string; readonly version: number; readonly changedAt: string; readonly golden: string; readonly isSuspended: boolean; readonly isMapped: boolean; readonly payload: Payload };
export type GoldenMapping = { readonly no: string; readonly system: string; readonly company: string; readonly code: string; readonly golden: string; readonly isMapped: boolean; readonly isSuspended: boolean; readonly hasRecord: boolean; readonly from: string | null; readonly to: string | null; readonly madeAt: string; readonly madeBy: string };
export type DecisionShown = { readonly no: string; readonly act: string; readonly golden: string | null; readonly other: string | null; readonly record: string | null; readonly weight: string | null; readonly waterfall: match.Waterfall | null; readonly model: number | null; readonly body: unknown; readonly undoes: string | null; readonly undoneBy: string | null; readonly reason: string; readonly by: string; readonly at: string };
export type GoldenShown = {
  readonly golden: string; readonly domain: string; readonly domainWords: Words; readonly state: string; readonly code: string; readonly name: string; readonly version: number; readonly madeAt: string; readonly changedAt: string; /** Asked for by an id that went into this one. */ readonly redirectedFrom: string | null;
  readonly fields: readonly GoldenField[]; readonly members: readonly GoldenMember[]; readonly crosswalk: readonly GoldenMapping[]; readonly aliases: readonly { readonly no: string; readonly kind: string; readonly text: string; readonly from: string | null; readonly to: string | null; readonly by: string }[];
  readonly merged: readonly { readonly golden: string; readonly code: string; readonly name: string; readonly into: string }[]; readonly pins: readonly { readonly field: string; readonly value: string; readonly reason: string; readonly by: string; readonly at: string }[];
  readonly edges: readonly { readonly kind: string; readonly record: string; readonly other: string }[]; readonly decisions: readonly DecisionShown[];
};

/** Refuses: masterdata.golden_unknown. */
export async function showGolden(ctx: Ctx, book: Book, golden: string): Promise<GoldenShown> {
  const asked = goldenNo(golden);
  const root = await rootOf(ctx.db, book.bookId, asked);
  const family = await store.findFamily(ctx.db, book.bookId, root.goldenId);
  const members = await store.findMembers(ctx.db, book.bookId, family);
  const rows = await store.findCrosswalk(ctx.db, book.bookId, family);
  const merged = await store.findGoldens(ctx.db, book.bookId, family.filter((id) => id !== root.goldenId));
  const current = new Map(rows.filter(({ recordId }) => recordId !== null).map((row) => [String(row.recordId), row]));
  return {
    golden: goldenText(root.goldenId), domain: root.domain, domainWords: domainWords(root.domain), state: root.state, code: root.code, name: root.name, version: root.version, madeAt: root.madeAt, changedAt: root.changedAt, redirectedFrom: asked === root.goldenId ? null : goldenText(asked),
    fields: fieldsShown(root, members),
    members: members.map((one) => ({ record: String(one.recordId), system: one.system, company: one.company, code: one.code, version: one.version, changedAt: one.changedAt, golden: goldenText(one.goldenId), isSuspended: current.get(String(one.recordId))?.isSuspended ?? false, isMapped: current.get(String(one.recordId))?.isMapped ?? false, payload: one.payload })),
    crosswalk: rows.map((row) => ({ no: String(row.crosswalkId), system: row.system, company: row.company, code: row.code, golden: goldenText(row.goldenId), isMapped: row.isMapped, isSuspended: row.isSuspended, hasRecord: row.recordId !== null, from: row.from, to: row.to, madeAt: row.madeAt, madeBy: row.madeBy })),
    aliases: (await store.findAliases(ctx.db, book.bookId, family)).map(({ aliasNo, kind, text, from, to, by }) => ({ no: String(aliasNo), kind, text, from, to, by })),
    merged: merged.map(({ goldenId, code, name, redirectTo }) => ({ golden: goldenText(goldenId), code, name, into: goldenText(redirectTo as bigint) })),
    pins: (await store.findPins(ctx.db, book.bookId, family)).map(({ field, value, reason, by, at }) => ({ field, value, reason, by, at })),
    edges: (await match.findEdgesOf(ctx.db, book.bookId, members.map(({ recordId }) => recordId))).map(({ a, b, kind }) => ({ kind, record: String(a), other: String(b) })),
    decisions: (await match.findDecisions(ctx.db, book.bookId, family, 100)).map(decisionShown),
  };
}

export const decisionShown = (row: match.DecisionRow): DecisionShown => ({
  no: String(row.decisionNo), act: row.act, golden: row.goldenId === null ? null : goldenText(row.goldenId), other: row.otherId === null ? null : goldenText(row.otherId), record: row.recordId === null ? null : String(row.recordId), weight: row.weight, waterfall: row.waterfall, model: row.model, body: row.body,
  undoes: row.undoes === null ? null : String(row.undoes), undoneBy: row.undoneBy === null ? null : String(row.undoneBy), reason: row.reason, by: row.by, at: row.at,
});

function fieldsShown({ domain, body }: store.GoldenRow, members: readonly Member[]): GoldenField[] {
  const order = domainOf(domain)?.fields.map(({ name }) => name) ?? [];
  const placeOf = (field: string): number => (order.includes(field) ? order.indexOf(field) : order.length);
  return Object.entries(body).sort(([a], [b]) => placeOf(a) - placeOf(b) || (a < b ? -1 : 1)).map(([field, { value, rule, system, record }]) => {
    const said = members.flatMap((one) => ((one.payload[field] ?? "") === "" ? [] : [{ record: String(one.recordId), value: one.payload[field] as string }]));
    return { field, ...fieldWords(domain, field), value, rule, system, record, said, isDisputed: new Set(said.map((one) => one.value)).size > 1 };
  });
}
