/** SQL of the outbox, the deliveries, their log and what a sweep found. Posted vouchers are only read. */
import { copyField, type Db, type Problem } from "../platform/index.ts";
import type { DeliveryState, Purpose, Shown } from "./delivery.ts";
import type { Acknowledgement } from "./target.ts";

// Posted vouchers --------------------------------------------------------------------------------------------------------

export type PostedLine = {
  readonly voucherId: bigint; readonly lineNo: number; readonly account: string; readonly dimensions: Readonly<Record<string, string>>; readonly debit: bigint; readonly credit: bigint;
  readonly currency: string; readonly amountOriginal: bigint; readonly rate: bigint | null; readonly quantity: bigint | null; readonly summary: string | null;
};
type Header = {
  readonly voucherId: bigint; readonly blockNo: bigint; readonly period: string; readonly series: string; readonly no: number; readonly number: string; readonly date: string; readonly summary: string; readonly attachments: number;
  readonly preparedBy: string; readonly reviewedBy: string; readonly reversalOf: bigint | null; readonly source: string | null;
};
export type PostedVoucher = Header & { readonly sources: readonly string[]; readonly lines: readonly PostedLine[] };

/** The next blocks, as many as hold about this many vouchers; at least one. */
export const findBlocks = (db: Db, bookId: number, after: bigint, vouchers: number) =>
  db.maybe<{ lastBlock: bigint | null; first: bigint; last: bigint; count: bigint }>(
    `select max(block_no) as "lastBlock", min(first_voucher) as first, max(last_voucher) as last, sum(count)::bigint as count
       from (select *, sum(count) over (order by block_no) - count as before from (select * from vouchers.block where book_id = $1 and block_no > $2 order by block_no limit 500) next) run where before < $3`, [bookId, after, vouchers]);

export const findHeadBlock = (db: Db, bookId: number) => db.maybe<{ block: bigint }>("select block_no as block from vouchers.head where book_id = $1", [bookId]);

export const countBehind = (db: Db, bookId: number, after: bigint) =>
  db.one<{ count: bigint }>("select coalesce(sum(count), 0)::bigint as count from vouchers.block where book_id = $1 and block_no > $2", [bookId, after]);

/** The last block before anything was posted to this period or a later one; where a flow that begins with it starts. */
export const findBlockBefore = (db: Db, bookId: number, period: string) =>
  db.one<{ block: bigint }>(
    "select coalesce((select min(block_no) - 1 from vouchers.voucher where book_id = $1 and period >= $2), (select block_no from vouchers.head where book_id = $1), 0)::bigint as block", [bookId, period]);

/** Whole vouchers, in the order of posting: a range, or of it only these. */
export async function findPosted(db: Db, bookId: number, first: bigint, last: bigint, ids?: readonly bigint[]): Promise<PostedVoucher[]> {
  const only = ids === undefined ? "" : " and voucher_id = any($4::bigint[])";
  const values = [bookId, first, last, ...(ids === undefined ? [] : [ids])];
  const headers = await db.query<Header>(
    `select voucher_id as "voucherId", block_no as "blockNo", period, series, number as no, series || '-' || number as number, date, summary, attachments, prepared_by as "preparedBy", reviewed_by as "reviewedBy", reversal_of as "reversalOf",
            (select d.source || ':' || d.kind || '/' || d.source_id from documents.document d where d.book_id = v.book_id and d.document_id = v.document_id limit 1) as source
       from vouchers.voucher v where book_id = $1 and voucher_id between $2 and $3${only} order by voucher_id`, values);
  if (headers.length === 0) return [];
  const lines = await db.query<PostedLine>(
    `select l.voucher_id as "voucherId", l.line_no as "lineNo", l.account, coalesce(s.dimensions, '{}') as dimensions, l.debit, l.credit, l.currency, l.amount_original as "amountOriginal", l.rate, l.quantity, l.summary
       from vouchers.line l left join vouchers.dimension_set s on s.book_id = l.book_id and s.dimension_set_id = l.dimension_set_id
      where l.book_id = $1 and l.voucher_id between $2 and $3${only.replace("voucher_id", "l.voucher_id")} and l.period = any($${values.length + 1}::text[]) order by l.voucher_id, l.line_no`, [...values, [...new Set(headers.map(({ period }) => period))]]);
  const byVoucher = Map.groupBy(lines, ({ voucherId }) => voucherId);
  return headers.map((header) => ({ ...header, sources: header.source === null ? [] : [header.source], lines: byVoucher.get(header.voucherId) ?? [] }));
}

