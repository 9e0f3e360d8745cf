/**
 * The state while documents are made: today, stock, what is still open, and a queue of what happens on later days. It holds
 * open business only, so that memory does not grow with the documents made.
 */
import { type Calendar, calendarOf } from "./calendar.ts";
import { type Asset, type Company, type Currency, type Customer, foundCompany, type Item, type Sizes, type Supplier, warehouses } from "./company.ts";
import { type DefectPlan, planDefects, type PlantedDefect } from "./defects.ts";
import { below, chance, type Random, randomFrom } from "./random.ts";
import type { BasisPoints, DemoLink, DemoRecord, Fen, Milli, Price } from "./record.ts";
import { money, rateText } from "./record.ts";

export type DemoOptions = {
  readonly seed: number;
  /** 1 is about 50,000 documents in twelve months. */
  readonly scale: number;
  readonly book: string;
  /** The first period, 2026-01. */
  readonly from: string;
  readonly months: number;
  /** Without it the master data grow with the root of the scale. */
  readonly sizes?: Sizes;
  /** false: no planted defects. */
  readonly defects?: boolean;
  /** false: without the runs of a month end (cost run, revaluation, closing vouchers, depreciation, payroll). */
  readonly monthEnd?: boolean;
};

/** A received line that the supplier has not invoiced, in the unit it was ordered in. */
export type ReceivedLine = { readonly to: string; readonly item: Item; readonly unit: string; readonly perUnit: number; readonly price: Price; quantity: Milli; short: Milli; readonly order: string };
/** A shipped line that we have not invoiced. */
export type ShippedLine = { readonly to: string; readonly item: Item; readonly price: Price; readonly taxRate: BasisPoints; readonly warehouse: number; quantity: Milli };
export type OrderLine = { readonly lineId: string; readonly item: Item; readonly ordered: Milli; open: Milli; readonly price: Price; readonly taxRate: BasisPoints };
export type Advance = { readonly ref: string; open: Fen };
export type SalesOrder = { readonly id: string; readonly customer: Customer; readonly lines: OrderLine[]; advance: Advance | undefined; tries: number };
/** What a supplier is still owed, by document. */
export type Payable = { readonly ref: string; readonly supplier: Supplier; readonly due: number; open: Fen };
/** What a customer still owes, by document. */
export type Receivable = { readonly ref: string; readonly customer: Customer; readonly due: number; readonly gross: Fen; open: Fen };
/** A bank acceptance in the drawer. */
export type Note = { readonly note: string; readonly ref: string; readonly amount: Fen; readonly matures: number };

export type World = {
  readonly options: DemoOptions;
  readonly book: string;
  readonly company: Company;
  readonly calendar: Calendar;
  readonly random: Random;
  readonly defects: DefectPlan;
  readonly planted: PlantedDefect[];
  /** scale in thousandths. */
  readonly scale: number;
  readonly lastDay: number;
  today: number;
  date: string;
  period: string;
  /** Documents that arrived and were not handed out yet. */
  out: DemoRecord[];
  readonly queue: (Array<() => void> | undefined)[];
  readonly serials: Map<string, number>;
  invoiceSerial: number;
  readonly invoiceStem: string;
  /** By item × 3 + warehouse. */
  readonly stock: Float64Array;
  /** By item: ordered and not yet here; sold or planned and not yet issued; used a day, smoothed; used since that was last computed. */
  readonly onOrder: Float64Array;
  readonly backlog: Float64Array;
  readonly rate: Float64Array;
  readonly used: Float64Array;
  /** Received or shipped and not yet invoiced, of those who are invoiced by the week or month: by supplier, by customer. */
  readonly toBeInvoiced: ReceivedLine[][];
  readonly toInvoice: ShippedLine[][];
  /** The newest order of each customer: an older one may take it along. */
  readonly lastOrders: (SalesOrder | undefined)[];
  /** Receipts whose inbound freight is still to be invoiced. */
  freightIn: { readonly refs: readonly string[]; readonly value: Fen }[];
  readonly payables: Payable[][];
  readonly receivables: Receivable[][];
  notes: Note[];
  /** Special invoices whose input tax is still to be confirmed; a red one has negative tax. */
  readonly unconfirmed: { readonly ref: string; readonly tax: Fen }[];
  /** Disposals that wait for the depreciation of their month. */
  readonly disposals: { readonly asset: Asset; readonly fields: () => Partial<DemoRecord> }[];
  readonly bank: { BA1: Fen; BA2: Fen; BA3: Fen; BA4: Fen };
  /** 应收 in base currency, for the allowance. */
  receivableTotal: Fen;
  /** Output less input VAT not yet transferred; what the last transfer made payable. */
  vat: Fen;
  vatPayable: Fen;
  incomeTaxPayable: Fen;
  /** Of this month: wages and overhead in finished goods, revenue, pay. */
  absorbed: Fen;
  revenue: Fen;
  quarterRevenue: Fen;
  /** Export sales of the month, on which VAT is refunded. */
  exported: Fen;
  pay: { gross: Fen; employer: Fen };
  loan: Fen;
  /** Fractions of rare events that have not happened yet, in millionths. */
  readonly fractions: Map<string, number>;
};

