/** Journeys through reconciliation: the bank desk by keyboard, a difference corrected, a bill that does not match, payments to the bank and back, a close, a statement of account, an alert. */
import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { pinyin } from "pinyin-pro";
import type { Browser, Page } from "playwright-core";
import { systemClock } from "../server/src/platform/index.ts";
import { call, openCompany, overflow, type Person, person, type Running, skip, until } from "./browser.ts";

let server: Running;
let browser: Browser;
let owner: Person;
let second: Person;
let hook: Server;
const heard: string[] = [];
const password = "a long enough phrase";

before(async () => {
  if (skip !== false) return;
  ({ server, browser, owner, second } = await openCompany("reviewer", password));
  hook = createServer((request, response) => { request.on("data", (chunk: Buffer) => heard.push(String(chunk))).on("end", () => response.end("{}")); }).listen(0, "127.0.0.1");
}, { timeout: 600_000 });
after(async () => {
  hook?.close();
  await browser?.close();
  await server?.stop();
});

type Desk = { readonly movements: readonly { readonly name: string; readonly text: string; readonly amount: string }[]; readonly lines: readonly { readonly date: string; readonly amount: string; readonly partyName: string; readonly pays: readonly string[] }[]; readonly statements: readonly { readonly lastOn: string; readonly closing: string }[] };
const deskOf = async (account: string): Promise<Desk> => (await call<Desk>(owner.page, `/books/DEMO/bank-accounts/${account}`)).body;
const minor = (text: string): bigint => BigInt(text.replace(/[^\d]/g, "")) * (/[-−]/.test(text) ? -1n : 1n);
const money = (amount: bigint): string => `${amount < 0n ? "-" : ""}${(amount < 0n ? -amount : amount) / 100n}.${String((amount < 0n ? -amount : amount) % 100n).padStart(2, "0")}`;

/** A statement in the columns of 工行. */
function icbc(opening: bigint | null, rows: readonly { readonly day: string; readonly amount: bigint; readonly name: string; readonly text: string }[]): Buffer {
  let balance = opening ?? 0n;
  const lines = rows.map(({ day, amount, name, text }) => { balance += amount; return `0,${day} 10:00:00,${name},,${amount > 0n ? money(amount) : ""},${amount < 0n ? money(-amount) : ""},${opening === null ? "" : money(balance)},${text},转账,`; });
  return Buffer.from(["[HISTORYDETAIL]", "凭证号,交易时间,对方单位,对方账号,转入金额,转出金额,余额,用途,摘要,附言", ...lines].join("\r\n"));
}

/** Uploads without a mouse. */
async function upload(page: Page, name: string, buffer: Buffer): Promise<void> {
  await page.getByRole("button", { name: "上传对账单" }).focus();
  await page.keyboard.press("Enter");
  const field = page.locator('dialog[open] input[type="file"]:focus');
  await field.waitFor({ state: "attached" });
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), field.press("Space")]);
  await chooser.setFiles({ name, mimeType: "text/csv", buffer });
  await page.locator("dialog").waitFor({ state: "detached" });
}

/** Chooses a row of a side by its text and the return key, or takes it back. */
async function choose(page: Page, side: "银行流水" | "账簿分录", text: string | RegExp): Promise<void> {
  await page.getByRole("region", { name: side, exact: true }).locator("tbody tr", { hasText: text }).first().focus();
  await page.keyboard.press("Enter");
}

