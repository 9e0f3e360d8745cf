/** 结账条件: what is true already, what is not and whose turn it is, and one run over all of it. Modules that stop earlier than the period. */
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api, seg, useAct, useApi } from "../app/api.ts";
import { useBook } from "../app/session.ts";
import { Dialog, Field, moment, Panel, Tag, type Tone } from "../ui/parts.tsx";
import { Loaded, Trouble } from "../ui/states.tsx";
import { Table } from "../ui/table.tsx";
import { useT } from "../ui/text.ts";
import { Person } from "../vouchers/words.tsx";
import "./close.css";

type Gate = { readonly gate: string; readonly zh: string; readonly en: string; readonly state: string; readonly evidence: { readonly zh: string; readonly en: string }; readonly duty: string; readonly run: string | null; readonly to: string; readonly isHard: boolean };
type Said = { readonly code: string; readonly zh: string; readonly en: string; readonly todo: { readonly zh: string; readonly en: string } };
type Step = { readonly step: string; readonly outcome: string; readonly vouchers: readonly string[]; readonly problems: readonly Said[]; readonly at: string };
type Run = { readonly run: string; readonly startedAt: string; readonly startedBy: string; readonly endedAt: string | null; readonly outcome: string | null; readonly steps: readonly Step[] };
type Board = { readonly gates: readonly Gate[]; readonly modules: readonly { readonly module: string; readonly closedAt: string | null; readonly closedBy: string | null }[]; readonly runs: readonly Run[] };
type Ran = { readonly outcome: string; readonly steps: readonly Step[]; readonly open: readonly Gate[] };

const states: Readonly<Record<string, { readonly zh: string; readonly en: string; readonly tone: Tone }>> = { done: { zh: "已满足", en: "True", tone: "good" }, open: { zh: "未满足", en: "Not yet", tone: "warn" }, stale: { zh: "须再做", en: "To be run again", tone: "warn" }, notNeeded: { zh: "不需要", en: "Not needed", tone: undefined } };
const turns: Readonly<Record<string, { readonly zh: string; readonly en: string }>> = {
  "flows.manage": { zh: "信息", en: "IT" }, "documents.decide": { zh: "会计", en: "Accountant" }, "periods.close": { zh: "会计", en: "Accountant" }, "bank.read": { zh: "会计", en: "Accountant" }, "bank.match": { zh: "出纳", en: "Cashier" }, "vouchers.review": { zh: "审核", en: "Reviewer" }, "deliveries.decide": { zh: "会计", en: "Accountant" },
};
const stepWords: Readonly<Record<string, { readonly zh: string; readonly en: string }>> = { amortisation: { zh: "摊销", en: "Amortisation" }, estimates: { zh: "月末暂估", en: "Estimates" }, cost: { zh: "存货核算", en: "Cost run" }, fx: { zh: "期末调汇", en: "FX revaluation" }, vat: { zh: "结转增值税", en: "VAT" }, surtax: { zh: "计提附加税", en: "Surtaxes" }, "profit-and-loss": { zh: "损益结转", en: "Income and expense" }, verify: { zh: "验证全账", en: "Proof of the books" }, close: { zh: "结账", en: "Close" } };
const moduleWords: Readonly<Record<string, { readonly zh: string; readonly en: string }>> = { receivable: { zh: "应收", en: "Receivables" }, payable: { zh: "应付", en: "Payables" }, stock: { zh: "存货", en: "Stock" }, general: { zh: "总账", en: "General ledger" } };

