/** 销售: order → shipment → invoice (N:M), with advances, acceptance, returns and red invoices. What is collected is in collections.ts. */
import { applyAdvance, collectLater } from "./collections.ts";
import { type Customer, employeeCode, type Item, staffOf, type Supplier, warehouses, withCustomer } from "./company.ts";
import { isDue, plant } from "./defects.ts";
import { owe } from "./payables.ts";
import { below, between, chance, pick, pickIndex } from "./random.ts";
import { atRate, type DemoLine, type DemoLink, type DemoRecord, divide, extend, type Milli, money, perMille, type Price, priceText, quantityText, refOf, taxOn, taxRateText } from "./record.ts";
import { type Advance, arrive, bankDay, begin, cancelled, dateAt, inCurrency, later, moveStock, nextId, nextInvoiceNumber, onHand, openDay, type OrderLine, rateOn, type Receivable, receivingAccount, revised, type SalesOrder, type ShippedLine, staysInPeriod, timesToday, type World } from "./world.ts";

/** Orders on an ordinary day at scale 1, in thousandths. */
export const ordersADay = 26_500;
const linesInAnOrder = [1, 1, 2, 2, 3, 3, 4, 5, 6, 8];

/** The day's orders; how many follows season, weekday and growth. */
export function takeOrders(world: World): void {
  const activity = world.calendar.activity[world.today] as number;
  const expected = Math.floor((ordersADay * activity * between(world.random, 850, 1150)) / 1_000_000) * world.scale;
  const many = Math.floor(expected / 1_000_000) + (below(world.random, 1_000_000) < expected % 1_000_000 ? 1 : 0);
  for (let i = 0; i < many; i++) takeOrder(world);
}

/** What one item is used a working day, before there is any history. */
export function expectSales(world: World): void {
  const { sellable, sellableSums, customersWeight } = world.company;
  const lines = linesInAnOrder.reduce((sum, many) => sum + many, 0) / linesInAnOrder.length;
  const all = sellableSums[sellableSums.length - 1] as number;
  for (const [at, item] of sellable.entries()) {
    const weight = (sellableSums[at] as number) - (at === 0 ? 0 : (sellableSums[at - 1] as number));
    const daily = (((ordersADay * world.scale) / 1_000_000) * lines * weight) / all;
    world.rate[item.index] = Math.ceil((daily * item.typical * customersWeight.sized) / customersWeight.total / 4);
  }
}

