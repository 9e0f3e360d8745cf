/** Every route × every standard role: what each may do is the table in SECURITY.md, and nothing else. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { json } from "node:stream/consumers";
import { after, test } from "node:test";
import { type Column, columns, type Duty, dutiesOfPart, duties, listRoles, type Principal, type RoleListed } from "../access/index.ts";
import { createBook } from "../books/index.ts";
import { type Ctx, silentLog, systemClock } from "../platform/index.ts";
import { testStore } from "../platform/testing.ts";
import { type Asks, buildHttp } from "./http.ts";
import { registerAll } from "./registry.ts";

registerAll();
const store = await testStore();
const ctx: Ctx = { db: store, actor: { id: "server" }, now: systemClock, log: silentLog };
await createBook(ctx, { code: "B1", pack: "cas-general", currency: "CNY", from: "2026-03" });
const roles = await listRoles(ctx);
let grants: Principal["grants"] = [];
const inside = await buildHttp(ctx, { principal: { kind: "user", id: "somebody", name: "somebody", get grants() { return grants; } } });
const outside = await buildHttp(ctx);
after(async () => {
  await inside.close();
  await outside.close();
  await store.close();
});

type Route = { readonly method: string; readonly url: string; readonly asks: Asks; readonly ofAnyBook: boolean };
/** As the server has them: a route that is added is in the matrix. */
const routes = await (async (): Promise<Route[]> => {
  const found: Route[] = [];
  const listed = await buildHttp(ctx, { onRoute: ({ method, url, config }) => {
    for (const one of [method].flat()) if (one !== "HEAD" && config?.asks !== undefined) found.push({ method: one, url, asks: config.asks, ofAnyBook: config.ofAnyBook === true });
  } });
  await listed.ready();
  await listed.close();
  return found;
})();
const addressOf = ({ url }: Route): string => url.replace("*", "x").replace(":book", "B1").replace(":period", "2026-03").replace(/:(no|version|draft)\b/g, "1").replace(/:\w+/g, "x");

const scope = { employees: ["E1"], departments: null, regions: null };
const give = (role: RoleListed, book = "B1"): void => {
  grants = [{ ...role, duties: role.duties as Duty[], columns: role.columns as Column[], book, scope: role.needsScope ? scope : null }];
};
/** What the role has of a duty: with a part of a book only the reading of what belongs to parties. */
const has = (role: RoleListed, duty: Duty): boolean => role.duties.includes(duty) && (!role.needsScope || dutiesOfPart.has(duty));
/** The head of an answer is enough, and what refuses says why: a stream that goes on for ever is past the door, and its body is not waited for. */
const call = async (server: typeof inside, { method, ...route }: Route): Promise<{ readonly status: number; readonly code: string | undefined; readonly en: string }> => {
  const stop = new AbortController();
  const answer = await server.inject({ method: method as "GET", url: addressOf({ method, ...route }), headers: { host: "127.0.0.1:4380", "content-type": "application/json" }, signal: stop.signal, payloadAsStream: true, ...(method === "GET" ? {} : { payload: "{}" }) });
  const body = answer.stream();
  if (answer.statusCode >= 400) {
    const { error } = (await json(body)) as { error?: { code: string; en: string } };
    return { status: answer.statusCode, code: error?.code, en: error?.en ?? "" };
  }
  body.on("error", () => undefined).destroy();
  stop.abort();
  return { status: answer.statusCode, code: undefined, en: "" };
};

