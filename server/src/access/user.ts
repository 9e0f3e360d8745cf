/** People, and which role each has in which book. A change shows with the next request of whoever it is about. */
import { type Ctx, type Db, momentOf, refuse } from "../platform/index.ts";
import type { Scope } from "./policy.ts";
import { endSessionsOf, forgetPermissions } from "./session.ts";
import { loginOf } from "./sign-in.ts";
import * as store from "./user.store.ts";

export type GrantGiven = { readonly role: string; readonly book: string; readonly scope: Scope | null };
export type User = {
  /** The login: it stands as the actor in what the person did, and never changes. */
  readonly user: string; readonly login: string; readonly name: string; readonly employee: string | null; readonly state: "active" | "disabled"; readonly language: "zh" | "en" | null; readonly lockedUntil: string | null;
  readonly hasPassword: boolean; readonly hasOidc: boolean; readonly lastSeenAt: string | null; readonly createdAt: string; readonly createdBy: string; readonly grants: readonly GrantGiven[];
};

export async function listUsers(ctx: Ctx): Promise<User[]> {
  const [users, grants] = [await store.findUsers(ctx.db), await store.findGrants(ctx.db, null)];
  return users.map((user) => shown(ctx, user, grants));
}

/** Refuses: user.unknown. */
export async function showUser(ctx: Ctx, login: string): Promise<User> {
  const user = (await store.findUser(ctx.db, login)) ?? refuse("user.unknown", { user: login });
  return shown(ctx, user, await store.findGrants(ctx.db, login));
}

const shown = (ctx: Ctx, user: store.UserRow, grants: readonly store.GrantRow[]): User => ({
  user: user.login, login: user.login, name: user.name, employee: user.employee, state: user.state, language: user.language, lockedUntil: user.lockedUntil !== null && momentOf(user.lockedUntil) > ctx.now() ? user.lockedUntil : null,
  hasPassword: user.passwordHash !== null, hasOidc: user.oidcSubject !== null, lastSeenAt: user.seenAt, createdAt: user.createdAt, createdBy: user.createdBy,
  grants: grants.filter(({ login }) => login === user.login).map(({ role, book, scope }) => ({ role, book, scope })),
});

export type UserWanted = { readonly login: string; readonly name: string; readonly employee?: string | null | undefined; readonly language?: "zh" | "en" | null | undefined; readonly grants?: readonly GrantGiven[] | undefined };

/** A person without a password yet: a link lets them set one. Refuses: user.login, user.name, user.exists, grant.*, role.unknown. */
export async function createUser(ctx: Ctx, wanted: UserWanted): Promise<User> {
  const login = requireLogin(loginOf(wanted.login));
  const name = requireName(wanted.name);
  await ctx.db.transaction(async (db) => {
    await store.lockPeople(db);
    if (!(await store.addUser(db, { login, name, passwordHash: null, employee: codeOf(wanted.employee), language: wanted.language ?? null, at: ctx.now().toISOString(), by: ctx.actor.id }))) refuse("user.exists", { login });
    await give(db, login, wanted.grants ?? []);
  });
  return showUser(ctx, login);
}

/** Refuses: user.unknown, user.name. */
export async function updateUser(ctx: Ctx, login: string, to: { readonly name?: string | undefined; readonly employee?: string | null | undefined; readonly language?: "zh" | "en" | null | undefined }): Promise<User> {
  await ctx.db.transaction(async (db) => {
    await store.lockPeople(db);
    const user = (await store.findUser(db, login)) ?? refuse("user.unknown", { user: login });
    await store.setUser(db, login, { name: to.name === undefined ? user.name : requireName(to.name), employee: to.employee === undefined ? user.employee : codeOf(to.employee), language: to.language === undefined ? user.language : to.language, state: user.state });
  });
  forgetPermissions(ctx.db);
  return showUser(ctx, login);
}

/** A disabled person is out at once. Refuses: user.unknown, user.self, user.last_owner. */
export async function setUserState(ctx: Ctx, login: string, state: "active" | "disabled"): Promise<User> {
  if (login === ctx.actor.id) refuse("user.self");
  await ctx.db.transaction(async (db) => {
    await store.lockPeople(db);
    const user = (await store.findUser(db, login)) ?? refuse("user.unknown", { user: login });
    const owners = await store.countOwners(db);
    await store.setUser(db, login, { ...user, state });
    if (state === "disabled") await endSessionsOf(ctx, db, login);
    await requireOwner(db, owners);
  });
  forgetPermissions(ctx.db);
  return showUser(ctx, login);
}

/** All of a person's roles, in place of those before. Refuses: user.unknown, grant.*, role.unknown, user.last_owner. */
export async function putGrants(ctx: Ctx, login: string, grants: readonly GrantGiven[]): Promise<User> {
  if (login === ctx.actor.id) refuse("grant.own");
  await ctx.db.transaction(async (db) => {
    await store.lockPeople(db);
    if (!(await store.findUser(db, login))) refuse("user.unknown", { user: login });
    const owners = await store.countOwners(db);
    await store.removeGrants(db, login);
    await give(db, login, grants);
    await requireOwner(db, owners);
  });
  forgetPermissions(ctx.db);
  return showUser(ctx, login);
}

async function give(db: Db, login: string, grants: readonly GrantGiven[]): Promise<void> {
  const seen = new Set<string>();
  for (const { role: name, book, scope } of grants) {
    const role = (await store.findRole(db, name)) ?? refuse("role.unknown", { role: name });
    if (seen.has(`${name} ${book}`)) refuse("grant.twice", { role: role.zh, book });
    seen.add(`${name} ${book}`);
    const isPart = scope !== null && [scope.employees, scope.departments, scope.regions].some((part) => part !== null);
    if (role.needsScope && !isPart) refuse("grant.scope", { roleZh: role.zh, roleEn: role.en });
    // An owner of a part of it all could not put right what others did.
    if (name === "owner" && (isPart || book !== "*")) refuse("grant.owner_whole");
    await store.addGrant(db, { login, role: name, book, scope: isPart ? { employees: scope.employees, departments: scope.departments, regions: scope.regions } : null });
  }
}

/** Where there was an owner there is one afterwards. Refuses: user.last_owner. */
async function requireOwner(db: Db, before: number): Promise<void> {
  if (before > 0 && (await store.countOwners(db)) === 0) refuse("user.last_owner");
}

/** Names that stand for programs in what was done. */
const reserved = new Set(["pack", "system", "api", "key", "flow"]);
/** Refuses: user.login. */
export function requireLogin(login: string): string {
  return /^[a-z0-9_.@-]{2,60}$/.test(login) && !reserved.has(login) ? login : refuse("user.login", { login: login.slice(0, 60) });
}
/** Refuses: user.name. */
export function requireName(name: string): string {
  const text = name.trim();
  return text !== "" && text.length <= 60 && !/[\p{Cc}\p{Cf}\u2028\u2029]/u.test(text) ? text : refuse("user.name");
}
const codeOf = (code: string | null | undefined): string | null => code?.trim() || null;
