/** SQL that keeps differences: what stands open, what happened to each, runs. */
import type { Db } from "../../platform/index.ts";
import type { Finding, Part } from "../causes.ts";

export type State = "open" | "accepted" | "closed";
export type DifferenceRow = {
  readonly difference: bigint; readonly part: Part; readonly cause: string; readonly fingerprint: string; readonly subject: string; readonly account: string; readonly party: string; readonly item: string; readonly period: string; readonly documents: readonly string[]; readonly vouchers: readonly string[];
  readonly business: bigint | null; readonly books: bigint | null; readonly amount: bigint; readonly since: string; readonly owner: string; readonly facts: Readonly<Record<string, unknown>>; readonly state: State; readonly foundAt: string; readonly changedAt: string; readonly closedAt: string | null;
  readonly assignedTo: string; readonly dueOn: string | null;
};
const columns = `difference_no as difference, part, cause, fingerprint, subject, account, party, item, period, documents, vouchers, business, books, amount, since, owner, facts, state, found_at as "foundAt", changed_at as "changedAt", closed_at as "closedAt", assigned_to as "assignedTo", due_on as "dueOn"`;

export const lockDifferences = (db: Db, bookId: number): Promise<unknown> => db.query("select pg_advisory_xact_lock(hashtext('reconciliation.difference'), $1)", [bookId]);

export type Standing = { readonly difference: bigint; readonly fingerprint: string; readonly cause: string; readonly amount: bigint; readonly state: State };
export const findStanding = (db: Db, bookId: number): Promise<Standing[]> => db.query("select difference_no as difference, fingerprint, cause, amount, state from reconciliation.difference where book_id = $1 and state <> 'closed'", [bookId]);

export type NewDifference = Finding & { readonly part: Part };
const arrays = (found: readonly NewDifference[]): unknown[] => [JSON.stringify(found.map((one) => ({
  part: one.part, cause: one.cause, fingerprint: one.fingerprint, subject: one.subject, account: one.account ?? "", party: one.party ?? "", item: one.item ?? "", period: one.period ?? "", documents: one.documents ?? [], vouchers: one.vouchers ?? [],
  business: one.business === undefined || one.business === null ? null : String(one.business), books: one.books === undefined || one.books === null ? null : String(one.books), amount: String(one.amount), since: one.since, owner: one.owner ?? "", facts: one.facts ?? {},
})), (_, value: unknown) => (typeof value === "bigint" ? String(value) : value))];
const rows = (at: number): string => `jsonb_to_recordset($${at}::jsonb) as n (part text, cause text, fingerprint text, subject text, account text, party text, item text, period text, documents text[], vouchers text[], business bigint, books bigint, amount bigint, since date, owner text, facts jsonb)`;

export const addDifferences = (db: Db, bookId: number, found: readonly NewDifference[], at: string, by: string): Promise<unknown> =>
  db.query(`with made as (
       insert into reconciliation.difference (book_id, part, cause, fingerprint, subject, account, party, item, period, documents, vouchers, business, books, amount, since, owner, facts, found_at, changed_at)
       select $1, part, cause, fingerprint, subject, account, party, item, period, documents, vouchers, business, books, amount, since, owner, facts, $2, $2 from ${rows(4)} returning difference_no, amount, cause)
     insert into reconciliation.difference_event (book_id, difference_no, at, by, what, amount, facts) select $1, difference_no, $2, $3, 'found', amount, jsonb_build_object('cause', cause) from made`, [bookId, at, by, ...arrays(found)]);

/** What stands already and is found again: its figures are those of now. One that was accepted at another amount is open again. */
export const updateDifferences = (db: Db, bookId: number, found: readonly NewDifference[], at: string): Promise<unknown> =>
  db.query(`update reconciliation.difference d set cause = n.cause, part = n.part, subject = n.subject, account = n.account, party = n.party, item = n.item, period = n.period, documents = n.documents, vouchers = n.vouchers, business = n.business, books = n.books, since = n.since, owner = n.owner, facts = n.facts,
            changed_at = case when d.amount <> n.amount or d.cause <> n.cause then $2 else d.changed_at end, state = case when d.state = 'accepted' and d.amount <> n.amount then 'open' else d.state end, amount = n.amount
       from ${rows(3)} where d.book_id = $1 and d.fingerprint = n.fingerprint and d.state <> 'closed'`, [bookId, at, ...arrays(found)]);

export const closeDifferences = (db: Db, bookId: number, differences: readonly bigint[], at: string): Promise<unknown> =>
  db.query("update reconciliation.difference set state = 'closed', closed_at = $3, changed_at = $3 where book_id = $1 and difference_no = any($2)", [bookId, differences, at]);

