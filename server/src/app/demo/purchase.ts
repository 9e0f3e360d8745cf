/** 采购到付款: requisition → order → receipt → invoice (N:M) → payment, with freight, duty, returns, shortages and prepayments. */
import { type Item, staffOf, employeeCode, type Supplier, warehouses } from "./company.ts";
import { isDue, plant } from "./defects.ts";
import { below, between, chance, pick } from "./random.ts";
import { atRate, type DemoLine, type DemoLink, type DemoRecord, divide, extend, type Fen, type Milli, money, perMille, type Price, priceText, quantityText, rateText, refOf, taxOn, taxRateText } from "./record.ts";
import { arrive, bankDay, begin, cancelled, confirmLater, dateAt, endsSoon, inCurrency, later, moveStock, nextId, nextInvoiceNumber, onHand, openDay, paperDate, type Payable, payingAccount, rateOn, type ReceivedLine, revised, staysInPeriod, stockOf, takeOpen, timesToday, type World } from "./world.ts";

type OrderLine = { readonly lineId: string; readonly item: Item; readonly unit: string; readonly perUnit: number; readonly price: Price; open: Milli };
type Order = { readonly id: string; readonly supplier: Supplier; readonly lines: readonly OrderLine[]; prepayment: Prepayment | undefined };
type Prepayment = { readonly ref: string; open: Fen };

/** How many order lines a day at scale 1 the buying policy aims at; what is bought at once follows from it. */
const linesADay = 24;

/** Orders what stock, receipts under way and use of the last weeks call for. */
export function replenish(world: World): void {
  const { boughtFrom } = world.company;
  const bought = boughtFrom.reduce((sum, items) => sum + items.length, 0);
  const cycleTenths = Math.max(1, Math.floor((bought * 10_000) / (linesADay * world.scale)));
  // Few items and much business: what a day needs comes in several orders.
  const orders = Math.max(1, Math.floor(10 / cycleTenths));
  for (const [at, items] of boughtFrom.entries()) {
    if (items.length === 0) continue;
    const supplier = world.company.suppliers[at] as Supplier;
    const coverDays = Math.floor((supplier.leadDays * 3) / 4) + (supplier.currency === "CNY" ? 13 : 24);
    const wanted: { item: Item; quantity: Milli }[] = [];
    let isUrgent = false;
    for (const item of items) {
      const rate = world.rate[item.index] as number;
      const position = stockOf(world, item) + (world.onOrder[item.index] as number) - (world.backlog[item.index] as number);
      const level = rate * coverDays;
      const batch = divide(rate * Math.max(10, cycleTenths), 10);
      if (position < level) isUrgent = true;
      // What will be needed soon is ordered with what is needed now.
      if (position < level + batch + batch / 2) wanted.push({ item, quantity: upTo(divide(Math.max(item.lot, batch, level - position), orders), item.lot) });
    }
    if (isUrgent) for (let n = 0; n < orders; n++) for (let i = 0; i < wanted.length; i += 8) placeOrder(world, supplier, wanted.slice(i, i + 8));
  }
}

const upTo = (quantity: Milli, lot: Milli): Milli => Math.ceil(quantity / lot) * lot;

/** Smooths what was used today into the daily use that the policy reckons with. */
export function forecastUse(world: World): void {
  for (const item of world.company.items) {
    const window = item.list > 0 ? 30 : 60;
    world.rate[item.index] = divide((world.rate[item.index] as number) * (window - 1) + (world.used[item.index] as number), window);
    world.used[item.index] = 0;
  }
}

function placeOrder(world: World, supplier: Supplier, wanted: readonly { item: Item; quantity: Milli }[]): void {
  const { random } = world;
  for (const { item, quantity } of wanted) world.onOrder[item.index] = (world.onOrder[item.index] as number) + quantity;
  if (supplier.role === "turnover" && chance(random, 400)) {
    const request = begin(world, "purchaseRequisition", "erp", nextId(world, "PR"));
    request.department = "D06";
    request.lines = wanted.map(({ item, quantity }, i) => ({ lineId: String(i + 1), item: item.code, quantity: quantityText(quantity) }));
    arrive(world, request);
    later(world, openDay(world, world.today + 2), () => sendOrder(world, supplier, wanted, refOf(request)));
  } else sendOrder(world, supplier, wanted);
}

