/** 预警台: what stands, whose turn it is, and what was done about it. Acknowledging works on a phone. */
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api, seg, useAct, useApi, usePages, withQuery } from "../app/api.ts";
import { useKeys } from "../app/keys.ts";
import { useBook } from "../app/session.ts";
import { useFilters } from "../ui/filters.ts";
import { Dialog, Field, Kbd, moment, Page, Panel, Segments, span, Tag } from "../ui/parts.tsx";
import { Empty, Loaded, Loading, Trouble } from "../ui/states.tsx";
import { Table } from "../ui/table.tsx";
import { useT } from "../ui/text.ts";
import { Person } from "../vouchers/words.tsx";
import { type Alert, type AlertShown, grouped, roleWords, whats } from "./alerts-model.ts";
import "./alerts.css";
import { ReconciliationTabs } from "./tabs.tsx";

export function Alerts() {
  const t = useT();
  const book = useBook();
  const [{ state = "standing", mine = "", alert = "" }, set] = useFilters();
  const path = `/books/${seg(book.code)}/alerts`;
  const pages = usePages<Alert>(withQuery(path, { state, mine: mine === "1" ? "true" : "" }), 100);
  const acknowledge = useAct((alertNo: string) => api(`${path}/${seg(alertNo)}/acknowledge`, { body: {} }));
  const open = pages.rows.filter((row) => row.state === "open").length;
  useKeys({ a: () => { const row = pages.rows.find((one) => one.alertNo === alert) ?? pages.rows.find((one) => one.state === "open"); if (row?.state === "open") acknowledge.mutate(row.alertNo); } });
  return (
    <Page
      title={t("预警", "Alerts")} tabs={<ReconciliationTabs />} tags={open > 0 && state === "standing" ? <Tag tone="warn">{t(`${open} 条无人认领`, `${open} not acknowledged`)}</Tag> : undefined}
      acts={book.may("alerts.read") ? <Link className="btn" to={`/b/${book.code}/reconciliation/alerts/rules` as never}>{t("规则与渠道", "Rules and channels")}</Link> : undefined}
      bar={<>
        <Segments label={t("状态", "State")} value={state as "standing"} options={[{ value: "standing", text: { zh: "未解除", en: "Standing" } }, { value: "closed" as "standing", text: { zh: "已解除", en: "Over" } }]} onChange={(value) => set({ state: value === "standing" ? "" : value })} />
        {book.may("alerts.read") ? <Segments label={t("范围", "Whose")} value={mine} options={[{ value: "", text: { zh: "全部", en: "All" } }, { value: "1", text: { zh: "通知我的", en: "Mine" } }]} onChange={(value) => set({ mine: value })} /> : null}
      </>}
    >
      <Trouble error={acknowledge.error} />
      <Panel foot={state === "standing" ? <><Kbd>a</Kbd> {t("认领", "Acknowledge")} <Kbd>↵</Kbd> {t("打开", "Open")}</> : undefined}>
        {pages.isPending ? <Loading columns={5} /> : pages.error ? <Trouble error={pages.error} retry={() => void pages.refetch()} /> : pages.rows.length === 0 ? <Empty why={state === "closed" ? t("还没有解除的预警。", "No alert is over yet.") : t("没有未解除的预警。", "No alert stands.")} next={book.may("alerts.read") ? <Link to={`/b/${book.code}/reconciliation/alerts/rules` as never}>{t("看在监测什么", "See what is watched")}</Link> : undefined} /> : <Table<Alert>
          caption={t("预警", "Alerts")} rows={pages.rows} rowKey={(row) => row.alertNo} onOpen={(row) => set({ alert: row.alertNo })} selected={alert} more={pages.more} isMore={pages.isFetchingNextPage}
          columns={[
            { key: "what", head: { zh: "预警", en: "Alert" }, wrap: true, cell: (row) => <><button type="button" className="link alerts-what" onClick={() => set({ alert: row.alertNo })}>{t(row.ruleZh, row.ruleEn)}</button><span className="sub">{row.label}</span></> },
            { key: "value", head: { zh: "现值", en: "Now" }, num: true, cell: (row) => <Link className="alerts-fig" to={`/b/${book.code}/${row.to}` as never}><Figure of={t(row.value ?? "", row.valueEn ?? "")} /></Link> },
            { key: "line", head: { zh: "线", en: "Line" }, num: true, wide: true, mute: true, cell: (row) => (row.line === null ? "" : `${row.is === "above" ? ">" : "<"} ${grouped(t(row.line, row.lineEn ?? ""))}`) },
            { key: "since", head: { zh: "自", en: "Since" }, wide: true, mute: true, cell: (row) => moment(row.openedAt ?? row.since).slice(5, 16) },
            { key: "turn", head: { zh: "轮到", en: "Whose turn" }, wide: true, cell: (row) => (row.acknowledgedBy ? <Person id={row.acknowledgedBy} /> : <Called to={row.rangTo} />) },
            { key: "state", head: { zh: "状态", en: "State" }, cell: (row) => <State row={row} /> },
          ]}
        />}
      </Panel>
      {alert === "" ? null : <One key={alert} path={`${path}/${seg(alert)}`} onClose={() => set({ alert: "" })} />}
    </Page>
  );
}

/** A figure that may be hidden; with the sign of the books where it is below zero. */
function Figure({ of }: { readonly of: string }) {
  const t = useT();
  if (of === "") return <span className="z">{t("无权查看", "Not permitted")}</span>;
  const text = grouped(of);
  return text.startsWith("−") ? <span className="neg">{text}</span> : <>{text}</>;
}

