/** 生产与委外: materials out, finished goods in at what they should cost; castings go out to be plated and come back. */
import { employeeCode, type Item, type Part, staffOf, type Supplier } from "./company.ts";
import { owe } from "./payables.ts";
import { between, chance, pick } from "./random.ts";
import { type DemoLine, divide, extend, type Milli, money, priceText, quantityText, refOf, taxOn, taxRateText } from "./record.ts";
import { arrive, bankDay, begin, confirmLater, dateAt, later, moveStock, nextId, nextInvoiceNumber, onHand, openDay, stockOf, timesToday, type World } from "./world.ts";

/** How many work orders a day at scale 1 the plan aims at. */
const workOrdersADay = 6;

/** What materials are used a day follows from what is made. */
export function expectUse(world: World): void {
  for (const pump of world.company.pumps) for (const { item, each } of pump.parts) addRate(world, item, divide((world.rate[pump.index] as number) * each, 1000));
  for (const semi of world.company.semis) for (const { item, each } of semi.parts) addRate(world, item, divide((world.rate[semi.index] as number) * each, 1000));
  for (const item of world.company.turnover) world.rate[item.index] = Math.max(100, divide(300 * world.scale, 1000));
}
const addRate = (world: World, item: Item, rate: Milli): void => void (world.rate[item.index] = (world.rate[item.index] as number) + rate);

/** Starts work orders for pumps that run low, as far as the materials are there. */
export function planProduction(world: World): void {
  const { pumps } = world.company;
  const cycleTenths = Math.max(1, Math.floor((pumps.length * 10_000) / (workOrdersADay * world.scale)));
  const workOrders = Math.max(1, Math.floor(10 / cycleTenths));
  for (const pump of pumps) {
    const rate = world.rate[pump.index] as number;
    const position = stockOf(world, pump) + (world.onOrder[pump.index] as number) - (world.backlog[pump.index] as number);
    const level = rate * 17;
    if (position >= level) continue;
    const quantity = Math.max(divide(rate * Math.max(10, cycleTenths), 10), level - position, 1000);
    for (let n = 0; n < workOrders; n++) startWorkOrder(world, pump, Math.ceil(quantity / workOrders / 1000) * 1000);
  }
}

const needed = ({ each }: Part, quantity: Milli): Milli => divide(each * quantity, 1000);

function startWorkOrder(world: World, pump: Item, wanted: Milli): void {
  const { random } = world;
  let quantity = wanted;
  for (const part of pump.parts) while (quantity > 0 && onHand(world, part.item, 0) < needed(part, quantity)) quantity = Math.floor(quantity / 2000) * 1000;
  if (quantity <= 0) return;
  const workOrder = nextId(world, "WO");
  const lines: DemoLine[] = pump.parts.map((part, i) => {
    const used = needed(part, quantity);
    moveStock(world, part.item, 0, -used);
    world.used[part.item.index] = (world.used[part.item.index] as number) + used;
    return { lineId: String(i + 1), item: part.item.code, quantity: quantityText(used) };
  });
  const issue = begin(world, "productionIssue", "erp", nextId(world, "MI"));
  arrive(world, Object.assign(issue, { warehouse: "W1", workOrder, use: "production", department: "D06", lines }));
  world.onOrder[pump.index] = (world.onOrder[pump.index] as number) + quantity;

  const [first] = pump.parts as [Part];
  if (chance(random, 60) && quantity >= 4000) later(world, openDay(world, world.today + 3), () => moveUnused(world, issue.sourceId, workOrder, first));
  let left = quantity;
  const finish = (): void => {
    const part = left >= 4000 && chance(random, 300) ? Math.floor(left / 2000) * 1000 : left;
    left -= part;
    moveStock(world, pump, 0, part);
    world.onOrder[pump.index] = (world.onOrder[pump.index] as number) - part;
    world.absorbed += extend(part, pump.conversion);
    const record = begin(world, "finishedReceipt", "erp", nextId(world, "FR"));
    arrive(world, Object.assign(record, { warehouse: "W1", workOrder, department: "D06", lines: [{ lineId: "1", item: pump.code, quantity: quantityText(part), cost: priceText(pump.cost) }] }));
    if (left > 0) later(world, openDay(world, world.today + between(random, 1, 4)), finish);
  };
  later(world, openDay(world, world.today + between(random, 3, 7)), finish);
}

/** Material that was not used comes back; two days later as much is issued again, so that the pumps still get theirs. */
function moveUnused(world: World, issueId: string, workOrder: string, part: Part): void {
  const quantity = 1000;
  moveStock(world, part.item, 0, quantity);
  const back = begin(world, "productionIssue", "erp", nextId(world, "MI"));
  arrive(world, Object.assign(back, { warehouse: "W1", workOrder, credit: true, use: "production", department: "D06", lines: [{ lineId: "1", item: part.item.code, quantity: quantityText(quantity), links: [{ to: `erp:productionIssue/${issueId}/1`, quantity: quantityText(quantity) }] }] }));
  later(world, openDay(world, world.today + 2), () => {
    if (onHand(world, part.item, 0) < quantity) return;
    moveStock(world, part.item, 0, -quantity);
    const again = begin(world, "productionIssue", "erp", nextId(world, "MI"));
    arrive(world, Object.assign(again, { warehouse: "W1", workOrder, use: "production", department: "D06", lines: [{ lineId: "1", item: part.item.code, quantity: quantityText(quantity) }] }));
  });
}

