/**
 * A table held by columns: each feature of each row is a number that stands for a value, each distinct value is held once with
 * its words and key hashes. One million rows of ten features need some hundred megabytes.
 */
import { type Feature, featuresOf, type Field, valuesOf } from "./fields.ts";
import { hashText, soundOf } from "./similarity.ts";

/** A list of integers that grows. */
export class IntList {
  data: Int32Array = new Int32Array(1024);
  length = 0;
  push(value: number): void {
    if (this.length === this.data.length) {
      const wider = new Int32Array(this.length * 2);
      wider.set(this.data);
      this.data = wider;
    }
    this.data[this.length++] = value;
  }
  at(index: number): number {
    return this.data[index] as number;
  }
  trimmed(): Int32Array {
    return this.data.slice(0, this.length);
  }
}

/** Distinct values of one feature, or of two that may be swapped. */
export class Dictionary {
  readonly values: string[] = [];
  private ids = new Map<string, number>();
  /** Of features compared by words: the words of value v are words[start[v] … start[v + 1]]. */
  readonly start: IntList = new IntList();
  readonly words: IntList = new IntList();
  readonly wordValues: string[] = [];
  private wordIds = new Map<string, number>();
  /** Rows in which a word occurs; filled as rows are added. */
  readonly wordRows: IntList = new IntList();
  readonly hasWords: boolean;

  constructor(hasWords: boolean) {
    this.hasWords = hasWords;
    if (hasWords) this.start.push(0);
  }

  idOf(value: string): number {
    const known = this.ids.get(value);
    if (known !== undefined) return known;
    const id = this.values.length;
    this.ids.set(value, id);
    this.values.push(value);
    if (this.hasWords) {
      for (const word of new Set(value.split(" ", 64))) this.words.push(this.wordOf(word));
      this.start.push(this.words.length);
    }
    return id;
  }

  private wordOf(word: string): number {
    const known = this.wordIds.get(word);
    if (known !== undefined) return known;
    const id = this.wordValues.length;
    this.wordIds.set(word, id);
    this.wordValues.push(word);
    this.wordRows.push(0);
    return id;
  }

  /** No more values will come: the ways from value to number are given back. */
  close(): void {
    this.ids = new Map();
    this.wordIds = new Map();
  }

  /** Counts a row that holds the value, or takes it off. */
  countWords(id: number, by = 1): void {
    for (let at = this.start.at(id); at < this.start.at(id + 1); at++) {
      const word = this.words.at(at);
      this.wordRows.data[word] = this.wordRows.at(word) + by;
    }
  }
}

export class Table {
  readonly fields: readonly Field[];
  readonly features: readonly Feature[];
  readonly dictionaries: readonly Dictionary[];
  /** ids[feature][row]; -1 is no evidence. */
  readonly ids: readonly IntList[];
  /** Which source each row is from, as a small number. */
  readonly sources: IntList = new IntList();
  rows = 0;
  private readonly recent: readonly Map<string, readonly number[]>[];
  private readonly featuresOfField: readonly (readonly number[])[];

  constructor(fields: readonly Field[]) {
    this.fields = fields;
    this.features = featuresOf(fields);
    const dictionaries: Dictionary[] = [];
    this.features.forEach(({ partner, style }, at) => dictionaries.push(partner >= 0 && partner < at ? (dictionaries[partner] as Dictionary) : new Dictionary(style === "words")));
    this.dictionaries = dictionaries;
    this.ids = this.features.map(() => new IntList());
    this.recent = fields.map(() => new Map());
    this.featuresOfField = fields.map((_, field) => this.features.flatMap((feature, at) => (feature.field === field ? [at] : [])));
  }

  /** Adds a row of written values, in the order of the fields. Answers its number. */
  add(values: readonly string[], source = 0): number {
    for (let field = 0; field < this.fields.length; field++) {
      const features = this.featuresOfField[field] as readonly number[];
      if (features.length === 0) continue;
      const ids = this.idsOf(field, values[field] ?? "", features);
      for (let at = 0; at < features.length; at++) {
        const feature = features[at] as number, id = ids[at] as number;
        (this.ids[feature] as IntList).push(id);
        const dictionary = this.dictionaries[feature] as Dictionary;
        if (id >= 0 && dictionary.hasWords) dictionary.countWords(id);
      }
    }
    this.sources.push(source);
    return this.rows++;
  }

  /** Written values repeat; their normal form is remembered for the last few thousand. */
  private idsOf(field: number, text: string, features: readonly number[]): readonly number[] {
    const recent = this.recent[field] as Map<string, readonly number[]>;
    const known = recent.get(text);
    if (known) return known;
    const values = isNothing.test(text) ? [] : valuesOf((this.fields[field] as Field).kind, text);
    const ids = features.map((feature, at) => {
      const value = values[at] ?? "";
      return value === "" ? -1 : (this.dictionaries[feature] as Dictionary).idOf(value);
    });
    if (recent.size > 20_000) recent.clear();
    if (text.length < 400) recent.set(text, ids);
    return ids;
  }

  /** Adds a row, works with it, and takes it away again. */
  withRow<Result>(values: readonly string[], work: (row: number) => Result): Result {
    const row = this.add(values);
    try {
      return work(row);
    } finally {
      this.rows--;
      this.sources.length--;
      for (const [f, list] of this.ids.entries()) {
        list.length--;
        const dictionary = this.dictionaries[f] as Dictionary, id = list.data[list.length] as number;
        if (id >= 0 && dictionary.hasWords) dictionary.countWords(id, -1);
      }
    }
  }

