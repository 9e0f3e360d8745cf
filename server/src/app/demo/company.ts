/**
 * The company: what it makes, buys and sells, and with whom. Everything here is fixed before the first document; what
 * moves (stock, orders, money) is in world.ts.
 */
import { addMonths } from "../../values/index.ts";
import { companyName, creditCode, customerTrades, type Family, fittings, foreignNames, givenNames, materials, pumps, sizes, supplierTrades, surnames, turnoverGoods } from "./names.ts";
import { below, between, chance, cumulate, type Random } from "./random.ts";
import type { BasisPoints, DemoName, DemoRecord, Fen, Milli, Price } from "./record.ts";
import { divide, perMille, priceText, taxRateText } from "./record.ts";

export type Part = { readonly item: Item; readonly each: Milli };

export type Item = {
  readonly index: number;
  readonly code: string;
  readonly name: DemoName;
  readonly category: "finishedGoods" | "merchandise" | "rawMaterial" | "semiFinished" | "turnover" | "service" | "processing" | "expense";
  readonly unit: string;
  readonly taxRate: BasisPoints;
  /** What it costs to buy or to make. */
  readonly cost: Price;
  /** List price; zero where it is not sold. */
  readonly list: Price;
  /** What it is ordered in multiples of. */
  readonly lot: Milli;
  /** Stock units in a box; zero where there are no boxes. */
  readonly box: number;
  /** An ordinary quantity in a sales order. */
  readonly typical: Milli;
  readonly supplier: Supplier | undefined;
  readonly parts: readonly Part[];
  /** Wages and overhead in one unit. */
  readonly conversion: Price;
  readonly expenseAccount?: string;
};

export type Currency = "CNY" | "USD" | "EUR";

export type Supplier = {
  readonly index: number;
  readonly code: string;
  readonly name: DemoName;
  readonly role: "raw" | "merchandise" | "turnover" | "carrier" | "expense" | "processor" | "agent" | "equipment";
  readonly currency: Currency;
  readonly leadDays: number;
  readonly termDays: number;
  /** One invoice per receipt, or one a month over all receipts. */
  readonly billing: "receipt" | "month";
  /** Small-scale suppliers issue ordinary invoices at 3 %: no input tax. */
  readonly isSmall: boolean;
  readonly prepaidPerMille: number;
  readonly takesNotes: boolean;
};

export type Customer = {
  readonly index: number;
  readonly code: string;
  readonly name: DemoName;
  readonly group: "key" | "dealer" | "project" | "online" | "retail" | "agent" | "foreign";
  readonly currency: Currency;
  readonly region: string;
  /** Index of the warehouse that serves it. */
  readonly home: number;
  readonly salesperson: string;
  readonly project: string | undefined;
  /** How many times an ordinary quantity it orders, in quarters. */
  readonly size: number;
  readonly discountPerMille: number;
  readonly termDays: number;
  readonly billing: "shipment" | "week" | "month";
  readonly pays: "each" | "batch" | "note" | "platform" | "cash";
  readonly habit: "prompt" | "usual" | "slow" | "bad";
  readonly advancePerMille: number;
  readonly takesDiscount: boolean;
};

/** Who a document is with; everything of a project's customer carries its project. */
export const withCustomer = ({ code, project }: Customer): { customer: string; project?: string } => (project === undefined ? { customer: code } : { customer: code, project });

export type Asset = { readonly code: string; readonly name: DemoName; readonly cost: Fen; readonly lifeMonths: number; readonly residual: Fen; readonly use: string; readonly department: string; depreciated: Fen; startsIn: string; isGone: boolean };

export type Sizes = { readonly items: number; readonly customers: number; readonly suppliers: number };

