/** SQL that reads both sides. The business side stands in the sub-ledgers and in what rules were given; the books side in balances and lines. */
import type { Db } from "../../platform/index.ts";

const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;
const list = (values: readonly string[]): string => (values.length === 0 ? "null" : values.map(text).join(", "));

/** Every event of the version in force: document, kind, period, what it did to the sub-ledgers, and for these kinds what its rule was given. */
export const events = (bookId: number, kinds: readonly string[]): string =>
  `select e.document_id, d.kind, d.period, case when d.kind in (${list(kinds)}) then e.facts else '' end, e.effects
     from vouchers.event e join documents.document d on d.book_id = e.book_id and d.document_id = e.document_id and d.source_version = e.source_version
    where e.book_id = ${bookId} and d.book_id = ${bookId} and d.state <> 'superseded' and (d.kind in (${list(kinds)}) or strpos(e.effects, 'open') > 0 or strpos(e.effects, 'estimate') > 0 or strpos(e.effects, 'advanceTax') > 0)`;

/** What open items, estimates and taxes of advances are held under, by document and line. */
export const holders = (bookId: number): string =>
  `select h.document_id, h.line, h.what, h.account, h.party, d.kind
     from vouchers.holding h join (select distinct document_id, kind from documents.document where book_id = ${bookId}) d on d.document_id = h.document_id
    where h.book_id = ${bookId} and h.what in ('open', 'estimate', 'advanceTax')`;

export type StockRow = { readonly item: string; readonly period: string; readonly type: string; readonly amount: bigint };
export const sumStock = (db: Db, bookId: number): Promise<StockRow[]> =>
  db.query(`select item, to_char(date, 'YYYY-MM') as period, case when type in ('in', 'return', 'charge', 'reprice') then 'in' when type in ('out', 'back', 'trueUp') then 'out' when amount < 0 then 'out' else 'in' end as type, sum(amount)::bigint as amount
       from vouchers.stock_move where book_id = $1 group by 1, 2, 3`, [bookId]);

export type DocumentMove = { readonly documentId: bigint; readonly of: string; readonly amount: bigint };
/** Stock moves of some items by document. */
export const findStockMoves = (db: Db, bookId: number, items: readonly string[]): Promise<(DocumentMove & { readonly period: string })[]> =>
  db.query(`select document_id as "documentId", item as of, to_char(date, 'YYYY-MM') as period, sum(amount)::bigint as amount from vouchers.stock_move where book_id = $1 and item = any($2) group by 1, 2, 3`, [bookId, items]);

export type BooksRow = { readonly account: string; readonly of: string; readonly period: string; readonly debit: bigint; readonly credit: bigint };
/** `dimensions` are tried in order; the first that the set has names the row. */
export const sumBooks = (db: Db, bookId: number, accounts: readonly string[], dimensions: readonly string[]): Promise<BooksRow[]> =>
  db.query(`select b.account, coalesce(n.of, '') as of, b.period, sum(b.debit)::bigint as debit, sum(b.credit)::bigint as credit
       from vouchers.balance_cache b
       left join vouchers.dimension_set s on s.book_id = b.book_id and s.dimension_set_id = b.dimension_set_id
       left join lateral (select s.dimensions ->> name as of from unnest($3::text[]) with ordinality as wanted (name, place) where s.dimensions ? name order by place limit 1) n on true
      where b.book_id = $1 and b.account = any($2) group by 1, 2, 3`, [bookId, accounts, dimensions]);

/** What vouchers of some kinds of document moved on some accounts, by kind. */
export const sumBooksOfKinds = (db: Db, bookId: number, accounts: readonly string[], kinds: readonly string[]): Promise<(BooksRow & { readonly kind: string })[]> =>
  db.query(`select l.account, '' as of, l.period, d.kind, sum(l.debit)::bigint as debit, sum(l.credit)::bigint as credit
       from vouchers.line l join vouchers.voucher v on v.book_id = l.book_id and v.voucher_id = l.voucher_id
       join (select distinct document_id, kind from documents.document where book_id = $1 and kind = any($3)) d on d.document_id = v.document_id
      where l.book_id = $1 and l.account = any($2) group by 1, 3, 4`, [bookId, accounts, kinds]);

