/** 结账: what each period still lacks, the tasks of its month end, and closing it in order; reopening the last closed one with a reason. */
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { api, seg, useAct, useApi } from "../app/api.ts";
import { useBook } from "../app/session.ts";
import { Amount, count } from "../ui/amount.tsx";
import { useFilters } from "../ui/filters.ts";
import { Dialog, Field, moment, Panel, Tag } from "../ui/parts.tsx";
import { Empty, Loaded, Trouble } from "../ui/states.tsx";
import { type Column, Table } from "../ui/table.tsx";
import { useT } from "../ui/text.ts";
import { documentAddress } from "../vouchers/model.ts";
import { useNames } from "../vouchers/words.tsx";
import { signOf } from "./decimal.ts";
import { CloseGates } from "./close-gates.tsx";
import { BooksPage } from "./frame.tsx";

type Period = { readonly period: string; readonly state: "open" | "closed"; readonly closedAt: string | null; readonly closedBy: string | null; readonly vouchers: number; readonly turnover: string; readonly waiting: number; readonly parked: number; readonly drafts: number; readonly off: string; readonly isNext: boolean };
type Act = { readonly what: "period.closed" | "period.reopened"; readonly period: string; readonly at: string; readonly by: string; readonly reason: string };
type Board = { readonly periods: readonly Period[]; readonly acts: readonly Act[] };
type Run = { readonly document: string; readonly kind: string; readonly date: string; readonly state: string; readonly at: string; readonly by: string; readonly vouchers: readonly string[] };
type Task = { readonly task: string; readonly zh: string; readonly en: string; readonly isUsual: boolean; readonly runs: readonly Run[] };
type Said = { readonly code: string; readonly zh: string; readonly en: string; readonly todo: { readonly zh: string; readonly en: string } };
type Result = { readonly document: string; readonly state: string; readonly vouchers: readonly string[]; readonly exempt?: string; readonly reasons: readonly Said[] };
type Proof = { readonly isRunning: boolean; readonly at: string | null; readonly by: string; readonly result: { readonly isWhole: boolean; readonly findings: readonly unknown[]; readonly vouchers: number } | null };

export function Close() {
  const t = useT();
  const book = useBook();
  const { nameOf: names } = useNames();
  const [filters, setFilters] = useFilters();
  const board = useApi<Board>(`/books/${seg(book.code)}/close-board`, { keep: true });
  const periods = board.data?.periods ?? [];
  const chosen = periods.find(({ period }) => period === filters.period) ?? periods.find(({ isNext }) => isNext) ?? periods.at(-1);
  const gate = (n: number, to: string): ReactNode => (n === 0 ? <Amount of="0" /> : <Link className="warn" to={to}>{count(n)}</Link>);
  const columns: Column<Period>[] = [
    { key: "period", head: { zh: "期间", en: "Period" }, cell: ({ period }) => <button type="button" className="link" onClick={() => setFilters({ period })}>{period}</button> },
    { key: "state", head: { zh: "状态", en: "State" }, cell: ({ state, isNext }) => (state === "closed" ? <Tag tone="good">{t("已结账", "Closed")}</Tag> : isNext ? <Tag tone="warn">{t("轮到它", "Its turn")}</Tag> : <Tag>{t("未结账", "Open")}</Tag>) },
    { key: "vouchers", head: { zh: "凭证", en: "Vouchers" }, num: true, wide: true, line: true, cell: ({ period, vouchers }) => (vouchers === 0 ? <Amount of="0" /> : <Link className="books-fig" to={`/b/${book.code}/vouchers?from=${period}&to=${period}`}>{count(vouchers)}</Link>) },
    { key: "turnover", head: { zh: "借方发生额（元）", en: "Debits (CNY)" }, num: true, wide: true, cell: ({ period, turnover }) => <Link className="books-fig" to={`/b/${book.code}/books?from=${period}&to=${period}`}><Amount of={turnover} /></Link> },
    { key: "waiting", head: { zh: "等待", en: "Waiting" }, num: true, wide: true, line: true, cell: ({ waiting, period }) => gate(waiting, `/b/${book.code}/documents?state=waiting&period=${period}`) },
    { key: "parked", head: { zh: "挂起", en: "Parked" }, num: true, wide: true, cell: ({ parked }) => gate(parked, `/b/${book.code}/documents/parked`) },
    { key: "drafts", head: { zh: "待审核", en: "To review" }, num: true, wide: true, cell: ({ drafts }) => gate(drafts, `/b/${book.code}/vouchers/review`) },
    { key: "off", head: { zh: "借贷差", en: "Difference" }, num: true, wide: true, cell: ({ off }) => (signOf(off) === 0 ? <span className="good">=</span> : <span className="bad">≠ <Amount of={off} /></span>) },
    { key: "closed", head: { zh: "结账人与时间", en: "Closed by" }, wide: true, line: true, mute: true, cell: ({ state, closedBy, closedAt }) => (state === "closed" ? `${names(closedBy ?? "")} ${closedAt === null ? "" : moment(closedAt)}` : "") },
  ];
  return (
    <BooksPage title={t("结账", "Close")} asOf={chosen ? t(`${periods.filter(({ state }) => state === "closed").length} 期已结账`, `${periods.filter(({ state }) => state === "closed").length} closed`) : undefined}>
      <Loaded of={board} rows={10} columns={8} isEmpty={({ periods: all }) => all.length === 0} empty={<Panel><Empty why={t("这本账还没有期间。", "This book has no periods.")} /></Panel>}>
        {(data) => <>
          {chosen ? <Chosen key={chosen.period} period={chosen} all={data.periods} /> : null}
          <Panel title={t("各期间", "All periods")}><Table<Period> caption={t("各期间", "All periods")} columns={columns} rows={data.periods} rowKey={({ period }) => period} onOpen={({ period }) => setFilters({ period })} selected={chosen?.period} /></Panel>
          {data.acts.length === 0 ? null : <Panel title={t("结账与反结账记录", "Closings and reopenings")}><Table<Act> caption={t("结账与反结账记录", "Closings and reopenings")} rows={data.acts} rowKey={(act) => `${act.at} ${act.period}`} columns={[
            { key: "at", head: { zh: "时间", en: "When" }, cell: ({ at }) => moment(at) }, { key: "period", head: { zh: "期间", en: "Period" }, cell: ({ period }) => period }, { key: "what", head: { zh: "动作", en: "What" }, cell: ({ what }) => (what === "period.closed" ? t("结账", "Closed") : t("反结账", "Reopened")) },
            { key: "by", head: { zh: "经办", en: "Who" }, cell: ({ by }) => names(by) }, { key: "reason", head: { zh: "理由", en: "Reason" }, wide: true, wrap: true, cell: ({ reason }) => reason },
          ]} /></Panel>}
        </>}
      </Loaded>
    </BooksPage>
  );
}

