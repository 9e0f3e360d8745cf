/**
 * CSV and xlsx with columns of the flow's own: a row for each line of a voucher, or for each document. A text that a spreadsheet would
 * take for a formula gets an apostrophe before it.
 */
import { at } from "../../../connectors/index.ts";
import { type CellObject, write } from "@e965/xlsx";
import iconv from "iconv-lite";
import { Type } from "typebox";
import { dayNumber, isDate } from "../../../values/index.ts";
import type { Delivery } from "../../target.ts";
import { Unfit } from "../outcome.ts";
import { compileText, type Scope, scopeOf, type TextForm } from "../template.ts";
import { fileTarget, fitFigure, type OptionsOf } from "./file.ts";
import { sheetOf } from "./kingdee-k3.ts";

const columns = {
  /** `value` is a template, such as "{voucher.date}" or "{line.debit?}". */
  columns: Type.Array(Type.Object({
    name: Type.String({ minLength: 1 }), value: Type.String(), type: Type.Optional(Type.Union([Type.Literal("text"), Type.Literal("number"), Type.Literal("date")])), max: Type.Optional(Type.Integer({ minimum: 1 })),
  }, { additionalProperties: false }), { minItems: 1, maxItems: 500 }),
};
const csvOptions = {
  ...columns,
  encoding: Type.Optional(Type.Union([Type.Literal("utf-8"), Type.Literal("gbk"), Type.Literal("gb18030")])),
  /** A mark at the beginning by which Excel knows UTF-8. */
  bom: Type.Optional(Type.Boolean()),
  delimiter: Type.Optional(Type.Union([Type.Literal(","), Type.Literal(";"), Type.Literal("\t"), Type.Literal("|")])),
};
const xlsxOptions = { ...columns, sheet: Type.Optional(Type.String({ minLength: 1, maxLength: 31, pattern: "^[^\\[\\]:*?/\\\\]+$" })) };
type Options = OptionsOf<typeof columns>;
type CsvOptions = OptionsOf<typeof csvOptions>;
type XlsxOptions = OptionsOf<typeof xlsxOptions>;

export const csvFileTarget = fileTarget<CsvOptions>({
  name: "csv-file", zh: "CSV 文件", en: "CSV file", extension: "csv", options: csvOptions, takesDocuments: true,
  fit: (delivery, options) => csvOf(rowsOf([delivery], options), options),
  write: (deliveries, options) => Buffer.concat([options.bom === true && (options.encoding ?? "utf-8") === "utf-8" ? Buffer.from("\uFEFF") : Buffer.alloc(0), csvOf([options.columns.map(({ name }) => name), ...rowsOf(deliveries, options)], options)]),
});

export const xlsxFileTarget = fileTarget<XlsxOptions>({
  name: "xlsx-file", zh: "Excel 文件", en: "Excel file", extension: "xlsx", options: xlsxOptions, takesDocuments: true,
  fit: (delivery, options) => rowsOf([delivery], options).map((row) => row.map((value, at) => cellOf(value, options.columns[at]?.type, options.columns[at]?.name ?? ""))),
  write(deliveries, options) {
    const head = options.columns.map(({ name }): CellObject => ({ t: "s", v: inert(name) }));
    const sheet = sheetOf([head, ...rowsOf(deliveries, options).map((row) => row.map((value, at) => cellOf(value, options.columns[at]?.type, options.columns[at]?.name ?? "")))]);
    const name = options.sheet ?? "凭证";
    return Buffer.from(write({ SheetNames: [name], Sheets: { [name]: sheet } }, { bookType: "xlsx", type: "buffer", compression: true }) as Uint8Array);
  },
});

function rowsOf(deliveries: readonly Delivery[], options: Options): string[][] {
  const forms = formsOf(options);
  return deliveries.flatMap((delivery) => {
    const scope = scopeOf(delivery);
    const lines = at(scope, "voucher.lines");
    const scopes: readonly Scope[] = Array.isArray(lines) ? (lines as readonly Scope[]).map((line) => ({ ...scope, line })) : [scope];
    return scopes.map((one, index) => forms.map(({ name, form, type, max }) => {
      const where = `lines[${index}]/${name}`;
      const value = form(one);
      if (max !== undefined && value.length > max) throw new Unfit("target.too_long", { field: name, text: value.slice(0, 80), max }, where);
      if (type === "number" && value !== "") fitFigure(name, value, 30, 20, where);
      if (type === "date" && value !== "" && !isDate(value)) throw new Unfit("target.figure", { field: name, text: value.slice(0, 40), whole: 8, scale: 0 }, where);
      return value;
    }));
  });
}

type Form = { readonly name: string; readonly form: TextForm; readonly type: string | undefined; readonly max: number | undefined };
const compiled = new WeakMap<object, readonly Form[]>();
function formsOf({ columns }: Options): readonly Form[] {
  const forms = compiled.get(columns) ?? columns.map(({ name, value, type, max }) => ({ name, form: compileText(value), type, max }));
  compiled.set(columns, forms);
  return forms;
}

/** Figures stay figures: a minus before digits is no formula. */
export const inert = (text: string): string => (/^[=+\-@\t\r]/.test(text) && !/^-?\d+(?:\.\d+)?$/.test(text) ? `'${text}` : text);

function csvOf(rows: readonly (readonly string[])[], { encoding = "utf-8", delimiter = "," }: CsvOptions): Buffer {
  const quoted = (text: string): string => (text.includes(delimiter) || /["\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const text = rows.map((row) => `${row.map((value) => quoted(inert(value))).join(delimiter)}\r\n`).join("");
  if (encoding === "utf-8") return Buffer.from(text);
  const bytes = iconv.encode(text, encoding);
  if (iconv.decode(bytes, encoding) !== text) {
    const foreign = [...text].find((letter) => iconv.decode(iconv.encode(letter, encoding), encoding) !== letter) ?? "";
    throw new Unfit("target.unmappable", { field: rows.flat().find((value) => value.includes(foreign))?.slice(0, 60) ?? "", text: foreign, encoding });
  }
  return bytes;
}

/** A number cell holds 15 digits; a longer figure stays text, whole. */
function cellOf(value: string, type: string | undefined, name: string): CellObject {
  if (value === "") return { t: "s", v: "" };
  if (type === "date") return { t: "n", v: dayNumber(value) + 25_569, z: "yyyy-mm-dd" };
  if (type !== "number") return { t: "s", v: inert(value) };
  const decimals = value.split(".")[1]?.length ?? 0;
  if (value.replace(/^-|\./g, "").replace(/^0+/, "").length > 15) throw new Unfit("target.figure", { field: name, text: value.slice(0, 40), whole: 15, scale: decimals });
  return { t: "n", v: Number(value), z: decimals === 0 ? "0" : `0.${"0".repeat(decimals)}` };
}
