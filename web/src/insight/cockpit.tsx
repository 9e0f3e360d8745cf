/** 管理驾驶舱: cash now and to come, what is owed, what was earned, and whether everything that arrived has its place. It moves when the books do. */
import { Link } from "@tanstack/react-router";
import { useCallback, useMemo, useState } from "react";
import { seg, useApi, withQuery } from "../app/api.ts";
import { useBook } from "../app/session.ts";
import { Amount, count, formatAmount, UnitContext } from "../ui/amount.tsx";
import { Chart, type Palette } from "../ui/chart.tsx";
import { useFilters } from "../ui/filters.ts";
import { AsOf, Dot, Page, Panel } from "../ui/parts.tsx";
import { Empty, Loading, Trouble } from "../ui/states.tsx";
import { Table } from "../ui/table.tsx";
import { useT, type Words } from "../ui/text.ts";
import { type Answer, changeOf, percentText, type Query, type Span } from "./ask.ts";
import { Drill, type DrillOf } from "./drill.tsx";
import { buckets } from "./ageing.tsx";
import { Definition, labelOf, PeriodChips, scaleOf, UnitSwitch, useCompare, usePreset, useUnit, useUnitMark, useUnitWords, Value } from "./frame.tsx";
import { Trend } from "./trend.tsx";
import { daysOf } from "./frame.tsx";
import "./insight.css";

type Tile = { readonly id: string; readonly label: Words; readonly query: Query | null; readonly answer: Answer | null; readonly hidden: Readonly<Record<string, Words>>; readonly ignores: readonly string[] };
type Week = { readonly week: number; readonly from: string; readonly to: string; readonly in: string; readonly out: string; readonly balance: string };
type CockpitAnswer = {
  readonly time: Span; readonly day: string; readonly period: string; readonly tiles: readonly Tile[]; readonly banks: readonly { readonly code: string; readonly number: string; readonly currency: string }[] | null;
  readonly lastReceipt: { readonly document: string; readonly number: string; readonly date: string; readonly at: string; readonly party: string; readonly partyName: Words; readonly bankAccount: string | null; readonly amount: string } | null;
  readonly overdueCustomers: readonly { readonly customer: string; readonly name: Words; readonly overdue: string; readonly owners: readonly Words[]; readonly daysLongest: number }[];
  readonly forecast: { readonly opening: string; readonly weeks: readonly Week[]; readonly lowest: { readonly week: number; readonly balance: string } | null; readonly delays: { readonly in: string; readonly out: string }; readonly method: Words } | null;
  readonly completeness: { readonly arrived: number; readonly posted: number; readonly exempt: number; readonly waiting: number; readonly parked: number; readonly percent: string } | null;
};

export function Cockpit() {
  const t = useT();
  const book = useBook();
  const [{ period }] = useFilters();
  const [preset] = usePreset();
  const compare = useCompare();
  const span = /^\d{4}-\d{2}$/.test(period ?? preset) ? { period: period ?? "" } : daysOf(preset);
  const board = useApi<CockpitAnswer>(withQuery(`/books/${seg(book.code)}/boards/cockpit`, { ...span, compare }), { keep: true });
  const [drilled, setDrilled] = useState<DrillOf | null>(null);
  const unit = useUnit("wan");
  const first = board.data?.tiles.find(({ answer }) => answer !== null)?.answer;
  return (
    <UnitContext value={unit}>
      <Page
        title={t("管理驾驶舱", "Cockpit")} asOf={<AsOf at={first?.asOf} more={first?.engine} />}
        acts={<button type="button" className="btn q" onClick={() => { if (document.fullscreenElement) void document.exitFullscreen(); else void document.querySelector("#main")?.requestFullscreen(); }}>{t("全屏", "Full screen")}</button>}
        bar={<><PeriodChips /><UnitSwitch fallback="wan" /></>}
      >
        {board.data === undefined ? board.error ? <Trouble error={board.error} retry={() => void board.refetch()} /> : <Panel><Loading rows={14} columns={5} /></Panel> : <><Trouble error={board.error} retry={() => void board.refetch()} /><Tiles data={board.data} drill={setDrilled} /></>}
        {drilled === null ? null : <Drill of={drilled} onClose={() => setDrilled(null)} />}
      </Page>
    </UnitContext>
  );
}

