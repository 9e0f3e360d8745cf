/**
 * The HTTP server: the API under /api/v1, its description, the start page. Routes decide nothing: they read the request, call a
 * verb and answer. It binds to this machine only unless told otherwise, and a browser that shows another site cannot use it.
 */
import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { Static, TSchema } from "@fastify/type-provider-typebox";
import Fastify, { type FastifyBaseLogger, type FastifyError, type FastifyInstance, type FastifyRequest, type FastifyTypeProvider, type RawServerDefault, type RouteOptions } from "fastify";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type Ctx, type OidcSettings, Refusal } from "../platform/index.ts";
import { type Duty, type Principal, RateRefusal, requireDuty, restrictedStore, type Session, type Sight, sightOf, WaitRefusal } from "../access/index.ts";
import { loadBook } from "../books/index.ts";
import { answerError } from "./answer.ts";
import { auditRequests } from "./audited.ts";
import { accessRoutes } from "./routes/access.ts";
import { bankRoutes } from "./routes/bank.ts";
import { alertRoutes } from "./routes/alerts.ts";
import { auditRoutes } from "./routes/audit.ts";
import { bookRoutes } from "./routes/books.ts";
import { closeRoutes } from "./routes/close.ts";
import { dataRoutes } from "./routes/data.ts";
import { deliveryRoutes } from "./routes/delivery.ts";
import { documentRoutes } from "./routes/documents.ts";
import { flowPageRoutes, flowRoutes } from "./routes/flows.ts";
import { insightRoutes } from "./routes/insight.ts";
import { masterdataRoutes } from "./routes/masterdata.ts";
import { pageRoutes } from "./routes/pages.ts";
import { paymentRoutes } from "./routes/payments.ts";
import { reconciliationRoutes } from "./routes/reconciliation.ts";
import { proofRoutes } from "./routes/proof.ts";
import { reportRoutes } from "./routes/reports.ts";
import { rulesRoutes } from "./routes/rules.ts";
import { shellRoutes } from "./routes/shell.ts";
import { threeWayRoutes } from "./routes/three-way.ts";
import { voucherRoutes } from "./routes/vouchers.ts";
import { version } from "./version.ts";
import { isHttps, whoAsks } from "./who-asks.ts";

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
    /** The path names no book, and the handler asks for the duty in the book that the request names elsewhere. */
    ofAnyBook?: true;
  }
  interface FastifyRequest {
    principal: Principal | null;
    /** Of a person who is signed in. */
    session: Session | null;
    /** What the principal sees of the book in the path, for what the route asks; without a book, of all books. */
    sight: Sight;
    /** The book of a sight that shows a part of it. */
    partOf: number | null;
  }
}

