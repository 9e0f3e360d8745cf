/**
 * Tryton's records → the standard form (documents-and-entries 1a). Pure functions: rows in, one document or its problems out.
 * The fields to ask for stand beside the function that reads them. Figures are never floats on the way (tryton-values.ts).
 */
import { allocate, divideRound, exponentOf, extend, formatMoney, formatTrimmed, parseMoney, pow10, PRICE_SCALE, QUANTITY_SCALE, RATE_SCALE } from "../values/index.ts";
import type { Problem } from "../platform/index.ts";
import { at, dateAt, exactAt, idAt, idsAt, numberAt, quantityAt, referenceAt, type Row, stampOf, textAt } from "./tryton-values.ts";

export type CanonicalLink = { readonly to: string; readonly quantity?: string; readonly amount?: string };

export type CanonicalLine = {
  readonly lineId: string;
  readonly item?: string;
  readonly description?: string;
  readonly quantity: string;
  readonly unit?: string;
  readonly price?: string;
  readonly taxRate?: string;
  readonly amountNet?: string;
  readonly tax?: string;
  readonly cost?: string;
  readonly account?: string;
  readonly links?: readonly CanonicalLink[];
};

/** A document or master record without its version, which depends on what was sent before. */
export type Canonical = {
  readonly schema: `tieout/${string}@1`;
  readonly book?: string;
  readonly source: "tryton";
  readonly sourceId: string;
  readonly [field: string]: string | number | boolean | object | undefined;
};

/** A master record that must be known before the document that names it. */
export type Need = { readonly master: "customer" | "supplier" | "item" | "warehouse" | "bankAccount"; readonly id: number; readonly code: string };

export type Mapped =
  | { readonly document: Canonical; readonly needs: readonly Need[]; readonly problems?: undefined }
  | { readonly document?: undefined; readonly problems: readonly Problem[] };

/** What every mapping stands on. */
export type Ground = {
  readonly book: string;
  readonly currency: string;
  /** The code under which a party, product or warehouse is known; the first one sent stays, whatever Tryton renames later. */
  readonly codeOf: (model: "party" | "product" | "warehouse", id: number, written: string) => string;
  readonly units: ReadonlyMap<number, Unit>;
  readonly taxes: ReadonlyMap<number, Tax>;
};

export type Unit = { readonly symbol: string; readonly digits: number; readonly category: number; readonly over: bigint; readonly under: bigint };
export type Tax = { readonly name: string; readonly rate: bigint | undefined; readonly children: readonly number[] };

const stamps = ["create_date", "write_date"] as const;

export const unitFields = ["symbol", "digits", "category", "factor", "rate"] as const;

/** A unit as a fraction of its category's first unit, by whichever of Tryton's two figures is exact (a dozen: 12/1; a gram: 1/1000). */
export function readUnit(row: Row): Unit {
  const factor = numberAt(row, "factor", 12) ?? pow10(12);
  const rate = numberAt(row, "rate", 12) ?? pow10(12);
  const [over, under] = factor > pow10(12) || rate === 0n ? [factor, pow10(12)] : [pow10(12), rate];
  return { symbol: textAt(row, "symbol"), digits: Number(at(row, "digits") ?? QUANTITY_SCALE), category: idAt(row, "category") ?? 0, over, under };
}

export const taxFields = ["name", "type", "rate", "childs"] as const;

/** A tax; its rate is undefined when it is a fixed amount, and zero when it only groups others. */
export function readTax(row: Row): Tax {
  const type = textAt(row, "type");
  const rate = type === "percentage" ? exactAt(row, "rate", QUANTITY_SCALE) : type === "none" ? 0n : undefined;
  return { name: textAt(row, "name"), rate, children: idsAt(row, "childs") };
}

// ---- 主数据 -----------------------------------------------------------------------------------------------------------

export const partyFields = ["code", "name", ...stamps] as const;
export const identifierFields = ["party", "code", ...stamps] as const;

/** A party as customer or as supplier. Tryton has no such flag, so the document that names it decides; it may be both. */
export function mapParty(role: "customer" | "supplier", row: Row, identifiers: readonly Row[], ground: Ground): Canonical {
  const uscc = identifiers.map((identifier) => textAt(identifier, "code")).find((code) => /^[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}$/.test(code));
  const code = ground.codeOf("party", row.id, textAt(row, "code"));
  return given<Canonical>({ schema: `tieout/${role}@1`, source: "tryton", sourceId: code, name: nameOf(textAt(row, "name") || code), uscc });
}

export const productFields = ["code", "name", "template.type", "template.default_uom", ...stamps] as const;

const categoryOf: Readonly<Record<string, string>> = { goods: "merchandise", assets: "fixedAsset", service: "service" };

