/** 采购: requisition → order → receipt. What is invoiced for it is in supplier-invoice.ts, what is paid in payables.ts. */
import { employeeCode, type Item, staffOf, type Supplier, warehouses } from "./company.ts";
import { isDue, plant } from "./defects.ts";
import { clearCustoms, valueOf } from "./payables.ts";
import { below, between, chance } from "./random.ts";
import { type DemoLine, type DemoLink, type DemoRecord, divide, extend, type Milli, money, perMille, type Price, priceText, quantityText, refOf, taxRateText } from "./record.ts";
import { invoiceReceived, sendBack } from "./supplier-invoice.ts";
import { type Advance, arrive, bankDay, begin, cancelled, dateAt, inCurrency, later, moveStock, nextId, onHand, openDay, payingAccount, rateOn, type ReceivedLine, revised, staysInPeriod, stockOf, type World } from "./world.ts";

type OrderLine = { readonly lineId: string; readonly item: Item; readonly unit: string; readonly perUnit: number; readonly price: Price; open: Milli };
type Order = { readonly id: string; readonly supplier: Supplier; readonly lines: readonly OrderLine[]; prepayment: Advance | undefined };

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
    invoiceReceived(world, supplier, received.map((line) => ({ ...line })), false, undefined);
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
    invoiceReceived(world, supplier, received, false, order.prepayment);
    later(world, openDay(world, world.today + 1), () => clearCustoms(world, supplier, received));
    return;
  }
  if (chance(random, 130) && valueOf(received) > 200_000) world.freightIn.push({ refs: received.map((line) => line.to), value: valueOf(received) });
  if (chance(random, 16)) returnGoods(world, supplier, received, warehouse);
  if (supplier.billing === "month") world.toBeInvoiced[supplier.index]?.push(...received);
  else later(world, openDay(world, world.today + between(random, 2, 9)), () => invoiceReceived(world, supplier, received, false, order.prepayment));
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
