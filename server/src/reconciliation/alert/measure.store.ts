/** What alerts look at: one statement a measure, over rows that are open or few, so that looking each minute costs little on a large book. */
import type { Db } from "../../platform/index.ts";

export type MeasureRow = { readonly subject: string; readonly value: bigint; readonly label: string | null; /** The employee whose turn it is, by the data. */ readonly employee: string | null; readonly note: string };

const nameOf = (kind: string, code: string): string => `(select coalesce(r.body -> 'name' ->> 'zh', r.body -> 'name' ->> 'en') from masterdata.record r where r.book_id = $1 and r.kind = '${kind}' and r.code = ${code} order by r.version desc limit 1)`;
const ownerOf = (kind: string, field: string, code: string): string => `(select nullif(r.body -> 'fields' ->> '${field}', '') from masterdata.record r where r.book_id = $1 and r.kind = '${kind}' and r.code = ${code} order by r.version desc limit 1)`;

export const findNegativeStock = (db: Db, bookId: number): Promise<MeasureRow[]> =>
  db.query(`select p.pool as subject, p.quantity as value, ${nameOf("item", "split_part(p.pool, '|', 1)")} as label, null as employee, '' as note from vouchers.pool p where p.book_id = $1 and p.quantity < 0 order by p.quantity limit 500`, [bookId]);
/** Days since anything of it moved, of what is on hand. */
export const findIdleStock = (db: Db, bookId: number, today: string, days: number): Promise<MeasureRow[]> =>
  db.query(`select p.pool as subject, ($2::date - m.date)::bigint as value, ${nameOf("item", "split_part(p.pool, '|', 1)")} as label, null as employee, m.date::text as note from vouchers.pool p
      cross join lateral (select date from vouchers.stock_move s where s.book_id = $1 and s.pool = p.pool order by date desc limit 1) m where p.book_id = $1 and p.quantity > 0 and m.date <= $2::date - $3::int order by m.date limit 500`, [bookId, today, days]);
/** For how many days what is on hand lasts, at the pace of the last 30. Only what moves and lasts less than twice the line. */
export const findCover = (db: Db, bookId: number, today: string, days: number): Promise<MeasureRow[]> =>
  db.query(`select p.pool as subject, trunc(greatest(p.quantity, 0) * 30 / m.went)::bigint as value, ${nameOf("item", "split_part(p.pool, '|', 1)")} as label, null as employee, '' as note from vouchers.pool p
      cross join lateral (select -sum(quantity) as went from vouchers.stock_move s where s.book_id = $1 and s.pool = p.pool and s.date > $2::date - 30 and s.date <= $2 and s.quantity < 0) m
     where p.book_id = $1 and m.went > 0 and greatest(p.quantity, 0) * 30 < m.went * $3::int * 2 order by 2 limit 500`, [bookId, today, days]);
const openOf = `vouchers.holding h where h.book_id = $1 and h.what = 'open' and h.what in ('estimate', 'open') and h.whole_quantity > h.taken_quantity and h.account = any($2) and h.party in (select code from masterdata.record where book_id = $1 and kind = 'customer')`;
export const findOverdue = (db: Db, bookId: number, accounts: readonly string[], today: string): Promise<MeasureRow[]> =>
  db.query(`select t.*, ${nameOf("customer", "t.subject")} as label, ${ownerOf("customer", "salesperson", "t.subject")} as employee from (
       select h.party as subject, sum(h.whole_amount - h.taken_amount)::bigint as value, min(coalesce(h.due_on, h.date))::text as note from ${openOf} and coalesce(h.due_on, h.date) < $3 group by 1) t where t.value > 0`, [bookId, accounts, today]);