function Tiles({ data, drill }: { readonly data: CockpitAnswer; readonly drill: (of: DrillOf) => void }) {
  const t = useT();
  const book = useBook();
  const compare = useCompare();
  const words = useUnitWords("wan");
  const tile = (id: string): Tile | undefined => data.tiles.find((one) => one.id === id);
  const value = (id: string, metric: string): string | null => tile(id)?.answer?.rows[0]?.values[metric] ?? null;
  const change = (id: string, metric: string): string | null => changeOf(value(id, metric), tile(id)?.answer?.rows[0]?.compare?.[compare]?.[metric] ?? null);
  const how = compare === "previous" ? t("环比", "on previous") : t("同比", "on last year");
  const open = (id: string, metric: string, keys?: Readonly<Record<string, string>>) => () => { const one = tile(id); drill({ metric, label: one ? t(one.label) : metric, filters: one?.query?.filters ?? [], time: one?.query?.time, ...(keys ? { keys } : {}) }); };
  const column = (id: string, metric: string) => tile(id)?.answer?.columns.find((one) => one.id === metric);
  const cell = (id: string, metric: string, size: string, small?: string) => (tile(id)?.hidden[metric] ? <span className="z" title={t(tile(id)?.hidden[metric] as Words)}>{t("无权查看", "Not permitted")}</span> : <span className={size}><button type="button" className="figure" disabled={column(id, metric)?.unit === "percent"} onClick={open(id, metric)}><Value column={column(id, metric)} value={value(id, metric)} /></button>{small ? <small>{small}</small> : null}</span>);
  const unitMark = useUnitMark("wan");
  const numbers = new Map(data.banks?.map((bank) => [bank.code, bank]) ?? []);
  const cash = value("cash", "cash");
  const share = value("receivable", "overdue_ratio");
  return <>
    <div className="grid">
      <section className="panel c5">
        <div className="pt"><h2><Definition column={column("cash", "cash")} fallback={t("货币资金", "Cash")} /></h2><span className="r">{data.day}<Dot />{t("元", "CNY")}</span></div>
        <div className="pb">
          <div className="big"><Hero amount={cash} hidden={tile("cash")?.answer === null} onOpen={open("cash", "cash")} /></div>
          <div className="row sub" style={{ gap: 24 }}><span>{t("日初", "Opening")} <b className="plain"><Amount of={value("cashBefore", "cash")} exact zero="figure" /></b></span><span>{t("今日收", "In")} <b className="plain"><Amount of={value("cashToday", "cash_in")} exact /></b></span><span>{t("今日付", "Out")} <b className="plain"><Amount of={value("cashToday", "cash_out")} exact /></b></span></div>
          <div className="insight-rows">{(tile("cashByBank")?.answer?.rows ?? []).map((row) => {
            const code = row.keys.bankAccount ?? "";
            const foreign = row.keys.currency !== undefined && row.keys.currency !== book.currency;
            return <button key={`${code} ${row.keys.currency}`} type="button" className="insight-row" onClick={open("cashByBank", "cash", row.keys)}><span>{code === "" ? t("现金", "Cash in hand") : labelOf(row, "bankAccount", t)} <span className="mut">{numbers.get(code)?.number.slice(-4) ?? ""}</span></span>{foreign ? <span className="mut">{row.keys.currency} <Amount of={row.values.cash_original} exact /></span> : null}<span><Amount of={row.values.cash} exact /></span></button>;
          })}</div>
          {tile("cashByBank")?.answer ? null : tile("cashByBank") ? <p className="sub">{t("各账户余额需要查看银行账号的权限。", "Balances by account need permission to see bank accounts.")}</p> : null}
        </div>
        {data.lastReceipt === null ? null : <div className="insight-latest" aria-live="polite"><i className="live" aria-hidden="true" /><span className="insight-line-text">{data.lastReceipt.date.slice(5)} {t("收款", "received")} {t(data.lastReceipt.partyName) || data.lastReceipt.party} <b><Amount of={data.lastReceipt.amount} exact /></b></span><Link to={`/b/${book.code}/documents/one` as never} search={{ of: data.lastReceipt.document } as never}>{data.lastReceipt.number}</Link></div>}
      </section>
      <section className="panel c7">
        <div className="pt"><h2>{t("13 周现金预测", "Cash over 13 weeks")}</h2><span className="n">{words}</span><span className="r" title={data.forecast ? t(data.forecast.method) : undefined}>{data.forecast ? t(`按到期日，收款平均迟 ${data.forecast.delays.in} 天`, `by due dates, receipts ${data.forecast.delays.in} days late on average`) : null}</span></div>
        <div className="pb">{data.forecast === null ? <Empty why={t("现金预测是全账簿的数字。", "The cash forecast is of the whole book.")} /> : <Forecast forecast={data.forecast} />}</div>
      </section>
    </div>
    <section className="panel insight-five">
      <div><div className="sub"><Definition column={column("receivable", "open_receivable")} fallback={t("应收账款", "Receivables")} /></div>{cell("receivable", "open_receivable", "mid", unitMark)}<div className="sub">{t("其中逾期", "overdue")} <Value column={{ unit: "money" }} value={value("receivable", "overdue_receivable")} />{share === null ? null : <span className="warn">{t(`，占 ${percentText(share)}%`, `, ${percentText(share)}%`)}</span>}</div></div>
      <div><div className="sub"><Definition column={column("payable", "open_payable")} fallback={t("应付账款", "Payables")} /></div>{cell("payable", "open_payable", "mid", unitMark)}<div className="sub">{t("7 日内到期", "due in 7 days")} <Value column={{ unit: "money" }} value={value("payable", "payable_due_7")} /></div></div>
      <div><div className="sub"><Definition column={column("revenue", "revenue")} fallback={t("营业收入", "Revenue")} /></div>{cell("revenue", "revenue", "mid", unitMark)}<div className="sub">{value("budget", "budget_reached") === null ? null : <>{t("预算", "budget")} {percentText(value("budget", "budget_reached"))}%</>}{change("revenue", "revenue") === null ? null : <>{value("budget", "budget_reached") === null ? null : <Dot />}{how} {change("revenue", "revenue")}</>}</div></div>
      <div><div className="sub"><Definition column={column("margin", "gross_margin")} fallback={t("毛利率", "Gross margin")} /></div>{cell("margin", "gross_margin", "mid")}<div className="sub">{tile("margin")?.hidden.gross_profit ? null : <>{t("毛利", "gross profit")} <Value column={{ unit: "money" }} value={value("margin", "gross_profit")} /></>}</div></div>
      <div><div className="sub"><Definition column={column("profit", "net_profit")} fallback={t("净利润", "Net profit")} /></div>{cell("profit", "net_profit", "mid", unitMark)}<div className="sub">{change("profit", "net_profit") === null ? null : `${how} ${change("profit", "net_profit")}`}</div></div>
    </section>
    <div className="grid">
      <div className="c5"><Panel title={t("营业收入与预算", "Revenue and budget")} note={<>{words}<Dot />{t("近 12 个月", "12 months")}</>}><div className="pb">{tile("months")?.answer ? <Trend bars={{ answer: tile("months")?.answer ?? undefined, metric: "revenue", name: t("营业收入", "Revenue") }} target={{ answer: tile("months")?.answer ?? undefined, metric: "budget_revenue", name: t("预算", "Budget") }} height={280} onPick={(month) => drill({ metric: "revenue", label: `${t("营业收入", "Revenue")} ${month}`, filters: [], time: tile("months")?.query?.time, keys: { month } })} /> : <Empty why={t("无权查看", "Not permitted")} />}</div></Panel></div>
      <div className="c4"><Panel title={t("应收账龄", "Receivables by age")} note={words} right={value("collection", "collection_rate") === null ? undefined : <>{t("回款率", "collected")} {percentText(value("collection", "collection_rate"))}%<Dot />DSO <Value column={{ unit: "days" }} value={value("collection", "dso")} /></>}><div className="pb"><Ages asked={tile("ageing")?.answer ?? null} /><Overdue customers={data.overdueCustomers} /></div></Panel></div>
      <div className="c3"><Panel title={t("完整性", "Completeness")} right={data.completeness === null ? undefined : t(`${data.completeness.percent.replace(/(\.\d\d)\d*$/, "$1")}% 有去处`, `${data.completeness.percent.replace(/(\.\d\d)\d*$/, "$1")}% accounted for`)}><div className="pb">{data.completeness === null ? <Empty why={t("完整性是全账簿的数字。", "Completeness is of the whole book.")} /> : <Completeness of={data.completeness} />}</div></Panel></div>
    </div>
  </>;
}

