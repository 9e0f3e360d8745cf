/** Roles are data: an owner changes what they may do, and adds others. The owner's own role stays as it is. */
import { type Ctx, type Db, refuse } from "../platform/index.ts";
import { columnNames, dutyNames } from "./policy.ts";
import { forgetPermissions } from "./session.ts";
import * as store from "./user.store.ts";

export type RoleListed = store.RoleRow;
export type RoleWanted = Omit<RoleListed, "isStandard">;
export const listRoles = (ctx: Ctx): Promise<RoleListed[]> => store.findRoles(ctx.db);

/** Refuses: role.unknown. */
export const showRole = (ctx: Ctx, role: string): Promise<RoleListed> => requireRole(ctx.db, role);
const requireRole = async (db: Db, role: string): Promise<RoleListed> => (await store.findRole(db, role)) ?? refuse("role.unknown", { role });

/** Refuses: role.code, role.name, role.exists, role.duty. */
export async function createRole(ctx: Ctx, wanted: RoleWanted): Promise<RoleListed> {
  if (!/^[a-z][a-zA-Z0-9-]{1,39}$/.test(wanted.role)) refuse("role.code", { role: wanted.role.slice(0, 60) });
  check(wanted);
  if (!(await store.addRole(ctx.db, clean(wanted)))) refuse("role.exists", { role: wanted.role });
  return showRole(ctx, wanted.role);
}

/** A standard role keeps its name. Refuses: role.unknown, role.owner, role.duty, role.name, role.scope. */
export async function updateRole(ctx: Ctx, wanted: RoleWanted): Promise<RoleListed> {
  if (wanted.role === "owner") refuse("role.owner");
  check(wanted);
  await ctx.db.transaction(async (db) => {
    await store.lockPeople(db);
    const role = await requireRole(db, wanted.role);
    await requireScoped(db, role, wanted);
    await store.setRole(db, { ...clean(wanted), ...(role.isStandard ? { zh: role.zh, en: role.en } : {}) });
  });
  forgetPermissions(ctx.db);
  return showRole(ctx, wanted.role);
}

/** Refuses: role.unknown, role.standard, role.used. */
export async function removeRole(ctx: Ctx, name: string): Promise<RoleListed> {
  return ctx.db.transaction(async (db) => {
    await store.lockPeople(db);
    const role = await requireRole(db, name);
    if (role.isStandard) refuse("role.standard", { roleZh: role.zh, roleEn: role.en });
    const people = await store.countGrants(db, name);
    if (people > 0) refuse("role.used", { roleZh: role.zh, roleEn: role.en, people });
    await store.removeRole(db, name);
    return role;
  });
}

/** Who has the role for a whole book would keep it so. Refuses: role.scope. */
async function requireScoped(db: Db, role: RoleListed, wanted: RoleWanted): Promise<void> {
  const people = wanted.needsScope && !role.needsScope ? await store.countGrants(db, role.role, true) : 0;
  if (people > 0) refuse("role.scope", { roleZh: role.zh, roleEn: role.en, people });
}

function check(wanted: RoleWanted): void {
  if (wanted.zh.trim() === "" || wanted.en.trim() === "" || wanted.zh.length > 60 || wanted.en.length > 60) refuse("role.name");
  const unknown = [...wanted.duties.filter((duty) => !(dutyNames as readonly string[]).includes(duty)), ...wanted.columns.filter((column) => !(columnNames as readonly string[]).includes(column))];
  if (unknown[0] !== undefined) refuse("role.duty", { duty: unknown[0].slice(0, 60) });
}

const clean = (wanted: RoleWanted): RoleWanted => ({
  role: wanted.role, zh: wanted.zh.trim(), en: wanted.en.trim(), duties: dutyNames.filter((duty) => wanted.duties.includes(duty)), columns: columnNames.filter((column) => wanted.columns.includes(column)), needsScope: wanted.needsScope,
});