function takeOrder(world: World): void {
  const { random, company } = world;
  const customer = company.customers[pickIndex(random, company.customerSums)] as Customer;
  const many = pick(random, linesInAnOrder);
  const rate = rateOn(world, customer.currency);
  const taxRate = customer.currency === "CNY" ? 1300 : 0;
  const order: SalesOrder = { id: nextId(world, "SO"), customer, lines: [], advance: undefined, tries: 0 };
  const isUnknown = isDue(world, "unknownCode", [3]);
  for (let i = 0; i < many; i++) {
    const item = company.sellable[pickIndex(random, company.sellableSums)] as Item;
    if (order.lines.some((line) => line.item === item)) continue;
    const ordered = Math.max(1, Math.floor((item.typical * between(random, 300, 1700) * customer.size) / 4_000_000)) * 1000;
    const dealt = divide(item.list * (1000 - customer.discountPerMille - below(random, 25)), 1000);
    // Fittings carry prices to four decimals for some, which is what makes rounding interesting.
    const fine = item.category === "merchandise" && customer.index % 4 === 1 ? 1 : 100;
    order.lines.push({ lineId: String(order.lines.length + 1), item, ordered, open: ordered, price: Math.max(100, divide(divide(dealt * 10_000, rate), fine) * fine), taxRate });
  }
  const record = inCurrency(world, begin(world, "salesOrder", "crm", order.id), customer.currency);
  Object.assign(record, { ...withCustomer(customer), department: "D04", salesperson: customer.salesperson, region: customer.region, dueDate: dateAt(world, openDay(world, world.today + 6)) });
  const lines: DemoLine[] = order.lines.map((line) => ({ lineId: line.lineId, item: line.item.code, quantity: quantityText(line.ordered), price: priceText(line.price), taxRate: taxRateText(line.taxRate) }));
  const service = customer.group === "project" && chance(random, 300) ? { lineId: String(lines.length + 1), price: divide(company.service.install.list * between(random, 800, 1600), 100_000) * 100 } : undefined;
  if (service !== undefined) lines.push({ lineId: service.lineId, item: company.service.install.code, quantity: "1", price: priceText(service.price), taxRate: taxRateText(600) });
  record.lines = lines;
  if (isUnknown) {
    (lines[0] as DemoLine).item = "QX-4711";
    arrive(world, record);
    plant(world, "unknownCode", [refOf(record)], order.lines.reduce((sum, line) => sum + extend(line.ordered, line.price), 0));
    return;
  }
  for (const line of order.lines) {
    world.backlog[line.item.index] = (world.backlog[line.item.index] as number) + line.ordered;
    world.used[line.item.index] = (world.used[line.item.index] as number) + line.ordered;
  }
  const fate = below(random, 1000);
  const shipDay = openDay(world, world.today + between(random, 1, 5));
  if (fate < 12) {
    arrive(world, record);
    later(world, openDay(world, world.today + 1), () => {
      arrive(world, cancelled(record));
      giveUp(world, order);
    });
    return;
  }
  if (fate < 24) {
    // The customer asked for more at first.
    const [head] = lines as [DemoLine];
    const [line] = order.lines as [OrderLine];
    arrive(world, { ...record, lines: [{ ...head, quantity: quantityText(line.ordered + 2000) }, ...lines.slice(1)] });
    later(world, openDay(world, world.today + 1), () => arrive(world, revised(record, {})));
  } else arrive(world, record);
  if (customer.advancePerMille > 0) later(world, bankDay(world, world.today + 1), () => receiveAdvance(world, order));
  later(world, shipDay, () => ship(world, order));
  world.lastOrders[customer.index] = order;
  if (service !== undefined) later(world, openDay(world, shipDay + between(random, 5, 12)), () => invoiceService(world, order, service.lineId, service.price));
}

function giveUp(world: World, order: SalesOrder): void {
  for (const line of order.lines) reopen(world, line, -line.open);
}

function receiveAdvance(world: World, order: SalesOrder): void {
  let gross = 0;
  for (const line of order.lines) gross += extend(line.ordered, line.price) + taxOn(extend(line.ordered, line.price), line.taxRate);
  const amount = Math.floor(perMille(gross, order.customer.advancePerMille) / 100) * 100;
  if (amount === 0) return;
  const account = receivingAccount(world, "CNY");
  world.bank[account] += amount;
  const record = begin(world, "cashReceipt", "fin", nextId(world, "CR"));
  arrive(world, Object.assign(record, { ...withCustomer(order.customer), bankAccount: account, amount: money(amount), purpose: "advance", taxRate: taxRateText(1300), links: [{ to: `crm:salesOrder/${order.id}`, amount: money(amount) }] }));
  order.advance = { ref: refOf(record), open: amount };
}