export type Company = {
  readonly items: readonly Item[];
  readonly pumps: readonly Item[];
  readonly merchandise: readonly Item[];
  readonly raws: readonly Item[];
  readonly semis: readonly Item[];
  readonly turnover: readonly Item[];
  readonly service: { readonly install: Item; readonly repair: Item; readonly plating: Item };
  readonly expenses: readonly Item[];
  readonly discontinued: Item;
  readonly sellable: readonly Item[];
  readonly sellableSums: Float64Array;
  readonly suppliers: readonly Supplier[];
  /** What each supplier sells us, by supplier. */
  readonly boughtFrom: readonly (readonly Item[])[];
  readonly customers: readonly Customer[];
  readonly customerSums: Float64Array;
  readonly customersWeight: { readonly total: number; readonly sized: number };
  readonly assets: Asset[];
};

export const companyIs: DemoName = { zh: "栖浦恒川泵业股份有限公司(演示)", en: "Qipu Hengchuan Pumps Corp. (demo)" };

export const warehouses = ["W1", "W2", "W3"] as const;
export const regions: readonly (DemoName & { code: string; home: number })[] = [
  { code: "R1", zh: "华东", en: "East China", home: 0 }, { code: "R2", zh: "华南", en: "South China", home: 1 },
  { code: "R3", zh: "华北", en: "North China", home: 0 }, { code: "R4", zh: "西南", en: "Southwest China", home: 2 }];

/** Monthly pay of the departments in yuan at scale 1; the workshop's own wages follow what it makes. */
export const departments: readonly (DemoName & { code: string; use: string; staff: number; monthlyPay: number })[] = [
  { code: "D01", zh: "总经理办公室", en: "General management", use: "administration", staff: 2, monthlyPay: 80_000 },
  { code: "D02", zh: "财务部", en: "Finance", use: "administration", staff: 4, monthlyPay: 90_000 },
  { code: "D03", zh: "人力行政部", en: "People and office", use: "administration", staff: 3, monthlyPay: 60_000 },
  { code: "D04", zh: "销售部", en: "Sales", use: "selling", staff: 10, monthlyPay: 360_000 },
  { code: "D05", zh: "采购部", en: "Purchasing", use: "administration", staff: 4, monthlyPay: 80_000 },
  { code: "D06", zh: "生产部", en: "Production", use: "overhead", staff: 8, monthlyPay: 190_000 },
  { code: "D07", zh: "仓储物流部", en: "Warehouses and transport", use: "selling", staff: 4, monthlyPay: 150_000 },
  { code: "D08", zh: "研发部", en: "Research and development", use: "researchAndDevelopment", staff: 5, monthlyPay: 180_000 }];

export const bankAccounts: readonly (DemoName & { code: string; currency: Currency; account: string; number: string })[] = [
  { code: "BA1", zh: "演示银行基本户", en: "Demo Bank, main account", currency: "CNY", account: "1002", number: "6200000000000000018" },
  { code: "BA2", zh: "样例银行一般户", en: "Sample Bank, second account", currency: "CNY", account: "1002", number: "6200000000000000026" },
  { code: "BA3", zh: "演示银行美元户", en: "Demo Bank, US dollars", currency: "USD", account: "1002", number: "6200000000000000034" },
  { code: "BA4", zh: "演示银行欧元户", en: "Demo Bank, euros", currency: "EUR", account: "1002", number: "6200000000000000042" },
  { code: "BA5", zh: "样例银行保证金户", en: "Sample Bank, guarantee deposits", currency: "CNY", account: "1012", number: "6200000000000000059" }];

const projects: readonly (DemoName & { code: string })[] = [
  { code: "PJ01", zh: "栖浦新区供水改造", en: "Qipu new district water supply" }, { code: "PJ02", zh: "砚滩污水泵站", en: "Yantan sewage pumping station" },
  { code: "PJ03", zh: "槐汐工业园消防", en: "Huaixi industrial park fire protection" }, { code: "PJ04", zh: "高效电机泵研发", en: "High-efficiency pump research" }];

