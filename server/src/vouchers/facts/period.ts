/** 期末: vouchers that are made from balances (P3m, C3, C4, S12a, I5). They read the books as they stand when the run begins. */
import { firstDay, lastDay, nextPeriod, share } from "../../values/index.ts";
import type { Row } from "../../rules/index.ts";
import { row } from "../../rules/index.ts";
import type { Account } from "../../books/index.ts";
import { event, headRow, park, type Work } from "../work.ts";

/** A closing balance of the period (debit minus credit), with what moved in it. */
export type LedgerBalance = { readonly account: string; readonly dimensions: Readonly<Record<string, string>>; readonly balance: bigint; readonly debit: bigint; readonly credit: bigint };

/** A receipt line without invoice on the last day. */
export type OpenEstimate = { readonly account: string; readonly party: string; readonly item: string; readonly category: string; readonly warehouse: string; readonly department: string; readonly quantity: bigint; readonly amount: bigint; readonly isGoods: boolean };

export const periodOfRun = (w: Work): string => (typeof w.document.more.period === "string" ? w.document.more.period : w.document.date.slice(0, 7));

const dimensionRow = (role: string, amount: bigint, balance: LedgerBalance): Row => {
  const one = row(role, amount);
  one.account = balance.account;
  const { counterparty, ...others } = balance.dimensions;
  if (counterparty !== undefined) one.party = counterparty;
  for (const [name, value] of Object.entries(others)) if (name in one) (one as unknown as Record<string, string>)[name] = value;
  return one;
};

const totalOf = (balances: readonly LedgerBalance[], prefix: string): bigint => balances.reduce((sum, one) => (one.account === prefix || one.account.startsWith(`${prefix}.`) ? sum + one.balance : sum), 0n);

/** What an earlier run of this period gave to the rules, and still stands. */
export type Made = { readonly event: string; readonly rows: readonly Row[] };

