/** The door of 权限: who may read what. So far for programs; people come with their logins. */
export { admit, type Admitted, createKey, forgetCalls, type Key, listCalls, listKeys, noteCall, RateRefusal, revokeKey, type Scope, scopes, shownPart } from "./key.ts";
export { type Column, columnNames, columns, dutyNames, duties, type Duty, type Grant, type Principal, principalOfAll, requireDuty, type Role, type Scope as RowScope, type Sight, sightOf } from "./policy.ts";
export { refusals } from "./refusals.ts";
