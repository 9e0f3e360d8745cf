/** Where codes stand in open documents and in the books: what a decision about master data touches. Ranges of indexes, nothing else. */
import type { Db } from "../../platform/index.ts";

/** Documents that wait for a code, in order of arrival. */
export const findWaiting = (db: Db, bookId: number, wanted: string, limit: number) =>
  db.query<{ documentId: bigint; document: string; body: string }>(
    `select distinct on (d.document_id) d.document_id as "documentId", d.source || ':' || d.kind || '/' || d.source_id as document, d.body
       from documents.wait w join documents.document d on d.book_id = $1 and d.document_id = w.document_id and d.source_version = w.source_version
      where w.book_id = $1 and w.wanted = $2 and d.state in ('waiting', 'parked') order by d.document_id limit $3`, [bookId, wanted, limit]);

/** Codes, as documents wait for them, of documents that are parked for this reason. */
export const findCodesParkedFor = async (db: Db, bookId: number, reason: string): Promise<string[]> =>
  (await db.query<{ wanted: string }>(
    `select distinct w.wanted from documents.document d join documents.wait w on w.book_id = $1 and w.document_id = d.document_id and w.source_version = d.source_version
      where d.book_id = $1 and d.state = 'parked' and d.reasons @> jsonb_build_array(jsonb_build_object('code', $2::text)) order by 1`, [bookId, reason])).map(({ wanted }) => wanted);

/** Minor units that are open with these parties, whichever way. */
export const sumOpenOfParties = async (db: Db, bookId: number, parties: readonly string[]): Promise<bigint> =>
  (await db.one<{ open: bigint }>("select coalesce(sum(abs(whole_amount - taken_amount)), 0)::bigint as open from vouchers.holding where book_id = $1 and what in ('estimate', 'open') and whole_quantity <> taken_quantity and party = any($2)", [bookId, parties])).open;

/** What is on hand of these items, in minor units. */
export const sumStockOf = async (db: Db, bookId: number, items: readonly string[]): Promise<bigint> =>
  (await db.one<{ stock: bigint }>(
    "select coalesce(sum(abs(p.amount)), 0)::bigint as stock from unnest($2::text[]) as w (item) join vouchers.pool p on p.book_id = $1 and (p.pool = w.item or (p.pool > w.item || '@' and p.pool < w.item || 'A'))", [bookId, items])).stock;

/** Which of these parties still have open items, and how many. */
export const countOpenOfParties = async (db: Db, bookId: number, parties: readonly string[]): Promise<number> =>
  Number((await db.one<{ items: bigint }>("select count(*) as items from vouchers.holding where book_id = $1 and what in ('estimate', 'open') and whole_quantity <> taken_quantity and party = any($2)", [bookId, parties])).items);
