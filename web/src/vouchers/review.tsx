/** 待审核: what waits, beside it the form and why it waits. j k move, ↵ reviews and posts, b sends back; several at once by their boxes. */
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api, useAct, useApi } from "../app/api.ts";
import { useKeys } from "../app/keys.ts";
import { useBook } from "../app/session.ts";
import { Amount } from "../ui/amount.tsx";
import { useFilters } from "../ui/filters.ts";
import { Dialog, Dot, Field, Kbd, moment, Page, Panel, Tag } from "../ui/parts.tsx";
import { Empty, Loaded, Trouble } from "../ui/states.tsx";
import { useT } from "../ui/text.ts";
import { Attachments, VoucherForm } from "./form.tsx";
import { addressOf, type Draft, type DraftRow, type SaidProblem } from "./model.ts";
import { VoucherTabs } from "./tabs.tsx";
import "./vouchers.css";
import { DocumentLink, Person } from "./words.tsx";

type Reviewed = { readonly draft: string; readonly number: string | null; readonly period: string | null; readonly problem: SaidProblem | null };

export function ReviewQueue() {
  const t = useT();
  const book = useBook();
  const path = `/books/${encodeURIComponent(book.code)}/drafts`;
  const drafts = useApi<readonly DraftRow[]>(path, { refetchMs: 30_000 });
  const [filters, setFilters] = useFilters();
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const [isSending, setSending] = useState(false);
  const rows = drafts.data ?? [];
  const current = rows.find(({ draft, document }) => (filters.draft ? draft === filters.draft : filters.document ? document === filters.document : false)) ?? rows[0];
  const chosen = rows.filter(({ draft }) => picked.has(draft)).map(({ draft }) => draft);
  const review = useAct((ids: readonly string[]) => api<readonly Reviewed[]>(`${path}/review`, { body: { drafts: ids } }));
  const mayReview = book.may("vouchers.review");
  const canReview = (row: DraftRow | undefined): boolean => mayReview && row !== undefined && !row.isOwn && row.sentBack === null;
  const select = (row: DraftRow | undefined): void => { if (row) setFilters({ draft: row.draft, document: "" }); };
  const step = (by: number): void => select(rows[Math.max(0, Math.min(rows.length - 1, rows.findIndex((row) => row === current) + by))]);
  const approve = (ids: readonly string[]): void => {
    if (ids.length === 0 || review.isPending) return;
    const at = rows.findIndex((row) => row === current);
    const next = rows.slice(at + 1).find(({ draft }) => !ids.includes(draft)) ?? rows.find(({ draft }) => !ids.includes(draft));
    review.mutate(ids, { onSuccess: () => { setPicked(new Set()); setFilters({ draft: next?.draft ?? "", document: "" }); } });
  };
  const isFree = (): boolean => !(document.activeElement instanceof HTMLElement && /^(BUTTON|A)$/.test(document.activeElement.tagName));
  useKeys({
    j: () => step(1), k: () => step(-1), Enter: () => { if (isFree() && canReview(current) && current) approve([current.draft]); else if (!isFree()) (document.activeElement as HTMLElement).click(); },
    x: () => { if (canReview(current) && current) toggle(current.draft); }, b: () => { if (canReview(current)) setSending(true); },
  });
  const toggle = (draft: string): void => { const next = new Set(picked); if (!next.delete(draft)) next.add(draft); setPicked(next); };
  const reviewable = rows.filter(canReview);
  return (
    <Page
      title={t("待审核凭证", "Vouchers to review")} crumb={{ to: `/b/${book.code}/vouchers`, text: t("凭证", "Vouchers") }} tabs={<VoucherTabs />}
      acts={chosen.length > 0 ? <button type="button" className="btn p" disabled={review.isPending} onClick={() => approve(chosen)}>{t(`审核并记账 ${chosen.length} 张`, `Review and post ${chosen.length}`)}</button> : null}
    >
      {review.data ? <Outcome of={review.data} rows={rows} onClose={() => review.reset()} /> : null}
      {review.error ? <Trouble error={review.error} /> : null}
      <Loaded of={drafts} isEmpty={(data) => data.length === 0} empty={<Panel><Empty why={t("没有待审核的凭证。", "No voucher waits for review.")} next={<Link to={`/b/${book.code}/vouchers`}>{t("看已记账的凭证", "See posted vouchers")}</Link>} /></Panel>}>
        {(data) => (
          <div className={`vouchers-queue${filters.draft || filters.document ? " opened" : ""}`}>
            <Panel title={t("等待中", "Waiting")} note={t(`${data.length} 张`, String(data.length))} right={reviewable.length > 0 ? <label className="row"><input type="checkbox" checked={chosen.length === reviewable.length} onChange={(event) => setPicked(new Set(event.target.checked ? reviewable.map(({ draft }) => draft) : []))} />{t("全选可审核的", "All I may review")}</label> : null}>
              <div className="list" role="list">
                {data.map((row) => (
                  <div key={row.draft} role="listitem" className={row === current ? "on" : ""} aria-current={row === current ? "true" : undefined} onClick={(event) => { if (!(event.target as HTMLElement).closest("input")) select(row); }}>
                    <input type="checkbox" aria-label={t(`选择 ${row.summary}`, `Select ${row.summary}`)} checked={picked.has(row.draft)} disabled={!canReview(row)} onChange={() => toggle(row.draft)} />
                    <button type="button" className="vouchers-open sum" onClick={() => select(row)}>{row.summary}</button>
                    <span><Amount of={row.debitTotal} hidden={row.debitTotal === null} exact /></span>
                    <span className="sub">{row.date}<Dot />{row.series}<Dot /><Person id={row.preparedBy} />{row.isOwn ? <> <Tag>{t("本人制单", "Own")}</Tag></> : null}{row.sentBack === null ? null : <> <Tag tone="warn">{t("已退回", "Sent back")}</Tag></>}</span>
                  </div>
                ))}
              </div>
            </Panel>
            {current ? <Opened key={current.draft} onBack={() => setFilters({ draft: "", document: "" })} row={current} mayReview={mayReview} isBusy={review.isPending} onApprove={() => approve([current.draft])} onSendBack={() => setSending(true)} /> : null}
          </div>
        )}
      </Loaded>
      {isSending && current ? <SendBack row={current} path={path} onClose={() => setSending(false)} /> : null}
    </Page>
  );
}