export function periodClose(w: Work, balances: readonly LedgerBalance[], estimates: readonly OpenEstimate[], earlier: readonly Made[] = []): void {
  const task = String(w.document.more.task);
  const period = periodOfRun(w);
  const rate = (name: string, otherwise: bigint): bigint => (w.document.more[name] as bigint | undefined) ?? otherwise;
  // What this month already accrued counts for taxes: a second run posts the difference, also downwards, and nothing when there is none.
  const credited = (account: string): bigint => balances.reduce((sum, one) => (one.account === account ? sum + one.credit : sum), 0n);
  switch (task) {
    case "estimates": {
      const made = (sign: bigint): Row[] => estimates.filter((one) => one.amount !== 0n).flatMap((one) => {
        const goods = row(one.isGoods ? "goods" : "service", sign * one.amount), owed = row("estimate", sign * one.amount);
        for (const each of [goods, owed]) Object.assign(each, { item: one.item, category: one.category, warehouse: one.warehouse, party: one.party, department: one.department });
        goods.quantity = sign * one.quantity;
        goods.account = one.account;
        return [goods, owed];
      });
      const left = (name: string, rows: readonly Row[]): Row[] => without(rows, earlier.flatMap((one) => (one.event === name ? one.rows : [])));
      event(w, "monthEndEstimate", left("monthEndEstimate", made(1n)), lastDay(period));
      event(w, "monthEndEstimateReversed", left("monthEndEstimateReversed", made(-1n)), firstDay(nextPeriod(period)));
      return;
    }
    case "overhead": {
      // 制造费用 is 5101, in the small-enterprise chart 4101.
      const overhead = w.state.accounts.get("5101")?.type === "cost" ? "5101" : "4101";
      const rows = balances.filter((one) => one.account.startsWith(overhead) && one.balance !== 0n).map((one) => dimensionRow("overhead", one.balance, one));
      const total = rows.reduce((sum, one) => sum + one.amount, 0n);
      event(w, "periodClose.overhead", total === 0n ? [] : [headRow(w, "production", total), ...rows]);
      return;
    }
    case "vat": {
      // 2221.01 as a whole: a credit balance is owed; paid too much this month moves back; else the credit is carried.
      const net = -totalOf(balances, "2221.01");
      const paid = balances.reduce((sum, one) => (one.account === "2221.01.05" ? sum + one.debit - one.credit : sum), 0n);
      const over = net < 0n ? (paid < -net ? paid : -net) : 0n;
      event(w, "periodClose.vat", net > 0n ? [headRow(w, "vatPayable", net)] : over > 0n ? [headRow(w, "vatOverpaid", over)] : []);
      return;
    }
    case "surtax": {
      const owed = credited("2221.09") > 0n ? credited("2221.09") : 0n;
      const part = (role: string, account: string, tax: bigint): Row => headRow(w, role, share(owed, tax, 1_000_000n) - credited(account));
      event(w, "periodClose.surtax", [part("cityConstruction", "2221.15", rate("cityRate", 70_000n)), part("education", "2221.19", 30_000n), part("localEducation", "2221.20", 20_000n)].filter(({ amount }) => amount !== 0n));
      return;
    }
    case "incomeTax": {
      const amount = w.document.more.amount as bigint | undefined;
      if (amount === undefined) park("field.missing", { field: "amount" }, w.fact.key);
      const left = (amount ?? 0n) - credited("2221.17");
      event(w, "periodClose.incomeTax", left === 0n ? [] : [headRow(w, "incomeTax", left)]);
      return;
    }
    case "profitAndLoss": {
      const profit = profitAccount(w);
      for (const side of ["income", "expense"] as const) {
        const rows = balances.filter((one) => one.balance !== 0n && closes(w, one.account, profit)?.type === side).map((one) => dimensionRow(side, side === "income" ? -one.balance : one.balance, one));
        const total = rows.reduce((sum, one) => sum + one.amount, 0n);
        if (rows.length > 0) event(w, `periodClose.${side}`, [...rows, { ...headRow(w, "profit", total), account: profit, department: "" }]);
      }
      if (w.events.length === 0) event(w, "periodClose.income", []);
      return;
    }
    default: {
      // C4c: the year's result goes to retained earnings; a tenth of a profit to the statutory reserve (Company Law art. 210).
      const account = profitAccount(w);
      const profit = -totalOf(balances, account);
      event(w, "periodClose.yearEnd", profit === 0n ? [] : [headRow(w, "yearProfit", profit)]);
      const reserve = share(profit, rate("reserveRate", 100_000n), 1_000_000n);
      if (profit > 0n && reserve > 0n) event(w, "periodClose.reserve", [headRow(w, "reserve", reserve)]);
    }
  }
}

/** What is wanted less what stands already, by all that a row names: nothing where they are even, red where less is wanted now. */
function without(wanted: readonly Row[], standing: readonly Row[]): Row[] {
  if (standing.length === 0) return [...wanted];
  const key = ({ role, account, item, category, warehouse, party, department }: Row): string => JSON.stringify([role, account, item, category, warehouse, party, department]);
  const sums = new Map<string, Row>();
  for (const [rows, sign] of [[wanted, 1n], [standing, -1n]] as const) for (const one of rows) {
    const sum = sums.get(key(one)) ?? { ...one, amount: 0n, quantity: 0n };
    sums.set(key(one), { ...sum, amount: sum.amount + sign * one.amount, quantity: sum.quantity + sign * one.quantity });
  }
  return [...sums.values()].filter(({ amount, quantity }) => amount !== 0n || quantity !== 0n);
}

/** 本年利润 of the chart: where most income accounts close to. */
function profitAccount(w: Work): string {
  for (const account of w.state.accounts.values()) if (account.type === "income" && account.carries.closesTo !== undefined) return account.carries.closesTo;
  return "4103";
}

const closes = (w: Work, code: string, profit: string): Account | undefined => {
  const account = w.state.accounts.get(code);
  return account?.carries.closesTo === profit ? account : undefined;
};

/** S12a, I5: the difference to the balance required, never the balance. */
export function provision(w: Work, balances: readonly LedgerBalance[]): void {
  const type = String(w.document.more.type);
  const wanted = w.document.more.required as bigint;
  const difference = wanted + totalOf(balances, type === "badDebt" ? "1231" : "1471");
  event(w, `provision.${type}`, difference === 0n ? [] : [headRow(w, "provision", difference)]);
}
