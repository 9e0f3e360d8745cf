/**
 * 制单 by keyboard alone: ↵ goes on to the next field, in an empty summary it copies the line above; = takes what balances; Ctrl ↵ sends.
 * The same page changes a draft that was sent back, begins from a voucher that is there, and writes the right lines of a correction.
 */
import { Link, useNavigate } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { api, useAct, useApi, withQuery } from "../app/api.ts";
import { useBook } from "../app/session.ts";
import { formatAmount } from "../ui/amount.tsx";
import { useFilters } from "../ui/filters.ts";
import { Dialog, Field, Kbd, Page, Panel } from "../ui/parts.tsx";
import { Loading, Trouble } from "../ui/states.tsx";
import { useT } from "../ui/text.ts";
import { amountInWords } from "../../../server/src/values/capital.ts";
import { CorrectionDone, type CorrectionResult, legalSummary, useOpenDay } from "./correct.tsx";
import { EntryRow } from "./entry-row.tsx";
import { type AccountInfo, balancing, bodyOf, correctionLines, emptyLine, type EntryDraft, type EntryLine, isEmpty, lineFrom, totals } from "./entry.ts";
import { addressOf, decimalOf, type Draft, type Facets, type SaidProblem, type Voucher } from "./model.ts";
import { VoucherTabs } from "./tabs.tsx";
import "./vouchers.css";

/** The entry's own name, by which sending it twice makes one voucher: the day, and what nobody else has. */
function newName(): string {
  const now = new Date();
  const unique = [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => "0123456789abcdefghijkmnpqrstuvwx"[byte % 32]).join("");
  return `${now.getFullYear()}${String(now.getMonth() + 1).padStart(2, "0")}${String(now.getDate()).padStart(2, "0")}-${unique}`;
}

type Entered = { readonly document: string; readonly draft: string | null; readonly problems: readonly SaidProblem[] };

export function EnterVoucher() {
  const t = useT();
  const book = useBook();
  const [filters] = useFilters();
  const base = `/books/${encodeURIComponent(book.code)}`;
  const of = filters.copy ?? filters.correct;
  const voucher = useApi<Voucher>(of === undefined ? null : `${base}/vouchers/${of.slice(0, 7)}/${encodeURIComponent(of.slice(8))}`);
  const draft = useApi<Draft>(filters.draft === undefined ? null : `${base}/drafts/${filters.draft}`);
  const day = useOpenDay();
  const source = voucher.data ?? draft.data;
  const wanted = of !== undefined || filters.draft !== undefined;
  const [start, setStart] = useState<EntryDraft | null>(null);
  const key = `${of ?? ""} ${filters.draft ?? ""}`;
  useEffect(() => {
    if (!wanted) return setStart({ date: day, series: "记", attachments: "0", lines: [emptyLine(), emptyLine()] });
    if (!source) return setStart(null);
    let isGone = false;
    void accountsOf(base, source.lines.map(({ account }) => account)).then((accounts) => {
      if (!isGone) setStart({ date: draft.data?.date ?? day, series: source.series, attachments: String(draft.data?.attachments ?? 0), lines: source.lines.map((line) => lineFrom(line, accounts.get(line.account), t)) });
    });
    return () => { isGone = true; };
  }, [source, wanted, day, base]);
  const error = voucher.error ?? draft.error;
  const title = filters.correct ? t(`更正 ${filters.correct}`, `Correct ${filters.correct}`) : filters.draft ? t("修改待审核凭证", "Change a draft") : t("制单", "Prepare a voucher");
  return (
    <Page title={title} crumb={{ to: `/b/${book.code}/vouchers`, text: t("凭证", "Vouchers") }} tabs={<VoucherTabs />} acts={filters.correct || filters.draft ? null : <CopyFrom />}>
      {error && start === null ? <Trouble error={error} /> : start === null ? <Panel><Loading rows={4} columns={5} /></Panel> : <Entry key={key} start={start} draft={draft.data} corrects={filters.correct ? voucher.data : undefined} />}
    </Page>
  );
}

