/** 采购发票: what suppliers invoice for what was received (N:M), with their mistakes, shortages, and returns after the invoice. */
import { type Supplier, warehouses } from "./company.ts";
import { isDue, plant } from "./defects.ts";
import { invoiceAgain, owe } from "./payables.ts";
import { between, chance, pick } from "./random.ts";
import { atRate, type BasisPoints, type DemoLine, type DemoLink, type DemoRecord, extend, type Fen, type Milli, money, perMille, type Price, priceText, quantityText, rateText, refOf, taxOn, taxRateText } from "./record.ts";
import { type Advance, arrive, bankDay, begin, confirmLater, dateAt, inCurrency, inParts, later, moveStock, nextId, nextInvoiceNumber, onHand, openDay, type Payable, rateOn, type ReceivedLine, type World } from "./world.ts";

/** Month-end invoices of the suppliers that collect a month's receipts in one. */
export function invoiceMonthlySuppliers(world: World): void {
  for (const supplier of world.company.suppliers) {
    const waiting = world.toBeInvoiced[supplier.index] as ReceivedLine[];
    if (waiting.length === 0) continue;
    for (const part of inParts(waiting, 30)) invoiceReceived(world, supplier, part, true, undefined);
    waiting.length = 0;
  }
}

/**
 * One supplier invoice over receipt lines: line by line, or merged by item and price; now and then only a part of them. What
 * is wrong with it, if anything, was decided by `makeMistake`.
 */
export function invoiceReceived(world: World, supplier: Supplier, received: readonly ReceivedLine[], isMerged: boolean, prepayment: Advance | undefined): void {
  const { random } = world;
  const isHome = supplier.currency === "CNY";
  let billed = received.filter((line) => line.quantity > 0);
  if (billed.length === 0) return;
  if (isHome && billed.length > 1 && !isMerged && chance(random, 50)) {
    // Split: the second half is invoiced a few days later.
    const rest = billed.slice(billed.length >> 1);
    billed = billed.slice(0, billed.length >> 1);
    later(world, openDay(world, world.today + between(random, 2, 6)), () => invoiceReceived(world, supplier, rest, false, prepayment));
  }
  const [head] = billed as [ReceivedLine];
  const isClean = isHome && !isMerged && !supplier.isSmall;
  const mistake = isClean ? makeMistake(world, head) : noMistake;
  // Prices differ a little all the time; that is no mistake.
  const over = mistake.over !== 0 ? mistake.over : isHome && chance(random, 60) ? between(random, -1, 1) * perMille(head.price, between(random, 5, 30)) : 0;
  head.quantity -= mistake.missing;

  const id = nextId(world, "PI");
  const dueDay = bankDay(world, world.today + supplier.termDays);
  const record = inCurrency(world, begin(world, "supplierInvoice", "erp", id), supplier.currency);
  Object.assign(record, { supplier: supplier.code, invoiceNumber: isHome ? nextInvoiceNumber(world) : `INV${world.invoiceStem.slice(4)}${id.slice(2)}`, invoiceType: isHome ? (supplier.isSmall ? "ordinary" : "special") : "foreign", department: "D05", dueDate: dateAt(world, dueDay) });
  const lines: DemoLine[] = [];
  let net = 0;
  let tax = 0;
  for (const { links, quantity, line } of gather(billed, isMerged, head, mistake.extra)) {
    const rate = mistake.taxRate ?? (isHome ? line.item.taxRate : 0);
    const price = Math.max(1, line.price + (line === head ? over : 0));
    const lineNet = extend(quantity, price);
    const lineTax = taxOn(lineNet, rate) + (line === head ? mistake.cents : 0);
    net += lineNet;
    tax += lineTax;
    const written: DemoLine = { lineId: String(lines.length + 1), item: line.item.code, quantity: quantityText(quantity) };
    if (line.unit !== line.item.unit) written.unit = line.unit;
    lines.push(Object.assign(written, { price: priceText(price), taxRate: taxRateText(rate), amountNet: money(lineNet), tax: money(lineTax), links }));
  }
  record.lines = lines;
  if (!isHome && isDue(world, "wrongRate")) {
    const rate = rateOn(world, supplier.currency);
    const typed = rate + 9000;
    record.rate = rateText(typed);
    plant(world, "wrongRate", [refOf(record)], atRate(net, typed) - atRate(net, rate));
  }
  arrive(world, record);
  const ref = refOf(record);
  const { cause } = mistake;
  if (cause === "priceDiffers") plant(world, cause, [ref, `erp:purchaseOrder/${head.order}`], extend(head.quantity, head.price + over) - extend(head.quantity, head.price));
  if (cause === "wrongTaxRate") plant(world, cause, [ref], taxOn(net, 1300) - tax);
  if (cause === "quantityDiffers") plant(world, cause, [ref, refOfLine(head.to)], extend(mistake.missing, head.price));
  if (cause === "overLinked") plant(world, cause, [ref, refOfLine(head.to)], extend(mistake.extra, head.price));
  if (cause === "rounding") plant(world, cause, [ref], mistake.cents, mistake.isHeldBack ? "parked" : "posted");
  // Nothing is owed yet, and nothing follows.
  if (mistake.isHeldBack) return;

  if (isHome && !supplier.isSmall) confirmLater(world, ref, tax);
  const payable = owe(world, ref, supplier, net + tax, dueDay);
  if (prepayment !== undefined && prepayment.open > 0) later(world, openDay(world, world.today + 1), () => applyPrepayment(world, supplier, prepayment, payable));
  if (!isMerged) for (const [i, line] of billed.entries()) if (line.short > 0) claimShortage(world, `${ref}/${i + 1}`, line);
  if (isClean && isDue(world, "duplicateInvoice")) later(world, openDay(world, world.today + between(random, 3, 9)), () => invoiceAgain(world, record, net + tax));
  if (isClean && isDue(world, "missingDocument")) invoiceOfNothing(world, record, head);
  if (isClean && isDue(world, "unknownCode", [2])) arriveFromUnknown(world, record, net + tax);
  if (isHome && !isMerged && cause === undefined && head.short === 0 && head.quantity >= 10_000) {
    const isForgotten = isDue(world, "returnWithoutRedInvoice");
    if (isForgotten || chance(random, 14)) later(world, openDay(world, world.today + between(random, 4, 14)), () => returnInvoiced(world, supplier, head, head.price + over, payable, isForgotten));
  }
}

