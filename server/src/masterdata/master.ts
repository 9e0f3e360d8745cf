/**
 * 主数据 as posted to a book: which item, party, bank account, rate a code means. One record a (kind, code, source); a code
 * that several sources use is looked up in the document's own source first.
 */
import { parseDecimal, pow10, QUANTITY_SCALE, RATE_SCALE } from "../values/index.ts";
import type { Problem } from "../platform/index.ts";
import { type Field, isMasterKind, masterKinds, type MasterKind } from "../documents/index.ts";
import type { Meanings } from "./meaning.ts";

export type MasterRecord = {
  readonly kind: MasterKind;
  readonly code: string;
  readonly source: string;
  readonly name: { readonly zh: string; readonly en: string };
  readonly fields: Readonly<Record<string, string>>;
  /** Other units of an item: one of them is `quantity` stock units (six decimals). */
  readonly units: Readonly<Record<string, bigint>>;
};

/** The kind of a record by its schema; undefined when it is a business document. */
export function masterKindOf(input: unknown): MasterKind | undefined {
  const schema = input !== null && typeof input === "object" ? (input as { schema?: unknown }).schema : undefined;
  if (typeof schema !== "string" || !schema.startsWith("tieout/")) return undefined;
  const kind = schema.slice(7, schema.lastIndexOf("@"));
  return isMasterKind(kind) ? kind : undefined;
}

const own = new Set(["schema", "source", "sourceId", "sourceVersion", "name", "units", "book", "extra", "status"]);

/** Reads one master record of the public form; every problem is reported. */
export function readMaster(input: unknown, kind: MasterKind): { record: MasterRecord; problems?: undefined } | { record?: undefined; problems: Problem[] } {
  const raw = input as Record<string, unknown>;
  const problems: Problem[] = [];
  const where = `${kind}/${String(raw.sourceId ?? "")}`;
  if (raw.schema !== `tieout/${kind}@1`) problems.push({ code: "schema.version", facts: { kind, version: String(raw.schema).split("@")[1] ?? "" }, where });
  const plain = (value: unknown, name: string): string => {
    if (typeof value === "string" && value.trim() !== "" && value.length <= 500) return value.trim();
    problems.push(value === undefined || value === null ? { code: "field.missing", facts: { field: name }, where } : { code: "field.type", facts: { field: name, wanted: "文字", wantedEn: "text", got: JSON.stringify(value)?.slice(0, 60) ?? "" }, where });
    return "";
  };
  const source = raw.source === undefined ? "" : plain(raw.source, "source");
  if (raw.source === undefined) problems.push({ code: "field.missing", facts: { field: "source" }, where });
  const code = plain(raw.sourceId, "sourceId");
  const rawName = raw.name;
  const name = typeof rawName === "string" ? { zh: rawName, en: rawName } : rawName !== null && typeof rawName === "object"
    ? { zh: String((rawName as { zh?: unknown }).zh ?? (rawName as { en?: unknown }).en ?? code), en: String((rawName as { en?: unknown }).en ?? (rawName as { zh?: unknown }).zh ?? code) } : { zh: code, en: code };
  const fields: Record<string, string> = {};
  const table = masterKinds[kind].fields as Readonly<Record<string, Field>>;
  for (const [key, value] of Object.entries(raw)) {
    if (own.has(key) || value === null || value === undefined) continue;
    const field = table[key];
    if (!field) {
      problems.push({ code: "field.unknown", facts: { kind, field: key }, where });
      continue;
    }
    if (typeof value === "number") {
      problems.push({ code: "field.number", facts: { field: key, got: String(value) }, where });
      continue;
    }
    const text = plain(value, key);
    const scale = field.type === "rate" ? RATE_SCALE : field.type === "taxRate" ? QUANTITY_SCALE : undefined;
    if (text !== "" && scale !== undefined && (parseDecimal(text, scale) ?? -1n) < (field.type === "rate" ? 1n : 0n))
      problems.push({ code: "field.type", facts: { field: key, wanted: "小数字符串", wantedEn: "a decimal string", got: text }, where });
    fields[key] = text;
  }
  for (const [key, field] of Object.entries(table)) if (field.required && fields[key] === undefined) problems.push({ code: "field.missing", facts: { field: key }, where });
  const units: Record<string, bigint> = {};
  for (const entry of Array.isArray(raw.units) ? (raw.units as { unit?: unknown; quantity?: unknown }[]) : []) {
    const quantity = typeof entry.quantity === "string" ? parseDecimal(entry.quantity, QUANTITY_SCALE) : undefined;
    if (typeof entry.unit === "string" && quantity !== undefined && quantity > 0n) units[entry.unit] = quantity;
    else problems.push({ code: "field.type", facts: { field: "units", wanted: "[{ unit, quantity }]", wantedEn: "[{ unit, quantity }]", got: JSON.stringify(entry).slice(0, 60) }, where });
  }
  return problems.length > 0 ? { problems } : { record: { kind, code, source, name, fields, units } };
}

