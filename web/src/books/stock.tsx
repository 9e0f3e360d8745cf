/** 存货: what is where and what it cost; the stock ledger held against the stock accounts. */
import { Link, useNavigate } from "@tanstack/react-router";
import { seg, useApi, withQuery } from "../app/api.ts";
import { useKeys } from "../app/keys.ts";
import { useBook } from "../app/session.ts";
import { Amount, count, Quantity } from "../ui/amount.tsx";
import { useFilters } from "../ui/filters.ts";
import { ChipSelect, ChipText, Panel, Tag } from "../ui/parts.tsx";
import { Empty, Loaded } from "../ui/states.tsx";
import { type Column, Table } from "../ui/table.tsx";
import { useT } from "../ui/text.ts";
import { documentAddress } from "../vouchers/model.ts";
import { useKindName } from "../vouchers/words.tsx";
import { add, signOf } from "./decimal.ts";
import { BooksPage, ExportButton, exportHref, useAccounts, useRange, useUnitWord } from "./frame.tsx";

type OnHand = { readonly item: string; readonly itemName: string; readonly warehouse: string; readonly quantity: string; readonly amount: string; readonly unitCost: string };
type Check = { readonly accounts: readonly string[]; readonly stock: string; readonly books: string; readonly difference: string; readonly items: readonly { readonly item: string; readonly itemName: string; readonly stock: string; readonly books: string; readonly difference: string }[] };
type Move = { readonly document: string; readonly line: string; readonly date: string; readonly type: string; readonly warehouse: string; readonly quantity: string; readonly amount: string; readonly balanceQuantity: string; readonly balanceAmount: string };

export function Stock() {
  const t = useT();
  const book = useBook();
  const unit = useUnitWord();
  const navigate = useNavigate();
  const [filters, setFilters] = useFilters();
  const hidden = !book.sees("cost");
  const stock = useApi<readonly OnHand[]>(withQuery(`/books/${seg(book.code)}/stock`, { at: filters.at }), { keep: true });
  const wanted = (filters.text ?? "").toLowerCase();
  const all = stock.data ?? [];
  const warehouses = [...new Set(all.map(({ warehouse }) => warehouse))].sort();
  const rows = all.filter((row) => (wanted === "" || `${row.item} ${row.itemName}`.toLowerCase().includes(wanted)) && (filters.warehouse === undefined || row.warehouse === filters.warehouse) && (filters.sign === undefined || signOf(row.quantity) < 0));
  const shown = filters.more === "all" ? rows : rows.slice(0, 200);
  const negative = all.filter(({ quantity }) => signOf(quantity) < 0).length;
  const href = exportHref(book.code, "stock", { at: filters.at });
  useKeys({ e: () => location.assign(href) });
  const address = (item: string): string => `/b/${book.code}/books/stock/item?item=${seg(item)}`;
  const columns: Column<OnHand>[] = [
    { key: "item", head: { zh: "物料", en: "Item" }, cell: (row) => <Link to={address(row.item)}>{row.item}<span className="books-name">{row.itemName}</span></Link> },
    { key: "warehouse", head: { zh: "仓库", en: "Warehouse" }, cell: ({ warehouse }) => warehouse },
    { key: "quantity", head: { zh: "数量", en: "Quantity" }, num: true, line: true, cell: ({ quantity }) => <Quantity of={quantity} /> },
    { key: "unitCost", head: { zh: "单位成本", en: "Unit cost" }, num: true, wide: true, cell: ({ unitCost }) => <Amount of={unitCost} hidden={hidden} digits={4} exact /> },
    { key: "amount", head: { zh: `金额（${unit}）`, en: `Amount (${unit})` }, num: true, cell: ({ amount }) => <Amount of={amount} hidden={hidden} />, foot: <Amount of={hidden ? "" : add(rows.map(({ amount }) => amount))} hidden={hidden} /> },
  ];
  return (
    <BooksPage
      title={t("存货", "Stock")} hasUnit acts={<ExportButton href={href} />} tags={negative > 0 ? <button type="button" className="tag w" onClick={() => setFilters({ sign: filters.sign === undefined ? "negative" : "" })}>{t(`${negative} 处负库存`, `${negative} below zero`)}</button> : null}
      bar={<>
        <ChipSelect label={t("仓库", "Warehouse")} value={filters.warehouse ?? ""} options={[{ value: "", text: t("全部", "All") }, ...warehouses.map((value) => ({ value, text: value }))]} onChange={(value) => setFilters({ warehouse: value })} />
        <ChipText label={t("截止日", "As of")} type="date" value={filters.at ?? ""} onChange={(value) => setFilters({ at: value })} />
        <ChipText label={t("查找", "Find")} value={filters.text ?? ""} onChange={(text) => setFilters({ text })} />
      </>}
    >
      {hidden ? null : <StockCheck />}
      <Panel>
        <Loaded of={stock} rows={12} columns={5} isEmpty={() => rows.length === 0} empty={<Empty why={all.length === 0 ? t("没有存货。", "There is no stock.") : t("没有符合条件的存货。", "No stock matches.")} next={all.length === 0 ? undefined : <button type="button" className="btn" onClick={() => setFilters({ text: "", warehouse: "", sign: "" })}>{t("清除条件", "Clear the filters")}</button>} />}>
          {() => <Table<OnHand> caption={t("存货结存", "Stock on hand")} columns={columns} rows={shown} rowKey={(row) => `${row.item} ${row.warehouse}`} onOpen={({ item }) => void navigate({ to: address(item) })} footLabel={t(`${count(rows.length)} 行合计`, `All ${count(rows.length)}`)} more={shown.length < rows.length ? () => setFilters({ more: "all" }) : undefined} />}
        </Loaded>
      </Panel>
    </BooksPage>
  );
}

