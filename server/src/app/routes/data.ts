/**
 * 数据服务: our own data for other systems, read only. Every call carries a key, which says what it may read and how often; every call
 * has its line in the log, whatever became of it. Pages go by the cursor of their last row: `after`.
 */
import { Type } from "@fastify/type-provider-typebox";
import type { FastifyReply, FastifyRequest } from "fastify";
import { admit, type Column, maskBody, noteCall, type Scope, shownPart, withoutKeys } from "../../access/index.ts";
import { type Book, loadBook } from "../../books/index.ts";
import { listDeliveries } from "../../delivery/index.ts";
import { keyOf } from "../../documents/index.ts";
import { type Ctx, elapsedMs, Refusal } from "../../platform/index.ts";
import { exponentOf, formatDecimal, formatTrimmed, QUANTITY_SCALE } from "../../values/index.ts";
import { readBalances, readOpenItems, readVouchers } from "../../vouchers/index.ts";
import { AtQuery, BalanceView, BookParams, Decimal, DimensionQuery, dimensionsOf, errors, OpenItemView, PeriodQuery, VoucherView } from "../contract.ts";
import { findChains, findDocumentsWhole } from "../data.store.ts";
import type { Http } from "../http.ts";

const PageQuery = { after: Type.Optional(Type.String({ pattern: "^v?\\d{1,18}$", description: "上一页最后一行的 cursor The cursor of the last row of the page before" })), limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000, default: 200 })) };
const page = <Row extends Parameters<typeof Type.Object>[0]>(row: Row) => Type.Array(Type.Object({ ...row, cursor: Type.String() }));
const headers = Type.Object({ authorization: Type.Optional(Type.String({ description: "Bearer tk_…" })) });

const DocumentWhole = { document: Type.String(), kind: Type.String(), version: Type.Integer(), date: Type.String(), period: Type.String(), party: Type.String(), state: Type.String(), receivedAt: Type.String(), changedAt: Type.String(), content: Type.Unknown(), hidden: Type.Array(Type.String(), { description: "此密钥看不到的内容的位置(cost:read、bank:read、salary:read)Where content stands that this key does not see" }) };
const Chain = {
  order: Type.String(), date: Type.String(), party: Type.String(), currency: Type.String(), ordered: Decimal("数量 quantity"), delivered: Decimal("数量 quantity"), returned: Decimal("数量 quantity"), invoiced: Decimal("数量 quantity"),
  invoicedAmount: Decimal("含税 gross"), settledAmount: Decimal("已收付 collected or paid"), openAmount: Decimal("未收付 open"), goods: Type.Array(Type.String()), invoices: Type.Array(Type.String()),
};

/** Columns are hidden from a key that does not name them. */
function maskedContent(row: { readonly kind: string; readonly body: string }, columns: ReadonlySet<Column>): { readonly content: unknown; readonly hidden: readonly string[] } {
  const { body, hidden } = maskBody(row.kind, JSON.parse(row.body) as unknown, columns);
  return { content: body, hidden };
}

/** What a call is known by until its line is written. */
type Called = { readonly startedMs: number; key: string | null; code: string | null; rows: number | null };
const called = new WeakMap<FastifyRequest, Called>();

