/** Journeys through master data: a code that documents wait for, the queue by keyboard, a merge and back, search, sheets, scores, trees, standards, four eyes. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { pinyin } from "pinyin-pro";
import type { Browser, Locator, Page } from "playwright-core";
import { writeSheet } from "../server/src/app/sheet.ts";
import { completeUscc } from "../server/src/masterdata/index.ts";
import { call, openCompany, overflow, type Person, person, type Running, seriousViolations, skip, until } from "./browser.ts";

let server: Running;
let browser: Browser;
let owner: Person;
let second: Person;
const password = "a long enough phrase";
const timeout = 300_000;
const base = "/books/DEMO/masterdata";

before(async () => {
  if (skip !== false) return;
  ({ server, browser, owner, second } = await openCompany("accountant", password));
  // Another system's customers, three of them entered twice, and its projects.
  for (const [at, [name, phone]] of firms.entries()) for (const code of [`K${at}1`, `K${at}2`]) await post({ schema: "tieout/customer@1", source: "oms", sourceId: code, name, phone });
  await post({ schema: "tieout/customer@1", source: "oms", sourceId: "M-88", name: "霁湖机电（老客户）", phone: "0516-60601212", address: "霁湖市船厂路 8 号" });
  for (const [code, name] of [["PX-1", "二号泵站改造"], ["PX-2", "老厂区锅炉房"]] as const) await post({ schema: "tieout/project@1", source: "oms", sourceId: code, name });
  await until(async () => (await find("PX-2", "project")) !== undefined && (await queue()).length === firms.length);
}, { timeout: 600_000 });
after(async () => {
  await browser?.close();
  await server?.stop();
});

const firms = [["无锡恒泰机械有限公司", "0510-81234567"], ["常州中盛电缆有限公司", "0519-86543210"], ["扬州海晟食品有限公司", "0514-87654321"]] as const;
type Golden = { readonly golden: string; readonly code: string; readonly name: string; readonly uscc: string };
type Pair = { readonly no: string; readonly one: { readonly code: string; readonly golden: string }; readonly other: { readonly code: string; readonly golden: string } };
type Stated = { readonly state: string; readonly vouchers: readonly { readonly id: string }[] };
const post = (body: object) => call<{ readonly results: readonly { readonly state: string }[] }>(owner.page, "/books/DEMO/documents", { book: "DEMO", ...body });
const find = async (text: string, domain: string): Promise<Golden | undefined> => (await call<readonly Golden[]>(owner.page, `${base}/golden?text=${encodeURIComponent(text)}&domain=${domain}`)).body[0];
const queue = async (): Promise<readonly Pair[]> => (await call<readonly Pair[]>(owner.page, `${base}/queue?domain=customer`)).body;
const stated = async (of: string): Promise<Stated> => (await call<Stated>(owner.page, `/books/DEMO/documents/one?of=${encodeURIComponent(of)}`)).body;
const open = async (page: Page, path: string): Promise<void> => {
  await page.goto(`/b/DEMO/masterdata/${path}`);
  await page.locator(".page h1").waitFor();
  await page.locator("#main .still").first().waitFor({ state: "detached" });
};
const dialogOf = (page: Page): Locator => page.locator("dialog[open]");
/** Every decision asks why. */
const because = async (page: Page, reason: string): Promise<void> => {
  await dialogOf(page).getByLabel(/^原因/).focus();
  await page.keyboard.type(reason);
  await page.keyboard.press("Control+Enter");
  await dialogOf(page).waitFor({ state: "detached" });
};

