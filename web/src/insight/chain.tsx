/** 销售-库存-回款-利润: one linked view; a click on a region, a salesperson or a category filters all of it. */
import { useMemo } from "react";
import { useBook } from "../app/session.ts";
import { useFilters } from "../ui/filters.ts";
import { Panel } from "../ui/parts.tsx";
import { Table } from "../ui/table.tsx";
import { useT } from "../ui/text.ts";
import { type Filter, type Query, saveWorkbook, useBoard } from "./ask.ts";
import { Board, BoardTabs, daysOf, Figure, Hidden, labelOf, totalOf, useCompare, usePreset, Value } from "./frame.tsx";
import { Trend } from "./trend.tsx";

const slices = ["region", "salesperson", "itemCategory", "customerGroup"] as const;

export function Chain() {
  const t = useT();
  const book = useBook();
  const [filters, set] = useFilters();
  const [preset] = usePreset();
  const compare = useCompare();
  const time = daysOf(preset);
  const chosen: Filter[] = slices.flatMap((dimension) => (filters[dimension] ? [{ dimension, op: "in" as const, values: [filters[dimension]] }] : []));
  // Not every figure knows every dimension: each is asked with those that it knows.
  const of = (...known: readonly string[]): Filter[] => chosen.filter(({ dimension }) => known.includes(dimension));
  const year = { from: `${time.to.slice(0, 4)}-01-01`, to: time.to };
  const queries = useMemo((): Readonly<Record<string, Query>> => ({
    sales: { metrics: ["revenue"], time, compare: [compare], filters: of(...slices) }, profit: { metrics: ["gross_profit", "gross_margin"], time, compare: [compare], filters: of(...slices) }, cash: { metrics: ["collected_amount"], time, compare: [compare], filters: of("region", "salesperson", "customerGroup") },
    stock: { metrics: ["stock_value", "stock_days"], time, compare: [compare], filters: of("itemCategory") }, net: { metrics: ["net_profit"], time, compare: [compare] },
    months: { metrics: ["revenue"], rows: ["month"], time: year, filters: of(...slices) }, collected: { metrics: ["collected_amount"], rows: ["month"], time: year, filters: of("region", "salesperson", "customerGroup") },
    ...Object.fromEntries(slices.map((dimension) => [dimension, { metrics: ["revenue", ...(book.sees("cost") ? ["gross_margin"] : [])], rows: [dimension], time, totals: true, sort: [{ by: "revenue", desc: true }], limit: 12, filters: chosen.filter((one) => one.dimension !== dimension) }])),
  }), [preset, compare, JSON.stringify(chosen), book.code]);
  const { data } = useBoard(book.code, queries);
  const titles: Readonly<Record<(typeof slices)[number], string>> = { region: t("按区域", "By region"), salesperson: t("按业务员", "By salesperson"), itemCategory: t("按物料类别", "By item category"), customerGroup: t("按客户类别", "By customer group") };
  return (
    <Board title={t("销售-库存-回款-利润", "Sales, stock, cash, profit")} tabs={<BoardTabs />} answers={data} fallback="wan" bar={chosen.map((one) => <button key={one.dimension} type="button" className="chip x" onClick={() => set({ [one.dimension]: "" })}>{titles[one.dimension as (typeof slices)[number]]} <b>{one.values[0]}</b> ×</button>)}>
      {(drill) => <>
        <section className="panel insight-five">
          <Figure asked={data?.sales} metric="revenue" drill={drill} time={time} filters={of(...slices)} compare={compare} />
          <Figure asked={data?.stock} metric="stock_value" drill={drill} time={time} filters={of("itemCategory")} compare={compare} note={data?.stock?.answer ? <Value column={{ unit: "days" }} value={data.stock.answer.rows[0]?.values.stock_days} /> : null} />
          <Figure asked={data?.cash} metric="collected_amount" drill={drill} time={time} filters={of("region", "salesperson", "customerGroup")} compare={compare} />
          <Figure asked={data?.profit} metric="gross_profit" drill={drill} time={time} filters={of(...slices)} compare={compare} note={data?.profit?.answer ? <Value column={{ unit: "percent" }} value={data.profit.answer.rows[0]?.values.gross_margin} /> : null} />
          <Figure asked={data?.net} metric="net_profit" drill={drill} time={time} compare={compare} />
        </section>
        <div className="grid">
          <div className="c12"><Panel title={t("营业收入与回款", "Revenue and cash collected")} note={t("按月", "by month")}><div className="pb"><Trend bars={{ answer: data?.months?.answer, metric: "revenue", name: t("营业收入", "Revenue") }} line={{ answer: data?.collected?.answer, metric: "collected_amount", name: t("回款", "Collected") }} onPick={(month) => set({ period: month })} /></div></Panel></div>
          {slices.map((dimension) => (
            <div key={dimension} className="c6"><Panel title={titles[dimension]} right={<button type="button" className="link" onClick={() => void saveWorkbook(book.code, queries[dimension] as Query, titles[dimension])}>xlsx</button>}>
              <Hidden asked={data?.[dimension]} />
              {data?.[dimension]?.answer ? <Table
                caption={titles[dimension]} rows={data[dimension].answer.rows} rowKey={(row) => row.keys[dimension] ?? ""} selected={filters[dimension]} onOpen={(row) => set({ [dimension]: filters[dimension] === row.keys[dimension] ? "" : (row.keys[dimension] ?? "") })} footLabel={t(`全部 ${data[dimension].answer.count} 项`, `All ${data[dimension].answer.count}`)}
                columns={[
                  { key: "name", head: titles[dimension], cell: (row) => labelOf(row, dimension, t) },
                  ...data[dimension].answer.columns.filter(({ what }) => what === "metric").map((column) => ({ key: column.id, head: column.label, num: true, cell: (row: { readonly keys: Readonly<Record<string, string>>; readonly values: Readonly<Record<string, string | null>> }) => (column.unit === "money" ? <button type="button" className="figure" onClick={() => drill({ metric: column.id, label: t(column.label), time, filters: chosen.filter((one) => one.dimension !== dimension), keys: { [dimension]: row.keys[dimension] ?? "" } })}><Value column={column} value={row.values[column.id]} /></button> : <Value column={column} value={row.values[column.id]} />), foot: <Value column={column} value={totalOf(data[dimension]?.answer)?.values[column.id]} /> })),
                ]}
              /> : null}
            </Panel></div>
          ))}
        </div>
      </>}
    </Board>
  );
}
