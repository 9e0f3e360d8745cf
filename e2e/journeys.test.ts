/** Journeys of people through the screens, on a real server with the demo company, in a real Chromium. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { call, openBrowser, overflow, person, type Running, seriousViolations, signIn, skip, startServer, until, welcome } from "./browser.ts";

let server: Running;
let browser: Browser;
let owner: { readonly context: BrowserContext; readonly page: Page; readonly faults: string[] };
const password = "a long enough phrase";

before(async () => {
  if (skip !== false) return;
  server = await startServer({ demo: true, scale: 0.2 });
  browser = await openBrowser();
}, { timeout: 600_000 });
after(async () => {
  await browser?.close();
  await server?.stop();
});

test("the first start makes the owner by a link that works once", { skip, timeout: 300_000 }, async () => {
  owner = await person(browser, server.url);
  assert.match(server.ownerLink, /\/welcome\?token=/);
  await welcome(owner.page, server.ownerLink, { login: "owner", name: "王倩", password });
  assert.match(owner.page.url(), /\/b\/DEMO\//);
  const other = await person(browser, server.url);
  await other.page.goto(server.ownerLink);
  await other.page.getByRole("alert").waitFor();
  assert.match(await other.page.getByRole("alert").innerText(), /链接/);
  await other.page.goto("/b/DEMO/vouchers");
  await other.page.waitForURL(/\/signin/);
  await other.context.close();
});

test("whoever is sent to the door comes back to where they wanted to go, and the language switches everywhere", { skip, timeout: 300_000 }, async () => {
  const { page, context, faults } = await person(browser, server.url);
  await page.goto("/b/DEMO/books");
  await page.waitForURL(/\/signin\?next=/);
  await page.fill('input[name="login"]', "owner");
  await page.fill('input[name="password"]', "not the password");
  await page.click('button[type="submit"]');
  await page.getByRole("alert").waitFor();
  await page.fill('input[name="password"]', password);
  await page.click('button[type="submit"]');
  await page.waitForURL(/\/b\/DEMO\/books/);
  assert.match(await page.locator("nav.nav").innerText(), /单据之路/);
  await page.getByRole("button", { name: /Switch to English/ }).click();
  assert.match(await page.locator("nav.nav").innerText(), /The road/);
  assert.equal(await page.evaluate("document.documentElement.lang"), "en");
  assert.deepEqual(faults, []);
  await context.close();
});

/** A colleague with a role, signed in in a browser of their own. */
async function colleague(login: string, name: string, grants: readonly object[], look: Parameters<typeof person>[2] = {}) {
  const invited = await call<{ readonly link: string }>(owner.page, "/users", { login, name, employee: null, grants });
  assert.equal(invited.status, 201, JSON.stringify(invited.body));
  const other = await person(browser, server.url, look);
  await welcome(other.page, invited.body.link, { name, password });
  return other;
}

test("a table that is dropped on the page is tried first, then posted, and each document leads to its voucher", { skip, timeout: 300_000 }, async () => {
  const { page } = owner;
  await page.goto("/b/DEMO/documents/upload");
  const rows = ["单据号,日期,客户,物料,数量,不含税金额,税率", "UP-1,2026-12-15,C0001,BJ-25,2,4000.00,0.13", "UP-2,2026-12-15,C0002,BJ-25,1,2000.00,0.13"];
  await page.locator('input[type="file"]').setInputFiles({ name: "销售发票.csv", mimeType: "text/csv", buffer: Buffer.from(rows.join("\n")) });
  await page.getByLabel("单据种类").selectOption("salesInvoice");
  await page.getByText("试算", { exact: false }).first().waitFor();
  await page.getByRole("button", { name: /入账/ }).first().click();
  await page.getByText("结果").first().waitFor();
  const { body } = await call<{ readonly documents?: readonly unknown[] }>(page, "/books/DEMO/documents?text=UP-1");
  assert.match(JSON.stringify(body), /UP-1/);
  const of = (JSON.parse(JSON.stringify(body)) as readonly { readonly document: string }[])[0]?.document ?? "";
  await page.goto(`/b/DEMO/documents/one?of=${encodeURIComponent(of)}`);
  await page.locator('a[href*="/vouchers/2026-12/"]').first().click();
  await page.getByText("记账凭证").or(page.getByText("记 账 凭 证")).first().waitFor();
  assert.match(await page.locator("#main").innerText(), /4,520\.00/);
});

