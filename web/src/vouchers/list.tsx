/** 凭证: newest first, every filter in the address, a page at a time both ways. */
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, useApi, withQuery } from "../app/api.ts";
import { useKeys } from "../app/keys.ts";
import { useBook } from "../app/session.ts";
import { Amount } from "../ui/amount.tsx";
import { type Choice, Combo } from "../ui/combo.tsx";
import { type Filters, useFilters } from "../ui/filters.ts";
import { ChipSelect, ChipText, Page, Panel } from "../ui/parts.tsx";
import { Empty, Loaded } from "../ui/states.tsx";
import { type Column, Table } from "../ui/table.tsx";
import { type T, useT } from "../ui/text.ts";
import { addressOf, type Facets, type FoundPage, type FoundVoucher, kindOf, sumOf } from "./model.ts";
import { VoucherTabs } from "./tabs.tsx";
import "./vouchers.css";
import { DeliveryTag, DocumentLink, Person, useKindName, useNames } from "./words.tsx";

const asked = ["from", "to", "series", "number", "account", "amount", "text", "party", "rule", "preparedBy", "reviewedBy", "document"] as const;
const pageSize = 50;

export function VoucherList() {
  const t = useT();
  const book = useBook();
  const navigate = useNavigate();
  const [filters, setFilters] = useFilters();
  const base = `/books/${encodeURIComponent(book.code)}/voucher-list`;
  const query = Object.fromEntries(asked.map((name) => [name, filters[name]]));
  const page = useApi<FoundPage>(withQuery(base, { ...query, after: filters.after, before: filters.before, limit: pageSize }), { keep: true });
  const download = (format: string): string => withQuery(`/api/v1${base}/export`, { ...query, format });
  const [cleared, setCleared] = useState(0);
  const isFiltered = asked.some((name) => filters[name]);
  const open = (row: FoundVoucher): void => void navigate({ to: addressOf(book.code, `${row.period}/${row.number}`) });
  const turn = (change: Filters): void => setFilters({ after: "", before: "", ...change });
  useKeys({ e: () => { location.href = download("csv"); } });
  const rows = page.data?.rows ?? [];
  return (
    <Page
      title={t("凭证", "Vouchers")} tabs={<VoucherTabs />} bar={<FilterBar filters={filters} cleared={cleared} rows={page.data?.rows ?? []} set={turn} />}
      acts={<>
        <a className="btn" href={download("csv")} download>CSV</a><a className="btn" href={download("xlsx")} download>Excel</a>
        {rows.length > 0 ? <a className="btn" href={`/print/${book.code}/voucher?numbers=${encodeURIComponent(rows.map((row) => `${row.period}/${row.number}`).join(","))}`} target="_blank" rel="noreferrer">{t("打印本页", "Print these")}</a> : null}
      </>}
    >
      <Panel className="vouchers-list">
        <Loaded of={page} rows={12} columns={8} isEmpty={(data) => data.rows.length === 0 && data.searchedTo === null} empty={isFiltered
          ? <Empty why={t("没有符合条件的凭证。", "No voucher matches.")} next={<button type="button" className="btn" onClick={() => { turn(Object.fromEntries(asked.map((name) => [name, ""]))); setCleared(cleared + 1); }}>{t("清除条件", "Clear the filters")}</button>} />
          : <Empty why={t("还没有凭证。单据入账后，凭证列在这里。", "There are no vouchers yet. They stand here once documents are posted.")} next={<Link to={`/b/${book.code}/documents`}>{t("看单据", "See documents")}</Link>} />}>
          {(data) => (
            <>
              <Table<FoundVoucher> caption={t("凭证，最新在前", "Vouchers, newest first")} columns={columnsOf(t, book.code, data.rows)} rows={data.rows} rowKey={(row) => row.id} onOpen={open} footLabel={t(`本页 ${data.rows.length} 张`, `${data.rows.length} on this page`)} />
              <div className="foot">
                {data.searchedTo === null ? null : <span>{t(`已查到 ${data.searchedTo}，更早的期间可继续查找`, `Searched back to ${data.searchedTo}; earlier periods can be searched next`)}</span>}
                <span className="vouchers-pages"><button type="button" className="btn" disabled={data.newer === null} onClick={() => setFilters({ before: data.newer ?? "", after: "" })}>{t("较新一页", "Newer")}</button>
                  <button type="button" className="btn" disabled={data.older === null} onClick={() => setFilters({ after: data.older ?? "", before: "" })}>{data.searchedTo === null ? t("较早一页", "Older") : t("继续查找", "Search on")}</button></span>
              </div>
            </>
          )}
        </Loaded>
      </Panel>
    </Page>
  );
}

