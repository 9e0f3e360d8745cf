/**
 * 记账: documents in, vouchers out, exactly once. Documents are worked on in memory in order of arrival and written in
 * micro-batches, one transaction each; while one batch commits the next is worked on. Nothing is answered before its commit.
 */
import { firstDay } from "../values/index.ts";
import { type Ctx, elapsedMs, type Problem, Refusal, refuse, renderProblem, type RenderedProblem, type Store } from "../platform/index.ts";
import { ensurePeriod } from "../books/index.ts";
import { BrokenRecord, type Document, documentKey, readDocument } from "../documents/index.ts";
import { learn, masterKindOf, readMaster } from "../masterdata/index.ts";
import { anchor, beginAnchors } from "./anchor.ts";
import { type Batch, inFlightOf, Stale, write, writeOut } from "./batch.ts";
import { runKinds } from "./facts/index.ts";
import { begin, loadIds, loadKeys, loadPools, registerOpening, type RuleVersions } from "./memory.ts";
import { runFacts } from "./runs.ts";
import { type Fact, forget, movesOf, NeedLoad, type PostedEvent, type State } from "./state.ts";
import * as store from "./store.ts";
import { correctionSummary, numberText, type Voucher } from "./voucher.ts";
import { poolKeyIn } from "./work.ts";
import { keysOf, NeedPeriod, number, type Outcome, readDraftBody, type RunFacts, workOn } from "./work-on.ts";

export type DocumentResult = {
  /** Position in what was sent, from 1; 0 for a document that waited and was released by this one. */
  readonly row: number;
  readonly document: string;
  readonly version: number;
  readonly state: "posted" | "waiting" | "parked" | "duplicate" | "refused";
  /** "记-1", in posting order. */
  readonly vouchers: readonly string[];
  readonly period: string | undefined;
  /** The rule by which it makes no entry. */
  readonly exempt?: string;
  readonly reasons: readonly RenderedProblem[];
};

export type PostSummary = { received: number; posted: number; waiting: number; parked: number; duplicate: number; refused: number; vouchers: number; released: number };

export type PostOptions = {
  /** Works everything out and writes nothing. */
  readonly dryRun?: boolean;
  /** Told about each document after its commit. Without it the results are collected. */
  readonly onResult?: (result: DocumentResult) => void;
  /** At most so many documents a batch; fewer when the sender pauses. */
  readonly batchSize?: number;
};

const BATCH = 1000;
/** How long the first document of a batch waits for company. */
const LINGER_MS = 10;
/** How long a long posting may go on without an anchor outside the database. */
const ANCHOR_MS = 3_000;
/** Documents kept in memory for later ones to link to. */
const FACTS_KEPT = 20_000;
const TRIES = 20;

/**
 * Posts business documents and master records to a book, in the public form of documents-and-entries 1a. Each is answered
 * posted, waiting (for what), parked (why), duplicate or refused (why). Refuses: book.unknown, posting.busy.
 */
export async function postDocuments(ctx: Ctx, bookCode: string, inputs: Iterable<unknown> | AsyncIterable<unknown>, options: PostOptions = {}): Promise<{ summary: PostSummary; results: DocumentResult[] }> {
  const writer = await writerOf(ctx, bookCode, options.dryRun === true);
  return writer.exclusively(async () => {
    const results: DocumentResult[] = [];
    const summary: PostSummary = { received: 0, posted: 0, waiting: 0, parked: 0, duplicate: 0, refused: 0, vouchers: 0, released: 0 };
    const onResult = (result: DocumentResult): void => {
      if (result.row === 0) summary.released++;
      else {
        summary.received++;
        summary[result.state]++;
      }
      summary.vouchers += result.state === "duplicate" ? 0 : result.vouchers.length;
      if (options.onResult) options.onResult(result);
      else results.push(result);
    };
    await writer.post(ctx, inputs, onResult, options);
    return { summary, results };
  });
}

/** One writer a book and process: its memory is warm, and it works on one posting at a time. */
export type Writer = {
  readonly exclusively: <T>(work: () => Promise<T>) => Promise<T>;
  readonly post: (ctx: Ctx, inputs: Iterable<unknown> | AsyncIterable<unknown>, onResult: (result: DocumentResult) => void, options: PostOptions) => Promise<void>;
  readonly postDraft: (ctx: Ctx, draftId: string) => Promise<Voucher>;
  /** Memory no longer tells the truth: settings, rules or periods changed. */
  readonly refresh: () => void;
};

