/** Who sends a request: a person by the cookie of their session, a program by its key, or nobody. */
import type { FastifyReply, FastifyRequest } from "fastify";
import { cookieName, isCsrf, type Principal, principalOfKey, readSession, type Session, sessionSeconds } from "../access/index.ts";
import { type Ctx, Refusal } from "../platform/index.ts";

/** How people reach the server, where that is not its own address; and the company's own login. */
export type Door = { readonly publicUrl?: string | undefined };

/** Refuses: key.invalid, key.rate, access.csrf. */
export async function whoAsks(ctx: Ctx, request: FastifyRequest): Promise<{ readonly principal: Principal | null; readonly session: Session | null }> {
  const asks = request.routeOptions.config.asks ?? "anyone";
  const { authorization } = request.headers;
  // Where anyone may call, a key is counted by whoever asks for it: the data service, and connectors, which know bearers of their own.
  if (authorization !== undefined) return { principal: asks === "anyone" ? null : await principalOfKey(ctx, authorization), session: null };
  const token = cookieOf(request, cookieName);
  const session = token === undefined ? undefined : await readSession(ctx, token);
  if (session === undefined) return { principal: null, session: null };
  const changes = !["GET", "HEAD", "OPTIONS"].includes(request.method);
  if (changes && asks !== "anyone" && !isCsrf(session, headerOf(request, "x-tieout-csrf"))) throw new Refusal({ code: "access.csrf", facts: {} });
  return { principal: session.principal, session };
}

const headerOf = (request: FastifyRequest, name: string): string | undefined => {
  const value = request.headers[name];
  return typeof value === "string" ? value : undefined;
};

export function cookieOf(request: FastifyRequest, name: string): string | undefined {
  for (const pair of (request.headers.cookie ?? "").split(";")) {
    const at = pair.indexOf("=");
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return undefined;
}

export const isHttps = (request: FastifyRequest, door: Door): boolean => request.protocol === "https" || door.publicUrl?.startsWith("https:") === true;
/** Where people find this server. */
export const originOf = (request: FastifyRequest, door: Door): string => door.publicUrl ?? `${request.protocol}://${request.headers.host ?? ""}`;
export const fromOf = (request: FastifyRequest): { readonly address: string; readonly agent: string } => ({ address: request.ip, agent: headerOf(request, "user-agent") ?? "" });

/** A token of null takes the cookie away. */
export function setSessionCookie(request: FastifyRequest, reply: FastifyReply, door: Door, token: string | null): void {
  setCookie(reply, [`${cookieName}=${token ?? ""}`, "Path=/", "HttpOnly", "SameSite=Strict", `Max-Age=${token === null ? 0 : sessionSeconds}`, ...(isHttps(request, door) ? ["Secure"] : [])].join("; "));
}

export function setCookie(reply: FastifyReply, cookie: string): void {
  const before = reply.getHeader("set-cookie");
  reply.header("set-cookie", before === undefined ? cookie : [...(Array.isArray(before) ? before : [String(before)]), cookie]);
}
