/**
 * Likeness of two values as an ordered level, 1 (nothing alike) to `topOf(style)` (the same); 0 is no evidence, because one of
 * the two is missing. The model learns what each level is worth; here nothing is weighed.
 */
import { checkUscc } from "../code-standard.ts";
import type { Dictionary, Table } from "./columns.ts";
import type { Feature, Style } from "./fields.ts";
import { editDistance, isBeginning, jaroWinkler } from "./similarity.ts";

const names: Readonly<Record<Style, readonly string[]>> = {
  word: ["missing", "different", "slightly alike", "alike", "beginning", "very alike", "one letter off", "same", "swapped"],
  words: ["missing", "different", "a little in common", "some in common", "half in common", "much in common", "most in common", "nearly all in common", "same words", "one within the other"],
  digits: ["missing", "different", "two characters off", "one character off", "same"],
  uscc: ["missing", "different", "unchecked difference", "one character off", "same organisation", "same"],
  email: ["missing", "different", "alike", "same mailbox", "same"],
  date: ["missing", "different", "same year", "two parts same", "a week apart", "one digit off", "a day apart", "same"],
  year: ["missing", "different", "a year apart", "same"],
  amount: ["missing", "different", "near", "within 10 %", "within 1 %", "same"],
  category: ["missing", "different", "same"],
  region: ["missing", "other province", "other city", "one within the other", "same"],
  brand: ["missing", "different", "alike", "one within the other", "one character off", "same sound", "same"],
};
export const levelName = (style: Style, level: number): string => (names[style][level] ?? "missing");
export const levelCount = (style: Style): number => names[style].length;
/** The level of equal values; "swapped" of words and "one within the other" come after it but are not equality. */
export const topOf = (style: Style): number => (style === "word" ? 7 : style === "words" ? 8 : names[style].length - 1);

/** How much the frequent values and words of a table tell, for scoring records that stand alone; whatever is not named is rare. */
export type Frequencies = {
  readonly words: readonly { readonly shares: Readonly<Record<string, number>>; readonly rare: number }[];
  readonly values: readonly { readonly shares: Readonly<Record<string, number>>; readonly rare: number }[];
};
export const bitsOfWord = (total: number, rows: number): number => Math.log2((total + 1) / (rows + 0.5)) + 0.2;

const CACHE = 1 << 18;

/** Compares rows of a table feature by feature; remembers the level of pairs of values seen before. */
export class Comparer {
  private readonly table: Table;
  private readonly keys: (Float64Array | undefined)[];
  private readonly found: Uint8Array[] = [];
  private readonly informations: (Float64Array | undefined)[];
  private readonly filled: number[] = [];
  private readonly known: Frequencies | undefined;

  /** Without `known` the rarity of words is that of the table itself. */
  constructor(table: Table, known?: Frequencies) {
    this.table = table;
    this.known = known;
    this.keys = table.features.map(({ style }) => (style === "category" || style === "year" ? undefined : new Float64Array(CACHE).fill(-1)));
    this.found = this.keys.map((keys) => new Uint8Array(keys ? CACHE : 0));
    this.informations = table.features.map(() => undefined);
  }

  /** Levels of the rows a and b into `out`. */
  compare(a: number, b: number, out: Uint8Array): void {
    for (let f = 0; f < out.length; f++) out[f] = this.level(f, a, b);
  }

  /** The level of one feature of the rows a and b. */
  level(f: number, a: number, b: number): number {
    const { features, ids } = this.table;
    const list = (ids[f] as { data: Int32Array }).data;
    const va = list[a] as number, vb = list[b] as number;
    if (va < 0 || vb < 0) return 0;
    const feature = features[f] as Feature;
    const level = va === vb ? topOf(feature.style) : this.levelOf(f, feature, va, vb);
    if (feature.partner >= 0 && level <= 3) {
      const other = (ids[feature.partner] as { data: Int32Array }).data;
      if (va === other[b] || vb === other[a]) return 8;
    }
    return level;
  }

