/** Beside the rule: the checks that must hold before anything is proposed, from when it holds, the note that the approver reads, and the decision. */
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, seg, useAct } from "../app/api.ts";
import { useBook, useMe, usePeriods } from "../app/session.ts";
import { count } from "../ui/amount.tsx";
import { Dialog, Field, moment, Tag } from "../ui/parts.tsx";
import { Trouble } from "../ui/states.tsx";
import { useT } from "../ui/text.ts";
import { type Draft, keepDraft, type ReplayJob, type RuleTable, stateWords, type Version, type View } from "./model.ts";
import { Wrong } from "./words.tsx";

export type Check = { readonly key: string; readonly text: string; readonly detail: string; /** null: not known yet. */ readonly holds: boolean | null };

/** What the server will ask as well, and what a replay shows. */
export function useChecks(view: View, job: ReplayJob | null, effectiveOn: string): readonly Check[] {
  const t = useT();
  const closed = new Set((usePeriods().data ?? []).filter(({ state }) => state === "closed").map(({ period }) => period));
  const result = job?.state === "done" ? job.result : null;
  const wrong = result === null ? null : Object.values(result.problems).reduce((total, n) => total + n, 0);
  const late = result === null ? null : result.periods.filter((period) => closed.has(period) && period >= effectiveOn.slice(0, 7));
  // Closed periods that the change would reach and that the replay did not look at.
  const unseen = result === null ? [] : [...closed].filter((period) => period >= effectiveOn.slice(0, 7) && ((job?.from ?? "") > period || (job?.to ?? "9999-99") < period)).sort();
  const unknown = view.problems.filter(({ code }) => code === "rule.account_unknown").length;
  const open = view.tables.filter((table: RuleTable) => table.mark !== "−" && table.usedBy.length > 0 && !table.isComplete && table.mark !== "");
  return [
    { key: "lint", text: t("写法无误", "Well written"), detail: t(`${view.rules.length} 条`, `${view.rules.length} rules`), holds: view.problems.length === unknown },
    { key: "accounts", text: t("科目都在科目表中", "Accounts are in the chart"), detail: unknown === 0 ? "" : count(unknown), holds: unknown === 0 },
    { key: "tables", text: t("改动的科目表有兜底行", "Changed tables take the rest"), detail: open.map((table) => t(table.zh, table.en)).join(t("、", ", ")), holds: open.length === 0 },
    { key: "balance", text: t("每张凭证借贷平衡", "Each voucher balances"), detail: result === null ? t("待重放", "replay first") : wrong === 0 ? count(result.compared) : count(wrong ?? 0), holds: wrong === null ? null : wrong === 0 },
    { key: "closed", text: t("已结账期间无差异", "No closed period differs"), detail: late === null ? t("待重放", "replay first") : late.length > 0 ? late.join(t("、", ", ")) : unseen.length > 0 ? t(`重放须含 ${unseen[0]}`, `replay ${unseen[0]} too`) : t(`自 ${effectiveOn}`, `from ${effectiveOn}`), holds: late === null ? null : late.length > 0 ? false : unseen.length > 0 ? null : true },
    { key: "oracle", text: t("编译结果 = 解释结果", "Compiled = interpreted"), detail: result === null ? t("待重放", "replay first") : t(`${count(result.compared)} 例`, `${count(result.compared)} cases`), holds: result === null ? null : result.comparedDifferent === 0 },
  ];
}

export function Checks({ checks, view }: { readonly checks: readonly Check[]; readonly view: View }) {
  const t = useT();
  return (
    <section aria-label={t("审批前的检查", "Checks before approval")}>
      <h3>{t("审批前的检查", "Checks before approval")}</h3>
      <div className="rules-checks">{checks.map((check) => [
        <i key={`${check.key} mark`} className={check.holds === null ? "mut" : check.holds ? "good" : "bad"}><span aria-hidden="true">{check.holds === null ? "·" : check.holds ? "✓" : "✗"}</span><span className="sr">{check.holds === null ? t("未检查", "not checked") : check.holds ? t("通过", "holds") : t("不通过", "does not hold")}</span></i>,
        <span key={check.key}>{check.text}</span>, <span key={`${check.key} detail`} className={check.holds === false ? "bad" : undefined}>{check.detail}</span>,
      ])}</div>
      {view.problems.length === 0 ? null : <Wrong problems={view.problems.slice(0, 3)} />}
    </section>
  );
}

