/** 变更申请 and how each kind is kept: trusted sources, merging by itself, a second pair of eyes, strictness. */
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api, seg, useAct, useApi, withQuery } from "../app/api.ts";
import { useFilters } from "../ui/filters.ts";
import { Dialog, Field, Kbd, moment, Page, Panel, Segments, Tag } from "../ui/parts.tsx";
import { Empty, Loaded, Trouble } from "../ui/states.tsx";
import { Table } from "../ui/table.tsx";
import { useT } from "../ui/text.ts";
import { ActedNote, EffectOf, PreviewOf } from "./decide.tsx";
import { type Acted, actWords, type Request, useDesk, useDomains } from "./desk.ts";
import { MasterTabs } from "./tabs.tsx";
import "./masterdata.css";

type Policy = { readonly domain: string; readonly trust: readonly string[]; readonly fields: Readonly<Record<string, unknown>>; readonly autoMerge: boolean; readonly fourEyes: boolean; readonly strict: boolean };
const states = [{ value: "open", text: { zh: "待批准", en: "Open" } }, { value: "", text: { zh: "全部", en: "All" } }] as const;
const stateWords: Readonly<Record<string, { readonly zh: string; readonly en: string }>> = { open: { zh: "待批准", en: "open" }, approved: { zh: "已批准", en: "approved" }, rejected: { zh: "已拒绝", en: "rejected" }, withdrawn: { zh: "已撤回", en: "withdrawn" } };

export function Requests() {
  const t = useT();
  const { base, to, mayEdit } = useDesk();
  const [filters, setFilters] = useFilters();
  const state = filters.state === "all" ? "" : "open";
  const requests = useApi<readonly Request[]>(withQuery(`${base}/requests`, { state }));
  const [rejecting, setRejecting] = useState<Request | null>(null);
  const [approving, setApproving] = useState<Request | null>(null);
  const [acted, setActed] = useState<Acted | null>(null);
  return (
    <Page title={t("变更申请", "Change requests")} crumb={{ to: to(""), text: t("主数据", "Master data") }} tabs={<MasterTabs />} bar={<Segments label={t("状态", "State")} value={state} options={states} onChange={(value) => setFilters({ state: value === "" ? "all" : "" })} />}>
      {acted ? <ActedNote of={acted} onClose={() => setActed(null)} /> : null}
      <Panel title={t("申请", "Requests")} note={t("提出人不能自己批准", "Whoever asks cannot approve")}>
        <Loaded of={requests} isEmpty={(rows) => rows.length === 0} empty={<Empty why={t("没有变更申请。", "There is no change request.")} next={t("在下方为某类主数据打开四眼后，决定先成为申请。", "Decisions become requests where four eyes are asked for, below.")} />}>{(rows) => (
          <Table caption={t("变更申请", "Change requests")} rows={rows} rowKey={({ no }) => no} columns={[
            { key: "no", head: { zh: "申请", en: "Request" }, wrap: true, cell: (row) => <>{row.no} <b>{t(actWords[row.act] ?? { zh: row.act, en: row.act })}</b><span className="sub">{t(row.domainWords)} <AboutOf of={row} /></span></> },
            { key: "reason", head: { zh: "原因", en: "Why" }, wrap: true, wide: true, cell: (row) => <>{row.reason}{row.note === "" ? null : <span className="sub">{row.note}</span>}</> },
            { key: "by", head: { zh: "提出", en: "Asked" }, mute: true, wide: true, cell: (row) => `${row.askedBy} ${moment(row.askedAt).slice(0, 16)}` },
            { key: "state", head: { zh: "状态", en: "State" }, wide: state === "open", cell: (row) => <Tag tone={row.state === "approved" ? "good" : row.state === "open" ? "accent" : undefined}>{t(stateWords[row.state] ?? { zh: row.state, en: row.state })}</Tag> },
            ...(mayEdit ? [{ key: "act", head: { zh: "操作", en: "Act" }, cell: (row: Request) => (row.state !== "open" ? null : <span className="row">{row.isOwn ? null : <button type="button" className="btn" aria-label={t(`批准申请 ${row.no}`, `Approve request ${row.no}`)} onClick={() => setApproving(row)}>{t("批准", "Approve")}</button>}<button type="button" className="btn q" aria-label={row.isOwn ? t(`撤回申请 ${row.no}`, `Withdraw request ${row.no}`) : t(`拒绝申请 ${row.no}`, `Reject request ${row.no}`)} onClick={() => setRejecting(row)}>{row.isOwn ? t("撤回", "Withdraw") : t("拒绝", "Reject")}</button></span>) }] : []),
          ]} />
        )}</Loaded>
      </Panel>
      <Policies />
      {approving ? <ApproveDialog of={approving} onClose={() => setApproving(null)} onDone={setActed} /> : null}
      {rejecting ? <RejectDialog of={rejecting} onClose={() => setRejecting(null)} /> : null}
    </Page>
  );
}

