/**
 * 主数据管理员的决定: merge, take a merge back, take a record out, say that two are one or never are, fix a value, map a code, suspend it.
 * Each is a row of the ledger with who and why. A merge moves nothing: the one that went into another points at it, so that taking it back
 * finds every value and every code as they were.
 */
import type { Book } from "../books/index.ts";
import { type Ctx, type Db, refuse } from "../platform/index.ts";
import { checkUscc } from "./code-standard.ts";
import { checkEntry } from "./standard.ts";
import { domainOf, domainWords } from "./domain.ts";
import { decisionShown, type DecisionShown, goldenNo, goldenText, recompute, rootOf } from "./golden.ts";
import * as store from "./golden.store.ts";
import * as match from "./match.store.ts";

export type StewardAct =
  | { readonly act: "merge"; readonly into: string; readonly from: string; readonly candidate?: string | undefined }
  | { readonly act: "unmerge"; readonly golden: string; /** Never merge the two again. */ readonly keepApart?: boolean | undefined }
  | { readonly act: "split"; readonly record: string; readonly keepApart?: boolean | undefined }
  | { readonly act: "different"; readonly candidate: string }
  | { readonly act: "takeBack"; /** A decision about a pair, which is asked again. */ readonly decision: string }
  | { readonly act: "keepTogether"; readonly record: string; readonly other: string; /** The doubt that this answers. */ readonly candidate?: string | undefined }
  | { readonly act: "keepApart"; readonly record: string; readonly other: string }
  | { readonly act: "pin"; readonly golden: string; readonly field: string; readonly value: string }
  | { readonly act: "unpin"; readonly golden: string; readonly field: string }
  | { readonly act: "map"; readonly domain: string; readonly system: string; readonly company?: string | undefined; readonly code: string; readonly golden: string; /** The first day on which it means this; default: always has. */ readonly from?: string | undefined }
  | { readonly act: "suspend"; readonly golden?: string | undefined; readonly mapping?: string | undefined }
  | { readonly act: "resume"; readonly golden?: string | undefined; readonly mapping?: string | undefined }
  | { readonly act: "alias"; readonly golden: string; readonly kind: string; readonly text: string; readonly from?: string | undefined; readonly to?: string | undefined }
  | { readonly act: "dropAlias"; readonly alias: string }
  | { readonly act: "introduce"; readonly golden: string }
  | { readonly act: "create"; readonly domain: string; readonly code: string; readonly fields: Readonly<Record<string, string>> };
export type StewardActName = StewardAct["act"];

/** What was decided, and the codes that documents may now go on with. */
export type Decided = { readonly decision: string; readonly golden: string; readonly released: readonly { readonly domain: string; readonly code: string }[] };

/** Refuses: masterdata.reason_missing, and what the act itself refuses. */
export async function decide(ctx: Ctx, book: Book, act: StewardAct, reason: string): Promise<Decided> {
  if (reason.trim() === "") refuse("masterdata.reason_missing");
  return ctx.db.transaction(async (db) => {
    const desk: Desk = { ctx, db, book, reason: reason.trim().slice(0, 500), by: ctx.actor.id, at: ctx.now().toISOString() };
    const domain = await domainOfAct(desk, act);
    await store.lockDomain(db, book.bookId, domain);
    return acts[act.act](desk, act as never);
  });
}

type Desk = { readonly ctx: Ctx; readonly db: Db; readonly book: Book; readonly reason: string; readonly by: string; readonly at: string };
type Verb<A extends StewardActName> = (desk: Desk, act: Extract<StewardAct, { readonly act: A }>) => Promise<Decided>;
const note = (desk: Desk, one: Omit<match.Decision, "reason" | "by" | "at">): Promise<bigint> => match.addDecision(desk.db, desk.book.bookId, { ...one, reason: desk.reason, by: desk.by, at: desk.at });
const decided = (no: bigint, goldenId: bigint, released: Decided["released"] = []): Decided => ({ decision: String(no), golden: goldenText(goldenId), released });

