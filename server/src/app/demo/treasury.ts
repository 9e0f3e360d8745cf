/** 财务日常: expense claims, bank lines, set-offs, write-offs, assets, credit limits, VAT confirmation, corrections by hand. */
import { type Customer, employeeCode, pickDepartment, staffOf, type Supplier, withCustomer } from "./company.ts";
import { isDue, plant } from "./defects.ts";
import { owe } from "./payables.ts";
import { below, between, chance, pick, pickIndex } from "./random.ts";
import { type DemoLine, type DemoRecord, divide, type Fen, money, perMille, refOf, taxOn, taxRateText } from "./record.ts";
import { arrive, bankDay, begin, cancelled, confirmLater, dateAt, endsSoon, later, nextId, nextInvoiceNumber, openDay, paperDate, type Payable, payingAccount, type Receivable, revised, timesToday, type World } from "./world.ts";

type ExpenseKind = { readonly charge: string; readonly zh: string; readonly rate: 0 | 300 | 600 | 900 | 1300; readonly low: number; readonly high: number; readonly isDeductible: boolean };
/** What people spend, in yuan. Meals and entertainment bear no deduction. */
const expenseKinds: readonly ExpenseKind[] = [
  { charge: "travel", zh: "差旅交通费", rate: 900, low: 180, high: 1900, isDeductible: true }, { charge: "hotel", zh: "住宿费", rate: 600, low: 260, high: 1600, isDeductible: true },
  { charge: "meals", zh: "餐费", rate: 0, low: 60, high: 700, isDeductible: false }, { charge: "entertainment", zh: "业务招待费", rate: 600, low: 300, high: 3200, isDeductible: false },
  { charge: "office", zh: "办公用品", rate: 1300, low: 50, high: 900, isDeductible: true }, { charge: "telephone", zh: "通讯费", rate: 600, low: 80, high: 200, isDeductible: true }];

export function claimExpenses(world: World): void {
  for (let n = timesToday(world, "expenseClaim", 1650); n > 0; n--) claimExpense(world);
  for (let n = timesToday(world, "expenseAdvance", 60); n > 0; n--) advanceExpenses(world);
}

function claimant(world: World): { employee: string; department: string; use: string } {
  const department = pickDepartment(below(world.random, 100));
  const [first, last] = staffOf(department.code);
  return { employee: employeeCode(between(world.random, first, last)), department: department.code, use: department.use };
}

function expenseLines(world: World): { lines: DemoLine[]; gross: Fen; inputTax: Fen } {
  let gross = 0;
  let inputTax = 0;
  const lines: DemoLine[] = [];
  for (let i = between(world.random, 1, 4); i > 0; i--) {
    const kind = pick(world.random, expenseKinds);
    const net = between(world.random, kind.low * 100, kind.high * 100);
    const tax = taxOn(net, kind.rate);
    gross += net + tax;
    if (kind.isDeductible) inputTax += tax;
    lines.push({ lineId: String(lines.length + 1), description: kind.zh, charge: kind.charge, amountNet: money(net), taxRate: taxRateText(kind.rate), tax: money(tax), ...(kind.isDeductible ? {} : { deductible: false }) });
  }
  return { lines, gross, inputTax };
}

