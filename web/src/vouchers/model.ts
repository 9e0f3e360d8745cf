/** What the server says of vouchers and drafts, and the little arithmetic a screen needs: exact, on decimal strings. */
export type DeliveryMark = { readonly flow: string; readonly state: string; readonly targetNumber: string | null; readonly targetState: string | null; readonly at: string };
export type FoundVoucher = {
  readonly cursor: string; readonly id: string; readonly number: string; readonly period: string; readonly date: string; readonly summary: string; readonly attachments: number; readonly debitTotal: string | null; readonly rule: string; readonly ruleVersion: number;
  readonly preparedBy: string; readonly reviewedBy: string; readonly postedBy: string; readonly postedAt: string; readonly document: string | null; readonly reversalOf: string | null; readonly deliveries: readonly DeliveryMark[];
};
export type FoundPage = { readonly rows: readonly FoundVoucher[]; readonly older: string | null; readonly newer: string | null; readonly searchedTo: string | null };
export type Facets = { readonly series: readonly string[]; readonly periods: readonly string[]; readonly rules: readonly { readonly rule: string; readonly zh: string; readonly en: string }[] };

export type Named = { readonly name: string; readonly value: string; readonly zh: string; readonly en: string };
export type Line = {
  readonly account: string; readonly accountZh: string; readonly accountEn: string; readonly summary: string; readonly debit: string | null; readonly credit: string | null; readonly currency: string; readonly amountOriginal: string | null; readonly rate: string;
  readonly dimensions: Readonly<Record<string, string>>; readonly named: readonly Named[];
};
export type Attached = { readonly document: string; readonly kind: string; readonly number: string; readonly date: string; readonly party: string; readonly amount: string | null; readonly lines: number; readonly state: string };
type Form = {
  readonly series: string; readonly period: string; readonly date: string; readonly summary: string; readonly attachments: number; readonly lines: readonly Line[]; readonly debitTotal: string | null; readonly creditTotal: string | null; readonly inWords: string;
  readonly rule: string; readonly ruleVersion: number; readonly preparedBy: string; readonly attached: readonly Attached[]; readonly isHidden?: boolean;
};
export type Voucher = Form & {
  readonly id: string; readonly number: string; readonly ruleZh: string; readonly ruleEn: string; readonly block: number; readonly reviewedBy: string; readonly postedBy: string; readonly postedAt: string; readonly closedBy: string | null;
  readonly reversalOf: string | null; readonly reversedBy: string | null; readonly older: string | null; readonly newer: string | null; readonly deliveries: readonly DeliveryMark[];
};
export type SentBack = { readonly by: string; readonly at: string; readonly reason: string };
export type DraftRow = {
  readonly draft: string; readonly document: string; readonly kind: string; readonly date: string; readonly period: string; readonly series: string; readonly summary: string; readonly debitTotal: string | null; readonly attachments: number; readonly rule: string; readonly ruleVersion: number;
  readonly why: string; readonly preparedBy: string; readonly preparedAt: string; readonly isOwn: boolean; readonly sentBack: SentBack | null;
};
export type Draft = Form & Pick<DraftRow, "draft" | "document" | "kind" | "why" | "preparedAt" | "isOwn" | "sentBack"> & { readonly corrects: string | null; readonly correction: string | null; readonly reason: string | null; readonly version: number };
/** A voucher, or one that is not yet: what the form draws. */
export type Shown = Form & Partial<Pick<Voucher, "number" | "reviewedBy" | "postedBy" | "closedBy">>;

export type Input = { readonly name: string; readonly zh: string; readonly en: string; readonly value: string; readonly document: string | null };
export type Part = { readonly by: number; readonly table: string; readonly tableZh: string; readonly tableEn: string; readonly choice: number; readonly condition: string; readonly account: string; readonly amount: string; readonly sum: string; readonly inputs: readonly Input[] };
export type Decision = {
  readonly document: string; readonly event: string; readonly rule: string; readonly version: number; readonly zh: string; readonly en: string; readonly effectiveOn: string; readonly proposedBy: string; readonly approvedBy: string | null; readonly approvedAt: string | null;
  readonly rejected: readonly { readonly rule: string; readonly zh: string; readonly en: string; readonly wanted: string; readonly actual: string }[];
};
export type Why = { readonly number: string; readonly decisions: readonly Decision[]; readonly lines: readonly { readonly line: number; readonly parts: readonly Part[]; readonly count: number; readonly total: string }[]; readonly derivedAs: string; readonly isEqual: boolean; readonly hash: string; readonly hashDerived: string };

export type SaidProblem = { readonly code: string; readonly zh: string; readonly en: string; readonly where: string | null; readonly todo: { readonly zh: string; readonly en: string } };

/** 1,200.5 and −3 as minor units of two decimals; null where it is no amount. */
export function minorOf(text: string): bigint | null {
  const match = /^([-−]?)(\d*)(?:\.(\d{0,2}))?$/.exec(text.replace(/[,，\s]/g, ""));
  if (!match || (match[2] === "" && (match[3] ?? "") === "")) return null;
  const minor = BigInt(`${match[2] || "0"}${(match[3] ?? "").padEnd(2, "0")}`);
  return match[1] === "" ? minor : -minor;
}
export const decimalOf = (minor: bigint): string => `${minor < 0n ? "-" : ""}${String(minor < 0n ? -minor : minor).padStart(3, "0").replace(/(\d\d)$/, ".$1")}`;
export const sumOf = (amounts: readonly (string | null | undefined)[]): string => decimalOf(amounts.reduce((sum, one) => sum + (minorOf(one ?? "") ?? 0n), 0n));

/** 2026-03/记-7 as an address below the book. */
export const addressOf = (book: string, number: string): string => `/b/${book}/vouchers/${number.slice(0, 7)}/${encodeURIComponent(number.slice(8))}`;
export const documentAddress = (book: string, document: string): string => `/b/${book}/documents/one?of=${encodeURIComponent(document)}`;
export const kindOf = (document: string): string => document.slice(document.indexOf(":") + 1, document.indexOf("/"));
export const sourceIdOf = (document: string): string => document.slice(document.indexOf("/") + 1);
