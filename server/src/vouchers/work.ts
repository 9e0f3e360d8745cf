/**
 * One document at work: the helpers that the facts of each kind are written with. A helper that meets something which
 * another document has to bring first throws `Wait`; one that meets something a person has to decide throws `Park`.
 * Either way the document has changed nothing.
 */
import { amountLeft, convert, extend, quantityLeft, share, take as takeFrom, taxOn } from "../values/index.ts";
import type { Problem } from "../platform/index.ts";
import { completeAmounts, type Document, type DocumentLine, type Link, linkKey, linkText } from "../documents/index.ts";
import { alike, codeMeant, domainWords, type MasterRecord, meaningOf, rateOn, stockUnits } from "../masterdata/index.ts";
import { masterKinds, type MasterKind } from "../documents/index.ts";
import { type EventFacts, row, type Row } from "../rules/index.ts";
import { type Fact, heldKey, type Held, NeedLoad, newHeld, type PoolHeld, type State, touch, type Touched, touchPool } from "./state.ts";
import { type Costing, enterPeriod, issue, type Issue, receive, removeAt, reprice, type Repriced, shortage } from "./stock.ts";

/** Waits until the wanted document (its key) or stock ("stock:POOL") is there. */
export class Wait extends Error {
  readonly wanted: string;
  readonly problem: Problem;
  constructor(wanted: string, problem: Problem) {
    super(wanted);
    this.wanted = wanted;
    this.problem = problem;
  }
}

/** A person has to decide; `wanted` names master data whose arrival settles it. */
export class Park extends Error {
  readonly problems: readonly Problem[];
  readonly wanted: string | undefined;
  constructor(problems: readonly Problem[], wanted?: string) {
    super(problems.map((problem) => problem.code).join(", "));
    this.problems = problems;
    this.wanted = wanted;
  }
}

export const park = (code: string, facts: Problem["facts"], where?: string): never => {
  throw new Park([{ code, facts, where }]);
};

/** A move of the stock ledger, with what it takes to cost it again. */
export type StockMove = {
  readonly pool: string;
  readonly item: string;
  readonly warehouse: string;
  readonly date: string;
  readonly type: "in" | "out" | "outGiven" | "back" | "return" | "reprice" | "charge" | "adjust" | "move" | "trueUp";
  readonly line: string;
  readonly quantity: bigint;
  readonly amount: bigint;
  readonly ofQuantity: bigint;
  readonly ofAmount: bigint;
  readonly layer: string;
  readonly detail: string;
};

export type Linked = { readonly fact: Fact; readonly line: DocumentLine | undefined; readonly link: Link };

export type Work = {
  readonly state: State;
  readonly fact: Fact;
  readonly document: Document;
  readonly touched: Touched;
  readonly events: EventFacts[];
  readonly moves: StockMove[];
  /** The rows whose account a holding remembers once the rule has chosen it. */
  readonly remembers: Map<Row, Held>;
  /** Links as recorded: with the target found and the quantity that counts. */
  readonly links: { readonly target: Fact; readonly targetLine: string; readonly line: string; readonly quantity: bigint; readonly amount: bigint; readonly isInverse: boolean }[];
  /** Keys that this document satisfies besides its own. */
  readonly brings: string[];
  /** +1, or −1 for a credit document. */
  readonly sign: bigint;
  rate: bigint | undefined;
};

// Money ---------------------------------------------------------------------------------------------------------------

export const baseCurrency = (w: Work): string => w.state.book.currency;

/** The rate that counts for this document; undefined in base currency. Parks: rate.missing. */
export function rateOf(w: Work): bigint {
  if (w.rate !== undefined) return w.rate;
  const { document } = w;
  w.rate = document.rate ?? dayRate(w, document.currency, document.date);
  return w.rate;
}

export function dayRate(w: Work, currency: string, date: string): bigint {
  const rate = rateOn(w.state.masters, currency, baseCurrency(w), date);
  if (rate === undefined) throw new Park([{ code: "rate.missing", facts: { from: currency, to: baseCurrency(w), date }, where: w.fact.key }], `exchangeRate:${currency}`);
  return rate;
}

/** An amount of the document in base currency. */
export const base = (w: Work, original: bigint): bigint =>
  w.document.currency === baseCurrency(w) ? original : convert(original, w.document.currency, baseCurrency(w), rateOf(w));

