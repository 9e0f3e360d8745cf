import { Type } from "@fastify/type-provider-typebox";
import { loadBook } from "../../books/index.ts";
import type { Ctx } from "../../platform/index.ts";
import { listTolerances, matchInvoices, matchInvoicesIn, matchStates, removeTolerance, setTolerance } from "../../reconciliation/index.ts";
import { BookParams, errors } from "../contract.ts";
import { actorOf, type Http } from "../http.ts";

const Text = Type.Union([Type.String(), Type.Null()]);
const State = Type.String({ description: "matched, priceVariance, quantityVariance, invoiceFirst, duplicateInvoice, noOrder" });

export function threeWayRoutes(api: Http, ctx: Ctx): void {
  api.get("/books/:book/three-way", {
    config: { asks: "bank.read" },
    schema: {
      tags: ["reconciliation"], summary: "三单匹配 Order, receipt and invoice compared", params: BookParams,
      querystring: Type.Object({ open: Type.Optional(Type.Boolean({ description: "只看未付清的 Only those still to be paid" })), party: Type.Optional(Type.String({ maxLength: 100 })), state: Type.Optional(Type.Union([Type.Literal("differs", { description: "除相符以外 All but matched" }), ...matchStates.map((one) => Type.Literal(one))])), of: Type.Optional(Type.String({ maxLength: 200, description: "一张发票 One invoice: [source:]supplierInvoice/id" })), after: Type.Optional(Type.String({ pattern: "^\\d{1,18}$" })), limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })) }, { additionalProperties: false }),
      response: {
        200: Type.Array(Type.Object({
          document: Type.String(), supplier: Type.String(), supplierName: Type.String(), date: Type.String(), dueDate: Type.String(), invoiceNumber: Type.String(), state: State, documentState: Type.String(), gross: Type.String(), open: Type.String(), atStake: Type.String({ description: "多付的风险 What would be paid too much" }),
          findings: Type.Array(Type.Object({ state: State, line: Type.String(), what: Type.String(), expected: Text, actual: Text, atStake: Type.String(), with: Type.Array(Type.String()) })), cursor: Type.String(),
        })), ...errors,
      },
    },
  }, async (request) => {
    const { open, state, ...filter } = request.query;
    const [acting, book, wanted] = [actorOf(ctx, request), await loadBook(ctx.db, request.params.book), { ...filter, onlyOpen: open }];
    return state === undefined ? matchInvoices(acting, book, wanted) : matchInvoicesIn(acting, book, state === "differs" ? matchStates.filter((one) => one !== "matched") : [state], wanted);
  });

  // What a match lets pass loosens a control: only those set it who may change settings of the book.
  const tags = ["reconciliation"];
  const Figure = Type.String({ maxLength: 30 });
  const Of = { supplier: Type.String({ maxLength: 100, description: "空:全部供应商 blank: all suppliers" }), itemGroup: Type.String({ maxLength: 100, description: "存货类别,空:全部 item group, blank: all" }) };
  const Tolerance = { ...Of, quantity: Figure, quantityPercent: Figure, price: Figure, pricePercent: Figure, tax: Figure };
  const Named = Type.Object({ supplier: Type.String(), itemGroup: Type.String() });
  api.get("/books/:book/match-tolerances", {
    config: { asks: "bank.read" }, schema: { tags, summary: "匹配容差 Tolerances of the match", params: BookParams, response: { 200: Type.Object({ usual: Type.Object(Tolerance), own: Type.Array(Type.Object({ ...Tolerance, reason: Type.String(), setAt: Type.String(), setBy: Type.String() })), itemGroups: Type.Array(Type.String()) }), ...errors } },
  }, async (request) => listTolerances(actorOf(ctx, request), await loadBook(ctx.db, request.params.book)));
  api.put("/books/:book/match-tolerances", {
    config: { asks: "books.manage" }, schema: { tags, summary: "设置匹配容差 Set a tolerance", description: "绝对值与百分比取较大者。The larger of the amount and the share counts.", params: BookParams, body: Type.Object({ ...Tolerance, reason: Type.String({ maxLength: 500 }) }, { additionalProperties: false }), response: { 200: Named, ...errors } },
  }, async (request) => setTolerance(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), request.body));
  api.post("/books/:book/match-tolerances/remove", { config: { asks: "books.manage" }, schema: { tags, summary: "删除匹配容差 Remove a tolerance", params: BookParams, body: Type.Object(Of, { additionalProperties: false }), response: { 200: Named, ...errors } } },
    async (request) => removeTolerance(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), request.body));
}