export function makeWorld(options: DemoOptions): World {
  const random = randomFrom(options.seed);
  // Twice the orders come from more customers first and from a wider range second.
  const root = Math.sqrt(options.scale);
  const parties = root * Math.sqrt(root);
  const sizes = options.sizes ?? { items: Math.floor(400 * root), customers: Math.floor(600 * parties), suppliers: Math.floor(150 * parties) };
  const company = foundCompany(random, sizes);
  const calendar = calendarOf(random, options.from, options.months);
  const items = company.items.length;
  return {
    options, book: options.book, company, calendar, random, scale: Math.floor(options.scale * 1000 + 0.5), lastDay: calendar.days - 1,
    defects: options.defects === false ? {} : planDefects(random, calendar.days), planted: [],
    today: -1, date: "", period: "", out: [], queue: new Array(calendar.days), serials: new Map(), invoiceSerial: 0, invoiceStem: stemOf(options.book, options.from),
    stock: new Float64Array(items * warehouses.length), onOrder: new Float64Array(items), backlog: new Float64Array(items), rate: new Float64Array(items), used: new Float64Array(items),
    toBeInvoiced: company.suppliers.map(() => []), toInvoice: company.customers.map(() => []), lastOrders: company.customers.map(() => undefined), freightIn: [],
    payables: company.suppliers.map(() => []), receivables: company.customers.map(() => []), notes: [], unconfirmed: [], disposals: [], bank: { BA1: 0, BA2: 0, BA3: 0, BA4: 0 },
    receivableTotal: 0, vat: 0, vatPayable: 0, incomeTaxPayable: 0, absorbed: 0, revenue: 0, quarterRevenue: 0, exported: 0, pay: { gross: 0, employer: 0 }, loan: 0, fractions: new Map(),
  };
}

/** Year, a province that does not exist, and a figure of the book: two demo books never share an invoice number. */
function stemOf(book: string, from: string): string {
  let hash = 0;
  for (const character of book) hash = (hash * 31 + (character.codePointAt(0) as number)) % 9973;
  return `${from.slice(2, 4)}99${String(hash).padStart(4, "0")}`;
}

/** The next 20-digit number of a digital invoice. */
export const nextInvoiceNumber = (world: World): string => `${world.invoiceStem}${String(++world.invoiceSerial).padStart(12, "0")}`;

/** SO2601-00012: counted per month. */
export function nextId(world: World, prefix: string): string {
  const serial = (world.serials.get(prefix) ?? 0) + 1;
  world.serials.set(prefix, serial);
  return `${prefix}${world.period.slice(2, 4)}${world.period.slice(5)}-${String(serial).padStart(5, "0")}`;
}

export const begin = (world: World, kind: string, source: string, sourceId: string, date = world.date): DemoRecord => ({ schema: `tieout/${kind}@1`, book: world.book, source, sourceId, date });

export const arrive = (world: World, record: DemoRecord): void => void world.out.push(record);

/** Lets something happen on a later (or, at the end, the same) day; beyond the last day it never does. */
export function later(world: World, day: number, task: () => void): void {
  if (day > world.lastDay) return;
  (world.queue[day] ??= []).push(task);
}
export const openDay = (world: World, day: number): number => world.calendar.openFrom[Math.min(day, world.calendar.openFrom.length - 1)] as number;
export const bankDay = (world: World, day: number): number => world.calendar.bankFrom[Math.min(day, world.calendar.bankFrom.length - 1)] as number;
export const dateAt = (world: World, day: number): string => world.calendar.dates[Math.min(day, world.calendar.dates.length - 1)] as string;
/** True where the next working day is still in this period: what arrives a day late then stays in its month. */
export const staysInPeriod = (world: World): boolean => world.calendar.periods[openDay(world, world.today + 1)] === world.period;

