/**
 * Tryton as a source. A pull asks which records changed since the cursor, maps the business facts they belong to, and yields what is
 * new: first the master records that the documents name, then the documents by business date and in the order in which they build on
 * each other, at last the next cursor. Nothing is written to Tryton.
 */
import { createHash } from "node:crypto";
import { type Clock, type Problem, refuse } from "../platform/index.ts";
import {
  accountFields, accountMoveFields, accountMoveLineFields, type Booked, type Canonical, type Ground, identifierFields, type Invoice, invoiceFields, invoiceKindOf, invoiceLineFields, invoiceTaxFields, isApprovedInvoice,
  mapBankAccount, mapInvoice, mapMovement, mapOrder, type Mapped, mapParty, mapPayment, mapProduct, mapWarehouse, moveFields, type MovementKind, movementIdOf, movementKindOf, type Need,
  type OrderKind, type OrderLine, orderFields, orderLineFields, orders, partyFields, partyLineFields, productFields, readTax, readUnit, shipments, type Tax, taxFields, type Unit, unitFields, warehouseFields,
} from "./tryton-mapping.ts";
import { type Domain, openTryton, type Tryton, type TrytonLogin } from "./tryton-rpc.ts";
import { at, dateAt, exactAt, idAt, idsAt, isStamp, numberAt, quantityAt, referenceAt, type Row, type Stamp, stampBefore, stampMs, stampOf, stampWire, textAt } from "./tryton-values.ts";
import { exponentOf, PRICE_SCALE, QUANTITY_SCALE } from "../values/index.ts";

export type TrytonPull = TrytonLogin & {
  readonly book: string;
  /** What the last pull ended with; null begins at the beginning. */
  readonly cursor: TrytonCursor | null;
  readonly now: Clock;
  /** How far behind the newest change seen the next pull begins again. Must be longer than Tryton's longest transaction. */
  readonly overlapSeconds?: number | undefined;
};

/** Where a source stands. Plain JSON; keep it in the transaction that keeps the documents, and give it back unchanged. */
export type TrytonCursor = {
  readonly v: 1;
  /** The database and company it belongs to. */
  readonly of: string;
  /** The newest change seen, by stream. */
  readonly since: Readonly<Record<string, Stamp>>;
  /** Code of each party, product and warehouse as first sent. */
  readonly codes: Readonly<Record<string, string>>;
  /** What was sent last: [content hash, sourceVersion], by kind and sourceId. */
  readonly sent: Readonly<Record<string, readonly [string, number]>>;
  /** Records that could not be mapped, by stream; the next pull tries them again. */
  readonly unmapped: Readonly<Record<string, readonly string[]>>;
};

/** The record as received: what the document was made from. */
export type SourceRecord = { readonly model: string; readonly id: number; readonly changedAt: Stamp; readonly pulledAt: string; readonly rows: readonly Row[] };

export type Pulled =
  | { readonly is: "document"; readonly document: Canonical & { readonly sourceVersion: number }; readonly record: SourceRecord }
  /** A record that has no standard form; nothing was sent for it. */
  | { readonly is: "unmapped"; readonly kind: string; readonly sourceId: string; readonly problems: readonly Problem[]; readonly record: SourceRecord }
  | { readonly is: "cursor"; readonly cursor: TrytonCursor };

const overlapDefault = 300;

/** Documents of one day follow this order. */
const ranks = ["purchaseOrder", "salesOrder", "goodsReceipt", "goodsReturn", "supplierInvoice", "shipment", "shipmentReturn", "salesInvoice", "supplierPayment", "cashReceipt"];

/** A business fact that changed, before it is compared with what was sent. */
type Found = {
  readonly kind: string;
  readonly sourceId: string;
  readonly mapped: Mapped | undefined;
  /** False: no longer approved (cancelled, or taken back to draft). It is told to the book only if it was sent before. */
  readonly isApproved: boolean;
  readonly record: SourceRecord;
};