function claimExpense(world: World): void {
  const { random } = world;
  const { employee, department, use } = claimant(world);
  const { lines, gross, inputTax } = expenseLines(world);
  const isWrongPeriod = endsSoon(world) && isDue(world, "wrongPeriod", [2]);
  const record = begin(world, "expenseClaim", "fin", nextId(world, "EC"), isWrongPeriod ? dateAt(world, world.today + 7) : paperDate(world));
  const type = chance(random, 900) ? "paid" : "claim";
  for (const line of lines) line.use = use;
  Object.assign(record, { employee, department, type, attachments: lines.length + below(random, 3), lines });
  if (type === "paid") {
    const account = payingAccount(world, "CNY", gross) ?? "BA1";
    record.bankAccount = account;
    world.bank[account] -= gross;
  }
  const fate = below(random, 1000);
  if (fate < 12) {
    // Cancelled the day after: claimed twice.
    arrive(world, record);
    later(world, openDay(world, world.today + 1), () => arrive(world, cancelled(record)));
    return;
  }
  if (fate < 30) {
    // Finance strikes a meal from it: version 2.
    const first: DemoRecord = { ...record, lines: [...lines, { lineId: String(lines.length + 1), description: "餐费", charge: "meals", amountNet: "88.00", taxRate: "0", tax: "0.00", deductible: false, use }] };
    arrive(world, first);
    later(world, openDay(world, world.today + 1), () => arrive(world, revised(record, {})));
  } else arrive(world, record);
  if (isWrongPeriod) {
    plant(world, "wrongPeriod", [refOf(record)], gross);
    later(world, world.today + 7, () => void (world.vat -= inputTax));
  } else world.vat -= inputTax;
  if (type === "claim") later(world, bankDay(world, world.today + between(random, 5, 12)), () => {
    const account = payingAccount(world, "CNY", gross) ?? "BA1";
    world.bank[account] -= gross;
    const paid = begin(world, "bankStatementLine", "fin", nextId(world, "BS"));
    arrive(world, Object.assign(paid, { bankAccount: account, employee, type: "other", direction: "out", account: "2241", amount: money(gross), summary: `支付报销 ${record.sourceId}` }));
  });
}

/** Money ahead, and two weeks later the claim that is set against it. */
function advanceExpenses(world: World): void {
  const { employee, department, use } = claimant(world);
  const amount = between(world.random, 10, 50) * 10_000;
  const account = payingAccount(world, "CNY", amount) ?? "BA1";
  world.bank[account] -= amount;
  const record = begin(world, "expenseClaim", "fin", nextId(world, "EC"));
  arrive(world, Object.assign(record, { employee, department, type: "advance", bankAccount: account, amount: money(amount) }));
  later(world, bankDay(world, world.today + between(world.random, 8, 16)), () => {
    let { lines, gross, inputTax } = expenseLines(world);
    while (gross < amount) {
      const more = expenseLines(world);
      lines = [...lines, ...more.lines];
      gross += more.gross;
      inputTax += more.inputTax;
    }
    for (const [i, line] of lines.entries()) Object.assign(line, { lineId: String(i + 1), use });
    world.bank[account] -= gross - amount;
    world.vat -= inputTax;
    const settled = begin(world, "expenseClaim", "fin", nextId(world, "EC"));
    arrive(world, Object.assign(settled, { employee, department, type: "settle", bankAccount: account, amount: money(amount), attachments: lines.length, lines, links: [{ to: refOf(record), amount: money(amount) }] }));
  });
}

/** What the bank's statement shows besides payments: fees, interest, guarantees. */
export function readBankLines(world: World): void {
  const { random } = world;
  const line = (bankAccount: "BA1" | "BA2", type: string, amount: Fen, sign: 1 | -1, more: Partial<DemoRecord> = {}): void => {
    world.bank[bankAccount] += sign * amount;
    const record = begin(world, "bankStatementLine", "fin", nextId(world, "BS"));
    arrive(world, Object.assign(record, { bankAccount, type, amount: money(amount), ...more }));
  };
  for (let n = timesToday(world, "bankFee", 300); n > 0; n--) {
    const net = between(random, 3, 90) * 100;
    const isTaxed = chance(random, 200);
    const tax = isTaxed ? taxOn(net, 600) : 0;
    line(chance(random, 600) ? "BA1" : "BA2", "fee", net + tax, -1, isTaxed ? { tax: money(tax) } : {});
    world.vat -= tax;
  }
  for (let n = timesToday(world, "guarantee", 12); n > 0; n--) {
    const customer = pick(random, world.company.customers.filter(({ group }) => group === "project")) as Customer;
    const amount = between(random, 2, 15) * 1_000_000;
    line("BA1", "deposit", amount, -1, withCustomer(customer));
    later(world, bankDay(world, world.today + between(random, 40, 80)), () => line("BA1", "depositBack", amount, 1, withCustomer(customer)));
  }
  // Loans go back as soon as there is more than enough.
  const spare = world.bank.BA1 - 1_500_000_000;
  if (world.loan > 0 && spare > 100_000_000) {
    const back = Math.min(world.loan, Math.floor(spare / 100_000_000) * 100_000_000);
    world.loan -= back;
    line("BA1", "loanRepaid", back, -1);
  }
  if (Math.abs(world.bank.BA1 - world.bank.BA2) > 1_000_000_000) balanceAccounts(world);
}

