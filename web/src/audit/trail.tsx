/** 留痕: who did what, when, from where, before and after, and why. Read only; the chain is proved on the page. */
import { useState } from "react";
import { useApi, usePages, withQuery } from "../app/api.ts";
import { useFilters } from "../ui/filters.ts";
import { ChipSelect, ChipText, Dialog, moment, Page, Panel, Tag } from "../ui/parts.tsx";
import { Empty, Loading, Trouble } from "../ui/states.tsx";
import { Table } from "../ui/table.tsx";
import { type T, useT } from "../ui/text.ts";

type Entry = {
  readonly entryNo: string; readonly at: string; readonly actorKind: string; readonly actor: string; readonly actorName: string; readonly address: string; readonly act: string; readonly zh: string; readonly en: string; readonly objectKind: string; readonly objectId: string; readonly book: string | null;
  readonly before: unknown; readonly after: unknown; readonly reason: string; readonly outcome: "done" | "refused" | "failed" | "unknown"; readonly code: string | null; readonly request: string; readonly hash: string; readonly cursor: string;
};
type Acts = readonly { readonly act: string; readonly zh: string; readonly en: string }[];
type Proof = { readonly isWhole: boolean; readonly entries: number; readonly problem?: string | null };

const outcomes = (t: T): Readonly<Record<Entry["outcome"], { readonly text: string; readonly tone: "good" | "warn" | "bad" | undefined }>> => ({
  done: { text: t("已完成", "Done"), tone: undefined }, refused: { text: t("被拒", "Refused"), tone: "warn" }, failed: { text: t("出错", "Failed"), tone: "bad" }, unknown: { text: t("未知", "Unknown"), tone: "bad" },
});

export function AuditTrail() {
  const t = useT();
  const [filters, set] = useFilters();
  const { actor = "", act = "", from = "", to = "", outcome = "", text = "" } = filters;
  const query = { actor, act, from, to, outcome, text };
  const pages = usePages<Entry>(withQuery("/audit", query));
  const acts = useApi<Acts>("/audit/acts").data ?? [];
  const proof = useApi<Proof>("/audit/verify");
  const [open, setOpen] = useState<Entry | null>(null);
  const words = outcomes(t);
  return (
    <Page
      title={t("留痕", "Audit trail")}
      asOf={proof.data === undefined ? undefined : proof.data.isWhole ? <><i className="live" />{t(`链条完整，${proof.data.entries} 条`, `The chain is whole, ${proof.data.entries} entries`)}</> : <span className="bad">≠ {t("链条断了", "The chain is broken")}</span>}
      acts={<><a className="btn" href={`/api/v1${withQuery("/audit/export", { ...query, format: "csv" })}`}>{t("导出 csv", "Export csv")}</a><a className="btn q" href={`/api/v1${withQuery("/audit/export", { ...query, format: "ndjson" })}`}>ndjson</a></>}
      bar={<>
        <ChipText label={t("人", "Person")} value={actor} onChange={(value) => set({ actor: value })} width={110} />
        <ChipSelect label={t("做了什么", "Act")} value={act} options={[{ value: "", text: t("全部", "All") }, ...acts.map((one) => ({ value: one.act, text: t(one.zh, one.en) }))]} onChange={(value) => set({ act: value })} />
        <ChipSelect label={t("结果", "Outcome")} value={outcome} options={[{ value: "", text: t("全部", "All") }, ...Object.entries(words).map(([value, one]) => ({ value, text: one.text }))]} onChange={(value) => set({ outcome: value })} />
        <ChipText label={t("自", "From")} type="date" value={from} onChange={(value) => set({ from: value })} />
        <ChipText label={t("至", "To")} type="date" value={to} onChange={(value) => set({ to: value })} />
        <ChipText label={t("内容", "Content")} value={text} onChange={(value) => set({ text: value })} width={160} />
      </>}
    >
      <Panel>
        {pages.isPending ? <Loading columns={5} /> : pages.error ? <Trouble error={pages.error} retry={() => void pages.refetch()} /> : pages.rows.length === 0
          ? <Empty why={t("没有符合条件的记录。", "Nothing matches.")} next={t("放宽条件再看。", "Widen the filters.")} />
          : <Table
            caption={t("留痕", "Audit trail")} rows={pages.rows} rowKey={(row) => row.entryNo} onOpen={setOpen} selected={open?.entryNo} more={pages.more} isMore={pages.isFetchingNextPage}
            columns={[
              { key: "at", head: { zh: "时间", en: "Time" }, cell: (row) => moment(row.at), mute: true },
              { key: "what", head: { zh: "谁做了什么", en: "Who did what" }, wrap: true, cell: (row) => <>{t(row.zh, row.en)}{row.reason === "" ? null : <span className="sub">{row.reason}</span>}</> },
              { key: "book", head: { zh: "账簿", en: "Book" }, cell: (row) => row.book ?? "", wide: true },
              { key: "address", head: { zh: "从何处", en: "From" }, cell: (row) => <span className="mut">{row.address}</span>, wide: true },
              { key: "outcome", head: { zh: "结果", en: "Outcome" }, cell: (row) => (row.outcome === "done" ? words.done.text : <Tag tone={words[row.outcome].tone}>{words[row.outcome].text}</Tag>) },
              { key: "no", head: { zh: "序号", en: "No." }, num: true, mute: true, cell: (row) => row.entryNo, wide: true },
            ]}
          />}
      </Panel>
      {open === null ? null : <EntryDialog entry={open} onClose={() => setOpen(null)} />}
    </Page>
  );
}

