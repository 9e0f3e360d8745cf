import type { Db } from "../platform/index.ts";

export type BookRow = { bookId: number; code: string; name: string; pack: string; currency: string; firstPeriod: string; groupCode: string };
export type PeriodRow = { period: string; state: "open" | "closed"; closedAt: string | null; closedBy: string | null };
export type AccountRow = { code: string; zh: string; en: string; type: string; side: "debit" | "credit"; postable: boolean; carries: unknown };
export type SettingRow = { key: string; version: number; value: string; setAt: string; setBy: string };

const bookColumns = `b.book_id as "bookId", b.code, b.name, b.pack, b.currency, b.first_period as "firstPeriod", b.group_code as "groupCode"`;

/** Books are made one after the other, so that their numbers follow on. */
export const lockBooks = (db: Db) => db.query("select pg_advisory_xact_lock(hashtext('books.book'))");

export const insertBook = (db: Db, book: Omit<BookRow, "bookId"> & { createdAt: string; createdBy: string }) =>
  db.one<{ bookId: number }>(
    `insert into books.book (book_id, code, name, pack, currency, first_period, group_code, created_at, created_by)
     select coalesce(max(book_id), 0) + 1, $1, $2, $3, $4, $5, $6, $7, $8 from books.book returning book_id as "bookId"`,
    [book.code, book.name, book.pack, book.currency, book.firstPeriod, book.groupCode, book.createdAt, book.createdBy]);

export const findBook = (db: Db, code: string) => db.maybe<BookRow>(`select ${bookColumns} from books.book b where b.code = $1`, [code]);
export const findBooks = (db: Db) => db.query<BookRow>(`select ${bookColumns} from books.book b order by b.book_id`);

export const insertAccounts = (db: Db, bookId: number, accounts: readonly AccountRow[]) =>
  db.query(
    `insert into books.account (book_id, code, zh, en, type, side, postable, carries)
     select $1, a.code, a.zh, a.en, a.type, a.side, a.postable, a.carries
       from jsonb_to_recordset($2::jsonb) as a (code text, zh text, en text, type text, side text, postable boolean, carries jsonb)`,
    [bookId, JSON.stringify(accounts)]);

export const findAccounts = (db: Db, bookId: number) =>
  db.query<AccountRow>("select code, zh, en, type, side, postable, carries from books.account where book_id = $1 order by code", [bookId]);

export const insertPeriods = (db: Db, bookId: number, periods: readonly string[]) =>
  db.query("insert into books.period (book_id, period) select $1, unnest($2::text[]) on conflict do nothing", [bookId, periods]);

export const findPeriods = (db: Db, bookId: number) =>
  db.query<PeriodRow>(`select period, state, closed_at as "closedAt", closed_by as "closedBy" from books.period where book_id = $1 order by period`, [bookId]);

export const findLastPeriod = (db: Db, bookId: number) =>
  db.one<{ last: string }>("select max(period) as last from books.period where book_id = $1", [bookId]);

/** The newest value of each setting. */
export const findSettings = (db: Db, bookId: number) =>
  db.query<{ key: string; value: string }>("select distinct on (key) key, value from books.setting where book_id = $1 order by key, version desc", [bookId]);

export const findSettingHistory = (db: Db, bookId: number) =>
  db.query<SettingRow>(`select key, version, value, set_at as "setAt", set_by as "setBy" from books.setting where book_id = $1 order by key, version`, [bookId]);

export const insertSettings = (db: Db, bookId: number, values: Readonly<Record<string, string>>, at: string, by: string) =>
  db.query(
    `insert into books.setting (book_id, key, version, value, set_at, set_by)
     select $1, s.key, coalesce((select max(version) from books.setting b where b.book_id = $1 and b.key = s.key), 0) + 1, s.value, $3, $4
       from jsonb_each_text($2::jsonb) as s (key, value)`,
    [bookId, JSON.stringify(values), at, by]);

export const insertAct = (db: Db, bookId: number, what: string, facts: object, at: string, by: string, reason: string) =>
  db.query("insert into books.act (book_id, what, facts, at, by, reason) values ($1, $2, $3, $4, $5, $6)", [bookId, what, JSON.stringify(facts), at, by, reason]);

export const findActs = (db: Db, bookId: number) =>
  db.query<{ what: string; facts: unknown; at: string; by: string; reason: string }>("select what, facts, at, by, reason from books.act where book_id = $1 order by act_no", [bookId]);

/** The head of the book's chain, and version 1 of its rules: a book is born with both, in one transaction. */
export const insertHead = (db: Db, bookId: number) => db.query("insert into vouchers.head (book_id) values ($1)", [bookId]);

export const insertFirstRules = (db: Db, bookId: number, rules: { body: string; hash: string; effectiveOn: string; at: string; approvedBy: string; note: string }) =>
  db.query(
    `insert into rules.version (book_id, version, body, hash, effective_on, proposed_by, proposed_at, approved_by, approved_at, note)
     values ($1, 1, $2, $3, $4, 'pack', $5, $6, $5, $7)`,
    [bookId, rules.body, rules.hash, rules.effectiveOn, rules.at, rules.approvedBy, rules.note]);
