/**
 * From the inbox to the books: rows in order, mapped, posted, and what became of each written beside it. A bad record parks its own
 * key only. Between posting and writing down the outcome a crash does no harm: the same document again changes nothing.
 */
import { randomBytes } from "node:crypto";
import { applyPatch, deadLetter, type Flow, FlowFault, type Json, type LandedRow, type Lease, inbox, type Row, type StreamDrift } from "../../connectors/index.ts";
import { isMasterKind, keyOf } from "../../documents/index.ts";
import { type Ctx, isConnectionFault, Refusal } from "../../platform/index.ts";
import { type DocumentResult, postDocuments } from "../../vouchers/index.ts";
import { readLatest } from "./flows.store.ts";
import type { Mapper, MapRecord } from "./mapper.ts";

export type Processing = {
  readonly ctx: Ctx;
  readonly flow: Flow;
  readonly bookCode: string;
  readonly mapper: Mapper;
  readonly lease: Lease;
  /** Streams that stand still, and fields that are left out or park their row. Asked after the rows are read: their structure was taken in before they landed. */
  readonly drift: () => ReadonlyMap<string, StreamDrift>;
};

const ROWS_MAX = 1_000;
const BYTES_MAX = 8 * 1024 * 1024;

type Outcome = { state: inbox.InboxState; letter: Pick<inbox.NewDeadLetter, "stage" | "problems" | "fingerprint"> | undefined; produced: { document: string; version: number }[] };
type Input = { readonly at: number; readonly document: Readonly<Record<string, unknown>> };

/** One batch. Answers how many rows it took, 0 when nothing waits, and the last of them. Throws FlowFault (stops or breaks the flow), LeaseLost. */
export async function processBatch(work: Processing): Promise<{ readonly taken: number; readonly upTo: bigint }> {
  const { ctx, flow, mapper } = work;
  const { bookId } = flow;
  const rows = cutAtKeys(await inbox.readLanded(ctx.db, bookId, flow.flow, ROWS_MAX, BYTES_MAX), mapper.supersedes);
  if (rows.length === 0) return { taken: 0, upTo: 0n };
  const parked = mapper.supersedes ? new Map<string, bigint>() : new Map((await inbox.readParkedKeys(ctx.db, bookId, flow.flow, rows.map(({ stream }) => stream), rows.map(({ key }) => key))).map((one) => [keyText(one), one.seq]));

  const outcomes: Outcome[] = rows.map(() => ({ state: "done", letter: undefined, produced: [] }));
  const records = rows.map((row, at) => recordOf(work, row, parked, outcomes[at] as Outcome));
  await mapper.prepare();
  const inputs: Input[] = [];
  for (const [at, record] of records.entries()) if (record) mapRecord(work, record, outcomes[at] as Outcome, (document) => void inputs.push({ at, document }));
  const again = await post(work, rows, inputs, outcomes);
  await settle(work, rows, outcomes, again);
  return { taken: rows.length, upTo: rows.at(-1)?.seq ?? 0n };
}

/** Where a bad record must hold back the next of its key, two of one key never stand in one batch. */
function cutAtKeys(rows: readonly LandedRow[], supersedes: boolean): readonly LandedRow[] {
  if (supersedes) return rows;
  const seen = new Set<string>();
  const cut = rows.findIndex((row) => seen.size === seen.add(keyText(row)).size);
  return cut < 0 ? rows : rows.slice(0, cut);
}

/** The record as the mapping is given it; undefined where it is settled without: it waits, or it is wrong already. */
function recordOf({ flow, drift }: Processing, row: LandedRow, parked: ReadonlyMap<string, bigint>, outcome: Outcome): MapRecord | undefined {
  const before = parked.get(keyText(row));
  const changed = drift().get(row.stream);
  if (changed?.isFrozen === true || (before !== undefined && before < row.seq)) {
    outcome.state = "behind";
    return undefined;
  }
  let content: Json = row.body === null ? null : (JSON.parse(row.body) as Json);
  if (row.patch !== null) {
    try {
      content = applyPatch(content, row.patch, `${flow.flow}/${row.seq}`);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      fail(outcome, deadLetter("decode", [error], flow.flow));
      return undefined;
    }
  }
  if ((content === null && row.op !== "d") || (content !== null && (typeof content !== "object" || Array.isArray(content)))) {
    fail(outcome, deadLetter("decode", [{ code: "record.no_object", facts: {}, where: `${row.stream} ${row.key}` }], flow.flow));
    return undefined;
  }
  let fields = content as Row | null;
  if (fields !== null && changed) {
    const found = changed.quarantined.find((field) => (fields as Row)[field] != null);
    if (found !== undefined) {
      fail(outcome, deadLetter("validate", [{ code: "drift.quarantined", facts: { field: found, stream: row.stream }, where: `/${found}` }], flow.flow));
      return undefined;
    }
    if (changed.dropped.length > 0) fields = Object.fromEntries(Object.entries(fields).filter(([field]) => !changed.dropped.includes(field)));
  }
  return { stream: row.stream, key: row.key, op: row.op, row: fields, before: row.before === null ? null : (JSON.parse(row.before) as Row), position: row.position, at: row.happenedAt };
}

