/**
 * 到达: what a system sends of a code becomes a version of its source record, is matched against everything that shares a key with it, and
 * joins a golden record, makes one, or asks a person. Posting has long gone on: what it learned is taken in from a queue of its own.
 */
import { createHash } from "node:crypto";
import type { Book } from "../books/index.ts";
import { isMasterKind, masterKinds } from "../documents/index.ts";
import { type Ctx, type Db, elapsedMs, momentOf, refuse } from "../platform/index.ts";
import { formatTrimmed, QUANTITY_SCALE } from "../values/index.ts";
import { domainOf } from "./domain.ts";
import { recompute } from "./golden.ts";
import * as store from "./golden.store.ts";
import * as match from "./match.store.ts";
import type { ModelData } from "./matching/model.ts";
import type { Payload } from "./survivorship.ts";
import { autoFrom, keyRowsMax, learnFrom, matchKeys, type MatchKey, type Model, reviewFrom, seedModel, uncertaintyOf, weighAll, weighedMax } from "./weigh.ts";

/** What is open in documents with each of these codes, in minor units: what a wrong decision would touch. Answered by whoever knows documents. */
export type OpenValue = (book: Book, domain: string, codes: readonly string[]) => Promise<bigint>;
const nothingOpen: OpenValue = async () => 0n;

export type Arrival = store.SourceKey & { readonly payload: Payload; /** From when it holds; default: now. */ readonly validFrom?: string | undefined };
export type Arrived = { readonly record: string; readonly golden: string; readonly what: "same" | "changed" | "linked" | "made"; readonly candidates: number };
export type ArrivalOptions = { readonly openValue?: OpenValue; readonly limit?: number };

/** Takes in what posting has learned since. Answers how many codes it took. A code that cannot be taken is told in the log and does not hold up the rest. */
export async function takeArrivals(ctx: Ctx, book: Book, options: ArrivalOptions = {}): Promise<number> {
  const rows = await store.findArrivals(ctx.db, book.bookId, options.limit ?? 500);
  for (const row of rows) {
    if (row.body !== null && row.at !== null && domainOf(row.kind)) {
      const payload = { ...(await beyondPosting(ctx, book, row)), ...payloadOf(row.body) };
      await takeRecord(ctx, book, { domain: row.kind, system: row.source, company: "", code: row.code, payload }, options).catch((error: unknown) => ctx.log.error("a master record could not be taken in", { book: book.code, kind: row.kind, code: row.code, source: row.source, error }));
    }
    await store.dropArrivals(ctx.db, book.bookId, row.numbers);
  }
  return rows.length;
}

const payloadOf = ({ name, fields, units }: NonNullable<store.ArrivalRow["body"]>): Payload =>
  ({ name: name.zh, ...(name.en !== name.zh && name.en !== "" ? { english: name.en } : {}), ...fields, ...Object.fromEntries(Object.entries(units).map(([unit, quantity]) => [`unit.${unit}`, formatTrimmed(BigInt(quantity), QUANTITY_SCALE)])) });

/** What was imported of a record and posting has no field for stays as it is. */
async function beyondPosting(ctx: Ctx, book: Book, { kind, source, code }: store.ArrivalRow): Promise<Payload> {
  const known = await store.findSource(ctx.db, book.bookId, { domain: kind, system: source, company: "", code });
  const carried = isMasterKind(kind) ? masterKinds[kind].fields : {};
  return Object.fromEntries(Object.entries(known?.payload ?? {}).filter(([field]) => field !== "name" && field !== "english" && !field.startsWith("unit.") && !Object.hasOwn(carried, field)));
}

