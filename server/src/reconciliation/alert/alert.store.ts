/** Alerts with their history, rules, channels, and the outbox. */
import type { Db } from "../../platform/index.ts";
import type { Alert } from "./alert.ts";

/** One evaluator of a rule at a time: whoever comes second sees what the first has written. */
export const lockRule = (db: Db, bookId: number, rule: string): Promise<unknown> => db.query("select pg_advisory_xact_lock(hashtext('reconciliation.alert'), hashtext($1))", [`${bookId} ${rule}`]);

export const findRules = (db: Db, bookId: number): Promise<{ readonly rule: string; readonly body: unknown; readonly isOn: boolean; readonly changedAt: string; readonly changedBy: string }[]> =>
  db.query(`select rule, body, is_on as "isOn", changed_at as "changedAt", changed_by as "changedBy" from reconciliation.alert_rule where book_id = $1 order by rule`, [bookId]);
export const saveRule = (db: Db, bookId: number, rule: string, body: string, isOn: boolean, at: string, by: string): Promise<unknown> =>
  db.query("insert into reconciliation.alert_rule (book_id, rule, body, is_on, changed_at, changed_by) values ($1, $2, $3, $4, $5, $6) on conflict (book_id, rule) do update set body = excluded.body, is_on = excluded.is_on, changed_at = excluded.changed_at, changed_by = excluded.changed_by", [bookId, rule, body, isOn, at, by]);
export const countStanding = (db: Db, bookId: number): Promise<{ readonly rule: string; readonly n: bigint }[]> =>
  db.query("select rule, count(*) as n from reconciliation.alert where book_id = $1 and state in ('open', 'acknowledged') group by 1", [bookId]);

export type ChannelRow = { readonly channel: string; readonly kind: string; readonly config: Readonly<Record<string, unknown>>; readonly sealed: Buffer | null; readonly isOn: boolean; readonly changedAt: string; readonly changedBy: string };
export const findChannels = (db: Db, bookId: number): Promise<ChannelRow[]> =>
  db.query(`select channel, kind, config, sealed, is_on as "isOn", changed_at as "changedAt", changed_by as "changedBy" from reconciliation.alert_channel where book_id = $1 order by channel`, [bookId]);
/** A secret that is not given stays as it was. */
export const saveChannel = (db: Db, bookId: number, row: Omit<ChannelRow, "changedAt" | "changedBy">, at: string, by: string): Promise<unknown> =>
  db.query("insert into reconciliation.alert_channel (book_id, channel, kind, config, sealed, is_on, changed_at, changed_by) values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (book_id, channel) do update set kind = excluded.kind, config = excluded.config, sealed = coalesce(excluded.sealed, alert_channel.sealed), is_on = excluded.is_on, changed_at = excluded.changed_at, changed_by = excluded.changed_by",
    [bookId, row.channel, row.kind, JSON.stringify(row.config), row.sealed, row.isOn, at, by]);

// Alerts -----------------------------------------------------------------------------------------------------------------

export type Snapshot = Readonly<Record<string, string>>;
export type AlertRow = {
  readonly alertNo: string; readonly rule: string; readonly subject: string; readonly state: Alert["state"]; readonly value: bigint; readonly worst: bigint; readonly since: string; readonly openedAt: string | null; readonly rangAt: string | null; readonly rangTo: string; readonly step: number;
  readonly acknowledgedBy: string | null; readonly snoozedUntil: string | null; readonly closedAt: string | null; readonly snapshot: Snapshot;
};
const alertColumns = `alert_no::text as "alertNo", rule, subject, state, value, worst, since, opened_at as "openedAt", rang_at as "rangAt", rang_to as "rangTo", step, acknowledged_by as "acknowledgedBy", snoozed_until as "snoozedUntil", closed_at as "closedAt", snapshot`;
export const findStanding = (db: Db, bookId: number, rule: string): Promise<AlertRow[]> =>
  db.query(`select ${alertColumns} from reconciliation.alert where book_id = $1 and rule = $2 and state <> 'closed'`, [bookId, rule]);
export const addAlert = async (db: Db, bookId: number, row: Omit<AlertRow, "alertNo">): Promise<string> =>
  (await db.one<{ no: string }>(`insert into reconciliation.alert (book_id, rule, subject, state, value, worst, since, opened_at, rang_at, rang_to, step, acknowledged_by, snoozed_until, closed_at, snapshot) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) returning alert_no::text as no`,
    [bookId, row.rule, row.subject, row.state, row.value, row.worst, row.since, row.openedAt, row.rangAt, row.rangTo, row.step, row.acknowledgedBy, row.snoozedUntil, row.closedAt, JSON.stringify(row.snapshot)])).no;
export const setAlert = (db: Db, bookId: number, row: AlertRow): Promise<unknown> =>
  db.query("update reconciliation.alert set state = $3, value = $4, worst = $5, opened_at = $6, rang_at = $7, rang_to = $8, step = $9, acknowledged_by = $10, snoozed_until = $11, closed_at = $12, snapshot = $13 where book_id = $1 and alert_no = $2",
    [bookId, row.alertNo, row.state, row.value, row.worst, row.openedAt, row.rangAt, row.rangTo, row.step, row.acknowledgedBy, row.snoozedUntil, row.closedAt, JSON.stringify(row.snapshot)]);
export const lockAlert = (db: Db, bookId: number, alertNo: string): Promise<AlertRow | undefined> =>
  db.maybe(`select ${alertColumns} from reconciliation.alert where book_id = $1 and alert_no = $2 for update`, [bookId, alertNo]);
