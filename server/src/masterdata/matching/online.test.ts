import assert from "node:assert/strict";
import { test } from "node:test";
import { chineseCompanies } from "./chinese-set.ts";
import { Table } from "./columns.ts";
import { guessFields } from "./fields.ts";
import { levelOfValues } from "./levels.ts";
import { matchTable } from "./match.ts";
import { compareRecords, keysOf, MatchIndex, matchOne, type MatchRecord } from "./online.ts";
import { editDistance, jaroWinkler, soundOf } from "./similarity.ts";

const set = chineseCompanies(600, 41);
const fields = guessFields(set.header, set.rows);
const table = new Table(fields);
for (const row of set.rows) table.add(row);
const { model } = matchTable(table);
const records = set.rows.map((row): MatchRecord => Object.fromEntries(set.header.map((name, at) => [name, row[at] as string])));

test("a record finds those of its own firm first, with what every field says", () => {
  const index = new MatchIndex(records.slice(1), model);
  const [best] = matchOne(index, records[0] as MatchRecord);
  assert.ok(best);
  assert.equal(set.truth[best.row + 1], set.truth[0]);
  const sum = best.prior + best.byField.reduce((bits, one) => bits + one.bits, 0);
  assert.ok(best.hard === "mustLink" || Math.abs(sum - best.weight) < 0.1, `${sum} and ${best.weight}`);
});

test("of 200 records nearly all find a record of their firm at the top", () => {
  const index = new MatchIndex(records, model);
  let right = 0;
  for (let row = 0; row < 200; row++) {
    const best = matchOne(index, { ...(records[row] as MatchRecord), code: "new" }).find((one) => one.row !== row);
    if (best && set.truth[best.row] === set.truth[row]) right++;
  }
  assert.ok(right >= 190, String(right));
  assert.equal(index.table.rows, records.length);
});

test("keys are the same for the same record, and a record without values has none", () => {
  assert.deepEqual(keysOf(fields, records[3] as MatchRecord), keysOf(fields, { ...(records[3] as MatchRecord) }));
  assert.deepEqual(keysOf(fields, {}), []);
  assert.ok(keysOf(fields, { name: "华".repeat(10_000), phone: "\u0000", uscc: "🙂" }).length < 200);
});

test("comparing is the same from either side, and a model survives being stored as JSON", () => {
  const stored = JSON.parse(JSON.stringify(model)) as typeof model;
  for (let at = 0; at < 40; at += 2) {
    const a = records[at] as MatchRecord, b = records[at + 1] as MatchRecord;
    assert.equal(compareRecords(a, b, model).weight, compareRecords(b, a, model).weight);
    assert.deepEqual(compareRecords(a, b, stored), compareRecords(a, b, model));
  }
});

test("a rule stands above the weights: two right codes part, one right code joins, a branch is not its company", () => {
  const firm = { name: "上海华新科技有限公司", uscc: "91350100M000100Y43", phone: "021-68888888", legal_representative: "王芳", address: "上海市人民路1号" };
  assert.equal(compareRecords(firm, { ...firm, uscc: "9144030071526726XG" }, model).hard, "cannotLink");
  assert.equal(compareRecords(firm, { ...firm, uscc: "91350100M000100Y44" }, model).hard, undefined, "a code that fails its check is no evidence");
  assert.equal(compareRecords(firm, { ...firm, name: "華新科技(上海)有限責任公司" }, model).hard, "mustLink");
  assert.equal(compareRecords(firm, { ...firm, uscc: "", name: "上海华新科技有限公司苏州分公司" }, model).hard, "cannotLink");
  assert.equal(compareRecords({ ...firm, uscc: "" }, { ...firm, uscc: "", name: "深圳泰隆食品有限公司" }, model).hard, "onlyRelated");
});

test("distances are what the books say", () => {
  assert.ok(Math.abs(jaroWinkler("MARTHA", "MARHTA") - 0.9611) < 0.0001);
  assert.ok(Math.abs(jaroWinkler("DIXON", "DICKSONX") - 0.8133) < 0.0001);
  assert.equal(jaroWinkler("", "A"), 0);
  assert.equal(editDistance("CA", "AC", 3), 1);
  assert.equal(editDistance("KITTEN", "SITTING", 5), 3);
  assert.equal(editDistance("KITTEN", "SITTING", 1), 2);
  assert.equal(soundOf("ROBERT"), soundOf("RUPERT"));
  assert.equal(levelOfValues({ style: "date", kind: "date" }, "19991231", "20000101"), 6);
});
