/** What the gates of closing read, templates of amortisation, runs of closing, proofs. */
import type { Db } from "../../platform/index.ts";

/** Documents of these kinds that came into a period after a run did: what the run could not know. */
export const countAfter = async (db: Db, bookId: number, period: string, kinds: readonly string[], run: { readonly source: string; readonly kind: string; readonly sourceId: string }): Promise<number> =>
  Number((await db.one<{ n: bigint }>(`select count(*) as n from (select 1 from documents.document d where d.book_id = $1 and d.period = $2 and d.kind = any($3) and d.state = 'posted'
      and d.document_id > (select max(document_id) from documents.document r where r.book_id = $1 and r.source_id = $6 and r.kind = $5 and r.source = $4) limit 1000) t`, [bookId, period, kinds, run.source, run.kind, run.sourceId])).n);
/** Accounts with a balance in a foreign currency at the end of a period. */
export const countForeign = async (db: Db, bookId: number, period: string, base: string): Promise<number> =>
  Number((await db.one<{ n: bigint }>(`select count(*) as n from (select account, currency from vouchers.balance_cache where book_id = $1 and period <= $2 and currency <> $3 group by 1, 2 having sum(debit_original - credit_original) <> 0) t`, [bookId, period, base])).n);
export const sumAccounts = async (db: Db, bookId: number, period: string, accounts: readonly string[]): Promise<{ readonly account: string; readonly balance: bigint }[]> =>
  db.query(`select account, sum(debit - credit)::bigint as balance from vouchers.balance_cache where book_id = $1 and period <= $2 and account = any($3) group by 1 having sum(debit - credit) <> 0 order by 1`, [bookId, period, accounts]);
export const countDeliveries = (db: Db, bookId: number, period: string): Promise<{ readonly flows: bigint; readonly all: bigint; readonly open: bigint; readonly bad: bigint; readonly drifts: bigint }> =>
  db.one(`select (select count(*) from connectors.flow where book_id = $1 and direction = 'out') as flows, count(*) filter (where state not in ('ignored', 'replaced', 'voided')) as all, count(*) filter (where state in ('pending', 'sending', 'sent')) as open,
            count(*) filter (where state in ('rejected', 'unknown', 'held')) as bad, count(*) filter (where state = 'drifted') as drifts from delivery.delivery where book_id = $1 and period = $2`, [bookId, period]);
export const countLetters = async (db: Db, bookId: number): Promise<number> => Number((await db.one<{ n: bigint }>("select count(*) as n from connectors.dead_letter where book_id = $1 and status = 'open'", [bookId])).n);
/** Differences between business and books that stand, and the last comparison with what it had seen. */
export const findDifferences = (db: Db, bookId: number, period: string): Promise<{ readonly at: string | null; readonly head: string | null; readonly open: bigint; readonly amount: bigint }> =>
  db.one(`select (select at from reconciliation.run where book_id = $1 order by run_no desc limit 1) as at, (select head from reconciliation.run where book_id = $1 order by run_no desc limit 1) as head,
            count(*) as open, coalesce(sum(abs(amount)), 0)::bigint as amount from reconciliation.difference where book_id = $1 and state = 'open' and part = 'books' and period <= $2`, [bookId, period]);
/** Where items are open and where accounts stand: both sides of receivables and payables. */
export const findOpenAgainstBooks = (db: Db, bookId: number): Promise<{ readonly account: string; readonly items: bigint; readonly books: bigint }[]> =>
  db.query(`with items as (select account, sum(whole_amount - taken_amount)::bigint as amount from vouchers.holding where book_id = $1 and what = 'open' and what in ('estimate', 'open') and whole_quantity <> taken_quantity group by 1),
       booked as (select account, abs(sum(debit - credit))::bigint as amount from vouchers.balance_cache where book_id = $1 and account in (select account from items) group by 1)
     select i.account, i.amount as items, coalesce(b.amount, 0) as books from items i left join booked b using (account) order by 1`, [bookId]);

// Amortisation -----------------------------------------------------------------------------------------------------------

