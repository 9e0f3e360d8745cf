/** Statements, movements, matches, and the lines of the books on a bank account. */
import type { Db } from "../../platform/index.ts";

/** Two people, or a person and the matcher, never decide about one account at once. */
export const lockAccount = (db: Db, bookId: number, bankAccount: string): Promise<unknown> => db.query("select pg_advisory_xact_lock(hashtext('reconciliation.bank'), hashtext($1))", [`${bookId} ${bankAccount}`]);

export type StatementRow = { readonly statement: string; readonly bankAccount: string; readonly format: string; readonly name: string; readonly currency: string; readonly firstOn: string; readonly lastOn: string; readonly opening: bigint | null; readonly closing: bigint | null; readonly takenAt: string; readonly takenBy: string };
const statementColumns = `statement_no::text as statement, bank_account as "bankAccount", format, name, currency, first_on as "firstOn", last_on as "lastOn", opening, closing, taken_at as "takenAt", taken_by as "takenBy"`;
export const addStatement = async (db: Db, bookId: number, s: Omit<StatementRow, "statement">): Promise<string> =>
  (await db.one<{ no: string }>("insert into reconciliation.statement (book_id, bank_account, format, name, currency, first_on, last_on, opening, closing, taken_at, taken_by) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) returning statement_no::text as no",
    [bookId, s.bankAccount, s.format, s.name, s.currency, s.firstOn, s.lastOn, s.opening, s.closing, s.takenAt, s.takenBy])).no;
export const listStatements = (db: Db, bookId: number, bankAccount: string | null): Promise<StatementRow[]> => db.query(`select ${statementColumns} from reconciliation.statement where book_id = $1 and ($2::text is null or bank_account = $2) order by last_on desc, statement_no desc limit 500`, [bookId, bankAccount]);

export type MovementRow = { readonly movement: string; readonly bankAccount: string; readonly bookedOn: string; readonly amount: bigint; readonly currency: string; readonly reference: string; readonly text: string; readonly name: string; readonly counterAccount: string; readonly state: string; readonly reason: string };
const movementColumns = `movement_no::text as movement, bank_account as "bankAccount", booked_on as "bookedOn", amount, currency, reference, text, name, counter_account as "counterAccount", state, reason`;
/** Movements that are there already, from an overlapping file, are left alone. Answers how many were new. */
export const addMovements = async (db: Db, bookId: number, statement: string, bankAccount: string, currency: string, rows: readonly { readonly key: string; readonly bookedOn: string; readonly amount: bigint; readonly reference: string; readonly text: string; readonly name: string; readonly counterAccount: string }[]): Promise<number> =>
  (await db.query(`insert into reconciliation.movement (book_id, statement_no, bank_account, key, booked_on, amount, currency, reference, text, name, counter_account)
     select $1, $2, $3, u.key, u.booked_on, u.amount, $4, u.reference, u.text, u.name, u.counter from unnest($5::text[], $6::date[], $7::bigint[], $8::text[], $9::text[], $10::text[], $11::text[]) as u (key, booked_on, amount, reference, text, name, counter)
     on conflict (book_id, bank_account, key) do nothing returning 1`,
    [bookId, statement, bankAccount, currency, rows.map((row) => row.key), rows.map((row) => row.bookedOn), rows.map((row) => row.amount), rows.map((row) => row.reference), rows.map((row) => row.text), rows.map((row) => row.name), rows.map((row) => row.counterAccount)])).length;
export const findOpenMovements = (db: Db, bookId: number, bankAccount: string): Promise<MovementRow[]> => db.query(`select ${movementColumns} from reconciliation.movement where book_id = $1 and bank_account = $2 and state = 'open' order by booked_on, movement_no`, [bookId, bankAccount]);
export const findMovements = (db: Db, bookId: number, bankAccount: string, movements: readonly string[]): Promise<MovementRow[]> => db.query(`select ${movementColumns} from reconciliation.movement where book_id = $1 and bank_account = $2 and movement_no = any($3::bigint[]) order by movement_no`, [bookId, bankAccount, movements]);
export const setMovements = (db: Db, bookId: number, movements: readonly string[], state: string, reason: string): Promise<unknown> => db.query("update reconciliation.movement set state = $3, reason = $4 where book_id = $1 and movement_no = any($2::bigint[])", [bookId, movements, state, reason]);

