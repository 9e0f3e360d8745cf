/**
 * Fellegi–Sunter without training data. u, how often unrelated rows agree, comes from random pairs; m, how often two rows of one
 * thing agree, from expectation maximisation over the counts of patterns, not over pairs. Fields that depend on one another
 * (postcode and town) form a tree: what a child's agreement is worth is measured among pairs whose parent agrees, so one fact is
 * not counted twice. All weights are in bits (log2), the prior among them.
 */
import { checkUscc } from "../code-standard.ts";
import type { Dictionary, Table } from "./columns.ts";
import type { Feature, Field, Style } from "./fields.ts";
import { bitsOfWord, Comparer, type Frequencies, levelCount, levelName, topOf } from "./levels.ts";
import { seededRandom } from "./similarity.ts";

export const WIDTH = 10;

export type Pattern = { readonly levels: Uint8Array; readonly count: number };

/** Everything that scores a pair, as plain data: it can be stored with a version and read again. */
export type ModelData = {
  readonly version: 1;
  readonly fields: readonly Field[];
  /** Parent of each feature in the tree, -1 for none. */
  readonly parents: readonly number[];
  /** bits[feature][parent's level * 10 + level]. */
  readonly bits: readonly (readonly number[])[];
  /** log2 of how often two random rows have the same value; from it the rarity of a value is measured. */
  readonly agreement: readonly number[];
  readonly prior: number;
  readonly m: readonly (readonly number[])[];
  readonly u: readonly (readonly number[])[];
  readonly frequencies: Frequencies;
  /** Above this a pair is merged without a person; between 0 and this a person decides. */
  readonly autoThreshold: number;
};

/** Counts patterns of levels; a pattern is one number in base 10. */
export class PatternCount {
  private readonly counts = new Map<number, number>();
  private readonly width: number;
  constructor(width: number) {
    this.width = width;
  }
  add(levels: Uint8Array): void {
    let key = 0;
    for (let f = 0; f < this.width; f++) key = key * WIDTH + (levels[f] as number);
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
  }
  patterns(): Pattern[] {
    return [...this.counts].map(([key, count]) => {
      const levels = new Uint8Array(this.width);
      for (let f = this.width - 1, rest = key; f >= 0; f--) {
        levels[f] = rest % WIDTH;
        rest = Math.floor(rest / WIDTH);
      }
      return { levels, count };
    });
  }
}

export type Evidence = {
  /** Patterns of candidate pairs, and of how many pairs each stands for. */
  readonly candidates: readonly Pattern[];
  readonly candidateScale: number;
  readonly random: readonly Pattern[];
  /** For each feature, pairs that agree on it, else drawn at random. */
  readonly agreeing: readonly (readonly Pattern[])[];
  /** All pairs of rows that could be one thing. */
  readonly pairsTotal: number;
  readonly rows: number;
  readonly agreement: readonly number[];
};

