/** SQL of statements of account as they were sent. */
import type { Db } from "../../platform/index.ts";

export type LetterRow = {
  readonly letter: bigint; readonly bookId: number; readonly party: string; readonly kind: "customer" | "supplier"; readonly at: string; readonly balance: bigint; readonly body: unknown; readonly madeAt: string; readonly madeBy: string; readonly expiresAt: string;
  readonly answeredAt: string | null; readonly answer: "agrees" | "differs" | null; readonly answeredBy: string | null; readonly theirBalance: bigint | null; readonly remark: string | null; readonly withdrawnAt: string | null; readonly bodyHash: Buffer | null; readonly answeredHash: Buffer | null;
};
const columns = `letter_no as letter, book_id as "bookId", party, kind, at, balance, body, made_at as "madeAt", made_by as "madeBy", expires_at as "expiresAt", answered_at as "answeredAt", answer, answered_by as "answeredBy", their_balance as "theirBalance", remark, withdrawn_at as "withdrawnAt", body_hash as "bodyHash", answered_hash as "answeredHash"`;

export const addLetter = (db: Db, bookId: number, letter: { readonly party: string; readonly kind: string; readonly at: string; readonly balance: bigint; readonly body: object; readonly bodyHash: Buffer; readonly madeAt: string; readonly madeBy: string; readonly expiresAt: string }): Promise<LetterRow> =>
  db.one(`insert into reconciliation.letter (book_id, party, kind, at, balance, body, body_hash, made_at, made_by, expires_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) returning ${columns}`,
    [bookId, letter.party, letter.kind, letter.at, letter.balance, JSON.stringify(letter.body), letter.bodyHash, letter.madeAt, letter.madeBy, letter.expiresAt]);
export const listLetters = (db: Db, bookId: number, party: string | null, before: bigint, limit: number): Promise<LetterRow[]> =>
  db.query(`select ${columns} from reconciliation.letter where book_id = $1 and ($2::text is null or party = $2) and letter_no < $3 order by letter_no desc limit $4`, [bookId, party, before, limit]);
export const findLetter = (db: Db, bookId: number, letter: bigint): Promise<LetterRow | undefined> => db.maybe(`select ${columns} from reconciliation.letter where book_id = $1 and letter_no = $2`, [bookId, letter]);
/** As long as it can be answered. */
export const findOpenLetter = (db: Db, bookId: number, letter: bigint, at: string): Promise<(LetterRow & { readonly company: string; readonly bookCurrency: string; readonly book: string }) | undefined> =>
  db.maybe(`select l.*, b.name as company, b.currency as "bookCurrency", b.code as book from (select ${columns} from reconciliation.letter where book_id = $1 and letter_no = $2 and answered_at is null and withdrawn_at is null and expires_at > $3) l join books.book b on b.book_id = $1`, [bookId, letter, at]);
/** The first answer counts. */
export const saveAnswer = (db: Db, bookId: number, letter: bigint, answer: { readonly answer: string; readonly by: string; readonly theirBalance: bigint | null; readonly remark: string; readonly at: string; readonly hash: Buffer }): Promise<{ readonly letter: bigint }[]> =>
  db.query(`update reconciliation.letter set answered_at = $3, answer = $4, answered_by = $5, their_balance = $6, remark = $7, answered_hash = $8 where book_id = $1 and letter_no = $2 and answered_at is null and withdrawn_at is null and expires_at > $3 returning letter_no as letter`,
    [bookId, letter, answer.at, answer.answer, answer.by, answer.theirBalance, answer.remark, answer.hash]);
export const withdraw = (db: Db, bookId: number, letter: bigint, at: string): Promise<{ readonly letter: bigint }[]> =>
  db.query("update reconciliation.letter set withdrawn_at = $3 where book_id = $1 and letter_no = $2 and answered_at is null and withdrawn_at is null returning letter_no as letter", [bookId, letter, at]);
