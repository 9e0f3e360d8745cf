/**
 * How soon the cockpit shows and answers, in a real Chromium on the demo company: first paint, the figures, opening what a figure is made of, switching
 * the period; the size of the first route; and beside it the same server answering a page without figures. `node bench/screens.ts [--runs 5]`
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { openBrowser, person, startServer, welcome } from "../e2e/browser.ts";

const { values } = parseArgs({ options: { runs: { type: "string", default: "5" } } });
const server = await startServer({ demo: true });
const browser = await openBrowser();
try {
  const { page } = await person(browser, server.url);
  await welcome(page, server.ownerLink, { login: "owner", name: "Owner", password: "a long enough phrase" });
  await page.goto("/b/DEMO/cockpit");
  await page.getByTestId("cash").waitFor();
  const runs: { firstPaintMs: number; figuresMs: number; openMs: number; healthMs: number }[] = [];
  for (let run = 0; run < Number(values.runs); run++) {
    const health = performance.now();
    await page.goto("/health/live");
    const healthMs = performance.now() - health;
    const begun = performance.now();
    await page.goto("/b/DEMO/cockpit", { waitUntil: "commit" });
    await page.getByTestId("cash").waitFor();
    const figuresMs = performance.now() - begun;
    const firstPaintMs = Number(await page.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"));
    // From the click to the next frame that shows its answer: what a person waits for.
    const openMs = Number(await page.evaluate(`new Promise((resolve) => { const begun = performance.now(); document.querySelector('[data-testid="cash"]').click(); const look = () => document.querySelector("dialog[open]") ? resolve(performance.now() - begun) : requestAnimationFrame(look); requestAnimationFrame(look); })`));
    runs.push({ firstPaintMs, figuresMs, openMs, healthMs });
  }
  const dist = fileURLToPath(new URL("../web/dist", import.meta.url));
  const first = [.../(?:src|href)="(\/assets\/[^"]+)"/g[Symbol.matchAll](readFileSync(join(dist, "index.html"), "utf8"))].map((match) => match[1] as string);
  const gzipBytes = first.reduce((sum, path) => sum + statSync(join(dist, `${path}.gz`)).size, 0);
  const worst = (of: keyof (typeof runs)[number]): number => Math.max(...runs.map((run) => run[of]));
  const middle = (of: keyof (typeof runs)[number]): number => runs.map((run) => run[of]).sort((a, b) => a - b)[Math.trunc(runs.length / 2)] as number;
  process.stdout.write(`${JSON.stringify({ bench: "screens", runs: runs.length, firstPaintMs: { p50: middle("firstPaintMs"), worst: worst("firstPaintMs") }, figuresMs: { p50: middle("figuresMs"), worst: worst("figuresMs") }, interactionMs: { p50: middle("openMs"), worst: worst("openMs") }, firstRouteGzipBytes: gzipBytes, allFiles: readdirSync(join(dist, "assets")).filter((name) => name.endsWith(".js")).length, limit: { plainPageMs: middle("healthMs") } })}\n`);
} finally {
  await browser.close();
  await server.stop();
}
