/** 月末: what is posted when a month ends, in the order in which it has to be, and what is paid in the month after. */
import { departments, monthly, warehouses, withCustomer } from "./company.ts";
import { between } from "./random.ts";
import { type DemoLine, type DemoRecord, divide, extend, type Fen, money, perMille, rateText, refOf, taxOn, taxRateText } from "./record.ts";
import { arrive, bankDay, begin, later, nextId, nextInvoiceNumber, onHand, payingAccount, rateOn, type World } from "./world.ts";

/**
 * The documents of a month end, dated its last day: depreciation and disposals, payroll, the month's adjustments, provisions
 * (each quarter), revaluation, overhead, the cost run, VAT, surtax, income tax (each quarter), profit and loss, and in
 * December the year's end. Pay, social insurance and taxes follow in the next month.
 */
export function endMonth(world: World, period: string): DemoRecord[] {
  const records: DemoRecord[] = [];
  const add = (kind: string, source: string, prefix: string, fields: Partial<DemoRecord>): DemoRecord => {
    const record = Object.assign(begin(world, kind, source, nextId(world, prefix)), fields);
    records.push(record);
    return record;
  };
  const month = Number(period.slice(5));
  const isQuarterEnd = month % 3 === 0;

  depreciate(world, period, add);
  const research = accruePayroll(world, add);
  adjust(world, add, research, isQuarterEnd);
  if (isQuarterEnd) {
    add("provision", "fin", "PV", { type: "badDebt", required: money(perMille(Math.max(0, world.receivableTotal), 8)) });
    add("provision", "fin", "PV", { type: "inventory", required: money(perMille(stockValue(world), 4)) });
  }
  for (const currency of ["USD", "EUR"] as const) add("fxRevaluation", "fin", "FX", { foreignCurrency: currency, closingRate: rateText(rateOn(world, currency)) });
  add("periodClose", "fin", "PC", { period, task: "overhead" });
  add("costRun", "erp", "CO", { period });

  add("periodClose", "fin", "PC", { period, task: "vat" });
  world.vatPayable = Math.max(0, world.vat);
  world.vat -= world.vatPayable;
  add("periodClose", "fin", "PC", { period, task: "surtax", cityRate: "0.07" });
  if (isQuarterEnd) {
    world.incomeTaxPayable = perMille(world.quarterRevenue, 9);
    add("periodClose", "fin", "PC", { period, task: "incomeTax", amount: money(world.incomeTaxPayable) });
    world.quarterRevenue = 0;
  }
  add("periodClose", "fin", "PC", { period, task: "profitAndLoss" });
  if (month === 12) add("periodClose", "fin", "PC", { period, task: "yearEnd", reserveRate: "0.10" });
  payNextMonth(world);
  world.absorbed = 0;
  return records;
}

type Add = (kind: string, source: string, prefix: string, fields: Partial<DemoRecord>) => DemoRecord;

function depreciate(world: World, period: string, add: Add): void {
  const leaving = new Set(world.disposals.map(({ asset }) => asset));
  const lines: DemoLine[] = [];
  for (const asset of world.company.assets) {
    if ((asset.isGone && !leaving.has(asset)) || asset.startsIn === period) continue;
    const amount = Math.min(monthly(asset.cost, asset.residual, asset.lifeMonths), asset.cost - asset.residual - asset.depreciated);
    if (amount <= 0) continue;
    asset.depreciated += amount;
    lines.push({ lineId: String(lines.length + 1), asset: asset.code, use: asset.use, department: asset.department, amount: money(amount) });
  }
  add("depreciation", "fin", "DP", { lines });
  for (const { fields } of world.disposals.splice(0)) add("assetDisposal", "fin", "AX", fields());
}

/** Wages of the line follow what was made; the departments' pay is fixed. Returns what research cost. */
function accruePayroll(world: World, add: Add): Fen {
  const lines: DemoLine[] = [];
  let gross = 0;
  let employer = 0;
  let research = 0;
  const pay = (department: string, use: string, amount: Fen): void => {
    const insurance = perMille(amount, 160);
    gross += amount;
    employer += insurance;
    if (use === "researchAndDevelopment") research += amount + insurance;
    lines.push({ lineId: String(lines.length + 1), use, department, gross: money(amount), employerInsurance: money(insurance) });
  };
  pay("D06", "production", Math.max(divide(10_000_000 * world.scale, 1000), perMille(world.absorbed, 250)));
  for (const { code, use, monthlyPay } of departments) pay(code, use, divide(monthlyPay * world.scale, 10));
  add("payrollSummary", "fin", "PL", { type: "accrue", lines });
  world.pay = { gross, employer };
  return research;
}

function adjust(world: World, add: Add, research: Fen, isQuarterEnd: boolean): void {
  add("adjustment", "fin", "AJ", { type: "researchExpensed", amount: money(research), department: "D08" });
  if (world.exported > 0) {
    const refund = perMille(world.exported, 90);
    add("adjustment", "fin", "AJ", { type: "exportRefund", amount: money(refund) });
    add("adjustment", "fin", "AJ", { type: "exportTaxNotRefundable", amount: money(perMille(world.exported, 5)) });
    world.vat += refund + perMille(world.exported, 5);
    world.exported = 0;
    later(world, bankDay(world, world.today + 24), () => {
      world.bank.BA1 += refund;
      const record = begin(world, "bankStatementLine", "fin", nextId(world, "BS"));
      arrive(world, Object.assign(record, { bankAccount: "BA1", type: "other", direction: "in", account: "1221.01", amount: money(refund), summary: "收到出口退税" }));
    });
  }
  world.quarterRevenue += world.revenue;
  if (isQuarterEnd) {
    add("adjustment", "fin", "AJ", { type: "warrantyAccrual", amount: money(perMille(world.quarterRevenue, 3)) });
    accrueRebates(world, add);
  }
  world.revenue = 0;
}

