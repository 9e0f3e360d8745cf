/** 送达: each voucher's way into the finance system, by state; what only a person can say is said here. */
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api, seg, useAct, useApi, usePages, withQuery } from "../app/api.ts";
import { useBook } from "../app/session.ts";
import { count } from "../ui/amount.tsx";
import { useFilters } from "../ui/filters.ts";
import { AsOf, ChipSelect, ChipText, Dialog, Field, moment, Page, Panel, Tabs, Tag } from "../ui/parts.tsx";
import { Empty, Loaded, Loading, Trouble } from "../ui/states.tsx";
import { type Column, Table } from "../ui/table.tsx";
import { type T, type Text, useT } from "../ui/text.ts";
import "./delivery.css";
import { type Delivery, type DeliveryShown, deliveryStates, type DeliveryState, type FlowCounts, mayDecide, voucherPath } from "./model.ts";

export function DeliveryTabs() {
  const t = useT();
  const book = useBook();
  const counts = useApi<readonly FlowCounts[]>(`/books/${seg(book.code)}/deliveries/counts`, { keep: true }).data;
  const drifts = counts?.reduce((sum, one) => sum + one.counts.openDrifts, 0) ?? 0;
  return <Tabs label={t("送达", "Delivery")} items={[{ to: `/b/${book.code}/delivery`, text: t("送达", "Deliveries") }, { to: `/b/${book.code}/delivery/drifts`, text: t("漂移", "Drifts"), ...(drifts > 0 ? { count: drifts } : {}) }]} />;
}

export function StateTag({ of }: { readonly of: DeliveryState }) {
  const t = useT();
  return <Tag tone={deliveryStates[of].tone}>{t(deliveryStates[of].words)}</Tag>;
}

/** What is delivered: a voucher as a link, else its name. */
export function Subject({ of }: { readonly of: Pick<Delivery, "subject"> }) {
  const book = useBook();
  const to = voucherPath(book.code, of.subject);
  return to !== null && book.may("vouchers.read") ? <Link to={to as never}>{of.subject.replace("/", " ")}</Link> : <>{of.subject}</>;
}

export function Deliveries() {
  const t = useT();
  const book = useBook();
  const [filters, set] = useFilters();
  const { flow = "", state = "", find = "", open = "" } = filters;
  const base = `/books/${seg(book.code)}/deliveries`;
  const counts = useApi<readonly FlowCounts[]>(`${base}/counts`, { refetchMs: 10_000, keep: true });
  const pages = usePages<Delivery & { readonly cursor?: string }>(withQuery(base, { order: "newest", flow, state, find }));
  const rows = pages.rows;
  const all = { value: "", text: t("全部", "All") };
  return (
    <Page
      title={t("送达", "Delivery")} tabs={<DeliveryTabs />} asOf={counts.data ? <AsOf at={new Date(counts.dataUpdatedAt).toISOString()} more={t(`${counts.data.length} 个目标`, `${counts.data.length} ${counts.data.length === 1 ? "target" : "targets"}`)} /> : undefined}
      bar={<>
        <ChipSelect label={t("数据流", "Flow")} value={flow} options={[all, ...(counts.data ?? []).map((one) => ({ value: one.flow, text: one.flow }))]} onChange={(value) => set({ flow: value })} />
        <ChipSelect label={t("状态", "State")} value={state} options={[all, ...Object.entries(deliveryStates).map(([value, { words }]) => ({ value, text: t(words) }))]} onChange={(value) => set({ state: value })} />
        <ChipText label={t("凭证或对方编号", "Voucher or number there")} value={find} onChange={(value) => set({ find: value })} width={170} />
        {flow || state || find ? <button type="button" className="btn q" onClick={() => set({ flow: "", state: "", find: "" })}>{t("清除", "Clear")}</button> : null}
      </>}
    >
      <Loaded of={counts} rows={3} columns={8} isEmpty={(data) => data.length === 0} empty={<Panel><Empty why={t("还没有送达目标。", "There is no target yet.")} next={book.may("flows.manage") ? <Link to={`/b/${book.code}/connectors`}>{t("在接入中新建送出的数据流", "Make a flow out under Sources")}</Link> : t("由信息部门建立送出的数据流。", "A flow out is made by whoever manages flows.")} /></Panel>}>{(data) => (
        <div className="stack">
          <Panel className="two" title={t("按目标", "By target")}><Table caption={t("各目标的送达", "Deliveries by target")} columns={countColumns(t, book.code)} rows={data} rowKey={(row) => row.flow} /></Panel>
          {data.filter((one) => one.counts.fault !== null).map((one) => <div key={one.flow} className="state refused" role="status"><b>{one.flow} {t(one.counts.fault?.zh ?? "", one.counts.fault?.en ?? "")}</b><div className="sub">{t(one.counts.fault?.todo ?? "")}{one.counts.failures > 0 ? t(` 已失败 ${one.counts.failures} 次，自动重试。`, ` Failed ${one.counts.failures} times; tried again by itself.`) : ""}</div></div>)}
          <Panel className="two" title={t("最新在前", "Newest first")}>
            {pages.isPending ? <Loading columns={6} /> : pages.error ? <Trouble error={pages.error} retry={() => void pages.refetch()} /> : rows.length === 0
              ? <Empty why={t("没有符合条件的送达。", "No delivery matches.")} next={t("凭证记账后自动排入送出的数据流。", "Posted vouchers join the flows out by themselves.")} />
              : <Table caption={t("送达，最新在前", "Deliveries, newest first")} columns={columnsOf(t)} rows={rows} rowKey={(row) => String(row.delivery)} selected={open || null} onOpen={(row) => set({ open: String(row.delivery) })} more={pages.more} isMore={pages.isFetchingNextPage} />}
          </Panel>
        </div>
      )}</Loaded>
      {open === "" ? null : <DeliveryDialog no={open} onClose={() => set({ open: "" })} />}
    </Page>
  );
}

