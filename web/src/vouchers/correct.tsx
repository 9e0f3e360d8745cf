/** 红冲: date and reason, the legal summary before it is written, and the way to the draft that comes of it. */
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api, useAct } from "../app/api.ts";
import { useBook, usePeriods } from "../app/session.ts";
import { Dialog, Field } from "../ui/parts.tsx";
import { Trouble } from "../ui/states.tsx";
import { useT } from "../ui/text.ts";
import { addressOf, type SaidProblem, type Voucher } from "./model.ts";

export type CorrectionResult = { readonly document: string; readonly state: string; readonly vouchers: readonly string[]; readonly period?: string; readonly reasons: readonly SaidProblem[] };

/** Today where its period is open, else the first day of the first open period. */
export function useOpenDay(): string {
  const periods = usePeriods().data ?? [];
  const now = new Date();
  const today = `${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, "0")}-${String(now.getDate()).padStart(2, "0")}`;
  if (periods.length === 0 || periods.some(({ period, state }) => period === today.slice(0, 7) && state === "open")) return today;
  const open = periods.filter(({ state }) => state === "open").map(({ period }) => period).sort();
  return open[0] === undefined ? today : `${open[0]}-01`;
}

/** 注销3月18日记-7号凭证: the summary that 会计基础工作规范 art. 51(5) asks for. */
export const legalSummary = (act: "注销" | "订正", date: string, number: string): string => `${act}${Number(date.slice(5, 7))}月${Number(date.slice(8, 10))}日${number}号凭证`;

export function ReverseDialog({ voucher, onClose }: { readonly voucher: Voucher; readonly onClose: () => void }) {
  const t = useT();
  const book = useBook();
  const day = useOpenDay();
  const [date, setDate] = useState<string | null>(null);
  const [reason, setReason] = useState("");
  const act = useAct((input: { date: string; reason: string }) => api<CorrectionResult>(`/books/${encodeURIComponent(book.code)}/vouchers/${voucher.period}/${encodeURIComponent(voucher.number)}/reverse`, { body: input }));
  const on = date ?? day;
  return (
    <Dialog title={t(`红冲 ${voucher.period}/${voucher.number}`, `Reverse ${voucher.period}/${voucher.number}`)} onClose={onClose} foot={act.data ? <button type="button" className="btn p" onClick={onClose}>{t("完成", "Done")}</button> : <>
      <button type="button" className="btn" onClick={onClose}>{t("取消", "Cancel")}</button>
      <button type="button" className="btn p" disabled={reason.trim() === "" || act.isPending} onClick={() => act.mutate({ date: on, reason: reason.trim() })}>{t("红冲，交他人审核", "Reverse, for review")}</button>
    </>}>
      {act.data ? <CorrectionDone results={[act.data]} /> : (
        <>
          <Field label={t("红冲凭证日期", "Date of the reversal")} hint={t("须在未结账的期间", "In an open period")}><input className="in" type="date" value={on} onChange={(event) => setDate(event.target.value)} /></Field>
          <Field label={t("原因", "Reason")}><textarea className="in" data-first value={reason} maxLength={500} onChange={(event) => setReason(event.target.value)} /></Field>
          <Field label={t("摘要（按会计基础工作规范第 51 条）", "Summary, as the accounting rules ask (art. 51)")}><output className="in" style={{ display: "block", lineHeight: "28px" }}>{legalSummary("注销", voucher.date, voucher.number)}</output></Field>
          <p className="sub">{t("原凭证不变。同样的分录以红字另成一张凭证，由另一人审核后记账。", "The voucher stays as it is. The same lines in red make another one, which is posted once somebody else has reviewed it.")}</p>
          {act.error ? <Trouble error={act.error} /> : null}
        </>
      )}
    </Dialog>
  );
}

/** What came of a reversal or correction: the vouchers, or the drafts that wait, or what was wrong. */
export function CorrectionDone({ results }: { readonly results: readonly CorrectionResult[] }) {
  const t = useT();
  const book = useBook();
  return (
    <div className="stack">
      {results.map((one) => {
        const isWaiting = one.state === "waiting" && one.reasons.some(({ code }) => code === "voucher.review_needed");
        if (one.state === "posted") return <div key={one.document} className="state"><b>{t("已记账", "Posted")}</b><div className="sub">{one.vouchers.map((number) => <Link key={number} to={addressOf(book.code, `${one.period}/${number}`)}>{one.period}/{number}</Link>)}</div></div>;
        if (isWaiting || one.state === "duplicate") return <div key={one.document} className="state"><b>{isWaiting ? t("凭证已制，等待另一人审核", "It is prepared and waits for another person") : t("同一红冲已在待审核中", "This reversal is already waiting for review")}</b><div className="sub"><Link to={`/b/${book.code}/vouchers/review`} search={{ document: one.document } as never}>{t("看待审核凭证", "See the draft")}</Link></div></div>;
        return <div key={one.document} className="state refused" role="alert"><b>{t("没有记账", "It was not posted")}</b>{one.reasons.map((reason) => <div key={reason.code} className="sub">{t(reason.zh, reason.en)} {t(reason.todo)} <span className="mono">{reason.code}</span></div>)}</div>;
      })}
    </div>
  );
}
