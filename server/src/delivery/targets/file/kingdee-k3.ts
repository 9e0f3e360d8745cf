/**
 * Kingdee K/3 WISE and KIS: the voucher workbook, .xls (BIFF8) with the sheets Page1 and t_Schema. Our reference stands in 参考信息. Cells of
 * figures are numbers, which in this format hold 15 digits: a longer amount is refused, not rounded.
 */
import { utils, write, type CellObject, type WorkSheet } from "@e965/xlsx";
import { Type } from "typebox";
import { dayNumber } from "../../../values/index.ts";
import type { Delivery, VoucherLineOut } from "../../target.ts";
import { Unfit, voucherOf } from "../outcome.ts";
import { isZero } from "../template.ts";
import { fits } from "../yonyou-words.ts";
import { fileTarget, fitFigure, type OptionsOf } from "./file.ts";

const options = {
  /** The variant with 37 columns: 汇率类型 before 汇率, with this value, as in 公司汇率. */
  rateType: Type.Optional(Type.String()),
  voucherTypes: Type.Optional(Type.Record(Type.String(), Type.String())),
  /** ISO code → [代码, 名称]; RMB 人民币 and USD 美元 are known. */
  currencies: Type.Optional(Type.Record(Type.String(), Type.Tuple([Type.String(), Type.String()]))),
  /** Dimension, as the flow names it → 核算项目类别. The standard ones are known. */
  dimensions: Type.Optional(Type.Record(Type.String(), Type.String())),
  /** Between several 核算项目 of one line. How the customer's K/3 writes them shows in its own export. */
  itemSeparator: Type.Optional(Type.String({ minLength: 1, maxLength: 5 })),
};
type Options = OptionsOf<typeof options>;

type Column = readonly [key: string, caption: string, type: string, index: number];
const columns: readonly Column[] = [
  ["FDate", "凭证日期", "DateTime", 1], ["FYear", "会计年度", "Decimal(28,10)", 2], ["FPeriod", "会计期间", "Decimal(28,10)", 3], ["FGroupID", "凭证字", "Varchar(80)", 4], ["FNumber", "凭证号", "Decimal(28,10)", 5],
  ["FAccountNum", "科目代码", "Varchar(40)", 7], ["FAccountName", "科目名称", "Varchar(80)", 8], ["FCurrencyNum", "币别代码", "Varchar(10)", 9], ["FCurrencyName", "币别名称", "Varchar(40)", 10],
  ["FAmountFor", "原币金额", "Decimal(28,10)", 11], ["FDebit", "借方", "Decimal(28,10)", 12], ["FCredit", "贷方", "Decimal(28,10)", 13], ["FPreparerID", "制单", "Varchar(255)", 14], ["FCheckerID", "审核", "Varchar(255)", 15],
  ["FApproveID", "核准", "Varchar(255)", 17], ["FCashierID", "出纳", "Varchar(255)", 18], ["FHandler", "经办", "Varchar(50)", 19], ["FSettleTypeID", "结算方式", "Varchar(80)", 20], ["FSettleNo", "结算号", "Varchar(255)", 21],
  ["FExplanation", "凭证摘要", "Varchar(255)", 22], ["FQuantity", "数量", "Decimal(28,10)", 23], ["FMeasureUnitID", "数量单位", "Varchar(255)", 24], ["FUnitPrice", "单价", "Decimal(28,10)", 25], ["FReference", "参考信息", "Varchar(255)", 26],
  ["FTransDate", "业务日期", "DateTime", 27], ["FTransNo", "往来业务编号", "Varchar(40)", 28], ["FAttachments", "附件数", "Decimal(28,10)", 29], ["FSerialNum", "序号", "Decimal(28,10)", 30], ["FObjectName", "系统模块", "Varchar(100)", 31],
  ["FParameter", "业务描述", "Varchar(100)", 32], ["FExchangeRate", "汇率", "Decimal(28,10)", 33], ["FEntryID", "分录序号", "Decimal(28,10)", 34], ["FItem", "核算项目", "Varchar(255)", 35], ["FPosted", "过账", "Decimal(28,10)", 36],
  ["FInternalInd", "机制凭证", "Varchar(10)", 37], ["FCashFlow", "现金流量", "Memo", 38],
];
/** With 汇率类型 in its place, what follows moves up by one. Its key is not documented. */
const columnsOf = (options: Options): readonly Column[] =>
  options.rateType === undefined ? columns : columns.flatMap((column) => (column[3] < 33 ? [column] : [...(column[0] === "FExchangeRate" ? [["FExchangeRateType", "汇率类型", "Varchar(80)", 33] as const] : []), [column[0], column[1], column[2], column[3] + 1] as const]));

const schemaNames = ["FType", "FKey", "FFieldName", "FCaption", "FValueType", "FNeedSave", "FColIndex", "FSrcTableName", "FSrcFieldName", "FExpFieldName", "FImpFieldName", "FDefaultVal", "FSearch", "FItemPageName", "FTrueType", "FPrecision", "FSearchName", "FIsShownList", "FViewMask", "FPage"];
const itemClasses: Readonly<Record<string, string>> = { customer: "客户", supplier: "供应商", department: "部门", employee: "职员", person: "职员", project: "项目", item: "物料" };
const currencies: Readonly<Record<string, readonly [string, string]>> = { CNY: ["RMB", "人民币"], USD: ["USD", "美元"] };

