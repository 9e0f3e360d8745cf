/** SQL of the direct searches: one statement for each way in which business, books and finance system can come apart. They read, nothing else. */
import type { Db, Problem } from "../../platform/index.ts";

const key = (of: string): string => `${of}.source || ':' || ${of}.kind || '/' || ${of}.source_id`;

export type OpenDocument = { readonly documentId: bigint; readonly document: string; readonly kind: string; readonly date: string; readonly period: string; readonly party: string; readonly state: string; readonly reasons: readonly Problem[] | null; readonly body: string };
/** Arrived and not in the books: parked, or waiting for something other than a review. */
export const findOpenDocuments = (db: Db, bookId: number): Promise<OpenDocument[]> =>
  db.query(`select d.document_id as "documentId", ${key("d")} as document, d.kind, d.date, d.period, d.party, d.state, d.reasons, d.body
       from documents.document d
      where d.book_id = $1 and d.state in ('waiting', 'parked')
        and not exists (select from vouchers.draft f where f.book_id = $1 and f.document_id = d.document_id and f.source_version = d.source_version and f.state in ('draft', 'reviewed'))
      order by d.document_id`, [bookId]);

/** Called posted, and nothing was caused; or what was caused is not there. */
export const findWithoutVoucher = (db: Db, bookId: number): Promise<OpenDocument[]> =>
  db.query(`with gone as materialized (
         select document_id, source_version from documents.document d where book_id = $1 and state = 'posted'
            and not exists (select from vouchers.event e where e.book_id = $1 and e.document_id = d.document_id and e.source_version = d.source_version)
         union
         select e.document_id, e.source_version from (select document_id, source_version, unnest(voucher_ids) as voucher_id from vouchers.event where book_id = $1) e
            where not exists (select from vouchers.voucher v where v.book_id = $1 and v.voucher_id = e.voucher_id))
     select d.document_id as "documentId", ${key("d")} as document, d.kind, d.date, d.period, d.party, d.state, d.reasons, d.body
       from gone join documents.document d on d.book_id = $1 and d.document_id = gone.document_id and d.source_version = gone.source_version where d.state <> 'superseded' order by 1`, [bookId]);

export type OpenDraft = { readonly draft: bigint; readonly documentId: bigint; readonly document: string; readonly kind: string; readonly date: string; readonly period: string; readonly party: string; readonly preparedBy: string; readonly preparedOn: string; readonly lines: readonly { readonly account: string; readonly amount: string; readonly side: string }[] };
export const findDrafts = (db: Db, bookId: number): Promise<OpenDraft[]> =>
  db.query(`select f.draft_id as draft, d.document_id as "documentId", ${key("d")} as document, d.kind, d.date, d.period, d.party, f.prepared_by as "preparedBy", f.prepared_at::date as "preparedOn",
         (select jsonb_agg(jsonb_build_object('account', l ->> 'account', 'side', l ->> 'side', 'amount', rtrim(l ->> 'amount', 'n'))) from jsonb_array_elements(f.body -> 'lines') l) as lines
       from vouchers.draft f join documents.document d on d.book_id = f.book_id and d.document_id = f.document_id and d.source_version = f.source_version
      where f.book_id = $1 and f.state in ('draft', 'reviewed') order by f.draft_id`, [bookId]);

