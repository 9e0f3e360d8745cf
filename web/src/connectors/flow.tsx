/** One flow: how it stands, what it reads, its definition and versions, where it continues from, and what can be done with it. */
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { api, seg, useAct, useApi, withQuery } from "../app/api.ts";
import { useBook } from "../app/session.ts";
import { count } from "../ui/amount.tsx";
import { useFilters } from "../ui/filters.ts";
import { AsOf, Dot, moment, Page, Panel, span, Tag } from "../ui/parts.tsx";
import { Empty, Loaded, Trouble } from "../ui/states.tsx";
import { Table } from "../ui/table.tsx";
import { useT, type Words } from "../ui/text.ts";
import { ApplyDialog } from "./apply.tsx";
import "./connectors.css";
import { Attention } from "./flows.tsx";
import { type FlowShown, type Problem, type Stream, sumOf } from "./model.ts";
import { ConnectorTabs, FlowTag } from "./parts.tsx";
import { ReplayDialog } from "./replay.tsx";

type Checked = { readonly isFine: boolean; readonly failures: readonly { readonly failure: string; readonly problem: Problem }[] };
const failureWords = { config: { zh: "定义", en: "Definition" }, auth: { zh: "登录", en: "Login" }, network: { zh: "网络", en: "Network" }, permission: { zh: "权限", en: "Permission" } } as const;

export function FlowPage() {
  const t = useT();
  const book = useBook();
  const [{ flow: name = "" }] = useFilters();
  const base = `/books/${seg(book.code)}/flows/${seg(name)}`;
  const flow = useApi<FlowShown>(name === "" ? null : base, { refetchMs: 5_000, keep: true });
  const act = useAct((what: string) => api(`${base}/${what}`, { method: "POST", body: {} }));
  const check = useAct(() => api<Checked>(`${base}/check`, { method: "POST", body: {} }));
  const [isEditing, setEditing] = useState(false);
  const [isReplaying, setReplaying] = useState(false);
  const { data } = flow;
  const may = book.may("flows.manage");
  return (
    <Page
      title={name || t("数据流", "Flow")} crumb={{ to: `/b/${book.code}/connectors`, text: t("接入", "Sources") }} tags={data ? <FlowTag of={data.state} /> : undefined} tabs={<ConnectorTabs />}
      asOf={data ? <AsOf at={new Date(flow.dataUpdatedAt).toISOString()} isStale={data.lagSeconds > 60} more={<>{data.direction === "out" ? "→ " : ""}{data.connector}<Dot />{t(`第 ${data.version} 版`, `Version ${data.version}`)}</>} /> : undefined}
      acts={data && may ? <>
        <button type="button" className="btn" disabled={check.isPending} onClick={() => check.mutate(undefined as never)}>{t("检查连接", "Check")}</button>
        {data.state === "paused" || data.state === "stopped" ? <button type="button" className="btn p" disabled={act.isPending} onClick={() => act.mutate("resume")}>{t("恢复运行", "Resume")}</button> : <><button type="button" className="btn" disabled={act.isPending} onClick={() => act.mutate("pause")}>{t("暂停", "Pause")}</button><button type="button" className="btn p" disabled={act.isPending} onClick={() => act.mutate("run")}>{t("立即运行", "Run now")}</button></>}
      </> : undefined}
    >
      {name === "" ? <Empty why={t("没有指明数据流。", "No flow is named.")} next={<Link to={`/b/${book.code}/connectors`}>{t("看全部数据流", "See all flows")}</Link>} /> : null}
      <Trouble error={act.error ?? check.error} />
      {act.isSuccess && act.variables === "run" ? <div className="state" role="status"><b>{t("已请求运行，一秒内开始。", "Asked to run; it begins within a second.")}</b></div> : null}
      {check.data ? <div className={`state ${check.data.isFine ? "" : "refused"}`} role="status">{check.data.isFine ? <b className="good">{t("定义、登录、网络与权限都正常。", "Definition, login, network and permission are fine.")}</b> : check.data.failures.map(({ failure, problem }, at) => <div key={at}><b>{t(failureWords[failure as keyof typeof failureWords] ?? failure)}{t("：", ": ")}{t(problem.zh, problem.en)}</b><div className="sub">{t(problem.todo)}</div></div>)}</div> : null}
      {name === "" ? null : <Loaded of={flow} rows={8} columns={4}>{(shown) => (
        <>
          {shown.problem !== null || shown.frozen.length > 0 || shown.isSilent ? <Attention of={shown} /> : null}
          <div className="cols detail">
            <div className="stack">
              <Standing of={shown} />
              {shown.direction === "in" ? <Streams of={shown} base={base} may={may} /> : null}
              <Panel title={t("定义", "Definition")} note={shown.mapping === "" ? undefined : t(`映射 ${shown.mapping}`, `Mapping ${shown.mapping}`)} right={may ? <button type="button" className="link" onClick={() => setEditing(true)}>{t("编辑定义", "Edit the definition")}</button> : undefined}><div className="pb"><pre className="code connectors-code" tabIndex={0}>{shown.yaml}</pre></div></Panel>
            </div>
            <div className="stack">
              {shown.direction === "in" && may ? <Panel title={t("重放", "Replay")}><div className="pb"><p className="sub">{t("用现在的映射重新处理已收到的记录：先试算差异，再决定是否重建。", "Process received records again with the mapping as it is now: first see what would differ, then decide.")}</p></div><div className="foot"><button type="button" className="btn" onClick={() => setReplaying(true)}>{t("试算重放", "Try a replay")}</button></div></Panel> : null}
              <Checkpoints of={shown} />
              <Versions of={shown} />
            </div>
          </div>
          {isEditing ? <ApplyDialog title={t(`编辑 ${shown.flow} 的定义`, `Definition of ${shown.flow}`)} yaml={shown.yaml} onClose={() => setEditing(false)} /> : null}
          {isReplaying ? <ReplayDialog flow={shown.flow} onClose={() => setReplaying(false)} /> : null}
        </>
      )}</Loaded>}
    </Page>
  );
}

