/** 单位换算: rational numbers, of one item or of all. Whatever way is taken from one unit to another, the result is the same: a way round is refused. */
import type { Book } from "../books/index.ts";
import { type Ctx, refuse } from "../platform/index.ts";
import { goldenNo, goldenText, rootOf } from "./golden.ts";
import * as store from "./reference.store.ts";

/** 1 `from` = num / den `to`, in lowest terms. */
export type Factor = { readonly from: string; readonly to: string; readonly num: bigint; readonly den: bigint };
export type Ratio = { readonly num: bigint; readonly den: bigint };

const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? a : gcd(b, a % b));
export const lowest = ({ num, den }: Ratio): Ratio => {
  const common = gcd(num, den);
  return { num: num / common, den: den / common };
};

/** How many `to` one `from` is, over any number of steps. */
export function ratioBetween(factors: readonly Factor[], from: string, to: string): Ratio | undefined {
  const found = new Map<string, Ratio>([[from, { num: 1n, den: 1n }]]);
  const open = [from];
  for (let unit = open.shift(); unit !== undefined && !found.has(to); unit = open.shift()) {
    const so = found.get(unit) as Ratio;
    for (const factor of factors) {
      const next = factor.from === unit ? { unit: factor.to, num: so.num * factor.num, den: so.den * factor.den } : factor.to === unit ? { unit: factor.from, num: so.num * factor.den, den: so.den * factor.num } : undefined;
      if (!next || found.has(next.unit)) continue;
      found.set(next.unit, lowest(next));
      open.push(next.unit);
    }
  }
  return found.get(to);
}

/** Reads 12, 0.5 or 1/3. Refuses: masterdata.factor_unreadable. */
export function readRatio(text: string): Ratio {
  const [, whole = "", fraction = "", den] = /^\s*(\d{1,15})(?:\.(\d{1,12}))?\s*(?:\/\s*(\d{1,15}))?\s*$/.exec(text) ?? refuse("masterdata.factor_unreadable", { factor: text.slice(0, 40) });
  const ratio = { num: BigInt(whole + fraction), den: 10n ** BigInt(fraction.length) * BigInt(den ?? "1") };
  return ratio.num === 0n || ratio.den === 0n ? refuse("masterdata.factor_unreadable", { factor: text.slice(0, 40) }) : lowest(ratio);
}
export const ratioText = ({ num, den }: Ratio): string => (den === 1n ? String(num) : `${num}/${den}`);

export type FactorShown = { readonly no: string; readonly golden: string | null; readonly from: string; readonly to: string; readonly factor: string; readonly validFrom: string | null; readonly validTo: string | null };

/** 1 `from` = `factor` `to`. Refuses: masterdata.factor_unreadable, masterdata.unit_loop, masterdata.unit_known. */
export async function addUnitFactor(ctx: Ctx, book: Book, wanted: { readonly golden?: string | undefined; readonly from: string; readonly to: string; readonly factor: string; readonly validFrom?: string | undefined }): Promise<{ readonly no: string }> {
  const ratio = readRatio(wanted.factor), from = wanted.from.trim(), to = wanted.to.trim();
  if (from === "" || to === "" || from === to) refuse("masterdata.unit_loop", { from, to, way: `1 ${from} = ${ratioText(ratio)} ${to}` });
  return ctx.db.transaction(async (db) => {
    await store.lockTree(db, book.bookId, "units");
    const goldenId = wanted.golden === undefined ? null : (await rootOf(db, book.bookId, goldenNo(wanted.golden))).goldenId;
    const known = (await store.findFactors(db, book.bookId, goldenId, wanted.validFrom ?? ctx.now().toISOString().slice(0, 10))).map(factorOf);
    const already = ratioBetween(known, from, to);
    if (already) {
      if (already.num === ratio.num && already.den === ratio.den) refuse("masterdata.unit_known", { from, to, factor: ratioText(already) });
      refuse("masterdata.unit_loop", { from, to, way: `1 ${from} = ${ratioText(already)} ${to} ≠ ${ratioText(ratio)} ${to}` });
    }
    const { factorNo } = await store.addFactor(db, book.bookId, { goldenId, fromUnit: from, toUnit: to, ...ratio, from: wanted.validFrom ?? null, to: null }, ctx.actor.id, ctx.now().toISOString());
    return { no: String(factorNo) };
  });
}

/** Refuses: masterdata.factor_unknown. */
export async function dropUnitFactor(ctx: Ctx, book: Book, no: string): Promise<void> {
  const gone = /^\d{1,18}$/.test(no) ? await store.dropFactor(ctx.db, book.bookId, BigInt(no)) : [];
  if (gone.length === 0) refuse("masterdata.factor_unknown", { no: no.slice(0, 40) });
}

export async function listUnitFactors(ctx: Ctx, book: Book, golden?: string): Promise<FactorShown[]> {
  const goldenId = golden === undefined ? null : (await rootOf(ctx.db, book.bookId, goldenNo(golden))).goldenId;
  return (await store.findFactors(ctx.db, book.bookId, goldenId, ctx.now().toISOString().slice(0, 10))).map((row) => ({ no: String(row.factorNo), golden: row.goldenId === null ? null : goldenText(row.goldenId), from: row.fromUnit, to: row.toUnit, factor: ratioText({ num: BigInt(row.num), den: BigInt(row.den) }), validFrom: row.from, validTo: row.to }));
}

export const factorOf = (row: { readonly fromUnit: string; readonly toUnit: string; readonly num: string; readonly den: string }): Factor => ({ from: row.fromUnit, to: row.toUnit, num: BigInt(row.num), den: BigInt(row.den) });
