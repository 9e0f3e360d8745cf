/** 完整性: each document that arrived is posted, exempt, waiting or parked, and the four make a hundred per cent, in all and by source and kind. */
import { Link } from "@tanstack/react-router";
import { usePeriods, useBook } from "../app/session.ts";
import { withQuery } from "../app/api.ts";
import { count } from "../ui/amount.tsx";
import { useFilters } from "../ui/filters.ts";
import { AsOf, ChipSelect, Page, Panel, Segments, Tag } from "../ui/parts.tsx";
import { Empty, Loaded } from "../ui/states.tsx";
import { type Column, Table } from "../ui/table.tsx";
import { useT } from "../ui/text.ts";
import { barStates, type Counts, percentText, Split, useCompleteness } from "./bar.tsx";
import "./documents.css";
import { stateWords } from "./model.ts";
import { DocumentTabs, useKindName } from "./words.tsx";

type Row = Counts & { readonly key: string; readonly source: string; readonly kind: string };
type By = "kind" | "source" | "both";

export function CompletenessPage() {
  const t = useT();
  const book = useBook();
  const kindName = useKindName();
  const [{ period = "", by: asked = "both" }, set] = useFilters();
  const by: By = asked === "kind" || asked === "source" ? asked : "both";
  const periods = usePeriods().data ?? [];
  const whole = useCompleteness();
  return (
    <Page
      title={t("完整性", "Completeness")} crumb={{ to: `/b/${book.code}/documents`, text: t("单据", "Documents") }} tabs={<DocumentTabs />}
      asOf={whole.data ? <AsOf at={new Date(whole.dataUpdatedAt).toISOString()} /> : undefined}
      bar={<>
        <ChipSelect label={t("期间", "Period")} value={period} options={[{ value: "", text: t("全部", "All") }, ...[...periods].reverse().map((one) => ({ value: one.period, text: one.period }))]} onChange={(value) => set({ period: value })} />
        <Segments label={t("分组", "By")} value={by} options={[{ value: "both", text: { zh: "来源与种类", en: "Source and kind" } }, { value: "source", text: { zh: "来源", en: "Source" } }, { value: "kind", text: { zh: "种类", en: "Kind" } }]} onChange={(value) => set({ by: value === "both" ? "" : value })} />
      </>}
    >
      <Loaded of={whole} isEmpty={(data) => data.arrived === 0} empty={<Panel><Empty why={t("还没有单据到达。", "No document has come yet.")} next={<Link to={`/b/${book.code}/documents/upload`}>{t("上传文件", "Upload a file")}</Link>} /></Panel>}>{(data) => {
        const rows = rowsOf(data.rows.filter((row) => period === "" || row.period === period), by);
        const sum = rows.reduce((total, row) => add(total, row), zero);
        const ties = sum.arrived === sum.posted + sum.exempt + sum.waiting + sum.parked;
        const to = (row: { readonly source?: string; readonly kind?: string }, state?: string): string => withQuery(`/b/${book.code}/documents`, { source: row.source, kind: row.kind, state, period });
        const figure = (row: Row | typeof zero, state: (typeof barStates)[number]) => (row[state] === 0 ? <span className="z">–</span> : <Link to={to("key" in row ? row : {}, state) as never}>{count(row[state])}</Link>);
        const columns: readonly Column<Row>[] = [
          ...(by === "kind" ? [] : [{ key: "source", head: { zh: "来源", en: "Source" }, wide: by === "both", cell: (row: Row) => <Link to={to(row) as never}>{row.source}</Link> }]),
          ...(by === "source" ? [] : [{ key: "kind", head: { zh: "种类", en: "Kind" }, cell: (row: Row) => <><Link to={to(row) as never}>{kindName(row.kind)}</Link></> }]),
          { key: "arrived", head: { zh: "到达", en: "Received" }, num: true, cell: (row) => <Link to={to(row) as never}>{count(row.arrived)}</Link>, foot: <Link to={to({}) as never}>{count(sum.arrived)}</Link> },
          ...barStates.map((state): Column<Row> => ({ key: state, head: stateWords[state].words, num: true, wide: state !== "parked", line: state === "posted", cell: (row) => figure(row, state), foot: figure(sum, state) })),
          { key: "split", head: { zh: "构成", en: "Parts" }, wide: true, cell: (row) => <div className="documents-percent"><Split of={row} label={t(`已入账 ${row.posted}，免记账 ${row.exempt}，等待 ${row.waiting}，挂起 ${row.parked}`, `${row.posted} posted, ${row.exempt} exempt, ${row.waiting} waiting, ${row.parked} parked`)} /></div> },
          { key: "whole", head: { zh: "有去处", en: "Accounted for" }, num: true, cell: (row) => (row.arrived === row.posted + row.exempt + row.waiting + row.parked ? <span className="good">100%</span> : <Tag tone="bad">≠</Tag>), foot: ties ? <span className="good">100%</span> : <span className="bad">≠</span> },
        ];
        return (
          <>
            <section className="panel documents-bar" aria-label={t("合计", "In all")}>
              <span className="big">{percentText(period === "" ? data.percent.total : ties ? "100.000000" : "0.000000")}</span>
              <span>{ties ? t(`${count(sum.arrived)} 张都有去处`, `All ${count(sum.arrived)} documents are accounted for`) : t("有单据没有去处", "Some documents are not accounted for")}<span className="sub">{t("已入账 + 免记账 + 等待 + 挂起 = 到达", "posted + exempt + waiting + parked = received")}</span></span>
              <Split of={sum} label={t(`已入账 ${sum.posted}，免记账 ${sum.exempt}，等待 ${sum.waiting}，挂起 ${sum.parked}`, `${sum.posted} posted, ${sum.exempt} exempt, ${sum.waiting} waiting, ${sum.parked} parked`)} />
              {barStates.map((state) => <span key={state} className="k"><i className={`documents-key documents-${state}`} aria-hidden="true" />{t(stateWords[state].words)} <Link to={to({}, state) as never}>{count(sum[state])}</Link></span>)}
            </section>
            <Panel title={t("去处", "Where they are")} note={period} right={book.may("documents.decide") ? <Link to={`/b/${book.code}/documents/refused`}>{t(`另有被拒 ${count(data.refused)} 条，未成为单据`, `${count(data.refused)} more were refused and never became documents`)}</Link> : undefined}>
              <Table caption={t("单据的去处", "Where documents are")} columns={columns} rows={rows} rowKey={(row) => row.key} footLabel={t(`合计 ${rows.length} 行`, `Total of ${rows.length}`)} />
            </Panel>
          </>
        );
      }}</Loaded>
    </Page>
  );
}

const zero: Counts = { arrived: 0, posted: 0, exempt: 0, waiting: 0, parked: 0 };
const add = (a: Counts, b: Counts): Counts => ({ arrived: a.arrived + b.arrived, posted: a.posted + b.posted, exempt: a.exempt + b.exempt, waiting: a.waiting + b.waiting, parked: a.parked + b.parked });

/** Grouped as asked; what needs a person first, then the most. */
function rowsOf(rows: readonly (Counts & { readonly source: string; readonly kind: string })[], by: By): Row[] {
  const grouped = new Map<string, Row>();
  for (const row of rows) {
    const source = by === "kind" ? "" : row.source, kind = by === "source" ? "" : row.kind;
    const key = `${source} ${kind}`;
    grouped.set(key, { ...add(grouped.get(key) ?? zero, row), key, source, kind });
  }
  return [...grouped.values()].sort((a, b) => b.parked - a.parked || b.waiting - a.waiting || b.arrived - a.arrived);
}
