/** Payables, batches of payments with what they pay, bank accounts of suppliers, approvals of invoices that do not match. */
import type { Db } from "../../platform/index.ts";

/** Two people never propose or settle in one book at once: what is planned is counted before it is planned. */
export const lockPayments = (db: Db, bookId: number): Promise<unknown> => db.query("select pg_advisory_xact_lock(hashtext('reconciliation.payments'), $1)", [bookId]);

export const payableKinds = ["supplierInvoice", "costInvoice", "freightBill", "assetAcquisition", "openingBalance"] as const;

export type PayableRow = {
  readonly documentId: bigint; readonly line: string; readonly source: string; readonly kind: string; readonly sourceId: string; readonly account: string; readonly supplier: string; readonly currency: string; readonly date: string; readonly dueOn: string;
  readonly open: bigint; readonly openBase: bigint; readonly planned: bigint; readonly invoiceNumber: string; /** Terms of an early payment, as the invoice has them. */ readonly discountUntil: string | null; readonly discountRate: string | null; readonly discountAmount: string | null; /** Nothing of it was paid so far. */ readonly isWhole: boolean;
};
/** Open items of suppliers on these accounts, by due date; `of` names some of them as document/line. The items that are open are few, and an index holds them. */
export const findPayables = (db: Db, bookId: number, accounts: readonly string[], filter: { readonly supplier: string | null; readonly dueBy: string | null; readonly of: readonly string[] | null; readonly after: readonly [string, string, string] | null; readonly limit: number }): Promise<PayableRow[]> =>
  db.query(`with items as materialized (
       select h.document_id, h.line, h.account, h.party, h.currency, h.date, coalesce(h.due_on, h.date) as due_on, h.whole_quantity - h.taken_quantity as open, h.whole_amount - h.taken_amount as open_base, h.taken_quantity = 0 as is_whole from vouchers.holding h
        where h.book_id = $1 and h.what = 'open' and h.what in ('estimate', 'open') and h.whole_quantity <> h.taken_quantity and h.whole_quantity > h.taken_quantity and h.account = any($2) and ($3::text is null or h.party = $3)
          and ($4::date is null or coalesce(h.due_on, h.date) <= $4) and ($5::text[] is null or h.document_id || '/' || h.line = any($5)) and ($6::date is null or (coalesce(h.due_on, h.date), h.document_id, h.line) > ($6::date, $7::bigint, $8::text))
          and h.party in (select code from masterdata.record where book_id = $1 and kind = 'supplier'))
     select i.document_id as "documentId", i.line, d.source, d.kind, d.source_id as "sourceId", i.account, i.party as supplier, i.currency, i.date, i.due_on as "dueOn", i.open, i.open_base as "openBase", coalesce(d.number, '') as "invoiceNumber", d.terms ->> 'discountUntil' as "discountUntil", d.terms ->> 'discountRate' as "discountRate", d.terms ->> 'discountAmount' as "discountAmount", i.is_whole as "isWhole",
            coalesce((select sum(x.amount) from reconciliation.payment_item x join reconciliation.payment p using (book_id, payment_no) join reconciliation.payment_batch b using (book_id, batch_no)
                       where x.book_id = $1 and x.document_id = i.document_id and x.line = i.line and p.paid_on is null and b.state in ('proposed', 'approved', 'exported')), 0)::bigint as planned
       from items i join lateral (select source, kind, source_id, case when kind <> 'openingBalance' then body::jsonb ->> 'invoiceNumber' end as number, case when kind <> 'openingBalance' then body::jsonb end as terms from documents.document d where d.book_id = $1 and d.document_id = i.document_id order by source_version desc limit 1) d on d.kind = any($9)
      order by i.due_on, i.document_id, i.line limit $10`,
    [bookId, accounts, filter.supplier, filter.dueBy, filter.of, filter.after?.[0] ?? null, filter.after?.[1] ?? null, filter.after?.[2] ?? null, payableKinds, filter.limit]);