export type BookLineRow = { readonly period: string; readonly voucherId: bigint; readonly lineNo: number; readonly date: string; readonly series: string; readonly number: number; readonly amount: bigint; readonly currency: string; readonly summary: string; readonly kind: string; readonly source: string; readonly sourceId: string; readonly party: string; /** What its document names, as it was written. */ readonly links: readonly { readonly to?: unknown }[] | null };
/** Signed like a movement: in is positive. The opening balance is where the count begins, not something the bank shows. */
const bookLine = `l.period, l.voucher_id as "voucherId", l.line_no as "lineNo", v.date, v.series, v.number, l.currency, coalesce(l.summary, v.summary) as summary,
       case when l.currency = $3 then l.debit - l.credit when l.debit <> 0 then l.amount_original else -l.amount_original end as amount, coalesce(d.kind, '') as kind, coalesce(d.source, '') as source, coalesce(d.source_id, '') as "sourceId", coalesce(d.party, '') as party,
       d.links`;
const fromBook = `from vouchers.dimension_set s join vouchers.line l on l.book_id = s.book_id and l.dimension_set_id = s.dimension_set_id join vouchers.voucher v on v.book_id = l.book_id and v.voucher_id = l.voucher_id
       left join lateral (select kind, source, source_id, party, body::jsonb -> 'links' as links from documents.document d where d.book_id = l.book_id and d.document_id = v.document_id order by source_version desc limit 1) d on true
      where s.book_id = $1 and s.dimensions ->> 'bankAccount' = $2`;
/** A voucher and its reversal, of which neither met anything at the bank, leave nothing to look for there. */
const notTakenBack = (upTo: string): string => {
  const unmatched = (of: string): string => `and not exists (select from reconciliation.matched_line rm join reconciliation.bank_match rb using (book_id, match_no) where rm.book_id = l.book_id and rm.voucher_id = ${of}.voucher_id and rb.undone_at is null)`;
  return `and not exists (select from vouchers.voucher r where r.book_id = l.book_id and r.reversal_of = l.voucher_id ${upTo} ${unmatched("r")})
        and not (v.reversal_of is not null and exists (select from vouchers.voucher r where r.book_id = l.book_id and r.voucher_id = v.reversal_of ${upTo} ${unmatched("r")}))`;
};
export const findOpenLines = (db: Db, bookId: number, bankAccount: string, baseCurrency: string): Promise<BookLineRow[]> =>
  db.query(`select ${bookLine} ${fromBook} and coalesce(d.kind, '') <> 'openingBalance'
        and not exists (select from reconciliation.matched_line m join reconciliation.bank_match b using (book_id, match_no) where m.book_id = l.book_id and m.period = l.period and m.voucher_id = l.voucher_id and m.line_no = l.line_no and b.undone_at is null)
        ${notTakenBack("")}
      order by v.date, l.voucher_id, l.line_no`, [bookId, bankAccount, baseCurrency]);
/** What the books hold at the end of a day, in the account's currency. */
export const sumOfBooks = async (db: Db, bookId: number, bankAccount: string, baseCurrency: string, at: string): Promise<bigint> =>
  BigInt((await db.one<{ sum: string }>(`select coalesce(sum(amount), 0)::text as sum from (select ${bookLine} ${fromBook} and v.date <= $4) t`, [bookId, bankAccount, baseCurrency, at])).sum);