/** Puts the document's currency on a row. */
export function foreign(w: Work, one: Row, original: bigint): Row {
  if (w.document.currency !== baseCurrency(w)) {
    one.original = original;
    one.currency = w.document.currency;
    one.rate = rateOf(w);
  }
  return one;
}

// Rows ----------------------------------------------------------------------------------------------------------------

/** A row of the header. */
export function headRow(w: Work, role: string, amount: bigint): Row {
  const one = row(role, amount);
  const { document } = w;
  one.party = document.partyKind === "employee" ? "" : document.party;
  one.employee = document.partyKind === "employee" ? document.party : document.salesperson;
  one.department = document.department;
  one.project = document.project;
  one.region = document.region;
  return one;
}

/** A row of a line: it carries what the line says, so that tables and dimensions can look at it. */
export function lineRow(w: Work, role: string, amount: bigint, line: DocumentLine): Row {
  const one = headRow(w, role, amount);
  one.line = line.lineId;
  one.item = line.item;
  one.category = line.category;
  one.warehouse = line.warehouse;
  one.department = line.department;
  one.project = line.project;
  if (line.employee !== "") one.employee = line.employee;
  one.charge = line.charge;
  one.account = line.account;
  one.asset = line.asset;
  one.use = typeof line.more.use === "string" ? line.more.use : "";
  return one;
}

/** A row of money on a bank account; its account is master data. */
export function bankRow(w: Work, code: unknown, amount: bigint, original: bigint, role = "bank"): Row {
  const one = headRow(w, role, amount);
  const name = typeof code === "string" ? code : "";
  if (name === "") park("field.missing", { field: "bankAccount" }, w.fact.key);
  const bank = master(w, "bankAccount", name);
  one.bankAccount = bank.code;
  one.account = bank.fields.account ?? "1002";
  // Money that leaves a base-currency account for a debt in dollars is base currency to the bank.
  return (bank.fields.currency ?? baseCurrency(w)) === baseCurrency(w) ? one : foreign(w, one, original);
}

// Master data ---------------------------------------------------------------------------------------------------------

/**
 * The record that a code means on the document's day. Parks, until a record or a decision comes: masterdata.unknown, masterdata.suspended,
 * masterdata.ambiguous.
 */
export function master(w: Work, kind: MasterKind, code: string): MasterRecord {
  const already = meant.get(w.document)?.get(`${kind}|${code}`);
  if (already) return already;
  const { record, problem } = meaningOf(w.state.masters, kind, code, w.document.source, w.document.date);
  if (record) return record;
  const facts = { kind, kindZh: masterKinds[kind].zh, code, source: w.document.source, alike: alike(w.state.masters, kind, code).join(", ") || "–" };
  throw new Park([{ code: problem, facts, where: w.fact.key }], `${kind}:${code}`);
}

/** Codes of a document that stand in the place of the written ones: a document that is worked on twice is not mapped twice. */
const meant = new WeakMap<Document, Map<string, MasterRecord>>();
function codeOf(w: Work, kind: MasterKind, code: string): MasterRecord {
  const record = master(w, kind, code);
  if (record.code !== code) meant.set(w.document, (meant.get(w.document) ?? new Map<string, MasterRecord>()).set(`${kind}|${record.code}`, record));
  return record;
}

const notStock = new Set(["service", "expense", "processing", "fixedAsset", "construction", "otherIncome", "revenue"]);
/** True for goods that are kept in stock and costed. */
export const isStock = (line: DocumentLine): boolean => line.item !== "" && !notStock.has(line.category);

/**
 * Gives each line what master data knows: category, account of an expense, quantities in stock units. Done once, before
 * the facts; parks on unknown parties and items.
 */
