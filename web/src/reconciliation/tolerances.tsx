/** 匹配容差: what a supplier's invoices, or those over an item group, may differ by. The most particular counts; below stands what holds for everybody else. */
import { useState } from "react";
import { api, seg, useAct, useApi, withQuery } from "../app/api.ts";
import { useBook } from "../app/session.ts";
import { Combo } from "../ui/combo.tsx";
import { Dialog, Field, moment, Panel } from "../ui/parts.tsx";
import { Loaded, Trouble } from "../ui/states.tsx";
import { Table } from "../ui/table.tsx";
import { type T, useT } from "../ui/text.ts";
import { Person } from "../vouchers/words.tsx";
import "./payments.css";

type Fields = { readonly supplier: string; readonly itemGroup: string; readonly quantity: string; readonly quantityPercent: string; readonly price: string; readonly pricePercent: string; readonly tax: string };
type Row = Fields & { readonly reason?: string; readonly setAt?: string; readonly setBy?: string };
type Answer = { readonly usual: Fields; readonly own: readonly Row[]; readonly itemGroups: readonly string[] };

/** 0.01 or 0.5 %, whichever is larger; what is zero is left out. */
const allowed = (absolute: string, percent: string, t: T): string => [absolute, percent === "0" ? "0" : `${percent}%`].filter((part) => !/^0(\.0+)?$/.test(part)).join(t(" 或 ", " or ")) || t("不容许", "none");

export function Tolerances() {
  const t = useT();
  const book = useBook();
  const base = `/books/${seg(book.code)}/match-tolerances`;
  const answer = useApi<Answer>(base);
  const [editing, setEditing] = useState<Fields | null>(null);
  const remove = useAct(({ supplier, itemGroup }: Fields) => api(`${base}/remove`, { body: { supplier, itemGroup } }));
  const may = book.may("books.manage");
  const blank = (usual: Fields): Fields => ({ ...usual, supplier: "", itemGroup: "" });
  return (
    <Panel title={t("匹配容差", "Tolerances of the match")} note={t("绝对值与百分比取较大者；最具体的一条生效", "the larger of amount and share; the most particular counts")} right={may && answer.data ? <button type="button" className="btn" onClick={() => setEditing(blank((answer.data as Answer).usual))}>{t("新增容差", "Add a tolerance")}</button> : undefined}>
      <Trouble error={remove.error} />
      <Loaded of={answer} columns={6}>{(data) => <Table<Row>
        caption={t("匹配容差", "Tolerances of the match")} rows={[...data.own, { ...data.usual }]} rowKey={(row) => `${row.supplier}|${row.itemGroup}|${row.setAt ?? ""}`}
        columns={[
          { key: "supplier", head: { zh: "供应商", en: "Supplier" }, cell: (row) => (may && row.setAt !== undefined ? <button type="button" className="link" onClick={() => setEditing(row)}>{row.supplier || t("全部供应商", "All suppliers")}</button> : row.setAt === undefined ? <>{t("其余全部", "Everybody else")}<span className="sub">{t("系统缺省", "comes with the program")}</span></> : row.supplier || t("全部供应商", "All suppliers")) },
          { key: "group", head: { zh: "存货类别", en: "Item group" }, wide: true, cell: (row) => row.itemGroup || t("全部", "all") },
          { key: "quantity", head: { zh: "数量", en: "Quantity" }, num: true, cell: (row) => allowed(row.quantity, row.quantityPercent, t) }, { key: "price", head: { zh: "单价", en: "Price" }, num: true, cell: (row) => allowed(row.price, row.pricePercent, t) }, { key: "tax", head: { zh: "税额（元）", en: "Tax" }, num: true, wide: true, cell: (row) => row.tax },
          { key: "why", head: { zh: "原因", en: "Reason" }, wrap: true, wide: true, cell: (row) => (row.setBy === undefined ? "" : <>{row.reason}<span className="sub"><Person id={row.setBy} /> {moment(row.setAt ?? "").slice(0, 16)}</span></>) },
          { key: "act", head: { zh: "动作", en: "Act" }, num: true, wide: true, cell: (row) => (may && row.setAt !== undefined ? <button type="button" className="btn q" disabled={remove.isPending} onClick={() => remove.mutate(row)}>{t("删除", "Remove")}</button> : null) },
        ]}
      />}</Loaded>
      {editing === null ? null : <Edit of={editing} groups={answer.data?.itemGroups ?? []} base={base} onClose={() => setEditing(null)} />}
    </Panel>
  );
}

function Edit({ of, groups, base, onClose }: { readonly of: Row; readonly groups: readonly string[]; readonly base: string; readonly onClose: () => void }) {
  const t = useT();
  const book = useBook();
  const { reason: _, setAt, setBy: __, ...from } = of;
  const [fields, setFields] = useState<Fields>(from);
  const [reason, setReason] = useState("");
  const save = useAct(() => api(base, { method: "PUT", body: { ...fields, reason } }));
  const figure = (key: keyof Fields, label: string, hint?: string) => <Field label={label} hint={hint}><input className="in" inputMode="decimal" value={fields[key]} onChange={(event) => setFields({ ...fields, [key]: event.target.value })} /></Field>;
  const search = async (text: string) => (await api<readonly { readonly kind: string; readonly code: string; readonly zh: string; readonly en: string }[]>(withQuery(`/books/${seg(book.code)}/masterdata/search`, { kind: "supplier", text }))).map((row) => ({ value: row.code, text: t(row.zh, row.en) || row.code }));
  return (
    <Dialog title={setAt === undefined ? t("新增容差", "Add a tolerance") : t("更改容差", "Change a tolerance")} onClose={onClose} foot={<><button type="button" className="btn" onClick={onClose}>{t("取消", "Cancel")}</button><button type="button" className="btn p" disabled={reason.trim() === "" || save.isPending} onClick={() => save.mutate(undefined, { onSuccess: onClose })}>{t("保存容差", "Keep the tolerance")}</button></>}>
      <div className="payments-two">
        <Field label={t("供应商", "Supplier")} hint={t("留空为全部供应商", "Blank for all")}>{setAt === undefined ? <Combo label={t("供应商", "Supplier")} placeholder={t("名称、编码或拼音", "Name, code or pinyin")} value={fields.supplier} shown={fields.supplier} search={search} onChoose={(supplier) => setFields({ ...fields, supplier })} /> : <input className="in" readOnly value={fields.supplier || t("全部供应商", "All suppliers")} />}</Field>
        <Field label={t("存货类别", "Item group")}><select className="in" disabled={setAt !== undefined} value={fields.itemGroup} onChange={(event) => setFields({ ...fields, itemGroup: event.target.value })}><option value="">{t("全部", "all")}</option>{groups.map((group) => <option key={group} value={group}>{group}</option>)}</select></Field>
        {figure("quantity", t("数量，绝对", "Quantity, absolute"))}{figure("quantityPercent", t("数量，%", "Quantity, %"))}{figure("price", t("单价，绝对", "Price, absolute"))}{figure("pricePercent", t("单价，%", "Price, %"))}{figure("tax", t("税额，元", "Tax, base currency"))}
      </div>
      <Field label={t("原因（留痕）*", "Reason (kept on record) *")} hint={t("合同、框架协议 …", "A contract, a frame agreement …")}><input className="in" maxLength={500} value={reason} onChange={(event) => setReason(event.target.value)} /></Field>
      <Trouble error={save.error} />
    </Dialog>
  );
}