export type ManualLine = { readonly documentId: bigint; readonly document: string; readonly date: string; readonly period: string; readonly voucher: string; readonly preparedBy: string; readonly account: string; readonly amount: bigint; readonly party: string; readonly item: string; readonly corrects: string; readonly correction: string; readonly correctedKind: string };
/** Lines of manual vouchers on accounts that documents keep, save of those that were taken back and of what takes back another manual one. */
export const findManualLines = (db: Db, bookId: number, accounts: readonly string[]): Promise<ManualLine[]> =>
  db.query(`with manual as materialized (
         select d.document_id, ${key("d")} as document, d.date, d.period, coalesce(d.body::jsonb ->> 'corrects', '') as corrects, coalesce(d.body::jsonb ->> 'correction', '') as correction, coalesce(d.body::jsonb -> 'extra' ->> 'settles', '') as settles
           from documents.document d where d.book_id = $1 and d.kind = 'manualVoucher' and d.state = 'posted'),
       told as materialized (
         select m.*, v.voucher_id, v.period as posted_in, v.period || '/' || v.series || '-' || v.number as voucher, v.prepared_by from manual m join vouchers.voucher v on v.book_id = $1 and v.document_id = m.document_id),
       original as (
         select t.document_id, o.document_id as of_id, c.kind from told t
           join vouchers.voucher o on o.book_id = $1 and t.corrects <> '' and o.period = split_part(t.corrects, '/', 1) and o.series || '-' || o.number = substr(t.corrects, strpos(t.corrects, '/') + 1)
           join lateral (select kind from documents.document c where c.book_id = $1 and c.document_id = o.document_id order by source_version limit 1) c on true)
     select t.document_id as "documentId", t.document, t.date, t.period, t.voucher, t.prepared_by as "preparedBy", l.account, (l.debit - l.credit) as amount, coalesce(s.dimensions ->> 'counterparty', s.dimensions ->> 'employee', '') as party, coalesce(s.dimensions ->> 'item', '') as item,
            t.corrects, t.correction, coalesce(o.kind, '') as "correctedKind"
       from told t join vouchers.line l on l.book_id = $1 and l.period = t.posted_in and l.voucher_id = t.voucher_id and l.account = any($2)
       left join vouchers.dimension_set s on s.book_id = $1 and s.dimension_set_id = l.dimension_set_id
       left join original o on o.document_id = t.document_id
      where t.settles = '' and not (t.correction = 'reverse' and coalesce(o.kind, '') = 'manualVoucher') and not exists (select from told r where r.correction = 'reverse' and r.corrects = t.voucher)
      order by t.document_id, l.line_no`, [bookId, accounts]);

/** Manual vouchers that put the books of a document right, and what takes one of them back, each with that document. */
export const findSettling = (db: Db, bookId: number): Promise<{ readonly documentId: bigint; readonly of: bigint }[]> =>
  db.query(`with settling as materialized (
         select m.document_id, t.document_id as of from documents.document m cross join lateral (select m.body::jsonb -> 'extra' ->> 'settles' as key) k
           join documents.document t on t.book_id = $1 and t.source = split_part(k.key, ':', 1) and t.kind = split_part(split_part(k.key, ':', 2), '/', 1) and t.source_id = substr(k.key, strpos(k.key, '/') + 1) and t.state <> 'superseded'
          where m.book_id = $1 and m.kind = 'manualVoucher' and m.state = 'posted')
     select document_id as "documentId", of from settling
     union all select v.document_id, s.of from settling s join vouchers.voucher o on o.book_id = $1 and o.document_id = s.document_id join vouchers.voucher v on v.book_id = $1 and v.reversal_of = o.voucher_id where v.document_id <> s.document_id`, [bookId]);

/** The line of some vouchers that moved most at one place: by the first of these dimensions that it has. */
export const findDimensionsAt = (db: Db, bookId: number, vouchers: readonly string[], accounts: readonly string[], by: readonly string[], of: string): Promise<{ readonly account: string; readonly dimensions: Readonly<Record<string, string>> } | undefined> =>
  db.maybe(`select l.account, s.dimensions from unnest($2::text[]) as n (number)
       join vouchers.voucher v on v.book_id = $1 and v.period = split_part(n.number, '/', 1) and v.series || '-' || v.number = substr(n.number, strpos(n.number, '/') + 1)
       join vouchers.line l on l.book_id = $1 and l.period = v.period and l.voucher_id = v.voucher_id and l.account = any($3)
       join vouchers.dimension_set s on s.book_id = $1 and s.dimension_set_id = l.dimension_set_id
      where exists (select from unnest($4::text[]) as wanted (name) where s.dimensions ->> wanted.name = $5) order by abs(l.debit - l.credit) desc, l.account limit 1`, [bookId, vouchers, accounts, by, of]);