function mapRecord({ mapper, flow }: Processing, record: MapRecord, outcome: Outcome, give: (document: Readonly<Record<string, unknown>>) => void): void {
  let mapped;
  try {
    mapped = mapper.map(record);
  } catch (cause) {
    // A mapping answers with problems; one that breaks is our own fault, the same for every record.
    throw new FlowFault("config", { code: "flow.mapping_broke", facts: { mapping: flow.mappingName, record: `${record.stream} ${record.key}`, detail: cause instanceof Error ? cause.message : String(cause) } }, { cause });
  }
  if (mapped.problems.length > 0) fail(outcome, deadLetter("map", mapped.problems, flow.flow));
  else if (mapped.isIgnored || mapped.documents.length === 0) outcome.state = "ignored";
  else for (const document of mapped.documents) give(document);
}

function fail(outcome: Outcome, letter: Outcome["letter"]): void {
  outcome.state = "parked";
  outcome.letter = letter;
}

/** Posts what is new. A document that says what it said before is left alone; one that changed gets the next version, unless its source counts versions itself. Answers the rows to be done once more. */
async function post({ ctx, flow, bookCode }: Processing, rows: readonly LandedRow[], inputs: readonly Input[], outcomes: readonly Outcome[]): Promise<ReadonlySet<number>> {
  const names = inputs.map(({ document }) => nameOf(document));
  const latest = new Map((await readLatest(ctx.db, flow.bookId, names.filter((name) => name !== undefined && !name.isMaster) as Name[])).map((one) => [one.document, { version: Number(one.version), isOpen: one.state === "waiting" || one.state === "parked", content: contentOf(JSON.parse(one.body) as Readonly<Record<string, unknown>>) }]));
  const sent: (Input & { readonly isCounted: boolean })[] = [];
  for (const [index, { at, document }] of inputs.entries()) {
    const name = names[index];
    if (!name || name.isMaster) {
      sent.push({ at, document, isCounted: false });
      continue;
    }
    const key = keyOf(name.source, name.kind, name.sourceId);
    const known = latest.get(key);
    const content = contentOf(document);
    const isSame = known?.content === content;
    if (isSame && !known.isOpen) {
      outcomes[at]?.produced.push({ document: key, version: known.version });
      continue;
    }
    const next = known ? (isSame ? known.version : known.version + 1) : 1;
    // The source's own version counts; a replay of a record that the source has not changed comes after it.
    const told = document.sourceVersion === undefined ? undefined : Number(document.sourceVersion);
    const isCounted = told === undefined || (rows[at]?.replays != null && told < next);
    const version = isCounted ? next : told;
    latest.set(key, { version, isOpen: false, content });
    sent.push({ at, document: isCounted ? { ...document, sourceVersion: version } : document, isCounted });
  }
  const again = new Set<number>();
  if (sent.length === 0) return again;
  const onResult = (result: DocumentResult): void => {
    const input = sent[result.row - 1];
    const outcome = input && outcomes[input.at];
    if (!input || !outcome) return; // one that waited, released by one of these
    if (result.state !== "refused") outcome.produced.push({ document: result.document, version: result.version });
    // Another flow sent the same document at this moment: its next version is another now.
    else if (input.isCounted && result.reasons[0]?.code === "document.version_reused") again.add(input.at);
    else fail(outcome, deadLetter("validate", result.reasons, flow.flow));
  };
  try {
    await postAll(ctx, bookCode, sent, onResult);
  } catch (error) {
    const known = postingFault(error);
    if (known) throw known;
    await postApart(error, sent);
  }
  return again;

  /** A fault of the posting itself: one record may be its cause. Each row by itself; if every one breaks, the cause is elsewhere. */
  async function postApart(cause: unknown, inputsSent: typeof sent): Promise<void> {
    const rowsSent = Map.groupBy(inputsSent, ({ at }) => at);
    const broken: { at: number; error: unknown }[] = [];
    for (const [at, own] of rowsSent) {
      try {
        await postAll(ctx, bookCode, own, (result) => onResult({ ...result, row: result.row === 0 ? 0 : sent.indexOf(own[result.row - 1] as (typeof sent)[number]) + 1 }));
      } catch (error) {
        const known = postingFault(error);
        if (known) throw known;
        broken.push({ at, error });
      }
    }
    if (broken.length === rowsSent.size && broken.length >= APART_MIN) throw cause;
    for (const { at, error } of broken) {
      const fault = randomBytes(4).toString("hex");
      ctx.log.error("a record broke the posting", { fault, flow: flow.flow, seq: rows[at]?.seq, error });
      fail(outcomes[at] as Outcome, deadLetter("validate", [{ code: "record.broke", facts: { fault, detail: (error instanceof Error ? error.message : String(error)).slice(0, 200) }, where: `${rows[at]?.stream ?? ""} ${rows[at]?.key ?? ""}` }], flow.flow));
    }
  }
}

