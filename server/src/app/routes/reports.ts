/** The books and statements: balances, ledgers, open items, estimates, stock, statements, and each of them as a sheet. */
import { Type } from "@fastify/type-provider-typebox";
import { loadBook } from "../../books/index.ts";
import type { Ctx } from "../../platform/index.ts";
import {
  ageingBuckets, checkStock, clearOpenItems, dimensionsInUse, readBalances, readBalancesBy, readClearings, readEstimates, readLedger, readLedgerLines, readLedgerPage, readOpenItems, readOpenParties, readPartyItems, readStatement, readStatementRow, readStock, readStockMoves, sumBalancesBy,
} from "../../vouchers/index.ts";
import { exportNames, writeReport } from "../book-export.ts";
import { AtQuery, BalanceView, BookParams, DimensionQuery, dimensionsOf, errors, EstimateView, LedgerLineView, LedgerPeriodView, OpenItemView, PageQuery, PeriodQuery, ResultView, StatementView, StockMoveView, StockView } from "../contract.ts";
import { actorOf, type Http } from "../http.ts";

const tags = ["vouchers"];
const Text = Type.String();
const texts = <K extends string>(...names: K[]) => Object.fromEntries(names.map((name) => [name, Text])) as { [P in K]: typeof Text };
const closed = { additionalProperties: false } as const;
const AccountParams = Type.Object({ book: Text, account: Text });
const PartyKindQuery = Type.Union([Type.Literal("customer"), Type.Literal("supplier"), Type.Literal("employee")]);
const sums = texts("openingDebit", "openingCredit", "debit", "credit", "closingDebit", "closingCredit");
const StatementParams = Type.Object({ book: Text, kind: Type.String({ examples: ["balance-sheet"] }) });
const Ticked = Type.Object({ link: Text, amount: Type.Optional(Text) }, closed);

