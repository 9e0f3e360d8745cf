/** 变更申请: where a domain asks for a second pair of eyes, an act waits until somebody else agrees; else it is done at once. */
import type { Book } from "../books/index.ts";
import { type Ctx, type Db, refuse } from "../platform/index.ts";
import { domainWords } from "./domain.ts";
import { goldenNo, goldenText } from "./golden.ts";
import * as golden from "./golden.store.ts";
import * as match from "./match.store.ts";
import * as store from "./reference.store.ts";
import { decide, type Decided, domainOfAct, type StewardAct } from "./steward.ts";

export type Submitted = { readonly done: Decided | null; readonly request: string | null };
export type RequestShown = { readonly no: string; readonly act: string; readonly domain: string; readonly domainWords: { readonly zh: string; readonly en: string }; readonly body: Readonly<Record<string, unknown>>; readonly reason: string; readonly state: string; readonly askedAt: string; readonly askedBy: string; readonly decidedAt: string | null; readonly decidedBy: string | null; readonly note: string; /** What the act is about, as people know it: whoever agrees reads codes and names. */ readonly about: readonly About[] };
export type About = { readonly golden: string | null; readonly text: string };

/** Does it, or asks for it. Refuses: masterdata.reason_missing, and at once what the act refuses where nobody else has to agree. */
export async function submitAct(ctx: Ctx, book: Book, act: StewardAct, reason: string): Promise<Submitted> {
  if (reason.trim() === "") refuse("masterdata.reason_missing");
  const domain = await domainOfAct({ db: ctx.db, book }, act);
  const policy = await golden.findPolicy(ctx.db, book.bookId, domain);
  if (!policy?.fourEyes) return { done: await decide(ctx, book, act, reason), request: null };
  return { done: null, request: String(await store.addRequest(ctx.db, book.bookId, act.act, domain, act, reason.trim().slice(0, 500), ctx.actor.id, ctx.now().toISOString())) };
}

/** Somebody else agrees, and it is done in the same moment. Refuses: masterdata.request_unknown, masterdata.request_decided, masterdata.own_request, and what the act refuses. */
export async function approveRequest(ctx: Ctx, book: Book, no: string, note = ""): Promise<Decided> {
  const request = await open(ctx, book, no);
  if (request.askedBy === ctx.actor.id) refuse("masterdata.own_request", { no, by: request.askedBy });
  // Agreed first: whoever comes second finds it decided. An act that is refused takes the agreement back with it.
  return ctx.db.transaction(async (db) => {
    const held = (await store.lockRequest(db, book.bookId, request.requestNo)) as store.RequestRow;
    if (held.state !== "open") refuse("masterdata.request_decided", { no, by: held.decidedBy ?? "" });
    await store.decideRequest(db, book.bookId, request.requestNo, "approved", note, ctx.actor.id, ctx.now().toISOString());
    return decide({ ...ctx, db: { ...ctx.db, ...db } }, book, request.body as unknown as StewardAct, `${request.reason}${note === "" ? "" : ` · ${note}`}`);
  });
}

/** Refuses: masterdata.request_unknown, masterdata.request_decided, masterdata.reason_missing. */
export async function rejectRequest(ctx: Ctx, book: Book, no: string, note: string): Promise<void> {
  if (note.trim() === "") refuse("masterdata.reason_missing");
  const request = await open(ctx, book, no);
  await ctx.db.transaction(async (db) => {
    const held = (await store.lockRequest(db, book.bookId, request.requestNo)) as store.RequestRow;
    if (held.state !== "open") refuse("masterdata.request_decided", { no, by: held.decidedBy ?? "" });
    await store.decideRequest(db, book.bookId, request.requestNo, request.askedBy === ctx.actor.id ? "withdrawn" : "rejected", note.trim().slice(0, 500), ctx.actor.id, ctx.now().toISOString());
  });
}

