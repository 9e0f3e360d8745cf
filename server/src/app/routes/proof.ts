import { Type } from "@fastify/type-provider-typebox";
import { loadBook } from "../../books/index.ts";
import { type Ctx, renderProblem } from "../../platform/index.ts";
import { checkNames, readCompleteness, trace, verify } from "../../vouchers/index.ts";
import { BookParams, CompletenessView, errors, VerificationView } from "../contract.ts";
import type { Http } from "../http.ts";

const tags = ["proof"];

export function proofRoutes(api: Http, ctx: Ctx): void {
  api.get("/books/:book/trace", {
    config: { asks: "documents.read" }, schema: {
      tags, summary: "追溯 Trace", params: BookParams, description: "单据、凭证及其关系的全图,双向 The whole graph around a document or voucher, in both directions.",
      querystring: Type.Object({ of: Type.String({ description: "[source:]kind/sourceId, 2026-03/记-7 或 or v12" }), most: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })) }, { additionalProperties: false }),
      response: { 200: Type.Object({ start: Type.String(), nodes: Type.Array(Type.Unknown()), edges: Type.Array(Type.Object({ edge: Type.String(), from: Type.String(), to: Type.String(), fromLine: Type.String(), toLine: Type.String(), quantity: Type.String(), amount: Type.String() })), isCut: Type.Boolean() }), ...errors },
    },
  }, async (request) => trace(ctx, await loadBook(ctx.db, request.params.book), request.query.of, { documentsMax: request.query.most }));

  api.get("/books/:book/completeness", { config: { asks: "documents.read" }, schema: { tags, summary: "完整性 Completeness", params: BookParams, response: { 200: CompletenessView, ...errors } } },
    async (request) => readCompleteness(ctx, await loadBook(ctx.db, request.params.book)));

  api.get("/books/:book/verify", { config: { asks: "books.read" }, schema: { tags, summary: "验证 Prove the books", params: BookParams, response: { 200: VerificationView, ...errors } } }, async (request) => {
    const result = await verify(ctx, await loadBook(ctx.db, request.params.book));
    return { ...result, checks: result.checks.map((one) => ({ ...one, ...checkNames[one.check] })), findings: result.findings.map((finding) => ({ check: finding.check, ...renderProblem(finding) })) };
  });
}
