/**
 * 取值: which of the values that systems give survives in the golden record, field by field, and by which rule. Pure and without memory:
 * the same members, policy and pins give the same bytes, so that taking a merge back gives back what stood before.
 */
import { checkCode } from "./code-standard.ts";
import { domainOf } from "./domain.ts";

export type Payload = Readonly<Record<string, string>>;
export type Member = { readonly recordId: bigint; readonly system: string; readonly company: string; readonly code: string; readonly version: number; readonly payload: Payload; readonly changedAt: string };
export type ValueRule = "pin" | "only" | "agreed" | "valid" | "trust" | "recent" | "frequent" | "longest";
export type GoldenValue = { readonly value: string; /** null for a value that a person fixed. */ readonly record: string | null; readonly system: string; readonly rule: ValueRule };
export type GoldenBody = Readonly<Record<string, GoldenValue>>;
export type TieRule = "recent" | "frequent" | "longest";
export type FieldPolicy = { readonly rule?: TieRule; readonly trust?: readonly string[] };
export type Survival = { readonly domain: string; readonly trust: readonly string[]; readonly fields: Readonly<Record<string, FieldPolicy>> };
export type Pinned = { readonly field: string; readonly value: string };

/** Order of the steps: what a person fixed; what passes its own check; the most trusted system; then the latest, the most frequent or the longest. */
export function survive(members: readonly Member[], survival: Survival, pins: readonly Pinned[]): GoldenBody {
  const pinned = new Map(pins.map(({ field, value }) => [field, value]));
  const names = [...new Set([...members.flatMap(({ payload }) => Object.keys(payload)), ...pinned.keys()])].sort();
  const body: Record<string, GoldenValue> = {};
  for (const field of names) {
    const fixed = pinned.get(field);
    const value = fixed === undefined ? choose(members.filter(({ payload }) => (payload[field] ?? "") !== ""), field, survival) : { value: fixed, record: null, system: "", rule: "pin" as const };
    if (value) body[field] = value;
  }
  return body;
}

function choose(candidates: readonly Member[], field: string, { domain, trust, fields }: Survival): GoldenValue | undefined {
  const said = (of: readonly Member[]): number => new Set(of.map(({ payload }) => payload[field])).size;
  const take = (member: Member | undefined, rule: ValueRule): GoldenValue | undefined => member && { value: member.payload[field] as string, record: String(member.recordId), system: member.system, rule };
  let left = [...candidates].sort(byIdentity);
  if (left.length < 2) return take(left[0], "only");
  const check = domainOf(domain)?.fields.find(({ name }) => name === field)?.check;
  const order = fields[field]?.trust ?? trust;
  const rankOf = ({ system }: Member): number => (order.includes(system) ? order.indexOf(system) : order.length);
  if (said(left) === 1) return take(left.sort((a, b) => rankOf(a) - rankOf(b) || byIdentity(a, b))[0], "agreed");
  if (check) {
    const right = left.filter(({ payload }) => checkCode(check, payload[field] as string).isValid);
    if (right.length > 0 && right.length < left.length) {
      left = right;
      if (said(left) === 1) return take(left[0], "valid");
    }
  }
  const best = Math.min(...left.map(rankOf));
  if (order.length > 0 && left.some((member) => rankOf(member) !== best)) {
    left = left.filter((member) => rankOf(member) === best);
    if (said(left) === 1) return take(left[0], "trust");
  }
  const rule = fields[field]?.rule ?? "recent";
  const times = (member: Member): number => left.filter(({ payload }) => payload[field] === member.payload[field]).length;
  const latest = (a: Member, b: Member): number => (a.changedAt < b.changedAt ? 1 : a.changedAt > b.changedAt ? -1 : byIdentity(a, b));
  left.sort((a, b) => (rule === "frequent" ? times(b) - times(a) : rule === "longest" ? (b.payload[field] as string).length - (a.payload[field] as string).length : 0) || latest(a, b));
  return take(left[0], rule);
}

const byIdentity = (a: Member, b: Member): number => (a.system < b.system ? -1 : a.system > b.system ? 1 : a.company < b.company ? -1 : a.company > b.company ? 1 : a.code < b.code ? -1 : a.code > b.code ? 1 : Number(a.recordId - b.recordId));