/** Draws random pairs, and random pairs among those that agree on a feature. */
export function drawPairs(table: Table, comparer: Comparer, isAcross: boolean): Pick<Evidence, "random" | "agreeing" | "pairsTotal" | "rows" | "agreement"> {
  const draw = seededRandom(20_260_131), { rows, features, sources } = table;
  const levels = new Uint8Array(features.length);
  const count = new PatternCount(features.length);
  const wanted = Math.min(150_000, rows * 60);
  for (let drawn = 0; rows > 1 && drawn < wanted; drawn++) {
    const a = draw(rows), b = draw(rows);
    if (a === b || (isAcross && sources.at(a) === sources.at(b))) continue;
    comparer.compare(a, b, levels);
    count.add(levels);
  }
  const agreement: number[] = [];
  const agreeing = features.map((_, f) => {
    const counts = table.countsOf(f);
    let filled = 0, equal = 0;
    for (let value = 0; value < counts.length; value++) {
      const size = counts[value] as number;
      filled += size;
      equal += size * (size - 1);
    }
    agreement.push(Math.log2(Math.max(equal, 1) / Math.max(1, filled * (filled - 1))));
    if (equal < 200) return [];
    // Rows by value, then pairs drawn within values by the number of pairs that each has.
    const start = new Int32Array(counts.length + 1);
    for (let value = 0; value < counts.length; value++) start[value + 1] = (start[value] as number) + (counts[value] as number);
    const members = new Int32Array(filled), at = start.slice();
    for (let row = 0; row < rows; row++) {
      const value = table.id(f, row);
      if (value < 0) continue;
      members[at[value] as number] = row;
      at[value] = (at[value] as number) + 1;
    }
    const within = new PatternCount(features.length);
    // A row drawn with the chance of its value's other rows: taken and kept with probability (size - 1) / largest would be slow, so by running sums.
    const sums = new Float64Array(counts.length);
    let sum = 0;
    for (let value = 0; value < counts.length; value++) sums[value] = sum += (counts[value] as number) * ((counts[value] as number) - 1);
    for (let drawn = 0; drawn < 8_000; drawn++) {
      const point = ((draw(1 << 30) + draw(1 << 20) / (1 << 20)) / (1 << 30)) * sum;
      let low = 0, high = sums.length - 1;
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((sums[middle] as number) > point) high = middle;
        else low = middle + 1;
      }
      const size = counts[low] as number;
      if (size < 2) continue;
      const first = draw(size), second = (first + 1 + draw(size - 1)) % size;
      const a = members[(start[low] as number) + first] as number, b = members[(start[low] as number) + second] as number;
      if (isAcross && sources.at(a) === sources.at(b)) continue;
      comparer.compare(a, b, levels);
      within.add(levels);
    }
    return within.patterns();
  });
  let pairsTotal = (rows * (rows - 1)) / 2;
  if (isAcross) {
    const bySource = new Map<number, number>();
    for (let row = 0; row < rows; row++) bySource.set(sources.at(row), (bySource.get(sources.at(row)) ?? 0) + 1);
    for (const size of bySource.values()) pairsTotal -= (size * (size - 1)) / 2;
  }
  // A small table has fewer pairs than were drawn: each of them counts once.
  const random = count.patterns(), drawn = random.reduce((sum, one) => sum + one.count, 0), scale = Math.min(1, Math.max(1, pairsTotal) / Math.max(1, drawn));
  return { random: scale === 1 ? random : random.map((one) => ({ ...one, count: one.count * scale })), agreeing, pairsTotal: Math.max(1, pairsTotal), rows, agreement };
}

type Tables = { readonly m: Float64Array[]; readonly u: Float64Array[]; prior: number };

/** Learns the model. Deterministic: the same evidence gives the same bits. */
export function learnModel(table: Table, evidence: Evidence): ModelData {
  const { features } = table;
  const alone = features.map(() => -1);
  const tables = firstGuess(features, evidence);
  const first = estimate(features, alone, tables, evidence, 4);
  const parents = findTree(features, first, alone, evidence);
  const fitted = estimate(features, parents, first, evidence, 13);
  const { m, u, prior } = isPlausible(features, fitted) ? fitted : estimate(features, parents, { ...firstGuess(features, evidence), u: fitted.u }, evidence, 20, true);
  const bits = features.map((feature, f) => bitsOf(feature, m[f] as Float64Array, u[f] as Float64Array, parents[f] as number));
  return { version: 1, fields: table.fields, parents, bits: bits.map((row) => [...row]), agreement: evidence.agreement, prior: Math.log2(prior / (1 - prior)), m: m.map((row) => [...row]), u: u.map((row) => [...row]), frequencies: frequenciesOf(table, evidence.agreement), autoThreshold: 0 };
}

const frequentMax = 400;

