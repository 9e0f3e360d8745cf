/** 存货账实: does the stock ledger hold what the stock accounts say, item by item. */
import { formatMoney } from "../values/index.ts";
import { type Book, loadAccounts } from "../books/index.ts";
import type { Ctx } from "../platform/index.ts";
import { namesOf } from "./names.ts";
import * as store from "./stock.store.ts";

export type StockCheck = {
  /** Accounts that carry a warehouse: those that goods are posted to. */
  readonly accounts: readonly string[];
  readonly stock: string;
  readonly books: string;
  readonly difference: string;
  /** Items whose two sides differ, the largest differences first; "" is what the accounts hold without an item. */
  readonly items: readonly { readonly item: string; readonly itemName: string; readonly stock: string; readonly books: string; readonly difference: string }[];
};

export async function checkStock(ctx: Ctx, book: Book): Promise<StockCheck> {
  const accounts = [...(await loadAccounts(ctx.db, book)).values()].filter(({ type, carries }) => type === "asset" && [...(carries.dimensions ?? []), ...(carries.optional ?? [])].includes("warehouse")).map(({ code }) => code);
  const [total, rows] = [await store.sumStockAndBooks(ctx.db, book.bookId, accounts), await store.findStockDifferences(ctx.db, book.bookId, accounts, 100)];
  const names = await namesOf(ctx.db, book, ["item"], rows.map(({ item }) => item));
  const money = (amount: bigint): string => formatMoney(amount, book.currency);
  return {
    accounts, stock: money(total.stock), books: money(total.books), difference: money(total.books - total.stock),
    items: rows.map(({ item, stock, books }) => ({ item, itemName: names.get(item) ?? "", stock: money(stock), books: money(books), difference: money(books - stock) })),
  };
}
