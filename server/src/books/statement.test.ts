import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Chart, loadPack, type Pack } from "./chart.ts";
import { type BalanceSheet, checkLayout, type IncomeStatement, type Layout } from "./layout.ts";
import { packIds, packsFolder } from "./packs.ts";
import { type Balance, checkBalanceSheet, statement, type StatementRow } from "./statement.ts";

const packs = packIds().map((id) => loadPack(packsFolder, id));
const general = packs.find((pack) => pack.id === "cas-general") ?? assert.fail("cas-general");

const balanceSheetOf = (pack: Pack): BalanceSheet => pack.statements.find((layout) => layout.measure === "closing") ?? assert.fail(pack.id);
const incomeOf = (pack: Pack): IncomeStatement => pack.statements.find((layout) => layout.measure === "turnover") ?? assert.fail(pack.id);
const amountOf = (rows: readonly StatementRow[], id: string): bigint | null => (rows.find((row) => row.id === id) ?? assert.fail(`no row ${id}`)).amount;

type Line = { account: string; amount: bigint; dimensions?: Record<string, string> };

/** Balances after these lines, debit positive, of a period that began with nothing. */
function balancesAfter(lines: readonly Line[], transfers: readonly Line[] = []): Balance[] {
  const at = (line: Line): string => JSON.stringify([line.account, line.dimensions ?? {}]);
  const sums = new Map<string, { line: Line; debit: bigint; credit: bigint; transferred: bigint }>();
  for (const [line, isTransfer] of [...lines.map((l) => [l, false] as const), ...transfers.map((l) => [l, true] as const)]) {
    const sum = sums.get(at(line)) ?? { line, debit: 0n, credit: 0n, transferred: 0n };
    if (line.amount > 0n) sum.debit += line.amount;
    else sum.credit -= line.amount;
    if (isTransfer) sum.transferred += line.amount;
    sums.set(at(line), sum);
  }
  return [...sums.values()].map(({ line, debit, credit, transferred }) =>
    ({ account: line.account, dimensions: line.dimensions ?? {}, openingDebit: 0n, openingCredit: 0n, debit, credit, transferred, closing: debit - credit }));
}

/** Lines that add up to zero, on accounts of the chart and on one that the book added and no row names. */
function anyPostings(chart: Chart): fc.Arbitrary<Line[]> {
  const codes = [...chart.accounts.filter((account) => account.postable).map((account) => account.code), "1999", "2221.31", "1002.07"];
  const line = fc.record({
    account: fc.constantFrom(...codes),
    amount: fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }),
    dimensions: fc.record({ counterparty: fc.constantFrom("C01", "C02", ""), employee: fc.constantFrom("E1", "") }),
  });
  return fc.tuple(fc.array(line, { maxLength: 60 }), fc.constantFrom(...codes)).map(([lines, account]) =>
    [...lines, { account, amount: -lines.reduce((sum, { amount }) => sum + amount, 0n), dimensions: { counterparty: "C03" } }]);
}

/** 损益结转: what closes each account to where the chart says. */
function closing(chart: Chart, lines: readonly Line[]): Line[] {
  const target = new Map(chart.accounts.map((account) => [account.code, account.type === "equity" ? undefined : account.carries.closesTo]));
  return lines.flatMap((line) => {
    const to = target.get(line.account);
    return to === undefined ? [] : [{ ...line, amount: -line.amount }, { account: to, amount: line.amount }];
  });
}

test("every statement of every pack takes each account into its totals exactly once", () => {
  for (const pack of packs) {
    assert.deepEqual(pack.statements.map((layout) => layout.id), ["balance-sheet", "income", "cash-flow"]);
    for (const layout of pack.statements) assert.deepEqual(checkLayout(layout, pack.chart), [], `${pack.id} ${layout.id}`);
  }
});

