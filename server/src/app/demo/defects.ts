/**
 * Planted defects 预埋差错: what goes wrong in a real company, put in on purpose and written down, so that reconciliation can
 * be measured: every one has to be found with its cause, and nothing else. None of them makes a run fail.
 */
import { between, type Random } from "./random.ts";
import { type Fen, money } from "./record.ts";
import type { World } from "./world.ts";

/** posted: accepted, and wrong all the same. parked: held back with a reason. waiting: for a document that never comes. either: the book's settings decide, or a person who has to review it. */
export type Expected = "posted" | "parked" | "waiting" | "either";

type Cause = { readonly count: number; readonly expected: Expected; readonly zh: string; readonly en: string };

/** {amount} is what is at stake; {a} and {b} are the documents named. */
export const causes = {
  missingInvoice: { count: 3, expected: "posted", zh: "{a} 已入库,供应商发票一直未到,暂估 {amount} 长期挂账", en: "{a} was received and never invoiced; {amount} stays estimated" },
  duplicateInvoice: { count: 3, expected: "parked", zh: "{a} 与 {b} 是同一张发票,号码换了写法,重复 {amount}", en: "{a} is the invoice {b} again with its number written another way: {amount} twice" },
  quantityDiffers: { count: 4, expected: "posted", zh: "{a} 与仓库单据 {b} 数量不一致,差额 {amount}", en: "{a} differs in quantity from the warehouse's {b}; {amount} apart" },
  priceDiffers: { count: 3, expected: "posted", zh: "{a} 单价高于订单 {b},多计 {amount}", en: "{a} charges more than order {b}: {amount}" },
  wrongTaxRate: { count: 2, expected: "posted", zh: "{a} 货物按 9% 开票,应为 13%,税额少计 {amount}", en: "{a} taxes goods at 9 % instead of 13 %: {amount} of tax is missing" },
  wrongCustomer: { count: 2, expected: "posted", zh: "{a} 记到了别的客户名下,实付 {b},金额 {amount}", en: "{a} was booked to another customer; it pays {b}: {amount}" },
  shortPayment: { count: 3, expected: "posted", zh: "{a} 未按 {b} 全额付款,短付 {amount}", en: "{a} pays {b} short by {amount}" },
  unbilledShipment: { count: 3, expected: "posted", zh: "{a} 已发货,一直未开票,应收 {amount} 漏记", en: "{a} was shipped and never invoiced: {amount} of sales is missing" },
  wrongPeriod: { count: 2, expected: "posted", zh: "{a} 日期记到了下个月,{amount} 跨期", en: "{a} carries a date of the next month: {amount} in the wrong period" },
  wrongUnit: { count: 2, expected: "parked", zh: "{a} 用了没有换算关系的单位 case(应为订单 {b} 的单位),金额 {amount}", en: "{a} uses the unit case, which has no conversion (order {b} has another): {amount}" },
  rounding: { count: 3, expected: "parked", zh: "{a} 税额与逐行计算相差 {amount}", en: "The tax of {a} is {amount} off the figure by line" },
  unknownCode: { count: 3, expected: "parked", zh: "{a} 含有主数据中不存在的编码,金额 {amount}", en: "{a} has a code that no master record explains: {amount}" },
  overLinked: { count: 2, expected: "parked", zh: "{a} 关联的数量超过 {b} 剩余数量,多 {amount}", en: "{a} links more than {b} has left: {amount} too much" },
  missingDocument: { count: 2, expected: "waiting", zh: "{a} 所依据的 {b} 从未传来,金额 {amount}", en: "{a} rests on {b}, which never arrived: {amount}" },
  returnWithoutRedInvoice: { count: 2, expected: "posted", zh: "{a} 已退货,一直未收到红字发票,应冲 {amount}", en: "{a} went back and no red invoice came: {amount} to be credited" },
  duplicatePayment: { count: 2, expected: "posted", zh: "{a} 与 {b} 重复付款 {amount}", en: "{a} pays a second time what {b} paid: {amount}" },
  manualOnControlledAccount: { count: 2, expected: "either", zh: "手工凭证 {a} 直接记入应收账款 {amount},业务单据中没有对应", en: "Manual voucher {a} posts {amount} straight to receivables with no document behind it" },
  zeroQuantityAmount: { count: 1, expected: "either", zh: "{a} 给没有库存的物料调整成本 {amount},数量为零而金额不为零", en: "{a} adjusts the cost of an item without stock by {amount}: an amount without quantity" },
  wrongRate: { count: 2, expected: "posted", zh: "{a} 汇率录错,本位币差 {amount}", en: "{a} has a mistyped exchange rate: {amount} in base currency" },
  openingDiffers: { count: 1, expected: "parked", zh: "{a} 比期初应收 {b} 多收 {amount}:期初余额与客户对账单不符", en: "{a} collects {amount} more than the opening receivable {b} holds: the opening balance is wrong" },
} as const satisfies Readonly<Record<string, Cause>>;

export type DefectCause = keyof typeof causes;

export type PlantedDefect = {
  readonly id: string;
  readonly cause: DefectCause;
  readonly expected: Expected;
  /** source:kind/sourceId, the defective one first. The last of a `waiting` one does not exist. */
  readonly documents: readonly string[];
  readonly date: string;
  /** What is at stake, in the document's currency; in the book's where the exchange rate is wrong. */
  readonly amount: string;
  readonly zh: string;
  readonly en: string;
};

/** The days from which each cause waits for its next opportunity, earliest first. */
export type DefectPlan = Partial<Record<DefectCause, number[]>>;

export function planDefects(random: Random, days: number): DefectPlan {
  const plan: DefectPlan = {};
  for (const cause of Object.keys(causes) as DefectCause[])
    plan[cause] = Array.from({ length: causes[cause].count }, () => between(random, Math.floor(days / 12), Math.max(1, Math.floor((days * 3) / 4)))).sort((a, b) => a - b);
  return plan;
}

/**
 * True when one is to be planted now; it then has been taken off the plan. Where several offices can make the same mistake,
 * each names how many must be left for its turn to come.
 */
export function isDue(world: World, cause: DefectCause, turns?: readonly number[]): boolean {
  const days = world.defects[cause];
  if (days === undefined || days.length === 0 || (days[0] as number) > world.today) return false;
  if (turns !== undefined && !turns.includes(days.length)) return false;
  days.shift();
  return true;
}

export function plant(world: World, cause: DefectCause, documents: readonly string[], amount: Fen, expected: Expected = causes[cause].expected): void {
  const { zh, en } = causes[cause];
  const fill = (text: string): string => text.replace("{amount}", money(amount)).replace("{a}", documents[0] ?? "").replace("{b}", documents[1] ?? "");
  world.planted.push({ id: `DF-${String(world.planted.length + 1).padStart(2, "0")}`, cause, expected, documents, date: world.date, amount: money(amount), zh: fill(zh), en: fill(en) });
}
