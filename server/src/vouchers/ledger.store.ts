/** SQL of the books on screen: sums where the rows lie, and pages of lines that follow an index. It reads, nothing else. */
import type { Db } from "../platform/index.ts";
import { type BalanceRow, isBelow, type LedgerRow } from "./report.store.ts";

export type SumRow = Omit<BalanceRow, "dimensionSet">;

const openingSum = "coalesce(sum(b.debit - b.credit) filter (where b.period < $2), 0)::bigint as opening";
const movementSums = "coalesce(sum(b.debit) filter (where b.period >= $2), 0)::bigint as debit, coalesce(sum(b.credit) filter (where b.period >= $2), 0)::bigint as credit";

/** Signed opening and the movements of the periods by account, of all dimension sets or of these. */
export const findAccountBalances = (db: Db, bookId: number, from: string, to: string, account: string | null, sets: readonly number[] | null) =>
  db.query<SumRow>(
    `select b.account, ${openingSum}, ${movementSums} from vouchers.balance_cache b
      where b.book_id = $1 and b.period <= $3 and ($4::text is null or ${isBelow("b.account", "$4")}) and ($5::int[] is null or b.dimension_set_id = any($5))
      group by b.account order by b.account`, [bookId, from, to, account, sets]);

const setsWith = `select dimension_set_id, (dimensions ->> $4) collate "C" as value from vouchers.dimension_set where book_id = $1 and dimensions ? $4`;

/** Balances by the value of one dimension, and by account where asked: in that order, after this value and account. Sets without the dimension stay out. */
export const findBalancesBy = (db: Db, bookId: number, from: string, to: string, dimension: string, account: string | null, perAccount: boolean, values: readonly string[] | null, after: readonly [string, string], limit: number) =>
  db.query<SumRow & { value: string }>(
    `with sets as materialized (${setsWith} and ($7::text[] is null or dimensions ->> $4 = any($7))),
     sums as (
       select s.value, case when $6 then b.account else '' end as account, ${openingSum}, ${movementSums}
         from vouchers.balance_cache b join sets s using (dimension_set_id)
        where b.book_id = $1 and b.period <= $3 and ($5::text is null or ${isBelow("b.account", "$5")})
        group by 1, 2)
     select value, account, opening, debit, credit from sums where (opening <> 0 or debit <> 0 or credit <> 0) and (value, account) > ($8::text collate "C", $9::text collate "C")
      order by value, account limit $10`, [bookId, from, to, dimension, account, perAccount, values, after[0], after[1], limit]);

/** What all values of the dimension hold together, and how many there are. */
export const sumBalancesBy = (db: Db, bookId: number, from: string, to: string, dimension: string, account: string | null) =>
  db.one<{ values: bigint; opening: bigint; debit: bigint; credit: bigint }>(
    `with sets as materialized (${setsWith})
     select count(distinct s.value) as values, ${openingSum}, ${movementSums} from vouchers.balance_cache b join sets s using (dimension_set_id)
      where b.book_id = $1 and b.period <= $3 and ($5::text is null or ${isBelow("b.account", "$5")})`, [bookId, from, to, dimension, account]);

/** The dimensions in use, those of most sets first. */
export const findDimensionNames = (db: Db, bookId: number) =>
  db.query<{ name: string }>("select name from vouchers.dimension_set, jsonb_object_keys(dimensions) as name where book_id = $1 group by name order by count(*) desc, name", [bookId]);

/** Codes of master records with this in their code or name, those whose code begins so first. */
export const searchNames = (db: Db, bookId: number, kinds: readonly string[], text: string, limit: number) =>
  db.query<{ code: string; zh: string | null; en: string | null }>(
    `select code, zh, en from (
       select distinct on (code) code, body -> 'name' ->> 'zh' as zh, body -> 'name' ->> 'en' as en from masterdata.record where book_id = $1 and kind = any($2)
        and (starts_with(lower(code), lower($3)) or position(lower($3) in lower(coalesce(body ->> 'name', ''))) > 0) order by code, version desc) n
      order by not starts_with(lower(code), lower($3)), code limit $4`, [bookId, kinds, text, limit]);

export type Place = { readonly date: string; readonly voucherId: bigint; readonly lineNo: number };

/** A page of the lines of an account and all below it in one period, by date, after this place. The other side is looked up for the page alone. */
export const findLedgerPage = (db: Db, bookId: number, account: string, period: string, sets: readonly number[] | null, after: Place | null, limit: number) =>
  db.query<LedgerRow & { documentId: bigint }>(
    `select p.*, (select coalesce(array_agg(distinct o.account), '{}') from vouchers.line o
                   where o.book_id = $1 and o.period = $2 and o.voucher_id = p."voucherId" and (o.credit <> 0) <> (p.credit <> 0)) as counter
       from (select l.voucher_id as "voucherId", l.line_no as "lineNo", l.account, l.dimension_set_id as "dimensionSet", l.debit, l.credit, l.currency, l.amount_original as "amountOriginal", l.rate, l.quantity, l.summary,
                    v.period, v.date, v.series, v.number, v.summary as "voucherSummary", v.document_id as "documentId"
               from vouchers.line l
               join vouchers.voucher v on v.book_id = l.book_id and v.voucher_id = l.voucher_id
              where l.book_id = $1 and l.period = $2 and ${isBelow("l.account", "$3")} and ($4::int[] is null or l.dimension_set_id = any($4))
                and ($5::date is null or (v.date, l.voucher_id, l.line_no) > ($5::date, $6::bigint, $7::int))
              order by v.date, l.voucher_id, l.line_no limit $8) p
      order by p.date, p."voucherId", p."lineNo"`, [bookId, period, account, sets, after?.date ?? null, after?.voucherId ?? null, after?.lineNo ?? null, limit]);

/** The keys of documents, for a link to them. */
export const findDocumentKeys = (db: Db, bookId: number, documentIds: readonly bigint[]) =>
  db.query<{ documentId: bigint; source: string; kind: string; sourceId: string }>(
    `select distinct document_id as "documentId", source, kind, source_id as "sourceId" from documents.document where book_id = $1 and document_id = any($2::bigint[])`, [bookId, documentIds]);