const countColumns = (t: T, book: string): readonly Column<FlowCounts>[] => {
  const figure = (row: FlowCounts, state: DeliveryState, tone?: string) => (row.counts[state] === 0 ? <span className="z">–</span> : <Link className={tone} to={withQuery(`/b/${book}/delivery`, { flow: row.flow, state }) as never}>{count(row.counts[state])}</Link>);
  return [
    { key: "flow", head: { zh: "目标", en: "Target" }, cell: (row) => <><Link to={`/b/${book}/connectors/one?flow=${encodeURIComponent(row.flow.replace("/writeback", ""))}` as never}>{row.flow}</Link><span className="sub">{row.connector}{row.wanted === "paused" ? t(" 已暂停", " paused") : ""}</span></> },
    { key: "behind", head: { zh: "未排入", en: "Behind" }, num: true, cell: (row) => (row.counts.behind === 0 ? <span className="z">–</span> : count(row.counts.behind)), wide: true },
    { key: "pending", head: { zh: "待送", en: "To send" }, num: true, cell: (row) => figure(row, "pending") },
    { key: "sent", head: { zh: "已收", en: "Acknowledged" }, num: true, cell: (row) => figure(row, "sent"), wide: true },
    { key: "confirmed", head: { zh: "已核", en: "Confirmed" }, num: true, cell: (row) => figure(row, "confirmed"), wide: true },
    { key: "held", head: { zh: "挂起", en: "Held" }, num: true, line: true, cell: (row) => figure(row, "held", "warn"), wide: true },
    { key: "unknown", head: { zh: "不明", en: "Unknown" }, num: true, cell: (row) => figure(row, "unknown", "warn"), wide: true },
    { key: "rejected", head: { zh: "被拒", en: "Rejected" }, num: true, cell: (row) => figure(row, "rejected", "bad") },
    { key: "drifted", head: { zh: "对方改动", en: "Changed there" }, num: true, cell: (row) => figure(row, "drifted", "bad"), wide: true },
    { key: "voided", head: { zh: "对方作废", en: "Voided there" }, num: true, cell: (row) => figure(row, "voided", "bad"), wide: true },
    { key: "ignored", head: { zh: "不送", en: "Not sent" }, num: true, cell: (row) => figure(row, "ignored"), wide: true, line: true },
    { key: "leftOut", head: { zh: "范围外", en: "Left out" }, num: true, cell: (row) => (row.counts.leftOut === 0 ? <span className="z">–</span> : count(row.counts.leftOut)), wide: true },
  ];
};

const columnsOf = (t: T): readonly Column<Delivery>[] => [
  { key: "subject", head: { zh: "凭证", en: "Voucher" }, cell: (row) => <><Subject of={row} /><span className="sub">{row.flow}{row.version > 1 ? t(` 第 ${row.version} 次另送`, ` anew ${row.version}`) : ""}</span></> },
  { key: "state", head: { zh: "状态", en: "State" }, cell: (row) => <StateTag of={row.state} /> },
  { key: "target", head: { zh: "对方编号", en: "Number there" }, cell: (row) => <>{row.targetNumber ?? <span className="z">–</span>}{row.targetState ? <span className="sub">{row.targetState}</span> : null}</> },
  { key: "problem", head: { zh: "原因", en: "Reason" }, wrap: true, wide: true, cell: (row) => { const [first] = row.problem; return first ? t(first.zh, first.en) : null; } },
  { key: "attempts", head: { zh: "次数", en: "Tries" }, num: true, cell: (row) => row.attempts, wide: true },
  { key: "at", head: { zh: "时间", en: "At" }, cell: (row) => moment(row.stateAt), wide: true, mute: true },
];

