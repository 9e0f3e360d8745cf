/** What the API gives of differences, and the words for it. */
import type { Words } from "../ui/text.ts";

export type Part = "chain" | "books" | "finance";
export type Owner = { readonly kind: string; readonly id: string; readonly name: string };
export type Difference = {
  readonly difference: string; readonly no: number | null; readonly part: Part; readonly cause: string; readonly causeZh: string; readonly causeEn: string; readonly subject: string; readonly why: Words; readonly account: string; readonly accountName: Words; readonly party: string; readonly partyName: string; readonly item: string; readonly itemName: string; readonly period: string;
  readonly documents: readonly string[]; readonly vouchers: readonly string[]; readonly business: string | null; readonly books: string | null; readonly amount: string | null; readonly since: string; readonly days: number; readonly owner: Owner; readonly assignedTo: string; readonly dueOn: string | null; readonly state: "open" | "accepted" | "closed";
  readonly foundAt: string; readonly changedAt: string; readonly closedAt: string | null; readonly proposed: string; readonly cursor: string;
};
export type Shown = Difference & {
  readonly parts: readonly { readonly ledger: string; readonly account: string; readonly accountName: Words; readonly of: string; readonly ofName: string; readonly business: string | null; readonly books: string | null }[];
  readonly facts: Readonly<Record<string, unknown>>; /** Of an adjusting voucher: what a counter account takes. */ readonly counter: string | null;
  readonly history: readonly { readonly at: string; readonly by: string; readonly what: string; readonly amount: string | null; readonly reason: string; readonly facts: Readonly<Record<string, unknown>> }[];
};
export type Figures = { readonly opening: string; readonly increase: string; readonly decrease: string; readonly closing: string };
export type Side = { readonly ledger: string; readonly account: string; readonly name: Words; readonly of: string; readonly ofName: string; readonly business: Figures | null; readonly books: Figures | null; readonly difference: string | null; readonly causes: readonly { readonly cause: string; readonly zh: string; readonly en: string; readonly count: number }[] };
export type CauseSum = { readonly part: Part; readonly cause: string; readonly no: number | null; readonly zh: string; readonly en: string; readonly count: number; readonly documents: number; readonly amount: string; readonly oldest: string; readonly owner: Owner };
export type Board = {
  readonly from: string; readonly to: string; readonly run: { readonly at: string; readonly by: string; readonly opened: number; readonly closed: number; readonly ms: number; readonly isStale: boolean } | null;
  readonly parts: readonly { readonly part: Part | "bank"; readonly differences: number; readonly amount: string; readonly extent: string }[]; readonly sides: readonly Side[]; readonly causes: readonly CauseSum[]; readonly ages: readonly { readonly age: string; readonly count: number; readonly amount: string }[]; readonly total: string;
};

export const partWords: Readonly<Record<string, Words>> = { chain: { zh: "订单链", en: "Order chain" }, books: { zh: "业务与账簿", en: "Business and books" }, finance: { zh: "账簿与财务系统", en: "Books and finance system" }, bank: { zh: "银行与账簿", en: "Bank and books" } };
export const ageWords: Readonly<Record<string, Words>> = { week: { zh: "7 天内", en: "under 7 days" }, month: { zh: "7–29 天", en: "7–29 days" }, quarter: { zh: "30–89 天", en: "30–89 days" }, older: { zh: "90 天以上", en: "90 days and more" } };
/** Whose turn it is where the data names nobody: by the duty. */
export const dutyWords: Readonly<Record<string, Words>> = {
  "documents.decide": { zh: "单据处理人", en: "document desk" }, "vouchers.review": { zh: "审核人", en: "reviewer" }, "vouchers.reverse": { zh: "总账会计", en: "ledger accountant" }, "vouchers.enter": { zh: "总账会计", en: "ledger accountant" }, "rules.propose": { zh: "规则管理员", en: "rules" },
  "masterdata.edit": { zh: "主数据管理员", en: "master data" }, "periods.close": { zh: "结账人", en: "whoever closes" }, "deliveries.decide": { zh: "送达处理人", en: "delivery desk" }, "flows.manage": { zh: "接口管理员", en: "flows" },
};
export const eventWords: Readonly<Record<string, Words>> = { found: { zh: "发现", en: "Found" }, changed: { zh: "金额或原因变化", en: "Amount or cause changed" }, corrected: { zh: "更正", en: "Corrected" }, assigned: { zh: "交办", en: "Assigned" }, accepted: { zh: "认可", en: "Accepted" }, reopened: { zh: "重开", en: "Open again" }, closed: { zh: "消除", en: "Gone" }, noted: { zh: "备注", en: "Note" } };
export const stateWords: Readonly<Record<string, Words>> = { open: { zh: "未消除", en: "Open" }, accepted: { zh: "已认可", en: "Accepted" }, closed: { zh: "已消除", en: "Gone" } };

