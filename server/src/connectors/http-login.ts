/** Logging in over HTTP, the same for whoever reads and whoever writes: the words of the configuration, headers, and tokens that are kept. */
import { createHash } from "node:crypto";
import Type, { type Static } from "typebox";
import type { Json } from "./connector.ts";
import { textAt } from "./json.ts";

const strict = { additionalProperties: false };

export const Auth = Type.Union([
  Type.Object({ is: Type.Literal("none") }, strict),
  /** A key in a header or in the query; `prefix` stands before it, as in "Token ". */
  Type.Object({ is: Type.Literal("apiKey"), header: Type.Optional(Type.String()), query: Type.Optional(Type.String()), prefix: Type.Optional(Type.String()), key: Type.String() }, strict),
  Type.Object({ is: Type.Literal("basic"), user: Type.String(), password: Type.String() }, strict),
  Type.Object({ is: Type.Literal("bearer"), token: Type.String() }, strict),
  Type.Object({
    is: Type.Literal("oauth2"), tokenUrl: Type.String(), clientId: Type.String(), clientSecret: Type.String(), scope: Type.Optional(Type.String()), audience: Type.Optional(Type.String()),
    /** Where the client names itself: a Basic header, as RFC 6749 prefers, or the form. */
    clientIn: Type.Optional(Type.Union([Type.Literal("header"), Type.Literal("body")])),
  }, strict),
]);
export type Auth = Static<typeof Auth>;
export type OAuth = Auth & { readonly is: "oauth2" };
export const authSecrets = ["auth.key", "auth.password", "auth.token", "auth.clientSecret"] as const;

/** What a call carries. `token` is the one of OAuth 2. */
export function credentialsOf(auth: Auth, token = ""): { readonly headers: Readonly<Record<string, string>>; readonly query: Readonly<Record<string, string>> } {
  if (auth.is === "basic") return { headers: { authorization: basic(auth.user, auth.password) }, query: {} };
  if (auth.is === "bearer") return { headers: { authorization: `Bearer ${auth.token}` }, query: {} };
  if (auth.is === "oauth2") return { headers: { authorization: `Bearer ${token}` }, query: {} };
  if (auth.is === "apiKey" && auth.query !== undefined) return { headers: {}, query: { [auth.query]: auth.key } };
  return { headers: auth.is === "apiKey" ? { [auth.header ?? "x-api-key"]: `${auth.prefix ?? ""}${auth.key}` } : {}, query: {} };
}

/** The request for a token by client credentials (RFC 6749, 4.4), a POST to `tokenUrl`. */
export function tokenRequest(auth: OAuth): { readonly headers: Readonly<Record<string, string>>; readonly body: string } {
  const inBody = auth.clientIn === "body";
  const form = new URLSearchParams({
    grant_type: "client_credentials", ...(auth.scope === undefined ? {} : { scope: auth.scope }), ...(auth.audience === undefined ? {} : { audience: auth.audience }),
    ...(inBody ? { client_id: auth.clientId, client_secret: auth.clientSecret } : {}),
  });
  const login: Readonly<Record<string, string>> = inBody ? {} : { authorization: basic(encodeURIComponent(auth.clientId), encodeURIComponent(auth.clientSecret)) };
  return { headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json", ...login }, body: form.toString() };
}

/** Tokens outlive one reading, for a flow that runs every minute must not log in every minute. Named by a hash of the whole log-in. */
const tokens = new Map<string, { readonly token: string; readonly untilMs: number }>();
const nameOf = (auth: OAuth): string => createHash("sha256").update(JSON.stringify(auth)).digest("base64url");

export function knownToken(auth: OAuth, now: Date): string | undefined {
  const known = tokens.get(nameOf(auth));
  return known !== undefined && known.untilMs > now.getTime() ? known.token : undefined;
}

/** Keeps the token of a reply, and answers it; undefined where the reply holds none. */
export function keepToken(auth: OAuth, reply: Json | undefined, now: Date): string | undefined {
  const token = textAt(reply, "access_token");
  if (token === undefined) return undefined;
  const seconds = Number(textAt(reply, "expires_in") ?? 300);
  if (tokens.size >= 200) tokens.clear();
  // It is dropped a little early, so that it does not end on the way.
  tokens.set(nameOf(auth), { token, untilMs: now.getTime() + Math.max(0, seconds - Math.min(30, seconds / 10)) * 1000 });
  return token;
}

/** After a 401 the next call fetches a new one. */
export const forgetToken = (auth: Auth): void => void (auth.is === "oauth2" && tokens.delete(nameOf(auth)));

const basic = (user: string, password: string): string => `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