function sendOrder(world: World, supplier: Supplier, wanted: readonly { item: Item; quantity: Milli }[], requisition?: string): void {
  const { random } = world;
  const rate = rateOn(world, supplier.currency);
  const order: Order = {
    id: nextId(world, "PO"), supplier, prepayment: undefined,
    lines: wanted.map(({ item, quantity }, i) => {
      const isBoxed = item.box > 0 && supplier.index % 3 === 0;
      const perUnit = isBoxed ? item.box : 1;
      const asked = divide(item.cost * between(random, 970, 1030), 1000) * perUnit;
      const price = divide(asked * 10_000, rate);
      // Metal is priced to four decimals, the rest to two.
      return { lineId: String(i + 1), item, unit: isBoxed ? "box" : item.unit, perUnit, price: Math.max(100, item.unit === "kg" || isBoxed ? price : divide(price, 100) * 100), open: quantity / perUnit };
    }),
  };
  const record = inCurrency(world, begin(world, "purchaseOrder", "erp", order.id), supplier.currency);
  const [first, last] = staffOf("D05");
  Object.assign(record, { supplier: supplier.code, department: "D05", buyer: employeeCode(between(random, first, last)), dueDate: dateAt(world, openDay(world, world.today + supplier.leadDays)) });
  record.lines = order.lines.map((line) => orderLine(supplier, line, line.open, requisition));
  const fate = below(random, 1000);
  const day = openDay(world, world.today + supplier.leadDays + between(random, -2, 4));
  if (fate < 7) {
    // Cancelled at once, and ordered again when the need shows again.
    arrive(world, record);
    later(world, openDay(world, world.today + 1), () => {
      arrive(world, cancelled(record));
      for (const line of order.lines) world.onOrder[line.item.index] = (world.onOrder[line.item.index] as number) - line.open * line.perUnit;
    });
    return;
  }
  if (fate < 18) {
    const [head] = order.lines as [OrderLine];
    arrive(world, { ...record, lines: record.lines.map((line, i) => (i === 0 ? { ...line, price: priceText(head.price + 500) } : line)) });
    later(world, openDay(world, world.today + 1), () => arrive(world, revised(record, {})));
  } else arrive(world, record);
  if (supplier.prepaidPerMille > 0) later(world, bankDay(world, world.today + 1), () => prepay(world, order));
  later(world, day, () => receive(world, order));
}

function orderLine(supplier: Supplier, line: OrderLine, quantity: Milli, requisition: string | undefined): DemoLine {
  const record: DemoLine = { lineId: line.lineId, item: line.item.code, quantity: quantityText(quantity) };
  if (line.unit !== line.item.unit) record.unit = line.unit;
  record.price = priceText(line.price);
  record.taxRate = taxRateText(supplier.currency === "CNY" ? line.item.taxRate : 0);
  if (requisition !== undefined) record.links = [{ to: `${requisition}/${line.lineId}`, quantity: quantityText(quantity) }];
  return record;
}

function prepay(world: World, order: Order): void {
  let gross = 0;
  for (const line of order.lines) gross += extend(line.open, line.price);
  const amount = Math.floor(perMille(gross, order.supplier.prepaidPerMille) / 100) * 100;
  if (amount === 0) return;
  const account = payingAccount(world, "CNY", amount) ?? "BA1";
  world.bank[account] -= amount;
  const record = begin(world, "supplierPayment", "fin", nextId(world, "PY"));
  arrive(world, Object.assign(record, { supplier: order.supplier.code, bankAccount: account, amount: money(amount), purpose: "prepayment", links: [{ to: `erp:purchaseOrder/${order.id}`, amount: money(amount) }] }));
  order.prepayment = { ref: refOf(record), open: amount };
}

