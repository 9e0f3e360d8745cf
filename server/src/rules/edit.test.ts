import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Account, joinRules, loadPack, packRules, packsFolder } from "../books/index.ts";
import { Refusal } from "../platform/index.ts";
import { parseExpression } from "./expression.ts";
import { scope } from "./facts.ts";
import { type Change, changeRules, readRuleSet, showRuleSet } from "./index.ts";
import { say, takeApart, writeExpression, writeTaken } from "./words.ts";

const text = joinRules(packRules("cas-general"));
const chart: ReadonlyMap<string, Account> = new Map(loadPack(packsFolder, "cas-general").chart.accounts.map((account) => [account.code, account]));
const change = (...changes: readonly Change[]): string => changes.reduce((now, one) => changeRules(now, one, "CNY"), text);
const view = (now: string) => showRuleSet(now, chart, "CNY", text);
const linesThatDiffer = (now: string): string[] => { const before = new Set(text.split("\n")); return now.split("\n").filter((line) => !before.has(line)); };
const table = (now: string, name: string) => { const found = view(now).shown.tables.find((one) => one.name === name); assert.ok(found); return found; };
const rule = (now: string, id: string) => { const found = view(now).shown.rules.find((one) => one.id === id); assert.ok(found); return found; };

test("a changed cell changes its own line of the text, and every comment stays", () => {
  const now = change({ act: "table.row.set", table: "stock", row: 1, account: "1403" });
  assert.deepEqual(linesThatDiffer(now), ["      - { when: \"row.category == 'turnover'\", account: \"1403\" }"]);
  assert.deepEqual(now.split("\n").filter((line) => line.trim().startsWith("#")), text.split("\n").filter((line) => line.trim().startsWith("#")));
});

test("a row that was added, one that was changed, one that moved and one that went are marked as such", () => {
  const now = change(
    { act: "table.row.add", table: "stock", row: 0, terms: [{ field: "row.category", op: "==", values: ["semiFinished"] }, { field: "row.amount", op: "<=", values: ["500.00"] }], account: "1411" },
    { act: "table.row.set", table: "stock", row: 2, account: "1405" }, { act: "table.row.remove", table: "stock", row: 3 }, { act: "table.row.move", table: "revenue", row: 1, to: 0 },
  );
  assert.deepEqual(view(now).problems, []);
  assert.deepEqual(table(now, "stock").rows.map(({ mark, at, account, was }) => [mark, at, account?.code, was?.account?.code]), [["+", 0, "1411", undefined], ["", 1, "1403", undefined], ["~", 2, "1405", "1411"], ["−", -1, "1406", undefined], ["", 3, "1405", undefined]]);
  assert.deepEqual(table(now, "stock").rows[0]?.when, { text: "row.category == 'semiFinished' && row.amount <= 50000", zh: "物料类别为半成品，且金额 ≤ 500.00", en: "category is semi-finished and amount ≤ 500.00" });
  assert.equal(table(now, "revenue").rows.filter(({ isMoved }) => isMoved).length, 1);
  assert.deepEqual(view(now).shown.changes, { added: 1, changed: 2, removed: 1 });
});

test("a row below one without a condition is named as one that nothing reaches, and a table without such a row as open", () => {
  const now = change({ act: "table.row.move", table: "stock", row: 3, to: 0 });
  assert.deepEqual(table(now, "stock").rows.filter(({ isHidden, at }) => isHidden && at >= 0).length, 3);
  assert.deepEqual([table(now, "stock").isComplete, table(text, "stock").isComplete], [false, true]);
});

test("a rule's condition, its entries and its place can be changed, and what it said before is shown", () => {
  const now = change(
    { act: "rule.set", rule: "P3", field: "when", value: "doc.region == 'north'" }, { act: "entry.set", rule: "P3", entry: 0, account: "1402" }, { act: "entry.set", rule: "P3", entry: 1, side: "credit", amount: "-row.amount", when: "row.amount < 0" },
    { act: "entry.add", rule: "P3", entry: 99, side: "debit", account: "exchange", role: "exchange" }, { act: "entry.remove", rule: "P3", entry: 9 },
  );
  assert.deepEqual(view(now).problems, []);
  const shown = rule(now, "P3");
  assert.deepEqual([shown.mark, shown.when?.zh, shown.changed], ["~", "地区为north", ["when"]]);
  assert.deepEqual(shown.entries.filter(({ mark }) => mark !== "").map(({ mark, side, table: name, was }) => [mark, side, name, was?.zh]), [["~", "debit", "1402", "借 存货科目 （入库货物）"], ["~", "credit", "expense", "借 费用科目 （服务与费用）"], ["+", "debit", "exchange", undefined], ["−", "credit", "processing", undefined]]);
  assert.deepEqual(shown.entries[1]?.amount, { text: "-row.amount", zh: "− 金额", en: "− amount" });
});

