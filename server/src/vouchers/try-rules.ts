/**
 * 试一张单据: what a document's events became, and what other rules would make of the same figures: the rules in their order with what each asked for,
 * the row of the table that was hit and those before it that were not, and both vouchers line by line. Nothing is kept.
 */
import { formatMoney, formatTrimmed, QUANTITY_SCALE } from "../values/index.ts";
import type { Book } from "../books/index.ts";
import { type Document, findDocument, readDocument } from "../documents/index.ts";
import { type Ctx, type RenderedProblem, renderProblem } from "../platform/index.ts";
import { chooseAccount, type CompiledRuleSet, fieldsOf, interpretApplies, interpretEntries, loadRuleVersion, readRows, type Row, type RuleSet, say, sayField, sayRole, sayValue, type Settings, type Words } from "../rules/index.ts";
import { compose, dimensionsOf } from "./compose.ts";
import { compiled, deriveState } from "./replay.ts";
import { findEventsOfDocument } from "./replay.store.ts";
import type { State } from "./state.ts";
import { loadRules } from "./memory.ts";
import type { Line } from "./voucher.ts";

type Expression = NonNullable<RuleSet["rules"][number]["when"]>;
export type Considered = { readonly rule: string; readonly zh: string; readonly en: string; readonly condition: Words | null; readonly actual: Words | null; readonly holds: boolean; readonly chosen: boolean };
export type TriedEntry = {
  readonly side: "debit" | "credit"; readonly account: string; readonly amount: string; readonly role: Words; readonly line: string; readonly table: string; readonly tableWords: Words;
  /** Which row of the table, from 1; 0 where no row holds. */ readonly choice: number; readonly condition: Words | null; /** Rows before it, with what the document says instead. */ readonly passed: readonly { readonly choice: number; readonly condition: Words; readonly actual: Words }[];
  readonly input: readonly { readonly zh: string; readonly en: string; readonly value: string }[];
};
export type TriedSide = { readonly rule: string; readonly version: number | null; readonly zh: string; readonly en: string; readonly isExempt: boolean; readonly summary: string; readonly considered: readonly Considered[]; readonly entries: readonly TriedEntry[]; readonly problems: readonly RenderedProblem[] };
export type TriedLine = { readonly account: string; readonly zh: string; readonly en: string; readonly side: "debit" | "credit"; readonly dimensions: Readonly<Record<string, string>>; readonly before: string | null; readonly after: string | null; readonly difference: string };
export type TriedEvent = { readonly event: string; readonly period: string; readonly date: string; readonly vouchers: readonly string[]; readonly before: TriedSide; readonly after: TriedSide; readonly lines: readonly TriedLine[]; readonly isSame: boolean };
export type Tried = { readonly document: string; readonly kind: string; readonly date: string; readonly party: string; readonly events: readonly TriedEvent[] };

/** Refuses: reference.malformed, reference.unknown, reference.ambiguous, rule.version_unknown, rule.malformed. */
export async function tryRules(ctx: Ctx, book: Book, wanted: { readonly version?: number | undefined; readonly text?: string | undefined; readonly of: string }): Promise<Tried> {
  const found = await findDocument(ctx.db, book, wanted.of);
  const after = compiled(wanted.text ?? (await loadRuleVersion(ctx.db, book, wanted.version ?? 0)).body, wanted.version ?? 0);
  const events = await findEventsOfDocument(ctx.db, book.bookId, found.documentId);
  const { byVersion } = await loadRules(ctx.db, book.bookId);
  const state = await deriveState(ctx.db, book);
  const first = events[0] && readDocument(JSON.parse(events[0].body), book.code, book.currency).document;
  return {
    document: found.document, kind: first?.kind ?? "", date: first?.date ?? "", party: first?.party ?? "",
    events: events.flatMap((event): TriedEvent[] => {
      const { document } = readDocument(JSON.parse(event.body), book.code, book.currency);
      const old = byVersion.get(event.ruleVersion);
      if (!document || !old) return [];
      const rows = readRows(event.facts);
      const [was, will] = [derive(state, old, event.event, document, rows), derive(state, after, event.event, document, rows)];
      const lines = linesBeside(state, was.lines, will.lines);
      return [{
        event: event.event, period: event.period, date: event.date, vouchers: event.vouchers, before: { ...was.side, version: event.ruleVersion }, after: { ...will.side, version: wanted.version ?? null }, lines,
        isSame: will.side.problems.length === 0 && lines.every(({ difference, before, after: now }) => (before === null) === (now === null) && /^[-0.]*$/.test(difference)),
      }];
    }),
  };
}

