/**
 * 账簿: one set of books with its currency, periods, chart and settings. A setting chooses between practices that the
 * standards allow; `settings` is the whole list, its first value the default. Texts are shown to the accountant as they are.
 */
import { parseDecimal } from "../values/index.ts";
import type { Problem } from "../platform/index.ts";

export type Book = {
  readonly bookId: number;
  readonly code: string;
  readonly name: string;
  readonly pack: string;
  readonly currency: string;
  readonly firstPeriod: string;
  /** Books of one group share one space of invoice numbers. */
  readonly groupCode: string;
  readonly settings: Settings;
};

type Words = { readonly zh: string; readonly en: string };

export type Setting =
  | (Words & { readonly values: Readonly<Record<string, Words>> })
  /** A decimal string between 0 and `max`. */
  | (Words & { readonly decimals: number; readonly max: string; readonly default: string })
  | (Words & { readonly text: RegExp; readonly default: string });

export const settings = {
  estimateMode: { zh: "暂估方式", en: "How goods without an invoice are estimated", values: {
    reverseOnInvoice: { zh: "单到回冲", en: "the estimate is reversed when the invoice comes" },
    differenceOnInvoice: { zh: "单到补差", en: "the invoice clears the estimate and posts the difference" },
    monthEnd: { zh: "月末暂估、下月初冲回", en: "estimated on the last day, reversed on day 1 of the next month" } } },
  revenueAt: { zh: "收入确认时点", en: "When revenue is recognised", values: {
    invoice: { zh: "开票", en: "at the invoice" },
    shipment: { zh: "发货(控制权随出库转移)", en: "at the shipment" },
    acceptance: { zh: "客户签收", en: "at the customer's acceptance" } } },
  costing: { zh: "存货计价方法", en: "How issues are costed", values: {
    movingAverage: { zh: "移动加权平均", en: "moving average" },
    fifo: { zh: "先进先出", en: "first in, first out" },
    monthEndAverage: { zh: "全月一次加权平均", en: "weighted average of the month, by a run at its end" } } },
  costPool: { zh: "成本核算范围", en: "What shares one average cost", values: {
    item: { zh: "按物料", en: "an item in all warehouses" },
    itemWarehouse: { zh: "按物料与仓库", en: "an item in each warehouse" } } },
  negativeStock: { zh: "负库存", en: "An issue of more than is on hand", values: {
    wait: { zh: "等待入库", en: "waits for the goods" },
    allow: { zh: "允许,成本运行时修正", en: "is posted; the cost run corrects it" } } },
  invoiceBeforeGoods: { zh: "票先到、货未到", en: "A supplier's invoice before the goods", values: {
    wait: { zh: "等待入库", en: "waits for the goods" },
    inTransit: { zh: "记在途物资", en: "is posted as goods in transit" } } },
  lateDocuments: { zh: "结账后到达的单据", en: "A document for a closed period", values: {
    nextOpenPeriod: { zh: "记入下一开放期间", en: "goes to the next open period" },
    park: { zh: "挂起", en: "is parked" } } },
  redStyle: { zh: "红字方式", en: "How red is shown", values: {
    sameSideNegative: { zh: "同方向负数", en: "negative on the same side" },
    swapped: { zh: "反方向蓝字", en: "positive on the other side" } } },
  taxpayer: { zh: "纳税人类型", en: "Kind of VAT payer", values: {
    general: { zh: "一般纳税人", en: "general taxpayer" },
    smallScale: { zh: "小规模纳税人", en: "small-scale taxpayer" } } },
  levyRate: { zh: "小规模征收率", en: "Levy rate of a small-scale taxpayer", decimals: 6, max: "1", default: "0.01" },
  inputVat: { zh: "进项税额确认", en: "When input VAT is deducted", values: {
    onInvoice: { zh: "收票即抵扣", en: "at the invoice" },
    onConfirmation: { zh: "勾选认证后抵扣", en: "when it is confirmed" } } },
  advanceTax: { zh: "预收款的税", en: "The tax part of an advance", values: {
    split: { zh: "价税分离(合同负债 + 待转销项税额)", en: "apart from the contract liability" },
    gross: { zh: "含税记合同负债", en: "inside the liability" } } },
  shortReceipt: { zh: "到货短缺而发票足额", en: "Fewer goods than invoiced", values: {
    hold: { zh: "挂起待查", en: "parks the invoice" },
    claim: { zh: "短缺记待处理财产损溢", en: "posts what is missing as a claim" } } },
  countGain: { zh: "盘盈", en: "A gain found in a count", values: {
    credit: { zh: "贷记管理费用", en: "is credited to expenses" },
    redDebit: { zh: "红字借记管理费用", en: "is a red debit of expenses" } } },
  interestIncome: { zh: "利息收入", en: "Interest income", values: {
    redDebit: { zh: "红字借记财务费用", en: "is a red debit of finance expenses" },
    credit: { zh: "贷记财务费用", en: "is credited to finance expenses" } } },
  bills: { zh: "票据贴现", en: "A discounted note", values: {
    derecognised: { zh: "终止确认", en: "leaves the books" },
    recourse: { zh: "附追索权,确认短期借款", en: "stays, with a loan beside it" } } },
  merge: { zh: "凭证合并", en: "Which documents share a voucher", values: {
    byRule: { zh: "按规则", en: "as each rule says" },
    none: { zh: "一单一证", en: "none" },
    perDay: { zh: "同类单据按日合并", en: "documents of one kind and day" },
    perCounterparty: { zh: "同类单据按日与往来单位合并", en: "documents of one kind, day and counterparty" } } },
  quantityTolerance: { zh: "关联数量容差", en: "How far linked quantities may exceed, as a share of the line", decimals: 6, max: "1", default: "0" },
  defaultDepartment: { zh: "缺省部门", en: "Department of expenses that name none", text: /^\S.{0,99}$/u, default: "HQ" },
  autoReviewLimit: { zh: "自动审核金额上限(本位币,空为不限)", en: "Largest voucher that may be reviewed automatically, in base currency; empty: any", text: /^(|\d{1,15}(\.\d{1,4})?)$/, default: "" },
} as const satisfies Readonly<Record<string, Setting>>;

