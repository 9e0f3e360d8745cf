import { Readable } from "node:stream";
import { Type } from "@fastify/type-provider-typebox";
import { loadBook } from "../../books/index.ts";
import { kinds, listDocuments, listOpenReasons, listRefused, listSources, parseNdjson, showDocument } from "../../documents/index.ts";
import { deliveriesOfMany } from "../../delivery/index.ts";
import { type Ctx, refuse, Refusal, type RenderedProblem } from "../../platform/index.ts";
import { type DocumentResult, findVouchers, postDocuments, type PostSummary } from "../../vouchers/index.ts";
import { formatTrimmed, QUANTITY_SCALE } from "../../values/index.ts";
import { answerError } from "../answer.ts";
import { BookParams, DocumentView, errors, PageQuery, PostedView, ProblemView, ResultView, SummaryView } from "../contract.ts";
import { correctDocument, retryDocuments } from "../documents/correct.ts";
import { findCodeNames, findMasters } from "../documents/names.store.ts";
import { exportDocuments, readDocumentRows } from "../documents/rows.ts";
import { hideBody, hideChanges, hidesAmount } from "../documents/sight.ts";
import { postUpload, previewUpload, uploadMegabytesMax } from "../documents/upload.ts";
import { findTransfers } from "../flows/log.ts";
import { hidesKind, seesAll } from "../voucher-columns.ts";
import { noteWork } from "../audited.ts";
import { actorOf, BODY_MAX, type Http } from "../http.ts";