/** Money from the fuller to the emptier account: a manual voucher, as finance books it. */
function balanceAccounts(world: World): void {
  const amount = Math.floor(Math.abs(world.bank.BA1 - world.bank.BA2) / 200_000_000) * 100_000_000;
  const [from, to] = world.bank.BA1 > world.bank.BA2 ? (["BA1", "BA2"] as const) : (["BA2", "BA1"] as const);
  world.bank[from] -= amount;
  world.bank[to] += amount;
  const record = begin(world, "manualVoucher", "fin", nextId(world, "MV"));
  arrive(world, Object.assign(record, { series: "记", summary: "银行账户间调拨资金", lines: [{ lineId: "1", account: "1002", bankAccount: to, debit: money(amount) }, { lineId: "2", account: "1002", bankAccount: from, credit: money(amount) }] }));
}

/** Quarterly interest on the accounts. */
export function creditInterest(world: World): void {
  for (const account of ["BA1", "BA2"] as const) {
    const amount = Math.max(100, divide(Math.max(0, world.bank[account]), 1400));
    world.bank[account] += amount;
    arrive(world, Object.assign(begin(world, "bankStatementLine", "fin", nextId(world, "BS")), { bankAccount: account, type: "interest", amount: money(amount) }));
  }
}

/** The other three ways of settling, and what is written off, each a few times a year. */
export function settleOtherwise(world: World): void {
  const { random, company } = world;
  const debtor = (): Receivable | undefined => {
    for (let tries = 0; tries < 12; tries++) {
      const customer = company.customers[pickIndex(random, company.customerSums)] as Customer;
      const found = world.receivables[customer.index]?.find(({ open }) => open > 50_000);
      if (found !== undefined && customer.currency === "CNY" && customer.project === undefined) return found;
    }
    return undefined;
  };
  const creditor = (): Payable | undefined => {
    for (let tries = 0; tries < 12; tries++) {
      const supplier = pick(random, company.suppliers) as Supplier;
      const found = world.payables[supplier.index]?.find(({ open, ref }) => open > 50_000 && ref.startsWith("erp:supplierInvoice/"));
      if (found !== undefined && supplier.currency === "CNY") return found;
    }
    return undefined;
  };
  const settle = (fields: Partial<DemoRecord>, amount: Fen): void => arrive(world, Object.assign(begin(world, "settlement", "fin", nextId(world, "ST")), { ...fields, amount: money(amount) }));

  for (let n = timesToday(world, "receivableToPayable", 14); n > 0; n--) {
    const receivable = debtor();
    const payable = creditor();
    if (receivable === undefined || payable === undefined) continue;
    const amount = Math.min(receivable.open, payable.open);
    lower(world, receivable, amount);
    payable.open -= amount;
    settle({ type: "receivableToPayable", ...withCustomer(receivable.customer), supplier: payable.supplier.code, links: [{ to: receivable.ref, amount: money(amount) }, { to: payable.ref, amount: money(amount) }] }, amount);
  }
  for (let n = timesToday(world, "receivableToReceivable", 6); n > 0; n--) {
    const receivable = debtor();
    if (receivable === undefined) continue;
    const amount = receivable.open;
    lower(world, receivable, amount);
    const other = company.customers[(receivable.customer.index + 3) % 20] as Customer;
    settle({ type: "receivableToReceivable", ...withCustomer(receivable.customer), toParty: other.code, links: [{ to: receivable.ref, amount: money(amount) }] }, amount);
  }
  for (let n = timesToday(world, "payableToPayable", 6); n > 0; n--) {
    const payable = creditor();
    if (payable === undefined) continue;
    const amount = payable.open;
    payable.open = 0;
    const others = company.suppliers.filter(({ currency, index }) => currency === "CNY" && index !== payable.supplier.index);
    settle({ type: "payableToPayable", supplier: payable.supplier.code, toParty: pick(random, others).code, links: [{ to: payable.ref, amount: money(amount) }] }, amount);
  }
  const writeOff = (fields: Partial<DemoRecord>, amount: Fen): void => arrive(world, Object.assign(begin(world, "writeOff", "fin", nextId(world, "WF")), { ...fields, amount: money(amount) }));
  for (let n = timesToday(world, "badDebt", 8); n > 0; n--) {
    const receivable = debtor();
    if (receivable === undefined) continue;
    const amount = Math.min(receivable.open, between(random, 200, 900) * 100);
    lower(world, receivable, amount);
    writeOff({ type: "badDebt", ...withCustomer(receivable.customer), links: [{ to: receivable.ref, amount: money(amount) }] }, amount);
    if (chance(random, 400)) later(world, bankDay(world, world.today + 35), () => {
      const part = perMille(amount, 400);
      world.bank.BA1 += part;
      writeOff({ type: "recovered", ...withCustomer(receivable.customer), bankAccount: "BA1", links: [{ to: receivable.ref, amount: money(part) }] }, part);
    });
  }
  for (let n = timesToday(world, "unpayable", 4); n > 0; n--) {
    const payable = creditor();
    if (payable === undefined) continue;
    const amount = Math.min(payable.open, between(random, 100, 600) * 100);
    payable.open -= amount;
    writeOff({ type: "payable", supplier: payable.supplier.code, links: [{ to: payable.ref, amount: money(amount) }] }, amount);
  }
}