/** The newest statement that ends by then. */
export const statementAt = (db: Db, bookId: number, bankAccount: string, at: string): Promise<StatementRow | undefined> =>
  db.maybe(`select ${statementColumns} from reconciliation.statement where book_id = $1 and bank_account = $2 and last_on <= $3 and closing is not null order by last_on desc, statement_no desc limit 1`, [bookId, bankAccount, at]);
export const sumOfMovements = async (db: Db, bookId: number, bankAccount: string, after: string, upTo: string): Promise<bigint> =>
  BigInt((await db.one<{ sum: string }>("select coalesce(sum(amount), 0)::text as sum from reconciliation.movement where book_id = $1 and bank_account = $2 and booked_on > $3 and booked_on <= $4", [bookId, bankAccount, after, upTo])).sum);
/** Not matched at the end of a day: open then, or matched with what came later. */
export const findOutstandingMovements = (db: Db, bookId: number, bankAccount: string, at: string): Promise<MovementRow[]> =>
  db.query(`select ${movementColumns} from reconciliation.movement x where book_id = $1 and bank_account = $2 and booked_on <= $3 and state <> 'ignored'
       and not exists (select from reconciliation.matched_movement mm join reconciliation.bank_match b using (book_id, match_no) join reconciliation.matched_line ml using (book_id, match_no) join vouchers.voucher v on v.book_id = ml.book_id and v.voucher_id = ml.voucher_id
                        where mm.book_id = x.book_id and mm.movement_no = x.movement_no and b.undone_at is null and v.date <= $3) order by booked_on, movement_no`, [bookId, bankAccount, at]);
export const findOutstandingLines = (db: Db, bookId: number, bankAccount: string, baseCurrency: string, at: string): Promise<BookLineRow[]> =>
  db.query(`select ${bookLine} ${fromBook} and coalesce(d.kind, '') <> 'openingBalance' and v.date <= $4
        and not exists (select from reconciliation.matched_line m join reconciliation.bank_match b using (book_id, match_no) join reconciliation.matched_movement mm using (book_id, match_no) join reconciliation.movement x on x.book_id = mm.book_id and x.movement_no = mm.movement_no
                         where m.book_id = l.book_id and m.period = l.period and m.voucher_id = l.voucher_id and m.line_no = l.line_no and b.undone_at is null and x.booked_on <= $4)
        ${notTakenBack("and r.date <= $4")}
      order by v.date, l.voucher_id, l.line_no`, [bookId, bankAccount, baseCurrency, at]);
/** By how much matched sides differ (fees kept, rounding), of what both sides had by then. */
export const sumOfDifferences = async (db: Db, bookId: number, bankAccount: string, at: string): Promise<bigint> =>
  BigInt((await db.one<{ sum: string }>(`select coalesce(sum(b.difference), 0)::text as sum from reconciliation.bank_match b where b.book_id = $1 and b.undone_at is null
       and exists (select from reconciliation.matched_movement mm join reconciliation.movement x using (book_id, movement_no) where mm.book_id = b.book_id and mm.match_no = b.match_no and x.bank_account = $2 and x.booked_on <= $3)
       and exists (select from reconciliation.matched_line ml join vouchers.voucher v on v.book_id = ml.book_id and v.voucher_id = ml.voucher_id where ml.book_id = b.book_id and ml.match_no = b.match_no and v.date <= $3)`, [bookId, bankAccount, at])).sum);

