/** 订单链: orders, goods, invoices and money beside each other, summed by customer or supplier, salesperson, order, item or month, or line by line. */
import { useApi, usePages, seg, withQuery } from "../app/api.ts";
import { useBook, usePeriods } from "../app/session.ts";
import { Amount, Quantity, type Unit, UnitContext, unitWords } from "../ui/amount.tsx";
import { useFilters } from "../ui/filters.ts";
import { ChipSelect, ChipText, Page, Panel, Segments } from "../ui/parts.tsx";
import { Empty, Loaded, Loading, Trouble } from "../ui/states.tsx";
import { Table } from "../ui/table.tsx";
import { language, useChoice, useT } from "../ui/text.ts";
import { DocumentLink } from "../vouchers/words.tsx";
import "./differences.css";
import { ReconciliationTabs } from "./tabs.tsx";

type Line = { readonly order: string; readonly line: string; readonly date: string; readonly party: string; readonly partyName: string; readonly salespersonName: string; readonly item: string; readonly itemName: string; readonly dueOn: string | null; readonly ordered: string; readonly moved: string; readonly returned: string; readonly invoiced: string; readonly orderedAmount: string; readonly invoicedAmount: string; readonly paidAmount: string; readonly toMove: string; readonly toInvoice: string; readonly toPay: string; readonly payBy: string | null; readonly cursor: string };
type Sum = { readonly key: string; readonly name: string; readonly lines: number; readonly ordered: string; readonly moved: string; readonly returned: string; readonly invoiced: string; readonly credited: string; readonly paid: string; readonly writtenOff: string; readonly toPay: string; readonly payBy: string | null };
const asked = ["state", "party", "salesperson", "item", "from", "to", "find"] as const;

export function OrderChain() {
  const t = useT();
  const book = useBook();
  const lang = useChoice(language);
  const [filters, set] = useFilters();
  const side = filters.side === "purchase" ? "purchase" : "sale";
  const by = filters.by ?? "party";
  const unit = (["yuan", "wan", "yi"] as const).find((one) => one === filters.unit) ?? "yuan";
  const query = { side, ...Object.fromEntries(asked.map((name) => [name, filters[name]])) };
  const periods = (usePeriods().data ?? []).map(({ period }) => ({ value: period, text: period }));
  const any = { value: "", text: t("全部", "all") };
  return (
    <UnitContext.Provider value={unit}>
      <Page
        title={t("订单链", "Order chain")} tabs={<ReconciliationTabs />}
        acts={<a className="btn" href={`/api/v1${withQuery(`/books/${seg(book.code)}/chains/file`, { ...query, by, language: lang })}`} download>{t("导出 xlsx", "Export xlsx")}</a>}
        bar={<>
          <Segments label={t("方向", "Side")} value={side} options={[{ value: "sale", text: { zh: "销售", en: "Sales" } }, { value: "purchase", text: { zh: "采购", en: "Purchases" } }]} onChange={(value) => set({ side: value === "sale" ? "" : value, party: "", salesperson: "" })} />
          <ChipSelect label={t("按", "By")} value={by} options={[{ value: "party", text: side === "sale" ? t("客户", "customer") : t("供应商", "supplier") }, { value: "salesperson", text: side === "sale" ? t("业务员", "salesperson") : t("采购员", "buyer") }, { value: "order", text: t("订单", "order") }, { value: "item", text: t("物料", "item") }, { value: "period", text: t("月份", "month") }, { value: "line", text: t("订单行", "order line") }]} onChange={(value) => set({ by: value === "party" ? "" : value })} />
          <ChipSelect label={t("状态", "State")} value={filters.state ?? ""} options={[any, { value: "open", text: t("未交完", "still to move") }, { value: "overdue", text: t("逾期未交", "overdue") }, { value: "over", text: t("超交", "moved too much") }, { value: "notInvoiced", text: t("未开票", "not invoiced") }, { value: "notPaid", text: side === "sale" ? t("未收款", "not collected") : t("未付款", "not paid") }, { value: "late", text: t("逾期未收付", "past due") }]} onChange={(value) => set({ state: value })} />
          <ChipSelect label={t("自", "From")} value={filters.from ?? ""} options={[any, ...periods]} onChange={(value) => set({ from: value })} />
          <ChipSelect label={t("至", "To")} value={filters.to ?? ""} options={[any, ...periods]} onChange={(value) => set({ to: value })} />
          <ChipText label={t("订单号", "Order")} value={filters.find ?? ""} onChange={(value) => set({ find: value })} />
          {(["party", "salesperson", "item"] as const).map((name) => (filters[name] ? <button key={name} type="button" className="chip x" onClick={() => set({ [name]: "" })}>{t({ party: { zh: "往来单位", en: "Party" }, salesperson: { zh: "业务员", en: "Person" }, item: { zh: "物料", en: "Item" } }[name])} <b>{filters[name]}</b> ×</button> : null))}
          <span className="sp"><Segments<Unit> label={t("单位", "Unit")} value={unit} options={(["yuan", "wan", "yi"] as const).map((value) => ({ value, text: unitWords[value] }))} onChange={(value) => set({ unit: value === "yuan" ? "" : value })} /></span>
        </>}
      >
        <Panel foot={t("金额含税，折本位币；未收付 = 开票 − 红字 − 收付 − 核销。", "Amounts with tax, in base currency; to pay = invoiced less credited, paid and written off.")}>{by === "line" ? <Lines path={withQuery(`/books/${seg(book.code)}/chains`, query)} side={side} /> : <Sums path={withQuery(`/books/${seg(book.code)}/chains/sums`, { ...query, by, limit: 200 })} by={by} side={side} />}</Panel>
      </Page>
    </UnitContext.Provider>
  );
}

