/**
 * The second wall. Whoever has a part of a book reads through this store: each query runs in a transaction of its own as the role
 * `tieout_restricted`, which may read a few tables and of those only the rows of visible parties. A query that forgot to ask gives nothing away.
 */
import { type Db, Refusal, type Store } from "../platform/index.ts";
import type { Scope } from "./policy.ts";

/** Refuses what the wall stops: access.part. */
export function restrictedStore(store: Store, bookId: number, scopes: readonly Scope[]): Store {
  const within = async <T>(work: (db: Db) => Promise<T>): Promise<T> => {
    try {
      return await store.transaction(async (db) => {
        await db.query("select set_config('tieout.book_id', $1, true), set_config('tieout.scopes', $2, true), set_config('transaction_read_only', 'on', true), set_config('role', 'tieout_restricted', true)", [String(bookId), JSON.stringify(scopes)]);
        return work(db);
      });
    } catch (error) {
      if (error instanceof Error && "code" in error && (error.code === "42501" || error.code === "25006")) throw refusedPart(error);
      throw error;
    }
  };
  // A name would bind one text to the connection for ever, and the plan of one role to the other.
  const reader = (db: Db): Db => ({
    query: (text, values) => db.query(text, values), one: (text, values) => db.one(text, values), maybe: (text, values) => db.maybe(text, values),
    transaction: (work) => db.transaction((inner) => work(reader(inner))), exec: closed, copyIn: closed, copyOut: closed,
  });
  return {
    query: (text, values) => within((db) => db.query(text, values)),
    one: (text, values) => within((db) => db.one(text, values)),
    maybe: (text, values) => within((db) => db.maybe(text, values)),
    transaction: (work) => within((db) => work(reader(db))),
    exec: closed, copyIn: closed, copyOut: closed, begin: closed, sendAll: closed, connect: closed, close: closed,
    get url(): string {
      return closed();
    },
  };
}

const refusedPart = (cause?: unknown): Refusal => Object.assign(new Refusal({ code: "access.part", facts: {} }), cause === undefined ? {} : { cause });
const closed = (): never => {
  throw refusedPart();
};
