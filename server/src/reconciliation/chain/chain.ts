/**
 * 订单链: for each order line one vector of what was ordered, moved, returned, invoiced, credited, paid and written off. It is kept, not searched for:
 * a document that is posted touches the orders it links to, and only those are worked out again. Open quantities and amounts are subtractions.
 */
import type { Book } from "../../books/index.ts";
import type { Ctx } from "../../platform/index.ts";
import { formatMoney, formatTrimmed, QUANTITY_SCALE } from "../../values/index.ts";
import { findNames } from "../difference/difference.store.ts";
import { joinChain } from "./chain-join.ts";
import * as store from "./chain.store.ts";

const ordersAtOnce = 500;
/** Beyond so many new documents a pass over all orders is cheaper than following each upwards. */
const touchedMax = 20_000n;

/** Brings the vectors up to what is posted. Answers how many order lines were worked out. */
export async function refreshChain(ctx: Ctx, book: Book): Promise<number> {
  const mark = await store.readMark(ctx.db, book.bookId);
  const head = await store.readHead(ctx.db, book.bookId);
  if (head === undefined) return 0;
  if (mark?.head === head.head) return 0;
  if (mark === undefined || head.lastDocument - mark.documentId > touchedMax) return rebuildChain(ctx, book);
  const changed = await store.findChanged(ctx.db, book.bookId, mark.at, mark.documentId);
  const orders = [...new Set([...(await store.findTouched(ctx.db, book.bookId, mark.documentId)), ...(changed.length === 0 ? [] : await store.findTouchedBy(ctx.db, book.bookId, changed.map(({ id }) => id)))].map(({ id }) => id))];
  return ctx.db.transaction(async (db) => {
    await store.lockChain(db, book.bookId);
    let lines = 0;
    for (let at = 0; at < orders.length; at += ordersAtOnce) lines += (await store.refreshOrders(db, book.bookId, orders.slice(at, at + ordersAtOnce))).lines;
    await store.saveMark(db, book.bookId, { documentId: head.lastDocument, head: head.head, at: head.at });
    return lines;
  });
}

/** Works out the vectors of the orders that these documents concern, at once. */
export async function touchChain(ctx: Ctx, book: Book, documents: readonly bigint[]): Promise<number> {
  return ctx.db.transaction(async (db) => {
    await store.planOnce(db);
    const orders = await store.findTouchedBy(db, book.bookId, documents);
    return orders.length === 0 ? 0 : (await store.refreshOrders(db, book.bookId, orders.map(({ id }) => id))).lines;
  });
}

/** All vectors anew, from the documents alone: in one pass, by joins. */
export async function rebuildChain(ctx: Ctx, book: Book): Promise<number> {
  const head = await store.readHead(ctx.db, book.bookId);
  if (head === undefined) return 0;
  return ctx.db.transaction(async (db) => {
    await store.lockChain(db, book.bookId);
    await store.dropChain(db, book.bookId);
    const lines = await joinChain(db, book.bookId);
    await store.saveMark(db, book.bookId, { documentId: head.lastDocument, head: head.head, at: head.at });
    return lines;
  });
}

export type ChainFilter = { readonly side: "sale" | "purchase"; readonly state?: store.ChainState | undefined; readonly party?: string | undefined; readonly salesperson?: string | undefined; readonly item?: string | undefined; readonly from?: string | undefined; readonly to?: string | undefined; readonly find?: string | undefined; readonly after?: string | undefined; readonly limit?: number | undefined };
export type ChainListed = {
  readonly order: string; readonly line: string; readonly side: string; readonly date: string; readonly party: string; readonly partyName: string; readonly salesperson: string; readonly salespersonName: string; readonly item: string; readonly itemName: string; readonly dueOn: string | null;
  readonly ordered: string; readonly moved: string; readonly returned: string; readonly invoiced: string; readonly credited: string; readonly orderedAmount: string; readonly movedAmount: string; readonly returnedAmount: string; readonly invoicedAmount: string; readonly creditedAmount: string; readonly paidAmount: string; readonly writtenOffAmount: string;
  /** Subtractions: still to move, moved and not invoiced, invoiced and not paid. */
  readonly toMove: string; readonly toInvoice: string; readonly toPay: string; readonly lastMovedOn: string | null; readonly lastInvoicedOn: string | null; readonly payBy: string | null; readonly cursor: string;
};