function State({ row }: { readonly row: Alert }) {
  const t = useT();
  if (row.state === "closed") return <Tag>{t("已解除", "Over")}</Tag>;
  if (row.snoozedUntil !== null && row.snoozedUntil > new Date().toISOString()) return <Tag>{t("已推迟", "Snoozed")}</Tag>;
  return row.state === "acknowledged" ? <Tag tone="accent">{t("已认领", "Acknowledged")}</Tag> : <Tag tone="warn">{row.step > 0 ? t("已升级", "Escalated") : t("无人认领", "Open")}</Tag>;
}

function Called({ to }: { readonly to: string }) {
  const t = useT();
  if (to.startsWith("user:")) return <Person id={to.slice(5)} />;
  return <>{t(roleWords[to.slice(5)] ?? { zh: to.slice(5), en: to.slice(5) })}</>;
}

const waits = [{ minutes: 60, zh: "1 小时", en: "1 hour" }, { minutes: 240, zh: "4 小时", en: "4 hours" }, { minutes: 1_440, zh: "1 天", en: "1 day" }, { minutes: 10_080, zh: "7 天", en: "7 days" }] as const;

/** One alert: the figure first, who has it, what happened, and the acts below. */
function One({ path, onClose }: { readonly path: string; readonly onClose: () => void }) {
  const t = useT();
  const book = useBook();
  const shown = useApi<AlertShown>(path, { keep: true });
  const [note, setNote] = useState("");
  const [minutes, setMinutes] = useState<number>(1_440);
  const act = useAct(({ what, body }: { readonly what: string; readonly body: object }) => api(`${path}/${what}`, { body }));
  const done = { onSuccess: () => setNote("") };
  const data = shown.data;
  const stands = data !== undefined && data.state !== "closed";
  return (
    <Dialog kind="side" title={data ? t(data.ruleZh, data.ruleEn) : t("预警", "Alert")} onClose={onClose} foot={stands ? <>
      <span className="alerts-wait"><select className="in" aria-label={t("推迟多久", "For how long")} value={minutes} onChange={(event) => setMinutes(Number(event.target.value))}>{waits.map((one) => <option key={one.minutes} value={one.minutes}>{t(one)}</option>)}</select><button type="button" className="btn" disabled={act.isPending} onClick={() => act.mutate({ what: "snooze", body: { minutes, note } }, done)}>{t("推迟", "Snooze")}</button></span>
      {data.state === "open" ? <button type="button" className="btn p" disabled={act.isPending} onClick={() => act.mutate({ what: "acknowledge", body: { note } }, done)}>{t("认领", "Acknowledge")}</button> : <button type="button" className="btn" disabled={note.trim() === "" || act.isPending} onClick={() => act.mutate({ what: "note", body: { note } }, done)}>{t("写说明", "Add note")}</button>}
    </> : undefined}>
      <Loaded of={shown} columns={2}>{(of) => <>
        <p className="alerts-hero"><Figure of={t(of.value ?? "", of.valueEn ?? "")} /> <State row={of} /></p>
        <p className="alerts-p">{of.label}</p>
        <dl className="kv">
          {of.line === null ? null : <><dt>{t("线", "Line")}</dt><dd>{of.is === "above" ? ">" : "<"} {grouped(t(of.line, of.lineEn ?? ""))}</dd></>}{of.worst === null ? null : <><dt>{t("最差", "Worst")}</dt><dd><Figure of={of.worst} /></dd></>}
          <dt>{t("自", "Since")}</dt><dd>{moment(of.since)} <span className="mut">{span((Date.now() - new Date(of.since).getTime()) / 1000, t)}</span></dd><dt>{t("轮到", "Whose turn")}</dt><dd>{of.acknowledgedBy ? <Person id={of.acknowledgedBy} /> : <Called to={of.rangTo} />}</dd>{of.snoozedUntil === null ? null : <><dt>{t("推迟到", "Snoozed until")}</dt><dd>{moment(of.snoozedUntil)}</dd></>}{of.note === "" ? null : <><dt>{t("依据", "From")}</dt><dd>{of.note}</dd></>}
        </dl>
        <p className="alerts-p"><Link to={`/b/${book.code}/${of.to}` as never}>{t("看它由什么构成", "See what it is made of")}</Link></p>
        {stands ? <Field label={t("说明（留痕）", "Note (kept on record)")}><input className="in" value={note} onChange={(event) => setNote(event.target.value)} /></Field> : null}
        <Trouble error={act.error} />
        <h3 className="alerts-h">{t("经过", "What happened")}</h3>
        <ol className="alerts-events">{of.events.map((event) => <li key={`${event.at}${event.what}`}><span className="mut">{moment(event.at).slice(5, 16)}</span> <b>{t(whats[event.what] ?? { zh: event.what, en: event.what })}</b> {event.by === "system" ? <Called to={event.to} /> : <Person id={event.by} />} {event.value === null ? null : <Figure of={event.value} />}{event.note === "" ? null : <div className="sub">{event.note}</div>}
          {event.sent.filter(({ channel }) => channel !== "inApp").map((sent) => <div key={`${sent.channel}${sent.recipient}`} className="sub">{sent.channel} {sent.recipient} {sent.state === "sent" ? t("已送出", "sent") : sent.state === "failed" ? <span className="bad">{t("没有送出", "not sent")} {sent.problem}</span> : t("待送", "waiting")}</div>)}</li>)}</ol>
      </>}</Loaded>
    </Dialog>
  );
}
