/**
 * How the columns of a spreadsheet become documents: which column is which field. The plan is guessed from the names of the columns, in Chinese
 * and English, a person corrects it, and it becomes a mapping like any other, so that dates, amounts and codes are read by the same rules.
 */
import { commonHeader, commonLine, compileMapping, type Field, isMasterKind, kindOf, kinds, type Mapping, masterKinds } from "../../documents/index.ts";
import { refuse } from "../../platform/index.ts";

export type Cell = { readonly from?: string | undefined; readonly const?: string | undefined; /** yyyy/M/d … of a date. */ readonly format?: string | undefined; /** 13 stands for 0.13. */ readonly percent?: boolean | undefined };
export type Plan = {
  readonly kind: string;
  readonly source: string;
  /** Rows with the same value here are one document. */
  readonly id: string;
  readonly header: Readonly<Record<string, Cell>>;
  readonly line: Readonly<Record<string, Cell>>;
  /** Without it lines are numbered as they stand. */
  readonly lineId?: string | undefined;
  /** What each line (or, of a kind without lines, the document) links to. */
  readonly link?: { readonly kind: string; readonly id: string; readonly line?: string | undefined; readonly source?: string | undefined } | undefined;
};

export type Target = { readonly field: string; readonly on: "header" | "line"; readonly zh: string; readonly en: string; readonly type: Field["type"]; readonly isRequired: boolean; readonly of: readonly string[] };

const partyWords = { supplier: { zh: "供应商", en: "Supplier" }, customer: { zh: "客户", en: "Customer" }, employee: { zh: "员工", en: "Employee" } } as const;

/** Every field that a column may go into. Refuses: schema.kind_unknown. */
export function targetsOf(name: string): { readonly targets: readonly Target[]; readonly hasLines: boolean; readonly linksTo: readonly string[] } {
  const of = (fields: Readonly<Record<string, Field>>, on: Target["on"]): Target[] => Object.entries(fields).map(([field, one]) => ({ field, on, zh: one.zh, en: one.en, type: one.type, isRequired: one.required === true, of: one.of ?? [] }));
  if (isMasterKind(name)) {
    const { units: _, ...fields } = masterKinds[name].fields as Readonly<Record<string, Field>>;
    return { targets: [{ field: "name", on: "header", zh: "名称", en: "Name", type: "text", isRequired: false, of: [] }, ...of(fields, "header")], hasLines: false, linksTo: [] };
  }
  const kind = kindOf(name);
  if (!kind) return refuse("schema.kind_unknown", { kind: name });
  const parties = (kind.party ?? []).map((role): Target => ({ field: role, on: "header", ...partyWords[role], type: "code", isRequired: kind.partyRequired === true && kind.party?.length === 1, of: [] }));
  return { targets: [...parties, ...of({ ...commonHeader, ...kind.header }, "header"), ...(kind.lines === undefined ? [] : of({ ...commonLine, ...kind.line }, "line"))], hasLines: kind.lines !== undefined, linksTo: kind.linksTo ?? [] };
}