export function mapProduct(row: Row, ground: Ground): Canonical {
  const code = ground.codeOf("product", row.id, textAt(row, "code"));
  const unit = ground.units.get(idAt(row, "template.default_uom") ?? 0);
  const others = [...ground.units.values()].filter((other) => unit && other !== unit && other.category === unit.category && other.symbol !== unit.symbol);
  const units = others.flatMap((other) => {
    const quantity = inUnit(pow10(QUANTITY_SCALE), other, unit as Unit);
    return quantity > 0n && inUnit(quantity, unit as Unit, other) === pow10(QUANTITY_SCALE) ? [{ unit: other.symbol, quantity: formatTrimmed(quantity, QUANTITY_SCALE) }] : [];
  });
  return given<Canonical>({
    schema: "tieout/item@1", source: "tryton", sourceId: code, name: nameOf(textAt(row, "name") || code),
    category: categoryOf[textAt(row, "template.type")] ?? "merchandise", unit: unit?.symbol, units: units.length > 0 ? units : undefined,
  });
}

export const warehouseFields = ["code", "name", ...stamps] as const;

export function mapWarehouse(row: Row, ground: Ground): Canonical {
  const code = ground.codeOf("warehouse", row.id, textAt(row, "code"));
  return given<Canonical>({ schema: "tieout/warehouse@1", source: "tryton", sourceId: code, name: nameOf(textAt(row, "name") || code) });
}

export const accountFields = ["code", "name", "second_currency.code", ...stamps] as const;

/** The money account of a payment method. Its code in Tryton is the account (科目) in the book. */
export function mapBankAccount(row: Row, ground: Ground): Canonical {
  const code = textAt(row, "code");
  return given<Canonical>({
    schema: "tieout/bankAccount@1", source: "tryton", sourceId: code || `#${row.id}`, name: nameOf(textAt(row, "name") || code),
    currency: textAt(row, "second_currency.code") || ground.currency, account: code,
  });
}

// ---- 订单 -------------------------------------------------------------------------------------------------------------

export const orders = {
  purchaseOrder: { model: "purchase.purchase", line: "purchase.line", header: "purchase", date: "purchase_date", role: "supplier", approved: ["confirmed", "processing", "done"] },
  salesOrder: { model: "sale.sale", line: "sale.line", header: "sale", date: "sale_date", role: "customer", approved: ["confirmed", "processing", "done"] },
} as const;
export type OrderKind = keyof typeof orders;

export const orderFields = (kind: OrderKind): string[] => ["number", "state", "reference", orders[kind].date, "party.code", "currency.code", ...stamps];
export const orderLineFields = (kind: OrderKind): string[] => [orders[kind].header, ...lineFields, ...stamps];
const lineFields = ["type", "product.code", "product.default_uom", "description", "quantity", "unit", "unit_price", "taxes"] as const;

/** An order. Lines with a negative quantity ask for a return and order nothing, so a return order comes out without lines. */
export function mapOrder(kind: OrderKind, header: Row, lines: readonly Row[], ground: Ground): Mapped {
  const problems: Problem[] = [];
  const needs: Need[] = [];
  const mapped = lines.filter((line) => at(line, "type") === "line").flatMap((line): CanonicalLine[] => {
    const figures = readFigures(line, ground, problems);
    if (!figures || figures.quantity <= 0n) return [];
    const taxRate = taxRateOf(line, ground, problems);
    if (figures.product !== undefined) needs.push({ master: "item", id: figures.product, code: figures.text.item ?? "" });
    return [given<CanonicalLine>({ ...figures.text, price: price(figures.price), taxRate: rate(taxRate) })];
  });
  const party = partyOf(orders[kind].role, header, "party", ground, problems);
  const date = dateAt(header, orders[kind].date) || stampOf(header).slice(0, 10);
  if (!party || problems.length > 0) return { problems };
  return {
    needs: [party.need, ...needs],
    document: given<Canonical>({
      schema: `tieout/${kind}@1`, book: ground.book, source: "tryton", sourceId: String(header.id), number: textAt(header, "number"), date,
      [orders[kind].role]: party.code, currency: textAt(header, "currency.code"), extra: extraOf({ reference: textAt(header, "reference") }), lines: mapped,
    }),
  };
}

// ---- 出入库 -----------------------------------------------------------------------------------------------------------

export type MovementKind = "goodsReceipt" | "goodsReturn" | "shipment" | "shipmentReturn";

const directions: Readonly<Record<string, MovementKind>> = {
  "supplier>storage": "goodsReceipt", "storage>supplier": "goodsReturn", "storage>customer": "shipment", "customer>storage": "shipmentReturn",
};