/** Adjusting vouchers of a difference that were posted or withdrawn: all that do not wait for review. */
export const countAdjustments = async (db: Db, bookId: number, difference: bigint): Promise<number> =>
  (await db.one<{ count: number }>(`select count(distinct source_id)::integer as count from documents.document d where book_id = $1 and source = 'tieout' and kind = 'manualVoucher' and source_id like 'manual-difference-' || $2 || '-%'
        and not exists (select from vouchers.draft f where f.book_id = $1 and f.document_id = d.document_id and f.state in ('draft', 'reviewed'))`, [bookId, String(difference)])).count;

export type BankPosting = { readonly bankAccount: string; readonly account: string; readonly expected: string; readonly lines: bigint; readonly balance: bigint; readonly moved: bigint; readonly firstOn: string; readonly firstPostedAt: string; readonly changedAt: string; readonly version: number; readonly rules: readonly string[]; readonly isForeign: boolean; readonly vouchers: readonly string[]; readonly documents: readonly bigint[] };
/** Lines that name a bank account and stand on another account than its master record says. */
export const findBankPostings = (db: Db, bookId: number, accounts: readonly string[], baseCurrency: string): Promise<BankPosting[]> =>
  db.query(`with master as materialized (
         select distinct on (code) code, coalesce(body -> 'fields' ->> 'account', '1002') as account, version, changed_at from masterdata.record where book_id = $1 and kind = 'bankAccount' order by code, changed_at desc),
       wrong as materialized (
         select s.dimension_set_id, m.code, m.account as expected, m.version, m.changed_at from vouchers.dimension_set s join master m on m.code = s.dimensions ->> 'bankAccount' where s.book_id = $1)
     select w.code as "bankAccount", l.account, w.expected, count(*) as lines, sum(l.debit - l.credit)::bigint as balance, sum(abs(l.debit - l.credit))::bigint as moved, min(v.date) as "firstOn", min(v.posted_at) as "firstPostedAt", w.changed_at as "changedAt", w.version,
            array_agg(distinct v.rule || '@' || v.rule_version) as rules, bool_or(l.currency <> $3) as "isForeign", (array_agg(v.period || '/' || v.series || '-' || v.number order by v.voucher_id desc))[1:20] as vouchers, (array_agg(v.document_id order by v.voucher_id desc))[1:20] as documents
       from wrong w join vouchers.line l on l.book_id = $1 and l.dimension_set_id = w.dimension_set_id and l.account <> w.expected and l.account not like w.expected || '.%' and l.account = any($2)
       join vouchers.voucher v on v.book_id = $1 and v.voucher_id = l.voucher_id
      group by w.code, l.account, w.expected, w.changed_at, w.version`, [bookId, accounts, baseCurrency]);
/** Whether anything of these lines came after the record got its account. */
export const hasPostedSince = (db: Db, bookId: number, bankAccount: string, account: string, since: string): Promise<{ has: boolean }> =>
  db.one(`select exists (select from vouchers.dimension_set s join vouchers.line l on l.book_id = $1 and l.dimension_set_id = s.dimension_set_id and l.account = $3
       join vouchers.voucher v on v.book_id = $1 and v.voucher_id = l.voucher_id where s.book_id = $1 and s.dimensions ->> 'bankAccount' = $2 and v.posted_at::timestamptz > $4::timestamptz) as has`, [bookId, bankAccount, account, since]);

export type OtherPeriod = { readonly documentId: bigint; readonly document: string; readonly kind: string; readonly date: string; readonly period: string; readonly party: string; readonly voucher: string; readonly postedIn: string; readonly total: bigint };
/** Vouchers of the version in force that stand in another period than their document. A reversal on the first day of the next month is meant to. */
export const findOtherPeriods = (db: Db, bookId: number): Promise<OtherPeriod[]> =>
  db.query(`select d.document_id as "documentId", ${key("d")} as document, d.kind, d.date, to_char(d.date, 'YYYY-MM') as period, d.party, v.period || '/' || v.series || '-' || v.number as voucher, v.period as "postedIn", v.debit_total as total
       from vouchers.voucher v join vouchers.event e on e.book_id = v.book_id and e.document_id = v.document_id and v.voucher_id = any(e.voucher_ids)
       join documents.document d on d.book_id = e.book_id and d.document_id = e.document_id and d.source_version = e.source_version
      where v.book_id = $1 and d.state <> 'superseded' and v.period <> to_char(d.date, 'YYYY-MM') and d.kind <> 'openingBalance' and v.reversal_of is null and e.event !~ '(Reversed|Reversal)$' order by v.voucher_id`, [bookId]);

