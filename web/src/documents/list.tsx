/** 单据: everything that has arrived, newest first. Every filter stands in the address; a selection can be kept under a name. */
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { seg, useApi, usePages, withQuery } from "../app/api.ts";
import { useKeys } from "../app/keys.ts";
import { useBook, usePeriods } from "../app/session.ts";
import { Amount } from "../ui/amount.tsx";
import { type Filters, useFilters } from "../ui/filters.ts";
import { ChipSelect, ChipText, Dialog, Field, Page, Panel } from "../ui/parts.tsx";
import { Empty, Loading, Trouble } from "../ui/states.tsx";
import { type Column, Table } from "../ui/table.tsx";
import { language, type T, useChoice, useT } from "../ui/text.ts";
import "./documents.css";
import { type DocumentRow, documentPath, reasonTitle, stateWords } from "./model.ts";
import { DocumentTabs, StateTag, useKindName } from "./words.tsx";

const asked = ["kind", "state", "source", "period", "party", "text", "reason", "about"] as const;
type Facets = { readonly sources: readonly string[]; readonly kinds: readonly { readonly kind: string; readonly zh: string; readonly en: string }[] };

export function DocumentList() {
  const t = useT();
  const book = useBook();
  const navigate = useNavigate();
  const lang = useChoice(language);
  const kindName = useKindName();
  const [filters, set] = useFilters();
  const base = `/books/${seg(book.code)}/document-list`;
  const query = Object.fromEntries(asked.map((name) => [name, filters[name]]));
  const pages = usePages<DocumentRow>(withQuery(base, query), 100);
  const download = (format: "csv" | "xlsx"): string => `/api/v1${withQuery(`${base}/export`, { ...query, format, language: lang })}`;
  const isFiltered = asked.some((name) => filters[name]);
  const clear = (): void => set(Object.fromEntries(asked.map((name) => [name, ""])));
  useKeys({ e: () => { location.href = download("xlsx"); } });
  return (
    <Page
      title={t("单据", "Documents")} tabs={<DocumentTabs />} bar={<FilterBar filters={filters} set={set} clear={isFiltered ? clear : undefined} />}
      acts={<><a className="btn" href={download("csv")} download>{t("导出 csv", "Export csv")}</a><a className="btn" href={download("xlsx")} download>{t("导出 xlsx", "Export xlsx")}</a>{book.may("documents.post") ? <Link className="btn p" to={`/b/${book.code}/documents/upload`}>{t("上传", "Upload")}</Link> : null}</>}
    >
      <Panel className="two">
        {pages.isPending ? <Loading rows={12} columns={7} /> : pages.error ? <Trouble error={pages.error} retry={() => void pages.refetch()} /> : pages.rows.length === 0
          ? isFiltered
            ? <Empty why={t("没有符合条件的单据。", "No document matches.")} next={<button type="button" className="btn" onClick={clear}>{t("清除条件", "Clear the filters")}</button>} />
            : <Empty why={t("还没有单据到达。", "No document has come yet.")} next={book.may("flows.manage") ? <Link to={`/b/${book.code}/connectors`}>{t("看接入", "See the sources")}</Link> : <Link to={`/b/${book.code}/documents/upload`}>{t("上传文件", "Upload a file")}</Link>} />
          : <Table
            caption={t("单据，最新在前", "Documents, newest first")} columns={columnsOf(t, book.code, kindName)} rows={pages.rows} rowKey={(row) => `${row.cursor} ${row.version}`} onOpen={(row) => void navigate({ to: documentPath(book.code, row.document) })}
            more={pages.more} isMore={pages.isFetchingNextPage}
          />}
      </Panel>
    </Page>
  );
}

export const columnsOf = (t: T, book: string, kindName: (kind: string) => string): readonly Column<DocumentRow>[] => [
  { key: "document", head: { zh: "单据", en: "Document" }, cell: (row) => <><Link to={documentPath(book, row.document)}>{row.sourceId}</Link><span className="sub">{kindName(row.kind)}{row.version > 1 ? t(` 第 ${row.version} 版`, ` v${row.version}`) : ""}</span></> },
  { key: "date", head: { zh: "日期", en: "Date" }, cell: (row) => row.date, wide: true },
  { key: "party", head: { zh: "往来单位", en: "Party" }, cell: (row) => (row.party === "" ? null : <Party of={row} />), wide: true },
  { key: "amount", head: { zh: "金额（元）", en: "Amount" }, num: true, cell: (row) => <><Amount of={row.amount} hidden={row.isHidden} exact />{row.currency === "CNY" ? null : <span className="mut"> {row.currency}</span>}</> },
  { key: "state", head: { zh: "状态", en: "State" }, cell: (row) => <StateTag of={row.state} /> },
  { key: "reason", head: { zh: "原因", en: "Reason" }, cell: (row) => { const [first] = row.reasons; return first ? <span title={t(first.zh, first.en)}>{t(reasonTitle(first))}</span> : null; }, wide: true, mute: true },
  { key: "source", head: { zh: "来源", en: "Source" }, cell: (row) => row.source, wide: true, mute: true },
];

