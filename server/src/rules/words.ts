/**
 * A rule in the accountant's words: fields, roles of rows, values and whole conditions, in Chinese and English. What has no word here is
 * shown as it is written, so that a pack may use codes of its own.
 */
import { settings } from "../books/index.ts";
import { kinds } from "../documents/index.ts";
import { formatMoney, formatTrimmed, parseDecimal, parseMoney, QUANTITY_SCALE, RATE_SCALE } from "../values/index.ts";
import { type Expression, fieldsOf, show, type Type } from "./expression.ts";
import { scope } from "./facts.ts";

export type Words = { readonly zh: string; readonly en: string };
type Pair = readonly [zh: string, en: string];
const said = (pair: Pair | undefined, otherwise: string): Words => (pair ? { zh: pair[0], en: pair[1] } : { zh: otherwise, en: otherwise });

const fieldWords: Readonly<Record<string, Pair>> = {
  amount: ["金额", "amount"], original: ["原币金额", "original amount"], rate: ["汇率", "rate"], quantity: ["数量", "quantity"], category: ["物料类别", "category"], use: ["去向", "use"], charge: ["费用类别", "charge"], item: ["物料", "item"],
  warehouse: ["仓库", "warehouse"], department: ["部门", "department"], project: ["项目", "project"], employee: ["员工", "employee"], party: ["往来单位", "party"], partyKind: ["往来类型", "kind of party"], bankAccount: ["银行账户", "bank account"],
  account: ["来源指定的科目", "account given by the source"], asset: ["资产", "asset"], region: ["地区", "region"], note: ["票据", "note"], role: ["金额行", "row"], line: ["单据行", "document line"], summary: ["摘要", "summary"], currency: ["币种", "currency"],
  custom1: ["自定义 1", "custom 1"], custom2: ["自定义 2", "custom 2"], custom3: ["自定义 3", "custom 3"], kind: ["单据类型", "kind of document"], source: ["来源系统", "source"], sourceId: ["来源编号", "source id"], number: ["单据号", "number"], date: ["日期", "date"],
  salesperson: ["业务员", "salesperson"], status: ["状态", "status"], credit: ["红字", "credit document"], dueDate: ["到期日", "due date"], deductible: ["可抵扣", "deductible"], recourse: ["有追索权", "with recourse"], tax: ["税额", "tax"], fee: ["手续费", "fee"],
  commission: ["佣金", "commission"], discount: ["折扣", "discount"], gain: ["收益", "gain"], interest: ["利息", "interest"], deposit: ["保证金", "deposit"], expectedReturnRate: ["预计退货率", "expected return rate"], purpose: ["用途", "purpose"], type: ["类型", "type"],
  task: ["任务", "task"], action: ["动作", "action"], outcome: ["处理结果", "outcome"], invoiceType: ["发票类型", "type of invoice"], invoiceNumber: ["发票号码", "invoice number"], period: ["期间", "period"], workOrder: ["工单", "work order"], paidFrom: ["付款账户", "paid from"],
  paidTo: ["收款账户", "paid to"], toParty: ["转入单位", "party it goes to"], fromWarehouse: ["调出仓库", "from warehouse"], toWarehouse: ["调入仓库", "to warehouse"], series: ["凭证字", "series"], direction: ["收付方向", "direction"], allocateBy: ["分摊依据", "allocated by"],
  counterparty: ["往来单位", "counterparty"],
};

