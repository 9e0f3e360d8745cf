/** Rows become lines: the rule chooses accounts, the account says which dimensions it carries, equal lines are joined. */
import { formatMoney } from "../values/index.ts";
import type { Problem } from "../platform/index.ts";
import type { Account } from "../books/index.ts";
import type { Document } from "../documents/index.ts";
import { lookUp } from "../masterdata/index.ts";
import { chooseRule, type CompiledRule, type CompiledRuleSet, type Entry, type Row } from "../rules/index.ts";
import type { State } from "./state.ts";
import { difference, joinLines, type Line } from "./voucher.ts";

export type Composed =
  | { readonly kind: "voucher"; readonly rule: CompiledRule; readonly lines: Line[]; readonly summary: string }
  /** No entries: the rule says so, or every amount was zero. */
  | { readonly kind: "exempt"; readonly rule: CompiledRule }
  | { readonly kind: "problem"; readonly problems: readonly Problem[] };

export type Remember = (row: Row, account: string) => void;

/** One event through the rules of a version. Collects every problem: an accountant corrects a document once, not five times. */
export function compose(state: State, rules: CompiledRuleSet, name: string, document: Document, rows: readonly Row[], where: string, remember: Remember): Composed {
  const { settings, currency } = state.book;
  const rule = chooseRule(rules, name, document, settings);
  if (!rule) return { kind: "problem", problems: [{ code: "rule.none", facts: { event: name, kind: document.kind, number: document.number }, where }] };
  if (rule.rule.exempt) return { kind: "exempt", rule };
  const problems: Problem[] = [];
  const entries = rule.entries(document, rows, settings);
  const joined = new Map<string, Line>();
  for (const entry of entries) {
    const account = state.accounts.get(entry.account);
    if (entry.account === "") problems.push({ code: "rule.no_account", facts: { rule: rule.rule.id, table: rule.rule.entries[entry.by]?.table.name ?? "" }, where });
    else if (!account?.postable) problems.push({ code: "rule.account_unknown", facts: { rule: rule.rule.id, account: entry.account }, where });
    else {
      remember(entry.row, entry.account);
      joinLines(joined, [lineOf(state, account, entry, document, problems, where)], 1n);
    }
  }
  if (problems.length > 0) return { kind: "problem", problems };
  const lines = [...joined.values()].filter((line) => line.amount !== 0n || line.original !== 0n);
  if (lines.length === 0) return { kind: "exempt", rule };
  const off = difference(lines);
  if (off !== 0n && !takeTail(state, rule, document, lines, off, problems, where)) {
    problems.push({ code: "rule.unbalanced", facts: { rule: rule.rule.id, document: where, off: formatMoney(off, currency) }, where });
  }
  if (problems.length > 0) return { kind: "problem", problems };
  return { kind: "voucher", rule, lines, summary: document.summary || clip(rule.summary(document, settings)) };
}

const clip = (text: string): string => (text.length > 200 ? `${text.slice(0, 199)}…` : text);

/** A tail difference within the rule's limit goes to the largest line, or to an account of its own (尾差). */
function takeTail(state: State, rule: CompiledRule, document: Document, lines: Line[], off: bigint, problems: Problem[], where: string): boolean {
  const { tail } = rule.rule;
  if (!tail || off > tail.max || off < -tail.max) return false;
  if (tail.to === "largest") {
    const largest = lines.reduce((a, b) => (abs(b.amount) > abs(a.amount) ? b : a));
    const change = largest.side === "debit" ? -off : off;
    largest.amount += change;
    if (largest.currency === state.book.currency) largest.original += change;
    return true;
  }
  const code = tail.to.choices.at(-1)?.account ?? "";
  const account = state.accounts.get(code);
  if (!account?.postable) return false;
  const dimensionSetId = dimensionSet(state, account, undefined, undefined, document, problems, where);
  lines.push({ account: code, dimensionSetId, side: off > 0n ? "credit" : "debit", amount: abs(off), currency: state.book.currency, original: abs(off), rate: 0n, quantity: 0n, summary: "" });
  return true;
}

const abs = (a: bigint): bigint => (a < 0n ? -a : a);

/** The voucher line that an entry becomes, before equal ones are joined. */
export function lineOf(state: State, account: Account, entry: Entry, document: Document, problems: Problem[], where: string): Line {
  const { row } = entry;
  const inBase = row.currency === "" || row.currency === state.book.currency;
  let { side, amount } = entry;
  let original = inBase ? amount : entry.original;
  let quantity = account.carries.quantity ? row.quantity : 0n;
  if (amount < 0n && state.book.settings.redStyle === "swapped") {
    side = side === "debit" ? "credit" : "debit";
    amount = -amount;
    original = -original;
    quantity = -quantity;
  }
  return {
    account: account.code, dimensionSetId: dimensionSet(state, account, row, entry.dimensions, document, problems, where), side, amount,
    currency: inBase ? state.book.currency : row.currency, original, rate: inBase ? 0n : row.rate, quantity, summary: entry.summary,
  };
}