/** Which domain an act belongs to: its lock is taken before anything is read for the decision. */
export async function domainOfAct({ db, book }: Pick<Desk, "db" | "book">, act: StewardAct): Promise<string> {
  if ("domain" in act) return domainOf(act.domain)?.name ?? refuse("masterdata.domain_unknown", { domain: act.domain });
  if ("into" in act) return (await rootOf(db, book.bookId, goldenNo(act.into))).domain;
  if ("candidate" in act && act.candidate !== undefined) return (await candidateOf(db, book.bookId, act.candidate)).domain;
  if ("decision" in act) return (await decisionOf(db, book.bookId, act.decision)).domain;
  if ("record" in act) return (await recordOf(db, book.bookId, act.record)).domain;
  if ("golden" in act && act.golden !== undefined) return (await rootOf(db, book.bookId, goldenNo(act.golden))).domain;
  if ("mapping" in act && act.mapping !== undefined) return (await mappingOf(db, book.bookId, act.mapping)).domain;
  if ("alias" in act) return "alias";
  return refuse("masterdata.golden_unknown", { golden: "" });
}

// One thing, or two ---------------------------------------------------------------------------------------------------------------

/** Refuses: masterdata.merged_already, masterdata.same_record, masterdata.domains_differ, masterdata.kept_apart, masterdata.codes_differ, masterdata.decided. */
const merge: Verb<"merge"> = async (desk, { into, from, candidate }) => {
  const { db, book } = desk, { bookId } = book;
  if (candidate !== undefined) await stillOpen(db, bookId, candidate);
  const winner = (await store.findGolden(db, bookId, goldenNo(into))) ?? refuse("masterdata.golden_unknown", { golden: into });
  const loser = (await store.findGolden(db, bookId, goldenNo(from))) ?? refuse("masterdata.golden_unknown", { golden: from });
  await mayMerge(db, bookId, winner, loser);
  const before = { into: snapshotOf(winner), from: snapshotOf(loser) };
  await store.redirect(db, bookId, loser.goldenId, winner.goldenId, desk.at);
  await recompute(db, bookId, winner.goldenId, desk.at);
  const chosen = candidate === undefined ? undefined : await match.findCandidate(db, bookId, BigInt(candidate));
  const no = await note(desk, { act: "merged", domain: winner.domain, goldenId: winner.goldenId, otherId: loser.goldenId, recordId: chosen?.recordId, waterfall: chosen?.waterfall, model: chosen?.model, body: { before, state: loser.state } });
  if (candidate !== undefined) await match.decideCandidate(db, bookId, BigInt(candidate), "same", desk.by, desk.at);
  await match.settleCandidates(db, bookId, winner.domain, [winner.goldenId], desk.by, desk.at);
  return decided(no, winner.goldenId);
};

/** What stands against a merge, said before it as well. Refuses: masterdata.merged_already, masterdata.same_record, masterdata.domains_differ, masterdata.kept_apart, masterdata.codes_differ. */
export async function mayMerge(db: Db, bookId: number, winner: store.GoldenRow, loser: store.GoldenRow): Promise<void> {
  if (winner.goldenId === loser.goldenId) refuse("masterdata.same_record", { golden: goldenText(winner.goldenId) });
  for (const one of [winner, loser]) if (one.state === "merged") refuse("masterdata.merged_already", { golden: goldenText(one.goldenId), into: goldenText(one.rootId) });
  if (winner.domain !== loser.domain) refuse("masterdata.domains_differ", { one: domainWords(winner.domain).zh, other: domainWords(loser.domain).zh });
  await refuseKeptApart(db, bookId, winner.goldenId, loser.goldenId);
  if (winner.body.uscc && loser.body.uscc && winner.body.uscc.value !== loser.body.uscc.value && checkUscc(winner.body.uscc.value).isValid && checkUscc(loser.body.uscc.value).isValid) refuse("masterdata.codes_differ", { one: winner.body.uscc.value, other: loser.body.uscc.value });
}

const snapshotOf = ({ goldenId, code, name, body, sources }: store.GoldenRow) => ({ golden: goldenText(goldenId), code, name, sources, body });