export const employeeCode = (n: number): string => `E${String(n).padStart(2, "0")}`;
/** Whose people claim expenses, by a figure from 0 to 99: sales more than half. */
export const pickDepartment = (figure: number): (typeof departments)[number] => departments[figure < 55 ? 3 : figure % 8] as (typeof departments)[number];
/** First and last employee number of a department. */
export function staffOf(department: string): [number, number] {
  let start = 1;
  for (const { code, staff } of departments) {
    if (code === department) return [start, start + staff - 1];
    start += staff;
  }
  throw new RangeError(`no department ${department}`);
}

export function foundCompany(random: Random, wanted: Sizes): Company {
  const suppliers = findSuppliers(random, wanted.suppliers);
  const goods = makeItems(random, wanted.items, suppliers);
  const customers = findCustomers(random, wanted.customers);
  const sellable = shuffle(random, [...goods.pumps, ...goods.merchandise]);
  const weights = customers.map((customer, index) => (customer.group === "foreign" || customer.group === "agent" ? Math.floor(3_600_000 / customers.length) : Math.floor(1_000_000 / (index + customers.length / 100))));
  return {
    ...goods, suppliers, customers, sellable,
    boughtFrom: suppliers.map((supplier) => goods.items.filter((item) => item.supplier === supplier)),
    sellableSums: cumulate(sellable.map((_, index) => Math.floor(1_000_000 / (index + sellable.length / 20)))),
    customerSums: cumulate(weights.map((weight, index) => (customers[index]?.group === "agent" ? 0 : weight))),
    customersWeight: { total: weights.reduce((sum, weight) => sum + weight, 0), sized: weights.reduce((sum, weight, index) => sum + weight * (customers[index] as Customer).size, 0) },
    assets: buyAssets(random),
  };
}

function shuffle<T>(random: Random, list: T[]): T[] {
  for (let i = list.length - 1; i > 0; i--) {
    const j = below(random, i + 1);
    [list[i], list[j]] = [list[j] as T, list[i] as T];
  }
  return list;
}

/** Shares of the roles in a thousand, the foreign suppliers among raw and merchandise. */
const roleShares: readonly (readonly [Supplier["role"], number])[] = [["raw", 380], ["merchandise", 370], ["turnover", 40], ["carrier", 50], ["expense", 100], ["processor", 20], ["agent", 14], ["equipment", 26]];

function findSuppliers(random: Random, count: number): Supplier[] {
  const suppliers: Supplier[] = [];
  for (const [role, share] of roleShares) {
    const many = Math.max(1, divide(count * share, 1000));
    for (let i = 0; i < many; i++) {
      const index = suppliers.length;
      const isForeign = (role === "raw" || role === "merchandise") && i >= many - Math.max(1, divide(many, 14));
      const currency: Currency = !isForeign ? "CNY" : i % 2 === 0 ? "USD" : "EUR";
      const trades = supplierTrades[role];
      suppliers.push({
        index, role, currency, code: `${isForeign ? "SF" : "S"}${String(index + 1).padStart(4, "0")}`,
        name: isForeign ? { zh: `${foreignNames[index % foreignNames.length]} 公司`, en: `${foreignNames[index % foreignNames.length]} ${currency === "USD" ? "Inc." : "GmbH"}` }
          : companyName(900 + index, trades[i % trades.length] as DemoName),
        leadDays: isForeign ? between(random, 24, 36) : between(random, 4, 11),
        termDays: role === "carrier" || role === "expense" ? 20 : ([30, 30, 45, 60][below(random, 4)] as number),
        billing: role !== "carrier" && chance(random, 300) && !isForeign ? "month" : "receipt",
        isSmall: !isForeign && (role === "merchandise" || role === "turnover") && chance(random, 60),
        prepaidPerMille: !isForeign && chance(random, 70) ? 300 : 0,
        takesNotes: role === "raw" && !isForeign && chance(random, 500),
      });
    }
  }
  return suppliers;
}