/** Ships what is there; what is not there goes later. Now and then two orders of one customer leave on one truck. */
function ship(world: World, order: SalesOrder): void {
  const { random } = world;
  const { customer } = order;
  if (order.lines.every((line) => line.open === 0)) return;
  const isPartial = order.tries === 0 && chance(random, 150);
  const id = nextId(world, "SH");
  const shipped: ShippedLine[] = [];
  const from: OrderLine[] = [];
  const lines: DemoLine[] = [];
  const load = (of: SalesOrder): void => {
    for (const line of of.lines) {
      if (line.open === 0) continue;
      let quantity = isPartial && line.open >= 2000 ? Math.floor((line.open * between(random, 350, 800)) / 1_000_000) * 1000 : line.open;
      let warehouse = customer.home;
      if (onHand(world, line.item, warehouse) < quantity) {
        if (onHand(world, line.item, 0) >= quantity) warehouse = 0;
        else quantity = Math.floor(Math.min(quantity, onHand(world, line.item, warehouse)) / 1000) * 1000;
      }
      if (quantity <= 0) continue;
      const lineId = String(lines.length + 1);
      const record: DemoLine = { lineId, item: line.item.code, quantity: quantityText(quantity) };
      if (warehouse !== customer.home) record.warehouse = warehouses[warehouse];
      record.links = [{ to: `crm:salesOrder/${of.id}/${line.lineId}`, quantity: quantityText(quantity) }];
      lines.push(record);
      from.push(line);
      moveStock(world, line.item, warehouse, -quantity);
      reopen(world, line, -quantity);
      shipped.push({ to: `wms:shipment/${id}/${lineId}`, item: line.item, price: line.price, taxRate: line.taxRate, warehouse, quantity });
    }
  };
  load(order);
  const other = world.lastOrders[customer.index];
  if (lines.length > 0 && other !== undefined && other !== order && other.advance === undefined && customer.advancePerMille === 0 && chance(random, 400)) load(other);
  order.tries += 1;
  if (order.lines.some((line) => line.open > 0)) {
    if (order.tries < 15) later(world, openDay(world, world.today + between(random, 2, 5)), () => ship(world, order));
    else giveUp(world, order);
  }
  if (lines.length === 0) return;
  const record = begin(world, "shipment", "wms", id);
  Object.assign(record, { ...withCustomer(customer), warehouse: warehouses[customer.home], region: customer.region, salesperson: customer.salesperson, lines });

  const fate = below(random, 1000);
  const tomorrow = openDay(world, world.today + 1);
  if (fate < 7 && staysInPeriod(world)) {
    // The truck came back: cancelled, and shipped again.
    arrive(world, record);
    later(world, tomorrow, () => {
      arrive(world, cancelled(record));
      for (const [i, line] of shipped.entries()) {
        moveStock(world, line.item, line.warehouse, line.quantity);
        reopen(world, from[i] as OrderLine, line.quantity);
      }
      later(world, openDay(world, world.today + 1), () => ship(world, order));
      if (other !== undefined) later(world, openDay(world, world.today + 2), () => ship(world, other));
    });
    return;
  }
  const [head] = shipped as [ShippedLine];
  const [headOrder] = from as [OrderLine];
  const extra = 1000;
  if (fate < 60 && headOrder.open >= extra && onHand(world, head.item, head.warehouse) >= extra && staysInPeriod(world)) {
    // One piece too many was keyed; version 2 has what went out.
    const [first] = lines as [DemoLine];
    const many = quantityText(head.quantity + extra);
    moveStock(world, head.item, head.warehouse, -extra);
    reopen(world, headOrder, -extra);
    arrive(world, { ...record, lines: [{ ...first, quantity: many, links: [{ ...(first.links as [DemoLink])[0], quantity: many }] }, ...lines.slice(1)] });
    later(world, tomorrow, () => {
      arrive(world, revised(record, {}));
      moveStock(world, head.item, head.warehouse, extra);
      reopen(world, headOrder, extra);
      followUp(world, order, shipped, record);
    });
    return;
  }
  if (fate < 45 && customer.billing === "shipment" && customer.pays !== "cash" && customer.group !== "project" && order.advance === undefined && staysInPeriod(world)) {
    // The invoice overtakes the warehouse's message.
    invoice(world, customer, shipped, false, undefined);
    later(world, tomorrow, () => arrive(world, record));
    return;
  }
  arrive(world, record);
  followUp(world, order, shipped, record);
}

function reopen(world: World, line: OrderLine, quantity: Milli): void {
  line.open += quantity;
  world.backlog[line.item.index] = (world.backlog[line.item.index] as number) + quantity;
}

