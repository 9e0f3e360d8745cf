/** The other boards: orders, the chain from sales to profit, receivables and payables, margin. Each is questions only; a click filters all tiles that know what was clicked. */
import type { Asking } from "./ask.ts";
import { type BoardAsked, type Frame, frameOf, tile, type Tile, yearOf } from "./board.ts";
import { LIMIT } from "./query.ts";
import { dimensions } from "./metric.ts";
import { findDocuments } from "./names.store.ts";
import { refuse } from "../platform/index.ts";
import type { Query } from "./query.ts";

export type Board = Frame & { readonly board: string; readonly tiles: readonly Tile[] };
export type OrdersBoard = Board & { /** Orders by the key of their row: as documents are named everywhere, to open the trace. */ readonly documents: Readonly<Record<string, string>>; readonly next: number | null };

const PAGE = 50;

const orderMetrics = {
  sale: ["ordered_quantity", "returned_quantity", "shipped_quantity", "shipped_ratio", "orders_amount", "shipped_amount", "order_invoiced", "invoiced_ratio", "order_collected", "collected_ratio", "order_outstanding", "order_not_shipped", "shipped_not_invoiced", "order_open"],
  purchase: ["purchase_amount", "purchase_received", "purchase_invoiced", "purchase_paid"],
} as const;

/** 订单-发货-回款: a row an order; totals are of the whole selection. Unsettled first, unless another order is asked for. */
export async function readOrders(asking: Asking, asked: BoardAsked): Promise<OrdersBoard> {
  const frame = await frameOf(asking, asked);
  const query = ordersQuery(frame, asked);
  const rows = await tile(asking, "orders", { zh: "订单", en: "Orders" }, query);
  const side = asked.side ?? "sale";
  const shared = { time: frame.time, asOf: frame.day, filters: asked.filters } as const;
  const states = await tile(asking, "states", { zh: "状态", en: "States" }, { ...shared, metrics: side === "sale" ? ["orders_amount", "order_outstanding"] : ["purchase_amount"], rows: ["orderState"], totals: true });
  const keys = (rows.answer?.rows ?? []).map((row) => row.keys.order as string);
  const documents = await findDocuments(asking.reads ?? asking.ctx.db, asking.book.bookId, keys);
  const end = (query.offset ?? 0) + keys.length;
  return {
    board: "orders", ...frame, tiles: [rows, states], documents: Object.fromEntries(documents.map((one) => [String(one.documentId), `${one.source}:${one.kind}/${one.sourceId}`])),
    next: keys.length > 0 && end < (rows.answer?.count ?? 0) ? end : null,
  };
}

export function ordersQuery(frame: Frame, asked: BoardAsked): Query {
  const side = asked.side ?? "sale";
  const metrics = [...orderMetrics[side]];
  return {
    metrics, rows: side === "sale" ? ["order", "customer", "salesperson", "orderDate", "orderState", "orderDue"] : ["order", "supplier", "buyer", "orderDate", "orderState", "orderDue"], time: frame.time, asOf: frame.day, filters: asked.filters, totals: true,
    sort: asked.sort !== undefined ? [{ by: asked.sort, desc: asked.desc ?? false }, { by: "order" }] : side === "sale" ? [{ by: "order_open", desc: true }, { by: "orderDate", desc: true }] : [{ by: "orderDate", desc: true }], limit: Math.min(asked.limit ?? PAGE, LIMIT), offset: asked.after ?? 0,
  };
}