test("a document with an unknown code is parked, and naming the code releases it", { skip, timeout: 300_000 }, async () => {
  const { page } = owner;
  const document = { schema: "tieout/salesInvoice@1", book: "DEMO", source: "erp", sourceId: "FIX-1", date: "2026-12-16", customer: "NEW-77", lines: [{ lineId: "1", item: "BJ-25", quantity: "1", amountNet: "1000.00", taxRate: "0.13", tax: "130.00" }] };
  const posted = await call<{ readonly results: readonly { readonly state: string }[] }>(page, "/books/DEMO/documents", document);
  assert.equal(posted.body.results[0]?.state, "parked");
  await page.goto("/b/DEMO/documents/parked");
  await page.getByRole("button", { name: /编码没有主数据 NEW-77/ }).click();
  await page.getByRole("link", { name: "FIX-1" }).first().waitFor();
  await page.locator("tr", { hasText: "FIX-1" }).click({ position: { x: 200, y: 10 } });
  await page.getByLabel(/名称/).first().fill("新来的客户有限公司");
  await page.getByRole("button", { name: /登记 NEW-77/ }).click();
  await until(async () => /"state":"posted"/.test(JSON.stringify((await call(page, "/books/DEMO/documents?text=FIX-1")).body)));
});

test("a voucher is entered by keyboard alone, reviewed by another person, and reversed in red by the same two steps", { skip, timeout: 300_000 }, async () => {
  const { page } = owner;
  await page.goto("/b/DEMO/vouchers/new");
  await page.getByLabel("日期", { exact: true }).fill("2026-12-20");
  await page.getByRole("combobox", { name: "摘要" }).first().focus();
  await page.keyboard.type("补提所得税");
  await page.keyboard.press("Enter");
  await page.locator(':focus[aria-label="第 1 行科目"]').waitFor();
  await page.keyboard.type("sdsfy"); // 所得税费用 by the initials of its pinyin
  await page.getByRole("option", { name: /6801/ }).first().waitFor();
  await page.keyboard.press("Enter");
  await page.getByLabel("第 1 行借方").focus();
  await page.keyboard.type("1234.56");
  await page.getByRole("combobox", { name: "摘要" }).nth(1).focus();
  await page.keyboard.press("Enter"); // the summary of the line above
  await page.locator(':focus[aria-label="第 2 行科目"]').waitFor();
  await page.keyboard.type("2221.17");
  await page.getByRole("option", { name: /2221\.17/ }).first().waitFor();
  await page.keyboard.press("Enter");
  await page.getByLabel("第 2 行贷方").focus();
  await page.keyboard.press("="); // what is missing to balance
  await page.keyboard.press("Control+Enter");
  await page.getByRole("status").filter({ hasText: "等待另一人审核" }).waitFor();
  const own = await call<{ readonly error?: { readonly code: string } }>(page, "/books/DEMO/drafts");
  const draft = (own.body as unknown as readonly { readonly draft: string; readonly summary: string }[]).find(({ summary }) => summary === "补提所得税");
  assert.ok(draft);
  assert.ok((await call(page, `/books/DEMO/drafts/${draft.draft}/review`, {}, "POST")).status >= 400, "nobody reviews what they prepared");

  const reviewer = await colleague("li", "李敏", [{ role: "reviewer", book: "DEMO", scope: null }]);
  await reviewer.page.goto("/b/DEMO/vouchers/review");
  await reviewer.page.getByText("补提所得税").first().click();
  await reviewer.page.getByRole("button", { name: /审核并记账/ }).last().click();
  await reviewer.page.getByText(/已审核并记账/).first().waitFor();
  const numbered = await call<readonly { readonly number: string }[]>(page, "/books/DEMO/voucher-list?text=补提所得税");
  const number = /"number":"(记-\d+)"/.exec(JSON.stringify(numbered.body))?.[1] ?? "";
  assert.match(number, /^记-\d+$/);

  await page.goto(`/b/DEMO/vouchers/2026-12/${encodeURIComponent(number)}`);
  await page.getByRole("button", { name: /^红冲/ }).first().click();
  await page.getByLabel("红冲凭证日期").fill("2026-12-21");
  await page.getByLabel("原因").fill("金额有误");
  await page.getByRole("button", { name: /红冲/ }).last().click();
  await page.getByText(/等待另一人审核/).first().waitFor();
  await reviewer.page.goto("/b/DEMO/vouchers/review");
  await reviewer.page.getByText(/注销.*12 ?月 ?20 ?日/).first().click();
  await reviewer.page.getByRole("button", { name: /审核并记账/ }).last().click();
  await reviewer.page.getByText(/已审核并记账/).first().waitFor();
  await page.goto(`/b/DEMO/vouchers/2026-12/${encodeURIComponent(number)}`);
  await page.getByText(/红冲/).first().waitFor();
  // Who did it, what, why: in the trail.
  await page.goto("/b/DEMO/audit");
  await page.getByText(/金额有误/).first().waitFor();
  assert.deepEqual([owner.faults, reviewer.faults], [[], []]);
  await reviewer.context.close();
});

