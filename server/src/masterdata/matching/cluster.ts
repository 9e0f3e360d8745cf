/**
 * From weights of pairs to groups of rows. One source's rows against another's: each row at most once, the surest pairs first.
 * Else average linkage: two groups join while the mean weight of all pairs between them speaks for it, so that one chance
 * likeness does not chain two things together. Ties are broken by row numbers; a rerun gives the same groups.
 */

export type Edge = { readonly a: number; readonly b: number; readonly weight: number };

/** How far a single pair may pull, in bits. */
const clip = 20;
/** Above this a component is first cut at its weak edges. */
const sizeMax = 250;

/** Pairs of weights in typed arrays, as the scoring leaves them. */
export class EdgeList {
  a: Int32Array = new Int32Array(4096);
  b: Int32Array = new Int32Array(4096);
  weight: Float32Array = new Float32Array(4096);
  length = 0;
  push(a: number, b: number, weight: number): void {
    if (this.length === this.a.length) {
      this.a = widened(this.a, new Int32Array(this.length * 2));
      this.b = widened(this.b, new Int32Array(this.length * 2));
      const weights = new Float32Array(this.length * 2);
      weights.set(this.weight);
      this.weight = weights;
    }
    this.a[this.length] = a;
    this.b[this.length] = b;
    this.weight[this.length++] = weight;
  }
}
function widened(from: Int32Array, to: Int32Array<ArrayBuffer>): Int32Array {
  to.set(from);
  return to;
}

export class Union {
  readonly parent: Int32Array;
  constructor(rows: number) {
    this.parent = Int32Array.from({ length: rows }, (_, row) => row);
  }
  find(row: number): number {
    let root = row;
    while (this.parent[root] !== root) root = this.parent[root] as number;
    for (let at = row; at !== root; ) {
      const next = this.parent[at] as number;
      this.parent[at] = root;
      at = next;
    }
    return root;
  }
  /** The smaller row is the root. */
  join(a: number, b: number): void {
    const x = this.find(a), y = this.find(b);
    if (x < y) this.parent[y] = x;
    else this.parent[x] = y;
  }
}

/**
 * Where each row has at most one partner, other partners speak against a pair and a full list speaks for it: the chance of a pair is its
 * odds among all odds of its two rows and the odds that a row has no partner, which the pairs themselves tell. In bits, for each edge.
 */
export function weighAgainstOthers(rows: number, edges: EdgeList, sourceOf: (row: number) => number): EdgeList {
  const odds = Float64Array.from({ length: edges.length }, (_, at) => 2 ** Math.min(60, edges.weight[at] as number));
  const sums = new Float64Array(rows);
  for (let at = 0; at < edges.length; at++) for (const row of [edges.a[at] as number, edges.b[at] as number]) sums[row] = (sums[row] as number) + (odds[at] as number);
  const bySource = new Map<number, number[]>();
  for (let row = 0; row < rows; row++) {
    const list = bySource.get(sourceOf(row));
    if (list) list.push(row);
    else bySource.set(sourceOf(row), [row]);
  }
  // The share of rows with a partner, of the source where it is highest.
  let highest = 0;
  for (const members of bySource.values()) {
    let share = 0.5;
    for (let round = 0; round < 50; round++) {
      let expected = 0;
      for (const row of members) expected += (sums[row] as number) * share / ((1 - share) * 0.5 + (sums[row] as number) * share);
      share = Math.min(0.999, expected / members.length);
    }
    highest = Math.max(highest, share);
  }
  const out = new EdgeList();
  for (let at = 0; at < edges.length; at++) {
    const a = edges.a[at] as number, b = edges.b[at] as number, own = odds[at] as number;
    const against = Math.max(1e-9, (sums[a] as number) + (sums[b] as number) - 2 * own) + (1 - highest);
    out.push(a, b, Math.log2(own / against));
  }
  return out;
}

/** Each row of one source with at most one of another, the surest first. */
export function pairOneToOne(rows: number, edges: EdgeList, sourceOf: (row: number) => number, threshold: number): Union {
  const order = Int32Array.from({ length: edges.length }, (_, at) => at).filter((at) => (edges.weight[at] as number) > threshold);
  order.sort((x, y) => (edges.weight[y] as number) - (edges.weight[x] as number) || (edges.a[x] as number) - (edges.a[y] as number) || (edges.b[x] as number) - (edges.b[y] as number));
  const union = new Union(rows);
  const members = new Map<number, number[]>();
  for (const at of order) {
    const a = edges.a[at] as number, b = edges.b[at] as number;
    const x = union.find(a), y = union.find(b);
    if (x === y) continue;
    const one = members.get(x) ?? [x], other = members.get(y) ?? [y];
    const sources = new Set(one.map(sourceOf));
    if (other.some((row) => sources.has(sourceOf(row)))) continue;
    union.join(x, y);
    members.set(Math.min(x, y), [...one, ...other]);
  }
  return union;
}

