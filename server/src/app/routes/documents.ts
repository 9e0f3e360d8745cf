import { Readable } from "node:stream";
import { Type } from "@fastify/type-provider-typebox";
import { loadBook } from "../../books/index.ts";
import { listDocuments, listRefused, parseNdjson, showDocument } from "../../documents/index.ts";
import { type Ctx, Refusal, type RenderedProblem } from "../../platform/index.ts";
import { type DocumentResult, postDocuments, type PostSummary } from "../../vouchers/index.ts";
import { answerError } from "../answer.ts";
import { BookParams, DocumentView, errors, PageQuery, PostedView, ProblemView } from "../contract.ts";
import { actorOf, BODY_MAX, type Http } from "../http.ts";

const tags = ["documents"];
const ndjson = "application/x-ndjson; charset=utf-8";

export function documentRoutes(api: Http, ctx: Ctx): void {
  api.get("/books/:book/documents", {
    config: { asks: "documents.read" }, schema: {
      tags, summary: "已到达的单据 Documents that have arrived", params: BookParams,
      querystring: Type.Object({
        state: Type.Optional(Type.Union(["posted", "exempt", "waiting", "parked", "superseded"].map((state) => Type.Literal(state)))), kind: Type.Optional(Type.String()), source: Type.Optional(Type.String()), period: Type.Optional(Type.String()),
        party: Type.Optional(Type.String()), text: Type.Optional(Type.String()), ...PageQuery,
      }, { additionalProperties: false }),
      response: { 200: Type.Array(DocumentView), ...errors },
    },
  }, async (request) => listDocuments(ctx, await loadBook(ctx.db, request.params.book), request.query));

  api.get("/books/:book/documents/refused", { config: { asks: "documents.decide" }, schema: { tags, summary: "被拒的内容 What was refused", params: BookParams, querystring: Type.Object(PageQuery, { additionalProperties: false }), response: { 200: Type.Array(Type.Object({ body: Type.String(), reasons: Type.Array(ProblemView), receivedAt: Type.String(), cursor: Type.String() })), ...errors } } },
    async (request) => listRefused(ctx, await loadBook(ctx.db, request.params.book), request.query));

  api.get("/books/:book/documents/one", {
    config: { asks: "documents.read" }, schema: { tags, summary: "一张单据的内容与全部版本 One document with all its versions", params: BookParams, querystring: Type.Object({ of: Type.String({ description: "[source:]kind/sourceId" }) }, { additionalProperties: false }), response: { 200: Type.Intersect([DocumentView, Type.Object({ body: Type.Unknown(), versions: Type.Array(DocumentView) })]), ...errors } },
  }, async (request) => showDocument(ctx, await loadBook(ctx.db, request.params.book), request.query.of));

  // Bodies reach the route as bytes, so that a broken record is refused by itself and a stream is never held whole.
  api.register(async (plain) => {
    const scope = plain as Http;
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(["application/json", "application/x-ndjson", "application/jsonl", "application/jsonlines"], (_request, payload, done) => done(null, payload));
    scope.post("/books/:book/documents", {
      config: { asks: "documents.post" }, schema: {
        tags, summary: "过账 Post documents", params: BookParams, consumes: ["application/json", "application/x-ndjson"], produces: ["application/json", "application/x-ndjson"],
        description: "一张单据、一个数组(不超过 32 MB),或逐行的 NDJSON 流(大小不限)。One document, an array (up to 32 MB), or a stream of NDJSON of any size. 每张单据的结果 Each is answered posted, waiting, parked, duplicate or refused; 全部被拒时状态码为 422 the status is 422 when all were refused. "
          + "Accept: application/x-ndjson 逐行答复,最后一行为汇总 answers one result a line and the summary last. 单据格式 The forms: /api/schemas",
        querystring: Type.Object({ dryRun: Type.Optional(Type.Boolean({ description: "试算,不保存 Work it out and keep nothing" })), results: Type.Optional(Type.Union([Type.Literal("all"), Type.Literal("problems"), Type.Literal("none")], { description: "答复哪些结果,缺省全部 Which results are answered; default all" })) }, { additionalProperties: false }),
        response: { 200: PostedView, 422: PostedView, "4xx": errors["4xx"], "5xx": errors["5xx"] },
      },
      bodyLimit: Number.MAX_SAFE_INTEGER,
    }, async (request, reply) => {
      const acting = actorOf(ctx, request);
      const book = await loadBook(ctx.db, request.params.book);
      const isStream = !(request.headers["content-type"] ?? "").startsWith("application/json");
      const bytes = isStream ? (request.body as AsyncIterable<Buffer>) : [await wholeOf(request.body as AsyncIterable<Buffer>)];
      const isWanted = (result: DocumentResult): boolean => request.query.results !== "none" && (request.query.results !== "problems" || (result.state !== "posted" && result.state !== "duplicate"));
      const post = (onResult: (result: DocumentResult) => void): Promise<PostSummary> =>
        postDocuments(acting, book.code, parseNdjson(bytes), { dryRun: request.query.dryRun === true, onResult: (result) => void (isWanted(result) && onResult(result)) }).then(({ summary }) => summary);

      if ((request.headers.accept ?? "").includes("application/x-ndjson")) return reply.type(ndjson).serializer((text: string) => text).send(answerLines(post, ctx));
      const results: DocumentResult[] = [];
      const summary = await post((result) => void results.push(result));
      const [first] = results;
      const areAllRefused = summary.received > 0 && summary.refused === summary.received;
      return reply.code(areAllRefused ? 422 : 200).send({ summary, results, ...(areAllRefused && first?.reasons[0] ? { error: first.reasons[0] } : {}) });
    });
  });
}

/** Refuses: http.too_large, http.body. */
async function wholeOf(body: AsyncIterable<Buffer> | undefined): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > BODY_MAX) throw new Refusal({ code: "http.too_large", facts: { max: BODY_MAX / 1_048_576 } });
    chunks.push(chunk);
  }
  if (size === 0) throw new Refusal({ code: "http.body", facts: { detail: "empty" } });
  return Buffer.concat(chunks);
}

/** Results as they are committed, the summary last; what goes wrong on the way is the last line instead. */
function answerLines(post: (onResult: (result: DocumentResult) => void) => Promise<PostSummary>, ctx: Ctx): Readable {
  const lines = new Readable({ read() {} });
  const push = (line: { readonly summary: PostSummary } | { readonly error: RenderedProblem } | DocumentResult): void => void lines.push(`${JSON.stringify(line)}\n`);
  post(push).then((summary) => push({ summary }), (error: unknown) => push({ error: answerError(error, ctx.log).error })).finally(() => lines.push(null));
  return lines;
}
