/**
 * One call that writes, over HTTP. It is made once and never repeated here: what matters is to tell whether the other side can have
 * received it. Reading calls, which may be repeated, use the same and are refused where they fail.
 */
import { type Auth, type ConnectorCtx, credentialsOf, FlowFault, keepToken, knownToken, type OAuth, parseExact, tokenRequest } from "../../connectors/index.ts";
import { momentOf, type Problem } from "../../platform/index.ts";
import type { NotSent, Rejected, Unknown } from "./outcome.ts";

export type Call = { readonly url: URL; readonly method?: string; readonly headers?: Readonly<Record<string, string>>; readonly body?: string };
export type Answer = { readonly status: number; readonly headers: Headers; readonly text: string };
/** What came back, or why nothing did. */
export type Reached = { readonly is: "answer"; readonly answer: Answer } | NotSent | Unknown;

const answerBytesMax = 32 * 1024 * 1024;
const redirected = [301, 302, 303, 307, 308];

export async function callOnce(system: string, call: Call, timeoutMs: number): Promise<Reached> {
  const timeout = AbortSignal.timeout(Math.max(1, Math.ceil(timeoutMs)));
  try {
    const response = await fetch(call.url, { method: call.method ?? "POST", redirect: "manual", signal: timeout, ...(call.headers ? { headers: call.headers } : {}), ...(call.body === undefined ? {} : { body: call.body }) });
    const parts: Uint8Array[] = [];
    let size = 0;
    for await (const part of response.body ?? []) {
      size += part.byteLength;
      if (size > answerBytesMax) return { is: "unknown", problem: { code: "target.reply", facts: { system, why: "> 32 MB" } } };
      parts.push(part);
    }
    return { is: "answer", answer: { status: response.status, headers: response.headers, text: Buffer.concat(parts).toString("utf8").replace(/^\uFEFF/, "") } };
  } catch (error) {
    const cause = causeOf(error);
    if (isBeforeSending(error)) return { is: "notSent", stops: true, problem: { code: "target.unreachable", facts: { system, cause } } };
    if (timeout.aborted) return { is: "unknown", problem: { code: "target.timeout", facts: { system, seconds: Math.ceil(timeoutMs / 100) / 10 } } };
    return { is: "unknown", problem: { code: "target.broken_off", facts: { system, cause } } };
  }
}

/** What the status alone says. Undefined for 2xx: the body must say it. `messageOf` finds the other side's own words. */
export function statusVerdict(system: string, answer: Answer, ctx: ConnectorCtx, messageOf: (answer: Answer) => string = excerptOf): NotSent | Rejected | Unknown | undefined {
  const { status } = answer;
  if (status >= 200 && status <= 299) return undefined;
  const message = messageOf(answer);
  const stopped = (code: string): NotSent => ({ is: "notSent", stops: true, problem: { code, facts: { system, message } } });
  if (status === 429) return { is: "notSent", stops: true, problem: { code: "target.rate_limited", facts: { system } }, retryAfterMs: retryAfterMs(answer.headers.get("retry-after"), ctx) };
  if (status === 401) return stopped("target.login_refused");
  if (status === 403) return stopped("target.forbidden");
  if (status === 404 || status === 405 || status === 410 || redirected.includes(status)) return stopped("target.not_found");
  // 408 comes from servers and gateways that may have handed the call on; 5xx from ones that may have done it.
  if (status === 408 || status >= 500) return { is: "unknown", problem: { code: "target.server_error", facts: { system, status, message } } };
  return { is: "rejected", problem: { code: "target.refused", facts: { system, message } } };
}

/** For calls that only read: whatever is no answer is thrown. */
export async function readOnce(system: string, call: Call, timeoutMs: number, ctx: ConnectorCtx): Promise<Answer> {
  const reached = await callOnce(system, call, timeoutMs);
  if (reached.is !== "answer") throw new FlowFault("network", reached.problem);
  const verdict = statusVerdict(system, reached.answer, ctx);
  if (verdict) throw faultOf(verdict.problem, verdict.is === "notSent" ? verdict.retryAfterMs : undefined);
  return reached.answer;
}