export const addEvents = (db: Db, bookId: number, differences: readonly bigint[], event: { readonly at: string; readonly by: string; readonly what: string; readonly reason?: string; readonly facts?: object }): Promise<unknown> =>
  db.query(`insert into reconciliation.difference_event (book_id, difference_no, at, by, what, amount, reason, facts)
       select $1, difference_no, $3, $4, $5, amount, $6, $7 from reconciliation.difference where book_id = $1 and difference_no = any($2)`, [bookId, differences, event.at, event.by, event.what, event.reason ?? "", JSON.stringify(event.facts ?? {})]);

export const setState = (db: Db, bookId: number, difference: bigint, change: { readonly state?: State; readonly assignedTo?: string; readonly dueOn?: string | null }, at: string): Promise<unknown> =>
  db.query("update reconciliation.difference set state = coalesce($3, state), assigned_to = coalesce($4, assigned_to), due_on = coalesce($5::date, due_on), changed_at = $6 where book_id = $1 and difference_no = $2", [bookId, difference, change.state ?? null, change.assignedTo ?? null, change.dueOn ?? null, at]);

export const lockDifference = (db: Db, bookId: number, difference: bigint): Promise<DifferenceRow | undefined> => db.maybe(`select ${columns} from reconciliation.difference where book_id = $1 and difference_no = $2 for update`, [bookId, difference]);
export const findDifference = (db: Db, bookId: number, difference: bigint): Promise<DifferenceRow | undefined> => db.maybe(`select ${columns} from reconciliation.difference where book_id = $1 and difference_no = $2`, [bookId, difference]);

export type DifferenceFilter = { readonly state: State; readonly part: string | null; readonly cause: string | null; readonly account: string | null; readonly party: string | null; readonly owner: string | null; readonly text: string | null; readonly before: string | null };
const filtered = `book_id = $1 and state = $2 and ($3::text is null or part = $3) and ($4::text is null or cause = $4) and ($5::text is null or account = $5) and ($6::text is null or party = $6) and ($7::text is null or owner = $7 or assigned_to = $7)
        and ($8::text is null or strpos(lower(subject), lower($8)) > 0 or exists (select from unnest(documents || vouchers) as named where strpos(lower(named), lower($8)) > 0)) and ($9::date is null or since < $9)`;
const values = (bookId: number, of: DifferenceFilter): unknown[] => [bookId, of.state, of.part, of.cause, of.account, of.party, of.owner, of.text, of.before];

/** The largest amounts first; a page goes on after an amount and a number. */
export const listDifferences = (db: Db, bookId: number, of: DifferenceFilter, after: { readonly size: bigint; readonly difference: bigint } | null, limit: number): Promise<DifferenceRow[]> =>
  db.query(`select ${columns} from reconciliation.difference where ${filtered} and ($10::bigint is null or (abs(amount), -difference_no) < ($10, -$11::bigint)) order by abs(amount) desc, difference_no limit $12`, [...values(bookId, of), after?.size ?? null, after?.difference ?? null, limit]);

export type CauseSum = { readonly part: Part; readonly cause: string; readonly count: number; readonly amount: bigint; readonly oldest: string; readonly documents: number; readonly owner: string; readonly owners: number };
export const sumByCause = (db: Db, bookId: number, of: DifferenceFilter): Promise<CauseSum[]> =>
  db.query(`select part, cause, count(*)::int as count, sum(abs(amount))::bigint as amount, min(since) as oldest, sum(cardinality(documents))::int as documents, min(owner) as owner, count(distinct owner)::int as owners from reconciliation.difference where ${filtered} group by 1, 2 order by 4 desc, 2`, values(bookId, of));

export type AgeSum = { readonly age: number; readonly count: number; readonly amount: bigint };
/** By days since it began: under 7, 30, 90, and beyond. */
export const sumByAge = (db: Db, bookId: number, of: DifferenceFilter, today: string): Promise<AgeSum[]> =>
  db.query(`select width_bucket($10::date - since, array[7, 30, 90]) as age, count(*)::int as count, sum(abs(amount))::bigint as amount from reconciliation.difference where ${filtered} group by 1 order by 1`, [...values(bookId, of), today]);

export type AccountCause = { readonly account: string; readonly cause: string; readonly count: number };
export const findCausesOfAccounts = (db: Db, bookId: number): Promise<AccountCause[]> =>
  db.query("select account, cause, count(*)::int as count from reconciliation.difference where book_id = $1 and state = 'open' and account <> '' group by 1, 2 order by 1, 3 desc", [bookId]);

export type EventRow = { readonly at: string; readonly by: string; readonly what: string; readonly amount: bigint; readonly reason: string; readonly facts: Readonly<Record<string, unknown>> };
export const findEvents = (db: Db, bookId: number, difference: bigint): Promise<EventRow[]> => db.query("select at, by, what, amount, reason, facts from reconciliation.difference_event where book_id = $1 and difference_no = $2 order by event_no", [bookId, difference]);