/** Shipments by the model that holds them. A move outside any shipment is a document of its own. */
export const shipments: Readonly<Record<string, readonly string[]>> = {
  "stock.shipment.in": ["number", "reference", "effective_date", "supplier.code", "warehouse.code", ...stamps],
  "stock.shipment.in.return": ["number", "reference", "effective_date", "supplier.code", ...stamps],
  "stock.shipment.out": ["number", "reference", "effective_date", "customer.code", "warehouse.code", ...stamps],
  "stock.shipment.out.return": ["number", "reference", "effective_date", "customer.code", "warehouse.code", ...stamps],
};

export const moveFields = ["state", "shipment", "origin", "product.code", "product.default_uom", "product.template.type", "quantity", "uom", "unit_price", "cost_price", "currency.code",
  "effective_date", "from_location.type", "to_location.type", "company", ...stamps] as const;

/** What a move is to us; undefined for moves inside the company. Tryton's "drop" zone counts as storage, as in its own accounting. */
export function movementKindOf(move: Row): MovementKind | undefined {
  const side = (path: string): string => textAt(move, path).replace("drop", "storage");
  return directions[`${side("from_location.type")}>${side("to_location.type")}`];
}

/** The document that a move belongs to, within its kind. */
export function movementIdOf(move: Row): string {
  const shipment = referenceAt(move, "shipment");
  return shipment && shipments[shipment.model] ? String(shipment.id) : `move-${move.id}`;
}

/** An order line as a move or an invoice line sees it. */
export type OrderLine = { readonly kind: OrderKind; readonly order: number; readonly party: Row; readonly quantity: bigint; readonly price: bigint };

/** One amount; or, where stock and clearing differ, what was credited. */
export type Booked = { readonly amount: bigint } | { readonly credits: readonly bigint[] };

export type Movement = {
  readonly kind: MovementKind;
  readonly sourceId: string;
  readonly header: Row | undefined;
  readonly moves: readonly Row[];
  /** Order lines by reference ("purchase.line,5"). */
  readonly orderLines: ReadonlyMap<string, OrderLine>;
  /** What Tryton booked for a move, in minor units (tryton.ts says how). */
  readonly booked: ReadonlyMap<number, Booked>;
  /** For a return, the line that it takes back from, where Tryton says so. */
  readonly originals: ReadonlyMap<number, string>;
};

/**
 * The done moves of one shipment. An issue says its cost as Tryton booked it, for Tryton may have rounded otherwise (half to even) or
 * recalculated cost_price since. A receipt is priced by its order, and says a price only where Tryton booked another amount.
 */
export function mapMovement(movement: Movement, ground: Ground): Mapped | undefined {
  const { kind, header } = movement;
  const moves = movement.moves.filter((move) => at(move, "state") === "done" && movementKindOf(move) === kind);
  const first = moves[0];
  if (!first) return undefined;
  const role = kind === "goodsReceipt" || kind === "goodsReturn" ? "supplier" : "customer";
  const problems: Problem[] = [];
  const needs: Need[] = [];
  const lines = moves.flatMap((move): CanonicalLine[] => {
    const figures = readFigures(move, ground, problems, "uom");
    if (!figures || figures.quantity === 0n) return [];
    if (figures.product !== undefined) needs.push({ master: "item", id: figures.product, code: figures.text.item ?? "" });
    const orderLine = movement.orderLines.get(textAt(move, "origin"));
    const original = movement.originals.get(move.id);
    const forward = kind === "goodsReceipt" || kind === "shipment";
    const to = forward ? orderLine && orderLine.quantity > 0n && `${orderLine.kind}/${orderLine.order}/${referenceAt(move, "origin")?.id}` : original;
    const links = to ? [{ to, quantity: figures.text.quantity }] : undefined;
    const booked = movement.booked.get(move.id);
    const orderPrice = forward ? orderLine?.price : undefined;
    const value = role === "customer" ? { cost: price(unitCost(move, figures, booked && "amount" in booked ? booked.amount : undefined, ground)) } : receiptValue(figures, amountOwed(figures, booked, orderPrice, ground), orderPrice, ground);
    return [given<CanonicalLine>({ ...figures.text, ...value, links })];
  });
  const partyRow = header ?? movement.orderLines.get(textAt(first, "origin"))?.party;
  const party = partyRow && partyOf(role, partyRow, header ? role : "party", ground, problems);
  if (!partyRow) problems.push({ code: "record.no_party", facts: { record: movement.sourceId } });
  const date = moves.map((move) => dateAt(move, "effective_date")).reduce((latest, day) => (day > latest ? day : latest), "") || (header ? dateAt(header, "effective_date") : "");
  if (date === "") problems.push({ code: "record.no_date", facts: { record: movement.sourceId } });
  if (!party || problems.length > 0) return { problems };
  const warehouse = header ? warehouseOf(header, ground, needs) : undefined;
  return {
    needs: [party.need, ...needs],
    document: given<Canonical>({
      schema: `tieout/${kind}@1`, book: ground.book, source: "tryton", sourceId: movement.sourceId, number: header ? textAt(header, "number") : "", date, [role]: party.code,
      currency: textAt(first, "currency.code"), warehouse, extra: extraOf({ reference: header ? textAt(header, "reference") : "" }), lines,
    }),
  };
}

