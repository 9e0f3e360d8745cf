/** 科目余额表: the chart as a tree, each figure a way to its lines; debits and credits are equal three times or it says where not. */
import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { seg, useApi, withQuery } from "../app/api.ts";
import { useKeys } from "../app/keys.ts";
import { useBook } from "../app/session.ts";
import { Amount } from "../ui/amount.tsx";
import { useFilters } from "../ui/filters.ts";
import { ChipSelect, Panel, Tag } from "../ui/parts.tsx";
import { Empty, Loaded } from "../ui/states.tsx";
import { type Column, Table } from "../ui/table.tsx";
import { useT } from "../ui/text.ts";
import { add, isEqual } from "./decimal.ts";
import { BooksPage, ExportButton, exportHref, Figure, ledgerAddress, RangeChips, type Six, useAccounts, useRange, useUnitWord } from "./frame.tsx";

type Row = Six & { readonly account: string };
const sides = ["openingDebit", "openingCredit", "debit", "credit", "closingDebit", "closingCredit"] as const;

export function TrialBalance() {
  const t = useT();
  const book = useBook();
  const unit = useUnitWord();
  const { nameOf } = useAccounts();
  const [filters, setFilters] = useFilters();
  const { query, isReady } = useRange();
  const balances = useApi<readonly Row[]>(isReady ? withQuery(`/books/${seg(book.code)}/balances`, { ...query, by: "tree" }) : null, { keep: true });
  const depth = filters.depth ?? "1";
  const opened = useMemo(() => new Set((filters.open ?? "").split(",").filter(Boolean)), [filters.open]);
  const rows = balances.data ?? [];
  const withBelow = useMemo(() => new Set(rows.map(({ account }) => parentOf(account)).filter((code) => code !== "")), [rows]);
  const isOpen = (code: string): boolean => opened.has(code) !== code.split(".").length < Number(depth);
  const isZeroHidden = filters.zero !== "show";
  const shown = rows.filter((row) => pathTo(row.account).every(isOpen) && (!isZeroHidden || sides.some((side) => /[1-9]/.test(row[side]))));
  const tops = rows.filter(({ account }) => !account.includes("."));
  const total = Object.fromEntries(sides.map((side) => [side, add(tops.map((row) => row[side]))])) as unknown as Six;
  const toggle = (code: string): void => {
    const next = new Set(opened);
    if (!next.delete(code)) next.add(code);
    setFilters({ open: [...next].join(",") });
  };
  const href = exportHref(book.code, "balances", query);
  useKeys({ e: () => location.assign(href) });
  const groups = [{ zh: `期初余额（${unit}）`, en: `Opening (${unit})` }, { zh: `本期发生（${unit}）`, en: `Movement (${unit})` }, { zh: `期末余额（${unit}）`, en: `Closing (${unit})` }] as const;
  const columns: Column<Row>[] = [
    {
      key: "account", head: { zh: "科目", en: "Account" }, cell: ({ account }) => (
        <span className="books-tree" style={{ paddingLeft: (account.split(".").length - 1) * 18 }}>
          {withBelow.has(account) ? <button type="button" className="books-twist" aria-expanded={isOpen(account)} aria-label={isOpen(account) ? t(`收起 ${account}`, `Close ${account}`) : t(`展开 ${account}`, `Open ${account}`)} onClick={() => toggle(account)}>{isOpen(account) ? "−" : "+"}</button> : <i className="books-twist none" aria-hidden="true" />}
          <Link to={ledgerAddress(book.code, account, query)}>{account}</Link><span className="books-name">{nameOf(account)}</span>
        </span>
      ),
    },
    ...sides.map((side, at): Column<Row> => ({
      key: side, num: true, line: at % 2 === 0, group: groups[Math.floor(at / 2)] as (typeof groups)[number], wide: at < 4, head: at % 2 === 0 ? { zh: "借方", en: "Debit" } : { zh: "贷方", en: "Credit" },
      cell: (row) => <Figure of={row[side]} to={ledgerAddress(book.code, row.account, query)} />, foot: <Amount of={total[side]} />,
    })),
  ];
  const isWhole = isEqual(total.openingDebit, total.openingCredit) && isEqual(total.debit, total.credit) && isEqual(total.closingDebit, total.closingCredit);
  return (
    <BooksPage
      title={t("科目余额表", "Trial balance")} hasUnit tags={balances.data === undefined ? null : isWhole ? <Tag tone="good">{t("借贷相等", "Debits = credits")}</Tag> : <Tag tone="bad">≠ {t("借贷不等", "Debits and credits differ")}</Tag>} acts={<ExportButton href={href} />}
      bar={<>
        <RangeChips />
        <ChipSelect label={t("级次", "Level")} value={filters.depth ?? ""} options={[{ value: "", text: t("一级", "First") }, { value: "2", text: t("二级", "Second") }, { value: "9", text: t("末级", "All") }]} onChange={(value) => setFilters({ depth: value, open: "" })} />
        <ChipSelect label={t("零行", "Zero rows")} value={filters.zero ?? ""} options={[{ value: "", text: t("不显示", "Hidden") }, { value: "show", text: t("显示", "Shown") }]} onChange={(value) => setFilters({ zero: value })} />
      </>}
    >
      <Panel>
        <Loaded of={balances} rows={14} columns={7} isEmpty={(data) => data.length === 0} empty={<Empty why={t("这些期间没有凭证。", "There are no vouchers in these periods.")} next={t("改选期间，或从单据开始入账。", "Choose other periods, or begin with documents.")} />}>
          {() => <div className="books-dense"><Table<Row> caption={t("科目余额表", "Trial balance")} columns={columns} rows={shown} rowKey={({ account }) => account} footLabel={<>{t("合计", "Total")} <span className="books-eq" role="img" aria-label={isWhole ? t("借贷相等", "equal") : t("借贷不等", "not equal")}>{isWhole ? "=" : "≠"}</span></>} /></div>}
        </Loaded>
      </Panel>
    </BooksPage>
  );
}

const parentOf = (code: string): string => code.slice(0, Math.max(0, code.lastIndexOf(".")));
/** 2221.01.02 lies below 2221 and 2221.01. */
const pathTo = (code: string): string[] => code.split(".").slice(0, -1).map((_, at, parts) => parts.slice(0, at + 1).join("."));
