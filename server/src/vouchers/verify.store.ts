/** All SQL of `verify`. Each statement finds what should not be there; big ones run over ranges of voucher ids, so that memory stays flat. */
import type { Db } from "../platform/index.ts";
import { lineLeafColumns, voucherLeafColumns } from "./chain.ts";

export type BlockRow = { blockNo: bigint; first: bigint; last: bigint; count: number; debitTotal: bigint; root: Buffer; previous: Buffer; hash: Buffer; sealedAt: string };

export const findBlocks = (db: Db, bookId: number, after: bigint, limit: number) =>
  db.query<BlockRow>(
    `select block_no as "blockNo", first_voucher as first, last_voucher as last, count, debit_total as "debitTotal", root, previous, hash, sealed_at as "sealedAt"
       from vouchers.block where book_id = $1 and block_no > $2 order by block_no limit $3`, [bookId, after, limit]);

export const findHead = (db: Db, bookId: number) =>
  db.one<{ blockNo: bigint; hash: Buffer; nextVoucher: bigint }>(`select block_no as "blockNo", hash, next_voucher as "nextVoucher" from vouchers.head where book_id = $1`, [bookId]);

export const countVouchers = (db: Db, bookId: number) =>
  db.one<{ vouchers: bigint; last: bigint }>("select count(*) as vouchers, coalesce(max(voucher_id), 0) as last from vouchers.voucher where book_id = $1", [bookId]);

const range = (bookId: number, from: bigint, to: bigint): string => `book_id = ${bookId} and voucher_id between ${from} and ${to}`;

/** The vouchers of a range as they are hashed, in order of their ids. The block that each says it is in follows as a last column, which no leaf holds. */
export const voucherLeaves = (bookId: number, from: bigint, to: bigint): string =>
  `select ${voucherLeafColumns.join(", ")}, block_no from vouchers.voucher where ${range(bookId, from, to)} order by voucher_id`;

/** Their lines as they are hashed. The periods come first, so that the key of vouchers.line finds them. */
export const lineLeaves = (bookId: number, from: bigint, to: bigint): string =>
  `select ${lineLeafColumns.join(", ")} from vouchers.line where period = any(array(select distinct period from vouchers.voucher where ${range(bookId, from, to)})) and ${range(bookId, from, to)} order by voucher_id, line_no`;

export const countLines = (db: Db, bookId: number) => db.one<{ lines: bigint }>("select count(*) as lines from vouchers.line where book_id = $1", [bookId]);

/** Lines that belong to no voucher, or stand in another period than their voucher. */
export const findStrayLines = (db: Db, bookId: number) =>
  db.query<{ voucherId: bigint; period: string; lines: bigint }>(
    `select l.voucher_id as "voucherId", l.period, l.lines
       from (select period, voucher_id, count(*) as lines from vouchers.line where book_id = $1 group by period, voucher_id) l
       left join vouchers.voucher v on v.book_id = $1 and v.voucher_id = l.voucher_id and v.period = l.period
      where v.voucher_id is null order by 1 limit 1000`, [bookId]);

/** Where the cached balances and the lines differ. */
export const findBalanceDifferences = (db: Db, bookId: number) =>
  db.query<{ period: string; account: string; dimensionSet: number; currency: string; linesDebit: bigint; linesCredit: bigint; cacheDebit: bigint; cacheCredit: bigint }>(
    `with lines as (${balancesOfLines}),
          cached as (select period, account, dimension_set_id, currency, debit, credit, debit_original, credit_original from vouchers.balance_cache where book_id = $1)
     select period, account, dimension_set_id as "dimensionSet", currency,
            coalesce(l.debit, 0) as "linesDebit", coalesce(l.credit, 0) as "linesCredit", coalesce(c.debit, 0) as "cacheDebit", coalesce(c.credit, 0) as "cacheCredit"
       from lines l full join cached c using (period, account, dimension_set_id, currency)
      where (coalesce(l.debit, 0), coalesce(l.credit, 0), coalesce(l.debit_original, 0), coalesce(l.credit_original, 0))
            is distinct from (coalesce(c.debit, 0), coalesce(c.credit, 0), coalesce(c.debit_original, 0), coalesce(c.credit_original, 0))
      order by period, account, dimension_set_id limit 1000`, [bookId]);