export function applyMasters(w: Work): void {
  const { document } = w;
  if ((w.state.masters.meanings?.kinds.size ?? 0) > 0 && !named.has(document)) applyNames(w);
  if (document.party !== "" && document.partyKind !== "" && document.partyKind !== "employee") document.party = codeOf(w, document.partyKind, document.party).code;
  for (const line of document.lines) {
    if (line.item === "") continue;
    const item = codeOf(w, "item", line.item);
    line.item = item.code;
    if (line.category === "") line.category = item.fields.category ?? "merchandise";
    if (line.account === "" && notStock.has(line.category) && item.fields.expenseAccount) line.account = item.fields.expenseAccount;
    const unit = item.fields.unit ?? "pcs";
    if (line.unit !== "" && line.unit !== unit) {
      const units = stockUnits(w.state.masters, item, line.unit, document.date);
      if (units === undefined) throw new Park([{ code: "masterdata.unit_unknown", facts: { item: line.item, unit: line.unit }, where: `${w.fact.key}/${line.lineId}` }], `item:${line.item}`);
      const before = line.quantity;
      line.quantity = share(line.quantity, units.num, units.den);
      if (line.price !== null) line.price = share(line.price, units.den, units.num);
      if (line.cost !== null) line.cost = share(line.cost, units.den, units.num);
      for (const link of line.links) if (link.quantity !== null) link.quantity = link.quantity === before ? line.quantity : share(link.quantity, units.num, units.den);
      line.unit = unit;
    }
  }
}

/** Documents whose codes of these kinds have been put in the place of the written ones. */
const named = new WeakSet<Document>();
/** Warehouses, departments, projects, regions, employees, accounts and units as the books call them. All are looked up before any is replaced. */
function applyNames(w: Work): void {
  const { document, state: { masters } } = w;
  const changes: (() => void)[] = [];
  const look = (kind: string, code: unknown, put: (code: string) => void): void => {
    if (typeof code !== "string" || code === "") return;
    const { code: own, problem } = codeMeant(masters, kind, code, document.source, document.date);
    if (problem !== undefined) throw new Park([{ code: problem, facts: { kind, kindZh: domainWords(kind).zh, code, source: document.source, alike: "–" }, where: w.fact.key }], `${kind}:${code}`);
    if (own !== code) changes.push(() => put(own));
  };
  look("department", document.department, (code) => { document.department = code; });
  look("project", document.project, (code) => { document.project = code; });
  look("region", document.region, (code) => { document.region = code; });
  look("employee", document.salesperson, (code) => { document.salesperson = code; });
  if (document.partyKind === "employee") look("employee", document.party, (code) => { document.party = code; });
  const more = document.more as Record<string, Document["more"][string]>;
  for (const field of ["warehouse", "fromWarehouse", "toWarehouse"]) look("warehouse", more[field], (code) => { more[field] = code; });
  for (const line of document.lines) {
    look("warehouse", line.warehouse, (code) => { line.warehouse = code; });
    look("department", line.department, (code) => { line.department = code; });
    look("project", line.project, (code) => { line.project = code; });
    look("employee", line.employee, (code) => { line.employee = code; });
    look("account", line.account, (code) => { line.account = code; });
    look("unit", line.unit, (code) => { line.unit = code; });
  }
  for (const change of changes) change();
  named.add(document);
}

// Links ---------------------------------------------------------------------------------------------------------------

/** A document in memory; undefined where the database has none either. */
export function findFact(w: Work, key: string): Fact | undefined {
  const found = w.state.facts.get(key);
  if (found) return found;
  if (w.state.absent.has(key)) return undefined;
  throw new NeedLoad({ keys: [key] });
}

export function factById(w: Work, id: number): Fact {
  const found = w.state.byId.get(id);
  if (!found) throw new NeedLoad({ ids: [id] });
  return found;
}

const isThere = (fact: Fact | undefined): fact is Fact => fact !== undefined && (fact.state === "posted" || fact.state === "exempt") && fact.document.status !== "cancelled";

/** The target of a link. Waits until it has come and is posted. Parks: link.no_line. */
export function follow(w: Work, link: Link): Linked {
  const key = linkKey(link);
  let fact = findFact(w, key);
  let lineId = link.lineId;
  if (!isThere(fact) && link.lineId !== "") {
    // An id may itself hold a slash: goodsReceipt/A/B with no line.
    const whole = findFact(w, `${key}/${link.lineId}`);
    if (isThere(whole)) {
      fact = whole;
      lineId = "";
    }
  }
  if (!isThere(fact)) fact = opening(w, link);
  if (!isThere(fact)) throw new Wait(key, { code: "link.waiting", facts: { target: key }, where: w.fact.key });
  if (fact.document.kind === "openingBalance") return { fact, line: openingLine(fact, link), link };
  const line = lineId === "" ? undefined : fact.document.lines.find((one) => one.lineId === lineId);
  if (lineId !== "" && !line) park("link.no_line", { target: linkText(link) }, w.fact.key);
  return { fact, line, link };
}