export type LineKey = { readonly period: string; readonly voucherId: bigint; readonly lineNo: number };
/** Several at once, each with its movements and lines. */
export async function addMatches(db: Db, bookId: number, matches: readonly { readonly step: string; readonly difference: bigint; readonly reason: string; /** Made for it. */ readonly document: string | null; readonly movements: readonly string[]; readonly lines: readonly LineKey[] }[], at: string, by: string): Promise<string[]> {
  if (matches.length === 0) return [];
  const numbers = (await db.query<{ no: string }>(`insert into reconciliation.bank_match (book_id, step, difference, made_at, made_by, reason, document) select $1, u.step, u.difference, $4, $5, u.reason, u.document from unnest($2::text[], $3::bigint[], $6::text[], $7::text[]) with ordinality as u (step, difference, reason, document, place) order by place returning match_no::text as no`,
    [bookId, matches.map(({ step }) => step), matches.map(({ difference }) => difference), at, by, matches.map(({ reason }) => reason), matches.map(({ document }) => document)])).map(({ no }) => no);
  const movements = matches.flatMap((match, index) => match.movements.map((movement) => [numbers[index] as string, movement] as const));
  const lines = matches.flatMap((match, index) => match.lines.map((line) => [numbers[index] as string, line] as const));
  await db.query("insert into reconciliation.matched_movement (book_id, match_no, movement_no) select $1, * from unnest($2::bigint[], $3::bigint[])", [bookId, movements.map(([no]) => no), movements.map(([, movement]) => movement)]);
  await db.query("insert into reconciliation.matched_line (book_id, match_no, period, voucher_id, line_no) select $1, * from unnest($2::bigint[], $3::text[], $4::bigint[], $5::int[])", [bookId, lines.map(([no]) => no), lines.map(([, { period }]) => period), lines.map(([, { voucherId }]) => voucherId), lines.map(([, { lineNo }]) => lineNo)]);
  await setMovements(db, bookId, movements.map(([, movement]) => movement), "matched", "");
  return numbers;
}
export type MatchRow = { readonly match: string; readonly step: string; readonly difference: bigint; readonly madeAt: string; readonly madeBy: string; readonly reason: string; readonly undoneAt: string | null; readonly undoneBy: string | null; /** Made for it. */ readonly document: string | null; readonly movements: readonly string[]; readonly lines: readonly string[] };
export const listMatches = (db: Db, bookId: number, bankAccount: string, after: string, limit: number): Promise<MatchRow[]> =>
  db.query(`select b.match_no::text as match, b.step, b.difference, b.made_at as "madeAt", b.made_by as "madeBy", b.reason, b.undone_at as "undoneAt", b.undone_by as "undoneBy", b.document,
         (select array_agg(m.movement_no::text order by m.movement_no) from reconciliation.matched_movement m where m.book_id = b.book_id and m.match_no = b.match_no) as movements,
         coalesce((select array_agg(l.period || '/' || v.series || '-' || v.number || '/' || l.line_no order by l.voucher_id, l.line_no) from reconciliation.matched_line l join vouchers.voucher v on v.book_id = l.book_id and v.voucher_id = l.voucher_id where l.book_id = b.book_id and l.match_no = b.match_no), '{}') as lines
       from reconciliation.bank_match b where b.book_id = $1 and b.match_no < $3 and exists (select from reconciliation.matched_movement m join reconciliation.movement x using (book_id, movement_no) where m.book_id = b.book_id and m.match_no = b.match_no and x.bank_account = $2) order by b.match_no desc limit $4`, [bookId, bankAccount, after, limit]);
/** Answers its movements; none when it is not there or was undone before. */
export const undoMatch = async (db: Db, bookId: number, match: string, at: string, by: string): Promise<string[]> => {
  const undone = await db.query("update reconciliation.bank_match set undone_at = $3, undone_by = $4 where book_id = $1 and match_no = $2 and undone_at is null returning 1", [bookId, match, at, by]);
  return undone.length === 0 ? [] : (await db.query<{ movement: string }>("select movement_no::text as movement from reconciliation.matched_movement where book_id = $1 and match_no = $2", [bookId, match])).map(({ movement }) => movement);
};

export const findParties = (db: Db, bookId: number): Promise<{ readonly party: string; readonly names: readonly string[] }[]> =>
  db.query(`select code as party, array_agg(distinct n) as names from masterdata.record r cross join lateral (values (r.body -> 'name' ->> 'zh'), (r.body -> 'name' ->> 'en')) as v (n) where r.book_id = $1 and r.kind in ('customer', 'supplier') group by code order by code`, [bookId]);
