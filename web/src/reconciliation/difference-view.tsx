/** One difference: both sides beside each other, why, what is proposed, what happened so far. */
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api, seg, useAct, useApi, withQuery } from "../app/api.ts";
import { useBook } from "../app/session.ts";
import { Amount } from "../ui/amount.tsx";
import { Combo } from "../ui/combo.tsx";
import { Dialog, Field, moment, Tag } from "../ui/parts.tsx";
import { Loaded, Trouble } from "../ui/states.tsx";
import { useT } from "../ui/text.ts";
import { DocumentLink, useNames } from "../vouchers/words.tsx";
import { dutyWords, eventWords, type Owner, proposals, type Shown, stateWords } from "./difference-model.ts";

export function OwnerName({ of }: { readonly of: Owner }) {
  const t = useT();
  return <>{of.kind === "person" ? of.name || of.id : t(dutyWords[of.id] ?? of.id)}</>;
}

export function DifferenceView({ of }: { readonly of: string }) {
  const book = useBook();
  const shown = useApi<Shown>(`/books/${seg(book.code)}/differences/${seg(of)}`, { keep: true });
  return <Loaded of={shown} columns={2}>{(data) => <Body key={data.difference} of={data} />}</Loaded>;
}

function Body({ of }: { readonly of: Shown }) {
  const t = useT();
  const { nameOf } = useNames();
  return (
    <>
      <p className="reconciliation-why">{t(of.why)}{of.state === "open" ? null : <> <Tag tone={of.state === "closed" ? "good" : undefined}>{t(stateWords[of.state] ?? of.state)}</Tag></>}</p>
      <div className="reconciliation-two">
        <div><h3>{t("业务侧", "Business")}</h3><BusinessSide of={of} /></div>
        <div className="m" aria-hidden="true">{of.state === "closed" ? "=" : "≠"}</div>
        <div><h3>{of.part === "finance" ? t("财务系统侧", "Finance system") : of.part === "chain" ? t("对应单据", "What answers it") : t("账簿侧", "Books")}</h3><BooksSide of={of} /></div>
      </div>
      {of.parts.length > 1 ? <details className="reconciliation-more"><summary>{t(`涉及 ${of.parts.length} 个科目`, `${of.parts.length} accounts`)}</summary>{of.parts.map((part) => <div key={`${part.ledger}${part.account}${part.of}`} className="reconciliation-part"><span>{part.account} {t(part.accountName)}<span className="sub"> {part.ofName}</span></span><Amount of={part.business} hidden={part.business === null} exact zero="figure" /><Amount of={part.books} hidden={part.books === null} exact zero="figure" /></div>)}</details> : null}
      {of.state === "closed" ? null : <Acts of={of} />}
      <ol className="reconciliation-history" aria-label={t("历史", "History")}>{of.history.map((event, at) => <li key={at}><span className="mut">{moment(event.at)}</span> {t(eventWords[event.what] ?? event.what)}{event.what === "assigned" && event.facts.assignedTo ? ` → ${String(event.facts.assignedTo)}${event.facts.dueOn ? t(`，${String(event.facts.dueOn)} 前`, ` by ${String(event.facts.dueOn)}`) : ""}` : ""} <span className="mut">{nameOf(event.by)}</span>{event.amount === null ? null : <> <Amount of={event.amount} exact zero="figure" /></>}{event.reason === "" ? null : <span className="sub"> {event.reason}</span>}</li>)}</ol>
    </>
  );
}

function BusinessSide({ of }: { readonly of: Shown }) {
  const t = useT();
  const [first, ...more] = of.part === "chain" || of.documents.length > 0 ? of.documents : [];
  return (
    <dl className="reconciliation-kv">
      {first === undefined ? <><dt>{t("对象", "Subject")}</dt><dd>{of.subject}</dd></> : <><dt>{t("单据", "Document")}</dt><dd><DocumentLink of={first} /></dd></>}
      {of.part === "chain" ? null : more.slice(0, 3).map((document) => <Pair key={document} name={t("相关单据", "Related")}><DocumentLink of={document} /></Pair>)}
      {of.party === "" ? null : <Pair name={t("往来单位", "Party")}>{of.partyName}</Pair>}
      {of.item === "" ? null : <Pair name={t("物料", "Item")}>{of.itemName}</Pair>}
      <Pair name={t("起始", "Since")}>{of.since}<span className="sub"> {t(`${of.days} 天`, `${of.days} days`)}</span></Pair>
      <Pair name={t("金额", "Amount")}><b><Amount of={of.business} hidden={of.business === null && of.amount === null} exact zero="figure" /></b></Pair>
    </dl>
  );
}

