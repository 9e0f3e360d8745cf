/**
 * 预警: what a rule finds, over time. An alert opens when its value crosses the line and closes only when it is back beyond the line by a margin, so
 * that a value on the edge does not ring each minute. The same matter rings once; acknowledged or snoozed it is quiet; unheard it goes one step up.
 * Pure: what is and what was come in, what is to be kept and sent comes out.
 */

/** A condition that is data: value `is` (above or below) `line`; it is over when the value has come back by `margin`. */
export type AlertRule = {
  readonly rule: string;
  readonly is: "above" | "below";
  readonly line: bigint;
  readonly margin: bigint;
  /** So long must it be crossed before it rings; 0 rings at once. */
  readonly afterMinutes: number;
  /** It rings again while nobody acknowledged it; 0 never. */
  readonly repeatMinutes: number;
  /** Each step up the chain of `to` when nobody acknowledged. */
  readonly escalateMinutes: number;
  /** HH:MM in the company's time; nothing but what is urgent rings in between. */
  readonly quiet: { readonly from: string; readonly to: string } | null;
  readonly isUrgent: boolean;
};

/** One matter that a rule looks at: a customer, an item, a flow. `owners` is the chain that the data names: the salesperson, then who leads them. */
export type Measured = { readonly subject: string; readonly value: bigint; readonly owners: readonly string[] };

export type Alert = {
  readonly rule: string; readonly subject: string; readonly state: "pending" | "open" | "acknowledged" | "closed";
  readonly value: bigint; readonly worst: bigint; readonly sinceMs: number; readonly openedMs: number | null; readonly rangMs: number | null; readonly rangTo: string; readonly step: number; readonly acknowledgedBy: string | null; readonly snoozedUntilMs: number | null; readonly closedMs: number | null;
};
export type Ring = { readonly rule: string; readonly subject: string; readonly why: "opened" | "repeated" | "escalated" | "closed"; readonly to: string; readonly value: bigint };

const minute = 60_000;

/** What the alerts of one rule are after looking again. `minuteOfDay` is the company's, from midnight. A matter that is not measured any more is over. */
export function look(rule: AlertRule, measured: readonly Measured[], before: readonly Alert[], nowMs: number, minuteOfDay: number): { readonly alerts: readonly Alert[]; readonly rings: readonly Ring[] } {
  const was = new Map(before.filter(({ state }) => state !== "closed").map((alert) => [alert.subject, alert]));
  const alerts: Alert[] = [];
  const rings: Ring[] = [];
  const isQuiet = !rule.isUrgent && rule.quiet !== null && isWithin(minuteOfDay, minutesOf(rule.quiet.from), minutesOf(rule.quiet.to));
  const seen = new Set<string>();
  for (const { subject, value, owners } of measured) {
    if (seen.has(subject)) continue;
    seen.add(subject);
    const known = was.get(subject);
    if (!known) {
      if (!isCrossed(rule, value)) continue;
      alerts.push(ring({ rule: rule.rule, subject, state: "pending", value, worst: value, sinceMs: nowMs, openedMs: null, rangMs: null, rangTo: "", step: 0, acknowledgedBy: null, snoozedUntilMs: null, closedMs: null }, owners));
    } else if (isOver(rule, value) || (known.state === "pending" && !isCrossed(rule, value))) close(known, value);
    else alerts.push(ring({ ...known, value, worst: isWorse(rule, value, known.worst) ? value : known.worst }, owners));
  }
  for (const known of was.values()) if (!seen.has(known.subject)) close(known, known.value);
  return { alerts, rings };

  function ring(alert: Alert, owners: readonly string[]): Alert {
    const isDue = alert.state === "pending" && nowMs - alert.sinceMs >= rule.afterMinutes * minute;
    const isSnoozed = alert.snoozedUntilMs !== null && alert.snoozedUntilMs > nowMs;
    if (isQuiet || isSnoozed || (alert.state === "pending" && !isDue) || alert.state === "acknowledged") return alert;
    const to = (step: number): string => owners[Math.min(step, owners.length - 1)] ?? "";
    if (alert.state === "pending") {
      rings.push({ rule: rule.rule, subject: alert.subject, why: "opened", to: to(0), value: alert.value });
      return { ...alert, state: "open", openedMs: nowMs, rangMs: nowMs, rangTo: to(0) };
    }
    const quietFor = nowMs - (alert.rangMs ?? alert.sinceMs);
    if (rule.escalateMinutes > 0 && quietFor >= rule.escalateMinutes * minute && alert.step + 1 < owners.length) {
      rings.push({ rule: rule.rule, subject: alert.subject, why: "escalated", to: to(alert.step + 1), value: alert.value });
      return { ...alert, step: alert.step + 1, rangMs: nowMs, rangTo: to(alert.step + 1) };
    }
    if (rule.repeatMinutes > 0 && quietFor >= rule.repeatMinutes * minute) {
      rings.push({ rule: rule.rule, subject: alert.subject, why: "repeated", to: to(alert.step), value: alert.value });
      return { ...alert, rangMs: nowMs };
    }
    return alert;
  }
  /** Whoever was rung hears that it is over; a matter that never rang ends without a word. */
  function close(alert: Alert, value: bigint): void {
    alerts.push({ ...alert, value, state: "closed", closedMs: nowMs });
    if (alert.state !== "pending") rings.push({ rule: rule.rule, subject: alert.subject, why: "closed", to: alert.rangTo, value });
  }
}

/** Quiet from now on, until it is over. */
export const acknowledge = (alert: Alert, by: string): Alert => (alert.state === "open" ? { ...alert, state: "acknowledged", acknowledgedBy: by } : alert);
export const snooze = (alert: Alert, untilMs: number): Alert => (alert.state === "closed" ? alert : { ...alert, snoozedUntilMs: untilMs });

const isCrossed = ({ is, line }: AlertRule, value: bigint): boolean => (is === "above" ? value > line : value < line);
const isOver = ({ is, line, margin }: AlertRule, value: bigint): boolean => (is === "above" ? value <= line - margin : value >= line + margin);
const isWorse = ({ is }: AlertRule, value: bigint, than: bigint): boolean => (is === "above" ? value > than : value < than);
const minutesOf = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5));
/** From and to may lie on both sides of midnight. */
const isWithin = (at: number, from: number, to: number): boolean => (from <= to ? at >= from && at < to : at >= from || at < to);
