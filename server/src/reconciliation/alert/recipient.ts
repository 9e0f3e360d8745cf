/** Who is called: the person the data names, then roles; and what each may be told. */
import { listUsers, type Principal, principalOfUser, type RowScope, sightOf, type User } from "../../access/index.ts";
import type { Ctx } from "../../platform/index.ts";
import type { AlertDefinition } from "./rule.ts";
import type { Measure } from "./measure.ts";

export type People = { readonly users: readonly User[]; readonly byEmployee: ReadonlyMap<string, string> };

export async function readPeople(ctx: Ctx): Promise<People> {
  const users = (await listUsers(ctx)).filter(({ state }) => state === "active");
  return { users, byEmployee: new Map(users.flatMap(({ login, employee }) => (employee === null || employee === "" ? [] : [[employee, login] as const]))) };
}

/** The chain up which an unheard alert goes. A named person without a login is passed over. */
export function chainOf(people: People, definition: AlertDefinition, employee: string): string[] {
  const owner = definition.callsOwner && employee !== "" ? people.byEmployee.get(employee) : undefined;
  return [...(owner === undefined ? [] : [`user:${owner}`]), ...definition.roles.map((role) => `role:${role}`)];
}

/** The people behind a step of the chain; a role that nobody has here falls to the owners of the book, so that no alert rings in an empty room. */
export function peopleOf(people: People, to: string, bookCode: string): string[] {
  if (to.startsWith("user:")) return [to.slice(5)];
  const having = (role: string): string[] => people.users.filter(({ grants }) => grants.some((grant) => grant.role === role && (grant.book === "*" || grant.book === bookCode))).map(({ login }) => login);
  const found = having(to.slice(5));
  return found.length > 0 ? found : having("owner");
}

/** `nothing`: not even that there is such a subject; `subject`: its name without the figure; `figures`: all of it. */
export type Told = "nothing" | "subject" | "figures";
export function toldTo(principal: Principal, bookCode: string, measure: Measure, employee: string): Told {
  const sight = sightOf(principal, bookCode, { duty: measure.duty });
  if (!sight.duties.has(measure.duty)) return "nothing";
  if (sight.scopes !== null && !(measure.ofParty === true && sight.scopes.some((scope) => isWithin(scope, employee)))) return "nothing";
  return measure.column === undefined || sight.columns.has(measure.column) ? "figures" : "subject";
}
/** A part by department or region cannot be told from the subject alone, so it is not. */
const isWithin = (scope: RowScope, employee: string): boolean => scope.departments === null && scope.regions === null && (scope.employees === null || (employee !== "" && scope.employees.includes(employee)));

export const principalFor = (ctx: Ctx, login: string): Promise<Principal | undefined> => principalOfUser(ctx, login);
