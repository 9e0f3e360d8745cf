/** What the server says of documents, and the words for their states and reasons. */
import type { Tone } from "../ui/parts.tsx";
import type { Words } from "../ui/text.ts";

export type Reason = { readonly code: string; readonly zh: string; readonly en: string; readonly where: string | null; readonly todo: Words };
export type State = "posted" | "exempt" | "waiting" | "parked" | "superseded";
export type DocumentRow = {
  readonly document: string; readonly kind: string; readonly source: string; readonly sourceId: string; readonly version: number; readonly date: string; readonly period: string; readonly party: string; readonly partyZh: string; readonly partyEn: string;
  readonly state: State; readonly reasons: readonly Reason[]; readonly receivedAt: string; readonly stateAt: string; readonly amount: string | null; readonly currency: string; readonly isHidden: boolean; readonly cursor: string;
};
export type Linked = { readonly direction: "to" | "from"; readonly document: string; readonly line: string; readonly byLine: string; readonly quantity: string; readonly amount: string; readonly state: State | null; readonly date: string };
export type Change = { readonly path: string; readonly before: string; readonly after: string };
export type Version = Omit<DocumentRow, "partyZh" | "partyEn" | "amount" | "currency" | "isHidden"> & { readonly changes: readonly Change[] };
export type Mark = { readonly delivery: number; readonly flow: string; readonly state: string; readonly targetNumber: string | null; readonly targetState: string | null; readonly at: string };
export type Caused = { readonly id: string; readonly number: string; readonly period: string; readonly date: string; readonly summary: string; readonly debitTotal: string | null; readonly deliveries: readonly Mark[] };
export type Transfer = { readonly flow: string; readonly seq: string; readonly stream: string; readonly key: string; readonly op: string; readonly position: string; readonly landedAt: string; readonly happenedAt: string | null; readonly state: string; readonly version: number | null };
export type Body = Readonly<Record<string, unknown>>;
export type One = Omit<DocumentRow, "partyZh" | "partyEn" | "isHidden"> & { readonly body: Body; readonly hidden: readonly string[]; readonly versions: readonly Version[]; readonly links: readonly Linked[]; readonly vouchers: readonly Caused[]; readonly transfers: readonly Transfer[]; readonly names: readonly { readonly kind: string; readonly code: string; readonly zh: string; readonly en: string }[] };

/** Fields that hold codes of master data, and of what. */
const codeFields: Readonly<Record<string, readonly string[]>> = {
  customer: ["customer"], supplier: ["supplier"], employee: ["employee"], counterparty: ["customer", "supplier"], toParty: ["customer", "supplier"], salesperson: ["employee"], buyer: ["employee"], item: ["item"], warehouse: ["warehouse"], fromWarehouse: ["warehouse"], toWarehouse: ["warehouse"],
  department: ["department"], project: ["project"], region: ["region"], bankAccount: ["bankAccount"], paidFrom: ["bankAccount"], paidTo: ["bankAccount"],
};
export const nameOfCode = (names: One["names"], field: string, code: string): Words | undefined => names.find((name) => name.code === code && codeFields[field]?.includes(name.kind));

export type Candidate = { readonly code: string; readonly source: string; readonly zh: string; readonly en: string; readonly fields: Readonly<Record<string, string>>; readonly units: Readonly<Record<string, string>> };
export type OpenReason = { readonly code: string; readonly about: string; readonly documents: number; readonly oldestAt: string; readonly reason: Reason; readonly facts: Readonly<Record<string, string>>; readonly candidates: readonly Candidate[] };

export type Result = { readonly row: number; readonly document: string; readonly version: number; readonly state: "posted" | "waiting" | "parked" | "duplicate" | "refused"; readonly vouchers: readonly string[]; readonly period?: string; readonly exempt?: string; readonly reasons: readonly Reason[] };
export type Summary = { readonly received: number; readonly posted: number; readonly waiting: number; readonly parked: number; readonly duplicate: number; readonly refused: number; readonly vouchers: number; readonly released: number };
export type Decided = { readonly summary: Summary; readonly results: readonly Result[] };

export const stateWords: Readonly<Record<State, { readonly words: Words; readonly tone: Tone }>> = {
  posted: { words: { zh: "已入账", en: "Posted" }, tone: undefined }, exempt: { words: { zh: "免记账", en: "Exempt" }, tone: undefined }, waiting: { words: { zh: "等待", en: "Waiting" }, tone: undefined },
  parked: { words: { zh: "挂起", en: "Parked" }, tone: "warn" }, superseded: { words: { zh: "已被新版本取代", en: "Superseded" }, tone: undefined },
};

