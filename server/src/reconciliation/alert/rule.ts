/** 预警规则 as data: what is measured, where the line is, how it rings and whom it calls. A book begins with the shipped ones and changes its own. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { Book } from "../../books/index.ts";
import { type Ctx, refuse } from "../../platform/index.ts";
import type { AlertRule } from "./alert.ts";
import * as store from "./alert.store.ts";
import { isMeasure, measureOf, type MeasureName, type Params, textOfValue, valueOfText } from "./measure.ts";

export type AlertDefinition = {
  readonly rule: string; readonly zh: string; readonly en: string; readonly measure: MeasureName; readonly params: Params;
  readonly is: "above" | "below"; /** Decimals in the measure's unit; money in base currency, a ratio as 0.12. */ readonly line: string; readonly margin: string;
  readonly afterMinutes: number; readonly repeatMinutes: number; readonly escalateMinutes: number; /** How often it is looked at. */ readonly everyMinutes: number;
  readonly quiet: { readonly from: string; readonly to: string } | null; readonly isUrgent: boolean;
  /** Whoever the data names is called first, then each of these roles. */
  readonly callsOwner: boolean; readonly roles: readonly string[]; /** Beside the page and the list of things to do. */ readonly channels: readonly string[]; readonly language: "zh" | "en" | "both";
};
export type RuleListed = AlertDefinition & { readonly isOn: boolean; readonly changedAt: string | null; readonly changedBy: string; readonly unit: string; readonly measureZh: string; readonly measureEn: string; readonly standing: number };

const packFolder = join(import.meta.dirname, "../../../../packs/alerts");
let shipped: readonly { readonly definition: AlertDefinition; readonly isOn: boolean }[] | undefined;
/** The rules that come with the program, read once. */
export function shippedRules(): readonly { readonly definition: AlertDefinition; readonly isOn: boolean }[] {
  return (shipped ??= readdirSync(packFolder).filter((name) => name.endsWith(".yaml")).sort().flatMap((name) => (parse(readFileSync(join(packFolder, name), "utf8")) as readonly (Partial<AlertDefinition> & { readonly on?: boolean })[]).map(({ on = true, ...raw }) => ({ definition: complete(raw), isOn: on }))));
}

const complete = (raw: Partial<AlertDefinition>): AlertDefinition => ({
  rule: raw.rule ?? "", zh: raw.zh ?? "", en: raw.en ?? "", measure: raw.measure as MeasureName, params: raw.params ?? {}, is: raw.is ?? "above", line: String(raw.line ?? "0"), margin: String(raw.margin ?? "0"), afterMinutes: raw.afterMinutes ?? 0, repeatMinutes: raw.repeatMinutes ?? 0, escalateMinutes: raw.escalateMinutes ?? 0,
  everyMinutes: raw.everyMinutes ?? 1, quiet: raw.quiet ?? null, isUrgent: raw.isUrgent ?? false, callsOwner: raw.callsOwner ?? true, roles: raw.roles ?? ["controller"], channels: raw.channels ?? [], language: raw.language ?? "both",
});

/** The book's own rules over the shipped ones. */
export async function listAlertRules(ctx: Ctx, book: Book): Promise<RuleListed[]> {
  const own = new Map((await store.findRules(ctx.db, book.bookId)).map((row) => [row.rule, row]));
  const standing = new Map((await store.countStanding(ctx.db, book.bookId)).map(({ rule, n }) => [rule, Number(n)]));
  const all = [...shippedRules().map(({ definition, isOn }) => ({ definition, isOn })).filter(({ definition }) => !own.has(definition.rule)).map((one) => ({ ...one, changedAt: null, changedBy: "" })), ...[...own.values()].map((row) => ({ definition: complete(row.body as Partial<AlertDefinition>), isOn: row.isOn, changedAt: row.changedAt, changedBy: row.changedBy }))];
  return all.filter(({ definition }) => isMeasure(definition.measure)).map(({ definition, isOn, changedAt, changedBy }) => {
    const { unit, zh, en } = measureOf(definition.measure);
    return { ...definition, isOn, changedAt, changedBy, unit, measureZh: zh, measureEn: en, standing: standing.get(definition.rule) ?? 0 };
  }).sort((a, b) => (a.rule < b.rule ? -1 : 1));
}

/** Keeps a rule, new or changed; what stands by it is looked at by the new line the next time. Refuses: alert.rule_invalid. */
export async function saveAlertRule(ctx: Ctx, book: Book, wanted: AlertDefinition, isOn: boolean): Promise<{ readonly rule: string }> {
  const bad = await checkRule(ctx, book, wanted);
  if (bad !== undefined) refuse("alert.rule_invalid", { what: bad });
  const { unit } = measureOf(wanted.measure);
  const normal = (text: string): string => textOfValue(unit, valueOfText(unit, text, book.currency) ?? 0n, book.currency);
  await store.saveRule(ctx.db, book.bookId, wanted.rule, JSON.stringify({ ...wanted, line: normal(wanted.line), margin: normal(wanted.margin) }), isOn, ctx.now().toISOString(), ctx.actor.id);
  return { rule: wanted.rule };
}

async function checkRule(ctx: Ctx, book: Book, wanted: AlertDefinition): Promise<string | undefined> {
  const clock = /^([01]\d|2[0-3]):[0-5]\d$/;
  const whole = (n: number, least: number): boolean => Number.isInteger(n) && n >= least && n <= 525_600;
  if (!/^[a-z][a-z0-9-]{1,59}$/.test(wanted.rule)) return `rule ${wanted.rule}`;
  if (wanted.zh.trim() === "" || wanted.en.trim() === "") return "zh, en";
  if (!isMeasure(wanted.measure)) return `measure ${String(wanted.measure)}`;
  const { unit } = measureOf(wanted.measure);
  if (valueOfText(unit, wanted.line, book.currency) === undefined) return `line ${wanted.line}`;
  if ((valueOfText(unit, wanted.margin, book.currency) ?? -1n) < 0n) return `margin ${wanted.margin}`;
  if (wanted.measure === "metric" && (wanted.params.metric ?? "") === "") return "params.metric";
  if (![wanted.afterMinutes, wanted.repeatMinutes, wanted.escalateMinutes].every((n) => whole(n, 0)) || !whole(wanted.everyMinutes, 1)) return "minutes";
  if (wanted.quiet !== null && !(clock.test(wanted.quiet.from) && clock.test(wanted.quiet.to))) return "quiet";
  if (!wanted.callsOwner && wanted.roles.length === 0 && wanted.channels.length === 0) return "roles, channels";
  const channels = new Set((await store.findChannels(ctx.db, book.bookId)).map(({ channel }) => channel));
  return wanted.channels.find((channel) => !channels.has(channel));
}

/** What the state machine needs of a rule. */
export function asRule(definition: AlertDefinition, currency: string): AlertRule {
  const { unit } = measureOf(definition.measure);
  const value = (text: string): bigint => valueOfText(unit, text, currency) ?? 0n;
  return { rule: definition.rule, is: definition.is, line: value(definition.line), margin: value(definition.margin), afterMinutes: definition.afterMinutes, repeatMinutes: definition.repeatMinutes, escalateMinutes: definition.escalateMinutes, quiet: definition.quiet, isUrgent: definition.isUrgent };
}