/** 销售-库存-回款-利润: one line of months and the heads of each list. */
export async function readChain(asking: Asking, asked: BoardAsked): Promise<Board> {
  const frame = await frameOf(asking, asked);
  const { time, compare } = frame;
  const { filters } = asked;
  const top = (by: string) => ({ sort: [{ by, desc: true }], limit: asked.limit ?? 10, totals: true });
  return {
    board: "chain", ...frame, tiles: await Promise.all([
      tile(asking, "sales", { zh: "销售", en: "Sales" }, { metrics: ["orders_amount", "shipped_amount"], time, compare, filters }),
      tile(asking, "revenue", { zh: "收入", en: "Revenue" }, { metrics: ["revenue", "sold_quantity"], time, compare, filters }),
      tile(asking, "stock", { zh: "库存", en: "Stock" }, { metrics: ["stock_value", "stock_days", "stock_turnover"], time, compare, filters }),
      tile(asking, "collection", { zh: "回款", en: "Collection" }, { metrics: ["invoiced_amount", "collected_amount", "collection_rate", "receivable", "dso"], time, compare, filters }),
      tile(asking, "profit", { zh: "利润", en: "Profit" }, { metrics: ["gross_profit", "gross_margin"], time, compare, filters }),
      tile(asking, "net", { zh: "净利润", en: "Net profit" }, { metrics: ["net_profit", "expense"], time, compare, filters }),
      tile(asking, "months", { zh: "逐月", en: "By month" }, { metrics: ["orders_amount", "shipped_amount", "revenue", "invoiced_amount", "collected_amount", "gross_profit", "receivable"], rows: ["month"], time: yearOf(frame), filters }),
      tile(asking, "stockMonths", { zh: "库存逐月", en: "Stock by month" }, { metrics: ["stock_value"], rows: ["month"], time: yearOf(frame), filters }),
      tile(asking, "regions", { zh: "区域", en: "Regions" }, { metrics: ["revenue", "gross_profit", "gross_margin", "collected_amount", "receivable"], rows: ["region"], time, filters, ...top("revenue") }),
      tile(asking, "salespeople", { zh: "业务员", en: "Salespeople" }, { metrics: ["revenue", "gross_profit", "gross_margin", "collected_amount"], rows: ["salesperson"], time, filters, ...top("revenue") }),
      tile(asking, "customers", { zh: "客户", en: "Customers" }, { metrics: ["revenue", "gross_profit", "gross_margin", "collected_amount", "receivable"], rows: ["customer"], time, filters, ...top("revenue") }),
      tile(asking, "items", { zh: "物料", en: "Items" }, { metrics: ["revenue", "sold_quantity", "gross_profit", "gross_margin"], rows: ["item"], time, filters, ...top("revenue") }),
      tile(asking, "stockItems", { zh: "库存物料", en: "Items in stock" }, { metrics: ["stock_value"], rows: ["item"], time, filters, ...top("stock_value") }),
    ]),
  };
}