/** Names that columns go by besides the field's own, most telling first. */
const synonyms: Readonly<Record<string, readonly string[]>> = {
  date: ["单据日期", "业务日期", "日期", "开票日期", "入库日期", "出库日期", "收款日期", "付款日期", "订单日期", "date", "document date", "invoice date", "posting date"],
  customer: ["客户编码", "客户代码", "客户编号", "客户", "customer code", "customer no", "customer"], supplier: ["供应商编码", "供应商代码", "供应商编号", "供应商", "supplier code", "vendor code", "vendor", "supplier"], employee: ["员工编码", "工号", "员工", "employee"],
  item: ["物料编码", "物料代码", "存货编码", "商品编码", "产品编码", "料号", "物料", "item code", "item no", "sku", "item", "product"], description: ["物料名称", "存货名称", "商品名称", "品名", "规格型号", "说明", "description", "item name"],
  quantity: ["数量", "实收数量", "实发数量", "qty", "quantity"], unit: ["计量单位", "单位", "unit", "uom"], price: ["不含税单价", "单价", "unit price", "price"], taxRate: ["税率", "税率%", "税率(%)", "tax rate", "vat rate"], amountNet: ["不含税金额", "金额", "net amount", "net"],
  tax: ["税额", "tax amount", "vat", "tax"], amountGross: ["价税合计", "含税金额", "合计金额", "gross amount", "gross", "total"], amount: ["金额", "收款金额", "付款金额", "amount"], warehouse: ["仓库编码", "仓库", "warehouse"], department: ["部门编码", "部门", "department"], project: ["项目编码", "项目", "project"],
  salesperson: ["业务员", "销售员", "salesperson"], buyer: ["采购员", "buyer"], currency: ["币种", "币别", "currency"], rate: ["汇率", "exchange rate", "rate"], invoiceNumber: ["发票号码", "发票号", "invoice number", "invoice no"], bankAccount: ["银行账户", "账户", "bank account"], summary: ["摘要", "备注", "summary", "remark"],
  dueDate: ["到期日", "应收日期", "due date"], cost: ["单位成本", "成本单价", "unit cost"], account: ["科目编码", "科目", "account"], debit: ["借方金额", "借方", "debit"], credit: ["贷方金额", "贷方", "credit"], name: ["名称", "客户名称", "供应商名称", "物料名称", "name"], uscc: ["统一社会信用代码", "税号", "纳税人识别号", "uscc", "tax id"],
  category: ["存货类别", "类别", "category"], charge: ["费用类别", "费用项目", "charge"], number: ["number"],
};
const idNames = ["单据编号", "单据号", "单号", "订单号", "订单编号", "入库单号", "出库单号", "发票号码", "发票号", "收款单号", "付款单号", "凭证号", "编码", "客户编码", "供应商编码", "物料编码", "document no", "document number", "doc no", "invoice no", "invoice number", "order no", "receipt no", "no", "id", "code"];
const lineNames = ["行号", "分录号", "序号", "项次", "line no", "line id", "line", "row"];
const linkNames = ["订单号", "来源单号", "源单号", "关联单号", "入库单号", "出库单号", "发票号", "order no", "source no", "receipt no", "source document"];

const plain = (text: string): string => text.toLowerCase().replace(/[\s_()（）[\]【】:：*/-]/g, "");

export type Sample = { readonly columns: readonly string[]; readonly rows: readonly Readonly<Record<string, unknown>>[] };

/** Which kind the file seems to hold: named by the file or a column, else by whom it is with. */
export function guessKind(fileName: string, columns: readonly string[]): string {
  const all = [...Object.entries(kinds as Readonly<Record<string, { zh: string; en: string }>>), ...Object.entries(masterKinds as Readonly<Record<string, { zh: string; en: string }>>)];
  const text = plain(fileName.replace(/\.[a-z]+$/i, ""));
  const named = all.filter(([kind, { zh, en }]) => text.includes(plain(zh)) || text.includes(plain(zh.replace(/单$/, ""))) || text.includes(kind.toLowerCase()) || text.includes(plain(en))).sort(([, a], [, b]) => b.zh.length - a.zh.length)[0];
  if (named) return named[0];
  const has = (...names: readonly string[]): boolean => columns.some((column) => names.some((name) => plain(column).includes(plain(name))));
  const isInvoice = has("发票", "invoice", "开票");
  if (has("借方", "debit")) return "manualVoucher";
  if (has("客户", "customer")) return isInvoice ? "salesInvoice" : has("收款", "receipt") ? "cashReceipt" : has("出库", "发货", "shipment") ? "shipment" : "salesOrder";
  if (has("供应商", "supplier", "vendor")) return isInvoice ? "supplierInvoice" : has("付款", "payment") ? "supplierPayment" : has("入库", "收货", "receipt") ? "goodsReceipt" : "purchaseOrder";
  return "salesInvoice";
}

/** Refuses: schema.kind_unknown. */
export function guessPlan(fileName: string, { columns, rows }: Sample, wanted?: string): Plan {
  const kind = wanted ?? guessKind(fileName, columns);
  const { targets, hasLines, linksTo } = targetsOf(kind);
  const taken = new Set<string>();
  const take = (names: readonly string[]): string | undefined => {
    for (const name of names) {
      const column = columns.find((one) => !taken.has(one) && plain(one) === plain(name));
      if (column !== undefined) {
        taken.add(column);
        return column;
      }
    }
    return undefined;
  };
  const id = take(isMasterKind(kind) ? ["编码", "代码", "code", `${masterKinds[kind].zh}编码`, ...idNames] : kind.endsWith("Invoice") ? ["单据编号", "单据号", "单号", "发票号码", "发票号", "invoice no", "invoice number", ...idNames] : idNames) ?? "";
  const lineId = hasLines ? take(lineNames) : undefined;
  const header: Record<string, Cell> = {}, line: Record<string, Cell> = {};
  // An amount of a line before one of the header: a table of lines says what each comes to.
  for (const target of targets) {
    const from = take([...(synonyms[target.field] ?? []), target.zh, target.en, target.field]);
    if (from === undefined) continue;
    (target.on === "line" ? line : header)[target.field] = { from, ...howOf(target, rows.map((row) => String(row[from] ?? ""))) };
  }
  const linked = linksTo.length === 0 ? undefined : take(linkNames);
  return { kind, source: "upload", id, header, line, ...(lineId === undefined ? {} : { lineId }), ...(linked === undefined || linksTo[0] === undefined ? {} : { link: { kind: linksTo[0], id: linked } }) };
}

