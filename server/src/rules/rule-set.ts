import { parse, YAMLParseError } from "yaml";
import type { Problem } from "../platform/index.ts";
import { type Expression, ExpressionError, parseExpression } from "./expression.ts";
import { scope } from "./facts.ts";

/** One row of a decision table: the first whose condition holds says the account. */
export type AccountChoice = { readonly when: Expression | undefined; readonly account: string | undefined; readonly from: Expression | undefined; readonly source: string };
export type AccountTable = { readonly name: string; readonly zh: string; readonly en: string; readonly choices: readonly AccountChoice[] };

/** One line of a voucher template. */
export type EntryLine = {
  readonly side: "debit" | "credit";
  readonly table: AccountTable;
  /** Role of the rows it is made for. */
  readonly role: string;
  readonly when: Expression | undefined;
  readonly amount: Expression | undefined;
  /** Shares the total of the rows of this role over the `for` rows by their amount or quantity. */
  readonly spread: string | undefined;
  readonly by: "amount" | "quantity";
  readonly summary: Template | undefined;
  /** Dimensions that differ from the row's own. */
  readonly dimensions: readonly { readonly name: string; readonly value: Expression }[];
};

/** Text with placeholders such as {doc.number}. */
export type Template = readonly (string | Expression)[];

export type Rule = {
  readonly id: string;
  readonly event: string;
  readonly zh: string;
  readonly en: string;
  readonly when: Expression | undefined;
  readonly whenText: string;
  /** By this rule the event makes no entry; who approved the rule approved that. */
  readonly exempt: boolean;
  readonly series: string;
  readonly merge: "none" | "perDay" | "perCounterparty";
  readonly summary: Template;
  readonly entries: readonly EntryLine[];
  /** Authorised for automatic review (财会〔2024〕11号 16); false sends its vouchers to a person. */
  readonly autoReview: boolean;
  /** Vouchers above this (minor units of base currency) go to a person all the same; 0 is no limit. */
  readonly reviewAbove: bigint;
  /** Where a difference of at most `tailMax` minor units goes: an account table, or the largest line. */
  readonly tail: { readonly to: AccountTable | "largest"; readonly max: bigint } | undefined;
};

export type RuleSet = { readonly rules: readonly Rule[]; readonly byEvent: ReadonlyMap<string, readonly Rule[]>; readonly tables: ReadonlyMap<string, AccountTable> };

type Raw = Readonly<Record<string, unknown>>;
const entryKeys = new Set(["debit", "credit", "for", "if", "amount", "spread", "by", "summary", "dimensions"]);
const ruleKeys = new Set(["id", "event", "zh", "en", "when", "exempt", "series", "merge", "summary", "entries", "autoReview", "reviewAbove", "tail", "note", "basis"]);

/**
 * Reads a rule set from YAML: `tables` (account decision tables) and `rules`. Reports every problem with its place; the
 * rule set is usable when there is none.
 */