const roleWords: Readonly<Record<string, Pair>> = {
  goods: ["入库货物", "goods"], service: ["服务与费用", "services"], estimate: ["暂估应付", "estimate"], estimated: ["已暂估部分", "estimated part"], goodsFromTransit: ["在途转入库", "goods from transit"], goodsFromMissing: ["短缺补到", "goods that were missing"],
  goodsProcessed: ["委外收回货物", "goods processed"], serviceFromTransit: ["在途转费用", "services from transit"], transit: ["在途物资", "goods in transit"], missing: ["短缺", "missing goods"], missingTax: ["短缺部分税额", "tax on missing goods"], processing: ["委外加工", "processing"],
  variance: ["价差", "price difference"], serviceVariance: ["费用价差", "price difference of services"], issued: ["已发出部分", "part already issued"], issue: ["出库成本", "cost of the issue"], asset: ["资产", "asset"], expense: ["费用", "expense"], exchange: ["汇兑差额", "exchange difference"],
  tax: ["税额", "tax"], payable: ["应付款", "payable"], payableOnAccount: ["未指明发票的付款", "payment on account"], bank: ["银行收付", "bank"], cleared: ["核销的往来", "item cleared"], unlinked: ["未关联的往来", "item not linked"], prepayment: ["预付款", "prepayment"], advance: ["预收款、借款", "advance"],
  advanceTax: ["预收税额", "tax on the advance"], advanceSettled: ["冲销借款", "advance settled"], fee: ["手续费", "fee"], commission: ["佣金", "commission"], discount: ["折扣", "discount"], note: ["票据", "note"], from: ["转出", "from"], to: ["转入", "to"], revenue: ["收入", "revenue"],
  cost: ["销售成本", "cost of sales"], contractCost: ["合同履约成本", "cost of fulfilling"], contractAsset: ["合同资产", "contract asset"], receivable: ["应收款", "receivable"], receivableNet: ["应收款（不含税）", "receivable, net"], receivableTax: ["应收税额", "tax receivable"],
  receivableOnAccount: ["未指明发票的收款", "receipt on account"], uninvoiced: ["未开票应收", "not yet invoiced"], refundLiability: ["预计退货款", "refund liability"], returnAsset: ["预计退货成本", "return asset"], pendingOutputTax: ["待转销项税", "output tax pending"], outputTax: ["销项税", "output tax"],
  priceChange: ["价格调整", "price change"], rebate: ["返利", "rebate"], freight: ["运费", "freight"], freightCost: ["运费成本", "freight cost"], provision: ["计提", "provision"], depreciation: ["折旧", "depreciation"], depreciated: ["累计折旧", "accumulated depreciation"], bookValue: ["账面价值", "book value"],
  proceeds: ["处置价款", "proceeds"], gain: ["收益", "gain"], bankGain: ["银行侧收益", "gain at the bank"], assetGain: ["资产收益", "gain on the asset"], loss: ["损失", "loss"], liabilityLoss: ["负债损失", "loss on the liability"], wages: ["薪酬", "wages"], gross: ["应发合计", "gross pay"],
  benefit: ["福利", "benefit"], employerInsurance: ["单位社保", "employer's insurance"], withheldInsurance: ["代扣社保", "insurance withheld"], withheldTax: ["代扣个税", "tax withheld"], interest: ["利息", "interest"], loan: ["借款", "loan"], loanRepaid: ["归还借款", "loan repaid"],
  deposit: ["保证金", "deposit"], depositBack: ["保证金收回", "deposit back"], other: ["其他", "other"], outcome: ["处理结果", "outcome"], owed: ["应付报销款", "owed to staff"], party: ["往来", "party"], pending: ["待处理", "pending"], profit: ["利润", "profit"], yearProfit: ["全年利润", "profit of the year"],
  income: ["收入类结转", "income closed"], overhead: ["制造费用", "overhead"], production: ["生产成本", "production"], reserve: ["公积", "reserve"], counter: ["对方", "counter part"], trueUp: ["成本差额", "true-up"], use: ["使用", "use"], line: ["凭证行", "line"], debit: ["借方行", "debit line"],
  credit: ["贷方行", "credit line"], amount: ["金额", "amount"], construction: ["在建工程", "construction"], constructionDone: ["完工转出", "construction done"], education: ["教育费附加", "education surcharge"], localEducation: ["地方教育附加", "local education surcharge"],
  cityConstruction: ["城建税", "city construction tax"], incomeTax: ["所得税", "income tax"], inputTaxOut: ["进项转出", "input tax transferred out"], vatPayable: ["应交增值税", "VAT payable"], vatOverpaid: ["多交增值税", "VAT overpaid"], fairNet: ["公允价值（不含税）", "fair value, net"],
};

