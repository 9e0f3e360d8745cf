import type { Document } from "../documents/index.ts";
import { type Expression, interpret, javascript, library, show, type Value } from "./expression.ts";
import { isOwnField, readDocumentField, type Row, scope } from "./facts.ts";
import type { AccountTable, EntryLine, Rule, RuleSet, Template } from "./rule-set.ts";

/** 分录: what a rule wants on one account, before equal ones are joined into voucher lines. */
export type Entry = {
  side: "debit" | "credit";
  /** "" where the table gave none. */
  account: string;
  amount: bigint;
  original: bigint;
  row: Row;
  /** Which entry line of the rule, from 0. */
  by: number;
  /** "" is the voucher's summary. */
  summary: string;
  /** Dimensions that the rule sets itself. */
  dimensions: Readonly<Record<string, string>> | undefined;
};

export type Settings = Readonly<Record<string, string>>;
/** A rule made ready to run. Answers the entries; pure. */
export type CompiledRule = { readonly rule: Rule; readonly applies: (document: Document, book: Settings) => boolean; readonly entries: (document: Document, rows: readonly Row[], book: Settings) => Entry[]; readonly summary: (document: Document, book: Settings) => string };
export type CompiledRuleSet = { readonly ruleSet: RuleSet; readonly version: number; readonly byEvent: ReadonlyMap<string, readonly CompiledRule[]>; readonly byId: ReadonlyMap<string, CompiledRule> };

export function compileRuleSet(ruleSet: RuleSet, version: number): CompiledRuleSet {
  const byId = new Map(ruleSet.rules.map((rule) => [rule.id, compileRule(rule)]));
  const byEvent = new Map([...ruleSet.byEvent].map(([event, rules]) => [event, rules.map((rule) => byId.get(rule.id) as CompiledRule)]));
  return { ruleSet, version, byEvent, byId };
}

/** The rule that answers an event: the first whose condition holds. */
export function chooseRule(rules: CompiledRuleSet, event: string, document: Document, book: Settings): CompiledRule | undefined {
  for (const candidate of rules.byEvent.get(event) ?? []) if (candidate.applies(document, book)) return candidate;
  return undefined;
}

// Compiled -----------------------------------------------------------------------------------------------------------

const lib = { ...library, number: (value: unknown): bigint => (typeof value === "bigint" ? value : typeof value === "number" ? BigInt(value) : 0n) };
const access = (of: "doc" | "row" | "book", name: string): string => (of !== "doc" ? `${of}[${JSON.stringify(name)}]` : isOwnField(name) ? `doc[${JSON.stringify(name)}]` : `more[${JSON.stringify(name)}]`);
const js = (e: Expression): string => javascript(e, scope, access);

/** One JavaScript function a rule. The text is made from the parsed rule only, see expression.ts. */
export function compileRule(rule: Rule): CompiledRule {
  const body: string[] = [];
  rule.entries.forEach((entry, n) => {
    const total = entry.spread === undefined ? "" : spreadSource(entry, n);
    body.push(`${total}for (let i = 0; i < rows.length; i++) { const row = rows[i]; if (row.role !== ${JSON.stringify(entry.role)}) continue;`);
    if (entry.when) body.push(`if (!${js(entry.when)}) continue;`);
    if (entry.spread !== undefined) body.push(`const amount = part${n}.next(row), original = 0n;`);
    else if (entry.amount) body.push(`const amount = ${js(entry.amount)}, original = amount === row.amount ? row.original : amount === -row.amount ? -row.original : 0n;`);
    else body.push("const amount = row.amount, original = row.original;");
    body.push("if (amount === 0n && original === 0n) continue;");
    const dimensions = entry.dimensions.length === 0 ? "undefined" : `{${entry.dimensions.map((d) => `${JSON.stringify(d.name)}:${js(d.value)}`).join(",")}}`;
    body.push(`out.push({ side: "${entry.side}", account: ${accountSource(entry.table)}, amount, original, row, by: ${n}, summary: ${entry.summary ? templateSource(entry.summary) : "row.summary"}, dimensions: ${dimensions} }); }`);
  });
  const make = (names: string, source: string): unknown => new Function("lib", `"use strict"; return (${names}) => { const more = doc.more; ${source} };`)(lib);
  return {
    rule,
    applies: make("doc, book", `return ${rule.when ? js(rule.when) : "true"};`) as CompiledRule["applies"],
    entries: make("doc, rows, book", `const out = []; ${body.join("\n")} return out;`) as CompiledRule["entries"],
    summary: make("doc, book", `return ${templateSource(rule.summary)};`) as CompiledRule["summary"],
  };
}