/** Goods come in: all of them or a part, once in a while wrongly keyed. */
function receive(world: World, order: Order): void {
  const { random } = world;
  const { supplier } = order;
  const isPartial = chance(random, 220);
  const warehouse = supplier.role === "merchandise" && chance(random, 120) ? between(random, 1, 2) : 0;
  const id = nextId(world, "GR");
  const received: ReceivedLine[] = [];
  const lines: DemoLine[] = [];
  for (const line of order.lines) {
    if (line.open <= 0) continue;
    let quantity = isPartial ? Math.floor((line.open * between(random, 400, 900)) / 1_000_000) * 1000 : line.open;
    if (quantity <= 0) continue;
    let short = 0;
    // A few pieces are missing on arrival; the invoice will be for all of them.
    if (!isPartial && quantity >= 20_000 && supplier.currency === "CNY" && !supplier.isSmall && supplier.billing === "receipt" && chance(random, 2)) {
      short = between(random, 1, 4) * 1000;
      quantity -= short;
    }
    const lineId = String(lines.length + 1);
    const record: DemoLine = { lineId, item: line.item.code, quantity: quantityText(quantity) };
    if (line.unit !== line.item.unit) record.unit = line.unit;
    record.links = [{ to: `erp:purchaseOrder/${order.id}/${line.lineId}`, quantity: quantityText(quantity) }];
    lines.push(record);
    received.push({ to: `wms:goodsReceipt/${id}/${lineId}`, item: line.item, unit: line.unit, perUnit: line.perUnit, price: line.price, quantity, short, order: order.id });
    world.onOrder[line.item.index] = (world.onOrder[line.item.index] as number) - (quantity + short) * line.perUnit;
    line.open -= quantity + short;
  }
  if (order.lines.some((line) => line.open > 0)) later(world, openDay(world, world.today + between(random, 3, 8)), () => receive(world, order));
  if (lines.length === 0) return;
  const record = inCurrency(world, begin(world, "goodsReceipt", "wms", id), supplier.currency);
  Object.assign(record, { supplier: supplier.code, warehouse: warehouses[warehouse], lines });

  if (supplier.currency === "CNY" && isDue(world, "wrongUnit")) {
    // Held back: these goods never enter the books, so nothing follows.
    record.lines = lines.map((line) => ({ ...line, unit: "case" }));
    arrive(world, record);
    plant(world, "wrongUnit", [refOf(record), `erp:purchaseOrder/${order.id}`], valueOf(received));
    return;
  }
  const fate = below(random, 1000);
  if (fate < 8 && staysInPeriod(world)) {
    // Keyed into the wrong warehouse, cancelled, keyed again.
    const wrong = { ...record, sourceId: nextId(world, "GR"), warehouse: warehouses[(warehouse + 1) % 3] as string };
    arrive(world, wrong);
    later(world, openDay(world, world.today + 1), () => {
      arrive(world, cancelled(wrong));
      arrive(world, { ...record, date: world.date });
      takeIn(world, received, warehouse);
      followUp(world, order, received, record, warehouse);
    });
    return;
  }
  const [head] = received as [ReceivedLine];
  if (fate < 22 && head.quantity >= 10_000 && head.short === 0 && staysInPeriod(world)) {
    // Counted again the day after: version 2 has some more.
    const missed = 2000;
    arrive(world, { ...record, lines: lines.map((line, i) => (i === 0 ? counted(line, head.quantity - missed) : line)) });
    takeIn(world, received, warehouse);
    moveStock(world, head.item, warehouse, -missed * head.perUnit);
    later(world, openDay(world, world.today + 1), () => {
      arrive(world, revised(record, {}));
      moveStock(world, head.item, warehouse, missed * head.perUnit);
      followUp(world, order, received, record, warehouse);
    });
    return;
  }
  if (fate < 90 && supplier.billing === "receipt" && order.prepayment === undefined && received.every((line) => line.short === 0) && staysInPeriod(world) && supplier.currency === "CNY") {
    // The electronic invoice is here before the warehouse has keyed the receipt.
    invoice(world, supplier, received.map((line) => ({ ...line })), false, undefined);
    later(world, openDay(world, world.today + 1), () => {
      arrive(world, { ...record, date: world.date });
      takeIn(world, received, warehouse);
    });
    return;
  }
  arrive(world, record);
  takeIn(world, received, warehouse);
  followUp(world, order, received, record, warehouse);
}

const valueOf = (lines: readonly ReceivedLine[]): Fen => lines.reduce((sum, line) => sum + extend(line.quantity, line.price), 0);

