/** Signing in with a password. Failures make whoever tries wait, longer each time; by login, so that one cannot be guessed from many places, and by address, so that one place cannot guess many. */
import { randomBytes } from "node:crypto";
import { type Ctx, type Db, momentOf, Refusal, refuse } from "../platform/index.ts";
import { hashPassword, isPassword, requireGoodPassword } from "./password.ts";
import { endSessionsOf, forgetPermissions, openSession, type Session } from "./session.ts";
import * as attempts from "./session.store.ts";
import * as store from "./user.store.ts";

/** Failures before one waits, and how long at most: behind one address there may be a whole company. */
const ofLogin = { failures: 5, firstSeconds: 30, mostSeconds: 3_600 };
const ofAddress = { failures: 30, firstSeconds: 30, mostSeconds: 300 };

export type From = { readonly address: string; readonly agent: string };
export type SignedIn = { readonly login: string; readonly token: string; readonly csrf: string };

/** Logins are told apart without their case. */
export const loginOf = (text: string): string => text.trim().toLowerCase();

/** Refuses: login.wrong, whether login or password is; login.wait. */
export async function signIn(ctx: Ctx, wanted: { readonly login: string; readonly password: string }, from: From): Promise<SignedIn> {
  const login = loginOf(wanted.login).slice(0, 100);
  const keys = [`address ${from.address}`, `login ${login}`] as const;
  await take(ctx, keys[0], ofAddress);
  await take(ctx, keys[1], ofLogin);
  const user = await store.findUser(ctx.db, login);
  const isRight = await isPassword(wanted.password, user?.passwordHash ?? null);
  if (!isRight || user?.state !== "active") return refuse("login.wrong");
  await attempts.giveBackAttempt(ctx.db, keys[0]);
  await attempts.forgetAttempts(ctx.db, keys[1]);
  return enter(ctx, login, from);
}

/** Opens the session of somebody who has proved who they are. */
export async function enter(ctx: Ctx, login: string, from: From): Promise<SignedIn> {
  await store.setSeen(ctx.db, login, ctx.now().toISOString());
  return { login, ...(await openSession(ctx, login, from)) };
}

async function take(ctx: Ctx, key: string, limit: typeof ofLogin): Promise<void> {
  const now = ctx.now();
  const { isLet, lockedUntil } = await attempts.takeAttempt(ctx.db, key, now.toISOString(), randomBytes(12).toString("hex"), limit);
  if (!isLet) throw new WaitRefusal(Math.max(1, Math.ceil((momentOf(lockedUntil ?? now.toISOString()).getTime() - now.getTime()) / 1_000)));
}

/** login.wait, with how long. */
export class WaitRefusal extends Refusal {
  readonly retryAfterSeconds: number;
  constructor(seconds: number) {
    super({ code: "login.wait", facts: { seconds } });
    this.retryAfterSeconds = seconds;
  }
}

/** One's own; all other sessions end. Refuses: login.wait, password.current, password.*. */
export async function changePassword(ctx: Ctx, session: Session, current: string, password: string): Promise<void> {
  const login = session.principal.id;
  // Whoever found an open browser must not guess either.
  await take(ctx, `login ${login}`, ofLogin);
  const user = (await store.findUser(ctx.db, login)) ?? refuse("user.unknown", { user: login });
  if (!(await isPassword(current, user.passwordHash))) refuse("password.current");
  await attempts.forgetAttempts(ctx.db, `login ${login}`);
  requireGoodPassword(password, login);
  const hash = await hashPassword(password);
  await ctx.db.transaction((db) => keepPassword(ctx, db, login, hash, session.session));
  forgetPermissions(ctx.db);
}

/** Within a transaction of the caller: the new password, and nobody stays signed in with the old one. */
export async function keepPassword(ctx: Pick<Ctx, "now">, db: Db, login: string, hash: string, but?: string): Promise<void> {
  await store.setPassword(db, login, hash);
  await endSessionsOf(ctx, db, login, but);
}

/**
 * Whom the company's own login stands for: whoever has signed in with it before; else the person whose login is the address, which the provider
 * has verified. Refuses: oidc.unknown, oidc.unverified.
 */
export async function signInWithSubject(ctx: Ctx, claims: { readonly issuer: string; readonly subject: string; readonly email: string | undefined; readonly isEmailVerified: boolean }, from: From): Promise<SignedIn> {
  const known = await store.findUserBySubject(ctx.db, claims.issuer, claims.subject);
  if (known) return known.state === "active" ? enter(ctx, known.login, from) : refuse("oidc.unknown");
  if (claims.email === undefined) return refuse("oidc.unknown");
  if (!claims.isEmailVerified) return refuse("oidc.unverified");
  const login = loginOf(claims.email);
  if (!(await store.setSubject(ctx.db, login, claims.issuer, claims.subject))) return refuse("oidc.unknown");
  return enter(ctx, login, from);
}