const valueWords: Readonly<Record<string, Readonly<Record<string, Pair>>>> = {
  category: { rawMaterial: ["原材料", "raw material"], agricultural: ["农产品", "agricultural"], turnover: ["周转材料", "turnover material"], dropShip: ["直运商品", "drop-shipped"], finishedGoods: ["产成品", "finished goods"], semiFinished: ["半成品", "semi-finished"], merchandise: ["库存商品", "merchandise"],
    service: ["服务", "service"], processing: ["加工", "processing"], expense: ["费用", "expense"], fixedAsset: ["固定资产", "fixed asset"], construction: ["在建工程", "construction"], otherIncome: ["其他业务", "other business"] },
  use: { shipped: ["已发出", "shipped"], sold: ["已售出", "sold"], expectedBack: ["预计退回", "expected back"], production: ["生产领用", "production"], researchAndDevelopment: ["研发", "research and development"], overhead: ["车间一般耗用", "overhead"], selling: ["销售部门", "selling"], sample: ["样品", "sample"],
    construction: ["在建工程", "construction"], processing: ["委外加工", "processing"], ownProductToStaff: ["自产品发给职工", "own product to staff"], moved: ["仓库调拨", "moved"], administration: ["管理部门", "administration"], waiting: ["待结转", "waiting"], thisMonth: ["本月", "this month"],
    lastMonth: ["上月", "last month"], prepaid: ["预缴", "prepaid"], claim: ["索赔", "claim"], disaster: ["自然灾害", "disaster"], recourse: ["有追索权", "with recourse"], welfare: ["职工福利", "welfare"], staffGift: ["赠予职工", "gift to staff"], lost: ["丢失", "lost"] },
  charge: { delivery: ["运送", "delivery"], freight: ["运费", "freight"], duty: ["关税", "duty"], insurance: ["保险", "insurance"], loading: ["装卸", "loading"], commission: ["佣金", "commission"], travel: ["差旅", "travel"], vat: ["增值税", "VAT"], cityConstruction: ["城建税", "city construction tax"],
    individualIncome: ["个人所得税", "individual income tax"], corporateIncome: ["企业所得税", "corporate income tax"], education: ["教育费附加", "education surcharge"] },
  type: { fee: ["手续费", "fee"], interest: ["利息", "interest"], depositBack: ["保证金收回", "deposit back"], loan: ["借款", "loan"], prepaymentToPayable: ["预付冲应付", "prepayment to payable"], advanceToReceivable: ["预收冲应收", "advance to receivable"],
    receivableToPayable: ["应收冲应付", "receivable to payable"], receivableToReceivable: ["应收转应收", "receivable to receivable"], payableToPayable: ["应付转应付", "payable to payable"] },
  purpose: { refund: ["退款", "refund"], settlement: ["结算", "settlement"], prepayment: ["预付", "prepayment"], advance: ["预收", "advance"], consignment: ["委托代销", "consignment"], sale: ["销售", "sale"] },
  outcome: { normalLoss: ["合理损耗", "normal loss"], payer: ["责任方赔偿", "somebody pays"], own: ["我方责任", "our fault"] }, direction: { in: ["收", "in"], out: ["付", "out"] },
  invoiceType: { special: ["专用发票", "special"], ordinary: ["普通发票", "ordinary"], customs: ["海关缴款书", "customs"], agricultural: ["农产品发票", "agricultural"], foreign: ["境外凭证", "foreign"], none: ["无票", "none"] },
  partyKind: { supplier: ["供应商", "supplier"], customer: ["客户", "customer"], employee: ["员工", "employee"] }, allocateBy: { quantity: ["数量", "quantity"], amount: ["金额", "amount"] },
};

const eventWords: Readonly<Record<string, Pair>> = {
  estimateReversal: ["冲回暂估", "estimate reversed"], monthEndEstimate: ["月末暂估", "month-end estimate"], monthEndEstimateReversed: ["月初冲回暂估", "month-end estimate reversed"], consignmentFee: ["代销手续费", "consignment fee"], writeOffRecovered: ["收回已核销坏账", "write-off recovered"],
  writeOffPaid: ["已核销坏账收款", "write-off paid"], payableWrittenOff: ["核销应付款", "payable written off"], vatConfirmation: ["进项认证", "input VAT confirmed"],
};