/** Lines of the invoice with the receipt lines they are for; those of one item and price become one when merged. */
function gather(billed: readonly ReceivedLine[], isMerged: boolean, head: ReceivedLine, extra: Milli): Iterable<{ links: DemoLink[]; quantity: Milli; line: ReceivedLine }> {
  const gathered = new Map<string, { links: DemoLink[]; quantity: Milli; line: ReceivedLine }>();
  for (const line of billed) {
    const key = isMerged ? `${line.item.index} ${line.price} ${line.unit}` : line.to;
    let same = gathered.get(key);
    if (same === undefined) gathered.set(key, (same = { links: [], quantity: 0, line }));
    const more = line === head ? extra : 0;
    same.links.push({ to: line.to, quantity: quantityText(line.quantity + more) });
    same.quantity += line.quantity + line.short + more;
  }
  return gathered.values();
}

type Mistake = {
  readonly cause: "priceDiffers" | "wrongTaxRate" | "quantityDiffers" | "overLinked" | "rounding" | undefined;
  /** On the price; on the quantity, not invoiced; on the quantity, never received; on the tax. */
  readonly over: Price;
  readonly missing: Milli;
  readonly extra: Milli;
  readonly cents: Fen;
  readonly taxRate: BasisPoints | undefined;
  readonly isHeldBack: boolean;
};
const noMistake: Mistake = { cause: undefined, over: 0, missing: 0, extra: 0, cents: 0, taxRate: undefined, isHeldBack: false };

/** Takes a planted defect off the plan, if one of an invoice's own is due. */
function makeMistake(world: World, head: ReceivedLine): Mistake {
  if (isDue(world, "priceDiffers")) return { ...noMistake, cause: "priceDiffers", over: perMille(head.price, between(world.random, 90, 160)) };
  if (isDue(world, "wrongTaxRate")) return { ...noMistake, cause: "wrongTaxRate", taxRate: 900 };
  if (head.quantity >= 10_000 && head.short === 0 && isDue(world, "quantityDiffers", [3, 1])) return { ...noMistake, cause: "quantityDiffers", missing: Math.floor(head.quantity / 10_000) * 1000 };
  if (isDue(world, "overLinked")) return { ...noMistake, cause: "overLinked", extra: 10_000, isHeldBack: true };
  // The last of them is off by one cent only, which is accepted.
  if (isDue(world, "rounding", [1])) return { ...noMistake, cause: "rounding", cents: 1 };
  if (isDue(world, "rounding")) return { ...noMistake, cause: "rounding", cents: 3, isHeldBack: true };
  return noMistake;
}

const refOfLine = (to: string): string => to.slice(0, to.lastIndexOf("/"));

function applyPrepayment(world: World, supplier: Supplier, prepayment: Advance, payable: Payable): void {
  const amount = Math.min(prepayment.open, payable.open);
  if (amount <= 0) return;
  prepayment.open -= amount;
  payable.open -= amount;
  const record = begin(world, "settlement", "fin", nextId(world, "ST"));
  arrive(world, Object.assign(record, { supplier: supplier.code, type: "prepaymentToPayable", amount: money(amount), links: [{ to: prepayment.ref, amount: money(amount) }, { to: payable.ref, amount: money(amount) }] }));
}