/** From when, and what the approver reads; the draft is proposed at the head of the page. */
export function DraftFields({ book, draft }: { readonly book: string; readonly draft: Draft }) {
  const t = useT();
  return (
    <>
      <section><h3>{t("生效", "In force")}</h3>
        <Field label={t("自", "From")} hint={t("此日起的单据用新规则；已记账的凭证不改", "Documents from this day on; what is posted stays as it is")}><input className="in" type="date" value={draft.effectiveOn} onChange={(event) => keepDraft(book, { ...draft, effectiveOn: event.target.value })} /></Field>
      </section>
      <section><Field label={t("说明（审批人会看到）", "Note (the approver reads it)")}><textarea className="in" rows={4} value={draft.note} onChange={(event) => keepDraft(book, { ...draft, note: event.target.value })} placeholder={t("改了什么，为什么", "What changes, and why")} /></Field></section>
    </>
  );
}

export function ProposeButton({ draft, checks, view }: { readonly draft: Draft; readonly checks: readonly Check[]; readonly view: View }) {
  const t = useT();
  const book = useBook();
  const navigate = useNavigate();
  const [isOpen, setOpen] = useState(false);
  const isSame = view.changes.added + view.changes.changed + view.changes.removed === 0;
  const isReady = checks.every(({ holds }) => holds === true) && !isSame && draft.effectiveOn !== "";
  const why = isSame ? t("草案与现行版本没有差别", "The draft changes nothing") : checks.some(({ holds }) => holds === false) ? t("有检查不通过", "A check does not hold") : checks.some(({ holds }) => holds === null) ? t("先重放", "Replay first") : "";
  const propose = useAct(() => api<{ readonly version: number }>(`/books/${seg(book.code)}/rules`, { body: { text: draft.text, effectiveOn: draft.effectiveOn, note: draft.note.trim() } }));
  const send = async (): Promise<void> => {
    const { version } = await propose.mutateAsync(undefined);
    keepDraft(book.code, null);
    setOpen(false);
    await navigate({ to: `/b/${book.code}/rules` as never, search: { version: String(version) } as never });
  };
  if (!book.may("rules.propose")) return null;
  return (
    <>
      {isReady ? null : <span className="sub wide-only">{why}</span>}
      <button type="button" className="btn p" disabled={!isReady} title={why} onClick={() => setOpen(true)}>{t("提交审批", "Propose")}</button>
      {isOpen ? <Dialog title={t("提交审批", "Propose the draft")} onClose={() => setOpen(false)} foot={<><button type="button" className="btn" onClick={() => setOpen(false)}>{t("再改改", "Not yet")}</button><button type="button" className="btn p" disabled={propose.isPending || draft.note.trim() === ""} onClick={() => void send().catch(() => undefined)}>{t("提交审批", "Propose")}</button></>}>
        <dl className="kv"><dt>{t("改动", "Changes")}</dt><dd><Changes of={view} /></dd><dt>{t("生效", "In force from")}</dt><dd>{draft.effectiveOn}</dd></dl>
        <div className="rules-try"><Field label={t("说明（审批人会看到）", "Note (the approver reads it)")}><textarea className="in" autoFocus rows={4} value={draft.note} onChange={(event) => keepDraft(book.code, { ...draft, note: event.target.value })} /></Field></div>
        <p className="sub">{t("提出人不能批准自己的版本。", "Its author cannot approve it.")}</p>
        <Trouble error={propose.error} />
      </Dialog> : null}
    </>
  );
}

export function Changes({ of: { changes } }: { readonly of: View }) {
  const t = useT();
  if (changes.added + changes.changed + changes.removed === 0) return <span className="mut">{t("没有改动", "no change")}</span>;
  return <span className="row tags">{changes.added > 0 ? <Tag tone="good">+ {t("新增", "added")} {changes.added}</Tag> : null}{changes.changed > 0 ? <Tag tone="warn">~ {t("修改", "changed")} {changes.changed}</Tag> : null}{changes.removed > 0 ? <Tag tone="bad">− {t("删除", "removed")} {changes.removed}</Tag> : null}</span>;
}

