/**
 * Any system with a REST interface, by configuration: where to send, what the body looks like, what the answer means. It comes in three
 * kinds, by what the system can do against sending twice: `rest` knows nothing, `rest-idempotent` refuses a second effect under one
 * key, `rest-searchable` can be searched for our reference.
 */
import { Type, type Static } from "typebox";
import { Auth, authSecrets, failuresOf, forgetToken, type CheckFailure, type ConnectorCtx, type Json } from "../../connectors/index.ts";
import type { Dedupe, Delivery, Target } from "../target.ts";
import { authorized, below, callOnce, type Call, faultOf, jsonOf, readOnce } from "./http.ts";
import { inTurn, formOf, Unfit, type Verdict } from "./outcome.ts";
import { FoundRules, foundIn, ReplyRules, verdictOf } from "./reply.ts";
import { compileJson, compileText, scopeOf } from "./template.ts";

const base = {
  url: Type.String(),
  /** What people call it; its host otherwise. */
  system: Type.Optional(Type.String()),
  auth: Type.Optional(Auth),
  method: Type.Optional(Type.Union([Type.Literal("POST"), Type.Literal("PUT"), Type.Literal("PATCH")])),
  /** Below `url`; a template. */
  path: Type.Optional(Type.String()),
  /** Templates. */
  headers: Type.Optional(Type.Record(Type.String(), Type.String())),
  query: Type.Optional(Type.Record(Type.String(), Type.String())),
  /** A template in JSON. */
  body: Type.Unknown(),
  reply: ReplyRules,
  /** A GET that proves address and log-in without writing. */
  ping: Type.Optional(Type.String()),
};
const Plain = Type.Object(base, { additionalProperties: false });
/** The key goes into this header; or into the body, as {delivery.id}. */
const Keyed = Type.Object({ ...base, keyHeader: Type.Optional(Type.String()) }, { additionalProperties: false });
/** `search` is a GET below `url`, a template. */
const Searchable = Type.Object({ ...base, search: Type.String(), found: FoundRules }, { additionalProperties: false });

export type RestConfig = Static<typeof Plain> & { readonly keyHeader?: string | undefined; readonly search?: string | undefined; readonly found?: FoundRules | undefined };

export const restTarget = rest("rest", "none", Plain, "REST 接口(不能查重)", "REST, without a search or a key");
export const restIdempotentTarget = rest("rest-idempotent", "idempotency-key", Keyed, "REST 接口(认幂等键)", "REST with an idempotency key");
export const restSearchableTarget = rest("rest-searchable", "natural-key", Searchable, "REST 接口(可按我方编号查询)", "REST that can be searched for our reference");

function rest(name: string, dedupe: Dedupe, config: Target<RestConfig>["config"], zh: string, en: string): Target<RestConfig> {
  return {
    name, zh, en, config, dedupe, red: "negative", secrets: authSecrets,
    check: checkRest,
    async open(config, _epoch, ctx) {
      const request = requestOf(config, dedupe);
      const { system } = request;
      const one = async (delivery: Delivery, leftMs: number): Promise<Verdict> => {
        const { form, verdict } = formOf(() => request.write(delivery));
        if (form === undefined) return verdict;
        const ready = await authorized(system, request.auth, form, leftMs, ctx);
        if (ready.call === undefined) return ready.verdict;
        const reached = await callOnce(system, ready.call, leftMs);
        if (reached.is !== "answer") return reached;
        if (reached.answer.status === 401) forgetToken(request.auth);
        return verdictOf(system, config.reply, reached.answer, ({ text }) => jsonOf(text), delivery, ctx);
      };
      return {
        deliver: (deliveries, timeoutMs) => inTurn(system, deliveries, timeoutMs, one),
        async probe(deliveries) {
          const { found } = config;
          if (found === undefined) throw faultOf({ code: "target.setting_missing", facts: { system, kind: "search", code: name } });
          const probes = [];
          for (const delivery of deliveries) {
            const answer = await read(request, request.search(delivery), ctx);
            probes.push(foundIn(system, found, jsonOf(answer.text), answer, delivery, ctx));
          }
          return probes;
        },
        close: async () => {},
      };
    },
  };
}

const readMs = 60_000;

async function read(request: ReturnType<typeof requestOf>, call: Call, ctx: ConnectorCtx): Promise<Awaited<ReturnType<typeof readOnce>>> {
  const ready = await authorized(request.system, request.auth, call, readMs, ctx);
  if (ready.call === undefined) throw faultOf(ready.verdict.problem, ready.verdict.retryAfterMs);
  return readOnce(request.system, ready.call, readMs, ctx);
}

/** Templates are compiled once. Throws FlowFault with target.template. */
function requestOf(config: RestConfig, dedupe: Dedupe) {
  const system = config.system ?? URL.parse(config.url)?.host ?? config.url;
  try {
    const path = compileText(config.path ?? "");
    const body = compileJson(config.body as Json);
    const headers = Object.entries(config.headers ?? {}).map(([name, text]) => [name.toLowerCase(), compileText(text)] as const);
    const query = Object.entries(config.query ?? {}).map(([name, text]) => [name, compileText(text)] as const);
    const search = compileText(config.search ?? "");
    return {
      system,
      auth: config.auth ?? ({ is: "none" } as const),
      write(delivery: Delivery): Call {
        const scope = scopeOf(delivery);
        const url = below(config.url, path(scope, encodeURIComponent));
        for (const [name, form] of query) url.searchParams.set(name, form(scope));
        const key = dedupe === "idempotency-key" && config.keyHeader !== undefined ? { [config.keyHeader.toLowerCase()]: delivery.deliveryId } : {};
        return { url, method: config.method ?? "POST", headers: { accept: "application/json", "content-type": "application/json; charset=utf-8", ...Object.fromEntries(headers.map(([name, form]) => [name, form(scope)])), ...key }, body: JSON.stringify(body(scope)) };
      },
      search: (delivery: Delivery): Call => ({ url: below(config.url, search(scopeOf(delivery), encodeURIComponent)), method: "GET", headers: { accept: "application/json", ...Object.fromEntries(headers.map(([name, form]) => [name, form(scopeOf(delivery))])) } }),
    };
  } catch (error) {
    if (error instanceof Unfit) throw faultOf(error.problem);
    throw error;
  }
}

async function checkRest(config: RestConfig, ctx: ConnectorCtx): Promise<readonly CheckFailure[]> {
  return failuresOf(async () => {
    const request = requestOf(config, "none");
    below(config.url, "");
    if (config.ping !== undefined) await read(request, { url: below(config.url, config.ping), method: "GET", headers: { accept: "application/json" } }, ctx);
  });
}