test("at the bank desk a statement is uploaded, matched, split, booked and undone by keyboard alone, and the balance ties", { skip, timeout: 300_000 }, async () => {
  const { page } = owner;
  const before = await deskOf("BA1");
  const last = before.statements.map(({ lastOn }) => lastOn).sort().at(-1) ?? "";
  const closing = minor(before.statements.find(({ lastOn }) => lastOn === last)?.closing ?? "");
  const untold = before.lines.filter(({ date, amount, pays }) => date > last && minor(amount) > 0n && pays.length > 0);
  const [certain, one, two] = untold;
  assert.ok(certain && one && two, "the books have receipts that the bank has not told yet");
  await page.goto("/b/DEMO/reconciliation?account=BA1");
  await page.getByRole("region", { name: "银行流水", exact: true }).locator("tbody tr").first().waitFor();
  await upload(page, "年末.csv", icbc(closing, [
    { day: certain.date, amount: minor(certain.amount), name: certain.partyName, text: `货款${certain.pays[0]}` },
    { day: "2026-12-31", amount: minor(one.amount) + minor(two.amount), name: "代收结算中心", text: "合并付款" },
  ]));
  await page.getByRole("button", { name: "自动勾对" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("status").filter({ hasText: /勾对 [1-9]\d* 组/ }).waitFor();
  // A suggestion is accepted, taken back, and accepted again.
  await page.getByLabel("查找").focus();
  await page.keyboard.type("汇海集团");
  const movements = page.getByRole("region", { name: "银行流水", exact: true }).locator("tbody tr");
  await until(async () => (await movements.count()) === 1);
  const accept = async (): Promise<void> => {
    await movements.first().focus();
    await page.keyboard.press("n");
    await page.locator(".reconciliation-sum .good").waitFor();
    await page.keyboard.press("m");
    await movements.first().waitFor({ state: "detached" });
  };
  await accept();
  await page.getByRole("status").filter({ hasText: "已勾对" }).waitFor();
  await page.keyboard.press("z");
  await movements.filter({ hasText: "汇海集团" }).waitFor();
  await accept();
  // One movement against two lines; the lines are found by the initials of the customer's name.
  await page.getByLabel("查找").fill("代收结算");
  await movements.filter({ hasText: "代收结算中心" }).waitFor();
  await choose(page, "银行流水", "代收结算中心");
  const lines = page.getByRole("region", { name: "账簿分录", exact: true }).locator("tbody tr");
  for (const line of [one, two]) {
    await page.getByLabel("查找").fill(pinyin(line.partyName, { pattern: "first", toneType: "none", type: "array" }).join(""));
    await lines.filter({ hasText: line.partyName }).filter({ hasText: line.pays[0] ?? "" }).first().waitFor();
    await choose(page, "账簿分录", line.pays[0] ?? "");
  }
  await page.locator(".reconciliation-sum .good").waitFor();
  await page.keyboard.press("m");
  await movements.filter({ hasText: "代收结算中心" }).waitFor({ state: "detached" });
  await page.getByLabel("查找").fill("");
  await movements.filter({ hasText: "电汇手续费" }).waitFor();
  // What only the bank has: its fee, and money of a customer under another name.
  await choose(page, "银行流水", "电汇手续费");
  await page.keyboard.press("b");
  await page.getByRole("button", { name: "记为手续费" }).focus();
  await page.keyboard.press("Enter");
  await page.locator("dialog").waitFor({ state: "detached" });
  await choose(page, "银行流水", "周敏");
  await page.keyboard.press("b");
  await page.getByRole("combobox", { name: "往来单位" }).focus();
  await page.keyboard.type(pinyin(certain.partyName, { pattern: "first", toneType: "none", type: "array" }).join(""));
  await page.getByRole("option").filter({ hasText: certain.partyName }).waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "记为收款" }).focus();
  await page.keyboard.press("Enter");
  await page.locator("dialog").waitFor({ state: "detached" });
  const left = await deskOf("BA1");
  assert.deepEqual(left.movements.filter(({ name, text }) => /汇海|代收|周敏/.test(name) || text === "电汇手续费"), []);
  await page.getByRole("radio", { name: "余额调节表" }).or(page.getByRole("button", { name: "余额调节表" })).first().click();
  await page.getByLabel("平", { exact: true }).waitFor();
  await page.getByRole("link", { name: "打印" }).click();
  await page.waitForURL(/\/print\/DEMO\/balance/);
  const paper = page.locator("article.print-sheet");
  await paper.waitFor();
  const adjusted = await paper.locator("tr", { hasText: "调节后余额" }).locator("td.num").allInnerTexts();
  assert.equal(adjusted[0], adjusted[1]);
  assert.deepEqual(owner.faults, []);
});

/** The second person reviews the newest draft whose summary holds the text. */
async function review(text: string | RegExp): Promise<void> {
  const { page } = second;
  await page.goto("/b/DEMO/vouchers/review");
  await page.getByText(text).first().click();
  await page.getByRole("button", { name: /审核并记账/ }).last().click();
  await page.getByText(/已审核并记账/).first().waitFor();
}