/** amount_original is signed as the side that is not zero. */
export const balancesOfLines = `
  select period, account, dimension_set_id, currency, sum(debit)::bigint as debit, sum(credit)::bigint as credit,
         coalesce(sum(amount_original) filter (where credit = 0), 0)::bigint as debit_original, coalesce(sum(amount_original) filter (where credit <> 0), 0)::bigint as credit_original
    from vouchers.line where book_id = $1 group by period, account, dimension_set_id, currency`;

/** Series whose numbers do not run from 1 without a gap, or whose counter stands elsewhere. */
export const findNumberGaps = (db: Db, bookId: number) =>
  db.query<{ period: string; series: string; count: number; low: number; high: number; counter: number }>(
    `select coalesce(v.period, c.period) as period, coalesce(v.series, c.series) as series, coalesce(v.count, 0)::int as count, coalesce(v.low, 0) as low, coalesce(v.high, 0) as high, coalesce(c.last, 0) as counter
       from (select period, series, count(*) as count, min(number) as low, max(number) as high from vouchers.voucher where book_id = $1 group by period, series) v
       full join (select period, series, last from vouchers.counter where book_id = $1) c on c.period = v.period and c.series = v.series
      where coalesce(v.low, 1) <> 1 or coalesce(v.high, 0) <> coalesce(v.count, 0) or coalesce(v.high, 0) <> coalesce(c.last, 0)
      order by 1, 2`, [bookId]);

/** Events that name a voucher which is not there. */
export const findEventsWithoutVoucher = (db: Db, bookId: number) =>
  db.query<{ document: string; event: string; voucherId: bigint }>(
    `with lost as materialized (
       select e.document_id, e.source_version, e.event, e.voucher_id
         from (select document_id, source_version, event, unnest(voucher_ids) as voucher_id from vouchers.event where book_id = $1) e
         left join vouchers.voucher v on v.book_id = $1 and v.voucher_id = e.voucher_id
        where v.voucher_id is null order by e.voucher_id limit 1000
     )
     select ${documentOf("lost")} as document, event, voucher_id as "voucherId" from lost order by voucher_id`, [bookId]);

/** The key of a row's document, whichever of its versions: asked only for the few rows that are found. */
const documentOf = (of: string): string => `(select d.source || ':' || d.kind || '/' || d.source_id from documents.document d where d.book_id = $1 and d.document_id = ${of}.document_id limit 1)`;

/** Vouchers that no event names. */
export const findVouchersWithoutEvent = (db: Db, bookId: number) =>
  db.query<{ voucherId: bigint; period: string; number: string }>(
    `select v.voucher_id as "voucherId", v.period, v.series || '-' || v.number as number
       from vouchers.voucher v
       left join (select unnest(voucher_ids) as voucher_id from vouchers.event where book_id = $1 union select voucher_id from vouchers.draft where book_id = $1) e on e.voucher_id = v.voucher_id
      where v.book_id = $1 and e.voucher_id is null
      order by 1 limit 1000`, [bookId]);

/** Documents that are called posted and caused no event, or wait for nothing and nobody, or are parked without a reason, or whose state is none of ours. */
export const findUnexplained = (db: Db, bookId: number) =>
  db.query<{ document: string; version: bigint; state: string }>(
    `with unexplained as materialized (
       (select document_id, source_version, state from documents.document d where book_id = $1 and state = 'posted'
           and not exists (select from vouchers.event e where e.book_id = $1 and e.document_id = d.document_id and e.source_version = d.source_version) limit 1000)
       union all
       (select document_id, source_version, state from documents.document d where book_id = $1 and state = 'exempt'
           and exists (select from vouchers.event e where e.book_id = $1 and e.document_id = d.document_id and e.source_version = d.source_version and e.voucher_ids <> '{}') limit 1000)
       union all
       (select document_id, source_version, state from documents.document d where book_id = $1 and state = 'waiting'
           and not exists (select from documents.wait w where w.book_id = $1 and w.document_id = d.document_id and w.source_version = d.source_version)
           and not exists (select from vouchers.draft f where f.book_id = $1 and f.document_id = d.document_id and f.source_version = d.source_version and f.state in ('draft', 'reviewed')) limit 1000)
       union all
       (select document_id, source_version, state from documents.document where book_id = $1 and (state = 'parked' and (reasons is null or jsonb_array_length(reasons) = 0)
           or state not in ('posted', 'exempt', 'waiting', 'parked', 'superseded')) limit 1000)
     )
     select ${documentOf("unexplained")} as document, source_version as version, state from unexplained order by 1`, [bookId]);