export function CloseGates({ period, isOpen, isNext }: { readonly period: string; readonly isOpen: boolean; readonly isNext: boolean }) {
  const t = useT();
  const book = useBook();
  const base = `/books/${seg(book.code)}/periods/${period}`;
  const board = useApi<Board>(`${base}/gates`, { keep: true });
  const [isRunning, setRunning] = useState(false);
  const [ran, setRan] = useState<Ran | null>(null);
  const step = useAct((name: string) => api(`${base}/steps/${name}`, { method: "POST" }));
  const may = isOpen && book.may("periods.close");
  return (
    <>
      <Panel title={t("结账条件", "Gates")} note={board.data ? t(`${board.data.gates.filter(({ state }) => state === "done" || state === "notNeeded").length} / ${board.data.gates.length} 已满足`, `${board.data.gates.filter(({ state }) => state === "done" || state === "notNeeded").length} of ${board.data.gates.length} are true`) : undefined} right={may ? <button type="button" className="btn p" disabled={!isNext} onClick={() => setRunning(true)}>{t("做完各步并结账", "Run the steps and close")}</button> : undefined}>
        <Trouble error={step.error} />
        {ran === null ? null : <RanShown ran={ran} />}
        <Loaded of={board} rows={14} columns={4}>{({ gates }) => <Table<Gate>
          caption={t("结账条件", "Gates")} rows={gates} rowKey={({ gate }) => gate}
          columns={[
            { key: "gate", head: { zh: "条件", en: "Gate" }, wrap: true, cell: (gate) => <>{t(gate)}{gate.isHard ? <span className="sub"> {t("必须", "must")}</span> : null}</> }, { key: "state", head: { zh: "状态", en: "State" }, cell: ({ state }) => <Tag tone={states[state]?.tone}>{t(states[state] ?? { zh: state, en: state })}</Tag> },
            { key: "evidence", head: { zh: "依据", en: "Evidence" }, wide: true, wrap: true, cell: ({ evidence, to }) => (to === "" ? t(evidence) : <Link className="close-fig" to={`/b/${book.code}/${to}` as never}>{t(evidence)}</Link>) },
            { key: "turn", head: { zh: "轮到", en: "Whose turn" }, wide: true, mute: true, cell: ({ duty, state }) => (state === "done" || state === "notNeeded" ? "" : t(turns[duty] ?? { zh: duty, en: duty })) },
            { key: "act", head: { zh: "动作", en: "Act" }, num: true, cell: ({ state, run, to }) => (state === "done" || state === "notNeeded" ? null : run !== null ? may ? <button type="button" className="btn" disabled={step.isPending} onClick={() => step.mutate(run)}>{state === "stale" ? t("再做一次", "Run again") : t("执行", "Run")}</button> : null : <Link className="btn" to={`/b/${book.code}/${to}` as never}>{t("去处理", "Go there")}</Link>) },
          ]}
        />}</Loaded>
      </Panel>
      {board.data === undefined ? null : <Modules period={period} isOpen={isOpen} modules={board.data.modules} />}
      {isRunning && board.data ? <RunDialog period={period} gates={board.data.gates} onClose={() => setRunning(false)} onRan={(result) => { setRunning(false); setRan(result); }} /> : null}
    </>
  );
}

function RanShown({ ran }: { readonly ran: Ran }) {
  const t = useT();
  return (
    <div className={ran.outcome === "closed" ? "state" : "state refused"} role="status">
      <b>{ran.outcome === "closed" ? t("已结账。", "It is closed.") : t("停在下面的事项；已过账的保留，处理后再运行即从这里继续。", "It stopped at what is below; what was posted stays, and the next run goes on from here.")}</b>
      <div className="sub">{ran.steps.filter(({ outcome }) => outcome !== "skipped").map((step) => `${t(stepWords[step.step] ?? { zh: step.step, en: step.step })}${step.outcome === "done" ? "" : " ≠"}${step.vouchers.length > 0 ? ` ${step.vouchers.join(" ")}` : ""}`).join(t("；", "; ")) || t("没有要做的步骤。", "No step was needed.")}</div>
      {ran.steps.flatMap(({ problems }) => problems).map((problem) => <div key={problem.code + problem.en} className="sub">{t(problem)} {t(problem.todo)}</div>)}
      {ran.open.map((gate) => <div key={gate.gate} className="sub">{t(gate)}{t("：", ": ")}{t(gate.evidence)}</div>)}
    </div>
  );
}

