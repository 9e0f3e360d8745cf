/**
 * Which pairs are worth comparing. Every value gives key parts (atoms). A rare one is a key by itself, a frequent one only together
 * with another, so that keys stay narrow whatever the data. What is too common to be either is reported as generic.
 * Nothing is kept for a pair: memory grows with the rows only.
 */
import { AtomList, atomsOf, type Dictionary, type Table } from "./columns.ts";
import type { Feature } from "./fields.ts";
import { mix } from "./similarity.ts";

/** A key of more rows than this never makes pairs. */
export const keyRowsMax = 400;
const aloneMax = 60;

/** Counts of 32-bit hashes, by open addressing. */
class HashCount {
  keys: Uint32Array;
  counts: Int32Array;
  used = 0;
  constructor(expected: number) {
    const size = 2 ** Math.ceil(Math.log2(Math.max(1024, expected * 1.6)));
    this.keys = new Uint32Array(size);
    this.counts = new Int32Array(size);
  }
  slotOf(hash: number): number {
    const mask = this.keys.length - 1;
    const key = hash === 0 ? 1 : hash;
    let slot = (hash ^ (hash >>> 15)) & mask;
    while (this.keys[slot] !== 0 && this.keys[slot] !== key) slot = (slot + 1) & mask;
    return slot;
  }
  add(hash: number): void {
    let slot = this.slotOf(hash);
    if (this.keys[slot] === 0) {
      if (this.used * 1.4 > this.keys.length) {
        this.grow();
        slot = this.slotOf(hash);
      }
      this.keys[slot] = hash === 0 ? 1 : hash;
      this.used++;
    }
    this.counts[slot] = (this.counts[slot] as number) + 1;
  }
  of(hash: number): number {
    return this.counts[this.slotOf(hash)] as number;
  }
  private grow(): void {
    const { keys, counts } = this;
    this.keys = new Uint32Array(keys.length * 2);
    this.counts = new Int32Array(keys.length * 2);
    for (let slot = 0; slot < keys.length; slot++) {
      if (keys[slot] === 0) continue;
      const to = this.slotOf(keys[slot] as number);
      this.keys[to] = keys[slot] as number;
      this.counts[to] = counts[slot] as number;
    }
  }
}

export type GenericKey = { readonly key: string; readonly value: string; readonly rows: number };
export type CandidateOptions = { readonly isAcross: boolean; readonly pairsPerRow?: number };

export class Candidates {
  private readonly table: Table;
  private readonly isAcross: boolean;
  private readonly groupStart: Int32Array;
  private readonly groupRows: Int32Array;
  private readonly rowStart: Int32Array;
  private readonly rowGroups: Int32Array;
  private readonly stamps: Int32Array;
  private readonly found: Int32Array;
  private asked = 0;
  /** Parts of keys that more than 400 rows share, and how many pairs the limits left out at most. */
  readonly genericCount: number;
  readonly generic: readonly GenericKey[];
  readonly cappedKeys: number;
  readonly keyRowsUsed: number;