/** Listens until it is closed; closing waits for requests under way, but not for ever. */
export async function openHttp(ctx: Ctx, options: HttpOptions & { readonly host: string; readonly port: number }): Promise<HttpOpen> {
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

export type HttpOptions = {
  /** Whoever asks, without a login: for tests of what comes after it. */
  readonly principal?: Principal;
  /** How people reach the server through a proxy on this machine, which says whom it speaks for. */
  readonly publicUrl?: string | undefined;
  readonly oidc?: OidcSettings | undefined;
  /** Told of every route as it is added. */
  readonly onRoute?: (route: RouteOptions) => void;
};

/** The server without a port, as tests use it. */
export async function buildHttp(ctx: Ctx, options: HttpOptions = {}): Promise<Http> {
  const server: Http = Fastify({
    bodyLimit: BODY_MAX, forceCloseConnections: "idle", requestTimeout: 0, ...(options.publicUrl === undefined ? {} : { trustProxy: "loopback" }), routerOptions: { ignoreTrailingSlash: true },
    ajv: { customOptions: { coerceTypes: "array", removeAdditional: false } },
  }).withTypeProvider<SchemaTypes>();

  // A route that says nothing is refused to everyone: the server does not start with it.
  server.addHook("onRoute", (route) => {
    options.onRoute?.(route);
    if (route.config?.asks === undefined && !route.url.startsWith("/api/docs")) throw new TypeError(`${String(route.method)} ${route.url} does not say what it asks for (config.asks)`);
  });
  server.decorateRequest("principal", null);
  server.decorateRequest("session", null);
  server.decorateRequest("sight", null as unknown as Sight);
  server.decorateRequest("partOf", null);
  auditRequests(server, ctx);
  server.addHook("onRequest", async (request) => {
    refuseForeign(request, options.publicUrl);
    request.sight = nothing;
    Object.assign(request, options.principal === undefined ? await whoAsks(ctx, request) : { principal: options.principal });
    const { asks = "anyone", ofAnyBook = false } = request.routeOptions.config;
    if (request.principal === null) {
      if (asks === "anyone") return;
      throw new Refusal({ code: "access.signed_out", facts: {} });
    }
    const { book } = request.params as { book?: string };
    request.sight = sightOf(request.principal, book, { ofAny: ofAnyBook, duty: asks === "anyone" || asks === "signedIn" ? undefined : asks });
    if (asks !== "anyone" && asks !== "signedIn") requireDuty(request.sight, asks);
    if (request.sight.scopes !== null && request.sight.duties.size > 0 && book !== undefined) request.partOf = (await loadBook(ctx.db, book)).bookId;
  });
  server.addHook("onSend", async (request, reply) => {
    reply.headers({ "x-content-type-options": "nosniff", "referrer-policy": "no-referrer", "x-frame-options": "DENY", "cross-origin-opener-policy": "same-origin" });
    if (isHttps(request, options)) reply.header("strict-transport-security", "max-age=31536000");
    if (!reply.hasHeader("cache-control")) reply.header("cache-control", "no-store");
    if (!request.url.startsWith("/api/docs")) reply.header("content-security-policy", contentPolicy);
    // Deny by default: what was not read through the wall does not go out to somebody with a part of the book.
    if (request.partOf !== null && reply.statusCode < 400 && !walled.has(request)) throw new Refusal({ code: "access.part", facts: {} });
  });
  server.setErrorHandler((error: FastifyError, request, reply) => {
    const { status, error: problem } = answerError(asRefusal(error, request), ctx.log);
    if (error instanceof RateRefusal || error instanceof WaitRefusal) reply.header("retry-after", String(error.retryAfterSeconds));
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
        { name: "proof", description: "追溯、完整性、验证 Trace, completeness, proof" }, { name: "rules", description: "会计规则 Accounting rules" }, { name: "flows", description: "数据流:接入与送达 Flows in and out" }, { name: "boards", description: "指标与看板 Figures and boards" }, { name: "data", description: "数据服务,凭密钥只读 Published data, read only, with a key" }, { name: "access", description: "登录、用户、角色、密钥 Signing in, users, roles, keys" }, { name: "system", description: "系统 System" },
      ],
    },
  });
  await server.register(swaggerUi, { routePrefix: "/api/docs", staticCSP: true, uiConfig: { docExpansion: "list", defaultModelsExpandDepth: 0, validatorUrl: null, tryItOutEnabled: false } });
  await server.register(async (api) => {
    await api.register(async (scope) => accessRoutes(scope as Http, ctx, options));
    for (const routes of [shellRoutes, auditRoutes, bookRoutes, documentRoutes, reportRoutes, voucherRoutes, proofRoutes, rulesRoutes, masterdataRoutes, flowRoutes, deliveryRoutes, bankRoutes, threeWayRoutes, reconciliationRoutes, paymentRoutes, closeRoutes, alertRoutes, insightRoutes]) await api.register(async (scope) => routes(scope as Http, ctx));
  }, { prefix: "/api/v1" });
  await server.register(async (scope) => dataRoutes(scope as Http, ctx), { prefix: "/api/data/v1" });
  await server.register(async (scope) => pageRoutes(scope as Http, ctx));
  await server.register(async (scope) => flowPageRoutes(scope as Http, ctx));
  return server;
}

const nothing: Sight = { user: "", duties: new Set(), columns: new Set(), scopes: [] };

const contentPolicy = "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; script-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/** The context of a request: whoever asks is who acts, and whoever has a part of the book reads through the wall. */
export function actorOf(ctx: Ctx, request: FastifyRequest): Ctx {
  const acting = { ...ctx, actor: { id: request.principal?.id ?? "" } };
  if (request.sight.scopes === null) return acting;
  walled.add(request);
  return { ...acting, db: restrictedStore(ctx.db, request.partOf ?? 0, request.sight.scopes) };
}
const walled = new WeakSet<FastifyRequest>();

/** A web page of another site can make a browser send requests here. Its Origin gives it away, and a rebound name its Host. Refuses: http.origin. */
function refuseForeign(request: FastifyRequest, publicUrl: string | undefined): void {
  const { origin, host } = request.headers;
  if (typeof origin === "string" && origin !== publicUrl && origin !== `http://${host}` && origin !== `https://${host}`) throw new Refusal({ code: "http.origin", facts: { got: origin.slice(0, 100) } });
  const name = (host ?? "").replace(/:\d+$/, "");
  const isBoundHere = request.socket.localAddress === undefined || /^(::ffff:)?127\.|^::1$/.test(request.socket.localAddress);
  if (isBoundHere && name !== "" && (publicUrl === undefined || name !== new URL(publicUrl).hostname) && !["localhost", "127.0.0.1", "[::1]"].includes(name)) throw new Refusal({ code: "http.origin", facts: { got: name.slice(0, 100) } });
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