export const kingdeeK3Target = fileTarget<Options>({
  name: "kingdee-k3", zh: "金蝶 K/3、KIS 凭证引入文件", en: "Kingdee K/3 and KIS voucher workbook", extension: "xls", options, summaryMax: 255,
  fit: (delivery, options) => rowsOf(delivery, options, 1),
  write(deliveries, options) {
    const layout = columnsOf(options);
    const page = sheetOf([layout.map(([, caption]) => text(caption)), ...deliveries.flatMap((delivery, index) => rowsOf(delivery, options, index + 1))]);
    const row = (...cells: readonly CellObject[]): CellObject[] => schemaNames.map((_, at) => cells[at] ?? text(""));
    const schema = sheetOf([
      schemaNames.map(text), row(text("ClassInfo"), text("ClassType"), text(""), text("VoucherData")), row(text("ClassInfo"), text("ClassTypeID"), text(""), text("123")), row(text("PageInfo"), text("Page1"), text(""), text("Page1")),
      ...layout.map(([key, caption, type, index]) => schemaNames.map((name): CellObject => ({ FType: text("FieldInfo"), FKey: text(key), FFieldName: text(key), FCaption: text(caption), FValueType: text(type), FNeedSave: whole(1), FColIndex: whole(index), FPage: whole(1) })[name] ?? text(""))),
    ]);
    return Buffer.from(write({ SheetNames: ["Page1", "t_Schema"], Sheets: { Page1: page, t_Schema: schema } }, { bookType: "biff8", type: "buffer", codepage: 936 }) as Uint8Array);
  },
});

function rowsOf(delivery: Delivery, options: Options, serial: number): CellObject[][] {
  const voucher = voucherOf(delivery);
  if (voucher === undefined) return [];
  const layout = columnsOf(options);
  return voucher.lines.map((line, index) => {
    const where = `lines[${index}]`;
    const currency = options.currencies?.[line.currency] ?? currencies[line.currency];
    if (currency === undefined) throw new Unfit("target.setting_missing", { kind: "currencies", code: line.currency, system: "K/3" }, where);
    const amount = isZero(line.debit) ? line.credit : line.debit;
    const cells: Readonly<Record<string, CellObject>> = {
      FDate: day(voucher.date), FYear: whole(Number(voucher.period.slice(0, 4))), FPeriod: whole(Number(voucher.period.slice(5, 7))), FGroupID: text(options.voucherTypes?.[voucher.series] ?? voucher.series), FNumber: whole(voucher.no),
      FAccountNum: text(line.account), FAccountName: text(line.accountName), FCurrencyNum: text(currency[0]), FCurrencyName: text(currency[1]),
      FAmountFor: amountCell("原币金额", isZero(line.amountOriginal) ? amount : line.amountOriginal, where), FDebit: amountCell("借方", line.debit, where), FCredit: amountCell("贷方", line.credit, where),
      FPreparerID: text(voucher.preparedBy), FCheckerID: text("NONE"), FApproveID: text("NONE"), FCashierID: text("NONE"), FSettleTypeID: text("*"), FExplanation: text(line.summary),
      FQuantity: isZero(line.quantity) ? whole(0) : decimal("数量", line.quantity, where), FMeasureUnitID: text("*"), FUnitPrice: whole(0), FReference: text(delivery.reference), FTransDate: day(voucher.date),
      FAttachments: whole(voucher.attachments), FSerialNum: whole(serial), FExchangeRateType: text(options.rateType ?? ""), FExchangeRate: decimal("汇率", isZero(line.rate) ? "1" : line.rate, where), FEntryID: whole(index), FItem: text(itemOf(line, options, where)), FPosted: whole(0),
    };
    return layout.map(([key, caption, type]) => {
      const cell = cells[key] ?? text("");
      const width = /^Varchar\((\d+)\)$/.exec(type)?.[1];
      if (width !== undefined) fits(caption, String(cell.v), Number(width), where);
      return cell;
    });
  });
}

/** 类别---代码---名称 */
function itemOf(line: VoucherLineOut, options: Options, where: string): string {
  const items = Object.entries(line.dimensions).map(([kind, code]) => {
    const itemClass = options.dimensions?.[kind] ?? itemClasses[kind];
    if (itemClass === undefined) throw new Unfit("target.setting_missing", { kind: "dimensions", code: kind, system: "K/3" }, where);
    return `${itemClass}---${code}---${line.dimensionNames[kind] ?? ""}`;
  });
  if (items.length > 1 && options.itemSeparator === undefined) throw new Unfit("target.setting_missing", { kind: "itemSeparator", code: items.join(" "), system: "K/3" }, where);
  return items.join(options.itemSeparator ?? "");
}

const text = (value: string): CellObject => ({ t: "s", v: value });
const whole = (value: number): CellObject => ({ t: "n", v: value });
/** Days since 1899-12-30, as all sheets count after February 1900. */
const day = (date: string): CellObject => ({ t: "n", v: dayNumber(date) + 25_569, z: "yyyy-mm-dd" });
const amountCell = (field: string, value: string, where: string): CellObject => (isZero(value) ? whole(0) : { t: "n", v: Number(fitFigure(field, value, 13, 2, where)), z: "0.00" });
const decimal = (field: string, value: string, where: string): CellObject => {
  const digits = value.replace(/^-|\./g, "").replace(/^0+/, "").length;
  if (digits > 15) throw new Unfit("target.figure", { field, text: value.slice(0, 40), whole: 15, scale: 10 }, where);
  return { t: "n", v: Number(fitFigure(field, value, 15, 10, where)) };
};

export function sheetOf(rows: readonly (readonly CellObject[])[]): WorkSheet {
  const sheet: WorkSheet = {};
  rows.forEach((row, r) => row.forEach((cell, c) => {
    if (cell.v !== "") sheet[utils.encode_cell({ r, c })] = cell;
  }));
  sheet["!ref"] = utils.encode_range({ r: 0, c: 0 }, { r: Math.max(0, rows.length - 1), c: Math.max(0, (rows[0]?.length ?? 1) - 1) });
  return sheet;
}