function AboutOf({ of }: { readonly of: Request }) {
  const { goldenAt } = useDesk();
  return <>{of.about.map(({ golden, text }) => <span key={`${golden} ${text}`} className="masterdata-about">{golden === null ? text : <Link to={goldenAt(golden) as never}>{text}</Link>}</span>)}</>;
}

/** Whoever agrees sees first what it will do. */
function ApproveDialog({ of, onClose, onDone }: { readonly of: Request; readonly onClose: () => void; readonly onDone: (acted: Acted) => void }) {
  const t = useT();
  const { base } = useDesk();
  const [note, setNote] = useState("");
  const approve = useAct((text: string) => api<Acted>(`${base}/requests/${seg(of.no)}/approve`, { body: text === "" ? {} : { note: text } }));
  const said = (name: string): string | undefined => { const value = of.body[name]; return typeof value === "string" ? value : undefined; };
  const [into, from, golden] = [said("into"), said("from"), said("golden")];
  const send = (): void => { if (!approve.isPending) approve.mutate(note.trim(), { onSuccess: (acted) => { onDone(acted); onClose(); } }); };
  return (
    <Dialog title={t(`批准申请 ${of.no}：${actWords[of.act]?.zh ?? of.act}`, `Approve request ${of.no}: ${actWords[of.act]?.en ?? of.act}`)} kind="wide" onClose={onClose} foot={<><button type="button" className="btn" onClick={onClose}>{t("取消", "Cancel")}</button><button type="button" className="btn p" disabled={approve.isPending} onClick={send}>{t("批准并生效", "Approve: it is done")} <Kbd>Ctrl ↵</Kbd></button></>}>
      <p><AboutOf of={of} /></p>
      <p className="sub">{of.askedBy} {moment(of.askedAt).slice(0, 16)}{t("：", ": ")}{of.reason}</p>
      {of.act === "merge" && into !== undefined && from !== undefined ? <PreviewOf query={{ into, from }} /> : of.act === "unmerge" && golden !== undefined ? <PreviewOf query={{ unmerge: golden }} /> : golden !== undefined ? <EffectOf golden={golden} /> : null}
      <Field label={t("附言，可不填", "A note, if any")}><textarea className="in" value={note} maxLength={500} onChange={(event) => setNote(event.target.value)} onKeyDown={(event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send(); }} /></Field>
      {approve.error ? <Trouble error={approve.error} /> : null}
    </Dialog>
  );
}

function RejectDialog({ of, onClose }: { readonly of: Request; readonly onClose: () => void }) {
  const t = useT();
  const { base } = useDesk();
  const [note, setNote] = useState("");
  const reject = useAct((text: string) => api(`${base}/requests/${seg(of.no)}/reject`, { body: { note: text } }));
  return (
    <Dialog title={of.isOwn ? t(`撤回申请 ${of.no}`, `Withdraw request ${of.no}`) : t(`拒绝申请 ${of.no}`, `Reject request ${of.no}`)} onClose={onClose} foot={<><button type="button" className="btn" onClick={onClose}>{t("取消", "Cancel")}</button><button type="button" className="btn p" disabled={note.trim() === "" || reject.isPending} onClick={() => reject.mutate(note.trim(), { onSuccess: onClose })}>{of.isOwn ? t("撤回", "Withdraw") : t("拒绝", "Reject")}</button></>}>
      <Field label={t("原因，提出人会看到", "The reason, which whoever asked sees")}><textarea className="in" value={note} maxLength={500} onChange={(event) => setNote(event.target.value)} /></Field>
      {reject.error ? <Trouble error={reject.error} /> : null}
    </Dialog>
  );
}

