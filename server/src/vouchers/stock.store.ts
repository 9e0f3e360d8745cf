/** SQL that holds the stock ledger against the stock accounts. It reads, nothing else. */
import type { Db } from "../platform/index.ts";

export const sumStockAndBooks = (db: Db, bookId: number, accounts: readonly string[]) =>
  db.one<{ stock: bigint; books: bigint }>(
    `select (select coalesce(sum(amount), 0)::bigint from vouchers.pool where book_id = $1) as stock,
            (select coalesce(sum(debit - credit), 0)::bigint from vouchers.balance_cache where book_id = $1 and account = any($2)) as books`, [bookId, accounts]);

/** Item by item; what the accounts hold without an item stands under "". */
export const findStockDifferences = (db: Db, bookId: number, accounts: readonly string[], limit: number) =>
  db.query<{ item: string; stock: bigint; books: bigint }>(
    `with stock as (
       select item, sum(amount)::bigint as amount from vouchers.stock_move where book_id = $1 group by item
     ), books as (
       select coalesce(s.dimensions ->> 'item', '') collate "C" as item, sum(b.debit - b.credit)::bigint as amount
         from vouchers.balance_cache b join vouchers.dimension_set s on s.book_id = b.book_id and s.dimension_set_id = b.dimension_set_id
        where b.book_id = $1 and b.account = any($2) group by 1
     )
     select coalesce(s.item, b.item) as item, coalesce(s.amount, 0) as stock, coalesce(b.amount, 0) as books
       from stock s full join books b on b.item = s.item
      where coalesce(s.amount, 0) <> coalesce(b.amount, 0)
      order by abs(coalesce(s.amount, 0) - coalesce(b.amount, 0)) desc, 1 limit $3`, [bookId, accounts, limit]);
