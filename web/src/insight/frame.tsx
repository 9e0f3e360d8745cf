/** What the boards share: the period and its comparison in the address, a figure with its 口径 and its way down, a tile that fails alone. */
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { useBook, usePeriods } from "../app/session.ts";
import { Amount, count, type Unit, UnitContext, unitShift, unitWords } from "../ui/amount.tsx";
import { useFilters } from "../ui/filters.ts";
import { AsOf, ChipSelect, Dialog, Dot, Page, Segments, Tabs } from "../ui/parts.tsx";
import { language, useChoice, useT } from "../ui/text.ts";
import { type Answer, type Asked, changeOf, type Column, type Compare, type Filter, percentText, type Row, type Span } from "./ask.ts";
import { Drill, type DrillOf } from "./drill.tsx";
import "./insight.css";

export function BoardTabs() {
  const t = useT();
  const { code } = useBook();
  const at = (path: string): string => `/b/${code}/boards/${path}`;
  return <Tabs label={t("看板", "Boards")} items={[{ to: at("orders"), text: t("订单-发货-回款", "Order to cash") }, { to: at("chain"), text: t("销售-库存-回款-利润", "Chain") }, { to: at("receivables"), text: t("应收账龄", "Receivables") }, { to: at("payables"), text: t("应付账龄", "Payables") }, { to: at("margin"), text: t("毛利", "Margin") }, { to: at("metrics"), text: t("口径", "Definitions") }]} />;
}

const pad = (n: number): string => String(n).padStart(2, "0");
const lastDay = (month: string): string => `${month}-${pad(new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5, 7)), 0)).getUTCDate())}`;
export const addMonths = (month: string, n: number): string => { const index = Number(month.slice(0, 4)) * 12 + Number(month.slice(5, 7)) - 1 + n; return `${Math.floor(index / 12)}-${pad((index % 12) + 1)}`; };

/** A preset of the fiscal calendar as days: a month "2026-03", a quarter "2026-Q1", a year "2026", the year up to a month "2026-03~". */
export function daysOf(preset: string): Span {
  const year = preset.slice(0, 4);
  const quarter = /-Q([1-4])$/.exec(preset)?.[1];
  if (quarter !== undefined) return { from: `${year}-${pad(Number(quarter) * 3 - 2)}-01`, to: lastDay(`${year}-${pad(Number(quarter) * 3)}`) };
  if (/^\d{4}$/.test(preset)) return { from: `${year}-01-01`, to: `${year}-12-31` };
  if (preset.endsWith("~")) return { from: `${year}-01-01`, to: lastDay(preset.slice(0, 7)) };
  return { from: `${preset}-01`, to: lastDay(preset) };
}

/** The month that is shown when none is chosen: this one, or the book's last. */
export function usePreset(): readonly [string, readonly string[]] {
  const [{ period }] = useFilters();
  const months = (usePeriods().data ?? []).map((one) => one.period);
  const now = new Date();
  const current = `${now.getFullYear()}-${pad(now.getMonth() + 1)}`;
  const fallback = months.length === 0 || months.includes(current) ? current : (months.filter((month) => month <= current).at(-1) ?? months[0] ?? current);
  return [period ?? fallback, months];
}