/** One record, in a transaction of its own. Refuses: masterdata.domain_unknown, masterdata.code_empty, masterdata.validity_overlaps. */
export async function takeRecord(ctx: Ctx, book: Book, arrival: Arrival, { openValue = nothingOpen }: ArrivalOptions = {}): Promise<Arrived> {
  if (!domainOf(arrival.domain)) refuse("masterdata.domain_unknown", { domain: arrival.domain });
  const code = arrival.code.trim();
  if (code === "" || code.length > 200 || arrival.system.trim() === "") refuse("masterdata.code_empty", { code: code.slice(0, 60), system: arrival.system });
  const kept = { ...arrival, code, payload: storable(arrival.payload) };
  const model = await modelOf(ctx.db, book.bookId, arrival.domain);
  const keys = matchKeys(book.bookId, arrival.domain, code, kept.payload);
  return ctx.db.transaction(async (db) => {
    await store.lockDomain(db, book.bookId, arrival.domain);
    return take({ ctx, db, book, openValue, model, keys }, kept);
  });
}

type Taking = { readonly ctx: Ctx; readonly db: Db; readonly book: Book; readonly openValue: OpenValue; readonly model: Model; readonly keys: readonly MatchKey[] };

async function take(taking: Taking, { payload, validFrom, ...key }: Arrival): Promise<Arrived> {
  const { ctx, db, book, keys } = taking;
  const at = ctx.now().toISOString(), by = ctx.actor.id, hash = hashOf(payload);
  const known = await store.findSource(db, book.bookId, key);
  if (known?.hash === hash) {
    const row = await store.findRecordRow(db, book.bookId, known.recordId);
    return { record: String(known.recordId), golden: String(row?.rootId ?? ""), what: "same", candidates: 0 };
  }
  if (known) {
    const from = validFrom ?? later(at, known.validFrom);
    if (momentOf(from) <= momentOf(known.validFrom)) refuse("masterdata.validity_overlaps", { code: key.code, from: from.slice(0, 10), known: known.validFrom.slice(0, 10) });
    await store.changeSource(db, book.bookId, known.recordId, payload, hash, from, at, by);
    await match.replaceKeys(db, book.bookId, known.recordId, keys, false);
    const row = (await store.findRecordRow(db, book.bookId, known.recordId)) as store.CrosswalkRow;
    const before = known.payload.name ?? "";
    if (before !== "" && before !== payload.name) await store.noteFormerName(db, book.bookId, row.rootId, before, at.slice(0, 10), by, at);
    await recompute(db, book.bookId, row.rootId, at);
    const found = await findAlike(taking, known.recordId, key, payload, row.rootId);
    return { record: String(known.recordId), golden: String(row.rootId), what: "changed", candidates: await ask(taking, known.recordId, key, found.filter(({ rootId }) => rootId !== row.rootId), at) };
  }
  const recordId = await store.addSource(db, book.bookId, key, payload, hash, validFrom ?? at, by);
  await match.replaceKeys(db, book.bookId, recordId, keys, true);
  const mapped = (await store.findCodeRows(db, book.bookId, key)).find(({ to }) => to === null);
  if (mapped) {
    // A person has said what this code means before its system did.
    await store.tieRecord(db, book.bookId, mapped.crosswalkId, recordId);
    await match.addDecision(db, book.bookId, { act: "linked", domain: key.domain, goldenId: mapped.rootId, recordId, reason: "mapped before", by, at });
    await recompute(db, book.bookId, mapped.rootId, at);
    return { record: String(recordId), golden: String(mapped.rootId), what: "linked", candidates: 0 };
  }
  const found = await findAlike(taking, recordId, key, payload, null);
  const policy = await store.findPolicy(db, book.bookId, key.domain);
  const sure = found.filter((one) => isSure(one, taking.model, key.domain));
  const best = sure.length === 1 && policy?.autoMerge !== false && !(sure[0] as Alike).hasOwnSystem ? (sure[0] as Alike) : undefined;
  const goldenId = best?.rootId ?? (await store.addGolden(db, book.bookId, key.domain, key.code, at));
  await store.addCrosswalk(db, book.bookId, key, goldenId, recordId, false, null, null, by, at);
  await match.addDecision(db, book.bookId, { act: best ? "linked" : "made", domain: key.domain, goldenId, recordId, ...(best ? { waterfall: best.waterfall, model: taking.model.version } : {}), reason: best ? "above the threshold" : "", by: best ? "engine" : by, at });
  await recompute(db, book.bookId, goldenId, at);
  return { record: String(recordId), golden: String(goldenId), what: best ? "linked" : "made", candidates: await ask(taking, recordId, key, found.filter((one) => one !== best), at) };
}

