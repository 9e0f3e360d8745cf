/**
 * The pictures of `docs/screens`, as the README shows them: a fresh server with the demo company, the owner signed in, each screen waited for until
 * its figures stand. All are tried; the exit code is 1 when a page threw an error, a figure did not come, or a picture is too heavy for a README.
 * `npm run screenshots`, or `npm run screenshots -- voucher rule` for some.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { crc32, deflateSync, inflateSync } from "node:zlib";
import type { Page } from "playwright-core";
import { openBrowser, overflow, person, type Look, signIn, skip, startServer, welcome } from "./browser.ts";

const folder = fileURLToPath(new URL("../docs/screens", import.meta.url));
const BYTES_MAX = 250_000;
const password = "only for these pictures";

type Shot = { readonly name: string; readonly look?: Look; readonly path: string; /** Does what a person would do before the picture is worth taking. */ readonly until: (page: Page) => Promise<unknown> };
const cockpit = { path: "cockpit?period=2026-12", until: (page: Page) => page.getByTestId("cash").waitFor() };
const shots: readonly Shot[] = [
  { name: "cockpit", ...cockpit },
  { name: "cockpit-dark", look: { dark: true }, ...cockpit },
  { name: "cockpit-phone", look: { width: 390, height: 844 }, ...cockpit },
  { name: "orders", path: "boards/orders?period=2026-06", until: (page) => page.locator("tbody tr a").first().waitFor() },
  { name: "trace", path: "boards/orders?period=2026-06", until: async (page) => {
    await openOrder(page);
    await page.locator("#main svg").first().waitFor();
  } },
  { name: "voucher", path: "vouchers", until: async (page) => {
    await page.locator("tbody tr", { hasText: "销售发票" }).first().locator('a[href*="/vouchers/2026-"]').first().click();
    await page.getByText(/为什么/).first().waitFor();
  } },
  { name: "parked", path: "documents/parked", until: (page) => page.locator("tbody tr").first().waitFor() },
  { name: "rule", path: "rules/P3m?tab=tables", until: (page) => page.locator("#main table").first().waitFor() },
  { name: "reconciliation", path: "reconciliation/board?period=2026-12", until: async (page) => {
    await page.locator(".reconciliation-chosen .reconciliation-two").waitFor();
    await page.locator(".reconciliation-causes").evaluate((causes) => (causes as unknown as { scrollIntoView(how: object): void }).scrollIntoView({ block: "start" }));
  } },
  { name: "bank", path: "reconciliation?account=BA1", until: async (page) => {
    await page.locator("tbody tr", { hasText: "汇海集团" }).first().waitFor();
    const wanted = page.locator("tbody tr", { hasText: "汇海集团" }).first().locator("input");
    for (let tries = 0; tries < 30 && !(await wanted.isChecked()); tries++) await page.keyboard.press("n");
  } },
  { name: "margin", path: "boards/margin?period=2026-12", until: (page) => page.locator("tbody tr").first().waitFor() },
];

if (skip !== false) throw new Error(skip);
const server = await startServer({ demo: true });
const browser = await openBrowser();
try {
  const owner = await person(browser, server.url);
  await welcome(owner.page, server.ownerLink, { login: "owner", name: "王倩", password });
  await owner.context.close();
  await mkdir(folder, { recursive: true });
  const chosen = process.argv.slice(2);
  for (const shot of shots.filter(({ name }) => chosen.length === 0 || chosen.includes(name))) {
    const wrong = await take(shot).catch((error: unknown) => String(error));
    process.stdout.write(`${shot.name}.png  ${wrong ?? "done"}\n`);
    if (wrong !== null) process.exitCode = 1;
  }
} finally {
  await browser.close();
  await server.stop();
}

