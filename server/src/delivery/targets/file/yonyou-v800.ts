/**
 * Yonyou U8 and T3: text file 填制凭证,V800. Positional, GBK, CRLF. It has no field for a key of ours, so our reference stands behind the
 * summary of a voucher's first line.
 */
import iconv from "iconv-lite";
import { Type } from "typebox";
import type { Delivery } from "../../target.ts";
import { Unfit, voucherOf } from "../outcome.ts";
import { isZero } from "../template.ts";
import { fits } from "../yonyou-words.ts";
import { fileTarget, fitFigure, type OptionsOf } from "./file.ts";

const options = {
  /** Our 凭证字 → theirs, where they differ. */
  voucherTypes: Type.Optional(Type.Record(Type.String(), Type.String())),
  /** Dimension, as the flow names it → field: department, person, customer, supplier, salesperson, project or custom1 … custom16. */
  dimensions: Type.Optional(Type.Record(Type.String(), Type.String())),
  /** False leaves our reference out of the summaries: then nobody finds a voucher by it. */
  reference: Type.Optional(Type.Boolean()),
};
type Options = OptionsOf<typeof options>;

/** 摘要 has 60; our reference, at most 30, and a blank before it must fit. */
const summaryMax = 60;
const columns: Readonly<Record<string, number>> = { department: 16, person: 17, customer: 18, supplier: 19, salesperson: 20, project: 21, ...Object.fromEntries(Array.from({ length: 16 }, (_, at) => [`custom${at + 1}`, 22 + at])) };
const known: Readonly<Record<string, string>> = { employee: "person", item: "project" };

export const yonyouV800Target = fileTarget<Options>({
  name: "yonyou-v800", zh: "用友 U8/T3 凭证文本(V800)", en: "Yonyou U8/T3 voucher text (V800)", extension: "txt", options, summaryMax: summaryMax - 31,
  fit: (delivery, options) => encode(linesOf(delivery, options)),
  write: (deliveries, options) => encode(["填制凭证,V800", ...deliveries.flatMap((delivery) => linesOf(delivery, options))]),
});

function linesOf(delivery: Delivery, options: Options): string[] {
  const voucher = voucherOf(delivery);
  if (voucher === undefined) return [];
  if (voucher.attachments > 999) throw new Unfit("target.figure", { field: "附单据数", text: String(voucher.attachments), whole: 3, scale: 0 });
  const type = plain("凭证类别字", options.voucherTypes?.[voucher.series] ?? voucher.series);
  return voucher.lines.map((line, index) => {
    const where = `lines[${index}]`;
    const amount = (field: string, text: string): string => (isZero(text) ? "0" : fitFigure(field, text, 14, 2, where));
    const isForeign = line.currency !== voucher.currency;
    const summary = tidy(line.summary) + (index === 0 && options.reference !== false ? ` ${delivery.reference}` : "");
    const fields = [
      voucher.date, type, String(voucher.no), String(voucher.attachments), fits("摘要", summary, summaryMax, where), fits("科目编码", plain("科目编码", line.account, where), 15, where),
      amount("借方金额", line.debit), amount("贷方金额", line.credit), isZero(line.quantity) ? "0" : line.quantity, isForeign ? amount("外币", line.amountOriginal) : "0", isForeign ? line.rate : "0", plain("制单人", voucher.preparedBy),
    ];
    for (const [kind, code] of Object.entries(line.dimensions)) {
      const column = columns[options.dimensions?.[kind] ?? known[kind] ?? kind];
      if (column === undefined) throw new Unfit("target.setting_missing", { kind: "dimensions", code: kind, system: "V800" }, where);
      while (fields.length < column) fields.push("");
      fields[column - 1] = plain(kind, code, where);
    }
    return fields.join(",");
  });
}

/** Nothing quotes a comma there, so the format itself asks for the full-width one. */
const tidy = (text: string): string => text.replace(/[,"'\r\n\t]+/g, "，");

/** A code or name with a comma would be another one without it. */
function plain(field: string, text: string, where?: string): string {
  const wrong = /[,"'\r\n]/.exec(text);
  if (wrong) throw new Unfit("target.unmappable", { field, text: wrong[0] === "\n" || wrong[0] === "\r" ? "↵" : wrong[0], encoding: "V800" }, where);
  return text;
}

function encode(lines: readonly string[]): Buffer {
  const text = lines.map((line) => `${line}\r\n`).join("");
  const bytes = iconv.encode(text, "gbk");
  if (iconv.decode(bytes, "gbk") !== text) {
    const foreign = [...text].find((letter) => iconv.decode(iconv.encode(letter, "gbk"), "gbk") !== letter) ?? "";
    const line = lines.find((one) => one.includes(foreign)) ?? "";
    throw new Unfit("target.unmappable", { field: line.slice(0, 60), text: foreign, encoding: "GBK" }, `lines[${lines.indexOf(line)}]`);
  }
  return bytes;
}