/** 应收 and 应付: what is open by age and by whom, and how the months went. */
export async function readParties(asking: Asking, asked: BoardAsked, side: "receivables" | "payables"): Promise<Board> {
  const frame = await frameOf(asking, asked);
  const { time, day: asOf } = frame;
  const { filters } = asked;
  const isIn = side === "receivables";
  const [open, overdue, party, owner] = isIn ? ["open_receivable", "overdue_receivable", "customer", "salesperson"] : ["open_payable", "overdue_payable", "supplier", "buyer"];
  const listed = { sort: [{ by: open as string, desc: true }], limit: asked.limit ?? 50, offset: asked.after ?? 0, totals: true };
  return {
    board: side, ...frame, tiles: await Promise.all([
      tile(asking, "open", isIn ? { zh: "应收账款", en: "Receivables" } : { zh: "应付账款", en: "Payables" }, { metrics: isIn ? [open, overdue, "overdue_ratio", "open_advance"] as string[] : [open, overdue, "payable_due_7"] as string[], asOf, filters }),
      tile(asking, "ageing", { zh: "账龄", en: "Ageing" }, { metrics: [open as string], rows: ["ageBucket"], asOf, totals: true, filters }),
      tile(asking, "parties", isIn ? { zh: "客户", en: "Customers" } : { zh: "供应商", en: "Suppliers" }, { metrics: [open as string, overdue as string], rows: [party as string], asOf, filters, ...listed }),
      tile(asking, "partyAges", { zh: "账龄分析", en: "Ages by party" }, { metrics: [open as string], rows: [party as string], cols: ["ageBucket"], asOf, filters, totals: true, limit: LIMIT }),
      tile(asking, "owners", isIn ? { zh: "业务员", en: "Salespeople" } : { zh: "采购员", en: "Buyers" }, { metrics: [open as string, overdue as string], rows: [owner as string], asOf, filters, totals: true }),
      tile(asking, "due", { zh: "到期日", en: "Due dates" }, { metrics: [open as string], rows: ["dueDate"], asOf, filters, sort: [{ by: "dueDate" }], limit: LIMIT }),
      ...(isIn ? [
        tile(asking, "collection", { zh: "回款", en: "Collection" }, { metrics: ["collection_rate", "dso", "collected_amount", "invoiced_amount", "receivable"], time, compare: frame.compare, filters }),
        tile(asking, "months", { zh: "逐月", en: "By month" }, { metrics: ["invoiced_amount", "collected_amount", "collection_rate", "receivable"], rows: ["month"], time: yearOf(frame), filters }),
      ] : [
        tile(asking, "paid", { zh: "付款", en: "Paid" }, { metrics: ["paid_amount", "payable"], time, compare: frame.compare, filters }),
        tile(asking, "months", { zh: "逐月", en: "By month" }, { metrics: ["paid_amount", "payable"], rows: ["month"], time: yearOf(frame), filters }),
      ]),
    ]),
  };
}

/** 毛利: by whatever two dimensions one asks for. Refuses: insight.dimension_unknown. */
export async function readMargin(asking: Asking, asked: BoardAsked): Promise<Board> {
  const frame = await frameOf(asking, asked);
  const { time, compare } = frame;
  const { filters } = asked;
  const metrics = ["revenue", "cost", "gross_profit", "gross_margin"];
  const by = asked.by === undefined || asked.by.length === 0 ? ["region", "itemCategory"] : [...asked.by];
  for (const dimension of by) if (!dimensions.has(dimension)) refuse("insight.dimension_unknown", { dimension, book: asking.book.code });
  const sort = [{ by: "revenue", desc: true }];
  return {
    board: "margin", ...frame, tiles: await Promise.all([
      tile(asking, "margin", { zh: "毛利", en: "Margin" }, { metrics: [...metrics, "sold_quantity"], time, compare, filters }),
      tile(asking, "cross", { zh: "交叉分析", en: "Cross analysis" }, { metrics, rows: by.slice(0, -1).length > 0 ? by.slice(0, -1) : by, cols: by.length > 1 ? by.slice(-1) : [], time, filters, totals: true, limit: LIMIT }),
      tile(asking, "customers", { zh: "客户", en: "Customers" }, { metrics, rows: ["customer"], time, filters, sort, totals: true, limit: asked.limit ?? 20 }),
      tile(asking, "items", { zh: "物料", en: "Items" }, { metrics, rows: ["item"], time, filters, sort, totals: true, limit: asked.limit ?? 20 }),
      tile(asking, "lowest", { zh: "毛利率最低的物料", en: "Items with the lowest margin" }, { metrics, rows: ["item"], time, filters, sort: [{ by: "gross_margin" }], having: [{ metric: "revenue", op: ">", value: "0" }], limit: 10 }),
      tile(asking, "regions", { zh: "区域", en: "Regions" }, { metrics, rows: ["region"], time, filters, sort, totals: true }),
      tile(asking, "salespeople", { zh: "业务员", en: "Salespeople" }, { metrics, rows: ["salesperson"], time, filters, sort, totals: true }),
      tile(asking, "months", { zh: "逐月", en: "By month" }, { metrics, rows: ["month"], time: yearOf(frame), filters }),
    ]),
  };
}
