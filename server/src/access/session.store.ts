/** Sessions, one-time links, and failed attempts. */
import type { Db } from "../platform/index.ts";

export type SessionRow = { readonly session: string; readonly login: string; readonly madeAt: string; readonly seenAt: string; readonly expires: string; readonly address: string; readonly agent: string; readonly endedAt: string | null };
const sessionColumns = `session, login, made_at as "madeAt", seen_at as "seenAt", expires, address, agent, ended_at as "endedAt"`;

export const addSession = (db: Db, session: Omit<SessionRow, "endedAt" | "seenAt"> & { readonly hash: Buffer }): Promise<unknown> =>
  db.query("insert into access.session (hash, session, login, made_at, seen_at, expires, address, agent) values ($1, $2, $3, $4, $4, $5, $6, $7)", [session.hash, session.session, session.login, session.madeAt, session.expires, session.address, session.agent]);
/** Neither ended nor too old, nor unused since. */
export const findSession = (db: Db, hash: Buffer, now: string, seenSince: string): Promise<SessionRow | undefined> =>
  db.maybe(`select ${sessionColumns} from access.session where hash = $1 and ended_at is null and expires > $2 and seen_at > $3`, [hash, now, seenSince]);
export const markSeen = (db: Db, hash: Buffer, at: string): Promise<unknown> => db.query("update access.session set seen_at = $2 where hash = $1 and seen_at < $2", [hash, at]);
export const findSessions = (db: Db, login: string | null, now: string, seenSince: string): Promise<SessionRow[]> =>
  db.query(`select ${sessionColumns} from access.session where ($1::text is null or login = $1) and ended_at is null and expires > $2 and seen_at > $3 order by seen_at desc, session`, [login, now, seenSince]);
/** One of a login; answers whether there was one to end. */
export const endSession = async (db: Db, session: string, login: string | null, at: string): Promise<SessionRow | undefined> =>
  db.maybe(`update access.session set ended_at = $3 where session = $1 and ($2::text is null or login = $2) and ended_at is null returning ${sessionColumns}`, [session, login, at]);
export const endSessions = (db: Db, login: string, but: string | null, at: string): Promise<unknown> =>
  db.query("update access.session set ended_at = $3 where login = $1 and session is distinct from $2 and ended_at is null", [login, but, at]);
export const forgetSessions = (db: Db, before: string): Promise<unknown> => db.query("delete from access.session where expires < $1", [before]);

export type LinkRow = { readonly purpose: "first-owner" | "invite" | "reset"; readonly login: string | null; readonly name: string | null; readonly madeBy: string; readonly expiresAt: string };
/** Those of the same purpose and person made before lead nowhere from now on. */
export const voidLinks = (db: Db, purpose: string, login: string | null, at: string): Promise<unknown> =>
  db.query("update access.link set used_at = $3 where purpose = $1 and login is not distinct from $2 and used_at is null", [purpose, login, at]);
export const addLink = (db: Db, link: { readonly hash: Buffer; readonly purpose: string; readonly login: string | null; readonly madeAt: string; readonly madeBy: string; readonly expiresAt: string }): Promise<unknown> =>
  db.query("insert into access.link (hash, purpose, login, made_at, made_by, expires_at) values ($1, $2, $3, $4, $5, $6)", [link.hash, link.purpose, link.login, link.madeAt, link.madeBy, link.expiresAt]);
const linkColumns = `l.purpose, l.login, (select name from access.user u where u.login = l.login) as name, l.made_by as "madeBy", l.expires_at as "expiresAt"`;
export const findLink = (db: Db, hash: Buffer, now: string): Promise<LinkRow | undefined> =>
  db.maybe(`select ${linkColumns} from access.link l where hash = $1 and used_at is null and expires_at > $2 and (login is null or exists (select from access.user u where u.login = l.login and u.state = 'active'))`, [hash, now]);
/** Takes it: of two that come at once one gets it. */
export const useLink = (db: Db, hash: Buffer, now: string): Promise<LinkRow | undefined> =>
  db.maybe(`update access.link l set used_at = $2 where hash = $1 and used_at is null and expires_at > $2 and (login is null or exists (select from access.user u where u.login = l.login and u.state = 'active')) returning ${linkColumns}`, [hash, now]);

/**
 * Counts an attempt before its password is looked at, so that many at once are not let through. From so many failures on the next ones wait,
 * twice as long each time, up to a limit; a day without any forgets. Answers whether this one may be looked at.
 */
export const takeAttempt = async (db: Db, key: string, at: string, turn: string, limit: { readonly failures: number; readonly firstSeconds: number; readonly mostSeconds: number }): Promise<{ readonly isLet: boolean; readonly lockedUntil: string | null }> =>
  db.one(`insert into access.attempt as a (key, failures, at, turn) values ($1, 1, $2, $3)
      on conflict (key) do update set
        failures = case when a.locked_until > $2 then a.failures when a.at < $2::timestamptz - interval '1 day' then 1 else a.failures + 1 end,
        locked_until = case when a.locked_until > $2 then a.locked_until
                            when a.at >= $2::timestamptz - interval '1 day' and a.failures + 1 >= $4::int then $2::timestamptz + least($6::int, $5::int * power(2, least(20, a.failures + 1 - $4::int))) * interval '1 second' end,
        at = case when a.locked_until > $2 then a.at else $2 end, turn = case when a.locked_until > $2 then a.turn else $3 end
      returning turn = $3 as "isLet", locked_until as "lockedUntil"`, [key, at, turn, limit.failures, limit.firstSeconds, limit.mostSeconds]);
export const forgetAttempts = (db: Db, key: string): Promise<unknown> => db.query("delete from access.attempt where key = $1", [key]);
/** One that succeeded was no failure of its address. What others failed there stays counted. */
export const giveBackAttempt = (db: Db, key: string): Promise<unknown> => db.query("update access.attempt set failures = greatest(0, failures - 1), locked_until = null where key = $1", [key]);