/** Money that stands against each supplier's invoices without having cleared them: advances, payments on account, red invoices. Base currency. */
export const sumAgainst = (db: Db, bookId: number, suppliers: readonly string[]): Promise<{ readonly supplier: string; readonly amount: bigint }[]> =>
  db.query(`select h.party as supplier, sum(abs(h.whole_amount - h.taken_amount))::bigint as amount from vouchers.holding h
      left join lateral (select kind from documents.document d where d.book_id = $1 and d.document_id = h.document_id order by source_version desc limit 1) d on true
     where h.book_id = $1 and h.what = 'open' and h.what in ('estimate', 'open') and h.whole_quantity <> h.taken_quantity and h.party = any($2) and (h.whole_quantity < h.taken_quantity or d.kind = 'supplierPayment') group by 1`, [bookId, suppliers]);

export const findSupplierNames = (db: Db, bookId: number, suppliers: readonly string[]): Promise<{ readonly supplier: string; readonly zh: string | null; readonly en: string | null }[]> =>
  db.query("select distinct on (code) code as supplier, body -> 'name' ->> 'zh' as zh, body -> 'name' ->> 'en' as en from masterdata.record where book_id = $1 and kind = 'supplier' and code = any($2) order by code, version desc", [bookId, suppliers]);

// Bank accounts of suppliers ---------------------------------------------------------------------------------------------

export type SupplierAccountRow = {
  readonly accountNo: string; readonly supplier: string; readonly name: string; readonly number: string; readonly bank: string; readonly bankName: string; readonly province: string; readonly city: string; readonly reason: string;
  readonly setAt: string; readonly setBy: string; readonly decidedAt: string | null; readonly decidedBy: string | null; readonly isApproved: boolean | null;
};
const accountColumns = `a.account_no::text as "accountNo", a.supplier, a.name, a.number, a.bank, a.bank_name as "bankName", a.province, a.city, a.reason, a.set_at as "setAt", a.set_by as "setBy", a.decided_at as "decidedAt", a.decided_by as "decidedBy", a.is_approved as "isApproved"`;
/** All rows of these suppliers, the latest first: an approved one is in force until a later one is. */
export const findSupplierAccounts = (db: Db, bookId: number, suppliers: readonly string[]): Promise<SupplierAccountRow[]> =>
  db.query(`select ${accountColumns} from reconciliation.supplier_account a where a.book_id = $1 and a.supplier = any($2) order by a.supplier, a.account_no desc`, [bookId, suppliers]);
export const findPendingAccounts = (db: Db, bookId: number): Promise<SupplierAccountRow[]> =>
  db.query(`select ${accountColumns} from reconciliation.supplier_account a where a.book_id = $1 and a.decided_at is null order by a.account_no`, [bookId]);
export const addSupplierAccount = async (db: Db, bookId: number, row: Pick<SupplierAccountRow, "supplier" | "name" | "number" | "bank" | "bankName" | "province" | "city" | "reason">, at: string, by: string): Promise<string> =>
  (await db.one<{ no: string }>("insert into reconciliation.supplier_account (book_id, supplier, name, number, bank, bank_name, province, city, reason, set_at, set_by) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) returning account_no::text as no",
    [bookId, row.supplier, row.name, row.number, row.bank, row.bankName, row.province, row.city, row.reason, at, by])).no;
export const decideAccount = (db: Db, bookId: number, accountNo: string, isApproved: boolean, at: string, by: string): Promise<{ readonly supplier: string }[]> =>
  db.query("update reconciliation.supplier_account set decided_at = $4, decided_by = $5, is_approved = $3 where book_id = $1 and account_no = $2 and decided_at is null returning supplier", [bookId, accountNo, isApproved, at, by]);
export const isSupplier = async (db: Db, bookId: number, code: string): Promise<boolean> => (await db.query("select from masterdata.record where book_id = $1 and kind = 'supplier' and code = $2 limit 1", [bookId, code])).length > 0;
/** Other suppliers whose approved account is the same. */
export const findSameAccount = (db: Db, bookId: number, supplier: string, number: string): Promise<{ readonly supplier: string }[]> =>
  db.query("select distinct supplier from reconciliation.supplier_account where book_id = $1 and number = $3 and supplier <> $2 and is_approved order by supplier limit 5", [bookId, supplier, number]);

// Approvals of what does not match ---------------------------------------------------------------------------------------