/** The one loud figure: whole part large, cents small. */
function Hero({ amount, hidden, onOpen }: { readonly amount: string | null; readonly hidden: boolean; readonly onOpen: () => void }) {
  const t = useT();
  if (hidden) return <span className="z">{t("无权查看", "Not permitted")}</span>;
  if (amount === null) return <span className="z">–</span>;
  const [whole = "", cents = ""] = formatAmount(amount).split(".");
  return <button type="button" className={`figure${amount.startsWith("-") ? " neg" : ""}`} onClick={onOpen} data-testid="cash">{whole}<small>.{cents}</small></button>;
}

function Forecast({ forecast }: { readonly forecast: NonNullable<CockpitAnswer["forecast"]> }) {
  const t = useT();
  const book = useBook();
  const unit = useUnit("wan");
  const shift = scaleOf(unit);
  const points = useMemo(() => [{ name: t("今天", "Today"), value: Number(forecast.opening) / shift }, ...forecast.weeks.map((week) => ({ name: week.to.slice(5), value: Number(week.balance) / shift }))], [forecast, shift, t]);
  // A lowest point is worth a mark only when it lies below today.
  const lowest = forecast.lowest !== null && Number(forecast.lowest.balance) < Number(forecast.opening) ? forecast.lowest : null;
  const option = useCallback((p: Palette) => ({
    animation: false, textStyle: { fontFamily: "inherit", fontSize: 12, color: p.axis }, grid: { left: 0, right: 56, top: 20, bottom: 0, containLabel: true },
    xAxis: { type: "category", boundaryGap: false, data: points.map(({ name }) => name), axisTick: { show: false }, axisLine: { lineStyle: { color: p.line } }, axisLabel: { color: p.axis, interval: 1 } },
    yAxis: { type: "value", splitNumber: 4, scale: true, axisLabel: { color: p.axis, formatter: (value: number) => value.toLocaleString("en") }, splitLine: { lineStyle: { color: p.grid } } },
    tooltip: { trigger: "axis", renderMode: "richText", backgroundColor: p.surface, borderColor: p.line, textStyle: { color: p.ink, fontSize: 12 }, valueFormatter: (value: unknown) => (typeof value === "number" ? value.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 }) : "–") },
    series: [{ name: t("预测余额", "Forecast balance"), type: "line", symbol: "none", lineStyle: { width: 2, color: p.series[0] }, itemStyle: { color: p.series[0] }, endLabel: { show: true, color: p.ink, formatter: (point: { readonly value: number }) => point.value.toLocaleString("en", { maximumFractionDigits: 0 }) }, data: points.map(({ value }) => value), markPoint: lowest === null ? undefined : { symbol: "circle", symbolSize: 8, itemStyle: { color: p.surface, borderColor: p.bad, borderWidth: 2 }, label: { show: false }, data: [{ coord: [lowest.week, points[lowest.week]?.value ?? 0] }] } }],
  }), [points, lowest, t]);
  const sentence = lowest === null ? t("13 周内余额不低于今天。", "The balance does not fall below today's within 13 weeks.") : t(`第 ${lowest.week} 周最低，${formatAmount(lowest.balance, unit)}。`, `Lowest in week ${lowest.week}: ${formatAmount(lowest.balance, unit)}.`);
  return <>
    <p className="sub">{sentence} <Link to={`/b/${book.code}/boards/receivables` as never}>{t("看到期的款项", "See what is due")}</Link></p>
    <Chart height={264} label={`${t("13 周现金预测", "Cash over 13 weeks")}: ${sentence}`} option={option} table={<Table caption={t("13 周现金预测", "Cash over 13 weeks")} rows={forecast.weeks} rowKey={(week) => String(week.week)} columns={[{ key: "week", head: { zh: "周", en: "Week" }, cell: (week) => `${week.week} (${week.to})` }, { key: "in", head: { zh: "收", en: "In" }, num: true, cell: (week) => <Amount of={week.in} /> }, { key: "out", head: { zh: "付", en: "Out" }, num: true, cell: (week) => <Amount of={week.out} /> }, { key: "balance", head: { zh: "余额", en: "Balance" }, num: true, cell: (week) => <Amount of={week.balance} /> }]} />} />
  </>;
}

