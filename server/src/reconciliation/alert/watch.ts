/**
 * 预警的评估: each rule is measured, held against what stands, and what rings is written with its messages in one transaction. Whoever dies before the
 * commit has rung nothing; whoever dies after it leaves the messages in the outbox.
 */
import type { Book } from "../../books/index.ts";
import { type Ctx, type Db, momentAt, momentOf } from "../../platform/index.ts";
import { type Alert, look, type Measured, type Ring } from "./alert.ts";
import * as store from "./alert.store.ts";
import { isPersonal, type ChannelConfig } from "./channel.ts";
import { type Figures, figureOf, type Measure, type MeasuredSubject, measureOf, readMeasure } from "./measure.ts";
import { chainOf, type People, peopleOf, principalFor, readPeople, toldTo } from "./recipient.ts";
import { type AlertDefinition, asRule, listAlertRules } from "./rule.ts";

export type Watched = { readonly rules: number; readonly rings: number; readonly problems: readonly { readonly rule: string; readonly error: unknown }[] };
/** When each rule of a book was looked at last; a caller that keeps it looks at dear rules less often. */
export type Looked = Map<string, number>;

/** Minutes from midnight in China. */
const minuteOfDay = (ms: number): number => Math.trunc(ms / 60_000 + 8 * 60) % 1440;

export async function watchBook(ctx: Ctx, book: Book, figures: Figures, looked: Looked = new Map()): Promise<Watched> {
  const nowMs = ctx.now().getTime();
  const rules = await listAlertRules(ctx, book);
  const due = rules.filter(({ rule, everyMinutes }) => nowMs - (looked.get(`${book.bookId} ${rule}`) ?? 0) >= everyMinutes * 60_000 - 500);
  const people = due.length === 0 ? { users: [], byEmployee: new Map() } : await readPeople(ctx);
  const problems: Watched["problems"][number][] = [];
  let rings = 0;
  for (const definition of due) {
    looked.set(`${book.bookId} ${definition.rule}`, nowMs);
    try {
      // A rule that was switched off measures nothing: what stood by it is over.
      rings += await watchRule(ctx, book, definition, definition.isOn ? await readMeasure(ctx, book, definition.measure, definition.params, figures) : [], people, nowMs);
    } catch (error) {
      problems.push({ rule: definition.rule, error });
    }
  }
  return { rules: due.length, rings, problems };
}

async function watchRule(ctx: Ctx, book: Book, definition: AlertDefinition & { readonly isOn: boolean }, subjects: readonly MeasuredSubject[], people: People, nowMs: number): Promise<number> {
  const bySubject = new Map(subjects.map((row) => [row.subject, row]));
  const measured: Measured[] = subjects.map(({ subject, value, employee }) => ({ subject, value, owners: chainOf(people, definition, employee) }));
  return ctx.db.transaction(async (db) => {
    await store.lockRule(db, book.bookId, definition.rule);
    const standing = await store.findStanding(db, book.bookId, definition.rule);
    const known = new Map(standing.map((row) => [row.subject, row]));
    const { alerts, rings } = look(asRule(definition, book.currency), measured, standing.map(asAlert), nowMs, minuteOfDay(nowMs));
    const bySubjectRing = new Map(rings.map((ring) => [ring.subject, ring]));
    for (const alert of alerts) {
      const before = known.get(alert.subject);
      const subject = bySubject.get(alert.subject);
      // A matter that never rang and ended leaves nothing behind.
      if (before === undefined && alert.state === "closed") continue;
      const ring = bySubjectRing.get(alert.subject);
      const snapshot = ring !== undefined || before === undefined ? snapshotOf(definition, book, alert, subject, before?.snapshot) : before.snapshot;
      const row = { ...asRow(alert), snapshot };
      const alertNo = before === undefined ? await store.addAlert(db, book.bookId, row) : before.alertNo;
      if (before !== undefined && (ring !== undefined || before.value !== alert.value || before.state !== alert.state)) await store.setAlert(db, book.bookId, { ...row, alertNo });
      if (ring !== undefined) await writeRing(ctx, db, book, definition, ring, alertNo, snapshot, people);
    }
    return rings.length;
  });
}

const asAlert = (row: store.AlertRow): Alert => ({
  rule: row.rule, subject: row.subject, state: row.state, value: row.value, worst: row.worst, sinceMs: ms(row.since) ?? 0, openedMs: ms(row.openedAt), rangMs: ms(row.rangAt), rangTo: row.rangTo, step: row.step, acknowledgedBy: row.acknowledgedBy, snoozedUntilMs: ms(row.snoozedUntil), closedMs: ms(row.closedAt),
});
const asRow = (alert: Alert): Omit<store.AlertRow, "alertNo" | "snapshot"> => ({
  rule: alert.rule, subject: alert.subject, state: alert.state, value: alert.value, worst: alert.worst, since: iso(alert.sinceMs) ?? "", openedAt: iso(alert.openedMs), rangAt: iso(alert.rangMs), rangTo: alert.rangTo, step: alert.step, acknowledgedBy: alert.acknowledgedBy, snoozedUntil: iso(alert.snoozedUntilMs), closedAt: iso(alert.closedMs),
});
const ms = (text: string | null): number | null => (text === null ? null : momentOf(text).getTime());
const iso = (at: number | null): string | null => (at === null ? null : momentAt(at).toISOString());