export type InvoiceApprovalRow = { readonly documentId: bigint; readonly findings: string; readonly reason: string; readonly approvedAt: string; readonly approvedBy: string };
/** The latest of each. */
export const findInvoiceApprovals = (db: Db, bookId: number, documents: readonly bigint[]): Promise<InvoiceApprovalRow[]> =>
  db.query(`select distinct on (document_id) document_id as "documentId", findings, reason, approved_at as "approvedAt", approved_by as "approvedBy" from reconciliation.invoice_approval where book_id = $1 and document_id = any($2) order by document_id, approved_at desc`, [bookId, documents]);
export const addInvoiceApproval = (db: Db, bookId: number, row: InvoiceApprovalRow): Promise<unknown> =>
  db.query("insert into reconciliation.invoice_approval (book_id, document_id, findings, reason, approved_at, approved_by) values ($1, $2, $3, $4, $5, $6)", [bookId, row.documentId, row.findings, row.reason, row.approvedAt, row.approvedBy]);

// Batches ----------------------------------------------------------------------------------------------------------------

export type Payer = { readonly name: string; readonly account: string; readonly bank: string; readonly bankName: string };
export type BatchRow = {
  readonly batch: string; readonly bankAccount: string; readonly currency: string; readonly executeOn: string; readonly messageId: string; readonly state: "proposed" | "approved" | "exported" | "paid" | "withdrawn"; readonly note: string; readonly proposedAt: string; readonly proposedBy: string;
  readonly approvedAt: string | null; readonly approvedBy: string | null; readonly exportedAt: string | null; readonly exportedBy: string | null; readonly payer: Payer | null; readonly endedAt: string | null; readonly endedBy: string | null; readonly endReason: string;
  readonly payments: bigint; readonly amount: bigint; readonly paid: bigint;
};
const batchColumns = `b.batch_no::text as batch, b.bank_account as "bankAccount", b.currency, b.execute_on as "executeOn", b.message_id as "messageId", b.state, b.note, b.proposed_at as "proposedAt", b.proposed_by as "proposedBy", b.approved_at as "approvedAt", b.approved_by as "approvedBy",
       b.exported_at as "exportedAt", b.exported_by as "exportedBy", b.payer, b.ended_at as "endedAt", b.ended_by as "endedBy", b.end_reason as "endReason", s.payments, s.amount, s.paid`;
const batchSums = `cross join lateral (select count(*) as payments, coalesce(sum(p.amount), 0)::bigint as amount, coalesce(sum(p.amount) filter (where p.paid_on is not null), 0)::bigint as paid from reconciliation.payment p where p.book_id = b.book_id and p.batch_no = b.batch_no) s`;
export const findBatches = (db: Db, bookId: number, before: string, limit: number, states: readonly string[] | null): Promise<BatchRow[]> =>
  db.query(`select ${batchColumns} from reconciliation.payment_batch b ${batchSums} where b.book_id = $1 and b.batch_no < $2 and ($4::text[] is null or b.state = any($4)) order by b.batch_no desc limit $3`, [bookId, before, limit, states]);
export const findBatch = (db: Db, bookId: number, batch: string): Promise<BatchRow | undefined> => db.maybe(`select ${batchColumns} from reconciliation.payment_batch b ${batchSums} where b.book_id = $1 and b.batch_no = $2`, [bookId, batch]);
/** Numbers without a gap, under the lock of the book's payments. */
export const nextBatch = async (db: Db, bookId: number): Promise<bigint> => (await db.one<{ no: bigint }>("select coalesce(max(batch_no), 0) + 1 as no from reconciliation.payment_batch where book_id = $1", [bookId])).no;
export const addBatch = (db: Db, bookId: number, row: { readonly batch: bigint; readonly bankAccount: string; readonly currency: string; readonly executeOn: string; readonly messageId: string; readonly note: string; readonly at: string; readonly by: string }): Promise<unknown> =>
  db.query("insert into reconciliation.payment_batch (book_id, batch_no, bank_account, currency, execute_on, message_id, state, note, proposed_at, proposed_by) values ($1, $2, $3, $4, $5, $6, 'proposed', $7, $8, $9)", [bookId, row.batch, row.bankAccount, row.currency, row.executeOn, row.messageId, row.note, row.at, row.by]);