function frequenciesOf(table: Table, agreement: readonly number[]): Frequencies {
  const most = (names: readonly string[], counts: ArrayLike<number>, bits: (count: number) => number): Readonly<Record<string, number>> =>
    Object.fromEntries(Array.from(names, (_, at) => at).filter((at) => (counts[at] as number) > 2).sort((a, b) => (counts[b] as number) - (counts[a] as number) || a - b).slice(0, frequentMax).map((at) => [names[at] as string, hundredths(bits(counts[at] as number))]));
  const nothing = { shares: {}, rare: 0 };
  return {
    words: table.features.map(({ style }, f) => {
      const { wordRows, wordValues } = table.dictionaries[f] as Dictionary, total = Math.max(table.rows, 100);
      return style === "words" ? { shares: most(wordValues, wordRows.data, (rows) => bitsOfWord(total, rows)), rare: hundredths(bitsOfWord(total, 2)) } : nothing;
    }),
    values: table.features.map(({ style }, f) => {
      if (!hasRarity(style)) return nothing;
      const counts = table.countsOf(f), filled = counts.reduce((sum, count) => sum + count, 0);
      const bits = (count: number): number => rarityBits(agreement[f] as number, count, filled);
      return { shares: most((table.dictionaries[f] as Dictionary).values, counts, bits), rare: hundredths(bits(2)) };
    }),
  };
}

const hasRarity = (style: Style): boolean => style !== "amount" && style !== "words" && style !== "region";
const rarityBits = (usual: number, count: number, filled: number): number => Math.max(-8, Math.min(8, usual - Math.log2(Math.max(count, 2) / Math.max(filled, 1))));

/**
 * A table with few doubles or none has something else that stands out: households, firms of one street, papers of one author. The estimate then finds rows
 * that differ in many fields and calls them one thing. Rows of one thing differ in few fields; where the fit says otherwise, the usual shares are taken
 * in its place and only the prior and u are learned, which leaves such rows apart.
 */
function isPlausible(features: readonly Feature[], { m }: Tables): boolean {
  return m.reduce((sum, row) => sum + (row[1] as number), 0) <= differingMost * features.length;
}
const differingMost = 0.16;

/** Tables have a row for each level of the parent; row 0 holds what is true without one. */
const emptyTable = (): Float64Array => new Float64Array(WIDTH * WIDTH);

function firstGuess(features: readonly Feature[], { random, candidates, candidateScale, pairsTotal, rows, agreement }: Evidence): Tables {
  const m = features.map(({ style }) => {
    const row = emptyTable(), top = topOf(style), last = levelCount(style) - 1;
    const shape = Array.from({ length: last + 1 }, (_, level) => (level === 0 ? 0 : level === top ? 12 : level === 1 ? 0.8 : level === last ? 1 : 0.3 + (1.2 * level) / last));
    const sum = shape.reduce((total, share) => total + share, 0);
    for (let parent = 0; parent < WIDTH; parent++) for (let level = 1; level <= last; level++) row[parent * WIDTH + level] = (shape[level] as number) / sum;
    return row;
  });
  const u = features.map(() => emptyTable()), firstShare = features.length === 1 ? 0.05 : 0.25;
  features.forEach(({ style }, f) => {
    const counts = new Float64Array(WIDTH);
    for (const { levels, count } of random) counts[levels[f] as number] = (counts[levels[f] as number] as number) + count;
    const table = unrelated(counts, features, style, (firstShare * Math.max(2 ** (agreement[f] as number) * pairsTotal, 2)) / pairsTotal, isCommon(agreement[f] as number, rows));
    for (let parent = 0; parent < WIDTH; parent++) (u[f] as Float64Array).set(table.subarray(0, WIDTH), parent * WIDTH);
  });
  const seen = candidates.reduce((sum, { count }) => sum + count, 0) * candidateScale;
  return { m, u, prior: Math.min(0.3, Math.max(1e-9, Math.min((features.length === 1 ? 0.5 : 0.05) * seen, 0.25 * rows) / pairsTotal)) };
}