/** Refuses: tryton.cursor, and whatever openTryton refuses. */
export async function* pullTryton(pull: TrytonPull): AsyncGenerator<Pulled> {
  const tryton = await openTryton(pull);
  const memory = openCursor(pull.cursor, `${tryton.address}#${tryton.company}`);
  const ground = await readGround(tryton, pull.book, memory);
  const reading: Reading = { tryton, ground, memory, overlapSeconds: pull.overlapSeconds ?? overlapDefault, pulledAt: pull.now().toISOString(), lines: new Map() };

  const found = await readFacts(reading);
  const fresh: (Pulled & { readonly is: "document" })[] = [];
  const unmapped: (Pulled & { readonly is: "unmapped" })[] = [];
  const needs = new Map<string, Need>();
  for (const fact of found) {
    const { kind, sourceId, record } = fact;
    if (fact.mapped?.problems) {
      if (!fact.isApproved || fact.mapped.problems.length === 0) continue;
      unmapped.push({ is: "unmapped", kind, sourceId, problems: fact.mapped.problems, record });
      memory.leave(streamOf(kind), `${record.model},${record.id}`);
      continue;
    }
    if (!fact.mapped) continue;
    if (!fact.isApproved && !memory.wasSent(kind, sourceId)) continue;
    const document = memory.accept(kind, fact.isApproved ? fact.mapped.document : { ...fact.mapped.document, status: "cancelled" }, record.changedAt);
    if (!document) continue;
    fresh.push({ is: "document", document, record });
    for (const need of fact.mapped.needs) if (!memory.hasMaster(need)) needs.set(`${need.master}/${need.id}`, need);
  }

  for (const [kind, document, record] of await readMasters(reading, needs)) {
    const accepted = memory.accept(kind, document, record.changedAt);
    if (accepted) yield { is: "document", document: accepted, record };
  }
  yield* fresh;
  yield* unmapped;
  yield { is: "cursor", cursor: memory.close() };
}

/** What changed, in an order in which it can be posted. */
async function readFacts(reading: Reading): Promise<Found[]> {
  const found: Found[] = [];
  for (const stream of [readOrders("purchaseOrder"), readOrders("salesOrder"), readMovements, readInvoices, readPayments])
    for (const fact of await stream(reading)) found.push(fact);
  return found.sort(byDateAndOrder);
}

/** Ids of records that were touched, by model. */
export type Touched = ReadonlyMap<string, ReadonlySet<number>>;
/** Codes as first sent, and the master records that were sent. */
export type Known = { readonly codes: Map<string, string>; readonly masters: Set<string> };
export type Touching =
  | { readonly is: "document"; readonly kind: string; readonly sourceId: string; readonly document: Canonical; readonly record: SourceRecord }
  /** Not approved, or no longer: whoever has not heard of it before need not. */
  | { readonly is: "gone"; readonly kind: string; readonly sourceId: string; readonly record: SourceRecord }
  | { readonly is: "unmapped"; readonly kind: string; readonly sourceId: string; readonly problems: readonly Problem[]; readonly record: SourceRecord };

/** The business facts that touched records belong to, as they are now: master records first. What says nothing new is told all the same. */
export async function* readTouched(tryton: Tryton, book: string, touched: Touched, known: Known, now: Clock): AsyncGenerator<Touching> {
  const memory = memoryOf(known);
  const reading: Reading = { tryton, ground: await readGround(tryton, book, memory), memory, overlapSeconds: 0, pulledAt: now().toISOString(), lines: new Map(), touched };
  const facts: Touching[] = [];
  const needs = new Map<string, Need>();
  for (const { kind, sourceId, mapped, isApproved, record } of await readFacts(reading)) {
    if (!isApproved) facts.push({ is: "gone", kind, sourceId, record });
    else if (mapped?.problems) {
      if (mapped.problems.length > 0) facts.push({ is: "unmapped", kind, sourceId, problems: mapped.problems, record });
    } else if (mapped) {
      facts.push({ is: "document", kind, sourceId, document: mapped.document, record });
      for (const need of mapped.needs) if (!memory.hasMaster(need)) needs.set(`${need.master}/${need.id}`, need);
    }
  }
  for (const [kind, document, record] of await readMasters(reading, needs)) {
    known.masters.add(`${kind}/${document.sourceId}`);
    yield { is: "document", kind, sourceId: document.sourceId, document, record };
  }
  yield* facts;
}

/** Memory of a source that is told of each change: nothing is looked for by stamps. */
function memoryOf({ codes, masters }: Known): Memory {
  const { codeOf, codesOf } = rememberCodes(codes);
  return {
    since: () => "told", see: () => {}, left: () => [], leave: () => {}, codeOf, codesOf,
    // Documents: what is not approved is told as gone, sent before or not.
    wasSent: (kind, sourceId) => masterKinds.has(kind) ? masters.has(`${kind}/${sourceId}`) : true,
    hasMaster: ({ master, code }) => masters.has(`${master}/${code}`),
    accept: () => undefined, close: () => { throw new Error("only a pull has a cursor"); },
  };
}
const masterKinds: ReadonlySet<string> = new Set<Need["master"]>(["customer", "supplier", "item", "warehouse", "bankAccount"]);