test("a code that nobody mapped holds its documents back; by keyboard alone it is mapped to the likeliest record, and all of them post in order of arrival", { skip, timeout }, async () => {
  const { page } = owner;
  const invoice = (id: string, amount: string, tax: string) => post({ schema: "tieout/salesInvoice@1", source: "pos", sourceId: id, date: "2026-12-18", customer: "C-0003", lines: [{ lineId: "1", item: "BJ-25", quantity: "1", amountNet: amount, taxRate: "0.13", tax }] });
  for (const [id, amount, tax] of [["POS-1", "1000.00", "130.00"], ["POS-2", "2000.00", "260.00"], ["POS-3", "3000.00", "390.00"]] as const) assert.equal((await invoice(id, amount, tax)).body.results[0]?.state, "parked");
  await open(page, "missing");
  const row = page.locator("tbody tr", { hasText: "C-0003" });
  await row.getByRole("link", { name: "3", exact: true }).waitFor();
  await page.locator("tbody tr").first().focus();
  for (let step = 0; step < 20 && !(await row.evaluate((one) => one === one.ownerDocument.activeElement)); step++) await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await dialogOf(page).locator('input[type="radio"]:focus').waitFor();
  await page.keyboard.press("Space");
  const chosen = dialogOf(page).locator(".pick.on");
  await chosen.filter({ hasText: "C0003" }).waitFor();
  await dialogOf(page).getByText("已记账凭证不变", { exact: false }).waitFor();
  while (!(await dialogOf(page).getByLabel(/^原因/).evaluate((one) => one === one.ownerDocument.activeElement))) await page.keyboard.press("Tab");
  await page.keyboard.type("门店系统写法不同");
  await page.keyboard.press("Control+Enter");
  await page.getByRole("status").filter({ hasText: "3 张单据已自动记账" }).waitFor();
  await row.waitFor({ state: "detached" });
  const numbers: number[] = [];
  for (const id of ["POS-1", "POS-2", "POS-3"]) {
    const { state, vouchers } = await stated(`pos:salesInvoice/${id}`);
    assert.deepEqual([state, vouchers.length > 0], ["posted", true], id);
    numbers.push(...vouchers.map((voucher) => Number(voucher.id.slice(1))));
  }
  assert.deepEqual(numbers, [...numbers].sort((a, b) => a - b));
});

test("pairs in the queue are skipped, merged, taken back and told apart by keyboard, with the weight of every field in sight", { skip, timeout }, async () => {
  const { page } = owner;
  await open(page, "queue?domain=customer");
  const list = page.locator(".masterdata-queue .list > div");
  await list.nth(firms.length - 1).waitFor();
  const names = await list.locator(".masterdata-open").allInnerTexts();
  const current = page.locator('.masterdata-queue [aria-current="true"]');
  await page.getByRole("region", { name: "各字段的权重" }).getByText("电话").waitFor();
  await page.getByRole("region", { name: "各字段的权重" }).getByText(/^\+\d/).first().waitFor();
  await page.keyboard.press("j");
  await current.filter({ hasText: names[1] ?? "" }).waitFor();
  await page.keyboard.press("k");
  await current.filter({ hasText: names[0] ?? "" }).waitFor();
  const before = await queue();
  await page.keyboard.press("Enter");
  await dialogOf(page).locator(".masterdata-preview").waitFor();
  await because(page, "电话与名称都相同");
  await until(async () => (await queue()).length === firms.length - 1);
  await page.getByRole("status").filter({ hasText: "已决定" }).waitFor();
  await page.keyboard.press("z");
  await until(async () => JSON.stringify((await queue()).map(({ no }) => no)) === JSON.stringify(before.map(({ no }) => no)));
  await current.filter({ hasText: names[0] ?? "" }).waitFor();
  await page.keyboard.press("Enter");
  await because(page, "电话与名称都相同");
  await current.filter({ hasText: names[1] ?? "" }).waitFor();
  await page.keyboard.press("d");
  await because(page, "两个门店，分开结算");
  await until(async () => (await queue()).length === firms.length - 2);
  await page.keyboard.press("z");
  await until(async () => (await queue()).length === firms.length - 1);
  await page.keyboard.press("d");
  await because(page, "两个门店，分开结算");
  await until(async () => (await queue()).length === firms.length - 2);
  assert.deepEqual(owner.faults, []);
});