function Standing({ of }: { readonly of: FlowShown }) {
  const t = useT();
  const book = useBook();
  const fact = (label: string, value: ReactNode, note?: ReactNode) => <div key={label}><dt>{label}</dt><dd>{value}{note ? <span className="sub">{note}</span> : null}</dd></div>;
  const figure = (n: number, to?: string, tone?: string) => (n === 0 ? <span className="z">–</span> : to === undefined ? count(n) : <Link className={tone} to={to as never}>{count(n)}</Link>);
  const { counts, deliveries } = of;
  return (
    <Panel title={of.direction === "in" ? t("记录在哪里", "Where its records are") : t("凭证在哪里", "Where the vouchers are")}>
      <dl className="connectors-facts">
        {of.direction === "in" ? [
          fact(t("延迟", "Lag"), of.lagSeconds === 0 ? <span className="z">–</span> : span(of.lagSeconds, t), of.phase === "" ? undefined : t(phaseWords[of.phase] ?? of.phase)), fact(t("每分钟", "A minute"), figure(of.perMinute)), fact(t("收到", "Received"), figure(counts.received)), fact(t("入账", "Posted"), figure(counts.posted)),
          fact(t("等待", "Waiting"), figure(counts.waiting, `/b/${book.code}/documents/waiting`)), fact(t("挂起", "Parked"), figure(counts.parked, `/b/${book.code}/documents/parked`, "warn")), fact(t("忽略", "Ignored"), figure(counts.ignored)), fact(t("待处理", "Pending"), figure(counts.pending + counts.arriving)),
          fact(t("死信", "Dead letters"), figure(of.deadLetters, withQuery(`/b/${book.code}/connectors/dead-letters`, { flow: of.flow }), "bad")),
        ] : [
          fact(t("待送", "To send"), figure(sumOf(deliveries, "behind", "pending", "sending"))), ...(["sent", "confirmed", "unknown", "held", "rejected", "drifted", "voided", "ignored"] as const).map((state) => fact(t(deliveryWords[state]), figure(deliveries[state] ?? 0, withQuery(`/b/${book.code}/delivery`, { flow: of.flow, state })))), fact(t("未送出范围", "Left out"), figure(deliveries.leftOut ?? 0)),
        ]}
        {fact(t("最近一条", "Last record"), <span className="sub">{of.recordAt ?? of.landedAt ? moment(of.recordAt ?? of.landedAt ?? "") : "–"}</span>)}
        {of.nextRunAt === null ? null : fact(t("下次运行", "Next run"), <span className="sub">{moment(of.nextRunAt)}</span>)}
        {of.breaker.failures === 0 ? null : fact(t("连续失败", "Failures in a row"), <span className="warn">{of.breaker.failures}</span>, of.breaker.retryAt === null ? undefined : t(`下次 ${moment(of.breaker.retryAt)}`, `next ${moment(of.breaker.retryAt)}`))}
      </dl>
    </Panel>
  );
}

