/** The door of 权限: who may see and do what; people with their logins, programs with their keys. */
export { admit, type Admitted, createKey, forgetCalls, type Key, listCalls, listKeys, noteCall, principalOfKey, RateRefusal, requireWithin, revokeKey, type Scope, scopes, showKey, shownPart, withoutKeys } from "./key.ts";
export { type Link, type LinkPurpose, type LinkShown, makeOwnerLink, makeUserLink, needsOwner, showLink, useLink } from "./link.ts";
export { columnOf, maskBody, type Masked } from "./mask.ts";
export { type Column, columnNames, columns, dutiesOfPart, dutyNames, duties, type Duty, type Grant, type Principal, principalOfAll, requireDuty, type Role, type Scope as RowScope, type Sight, sightOf } from "./policy.ts";
export { principalOfUser } from "./principal.ts";
export { restrictedStore } from "./restricted.ts";
export { createRole, listRoles, removeRole, type RoleListed, type RoleWanted, showRole, updateRole } from "./role.ts";
export { cookieName, endSession, forgetPermissions, isCsrf, listSessions, readSession, type Session, type SessionListed, sessionSeconds, signOut } from "./session.ts";
export { changePassword, type From, type SignedIn, signIn, signInWithSubject, WaitRefusal } from "./sign-in.ts";
export { createUser, type GrantGiven, listUsers, putGrants, setUserState, showUser, updateUser, type User, type UserWanted } from "./user.ts";
export { refusals } from "./refusals.ts";