async function accountsOf(base: string, codes: readonly string[]): Promise<ReadonlyMap<string, AccountInfo>> {
  const found = await Promise.all([...new Set(codes)].map((code) => api<readonly AccountInfo[]>(withQuery(`${base}/accounts/search`, { text: code })).then((rows) => rows.find((row) => row.code === code))));
  return new Map(found.flatMap((account) => (account ? [[account.code, account] as const] : [])));
}

/** Begins from a voucher: 2026-03/记-7. */
function CopyFrom() {
  const t = useT();
  const navigate = useNavigate();
  const book = useBook();
  const [isOpen, setOpen] = useState(false);
  const [number, setNumber] = useState("");
  const take = (): void => { setOpen(false); void navigate({ to: `/b/${book.code}/vouchers/new`, search: { copy: number.trim() } as never }); };
  return (
    <>
      <button type="button" className="btn" onClick={() => setOpen(true)}>{t("以已有凭证为模板", "Begin from a voucher")}</button>
      {isOpen ? <Dialog title={t("以已有凭证为模板", "Begin from a voucher")} onClose={() => setOpen(false)} foot={<button type="button" className="btn p" disabled={!/^\d{4}-\d{2}\/.+-\d+$/.test(number.trim())} onClick={take}>{t("取其分录", "Take its lines")}</button>}>
        <Field label={t("期间/凭证号", "Period/number")} hint="2026-03/记-7"><input className="in" autoFocus value={number} onChange={(event) => setNumber(event.target.value)} onKeyDown={(event) => { if (event.key === "Enter") take(); }} /></Field>
      </Dialog> : null}
    </>
  );
}