/** All documents behind these vouchers, where several may share one. */
export const findSources = (db: Db, bookId: number, ids: readonly bigint[]) =>
  db.query<{ voucherId: bigint; document: string }>(
    `select distinct w.id as "voucherId", d.source || ':' || d.kind || '/' || d.source_id as document
       from unnest($2::bigint[]) as w (id) join vouchers.event e on e.book_id = $1 and e.voucher_ids @> array[w.id]
       join documents.document d on d.book_id = e.book_id and d.document_id = e.document_id and d.source_version = e.source_version order by 1, 2`, [bookId, ids]);

export const mayShareVouchers = (db: Db, bookId: number) =>
  db.one<{ may: boolean }>(
    `select exists (select from books.setting where book_id = $1 and key = 'merge' and value in ('perDay', 'perCounterparty'))
         or exists (select from rules.version where book_id = $1 and body ~ 'merge: *"?(perDay|perCounterparty)') as may`, [bookId]);

export const findMemberNames = (db: Db, bookId: number) =>
  db.query<{ kind: string; code: string; name: string }>("select kind, code, coalesce(body -> 'name' ->> 'zh', code) as name from masterdata.record where book_id = $1", [bookId]);

// The outbox --------------------------------------------------------------------------------------------------------------

export type Outbox = {
  blockNo: bigint; enqueued: bigint; leftOut: bigint; epoch: bigint; holder: string; isHeld: boolean; atOnce: number; failures: number; pausedMs: number; fault: Problem & { failure: string } | null; sweptTo: bigint; sweptAt: string | null;
};
const outboxColumns = `block_no as "blockNo", enqueued, left_out as "leftOut", epoch, holder, held_until > clock_timestamp() is true as "isHeld", at_once as "atOnce", failures, fault, swept_to as "sweptTo", swept_at as "sweptAt",
  greatest(0, ceil(extract(epoch from paused_until - clock_timestamp()) * 1000))::int as "pausedMs"`;

export const findOutbox = (db: Db, bookId: number, flow: string) => db.maybe<Outbox>(`select ${outboxColumns} from delivery.outbox where book_id = $1 and flow = $2`, [bookId, flow]);

export const ensureOutbox = (db: Db, bookId: number, flow: string, blockNo: bigint) =>
  db.query("insert into delivery.outbox (book_id, flow, block_no) values ($1, $2, $3) on conflict do nothing", [bookId, flow, blockNo]);

/** Makes this holder the one writer, under a higher epoch. Nothing when another holds it and its time is not over; `force`: that one is known to be gone. */
export const takeLease = (db: Db, bookId: number, flow: string, holder: string, holdMs: number, force: boolean) =>
  db.maybe<Outbox>(
    `update delivery.outbox set epoch = epoch + 1, holder = $3, held_until = clock_timestamp() + $4 * interval '1 millisecond'
      where book_id = $1 and flow = $2 and ($5 or held_until is null or held_until < clock_timestamp() or holder = $3) returning ${outboxColumns}`, [bookId, flow, holder, holdMs, force]);