/** The unit cost that gives exactly what Tryton booked; its own cost_price where that does. */
function unitCost(move: Row, figures: Figures, booked: bigint | undefined, ground: Ground): bigint | undefined {
  const own = numberAt(move, "cost_price", PRICE_SCALE);
  const cost = own === undefined || !figures.unit || !figures.stockUnit ? own : divideRound(own * figures.unit.over * figures.stockUnit.under, figures.unit.under * figures.stockUnit.over);
  if (booked === undefined || (cost !== undefined && extend(figures.quantity, cost, ground.currency) === booked)) return cost;
  return spread(booked, figures.quantity, ground.currency);
}

/** Of a product at fixed cost Tryton books stock, clearing and variance: the clearing, which is what will be invoiced, is the one at the order's price. */
function amountOwed(figures: Figures, booked: Booked | undefined, orderPrice: bigint | undefined, ground: Ground): bigint | undefined {
  if (booked === undefined || "amount" in booked) return booked?.amount;
  const computed = orderPrice === undefined ? undefined : extend(figures.quantity, orderPrice, ground.currency);
  return computed === undefined ? undefined : booked.credits.find((credit) => credit - computed <= 1n && computed - credit <= 1n);
}

function receiptValue(figures: Figures, booked: bigint | undefined, orderPrice: bigint | undefined, ground: Ground): { readonly price?: string | undefined; readonly amountNet?: string | undefined } {
  if (booked === undefined) return orderPrice === undefined ? { price: price(figures.price) } : {};
  const computed = orderPrice === undefined ? undefined : extend(figures.quantity, orderPrice, ground.currency);
  if (computed === booked) return {};
  const isNear = computed !== undefined && booked - computed <= 1n && computed - booked <= 1n;
  return { price: price(isNear ? orderPrice : spread(booked, figures.quantity, ground.currency)), amountNet: formatMoney(booked, ground.currency) };
}

const spread = (amount: bigint, quantity: bigint, currency: string): bigint => divideRound(amount * pow10(QUANTITY_SCALE + PRICE_SCALE - exponentOf(currency)), quantity);

// ---- 发票 -------------------------------------------------------------------------------------------------------------

export const invoices = {
  supplierInvoice: { type: "in", role: "supplier", approved: ["posted", "paid"], goods: "goodsReceipt", back: "goodsReturn", orderKind: "purchaseOrder" },
  salesInvoice: { type: "out", role: "customer", approved: ["posted", "paid"], goods: "shipment", back: "shipmentReturn", orderKind: "salesOrder" },
} as const;
export type InvoiceKind = keyof typeof invoices;

/**
 * Posted, paid, or credited as a whole: Tryton then calls the invoice cancelled, but both it and its credit note stay booked. Only an invoice
 * that was cancelled by a counter-move of its own no longer counts.
 */
export const isApprovedInvoice = (row: Row): boolean =>
  (invoices[invoiceKindOf(row)].approved as readonly string[]).includes(textAt(row, "state")) || (at(row, "state") === "cancelled" && idAt(row, "move") !== undefined && referenceAt(row, "cancel_move.origin")?.model === "account.invoice");

export const invoiceKindOf = (row: Row): InvoiceKind => (at(row, "type") === "in" ? "supplierInvoice" : "salesInvoice");

export const invoiceFields = ["type", "state", "number", "reference", "description", "party.code", "currency.code", "invoice_date", "accounting_date", "total_amount", "account", "move", "cancel_move.date", "cancel_move.origin", ...stamps] as const;
export const invoiceLineFields = ["invoice", "invoice.type", "invoice.state", "amount", "origin", "stock_moves", "account.code", ...lineFields, ...stamps] as const;
export const invoiceTaxFields = ["invoice", "tax", "amount", ...stamps] as const;
export const partyLineFields = ["move", "account", "debit", "credit", "amount_second_currency", "maturity_date"] as const;