/** Refuses: masterdata.not_merged. */
const unmerge: Verb<"unmerge"> = async (desk, { golden, keepApart = false }) => {
  const { db, book } = desk, { bookId } = book;
  const loser = (await store.findGolden(db, bookId, goldenNo(golden))) ?? refuse("masterdata.golden_unknown", { golden });
  if (loser.state !== "merged") refuse("masterdata.not_merged", { golden: goldenText(loser.goldenId) });
  const merging = await match.findMergeOf(db, bookId, loser.goldenId);
  const left = loser.rootId;
  const own = await ownRecords(db, bookId, loser.goldenId), others = (await recordsOf(db, bookId, left)).filter((record) => !own.includes(record));
  if ((await match.findEdgesBetween(db, bookId, own, others)).some(({ kind }) => kind === "must")) refuse("masterdata.kept_together", { code: loser.code });
  await store.standAlone(db, bookId, loser.goldenId, typeof merging?.body.state === "string" ? merging.body.state : "active", desk.at);
  for (const id of [left, loser.goldenId]) await recompute(db, bookId, id, desk.at);
  const no = await note(desk, { act: "unmerged", domain: loser.domain, goldenId: left, otherId: loser.goldenId, undoes: merging?.decisionNo, body: { keepApart } });
  if (keepApart) await keepFamiliesApart(desk, left, loser.goldenId, no);
  return decided(no, loser.goldenId);
};

/** One record leaves and stands for itself, under an id that nothing had before. Refuses: masterdata.only_record, masterdata.kept_together. */
const split: Verb<"split"> = async (desk, { record, keepApart = true }) => {
  const { db, book } = desk, { bookId } = book;
  const source = await recordOf(db, bookId, record);
  const row = (await store.findRecordRow(db, bookId, source.recordId)) ?? refuse("masterdata.record_unknown", { record });
  const family = await store.findFamily(db, bookId, row.rootId);
  const others = (await store.findMembers(db, bookId, family)).filter(({ recordId }) => recordId !== source.recordId);
  if (others.length === 0) refuse("masterdata.only_record", { code: source.code, golden: goldenText(row.rootId) });
  const together = (await match.findEdgesBetween(db, bookId, [source.recordId], others.map(({ recordId }) => recordId))).filter(({ kind }) => kind === "must");
  if (together.length > 0) refuse("masterdata.kept_together", { code: source.code });
  const goldenId = await store.addGolden(db, bookId, source.domain, source.code, desk.at);
  await store.pointCrosswalk(db, bookId, row.crosswalkId, goldenId);
  await match.settleDoubts(db, bookId, source.recordId, desk.by, desk.at);
  for (const id of [row.rootId, goldenId]) await recompute(db, bookId, id, desk.at);
  const no = await note(desk, { act: "split", domain: source.domain, goldenId: row.rootId, otherId: goldenId, recordId: source.recordId, body: { keepApart } });
  if (keepApart) for (const other of others) await match.setEdge(db, bookId, source.recordId, other.recordId, "cannot", no);
  return decided(no, goldenId);
};

/** The pair is no pair, and is not asked again; one that was a doubt is taken apart. Refuses: masterdata.decided, masterdata.only_record, masterdata.kept_together. */
const different: Verb<"different"> = async (desk, { candidate }) => {
  const { db, book } = desk, { bookId } = book;
  const pair = await stillOpen(db, bookId, candidate);
  if (pair.isDoubt) {
    await match.decideCandidate(db, bookId, pair.candidateNo, "different", desk.by, desk.at);
    return split(desk, { act: "split", record: String(pair.recordId) });
  }
  const own = await store.findRecordRow(db, bookId, pair.recordId);
  const no = await note(desk, { act: "different", domain: pair.domain, goldenId: pair.goldenId, otherId: own?.rootId, recordId: pair.recordId, waterfall: pair.waterfall, model: pair.model });
  const others = await store.findMembers(db, bookId, await store.findFamily(db, bookId, pair.goldenId));
  for (const { recordId } of others) if (recordId !== pair.recordId) await match.setEdge(db, bookId, pair.recordId, recordId, "cannot", no);
  await match.decideCandidate(db, bookId, pair.candidateNo, "different", desk.by, desk.at);
  return decided(no, pair.goldenId);
};

