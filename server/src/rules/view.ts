/** A rule set as it is read and edited on the screen: in words, by document kind, with what changed against another version. Pure. */
import { isAlias, isMap, isSeq, LineCounter, parseDocument, type YAMLMap } from "yaml";
import type { Account } from "../books/index.ts";
import type { Problem } from "../platform/index.ts";
import { changesOf, type Mark } from "./changes.ts";
import { scope } from "./facts.ts";
import { type AccountChoice, type AccountTable, type EntryLine, readRuleSet, type Rule, type RuleSet, type Template } from "./rule-set.ts";
import { capital, say, sayEvent, sayField, sayRole, sayValue, takeApart, type Taken, type Term, valuesOf, type Words, writeExpression } from "./words.ts";

export type AccountShown = { readonly code: string; readonly zh: string; readonly en: string; /** Which dimensions a line on it carries. */ readonly dimensions: Words; /** Not in the chart, or takes no entries. */ readonly isUnknown: boolean };
export type Condition = { readonly text: string; readonly zh: string; readonly en: string };
export type EntryShown = {
  readonly mark: Mark; readonly isMoved: boolean; /** Place in the rule, from 0; −1 for one that is gone. */ readonly at: number;
  readonly side: "debit" | "credit"; readonly table: string; readonly tableWords: Words; readonly isTable: boolean; readonly accounts: readonly AccountShown[]; readonly role: string; readonly roleWords: Words;
  readonly when: Condition | null; readonly amount: Condition | null; readonly spread: Words | null; readonly summary: string; readonly dimensions: readonly { readonly name: string; readonly words: Words; readonly value: Condition }[];
  /** What it said before, in one line. */
  readonly was: Words | null;
};
export type RuleShown = {
  readonly id: string; readonly mark: Mark; readonly isMoved: boolean; readonly event: string; readonly eventWords: Words; readonly kind: string; readonly kindWords: Words; readonly zh: string; readonly en: string;
  readonly when: Condition | null; readonly isExempt: boolean; readonly series: string; readonly merge: string; readonly summary: string; readonly autoReview: boolean; readonly reviewAbove: string; readonly tail: Words | null;
  readonly note: string; /** Line of the text, from 1. */ readonly line: number; readonly entries: readonly EntryShown[]; readonly tables: readonly string[]; /** Tables of it that changed. */ readonly tablesChanged: readonly string[];
  /** Rules that share these entries in the text (a YAML alias): a change here changes them too. */ readonly sharedWith: readonly string[]; /** The names of its own that changed. */ readonly changed: readonly string[]; readonly whenWas: Condition | null;
};
export type Column = { readonly field: string; readonly zh: string; readonly en: string; readonly type: "text" | "number" | "truth" | "list"; readonly values: readonly (Words & { readonly value: string })[] };
export type RowShown = {
  readonly mark: Mark; readonly isMoved: boolean; readonly at: number; readonly when: Condition | null; readonly terms: readonly (Term & Words)[]; readonly rest: readonly Condition[]; readonly account: AccountShown | null; readonly from: Condition | null;
  /** No row before it lets a document through to it. */ readonly isHidden: boolean;
  readonly was: { readonly when: Condition | null; readonly account: AccountShown | null; readonly from: Condition | null } | null;
};
export type TableShown = { readonly name: string; readonly mark: Mark; readonly zh: string; readonly en: string; readonly columns: readonly Column[]; readonly rows: readonly RowShown[]; readonly usedBy: readonly string[]; /** The last row has no condition. */ readonly isComplete: boolean; readonly line: number };
export type RuleSetShown = { readonly rules: readonly RuleShown[]; readonly tables: readonly TableShown[]; readonly changes: { readonly added: number; readonly changed: number; readonly removed: number } };

type Chart = ReadonlyMap<string, Account>;