/** What a shipment leads to: acceptance, freight, a return, and sooner or later the invoice. */
function followUp(world: World, order: SalesOrder, shipped: readonly ShippedLine[], record: DemoRecord): void {
  const { random } = world;
  const { customer } = order;
  if (customer.group === "dealer" && isDue(world, "unbilledShipment")) {
    plant(world, "unbilledShipment", [refOf(record)], shipped.reduce((sum, line) => sum + extend(line.quantity, line.price), 0));
    return;
  }
  if (chance(random, customer.home === 0 ? 75 : 110)) later(world, openDay(world, world.today + between(random, 1, 4)), () => billFreightOut(world, shipped));
  let invoiceDay = openDay(world, world.today + below(random, 4));
  if (customer.group === "project") {
    // Projects are invoiced once the customer has signed for the goods.
    const signedDay = openDay(world, world.today + between(random, 2, 6));
    later(world, signedDay, () => accept(world, order, shipped));
    invoiceDay = openDay(world, signedDay + below(random, 3));
  }
  if (chance(random, 14) && customer.pays !== "cash") returnUninvoiced(world, customer, shipped);
  if (customer.billing === "shipment") {
    later(world, customer.pays === "cash" ? world.today : invoiceDay, () => invoice(world, customer, shipped, false, order.advance));
  } else world.toInvoice[customer.index]?.push(...shipped);
}

function accept(world: World, order: SalesOrder, shipped: readonly ShippedLine[]): void {
  const kept = shipped.filter((line) => line.quantity > 0);
  if (kept.length === 0) return;
  const record = begin(world, "customerAcceptance", "crm", nextId(world, "CA"));
  const lines = kept.map((line, i) => ({ lineId: String(i + 1), item: line.item.code, quantity: quantityText(line.quantity), links: [{ to: line.to, quantity: quantityText(line.quantity) }] }));
  arrive(world, Object.assign(record, { ...withCustomer(order.customer), lines }));
}

function billFreightOut(world: World, shipped: readonly ShippedLine[]): void {
  const carriers = world.company.suppliers.filter(({ role }) => role === "carrier");
  const carrier = pick(world.random, carriers) as Supplier;
  const value = shipped.reduce((sum, line) => sum + extend(line.quantity, line.price), 0);
  const net = perMille(value, between(world.random, 8, 22)) + 6000;
  const dueDay = bankDay(world, world.today + carrier.termDays);
  const record = begin(world, "freightBill", "erp", nextId(world, "FB"));
  Object.assign(record, { supplier: carrier.code, invoiceNumber: nextInvoiceNumber(world), dueDate: dateAt(world, dueDay) });
  record.lines = [{ lineId: "1", charge: "freight", amountNet: money(net), taxRate: taxRateText(900), tax: money(taxOn(net, 900)), links: shipped.map(({ to }) => ({ to })) }];
  arrive(world, record);
  world.vat -= taxOn(net, 900);
  owe(world, refOf(record), carrier, net + taxOn(net, 900), dueDay);
}

/** Some pieces come back before the invoice, which then is for the rest. */
function returnUninvoiced(world: World, customer: Customer, shipped: readonly ShippedLine[]): void {
  const line = shipped.find(({ quantity }) => quantity >= 4000);
  if (line === undefined) return;
  const quantity = Math.floor(line.quantity / 4000) * 1000;
  line.quantity -= quantity;
  takeBack(world, customer, line, quantity);
}

function takeBack(world: World, customer: Customer, line: { readonly item: Item; readonly to: string; readonly warehouse: number }, quantity: Milli): string {
  moveStock(world, line.item, line.warehouse, quantity);
  const record = begin(world, "shipmentReturn", "wms", nextId(world, "SR"));
  arrive(world, Object.assign(record, { ...withCustomer(customer), warehouse: warehouses[line.warehouse], lines: [{ lineId: "1", item: line.item.code, quantity: quantityText(quantity), links: [{ to: line.to, quantity: quantityText(quantity) }] }] }));
  return refOf(record);
}