const counted = (line: DemoLine, quantity: Milli): DemoLine => ({ ...line, quantity: quantityText(quantity), links: (line.links as DemoLink[]).map((link) => ({ ...link, quantity: quantityText(quantity) })) });

function takeIn(world: World, received: readonly ReceivedLine[], warehouse: number): void {
  for (const line of received) moveStock(world, line.item, warehouse, line.quantity * line.perUnit);
}

/** What a receipt leads to: a return, freight, and sooner or later the invoice. */
function followUp(world: World, order: Order, received: ReceivedLine[], record: DemoRecord, warehouse: number): void {
  const { random } = world;
  const { supplier } = order;
  if (supplier.currency === "CNY" && isDue(world, "missingInvoice")) {
    plant(world, "missingInvoice", [refOf(record)], valueOf(received));
    return;
  }
  if (supplier.currency !== "CNY") {
    invoice(world, supplier, received, false, order.prepayment);
    later(world, openDay(world, world.today + 1), () => clearCustoms(world, supplier, received));
    return;
  }
  if (chance(random, 130) && valueOf(received) > 200_000) world.freightIn.push({ refs: received.map((line) => line.to), value: valueOf(received) });
  if (chance(random, 16)) returnGoods(world, supplier, received, warehouse);
  if (supplier.billing === "month") world.toBeInvoiced[supplier.index]?.push(...received);
  else later(world, openDay(world, world.today + between(random, 2, 9)), () => invoice(world, supplier, received, false, order.prepayment));
}

/** Back to the supplier before it has invoiced them: the invoice will be for the rest. */
function returnGoods(world: World, supplier: Supplier, received: readonly ReceivedLine[], warehouse: number): void {
  const line = received.find((each) => each.quantity >= 10_000 && each.short === 0);
  if (line === undefined) return;
  const quantity = Math.max(1000, Math.floor(line.quantity / 8000) * 1000);
  if (onHand(world, line.item, warehouse) < quantity * line.perUnit) return;
  line.quantity -= quantity;
  sendBack(world, supplier, line, quantity, warehouse);
}

function sendBack(world: World, supplier: Supplier, line: ReceivedLine, quantity: Milli, warehouse: number): string {
  moveStock(world, line.item, warehouse, -quantity * line.perUnit);
  const record = begin(world, "goodsReturn", "wms", nextId(world, "RT"));
  const back: DemoLine = { lineId: "1", item: line.item.code, quantity: quantityText(quantity) };
  if (line.unit !== line.item.unit) back.unit = line.unit;
  back.links = [{ to: line.to, quantity: quantityText(quantity) }];
  arrive(world, Object.assign(record, { supplier: supplier.code, warehouse: warehouses[warehouse], lines: [back] }));
  return refOf(record);
}

/** Month-end invoices of the suppliers that collect a month's receipts in one. */
export function invoiceMonthlySuppliers(world: World): void {
  for (const supplier of world.company.suppliers) {
    const waiting = world.toBeInvoiced[supplier.index] as ReceivedLine[];
    if (waiting.length === 0) continue;
    for (const part of inParts(waiting, 30)) invoice(world, supplier, part, true, undefined);
    waiting.length = 0;
  }
}

function* inParts<T>(list: readonly T[], most: number): Generator<T[]> {
  for (let i = 0; i < list.length; i += most) yield list.slice(i, i + most);
}

/** An invoice over lines received before the books began. */
export const invoiceReceived = (world: World, supplier: Supplier, received: readonly ReceivedLine[]): void => invoice(world, supplier, received, true, undefined);

