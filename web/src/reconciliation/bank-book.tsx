/** 补记: what the bank shows and the books do not becomes a document, is posted by the rules and matched in one act. */
import { useState } from "react";
import { api, seg, useAct, useApi, withQuery } from "../app/api.ts";
import { useBook } from "../app/session.ts";
import { Amount } from "../ui/amount.tsx";
import { Combo } from "../ui/combo.tsx";
import { Dialog, Field } from "../ui/parts.tsx";
import { Trouble } from "../ui/states.tsx";
import { useT, type Words } from "../ui/text.ts";
import { addMinor, minorOf, textOf } from "./minor.ts";

type Booking = "fee" | "interest" | "receipt" | "payment" | "customerRefund" | "supplierRefund" | "other";
const into: readonly Booking[] = ["receipt", "interest", "supplierRefund", "other"];
const out: readonly Booking[] = ["fee", "payment", "customerRefund", "other"];
const words: Readonly<Record<Booking, Words>> = { fee: { zh: "手续费", en: "Bank fee" }, interest: { zh: "利息收入", en: "Interest" }, receipt: { zh: "收款", en: "Receipt" }, payment: { zh: "付款", en: "Payment" }, customerRefund: { zh: "退款给客户", en: "Refund to a customer" }, supplierRefund: { zh: "供应商退款", en: "Refund of a supplier" }, other: { zh: "其他收付", en: "Anything else" } };
const customerKinds: readonly Booking[] = ["receipt", "customerRefund"];
type Item = { readonly link: string; readonly document: string; readonly isAgainst: boolean; readonly isClearable: boolean; readonly date: string; readonly dueOn: string; readonly currency: string; readonly open: string };

export function BookMovement({ path, movements, lines, rest, currency, text, onClose }: { readonly path: string; readonly movements: readonly string[]; readonly lines: readonly string[]; /** Signed; what the document is for. */ readonly rest: bigint; readonly currency: string; readonly text: string; /** With the match that was made; null when nothing was. */ readonly onClose: (match: string | null) => void }) {
  const t = useT();
  const book = useBook();
  const base = `/books/${seg(book.code)}`;
  const choices = rest > 0n ? into : out;
  const [as, setAs] = useState<Booking>(rest < 0n && (lines.length > 0 || /手续费|工本费|fee|charge/i.test(text)) ? "fee" : /结息|利息|interest/i.test(text) && rest > 0n ? "interest" : (choices[rest > 0n ? 0 : 1] as Booking));
  const [party, setParty] = useState({ code: "", name: "" });
  const [account, setAccount] = useState({ code: "", name: "" });
  const [summary, setSummary] = useState("");
  const [items, setItems] = useState<ReadonlySet<string>>(new Set());
  const isOfParty = !["fee", "interest", "other"].includes(as);
  const kind = customerKinds.includes(as) ? "customer" : "supplier";
  const open = useApi<readonly Item[]>(isOfParty && party.code !== "" ? withQuery(`${base}/open-items/of-party`, { kind, party: party.code }) : null);
  const amount = rest < 0n ? -rest : rest;
  const clearable = (as === "receipt" || as === "payment" ? (open.data ?? []) : []).filter((item) => !item.isAgainst && item.isClearable && item.currency === currency);
  const taken = addMinor(clearable.filter(({ link }) => items.has(link)).map((item) => item.open));
  const toggle = (link: string): void => { const next = new Set(items); if (!next.delete(link)) next.add(link); setItems(next); };
  const save = useAct(() => api<{ readonly match: string }>(`${path}/book`, { body: { movements, lines, as, ...(isOfParty ? { party: party.code, items: [...items] } : {}), ...(as === "other" ? { account: account.code } : {}), ...(summary.trim() === "" ? {} : { summary: summary.trim() }) } }));
  const search = async (to: string, typed: string) => (await api<readonly { readonly code: string; readonly zh: string; readonly en: string }[]>(withQuery(`${base}/${to}`, { text: typed, ...(to.startsWith("masterdata") ? { kind } : {}) }))).map((row) => ({ value: row.code, text: t(row.zh, row.en) || row.code }));
  const isReady = isOfParty ? party.code !== "" : as !== "other" || account.code !== "";
  return (
    <Dialog title={t("补记并勾对", "Book and match")} onClose={() => onClose(null)} foot={<><button type="button" className="btn" onClick={() => onClose(null)}>{t("取消", "Cancel")}</button><button type="button" className="btn p" disabled={!isReady || save.isPending} onClick={() => save.mutate(undefined, { onSuccess: ({ match }) => onClose(match) })}>{t(`记为${words[as].zh}`, `Book as ${words[as].en.toLowerCase()}`)}</button></>}>
      <p className="reconciliation-hero"><Amount of={textOf(rest)} exact zero="figure" /> <span className="sub">{currency}</span></p>
      <p className="sub">{lines.length > 0 ? t(`${movements.length} 笔流水减 ${lines.length} 条已选分录后的余额`, `what ${lines.length} chosen lines leave of ${movements.length} movements`) : text}</p>
      <Field label={t("记为", "As")}><select className="in" data-first value={as} onChange={(event) => { setAs(event.target.value as Booking); setParty({ code: "", name: "" }); setItems(new Set()); }}>{choices.map((one) => <option key={one} value={one}>{t(words[one])}</option>)}</select></Field>
      {isOfParty ? <Field label={kind === "customer" ? t("客户 *", "Customer *") : t("供应商 *", "Supplier *")}><Combo key={kind} label={t("往来单位", "Party")} placeholder={t("名称、编码或拼音", "Name, code or pinyin")} value={party.code} shown={party.name} search={(typed) => search("masterdata/search", typed)} onChoose={(code, choice) => { setParty({ code, name: choice?.text ?? code }); setItems(new Set()); }} /></Field> : null}
      {as === "other" ? <Field label={t("对方科目 *", "Counter account *")}><Combo label={t("科目", "Account")} placeholder={t("编码、名称或拼音", "Code, name or pinyin")} value={account.code} shown={account.code === "" ? "" : `${account.code} ${account.name}`} search={(typed) => search("accounts/search", typed)} onChoose={(code, choice) => setAccount({ code, name: choice?.text ?? "" })} /></Field> : null}
      {clearable.length > 0 ? <fieldset className="reconciliation-items"><legend>{t("核销", "Clears")} <span className="sub">{items.size === 0 ? t("不选则挂账，以后再核销", "without any it stands on account") : taken >= amount ? t("全部用于核销", "all of it clears") : <>{t("余额挂账 ", "on account ")}<Amount of={textOf(amount - taken)} exact /></>}</span></legend>
        {clearable.slice(0, 60).map((item) => <label key={item.link}><input type="checkbox" checked={items.has(item.link)} onChange={() => toggle(item.link)} /><span>{item.link.replace(/^[^/]*\//, "")}</span><span className="sub">{item.dueOn || item.date}</span><span className={minorOf(item.open) === amount ? "strong" : undefined}><Amount of={item.open} exact zero="figure" /></span></label>)}</fieldset> : null}
      <Field label={t("摘要", "Summary")}><input className="in" maxLength={200} value={summary} onChange={(event) => setSummary(event.target.value)} /></Field>
      <Trouble error={save.error} />
    </Dialog>
  );
}
