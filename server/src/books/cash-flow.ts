/**
 * 现金流量表, direct method. A voucher that moves cash says by its other lines what the cash was for: such a line brings in
 * what it stands in credit and takes out what it stands in debit, so the lines of a voucher add up to its cash exactly.
 */
import { type Account, type CashFlow, parentCodeOf } from "./chart.ts";
import { type CashFlowStatement, coversAny, type Flow } from "./layout.ts";
import { printRows, type StatementParts, type StatementRow, sumParts } from "./statement.ts";

/**
 * A voucher with a line on a cash account, or several of one kind, direction and set of accounts added together: the answer
 * is the same. `amount` is debit − credit.
 */
export type CashVoucher = { readonly kind: string; readonly lines: readonly { readonly account: string; readonly amount: bigint }[] };

/** `accounts` are those of the chart or of the book. `openingCash` is what the cash accounts held before the first voucher, opening balances included. */
export function cashFlow(layout: CashFlowStatement, accounts: Iterable<Account>, vouchers: Iterable<CashVoucher>, openingCash: bigint): StatementRow[] {
  const taken = sumParts(cashFlowParts(layout, accounts, vouchers));
  for (const row of layout.rows) if (row.opening) taken.set(row.id, openingCash);
  return printRows(layout.rows, taken);
}

/** The accounts on the other side of the cash, by row: what came in for each is positive, what went out negative. */
export function cashFlowParts(layout: CashFlowStatement, accounts: Iterable<Account>, vouchers: Iterable<CashVoucher>): StatementParts {
  const taken = new Map<string, Map<string, bigint>>();
  const usual = usualItems(accounts);
  for (const { kind, lines } of vouchers) {
    if (layout.ignoreKinds.includes(kind)) continue;
    const others = lines.filter((line) => !coversAny(layout.cash, line.account));
    if (others.length === lines.length) continue;
    const moved = -others.reduce((sum, line) => sum + line.amount, 0n);
    for (const line of others) {
      const brought = -line.amount;
      const direction = (moved === 0n ? brought : moved) < 0n ? "out" : "in";
      const beside = others.filter((other) => other !== line).map((other) => other.account);
      const flow = layout.flows.find((candidate) => fits(candidate, kind, direction, line.account, beside))?.to ?? usual(line.account) ?? layout.otherwise;
      const item = typeof flow === "string" ? flow : flow[direction];
      let parts = taken.get(item);
      if (!parts) taken.set(item, (parts = new Map()));
      parts.set(line.account, (parts.get(line.account) ?? 0n) + brought);
    }
  }
  return taken;
}

const fits = (flow: Flow, kind: string, direction: "in" | "out", account: string, beside: readonly string[]): boolean =>
  (flow.kinds === undefined || flow.kinds.includes(kind)) &&
  (flow.direction === undefined || flow.direction === direction) &&
  (flow.accounts === undefined || coversAny(flow.accounts, account)) &&
  (flow.with === undefined || beside.some((other) => coversAny(flow.with ?? [], other)));

/** The item that the account names; one that is not among `accounts` takes its parent's. */
function usualItems(accounts: Iterable<Account>): (account: string) => CashFlow | undefined {
  const items = new Map(Array.from(accounts, (account) => [account.code, account.carries.cashFlow]));
  return function itemOf(account): CashFlow | undefined {
    if (items.has(account)) return items.get(account);
    const parent = parentCodeOf(account);
    return parent === undefined ? undefined : itemOf(parent);
  };
}