export function reportRoutes(api: Http, ctx: Ctx): void {
  const bookOf = (request: { params: { book: string } }): ReturnType<typeof loadBook> => loadBook(ctx.db, request.params.book);

  api.get("/books/:book/balances", {
    config: { asks: "books.read" }, schema: {
      tags, summary: "科目余额表 Trial balance", params: BookParams,
      querystring: Type.Object({ ...PeriodQuery, account: Type.Optional(Text), by: Type.Optional(Type.Union([Type.Literal("dimension"), Type.Literal("account"), Type.Literal("tree")])), currency: Type.Optional(Text), ...DimensionQuery }, closed),
      response: { 200: Type.Array(BalanceView), ...errors },
    },
  }, async (request) => {
    const { dimension, ...filter } = request.query;
    return readBalances(actorOf(ctx, request), await bookOf(request), { ...filter, dimensions: dimensionsOf(dimension) });
  });

  api.get("/books/:book/dimensions", { config: { asks: "books.read" }, schema: { tags, summary: "在用的辅助核算 Dimensions in use", params: BookParams, response: { 200: Type.Array(Text), ...errors } } },
    async (request) => dimensionsInUse(actorOf(ctx, request), await bookOf(request)));

  const ByParams = Type.Object({ book: Text, dimension: Type.String({ pattern: "^[A-Za-z0-9]{1,40}$", examples: ["counterparty"] }) });
  api.get("/books/:book/balances/by/:dimension", {
    config: { asks: "books.read" }, schema: {
      tags, summary: "辅助核算余额表 Balances by the values of a dimension", params: ByParams,
      querystring: Type.Object({ ...PeriodQuery, account: Type.Optional(Text), perAccount: Type.Optional(Type.Boolean()), value: Type.Optional(Text), text: Type.Optional(Type.String({ maxLength: 60 })), ...PageQuery }, closed),
      response: { 200: Type.Array(Type.Object({ ...texts("value", "name", "account"), ...sums, cursor: Text })), ...errors },
    },
  }, async (request) => readBalancesBy(actorOf(ctx, request), await bookOf(request), { dimension: request.params.dimension, ...request.query }));

  api.get("/books/:book/balances/by/:dimension/total", {
    config: { asks: "books.read" }, schema: { tags, summary: "辅助核算余额合计 Total of a dimension", params: ByParams, querystring: Type.Object({ ...PeriodQuery, account: Type.Optional(Text) }, closed), response: { 200: Type.Object({ values: Type.Integer(), ...sums }), ...errors } },
  }, async (request) => sumBalancesBy(actorOf(ctx, request), await bookOf(request), { dimension: request.params.dimension, ...request.query }));

  api.get("/books/:book/ledger/:account", {
    config: { asks: "books.read" }, schema: { tags, summary: "总账 Ledger of an account by period", params: AccountParams, querystring: Type.Object({ ...PeriodQuery, ...DimensionQuery }, closed), response: { 200: Type.Array(LedgerPeriodView), ...errors } },
  }, async (request) => {
    const { dimension, ...range } = request.query;
    return readLedger(actorOf(ctx, request), await bookOf(request), { account: request.params.account, ...range, dimensions: dimensionsOf(dimension) });
  });

  api.get("/books/:book/ledger/:account/lines", {
    config: { asks: "books.read" }, schema: { tags, summary: "明细账 Ledger of an account line by line", params: AccountParams, querystring: Type.Object({ ...PeriodQuery, ...DimensionQuery }, closed), response: { 200: Type.Array(LedgerLineView), ...errors } },
  }, async (request) => {
    const { dimension, ...range } = request.query;
    return readLedgerLines(actorOf(ctx, request), await bookOf(request), { account: request.params.account, ...range, dimensions: dimensionsOf(dimension) });
  });

  api.get("/books/:book/ledger/:account/page", {
    config: { asks: "books.read" }, schema: {
      tags, summary: "明细账,分页 Ledger of an account, a page at a time", params: AccountParams, description: "期初、分录、本月合计、本年累计依次排列 Opening, lines, totals of month and year in their order.",
      querystring: Type.Object({ ...PeriodQuery, ...DimensionQuery, after: PageQuery.after, limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 2_000 })) }, closed),
      response: { 200: Type.Object({ entries: Type.Array(Type.Unknown()), cursor: Type.Union([Text, Type.Null()]), from: Text, to: Text }), ...errors },
    },
  }, async (request) => {
    const { dimension, after, limit, ...range } = request.query;
    return readLedgerPage(actorOf(ctx, request), await bookOf(request), { account: request.params.account, ...range, dimensions: dimensionsOf(dimension) }, { after, limit });
  });

  api.get("/books/:book/statements/:kind", {
    config: { asks: "books.read" }, schema: { tags, summary: "报表 balance-sheet, income, cash-flow", params: StatementParams, querystring: Type.Object(PeriodQuery, closed), response: { 200: StatementView, ...errors } },
  }, async (request) => readStatement(actorOf(ctx, request), await bookOf(request), request.params.kind, request.query));

  const part = { zh: Text, en: Text };
  api.get("/books/:book/statements/:kind/rows/:row", {
    config: { asks: "books.read" }, schema: {
      tags, summary: "报表项目的构成 What a row of a statement is made of", params: Type.Object({ book: Text, kind: Text, row: Text }), querystring: Type.Object(PeriodQuery, closed),
      response: {
        200: Type.Object({
          ...texts("statement", "row", "zh", "en", "from", "to"), amount: Type.Union([Text, Type.Null()]), comparative: Type.Union([Text, Type.Null()]),
          rows: Type.Array(Type.Object({ id: Text, ...part, sign: Text, amount: Type.Union([Text, Type.Null()]), comparative: Type.Union([Text, Type.Null()]) })),
          accounts: Type.Array(Type.Object({ account: Text, ...part, amount: Text, comparative: Text, balance: Type.Union([Text, Type.Null()]) })),
        }), ...errors,
      },
    },
  }, async (request) => readStatementRow(actorOf(ctx, request), await bookOf(request), request.params.kind, request.params.row, request.query));

  api.get("/books/:book/open-items", {
    config: { asks: "boards.read" }, schema: {
      tags, summary: "往来未清项与账龄 Open items with their age", params: BookParams,
      querystring: Type.Object({ side: Type.Optional(Type.Union([Type.Literal("receivable"), Type.Literal("payable")])), party: Type.Optional(Text), account: Type.Optional(Text), ...AtQuery }, closed), response: { 200: Type.Array(OpenItemView), ...errors },
    },
  }, async (request) => readOpenItems(actorOf(ctx, request), await bookOf(request), request.query));

  api.get("/books/:book/open-items/parties", {
    config: { asks: "boards.read" }, schema: {
      tags, summary: "往来单位账龄 Open items by party", params: BookParams, querystring: Type.Object({ kind: PartyKindQuery, ...AtQuery }, closed),
      response: { 200: Type.Array(Type.Object({ ...texts("party", "name", "kind", "owner", "ownerName"), buckets: Type.Object(Object.fromEntries(ageingBuckets.map(({ id }) => [id, Text]))), ...texts("total", "overdue", "against", "net"), items: Type.Integer(), oldest: Text })), ...errors },
    },
  }, async (request) => readOpenParties(actorOf(ctx, request), await bookOf(request), request.query));

  api.get("/books/:book/open-items/of-party", {
    config: { asks: "boards.read" }, schema: {
      tags, summary: "一个往来单位的未清项 Open items of one party", params: BookParams, querystring: Type.Object({ kind: PartyKindQuery, party: Text, ...AtQuery }, closed),
      response: {
        200: Type.Array(Type.Object({
          ...texts("document", "link", "kind", "number", "original", "account", "side"), isAgainst: Type.Boolean(), clears: Type.Boolean(), isClearable: Type.Boolean(), ...texts("date", "dueOn", "currency", "amount", "cleared", "open", "openBase"), ageDays: Type.Integer(), ...texts("bucket", "owner", "ownerName"),
        })), ...errors,
      },
    },
  }, async (request) => readPartyItems(actorOf(ctx, request), await bookOf(request), request.query));

  api.get("/books/:book/open-items/clearings", {
    config: { asks: "boards.read" }, schema: { tags, summary: "核销记录 What cleared a document", params: BookParams, querystring: Type.Object({ of: Text, currency: Type.Optional(Text) }, closed), response: { 200: Type.Array(Type.Object(texts("document", "kind", "date", "amount", "recordedAt"))), ...errors } },
  }, async (request) => readClearings(actorOf(ctx, request), await bookOf(request), request.query.of, request.query.currency));

  api.post("/books/:book/open-items/clear", {
    config: { asks: "documents.post" }, schema: {
      tags, summary: "核销 Clear open items with money", params: BookParams, description: "生成并过账一张核销单 A settlement document is made and posted.",
      body: Type.Object({ party: Text, kind: Type.Union([Type.Literal("customer"), Type.Literal("supplier")]), date: Type.String({ pattern: "^\\d{4}-\\d{2}-\\d{2}$" }), from: Type.Array(Ticked, { minItems: 1, maxItems: 200 }), to: Type.Array(Ticked, { minItems: 1, maxItems: 200 }) }, closed),
      response: { 200: ResultView, ...errors },
    },
  }, async (request) => clearOpenItems(actorOf(ctx, request), await bookOf(request), request.body));

  api.get("/books/:book/estimates", { config: { asks: "books.read" }, schema: { tags, summary: "暂估台账 Open estimates", params: BookParams, querystring: Type.Object({ party: Type.Optional(Text), ...AtQuery }, closed), response: { 200: Type.Array(EstimateView), ...errors } } },
    async (request) => readEstimates(actorOf(ctx, request), await bookOf(request), request.query));

  api.get("/books/:book/stock", { config: { asks: "books.read" }, schema: { tags, summary: "库存 Stock by item and warehouse", params: BookParams, querystring: Type.Object({ item: Type.Optional(Text), warehouse: Type.Optional(Text), ...AtQuery }, closed), response: { 200: Type.Array(StockView), ...errors } } },
    async (request) => {
      const rows = await readStock(actorOf(ctx, request), await bookOf(request), request.query);
      return request.sight.columns.has("cost") ? rows : rows.map((row) => ({ ...row, amount: "", unitCost: "" }));
    });

  api.get("/books/:book/stock-check", {
    config: { asks: "books.read" }, schema: {
      tags, summary: "存货账与总账核对 Stock ledger against the stock accounts", params: BookParams,
      response: { 200: Type.Object({ accounts: Type.Array(Text), ...texts("stock", "books", "difference"), items: Type.Array(Type.Object(texts("item", "itemName", "stock", "books", "difference"))) }), ...errors },
    },
  }, async (request) => {
    const check = await checkStock(actorOf(ctx, request), await bookOf(request));
    return request.sight.columns.has("cost") ? check : { ...check, stock: "", books: "", items: check.items.map((one) => ({ ...one, stock: "", books: "", difference: "" })) };
  });

  api.get("/books/:book/stock/:item", { config: { asks: "books.read" }, schema: { tags, summary: "存货明细账 Stock ledger of an item", params: Type.Object({ book: Text, item: Text }), querystring: Type.Object({ warehouse: Type.Optional(Text) }, closed), response: { 200: Type.Array(StockMoveView), ...errors } } },
    async (request) => {
      const rows = await readStockMoves(actorOf(ctx, request), await bookOf(request), { item: request.params.item, warehouse: request.query.warehouse });
      return request.sight.columns.has("cost") ? rows : rows.map((row) => ({ ...row, amount: "", balanceAmount: "" }));
    });

  api.get("/books/:book/export/:report", {
    config: { asks: "books.read" }, schema: {
      tags, summary: "导出为 xlsx Export as xlsx", params: Type.Object({ book: Text, report: Type.Union(exportNames.map((name) => Type.Literal(name))) }), produces: ["application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"],
      querystring: Type.Object({
        ...PeriodQuery, ...AtQuery, ...DimensionQuery, account: Type.Optional(Text), by: Type.Optional(Text), kind: Type.Optional(PartyKindQuery), statement: Type.Optional(Text), item: Type.Optional(Text), perAccount: Type.Optional(Type.Boolean()), language: Type.Optional(Type.Union([Type.Literal("zh"), Type.Literal("en")])),
      }, closed),
    },
  }, async (request, reply) => {
    const { dimension, ...rest } = request.query;
    const sheet = await writeReport(actorOf(ctx, request), await bookOf(request), request.params.report, { ...rest, dimensions: dimensionsOf(dimension) }, { seesCost: request.sight.columns.has("cost") });
    return reply.type("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet").header("content-disposition", `attachment; filename*=UTF-8''${encodeURIComponent(sheet.file)}`).send(sheet.stream);
  });
}
