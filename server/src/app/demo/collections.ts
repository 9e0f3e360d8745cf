/** 收款: when and how customers pay: alone, in sums, by note, through a platform, with discounts, fees, and sometimes wrongly. */
import { type Customer, withCustomer } from "./company.ts";
import { isDue, plant } from "./defects.ts";
import { between, chance, pick } from "./random.ts";
import { divide, money, perMille, refOf, taxOn } from "./record.ts";
import { type Advance, arrive, bankDay, begin, dateAt, inCurrency, later, nextId, type Receivable, receivingAccount, takeOpen, type World } from "./world.ts";

/** Decides when a customer pays: alone, with the next run of the month, by note, or through the platform. */
export function collectLater(world: World, receivable: Receivable): void {
  const { random } = world;
  const { customer } = receivable;
  if (customer.pays === "batch" || customer.pays === "platform") {
    world.receivables[customer.index]?.push(receivable);
    return;
  }
  const lag = { prompt: () => between(random, -4, 2), usual: () => between(random, 0, 9), slow: () => between(random, 8, 40), bad: () => between(random, 25, 110) }[customer.habit]();
  if (customer.habit === "bad" && chance(random, 60)) return;
  if (customer.takesDiscount && chance(random, 500)) later(world, bankDay(world, receivable.due - customer.termDays + between(random, 5, 9)), () => collect(world, receivable, true));
  else later(world, bankDay(world, receivable.due + lag), () => collect(world, receivable, false));
}

function collect(world: World, receivable: Receivable, withDiscount: boolean): void {
  const { random } = world;
  const { customer } = receivable;
  const isHome = customer.currency === "CNY";
  if (receivable.open <= 0) return;
  if (customer.pays === "note" && receivable.open > 2_000_000) {
    receiveNote(world, receivable);
    return;
  }
  let amount = receivable.open;
  const account = receivingAccount(world, customer.currency);
  const record = inCurrency(world, begin(world, "cashReceipt", "fin", nextId(world, "CR")), customer.currency);
  if (isHome && !withDiscount && isDue(world, "wrongCustomer")) {
    const other = world.company.customers[(customer.index + 7) % Math.floor(world.company.customers.length / 2)] as Customer;
    world.bank[account] += amount;
    arrive(world, Object.assign(record, { ...withCustomer(other), bankAccount: account, amount: money(amount) }));
    plant(world, "wrongCustomer", [refOf(record), receivable.ref], amount);
    return;
  }
  if (isHome && amount > 100_000 && !withDiscount && isDue(world, "shortPayment")) {
    const missing = between(random, 5000, 60_000);
    amount -= missing;
    plant(world, "shortPayment", [refOf(record), receivable.ref], missing);
  } else if (!withDiscount && amount > 500_000 && chance(random, 75)) {
    amount = Math.floor(perMille(amount, between(random, 300, 700)) / 10_000) * 10_000;
    later(world, bankDay(world, world.today + between(random, 7, 25)), () => collect(world, receivable, false));
  }
  const discount = withDiscount ? perMille(amount, 18) : 0;
  const fee = !isHome ? 2500 : discount === 0 && amount > 10_000 && chance(random, 30) ? between(random, 1, 30) * 100 : 0;
  receivable.open -= amount;
  if (isHome) world.receivableTotal -= amount;
  world.bank[account] += amount - discount - fee;
  Object.assign(record, { ...withCustomer(customer), bankAccount: account, amount: money(amount), links: [{ to: receivable.ref, amount: money(amount) }] });
  if (discount > 0) record.discount = money(discount);
  if (fee > 0) record.fee = money(fee);
  arrive(world, record);
}

/** Customers that pay twice a month, and platforms weekly, all that is due: eight invoices to a payment. */
export function collectBatches(world: World, pays: "batch" | "platform", half?: 0 | 1): void {
  for (const customer of world.company.customers) {
    if (customer.pays !== pays || (half !== undefined && customer.index % 2 !== half)) continue;
    const open = world.receivables[customer.index] as Receivable[];
    if (open.length === 0) continue;
    const due = open.filter((receivable) => receivable.open > 0 && (pays === "platform" || receivable.due <= world.today + 3));
    const isSkipped = chance(world.random, { prompt: 20, usual: 20, slow: 300, bad: 650 }[customer.habit]);
    if (!isSkipped) for (let i = 0; i < due.length; i += 8) collectSum(world, customer, due.slice(i, i + 8));
    world.receivables[customer.index] = open.filter((receivable) => receivable.open > 0);
  }
}

