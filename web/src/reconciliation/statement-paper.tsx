/** 对账单 on paper, and for whoever holds its link: what is open, and the answer. */
import { useState } from "react";
import { api, seg, useAct, useApi } from "../app/api.ts";
import { useBook } from "../app/session.ts";
import { Amount } from "../ui/amount.tsx";
import { useFilters } from "../ui/filters.ts";
import { Field } from "../ui/parts.tsx";
import { Empty, Loaded, Trouble } from "../ui/states.tsx";
import { language, useChoice, useT } from "../ui/text.ts";
import "../vouchers/print.css";
import "./differences.css";

export type Paper = { readonly party: string; readonly partyName: string; readonly kind: "customer" | "supplier"; readonly company: string; readonly currency: string; readonly at: string; readonly lines: readonly { readonly document: string; readonly date: string; readonly dueOn: string; readonly currency: string; readonly amount: string; readonly open: string; readonly openBase: string }[]; readonly balance: string };

export function Sheet({ of }: { readonly of: Paper }) {
  const t = useT();
  const isForeign = of.lines.some(({ currency }) => currency !== of.currency);
  return (
    <article className="print-sheet reconciliation-sheet">
      <h2>{t("往来对账单", "Statement of account")}</h2>
      <p>{of.partyName}：</p>
      <p>{of.kind === "customer" ? t(`截至 ${of.at}，贵公司应付我公司款项如下。`, `As of ${of.at} you owe us the following.`) : t(`截至 ${of.at}，我公司应付贵公司款项如下。`, `As of ${of.at} we owe you the following.`)}</p>
      <table className="reconciliation-lines">
        <caption className="sr">{t("未清项", "Open items")}</caption>
        <thead><tr><th scope="col">{t("单据", "Document")}</th><th scope="col">{t("日期", "Date")}</th><th scope="col">{t("到期日", "Due")}</th><th scope="col" className="num">{t("金额", "Amount")}</th>{isForeign ? <th scope="col" className="num">{t("未清（原币）", "Open, original")}</th> : null}<th scope="col" className="num">{t("未清", "Open")}</th></tr></thead>
        <tbody>{of.lines.map((line, at) => <tr key={`${line.document}${at}`}><td>{line.document.replace(/^[^/]*\//, "")}</td><td>{line.date}</td><td>{line.dueOn}</td><td className="num"><Amount of={line.amount} exact zero="figure" /></td>{isForeign ? <td className="num">{line.currency} <Amount of={line.open} exact zero="figure" /></td> : null}<td className="num"><Amount of={line.openBase} exact zero="figure" /></td></tr>)}</tbody>
        <tfoot><tr><td colSpan={isForeign ? 5 : 4}>{t(`合计（${of.currency}）`, `Total (${of.currency})`)}</td><td className="num"><Amount of={of.balance} exact zero="figure" /></td></tr></tfoot>
      </table>
      <div className="ends"><div>{t("对账单位（盖章）：", "For you (seal): ")}<br />{of.partyName}</div><div>{t("制表单位（盖章）：", "For us (seal): ")}<br />{of.company}<br />{of.at}</div></div>
    </article>
  );
}

export function PrintLetter() {
  const t = useT();
  const book = useBook();
  const lang = useChoice(language);
  const [{ letter = "" }] = useFilters();
  const shown = useApi<{ readonly body: Paper }>(letter === "" ? null : `/books/${seg(book.code)}/letters/${seg(letter)}`);
  return (
    <main className="print">
      <h1 className="sr">{t("打印对账单", "Print the statement of account")}</h1>
      <div className="print-bar"><button type="button" className="btn p" onClick={() => window.print()}>{t("打印", "Print")}</button>{letter === "" ? null : <a className="btn" href={`/api/v1/books/${seg(book.code)}/letters/${seg(letter)}/file?format=pdf&language=${lang}`} download>PDF</a>}</div>
      {letter === "" ? <Empty why={t("地址里缺少对账单编号。", "The address names no statement.")} /> : <div className="print-scroll" role="region" aria-label={t("对账单", "Statement")} tabIndex={0}><Loaded of={shown} rows={12} columns={5}>{(data) => <Sheet of={data.body} />}</Loaded></div>}
    </main>
  );
}

type Signed = Paper & { readonly expiresAt: string; /** SHA-256 of what it says; the answer is about exactly that. */ readonly hash: string };
/** For the other company: no sign-in, only this statement. */
export function LetterPage() {
  const t = useT();
  const [{ token = "" }] = useFilters();
  const shown = useApi<Signed>(token === "" ? null : `/letters/${seg(token)}`);
  const [answered, setAnswered] = useState(false);
  return (
    <main className="print">
      <h1 className="sr">{t("对账单确认", "Confirm the statement of account")}</h1>
      {token === "" ? <Empty why={t("地址不完整。", "The address is not whole.")} next={t("请从收到的链接原样打开。", "Open the link as it was sent.")} />
        : answered ? <div className="reconciliation-answer panel"><b>{t("答复已送达。", "The answer has arrived.")}</b><div className="sub">{t("这个链接不再有效，可以关闭页面。", "The link is used up; the page can be closed.")}</div></div>
          : <Loaded of={shown} rows={12} columns={5}>{(data) => <><Answer token={token} of={data} onDone={() => setAnswered(true)} /><div className="print-scroll" role="region" aria-label={t("对账单", "Statement")} tabIndex={0}><Sheet of={data} /></div></>}</Loaded>}
    </main>
  );
}

function Answer({ token, of, onDone }: { readonly token: string; readonly of: Signed; readonly onDone: () => void }) {
  const t = useT();
  const lang = useChoice(language);
  const [agrees, setAgrees] = useState<boolean | null>(null);
  const [by, setBy] = useState("");
  const [theirs, setTheirs] = useState("");
  const [remark, setRemark] = useState("");
  const send = useAct(async () => { await api(`/letters/${seg(token)}/answer`, { body: { agrees, by: by.trim(), hash: of.hash, ...(agrees === false && theirs !== "" ? { theirBalance: theirs.replace(/[,，\s]/g, "") } : {}), ...(remark === "" ? {} : { remark }) } }); onDone(); });
  return (
    <section className="reconciliation-answer panel" aria-label={t("答复", "Answer")}>
      <p>{t(`${of.company} 请核对：合计 `, `${of.company} asks you to check: total `)}<b><Amount of={of.balance} exact zero="figure" /></b> {of.currency}</p>
      <p className="sub">{t("下载：", "Download: ")}{(["pdf", "xlsx"] as const).map((format) => <a key={format} className="reconciliation-file" href={`/api/v1/letters/${seg(token)}/file?format=${format}&language=${lang}`} download>{format === "pdf" ? "PDF" : "xlsx"}</a>)} {t(`有效至 ${of.expiresAt.slice(0, 10)}`, `good until ${of.expiresAt.slice(0, 10)}`)}</p>
      <div className="row"><button type="button" className="btn" aria-pressed={agrees === true} onClick={() => setAgrees(true)}>{t("相符", "It agrees")}</button><button type="button" className="btn" aria-pressed={agrees === false} onClick={() => setAgrees(false)}>{t("不符", "It differs")}</button></div>
      {agrees === null ? null : <>
        <Field label={t("答复人 *", "Your name *")}><input className="in" value={by} maxLength={100} onChange={(event) => setBy(event.target.value)} /></Field>
        {agrees ? null : <Field label={t("贵公司账面余额", "The balance in your books")}><input className="in" inputMode="decimal" value={theirs} onChange={(event) => setTheirs(event.target.value)} /></Field>}
        <Field label={t("说明", "Remark")}><input className="in" value={remark} maxLength={1000} onChange={(event) => setRemark(event.target.value)} /></Field>
        <button type="button" className="btn p" disabled={by.trim() === "" || send.isPending} onClick={() => send.mutate(undefined)}>{t("提交答复", "Send the answer")}</button>
        <span className="sub"> {t("只能提交一次。", "It can be sent once.")}</span>
      </>}
      <Trouble error={send.error} />
    </section>
  );
}