/** Shares of the levels from counts, drawn towards `like` by `strength` counts, or towards even shares. */
function spread(out: Float64Array, parent: number, counts: Float64Array, style: Style, strength: number, like: Float64Array | undefined): void {
  const last = levelCount(style) - 1;
  let total = 0;
  for (let level = 1; level <= last; level++) total += counts[level] as number;
  for (let level = 1; level <= last; level++) {
    const pull = like ? strength * (like[level] as number) : strength;
    out[parent * WIDTH + level] = ((counts[level] as number) + pull) / (total + (like ? strength : strength * last));
  }
}

function estimate(features: readonly Feature[], parents: readonly number[], from: Tables, evidence: Evidence, rounds: number, isFixed = false): Tables {
  const { candidates, candidateScale, random, agreeing, pairsTotal, agreement, rows } = evidence;
  let { m, u, prior } = from;
  const count = features.length;
  for (let round = 0; round < rounds; round++) {
    const posterior = posteriorOf(m, u, prior, parents);
    const hits = features.map(emptyTable), misses = features.map(emptyTable);
    let matched = 0;
    for (const { levels, count: pairs } of candidates) {
      const share = posterior(levels) * pairs;
      if (share < 1e-12) continue;
      matched += share;
      for (let f = 0; f < count; f++) addTo(hits[f] as Float64Array, levels, f, parents, share);
    }
    for (const { levels, count: pairs } of random) {
      const share = (1 - posterior(levels)) * pairs;
      for (let f = 0; f < count; f++) addTo(misses[f] as Float64Array, levels, f, parents, share);
    }
    // Among pairs that agree on the parent, those that are not one thing show what the child's agreement is worth.
    for (let parent = 0; parent < count; parent++) {
      const children = parents.flatMap((p, child) => (p === parent ? [child] : []));
      if (children.length === 0) continue;
      const top = topOf((features[parent] as Feature).style);
      for (const { levels, count: pairs } of agreeing[parent] as readonly Pattern[]) {
        const chance = posterior(levels);
        if (chance > 0.5 || levels[parent] !== top) continue;
        for (const child of children) {
          const cell = top * WIDTH + (levels[child] as number);
          (misses[child] as Float64Array)[cell] = ((misses[child] as Float64Array)[cell] as number) + (1 - chance) * pairs;
        }
      }
    }
    if (!isFixed) m = hits.map((table, f) => bounded(shares(table, (features[f] as Feature).style, 1 + matched * 0.05, firstShape((features[f] as Feature).style)), (features[f] as Feature).style));
    // All pairs with the same value are counted exactly; those that are one thing are taken off. A twentieth stays in any case, for doubts.
    u = misses.map((table, f) => {
      const { style } = features[f] as Feature, equal = 2 ** (agreement[f] as number) * pairsTotal;
      const others = Math.max(equal - ((hits[f] as Float64Array)[topOf(style)] as number) * candidateScale, equal * 0.05, 0.5);
      return unrelated(table, features, style, others / pairsTotal, isCommon(agreement[f] as number, rows));
    });
    prior = Math.min(0.5, Math.max(1 / pairsTotal / 4, (matched * candidateScale) / pairsTotal));
  }
  return { m, u, prior };
}

function addTo(table: Float64Array, levels: Uint8Array, f: number, parents: readonly number[], share: number): void {
  const level = levels[f] as number;
  table[level] = (table[level] as number) + share;
  const parent = parents[f] as number;
  if (parent < 0 || levels[parent] === 0) return;
  const cell = (levels[parent] as number) * WIDTH + level;
  table[cell] = (table[cell] as number) + share;
}

/**
 * Two rows of one thing agree more often than not. Without this bound a table with few doubles can lead the estimate astray, to "rows of one
 * street" or "of one telephone exchange" in place of "rows of one firm".
 */
