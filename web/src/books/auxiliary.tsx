/** 辅助核算余额: what each customer, supplier, item, department … holds, in all accounts or in one. */
import { Link, useNavigate } from "@tanstack/react-router";
import { seg, useApi, usePages, withQuery } from "../app/api.ts";
import { useKeys } from "../app/keys.ts";
import { useBook } from "../app/session.ts";
import { Amount, count } from "../ui/amount.tsx";
import { useFilters } from "../ui/filters.ts";
import { ChipSelect, ChipText, Panel } from "../ui/parts.tsx";
import { Empty, Loaded } from "../ui/states.tsx";
import { type Column, Table } from "../ui/table.tsx";
import { useT } from "../ui/text.ts";
import { AccountCombo, BooksPage, dimensionWords, ExportButton, exportHref, Figure, ledgerAddress, RangeChips, type Six, useAccounts, useRange, useUnitWord } from "./frame.tsx";

type Row = Six & { readonly value: string; readonly name: string; readonly account: string; readonly cursor: string };
const sides = ["openingDebit", "openingCredit", "debit", "credit", "closingDebit", "closingCredit"] as const;

export function Auxiliary() {
  const t = useT();
  const book = useBook();
  const unit = useUnitWord();
  const navigate = useNavigate();
  const { nameOf } = useAccounts();
  const [filters, setFilters] = useFilters();
  const { query, isReady } = useRange();
  const base = `/books/${seg(book.code)}`;
  const inUse = useApi<readonly string[]>(`${base}/dimensions`).data ?? [];
  const dimension = filters.by ?? inUse.find((name) => name === "counterparty") ?? inUse[0] ?? "counterparty";
  const account = filters.account ?? "";
  const perAccount = filters.each === "account" || account === "";
  const path = `${base}/balances/by/${seg(dimension)}`;
  const pages = usePages<Row>(isReady ? withQuery(path, { ...query, account, perAccount, value: filters.value, text: filters.text }) : null, 100);
  const total = useApi<Six & { readonly values: number }>(isReady ? withQuery(`${path}/total`, { ...query, account }) : null, { keep: true }).data;
  const href = exportHref(book.code, "auxiliary", { ...query, by: dimension, account, perAccount });
  useKeys({ e: () => location.assign(href) });
  const wordOf = (name: string): string => { const words = dimensionWords[name]; return words ? t(words) : name; };
  const linesOf = (row: Row): string | undefined => { const one = row.account || account; return one === "" ? undefined : ledgerAddress(book.code, one, { ...query, dimension: `${dimension}:${row.value}` }); };
  const groups = [{ zh: `期初余额（${unit}）`, en: `Opening (${unit})` }, { zh: `本期发生（${unit}）`, en: `Movement (${unit})` }, { zh: `期末余额（${unit}）`, en: `Closing (${unit})` }] as const;
  const columns: Column<Row>[] = [
    { key: "value", head: wordOf(dimension), cell: (row) => <><button type="button" className="link" onClick={() => setFilters({ value: row.value, text: "" })}>{row.value}</button><span className="books-name">{row.name}</span></> },
    ...(perAccount ? [{ key: "account", head: { zh: "科目", en: "Account" }, cell: (row: Row) => { const to = linesOf(row); return to === undefined ? row.account : <Link to={to}>{row.account} <span className="books-name">{nameOf(row.account)}</span></Link>; }, wide: false } satisfies Column<Row>] : []),
    ...sides.map((side, at): Column<Row> => ({
      key: side, num: true, line: at % 2 === 0, group: groups[Math.floor(at / 2)] as (typeof groups)[number], wide: at < 4, head: at % 2 === 0 ? { zh: "借方", en: "Debit" } : { zh: "贷方", en: "Credit" },
      cell: (row) => <Figure of={row[side]} to={linesOf(row)} />, foot: <Amount of={total?.[side]} />,
    })),
  ];
  return (
    <BooksPage
      title={t("辅助核算余额", "Balances by dimension")} hasUnit acts={<ExportButton href={href} />}
      bar={<>
        <ChipSelect label={t("按", "By")} value={dimension} options={[...new Set([dimension, ...inUse])].map((value) => ({ value, text: wordOf(value) }))} onChange={(value) => setFilters({ by: value, value: "", text: "" })} />
        <AccountCombo value={account} label={t("全部科目", "All accounts")} onChoose={(code) => setFilters({ account: code })} />
        {account === "" ? null : <ChipSelect label={t("行", "Rows")} value={filters.each ?? ""} options={[{ value: "", text: t("科目合并", "Accounts together") }, { value: "account", text: t("每个科目一行", "One for each account") }]} onChange={(value) => setFilters({ each: value })} />}
        <RangeChips />
        <ChipText label={t("查找", "Find")} value={filters.text ?? ""} onChange={(text) => setFilters({ text, value: "" })} />
        {filters.value === undefined ? null : <button type="button" className="chip x" onClick={() => setFilters({ value: "" })}>{wordOf(dimension)} <b>{filters.value}</b> ×</button>}
      </>}
    >
      <Panel>
        <Loaded of={pages} rows={14} columns={8} isEmpty={() => pages.rows.length === 0} empty={<Empty why={t("没有符合条件的余额与发生额。", "No balance or movement matches.")} next={filters.text || filters.value ? <button type="button" className="btn" onClick={() => setFilters({ text: "", value: "" })}>{t("清除条件", "Clear the filters")}</button> : undefined} />}>
          {() => (
            <Table<Row>
              caption={t("辅助核算余额", "Balances by dimension")} columns={columns} rows={pages.rows} rowKey={(row) => row.cursor} onOpen={(row) => { const to = linesOf(row); if (to !== undefined) void navigate({ to }); }} more={pages.more} isMore={pages.isFetchingNextPage}
              footLabel={total === undefined ? undefined : t(`全部 ${count(total.values)} 个合计`, `All ${count(total.values)}`)}
            />
          )}
        </Loaded>
      </Panel>
    </BooksPage>
  );
}
