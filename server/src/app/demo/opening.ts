/** 期初: one balanced document, dated the day before the first period. What is still open comes by document, so that later ones can point at it. */
import { addDays } from "../../values/index.ts";
import { bankAccounts, type Company, departments, warehouses, withCustomer } from "./company.ts";
import { plant } from "./defects.ts";
import { owe } from "./payables.ts";
import { between } from "./random.ts";
import { atRate, type DemoLine, type DemoRecord, divide, extend, type Fen, money, perMille, priceText, quantityText, refOf } from "./record.ts";
import { collectLater } from "./collections.ts";
import { invoiceReceived } from "./supplier-invoice.ts";
import { arrive, bankDay, begin, dateAt, later, moveStock, nextId, onHand, openDay, rateOn, type World } from "./world.ts";

const stockAccounts: Readonly<Record<string, string>> = { rawMaterial: "1403", turnover: "1411", finishedGoods: "1405", semiFinished: "1405", merchandise: "1405" };

export function openingBalance(world: World): DemoRecord {
  const { company } = world;
  const date = addDays(`${world.options.from}-01`, -1);
  const record = begin(world, "openingBalance", "fin", `OB${world.options.from.replace("-", "")}`, date);
  const lines: DemoLine[] = [];
  let balance = 0;
  const post = (account: string, debit: Fen, more: Partial<DemoLine> = {}): void => {
    if (debit === 0) return;
    balance += debit;
    lines.push({ lineId: String(lines.length + 1), account, ...(debit > 0 ? { debit: money(debit) } : { credit: money(-debit) }), ...more });
  };
  const scaled = (yuan: number): Fen => divide(yuan * world.scale, 10);

  for (const [code, own] of [["BA1", 12_000_000], ["BA2", 8_000_000], ["BA3", 700_000], ["BA4", 300_000], ["BA5", 500_000]] as const) {
    const account = bankAccounts.find((each) => each.code === code) as (typeof bankAccounts)[number];
    const amount = scaled(own);
    if (code !== "BA5") world.bank[code] = amount;
    post(account.account, atRate(amount, rateOn(world, account.currency, 0)), { bankAccount: code, ...(account.currency === "CNY" ? {} : { currency: account.currency, amountOriginal: money(amount) }) });
  }
  openNotes(world, post);
  openReceivables(world, post);
  openStock(world, post);
  for (const asset of company.assets) post("1601", asset.cost, { asset: asset.code, department: asset.department });
  for (const asset of company.assets) post("1602", -asset.depreciated, { asset: asset.code, department: asset.department });
  world.loan = scaled(5_000_000);
  post("2001", -world.loan);
  openPayables(world, post);
  openEstimates(world, post);

  const gross = departments.reduce((sum, { monthlyPay }) => sum + scaled(monthlyPay), scaled(220_000));
  world.pay = { gross, employer: perMille(gross, 160) };
  post("2211.01", -world.pay.gross);
  post("2211.03", -world.pay.employer);
  world.vatPayable = scaled(410_000);
  for (const [account, part] of [["2221.09", 1000], ["2221.15", 70], ["2221.19", 30], ["2221.20", 20]] as const) post(account, -perMille(world.vatPayable, part));
  post("1231", -perMille(world.receivableTotal, 8));
  post("4001", -scaled(50_000_000));
  post("4101", -scaled(3_000_000));
  post("4104", -balance);
  record.lines = lines;
  return record;
}

/** An opening line names its document without a source: kind/sourceId[/lineId]. */
const oldRef = (ref: string): string => ref.slice(ref.indexOf(":") + 1);

type Post = (account: string, debit: Fen, more?: Partial<DemoLine>) => void;

function openNotes(world: World, post: Post): void {
  for (let i = 1; i <= 3; i++) {
    const amount = i * 12_000_000;
    const note = `BR${world.invoiceStem}OLD-${i}`;
    const ref = `fin:bill/OBL-${i}`;
    const matures = bankDay(world, 30 * i);
    world.notes.push({ note, ref, amount, matures });
    post("1121", amount, { note, counterparty: home(world.company, i * 3).code, document: oldRef(ref), dueDate: dateAt(world, matures) });
  }
}

const home = (company: Company, at: number) => {
  const customers = company.customers.filter(({ currency, group }) => currency === "CNY" && group !== "retail" && group !== "agent");
  return customers[at % customers.length] as (typeof customers)[number];
};

