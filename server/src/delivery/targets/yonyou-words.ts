/** What Yonyou's voucher interfaces have in common: names of auxiliaries, of currencies, and widths. */
import type { VoucherLineOut } from "../target.ts";
import { Unfit } from "./outcome.ts";

/** Dimension, as flows name it → auxiliary. */
const auxiliaries: Readonly<Record<string, string>> = { department: "dept_id", employee: "personnel_id", person: "personnel_id", customer: "cust_id", supplier: "supplier_id", project: "item_id", item: "item_id", itemClass: "item_class", operator: "operator" };
const widths: Readonly<Record<string, number>> = { dept_id: 12, personnel_id: 8, cust_id: 20, supplier_id: 12, item_id: 20, item_class: 2, operator: 20 };
const isAuxiliary = (name: string): boolean => name in widths || /^self_define(?:[1-9]|1[0-6])$/.test(name);

/** [auxiliary, code] of a line. Refuses (Unfit): target.setting_missing, target.too_long. */
export function auxiliaryOf(line: VoucherLineOut, own: Readonly<Record<string, string>> | undefined, where: string): [string, string][] {
  return Object.entries(line.dimensions).map(([kind, code]) => {
    const name = own?.[kind] ?? auxiliaries[kind] ?? kind;
    if (!isAuxiliary(name)) throw new Unfit("target.setting_missing", { kind: "dimensions", code: kind, system: "用友 U8" }, where);
    return [name, fits(name, code, widths[name] ?? 60, where)];
  });
}

const currencies: Readonly<Record<string, string>> = { CNY: "人民币", USD: "美元" };
export function currencyName(code: string, own: Readonly<Record<string, string>> | undefined): string {
  const name = own?.[code] ?? currencies[code];
  if (name === undefined) throw new Unfit("target.setting_missing", { kind: "currencies", code, system: "用友 U8" });
  return fits("currency", name, 8);
}

/** Refuses (Unfit) what is longer: a code that is cut is another code. */
export function fits(field: string, text: string, max: number, where?: string): string {
  if (text.length > max) throw new Unfit("target.too_long", { field, text: text.slice(0, 80), max }, where);
  return text;
}