test("rules for one event change places among themselves, whatever stands between them", () => {
  const order = (now: string): string[] => readRuleSet(now).ruleSet.byEvent.get("supplierInvoice")?.map(({ id }) => id) ?? [];
  assert.deepEqual(order(text), ["P4b", "P4a"]);
  const now = change({ act: "rule.move", rule: "P4a", by: -1 });
  assert.deepEqual(order(now), ["P4a", "P4b"]);
  assert.equal(view(now).shown.rules.filter(({ isMoved }) => isMoved).length, 1);
});

test("entries that several rules share stay shared, and each says so; a rule that is taken out leaves them to the next", () => {
  const now = change({ act: "entry.set", rule: "S4a", entry: 0, account: "1122.02" });
  assert.deepEqual(["S4c", "S4a", "S18"].map((id) => [rule(now, id).entries[0]?.table, rule(now, id).mark]), [["1122.02", "~"], ["1122.02", "~"], ["1122.02", "~"]]);
  assert.deepEqual(rule(text, "S4a").sharedWith, ["S4c", "T2", "S7b", "S18"]);
  const without = change({ act: "rule.remove", rule: "S4c" });
  assert.deepEqual(view(without).problems, []);
  assert.equal(rule(without, "S4a").entries.length, rule(text, "S4a").entries.length);
});

test("a copied rule stands before the one it was made from, under its own id", () => {
  const now = change({ act: "rule.copy", rule: "P3", id: "P3.north" });
  assert.deepEqual(view(now).problems, []);
  assert.deepEqual(readRuleSet(now).ruleSet.byEvent.get("goodsReceipt")?.map(({ id }) => id), ["P3m", "P3.north", "P3"]);
});

test("a change to what is not there is refused, and so is one to a text that is not YAML", () => {
  const refused = (code: string) => (error: unknown): boolean => error instanceof Refusal && error.code === code;
  assert.throws(() => change({ act: "table.row.set", table: "nothing", row: 0, account: "1403" }), refused("rule.place_unknown"));
  assert.throws(() => change({ act: "entry.remove", rule: "P3", entry: 70 }), refused("rule.place_unknown"));
  assert.throws(() => changeRules("rules: [", { act: "rule.remove", rule: "P3" }, "CNY"), refused("rule.malformed"));
});

test("every condition and amount of a pack reads the same after it was written anew, and has words in both languages", () => {
  for (const name of ["cas-general", "cas-small"]) {
    const { ruleSet } = readRuleSet(joinRules(packRules(name)));
    const all = [...ruleSet.rules.flatMap(({ when, entries }) => [when, ...entries.flatMap((entry) => [entry.when, entry.amount])]), ...[...ruleSet.tables.values()].flatMap(({ choices }) => choices.flatMap(({ when, from }) => [when, from]))];
    for (const e of all) {
      if (!e) continue;
      assert.deepEqual(parseExpression(writeExpression(e), scope), e);
      const { zh, en } = say(e, "CNY");
      assert.doesNotMatch(`${zh} ${en}`, /\b(?:doc|row|book)\.|undefined/);
      const taken = takeApart(e, "CNY");
      if (taken.terms.length + taken.rest.length > 0 && e.op !== "field" && e.op !== "minus") assert.deepEqual(parseExpression(writeTaken(taken, "CNY"), scope), e);
    }
  }
});

test("whatever a table's cell is given, what is written is one condition on one field, and nothing of it is run", () =>
  fc.assert(fc.property(fc.string({ maxLength: 20 }), (value) => {
    const written = writeTaken({ terms: [{ field: "row.use", op: "==", values: [value] }], rest: [] }, "CNY");
    assert.deepEqual(takeApart(parseExpression(written, scope), "CNY"), { terms: [{ field: "row.use", op: "==", values: [value] }], rest: [] });
  })));
