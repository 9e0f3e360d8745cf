/** 三单匹配: what is to be paid, and whether it is what was ordered and came. */
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { seg, usePages, withQuery } from "../app/api.ts";
import { useBook } from "../app/session.ts";
import { Amount, Quantity } from "../ui/amount.tsx";
import { useFilters } from "../ui/filters.ts";
import { ChipSelect, ChipText, Dialog, Page, Panel, Segments, Tag, type Tone } from "../ui/parts.tsx";
import { Empty, Loading, Trouble } from "../ui/states.tsx";
import { Table } from "../ui/table.tsx";
import { type T, useT } from "../ui/text.ts";
import { ReconciliationTabs } from "./tabs.tsx";
import { Tolerances } from "./tolerances.tsx";

type Finding = { readonly state: string; readonly line: string; readonly what: string; readonly expected: string | null; readonly actual: string | null; readonly atStake: string; readonly with: readonly string[] };
type Row = { readonly document: string; readonly supplier: string; readonly supplierName: string; readonly date: string; readonly dueDate: string; readonly invoiceNumber: string; readonly state: string; readonly documentState: string; readonly gross: string; readonly open: string; readonly atStake: string; readonly findings: readonly Finding[]; readonly cursor: string };

const states = (t: T): Readonly<Record<string, { readonly text: string; readonly tone: Tone }>> => ({
  matched: { text: t("相符", "Matched"), tone: "good" }, priceVariance: { text: t("价格差异", "Price differs"), tone: "warn" }, quantityVariance: { text: t("数量差异", "Quantity differs"), tone: "warn" }, invoiceFirst: { text: t("票到货未到", "Invoice before goods"), tone: "warn" }, duplicateInvoice: { text: t("发票重复", "Duplicate"), tone: "bad" }, noOrder: { text: t("无订单", "No order"), tone: undefined },
});
const whats = (t: T): Readonly<Record<string, string>> => ({ quantity: t("数量", "Quantity"), price: t("单价", "Price"), tax: t("税额", "Tax"), order: t("订单", "Order"), receipt: t("入库", "Receipt"), invoice: t("发票", "Invoice") });

export function ThreeWay() {
  const t = useT();
  const book = useBook();
  const [{ open = "true", party = "", state = "", view = "" }, set] = useFilters();
  const pages = usePages<Row>(withQuery(`/books/${seg(book.code)}/three-way`, { open: open === "true" ? "true" : "", party, state: state === "all" ? "" : state || "differs" }), 100);
  const [shown, setShown] = useState<Row | null>(null);
  const words = states(t);
  const rows = pages.rows;
  return (
    <Page
      title={t("三单匹配", "Three-way match")} tabs={<ReconciliationTabs />}
      bar={<>
        <Segments label={t("内容", "View")} value={view} options={[{ value: "", text: { zh: "发票", en: "Invoices" } }, { value: "tolerances", text: { zh: "容差", en: "Tolerances" } }]} onChange={(value) => set({ view: value })} />
        {view === "tolerances" ? null : <>
        <ChipSelect label={t("发票", "Invoices")} value={open === "true" ? "" : "all"} options={[{ value: "", text: t("未付清", "To be paid") }, { value: "all", text: t("全部", "All") }]} onChange={(value) => set({ open: value === "all" ? "false" : "" })} />
        <ChipSelect label={t("结果", "Result")} value={state} options={[{ value: "", text: t("有差异", "With findings") }, { value: "all", text: t("全部", "All") }, ...Object.entries(words).map(([value, one]) => ({ value, text: one.text }))]} onChange={(value) => set({ state: value })} />
        <ChipText label={t("供应商", "Supplier")} value={party} onChange={(value) => set({ party: value })} width={120} /></>}
      </>}
    >
      {view === "tolerances" ? <Tolerances /> : <Panel>
        {pages.isPending ? <Loading columns={7} /> : pages.error ? <Trouble error={pages.error} retry={() => void pages.refetch()} /> : rows.length === 0 ? <Empty why={t("没有符合条件的发票。", "No invoice matches.")} next={t("放宽条件，或再显示一些。", "Widen the filters, or show more.")} /> : null}
        {rows.length === 0 && !pages.hasNextPage ? null : <Table
          caption={t("三单匹配", "Three-way match")} rows={rows} rowKey={(row) => row.document} onOpen={setShown} selected={shown?.document} more={pages.more} isMore={pages.isFetchingNextPage}
          columns={[
            { key: "document", head: { zh: "发票", en: "Invoice" }, cell: (row) => <button type="button" className="link" onClick={() => setShown(row)}>{row.document.split("/").at(-1)}</button> }, { key: "supplier", head: { zh: "供应商", en: "Supplier" }, wrap: true, cell: (row) => <>{row.supplierName || row.supplier}<span className="sub"> {row.supplier}</span></> },
            { key: "due", head: { zh: "到期", en: "Due" }, mute: true, cell: (row) => row.dueDate || row.date, wide: true }, { key: "gross", head: { zh: "价税合计（元）", en: "Gross (CNY)" }, num: true, cell: (row) => <Amount of={row.gross} exact /> }, { key: "open", head: { zh: "未付", en: "Open" }, num: true, cell: (row) => <Amount of={row.open} exact />, wide: true },
            { key: "stake", head: { zh: "多付风险", en: "At stake" }, num: true, cell: (row) => <Amount of={row.atStake} exact /> }, { key: "state", head: { zh: "结果", en: "Result" }, cell: (row) => <Tag tone={words[row.state]?.tone}>{words[row.state]?.text ?? row.state}</Tag> },
          ]}
        />}
      </Panel>}
      {shown === null ? null : <Findings row={shown} onClose={() => setShown(null)} />}
    </Page>
  );
}