export type Ahead = { readonly documentId: bigint; readonly document: string; readonly kind: string; readonly date: string; readonly period: string; readonly party: string; readonly cameIn: string; readonly body: string };
/** Dated in a later period than all that came in shortly before and after it: dated, or typed, ahead of its time. */
export const findDatedAhead = (db: Db, bookId: number, kinds: readonly string[]): Promise<Ahead[]> =>
  db.query(`with arrived as materialized (
         select document_id, source_version, date, kind, max(date) over near as near_on, count(*) over near as near_count
           from documents.document where book_id = $1 and state in ('posted', 'waiting', 'parked') window near as (order by document_id rows between 12 preceding and 12 following exclude current row))
     select d.document_id as "documentId", ${key("d")} as document, d.kind, d.date, to_char(d.date, 'YYYY-MM') as period, d.party, to_char(a.near_on, 'YYYY-MM') as "cameIn", d.body
       from arrived a join documents.document d on d.book_id = $1 and d.document_id = a.document_id and d.source_version = a.source_version
      where a.kind = any($2) and a.near_count = 24 and date_trunc('month', a.date) > date_trunc('month', a.near_on) order by 1`, [bookId, kinds]);

export type EmptyPool = { readonly pool: string; readonly item: string; readonly amount: bigint; readonly since: string; readonly documents: readonly bigint[] };
export const findEmptyPools = (db: Db, bookId: number): Promise<EmptyPool[]> =>
  db.query(`select p.pool, m.item, p.amount, m.since, m.documents from vouchers.pool p
       join lateral (select min(item) as item, max(date) as since, (array_agg(document_id order by date desc, document_id desc))[1:3] as documents from (select item, date, document_id from vouchers.stock_move where book_id = $1 and pool = p.pool order by date desc, document_id desc limit 3) last) m on true
      where p.book_id = $1 and p.quantity = 0 and p.amount <> 0 order by 1`, [bookId]);

export type SealedVoucher = { readonly voucherId: bigint; readonly voucher: string; readonly date: string; readonly period: string; readonly documentId: bigint; readonly lines: Readonly<Record<string, string>>; readonly events: readonly { readonly rule: string; readonly version: number; readonly facts: string; readonly body: string }[] };
/** Vouchers of a range with what they hold by account and what they were made from. */
export const findSealed = (db: Db, bookId: number, first: bigint, last: bigint): Promise<SealedVoucher[]> =>
  db.query(`select v.voucher_id as "voucherId", v.period || '/' || v.series || '-' || v.number as voucher, v.date, v.period, v.document_id as "documentId", l.lines, coalesce(e.events, '[]') as events
       from vouchers.voucher v
       join lateral (select jsonb_object_agg(account, amount::text) as lines from (select account, sum(debit - credit) as amount from vouchers.line where book_id = $1 and period = v.period and voucher_id = v.voucher_id group by 1) s) l on true
       left join lateral (select jsonb_agg(jsonb_build_object('rule', e.rule, 'version', e.rule_version, 'facts', e.facts, 'body', d.body) order by e.document_id, e.event_no) as events
          from vouchers.event e join documents.document d on d.book_id = e.book_id and d.document_id = e.document_id and d.source_version = e.source_version where e.book_id = $1 and e.voucher_ids @> array[v.voucher_id]) e on true
      where v.book_id = $1 and v.voucher_id between $2 and $3 order by 1`, [bookId, first, last]);

