/** Records are processed again: first what would differ, then, if wanted, the documents are rebuilt. */
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api, seg, useAct } from "../app/api.ts";
import { useBook } from "../app/session.ts";
import { Dialog, Field, Tag } from "../ui/parts.tsx";
import { Trouble } from "../ui/states.tsx";
import { Table } from "../ui/table.tsx";
import { useT } from "../ui/text.ts";
import { documentPath } from "../documents/model.ts";
import "./connectors.css";
import type { Problem } from "./model.ts";

type Difference = { readonly seq: string; readonly stream: string; readonly key: string; readonly document: string; readonly change: "new" | "changed" | "same" | "problem" | "ignored"; readonly fields: readonly { readonly path: string; readonly before: string; readonly after: string }[]; readonly problems: readonly Problem[] };
type Report = { readonly records: number; readonly counts: Readonly<Record<Difference["change"], number>>; readonly differences: readonly Difference[]; readonly landed: number };
const words = { new: { zh: "新增", en: "New" }, changed: { zh: "改变", en: "Changed" }, same: { zh: "相同", en: "Same" }, problem: { zh: "有问题", en: "Problem" }, ignored: { zh: "忽略", en: "Ignored" } } as const;

export function ReplayDialog({ flow, onClose }: { readonly flow: string; readonly onClose: () => void }) {
  const t = useT();
  const book = useBook();
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const [keys, setKeys] = useState("");
  const run = useAct((mode: "dry-run" | "rebuild") => {
    const chosen = keys.split(/[\s,，]+/).filter((key) => key !== "");
    return api<Report>(`/books/${seg(book.code)}/flows/${seg(flow)}/replay`, { body: { mode, ...(from === "" ? {} : { from: `${from}T00:00:00Z` }), ...(to === "" ? {} : { to: `${to}T23:59:59Z` }), ...(chosen.length === 0 ? {} : { keys: chosen }) } });
  });
  const report = run.data;
  const wouldLand = report === undefined ? 0 : report.counts.new + report.counts.changed;
  const isTrial = run.variables === "dry-run";
  return (
    <Dialog
      kind="wide" title={t(`重放 ${flow}`, `Replay ${flow}`)} onClose={onClose}
      foot={<><button type="button" className="btn" disabled={run.isPending} onClick={() => run.mutate("dry-run")}>{t("试算差异", "See what would differ")}</button><button type="button" className="btn p" disabled={run.isPending || !isTrial || wouldLand === 0} onClick={() => run.mutate("rebuild")}>{t(`重建 ${wouldLand} 张`, `Rebuild ${wouldLand}`)}</button></>}
    >
      <div className="documents-fields">
        <Field label={t("收到自（不填为全部）", "Received from (empty: all)")}><input className="in" type="date" value={from} onChange={(event) => setFrom(event.target.value)} /></Field>
        <Field label={t("收到至", "Received up to")}><input className="in" type="date" value={to} onChange={(event) => setTo(event.target.value)} /></Field>
        <Field label={t("记录主键，逗号分隔", "Keys of records, by commas")}><input className="in" value={keys} onChange={(event) => setKeys(event.target.value)} /></Field>
      </div>
      {report === undefined ? null : (
        <div role="status">
          <p>{isTrial ? t("试算，未改动：", "Tried, nothing changed: ") : t("已重建：", "Rebuilt: ")}{t(`${report.records} 条记录`, `${report.records} records`)}{(Object.keys(words) as (keyof typeof words)[]).filter((change) => report.counts[change] > 0).map((change) => `${t("，", ", ")}${t(words[change])} ${report.counts[change]}`).join("")}{isTrial ? "" : t(`，重新收下 ${report.landed} 条`, `, ${report.landed} landed again`)}</p>
          {report.differences.length === 0 ? null : <Table
            caption={t("差异", "Differences")} rows={report.differences.slice(0, 200)} rowKey={(row) => `${row.seq} ${row.document}`}
            columns={[
              { key: "key", head: { zh: "记录", en: "Record" }, cell: (row) => <><span className="mono">{row.key}</span><span className="sub">{row.stream}</span></> }, { key: "change", head: { zh: "差异", en: "Change" }, cell: (row) => <Tag tone={row.change === "problem" ? "warn" : undefined}>{t(words[row.change])}</Tag> },
              { key: "document", head: { zh: "单据", en: "Document" }, cell: (row) => (row.document === "" || row.change === "new" ? row.document : <Link to={documentPath(book.code, row.document) as never}>{row.document}</Link>), wide: true },
              { key: "fields", head: { zh: "字段", en: "Fields" }, wrap: true, cell: (row) => <>{row.fields.slice(0, 5).map((field) => <div key={field.path}><span className="mono">{field.path}</span> {field.before || "–"} → {field.after || "–"}</div>)}{row.problems.map((problem, at) => <div key={at}>{t(problem.zh, problem.en)}</div>)}</> },
            ]}
          />}
        </div>
      )}
      <Trouble error={run.error} />
    </Dialog>
  );
}