export function PeriodChips() {
  const t = useT();
  const [, set] = useFilters();
  const [preset, months] = usePreset();
  const [{ compare = "lastYear" }] = useFilters();
  const years = [...new Set(months.map((month) => month.slice(0, 4)))];
  const options = [...[...months].reverse().map((month) => ({ value: month, text: month })), ...years.flatMap((year) => [4, 3, 2, 1].map((quarter) => ({ value: `${year}-Q${quarter}`, text: t(`${year} 年第 ${quarter} 季度`, `Q${quarter} ${year}`) }))), ...years.map((year) => ({ value: year, text: t(`${year} 年`, year) })), ...(/^\d{4}-\d{2}$/.test(preset) ? [{ value: `${preset}~`, text: t(`${preset.slice(0, 4)} 年至 ${preset.slice(5)} 月累计`, `${preset.slice(0, 4)} to ${preset.slice(5)}`) }] : [])];
  const isThere = options.some(({ value }) => value === preset);
  return <>
    <ChipSelect label={t("期间", "Period")} value={preset} options={isThere ? options : [{ value: preset, text: preset }, ...options]} onChange={(value) => set({ period: value })} />
    <ChipSelect label={t("对比", "Compare")} value={compare === "lastYear" ? "" : compare} options={[{ value: "", text: t("去年同期", "Last year") }, { value: "previous", text: t("上期", "Previous period") }]} onChange={(value) => set({ compare: value })} />
  </>;
}
export const useCompare = (): Compare => { const [{ compare }] = useFilters(); return compare === "previous" ? "previous" : "lastYear"; };

export function useUnit(fallback: Unit): Unit {
  const [{ unit }] = useFilters();
  const isEnglish = useChoice(language) === "en";
  const chosen = unit === "yuan" || unit === "wan" || unit === "yi" ? unit : fallback;
  return isEnglish ? { yuan: "yuan" as const, wan: "thousand" as const, yi: "million" as const, thousand: "thousand" as const, million: "million" as const }[chosen] : chosen;
}
export function UnitSwitch({ fallback }: { readonly fallback: Unit }) {
  const t = useT();
  const [, set] = useFilters();
  const [{ unit = fallback }] = useFilters();
  return <><span className="sp" /><Segments label={t("单位", "Unit")} value={unit} options={[{ value: "yuan", text: { zh: "元", en: "CNY" } }, { value: "wan", text: { zh: "万", en: "thousand" } }, { value: "yi", text: { zh: "亿", en: "million" } }]} onChange={(value) => set({ unit: value === fallback ? "" : value })} /></>;
}
export const useUnitWords = (fallback: Unit): string => { const t = useT(); return t(unitWords[useUnit(fallback)]); };
export const useUnitMark = (fallback: Unit): string => unitWords[useUnit(fallback)].mark;
/** For the height of a bar or a point alone. */
export const scaleOf = (unit: Unit): number => 10 ** unitShift[unit];

/** A board: its figures are of one moment and one unit; what a figure is made of opens beside it. */
export function Board({ title, answers, fallback, bar, acts, tabs, children }: { readonly title: string; readonly answers: Readonly<Record<string, Asked>> | undefined; readonly fallback: Unit; readonly bar?: ReactNode; readonly acts?: ReactNode; readonly tabs?: ReactNode; readonly children: (drill: (of: DrillOf) => void) => ReactNode }) {
  const t = useT();
  const [drilled, setDrilled] = useState<DrillOf | null>(null);
  const [isFull, setFull] = useState(false);
  const first = Object.values(answers ?? {}).find(({ answer }) => answer !== undefined)?.answer;
  return (
    <UnitContext value={useUnit(fallback)}>
      <Page
        title={title} tabs={tabs}
        asOf={<AsOf at={first?.asOf} more={first === undefined ? undefined : t(`${(first.ms / 1000).toFixed(2)} 秒`, `${(first.ms / 1000).toFixed(2)} s`)} />}
        acts={<><button type="button" className="btn q" onClick={() => { if (document.fullscreenElement) void document.exitFullscreen(); else void document.querySelector("#main")?.requestFullscreen(); setFull(!isFull); }}>{t("全屏", "Full screen")}</button>{acts}</>}
        bar={<><PeriodChips />{bar}<UnitSwitch fallback={fallback} /></>}
      >
        {children(setDrilled)}
        {drilled === null ? null : <Drill of={drilled} onClose={() => setDrilled(null)} />}
      </Page>
    </UnitContext>
  );
}