/** `mine`: those whose ring reached this person. */
export const listAlerts = (db: Db, bookId: number, filter: { readonly states: readonly string[]; readonly rule: string | null; readonly mine: string | null; readonly before: string; readonly limit: number }): Promise<AlertRow[]> =>
  db.query(`select ${alertColumns} from reconciliation.alert a where book_id = $1 and state = any($2) and ($3::text is null or rule = $3) and alert_no < $5
      and ($4::text is null or exists (select from reconciliation.alert_event e join reconciliation.alert_send s on s.book_id = e.book_id and s.event_no = e.event_no where e.book_id = a.book_id and e.alert_no = a.alert_no and s.channel = 'inApp' and s.recipient = $4)) order by alert_no desc limit $6`,
    [bookId, filter.states, filter.rule, filter.mine, filter.before, filter.limit]);
export const isRecipient = async (db: Db, bookId: number, alertNo: string, login: string): Promise<boolean> =>
  (await db.query("select from reconciliation.alert_event e join reconciliation.alert_send s on s.book_id = e.book_id and s.event_no = e.event_no where e.book_id = $1 and e.alert_no = $2 and s.channel = 'inApp' and s.recipient = $3 limit 1", [bookId, alertNo, login])).length > 0;

export type EventRow = { readonly eventNo: string; readonly at: string; readonly by: string; readonly what: string; readonly to: string; readonly value: bigint; readonly note: string; readonly snapshot: Snapshot };
export const addEvent = async (db: Db, bookId: number, row: Omit<EventRow, "eventNo"> & { readonly alertNo: string }): Promise<string> =>
  (await db.one<{ no: string }>(`insert into reconciliation.alert_event (book_id, alert_no, at, by, what, "to", value, note, snapshot) values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning event_no::text as no`, [bookId, row.alertNo, row.at, row.by, row.what, row.to, row.value, row.note, JSON.stringify(row.snapshot)])).no;
export const findEvents = (db: Db, bookId: number, alertNo: string): Promise<(EventRow & { readonly sent: readonly { readonly channel: string; readonly recipient: string; readonly state: string; readonly problem: string }[] })[]> =>
  db.query(`select event_no::text as "eventNo", at, by, what, "to", value, note, snapshot, coalesce((select json_agg(json_build_object('channel', s.channel, 'recipient', s.recipient, 'state', s.state, 'problem', s.problem) order by s.send_no) from reconciliation.alert_send s where s.book_id = e.book_id and s.event_no = e.event_no), '[]') as sent
      from reconciliation.alert_event e where book_id = $1 and alert_no = $2 order by event_no`, [bookId, alertNo]);

// Outbox -----------------------------------------------------------------------------------------------------------------

export type Message = { readonly zh: { readonly title: string; readonly lines: readonly string[] }; readonly en: { readonly title: string; readonly lines: readonly string[] }; readonly path: string; readonly language: "zh" | "en" | "both" };
export const addSend = (db: Db, bookId: number, row: { readonly eventNo: string | null; readonly channel: string; readonly recipient: string; readonly message: Message; readonly state: "waiting" | "sent"; readonly at: string }): Promise<unknown> =>
  db.query("insert into reconciliation.alert_send (book_id, event_no, channel, recipient, message, state, next_at, sent_at) values ($1, $2, $3, $4, $5, $6, $7, case when $6 = 'sent' then $7::timestamptz end) on conflict do nothing", [bookId, row.eventNo, row.channel, row.recipient, JSON.stringify(row.message), row.state, row.at]);
export type SendRow = { readonly bookId: number; readonly sendNo: string; readonly channel: string; readonly recipient: string; readonly message: Message; readonly tries: number };
/** Takes some for this sender. Who dies with them lets them go when the hold ends. */
export const takeSends = (db: Db, at: string, heldUntil: string, limit: number): Promise<SendRow[]> =>
  db.query(`update reconciliation.alert_send s set held_until = $2, tries = tries + 1 where (book_id, send_no) in (select book_id, send_no from reconciliation.alert_send where state = 'waiting' and next_at <= $1 and (held_until is null or held_until <= $1) order by next_at, send_no limit $3 for update skip locked)
      returning book_id as "bookId", send_no::text as "sendNo", channel, recipient, message, tries`, [at, heldUntil, limit]);
export const setSent = (db: Db, bookId: number, sendNo: string, at: string): Promise<unknown> => db.query("update reconciliation.alert_send set state = 'sent', sent_at = $3, held_until = null, problem = '' where book_id = $1 and send_no = $2", [bookId, sendNo, at]);
export const setSendLater = (db: Db, bookId: number, sendNo: string, nextAt: string, problem: string, isTry: boolean): Promise<unknown> =>
  db.query("update reconciliation.alert_send set held_until = null, next_at = $3, problem = $4, tries = tries - case when $5 then 0 else 1 end where book_id = $1 and send_no = $2", [bookId, sendNo, nextAt, problem, isTry]);
export const setSendFailed = (db: Db, bookId: number, sendNo: string, problem: string): Promise<unknown> => db.query("update reconciliation.alert_send set state = 'failed', held_until = null, problem = $3 where book_id = $1 and send_no = $2", [bookId, sendNo, problem]);
export const countSentSince = async (db: Db, bookId: number, channel: string, since: string): Promise<number> =>
  Number((await db.one<{ n: bigint }>("select count(*) as n from reconciliation.alert_send where book_id = $1 and channel = $2 and sent_at > $3", [bookId, channel, since])).n);
export const findLastTest = (db: Db, bookId: number, channel: string): Promise<{ readonly state: string; readonly problem: string; readonly sentAt: string | null } | undefined> =>
  db.maybe(`select state, problem, sent_at as "sentAt" from reconciliation.alert_send where book_id = $1 and channel = $2 order by send_no desc limit 1`, [bookId, channel]);