/** What is still open and is not a must may be left with a reason, which is kept. */
function RunDialog({ period, gates, onClose, onRan }: { readonly period: string; readonly gates: readonly Gate[]; readonly onClose: () => void; readonly onRan: (ran: Ran) => void }) {
  const t = useT();
  const book = useBook();
  const [accept, setAccept] = useState<ReadonlySet<string>>(new Set());
  const [reason, setReason] = useState("");
  const run = useAct(() => api<Ran>(`/books/${seg(book.code)}/periods/${period}/close-run`, { body: { accept: [...accept], reason } }));
  const soft = gates.filter(({ isHard, run: own, state }) => !isHard && own === null && state !== "done" && state !== "notNeeded");
  const steps = gates.filter(({ run: own, state }) => own !== null && (state === "open" || state === "stale"));
  const toggle = (gate: string): void => { const next = new Set(accept); if (!next.delete(gate)) next.add(gate); setAccept(next); };
  return (
    <Dialog title={t(`做完各步并结账 ${period}`, `Run the steps and close ${period}`)} onClose={onClose} foot={<><button type="button" className="btn" onClick={onClose}>{t("取消", "Cancel")}</button><button type="button" className="btn p" disabled={run.isPending || (accept.size > 0 && reason.trim() === "")} onClick={() => run.mutate(undefined, { onSuccess: onRan })}>{run.isPending ? t("正在结账", "Closing") : t(`结账 ${period}`, `Close ${period}`)}</button></>}>
      <p>{steps.length === 0 ? t("步骤都已做过。", "Every step is done.") : t(`依次执行：${steps.map(({ run: own }) => stepWords[own ?? ""]?.zh ?? own).join("、")}。`, `Runs in order: ${steps.map(({ run: own }) => stepWords[own ?? ""]?.en ?? own).join(", ")}.`)} {t("遇到未满足的条件即停，不需要回退。", "It stops at what is not true; nothing has to be taken back.")}</p>
      {soft.length === 0 ? null : <fieldset className="close-soft"><legend>{t("可写明原因搁置", "May be left open with a reason")}</legend>{soft.map((gate) => <label key={gate.gate}><input type="checkbox" checked={accept.has(gate.gate)} onChange={() => toggle(gate.gate)} /> {t(gate)}<span className="sub"> {t(gate.evidence)}</span></label>)}</fieldset>}
      {accept.size === 0 ? null : <Field label={t("原因（留痕）", "Reason (kept on record)")}><input className="in" value={reason} onChange={(event) => setReason(event.target.value)} /></Field>}
      <Trouble error={run.error} />
    </Dialog>
  );
}

function Modules({ period, isOpen, modules }: { readonly period: string; readonly isOpen: boolean; readonly modules: Board["modules"] }) {
  const t = useT();
  const book = useBook();
  const base = `/books/${seg(book.code)}/periods/${period}/modules`;
  const [reopening, setReopening] = useState<string | null>(null);
  const [reason, setReason] = useState("");
  const close = useAct((module: string) => api(`${base}/${module}/close`, { method: "POST" }));
  const reopen = useAct((module: string) => api(`${base}/${module}/reopen`, { body: { reason } }));
  return (
    <Panel title={t("分模块关账", "Modules")} note={t("先停收该模块的单据，其余照常", "one stops taking its documents, the others go on")}>
      <Trouble error={close.error ?? reopen.error} />
      <Table caption={t("分模块关账", "Modules")} rows={modules} rowKey={({ module }) => module} columns={[
        { key: "module", head: { zh: "模块", en: "Module" }, cell: ({ module }) => t(moduleWords[module] ?? { zh: module, en: module }) }, { key: "state", head: { zh: "状态", en: "State" }, cell: ({ closedAt }) => (!isOpen ? <Tag tone="good">{t("期间已结账", "Period closed")}</Tag> : closedAt === null ? <Tag>{t("未关", "Open")}</Tag> : <Tag tone="good">{t("已关", "Closed")}</Tag>) },
        { key: "by", head: { zh: "经办", en: "By" }, wide: true, mute: true, cell: ({ closedAt, closedBy }) => (closedAt === null ? "" : <><Person id={closedBy} /> {moment(closedAt)}</>) },
        { key: "act", head: { zh: "动作", en: "Act" }, num: true, cell: ({ module, closedAt }) => (!isOpen ? null : closedAt === null ? book.may("periods.close") ? <button type="button" className="btn" disabled={close.isPending} onClick={() => close.mutate(module)}>{t("关账", "Close")}</button> : null : book.may("periods.reopen") ? <button type="button" className="btn" onClick={() => setReopening(module)}>{t("重开", "Reopen")}</button> : null) },
      ]} />
      {reopening === null ? null : <Dialog title={t(`重开 ${moduleWords[reopening]?.zh ?? reopening}`, `Reopen ${moduleWords[reopening]?.en ?? reopening}`)} onClose={() => setReopening(null)} foot={<><button type="button" className="btn" onClick={() => setReopening(null)}>{t("取消", "Cancel")}</button><button type="button" className="btn danger" disabled={reason.trim() === "" || reopen.isPending} onClick={() => reopen.mutate(reopening, { onSuccess: () => { setReopening(null); setReason(""); } })}>{t("重开模块", "Reopen the module")}</button></>}><Field label={t("原因（留痕）", "Reason (kept on record)")}><input className="in" value={reason} onChange={(event) => setReason(event.target.value)} /></Field></Dialog>}
    </Panel>
  );
}
