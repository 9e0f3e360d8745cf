/** Keys and the log of their calls. */
import type { Db } from "../platform/index.ts";

export type KeyRow = { readonly key: string; readonly name: string; readonly book: string; readonly scopes: readonly string[]; readonly perMinute: number; readonly expiresAt: string | null; readonly madeAt: string; readonly madeBy: string; readonly revokedAt: string | null; readonly revokedBy: string | null; readonly reason: string | null };
const columns = `key_id as key, name, book, scopes, per_minute as "perMinute", expires_at as "expiresAt", made_at as "madeAt", made_by as "madeBy", revoked_at as "revokedAt", revoked_by as "revokedBy", reason`;

export const addKey = (db: Db, key: Pick<KeyRow, "key" | "name" | "book" | "scopes" | "perMinute" | "expiresAt" | "madeAt" | "madeBy"> & { readonly hash: Buffer }): Promise<unknown> =>
  db.query("insert into access.key (key_id, name, hash, book, scopes, per_minute, tokens, tokens_at, expires_at, made_at, made_by) values ($1, $2, $3, $4, $5, $6::int, $6::int, $8, $7, $8, $9)",
    [key.key, key.name, key.hash, key.book, key.scopes, key.perMinute, key.expiresAt, key.madeAt, key.madeBy]);

export const listKeys = (db: Db, book: string | null): Promise<KeyRow[]> => db.query(`select ${columns} from access.key where $1::text is null or book = $1 order by made_at, key_id`, [book]);

export const revoke = (db: Db, key: string, at: string, by: string, reason: string): Promise<KeyRow | undefined> =>
  db.maybe(`update access.key set revoked_at = coalesce(revoked_at, $2), revoked_by = coalesce(revoked_by, $3), reason = coalesce(reason, $4) where key_id = $1 returning ${columns}`, [key, at, by, reason]);

export type Used = KeyRow & { /** Negative: refused, and so much is missing. */ readonly left: number };
/**
 * Finds a key by its whole hash and takes one call from its rate, in one statement: the bucket fills by `per_minute` a minute and holds as much. A
 * call that is refused takes nothing; one with a wrong secret finds no key, so that nobody can use up what belongs to somebody else.
 */
export const useKey = (db: Db, key: string, hash: Buffer, at: string): Promise<Used | undefined> =>
  db.maybe(`with was as (select key_id, least(per_minute, tokens + greatest(0, extract(epoch from $2::timestamptz - tokens_at)) * per_minute / 60.0) - 1 as rest from access.key
       where key_id = $1 and hash = $3 and revoked_at is null and (expires_at is null or expires_at > $2) for update)
    update access.key k set tokens = case when was.rest < 0 then was.rest + 1 else was.rest end, tokens_at = $2 from was where k.key_id = was.key_id
    returning was.rest as left, ${columns.replace("key_id as key", "k.key_id as key")}`, [key, at, hash], { name: "use key" });

export const findKey = (db: Db, key: string): Promise<KeyRow | undefined> => db.maybe(`select ${columns} from access.key where key_id = $1`, [key]);

export type CallRow = { readonly callNo: string; readonly key: string | null; readonly at: string; readonly method: string; readonly path: string; readonly query: string; readonly address: string; readonly status: number; readonly rows: number | null; readonly ms: number; readonly code: string | null };
export const addCall = (db: Db, call: Omit<CallRow, "callNo">): Promise<unknown> =>
  db.query("insert into access.call (key_id, at, method, path, query, address, status, rows, ms, code) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)", [call.key, call.at, call.method, call.path, call.query, call.address, call.status, call.rows, call.ms, call.code], { name: "add call" });

export const listCalls = (db: Db, filter: { readonly key?: string | undefined; readonly onlyRefused?: boolean; readonly after?: string | undefined; readonly limit: number }): Promise<CallRow[]> =>
  db.query(`select call_no::text as "callNo", key_id as key, at, method, path, query, address, status, rows, ms, code from access.call
     where ($1::text is null or key_id = $1) and (not $2 or status >= 400) and call_no > $3 order by call_no limit $4`, [filter.key ?? null, filter.onlyRefused ?? false, filter.after ?? "0", filter.limit]);

export const forgetCalls = async (db: Db, before: string): Promise<number> => Number((await db.one<{ n: bigint }>("with gone as (delete from access.call where at < $1 returning 1) select count(*) as n from gone", [before])).n);
