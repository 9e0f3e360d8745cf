/** 差异: all of them, the largest first; one opened at the side. */
import { api, seg, useAct, useApi, usePages, withQuery } from "../app/api.ts";
import { useBook } from "../app/session.ts";
import { Amount } from "../ui/amount.tsx";
import { useFilters } from "../ui/filters.ts";
import { ChipSelect, ChipText, Dialog, Page, Panel, Segments, Tag } from "../ui/parts.tsx";
import { Empty, Loading, Trouble } from "../ui/states.tsx";
import { Table } from "../ui/table.tsx";
import { useT, type Words } from "../ui/text.ts";
import { type Difference, partWords, stateWords } from "./difference-model.ts";
import { DifferenceView, OwnerName } from "./difference-view.tsx";
import "./differences.css";
import { ReconciliationTabs } from "./tabs.tsx";

const asked = ["part", "cause", "account", "party", "owner", "find", "olderThan"] as const;
type Known = { readonly cause: string; readonly no: number | null; readonly part: string; readonly zh: string; readonly en: string };

export function Differences() {
  const t = useT();
  const book = useBook();
  const [filters, set] = useFilters();
  const state = (filters.state ?? "open") as Difference["state"];
  const pages = usePages<Difference>(withQuery(`/books/${seg(book.code)}/differences`, { state, ...Object.fromEntries(asked.map((name) => [name, filters[name]])) }), 100);
  const causes = useApi<readonly Known[]>(`/books/${seg(book.code)}/reconciliation/causes`).data ?? [];
  const compare = useAct(() => api(`/books/${seg(book.code)}/reconciliation/run`, { method: "POST", body: {} }));
  const isFiltered = asked.some((name) => filters[name]);
  const clear = (): void => set(Object.fromEntries(asked.map((name) => [name, ""])));
  return (
    <Page
      title={t("差异", "Differences")} tabs={<ReconciliationTabs />} acts={<button type="button" className="btn" disabled={compare.isPending} onClick={() => compare.mutate(undefined)}>{t("现在对账", "Compare now")}</button>}
      bar={<>
        <Segments label={t("状态", "State")} value={state} options={(["open", "accepted", "closed"] as const).map((value) => ({ value, text: stateWords[value] as Words }))} onChange={(value) => set({ state: value === "open" ? "" : value })} />
        <ChipSelect label={t("对账", "Between")} value={filters.part ?? ""} options={[{ value: "", text: t("全部", "all") }, ...(["chain", "books", "finance"] as const).map((value) => ({ value, text: t(partWords[value] as Words) }))]} onChange={(value) => set({ part: value, cause: "" })} />
        <ChipSelect label={t("原因", "Cause")} value={filters.cause ?? ""} options={[{ value: "", text: t("全部", "all") }, ...causes.filter(({ part }) => !filters.part || part === filters.part).map((one) => ({ value: one.cause, text: `${one.no === null ? "" : `${one.no} `}${t(one)}` }))]} onChange={(value) => set({ cause: value })} />
        <ChipSelect label={t("账龄", "Age")} value={filters.olderThan ?? ""} options={[{ value: "", text: t("全部", "all") }, { value: "7", text: t("7 天以上", "7 days and more") }, { value: "30", text: t("30 天以上", "30 days and more") }, { value: "90", text: t("90 天以上", "90 days and more") }]} onChange={(value) => set({ olderThan: value })} />
        <ChipText label={t("单据、凭证", "Document, voucher")} value={filters.find ?? ""} onChange={(value) => set({ find: value })} />
        {filters.account ? <button type="button" className="chip x" onClick={() => set({ account: "" })}>{t("科目", "Account")} <b>{filters.account}</b> ×</button> : null}
      </>}
    >
      <Trouble error={compare.error} />
      <Panel>
        {pages.isPending ? <Loading rows={12} columns={6} /> : pages.error ? <Trouble error={pages.error} retry={() => void pages.refetch()} /> : pages.rows.length === 0
          ? isFiltered ? <Empty why={t("没有符合条件的差异。", "No difference matches.")} next={<button type="button" className="btn" onClick={clear}>{t("清除条件", "Clear the filters")}</button>} /> : <Empty why={state === "open" ? t("没有未消除的差异。", "Nothing differs.") : t("没有这样的差异。", "There are none.")} next={state === "open" ? t("两边一致，或还没有对账。", "The sides agree, or nothing was compared yet.") : undefined} />
          : <Table<Difference>
            caption={t("差异，金额最大在前", "Differences, the largest first")} rows={pages.rows} rowKey={(row) => row.difference} selected={filters.open} onOpen={(row) => set({ open: row.difference })} more={pages.more} isMore={pages.isFetchingNextPage}
            columns={[
              { key: "cause", head: { zh: "原因", en: "Cause" }, wrap: true, cell: (row) => <><button type="button" className="link" onClick={() => set({ open: row.difference })}>{row.no === null ? "" : `${row.no} `}{t(row.causeZh, row.causeEn)}</button><span className="sub">{t(row.why)}</span></> },
              { key: "subject", head: { zh: "对象", en: "Subject" }, wide: true, cell: (row) => <>{row.subject.replace(/^[^/]*\//, "")}<span className="sub">{row.partyName || row.itemName}</span></> },
              { key: "account", head: { zh: "科目", en: "Account" }, wide: true, mute: true, cell: (row) => row.account },
              { key: "business", head: { zh: "业务侧", en: "Business" }, wide: true, num: true, mute: true, cell: (row) => <Amount of={row.business} exact /> },
              { key: "books", head: { zh: "对方", en: "Other side" }, wide: true, num: true, mute: true, cell: (row) => <Amount of={row.books} exact /> },
              { key: "amount", head: { zh: "金额（元）", en: "Amount" }, num: true, cell: (row) => <Amount of={row.amount} hidden={row.amount === null} exact zero="figure" /> },
              { key: "days", head: { zh: "天", en: "Days" }, wide: true, num: true, cell: (row) => row.days },
              { key: "owner", head: { zh: "责任人", en: "Owner" }, wide: true, cell: (row) => <><OwnerName of={row.owner} />{row.assignedTo === "" ? null : <> <Tag tone="accent">{t("已交办", "assigned")}</Tag></>}</> },
            ]}
          />}
      </Panel>
      {filters.open ? <Dialog kind="side" title={t("差异", "Difference")} onClose={() => set({ open: "" })}><DifferenceView of={filters.open} /></Dialog> : null}
    </Page>
  );
}