function bounded(m: Float64Array, style: Style): Float64Array {
  const last = levelCount(style) - 1;
  for (let parent = 0; parent < WIDTH; parent++) {
    const row = m.subarray(parent * WIDTH, (parent + 1) * WIDTH);
    const cut = (level: number, most: number): void => {
      const spare = (row[level] as number) - most;
      if (spare <= 0) return;
      row[level] = most;
      let rest = 0;
      for (let other = 1; other <= last; other++) if (other !== level) rest += row[other] as number;
      for (let other = 1; other <= last; other++) if (other !== level) row[other] = (row[other] as number) * (1 + spare / rest);
    };
    if (style === "word") cut(8, 0.1);
    cut(1, differentMax);
  }
  return m;
}
const differentMax = 0.4;

const firstShape = (style: Style): Float64Array => {
  const last = levelCount(style) - 1, top = topOf(style);
  return Float64Array.from({ length: WIDTH }, (_, level) => (level === 0 || level > last ? 0 : level === top ? 0.6 : 0.4 / Math.max(1, last - 1)));
};

/**
 * u of one feature. In a small table nearly nothing is seen of unrelated rows, so what is usual of the style stands in for some hundred pairs.
 * One column alone cannot tell its doubles from chance: likeness among unrelated texts only gets rarer as it grows, and where it gets more frequent
 * again stand doubles.
 */
function unrelated(counts: Float64Array, features: readonly Feature[], style: Style, most: number, isUsual: boolean): Float64Array {
  const usual = counts.slice();
  let seen = 0;
  for (let level = 1; level < levelCount(style); level++) seen += counts[level] as number;
  for (let level = 1; level < levelCount(style); level++) usual[level] = (usual[level] as number) + (usualPairs / (1 + seen / 1000)) * usualShare(style, level);
  const out = shares(usual, style, 0.5, undefined, most);
  if (features.length === 1 && style === "words" && !isUsual) for (let level = 5; level <= topOf(style); level++) for (let parent = 0; parent < WIDTH; parent++) out[parent * WIDTH + level] = Math.min(out[parent * WIDTH + level] as number, out[parent * WIDTH + level - 1] as number);
  return out;
}
const usualPairs = 100;
const usualShare = (style: Style, level: number): number => (level === topOf(style) ? equalUsually[style] ?? 0.001 : level === 1 ? 0.9 : 0.02);
const equalUsually: Partial<Record<Style, number>> = { category: 0.2, region: 0.1, year: 0.05, amount: 0.01, word: 0.005 };
/** Values that most rows share with others, as a list of journals does, name no single thing. */
const isCommon = (agreement: number, rows: number): boolean => 2 ** agreement * rows > 2;

/** `most` is how often unrelated rows have the same value by exact count; a sample of pairs may be too small to show how rare that is. */
function shares(counts: Float64Array, style: Style, strength: number, shape: Float64Array | undefined, most = 1): Float64Array {
  const out = emptyTable();
  spread(out, 0, counts.subarray(0, WIDTH), style, strength, shape);
  const top = topOf(style);
  if ((out[top] as number) > most && style !== "words" && style !== "amount") out[top] = most;
  const whole = out.slice(0, WIDTH);
  for (let parent = 1; parent < WIDTH; parent++) spread(out, parent, counts.subarray(parent * WIDTH, (parent + 1) * WIDTH), style, 20, whole);
  return out;
}

/** The chance that a pair of this pattern is one thing. */
function posteriorOf(m: readonly Float64Array[], u: readonly Float64Array[], prior: number, parents: readonly number[]): (levels: Uint8Array) => number {
  const ratio = m.map((table, f) => table.map((share, cell) => (share > 0 ? Math.log2(share / ((u[f] as Float64Array)[cell] as number)) : 0)));
  const start = Math.log2(prior / (1 - prior));
  return (levels) => {
    let bits = start;
    for (let f = 0; f < ratio.length; f++) {
      const level = levels[f] as number;
      if (level === 0) continue;
      const parent = parents[f] as number;
      bits += (ratio[f] as Float64Array)[(parent < 0 ? 0 : (levels[parent] as number)) * WIDTH + level] as number;
    }
    return 1 / (1 + 2 ** -bits);
  };
}