export function Party({ of }: { readonly of: Pick<DocumentRow, "party" | "partyZh" | "partyEn"> }) {
  const t = useT();
  const name = t(of.partyZh, of.partyEn);
  return name === "" || name === of.party ? <>{of.party}</> : <>{name}<span className="sub">{of.party}</span></>;
}

function FilterBar({ filters, set, clear }: { readonly filters: Filters; readonly set: (change: Filters) => void; readonly clear: (() => void) | undefined }) {
  const t = useT();
  const book = useBook();
  const facets = useApi<Facets>(`/books/${seg(book.code)}/document-list/facets`, { keep: true }).data;
  const periods = usePeriods().data ?? [];
  const all = { value: "", text: t("全部", "All") };
  const pick = (name: string) => (value: string): void => set({ [name]: value });
  return (
    <>
      <ChipSelect label={t("期间", "Period")} value={filters.period ?? ""} options={[all, ...[...periods].reverse().map(({ period }) => ({ value: period, text: period }))]} onChange={pick("period")} />
      <ChipSelect label={t("种类", "Kind")} value={filters.kind ?? ""} options={[all, ...(facets?.kinds ?? []).map((one) => ({ value: one.kind, text: t(one.zh, one.en) }))]} onChange={pick("kind")} />
      <ChipSelect label={t("状态", "State")} value={filters.state ?? ""} options={[all, ...Object.entries(stateWords).map(([value, { words }]) => ({ value, text: t(words) }))]} onChange={(value) => set({ state: value, reason: "", about: "" })} />
      <ChipSelect label={t("来源", "Source")} value={filters.source ?? ""} options={[all, ...(facets?.sources ?? []).map((source) => ({ value: source, text: source }))]} onChange={pick("source")} />
      <ChipText key={`p${filters.party ?? ""}`} label={t("往来编码", "Party code")} value={filters.party ?? ""} onChange={pick("party")} width={100} />
      <ChipText label={t("单号开头", "Number begins")} value={filters.text ?? ""} onChange={pick("text")} width={130} />
      {filters.reason ? <button type="button" className="chip x" onClick={() => set({ reason: "", about: "" })}>{t("原因", "Reason")} <b>{filters.reason}</b> ×</button> : null}
      {clear ? <button type="button" className="btn q" onClick={clear}>{t("清除", "Clear")}</button> : null}
      <span className="sp"><SavedViews filters={filters} set={set} canSave={clear !== undefined} /></span>
    </>
  );
}

type Saved = { readonly name: string; readonly query: Filters };

/** Selections under a name, of this person in this browser. */
function SavedViews({ filters, set, canSave }: { readonly filters: Filters; readonly set: (change: Filters) => void; readonly canSave: boolean }) {
  const t = useT();
  const book = useBook();
  const place = `tieout.documents.${book.code}`;
  const [saved, setSaved] = useState<readonly Saved[]>(() => readSaved(place));
  const [isNaming, setNaming] = useState(false);
  const [name, setName] = useState("");
  const keep = (next: readonly Saved[]): void => {
    setSaved(next);
    try {
      localStorage.setItem(place, JSON.stringify(next));
    } catch {
      // a browser that keeps nothing still filters
    }
  };
  const current = saved.find((one) => asked.every((key) => (one.query[key] ?? "") === (filters[key] ?? "")));
  return (
    <span className="row">
      {saved.length > 0 ? <ChipSelect label={t("已存条件", "Saved")} value={current?.name ?? ""} options={[{ value: "", text: "–" }, ...saved.map((one) => ({ value: one.name, text: one.name }))]} onChange={(value) => set(Object.fromEntries(asked.map((key) => [key, saved.find((one) => one.name === value)?.query[key] ?? ""])))} /> : null}
      {current ? <button type="button" className="btn q" onClick={() => keep(saved.filter((one) => one !== current))}>{t("删除条件", "Delete")}</button> : canSave ? <button type="button" className="btn q" onClick={() => setNaming(true)}>{t("保存条件", "Save filters")}</button> : null}
      {isNaming ? (
        <Dialog title={t("保存条件", "Save filters")} onClose={() => setNaming(false)} foot={<button type="button" className="btn p" disabled={name.trim() === ""} onClick={() => { keep([...saved.filter((one) => one.name !== name.trim()), { name: name.trim(), query: Object.fromEntries(asked.map((key) => [key, filters[key] ?? ""])) }]); setNaming(false); setName(""); }}>{t("保存条件", "Save filters")}</button>}>
          <Field label={t("名称", "Name")}><input className="in" autoFocus value={name} maxLength={40} onChange={(event) => setName(event.target.value)} /></Field>
        </Dialog>
      ) : null}
    </span>
  );
}

function readSaved(place: string): readonly Saved[] {
  try {
    const read: unknown = JSON.parse(localStorage.getItem(place) ?? "[]");
    return Array.isArray(read) ? (read as readonly Saved[]) : [];
  } catch {
    return [];
  }
}