/** One of two marks each side: "doc.kind" → 单据类型. A setting of the book is said by its own name. */
export function sayField(of: string, name: string): Words {
  if (of === "book") return Object.hasOwn(settings, name) ? pick(settings[name as keyof typeof settings]) : said(undefined, `book.${name}`);
  return said(fieldWords[name], name);
}
export const capital = ({ zh, en }: Words): Words => ({ zh, en: en.replace(/^./, (letter) => letter.toUpperCase()) });
const pick = ({ zh, en }: Words): Words => ({ zh, en });
export const sayRole = (role: string): Words => said(roleWords[role], role);
/** The kind of document that an event is of, and its own name where it has one. */
export function sayEvent(event: string): { readonly kind: string; readonly words: Words } {
  const [kind = ""] = event.split(".");
  const words = (kinds as Readonly<Record<string, Words>>)[kind];
  return { kind: words ? kind : "", words: eventWords[event] ? capital(said(eventWords[event], event)) : words ? pick(words) : said(undefined, event) };
}
export function sayValue(of: string, name: string, value: string): Words {
  if (value === "") return { zh: "空", en: "empty" };
  if (of === "book" && Object.hasOwn(settings, name)) {
    const setting = settings[name as keyof typeof settings] as { readonly values?: Readonly<Record<string, Words>> };
    const words = setting.values?.[value];
    return words ? pick(words) : said(undefined, value);
  }
  if (name === "kind") return (kinds as Readonly<Record<string, Words>>)[value] ? pick((kinds as Readonly<Record<string, Words>>)[value] as Words) : said(undefined, value);
  if (name === "role") return sayRole(value);
  return said(valueWords[name]?.[value], value);
}
/** What a field may be chosen from, where that is known. */
export const valuesOf = (of: string, name: string): readonly (Words & { readonly value: string })[] => {
  const known = of === "book" ? Object.keys((settings as Readonly<Record<string, { readonly values?: object }>>)[name]?.values ?? {}) : name === "kind" ? Object.keys(kinds) : Object.keys(valueWords[name] ?? {});
  return known.map((value) => ({ value, ...sayValue(of, name, value) }));
};

// Figures ------------------------------------------------------------------------------------------------------------

const scaleOf = (name: string): "money" | number => (name === "quantity" ? QUANTITY_SCALE : name === "rate" ? RATE_SCALE : name === "expectedReturnRate" ? QUANTITY_SCALE : "money");
const figure = (value: bigint, name: string, currency: string): string => {
  const scale = scaleOf(name);
  return scale === "money" ? formatMoney(value, currency) : formatTrimmed(value, scale);
};
/** The whole number that a rule writes for a figure as people write it; undefined when it is none. */
export const readFigure = (text: string, name: string, currency: string): bigint | undefined => {
  const scale = scaleOf(name);
  const sign = text.startsWith("-") ? -1n : 1n;
  const value = scale === "money" ? parseMoney(text.replace(/^-/, ""), currency) : parseDecimal(text.replace(/^-/, ""), scale);
  return value === undefined ? undefined : sign * value;
};

// Conditions ---------------------------------------------------------------------------------------------------------

