/**
 * A real server and a real Chromium, for journeys through the screens: a fresh data folder, the demo company, an owner made through the
 * one-time link that the server prints. Chromium and a Chinese font come from Debian; without them journeys are skipped and say so.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

const root = fileURLToPath(new URL("..", import.meta.url));
const places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
export const chromiumPath = places.find((place) => existsSync(place));
/** For `test(title, { skip }, …)`. */
export const skip = chromiumPath === undefined ? "needs Chromium: apt-get install chromium fonts-noto-cjk" : false;

export type Running = { readonly url: string; readonly dataDir: string; /** The first owner's one-time link. */ readonly ownerLink: string; stop(): Promise<void> };

/** A server that is not ready after so long is ended, and says what it had said. */
const patienceMs = 540_000;

/** Starts `tieout serve` in a process of its own and waits until it has said where it is and, with the demo, that it is ready. `scale` makes a smaller demo company, 1 being the usual one. */
export async function startServer(options: { readonly demo: boolean; readonly dataDir?: string; readonly scale?: number }): Promise<Running> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), "tieout-journey-")));
  const tieout = (...words: readonly string[]): ChildProcess => spawn(process.execPath, [join(root, "server/bin/tieout.js"), ...words], { cwd: root, env: { PATH: "/usr/local/bin:/usr/bin:/bin", HOME: dataDir, TIEOUT_DATA: dataDir, TIEOUT_LOG: "error", NO_COLOR: "1" }, stdio: ["ignore", "pipe", "pipe"] });
  if (options.scale !== undefined) await new Promise<void>((resolve, reject) => {
    let wrong = "";
    const making = tieout("demo", "create", "--scale", String(options.scale));
    making.stdout?.resume();
    making.stderr?.on("data", (chunk: Buffer) => void (wrong += String(chunk)));
    making.once("exit", (code) => (code === 0 ? resolve() : reject(new Error(`the demo company was not made (${code}):\n${wrong}`))));
  });
  const child = tieout("serve", "--port", "0", ...(options.demo ? [] : ["--no-demo"]));
  let said = "";
  const told = new Promise<void>((resolve, reject) => {
    const take = (chunk: Buffer): void => {
      said += String(chunk);
      if (/停止 stop/.test(said)) resolve();
    };
    child.stdout?.on("data", take);
    child.stderr?.on("data", take);
    child.once("exit", (code) => reject(new Error(`the server ended with ${code}:\n${said}`)));
  });
  const patience = setTimeout(() => child.kill("SIGTERM"), patienceMs);
  await told.finally(() => { clearTimeout(patience); });
  const url = /(http:\/\/127\.0\.0\.1:\d+)/.exec(said)?.[1] ?? "";
  const ownerLink = /(http:\/\/\S*\/welcome\?token=\S+)/.exec(said)?.[1] ?? "";
  return {
    url, dataDir, ownerLink,
    async stop() {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await ended;
      if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
    },
  };
}

export const openBrowser = (): Promise<Browser> => chromium.launch({ executablePath: chromiumPath as string, args: ["--no-sandbox", "--disable-gpu", "--lang=zh-CN"] });

export type Look = { readonly width?: number; readonly height?: number; readonly language?: "zh" | "en"; readonly dark?: boolean };
/** A person's own browser: cookies are not shared with others. Errors of a page end the journey. */
export async function person(browser: Browser, url: string, look: Look = {}): Promise<{ readonly context: BrowserContext; readonly page: Page; readonly faults: string[] }> {
  const context = await browser.newContext({ baseURL: url, viewport: { width: look.width ?? 1440, height: look.height ?? 900 }, locale: "zh-CN", timezoneId: "Asia/Shanghai", colorScheme: look.dark ? "dark" : "light", reducedMotion: "reduce" });
  if (look.language !== undefined) await context.addInitScript(`localStorage.setItem("tieout.language", ${JSON.stringify(look.language)})`);
  const page = await context.newPage();
  page.setDefaultTimeout(45_000);
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("console", (message) => { if (message.type() === "error" && !/status of (?:4\d\d|503)/.test(message.text())) faults.push(message.text()); });
  return { context, page, faults };
}