/** One joining of two groups: the mean weight between them and how many pairs it makes. */
export type Merge = { readonly weight: number; readonly pairs: number };

/** Average linkage within each component; `weigh` tells the weight of any two rows, also of those that shared no key. */
export function linkByAverage(rows: number, edges: EdgeList, weigh: (a: number, b: number) => number, threshold: number, merges: Merge[] = []): Union {
  const result = new Union(rows);
  for (const component of componentsOf(rows, edges, threshold)) {
    if (component.length === 1) continue;
    for (const group of averageLinkage(component, weigh, threshold, merges)) for (const row of group) result.join(group[0] as number, row);
  }
  return result;
}

function componentsOf(rows: number, edges: EdgeList, threshold: number): number[][] {
  const union = new Union(rows);
  for (let at = 0; at < edges.length; at++) if ((edges.weight[at] as number) > threshold) union.join(edges.a[at] as number, edges.b[at] as number);
  const byRoot = new Map<number, number[]>();
  for (let row = 0; row < rows; row++) {
    const root = union.find(row);
    if (root === row) continue;
    const members = byRoot.get(root);
    if (members) members.push(row);
    else byRoot.set(root, [root, row]);
  }
  const fine: number[][] = [];
  let tooLarge: number[][] = [];
  for (const members of byRoot.values()) (members.length <= sizeMax ? fine : tooLarge).push(members);
  for (let cut = threshold + 3; tooLarge.length > 0; cut += 3) {
    const inside = new Set(tooLarge.flat());
    const within = new EdgeList();
    for (let at = 0; at < edges.length; at++) if ((edges.weight[at] as number) > cut && inside.has(edges.a[at] as number) && inside.has(edges.b[at] as number)) within.push(edges.a[at] as number, edges.b[at] as number, edges.weight[at] as number);
    const again = new Union(rows);
    for (let at = 0; at < within.length; at++) again.join(within.a[at] as number, within.b[at] as number);
    const parts = new Map<number, number[]>();
    for (const row of inside) parts.set(again.find(row), [...(parts.get(again.find(row)) ?? []), row]);
    tooLarge = [];
    for (const members of parts.values()) {
      if (members.length <= sizeMax) fine.push(members);
      else if (cut < threshold + 60) tooLarge.push(members);
      // Rows that cannot be told apart however high the demand are cut by their order.
      else for (let from = 0; from < members.length; from += sizeMax) fine.push(members.slice(from, from + sizeMax));
    }
  }
  return fine;
}

function averageLinkage(component: readonly number[], weigh: (a: number, b: number) => number, threshold: number, merges: Merge[]): number[][] {
  const size = component.length;
  const sums = new Float64Array(size * size);
  for (let i = 0; i < size; i++)
    for (let j = i + 1; j < size; j++) {
      const weight = weigh(component[i] as number, component[j] as number);
      sums[i * size + j] = sums[j * size + i] = weight <= -1000 ? -1e9 : Math.max(-clip, Math.min(clip, weight));
    }
  const groups: (number[] | undefined)[] = component.map((row) => [row]);
  const sizes = new Float64Array(size).fill(1);
  // The best partner of each group; refreshed only for those whose partner changed.
  const partner = new Int32Array(size), mean = new Float64Array(size);
  const refresh = (i: number): void => {
    let best = Number.NEGATIVE_INFINITY, at = -1;
    for (let j = 0; j < size; j++) {
      if (j === i || !groups[j]) continue;
      const value = (sums[i * size + j] as number) / ((sizes[i] as number) * (sizes[j] as number));
      if (value > best) {
        best = value;
        at = j;
      }
    }
    partner[i] = at;
    mean[i] = best;
  };
  for (let i = 0; i < size; i++) refresh(i);
  for (;;) {
    let best = threshold, i = -1;
    for (let at = 0; at < size; at++)
      if (groups[at] && (mean[at] as number) > best) {
        best = mean[at] as number;
        i = at;
      }
    if (i < 0) break;
    const j = partner[i] as number, into = Math.min(i, j), from = Math.max(i, j);
    merges.push({ weight: best, pairs: (sizes[i] as number) * (sizes[j] as number) });
    groups[into] = [...(groups[into] as number[]), ...(groups[from] as number[])];
    groups[from] = undefined;
    sizes[into] = (sizes[into] as number) + (sizes[from] as number);
    for (let k = 0; k < size; k++) {
      if (!groups[k] || k === into) continue;
      const sum = (sums[into * size + k] as number) + (sums[from * size + k] as number);
      sums[into * size + k] = sums[k * size + into] = sum;
    }
    refresh(into);
    for (let k = 0; k < size; k++) if (groups[k] && k !== into && (partner[k] === from || partner[k] === into || (sums[k * size + into] as number) / ((sizes[k] as number) * (sizes[into] as number)) > (mean[k] as number))) refresh(k);
  }
  return groups.filter((group) => group !== undefined).map((group) => group.sort((a, b) => a - b));
}
