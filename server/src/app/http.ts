/**
 * The HTTP server: the API under /api/v1, its description, the start page. Routes decide nothing: they read the request, call a
 * verb and answer. It binds to this machine only unless told otherwise, and a browser that shows another site cannot use it.
 */
import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { Static, TSchema } from "@fastify/type-provider-typebox";
import Fastify, { type FastifyBaseLogger, type FastifyError, type FastifyInstance, type FastifyRequest, type FastifyTypeProvider, type RawServerDefault } from "fastify";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type Ctx, Refusal } from "../platform/index.ts";
import { type Duty, type Principal, requireDuty, type Sight, sightOf } from "../access/index.ts";
import { answerError } from "./answer.ts";
import { bookRoutes } from "./routes/books.ts";
import { dataRoutes } from "./routes/data.ts";
import { deliveryRoutes } from "./routes/delivery.ts";
import { documentRoutes } from "./routes/documents.ts";
import { flowPageRoutes, flowRoutes } from "./routes/flows.ts";
import { pageRoutes } from "./routes/pages.ts";
import { proofRoutes } from "./routes/proof.ts";
import { reportRoutes } from "./routes/reports.ts";
import { rulesRoutes } from "./routes/rules.ts";
import { shellRoutes } from "./routes/shell.ts";
import { version } from "./version.ts";

/** Requests are typed by their schemas. Answers are only written by theirs: a view is readonly, which a schema cannot say. */
interface SchemaTypes extends FastifyTypeProvider {
  readonly validator: this["schema"] extends TSchema ? Static<this["schema"]> : unknown;
  readonly serializer: unknown;
}

export type Http = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, FastifyBaseLogger, SchemaTypes>;

export type HttpOpen = { readonly url: string; readonly server: Http; close(): Promise<void> };

/** Arrays and single documents are read whole; NDJSON has no limit, it streams. */
export const BODY_MAX = 32 * 1024 * 1024;

/** What a route asks for: a duty; to be signed in at all; or nothing, for what anyone may have, and for calls that carry their own proof (a key, a signature). */
export type Asks = Duty | "signedIn" | "anyone";
declare module "fastify" {
  interface FastifyContextConfig {
    asks?: Asks;
  }
  interface FastifyRequest {
    principal: Principal | null;
    /** What the principal sees of the book in the path; without a book, of what all books share. */
    sight: Sight;
  }
}

/** Listens until it is closed; closing waits for requests under way, but not for ever. */
export async function openHttp(ctx: Ctx, options: { readonly host: string; readonly port: number; readonly principal?: Principal }): Promise<HttpOpen> {
  const server = await buildHttp(ctx, options);
  const url = await server.listen({ host: options.host, port: options.port });
  const close = async (): Promise<void> => {
    const patience = setTimeout(() => server.server.closeAllConnections(), stopPatienceMs);
    await server.close();
    clearTimeout(patience);
  };
  return { url: url.replace("[::1]", "localhost"), server, close };
}

/** How long requests under way may take once the server stops. */
const stopPatienceMs = 10_000;

