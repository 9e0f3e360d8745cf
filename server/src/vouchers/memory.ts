/** Fills a writer's memory from the database: all that is small at the beginning, the rest when a document needs it. */
import type { Ctx, Db } from "../platform/index.ts";
import { loadAccounts, loadBook } from "../books/index.ts";
import { keyOf, readDocument } from "../documents/index.ts";
import { emptyMasters, learn, readMasters, readMeanings } from "../masterdata/index.ts";
import { compileRuleSet, type CompiledRuleSet, readRuleSet } from "../rules/index.ts";
import { readMore, readPoolMore } from "./batch.ts";
import { dimensionKey } from "./compose.ts";
import { type DocumentState, type Fact, flightKey, heldKey, type Held, newHeld, newPool, type State, untouched } from "./state.ts";
import * as store from "./store.ts";
import { applyMasters, type Work } from "./work.ts";

export type RuleVersions = { readonly all: readonly { readonly effectiveOn: string; readonly rules: CompiledRuleSet }[]; readonly byVersion: ReadonlyMap<number, CompiledRuleSet> };

const compiledRules = new Map<string, CompiledRuleSet>();

/** Approved rule versions of a book, compiled. The same text is compiled once a process. */
export async function loadRules(db: Db, bookId: number): Promise<RuleVersions> {
  const rows = await store.readRuleVersions(db, bookId);
  const all = rows.map((row) => {
    const key = `${row.version}|${row.body}`;
    let rules = compiledRules.get(key);
    if (!rules) compiledRules.set(key, (rules = compileRuleSet(readRuleSet(row.body).ruleSet, row.version)));
    return { effectiveOn: row.effective_on, rules };
  });
  return { all, byVersion: new Map(all.map((one) => [one.rules.version, one.rules])) };
}

/** The version in force on a day. */
export function rulesOn(versions: RuleVersions, date: string): CompiledRuleSet {
  let found = versions.all[0]?.rules;
  for (const one of versions.all) if (one.effectiveOn <= date) found = one.rules;
  if (!found) throw new Error("the book has no approved rule version");
  return found;
}

/** A writer's memory of a book as it begins. */
export async function begin(ctx: Ctx, code: string): Promise<{ state: State; versions: RuleVersions }> {
  const { db } = ctx;
  const book = await loadBook(db, code);
  const { bookId } = book;
  const head = await store.readHead(db, bookId);
  const versions = await loadRules(db, bookId);
  const masters = emptyMasters();
  for (const record of await readMasters(db, bookId)) learn(masters, record);
  masters.meanings = await readMeanings(db, bookId);
  const sets = await store.readDimensionSets(db, bookId);
  const dimensionSets = new Map<string, number>(sets.sort((a, b) => a.dimension_set_id - b.dimension_set_id).map((row) => [dimensionKey(sorted(row.dimensions)), row.dimension_set_id]));
  const waits = new Map<string, Set<string>>();
  for (const { wanted, key } of await store.readWaits(db, bookId)) waits.set(wanted, (waits.get(wanted) ?? new Set()).add(key));
  const state: State = {
    book, accounts: await loadAccounts(db, book), masters, rules: rulesOn(versions, "9999-12-31"), periods: new Map((await store.readPeriodStates(db, bookId)).map((row) => [row.period, row.state])),
    closedModules: new Set((await store.readClosedModules(db, bookId)).map(({ period, module }) => `${period}|${module}`)), facts: new Map(), byId: new Map(), absent: new Set(), openings: new Map(), pools: new Map(), inFlight: new Map(),
    counters: new Map((await store.readCounters(db, bookId)).map((row) => [`${row.period}|${row.series}`, row.last])), dimensionSets, waits,
    head: { blockNo: Number(head.block_no), hash: head.hash, nextDocument: Number(head.next_document), nextVoucher: Number(head.next_voucher), nextDimensionSet: head.next_dimension_set, modules: head.modules },
  };
  for (const fact of await admit(db, state, await store.readOpenings(db, bookId))) registerOpening(state, fact);
  return { state, versions };
}

/** Dimension names in the order in which they are interned; jsonb keeps its own. */
const sorted = (dimensions: Record<string, string>): Record<string, string> => Object.fromEntries(Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1)));

/** Old documents live on as lines of the opening balance, under their own names. */
export function registerOpening(state: State, fact: Fact): void {
  fact.batch = Number.MAX_SAFE_INTEGER;
  for (const line of fact.document.lines) {
    if (typeof line.more.document !== "string") continue;
    const [kind = "", sourceId = "", ...rest] = line.more.document.split("/");
    state.openings.set(`${kind}/${sourceId}`, fact);
    if (rest.length > 0) state.openings.set(`${kind}/${[sourceId, ...rest].join("/")}`, fact);
  }
}

/** Reads documents by key; those that the database has not are remembered as absent. */
export async function loadKeys(db: Db, state: State, keys: readonly string[]): Promise<Fact[]> {
  const wanted = [...new Set(keys)].filter((key) => !state.facts.has(key) && !state.absent.has(key));
  if (wanted.length === 0) return [];
  const parts = wanted.map((key) => {
    const colon = key.indexOf(":"), slash = key.indexOf("/");
    return [key.slice(0, colon), key.slice(colon + 1, slash), key.slice(slash + 1)] as const;
  });
  const rows = await store.readDocuments(db, state.book.bookId, parts.map((p) => p[0]), parts.map((p) => p[1]), parts.map((p) => p[2]));
  const facts = await admit(db, state, rows);
  for (const key of wanted) if (!state.facts.has(key)) state.absent.add(key);
  return facts;
}