/** A document from before the first period lives on as a line of the opening balance. */
const opening = (w: Work, link: Link): Fact | undefined => w.state.openings.get(`${link.kind}/${link.sourceId}`);

const openingLine = (fact: Fact, link: Link): DocumentLine | undefined => {
  const whole = `${link.kind}/${link.sourceId}`;
  return openingHolder(fact.document, `${whole}/${link.lineId}`) ?? openingHolder(fact.document, whole);
};

/** The line of an opening balance that stands for an old document line: the one that names the goods, where one does. */
export const openingHolder = (document: Document, reference: string): DocumentLine | undefined => {
  const lines = document.lines.filter((line) => line.more.document === reference);
  return lines.find((line) => line.item !== "") ?? lines[0];
};

/** Where a linked document keeps its open item: the header, or its line of the opening balance. */
export const openLine = (linked: Linked): string => (linked.fact.document.kind === "openingBalance" ? (linked.line?.lineId ?? "") : "");

/**
 * Counts a link against its target: Σ linked quantity ≤ the line's, per kind of linking document. Parks: link.over.
 * `role` tells apart what one kind may do twice (a credit invoice and an invoice).
 */
export function use(w: Work, linked: Linked, line: DocumentLine | undefined, quantity: bigint, amount: bigint): void {
  const { fact, line: target } = linked;
  const kind = w.document.credit ? `${w.document.kind}-` : w.document.kind;
  const targetLine = target?.lineId ?? "";
  const linker = { line: targetLine, documentId: w.fact.id, byLine: line?.lineId ?? "", kind, quantity, amount };
  if (target && quantity > 0n && target.quantity > 0n) {
    let sum = quantity;
    for (const other of fact.linkers) if (other.line === targetLine && other.kind === kind) sum += other.quantity;
    const most = target.quantity + share(target.quantity, tolerance(w), 1_000_000n);
    if (sum > most) park("link.over", { target: linkText(linked.link), linked: decimal(sum), quantity: decimal(target.quantity) }, `${w.fact.key}/${line?.lineId ?? ""}`);
  }
  fact.linkers.push(linker);
  w.touched.linked.push({ linker, fact });
  w.links.push({ target: fact, targetLine, line: line?.lineId ?? "", quantity, amount, isInverse: false });
}

const tolerances = new Map<string, bigint>();
function tolerance(w: Work): bigint {
  const text = w.state.book.settings.quantityTolerance;
  let value = tolerances.get(text);
  if (value === undefined) {
    const [whole = "0", decimals = ""] = text.split(".");
    value = BigInt(whole) * 1_000_000n + BigInt(decimals.padEnd(6, "0").slice(0, 6));
    tolerances.set(text, value);
  }
  return value;
}

export const decimal = (quantity: bigint): string => {
  const text = (quantity < 0n ? -quantity : quantity).toString().padStart(7, "0");
  return `${quantity < 0n ? "-" : ""}${`${text.slice(0, -6)}.${text.slice(-6)}`.replace(/\.?0+$/, "")}`;
};

/** Both ends conserve: what a line links to one kind is at most its own quantity. Parks: link.over_own. */
export function checkOwnLinks(w: Work): void {
  for (const line of w.document.lines) {
    if (line.links.length < 2 || line.quantity === 0n) continue;
    const sums = new Map<string, bigint>();
    for (const link of line.links) sums.set(link.kind, (sums.get(link.kind) ?? 0n) + (link.quantity ?? 0n));
    const most = line.quantity + share(line.quantity, tolerance(w), 1_000_000n);
    for (const [kind, sum] of sums) if (sum > most) park("link.over_own", { kind, linked: decimal(sum), quantity: decimal(line.quantity) }, `${w.fact.key}/${line.lineId}`);
  }
}

/** The quantity of a link: its own, or the line's where the line has no other of that kind. */
export const linkQuantity = (line: DocumentLine, link: Link): bigint =>
  link.quantity ?? (line.links.filter((other) => other.kind === link.kind).length === 1 ? line.quantity : 0n);

