/**
 * One writer for each flow. The right is a row with an epoch that grows with every taker, and a lock that the database gives back
 * at once when its holder's connection dies: after a crash nobody waits for the row's time to run out. A holder that only
 * seems dead, because it hangs or is cut off, is a zombie: its epoch is old, and it is refused before each call and by the target's fence.
 */
import { randomBytes } from "node:crypto";
import { type Connection, type Store } from "../platform/index.ts";
import * as store from "./store.ts";

export type Lease = { readonly epoch: bigint; readonly outbox: store.Outbox };

export const newHolder = (): string => `${process.pid}-${randomBytes(6).toString("hex")}`;

/** Undefined while another worker holds it. The same holder may take it again, under a higher epoch. */
export async function takeLease(db: Store, bookId: number, flow: string, holder: string, holdMs: number): Promise<Lease | undefined> {
  const isFree = await lock(db, `${bookId}/${flow}`, holder);
  const outbox = await store.takeLease(db, bookId, flow, holder, holdMs, isFree);
  return outbox === undefined ? undefined : { epoch: outbox.epoch, outbox };
}

export async function endLease(db: Store, bookId: number, flow: string, holder: string, epoch: bigint): Promise<void> {
  await store.endLease(db, bookId, flow, epoch);
  const key = `${bookId}/${flow}`;
  const presence = presences.get(db);
  if (presence?.holders.get(key) !== holder) return;
  presence.holders.delete(key);
  await ask(presence, (connection) => connection.query("select pg_advisory_unlock(hashtext('delivery.outbox'), hashtext($1))", [key]));
  await leave(db, presence);
}

/** The connection that keeps the locks of all flows of this process, while it has any. */
type Presence = { readonly connection: Promise<Connection>; readonly holders: Map<string, string>; turn: Promise<unknown>; fault?: Error };
const presences = new WeakMap<Store, Presence>();

/** True when nobody had it. A lock that this process has already says nothing: its holder may have been replaced when its time was over. */
async function lock(db: Store, key: string, holder: string): Promise<boolean> {
  let presence = presences.get(db);
  if (presence === undefined) presences.set(db, (presence = { connection: db.connect(), holders: new Map(), turn: Promise.resolve() }));
  if (presence.holders.has(key)) return false;
  presence.holders.set(key, holder);
  const answer = await ask(presence, (connection) => connection.one<{ isLocked: boolean }>(`select pg_try_advisory_lock(hashtext('delivery.outbox'), hashtext($1)) as "isLocked"`, [key]));
  if (answer?.isLocked === true) return true;
  presence.holders.delete(key);
  await leave(db, presence);
  return false;
}

/** One question at a time. A connection that broke has lost all its locks: then the rows' times decide. */
async function ask<T>(presence: Presence, question: (connection: Connection) => Promise<T>): Promise<T | undefined> {
  const asked = presence.turn.then(async () => question(await presence.connection));
  presence.turn = asked.catch(() => {});
  try {
    return await asked;
  } catch (error) {
    presence.fault = error as Error;
    presence.holders.clear();
    return undefined;
  }
}

/** The last flow takes the connection with it. */
async function leave(db: Store, presence: Presence): Promise<void> {
  if (presence.holders.size > 0 || presences.get(db) !== presence) return;
  presences.delete(db);
  await presence.turn;
  await presence.connection.then((connection) => connection.release(presence.fault), () => {});
}
