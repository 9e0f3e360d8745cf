/** One-time links: the first owner's, an invitation, a password to be set anew. Only their hash is kept; a new one ends those before it. */
import { randomBytes } from "node:crypto";
import { type Ctx, type Db, momentOf, refuse } from "../platform/index.ts";
import { hashPassword, requireGoodPassword } from "./password.ts";
import { forgetPermissions, hashOf } from "./session.ts";
import { enter, type From, keepPassword, loginOf, type SignedIn } from "./sign-in.ts";
import * as links from "./session.store.ts";
import * as store from "./user.store.ts";
import { requireLogin, requireName } from "./user.ts";

export type LinkPurpose = links.LinkRow["purpose"];
const hours = { "first-owner": 24, invite: 7 * 24, reset: 24 } as const satisfies Record<LinkPurpose, number>;
export type Link = { /** Below the server's address. */ readonly path: string; readonly purpose: LinkPurpose; readonly expiresAt: string };

/** True while nobody owns the system. */
export const needsOwner = async (ctx: Pick<Ctx, "db">): Promise<boolean> => (await store.countOwners(ctx.db)) === 0;

/** A link that makes an owner: only for whoever can reach the database without signing in. */
export const makeOwnerLink = (ctx: Ctx): Promise<Link> => makeLink(ctx, "first-owner", null);

/** For a person: to accept the invitation, or to set the password again. Refuses: user.unknown, user.disabled, user.has_password. */
export async function makeUserLink(ctx: Ctx, login: string, purpose: "invite" | "reset"): Promise<Link> {
  const user = (await store.findUser(ctx.db, login)) ?? refuse("user.unknown", { user: login });
  if (user.state === "disabled") refuse("user.disabled", { user: login });
  if (purpose === "invite" && user.passwordHash !== null) refuse("user.has_password", { user: login });
  return makeLink(ctx, purpose, login);
}

async function makeLink(ctx: Ctx, purpose: LinkPurpose, login: string | null): Promise<Link> {
  const token = randomBytes(32).toString("base64url");
  const now = ctx.now();
  const until = momentOf(now.toISOString());
  until.setTime(until.getTime() + hours[purpose] * 3_600_000);
  await ctx.db.transaction(async (db) => {
    await links.voidLinks(db, purpose, login, now.toISOString());
    await links.addLink(db, { hash: hashOf(token), purpose, login, madeAt: now.toISOString(), madeBy: ctx.actor.id, expiresAt: until.toISOString() });
  });
  return { path: `/welcome?token=${token}`, purpose, expiresAt: until.toISOString() };
}

export type LinkShown = { readonly purpose: LinkPurpose; readonly login: string | null; readonly name: string | null; readonly expiresAt: string };
/** Refuses: link.invalid. */
export async function showLink(ctx: Ctx, token: string): Promise<LinkShown> {
  const link = (await links.findLink(ctx.db, hashOf(token), ctx.now().toISOString())) ?? refuse("link.invalid");
  return { purpose: link.purpose, login: link.login, name: link.name, expiresAt: link.expiresAt };
}

/** Sets the password, or makes the owner, and signs in. Refuses: link.invalid, user.login, user.exists, user.name, password.*. */
export async function useLink(ctx: Ctx, wanted: { readonly token: string; readonly login?: string | undefined; readonly name?: string | undefined; readonly password: string }, from: From): Promise<SignedIn & { readonly purpose: LinkPurpose; readonly name: string }> {
  const now = ctx.now().toISOString();
  const shown = await showLink(ctx, wanted.token);
  const login = shown.login ?? loginOf(wanted.login ?? "");
  if (shown.login === null) requireLogin(login);
  const name = requireName(wanted.name ?? shown.name ?? login);
  requireGoodPassword(wanted.password, login);
  const hash = await hashPassword(wanted.password);
  // The person acts from here on.
  await ctx.db.transaction(async (db) => {
    const link = (await links.useLink(db, hashOf(wanted.token), now)) ?? refuse("link.invalid");
    if (link.purpose === "first-owner") return makeOwner(db, { login, name, hash, at: now, by: link.madeBy });
    await keepPassword(ctx, db, login, hash);
    if (link.purpose === "invite") await rename(db, login, name);
    await links.forgetAttempts(db, `login ${login}`);
  });
  forgetPermissions(ctx.db);
  return { ...(await enter(ctx, login, from)), purpose: shown.purpose, name };
}

async function makeOwner(db: Db, owner: { readonly login: string; readonly name: string; readonly hash: string; readonly at: string; readonly by: string }): Promise<void> {
  if (!(await store.addUser(db, { login: owner.login, name: owner.name, passwordHash: owner.hash, employee: null, language: null, at: owner.at, by: owner.by }))) refuse("user.exists", { login: owner.login });
  await store.addGrant(db, { login: owner.login, role: "owner", book: "*", scope: null });
}

async function rename(db: Db, login: string, name: string): Promise<void> {
  const user = await store.findUser(db, login);
  if (user) await store.setUser(db, login, { ...user, name });
}