/** 委托加工: castings out to be plated, the fee, the plated ones back. */
export function planPlating(world: World): void {
  const processors = world.company.suppliers.filter(({ role }) => role === "processor");
  for (const semi of world.company.semis) {
    const rate = world.rate[semi.index] as number;
    const position = stockOf(world, semi) + (world.onOrder[semi.index] as number);
    if (position >= rate * 28) continue;
    const [{ item: casting }] = semi.parts as [Part];
    const quantity = Math.floor(Math.min(onHand(world, casting, 0), Math.max(rate * 40, 20_000)) / 1000) * 1000;
    if (quantity >= 5000) plate(world, semi, casting, quantity, pick(world.random, processors));
  }
}

function plate(world: World, semi: Item, casting: Item, quantity: Milli, processor: Supplier): void {
  moveStock(world, casting, 0, -quantity);
  world.used[casting.index] = (world.used[casting.index] as number) + quantity;
  world.onOrder[semi.index] = (world.onOrder[semi.index] as number) + quantity;
  const text = quantityText(quantity);
  const out = begin(world, "subcontractIssue", "erp", nextId(world, "SC"));
  arrive(world, Object.assign(out, { supplier: processor.code, warehouse: "W1", lines: [{ lineId: "1", item: casting.code, quantity: text }] }));
  const back = openDay(world, world.today + between(world.random, 7, 12));
  later(world, back, () => {
    const { plating } = world.company.service;
    const net = extend(quantity, plating.cost);
    const tax = taxOn(net, 1300);
    const dueDay = bankDay(world, world.today + processor.termDays);
    const fee = begin(world, "supplierInvoice", "erp", nextId(world, "PI"));
    Object.assign(fee, { supplier: processor.code, invoiceNumber: nextInvoiceNumber(world), invoiceType: "special", dueDate: dateAt(world, dueDay) });
    fee.lines = [{ lineId: "1", item: plating.code, quantity: text, price: priceText(plating.cost), taxRate: taxRateText(1300), amountNet: money(net), tax: money(tax), links: [{ to: `${refOf(out)}/1`, quantity: text }] }];
    arrive(world, fee);
    confirmLater(world, refOf(fee), tax);
    owe(world, refOf(fee), processor, net + tax, dueDay);
    const record = begin(world, "subcontractReceipt", "erp", nextId(world, "SB"));
    arrive(world, Object.assign(record, { supplier: processor.code, warehouse: "W1", lines: [{ lineId: "1", item: semi.code, quantity: text, links: [{ to: `${refOf(out)}/1`, quantity: text }] }] }));
    moveStock(world, semi, 0, quantity);
    world.onOrder[semi.index] = (world.onOrder[semi.index] as number) - quantity;
  });
}

/** Crates, tools and gloves to the workshop and the warehouses; material to the laboratory; samples, gifts, the canteen. */
export function issueElsewhere(world: World): void {
  const { random, company } = world;
  const issue = (use: string, department: string, item: Item, quantity: Milli, extra: DemoLine | undefined = undefined): boolean => {
    if (onHand(world, item, 0) < quantity) return false;
    moveStock(world, item, 0, -quantity);
    world.used[item.index] = (world.used[item.index] as number) + quantity;
    const record = begin(world, "productionIssue", "erp", nextId(world, "MI"));
    arrive(world, Object.assign(record, { warehouse: "W1", use, department, lines: [{ lineId: "1", item: item.code, quantity: quantityText(quantity), ...extra }] }));
    return true;
  };
  const price = (item: Item): Partial<DemoLine> => ({ price: priceText(item.list), taxRate: taxRateText(1300) });
  for (let n = timesToday(world, "overhead", 260); n > 0; n--) issue("overhead", "D06", pick(random, company.turnover), between(random, 2, 12) * 1000);
  for (let n = timesToday(world, "selling", 60); n > 0; n--) issue("selling", "D07", pick(random, company.turnover), between(random, 2, 10) * 1000);
  for (let n = timesToday(world, "research", 50); n > 0; n--) issue("researchAndDevelopment", "D08", pick(random, company.raws), 2000, { lineId: "1", project: "PJ04" });
  for (let n = timesToday(world, "office", 20); n > 0; n--) issue("administration", "D03", pick(random, company.merchandise), 1000);
  for (let n = timesToday(world, "sample", 24); n > 0; n--) {
    const pump = pick(random, company.pumps);
    if (issue("sample", "D04", pump, 1000, { lineId: "1", ...price(pump) })) world.vat += taxOn(extend(1000, pump.list), 1300);
  }
  for (let n = timesToday(world, "welfare", 4, false); n > 0; n--) {
    const item = pick(random, company.merchandise);
    if (issue("welfare", "D03", item, 5000, { lineId: "1", inputTaxRate: taxRateText(1300) })) world.vat += taxOn(extend(5000, item.cost), 1300);
  }
  for (let n = timesToday(world, "toStaff", 2, false); n > 0; n--) {
    const pump = pick(random, company.pumps);
    if (issue("ownProductToStaff", "D03", pump, 2000, { lineId: "1", ...price(pump), employee: employeeCode(staffOf("D08")[0]) })) world.vat += taxOn(extend(2000, pump.list), 1300);
  }
}
