/** What a person may do and see now, from the roles they were given. */
import type { Ctx } from "../platform/index.ts";
import { type Column, columnNames, type Duty, dutyNames, type Grant, type Principal } from "./policy.ts";
import * as store from "./user.store.ts";

/** Undefined where there is no such person, or one who is disabled. */
export async function principalOfUser(ctx: Pick<Ctx, "db">, login: string): Promise<Principal | undefined> {
  const user = await store.findUser(ctx.db, login);
  if (user?.state !== "active") return undefined;
  return { kind: "user", id: user.login, name: user.name, grants: (await store.findGrants(ctx.db, login)).map(grantOf) };
}

/** A duty that this version does not know gives nothing. */
const grantOf = ({ role, zh, en, duties, columns, needsScope, book, scope }: store.GrantRow & store.RoleRow): Grant => ({
  role, zh, en, needsScope, book, scope, duties: duties.filter((duty): duty is Duty => (dutyNames as readonly string[]).includes(duty)), columns: columns.filter((column): column is Column => (columnNames as readonly string[]).includes(column)),
});
