/** 毛利 by product × customer × region: two dimensions chosen, totals of both, ratios from totals, each cell down to its documents. */
import { useMemo } from "react";
import { useBook } from "../app/session.ts";
import { useFilters } from "../ui/filters.ts";
import { ChipSelect, Panel } from "../ui/parts.tsx";
import { Table } from "../ui/table.tsx";
import { useT } from "../ui/text.ts";
import { type Query, type Row, saveWorkbook, useBoard } from "./ask.ts";
import { Board, BoardTabs, daysOf, Figure, Hidden, labelOf, totalOf, useCompare, usePreset, Value } from "./frame.tsx";

const dims = ["item", "itemCategory", "customer", "customerGroup", "region", "salesperson", "department", "month"] as const;

export function Margin() {
  const t = useT();
  const book = useBook();
  const [filters, set] = useFilters();
  const [preset] = usePreset();
  const compare = useCompare();
  const time = daysOf(preset);
  const { rows = "itemCategory", cols = "region" } = filters;
  const metrics = book.sees("cost") ? ["revenue", "gross_profit", "gross_margin"] : ["revenue"];
  const pivot = useMemo((): Query => ({ metrics, rows: [rows], ...(cols === "none" || cols === rows ? {} : { cols: [cols] }), time, totals: true, sort: [{ by: "revenue", desc: true }], limit: 5_000 }), [rows, cols, preset, book.code]);
  const { data } = useBoard(book.code, useMemo(() => ({ whole: { metrics, time, compare: [compare] } as Query, pivot }), [pivot, compare]));
  const answer = data?.pivot?.answer;
  const isCross = pivot.cols !== undefined;
  const heads = isCross ? (answer?.totals.filter(({ keys }) => keys[rows] === undefined && keys[cols] !== undefined) ?? []) : [];
  const rowTotals: readonly Row[] = isCross ? (answer?.totals.filter(({ keys }) => keys[rows] !== undefined && keys[cols] === undefined) ?? []) : (answer?.rows ?? []);
  const cells = new Map(answer?.rows.map((row) => [JSON.stringify([row.keys[rows], row.keys[cols]]), row]));
  const names: Readonly<Record<(typeof dims)[number], string>> = { item: t("物料", "Item"), itemCategory: t("物料类别", "Item category"), customer: t("客户", "Customer"), customerGroup: t("客户类别", "Customer group"), region: t("区域", "Region"), salesperson: t("业务员", "Salesperson"), department: t("部门", "Department"), month: t("月份", "Month") };
  const shown = book.sees("cost") ? "gross_margin" : "revenue";
  const unitOf = (id: string) => answer?.columns.find((column) => column.id === id);
  const sorted = [...rowTotals].sort((a, b) => Number(b.values.revenue ?? 0) - Number(a.values.revenue ?? 0));
  return (
    <Board
      title={t("毛利", "Margin")} tabs={<BoardTabs />} answers={data} fallback="wan" acts={<button type="button" className="btn" onClick={() => void saveWorkbook(book.code, pivot, `${t("毛利", "Margin")}-${preset}`)}>{t("导出 xlsx", "Export xlsx")}</button>}
      bar={<><ChipSelect label={t("行", "Rows")} value={rows} options={dims.map((value) => ({ value, text: names[value] }))} onChange={(value) => set({ rows: value })} /><ChipSelect label={t("列", "Columns")} value={cols} options={[{ value: "none", text: t("不分", "None") }, ...dims.filter((value) => value !== "item" && value !== "customer").map((value) => ({ value, text: names[value] }))]} onChange={(value) => set({ cols: value })} /></>}
    >
      {(drill) => <>
        <section className="panel insight-four"><Figure asked={data?.whole} metric="revenue" drill={drill} time={time} compare={compare} />{book.sees("cost") ? <><Figure asked={data?.whole} metric="gross_profit" drill={drill} time={time} compare={compare} /><Figure asked={data?.whole} metric="gross_margin" drill={drill} time={time} /></> : null}</section>
        <Panel title={`${names[rows as "item"] ?? rows}${isCross ? ` × ${names[cols as "item"] ?? cols}` : ""}`} note={isCross ? t("格内为毛利率，率由合计相除", "cells are margins, from totals") : undefined}>
          <Hidden asked={data?.pivot} />
          {answer === undefined ? null : <Table
            caption={t("毛利交叉表", "Margin pivot")} rows={sorted.slice(0, 300)} rowKey={(row) => row.keys[rows] ?? ""} footLabel={t(`全部 ${sorted.length} 行`, `All ${sorted.length} rows`)}
            columns={[
              { key: "name", head: names[rows as "item"] ?? rows, cell: (row) => labelOf(row, rows, t) },
              ...heads.map((head) => ({ key: `c${head.keys[cols]}`, head: labelOf(head, cols, t), num: true, wide: true, cell: (row: Row) => { const cell = cells.get(JSON.stringify([row.keys[rows], head.keys[cols]])); return cell === undefined ? <span className="z">–</span> : <button type="button" className="figure" onClick={() => drill({ metric: book.sees("cost") ? "gross_profit" : "revenue", label: `${labelOf(row, rows, t)} × ${labelOf(head, cols, t)}`, filters: [], time, keys: { [rows]: row.keys[rows] ?? "", [cols]: head.keys[cols] ?? "" } })}><Value column={unitOf(shown)} value={cell.values[shown]} /></button>; }, foot: <Value column={unitOf(shown)} value={head.values[shown]} /> })),
              ...metrics.map((id, index) => ({ key: id, head: unitOf(id)?.label ?? id, num: true, line: index === 0, cell: (row: Row) => (unitOf(id)?.unit === "money" ? <button type="button" className="figure" onClick={() => drill({ metric: id, label: labelOf(row, rows, t), filters: [], time, keys: { [rows]: row.keys[rows] ?? "" } })}><Value column={unitOf(id)} value={row.values[id]} /></button> : <Value column={unitOf(id)} value={row.values[id]} />), foot: <Value column={unitOf(id)} value={totalOf(answer)?.values[id]} /> })),
            ]}
          />}
        </Panel>
      </>}
    </Board>
  );
}
