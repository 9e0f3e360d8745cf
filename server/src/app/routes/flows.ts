import { Type } from "@fastify/type-provider-typebox";
import type { FastifyRequest } from "fastify";
import { principalOfKey, requireDuty, sightOf } from "../../access/index.ts";
import { type Book, listBooks, loadBook } from "../../books/index.ts";
import { flows as store, type Inbound, parseFlow, setSecret } from "../../connectors/index.ts";
import { type Ctx, refuse } from "../../platform/index.ts";
import { acceptStream, askRun, checkFlow, discoverFlow, pauseFlow, resumeFlow, showFlow } from "../flows/act.ts";
import { applyFlow } from "../flows/apply.ts";
import { findCauses } from "../flows/flows.store.ts";
import { findFlow, findInFlow } from "../flows/find.ts";
import { wakeFlow, waysOf } from "../flows/flows.ts";
import { decideLetters, listLetters, showLetter } from "../flows/letters.ts";
import { findTransfers } from "../flows/log.ts";
import { metricsText } from "../flows/metrics.ts";
import { receiveCall } from "../flows/receive.ts";
import { redeliver } from "../flows/redeliver.ts";
import { replayFlow } from "../flows/replay.ts";
import { viewAllFlows, viewFlows } from "../flows/view.ts";
import { BookParams, errors, ProblemView } from "../contract.ts";
import { actorOf, type Http } from "../http.ts";

const tags = ["flows"];
const FlowParams = Type.Object({ book: Type.String({ description: "账簿代码 The book's code" }), flow: Type.String({ description: "流程 The flow" }) });
const Text = Type.Union([Type.String(), Type.Null()]);
const Done = Type.Object({ done: Type.Boolean() });
const done = { done: true };

const counts = Object.fromEntries(["received", "posted", "waiting", "parked", "ignored", "pending", "arriving"].map((name) => [name, Type.Integer()]));
const FlowFields = {
  book: Type.String(), flow: Type.String(), direction: Type.String(), connector: Type.String(), version: Type.Integer(), state: Type.String(), phase: Type.String(), lagSeconds: Type.Number(), perMinute: Type.Integer(), landedAt: Text, recordAt: Text,
  counts: Type.Object(counts, { description: "received = posted + waiting + parked + ignored + pending + arriving" }), deadLetters: Type.Integer(), breaker: Type.Object({ isOpen: Type.Boolean(), failures: Type.Integer(), retryAt: Text }),
  problem: Type.Union([ProblemView, Type.Null()]), checkpoints: Type.Array(Type.Object({ scope: Type.String(), state: Type.Unknown(), at: Type.String() })), nextRunAt: Text, isSilent: Type.Boolean(), frozen: Type.Array(Type.String()), deliveries: Type.Record(Type.String(), Type.Integer()),
};
const FlowView = Type.Object(FlowFields);
const FlowShown = Type.Object({ ...FlowFields, yaml: Type.String(), mapping: Type.String(), versions: Type.Array(Type.Object({ version: Type.Integer(), mapping: Type.String(), appliedBy: Type.String(), appliedAt: Type.String() })), streams: Type.Array(Type.Unknown()) });
const Letter = {
  id: Type.String(), flow: Type.String(), stream: Type.String(), key: Type.String(), stage: Type.String(), code: Type.String(), problems: Type.Array(ProblemView), fingerprint: Type.String(), flowVersion: Type.Integer(), firstAt: Type.String(), lastAt: Type.String(),
  attempts: Type.Integer(), status: Type.String(), actor: Text, reason: Text, patch: Type.Unknown(),
};
const LetterChoice = { ids: Type.Optional(Type.Array(Type.String({ description: "流程/编号 flow/number" }))), flow: Type.Optional(Type.String()), fingerprint: Type.Optional(Type.String({ description: "同一原因的全部 All with the same cause" })) };
const Replay = Type.Object({
  mode: Type.Union([Type.Literal("dry-run"), Type.Literal("rebuild"), Type.Literal("redeliver")]), ids: Type.Optional(Type.Array(Type.Integer())), keys: Type.Optional(Type.Array(Type.String())), from: Type.Optional(Type.String()), to: Type.Optional(Type.String()), version: Type.Optional(Type.Integer({ minimum: 1 })),
}, { additionalProperties: false });

/** Uploads are held whole; larger files go into a folder. */
const RECEIVE_MAX = 64 * 1024 * 1024;

