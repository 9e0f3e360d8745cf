/** 银行存款余额调节表: on the screen, on paper, as a file. */
import { Link } from "@tanstack/react-router";
import { seg, useApi } from "../app/api.ts";
import { useBook } from "../app/session.ts";
import { Amount } from "../ui/amount.tsx";
import { useFilters } from "../ui/filters.ts";
import { ChipText, Panel } from "../ui/parts.tsx";
import { Empty, Loaded } from "../ui/states.tsx";
import { language, useChoice, useT } from "../ui/text.ts";
import "../vouchers/print.css";
import "./differences.css";
import { addMinor, minorOf, textOf } from "./minor.ts";

type Outstanding = readonly { readonly date: string; readonly amount: string; readonly text: string; readonly where: string }[];
type BalanceAnswer = { readonly bankBalance: string | null; readonly bookBalance: string; readonly bankReceived: Outstanding; readonly bankPaid: Outstanding; readonly bookReceived: Outstanding; readonly bookPaid: Outstanding; readonly matchedDifference: string; readonly adjustedBank: string | null; readonly adjustedBook: string; readonly difference: string | null };

/** 银行存款余额调节表, both sides in equal columns. */
export function Balance({ path, book, account, lastOn }: { readonly path: string; readonly book: string; readonly account: string; /** How far the bank has told; undefined while that is not known. */ readonly lastOn: string | undefined }) {
  const t = useT();
  const lang = useChoice(language);
  const [{ at }, set] = useFilters();
  const day = at ?? (lastOn || new Date().toISOString().slice(0, 10));
  const answer = useApi<BalanceAnswer>(at === undefined && lastOn === undefined ? null : `${path}/reconciliation?at=${day}`, { keep: true });
  const sum = (rows: Outstanding): string => textOf(addMinor(rows.map(({ amount }) => amount)));
  const block = (sign: "+" | "−", title: string, rows: Outstanding) => (
    <details className="reconciliation-block"><summary><span>{sign === "+" ? t("加：", "Add: ") : t("减：", "Less: ")}{title}</span><span className="mut">{rows.length === 0 ? "" : t(`${rows.length} 笔`, `${rows.length}`)}</span><Amount of={sum(rows)} exact /></summary>
      {rows.map((row) => <div key={`${row.where}${row.date}${row.amount}`} className="reconciliation-item"><span className="mut">{row.date}</span><span>{row.text}</span><Amount of={row.amount} exact /></div>)}</details>
  );
  return (
    <Panel title={t("银行存款余额调节表", "Reconciliation of the bank balance")} right={<><Link to={`/print/${book}/balance?account=${seg(account)}&at=${day}` as never}>{t("打印", "Print")}</Link><a className="reconciliation-file" href={`/api/v1${path}/reconciliation/file?at=${day}&format=pdf&language=${lang}`} download>PDF</a><a className="reconciliation-file" href={`/api/v1${path}/reconciliation/file?at=${day}&format=xlsx&language=${lang}`} download>xlsx</a> <ChipText label={t("截至", "At")} type="date" value={day} onChange={(value) => set({ at: value })} /></>}>
      <Loaded of={answer}>{(data) => (
        <div className="reconciliation-equal">
          <div>
            <div className="reconciliation-line"><b>{t("企业账面余额", "Balance of the books")}</b><Amount of={data.bookBalance} exact zero="figure" /></div>
            {block("+", t("银行已收，企业未收", "received by the bank, not in the books"), data.bankReceived)}
            {block("−", t("银行已付，企业未付", "paid by the bank, not in the books"), data.bankPaid)}
            {minorOf(data.matchedDifference) === 0n ? null : <div className="reconciliation-line"><span>{t("减：已勾对的差额", "Less: what matched sides differ by")}</span><Amount of={data.matchedDifference} exact /></div>}
            <div className="reconciliation-line total"><b>{t("调节后余额", "Adjusted")}</b><Amount of={data.adjustedBook} exact zero="figure" /></div>
          </div>
          <div className={`reconciliation-sign ${data.difference === null ? "mut" : minorOf(data.difference) === 0n ? "good" : "bad"}`} aria-label={data.difference === null ? t("未知", "unknown") : minorOf(data.difference) === 0n ? t("平", "they tie") : t("差异", "they differ")}>{data.difference === null ? "?" : minorOf(data.difference) === 0n ? "=" : "≠"}</div>
          <div>
            <div className="reconciliation-line"><b>{t("银行对账单余额", "Balance of the bank")}</b><Amount of={data.bankBalance} exact zero="figure" unknown={data.bankBalance === null} /></div>
            {block("+", t("企业已收，银行未收", "received in the books, not at the bank"), data.bookReceived)}
            {block("−", t("企业已付，银行未付", "paid in the books, not at the bank"), data.bookPaid)}
            <div className="reconciliation-line total"><b>{t("调节后余额", "Adjusted")}</b><Amount of={data.adjustedBank} exact zero="figure" unknown={data.adjustedBank === null} /></div>
          </div>
        </div>
      )}</Loaded>
      {answer.data?.difference === null ? <p className="foot">{t("该日之前没有带期末余额的对账单。上传后这里给出是否相符。", "No statement with a closing balance ends by that day. Upload one to see whether the sides tie.")}</p> : null}
    </Panel>
  );
}