/** So many rows that all break are no longer single bad records. */
const APART_MIN = 20;

const postAll = (ctx: Ctx, bookCode: string, inputs: readonly Input[], onResult: (result: DocumentResult) => void): Promise<unknown> => postDocuments(ctx, bookCode, inputs.map(({ document }) => document), { onResult, batchSize: ROWS_MAX });

function postingFault(error: unknown): FlowFault | undefined {
  if (error instanceof Refusal) return new FlowFault(error.code === "posting.busy" ? "network" : "config", error, { cause: error });
  return isConnectionFault(error) ? new FlowFault("network", { code: "flow.store_away", facts: {} }, { cause: error }) : undefined;
}

type Name = { readonly source: string; readonly kind: string; readonly sourceId: string; readonly isMaster: boolean };

export function nameOf(document: Readonly<Record<string, unknown>>): Name | undefined {
  const { schema, source, sourceId } = document;
  const kind = typeof schema === "string" ? /^tieout\/(\w+)@/.exec(schema)?.[1] : undefined;
  return kind !== undefined && typeof source === "string" && typeof sourceId === "string" ? { source, kind, sourceId, isMaster: isMasterKind(kind) } : undefined;
}

/** What a document says, apart from its version. */
export const contentOf = (document: Readonly<Record<string, unknown>>): string => JSON.stringify({ ...document, sourceVersion: 0 });

/** Outcomes, dead letters and how far it went commit together. */
async function settle({ ctx, flow, lease, mapper }: Processing, rows: readonly LandedRow[], outcomes: readonly Outcome[], again: ReadonlySet<number>): Promise<void> {
  const { bookId } = flow;
  const at = ctx.now().toISOString();
  const newestDone = new Map<string, number>();
  for (const [index, outcome] of outcomes.entries()) if (outcome.state === "done" && !again.has(index)) newestDone.set(keyText(rows[index] as LandedRow), index);
  const letters: inbox.NewDeadLetter[] = [];
  for (const [index, outcome] of outcomes.entries()) {
    if (!outcome.letter || again.has(index)) continue;
    const row = rows[index] as LandedRow;
    const isMadeUpFor = mapper.supersedes && (newestDone.get(keyText(row)) ?? -1) > index;
    if (isMadeUpFor) outcome.state = "superseded";
    letters.push({ ...outcome.letter, seq: row.seq, stream: row.stream, key: row.key, status: isMadeUpFor ? "superseded" : "open" });
  }
  const settled = rows.map((row, index) => ({ row, outcome: outcomes[index] as Outcome, index })).filter(({ index }) => !again.has(index));
  const open = await ctx.db.transaction(async (db) => {
    await inbox.setStates(db, bookId, flow.flow, settled.map(({ row }) => row.seq), settled.map(({ outcome }) => outcome.state), flow.version, at);
    const produced = settled.flatMap(({ row, outcome }) => outcome.produced.map((one) => ({ ...one, seq: row.seq })));
    if (produced.length > 0) await inbox.addProduced(db, bookId, flow.flow, produced);
    if (letters.length > 0) await inbox.addDeadLetters(db, bookId, flow.flow, flow.version, at, letters);
    if (mapper.supersedes && newestDone.size > 0) {
      const done = [...newestDone.values()].map((index) => rows[index] as LandedRow);
      await inbox.supersede(db, bookId, flow.flow, done.map(({ stream }) => stream), done.map(({ key }) => key), done.map(({ seq }) => seq), at);
    }
    const last = rows.at(-1)?.seq ?? 0n;
    const firstAgain = [...again].reduce<bigint>((first, index) => ((rows[index] as LandedRow).seq < first ? (rows[index] as LandedRow).seq : first), last + 1n);
    const bad = letters.length > 0 ? await inbox.countOpen(db, bookId, flow.flow) : 0;
    // Last, since its lock holds up landings.
    if (!(await inbox.noteProcessed(db, bookId, flow.flow, lease.epoch, rows[0]?.floor ?? 0n, firstAgain - 1n))) lease.lose();
    return bad;
  });
  if (open > flow.definition.limits.deadLetters) {
    const [first] = letters;
    throw new FlowFault("config", { code: "flow.too_many_bad", facts: { open, limit: flow.definition.limits.deadLetters, code: first?.problems[0]?.code ?? "", fingerprint: first?.fingerprint ?? "" } });
  }
}

const keyText = ({ stream, key }: { readonly stream: string; readonly key: string }): string => `${stream}\u0000${key}`;