const writers = new WeakMap<Store, Map<string, Writer>>();

export async function writerOf(ctx: Ctx, bookCode: string, isDryRun = false): Promise<Writer> {
  if (isDryRun) return makeWriter(ctx.db, bookCode);
  let own = writers.get(ctx.db);
  if (!own) writers.set(ctx.db, (own = new Map()));
  let writer = own.get(bookCode);
  if (!writer) own.set(bookCode, (writer = makeWriter(ctx.db, bookCode)));
  return writer;
}

/** Periods, settings or rules of the book changed in this process: the next posting reads them anew. */
export const forgetWriter = (db: Store, bookCode: string): void => writers.get(db)?.get(bookCode)?.refresh();

/** What codes mean has changed: every writer's memory of the book is old, in whatever process, and none commits before it has read anew. */
export async function forgetWriters(db: Store, book: { readonly bookId: number; readonly code: string }): Promise<void> {
  await store.touchModules(db, book.bookId);
  forgetWriter(db, book.code);
}

type Item = { readonly row: number; readonly input: unknown };
type Memory = { state: State; versions: RuleVersions };

function makeWriter(db: Store, bookCode: string): Writer {
  let memory: Memory | undefined;
  let batchNo = 0;
  let committed = 0;
  let queue: Promise<unknown> = Promise.resolve();
  const partitions = new Set<string>();

  const remember = async (ctx: Ctx): Promise<Memory> => (memory ??= await begin(ctx, bookCode));

  const newBatch = (ctx: Ctx, state: State): Batch => ({
    no: ++batchNo, at: ctx.now().toISOString(), by: ctx.actor.id, documents: new Map(), states: [], links: [], events: [], vouchers: [], moves: [], held: new Set(), pools: new Set(), facts: new Set(), masters: [],
    dropWaits: new Set(), waits: [], refusals: [], drafts: [], voided: [], finished: undefined, dimensionsFrom: state.head.nextDimensionSet, merging: new Map(),
    head: { blockNo: state.head.blockNo, hash: state.head.hash, nextDocument: state.head.nextDocument, nextVoucher: state.head.nextVoucher, modules: state.head.modules },
  });

  const load = async (ctx: Ctx, { state }: Memory, need: NeedLoad | NeedPeriod): Promise<void> => {
    if (need instanceof NeedPeriod) {
      await ensurePeriod(db, state.book, need.period);
      for (const row of await store.readPeriodStates(db, state.book.bookId)) state.periods.set(row.period, row.state);
      return;
    }
    void ctx;
    if (need.keys.length > 0) await loadKeys(db, state, need.keys);
    if (need.ids.length > 0) await loadIds(db, state, need.ids);
    if (need.pools.length > 0) await loadPools(db, state, need.pools);
  };

  /** Works on one document until memory has all it needs. */
  const attempt = async (ctx: Ctx, own: Memory, batch: Batch, fact: Fact, document: Document, run: RunFacts | undefined): Promise<Outcome> => {
    const previous = await previousOf(own.state, fact, document);
    for (let tries = 0; ; tries++) {
      try {
        return workOn(own.state, own.versions, batch, fact, document, previous, run);
      } catch (error) {
        if (!(error instanceof NeedLoad || error instanceof NeedPeriod) || tries > 1_000) throw error;
        try {
          await load(ctx, own, error);
        } catch (refusal) {
          if (!(refusal instanceof Refusal)) throw refusal;
          return { state: "parked", problems: [{ code: "period.outside_calendar", facts: { date: document.date, book: own.state.book.code }, where: fact.key }], wanted: [] };
        }
      }
    }
  };

  const previousOf = async (state: State, fact: Fact, document: Document): Promise<{ posted: readonly PostedEvent[]; document: Document } | undefined> => {
    if (fact.document === document || (fact.state !== "posted" && fact.state !== "exempt" && !fact.isDrafted)) return undefined;
    if (fact.posted === undefined) {
      const rows = await store.readEvents(db, state.book.bookId, fact.id, fact.version);
      const moved = rows.reduce((sum, row) => sum + movesOf(row.effects), 0);
      const moves = moved === 0 ? [] : (await store.readVersionMoves(db, state.book.bookId, fact.id, fact.version)).slice(-moved).map(({ move }) => move);
      fact.posted = rows.map((row, i) => ({ event: row.event, rule: row.rule, ruleVersion: row.rule_version, facts: row.facts, effects: row.effects, moves: i === 0 ? moves : [],
        vouchers: (row.vouchers ?? []).map((voucher) => ({ id: Number(voucher.id), number: voucher.number, date: voucher.date })), drafts: row.drafts ?? [] }));
    }
    return { posted: fact.posted, document: fact.document };
  };

  /** What a batch needs is read ahead: the documents, what they link to, and what that links to. */
  const readAhead = async (own: Memory, documents: readonly Document[]): Promise<void> => {
    const { state } = own;
    let keys = documents.flatMap(keysOf);
    for (let depth = 0; depth < 3 && keys.length > 0; depth++) {
      const facts = await loadKeys(db, state, keys);
      keys = facts.flatMap((fact) => keysOf(fact.document));
    }
    await loadPools(db, state, documents.flatMap((document) => document.lines.flatMap((line) => (line.item === "" ? [] : [poolKeyIn(state, line.item, line.warehouse)]))));
  };

  /** Invoice numbers are claimed before their documents post; answers the refusal of those that somebody else holds. */
  const claim = async (ctx: Ctx, { state }: Memory, documents: readonly Document[]): Promise<Map<Document, Problem>> => {
    const refused = new Map<Document, Problem>();
    const claims = documents.flatMap((document) => {
      const direction = directions[document.kind];
      const invoiceNumber = document.more.invoiceNumber;
      return direction && typeof invoiceNumber === "string" && document.status !== "cancelled" && !state.facts.has(documentKey(document)) ? [{ document, direction, number: claimKey(document, invoiceNumber) }] : [];
    });
    if (claims.length === 0) return refused;
    const holders = await store.claimInvoices(db, state.book.groupCode, state.book.code, ctx.now().toISOString(), claims.map((one) => ({ direction: one.direction, number: one.number, document: documentKey(one.document) })));
    for (const one of claims) {
      const holder = holders.get(`${one.direction}|${one.number}`);
      if (holder && (holder.book !== state.book.code || holder.document !== documentKey(one.document)))
        refused.set(one.document, { code: "invoice.duplicate", facts: { number: String(one.document.more.invoiceNumber), book: holder.book, document: holder.document }, where: documentKey(one.document) });
    }
    return refused;
  };

  /** Works on the items of a batch; answers what to tell the sender once it is committed. */
  const workBatch = async (ctx: Ctx, own: Memory, batch: Batch, items: readonly Item[]): Promise<DocumentResult[]> => {
    const { state } = own;
    const results: (DocumentResult | { pending: Fact; row: number })[] = [];
    const read = items.map((item) => ({ item, master: masterKindOf(item.input), reading: undefined as ReturnType<typeof readDocument> | undefined }));
    for (const one of read) if (one.master === undefined && !(one.item.input instanceof BrokenRecord)) one.reading = readDocument(one.item.input, state.book.code, state.book.currency);
    const documents = read.flatMap((one) => (one.reading?.document ? [one.reading.document] : []));
    await readAhead(own, documents);
    const refusedClaims = await claim(ctx, own, documents);
    const refusal = (item: Item, problems: readonly Problem[], document = "", version = 0): void => {
      batch.refusals.push({ body: bodyOf(item.input).slice(0, 1_000_000), reasons: JSON.stringify(problems, bigints) });
      results.push({ row: item.row, document, version, state: "refused", vouchers: [], period: undefined, reasons: problems.map((problem) => renderProblem(problem)) });
    };
    for (const { item, master, reading } of read) {
      if (item.input instanceof BrokenRecord) {
        refusal(item, [{ code: "document.not_json", facts: { row: item.row, detail: item.input.detail }, where: `${item.row}` }]);
        continue;
      }
      if (master !== undefined) {
        const got = readMaster(item.input, master);
        if (!got.record) {
          refusal(item, got.problems, `${master}`);
          continue;
        }
        const isNew = learn(state.masters, got.record);
        if (isNew) batch.masters.push(got.record);
        results.push({ row: item.row, document: `${got.record.source}:${master}/${got.record.code}`, version: 1, state: isNew ? "posted" : "duplicate", vouchers: [], period: undefined, reasons: [] });
        const wanted = [`${master}:${got.record.code}`, ...(master === "exchangeRate" ? [`exchangeRate:${got.record.fields.from}`, `exchangeRate:${got.record.fields.to}`] : [])];
        if (isNew) for (const fact of await release(ctx, own, batch, wanted)) results.push({ pending: fact, row: 0 });
        continue;
      }
      if (!reading?.document) {
        refusal(item, reading?.problems ?? []);
        continue;
      }
      const { document, doubts } = reading;
      const key = documentKey(document);
      const known = state.facts.get(key);
      if (known && document.sourceVersion < known.version) {
        results.push({ row: item.row, document: key, version: document.sourceVersion, state: "duplicate", vouchers: [], period: undefined, reasons: [renderProblem({ code: "document.version_old", facts: { document: key, version: known.version }, where: key })] });
        continue;
      }
      if (known && document.sourceVersion === known.version && (known.state === "posted" || known.state === "exempt" || known.isDrafted)) {
        const body = bodyOf(item.input);
        if (body !== known.body && !sameContent(body, known.body)) refusal(item, [{ code: "document.version_reused", facts: { document: key, version: document.sourceVersion }, where: key }], key, document.sourceVersion);
        else results.push({ row: item.row, document: key, version: document.sourceVersion, state: "duplicate", vouchers: known.posted?.flatMap((event) => event.vouchers.map((voucher) => voucher.number)) ?? [], period: undefined, reasons: [] });
        continue;
      }
      const claimed = refusedClaims.get(document);
      if (claimed) {
        refusal(item, [claimed], key, document.sourceVersion);
        continue;
      }
      const fact = await take(ctx, own, batch, document, bodyOf(item.input), doubts);
      results.push({ pending: fact, row: item.row });
      if (fact.state === "posted" || fact.state === "exempt") for (const released of await release(ctx, own, batch, bringsOf.get(fact) ?? [fact.key])) results.push({ pending: released, row: 0 });
    }
    return results.map((result) => ("pending" in result ? resultOf(result.pending, result.row) : result));
  };

  /** A new document, a new version of one, or another try of one that waits. */
  const take = async (ctx: Ctx, own: Memory, batch: Batch, sent: Document, body: string, doubted: readonly Problem[]): Promise<Fact> => {
    const { state } = own;
    const { document, doubts } = await corrected(state, sent, doubted);
    const key = documentKey(document);
    let fact = state.facts.get(key);
    const isNewVersion = fact !== undefined && document.sourceVersion > fact.version;
    if (!fact) {
      fact = { id: state.head.nextDocument++, key, version: document.sourceVersion, state: "waiting", document, held: new Map(), linkers: [], batch: batch.no, body, written: -1, pending: undefined, wasWaiting: false, isDrafted: false, posted: undefined };
      state.facts.set(key, fact);
      state.byId.set(fact.id, fact);
      state.absent.delete(key);
    }
    const before = { version: fact.version, state: fact.state };
    let run: RunFacts | undefined;
    if (runKinds.has(document.kind) && document.status !== "cancelled") run = await runFacts(db, own, document);
    const outcome: Outcome = doubts.length > 0 ? { state: "parked", problems: doubts, wanted: [] } : await attempt(ctx, own, batch, fact, document, run);
    fact.batch = batch.no;
    batch.facts.add(fact);
    if (isNewVersion && outcome.state !== "posted" && (before.state === "posted" || before.state === "exempt")) {
      // The old version stands until the new one can post; the new one waits beside it.
      if (fact.pending && fact.pending.version < document.sourceVersion) supersede(batch, fact, fact.pending.version);
      fact.pending = { version: document.sourceVersion, body };
      record(batch, fact, document, body, outcome);
      noteWaits(state, batch, fact, document.sourceVersion, outcome.wanted);
      outcomes.set(fact, outcome);
      return { ...fact, version: document.sourceVersion, state: outcome.state, document };
    }
    if (isNewVersion) {
      supersede(batch, fact, before.version);
      if (fact.pending && fact.pending.version < document.sourceVersion) supersede(batch, fact, fact.pending.version);
      fact.pending = undefined;
    }
    fact.version = document.sourceVersion;
    fact.document = document;
    fact.body = body;
    fact.state = outcome.state === "posted" ? (outcome.exempt === undefined || outcome.vouchers.length > 0 ? "posted" : "exempt") : outcome.state;
    record(batch, fact, document, body, outcome);
    noteWaits(state, batch, fact, document.sourceVersion, outcome.state === "posted" ? [] : outcome.wanted);
    outcomes.set(fact, outcome);
    if (outcome.state === "posted") {
      bringsOf.set(fact, outcome.brings);
      if (document.kind === "openingBalance") registerOpening(state, fact);
    }
    return fact;
  };

  /** A correction by hand carries the legal summary, which names the voucher that it corrects. */
  const corrected = async (state: State, document: Document, doubts: readonly Problem[]): Promise<{ document: Document; doubts: readonly Problem[] }> => {
    const { corrects, correction } = document.more;
    if (typeof corrects !== "string" || document.summary !== "") return { document, doubts };
    const [period = "", number = ""] = corrects.split("/");
    const cut = number.lastIndexOf("-");
    const found = await store.findVoucher(db, state.book.bookId, period, number.slice(0, cut), Number(number.slice(cut + 1)) || 0);
    if (!found) return { document, doubts: [...doubts, { code: "voucher.unknown", facts: { number: corrects }, where: documentKey(document) }] };
    return { document: { ...document, summary: correctionSummary(correction === "reverse" ? "注销" : "订正", found.date, number) }, doubts };
  };

  const outcomes = new WeakMap<Fact, Outcome>();
  const bringsOf = new WeakMap<Fact, readonly string[]>();

  const resultOf = (fact: Fact, row: number): DocumentResult => {
    const outcome = outcomes.get(fact) ?? outcomes.get(memory?.state.facts.get(fact.key) as Fact);
    const common = { row, document: fact.key, version: fact.version };
    if (!outcome || outcome.state !== "posted") return { ...common, state: outcome?.state ?? "parked", vouchers: [], period: undefined, reasons: (outcome?.problems ?? []).map((problem) => renderProblem(problem)) };
    const numbers = [...new Set(outcome.vouchers.map((voucher) => numberText(voucher.series, voucher.number)))];
    return { ...common, state: "posted", vouchers: numbers, period: outcome.vouchers[0]?.period, ...(outcome.exempt === undefined ? {} : { exempt: outcome.exempt }), reasons: [] };
  };

  /** What waited for these keys is tried again, in order of arrival, and what that brings in turn. */
  const release = async (ctx: Ctx, own: Memory, batch: Batch, brings: readonly string[]): Promise<Fact[]> => {
    const { state } = own;
    const released: Fact[] = [];
    const open = [...brings];
    for (let wanted = open.shift(); wanted !== undefined; wanted = open.shift()) {
      const waiting = state.waits.get(wanted);
      if (!waiting) continue;
      state.waits.delete(wanted);
      await loadKeys(db, state, [...waiting]);
      const facts = [...waiting].map((key) => state.facts.get(key)).filter((fact): fact is Fact => fact !== undefined).sort((a, b) => a.id - b.id);
      for (const fact of facts) {
        const bodies = fact.state === "waiting" || fact.state === "parked" ? fact.body : fact.pending?.body;
        if (bodies === undefined || fact.isDrafted) continue;
        const reading = readDocument(JSON.parse(bodies), state.book.code, state.book.currency);
        if (!reading.document) continue;
        const again = await take(ctx, own, batch, reading.document, bodies, reading.doubts);
        if (again.state !== "posted" && again.state !== "exempt") continue;
        released.push(again);
        open.push(...(bringsOf.get(again) ?? [again.key]));
      }
    }
    return released;
  };

  const noteWaits = (state: State, batch: Batch, fact: Fact, version: number, wanted: readonly string[]): void => {
    batch.waits = batch.waits.filter((wait) => wait.id !== fact.id);
    // Rows of earlier tries go; where there are none, nothing is deleted.
    if (fact.wasWaiting) batch.dropWaits.add(fact.id);
    fact.wasWaiting = wanted.length > 0;
    for (const key of wanted) {
      state.waits.set(key, (state.waits.get(key) ?? new Set()).add(fact.key));
      batch.waits.push({ wanted: key, id: fact.id, version });
    }
  };

  const rowKey = (id: number, version: number): string => `${id}|${version}`;

  /** The row of a version: new in this batch, or its state changed. */
  const record = (batch: Batch, fact: Fact, document: Document, body: string, outcome: Outcome): void => {
    const reasons = outcome.state === "posted" ? null : JSON.stringify(outcome.problems, bigints);
    const rowState = outcome.state === "posted" ? (outcome.vouchers.length > 0 || outcome.exempt === undefined || document.status === "cancelled" ? "posted" : "exempt") : outcome.state;
    const period = outcome.state === "posted" && outcome.vouchers[0] ? outcome.vouchers[0].period : document.date.slice(0, 7);
    const key = rowKey(fact.id, document.sourceVersion);
    const inBatch = batch.documents.get(key);
    if (inBatch) Object.assign(inBatch, { state: rowState, reasons, period });
    else if (fact.written >= document.sourceVersion) batch.states.push({ id: fact.id, version: document.sourceVersion, state: rowState, reasons });
    else {
      batch.documents.set(key, { fact: { ...fact, document }, version: document.sourceVersion, state: rowState, reasons, body, date: document.date, period, party: document.party });
      fact.written = document.sourceVersion;
    }
  };

  const supersede = (batch: Batch, fact: Fact, version: number): void => {
    const inBatch = batch.documents.get(rowKey(fact.id, version));
    if (inBatch) Object.assign(inBatch, { state: "superseded", reasons: null });
    else batch.states.push({ id: fact.id, version, state: "superseded", reasons: null });
  };

  const partition = async (batch: Batch): Promise<void> => {
    for (const voucher of batch.vouchers) {
      if (partitions.has(voucher.period)) continue;
      await db.query("select vouchers.ensure_partition($1)", [voucher.period]);
      partitions.add(voucher.period);
    }
  };

  const post: Writer["post"] = async (ctx, inputs, onResult, options) => {
    let flying: { items: readonly Item[]; batch: Batch; results: DocumentResult[]; done: Promise<void> } | undefined;
    let isBroken = false;
    const land = async (): Promise<void> => {
      if (!flying) return;
      const { items, results, batch, done } = flying;
      flying = undefined;
      try {
        await done;
      } catch (error) {
        memory = undefined;
        if (!(error instanceof Stale)) throw error;
        isBroken = true;
        await again(ctx, items, onResult);
        return;
      }
      settle(batch);
      for (const result of results) onResult(result);
    };
    const settle = (batch: Batch): void => {
      committed = batch.no;
      if (!memory) return;
      for (const fact of batch.facts) if (fact.batch <= committed && fact.posted !== undefined) fact.posted = undefined;
      for (const [key, flight] of memory.state.inFlight) if (flight.batch <= committed) memory.state.inFlight.delete(key);
      forget(memory.state, committed, FACTS_KEPT);
    };
    /** One batch alone, from a fresh memory, until it gets through. */
    const again = async (context: Ctx, items: readonly Item[], tell: (result: DocumentResult) => void): Promise<void> => {
      for (let tries = 0; tries < TRIES; tries++) {
        const own = await remember(context);
        const batch = newBatch(context, own.state);
        const results = await workBatch(context, own, batch, items);
        await partition(batch);
        try {
          const written = writeOut(own.state, batch);
          await write(db, own.state, written);
          settle(batch);
          for (const result of results) tell(result);
          return;
        } catch (error) {
          memory = undefined;
          if (!(error instanceof Stale)) throw error;
          context.log.warn("a batch is tried again", { book: bookCode, tries, cause: error.cause });
          await new Promise((resolve) => setTimeout(resolve, Math.min(200, 5 * 2 ** tries) * ((batchNo % 7) / 7 + 0.3)));
        }
      }
      refuse("posting.busy", { book: bookCode, tries: TRIES });
    };
    if (options.dryRun) {
      const own = await remember(ctx);
      for await (const items of batches(inputs, options.batchSize ?? BATCH)) {
        const batch = newBatch(ctx, own.state);
        for (const result of await workBatch(ctx, own, batch, items)) onResult(result);
        for (const fact of own.state.facts.values()) fact.batch = Number.MAX_SAFE_INTEGER;
      }
      return;
    }
    const { book, head } = (await remember(ctx)).state;
    await beginAnchors(ctx, book, { block: head.blockNo, hash: head.hash });
    let anchoredAt = elapsedMs();
    for await (const items of batches(inputs, options.batchSize ?? BATCH)) {
      // A run reads balances: what came before it has to be committed.
      if (items.some((item) => runKinds.has(kindOfInput(item.input)))) await land();
      let own = await remember(ctx);
      let batch = newBatch(ctx, own.state);
      let results: DocumentResult[];
      try {
        results = await workBatch(ctx, own, batch, items);
      } catch (error) {
        memory = undefined;
        if (flying) await flying.done.catch(() => {});
        throw error;
      }
      await land();
      if (isBroken) {
        // The batch before had to be done again from the database; this one was worked on from what is no longer true.
        isBroken = false;
        await again(ctx, items, onResult);
        continue;
      }
      // All that is in the head is committed, and this batch is not in it yet.
      if (elapsedMs() - anchoredAt > ANCHOR_MS) {
        await anchor(ctx, own.state.book, { block: own.state.head.blockNo, hash: own.state.head.hash });
        anchoredAt = elapsedMs();
      }
      await partition(batch);
      inFlightOf(own.state, batch);
      const written = writeOut(own.state, batch);
      const done = write(db, own.state, written);
      done.catch(() => {});
      flying = { items, batch, results, done };
    }
    await land();
    if (memory) await anchor(ctx, memory.state.book, { block: memory.state.head.blockNo, hash: memory.state.head.hash });
  };

  const postDraft: Writer["postDraft"] = async (ctx, draftId) => {
    for (let tries = 0; tries < TRIES; tries++) {
      const own = await remember(ctx);
      const draft = await store.readDraft(db, own.state.book.bookId, draftId);
      if (!draft) return refuse("draft.unknown", { draft: draftId });
      if (draft.prepared_by === ctx.actor.id) return refuse("voucher.same_person", { person: ctx.actor.id });
      const batch = newBatch(ctx, own.state);
      const planned = readDraftBody(draft.body);
      // The period may have been closed since; then it goes where a late document goes.
      const state = own.state.periods.get(planned.period);
      const when = state === "open" ? planned : nextOpen(own.state, planned.period, planned.date);
      const reversal = await reversalOf(own.state, draft.document_id);
      const voucher = number(own.state, batch, { ...planned, ...when, merge: "", reversalOf: reversal ?? planned.reversalOf }, Number(draft.document_id), planned.attachments, ctx.actor.id);
      const posted: Voucher = { ...voucher, preparedBy: draft.prepared_by };
      batch.vouchers[0] = posted;
      const { n } = await store.openDraftsOf(db, own.state.book.bookId, draft.document_id);
      batch.finished = { draftId, reviewer: ctx.actor.id, voucher: posted, state: n === 1n ? { id: Number(draft.document_id), version: Number(draft.source_version) } : undefined };
      if (n === 1n) batch.states.push({ id: Number(draft.document_id), version: Number(draft.source_version), state: "posted", reasons: null });
      await partition(batch);
      try {
        await write(db, own.state, writeOut(own.state, batch));
      } catch (error) {
        memory = undefined;
        if (!(error instanceof Stale)) throw error;
        continue;
      }
      committed = batch.no;
      const fact = own.state.byId.get(Number(draft.document_id));
      if (fact && n === 1n) {
        fact.state = "posted";
        fact.isDrafted = false;
        fact.posted = undefined;
        // An earlier version was in force until now: what memory knows of the document is no longer true.
        if (fact.version !== Number(draft.source_version) || fact.pending) memory = undefined;
      }
      await anchor(ctx, own.state.book, { block: own.state.head.blockNo, hash: own.state.head.hash });
      return posted;
    }
    return refuse("posting.busy", { book: bookCode, tries: TRIES });
  };

  const reversalOf = async (state: State, documentId: bigint): Promise<number | undefined> => {
    await loadIds(db, state, [Number(documentId)]);
    const { document } = state.byId.get(Number(documentId)) ?? {};
    if (document?.more.correction !== "reverse" || typeof document.more.corrects !== "string") return undefined;
    const [period = "", text = ""] = document.more.corrects.split("/");
    const cut = text.lastIndexOf("-");
    const found = await store.findVoucher(db, state.book.bookId, period, text.slice(0, cut), Number(text.slice(cut + 1)));
    return found ? Number(found.voucher_id) : undefined;
  };

  return {
    exclusively: (work) => {
      const result = queue.then(work, work);
      queue = result.catch(() => {});
      return result;
    },
    post, postDraft,
    refresh: () => {
      memory = undefined;
    },
  };
}