test("the matrix covers the whole server", () => {
  assert.ok(routes.length > 100, String(routes.length));
  assert.deepEqual([...new Set(routes.map(({ asks }) => asks))].filter((asks) => asks !== "anyone" && asks !== "signedIn" && !(asks in duties)), []);
  assert.deepEqual(routes.filter(({ url, asks }) => asks === "anyone" && url.startsWith("/api/v1/")).map(({ method, url }) => `${method} ${url.slice(8)}`).sort(), openRoutes);
});
/** What anyone may call, because it carries its own proof or gives nothing away: whoever adds one thinks twice here. */
const openRoutes = [
  "GET books/:book/flows/:flow/receive", "GET books/:book/flows/:flow/receive/*", "GET letters/:token", "GET letters/:token/file", "GET login/oidc", "GET login/oidc/callback", "GET me", "GET welcome", "POST books/:book/flows/:flow/receive", "POST books/:book/flows/:flow/receive/*", "POST letters/:token/answer",
  "POST login", "POST welcome", "PUT books/:book/flows/:flow/receive", "PUT books/:book/flows/:flow/receive/*",
].map((line) => line.replace(/ \//, " ")).sort();

test("whoever is not signed in is told so by every route that asks for anything", async () => {
  const wrong: string[] = [];
  for (const route of routes) {
    if (route.asks === "anyone") continue;
    const { status, code } = await call(outside, route);
    if (status !== 401 || code !== "access.signed_out") wrong.push(`${route.method} ${route.url}: ${status} ${code}`);
  }
  assert.deepEqual(wrong, []);
});

for (const role of roles) {
  test(`${role.en} gets past the door where the role has the duty, and nowhere else`, async () => {
    const wrong: string[] = [];
    for (const route of routes) {
      if (route.asks === "anyone" || route.asks === "signedIn" || /receive|login|logout/.test(route.url)) continue;
      // Beyond a book only a role for all books counts.
      for (const book of ["B1", "*"]) {
        give(role, book);
        const isOf = route.url.includes(":book") || route.ofAnyBook || book === "*";
        const { status, code, en } = await call(inside, route);
        const isStopped = status === 403 && code === "access.denied" && en === `You may not ${duties[route.asks].en}`; // a handler that refuses more says what
        if (isStopped === (isOf && has(role, route.asks)) || status === 401) wrong.push(`${route.method} ${route.url} (${route.asks}) for ${book}: ${status} ${code}`);
      }
    }
    assert.deepEqual(wrong, []);
  });
}

test("a person without any role gets nothing but themselves", async () => {
  grants = [];
  const open: string[] = [];
  for (const route of routes) {
    if (route.asks === "anyone") continue;
    const { status } = await call(inside, route);
    if (status !== 403 && route.asks !== "signedIn") open.push(`${route.method} ${route.url}: ${status}`);
  }
  assert.deepEqual(open, []);
  for (const url of ["/api/v1/books", "/api/v1/books/B1/todo", "/api/v1/books/B1/search?text=x"]) assert.equal((await inside.inject({ url, headers: { host: "127.0.0.1:4380" } })).body, "[]", url);
});

test("nobody holds both ends of a separated act by a standard role below the controller's", () => {
  for (const { role, duties: own } of roles.filter(({ role: name }) => name !== "owner" && name !== "controller")) {
    assert.ok(!(own.includes("vouchers.enter") && own.includes("vouchers.review")), `${role} prepares and reviews`);
    assert.ok(!(own.includes("rules.propose") && own.includes("rules.approve")), `${role} proposes and approves`);
    assert.ok(!(own.includes("payments.propose") && own.includes("payments.approve")), `${role} proposes and approves payments`);
    assert.ok(!own.includes("access.manage"), `${role} manages access`);
  }
  assert.deepEqual(roles.find(({ role }) => role === "auditor")?.duties.filter((duty) => !duty.endsWith(".read")), []);
});

test("SECURITY.md shows the matrix as it is", async () => {
  const head = roles.map(({ zh, en }) => `${zh} ${en.replace(" (reads only)", "")}`);
  const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const expected = [
    row(["", ...head]), row(["---", ...head.map(() => "---")]),
    ...Object.entries(duties).map(([duty, { zh, en }]) => row([`${zh} ${en} \`${duty}\``, ...roles.map((role) => (has(role, duty as Duty) ? "✓" : ""))])),
    ...Object.entries(columns).map(([column, { zh, en }]) => row([`看见 sees: ${zh} ${en}`, ...roles.map((role) => (role.columns.includes(column) ? "✓" : ""))])),
    row(["只看自己的往来单位 own parties only", ...roles.map(({ needsScope }) => (needsScope ? "✓" : ""))]),
  ].join("\n");
  const text = await readFile(new URL("../../../SECURITY.md", import.meta.url), "utf8");
  assert.ok(text.includes(expected), `SECURITY.md should hold:\n\n${expected}\n`);
});
