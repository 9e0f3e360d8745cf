/**
 * One record against those that share a key with it. The engine (matching/) weighs parties, items, departments and accounts; for what has no
 * more than a code, a number and a name, three plain facts are weighed. Pure: keys and candidates come from the store.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Calibration } from "./calibration.ts";
import { type Domain, domainOf } from "./domain.ts";
import { Table } from "./matching/columns.ts";
import { Comparer } from "./matching/levels.ts";
import { matchTable } from "./matching/match.ts";
import { type ModelData, type PairWeight, Scorer } from "./matching/model.ts";
import { plainName } from "./matching/normalise.ts";
import { type Key, keysOf } from "./matching/online.ts";
import { hashText } from "./matching/similarity.ts";
import type { Payload } from "./survivorship.ts";

/** One that joins two parts names the keys of the parts, null for a part that is no key by itself. */
export type MatchKey = { readonly name: string; readonly key: bigint; readonly parts?: readonly [bigint | null, bigint | null] };
/** The engine's model, or the weights of the plain facts. */
export type Model = { readonly version: number; readonly learnedOn: string; readonly data: ModelData | null; /** What people's answers say the weights are worth. */ readonly calibration: Calibration | null };

/** More rows than this make a key generic: it is kept, told, and not followed. */
export const keyRowsMax = 400;
/** Records that are weighed, those with the rarest common keys first. */
export const weighedMax = 20;
/** Bits from which at most one pair in two hundred is wrong: log2(0.995 / 0.005). */
const surely = 7.64;
/** Without answers of people. A size that is read from an item's name counts in the name and in the specification: more is asked of items before they join by themselves. */
export const usualAutoFrom = ({ data }: Model, domain: string): number => Math.max(surely, data?.autoThreshold ?? 0) + (domain === "item" ? 4 : 0);
/** Firms that are only related stand here. */
export const usualReviewFrom = -1;
export const autoFrom = (model: Model, domain: string): number => model.calibration?.autoFrom ?? usualAutoFrom(model, domain);
/** Down to here a person is asked. */
export const reviewFrom = ({ calibration }: Model): number => calibration?.reviewFrom ?? usualReviewFrom;

/** Longer texts say no more and cost; control characters say nothing. */
const textMax = 300;
export const cleaned = (payload: Payload): Payload => Object.fromEntries(Object.entries(payload).map(([name, value]) => [name, value.replace(/[\p{Cc}\p{Cf}\p{Cs}]+/gu, " ").trim().slice(0, textMax)]));

/** Sizes and types that stand in the name of an item which has no specification of its own (球阀 DN50): the rest of the name, and they. */
function sizesOf(domain: string, { name = "", spec = "" }: Payload): { readonly rest: string; readonly sizes: string } | undefined {
  if (domain !== "item" || spec !== "") return undefined;
  const words = name.split(/\s+/).map((word) => ({ han: word.replace(/[^\p{Script=Han}]/gu, ""), size: /\d/.test(word) ? word.replace(/^\p{Script=Han}+/u, "").toUpperCase() : "", word }));
  const sizes = words.map(({ size }) => size).filter((size) => size !== "").sort().join(" ");
  return sizes === "" ? undefined : { sizes, rest: words.map(({ size, han, word }) => (size === "" ? word : han)).join("") };
}

/** Another size is another item; the same size says something only where the rest of the name does. */
function withSizes(domain: string, own: Payload, other: Payload): Payload {
  const [mine, theirs] = [sizesOf(domain, own), sizesOf(domain, other)];
  if (!mine || !theirs) return other;
  const isTelling = mine.sizes !== theirs.sizes || mine.rest.includes(theirs.rest) || theirs.rest.includes(mine.rest);
  return isTelling ? { ...other, spec: theirs.sizes } : other;
}

/** Every key of a record, each once. Book and domain are part of the hash. */
export function matchKeys(bookId: number, domainName: string, code: string, payload: Payload): MatchKey[] {
  const domain = domainOf(domainName);
  const plain = cleaned(payload);
  const salt = `${bookId}|${familyOf(domainName)}|`;
  const hashed = (name: string, text: string): MatchKey => ({ name, key: BigInt.asIntN(64, (BigInt(hashText(salt + name + text, 17)) << 32n) | BigInt(hashText(salt + name + text, 91))) });
  const own = (one: Key | null): bigint | null => (one === null ? null : hashed(one.name, String(one.hash)).key);
  const keys = domain?.match ? keysOf(domain.match.fields, plain).map(({ name, hash, parts }): MatchKey => ({ ...hashed(name, String(hash)), ...(parts ? { parts: [own(parts[0]), own(parts[1])] } : {}) })) : plainFacts(code, plain).map(([name, text]) => hashed(name, text));
  return [...new Map(keys.map((one) => [one.key, one])).values()];
}