/** An answer that was a slip: the merge is undone, or the pair is no longer kept apart, and both stand in the queue again. Refuses: masterdata.taken_back, masterdata.not_an_answer, and what unmerge refuses. */
const takeBack: Verb<"takeBack"> = async (desk, { decision }) => {
  const { db, book } = desk, { bookId } = book;
  const given = await decisionOf(db, bookId, decision);
  if (given.undoneBy !== null) refuse("masterdata.taken_back", { no: decision, by: (await match.findDecision(db, bookId, given.undoneBy))?.by ?? "" });
  const { goldenId, otherId, recordId } = given;
  if (goldenId === null || otherId === null || recordId === null || given.by === "engine" || (given.act !== "merged" && given.act !== "different")) return refuse("masterdata.not_an_answer", { no: decision });
  const undone = given.act === "merged" ? await unmerge(desk, { act: "unmerge", golden: goldenText(otherId) }) : undefined;
  if (undone === undefined) await match.dropEdgesOf(db, bookId, given.decisionNo);
  await match.askAgain(db, bookId, given.domain, given.by, given.at);
  return undone ?? decided(await note(desk, { act: "takenBack", domain: given.domain, goldenId, otherId, recordId, undoes: given.decisionNo }), goldenId);
};

/** Absolute: whatever the weights say, now and later. */
const keepTogether: Verb<"keepTogether"> = async (desk, { record, other, candidate }) => {
  const { db, book } = desk;
  if (candidate !== undefined) await match.decideCandidate(db, book.bookId, (await stillOpen(db, book.bookId, candidate)).candidateNo, "same", desk.by, desk.at);
  const [one, two] = [await recordOf(db, book.bookId, record), await recordOf(db, book.bookId, other)];
  const [mine, theirs] = [(await store.findRecordRow(db, book.bookId, one.recordId)) as store.CrosswalkRow, (await store.findRecordRow(db, book.bookId, two.recordId)) as store.CrosswalkRow];
  // What was decided before between the two is replaced.
  const before = mine.rootId === theirs.rootId ? [] : await match.findEdgesBetween(db, book.bookId, await recordsOf(db, book.bookId, mine.rootId), await recordsOf(db, book.bookId, theirs.rootId));
  for (const { a, b } of before) await match.dropEdge(db, book.bookId, a, b);
  if (mine.rootId !== theirs.rootId) await merge(desk, { act: "merge", into: goldenText(mine.rootId), from: goldenText(theirs.rootId) });
  const no = await note(desk, { act: "keptTogether", domain: one.domain, goldenId: mine.rootId, recordId: one.recordId, body: { other: String(two.recordId) } });
  await match.setEdge(db, book.bookId, one.recordId, two.recordId, "must", no);
  return decided(no, mine.rootId);
};

/** Refuses: masterdata.one_golden where both mean the same now: take one out first. */
const keepApart: Verb<"keepApart"> = async (desk, { record, other }) => {
  const { db, book } = desk;
  const [one, two] = [await recordOf(db, book.bookId, record), await recordOf(db, book.bookId, other)];
  const [mine, theirs] = [(await store.findRecordRow(db, book.bookId, one.recordId)) as store.CrosswalkRow, (await store.findRecordRow(db, book.bookId, two.recordId)) as store.CrosswalkRow];
  if (mine.rootId === theirs.rootId) refuse("masterdata.one_golden", { one: one.code, other: two.code, golden: goldenText(mine.rootId) });
  const no = await note(desk, { act: "keptApart", domain: one.domain, goldenId: mine.rootId, otherId: theirs.rootId, recordId: one.recordId, body: { other: String(two.recordId) } });
  await match.setEdge(db, book.bookId, one.recordId, two.recordId, "cannot", no);
  return decided(no, mine.rootId);
};

// Values -------------------------------------------------------------------------------------------------------------------------

/** Refuses: masterdata.standard, masterdata.merged_already. */
const pin: Verb<"pin"> = async (desk, { golden, field, value }) => {
  const { db, book } = desk;
  const root = await standing(db, book.bookId, golden);
  await checkEntry(db, book, { domain: root.domain, system: "", code: root.code, fields: { [field]: value } }, [field]);
  await store.setPin(db, book.bookId, root.goldenId, field, value, desk.reason, desk.by, desk.at);
  await recompute(db, book.bookId, root.goldenId, desk.at);
  return decided(await note(desk, { act: "pinned", domain: root.domain, goldenId: root.goldenId, body: { field, value, before: root.body[field]?.value ?? null } }), root.goldenId);
};