/** Invoices of those who are invoiced by the week (Fridays) or by the month (the last working day). */
export function invoicePeriodic(world: World, billing: "week" | "month"): void {
  for (const customer of world.company.customers) {
    if (customer.billing !== billing) continue;
    const waiting = world.toInvoice[customer.index] as ShippedLine[];
    for (let i = 0; i < waiting.length; i += 30) invoice(world, customer, waiting.slice(i, i + 30), true, undefined);
    waiting.length = 0;
  }
}

/** One sales invoice over shipment lines: line by line, or merged by item and price; now and then only a part of them. */
function invoice(world: World, customer: Customer, shipped: readonly ShippedLine[], isMerged: boolean, advance: Advance | undefined): void {
  const { random } = world;
  let billed = shipped.filter((line) => line.quantity > 0);
  if (billed.length === 0) return;
  if (billed.length > 1 && !isMerged && customer.pays !== "cash" && chance(random, 45)) {
    const rest = billed.slice(billed.length >> 1);
    billed = billed.slice(0, billed.length >> 1);
    later(world, openDay(world, world.today + between(random, 3, 8)), () => invoice(world, customer, rest, false, advance));
  }
  const isHome = customer.currency === "CNY";
  const record = inCurrency(world, begin(world, "salesInvoice", "erp", nextId(world, "SI")), customer.currency);
  const dueDay = bankDay(world, world.today + customer.termDays);
  Object.assign(record, {
    ...withCustomer(customer), invoiceNumber: nextInvoiceNumber(world), invoiceType: !isHome ? "foreign" : customer.group === "retail" ? "ordinary" : "special",
    department: "D04", salesperson: customer.salesperson, region: customer.region, dueDate: dateAt(world, dueDay) });
  const [head] = billed as [ShippedLine];
  const missing = !isMerged && isHome && head.quantity >= 10_000 && isDue(world, "quantityDiffers", [4, 2]) ? 2000 : 0;
  head.quantity -= missing;

  const merged = new Map<string, { links: DemoLink[]; quantity: Milli; line: ShippedLine }>();
  for (const line of billed) {
    const key = isMerged ? `${line.item.index} ${line.price}` : line.to;
    let same = merged.get(key);
    if (same === undefined) merged.set(key, (same = { links: [], quantity: 0, line }));
    same.links.push({ to: line.to, quantity: quantityText(line.quantity) });
    same.quantity += line.quantity;
  }
  const lines: DemoLine[] = [];
  let gross = 0;
  let taxes = 0;
  for (const { links, quantity, line } of merged.values()) {
    const net = extend(quantity, line.price);
    const tax = taxOn(net, line.taxRate);
    gross += net + tax;
    taxes += tax;
    lines.push({ lineId: String(lines.length + 1), item: line.item.code, quantity: quantityText(quantity), price: priceText(line.price), taxRate: taxRateText(line.taxRate), amountNet: money(net), tax: money(tax), links });
  }
  record.lines = lines;
  if (missing > 0) plant(world, "quantityDiffers", [refOf(record), head.to.slice(0, head.to.lastIndexOf("/"))], extend(missing, head.price));
  world.vat += taxes;
  const revenue = atRate(gross - taxes, rateOn(world, customer.currency));
  world.revenue += revenue;
  if (!isHome) world.exported += revenue;
  if (customer.pays === "cash") {
    const account = receivingAccount(world, "CNY");
    world.bank[account] += gross;
    record.paidTo = account;
    delete record.dueDate;
    arrive(world, record);
    return;
  }
  arrive(world, record);
  const receivable: Receivable = { ref: refOf(record), customer, due: dueDay, gross, open: gross };
  if (isHome) world.receivableTotal += gross;
  if (advance !== undefined && advance.open > 0) later(world, openDay(world, world.today + 1), () => applyAdvance(world, receivable, advance));
  collectLater(world, receivable);
  if (isHome && chance(random, 16) && head.quantity >= 4000) later(world, openDay(world, world.today + between(random, 4, 18)), () => returnInvoiced(world, receivable, head));
}