/** Whatever a metric's unit is. */
export function Value({ column, value, hidden }: { readonly column: Pick<Column, "unit"> | undefined; readonly value: string | null | undefined; readonly hidden?: boolean }) {
  const t = useT();
  if (hidden) return <span className="z">{t("无权查看", "Not permitted")}</span>;
  if (value === null || value === undefined) return <span className="z">–</span>;
  if (column?.unit === "percent") return <>{percentText(value)}%</>;
  if (column?.unit === "days") return <>{value.replace(/\..*$/, "")} {t("天", "days")}</>;
  if (column?.unit === "quantity") return <>{count(value.replace(/\.0+$/, ""))}</>;
  if (column?.unit === "ratio") return <>{value.slice(0, value.indexOf(".") + 3)}</>;
  return <Amount of={value} />;
}

/** A figure that leads to what it is made of, with what it says of itself. */
export function Figure({ asked, metric, drill, filters, time, size = "mid", compare, note }: { readonly asked: Asked | undefined; readonly metric: string; readonly drill: (of: DrillOf) => void; readonly filters?: readonly Filter[]; readonly time?: Span | undefined; readonly size?: "big" | "mid"; readonly compare?: Compare | undefined; readonly note?: ReactNode }) {
  const t = useT();
  const mark = useUnitMark("wan");
  const column = asked?.answer?.columns.find(({ id }) => id === metric);
  const value = asked?.answer?.rows[0]?.values[metric];
  const change = compare === undefined ? null : changeOf(value, asked?.answer?.rows[0]?.compare?.[compare]?.[metric] ?? null);
  return (
    <div>
      <div className="sub"><Definition column={column} fallback={metric} /></div>
      <div className={size}>{asked?.problem ? <span className="z" title={t(asked.problem)}>{t("无权查看", "Not permitted")}</span> : asked === undefined ? <i className="sk w1" /> : <button type="button" className="figure" disabled={column?.unit === "percent" || column?.unit === "days"} onClick={() => drill({ metric, filters: filters ?? [], time, label: column ? t(column.label) : metric })}><Value column={column} value={value} />{column?.unit === "money" ? <small>{mark}</small> : null}</button>}</div>
      <div className="sub">{note}{note && change ? <Dot /> : null}{change === null ? null : `${compare === "previous" ? t("环比", "on previous") : t("同比", "on last year")} ${change}`}</div>
    </div>
  );
}

/** The name of a figure; what it means is one click away. */
export function Definition({ column, fallback }: { readonly column: Column | undefined; readonly fallback: string }) {
  const t = useT();
  const [isOpen, setOpen] = useState(false);
  if (column === undefined) return <>{fallback}</>;
  return <><button type="button" className="definition" onClick={() => setOpen(true)}>{t(column.label)}</button>{isOpen ? <Dialog title={`${t("口径", "Definition")}：${t(column.label)}`} onClose={() => setOpen(false)}><p>{column.definition ? t(column.definition) : ""}</p><p className="sub mono">{column.id} v{column.version}</p></Dialog> : null}</>;
}

/** A tile that says why in its own place when it may not be seen. */
export function Hidden({ asked }: { readonly asked: Asked | undefined }) {
  const t = useT();
  return asked?.problem ? <div className="state refused"><b>{t(asked.problem)}</b><div className="sub">{t(asked.problem.todo)}</div></div> : null;
}

export const labelOf = (row: Row, dimension: string, t: ReturnType<typeof useT>): string => { const label = row.labels[dimension]; return label === undefined || t(label) === "" ? row.keys[dimension] || "–" : t(label); };
export const totalOf = (answer: Answer | undefined): Row | undefined => answer?.totals.find(({ keys }) => Object.keys(keys).length === 0);
export function PartyLink({ code, text, kind }: { readonly code: string; readonly text: string; readonly kind: "customer" | "supplier" }) {
  const book = useBook();
  return book.may("masterdata.read") ? <Link to={`/b/${book.code}/masterdata/${kind}/${encodeURIComponent(code)}` as never}>{text}</Link> : <>{text}</>;
}
