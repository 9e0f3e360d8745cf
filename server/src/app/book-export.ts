/** The books as sheets: what the screen shows, all of it, written as it is read. Amounts stay in 元 whatever unit the screen was in. */
import type { Readable } from "node:stream";
import { type Book, loadAccounts } from "../books/index.ts";
import type { Ctx } from "../platform/index.ts";
import { ageingBuckets, type PartyKind, rangeOf, readBalances, readBalancesBy, readEstimates, readLedgerPage, readOpenParties, readStatement, readStock, readStockMoves } from "../vouchers/index.ts";
import { writeSheet } from "./sheet.ts";

export const exportNames = ["balances", "auxiliary", "ledger", "open-items", "estimates", "stock", "stock-moves", "statement"] as const;
export type ExportName = (typeof exportNames)[number];
export type ExportQuery = {
  readonly period?: string | undefined; readonly from?: string | undefined; readonly to?: string | undefined; readonly at?: string | undefined; readonly account?: string | undefined; readonly by?: string | undefined; readonly kind?: PartyKind | undefined;
  readonly statement?: string | undefined; readonly item?: string | undefined; readonly perAccount?: boolean | undefined; readonly dimensions: Readonly<Record<string, string>>; readonly language?: "zh" | "en" | undefined;
};

type Cell = readonly [zh: string, en: string];
/** Text columns, then figures. */
type Sheet = { readonly name: Cell; readonly texts: readonly Cell[]; readonly figures: readonly Cell[]; readonly rows: AsyncIterable<readonly string[]> };
type Make = (ctx: Ctx, book: Book, query: ExportQuery, words: (zh: string, en: string) => string, seesCost: boolean) => Promise<Sheet>;

/** Refuses what the report refuses. */
export async function writeReport(ctx: Ctx, book: Book, report: ExportName, query: ExportQuery, { seesCost }: { readonly seesCost: boolean }): Promise<{ readonly file: string; readonly stream: Readable }> {
  const words = (zh: string, en: string): string => (query.language === "en" ? en : zh);
  const { name, texts, figures, rows } = await sheets[report](ctx, book, query, words, seesCost);
  const head = [...texts, ...figures].map(([zh, en]) => words(zh, en));
  const range = query.at ?? (query.period ?? [query.from, query.to].filter(Boolean).join("_"));
  return { file: `${[book.code, words(...name), query.account ?? query.item ?? "", range].filter((part) => part !== "").join(" ")}.xlsx`, stream: writeSheet(words(...name), withHead(head, rows), new Set(figures.map((_, at) => texts.length + at))) };
}

async function* withHead(head: readonly string[], rows: AsyncIterable<readonly string[]>): AsyncGenerator<readonly string[], void, undefined> {
  yield head;
  yield* rows;
}

async function* each<T>(rows: Iterable<T>, cells: (row: T) => readonly string[]): AsyncGenerator<readonly string[], void, undefined> {
  for (const row of rows) yield cells(row);
}

const balanceHeads: readonly Cell[] = [["期初借方", "Opening debit"], ["期初贷方", "Opening credit"], ["本期借方", "Debit"], ["本期贷方", "Credit"], ["期末借方", "Closing debit"], ["期末贷方", "Closing credit"]];
const balanceCells = (row: { openingDebit: string; openingCredit: string; debit: string; credit: string; closingDebit: string; closingCredit: string }): string[] => [row.openingDebit, row.openingCredit, row.debit, row.credit, row.closingDebit, row.closingCredit];
const sideWords = { debit: ["借", "Dr"], credit: ["贷", "Cr"], zero: ["平", "–"] } as const;
const pageSize = 1_000;