  constructor(table: Table, { isAcross, pairsPerRow = table.rows > 200_000 ? 45 : 80 }: CandidateOptions) {
    this.table = table;
    this.isAcross = isAcross;
    const { rows, features } = table;
    const atoms = new AtomList(table);
    const seen = new HashCount(rows * 8);
    for (let row = 0; row < rows; row++)
      for (let f = 0; f < features.length; f++) {
        const id = table.id(f, row);
        if (id < 0) continue;
        for (let at = atoms.from(f, id); at < atoms.to(f, id); at++) seen.add(atoms.at(f, at));
      }
    // Keys of all rows, one after another.
    const joinsMax = rows > 200_000 ? 18 : 30;
    let keys = new Uint32Array(rows * 16);
    const keyStart = new Int32Array(rows + 1);
    let length = 0;
    const hashes: number[] = [], owners: number[] = [], sizes: number[] = [], weak: boolean[] = [];
    const joinHashes: number[] = [], joinSizes: number[] = [];
    for (let row = 0; row < rows; row++) {
      hashes.length = owners.length = sizes.length = weak.length = joinHashes.length = joinSizes.length = 0;
      if (length + 512 > keys.length) {
        const wider = new Uint32Array(keys.length * 2);
        wider.set(keys);
        keys = wider;
      }
      for (let f = 0; f < features.length; f++) {
        const id = table.id(f, row);
        if (id < 0) continue;
        const from = atoms.from(f, id);
        for (let at = from; at < atoms.to(f, id) && at < from + 32; at++) {
          const hash = atoms.at(f, at), size = seen.of(hash);
          if (size < 2) continue;
          if (size <= ((hash & 1) === 1 ? aloneMax / 3 : aloneMax)) keys[length++] = hash;
          if (size > 4) {
            hashes.push(hash);
            owners.push(f);
            sizes.push(size);
            weak.push((hash & 1) === 1);
          }
        }
      }
      for (let i = 0; i < hashes.length; i++)
        for (let j = i + 1; j < hashes.length; j++) {
          const size = ((sizes[i] as number) * (sizes[j] as number)) / rows;
          if (size > 20 || Math.min(sizes[i] as number, sizes[j] as number) <= ((weak[i] as boolean) && (weak[j] as boolean) ? aloneMax / 3 : aloneMax)) continue;
          if (owners[i] === owners[j] && (features[owners[i] as number] as Feature).style !== "words") continue;
          joinHashes.push(mix(Math.imul(hashes[i] as number, 31) ^ (hashes[j] as number)));
          joinSizes.push(size);
        }
      if (joinHashes.length <= joinsMax) for (const hash of joinHashes) keys[length++] = hash;
      else for (const at of joinHashes.map((_, place) => place).sort((a, b) => (joinSizes[a] as number) - (joinSizes[b] as number) || (joinHashes[a] as number) - (joinHashes[b] as number)).slice(0, joinsMax)) keys[length++] = joinHashes[at] as number;
      keyStart[row + 1] = length;
    }
    const groups = new HashCount(length / 2);
    for (let at = 0; at < length; at++) groups.add(keys[at] as number);
    // The widest keys are left out until the pairs fit the budget.
    const histogram = new Float64Array(keyRowsMax + 1);
    for (let slot = 0; slot < groups.counts.length; slot++) {
      const size = groups.counts[slot] as number;
      if (size >= 2 && size <= keyRowsMax) histogram[size] = (histogram[size] as number) + (size * (size - 1)) / 2;
    }
    let used = 1, pairs = 0;
    while (used < keyRowsMax && (used < 12 || pairs + (histogram[used + 1] as number) <= pairsPerRow * rows)) pairs += histogram[++used] as number;
    this.keyRowsUsed = used;
    const numberOf = new Int32Array(groups.counts.length);
    let count = 0, total = 0, capped = 0;
    for (let slot = 0; slot < groups.counts.length; slot++) {
      const size = groups.counts[slot] as number;
      if (size > used) capped++;
      if (size < 2 || size > used) continue;
      numberOf[slot] = ++count;
      total += size;
    }
    this.cappedKeys = capped;
    const groupStart = new Int32Array(count + 2);
    for (let slot = 0; slot < groups.counts.length; slot++) if ((numberOf[slot] as number) > 0) groupStart[(numberOf[slot] as number) + 1] = groups.counts[slot] as number;
    for (let group = 1; group <= count + 1; group++) groupStart[group] = (groupStart[group] as number) + (groupStart[group - 1] as number);
    const groupRows = new Int32Array(total), rowGroups = new Int32Array(total), rowStart = new Int32Array(rows + 1), at = groupStart.slice();
    let filled = 0;
    for (let row = 0; row < rows; row++) {
      for (let key = keyStart[row] as number; key < (keyStart[row + 1] as number); key++) {
        const group = numberOf[groups.slotOf(keys[key] as number)] as number;
        if (group === 0) continue;
        groupRows[at[group] as number] = row;
        at[group] = (at[group] as number) + 1;
        rowGroups[filled++] = group;
      }
      rowStart[row + 1] = filled;
    }
    this.groupStart = groupStart;
    this.groupRows = groupRows;
    this.rowGroups = rowGroups;
    this.rowStart = rowStart;
    this.stamps = new Int32Array(rows).fill(-1);
    this.found = new Int32Array(Math.max(rows, 1));
    const { generic, count: genericCount } = this.findGeneric(seen, atoms);
    this.generic = generic;
    this.genericCount = genericCount;
  }

  /** The rows after `row` that share a key with it, each once, in `list[0 … count - 1]`; the list is reused. */
  after(row: number): { readonly list: Int32Array; readonly count: number } {
    const { groupStart, groupRows, rowStart, rowGroups, stamps, found, isAcross } = this;
    const sources = this.table.sources.data;
    const stamp = ++this.asked;
    let count = 0;
    for (let at = rowStart[row] as number; at < (rowStart[row + 1] as number); at++) {
      const group = rowGroups[at] as number;
      for (let member = (groupStart[group + 1] as number) - 1; member >= (groupStart[group] as number); member--) {
        const other = groupRows[member] as number;
        if (other <= row) break;
        if (stamps[other] === stamp) continue;
        stamps[other] = stamp;
        if (isAcross && sources[other] === sources[row]) continue;
        found[count++] = other;
      }
    }
    return { list: found, count };
  }

  private findGeneric(seen: HashCount, atoms: AtomList): { generic: GenericKey[]; count: number } {
    const generic: GenericKey[] = [];
    const named = new Set<number>();
    for (const [f, feature] of this.table.features.entries()) {
      const { values } = this.table.dictionaries[f] as Dictionary;
      const counts = this.table.countsOf(f);
      for (let value = 0; value < values.length; value++) {
        if (counts[value] === 0) continue;
        const from = atoms.from(f, value);
        for (let at = from; at < atoms.to(f, value); at++) {
          const hash = atoms.at(f, at), rows = seen.of(hash);
          if (rows <= keyRowsMax || named.has(hash)) continue;
          named.add(hash);
          generic.push({ key: atomsOf(feature, f, values[value] as string)[at - from]?.name ?? feature.name, value: (values[value] as string).slice(0, 60), rows });
        }
      }
    }
    generic.sort((a, b) => b.rows - a.rows || (a.key < b.key ? -1 : a.key > b.key ? 1 : a.value < b.value ? -1 : 1));
    return { generic: generic.slice(0, 20), count: generic.length };
  }
}