/** The period at hand: its gates, its tasks, the act. */
function Chosen({ period: { period, state, waiting, parked, drafts, off, isNext, vouchers }, all }: { readonly period: Period; readonly all: readonly Period[] }) {
  const t = useT();
  const book = useBook();
  const base = `/books/${seg(book.code)}`;
  const [isReopening, setReopening] = useState(false);
  const [isClosing, setClosing] = useState(false);
  const proof = useApi<Proof>(`${base}/verify/last`, { refetchMs: 10_000, keep: true }).data;
  const close = useAct(() => api(`${base}/periods/${period}/close`, { method: "POST" }));
  const isLastClosed = state === "closed" && all.filter((one) => one.state === "closed").at(-1)?.period === period;
  const isReady = waiting + parked + drafts === 0 && signOf(off) === 0;
  const gates = [
    { n: waiting, words: t("等待的单据", "Documents waiting"), to: `/b/${book.code}/documents?state=waiting&period=${period}` }, { n: parked, words: t("挂起的单据", "Documents parked"), to: `/b/${book.code}/documents/parked?period=${period}` }, { n: drafts, words: t("待审核凭证", "Vouchers to review"), to: `/b/${book.code}/vouchers/review` },
  ];
  return <>
    <Panel
      title={period} note={state === "closed" ? t("已结账", "closed") : isNext ? t("下一个要结的期间", "the next to close") : t("之前的期间尚未结账", "earlier periods are still open")}
      right={<span className="row">
        {state === "open" && book.may("periods.close") ? <button type="button" className="btn" disabled={!isNext || !isReady || close.isPending} onClick={() => setClosing(true)}>{t(`结账 ${period}`, `Close ${period}`)}</button> : null}
        {isLastClosed && book.may("periods.reopen") ? <button type="button" className="btn" onClick={() => setReopening(true)}>{t(`反结账 ${period}`, `Reopen ${period}`)}</button> : null}
      </span>}
    >
      {close.error ? <Trouble error={close.error} /> : null}
      <div className="books-gates">
        {gates.map(({ n, words, to }) => <Link key={words} to={to}><span>{words}</span><b className={n > 0 ? "warn" : undefined}>{n === 0 ? "–" : count(n)}</b></Link>)}
        <Link to={`/b/${book.code}/books/verify`}><span>{t("借贷与验证", "Balance and proof")}</span><b className={signOf(off) === 0 ? "good" : "bad"}>{signOf(off) === 0 ? "=" : "≠"} </b><span>{proof === undefined ? "" : proof.isRunning ? t("正在验证", "proof running") : proof.result === null ? t("尚未验证", "not proved yet") : proof.result.isWhole ? t("验证无问题", "proof found nothing") : t(`验证有 ${proof.result.findings.length} 项问题`, `proof: ${proof.result.findings.length} findings`)}</span></Link>
      </div>
    </Panel>
    <CloseGates period={period} isOpen={state === "open"} isNext={isNext} />
    <Tasks period={period} isOpen={state === "open"} />
    {isClosing ? <CloseDialog period={period} vouchers={vouchers} onClose={() => setClosing(false)} onDone={() => { setClosing(false); close.mutate(undefined); }} /> : null}
    {isReopening ? <Reopen period={period} onClose={() => setReopening(false)} /> : null}
  </>;
}