/** How many items of a family at this size of the company; every family keeps at least one. */
function spread(families: readonly Family[], count: number, each: (family: Family, step: number, variant: number, at: number) => void): void {
  const many = Math.max(families.length, count);
  for (let i = 0; i < many; i++) {
    const family = families[i % families.length] as Family;
    const at = Math.floor(i / families.length);
    each(family, at % sizes.length, Math.floor(at / sizes.length), i);
  }
}

function makeItems(random: Random, count: number, suppliers: readonly Supplier[]) {
  const items: Item[] = [];
  const make = (fields: Partial<Item> & Pick<Item, "code" | "name" | "category">): Item => {
    const item: Item = { unit: "pcs", taxRate: 1300, cost: 0, list: 0, lot: 1000, box: 0, typical: 1000, supplier: undefined, parts: [], conversion: 0, ...fields, index: items.length };
    items.push(item);
    return item;
  };
  const role = (wanted: Supplier["role"]): Supplier[] => suppliers.filter((supplier) => supplier.role === wanted);
  const rate = (supplier: Supplier | undefined): BasisPoints => (supplier?.currency !== "CNY" ? 1300 : supplier.isSmall ? 300 : 1300);
  const full = (family: Family, step: number, variant: number): Pick<Item, "code" | "name"> => {
    const grade = variant === 0 ? "" : `-${String.fromCharCode(64 + variant)}`;
    return { code: `${family.code}-${(sizes[step] as string).slice(2)}${grade}`, name: { zh: `${family.zh} ${sizes[step]}${grade}`, en: `${family.en} ${sizes[step]}${grade}` } };
  };
  const part = (n: number): number => Math.max(1, divide(count * n, 400));

  const rawSuppliers = role("raw");
  const raws: Item[] = [];
  spread(materials, part(90), (family, step, variant, at) => {
    const supplier = rawSuppliers[at % rawSuppliers.length];
    raws.push(make({ ...full(family, step, variant), category: "rawMaterial", unit: family.unit, supplier, taxRate: rate(supplier), cost: family.base + family.step * step + between(random, 0, 99) * 100, lot: family.unit === "kg" ? 50_000 : 10_000 }));
  });
  const byFamily = (code: string): Item[] => raws.filter((item) => item.code.startsWith(`${code}-`));
  const near = (list: readonly Item[], step: number): Item => list[step % list.length] as Item;

  const castings = byFamily("BT");
  const semis = castings.slice(0, part(10)).map((casting, step) =>
    make({ code: `DBT-${String(step + 1).padStart(2, "0")}`, name: { zh: `镀锌${casting.name.zh}`, en: `Plated ${casting.name.en.toLowerCase()}` }, category: "semiFinished", cost: casting.cost + 160_000, parts: [{ item: casting, each: 1000 }] }));

  const made: Item[] = [];
  spread(pumps, part(80), (family, step, variant, at) => {
    const isPlated = family.code === "QX" || family.code === "QH";
    const parts: Part[] = [
      { item: isPlated ? near(semis, step) : near(castings, step), each: 1000 }, { item: near(byFamily("DJ"), step), each: 1000 }, { item: near(byFamily("ZB"), step), each: 1000 },
      { item: near(byFamily("YL"), step), each: family.code === "QD" ? 4000 : 1000 }, { item: near(byFamily("JM"), step), each: family.code === "QW" ? 2000 : 1000 },
      { item: near(byFamily("ZC"), step), each: 2000 }, { item: near(byFamily("GB"), at), each: 1500 + 750 * step }].slice(0, 4 + (at % 4));
    if (family.code === "QJ") parts.push({ item: near(byFamily("QB"), at), each: 1200 + 300 * step });
    const material = parts.reduce((sum, { item, each }) => sum + divide(item.cost * each, 1000), 0);
    const conversion = divide(material * 22, 10_000) * 100;
    const cost = material + conversion;
    made.push(make({ ...full(family, step, variant), category: "finishedGoods", parts, conversion, cost, list: divide(cost * 100, 600_000) * 10_000, typical: Math.max(1, family.typical - Math.floor(step / 4)) * 1000 }));
  });

  const merchandiseSuppliers = role("merchandise");
  const merchandise: Item[] = [];
  spread(fittings, part(180), (family, step, variant, at) => {
    const supplier = merchandiseSuppliers[at % merchandiseSuppliers.length];
    const cost = family.base + family.step * step + between(random, 0, 99) * 100;
    merchandise.push(make({ ...full(family, step, variant), category: "merchandise", unit: family.unit, supplier, taxRate: rate(supplier), cost, box: supplier?.currency === "CNY" ? (family.box ?? 0) : 0, list: divide(cost * 100, 70_000) * 1000,
      lot: (family.box ?? 1) * 1000, typical: Math.max(1, divide(family.typical * 3, 3 + step)) * 1000 }));
  });

  const turnoverSuppliers = role("turnover");
  const turnover: Item[] = [];
  spread(turnoverGoods, part(20), (family, step, variant, at) => {
    const supplier = turnoverSuppliers[at % turnoverSuppliers.length];
    turnover.push(make({ ...full(family, step, variant), category: "turnover", unit: family.unit, supplier, taxRate: rate(supplier), cost: family.base + family.step * step, lot: 10_000 }));
  });

  const service = {
    install: make({ code: "SV-AZ", name: { zh: "安装调试费", en: "Installation" }, category: "service", taxRate: 600, unit: "job", list: 38_000_000 }),
    repair: make({ code: "SV-WX", name: { zh: "维修服务费", en: "Repair service" }, category: "service", taxRate: 600, unit: "job", list: 6_000_000 }),
    plating: make({ code: "SV-DD", name: { zh: "电镀加工费", en: "Plating" }, category: "processing", taxRate: 1300, cost: 160_000 }),
  };
  const expense = (code: string, zh: string, en: string, taxRate: BasisPoints, expenseAccount: string, yuan: number): Item =>
    make({ code, name: { zh, en }, category: "expense", taxRate, unit: "job", cost: yuan * 10_000, expenseAccount });
  const expenses = [expense("EX-DL", "电费", "Electricity", 1300, "5101", 118_000), expense("EX-SF", "水费", "Water", 900, "5101", 9_000), expense("EX-WX", "设备维修费", "Machine repairs", 1300, "5101", 16_000),
    expense("EX-FZ", "办公房租", "Office rent", 900, "6602", 60_000), expense("EX-WY", "物业费", "Facility management", 600, "6602", 12_000), expense("EX-GG", "广告费", "Advertising", 600, "6601", 45_000),
    expense("EX-JC", "检测费", "Testing", 600, "6602", 8_000), expense("EX-RJ", "软件服务费", "Software", 600, "6602", 14_000), expense("EX-ZX", "咨询费", "Consulting", 600, "6602", 22_000), expense("EX-BX", "保险费", "Insurance", 600, "6602", 9_500)];
  const discontinued = make({ code: "QL-OLD", name: { zh: "立式离心泵(停产)", en: "Vertical centrifugal pump (discontinued)" }, category: "merchandise", cost: 5_000_000 });
  return { items, pumps: made, merchandise, raws, semis, turnover, service, expenses, discontinued };
}