function Findings({ row, onClose }: { readonly row: Row; readonly onClose: () => void }) {
  const t = useT();
  const book = useBook();
  const words = states(t);
  const names = whats(t);
  const figure = (finding: Finding, value: string | null) => (value === null ? "" : finding.what === "tax" ? <Amount of={value} exact zero="figure" /> : <Quantity of={value} />);
  return (
    <Dialog kind="wide" title={`${row.document.split("/").at(-1)}  ${words[row.state]?.text ?? row.state}`} onClose={onClose} foot={<><Link className="btn" to={`/b/${book.code}/trace` as never} search={{ of: row.document } as never}>{t("追溯图", "Trace")}</Link><Link className="btn" to={`/b/${book.code}/documents/one` as never} search={{ of: row.document } as never}>{t("看发票", "See the invoice")}</Link></>}>
      <dl className="kv"><dt>{t("发票号码", "Invoice number")}</dt><dd>{row.invoiceNumber || "–"}</dd><dt>{t("价税合计", "Gross")}</dt><dd><Amount of={row.gross} exact /></dd><dt>{t("未付", "Open")}</dt><dd><Amount of={row.open} exact /></dd></dl>
      {row.findings.length === 0 ? <p className="good">= {t("数量、单价、税额与订单、入库相符。", "Quantity, price and tax agree with the order and the receipt.")}</p> : <Table
        caption={t("差异", "Differences")} rows={row.findings} rowKey={(finding) => `${finding.line} ${finding.what}`}
        columns={[
          { key: "line", head: { zh: "行", en: "Line" }, cell: (finding) => finding.line || "–" }, { key: "what", head: { zh: "什么不符", en: "What" }, cell: (finding) => names[finding.what] ?? finding.what }, { key: "expected", head: { zh: "订单、入库", en: "Order, receipt" }, num: true, cell: (finding) => figure(finding, finding.expected) }, { key: "actual", head: { zh: "发票", en: "Invoice" }, num: true, cell: (finding) => figure(finding, finding.actual) },
          { key: "with", head: { zh: "对照", en: "Compared with" }, wrap: true, cell: (finding) => finding.with.join("、") }, { key: "stake", head: { zh: "多付风险", en: "At stake" }, num: true, cell: (finding) => <Amount of={finding.atStake} exact /> },
        ]}
      />}
    </Dialog>
  );
}