export function readRuleSet(text: string): { ruleSet: RuleSet; problems: Problem[] } {
  const problems: Problem[] = [];
  const bad = (where: string, detail: string): void => void problems.push({ code: "rule.malformed", facts: { detail }, where });
  let raw: Raw = {};
  try {
    raw = (parse(text, { maxAliasCount: 100 }) ?? {}) as Raw;
  } catch (error) {
    bad("yaml", error instanceof YAMLParseError ? error.message : "not YAML");
  }
  const expression = (source: unknown, type: "truth" | "number" | "text", where: string): Expression | undefined => {
    if (source === undefined || source === null) return undefined;
    try {
      return parseExpression(String(source), scope, type);
    } catch (error) {
      bad(where, error instanceof ExpressionError ? `${error.message} (at ${error.at} of ${JSON.stringify(String(source))})` : String(error));
      return undefined;
    }
  };
  const template = (source: unknown, where: string): Template => {
    const parts: (string | Expression)[] = [];
    const pattern = /\{([^}]*)\}/g;
    const all = String(source ?? "");
    let at = 0;
    for (let match = pattern.exec(all); match; match = pattern.exec(all)) {
      if (match.index > at) parts.push(all.slice(at, match.index));
      const value = expression(match[1], "text", where);
      if (value) parts.push(value);
      at = pattern.lastIndex;
    }
    if (at < all.length) parts.push(all.slice(at));
    return parts;
  };

  const tables = new Map<string, AccountTable>();
  for (const [name, body] of Object.entries((raw.tables ?? {}) as Raw)) {
    const table = (body ?? {}) as Raw;
    const where = `tables.${name}`;
    const rows = Array.isArray(table.rows) ? (table.rows as Raw[]) : [];
    if (rows.length === 0) bad(where, "a table needs rows");
    const choices = rows.map((choice, i): AccountChoice => {
      const source = choice.when === undefined ? "otherwise" : String(choice.when);
      if ((choice.account === undefined) === (choice.from === undefined)) bad(`${where}[${i + 1}]`, "a row has either account or from");
      return { when: expression(choice.when, "truth", `${where}[${i + 1}].when`), account: choice.account === undefined ? undefined : String(choice.account),
        from: expression(choice.from, "text", `${where}[${i + 1}].from`), source };
    });
    tables.set(name, { name, zh: String(table.zh ?? name), en: String(table.en ?? name), choices });
  }
  const tableOf = (name: unknown, where: string): AccountTable => {
    const text = String(name);
    const known = tables.get(text);
    if (known) return known;
    if (/^\d[\d.]*$/.test(text)) return { name: text, zh: text, en: text, choices: [{ when: undefined, account: text, from: undefined, source: "otherwise" }] };
    bad(where, `there is no account table ${text}`);
    return { name: text, zh: text, en: text, choices: [] };
  };

  const rules: Rule[] = [];
  const ids = new Set<string>();
  for (const [i, body] of (Array.isArray(raw.rules) ? (raw.rules as Raw[]) : []).entries()) {
    const id = String(body.id ?? "");
    const where = `rules.${id || i + 1}`;
    if (id === "") bad(where, "a rule needs an id");
    if (ids.has(id)) bad(where, "two rules have this id");
    ids.add(id);
    for (const key of Object.keys(body)) if (!ruleKeys.has(key)) bad(where, `a rule has no ${key}`);
    for (const key of ["event", "zh", "en"]) if (typeof body[key] !== "string") bad(where, `${key} is missing`);
    const merge = String(body.merge ?? "none");
    if (merge !== "none" && merge !== "perDay" && merge !== "perCounterparty") bad(where, "merge is none, perDay or perCounterparty");
    const entries = (Array.isArray(body.entries) ? (body.entries as Raw[]) : []).map((entry, n): EntryLine => {
      const place = `${where}.entries[${n + 1}]`;
      for (const key of Object.keys(entry)) if (!entryKeys.has(key)) bad(place, `an entry has no ${key}`);
      const side = entry.debit !== undefined ? "debit" : "credit";
      if ((entry.debit === undefined) === (entry.credit === undefined)) bad(place, "an entry is either debit or credit");
      if (typeof entry.for !== "string") bad(place, "an entry says which rows it is for");
      return {
        side, table: tableOf(entry[side], place), role: String(entry.for), when: expression(entry.if, "truth", `${place}.if`), amount: expression(entry.amount, "number", `${place}.amount`),
        spread: entry.spread === undefined ? undefined : String(entry.spread), by: entry.by === "quantity" ? "quantity" : "amount",
        summary: entry.summary === undefined ? undefined : template(entry.summary, `${place}.summary`),
        dimensions: Object.entries((entry.dimensions ?? {}) as Raw).map(([name, value]) => ({ name, value: expression(value, "text", `${place}.dimensions`) ?? { op: "text" as const, value: "" } })),
      };
    });
    const exempt = body.exempt === true;
    if (exempt === entries.length > 0) bad(where, exempt ? "an exempt rule has no entries" : "a rule needs entries, or exempt: true");
    const tail = body.tail as Raw | undefined;
    rules.push({
      id, event: String(body.event ?? ""), zh: String(body.zh ?? ""), en: String(body.en ?? ""), when: expression(body.when, "truth", `${where}.when`), whenText: String(body.when ?? ""),
      exempt, series: String(body.series ?? "记"), merge: merge as Rule["merge"], summary: template(body.summary ?? `${String(body.zh ?? "")} {doc.number}`, `${where}.summary`), entries,
      autoReview: body.autoReview !== false, reviewAbove: BigInt(Math.trunc(Number(body.reviewAbove ?? 0))), tail: tail ? { to: tail.to === "largest" ? "largest" : tableOf(tail.to, where), max: BigInt(Number(tail.max ?? 1)) } : undefined,
    });
  }
  if (rules.length === 0 && problems.length === 0) bad("rules", "there is no rule");
  const byEvent = new Map<string, Rule[]>();
  for (const rule of rules) byEvent.set(rule.event, [...(byEvent.get(rule.event) ?? []), rule]);
  return { ruleSet: { rules, byEvent, tables }, problems };
}