function Entry({ start, draft, corrects }: { readonly start: EntryDraft; readonly draft: Draft | undefined; readonly corrects: Voucher | undefined }) {
  const t = useT();
  const book = useBook();
  const base = `/books/${encodeURIComponent(book.code)}`;
  const form = useRef<HTMLFormElement>(null);
  const [entry, setEntry] = useState(start);
  const [name, setName] = useState(() => draft?.document.replace(/^tieout:manualVoucher\/manual-/, "") ?? newName());
  const [problems, setProblems] = useState<readonly SaidProblem[]>([]);
  const [reason, setReason] = useState("");
  const [done, setDone] = useState<Entered | null>(null);
  const series = useApi<Facets>(`${base}/voucher-list/facets`).data?.series.filter((one) => one !== "期初") ?? [];
  const set = (change: Partial<EntryDraft>): void => setEntry((before) => ({ ...before, ...change }));
  const setLine = (at: number, change: Partial<EntryLine>): void => setEntry((before) => ({ ...before, lines: before.lines.map((line, index) => (index === at ? { ...line, ...change } : line)) }));
  const send = useAct(async (sent: EntryDraft): Promise<Entered> => api<Entered>(`${base}/vouchers`, { body: bodyOf(name, sent) }));
  const correct = useAct(async (sent: EntryDraft): Promise<readonly SaidProblem[] | readonly CorrectionResult[]> => {
    const found = await api<readonly SaidProblem[]>(`${base}/vouchers/check`, { body: bodyOf(name, sent) });
    if (found.length > 0 || !corrects) return found;
    return api<readonly CorrectionResult[]>(`${base}/vouchers/${corrects.period}/${encodeURIComponent(corrects.number)}/correct`, { body: { date: sent.date, reason: reason.trim(), lines: correctionLines(sent) } });
  });
  const isBusy = send.isPending || correct.isPending;
  const submit = (): void => {
    if (isBusy) return;
    setProblems([]);
    // Lines with nothing in them go first, so that what is wrong is named by the line that one sees.
    const sent: EntryDraft = { ...entry, lines: entry.lines.filter((line) => !isEmpty(line)) };
    if (sent.lines.length === 0) return;
    setEntry(sent);
    if (corrects) correct.mutate(sent, { onSuccess: (answer) => setProblems(answer.filter((one): one is SaidProblem => "code" in one)) });
    else send.mutate(sent, { onSuccess: (answer) => { setProblems(answer.problems); if (answer.problems.length === 0) setDone(answer); else focusProblem(answer.problems[0]); } });
  };
  /** ↵ in a field goes to the next one; after the last a new line begins. */
  const next = (from: HTMLElement, skip = 0): void => void setTimeout(() => {
    const fields = [...(form.current?.querySelectorAll<HTMLElement>("[data-cell] input, input[data-cell]") ?? [])];
    const to = fields[fields.indexOf(from) + 1 + skip];
    if (to) to.focus();
    else if (from.isConnected) { setEntry((before) => ({ ...before, lines: [...before.lines, emptyLine()] })); setTimeout(() => [...(form.current?.querySelectorAll<HTMLElement>("input[data-cell=summary]") ?? [])].at(-1)?.focus()); }
  });
  const focusProblem = (problem: SaidProblem | undefined): void => {
    const [, line, field] = /^lines\/(\d+)\/(\w+)$/.exec(problem?.where ?? "") ?? [];
    if (line === undefined) return;
    const row = form.current?.querySelectorAll("tbody tr")[Number(line) - 1];
    row?.querySelector<HTMLElement>(`input[data-cell=${field}], [data-cell=${field}] input`)?.focus();
  };
  const { debit, credit } = totals(entry.lines);
  const off = debit - credit;
  const general = problems.filter(({ where }) => where === null || !/^lines\/\d/.test(where));
  const results = correct.data && !("code" in (correct.data[0] ?? {})) ? (correct.data as readonly CorrectionResult[]) : null;
  const isCorrected = results !== null && problems.length === 0 && results.length > 0;

  if (isCorrected) return <Panel title={t("更正", "Correction")}><div className="pb"><CorrectionDone results={results} /></div></Panel>;
  if (done) {
    return (
      <Panel>
        <div className="state" role="status"><b>{t("凭证已制，等待另一人审核后记账", "The voucher is prepared; it is posted once somebody else has reviewed it")}</b>
          <div className="sub">{entry.lines[0]?.summary} {formatAmount(decimalOf(debit))}</div>
          <div className="row"><button type="button" className="btn p" autoFocus onClick={() => { setEntry({ ...entry, attachments: "0", lines: [emptyLine(), emptyLine()] }); setName(newName()); setDone(null); }}>{t("再制一张", "Prepare another")}</button><Link className="btn" to={`/b/${book.code}/vouchers/review`} search={{ draft: done.draft ?? "" } as never}>{t("看待审核凭证", "See the drafts")}</Link></div></div>
      </Panel>
    );
  }
  return (
    <form ref={form} className="panel vouchers-entry" onSubmit={(event) => event.preventDefault()} onKeyDown={(event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); submit(); } }}>
      <div className="top">
        <Field label={t("日期", "Date")}><input className="in" type="date" data-cell="date" required value={entry.date} aria-invalid={problems.some(({ where }) => where === "date") || undefined} onChange={(event) => set({ date: event.target.value })} onKeyDown={(event) => { if (event.key === "Enter" && !event.ctrlKey) next(event.currentTarget); }} /></Field>
        <Field label={t("凭证字", "Series")}><select className="in" value={entry.series} onChange={(event) => set({ series: event.target.value })}>{[...new Set(["记", "收", "付", "转", ...series, entry.series])].map((one) => <option key={one}>{one}</option>)}</select></Field>
        <Field label={t("附件张数", "Attachments")}><input className="in num" inputMode="numeric" data-cell="attachments" value={entry.attachments} onFocus={(event) => event.target.select()} onChange={(event) => set({ attachments: event.target.value.replace(/\D/g, "").slice(0, 4) })} onKeyDown={(event) => { if (event.key === "Enter" && !event.ctrlKey) next(event.currentTarget); }} /></Field>
        <p className="sub wide-only">{t("↵ 到下一格，空摘要处 ↵ 抄上一行，金额处 = 取平衡数，Ctrl ↵ 提交", "↵ goes on and copies an empty summary from above, = balances, Ctrl ↵ sends")}</p>
      </div>
      {draft?.sentBack ? <div className="state refused"><b>{t("退回原因：", "Sent back because: ")}{draft.sentBack.reason}</b></div> : null}
      {corrects ? <div style={{ padding: "0 16px" }}><p className="sub">{corrects.date.slice(0, 4) < entry.date.slice(0, 4)
        ? t(`以前年度的差错不红冲，只以蓝字凭证更正，摘要「${legalSummary("订正", corrects.date, corrects.number)}」。`, `An error of an earlier year is not reversed; the lines below correct it in blue (${legalSummary("订正", corrects.date, corrects.number)}).`)
        : t(`原凭证红字注销，摘要「${legalSummary("注销", corrects.date, corrects.number)}」；以下分录另成蓝字凭证，摘要「${legalSummary("订正", corrects.date, corrects.number)}」。`, `The voucher is reversed in red (${legalSummary("注销", corrects.date, corrects.number)}); the lines below make a new one in blue (${legalSummary("订正", corrects.date, corrects.number)}).`)}</p><Field label={t("更正原因", "Why it is corrected")}><input className="in" value={reason} maxLength={500} onChange={(event) => setReason(event.target.value)} /></Field></div> : null}
      <table className="t">
        <caption className="sr">{t("分录", "Lines")}</caption>
        <thead><tr><th scope="col"><span className="sr">{t("行", "Line")}</span></th><th scope="col">{t("摘要", "Summary")}</th><th scope="col">{t("会计科目 / 辅助核算", "Account / dimensions")}</th><th scope="col" className="num">{t("借方（元）", "Debit")}</th><th scope="col" className="num">{t("贷方（元）", "Credit")}</th><th scope="col"><span className="sr">{t("删除", "Remove")}</span></th></tr></thead>
        <tbody>
          {entry.lines.map((line, at) => (
            <EntryRow key={line.id} line={line} at={at} problems={problems.filter(({ where }) => where?.startsWith(`lines/${at + 1}/`))} above={entry.lines[at - 1]} isFirst={at === 0} onChange={(change) => setLine(at, change)} onNext={next} onBalance={(side) => balancing(entry.lines, at, side)}
              onRemove={() => set({ lines: entry.lines.length > 1 ? entry.lines.filter((_, index) => index !== at) : [emptyLine()] })} isOff={off !== 0n} isLast={at === entry.lines.length - 1} />
          ))}
        </tbody>
        <tfoot><tr><td colSpan={3}>{t("合计", "Total")}<span className="vouchers-words">{off === 0n && debit !== 0n ? amountInWords(decimalOf(debit)) : off === 0n ? "" : <span className="warn">{t(`差额 ${formatAmount(decimalOf(off < 0n ? -off : off))}，${off > 0n ? "贷方" : "借方"}少`, `${formatAmount(decimalOf(off < 0n ? -off : off))} short on the ${off > 0n ? "credit" : "debit"} side`)}</span>}</span></td><td className="num">{formatAmount(decimalOf(debit))}</td><td className="num">{formatAmount(decimalOf(credit))}</td><td /></tr></tfoot>
      </table>
      {general.length > 0 ? <div className="state refused" role="alert">{general.map((one) => <div key={one.code + one.where}><b>{t(one.zh, one.en)}</b><div className="sub">{t(one.todo)} <span className="mono">{one.code}</span></div></div>)}</div> : null}
      {send.error || correct.error ? <Trouble error={send.error ?? correct.error} /> : null}
      <div className="vouchers-decide">
        <button type="button" className="btn" onClick={() => { set({ lines: [...entry.lines, emptyLine()] }); setTimeout(() => [...(form.current?.querySelectorAll<HTMLElement>("input[data-cell=summary]") ?? [])].at(-1)?.focus()); }}>{t("加一行", "Add a line")}</button>
        <button type="button" className="btn p" disabled={isBusy || entry.lines.every(isEmpty) || (corrects !== undefined && reason.trim() === "")} onClick={submit}>{corrects ? t("更正，交他人审核", "Correct, for review") : draft ? t("重新提交审核", "Send again for review") : t("提交，交他人审核", "Send for review")} <Kbd>Ctrl ↵</Kbd></button>
        {corrects ? <Link className="btn q" to={addressOf(book.code, `${corrects.period}/${corrects.number}`)}>{t("返回原凭证", "Back to the voucher")}</Link> : null}
      </div>
    </form>
  );
}
