/** One voucher: the form, why each line is as it is (w), its neighbours (j k), its documents, reversing and correcting. */
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { useApi } from "../app/api.ts";
import { useFilters } from "../ui/filters.ts";
import { useKeys } from "../app/keys.ts";
import { useBook } from "../app/session.ts";
import { Kbd, moment, Page, Tag } from "../ui/parts.tsx";
import { Loaded } from "../ui/states.tsx";
import { useT } from "../ui/text.ts";
import { ReverseDialog } from "./correct.tsx";
import { Attachments, VoucherForm } from "./form.tsx";
import { addressOf, type Voucher } from "./model.ts";
import "./vouchers.css";
import { WhyPanel } from "./why.tsx";
import { DeliveryTag, Person } from "./words.tsx";

export function VoucherPage() {
  const t = useT();
  const book = useBook();
  const navigate = useNavigate();
  const { period = "", number = "" } = useParams({ strict: false }) as { period?: string; number?: string };
  const [filters, setFilters] = useFilters();
  const [isReversing, setReversing] = useState(false);
  const voucher = useApi<Voucher>(`/books/${encodeURIComponent(book.code)}/vouchers/${period}/${encodeURIComponent(number)}`, { keep: true });
  const { data } = voucher;
  const isWhy = filters.why !== "no";
  const line = Math.min(Number(filters.line ?? 1), data?.lines.length ?? 1) - 1;
  const go = (to: string | null | undefined): void => { if (to) void navigate({ to: addressOf(book.code, to), search: (isWhy ? {} : { why: "no" }) as never }); };
  const trace = `/b/${book.code}/trace`;
  useKeys({
    j: () => go(data?.newer), k: () => go(data?.older), w: () => setFilters({ why: isWhy ? "no" : "" }), t: () => void navigate({ to: trace, search: { of: `${period}/${number}` } as never }), Escape: () => void navigate({ to: `/b/${book.code}/vouchers` }),
  });
  const print = `/print/${book.code}/voucher?numbers=${encodeURIComponent(`${period}/${number}`)}`;
  const isAutomatic = /^rule:/.test(data?.reviewedBy ?? "");
  return (
    <Page
      title={number} crumb={{ to: `/b/${book.code}/vouchers`, text: t("凭证", "Vouchers") }}
      tags={data ? <><Tag tone="good">{t("已记账", "Posted")}</Tag>{data.deliveries.map((one) => <DeliveryTag key={one.flow + one.at} of={one} />)}
        {data.reversedBy === null ? null : <Link to={addressOf(book.code, data.reversedBy)}><Tag tone="warn">{t(`已由 ${data.reversedBy} 红冲`, `Reversed by ${data.reversedBy}`)}</Tag></Link>}
        {data.reversalOf === null ? null : <Link to={addressOf(book.code, data.reversalOf)}><Tag>{t(`红冲 ${data.reversalOf}`, `Reverses ${data.reversalOf}`)}</Tag></Link>}</> : null}
      asOf={data ? <>{moment(data.postedAt)} {isAutomatic ? t("由规则自动制单", "prepared by rule") : <>{t("由 ", "posted by ")}<Person id={data.postedBy} />{t(" 记账", "")}</>}</> : null}
      acts={<>
        <button type="button" className="btn q wide-only" disabled={!data?.older} onClick={() => go(data?.older)}>{t("上一张", "Previous")} <Kbd>k</Kbd></button>
        <button type="button" className="btn q wide-only" disabled={!data?.newer} onClick={() => go(data?.newer)}>{t("下一张", "Next")} <Kbd>j</Kbd></button>
        <a className="btn" href={print} target="_blank" rel="noreferrer">{t("打印", "Print")}</a>
        <Link className="btn" to={trace} search={{ of: `${period}/${number}` } as never}>{t("追溯图", "Trace")} <Kbd>t</Kbd></Link>
        {book.may("vouchers.reverse") ? <><Link className="btn wide-only" to={`/b/${book.code}/vouchers/new`} search={{ correct: `${period}/${number}` } as never}>{t("更正", "Correct")}</Link><button type="button" className="btn" disabled={!data || data.reversedBy !== null} onClick={() => setReversing(true)}>{t("红冲", "Reverse")}</button></> : null}
      </>}
    >
      <div className={`vouchers-page${isWhy && data ? " why" : ""}`}>
        <div className="stack">
          <Loaded of={voucher} rows={6} columns={4}>
            {(shown) => <><VoucherForm of={shown} selected={isWhy ? line : null} onSelect={(at) => { if (at !== line) setFilters({ line: String(at + 1) }); }} /><Attachments of={shown.attached} />
              {book.may("vouchers.enter") ? <p className="sub"><Link to={`/b/${book.code}/vouchers/new`} search={{ copy: `${period}/${number}` } as never}>{t("以此凭证为模板制单", "Prepare a voucher like this one")}</Link></p> : null}</>}
          </Loaded>
        </div>
        {isWhy && data ? <WhyPanel period={period} number={number} line={line} shown={data.lines[line]} onClose={() => setFilters({ why: "no" })} /> : null}
      </div>
      {isReversing && data ? <ReverseDialog voucher={data} onClose={() => setReversing(false)} /> : null}
    </Page>
  );
}