/** A forest over the features: an edge where agreement on one makes likeness of the other more usual among unrelated rows, by a tenth of a bit or more. */
function findTree(features: readonly Feature[], { m, u, prior }: Tables, alone: readonly number[], { agreeing }: Evidence): number[] {
  const posterior = posteriorOf(m, u, prior, alone);
  const edges: { a: number; b: number; gain: number }[] = [];
  features.forEach((feature, parent) => {
    const seen = features.map(() => new Float64Array(WIDTH));
    for (const { levels, count } of agreeing[parent] as readonly Pattern[]) {
      const chance = posterior(levels);
      if (chance > 0.5 || levels[parent] !== topOf(feature.style)) continue;
      for (let f = 0; f < features.length; f++) (seen[f] as Float64Array)[levels[f] as number] = ((seen[f] as Float64Array)[levels[f] as number] as number) + (1 - chance) * count;
    }
    features.forEach(({ style }, f) => {
      const counts = seen[f] as Float64Array, last = levelCount(style) - 1;
      let total = 0, gain = 0;
      for (let level = 1; level <= last; level++) total += counts[level] as number;
      if (f === parent || total < 150) return;
      for (let level = 1; level <= last; level++) {
        const share = ((counts[level] as number) + 0.5) / (total + 0.5 * last);
        gain += share * Math.log2(share / ((u[f] as Float64Array)[level] as number));
      }
      if (gain > 0.1 && counts[1] as number / total < ((u[f] as Float64Array)[1] as number)) edges.push({ a: parent, b: f, gain });
    });
  });
  edges.sort((x, y) => y.gain - x.gain || x.a - y.a || x.b - y.b);
  const parents = features.map(() => -1);
  const rootOf = (f: number): number => ((parents[f] as number) < 0 ? f : rootOf(parents[f] as number));
  for (const { a, b } of edges) if ((parents[b] as number) < 0 && rootOf(a) !== b) parents[b] = a;
  return parents;
}

function bitsOf({ style }: Feature, m: Float64Array, u: Float64Array, parent: number): Float64Array {
  const bits = emptyTable();
  for (let row = 0; row < (parent < 0 ? 1 : WIDTH); row++) {
    for (let level = 1; level < levelCount(style); level++) {
      const cell = row * WIDTH + level;
      bits[cell] = Math.log2((m[cell] as number) / (u[cell] as number));
    }
    // A higher level is never worth less than a lower one: few pairs have the middle ones, and their counts waver.
    const top = topOf(style);
    for (let level = top - 1; level >= 1; level--) if ((bits[row * WIDTH + level] as number) > (bits[row * WIDTH + level + 1] as number)) bits[row * WIDTH + level] = bits[row * WIDTH + level + 1] as number;
  }
  return bits;
}

// Scoring ------------------------------------------------------------------------------------------------------------------

export type FieldWeight = { readonly field: string; readonly level: string; readonly bits: number };
export type Hard = "mustLink" | "cannotLink" | "onlyRelated";
export type PairWeight = { readonly weight: number; readonly prior: number; readonly byField: readonly FieldWeight[]; readonly hard?: Hard };

type Most = { readonly equal: number; readonly other: number; readonly byLevel: readonly number[] };
const open = 255;

/** Scores rows of a table by a model. The rarity of a value counts where two rows have the same one. */
export class Scorer {
  readonly model: ModelData;
  private readonly table: Table;
  private readonly comparer: Comparer;
  private readonly bits: readonly Float64Array[];
  private readonly rarity: readonly (Float32Array | undefined)[];
  readonly levels: Uint8Array;
  private readonly isAlone: boolean;
  /** The feature that holds what a row is called, where it is a text. */
  private readonly named: number;
  /** What each feature can add at most, and the features by how much they can take away. */
  private readonly most: readonly Most[];
  private readonly order: Int32Array;
  private readonly atMost: Float64Array;
  private columns: readonly Int32Array[] = [];
  private columnsOf = -1;

