/**
 * The one policy: which duties there are, what each role may do, and what one principal sees of one book. Whatever is not granted is
 * refused. Every path asks here, the API, lists, boards, exports and live updates alike; nothing else decides about permission.
 */
import { refuse } from "../platform/index.ts";

/** What a person or a program may do. A route names exactly one; the matrix in SECURITY.md says which role has which. */
export const duties = {
  "documents.read": { zh: "查看单据", en: "see documents" },
  "documents.post": { zh: "录入、上传单据", en: "enter and upload documents" },
  "documents.decide": { zh: "处理挂起的单据", en: "decide about parked documents" },
  "masterdata.read": { zh: "查看主数据", en: "see master data" },
  "masterdata.edit": { zh: "维护主数据", en: "keep master data" },
  "rules.read": { zh: "查看会计规则", en: "see accounting rules" },
  "rules.propose": { zh: "提出规则版本", en: "propose a version of the rules" },
  "rules.approve": { zh: "批准规则版本", en: "approve a version of the rules" },
  "vouchers.read": { zh: "查看凭证", en: "see vouchers" },
  "vouchers.enter": { zh: "制单", en: "prepare vouchers" },
  "vouchers.review": { zh: "审核凭证", en: "review vouchers" },
  "vouchers.reverse": { zh: "红冲、更正凭证", en: "reverse and correct vouchers" },
  "books.read": { zh: "查看账簿与报表", en: "see ledgers and statements" },
  "books.manage": { zh: "建账与设置", en: "create books and change settings" },
  "periods.close": { zh: "期末处理与结账", en: "run month-end tasks and close periods" },
  "periods.reopen": { zh: "反结账", en: "reopen periods" },
  "flows.read": { zh: "查看数据流", en: "see flows" },
  "flows.manage": { zh: "管理数据流与机密", en: "manage flows and their secrets" },
  "flows.send": { zh: "向数据流推送", en: "send records to a flow" },
  "deliveries.read": { zh: "查看送达", en: "see deliveries" },
  "deliveries.decide": { zh: "处理送达", en: "decide about deliveries" },
  "bank.read": { zh: "查看银行对账", en: "see bank reconciliation" },
  "bank.match": { zh: "银行对账勾对", en: "match bank movements" },
  "reconciliation.read": { zh: "查看对账差异", en: "see differences" },
  "reconciliation.decide": { zh: "处理对账差异、发对账单", en: "decide about differences and send statements of account" },
  "payments.propose": { zh: "提出付款、导出银行文件", en: "propose payments and export files for the bank" },
  "payments.approve": { zh: "批准付款与收款账户", en: "approve payments and accounts of suppliers" },
  "alerts.read": { zh: "查看预警", en: "see alerts" },
  "alerts.manage": { zh: "管理预警规则与渠道", en: "manage rules and channels of alerts" },
  "boards.read": { zh: "查看看板", en: "see boards" },
  "audit.read": { zh: "查看留痕", en: "read the audit trail" },
  "access.manage": { zh: "管理用户与权限", en: "manage users and permissions" },
  "keys.manage": { zh: "管理访问密钥", en: "manage keys of programs" },
} as const satisfies Record<string, { readonly zh: string; readonly en: string }>;
export type Duty = keyof typeof duties;
export const dutyNames = Object.keys(duties) as Duty[];

/** Columns that are hidden unless granted. What is worked out from a hidden column is hidden too: margin is when cost is. */
export const columns = {
  cost: { zh: "成本与毛利", en: "cost and margin" },
  bank: { zh: "银行账号", en: "bank accounts" },
  salary: { zh: "薪酬", en: "salaries" },
} as const satisfies Record<string, { readonly zh: string; readonly en: string }>;
export type Column = keyof typeof columns;
export const columnNames = Object.keys(columns) as Column[];

/** Which rows: null is all of that kind. Own customers are those whose master record names one of these employees as salesperson (a supplier's: buyer). */
export type Scope = { readonly employees: readonly string[] | null; readonly departments: readonly string[] | null; readonly regions: readonly string[] | null };

export type Role = { readonly role: string; readonly zh: string; readonly en: string; readonly duties: readonly Duty[]; readonly columns: readonly Column[]; /** Only for grants that name a scope. */ readonly needsScope: boolean };

/** A role given to a user for one book, or for all: "*". */
export type Grant = Role & { readonly book: string; readonly scope: Scope | null };

/** Whoever asks: a person who is signed in, or a program with its key. */
export type Principal = { readonly kind: "user" | "key" | "system"; readonly id: string; readonly name: string; readonly grants: readonly Grant[] };

/** What a principal sees and may do in one book. Scopes of null are the whole book, none are nothing; several are added up: a row is seen if one of them shows it. */
export type Sight = { readonly user: string; readonly duties: ReadonlySet<Duty>; readonly columns: ReadonlySet<Column>; readonly scopes: readonly Scope[] | null };

/** What somebody with a part of a book may do at all: read what belongs to parties. Everything else is of the whole book. */
export const dutiesOfPart: ReadonlySet<Duty> = new Set(["documents.read", "masterdata.read", "boards.read"]);

/**
 * `book` undefined asks beyond a book: then only grants for all books count, or, for what is then checked book by book, any grant (`ofAny`). With a
 * duty, the rows are those of the grants that have it: a role for the whole book does not widen what another role gives for a part. Without one, a
 * grant for the whole book comes first, and parts count where there is none.
 */
export function sightOf(principal: Principal, book?: string, options: { readonly ofAny?: boolean; readonly duty?: Duty | undefined } = {}): Sight {
  const { ofAny = false, duty } = options;
  const grants = principal.grants.filter((grant) => grant.book === "*" || ofAny || (book !== undefined && grant.book === book));
  const has = (grant: Grant): boolean => duty === undefined || grant.duties.includes(duty);
  const whole = grants.filter(({ scope }) => scope === null);
  const parts = grants.filter((grant) => grant.scope !== null && has(grant));
  if (whole.some(has)) return { user: principal.id, duties: new Set(whole.flatMap((grant) => grant.duties)), columns: new Set(whole.flatMap((grant) => grant.columns)), scopes: null };
  return {
    user: principal.id, duties: new Set(parts.flatMap((grant) => grant.duties).filter((one) => dutiesOfPart.has(one))), columns: new Set(parts.flatMap((grant) => grant.columns)),
    scopes: parts.flatMap(({ scope }) => (scope === null ? [] : [scope])),
  };
}

/** Refuses: access.denied. */
export function requireDuty(sight: Sight, duty: Duty): void {
  if (!sight.duties.has(duty)) refuse("access.denied", { duty, dutyZh: duties[duty].zh, dutyEn: duties[duty].en });
}

/** One that may do and see everything: for tests of what comes after the login. */
export const principalOfAll = (id: string): Principal => ({ kind: "system", id, name: id, grants: [{ role: "owner", zh: "所有者", en: "Owner", duties: dutyNames, columns: columnNames, needsScope: false, book: "*", scope: null }] });