/** Answers what is wrong with it; null if nothing is. */
async function take({ name, look = {}, path, until }: Shot): Promise<string | null> {
  const { page, context, faults } = await person(browser, server.url, { language: "zh", ...look });
  try {
    await signIn(page, "owner", password);
    await page.goto(`/b/DEMO/${path}`);
    await until(page);
    await settled(page);
    const picture = packed(await page.screenshot({ animations: "disabled", caret: "hide" }));
    await writeFile(join(folder, `${name}.png`), picture);
    const wide = await overflow(page);
    const wrong = [...faults, ...(wide > 0 ? [`${wide} px wider than its window`] : []), ...(picture.length > BYTES_MAX ? [`${picture.length} bytes, at most ${BYTES_MAX}`] : [])];
    return wrong.length === 0 ? null : wrong.join("; ");
  } finally {
    await context.close();
  }
}

/** The first order of the board that has gone all the way to its cash, as a picture. */
async function openOrder(page: Page): Promise<void> {
  await page.locator("tbody tr", { hasText: "已结清" }).first().locator("a").first().click();
  await page.waitForURL(/\/trace\?of=/);
}

/** Nothing is loading any more, fonts are there, and charts have been drawn. */
async function settled(page: Page): Promise<void> {
  await page.locator("#main .sk").first().waitFor({ state: "detached" });
  await page.evaluate("document.fonts.ready.then(() => true)");
  await page.waitForTimeout(1_200);
}

/** The same pixels in fewer bytes: the browser filters its rows, as photographs want it; flat screens pack better as they are. 8 bits a channel, as the browser writes. */
function packed(png: Buffer): Buffer {
  const chunks: { readonly type: string; readonly data: Buffer }[] = [];
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    chunks.push({ type: png.toString("latin1", at + 4, at + 8), data: png.subarray(at + 8, at + 8 + length) });
    at += length + 12;
  }
  const data = (type: string): Buffer => Buffer.concat(chunks.filter((chunk) => chunk.type === type).map((chunk) => chunk.data));
  const header = data("IHDR");
  const pixelBytes = header.readUInt8(9) === 6 ? 4 : 3;
  const rows = unfiltered(inflateSync(data("IDAT")), header.readUInt32BE(0) * pixelBytes, pixelBytes);
  const chunk = (type: string, of: Buffer): Buffer => {
    const named = Buffer.concat([Buffer.from(type, "latin1"), of]), length = Buffer.alloc(4), sum = Buffer.alloc(4);
    length.writeUInt32BE(of.length);
    sum.writeUInt32BE(crc32(named));
    return Buffer.concat([length, named, sum]);
  };
  return Buffer.concat([png.subarray(0, 8), chunk("IHDR", header), chunk("IDAT", deflateSync(rows, { level: 9, memLevel: 9 })), chunk("IEND", Buffer.alloc(0))]);
}

/** Takes the filter off each row (PNG, chapter 9): every byte was kept as its difference from what its neighbours foretell. */
function unfiltered(raw: Buffer, rowBytes: number, pixelBytes: number): Buffer {
  const rows = Buffer.alloc(raw.length);
  for (let start = 0; start < raw.length; start += rowBytes + 1) {
    const filter = raw[start] ?? 0;
    for (let at = start + 1; at <= start + rowBytes; at++) {
      const isFirst = at - start <= pixelBytes;
      const left = isFirst ? 0 : (rows[at - pixelBytes] ?? 0), up = start === 0 ? 0 : (rows[at - rowBytes - 1] ?? 0), corner = isFirst || start === 0 ? 0 : (rows[at - rowBytes - 1 - pixelBytes] ?? 0);
      rows[at] = (raw[at] ?? 0) + ([0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter] ?? 0);
    }
  }
  return rows;
}

function paeth(left: number, up: number, corner: number): number {
  const byLeft = Math.abs(up - corner), byUp = Math.abs(left - corner), byCorner = Math.abs(left + up - 2 * corner);
  return byLeft <= byUp && byLeft <= byCorner ? left : byUp <= byCorner ? up : corner;
}
