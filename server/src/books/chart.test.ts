import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { Refusal } from "../platform/index.ts";
import { type Account, type Chart, checkChart, loadPack } from "./chart.ts";
import { packIds, packsFolder } from "./packs.ts";

const folders: string[] = [];
after(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

/** A folder of packs with these files: { "mine/chart.yaml": "…" }. */
function packsWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "packs-"));
  folders.push(folder);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

const accountOf = (chart: Chart, code: string): Account => chart.accounts.find((account) => account.code === code) ?? assert.fail(`no account ${code}`);
const chartOf = (id: string): Chart => loadPack(packsFolder, id).chart;
const refused = (code: string, detail: RegExp) => (error: unknown): boolean => error instanceof Refusal && error.code === code && detail.test(String(error.facts["detail"] ?? ""));

const manifest = "id: mine\nzh: 我的\nen: Mine\nstandard: { id: own, zh: 自定, en: Own }\nchart: chart.yaml\n";

test("the chart of every pack is in order", () => {
  for (const id of packIds()) assert.deepEqual(checkChart(chartOf(id)), [], id);
});

test("every account that an entry posts to is in the enterprise charts and can be posted to", () => {
  const codes = `1001 1002 1012 1121 1122.01 1122.02 1123 1221 1231 1401 1402 1403 1404 1405 1406 1407 1408 1411 1462 1471 1475 1485 1601 1602 1604 1606 1701 1702 1901
    2001 2201 2202.01 2202.02 2203 2204 2211 2211.01 2211.02 2211.03 2211.04 2231 2232 2241 2401 2801
    2221.01 2221.01.01 2221.01.02 2221.01.03 2221.01.04 2221.01.05 2221.01.06 2221.01.07 2221.01.08 2221.01.09 2221.01.10
    2221.02 2221.03 2221.06 2221.07 2221.08 2221.09 2221.10 2221.11 2221.12 2221.15 2221.16 2221.17 2221.19 2221.20
    4001 4002 4101 4103 4104 5001 5101 5301 6001 6051 6111 6115 6117 6301 6401 6402 6403 6601 6602 6602.01 6603 6701 6702 6711 6801 6901`.split(/\s+/);
  for (const id of ["cas-general", "cas-manufacturing", "cas-retail"]) {
    const postable = new Set(chartOf(id).accounts.filter((account) => account.postable).map((account) => account.code));
    assert.deepEqual(codes.filter((code) => !postable.has(code)), [], id);
  }
});

test("the small-enterprise chart has the standard's 66 first-level codes, and no others", () => {
  const codes = `1001 1002 1012 1101 1121 1122 1123 1131 1132 1221 1401 1402 1403 1404 1405 1407 1408 1411 1421 1501 1511 1601 1602 1604 1605 1606 1621 1622 1701 1702 1801 1901
    2001 2201 2202 2203 2211 2221 2231 2232 2241 2401 2501 2701 3001 3002 3101 3103 3104 4001 4101 4301 4401 4403
    5001 5051 5111 5301 5401 5402 5403 5601 5602 5603 5711 5801`.split(/\s+/);
  assert.equal(codes.length, 66);
  assert.deepEqual(chartOf("cas-small").accounts.map((account) => account.code).filter((code) => code.length === 4), codes);
});

test("one code can mean two things in two standards", () => {
  assert.deepEqual([accountOf(chartOf("cas-small"), "4001").zh, accountOf(chartOf("cas-general"), "4001").zh], ["生产成本", "实收资本"]);
});

test("an account demands the dimensions that the law's reports need", () => {
  const demanded = { "1002": ["bankAccount"], "1121": ["note"], "1122.01": ["counterparty"], "1122.02": ["counterparty"], "1123": ["counterparty"], "1601": ["asset"], "1602": ["asset"],
    "2201": ["note"], "2202.01": ["counterparty"], "2202.02": ["counterparty"], "2203": ["counterparty"] };
  for (const id of packIds()) {
    const chart = chartOf(id);
    for (const [code, dimensions] of Object.entries(demanded)) assert.deepEqual(accountOf(chart, code).carries.dimensions, dimensions, `${id} ${code}`);
    for (const code of ["1221", "2241"]) assert.deepEqual(accountOf(chart, code).carries.anyOf, ["counterparty", "employee"], `${id} ${code}`);
    for (const code of ["1403", "1405", "1411"]) assert.deepEqual(accountOf(chart, code).carries.optional?.slice(0, 2), ["item", "warehouse"], `${id} ${code}`);
    for (const code of id === "cas-small" ? ["5601", "5602"] : ["6601", "6602", "6602.01"]) assert.deepEqual(accountOf(chart, code).carries.dimensions, ["department"], `${id} ${code}`);
  }
  assert.deepEqual(accountOf(chartOf("cas-general"), "2204").carries.dimensions, ["counterparty"]);
});