const streamOf = (kind: string): string =>
  kind === "purchaseOrder" || kind === "salesOrder" ? kind : kind === "supplierInvoice" || kind === "salesInvoice" ? "invoice" : kind === "supplierPayment" || kind === "cashReceipt" ? "payment" : "movement";

function byDateAndOrder(a: Found, b: Found): number {
  const dateOf = (fact: Found): string => String(fact.mapped?.document?.date ?? "");
  if (dateOf(a) !== dateOf(b)) return dateOf(a) < dateOf(b) ? -1 : 1;
  return ranks.indexOf(a.kind) - ranks.indexOf(b.kind) || a.record.id - b.record.id;
}

// ---- memory: what was sent before ------------------------------------------------------------------------------------

type Memory = {
  readonly since: (stream: string) => Stamp | undefined;
  readonly see: (stream: string, stamp: Stamp) => void;
  /** References ("sale.sale,3") of the stream's records that the last pull could not map. */
  readonly left: (stream: string) => readonly string[];
  readonly leave: (stream: string, reference: string) => void;
  readonly codeOf: Ground["codeOf"];
  readonly wasSent: (kind: string, sourceId: string) => boolean;
  /** Whether the master record was sent before; its later changes are found by their own stamps. */
  readonly hasMaster: (need: Need) => boolean;
  readonly codesOf: (model: string) => number[];
  readonly accept: (kind: string, document: Canonical, changedAt: Stamp) => (Canonical & { readonly sourceVersion: number }) | undefined;
  readonly close: () => TrytonCursor;
};

function openCursor(cursor: TrytonCursor | null, of: string): Memory {
  if (cursor !== null) checkCursor(cursor, of);
  const since = new Map(Object.entries(cursor?.since ?? {}));
  const codes = new Map(Object.entries(cursor?.codes ?? {}));
  const { codeOf, codesOf } = rememberCodes(codes);
  const sent = new Map(Object.entries(cursor?.sent ?? {}));
  const unmapped = new Map<string, Set<string>>();

  return {
    since: (stream) => since.get(stream),
    see: (stream, stamp) => {
      if (stamp > (since.get(stream) ?? "")) since.set(stream, stamp);
    },
    left: (stream) => cursor?.unmapped[stream] ?? [],
    leave: (stream, reference) => void unmapped.set(stream, (unmapped.get(stream) ?? new Set<string>()).add(reference)),
    codeOf,
    wasSent: (kind, sourceId) => sent.has(`${kind}/${sourceId}`),
    hasMaster: ({ master, code }) => sent.has(`${master}/${code}`),
    codesOf,
    accept: (kind, document, changedAt) => {
      const key = `${kind}/${document.sourceId}`;
      const hash = createHash("sha256").update(JSON.stringify(document)).digest("base64url").slice(0, 16);
      const last = sent.get(key);
      if (last?.[0] === hash) return undefined;
      // The stamp makes the version mean something and survive a lost cursor; the step makes it rise when only a part of the record went away.
      const sourceVersion = Math.max(stampMs(changedAt), (last?.[1] ?? 0) + 1);
      sent.set(key, [hash, sourceVersion]);
      return { ...document, sourceVersion };
    },
    close: () => ({
      v: 1, of, since: Object.fromEntries(since), codes: Object.fromEntries(codes), sent: Object.fromEntries(sent),
      unmapped: Object.fromEntries([...unmapped].map(([stream, ids]) => [stream, [...ids]])),
    }),
  };
}

/** The code under which a party, product or warehouse is known: the first one stays, whatever Tryton renames later. */
function rememberCodes(codes: Map<string, string>): Pick<Memory, "codeOf" | "codesOf"> {
  const taken = new Set([...codes].map(([key, code]) => `${key.slice(0, key.indexOf("/"))}/${code}`));
  return {
    codeOf: (model, id, written) => {
      const key = `${model}/${id}`;
      const known = codes.get(key);
      if (known !== undefined) return known;
      // Products may lack a code or share one; a code that means two things would mix their stock.
      const code = written !== "" && !written.includes("/") && !taken.has(`${model}/${written}`) ? written : `#${id}`;
      codes.set(key, code);
      taken.add(`${model}/${code}`);
      return code;
    },
    codesOf: (model) => [...codes.keys()].flatMap((key) => (key.startsWith(`${model}/`) ? [Number(key.slice(model.length + 1))] : [])),
  };
}