/** Who bears what was missing on arrival. */
function claimShortage(world: World, invoiceLine: string, line: ReceivedLine): void {
  const outcome = pick(world.random, ["payer", "payer", "normalLoss", "ourFault"]);
  const carrier = pick(world.random, world.company.suppliers.filter((supplier) => supplier.role === "carrier"));
  later(world, openDay(world, world.today + between(world.random, 4, 9)), () => {
    const record = begin(world, "claim", "erp", nextId(world, "CM"));
    if (outcome === "payer") record.supplier = carrier.code;
    const missing: DemoLine = { lineId: "1", item: line.item.code, quantity: quantityText(line.short) };
    if (line.unit !== line.item.unit) missing.unit = line.unit;
    missing.links = [{ to: invoiceLine, quantity: quantityText(line.short) }];
    arrive(world, Object.assign(record, { outcome, department: "D07", lines: [missing] }));
    if (outcome !== "normalLoss") world.vat += taxOn(extend(line.short, line.price), line.item.taxRate);
  });
}

function invoiceOfNothing(world: World, record: DemoRecord, line: ReceivedLine): void {
  const never = `wms:goodsReceipt/GR${world.period.slice(2, 4)}${world.period.slice(5)}-X${world.planted.length}`;
  const net = extend(20_000, line.price);
  const lines: DemoLine[] = [{ lineId: "1", item: line.item.code, quantity: "20", ...(line.unit === line.item.unit ? {} : { unit: line.unit }), price: priceText(line.price), taxRate: taxRateText(line.item.taxRate), amountNet: money(net), tax: money(taxOn(net, line.item.taxRate)), links: [{ to: `${never}/1`, quantity: "20" }] }];
  const phantom: DemoRecord = { ...record, sourceId: nextId(world, "PI"), invoiceNumber: nextInvoiceNumber(world), lines };
  arrive(world, phantom);
  plant(world, "missingDocument", [refOf(phantom), never], net + taxOn(net, line.item.taxRate));
}

function arriveFromUnknown(world: World, record: DemoRecord, gross: Fen): void {
  const stranger: DemoRecord = { ...record, sourceId: nextId(world, "PI"), invoiceNumber: nextInvoiceNumber(world), supplier: "S9999", lines: (record.lines as DemoLine[]).map(({ links: _, ...line }) => line) };
  arrive(world, stranger);
  plant(world, "unknownCode", [refOf(stranger)], gross);
}

/** Back after the invoice: the goods, then the red invoice, then (where it was paid) the money. */
function returnInvoiced(world: World, supplier: Supplier, line: ReceivedLine, price: Price, payable: Payable, isForgotten: boolean): void {
  const quantity = Math.max(1000, Math.floor(line.quantity / 6000) * 1000);
  if (onHand(world, line.item, 0) < quantity * line.perUnit) return;
  const back = sendBack(world, supplier, line, quantity, 0);
  const net = extend(quantity, price);
  const tax = taxOn(net, line.item.taxRate);
  if (isForgotten) {
    plant(world, "returnWithoutRedInvoice", [back], net + tax);
    return;
  }
  later(world, openDay(world, world.today + between(world.random, 2, 8)), () => {
    const record = begin(world, "supplierInvoice", "erp", nextId(world, "PI"));
    const red: DemoLine = { lineId: "1", item: line.item.code, quantity: quantityText(quantity) };
    if (line.unit !== line.item.unit) red.unit = line.unit;
    Object.assign(red, { price: priceText(price), taxRate: taxRateText(line.item.taxRate), amountNet: money(net), tax: money(tax), links: [{ to: `${back}/1`, quantity: quantityText(quantity) }, { to: `${payable.ref}/1`, quantity: quantityText(quantity) }] });
    arrive(world, Object.assign(record, { supplier: supplier.code, credit: true, invoiceNumber: nextInvoiceNumber(world), invoiceType: supplier.isSmall ? "ordinary" : "special", department: "D05", lines: [red] }));
    if (!supplier.isSmall) confirmLater(world, refOf(record), -tax);
    const cleared = Math.min(payable.open, net + tax);
    payable.open -= cleared;
    const refund = net + tax - cleared;
    if (refund > 0) later(world, bankDay(world, world.today + between(world.random, 5, 15)), () => {
      world.bank.BA1 += refund;
      const paid = begin(world, "supplierPayment", "fin", nextId(world, "PY"));
      arrive(world, Object.assign(paid, { supplier: supplier.code, bankAccount: "BA1", amount: money(refund), credit: true, purpose: "refund", links: [{ to: refOf(record), amount: money(refund) }] }));
    });
  });
}

/** Goods go back to the supplier. */
export function sendBack(world: World, supplier: Supplier, line: ReceivedLine, quantity: Milli, warehouse: number): string {
  moveStock(world, line.item, warehouse, -quantity * line.perUnit);
  const record = begin(world, "goodsReturn", "wms", nextId(world, "RT"));
  const back: DemoLine = { lineId: "1", item: line.item.code, quantity: quantityText(quantity) };
  if (line.unit !== line.item.unit) back.unit = line.unit;
  back.links = [{ to: line.to, quantity: quantityText(quantity) }];
  arrive(world, Object.assign(record, { supplier: supplier.code, warehouse: warehouses[warehouse], lines: [back] }));
  return refOf(record);
}