/** The expression as a sentence. */
export function say(e: Expression, currency: string): Words {
  const both = (a: Words, b: Words, zh: string, en: string): Words => ({ zh: `${a.zh}${zh}${b.zh}`, en: `${a.en}${en}${b.en}` });
  const go = (x: Expression): Words => say(x, currency);
  const nested = (x: Expression): Words => (x.op === "or" || x.op === "if" ? { zh: `（${go(x).zh}）`, en: `(${go(x).en})` } : go(x));
  const against = (a: Expression, b: Expression): Words => {
    if (a.op !== "field") return go(b);
    if (b.op === "text") return sayValue(a.of, a.name, b.value);
    if (b.op === "number") return said(undefined, figure(b.value, a.name, currency));
    if (b.op === "minus" && b.a.op === "number") return said(undefined, `−${figure(b.a.value, a.name, currency)}`);
    if (b.op === "list") {
      const all = b.items.map((item) => against(a, item));
      return { zh: all.map(({ zh }) => zh).join("、"), en: all.map(({ en }) => en).join(", ") };
    }
    return go(b);
  };
  switch (e.op) {
    case "text": return said(undefined, e.value === "" ? "''" : e.value);
    case "number": return said(undefined, String(e.value));
    case "truth": return e.value ? { zh: "总是", en: "always" } : { zh: "从不", en: "never" };
    case "list": return { zh: e.items.map((item) => go(item).zh).join("、"), en: e.items.map((item) => go(item).en).join(", ") };
    case "field": return scope(e.of, e.name) === "truth" ? { zh: `是${sayField(e.of, e.name).zh}`, en: `is ${sayField(e.of, e.name).en}` } : sayField(e.of, e.name);
    case "not": return e.a.op === "field" ? { zh: `不${go(e.a).zh}`, en: `${go(e.a).en.replace(/^is /, "is not ")}` } : { zh: `并非（${go(e.a).zh}）`, en: `not (${go(e.a).en})` };
    case "minus": return { zh: `− ${nested(e.a).zh}`, en: `− ${nested(e.a).en}` };
    case "and": return both(nested(e.a), nested(e.b), "，且", " and ");
    case "or": return both(go(e.a), go(e.b), "，或", " or ");
    case "==": return isSetting(e.a) ? ofSetting(e.a, against(e.a, e.b), "为", ": ") : e.b.op === "text" && e.b.value === "" ? { zh: `未填${go(e.a).zh}`, en: `no ${go(e.a).en}` } : both(go(e.a), against(e.a, e.b), "为", " is ");
    case "!=": return isSetting(e.a) ? ofSetting(e.a, against(e.a, e.b), "不为", ": not ") : e.b.op === "text" && e.b.value === "" ? { zh: `已填${go(e.a).zh}`, en: `${go(e.a).en} given` } : both(go(e.a), against(e.a, e.b), "不为", " is not ");
    case "in": return both(go(e.a), against(e.a, e.b), "为", " is one of ");
    case "<": return both(go(e.a), against(e.a, e.b), " < ", " < ");
    case "<=": return both(go(e.a), against(e.a, e.b), " ≤ ", " ≤ ");
    case ">": return both(go(e.a), against(e.a, e.b), " > ", " > ");
    case ">=": return both(go(e.a), against(e.a, e.b), " ≥ ", " ≥ ");
    case "+": return both(nested(e.a), nested(e.b), " + ", " + ");
    case "-": return both(nested(e.a), nested(e.b), " − ", " − ");
    case "*": return both(nested(e.a), nested(e.b), " × ", " × ");
    case "if": return { zh: `若${go(e.a).zh}则 ${go(e.b).zh}，否则 ${go(e.c).zh}`, en: `${go(e.b).en} if ${go(e.a).en}, otherwise ${go(e.c).en}` };
    case "call": return sayCall(e.name, e.args.map(go));
  }
}

/** The English name of a setting is a phrase: its value stands after a colon. */
const isSetting = (e: Expression): e is Expression & { readonly op: "field" } => e.op === "field" && e.of === "book";
const ofSetting = (e: Expression & { readonly op: "field" }, value: Words, zh: string, en: string): Words => ({ zh: `${sayField(e.of, e.name).zh}${zh}${value.zh}`, en: `${sayField(e.of, e.name).en}${en}${value.en}` });

function sayCall(name: string, args: readonly Words[]): Words {
  const [a = { zh: "", en: "" }, b = { zh: "", en: "" }, c = { zh: "", en: "" }] = args;
  switch (name) {
    case "min": return { zh: `${a.zh}与 ${b.zh} 的较小者`, en: `the smaller of ${a.en} and ${b.en}` };
    case "max": return { zh: `${a.zh}与 ${b.zh} 的较大者`, en: `the larger of ${a.en} and ${b.en}` };
    case "abs": return { zh: `${a.zh}的绝对值`, en: `${a.en} without its sign` };
    case "share": return { zh: `${a.zh}按 ${b.zh} / ${c.zh} 分摊`, en: `${a.en} shared by ${b.en} / ${c.en}` };
    case "startsWith": return { zh: `${a.zh}以 ${b.zh} 开头`, en: `${a.en} begins with ${b.en}` };
    case "month": return { zh: `${a.zh}的月份`, en: `month of ${a.en}` };
    default: return said(undefined, name);
  }
}

/** One condition on one field: a cell of a decision table. `values` are as people write them. */
export type Term = { readonly field: string; readonly op: "==" | "!=" | "in" | "<" | "<=" | ">" | ">=" | "is" | "not"; readonly values: readonly string[] };
/** A condition taken apart where all of it must hold: what concerns one field stands in its column, the rest is one text. */
export type Taken = { readonly terms: readonly Term[]; readonly rest: readonly string[] };

