/** 挂起与等待: reasons on the left with whose turn it is, their documents in the middle, the one at hand on the right with what can be done about it. */
import { Link } from "@tanstack/react-router";
import { useEffect } from "react";
import { seg, useApi, usePages, withQuery } from "../app/api.ts";
import { useKeys } from "../app/keys.ts";
import { useBook } from "../app/session.ts";
import { Amount } from "../ui/amount.tsx";
import { useFilters } from "../ui/filters.ts";
import { AsOf, ChipSelect, Dot, moment, Page, Panel, span } from "../ui/parts.tsx";
import { Empty, Loaded, Loading, Trouble } from "../ui/states.tsx";
import { type Column, Table } from "../ui/table.tsx";
import { language, type T, useChoice, useT } from "../ui/text.ts";
import { StateBar } from "./bar.tsx";
import { Decide } from "./decide.tsx";
import "./documents.css";
import { Party } from "./list.tsx";
import { aboutText, type DocumentRow, documentPath, type One, type OpenReason, reasonTitle, turnOf } from "./model.ts";
import { Reasons } from "./one.tsx";
import { DocumentLink, DocumentTabs, useKindName } from "./words.tsx";

export const Parked = () => <Queue state="parked" />;
export const Waiting = () => <Queue state="waiting" />;

function Queue({ state }: { readonly state: "parked" | "waiting" }) {
  const t = useT();
  const book = useBook();
  const lang = useChoice(language);
  const [filters, set] = useFilters();
  const kindName = useKindName();
  const { reason = "", about = "", of = "", kind = "", source = "", period = "" } = filters;
  const base = `/books/${seg(book.code)}/document-list`;
  const reasons = useApi<readonly OpenReason[]>(withQuery(`${base}/reasons`, { state }), { keep: true });
  const facets = useApi<{ readonly sources: readonly string[]; readonly kinds: readonly { readonly kind: string; readonly zh: string; readonly en: string }[] }>(`${base}/facets`, { keep: true }).data;
  const query = { state, reason, about: reason === "" ? undefined : about || undefined, kind, source, period };
  const pages = usePages<DocumentRow>(withQuery(base, query), 100);
  const chosen = pages.rows.find((row) => row.document === of) ?? (of === "" ? pages.rows[0] : undefined);
  const openOne = of !== "" ? of : (chosen?.document ?? "");
  // The document at hand stays on the right after it was decided, with what came of it.
  const first = of === "" ? chosen?.document : undefined;
  useEffect(() => {
    if (first !== undefined) set({ of: first });
  }, [first]);
  const total = reasons.data?.reduce((sum, one) => sum + one.documents, 0) ?? 0;
  const oldest = reasons.data?.map((one) => one.oldestAt).sort()[0];
  const move = (step: 1 | -1): void => { const at = pages.rows.findIndex((row) => row.document === openOne); const next = pages.rows[at + step]; if (next) set({ of: next.document }); };
  useKeys({ j: () => move(1), k: () => move(-1) });
  const all = { value: "", text: t("全部", "All") };
  const title = state === "parked" ? t("挂起单据", "Parked documents") : t("等待的单据", "Waiting documents");
  return (
    <Page
      title={title} crumb={{ to: `/b/${book.code}/documents`, text: t("单据", "Documents") }} tabs={<DocumentTabs />}
      asOf={reasons.data ? <AsOf at={new Date(reasons.dataUpdatedAt).toISOString()} more={oldest === undefined ? t("0 张", "none") : <>{t(`${total} 张`, `${total}`)}{t("，最久 ", ", oldest ")}{ago(oldest, t)}</>} /> : undefined}
      acts={<a className="btn" href={`/api/v1${withQuery(`${base}/export`, { ...query, format: "xlsx", language: lang })}`} download>{t("导出 xlsx", "Export xlsx")}</a>}
      bar={<>
        <ChipSelect label={t("来源", "Source")} value={source} options={[all, ...(facets?.sources ?? []).map((one) => ({ value: one, text: one }))]} onChange={(value) => set({ source: value, of: "" })} />
        <ChipSelect label={t("种类", "Kind")} value={kind} options={[all, ...(facets?.kinds ?? []).map((one) => ({ value: one.kind, text: t(one.zh, one.en) }))]} onChange={(value) => set({ kind: value, of: "" })} />
        {kind || source || reason ? <button type="button" className="btn q" onClick={() => set({ kind: "", source: "", reason: "", about: "", of: "" })}>{t("清除", "Clear")}</button> : null}
      </>}
    >
      <StateBar />
      {pages.isSuccess && pages.rows.length === 0 && !kind && !source && !reason ? (
        <Panel><Empty why={state === "parked" ? t("没有挂起的单据。", "Nothing is parked.") : t("没有等待的单据。", "Nothing waits.")} next={<Link to={`/b/${book.code}/completeness`}>{t("每张单据都有去处，见完整性", "Every document is accounted for: see completeness")}</Link>} /></Panel>
      ) : (
        <div className="cols queue">
          <nav className="panel" aria-label={t("按原因", "By reason")}>
            <Loaded of={reasons} rows={6} columns={2}>{(rows) => (
              <div className="list">
                <button type="button" className={reason === "" ? "on" : ""} aria-pressed={reason === ""} onClick={() => set({ reason: "", about: "", of: "" })}><span className="r">{total}</span>{t("全部原因", "Every reason")}</button>
                {rows.map((row) => { const isOn = row.code === reason && row.about === about; return (
                  <button key={`${row.code} ${row.about}`} type="button" className={isOn ? "on" : ""} aria-pressed={isOn} onClick={() => set({ reason: row.code, about: row.about, of: "" })}>
                    <span className="r">{row.documents}</span>{t(reasonTitle(row.reason))}{row.about === "" ? null : <span className="sub mono"> {aboutText(row.about)}</span>}<div className="sub">{t(`轮到 ${turnOf(row.code).zh}`, `Turn: ${turnOf(row.code).en}`)}</div>
                  </button>); })}
              </div>
            )}</Loaded>
          </nav>
          <Panel className="two">
            {pages.isPending ? <Loading rows={10} columns={4} /> : pages.error ? <Trouble error={pages.error} retry={() => void pages.refetch()} /> : pages.rows.length === 0
              ? <Empty why={t("没有符合条件的单据。", "No document matches.")} next={t("已处理的不再列在这里。", "What was decided no longer stands here.")} />
              : <Table caption={title} columns={columnsOf(t, book.code, kindName)} rows={pages.rows} rowKey={(row) => row.document} selected={openOne} onOpen={(row) => set({ of: row.document })} more={pages.more} isMore={pages.isFetchingNextPage} />}
          </Panel>
          {openOne === "" ? <aside /> : <Detail of={openOne} reasons={reasons.data ?? []} state={state} onDone={() => set({ of: "" })} />}
        </div>
      )}
    </Page>
  );
}

