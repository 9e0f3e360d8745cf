/**
 * The form of a statement (资产负债表, 利润表, 现金流量表) as data: which balances make up each row, and which rows make up the
 * totals. `checkLayout` proves from the form alone that every account reaches the totals exactly once; with a balanced
 * ledger the balance sheet then balances whatever is posted.
 */
import Type, { type Static } from "typebox";
import type { Problem } from "../platform/index.ts";
import type { CashFlow, Chart, Names, Side } from "./chart.ts";

/**
 * Balances that a row takes. `accounts` are patterns: "1122" is the account and all below it, "6*" every code that begins so.
 * `take: debit` takes only what stands in debit, after netting each group by itself: a group is one pattern, one direct
 * child of it (`apart: [child]`), or one value of a dimension (`apart: [counterparty]`).
 */
export type Term = { readonly accounts: readonly string[]; readonly except: readonly string[]; readonly take: "net" | Side; readonly apart: readonly string[] };

export type Row = Names & {
  readonly id: string;
  /** 0 for a total or main heading; deeper rows are indented. */
  readonly level: number;
  /** The side that counts as positive. */
  readonly side: Side;
  /** 其中: shown, but part of another row already. */
  readonly ofWhich: boolean;
  /** Undefined in a heading or a row that the books cannot fill. Empty in a row that the form has and this chart does not feed. */
  readonly add?: readonly Term[];
  /** Takes the accounts that no row names, each by itself, where they stand on this side. */
  readonly rest?: Side;
  readonly sum: readonly string[];
  readonly less: readonly string[];
  /** In a cash flow statement: takes the movements that `flows` or an account's `cashFlow` send to this row. */
  readonly flow: boolean;
  /** In a cash flow statement: the cash at the beginning. */
  readonly opening: boolean;
};

/** Where a line of a cash voucher goes when it fits: its account, an account beside it in the voucher, the voucher's kind and direction. */
export type Flow = { readonly accounts?: readonly string[]; readonly with?: readonly string[]; readonly kinds?: readonly string[]; readonly direction?: "in" | "out"; readonly to: CashFlow };

type Head = Names & { readonly id: string; readonly form: string; readonly rows: readonly Row[] };
export type BalanceSheet = Head & { readonly measure: "closing"; /** Two rows that must be equal. */ readonly equal: readonly [string, string] };
export type IncomeStatement = Head & { readonly measure: "turnover"; /** The row that must hold all that closes to the profit of the year. */ readonly result: string };
export type CashFlowStatement = Head & {
  readonly measure: "cash";
  readonly cash: readonly string[];
  /** Kinds whose vouchers bring cash in without moving any: opening balances. */
  readonly ignoreKinds: readonly string[];
  readonly flows: readonly Flow[];
  readonly otherwise: { readonly in: string; readonly out: string };
};
export type Layout = BalanceSheet | IncomeStatement | CashFlowStatement;

/** True when the pattern means this account. */
export const covers = (pattern: string, account: string): boolean =>
  pattern.endsWith("*") ? account.startsWith(pattern.slice(0, -1)) : account === pattern || account.startsWith(`${pattern}.`);

export const coversAny = (patterns: readonly string[], account: string): boolean => patterns.some((pattern) => covers(pattern, account));

/** The pattern of the term by which it takes the account; undefined when it does not. */
export const patternFor = (term: Term, account: string): string | undefined =>
  coversAny(term.except, account) ? undefined : term.accounts.find((pattern) => covers(pattern, account));