const unpin: Verb<"unpin"> = async (desk, { golden, field }) => {
  const { db, book } = desk;
  const root = await standing(db, book.bookId, golden);
  for (const id of await store.findFamily(db, book.bookId, root.goldenId)) await store.dropPin(db, book.bookId, id, field);
  await recompute(db, book.bookId, root.goldenId, desk.at);
  return decided(await note(desk, { act: "unpinned", domain: root.domain, goldenId: root.goldenId, body: { field, before: root.body[field]?.value ?? null } }), root.goldenId);
};

export const aliasKinds = ["legal", "short", "former", "english", "pinyin"] as const;
/** Refuses: masterdata.validity_empty, masterdata.alias_known. */
const alias: Verb<"alias"> = async (desk, { golden, kind, text, from, to }) => {
  const { db, book } = desk;
  const root = await standing(db, book.bookId, golden);
  if (from !== undefined && to !== undefined && from >= to) refuse("masterdata.validity_empty", { from, to });
  const known = (await store.findAliases(db, book.bookId, [root.goldenId])).some((one) => one.kind === kind && one.text === text.trim() && (one.to === null || from === undefined || from < one.to) && (one.from === null || to === undefined || one.from < to));
  if (known) refuse("masterdata.alias_known", { text: text.trim(), golden: goldenText(root.goldenId) });
  await store.addAlias(db, book.bookId, root.goldenId, kind, text.trim().slice(0, 300), from ?? null, to ?? null, desk.by, desk.at);
  await recompute(db, book.bookId, root.goldenId, desk.at);
  return decided(await note(desk, { act: "aliased", domain: root.domain, goldenId: root.goldenId, body: { kind, text } }), root.goldenId);
};

const dropAlias: Verb<"dropAlias"> = async (desk, act) => {
  const { db, book } = desk;
  const [dropped] = await store.dropAlias(db, book.bookId, BigInt(/^\d{1,18}$/.test(act.alias) ? act.alias : "0"));
  const gone = dropped ?? refuse("masterdata.alias_unknown", { alias: act.alias });
  const root = await rootOf(db, book.bookId, gone.goldenId);
  await recompute(db, book.bookId, root.goldenId, desk.at);
  return decided(await note(desk, { act: "aliasDropped", domain: root.domain, goldenId: root.goldenId, body: { kind: gone.kind, text: gone.text } }), root.goldenId);
};

// Codes --------------------------------------------------------------------------------------------------------------------------

/** From that day on the code means this. Mapping it to what it means already changes nothing. Refuses: masterdata.validity_overlaps, masterdata.merged_already, masterdata.domains_differ. */
const map: Verb<"map"> = async (desk, { domain, system, company = "", code, golden, from }) => {
  const { db, book } = desk, { bookId } = book;
  const root = await standing(db, bookId, golden);
  if (root.domain !== domain) refuse("masterdata.domains_differ", { one: domainWords(domain).zh, other: domainWords(root.domain).zh });
  const key = { domain, system: system.trim(), company, code: code.trim() };
  if (key.code === "" || key.system === "") refuse("masterdata.code_empty", { code, system });
  const rows = await store.findCodeRows(db, bookId, key);
  const current = rows.find(({ to }) => to === null);
  const released = [{ domain, code: key.code }];
  if (current && current.rootId === root.goldenId) {
    if (!current.isMapped) await store.setMapped(db, bookId, current.crosswalkId, true);
    return decided(await note(desk, { act: "mapped", domain, goldenId: root.goldenId, recordId: current.recordId ?? undefined, body: { ...key, from: current.from, isSame: true } }), root.goldenId, released);
  }
  if (current) {
    const start = from ?? refuse("masterdata.validity_from_missing", { code: key.code, golden: goldenText(current.rootId) });
    if (current.from !== null && start <= current.from) refuse("masterdata.validity_overlaps", { code: key.code, from: start, known: current.from });
    await store.endCrosswalk(db, bookId, current.crosswalkId, start);
  } else if (rows.some(({ to }) => to !== null && (from ?? "") < to)) refuse("masterdata.validity_overlaps", { code: key.code, from: from ?? "…", known: rows.at(-1)?.to ?? "" });
  await store.addCrosswalk(db, bookId, key, root.goldenId, null, true, from ?? null, null, desk.by, desk.at);
  for (const id of new Set([root.goldenId, ...(current ? [current.rootId] : [])])) {
    await recompute(db, bookId, id, desk.at);
    await store.touchGolden(db, bookId, id, desk.at);
  }
  const no = await note(desk, { act: "mapped", domain, goldenId: root.goldenId, otherId: current?.rootId, recordId: current?.recordId ?? undefined, body: { ...key, from: from ?? null } });
  return decided(no, root.goldenId, released);
};