/** Key customers earn a rebate on the quarter; a red invoice of the next month grants it on what they still owe. */
function accrueRebates(world: World, add: Add): void {
  for (const customer of world.company.customers) {
    if (customer.group !== "key") continue;
    const largest = world.receivables[customer.index]?.filter(({ open }) => open > 500_000).sort((a, b) => b.open - a.open)[0];
    if (largest === undefined) continue;
    const net = Math.floor(perMille(largest.open, between(world.random, 8, 20)) / 100) * 100;
    const tax = taxOn(net, 1300);
    const accrued = add("adjustment", "fin", "AJ", { type: "rebateAccrual", ...withCustomer(customer), amount: money(net), links: [{ to: largest.ref }] });
    later(world, bankDay(world, world.today + 12), () => {
      if (largest.open < net + tax) return;
      largest.open -= net + tax;
      world.receivableTotal -= net + tax;
      world.vat -= tax;
      const record = begin(world, "salesInvoice", "erp", nextId(world, "SI"));
      Object.assign(record, { ...withCustomer(customer), credit: true, invoiceNumber: nextInvoiceNumber(world), invoiceType: "special", department: "D04", salesperson: customer.salesperson, region: customer.region, summary: `返利 ${accrued.sourceId}` });
      record.lines = [{ lineId: "1", description: "季度返利", charge: "rebate", amountNet: money(net), taxRate: taxRateText(1300), tax: money(tax), links: [{ to: refOf(accrued) }, { to: largest.ref, amount: money(net + tax) }] }];
      arrive(world, record);
    });
  }
}

function stockValue(world: World): Fen {
  let value = 0;
  for (const item of world.company.items) for (const [at] of warehouses.entries()) value += extend(onHand(world, item, at), item.cost);
  return value;
}

/** The tenth: wages. The fifteenth: insurance and taxes of the month before. */
export function payNextMonth(world: World): void {
  const { gross, employer } = world.pay;
  const withheldInsurance = perMille(gross, 105);
  const withheldTax = perMille(gross, 12);
  const pay = (day: number, kind: string, prefix: string, amount: Fen, fields: Partial<DemoRecord>): void => later(world, day, () => {
    const account = payingAccount(world, "CNY", amount) ?? "BA1";
    world.bank[account] -= amount;
    arrive(world, Object.assign(begin(world, kind, "fin", nextId(world, prefix)), { bankAccount: account, ...fields }));
  });
  const withheld = { withheldInsurance: money(withheldInsurance), withheldTax: money(withheldTax) };
  pay(bankDay(world, world.today + 10), "payrollSummary", "PL", gross - withheldInsurance - withheldTax, { type: "pay", gross: money(gross), ...withheld });
  pay(bankDay(world, world.today + 15), "payrollSummary", "PL", employer + withheldInsurance + withheldTax, { type: "remit", employerInsurance: money(employer), ...withheld });

  const lines: DemoLine[] = [];
  let taxes = 0;
  for (const [charge, amount] of [["vat", world.vatPayable], ["cityConstruction", perMille(world.vatPayable, 70)], ["education", perMille(world.vatPayable, 30)], ["localEducation", perMille(world.vatPayable, 20)], ["corporateIncome", world.incomeTaxPayable]] as const) {
    if (amount === 0) continue;
    taxes += amount;
    lines.push({ lineId: String(lines.length + 1), charge, tax: money(amount) });
  }
  world.incomeTaxPayable = 0;
  if (lines.length > 0) pay(bankDay(world, world.today + 15), "taxPayment", "TX", taxes, { type: "lastMonth", lines });
}

/** A few times a year: repairs under warranty, tools half written down. */
export function adjustInBetween(world: World, kind: "warrantyRepair" | "lowValueWriteDown", amount: Fen): void {
  const record = begin(world, "adjustment", "fin", nextId(world, "AJ"));
  if (kind === "warrantyRepair") {
    const account = payingAccount(world, "CNY", amount) ?? "BA1";
    world.bank[account] -= amount;
    record.bankAccount = account;
  } else record.department = "D06";
  arrive(world, Object.assign(record, { type: kind, amount: money(amount) }));
}

/** The year's budget, a document a period. */
export function budget(world: World, periods: readonly string[]): void {
  for (const period of periods) {
    const record = begin(world, "budget", "fin", nextId(world, "BG"));
    const revenue = divide(1_000_000_000 * world.scale, 1000);
    const lines: DemoLine[] = [{ lineId: "1", account: "6001", department: "D04", amount: money(revenue) }, { lineId: "2", account: "6401", department: "D06", amount: money(perMille(revenue, 680)) }];
    for (const { code, use, monthlyPay } of departments) {
      const account = use === "selling" ? "6601" : use === "overhead" ? "5101" : use === "researchAndDevelopment" ? "6602.01" : "6602";
      lines.push({ lineId: String(lines.length + 1), account, department: code, amount: money(divide(monthlyPay * world.scale * 15, 100)) });
    }
    arrive(world, Object.assign(record, { period, lines }));
  }
}
