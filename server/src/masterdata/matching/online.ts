/**
 * One record against many, for the moment when it arrives: the keys by which it can be found, and the candidates with the weight of each
 * field. Pure functions: whoever keeps keys in a database stores `keysOf` of each record and compares what it finds.
 */
import { atomsOf, Table } from "./columns.ts";
import { type Feature, featuresOf, type Field, valuesOf } from "./fields.ts";
import { Comparer } from "./levels.ts";
import { type ModelData, type PairWeight, Scorer } from "./model.ts";
import { normalisationVersion } from "./normalise.ts";
import { hashText } from "./similarity.ts";

export type MatchRecord = Readonly<Record<string, string | null | undefined>>;

/**
 * `hash` fits int8. A key of more than 400 records is generic and must not be followed. One that joins two parts says which keys the parts are by
 * themselves, null for none: it finds nothing new where one of them is followed.
 */
export type Key = { readonly name: string; readonly hash: bigint; readonly version: number; readonly parts?: readonly [Key | null, Key | null] };

/** Every key of a record, each once: strong values alone, coarse ones two by two. */
export function keysOf(fields: readonly Field[], record: MatchRecord): Key[] {
  const features = featuresOf(fields);
  const written = fields.map(({ name, kind }) => ((record[name] ?? "") === "" ? [] : valuesOf(kind, record[name] as string)));
  const first = fields.map((_, field) => features.findIndex((feature) => feature.field === field));
  const keys = new Map<string, Key>();
  const put = (name: string, text: string, parts?: readonly [Key | null, Key | null]): Key => {
    const hash = BigInt.asIntN(64, (BigInt(hashText(text, 17)) << 32n) | BigInt(hashText(text, 91))), id = `${name}${hash}`;
    const known = keys.get(id) ?? { name, hash, version: normalisationVersion, ...(parts ? { parts } : {}) };
    keys.set(id, known);
    return known;
  };
  const coarse: { name: string; text: string; alone: Key | null }[] = [];
  for (const [index, feature] of features.entries()) {
    const value = written[feature.field]?.[index - (first[feature.field] as number)] ?? "";
    if (value === "") continue;
    const atoms = atomsOf(feature, index, value), alone = new Map<number, Key>();
    for (const { hash, isWeak, name } of atoms) if (!isWeak || name.endsWith(":less") || isLongPart(feature, value)) alone.set(hash, put(name, `${name.slice(name.lastIndexOf(":"))}${hash}`));
    const part = atoms.find(({ name }) => /:(?:sound|ym|begin)$/.test(name)) ?? atoms[0];
    // Nearly every firm has no branch: that none is named tells nothing, alone or with another.
    if (part && value !== "-") coarse.push({ name: part.name, text: String(part.hash), alone: alone.get(part.hash) ?? null });
  }
  for (let i = 0; i < coarse.length; i++)
    for (let j = i + 1; j < coarse.length; j++) {
      const one = coarse[i] as (typeof coarse)[number], other = coarse[j] as (typeof coarse)[number];
      put(`${one.name}+${other.name}`, `${one.text}+${other.text}`, [one.alone, other.alone]);
    }
  return [...keys.values()];
}

/** Half of a long code is telling enough alone. */
const isLongPart = ({ style }: Feature, value: string): boolean => (style === "digits" || style === "uscc") && value.length >= 12;

/** Weighs two records that stand alone; how rare their values are is what the model remembers of its table. */
export function compareRecords(a: MatchRecord, b: MatchRecord, model: ModelData): PairWeight {
  const table = new Table(model.fields);
  for (const record of [a, b]) table.add(model.fields.map(({ name }) => record[name] ?? ""));
  return new Scorer(table, model, new Comparer(table, model.frequencies), true).explain(0, 1);
}

export type Candidate = PairWeight & { readonly row: number; readonly decision: "auto" | "review" | "none" };

/** Records held in memory with their keys. */
export class MatchIndex {
  readonly table: Table;
  readonly model: ModelData;
  private readonly scorer: Scorer;
  private readonly rowsOf = new Map<bigint, number[]>();

  constructor(records: readonly MatchRecord[], model: ModelData) {
    this.model = model;
    this.table = new Table(model.fields);
    for (const record of records) {
      const row = this.table.add(valuesIn(model, record));
      for (const { hash } of keysOf(model.fields, record)) {
        const rows = this.rowsOf.get(hash);
        if (!rows) this.rowsOf.set(hash, [row]);
        else if (rows.length <= keyRowsMax) rows.push(row);
      }
    }
    this.scorer = new Scorer(this.table, model, new Comparer(this.table, model.frequencies), true);
  }

  candidatesOf(record: MatchRecord): readonly number[] {
    const found = new Set<number>();
    for (const { hash } of keysOf(this.model.fields, record)) {
      const rows = this.rowsOf.get(hash);
      if (rows && rows.length <= keyRowsMax) for (const row of rows) found.add(row);
    }
    return [...found].sort((a, b) => a - b);
  }

  weigh(record: MatchRecord, rows: readonly number[]): readonly (PairWeight & { readonly row: number })[] {
    return this.table.withRow(valuesIn(this.model, record), (own) => rows.map((row) => ({ row, ...this.scorer.explain(row, own) })));
  }
}

const keyRowsMax = 400;
const valuesIn = (model: ModelData, record: MatchRecord): string[] => model.fields.map(({ name }) => record[name] ?? "");

/** The likeliest records first, each with what every field says; those with less than one chance in sixteen are left out. */
export function matchOne(index: MatchIndex, record: MatchRecord, limit = 10): Candidate[] {
  return index.weigh(record, index.candidatesOf(record)).filter(({ weight }) => weight > -4).sort((a, b) => b.weight - a.weight || a.row - b.row).slice(0, limit)
    .map((one) => ({ ...one, decision: one.hard === "cannotLink" || one.hard === "onlyRelated" ? "none" : one.hard === "mustLink" || one.weight > index.model.autoThreshold ? "auto" : one.weight > 0 ? "review" : "none" }));
}