function openReceivables(world: World, post: Post): void {
  const { random, company } = world;
  const many = Math.max(6, divide(130 * world.scale, 1000));
  for (let i = 1; i <= many; i++) {
    const isForeign = i % 25 === 0;
    const customer = isForeign ? (company.customers[company.customers.length - 1 - (i % 2)] as (typeof company.customers)[number]) : home(company, i * 7);
    const gross = between(random, 3000, 60_000) * 113;
    const due = between(random, -25, 55);
    const ref = `erp:salesInvoice/OSI-${String(i).padStart(4, "0")}`;
    const base = atRate(gross, rateOn(world, customer.currency, 0));
    const dates = { date: addDays(`${world.options.from}-01`, Math.min(-1, due - customer.termDays)), dueDate: addDays(`${world.options.from}-01`, due) };
    post("1122.01", base, { counterparty: customer.code, ...(customer.project === undefined ? {} : { project: customer.project }), document: oldRef(ref), ...dates, ...(isForeign ? { currency: customer.currency, amountOriginal: money(gross) } : {}) });
    if (!isForeign) world.receivableTotal += gross;
    if (i === 2 && world.defects.openingDiffers?.shift() !== undefined) {
      later(world, bankDay(world, 40), () => {
        const cash = begin(world, "cashReceipt", "fin", nextId(world, "CR"));
        const more = 36_000;
        arrive(world, Object.assign(cash, { ...withCustomer(customer), bankAccount: "BA1", amount: money(gross + more), links: [{ to: ref, amount: money(gross + more) }] }));
        plant(world, "openingDiffers", [refOf(cash), ref], more);
      });
      continue;
    }
    collectLater(world, { ref, customer, due: bankDay(world, Math.max(3, due)), gross, open: gross });
  }
}

/** As much as the buying and making policies would hold. */
function openStock(world: World, post: Post): void {
  const { company, random } = world;
  for (const item of company.items) {
    const account = stockAccounts[item.category];
    if (account === undefined || item === company.discontinued) continue;
    const rate = world.rate[item.index] as number;
    const days = item.category === "finishedGoods" ? 26 : item.category === "semiFinished" ? 45 : item.supplier?.currency === "CNY" ? 34 : 60;
    const total = Math.max(item.lot * 2, rate * days, 3000);
    const outside = item.category === "finishedGoods" || item.category === "merchandise" ? [0, 220, 120] : [0, 0, 0];
    for (const [at, share] of [1000 - (outside[1] as number) - (outside[2] as number), outside[1] as number, outside[2] as number].entries()) {
      const quantity = Math.floor(divide(total * share, 1000) / 1000) * 1000;
      if (quantity <= 0) continue;
      const price = divide(item.cost * between(random, 985, 1015), 1000);
      moveStock(world, item, at, quantity);
      post(account, extend(quantity, price), { item: item.code, warehouse: warehouses[at], quantity: quantityText(quantity) });
    }
  }
}

function openPayables(world: World, post: Post): void {
  const { random, company } = world;
  const suppliers = company.suppliers.filter(({ role }) => role === "raw" || role === "merchandise");
  const many = Math.max(6, divide(110 * world.scale, 1000));
  for (let i = 1; i <= many; i++) {
    const supplier = suppliers[(i * 5) % suppliers.length] as (typeof suppliers)[number];
    const isForeign = supplier.currency !== "CNY";
    const gross = isForeign ? between(random, 2000, 15_000) * 100 : between(random, 2000, 40_000) * 113;
    const due = between(random, 2, 55);
    const ref = `erp:supplierInvoice/OPI-${String(i).padStart(4, "0")}`;
    post("2202.01", -atRate(gross, rateOn(world, supplier.currency, 0)), {
      counterparty: supplier.code, document: oldRef(ref), date: addDays(`${world.options.from}-01`, Math.min(-1, due - supplier.termDays)), dueDate: dateAt(world, due), ...(isForeign ? { currency: supplier.currency, amountOriginal: money(gross) } : {}) });
    owe(world, ref, supplier, gross, due);
  }
}

/** Received last month and invoiced in the first weeks: the estimate is opened by receipt line. */
function openEstimates(world: World, post: Post): void {
  const { random, company } = world;
  const goods = [...company.raws, ...company.merchandise].filter((item) => item.supplier?.currency === "CNY" && !item.supplier.isSmall && onHand(world, item, 0) > item.lot * 2);
  const many = Math.min(goods.length, Math.max(3, divide(30 * world.scale, 1000)));
  for (let i = 1; i <= many; i++) {
    const item = goods[(i * 11) % goods.length] as (typeof goods)[number];
    if (item.supplier === undefined) continue;
    const supplier = item.supplier;
    const quantity = item.lot;
    const price = divide(item.cost, 100) * 100;
    const to = `wms:goodsReceipt/OGR-${String(i).padStart(4, "0")}/1`;
    post("2202.02", -extend(quantity, price), { counterparty: supplier.code, item: item.code, quantity: quantityText(quantity), price: priceText(price), document: oldRef(to), date: addDays(`${world.options.from}-01`, -between(random, 2, 20)) });
    later(world, openDay(world, between(random, 3, 20)), () => invoiceReceived(world, supplier, [{ to, item, unit: item.unit, perUnit: 1, price, quantity, short: 0, order: "" }], true, undefined));
  }
}