const actWords: Readonly<Record<string, Text>> = { send: { zh: "送出", en: "Sent:" }, readBack: { zh: "读回", en: "Read back:" }, probe: { zh: "查找", en: "Looked for:" }, decide: { zh: "人工处理", en: "Decided:" }, sweep: { zh: "核对", en: "Compared:" }, void: { zh: "作废", en: "Voided:" } };
const outcomeWords: Readonly<Record<string, Text>> = {
  applied: { zh: "已收", en: "taken" }, refused: { zh: "被拒", en: "refused" }, unknown: { zh: "不明", en: "unknown" }, found: { zh: "已有", en: "found" }, absent: { zh: "没有", en: "not there" }, same: { zh: "相符", en: "equal" }, sent: { zh: "对方已有", en: "it stands there" }, notSent: { zh: "重新送出", en: "send it again" },
  ignored: { zh: "不送", en: "never send it" }, accepted: { zh: "接受变化", en: "change accepted" }, changed: { zh: "内容不同", en: "differs" }, missing: { zh: "对方没有", en: "missing" }, voided: { zh: "对方作废", en: "voided there" }, several: { zh: "有几张", en: "several" },
};
const decisionWords = { sent: { zh: "对方已有，视为送达", en: "It stands there" }, notSent: { zh: "对方没有，重新送出", en: "Send it again" }, ignored: { zh: "不送", en: "Never send it" } } as const;

function DeliveryDialog({ no, onClose }: { readonly no: string; readonly onClose: () => void }) {
  const t = useT();
  const book = useBook();
  const base = `/books/${seg(book.code)}/deliveries/${seg(no)}`;
  const delivery = useApi<DeliveryShown>(base, { keep: true });
  const [reason, setReason] = useState("");
  const [number, setNumber] = useState("");
  const resolve = useAct((as: keyof typeof decisionWords) => api(`${base}/resolve`, { body: { as, reason: reason.trim(), ...(as === "sent" && number.trim() !== "" ? { number: number.trim() } : {}) } }));
  return (
    <Dialog kind="wide" title={t(`送达 ${no}`, `Delivery ${no}`)} onClose={onClose}>
      <Loaded of={delivery} rows={5} columns={2}>{(shown) => {
        const choices = (Object.keys(mayDecide) as (keyof typeof mayDecide)[]).filter((as) => mayDecide[as].includes(shown.state));
        return (
          <>
            <dl className="kv">
              <dt>{t("凭证", "Voucher")}</dt><dd><Subject of={shown} /></dd><dt>{t("状态", "State")}</dt><dd><StateTag of={shown.state} /> {moment(shown.stateAt)}</dd><dt>{t("数据流", "Flow")}</dt><dd>{shown.flow}</dd><dt>{t("我方编号", "Our reference")}</dt><dd className="mono">{shown.reference}</dd>
              <dt>{t("对方编号", "Number there")}</dt><dd>{shown.targetNumber ?? "–"} {shown.targetState ?? ""} {shown.targetAt === null ? "" : moment(shown.targetAt)}</dd><dt>{t("内容哈希", "Hash of the content")}</dt><dd className="mono">{shown.payloadHash}</dd>
            </dl>
            {shown.problem.map((problem, at) => <div key={at} className="state refused"><b>{t(problem.zh, problem.en)}</b><div className="sub">{t(problem.todo)} <span className="mono">{problem.code}</span></div></div>)}
            {shown.cut === null || shown.cut === undefined || (Array.isArray(shown.cut) && shown.cut.length === 0) ? null : <p className="sub">{t("按对方长度截去：", "Cut to the target's length: ")}<span className="mono">{JSON.stringify(shown.cut)}</span></p>}
            <h3>{t("尝试", "Attempts")}</h3>
            <Table
              caption={t("尝试", "Attempts")} rows={shown.log} rowKey={(entry) => `${entry.startedAt} ${entry.act} ${entry.outcome}`}
              columns={[{ key: "at", head: { zh: "时间", en: "Time" }, cell: (entry) => moment(entry.startedAt) }, { key: "act", head: { zh: "动作", en: "Act" }, cell: (entry) => `${t(actWords[entry.act] ?? entry.act)} ${t(outcomeWords[entry.outcome] ?? entry.outcome)}` }, { key: "by", head: { zh: "由", en: "By" }, cell: (entry) => entry.by, wide: true }, { key: "reason", head: { zh: "说明", en: "Note" }, wrap: true, cell: (entry) => <>{entry.reason}{entry.problem.map((problem, at) => <div key={at}>{t(problem.zh, problem.en)}</div>)}</> }]}
            />
            {choices.length === 0 || !book.may("deliveries.decide") ? null : (
              <>
                <Field label={t("原因 *", "Reason *")} hint={t("与处理人一起留存", "Kept with who decided")}><input className="in" value={reason} maxLength={500} onChange={(event) => setReason(event.target.value)} /></Field>
                {choices.includes("sent") ? <Field label={t("对方的凭证号（已有时）", "The number there (if it stands there)")}><input className="in" value={number} onChange={(event) => setNumber(event.target.value)} /></Field> : null}
                <div className="delivery-acts">{choices.map((as) => <button key={as} type="button" className={as === "notSent" ? "btn p" : "btn"} disabled={reason.trim() === "" || resolve.isPending} onClick={() => resolve.mutate(as)}>{t(decisionWords[as])}</button>)}</div>
                <Trouble error={resolve.error} />
              </>
            )}
          </>
        );
      }}</Loaded>
    </Dialog>
  );
}