export type LineMove = DocumentMove & { readonly account: string; readonly period: string; readonly voucherId: bigint; readonly voucher: string; readonly kind: string };
/** Lines on some accounts of some parties or items, by voucher with the document that it stands for. `of` null asks for all, of these kinds of document. */
export const findLineMoves = (db: Db, bookId: number, accounts: readonly string[], dimensions: readonly string[], of: readonly string[] | null, kinds: readonly string[] | null): Promise<LineMove[]> =>
  db.query(`with named as materialized (
         select s.dimension_set_id, n.of from vouchers.dimension_set s
           cross join lateral (select s.dimensions ->> name as of from unnest($3::text[]) with ordinality as wanted (name, place) where s.dimensions ? name order by place limit 1) n
          where s.book_id = $1 and ($4::text[] is null or n.of = any($4)))
     select v.document_id as "documentId", coalesce(n.of, '') as of, l.account, l.period, v.voucher_id as "voucherId", v.period || '/' || v.series || '-' || v.number as voucher, d.kind, sum(l.debit - l.credit)::bigint as amount
       from vouchers.line l
       left join named n on n.dimension_set_id = l.dimension_set_id
       join vouchers.voucher v on v.book_id = l.book_id and v.voucher_id = l.voucher_id
       join lateral (select kind from documents.document d where d.book_id = $1 and d.document_id = v.document_id order by source_version limit 1) d on true
      where l.book_id = $1 and l.account = any($2) and ($4::text[] is null or n.of is not null or '' = any($4)) and ($5::text[] is null or d.kind = any($5))
      group by 1, 2, 3, 4, 5, 6, 7`, [bookId, accounts, dimensions, of, kinds]);

export type DocumentRow = { readonly documentId: bigint; readonly document: string; readonly kind: string; readonly date: string; readonly period: string; readonly party: string; readonly owner: string; readonly state: string };
/** The newest version of each, and who looks after it: the salesperson or buyer that it or its party's master record names. */
export const findDocuments = (db: Db, bookId: number, documents: readonly bigint[]): Promise<DocumentRow[]> =>
  db.query(`select distinct on (d.document_id) d.document_id as "documentId", d.source || ':' || d.kind || '/' || d.source_id as document, d.kind, d.date, d.period, d.party, d.state,
         coalesce(case when d.kind <> 'openingBalance' then coalesce(d.body::jsonb ->> 'salesperson', d.body::jsonb ->> 'buyer') end, m.owner, '') as owner
       from documents.document d
       left join lateral (select body -> 'fields' ->> case r.kind when 'customer' then 'salesperson' else 'buyer' end as owner from masterdata.record r where r.book_id = d.book_id and r.code = d.party and r.kind in ('customer', 'supplier') order by changed_at desc limit 1) m on true
      where d.book_id = $1 and d.document_id = any($2) order by d.document_id, d.source_version desc`, [bookId, documents]);

export const dropSides = (db: Db, bookId: number): Promise<unknown> => db.query("delete from reconciliation.side_cache where book_id = $1", [bookId]);

export type Side = { readonly ledger: string; readonly account: string; readonly of: string; readonly period: string; readonly businessIn: bigint; readonly businessOut: bigint; readonly booksIn: bigint; readonly booksOut: bigint };
export const addSides = (db: Db, bookId: number, sides: readonly Side[]): Promise<unknown> =>
  db.query(`insert into reconciliation.side_cache (book_id, ledger, account, of, period, business_in, business_out, books_in, books_out)
       select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[])`,
    [bookId, sides.map((s) => s.ledger), sides.map((s) => s.account), sides.map((s) => s.of), sides.map((s) => s.period), sides.map((s) => s.businessIn), sides.map((s) => s.businessOut), sides.map((s) => s.booksIn), sides.map((s) => s.booksOut)]);

export type SideSum = { readonly ledger: string; readonly account: string; readonly of: string; readonly businessOpening: bigint; readonly businessIn: bigint; readonly businessOut: bigint; readonly booksOpening: bigint; readonly booksIn: bigint; readonly booksOut: bigint };
/** Opening before `from`, movements up to `to`. By account, or of one account by what it is kept by, those that differ first. */
export const sumSides = (db: Db, bookId: number, from: string, to: string, account: string | null, limit: number): Promise<SideSum[]> =>
  db.query(`select * from (
       select min(ledger) as ledger, account, case when $4::text is null then '' else of end as of,
              coalesce(sum(business_in - business_out) filter (where period < $2), 0)::bigint as "businessOpening", coalesce(sum(business_in) filter (where period >= $2), 0)::bigint as "businessIn", coalesce(sum(business_out) filter (where period >= $2), 0)::bigint as "businessOut",
              coalesce(sum(books_in - books_out) filter (where period < $2), 0)::bigint as "booksOpening", coalesce(sum(books_in) filter (where period >= $2), 0)::bigint as "booksIn", coalesce(sum(books_out) filter (where period >= $2), 0)::bigint as "booksOut"
         from reconciliation.side_cache where book_id = $1 and period <= $3 and ($4::text is null or account = $4) group by 2, 3) s
      order by case when $4::text is null then 0 else -abs("businessOpening" + "businessIn" - "businessOut" - "booksOpening" - "booksIn" + "booksOut") end, account, of limit $5`, [bookId, from, to, account, limit]);