export type Invoice = {
  readonly header: Row;
  readonly lines: readonly Row[];
  readonly taxes: readonly Row[];
  /** The lines of its account move on the party's account: due dates and, in another currency, the rate. */
  readonly partyLines: readonly Row[];
  readonly moves: ReadonlyMap<number, Row>;
  /** All posted invoice lines of those moves, of this and of other invoices. */
  readonly linesOfMoves: readonly Row[];
  readonly orderLines: ReadonlyMap<string, OrderLine>;
  /** The invoice of each invoice line that a credit note names as its origin. */
  readonly creditedLines: ReadonlyMap<number, number>;
};

/** A posted invoice or, where all its quantities are negative, a credit note: then figures are turned positive and `credit` is true. */
export function mapInvoice(invoice: Invoice, ground: Ground): Mapped {
  const { header } = invoice;
  const kind = invoiceKindOf(header);
  const number = textAt(header, "number");
  const currency = textAt(header, "currency.code");
  const problems: Problem[] = [];
  const needs: Need[] = [];

  const own = invoice.lines.filter((line) => at(line, "type") === "line").map((line) => ({ line, net: numberAt(line, "amount", exponentOf(currency)) ?? 0n, figures: readFigures(line, ground, problems) }));
  const worth = own.filter(({ net, figures }) => net !== 0n || (figures && figures.quantity !== 0n));
  const negative = worth.filter(({ net, figures }) => net < 0n || (net === 0n && figures !== undefined && figures.quantity < 0n)).length;
  if (negative > 0 && negative < worth.length) return { problems: [{ code: "record.mixed_signs", facts: { number } }] };
  const isCredit = negative > 0;
  const sign = isCredit ? -1n : 1n;

  const taxes = shareTaxes(invoice, worth.map(({ line, net }) => ({ id: line.id, net: net * sign, taxes: taxIdsOf(line, ground) })), sign, number, currency, problems);
  const lines = worth.flatMap(({ line, net, figures }): CanonicalLine[] => {
    if (!figures) return [];
    if (figures.product !== undefined) needs.push({ master: "item", id: figures.product, code: figures.text.item ?? "" });
    const links = invoiceLinks(kind, line, isCredit, invoice, ground);
    return [given<CanonicalLine>({
      ...figures.text, quantity: formatTrimmed(figures.quantity * sign, QUANTITY_SCALE), price: price(figures.price), taxRate: rate(taxRateOf(line, ground, problems)),
      amountNet: formatMoney(net * sign, currency), tax: formatMoney(taxes.get(line.id) ?? 0n, currency),
      account: figures.product === undefined ? textAt(line, "account.code") : undefined, links: links.length > 0 ? links : undefined,
    })];
  });
  const made = lines.reduce((sum, line) => sum + (parseMoney(line.amountNet ?? "0", currency) ?? 0n) + (parseMoney(line.tax ?? "0", currency) ?? 0n), 0n);
  const total = (numberAt(header, "total_amount", exponentOf(currency)) ?? 0n) * sign;
  if (made !== total && problems.length === 0) problems.push({ code: "record.totals", facts: { number, lines: formatMoney(made, currency), total: formatMoney(total, currency) } });

  const party = partyOf(invoices[kind].role, header, "party", ground, problems);
  const date = dateAt(header, "accounting_date") || dateAt(header, "invoice_date");
  if (date === "") problems.push({ code: "record.no_date", facts: { record: number } });
  if (!party || problems.length > 0) return { problems };
  return {
    needs: [party.need, ...needs],
    document: given<Canonical>({
      schema: `tieout/${kind}@1`, book: ground.book, source: "tryton", sourceId: String(header.id), number, invoiceNumber: kind === "supplierInvoice" ? textAt(header, "reference") : number,
      date, [invoices[kind].role]: party.code, currency, rate: rateOf(invoice.partyLines, currency, ground), dueDate: dueDateOf(invoice.partyLines), credit: isCredit ? true : undefined,
      extra: extraOf({ reference: kind === "salesInvoice" ? textAt(header, "reference") : "", description: textAt(header, "description") }), lines,
    }),
  };
}

/**
 * The tax of each line. Tryton rounds the tax of a whole invoice; each line gets round(total × cumulative net ÷ whole) − before, so the
 * lines add up to Tryton's figure and none is more than a cent off its own net × rate.
 */
function shareTaxes(invoice: Invoice, lines: readonly { readonly id: number; readonly net: bigint; readonly taxes: ReadonlySet<number> }[], sign: bigint, number: string, currency: string, problems: Problem[]): Map<number, bigint> {
  const shares = new Map<number, bigint>();
  for (const row of invoice.taxes) {
    const amount = (numberAt(row, "amount", exponentOf(currency)) ?? 0n) * sign;
    const bearers = lines.filter((line) => line.taxes.has(idAt(row, "tax") ?? -1));
    if (amount === 0n) continue;
    if (bearers.every((line) => line.net === 0n)) {
      problems.push({ code: "record.tax_unassigned", facts: { amount: formatMoney(amount, currency), number } });
      continue;
    }
    allocate(amount, bearers.map((line) => line.net)).forEach((part, i) => {
      const id = (bearers[i] as { readonly id: number }).id;
      shares.set(id, (shares.get(id) ?? 0n) + part);
    });
  }
  return shares;
}