/** The line that knows the price: this one, or the first that it links to, at most three steps back. */
export function pricedLine(w: Work, document: Document, line: DocumentLine, depth = 0): { document: Document; line: DocumentLine } | undefined {
  if (line.price !== null || (line.amountNet !== null && line.quantity > 0n)) return { document, line };
  if (depth === 3) return undefined;
  for (const link of line.links) {
    const { fact, line: target } = follow(w, link);
    if (!target) continue;
    const found = pricedLine(w, fact.document, target, depth + 1);
    if (found) return found;
  }
  return undefined;
}

/** Net of `quantity` at the price of a line. */
export const netAt = (priced: { document: Document; line: DocumentLine }, quantity: bigint): bigint =>
  priced.line.price !== null ? extend(quantity, priced.line.price, priced.document.currency) : share(priced.line.amountNet as bigint, quantity, priced.line.quantity);

/** Net of a line that has no price of its own: each part at the price of the line that it links to (split and merged orders). */
export function netFromLinks(w: Work, document: Document, line: DocumentLine, quantity: bigint): { net: bigint; currency: string; taxRate: bigint | null } | undefined {
  if (line.price !== null || (line.amountNet !== null && line.quantity > 0n)) return { net: netAt({ document, line }, quantity), currency: document.currency, taxRate: line.taxRate };
  let left = quantity, net = 0n, first: { document: Document; line: DocumentLine } | undefined;
  for (const link of line.links) {
    const { fact, line: target } = follow(w, link);
    const priced = target && pricedLine(w, fact.document, target, 1);
    if (!priced) continue;
    first ??= priced;
    const linked = linkQuantity(line, link);
    const part = linked > 0n && linked < left ? linked : left;
    net += netAt(priced, part);
    left -= part;
    if (left === 0n) break;
  }
  if (!first) return undefined;
  if (left > 0n) net += netAt(first, left);
  return { net, currency: first.document.currency, taxRate: line.taxRate ?? first.line.taxRate };
}

/** Fills a line's price and tax rate from the documents it links to, then its amounts. Parks: line.no_price. */
export function priceLine(w: Work, line: DocumentLine): void {
  if (line.amountNet === null) {
    const priced = netFromLinks(w, w.document, line, line.quantity);
    if (!priced) park("line.no_price", { line: line.lineId }, `${w.fact.key}/${line.lineId}`);
    else {
      line.amountNet = priced.net;
      line.taxRate ??= priced.taxRate;
    }
  }
  if (line.taxRate === null && line.tax === null) {
    const priced = rated(w, line, 0);
    if (priced) line.taxRate = priced;
  }
  completeAmounts(line, w.document.currency, [], "");
  line.tax ??= line.taxRate === null ? 0n : taxOn(line.amountNet as bigint, line.taxRate);
  line.amountGross ??= (line.amountNet as bigint) + line.tax;
}

function rated(w: Work, line: DocumentLine, depth: number): bigint | null {
  if (line.taxRate !== null) return line.taxRate;
  if (depth === 3) return null;
  for (const link of line.links) {
    const { line: target } = follow(w, link);
    const rate = target ? rated(w, target, depth + 1) : null;
    if (rate !== null) return rate;
  }
  return null;
}

// Holdings ------------------------------------------------------------------------------------------------------------

/** What a line of a document holds; undefined where it holds none. */
export const heldOf = (fact: Fact, line: string, what: string): Held | undefined => fact.held.get(heldKey(line, what));

/** Adds to what our own (or another) line holds; made where there is none. */
export function hold(w: Work, fact: Fact, line: string, what: string, quantity: bigint, amount: bigint): Held {
  const key = heldKey(line, what);
  let held = fact.held.get(key);
  if (!held) {
    held = newHeld(fact.id, line, what, w.document.date);
    fact.held.set(key, held);
    w.touched.created.push({ fact, key });
  }
  touch(w.touched, held);
  held.wholeQuantity += quantity;
  held.wholeAmount += amount;
  return held;
}

/** Takes a part of what is held; answers what it was worth. */
export function takePart(w: Work, held: Held, quantity: bigint): bigint {
  return takeFrom(touch(w.touched, held), quantity);
}