/** What is proposed, as a sentence, and the word on its button where it is one click. */
export const proposals: Readonly<Record<string, { readonly say: Words; readonly act?: Words; readonly to?: (of: Difference, book: string) => string | undefined; readonly link?: Words }>> = {
  decideDocument: { say: { zh: "按挂起原因处理单据；入账后差异自动消除。", en: "Decide about the document by its reason; once it posts, the difference is gone." }, to: (of, book) => (of.documents[0] ? `/b/${book}/documents/one?of=${encodeURIComponent(of.documents[0])}` : undefined), link: { zh: "打开单据", en: "Open the document" } },
  review: { say: { zh: "由制单人以外的人审核这张草稿。", en: "Somebody other than its preparer reviews the draft." }, to: (_, book) => `/b/${book}/vouchers/review`, link: { zh: "去审核", en: "Review" } },
  reverse: { say: { zh: "红冲这张凭证。红字凭证是待审核草稿，审核后差异消除。", en: "Reverse the voucher in red. It becomes a draft; once reviewed, the difference is gone." }, act: { zh: "红冲", en: "Reverse" } },
  restore: { say: { zh: "已封存的凭证被改动。调整凭证只会掩盖改动；请数据库管理员由备份恢复这一行，再运行验证。", en: "A sealed voucher was changed. Another voucher would only hide that: the database's administrator restores the row from a backup, then proves the books." }, to: (of, book) => voucherPath(of, book), link: { zh: "打开凭证", en: "Open the voucher" } },
  redeliver: { say: { zh: "重新送达。原送达作废，以新编号再送一次。", en: "Deliver it anew under a new number; the old delivery is set aside." }, act: { zh: "重新送达", en: "Deliver anew" } },
  acceptThere: { say: { zh: "在财务系统删除多出的一张，再接受现状。", en: "Delete the extra one in the finance system, then accept what stands there." }, act: { zh: "已处理，接受", en: "Done, accept" } },
  mapping: { say: { zh: "改正对照或规则；改正后自动消除。", en: "Correct the code map or the rule; then it is gone by itself." }, to: (of, book) => (of.part === "finance" ? `/b/${book}/connectors` : `/b/${book}/rules`), link: { zh: "去改正", en: "Correct it" } },
  chase: { say: { zh: "交办给责任人，到期日前办结。", en: "Ask the person responsible to settle it by a day." } },
  adjust: { say: { zh: "开一张调整凭证，使账簿与单据一致。它是待审核草稿，审核后差异消除。", en: "Enter the voucher that brings the books to what the documents say. It becomes a draft; once reviewed, the difference is gone." }, act: { zh: "开调整凭证", en: "Enter the voucher" } },
  enterDocument: { say: { zh: "补一张成本调整单，结清零数量的金额。", en: "Send a cost adjustment that takes the amount left without quantity." }, to: (_, book) => `/b/${book}/documents/upload`, link: { zh: "录入单据", en: "Enter a document" } },
  runEstimates: { say: { zh: "运行月末暂估。", en: "Run the month-end estimates." }, to: (_, book) => `/b/${book}/books/close`, link: { zh: "去结账页", en: "Open the close" } },
  none: { say: { zh: "两个期间各差一半，合计为零；认可即可。", en: "Each period is off, and together they are even; it can be accepted." } },
};
export const voucherPath = (of: Difference, book: string): string | undefined => { const [number] = of.vouchers; return number === undefined ? undefined : `/b/${book}/vouchers/${number.slice(0, 7)}/${encodeURIComponent(number.slice(8))}`; };