test("a record that contradicts what it was joined with is doubted, and whoever knows says that it still belongs there", { skip, timeout }, async () => {
  const { page } = owner;
  const customer = (source: string, sourceId: string, name: string, uscc: string) => post({ schema: "tieout/customer@1", source, sourceId, name, uscc });
  const known = async (text: string): Promise<Golden> => {
    await until(async () => (await find(text, "customer")) !== undefined);
    return (await find(text, "customer")) as Golden;
  };
  await customer("oms", "Q-1", "南通通州湾水产有限公司", completeUscc("91320600MA200001"));
  await post({ schema: "tieout/customer@1", source: "wms", sourceId: "Q-2", name: "通州湾" });
  const [into, from] = [await known("Q-1"), await known("Q-2")];
  assert.equal((await call(page, `${base}/acts`, { act: { act: "merge", into: into.golden, from: from.golden }, reason: "电话核实" })).status, 200);
  await customer("wms", "Q-2", "通州湾", completeUscc("91320600MA200002"));
  await until(async () => (await queue()).some(({ one }) => one.code === "Q-2"));
  const doubt = (await queue()).find(({ one }) => one.code === "Q-2") as Pair;
  await open(page, `queue?domain=customer&pair=${doubt.no}`);
  await page.getByText("已归在一起，是否仍然同一").waitFor();
  await page.keyboard.press("Enter");
  await because(page, "对方换了营业执照");
  await until(async () => !(await queue()).some(({ one }) => one.code === "Q-2"));
  assert.equal((await known("Q-2")).golden, into.golden);
});

test("two golden records are merged after a look at what it makes of them, the one shows its sources side by side, and taking it back leaves both as they were", { skip, timeout }, async () => {
  const { page } = owner;
  const [into, from] = [await find("C0003", "customer"), await find("M-88", "customer")];
  assert.ok(into && from);
  await open(page, `golden/${into.golden}`);
  const values = page.getByRole("region", { name: "取值与来源" });
  const before = await values.innerText();
  await page.getByRole("button", { name: "合并", exact: true }).click();
  await page.getByRole("combobox", { name: "另一条黄金记录" }).fill("jihujidian"); // by the sound of its name
  await page.getByRole("option", { name: /M-88/ }).waitFor();
  await page.getByRole("combobox", { name: "另一条黄金记录" }).press("Enter");
  const preview = dialogOf(page).locator(".masterdata-preview");
  await preview.getByText("霁湖市船厂路 8 号").waitFor();
  await preview.getByText("变", { exact: true }).first().waitFor();
  await because(page, "同一客户，旧系统的编码");
  await values.getByRole("columnheader", { name: "oms:M-88" }).waitFor();
  await values.getByRole("columnheader", { name: "crm:C0003" }).waitFor();
  await values.locator("tr", { hasText: "地址" }).getByText("唯一来源 · oms").waitFor();
  await values.locator("tr", { hasText: "名称" }).first().getByText("≠").waitFor();
  await page.getByRole("region", { name: "编码对照" }).getByText("M-88").waitFor();
  await page.goto(`/b/DEMO/masterdata/golden/${from.golden}`); // the id that it had leads there
  await page.getByText(`${from.golden} 已并入`).waitFor();
  await page.getByRole("button", { name: "撤销", exact: true }).click();
  await preview.getByText("霁湖市船厂路 8 号").waitFor();
  await because(page, "核对后是两家");
  await open(page, `golden/${into.golden}`);
  await until(async () => (await values.innerText()) === before);
  await page.getByRole("region", { name: "决定记录" }).getByText("核对后是两家").waitFor();
  assert.equal((await find("M-88", "customer"))?.golden, from.golden);
});

test("a record is found by its code, a part of its name, the initials of its pinyin and its credit code", { skip, timeout }, async () => {
  const { page } = owner;
  const one = await find("C0004", "customer");
  assert.ok(one && one.uscc.length === 18);
  await open(page, "golden");
  const initials = pinyin(one.name, { pattern: "first", toneType: "none", type: "array" }).join("");
  for (const text of ["C0004", one.name.slice(2, 6), initials, initials.slice(0, 5), one.uscc, one.uscc.toLowerCase()]) {
    await page.getByRole("searchbox", { name: "编码、名称、拼音、信用代码" }).fill(text);
    await page.getByText(/^「.*」：\d+ 条$/).waitFor();
    await page.locator("tbody tr", { hasText: one.code }).getByText(one.name).waitFor();
  }
  await page.getByRole("searchbox", { name: "编码、名称、拼音、信用代码" }).fill("没有这样的名称");
  await page.getByText("没有找到「没有这样的名称」。").waitFor();
});

/** A workbook with this text in its cells. */
async function workbook(rows: readonly (readonly string[])[]): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of writeSheet("客户", (async function* () { yield* rows; })(), new Set())) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

