/** The whole way for a table: keys, a model learned from the table itself, weights, groups, and what to leave to a person. */
import { elapsedMs } from "../../platform/index.ts";
import { Candidates, type GenericKey } from "./candidates.ts";
import { EdgeList, linkByAverage, type Merge, pairOneToOne, Union, weighAgainstOthers } from "./cluster.ts";
import type { Table } from "./columns.ts";
import { Comparer } from "./levels.ts";
import { drawPairs, learnModel, type ModelData, PatternCount, Scorer } from "./model.ts";
import { hashText } from "./similarity.ts";

export type MatchSettings = {
  /** Rows of one source are known to be different things: each pairs with at most one row of another source. */
  readonly isOneToOne: boolean;
  /** Expected share of right pairs among those merged without a person. */
  readonly autoPrecision: number;
  readonly mustLink: readonly (readonly [number, number])[];
  readonly cannotLink: readonly (readonly [number, number])[];
};
export const usualSettings: MatchSettings = { isOneToOne: false, autoPrecision: 0.995, mustLink: [], cannotLink: [] };

export type Matched = {
  /** For each row the first row of its group. */
  readonly groups: Int32Array;
  /** The same for merges that need no person. */
  readonly autoGroups: Int32Array;
  /** Rows outside the largest sure part of their group: a person decides whether they belong. */
  readonly rowsForReview: number;
  readonly edges: EdgeList;
  readonly model: ModelData;
  readonly scorer: Scorer;
  readonly candidatePairs: number;
  readonly autoThreshold: number;
  readonly generic: readonly GenericKey[];
  readonly genericCount: number;
  readonly cappedKeys: number;
  readonly keyRowsUsed: number;
  readonly seconds: Readonly<Record<"keys" | "learn" | "score" | "group", number>>;
};

/** A pair is kept when it weighs more than this. */
const keepAbove = (isAcross: boolean): number => (isAcross ? -8 : -2);
const learnPairsMax = 150_000;

export function matchTable(table: Table, given: Partial<MatchSettings> = {}): Matched {
  const settings = { ...usualSettings, ...given };
  const began = elapsedMs();
  const isAcross = settings.isOneToOne;
  const candidates = new Candidates(table, { isAcross });
  const keyed = elapsedMs();
  const comparer = new Comparer(table);
  const drawn = drawPairs(table, comparer, isAcross);
  // Rows are taken by a hash of their number until there are enough pairs to learn from.
  let total = 0;
  const pairs = new KeptPairs(table.rows);
  for (let row = 0; row < table.rows; row++) total += pairs.keep(candidates.after(row));
  const share = Math.max(1, Math.ceil(total / learnPairsMax));
  const count = new PatternCount(table.features.length), levels = new Uint8Array(table.features.length);
  let sampled = 0;
  for (let row = 0; row < table.rows; row++) {
    if (hashText(String(row), 7) % share !== 0) continue;
    const { list, from, to } = pairs.of(row) ?? whole(candidates.after(row));
    for (let at = from; at < to; at++) {
      comparer.compare(row, list[at] as number, levels);
      count.add(levels);
      sampled++;
    }
  }
  const learnt = learnModel(table, { ...drawn, candidates: count.patterns(), candidateScale: sampled === 0 ? 1 : total / sampled });
  const learned = elapsedMs();
  const scorer = new Scorer(table, learnt, comparer);
  let edges = new EdgeList();
  const least = keepAbove(isAcross);
  for (let row = 0; row < table.rows; row++) {
    const { list, from, to } = pairs.of(row) ?? whole(candidates.after(row));
    for (let at = from; at < to; at++) {
      const weight = scorer.weighAbove(row, list[at] as number, least);
      if (weight > least) edges.push(row, list[at] as number, weight);
    }
  }
  if (isAcross) edges = weighAgainstOthers(table.rows, edges, (row) => table.sources.at(row));
  const scored = elapsedMs();
  const fixed = fixedPairs(settings, table.rows);
  for (const [a, b] of settings.mustLink) edges.push(Math.min(a, b), Math.max(a, b), 1000);
  const weigh = (a: number, b: number): number => fixed(a, b) ?? scorer.weigh(a, b);
  const merges: Merge[] = [];
  const group = (threshold: number): Union => isAcross ? pairOneToOne(table.rows, allowed(edges, fixed), (row) => table.sources.at(row), threshold) : linkByAverage(table.rows, edges, weigh, threshold, merges);
  const groups = rootsOf(group(0));
  if (isAcross) for (let at = 0; at < edges.length; at++) if (groups[edges.a[at] as number] === groups[edges.b[at] as number]) merges.push({ weight: edges.weight[at] as number, pairs: 1 });
  const autoThreshold = Math.min(15, thresholdFor(merges, settings.autoPrecision));
  const autoGroups = autoThreshold === 0 ? groups : rootsOf(group(autoThreshold));
  const model = { ...learnt, autoThreshold };
  const seconds = (from: number, to: number): number => Math.floor(to - from) / 1000;
  return {
    groups, autoGroups, rowsForReview: reviewOf(groups, autoGroups), edges, model, scorer, candidatePairs: total, autoThreshold, generic: candidates.generic, genericCount: candidates.genericCount, cappedKeys: candidates.cappedKeys, keyRowsUsed: candidates.keyRowsUsed,
    seconds: { keys: seconds(began, keyed), learn: seconds(keyed, learned), score: seconds(learned, scored), group: seconds(scored, elapsedMs()) },
  };
}