function Policies() {
  const t = useT();
  const { base, mayEdit } = useDesk();
  const policies = useApi<readonly Policy[]>(`${base}/policies`);
  const domains = useDomains().data;
  const [editing, setEditing] = useState<Policy | null>(null);
  const save = useAct(({ domain, trust, fields, autoMerge, fourEyes, strict }: Policy) => api(`${base}/policies/${seg(domain)}`, { method: "PUT", body: { trust, fields, autoMerge, fourEyes, strict } }));
  const words = (domain: string): string => { const known = domains?.domains.find((one) => one.domain === domain); return known ? t(known) : domain; };
  const yes = (isOn: boolean) => (isOn ? <Tag tone="accent">{t("是", "yes")}</Tag> : <span className="z">–</span>);
  return (
    <Panel title={t("各类主数据如何维护", "How each kind is kept")} note={t("取值顺序：人工固定、校验通过、可信来源、最近变更", "Values: fixed by a person, passes its check, most trusted, latest")}>
      <Loaded of={policies}>{(rows) => (
        <Table caption={t("各类主数据如何维护", "How each kind is kept")} rows={rows} rowKey={({ domain }) => domain} columns={[
          { key: "domain", head: { zh: "类别", en: "Kind" }, cell: ({ domain }) => words(domain) },
          { key: "trust", head: { zh: "可信来源，先后为序", en: "Trusted sources, in order" }, wrap: true, wide: true, cell: ({ trust }) => (trust.length === 0 ? <span className="z">–</span> : trust.join(" › ")) },
          { key: "auto", head: { zh: "自动合并", en: "Merges by itself" }, wide: true, cell: ({ autoMerge }) => yes(autoMerge) }, { key: "eyes", head: { zh: "四眼", en: "Four eyes" }, cell: ({ fourEyes }) => yes(fourEyes) },
          { key: "strict", head: { zh: "严格", en: "Strict" }, wide: true, cell: ({ strict }) => <span title={t("来源自己没有发送过的编码不借用别的系统的含义", "A code that its own source has not sent never borrows another system's meaning")}>{yes(strict)}</span> },
          ...(mayEdit ? [{ key: "act", head: { zh: "操作", en: "Act" }, cell: (row: Policy) => <button type="button" className="btn q" onClick={() => setEditing(row)}>{t("修改", "Change")}</button> }] : []),
        ]} />
      )}</Loaded>
      {editing ? (
        <Dialog title={t(`${words(editing.domain)}的维护方式`, `How ${words(editing.domain).toLowerCase()} are kept`)} onClose={() => setEditing(null)} foot={<><button type="button" className="btn" onClick={() => setEditing(null)}>{t("取消", "Cancel")}</button><button type="button" className="btn p" disabled={save.isPending} onClick={() => save.mutate(editing, { onSuccess: () => setEditing(null) })}>{t("保存", "Save")}</button></>}>
          <Field label={t("可信来源，用空格分开，最可信的在前", "Trusted sources, most trusted first, with blanks between")}><input className="in" defaultValue={editing.trust.join(" ")} onChange={(event) => setEditing({ ...editing, trust: event.target.value.split(/[\s,，、]+/).filter((one) => one !== "") })} /></Field>
          {([["autoMerge", t("把握足够时自动归入已有记录", "Joins a known record by itself when it is sure")], ["fourEyes", t("四眼：决定由另一人批准后生效", "Four eyes: somebody else has to approve")], ["strict", t("严格：来源没有发送过的编码一律挂起", "Strict: a code that its source has not sent is parked")]] as const).map(([name, label]) => <label key={name} className="row"><input type="checkbox" checked={editing[name]} onChange={(event) => setEditing({ ...editing, [name]: event.target.checked })} />{label}</label>)}
          {save.error ? <Trouble error={save.error} /> : null}
        </Dialog>
      ) : null}
    </Panel>
  );
}