test("a kind leaves as a workbook; of a workbook with a wrong credit code that row is refused in clear words and the others arrive", { skip, timeout }, async () => {
  const { page } = owner;
  await open(page, "sheets?domain=customer");
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Excel" }).click()]);
  assert.equal(download.suggestedFilename(), "客户.xlsx");
  const bytes = await readFile(await download.path());
  assert.deepEqual([bytes.subarray(0, 2).toString(), bytes.length > 5_000], ["PK", true]);
  const file = { mimeType: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", buffer: await workbook([["编码", "名称", "统一社会信用代码"], ["N-1", "嘉善新塘五金有限公司", "91350100M000100Y43"], ["N-2", "嘉善旧塘五金有限公司", "91350100M000100Y44"], ["N-3", "嘉善西塘纸业有限公司", ""]]) };
  await page.locator('input[type="file"]').setInputFiles({ name: "客户.xlsx", ...file });
  await page.getByText(/1 行有问题；现在什么都没有保存/).waitFor();
  const problems = page.getByRole("region", { name: "问题" }).locator("tbody tr");
  assert.deepEqual(await problems.locator("td").allInnerTexts(), ["3", "N-2", "统一社会信用代码「91350100M000100Y44」未通过统一社会信用代码（GB 32100）校验"]);
  assert.equal(await find("N-1", "customer"), undefined);
  await page.getByRole("button", { name: "导入其余 2 行" }).click();
  await page.getByRole("status").filter({ hasText: "收下 2 条" }).filter({ hasText: "1 行没有收" }).waitFor();
  assert.deepEqual([(await find("N-1", "customer"))?.uscc, await find("N-2", "customer"), (await find("N-3", "customer"))?.name], ["91350100M000100Y43", undefined, "嘉善西塘纸业有限公司"]);
  assert.equal(await problems.count(), 1, "the row that was refused stays in sight");
});

test("the scorecard says how complete, valid, unique, fresh and connected each system's records are, and a code standard counts in it", { skip, timeout }, async () => {
  const { page } = owner;
  await open(page, "standards?domain=customer");
  const standards = page.getByRole("region", { name: "编码规范" });
  await standards.getByText("统一社会信用代码（GB 32100）").waitFor();
  await page.getByRole("button", { name: "添加规范" }).click();
  await dialogOf(page).getByLabel("格式").fill("C####");
  await dialogOf(page).getByLabel("只对此系统，留空为全部").fill("crm");
  await dialogOf(page).getByLabel("说明").fill("C 加四位流水");
  await dialogOf(page).getByRole("button", { name: "添加", exact: true }).click();
  await standards.locator("tr", { hasText: "C####" }).getByText("C 加四位流水").waitFor();
  await open(page, "quality");
  await page.getByRole("button", { name: "重新计算" }).click();
  const row = page.getByRole("region", { name: "数据质量" }).locator("tbody tr", { hasText: "crm" }).first();
  for (const head of ["完整", "有效", "唯一", "及时", "对齐"]) await page.getByRole("columnheader", { name: head }).waitFor();
  await row.getByText(/编码不合规 \d+ 条/).waitFor(); // foreign customers are CF0176 and on
  await until(async () => (await row.getByText(/^\d+%$/).count()) === 5);
  assert.deepEqual(owner.faults, []);
});

test("a tree is edited by day, and a circle is refused with the way round and the way out, in both languages", { skip, timeout }, async () => {
  const { page } = owner;
  await open(page, "trees?tree=department");
  await page.getByRole("button", { name: "按记录补齐" }).click();
  await page.getByRole("status").filter({ hasText: "补上 8 个节点" }).waitFor();
  const add = async (code: string, name: string, parent: string): Promise<void> => {
    await page.getByRole("button", { name: "添加节点" }).click();
    await dialogOf(page).getByLabel("编码").fill(code);
    await dialogOf(page).getByLabel("名称").fill(name);
    await dialogOf(page).getByLabel("上级").selectOption(parent);
    await dialogOf(page).getByRole("button", { name: "添加", exact: true }).click();
    await dialogOf(page).waitFor({ state: "detached" });
  };
  await add("W1", "一车间", "");
  await add("W1-A", "甲班", "W1");
  await page.getByRole("button", { name: "移动 W1", exact: true }).click();
  await dialogOf(page).getByLabel("上级").selectOption("W1-A");
  await dialogOf(page).getByRole("button", { name: "移动", exact: true }).click();
  const refused = dialogOf(page).getByRole("alert");
  await refused.getByText("W1 放在 W1-A 之下会成环：W1 → W1-A → W1").waitFor();
  await refused.getByText("选一个不在 W1 之下的上级").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: /Switch to English/ }).click();
  await page.getByRole("button", { name: "Move W1", exact: true }).click();
  await dialogOf(page).getByLabel("Parent").selectOption("W1-A");
  await dialogOf(page).getByRole("button", { name: "Move", exact: true }).click();
  await refused.getByText("W1 under W1-A would make a circle: W1 → W1-A → W1").waitFor();
  await refused.getByText("Choose a parent that is not below W1").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: /切换为中文/ }).click();
});

