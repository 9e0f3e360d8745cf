/**
 * Likeness of two texts, written for speed: scratch arrays are reused, nothing is allocated for a pair. All are symmetric and
 * depend on the texts alone, so that a rerun gives the same bytes.
 */

const LONGEST = 128;
const common = new Uint16Array(LONGEST);
const codesB = new Uint16Array(LONGEST);
const takenB = new Uint8Array(LONGEST);
const rowA = new Uint16Array(LONGEST + 1);
const rowB = new Uint16Array(LONGEST + 1);
const rowC = new Uint16Array(LONGEST + 1);

/** Jaro–Winkler, 0 to 1; texts are read up to 128 characters. */
export function jaroWinkler(a: string, b: string): number {
  if (a === b) return 1;
  const la = Math.min(a.length, LONGEST), lb = Math.min(b.length, LONGEST);
  if (la === 0 || lb === 0) return 0;
  const reach = Math.max(0, (Math.max(la, lb) >> 1) - 1);
  for (let j = 0; j < lb; j++) {
    codesB[j] = b.charCodeAt(j);
    takenB[j] = 0;
  }
  let same = 0;
  for (let i = 0; i < la; i++) {
    const code = a.charCodeAt(i);
    const to = Math.min(lb - 1, i + reach);
    for (let j = Math.max(0, i - reach); j <= to; j++) {
      if (codesB[j] !== code || takenB[j] === 1) continue;
      takenB[j] = 1;
      common[same++] = code;
      break;
    }
  }
  if (same === 0) return 0;
  let crossed = 0;
  for (let i = 0, j = 0; i < same; i++, j++) {
    while (takenB[j] === 0) j++;
    if (common[i] !== codesB[j]) crossed++;
  }
  const jaro = (same / la + same / lb + (same - crossed / 2) / same) / 3;
  let prefix = 0;
  while (prefix < 4 && prefix < la && prefix < lb && a.charCodeAt(prefix) === codesB[prefix]) prefix++;
  return jaro + prefix * 0.1 * (1 - jaro);
}

/** Optimal string alignment: insertions, deletions, replacements and swaps of neighbours. Answers limit + 1 as soon as the distance is above the limit. */
export function editDistance(a: string, b: string, limit: number): number {
  if (a === b) return 0;
  const la = Math.min(a.length, LONGEST), lb = Math.min(b.length, LONGEST);
  if (Math.abs(la - lb) > limit) return limit + 1;
  // What both begin and end with costs nothing.
  let from = 0, endA = la, endB = lb;
  while (from < endA && from < endB && a.charCodeAt(from) === b.charCodeAt(from)) from++;
  while (endA > from && endB > from && a.charCodeAt(endA - 1) === b.charCodeAt(endB - 1)) {
    endA--;
    endB--;
  }
  const na = endA - from, nb = endB - from;
  if (na === 0 || nb === 0) return na + nb;
  if (na === 1 && nb === 1) return 1;
  if (na === 2 && nb === 2 && a.charCodeAt(from) === b.charCodeAt(from + 1) && a.charCodeAt(from + 1) === b.charCodeAt(from)) return 1;
  if (limit === 1) return 2;
  // Only near the diagonal can a distance be within the limit.
  const far = limit + 1;
  let before = rowA, last = rowB, now = rowC;
  for (let j = 0; j <= nb; j++) last[j] = j;
  for (let i = 1; i <= na; i++) {
    const low = Math.max(1, i - limit), high = Math.min(nb, i + limit);
    now[low - 1] = low === 1 ? i : far;
    let least = far;
    const code = a.charCodeAt(from + i - 1);
    for (let j = low; j <= high; j++) {
      const other = b.charCodeAt(from + j - 1);
      let best = (last[j - 1] as number) + (code === other ? 0 : 1);
      const dropped = j === i + limit ? far : (last[j] as number) + 1, added = (now[j - 1] as number) + 1;
      if (dropped < best) best = dropped;
      if (added < best) best = added;
      if (i > 1 && j > 1 && code === b.charCodeAt(from + j - 2) && a.charCodeAt(from + i - 2) === other) best = Math.min(best, (before[j - 2] as number) + 1);
      now[j] = best;
      if (best < least) least = best;
    }
    if (least > limit) return far;
    const spare = before;
    before = last;
    last = now;
    now = spare;
  }
  return Math.min(last[nb] as number, far);
}

/** Whether one text is the beginning of the other ("ED" of "EDWARD"), or its initial. */
export const isBeginning = (a: string, b: string): boolean => (a.length < b.length ? b.startsWith(a) : a.startsWith(b));

/** 32-bit FNV-1a with a final mix; `seed` keeps the keys of different kinds apart. */
export function hashText(text: string, seed: number): number {
  let hash = (2166136261 ^ Math.imul(seed, 0x9e3779b1)) | 0;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16777619);
  return mix(hash);
}

export function mix(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** A repeatable source of random numbers in 0 … below - 1. */
export function seededRandom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor(((t ^ (t >>> 14)) >>> 0) / 4294967296 * below);
  };
}

/** A code for how a Latin word sounds: the first letter, then consonant groups; at most four characters. */
export function soundOf(word: string): string {
  let out = "", last = "";
  for (let i = 0; i < word.length && out.length < 4; i++) {
    const group = soundGroups[word.charCodeAt(i) - 65] ?? "";
    if (i === 0) out = word.charAt(0);
    else if (group !== "" && group !== last) out += group;
    if (group !== "" || !"HW".includes(word.charAt(i))) last = group;
  }
  return out;
}
// A to Z: vowels, H, W and Y have no sound of their own.
const soundGroups = ["", "1", "2", "3", "", "1", "2", "", "", "2", "2", "4", "5", "5", "", "1", "2", "6", "2", "3", "", "1", "", "2", "", "2"];