const failures: Readonly<Record<string, FlowFault["failure"]>> = { "target.login_refused": "auth", "target.forbidden": "permission", "target.not_found": "config", "target.refused": "config", "target.setting_missing": "config", "target.code_missing": "config", "target.template": "config", "target.folder": "config", "target.unroutable": "config" };

export const faultOf = (problem: Problem, retryAfterMs?: number): FlowFault => new FlowFault(failures[problem.code] ?? "network", problem, retryAfterMs === undefined ? {} : { retryAfterMs });

/** The call with its log-in. A token that cannot be had is no reason to think that something was sent. */
export async function authorized(system: string, auth: Auth, call: Call, timeoutMs: number, ctx: ConnectorCtx): Promise<{ readonly call: Call } | { readonly call?: undefined; readonly verdict: NotSent }> {
  const token = auth.is === "oauth2" ? await tokenOf(system, auth, timeoutMs, ctx) : "";
  if (typeof token !== "string") return { verdict: token };
  const { headers, query } = credentialsOf(auth, token);
  const url = new URL(call.url);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return { call: { ...call, url, headers: { ...call.headers, ...headers } } };
}

async function tokenOf(system: string, auth: OAuth, timeoutMs: number, ctx: ConnectorCtx): Promise<string | NotSent> {
  const known = knownToken(auth, ctx.now());
  if (known !== undefined) return known;
  const reached = await callOnce(system, { url: addressOf(auth.tokenUrl), ...tokenRequest(auth) }, timeoutMs);
  const noToken = (problem: Problem): NotSent => ({ is: "notSent", stops: true, problem });
  if (reached.is !== "answer") return noToken({ code: "target.unreachable", facts: { system, cause: reached.problem.code } });
  const message = `token: HTTP ${reached.answer.status}`;
  const verdict = statusVerdict(system, reached.answer, ctx, () => message);
  if (verdict?.is === "notSent" && verdict.problem.code === "target.rate_limited") return verdict;
  const token = verdict ? undefined : keepToken(auth, jsonOf(reached.answer.text), ctx.now());
  return token ?? noToken({ code: reached.answer.status >= 500 ? "target.unreachable" : "target.login_refused", facts: { system, message, cause: message } });
}

/** Throws FlowFault where it is no address. */
export function addressOf(url: string, base?: string): URL {
  const address = URL.parse(url, base);
  if (!address || !/^https?:$/.test(address.protocol)) throw new FlowFault("config", { code: "target.not_found", facts: { system: "HTTP", message: url.slice(0, 200) } });
  return address;
}

/** A path below a base address, whether or not they bring their slashes. */
export const below = (base: string, path: string): URL => addressOf(path === "" ? base : `${base.replace(/\/+$/, "")}/${path.replace(/^\/+/, "")}`);

export function jsonOf(text: string): ReturnType<typeof parseExact> | undefined {
  try {
    return parseExact(text);
  } catch {
    return undefined;
  }
}

export const excerptOf = ({ text, status }: Answer): string => text.slice(0, 600).replace(/<[^>]*>/g, " ").replace(/\s+/g, " ").trim().slice(0, 300) || `HTTP ${status}`;

const neverSent = /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EAI_FAIL|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|UND_ERR_CONNECT_TIMEOUT|EPROTO|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+|CERT_\w+|ERR_TLS_\w+|ERR_SSL_\w+|ERR_INVALID_\w+)$/;

/** No connection means no request: the name did not resolve, nobody listens, or the certificate was not accepted. */
function isBeforeSending(error: unknown): boolean {
  const inner = innermost(error);
  return neverSent.test(inner.code ?? "") || inner.syscall === "connect" || inner.syscall === "getaddrinfo" || inner.message === "bad port";
}

const causeOf = (error: unknown): string => {
  const inner = innermost(error);
  return inner.code ?? inner.message ?? String(error);
};

type Fault = { readonly code?: string; readonly message?: string; readonly syscall?: string; readonly cause?: unknown; readonly errors?: readonly unknown[] };
function innermost(error: unknown): Fault {
  let inner = (error ?? {}) as Fault;
  for (let depth = 0; depth < 5; depth++) {
    const next = inner.cause ?? (inner.code === undefined ? inner.errors?.[0] : undefined);
    if (next === undefined || next === null || typeof next !== "object") return inner;
    inner = next as Fault;
  }
  return inner;
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
