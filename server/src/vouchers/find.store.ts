/** SQL of the voucher list: one period at a time, newest first, so that every page is a short range of an index. */
import type { Db } from "../platform/index.ts";

export type FoundRow = {
  voucherId: bigint; period: string; series: string; number: number; date: string; summary: string; attachments: number; debitTotal: bigint; rule: string; ruleVersion: number;
  preparedBy: string; reviewedBy: string; postedBy: string; postedAt: string; document: string | null; reversalOf: string | null;
};

/** Conditions besides the period; what is undefined is not asked. */
export type FindConditions = {
  readonly series?: string | undefined;
  readonly number?: number | undefined;
  readonly text?: string | undefined;
  readonly rule?: string | undefined;
  readonly preparedBy?: string | undefined;
  readonly reviewedBy?: string | undefined;
  readonly voucherIds?: readonly bigint[] | undefined;
  /** Minor units: the total of the voucher, or one of its lines. */
  readonly amount?: bigint | undefined;
  /** Accounts that take entries: one of them stands on a line. */
  readonly accounts?: readonly string[] | undefined;
  /** Dimension sets: one of them stands on a line, of one of `accounts` where both are asked. */
  readonly sets?: readonly number[] | undefined;
};

/** Periods with vouchers, latest first; with accounts or dimension sets those in which these moved. */
export const findPeriods = (db: Db, bookId: number, from: string, to: string, wanted: Pick<FindConditions, "accounts" | "sets">): Promise<{ period: string }[]> =>
  wanted.accounts === undefined && wanted.sets === undefined
    ? db.query("select distinct period from vouchers.counter where book_id = $1 and period between $2 and $3 order by period desc", [bookId, from, to])
    : db.query(
        `select distinct period from vouchers.balance_cache
          where book_id = $1 and period between $2 and $3 and ($4::text[] is null or account = any($4)) and ($5::int[] is null or dimension_set_id = any($5)) order by period desc`, [bookId, from, to, wanted.accounts ?? null, wanted.sets ?? null]);

export type Way = "older" | "newer";

/** Vouchers of one period beyond a voucher's id: older ones newest first, newer ones oldest first. */
export function findInPeriod(db: Db, bookId: number, period: string, wanted: FindConditions, way: Way, beyond: bigint | null, limit: number): Promise<FoundRow[]> {
  const values: unknown[] = [bookId, period, limit];
  const p = (value: unknown): string => `$${values.push(value)}`;
  const lineOf = (where: string): string => `v.voucher_id in (select l.voucher_id from vouchers.line l where l.book_id = $1 and l.period = $2 and ${where})`;
  const conditions = [
    beyond === null ? "" : `v.voucher_id ${way === "older" ? "<" : ">"} ${p(beyond)}`,
    wanted.series === undefined ? "" : `v.series = ${p(wanted.series)}`,
    wanted.number === undefined ? "" : `v.number = ${p(wanted.number)}`,
    wanted.rule === undefined ? "" : `v.rule = ${p(wanted.rule)}`,
    wanted.preparedBy === undefined ? "" : `v.prepared_by = ${p(wanted.preparedBy)}`,
    wanted.reviewedBy === undefined ? "" : `v.reviewed_by = ${p(wanted.reviewedBy)}`,
    wanted.voucherIds === undefined ? "" : `v.voucher_id = any(${p(wanted.voucherIds)})`,
    wanted.text === undefined ? "" : `position(lower(${p(wanted.text)}) in lower(v.summary)) > 0`,
    wanted.amount === undefined ? "" : amountIs(p(wanted.amount)),
    wanted.sets !== undefined
      ? `v.voucher_id in (select l.voucher_id from vouchers.balance_cache b join vouchers.line l on l.book_id = b.book_id and l.period = b.period and l.account = b.account and l.dimension_set_id = b.dimension_set_id
                           where b.book_id = $1 and b.period = $2 and l.period = $2 and b.dimension_set_id = any(${p(wanted.sets)})${wanted.accounts === undefined ? "" : ` and b.account = any(${p(wanted.accounts)})`})`
      : wanted.accounts === undefined ? "" : lineOf(`l.account = any(${p(wanted.accounts)})`),
  ].filter((condition) => condition !== "").map((condition) => `\n        and ${condition}`).join("");
  return db.query(
    `select v.voucher_id as "voucherId", v.period, v.series, v.number, v.date, v.summary, v.attachments, v.debit_total as "debitTotal", v.rule, v.rule_version as "ruleVersion",
            v.prepared_by as "preparedBy", v.reviewed_by as "reviewedBy", v.posted_by as "postedBy", v.posted_at as "postedAt",
            (select d.source || ':' || d.kind || '/' || d.source_id from documents.document d where d.book_id = v.book_id and d.document_id = v.document_id limit 1) as document,
            (select r.period || '/' || r.series || '-' || r.number from vouchers.voucher r where r.book_id = v.book_id and r.voucher_id = v.reversal_of) as "reversalOf"
       from vouchers.voucher v
      where v.book_id = $1 and v.period = $2${conditions}
      order by v.voucher_id ${way === "older" ? "desc" : "asc"} limit $3`, values);
}