/** What a customer owes beyond the limit that was last agreed. */
export const findCredit = (db: Db, bookId: number, accounts: readonly string[], exponent: number): Promise<MeasureRow[]> =>
  db.query(`with limits as (select distinct on (party) party, (((body::jsonb) ->> 'amount')::numeric * 10 ^ $3::int)::bigint as amount from documents.document where book_id = $1 and party <> '' and kind = 'creditLimit' and state <> 'superseded' order by party, date desc, document_id desc)
     select l.party as subject, (coalesce(o.amount, 0) - l.amount)::bigint as value, ${nameOf("customer", "l.party")} as label, ${ownerOf("customer", "salesperson", "l.party")} as employee, l.amount::text as note
       from limits l left join (select h.party, sum(h.whole_amount - h.taken_amount)::bigint as amount from ${openOf} group by 1) o on o.party = l.party`, [bookId, accounts, exponent]);
export const findUnmatched = (db: Db, bookId: number, today: string): Promise<MeasureRow[]> =>
  db.query(`select m.bank_account as subject, ($2::date - min(m.booked_on))::bigint as value, ${nameOf("bankAccount", "m.bank_account")} as label, null as employee, count(*)::text as note from reconciliation.movement m where m.book_id = $1 and m.state = 'open' group by m.bank_account`, [bookId, today]);
export const findStuckDeliveries = (db: Db, bookId: number, at: string): Promise<MeasureRow[]> =>
  db.query(`select flow as subject, trunc(extract(epoch from $2::timestamptz - min(state_at)) / 60)::bigint as value, flow as label, null as employee, count(*)::text as note from delivery.delivery where book_id = $1 and state in ('pending', 'sending', 'sent', 'rejected', 'unknown', 'held') group by flow`, [bookId, at]);
export const findSilentSources = (db: Db, bookId: number, at: string): Promise<MeasureRow[]> =>
  db.query(`select f.flow as subject, trunc(extract(epoch from $2::timestamptz - greatest(s.landed_at, f.changed_at)) / 60)::bigint as value, f.flow as label, null as employee, coalesce(s.landed_at::text, '') as note from connectors.flow f join connectors.flow_status s using (book_id, flow) where f.book_id = $1 and f.direction = 'in' and f.wanted = 'running'`, [bookId, at]);
export const findEstimateAge = (db: Db, bookId: number, today: string): Promise<MeasureRow[]> =>
  db.query(`select t.*, ${nameOf("supplier", "t.subject")} as label, ${ownerOf("supplier", "buyer", "t.subject")} as employee from (select h.party as subject, ($2::date - min(h.date))::bigint as value, count(*)::text as note from vouchers.holding h
      where h.book_id = $1 and h.what = 'estimate' and h.what in ('estimate', 'open') and h.whole_quantity <> h.taken_quantity group by 1) t`, [bookId, today]);
/** Invoices that were refused because somebody holds their number already. */
export const findRefusedDuplicates = (db: Db, bookId: number, since: string): Promise<MeasureRow[]> =>
  db.query(`select coalesce(body::jsonb ->> 'source', '') || ':supplierInvoice/' || coalesce(body::jsonb ->> 'sourceId', refusal_no::text) as subject, 1::bigint as value, body::jsonb ->> 'invoiceNumber' as label, ${ownerOf("supplier", "buyer", "body::jsonb ->> 'supplier'")} as employee, coalesce(body::jsonb ->> 'supplier', '') as note
      from documents.refusal where book_id = $1 and received_at > $2 and reasons @> '[{"code": "invoice.duplicate"}]' and body is json object order by refusal_no desc limit 200`, [bookId, since]);
export const findChangedAccounts = (db: Db, bookId: number): Promise<MeasureRow[]> =>
  db.query(`select a.supplier as subject, 1::bigint as value, ${nameOf("supplier", "a.supplier")} as label, ${ownerOf("supplier", "buyer", "a.supplier")} as employee, a.set_by as note from reconciliation.supplier_account a where a.book_id = $1 and a.decided_at is null`, [bookId]);
export const findOwners = (db: Db, bookId: number, kind: "customer" | "supplier", codes: readonly string[]): Promise<{ readonly code: string; readonly employee: string }[]> =>
  db.query(`select distinct on (code) code, coalesce(body -> 'fields' ->> 'salesperson', body -> 'fields' ->> 'buyer', '') as employee from masterdata.record where book_id = $1 and kind = $2 and code = any($3) order by code, version desc`, [bookId, kind, codes]);
