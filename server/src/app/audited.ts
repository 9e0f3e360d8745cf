/**
 * Records every request that changes something, and those that take something out and say so: what a route is called in the trail stands in its
 * `config.act`, else in `route-acts.ts`, else it follows from method and path. The intent is committed before the handler runs, the entry
 * before the answer leaves, so that whoever has an answer finds it in the trail.
 */
import type { FastifyReply, FastifyRequest, RouteOptions } from "fastify";
import { acts, type AuditObject, closeAudit, conclude, type Concluded, type Doer, failureOf, intend, type Intended, type Intent, type Named, record, settleIntents } from "../audit/index.ts";
import type { Ctx } from "../platform/index.ts";
import { faultNumber } from "./answer.ts";
import type { Http } from "./http.ts";
import { routeActs } from "./route-acts.ts";

/** What a request is called in the trail, and what is kept of it. */
export type RouteAct = {
  /** One of `acts`; a name beyond them is told with the route's summary. */
  readonly name: string;
  /** Default: the last parameter of the path. */
  readonly object?: (request: FastifyRequest) => AuditObject | undefined;
  /** How it stood; read before the handler runs. If it cannot be read, the handler says why. */
  readonly before?: (ctx: Ctx, request: FastifyRequest) => Promise<unknown>;
  /** What came of it, from the request and the answer. Default: the body. */
  readonly after?: (request: FastifyRequest, answer: unknown) => unknown;
  /** Default: `reason` of the body. */
  readonly reason?: (request: FastifyRequest) => string | undefined;
};

/** What only a handler knows. */
export type Noted = { readonly after?: unknown; readonly object?: AuditObject; readonly reason?: string; /** Work that goes on while the answer streams: its entry waits for it. */ readonly until?: Promise<unknown> };

type Audited = { intent: Intent | null; noted: Noted; answer: unknown; isConcluded: boolean };

declare module "fastify" {
  interface FastifyContextConfig {
    /** "none": the request changes nothing, or its handler records by itself. A GET is recorded when it is given. */
    act?: RouteAct | "none";
  }
  interface FastifyRequest {
    audited: Audited | null;
  }
  interface FastifyInstance {
    /** Names of acts that no table knows, by what their routes say of themselves. */
    actsOfRoutes: Map<string, Named>;
  }
}

/** For handlers: adds to what is recorded of their request. */
export function note(request: FastifyRequest, noted: Noted): void {
  if (request.audited) request.audited.noted = { ...request.audited.noted, ...noted };
}

/** For work that goes on while its answer streams: the entry waits for it, and holds what it answers as `summary`. */
export function noteWork<Summary>(request: FastifyRequest, work: Promise<Summary>): Promise<Summary> {
  note(request, { until: work.then((summary) => note(request, { after: { summary } })) });
  return work;
}

/** Call before any route is added. */
export function auditRequests(server: Http, ctx: Ctx): void {
  const derived = new Map<string, Named>();
  server.decorate("actsOfRoutes", derived);
  server.decorateRequest("audited", null);

  server.addHook("onRoute", (route) => {
    for (const method of [route.method].flat()) {
      const key = `${method} ${route.url}`;
      const known = Object.hasOwn(routeActs, key) ? routeActs[key] : undefined;
      if (known !== undefined && route.config?.act === undefined) route.config = { ...route.config, act: known } as RouteOptions["config"] & object;
      const act = route.config?.act;
      if (act === "none" || !route.url.startsWith(api) || (act === undefined && isReading(method))) continue;
      const name = act?.name ?? nameOf(method, route.url);
      if (!Object.hasOwn(acts, name)) derived.set(name, wordsOf((route.schema as { readonly summary?: string } | undefined)?.summary ?? name));
    }
  });

  server.addHook("onReady", async () => {
    await settleIntents(ctx).catch((error: unknown) => ctx.log.error("acts that were cut off are not settled yet", { error }));
  });
  server.addHook("onClose", () => closeAudit(ctx));

  server.addHook("preHandler", async (request) => {
    const act = actOf(request);
    if (act === undefined) return;
    const before = await act.before?.(ctx, request).catch(() => undefined);
    request.audited = { intent: await intend(ctx, intendedOf(request, act, before)), noted: {}, answer: undefined, isConcluded: false };
  });
  server.addHook("preSerialization", async (request, _reply, payload) => {
    if (request.audited) request.audited.answer = payload;
    return payload;
  });
  server.addHook("onSend", async (request, reply, payload) => {
    const act = actOf(request);
    if (act === undefined) return payload;
    if (request.audited === null) {
      await noteRefused(ctx, request, reply, act, payload);
      return payload;
    }
    const { noted } = request.audited;
    if (noted.until === undefined || !isStream(payload)) await finish(ctx, request, reply, act, payload);
    else void noted.until.then(() => finish(ctx, request, reply, act, payload), (error: unknown) => finish(ctx, request, reply, act, payload, failureOf(error)));
    return payload;
  });
}

const api = "/api/v1/";
const isReading = (method: string): boolean => ["GET", "HEAD", "OPTIONS"].includes(method);
const isStream = (payload: unknown): boolean => typeof payload === "object" && payload !== null && "pipe" in payload;