const ago = (at: string, t: T): string => span((Date.now() - Date.parse(at)) / 1000, t);
const dayMs = 86_400_000;

const columnsOf = (t: T, book: string, kindName: (kind: string) => string): readonly Column<DocumentRow>[] => [
  { key: "document", head: { zh: "单据", en: "Document" }, cell: (row) => <><Link to={documentPath(book, row.document)}>{row.sourceId}</Link><span className="sub">{kindName(row.kind)}</span></> },
  { key: "party", head: { zh: "往来单位", en: "Party" }, cell: (row) => (row.party === "" ? null : <Party of={row} />), wide: true },
  { key: "reason", head: { zh: "原因", en: "Reason" }, cell: (row) => { const [first] = row.reasons; return first ? <span title={t(first.zh, first.en)}>{t(reasonTitle(first))}{row.reasons.length > 1 ? <span className="sub">{t(`共 ${row.reasons.length} 条`, `${row.reasons.length} in all`)}</span> : null}</span> : null; }, wide: true },
  { key: "amount", head: { zh: "金额（元）", en: "Amount" }, num: true, cell: (row) => <Amount of={row.amount} hidden={row.isHidden} exact /> },
  { key: "age", head: { zh: "已挂起", en: "For" }, num: true, cell: (row) => <span className={Date.now() - Date.parse(row.stateAt) > 3 * dayMs ? "warn" : undefined}>{ago(row.stateAt, t)}</span> },
];

function Detail({ of, reasons, state, onDone }: { readonly of: string; readonly reasons: readonly OpenReason[]; readonly state: "parked" | "waiting"; readonly onDone: () => void }) {
  const t = useT();
  const book = useBook();
  const kindName = useKindName();
  const one = useApi<One>(withQuery(`/books/${seg(book.code)}/documents/one`, { of }), { keep: true });
  return (
    <aside className="panel" aria-label={t("所选单据", "The document at hand")}>
      <Loaded of={one} rows={6} columns={1}>{(shown) => {
        const [first] = shown.reasons;
        const same = first === undefined ? undefined : reasons.find((row) => row.code === first.code && (row.about === "" || first.zh.includes(aboutText(row.about).split(/[ >]/)[0] ?? "")));
        return (
          <>
            <section className="documents-section"><div className="sub">{kindName(shown.kind)}</div><h2><DocumentLink of={shown.document} /></h2><div className="sub">{t("来自", "From")} {shown.source}<Dot />{moment(shown.receivedAt)} {t("到达", "received")}</div>{shown.amount === null ? null : <div className="mid"><Amount of={shown.amount} exact /><small>{shown.currency}</small></div>}</section>
            {shown.state === "parked" || shown.state === "waiting" ? <section className="documents-section"><h3>{state === "waiting" ? t("在等什么", "What it waits for") : t("为什么挂起", "Why it is parked")}</h3><Reasons reasons={shown.reasons} />{same && same.documents > 1 ? <div className="sub">{t(`同一原因还有 ${same.documents - 1} 张`, `${same.documents - 1} more for the same reason`)}</div> : null}</section> : <section className="documents-section">{t("这张单据已经处理。", "This document has been decided.")}</section>}
            {book.may("documents.decide") ? <Decide key={shown.document} of={shown} same={same} onDone={onDone} /> : null}
          </>
        );
      }}</Loaded>
    </aside>
  );
}
