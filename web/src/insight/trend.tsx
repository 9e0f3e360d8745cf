/** Bars by month with a line or a target over them. What is now is in full accent, what was is muted. */
import { useCallback } from "react";
import { formatAmount } from "../ui/figure.ts";
import { Chart, type Palette } from "../ui/chart.tsx";
import { Table } from "../ui/table.tsx";
import { useT } from "../ui/text.ts";
import { Amount } from "../ui/amount.tsx";
import type { Answer } from "./ask.ts";
import { scaleOf, useUnit, useUnitWords } from "./frame.tsx";

type Series = { readonly answer: Answer | undefined; readonly metric: string; readonly name: string };

export function Trend({ bars, line, target, height = 260, onPick }: { readonly bars: Series; readonly line?: Series; readonly target?: Series; readonly height?: number; readonly onPick?: (month: string) => void }) {
  const t = useT();
  const unit = useUnit("wan");
  const words = useUnitWords("wan");
  const months = bars.answer?.rows.map((row) => row.keys.month ?? "") ?? [];
  // Only the height of a bar passes through a number; the text beside it is exact.
  const shift = scaleOf(unit);
  const values = ({ answer, metric }: Series): (number | null)[] => months.map((month) => { const value = answer?.rows.find((row) => row.keys.month === month)?.values[metric]; return value === null || value === undefined ? null : Number(value) / shift; });
  const key = JSON.stringify([months, values(bars), line && values(line), target && values(target), unit]);
  const last = months.length - 1;
  const option = useCallback((p: Palette) => ({
    animation: false, textStyle: { fontFamily: "inherit", fontSize: 12, color: p.axis }, grid: { left: 0, right: 8, top: 24, bottom: 0, containLabel: true },
    xAxis: { type: "category", data: months.map((month) => t(`${Number(month.slice(5))}月`, month)), axisTick: { show: false }, axisLine: { lineStyle: { color: p.line } }, axisLabel: { color: p.axis } },
    yAxis: { type: "value", splitNumber: 4, axisLabel: { color: p.axis, formatter: (value: number) => value.toLocaleString("en") }, splitLine: { lineStyle: { color: p.grid } } },
    tooltip: { trigger: "axis", renderMode: "richText", backgroundColor: p.surface, borderColor: p.line, textStyle: { color: p.ink, fontSize: 12 }, valueFormatter: (value: unknown) => (typeof value === "number" ? value.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 }) : "–") },
    series: [
      { name: bars.name, type: "bar", barMaxWidth: 22, data: values(bars).map((value, index) => ({ value, name: months[index], itemStyle: { color: index === last ? p.series[0] : p.mute, borderRadius: [1.5, 1.5, 0, 0] } })), label: { show: false } },
      ...(line ? [{ name: line.name, type: "line", symbol: "none", data: values(line), lineStyle: { width: 2, color: p.series[2] }, itemStyle: { color: p.series[2] } }] : []),
      ...(target ? [{ name: target.name, type: "line", symbol: "rect", symbolSize: [22, 2], lineStyle: { width: 0 }, itemStyle: { color: p.ink }, data: values(target) }] : []),
    ],
  }), [key, t]);
  const shown = [bars, ...(line ? [line] : []), ...(target ? [target] : [])];
  const sentence = t(`${bars.name}，${months[0] ?? ""} 至 ${months[last] ?? ""}，${words}`, `${bars.name}, ${months[0] ?? ""} to ${months[last] ?? ""}, ${words}`);
  return <>
    <div className="sub insight-key">{shown.map((series, index) => <span key={series.metric}><i className={index === 0 ? "insight-bar" : index === 1 && line ? "insight-line" : "insight-tick"} aria-hidden="true" />{series.name}</span>)}</div>
    <Chart
      height={height} label={`${sentence}${last >= 0 ? `: ${formatAmount(bars.answer?.rows[last]?.values[bars.metric] ?? "0", unit)}` : ""}`} option={option} {...(onPick ? { onPick } : {})}
      table={<Table caption={sentence} rows={months} rowKey={(month) => month} columns={[{ key: "month", head: { zh: "月份", en: "Month" }, cell: (month) => month }, ...shown.map((series) => ({ key: series.metric, head: series.name, num: true, cell: (month: string) => <Amount of={series.answer?.rows.find((row) => row.keys.month === month)?.values[series.metric] ?? null} /> }))]} />}
    />
  </>;
}