/** Both sides, and between them the one sign that matters. */
function StockCheck() {
  const t = useT();
  const book = useBook();
  const { nameOf } = useAccounts();
  const { query } = useRange();
  const check = useApi<Check>(`/books/${seg(book.code)}/stock-check`, { keep: true });
  return (
    <Panel title={t("存货账与总账", "Stock ledger and stock accounts")} right={check.data ? t(`总账为 ${check.data.accounts.filter((code) => !code.includes(".")).map((code) => nameOf(code) || code).join("、")}`, `Accounts ${check.data.accounts.filter((code) => !code.includes(".")).join(", ")}`) : undefined}>
      <Loaded of={check} rows={1} columns={3}>
        {(data) => <>
          <div className="books-stat">
            <div><span>{t("存货账", "Stock ledger")}</span><b className="mid"><Amount of={data.stock} /></b></div>
            <div><span>{t("相等", "Equal")}</span><b className={`mid ${signOf(data.difference) === 0 ? "good" : "bad"}`}>{signOf(data.difference) === 0 ? "=" : "≠"}</b></div>
            <div><span>{t("总账", "Books")}</span><b className="mid"><Link className="books-fig" to={withQuery(`/b/${book.code}/books`, { ...query, depth: "2" })}><Amount of={data.books} /></Link></b></div>
            {signOf(data.difference) === 0 ? null : <div><span>{t("差异", "Difference")}</span><b className="mid"><Amount of={data.difference} /></b></div>}
          </div>
          {data.items.length === 0 ? null : <Table caption={t("有差异的物料", "Items that differ")} rows={data.items} rowKey={({ item }) => item} columns={[
            { key: "item", head: { zh: "物料", en: "Item" }, cell: ({ item, itemName }) => (item === "" ? <Tag tone="warn">{t("总账未带物料", "No item in the books")}</Tag> : <Link to={`/b/${book.code}/books/stock/item?item=${seg(item)}`}>{item}<span className="books-name">{itemName}</span></Link>) },
            { key: "stock", head: { zh: "存货账", en: "Stock ledger" }, num: true, cell: ({ stock }) => <Amount of={stock} /> }, { key: "books", head: { zh: "总账", en: "Books" }, num: true, cell: ({ books }) => <Amount of={books} /> }, { key: "difference", head: { zh: "差异", en: "Difference" }, num: true, cell: ({ difference }) => <Amount of={difference} /> },
          ]} />}
        </>}
      </Loaded>
    </Panel>
  );
}

