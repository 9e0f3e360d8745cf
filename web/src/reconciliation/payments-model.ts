/** What the payment desk reads, and its words. */
import type { Tone } from "../ui/parts.tsx";
import type { Text } from "../ui/text.ts";

export type Payable = {
  readonly item: string; readonly document: string; readonly kind: string; readonly supplier: string; readonly supplierName: string; readonly invoiceNumber: string; readonly date: string; readonly dueOn: string; readonly currency: string; readonly open: string; readonly planned: string; readonly left: string; readonly discount: { readonly until: string; readonly amount: string } | null;
  readonly match: string; readonly findings: readonly string[]; readonly atStake: string; readonly approval: { readonly by: string; readonly at: string; readonly reason: string } | null; readonly isPayable: boolean; readonly account: "inForce" | "pending" | "none"; readonly against: string; readonly cursor: string;
};
export type Batch = {
  readonly batch: string; readonly bankAccount: string; readonly currency: string; readonly executeOn: string; readonly messageId: string; readonly state: string; readonly note: string; readonly proposedAt: string; readonly proposedBy: string; readonly approvedAt: string | null; readonly approvedBy: string | null;
  readonly exportedAt: string | null; readonly exportedBy: string | null; readonly endedAt: string | null; readonly endedBy: string | null; readonly endReason: string; readonly payments: number; readonly amount: string; readonly paid: string; readonly cursor: string;
};
export type AccountFields = { readonly accountNo: string; readonly supplier: string; readonly name: string; readonly number: string; readonly bank: string; readonly bankName: string; readonly setAt: string; readonly setBy: string; readonly decidedAt: string | null; readonly decidedBy: string | null };
export type BatchLine = { readonly payment: string; readonly supplier: string; readonly supplierName: string; readonly amount: string; readonly endToEndId: string; readonly paidOn: string | null; readonly paidBy: string | null; readonly isAccountChanged: boolean; readonly account: AccountFields; readonly items: readonly { readonly document: string; readonly dueOn: string; readonly amount: string; readonly discount: string }[] };
export type Payer = { readonly name: string; readonly account: string; readonly bank: string; readonly bankName: string };
export type BatchShown = Batch & { readonly payer: Payer; readonly lines: readonly BatchLine[] };
export type Account = AccountFields & { readonly reason: string; readonly state: string; readonly sameAs: readonly string[] };
export type Desk = { readonly banks: readonly { readonly bankAccount: string; readonly zh: string; readonly en: string; readonly currency: string }[]; readonly today: string; readonly inTwoWeeks: string };
export type Outlook = { readonly from: string; readonly opening: string; readonly weeks: readonly { readonly week: number; readonly from: string; readonly to: string; readonly in: string; readonly out: string; readonly balance: string }[] };

type Marked = { readonly text: Text; readonly tone: Tone };
export const matchWords: Readonly<Record<string, Marked>> = {
  matched: { text: { zh: "三单相符", en: "Matched" }, tone: "good" }, priceVariance: { text: { zh: "价格差异", en: "Price differs" }, tone: "warn" }, quantityVariance: { text: { zh: "数量差异", en: "Quantity differs" }, tone: "warn" }, invoiceFirst: { text: { zh: "票到货未到", en: "Invoice before goods" }, tone: "warn" },
  duplicateInvoice: { text: { zh: "发票重复", en: "Duplicate" }, tone: "bad" }, noOrder: { text: { zh: "无订单", en: "No order" }, tone: "warn" }, other: { text: { zh: "无可匹配", en: "Nothing to match" }, tone: "warn" },
};
export const batchWords: Readonly<Record<string, Marked>> = {
  proposed: { text: { zh: "待批准", en: "To approve" }, tone: "warn" }, approved: { text: { zh: "待导出", en: "To export" }, tone: "accent" }, exported: { text: { zh: "已给银行", en: "With the bank" }, tone: undefined }, paid: { text: { zh: "已付", en: "Paid" }, tone: "good" }, withdrawn: { text: { zh: "已撤回", en: "Withdrawn" }, tone: undefined },
};
export const accountWords: Readonly<Record<string, Marked>> = {
  pending: { text: { zh: "变更待批准", en: "Change waits" }, tone: "warn" }, none: { text: { zh: "没有账户", en: "No account" }, tone: "warn" }, inForce: { text: { zh: "现用", en: "In force" }, tone: "good" }, before: { text: { zh: "曾用", en: "Before" }, tone: undefined }, rejected: { text: { zh: "已拒绝", en: "Rejected" }, tone: "bad" },
};
