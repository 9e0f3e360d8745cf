/** 重放差异: what the rules would have made of past documents, by account and period; every figure leads to the documents behind it, with both vouchers. */
import { useState } from "react";
import { seg, usePages, withQuery } from "../app/api.ts";
import { usePeriods } from "../app/session.ts";
import { Amount, count } from "../ui/amount.tsx";
import { ChipSelect, Dialog, moment, Panel, Tag } from "../ui/parts.tsx";
import { Empty, Trouble } from "../ui/states.tsx";
import { type Column, Table } from "../ui/table.tsx";
import { useT } from "../ui/text.ts";
import type { Filters } from "../ui/filters.ts";
import { abs, portion, sum } from "./figures.ts";
import type { ReplayChange, ReplayJob, Source, useReplay } from "./model.ts";
import { TriedById } from "./tried.tsx";

type Replayed = ReturnType<typeof useReplay>;
const problemWords = { "rule.none": { zh: "没有规则", en: "No rule" }, "rule.no_account": { zh: "没有科目", en: "No account" }, "rule.account_unknown": { zh: "科目不可用", en: "Account unknown" }, "rule.unbalanced": { zh: "借贷不平", en: "Off balance" }, "dimension.missing": { zh: "缺辅助核算", en: "Dimension missing" } } as const;
export const sayProblem = (code: string): { readonly zh: string; readonly en: string } => (problemWords as Readonly<Record<string, { readonly zh: string; readonly en: string }>>)[code] ?? { zh: code, en: code };

export function ReplayPanel({ book, source, replayed, accounts, from, to, filters, setFilters, title }: {
  readonly book: string; readonly source: Source; readonly replayed: Replayed; readonly accounts: ReadonlyMap<string, string>; readonly from: string; readonly to: string; readonly filters: Filters; readonly setFilters: (change: Filters) => void; readonly title: string;
}) {
  const t = useT();
  const { job, error } = replayed;
  const periods = (usePeriods().data ?? []).map(({ period }) => period);
  const options = periods.map((period) => ({ value: period, text: period }));
  const isRunning = job?.state === "running" || job?.state === "waiting";
  const list = filters.changes !== undefined;
  return (
    <Panel
      title={t("重放差异", "Replay")} note={title}
      right={job?.state === "done" && job.finishedAt ? t(`${moment(job.finishedAt).slice(11, 16)} 完成，用时 ${seconds(job)} 秒`, `done ${moment(job.finishedAt).slice(11, 16)}, ${seconds(job)} s`) : undefined}
    >
      <div className="rules-progress">
        <ChipSelect label={t("自", "From")} value={filters.from ?? ""} options={[{ value: "", text: filters.from === undefined ? from : t("近三个月", "last quarter") }, ...options]} onChange={(value) => setFilters({ from: value, ...(value > to ? { to: value } : {}) })} />
        <ChipSelect label={t("至", "To")} value={filters.to ?? ""} options={[{ value: "", text: filters.to === undefined ? to : t("本月", "this month") }, ...options]} onChange={(value) => setFilters({ to: value, ...(value !== "" && value < from ? { from: value } : {}) })} />
        {isRunning && job ? <><span className="rules-track" role="progressbar" aria-label={t("重放进度", "Progress")} aria-valuemin={0} aria-valuemax={100} aria-valuenow={percent(job)}><b style={{ width: `${percent(job)}%` }} /></span><span className="sub">{job.state === "waiting" ? t("排队中", "waiting") : `${count(job.evaluated)} / ${count(job.total)}`}</span><button type="button" className="btn" onClick={() => replayed.stop(job.replay)}>{t("停止重放", "Stop")}</button></>
          : <button type="button" className="btn" disabled={replayed.isStarting} onClick={() => replayed.start()}>{job === null || job.state === "cancelled" || job.state === "failed" ? t("重放", "Replay") : t("再重放", "Replay again")}</button>}
      </div>
      {error ? <Trouble error={error} /> : null}
      {job?.problem ? <div className="state failed" role="alert"><b>{t(job.problem.zh, job.problem.en)}</b><div className="sub">{t(job.problem.todo)}</div></div> : null}
      {job === null && !error ? <Empty why={t("还没有重放。", "Nothing has been replayed yet.")} next={t("选期间后重放：用这份规则重算已入账的单据，不改变任何数据，也不耽误记账。", "Choose periods and replay: posted documents are worked out again by these rules. No data changes, and posting goes on.")} /> : null}
      {job?.state === "cancelled" ? <Empty why={t("重放已停止。", "The replay was stopped.")} next={t("缩短期间后再重放。", "Choose fewer periods and replay again.")} /> : null}
      {job?.state === "done" && job.result ? <Result job={job} accounts={accounts} setFilters={setFilters} /> : null}
      {list && job?.state === "done" ? <ChangesDialog book={book} source={source} job={job} filters={filters} setFilters={setFilters} /> : null}
    </Panel>
  );
}

