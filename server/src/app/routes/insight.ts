/** Figures: the catalogue, questions, drilling, boards, workbooks, and the stream that says when something changed. */
import { Type } from "@fastify/type-provider-typebox";
import type { FastifyRequest } from "fastify";
import { type Sight, sightOf } from "../../access/index.ts";
import { type Book, loadBook } from "../../books/index.ts";
import {
  type Answer, ask, type Asking, type BoardAsked, catalogue, type CellAsked, type Change, type Compare, drill, type Filter, followBooks, frameOf, type Language, LIMIT_MAX, ordersQuery, type Query, readChain, readCockpit, readMargin, readOrders, readParties, receiptShown, type Row, sheetOf, writeXlsx,
} from "../../insight/index.ts";
import { type Ctx, Refusal, refuse, renderProblem } from "../../platform/index.ts";
import { BookParams, errors } from "../contract.ts";
import { actorOf, type Http } from "../http.ts";
import { whoAsks } from "../who-asks.ts";

const tags = ["boards"];
const closed = { additionalProperties: false } as const;
const Day = Type.String({ pattern: "^\\d{4}-\\d{2}-\\d{2}$", examples: ["2026-03-31"] });
const Name = Type.String({ pattern: "^[A-Za-z_][A-Za-z0-9_]{0,39}$" });
const TimeRange = Type.Object({ from: Day, to: Day }, closed);
const FilterView = Type.Object({ dimension: Name, op: Type.Union(["in", "notIn", "from", "to"].map((op) => Type.Literal(op))), values: Type.Array(Type.String({ maxLength: 200 }), { maxItems: 500 }) }, closed);
const HavingView = Type.Object({ metric: Name, op: Type.Union([">", ">=", "<", "<=", "<>", "="].map((op) => Type.Literal(op))), value: Type.String({ maxLength: 30, description: "金额为分,数量为百万分之一,比率为小数 Minor units of money, millionths of quantities, decimals of ratios" }) }, closed);
const QueryView = Type.Object({
  metrics: Type.Array(Name, { minItems: 1, maxItems: 40 }), rows: Type.Optional(Type.Array(Name, { maxItems: 8 })), cols: Type.Optional(Type.Array(Name, { maxItems: 4 })), filters: Type.Optional(Type.Array(FilterView, { maxItems: 40 })), having: Type.Optional(Type.Array(HavingView, { maxItems: 10 })),
  time: Type.Optional(TimeRange), compare: Type.Optional(Type.Array(Type.Union([Type.Literal("previous"), Type.Literal("lastYear")]), { maxItems: 2 })), totals: Type.Optional(Type.Boolean()),
  sort: Type.Optional(Type.Array(Type.Object({ by: Name, desc: Type.Optional(Type.Boolean()) }, closed), { maxItems: 8 })), limit: Type.Optional(Type.Integer({ minimum: 1, maximum: LIMIT_MAX })), offset: Type.Optional(Type.Integer({ minimum: 0, maximum: 10_000_000 })), asOf: Type.Optional(Day),
}, closed);
const CellView = Type.Object({
  metric: Name, keys: Type.Optional(Type.Record(Name, Type.String({ maxLength: 200 }))), filters: Type.Optional(Type.Array(FilterView, { maxItems: 40 })), time: Type.Optional(TimeRange), asOf: Type.Optional(Day), limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 5_000 })), offset: Type.Optional(Type.Integer({ minimum: 0 })),
}, closed);
const QUERIES_MAX = 40;
const BoardQuery = {
  period: Type.Optional(Type.String({ pattern: "^\\d{4}-\\d{2}$" })), from: Type.Optional(Day), to: Type.Optional(Day), compare: Type.Optional(Type.Array(Type.Union([Type.Literal("previous"), Type.Literal("lastYear")]))),
  filter: Type.Optional(Type.Array(Type.String({ pattern: "^[A-Za-z]{1,40}:.{0,200}$" }), { description: "筛选,写作 customer:C001,可多次;同一维度为或 A filter as customer:C001; may be repeated, values of one dimension are alternatives" })),
  ...Object.fromEntries(["customer", "supplier", "salesperson", "buyer", "region", "department", "item", "state"].map((name) => [name, Type.Optional(Type.Array(Type.String({ maxLength: 200 }), { description: "filter 的简写 Short for filter" }))])),
  sort: Type.Optional(Name), desc: Type.Optional(Type.Boolean()), after: Type.Optional(Type.Integer({ minimum: 0 })), limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })),
  by: Type.Optional(Type.Array(Name, { maxItems: 3, description: "毛利交叉分析的维度 Dimensions of the cross analysis of margin" })), side: Type.Optional(Type.Union([Type.Literal("sale"), Type.Literal("purchase")])),
};
type Shorthand = "customer" | "supplier" | "salesperson" | "buyer" | "region" | "department" | "item" | "state";
type BoardQueryGiven = { [name in Shorthand]?: string[] } & { period?: string; from?: string; to?: string; compare?: string[]; filter?: string[]; sort?: string; desc?: boolean; after?: number; limit?: number; by?: string[]; side?: string };

