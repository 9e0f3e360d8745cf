/** 订单-发货-回款: a row an order, how far it is in quantity and money, and the sums of the whole selection above. */
import { Link, useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { withQuery, seg } from "../app/api.ts";
import { useBook } from "../app/session.ts";
import { count } from "../ui/amount.tsx";
import { useFilters } from "../ui/filters.ts";
import { ChipSelect, ChipText, Lane, Panel, Tag, type Tone } from "../ui/parts.tsx";
import { Empty, Loading, Trouble } from "../ui/states.tsx";
import { Table } from "../ui/table.tsx";
import { useT } from "../ui/text.ts";
import { type Filter, type Query, type Row, useBoard } from "./ask.ts";
import { Board, BoardTabs, daysOf, Definition, labelOf, usePreset, useUnitWords, Value } from "./frame.tsx";

const metrics = ["ordered_quantity", "returned_quantity", "shipped_quantity", "orders_amount", "shipped_amount", "order_invoiced", "order_collected", "order_outstanding"] as const;
const tones: Readonly<Record<string, Tone>> = { notShipped: undefined, shipping: undefined, toInvoice: "warn", notDue: "accent", overdue: "bad", settled: "good" };
const pageSize = 100;

export function Orders() {
  const t = useT();
  const book = useBook();
  const navigate = useNavigate();
  const [filters, set] = useFilters();
  const [preset] = usePreset();
  const time = daysOf(preset);
  const { salesperson = "", customer = "", region = "", state = "", page = "0" } = filters;
  const chosen: Filter[] = [["salesperson", salesperson], ["customer", customer], ["region", region], ["orderState", state]].flatMap(([dimension, value]) => (value ? [{ dimension: dimension as string, op: "in" as const, values: [value] }] : []));
  const queries = useMemo((): Readonly<Record<string, Query>> => ({
    sums: { metrics: ["orders_amount", "shipped_amount", "order_invoiced", "order_collected", "order_not_shipped", "shipped_not_invoiced", "order_open", "shipped_ratio", "invoiced_ratio", "collected_ratio"], time, filters: chosen },
    orders: { metrics, rows: ["order", "customer", "salesperson", "orderDate", "orderState", "orderDue"], time, filters: chosen, totals: false, sort: [{ by: "order_outstanding", desc: true }], limit: pageSize, offset: Number(page) * pageSize },
    people: { metrics: ["orders_amount"], rows: ["salesperson"], time, limit: 200 },
  }), [preset, JSON.stringify(chosen), page]);
  const { data, error, refetch } = useBoard(book.code, queries);
  const unit = useUnitWords("yuan");
  const sums = data?.sums?.answer?.rows[0]?.values;
  const answer = data?.orders?.answer;
  const column = (id: string) => data?.sums?.answer?.columns.find((one) => one.id === id) ?? answer?.columns.find((one) => one.id === id);
  const share = (id: string): number => Math.max(0, Math.min(100, Number(sums?.[id] ?? 0) * 100));
  const percent = (part: string | null | undefined, whole: string | null | undefined): number | null => (whole === null || whole === undefined || Number(whole) === 0 ? null : (100 * Number(part ?? 0)) / Number(whole));
  const number = (row: Row): string => labelOf(row, "order", t);
  const keyOf = (row: Row): string => `salesOrder/${row.labels.order?.zh ?? row.keys.order ?? ""}`;
  const parts = [
    { metric: "orders_amount", rest: null, width: 100, restText: t("本期全部订单", "All orders of the period") }, { metric: "shipped_amount", rest: "order_not_shipped", width: share("shipped_ratio"), restText: t("未发货", "Not shipped") },
    { metric: "order_invoiced", rest: "shipped_not_invoiced", width: share("invoiced_ratio"), restText: t("已发未开票", "Shipped, not invoiced") }, { metric: "order_collected", rest: "order_open", width: share("collected_ratio"), restText: t("已开票未回款", "Invoiced, not collected") },
  ];
  const money = (id: (typeof metrics)[number]) => ({ key: id, head: column(id)?.label ?? id, num: true, wide: id !== "orders_amount" && id !== "order_outstanding", cell: (row: Row) => <Value column={{ unit: "money" }} value={row.values[id]} /> });
  return (
    <Board
      title={t("订单 – 发货 – 回款", "Orders, shipments, cash")} tabs={<BoardTabs />} answers={data} fallback="yuan"
      acts={<a className="btn" href={`/api/v1${withQuery(`/books/${seg(book.code)}/boards/orders.xlsx`, { from: time.from, to: time.to, salesperson, customer, region, state })}`}>{t("导出 xlsx", "Export xlsx")}</a>}
      bar={<>
        <ChipSelect label={t("业务员", "Salesperson")} value={salesperson} options={[{ value: "", text: t("全部", "All") }, ...(data?.people?.answer?.rows ?? []).filter((row) => row.keys.salesperson).map((row) => ({ value: row.keys.salesperson ?? "", text: labelOf(row, "salesperson", t) }))]} onChange={(value) => set({ salesperson: value, page: "" })} />
        <ChipText label={t("客户", "Customer")} value={customer} onChange={(value) => set({ customer: value, page: "" })} width={100} />
        <ChipSelect label={t("状态", "State")} value={state} options={[{ value: "", text: t("未回款在前", "Open first") }, { value: "notShipped", text: t("未发货", "Not shipped") }, { value: "shipping", text: t("发货中", "Shipping") }, { value: "toInvoice", text: t("待开票", "To be invoiced") }, { value: "notDue", text: t("未到期", "Not due") }, { value: "overdue", text: t("逾期", "Overdue") }, { value: "settled", text: t("已结清", "Settled") }]} onChange={(value) => set({ state: value, page: "" })} />
      </>}
    >
      {(drill) => <>
        <Trouble error={error} retry={() => void refetch()} />
        <section className="panel insight-four">{parts.map((part) => (
          <div key={part.metric}>
            <div className="sub"><Definition column={column(part.metric)} fallback={part.metric} /> {t("含税，", "with tax, ")}{unit}</div>
            <div className="mid"><button type="button" className="figure" onClick={() => drill({ metric: part.metric, label: t(column(part.metric)?.label ?? part.metric), filters: chosen, time })}><Value column={{ unit: "money" }} value={sums?.[part.metric]} /></button><small>{part.metric === "orders_amount" ? (answer ? t(`${count(answer.count)} 张`, count(answer.count)) : "") : `${part.width.toFixed(1)}%`}</small></div>
            <div className="insight-track" aria-hidden="true"><b style={{ width: `${part.width}%` }} /></div>
            <div className="sub">{part.restText} {part.rest === null ? null : <Value column={{ unit: "money" }} value={sums?.[part.rest]} />}</div>
          </div>
        ))}</section>
        <Panel foot={<>{t("发货净额 = 已发 − 退货；未回款 = 发货净额 − 回款，负数为预收。", "Shipped is less returns; not collected is shipped less collected, negative where paid in advance.")}{answer && answer.count > pageSize ? <span className="act">{Number(page) > 0 ? <button type="button" className="btn" onClick={() => set({ page: Number(page) === 1 ? "" : String(Number(page) - 1) })}>{t("上一页", "Previous")}</button> : null}<span>{Number(page) * pageSize + 1}–{Math.min(answer.count, (Number(page) + 1) * pageSize)} / {count(answer.count)}</span>{(Number(page) + 1) * pageSize < answer.count ? <button type="button" className="btn" onClick={() => set({ page: String(Number(page) + 1) })}>{t("下一页", "Next")}</button> : null}</span> : null}</>}>
          {answer === undefined ? <Loading columns={9} rows={12} /> : answer.rows.length === 0 ? <Empty why={t("这段时间没有符合条件的订单。", "No order matches in this time.")} next={t("换一个期间，或放宽条件。", "Choose another period, or widen the filters.")} /> : <Table
            caption={t("订单", "Orders")} rows={answer.rows} rowKey={(row) => row.keys.order ?? ""} onOpen={(row) => void navigate({ to: `/b/${book.code}/trace` as never, search: { of: keyOf(row) } as never })}
            columns={[
              { key: "order", head: { zh: "订单", en: "Order" }, cell: (row) => <Link to={`/b/${book.code}/trace` as never} search={{ of: keyOf(row) } as never}>{number(row).split("/").at(-1)}</Link> }, { key: "customer", head: { zh: "客户", en: "Customer" }, cell: (row) => labelOf(row, "customer", t) }, { key: "salesperson", head: { zh: "业务员", en: "Salesperson" }, mute: true, wide: true, cell: (row) => labelOf(row, "salesperson", t) }, { key: "date", head: { zh: "日期", en: "Date" }, mute: true, wide: true, cell: (row) => (row.keys.orderDate ?? "").slice(5) },
              { key: "ordered", head: { zh: "订购", en: "Ordered" }, group: { zh: "数量", en: "Quantity" }, line: true, num: true, wide: true, cell: (row) => <Value column={{ unit: "quantity" }} value={row.values.ordered_quantity} /> }, { key: "returned", head: { zh: "退货", en: "Returned" }, group: { zh: "数量", en: "Quantity" }, num: true, wide: true, cell: (row) => (Number(row.values.returned_quantity ?? 0) === 0 ? <span className="z">–</span> : <span className="neg">−{(row.values.returned_quantity ?? "").replace(/^-/, "")}</span>) }, { key: "shipped", head: { zh: "已发", en: "Shipped" }, group: { zh: "数量", en: "Quantity" }, num: true, cell: (row) => <Lane percent={percent(row.values.shipped_quantity, row.values.ordered_quantity)} /> },
              { ...money("orders_amount"), group: { zh: "金额（含税）", en: "Amount with tax" }, line: true }, { ...money("shipped_amount"), group: { zh: "金额（含税）", en: "Amount with tax" } }, { key: "invoiced", head: { zh: "开票", en: "Invoiced" }, group: { zh: "金额（含税）", en: "Amount with tax" }, num: true, wide: true, cell: (row) => <Lane percent={percent(row.values.order_invoiced, row.values.shipped_amount)} /> }, { key: "collected", head: { zh: "回款", en: "Collected" }, group: { zh: "金额（含税）", en: "Amount with tax" }, num: true, wide: true, cell: (row) => <Lane percent={percent(row.values.order_collected, row.values.shipped_amount)} /> }, { ...money("order_outstanding"), group: { zh: "金额（含税）", en: "Amount with tax" } },
              { key: "state", head: { zh: "状态", en: "State" }, line: true, cell: (row) => <Tag tone={tones[row.keys.orderState ?? ""]}>{labelOf(row, "orderState", t)}{row.keys.orderState === "notDue" && row.keys.orderDue ? ` ${row.keys.orderDue.slice(5)}` : ""}</Tag> },
            ]}
          />}
        </Panel>
      </>}
    </Board>
  );
}
