/**
 * What the one who posts a book keeps in mind between documents: documents that others link to, what their lines still
 * hold, stock pools, number series. All of it is in the database too; memory is only warm. A document works on it through
 * `touch`, so that a document that cannot post leaves no trace, and a later version can take back what an earlier one did.
 */
import type { Account, Book } from "../books/index.ts";
import { type Document, keyOf } from "../documents/index.ts";
import type { Masters } from "../masterdata/index.ts";
import type { CompiledRuleSet } from "../rules/index.ts";
import { emptyPool, type Destination, type Layer, type Pool } from "./stock.ts";

/** What a document line holds for later documents to take in parts. `what` says which: estimate, layer, cost, open … */
export type Held = Layer & {
  readonly documentId: number;
  readonly line: string;
  readonly what: string;
  item: string;
  account: string;
  party: string;
  currency: string;
  date: string;
  dueOn: string;
  /** Not in the database yet. */
  isNew: boolean;
  /** Changed since the last batch was written. */
  isDirty: boolean;
  before: Figures | undefined;
  /** What the row was once an earlier version was taken back: the new version's effects count from here. */
  base: Figures | undefined;
};

type Figures = { wholeQuantity: bigint; wholeAmount: bigint; takenQuantity: bigint; takenAmount: bigint; counted: bigint; destinations: Destination[]; account: string };

export type PoolHeld = Pool & { isNew: boolean; isDirty: boolean; before: { pool: Omit<Pool, "key">; } | undefined; base: { quantity: bigint; amount: bigint } | undefined };

/** A line that another document has linked to ours. */
export type Linker = { readonly line: string; readonly documentId: number; readonly byLine: string; readonly kind: string; quantity: bigint; amount: bigint };

export type DocumentState = "posted" | "exempt" | "waiting" | "parked" | "superseded";

/** A business fact with its newest version. */
export type Fact = {
  readonly id: number;
  readonly key: string;
  version: number;
  state: DocumentState;
  document: Document;
  readonly held: Map<string, Held>;
  readonly linkers: Linker[];
  /** The batch that last wrote it; it stays in memory until that is committed. */
  batch: number;
  /** The document as it was sent. */
  body: string;
  /** The newest version that has a row, in the database or on its way there; −1 before the first. */
  written: number;
  /** A newer version that waits beside the one that is posted. */
  pending: { readonly version: number; readonly body: string } | undefined;
  /** Rows say what it waits for. */
  wasWaiting: boolean;
  /** A voucher of it waits for a person's review. */
  isDrafted: boolean;
  /** What it caused; undefined where only the database knows. */
  posted: PostedEvent[] | undefined;
};

/** One event of a posted version: enough to derive its lines again and to take back what it did. */
export type PostedEvent = { readonly event: string; readonly rule: string; readonly ruleVersion: number; readonly facts: string; readonly effects: string; /** Of the document, with its first event; see moveText. */ readonly moves: readonly string[]; readonly vouchers: readonly { readonly id: number; readonly number: string; readonly date: string }[]; readonly drafts: readonly string[] };

export type State = {
  readonly book: Book;
  readonly accounts: ReadonlyMap<string, Account>;
  readonly masters: Masters;
  readonly rules: CompiledRuleSet;
  readonly periods: Map<string, "open" | "closed">;
  /** period|module: closed for its kinds of documents before the period is. */
  readonly closedModules: ReadonlySet<string>;
  readonly facts: Map<string, Fact>;
  readonly byId: Map<number, Fact>;
  /** Keys that were looked up and are not in the database. */
  readonly absent: Set<string>;
  /** Documents from before the first period, by kind/sourceId: lines of the opening balance. */
  readonly openings: Map<string, Fact>;
  readonly pools: Map<string, PoolHeld>;
  /** Rows changed by batches that are not committed yet: what is read from the database meanwhile is older than these. */
  readonly inFlight: Map<string, { held: Held; batch: number }>;
  readonly counters: Map<string, number>;
  readonly dimensionSets: Map<string, number>;
  /** What waiting and parked documents wait for → their keys. */
  readonly waits: Map<string, Set<string>>;
  head: { blockNo: number; hash: Buffer; nextDocument: number; nextVoucher: number; nextDimensionSet: number; readonly modules: number };
};