  /** `isAlone`: the table is no sample of anything, so rarity comes from the model. */
  constructor(table: Table, model: ModelData, comparer: Comparer, isAlone = false) {
    this.isAlone = isAlone;
    this.named = table.features.findIndex(({ name, kind }) => kind === "text" && /name|title|名/i.test(name));
    this.table = table;
    this.model = model;
    this.comparer = comparer;
    this.bits = model.bits.map((row) => Float64Array.from(row));
    this.levels = new Uint8Array(table.features.length);
    this.most = table.features.map(({ style }, f) => {
      const byLevel = Array.from({ length: WIDTH }, (_, level) => (level === 0 ? 0 : Math.max(...Array.from({ length: WIDTH }, (__, parent) => (this.bits[f] as Float64Array)[parent * WIDTH + level] as number).filter((__, parent) => parent === 0 || (model.parents[f] as number) >= 0))));
      const used = byLevel.slice(1, levelCount(style));
      return { byLevel, equal: byLevel[topOf(style)] as number, other: Math.max(...used) };
    });
    this.order = Int32Array.from(table.features.map((_, f) => f).sort((x, y) => this.takes(y) - this.takes(x) || x - y));
    this.atMost = Float64Array.from(this.most, ({ other }) => other);
    this.rarity = table.features.map(({ style }, f) => (!hasRarity(style) || isAlone ? undefined : this.rarityOf(f)));
  }

  private takes(f: number): number {
    const { byLevel, other } = this.most[f] as Most;
    return other - (byLevel[1] as number);
  }

  private rarityOf(f: number): Float32Array {
    const counts = this.table.countsOf(f);
    let filled = 0;
    for (const count of counts) filled += count;
    return Float32Array.from(counts, (count) => rarityBits(this.model.agreement[f] as number, count, filled));
  }

  /** How much rarer than usual the value of row a is, in bits. */
  private rarityAt(f: number, a: number): number {
    const id = this.table.id(f, a);
    if (!this.isAlone) return (this.rarity[f] as Float32Array)[id] ?? 0;
    const { shares, rare } = this.model.frequencies.values[f] as Frequencies["values"][number];
    return shares[(this.table.dictionaries[f] as Dictionary).values[id] as string] ?? rare;
  }

  /** Bits for "the rows are one thing", the prior included; -1000 where a rule forbids it. */
  weigh(a: number, b: number): number {
    this.comparer.compare(a, b, this.levels);
    return this.weighLevels(a);
  }

  /**
   * The same where it is more than `least`, else -1000. Which values are equal is seen at once, and nearly all pairs are given up after a few
   * of the others: when what is left could not lift them any more.
   */
  weighAbove(a: number, b: number, least: number): number {
    const { levels, comparer, most, atMost, order } = this, columns = this.columnsNow();
    let bound = this.model.prior;
    for (let f = 0; f < levels.length; f++) {
      const ids = columns[f] as Int32Array, va = ids[a] as number, vb = ids[b] as number;
      if (va < 0 || vb < 0) levels[f] = 0;
      else if (va !== vb) {
        levels[f] = open;
        bound += atMost[f] as number;
      } else {
        const { style } = this.table.features[f] as Feature;
        if (style === "uscc") return this.weigh(a, b);
        levels[f] = topOf(style);
        bound += (most[f] as Most).equal + (hasRarity(style) ? Math.max(0, this.rarityAt(f, a)) : 0);
      }
    }
    for (let at = 0; at < order.length; at++) {
      const f = order[at] as number;
      if (levels[f] !== open) continue;
      const level = comparer.level(f, a, b);
      levels[f] = level;
      bound += ((most[f] as Most).byLevel[level] as number) - (atMost[f] as number);
      if (bound <= least) return -1000;
    }
    return this.weighLevels(a);
  }

  /** The values of the rows by feature; a list that grew is another list. */
  private columnsNow(): readonly Int32Array[] {
    if (this.columnsOf !== this.table.rows) {
      this.columns = this.table.ids.map((list) => (list as { data: Int32Array }).data);
      this.columnsOf = this.table.rows;
    }
    return this.columns;
  }