/**
 * What an invoice line invoices: the lines of the goods documents that its stock moves belong to, else its order line. A credit line takes
 * back what was returned; where nothing was (a wrong invoice, an allowance) it points at the invoice line that it credits.
 */
function invoiceLinks(kind: InvoiceKind, line: Row, isCredit: boolean, invoice: Invoice, ground: Ground): CanonicalLink[] {
  const { goods, back, orderKind } = invoices[kind];
  const direction = isCredit ? back : goods;
  const links = takenFrom(line, invoice, ground)
    .filter(({ move }) => movementKindOf(move) === direction)
    .map(({ move, quantity }) => ({ to: `${direction}/${movementIdOf(move)}/${move.id}`, quantity: formatTrimmed(quantity, QUANTITY_SCALE) }));
  if (links.length > 0) return links;
  const quantity = absolute(readFigures(line, ground, [])?.quantity ?? 0n);
  const to = isCredit ? creditedLine(kind, line, invoice) : orderLineOf(orderKind, line, invoice);
  return to === undefined || quantity === 0n ? [] : [{ to, quantity: formatTrimmed(quantity, QUANTITY_SCALE) }];
}

function creditedLine(kind: InvoiceKind, line: Row, invoice: Invoice): string | undefined {
  const origin = referenceAt(line, "origin");
  const credited = origin?.model === "account.invoice.line" ? invoice.creditedLines.get(origin.id) : undefined;
  return credited === undefined ? undefined : `${kind}/${credited}/${origin?.id}`;
}

function orderLineOf(kind: OrderKind, line: Row, invoice: Invoice): string | undefined {
  const orderLine = invoice.orderLines.get(textAt(line, "origin"));
  return orderLine?.kind === kind && orderLine.quantity > 0n ? `${kind}/${orderLine.order}/${referenceAt(line, "origin")?.id}` : undefined;
}

/**
 * How much a line takes of each of its stock moves, in the line's unit. Moves are taken in order of their date, as Tryton itself does;
 * what earlier lines of the same sign took is gone.
 */
function takenFrom(line: Row, invoice: Invoice, ground: Ground): { readonly move: Row; readonly quantity: bigint }[] {
  const left = new Map<number, bigint>();
  const isNegative = (row: Row): boolean => Number(at(row, "quantity") ?? 0) < 0;
  const lines = [...invoice.linesOfMoves.filter((other) => other.id < line.id && isNegative(other) === isNegative(line)), line];
  let taken: { readonly move: Row; readonly quantity: bigint }[] = [];
  for (const each of lines.sort((a, b) => a.id - b.id)) {
    const unit = ground.units.get(idAt(each, "unit") ?? 0);
    let wanted = absolute(quantityAt(each, "quantity", unit?.digits ?? QUANTITY_SCALE) ?? 0n);
    taken = [];
    const moves = idsAt(each, "stock_moves").flatMap((id) => invoice.moves.get(id) ?? []).filter((move) => at(move, "state") === "done");
    for (const move of moves.sort((a, b) => (dateAt(a, "effective_date") < dateAt(b, "effective_date") ? -1 : dateAt(a, "effective_date") > dateAt(b, "effective_date") ? 1 : a.id - b.id))) {
      const moveUnit = ground.units.get(idAt(move, "uom") ?? 0);
      const whole = quantityAt(move, "quantity", moveUnit?.digits ?? QUANTITY_SCALE) ?? 0n;
      const rest = left.get(move.id) ?? (unit && moveUnit ? inUnit(whole, moveUnit, unit) : whole);
      const quantity = rest < wanted ? rest : wanted;
      left.set(move.id, rest - quantity);
      wanted -= quantity;
      if (quantity > 0n) taken.push({ move, quantity });
    }
  }
  return taken;
}

/** The rate at which Tryton booked an invoice in another currency; undefined in the company's own. */
function rateOf(partyLines: readonly Row[], currency: string, ground: Ground): string | undefined {
  if (currency === ground.currency) return undefined;
  let base = 0n;
  let original = 0n;
  for (const line of partyLines) {
    base += (numberAt(line, "debit", exponentOf(ground.currency)) ?? 0n) - (numberAt(line, "credit", exponentOf(ground.currency)) ?? 0n);
    original += numberAt(line, "amount_second_currency", exponentOf(currency)) ?? 0n;
  }
  if (original === 0n) return undefined;
  const shift = RATE_SCALE + exponentOf(currency) - exponentOf(ground.currency);
  return formatTrimmed(divideRound(absolute(base) * pow10(shift), absolute(original)), RATE_SCALE);
}