const suspension = (isSuspended: boolean) => async (desk: Desk, { golden, mapping }: { readonly golden?: string | undefined; readonly mapping?: string | undefined }): Promise<Decided> => {
  const { db, book } = desk;
  const act = isSuspended ? "suspended" : "resumed";
  if (mapping !== undefined) {
    const row = await mappingOf(db, book.bookId, mapping);
    await store.setSuspended(db, book.bookId, row.crosswalkId, isSuspended);
    const { domain, system, company, code } = row;
    return decided(await note(desk, { act, domain, goldenId: row.rootId, recordId: row.recordId ?? undefined, body: { system, company, code } }), row.rootId, isSuspended ? [] : [{ domain, code }]);
  }
  const root = await standing(db, book.bookId, golden ?? "");
  await store.setGoldenState(db, book.bookId, root.goldenId, isSuspended ? "suspended" : "active", desk.at);
  const rows = isSuspended ? [] : await store.findCrosswalk(db, book.bookId, await store.findFamily(db, book.bookId, root.goldenId));
  return decided(await note(desk, { act, domain: root.domain, goldenId: root.goldenId, body: { before: root.state } }), root.goldenId, [...new Set(rows.map(({ code }) => code))].map((code) => ({ domain: root.domain, code })));
};

/** A new one that no system has yet: it is published to those that want it. Refuses: masterdata.standard, masterdata.code_taken. */
const create: Verb<"create"> = async (desk, { domain, code, fields }) => {
  const { db, book } = desk;
  const key = { domain, system: ownSystem, company: "", code: code.trim() };
  await checkEntry(db, book, { domain, system: ownSystem, code: key.code, fields }, null);
  if ((await store.findCodeRows(db, book.bookId, key)).length > 0) refuse("masterdata.code_taken", { code: key.code, domainZh: domainWords(domain).zh, domain });
  const payload = Object.fromEntries(Object.entries(fields).map(([field, value]) => [field, value.trim()] as const).filter(([, value]) => value !== "").sort(([a], [b]) => (a < b ? -1 : 1)));
  const recordId = await store.addSource(db, book.bookId, key, payload, "", desk.at, desk.by);
  const goldenId = await store.addGolden(db, book.bookId, domain, key.code, desk.at);
  await store.addCrosswalk(db, book.bookId, key, goldenId, recordId, false, null, null, desk.by, desk.at);
  await recompute(db, book.bookId, goldenId, desk.at);
  return decided(await note(desk, { act: "created", domain, goldenId, recordId, body: { code: key.code } }), goldenId, [{ domain, code: key.code }]);
};
/** What a system brought may be told to others. Where four eyes are asked for, `arrive.ts` asks for it in the name of the system's flow. */
const introduce: Verb<"introduce"> = async (desk, { golden }) => {
  const root = await standing(desk.db, desk.book.bookId, golden);
  await store.touchGolden(desk.db, desk.book.bookId, root.goldenId, desk.at);
  return decided(await note(desk, { act: "introduced", domain: root.domain, goldenId: root.goldenId }), root.goldenId);
};

/** The name under which this system sends what people entered here. */
export const ownSystem = "tieout";

const acts: { readonly [A in StewardActName]: Verb<A> } = { merge, unmerge, split, different, takeBack, keepTogether, keepApart, pin, unpin, map, suspend: suspension(true), resume: suspension(false), alias, dropAlias, introduce, create };
export const stewardActs = Object.keys(acts) as StewardActName[];