/** Holdings of which more was taken than they hold. */
export const findOverdrawn = (db: Db, bookId: number) =>
  db.query<{ document: string; line: string; what: string; whole: bigint; taken: bigint }>(
    `with overdrawn as materialized (
       select document_id, line, what, whole_quantity as whole, taken_quantity as taken from vouchers.holding
        where book_id = $1 and abs(taken_quantity) > abs(whole_quantity) and whole_quantity * sign(taken_quantity) > 0 limit 1000
     )
     select ${documentOf("overdrawn")} as document, line, what, whole, taken from overdrawn order by 1`, [bookId]);

/** Whoever posts moves the head; nobody posts while this lock is held. */
export const lockHead = (db: Db, bookId: number) => db.query("select from vouchers.head where book_id = $1 for update", [bookId]);
export const deleteBalances = (db: Db, bookId: number) => db.query("delete from vouchers.balance_cache where book_id = $1", [bookId]);
export const insertBalances = (db: Db, bookId: number) =>
  db.one<{ balances: number }>(
    `with made as (insert into vouchers.balance_cache (book_id, period, account, dimension_set_id, currency, debit, credit, debit_original, credit_original)
                   select $1, * from (${balancesOfLines}) as lines returning 1)
     select count(*)::int as balances from made`, [bookId]);

/**
 * Documents that others link to, as received, each with what is linked to its lines: line, kind of linking document and
 * quantity, by U+001F and U+001E. Bodies are read outside, where that is eight times faster than jsonb.
 */
export const linkedDocuments = (bookId: number): string =>
  `select d.source || ':' || d.kind || '/' || d.source_id, l.links, d.body
     from (select target_id, string_agg(target_line || e'\\x1f' || kind || e'\\x1f' || quantity, e'\\x1e') as links
             from (select target_id, target_line, kind, sum(quantity) as quantity from documents.link where book_id = ${bookId} and target_line <> '' group by 1, 2, 3 having sum(quantity) > 0) s
            group by target_id) l
     join documents.document d on d.document_id = l.target_id
    where d.book_id = ${bookId} and d.state in ('posted', 'exempt')`;

/** Stock units in one of the item's other units, six decimals. */
export const findUnits = (db: Db, bookId: number) =>
  db.query<{ item: string; unit: string; factor: string }>("select distinct on (r.code, u.key) r.code as item, u.key as unit, u.value as factor from masterdata.record r cross join lateral jsonb_each_text(r.body -> 'units') u where r.book_id = $1 and r.kind = 'item' order by r.code, u.key", [bookId]);

/** Pools that are not the sum of their moves. */
export const findStockDifferences = (db: Db, bookId: number) =>
  db.query<{ pool: string; quantity: bigint; amount: bigint; movedQuantity: bigint; movedAmount: bigint }>(
    `select pool, coalesce(p.quantity, 0) as quantity, coalesce(p.amount, 0) as amount, coalesce(m.quantity, 0)::bigint as "movedQuantity", coalesce(m.amount, 0)::bigint as "movedAmount"
       from (select pool, quantity, amount from vouchers.pool where book_id = $1) p
       full join (select pool, sum(quantity) as quantity, sum(amount) as amount from vouchers.stock_move where book_id = $1 group by pool) m using (pool)
      where coalesce(p.quantity, 0) <> coalesce(m.quantity, 0) or coalesce(p.amount, 0) <> coalesce(m.amount, 0)
      order by 1 limit 1000`, [bookId]);
