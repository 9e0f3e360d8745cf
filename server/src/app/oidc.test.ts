/** The company's own login against a real provider: oidc-provider on this machine, driven as a browser would be. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import { createUser, makeOwnerLink, setUserState, useLink } from "../access/index.ts";
import { type Ctx, silentLog, systemClock } from "../platform/index.ts";
import { testStore } from "../platform/testing.ts";
import { type HttpOpen, openHttp } from "./http.ts";
import { placeOf } from "./oidc.ts";
import { registerAll } from "./registry.ts";

registerAll();
const store = await testStore();
const ctx: Ctx = { db: store, actor: { id: "wang" }, now: systemClock, log: silentLog };
const nowhere = { address: "127.0.0.1", agent: "" };
await useLink(ctx, { token: new URL((await makeOwnerLink(ctx)).path, "http://x").searchParams.get("token") ?? "", login: "wang", name: "王倩", password: "wang reads the books" }, nowhere);
const given = (login: string) => createUser(ctx, { login, name: login, grants: [{ role: "auditor", book: "*", scope: null }] });
await given("lin@example.com");
await given("zhao@example.com");

// The provider needs our callback and we need its address: both ports are known before either is asked.
const listening = createServer();
await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
const issuer = `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
const http: HttpOpen = await openHttp(ctx, { host: "127.0.0.1", port: 0, oidc: { issuer, clientId: "tieout", clientSecret: "a secret of the provider", name: "企业登录" } });
const { Provider } = await import("oidc-provider" as string) as { readonly Provider: new (issuer: string, settings: object) => { callback(): Parameters<typeof createServer>[1] } };
/** People as the provider knows them; the login that its page is given is the subject. */
const people: Readonly<Record<string, { readonly email: string; readonly email_verified: boolean }>> = {
  lin: { email: "Lin@Example.com", email_verified: true }, zhao: { email: "zhao@example.com", email_verified: false }, stranger: { email: "stranger@example.com", email_verified: true }, thief: { email: "lin@example.com", email_verified: true },
};
const provider = new Provider(issuer, {
  clients: [{ client_id: "tieout", client_secret: "a secret of the provider", redirect_uris: [`${http.url}/api/v1/login/oidc/callback`], grant_types: ["authorization_code"], response_types: ["code"] }],
  pkce: { required: () => true }, claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  findAccount: (_: unknown, id: string) => ({ accountId: id, claims: async () => ({ sub: id, ...people[id] }) }),
  features: { devInteractions: { enabled: true } },
});
listening.on("request", provider.callback() as never);
after(async () => {
  await http.close();
  listening.closeAllConnections();
  listening.close();
  await store.close();
});

/** Follows redirects and keeps the cookies of each site. */
class Browser {
  private readonly jars = new Map<string, Map<string, string>>();
  async go(url: string, init: { readonly method?: string; readonly body?: URLSearchParams } = {}): Promise<{ readonly url: string; readonly status: number; readonly text: string; readonly location: string | null }> {
    const { origin } = new URL(url);
    const jar = this.jars.get(origin) ?? new Map<string, string>();
    this.jars.set(origin, jar);
    const answer = await fetch(url, { redirect: "manual", method: init.method ?? "GET", headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join("; ") }, ...(init.body === undefined ? {} : { body: init.body }) });
    for (const cookie of answer.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (value === "" || /max-age=0|expires=Thu, 01 Jan 1970/i.test(cookie)) jar.delete(name);
      else jar.set(name, value);
    }
    const location = answer.headers.get("location");
    return { url, status: answer.status, text: await answer.text(), location: location === null ? null : new URL(location, url).href };
  }
  cookie(name: string): string | undefined {
    return this.jars.get(http.url)?.get(name);
  }
  forget(name: string): void {
    this.jars.get(http.url)?.delete(name);
  }
  /** From our button to whatever page comes at the end; `change` may tamper with the way back. */
  async signIn(subject: string, next: string, change: (url: string) => string = (url) => url): Promise<string> {
    let page = await this.go(`${http.url}/api/v1/login/oidc?next=${encodeURIComponent(next)}`);
    for (let steps = 0; steps < 20; steps++) {
      if (page.location !== null) {
        const to = page.location.startsWith(`${http.url}/api/v1/login/oidc/callback`) ? change(page.location) : page.location;
        if (to.startsWith(http.url) && !to.includes("/api/v1/")) return to.slice(http.url.length);
        page = await this.go(to);
        continue;
      }
      const form = /action="([^"]+)"/.exec(page.text)?.[1];
      if (form === undefined) throw new Error(`${page.url} answered ${page.status}: ${page.text.slice(0, 500)}`);
      const prompt = /name="prompt" value="([^"]+)"/.exec(page.text)?.[1] ?? "";
      page = await this.go(new URL(form, page.url).href, { method: "POST", body: new URLSearchParams(prompt === "login" ? { prompt, login: subject, password: "anything" } : { prompt }) });
    }
    throw new Error("the sign-in goes round in circles");
  }
  async me(): Promise<unknown> {
    return (JSON.parse((await this.go(`${http.url}/api/v1/me`)).text) as { user: unknown }).user;
  }
}

