/** SQL of statements of account as they were sent. */
import type { Db } from "../../platform/index.ts";

export type LetterRow = {
  readonly letter: bigint; readonly bookId: number; readonly party: string; readonly kind: "customer" | "supplier"; readonly at: string; readonly balance: bigint; readonly body: unknown; readonly madeAt: string; readonly madeBy: string; readonly expiresAt: string;
  readonly answeredAt: string | null; readonly answer: "agrees" | "differs" | null; readonly answeredBy: string | null; readonly theirBalance: bigint | null; readonly remark: string | null; readonly withdrawnAt: string | null;
};
const columns = `letter_no as letter, book_id as "bookId", party, kind, at, balance, body, made_at as "madeAt", made_by as "madeBy", expires_at as "expiresAt", answered_at as "answeredAt", answer, answered_by as "answeredBy", their_balance as "theirBalance", remark, withdrawn_at as "withdrawnAt"`;

export const addLetter = (db: Db, bookId: number, letter: { readonly party: string; readonly kind: string; readonly at: string; readonly balance: bigint; readonly body: object; readonly secretHash: Buffer; readonly madeAt: string; readonly madeBy: string; readonly days: number }): Promise<LetterRow> =>
  db.one(`insert into reconciliation.letter (book_id, party, kind, at, balance, body, secret_hash, made_at, made_by, expires_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $8::timestamptz + make_interval(days => $10)) returning ${columns}`,
    [bookId, letter.party, letter.kind, letter.at, letter.balance, JSON.stringify(letter.body), letter.secretHash, letter.madeAt, letter.madeBy, letter.days]);
export const listLetters = (db: Db, bookId: number, party: string | null, before: bigint, limit: number): Promise<LetterRow[]> =>
  db.query(`select ${columns} from reconciliation.letter where book_id = $1 and ($2::text is null or party = $2) and letter_no < $3 order by letter_no desc limit $4`, [bookId, party, before, limit]);
export const findLetter = (db: Db, bookId: number, letter: bigint): Promise<LetterRow | undefined> => db.maybe(`select ${columns} from reconciliation.letter where book_id = $1 and letter_no = $2`, [bookId, letter]);
/** By the hash of the secret in its link, as long as it can be answered. */
export const findOpenLetter = (db: Db, secretHash: Buffer, at: string): Promise<(LetterRow & { readonly company: string; readonly currency: string; readonly book: string }) | undefined> =>
  db.maybe(`select l.letter_no as letter, l.book_id as "bookId", l.party, l.kind, l.at, l.balance, l.body, l.made_at as "madeAt", l.made_by as "madeBy", l.expires_at as "expiresAt", l.answered_at as "answeredAt", l.answer, l.answered_by as "answeredBy", l.their_balance as "theirBalance", l.remark, l.withdrawn_at as "withdrawnAt", b.name as company, b.currency, b.code as book
       from reconciliation.letter l join books.book b on b.book_id = l.book_id where l.secret_hash = $1 and l.answered_at is null and l.withdrawn_at is null and l.expires_at > $2`, [secretHash, at]);
/** The first answer counts. */
export const saveAnswer = (db: Db, secretHash: Buffer, answer: { readonly answer: string; readonly by: string; readonly theirBalance: bigint | null; readonly remark: string; readonly at: string }): Promise<{ readonly letter: bigint }[]> =>
  db.query(`update reconciliation.letter set answered_at = $2, answer = $3, answered_by = $4, their_balance = $5, remark = $6 where secret_hash = $1 and answered_at is null and withdrawn_at is null and expires_at > $2 returning letter_no as letter`,
    [secretHash, answer.at, answer.answer, answer.by, answer.theirBalance, answer.remark]);
export const withdraw = (db: Db, bookId: number, letter: bigint, at: string): Promise<{ readonly letter: bigint }[]> =>
  db.query("update reconciliation.letter set withdrawn_at = $3 where book_id = $1 and letter_no = $2 and answered_at is null and withdrawn_at is null returning letter_no as letter", [bookId, letter, at]);