const dateFormats = [["yyyy/M/d", /^\d{4}\/\d{1,2}\/\d{1,2}$/], ["yyyyMMdd", /^\d{8}$/], ["yyyy年M月d日", /^\d{4}年\d{1,2}月\d{1,2}日$/], ["yyyy.M.d", /^\d{4}\.\d{1,2}\.\d{1,2}$/], ["dd.MM.yyyy", /^\d{2}\.\d{2}\.\d{4}$/], ["yyyy-M-d", /^\d{4}-\d{1,2}-\d{1,2}$/]] as const;

/** How the values are written, by the first that are there. */
function howOf({ type }: Target, values: readonly string[]): Omit<Cell, "from"> {
  const written = values.filter((value) => value !== "").slice(0, 50);
  if (type === "date") {
    if (written.every((value) => /^\d{4}-\d{2}-\d{2}$/.test(value))) return {};
    const format = dateFormats.find(([, form]) => written.every((value) => form.test(value)))?.[0];
    return format === undefined ? {} : { format };
  }
  if (type === "taxRate") return written.length > 0 && written.every((value) => /%$/.test(value) || Number(value.replace("%", "")) >= 1) && written.some((value) => value.replace("%", "") !== "1") ? { percent: true } : {};
  return {};
}

/** Refuses: upload.no_id, upload.no_column, and what compileMapping refuses. */
export function mappingOf(plan: Plan, columns: readonly string[]): Mapping {
  const { targets, hasLines, linksTo } = targetsOf(plan.kind);
  const known = new Set(columns);
  const way = (column: string): string => (known.has(column) ? `'${column.replace(/['\\]/g, "\\$&")}'` : refuse("upload.no_column", { column, columns: columns.join(", ") }));
  if (plan.id === "") refuse("upload.no_id");
  const fields = (cells: Readonly<Record<string, Cell>>, on: Target["on"]): Record<string, unknown> => Object.fromEntries(Object.entries(cells).flatMap(([field, cell]): [string, unknown][] => {
    const target = targets.find((one) => one.field === field && one.on === on) ?? refuse("field.unknown", { kind: plan.kind, field });
    if (cell.from === undefined || cell.from === "") return cell.const === undefined || cell.const === "" ? [] : [[field, { const: target.type === "flag" ? cell.const === "true" : cell.const }]];
    const isNumber = ["quantity", "price", "money", "signed", "rate"].includes(target.type);
    return [[field, { from: way(cell.from), trim: true, ...(cell.format ? { format: cell.format } : isNumber ? { format: "1,234.56" } : {}), ...(cell.percent === true ? { convert: "1/100" } : {}) }]];
  }));
  const { link } = plan;
  if (link !== undefined && !linksTo.includes(link.kind)) refuse("link.kind", { kind: plan.kind, target: link.kind, choices: linksTo.join(", ") || "–" });
  const links = link === undefined || link.id === "" ? {} : { links: [{ to: link.kind, id: { from: way(link.id), trim: true }, ...(link.line ? { line: { from: way(link.line), trim: true } } : {}), ...(link.source ? { source: { const: link.source } } : {}) }] };
  return compileMapping({
    mapping: "upload", version: 1, source: plan.source,
    streams: { rows: [{ kind: plan.kind, id: { from: way(plan.id), trim: true }, fields: fields(plan.header, "header"), ...(hasLines ? { lines: { from: "lines", id: plan.lineId ? { from: way(plan.lineId), trim: true } : { from: `'${lineKey}'` }, fields: fields(plan.line, "line"), ...links } } : links) }] },
  });
}

/** A row's number within its document, where no column says it. */
export const lineKey = "#line";
