/** 预警台: what stands and what was, acknowledging, waiting, notes; a test of a rule that reaches a channel without touching what stands. */
import { type Principal, requireDuty, sightOf } from "../../access/index.ts";
import type { Book } from "../../books/index.ts";
import { type Ctx, momentAfter, refuse } from "../../platform/index.ts";
import * as store from "./alert.store.ts";
import { type Figures, figureOf, isMeasure, measureOf, readMeasure } from "./measure.ts";
import { toldTo } from "./recipient.ts";
import { type AlertDefinition, asRule, listAlertRules } from "./rule.ts";
import { messageOf } from "./watch.ts";

export type AlertShown = {
  readonly alertNo: string; readonly rule: string; readonly ruleZh: string; readonly ruleEn: string; readonly subject: string; readonly label: string; readonly state: string; /** Null where whoever asks may not see it. */ readonly value: string | null; readonly valueEn: string | null; readonly worst: string | null; readonly line: string | null; readonly lineEn: string | null; readonly is: string; readonly note: string;
  readonly since: string; readonly openedAt: string | null; readonly rangAt: string | null; readonly rangTo: string; readonly step: number; readonly acknowledgedBy: string | null; readonly snoozedUntil: string | null; readonly closedAt: string | null; readonly to: string; readonly cursor: string;
};

function shown(row: store.AlertRow, principal: Principal, book: Book): AlertShown | undefined {
  const name = row.snapshot.measure ?? "";
  if (!isMeasure(name)) return undefined;
  const measure = measureOf(name);
  const told = toldTo(principal, book.code, measure, row.snapshot.employee ?? "");
  if (told === "nothing") return undefined;
  const has = told === "figures";
  const figure = (language: "zh" | "en", value: bigint): string | null => (has ? figureOf(measure.unit, value, book.currency, language) : null);
  return {
    alertNo: row.alertNo, rule: row.rule, ruleZh: row.snapshot.ruleZh ?? row.rule, ruleEn: row.snapshot.ruleEn ?? row.rule, subject: row.subject, label: row.snapshot.label ?? row.subject, state: row.state, value: figure("zh", row.value), valueEn: figure("en", row.value), worst: figure("zh", row.worst),
    line: has ? (row.snapshot.line ?? null) : null, lineEn: has ? (row.snapshot.lineEn ?? null) : null, is: row.snapshot.is ?? "", note: has ? (row.snapshot.note ?? "") : "", since: row.since, openedAt: row.openedAt, rangAt: row.rangAt, rangTo: row.rangTo, step: row.step, acknowledgedBy: row.acknowledgedBy,
    snoozedUntil: row.snoozedUntil, closedAt: row.closedAt, to: measure.to.replace("{subject}", encodeURIComponent(row.subject)), cursor: row.alertNo,
  };
}

export type AlertFilter = { readonly state?: "standing" | "closed" | undefined; readonly rule?: string | undefined; readonly isMine?: boolean | undefined; readonly after?: string | undefined; readonly limit?: number | undefined };
/** The newest first. With `alerts.read` all that one may be told of; else those that called oneself. */
export async function listAlerts(ctx: Ctx, book: Book, principal: Principal, filter: AlertFilter): Promise<AlertShown[]> {
  const isAll = sightOf(principal, book.code).duties.has("alerts.read") && filter.isMine !== true;
  const rows = await store.listAlerts(ctx.db, book.bookId, { states: filter.state === "closed" ? ["closed"] : ["open", "acknowledged"], rule: filter.rule ?? null, mine: isAll ? null : principal.id, before: filter.after !== undefined && /^\d{1,18}$/.test(filter.after) ? filter.after : "9223372036854775807", limit: Math.min(filter.limit ?? 100, 500) });
  return rows.flatMap((row) => shown(row, principal, book) ?? []);
}

/** Refuses: alert.unknown, also for what one may not be told of. */
async function openAlert(ctx: Ctx, book: Book, principal: Principal, alertNo: string): Promise<AlertShown> {
  const row = /^\d{1,18}$/.test(alertNo) ? await store.lockAlert(ctx.db, book.bookId, alertNo) : undefined;
  const isAllowed = row !== undefined && (sightOf(principal, book.code).duties.has("alerts.read") || (await store.isRecipient(ctx.db, book.bookId, alertNo, principal.id)));
  return (isAllowed && row !== undefined ? shown(row, principal, book) : undefined) ?? refuse("alert.unknown", { alert: alertNo });
}

export type AlertEvent = { readonly at: string; readonly by: string; readonly what: string; readonly to: string; readonly value: string | null; readonly note: string; readonly sent: readonly { readonly channel: string; readonly recipient: string; readonly state: string; readonly problem: string }[] };
export async function showAlert(ctx: Ctx, book: Book, principal: Principal, alertNo: string): Promise<AlertShown & { readonly events: readonly AlertEvent[] }> {
  const alert = await openAlert(ctx, book, principal, alertNo);
  return { ...alert, events: (await store.findEvents(ctx.db, book.bookId, alertNo)).map(({ at, by, what, to, note, sent, snapshot }) => ({ at, by, what, to, note, sent, value: alert.value === null ? null : (snapshot.value ?? null) })) };
}