type Account = { readonly bankAccount: string; readonly zh: string; readonly en: string; readonly number: string; readonly currency: string };
/** The same as a paper, in the form in which it is filed. */
export function PrintBalance() {
  const t = useT();
  const book = useBook();
  const [{ account = "", at = "" }] = useFilters();
  const own = useApi<readonly Account[]>(`/books/${seg(book.code)}/bank-accounts`).data?.find((one) => one.bankAccount === account);
  const answer = useApi<BalanceAnswer>(account === "" || at === "" ? null : `/books/${seg(book.code)}/bank-accounts/${seg(account)}/reconciliation?at=${at}`);
  const side = (items: Outstanding) => items.map((item) => <div key={`${item.where}${item.date}${item.amount}`} className="reconciliation-paper-item"><span>{item.date}</span><span>{item.text}</span><Amount of={item.amount} exact zero="figure" /></div>);
  const sum = (rows: Outstanding): string => textOf(addMinor(rows.map(({ amount }) => amount)));
  const row = (left: string, leftAmount: string | null, right: string, rightAmount: string | null, isStrong = false) => <tr className={isStrong ? "strong" : undefined}><td>{left}</td><td className="num"><Amount of={leftAmount} exact zero="figure" unknown={leftAmount === null} /></td><td>{right}</td><td className="num"><Amount of={rightAmount} exact zero="figure" unknown={rightAmount === null} /></td></tr>;
  return (
    <main className="print">
      <h1 className="sr">{t("打印银行存款余额调节表", "Print the reconciliation of the bank balance")}</h1>
      <div className="print-bar"><button type="button" className="btn p" onClick={() => window.print()}>{t("打印", "Print")}</button></div>
      {account === "" || at === "" ? <Empty why={t("地址里缺少账户或日期。", "The address names no account or day.")} /> : <div className="print-scroll" role="region" aria-label={t("余额调节表", "Reconciliation of the balance")} tabIndex={0}><Loaded of={answer} rows={10} columns={4}>{(data) => (
        <article className="print-sheet reconciliation-sheet">
          <h2>{t("银行存款余额调节表", "Reconciliation of the bank balance")}</h2>
          <p>{t("单位：", "Company: ")}{book.name}</p><p>{t("账户：", "Account: ")}{own ? t(own.zh, own.en) : account} {own?.number} {own?.currency}　{t("截至：", "As of: ")}{at}</p>
          <table className="reconciliation-lines">
            <caption className="sr">{t("两侧", "Both sides")}</caption>
            <thead><tr><th scope="col">{t("企业账面", "Books")}</th><th scope="col" className="num">{t("金额", "Amount")}</th><th scope="col">{t("银行对账单", "Bank statement")}</th><th scope="col" className="num">{t("金额", "Amount")}</th></tr></thead>
            <tbody>
              {row(t("账面余额", "Balance of the books"), data.bookBalance, t("对账单余额", "Balance of the statement"), data.bankBalance, true)}
              {row(t("加：银行已收，企业未收", "Add: received by the bank, not in the books"), sum(data.bankReceived), t("加：企业已收，银行未收", "Add: received in the books, not at the bank"), sum(data.bookReceived))}
              {data.bankReceived.length + data.bookReceived.length === 0 ? null : <tr><td colSpan={2}>{side(data.bankReceived)}</td><td colSpan={2}>{side(data.bookReceived)}</td></tr>}
              {row(t("减：银行已付，企业未付", "Less: paid by the bank, not in the books"), sum(data.bankPaid), t("减：企业已付，银行未付", "Less: paid in the books, not at the bank"), sum(data.bookPaid))}
              {data.bankPaid.length + data.bookPaid.length === 0 ? null : <tr><td colSpan={2}>{side(data.bankPaid)}</td><td colSpan={2}>{side(data.bookPaid)}</td></tr>}
              {minorOf(data.matchedDifference) === 0n ? null : <tr><td>{t("减：已勾对的差额", "Less: what matched sides differ by")}</td><td className="num"><Amount of={data.matchedDifference} exact zero="figure" /></td><td /><td /></tr>}
              {row(t("调节后余额", "Adjusted balance"), data.adjustedBook, t("调节后余额", "Adjusted balance"), data.adjustedBank, true)}
            </tbody>
          </table>
          <div className="ends"><div>{t("编制：", "Prepared by: ")}</div><div>{t("复核：", "Reviewed by: ")}</div></div>
        </article>
      )}</Loaded></div>}
    </main>
  );
}