/** A cursor of another version, database or company would silently skip or repeat records. */
function checkCursor(cursor: TrytonCursor, of: string): void {
  const isObject = (value: unknown): boolean => typeof value === "object" && value !== null && !Array.isArray(value);
  if (cursor.v !== 1) refuse("tryton.cursor", { cause: `version ${String(cursor.v)}` });
  if (cursor.of !== of) refuse("tryton.cursor", { cause: `it belongs to ${String(cursor.of)}, this is ${of}` });
  if (!isObject(cursor.since) || !isObject(cursor.codes) || !isObject(cursor.sent) || !isObject(cursor.unmapped)) refuse("tryton.cursor", { cause: "it is damaged" });
  for (const stamp of Object.values(cursor.since)) if (typeof stamp !== "string" || !isStamp(stamp)) refuse("tryton.cursor", { cause: `"${String(stamp)}" is no moment` });
}

// ---- what changed ----------------------------------------------------------------------------------------------------

type Reading = {
  readonly tryton: Tryton;
  readonly ground: Ground;
  readonly memory: Memory;
  readonly overlapSeconds: number;
  readonly pulledAt: string;
  /** Order lines read in this pull, by reference. */
  readonly lines: Map<string, OrderLine>;
  /** Where each change is told, the records that it touched; otherwise changes are looked for by their stamps. */
  readonly touched?: Touched;
};

const stampFields = ["create_date", "write_date"] as const;

/** The rows of a model that changed since the stream's cursor, less the overlap; all rows when there is no cursor. */
async function changed(reading: Reading, stream: string, model: string, fields: readonly string[], domain: Domain = []): Promise<Row[]> {
  if (reading.touched) return reading.tryton.findWhere(model, "id", reading.touched.get(model) ?? [], [...fields, ...stampFields], domain);
  const since = reading.memory.since(stream);
  const from = since === undefined ? undefined : stampWire(stampBefore(since, reading.overlapSeconds));
  const window: Domain = from === undefined ? [] : [["OR", [["write_date", ">=", from]], [["create_date", ">=", from]]]];
  return reading.tryton.find(model, [...domain, ...window], [...fields, ...stampFields]);
}

/** Moves the stream's cursor to the newest of these rows; called after all of the stream's queries have used the old one. */
function see(reading: Reading, stream: string, rows: Iterable<Row>): void {
  for (const row of rows) reading.memory.see(stream, stampOf(row));
}

function recordOf(reading: Reading, model: string, id: number, rows: readonly Row[]): SourceRecord {
  const changedAt = rows.map(stampOf).reduce((latest, stamp) => (stamp > latest ? stamp : latest), "");
  return { model, id, changedAt, pulledAt: reading.pulledAt, rows };
}

function groupBy<Key>(rows: readonly Row[], key: (row: Row) => Key | undefined): Map<Key, Row[]> {
  const groups = new Map<Key, Row[]>();
  for (const row of rows) {
    const of = key(row);
    if (of === undefined) continue;
    const group = groups.get(of);
    if (group) group.push(row);
    else groups.set(of, [row]);
  }
  return groups;
}

const idOf = (reference: string): number => Number(reference.slice(reference.indexOf(",") + 1));
const leftIds = (memory: Memory, stream: string): number[] => memory.left(stream).map(idOf);

const byId = (rows: readonly Row[]): Map<number, Row> => new Map(rows.map((row) => [row.id, row]));

async function readGround(tryton: Tryton, book: string, memory: Memory): Promise<Ground> {
  const units = new Map<number, Unit>();
  for (const row of await tryton.find("product.uom", [], unitFields)) units.set(row.id, readUnit(row));
  const taxes = new Map<number, Tax>();
  for (const row of await tryton.find("account.tax", [["active", "in", [true, false]]], taxFields)) taxes.set(row.id, readTax(row));
  return { book, currency: tryton.currency, units, taxes, codeOf: memory.codeOf };
}

// ---- 订单 ------------------------------------------------------------------------------------------------------------

const readOrders = (kind: OrderKind) => async (reading: Reading): Promise<Found[]> => {
  const { tryton, memory, ground } = reading;
  const { model, line, header, approved } = orders[kind];
  const own: Domain = [["company", "=", tryton.company]];
  const headers = await changed(reading, kind, model, [], own);
  // A line can change without its order; on the first pull every order is read anyway.
  const lines = memory.since(kind) === undefined ? [] : await changed(reading, kind, line, [header], [[`${header}.company`, "=", tryton.company]]);
  const ids = new Set([...headers.map(({ id }) => id), ...lines.flatMap((row) => idAt(row, header) ?? []), ...leftIds(memory, kind)]);
  const orderRows = await tryton.findWhere(model, "id", ids, orderFields(kind));
  const lineRows = groupBy(await tryton.findWhere(line, header, orderRows.map(({ id }) => id), orderLineFields(kind)), (row) => idAt(row, header));
  see(reading, kind, [...headers, ...lines]);
  return orderRows.map((row) => {
    const lines = lineRows.get(row.id) ?? [];
    const mapped = mapOrder(kind, row, lines, ground);
    const isOrder = mapped.problems !== undefined || (mapped.document.lines as readonly object[]).length > 0;
    const isApproved = isOrder && (approved as readonly string[]).includes(textAt(row, "state"));
    return { kind, sourceId: String(row.id), mapped, isApproved, record: recordOf(reading, model, row.id, [row, ...lines]) };
  });
};