/** Thrown where memory lacks something that the database may have: it is read, and the document is tried again. */
export class NeedLoad extends Error {
  readonly keys: readonly string[];
  readonly ids: readonly number[];
  readonly pools: readonly string[];
  constructor(need: { keys?: readonly string[]; ids?: readonly number[]; pools?: readonly string[] }) {
    super("not in memory");
    this.keys = need.keys ?? [];
    this.ids = need.ids ?? [];
    this.pools = need.pools ?? [];
  }
}

export const flightKey = (held: Held): string => `${held.documentId}|${held.what}/${held.line}`;

export const heldKey = (line: string, what: string): string => `${what}/${line}`;
export const layerKey = (documentId: number, line: string): string => `${documentId}/${line}`;

export const newHeld = (documentId: number, line: string, what: string, date: string): Held => ({
  key: layerKey(documentId, line), documentId, line, what, wholeQuantity: 0n, wholeAmount: 0n, takenQuantity: 0n, takenAmount: 0n, counted: 0n, destinations: [],
  item: "", account: "", party: "", currency: "", date, dueOn: "", isNew: true, isDirty: false, before: undefined, base: undefined,
});

export const newPool = (key: string): PoolHeld => ({ ...emptyPool(key), isNew: true, isDirty: false, before: undefined, base: undefined });

/** The rows that one document has touched, with what they were before. */
export type Touched = { readonly held: Held[]; readonly pools: PoolHeld[]; readonly linked: { readonly linker: Linker; readonly fact: Fact }[]; readonly created: { readonly fact: Fact; readonly key: string }[] };

export const untouched = (): Touched => ({ held: [], pools: [], linked: [], created: [] });

/** Call before a row is changed. */
export function touch(touched: Touched, held: Held): Held {
  if (held.before === undefined) {
    held.before = { wholeQuantity: held.wholeQuantity, wholeAmount: held.wholeAmount, takenQuantity: held.takenQuantity, takenAmount: held.takenAmount, counted: held.counted, destinations: held.destinations.slice(), account: held.account };
    touched.held.push(held);
  }
  return held;
}

export function touchPool(touched: Touched, pool: PoolHeld): PoolHeld {
  if (pool.before === undefined) {
    pool.before = { pool: { quantity: pool.quantity, amount: pool.amount, openingPeriod: pool.openingPeriod, openingQuantity: pool.openingQuantity, openingAmount: pool.openingAmount, lastPrice: pool.lastPrice,
      destinations: pool.destinations.slice(), layers: pool.layers.slice() } };
    touched.pools.push(pool);
  }
  return pool;
}

/** The document did not post: everything is as before it. */
export function takeBack(touched: Touched): void {
  for (const held of touched.held) {
    Object.assign(held, held.before);
    held.before = held.base = undefined;
  }
  for (const pool of touched.pools) {
    Object.assign(pool, pool.before?.pool);
    pool.before = pool.base = undefined;
  }
  for (const { linker, fact } of touched.linked) fact.linkers.splice(fact.linkers.indexOf(linker), 1);
  for (const { fact, key } of touched.created) fact.held.delete(key);
}

/** Between effects, and between the fields of one: control characters, which no code may hold. */
const NEXT = "\u001e", FIELD = "\u001f";
export const effectList = (effects: string): string[][] => (effects === "" ? [] : effects.split(NEXT).map((effect) => effect.split(FIELD)));

/** The document posted; the rows it touched belong to the batch. Answers what it did, as differences a later version can take back; of its stock moves, which have rows of their own, only how many. */
export function keep(touched: Touched, links: readonly { target: Fact; targetLine: string; line: string; quantity: bigint; amount: bigint }[], moves: number): string {
  let effects = "";
  const add = (fields: string): void => {
    effects += effects === "" ? fields : NEXT + fields;
  };
  for (const held of touched.held) {
    const b = held.base ?? (held.before as Figures);
    held.before = held.base = undefined;
    held.isDirty = true;
    const wq = held.wholeQuantity - b.wholeQuantity, wa = held.wholeAmount - b.wholeAmount, tq = held.takenQuantity - b.takenQuantity, ta = held.takenAmount - b.takenAmount, c = held.counted - b.counted;
    if (wq !== 0n || wa !== 0n || tq !== 0n || ta !== 0n || c !== 0n) add(`h${FIELD}${held.documentId}${FIELD}${held.what}${FIELD}${figure(wq)}${FIELD}${figure(wa)}${FIELD}${figure(tq)}${FIELD}${figure(ta)}${FIELD}${figure(c)}${FIELD}${held.line}`);
  }
  for (const pool of touched.pools) {
    const b = pool.base ?? (pool.before as NonNullable<PoolHeld["before"]>).pool;
    pool.before = pool.base = undefined;
    pool.isDirty = true;
    const q = pool.quantity - b.quantity, a = pool.amount - b.amount;
    if (q !== 0n || a !== 0n) add(`p${FIELD}${figure(q)}${FIELD}${figure(a)}${FIELD}${pool.key}`);
  }
  for (const link of links) add(`l${FIELD}${link.target.id}${FIELD}${figure(link.quantity)}${FIELD}${figure(link.amount)}${FIELD}${link.targetLine}${FIELD}${link.line}`);
  if (moves > 0) add(`m${FIELD}${moves}`);
  return effects;
}

