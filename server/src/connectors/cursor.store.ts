import type { Db } from "../platform/index.ts";

/** What the last pull of a source ended with; null before the first. */
export const readCursor = async <Cursor>(db: Db, bookId: number, source: string): Promise<Cursor | null> =>
  (await db.maybe<{ cursor: Cursor }>("select cursor from connectors.cursor where book_id = $1 and source = $2", [bookId, source]))?.cursor ?? null;

/** Keep it only after the documents are committed: after a crash the old one gives the same documents with the same versions. */
export const saveCursor = (db: Db, bookId: number, source: string, cursor: object, at: string): Promise<unknown> =>
  db.query(`insert into connectors.cursor (book_id, source, cursor, pulled_at) values ($1, $2, $3, $4)
     on conflict (book_id, source) do update set cursor = excluded.cursor, pulled_at = excluded.pulled_at`, [bookId, source, JSON.stringify(cursor), at]);
