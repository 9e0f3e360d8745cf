/** Signing in and out, oneself, and, for owners, people, roles and keys. */
import { type TSchema, Type } from "@fastify/type-provider-typebox";
import type { FastifyReply, FastifyRequest } from "fastify";
import {
  changePassword, columns, createKey, createRole, createUser, duties, endSession, listKeys, listRoles, listSessions, listUsers, makeUserLink, needsOwner, type Principal, putGrants, removeRole, requireDuty, requireWithin, revokeKey, type Scope, scopes,
  type Session, setUserState, showKey, showLink, showUser, type SignedIn, signIn, signInWithSubject, signOut, sightOf, updateRole, updateUser, useLink, WaitRefusal,
} from "../../access/index.ts";
import { type Act, record } from "../../audit/index.ts";
import { listBooks, loadBook } from "../../books/index.ts";
import { type Ctx, type OidcSettings, Refusal, refuse } from "../../platform/index.ts";
import { errors } from "../contract.ts";
import { actorOf, type Http } from "../http.ts";
import { flowCookie, flowSeconds, openOidc, placeOf } from "../oidc.ts";
import { cookieOf, type Door, fromOf, isHttps, originOf, setCookie, setSessionCookie } from "../who-asks.ts";

const tags = ["access"];
const closed = { additionalProperties: false } as const;
const Text = Type.String();
// Null comes first: read as a list, it would become a list of one empty text.
const Maybe = Type.Union([Type.Null(), Text]);
const orNull = <T extends TSchema>(type: T) => Type.Union([Type.Null(), type]);
const List = Type.Array(Type.String({ minLength: 1, maxLength: 100 }), { maxItems: 1_000 });
const Language = Type.Union([Type.Null(), Type.Literal("zh"), Type.Literal("en")]);
const Password = Type.String({ maxLength: 1_000 });
const ScopeView = orNull(Type.Object({ employees: orNull(List), departments: orNull(List), regions: orNull(List) }, closed));
const GrantView = Type.Object({ role: Text, book: Type.String({ description: "账簿代码,* 为全部 A book's code, or * for all" }), scope: ScopeView }, closed);
const UserView = Type.Object({ user: Text, login: Text, name: Text, employee: Maybe, state: Text, language: Maybe, lockedUntil: Maybe, hasPassword: Type.Boolean(), hasOidc: Type.Boolean(), lastSeenAt: Maybe, createdAt: Text, createdBy: Text, grants: Type.Array(GrantView) });
const Named = { zh: Type.String({ maxLength: 60 }), en: Type.String({ maxLength: 60 }) };
const RoleFields = { ...Named, duties: List, columns: List, needsScope: Type.Boolean() };
const RoleView = Type.Object({ role: Text, ...RoleFields, isStandard: Type.Boolean() });
const SessionView = Type.Object({ session: Text, login: Text, madeAt: Text, seenAt: Text, expires: Text, address: Text, agent: Text, isThis: Type.Boolean() });
const KeyView = Type.Object({ key: Text, name: Text, book: Text, scopes: Type.Array(Text), perMinute: Type.Integer(), expiresAt: Maybe, madeAt: Text, madeBy: Text, revokedAt: Maybe, revokedBy: Maybe, reason: Maybe });
const LinkView = Type.Object({ link: Type.String({ description: "一次性链接,本服务地址之后的部分 One-time link, below this server's address" }), expiresAt: Text });
const MeView = Type.Object({
  user: Maybe, name: Text, login: Text, language: Maybe, kind: Text, csrf: Type.String({ description: "改动数据的请求须带 x-tieout-csrf What requests that change something carry" }), duties: Type.Array(Text),
  books: Type.Array(Type.Object({ code: Text, name: Text, currency: Text, duties: Type.Array(Text), columns: Type.Array(Text), scopes: orNull(Type.Array(Type.Unknown())) })), oidc: Maybe, needsOwner: Type.Boolean(),
});
const Done = Type.Object({ done: Type.Boolean() });
const UserParams = Type.Object({ user: Text });
const RoleParams = Type.Object({ role: Text });