const templateSource = (template: Template): string => template.map((part) => (typeof part === "string" ? JSON.stringify(part) : js(part))).join("+") || '""';

function accountSource(table: AccountTable): string {
  let source = '""';
  for (const choice of [...table.choices].reverse()) {
    const account = choice.from ? js(choice.from) : JSON.stringify(choice.account);
    source = choice.when ? `(${js(choice.when)}?${account}:${source})` : account;
  }
  return source;
}

const spreadSource = (entry: EntryLine, n: number): string =>
  `const part${n} = lib.spread(rows, ${JSON.stringify(entry.role)}, ${JSON.stringify(entry.spread)}, "${entry.by}");\n`;

/** Shares a total over rows by weight: slice k = round(total × cumulative ÷ whole) − slices before. */
function spread(rows: readonly Row[], role: string, of: string, by: "amount" | "quantity"): { next(row: Row): bigint } {
  let total = 0n, whole = 0n, seen = 0n, given = 0n;
  for (const one of rows) {
    if (one.role === of) total += one.amount;
    if (one.role === role) whole += one[by];
  }
  return {
    next(one) {
      if (whole === 0n) return 0n;
      seen += one[by];
      const upTo = library.share(total, seen, whole);
      const part = upTo - given;
      given = upTo;
      return part;
    },
  };
}
Object.assign(lib, { spread });

// Interpreted: the oracle, and the explanation -----------------------------------------------------------------------

const reader = (document: Document, one: Row | undefined, book: Settings) => (of: "doc" | "row" | "book", name: string): unknown =>
  of === "doc" ? readDocumentField(document, name) : of === "row" ? one?.[name as keyof Row] : book[name];

const evaluate = (e: Expression, document: Document, one: Row | undefined, book: Settings): Value => interpret(e, reader(document, one, book), scope);
const fill = (template: Template, document: Document, one: Row | undefined, book: Settings): string =>
  template.map((part) => (typeof part === "string" ? part : String(evaluate(part, document, one, book)))).join("");

export const interpretApplies = (rule: Rule, document: Document, book: Settings): boolean => rule.when === undefined || evaluate(rule.when, document, undefined, book) === true;
export const interpretSummary = (rule: Rule, document: Document, book: Settings): string => fill(rule.summary, document, undefined, book);

/** The account a table gives for a row, and the number of the choice (from 1) that gave it. */
export function chooseAccount(table: AccountTable, document: Document, one: Row, book: Settings): { account: string; choice: number; source: string } {
  for (const [i, choice] of table.choices.entries()) {
    if (choice.when && evaluate(choice.when, document, one, book) !== true) continue;
    return { account: choice.from ? String(evaluate(choice.from, document, one, book)) : (choice.account ?? ""), choice: i + 1, source: choice.source };
  }
  return { account: "", choice: 0, source: "" };
}

export function interpretEntries(rule: Rule, document: Document, rows: readonly Row[], book: Settings): Entry[] {
  const out: Entry[] = [];
  rule.entries.forEach((entry, n) => {
    const shares = entry.spread === undefined ? undefined : spread(rows, entry.role, entry.spread, entry.by);
    for (const one of rows) {
      if (one.role !== entry.role) continue;
      if (entry.when && evaluate(entry.when, document, one, book) !== true) continue;
      const amount = shares ? shares.next(one) : entry.amount ? (evaluate(entry.amount, document, one, book) as bigint) : one.amount;
      const original = shares ? 0n : entry.amount ? (amount === one.amount ? one.original : amount === -one.amount ? -one.original : 0n) : one.original;
      if (amount === 0n && original === 0n) continue;
      out.push({
        side: entry.side, account: chooseAccount(entry.table, document, one, book).account, amount, original, row: one, by: n,
        summary: entry.summary ? fill(entry.summary, document, one, book) : one.summary,
        dimensions: entry.dimensions.length === 0 ? undefined : Object.fromEntries(entry.dimensions.map((d) => [d.name, String(evaluate(d.value, document, one, book))])),
      });
    }
  });
  return out;
}

/** Why an event was answered as it was: the rules in order, with the condition and the values it looked at. */
export function whyRules(rules: CompiledRuleSet, event: string, document: Document, book: Settings): { rule: string; zh: string; en: string; condition: string; holds: boolean; chosen: boolean }[] {
  let isChosen = false;
  return (rules.byEvent.get(event) ?? []).map(({ rule }) => {
    const holds = interpretApplies(rule, document, book);
    const chosen = holds && !isChosen;
    isChosen ||= holds;
    return { rule: rule.id, zh: rule.zh, en: rule.en, condition: rule.when ? show(rule.when) : "always", holds, chosen };
  });
}