type Pairs = { readonly list: Int32Array; readonly from: number; readonly to: number };
const whole = ({ list, count }: { readonly list: Int32Array; readonly count: number }): Pairs => ({ list, from: 0, to: count });

/** Candidates of the first rows, as far as a bounded memory goes; those of the others are looked for again. */
class KeptPairs {
  private list = new Int32Array(1 << 16);
  private readonly ends: Int32Array;
  private rows = 0;
  private isFull = false;
  constructor(rows: number) {
    this.ends = new Int32Array(rows + 1);
  }

  /** Takes those of the next row. Answers how many they are. */
  keep({ list, count }: { readonly list: Int32Array; readonly count: number }): number {
    const length = this.ends[this.rows] as number;
    this.isFull ||= length + count > keptMax;
    if (this.isFull) return count;
    if (length + count > this.list.length) {
      const wider = new Int32Array(Math.max(this.list.length * 2, length + count));
      wider.set(this.list.subarray(0, length));
      this.list = wider;
    }
    this.list.set(list.subarray(0, count), length);
    this.ends[++this.rows] = length + count;
    return count;
  }

  of(row: number): Pairs | undefined {
    return row < this.rows ? { list: this.list, from: this.ends[row] as number, to: this.ends[row + 1] as number } : undefined;
  }
}
const keptMax = 1 << 24;

function reviewOf(groups: Int32Array, autoGroups: Int32Array): number {
  const sizes = new Map<number, number>(), largest = new Map<number, number>();
  for (const part of autoGroups) sizes.set(part, (sizes.get(part) ?? 0) + 1);
  for (const [row, group] of groups.entries()) largest.set(group, Math.max(largest.get(group) ?? 0, sizes.get(autoGroups[row] as number) as number));
  let sure = 0;
  for (const size of largest.values()) sure += size;
  return groups.length - sure;
}

/** The lowest mean weight of a merge down to which the expected share of right pairs keeps the wanted precision; 0 where all merges do. */
export function thresholdFor(merges: readonly Merge[], precision: number): number {
  const order = [...merges].sort((a, b) => b.weight - a.weight);
  let wrong = 0, taken = 0;
  for (const { weight, pairs } of order) {
    wrong += pairs / (1 + 2 ** weight);
    taken += pairs;
    if (wrong / taken > 1 - precision) return weight;
  }
  return 0;
}

function fixedPairs({ mustLink, cannotLink }: MatchSettings, rows: number): (a: number, b: number) => number | undefined {
  const fixed = new Map<number, number>();
  for (const [a, b] of mustLink) fixed.set(Math.min(a, b) * rows + Math.max(a, b), 1000);
  for (const [a, b] of cannotLink) fixed.set(Math.min(a, b) * rows + Math.max(a, b), -1000);
  return fixed.size === 0 ? () => undefined : (a, b) => fixed.get(Math.min(a, b) * rows + Math.max(a, b));
}

function allowed(edges: EdgeList, fixed: (a: number, b: number) => number | undefined): EdgeList {
  const out = new EdgeList();
  for (let at = 0; at < edges.length; at++) if (fixed(edges.a[at] as number, edges.b[at] as number) !== -1000) out.push(edges.a[at] as number, edges.b[at] as number, edges.weight[at] as number);
  return out;
}

const rootsOf = (union: Union): Int32Array => Int32Array.from(union.parent, (_, row) => union.find(row));