function Sums({ path, by, side }: { readonly path: string; readonly by: string; readonly side: "sale" | "purchase" }) {
  const t = useT();
  const [, set] = useFilters();
  const sums = useApi<readonly Sum[]>(path, { keep: true });
  const open = (row: Sum): void => set(by === "order" ? { by: "line", find: row.key.replace(/^[^/]*\//, "") } : by === "period" ? { by: "line", from: row.key, to: row.key } : { by: "line", [by]: row.key });
  return (
    <Loaded of={sums} rows={12} columns={8} isEmpty={(rows) => rows.length === 0} empty={<Empty why={t("没有符合条件的订单。", "No order matches.")} next={t("放宽条件，或先在总览点“现在对账”。", "Ask for less, or press Compare now on the board.")} />}>{(rows) => (
      <Table<Sum>
        caption={t("订单、收发货、开票、收付", "Orders, goods, invoices, money")} rows={rows} rowKey={(row) => row.key} onOpen={open}
        columns={[
          { key: "key", head: { zh: "名称", en: "Name" }, wrap: true, cell: (row) => <><button type="button" className="link" onClick={() => open(row)}>{by === "order" ? row.key.replace(/^[^/]*\//, "") : row.name || row.key || t("未填", "none")}</button><span className="sub">{row.name !== row.key && row.key !== "" ? `${row.key} · ` : ""}{t(`${row.lines} 行`, `${row.lines} lines`)}</span></> },
          { key: "ordered", head: { zh: "订货", en: "Ordered" }, num: true, wide: true, cell: (row) => <Amount of={row.ordered} /> }, { key: "moved", head: side === "sale" ? { zh: "发货", en: "Shipped" } : { zh: "到货", en: "Received" }, num: true, wide: true, cell: (row) => <Amount of={row.moved} /> },
          { key: "returned", head: { zh: "退货", en: "Returned" }, num: true, wide: true, mute: true, cell: (row) => <Amount of={row.returned} /> }, { key: "invoiced", head: { zh: "开票", en: "Invoiced" }, num: true, wide: true, cell: (row) => <Amount of={row.invoiced} /> }, { key: "credited", head: { zh: "红字", en: "Credited" }, num: true, wide: true, mute: true, cell: (row) => <Amount of={row.credited} /> },
          { key: "paid", head: side === "sale" ? { zh: "收款", en: "Collected" } : { zh: "付款", en: "Paid" }, num: true, wide: true, cell: (row) => <Amount of={row.paid} /> }, { key: "writtenOff", head: { zh: "核销", en: "Written off" }, num: true, wide: true, mute: true, cell: (row) => <Amount of={row.writtenOff} /> },
          { key: "toPay", head: side === "sale" ? { zh: "未收", en: "To collect" } : { zh: "未付", en: "To pay" }, num: true, cell: (row) => <Amount of={row.toPay} /> }, { key: "payBy", head: { zh: "最早到期", en: "First due" }, wide: true, mute: true, cell: (row) => row.payBy },
        ]}
      />
    )}</Loaded>
  );
}

function Lines({ path, side }: { readonly path: string; readonly side: "sale" | "purchase" }) {
  const t = useT();
  const pages = usePages<Line>(path, 100);
  if (pages.isPending) return <Loading rows={12} columns={9} />;
  if (pages.error) return <Trouble error={pages.error} retry={() => void pages.refetch()} />;
  if (pages.rows.length === 0) return <Empty why={t("没有符合条件的订单行。", "No order line matches.")} />;
  return (
    <Table<Line>
      caption={t("订单行", "Order lines")} rows={pages.rows} rowKey={(row) => row.cursor} more={pages.more} isMore={pages.isFetchingNextPage}
      columns={[
        { key: "order", head: { zh: "订单", en: "Order" }, wrap: true, cell: (row) => <><DocumentLink of={row.order} />/{row.line}<span className="sub">{row.date} {row.partyName}</span></> }, { key: "item", head: { zh: "物料", en: "Item" }, wide: true, wrap: true, cell: (row) => <>{row.itemName}<span className="sub">{row.item}</span></> },
        { key: "ordered", head: { zh: "订货", en: "Ordered" }, num: true, wide: true, group: { zh: "数量", en: "Quantity" }, cell: (row) => <Quantity of={row.ordered} /> }, { key: "moved", head: side === "sale" ? { zh: "发货", en: "Shipped" } : { zh: "到货", en: "Received" }, num: true, wide: true, group: { zh: "数量", en: "Quantity" }, cell: (row) => <Quantity of={row.moved} /> }, { key: "returned", head: { zh: "退货", en: "Returned" }, num: true, wide: true, mute: true, group: { zh: "数量", en: "Quantity" }, cell: (row) => <Quantity of={row.returned} /> },
        { key: "invoiced", head: { zh: "开票", en: "Invoiced" }, num: true, wide: true, group: { zh: "数量", en: "Quantity" }, cell: (row) => <Quantity of={row.invoiced} /> }, { key: "toMove", head: { zh: "未交", en: "To move" }, num: true, wide: true, group: { zh: "数量", en: "Quantity" }, cell: (row) => <Quantity of={row.toMove} /> }, { key: "toInvoice", head: { zh: "未开票", en: "To invoice" }, num: true, group: { zh: "数量", en: "Quantity" }, cell: (row) => <Quantity of={row.toInvoice} /> },
        { key: "orderedAmount", head: { zh: "订货", en: "Ordered" }, num: true, wide: true, line: true, group: { zh: "金额", en: "Amount" }, cell: (row) => <Amount of={row.orderedAmount} /> }, { key: "invoicedAmount", head: { zh: "开票", en: "Invoiced" }, num: true, wide: true, group: { zh: "金额", en: "Amount" }, cell: (row) => <Amount of={row.invoicedAmount} /> }, { key: "paidAmount", head: side === "sale" ? { zh: "收款", en: "Collected" } : { zh: "付款", en: "Paid" }, num: true, wide: true, group: { zh: "金额", en: "Amount" }, cell: (row) => <Amount of={row.paidAmount} /> },
        { key: "toPay", head: side === "sale" ? { zh: "未收", en: "To collect" } : { zh: "未付", en: "To pay" }, num: true, group: { zh: "金额", en: "Amount" }, cell: (row) => <Amount of={row.toPay} /> },
      ]}
    />
  );
}
