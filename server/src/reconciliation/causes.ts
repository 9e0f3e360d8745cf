/**
 * 原因: why two sides differ. The eighteen that finance departments know by number, and those of a chain whose links disagree. A difference without
 * one of them is not shown as a mere number: `unexplained` says that the search came to its end, and is a defect of the search.
 */
import type { Duty } from "../access/index.ts";

export type Part = "chain" | "books" | "finance";
/** The one act that is proposed. Each ends in something that a person reviews: a voucher draft, a delivery, a code map, a request to somebody. */
export type Correction = "decideDocument" | "enterDocument" | "review" | "reverse" | "restore" | "redeliver" | "acceptThere" | "mapping" | "chase" | "adjust" | "runEstimates" | "none";

export type Cause = { readonly no: number | null; readonly part: Part; readonly zh: string; readonly en: string; readonly correction: Correction; /** Whose turn it is where the data names nobody. */ readonly duty: Duty };

const cause = (no: number | null, part: Part, zh: string, en: string, correction: Correction, duty: Duty): Cause => ({ no, part, zh, en, correction, duty });

export const causes = {
  noVoucher: cause(1, "books", "单据没有凭证", "Document without voucher", "decideDocument", "documents.decide"),
  returnWithoutVoucher: cause(2, "books", "红字单据没有凭证", "Return or red document without voucher", "decideDocument", "documents.decide"),
  adjustmentWithoutVoucher: cause(3, "books", "成本调整没有凭证", "Cost adjustment without voucher", "decideDocument", "documents.decide"),
  notPosted: cause(4, "books", "凭证未记账", "Voucher not posted", "review", "vouchers.review"),
  manualOnControlled: cause(5, "books", "手工凭证记入受控科目", "Manual voucher on a controlled account", "reverse", "vouchers.reverse"),
  voucherEdited: cause(6, "books", "凭证生成后被改动", "Voucher changed after it was generated", "restore", "vouchers.reverse"),
  templateAccount: cause(7, "books", "模板科目与主数据不一致", "Template points to another account than the master record", "adjust", "rules.propose"),
  masterChanged: cause(8, "books", "主数据科目在记账后变更", "Account of the master record changed after posting", "adjust", "masterdata.edit"),
  otherPeriod: cause(9, "books", "单据与凭证不在同一期间", "Document and voucher in different periods", "none", "periods.close"),
  amountDiffers: cause(10, "books", "单据与凭证金额不一致", "Document and voucher differ in amount", "adjust", "vouchers.reverse"),
  estimateOpen: cause(11, "books", "暂估已冲回，未重估", "Estimate reversed and not made again", "runEstimates", "periods.close"),
  openingDiffers: cause(12, "books", "期初余额不一致", "Opening balances differ", "decideDocument", "vouchers.enter"),
  freightFirst: cause(13, "books", "运费先入应付，存货未分摊", "Freight in payables, not yet in stock", "adjust", "vouchers.enter"),
  amountWithoutQuantity: cause(14, "books", "数量为零而金额不为零", "Amount without quantity", "enterDocument", "vouchers.enter"),
  changedThere: cause(15, "finance", "财务系统中被改动、作废或缺失", "Changed, voided or missing in the finance system", "redeliver", "deliveries.decide"),
  twiceThere: cause(16, "finance", "财务系统中重复", "Twice in the finance system", "acceptThere", "deliveries.decide"),
  mappedDifferently: cause(17, "finance", "两边对照不一致", "Mapped differently on the two sides", "mapping", "flows.manage"),
  inTransit: cause(18, "finance", "在途，尚未回执", "In transit, not yet acknowledged", "redeliver", "deliveries.decide"),
  notInvoiced: cause(null, "chain", "已收发货，未开票", "Moved and not invoiced", "chase", "documents.decide"),
  returnNotCredited: cause(null, "chain", "已退货，没有红字发票", "Returned and not credited", "chase", "documents.decide"),
  quantityDiffers: cause(null, "chain", "票货数量不一致", "Invoice and goods differ in quantity", "chase", "documents.decide"),
  priceDiffers: cause(null, "chain", "开票单价与订单不一致", "Invoiced at another price than ordered", "chase", "documents.decide"),
  taxRateDiffers: cause(null, "chain", "税率与订单不一致", "Taxed at another rate than ordered", "chase", "documents.decide"),
  taxRounded: cause(null, "chain", "税额与逐行计算有尾差", "Tax a cent off the figure by line", "none", "documents.decide"),
  otherParty: cause(null, "chain", "款项记在别的往来单位名下", "Money booked to another party", "chase", "vouchers.enter"),
  paidShort: cause(null, "chain", "未足额付清", "Paid short", "chase", "documents.decide"),
  paidTwice: cause(null, "chain", "重复付款", "Paid twice", "chase", "documents.decide"),
  duplicateInvoice: cause(null, "chain", "同一张发票记了两次", "Invoice entered twice", "chase", "documents.decide"),
  rateDiffers: cause(null, "chain", "汇率与当日汇率不一致", "Exchange rate is not the day's", "chase", "documents.decide"),
  datedAhead: cause(9, "books", "单据日期记到了以后的期间", "Document dated in a later period than it came in", "chase", "documents.decide"),
  unexplained: cause(null, "books", "未查明", "Not explained", "chase", "vouchers.enter"),
} as const satisfies Readonly<Record<string, Cause>>;

export type CauseId = keyof typeof causes;
export const causeIds = Object.keys(causes) as CauseId[];
export const causeOf = (id: string): Cause => causes[id as CauseId] ?? causes.unexplained;

/** A difference as it was found, before anybody has seen it. Amounts in minor units of the book's currency. */
export type Finding = {
  readonly cause: CauseId;
  /** The same at every comparison until it is gone. */
  readonly fingerprint: string;
  readonly subject: string;
  readonly account?: string;
  readonly party?: string;
  readonly item?: string;
  readonly period?: string;
  readonly documents?: readonly string[];
  readonly vouchers?: readonly string[];
  readonly business?: bigint | null;
  readonly books?: bigint | null;
  readonly amount: bigint;
  readonly since: string;
  readonly owner?: string;
  readonly facts?: Readonly<Record<string, unknown>>;
};