/** Customers and suppliers are weighed alike, but each among its own. */
const familyOf = (domain: string): string => domain;

const plainFacts = (code: string, payload: Payload): (readonly [name: string, text: string])[] =>
  ([["code", code.trim().toUpperCase()], ["name", plainName(payload.name ?? "")], ["number", (payload.number ?? payload.division ?? payload.phone ?? "").replace(/\D/g, "")]] as const).filter(([, text]) => text !== "");

export type Weighed = { readonly code: string; readonly payload: Payload };

/** Weight of the record against each of the others, with what every field says. */
export function weighAll(domainName: string, model: Model, record: Weighed, others: readonly Weighed[]): PairWeight[] {
  if (others.length === 0) return [];
  const { data } = model;
  if (data === null) return others.map((other) => weighPlain(record, other));
  const { table, scorer } = scalesOf(data);
  try {
    const own = cleaned(record.payload);
    for (const plain of [withSizes(domainName, own, own), ...others.map(({ payload }) => withSizes(domainName, own, cleaned(payload)))]) table.add(data.fields.map(({ name }) => plain[name] ?? ""));
    return others.map((_, at) => scorer.explain(0, at + 1));
  } finally {
    for (const list of table.ids) list.length = 0;
    table.sources.length = 0;
    table.rows = 0;
  }
}

/** Scales are kept: what a value is in normal form and how alike two are is remembered. They are made anew before they grow without end. */
const scales = new WeakMap<ModelData, { readonly table: Table; readonly scorer: Scorer }>();
function scalesOf(data: ModelData): { readonly table: Table; readonly scorer: Scorer } {
  const kept = scales.get(data);
  if (kept && kept.table.dictionaries.every(({ values }) => values.length < valuesMax)) return kept;
  const table = new Table(data.fields);
  const made = { table, scorer: new Scorer(table, data, new Comparer(table, data.frequencies), true) };
  scales.set(data, made);
  return made;
}
const valuesMax = 200_000;

/** The same number, or the same code under the same name, is one thing; a code alone may mean something else in another system (同码不同义). */
function weighPlain(a: Weighed, b: Weighed): PairWeight {
  const [mine, theirs] = [new Map(plainFacts(a.code, cleaned(a.payload))), new Map(plainFacts(b.code, cleaned(b.payload)))];
  const bits = { code: [6, -2], name: [8, -6], number: [16, -16] } as const;
  const byField = (["code", "name", "number"] as const).map((field) => {
    const one = mine.get(field), other = theirs.get(field);
    return one === undefined || other === undefined ? { field, level: "missing", bits: 0 } : one === other ? { field, level: "equal", bits: bits[field][0] } : { field, level: "different", bits: bits[field][1] };
  });
  const prior = -6;
  return { weight: byField.reduce((sum, one) => sum + one.bits, prior), prior, byField };
}

/** What the system comes with, learned from a made set (learn-models.ts); a book with records enough learns its own. */
const shipped = new Map<string, ModelData>();
export function seedModel(domainName: string): Model {
  const name = domainOf(domainName)?.match?.model;
  if (name === undefined) return { version: 0, learnedOn: "plain", data: null, calibration: null };
  let data = shipped.get(name);
  if (!data) shipped.set(name, (data = JSON.parse(readFileSync(join(import.meta.dirname, "models", `${name}.json`), "utf8")) as ModelData));
  return { version: 0, learnedOn: "seed", data, calibration: null };
}

export function* seedRows({ match }: Domain): Generator<Payload> {
  if (!match) return;
  const { header, rows } = match.seed();
  for (const row of rows) yield Object.fromEntries(Object.entries(match.columns).map(([field, column]) => [field, row[header.indexOf(column)] ?? ""]));
}

export function learnFrom({ match }: Domain, payloads: Iterable<Payload>): ModelData {
  const fields = match?.fields ?? [];
  const table = new Table(fields);
  for (const payload of payloads) {
    const plain = cleaned(payload);
    table.add(fields.map(({ name }) => plain[name] ?? ""));
  }
  table.close();
  return matchTable(table).model;
}