/** Still the one writer? Then for this long again; locks the row until the transaction ends. */
export const renewLease = (db: Db, bookId: number, flow: string, epoch: bigint, holdMs: number) =>
  db.maybe<{ atOnce: number }>(`update delivery.outbox set held_until = clock_timestamp() + $4 * interval '1 millisecond' where book_id = $1 and flow = $2 and epoch = $3 returning at_once as "atOnce"`, [bookId, flow, epoch, holdMs]);

export const endLease = (db: Db, bookId: number, flow: string, epoch: bigint) =>
  db.query("update delivery.outbox set held_until = null where book_id = $1 and flow = $2 and epoch = $3", [bookId, flow, epoch]);

export const moveOutbox = (db: Db, bookId: number, flow: string, from: bigint, to: bigint, enqueued: number, leftOut: number) =>
  db.maybe<{ blockNo: bigint }>(
    `update delivery.outbox set block_no = $4, enqueued = enqueued + $5, left_out = left_out + $6 where book_id = $1 and flow = $2 and block_no = $3 returning block_no as "blockNo"`, [bookId, flow, from, to, enqueued, leftOut]);

export const saveHealth = (db: Db, bookId: number, flow: string, epoch: bigint, health: { atOnce: number; failures: number; pauseMs: number; fault: object | null }) =>
  db.query(
    `update delivery.outbox set at_once = $4, failures = $5, paused_until = case when $6::int = 0 then null else clock_timestamp() + $6::int * interval '1 millisecond' end, fault = $7
      where book_id = $1 and flow = $2 and epoch = $3`, [bookId, flow, epoch, health.atOnce, health.failures, health.pauseMs, health.fault === null ? null : json(health.fault)]);

export const saveSweep = (db: Db, bookId: number, flow: string, sweptTo: bigint, at: string) =>
  db.query("update delivery.outbox set swept_to = $3, swept_at = $4 where book_id = $1 and flow = $2", [bookId, flow, sweptTo, at]);

// Deliveries --------------------------------------------------------------------------------------------------------------

export type DeliveryRow = {
  deliveryNo: bigint; flow: string; deliveryId: string; reference: string; purpose: Purpose; subject: string; version: number; period: string; voucherId: bigint | null; reversalOf: bigint | null;
  body: Readonly<Record<string, never>> | null; payloadHash: string; cut: unknown; state: DeliveryState; isAmbiguous: boolean; attempt: number; epoch: bigint; startedAt: string | null;
  problem: Problem | null; targetId: string | null; targetNumber: string | null; targetState: string | null; targetAt: string | null; stateAt: string;
};
const columns = `delivery_no as "deliveryNo", flow, delivery_id as "deliveryId", reference, purpose, subject, version, period, voucher_id as "voucherId", reversal_of as "reversalOf", body, payload_hash as "payloadHash", cut, state,
  is_ambiguous as "isAmbiguous", attempt, epoch, started_at as "startedAt", problem, target_id as "targetId", target_number as "targetNumber", target_state as "targetState", target_at as "targetAt", state_at as "stateAt"`;

export type NewDelivery = Pick<DeliveryRow, "deliveryId" | "reference" | "purpose" | "subject" | "version" | "period" | "voucherId" | "reversalOf" | "payloadHash"> & { readonly body?: object | undefined; readonly cut?: object | undefined; readonly problem?: object | undefined };

/** New rows by COPY: held where there is a problem, else pending. */
export const insertDeliveries = (db: Db, bookId: number, flow: string, at: string, rows: readonly NewDelivery[]) =>
  db.copyIn("delivery.delivery (book_id, flow, delivery_id, reference, purpose, subject, version, period, voucher_id, reversal_of, body, payload_hash, cut, state, problem, made_at, state_at)",
    rows.map((row) => `${[bookId, flow, row.deliveryId, row.reference, row.purpose, row.subject, row.version, row.period, row.voucherId, row.reversalOf, row.body === undefined ? null : json(row.body), row.payloadHash,
      row.cut === undefined ? null : json(row.cut), row.problem === undefined ? "pending" : "held", row.problem === undefined ? null : json(row.problem), at, at].map(copyField).join("\t")}\n`).join(""));