  private weighLevels(a: number): number {
    const { levels, table, model, bits } = this;
    let weight = model.prior;
    for (let f = 0; f < levels.length; f++) {
      if (levels[f] === 0) continue;
      if (isForbidden(table.features[f] as Feature, levels[f] as number)) return -1000;
      weight += this.bitsAt(f, a, bits[f] as Float64Array);
    }
    if (weight > relatedMost && this.isOnlyRelated()) return relatedMost;
    return weight < sameCode && this.hasSameCode(a) ? sameCode : weight;
  }

  /**
   * Firms of one group share telephone, bank account, owner and door, the restaurants of one hotel too. Where the names have nothing in common and no
   * code says that it is the same, all that speaks for a relation, or for a former name: a person decides. Of a firm only its 统一社会信用代码 says so,
   * since a bank account is a group's; of other things a code or an address of mail does.
   */
  private isOnlyRelated(): boolean {
    const { levels, named } = this;
    let isOtherBrand = false, isSameFirm = false, isSameCode = false;
    for (let f = 0; f < levels.length; f++) {
      const { style, kind } = this.table.features[f] as Feature, level = levels[f] as number;
      if (style === "brand" && level === 1) isOtherBrand = true;
      if (style === "uscc" && level >= 4) isSameFirm = true;
      if ((kind === "code" || kind === "email") && level === topOf(style)) isSameCode = true;
    }
    return !isSameFirm && (isOtherBrand || (named >= 0 && levels[named] === 1 && !isSameCode));
  }

  /** The same right 统一社会信用代码 under a name that fits. */
  private hasSameCode(a: number): boolean {
    let isSame = false;
    for (let f = 0; f < this.levels.length; f++) {
      const { style } = this.table.features[f] as Feature;
      if (style === "brand" && (this.levels[f] as number) < 3) return false;
      if (style === "uscc" && this.levels[f] === topOf("uscc")) isSame = checkUscc((this.table.dictionaries[f] as Dictionary).values[this.table.id(f, a)] as string).isValid;
    }
    return isSame;
  }

  private bitsAt(f: number, a: number, bits: Float64Array): number {
    const level = this.levels[f] as number, parent = this.model.parents[f] as number;
    const parentLevel = parent < 0 ? 0 : (this.levels[parent] as number);
    const worth = bits[parentLevel * WIDTH + level] as number;
    if (!hasRarity((this.table.features[f] as Feature).style) || level !== topOf((this.table.features[f] as Feature).style)) return worth;
    const adjust = this.rarityAt(f, a);
    if (parentLevel === 0) return worth + adjust;
    // What the parent's agreement already told is not told again by the rarity of the value.
    const free = bits[level] as number;
    return worth + adjust * Math.max(0, Math.min(1, free > 0 ? worth / free : 1));
  }

  /** The same, told field by field; `hard` where a rule decides whatever the sum says. */
  explain(a: number, b: number): PairWeight {
    const weight = this.weigh(a, b);
    const byField = this.table.features.map(({ name, style }, f): FieldWeight => ({ field: name, level: levelName(style, this.levels[f] as number), bits: this.levels[f] === 0 ? 0 : hundredths(this.bitsAt(f, a, this.bits[f] as Float64Array)) }));
    const hard = weight <= -1000 ? "cannotLink" : this.hasSameCode(a) ? "mustLink" : weight === relatedMost && this.isOnlyRelated() ? "onlyRelated" : undefined;
    return { weight: hundredths(weight), prior: hundredths(this.model.prior), byField, ...(hard === undefined ? {} : { hard }) };
  }
}

const relatedMost = -1, sameCode = 20;
const hundredths = (bits: number): number => Math.floor(bits * 100 + 0.5) / 100;

/** Two right but different 统一社会信用代码 are two firms, and a branch is not its company, whatever else agrees. */
export const isForbidden = ({ style, kind }: Feature, level: number): boolean => level === 1 && (style === "uscc" || (kind === "company" && style === "category"));