function findCustomers(random: Random, count: number): Customer[] {
  const customers: Customer[] = [];
  const foreign = Math.max(2, divide(count, 50));
  const agents = Math.max(1, divide(count, 200));
  for (let index = 0; index < count; index++) {
    const isForeign = index >= count - foreign;
    const isAgent = !isForeign && index >= count - foreign - agents;
    const currency: Currency = !isForeign ? "CNY" : index % 3 === 0 ? "EUR" : "USD";
    const group: Customer["group"] = isForeign ? "foreign" : isAgent ? "agent" : index < Math.max(3, count / 40) ? "key" : index % 41 === 7 ? "online" : index % 11 === 5 ? "project" : index % 7 === 6 ? "retail" : "dealer";
    const region = regions[isForeign ? 0 : ([0, 0, 0, 1, 1, 2, 2, 3][below(random, 8)] as number)] as (typeof regions)[number];
    const [firstSales, lastSales] = staffOf("D04");
    const isBig = group === "key";
    customers.push({
      index, group, currency, code: `${isForeign ? "CF" : "C"}${String(index + 1).padStart(4, "0")}`,
      name: isForeign ? { zh: `${foreignNames[(index * 5) % foreignNames.length]} 贸易 ${index + 1}`, en: `${foreignNames[(index * 5) % foreignNames.length]} Trading ${index + 1}` } : companyName(index, customerTrades[index % customerTrades.length] as DemoName),
      region: region.code, home: region.home, salesperson: employeeCode(firstSales + (index % (lastSales - firstSales + 1))),
      project: group === "project" ? `PJ0${1 + (index % 3)}` : undefined,
      size: isBig ? 12 : group === "project" || isForeign ? 9 : group === "retail" ? 2 : between(random, 3, 7),
      discountPerMille: isBig ? 110 : group === "dealer" ? between(random, 20, 80) : group === "online" ? 40 : 0,
      termDays: group === "retail" ? 0 : isBig ? 60 : ([30, 30, 45][below(random, 3)] as number),
      billing: group === "key" ? "month" : group === "online" ? "week" : group === "dealer" ? (chance(random, 200) ? "month" : chance(random, 220) ? "week" : "shipment") : "shipment",
      pays: group === "online" ? "platform" : group === "retail" && chance(random, 600) ? "cash" : isBig ? "batch" : group === "foreign" ? "each" : chance(random, 320) ? "batch" : chance(random, 70) ? "note" : "each",
      habit: isBig ? "usual" : (["prompt", "usual", "usual", "usual", "slow", "slow", "prompt", "usual", "slow", "bad"][below(random, 10)] as Customer["habit"]),
      advancePerMille: group === "project" ? 300 : group === "dealer" && chance(random, 60) ? 200 : 0,
      takesDiscount: group === "dealer" && chance(random, 80),
    });
  }
  return customers;
}