test("the board leads from a cause to both sides of a difference; its correction is proposed, reviewed, and the difference is gone", { skip, timeout: 300_000 }, async () => {
  const { page } = owner;
  type Found = { readonly difference: string; readonly proposed: string; readonly subject: string; readonly documents: readonly string[] };
  const found = async (): Promise<readonly Found[]> => (await call<readonly Found[]>(page, "/books/DEMO/differences?cause=manualOnControlled")).body;
  const compare = async (): Promise<void> => {
    await Promise.all([page.waitForResponse(/\/reconciliation\/run$/, { timeout: 60_000 }), page.getByRole("button", { name: "现在对账" }).click()]);
  };
  await page.goto("/b/DEMO/reconciliation/board?period=2026-12");
  await page.getByRole("button", { name: /手工凭证记入受控科目/ }).click();
  const panel = page.locator(".reconciliation-chosen");
  await panel.getByText("业务侧").waitFor();
  await panel.getByText("账簿侧").waitFor();
  const first = (await found()).find(({ proposed }) => proposed === "review");
  assert.ok(first);
  await page.goto(`/b/DEMO/reconciliation/board?period=2026-12&cause=manualOnControlled&open=${first.difference}`);
  // It waits for its reviewer; once reviewed it stands in the books and is taken back in red.
  await panel.getByRole("link", { name: "去审核" }).waitFor();
  const drafts = (await call<readonly { readonly draft: string; readonly document: string | null }[]>(second.page, "/books/DEMO/drafts")).body;
  const draft = drafts.find(({ document }) => document === first.subject);
  assert.ok(draft, JSON.stringify(drafts[0]));
  assert.ok((await call(second.page, `/books/DEMO/drafts/${draft.draft}/review`, {}, "POST")).status < 300);
  await compare();
  await until(async () => (await found()).some(({ documents, proposed }) => documents.includes(first.subject) && proposed === "reverse"));
  const now = (await found()).find(({ documents }) => documents.includes(first.subject));
  await page.goto(`/b/DEMO/reconciliation/board?period=2026-12&cause=manualOnControlled&open=${now?.difference ?? ""}`);
  await panel.getByRole("button", { name: "红冲" }).click();
  await page.getByLabel("原因 *").fill("受控科目不得手工记账");
  await page.locator("dialog").getByRole("button", { name: "红冲" }).click();
  await page.locator("dialog").waitFor({ state: "detached" });
  await panel.getByText("受控科目不得手工记账").waitFor();
  await review(/注销/);
  await page.reload();
  await compare();
  await until(async () => (await found()).every(({ documents }) => !documents.includes(first.subject)));
  await page.goto("/b/DEMO/reconciliation/differences?cause=manualOnControlled&state=closed");
  await page.getByText(first.subject.slice(first.subject.indexOf("/") + 1)).first().waitFor();
});

test("the three-way desk names a dearer price, which a tolerance lets pass, and a bill that came twice", { skip, timeout: 300_000 }, async () => {
  const { page } = owner;
  await page.goto("/b/DEMO/reconciliation/three-way?state=priceVariance");
  const rows = page.getByRole("region", { name: "三单匹配", exact: true }).locator("tbody tr");
  await rows.first().waitFor();
  const document = (await rows.first().locator("button").first().innerText()).trim();
  const supplier = /S\w?\d{4}/.exec(await rows.first().innerText())?.[0] ?? "";
  await rows.first().locator("button").first().click();
  await page.getByRole("dialog").getByText(/单价/).first().waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "容差" }).or(page.getByRole("radio", { name: "容差" })).first().click();
  await page.getByRole("button", { name: "新增容差" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("combobox", { name: "供应商" }).fill(supplier);
  await page.getByRole("option", { name: new RegExp(supplier) }).first().waitFor();
  await page.keyboard.press("Enter");
  await dialog.getByLabel("单价，%").fill("50");
  await dialog.getByLabel(/原因/).fill("框架协议");
  await dialog.getByRole("button", { name: "保存容差" }).click();
  await dialog.waitFor({ state: "detached" });
  await page.getByText("框架协议", { exact: false }).first().waitFor();
  const after = (await call<readonly { readonly document: string; readonly state: string }[]>(page, `/books/DEMO/three-way?of=${encodeURIComponent(`erp:supplierInvoice/${document}`)}`)).body[0];
  assert.notEqual(after?.state, "priceVariance");
  // The same bill twice: under its number it does not get in; without one, over the same sum a few days later, it is named with the other.
  const bill = (id: string, date: string, more: object): object => ({ schema: "tieout/supplierInvoice@1", book: "DEMO", source: "erp", sourceId: id, date, supplier, ...more, lines: [{ lineId: "1", description: "安装服务", category: "service", quantity: "1", amountNet: "777.00", taxRate: "0.06", tax: "46.62" }] });
  const taken = async (one: object): Promise<string | undefined> => (await call<{ readonly results: readonly { readonly state: string }[] }>(page, "/books/DEMO/documents", one)).body.results[0]?.state;
  assert.deepEqual([await taken(bill("TW-1", "2026-12-10", { invoiceNumber: "TW-1" })), await taken(bill("TW-2", "2026-12-10", { invoiceNumber: "TW-1" })), await taken(bill("TW-3", "2026-12-14", {}))], ["posted", "refused", "posted"]);
  await page.goto("/b/DEMO/reconciliation/three-way?state=duplicateInvoice");
  await rows.filter({ hasText: "TW-3" }).locator("button").first().click();
  await page.getByRole("dialog").getByText("TW-1").first().waitFor();
  await page.keyboard.press("Escape");
});