const dueDateOf = (partyLines: readonly Row[]): string => partyLines.map((line) => dateAt(line, "maturity_date")).reduce((latest, day) => (day > latest ? day : latest), "");

// ---- 收付款 -----------------------------------------------------------------------------------------------------------

export const accountMoveFields = ["number", "post_number", "date", "state", "origin", "company", ...stamps] as const;
export const accountMoveLineFields = ["move", "account.code", "account.type.receivable", "account.type.payable", "party.code", "debit", "credit", "amount_second_currency", "second_currency.code", ...stamps] as const;

export type Payment = {
  readonly header: Row;
  readonly lines: readonly Row[];
  /** Invoices by the account move line that pays them. */
  readonly paid: ReadonlyMap<number, { readonly kind: InvoiceKind; readonly id: number }>;
  /** Accounts of payment methods and statement journals. */
  readonly money: ReadonlySet<number>;
};

/**
 * An account move between a party's account and a money account: one document for each party (and side) in it. A receipt is a credit on a
 * receivable account; the other way round is a refund, `credit: true`. What pays no invoice has no link and stays open on the party's account.
 */
export function mapPayment(payment: Payment, ground: Ground): (Mapped & { readonly sourceId: string; readonly kind: "cashReceipt" | "supplierPayment" })[] {
  const { header } = payment;
  const number = textAt(header, "post_number") || textAt(header, "number");
  const money = payment.lines.filter((line) => payment.money.has(idAt(line, "account") ?? -1));
  const parties = payment.lines.filter((line) => idAt(line, "party") !== undefined && (at(line, "account.type.receivable") === true || at(line, "account.type.payable") === true));
  if (parties.length === 0 || money.length === 0) return [];
  const groups = new Map<string, Row[]>();
  for (const line of parties) {
    const key = `${idAt(line, "party")} ${at(line, "account.type.receivable") === true ? "cashReceipt" : "supplierPayment"}`;
    groups.set(key, [...(groups.get(key) ?? []), line]);
  }
  const stranger = payment.lines.find((line) => !money.includes(line) && !parties.includes(line)) ?? (new Set(money.map((line) => idAt(line, "account"))).size > 1 ? money[1] : undefined);

  return [...groups].map(([key, lines]) => {
    const kind = key.endsWith("cashReceipt") ? "cashReceipt" : "supplierPayment";
    const sourceId = groups.size === 1 ? String(header.id) : `${header.id}-${(lines[0] as Row).id}`;
    const problems: Problem[] = stranger ? [{ code: "record.not_cash", facts: { number, account: textAt(stranger, "account.code") } }] : [];
    const role = kind === "cashReceipt" ? "customer" : "supplier";
    const party = partyOf(role, lines[0] as Row, "party", ground, problems);
    const currency = textAt(lines[0] as Row, "second_currency.code") || ground.currency;
    const date = dateAt(header, "date");
    const net = lines.reduce((sum, line) => sum + moneyOf(line, currency, ground), 0n);
    if (!party || problems.length > 0 || net === 0n) return { kind, sourceId, problems };
    const isReceived = net < 0n;
    const account = idAt(money[0] as Row, "account") as number;
    const bankAccount = textAt(money[0] as Row, "account.code") || `#${account}`;
    const links = lines.flatMap((line) => {
      const invoice = payment.paid.get(line.id);
      const amount = moneyOf(line, currency, ground);
      return invoice && amount < 0n === isReceived ? [{ to: `${invoice.kind}/${invoice.id}`, amount: formatMoney(absolute(amount), currency) }] : [];
    });
    return {
      kind, sourceId, needs: [party.need, { master: "bankAccount" as const, id: account, code: bankAccount }],
      document: given<Canonical>({
        schema: `tieout/${kind}@1`, book: ground.book, source: "tryton", sourceId, number, date, [role]: party.code,
        bankAccount, currency, rate: rateOf(lines, currency, ground), amount: formatMoney(absolute(net), currency),
        credit: isReceived === (kind === "cashReceipt") ? undefined : true, links: links.length > 0 ? links : undefined,
      }),
    };
  });
}

/** Debit less credit of a line, in the payment's currency. */
function moneyOf(line: Row, currency: string, ground: Ground): bigint {
  if (currency !== ground.currency) return numberAt(line, "amount_second_currency", exponentOf(currency)) ?? 0n;
  return (numberAt(line, "debit", exponentOf(currency)) ?? 0n) - (numberAt(line, "credit", exponentOf(currency)) ?? 0n);
}

