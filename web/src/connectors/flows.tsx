/** 接入: every flow, how it stands, how far behind it is, and where its records are. */
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { seg, useApi, withQuery } from "../app/api.ts";
import { useBook } from "../app/session.ts";
import { count } from "../ui/amount.tsx";
import { AsOf, Dot, moment, Page, Panel, span, Tag } from "../ui/parts.tsx";
import { Empty, Loaded } from "../ui/states.tsx";
import { type Column, Table } from "../ui/table.tsx";
import { type T, useT } from "../ui/text.ts";
import { ApplyDialog } from "./apply.tsx";
import "./connectors.css";
import { type Flow, flowPath, sumOf } from "./model.ts";
import { ConnectorTabs, FlowTag } from "./parts.tsx";

export function Flows() {
  const t = useT();
  const book = useBook();
  const navigate = useNavigate();
  const flows = useApi<readonly Flow[]>(`/books/${seg(book.code)}/flows`, { refetchMs: 5_000, keep: true });
  const [isNew, setNew] = useState(false);
  const slowest = flows.data?.filter((flow) => flow.direction === "in" && flow.state !== "paused").sort((a, b) => b.lagSeconds - a.lagSeconds)[0];
  const open = (flow: Flow): void => void navigate({ to: flowPath(book.code, flow.flow) });
  const rows = flows.data ?? [];
  const attention = rows.filter((flow) => flow.problem !== null || flow.frozen.length > 0 || flow.isSilent);
  return (
    <Page
      title={t("接入", "Sources")} tabs={<ConnectorTabs />}
      asOf={flows.data ? <AsOf at={new Date(flows.dataUpdatedAt).toISOString()} isStale={(slowest?.lagSeconds ?? 0) > 60} more={slowest && slowest.lagSeconds > 0 ? t(`最慢 ${slowest.flow} ${span(slowest.lagSeconds, t)}`, `slowest ${slowest.flow} ${span(slowest.lagSeconds, t)}`) : t(`${rows.length} 个数据流`, `${rows.length} ${rows.length === 1 ? "flow" : "flows"}`)} /> : undefined}
      acts={book.may("flows.manage") ? <button type="button" className="btn p" onClick={() => setNew(true)}>{t("新建数据流", "New flow")}</button> : undefined}
    >
      {attention.map((flow) => <Attention key={flow.flow} of={flow} />)}
      <Loaded of={flows} rows={6} columns={9} isEmpty={(data) => data.length === 0} empty={<Panel><Empty why={t("还没有数据流。", "There is no flow yet.")} next={t("数据流从来源系统取记录，按映射成为单据；也可以上传文件或经接口过账。", "A flow takes records from a source and maps them to documents; files can be uploaded and documents posted over the API as well.")} /></Panel>}>{(data) => (
        <div className="stack">
          {data.some(({ direction }) => direction === "in") ? <Panel className="two" title={t("进", "In")} note={t("收到 = 入账 + 等待 + 挂起 + 忽略 + 待处理", "received = posted + waiting + parked + ignored + pending")}><Table caption={t("接入的数据流", "Flows in")} columns={columnsIn(t, book.code)} rows={data.filter(({ direction }) => direction === "in")} rowKey={(flow) => flow.flow} onOpen={open} /></Panel> : null}
          {data.some(({ direction }) => direction === "out") ? <Panel className="two" title={t("出", "Out")} note={t("凭证送往财务系统", "Vouchers to the finance system")}><Table caption={t("送出的数据流", "Flows out")} columns={columnsOut(t, book.code)} rows={data.filter(({ direction }) => direction === "out")} rowKey={(flow) => flow.flow} onOpen={open} /></Panel> : null}
        </div>
      )}</Loaded>
      {isNew ? <ApplyDialog yaml={template(book.code)} onClose={() => setNew(false)} /> : null}
    </Page>
  );
}

const template = (book: string): string => `flow: orders\nbook: ${book}\nfrom:\n  connector: folder\n  directory: /data/orders\n  streams:\n    salesOrders: { format: csv, pattern: "*.csv", key: [订单号], group: { by: [订单号] } }\nmapping: csv-sales\nevery: 1m\n`;

export function Attention({ of }: { readonly of: Flow }) {
  const t = useT();
  const book = useBook();
  return (
    <div className={`state ${of.state === "stopped" ? "failed" : "refused"}`} role="status">
      <b><Link to={flowPath(book.code, of.flow) as never}>{of.flow}</Link> {of.problem !== null ? t(of.problem.zh, of.problem.en) : of.frozen.length > 0 ? t(`来源结构有变化：${of.frozen.join("、")}`, `The structure of its source changed: ${of.frozen.join(", ")}`) : t("来源安静得异常", "The source is unusually quiet")}</b>
      <div className="sub">{of.problem !== null ? t(of.problem.todo) : of.frozen.length > 0 ? t("核对变化后接受，记录才继续。", "Check what changed and accept it; records go on then.") : t(`最近一条 ${of.landedAt === null ? "–" : moment(of.landedAt)}`, `Last record ${of.landedAt === null ? "–" : moment(of.landedAt)}`)}{of.breaker.failures > 0 ? <Dot /> : null}{of.breaker.failures > 0 ? t(`已失败 ${of.breaker.failures} 次${of.breaker.retryAt === null ? "" : `，下次 ${moment(of.breaker.retryAt)}`}`, `failed ${of.breaker.failures} times${of.breaker.retryAt === null ? "" : `, next try ${moment(of.breaker.retryAt)}`}`) : ""}</div>
    </div>
  );
}

