/** 财务报表 in the official form: each figure opens into the rows and accounts it is made of. */
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { seg, useApi, withQuery } from "../app/api.ts";
import { useKeys } from "../app/keys.ts";
import { useBook } from "../app/session.ts";
import { Amount } from "../ui/amount.tsx";
import { useFilters } from "../ui/filters.ts";
import { Dialog, Panel, Segments, Tag } from "../ui/parts.tsx";
import { Empty, Loaded } from "../ui/states.tsx";
import { type Column, Table } from "../ui/table.tsx";
import { useT, type Words } from "../ui/text.ts";
import { isEqual } from "./decimal.ts";
import { BooksPage, ExportButton, exportHref, Figure, ledgerAddress, RangeChips, useRange, useUnitWord } from "./frame.tsx";

type Row = Words & { readonly id: string; readonly level: number; readonly ofWhich: boolean; readonly amount: string | null; readonly comparative: string | null };
type Statement = Words & { readonly statement: string; readonly form: string; readonly book: string; readonly currency: string; readonly from: string; readonly to: string; readonly amountIs: Words; readonly comparativeIs: Words; readonly rows: readonly Row[]; readonly problems: readonly (Words & { readonly code: string })[] };
const kinds = [{ value: "balance-sheet", text: { zh: "资产负债表", en: "Balance sheet" } }, { value: "income", text: { zh: "利润表", en: "Income statement" } }, { value: "cash-flow", text: { zh: "现金流量表", en: "Cash flow statement" } }] as const;
type Kind = (typeof kinds)[number]["value"];

export function Statements() {
  const t = useT();
  const book = useBook();
  const [filters, setFilters] = useFilters();
  const { query, isReady, to } = useRange();
  const kind: Kind = kinds.find(({ value }) => value === filters.statement)?.value ?? "balance-sheet";
  const isSheet = kind === "balance-sheet";
  const asked = isSheet ? { period: to } : query;
  const statement = useApi<Statement>(isReady ? withQuery(`/books/${seg(book.code)}/statements/${kind}`, asked) : null, { keep: true });
  const href = exportHref(book.code, "statement", { statement: kind, ...asked });
  useKeys({ e: () => location.assign(href) });
  const data = statement.data;
  return (
    <BooksPage
      title={t(kinds.find(({ value }) => value === kind)?.text ?? "")} hasUnit
      tags={!data || !isSheet ? null : data.problems.length === 0 ? <Tag tone="good">{t("资产 = 负债 + 权益", "Assets = liabilities + equity")}</Tag> : <Tag tone="bad">≠ {t("左右不等", "The two sides differ")}</Tag>}
      acts={<><button type="button" className="btn" onClick={() => print()}>{t("打印", "Print")}</button><ExportButton href={href} /></>}
      bar={<><Segments<Kind> label={t("报表", "Statement")} value={kind} options={kinds} onChange={(value) => setFilters({ statement: value === "balance-sheet" ? "" : value, row: "" })} /><RangeChips single={isSheet} /></>}
    >
      <Loaded of={statement} rows={16} columns={3} isEmpty={({ rows }) => rows.every(({ amount }) => amount === null || !/[1-9]/.test(amount))} empty={<Panel><Empty why={t("这一期间没有可列报的金额。", "There is nothing to report for this period.")} next={t("改选期间。", "Choose another period.")} /></Panel>}>
        {(shown) => <Form statement={shown} isSheet={isSheet} />}
      </Loaded>
      {filters.row === undefined || data === undefined ? null : <RowParts kind={kind} row={filters.row} asked={asked} statement={data} onClose={() => setFilters({ row: "" })} onRow={(row) => setFilters({ row })} />}
    </BooksPage>
  );
}

function Form({ statement, isSheet }: { readonly statement: Statement; readonly isSheet: boolean }) {
  const t = useT();
  const unit = useUnitWord();
  const book = useBook();
  const split = statement.rows.findIndex(({ id }) => id === "totalAssets") + 1;
  const [left, right] = isSheet && split > 0 ? [statement.rows.slice(0, split), statement.rows.slice(split)] : [statement.rows, []];
  // Totals stand on one line: the shorter side is filled up before its last row.
  const filled = (rows: readonly Row[]): readonly Row[] => { const missing = Math.max(left.length, right.length) - rows.length; return [...rows.slice(0, -1), ...Array.from({ length: missing }, (_, at): Row => ({ id: `blank ${at}`, zh: "", en: "", level: 3, ofWhich: false, amount: null, comparative: null })), ...rows.slice(-1)]; };
  return (
    <section className="panel">
      <div className="books-head"><h2>{t(statement)}</h2></div>
      <div className="books-meta"><span>{t("编制单位", "Company")}：{book.name}</span><span>{isSheet ? statement.to : statement.from === statement.to ? statement.to : `${statement.from} – ${statement.to}`}</span><span>{statement.form} {t("单位", "unit")}：{unit}</span></div>
      {right.length === 0 ? <Half statement={statement} rows={left} /> : <div className="books-two"><Half statement={statement} rows={filled(left)} head={{ zh: "资产", en: "Assets" }} /><Half statement={statement} rows={filled(right)} head={{ zh: "负债和所有者权益", en: "Liabilities and equity" }} /></div>}
    </section>
  );
}