export async function signIn(page: Page, login: string, password: string): Promise<void> {
  await page.goto("/signin");
  await page.fill('input[name="login"]', login);
  await page.fill('input[name="password"]', password);
  await page.click('button[type="submit"]');
  await page.waitForURL(/\/b\//);
}

/** Uses a one-time link. */
export async function welcome(page: Page, link: string, who: { readonly login?: string; readonly name?: string; readonly password: string }): Promise<void> {
  await page.goto(link);
  if (who.login !== undefined) await page.fill('input[name="login"]', who.login);
  if (who.name !== undefined) await page.fill('input[name="name"]', who.name);
  await page.fill('input[name="password"]', who.password);
  await page.click('button[type="submit"]');
  await page.waitForURL(/\/b\//);
}

export type Person = Awaited<ReturnType<typeof person>>;
/** A small demo company with its owner 王倩 and a second person, 李敏, each signed in on a page of their own. */
export async function openCompany(role: string, password: string): Promise<{ readonly server: Running; readonly browser: Browser; readonly owner: Person; readonly second: Person }> {
  const server = await startServer({ demo: true, scale: 0.2 });
  const browser = await openBrowser();
  const owner = await person(browser, server.url);
  await welcome(owner.page, server.ownerLink, { login: "owner", name: "王倩", password });
  const invited = await call<{ readonly link: string }>(owner.page, "/users", { login: "li", name: "李敏", employee: null, grants: [{ role, book: "DEMO", scope: null }] });
  const second = await person(browser, server.url);
  await welcome(second.page, invited.body.link, { name: "李敏", password });
  return { server, browser, owner, second };
}

const axeSource = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
/** What axe-core finds that is serious or critical, as sentences. Of a long list its first rows are looked at: the others are made the same way. */
export async function seriousViolations(page: Page): Promise<string[]> {
  await page.evaluate(await readFile(axeSource, "utf8"));
  await page.evaluate("document.adoptedStyleSheets = [new CSSStyleSheet()]; document.adoptedStyleSheets[0].replaceSync('tbody tr:nth-child(n+9) { display: none }')");
  const found = await page.evaluate("axe.run(document, { resultTypes: ['violations'] }).finally(() => { document.adoptedStyleSheets = []; })") as { readonly violations: readonly { readonly id: string; readonly impact: string; readonly help: string; readonly nodes: readonly { readonly target: readonly string[] }[] }[] };
  return found.violations.filter(({ impact }) => impact === "serious" || impact === "critical").map(({ id, help, nodes }) => `${id}: ${help} (${nodes.slice(0, 3).map(({ target }) => target.join(" ")).join("; ")})`);
}

/** How far the page is wider than its window, in px; 0 is right. */
export const overflow = (page: Page): Promise<number> => page.evaluate("Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)");

/** Calls the API as whoever is signed in on the page. */
export async function call<T>(page: Page, path: string, body?: unknown, method = body === undefined ? "GET" : "POST"): Promise<{ readonly status: number; readonly body: T }> {
  return page.evaluate(async ({ path: to, body: what, method: how }) => {
    const me = (await (await fetch("/api/v1/me")).json()) as { csrf: string };
    const answer = await fetch(`/api/v1${to}`, { method: how, headers: { "x-tieout-csrf": me.csrf, ...(what === undefined ? {} : { "content-type": "application/json" }) }, body: what === undefined ? null : JSON.stringify(what) });
    const text = await answer.text();
    return { status: answer.status, body: (/json/.test(answer.headers.get("content-type") ?? "") ? JSON.parse(text) : text) as never };
  }, { path, body, method });
}

/** Looks again until it is so. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 180; tries++) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error("it did not come about within 45 s");
}