function lower(world: World, receivable: Receivable, amount: Fen): void {
  receivable.open -= amount;
  world.receivableTotal -= amount;
}

/** Machines bought, built and sold. */
export function manageAssets(world: World): void {
  const { random, company } = world;
  const makers = company.suppliers.filter(({ role }) => role === "equipment");
  for (let n = timesToday(world, "assetBought", 8, false); n > 0; n--) {
    const cost = between(random, 60, 480) * 100_000;
    acquire(world, pick(random, makers), cost, "bought", []);
  }
  for (let n = timesToday(world, "assetBuilt", 2, false); n > 0; n--) {
    const parts: { ref: string; cost: Fen }[] = [];
    const maker = pick(random, makers);
    const collect = (): void => {
      const cost = between(random, 90, 260) * 100_000;
      parts.push({ ref: acquire(world, maker, cost, "construction", []), cost });
    };
    collect();
    later(world, openDay(world, world.today + 20), collect);
    later(world, openDay(world, world.today + 45), () => void acquire(world, undefined, parts.reduce((sum, { cost }) => sum + cost, 0), "completed", parts.map(({ ref }) => ref)));
  }
  for (let n = timesToday(world, "assetDisposed", 3, false); n > 0; n--) dispose(world);
}

function acquire(world: World, supplier: Supplier | undefined, cost: Fen, type: "bought" | "construction" | "completed", links: readonly string[]): string {
  const isAsset = type !== "construction";
  const code = `FA${String(world.company.assets.length + 101).padStart(3, "0")}`;
  const residual = perMille(cost, 50);
  const record = begin(world, "assetAcquisition", "fin", nextId(world, "AA"));
  const tax = type === "completed" ? 0 : taxOn(cost, 1300);
  const line: DemoLine = { lineId: "1", description: isAsset ? "数控机床" : "在建自动化装配线", quantity: "1", amountNet: money(cost) };
  if (type !== "completed") Object.assign(line, { taxRate: taxRateText(1300), tax: money(tax) });
  if (isAsset) Object.assign(line, { asset: code, lifeMonths: 120, residual: money(residual), department: "D06" });
  Object.assign(record, { type, lines: [line] });
  if (supplier !== undefined) Object.assign(record, { supplier: supplier.code, invoiceNumber: nextInvoiceNumber(world), invoiceType: "special" });
  if (links.length > 0) record.links = links.map((to) => ({ to }));
  arrive(world, record);
  if (tax > 0) confirmLater(world, refOf(record), tax);
  if (supplier !== undefined) owe(world, refOf(record), supplier, cost + tax, bankDay(world, world.today + 30));
  if (isAsset) world.company.assets.push({ code, name: { zh: "数控机床", en: "CNC machine" }, cost, lifeMonths: 120, residual, use: "overhead", department: "D06", depreciated: 0, startsIn: world.period, isGone: false });
  return refOf(record);
}

