/** 账龄 of receivables and payables: who owes what since when, and who looks after it. */
import { useMemo } from "react";
import { useBook } from "../app/session.ts";
import { useFilters } from "../ui/filters.ts";
import { ChipText, Panel } from "../ui/parts.tsx";
import { Empty } from "../ui/states.tsx";
import { Table } from "../ui/table.tsx";
import { useT } from "../ui/text.ts";
import { type Filter, percentText, type Query, saveWorkbook, useBoard } from "./ask.ts";
import { Board, BoardTabs, daysOf, Figure, labelOf, PartyLink, totalOf, usePreset, useUnitWords, Value } from "./frame.tsx";

export const Receivables = () => <Ageing side="receivable" />;
export const Payables = () => <Ageing side="payable" />;
export const buckets = ["notDue", "d30", "d60", "d90", "over90"] as const;

function Ageing({ side }: { readonly side: "receivable" | "payable" }) {
  const t = useT();
  const book = useBook();
  const [filters, set] = useFilters();
  const [preset] = usePreset();
  const time = daysOf(preset);
  const isSale = side === "receivable";
  const party = isSale ? "customer" : "supplier";
  const owner = isSale ? "salesperson" : "buyer";
  const metric = isSale ? "open_receivable" : "open_payable";
  const overdue = isSale ? "overdue_receivable" : "overdue_payable";
  const { owner: who = "", region = "", bucket = "" } = filters;
  const chosen: Filter[] = [...(who ? [{ dimension: owner, op: "in" as const, values: [who] }] : []), ...(region && isSale ? [{ dimension: "region", op: "in" as const, values: [region] }] : []), ...(bucket ? [{ dimension: "ageBucket", op: "in" as const, values: [bucket] }] : [])];
  const without = (dimension: string): Filter[] => chosen.filter((one) => one.dimension !== dimension);
  const queries = useMemo((): Readonly<Record<string, Query>> => ({
    now: { metrics: isSale ? [metric, overdue, "overdue_ratio"] : [metric, overdue], filters: without("ageBucket") }, buckets: { metrics: [metric], rows: ["ageBucket"], filters: without("ageBucket") }, parties: { metrics: [metric, overdue], rows: [party], cols: ["ageBucket"], filters: chosen, totals: true, sort: [{ by: metric, desc: true }], limit: 5_000 },
    owners: { metrics: [metric, overdue], rows: [owner], filters: without(owner), totals: true, sort: [{ by: overdue, desc: true }], limit: 20 }, rate: { metrics: isSale ? ["collection_rate", "dso"] : ["payable_due_7"], ...(isSale ? { time } : {}), filters: [] },
  }), [JSON.stringify(chosen), preset, side]);
  const { data } = useBoard(book.code, queries);
  const unit = useUnitWords("wan");
  const parties = data?.parties?.answer;
  const cells = new Map(parties?.rows.map((row) => [`${row.keys[party]} ${row.keys.ageBucket}`, row.values[metric]]));
  const rows = (parties?.totals.filter(({ keys }) => keys[party] !== undefined && keys.ageBucket === undefined) ?? []);
  const sorted = [...rows].sort((a, b) => Number(b.values[overdue] ?? 0) - Number(a.values[overdue] ?? 0) || Number(b.values[metric] ?? 0) - Number(a.values[metric] ?? 0));
  const of = (name: string) => data?.buckets?.answer?.rows.find(({ keys }) => keys.ageBucket === name)?.values[metric] ?? null;
  const all = buckets.reduce((sum, name) => sum + Math.max(0, Number(of(name) ?? 0)), 0);
  const words: Readonly<Record<(typeof buckets)[number], string>> = { notDue: t("未到期", "Not due"), d30: t("1–30 天", "1–30 days"), d60: t("31–60 天", "31–60 days"), d90: t("61–90 天", "61–90 days"), over90: t("90 天以上", "Over 90 days") };
  return (
    <Board title={isSale ? t("应收账龄", "Receivables by age") : t("应付账龄", "Payables by age")} tabs={<BoardTabs />} answers={data} fallback="wan" acts={<button type="button" className="btn" onClick={() => void saveWorkbook(book.code, queries.parties as Query, isSale ? t("应收账龄", "Receivables by age") : t("应付账龄", "Payables by age"))}>{t("导出 xlsx", "Export xlsx")}</button>} bar={<><ChipText label={isSale ? t("业务员", "Salesperson") : t("采购员", "Buyer")} value={who} onChange={(value) => set({ owner: value })} width={90} />{bucket ? <button type="button" className="chip x" onClick={() => set({ bucket: "" })}>{t("账龄", "Age")} <b>{words[bucket as "d30"]}</b> ×</button> : null}</>}>
      {(drill) => <>
        <section className="panel insight-four">
          <Figure asked={data?.now} metric={metric} drill={drill} filters={without("ageBucket")} />
          <Figure asked={data?.now} metric={overdue} drill={drill} filters={without("ageBucket")} note={isSale && data?.now?.answer ? t(`占 ${percentText(data.now.answer.rows[0]?.values.overdue_ratio) ?? "–"}%`, `${percentText(data.now.answer.rows[0]?.values.overdue_ratio) ?? "–"}%`) : null} />
          {isSale ? <><Figure asked={data?.rate} metric="collection_rate" drill={drill} /><Figure asked={data?.rate} metric="dso" drill={drill} /></> : <><Figure asked={data?.rate} metric="payable_due_7" drill={drill} /><div /></>}
        </section>
        <Panel title={t("账龄", "By age")} note={unit}><div className="pb">
          <div className="split" aria-hidden="true">{buckets.map((name, index) => (Number(of(name) ?? 0) > 0 ? <i key={name} className={`insight-a${index}`} style={{ flexGrow: Number(of(name)) / Math.max(all, 1) }} /> : null))}</div>
          <div className="insight-key">{buckets.map((name, index) => <button key={name} type="button" aria-pressed={bucket === name} onClick={() => set({ bucket: bucket === name ? "" : name })}><i className={`insight-a${index}`} aria-hidden="true" />{words[name]}<br /><Value column={{ unit: "money" }} value={of(name)} /></button>)}</div>
        </div></Panel>
        <div className="cols detail" style={{ marginTop: 16 }}>
          <Panel title={isSale ? t("客户", "Customers") : t("供应商", "Suppliers")} note={t(`${sorted.length} 家`, `${sorted.length}`)}>{sorted.length === 0 ? <Empty why={t("没有未清的款项。", "Nothing is open.")} /> : <Table
            caption={isSale ? t("客户账龄", "Customers by age") : t("供应商账龄", "Suppliers by age")} rows={sorted.slice(0, 200)} rowKey={(row) => row.keys[party] ?? ""} footLabel={t("合计", "Total")}
            columns={[
              { key: "party", head: isSale ? { zh: "客户", en: "Customer" } : { zh: "供应商", en: "Supplier" }, cell: (row) => <PartyLink code={row.keys[party] ?? ""} text={labelOf(row, party, t)} kind={party} /> },
              ...buckets.map((name) => ({ key: name, head: words[name], num: true, wide: true, cell: (row: (typeof sorted)[number]) => <Value column={{ unit: "money" }} value={cells.get(`${row.keys[party]} ${name}`) ?? "0"} /> })),
              { key: "all", head: { zh: "合计", en: "Total" }, num: true, cell: (row) => <button type="button" className="figure" onClick={() => drill({ metric, label: labelOf(row, party, t), filters: chosen, keys: { [party]: row.keys[party] ?? "" } })}><Value column={{ unit: "money" }} value={row.values[metric]} /></button>, foot: <Value column={{ unit: "money" }} value={totalOf(parties)?.values[metric]} /> },
              { key: "overdue", head: { zh: "逾期", en: "Overdue" }, num: true, cell: (row) => <Value column={{ unit: "money" }} value={row.values[overdue]} />, foot: <Value column={{ unit: "money" }} value={totalOf(parties)?.values[overdue]} /> },
            ]}
          />}</Panel>
          <Panel title={isSale ? t("业务员", "Salespeople") : t("采购员", "Buyers")}><div className="list">{data?.owners?.answer?.rows.map((row) => <button key={row.keys[owner]} type="button" className={who === row.keys[owner] ? "on" : ""} onClick={() => set({ owner: who === row.keys[owner] ? "" : (row.keys[owner] ?? "") })}><span className="r"><Value column={{ unit: "money" }} value={row.values[overdue]} /></span>{labelOf(row, owner, t)} <span className="sub"><Value column={{ unit: "money" }} value={row.values[metric]} /></span></button>)}</div></Panel>
        </div>
      </>}
    </Board>
  );
}