/** Adds value to what is left of a holding. */
export function addValue(w: Work, held: Held, amount: bigint): void {
  touch(w.touched, held);
  held.wholeAmount += amount;
  // The parts taken before keep their worth: what is left begins a new whole.
  held.wholeQuantity -= held.takenQuantity;
  held.wholeAmount -= held.takenAmount;
  held.takenQuantity = 0n;
  held.takenAmount = 0n;
}

export { amountLeft, quantityLeft };

/** A new open item of this document: what somebody owes, or is owed, until it is cleared. Signed: a credit is negative. */
export function openItem(w: Work, one: Row, original: bigint, line = ""): Held {
  const held = hold(w, w.fact, line, "open", original, one.amount);
  held.party = one.party || one.employee;
  held.currency = w.document.currency;
  held.dueOn = w.document.dueDate;
  w.remembers.set(one, held);
  return held;
}

// Stock ---------------------------------------------------------------------------------------------------------------

export const costing = (w: Work): Costing => w.state.book.settings.costing as Costing;
/** The pool of an item: of all warehouses, or of each, as the book chooses. */
export const poolKeyIn = (state: State, item: string, warehouse: string): string => (state.book.settings.costPool === "itemWarehouse" ? `${item}@${warehouse}` : item);
export const poolKey = (w: Work, item: string, warehouse: string): string => poolKeyIn(w.state, item, warehouse);

export function poolOf(w: Work, item: string, warehouse: string): PoolHeld {
  const key = poolKey(w, item, warehouse);
  let pool = w.state.pools.get(key);
  if (!pool) throw new NeedLoad({ pools: [key] });
  pool = touchPool(w.touched, pool);
  enterPeriod(pool, w.document.date.slice(0, 7));
  return pool;
}

const touchLayers = (w: Work, pool: PoolHeld, quantity: bigint): void => {
  let reach = 0n, more = 2;
  for (const layer of pool.layers) {
    if (reach > quantity && more-- === 0) break;
    touch(w.touched, layer as Held);
    reach += quantityLeft(layer);
  }
};

type Place = { readonly line: DocumentLine; readonly item: string; readonly warehouse: string };

/** Goods come in. `what`: in (a purchase or production), back (a sale returned). */
export function stockIn(w: Work, place: Place, quantity: bigint, amount: bigint, type: "in" | "back", detail = ""): void {
  const pool = poolOf(w, place.item, place.warehouse);
  const layer = hold(w, w.fact, place.line.lineId, "layer", 0n, 0n);
  layer.item = pool.key;
  receive(pool, costing(w), layer, quantity, amount, type === "in");
  w.moves.push({ pool: pool.key, item: place.item, warehouse: place.warehouse, date: w.document.date, type, line: place.line.lineId, quantity, amount, ofQuantity: 0n, ofAmount: 0n, layer: layer.key, detail });
  w.brings.push(`stock:${pool.key}`);
}

/** Goods go out. Waits on stock unless the source knows the cost or the book allows negative stock. */
export function stockOut(w: Work, place: Place, quantity: bigint, to: string): Issue {
  const pool = poolOf(w, place.item, place.warehouse);
  const given = place.line.cost === null ? null : extend(quantity, place.line.cost, baseCurrency(w));
  const lacking = shortage(pool, quantity);
  if (lacking > 0n && given === null && w.state.book.settings.negativeStock !== "allow")
    throw new Wait(`stock:${pool.key}`, { code: "stock.waiting", facts: { item: place.item, lacking: decimal(lacking), onHand: decimal(pool.quantity) }, where: `${w.fact.key}/${place.line.lineId}` });
  touchLayers(w, pool, quantity);
  const result = issue(pool, costing(w), quantity, to, given);
  w.moves.push({ pool: pool.key, item: place.item, warehouse: place.warehouse, date: w.document.date, type: given === null ? "out" : "outGiven", line: place.line.lineId,
    quantity: -quantity, amount: -result.amount, ofQuantity: 0n, ofAmount: 0n, layer: "", detail: to });
  return result;
}