export function accessRoutes(api: Http, ctx: Ctx, door: Door & { readonly oidc?: OidcSettings | undefined }): void {
  const oidc = door.oidc === undefined ? undefined : openOidc(ctx, door.oidc);
  /** The acts of the door itself, of which no password is kept. */
  const note = (request: FastifyRequest, act: Act, who: { readonly login: string; readonly name: string }, concluded: { readonly outcome: "done" | "refused"; readonly code?: string } = { outcome: "done" }): Promise<unknown> =>
    record(ctx, { act, actorKind: "user", actor: who.login.slice(0, 100), actorName: who.name, address: request.ip, session: request.session?.session, object: { kind: "user", id: who.login.slice(0, 100) }, request: `${request.method} ${request.url.split("?")[0] ?? ""}` }, concluded);
  /** Records that somebody did not get in. */
  const noting = async <T>(request: FastifyRequest, login: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (error instanceof Refusal) await note(request, error instanceof WaitRefusal ? "session.locked" : "session.refused", { login, name: "" }, { outcome: "refused", code: error.code });
      throw error;
    }
  };

  /** What somebody who is signed in, or is not, may know of themselves. */
  const meOf = async (principal: Principal | null, session: Session | null) => {
    const beyond = { oidc: door.oidc?.name ?? null, needsOwner: principal === null && (await needsOwner(ctx)) };
    if (principal === null) return { user: null, name: "", login: "", language: null, kind: "nobody", csrf: "", duties: [], books: [], ...beyond };
    const person = principal.kind === "user" ? await showUser(ctx, principal.id) : undefined;
    const books = (await listBooks(ctx.db)).flatMap(({ code, name, currency }) => {
      const sight = sightOf(principal, code);
      return sight.duties.size === 0 ? [] : [{ code, name, currency, duties: [...sight.duties], columns: [...sight.columns], scopes: sight.scopes }];
    });
    return { user: principal.id, name: principal.name, login: person?.login ?? principal.id, language: person?.language ?? null, kind: principal.kind, csrf: session?.csrf ?? "", duties: [...sightOf(principal).duties], books, ...beyond };
  };
  const welcome = async (request: FastifyRequest, reply: FastifyReply, { token, login, csrf }: SignedIn) => {
    setSessionCookie(request, reply, door, token);
    const { name } = await showUser(ctx, login);
    return { user: login, name, csrf };
  };
  const In = Type.Object({ user: Text, name: Text, csrf: Text });

  api.post("/login", { config: { asks: "anyone", act: "none" }, schema: { tags, summary: "登录 Sign in", body: Type.Object({ login: Type.String({ maxLength: 200 }), password: Password }, closed), response: { 200: In, ...errors } } }, async (request, reply) => {
    const signed = await noting(request, request.body.login, () => signIn(ctx, request.body, fromOf(request)));
    const entered = await welcome(request, reply, signed);
    await note(request, "session.opened", { login: signed.login, name: entered.name });
    return entered;
  });

  api.post("/logout", { config: { asks: "signedIn", act: "none" }, schema: { tags, summary: "退出 Sign out", response: { 200: Done, ...errors } } }, async (request, reply) => {
    const { session } = request;
    if (session !== null) {
      await signOut(ctx, session);
      await note(request, "session.closed", { login: session.principal.id, name: session.principal.name });
    }
    setSessionCookie(request, reply, door, null);
    return { done: true };
  });

  api.get("/login/oidc", { config: { asks: "anyone" }, schema: { tags, summary: "统一登录 The company's own login", querystring: Type.Object({ next: Type.Optional(Type.String({ maxLength: 1_000 })) }, closed) } }, async (request, reply) => {
    if (oidc === undefined) return refuse("oidc.off");
    try {
      const { to, flow } = await oidc.start(`${originOf(request, door)}/api/v1/login/oidc/callback`, placeOf(request.query.next));
      setFlowCookie(request, reply, flow);
      return await reply.redirect(to);
    } catch (error) {
      return backToDoor(reply, error);
    }
  });

  api.get("/login/oidc/callback", { config: { asks: "anyone" }, schema: { tags, summary: "统一登录的返回地址 Where the company's login returns to", hide: true } }, async (request, reply) => {
    if (oidc === undefined) return refuse("oidc.off");
    setFlowCookie(request, reply, null);
    try {
      const at = request.url.indexOf("?");
      const claims = await oidc.finish(at < 0 ? "" : request.url.slice(at), cookieOf(request, flowCookie));
      const signed = await noting(request, claims.email ?? claims.subject, () => signInWithSubject(ctx, claims, fromOf(request)));
      const { name } = await welcome(request, reply, signed);
      await note(request, "session.opened", { login: signed.login, name });
      return await reply.redirect(placeOf(claims.next));
    } catch (error) {
      return backToDoor(reply, error);
    }
  });
  /** It must come back from the provider's site, so that it is not strict. */
  const setFlowCookie = (request: FastifyRequest, reply: FastifyReply, flow: string | null): void =>
    setCookie(reply, [`${flowCookie}=${flow ?? ""}`, "Path=/api/v1/login/oidc", "HttpOnly", "SameSite=Lax", `Max-Age=${flow === null ? 0 : flowSeconds}`, ...(isHttps(request, door) ? ["Secure"] : [])].join("; "));
  /** A person looks at the page, not at JSON. */
  const backToDoor = (reply: FastifyReply, error: unknown): FastifyReply => {
    if (!(error instanceof Refusal)) throw error;
    return reply.redirect(`/signin?problem=${encodeURIComponent(error.code)}`);
  };

  api.get("/welcome", { config: { asks: "anyone" }, schema: { tags, summary: "一次性链接的用途 What a one-time link is for", querystring: Type.Object({ token: Type.String({ maxLength: 100 }) }, closed), response: { 200: Type.Object({ purpose: Text, login: Maybe, name: Maybe, expiresAt: Text }), ...errors } } },
    (request) => showLink(ctx, request.query.token));
  api.post("/welcome", {
    config: { asks: "anyone", act: "none" }, schema: { tags, summary: "使用一次性链接 Use a one-time link", body: Type.Object({ token: Type.String({ maxLength: 100 }), login: Type.Optional(Type.String({ maxLength: 200 })), name: Type.Optional(Type.String({ maxLength: 200 })), password: Password }, closed), response: { 200: In, ...errors } },
  }, async (request, reply) => {
    const used = await noting(request, request.body.login ?? "", () => useLink(ctx, request.body, fromOf(request)));
    const entered = await welcome(request, reply, used);
    await note(request, used.purpose === "first-owner" ? "owner.created" : "password.changed", { login: used.login, name: entered.name });
    await note(request, "session.opened", { login: used.login, name: entered.name });
    return entered;
  });

  api.get("/me", { config: { asks: "anyone" }, schema: { tags, summary: "我是谁,能做什么 Who I am and what I may do", response: { 200: MeView, ...errors } } }, (request) => meOf(request.principal, request.session));
  api.put("/me", {
    config: { asks: "signedIn" }, schema: { tags, summary: "更改自己的姓名、语言、密码 Change one's own name, language, password", body: Type.Object({ name: Type.Optional(Text), language: Type.Optional(Language), currentPassword: Type.Optional(Password), password: Type.Optional(Password) }, closed), response: { 200: MeView, ...errors } },
  }, async (request) => {
    const { session } = request;
    if (session === null) return refuse("access.signed_out");
    const { name, language, currentPassword, password } = request.body;
    const acting = { ...ctx, actor: { id: session.principal.id } };
    if (password !== undefined) await changePassword(acting, session, currentPassword ?? "", password);
    if (name !== undefined || language !== undefined) await updateUser(acting, session.principal.id, { name, language });
    return meOf({ ...session.principal, name: name?.trim() ?? session.principal.name }, session);
  });
  const shownSessions = async (request: FastifyRequest, login: string) => (await listSessions(ctx, login)).map((one) => ({ ...one, isThis: one.session === request.session?.session }));
  api.get("/me/sessions", { config: { asks: "signedIn" }, schema: { tags, summary: "自己已登录的设备 One's own open sessions", response: { 200: Type.Array(SessionView), ...errors } } }, (request) => shownSessions(request, request.principal?.id ?? ""));
  api.delete("/me/sessions/:session", { config: { asks: "signedIn" }, schema: { tags, summary: "退出自己的一台设备 End one of one's own sessions", params: Type.Object({ session: Text }), response: { 200: Done, ...errors } } },
    async (request) => (await endSession(ctx, request.params.session, request.principal?.id ?? ""), { done: true }));

  api.get("/duties", { config: { asks: "signedIn" }, schema: { tags, summary: "职责、列与密钥权限的名称 Names of duties, columns and what keys may do", response: { 200: Type.Object({ duties: Type.Array(Type.Object({ duty: Text, ...Named })), columns: Type.Array(Type.Object({ column: Text, ...Named })), scopes: Type.Array(Text) }), ...errors } } },
    () => ({ duties: Object.entries(duties).map(([duty, words]) => ({ duty, ...words })), columns: Object.entries(columns).map(([column, words]) => ({ column, ...words })), scopes }));

  api.get("/users", { config: { asks: "access.manage" }, schema: { tags, summary: "用户 Users", response: { 200: Type.Array(UserView), ...errors } } }, (request) => listUsers(actorOf(ctx, request)));
  api.post("/users", {
    config: { asks: "access.manage" }, schema: {
      tags, summary: "邀请用户 Invite a user", body: Type.Object({ login: Type.String({ maxLength: 200 }), name: Type.String({ maxLength: 200 }), employee: Type.Optional(orNull(Type.String({ maxLength: 100 }))), language: Type.Optional(Language), grants: Type.Optional(Type.Array(GrantView, { maxItems: 200 })) }, closed),
      response: { 201: Type.Intersect([UserView, LinkView]), ...errors },
    },
  }, async (request, reply) => {
    const acting = actorOf(ctx, request);
    await requireBooks(ctx, request.body.grants ?? []);
    const user = await createUser(acting, request.body);
    const { path, expiresAt } = await makeUserLink(acting, user.user, "invite");
    return reply.code(201).send({ ...user, link: path, expiresAt });
  });
  api.get("/users/:user", { config: { asks: "access.manage" }, schema: { tags, summary: "一个用户 One user", params: UserParams, response: { 200: UserView, ...errors } } }, (request) => showUser(actorOf(ctx, request), request.params.user));
  api.put("/users/:user", {
    config: { asks: "access.manage" }, schema: { tags, summary: "更改用户 Change a user", params: UserParams, body: Type.Object({ name: Type.Optional(Type.String({ maxLength: 200 })), employee: Type.Optional(orNull(Type.String({ maxLength: 100 }))), language: Type.Optional(Language) }, closed), response: { 200: UserView, ...errors } },
  }, (request) => updateUser(actorOf(ctx, request), request.params.user, request.body));
  for (const [word, state, summary] of [["disable", "disabled", "停用用户 Disable a user"], ["enable", "active", "启用用户 Enable a user"]] as const) {
    api.post(`/users/:user/${word}`, { config: { asks: "access.manage" }, schema: { tags, summary, params: UserParams, response: { 200: UserView, ...errors } } }, (request) => setUserState(actorOf(ctx, request), request.params.user, state));
  }
  for (const [purpose, summary] of [["invite", "新的邀请链接 A new invitation"], ["reset", "重设密码的链接 A link to set the password anew"]] as const) {
    api.post(`/users/:user/${purpose}`, { config: { asks: "access.manage" }, schema: { tags, summary, params: UserParams, response: { 200: LinkView, ...errors } } }, async (request) => {
      const { path, expiresAt } = await makeUserLink(actorOf(ctx, request), request.params.user, purpose);
      return { link: path, expiresAt };
    });
  }
  api.put("/users/:user/grants", {
    config: { asks: "access.manage" }, schema: { tags, summary: "授予角色(替换全部) Give roles, in place of all before", params: UserParams, body: Type.Object({ grants: Type.Array(GrantView, { maxItems: 200 }) }, closed), response: { 200: UserView, ...errors } },
  }, async (request) => {
    await requireBooks(ctx, request.body.grants);
    return putGrants(actorOf(ctx, request), request.params.user, request.body.grants);
  });
  api.get("/users/:user/sessions", { config: { asks: "access.manage" }, schema: { tags, summary: "用户已登录的设备 Open sessions of a user", params: UserParams, response: { 200: Type.Array(SessionView), ...errors } } }, (request) => shownSessions(request, request.params.user));
  api.delete("/users/:user/sessions/:session", { config: { asks: "access.manage" }, schema: { tags, summary: "结束一次登录 End a session", params: Type.Object({ user: Text, session: Text }), response: { 200: Done, ...errors } } },
    async (request) => (await endSession(actorOf(ctx, request), request.params.session, request.params.user), { done: true }));

  api.get("/roles", { config: { asks: "access.manage" }, schema: { tags, summary: "角色 Roles", response: { 200: Type.Array(RoleView), ...errors } } }, (request) => listRoles(actorOf(ctx, request)));
  api.post("/roles", { config: { asks: "access.manage" }, schema: { tags, summary: "新建角色 Make a role", body: Type.Object({ role: Type.String({ maxLength: 60 }), ...RoleFields }, closed), response: { 201: RoleView, ...errors } } },
    async (request, reply) => reply.code(201).send(await createRole(actorOf(ctx, request), request.body)));
  api.put("/roles/:role", { config: { asks: "access.manage" }, schema: { tags, summary: "更改角色 Change a role", params: RoleParams, body: Type.Object(RoleFields, closed), response: { 200: RoleView, ...errors } } },
    (request) => updateRole(actorOf(ctx, request), { role: request.params.role, ...request.body }));
  api.delete("/roles/:role", { config: { asks: "access.manage" }, schema: { tags, summary: "删除角色 Remove a role", params: RoleParams, response: { 200: RoleView, ...errors } } }, (request) => removeRole(actorOf(ctx, request), request.params.role));

  // A key is of one book: whoever manages keys there may see and make those.
  const requireKeys = (request: FastifyRequest, book: string) => {
    const sight = sightOf(request.principal as Principal, book, { duty: "keys.manage" });
    requireDuty(sight, "keys.manage");
    return sight;
  };
  api.get("/keys", { config: { asks: "keys.manage", ofAnyBook: true }, schema: { tags, summary: "访问密钥 Keys", querystring: Type.Object({ book: Type.Optional(Text) }, closed), response: { 200: Type.Array(KeyView), ...errors } } }, async (request) => {
    const { book } = request.query;
    if (book !== undefined) requireKeys(request, book);
    const keys = await listKeys(ctx, book);
    return keys.filter((key) => sightOf(request.principal as Principal, key.book).duties.has("keys.manage"));
  });
  api.post("/keys", {
    config: { asks: "keys.manage", ofAnyBook: true }, schema: {
      tags, summary: "生成访问密钥(只显示一次) Make a key; it is shown once",
      body: Type.Object({ name: Type.String({ minLength: 1, maxLength: 60 }), book: Text, scopes: Type.Array(Type.Union(scopes.map((scope) => Type.Literal(scope))), { minItems: 1, maxItems: scopes.length }), perMinute: Type.Integer({ minimum: 1, maximum: 100_000, default: 600 }), expiresAt: orNull(Type.String({ format: "date-time" })) }, closed),
      response: { 201: Type.Object({ key: Text, secret: Text }), ...errors },
    },
  }, async (request, reply) => {
    const { book, scopes: wanted } = request.body;
    requireWithin(requireKeys(request, book), wanted as Scope[]);
    await loadBook(ctx.db, book);
    return reply.code(201).send(await createKey({ ...ctx, actor: { id: request.principal?.id ?? "" } }, { ...request.body, scopes: scopes.filter((scope) => (wanted as Scope[]).includes(scope)) }));
  });
  api.post("/keys/:key/revoke", { config: { asks: "keys.manage", ofAnyBook: true }, schema: { tags, summary: "撤销密钥,立即生效 Revoke a key, at once", params: Type.Object({ key: Text }), body: Type.Object({ reason: Type.String({ maxLength: 500 }) }, closed), response: { 200: KeyView, ...errors } } }, async (request) => {
    requireKeys(request, (await showKey(ctx, request.params.key)).book);
    return revokeKey({ ...ctx, actor: { id: request.principal?.id ?? "" } }, request.params.key, request.body.reason);
  });
}

/** Refuses: book.unknown. */
async function requireBooks(ctx: Ctx, grants: readonly { readonly book: string }[]): Promise<void> {
  for (const book of new Set(grants.map((grant) => grant.book))) if (book !== "*") await loadBook(ctx.db, book);
}