export function flowRoutes(api: Http, ctx: Ctx): void {
  api.get("/flows", { config: { asks: "flows.read" }, schema: { tags, summary: "全部账簿的流程 Flows of all books", response: { 200: Type.Array(FlowView), ...errors } } }, async () => viewAllFlows(ctx));
  api.get("/books/:book/flows", { config: { asks: "flows.read" }, schema: { tags, summary: "流程、状态与计数 Flows, how they stand, and their counts", params: BookParams, response: { 200: Type.Array(FlowView), ...errors } } }, async (request) => viewFlows(ctx, await loadBook(ctx.db, request.params.book)));
  api.get("/books/:book/flows/:flow", { config: { asks: "flows.read" }, schema: { tags, summary: "一个流程 One flow", params: FlowParams, response: { 200: FlowShown, ...errors } } }, async (request) => showFlow(ctx, await loadBook(ctx.db, request.params.book), request.params.flow));

  api.post("/books/:book/flows", {
    config: { asks: "flows.manage" }, schema: {
      tags, summary: "应用流程定义(YAML) Apply a flow's definition", params: BookParams, body: Type.Object({ yaml: Type.String(), mapping: Type.Optional(Type.String({ description: "映射原文;不给则按名称取 The mapping's text; without it, by its name" })) }, { additionalProperties: false }),
      response: { 200: Type.Object({ flow: Type.String(), book: Type.String(), version: Type.Integer(), isNew: Type.Boolean() }), ...errors },
    },
  }, async (request) => {
    const { yaml, mapping } = request.body;
    const { book } = parseFlow(yaml);
    if (book !== request.params.book) refuse("flow.other_book", { got: book, book: request.params.book }, "/book");
    return applyFlow(actorOf(ctx, request), { yaml, ...(mapping === undefined ? {} : { mapping: { text: mapping, files: {} } }) }, waysOf(ctx.db));
  });
  api.post("/books/:book/flows/:flow/check", { config: { asks: "flows.manage" }, schema: { tags, summary: "检查:配置、登录、网络、权限 Check: config, auth, network, permission", params: FlowParams, response: { 200: Type.Object({ flow: Type.String(), isFine: Type.Boolean(), failures: Type.Array(Type.Object({ failure: Type.String(), problem: ProblemView })) }), ...errors } } }, async (request) => {
    const book = await loadBook(ctx.db, request.params.book);
    const { definition, mapping } = await findFlow(ctx, book, request.params.flow);
    return checkFlow(ctx, book, definition, mapping);
  });
  api.post("/books/:book/flows/:flow/discover", { config: { asks: "flows.manage" }, schema: { tags, summary: "来源有哪些数据流 The streams of its source", params: FlowParams, response: { 200: Type.Array(Type.Unknown()), ...errors } } }, async (request) => discoverFlow(ctx, await loadBook(ctx.db, request.params.book), request.params.flow));
  for (const [word, act, summary] of [["run", askRun, "立即运行一次 Run it now"], ["pause", pauseFlow, "暂停 Pause"], ["resume", resumeFlow, "恢复 Resume"]] as const) {
    api.post(`/books/:book/flows/:flow/${word}`, { config: { asks: "flows.manage" }, schema: { tags, summary, params: FlowParams, response: { 200: Done, ...errors } } }, async (request) => (await act(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), request.params.flow), done));
  }
  api.post("/books/:book/flows/:flow/accept", { config: { asks: "flows.manage" }, schema: { tags, summary: "接受结构变化 Accept a change of structure", params: FlowParams, body: Type.Object({ stream: Type.String() }, { additionalProperties: false }), response: { 200: Done, ...errors } } },
    async (request) => (await acceptStream(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), request.params.flow, request.body.stream), done));
  api.post("/books/:book/flows/:flow/replay", {
    config: { asks: "flows.manage" }, schema: { tags, summary: "重放:试算差异、重建单据、重新送达 Replay: report differences, rebuild documents, deliver again", params: FlowParams, body: Replay, response: { 200: Type.Unknown(), ...errors } },
  }, async (request) => {
    const { mode, ids, keys, from, to, version } = request.body;
    const acting = actorOf(ctx, request);
    const book = await loadBook(ctx.db, request.params.book);
    const flow = await findInFlow(ctx, book, request.params.flow);
    const selection = { seqs: ids?.map(BigInt), keys, from, to, flowVersion: version };
    if (mode === "redeliver") return redeliver(acting, book, flow, selection);
    const report = await replayFlow(acting, book, flow, { selection, mode, ways: waysOf(ctx.db) });
    wakeFlow(ctx.db, book.bookId, flow.flow);
    return report;
  });

  api.get("/books/:book/dead-letters", {
    config: { asks: "flows.read" }, schema: { tags, summary: "死信 Dead letters", params: BookParams, querystring: Type.Object({ flow: Type.Optional(Type.String()), status: Type.Optional(Type.String({ description: "open(缺省 default)、fixed、retried、ignored、superseded、all" })), fingerprint: Type.Optional(Type.String()), limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })) }, { additionalProperties: false }), response: { 200: Type.Array(Type.Object(Letter)), ...errors } },
  }, async (request) => listLetters(ctx, await loadBook(ctx.db, request.params.book), request.query));
  api.get("/books/:book/dead-letters/causes", {
    config: { asks: "flows.read" }, schema: { tags, summary: "未处理的死信,按原因 Open dead letters by their cause", params: BookParams, response: { 200: Type.Array(Type.Object({ flow: Type.String(), fingerprint: Type.String(), stage: Type.String(), code: Type.String(), problem: ProblemView, letters: Type.Integer(), firstAt: Type.String(), lastAt: Type.String() })), ...errors } },
  }, async (request) => (await findCauses(ctx.db, (await loadBook(ctx.db, request.params.book)).bookId)).map((row) => ({ ...row, letters: Number(row.letters) })));
  api.get("/books/:book/dead-letters/:flow/:number", {
    config: { asks: "flows.read" }, schema: { tags, summary: "一封死信与其记录 One dead letter with its record", params: Type.Object({ book: Type.String(), flow: Type.String(), number: Type.String() }), response: { 200: Type.Object({ ...Letter, record: Text, bytes: Text, position: Type.String(), landedAt: Type.String() }), ...errors } },
  }, async (request) => showLetter(ctx, await loadBook(ctx.db, request.params.book), `${request.params.flow}/${request.params.number}`));
  const Decided = Type.Object({ count: Type.Integer() });
  api.post("/books/:book/dead-letters/retry", { config: { asks: "flows.manage" }, schema: { tags, summary: "重试死信 Retry dead letters", params: BookParams, body: Type.Object(LetterChoice, { additionalProperties: false }), response: { 200: Decided, ...errors } } },
    async (request) => ({ count: await decideLetters(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), request.body, { act: "retry" }) }));
  api.post("/books/:book/dead-letters/fix", {
    config: { asks: "flows.manage" }, schema: { tags, summary: "改正死信后重试;原记录保留 Fix dead letters and retry; the record as received is kept", params: BookParams, body: Type.Object({ ...LetterChoice, patch: Type.Array(Type.Object({ op: Type.String(), path: Type.String(), value: Type.Optional(Type.Unknown()) }, { additionalProperties: false }), { minItems: 1, description: "RFC 6902" }), reason: Type.Optional(Type.String()) }, { additionalProperties: false }), response: { 200: Decided, ...errors } },
  }, async (request) => ({ count: await decideLetters(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), request.body, { act: "fix", patch: request.body.patch as never, reason: request.body.reason }) }));
  api.post("/books/:book/dead-letters/ignore", { config: { asks: "flows.manage" }, schema: { tags, summary: "忽略死信(须写原因) Ignore dead letters, with a reason", params: BookParams, body: Type.Object({ ...LetterChoice, reason: Type.String() }, { additionalProperties: false }), response: { 200: Decided, ...errors } } },
    async (request) => ({ count: await decideLetters(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), request.body, { act: "ignore", reason: request.body.reason }) }));

  api.get("/books/:book/flow-log", { config: { asks: "flows.read" }, schema: { tags, summary: "从来源记录到送达回执 From the source's record to the acknowledgement", params: BookParams, querystring: Type.Object({ find: Type.String({ minLength: 1, description: "记录主键、单据号、凭证号 A record's key, a document, a voucher" }), limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })) }, { additionalProperties: false }), response: { 200: Type.Array(Type.Unknown()), ...errors } } },
    async (request) => findTransfers(ctx, await loadBook(ctx.db, request.params.book), request.query.find, request.query.limit));

  api.get("/books/:book/secrets", { config: { asks: "flows.manage" }, schema: { tags, summary: "机密的名称;内容不再显示 Names of secrets; what they hold is not shown again", params: BookParams, response: { 200: Type.Array(Type.Object({ name: Type.String(), setBy: Type.String(), setAt: Type.String() })), ...errors } } }, async (request) => store.listSecrets(ctx.db, (await loadBook(ctx.db, request.params.book)).bookId));
  api.put("/books/:book/secrets/:name", { config: { asks: "flows.manage" }, schema: { tags, summary: "存入机密(加密保存) Set a secret; it is kept sealed", params: Type.Object({ book: Type.String(), name: Type.String() }), body: Type.Object({ value: Type.String() }, { additionalProperties: false }), response: { 200: Done, ...errors } } },
    async (request) => (await setSecret(actorOf(ctx, request), (await loadBook(ctx.db, request.params.book)).bookId, request.params.name, request.body.value), done));

  // What other systems send reaches the connector as the bytes that came: signatures are over those.
  api.register(async (plain) => {
    const scope = plain as Http;
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "buffer", bodyLimit: RECEIVE_MAX }, (_request, body, parsed) => parsed(null, body));
    for (const path of ["/books/:book/flows/:flow/receive", "/books/:book/flows/:flow/receive/*"]) {
      scope.route({
        method: ["GET", "POST", "PUT"], url: path, bodyLimit: RECEIVE_MAX, config: { asks: "anyone" }, schema: { tags, summary: "接收推送:webhook、上传、SOAP Take a call: webhook, upload, SOAP", description: "收下并提交后才答复;忙时 429、存不下时 503,均带 Retry-After。Answered after the commit; 429 or 503 with Retry-After otherwise.", hide: path.endsWith("*") },
        handler: async (request, reply) => {
          const params = request.params as { book: string; flow: string; "*"?: string };
          const call: Inbound = { method: request.method, path: `/${params["*"] ?? ""}`, query: request.query as Readonly<Record<string, string>>, headers: flat(request.headers), body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0) };
          try {
            const { actor, book } = await whoSends(ctx, request, params);
            const answer = await receiveCall({ ...ctx, actor }, book, params.flow, call, { ways: waysOf(ctx.db), onLanded: (bookId, flow) => wakeFlow(ctx.db, bookId, flow) });
            return await reply.code(answer.status).headers({ ...answer.headers }).type(answer.contentType).serializer((text: string) => text).send(answer.body);
          } catch (error) {
            if (error instanceof Error && "code" in error && (error.code === "flow.busy" || error.code === "flow.paused")) reply.header("retry-after", "5");
            throw error;
          }
        },
      });
    }
  });
}