test("the door names the company's login", async () => {
  assert.equal((JSON.parse((await new Browser().go(`${http.url}/api/v1/me`)).text) as { oidc: string }).oidc, "企业登录");
});

test("whoever was invited signs in with a verified address, lands where they wanted to go, and is known by subject from then on", async () => {
  const browser = new Browser();
  assert.equal(await browser.signIn("lin", "/b/B1/vouchers?period=2026-03"), "/b/B1/vouchers?period=2026-03");
  assert.equal(await browser.me(), "lin@example.com");
  assert.equal(browser.cookie("tieout_oidc"), undefined);
  const linked = await store.one<{ issuer: string; subject: string }>("select oidc_issuer as issuer, oidc_subject as subject from access.user where login = 'lin@example.com'");
  assert.deepEqual(linked, { issuer, subject: "lin" });
  const again = new Browser();
  assert.equal(await again.signIn("lin", "https://evil.example/"), "/");
  assert.equal(await again.me(), "lin@example.com");
});

test("an address that the provider has not verified, one that nobody invited, and one that is another's already do not get in", async () => {
  for (const [subject, problem] of [["zhao", "oidc.unverified"], ["stranger", "oidc.unknown"], ["thief", "oidc.unknown"]] as const) {
    const browser = new Browser();
    assert.equal(await browser.signIn(subject, "/"), `/signin?problem=${problem}`, subject);
    assert.deepEqual([await browser.me(), browser.cookie("tieout_session")], [null, undefined]);
  }
});

test("a disabled person does not get in by the company's login either", async () => {
  await setUserState(ctx, "lin@example.com", "disabled");
  assert.equal(await new Browser().signIn("lin", "/"), "/signin?problem=oidc.unknown");
  await setUserState(ctx, "lin@example.com", "active");
});

test("a way back that was tampered with, or that another browser began, leads nowhere", async () => {
  const set = (name: string, value: string) => (url: string): string => { const changed = new URL(url); changed.searchParams.set(name, value); return changed.href; };
  for (const change of [set("state", "another"), set("code", "another"), set("iss", "https://evil.example")]) assert.equal(await new Browser().signIn("lin", "/", change), "/signin?problem=oidc.failed");
  const other = new Browser();
  let stolen = "";
  await other.signIn("lin", "/", (url) => { stolen = url; other.forget("tieout_oidc"); return url; }).then((end) => assert.equal(end, "/signin?problem=oidc.failed"));
  assert.equal((await new Browser().go(stolen)).location, `${http.url}/signin?problem=oidc.failed`);
});

test("where the provider cannot be reached, or none is set up, the door says so", async () => {
  const without = await openHttp(ctx, { host: "127.0.0.1", port: 0 });
  assert.equal((await new Browser().go(`${without.url}/api/v1/login/oidc`)).status, 404);
  await without.close();
  const down = await openHttp(ctx, { host: "127.0.0.1", port: 0, oidc: { issuer: "http://127.0.0.1:9", clientId: "tieout", clientSecret: undefined, name: "x" } });
  assert.equal((await new Browser().go(`${down.url}/api/v1/login/oidc`)).location, `${down.url}/signin?problem=oidc.failed`);
  await down.close();
});

test("only a place of this app is gone to after signing in", () => {
  assert.deepEqual(["/b/B1", "//evil.example", "/\\evil.example", "https://evil.example", "", "/a\\b", "/x\ny", undefined].map(placeOf), ["/b/B1", "/", "/", "/", "/", "/", "/", "/"]);
});
