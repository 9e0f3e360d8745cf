/** 库存与存货明细账: what is where and what it cost, from the stock ledger. */
import { formatMoney, formatTrimmed, QUANTITY_SCALE } from "../values/index.ts";
import type { Book } from "../books/index.ts";
import type { Ctx } from "../platform/index.ts";
import * as store from "./report.store.ts";

export type OnHand = { readonly item: string; readonly itemName: string; readonly warehouse: string; readonly quantity: string; readonly amount: string; /** Base currency for one unit. */ readonly unitCost: string };

export type StockFilter = { readonly item?: string | undefined; readonly warehouse?: string | undefined; /** At the end of this day; default: all moves. */ readonly at?: string | undefined };

export async function readStock(ctx: Ctx, book: Book, filter: StockFilter = {}): Promise<OnHand[]> {
  const rows = await store.findStock(ctx.db, book.bookId, filter.at ?? "2199-12-31", filter.item ?? null, filter.warehouse ?? null);
  const names = new Map((await store.findNames(ctx.db, book.bookId, ["item"], [...new Set(rows.map(({ item }) => item))])).map(({ code, zh, en }) => [code, zh || en || ""]));
  return rows.map(({ item, warehouse, quantity, amount }) => ({
    item, itemName: names.get(item) ?? "", warehouse, quantity: formatTrimmed(quantity, QUANTITY_SCALE), amount: formatMoney(amount, book.currency), unitCost: unitCostOf(quantity, amount, book.currency),
  }));
}

/** To six decimals; "" where there is no quantity. */
function unitCostOf(quantity: bigint, amount: bigint, currency: string): string {
  if (quantity === 0n) return "";
  const whole = formatMoney(1n, currency).length - 2; // decimals of the currency
  const scale = 10n ** BigInt(12 - Math.max(whole, 0));
  const value = (amount * scale) / quantity;
  return formatTrimmed(value, 6);
}

export type StockMoveListed = {
  readonly document: string; readonly line: string; readonly date: string; readonly type: string; readonly warehouse: string;
  readonly quantity: string; readonly amount: string; readonly balanceQuantity: string; readonly balanceAmount: string;
};

/** The stock ledger of one item, in business-date order, with its running balance. */
export async function readStockMoves(ctx: Ctx, book: Book, filter: { readonly item: string; readonly warehouse?: string | undefined }): Promise<StockMoveListed[]> {
  let quantity = 0n;
  let amount = 0n;
  return (await store.findMoves(ctx.db, book.bookId, filter.item, filter.warehouse ?? null)).map((move) => {
    quantity += move.quantity;
    amount += move.amount;
    return {
      document: move.document, line: move.line, date: move.date, type: move.type, warehouse: move.warehouse, quantity: formatTrimmed(move.quantity, QUANTITY_SCALE), amount: formatMoney(move.amount, book.currency),
      balanceQuantity: formatTrimmed(quantity, QUANTITY_SCALE), balanceAmount: formatMoney(amount, book.currency),
    };
  });
}