function Half({ statement, rows, head }: { readonly statement: Statement; readonly rows: readonly Row[]; readonly head?: Words }) {
  const t = useT();
  const [, setFilters] = useFilters();
  const figure = (row: Row, amount: string | null): ReactNode => {
    if (amount === null || !/[1-9]/.test(amount)) return <Amount of={amount} />;
    return <button type="button" className="link books-fig" onClick={() => setFilters({ row: row.id })}><Amount of={amount} /></button>;
  };
  const isTotal = (row: Row): boolean => row.amount !== null && (row.level === 0 || /合计|小计|总计|净额|^[一二三四五六七八]、/.test(row.zh));
  const columns: Column<Row>[] = [
    { key: "item", head: head ?? { zh: "项目", en: "Item" }, cell: (row) => <span className={`books-ind${Math.min(row.level, 3)}${isTotal(row) || row.amount === null ? " books-total" : ""}`}>{t(row)}</span> },
    { key: "amount", head: statement.amountIs, num: true, cell: (row) => <span className={isTotal(row) ? "books-total" : undefined}>{figure(row, row.amount)}</span> },
    { key: "comparative", head: statement.comparativeIs, num: true, wide: true, cell: (row) => <span className={isTotal(row) ? "books-total" : undefined}>{figure(row, row.comparative)}</span> },
  ];
  return <Table<Row> caption={head ? t(head) : t(statement)} columns={columns} rows={rows} rowKey={(row) => row.id} />;
}

type Parts = Words & {
  readonly row: string; readonly from: string; readonly to: string; readonly amount: string | null; readonly comparative: string | null;
  readonly rows: readonly (Words & { readonly id: string; readonly sign: "+" | "-"; readonly amount: string | null; readonly comparative: string | null })[];
  readonly accounts: readonly (Words & { readonly account: string; readonly amount: string; readonly comparative: string; readonly balance: string | null })[];
};

/** What a row is made of: rows, then accounts; together they are the row. */
function RowParts({ kind, row, asked, statement, onClose, onRow }: { readonly kind: Kind; readonly row: string; readonly asked: Readonly<Record<string, string>>; readonly statement: Statement; readonly onClose: () => void; readonly onRow: (row: string) => void }) {
  const t = useT();
  const book = useBook();
  const unit = useUnitWord();
  const parts = useApi<Parts>(withQuery(`/books/${seg(book.code)}/statements/${kind}/rows/${seg(row)}`, asked));
  const isSheet = kind === "balance-sheet";
  const range = (shown: Parts): { from: string; to: string } => (isSheet ? { from: `${shown.to.slice(0, 4)}-01`, to: shown.to } : { from: shown.from, to: shown.to });
  return (
    <Dialog title={t(statement.rows.find(({ id }) => id === row) ?? row)} kind="wide" onClose={onClose}>
      <Loaded of={parts} rows={5} columns={3}>
        {(shown) => <>
          {shown.rows.length === 0 ? null : <Table caption={t("由这些项目构成", "Made of these rows")} rows={shown.rows} rowKey={({ id }) => id} onOpen={({ id }) => onRow(id)} footLabel={t("合计", "Total")} columns={[
            { key: "row", head: { zh: "项目", en: "Row" }, cell: (one) => <><span className="books-mark">{one.sign === "+" ? "+" : "−"}</span><button type="button" className="link" onClick={() => onRow(one.id)}>{t(one)}</button></> },
            { key: "amount", head: statement.amountIs, num: true, cell: (one) => <Amount of={one.amount} />, foot: <Amount of={shown.amount} zero="figure" /> }, { key: "comparative", head: statement.comparativeIs, num: true, wide: true, cell: (one) => <Amount of={one.comparative} />, foot: <Amount of={shown.comparative} zero="figure" /> },
          ]} />}
          {shown.accounts.length === 0 ? (shown.rows.length === 0 ? <Empty why={t("这一项目没有科目列入。", "No account stands in this row.")} /> : null) : <Table caption={t("由这些科目构成", "Made of these accounts")} rows={shown.accounts} rowKey={({ account }) => account} footLabel={shown.rows.length === 0 ? t(`合计（${unit}）`, `Total (${unit})`) : undefined} columns={[
            { key: "account", head: { zh: "科目", en: "Account" }, cell: (one) => <Link to={ledgerAddress(book.code, one.account, range(shown))}>{one.account} <span className="books-name">{t(one)}</span></Link> },
            { key: "amount", head: statement.amountIs, num: true, cell: (one) => <Figure of={one.amount} to={ledgerAddress(book.code, one.account, range(shown))} />, foot: <Amount of={shown.amount} zero="figure" /> },
            { key: "comparative", head: statement.comparativeIs, num: true, wide: true, cell: (one) => <Amount of={one.comparative} />, foot: <Amount of={shown.comparative} zero="figure" /> },
            ...(isSheet ? [{ key: "balance", head: { zh: "科目余额", en: "The account holds" }, num: true, wide: true, line: true, cell: (one: Parts["accounts"][number]) => (one.balance === null || isEqual(one.balance, one.amount) ? <span className="mut">=</span> : <Link className="books-fig" title={t("其余按往来单位列在对方项目", "The rest stands in the opposite row, party by party")} to={withQuery(`/b/${book.code}/books/auxiliary`, { by: "counterparty", account: one.account, ...range(shown) })}><Amount of={one.balance} /></Link>) }] : []),
          ]} />}
          {isSheet && shown.accounts.some((one) => one.balance !== null && !isEqual(one.balance, one.amount)) ? <p className="sub" style={{ padding: "10px 16px" }}>{t("往来按单位分列：同一科目中站在另一方的单位，列在对方项目。打开科目余额可逐户查看。", "Parties are told apart: those of the same account that stand on the other side are shown in the opposite row. Open what the account holds to see each.")}</p> : null}
        </>}
      </Loaded>
    </Dialog>
  );
}
