/**
 * 到达: what a system sends of a code becomes a version of its source record, is matched against everything that shares a key with it, and
 * joins a golden record, makes one, or asks a person. Posting has long gone on: what it learned is taken in from a queue of its own.
 */
import { createHash } from "node:crypto";
import type { Book } from "../books/index.ts";
import { isMasterKind, masterKinds } from "../documents/index.ts";
import { type Ctx, type Db, momentOf, refuse } from "../platform/index.ts";
import { formatTrimmed, QUANTITY_SCALE } from "../values/index.ts";
import { domainOf } from "./domain.ts";
import { uncertaintyOf } from "./calibration.ts";
import { goldenText, recompute } from "./golden.ts";
import * as store from "./golden.store.ts";
import * as match from "./match.store.ts";
import { modelOf } from "./learn.ts";
import { addRequest } from "./reference.store.ts";
import { ownSystem } from "./steward.ts";
import type { Member, Payload } from "./survivorship.ts";
import { autoFrom, keyRowsMax, matchKeys, type MatchKey, type Model, reviewFrom, weighAll, weighedMax } from "./weigh.ts";

/** What is open in documents with each of these codes, in minor units: what a wrong decision would touch. Answered by whoever knows documents. */
export type OpenValue = (book: Book, domain: string, codes: readonly string[]) => Promise<bigint>;
const nothingOpen: OpenValue = async () => 0n;

export type Arrival = store.SourceKey & { readonly payload: Payload; /** From when it holds; default: now. */ readonly validFrom?: string | undefined };
export type Arrived = { readonly record: string; readonly golden: string; readonly what: "same" | "changed" | "linked" | "parted" | "made"; readonly candidates: number };
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
    return reconsider(taking, known, key, payload, at);
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
  const best = await joinable(taking, recordId, key, payload, sure, policy);
  const goldenId = best?.rootId ?? (await store.addGolden(db, book.bookId, key.domain, key.code, at));
  await store.addCrosswalk(db, book.bookId, key, goldenId, recordId, false, null, null, by, at);
  await match.addDecision(db, book.bookId, { act: best ? "linked" : "made", domain: key.domain, goldenId, recordId, ...(best ? { waterfall: best.waterfall, model: taking.model.version } : {}), reason: best ? "above the threshold" : "", by: best ? "engine" : by, at });
  await recompute(db, book.bookId, goldenId, at);
  // A new one is told to other systems once somebody else agrees; the books go on with it.
  if (!best && policy?.fourEyes) await addRequest(db, book.bookId, "introduce", key.domain, { act: "introduce", golden: goldenText(goldenId) }, `${key.system} ${key.code} ${payload.name ?? ""}`.trim().slice(0, 500), by, at);
  return { record: String(recordId), golden: String(goldenId), what: best ? "linked" : "made", candidates: await ask(taking, recordId, key, found.filter((one) => one !== best), at) };
}

/** The one that it surely is: alone above the threshold, nothing that any of its members says forbids it, and the system has not got it under another code. */
async function joinable({ db, book, model }: Taking, recordId: bigint, { domain, system, company, code }: store.SourceKey, payload: Payload, sure: readonly Alike[], policy: store.PolicyRow | undefined): Promise<Alike | undefined> {
  const [best, ...more] = sure;
  if (!best || more.length > 0 || policy?.autoMerge === false || best.hasOwnSystem) return undefined;
  // Not every member shares a key with it.
  const members = (await store.findMembers(db, book.bookId, await store.findFamily(db, book.bookId, best.rootId))).filter((one) => one.recordId !== recordId);
  const isForbidden = members.some((one) => one.system === system && one.company === company) || weighAll(domain, model, { code, payload }, members).some(({ hard }) => hard === "cannotLink");
  return isForbidden || (await match.findEdgesBetween(db, book.bookId, [recordId], members.map((one) => one.recordId))).some(({ kind }) => kind === "cannot") ? undefined : best;
}

const isSure = ({ waterfall }: Alike, model: Model, domain: string): boolean => waterfall.hard !== "cannotLink" && waterfall.hard !== "onlyRelated" && (waterfall.hard === "mustLink" || waterfall.weight >= autoFrom(model, domain));

// Changed ------------------------------------------------------------------------------------------------------------------------

/**
 * A record that says something new is weighed anew. One that stood alone joins what it surely is now; one that the engine had put where a rule forbids it
 * to be stands alone again; where a person had decided, or nothing forbids it but little speaks for it any more, a person is asked. What a person said of
 * it stays: it is never moved then.
 */