/** Who proposed, who decided, and why. */
export function Decided({ version }: { readonly version: Version }) {
  const t = useT();
  const words = stateWords[version.state];
  return (
    <>
      <section><h3>{t("说明", "Note")}</h3><p>{version.note === "" ? <span className="mut">{t("没有写说明", "none")}</span> : version.note}</p></section>
      <section><h3>{t("审批", "Approval")}</h3>
        <dl className="kv">
          <dt>{t("状态", "State")}</dt><dd><Tag tone={words.tone}>{t(words)}</Tag></dd><dt>{t("生效", "In force from")}</dt><dd>{version.effectiveOn}</dd>
          <dt>{t("提出", "Proposed")}</dt><dd>{version.proposedBy}<span className="sub"> {moment(version.proposedAt).slice(0, 16)}</span></dd>
          {version.approvedBy ? <><dt>{t("批准", "Approved")}</dt><dd>{version.approvedBy}<span className="sub"> {moment(version.approvedAt ?? "").slice(0, 16)}</span></dd></> : null}
          {version.rejectedBy ? <><dt>{t("驳回", "Rejected")}</dt><dd>{version.rejectedBy}<span className="sub"> {moment(version.rejectedAt ?? "").slice(0, 16)}</span></dd><dt>{t("理由", "Reason")}</dt><dd>{version.rejectedReason}</dd></> : null}
        </dl>
        {version.state === "proposed" ? <p className="sub">{t("提出人不能批准自己的版本", "Its author cannot approve it")}</p> : null}
      </section>
    </>
  );
}

/** 批准 and 驳回, for another than the author; the author takes back. */
export function DecideButtons({ version, checks }: { readonly version: Version; readonly checks: readonly Check[] }) {
  const t = useT();
  const book = useBook();
  const me = useMe().data;
  const isOwn = version.proposedBy === me?.user;
  const [word, setWord] = useState<"approve" | "reject" | null>(null);
  const [reason, setReason] = useState("");
  const act = useAct((wanted: "approve" | "reject") => api(`/books/${seg(book.code)}/rules/${version.version}/${wanted}`, { method: "POST", body: wanted === "reject" ? { reason: reason.trim() } : undefined }));
  const decide = async (wanted: "approve" | "reject"): Promise<void> => {
    await act.mutateAsync(wanted);
    setWord(null);
  };
  if (version.state !== "proposed") return null;
  const mayReject = isOwn ? book.may("rules.propose") : book.may("rules.approve");
  const broken = checks.filter(({ holds }) => holds === false);
  return (
    <>
      {mayReject ? <button type="button" className="btn" onClick={() => setWord("reject")}>{isOwn ? t("撤回", "Take back") : t("驳回", "Reject")}</button> : null}
      {book.may("rules.approve") && !isOwn ? <button type="button" className="btn p" onClick={() => setWord("approve")}>{t(`批准 v${version.version}`, `Approve v${version.version}`)}</button> : null}
      {word === null ? null : <Dialog title={word === "approve" ? t(`批准 v${version.version}`, `Approve v${version.version}`) : isOwn ? t(`撤回 v${version.version}`, `Take back v${version.version}`) : t(`驳回 v${version.version}`, `Reject v${version.version}`)} onClose={() => { setWord(null); act.reset(); }} foot={<><button type="button" className="btn" onClick={() => setWord(null)}>{t("关闭", "Close")}</button><button type="button" className={word === "approve" ? "btn p" : "btn danger"} disabled={act.isPending || (word === "reject" && reason.trim() === "")} onClick={() => void decide(word).catch(() => undefined)}>{word === "approve" ? t(`批准，${version.effectiveOn} 起生效`, `Approve, in force from ${version.effectiveOn}`) : isOwn ? t("撤回", "Take back") : t("驳回", "Reject")}</button></>}>
        {word === "approve" ? <><p>{t(`${version.proposedBy} 的说明：${version.note || "没有写"}`, `The note of ${version.proposedBy}: ${version.note || "none"}`)}</p>{broken.length > 0 ? <div className="state refused"><b>{broken.map(({ text }) => text).join(t("、", ", "))}{t("：不通过", ": does not hold")}</b></div> : checks.some(({ holds }) => holds === null) ? <p className="sub warn">{t("还没有重放。批准前先看差异。", "It has not been replayed. See the difference first.")}</p> : null}</>
          : <Field label={t("理由（提出人会看到）", "Reason (its author reads it)")}><textarea className="in" autoFocus rows={3} value={reason} onChange={(event) => setReason(event.target.value)} /></Field>}
        <Trouble error={act.error} />
      </Dialog>}
    </>
  );
}
