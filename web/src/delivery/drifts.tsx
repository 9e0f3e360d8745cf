/** 漂移: what changed in the finance system after delivery; accepted with somebody's word, or decided at its delivery. */
import { useState } from "react";
import { Link } from "@tanstack/react-router";
import { api, seg, useAct, useApi, withQuery } from "../app/api.ts";
import { useBook } from "../app/session.ts";
import { useFilters } from "../ui/filters.ts";
import { Dialog, Field, moment, Page, Panel, Segments, Tag } from "../ui/parts.tsx";
import { Empty, Loaded, Trouble } from "../ui/states.tsx";
import { Table } from "../ui/table.tsx";
import { useT } from "../ui/text.ts";
import { DeliveryTabs, Subject } from "./deliveries.tsx";
import "./delivery.css";
import { type Drift, driftKinds } from "./model.ts";

export function Drifts() {
  const t = useT();
  const book = useBook();
  const [{ all = "" }, set] = useFilters();
  const drifts = useApi<readonly Drift[]>(withQuery(`/books/${seg(book.code)}/drifts`, { open: all === "" ? true : undefined, limit: 500 }), { keep: true });
  const [open, setOpen] = useState<Drift | null>(null);
  return (
    <Page title={t("漂移", "Drifts")} crumb={{ to: `/b/${book.code}/delivery`, text: t("送达", "Delivery") }} tabs={<DeliveryTabs />} bar={<Segments label={t("范围", "Which")} value={all === "" ? "open" : "all"} options={[{ value: "open", text: { zh: "未处理", en: "Open" } }, { value: "all", text: { zh: "全部", en: "All" } }]} onChange={(value) => set({ all: value === "all" ? "1" : "" })} />}>
      <Panel>
        <Loaded of={drifts} columns={5} isEmpty={(rows) => rows.length === 0} empty={<Empty why={t("对方与送达时一致。", "The target is as it was delivered.")} next={t("定期核对已送达的凭证，不一致时列在这里。", "What was delivered is looked at from time to time; what differs stands here.")} />}>{(rows) => (
          <Table<Drift>
            caption={t("漂移", "Drifts")} rows={rows} rowKey={(row) => String(row.drift)} onOpen={setOpen} selected={open === null ? null : String(open.drift)}
            columns={[
              { key: "subject", head: { zh: "凭证", en: "Voucher" }, cell: (row) => <><Subject of={row} /><span className="sub">{row.flow}</span></> }, { key: "kind", head: { zh: "变化", en: "Change" }, cell: (row) => <Tag tone={row.resolvedAt === null ? "bad" : undefined}>{t(driftKinds[row.kind] ?? row.kind)}</Tag> },
              { key: "found", head: { zh: "发现于", en: "Found" }, cell: (row) => moment(row.foundAt), wide: true }, { key: "open", head: { zh: "处理", en: "Decision" }, cell: (row) => (row.resolvedAt === null ? <button type="button" className="link" onClick={() => setOpen(row)}>{t("看差异", "See the difference")}</button> : <>{row.resolvedBy}<span className="sub">{row.reason}</span></>) },
            ]}
          />
        )}</Loaded>
      </Panel>
      {open === null ? null : <DriftDialog of={open} onClose={() => setOpen(null)} />}
    </Page>
  );
}

function DriftDialog({ of, onClose }: { readonly of: Drift; readonly onClose: () => void }) {
  const t = useT();
  const book = useBook();
  const [reason, setReason] = useState("");
  const accept = useAct(() => api(`/books/${seg(book.code)}/drifts/${of.drift}/accept`, { body: { reason: reason.trim() } }));
  const isOpen = of.resolvedAt === null && book.may("deliveries.decide");
  return (
    <Dialog
      kind="wide" title={t(`${of.subject} 在对方的变化`, `What changed of ${of.subject}`)} onClose={onClose}
      foot={isOpen ? <><Link className="btn" to={`/b/${book.code}/delivery?open=${of.delivery}` as never}>{t("处理送达", "Decide the delivery")}</Link><button type="button" className="btn p" disabled={reason.trim() === "" || accept.isPending} onClick={() => accept.mutate(undefined as never, { onSuccess: onClose })}>{t("接受变化", "Accept the change")}</button></> : undefined}
    >
      <div className="delivery-diff"><div><h3>{t("我方", "Ours")}</h3><pre className="code" tabIndex={0}>{JSON.stringify(of.ours, null, 1)}</pre></div><div><h3>{t("对方", "Theirs")}</h3><pre className="code" tabIndex={0}>{JSON.stringify(of.theirs, null, 1)}</pre></div></div>
      {isOpen ? <Field label={t("原因 *", "Reason *")}><input className="in" value={reason} maxLength={500} onChange={(event) => setReason(event.target.value)} /></Field> : null}
      <Trouble error={accept.error} />
    </Dialog>
  );
}