/** The order lines behind references such as "sale.line,3", each read once in a pull. */
async function orderLinesOf(reading: Reading, rows: readonly Row[]): Promise<ReadonlyMap<string, OrderLine>> {
  for (const kind of ["purchaseOrder", "salesOrder"] as const) {
    const { line, header } = orders[kind];
    const missing = rows.flatMap((row) => {
      const origin = referenceAt(row, "origin");
      return origin?.model === line && !reading.lines.has(`${line},${origin.id}`) ? [origin.id] : [];
    });
    for (const row of await reading.tryton.findWhere(line, "id", missing, [header, `${header}.party.code`, "quantity", "unit", "unit_price"])) {
      const order = idAt(row, header);
      const party = row[`${header}.`] as Row | null;
      if (order === undefined || !party) continue;
      const digits = reading.ground.units.get(idAt(row, "unit") ?? 0)?.digits ?? QUANTITY_SCALE;
      reading.lines.set(`${line},${row.id}`, { kind, order, party, quantity: quantityAt(row, "quantity", digits) ?? 0n, price: exactAt(row, "unit_price", PRICE_SCALE) ?? 0n });
    }
  }
  return reading.lines;
}

// ---- 出入库 ----------------------------------------------------------------------------------------------------------

const shipmentOfKind: Readonly<Record<MovementKind, string>> = { goodsReceipt: "stock.shipment.in", goodsReturn: "stock.shipment.in.return", shipment: "stock.shipment.out", shipmentReturn: "stock.shipment.out.return" };

async function readMovements(reading: Reading): Promise<Found[]> {
  const { tryton, memory, ground } = reading;
  const outside: Domain = [["company", "=", tryton.company], ["OR", [["from_location.type", "in", ["supplier", "customer"]]], [["to_location.type", "in", ["supplier", "customer"]]]]];
  const touched = await changed(reading, "movement", "stock.move", ["shipment"], outside);
  const references = new Set<string>();
  const alone = new Set<number>();
  for (const row of touched) {
    const shipment = referenceAt(row, "shipment");
    if (shipment && shipments[shipment.model]) references.add(`${shipment.model},${shipment.id}`);
    else alone.add(row.id);
  }
  const seen: Row[] = [...touched];
  if (memory.since("movement") !== undefined) {
    for (const model of Object.keys(shipments)) {
      const headers = await changed(reading, "movement", model, [], [["company", "=", tryton.company]]);
      for (const row of headers) references.add(`${model},${row.id}`);
      seen.push(...headers);
    }
  }
  for (const reference of memory.left("movement")) {
    if (reference.startsWith("stock.move,")) alone.add(idOf(reference));
    else references.add(reference);
  }

  const moves = [...(await tryton.findWhere("stock.move", "shipment", references, moveFields, outside)), ...(await tryton.findWhere("stock.move", "id", alone, moveFields, outside))];
  const headers = new Map<string, Row>();
  for (const [model, fields] of Object.entries(shipments)) {
    const ids = [...references].flatMap((reference) => (reference.startsWith(`${model},`) ? [idOf(reference)] : []));
    for (const row of await tryton.findWhere(model, "id", ids, fields)) headers.set(`${model},${row.id}`, row);
  }
  const orderLines = await orderLinesOf(reading, moves);
  const booked = await bookedAmounts(reading, moves);
  const originals = await originalsOf(reading, moves);
  see(reading, "movement", seen);

  const groups = groupBy(moves, (move) => (movementKindOf(move) ? `${movementKindOf(move)}/${movementIdOf(move)}` : undefined));
  return [...groups].map(([key, group]) => {
    const kind = key.slice(0, key.indexOf("/")) as MovementKind;
    const sourceId = key.slice(kind.length + 1);
    const header = headers.get(textAt(group[0] as Row, "shipment"));
    const mapped = mapMovement({ kind, sourceId, header, moves: group, orderLines, booked, originals }, ground);
    const record = recordOf(reading, header ? shipmentOfKind[kind] : "stock.move", header?.id ?? (group[0] as Row).id, header ? [header, ...group] : group);
    return { kind, sourceId, mapped, isApproved: mapped !== undefined, record };
  });
}

