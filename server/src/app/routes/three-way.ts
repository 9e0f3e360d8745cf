import { Type } from "@fastify/type-provider-typebox";
import { loadBook } from "../../books/index.ts";
import type { Ctx } from "../../platform/index.ts";
import { matchInvoices } from "../../reconciliation/index.ts";
import { BookParams, errors } from "../contract.ts";
import { actorOf, type Http } from "../http.ts";

const Text = Type.Union([Type.String(), Type.Null()]);
const State = Type.String({ description: "matched, priceVariance, quantityVariance, invoiceFirst, duplicateInvoice, noOrder" });

export function threeWayRoutes(api: Http, ctx: Ctx): void {
  api.get("/books/:book/three-way", {
    config: { asks: "bank.read" },
    schema: {
      tags: ["reconciliation"], summary: "三单匹配 Order, receipt and invoice compared", params: BookParams,
      querystring: Type.Object({ open: Type.Optional(Type.Boolean({ description: "只看未付清的 Only those still to be paid" })), party: Type.Optional(Type.String({ maxLength: 100 })), of: Type.Optional(Type.String({ maxLength: 200, description: "一张发票 One invoice: [source:]supplierInvoice/id" })), after: Type.Optional(Type.String({ pattern: "^\\d{1,18}$" })), limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })) }, { additionalProperties: false }),
      response: {
        200: Type.Array(Type.Object({
          document: Type.String(), supplier: Type.String(), date: Type.String(), dueDate: Type.String(), invoiceNumber: Type.String(), state: State, documentState: Type.String(), gross: Type.String(), open: Type.String(), atStake: Type.String({ description: "多付的风险 What would be paid too much" }),
          findings: Type.Array(Type.Object({ state: State, line: Type.String(), what: Type.String(), expected: Text, actual: Text, atStake: Type.String(), with: Type.Array(Type.String()) })), cursor: Type.String(),
        })), ...errors,
      },
    },
  }, async (request) => {
    const { open, ...filter } = request.query;
    return matchInvoices(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), { ...filter, onlyOpen: open });
  });
}