  private levelOf(f: number, feature: Feature, va: number, vb: number): number {
    const keys = this.keys[f];
    const dictionary = this.table.dictionaries[f] as Dictionary;
    if (!keys) return levelOfValues(feature, dictionary.values[va] as string, dictionary.values[vb] as string);
    const low = va < vb ? va : vb, high = va < vb ? vb : va;
    const key = low * 4294967296 + high;
    const slot = ((Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b)) >>> 7) & (CACHE - 1);
    const found = this.found[f] as Uint8Array;
    if (keys[slot] === key) return found[slot] as number;
    const level = feature.style === "words" ? this.wordsLevel(f, dictionary, low, high) : levelOfValues(feature, dictionary.values[low] as string, dictionary.values[high] as string);
    keys[slot] = key;
    found[slot] = level;
    return level;
  }

  /** What a word tells, in bits: the rarer, the more. */
  informationOf(f: number): Float64Array {
    let information = this.informations[f];
    const { wordRows, wordValues } = this.table.dictionaries[f] as Dictionary;
    const known = this.known?.words[f], filled = this.filled[f] ?? 0;
    if (information && filled >= wordValues.length) return information;
    if (!information || information.length < wordValues.length) {
      const wider = new Float64Array(known ? wordValues.length * 2 : wordValues.length);
      if (information && known) wider.set(information);
      information = wider;
    }
    // What is known of a word does not change; the rarity of a word in the table changes with every row.
    const total = Math.max(this.table.rows, 100);
    for (let at = known ? filled : 0; at < wordValues.length; at++) information[at] = known ? (known.shares[wordValues[at] as string] ?? known.rare) : bitsOfWord(total, wordRows.at(at));
    this.informations[f] = information;
    this.filled[f] = wordValues.length;
    return information;
  }

  /** Cosine of the words, weighed by how rare they are; a word with a typing error counts nearly as the word. */
  private wordsLevel(f: number, { start, words, wordValues }: Dictionary, va: number, vb: number): number {
    const information = this.informationOf(f);
    const fromA = start.at(va), toA = start.at(va + 1), fromB = start.at(vb), toB = start.at(vb + 1);
    let shared = 0, plainA = 0, plainB = 0, squareA = 0, squareB = 0, sharedPlain = 0;
    taken.fill(0, 0, toB - fromB);
    for (let j = fromB; j < toB; j++) {
      const weight = information[words.at(j)] as number;
      plainB += weight;
      squareB += weight * weight;
    }
    open.length = 0;
    for (let i = fromA; i < toA; i++) {
      const word = words.at(i), weight = information[word] as number;
      plainA += weight;
      squareA += weight * weight;
      let isFound = false;
      for (let j = fromB; j < toB && !isFound; j++) {
        if (words.at(j) !== word || taken[j - fromB] === 1) continue;
        taken[j - fromB] = 1;
        isFound = true;
        shared += weight * weight;
        sharedPlain += weight;
      }
      if (!isFound) open.push(word);
    }
    // In long texts errors of single letters do not matter, and to look for them would take long.
    if (open.length * (toB - fromB) > 400) open.length = 0;
    for (const word of open) {
      const text = wordValues[word] as string;
      let best = 0, bestAt = -1;
      for (let j = fromB; j < toB; j++) {
        if (taken[j - fromB] === 1) continue;
        const likeness = wordLikeness(text, wordValues[words.at(j)] as string);
        if (likeness > best) {
          best = likeness;
          bestAt = j;
        }
      }
      if (bestAt < 0) continue;
      taken[bestAt - fromB] = 1;
      const weight = Math.min(information[word] as number, information[words.at(bestAt)] as number) * best;
      const weightA = information[word] as number, weightB = information[words.at(bestAt)] as number;
      shared += weightA * weightB * best;
      sharedPlain += weight;
    }
    const cosine = shared / Math.sqrt(squareA * squareB);
    if (cosine >= 0.97) return 8;
    if (cosine >= 0.86) return 7;
    const within = sharedPlain / Math.min(plainA, plainB);
    if (within >= 0.93 && sharedPlain >= 12) return 9;
    return cosine >= 0.74 ? 6 : cosine >= 0.6 ? 5 : cosine >= 0.45 ? 4 : cosine >= 0.3 ? 3 : cosine >= 0.12 ? 2 : 1;
  }
}

const taken = new Uint8Array(64);
const open: number[] = [];

/** Of two different words: 0 when they are different words, below 1 when one may be the other with an error or cut short. */
function wordLikeness(a: string, b: string): number {
  const la = a.length, lb = b.length;
  if (la === 1 || lb === 1) return a.charCodeAt(0) === b.charCodeAt(0) && Math.max(la, lb) > 1 ? 0.5 : 0;
  // Numbers and grades that differ are different: 316 is not 316L, 2019 is not 2018.
  if (hasDigit(a) || hasDigit(b)) return 0;
  if (Math.abs(la - lb) > 3 && !isBeginning(a, b)) return 0;
  if (la >= 3 && lb >= 3 && isBeginning(a, b)) return 0.8;
  const shorter = Math.min(la, lb);
  // One error leaves the first or the last letter as it was; this spares nearly all comparisons of unrelated words.
  const isFirstSame = a.charCodeAt(0) === b.charCodeAt(0);
  if (!isFirstSame && a.charCodeAt(la - 1) !== b.charCodeAt(lb - 1)) return 0;
  if (shorter >= 4 && editDistance(a, b, shorter >= 8 ? 2 : 1) <= (shorter >= 8 ? 2 : 1)) return 0.88;
  return shorter >= 5 && isFirstSame && jaroWinkler(a, b) >= 0.92 ? 0.8 : 0;
}
function hasDigit(word: string): boolean {
  for (let at = 0; at < word.length; at++) if (word.charCodeAt(at) >= 48 && word.charCodeAt(at) <= 57) return true;
  return false;
}