/** Quiet until it is over: somebody has it. Refuses: alert.unknown, alert.state. */
export const acknowledgeAlert = (ctx: Ctx, book: Book, principal: Principal, alertNo: string, note: string): Promise<AlertShown> =>
  act(ctx, book, principal, alertNo, "acknowledged", note, (row) => (row.state === "open" ? { ...row, state: "acknowledged", acknowledgedBy: ctx.actor.id } : refuse("alert.state", { alert: alertNo, state: row.state })));

/** Quiet for some minutes, then it rings again if it still stands. Refuses: alert.unknown, alert.state, alert.minutes. */
export const snoozeAlert = async (ctx: Ctx, book: Book, principal: Principal, alertNo: string, minutes: number, note: string): Promise<AlertShown> => {
  if (!Number.isInteger(minutes) || minutes < 5 || minutes > 43_200) refuse("alert.minutes", { minutes });
  return act(ctx, book, principal, alertNo, "snoozed", note === "" ? `${minutes} min` : `${minutes} min. ${note}`, (row) => (row.state === "closed" ? refuse("alert.state", { alert: alertNo, state: row.state }) : { ...row, snoozedUntil: momentAfter(ctx.now(), minutes * 60_000).toISOString() }));
};
export const noteAlert = async (ctx: Ctx, book: Book, principal: Principal, alertNo: string, note: string): Promise<AlertShown> => (note.trim() === "" ? refuse("alert.note") : act(ctx, book, principal, alertNo, "noted", note, (row) => row));

async function act(ctx: Ctx, book: Book, principal: Principal, alertNo: string, what: string, note: string, change: (row: store.AlertRow) => store.AlertRow): Promise<AlertShown> {
  await openAlert(ctx, book, principal, alertNo);
  await ctx.db.transaction(async (db) => {
    const seen = await store.lockAlert(db, book.bookId, alertNo);
    if (seen !== undefined) await store.lockRule(db, book.bookId, seen.rule);
    const row = await store.lockAlert(db, book.bookId, alertNo);
    if (row === undefined) return refuse("alert.unknown", { alert: alertNo });
    const next = change(row);
    if (next !== row) await store.setAlert(db, book.bookId, next);
    await store.addEvent(db, book.bookId, { alertNo, at: ctx.now().toISOString(), by: ctx.actor.id, what, to: "", value: row.value, note: note.trim(), snapshot: row.snapshot });
  });
  return openAlert(ctx, book, principal, alertNo);
}

export type RuleTried = { readonly subjects: number; readonly crossed: number; readonly first: readonly { readonly subject: string; readonly label: string; readonly value: string; readonly isCrossed: boolean; readonly employee: string }[] };
/** What a rule would find now, whoever has changed it without saving; nothing rings. */
export async function tryAlertRule(ctx: Ctx, book: Book, definition: AlertDefinition, figures: Figures): Promise<RuleTried> {
  if (!isMeasure(definition.measure)) return refuse("alert.rule_invalid", { what: String(definition.measure) });
  const { unit } = measureOf(definition.measure);
  const { line, is } = asRule(definition, book.currency);
  const isCrossed = (value: bigint): boolean => (is === "above" ? value > line : value < line);
  const rows = (await readMeasure(ctx, book, definition.measure, definition.params, figures)).toSorted((a, b) => (is === "above" ? Number(b.value > a.value) - Number(b.value < a.value) : Number(a.value > b.value) - Number(a.value < b.value)));
  return { subjects: rows.length, crossed: rows.filter(({ value }) => isCrossed(value)).length, first: rows.slice(0, 20).map(({ subject, label, value, employee }) => ({ subject, label, employee, value: figureOf(unit, value, book.currency, "zh"), isCrossed: isCrossed(value) })) };
}

/** 试发: puts a message marked as a test into the outbox of a channel. Refuses: alert.channel_unknown. */
export async function testChannel(ctx: Ctx, book: Book, principal: Principal, channel: string): Promise<{ readonly channel: string }> {
  requireDuty(sightOf(principal, book.code), "alerts.manage");
  if (!(await store.findChannels(ctx.db, book.bookId)).some((row) => row.channel === channel)) refuse("alert.channel_unknown", { channel });
  const [rule] = await listAlertRules(ctx, book);
  const words = { zh: rule?.zh ?? "预警", en: rule?.en ?? "Alert", is: "above" as const, language: "both" as const, rule: "test" };
  const message = messageOf(book, words, measureOf("duplicateInvoice"), "test", { label: "", value: "1", valueEn: "1", line: "0", lineEn: "0" }, true, "");
  await store.addSend(ctx.db, book.bookId, { eventNo: null, channel, recipient: principal.id, message, state: "waiting", at: ctx.now().toISOString() });
  return { channel };
}