export type PayerRow = { readonly party: string; readonly partyName: string; readonly name: string; readonly account: string; readonly learnedAt: string; readonly learnedBy: string };
export const findPayers = (db: Db, bookId: number): Promise<PayerRow[]> =>
  db.query(`select party, coalesce((select coalesce(r.body -> 'name' ->> 'zh', r.body -> 'name' ->> 'en') from masterdata.record r where r.book_id = p.book_id and r.kind in ('customer', 'supplier') and r.code = p.party order by version desc limit 1), '') as "partyName", name, account, learned_at as "learnedAt", learned_by as "learnedBy"
     from reconciliation.payer p where book_id = $1 and forgotten_at is null order by party, name, account`, [bookId]);
export const forgetPayer = (db: Db, bookId: number, payer: { readonly name: string; readonly account: string; readonly party: string }, at: string, by: string): Promise<unknown[]> =>
  db.query("update reconciliation.payer set forgotten_at = $5, forgotten_by = $6 where book_id = $1 and name = $2 and account = $3 and party = $4 and forgotten_at is null returning 1", [bookId, payer.name, payer.account, payer.party, at, by]);
export const learnPayer = (db: Db, bookId: number, payer: { readonly name: string; readonly account: string; readonly party: string }, at: string, by: string): Promise<unknown> =>
  db.query("insert into reconciliation.payer (book_id, name, account, party, learned_at, learned_by) values ($1, $2, $3, $4, $5, $6) on conflict (book_id, name, account, party) do update set forgotten_at = null, forgotten_by = null, learned_at = excluded.learned_at, learned_by = excluded.learned_by where payer.forgotten_at is not null", [bookId, payer.name, payer.account, payer.party, at, by]);
export const findBankAccounts = (db: Db, bookId: number): Promise<{ readonly bankAccount: string; readonly zh: string; readonly en: string; readonly currency: string; readonly number: string; readonly open: bigint }[]> =>
  db.query(`select r.code as "bankAccount", min(r.body -> 'name' ->> 'zh') as zh, min(r.body -> 'name' ->> 'en') as en, coalesce(min(r.body -> 'fields' ->> 'currency'), '') as currency, coalesce(min(r.body -> 'fields' ->> 'number'), '') as number,
         (select count(*) from reconciliation.movement m where m.book_id = $1 and m.bank_account = r.code and m.state = 'open') as open from masterdata.record r where r.book_id = $1 and r.kind = 'bankAccount' group by r.code order by r.code`, [bookId]);

export const isParty = async (db: Db, bookId: number, kind: "customer" | "supplier", code: string): Promise<boolean> => (await db.query("select from masterdata.record where book_id = $1 and kind = $2 and code = $3 limit 1", [bookId, kind, code])).length > 0;
/** How often a document was made for one of these and taken back. */
export const countUndoneBookings = async (db: Db, bookId: number, movements: readonly string[]): Promise<number> =>
  Number((await db.one<{ n: bigint }>("select count(distinct b.match_no) as n from reconciliation.matched_movement m join reconciliation.bank_match b using (book_id, match_no) where m.book_id = $1 and m.movement_no = any($2::bigint[]) and b.document is not null and b.undone_at is not null", [bookId, movements])).n);
/** A match that was not undone. */
export const findMatch = (db: Db, bookId: number, match: string): Promise<{ readonly document: string | null } | undefined> => db.maybe("select document from reconciliation.bank_match where book_id = $1 and match_no = $2 and undone_at is null", [bookId, match]);
export const findDocumentBody = (db: Db, bookId: number, document: string): Promise<{ readonly body: string; readonly version: bigint; readonly status: string } | undefined> =>
  db.maybe("select body, source_version as version, coalesce(body::jsonb ->> 'status', 'approved') as status from documents.document where book_id = $1 and source = split_part($2, ':', 1) and kind = split_part(split_part($2, ':', 2), '/', 1) and source_id = substr($2, strpos($2, '/') + 1) order by source_version desc limit 1", [bookId, document]);