export type RunRow = { readonly run: bigint; readonly at: string; readonly by: string; readonly head: string; readonly found: number; readonly opened: number; readonly closed: number; readonly vouchers: bigint; readonly ms: number };
const runColumns = `run_no as run, at, by, head, found, opened, closed, vouchers, ms`;
export const addRun = (db: Db, bookId: number, run: Omit<RunRow, "run">): Promise<RunRow> =>
  db.one(`insert into reconciliation.run (book_id, at, by, head, found, opened, closed, vouchers, ms) values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning ${runColumns}`, [bookId, run.at, run.by, run.head, run.found, run.opened, run.closed, run.vouchers, run.ms]);
export const findRuns = (db: Db, bookId: number, limit: number): Promise<RunRow[]> => db.query(`select ${runColumns} from reconciliation.run where book_id = $1 order by run_no desc limit $2`, [bookId, limit]);
/**
 * What a comparison has seen. The row version of the head changes with every batch of postings; of drafts their count says enough, of the finance system what
 * was found last and is open, and what waits there for longer than a comparison lets pass.
 */
export const readHead = (db: Db, bookId: number, at: string, graceMinutes: number): Promise<{ readonly head: string } | undefined> =>
  db.maybe(`select concat_ws('/', h.xmin, h.ctid, (select max(drift_no) from delivery.drift where book_id = $1), (select count(*) from delivery.drift where book_id = $1 and resolved_at is null),
         (select count(*) from vouchers.draft where book_id = $1 and state in ('draft', 'reviewed')),
         (select count(*) from delivery.delivery where book_id = $1 and flow in (select flow from delivery.outbox where book_id = $1) and (state in ('rejected', 'held') or state in ('pending', 'sending', 'unknown') and state_at < $2::timestamptz - make_interval(mins => $3))),
         (select string_agg(o.flow, ',' order by o.flow) from delivery.outbox o join vouchers.block b on b.book_id = o.book_id and b.block_no = o.block_no + 1 where o.book_id = $1 and b.sealed_at::timestamptz < $2::timestamptz - make_interval(mins => $3))) as head
       from vouchers.head h where h.book_id = $1`, [bookId, at, graceMinutes]);

export type PartSum = { readonly part: Part; readonly count: number; readonly amount: bigint };
export const sumByPart = (db: Db, bookId: number): Promise<PartSum[]> => db.query("select part, count(*)::int as count, sum(abs(amount))::bigint as amount from reconciliation.difference where book_id = $1 and state = 'open' group by 1", [bookId]);

export type Extent = { readonly orders: bigint; readonly vouchers: bigint; readonly deliveries: bigint; readonly bank: bigint; readonly bankOpen: bigint; readonly bankAmount: bigint };
/** How much was looked at: order lines, vouchers, deliveries; and what the bank desk has open. */
export const readExtent = (db: Db, bookId: number): Promise<Extent> =>
  db.one(`select (select count(*) from reconciliation.chain_cache where book_id = $1) as orders, coalesce((select next_voucher - 1 from vouchers.head where book_id = $1), 0) as vouchers, coalesce((select sum(enqueued) from delivery.outbox where book_id = $1), 0)::bigint as deliveries,
         (select count(*) from reconciliation.statement where book_id = $1) as bank, (select count(*) from reconciliation.movement where book_id = $1 and state = 'open') as "bankOpen", coalesce((select sum(abs(amount)) from reconciliation.movement where book_id = $1 and state = 'open'), 0)::bigint as "bankAmount"`, [bookId]);

export const findNames = (db: Db, bookId: number, codes: readonly string[]): Promise<{ readonly kind: string; readonly code: string; readonly zh: string | null; readonly en: string | null }[]> =>
  db.query(`select distinct on (kind, code) kind, code, body -> 'name' ->> 'zh' as zh, body -> 'name' ->> 'en' as en from masterdata.record where book_id = $1 and code = any($2) and kind in ('customer', 'supplier', 'employee', 'item', 'bankAccount') order by kind, code, changed_at desc`, [bookId, codes]);

/** Who looks after each party, by its newest master record. */
export const findPartyOwners = (db: Db, bookId: number, parties: readonly string[]): Promise<{ readonly party: string; readonly owner: string }[]> =>
  db.query(`select distinct on (code) code as party, coalesce(body -> 'fields' ->> case kind when 'customer' then 'salesperson' else 'buyer' end, '') as owner from masterdata.record where book_id = $1 and code = any($2) and kind in ('customer', 'supplier') order by code, changed_at desc`, [bookId, parties]);