const figure = (value: number) => (value === 0 ? <span className="z">–</span> : count(value));

const columnsIn = (t: T, book: string): readonly Column<Flow>[] => [
  { key: "flow", head: { zh: "数据流", en: "Flow" }, cell: (flow) => <><Link to={flowPath(book, flow.flow) as never}>{flow.flow}</Link><span className="sub">{flow.connector}</span></> },
  { key: "state", head: { zh: "状态", en: "State" }, cell: (flow) => <FlowTag of={flow.state} /> },
  { key: "lag", head: { zh: "延迟", en: "Lag" }, num: true, cell: (flow) => (flow.lagSeconds === 0 ? <span className="z">–</span> : <span className={flow.lagSeconds > 60 ? "warn" : undefined}>{span(flow.lagSeconds, t)}</span>) },
  { key: "minute", head: { zh: "每分钟", en: "A minute" }, num: true, cell: (flow) => figure(flow.perMinute), wide: true },
  { key: "received", head: { zh: "收到", en: "Received" }, num: true, cell: (flow) => figure(flow.counts.received), wide: true, line: true },
  { key: "posted", head: { zh: "入账", en: "Posted" }, num: true, cell: (flow) => figure(flow.counts.posted), wide: true },
  { key: "waiting", head: { zh: "等待", en: "Waiting" }, num: true, cell: (flow) => (flow.counts.waiting === 0 ? figure(0) : <Link to={`/b/${book}/documents/waiting`}>{count(flow.counts.waiting)}</Link>), wide: true },
  { key: "parked", head: { zh: "挂起", en: "Parked" }, num: true, cell: (flow) => (flow.counts.parked === 0 ? figure(0) : <Link className="warn" to={`/b/${book}/documents/parked`}>{count(flow.counts.parked)}</Link>), wide: true },
  { key: "ignored", head: { zh: "忽略", en: "Ignored" }, num: true, cell: (flow) => figure(flow.counts.ignored), wide: true },
  { key: "pending", head: { zh: "待处理", en: "Pending" }, num: true, cell: (flow) => figure(flow.counts.pending + flow.counts.arriving), wide: true },
  { key: "letters", head: { zh: "死信", en: "Dead letters" }, num: true, cell: (flow) => (flow.deadLetters === 0 ? figure(0) : <Link className="bad" to={withQuery(`/b/${book}/connectors/dead-letters`, { flow: flow.flow }) as never}>{count(flow.deadLetters)}</Link>), line: true },
  { key: "last", head: { zh: "最近一条", en: "Last record" }, cell: (flow) => (flow.recordAt ?? flow.landedAt) === null ? <span className="z">–</span> : moment(flow.recordAt ?? flow.landedAt ?? ""), wide: true, mute: true },
  { key: "next", head: { zh: "下次", en: "Next run" }, cell: (flow) => { const next = flow.breaker.retryAt ?? flow.nextRunAt; return next === null ? <span className="z">–</span> : moment(next); }, wide: true, mute: true },
];

const columnsOut = (t: T, book: string): readonly Column<Flow>[] => {
  const to = (flow: Flow, state: string): string => withQuery(`/b/${book}/delivery`, { flow: flow.flow, state });
  const linked = (flow: Flow, tone: string | undefined, state: string, ...names: readonly string[]) => { const n = sumOf(flow.deliveries, ...names); return n === 0 ? figure(0) : <Link className={tone} to={to(flow, state) as never}>{count(n)}</Link>; };
  return [
    { key: "flow", head: { zh: "数据流", en: "Flow" }, cell: (flow) => <><Link to={flowPath(book, flow.flow) as never}>{flow.flow}</Link><span className="sub">→ {flow.connector}</span></> },
    { key: "state", head: { zh: "状态", en: "State" }, cell: (flow) => <FlowTag of={flow.state} /> },
    { key: "pending", head: { zh: "待送", en: "To send" }, num: true, cell: (flow) => figure(sumOf(flow.deliveries, "behind", "pending", "sending")), line: true },
    { key: "sent", head: { zh: "已收", en: "Acknowledged" }, num: true, cell: (flow) => linked(flow, undefined, "sent", "sent"), wide: true },
    { key: "confirmed", head: { zh: "已核", en: "Confirmed" }, num: true, cell: (flow) => linked(flow, undefined, "confirmed", "confirmed"), wide: true },
    { key: "unknown", head: { zh: "不明", en: "Unknown" }, num: true, cell: (flow) => linked(flow, "warn", "unknown", "unknown"), wide: true },
    { key: "held", head: { zh: "挂起", en: "Held" }, num: true, cell: (flow) => linked(flow, "warn", "held", "held"), wide: true },
    { key: "rejected", head: { zh: "被拒", en: "Rejected" }, num: true, cell: (flow) => linked(flow, "bad", "rejected", "rejected") },
    { key: "drifted", head: { zh: "漂移、作废", en: "Changed, voided" }, num: true, cell: (flow) => linked(flow, "bad", "drifted", "drifted", "voided"), wide: true },
    { key: "leftOut", head: { zh: "不送", en: "Not sent" }, num: true, cell: (flow) => figure(sumOf(flow.deliveries, "ignored", "leftOut")), wide: true },
    { key: "silent", head: { zh: "说明", en: "Note" }, cell: (flow) => (flow.isSilent ? <Tag tone="warn">{t("安静", "Quiet")}</Tag> : null), wide: true },
  ];
};
