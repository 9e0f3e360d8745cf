/**
 * One other system over HTTP: log-in, pace, time limit, size limit, and every failure told apart. What may be repeated (GET, or what
 * the caller knows to read only) is tried again a few times; everything else is left to the flow. Secrets appear in no message.
 */
import Type from "typebox";
import { elapsedMs, momentOf, sleep } from "../../platform/index.ts";
import { FlowFault, type ConnectorCtx } from "../connector.ts";
import { type Auth, credentialsOf, forgetToken, keepToken, knownToken, type OAuth, tokenRequest } from "../http-login.ts";
import { parseExact } from "../json.ts";

/** What every connector over HTTP takes beside its address. */
export const httpFields = {
  headers: Type.Optional(Type.Record(Type.String(), Type.String())),
  ratePerSecond: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 1000 })),
  timeoutSeconds: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 3600 })),
  bodyMegabytesMax: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 1024 })),
};

export type HttpConfig = {
  readonly baseUrl: string;
  readonly auth?: Auth | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly ratePerSecond?: number | undefined;
  readonly timeoutSeconds?: number | undefined;
  readonly bodyMegabytesMax?: number | undefined;
};

export type HttpRequest = {
  readonly method?: string | undefined;
  /** Below the base address; or absolute, then of the same origin, for the log-in must not go elsewhere. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>> | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | undefined;
  /** Reads only, so that it may be repeated; a GET does by itself. */
  readonly readsOnly?: boolean | undefined;
  /** Statuses that the caller wants to see; others above 299 are thrown. */
  readonly accept?: readonly number[] | undefined;
};
export type HttpAnswer = { readonly status: number; readonly headers: Headers; readonly body: Buffer; /** Without the query, which may hold a key. */ readonly place: string };

export type Http = { readonly send: (request: HttpRequest) => Promise<HttpAnswer>; readonly close: () => void };

const attemptsMax = 3;
const retryDelayMs = 250;
/** A longer wait than this is the flow's, not ours: the breaker shows it. */
const waitMsMax = 10_000;
const redirectsMax = 5;