const machines: readonly (readonly [string, string, number, number, string, string])[] = [
  ["数控车床", "CNC lathe", 480_000, 120, "overhead", "D06"], ["加工中心", "Machining centre", 1_250_000, 120, "overhead", "D06"], ["水泵测试台", "Pump test bench", 360_000, 120, "overhead", "D06"], ["喷涂线", "Coating line", 820_000, 120, "overhead", "D06"],
  ["行车", "Overhead crane", 260_000, 120, "overhead", "D06"], ["叉车", "Fork-lift", 120_000, 60, "selling", "D07"], ["货架系统", "Racking", 300_000, 120, "selling", "D07"], ["厂房", "Factory hall", 18_000_000, 240, "overhead", "D06"],
  ["办公楼", "Office building", 9_000_000, 240, "administration", "D03"], ["商务车", "Company car", 280_000, 48, "administration", "D01"], ["服务器", "Server", 160_000, 36, "administration", "D02"], ["研发检测设备", "Laboratory equipment", 640_000, 120, "researchAndDevelopment", "D08"]];

function buyAssets(random: Random): Asset[] {
  return Array.from({ length: 24 }, (_, i) => {
    const [zh, en, yuan, lifeMonths, use, department] = machines[i % machines.length] as (typeof machines)[number];
    const cost = yuan * 100 - (i >= machines.length ? perMille(yuan * 100, 300) : 0);
    const residual = perMille(cost, 50);
    const used = between(random, 3, Math.min(lifeMonths - 14, 80));
    const number = i >= machines.length ? " 2" : " 1";
    return { code: `FA${String(i + 1).padStart(3, "0")}`, name: { zh: zh + number, en: en + number }, cost, lifeMonths, residual, use, department, depreciated: monthly(cost, residual, lifeMonths) * used, startsIn: "", isGone: false };
  });
}