export const addPayment = async (db: Db, bookId: number, row: { readonly batch: bigint; readonly supplier: string; readonly accountNo: string; readonly amount: bigint; readonly endToEndId: string }): Promise<string> =>
  (await db.one<{ no: string }>("insert into reconciliation.payment (book_id, batch_no, supplier, account_no, amount, end_to_end_id) values ($1, $2, $3, $4, $5, $6) returning payment_no::text as no", [bookId, row.batch, row.supplier, row.accountNo, row.amount, row.endToEndId])).no;
export const addItems = (db: Db, bookId: number, rows: readonly { readonly payment: string; readonly documentId: bigint; readonly line: string; readonly document: string; readonly dueOn: string; readonly amount: bigint; readonly discount: bigint }[]): Promise<unknown> =>
  db.query("insert into reconciliation.payment_item (book_id, payment_no, document_id, line, document, due_on, amount, discount) select $1, u.* from unnest($2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::date[], $7::bigint[], $8::bigint[]) as u",
    [bookId, rows.map((row) => row.payment), rows.map((row) => row.documentId), rows.map((row) => row.line), rows.map((row) => row.document), rows.map((row) => row.dueOn), rows.map((row) => row.amount), rows.map((row) => row.discount)]);
export const approveBatch = (db: Db, bookId: number, batch: string, at: string, by: string): Promise<unknown[]> =>
  db.query("update reconciliation.payment_batch set state = 'approved', approved_at = $3, approved_by = $4 where book_id = $1 and batch_no = $2 and state = 'proposed' returning 1", [bookId, batch, at, by]);
export const setExported = (db: Db, bookId: number, batch: string, at: string, by: string, payer: Payer): Promise<unknown[]> =>
  db.query("update reconciliation.payment_batch set state = 'exported', exported_at = $3, exported_by = $4, payer = $5 where book_id = $1 and batch_no = $2 and state = 'approved' returning 1", [bookId, batch, at, by, JSON.stringify(payer)]);
export const endBatch = (db: Db, bookId: number, batch: string, state: "withdrawn" | "paid", at: string, by: string, reason: string): Promise<unknown[]> =>
  db.query("update reconciliation.payment_batch set state = $3, ended_at = $4, ended_by = $5, end_reason = $6 where book_id = $1 and batch_no = $2 and state in ('proposed', 'approved', 'exported') returning 1", [bookId, batch, state, at, by, reason]);
export const findLastPayer = (db: Db, bookId: number, bankAccount: string): Promise<{ readonly payer: Payer } | undefined> =>
  db.maybe("select payer from reconciliation.payment_batch where book_id = $1 and bank_account = $2 and payer is not null order by batch_no desc limit 1", [bookId, bankAccount]);

export type ItemRow = { readonly payment: string; readonly documentId: bigint; readonly line: string; readonly document: string; readonly dueOn: string; /** What is cleared of it. */ readonly amount: bigint; /** Kept back of that. */ readonly discount: bigint };
export const findItems = (db: Db, bookId: number, payments: readonly string[]): Promise<ItemRow[]> =>
  db.query(`select payment_no::text as payment, document_id as "documentId", line, document, due_on as "dueOn", amount, discount from reconciliation.payment_item where book_id = $1 and payment_no = any($2::bigint[]) order by payment_no, due_on, document_id, line`, [bookId, payments]);
export type PaymentRow = { readonly payment: string; readonly batch: string; readonly supplier: string; readonly accountNo: string; readonly amount: bigint; readonly endToEndId: string; readonly paidOn: string | null; readonly paidBy: string | null; readonly account: SupplierAccountRow };
const paymentColumns = `p.payment_no::text as payment, p.batch_no::text as batch, p.supplier, p.account_no::text as "accountNo", p.amount, p.end_to_end_id as "endToEndId", p.paid_on as "paidOn", p.paid_by as "paidBy",
       json_build_object('accountNo', a.account_no::text, 'supplier', a.supplier, 'name', a.name, 'number', a.number, 'bank', a.bank, 'bankName', a.bank_name, 'province', a.province, 'city', a.city, 'setAt', a.set_at, 'setBy', a.set_by, 'decidedAt', a.decided_at, 'decidedBy', a.decided_by, 'isApproved', a.is_approved) as account`;
export const findPayments = (db: Db, bookId: number, batch: string): Promise<PaymentRow[]> =>
  db.query(`select ${paymentColumns} from reconciliation.payment p join reconciliation.supplier_account a using (book_id, account_no) where p.book_id = $1 and p.batch_no = $2 order by p.payment_no`, [bookId, batch]);