function derive(state: State, rules: CompiledRuleSet, event: string, document: Document, rows: readonly Row[]): { readonly side: Omit<TriedSide, "version">; readonly lines: readonly Line[] } {
  const { settings, currency } = state.book;
  const composed = compose(state, rules, event, document, rows, `${document.kind}/${document.sourceId}`, () => {});
  const considered = consideredOf(rules, event, document, settings, currency);
  const chosen = considered.find((one) => one.chosen);
  const rule = chosen ? rules.byId.get(chosen.rule)?.rule : undefined;
  const entries = !rule || rule.exempt ? [] : interpretEntries(rule, document, rows, settings).map((entry): TriedEntry => {
    const table = rule.entries[entry.by]?.table;
    const hit = table ? chooseAccount(table, document, entry.row, settings) : { choice: 0 };
    const choices = table?.choices ?? [];
    const condition = choices[hit.choice - 1]?.when;
    return {
      side: entry.side, account: entry.account, amount: formatMoney(entry.amount, currency), role: sayRole(entry.row.role), line: entry.row.line, table: table?.name ?? "", tableWords: { zh: table?.zh ?? "", en: table?.en ?? "" }, choice: hit.choice, condition: condition ? say(condition, currency) : null,
      passed: choices.slice(0, hit.choice === 0 ? choices.length : hit.choice - 1).flatMap(({ when }, n) => (when ? [{ choice: n + 1, condition: say(when, currency), actual: actualOf(when, document, entry.row, settings, currency) }] : [])),
      input: inputOf(entry.row, currency),
    };
  });
  return {
    side: { rule: rule?.id ?? "", zh: rule?.zh ?? "", en: rule?.en ?? "", isExempt: rule?.exempt === true, summary: composed.kind === "voucher" ? composed.summary : "", considered, entries, problems: composed.kind === "problem" ? composed.problems.map((problem) => renderProblem(problem)) : [] },
    lines: composed.kind === "voucher" ? composed.lines : [],
  };
}

function consideredOf(rules: CompiledRuleSet, event: string, document: Document, settings: Settings, currency: string): Considered[] {
  let isChosen = false;
  return (rules.byEvent.get(event) ?? []).map(({ rule }) => {
    const holds = interpretApplies(rule, document, settings);
    const chosen = holds && !isChosen;
    isChosen ||= holds;
    return { rule: rule.id, zh: rule.zh, en: rule.en, condition: rule.when ? say(rule.when, currency) : null, actual: rule.when ? actualOf(rule.when, document, undefined, settings, currency) : null, holds, chosen };
  });
}

/** What the fields of a condition hold: 物料类别为原材料. */
function actualOf(condition: Expression, document: Document, row: Row | undefined, settings: Settings, currency: string): Words {
  const parts = fieldsOf(condition).filter(({ of, name }, at, all) => all.findIndex((other) => other.of === of && other.name === name) === at).map(({ of, name }) => {
    const value: unknown = of === "book" ? settings[name] : of === "row" ? row?.[name as keyof Row] : name in document ? (document as unknown as Record<string, unknown>)[name] : document.more[name];
    const text = value === undefined || value === null ? "" : typeof value === "bigint" ? (name === "quantity" ? formatTrimmed(value, QUANTITY_SCALE) : formatMoney(value, currency)) : String(value);
    const [field, words] = [sayField(of, name), typeof value === "boolean" ? { zh: value ? "是" : "否", en: value ? "yes" : "no" } : sayValue(of, name, text)];
    return { zh: `${field.zh}：${words.zh}`, en: `${field.en}: ${words.en}` };
  });
  return { zh: parts.map(({ zh }) => zh).join("，"), en: parts.map(({ en }) => en).join(", ") };
}

const inputNames = ["category", "use", "charge", "item", "party", "warehouse", "department", "project", "employee", "bankAccount", "account", "asset", "quantity"] as const satisfies readonly (keyof Row)[];
const inputOf = (row: Row, currency: string): TriedEntry["input"] => [
  ...inputNames.flatMap((name) => (row[name] === "" || row[name] === 0n ? [] : [{ ...sayField("row", name), value: typeof row[name] === "bigint" ? formatTrimmed(row[name], QUANTITY_SCALE) : sayValue("row", name, row[name]).zh }])),
  { ...sayField("row", "amount"), value: formatMoney(row.amount, currency) },
];

/** Both vouchers over the same lines: account, side, dimensions. */
function linesBeside(state: State, before: readonly Line[], after: readonly Line[]): TriedLine[] {
  const sets = new Map([...state.dimensionSets].map(([key, id]) => [id, key]));
  const keyed = new Map<string, { line: Line; before: bigint | null; after: bigint | null }>();
  const add = (line: Line, at: "before" | "after"): void => {
    const key = `${line.account}|${line.side}|${line.dimensionSetId}`;
    const one = keyed.get(key) ?? { line, before: null, after: null };
    one[at] = (one[at] ?? 0n) + line.amount;
    keyed.set(key, one);
  };
  for (const line of before) add(line, "before");
  for (const line of after) add(line, "after");
  const money = (amount: bigint): string => formatMoney(amount, state.book.currency);
  return [...keyed.values()].sort((a, b) => (a.line.side === b.line.side ? 0 : a.line.side === "debit" ? -1 : 1)).map((one) => {
    const account = state.accounts.get(one.line.account);
    return {
      account: one.line.account, zh: account?.zh ?? "", en: account?.en ?? "", side: one.line.side, dimensions: dimensionsOf(sets.get(one.line.dimensionSetId) ?? ""), before: one.before === null ? null : money(one.before), after: one.after === null ? null : money(one.after),
      difference: money((one.after ?? 0n) - (one.before ?? 0n)),
    };
  });
}