test("payables become a batch that a second person approves, a file for the bank, and are cleared by what the bank reports", { skip, timeout: 300_000 }, async () => {
  const { page } = owner;
  await page.goto("/b/DEMO/reconciliation/payments");
  await page.getByLabel("付款账户").selectOption("BA2");
  await page.getByRole("checkbox").first().waitFor();
  await page.locator("h1").click();
  await page.keyboard.press("a");
  await page.getByText(/^[1-9]\d* 项，/).waitFor();
  await page.keyboard.press("p");
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "批准" }).click();
  await dialog.getByRole("alert").waitFor(); // whoever proposes does not approve
  const address = page.url();
  await second.page.goto(address);
  await second.page.getByRole("dialog").getByRole("button", { name: "批准" }).click();
  await second.page.getByRole("dialog").getByText("待导出").first().waitFor();
  await page.goto(address);
  const save = async (format: string): Promise<string> => {
    await dialog.getByRole("button", { name: /导出银行文件|再次导出/ }).click();
    await dialog.getByLabel("格式").selectOption(format);
    const bank = dialog.getByLabel("付款行联行号或 BIC");
    if ((await bank.count()) > 0) await bank.fill("ICBKCNBJXXX");
    const [download] = await Promise.all([page.waitForEvent("download"), dialog.getByRole("button", { name: "保存文件" }).click()]);
    return readFile(await download.path(), "utf8");
  };
  const xml = await save("pain.001.001.09");
  const payments = [...xml.matchAll(/<EndToEndId>([^<]+)<\/EndToEndId>[\s\S]*?<InstdAmt Ccy="CNY">([\d.]+)</g)].map(([, id = "", amount = ""]) => ({ id, amount }));
  assert.ok(payments.length > 0, xml.slice(0, 400));
  assert.equal(/<CtrlSum>([\d.]+)</.exec(xml)?.[1], money(payments.reduce((sum, { amount }) => sum + minor(amount), 0n)));
  await dialog.getByText("已给银行").first().waitFor();
  const csv = await save("icbc-csv");
  for (const { amount } of payments) assert.ok(csv.includes(amount), `${amount} stands in the CSV`);
  // The bank reports them under our ids.
  const today = systemClock().toISOString().slice(0, 10);
  await page.goto("/b/DEMO/reconciliation?account=BA2");
  await upload(page, "付款回单.csv", icbc(null, payments.map(({ id, amount }) => ({ day: today, amount: -minor(amount), name: "", text: id }))));
  await page.goto("/b/DEMO/reconciliation/payments?view=batches");
  await page.getByRole("button", { name: "核销已付" }).click();
  await page.getByRole("status").filter({ hasText: `核销 ${payments.length} 笔` }).waitFor();
  await page.goto(address);
  await dialog.getByText("已付", { exact: true }).first().waitFor();
  assert.deepEqual([owner.faults, second.faults], [[], []]);
});

test("a close stops at what is not true, goes on once it is, and is taken back with a reason", { skip, timeout: 300_000 }, async () => {
  const { page } = owner;
  assert.equal((await call(page, "/books", { code: "E2E", name: "结账演示", pack: "cas-general", currency: "CNY", from: "2026-03" })).status, 201);
  await call(page, "/books/E2E/documents", { schema: "tieout/salesInvoice@1", book: "E2E", source: "erp", sourceId: "SI-1", date: "2026-03-05", customer: "C1", invoiceNumber: "SI-1", lines: [{ lineId: "1", description: "服务", category: "service", quantity: "1", amountNet: "1000.00", taxRate: "0.06" }] });
  await page.goto("/b/E2E/books/close?period=2026-03");
  const gate = page.locator("tr", { hasText: "单据 100% 入账" });
  await gate.getByText("未满足").waitFor();
  const run = async (): Promise<void> => {
    await page.getByRole("button", { name: "做完各步并结账" }).click();
    for (const box of await page.getByRole("dialog").getByRole("checkbox").all()) await box.check();
    const reason = page.getByRole("dialog").getByLabel(/原因/);
    if ((await reason.count()) > 0) await reason.fill("演示账簿");
    await page.getByRole("dialog").getByRole("button", { name: "结账 2026-03" }).click();
  };
  await run();
  await page.getByRole("status").filter({ hasText: "停在下面的事项" }).waitFor();
  await gate.getByRole("link", { name: "去处理" }).waitFor();
  await call(page, "/books/E2E/documents", { schema: "tieout/customer@1", book: "E2E", source: "erp", sourceId: "C1", name: { zh: "白榆商贸" } });
  await until(async () => /"state":"posted"/.test(JSON.stringify((await call(page, "/books/E2E/documents?text=SI-1")).body)));
  await page.reload();
  await gate.getByText("已满足").waitFor();
  await run();
  await page.getByRole("status").filter({ hasText: "已结账" }).waitFor();
  await page.reload();
  await page.getByRole("button", { name: "反结账 2026-03" }).click();
  await page.getByRole("dialog").getByLabel(/理由|原因/).fill("补一张发票");
  await page.getByRole("dialog").getByRole("button", { name: /反结账/ }).click();
  await page.getByRole("cell", { name: "补一张发票" }).waitFor();
  await page.getByRole("button", { name: "做完各步并结账" }).waitFor();
});