/** BigInt("") is 0n. */
const figure = (value: bigint): string => (value === 0n ? "" : String(value));

/** How many of the version's stock moves are its own; those before them take back the version before. */
export const movesOf = (effects: string): number => Number(/\u001em\u001f(\d+)$|^m\u001f(\d+)$/.exec(effects)?.slice(1).find((found) => found !== undefined) ?? 0);

/** What `effects` need in memory before they can be taken back. */
export function rowsOfEffects(effects: string): { ids: number[]; pools: string[] } {
  const ids: number[] = [], pools: string[] = [];
  for (const parts of effectList(effects)) {
    if (parts[0] === "h" || parts[0] === "l") ids.push(Number(parts[1]));
    else if (parts[0] === "p") pools.push(parts[3] as string);
  }
  return { ids, pools };
}

/** Takes back what an earlier version did. Amounts are differences, so whatever came in between stays. */
export function undo(state: State, touched: Touched, effects: string): void {
  for (const parts of effectList(effects)) {
    if (parts[0] === "h") {
      const line = parts[8] as string;
      const held = state.byId.get(Number(parts[1]))?.held.get(heldKey(line, parts[2] as string));
      if (!held) continue;
      touch(touched, held);
      const wasOpen = held.wholeQuantity !== held.takenQuantity;
      held.wholeQuantity -= BigInt(parts[3] as string);
      held.wholeAmount -= BigInt(parts[4] as string);
      held.takenQuantity -= BigInt(parts[5] as string);
      held.takenAmount -= BigInt(parts[6] as string);
      held.counted -= BigInt(parts[7] as string);
      if (held.what === "layer" && held.item !== "") reopenLayer(state, touched, held, wasOpen);
    } else if (parts[0] === "p") {
      const pool = state.pools.get(parts[3] as string);
      if (!pool) continue;
      touchPool(touched, pool);
      pool.quantity -= BigInt(parts[1] as string);
      pool.amount -= BigInt(parts[2] as string);
    }
  }
}

/** An earlier version is taken back: what the new one does counts from here. */
export function rebase(touched: Touched): void {
  for (const held of touched.held) held.base = { wholeQuantity: held.wholeQuantity, wholeAmount: held.wholeAmount, takenQuantity: held.takenQuantity, takenAmount: held.takenAmount, counted: held.counted, destinations: held.destinations, account: held.account };
  for (const pool of touched.pools) pool.base = { quantity: pool.quantity, amount: pool.amount };
}

/** A layer that has goods again stands among the open ones in order of its receipt; one that has none leaves them. */
function reopenLayer(state: State, touched: Touched, layer: Held, wasOpen: boolean): void {
  const pool = state.pools.get(layer.item);
  const isOpen = layer.wholeQuantity !== layer.takenQuantity;
  if (!pool || isOpen === wasOpen) return;
  touchPool(touched, pool);
  if (!isOpen) pool.layers = pool.layers.filter((other) => other !== layer);
  else if (!pool.layers.includes(layer)) pool.layers = [...pool.layers, layer].sort((a, b) => (a as Held).documentId - (b as Held).documentId);
}

export const factKey = (document: Document): string => keyOf(document.source, document.kind, document.sourceId);

/** Memory for documents is bounded: the oldest that are committed and not in use go first. */
export function forget(state: State, committed: number, most: number): void {
  if (state.absent.size > most * 4) state.absent.clear();
  if (state.facts.size <= most) return;
  for (const fact of state.facts.values()) {
    if (state.facts.size <= most * 0.75) break;
    if (fact.batch > committed) continue;
    state.facts.delete(fact.key);
    state.byId.delete(fact.id);
  }
}