/**
 * What Tryton booked for each done move: the account move that names it as origin. Two lines are one amount; of three (a product at
 * fixed cost, whose receipt also books a variance) the credits are told, and the order's price says which of them is owed.
 */
async function bookedAmounts(reading: Reading, moves: readonly Row[]): Promise<Map<number, Booked>> {
  const { tryton, ground } = reading;
  const origins = moves.filter((move) => at(move, "state") === "done" && textAt(move, "currency.code") === ground.currency).map((move) => `stock.move,${move.id}`);
  const lines = await tryton.findWhere("account.move.line", "move.origin", origins, ["move.origin", "debit", "credit"], [["move.company", "=", tryton.company]]);
  const booked = new Map<number, Booked>();
  for (const [origin, own] of groupBy(lines, (line) => referenceAt(line, "move.origin")?.id)) {
    if (origin === undefined) continue;
    const credits = own.map((line) => numberAt(line, "credit", exponentOf(ground.currency)) ?? 0n).filter((credit) => credit !== 0n);
    booked.set(origin, own.length === 2 ? { amount: credits[0] ?? 0n } : { credits });
  }
  return booked;
}

/**
 * The goods line that a return takes back from. Tryton knows it only when the return was made from the order ("return sale"), and then
 * only by order: it counts when that order moved the product exactly once, and enough of it.
 */
async function originalsOf(reading: Reading, moves: readonly Row[]): Promise<Map<number, string>> {
  const { tryton, ground } = reading;
  const originals = new Map<number, string>();
  for (const [kind, back, forward] of [["purchaseOrder", "goodsReturn", "goodsReceipt"], ["salesOrder", "shipmentReturn", "shipment"]] as const) {
    const { model, line, header } = orders[kind];
    const returns = moves.filter((move) => movementKindOf(move) === back && reading.lines.has(textAt(move, "origin")));
    const returnOrders = await tryton.findWhere(model, "id", returns.map((move) => (reading.lines.get(textAt(move, "origin")) as OrderLine).order), ["origin"]);
    const firstOf = new Map(returnOrders.flatMap((row) => {
      const origin = referenceAt(row, "origin");
      return origin?.model === model ? [[row.id, origin.id] as const] : [];
    }));
    if (firstOf.size === 0) continue;
    const firstLines = await tryton.findWhere(line, header, firstOf.values(), [header]);
    const orderOfLine = new Map(firstLines.map((row) => [`${line},${row.id}`, idAt(row, header)]));
    const firstMoves = (await tryton.findWhere("stock.move", "origin", orderOfLine.keys(), moveFields)).filter((move) => at(move, "state") === "done" && movementKindOf(move) === forward);
    for (const move of returns) {
      const first = firstOf.get((reading.lines.get(textAt(move, "origin")) as OrderLine).order);
      const candidates = firstMoves.filter((other) => orderOfLine.get(textAt(other, "origin")) === first && idAt(other, "product") === idAt(move, "product"));
      const [only] = candidates;
      const digits = ground.units.get(idAt(move, "uom") ?? 0)?.digits ?? QUANTITY_SCALE;
      if (only && candidates.length === 1 && idAt(only, "uom") === idAt(move, "uom") && (quantityAt(only, "quantity", digits) ?? 0n) >= (quantityAt(move, "quantity", digits) ?? 0n))
        originals.set(move.id, `${forward}/${movementIdOf(only)}/${only.id}`);
    }
  }
  return originals;
}

// ---- 发票 ------------------------------------------------------------------------------------------------------------