const seconds = (job: ReplayJob): string => String(Math.ceil((job.result?.seconds ?? 0) * 10) / 10);
const percent = (job: ReplayJob): number => (job.total === 0 ? 0 : Math.min(100, Math.trunc((job.evaluated * 100) / job.total)));

function Result({ job, accounts, setFilters }: { readonly job: ReplayJob; readonly accounts: ReadonlyMap<string, string>; readonly setFilters: (change: Filters) => void }) {
  const t = useT();
  const closed = new Set((usePeriods().data ?? []).filter(({ state }) => state === "closed").map(({ period }) => period));
  const result = job.result;
  if (!result) return null;
  const periods = [...new Set(result.differences.map(({ period }) => period))].sort();
  const shown = periods.length <= 4 ? periods : periods.slice(-3);
  const rows = [...new Set(result.differences.map(({ account }) => account))].sort().map((account) => {
    const own = new Map(result.differences.filter((one) => one.account === account).map(({ period, difference }) => [period, difference]));
    return { account, own, total: sum([...own.values()]), earlier: sum(periods.filter((period) => !shown.includes(period)).map((period) => own.get(period) ?? "0")) };
  });
  const most = rows.reduce((max, { total }) => (portion(total, max) > 1 ? abs(total) : max), "0.01");
  const net = sum(rows.map(({ total }) => total));
  const wrong = Object.entries(result.problems);
  const columns: readonly Column<(typeof rows)[number]>[] = [
    { key: "account", head: { zh: "科目", en: "Account" }, cell: ({ account }) => (account === "" ? <span className="bad">{t("没有科目", "No account")}</span> : `${account} ${accounts.get(account) ?? ""}`) },
    { key: "count", head: { zh: "事件", en: "Events" }, num: true, cell: ({ account }) => <button type="button" className="link" onClick={() => setFilters({ changes: "1", account, period: "", problems: "" })}>{count(result.touched[account] ?? 0)}</button>, foot: count(result.changed) },
    ...(periods.length > 4 ? [{ key: "earlier", head: { zh: `${periods[0]} 至 ${periods.at(-4)}`, en: `${periods[0]} to ${periods.at(-4)}` }, num: true, wide: true, cell: ({ earlier }: (typeof rows)[number]) => <Amount of={earlier} exact /> }] : []),
    ...shown.map((period) => ({ key: period, head: closed.has(period) ? { zh: `${period}（已结账）`, en: `${period} (closed)` } : period, num: true, wide: true, cell: ({ own, account }: (typeof rows)[number]) => { const amount = own.get(period); return amount === undefined ? <span className="z">–</span> : <button type="button" className="link" onClick={() => setFilters({ changes: "1", account, period, problems: "" })}><Amount of={amount} exact /></button>; }, foot: <Amount of={sum(rows.map(({ own }) => own.get(period) ?? "0"))} exact /> })),
    { key: "total", head: { zh: "差异（元）", en: "Difference" }, num: true, line: true, cell: ({ total }) => <Amount of={total} exact />, foot: <Amount of={net} exact /> },
    { key: "bar", head: { zh: "新 − 旧", en: "New − old" }, wide: true, cell: ({ total }) => { const width = Math.max(2, portion(total, most) * 74); return <span className="rules-bar" aria-hidden="true"><i style={total.startsWith("-") ? { right: "50%", width, background: "var(--c2)" } : { left: "50%", width, background: "var(--c1)" }} /></span>; } },
    { key: "see", head: "", num: true, cell: ({ account }) => <button type="button" className="link" onClick={() => setFilters({ changes: "1", account, period: "", problems: "" })}>{t("逐张看", "Each")}</button> },
  ];
  return (
    <>
      <div className="rules-figures">
        <Figure label={t("重放单据", "Documents")} value={count(result.documents)} />
        <Figure label={t("规则有变的事件", "Events with other rules")} value={count(result.evaluated)} />
        <Figure label={t("结果不变", "Unchanged")} value={count(result.evaluated - result.changed)} />
        <div><div className="sub">{t("结果改变", "Changed")}</div><div className="mid">{result.changed === 0 ? <span className="z">–</span> : <button type="button" className="link" onClick={() => setFilters({ changes: "1", account: "", period: "", problems: "" })}>{count(result.changed)}</button>}</div></div>
        <div><div className="sub">{t("借贷净差", "Net")}</div><div className="mid"><Amount of={net} exact /></div></div>
      </div>
      {wrong.length > 0 ? <div className="state refused" role="alert"><b>{wrong.map(([code, n]) => t(`${count(n)} 个事件${sayProblem(code).zh}`, `${count(n)} events: ${sayProblem(code).en.toLowerCase()}`)).join(t("，", ", "))}</b><div className="sub">{t("批准后这些单据会挂起。", "Once approved, such documents would be parked.")} <button type="button" className="link" onClick={() => setFilters({ changes: "1", problems: "true", account: "", period: "" })}>{t("逐张看", "See each")}</button></div></div> : null}
      {result.hidden > 0 ? <p className="sub pb">{t(`其中 ${count(result.hidden)} 个事件的金额无权查看，不在下列数字中。`, `${count(result.hidden)} of them have amounts that you may not see; they are in no figure below.`)}</p> : null}
      {rows.length === 0 ? <Empty why={result.changed === 0 ? t("没有差异。", "There is no difference.") : t("改变的事件在科目上没有净差。", "What changed leaves no account with another figure.")} next={result.evaluated === 0 ? t("这份规则与入账时的规则逐字相同，或期间内没有用到改动的规则。", "These rules are word for word those of the posting, or no document of these periods uses what changed.") : undefined} />
        : <Table caption={t("按科目与期间的差异", "Differences by account and period")} rows={rows} rowKey={({ account }) => account} footLabel={t(`合计 ${rows.length} 个科目`, `${rows.length} accounts`)} columns={columns} />}
    </>
  );
}
const Figure = ({ label, value }: { readonly label: string; readonly value: string }) => <div><div className="sub">{label}</div><div className="mid">{value === "0" ? <span className="z">–</span> : value}</div></div>;