// What stands before a decision ----------------------------------------------------------------------------------------------------

async function standing(db: Db, bookId: number, golden: string): Promise<store.GoldenRow> {
  const found = (await store.findGolden(db, bookId, goldenNo(golden))) ?? refuse("masterdata.golden_unknown", { golden });
  return found.state === "merged" ? refuse("masterdata.merged_already", { golden: goldenText(found.goldenId), into: goldenText(found.rootId) }) : found;
}
const recordOf = async (db: Db, bookId: number, record: string): Promise<store.SourceRow> => (/^\d{1,18}$/.test(record) ? await store.findSourceById(db, bookId, BigInt(record)) : undefined) ?? refuse("masterdata.record_unknown", { record: record.slice(0, 60) });
const candidateOf = async (db: Db, bookId: number, candidate: string): Promise<match.CandidateRow> => (/^\d{1,18}$/.test(candidate) ? await match.findCandidate(db, bookId, BigInt(candidate)) : undefined) ?? refuse("masterdata.candidate_unknown", { candidate: candidate.slice(0, 60) });
const decisionOf = async (db: Db, bookId: number, decision: string): Promise<match.DecisionRow> => (/^\d{1,18}$/.test(decision) ? await match.findDecision(db, bookId, BigInt(decision)) : undefined) ?? refuse("masterdata.decision_unknown", { no: decision.slice(0, 60) });
const mappingOf = async (db: Db, bookId: number, mapping: string): Promise<store.CrosswalkRow> => (/^\d{1,18}$/.test(mapping) ? await store.findMapping(db, bookId, BigInt(mapping)) : undefined) ?? refuse("masterdata.mapping_unknown", { mapping: mapping.slice(0, 60) });

/** Two people may have the same pair before them; the one who comes second is told. */
async function stillOpen(db: Db, bookId: number, candidate: string): Promise<match.CandidateRow> {
  const pair = await candidateOf(db, bookId, candidate);
  return pair.state === "open" ? pair : refuse("masterdata.decided", { by: pair.decidedBy ?? "", at: pair.decidedAt?.slice(0, 16).replace("T", " ") ?? "" });
}

async function refuseKeptApart(db: Db, bookId: number, one: bigint, other: bigint): Promise<void> {
  const [mine, theirs] = [await recordsOf(db, bookId, one), await recordsOf(db, bookId, other)];
  const [apart] = (await match.findEdgesBetween(db, bookId, mine, theirs)).filter(({ kind }) => kind === "cannot");
  if (!apart) return;
  const why = await match.findDecision(db, bookId, apart.decisionNo);
  refuse("masterdata.kept_apart", { by: why?.by ?? "", at: why?.at.slice(0, 10) ?? "", reason: why?.reason ?? "" });
}
async function keepFamiliesApart({ db, book }: Desk, one: bigint, other: bigint, decisionNo: bigint): Promise<void> {
  for (const mine of await recordsOf(db, book.bookId, one)) for (const theirs of await recordsOf(db, book.bookId, other)) await match.setEdge(db, book.bookId, mine, theirs, "cannot", decisionNo);
}
/** Of a merged one, with all that had been merged into it. */
const ownRecords = async (db: Db, bookId: number, goldenId: bigint): Promise<bigint[]> => (await store.findMembers(db, bookId, await store.findBelow(db, bookId, goldenId))).map(({ recordId }) => recordId);
const recordsOf = async (db: Db, bookId: number, goldenId: bigint): Promise<bigint[]> => (await store.findMembers(db, bookId, await store.findFamily(db, bookId, goldenId))).map(({ recordId }) => recordId);

// Read ---------------------------------------------------------------------------------------------------------------------------

export async function listDecisions(ctx: Ctx, book: Book, golden: string, limit = 100): Promise<DecisionShown[]> {
  const root = await rootOf(ctx.db, book.bookId, goldenNo(golden));
  return (await match.findDecisions(ctx.db, book.bookId, await store.findFamily(ctx.db, book.bookId, root.goldenId), limit)).map(decisionShown);
}