/** Documents and write-backs; what was enqueued before stays as it is. */
export const insertDocuments = (db: Db, bookId: number, flow: string, at: string, rows: readonly NewDelivery[]) =>
  db.query(
    `insert into delivery.delivery (book_id, flow, delivery_id, reference, purpose, subject, version, voucher_id, body, payload_hash, state, made_at, state_at)
     select $1, $2, r.id, r.reference, r.purpose, r.subject, r.version, r.voucher, r.body, r.hash, 'pending', $3, $3
       from jsonb_to_recordset($4::jsonb) as r (id text, reference text, purpose text, subject text, version int, voucher bigint, body jsonb, hash text) on conflict (book_id, flow, reference) do nothing`,
    [bookId, flow, at, json(rows.map((row) => ({ id: row.deliveryId, reference: row.reference, purpose: row.purpose, subject: row.subject, version: row.version, voucher: row.voucherId, body: row.body, hash: row.payloadHash })))]);

/**
 * The next to send, in order of posting. A reversal waits until what it takes back stands in the target; nothing else waits for anything.
 */
export const lockPending = (db: Db, bookId: number, flow: string, limit: number) =>
  db.query<DeliveryRow>(
    `select ${columns} from delivery.delivery d
      where book_id = $1 and flow = $2 and state = 'pending'
        and (reversal_of is null or not exists (select from delivery.delivery o where o.book_id = d.book_id and o.voucher_id = d.reversal_of and o.flow = d.flow and o.state not in ('sent', 'confirmed', 'drifted', 'replaced')))
      order by delivery_no limit $3 for update`, [bookId, flow, limit]);

/** Of an open state, in order. */
export const findInState = (db: Db, bookId: number, flow: string, states: readonly DeliveryState[], limit: number, after = 0n) =>
  db.query<DeliveryRow>(`select ${columns} from delivery.delivery where book_id = $1 and flow = $2 and state = any($3::text[]) and delivery_no > $5 order by delivery_no limit $4`, [bookId, flow, states, limit, after]);

export const findDelivered = (db: Db, bookId: number, flow: string, fromPeriod: string, after: bigint, limit: number) =>
  db.query<DeliveryRow>(
    `select ${columns} from delivery.delivery where book_id = $1 and flow = $2 and purpose = 'voucher' and state in ('sent', 'confirmed', 'drifted', 'voided') and period >= $3 and delivery_no > $4 order by delivery_no limit $5`, [bookId, flow, fromPeriod, after, limit]);

/** Written before the call: whoever comes after this process knows that it may have been sent. */
export const markSending = (db: Db, bookId: number, epoch: bigint, at: string, rows: readonly { deliveryNo: bigint; payloadHash: string; cut: string | null }[]) =>
  db.query(
    `update delivery.delivery d set state = 'sending', attempt = attempt + 1, epoch = $2, started_at = $3, state_at = $3, payload_hash = r.hash, cut = r.cut::jsonb, problem = null
       from unnest($4::bigint[], $5::text[], $6::text[]) as r (no, hash, cut) where d.book_id = $1 and d.delivery_no = r.no and d.state = 'pending'`,
    [bookId, epoch, at, rows.map((r) => r.deliveryNo), rows.map((r) => r.payloadHash), rows.map((r) => r.cut)]);

export type Move = {
  readonly deliveryNo: bigint; readonly to: DeliveryState; readonly isAmbiguous?: boolean; readonly problem?: Problem | undefined; readonly acknowledgement?: Acknowledgement | undefined;
  /** For the log; without it nothing is logged. */
  readonly log?: { readonly act: "send" | "probe" | "readBack" | "decide"; readonly outcome: string; readonly startedAt: string; readonly by?: string; readonly reason?: string };
};

