/** 应付与付款: what is owed, freight, customs and other costs, the weekly payment run, own and endorsed notes. */
import type { Supplier } from "./company.ts";
import { isDue, plant } from "./defects.ts";
import { between, chance, pick } from "./random.ts";
import { atRate, type DemoRecord, divide, extend, type Fen, money, perMille, rateText, refOf, taxOn, taxRateText } from "./record.ts";
import { arrive, bankDay, begin, confirmLater, dateAt, endsSoon, inCurrency, inParts, later, nextId, nextInvoiceNumber, openDay, paperDate, type Payable, payingAccount, rateOn, type ReceivedLine, takeOpen, timesToday, type World } from "./world.ts";

/** Adds to what is owed, to be paid by a weekly run. */
export function owe(world: World, ref: string, supplier: Supplier, gross: Fen, due: number): Payable {
  const payable: Payable = { ref, supplier, due, open: gross };
  world.payables[supplier.index]?.push(payable);
  return payable;
}

export const valueOf = (lines: readonly ReceivedLine[]): Fen => lines.reduce((sum, line) => sum + extend(line.quantity, line.price), 0);

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
export function clearCustoms(world: World, supplier: Supplier, received: readonly ReceivedLine[]): void {
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

/** The same paper keyed twice, its number written in another way. */
export function invoiceAgain(world: World, record: DemoRecord, gross: Fen): void {
  const number = record.invoiceNumber as string;
  const written = pick(world.random, [`${number.slice(0, 4)} ${number.slice(4, 12)} ${number.slice(12)}`, `${number.slice(0, 12)}-${number.slice(12)}`, `No.${number}`, number.replace(/\d/g, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0))]);
  const again: DemoRecord = { ...record, sourceId: nextId(world, "PI"), invoiceNumber: written };
  arrive(world, again);
  plant(world, "duplicateInvoice", [refOf(again), refOf(record)], gross);
}
