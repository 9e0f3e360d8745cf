/** Yonyou U8 EAI: XML with elements in the order of the documentation and within its widths; reserve2 and the voucher's id are our reference. */
import { Type } from "typebox";
import type { Delivery, VoucherLineOut, VoucherOut } from "../../target.ts";
import { voucherOf } from "../outcome.ts";
import { escapeXml } from "../soap.ts";
import { isZero } from "../template.ts";
import { auxiliaryOf, currencyName, fits } from "../yonyou-words.ts";
import { fileTarget, fitFigure, type OptionsOf } from "./file.ts";

const options = {
  /** The sender's number, as registered in U8 EAI. */
  sender: Type.String(),
  voucherTypes: Type.Optional(Type.Record(Type.String(), Type.String())),
  currencies: Type.Optional(Type.Record(Type.String(), Type.String())),
  dimensions: Type.Optional(Type.Record(Type.String(), Type.String())),
  /** 外部系统类型. */
  externalType: Type.Optional(Type.String({ maxLength: 20 })),
};
type Options = OptionsOf<typeof options>;

export const yonyouEaiTarget = fileTarget<Options>({
  name: "yonyou-eai", zh: "用友 U8 EAI 凭证 XML", en: "Yonyou U8 EAI voucher XML", extension: "xml", options, summaryMax: 60,
  fit: (delivery, options) => voucherXml(delivery, options),
  write: (deliveries, options, batch) => Buffer.from(
    `<?xml version="1.0" encoding="utf-8"?>\n<ufinterface sender="${escapeXml(options.sender)}" receiver="u8" roottag="voucher" proc="add" docid="${batch}" codeexchanged="N">\n${deliveries.map((delivery) => voucherXml(delivery, options)).join("")}</ufinterface>\n`,
  ),
});

const element = (indent: number, name: string, text: string): string => `${" ".repeat(indent)}${text === "" ? `<${name}/>` : `<${name}>${escapeXml(text)}</${name}>`}\n`;
const all = (indent: number, fields: Readonly<Record<string, string>>): string => Object.entries(fields).map(([name, text]) => element(indent, name, text)).join("");

function voucherXml(delivery: Delivery, options: Options): string {
  const voucher = voucherOf(delivery) as VoucherOut;
  const head = all(3, {
    company: "", voucher_type: fits("voucher_type", options.voucherTypes?.[voucher.series] ?? voucher.series, 2), fiscal_year: String(Number(voucher.period.slice(0, 4))), accounting_period: String(Number(voucher.period.slice(5, 7))),
    voucher_id: String(voucher.no), attachment_number: String(voucher.attachments), date: voucher.date, enter: fits("enter", voucher.preparedBy, 20), cashier: "", signature: "", checker: "", posting_date: "", posting_person: "", voucher_making_system: "GL",
    memo1: "", memo2: "", reserve1: options.externalType ?? "", reserve2: fits("reserve2", delivery.reference, 50), revokeflag: "",
  });
  const entries = voucher.lines.map((line, index) => entryXml(voucher, line, index, options)).join("");
  return ` <voucher id="${escapeXml(delivery.reference)}">\n  <voucher_head>\n${head}  </voucher_head>\n  <voucher_body>\n${entries}  </voucher_body>\n </voucher>\n`;
}

function entryXml(voucher: VoucherOut, line: VoucherLineOut, index: number, options: Options): string {
  const where = `lines[${index}]`;
  const figure = (field: string, text: string): string => (isZero(text) ? "0" : fitFigure(field, text, 14, 4, where));
  const isDebit = !isZero(line.debit);
  const isForeign = line.currency !== voucher.currency;
  const side = (name: "debit" | "credit", is: boolean): Record<string, string> => ({
    [`${name}_quantity`]: is ? figure("quantity", line.quantity) : "0", [`primary_${name}_amount`]: is && isForeign ? figure("amountOriginal", line.amountOriginal) : "0", [`secondary_${name}_amount`]: "0", [`natural_${name}_currency`]: figure(name, name === "debit" ? line.debit : line.credit),
  });
  const auxiliary = auxiliaryOf(line, options.dimensions, where);
  const fields = all(4, {
    entry_id: String(index + 1), account_code: fits("account_code", line.account, 15, where), abstract: fits("abstract", line.summary, 60, where), settlement: "", document_id: "", document_date: "", currency: currencyName(line.currency, options.currencies),
    unit_price: "", exchange_rate1: "", exchange_rate2: isZero(line.rate) ? "1" : line.rate, ...side("debit", isDebit), ...side("credit", !isDebit), bill_type: "", bill_id: "", bill_date: "",
  });
  const items = auxiliary.map(([name, code]) => `     <item name="${name}">${escapeXml(code)}</item>\n`).join("");
  return `   <entry>\n${fields}${items === "" ? "    <auxiliary_accounting/>\n" : `    <auxiliary_accounting>\n${items}    </auxiliary_accounting>\n`}    <detail/>\n   </entry>\n`;
}
