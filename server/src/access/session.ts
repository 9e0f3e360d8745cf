/**
 * Sessions of people who signed in: a random token in a cookie, of which the database has the hash. It ends twelve hours after its last use and
 * seven days after it began; by signing out; and when the person's password, roles or state change.
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { type Ctx, type Db, elapsedMs, momentOf, refuse, type Store } from "../platform/index.ts";
import type { Principal } from "./policy.ts";
import { principalOfUser } from "./principal.ts";
import * as store from "./session.store.ts";

export const cookieName = "tieout_session";
const idleMs = 12 * 3_600_000;
const wholeMs = 7 * 24 * 3_600_000;
export const sessionSeconds = wholeMs / 1_000;
/** How old the permissions of a request may be; a change in this process shows at once. */
const cacheMs = 5_000;
const seenEveryMs = 60_000;

export type Session = { readonly principal: Principal; /** The part that may be shown. */ readonly session: string; /** What requests that change something carry as x-tieout-csrf. */ readonly csrf: string };

type From = { readonly address: string; readonly agent: string };
/** Answers the token for the cookie. */
export async function openSession(ctx: Ctx, login: string, from: From): Promise<{ readonly token: string; readonly csrf: string }> {
  const token = randomBytes(32).toString("base64url");
  const now = ctx.now();
  await store.forgetSessions(ctx.db, before(now, 30 * 24 * 3_600_000));
  await store.addSession(ctx.db, { hash: hashOf(token), session: randomBytes(6).toString("hex"), login, madeAt: now.toISOString(), expires: before(now, -wholeMs), address: from.address.slice(0, 100), agent: from.agent.slice(0, 300) });
  return { token, csrf: csrfOf(token) };
}

/** Who a cookie's token stands for; undefined when its session has ended. */
export async function readSession(ctx: Pick<Ctx, "db" | "now">, token: string): Promise<Session | undefined> {
  if (!/^[\w-]{43}$/.test(token)) return undefined;
  const hash = hashOf(token);
  const key = hash.toString("base64");
  const cache = cacheOf(ctx.db);
  const kept = cache.get(key);
  const now = ctx.now();
  if (kept !== undefined && elapsedMs() - kept.readMs < cacheMs && kept.until > now.getTime()) return kept.session;
  const row = await store.findSession(ctx.db, hash, now.toISOString(), before(now, idleMs));
  const principal = row && (await principalOfUser(ctx, row.login));
  if (row === undefined || principal === undefined) {
    cache.delete(key);
    return undefined;
  }
  if (now.getTime() - momentOf(row.seenAt).getTime() > seenEveryMs) await store.markSeen(ctx.db, hash, now.toISOString());
  const session = { principal, session: row.session, csrf: csrfOf(token) };
  if (cache.size > 10_000) cache.clear();
  cache.set(key, { session, readMs: elapsedMs(), until: Math.min(momentOf(row.expires).getTime(), now.getTime() + cacheMs) });
  return session;
}

/** True when the request proves that its page, not another site's, sent it. */
export function isCsrf(session: Session, given: string | undefined): boolean {
  const [one, other] = [Buffer.from(given ?? ""), Buffer.from(session.csrf)];
  return one.length === other.length && timingSafeEqual(one, other);
}

export async function signOut(ctx: Ctx, session: Session): Promise<void> {
  await store.endSession(ctx.db, session.session, session.principal.id, ctx.now().toISOString());
  forgetPermissions(ctx.db);
}

export type SessionListed = store.SessionRow;
/** Those that are open; `login` undefined: everyone's. */
export const listSessions = (ctx: Ctx, login?: string): Promise<SessionListed[]> => store.findSessions(ctx.db, login ?? null, ctx.now().toISOString(), before(ctx.now(), idleMs));

/** `login` undefined: whoever's it is. Refuses: session.unknown. */
export async function endSession(ctx: Ctx, session: string, login?: string): Promise<SessionListed> {
  const ended = await store.endSession(ctx.db, session, login ?? null, ctx.now().toISOString());
  forgetPermissions(ctx.db);
  return ended ?? refuse("session.unknown", { session });
}

/** All sessions of a person, but the one that acts where it is theirs. */
export const endSessionsOf = (ctx: Pick<Ctx, "now">, db: Db, login: string, but?: string): Promise<unknown> => store.endSessions(db, login, but ?? null, ctx.now().toISOString());

type Kept = { readonly session: Session; readonly readMs: number; readonly until: number };
const caches = new WeakMap<Store, Map<string, Kept>>();
function cacheOf(db: Store): Map<string, Kept> {
  let cache = caches.get(db);
  if (!cache) caches.set(db, (cache = new Map()));
  return cache;
}
/** After a change of anything that permissions come from. */
export const forgetPermissions = (db: Store): void => cacheOf(db).clear();

export const hashOf = (token: string): Buffer => createHash("sha256").update(token).digest();
/** Follows from the cookie's token: no page of another site can read that, and the database does not hold it. */
const csrfOf = (token: string): string => createHash("sha256").update(`x-tieout-csrf ${token}`).digest("base64url");
const before = (moment: Date, ms: number): string => {
  const at = momentOf(moment.toISOString());
  at.setTime(at.getTime() - ms);
  return at.toISOString();
};