/** Every problem of a form, against the chart that feeds it. */
export function checkLayout(layout: Layout, chart: Chart): Problem[] {
  const problems: Problem[] = [];
  const bad = (code: string, row: string, facts: Problem["facts"] = {}): void => void problems.push({ code, facts: { statement: layout.id, row, ...facts }, where: `${layout.id}/${row}` });
  const rows = new Map<string, Row>();
  for (const row of layout.rows) {
    if (rows.has(row.id)) bad("statement.row_duplicate", row.id);
    rows.set(row.id, row);
  }
  for (const row of layout.rows) {
    for (const id of [...row.sum, ...row.less]) if (!rows.has(id)) bad("statement.row_unknown", row.id, { target: id });
    for (const pattern of (row.add ?? []).flatMap((term) => [...term.accounts, ...term.except])) {
      if (!chart.accounts.some((account) => covers(pattern, account.code))) bad("statement.account_unknown", row.id, { account: pattern });
    }
  }
  const circular = layout.rows.find((row) => reaches(rows, row.id, row.id));
  if (circular) bad("statement.row_circular", circular.id);
  if (problems.length > 0) return problems;

  if (layout.measure === "cash") return checkFlows(layout, chart);
  const postable = chart.accounts.filter((account) => account.postable);
  if (layout.measure === "closing") {
    const weight = weights(rows, [[layout.equal[0], 1], [layout.equal[1], -1]]);
    return [...checkTotals(layout, layout.rows, weight, 1), ...checkCover(layout, layout.rows, postable.map((account) => account.code))];
  }
  // Rows below the result (other comprehensive income) are no part of the profit.
  const weight = weights(rows, [[layout.result, 1]]);
  const counted = layout.rows.filter((row) => weight.has(row.id));
  const toProfit = postable.filter((account) => account.carries.closesTo === chart.profit).map((account) => account.code);
  return [...checkTotals(layout, counted, weight, -1), ...checkCover(layout, counted, toProfit)];
}

function reaches(rows: ReadonlyMap<string, Row>, from: string, wanted: string, seen = new Set<string>()): boolean {
  const row = rows.get(from);
  return [...(row?.sum ?? []), ...(row?.less ?? [])].some((id) => {
    if (id === wanted) return true;
    if (seen.has(id)) return false;
    seen.add(id);
    return reaches(rows, id, wanted, seen);
  });
}

/** How often each row counts in the totals: 1 for once, −1 for once subtracted. */
function weights(rows: ReadonlyMap<string, Row>, totals: readonly (readonly [string, number])[]): Map<string, number> {
  const weight = new Map<string, number>();
  const count = (id: string, factor: number): void => {
    weight.set(id, (weight.get(id) ?? 0) + factor);
    const row = rows.get(id);
    for (const part of row?.sum ?? []) count(part, factor);
    for (const part of row?.less ?? []) count(part, -factor);
  };
  for (const [id, factor] of totals) count(id, factor);
  return weight;
}

/** What a row takes, debit positive, must count exactly `wanted` times in the totals. */
function checkTotals(layout: Layout, rows: readonly Row[], weight: ReadonlyMap<string, number>, wanted: 1 | -1): Problem[] {
  return rows
    .filter((row) => !row.ofWhich && (row.add !== undefined || row.rest !== undefined))
    .filter((row) => (weight.get(row.id) ?? 0) * (row.side === "debit" ? 1 : -1) !== wanted)
    .map((row) => ({ code: "statement.row_outside", facts: { statement: layout.id, row: row.id }, where: `${layout.id}/${row.id}` }));
}

/** Each account is taken once: whole by one term, or its debit by one and its credit by another that nets the same groups. */
function checkCover(layout: Layout, rows: readonly Row[], accounts: readonly string[]): Problem[] {
  const terms = rows.filter((row) => !row.ofWhich).flatMap((row) => (row.add ?? []).map((term) => ({ row: row.id, term })));
  return accounts.flatMap((account): Problem[] => {
    const takers = terms.flatMap(({ row, term }) => {
      const pattern = patternFor(term, account);
      return pattern === undefined ? [] : [{ row, take: term.take, group: [pattern, ...term.apart].join(" ") }];
    });
    const [first, second] = takers.toSorted((a, b) => (a.take < b.take ? -1 : 1));
    const isWhole = takers.length === 1 && first?.take === "net";
    const isInHalves = takers.length === 2 && first?.take === "credit" && second?.take === "debit" && first.group === second.group;
    if (isWhole || isInHalves) return [];
    const code = first ? "statement.account_doubled" : "statement.account_uncovered";
    return [{ code, facts: { statement: layout.id, account, rows: takers.map((taker) => taker.row).join(", ") }, where: `${layout.id}/${account}` }];
  });
}