test("an order is followed from the board to its cash, its vouchers and the reason of a line", { skip, timeout: 300_000 }, async () => {
  const { page } = owner;
  await page.goto("/b/DEMO/boards/orders?period=2026-06&state=settled");
  await page.locator("tbody tr a").first().click();
  await page.waitForURL(/\/trace\?of=/);
  await page.locator("#main").getByText("销售订单").first().waitFor();
  await page.locator("#main tbody tr", { hasText: /记-\d+/ }).first().click();
  await page.locator('#main a[href*="/vouchers/2026-"]').first().click();
  await page.waitForURL(/\/vouchers\/2026-/);
  await page.locator(".page h1").waitFor();
  const why = page.locator(".vouchers-why");
  await why.getByText(/规则/).first().waitFor(); // the reason stands beside the form, w puts it away
  await page.keyboard.press("w");
  await why.waitFor({ state: "detached" });
  await page.keyboard.press("w");
  await why.waitFor();
});

test("the cockpit moves when a cash receipt is posted, without a reload, and its figure is the sum of its rows", { skip, timeout: 300_000 }, async () => {
  const { page } = owner;
  await page.goto("/b/DEMO/cockpit?period=2026-12");
  const cash = page.getByTestId("cash");
  await cash.waitFor();
  const minor = (text: string): bigint => BigInt(text.replace(/[^\d]/g, ""));
  const before = minor(await cash.innerText());
  await page.evaluate("window.__same = true");
  const receipt = { schema: "tieout/cashReceipt@1", book: "DEMO", source: "fin", sourceId: "LIVE-1", date: "2026-12-31", customer: "C0001", bankAccount: "BA1", amount: "8888.88", purpose: "advance", taxRate: "0.13" };
  const posted = await call<{ readonly results: readonly { readonly state: string; readonly reasons: unknown }[] }>(page, "/books/DEMO/documents", receipt);
  assert.equal(posted.body.results[0]?.state, "posted", JSON.stringify(posted.body));
  await until(async () => minor(await cash.innerText()) === before + 888_888n);
  assert.equal(await page.evaluate("window.__same"), true);
  await page.getByText("LIVE-1").first().waitFor();
  await cash.click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("LIVE-1").or(dialog.locator("tfoot")).first().waitFor();
  assert.equal(minor(await dialog.locator("tfoot td").last().innerText()), before + 888_888n);
  await page.keyboard.press("Escape");
});