/** Undefined where nothing is recorded. */
function actOf(request: FastifyRequest): RouteAct | undefined {
  const { url, config } = request.routeOptions;
  if (url === undefined || !url.startsWith(api) || config.act === "none" || request.method === "HEAD" || request.method === "OPTIONS") return undefined;
  return config.act ?? (isReading(request.method) ? undefined : { name: nameOf(request.method, url) });
}

/** "POST /api/v1/books/:book/flows/:flow/run" is "flows.run", "POST /api/v1/users" is "users.post". */
function nameOf(method: string, url: string): string {
  const words = url.slice(api.length).split("/").filter((word) => word !== "" && !/^[:*]/.test(word)).map((word) => word.replace(/-+(\w)/g, (_, letter: string) => letter.toUpperCase()).replace(/[^A-Za-z0-9]/g, ""));
  const own = words.length > 1 && words[0] === "books" ? words.slice(1) : words;
  return [...own, ...(own.length > 1 && method === "POST" ? [] : [method.toLowerCase()])].join(".");
}

/** A summary is 中文, then English. */
function wordsOf(summary: string): Named {
  const [, zh, en] = /^(.*[\p{Script=Han})】》”])\s*(.*)$/su.exec(summary) ?? [];
  return { zh: zh ?? summary, en: en === undefined || en === "" ? summary : en };
}

/** Whoever asks. Without anybody it is another system that carries a proof of its own, as those that push into a flow. */
export function doerOf(request: FastifyRequest): Doer {
  const { principal } = request;
  const { flow } = request.params as { readonly flow?: string };
  if (principal) return { actorKind: principal.kind, actor: principal.id, actorName: principal.name, address: request.ip, session: request.session?.session };
  return flow === undefined ? { actorKind: "system", actor: "", actorName: "未登录者", address: request.ip } : { actorKind: "flow", actor: flow, actorName: flow, address: request.ip };
}

function intendedOf(request: FastifyRequest, act: RouteAct, before?: unknown): Intended {
  const { book } = request.params as { readonly book?: string };
  const { reason } = (isRecord(request.body) ? request.body : {}) as { readonly reason?: unknown };
  return { ...doerOf(request), act: act.name, object: (act.object ?? objectOf)(request), book, before, reason: act.reason?.(request) ?? (typeof reason === "string" ? reason : undefined), request: `${request.method} ${safeDecoded(request.url)}` };
}

/** The last parameter of the path, else the book. */
function objectOf(request: FastifyRequest): AuditObject | undefined {
  const [kind, id] = Object.entries(request.params as Readonly<Record<string, string>>).at(-1) ?? [];
  return kind === undefined || id === undefined ? undefined : { kind, id };
}

function safeDecoded(url: string): string {
  try {
    return decodeURIComponent(url);
  } catch {
    return url;
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === "object" && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value) && !("pipe" in value);
/** The reason has its own column. */
const bodyOf = ({ body }: FastifyRequest): unknown => {
  if (!isRecord(body)) return Buffer.isBuffer(body) ? { bytes: body.length } : isStream(body) ? undefined : body;
  const { reason: _, ...rest } = body;
  return Object.keys(rest).length === 0 ? undefined : rest;
};

/** Before its handler: nothing has changed, so there is no intent. Of a request by nobody there is nothing to say. */
async function noteRefused(ctx: Ctx, request: FastifyRequest, reply: FastifyReply, act: RouteAct, payload: unknown): Promise<void> {
  if (request.principal === null || reply.statusCode < 400) return;
  await record(ctx, intendedOf(request, act), outcomeOf(request, reply, act, payload)).catch((error: unknown) => ctx.log.error("a refused act is not in the audit trail", { act: act.name, error }));
}

async function finish(ctx: Ctx, request: FastifyRequest, reply: FastifyReply, act: RouteAct, payload: unknown, failure?: Concluded): Promise<void> {
  const { audited } = request;
  if (!audited?.intent || audited.isConcluded) return;
  audited.isConcluded = true;
  const { until: _, ...noted } = audited.noted;
  // The act is done and its intent kept: it becomes an entry when the process starts next.
  await conclude(ctx, audited.intent, { ...(failure ?? outcomeOf(request, reply, act, payload)), ...noted }).catch((error: unknown) => ctx.log.error("an act is not yet in the audit trail; its intent is kept", { act: act.name, error }));
}

function outcomeOf(request: FastifyRequest, reply: FastifyReply, act: RouteAct, payload: unknown): Concluded {
  const answer = request.audited?.answer ?? (typeof payload === "string" && reply.statusCode >= 400 ? parsed(payload) : undefined);
  if (reply.statusCode < 400) return { outcome: "done", after: act.after ? act.after(request, answer) : bodyOf(request) };
  const { code, en } = ((isRecord(answer) ? answer.error : undefined) ?? {}) as { readonly code?: string; readonly en?: string };
  const fault = faultNumber(en ?? "");
  const wanted = act.after === undefined ? bodyOf(request) : undefined;
  return { outcome: reply.statusCode >= 500 && fault !== undefined ? "failed" : "refused", code: fault ?? code, after: wanted === undefined ? undefined : { wanted } };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