function ChangesDialog({ book, source, job, filters, setFilters }: { readonly book: string; readonly source: Source; readonly job: ReplayJob; readonly filters: Filters; readonly setFilters: (change: Filters) => void }) {
  const t = useT();
  const pages = usePages<ReplayChange>(withQuery(`/books/${seg(book)}/rules/replays/${job.replay}/changes`, { account: filters.account, period: filters.period, problems: filters.problems === "true" ? true : undefined }), 50);
  const [chosen, setChosen] = useState<string | null>(null);
  const open = chosen ?? pages.rows[0]?.document ?? null;
  return (
    <Dialog kind="wide" title={`${t("改变的单据", "Documents that change")}${filters.account ? ` ${filters.account}` : ""}${filters.period ? ` ${filters.period}` : ""}`} onClose={() => setFilters({ changes: "", account: "", period: "", problems: "" })}>
      {pages.error ? <Trouble error={pages.error} /> : null}
      {job.listed < (job.result?.changed ?? 0) ? <p className="sub">{t(`只列前 ${count(job.listed)} 个`, `The first ${count(job.listed)} are listed`)}</p> : null}
      <div className="rules-two">
        <div className="list" role="group" aria-label={t("改变的单据", "Documents that change")}>
          {pages.rows.map((row) => <button key={row.cursor} type="button" className={row.document === open ? "on" : undefined} aria-pressed={row.document === open} onClick={() => setChosen(row.document)}><span className="r"><Amount of={row.moved} exact hidden={row.moved === ""} /></span>{row.document.slice(row.document.indexOf("/") + 1)}<span className="sub" style={{ display: "block" }}>{row.period} {row.ruleBefore} → {row.ruleAfter || t("没有规则", "no rule")} {row.problem === "" ? null : <Tag tone="bad">{t(sayProblem(row.problem))}</Tag>}</span></button>)}
          {pages.more ? <button type="button" onClick={pages.more}>{t("再显示一些", "Show more")}</button> : null}
          {pages.rows.length === 0 && !pages.isPending ? <Empty why={t("没有这样的单据。", "There is none.")} /> : null}
        </div>
        <div>{open === null ? null : <TriedById book={book} source={source} of={open} />}</div>
      </div>
    </Dialog>
  );
}
