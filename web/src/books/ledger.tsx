/** 总账 and 明细账 of one account: by period, or line by line with the running balance, 本月合计 and 本年累计. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { api, seg, useApi, withQuery } from "../app/api.ts";
import { useKeys } from "../app/keys.ts";
import { useBook } from "../app/session.ts";
import { Amount, Quantity } from "../ui/amount.tsx";
import { useFilters } from "../ui/filters.ts";
import { Panel, Segments } from "../ui/parts.tsx";
import { Empty, Loaded } from "../ui/states.tsx";
import { type Column, Table } from "../ui/table.tsx";
import { type T, useT } from "../ui/text.ts";
import { addressOf, documentAddress } from "../vouchers/model.ts";
import { AccountCombo, BooksPage, dimensionWords, ExportButton, exportHref, Figure, ledgerAddress, RangeChips, useAccounts, useRange, useUnitWord } from "./frame.tsx";

type Standing = "debit" | "credit" | "zero";
type Month = { readonly period: string; readonly opening: string; readonly openingSide: Standing; readonly debit: string; readonly credit: string; readonly closing: string; readonly closingSide: Standing };
type Line = {
  readonly entry: "line"; readonly document: string; readonly period: string; readonly date: string; readonly voucher: string; readonly id: string; readonly account: string; readonly summary: string; readonly dimensions: Readonly<Record<string, string>>; readonly counterAccounts: readonly string[];
  readonly debit: string; readonly credit: string; readonly balance: string; readonly balanceSide: Standing; readonly currency: string; readonly amountOriginal: string; readonly quantity: string;
};
type Sum = { readonly entry: "opening" | "month" | "year"; readonly period: string; readonly debit: string; readonly credit: string; readonly balance: string; readonly balanceSide: Standing };
type Entry = Line | Sum;
type EntryPage = { readonly entries: readonly Entry[]; readonly cursor: string | null };

export const standing = (t: T, side: Standing): string => (side === "debit" ? t("借", "Dr") : side === "credit" ? t("贷", "Cr") : t("平", "–"));

export function Ledger() {
  const t = useT();
  const book = useBook();
  const { nameOf, pathOf, list } = useAccounts();
  const [filters, setFilters] = useFilters();
  const { query } = useRange();
  const isLines = filters.view === "lines";
  const account = filters.account ?? list.find(({ code, postable }) => postable && code.startsWith("1002"))?.code ?? list[0]?.code ?? "";
  const dimension = filters.dimension;
  const asked = { ...query, ...(dimension === undefined ? {} : { dimension }) };
  const href = exportHref(book.code, "ledger", { ...asked, account });
  useKeys({ e: () => location.assign(href) });
  const [dimensionName = "", dimensionValue = ""] = dimension === undefined ? [] : [dimension.slice(0, dimension.indexOf(":")), dimension.slice(dimension.indexOf(":") + 1)];
  const words = dimensionWords[dimensionName];
  return (
    <BooksPage
      title={account === "" ? t("总账与明细账", "Ledgers") : `${account} ${nameOf(account)}`} hasUnit asOf={account.includes(".") ? pathOf(account) : undefined}
      acts={<><a className="btn" href={withQuery(`/print/${book.code}/ledger`, { ...asked, account, view: isLines ? "lines" : "" })} target="_blank" rel="noreferrer">{t("打印", "Print")}</a><ExportButton href={href} /></>}
      bar={<>
        <Segments label={t("账簿", "Ledger")} value={isLines ? "lines" : ""} options={[{ value: "", text: { zh: "总账", en: "By period" } }, { value: "lines", text: { zh: "明细账", en: "By line" } }]} onChange={(value) => setFilters({ view: value })} />
        <AccountCombo value={account} onChoose={(code) => setFilters({ account: code, dimension: "" })} />
        <RangeChips />
        {dimension === undefined ? null : <button type="button" className="chip x" onClick={() => setFilters({ dimension: "" })}>{words ? t(words) : dimensionName} <b>{dimensionValue}</b> ×</button>}
      </>}
    >
      {account === "" ? <Panel><Empty why={t("选择科目。", "Choose an account.")} /></Panel> : isLines ? <Lines key={JSON.stringify([account, asked])} account={account} asked={asked} /> : <Months account={account} asked={asked} />}
    </BooksPage>
  );
}

function Months({ account, asked }: { readonly account: string; readonly asked: Readonly<Record<string, string>> }) {
  const t = useT();
  const book = useBook();
  const unit = useUnitWord();
  const navigate = useNavigate();
  const months = useApi<readonly Month[]>(asked.to ? withQuery(`/books/${seg(book.code)}/ledger/${seg(account)}`, asked) : null, { keep: true });
  const linesOf = (period: string): string => ledgerAddress(book.code, account, { ...asked, from: period, to: period });
  const columns: Column<Month>[] = [
    { key: "period", head: { zh: "期间", en: "Period" }, cell: ({ period }) => <Link to={linesOf(period)}>{period}</Link> },
    { key: "openingSide", head: { zh: "方向", en: "Side" }, wide: true, mute: true, cell: ({ openingSide }) => standing(t, openingSide) },
    { key: "opening", head: { zh: `期初余额（${unit}）`, en: `Opening (${unit})` }, num: true, wide: true, cell: ({ opening }) => <Amount of={opening} /> },
    { key: "debit", head: { zh: "借方", en: "Debit" }, num: true, line: true, cell: (row) => <Figure of={row.debit} to={linesOf(row.period)} /> },
    { key: "credit", head: { zh: "贷方", en: "Credit" }, num: true, cell: (row) => <Figure of={row.credit} to={linesOf(row.period)} /> },
    { key: "closingSide", head: { zh: "方向", en: "Side" }, wide: true, line: true, mute: true, cell: ({ closingSide }) => standing(t, closingSide) },
    { key: "closing", head: { zh: `期末余额（${unit}）`, en: `Closing (${unit})` }, num: true, cell: ({ closing }) => <Amount of={closing} /> },
  ];
  return (
    <Panel>
      <Loaded of={months} rows={6} columns={7} isEmpty={(rows) => rows.length === 0} empty={<Empty why={t("没有发生额与余额。", "Nothing moved and nothing stands here.")} />}>
        {(rows) => <Table<Month> caption={t("总账", "Ledger by period")} columns={columns} rows={rows} rowKey={({ period }) => period} onOpen={({ period }) => void navigate({ to: linesOf(period) })} />}
      </Loaded>
    </Panel>
  );
}

function Lines({ account, asked }: { readonly account: string; readonly asked: Readonly<Record<string, string>> }) {
  const t = useT();
  const book = useBook();
  const unit = useUnitWord();
  const navigate = useNavigate();
  const [, setFilters] = useFilters();
  const { nameOf } = useAccounts();
  const path = withQuery(`/books/${seg(book.code)}/ledger/${seg(account)}/page`, { ...asked, limit: 200 });
  const pages = useInfiniteQuery({
    queryKey: [path], enabled: asked.to !== "", initialPageParam: "", queryFn: ({ signal, pageParam }) => api<EntryPage>(`${path}${pageParam === "" ? "" : `&after=${seg(pageParam)}`}`, { signal }), getNextPageParam: (last: EntryPage) => last.cursor ?? undefined,
  });
  const entries = pages.data?.pages.flatMap((page) => page.entries) ?? [];
  const placeOf = new Map(entries.map((entry, at) => [entry, at]));
  const hasQuantity = entries.some((entry) => entry.entry === "line" && entry.quantity !== "");
  const isForeign = entries.some((entry) => entry.entry === "line" && entry.currency !== book.currency);
  const voucherAddress = (line: Line): string | undefined => (book.may("vouchers.read") ? (line.voucher === "" ? documentAddress(book.code, line.document) : addressOf(book.code, `${line.period}/${line.voucher}`)) : undefined);
  const sumWords = { opening: t("期初余额", "Opening"), month: t("本月合计", "Total of the month"), year: t("本年累计", "Total of the year") };
  const columns: Column<Entry>[] = [
    { key: "date", head: { zh: "日期", en: "Date" }, cell: (entry) => (entry.entry === "line" ? entry.date.slice(5) : <b>{entry.period}</b>) },
    { key: "voucher", head: { zh: "凭证", en: "Voucher" }, cell: (entry) => { if (entry.entry !== "line") return null; const to = voucherAddress(entry); const text = entry.voucher === "" ? t("期初", "Opening") : entry.voucher; return to === undefined ? text : <Link to={to}>{text}</Link>; } },
    { key: "summary", head: { zh: "摘要", en: "Summary" }, wide: true, wrap: true, cell: (entry) => (entry.entry === "line" ? <Summary line={entry} account={account} onFilter={(value) => setFilters({ dimension: value })} /> : <b>{sumWords[entry.entry]}</b>) },
    { key: "counter", head: { zh: "对方科目", en: "Other accounts" }, wide: true, cell: (entry) => (entry.entry === "line" ? <span title={entry.counterAccounts.map((code) => `${code} ${nameOf(code)}`).join("\n")}>{entry.counterAccounts.slice(0, 2).map((code) => nameOf(code) || code).join("、")}{entry.counterAccounts.length > 2 ? t(` 等 ${entry.counterAccounts.length} 个`, ` of ${entry.counterAccounts.length}`) : ""}</span> : null) },
    ...(hasQuantity ? [{ key: "quantity", head: { zh: "数量", en: "Quantity" }, num: true, wide: true, cell: (entry: Entry) => (entry.entry === "line" ? <Quantity of={entry.quantity} /> : null) }] : []),
    ...(isForeign ? [{ key: "original", head: { zh: "原币", en: "Original" }, num: true, wide: true, cell: (entry: Entry) => (entry.entry === "line" && entry.currency !== book.currency ? <>{entry.currency} <Amount of={entry.amountOriginal} exact /></> : null) }] : []),
    { key: "debit", head: { zh: `借方（${unit}）`, en: `Debit (${unit})` }, num: true, line: true, cell: (entry) => (entry.entry === "opening" ? null : <Amount of={entry.debit} />) },
    { key: "credit", head: { zh: `贷方（${unit}）`, en: `Credit (${unit})` }, num: true, cell: (entry) => (entry.entry === "opening" ? null : <Amount of={entry.credit} />) },
    { key: "side", head: { zh: "方向", en: "Side" }, wide: true, line: true, mute: true, cell: (entry) => standing(t, entry.balanceSide) },
    { key: "balance", head: { zh: `余额（${unit}）`, en: `Balance (${unit})` }, num: true, cell: (entry) => <Amount of={entry.balance} /> },
  ];
  return (
    <Panel>
      <Loaded of={pages} rows={14} columns={8} isEmpty={() => entries.every(({ entry }) => entry === "opening") && entries.every(({ balanceSide }) => balanceSide === "zero")} empty={<Empty why={t("这些期间没有分录，也没有余额。", "No lines in these periods, and no balance.")} next={<Link to={ledgerAddress(book.code, account, { from: asked.to?.slice(0, 4).concat("-01"), to: asked.to })}>{t("看全年", "See the whole year")}</Link>} />}>
        {() => (
          <div className="books-lines">
            <Table<Entry> caption={t("明细账", "Ledger by line")} columns={columns} rows={entries} rowKey={(entry) => (entry.entry === "line" ? `${entry.id} ${placeOf.get(entry)}` : `${entry.entry} ${entry.period}`)} onOpen={(entry) => { if (entry.entry !== "line") return; const to = voucherAddress(entry); if (to !== undefined) void navigate({ to }); }} more={pages.hasNextPage ? () => void pages.fetchNextPage() : undefined} isMore={pages.isFetchingNextPage} />
          </div>
        )}
      </Loaded>
    </Panel>
  );
}

function Summary({ line, account, onFilter }: { readonly line: Line; readonly account: string; readonly onFilter: (dimension: string) => void }) {
  const t = useT();
  const { nameOf } = useAccounts();
  return <>
    {line.summary}
    <span className="sub">{line.account === account ? null : <>{line.account} {nameOf(line.account)} </>}{Object.entries(line.dimensions).map(([name, value]) => <button key={name} type="button" className="link books-dim" title={t("只看它", "Only this")} onClick={() => onFilter(`${name}:${value}`)}>{value}</button>)}</span>
  </>;
}