const sheets: Readonly<Record<ExportName, Make>> = {
  balances: async (ctx, book, query, words) => {
    const accounts = await loadAccounts(ctx.db, book);
    const rows = await readBalances(ctx, book, { ...query, by: "tree" });
    return { name: ["科目余额表", "Trial balance"], texts: [["科目", "Account"], ["名称", "Name"]], figures: balanceHeads, rows: each(rows, (row) => { const { zh = "", en = "" } = accounts.get(row.account) ?? {}; return [row.account, words(zh, en), ...balanceCells(row)]; }) };
  },
  auxiliary: async (ctx, book, query, words) => {
    const accounts = await loadAccounts(ctx.db, book);
    async function* rows(): AsyncGenerator<readonly string[], void, undefined> {
      for (let after: string | undefined; ;) {
        const page = await readBalancesBy(ctx, book, { ...query, dimension: query.by ?? "counterparty", after, limit: pageSize });
        for (const row of page) yield [row.value, row.name, row.account, words(accounts.get(row.account)?.zh ?? "", accounts.get(row.account)?.en ?? ""), ...balanceCells(row)];
        if (page.length < pageSize) return;
        after = page.at(-1)?.cursor;
      }
    }
    return { name: ["辅助核算余额表", "Balances by dimension"], texts: [["代码", "Code"], ["名称", "Name"], ["科目", "Account"], ["科目名称", "Account name"]], figures: balanceHeads, rows: rows() };
  },
  ledger: async (ctx, book, query, words) => {
    await rangeOf(ctx.db, book, query);
    const marks = { opening: words("期初余额", "Opening"), month: words("本月合计", "Total of the month"), year: words("本年累计", "Total of the year") };
    const first = await readLedgerPage(ctx, book, { account: query.account ?? "", ...query }, { limit: pageSize });
    async function* rows(): AsyncGenerator<readonly string[], void, undefined> {
      for (let page = first; ;) {
        for (const entry of page.entries) {
          const [zh, en] = sideWords[entry.balanceSide];
          const side = words(zh, en);
          if (entry.entry === "line") yield [entry.date, entry.voucher, entry.summary, entry.account, entry.counterAccounts.join(" "), Object.entries(entry.dimensions).map(([name, value]) => `${name}:${value}`).join(" "), side, entry.currency === book.currency ? "" : `${entry.currency} ${entry.amountOriginal}`, entry.debit, entry.credit, entry.balance];
          else yield [entry.period, "", marks[entry.entry], "", "", "", side, "", entry.debit, entry.credit, entry.balance];
        }
        if (page.cursor === null) return;
        page = await readLedgerPage(ctx, book, { account: query.account ?? "", ...query }, { limit: pageSize, after: page.cursor });
      }
    }
    return {
      name: ["明细账", "Ledger"], texts: [["日期", "Date"], ["凭证", "Voucher"], ["摘要", "Summary"], ["科目", "Account"], ["对方科目", "Other accounts"], ["辅助核算", "Dimensions"], ["方向", "Side"], ["原币", "Original currency"]],
      figures: [["借方", "Debit"], ["贷方", "Credit"], ["余额", "Balance"]], rows: rows(),
    };
  },
  "open-items": async (ctx, book, query) => ({
    name: ["往来账龄", "Ageing"], texts: [["代码", "Code"], ["名称", "Name"], ["业务员", "Owner"], ["最早", "Oldest"]], figures: [...ageingBuckets.map(({ zh, en }): Cell => [zh, en]), ["合计", "Total"], ["未核销收付款", "Money not yet set off"], ["净额", "Net"]],
    rows: each(await readOpenParties(ctx, book, { kind: query.kind ?? "customer", at: query.at }), (row) => [row.party, row.name, row.ownerName || row.owner, row.oldest, ...ageingBuckets.map(({ id }) => row.buckets[id]), row.total, row.against, row.net]),
  }),
  estimates: async (ctx, book, query) => ({
    name: ["暂估台账", "Estimates"], texts: [["入库单", "Receipt"], ["行", "Line"], ["日期", "Date"], ["供应商", "Supplier"], ["名称", "Name"], ["物料", "Item"]],
    figures: [["账龄天数", "Days"], ["暂估数量", "Estimated quantity"], ["暂估金额", "Estimated"], ["已冲数量", "Reversed quantity"], ["已冲金额", "Reversed"], ["退货数量", "Returned quantity"], ["退货金额", "Returned"], ["未到票数量", "Open quantity"], ["未到票金额", "Open"]],
    rows: each(await readEstimates(ctx, book, { at: query.at }), (row) => [row.original || row.document, row.line, row.date, row.party, row.partyName, row.item, String(row.ageDays), row.estimatedQuantity, row.estimatedAmount, row.reversedQuantity, row.reversedAmount, row.returnedQuantity, row.returnedAmount, row.openQuantity, row.openAmount]),
  }),
  stock: async (ctx, book, query, _words, seesCost) => ({
    name: ["存货收发存", "Stock"], texts: [["物料", "Item"], ["名称", "Name"], ["仓库", "Warehouse"]], figures: [["数量", "Quantity"], ...(seesCost ? [["单位成本", "Unit cost"], ["金额", "Amount"]] satisfies Cell[] : [])],
    rows: each(await readStock(ctx, book, { at: query.at }), (row) => [row.item, row.itemName, row.warehouse, row.quantity, ...(seesCost ? [row.unitCost, row.amount] : [])]),
  }),
  "stock-moves": async (ctx, book, query, _words, seesCost) => ({
    name: ["存货明细账", "Stock ledger"], texts: [["日期", "Date"], ["单据", "Document"], ["行", "Line"], ["类型", "Type"], ["仓库", "Warehouse"]], figures: [["数量", "Quantity"], ["结存数量", "Balance"], ...(seesCost ? [["金额", "Amount"], ["结存金额", "Balance amount"]] satisfies Cell[] : [])],
    rows: each(await readStockMoves(ctx, book, { item: query.item ?? "" }), (row) => [row.date, row.document, row.line, row.type, row.warehouse, row.quantity, row.balanceQuantity, ...(seesCost ? [row.amount, row.balanceAmount] : [])]),
  }),
  statement: async (ctx, book, query, words) => {
    const shown = await readStatement(ctx, book, query.statement ?? "balance-sheet", query);
    return { name: [shown.zh, shown.en], texts: [["项目", "Item"]], figures: [[shown.amountIs.zh, shown.amountIs.en], [shown.comparativeIs.zh, shown.comparativeIs.en]], rows: each(shown.rows, (row) => [`${"　".repeat(row.level)}${words(row.zh, row.en)}`, row.amount ?? "", row.comparative ?? ""]) };
  },
};