/** Moves deliveries on and logs why, all in one statement. `epoch`: only what this worker or an earlier one sent; a later worker's rows are not ours to move. Answers how many moved. */
export async function moveDeliveries(db: Db, bookId: number, epoch: bigint, at: string, from: readonly DeliveryState[], moves: readonly Move[]): Promise<number> {
  if (moves.length === 0) return 0;
  const { moved } = await db.one<{ moved: number }>(
    `with r as (select * from unnest($5::bigint[], $6::text[], $7::bool[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::timestamptz[], $16::text[], $17::text[])
                  as r (no, state, ambiguous, problem, target_id, target_number, target_state, target_at, act, outcome, started, by_whom, reason)),
          moved as (update delivery.delivery d set state = r.state, is_ambiguous = r.ambiguous, state_at = $3, problem = r.problem::jsonb, target_id = coalesce(r.target_id, d.target_id),
                           target_number = coalesce(r.target_number, d.target_number), target_state = coalesce(r.target_state, d.target_state), target_at = coalesce(r.target_at, d.target_at)
                      from r where d.book_id = $1 and d.delivery_no = r.no and d.epoch <= $2 and d.state = any($4::text[]) returning d.delivery_no, d.attempt),
          logged as (insert into delivery.attempt (book_id, delivery_no, act, attempt, epoch, started_at, ended_at, outcome, problem, target_id, by_whom, reason)
                     select $1, r.no, r.act, moved.attempt, $2, r.started, $3, r.outcome, r.problem::jsonb, r.target_id, r.by_whom, r.reason from r join moved on moved.delivery_no = r.no where r.act is not null)
     select count(*)::int as moved from moved`,
    [bookId, epoch, at, from, moves.map((m) => m.deliveryNo), moves.map((m) => m.to), moves.map((m) => m.isAmbiguous ?? false), moves.map((m) => (m.problem === undefined ? null : json(m.problem))),
      moves.map((m) => m.acknowledgement?.targetId ?? null), moves.map((m) => m.acknowledgement?.targetNumber ?? null), moves.map((m) => m.acknowledgement?.targetState ?? null), moves.map((m) => m.acknowledgement?.at ?? null),
      moves.map((m) => m.log?.act ?? null), moves.map((m) => m.log?.outcome ?? null), moves.map((m) => m.log?.startedAt ?? null), moves.map((m) => m.log?.by ?? ""), moves.map((m) => m.log?.reason ?? "")]);
  return moved;
}

/** Held vouchers that the code map now knows. */
export const releaseHeld = (db: Db, bookId: number, at: string, rows: readonly { deliveryNo: bigint; payloadHash: string }[]) =>
  db.query(`update delivery.delivery d set state = 'pending', state_at = $2, problem = null, payload_hash = r.hash from unnest($3::bigint[], $4::text[]) as r (no, hash) where d.book_id = $1 and d.delivery_no = r.no and d.state in ('held', 'pending')`,
    [bookId, at, rows.map((r) => r.deliveryNo), rows.map((r) => r.payloadHash)]);

export const holdDeliveries = (db: Db, bookId: number, at: string, rows: readonly { deliveryNo: bigint; problem: object }[]) =>
  db.query(`update delivery.delivery d set state = 'held', state_at = $2, problem = r.problem::jsonb from unnest($3::bigint[], $4::text[]) as r (no, problem) where d.book_id = $1 and d.delivery_no = r.no and d.state in ('held', 'pending')`,
    [bookId, at, rows.map((r) => r.deliveryNo), rows.map((r) => json(r.problem))]);

export const countStates = (db: Db, bookId: number, flow: string) =>
  db.query<{ state: DeliveryState; count: bigint; oldest: string }>(`select state, count(*) as count, min(made_at) as oldest from delivery.delivery where book_id = $1 and flow = $2 group by state`, [bookId, flow]);

export const countOpenDrift = (db: Db, bookId: number, flow: string) =>
  db.one<{ count: bigint }>("select count(*) as count from delivery.drift f join delivery.delivery d using (book_id, delivery_no) where f.book_id = $1 and d.flow = $2 and f.resolved_at is null", [bookId, flow]);

