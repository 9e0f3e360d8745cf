/** Users, roles, and which user has which role where. */
import type { Db } from "../platform/index.ts";
import type { Scope } from "./policy.ts";

export type UserRow = {
  readonly login: string; readonly name: string; readonly passwordHash: string | null; readonly oidcIssuer: string | null; readonly oidcSubject: string | null; readonly employee: string | null; readonly state: "active" | "disabled";
  readonly language: "zh" | "en" | null; readonly createdAt: string; readonly createdBy: string; readonly seenAt: string | null; readonly lockedUntil: string | null;
};
const userColumns = `u.login, u.name, u.password_hash as "passwordHash", u.oidc_issuer as "oidcIssuer", u.oidc_subject as "oidcSubject", u.employee, u.state, u.language, u.created_at as "createdAt", u.created_by as "createdBy", u.seen_at as "seenAt",
            (select a.locked_until from access.attempt a where a.key = 'login ' || u.login) as "lockedUntil"`;

export const findUser = (db: Db, login: string): Promise<UserRow | undefined> => db.maybe(`select ${userColumns} from access.user u where login = $1`, [login]);
export const findUserBySubject = (db: Db, issuer: string, subject: string): Promise<UserRow | undefined> => db.maybe(`select ${userColumns} from access.user u where oidc_issuer = $1 and oidc_subject = $2`, [issuer, subject]);
export const findUsers = (db: Db): Promise<UserRow[]> => db.query(`select ${userColumns} from access.user u order by login`);

/** Answers false when the login is taken. */
export const addUser = async (db: Db, user: { readonly login: string; readonly name: string; readonly passwordHash: string | null; readonly employee: string | null; readonly language: string | null; readonly at: string; readonly by: string }): Promise<boolean> =>
  (await db.query("insert into access.user (login, name, password_hash, employee, language, created_at, created_by) values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing returning 1", [user.login, user.name, user.passwordHash, user.employee, user.language, user.at, user.by])).length === 1;

export const setUser = (db: Db, login: string, to: { readonly name: string; readonly employee: string | null; readonly language: string | null; readonly state: string }): Promise<unknown> =>
  db.query("update access.user set name = $2, employee = $3, language = $4, state = $5 where login = $1", [login, to.name, to.employee, to.language, to.state]);
export const setPassword = (db: Db, login: string, hash: string): Promise<unknown> => db.query("update access.user set password_hash = $2 where login = $1", [login, hash]);
export const setSeen = (db: Db, login: string, at: string): Promise<unknown> => db.query("update access.user set seen_at = $2 where login = $1", [login, at]);
/** Only for whoever has no other login yet; answers whether it was set. */
export const setSubject = async (db: Db, login: string, issuer: string, subject: string): Promise<boolean> =>
  (await db.query("update access.user set oidc_issuer = $2, oidc_subject = $3 where login = $1 and oidc_subject is null and state = 'active' returning 1", [login, issuer, subject])).length === 1;

export type RoleRow = { readonly role: string; readonly zh: string; readonly en: string; readonly duties: readonly string[]; readonly columns: readonly string[]; readonly needsScope: boolean; readonly isStandard: boolean };
const roleColumns = `r.role, r.zh, r.en, r.duties, r.columns, r.needs_scope as "needsScope", r.is_standard as "isStandard"`;
export const findRoles = (db: Db): Promise<RoleRow[]> => db.query(`select ${roleColumns} from access.role r order by not is_standard, array_position(array['owner', 'controller', 'accountant', 'reviewer', 'cashier', 'sales', 'buyer', 'it', 'auditor'], role), role`);
export const findRole = (db: Db, role: string): Promise<RoleRow | undefined> => db.maybe(`select ${roleColumns} from access.role r where role = $1`, [role]);
/** Answers false when there is one already. */
export const addRole = async (db: Db, role: Omit<RoleRow, "isStandard">): Promise<boolean> =>
  (await db.query("insert into access.role (role, zh, en, duties, columns, needs_scope) values ($1, $2, $3, $4, $5, $6) on conflict do nothing returning 1", [role.role, role.zh, role.en, role.duties, role.columns, role.needsScope])).length === 1;
export const setRole = (db: Db, role: Omit<RoleRow, "isStandard">): Promise<unknown> =>
  db.query("update access.role set zh = $2, en = $3, duties = $4, columns = $5, needs_scope = $6 where role = $1", [role.role, role.zh, role.en, role.duties, role.columns, role.needsScope]);
export const removeRole = (db: Db, role: string): Promise<unknown> => db.query("delete from access.role where role = $1 and not is_standard", [role]);

export type GrantRow = { readonly login: string; readonly role: string; readonly book: string; readonly scope: Scope | null };
export const findGrants = (db: Db, login: string | null): Promise<(GrantRow & RoleRow)[]> =>
  db.query(`select g.login, g.book, g.scope, ${roleColumns} from access.grant g join access.role r using (role) where $1::text is null or g.login = $1 order by g.login, g.role, g.book`, [login]);
export const countGrants = async (db: Db, role: string, withoutScope = false): Promise<number> => Number((await db.one<{ n: bigint }>("select count(*) as n from access.grant where role = $1 and (not $2 or scope is null)", [role, withoutScope])).n);
export const removeGrants = (db: Db, login: string): Promise<unknown> => db.query("delete from access.grant where login = $1", [login]);
export const addGrant = (db: Db, grant: GrantRow): Promise<unknown> =>
  db.query("insert into access.grant (login, role, book, scope) values ($1, $2, $3, $4)", [grant.login, grant.role, grant.book, grant.scope === null ? null : JSON.stringify(grant.scope)]);

/** Who changes users, roles or grants does so after whoever does it now: the last owner must stay one. */
export const lockPeople = (db: Db): Promise<unknown> => db.query("select pg_advisory_xact_lock(hashtext('access.people'))");
export const countOwners = async (db: Db): Promise<number> => Number((await db.one<{ n: bigint }>("select count(*) as n from access.user u join access.grant g using (login) where u.state = 'active' and g.role = 'owner' and g.book = '*'")).n);