/** The server without a port, as tests use it. */
export async function buildHttp(ctx: Ctx, options: { /** Whoever asks, without a login: for tests of what comes after it. */ readonly principal?: Principal } = {}): Promise<Http> {
  const server: Http = Fastify({
    bodyLimit: BODY_MAX, forceCloseConnections: "idle", requestTimeout: 0, routerOptions: { ignoreTrailingSlash: true },
    ajv: { customOptions: { coerceTypes: "array", removeAdditional: false } },
  }).withTypeProvider<SchemaTypes>();

  // A route that says nothing is refused to everyone: the server does not start with it.
  server.addHook("onRoute", (route) => {
    if (route.config?.asks === undefined && !route.url.startsWith("/api/docs")) throw new TypeError(`${String(route.method)} ${route.url} does not say what it asks for (config.asks)`);
  });
  server.decorateRequest("principal", null);
  server.decorateRequest("sight", null as unknown as Sight);
  server.addHook("onRequest", async (request) => {
    refuseForeign(request);
    request.principal = options.principal ?? null;
    const asks = request.routeOptions.config.asks ?? "anyone";
    const { book } = request.params as { book?: string };
    request.sight = request.principal === null ? nothing : sightOf(request.principal, book, book === undefined);
    if (asks === "anyone") return;
    if (request.principal === null) throw new Refusal({ code: "access.signed_out", facts: {} });
    if (asks !== "signedIn") requireDuty(request.sight, asks);
  });
  server.addHook("onSend", async (request, reply) => {
    reply.headers({ "x-content-type-options": "nosniff", "referrer-policy": "no-referrer", "x-frame-options": "DENY" });
    if (!reply.hasHeader("cache-control")) reply.header("cache-control", "no-store");
    if (!request.url.startsWith("/api/docs")) reply.header("content-security-policy", "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
  });
  server.setErrorHandler((error: FastifyError, request, reply) => {
    const { status, error: problem } = answerError(asRefusal(error, request), ctx.log);
    if (status === 413) reply.header("connection", "close"); // the rest of the body is not read
    return reply.code(status).type("application/json; charset=utf-8").send({ error: problem });
  });
  server.setNotFoundHandler((request) => {
    throw new Refusal({ code: "http.not_found", facts: { method: request.method, path: request.url.split("?")[0] ?? "" } });
  });

  await server.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "业财通 Tieout", version,
        description: "业务单据进,平衡的凭证出。金额、数量、单价、汇率一律为十进制字符串。Business documents in, balanced vouchers out. Amounts, quantities, prices and rates are decimal strings.\n\n"
          + "错误只有一种形状 Errors have one shape: `{ error: { code, zh, en, where, todo: { zh, en } } }`. 单据格式 The forms of documents: [/api/schemas](/api/schemas).",
      },
      tags: [
        { name: "books", description: "账簿、期间、设置 Books, periods, settings" }, { name: "documents", description: "单据 Documents" }, { name: "vouchers", description: "凭证、余额、账簿、报表 Vouchers, balances, ledgers, statements" },
        { name: "proof", description: "追溯、完整性、验证 Trace, completeness, proof" }, { name: "rules", description: "会计规则 Accounting rules" }, { name: "flows", description: "数据流:接入与送达 Flows in and out" }, { name: "data", description: "数据服务,凭密钥只读 Published data, read only, with a key" }, { name: "system", description: "系统 System" },
      ],
    },
  });
  await server.register(swaggerUi, { routePrefix: "/api/docs", staticCSP: true, uiConfig: { docExpansion: "list", defaultModelsExpandDepth: 0, validatorUrl: null, tryItOutEnabled: false } });
  await server.register(async (api) => {
    for (const routes of [shellRoutes, bookRoutes, documentRoutes, reportRoutes, proofRoutes, rulesRoutes, flowRoutes, deliveryRoutes]) await api.register(async (scope) => routes(scope as Http, ctx));
  }, { prefix: "/api/v1" });
  await server.register(async (scope) => dataRoutes(scope as Http, ctx), { prefix: "/api/data/v1" });
  await server.register(async (scope) => pageRoutes(scope as Http, ctx));
  await server.register(async (scope) => flowPageRoutes(scope as Http, ctx));
  return server;
}

const nothing: Sight = { user: "", duties: new Set(), columns: new Set(), scopes: [] };

/** The context of a request: whoever asks is who acts. */
export const actorOf = (ctx: Ctx, request: FastifyRequest): Ctx => ({ ...ctx, actor: { id: request.principal?.id ?? "" } });

/** A web page of another site can make a browser send requests here. Its Origin gives it away, and a rebound name its Host. Refuses: http.origin. */
function refuseForeign(request: FastifyRequest): void {
  const { origin, host } = request.headers;
  if (typeof origin === "string" && origin !== `http://${host}` && origin !== `https://${host}`) throw new Refusal({ code: "http.origin", facts: { got: origin.slice(0, 100) } });
  const name = (host ?? "").replace(/:\d+$/, "");
  const isBoundHere = request.socket.localAddress === undefined || /^(::ffff:)?127\.|^::1$/.test(request.socket.localAddress);
  if (isBoundHere && name !== "" && !["localhost", "127.0.0.1", "[::1]"].includes(name)) throw new Refusal({ code: "http.origin", facts: { got: name.slice(0, 100) } });
}

/** What fastify itself refuses, in our words. */
function asRefusal(error: FastifyError, request: FastifyRequest): unknown {
  if (error.validation) {
    const [first] = error.validation;
    const parameter = first?.instancePath?.slice(1) || String(first?.params.missingProperty ?? first?.params.additionalProperty ?? error.validationContext ?? "");
    return new Refusal({ code: "http.parameter", facts: { parameter, detail: error.message } });
  }
  if (error.code === "FST_ERR_CTP_INVALID_MEDIA_TYPE") return new Refusal({ code: "http.media_type", facts: { got: request.headers["content-type"] ?? "" } });
  if (error.code === "FST_ERR_CTP_BODY_TOO_LARGE") return new Refusal({ code: "http.too_large", facts: { max: BODY_MAX / 1_048_576 } });
  if (!(error instanceof Refusal) && typeof error.statusCode === "number" && error.statusCode >= 400 && error.statusCode < 500) return new Refusal({ code: "http.body", facts: { detail: error.message } });
  return error;
}