/** Throws FlowFault with rest.address, rest.elsewhere, rest.unreachable, rest.tls, rest.timeout, rest.too_large, rest.login_refused, rest.forbidden, rest.not_found, rest.rate_limited, rest.server_error, rest.refused. */
export function openHttp(config: HttpConfig, ctx: ConnectorCtx): Http {
  const auth = config.auth ?? { is: "none" };
  const base = addressOf(config.baseUrl);
  const timeoutMs = (config.timeoutSeconds ?? 60) * 1000;
  const bytesMax = Math.floor((config.bodyMegabytesMax ?? 32) * 1024 * 1024);
  const closing = new AbortController();
  const hide = hiding(auth, config.headers);
  let nextAtMs = 0;

  async function pace(): Promise<void> {
    if (config.ratePerSecond === undefined) return;
    const nowMs = elapsedMs();
    const waitMs = Math.max(0, nextAtMs - nowMs);
    nextAtMs = Math.max(nowMs, nextAtMs) + 1000 / config.ratePerSecond;
    if (waitMs > 0) await sleep(waitMs);
  }

  /** One exchange, whole body included, within the time limit. */
  async function exchange(url: URL, init: RequestInit): Promise<HttpAnswer> {
    const place = `${url.origin}${url.pathname}`;
    await pace();
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      const response = await fetch(url, { ...init, redirect: "manual", signal: AbortSignal.any([timeout, closing.signal]) });
      return { status: response.status, headers: response.headers, body: await bodyOf(response, place), place };
    } catch (error) {
      if (error instanceof FlowFault) throw error;
      if (timeout.aborted) throw new FlowFault("network", { code: "rest.timeout", facts: { url: place, seconds: timeoutMs / 1000 } }, { cause: error });
      const cause = causeOf(error);
      const isTls = /CERT|TLS|SSL|EPROTO|SELF_SIGNED|UNABLE_TO|ALTNAME/.test(cause);
      throw new FlowFault("network", { code: isTls ? "rest.tls" : "rest.unreachable", facts: { url: place, cause: hide(cause) } }, { cause: error });
    }
  }

  async function bodyOf(response: Response, place: string): Promise<Buffer> {
    const parts: Uint8Array[] = [];
    let size = 0;
    for await (const part of response.body ?? []) {
      size += part.byteLength;
      if (size > bytesMax) throw new FlowFault("config", { code: "rest.too_large", facts: { url: place, megabytes: bytesMax / 1024 / 1024 } });
      parts.push(part);
    }
    return Buffer.concat(parts);
  }

  async function withLogIn(url: URL, request: HttpRequest, isRenewed: boolean): Promise<HttpAnswer> {
    const { headers: login, query } = credentialsOf(auth, auth.is === "oauth2" ? await tokenOf(auth, isRenewed) : "");
    const headers = new Headers({ accept: "application/json", ...config.headers, ...request.headers, ...login });
    const asked = URL.parse(url.href) as URL;
    for (const [name, value] of Object.entries(query)) asked.searchParams.set(name, value);
    const answer = await exchange(asked, { method: request.method ?? "GET", headers, ...(request.body === undefined ? {} : { body: request.body }) });
    // A token can end before its time: it is fetched anew once, and the refusal of the new one counts.
    return answer.status === 401 && auth.is === "oauth2" && !isRenewed ? withLogIn(url, request, true) : answer;
  }

  async function tokenOf(oauth: OAuth, isRenewed: boolean): Promise<string> {
    const known = isRenewed ? undefined : knownToken(oauth, ctx.now());
    if (known !== undefined) return known;
    forgetToken(oauth);
    const answer = await exchange(addressOf(oauth.tokenUrl), { method: "POST", ...tokenRequest(oauth) });
    // RFC 6749 5.2: a client that is not known is answered 400 or 401.
    const isRefused = answer.status === 400 || answer.status === 401;
    if (!isRefused && answer.status > 299) throw faultOf(answer, ctx, hide);
    const token = isRefused ? undefined : keepToken(oauth, jsonOf(answer), ctx.now());
    if (token === undefined) throw new FlowFault("auth", { code: "rest.login_refused", facts: { url: answer.place, status: answer.status } });
    return token;
  }

  async function once(request: HttpRequest): Promise<HttpAnswer> {
    let url = placeOf(base, request.path, request.query);
    for (let redirects = 0; ; redirects++) {
      const answer = await withLogIn(url, request, false);
      const location = answer.headers.get("location");
      const isMoved = [301, 302, 303, 307, 308].includes(answer.status) && location !== null && (request.method ?? "GET") === "GET";
      if (isMoved && redirects < redirectsMax) {
        url = sameOrigin(location, url);
        continue;
      }
      if (answer.status <= 299 || request.accept?.includes(answer.status)) return answer;
      throw faultOf(answer, ctx, hide);
    }
  }

  async function send(request: HttpRequest): Promise<HttpAnswer> {
    const readsOnly = request.readsOnly ?? (request.method ?? "GET") === "GET";
    for (let attempt = 1; ; attempt++) {
      try {
        return await once(request);
      } catch (error) {
        if (!(error instanceof FlowFault) || error.failure !== "network" || !readsOnly || attempt === attemptsMax || closing.signal.aborted) throw error;
        const waitMs = error.retryAfterMs ?? retryDelayMs * 2 ** (attempt - 1);
        if (waitMs > waitMsMax) throw error;
        ctx.log.debug("a request is repeated", { code: error.problem.code, ...error.problem.facts, attempt, waitMs });
        await sleep(waitMs);
      }
    }
  }

  return { send, close: () => closing.abort() };
}

export const excerptOf = (body: Buffer): string => body.subarray(0, 300).toString("utf8").replace(/\s+/g, " ").trim();