/** The master data of one book in memory, for the one that posts. */
export type Masters = { readonly byKind: Map<MasterKind, Map<string, MasterRecord[]>>; readonly rates: Map<string, { date: string; rate: bigint }[]>; /** What people decided about codes; without it a code means its record and no more. */ meanings?: Meanings };

export const emptyMasters = (): Masters => ({ byKind: new Map(), rates: new Map() });

/** Adds or replaces a record. Answers false when nothing changed. */
export function learn(masters: Masters, record: MasterRecord): boolean {
  let codes = masters.byKind.get(record.kind);
  if (!codes) masters.byKind.set(record.kind, (codes = new Map()));
  const same = codes.get(record.code) ?? [];
  const at = same.findIndex((other) => other.source === record.source);
  if (at >= 0 && sameRecord(same[at] as MasterRecord, record)) return false;
  if (at >= 0) same[at] = record;
  else same.push(record);
  codes.set(record.code, same);
  if (record.kind === "exchangeRate") {
    const pair = `${record.fields.from}>${record.fields.to}`;
    const list = (masters.rates.get(pair) ?? []).filter((other) => other.date !== record.fields.date);
    list.push({ date: record.fields.date as string, rate: parseDecimal(record.fields.rate as string, RATE_SCALE) as bigint });
    list.sort((a, b) => (a.date < b.date ? -1 : 1));
    masters.rates.set(pair, list);
  }
  return true;
}

/** The database keeps keys in an order of its own, so they are compared by name. */
const sameRecord = (a: MasterRecord, b: MasterRecord): boolean =>
  a.name.zh === b.name.zh && a.name.en === b.name.en && sameValues(a.fields, b.fields) && sameValues(a.units, b.units);

const sameValues = (a: Readonly<Record<string, string | bigint>>, b: Readonly<Record<string, string | bigint>>): boolean =>
  Object.keys(a).length === Object.keys(b).length && Object.entries(a).every(([name, value]) => b[name] === value);

/** What a code means to a source: its own record, else any other source's. */
export function lookUp(masters: Masters, kind: MasterKind, code: string, source: string): MasterRecord | undefined {
  const same = masters.byKind.get(kind)?.get(code);
  if (!same) return undefined;
  return same.length === 1 ? same[0] : (same.find((record) => record.source === source) ?? same[0]);
}

/** The rate of the day: the latest on or before it. Ten decimals. */
export function rateOn(masters: Masters, from: string, to: string, date: string): bigint | undefined {
  const list = masters.rates.get(`${from}>${to}`);
  if (list) for (let i = list.length - 1; i >= 0; i--) if ((list[i] as { date: string }).date <= date) return (list[i] as { rate: bigint }).rate;
  const inverse = masters.rates.get(`${to}>${from}`);
  if (inverse) for (let i = inverse.length - 1; i >= 0; i--) if ((inverse[i] as { date: string }).date <= date) return pow10(RATE_SCALE * 2) / (inverse[i] as { rate: bigint }).rate;
  return undefined;
}

/** Codes that look like the one that nobody knows: to choose from when it is mapped. */
export function alike(masters: Masters, kind: MasterKind, code: string): string[] {
  const wanted = code.toLowerCase();
  return [...(masters.byKind.get(kind)?.keys() ?? [])].filter((known) => known.toLowerCase() === wanted || known.toLowerCase().includes(wanted) || wanted.includes(known.toLowerCase())).slice(0, 3);
}