const Pair = ({ name, children }: { readonly name: string; readonly children: React.ReactNode }) => <><dt>{name}</dt><dd>{children}</dd></>;

function BooksSide({ of }: { readonly of: Shown }) {
  const t = useT();
  const book = useBook();
  if (of.part === "chain") {
    const others = of.documents.slice(1);
    if (others.length === 0) return <div className="reconciliation-none">{t("没有对应的单据", "No document answers it")}</div>;
    return <dl className="reconciliation-kv">{others.slice(0, 6).map((document, at) => <Pair key={document} name={at === 0 ? t("单据", "Document") : t("相关单据", "Related")}><DocumentLink of={document} /></Pair>)}<Pair name={t("金额", "Amount")}><b><Amount of={of.books} exact zero="figure" /></b></Pair></dl>;
  }
  if (of.part === "finance") return <FinanceSide of={of} />;
  if (of.vouchers.length === 0) return <div className="reconciliation-none">{t("没有凭证", "No voucher")}<div className="sub">{t(of.why)}</div></div>;
  const accounts = of.facts.accounts as readonly { readonly account: string; readonly was: string; readonly is: string }[] | undefined;
  return (
    <dl className="reconciliation-kv">
      {of.vouchers.slice(0, 4).map((number) => <Pair key={number} name={t("凭证", "Voucher")}><Link to={`/b/${book.code}/vouchers/${number.slice(0, 7)}/${seg(number.slice(8))}` as never}>{number}</Link></Pair>)}
      {of.vouchers.length > 4 ? <Pair name="">{t(`共 ${of.vouchers.length} 张`, `${of.vouchers.length} in all`)}</Pair> : null}
      {of.account === "" ? null : <Pair name={t("科目", "Account")}><Link to={`/b/${book.code}/books/ledger?view=lines&account=${seg(of.account)}` as never}>{of.account} {t(of.accountName)}</Link></Pair>}
      {accounts?.map((one) => <Pair key={one.account} name={one.account}><Amount of={minor(one.was)} exact zero="figure" /> → <Amount of={minor(one.is)} exact zero="figure" /></Pair>)}
      <Pair name={t("金额", "Amount")}><b><Amount of={of.books} hidden={of.books === null && of.amount === null} exact zero="figure" /></b></Pair>
    </dl>
  );
}
const minor = (text: string): string => { const digits = text.replace("-", "").padStart(3, "0"); return `${text.startsWith("-") ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`; };

type There = { readonly date?: string; readonly lines?: readonly { readonly account: string; readonly amount: string }[] } | null;
function FinanceSide({ of }: { readonly of: Shown }) {
  const t = useT();
  const book = useBook();
  const theirs = of.facts.theirs as There;
  return (
    <dl className="reconciliation-kv">
      <Pair name={t("流程", "Flow")}>{String(of.facts.flow ?? "")}</Pair>
      {of.facts.delivery ? <Pair name={t("送达", "Delivery")}><Link to={`/b/${book.code}/delivery?open=${seg(String(of.facts.delivery))}` as never}>{String(of.facts.reference ?? of.facts.delivery)}</Link></Pair> : null}
      {theirs?.date ? <Pair name={t("日期", "Date")}>{theirs.date}</Pair> : null}
      {Array.isArray(theirs?.lines) ? theirs.lines.slice(0, 8).map((line, at) => <Pair key={at} name={line.account}><Amount of={line.amount} exact /></Pair>) : <Pair name={t("状态", "State")}>{t(of.why)}</Pair>}
      <Pair name={t("金额", "Amount")}><b><Amount of={of.books} exact zero="figure" /></b></Pair>
    </dl>
  );
}

