import { Type } from "@fastify/type-provider-typebox";
import { maskBody } from "../../access/index.ts";
import { type Book, loadBook } from "../../books/index.ts";
import { type Ctx, elapsedMs, renderProblem } from "../../platform/index.ts";
import { checkNames, readCompleteness, readTraceGraph, trace, type Verification, verify } from "../../vouchers/index.ts";
import { BookParams, CompletenessView, errors, VerificationView } from "../contract.ts";
import { actorOf, type Http } from "../http.ts";

const tags = ["proof"];
/** Counting that is done so soon is done anew each time. */
const quickMs = 100;
const Text = Type.String();
const TraceQuery = {
  of: Type.String({ description: "[source:]kind/sourceId, 2026-03/记-7 或 or v12" }),
  reach: Type.Optional(Type.Union([Type.Literal("whole"), Type.Literal("flow")], { description: "whole 全部相连的;flow 只看来路与去路,不含同一收款的其他发票 whole: all that hangs together; flow: where it comes from and what came of it" })),
};
const LastVerification = Type.Object({ isRunning: Type.Boolean(), at: Type.Union([Text, Type.Null()]), by: Text, result: Type.Union([VerificationView, Type.Null()]) });

export function proofRoutes(api: Http, ctx: Ctx): void {
  api.get("/books/:book/trace", {
    config: { asks: "documents.read" }, schema: {
      tags, summary: "追溯 Trace", params: BookParams, description: "单据、凭证及其关系的全图,双向 The whole graph around a document or voucher, in both directions. 无权查看凭证者只得到单据 Those who may not see vouchers get documents alone.",
      querystring: Type.Object({ ...TraceQuery, most: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })) }, { additionalProperties: false }),
      response: { 200: Type.Object({ start: Text, nodes: Type.Array(Type.Unknown()), edges: Type.Array(Type.Object({ edge: Text, from: Text, to: Text, fromLine: Text, toLine: Text, quantity: Text, amount: Text })), isCut: Type.Boolean() }), ...errors },
    },
  }, async (request) => {
    const { of, most, reach } = request.query;
    const graph = await trace(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), of, { documentsMax: most, reach, documentsOnly: !request.sight.duties.has("vouchers.read") });
    return { ...graph, nodes: graph.nodes.map((node) => (node.node === "document" ? { ...node, lines: maskBody(node.kind, node.lines, request.sight.columns).body } : node)) };
  });

  const amount = Type.Union([Text, Type.Null()]);
  api.get("/books/:book/trace/graph", {
    config: { asks: "documents.read" }, schema: {
      tags, summary: "追溯图 Trace as a graph with names, amounts, people and times", params: BookParams,
      querystring: Type.Object({ ...TraceQuery, most: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })) }, { additionalProperties: false }),
      response: {
        200: Type.Object({
          start: Text, nodes: Type.Array(Type.Unknown()), edges: Type.Array(Type.Object({ edge: Text, from: Text, to: Text, quantity: Text, amount })), isCut: Type.Boolean(),
          accounts: Type.Array(Type.Object({ side: Text, unit: Text, currency: Text, uninvoiced: amount, steps: Type.Array(Type.Object({ step: Text, quantity: Text, amount })) })),
        }), ...errors,
      },
    },
  }, async (request) => readTraceGraph(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), request.query.of, { most: request.query.most, reach: request.query.reach, vouchers: request.sight.duties.has("vouchers.read"), costs: request.sight.columns.has("cost") }));

  api.get("/books/:book/completeness", { config: { asks: "documents.read" }, schema: { tags, summary: "完整性 Completeness", params: BookParams, response: { 200: CompletenessView, ...errors } } },
    async (request) => {
      const acting = actorOf(ctx, request);
      const book = await loadBook(acting.db, request.params.book);
      return request.sight.scopes === null ? counted(acting, book) : readCompleteness(acting, book, { isPart: true });
    });

  /** Screens ask at every change: on a book where counting takes long, those who ask within a moment get one count. */
  const counting = new Map<number, { readonly until: () => number; readonly result: ReturnType<typeof readCompleteness> }>();
  const counted = (acting: Ctx, book: Book): ReturnType<typeof readCompleteness> => {
    const known = counting.get(book.bookId);
    if (known && elapsedMs() < known.until()) return known.result;
    const since = elapsedMs();
    let until = Number.POSITIVE_INFINITY;
    const result = readCompleteness(acting, book).then((counts) => {
      const took = elapsedMs() - since;
      until = took < quickMs ? 0 : elapsedMs() + took * 3;
      return counts;
    }, (error: unknown) => {
      until = 0;
      throw error;
    });
    counting.set(book.bookId, { until: () => until, result });
    return result;
  };

  /** The last proof of each book since the server started: reading it costs nothing, making one reads every line. */
  const proofs = new Map<string, { at: string; by: string; running: Promise<ReturnType<typeof shown>> | null; result: ReturnType<typeof shown> | null }>();
  const prove = (acting: Ctx, code: string): Promise<ReturnType<typeof shown>> => {
    const known = proofs.get(code);
    if (known?.running) return known.running; // whoever asks while one runs gets that one
    const kept = { at: known?.at ?? "", by: known?.by ?? "", running: null as Promise<ReturnType<typeof shown>> | null, result: known?.result ?? null };
    const running = loadBook(acting.db, code).then((book) => verify(acting, book)).then(shown).then((result) => {
      Object.assign(kept, { at: acting.now().toISOString(), by: acting.actor.id, result });
      return result;
    }).finally(() => void (kept.running = null));
    kept.running = running;
    proofs.set(code, kept);
    return running;
  };

  api.get("/books/:book/verify", { config: { asks: "books.read" }, schema: { tags, summary: "验证 Prove the books", params: BookParams, response: { 200: VerificationView, ...errors } } }, (request) => prove(actorOf(ctx, request), request.params.book));

  api.get("/books/:book/verify/last", { config: { asks: "books.read" }, schema: { tags, summary: "最近一次验证 The last proof", params: BookParams, response: { 200: LastVerification, ...errors } } }, async (request) => {
    await loadBook(ctx.db, request.params.book);
    const kept = proofs.get(request.params.book);
    return { isRunning: kept !== undefined && kept.running !== null, at: kept?.at || null, by: kept?.by ?? "", result: kept?.result ?? null };
  });
}

const shown = (result: Verification) => ({
  ...result, checks: result.checks.map((one) => ({ ...one, ...checkNames[one.check] })), findings: result.findings.map((finding) => ({ check: finding.check, ...renderProblem(finding) })),
});