test("where four eyes are asked for, a merge waits until somebody else has seen what it makes and approves it", { skip, timeout }, async () => {
  const { page } = owner;
  const [into, from] = [await find("PX-1", "project"), await find("PX-2", "project")];
  assert.ok(into && from);
  await open(page, "requests");
  await page.getByRole("region", { name: "各类主数据如何维护" }).locator("tr", { hasText: "项目" }).getByRole("button", { name: /修改/ }).click();
  await dialogOf(page).getByLabel(/^四眼/).check();
  await dialogOf(page).getByRole("button", { name: "保存" }).click();
  await dialogOf(page).waitFor({ state: "detached" });
  await open(page, `golden/${into.golden}`);
  await page.getByRole("button", { name: "合并", exact: true }).click();
  await page.getByRole("combobox", { name: "另一条黄金记录" }).fill("PX-2");
  await page.getByRole("option", { name: /PX-2/ }).waitFor();
  await page.getByRole("combobox", { name: "另一条黄金记录" }).press("Enter");
  await because(page, "同一个改造项目");
  await page.getByRole("status").filter({ hasText: "等另一人批准" }).getByRole("link", { name: "看变更申请" }).click();
  const row = page.getByRole("region", { name: "变更申请" }).locator("tr", { hasText: "同一个改造项目" });
  await row.getByText("PX-2 老厂区锅炉房").waitFor();
  await row.getByRole("button", { name: /^撤回/ }).waitFor();
  assert.equal(await row.getByRole("button", { name: /^批准/ }).count(), 0, "nobody approves what they asked for");
  const { page: other } = second;
  await open(other, "requests");
  const theirs = other.getByRole("region", { name: "变更申请" }).locator("tr", { hasText: "同一个改造项目" });
  await theirs.getByRole("button", { name: /^批准/ }).click();
  await dialogOf(other).locator(".masterdata-preview").getByText("PX-1").first().waitFor();
  await dialogOf(other).getByLabel(/附言/).fill("与立项书核对");
  await other.keyboard.press("Control+Enter");
  await other.getByRole("status").filter({ hasText: "已决定" }).waitFor();
  await theirs.waitFor({ state: "detached" });
  await open(page, `golden/${from.golden}`);
  await page.getByText(`${from.golden} 已并入`).waitFor();
  await page.getByRole("region", { name: "决定记录" }).getByText("同一个改造项目 · 与立项书核对").waitFor();
  assert.deepEqual([owner.faults, second.faults], [[], []]);
});

test("no master data page has what axe-core calls serious, in either language and theme, and none is wider than its window", { skip, timeout }, async () => {
  const found: string[] = [];
  const golden = (await find("C0003", "customer"))?.golden ?? "";
  for (const [width, language, dark] of [[1440, "zh", false], [390, "en", true]] as const) {
    const { page, context, faults } = await person(browser, server.url, { width, language, dark });
    await context.addCookies(await owner.context.cookies());
    for (const path of ["golden", `golden/${golden}`, "queue", "missing", "requests?state=all", "trees?tree=department", "standards", "quality", "sheets", "customer/C0003"]) {
      await open(page, path);
      for (const violation of await seriousViolations(page)) found.push(`${language} ${path}: ${violation}`);
      const wide = await overflow(page);
      if (wide > 0) found.push(`${width} ${path}: ${wide} px too wide`);
    }
    found.push(...faults);
    await context.close();
  }
  assert.deepEqual(found, []);
});