/** Back after the invoice: the goods, the red invoice, and (where it was paid) the money. */
function returnInvoiced(world: World, receivable: Receivable, line: ShippedLine): void {
  const { customer } = receivable;
  const quantity = Math.floor(line.quantity / 4000) * 1000;
  const back = takeBack(world, customer, line, quantity);
  later(world, openDay(world, world.today + between(world.random, 1, 5)), () => {
    const net = extend(quantity, line.price);
    const tax = taxOn(net, line.taxRate);
    const record = begin(world, "salesInvoice", "erp", nextId(world, "SI"));
    Object.assign(record, { ...withCustomer(customer), credit: true, invoiceNumber: nextInvoiceNumber(world), invoiceType: customer.group === "retail" ? "ordinary" : "special", department: "D04", salesperson: customer.salesperson, region: customer.region });
    record.lines = [{ lineId: "1", item: line.item.code, quantity: quantityText(quantity), price: priceText(line.price), taxRate: taxRateText(line.taxRate), amountNet: money(net), tax: money(tax), links: [{ to: `${back}/1`, quantity: quantityText(quantity) }, { to: `${receivable.ref}/1`, quantity: quantityText(quantity) }] }];
    arrive(world, record);
    world.vat -= tax;
    world.revenue -= net;
    const cleared = Math.min(receivable.open, net + tax);
    receivable.open -= cleared;
    world.receivableTotal -= cleared;
    const refund = net + tax - cleared;
    if (refund > 0) later(world, bankDay(world, world.today + between(world.random, 3, 10)), () => {
      world.bank.BA1 -= refund;
      const paid = begin(world, "cashReceipt", "fin", nextId(world, "CR"));
      arrive(world, Object.assign(paid, { ...withCustomer(customer), bankAccount: "BA1", amount: money(refund), credit: true, purpose: "refund", links: [{ to: refOf(record), amount: money(refund) }] }));
    });
  });
}

function invoiceService(world: World, order: SalesOrder, lineId: string, price: Price): void {
  const { customer } = order;
  const net = extend(1000, price);
  const tax = taxOn(net, 600);
  const dueDay = bankDay(world, world.today + customer.termDays);
  const record = begin(world, "salesInvoice", "erp", nextId(world, "SI"));
  Object.assign(record, { ...withCustomer(customer), invoiceNumber: nextInvoiceNumber(world), invoiceType: "special", department: "D04", salesperson: customer.salesperson, region: customer.region, dueDate: dateAt(world, dueDay) });
  record.lines = [{ lineId: "1", item: world.company.service.install.code, quantity: "1", price: priceText(price), taxRate: taxRateText(600), amountNet: money(net), tax: money(tax), links: [{ to: `crm:salesOrder/${order.id}/${lineId}`, quantity: "1" }] }];
  arrive(world, record);
  world.vat += tax;
  world.revenue += net;
  world.receivableTotal += net + tax;
  collectLater(world, { ref: refOf(record), customer, due: dueDay, gross: net + tax, open: net + tax });
}

/** A few times a year a repair that needs no order, paid on the spot. */
export function repairOnTheSpot(world: World): void {
  for (let times = timesToday(world, "repair", 90); times > 0; times--) {
    const customer = world.company.customers[pickIndex(world.random, world.company.customerSums)] as Customer;
    if (customer.currency !== "CNY") continue;
    const net = between(world.random, 200, 1500) * 100;
    const tax = taxOn(net, 600);
    const account = receivingAccount(world, "CNY");
    const [first, last] = staffOf("D04");
    const record = begin(world, "salesInvoice", "erp", nextId(world, "SI"));
    Object.assign(record, { ...withCustomer(customer), invoiceNumber: nextInvoiceNumber(world), invoiceType: "ordinary", paidTo: account, department: "D04", salesperson: employeeCode(between(world.random, first, last)), region: customer.region });
    record.lines = [{ lineId: "1", item: world.company.service.repair.code, quantity: "1", price: money(net), taxRate: taxRateText(600), amountNet: money(net), tax: money(tax) }];
    arrive(world, record);
    world.bank[account] += net + tax;
    world.vat += tax;
    world.revenue += net;
  }
}