test("revaluation takes monetary items and never prepayments and advances", () => {
  for (const id of packIds()) {
    const revalued = new Set(chartOf(id).accounts.filter((account) => account.carries.revalue).map((account) => account.code.slice(0, 4)));
    for (const code of ["1002", "1122", "2202"]) assert.ok(revalued.has(code), `${id} ${code}`);
    for (const code of ["1123", "2203", "2204", "1405", "1601", "4001"]) assert.ok(!revalued.has(code), `${id} ${code}`);
  }
});

test("income and expense close to the profit of the year, that and prior-year adjustments to retained earnings", () => {
  const general = chartOf("cas-general");
  assert.deepEqual(["6001", "6401", "6603.01", "4103", "6901", "4104"].map((code) => accountOf(general, code).carries.closesTo), ["4103", "4103", "4103", "4104", "4104", undefined]);
  assert.deepEqual(["5001", "5711.03", "3103"].map((code) => accountOf(chartOf("cas-small"), code).carries.closesTo), ["3103", "3103", "3104"]);
});

test("a sub-account inherits what it does not say, and a parent is posted to only where it says so", () => {
  const chart = chartOf("cas-general");
  assert.deepEqual(accountOf(chart, "1122.02").carries, accountOf(chart, "1122").carries);
  assert.equal(accountOf(chart, "2202.03").carries.cashFlow, "assetsBought");
  assert.deepEqual(["1122", "2211", "2211.01", "2221", "2221.01", "6602"].map((code) => accountOf(chart, code).postable), [false, true, true, false, true, true]);
  assert.deepEqual(["2221.01.01", "2221.01.02"].map((code) => accountOf(chart, code).side), ["debit", "credit"]);
});

test("a pack changes single fields of an account that it extends and adds its own", () => {
  const chart = chartOf("cas-manufacturing");
  assert.deepEqual([accountOf(chart, "5001").zh, accountOf(chart, "5001").postable, accountOf(chart, "5001.01").type], ["生产成本", true, "cost"]);
  assert.equal(accountOf(chartOf("cas-general"), "2204").carries.dimensions?.length, 1);
  assert.equal(accountOf(chartOf("cas-retail"), "2204.02").carries.dimensions, undefined);
});

test("a code keeps its last zero, quoted or not", () => {
  const folder = packsWith({ "mine/pack.yaml": manifest, "mine/chart.yaml": "profit: 4103\nretained: 4104\naccounts:\n  - { code: 2221.10, zh: 代扣, en: Withheld, type: liability, side: credit }\n" });
  assert.deepEqual(loadPack(folder, "mine").chart.accounts.map((account) => account.code), ["2221.10"]);
});

test("a chart's check reports every problem", () => {
  const account = (code: string, more: Partial<Account> = {}): Account => ({ code, zh: "甲", en: "A", type: "asset", side: "debit", postable: true, carries: {}, ...more });
  const problems = checkChart({ profit: "4103", retained: "4104", accounts: [
    account("1001"), account("1001"), account("99"), account("1002.01"), account("1003", { en: "" }),
    account("1004", { carries: { dimensions: ["colour"], anyOf: ["size"] } }), account("6001", { carries: { closesTo: "4103" } }),
  ] });
  assert.deepEqual(problems.map((problem) => [problem.code, problem.where]), [
    ["chart.duplicate", "1001"], ["chart.code", "99"], ["chart.parent_missing", "1002.01"], ["chart.name_missing", "1003"],
    ["chart.dimension_unknown", "1004"], ["chart.dimension_unknown", "1004"], ["chart.closing_missing", "6001"],
  ]);
});

test("a pack that does not exist or cannot be read is refused with its file and place", () => {
  const folder = packsWith({
    "mine/pack.yaml": manifest, "mine/chart.yaml": "profit: '4103'\nretained: '4104'\naccounts:\n  - { code: '1001', zh: 现金, en: Cash, type: asset, side: left }\n",
    "broken/pack.yaml": manifest, "broken/chart.yaml": "accounts: [",
    "rootless/pack.yaml": manifest, "rootless/chart.yaml": "profit: '4103'\nretained: '4104'\naccounts:\n  - { code: '1001', zh: 现金, en: Cash }\n",
    "a/pack.yaml": "id: a\nzh: 甲\nen: A\nextends: b\n", "b/pack.yaml": "id: b\nzh: 乙\nen: B\nextends: a\n",
  });
  assert.throws(() => loadPack(folder, "none"), refused("pack.unknown", /^$/));
  assert.throws(() => loadPack(folder, "../mine"), refused("pack.unknown", /^$/));
  assert.throws(() => loadPack(folder, "mine"), refused("pack.malformed", /\/accounts\/0\/side/));
  assert.throws(() => loadPack(folder, "broken"), refused("pack.malformed", /./));
  assert.throws(() => loadPack(folder, "rootless"), refused("pack.malformed", /1001: type, side/));
  assert.throws(() => loadPack(folder, "a"), /circle: a → b → a/);
});