export function takeApart(e: Expression | undefined, currency: string): Taken {
  if (!e) return { terms: [], rest: [] };
  if (e.op === "and") {
    const [a, b] = [takeApart(e.a, currency), takeApart(e.b, currency)];
    const seen = new Set(a.terms.map(({ field }) => field));
    // Two conditions on one field cannot share a cell.
    const double = b.terms.filter(({ field }) => seen.has(field));
    return { terms: [...a.terms, ...b.terms.filter((term) => !double.includes(term))], rest: [...a.rest, ...b.rest, ...double.map((term) => writeTerm(term, currency))] };
  }
  const term = termOf(e, currency);
  return term ? { terms: [term], rest: [] } : { terms: [], rest: [write(e)] };
}

function termOf(e: Expression, currency: string): Term | undefined {
  if (e.op === "field" && scope(e.of, e.name) === "truth") return { field: `${e.of}.${e.name}`, op: "is", values: [] };
  if (e.op === "not" && e.a.op === "field") return { field: `${e.a.of}.${e.a.name}`, op: "not", values: [] };
  if (!(e.op === "==" || e.op === "!=" || e.op === "in" || e.op === "<" || e.op === "<=" || e.op === ">" || e.op === ">=") || e.a.op !== "field") return undefined;
  const { of, name } = e.a;
  const literal = (x: Expression): string | undefined => (x.op === "text" ? x.value : x.op === "number" ? figure(x.value, name, currency) : x.op === "minus" && x.a.op === "number" ? `-${figure(x.a.value, name, currency)}` : undefined);
  const values = (e.b.op === "list" ? e.b.items : [e.b]).map(literal);
  return values.some((value) => value === undefined) ? undefined : { field: `${of}.${name}`, op: e.op, values: values as string[] };
}

/** The term as a rule writes it. A figure that is none is left as it is, so that the check names it. */
export function writeTerm({ field, op, values }: Term, currency: string): string {
  if (op === "is") return field;
  if (op === "not") return `!${field}`;
  const [of = "", name = ""] = field.split(".");
  const type: Type = scope(of as "doc" | "row" | "book", name) ?? "text";
  const literal = (value: string): string => (type === "number" ? String(readFigure(value, name, currency) ?? JSON.stringify(value)) : quote(value));
  return op === "in" ? `${field} in [${values.map(literal).join(", ")}]` : `${field} ${op} ${literal(values[0] ?? "")}`;
}
const quote = (value: string): string => `'${value.replace(/['\\]/g, "\\$&")}'`;
export const writeTaken = ({ terms, rest }: Taken, currency: string): string => [...terms.map((term) => writeTerm(term, currency)), ...rest.map((text) => (/\|\||\?/.test(text) ? `(${text})` : text))].join(" && ");

/** As `show`, with the brackets that reading it again needs. */
function write(e: Expression): string {
  switch (e.op) {
    case "and": case "or": case "+": case "-": case "*": case "==": case "!=": case "<": case "<=": case ">": case ">=": case "in": {
      const sign = e.op === "and" ? "&&" : e.op === "or" ? "||" : e.op;
      const part = (x: Expression): string => (rank(x) < rank(e) || (x === e.b && rank(x) === rank(e)) ? `(${write(x)})` : write(x));
      return `${part(e.a)} ${sign} ${part(e.b)}`;
    }
    case "text": return quote(e.value);
    case "not": return rank(e.a) < 9 ? `!(${write(e.a)})` : `!${write(e.a)}`;
    case "minus": return rank(e.a) < 9 ? `-(${write(e.a)})` : `-${write(e.a)}`;
    case "list": return `[${e.items.map(write).join(", ")}]`;
    case "call": return `${e.name}(${e.args.map(write).join(", ")})`;
    case "if": return `${rank(e.a) < 2 ? `(${write(e.a)})` : write(e.a)} ? ${write(e.b)} : ${write(e.c)}`;
    default: return show(e);
  }
}
const ranks: Readonly<Record<string, number>> = { if: 1, or: 2, and: 3, "==": 4, "!=": 4, "<": 4, "<=": 4, ">": 4, ">=": 4, in: 4, "+": 5, "-": 5, "*": 6 };
const rank = (e: Expression): number => ranks[e.op] ?? 9;

export { fieldsOf, write as writeExpression };