function collectSum(world: World, customer: Customer, due: readonly Receivable[]): void {
  const { random } = world;
  const isPlatform = customer.pays === "platform";
  const total = due.reduce((sum, receivable) => sum + receivable.open, 0);
  const amount = !isPlatform && chance(random, 80) ? Math.max(100, Math.floor(perMille(total, between(random, 500, 900)) / 10_000) * 10_000) : total;
  const account = receivingAccount(world, "CNY");
  const record = begin(world, "cashReceipt", "fin", nextId(world, "CR"));
  Object.assign(record, { ...withCustomer(customer), bankAccount: account, amount: money(amount), links: takeOpen(due, amount) });
  if (isPlatform) {
    const commission = perMille(amount, 45);
    const tax = taxOn(commission, 600);
    Object.assign(record, { commission: money(commission), commissionTax: money(tax), department: "D04" });
    world.bank[account] += amount - commission - tax;
    world.vat -= tax;
  } else world.bank[account] += amount;
  world.receivableTotal -= amount;
  arrive(world, record);
}

/** A bank acceptance instead of money; later it is endorsed, discounted, or paid when it matures. */
function receiveNote(world: World, receivable: Receivable): void {
  const amount = Math.floor(receivable.open / 10_000) * 10_000;
  const note = `BR${world.invoiceStem}${nextId(world, "N").slice(1)}`;
  const record = begin(world, "bill", "fin", nextId(world, "BL"));
  const matures = world.today + pick(world.random, [90, 120, 180]);
  Object.assign(record, { ...withCustomer(receivable.customer), action: "received", note, amount: money(amount), dueDate: dateAt(world, matures), links: [{ to: receivable.ref, amount: money(amount) }] });
  arrive(world, record);
  receivable.open -= amount;
  world.receivableTotal -= amount;
  world.notes.push({ note, ref: refOf(record), amount, matures });
  later(world, bankDay(world, matures), () => cashNote(world, note, "collected"));
  if (chance(world.random, 350)) later(world, bankDay(world, world.today + between(world.random, 8, 30)), () => cashNote(world, note, "discounted"));
  if (receivable.open > 0) later(world, bankDay(world, world.today + 3), () => collect(world, receivable, false));
}

/** Collected at maturity or discounted before, if it is still in the drawer. */
export function cashNote(world: World, number: string, action: "collected" | "discounted"): void {
  const at = world.notes.findIndex(({ note }) => note === number);
  if (at < 0) return;
  const [note] = world.notes.splice(at, 1) as [(typeof world.notes)[number]];
  const days = note.matures - world.today;
  const interest = action === "discounted" ? divide(note.amount * days * 24, 360_000) : 0;
  world.bank.BA2 += note.amount - interest;
  const record = begin(world, "bill", "fin", nextId(world, "BL"));
  Object.assign(record, { action, note: note.note, amount: money(note.amount), bankAccount: "BA2", links: [{ to: note.ref }] });
  if (interest > 0) record.interest = money(interest);
  arrive(world, record);
}

/** The advance of an order goes against its invoice. */
export function applyAdvance(world: World, receivable: Receivable, advance: Advance): void {
  const amount = Math.min(advance.open, receivable.open);
  if (amount <= 0) return;
  advance.open -= amount;
  receivable.open -= amount;
  world.receivableTotal -= amount;
  const record = begin(world, "settlement", "fin", nextId(world, "ST"));
  arrive(world, Object.assign(record, { ...withCustomer(receivable.customer), type: "advanceToReceivable", amount: money(amount), links: [{ to: advance.ref, amount: money(amount) }, { to: receivable.ref, amount: money(amount) }] }));
}