test("a salesperson sees own customers and no cost, in lists, boards, drill, export and the API", { skip, timeout: 300_000 }, async () => {
  const salesperson = "E10";
  const sales = await colleague("he", "何俊", [{ role: "sales", book: "DEMO", scope: { employees: [salesperson], departments: null, regions: null } }]);
  const { page } = sales;
  const all = (await call<readonly { readonly code: string; readonly fields: Readonly<Record<string, string>> }[]>(owner.page, "/books/DEMO/masterdata?kind=customer&limit=1000")).body;
  const text = JSON.stringify(all);
  assert.match(text, /C0001/);
  const documents = (await call<readonly { readonly party: string }[]>(page, "/books/DEMO/documents?kind=salesOrder&limit=1000")).body;
  assert.ok(documents.length > 20);
  const owned = new Set((await call<{ readonly rows: readonly { readonly keys: { readonly customer: string } }[] }>(owner.page, "/books/DEMO/query", { metrics: ["orders_amount"], rows: ["customer", "salesperson"], time: { from: "2026-01-01", to: "2026-12-31" }, filters: [{ dimension: "salesperson", op: "in", values: [salesperson] }], limit: 5000 })).body.rows.map(({ keys }) => keys.customer));
  for (const { party } of documents) assert.ok(owned.has(party), `${party} is not a customer of ${salesperson}`);
  await page.goto("/b/DEMO/boards/chain?period=2026-06");
  await page.locator(".insight-five").waitFor();
  await page.waitForTimeout(1_500);
  assert.match(await page.locator(".insight-five").innerText(), /无权查看/);
  assert.doesNotMatch(await page.locator("#main").innerText(), /31\.\d%|毛利率\s+\d/);
  const foreign = (await call<{ readonly results?: unknown; readonly rows?: readonly { readonly keys: { readonly customer: string } }[] }>(page, "/books/DEMO/query", { metrics: ["revenue"], rows: ["customer"], time: { from: "2026-01-01", to: "2026-12-31" }, limit: 5000 })).body;
  assert.ok((foreign.rows ?? []).length > 5);
  for (const { keys } of foreign.rows ?? []) assert.ok(owned.has(keys.customer), `${keys.customer} shows on a board`);
  for (const refused of [{ metrics: ["cost"], time: { from: "2026-01-01", to: "2026-12-31" } }, { metrics: ["revenue"], rows: ["customer"], sort: [{ by: "gross_margin" }], time: { from: "2026-01-01", to: "2026-12-31" } }, { metrics: ["cash"], time: { from: "2026-12-31", to: "2026-12-31" } }]) assert.equal((await call(page, "/books/DEMO/query", refused)).status, 403);
  for (const path of ["vouchers?period=2026-06", "balances?period=2026-06", "statements/income?period=2026-06", "stock", "rules"]) assert.equal((await call(page, `/books/DEMO/${path}`)).status, 403, path);
  for (const path of ["/users", "/audit", "/roles"]) assert.equal((await call(page, path)).status, 403, path);
  assert.doesNotMatch((await page.locator("nav.nav a.i").allInnerTexts()).join(" "), /凭证|规则|权限|留痕/);
  await sales.context.close();
});

test("on a phone the cockpit and a review can be read and decided", { skip, timeout: 300_000 }, async () => {
  const { page, context } = await person(browser, server.url, { width: 390, height: 844 });
  await signIn(page, "owner", password);
  await page.goto("/b/DEMO/cockpit");
  await page.getByTestId("cash").waitFor();
  assert.equal(await overflow(page), 0);
  await page.goto("/b/DEMO/vouchers/review");
  await page.getByText(/待审核凭证/).first().waitFor();
  assert.equal(await overflow(page), 0);
  await page.locator("nav.tabbar a").first().waitFor();
  await context.close();
});

const pages = ["todo", "cockpit", "documents", "documents/parked", "documents/upload", "completeness", "connectors", "vouchers", "vouchers/review", "vouchers/new", "books", "books/statements", "books/close", "books/open-items", "rules", "masterdata", "delivery", "reconciliation?account=BA1", "reconciliation?account=BA1&view=balance", "reconciliation/board", "reconciliation/differences", "reconciliation/chain", "reconciliation/three-way", "reconciliation/payments", "reconciliation/payments?view=accounts", "reconciliation/letters", "reconciliation/alerts", "reconciliation/alerts/rules", "boards/orders", "boards/chain", "boards/receivables", "boards/margin", "boards/metrics", "audit", "access", "access/roles", "access/keys", "me"];

test("no page has what axe-core calls serious, in either language and theme, and none is wider than its window", { skip, timeout: 900_000 }, async () => {
  const found: string[] = [];
  const phonePages = new Set(["todo", "cockpit", "vouchers/review", "documents/parked"]);
  for (const [width, otherWidths, language, dark] of [[1440, [1920, 390], "zh", false], [1280, [390], "en", true]] as const) {
    const { page, context, faults } = await person(browser, server.url, { width, language, dark });
    await signIn(page, "owner", password);
    for (const path of pages) {
      await page.goto(`/b/DEMO/${path}`);
      await page.locator(".page h1, h1").first().waitFor();
      await page.locator("#main .still").first().waitFor({ state: "detached" });
      const violations = new Set(await seriousViolations(page));
      for (const at of [width, ...otherWidths]) {
        if (at !== width) await page.setViewportSize({ width: at, height: 900 });
        const wide = await overflow(page);
        if (wide > 0) found.push(`${at} ${path}: ${wide} px too wide`);
        if (at === 390 && phonePages.has(path)) for (const violation of await seriousViolations(page)) violations.add(violation);
      }
      await page.setViewportSize({ width, height: 900 });
      for (const violation of violations) found.push(`${language} ${path}: ${violation}`);
    }
    found.push(...faults.map((fault) => `${language}: ${fault}`));
    await context.close();
  }
  assert.deepEqual(found, []);
});