export type Side = { readonly account: string; readonly dimensions: Readonly<Record<string, string>> };
export type AmortisationRow = { readonly code: string; readonly name: string; readonly total: bigint; readonly months: number; readonly firstPeriod: string; readonly debit: Side; readonly credit: Side; readonly setAt: string; readonly setBy: string; readonly endedAfter: string | null; readonly done: readonly string[] };
/** With the periods whose document is there. */
export const findAmortisations = (db: Db, bookId: number): Promise<AmortisationRow[]> =>
  db.query(`select a.code, a.name, a.total, a.months, a.first_period as "firstPeriod", a.debit, a.credit, a.set_at as "setAt", a.set_by as "setBy", a.ended_after as "endedAfter",
         array(select right(d.source_id, 7) from documents.document d where d.book_id = $1 and d.source_id >= 'amortise-' || a.code || '-' and d.source_id < 'amortise-' || a.code || '.' and d.source_id ~ ('^amortise-' || regexp_replace(a.code, '\\.', '\\.', 'g') || '-\\d{4}-\\d{2}$')
                  and d.kind = 'manualVoucher' and d.source = 'tieout' and d.state <> 'superseded' order by 1) as done
       from reconciliation.amortisation a where a.book_id = $1 order by a.ended_after nulls first, a.code`, [bookId]);
export const addAmortisation = async (db: Db, bookId: number, row: Omit<AmortisationRow, "done" | "endedAfter">): Promise<boolean> =>
  (await db.query("insert into reconciliation.amortisation (book_id, code, name, total, months, first_period, debit, credit, set_at, set_by) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing returning 1",
    [bookId, row.code, row.name, row.total, row.months, row.firstPeriod, JSON.stringify(row.debit), JSON.stringify(row.credit), row.setAt, row.setBy])).length > 0;
export const endAmortisation = async (db: Db, bookId: number, code: string, after: string): Promise<boolean> =>
  (await db.query("update reconciliation.amortisation set ended_after = $3 where book_id = $1 and code = $2 and ended_after is null returning 1", [bookId, code, after])).length > 0;

// Runs and proofs --------------------------------------------------------------------------------------------------------

export const startRun = async (db: Db, bookId: number, period: string, at: string, by: string): Promise<string> =>
  (await db.one<{ no: string }>("insert into reconciliation.close_run (book_id, period, started_at, started_by) values ($1, $2, $3, $4) returning run_no::text as no", [bookId, period, at, by])).no;
export const saveSteps = (db: Db, bookId: number, run: string, steps: string): Promise<unknown> => db.query("update reconciliation.close_run set steps = $3 where book_id = $1 and run_no = $2", [bookId, run, steps]);
export const endRun = (db: Db, bookId: number, run: string, outcome: string, at: string): Promise<unknown> => db.query("update reconciliation.close_run set outcome = $3, ended_at = $4 where book_id = $1 and run_no = $2", [bookId, run, outcome, at]);
export const findRuns = (db: Db, bookId: number, period: string): Promise<{ readonly run: string; readonly startedAt: string; readonly startedBy: string; readonly endedAt: string | null; readonly outcome: string | null; readonly steps: unknown }[]> =>
  db.query(`select run_no::text as run, started_at as "startedAt", started_by as "startedBy", ended_at as "endedAt", outcome, steps from reconciliation.close_run where book_id = $1 and period = $2 order by run_no desc limit 10`, [bookId, period]);
export const tryCloseLock = async (db: Db, bookId: number): Promise<boolean> => (await db.one<{ got: boolean }>("select pg_try_advisory_lock(hashtext('reconciliation.close'), $1) as got", [bookId])).got;
export const dropCloseLock = (db: Db, bookId: number): Promise<unknown> => db.query("select pg_advisory_unlock(hashtext('reconciliation.close'), $1)", [bookId]);

export const addProof = (db: Db, bookId: number, row: { readonly at: string; readonly by: string; readonly block: bigint | number; readonly anchored: bigint | number; readonly vouchers: bigint | number; readonly findings: number }): Promise<unknown> =>
  db.query("insert into reconciliation.proof (book_id, at, by, block_no, anchored, vouchers, findings) values ($1, $2, $3, $4, $5, $6, $7)", [bookId, row.at, row.by, row.block, row.anchored, row.vouchers, row.findings]);
export const findProof = (db: Db, bookId: number): Promise<{ readonly at: string; readonly by: string; readonly block: bigint; readonly anchored: bigint; readonly vouchers: bigint; readonly findings: number } | undefined> =>
  db.maybe(`select at, by, block_no as block, anchored, vouchers, findings from reconciliation.proof where book_id = $1 order by proof_no desc limit 1`, [bookId]);
export const findHeadBlock = async (db: Db, bookId: number): Promise<bigint> => (await db.one<{ block: bigint }>("select block_no as block from vouchers.head where book_id = $1", [bookId])).block;