/** Figures as they were when it rang, for whoever reads it a week later. */
function snapshotOf(definition: AlertDefinition, book: Book, alert: Alert, subject: MeasuredSubject | undefined, before: store.Snapshot | undefined): store.Snapshot {
  const { unit } = measureOf(definition.measure);
  const line = asRule(definition, book.currency).line;
  return {
    label: subject?.label ?? before?.label ?? alert.subject, employee: subject?.employee ?? before?.employee ?? "", note: subject?.note ?? before?.note ?? "", measure: definition.measure,
    value: figureOf(unit, alert.value, book.currency, "zh"), valueEn: figureOf(unit, alert.value, book.currency, "en"), line: figureOf(unit, line, book.currency, "zh"), lineEn: figureOf(unit, line, book.currency, "en"), worst: figureOf(unit, alert.worst, book.currency, "zh"), is: definition.is, ruleZh: definition.zh, ruleEn: definition.en,
  };
}

/** The event and what goes out for it: to each person on the page, by mail where they have one, and to groups. */
async function writeRing(ctx: Ctx, db: Db, book: Book, definition: AlertDefinition, ring: Ring, alertNo: string, snapshot: store.Snapshot, people: People): Promise<void> {
  const at = ctx.now().toISOString();
  const measure = measureOf(definition.measure);
  const eventNo = await store.addEvent(db, book.bookId, { alertNo, at, by: "system", what: ring.why, to: ring.to, value: ring.value, note: "", snapshot });
  const channels = (await store.findChannels(db, book.bookId)).filter(({ channel, isOn }) => isOn && definition.channels.includes(channel));
  for (const login of peopleOf(people, ring.to, book.code)) {
    const principal = await principalFor({ ...ctx, db: { ...ctx.db, ...db } }, login);
    const told = principal === undefined ? "nothing" : toldTo(principal, book.code, measure, snapshot.employee ?? "");
    if (told === "nothing") continue;
    const message = messageOf(book, definition, measure, ring.why, snapshot, told === "figures", alertNo);
    await store.addSend(db, book.bookId, { eventNo, channel: "inApp", recipient: login, message, state: "sent", at });
    for (const { channel } of channels.filter((one) => isPersonal({ kind: one.kind, config: one.config as ChannelConfig }))) await store.addSend(db, book.bookId, { eventNo, channel, recipient: login, message, state: "waiting", at });
  }
  for (const { channel, kind, config } of channels) {
    const own = config as ChannelConfig;
    if (isPersonal({ kind, config: own })) continue;
    const message = messageOf(book, definition, measure, ring.why, snapshot, measure.column === undefined || (own.columns ?? []).includes(measure.column), alertNo);
    await store.addSend(db, book.bookId, { eventNo, channel, recipient: "", message, state: "waiting", at });
  }
}

const whys = { opened: { zh: "预警", en: "Alert" }, repeated: { zh: "预警未处理", en: "Alert, still open" }, escalated: { zh: "预警升级", en: "Alert, escalated" }, closed: { zh: "预警解除", en: "Alert over" }, test: { zh: "试发", en: "Test" } } as const;
/** Facts, then the reason, then the way there. Without the right to a figure the message has none. */
export function messageOf(book: Book, definition: Pick<AlertDefinition, "zh" | "en" | "is" | "language" | "rule">, measure: Measure, why: Ring["why"] | "test", snapshot: store.Snapshot, hasFigures: boolean, alertNo: string): store.Message {
  const label = snapshot.label === undefined || snapshot.label === "" ? "" : ` ${snapshot.label}`;
  const lines = (language: "zh" | "en"): string[] => {
    const [value, line] = language === "zh" ? [snapshot.value, snapshot.line] : [snapshot.valueEn, snapshot.lineEn];
    const figure = hasFigures
      ? language === "zh" ? `${measure.zh} ${value}，线 ${definition.is === "above" ? "高于" : "低于"} ${line}` : `${measure.en}: ${value}; the line is ${definition.is} ${line}`
      : language === "zh" ? `${measure.zh}越过了线，数值不可见` : `${measure.en} crossed its line; the figure is hidden`;
    return [figure, ...(hasFigures && snapshot.note ? [snapshot.note] : []), book.name || book.code];
  };
  return { zh: { title: `${whys[why].zh}：${definition.zh}${label}`, lines: lines("zh") }, en: { title: `${whys[why].en}: ${definition.en}${label}`, lines: lines("en") }, path: `/b/${encodeURIComponent(book.code)}/reconciliation/alerts${alertNo === "" ? "" : `?alert=${alertNo}`}`, language: definition.language };
}