function columnsOf(t: T, book: string, rows: readonly FoundVoucher[]): readonly Column<FoundVoucher>[] {
  const isDelivered = rows.some(({ deliveries }) => deliveries.length > 0);
  return [
    { key: "number", head: { zh: "凭证字号", en: "Number" }, cell: (row) => <Link to={addressOf(book, `${row.period}/${row.number}`)}>{row.number}</Link> },
    { key: "date", head: { zh: "日期", en: "Date" }, cell: (row) => row.date.slice(5), mute: true, wide: true },
    { key: "period", head: { zh: "期间", en: "Period" }, cell: (row) => row.period, mute: true, wide: true },
    { key: "summary", head: { zh: "摘要", en: "Summary" }, cell: (row) => row.summary, wrap: true },
    { key: "debit", head: { zh: "借方合计（元）", en: "Debits" }, num: true, cell: (row) => <Link to={addressOf(book, `${row.period}/${row.number}`)} style={{ color: "inherit" }}><Amount of={row.debitTotal} hidden={row.debitTotal === null} exact /></Link>, foot: <Amount of={sumOf(rows.map(({ debitTotal }) => debitTotal))} hidden={rows.some(({ debitTotal }) => debitTotal === null)} exact /> },
    { key: "attachments", head: { zh: "附件", en: "Att." }, num: true, cell: (row) => row.attachments, wide: true },
    { key: "prepared", head: { zh: "制单", en: "Prepared" }, cell: (row) => (/^rule:/.test(row.reviewedBy) ? <Person id={row.reviewedBy} /> : <Person id={row.preparedBy} />), wide: true },
    { key: "reviewed", head: { zh: "审核", en: "Reviewed" }, cell: (row) => (/^rule:/.test(row.reviewedBy) ? t("自动", "By rule") : <Person id={row.reviewedBy} />), wide: true },
    { key: "posted", head: { zh: "记账", en: "Posted" }, cell: (row) => <Person id={row.postedBy} />, wide: true },
    ...(isDelivered ? [{ key: "delivery", head: { zh: "送达", en: "Delivery" }, cell: (row: FoundVoucher) => row.deliveries.map((one) => <DeliveryTag key={one.flow + one.at} of={one} />), wide: true }] : []),
    { key: "source", head: { zh: "来源", en: "Source" }, cell: (row) => (row.document === null ? null : <SourceOf document={row.document} />), wide: true },
  ];
}

function SourceOf({ document }: { readonly document: string }) {
  const kind = useKindName();
  return <><span className="mut">{kind(kindOf(document))}</span> <DocumentLink of={document} /></>;
}

function FilterBar({ filters, cleared, rows, set }: { readonly rows: readonly FoundVoucher[]; readonly filters: Filters; /** Counts up when all filters are taken away: fields that keep what was typed begin anew. */ readonly cleared: number; readonly set: (change: Filters) => void }) {
  const t = useT();
  const book = useBook();
  const facets = useApi<Facets>(`/books/${encodeURIComponent(book.code)}/voucher-list/facets`).data;
  const periods = [{ value: "", text: t("全部", "all") }, ...(facets?.periods ?? []).map((period) => ({ value: period, text: period }))];
  const value = (name: string): string => filters[name] ?? "";
  const { known, nameOf } = useNames();
  /** All people known, and programs that are on this page. */
  const people = (chosen: string, here: readonly string[]): { value: string; text: string }[] => [{ value: "", text: t("全部", "all") }, ...[...new Set([...known, ...here, ...(chosen === "" ? [] : [chosen])])].map((id) => ({ value: id, text: nameOf(id) }))];
  return (
    <>
      <ChipSelect label={t("自", "From")} value={value("from")} options={periods} onChange={(from) => set({ from })} />
      <ChipSelect label={t("至", "To")} value={value("to")} options={periods} onChange={(to) => set({ to })} />
      <ChipText key={`n${cleared}`} label={t("号", "No.")} value={value("number")} onChange={(number) => set({ number })} width={64} />
      <ChipText key={`t${cleared}`} label={t("摘要", "Summary")} value={value("text")} onChange={(text) => set({ text })} width={120} />
      <span className="vouchers-more wide-only">
      {(facets?.series.length ?? 0) > 1 ? <ChipSelect label={t("凭证字", "Series")} value={value("series")} options={[{ value: "", text: t("全部", "all") }, ...(facets?.series ?? []).map((one) => ({ value: one, text: one }))]} onChange={(series) => set({ series })} /> : null}
      <Picker label={t("科目", "Account")} value={value("account")} onChoose={(account) => set({ account })} path="accounts/search" extra={{ all: true }} />
      <Picker label={t("往来", "Party")} value={value("party")} onChoose={(party) => set({ party })} path="masterdata/search" extra={{ kind: "counterparty" }} />
      <ChipText key={`a${cleared}`} label={t("金额", "Amount")} value={value("amount")} onChange={(amount) => set({ amount })} width={96} />
      <ChipSelect label={t("规则", "Rule")} value={value("rule")} options={[{ value: "", text: t("全部", "all") }, ...(facets?.rules ?? []).map((one) => ({ value: one.rule, text: `${one.rule} ${t(one.zh, one.en)}` }))]} onChange={(rule) => set({ rule })} />
      <ChipSelect label={t("制单", "Prepared by")} value={value("preparedBy")} options={people(value("preparedBy"), rows.map((row) => row.preparedBy))} onChange={(preparedBy) => set({ preparedBy })} />
      <ChipSelect label={t("审核", "Reviewed by")} value={value("reviewedBy")} options={people(value("reviewedBy"), rows.map((row) => row.reviewedBy).filter((id) => !/^rule:/.test(id)))} onChange={(reviewedBy) => set({ reviewedBy })} />
      <ChipText key={`d${cleared}`} label={t("来源单据", "Document")} value={value("document")} onChange={(document) => set({ document })} width={110} />
      </span>
    </>
  );
}

/** A chip that searches by code, name and pinyin. */
function Picker({ label, value, onChoose, path, extra }: { readonly label: string; readonly value: string; readonly onChoose: (value: string) => void; readonly path: string; readonly extra: Readonly<Record<string, string | boolean>> }) {
  const t = useT();
  const book = useBook();
  const search = async (text: string): Promise<readonly Choice[]> => (await api<readonly { code: string; zh: string; en: string }[]>(withQuery(`/books/${encodeURIComponent(book.code)}/${path}`, { ...extra, text }))).map(({ code, zh, en }) => ({ value: code, text: t(zh, en) }));
  return <div className={`chip vouchers-pick${value === "" ? "" : " x"}`}>{label}<Combo label={label} value={value} search={search} onChoose={onChoose} placeholder={t("代码、名称、拼音", "Code, name, pinyin")} /></div>;
}
