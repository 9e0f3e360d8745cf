/** Where a code of the master data is used in the books: small reads by indexes, whatever the size of the book. */
import type { Db } from "../platform/index.ts";

/** Accounts that carry the code in this dimension, with what moved on them. */
export const findAccountsOf = (db: Db, bookId: number, dimensions: Readonly<Record<string, string>>) =>
  db.query<{ account: string; debit: bigint; credit: bigint; sets: number[] }>(
    `select b.account, sum(b.debit)::bigint as debit, sum(b.credit)::bigint as credit, array_agg(distinct b.dimension_set_id) as sets
       from vouchers.dimension_set s join vouchers.balance_cache b on b.book_id = s.book_id and b.dimension_set_id = s.dimension_set_id
      where s.book_id = $1 and s.dimensions @> $2::jsonb group by b.account order by b.account`, [bookId, JSON.stringify(dimensions)]);

/** Vouchers and their main documents on these accounts and dimension sets: ranges of the index of lines. */
export const countVouchersOf = (db: Db, bookId: number, accounts: readonly string[], sets: readonly number[]) =>
  db.one<{ vouchers: bigint; documents: bigint }>(
    `select count(*) as vouchers, count(distinct v.document_id) as documents
       from (select distinct voucher_id from vouchers.line where book_id = $1 and account = any($2) and dimension_set_id = any($3)) l
       join vouchers.voucher v on v.book_id = $1 and v.voucher_id = l.voucher_id`, [bookId, accounts, sets]);

/** What is on hand of an item, by pool: the item, or the item in a warehouse. */
export const findPoolsOf = (db: Db, bookId: number, item: string) =>
  db.query<{ pool: string; quantity: bigint; amount: bigint }>(`select pool, quantity, amount from vouchers.pool where book_id = $1 and (pool = $2 or (pool > $2 || '@' and pool < $2 || 'A')) order by pool`, [bookId, item]);

/** By the index of parties. */
export const countDocumentsOfParty = (db: Db, bookId: number, party: string) =>
  db.one<{ documents: bigint }>("select count(*) as documents from documents.document where book_id = $1 and party = $2 and party <> '' and state <> 'superseded'", [bookId, party]);