const conditions = (ctx: Ctx, filter: ChainFilter): store.ChainFilter => ({ side: filter.side, party: filter.party ?? null, salesperson: filter.salesperson ?? null, item: filter.item ?? null, from: filter.from ?? null, to: filter.to ?? null, text: filter.find ?? null, today: ctx.now().toISOString().slice(0, 10) });

/** Order lines, the newest orders first. */
export async function listChain(ctx: Ctx, book: Book, filter: ChainFilter): Promise<ChainListed[]> {
  if ((await store.readMark(ctx.db, book.bookId)) !== undefined) await refreshChain(ctx, book);
  const cut = (filter.after ?? "").indexOf("-");
  const rows = await store.listChain(ctx.db, book.bookId, conditions(ctx, filter), filter.state ?? null, cut < 1 ? null : { orderId: BigInt((filter.after as string).slice(0, cut)), line: (filter.after as string).slice(cut + 1) }, Math.min(filter.limit ?? 100, 1_000));
  const name = await namesOf(ctx, book, rows.flatMap(({ party, salesperson, item }) => [party, salesperson, item]));
  const money = (minor: bigint): string => formatMoney(minor, book.currency);
  const quantity = (millionths: bigint): string => formatTrimmed(millionths, QUANTITY_SCALE);
  return rows.map((row) => ({
    order: row.order, line: row.line, side: row.side, date: row.date, party: row.party, partyName: name(row.party), salesperson: row.salesperson, salespersonName: name(row.salesperson), item: row.item, itemName: name(row.item), dueOn: row.dueOn,
    ordered: quantity(row.ordered), moved: quantity(row.moved), returned: quantity(row.returned), invoiced: quantity(row.invoiced), credited: quantity(row.credited), orderedAmount: money(row.orderedAmount), movedAmount: money(row.movedAmount), returnedAmount: money(row.returnedAmount), invoicedAmount: money(row.invoicedAmount),
    creditedAmount: money(row.creditedAmount), paidAmount: money(row.paidAmount), writtenOffAmount: money(row.writtenOffAmount), toMove: quantity(row.ordered - row.moved + row.returned), toInvoice: quantity(row.moved === 0n ? 0n : row.moved - row.returned - row.invoiced + row.credited), toPay: money(row.invoicedAmount - row.creditedAmount - row.paidAmount - row.writtenOffAmount),
    lastMovedOn: row.lastMovedOn, lastInvoicedOn: row.lastInvoicedOn, payBy: row.payBy, cursor: `${row.orderId}-${row.line}`,
  }));
}

export type ChainSummed = { readonly key: string; readonly name: string; readonly lines: number; readonly ordered: string; readonly moved: string; readonly returned: string; readonly invoiced: string; readonly credited: string; readonly paid: string; readonly writtenOff: string; readonly toPay: string; readonly payBy: string | null };
/** The statement of orders, goods, invoices and money: by customer or supplier, salesperson, order, item or period. */
export async function sumChain(ctx: Ctx, book: Book, filter: ChainFilter, by: keyof typeof store.chainKeys): Promise<ChainSummed[]> {
  if ((await store.readMark(ctx.db, book.bookId)) !== undefined) await refreshChain(ctx, book);
  const rows = await store.sumChain(ctx.db, book.bookId, conditions(ctx, filter), filter.state ?? null, by, Math.min(filter.limit ?? 200, 1_000_000));
  const name = by === "order" || by === "period" ? (key: string): string => key : await namesOf(ctx, book, rows.map(({ key }) => key));
  const money = (minor: bigint): string => formatMoney(minor, book.currency);
  return rows.map((row) => ({
    key: row.key, name: name(row.key), lines: Number(row.lines), ordered: money(row.ordered), moved: money(row.moved), returned: money(row.returned), invoiced: money(row.invoiced), credited: money(row.credited), paid: money(row.paid), writtenOff: money(row.writtenOff),
    toPay: money(row.invoiced - row.credited - row.paid - row.writtenOff), payBy: row.payBy,
  }));
}

async function namesOf(ctx: Ctx, book: Book, codes: readonly string[]): Promise<(code: string) => string> {
  const wanted = [...new Set(codes)].filter((code) => code !== "");
  const names = new Map((wanted.length === 0 ? [] : await findNames(ctx.db, book.bookId, wanted)).map(({ code, zh, en }) => [code, zh ?? en ?? code]));
  return (code) => names.get(code) ?? code;
}