export type SettingKey = keyof typeof settings;
export type Settings = Readonly<Record<SettingKey, string>>;

export const settingKeys = Object.keys(settings) as SettingKey[];
export const isSettingKey = (key: string): key is SettingKey => Object.hasOwn(settings, key);

export const defaultOf = (key: SettingKey): string => {
  const setting: Setting = settings[key];
  return "values" in setting ? (Object.keys(setting.values)[0] as string) : setting.default;
};

/** What was chosen, with the default where nothing was. */
export const completeSettings = (chosen: Readonly<Record<string, string>>): Settings =>
  Object.fromEntries(settingKeys.map((key) => [key, chosen[key] ?? defaultOf(key)])) as Settings;

/** Every key that is no setting and every value that it cannot have. */
export function checkSettings(chosen: Readonly<Record<string, string>>): Problem[] {
  return Object.entries(chosen).flatMap(([key, value]): Problem[] => {
    if (!isSettingKey(key)) return [{ code: "setting.unknown", facts: { key, choices: settingKeys.join(", ") }, where: key }];
    const setting: Setting = settings[key];
    if (isAllowed(setting, value)) return [];
    return [{ code: "setting.value", facts: { key, value, choices: choicesOf(setting) }, where: key }];
  });
}

function isAllowed(setting: Setting, value: string): boolean {
  if ("values" in setting) return Object.hasOwn(setting.values, value);
  if ("text" in setting) return setting.text.test(value);
  const number = parseDecimal(value, setting.decimals);
  return number !== undefined && number >= 0n && number <= (parseDecimal(setting.max, setting.decimals) ?? 0n);
}

const choicesOf = (setting: Setting): string =>
  "values" in setting ? Object.keys(setting.values).join(", ") : "text" in setting ? String(setting.text) : `0 … ${setting.max}`;