const isSure = ({ waterfall }: Alike, model: Model, domain: string): boolean => waterfall.hard !== "cannotLink" && waterfall.hard !== "onlyRelated" && (waterfall.hard === "mustLink" || waterfall.weight >= autoFrom(model, domain));

// Alike --------------------------------------------------------------------------------------------------------------------------

export type Alike = { readonly rootId: bigint; readonly otherRecord: bigint; readonly waterfall: match.Waterfall; /** The same system has it under another code already. */ readonly hasOwnSystem: boolean };

/** Golden records that it may be, the likest first, each by its likest member. One that a rule keeps apart from any member is none. */
async function findAlike(taking: Taking, recordId: bigint | null, { domain, system, company, code }: store.SourceKey, payload: Payload, own: bigint | null): Promise<Alike[]> {
  const { ctx, db, book, keys, model } = taking;
  const { records, generic } = await recordsSharing(db, book.bookId, keys, recordId);
  if (generic.length > 0 && recordId !== null) await match.noteGeneric(db, book.bookId, domain, generic, code, ctx.now().toISOString());
  const rows = records.filter(({ rootId }) => rootId !== own);
  if (rows.length === 0) return [];
  const weights = weighAll(domain, model, { code, payload }, rows);
  const apart = new Set((recordId === null ? [] : await match.findEdgesOf(db, book.bookId, [recordId])).filter(({ kind }) => kind === "cannot").flatMap(({ a, b }) => [a, b]));
  const byRoot = new Map<bigint, Alike>(), forbidden = new Set<bigint>();
  for (const [at, row] of rows.entries()) {
    const waterfall = weights[at] as match.Waterfall;
    if (waterfall.hard === "cannotLink" || apart.has(row.recordId)) forbidden.add(row.rootId);
    const known = byRoot.get(row.rootId);
    const hasOwnSystem = (known?.hasOwnSystem ?? false) || (row.system === system && row.company === company);
    const isBetter = !known || waterfall.weight > known.waterfall.weight || (waterfall.hard === "mustLink" && known.waterfall.hard !== "mustLink");
    byRoot.set(row.rootId, isBetter ? { rootId: row.rootId, otherRecord: row.recordId, waterfall, hasOwnSystem } : { ...known, hasOwnSystem });
  }
  return [...byRoot.values()].filter(({ rootId, waterfall }) => !forbidden.has(rootId) && (waterfall.weight >= reviewFrom || waterfall.hard === "mustLink")).sort((a, b) => b.waterfall.weight - a.waterfall.weight || Number(a.rootId - b.rootId));
}

/** Records that share a key, those with the rarest keys first, and keys that too many share. */
export async function recordsSharing(db: Db, bookId: number, keys: readonly MatchKey[], own: bigint | null): Promise<{ records: match.CandidateRecord[]; generic: MatchKey[] }> {
  if (keys.length === 0) return { records: [], generic: [] };
  const rows = await match.findSharing(db, bookId, keys.map(({ key }) => key), own, keyRowsMax, weighedMax);
  const generic = new Set(rows[0]?.generic ?? []);
  return { records: rows.flatMap((row) => (row.recordId === null ? [] : [row])), generic: keys.filter(({ key }) => generic.has(key)) };
}

/** Puts the likest few before a person. */
async function ask({ db, book, openValue, model }: Taking, recordId: bigint, { domain, code }: store.SourceKey, found: readonly Alike[], at: string): Promise<number> {
  const asked = found.slice(0, asksMax);
  for (const { rootId, otherRecord, waterfall } of asked) {
    const other = (await store.findGolden(db, book.bookId, rootId)) as store.GoldenRow;
    await match.addCandidate(db, book.bookId, { domain, recordId, goldenId: rootId, otherRecord, waterfall, model: model.version, uncertainty: uncertaintyOf(waterfall.weight), openValue: await openValue(book, domain, [code, other.code]) }, at);
  }
  return asked.length;
}
const asksMax = 5;