const amountIs = (amount: string): string =>
  `(v.debit_total = ${amount} or v.voucher_id in (select l.voucher_id from vouchers.line l where l.book_id = $1 and l.period = $2 and (l.debit = ${amount} or l.credit = ${amount})))`;

/** Dimension sets that name the value under any of these names. */
export const findSetsNaming = (db: Db, bookId: number, names: readonly string[], value: string): Promise<{ id: number }[]> =>
  db.query("select dimension_set_id as id from vouchers.dimension_set where book_id = $1 and exists (select from unnest($2::text[]) as n where dimensions ->> n = $3)", [bookId, names, value]);

/** The vouchers of a document: those its events made, and those a person reviewed. */
export const findVoucherIdsOf = (db: Db, bookId: number, documentId: bigint): Promise<{ voucherId: bigint }[]> =>
  db.query(
    `select unnest(voucher_ids) as "voucherId" from vouchers.event where book_id = $1 and document_id = $2
      union select voucher_id from vouchers.draft where book_id = $1 and document_id = $2 and voucher_id is not null`, [bookId, documentId]);

export const findPeriodsOfVouchers = (db: Db, bookId: number, voucherIds: readonly bigint[]): Promise<{ period: string }[]> =>
  db.query("select distinct period from vouchers.voucher where book_id = $1 and voucher_id = any($2) order by period desc", [bookId, voucherIds]);

export type Neighbour = { period: string; series: string; number: number };
/** The voucher before or after this one in the order of the list. */
export async function findNeighbours(db: Db, bookId: number, period: string, voucherId: bigint): Promise<{ older: Neighbour | undefined; newer: Neighbour | undefined }> {
  const rows = await db.query<Neighbour & { way: Way }>(
    `(select 'older' as way, period, series, number from vouchers.voucher where book_id = $1 and (period, voucher_id) < ($2, $3) order by period desc, voucher_id desc limit 1)
      union all (select 'newer', period, series, number from vouchers.voucher where book_id = $1 and (period, voucher_id) > ($2, $3) order by period, voucher_id limit 1)`, [bookId, period, voucherId]);
  return { older: rows.find(({ way }) => way === "older"), newer: rows.find(({ way }) => way === "newer") };
}

/** Series in use. */
export const findSeries = (db: Db, bookId: number): Promise<{ series: string }[]> => db.query("select distinct series from vouchers.counter where book_id = $1 order by series", [bookId]);

/** Signed closing of one account in these sets (null: all), debit positive, and what moved in the period. */
export const findStanding = (db: Db, bookId: number, account: string, sets: readonly number[] | null): Promise<{ balance: bigint }> =>
  db.one(`select coalesce(sum(debit - credit), 0)::bigint as balance from vouchers.balance_cache where book_id = $1 and period = any(select distinct period from vouchers.counter where book_id = $1) and account = $2
             and ($3::int[] is null or dimension_set_id = any($3))`, [bookId, account, sets]);