  /** No more rows will come. */
  close(): void {
    for (const dictionary of this.dictionaries) dictionary.close();
    for (const recent of this.recent) recent.clear();
  }

  id(feature: number, row: number): number {
    return (this.ids[feature] as IntList).data[row] as number;
  }

  /** The rows of each value of a feature, counted. */
  countsOf(feature: number): Int32Array {
    const counts = new Int32Array((this.dictionaries[feature] as Dictionary).values.length);
    const ids = this.ids[feature] as IntList;
    for (let row = 0; row < this.rows; row++) if (ids.at(row) >= 0) counts[ids.at(row)] = (counts[ids.at(row)] as number) + 1;
    return counts;
  }
}

const isNothing = /^\s*(?:|null|none|nan|n\/a|na|unknown|undefined|-+|\?+|无|暂无|未知|空)\s*$/i;

// Keys -------------------------------------------------------------------------------------------------------------------------

/** A key of a row before it is joined with others. `isWeak`: it comes from a part of the value and is rarely enough alone. */
export type Atom = { readonly hash: number; readonly isWeak: boolean; readonly name: string };

/** What a value can be found by though it be written with a mistake. Pure: it depends on nothing but the value. */
export function atomsOf(feature: Feature, index: number, value: string): Atom[] {
  const atoms: Atom[] = [];
  // Partners share their keys, so that a swapped pair of names is found too.
  const seed = (feature.partner >= 0 ? Math.min(index, feature.partner) : index) + 1;
  const put = (part: string, text: string, isWeak = false): void => void atoms.push({ hash: hashText(`${part}${text}`, seed), isWeak, name: `${feature.name}:${part}` });
  switch (feature.style) {
    case "word":
      put("=", value);
      if (value.length >= 3 && /^[A-Z]/.test(value)) put("sound", soundOf(value.replace(/ /g, "")), true);
      if (value.length >= 5) {
        put("end", value.slice(-4), true);
        put("begin", value.slice(0, 4), true);
      }
      break;
    case "words": {
      const words = [...new Set(value.split(" ", 24))];
      for (const word of words) if (word.length > 1) put("=", word);
      if (words.length <= 6) for (const word of words) if (word.length >= 4 && /^[A-Z]+$/.test(word)) put("sound", soundOf(word), true);
      break;
    }
    case "digits": case "uscc": case "email":
      put("=", value);
      if (feature.style === "uscc" && value.length === 18) put("organisation", value.slice(8, 17));
      if (feature.style === "email" && value.includes("@")) put("mailbox", value.slice(0, value.indexOf("@")));
      if (feature.kind === "postcode" && value.length >= 5) put("begin", value.slice(0, 3), true);
      else if (value.length >= 6) {
        put("begin", value.slice(0, value.length >> 1), true);
        put("end", value.slice(value.length >> 1), true);
      }
      break;
    case "date":
      put("=", value);
      if (value.endsWith("00") === false) {
        put("ym", value.slice(0, 6), true);
        put("md", value.slice(4), true);
        put("yd", value.slice(0, 4) + value.slice(6), true);
      }
      break;
    case "brand": {
      const [brand = "", sound = ""] = value.split("/");
      if (brand !== "") put("=", brand);
      if (sound !== "") put("sound", sound);
      // 华新达 is found by 华新, 华达 and 新达 too: one character wrong or left out.
      if (/^\p{Script=Han}+$/u.test(brand) && brand.length >= 3 && brand.length <= 8) for (let at = 0; at < brand.length; at++) put("less", brand.slice(0, at) + brand.slice(at + 1), true);
      if (brand.length === 2) put("less", brand, true);
      if (brand.length > 4) put("begin", brand.slice(0, 2), true);
      break;
    }
    case "region": put("=", value.split("|")[0] as string, true); break;
    case "category": case "year": case "amount": put("=", value, true); break;
  }
  return atoms;
}

/** The hashes of the atoms of every value, one after another. The lowest bit of a hash says whether the atom is weak. */
export class AtomList {
  private readonly starts: readonly Int32Array[];
  private readonly lists: readonly Int32Array[];

  constructor(table: Table) {
    const lists: Int32Array[] = [];
    this.starts = table.features.map((feature, f) => {
      const { values } = table.dictionaries[f] as Dictionary;
      const start = new Int32Array(values.length + 1), hashes = new IntList();
      for (let value = 0; value < values.length; value++) {
        for (const { hash, isWeak } of atomsOf(feature, f, values[value] as string)) hashes.push((hash & ~1) | (isWeak ? 1 : 0));
        start[value + 1] = hashes.length;
      }
      lists.push(hashes.trimmed());
      return start;
    });
    this.lists = lists;
  }

  from(feature: number, value: number): number {
    return (this.starts[feature] as Int32Array)[value] as number;
  }
  /** One behind the last. */
  to(feature: number, value: number): number {
    return (this.starts[feature] as Int32Array)[value + 1] as number;
  }
  at(feature: number, index: number): number {
    return ((this.lists[feature] as Int32Array)[index] as number) >>> 0;
  }
}
