/** 主数据一览: every code with what each source says of it, and the codes that documents name and nobody has sent. Read only. */
import type { Book } from "../books/index.ts";
import { type Field, isMasterKind, masterKinds, type MasterKind } from "../documents/index.ts";
import { type Ctx, refuse } from "../platform/index.ts";
import { formatTrimmed, QUANTITY_SCALE } from "../values/index.ts";
import * as store from "./list.store.ts";

type Words = { readonly zh: string; readonly en: string };
export type MasterField = Words & { readonly name: string; readonly value: string; /** The kind of record that the value is a code of. */ readonly of: string | null };
export type MasterSource = { readonly source: string; readonly version: number; readonly changedAt: string; readonly name: Words; readonly fields: readonly MasterField[]; readonly units: readonly { readonly unit: string; readonly quantity: string }[] };
export type MasterListed = {
  readonly kind: MasterKind; readonly kindWords: Words; readonly code: string; readonly zh: string; readonly en: string; readonly sources: readonly string[]; /** Of the record that changed last. */ readonly fields: readonly MasterField[]; readonly version: number; readonly changedAt: string;
  /** Sources say different things of it. */ readonly isDisputed: boolean; readonly cursor: string;
};
export type MasterShown = Omit<MasterListed, "cursor"> & { readonly records: readonly MasterSource[]; /** Fields that sources disagree about. */ readonly disputed: readonly string[] };
export type MasterKindListed = Words & { readonly kind: MasterKind; readonly codes: number; readonly changedAt: string | null };
export type MasterMissing = {
  readonly problem: "masterdata.unknown" | "masterdata.unit_unknown" | "masterdata.suspended" | "masterdata.ambiguous"; readonly kind: string; readonly kindWords: Words; readonly code: string; readonly source: string; readonly unit: string; readonly alike: readonly string[];
  readonly documents: number; readonly since: string; readonly example: string;
};

/** Every kind, also those without a record. */
export async function listMasterKinds(ctx: Ctx, book: Book): Promise<MasterKindListed[]> {
  const counted = new Map((await store.countKinds(ctx.db, book.bookId)).map((row) => [row.kind, row]));
  return (Object.keys(masterKinds) as MasterKind[]).map((kind) => ({ kind, ...wordsOf(kind), codes: Number(counted.get(kind)?.codes ?? 0), changedAt: counted.get(kind)?.changedAt ?? null }));
}

/** Codes of one kind in their order. Refuses: masterdata.kind_unknown. */
export async function listMasters(ctx: Ctx, book: Book, filter: { readonly kind: string; readonly after?: string | undefined; readonly limit?: number | undefined }): Promise<MasterListed[]> {
  if (!isMasterKind(filter.kind)) refuse("masterdata.kind_unknown", { kind: filter.kind });
  return (await store.findCodes(ctx.db, book.bookId, filter.kind, filter.after ?? "", filter.limit ?? 100)).map(listed);
}

/** Codes that were found by their names, in the order in which they were found. */
export async function listTheseMasters(ctx: Ctx, book: Book, wanted: readonly { readonly kind: string; readonly code: string }[]): Promise<MasterListed[]> {
  const rows = await store.findTheseCodes(ctx.db, book.bookId, wanted.map(({ kind }) => kind), wanted.map(({ code }) => code));
  const byKey = new Map(rows.map((row) => [`${row.kind} ${row.code}`, row]));
  return wanted.flatMap(({ kind, code }) => { const row = byKey.get(`${kind} ${code}`); return row ? [listed(row)] : []; });
}

/** One code with what each source says. Refuses: masterdata.kind_unknown, masterdata.code_unknown. */
export async function showMaster(ctx: Ctx, book: Book, kind: string, code: string): Promise<MasterShown> {
  if (!isMasterKind(kind)) return refuse("masterdata.kind_unknown", { kind });
  const row = (await store.findOneCode(ctx.db, book.bookId, kind, code)) ?? refuse("masterdata.code_unknown", { ...kindFacts(kind), code });
  const { cursor: _, ...rest } = listed(row);
  return { ...rest, disputed: disputedOf(row), records: row.records.map((record) => ({ source: record.source, version: record.version, changedAt: record.changedAt, name: record.body.name, fields: fieldsOf(kind, record.body.fields), units: Object.entries(record.body.units ?? {}).map(([unit, quantity]) => ({ unit, quantity: formatTrimmed(BigInt(quantity), QUANTITY_SCALE) })) })) };
}

/** What parked documents name and no source has sent, the most wanted first. */
export async function listMissingMasters(ctx: Ctx, book: Book, limit = 500): Promise<MasterMissing[]> {
  return (await store.findMissing(ctx.db, book.bookId, limit)).map(({ documents, alike, problem, ...row }) => ({
    ...row, problem: problem as MasterMissing["problem"], kindWords: wordsOf(row.kind), documents: Number(documents), alike: alike.split(/[,，、]\s*/).filter((one) => one !== "" && /^[^\p{P}\s]/u.test(one)),
  }));
}

const kindFacts = (kind: string): { kind: string; kindZh: string } => ({ kind, kindZh: wordsOf(kind).zh });
const wordsOf = (kind: string): Words => (isMasterKind(kind) ? { zh: masterKinds[kind].zh, en: masterKinds[kind].en } : { zh: kind, en: kind });

function listed(row: store.CodeRow): MasterListed {
  const [newest] = row.records;
  const name = newest?.body.name ?? { zh: row.code, en: row.code };
  return {
    kind: row.kind as MasterKind, kindWords: wordsOf(row.kind), code: row.code, zh: name.zh, en: name.en, sources: row.records.map(({ source }) => source), fields: fieldsOf(row.kind, newest?.body.fields ?? {}), version: Math.max(...row.records.map(({ version }) => version)),
    changedAt: newest?.changedAt ?? "", isDisputed: disputedOf(row).length > 0, cursor: row.code,
  };
}

/** Names of fields of which two sources say something different; what only one of them says is no dispute. */
function disputedOf({ records }: store.CodeRow): string[] {
  const said = new Map<string, Set<string>>();
  for (const { body } of records) for (const [name, value] of [["name", body.name.zh], ...Object.entries(body.fields)] as [string, string][]) said.set(name, (said.get(name) ?? new Set()).add(value));
  return [...said].filter(([, values]) => values.size > 1).map(([name]) => name).sort();
}

const references: Readonly<Record<string, MasterKind>> = { region: "region", department: "department", salesperson: "employee", buyer: "employee", employee: "employee", parent: "department" };

function fieldsOf(kind: string, fields: Readonly<Record<string, string>>): MasterField[] {
  const table = (isMasterKind(kind) ? masterKinds[kind].fields : {}) as Readonly<Record<string, Field>>;
  const order = Object.keys(table);
  return Object.entries(fields).sort(([a], [b]) => order.indexOf(a) - order.indexOf(b)).map(([name, value]) => ({ name, zh: table[name]?.zh ?? name, en: table[name] ? shortOf(name, table[name].en) : name, value, of: references[name] ?? null }));
}
/** The English text of a field explains it; a label is its name in words. */
const shortOf = (name: string, en: string): string => (en.length <= 24 && !/[;:,]/.test(en) ? en : name.replace(/([A-Z])/g, " $1").toLowerCase().replace(/^./, (letter) => letter.toUpperCase()));
