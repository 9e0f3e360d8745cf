/** 暂估: goods that came without their invoice, by age. */
import { Link, useNavigate } from "@tanstack/react-router";
import { seg, useApi, withQuery } from "../app/api.ts";
import { useKeys } from "../app/keys.ts";
import { useBook } from "../app/session.ts";
import { Amount, count, Quantity } from "../ui/amount.tsx";
import { useFilters } from "../ui/filters.ts";
import { ChipSelect, ChipText, Panel } from "../ui/parts.tsx";
import { Empty, Loaded } from "../ui/states.tsx";
import { type Column, Table } from "../ui/table.tsx";
import { useT } from "../ui/text.ts";
import { documentAddress } from "../vouchers/model.ts";
import { add } from "./decimal.ts";
import { BooksPage, ExportButton, exportHref, useUnitWord } from "./frame.tsx";
import { today } from "./open-items.tsx";

type Estimate = {
  readonly document: string; readonly line: string; readonly original: string; readonly item: string; readonly party: string; readonly partyName: string; readonly date: string; readonly ageDays: number; readonly estimatedQuantity: string; readonly estimatedAmount: string;
  readonly reversedQuantity: string; readonly reversedAmount: string; readonly returnedQuantity: string; readonly returnedAmount: string; readonly openQuantity: string; readonly openAmount: string;
};
const ages = [
  { id: "30", from: -100_000, upTo: 30, words: { zh: "30 天内", en: "Up to 30 days" } }, { id: "60", from: 31, upTo: 60, words: { zh: "31–60 天", en: "31–60 days" } }, { id: "90", from: 61, upTo: 90, words: { zh: "61–90 天", en: "61–90 days" } }, { id: "180", from: 91, upTo: 180, words: { zh: "91–180 天", en: "91–180 days" } }, { id: "older", from: 181, upTo: 1_000_000, words: { zh: "半年以上", en: "Over half a year" } },
] as const;

export function Estimates() {
  const t = useT();
  const book = useBook();
  const unit = useUnitWord();
  const navigate = useNavigate();
  const [filters, setFilters] = useFilters();
  const at = filters.at ?? today();
  const estimates = useApi<readonly Estimate[]>(withQuery(`/books/${seg(book.code)}/estimates`, { at }), { keep: true });
  const hidden = !book.sees("cost");
  const wanted = (filters.text ?? "").toLowerCase();
  const matching = (estimates.data ?? []).filter((row) => wanted === "" || `${row.document} ${row.original} ${row.item} ${row.party} ${row.partyName}`.toLowerCase().includes(wanted));
  const age = ages.find(({ id }) => id === filters.age);
  const rows = matching.filter(({ ageDays }) => age === undefined || (ageDays >= age.from && ageDays <= age.upTo));
  const shown = filters.more === "all" ? rows : rows.slice(0, 200);
  const href = exportHref(book.code, "estimates", { at });
  useKeys({ e: () => location.assign(href) });
  const columns: Column<Estimate>[] = [
    { key: "document", head: { zh: "入库单", en: "Receipt" }, cell: (row) => <><Link to={documentAddress(book.code, row.document)}>{(row.original || row.document).split("/").slice(1).join("/")}</Link><span className="sub">{t(`第 ${row.line} 行`, `Line ${row.line}`)}</span></> },
    { key: "party", head: { zh: "供应商", en: "Supplier" }, wide: true, cell: (row) => <button type="button" className="link" onClick={() => setFilters({ text: row.party })}>{row.partyName || row.party}</button> },
    { key: "item", head: { zh: "物料", en: "Item" }, wide: true, cell: ({ item }) => <Link to={`/b/${book.code}/books/stock/item?item=${seg(item)}`}>{item}</Link> },
    { key: "date", head: { zh: "日期", en: "Date" }, wide: true, mute: true, cell: ({ date }) => date },
    { key: "age", head: { zh: "账龄", en: "Age" }, num: true, cell: ({ ageDays }) => <span className={ageDays > 90 ? "warn" : undefined}>{t(`${ageDays} 天`, `${ageDays} d`)}</span> },
    { key: "estimated", head: { zh: `暂估（${unit}）`, en: `Estimated (${unit})` }, num: true, wide: true, line: true, cell: (row) => <Amount of={row.estimatedAmount} hidden={hidden} /> },
    { key: "reversed", head: { zh: "已到票", en: "Invoiced" }, num: true, wide: true, cell: (row) => <Amount of={row.reversedAmount} hidden={hidden} /> },
    { key: "returned", head: { zh: "已退货", en: "Returned" }, num: true, wide: true, cell: (row) => <Amount of={row.returnedAmount} hidden={hidden} /> },
    { key: "openQuantity", head: { zh: "未到票数量", en: "Open quantity" }, num: true, wide: true, line: true, cell: (row) => <Quantity of={row.openQuantity} /> },
    { key: "open", head: { zh: "未到票金额", en: "Open" }, num: true, cell: (row) => <Amount of={row.openAmount} hidden={hidden} />, foot: <Amount of={add(rows.map((row) => row.openAmount))} hidden={hidden} /> },
  ];
  return (
    <BooksPage
      title={t("暂估台账", "Estimates")} hasUnit asOf={t(`账龄计至 ${at}`, `Ages count to ${at}`)} acts={<ExportButton href={href} />}
      bar={<>
        <ChipSelect label={t("账龄", "Age")} value={filters.age ?? ""} options={[{ value: "", text: t("全部", "All") }, ...ages.map(({ id, words }) => ({ value: id, text: t(words) }))]} onChange={(value) => setFilters({ age: value, more: "" })} />
        <ChipText label={t("截止日", "As of")} type="date" value={at} onChange={(value) => setFilters({ at: value })} />
        <ChipText key={filters.text ?? ""} label={t("查找", "Find")} value={filters.text ?? ""} onChange={(text) => setFilters({ text, more: "" })} />
      </>}
    >
      <Panel title={t("货到票未到", "Received, not invoiced")} note={t(`${count(matching.length)} 行`, `${count(matching.length)} lines`)}>
        <div className="books-stat">{ages.map(({ id, from, upTo, words }) => { const inside = matching.filter(({ ageDays }) => ageDays >= from && ageDays <= upTo); return <div key={id}><span>{t(words)}</span><button type="button" className="link mid books-fig" onClick={() => setFilters({ age: filters.age === id ? "" : id, more: "" })}><Amount of={add(inside.map((row) => row.openAmount))} hidden={hidden} /></button></div>; })}</div>
        <Loaded of={estimates} rows={12} columns={8} isEmpty={() => rows.length === 0} empty={<Empty why={matching.length === (estimates.data ?? []).length && age === undefined ? t("没有暂估。到货都已到票。", "Nothing is estimated: every receipt has its invoice.") : t("没有符合条件的暂估。", "No estimate matches.")} next={wanted === "" && age === undefined ? undefined : <button type="button" className="btn" onClick={() => setFilters({ age: "", text: "" })}>{t("清除条件", "Clear the filters")}</button>} />}>
          {() => <Table<Estimate> caption={t("暂估台账", "Estimates")} columns={columns} rows={shown} rowKey={(row) => `${row.document}/${row.line}`} onOpen={(row) => void navigate({ to: `/b/${book.code}/trace?of=${seg(row.document)}` })} footLabel={t(`${count(rows.length)} 行合计`, `All ${count(rows.length)}`)} more={shown.length < rows.length ? () => setFilters({ more: "all" }) : undefined} />}
        </Loaded>
      </Panel>
    </BooksPage>
  );
}
