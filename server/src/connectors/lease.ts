/**
 * The right to run a flow, held by one process at a time. It is free again when the process ends, however that comes about, and
 * when it is not renewed in time; whoever takes it then has a higher epoch, and every commit of the one before is refused,
 * however late that wakes.
 */
import { randomInt } from "node:crypto";
import { type Connection, elapsedMs, openPool, type Store } from "../platform/index.ts";
import * as store from "./flow.store.ts";

export const LEASE_MS = 15_000;

/** Another process runs the flow now; what this one was about to commit is not committed. */
export class LeaseLost extends Error {
  override readonly name = "LeaseLost";
}

export type Lease = {
  readonly bookId: number;
  readonly flow: string;
  readonly epoch: bigint;
  /** A statement under our epoch found a newer one. */
  readonly lose: () => never;
  /** Aborted when the lease is gone: stop at once. */
  readonly lost: AbortSignal;
  readonly release: () => Promise<void>;
};

/** Undefined while somebody holds it. */
export async function takeLease(db: Store, bookId: number, flow: string, ttlMs = LEASE_MS): Promise<Lease | undefined> {
  if (await store.isLeased(db, bookId, flow)) return undefined;
  const presence = await enter(db);
  const taken = await store.takeLease(db, bookId, flow, presence.number, ttlMs).catch(async (error: unknown) => {
    await presence.leave();
    throw error;
  });
  if (!taken) {
    await presence.leave();
    return undefined;
  }
  const { epoch } = taken;
  const lost = new AbortController();
  let renewedAt = elapsedMs();
  const renew = setInterval(() => {
    const askedAt = elapsedMs();
    presence.connection().then((connection) => store.renewLease(connection, bookId, flow, epoch, ttlMs)).then(
      (isHeld) => (isHeld ? (renewedAt = askedAt) : lost.abort()),
      () => {
        presence.renew(); // the connection that says that we live is gone
        if (elapsedMs() - renewedAt > ttlMs) lost.abort();
      },
    );
  }, ttlMs / 3);
  renew.unref();
  lost.signal.addEventListener("abort", () => clearInterval(renew));
  let isReleased = false;
  return {
    bookId, flow, epoch, lost: lost.signal,
    lose() {
      lost.abort();
      throw new LeaseLost(`flow ${flow} is run by another process`);
    },
    async release() {
      if (isReleased) return;
      isReleased = true;
      clearInterval(renew);
      await store.endLease(db, bookId, flow, epoch).catch(() => {}); // it runs out by itself
      await presence.leave();
    },
  };
}

/** One connection for each process and store, for as long as it holds a lease. It stands outside of the pool, whose connections work may use up. */
type Presence = { readonly number: number; readonly connection: () => Promise<Connection>; readonly renew: () => void; readonly leave: () => Promise<void> };
const presences = new WeakMap<Store, Presence & { readonly use: () => void }>();

async function enter(db: Store): Promise<Presence> {
  let presence = presences.get(db);
  if (!presence) presences.set(db, (presence = openPresence(db)));
  presence.use();
  await presence.connection();
  return presence;
}

function openPresence(db: Store): Presence & { readonly use: () => void } {
  const number = randomInt(2 ** 31);
  const pool = openPool(db.url, { max: 1, patienceMs: 60_000 });
  let users = 0;
  const open = async (): Promise<Connection> => {
    const connection = await pool.connect();
    await store.announce(connection, number);
    return connection;
  };
  let current: Promise<Connection> | undefined;
  const renew = (): void => {
    void current?.then((broken) => broken.release(new Error("broken")), () => {});
    current = undefined;
  };
  return {
    number,
    use: () => void users++,
    connection: () => (current ??= open().catch((error: unknown) => {
      current = undefined;
      throw error;
    })),
    renew,
    async leave() {
      users -= 1;
      if (users > 0) return;
      presences.delete(db);
      await current?.then((connection) => connection.release(new Error("done")), () => {});
      await pool.close();
    },
  };
}