type DimensionPlan = { readonly always: readonly string[]; readonly must: ReadonlySet<string>; readonly anyOf: readonly string[] };
const plans = new WeakMap<Account, DimensionPlan>();

/** Optional ones are carried too, except where they would only swell the balances (an item or a customer on revenue, a department on a receivable). */
function planOf(account: Account): DimensionPlan {
  let plan = plans.get(account);
  if (plan) return plan;
  const { dimensions: must = [], anyOf = [], optional = [] } = account.carries;
  // On results and on open items only what analysis asks for; the rest is in the documents.
  const isResult = account.type === "income" || account.type === "expense";
  const kept = isResult ? ["department", "project", "asset", "custom1", "custom2", "custom3"] : must.length > 0 ? ["project", "custom1", "custom2", "custom3"] : optional;
  const carried = optional.filter((name) => kept.includes(name) && name !== "employee");
  plan = { always: [...new Set([...must, ...anyOf, ...carried])].sort(), must: new Set(must), anyOf };
  plans.set(account, plan);
  return plan;
}

/** The dimensions that a person who writes a line by hand gives: all of `must`, one of `anyOf`, and those that the account keeps besides. */
export function dimensionsAsked(account: Account): { readonly must: readonly string[]; readonly anyOf: readonly string[]; readonly may: readonly string[] } {
  const { always, must, anyOf } = planOf(account);
  return { must: [...must], anyOf, may: always.filter((name) => !must.has(name) && !anyOf.includes(name)) };
}

/** The id of the dimension set of a line; a new one is written with the batch. */
function dimensionSet(state: State, account: Account, row: Row | undefined, own: Readonly<Record<string, string>> | undefined, document: Document, problems: Problem[], where: string): number {
  const plan = planOf(account);
  let key = "";
  let hasAny = plan.anyOf.length === 0;
  for (const name of plan.always) {
    let value = own?.[name] ?? (row ? valueOf(name, row) : "");
    if (value === "" && plan.must.has(name)) {
      if (name === "department") value = document.department || state.book.settings.defaultDepartment;
      else if (name === "counterparty") value = row?.employee ?? "";
    }
    if (value === "") {
      if (plan.must.has(name)) problems.push({ code: "dimension.missing", facts: { account: account.code, dimension: name }, where });
      continue;
    }
    if (plan.anyOf.includes(name)) {
      if (hasAny) continue;
      hasAny = true;
    }
    key += `${key === "" ? "" : "\u0001"}${name}\u0002${value}`;
  }
  if (!hasAny) problems.push({ code: "dimension.missing", facts: { account: account.code, dimension: plan.anyOf.join(" | ") }, where });
  if (row && row.party !== "" && isResultAccount(account) && isRelated(state, document, row.party)) key += `${key === "" ? "" : "\u0001"}counterparty\u0002${row.party}`;
  return internDimensions(state, key);
}

const isResultAccount = (account: Account): boolean => account.type === "income" || account.type === "expense";

/** S20: a party that is another book of the group stays on every line, so that elimination can find it. */
function isRelated(state: State, document: Document, party: string): boolean {
  if (document.partyKind !== "customer" && document.partyKind !== "supplier") return false;
  return lookUp(state.masters, document.partyKind, party, document.source)?.fields.relatedBook !== undefined;
}

function valueOf(name: string, row: Row): string {
  switch (name) {
    case "counterparty": return row.party;
    case "item": return row.item;
    case "department": return row.department;
    case "project": return row.project;
    case "bankAccount": return row.bankAccount;
    case "employee": return row.employee;
    case "warehouse": return row.warehouse;
    case "region": return row.region;
    case "note": return row.note;
    case "asset": return row.asset;
    case "custom1": return row.custom1;
    case "custom2": return row.custom2;
    case "custom3": return row.custom3;
    default: return "";
  }
}

export function internDimensions(state: State, key: string): number {
  if (key === "") return 0;
  let id = state.dimensionSets.get(key);
  if (id === undefined) {
    id = state.head.nextDimensionSet++;
    state.dimensionSets.set(key, id);
  }
  return id;
}

/** { counterparty: "S01" } of an interned key. */
export const dimensionsOf = (key: string): Record<string, string> =>
  Object.fromEntries(key === "" ? [] : key.split("\u0001").map((part) => part.split("\u0002") as [string, string]));
export const dimensionKey = (dimensions: Readonly<Record<string, string>>): string => Object.entries(dimensions).map(([name, value]) => `${name}\u0002${value}`).join("\u0001");