function Ages({ asked }: { readonly asked: Answer | null }) {
  const t = useT();
  const book = useBook();
  if (asked === null) return <Empty why={t("无权查看", "Not permitted")} />;
  const of = (name: string): string => asked.rows.find(({ keys }) => keys.ageBucket === name)?.values.open_receivable ?? "0";
  const all = buckets.reduce((sum, name) => sum + Math.max(0, Number(of(name))), 0);
  const words = (name: string): string => { const row = asked.rows.find(({ keys }) => keys.ageBucket === name); return row ? labelOf(row, "ageBucket", t) : name; };
  return <>
    <div className="split" aria-hidden="true">{buckets.map((name, index) => (Number(of(name)) > 0 ? <i key={name} className={`insight-a${index}`} style={{ flexGrow: Number(of(name)) / Math.max(all, 1) }} /> : null))}</div>
    <div className="insight-key">{buckets.filter((name) => asked.rows.some(({ keys }) => keys.ageBucket === name)).map((name) => <Link key={name} to={`/b/${book.code}/boards/receivables` as never} search={{ bucket: name } as never} className="plain-link"><i className={`insight-a${buckets.indexOf(name)}`} aria-hidden="true" />{words(name)}<br /><Value column={{ unit: "money" }} value={of(name)} /></Link>)}</div>
  </>;
}