/** `text` in words; `against` is what changes are marked against. A text with problems is shown as far as it can be read. */
export function showRuleSet(text: string, chart: Chart, currency: string, against?: string): { readonly shown: RuleSetShown; readonly problems: readonly Problem[] } {
  const { ruleSet, problems } = readRuleSet(text);
  const before = against === undefined || against === text ? ruleSet : readRuleSet(against).ruleSet;
  const places = placesOf(text);
  const asText = asShown(chart, currency);
  const tables = showTables(ruleSet, before, asText, places);
  const changedTables = new Set(tables.filter(({ mark, rows }) => mark !== "" || rows.some((row) => row.mark !== "")).map(({ name }) => name));
  const rules = changesOf(before.rules, ruleSet.rules, ({ id }) => id, []).map(({ after, was, mark, isMoved }) => {
    const rule = (after ?? was) as Rule;
    const old = before === ruleSet || after === undefined ? undefined : before.rules.find(({ id }) => id === rule.id);
    return showRule(rule, old, after === undefined ? "−" : mark === "+" ? "+" : "", isMoved || (mark === "~" && after !== undefined), asText, places, changedTables);
  });
  const marks = [...rules.flatMap((rule) => (rule.mark === "~" ? rule.entries.map(({ mark }) => mark).concat(rule.changed.length > 0 ? ["~"] : []) : [rule.mark])), ...tables.flatMap((table) => (table.mark === "+" || table.mark === "−" ? [table.mark] : table.rows.map(({ mark }) => mark)))];
  const countOf = (wanted: Mark): number => marks.filter((mark) => mark === wanted).length;
  return { shown: { rules, tables, changes: { added: countOf("+"), changed: countOf("~"), removed: countOf("−") } }, problems };
}

type AsShown = { account(code: string): AccountShown; condition(e: Parameters<typeof say>[0]): Condition; taken(choice: AccountChoice): Taken; readonly currency: string };
const asShown = (chart: Chart, currency: string): AsShown => ({
  currency,
  account(code) {
    const account = chart.get(code);
    const { dimensions = [], anyOf = [] } = account?.carries ?? {};
    const names = [...dimensions.map((name) => sayField("row", name)), ...(anyOf.length === 0 ? [] : [{ zh: anyOf.map((name) => sayField("row", name).zh).join("或"), en: anyOf.map((name) => sayField("row", name).en).join(" or ") }])];
    return { code, zh: account?.zh ?? "", en: account?.en ?? "", dimensions: { zh: names.map(({ zh }) => zh).join("、"), en: names.map(({ en }) => en).join(", ") }, isUnknown: account?.postable !== true };
  },
  condition: (e) => ({ text: writeExpression(e), ...say(e, currency) }),
  taken: (choice) => takeApart(choice.when, currency),
});

const templateText = (template: Template | undefined): string => (template ?? []).map((part) => (typeof part === "string" ? part : `{${writeExpression(part)}}`)).join("");
const plain = (value: unknown): string => JSON.stringify(value, (_, one: unknown) => (typeof one === "bigint" ? String(one) : one)) ?? "";
const entryText = (entry: EntryLine): string => plain({ ...entry, table: entry.table.name });

function showRule(rule: Rule, old: Rule | undefined, mark: Mark, isMoved: boolean, as: AsShown, places: Places, changedTables: ReadonlySet<string>): RuleShown {
  const isGone = mark === "−";
  const at = new Map(rule.entries.map((entry, n) => [entry, n]));
  const lines = changesOf(old?.entries ?? (mark === "" ? rule.entries : []), isGone ? [] : rule.entries, entryText, [(entry) => `${entry.side} ${entry.role}`, (entry) => entry.role]);
  const entries = (isGone ? rule.entries.map((entry) => ({ mark: "−" as Mark, after: undefined, was: entry as EntryLine | undefined, isMoved: false })) : lines)
    .map((line) => showEntry(line.mark, line.isMoved, (line.after ?? line.was) as EntryLine, line.mark === "~" && !line.isMoved ? line.was : undefined, line.after === undefined ? -1 : (at.get(line.after) ?? -1), as));
  const own = { zh: rule.zh, en: rule.en, when: rule.whenText, event: rule.event, exempt: rule.exempt, series: rule.series, merge: rule.merge, summary: templateText(rule.summary), autoReview: rule.autoReview, reviewAbove: String(rule.reviewAbove), tail: rule.tail ? plain({ max: rule.tail.max, to: tailName(rule.tail.to) }) : "" };
  const ownOld: typeof own | undefined = old && { zh: old.zh, en: old.en, when: old.whenText, event: old.event, exempt: old.exempt, series: old.series, merge: old.merge, summary: templateText(old.summary), autoReview: old.autoReview, reviewAbove: String(old.reviewAbove), tail: old.tail ? plain({ max: old.tail.max, to: tailName(old.tail.to) }) : "" };
  const changed = ownOld === undefined ? [] : [...(Object.keys(own) as (keyof typeof own)[]).filter((name) => own[name] !== ownOld[name]), ...(isMoved ? ["place"] : [])];
  const { kind, words } = sayEvent(rule.event);
  const tables = [...new Set(rule.entries.map(({ table }) => table).filter((table) => !isAccountCode(table)).map(({ name }) => name))];
  return {
    id: rule.id, mark: mark !== "" ? mark : changed.length > 0 || entries.some((entry) => entry.mark !== "") ? "~" : "", isMoved, event: rule.event, eventWords: words, kind: kind || rule.event, kindWords: kind === "" ? words : sayEvent(kind).words, zh: rule.zh, en: rule.en,
    when: rule.when ? { ...as.condition(rule.when), text: rule.whenText } : null, isExempt: rule.exempt, series: rule.series, merge: rule.merge, summary: own.summary, autoReview: rule.autoReview, reviewAbove: String(rule.reviewAbove),
    tail: rule.tail ? { zh: `不超过 ${rule.tail.max} 分的尾差记入${rule.tail.to === "largest" ? "金额最大的一行" : rule.tail.to.zh}`, en: `a tail of at most ${rule.tail.max} minor units goes to ${rule.tail.to === "largest" ? "the largest line" : rule.tail.to.en}` } : null,
    note: places.notes.get(rule.id) ?? "", line: places.rules.get(rule.id) ?? 0, entries, tables, tablesChanged: tables.filter((name) => changedTables.has(name)), sharedWith: (places.shared.get(rule.id) ?? []).filter((id) => id !== rule.id), changed,
    whenWas: changed.includes("when") && old?.when ? as.condition(old.when) : null,
  };
}
const tailName = (to: AccountTable | "largest"): string => (to === "largest" ? to : to.name);
const isAccountCode = (table: AccountTable): boolean => /^\d[\d.]*$/.test(table.name);