async function readInvoices(reading: Reading): Promise<Found[]> {
  const { tryton, memory, ground } = reading;
  const headers = await changed(reading, "invoice", "account.invoice", [], [["company", "=", tryton.company]]);
  const parts: Row[] = [];
  if (memory.since("invoice") !== undefined) {
    for (const model of ["account.invoice.line", "account.invoice.tax"])
      for (const row of await changed(reading, "invoice", model, ["invoice"], [["invoice.company", "=", tryton.company]])) parts.push(row);
  }
  const ids = new Set([...headers.map(({ id }) => id), ...parts.flatMap((row) => idAt(row, "invoice") ?? []), ...leftIds(memory, "invoice")]);
  const rows = await tryton.findWhere("account.invoice", "id", ids, invoiceFields);
  const used = rows.filter((row) => isApprovedInvoice(row) || memory.wasSent(invoiceKindOf(row), String(row.id)));
  const usedIds = used.map(({ id }) => id);
  const lines = await tryton.findWhere("account.invoice.line", "invoice", usedIds, invoiceLineFields);
  const taxes = groupBy(await tryton.findWhere("account.invoice.tax", "invoice", usedIds, invoiceTaxFields), (row) => idAt(row, "invoice"));
  const partyLines = groupBy(await tryton.findWhere("account.move.line", "move", used.flatMap((row) => idAt(row, "move") ?? []), partyLineFields), (row) => idAt(row, "move"));
  const moves = byId(await tryton.findWhere("stock.move", "id", lines.flatMap((line) => idsAt(line, "stock_moves")), moveFields));
  const linesOfMoves = await tryton.findWhere("account.invoice.line", "stock_moves", moves.keys(), invoiceLineFields, [["invoice.state", "in", ["posted", "paid", "cancelled"]], ["invoice.move", "!=", null]]);
  const orderLines = await orderLinesOf(reading, lines);
  const credited = lines.flatMap((line) => {
    const origin = referenceAt(line, "origin");
    return origin?.model === "account.invoice.line" ? [origin.id] : [];
  });
  const creditedLines = new Map((await tryton.findWhere("account.invoice.line", "id", credited, ["invoice"])).flatMap((row) => (idAt(row, "invoice") === undefined ? [] : [[row.id, idAt(row, "invoice") as number] as const])));
  see(reading, "invoice", [...headers, ...parts]);

  const linesOfInvoice = groupBy(lines, (line) => idAt(line, "invoice"));
  const linesOfMove = new Map<number, Row[]>();
  for (const line of byId(linesOfMoves).values()) for (const move of idsAt(line, "stock_moves")) linesOfMove.set(move, [...(linesOfMove.get(move) ?? []), line]);
  return used.map((header) => {
    const own = linesOfInvoice.get(header.id) ?? [];
    const related = byId(own.flatMap((line) => idsAt(line, "stock_moves").flatMap((move) => linesOfMove.get(move) ?? [])));
    const invoice: Invoice = {
      header, lines: own, taxes: taxes.get(header.id) ?? [], moves, orderLines, creditedLines, linesOfMoves: [...related.values()],
      partyLines: (partyLines.get(idAt(header, "move") ?? 0) ?? []).filter((line) => idAt(line, "account") === idAt(header, "account")),
    };
    const isApproved = isApprovedInvoice(header);
    return { kind: invoiceKindOf(header), sourceId: String(header.id), mapped: dated(mapInvoice(invoice, ground), isApproved ? "" : dateAt(header, "cancel_move.date")), isApproved, record: recordOf(reading, "account.invoice", header.id, [header, ...own, ...invoice.taxes]) };
  });
}

/** A cancelled invoice takes the date of the move that cancelled it. */
const dated = (mapped: Mapped, date: string): Mapped => (date === "" || !mapped.document ? mapped : { ...mapped, document: { ...mapped.document, date } });

// ---- 收付款 ----------------------------------------------------------------------------------------------------------

async function readPayments(reading: Reading): Promise<Found[]> {
  const { tryton, memory, ground } = reading;
  const own: Domain = [["company", "=", tryton.company], ["journal.type", "in", ["cash", "statement"]], ["state", "=", "posted"]];
  const headers = await changed(reading, "payment", "account.move", [], own);
  // An older payment gets its invoice later: Tryton then writes the invoice, not the payment.
  const paidNow = memory.since("payment") === undefined ? [] : await changed(reading, "payment", "account.invoice", ["payment_lines"], [["company", "=", tryton.company], ["payment_lines", "!=", null]]);
  const linked = await tryton.findWhere("account.move.line", "id", paidNow.flatMap((row) => idsAt(row, "payment_lines")), ["move"]);
  const ids = new Set([...headers.map(({ id }) => id), ...linked.flatMap((row) => idAt(row, "move") ?? []), ...leftIds(memory, "payment")]);
  const rows = await tryton.findWhere("account.move", "id", ids, accountMoveFields, own);
  const lines = await tryton.findWhere("account.move.line", "move", rows.map(({ id }) => id), accountMoveLineFields);
  const paid: Map<number, { kind: ReturnType<typeof invoiceKindOf>; id: number }> = new Map();
  for (const invoice of await tryton.findWhere("account.invoice", "payment_lines.move", rows.map(({ id }) => id), ["type", "payment_lines"]))
    for (const line of idsAt(invoice, "payment_lines")) paid.set(line, { kind: invoiceKindOf(invoice), id: invoice.id });
  const money = await moneyAccounts(tryton);
  see(reading, "payment", [...headers, ...paidNow]);

  const linesOfMove = groupBy(lines, (line) => idAt(line, "move"));
  return rows.flatMap((header) => {
    const own = linesOfMove.get(header.id) ?? [];
    const record = recordOf(reading, "account.move", header.id, [header, ...own]);
    return mapPayment({ header, lines: own, paid, money }, ground).map(({ kind, sourceId, ...mapped }) => ({ kind, sourceId, mapped, isApproved: true, record }));
  });
}