test("a balance sheet balances whatever is posted, before and after income and expense are closed", () => {
  for (const pack of packs) {
    const layout = balanceSheetOf(pack);
    fc.assert(fc.property(anyPostings(pack.chart), (lines) => {
      const before = statement(layout, balancesAfter(lines));
      const after = statement(layout, balancesAfter(lines, closing(pack.chart, lines)));
      assert.deepEqual(checkBalanceSheet(layout, before), []);
      assert.deepEqual(after, before);
    }));
  }
});

test("the balance sheet of the beginning takes what stood there at the beginning", () => {
  for (const pack of packs) {
    const layout = balanceSheetOf(pack);
    fc.assert(fc.property(anyPostings(pack.chart), (lines) => {
      const carried = balancesAfter(lines).map((balance) => ({ ...balance, openingDebit: balance.debit, openingCredit: balance.credit, debit: 7n, credit: 0n, closing: balance.closing + 7n }));
      assert.deepEqual(statement(layout, carried, "opening"), statement(layout, balancesAfter(lines)));
    }));
  }
});

test("net profit is what income and expense turned over, closed or not, without the corrections of earlier years", () => {
  for (const pack of packs) {
    const layout = incomeOf(pack);
    const toProfit = new Set(pack.chart.accounts.filter((account) => account.carries.closesTo === pack.chart.profit).map((account) => account.code));
    fc.assert(fc.property(anyPostings(pack.chart), (lines) => {
      const open = statement(layout, balancesAfter(lines));
      assert.deepEqual(statement(layout, balancesAfter(lines, closing(pack.chart, lines))), open);
      const profit = -lines.filter((line) => toProfit.has(line.account)).reduce((sum, { amount }) => sum + amount, 0n);
      assert.equal(amountOf(open, layout.result), profit);
    }));
  }
});

test("a customer in credit is an advance and an advance in debit is a receivable, each party by itself", () => {
  const rows = statement(balanceSheetOf(general), balancesAfter([
    { account: "1122.01", amount: 900n, dimensions: { counterparty: "C01" } },
    { account: "1122.02", amount: -200n, dimensions: { counterparty: "C01" } },
    { account: "1122.01", amount: -120n, dimensions: { counterparty: "C09" } },
    { account: "2203", amount: 50n, dimensions: { counterparty: "C02" } },
    { account: "2202.01", amount: -300n, dimensions: { counterparty: "S01" } },
    { account: "2202.02", amount: 100n, dimensions: { counterparty: "S01" } },
    { account: "2202.02", amount: 40n, dimensions: { counterparty: "S02" } },
    { account: "1231", amount: -30n },
    { account: "4001", amount: -440n },
  ]));
  assert.deepEqual(["accountsReceivable", "advances", "prepayments", "accountsPayable", "totalAssets"].map((id) => amountOf(rows, id)), [720n, 120n, 40n, 200n, 760n]);
});

test("VAT that is carried or not yet due is shown apart from taxes payable", () => {
  // case 37 after April: 2221.01 as a whole stands 300.00 in debit
  const rows = statement(balanceSheetOf(general), balancesAfter([
    { account: "2221.01.01", amount: 170000n }, { account: "2221.01.02", amount: -180000n }, { account: "2221.01.04", amount: -3900n }, { account: "2221.01.09", amount: 43900n },
    { account: "2221.09", amount: -10000n }, { account: "2221.06", amount: -7800n }, { account: "2221.08", amount: 2600n }, { account: "4001", amount: -14800n },
  ]));
  assert.deepEqual(["otherCurrentAssets", "taxesPayable", "otherCurrentLiabilities"].map((id) => amountOf(rows, id)), [32600n, 10000n, 7800n]);
});

test("goods shipped, work in progress and write-downs are inventories; a loss that is not decided yet is another current asset", () => {
  const rows = statement(balanceSheetOf(general), balancesAfter([
    { account: "1405", amount: 1000n }, { account: "1406", amount: 300n }, { account: "5001", amount: 200n }, { account: "5101", amount: 50n }, { account: "1404", amount: -5n },
    { account: "1471", amount: -45n }, { account: "1901", amount: 339n }, { account: "1485", amount: 60n }, { account: "4104", amount: -1899n },
  ]));
  assert.deepEqual(["inventories", "otherCurrentAssets", "totalAssets"].map((id) => amountOf(rows, id)), [1500n, 399n, 1899n]);
});

