/** The year of the demo company, day by day, as a stream of records. */
import { addDays } from "../../values/index.ts";
import { masterRecords } from "./company.ts";
import type { PlantedDefect } from "./defects.ts";
import { adjustInBetween, budget, endMonth, payNextMonth } from "./month-end.ts";
import { openingBalance } from "./opening.ts";
import { expectUse, issueElsewhere, planPlating, planProduction } from "./production.ts";
import { invoiceExpenses, invoiceFreightIn, paySuppliers } from "./payables.ts";
import { forecastUse, replenish } from "./purchase.ts";
import { invoiceMonthlySuppliers } from "./supplier-invoice.ts";
import { between } from "./random.ts";
import type { DemoRecord } from "./record.ts";
import { cashNote, collectBatches } from "./collections.ts";
import { expectSales, invoicePeriodic, repairOnTheSpot, takeOrders } from "./sales.ts";
import { adjustCosts, consign, countStock, transferStock } from "./stock.ts";
import { bookByHand, claimExpenses, confirmInputTax, creditInterest, grantCredit, limitCredit, manageAssets, readBankLines, settleOtherwise } from "./treasury.ts";
import { bankDay, type DemoOptions, later, makeWorld, timesToday, type World } from "./world.ts";

/**
 * Yields master records, then one openingBalance, then documents in the order in which they arrive: plain objects in the
 * public form. The same options give the same records, always. Returns the planted defects when it has run to its end.
 */
export function* generateDemo(options: DemoOptions): Generator<DemoRecord, readonly PlantedDefect[]> {
  const world = makeWorld(options);
  yield* masters(world);
  expectSales(world);
  expectUse(world);
  yield openingBalance(world);
  for (const { note, matures } of world.notes) later(world, matures, () => cashNote(world, note, "collected"));
  payNextMonth(world);
  yield* documents(world);
  return world.planted;
}

function* masters(world: World): Generator<DemoRecord> {
  const { calendar, options } = world;
  // The opening's day has the rate of the first day.
  const dates = [addDays(`${options.from}-01`, -1), ...calendar.dates.slice(0, calendar.days)];
  const shifted = (rates: Int32Array): Int32Array => Int32Array.from(dates, (_, i) => rates[Math.max(0, i - 1)] as number);
  yield* masterRecords(world.company, options.from, dates, { USD: shifted(calendar.USD), EUR: shifted(calendar.EUR) });
}

function* documents(world: World): Generator<DemoRecord> {
  const { calendar, out } = world;
  for (let day = 0; day <= world.lastDay; day++) {
    world.today = day;
    world.date = calendar.dates[day] as string;
    world.period = calendar.periods[day] as string;
    if (calendar.isFirst[day] === 1) beginMonth(world);
    if (day === 0) beginYear(world);
    if ((calendar.activity[day] as number) > 0) takeOrders(world);
    yield* handOut(out);
    if (calendar.bankFrom[day] === day) {
      for (const work of deskWork) {
        work(world);
        yield* handOut(out);
      }
      for (const work of weekly[calendar.weekday[day] as number] ?? []) {
        work(world);
        yield* handOut(out);
      }
    }
    const tasks = world.queue[day];
    if (tasks !== undefined)
      // Tasks may add tasks of the same day.
      for (let i = 0; i < tasks.length; i++) {
        (tasks[i] as () => void)();
        for (let at = 0; at < out.length; at++) yield out[at] as DemoRecord;
        out.length = 0;
      }
    world.queue[day] = undefined;
    if (isLastBankDay(world)) invoicePeriodic(world, "month");
    yield* handOut(out);
    if (calendar.isLast[day] === 1 && world.options.monthEnd !== false) yield* endMonth(world, world.period);
  }
}

function* handOut(out: DemoRecord[]): Generator<DemoRecord> {
  for (let at = 0; at < out.length; at++) yield out[at] as DemoRecord;
  out.length = 0;
}

const isLastBankDay = ({ calendar, today, period }: World): boolean => calendar.bankFrom[today] === today && calendar.periods[calendar.bankFrom[today + 1] as number] !== period;

/** What offices do every working day, and on which weekday they do what they do once a week. */
const deskWork: readonly ((world: World) => void)[] = [replenish, planProduction, issueElsewhere, adjustCosts, repairOnTheSpot, invoiceExpenses, claimExpenses, readBankLines, settleOtherwise, manageAssets, limitCredit, bookByHand, repairAndWriteDown, forecastUse];
const weekly: Readonly<Record<number, readonly ((world: World) => void)[]>> = {
  1: [(world) => collectBatches(world, "platform"), planPlating],
  3: [transferStock],
  4: [paySuppliers],
  5: [(world) => invoicePeriodic(world, "week"), invoiceFreightIn, confirmInputTax],
};

function repairAndWriteDown(world: World): void {
  for (let n = timesToday(world, "warrantyRepair", 14); n > 0; n--) adjustInBetween(world, "warrantyRepair", between(world.random, 200, 2500) * 100);
  for (let n = timesToday(world, "lowValueWriteDown", 8); n > 0; n--) adjustInBetween(world, "lowValueWriteDown", between(world.random, 100, 900) * 100);
}

function beginYear(world: World): void {
  budget(world, [...new Set(world.calendar.periods.slice(0, world.calendar.days))]);
  const granted = world.company.customers.filter(({ group, index }) => group === "key" || group === "project" || index % 3 === 0);
  // Credit is granted over the first quarter, the largest customers first.
  for (const [i, customer] of granted.entries()) later(world, bankDay(world, Math.floor((i * 90) / granted.length)), () => grantCredit(world, customer));
}

/** Puts what happens on days of the month into the queue. */
function beginMonth(world: World): void {
  world.serials.clear();
  const on = (monthDay: number, work: () => void): void => later(world, bankDay(world, world.today + monthDay - 1), work);
  on(3, () => consign(world));
  on(10, () => collectBatches(world, "batch", 0));
  on(25, () => collectBatches(world, "batch", 1));
  on(24, () => invoiceMonthlySuppliers(world));
  for (const warehouse of [0, 1, 2]) on(18 + warehouse * 2, () => countStock(world, warehouse));
  if (Number(world.period.slice(5)) % 3 === 0) on(21, () => creditInterest(world));
}