/** Straight-line depreciation of one month. */
export const monthly = (cost: Fen, residual: Fen, lifeMonths: number): Fen => divide(cost - residual, lifeMonths);

export type Rates = { readonly USD: Int32Array; readonly EUR: Int32Array };

/** The master records in the order in which they are needed. `dates` are the days that get an exchange rate. */
export function* masterRecords(company: Company, from: string, dates: readonly string[], rates: Rates): Generator<DemoRecord> {
  const record = (kind: string, source: string, sourceId: string, name: DemoName, fields: Partial<DemoRecord> = {}): DemoRecord => ({ schema: `tieout/${kind}@1`, source, sourceId, name, ...fields });
  const plain = ({ zh, en }: DemoName): DemoName => ({ zh, en });
  for (const region of regions) yield record("region", "crm", region.code, plain(region));
  for (const department of departments) yield record("department", "fin", department.code, plain(department), { use: department.use });
  for (const project of projects) yield record("project", "fin", project.code, plain(project));
  let number = 0;
  for (const department of departments)
    for (let i = 0; i < department.staff; i++) {
      const surname = surnames[number % surnames.length] as DemoName;
      const given = givenNames[Math.floor(number / surnames.length) % givenNames.length] as DemoName;
      yield record("employee", "fin", employeeCode(++number), { zh: surname.zh + given.zh, en: `${given.en} ${surname.en}` }, { department: department.code });
    }
  const places = [{ zh: "总部工厂仓", en: "Factory warehouse" }, { zh: "华南仓", en: "South warehouse" }, { zh: "西南仓", en: "Southwest warehouse" }];
  for (const [i, code] of warehouses.entries()) yield record("warehouse", "wms", code, places[i] as DemoName, { region: ["R1", "R2", "R4"][i] as string });
  for (const account of bankAccounts) yield record("bankAccount", "fin", account.code, plain(account), { currency: account.currency, account: account.account, number: account.number });
  for (const [code, zh, en, rate] of [["VAT13", "货物 13%", "Goods 13 %", 1300], ["VAT9", "运输、水 9%", "Transport, water 9 %", 900], ["VAT6", "服务 6%", "Services 6 %", 600], ["VAT3", "征收率 3%", "Levy 3 %", 300], ["VAT0", "出口零税率", "Export 0 %", 0]] as const)
    yield record("taxCode", "fin", code, { zh, en }, { taxRate: taxRateText(rate), from: `${addMonths(from, -12)}-01` });
  for (const item of company.items)
    yield record("item", "erp", item.code, item.name, {
      category: item.category, unit: item.unit, taxRate: taxRateText(item.taxRate), ...(item.expenseAccount === undefined ? {} : { expenseAccount: item.expenseAccount }), ...(item.box === 0 ? {} : { units: [{ unit: "box", quantity: String(item.box) }] }) });
  const [firstBuyer, lastBuyer] = staffOf("D05");
  for (const supplier of company.suppliers)
    yield record("supplier", "erp", supplier.code, supplier.name, { group: supplier.role, buyer: employeeCode(firstBuyer + (supplier.index % (lastBuyer - firstBuyer + 1))), department: "D05", ...(supplier.currency === "CNY" ? { uscc: creditCode(50_000 + supplier.index) } : {}) });
  for (const customer of company.customers)
    yield record("customer", "crm", customer.code, customer.name, { group: customer.group, region: customer.region, salesperson: customer.salesperson, department: "D04", ...(customer.currency === "CNY" ? { uscc: creditCode(customer.index) } : {}) });
  for (const currency of ["USD", "EUR"] as const)
    for (const [i, date] of dates.entries())
      yield { schema: "tieout/exchangeRate@1", source: "fin", sourceId: `${currency}-${date}`, from: currency, to: "CNY", date, rate: priceText(rates[currency][i] as number) };
}