/** What became of each. */
function Outcome({ of, rows, onClose }: { readonly of: readonly Reviewed[]; readonly rows: readonly DraftRow[]; readonly onClose: () => void }) {
  const t = useT();
  const book = useBook();
  const posted = of.filter(({ number }) => number !== null);
  const refused = of.filter(({ problem }) => problem !== null);
  return (
    <div className={`state${refused.length > 0 ? " refused" : ""}`} role="status">
      <b>{posted.length > 0 ? t(`已审核并记账 ${posted.length} 张`, `${posted.length} reviewed and posted`) : t("没有记账", "None was posted")}{refused.length > 0 ? t(`，${refused.length} 张没有记账`, `, ${refused.length} not`) : ""}</b>
      <div className="sub">{posted.map((one, at) => <span key={one.draft}>{at === 0 ? "" : t("、", ", ")}<Link to={addressOf(book.code, `${one.period}/${one.number}`)}>{one.period}/{one.number}</Link></span>)}</div>
      {refused.map((one) => <div key={one.draft} className="sub">{rows.find(({ draft }) => draft === one.draft)?.summary ?? one.draft}{t("：", ": ")}{one.problem ? <>{t(one.problem.zh, one.problem.en)} {t(one.problem.todo)} <span className="mono">{one.problem.code}</span></> : null}</div>)}
      <div className="row"><button type="button" className="btn" onClick={onClose}>{t("知道了", "Noted")}</button></div>
    </div>
  );
}

