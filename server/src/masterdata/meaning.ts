/**
 * 编码的含义, as posting needs it: what a code of a source means on the document's day. A code that a person mapped means the golden record's own
 * code; one that is suspended, that several systems use for different things, or that nobody knows, holds its document back.
 */
import type { Book } from "../books/index.ts";
import { isMasterKind, type MasterKind } from "../documents/index.ts";
import { type Ctx, type Db, refuse } from "../platform/index.ts";
import { domainOf } from "./domain.ts";
import { goldenText, rootOf } from "./golden.ts";
import * as store from "./golden.store.ts";
import { lookUp, type MasterRecord, type Masters } from "./master.ts";
import * as reference from "./reference.store.ts";
import { type Factor, factorOf, type Ratio, ratioBetween } from "./unit.ts";

type Meaning = { readonly from: string | null; readonly to: string | null; readonly isSuspended: boolean; readonly target: string | null; readonly targetSource: string | null };
type DatedFactor = Factor & { readonly validFrom: string | null; readonly validTo: string | null };
/** What people decided about codes, beside the records themselves. */
export type Meanings = { /** Those in which a person has said anything, or that are kept strictly. */ readonly kinds: ReadonlySet<string>; readonly byCode: ReadonlyMap<string, readonly Meaning[]>; readonly ambiguous: ReadonlySet<string>; readonly strict: ReadonlySet<string>; readonly factors: ReadonlyMap<string, readonly DatedFactor[]> };

export async function readMeanings(db: Db, bookId: number): Promise<Meanings> {
  const byCode = new Map<string, Meaning[]>();
  for (const { kind, source, code, ...meaning } of await store.findMeanings(db, bookId)) {
    const key = `${kind}|${source}|${code}`, known = byCode.get(key);
    if (known) known.push(meaning);
    else byCode.set(key, [meaning]);
  }
  const factors = new Map<string, DatedFactor[]>();
  for (const row of await reference.findFactorsForPosting(db, bookId)) factors.set(row.item ?? "", [...(factors.get(row.item ?? "") ?? []), { ...factorOf(row), validFrom: row.from, validTo: row.to }]);
  const strict = new Set(await store.findStrictDomains(db, bookId)), kinds = new Set([...byCode.keys()].map((key) => key.slice(0, key.indexOf("|"))));
  return { byCode, factors, ambiguous: new Set((await store.findAmbiguous(db, bookId)).map(({ kind, code }) => `${kind}|${code}`)), strict, kinds: kinds.union(strict) };
}

/** Codes that several systems use for different things, as posting knows them. */
export const readAmbiguous = async (ctx: Ctx, book: Book): Promise<string[]> => (await store.findAmbiguous(ctx.db, book.bookId)).map(({ kind, code }) => `${kind}|${code}`);

export type MeantProblem = "masterdata.unknown" | "masterdata.suspended" | "masterdata.ambiguous";

/** The record that a code of a source means on a day, or why the document has to wait for a person. */
export function meaningOf(masters: Masters, kind: MasterKind, code: string, source: string, date: string): { readonly record: MasterRecord; readonly problem?: undefined } | { readonly record?: undefined; readonly problem: MeantProblem } {
  const { meanings } = masters;
  if (meanings === undefined) return found(lookUp(masters, kind, code, source));
  const meant = meanings.byCode.get(`${kind}|${source}|${code}`)?.find(({ from, to }) => (from === null || from <= date) && (to === null || date < to));
  if (meant?.isSuspended) return { problem: "masterdata.suspended" };
  if (meant && meant.target !== null) return found(lookUp(masters, kind, meant.target, meant.targetSource ?? source));
  const same = masters.byKind.get(kind)?.get(code) ?? [];
  const own = same.find((record) => record.source === source);
  if (own) return { record: own };
  if (meanings.strict.has(kind)) return { problem: "masterdata.unknown" };
  if (same.length > 1 && meanings.ambiguous.has(`${kind}|${code}`)) return { problem: "masterdata.ambiguous" };
  return found(same[0]);
}
const found = (record: MasterRecord | undefined) => (record ? { record } : { problem: "masterdata.unknown" as const });

/** Of kinds whose codes need no record in the books (warehouses, departments, accounts, units): what a person mapped the code to, else the code itself. */
export function codeMeant(masters: Masters, kind: string, code: string, source: string, date: string): { readonly code: string; readonly problem?: undefined } | { readonly code?: undefined; readonly problem: MeantProblem } {
  const { meanings } = masters;
  if (meanings === undefined || code === "" || !meanings.kinds.has(kind)) return { code };
  const meant = meanings.byCode.get(`${kind}|${source}|${code}`)?.find(({ from, to }) => (from === null || from <= date) && (to === null || date < to));
  if (meant?.isSuspended) return { problem: "masterdata.suspended" };
  if (meant && meant.target !== null) return { code: meant.target };
  return meanings.strict.has(kind) && isMasterKind(kind) && !masters.byKind.get(kind)?.get(code)?.some((record) => record.source === source) ? { problem: "masterdata.unknown" } : { code };
}

/** How many stock units one unit of an item is: what its record says, else the conversions that people keep. */
export function stockUnits(masters: Masters, item: MasterRecord, unit: string, date: string): Ratio | undefined {
  const own = item.units[unit];
  if (own !== undefined) return { num: own, den: 1_000_000n };
  const { factors } = masters.meanings ?? {};
  const kept = [...(factors?.get(item.code) ?? []), ...(factors?.get("") ?? [])].filter(({ validFrom, validTo }) => (validFrom === null || validFrom <= date) && (validTo === null || date < validTo));
  return kept.length === 0 ? undefined : ratioBetween(kept, unit, item.fields.unit ?? "pcs");
}

// Asked from outside -------------------------------------------------------------------------------------------------------------

export type Resolved = { readonly golden: string; readonly code: string; readonly name: string; readonly state: string; readonly isMapped: boolean; readonly isSuspended: boolean; readonly from: string | null; readonly to: string | null };

/** What a code of a system means on a day. Refuses: masterdata.domain_unknown, masterdata.unmapped. */
export async function resolveCode(ctx: Ctx, book: Book, { domain, system, company = "", code, on }: { readonly domain: string; readonly system: string; readonly company?: string | undefined; readonly code: string; readonly on?: string | undefined }): Promise<Resolved> {
  if (!domainOf(domain)) refuse("masterdata.domain_unknown", { domain });
  const date = on ?? ctx.now().toISOString().slice(0, 10);
  const row = (await store.findMeaning(ctx.db, book.bookId, { domain, system, company, code }, date)) ?? refuse("masterdata.unmapped", { code, system, date });
  const root = await rootOf(ctx.db, book.bookId, row.goldenId);
  return { golden: goldenText(root.goldenId), code: root.code, name: root.name, state: root.state, isMapped: row.isMapped, isSuspended: row.isSuspended || root.state === "suspended", from: row.from, to: row.to };
}