function showEntry(mark: Mark, isMoved: boolean, entry: EntryLine, was: EntryLine | undefined, at: number, as: AsShown): EntryShown {
  const isTable = !isAccountCode(entry.table);
  const brief = (one: EntryLine, lang: "zh" | "en"): string => `${lang === "zh" ? (one.side === "debit" ? "借" : "贷") : one.side} ${isAccountCode(one.table) ? `${one.table.name} ${as.account(one.table.name)[lang]}` : one.table[lang]} ${one.amount ? as.condition(one.amount)[lang] : ""} ${lang === "zh" ? `（${sayRole(one.role).zh}` : `(${sayRole(one.role).en}`}${one.when ? `; ${as.condition(one.when)[lang]}` : ""}${lang === "zh" ? "）" : ")"}`.replace(/ +/g, " ");
  return {
    mark, isMoved, at, side: entry.side, table: entry.table.name, tableWords: isTable ? { zh: entry.table.zh, en: entry.table.en } : as.account(entry.table.name), isTable,
    accounts: [...new Set(entry.table.choices.flatMap(({ account }) => (account === undefined ? [] : [account])))].map((code) => as.account(code)), role: entry.role, roleWords: sayRole(entry.role), when: entry.when ? as.condition(entry.when) : null, amount: entry.amount ? as.condition(entry.amount) : null,
    spread: entry.spread === undefined ? null : { zh: `「${sayRole(entry.spread).zh}」合计按${entry.by === "quantity" ? "数量" : "金额"}分摊`, en: `total of ${sayRole(entry.spread).en}, shared by ${entry.by}` }, summary: templateText(entry.summary),
    dimensions: entry.dimensions.map(({ name, value }) => ({ name, words: sayField("row", name), value: as.condition(value) })), was: was === undefined ? null : { zh: brief(was, "zh"), en: brief(was, "en") },
  };
}

// Tables -------------------------------------------------------------------------------------------------------------

function showTables(now: RuleSet, before: RuleSet, as: AsShown, places: Places): TableShown[] {
  const users = new Map<string, string[]>();
  for (const rule of now.rules) for (const name of new Set(rule.entries.map(({ table }) => table.name))) users.set(name, [...(users.get(name) ?? []), rule.id]);
  const gone = [...before.tables.values()].filter(({ name }) => !now.tables.has(name));
  return [...now.tables.values(), ...gone].map((table): TableShown => {
    const isGone = !now.tables.has(table.name);
    const old = before === now ? table : before.tables.get(table.name);
    const at = new Map(table.choices.map((choice, n) => [choice, n]));
    const whole = (choice: AccountChoice): string => plain([choice.when, choice.account, choice.from]);
    const changes = isGone ? table.choices.map((choice) => ({ mark: "−" as Mark, after: undefined, was: choice as AccountChoice | undefined, isMoved: false })) : changesOf(old?.choices ?? [], table.choices, whole, [(choice) => plain(choice.when), (choice) => plain([choice.account, choice.from])]);
    const open = table.choices.findIndex(({ when }) => when === undefined);
    const rows = changes.map(({ mark, isMoved, after, was }): RowShown => {
      const choice = (after ?? was) as AccountChoice;
      const { terms, rest } = as.taken(choice);
      const place = after === undefined ? -1 : (at.get(after) ?? -1);
      const brief = (one: AccountChoice) => ({ when: one.when ? as.condition(one.when) : null, account: one.account === undefined ? null : as.account(one.account), from: one.from ? as.condition(one.from) : null });
      return { mark, isMoved, at: place, ...brief(choice), terms: terms.map((term) => ({ ...term, ...sayTerm(term) })), rest: rest.map((text) => ({ text, ...restWords(choice, text, as) })), isHidden: open >= 0 && place > open, was: mark === "~" && !isMoved && was ? brief(was) : null };
    });
    const fields = [...new Set(rows.flatMap(({ terms }) => terms.map(({ field }) => field)))];
    return {
      name: table.name, mark: isGone ? "−" : old === undefined ? "+" : rows.some(({ mark }) => mark !== "") ? "~" : "", zh: table.zh, en: table.en, rows, usedBy: users.get(table.name) ?? [], isComplete: table.choices.at(-1)?.when === undefined && table.choices.length > 0, line: places.tables.get(table.name) ?? 0,
      columns: fields.map((field) => columnOf(field)),
    };
  });
}

/** A column for a field, with what may be chosen in it. */
export function columnOf(field: string): Column {
  const [of = "", name = ""] = field.split(".");
  return { field, ...capital(sayField(of, name)), type: fieldType(of, name), values: valuesOf(of, name) };
}

const signs: Readonly<Record<Term["op"], string>> = { "==": "", "!=": "≠ ", in: "", "<": "< ", "<=": "≤ ", ">": "> ", ">=": "≥ ", is: "是", not: "否" };
function sayTerm({ field, op, values }: Term): Words {
  const [of = "", name = ""] = field.split(".");
  if (op === "is") return { zh: "是", en: "yes" };
  if (op === "not") return { zh: "否", en: "no" };
  if (values[0] === "" && (op === "==" || op === "!=")) return op === "==" ? { zh: "未填", en: "none" } : { zh: "已填", en: "given" };
  const all = values.map((value) => sayValue(of, name, value));
  return { zh: `${signs[op]}${all.map(({ zh }) => zh).join("、")}`, en: `${signs[op]}${all.map(({ en }) => en).join(", ")}` };
}
function restWords(choice: AccountChoice, text: string, as: AsShown): Words {
  const find = (e: NonNullable<AccountChoice["when"]>): Words | undefined => (writeExpression(e) === text ? say(e, as.currency) : e.op === "and" ? (find(e.a) ?? find(e.b)) : undefined);
  return (choice.when ? find(choice.when) : undefined) ?? { zh: text, en: text };
}

// Places in the text -------------------------------------------------------------------------------------------------

type Places = { readonly rules: ReadonlyMap<string, number>; readonly tables: ReadonlyMap<string, number>; readonly notes: ReadonlyMap<string, string>; readonly shared: ReadonlyMap<string, readonly string[]> };

function placesOf(text: string): Places {
  const rules = new Map<string, number>(), tables = new Map<string, number>(), notes = new Map<string, string>();
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const lineOf = (node: unknown): number => { const at = (node as { range?: readonly number[] | null } | null)?.range?.[0]; return at === undefined ? 0 : lines.linePos(at).line; };
  const byAnchor = new Map<string, string[]>();
  const root = document.contents;
  const list = isMap(root) ? root.get("rules", true) : undefined;
  if (isSeq(list)) {
    for (const item of list.items) {
      if (!isMap(item)) continue;
      const id = String(item.get("id") ?? "");
      rules.set(id, lineOf(item));
      const note = [item.get("note"), item.get("basis")].filter((one) => typeof one === "string").join(" ");
      if (note !== "") notes.set(id, note);
      const entries = item.get("entries", true) as unknown;
      const anchor = isAlias(entries) ? entries.source : (entries as { anchor?: string } | undefined)?.anchor;
      if (anchor !== undefined) byAnchor.set(anchor, [...(byAnchor.get(anchor) ?? []), id]);
    }
  }
  const map = isMap(root) ? root.get("tables", true) : undefined;
  if (isMap(map)) for (const pair of (map as YAMLMap).items) tables.set(String((pair.key as { value?: unknown }).value ?? ""), lineOf(pair.key));
  const shared = new Map<string, readonly string[]>();
  for (const ids of byAnchor.values()) if (ids.length > 1) for (const id of ids) shared.set(id, ids);
  return { rules, tables, notes, shared };
}

const fieldType = (of: string, name: string): Column["type"] => scope(of as "doc" | "row" | "book", name) ?? "text";