export function dataRoutes(api: Http, ctx: Ctx): void {
  api.addHook("onRequest", async (request) => void called.set(request, { startedMs: elapsedMs(), key: shownPart(request.headers.authorization), code: null, rows: null }));
  api.addHook("onError", async (request, _reply, error) => {
    const one = called.get(request);
    if (one) one.code = error instanceof Refusal ? error.code : "validation" in error && error.validation ? "http.parameter" : "fault";
  });
  api.addHook("onResponse", async (request, reply) => {
    const { startedMs, key, code, rows } = called.get(request) ?? { startedMs: elapsedMs(), key: null, code: null, rows: null };
    const [path = "", query = ""] = request.url.split("?");
    await noteCall(ctx.db, { key, at: ctx.now().toISOString(), method: request.method, path: withoutKeys(path).slice(0, 300), query: withoutKeys(query).slice(0, 500), address: request.ip, status: reply.statusCode, rows, ms: Math.trunc(elapsedMs() - startedMs), code })
      .catch((error: unknown) => ctx.log.error("a call of the data service could not be logged", { error }));
  });

  /** Lets the call in and hands on its book. Refuses: key.*. */
  const enter = async (request: { params: { book: string } } & FastifyRequest, reply: FastifyReply, scope: Scope): Promise<Book> => (await enterWith(request, reply, scope)).book;
  const enterWith = async (request: { params: { book: string } } & FastifyRequest, reply: FastifyReply, scope: Scope): Promise<{ readonly book: Book; readonly columns: ReadonlySet<Column> }> => {
    const { key, left, columns } = await admit(ctx, request.headers.authorization, request.params.book, scope);
    reply.headers({ "ratelimit-limit": String(key.perMinute), "ratelimit-remaining": String(left), "ratelimit-reset": String(Math.ceil(((key.perMinute - left) * 60) / key.perMinute)) });
    return { book: await loadBook(ctx.db, request.params.book), columns };
  };
  const counted = <Row>(request: FastifyRequest, rows: Row[]): Row[] => {
    const one = called.get(request);
    if (one) one.rows = rows.length;
    return rows;
  };
  const tags = ["data"];
  const route = (summary: string) => ({ tags, summary, params: BookParams, headers });

  api.get("/books/:book/documents", {
    config: { asks: "anyone" }, schema: { ...route("单据及其内容 Documents with their content"), querystring: Type.Object({ kind: Type.Optional(Type.String({ maxLength: 60 })), updatedAfter: Type.Optional(Type.String({ format: "date-time", description: "此刻及以后到达或变化的 That came or changed at or after this moment" })), ...PageQuery }, { additionalProperties: false }), response: { 200: page(DocumentWhole), ...errors } },
  }, async (request, reply) => {
    const { book, columns } = await enterWith(request, reply, "documents:read");
    const { kind, updatedAfter, after, limit = 200 } = request.query;
    const rows = await findDocumentsWhole(ctx.db, book.bookId, { kind: kind ?? null, since: updatedAfter ?? null, after: BigInt(after?.replace("v", "") ?? 0), limit });
    return counted(request, rows.map((row) => ({ document: keyOf(row.source, row.kind, row.sourceId), kind: row.kind, version: Number(row.version), date: row.date, period: row.period, party: row.party, state: row.state, receivedAt: row.receivedAt, changedAt: row.stateAt, ...maskedContent(row, columns), cursor: String(row.documentId) })));
  });

  api.get("/books/:book/vouchers", {
    config: { asks: "anyone" }, schema: { ...route("凭证、分录与来源 Vouchers with lines and sources"), querystring: Type.Object({ ...PeriodQuery, account: Type.Optional(Type.String({ maxLength: 60 })), ...PageQuery }, { additionalProperties: false }), response: { 200: Type.Array(Type.Intersect([VoucherView, Type.Object({ cursor: Type.String() })])), ...errors } },
  }, async (request, reply) => counted(request, (await readVouchers(ctx, await enter(request, reply, "vouchers:read"), { limit: 200, ...request.query })).map((voucher) => ({ ...voucher, cursor: voucher.id }))));

  api.get("/books/:book/balances", {
    config: { asks: "anyone" }, schema: { ...route("科目余额 Balances"), querystring: Type.Object({ ...PeriodQuery, account: Type.Optional(Type.String({ maxLength: 60 })), by: Type.Optional(Type.Union([Type.Literal("dimension"), Type.Literal("account"), Type.Literal("tree")])), ...DimensionQuery }, { additionalProperties: false }), response: { 200: Type.Array(BalanceView), ...errors } },
  }, async (request, reply) => {
    const { dimension, ...filter } = request.query;
    return counted(request, await readBalances(ctx, await enter(request, reply, "balances:read"), { ...filter, dimensions: dimensionsOf(dimension) }));
  });

  api.get("/books/:book/open-items", {
    config: { asks: "anyone" }, schema: { ...route("往来未清项 Open items"), querystring: Type.Object({ side: Type.Optional(Type.Union([Type.Literal("receivable"), Type.Literal("payable")])), party: Type.Optional(Type.String({ maxLength: 100 })), ...AtQuery }, { additionalProperties: false }), response: { 200: Type.Array(OpenItemView), ...errors } },
  }, async (request, reply) => counted(request, await readOpenItems(ctx, await enter(request, reply, "openItems:read"), request.query)));

  api.get("/books/:book/chains", {
    config: { asks: "anyone" }, schema: { ...route("订单—出入库—发票—收付 From orders over goods and invoices to money"), querystring: Type.Object({ kind: Type.Union([Type.Literal("salesOrder"), Type.Literal("purchaseOrder")]), party: Type.Optional(Type.String({ maxLength: 100 })), ...PageQuery }, { additionalProperties: false }), response: { 200: page(Chain), ...errors } },
  }, async (request, reply) => {
    const book = await enter(request, reply, "chains:read");
    const { kind, party, after, limit = 200 } = request.query;
    const rows = await findChains(ctx.db, book.bookId, { kind, party: party ?? null, after: BigInt(after?.replace("v", "") ?? 0), limit });
    const quantity = (millionths: bigint): string => formatTrimmed(millionths, QUANTITY_SCALE);
    return counted(request, rows.map((row) => {
      const currency = row.currency ?? book.currency;
      const money = (minor: bigint): string => formatDecimal(minor, exponentOf(currency));
      return {
        order: keyOf(row.source, row.kind, row.sourceId), date: row.date, party: row.party, currency, ordered: row.ordered, delivered: quantity(row.delivered), returned: quantity(row.returned), invoiced: quantity(row.invoiced),
        invoicedAmount: money(row.invoicedAmount), settledAmount: money(row.settledAmount), openAmount: money(row.invoicedAmount - row.settledAmount), goods: row.goods ?? [], invoices: row.invoices ?? [], cursor: String(row.documentId),
      };
    }));
  });

  api.get("/books/:book/deliveries", {
    config: { asks: "anyone" }, schema: { ...route("凭证在目标系统的状态与编号 Vouchers in other systems: state and number there"), querystring: Type.Object({ flow: Type.Optional(Type.String({ maxLength: 60 })), ...PageQuery }, { additionalProperties: false }), response: { 200: Type.Array(Type.Object({ voucher: Type.Union([Type.String(), Type.Null()]), flow: Type.String(), state: Type.String(), reference: Type.String(), targetId: Type.Union([Type.String(), Type.Null()]), targetNumber: Type.Union([Type.String(), Type.Null()]), targetState: Type.Union([Type.String(), Type.Null()]), changedAt: Type.String(), cursor: Type.String() })), ...errors } },
  }, async (request, reply) => {
    const book = await enter(request, reply, "deliveries:read");
    const { flow, after, limit = 200 } = request.query;
    const rows = await listDeliveries(ctx, book, { flow, limit, ...(after === undefined ? {} : { after: BigInt(after.replace("v", "")) }) });
    return counted(request, rows.map((row) => ({ voucher: row.voucher, flow: row.flow, state: row.state, reference: row.reference, targetId: row.targetId, targetNumber: row.targetNumber, targetState: row.targetState, changedAt: row.stateAt, cursor: String(row.delivery) })));
  });
}