const tags = ["documents"];
const Nullable = (text: ReturnType<typeof Type.String>) => Type.Union([text, Type.Null()]);
const ListQuery = {
  state: Type.Optional(Type.Union(["posted", "exempt", "waiting", "parked", "superseded"].map((state) => Type.Literal(state)))), kind: Type.Optional(Type.String()), source: Type.Optional(Type.String()), period: Type.Optional(Type.String()), party: Type.Optional(Type.String()),
  text: Type.Optional(Type.String({ maxLength: 120, description: "单据号开头 The beginning of its number" })), reason: Type.Optional(Type.String({ description: "第一个原因的代码 Code of the first reason" })), about: Type.Optional(Type.String({ description: "原因所指 What that is about" })),
};
const RowFields = { ...DocumentView.properties, partyZh: Type.String(), partyEn: Type.String(), amount: Nullable(Type.String()), currency: Type.String(), isHidden: Type.Boolean() };
const OpenReason = Type.Object({
  code: Type.String(), about: Type.String(), documents: Type.Integer(), oldestAt: Type.String(), reason: ProblemView, facts: Type.Record(Type.String(), Type.String()),
  candidates: Type.Array(Type.Object({ code: Type.String(), source: Type.String(), zh: Type.String(), en: Type.String(), fields: Type.Record(Type.String(), Type.String()), units: Type.Record(Type.String(), Type.String()) }), { description: "相近的主数据 Master records with similar codes" }),
});
const Decided = Type.Object({ summary: SummaryView, results: Type.Array(ResultView) });
const Cell = Type.Object({ from: Type.Optional(Type.String()), const: Type.Optional(Type.String()), format: Type.Optional(Type.String()), percent: Type.Optional(Type.Boolean()) }, { additionalProperties: false });
const Plan = Type.Object({
  kind: Type.String(), source: Type.String({ pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$" }), id: Type.String(), header: Type.Record(Type.String(), Cell), line: Type.Record(Type.String(), Cell), lineId: Type.Optional(Type.String()),
  link: Type.Optional(Type.Object({ kind: Type.String(), id: Type.String(), line: Type.Optional(Type.String()), source: Type.Optional(Type.String()) }, { additionalProperties: false })),
}, { additionalProperties: false });
const Upload = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 255 }), content: Type.String({ description: `base64,不超过 ${uploadMegabytesMax} MB` }), plan: Type.Optional(Plan), kind: Type.Optional(Type.String()), sheet: Type.Optional(Type.String()),
}, { additionalProperties: false });
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
  }, async (request) => {
    const acting = actorOf(ctx, request);
    return listDocuments(acting, await loadBook(acting.db, request.params.book), request.query);
  });

  api.get("/books/:book/documents/refused", { config: { asks: "documents.decide" }, schema: { tags, summary: "被拒的内容 What was refused", params: BookParams, querystring: Type.Object({ ...PageQuery, order: Type.Optional(Type.Union([Type.Literal("oldest"), Type.Literal("newest")])) }, { additionalProperties: false }), response: { 200: Type.Array(Type.Object({ body: Type.String(), reasons: Type.Array(ProblemView), receivedAt: Type.String(), cursor: Type.String() })), ...errors } } },
    async (request) => {
      const rows = await listRefused(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), request.query);
      return seesAll(request.sight) ? rows : rows.map((row) => ({ ...row, body: "" }));
    });

  api.get("/books/:book/documents/one", {
    config: { asks: "documents.read" }, schema: {
      tags, summary: "一张单据:内容、关联、凭证、来源、全部版本 One document: content, links, vouchers, source, all its versions", params: BookParams, querystring: Type.Object({ of: Type.String({ description: "[source:]kind/sourceId" }) }, { additionalProperties: false }),
      response: { 200: Type.Object({ ...DocumentView.properties, body: Type.Unknown(), hidden: Type.Array(Type.String()), currency: Type.String(), amount: Nullable(Type.String()), versions: Type.Array(Type.Unknown()), links: Type.Array(Type.Unknown()), vouchers: Type.Array(Type.Unknown()), transfers: Type.Array(Type.Unknown()), names: Type.Array(Type.Object({ kind: Type.String(), code: Type.String(), zh: Type.String(), en: Type.String() })) }), ...errors },
    },
  }, async (request) => {
    const acting = actorOf(ctx, request);
    const { sight } = request;
    const book = await loadBook(acting.db, request.params.book);
    const shown = await showDocument(acting, book, request.query.of);
    // With a part of the book neither vouchers nor the flows of others are in reach.
    const isWhole = sight.scopes === null;
    const vouchers = isWhole && sight.duties.has("vouchers.read") ? (await findVouchers(acting, book, { document: shown.document, limit: 100 })).rows : [];
    const deliveries = Map.groupBy(await deliveriesOfMany(acting, book, vouchers.map(({ id }) => BigInt(id.slice(1)))), ({ voucher }) => voucher);
    const transfers = isWhole ? await findTransfers(acting, book, shown.document, 50) : [];
    const isHidden = hidesAmount(sight, shown.kind);
    const hidesTotal = hidesKind(sight, shown.document);
    const seen = hideBody(sight, shown.kind, shown.body);
    const codes = codesIn(seen.body);
    const names = codes.length === 0 ? [] : await findCodeNames(acting.db, book.bookId, codes);
    return {
      ...shown, names: names.map(({ kind, code, zh, en }) => ({ kind, code, zh: zh ?? en ?? code, en: en ?? zh ?? code })), ...seen, amount: isHidden ? null : shown.amount,
      versions: shown.versions.map((version) => ({ ...version, changes: hideChanges(sight, shown.kind, version.changes) })), links: shown.links.map((link) => (isHidden || hidesAmount(sight, kindOf(link.document)) ? { ...link, amount: "" } : link)),
      vouchers: vouchers.map((voucher) => ({ ...voucher, debitTotal: hidesTotal ? null : voucher.debitTotal, deliveries: (deliveries.get(voucher.id) ?? []).map((one) => ({ delivery: one.delivery, flow: one.flow, state: one.state, targetNumber: one.targetNumber, targetState: one.targetState, at: one.stateAt })) })),
      transfers: [...new Map(transfers.map((step) => [`${step.flow} ${step.seq}`, { flow: step.flow, seq: step.seq, stream: step.stream, key: step.key, op: step.op, position: step.position, landedAt: step.landedAt, happenedAt: step.happenedAt, state: step.state, version: step.version }])).values()],
    };
  });

  // Lists --------------------------------------------------------------------------------------------------------------

  api.get("/books/:book/document-list", {
    config: { asks: "documents.read" }, schema: { tags, summary: "单据列表,最新在前 Documents, newest first", params: BookParams, querystring: Type.Object({ ...ListQuery, after: Type.Optional(Type.String({ description: "更早的从此继续 Older than this" })), limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })) }, { additionalProperties: false }), response: { 200: Type.Array(Type.Object(RowFields)), ...errors } },
  }, async (request) => {
    const acting = actorOf(ctx, request);
    return readDocumentRows(acting, await loadBook(acting.db, request.params.book), request.query, request.sight);
  });
  api.get("/books/:book/document-list/facets", { config: { asks: "documents.read" }, schema: { tags, summary: "筛选项 What documents may be filtered by", params: BookParams, response: { 200: Type.Object({ sources: Type.Array(Type.String()), kinds: Type.Array(Type.Object({ kind: Type.String(), zh: Type.String(), en: Type.String() })) }), ...errors } } }, async (request) => {
    const acting = actorOf(ctx, request);
    return { sources: await listSources(acting, await loadBook(acting.db, request.params.book)), kinds: Object.entries(kinds).map(([kind, { zh, en }]) => ({ kind, zh, en })) };
  });
  api.get("/books/:book/document-list/reasons", {
    config: { asks: "documents.read" }, schema: { tags, summary: "挂起或等待的原因及张数 Why documents are parked or wait, counted", params: BookParams, querystring: Type.Object({ state: Type.Optional(Type.Union([Type.Literal("parked"), Type.Literal("waiting")])) }, { additionalProperties: false }), response: { 200: Type.Array(OpenReason), ...errors } },
  }, async (request) => {
    const acting = actorOf(ctx, request);
    const book = await loadBook(acting.db, request.params.book);
    const reasons = await listOpenReasons(acting, book, request.query.state ?? "parked");
    return Promise.all(reasons.map(async (reason) => {
      // Of a unit without conversion the item itself, which is to get one.
      const isUnit = reason.code === "masterdata.unit_unknown";
      const codes = isUnit ? [reason.facts.item ?? ""] : reason.code === "masterdata.unknown" ? (reason.facts.alike ?? "").split(", ").filter((code) => code !== "" && code !== "–") : [];
      const found = codes.length === 0 ? [] : await findMasters(acting.db, book.bookId, isUnit ? "item" : (reason.facts.kind ?? ""), codes);
      return { ...reason, candidates: found.map(({ code, source, body }) => ({ code, source, zh: body.name.zh, en: body.name.en, fields: body.fields, units: Object.fromEntries(Object.entries(body.units).map(([unit, quantity]) => [unit, formatTrimmed(BigInt(quantity), QUANTITY_SCALE)])) })) };
    }));
  });
  api.get("/books/:book/document-list/export", {
    config: { asks: "documents.read" }, schema: { tags, summary: "导出所选单据 Export the selection", params: BookParams, querystring: Type.Object({ ...ListQuery, format: Type.Union([Type.Literal("csv"), Type.Literal("xlsx")]), language: Type.Optional(Type.Union([Type.Literal("zh"), Type.Literal("en")])) }, { additionalProperties: false }) },
  }, async (request, reply) => {
    const acting = actorOf(ctx, request);
    const book = await loadBook(acting.db, request.params.book);
    const { format, language = "zh", ...filter } = request.query;
    const file = exportDocuments(acting, book, filter, { format, language, sight: request.sight });
    return reply.type(file.type).header("content-disposition", `attachment; filename="documents-${book.code}.${format}"; filename*=UTF-8''${encodeURIComponent(`${language === "zh" ? "单据" : "documents"}-${book.code}.${format}`)}`).serializer((body: unknown) => body as string).send(file.body);
  });

  // What a person decides ------------------------------------------------------------------------------------------------

  api.post("/books/:book/documents/retry", {
    config: { asks: "documents.decide" }, schema: { tags, summary: "重试挂起或等待的单据 Try parked or waiting documents again", params: BookParams, body: Type.Object({ documents: Type.Array(Type.String(), { minItems: 1, maxItems: 1_000 }) }, { additionalProperties: false }), response: { 200: Decided, ...errors } },
  }, async (request) => retryDocuments(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), request.body.documents));
  api.post("/books/:book/documents/correct", {
    config: { asks: "documents.decide" }, schema: {
      tags, summary: "改正单据,作为新版本过账 Correct a document, as a new version", params: BookParams, description: "原内容保留为旧版本;改正人与原因记在新版本的 extra.correction。The content as received stays as the old version; who corrected it and why stands in extra.correction of the new one.",
      body: Type.Object({ of: Type.String(), body: Type.Record(Type.String(), Type.Unknown()), reason: Type.String({ maxLength: 500 }), dryRun: Type.Optional(Type.Boolean()) }, { additionalProperties: false }), response: { 200: Decided, ...errors },
    },
  }, async (request) => {
    // Whoever does not see a field cannot send it back, and the new version would lose it.
    if (!seesAll(request.sight)) refuse("access.denied", { duty: "documents.decide", dutyZh: "改正单据(限成本、薪酬、银行账号可见者)", dutyEn: "correct documents, which needs sight of costs, salaries and bank accounts" });
    return correctDocument(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), request.body);
  });

  // The preview keeps nothing and reads as posting would.
  api.post("/books/:book/documents/upload/preview", { config: { asks: "documents.post" }, schema: { tags, summary: "预览上传的文件,不保存 Preview a file, keep nothing", params: BookParams, body: Upload, response: { 200: Type.Unknown(), ...errors } } },
    async (request) => previewUpload(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), request.body));
  api.post("/books/:book/documents/upload", { config: { asks: "documents.post" }, schema: { tags, summary: "上传文件并过账 Post the documents of a file", params: BookParams, body: Upload, response: { 200: Decided, ...errors } } },
    async (request) => postUpload(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), request.body));

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

      if ((request.headers.accept ?? "").includes("application/x-ndjson")) return reply.type(ndjson).serializer((text: string) => text).send(answerLines((onResult) => noteWork(request, post(onResult)), ctx));
      const results: DocumentResult[] = [];
      const summary = await post((result) => void results.push(result));
      const [first] = results;
      const areAllRefused = summary.received > 0 && summary.refused === summary.received;
      return reply.code(areAllRefused ? 422 : 200).send({ summary, results, ...(areAllRefused && first?.reasons[0] ? { error: first.reasons[0] } : {}) });
    });
  });
}

const kindOf = (document: string): string => document.slice(document.indexOf(":") + 1, document.indexOf("/"));

/** Short texts of a body that may be codes, each once. */
function codesIn(body: unknown, into = new Set<string>()): string[] {
  if (typeof body === "string" && body.length <= 100 && into.size < 500) into.add(body);
  else if (body !== null && typeof body === "object") for (const [name, inner] of Object.entries(body)) if (!["extra", "links", "schema", "lineId"].includes(name)) codesIn(inner, into);
  return [...into];
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