function CloseDialog({ period, vouchers, onClose, onDone }: { readonly period: string; readonly vouchers: number; readonly onClose: () => void; readonly onDone: () => void }) {
  const t = useT();
  const book = useBook();
  const tasks = useApi<readonly Task[]>(`/books/${seg(book.code)}/periods/${period}/tasks`).data ?? [];
  const missing = tasks.filter(({ isUsual, runs }) => isUsual && runs.every(({ state }) => state !== "posted" && state !== "exempt"));
  return (
    <Dialog title={t(`结账 ${period}`, `Close ${period}`)} onClose={onClose} foot={<><button type="button" className="btn" onClick={onClose}>{t("取消", "Cancel")}</button><button type="button" className="btn p" onClick={onDone}>{t(`结账 ${period}`, `Close ${period}`)}</button></>}>
      <p>{t(`${period} 共 ${count(vouchers)} 张凭证。结账后本期间不再接受凭证；反结账须写明理由。`, `${period} has ${count(vouchers)} vouchers. Once closed it takes no more; reopening needs a reason.`)}</p>
      {missing.length === 0 ? null : <div className="state refused"><b>{t("这些期末任务还没有做：", "These tasks have not been run:")}</b><div className="sub">{missing.map((task) => t(task)).join(t("、", ", "))}</div></div>}
    </Dialog>
  );
}

function Reopen({ period, onClose }: { readonly period: string; readonly onClose: () => void }) {
  const t = useT();
  const book = useBook();
  const [reason, setReason] = useState("");
  const reopen = useAct(() => api(`/books/${seg(book.code)}/periods/${period}/reopen`, { body: { reason } }));
  return (
    <Dialog title={t(`反结账 ${period}`, `Reopen ${period}`)} onClose={onClose} foot={<><button type="button" className="btn" onClick={onClose}>{t("取消", "Cancel")}</button><button type="button" className="btn danger" disabled={reason.trim() === "" || reopen.isPending} onClick={() => reopen.mutate(undefined, { onSuccess: onClose })}>{t(`反结账 ${period}`, `Reopen ${period}`)}</button></>}>
      <Field label={t("理由（留痕）", "Reason (kept on record)")}><textarea className="in" autoFocus value={reason} onChange={(event) => setReason(event.target.value)} /></Field>
      {reopen.error ? <Trouble error={reopen.error} /> : null}
    </Dialog>
  );
}

