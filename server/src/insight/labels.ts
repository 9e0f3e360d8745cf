/** What the keys of an answer are called, in both languages. */
import type { Book } from "../books/index.ts";
import { kinds } from "../documents/index.ts";
import type { Db } from "../platform/index.ts";
import { type Dimension, dimensions, type Words } from "./metric.ts";
import * as store from "./names.store.ts";

const notAllocated: Words = { zh: "未分配", en: "Not allocated" };
const same = (text: string): Words => ({ zh: text, en: text });

/** Reads the names of all keys at once; the answer tells the name of each. */
export async function labelsOf(db: Db, book: Book, dims: readonly string[], rows: readonly Readonly<Record<string, string>>[]): Promise<(dimension: string, key: string) => Words> {
  const wanted = new Map(dims.map((id) => [id, [...new Set(rows.flatMap((row) => (row[id] === undefined || row[id] === "" ? [] : [row[id]])))]]));
  const of = (id: string): string | undefined => (dimensions.get(id) as Dimension).of;
  const names = new Map<string, Words>();
  const masters = dims.filter((id) => of(id) !== undefined && !["account", "document", "documentKind"].includes(of(id) as string) && (wanted.get(id) ?? []).length > 0);
  if (masters.length > 0) {
    const asked = [...new Set(masters.flatMap((id) => kindsOf(of(id) as string)))];
    const found = await store.findNames(db, book.bookId, asked, masters.flatMap((id) => wanted.get(id) ?? []));
    for (const id of masters) {
      const order = kindsOf(of(id) as string);
      for (const row of found.filter(({ kind }) => order.includes(kind)).sort((a, b) => order.indexOf(b.kind) - order.indexOf(a.kind))) names.set(`${id} ${row.code}`, { zh: row.zh, en: row.en });
    }
  }
  for (const id of dims.filter((one) => of(one) === "account")) for (const row of await store.findAccountNames(db, book.bookId, wanted.get(id) ?? [])) names.set(`${id} ${row.code}`, { zh: `${row.code} ${row.zh}`, en: `${row.code} ${row.en}` });
  for (const id of dims.filter((one) => of(one) === "document")) for (const row of await store.findDocuments(db, book.bookId, wanted.get(id) ?? [])) names.set(`${id} ${row.documentId}`, same(row.sourceId));
  return (id, key) => {
    const dimension = dimensions.get(id) as Dimension;
    if (dimension.labels?.[key] !== undefined) return dimension.labels[key];
    if (dimension.of === "documentKind") return kindName(key);
    return names.get(`${id} ${key}`) ?? (key === "" ? notAllocated : same(key));
  };
}

export const kindName = (kind: string): Words => {
  const known = Object.hasOwn(kinds, kind) ? kinds[kind as keyof typeof kinds] : undefined;
  return known === undefined ? same(kind) : { zh: known.zh, en: known.en };
};

/** A party is looked up as what it is asked for first, then as whatever else it may be. */
const kindsOf = (kind: string): readonly string[] => (kind === "customer" ? ["customer", "supplier", "employee"] : kind === "supplier" ? ["supplier", "customer", "employee"] : [kind]);
