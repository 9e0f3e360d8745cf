/** 银行模板版式: the columns of a bank's own template of payments, named once; the file is then written by them. */
import { useState } from "react";
import { api, seg, useAct } from "../app/api.ts";
import { useBook } from "../app/session.ts";
import { Dialog, Field } from "../ui/parts.tsx";
import { Trouble } from "../ui/states.tsx";
import { useT, type Words } from "../ui/text.ts";

export type PaymentColumns = readonly { readonly head: string; readonly field: string; readonly text?: string }[];
type Layout = { readonly name: string; readonly body: PaymentColumns };
const fields: Readonly<Record<string, Words>> = {
  payeeAccount: { zh: "收款账号", en: "Payee's account" }, payeeName: { zh: "收款户名", en: "Payee's name" }, payeeBank: { zh: "收款行名称", en: "Payee's bank" }, payeeBankCode: { zh: "收款行联行号", en: "Payee's bank code" }, province: { zh: "省份", en: "Province" }, city: { zh: "城市", en: "City" }, amount: { zh: "金额", en: "Amount" }, currency: { zh: "币种", en: "Currency" },
  date: { zh: "付款日", en: "Date" }, purpose: { zh: "用途（发票号）", en: "Purpose (invoices)" }, id: { zh: "支付编号", en: "Payment id" }, number: { zh: "序号", en: "Running number" }, payerAccount: { zh: "付款账号", en: "Own account" }, payerName: { zh: "付款户名", en: "Own name" }, payerBank: { zh: "付款行名称", en: "Own bank" }, text: { zh: "固定文字", en: "Fixed words" }, blank: { zh: "留空", en: "Blank" },
};
/** What a heading most likely asks for. */
const guess = (head: string): string => ([[/序号|^no\.?$/i, "number"], [/付款.*(账号|帐号)/, "payerAccount"], [/付款.*(户名|名称)/, "payerName"], [/付款.*行/, "payerBank"], [/联行|行号|CNAPS|BIC/i, "payeeBankCode"], [/开户行|收款.*行/, "payeeBank"], [/账号|帐号|account/i, "payeeAccount"], [/户名|名称|收款人|name/i, "payeeName"], [/金额|amount/i, "amount"], [/币种|currency/i, "currency"], [/省/, "province"], [/市/, "city"], [/日期|date/i, "date"], [/用途|purpose/i, "purpose"], [/备注|附言|remark/i, "id"]] as const).find(([pattern]) => pattern.test(head))?.[1] ?? "blank";

export function PaymentLayouts({ layouts, onClose }: { readonly layouts: readonly Layout[]; readonly onClose: () => void }) {
  const t = useT();
  const book = useBook();
  const base = `/books/${seg(book.code)}/payment-layouts`;
  const [name, setName] = useState("");
  const [heads, setHeads] = useState("");
  const [columns, setColumns] = useState<PaymentColumns>([]);
  const open = (layout: Layout): void => { setName(layout.name); setColumns(layout.body); setHeads(layout.body.map(({ head }) => head).join("\t")); };
  /** A heading row as it is copied out of the bank's template. */
  const read = (text: string): void => { setHeads(text); setColumns(text.split(/[\t,，\n]/).map((head) => head.trim()).filter((head) => head !== "").map((head) => columns.find((column) => column.head === head) ?? { head, field: guess(head) })); };
  const change = (at: number, column: PaymentColumns[number]): void => setColumns(columns.map((one, place) => (place === at ? column : one)));
  const save = useAct(() => api(`${base}/${seg(name.trim())}`, { method: "PUT", body: { columns } }));
  const remove = useAct((one: string) => api(`${base}/${seg(one)}`, { method: "DELETE" }));
  return (
    <Dialog kind="wide" title={t("银行模板版式", "Layouts of bank templates")} onClose={onClose} foot={<><button type="button" className="btn" onClick={onClose}>{t("关闭", "Close")}</button><button type="button" className="btn p" disabled={name.trim() === "" || columns.length === 0 || save.isPending} onClick={() => save.mutate(undefined, { onSuccess: onClose })}>{t("保存版式", "Keep the layout")}</button></>}>
      {layouts.length === 0 ? null : <ul className="payments-layouts">{layouts.map((layout) => <li key={layout.name}><button type="button" className="link" onClick={() => open(layout)}>{layout.name}</button> <span className="sub">{t(`${layout.body.length} 列`, `${layout.body.length} columns`)}</span> <button type="button" className="btn q" disabled={remove.isPending} onClick={() => remove.mutate(layout.name)}>{t("删除", "Remove")}</button></li>)}</ul>}
      <Field label={t("版式名称 *", "Name *")}><input className="in" data-first maxLength={60} placeholder={t("如：宁波银行批量转账", "e.g. Bank of Ningbo, batch")} value={name} onChange={(event) => setName(event.target.value)} /></Field>
      <Field label={t("表头 *", "Headings *")} hint={t("从银行模板复制表头一行粘贴到这里", "Copy the heading row of the bank's template and paste it here")}><input className="in" value={heads} onChange={(event) => read(event.target.value)} onPaste={(event) => { event.preventDefault(); read(event.clipboardData.getData("text")); }} /></Field>
      {columns.length === 0 ? null : <div className="reconciliation-columns">{columns.map((column, at) => <Field key={column.head} label={column.head}><select className="in" value={column.field} onChange={(event) => change(at, { head: column.head, field: event.target.value })}>{Object.entries(fields).map(([field, words]) => <option key={field} value={field}>{t(words)}</option>)}</select>{column.field === "text" ? <input className="in" aria-label={t(`${column.head} 的文字`, `Words of ${column.head}`)} value={column.text ?? ""} onChange={(event) => change(at, { ...column, text: event.target.value })} /> : null}</Field>)}</div>}
      <Trouble error={save.error ?? remove.error} />
    </Dialog>
  );
}
