/** The voucher as accountants know it: title with double rule, summary, account, debit, credit, the total written out, who signs. */
import { Link } from "@tanstack/react-router";
import { useBook } from "../app/session.ts";
import { Amount, isZero } from "../ui/amount.tsx";
import { Dot, Panel } from "../ui/parts.tsx";
import { useT } from "../ui/text.ts";
import { type Attached, type Line, type Shown } from "./model.ts";
import { dimensionWords, DocumentLink, Person, useKindName } from "./words.tsx";

export function VoucherForm({ of, selected, onSelect }: { readonly of: Shown; readonly selected?: number | null; readonly onSelect?: (line: number) => void }) {
  const t = useT();
  const book = useBook();
  const [year = "", month = "", day = ""] = of.date.split("-");
  const number = of.number?.split("-").at(-1);
  const name = of.number ?? t("待编号", "not numbered yet");
  const move = (event: React.KeyboardEvent<HTMLTableRowElement>, at: number): void => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step === 0 || at + step < 0 || at + step >= of.lines.length) return;
    event.preventDefault();
    ((step > 0 ? event.currentTarget.nextElementSibling : event.currentTarget.previousElementSibling) as HTMLElement | null)?.focus();
  };
  return (
    <article className="panel vouchers-form" aria-label={t(`记账凭证 ${name}`, `Voucher ${name}`)}>
      <div className="vouchers-head">
        <div className="l">{t("账簿", "Book")} <em>{book.name}</em><br />{t("期间", "Period")} <em>{of.period}</em></div>
        <div className="c"><b>{t("记账凭证", "Voucher")}</b><span>{t(`${year} 年 ${month} 月 ${day} 日`, of.date)}</span></div>
        <div className="r"><span className="no">{number === undefined ? t(`${of.series} 字第 –– 号`, `${of.series}-––`) : t(`${of.series} 字第 ${number.padStart(4, "0")} 号`, `${of.series}-${number}`)}</span><br />{t("附件", "Attachments")} <em>{of.attachments}</em> {t("张", "")}</div>
      </div>
      <div className="scroll" role="region" aria-label={t("分录", "Lines")} tabIndex={-1}>
        <table className="t">
          <colgroup><col className="col-s" /><col /><col className="col-n" /><col className="col-n" /></colgroup>
          <thead><tr><th scope="col">{t("摘要", "Summary")}</th><th scope="col">{t("会计科目 / 辅助核算", "Account / dimensions")}</th><th scope="col" className="num">{t("借方（元）", "Debit")}</th><th scope="col" className="num">{t("贷方（元）", "Credit")}</th></tr></thead>
          <tbody>
            {of.lines.map((line, at) => (
              <tr key={at} className={selected === at ? "sel" : undefined} aria-current={selected === at ? "true" : undefined}
                {...(onSelect ? { tabIndex: 0, onFocus: () => onSelect(at), onClick: () => onSelect(at), onKeyDown: (event: React.KeyboardEvent<HTMLTableRowElement>) => move(event, at) } : {})}>
                <td className="s">{line.summary}</td>
                <td className="ac"><AccountOf line={line} /></td>
                <Side amount={line.debit} side={t("借", "Dr")} line={line} period={of.period} />
                <Side amount={line.credit} side={t("贷", "Cr")} line={line} period={of.period} />
              </tr>
            ))}
          </tbody>
          <tfoot><tr><td colSpan={2} className="tot">{t("合计", "Total")}{of.inWords === "" ? null : <span className="vouchers-words">{of.inWords}</span>}</td><td className="num" data-side={t("借", "Dr")}><Amount of={of.debitTotal} hidden={of.debitTotal === null} exact zero="figure" /></td><td className="num" data-side={t("贷", "Cr")}><Amount of={of.creditTotal} hidden={of.creditTotal === null} exact zero="figure" /></td></tr></tfoot>
        </table>
      </div>
      <div className="vouchers-sign">
        <span>{t("会计主管", "Head of accounting")}<b>{of.closedBy ? <Person id={of.closedBy} /> : null}</b></span><span>{t("记账", "Posted by")}<b><Person id={of.postedBy} /></b></span>
        <span>{t("审核", "Reviewed by")}<b><Person id={of.reviewedBy} /></b></span><span>{t("制单", "Prepared by")}<b>{/^rule:/.test(of.reviewedBy ?? "") ? <Person id={of.reviewedBy ?? ""} /> : <Person id={of.preparedBy} />}</b></span>
      </div>
    </article>
  );
}

function AccountOf({ line }: { readonly line: Line }) {
  const t = useT();
  const book = useBook();
  return (
    <div>
      <span className="cd">{line.account}</span>{book.may("books.read") ? <Link to={`/b/${book.code}/books/ledger`} search={{ account: line.account } as never}>{t(line.accountZh, line.accountEn)}</Link> : <span>{t(line.accountZh, line.accountEn)}</span>}
      {line.named.length === 0 && line.rate === "1" ? null : (
        <small>{line.named.map((one, at) => <span key={one.name} title={`${t(dimensionWords[one.name] ?? one.name)} ${one.value}`}>{at === 0 ? null : <Dot />}{t(one.zh, one.en)}</span>)}
          {line.rate === "1" ? null : <span>{line.named.length === 0 ? null : <Dot />}{line.currency} <Amount of={line.amountOriginal} exact /> × {line.rate}</span>}</small>
      )}
    </div>
  );
}

/** The side where the line stands; the other one is blank. */
function Side({ amount, side, line, period }: { readonly amount: string | null; readonly side: string; readonly line: Line; readonly period: string }) {
  const book = useBook();
  if (amount === null) return <td className="num" data-side={side}><Amount of={null} hidden /></td>;
  if (isZero(amount)) return <td className="num" />;
  const figure = <Amount of={amount} exact />;
  return <td className="num" data-side={side}>{book.may("books.read") ? <Link to={`/b/${book.code}/books/ledger`} search={{ account: line.account, from: period, to: period } as never}>{figure}</Link> : figure}</td>;
}

/** What is attached: the documents that the voucher stands on. */
export function Attachments({ of }: { readonly of: readonly Attached[] }) {
  const t = useT();
  const kind = useKindName();
  if (of.length === 0) return null;
  return (
    <Panel>
      <div className="vouchers-att">
        {of.slice(0, 30).map((one, at) => (
          <div key={one.document}>
            <span className="sub">{t(`附件 ${at + 1}`, `Attachment ${at + 1}`)}<Dot />{kind(one.kind)}</span><DocumentLink of={one.document} />
            <span className="sub">{one.date}{one.amount === null ? null : <>，<Amount of={one.amount} exact /></>}{one.lines > 1 ? t(`，${one.lines} 行`, `, ${one.lines} lines`) : null}</span>
          </div>
        ))}
      </div>
      {of.length > 30 ? <div className="foot">{t(`另有 ${of.length - 30} 张单据`, `${of.length - 30} more documents`)}</div> : null}
    </Panel>
  );
}