function EntryDialog({ entry, onClose }: { readonly entry: Entry; readonly onClose: () => void }) {
  const t = useT();
  const changes = changesOf(entry.before, entry.after);
  return (
    <Dialog kind="wide" title={t(entry.zh, entry.en)} onClose={onClose}>
      <dl className="kv">
        <dt>{t("时间", "Time")}</dt><dd>{moment(entry.at)}</dd><dt>{t("人", "Person")}</dt><dd>{entry.actorName} {entry.actor === entry.actorName ? "" : <span className="mono mut">{entry.actor}</span>}</dd><dt>{t("从何处", "From")}</dt><dd>{entry.address || "–"}</dd>
        <dt>{t("请求", "Request")}</dt><dd className="mono">{entry.request}</dd><dt>{t("对象", "Object")}</dt><dd>{entry.objectKind} {entry.objectId}</dd><dt>{t("原因", "Reason")}</dt><dd>{entry.reason || "–"}</dd>{entry.code === null ? null : <><dt>{t("拒绝代码", "Refusal")}</dt><dd className="mono">{entry.code}</dd></>}
        <dt>{t("哈希", "Hash")}</dt><dd className="mono">{entry.hash}</dd>
      </dl>
      {changes.length === 0 ? null : <Table caption={t("前后", "Before and after")} rows={changes} rowKey={(row) => row.path} columns={[{ key: "path", head: { zh: "字段", en: "Field" }, cell: (row) => <span className="mono">{row.path}</span> }, { key: "before", head: { zh: "之前", en: "Before" }, wrap: true, cell: (row) => row.before }, { key: "after", head: { zh: "之后", en: "After" }, wrap: true, cell: (row) => row.after }]} />}
    </Dialog>
  );
}

/** What differs, leaf by leaf; without a before, everything that is after. */
function changesOf(before: unknown, after: unknown): { readonly path: string; readonly before: string; readonly after: string }[] {
  const leaves = (value: unknown, path: string, into: Map<string, string>): Map<string, string> => {
    if (value !== null && typeof value === "object") for (const [name, inner] of Object.entries(value)) leaves(inner, path === "" ? name : `${path}.${name}`, into);
    else if (value !== undefined && value !== null) into.set(path, String(value));
    return into;
  };
  const was = leaves(before, "", new Map());
  const is = leaves(after, "", new Map());
  return [...new Set([...was.keys(), ...is.keys()])].filter((path) => was.get(path) !== is.get(path)).map((path) => ({ path, before: was.get(path) ?? "", after: is.get(path) ?? "" }));
}