const phaseWords: Readonly<Record<string, Words>> = { snapshot: { zh: "首次读取", en: "First reading" }, catchup: { zh: "追赶中", en: "Catching up" }, live: { zh: "实时", en: "Live" }, done: { zh: "已读完", en: "Read to the end" } };
const deliveryWords = { sent: { zh: "已收", en: "Acknowledged" }, confirmed: { zh: "已核", en: "Confirmed" }, unknown: { zh: "不明", en: "Unknown" }, held: { zh: "挂起", en: "Held" }, rejected: { zh: "被拒", en: "Rejected" }, drifted: { zh: "漂移", en: "Drifted" }, voided: { zh: "作废", en: "Voided" }, ignored: { zh: "不送", en: "Not sent" } } as const;

function Streams({ of, base, may }: { readonly of: FlowShown; readonly base: string; readonly may: boolean }) {
  const t = useT();
  const accept = useAct((stream: string) => api(`${base}/accept`, { body: { stream } }));
  return (
    <Panel title={t("数据流中的表", "Streams")} note={t(`${of.streams.length} 个`, `${of.streams.length}`)}>
      {of.streams.length === 0 ? <Empty why={t("还没有读到结构。", "No structure has been read yet.")} next={t("首次运行后列出各表的字段与主键。", "After the first run its streams stand here with fields and keys.")} /> : (
        <Table<Stream>
          caption={t("数据流中的表", "Streams")} rows={of.streams} rowKey={(stream) => stream.stream}
          columns={[
            { key: "stream", head: { zh: "表", en: "Stream" }, cell: (stream) => <span className="mono">{stream.stream}</span> }, { key: "fields", head: { zh: "字段", en: "Fields" }, num: true, cell: (stream) => stream.fields }, { key: "key", head: { zh: "主键", en: "Key" }, cell: (stream) => <span className="mono">{stream.key || "–"}</span>, wide: true },
            { key: "accepted", head: { zh: "结构接受于", en: "Structure accepted" }, cell: (stream) => moment(stream.acceptedAt), wide: true, mute: true },
            { key: "pending", head: { zh: "变化", en: "Change" }, wrap: true, cell: (stream) => (stream.pending ? <><Tag tone="warn">{t("待接受", "To accept")}</Tag> <span className="mono">{changesText(stream.changes)}</span>{may ? <> <button type="button" className="btn" disabled={accept.isPending} onClick={() => accept.mutate(stream.stream)}>{t("接受结构变化", "Accept the change")}</button></> : null}</> : null) },
          ]}
        />
      )}
      <Trouble error={accept.error} />
    </Panel>
  );
}

const changesText = (changes: unknown): string => (Array.isArray(changes) ? (changes as readonly Record<string, unknown>[]).map((change) => Object.values(change).filter((value) => typeof value === "string" || typeof value === "boolean").join(" ")).join("; ") : changes === null || changes === undefined ? "" : JSON.stringify(changes));

function Checkpoints({ of }: { readonly of: FlowShown }) {
  const t = useT();
  if (of.checkpoints.length === 0) return null;
  return <Panel title={t("断点", "Checkpoints")} note={t("中断后从这里继续", "Where it goes on after a stop")}>{of.checkpoints.map((checkpoint) => <div key={checkpoint.scope} className="connectors-section"><div className="row"><b>{checkpoint.scope || t("全部", "whole")}</b><span className="sub">{moment(checkpoint.at)}</span></div><pre className="code" tabIndex={0}>{JSON.stringify(checkpoint.state, null, 1).slice(0, 2_000)}</pre></div>)}</Panel>;
}

function Versions({ of }: { readonly of: FlowShown }) {
  const t = useT();
  return <Panel title={t("版本", "Versions")}><div className="list">{[...of.versions].reverse().map((version) => <div key={version.version}><span className="r sub">{moment(version.appliedAt)}</span>{t(`第 ${version.version} 版`, `Version ${version.version}`)}<div className="sub">{version.appliedBy}{version.mapping ? <><Dot />{version.mapping}</> : null}</div></div>)}</div></Panel>;
}
