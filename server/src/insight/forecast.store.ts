/** SQL of what the cash forecast learns from: how long after the due date money moved. */
import type { Db } from "../platform/index.ts";

export type DelayRow = { readonly party: string; readonly side: "in" | "out"; readonly weighted: bigint; readonly amount: bigint };
/** Days late (early: negative) weighted by amounts, of what was cleared by receipts and payments from one day to another, by party. */
export const findDelays = (db: Db, bookId: number, from: string, to: string): Promise<DelayRow[]> =>
  db.query(`select h.party, case p.kind when 'cashReceipt' then 'in' else 'out' end as side, sum(k.amount * (p.date - h.due_on))::bigint as weighted, sum(k.amount)::bigint as amount
              from vouchers.holding h
              join documents.link k on k.book_id = h.book_id and k.target_id = h.document_id and k.kind in ('cashReceipt', 'supplierPayment') and k.amount > 0
              join documents.document p on p.book_id = k.book_id and p.document_id = k.document_id and p.source_version = k.source_version
             where h.book_id = $1 and h.what = 'open' and h.due_on is not null and h.taken_quantity <> 0 and p.date between $2::date and $3::date group by 1, 2`, [bookId, from, to]);

export type DueRow = { readonly party: string; readonly dueOn: string; readonly side: "in" | "out"; readonly amount: bigint };
export const findDue = (db: Db, bookId: number): Promise<DueRow[]> =>
  db.query(`select party, due_on as "dueOn", case class when 'receivable' then 'in' else 'out' end as side, (sum(amount))::bigint as amount from insight.fact_open where book_id = $1 and class in ('receivable', 'payable') group by 1, 2, 3`, [bookId]);