export function insightRoutes(api: Http, ctx: Ctx): void {
  // A server that listens keeps the figures at hand; one that is only asked in passing does not start a process for it.
  let starting: NodeJS.Timeout | undefined;
  let following: ReturnType<typeof followBooks> | undefined;
  const follow = (mart: boolean): NonNullable<typeof following> => (following ??= followBooks(ctx, { mart }));
  api.addHook("onListen", async () => void (starting = setTimeout(() => follow(true), 500).unref()));
  const streams = new Set<() => void>();
  api.addHook("preClose", async () => {
    clearTimeout(starting);
    for (const end of streams) end();
  });
  api.addHook("onClose", async () => following?.close());

  const askingOf = async (request: FastifyRequest & { params: { book: string } }): Promise<Asking> => {
    const acting = actorOf(ctx, request);
    return { ctx: { ...ctx, actor: acting.actor }, sight: request.sight, book: await loadBook(ctx.db, request.params.book), reads: request.sight.scopes === null ? undefined : acting.db };
  };

  api.get("/books/:book/metrics", {
    config: { asks: "boards.read" }, schema: { tags, summary: "指标与维度,含口径 Metrics and dimensions with their definitions", params: BookParams, response: { 200: Type.Object({ metrics: Type.Array(Type.Unknown()), dimensions: Type.Array(Type.Unknown()) }), ...errors } },
  }, async (request) => {
    await askingOf(request);
    return catalogue(request.sight);
  });

  api.post("/books/:book/query", {
    config: { asks: "boards.read" }, schema: {
      tags, summary: "查询指标 Ask for figures", description: "一个查询,或以 queries 一次问一组。金额为十进制字符串。One query, or a list of them as queries. Amounts are decimal strings.", params: BookParams,
      body: Type.Union([QueryView, Type.Object({ queries: Type.Array(QueryView, { minItems: 1, maxItems: QUERIES_MAX }) }, closed)]), response: { 200: Type.Unknown(), ...errors },
    },
  }, async (request) => {
    const asking = await askingOf(request);
    const body = request.body as Query | { readonly queries: readonly Query[] };
    if (!("queries" in body)) return ask(asking, body);
    // A figure that is refused says why in its own place; the others of the board stand.
    return { answers: await Promise.all(body.queries.map((query) => ask(asking, query).then((answer) => ({ answer }), (error: unknown) => { if (error instanceof Refusal) return { problem: renderProblem(error) }; throw error; }))) };
  });

  api.post("/books/:book/query/drill", {
    config: { asks: "boards.read" }, schema: { tags, summary: "钻取:一个数字由哪些行构成 What a figure is made of", params: BookParams, body: CellView, response: { 200: Type.Unknown(), ...errors } },
  }, async (request) => drill(await askingOf(request), request.body as CellAsked));

  const XlsxQuery = { language: Type.Optional(Type.Union([Type.Literal("zh"), Type.Literal("en")])), name: Type.Optional(Type.String({ maxLength: 60 })) };
  api.post("/books/:book/query/xlsx", {
    config: { asks: "boards.read" }, schema: { tags, summary: "查询结果为工作簿 The answer as a workbook", params: BookParams, querystring: Type.Object(XlsxQuery, closed), body: QueryView },
  }, async (request, reply) => {
    const asking = await askingOf(request);
    const { language = "zh", name = "分析" } = request.query as { language?: Language; name?: string };
    const answer = await ask(asking, request.body as Query);
    return reply.headers(xlsxHeaders(name)).send(writeXlsx(sheetOf(name, answer, noteOf(answer, asking.book)), language));
  });

  const boards = { cockpit: readCockpit, orders: readOrders, chain: readChain, margin: readMargin, receivables: (asking: Asking, asked: BoardAsked) => readParties(asking, asked, "receivables"), payables: (asking: Asking, asked: BoardAsked) => readParties(asking, asked, "payables") } as const;
  const titles = { cockpit: "管理驾驶舱 The cockpit", orders: "订单-发货-回款 Orders to cash", chain: "销售-库存-回款-利润 Sales, stock, cash, profit", margin: "毛利 Margin", receivables: "应收 Receivables", payables: "应付 Payables" } as const;
  for (const board of Object.keys(boards) as (keyof typeof boards)[]) {
    api.get(`/books/:book/boards/${board}`, {
      config: { asks: "boards.read" }, schema: { tags, summary: titles[board], params: BookParams, querystring: Type.Object(BoardQuery, closed), response: { 200: Type.Unknown(), ...errors } },
    }, async (request) => boards[board](await askingOf(request), askedOf(request.query as BoardQueryGiven)));
  }

  api.get("/books/:book/boards/orders.xlsx", {
    config: { asks: "boards.read" }, schema: { tags, summary: "订单看板为工作簿 The board of orders as a workbook", params: BookParams, querystring: Type.Object({ ...BoardQuery, ...XlsxQuery }, closed) },
  }, async (request, reply) => {
    const asking = await askingOf(request);
    const { language = "zh", name = "订单", ...rest } = request.query as BoardQueryGiven & { language?: Language; name?: string };
    const asked = askedOf(rest);
    const frame = await frameOf(asking, asked);
    const pageOf = (offset: number): Promise<Answer> => ask(asking, { ...ordersQuery(frame, asked), offset, limit: XLSX_PAGE });
    const first = await pageOf(0);
    async function* pages(): AsyncGenerator<readonly Row[]> {
      yield first.rows;
      for (let offset = XLSX_PAGE; offset < first.count; offset += XLSX_PAGE) yield (await pageOf(offset)).rows;
    }
    return reply.headers(xlsxHeaders(name)).send(writeXlsx({ name, columns: first.columns, pages: pages(), totals: () => first.totals.filter(({ keys }) => Object.keys(keys).length === 0), note: noteOf(first, asking.book) }, language));
  });

  api.get("/books/:book/live", {
    config: { asks: "boards.read" }, schema: { tags, summary: "变动的事件流(SSE) Events when something changed", description: "连接后先来 hello,其后每次变动一条 version。A hello on connecting, then a version for each change.", params: BookParams },
  }, async (request, reply) => {
    const asking = await askingOf(request);
    const { sight, book } = asking;
    const raw = reply.raw;
    reply.hijack();
    raw.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store", "x-accel-buffering": "no", "x-content-type-options": "nosniff", connection: "keep-alive" });
    const send = (event: string, data: object, id?: string): void => void raw.write(`${id === undefined ? "" : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    const tell = async (change: Change): Promise<void> => {
      // Whoever has a part of the book learns that something changed, not what.
      const last = change.receipt === undefined || sight.scopes !== null ? null : { kind: "cashReceipt", ...(await receiptShown(asking, change.receipt)) };
      send("version", { book: change.book, version: change.version, at: change.at, topics: change.topics, last }, change.version);
    };
    const unwatch = follow(false).watch(book.bookId, (change) => void tell(change).catch((error: unknown) => ctx.log.warn("an event could not be sent", { error })));
    const beat = setInterval(() => void (async () => {
      raw.write(": heartbeat\n\n");
      if (!(await mayStill(request, sight))) {
        send("closed", { reason: "access" });
        end();
      }
    })().catch(() => end()), HEARTBEAT_MS);
    const end = (): void => {
      clearInterval(beat);
      unwatch();
      streams.delete(end);
      raw.end();
    };
    streams.add(end);
    raw.on("close", end);
    raw.on("error", end);
    send("hello", { book: book.code, at: ctx.now().toISOString() });
  });

  /** Rights may have changed, or the person have signed out: whoever sees something else now begins anew. */
  async function mayStill(request: FastifyRequest<{ Params: { book: string } }>, before: Sight): Promise<boolean> {
    if (request.session === null && request.headers.authorization === undefined) return true;
    const { principal } = await whoAsks(ctx, request);
    if (principal === null) return false;
    const now = sightOf(principal, request.params.book, { duty: "boards.read" });
    return now.duties.has("boards.read") && seen(now) === seen(before);
  }
}

const seen = (sight: Sight): string => JSON.stringify([[...sight.columns].sort(), sight.scopes]);
const HEARTBEAT_MS = 15_000;
const XLSX_PAGE = 5_000;

const xlsxHeaders = (name: string): Record<string, string> => ({ "content-type": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "content-disposition": `attachment; filename*=UTF-8''${encodeURIComponent(`${name}.xlsx`)}` });
const noteOf = (answer: Answer, book: Book): string => `${book.code} ${book.name} ${answer.time === null ? "" : `${answer.time.from} – ${answer.time.to} `}${answer.currency} 截至 as of ${answer.asOf}`;

/** Refuses: insight.malformed. */
function askedOf({ filter = [], compare, side, customer = [], supplier = [], salesperson = [], buyer = [], region = [], department = [], item = [], state = [], ...rest }: BoardQueryGiven): BoardAsked {
  if ((rest.from === undefined) !== (rest.to === undefined)) refuse("insight.malformed", { detailZh: "from 与 to 须同时给出", detailEn: "from and to come together" });
  const short = Object.entries({ customer, supplier, salesperson, buyer, region, department, item, orderState: state }).flatMap(([dimension, values]) => values.filter((value) => value !== "").map((value) => `${dimension}:${value}`));
  const filters: Filter[] = [...Map.groupBy([...filter, ...short], (text) => text.slice(0, text.indexOf(":")))].map(([dimension, texts]) => ({ dimension, op: "in", values: texts.map((text) => text.slice(text.indexOf(":") + 1)) }));
  return { ...rest, filters, compare: compare as Compare[] | undefined, side: side as "sale" | "purchase" | undefined };
}