export async function loadIds(db: Db, state: State, ids: readonly number[]): Promise<Fact[]> {
  const wanted = [...new Set(ids)].filter((id) => !state.byId.has(id));
  return wanted.length === 0 ? [] : admit(db, state, await store.readDocumentsById(db, state.book.bookId, wanted));
}

/** Document rows, their holdings and what was linked to them, as facts in memory. Of several versions the one that counts. */
async function admit(db: Db, state: State, rows: readonly store.DocumentRow[]): Promise<Fact[]> {
  const versions = Map.groupBy(rows, (row) => Number(row.document_id));
  const fresh: Fact[] = [];
  for (const [id, own] of versions) {
    // The version in the books counts; a newer one that could not post yet waits beside it.
    const newest = own.at(-1) as store.DocumentRow;
    const row = own.findLast((one) => one.state === "posted" || one.state === "exempt" || isDrafted(one)) ?? newest;
    const key = keyOf(row.source, row.kind, row.source_id);
    if (state.facts.has(key)) continue;
    const reading = readDocument(JSON.parse(row.body), state.book.code, state.book.currency);
    if (!reading.document) continue;
    const fact: Fact = { id, key, version: Number(row.source_version), state: row.state as DocumentState, document: reading.document, held: new Map(), linkers: [], batch: 0, body: row.body, written: Number(newest.source_version),
      pending: newest === row || newest.state === "superseded" ? undefined : { version: Number(newest.source_version), body: newest.body }, wasWaiting: newest.state === "waiting" || newest.state === "parked", isDrafted: isDrafted(row), posted: undefined };
    state.facts.set(key, fact);
    state.byId.set(id, fact);
    state.absent.delete(key);
    fresh.push(fact);
  }
  if (fresh.length === 0) return fresh;
  const ids = fresh.map((fact) => fact.id);
  for (const row of await store.readHoldings(db, state.book.bookId, ids)) {
    const fact = state.byId.get(Number(row.document_id)) as Fact;
    fact.held.set(heldKey(row.line, row.what), heldOfRow(state, row));
  }
  for (const row of await store.readLinkers(db, state.book.bookId, ids))
    (state.byId.get(Number(row.target_id)) as Fact).linkers.push({ line: row.target_line, documentId: Number(row.document_id), byLine: row.line, kind: row.kind, quantity: row.quantity, amount: row.amount });
  for (const fact of fresh) prepare(state, fact);
  return fresh;
}

const isDrafted = (row: store.DocumentRow): boolean => row.state === "waiting" && row.reasons?.some((reason) => reason.code === "voucher.review_needed") === true;

/** What master data knows about the lines of a document from the database; it posted once, so nothing can park it. */
function prepare(state: State, fact: Fact): void {
  try {
    applyMasters({ state, fact, document: fact.document, touched: untouched(), events: [], moves: [], remembers: new Map(), links: [], brings: [], sign: 1n, rate: undefined } as Work);
  } catch {
    // A parked document whose codes nobody knows yet: it is tried again as a whole.
  }
}

/** One object a row, whoever asks: a layer belongs to its receipt and to its pool. */
function heldOfRow(state: State, row: store.HoldingRow): Held {
  const held = newHeld(Number(row.document_id), row.line, row.what, row.date);
  const flying = state.inFlight.get(flightKey(held));
  if (flying) return flying.held;
  if (row.what === "layer") {
    const layer = state.pools.get(row.item)?.layers.find((one) => one.key === held.key);
    if (layer) return layer as Held;
  }
  const { counted, destinations } = readMore(row.more);
  return Object.assign(held, { wholeQuantity: row.whole_quantity, wholeAmount: row.whole_amount, takenQuantity: row.taken_quantity, takenAmount: row.taken_amount, counted, destinations,
    item: row.item, account: row.account, party: row.party, currency: row.currency, dueOn: row.due_on ?? "", isNew: false });
}

/** Pools with their open layers; one that the database has not is new. */
export async function loadPools(db: Db, state: State, pools: readonly string[]): Promise<void> {
  const wanted = [...new Set(pools)].filter((key) => !state.pools.has(key));
  if (wanted.length === 0) return;
  for (const key of wanted) state.pools.set(key, newPool(key));
  for (const row of await store.readPools(db, state.book.bookId, wanted))
    Object.assign(state.pools.get(row.pool) as object, { quantity: row.quantity, amount: row.amount, openingPeriod: row.opening_period, openingQuantity: row.opening_quantity, openingAmount: row.opening_amount,
      lastPrice: row.last_price, destinations: readPoolMore(row.more), isNew: false });
  if (state.book.settings.costing !== "fifo") return;
  for (const row of await store.readLayers(db, state.book.bookId, wanted)) {
    const pool = state.pools.get(row.item);
    const own = state.byId.get(Number(row.document_id))?.held.get(heldKey(row.line, "layer"));
    pool?.layers.push(own ?? heldOfRow(state, row));
  }
}

export const loadForeignOpen = async (db: Db, state: State): Promise<Held[]> => {
  const rows = await store.readForeignOpen(db, state.book.bookId, state.book.currency);
  await loadIds(db, state, rows.map((row) => Number(row.document_id)));
  return rows.map((row) => state.byId.get(Number(row.document_id))?.held.get(heldKey(row.line, row.what))).filter((held): held is Held => held !== undefined);
};