function nextOpen(state: State, period: string, date: string): { period: string; date: string } {
  for (const [candidate, is] of [...state.periods].sort(([a], [b]) => (a < b ? -1 : 1))) if (candidate > period && is === "open") return { period: candidate, date: firstDay(candidate) };
  void date;
  return refuse("period.no_open", { period });
}

const directions: Readonly<Record<string, "in" | "out">> = { supplierInvoice: "in", costInvoice: "in", freightBill: "in", assetAcquisition: "in", salesInvoice: "out" };

/** Numbers of the tax authority are the country's own; any other number is its issuer's. */
const claimKey = (document: Document, invoiceNumber: string): string => (/^\d{8,}$/.test(invoiceNumber) ? invoiceNumber : `${document.party}|${invoiceNumber}`);

const bigints = (_: string, value: unknown): unknown => (typeof value === "bigint" ? String(value) : value);
const bodyOf = (input: unknown): string => (input instanceof BrokenRecord ? input.text : typeof input === "string" ? input : (JSON.stringify(input) ?? "null"));
const kindOfInput = (input: unknown): string => {
  const schema = input !== null && typeof input === "object" ? (input as { schema?: unknown }).schema : undefined;
  return typeof schema === "string" ? schema.slice(7, schema.lastIndexOf("@")) : "";
};

