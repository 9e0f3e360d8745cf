import { Readable } from "node:stream";
import { Type } from "@fastify/type-provider-typebox";
import { loadBook } from "../../books/index.ts";
import type { Ctx } from "../../platform/index.ts";
import {
  correctVoucher, explainVoucher, listDrafts, readBalances, readEstimates, readLedger, readLedgerLines, readOpenItems, readStatement, readStock, readStockMoves, readVouchers, reverseVoucher, reviewDraft, streamVouchers,
} from "../../vouchers/index.ts";
import { AtQuery, BalanceView, BookParams, DimensionQuery, dimensionsOf, DraftView, errors, EstimateView, LedgerLineView, LedgerPeriodView, OpenItemView, PageQuery, PeriodQuery, ResultView, StatementView, StockMoveView, StockView, VoucherView } from "../contract.ts";
import { actorOf, type Http } from "../http.ts";

const tags = ["vouchers"];
const Correction = { date: Type.String({ description: "新凭证的日期 The date of the new voucher" }), reason: Type.String() };

export function reportRoutes(api: Http, ctx: Ctx): void {
  const bookOf = (request: { params: { book: string } }): ReturnType<typeof loadBook> => loadBook(ctx.db, request.params.book);

  api.get("/books/:book/vouchers", {
    config: { asks: "vouchers.read" }, schema: {
      tags, summary: "凭证 Vouchers", params: BookParams, description: "Accept: application/x-ndjson 逐行输出全部,不分页 answers all of them, one a line.",
      querystring: Type.Object({
        ...PeriodQuery, number: Type.Optional(Type.String({ examples: ["记-7"] })), series: Type.Optional(Type.String()), document: Type.Optional(Type.String({ description: "[source:]kind/sourceId" })), account: Type.Optional(Type.String()),
        rule: Type.Optional(Type.String()), text: Type.Optional(Type.String()), block: Type.Optional(Type.Integer()), ...PageQuery,
      }, { additionalProperties: false }),
      response: { 200: Type.Array(VoucherView), ...errors },
    },
  }, async (request, reply) => {
    const book = await bookOf(request);
    if (!(request.headers.accept ?? "").includes("application/x-ndjson")) return readVouchers(ctx, book, { limit: 1_000, ...request.query });
    return reply.type("application/x-ndjson; charset=utf-8").serializer((text: string) => text).send(Readable.from(linesOf(streamVouchers(ctx, book, request.query))));
  });

  api.get("/books/:book/balances", {
    config: { asks: "books.read" }, schema: {
      tags, summary: "科目余额表 Trial balance", params: BookParams,
      querystring: Type.Object({ ...PeriodQuery, account: Type.Optional(Type.String()), by: Type.Optional(Type.Union([Type.Literal("dimension"), Type.Literal("account"), Type.Literal("tree")])), currency: Type.Optional(Type.String()), ...DimensionQuery }, { additionalProperties: false }),
      response: { 200: Type.Array(BalanceView), ...errors },
    },
  }, async (request) => {
    const { dimension, ...filter } = request.query;
    return readBalances(ctx, await bookOf(request), { ...filter, dimensions: dimensionsOf(dimension) });
  });

  api.get("/books/:book/ledger/:account", {
    config: { asks: "books.read" }, schema: { tags, summary: "总账 Ledger of an account by period", params: Type.Object({ book: Type.String(), account: Type.String() }), querystring: Type.Object({ ...PeriodQuery, ...DimensionQuery }, { additionalProperties: false }), response: { 200: Type.Array(LedgerPeriodView), ...errors } },
  }, async (request) => {
    const { dimension, ...range } = request.query;
    return readLedger(ctx, await bookOf(request), { account: request.params.account, ...range, dimensions: dimensionsOf(dimension) });
  });

  api.get("/books/:book/ledger/:account/lines", {
    config: { asks: "books.read" }, schema: { tags, summary: "明细账 Ledger of an account line by line", params: Type.Object({ book: Type.String(), account: Type.String() }), querystring: Type.Object({ ...PeriodQuery, ...DimensionQuery }, { additionalProperties: false }), response: { 200: Type.Array(LedgerLineView), ...errors } },
  }, async (request) => {
    const { dimension, ...range } = request.query;
    return readLedgerLines(ctx, await bookOf(request), { account: request.params.account, ...range, dimensions: dimensionsOf(dimension) });
  });

  api.get("/books/:book/statements/:kind", {
    config: { asks: "books.read" }, schema: { tags, summary: "报表 balance-sheet, income, cash-flow", params: Type.Object({ book: Type.String(), kind: Type.String({ examples: ["balance-sheet"] }) }), querystring: Type.Object(PeriodQuery, { additionalProperties: false }), response: { 200: StatementView, ...errors } },
  }, async (request) => readStatement(ctx, await bookOf(request), request.params.kind, request.query));

  api.get("/books/:book/open-items", {
    config: { asks: "boards.read" }, schema: {
      tags, summary: "往来未清项与账龄 Open items with their age", params: BookParams,
      querystring: Type.Object({ side: Type.Optional(Type.Union([Type.Literal("receivable"), Type.Literal("payable")])), party: Type.Optional(Type.String()), account: Type.Optional(Type.String()), ...AtQuery }, { additionalProperties: false }), response: { 200: Type.Array(OpenItemView), ...errors },
    },
  }, async (request) => readOpenItems(ctx, await bookOf(request), request.query));

  api.get("/books/:book/estimates", { config: { asks: "books.read" }, schema: { tags, summary: "暂估台账 Open estimates", params: BookParams, querystring: Type.Object({ party: Type.Optional(Type.String()), ...AtQuery }, { additionalProperties: false }), response: { 200: Type.Array(EstimateView), ...errors } } },
    async (request) => readEstimates(ctx, await bookOf(request), request.query));

  api.get("/books/:book/stock", { config: { asks: "books.read" }, schema: { tags, summary: "库存 Stock by item and warehouse", params: BookParams, querystring: Type.Object({ item: Type.Optional(Type.String()), warehouse: Type.Optional(Type.String()), ...AtQuery }, { additionalProperties: false }), response: { 200: Type.Array(StockView), ...errors } } },
    async (request) => readStock(ctx, await bookOf(request), request.query));

  api.get("/books/:book/stock/:item", { config: { asks: "books.read" }, schema: { tags, summary: "存货明细账 Stock ledger of an item", params: Type.Object({ book: Type.String(), item: Type.String() }), querystring: Type.Object({ warehouse: Type.Optional(Type.String()) }, { additionalProperties: false }), response: { 200: Type.Array(StockMoveView), ...errors } } },
    async (request) => readStockMoves(ctx, await bookOf(request), { item: request.params.item, warehouse: request.query.warehouse }));

  api.get("/books/:book/drafts", { config: { asks: "vouchers.read" }, schema: { tags, summary: "待审核凭证 Vouchers that wait for review", params: BookParams, response: { 200: Type.Array(DraftView), ...errors } } }, (request) => listDrafts(ctx, request.params.book));

  api.post("/books/:book/drafts/:draft/review", { config: { asks: "vouchers.review" }, schema: { tags, summary: "审核并记账 Review and post", params: Type.Object({ book: Type.String(), draft: Type.String() }), response: { 200: Type.Object({ number: Type.String(), period: Type.String() }), ...errors } } },
    (request) => reviewDraft(actorOf(ctx, request), request.params.book, request.params.draft));

  const VoucherParams = Type.Object({ book: Type.String(), period: Type.String(), number: Type.String({ examples: ["记-7"] }) });
  api.post("/books/:book/vouchers/:period/:number/reverse", { config: { asks: "vouchers.reverse" }, schema: { tags, summary: "红冲 Reverse in red", params: VoucherParams, body: Type.Object(Correction, { additionalProperties: false }), response: { 200: ResultView, ...errors } } },
    (request) => reverseVoucher(actorOf(ctx, request), request.params.book, `${request.params.period}/${request.params.number}`, request.body.date, request.body.reason));

  api.post("/books/:book/vouchers/:period/:number/correct", { config: { asks: "vouchers.reverse" }, schema: { tags, summary: "更正 Correct", params: VoucherParams, body: Type.Object({ ...Correction, lines: Type.Array(Type.Object({}, { additionalProperties: true })) }, { additionalProperties: false }), response: { 200: Type.Array(ResultView), ...errors } } },
    (request) => correctVoucher(actorOf(ctx, request), request.params.book, `${request.params.period}/${request.params.number}`, request.body.date, request.body.lines, request.body.reason));

  api.get("/books/:book/vouchers/:period/:number/why", { config: { asks: "vouchers.read" }, schema: { tags, summary: "为什么 Why each line is as it is", params: VoucherParams, response: { 200: Type.Array(Type.Unknown()), ...errors } } },
    ({ params }) => explainVoucher(ctx, params.book, `${params.period}/${params.number}`));
}

async function* linesOf(rows: AsyncIterable<unknown>): AsyncGenerator<string, void, undefined> {
  for await (const row of rows) yield `${JSON.stringify(row)}\n`;
}