test("a statement of account is confirmed by its signed link without signing in, once", { skip, timeout: 300_000 }, async () => {
  const { page } = owner;
  await page.goto("/b/DEMO/reconciliation/letters");
  await page.getByRole("button", { name: "出具对账单" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("combobox", { name: "往来单位" }).fill("C0004");
  await page.getByRole("option", { name: /C0004/ }).waitFor();
  await page.keyboard.press("Enter");
  await dialog.getByRole("button", { name: "出具", exact: true }).click();
  const link = await dialog.getByLabel(/确认链接/).inputValue();
  const customer = await person(browser, server.url, { width: 390, height: 844 });
  await customer.page.goto(link);
  await customer.page.getByText("往来对账单").waitFor();
  assert.equal(await overflow(customer.page), 0);
  await customer.page.getByRole("button", { name: "相符" }).click();
  await customer.page.getByLabel("答复人 *").fill("财务部 沈洁");
  await customer.page.getByRole("button", { name: "提交答复" }).click();
  await customer.page.getByText("答复已送达").waitFor();
  await customer.page.goto(link);
  await customer.page.getByRole("alert").waitFor();
  await customer.page.goto(link.slice(0, -2));
  await customer.page.getByRole("alert").waitFor();
  assert.deepEqual(customer.faults, []);
  await customer.context.close();
  await page.reload();
  await page.locator("tbody tr", { hasText: "财务部 沈洁" }).getByText("相符").waitFor();
});

test("an alert is acknowledged and put off; its rule is tried and changed, and a channel is test-fired", { skip, timeout: 300_000 }, async () => {
  const { page } = owner;
  await page.goto("/b/DEMO/reconciliation/alerts");
  await page.getByRole("button", { name: "供应商收款账户变更" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel(/说明/).fill("已电话核实");
  await dialog.getByRole("button", { name: "认领" }).click();
  await dialog.getByText("已认领").first().waitFor();
  await dialog.getByText("已电话核实").waitFor();
  await dialog.getByRole("button", { name: "推迟" }).click();
  await dialog.getByText("已推迟").first().waitFor();
  await page.goto("/b/DEMO/reconciliation/alerts/rules");
  await page.getByRole("button", { name: "新建渠道" }).click();
  await dialog.getByLabel(/代码/).fill("desk-hook");
  await dialog.getByLabel("种类").selectOption("webhook");
  await dialog.getByLabel(/地址/).fill(`http://127.0.0.1:${(hook.address() as AddressInfo).port}/alerts`);
  await dialog.getByLabel(/签名密钥/).fill("a key that signs");
  await dialog.getByRole("button", { name: "保存渠道" }).click();
  await dialog.waitFor({ state: "detached" });
  await page.locator("tbody tr", { hasText: "desk-hook" }).getByRole("button", { name: "试发" }).click();
  await until(async () => heard.length > 0);
  await page.getByRole("button", { name: "客户逾期超过 10 万元" }).click();
  await dialog.getByLabel(/^线/).fill("20000.00");
  await dialog.getByRole("button", { name: "试算" }).click();
  await dialog.getByRole("status").filter({ hasText: /现在看 \d+ 个对象/ }).waitFor();
  await dialog.getByLabel("desk-hook").check();
  await dialog.getByRole("button", { name: "保存规则" }).click();
  await dialog.waitFor({ state: "detached" });
  await page.locator("tbody tr", { hasText: "客户逾期超过 10 万元" }).getByText("20,000.00").waitFor();
  await page.locator("tbody tr", { hasText: "客户逾期超过 10 万元" }).getByText("desk-hook").waitFor();
  assert.deepEqual(owner.faults, []);
});
