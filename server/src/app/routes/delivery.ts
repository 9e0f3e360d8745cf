import { Type } from "@fastify/type-provider-typebox";
import { loadBook } from "../../books/index.ts";
import { flows } from "../../connectors/index.ts";
import { acceptDrift, decisions, deliveryCounts, DeliveryView, DriftView, listDeliveries, listDrifts, resolveDelivery, showDelivery } from "../../delivery/index.ts";
import type { Ctx } from "../../platform/index.ts";
import { BookParams, errors } from "../contract.ts";
import { actorOf, type Http } from "../http.ts";

const tags = ["flows"];
const NumberParams = Type.Object({ book: Type.String({ description: "账簿代码 The book's code" }), no: Type.Integer({ minimum: 1, description: "编号 The number" }) });
const Page = { after: Type.Optional(Type.Integer({ minimum: 0, description: "从此之后继续 Go on after this" })), limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000, description: "最多几条 At most so many" })) };
const Log = Type.Object({ act: Type.String(), attempt: Type.Integer(), epoch: Type.String(), startedAt: Type.String(), endedAt: Type.String(), outcome: Type.String(), problem: Type.Array(Type.Unknown()), targetId: Type.Union([Type.String(), Type.Null()]), by: Type.String(), reason: Type.String() });
const Shown = Type.Intersect([DeliveryView, Type.Object({ log: Type.Array(Log) })]);

export function deliveryRoutes(api: Http, ctx: Ctx): void {
  api.get("/books/:book/deliveries", {
    config: { asks: "deliveries.read" }, schema: {
      tags, summary: "送达 Deliveries", params: BookParams, description: "每张凭证在财务系统里的编号与状态 Number and state of each voucher in the finance system.",
      querystring: Type.Object({ ...Page, flow: Type.Optional(Type.String()), state: Type.Optional(Type.String()), order: Type.Optional(Type.Union([Type.Literal("oldest"), Type.Literal("newest")])), find: Type.Optional(Type.String({ description: "2026-03/记-12、我方编号或对方编号 A voucher, our reference, or the number there" })) }, { additionalProperties: false }),
      response: { 200: Type.Array(Type.Intersect([DeliveryView, Type.Object({ cursor: Type.String() })])), ...errors },
    },
  }, async (request) => {
    const { after, find, ...filter } = request.query;
    const rows = await listDeliveries(ctx, await loadBook(ctx.db, request.params.book), { ...filter, text: find, after: after === undefined ? undefined : BigInt(after) });
    return rows.map((row) => ({ ...row, cursor: String(row.delivery) }));
  });

  api.get("/books/:book/deliveries/counts", {
    config: { asks: "deliveries.read" }, schema: { tags, summary: "各流程的送达计数 Deliveries counted, flow by flow", params: BookParams, response: { 200: Type.Array(Type.Unknown()), ...errors } },
  }, async (request) => {
    const book = await loadBook(ctx.db, request.params.book);
    const outs = (await flows.listFlows(ctx.db, book.bookId)).filter(({ direction }) => direction === "out");
    // What is written back to the source of a flow is a flow of its own.
    const names = outs.flatMap(({ flow, definition, wanted }) => [{ flow, connector: definition.connector, wanted }, ...(hasWriteBack(definition.out) ? [{ flow: `${flow}/writeback`, connector: definition.connector, wanted }] : [])]);
    return Promise.all(names.map(async (one) => ({ ...one, counts: await deliveryCounts(ctx.db, book, one.flow) })));
  });

  api.get("/books/:book/deliveries/:no", { config: { asks: "deliveries.read" }, schema: { tags, summary: "一次送达与全部尝试 One delivery with all its attempts", params: NumberParams, response: { 200: Shown, ...errors } } },
    async (request) => showDelivery(ctx, await loadBook(ctx.db, request.params.book), BigInt(request.params.no)));

  api.post("/books/:book/deliveries/:no/resolve", {
    config: { asks: "deliveries.decide" }, schema: {
      tags, summary: "由人说明一次送达 What a person says of a delivery", params: NumberParams, description: "sent 对方已有;notSent 对方没有,再送;ignored 不再送 sent: it stands there; notSent: send it; ignored: never send it.",
      body: Type.Object({ as: Type.Union(decisions.map((one) => Type.Literal(one))), reason: Type.String(), number: Type.Optional(Type.String({ description: "对方的凭证号 The number there" })) }, { additionalProperties: false }), response: { 200: Shown, ...errors },
    },
  }, async (request) => {
    const book = await loadBook(ctx.db, request.params.book);
    const { as, reason, number } = request.body;
    await resolveDelivery(actorOf(ctx, request), book, BigInt(request.params.no), as, reason, number);
    return showDelivery(ctx, book, BigInt(request.params.no));
  });

  api.get("/books/:book/drifts", {
    config: { asks: "deliveries.read" }, schema: {
      tags, summary: "漂移 What changed in the target after delivery", params: BookParams,
      querystring: Type.Object({ ...Page, flow: Type.Optional(Type.String()), open: Type.Optional(Type.Boolean({ description: "只看未处理的 Only those not closed" })) }, { additionalProperties: false }), response: { 200: Type.Array(DriftView), ...errors },
    },
  }, async (request) => {
    const { after, open, ...filter } = request.query;
    return listDrifts(ctx, await loadBook(ctx.db, request.params.book), { ...filter, after: after === undefined ? undefined : BigInt(after), ...(open === undefined ? {} : { isOpen: open }) });
  });

  api.post("/books/:book/drifts/:no/accept", {
    config: { asks: "deliveries.decide" }, schema: { tags, summary: "接受一处漂移 Accept a drift", params: NumberParams, body: Type.Object({ reason: Type.String() }, { additionalProperties: false }), response: { 200: Type.Object({ accepted: Type.Boolean() }), ...errors } },
  }, async (request) => {
    await acceptDrift(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), BigInt(request.params.no), request.body.reason);
    return { accepted: true };
  });
}

const hasWriteBack = (out: unknown): boolean => out !== null && typeof out === "object" && (out as { writeBack?: unknown }).writeBack !== undefined;