function Acts({ of }: { readonly of: Shown }) {
  const t = useT();
  const book = useBook();
  const [asking, setAsking] = useState<"act" | "assign" | "accept" | "reopen" | null>(null);
  const proposal = proposals[of.proposed];
  const to = proposal?.to?.(of, book.code);
  const may = book.may("reconciliation.decide");
  return (
    <div className="reconciliation-fix">
      <span>{t("建议：", "Proposed: ")}{proposal ? t(proposal.say) : ""}</span>
      <span className="row">
        {to && proposal?.link ? <Link className="btn p" to={to as never}>{t(proposal.link)}</Link> : null}
        {may ? <>
          {proposal?.act ? <button type="button" className="btn p" onClick={() => setAsking("act")}>{t(proposal.act)}</button> : null}
          <button type="button" className="btn" onClick={() => setAsking("assign")}>{t("交办", "Assign")}</button>
          {of.state === "open" ? <button type="button" className="btn" onClick={() => setAsking("accept")}>{t("认可", "Accept")}</button> : <button type="button" className="btn" onClick={() => setAsking("reopen")}>{t("撤销认可", "Take back")}</button>}
        </> : null}
      </span>
      {asking === null ? null : <Ask of={of} what={asking} onClose={() => setAsking(null)} />}
    </div>
  );
}

function Ask({ of, what, onClose }: { readonly of: Shown; readonly what: "act" | "assign" | "accept" | "reopen"; readonly onClose: () => void }) {
  const t = useT();
  const book = useBook();
  const [reason, setReason] = useState("");
  const [to, setTo] = useState(of.owner.kind === "person" ? of.owner.id : "");
  const [dueOn, setDueOn] = useState("");
  const [counter, setCounter] = useState({ code: "", name: "" });
  const [department, setDepartment] = useState("");
  const path = `/books/${seg(book.code)}/differences/${seg(of.difference)}`;
  const needsCounter = what === "act" && of.counter !== null;
  const search = async (typed: string) => (await api<readonly { readonly code: string; readonly zh: string; readonly en: string }[]>(withQuery(`/books/${seg(book.code)}/accounts/search`, { text: typed }))).map((row) => ({ value: row.code, text: t(row.zh, row.en) || row.code }));
  const act = useAct(async () => {
    await api(`${path}/${what === "act" ? "correct" : what}`, { body: what === "assign" ? { to: to.trim(), ...(dueOn === "" ? {} : { dueOn }), reason } : { reason, ...(needsCounter ? { counterAccount: counter.code, ...(department.trim() === "" ? {} : { department: department.trim() }) } : {}) } });
    onClose();
  });
  const proposal = proposals[of.proposed];
  const title = what === "act" ? t(proposal?.act ?? "") : what === "assign" ? t("交办给责任人", "Assign") : what === "accept" ? t("认可差异", "Accept the difference") : t("撤销认可", "Take the acceptance back");
  const isReady = what === "assign" ? to.trim() !== "" : reason.trim() !== "" && (!needsCounter || counter.code !== "");
  return (
    <Dialog title={title} onClose={onClose} foot={<><button type="button" className="btn" onClick={onClose}>{t("取消", "Cancel")}</button><button type="button" className="btn p" disabled={!isReady || act.isPending} onClick={() => act.mutate(undefined)}>{title}</button></>}>
      <p>{of.subject}：{t(of.why)}</p>
      {what === "act" && proposal ? <p className="sub">{t(proposal.say)}</p> : null}
      {needsCounter ? <><Field label={t("对方科目 *", "Counter account *")} hint={<><Amount of={of.counter} exact /> {t("记入这个科目，借方为正", "goes to it; debit is positive")}</>}><Combo label={t("科目", "Account")} placeholder={t("编码、名称或拼音", "Code, name or pinyin")} value={counter.code} shown={counter.code === "" ? "" : `${counter.code} ${counter.name}`} search={search} onChoose={(code, choice) => setCounter({ code, name: choice?.text ?? "" })} /></Field><Field label={t("部门", "Department")} hint={t("科目要求时填写编码", "Its code, where the account asks for one")}><input className="in" value={department} maxLength={60} onChange={(event) => setDepartment(event.target.value)} /></Field></> : null}
      {what === "accept" ? <p className="sub">{t("金额变化时会重新列出。", "It is listed again when its amount changes.")}</p> : null}
      {what === "assign" ? <><Field label={t("责任人", "Person")} hint={t("员工编码或登录名", "Employee code or login")}><input className="in" value={to} maxLength={100} onChange={(event) => setTo(event.target.value)} /></Field><Field label={t("到期日", "By")}><input className="in" type="date" value={dueOn} onChange={(event) => setDueOn(event.target.value)} /></Field></> : null}
      <Field label={what === "assign" ? t("说明", "Note") : t("原因 *", "Reason *")}><input className="in" value={reason} maxLength={500} onChange={(event) => setReason(event.target.value)} /></Field>
      <Trouble error={act.error} />
    </Dialog>
  );
}