export type DeliveryRow = { readonly deliveryNo: bigint; readonly flow: string; readonly reference: string; readonly subject: string; readonly state: string; readonly stateAt: string; readonly madeAt: string; readonly problem: unknown; readonly period: string; readonly total: bigint; readonly documentId: bigint | null };
const delivered = `x.delivery_no as "deliveryNo", x.flow, x.reference, x.subject, x.state, x.state_at as "stateAt", x.made_at as "madeAt", x.problem, x.period, coalesce(v.debit_total, 0) as total, v.document_id as "documentId"`;
/** Refused or held, which waiting does not change; or not acknowledged, and older than a moment. */
export const findUndelivered = (db: Db, bookId: number, at: string, minutes: number): Promise<DeliveryRow[]> =>
  db.query(`select ${delivered} from delivery.delivery x left join vouchers.voucher v on v.book_id = x.book_id and v.voucher_id = x.voucher_id
      where x.book_id = $1 and x.purpose = 'voucher' and (x.state in ('rejected', 'held') or x.state in ('pending', 'sending', 'unknown', 'sent') and x.state_at < $2::timestamptz - make_interval(mins => $3))
        and (x.state <> 'sent' or x.target_at is null) order by 1`, [bookId, at, minutes]);

export type DriftRow = DeliveryRow & { readonly driftNo: bigint; readonly kind: string; readonly ours: unknown; readonly theirs: unknown; readonly foundAt: string };
export const findDrifts = (db: Db, bookId: number): Promise<DriftRow[]> =>
  db.query(`select t.drift_no as "driftNo", t.kind, t.ours, t.theirs, t.found_at as "foundAt", ${delivered}
       from delivery.drift t join delivery.delivery x on x.book_id = t.book_id and x.delivery_no = t.delivery_no left join vouchers.voucher v on v.book_id = x.book_id and v.voucher_id = x.voucher_id
      where t.book_id = $1 and t.resolved_at is null order by 1`, [bookId]);

/** Whether the accounts that one delivered voucher has with these amounts stand as delivered in some other voucher of the flow. */
export const hasStanding = (db: Db, bookId: number, flow: string, deliveryNo: bigint, amounts: readonly bigint[]): Promise<{ readonly has: boolean }> =>
  db.one(`select exists (select from delivery.delivery x join vouchers.line l on l.book_id = x.book_id and l.period = x.period and l.voucher_id = x.voucher_id
      where x.book_id = $1 and x.flow = $2 and x.state = 'confirmed' and l.account in (
        select o.account from delivery.delivery d join vouchers.line o on o.book_id = d.book_id and o.period = d.period and o.voucher_id = d.voucher_id where d.book_id = $1 and d.delivery_no = $3 and abs(o.debit - o.credit) = any($4::bigint[]))) as has`, [bookId, flow, deliveryNo, amounts]);

export type PostedBehind = { readonly flow: string; readonly vouchers: bigint; readonly oldest: string; readonly total: bigint };
/** Vouchers that a flow has not even looked at, though they were posted before a moment. */
export const findBehind = (db: Db, bookId: number, at: string, minutes: number): Promise<PostedBehind[]> =>
  db.query(`select o.flow, sum(b.count)::bigint as vouchers, min(b.sealed_at) as oldest, sum(b.debit_total)::bigint as total from delivery.outbox o join vouchers.block b on b.book_id = o.book_id and b.block_no > o.block_no
      where o.book_id = $1 and b.sealed_at::timestamptz < $2::timestamptz - make_interval(mins => $3) and o.flow not like '%/writeback' group by 1`, [bookId, at, minutes]);

/** Documents from before the first period, by kind/sourceId, as lines of the opening balance name them. */
export const findOpeningItems = (db: Db, bookId: number): Promise<{ readonly document: string }[]> =>
  db.query(`select distinct l ->> 'document' as document from documents.document d cross join lateral jsonb_array_elements(d.body::jsonb -> 'lines') l
      where d.book_id = $1 and d.kind = 'openingBalance' and d.state = 'posted' and l ->> 'document' is not null`, [bookId]);