/** 存货明细账 of one item, in the order of business dates. */
export function StockItem() {
  const t = useT();
  const book = useBook();
  const unit = useUnitWord();
  const navigate = useNavigate();
  const kindName = useKindName();
  const [filters, setFilters] = useFilters();
  const hidden = !book.sees("cost");
  const item = filters.item ?? "";
  const moves = useApi<readonly Move[]>(item === "" ? null : withQuery(`/books/${seg(book.code)}/stock/${seg(item)}`, { warehouse: filters.warehouse }), { keep: true });
  const onHand = useApi<readonly OnHand[]>(withQuery(`/books/${seg(book.code)}/stock`, { item })).data ?? [];
  const rows = moves.data ?? [];
  const shown = filters.more === "all" ? rows : rows.slice(-300);
  const placeOf = new Map(rows.map((move, at) => [move, at]));
  const href = exportHref(book.code, "stock-moves", { item });
  useKeys({ e: () => location.assign(href) });
  const columns: Column<Move>[] = [
    { key: "date", head: { zh: "日期", en: "Date" }, cell: ({ date }) => date },
    { key: "document", head: { zh: "单据", en: "Document" }, cell: ({ document, line }) => <><Link to={documentAddress(book.code, document)}>{document.slice(document.indexOf("/") + 1)}</Link><span className="sub">{kindName(document.slice(document.indexOf(":") + 1, document.indexOf("/")))} {line}</span></> },
    { key: "warehouse", head: { zh: "仓库", en: "Warehouse" }, wide: true, cell: ({ warehouse }) => warehouse },
    { key: "in", head: { zh: "数量", en: "Quantity" }, num: true, wide: true, line: true, group: { zh: "收入", en: "In" }, cell: ({ quantity }) => (signOf(quantity) > 0 ? <Quantity of={quantity} /> : null) },
    { key: "inAmount", head: { zh: `金额（${unit}）`, en: `Amount (${unit})` }, num: true, wide: true, group: { zh: "收入", en: "In" }, cell: ({ quantity, amount }) => (signOf(quantity) >= 0 ? <Amount of={amount} hidden={hidden} /> : null) },
    { key: "out", head: { zh: "数量", en: "Quantity" }, num: true, wide: true, line: true, group: { zh: "发出", en: "Out" }, cell: ({ quantity }) => (signOf(quantity) < 0 ? <Quantity of={quantity.slice(1)} /> : null) },
    { key: "outAmount", head: { zh: `金额（${unit}）`, en: `Amount (${unit})` }, num: true, wide: true, group: { zh: "发出", en: "Out" }, cell: ({ quantity, amount }) => (signOf(quantity) < 0 ? <Amount of={amount.startsWith("-") ? amount.slice(1) : amount} hidden={hidden} /> : null) },
    { key: "balance", head: { zh: "结存数量", en: "Balance" }, num: true, line: true, cell: ({ balanceQuantity }) => <Quantity of={balanceQuantity} /> },
    { key: "balanceAmount", head: { zh: "结存金额", en: "Balance amount" }, num: true, wide: true, cell: ({ balanceAmount }) => <Amount of={balanceAmount} hidden={hidden} /> },
  ];
  return (
    <BooksPage
      title={`${item} ${onHand[0]?.itemName ?? ""}`} hasUnit crumb={{ to: `/b/${book.code}/books/stock`, text: t("存货", "Stock") }} acts={<ExportButton href={href} />}
      bar={<ChipSelect label={t("仓库", "Warehouse")} value={filters.warehouse ?? ""} options={[{ value: "", text: t("全部", "All") }, ...[...new Set(onHand.map(({ warehouse }) => warehouse))].map((value) => ({ value, text: value }))]} onChange={(value) => setFilters({ warehouse: value })} />}
    >
      <Panel title={t("存货明细账", "Stock ledger")} note={rows.length > shown.length ? t(`最近 ${shown.length} 笔，共 ${count(rows.length)} 笔`, `The latest ${shown.length} of ${count(rows.length)}`) : t(`${count(rows.length)} 笔`, `${count(rows.length)} moves`)} right={rows.length > shown.length ? <button type="button" className="link" onClick={() => setFilters({ more: "all" })}>{t("全部显示", "Show all")}</button> : undefined}>
        <Loaded of={moves} rows={12} columns={9} isEmpty={(data) => data.length === 0} empty={<Empty why={t(`${item} 没有收发记录。`, `${item} has not moved.`)} next={<Link to={`/b/${book.code}/books/stock`}>{t("看全部存货", "See all stock")}</Link>} />}>
          {() => <Table<Move> caption={t("存货明细账", "Stock ledger")} columns={columns} rows={shown} rowKey={(move) => String(placeOf.get(move))} onOpen={({ document }) => void navigate({ to: `/b/${book.code}/trace?of=${seg(document)}` })} />}
        </Loaded>
      </Panel>
    </BooksPage>
  );
}