/** One supplier invoice over receipt lines: line by line, or merged by item and price; now and then only a part of them. */
function invoice(world: World, supplier: Supplier, received: readonly ReceivedLine[], isMerged: boolean, prepayment: Prepayment | undefined): void {
  const { random } = world;
  const isHome = supplier.currency === "CNY";
  let billed = received.filter((line) => line.quantity > 0);
  if (billed.length === 0) return;
  if (isHome && billed.length > 1 && !isMerged && chance(random, 50)) {
    // Split: the second half is invoiced a few days later.
    const rest = billed.slice(billed.length >> 1);
    billed = billed.slice(0, billed.length >> 1);
    later(world, openDay(world, world.today + between(random, 2, 6)), () => invoice(world, supplier, rest, false, prepayment));
  }
  const id = nextId(world, "PI");
  const record = inCurrency(world, begin(world, "supplierInvoice", "erp", id), supplier.currency);
  const dueDay = bankDay(world, world.today + supplier.termDays);
  Object.assign(record, { supplier: supplier.code, invoiceNumber: isHome ? nextInvoiceNumber(world) : `INV${world.invoiceStem.slice(4)}${id.slice(2)}`, invoiceType: isHome ? (supplier.isSmall ? "ordinary" : "special") : "foreign", department: "D05", dueDate: dateAt(world, dueDay) });
  const [head] = billed as [ReceivedLine];
  const order = `erp:purchaseOrder/${head.order}`;
  const isClean = isHome && !isMerged && !supplier.isSmall;
  let taxRate = isHome ? head.item.taxRate : 0;

  let defect: "priceDiffers" | "wrongTaxRate" | "quantityDiffers" | "overLinked" | "rounding" | undefined;
  if (isClean) {
    if (isDue(world, "priceDiffers")) defect = "priceDiffers";
    else if (isDue(world, "wrongTaxRate")) defect = "wrongTaxRate";
    else if (head.quantity >= 10_000 && head.short === 0 && isDue(world, "quantityDiffers", [3, 1])) defect = "quantityDiffers";
    else if (isDue(world, "overLinked")) defect = "overLinked";
    else if (isDue(world, "rounding")) defect = "rounding";
  }
  let over = 0;
  if (defect === "priceDiffers") over = perMille(head.price, between(random, 90, 160));
  else if (isHome && chance(random, 60)) over = between(random, -1, 1) * perMille(head.price, between(random, 5, 30));
  if (defect === "wrongTaxRate") taxRate = 900;
  const missing = defect === "quantityDiffers" ? Math.floor(head.quantity / 10_000) * 1000 : 0;
  head.quantity -= missing;
  const extra = defect === "overLinked" ? 10_000 : 0;

  const lines: DemoLine[] = [];
  const merged = new Map<string, { links: DemoLink[]; quantity: Milli; line: ReceivedLine }>();
  for (const line of billed) {
    const key = isMerged ? `${line.item.index} ${line.price} ${line.unit}` : line.to;
    const same = merged.get(key) ?? { links: [], quantity: 0, line };
    if (same.links.length === 0) merged.set(key, same);
    same.links.push({ to: line.to, quantity: quantityText(line.quantity + (line === head ? extra : 0)) });
    same.quantity += line.quantity + line.short + (line === head ? extra : 0);
  }
  let net = 0;
  let tax = 0;
  for (const { links, quantity, line } of merged.values()) {
    const price = Math.max(1, line.price + (line === head ? over : 0));
    const lineNet = extend(quantity, price);
    const lineTax = taxOn(lineNet, taxRate === 900 ? 900 : isHome ? line.item.taxRate : 0);
    const cents = line === head && defect === "rounding" ? (world.defects.rounding?.length === 0 ? 1 : 3) : 0;
    net += lineNet;
    tax += lineTax + cents;
    const written: DemoLine = { lineId: String(lines.length + 1), item: line.item.code, quantity: quantityText(quantity) };
    if (line.unit !== line.item.unit) written.unit = line.unit;
    Object.assign(written, { price: priceText(price), taxRate: taxRateText(taxRate === 900 ? 900 : isHome ? line.item.taxRate : 0), amountNet: money(lineNet), tax: money(lineTax + cents), links });
    lines.push(written);
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

  if (defect === "priceDiffers") plant(world, defect, [ref, order], extend(head.quantity, head.price + over) - extend(head.quantity, head.price));
  if (defect === "wrongTaxRate") plant(world, defect, [ref], taxOn(net, 1300) - tax);
  if (defect === "quantityDiffers") plant(world, defect, [ref, refOfLine(head.to)], extend(missing, head.price));
  if (defect === "overLinked") plant(world, defect, [ref, refOfLine(head.to)], extend(extra, head.price));
  if (defect === "rounding") plant(world, defect, [ref], world.defects.rounding?.length === 0 ? 1 : 3, world.defects.rounding?.length === 0 ? "posted" : "parked");
  // Held back, so nothing is owed yet and nothing follows.
  if (defect === "overLinked" || (defect === "rounding" && world.defects.rounding?.length !== 0)) return;

  if (isHome && !supplier.isSmall) {
    confirmLater(world, ref, tax);
  }
  const payable = owe(world, ref, supplier, net + tax, dueDay);
  if (prepayment !== undefined && prepayment.open > 0) later(world, openDay(world, world.today + 1), () => applyPrepayment(world, supplier, prepayment, payable));
  if (!isMerged) for (const [i, line] of billed.entries()) if (line.short > 0) claimShortage(world, `${ref}/${i + 1}`, line);
  if (isClean && isDue(world, "duplicateInvoice")) later(world, openDay(world, world.today + between(random, 3, 9)), () => invoiceAgain(world, record, net + tax));
  if (isClean && isDue(world, "missingDocument")) invoiceOfNothing(world, record, head);
  if (isClean && isDue(world, "unknownCode", [2])) arriveFromUnknown(world, record, net + tax);
  if (isHome && !isMerged && defect === undefined && head.short === 0 && head.quantity >= 10_000) {
    const isForgotten = isDue(world, "returnWithoutRedInvoice");
    if (isForgotten || chance(random, 14)) later(world, openDay(world, world.today + between(random, 4, 14)), () => returnInvoiced(world, supplier, head, head.price + over, payable, isForgotten));
  }
}

const refOfLine = (to: string): string => to.slice(0, to.lastIndexOf("/"));

/** Adds to what is owed, to be paid by a weekly run. */
export function owe(world: World, ref: string, supplier: Supplier, gross: Fen, due: number): Payable {
  const payable: Payable = { ref, supplier, due, open: gross };
  world.payables[supplier.index]?.push(payable);
  return payable;
}

function applyPrepayment(world: World, supplier: Supplier, prepayment: Prepayment, payable: Payable): void {
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

/** The same paper keyed twice, its number written in another way. */
function invoiceAgain(world: World, record: DemoRecord, gross: Fen): void {
  const number = record.invoiceNumber as string;
  const written = pick(world.random, [`${number.slice(0, 4)} ${number.slice(4, 12)} ${number.slice(12)}`, `${number.slice(0, 12)}-${number.slice(12)}`, `No.${number}`, number.replace(/\d/g, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0))]);
  const again: DemoRecord = { ...record, sourceId: nextId(world, "PI"), invoiceNumber: written };
  arrive(world, again);
  plant(world, "duplicateInvoice", [refOf(again), refOf(record)], gross);
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

/** Inbound freight of the week: each carrier's invoice covers a few receipts. */
export function invoiceFreightIn(world: World): void {
  const { random } = world;
  const carriers = world.company.suppliers.filter((supplier) => supplier.role === "carrier");
  const waiting = world.freightIn;
  world.freightIn = [];
  for (let i = 0; i < waiting.length; ) {
    const some = waiting.slice(i, (i += between(random, 1, 4)));
    const carrier = pick(random, carriers);
    const net = perMille(some.reduce((sum, { value }) => sum + value, 0), between(random, 6, 18)) + 8000;
    const dueDay = bankDay(world, world.today + carrier.termDays);
    const isWrongPeriod = endsSoon(world) && isDue(world, "wrongPeriod", [1]);
    const record = begin(world, "costInvoice", "erp", nextId(world, "CI"), isWrongPeriod ? dateAt(world, world.today + 7) : paperDate(world));
    Object.assign(record, { supplier: carrier.code, invoiceNumber: nextInvoiceNumber(world), invoiceType: "special", allocateBy: chance(random, 700) ? "amount" : "quantity", department: "D05", dueDate: dateAt(world, dueDay) });
    record.lines = [{ lineId: "1", charge: "freight", amountNet: money(net), taxRate: taxRateText(900), tax: money(taxOn(net, 900)), links: some.flatMap(({ refs }) => refs.map((to) => ({ to }))) }];
    arrive(world, record);
    if (isWrongPeriod) {
      plant(world, "wrongPeriod", [refOf(record)], net);
      later(world, world.today + 7, () => confirmLater(world, refOf(record), taxOn(net, 900)));
    } else confirmLater(world, refOf(record), taxOn(net, 900));
    owe(world, refOf(record), carrier, net + taxOn(net, 900), dueDay);
  }
}

/** Duty and import VAT, paid to customs at once, and the agent's invoice. */
function clearCustoms(world: World, supplier: Supplier, received: readonly ReceivedLine[]): void {
  const value = atRate(valueOf(received), rateOn(world, supplier.currency));
  const duty = perMille(value, 50);
  const vat = taxOn(value + duty, 1300);
  const links = received.map(({ to }) => ({ to }));
  const account = payingAccount(world, "CNY", duty + vat) ?? "BA1";
  world.bank[account] -= duty + vat;
  world.vat -= vat;
  const customs = begin(world, "costInvoice", "erp", nextId(world, "CI"));
  arrive(world, Object.assign(customs, { invoiceNumber: nextInvoiceNumber(world), invoiceType: "customs", allocateBy: "amount", department: "D05", paidFrom: account, lines: [{ lineId: "1", charge: "duty", amountNet: money(duty), tax: money(vat), links }] }));
  const agent = pick(world.random, world.company.suppliers.filter(({ role }) => role === "agent"));
  const fee = 50_000 + perMille(value, 3);
  const dueDay = bankDay(world, world.today + agent.termDays);
  const record = begin(world, "costInvoice", "erp", nextId(world, "CI"));
  arrive(world, Object.assign(record, { supplier: agent.code, invoiceNumber: nextInvoiceNumber(world), invoiceType: "special", allocateBy: "amount", department: "D05", dueDate: dateAt(world, dueDay), lines: [{ lineId: "1", charge: "agency", amountNet: money(fee), taxRate: taxRateText(600), tax: money(taxOn(fee, 600)), links }] }));
  confirmLater(world, refOf(record), taxOn(fee, 600));
  owe(world, refOf(record), agent, fee + taxOn(fee, 600), dueDay);
}

const expenseDepartments: Readonly<Record<string, readonly string[]>> = { "5101": ["D06"], "6601": ["D04", "D07"], "6602": ["D01", "D02", "D03", "D05"] };

/** Power, rent, advertising …: invoices without a receipt. */
export function invoiceExpenses(world: World): void {
  const { random } = world;
  const providers = world.company.suppliers.filter(({ role }) => role === "expense");
  for (const item of world.company.expenses)
    for (let times = timesToday(world, item.code, 16); times > 0; times--) {
      const supplier = providers[(item.index + times) % providers.length] as Supplier;
      const net = divide(item.cost * between(random, 900, 1100), 100_000);
      const tax = taxOn(net, item.taxRate);
      const dueDay = bankDay(world, world.today + supplier.termDays);
      const record = begin(world, "supplierInvoice", "erp", nextId(world, "PI"));
      Object.assign(record, { supplier: supplier.code, invoiceNumber: nextInvoiceNumber(world), invoiceType: "special", dueDate: dateAt(world, dueDay), department: pick(random, expenseDepartments[item.expenseAccount as string] as readonly string[]) });
      record.lines = [{ lineId: "1", item: item.code, quantity: "1", amountNet: money(net), taxRate: taxRateText(item.taxRate), tax: money(tax) }];
      arrive(world, record);
      confirmLater(world, refOf(record), tax);
      owe(world, refOf(record), supplier, net + tax, dueDay);
      if (isDue(world, "duplicateInvoice")) later(world, openDay(world, world.today + 5), () => invoiceAgain(world, record, net + tax));
    }
}

/** The weekly payment run: per supplier, all that is due; some wait a week, some get a part, some are paid by a note from the drawer. */
export function paySuppliers(world: World): void {
  const { random } = world;
  for (const supplier of world.company.suppliers) {
    const open = world.payables[supplier.index] as Payable[];
    if (open.length === 0) continue;
    const due = open.filter((payable) => payable.due <= world.today + 2 && payable.open > 0);
    if (!chance(random, 90)) for (const part of inParts(due, between(random, 1, 5))) paySupplier(world, supplier, part);
    world.payables[supplier.index] = open.filter((payable) => payable.open > 0);
  }
}

function paySupplier(world: World, supplier: Supplier, due: readonly Payable[]): void {
  const { random } = world;
  const isHome = supplier.currency === "CNY";
  let total = due.reduce((sum, payable) => sum + payable.open, 0);
  if (supplier.takesNotes && payByNote(world, supplier, due, total)) total = due.reduce((sum, payable) => sum + payable.open, 0);
  if (total <= 0) return;
  const amount = chance(random, 45) ? perMille(total, between(random, 400, 700)) : total;
  const account = payingAccount(world, supplier.currency, amount + 10_000);
  if (account === undefined) return;
  const fee = !isHome ? 3500 : chance(random, 60) ? between(random, 5, 50) * 100 : 0;
  world.bank[account] -= amount + fee;
  const record = inCurrency(world, begin(world, "supplierPayment", "fin", nextId(world, "PY")), supplier.currency);
  Object.assign(record, { supplier: supplier.code, bankAccount: account, amount: money(amount), links: takeOpen(due, amount) });
  if (fee > 0) record.fee = money(fee);
  if (!isHome && isDue(world, "wrongRate")) {
    const rate = rateOn(world, supplier.currency);
    record.rate = rateText(rate - 900);
    plant(world, "wrongRate", [refOf(record)], atRate(amount, rate) - atRate(amount, rate - 900));
  }
  arrive(world, record);
  if (isHome && amount === total && isDue(world, "duplicatePayment")) {
    // Once on account, where it stays as a debit; once against the same invoices, where it is too much.
    const isOnAccount = (world.defects.duplicatePayment?.length ?? 0) > 0;
    later(world, bankDay(world, world.today + between(random, 2, 6)), () => {
      const again: DemoRecord = { ...record, sourceId: nextId(world, "PY"), date: world.date };
      if (isOnAccount) {
        delete again.links;
        world.bank[account] -= amount + fee;
      }
      arrive(world, again);
      plant(world, "duplicatePayment", [refOf(again), refOf(record)], amount, isOnAccount ? "posted" : "parked");
    });
  }
}

/** Endorses a note from the drawer to the supplier, or issues one of our own. */
function payByNote(world: World, supplier: Supplier, due: readonly Payable[], total: Fen): boolean {
  const goods = due.filter(({ ref }) => ref.startsWith("erp:supplierInvoice/"));
  const owed = goods.reduce((sum, payable) => sum + payable.open, 0);
  const fitting = world.notes.find((note) => note.amount <= owed && note.matures > world.today + 15);
  if (fitting !== undefined && chance(world.random, 180)) {
    world.notes.splice(world.notes.indexOf(fitting), 1);
    const record = begin(world, "bill", "fin", nextId(world, "BL"));
    arrive(world, Object.assign(record, { supplier: supplier.code, action: "endorsed", note: fitting.note, amount: money(fitting.amount), links: [...takeOpen(goods, fitting.amount), { to: fitting.ref }] }));
    return true;
  }
  if (total < 3_000_000 || owed < total || !chance(world.random, 60)) return false;
  issueNote(world, supplier, goods, Math.floor(owed / 100_000) * 100_000);
  return true;
}

/** Our own acceptance: a deposit of 30 %, the note, and ninety days later the payment. */
function issueNote(world: World, supplier: Supplier, goods: readonly Payable[], amount: Fen): void {
  const note = `BN${world.invoiceStem}${nextId(world, "N").slice(1)}`;
  const deposit = perMille(amount, 300);
  const account = payingAccount(world, "CNY", deposit) ?? "BA1";
  world.bank[account] -= deposit + 500;
  const bill = (fields: Partial<DemoRecord>): DemoRecord => {
    const record = begin(world, "bill", "fin", nextId(world, "BL"));
    arrive(world, Object.assign(record, { supplier: supplier.code, note, amount: money(amount), ...fields }));
    return record;
  };
  bill({ action: "deposit", bankAccount: account, deposit: money(deposit) });
  const issued = bill({ action: "issued", bankAccount: account, fee: money(500), dueDate: dateAt(world, world.today + 90), links: takeOpen(goods, amount) });
  later(world, bankDay(world, world.today + 90), () => {
    const from = payingAccount(world, "CNY", amount - deposit) ?? "BA1";
    world.bank[from] -= amount - deposit;
    bill({ action: "paid", bankAccount: from, deposit: money(deposit), links: [{ to: refOf(issued) }] });
  });
}