test("what an account of the book's own holds is shown under other current assets or liabilities", () => {
  const rows = statement(balanceSheetOf(general), balancesAfter([{ account: "1999", amount: 8n }, { account: "2999", amount: -3n }, { account: "4001", amount: -5n }]));
  assert.deepEqual(["otherCurrentAssets", "otherCurrentLiabilities", "totalEquity"].map((id) => amountOf(rows, id)), [8n, 3n, 5n]);
  const chart = { ...general.chart, accounts: [...general.chart.accounts, { code: "1999", zh: "甲", en: "A", type: "asset", side: "debit", postable: true, carries: {} } as const] };
  assert.deepEqual(checkLayout(balanceSheetOf(general), chart).map((problem) => [problem.code, problem.facts["account"]]), [["statement.account_uncovered", "1999"]]);
});

test("an income statement reads as the form does: costs positive, losses negative, headings empty", () => {
  const rows = statement(incomeOf(general), balancesAfter([
    { account: "6001", amount: -50000n }, { account: "6401", amount: 29833n }, { account: "6602", amount: 2000n, dimensions: { department: "D1" } },
    { account: "6602.01", amount: 700n, dimensions: { department: "D1" } }, { account: "6603", amount: -2360n }, { account: "6702", amount: 390n }, { account: "6115", amount: 200n },
    { account: "6711", amount: 100n }, { account: "6801", amount: 4000n }, { account: "6901", amount: -900n }, { account: "4003.02.05", amount: -70n }, { account: "1002", amount: 16107n },
  ]));
  assert.deepEqual(
    ["revenue", "cost", "administration", "research", "finance", "creditImpairment", "disposal", "operatingProfit", "totalProfit", "netProfit", "oci", "totalComprehensiveIncome", "earningsPerShare"].map((id) => amountOf(rows, id)),
    [50000n, 29833n, 2000n, 700n, -2360n, -390n, -200n, 19237n, 19137n, 15137n, 70n, 15207n, null]);
});

test("a form that loses an account, takes it twice or leaves a row out of the totals is reported", () => {
  const layout = balanceSheetOf(general);
  const change = (id: string, row: Partial<Layout["rows"][number]>): string[] =>
    checkLayout({ ...layout, rows: layout.rows.map((each) => (each.id === id ? { ...each, ...row } : each)) }, general.chart).map((problem) => `${problem.code} ${problem.facts["account"] ?? problem.facts["target"] ?? problem.facts["row"]}`);
  const take = (accounts: string[], more: { take?: "debit"; apart?: string[] } = {}) => ({ add: [{ accounts, except: [], take: "net" as const, apart: [], ...more }] });
  assert.deepEqual(change("goodwill", take(["1711"])), ["statement.account_uncovered 1712"]);
  assert.deepEqual(change("goodwill", take(["1711", "1712", "1801"])), ["statement.account_doubled 1801"]);
  assert.deepEqual(change("goodwill", take(["1711", "1712", "1713"])), ["statement.account_unknown 1713"]);
  assert.deepEqual(change("derivativeAssets", take(["3101"], { take: "debit", apart: ["item"] })), ["statement.account_doubled 3101"]);
  assert.deepEqual(change("goodwill", { side: "credit" }), ["statement.row_outside goodwill"]);
  assert.deepEqual(change("totalAssets", { sum: ["totalCurrentAssets", "totalNonCurrentAsset"] }), ["statement.row_unknown totalNonCurrentAsset"]);
  assert.deepEqual(change("totalAssets", { sum: ["totalCurrentAssets"] }).length, layout.rows.find((row) => row.id === "totalNonCurrentAssets")?.sum.length);
  assert.deepEqual(change("totalCurrentAssets", { sum: ["totalAssets"] }), ["statement.row_circular totalCurrentAssets"]);
});