/** Throws FlowFault with rest.not_json. */
export function jsonOf(answer: HttpAnswer): ReturnType<typeof parseExact> {
  try {
    return parseExact(answer.body.toString("utf8"));
  } catch (error) {
    throw new FlowFault("config", { code: "rest.not_json", facts: { url: answer.place, start: excerptOf(answer.body).slice(0, 80) } }, { cause: error });
  }
}

function addressOf(url: string): URL {
  const address = URL.parse(url);
  if (!address || !/^https?:$/.test(address.protocol)) throw new FlowFault("config", { code: "rest.address", facts: { url: url.slice(0, 200) } });
  return address;
}

function placeOf(base: URL, path: string, query: Readonly<Record<string, string>> | undefined): URL {
  const below = `${base.origin}${base.pathname.replace(/\/$/, "")}${path === "" || path.startsWith("?") ? "" : "/"}${path.replace(/^\//, "")}`;
  const url = sameOrigin(/^https?:/i.test(path) ? path : below, base);
  const added = Object.entries(query ?? {}).map(([name, value]) => `${encodeURIComponent(name).replaceAll("%24", "$")}=${encodeURIComponent(value)}`);
  if (added.length > 0) url.search = [url.search.slice(1), ...added].filter((part) => part !== "").join("&");
  return url;
}

function sameOrigin(link: string, base: URL): URL {
  const url = URL.parse(link, base.href);
  if (!url) throw new FlowFault("config", { code: "rest.address", facts: { url: link.slice(0, 200) } });
  if (url.origin !== base.origin) throw new FlowFault("config", { code: "rest.elsewhere", facts: { url: url.origin, own: base.origin } });
  return url;
}

/** What an answer means that is no success. */
export function faultOf(answer: HttpAnswer, ctx: ConnectorCtx, hide: (text: string) => string = (text) => text): FlowFault {
  const { status, place: url } = answer;
  const facts = { url, status };
  const wait = retryAfterMs(answer.headers.get("retry-after"), ctx);
  const options = wait === undefined ? {} : { retryAfterMs: wait };
  const message = hide(excerptOf(answer.body));
  if (status === 401) return new FlowFault("auth", { code: "rest.login_refused", facts });
  if (status === 403) return new FlowFault("permission", { code: "rest.forbidden", facts: { url } });
  if (status === 404 || status === 410) return new FlowFault("config", { code: "rest.not_found", facts });
  if (status === 429) return new FlowFault("network", { code: "rest.rate_limited", facts: { url } }, options);
  if (status === 408 || status >= 500) return new FlowFault("network", { code: "rest.server_error", facts: { ...facts, message } }, options);
  return new FlowFault("config", { code: "rest.refused", facts: { ...facts, message } });
}

/** Seconds, or a date of HTTP. More than a day is taken as a day. */
function retryAfterMs(header: string | null, ctx: ConnectorCtx): number | undefined {
  if (header === null) return undefined;
  const seconds = Number(header.trim());
  if (Number.isFinite(seconds)) return Math.min(86_400_000, Math.max(0, seconds * 1000));
  try {
    return Math.min(86_400_000, Math.max(0, momentOf(header).getTime() - ctx.now().getTime()));
  } catch {
    return undefined;
  }
}

function hiding(auth: Auth, headers: HttpConfig["headers"]): (text: string) => string {
  const secrets = Object.entries({ ...auth, ...headers }).flatMap(([name, value]) => (typeof value === "string" && !["is", "header", "query", "prefix", "user", "tokenUrl", "clientId", "scope", "audience", "clientIn"].includes(name) && value.length > 3 ? [value] : []));
  return (text) => secrets.reduce((hidden, secret) => hidden.replaceAll(secret, "***"), text.replace(/\b(Bearer|Basic|token) \S+/gi, "$1 ***"));
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const inner = error.cause as { readonly code?: string; readonly message?: string } | undefined;
  return inner?.code ?? inner?.message ?? (error as { readonly code?: string }).code ?? error.message;
}