/** A reason in a few words, for a list of them; the sentence with its facts stands beside the document. */
const reasonWords: Readonly<Record<string, Words>> = {
  "masterdata.unknown": { zh: "编码没有主数据", en: "Code without master data" }, "masterdata.unit_unknown": { zh: "单位没有换算", en: "Unit without conversion" }, "rate.missing": { zh: "没有汇率", en: "No exchange rate" },
  "amount.off": { zh: "金额与计算不符", en: "Amount differs from its parts" }, "dimension.missing": { zh: "科目缺辅助核算", en: "Dimension missing" }, "rule.none": { zh: "没有规则适用", en: "No rule applies" }, "rule.no_account": { zh: "规则没有给出科目", en: "The rule gives no account" },
  "rule.account_unknown": { zh: "规则的科目不可用", en: "The rule's account cannot be used" }, "rule.unbalanced": { zh: "规则借贷不平", en: "The rule does not balance" }, "link.over": { zh: "关联数量超过原单", en: "Links exceed the document" }, "link.over_own": { zh: "关联数量超过本行", en: "Links exceed the line" },
  "link.no_line": { zh: "关联的行不存在", en: "The linked line does not exist" }, "link.waiting": { zh: "关联的单据未到", en: "A linked document has not come" }, "stock.waiting": { zh: "结存不足", en: "Not enough on hand" }, "invoice.short_receipt": { zh: "发票数量多于到货", en: "Invoiced more than received" },
  "line.no_price": { zh: "没有单价", en: "No price" }, "return.no_cost": { zh: "退货没有成本", en: "A return without cost" }, "clearing.nothing_open": { zh: "没有未清金额", en: "Nothing open to clear" }, "clearing.over": { zh: "核销超过未清", en: "Clears more than is open" },
  "clearing.currency": { zh: "核销币种不同", en: "Cleared in another currency" }, "clearing.more_than_paid": { zh: "关联多于付款", en: "Links exceed the payment" }, "period.closed_park": { zh: "所属期间已结账", en: "The period is closed" }, "period.no_open": { zh: "没有开放的期间", en: "No open period" },
  "period.before_book": { zh: "早于启用期间", en: "Before the book begins" }, "period.outside_calendar": { zh: "超出会计日历", en: "Outside the calendar" }, "version.used": { zh: "已被后续单据使用", en: "Used by later documents" }, "voucher.review_needed": { zh: "凭证待审核", en: "The voucher waits for review" },
  "settlement.links": { zh: "核销缺关联", en: "Settlement lacks links" }, "settlement.uneven": { zh: "两边核销不等", en: "The two sides differ" }, "vat.nothing_pending": { zh: "没有待认证税额", en: "No input tax to confirm" }, "claim.nothing_missing": { zh: "没有短缺", en: "Nothing is missing" },
};
export const reasonTitle = (reason: { readonly code: string; readonly zh: string; readonly en: string }): Words => reasonWords[reason.code] ?? { zh: reason.zh, en: reason.en };

/** Whose turn it is, by what is wrong. */
export function turnOf(code: string): Words {
  const [area] = code.split(".");
  if (area === "masterdata" || area === "rate") return { zh: "主数据维护人", en: "whoever keeps master data" };
  if (area === "rule" || area === "dimension") return { zh: "规则管理员", en: "whoever keeps the rules" };
  if (area === "period") return { zh: "总账会计", en: "the general ledger accountant" };
  if (code === "voucher.review_needed") return { zh: "审核人", en: "a reviewer" };
  if (code === "link.waiting" || code === "stock.waiting") return { zh: "来源系统，到达后自动入账", en: "the source; posted by itself when it comes" };
  return { zh: "录单人", en: "whoever entered it" };
}

/** customer:K-20931 as what people read. */
export const aboutText = (about: string): string => about.slice(about.indexOf(":") + 1);

export const documentPath = (book: string, document: string): string => `/b/${book}/documents/one?of=${encodeURIComponent(document)}`;
export const kindOf = (document: string): string => document.slice(document.indexOf(":") + 1, document.indexOf("/"));
export const idOf = (document: string): string => document.slice(document.indexOf("/") + 1);
export const voucherPath = (book: string, period: string, number: string): string => `/b/${book}/vouchers/${period}/${encodeURIComponent(number)}`;