// ---- what all of them use ---------------------------------------------------------------------------------------------

type Figures = {
  readonly product: number | undefined;
  readonly quantity: bigint;
  readonly price: bigint | undefined;
  readonly unit: Unit | undefined;
  readonly stockUnit: Unit | undefined;
  readonly text: { readonly lineId: string; readonly item?: string; readonly description?: string; readonly quantity: string; readonly unit?: string };
};

/** Item, quantity and price of a line of an order, invoice or shipment. The unit is written only where it is not the item's own. */
function readFigures(line: Row, ground: Ground, problems: Problem[], unitField: "unit" | "uom" = "unit"): Figures | undefined {
  const unit = ground.units.get(idAt(line, unitField) ?? 0);
  const product = idAt(line, "product");
  const stockUnit = ground.units.get(idAt(line, "product.default_uom") ?? 0);
  const quantity = quantityAt(line, "quantity", unit?.digits ?? QUANTITY_SCALE);
  const written = at(line, "unit_price");
  const unitPrice = exactAt(line, "unit_price", PRICE_SCALE);
  const where = `line ${line.id}`;
  if (quantity === undefined) problems.push({ code: "record.figure", facts: { field: "quantity", got: JSON.stringify(at(line, "quantity")) }, where });
  if (unitPrice === undefined && written !== null) problems.push({ code: "record.figure", facts: { field: "unit_price", got: JSON.stringify(written) }, where });
  if (quantity === undefined) return undefined;
  return {
    product, quantity, price: unitPrice, unit, stockUnit,
    text: given({
      lineId: String(line.id), item: product === undefined ? undefined : ground.codeOf("product", product, textAt(line, "product.code")),
      description: product === undefined ? textAt(line, "description") : undefined, quantity: formatTrimmed(quantity, QUANTITY_SCALE),
      unit: product !== undefined && unit && stockUnit && unit !== stockUnit ? unit.symbol : undefined,
    }),
  };
}

/** A quantity of one unit in another of the same category, with six decimals. */
const inUnit = (quantity: bigint, from: Unit, to: Unit): bigint => (from === to ? quantity : divideRound(quantity * from.over * to.under, from.under * to.over));

/** The ids of a line's taxes, groups opened. */
function taxIdsOf(line: Row, ground: Ground): Set<number> {
  const ids = new Set<number>();
  const open = (id: number): void => {
    if (ids.has(id)) return;
    ids.add(id);
    ground.taxes.get(id)?.children.forEach(open);
  };
  idsAt(line, "taxes").forEach(open);
  return ids;
}

/** The sum of a line's tax rates: one VAT in China. */
function taxRateOf(line: Row, ground: Ground, problems: Problem[]): bigint {
  let sum = 0n;
  for (const id of taxIdsOf(line, ground)) {
    const tax = ground.taxes.get(id);
    if (tax?.rate === undefined) problems.push({ code: "record.tax_fixed", facts: { tax: tax?.name ?? String(id) }, where: `line ${line.id}` });
    else sum += tax.rate;
  }
  return sum;
}

function partyOf(role: "customer" | "supplier", row: Row, path: string, ground: Ground, problems: Problem[]): { readonly code: string; readonly need: Need } | undefined {
  const id = idAt(row, path);
  if (id !== undefined) {
    const code = ground.codeOf("party", id, textAt(row, `${path}.code`));
    return { code, need: { master: role, id, code } };
  }
  problems.push({ code: "record.no_party", facts: { record: textAt(row, "number") || String(row.id) } });
  return undefined;
}

function warehouseOf(header: Row, ground: Ground, needs: Need[]): string | undefined {
  const id = idAt(header, "warehouse");
  if (id === undefined) return undefined;
  const code = ground.codeOf("warehouse", id, textAt(header, "warehouse.code"));
  needs.push({ master: "warehouse", id, code });
  return code;
}

const nameOf = (name: string): { readonly zh: string } => ({ zh: name });
const price = (value: bigint | undefined): string | undefined => (value === undefined ? undefined : formatTrimmed(value, PRICE_SCALE));
const rate = (value: bigint): string => formatTrimmed(value, QUANTITY_SCALE);
const absolute = (value: bigint): bigint => (value < 0n ? -value : value);

function extraOf(fields: Readonly<Record<string, string | undefined>>): object | undefined {
  const kept = given(fields);
  return Object.keys(kept).length > 0 ? kept : undefined;
}

/** Leaves out what was not written, so that the document says nothing it does not know. */
function given<Fields extends object>(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== "")) as Fields;
}