/** The same JSON value, whatever the order of its keys. */
function sameContent(a: string, b: string): boolean {
  const canonical = (value: unknown): unknown =>
    Array.isArray(value) ? value.map(canonical) : value !== null && typeof value === "object" ? Object.fromEntries(Object.entries(value).sort(([x], [y]) => (x < y ? -1 : 1)).map(([key, one]) => [key, canonical(one)])) : value;
  return JSON.stringify(canonical(JSON.parse(a))) === JSON.stringify(canonical(JSON.parse(b)));
}

/** Micro-batches: full ones while the sender is quick, what there is when it pauses. A run stands alone. */
async function* batches(inputs: Iterable<unknown> | AsyncIterable<unknown>, size: number): AsyncGenerator<Item[]> {
  let row = 0;
  let items: Item[] = [];
  const isRun = (input: unknown): boolean => runKinds.has(kindOfInput(input));
  if (Symbol.iterator in inputs) {
    for (const input of inputs) {
      if (isRun(input) && items.length > 0) {
        yield items;
        items = [];
      }
      items.push({ row: ++row, input });
      if (items.length >= size || isRun(input)) {
        yield items;
        items = [];
      }
    }
    if (items.length > 0) yield items;
    return;
  }
  const source = inputs[Symbol.asyncIterator]();
  for (let next = source.next(); ; ) {
    const first = await next;
    if (first.done) return;
    // One timer a batch: what comes while it runs goes along.
    let isOver = false;
    const over = new Promise<undefined>((resolve) => setTimeout(() => resolve(void (isOver = true)), LINGER_MS));
    for (let got: IteratorResult<unknown> | undefined = first; got !== undefined && !got.done; got = isOver ? undefined : await Promise.race([next, over])) {
      if (isRun(got.value) && items.length > 0) {
        yield items;
        items = [];
      }
      items.push({ row: ++row, input: got.value });
      next = source.next();
      next.catch(() => {});
      if (items.length >= size || isRun(got.value)) break;
    }
    yield items;
    items = [];
  }
}