function Tasks({ period, isOpen }: { readonly period: string; readonly isOpen: boolean }) {
  const t = useT();
  const book = useBook();
  const { nameOf: names } = useNames();
  const base = `/books/${seg(book.code)}/periods/${period}`;
  const tasks = useApi<readonly Task[]>(`${base}/tasks`, { keep: true });
  const [asking, setAsking] = useState<Task | null>(null);
  const [answer, setAnswer] = useState<{ readonly task: Task; readonly result: Result } | null>(null);
  const run = useAct(({ task, body }: { readonly task: Task; readonly body: Readonly<Record<string, string>> }) => api<Result>(`${base}/run/${task.task}`, { body }).then((result) => { setAnswer({ task, result }); return result; }));
  const start = (task: Task): void => { setAnswer(null); if (questions[task.task]) setAsking(task); else run.mutate({ task, body: {} }); };
  const mayRun = isOpen && book.may("periods.close");
  return (
    <Panel title={t("期末任务", "Month-end tasks")} note={t("按此顺序做；再做一次只补入其后的变化", "In this order; another run posts only what has changed since")}>
      {run.error ? <Trouble error={run.error} /> : null}
      {answer === null ? null : <Answer task={answer.task} result={answer.result} period={period} />}
      <Loaded of={tasks} rows={9} columns={4}>
        {(rows) => <Table<Task> caption={t("期末任务", "Month-end tasks")} rows={rows} rowKey={({ task }) => task} columns={[
          { key: "task", head: { zh: "任务", en: "Task" }, cell: (task) => t(task) },
          { key: "state", head: { zh: "状态", en: "State" }, cell: ({ runs, isUsual }) => { const last = runs.at(-1); return last === undefined ? (isUsual ? <Tag tone="warn">{t("未做", "Not run")}</Tag> : <span className="mut">{t("按需", "As needed")}</span>) : last.state === "posted" || last.state === "exempt" ? <Tag tone="good">{t(`已做 ${runs.length} 次`, `Run ${runs.length}×`)}</Tag> : <Tag tone="warn">{last.state === "parked" ? t("挂起", "Parked") : t("等待", "Waiting")}</Tag>; } },
          { key: "vouchers", head: { zh: "凭证", en: "Vouchers" }, wide: true, cell: ({ runs }) => { const numbers = runs.flatMap(({ vouchers }) => vouchers); return <>{numbers.slice(0, 3).map((number) => <Link key={number} className="books-dim" to={`/b/${book.code}/vouchers/${period}/${encodeURIComponent(number)}`}>{number}</Link>)}{numbers.length > 3 ? t(`等 ${numbers.length} 张`, `of ${numbers.length}`) : ""}{numbers.length === 0 && runs.length > 0 ? <Link to={documentAddress(book.code, runs.at(-1)?.document ?? "")}>{t("没有要记的", "Nothing to post")}</Link> : null}</>; } },
          { key: "at", head: { zh: "最近一次", en: "Last run" }, wide: true, mute: true, cell: ({ runs }) => { const last = runs.at(-1); return last ? `${moment(last.at)} ${names(last.by)}` : ""; } },
          { key: "act", head: { zh: "动作", en: "Act" }, num: true, cell: (task) => (mayRun ? <button type="button" className="btn" disabled={run.isPending} onClick={() => start(task)}>{task.runs.length === 0 ? t("执行", "Run") : t("再做一次", "Run again")}</button> : null) },
        ]} />}
      </Loaded>
      {asking === null ? null : <Ask task={asking} onClose={() => setAsking(null)} onRun={(body) => { setAsking(null); run.mutate({ task: asking, body }); }} />}
    </Panel>
  );
}

function Answer({ task, result, period }: { readonly task: Task; readonly result: Result; readonly period: string }) {
  const t = useT();
  const book = useBook();
  const isDone = result.state === "posted" || result.state === "duplicate";
  return (
    <div className={`state${isDone ? "" : " refused"}`} role="status">
      <b>{isDone ? (result.vouchers.length === 0 ? t(`${task.zh}：没有要记的。`, `${task.en}: nothing to post.`) : t(`${task.zh}：记了 ${result.vouchers.length} 张凭证。`, `${task.en}: ${result.vouchers.length} vouchers posted.`)) : t(`${task.zh}没有入账。`, `${task.en} was not posted.`)}</b>
      <div className="sub">{result.vouchers.slice(0, 8).map((number) => <Link key={number} className="books-dim" to={`/b/${book.code}/vouchers/${period}/${encodeURIComponent(number)}`}>{number}</Link>)}{result.reasons.map((reason) => <span key={reason.code}>{t(reason.zh, reason.en)} {t(reason.todo)}</span>)}</div>
    </div>
  );
}

/** What a task has to be told, beside the period. */
const questions: Readonly<Record<string, readonly { readonly name: string; readonly zh: string; readonly en: string; readonly fallback: string }[]>> = {
  surtax: [{ name: "cityRate", zh: "城建税率", en: "City construction tax rate", fallback: "0.07" }],
  "income-tax": [{ name: "amount", zh: "计提金额（元）", en: "Amount to provide (CNY)", fallback: "" }],
  "year-end": [{ name: "reserveRate", zh: "盈余公积比例", en: "Share for the reserve", fallback: "0.10" }],
  fx: [{ name: "foreignCurrency", zh: "币种", en: "Currency", fallback: "USD" }, { name: "closingRate", zh: "期末汇率", en: "Closing rate", fallback: "" }],
};

function Ask({ task, onClose, onRun }: { readonly task: Task; readonly onClose: () => void; readonly onRun: (body: Readonly<Record<string, string>>) => void }) {
  const t = useT();
  const asked = questions[task.task] ?? [];
  const [values, setValues] = useState<Readonly<Record<string, string>>>(Object.fromEntries(asked.map(({ name, fallback }) => [name, fallback])));
  const body = Object.fromEntries(Object.entries(values).filter(([, value]) => value.trim() !== ""));
  return (
    <Dialog title={t(task)} onClose={onClose} foot={<><button type="button" className="btn" onClick={onClose}>{t("取消", "Cancel")}</button><button type="button" className="btn p" disabled={asked.some(({ name, fallback }) => fallback !== "" && !body[name])} onClick={() => onRun(body)}>{t("执行", "Run")}</button></>}>
      {asked.map(({ name, zh, en }) => <Field key={name} label={t(zh, en)}><input className="in" value={values[name] ?? ""} onChange={(event) => setValues({ ...values, [name]: event.target.value })} /></Field>)}
    </Dialog>
  );
}