/** Sold or scrapped at a month's end, with what has been depreciated including that month. */
function dispose(world: World): void {
  const old = world.company.assets.filter((asset) => !asset.isGone && asset.startsIn === "" && asset.cost < 60_000_000);
  if (old.length === 0) return;
  const asset = pick(world.random, old);
  const isSold = chance(world.random, 650);
  const price = isSold ? Math.floor(perMille(asset.cost - asset.depreciated, between(world.random, 700, 1150)) / 10_000) * 10_000 : 0;
  const tax = taxOn(price, 1300);
  asset.isGone = true;
  // The month of disposal is still depreciated; the disposal follows on its last day.
  world.disposals.push({ asset, fields: () => {
    const line: DemoLine = { lineId: "1", asset: asset.code, costOriginal: money(asset.cost), depreciated: money(asset.depreciated), department: asset.department };
    if (!isSold) return { type: "scrapped", lines: [line] };
    Object.assign(line, { amountNet: money(price), taxRate: taxRateText(1300), tax: money(tax) });
    world.bank.BA1 += price + tax;
    world.vat += tax;
    return { type: "sold", bankAccount: "BA1", lines: [line] };
  } });
}

export function limitCredit(world: World): void {
  for (let n = timesToday(world, "creditLimit", 160); n > 0; n--) grantCredit(world, world.company.customers[pickIndex(world.random, world.company.customerSums)] as Customer);
}

export function grantCredit(world: World, customer: Customer): void {
  const record = begin(world, "creditLimit", "crm", nextId(world, "LM"));
  if (customer.currency !== "CNY") record.currency = customer.currency;
  arrive(world, Object.assign(record, { customer: customer.code, amount: money(customer.size * between(world.random, 6, 20) * 1_000_000) }));
}

/** 进项勾选: every Friday the special invoices of the week are confirmed, thirty at a time; from then on their tax is deducted. */
export function confirmInputTax(world: World): void {
  while (world.unconfirmed.length > 0) {
    const some = world.unconfirmed.splice(0, 30);
    const record = begin(world, "vatConfirmation", "fin", nextId(world, "VC"));
    arrive(world, Object.assign(record, { links: some.map(({ ref }) => ({ to: ref })) }));
    for (const { tax } of some) world.vat -= tax;
  }
}

/** What nobody should do: a voucher by hand on an account that documents keep. And one opening item that the customer knows better. */
export function bookByHand(world: World): void {
  if (isDue(world, "manualOnControlledAccount")) {
    const customer = world.company.customers[pickIndex(world.random, world.company.customerSums)] as Customer;
    const amount = between(world.random, 500, 9000) * 100;
    const record = begin(world, "manualVoucher", "fin", nextId(world, "MV"));
    arrive(world, Object.assign(record, { series: "记", summary: "补记应收", lines: [{ lineId: "1", account: "1122.01", counterparty: customer.code, debit: money(amount) }, { lineId: "2", account: "6001", credit: money(amount) }] }));
    plant(world, "manualOnControlledAccount", [refOf(record)], amount);
  }
  for (let n = timesToday(world, "manual", 40); n > 0; n--) {
    const amount = between(world.random, 100, 2000) * 100;
    const record = begin(world, "manualVoucher", "fin", nextId(world, "MV"));
    const isLowValue = chance(world.random, 300);
    arrive(world, Object.assign(record, isLowValue
      ? { series: "记", summary: "补提会员费分摊", lines: [{ lineId: "1", account: "6602", department: "D03", debit: money(amount) }, { lineId: "2", account: "2241", counterparty: (world.company.suppliers.find(({ role }) => role === "expense") as Supplier).code, credit: money(amount) }] }
      : { series: "记", summary: "费用归属调整", lines: [{ lineId: "1", account: "6601", department: "D04", debit: money(amount) }, { lineId: "2", account: "6602", department: "D01", credit: money(amount) }] }));
  }
}