/** The level of two different values that are not compared by words. */
export function levelOfValues({ style, kind }: Pick<Feature, "style" | "kind">, a: string, b: string): number {
  switch (style) {
    case "word": {
      const shorter = Math.min(a.length, b.length);
      if (shorter >= 3 && editDistance(a, b, 1) === 1) return 6;
      const likeness = jaroWinkler(a, b);
      if (likeness >= 0.92) return 5;
      if (isBeginning(a, b) || (a.length > 4 && b.length > 4 && a.replace(/ /g, "") === b.replace(/ /g, ""))) return 4;
      return likeness >= 0.84 ? 3 : likeness >= 0.7 ? 2 : 1;
    }
    case "words": return 1;
    case "digits": {
      // Neighbours have near numbers: two characters off is likeness only in a long code, never in a telephone's exchange.
      const distance = editDistance(a, b, 2), shorter = Math.min(a.length, b.length);
      return distance === 1 && shorter >= 2 ? 3 : distance === 2 && shorter >= 7 && (kind === "code" || a.slice(0, 5) !== b.slice(0, 5)) ? 2 : 1;
    }
    case "uscc": {
      if (a.length === 9 && b.slice(8, 17) === a) return 4;
      if (b.length === 9 && a.slice(8, 17) === b) return 4;
      if (editDistance(a, b, 1) === 1) return isRightUscc(a) && isRightUscc(b) ? 1 : 3;
      return isRightUscc(a) && isRightUscc(b) ? 1 : 2;
    }
    case "email": {
      const boxA = a.split("@")[0] as string, boxB = b.split("@")[0] as string;
      if (boxA === boxB && boxA.length > 2) return 3;
      return editDistance(a, b, 2) <= 2 || jaroWinkler(boxA, boxB) >= 0.92 ? 2 : 1;
    }
    case "date": {
      const days = Math.abs(dayOf(a) - dayOf(b));
      if (days <= 1) return 6;
      if (editDistance(a, b, 1) === 1) return 5;
      if (days <= 7) return 4;
      const parts = (a.slice(0, 4) === b.slice(0, 4) ? 1 : 0) + (a.slice(4, 6) === b.slice(4, 6) ? 1 : 0) + (a.slice(6) === b.slice(6) ? 1 : 0);
      if (parts === 2 || (a.slice(0, 4) === b.slice(0, 4) && a.slice(4, 6) === b.slice(6) && a.slice(6) === b.slice(4, 6))) return 3;
      return a.slice(0, 4) === b.slice(0, 4) ? 2 : 1;
    }
    case "year": return Math.abs(Number(a) - Number(b)) === 1 ? 2 : 1;
    case "amount": {
      const x = Math.abs(Number(a)), y = Math.abs(Number(b));
      if (!Number.isFinite(x) || !Number.isFinite(y)) return 1;
      if (x === y) return 5;
      const ratio = Math.min(x, y) / Math.max(x, y, 1e-9);
      return ratio >= 0.99 ? 4 : ratio >= 0.9 ? 3 : ratio >= 0.7 ? 2 : 1;
    }
    case "category": return 1;
    case "region": {
      const [provinceA, cityA] = a.split("|"), [provinceB, cityB] = b.split("|");
      return provinceA !== provinceB ? 1 : cityA === "" || cityB === "" ? 3 : 2;
    }
    case "brand": {
      const [brandA = "", soundA = ""] = a.split("/"), [brandB = "", soundB = ""] = b.split("/");
      if (brandA !== "" && brandA === brandB) return 6;
      if (soundA !== "" && soundA === soundB) return 5;
      const shorter = Math.min(brandA.length, brandB.length);
      if (shorter >= 3 && editDistance(brandA, brandB, 1) === 1) return 4;
      if (soundA.length >= 6 && soundB.length >= 6 && editDistance(soundA, soundB, 1) === 1) return 4;
      if (shorter >= 2 && (brandA.includes(brandB) || brandB.includes(brandA))) return 3;
      if (brandA === "" && brandB === "" && jaroWinkler(soundA, soundB) >= 0.92) return 3;
      return shorter >= 2 && editDistance(brandA, brandB, shorter >= 4 ? 2 : 1) <= (shorter >= 4 ? 2 : 1) ? 2 : 1;
    }
  }
}

/** Days since some day, near enough to subtract; a wrong date is far from all others. */
const dayOf = (date: string): number => {
  const year = digitsAt(date, 0, 4), month = digitsAt(date, 4, 6), day = digitsAt(date, 6, 8);
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= 31)) return year * 1e6 + month * 1e4 + day;
  const y = year - (month <= 2 ? 1 : 0);
  return 365 * y + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) + Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day;
};
function digitsAt(text: string, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

const rightUscc = new Map<string, boolean>();
function isRightUscc(code: string): boolean {
  let isRight = rightUscc.get(code);
  if (isRight === undefined) {
    if (rightUscc.size > 100_000) rightUscc.clear();
    rightUscc.set(code, (isRight = checkUscc(code).isValid));
  }
  return isRight;
}