function checkFlows(layout: CashFlowStatement, chart: Chart): Problem[] {
  const targets = new Set(layout.rows.filter((row) => row.flow).map((row) => row.id));
  const wanted: [string, CashFlow | undefined][] = [
    ["otherwise", layout.otherwise],
    ...layout.flows.map((flow, index): [string, CashFlow] => [`flows ${index + 1}`, flow.to]),
    ...chart.accounts.map((account): [string, CashFlow | undefined] => [account.code, account.carries.cashFlow]),
  ];
  const patterns = [...layout.cash, ...layout.flows.flatMap((flow) => [...(flow.accounts ?? []), ...(flow.with ?? [])])];
  return [
    ...wanted.flatMap(([where, flow]) => itemsOf(flow).filter((item) => !targets.has(item)).map((item): Problem =>
      ({ code: "statement.flow_unknown", facts: { statement: layout.id, from: where, target: item }, where: `${layout.id}/${where}` }))),
    ...patterns.filter((pattern) => !chart.accounts.some((account) => covers(pattern, account.code))).map((pattern): Problem =>
      ({ code: "statement.account_unknown", facts: { statement: layout.id, row: "flows", account: pattern }, where: `${layout.id}/flows` })),
  ];
}

const itemsOf = (flow: CashFlow | undefined): string[] => (flow === undefined ? [] : typeof flow === "string" ? [flow] : [flow.in, flow.out]);

// The form of the file; all of it text, as in chart.ts.
const Text = Type.String({ minLength: 1 });
const Texts = Type.Array(Text);
const SideSchema = Type.Union([Type.Literal("debit"), Type.Literal("credit")]);
const RowSchema = Type.Object({
  id: Text, zh: Text, en: Text, level: Type.Union(["0", "1", "2", "3"].map((level) => Type.Literal(level))),
  side: Type.Optional(SideSchema), ofWhich: Type.Optional(Type.Literal("true")),
  add: Type.Optional(Type.Array(Type.Object({
    accounts: Texts, except: Type.Optional(Texts), take: Type.Optional(SideSchema), apart: Type.Optional(Texts),
  }, { additionalProperties: false }))),
  rest: Type.Optional(SideSchema), sum: Type.Optional(Texts), less: Type.Optional(Texts),
  flow: Type.Optional(Type.Literal("true")), opening: Type.Optional(Type.Literal("true")),
}, { additionalProperties: false });
const CashFlowSchema = Type.Union([Text, Type.Object({ in: Text, out: Text }, { additionalProperties: false })]);
const head = { id: Text, zh: Text, en: Text, form: Text, rows: Type.Array(RowSchema) };
const closed = { additionalProperties: false };
const LayoutSchema = Type.Union([
  Type.Object({ ...head, measure: Type.Literal("closing"), equal: Type.Tuple([Text, Text]) }, closed),
  Type.Object({ ...head, measure: Type.Literal("turnover"), result: Text }, closed),
  Type.Object({
    ...head, measure: Type.Literal("cash"), cash: Texts, ignoreKinds: Texts,
    flows: Type.Array(Type.Object({
      accounts: Type.Optional(Texts), with: Type.Optional(Texts), kinds: Type.Optional(Texts),
      direction: Type.Optional(Type.Union([Type.Literal("in"), Type.Literal("out")])), to: CashFlowSchema,
    }, closed)),
    otherwise: Type.Object({ in: Text, out: Text }, closed),
  }, closed),
]);
export const layoutsSchema = Type.Object({ statements: Type.Array(LayoutSchema) }, closed);

/** Fills in what the file leaves out. */
export function readLayout(raw: Static<typeof LayoutSchema>): Layout {
  const rows = raw.rows.map(({ add, rest, ...row }): Row => ({
    id: row.id, zh: row.zh, en: row.en, level: Number(row.level), side: row.side ?? "debit",
    ofWhich: row.ofWhich === "true", sum: row.sum ?? [], less: row.less ?? [], flow: row.flow === "true", opening: row.opening === "true",
    ...(add === undefined ? {} : { add: add.map((term) => ({ accounts: term.accounts, except: term.except ?? [], take: term.take ?? "net", apart: term.apart ?? [] })) }),
    ...(rest === undefined ? {} : { rest }),
  }));
  return { ...raw, rows };
}