/** The date on a paper that comes by post: early in a month some still belong to the one before. */
export function paperDate(world: World): string {
  const monthDay = Number(world.date.slice(8));
  return monthDay <= 5 && world.today >= monthDay && chance(world.random, 350) ? dateAt(world, world.today - monthDay) : world.date;
}
/** True in the last days of a month that is not the last. */
export const endsSoon = (world: World): boolean => world.calendar.periods[world.today + 6] !== world.period && world.today + 7 <= world.lastDay;

/** The next version of a document. The record that arrived stays as it was. */
export const revised = (record: DemoRecord, changes: Partial<DemoRecord>): DemoRecord => ({ ...record, sourceVersion: (record.sourceVersion ?? 1) + 1, ...changes });
export const cancelled = (record: DemoRecord): DemoRecord => revised(record, { status: "cancelled" });

/** How often something rare happens today, where it happens `yearly` times a year at scale 1. */
export function timesToday(world: World, name: string, yearly: number, isScaled = true): number {
  const expected = Math.floor((yearly * (isScaled ? world.scale : 1000) * 1000) / 252);
  const sum = (world.fractions.get(name) ?? below(world.random, 1_000_000)) + expected;
  world.fractions.set(name, sum % 1_000_000);
  return Math.floor(sum / 1_000_000);
}

export const onHand = (world: World, item: Item, warehouse: number): Milli => world.stock[item.index * 3 + warehouse] as number;
export const stockOf = (world: World, item: Item): Milli => onHand(world, item, 0) + onHand(world, item, 1) + onHand(world, item, 2);

export function moveStock(world: World, item: Item, warehouse: number, quantity: Milli): void {
  const at = item.index * 3 + warehouse;
  const left = (world.stock[at] as number) + quantity;
  if (left < 0) throw new RangeError(`stock of ${item.code} in ${warehouses[warehouse]} would be ${left}`);
  world.stock[at] = left;
}

/** Currency and rate, where a document is not in the book's currency. */
export function inCurrency(world: World, record: DemoRecord, currency: Currency, day = world.today): DemoRecord {
  if (currency !== "CNY") {
    record.currency = currency;
    record.rate = rateText(rateOn(world, currency, day));
  }
  return record;
}
export const rateOn = (world: World, currency: Currency, day = world.today): Price => (currency === "CNY" ? 10_000 : (world.calendar[currency][day] as number));

/** Input tax counts when it is confirmed, not when the invoice comes (the book's `inputVat: onConfirmation`). */
export const confirmLater = (world: World, ref: string, tax: Fen): void => void world.unconfirmed.push({ ref, tax });

/** Where money of this currency arrives. */
export function receivingAccount(world: World, currency: Currency): "BA1" | "BA2" | "BA3" | "BA4" {
  return currency === "USD" ? "BA3" : currency === "EUR" ? "BA4" : chance(world.random, 650) ? "BA1" : "BA2";
}

/** An account that can pay this much, or undefined: foreign money has to be earned, and home money is borrowed. */
export function payingAccount(world: World, currency: Currency, amount: Fen): "BA1" | "BA2" | "BA3" | "BA4" | undefined {
  if (currency !== "CNY") {
    const account = currency === "USD" ? "BA3" : "BA4";
    return world.bank[account] >= amount ? account : undefined;
  }
  if (Math.max(world.bank.BA1, world.bank.BA2) < amount) borrow(world, amount);
  return world.bank.BA1 >= world.bank.BA2 ? "BA1" : "BA2";
}

function borrow(world: World, amount: Fen): void {
  const million = 100_000_000;
  const loan = Math.ceil((amount * 2) / million) * million;
  world.loan += loan;
  world.bank.BA1 += loan;
  const record = begin(world, "bankStatementLine", "fin", nextId(world, "BS"));
  arrive(world, Object.assign(record, { bankAccount: "BA1", type: "loan", amount: money(loan) }));
}

/** Shares of what is owed by document, oldest first, as links. Lowers what is open. */
export function takeOpen(items: readonly { readonly ref: string; open: Fen }[], upTo: Fen): DemoLink[] {
  const links: DemoLink[] = [];
  let left = upTo;
  for (const item of items) {
    const part = Math.min(item.open, left);
    if (part <= 0) continue;
    item.open -= part;
    left -= part;
    links.push({ to: item.ref, amount: money(part) });
  }
  return links;
}

export function* inParts<T>(list: readonly T[], most: number): Generator<T[]> {
  for (let i = 0; i < list.length; i += most) yield list.slice(i, i + most);
}