async function reconsider(taking: Taking, known: store.SourceRow, key: store.SourceKey, payload: Payload, at: string): Promise<Arrived> {
  const { db, book, model } = taking, { bookId } = book, { recordId } = known, { domain } = key;
  const row = (await store.findRecordRow(db, bookId, recordId)) as store.CrosswalkRow;
  const before = known.payload.name ?? "";
  if (before !== "" && before !== payload.name) await store.noteFormerName(db, bookId, row.rootId, before, at.slice(0, 10), taking.ctx.actor.id, at);
  const others = (await store.findMembers(db, bookId, await store.findFamily(db, bookId, row.rootId))).filter((one) => one.recordId !== recordId);
  const [then, now] = [known.payload, payload].map((said) => weighAll(domain, model, { code: key.code, payload: said }, others)) as [match.Waterfall[], match.Waterfall[]];
  const isKept = (await match.findEdgesBetween(db, bookId, [recordId], others.map((one) => one.recordId))).some(({ kind }) => kind === "must");
  const policy = await store.findPolicy(db, bookId, domain);
  const against = now.findIndex(({ hard }, no) => hard === "cannotLink" && then[no]?.hard !== "cannotLink");
  let goldenId = row.rootId, what: Arrived["what"] = "changed";
  if (against >= 0 && !isKept && policy?.autoMerge !== false && (await isEngines(db, bookId, row, recordId))) {
    goldenId = await store.addGolden(db, bookId, domain, key.code, at);
    await store.pointCrosswalk(db, bookId, row.crosswalkId, goldenId);
    await match.addDecision(db, bookId, { act: "split", domain, goldenId: row.rootId, otherId: goldenId, recordId, waterfall: now[against] as match.Waterfall, model: model.version, reason: "contradicts it now", by: "engine", at });
    await recompute(db, bookId, row.rootId, at);
    what = "parted";
  }
  await recompute(db, bookId, goldenId, at);
  const found = await findAlike(taking, recordId, key, payload, goldenId);
  const stands = what === "parted" || (others.length === 0 && (await isUntouched(db, bookId, row, key)));
  const best = stands ? await joinable(taking, recordId, key, payload, found.filter((one) => isSure(one, model, domain)), policy) : undefined;
  if (best) {
    await store.redirect(db, bookId, goldenId, best.rootId, at);
    await match.addDecision(db, bookId, { act: "merged", domain, goldenId: best.rootId, otherId: goldenId, recordId, waterfall: best.waterfall, model: model.version, body: { state: "active" }, reason: "above the threshold", by: "engine", at });
    await recompute(db, bookId, best.rootId, at);
    [goldenId, what] = [best.rootId, "linked"];
  }
  const candidates = await ask(taking, recordId, key, found.filter((one) => one !== best), at);
  // Nothing forbids or explains it any more, or a person had put it there: whoever knows says whether it still belongs.
  const likeliest = now.reduce((most, { weight }, no) => (weight > (now[most]?.weight ?? Number.NEGATIVE_INFINITY) ? no : most), 0);
  const isDoubted = what === "changed" && others.length > 0 && !isKept && (against >= 0 || (Math.max(...now.map(({ weight }) => weight)) < reviewFrom(model) && Math.max(...then.map(({ weight }) => weight)) >= reviewFrom(model)));
  if (isDoubted) {
    const no = against >= 0 ? against : likeliest;
    await ask(taking, recordId, key, [{ rootId: goldenId, otherRecord: (others[no] as Member).recordId, waterfall: now[no] as match.Waterfall, hasOwnSystem: false }], at, true);
  }
  await match.settleStale(db, bookId, recordId, [...found.filter((one) => one !== best).slice(0, asksMax).map(({ rootId }) => rootId), ...(isDoubted ? [goldenId] : [])], at);
  return { record: String(recordId), golden: String(goldenId), what, candidates: candidates + (isDoubted ? 1 : 0) };
}

/** The engine put it there, and nobody has said anything of it since. */
async function isEngines(db: Db, bookId: number, row: store.CrosswalkRow, recordId: bigint): Promise<boolean> {
  if (row.isMapped || row.goldenId !== row.rootId) return false;
  const last = (await match.findDecisions(db, bookId, [row.goldenId], 100)).find((one) => one.recordId === recordId && one.act !== "different");
  return last?.act === "linked" && last.by === "engine";
}

/** It stands for this record alone, under its own code, and no person has decided anything about it. */
async function isUntouched(db: Db, bookId: number, row: store.CrosswalkRow, { system }: store.SourceKey): Promise<boolean> {
  const golden = (await store.findGolden(db, bookId, row.rootId)) as store.GoldenRow;
  if (golden.state !== "active" || row.goldenId !== row.rootId || row.isMapped || row.isSuspended || system === ownSystem) return false;
  const family = await store.findFamily(db, bookId, row.rootId);
  if (family.length > 1 || (await store.findCrosswalk(db, bookId, family)).length > 1 || (await store.findPins(db, bookId, family)).length > 0) return false;
  return (await match.findDecisions(db, bookId, family, 100)).every(({ act, by }) => by === "engine" || ["made", "linked", "different", "keptApart"].includes(act));
}

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
  return [...byRoot.values()].filter(({ rootId, waterfall }) => !forbidden.has(rootId) && (waterfall.weight >= reviewFrom(model) || waterfall.hard === "mustLink")).sort((a, b) => b.waterfall.weight - a.waterfall.weight || Number(a.rootId - b.rootId));
}

/** Records that share a key, those with the rarest keys first, and keys that too many share. */
export async function recordsSharing(db: Db, bookId: number, keys: readonly MatchKey[], own: bigint | null): Promise<{ records: match.CandidateRecord[]; generic: MatchKey[] }> {
  if (keys.length === 0) return { records: [], generic: [] };
  const rows = await match.findSharing(db, bookId, keys, own, keyRowsMax, weighedMax);
  const generic = new Set(rows[0]?.generic ?? []);
  return { records: rows.flatMap((row) => (row.recordId === null ? [] : [row])), generic: keys.filter(({ key }) => generic.has(key)) };
}

/** Puts the likest few before a person. */
async function ask({ db, book, openValue, model }: Taking, recordId: bigint, { domain, code }: store.SourceKey, found: readonly Alike[], at: string, isDoubt = false): Promise<number> {
  const asked = found.slice(0, asksMax);
  for (const { rootId, otherRecord, waterfall } of asked) {
    const other = (await store.findGolden(db, book.bookId, rootId)) as store.GoldenRow;
    await match.addCandidate(db, book.bookId, { domain, recordId, goldenId: rootId, otherRecord, waterfall, model: model.version, uncertainty: isDoubt ? 1 : uncertaintyOf(model.calibration, waterfall.weight), isDoubt, openValue: await openValue(book, domain, [code, other.code]) }, at);
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