export type DeliveryFilter = { readonly flow?: string | undefined; readonly state?: string | undefined; readonly voucherId?: bigint | undefined; readonly text?: string | undefined; readonly after?: bigint | undefined; readonly limit?: number | undefined; /** As they were made unless it says otherwise. */ readonly order?: "oldest" | "newest" | undefined };

/** A state is a range of the index of its flow, so that the few that need a decision are found among a million that do not. */
export const listDeliveries = (db: Db, bookId: number, filter: DeliveryFilter) =>
  db.query<DeliveryRow>(
    `select ${columns} from delivery.delivery
      where book_id = $1 and delivery_no ${filter.order === "newest" ? "<" : ">"} $2 and ($3::text is null or flow = $3) and ${filter.state === undefined ? "$4::text is null" : "state = $4 and flow in (select unnest(array[flow, flow || '/writeback']) from delivery.outbox where book_id = $1)"} and ($5::bigint is null or voucher_id = $5)
        and ($6::text is null or subject = $6 or reference = $6 or delivery_id = $6 or target_id = $6 or target_number = $6) order by delivery_no${filter.order === "newest" ? " desc" : ""} limit $7`,
    [bookId, filter.after ?? (filter.order === "newest" ? 2n ** 62n : 0n), filter.flow ?? null, filter.state ?? null, filter.voucherId ?? null, filter.text ?? null, filter.limit ?? 1000]);

/** Those of many vouchers, for a list of them. */
export const findDeliveriesOf = (db: Db, bookId: number, voucherIds: readonly bigint[]) =>
  db.query<DeliveryRow>(`select ${columns} from delivery.delivery where book_id = $1 and voucher_id = any($2::bigint[]) order by delivery_no`, [bookId, voucherIds]);

export const findDelivery = (db: Db, bookId: number, deliveryNo: bigint) => db.maybe<DeliveryRow>(`select ${columns} from delivery.delivery where book_id = $1 and delivery_no = $2`, [bookId, deliveryNo]);

export const lockDelivery = (db: Db, bookId: number, deliveryNo: bigint) => db.maybe<DeliveryRow>(`select ${columns} from delivery.delivery where book_id = $1 and delivery_no = $2 for update`, [bookId, deliveryNo]);

export type AttemptRow = { act: string; attempt: number; epoch: bigint; startedAt: string; endedAt: string; outcome: string; problem: Problem | null; targetId: string | null; by: string; reason: string };
export const findAttempts = (db: Db, bookId: number, deliveryNo: bigint) =>
  db.query<AttemptRow>(`select act, attempt, epoch, started_at as "startedAt", ended_at as "endedAt", outcome, problem, target_id as "targetId", by_whom as by, reason from delivery.attempt where book_id = $1 and delivery_no = $2 order by entry_no`, [bookId, deliveryNo]);

// Drift -------------------------------------------------------------------------------------------------------------------

export type DriftKind = "missing" | "voided" | "changed" | "several";
export type NewDrift = { readonly deliveryNo: bigint; readonly kind: DriftKind; readonly fingerprint: string; readonly ours: Shown | null; readonly theirs: unknown };

/** Answers the deliveries whose finding is new. */
export const insertDrifts = (db: Db, bookId: number, at: string, drifts: readonly NewDrift[]) =>
  db.query<{ deliveryNo: bigint }>(
    `insert into delivery.drift (book_id, delivery_no, kind, fingerprint, ours, theirs, found_at)
     select $1, r.no, r.kind, r.fingerprint, r.ours::jsonb, r.theirs::jsonb, $2 from unnest($3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[]) as r (no, kind, fingerprint, ours, theirs)
     on conflict do nothing returning delivery_no as "deliveryNo"`,
    [bookId, at, drifts.map((d) => d.deliveryNo), drifts.map((d) => d.kind), drifts.map((d) => d.fingerprint), drifts.map((d) => json(d.ours ?? {})), drifts.map((d) => json(d.theirs ?? {}))]);