function Opened({ row, mayReview, isBusy, onApprove, onSendBack, onBack }: { readonly onBack: () => void; readonly row: DraftRow; readonly mayReview: boolean; readonly isBusy: boolean; readonly onApprove: () => void; readonly onSendBack: () => void }) {
  const t = useT();
  const book = useBook();
  const path = `/books/${encodeURIComponent(book.code)}/drafts/${row.draft}`;
  const draft = useApi<Draft>(path);
  const withdraw = useAct(() => api(`${path}/withdraw`, { method: "POST" }));
  const isManual = row.kind === "manualVoucher";
  return (
    <div className="stack">
      <button type="button" className="btn q vouchers-back" onClick={onBack}>{t("返回待审核列表", "Back to the list")}</button>
      <Loaded of={draft} rows={6} columns={4}>
        {(shown) => (
          <>
            <Panel title={t("为什么等待", "Why it waits")}>
              <div className="pb">
                <div>{shown.why}</div>
                <div className="sub">{t("制单 ", "Prepared by ")}<Person id={shown.preparedBy} /> {moment(shown.preparedAt)}<Dot />{t("来源 ", "from ")}<DocumentLink of={shown.document} />{shown.version > 1 ? <><Dot />{t(`第 ${shown.version} 次提交`, `sent ${shown.version} times`)}</> : null}</div>
                {shown.corrects === null ? null : <div className="sub">{shown.correction === "reverse" ? t("红冲 ", "Reverses ") : t("更正 ", "Corrects ")}<Link to={addressOf(book.code, shown.corrects)}>{shown.corrects}</Link>{shown.reason === null ? null : <>{t("，原因：", ", because: ")}{shown.reason}</>}</div>}
              </div>
              {shown.sentBack === null ? null : <div className="state refused"><b>{t("已退回：", "Sent back: ")}{shown.sentBack.reason}</b><div className="sub"><Person id={shown.sentBack.by} /> {moment(shown.sentBack.at)}{t("。制单人修改后重新提交，或撤回。", ". Its preparer changes it and sends it again, or withdraws it.")}</div></div>}
              {row.isOwn ? <div className="state"><b>{t("本人制单，须由另一人审核", "You prepared it, so somebody else reviews it")}</b><div className="sub">{t("制单与审核不得为同一人。", "Who prepares a voucher never reviews it.")}</div></div> : null}
              <div className="vouchers-decide">
                {row.isOwn && isManual ? <>{shown.corrects === null ? <Link className="btn" to={`/b/${book.code}/vouchers/new`} search={{ draft: row.draft } as never}>{t("修改", "Change")}</Link> : null}<button type="button" className="btn" disabled={withdraw.isPending} onClick={() => withdraw.mutate(undefined)}>{t("撤回此凭证", "Withdraw it")}</button></> : null}
                {!row.isOwn && row.sentBack === null && mayReview ? <><button type="button" className="btn p" disabled={isBusy} onClick={onApprove}>{t("审核并记账", "Review and post")} <Kbd>↵</Kbd></button><button type="button" className="btn" onClick={onSendBack}>{t("退回", "Send back")} <Kbd>b</Kbd></button></> : null}
                {!mayReview && !row.isOwn ? <span className="sub">{t("没有审核凭证的权限，等有权限的人处理。", "You may not review vouchers; somebody who may will do it.")}</span> : null}
                <span className="sub wide-only" style={{ marginLeft: "auto" }}><Kbd>j</Kbd> <Kbd>k</Kbd> {t("下一张、上一张", "next, previous")} <Kbd>x</Kbd> {t("勾选", "tick")}</span>
              </div>
              {withdraw.error ? <Trouble error={withdraw.error} /> : null}
            </Panel>
            <VoucherForm of={shown} />
            <Attachments of={shown.attached} />
          </>
        )}
      </Loaded>
    </div>
  );
}

function SendBack({ row, path, onClose }: { readonly row: DraftRow; readonly path: string; readonly onClose: () => void }) {
  const t = useT();
  const [reason, setReason] = useState("");
  const act = useAct((text: string) => api(`${path}/${row.draft}/send-back`, { body: { reason: text } }));
  const send = (): void => { if (reason.trim() !== "" && !act.isPending) act.mutate(reason.trim(), { onSuccess: onClose }); };
  return (
    <Dialog title={t("退回制单人", "Send back to its preparer")} onClose={onClose} foot={<><button type="button" className="btn" onClick={onClose}>{t("取消", "Cancel")}</button><button type="button" className="btn p" disabled={reason.trim() === "" || act.isPending} onClick={send}>{t("退回此凭证", "Send it back")}</button></>}>
      <p>{row.summary}</p>
      <Field label={t("原因，制单人会看到", "The reason, which its preparer sees")}><textarea className="in" data-first value={reason} maxLength={500} onChange={(event) => setReason(event.target.value)} onKeyDown={(event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send(); }} /></Field>
      {act.error ? <Trouble error={act.error} /> : null}
    </Dialog>
  );
}