/** What one record would be, without keeping it: for the search box of whoever maps a code. */
export async function matchArrival(ctx: Ctx, book: Book, { payload, ...key }: Arrival): Promise<readonly (Alike & { readonly isSure: boolean })[]> {
  if (!domainOf(key.domain)) refuse("masterdata.domain_unknown", { domain: key.domain });
  const model = await modelOf(ctx.db, book.bookId, key.domain);
  const plain = storable(payload);
  const found = await findAlike({ ctx, db: ctx.db, book, openValue: nothingOpen, model, keys: matchKeys(book.bookId, key.domain, key.code, plain) }, null, key, plain, null);
  return found.map((one) => ({ ...one, isSure: isSure(one, model, key.domain) }));
}

// Models -------------------------------------------------------------------------------------------------------------------------

/** The newest a book has, read again when there is a newer one; else the one from a made set. */
const keptModels = new WeakMap<Db, Map<string, { readonly model: Model; at: number }>>();
export async function modelOf(db: Db, bookId: number, domain: string): Promise<Model> {
  if (!domainOf(domain)?.match) return { version: 0, learnedOn: "plain", data: null };
  const key = `${bookId} ${domain}`;
  const kept = keptModels.get(db) ?? new Map<string, { readonly model: Model; at: number }>();
  keptModels.set(db, kept);
  const own = kept.get(key);
  if (own && elapsedMs() - own.at < lookAgainMs) return own.model;
  const version = await match.findModelVersion(db, bookId, domain);
  const keep = (model: Model): Model => {
    kept.set(key, { model, at: elapsedMs() });
    return model;
  };
  if (version === 0) return keep(seedModel(domain));
  if (own?.model.version === version) return keep(own.model);
  const row = (await match.findModel(db, bookId, domain)) as { version: number; body: ModelData; learnedOn: string };
  return keep({ version: row.version, learnedOn: row.learnedOn, data: row.body });
}
/** Another process may have learned a newer one. */
const lookAgainMs = 10_000;

/** Learns the weights from the book's own records. Refuses: masterdata.too_few_records. */
export async function learnModelOf(ctx: Ctx, book: Book, domainName: string): Promise<{ readonly version: number; readonly records: number }> {
  const domain = domainOf(domainName);
  if (!domain?.match) return refuse("masterdata.domain_unknown", { domain: domainName });
  const rows = await match.samplePayloads(ctx.db, book.bookId, domainName, sampleMax);
  if (rows.length < recordsMin) refuse("masterdata.too_few_records", { domain: domainName, domainZh: domain.zh, records: rows.length, min: recordsMin });
  const version = (await match.findModelVersion(ctx.db, book.bookId, domainName)) + 1;
  await match.addModel(ctx.db, book.bookId, domainName, version, learnFrom(domain, rows.map(({ payload }) => payload)), `${rows.length} records`, ctx.now().toISOString());
  return { version, records: rows.length };
}
const recordsMin = 2_000, sampleMax = 50_000;

// Text ---------------------------------------------------------------------------------------------------------------------------

/** As it came, save what a database cannot hold and what no name needs: NUL, halves of characters, ten thousand letters. */
const storable = (payload: Payload): Payload =>
  Object.fromEntries(Object.entries(payload).map(([field, value]) => [field, value.toWellFormed().replaceAll("\u0000", "").replaceAll("\ufffd", "").trim().slice(0, textMax)] as const).filter(([, value]) => value !== "").sort(([a], [b]) => (a < b ? -1 : 1)));
const textMax = 1_000;

const hashOf = (payload: Payload): string => createHash("sha256").update(JSON.stringify(payload)).digest("hex").slice(0, 32);

/** Two versions of one moment stand one after the other all the same. */
function later(at: string, known: string): string {
  const next = momentOf(known);
  next.setMilliseconds(next.getMilliseconds() + 1);
  return momentOf(at) >= next ? at : next.toISOString();
}