/** The accounts that hold money: those of payment methods and, where bank statements are used, of statement journals. */
async function moneyAccounts(tryton: Tryton): Promise<Set<number>> {
  const methods = await tryton.find("account.invoice.payment.method", [["company", "=", tryton.company], ["active", "in", [true, false]]], ["credit_account", "debit_account"]);
  const statements = (await hasModel(tryton, "account.statement.journal")) ? await tryton.find("account.statement.journal", [["company", "=", tryton.company]], ["account"]) : [];
  return new Set([...methods.flatMap((row) => [idAt(row, "credit_account"), idAt(row, "debit_account")]), ...statements.map((row) => idAt(row, "account"))].filter((id) => id !== undefined));
}

const hasModel = async (tryton: Tryton, model: string): Promise<boolean> => (await tryton.find("ir.model", [["model", "=", model]], ["model"])).length > 0;

// ---- 主数据 ----------------------------------------------------------------------------------------------------------

/** The master records that new documents name, and those sent before that changed since. */
async function readMasters(reading: Reading, needs: ReadonlyMap<string, Need>): Promise<[kind: string, document: Canonical, record: SourceRecord][]> {
  const { tryton, memory, ground } = reading;
  const needed = (master: Need["master"]): number[] => [...needs.values()].filter((need) => need.master === master).map(({ id }) => id);
  const found: [string, Canonical, SourceRecord][] = [];
  const anywhere: Domain = [["active", "in", [true, false]]];

  /** Ids of changed records that were sent before. Before the first pull there are none. */
  const refreshed = async (stream: string, read: () => Promise<Row[]>, id: (row: Row) => number | undefined = (row) => row.id): Promise<number[]> => {
    if (memory.since(stream) === undefined) return [];
    const known = new Set(memory.codesOf(stream));
    return (await read()).flatMap((row) => id(row) ?? []).filter((each) => known.has(each));
  };

  const methods = needed("bankAccount");
  const accounts = await tryton.findWhere("account.account", "id", methods, accountFields);
  for (const row of accounts) found.push(["bankAccount", mapBankAccount(row, ground), recordOf(reading, "account.account", row.id, [row])]);

  const locations = new Set([...needed("warehouse"), ...(await refreshed("warehouse", () => changed(reading, "warehouse", "stock.location", [], [["type", "=", "warehouse"]])))]);
  const locationRows = await tryton.findWhere("stock.location", "id", locations, warehouseFields, anywhere);
  for (const row of locationRows) found.push(["warehouse", mapWarehouse(row, ground), recordOf(reading, "stock.location", row.id, [row])]);
  see(reading, "warehouse", locationRows);

  const roles = (id: number): ("customer" | "supplier")[] => {
    const code = ground.codeOf("party", id, "");
    return (["customer", "supplier"] as const).filter((role) => needs.has(`${role}/${id}`) || memory.wasSent(role, code));
  };
  const parties = new Set([...needed("customer"), ...needed("supplier"), ...(await refreshed("party", () => changed(reading, "party", "party.party", []))), ...(await refreshed("party", () => changed(reading, "party", "party.identifier", ["party"]), (row) => idAt(row, "party")))]);
  const partyRows = await tryton.findWhere("party.party", "id", parties, partyFields, anywhere);
  const identifiers = groupBy(await tryton.findWhere("party.identifier", "party", parties, identifierFields), (row) => idAt(row, "party"));
  for (const row of partyRows) {
    const own = identifiers.get(row.id) ?? [];
    for (const role of roles(row.id)) found.push([role, mapParty(role, row, own, ground), recordOf(reading, "party.party", row.id, [row, ...own])]);
  }
  see(reading, "party", [...partyRows, ...[...identifiers.values()].flat()]);

  const products = new Set([...needed("item"), ...(await refreshed("product", () => changed(reading, "product", "product.product", []))), ...(await refreshed("product", () => productsOfTemplates(reading)))]);
  const productRows = await tryton.findWhere("product.product", "id", products, productFields, anywhere);
  for (const row of productRows) found.push(["item", mapProduct(row, ground), recordOf(reading, "product.product", row.id, [row])]);
  see(reading, "product", productRows);
  return found;
}

/** A product's name, kind and unit stand on its template. */
async function productsOfTemplates(reading: Reading): Promise<Row[]> {
  const templates = await changed(reading, "product", "product.template", []);
  return reading.tryton.findWhere("product.product", "template", templates.map(({ id }) => id), []);
}