async function open(ctx: Ctx, book: Book, no: string): Promise<store.RequestRow> {
  const found = /^\d{1,18}$/.test(no) ? await ctx.db.transaction((db) => store.lockRequest(db, book.bookId, BigInt(no))) : undefined;
  const request = found ?? refuse("masterdata.request_unknown", { no: no.slice(0, 40) });
  return request.state === "open" ? request : refuse("masterdata.request_decided", { no, by: request.decidedBy ?? "" });
}

export async function listRequests(ctx: Ctx, book: Book, state: string | undefined, limit = 200): Promise<RequestShown[]> {
  const shown: RequestShown[] = [];
  for (const { requestNo, ...row } of await store.findRequests(ctx.db, book.bookId, state ?? null, limit)) shown.push({ no: String(requestNo), domainWords: domainWords(row.domain), ...row, about: await aboutOf(ctx.db, book.bookId, row.body as unknown as StewardAct) });
  return shown;
}

async function aboutOf(db: Db, bookId: number, act: StewardAct): Promise<About[]> {
  const id = (text: string): bigint => BigInt(/^\d{1,18}$/.test(text) ? text : "0");
  const ofGolden = async (text: string): Promise<About[]> => { const one = await golden.findGolden(db, bookId, goldenNo(text)); return one ? [{ golden: goldenText(one.goldenId), text: one.name === one.code ? one.code : `${one.code} ${one.name}` }] : [{ golden: null, text }]; };
  const ofRecords = async (records: readonly bigint[]): Promise<About[]> => (await match.findCandidateRecords(db, bookId, records)).map(({ rootId, system, code, payload }) => ({ golden: goldenText(rootId), text: `${system}:${code} ${payload.name ?? ""}`.trim() }));
  switch (act.act) {
    case "merge": return [...(await ofGolden(act.from)), ...(await ofGolden(act.into))];
    case "different": { const pair = await match.findCandidate(db, bookId, id(act.candidate)); return pair ? ofRecords([pair.recordId, pair.otherRecord]) : []; }
    case "keepTogether": case "keepApart": return ofRecords([id(act.record), id(act.other)]);
    case "split": return ofRecords([id(act.record)]);
    case "takeBack": { const given = await match.findDecision(db, bookId, id(act.decision)); return (await Promise.all([given?.otherId, given?.goldenId].flatMap((one) => (one ? [ofGolden(goldenText(one))] : [])))).flat(); }
    case "map": return [{ golden: null, text: `${act.system}:${act.code}` }, ...(await ofGolden(act.golden))];
    case "pin": return [...(await ofGolden(act.golden)), { golden: null, text: act.value }];
    case "alias": return [...(await ofGolden(act.golden)), { golden: null, text: act.text }];
    case "create": return [{ golden: null, text: `${act.code} ${act.fields.name ?? ""}`.trim() }];
    case "dropAlias": return [];
    case "suspend": case "resume": { if (act.golden !== undefined) return ofGolden(act.golden); const row = await golden.findMapping(db, bookId, id(act.mapping ?? "")); return row ? [{ golden: goldenText(row.rootId), text: `${row.system}:${row.code}` }] : []; }
    default: return ofGolden(act.golden);
  }
}

// Policy -------------------------------------------------------------------------------------------------------------------------

export type PolicyShown = Omit<golden.PolicyRow, "by" | "at"> & { readonly by: string | null; readonly at: string | null };
export async function listPolicies(ctx: Ctx, book: Book, names: readonly string[]): Promise<PolicyShown[]> {
  const kept = new Map((await golden.findPolicies(ctx.db, book.bookId)).map((row) => [row.domain, row]));
  return names.map((domain) => kept.get(domain) ?? { domain, trust: [], fields: {}, autoMerge: true, fourEyes: false, strict: false, by: null, at: null });
}
export const setPolicy = (ctx: Ctx, book: Book, policy: Omit<golden.PolicyRow, "by" | "at">) => golden.savePolicy(ctx.db, book.bookId, policy, ctx.actor.id, ctx.now().toISOString());