function Overdue({ customers }: { readonly customers: CockpitAnswer["overdueCustomers"] }) {
  const t = useT();
  const book = useBook();
  if (customers.length === 0) return <p className="sub" style={{ marginTop: 12 }}>{t("没有逾期的客户。", "No customer is overdue.")}</p>;
  return (
    <div style={{ margin: "12px -16px 0" }}><Table
      caption={t("逾期客户", "Overdue customers")} rows={customers} rowKey={(row) => row.customer}
      columns={[{ key: "name", head: { zh: "逾期客户", en: "Overdue" }, cell: (row) => <Link to={`/b/${book.code}/books/open-items` as never} search={{ party: row.customer } as never}>{t(row.name) || row.customer}</Link> }, { key: "owner", head: { zh: "负责人", en: "Owner" }, mute: true, wide: true, cell: (row) => row.owners.map((owner) => t(owner)).join("、") }, { key: "overdue", head: { zh: "逾期", en: "Overdue" }, num: true, cell: (row) => <Amount of={row.overdue} /> }, { key: "days", head: { zh: "最长（天）", en: "Days" }, num: true, cell: (row) => <span className={row.daysLongest > 90 ? "bad" : undefined}>{row.daysLongest}</span> }]}
    /><div className="foot"><Link to={`/b/${book.code}/boards/receivables` as never}>{t("全部客户", "All customers")}</Link></div></div>
  );
}

function Completeness({ of }: { readonly of: NonNullable<CockpitAnswer["completeness"]> }) {
  const t = useT();
  const book = useBook();
  const parts = [["posted", t("已记账", "Posted"), "var(--c1)"], ["waiting", t("等待", "Waiting"), "var(--c2)"], ["parked", t("挂起", "Parked"), "var(--warn-mark)"], ["exempt", t("豁免", "Exempt"), "var(--control)"]] as const;
  return <>
    <div className="split" aria-hidden="true">{parts.map(([name, , colour]) => (of[name] > 0 ? <i key={name} style={{ flexGrow: of[name] / Math.max(of.arrived, 1), background: colour }} /> : null))}</div>
    <div className="insight-rows" style={{ marginTop: 8 }}>{parts.map(([name, words]) => <Link key={name} className="insight-row plain-link" to={`/b/${book.code}/${name === "parked" ? "documents/parked" : "documents"}` as never} search={(name === "parked" ? {} : { state: name }) as never}><span>{words}</span><span className={name === "parked" && of.parked > 0 ? "warn" : undefined}>{count(of[name])}</span></Link>)}<div className="insight-row"><span>{t("全部单据", "All documents")}</span><span>{count(of.arrived)}</span></div></div>
  </>;
}