/** Goods leave at a fixed amount, from the layer of their receipt first. Waits on stock. */
export function stockOutAt(w: Work, place: Place, layer: Held | undefined, quantity: bigint, amount: bigint): { stranded: bigint } {
  const pool = poolOf(w, place.item, place.warehouse);
  const lacking = shortage(pool, quantity);
  if (lacking > 0n && w.state.book.settings.negativeStock !== "allow")
    throw new Wait(`stock:${pool.key}`, { code: "stock.waiting", facts: { item: place.item, lacking: decimal(lacking), onHand: decimal(pool.quantity) }, where: `${w.fact.key}/${place.line.lineId}` });
  for (const other of pool.layers) touch(w.touched, other as Held);
  if (layer) touch(w.touched, layer);
  const result = removeAt(pool, costing(w), layer, quantity, amount);
  pool.layers = pool.layers.filter((other) => quantityLeft(other) !== 0n);
  w.moves.push({ pool: pool.key, item: place.item, warehouse: place.warehouse, date: w.document.date, type: "return", line: place.line.lineId, quantity: -quantity, amount: -amount, ofQuantity: 0n, ofAmount: 0n, layer: layer?.key ?? "", detail: "" });
  return result;
}

/** A price difference or charge on goods of a receipt line: the part on hand and where the rest went. */
export function stockReprice(w: Work, place: Place, layer: Held | undefined, quantity: bigint, amount: bigint, type: "reprice" | "charge"): Repriced {
  const pool = poolOf(w, place.item, place.warehouse);
  if (layer) touch(w.touched, layer);
  const result = reprice(pool, costing(w), layer, quantity, amount, type === "reprice");
  if (amount !== 0n || (type === "reprice" && costing(w) === "fifo"))
    w.moves.push({ pool: pool.key, item: place.item, warehouse: place.warehouse, date: w.document.date, type, line: place.line.lineId, quantity: 0n, amount: result.stock, ofQuantity: quantity, ofAmount: amount, layer: layer?.key ?? "",
      detail: result.issued.map((part) => `${part.to}=${part.amount}`).join(",") });
  return result;
}

/** Value of the stock changes, its quantity does not. */
export function stockAdjust(w: Work, place: Place, layer: Held | undefined, amount: bigint): void {
  const pool = poolOf(w, place.item, place.warehouse);
  pool.amount += amount;
  const bearer = layer ?? (pool.layers[0] as Held | undefined);
  if (costing(w) === "fifo" && bearer) addValue(w, bearer, amount);
  w.moves.push({ pool: pool.key, item: place.item, warehouse: place.warehouse, date: w.document.date, type: "adjust", line: place.line.lineId, quantity: 0n, amount, ofQuantity: 0n, ofAmount: 0n, layer: layer?.key ?? "", detail: "" });
}

/**
 * The parts of a difference that left the stock, as rows by use. What went to a shipment is 1406 as far as that is not
 * invoiced yet, and 6401 for the rest; the shipment remembers its part (S4a takes it along).
 */
export function issuedRows(w: Work, parts: readonly { readonly to: string; readonly amount: bigint }[], line: DocumentLine, role = "issued"): Row[] {
  const rows: Row[] = [];
  const add = (useOf: string, amount: bigint): void => {
    if (amount === 0n) return;
    const same = rows.find((one) => one.use === useOf);
    if (same) same.amount += amount;
    else {
      const one = lineRow(w, role, amount, line);
      one.use = useOf;
      one.account = "";
      rows.push(one);
    }
  };
  for (const part of parts) {
    if (!part.to.startsWith("s:")) {
      add(part.to, part.amount);
      continue;
    }
    const slash = part.to.indexOf("/");
    const shipment = factById(w, Number(part.to.slice(2, slash)));
    const lineId = part.to.slice(slash + 1);
    const cost = heldOf(shipment, lineId, "cost");
    const left = cost ? quantityLeft(cost) : 0n;
    const whole = shipment.document.lines.find((one) => one.lineId === lineId)?.quantity ?? 0n;
    if (!cost || left <= 0n || whole === 0n) {
      add("sold", part.amount);
      continue;
    }
    const shipped = share(part.amount, left < whole ? left : whole, whole);
    add("shipped", shipped);
    add("sold", part.amount - shipped);
    if (shipped !== 0n) addValue(w, cost, shipped);
  }
  return rows;
}

export const event = (w: Work, name: string, rows: Row[], date?: string): void => {
  w.events.push(date === undefined ? { event: name, rows } : { event: name, rows, date });
};