/** Connectors that check who calls, by a signature or a secret of their own. One that is not named here takes calls only from whoever may send to flows. */
const ownProof: Readonly<Record<string, (config: Readonly<Record<string, unknown>>) => boolean>> = {
  webhook: () => true, // signed: its configuration has no other way
  upload: () => true, // its bearer token
  "soap-endpoint": ({ auth }) => ["basic", "wsSecurity"].includes(String((auth as { readonly is?: unknown } | undefined)?.is)),
};

/**
 * Lets a call to a flow in: from a principal who may send to flows of the book, or where the connector itself checks who calls. Whoever has neither
 * learns nothing, not even which flows there are. Refuses: access.signed_out, access.denied, key.*.
 */
async function whoSends(ctx: Ctx, request: FastifyRequest, { book: code, flow }: { readonly book: string; readonly flow: string }): Promise<{ readonly actor: Ctx["actor"]; readonly book: Book }> {
  const { authorization } = request.headers;
  const principal = /^Bearer +tk_/i.test(authorization ?? "") ? await principalOfKey(ctx, authorization) : request.session === null ? request.principal : null;
  if (principal !== null) {
    const sight = sightOf(principal, code, { duty: "flows.send" });
    requireDuty(sight, "flows.send");
    return { actor: { id: principal.id }, book: await loadBook(ctx.db, code) };
  }
  const known = (await listBooks(ctx.db)).find((one) => one.code === code);
  const found = known && (await store.findFlow(ctx.db, known.bookId, flow));
  if (known === undefined || found?.direction !== "in" || ownProof[found.definition.connector]?.(found.definition.config as Readonly<Record<string, unknown>>) !== true) refuse("access.signed_out");
  return { actor: { id: `flow:${flow}` }, book: known };
}

const flat = (headers: Readonly<Record<string, string | readonly string[] | undefined>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, typeof value === "string" ? value : value.join(", ")]])));

/** Outside of /api: what a monitor reads. */
export function flowPageRoutes(server: Http, ctx: Ctx): void {
  server.get("/metrics", { config: { asks: "anyone" }, schema: { hide: true } }, async (_request, reply) => reply.type("text/plain; version=0.0.4; charset=utf-8").send(metricsText(await viewAllFlows(ctx))));
}