// Settling ---------------------------------------------------------------------------------------------------------------

export type UnpaidRow = { readonly payment: string; readonly batch: string; readonly supplier: string; readonly amount: bigint; readonly endToEndId: string; readonly bankAccount: string; readonly currency: string };
export const findUnpaid = (db: Db, bookId: number): Promise<UnpaidRow[]> =>
  db.query(`select p.payment_no::text as payment, p.batch_no::text as batch, p.supplier, p.amount, p.end_to_end_id as "endToEndId", b.bank_account as "bankAccount", b.currency from reconciliation.payment p join reconciliation.payment_batch b using (book_id, batch_no)
     where p.book_id = $1 and b.state = 'exported' and p.paid_on is null order by p.payment_no`, [bookId]);
/** Posted payments that clear exactly what one of ours pays, or carry its id, and settle no other of ours. */
export const findPayingDocuments = (db: Db, bookId: number, payments: readonly string[]): Promise<{ readonly payment: string; readonly document: string; readonly date: string }[]> =>
  db.query(`with wanted as materialized (select p.payment_no, p.supplier, p.amount, p.end_to_end_id, (select count(*) from reconciliation.payment_item x where x.book_id = $1 and x.payment_no = p.payment_no) as items, b.approved_at from reconciliation.payment p join reconciliation.payment_batch b using (book_id, batch_no) where p.book_id = $1 and p.payment_no = any($2::bigint[])),
       linked as (select w.payment_no, k.document_id from wanted w join reconciliation.payment_item x on x.book_id = $1 and x.payment_no = w.payment_no join documents.link k on k.book_id = $1 and k.target_id = x.document_id and k.target_line = x.line and k.kind = 'supplierPayment' and k.amount = x.amount group by w.payment_no, w.items, k.document_id having count(distinct (x.document_id, x.line)) = max(w.items)),
       own as (select w.payment_no, d.document_id from wanted w join documents.document d on d.book_id = $1 and d.source_id = w.end_to_end_id and d.kind = 'supplierPayment')
     select distinct on (c.payment_no) c.payment_no::text as payment, d.source || ':' || d.kind || '/' || d.source_id as document, d.date from (select * from own union select * from linked) c join wanted w using (payment_no)
       join documents.document d on d.book_id = $1 and d.document_id = c.document_id and d.state = 'posted' and d.party = w.supplier and d.received_at >= w.approved_at
      where not exists (select from reconciliation.payment o where o.book_id = $1 and o.paid_by = d.source || ':' || d.kind || '/' || d.source_id) order by c.payment_no, d.document_id`, [bookId, payments]);
/** What the bank shows under our id: out, to the cent. */
export const findPayingMovements = (db: Db, bookId: number, payments: readonly string[]): Promise<{ readonly payment: string; readonly bookedOn: string }[]> =>
  db.query(`select distinct on (p.payment_no) p.payment_no::text as payment, m.booked_on as "bookedOn" from reconciliation.payment p join reconciliation.payment_batch b using (book_id, batch_no)
       join reconciliation.movement m on m.book_id = p.book_id and m.bank_account = b.bank_account and m.currency = b.currency and m.amount = -p.amount and m.state in ('open', 'matched')
        and (m.reference = p.end_to_end_id or m.text ~ ('(^|[^0-9A-Za-z-])' || p.end_to_end_id || '($|[^0-9A-Za-z-])')) and m.booked_on >= b.approved_at::date - 1
      where p.book_id = $1 and p.payment_no = any($2::bigint[]) order by p.payment_no, m.booked_on, m.movement_no`, [bookId, payments]);
export const setPaid = (db: Db, bookId: number, payment: string, on: string, by: string): Promise<unknown> =>
  db.query("update reconciliation.payment set paid_on = $3, paid_by = $4 where book_id = $1 and payment_no = $2 and paid_on is null", [bookId, payment, on, by]);
export const findDone = (db: Db, bookId: number): Promise<{ readonly batch: string }[]> =>
  db.query("select b.batch_no::text as batch from reconciliation.payment_batch b where b.book_id = $1 and b.state = 'exported' and not exists (select from reconciliation.payment p where p.book_id = $1 and p.batch_no = b.batch_no and p.paid_on is null)", [bookId]);