export type DriftRow = {
  driftNo: bigint; deliveryNo: bigint; flow: string; subject: string; reference: string; kind: DriftKind; ours: unknown; theirs: unknown; foundAt: string; resolvedAt: string | null; resolvedBy: string | null; reason: string | null;
};
export const listDrifts = (db: Db, bookId: number, filter: { flow?: string | undefined; isOpen?: boolean; after?: bigint | undefined; limit?: number | undefined }) =>
  db.query<DriftRow>(
    `select f.drift_no as "driftNo", f.delivery_no as "deliveryNo", d.flow, d.subject, d.reference, f.kind, f.ours, f.theirs, f.found_at as "foundAt", f.resolved_at as "resolvedAt", f.resolved_by as "resolvedBy", f.reason
       from delivery.drift f join delivery.delivery d using (book_id, delivery_no)
      where f.book_id = $1 and ($2::text is null or d.flow = $2) and ($3::bool is not true or f.resolved_at is null) and f.drift_no > $4 order by f.drift_no limit $5`,
    [bookId, filter.flow ?? null, filter.isOpen ?? null, filter.after ?? 0n, filter.limit ?? 1000]);

export const resolveDrift = (db: Db, bookId: number, driftNo: bigint, at: string, by: string, reason: string) =>
  db.maybe<{ deliveryNo: bigint }>(`update delivery.drift set resolved_at = $3, resolved_by = $4, reason = $5 where book_id = $1 and drift_no = $2 and resolved_at is null returning delivery_no as "deliveryNo"`, [bookId, driftNo, at, by, reason]);

export const resolveDriftsOf = (db: Db, bookId: number, deliveryNo: bigint, at: string, by: string, reason: string) =>
  db.query("update delivery.drift set resolved_at = $3, resolved_by = $4, reason = $5 where book_id = $1 and delivery_no = $2 and resolved_at is null", [bookId, deliveryNo, at, by, reason]);

/** These stand there again as they were delivered: what was found of them is over, whatever a person had said of it. Answers those that had something open. */
export const endDrifts = (db: Db, bookId: number, at: string, reason: string, deliveries: readonly bigint[]) =>
  db.query<{ deliveryNo: bigint }>(
    `with open as (select distinct delivery_no from delivery.drift where book_id = $1 and delivery_no = any($4::bigint[]) and resolved_at is null),
          ended as (update delivery.drift set ended_at = $2, resolved_at = coalesce(resolved_at, $2), resolved_by = coalesce(resolved_by, 'system'), reason = coalesce(reason, $3) where book_id = $1 and delivery_no = any($4::bigint[]) and ended_at is null)
     select delivery_no as "deliveryNo" from open`, [bookId, at, reason, deliveries]);

/** They differ in another way than before: only that stays open. */
export const endOtherDrifts = (db: Db, bookId: number, at: string, reason: string, found: readonly { readonly deliveryNo: bigint; readonly fingerprint: string }[]) =>
  db.query(
    `update delivery.drift d set ended_at = $2, resolved_at = $2, resolved_by = 'system', reason = $3 from unnest($4::bigint[], $5::text[]) as r (no, fingerprint)
      where d.book_id = $1 and d.delivery_no = r.no and d.fingerprint <> r.fingerprint and d.resolved_at is null`, [bookId, at, reason, found.map(({ deliveryNo }) => deliveryNo), found.map(({ fingerprint }) => fingerprint)]);

export const findOpenDrifts = (db: Db, bookId: number, deliveryNo: bigint) =>
  db.query<{ kind: DriftKind }>("select kind from delivery.drift where book_id = $1 and delivery_no = $2 and resolved_at is null", [bookId, deliveryNo]);

export const json = (value: unknown): string => JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? String(part) : part));
