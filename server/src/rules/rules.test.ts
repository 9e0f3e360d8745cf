import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { joinRules, packIds, packRules } from "../books/index.ts";
import { readDocument } from "../documents/index.ts";
import { compileRuleSet, interpretApplies, interpretEntries, interpretSummary, readRows, readRuleSet, type Row, row, writeRows } from "./index.ts";

const reading = readDocument({ schema: "tieout/supplierInvoice@1", source: "erp", sourceId: "I1", date: "2026-03-05", supplier: "S01", lines: [{ lineId: "1", quantity: "1", price: "1" }] }, "B1", "CNY");
assert.ok(reading.document);
const document = reading.document;

const text = fc.constantFrom("", "sold", "shipped", "production", "waiting", "recourse", "expectedBack", "rawMaterial", "turnover", "1403", "vat", "it's; a|b\\c");
const anyRow = (roles: readonly string[]): fc.Arbitrary<Row> => fc.record({
  role: fc.constantFrom(...roles), amount: fc.bigInt(-(10n ** 15n), 10n ** 15n), original: fc.bigInt(-1000n, 1000n), quantity: fc.bigInt(-1000n, 1000n), use: text, category: text, charge: text, account: text, summary: text,
}).map((fields) => ({ ...row(fields.role, fields.amount), ...fields, line: "1" }));

const settings = { estimateMode: "reverseOnInvoice", revenueAt: "invoice", inputVat: "onConfirmation", taxpayer: "general", countGain: "redDebit", interestIncome: "credit" };

for (const pack of packIds()) {
  const { ruleSet, problems } = readRuleSet(joinRules(packRules(pack)));
  test(`the rules of ${pack} read without a problem`, () => assert.deepEqual(problems, []));

  test(`every rule of ${pack} compiled does what the interpreter does`, () => {
    const compiled = compileRuleSet(ruleSet, 1);
    for (const rule of ruleSet.rules) {
      const roles = [...new Set(rule.entries.map((entry) => entry.role))];
      const made = compiled.byId.get(rule.id);
      assert.ok(made);
      assert.equal(made.applies(document, settings), interpretApplies(rule, document, settings));
      assert.equal(made.summary(document, settings), interpretSummary(rule, document, settings));
      if (roles.length === 0) continue;
      fc.assert(fc.property(fc.array(anyRow(roles), { maxLength: 6 }), (rows) => assert.deepEqual(made.entries(document, rows, settings), interpretEntries(rule, document, rows, settings))), { numRuns: 60 });
    }
  });
}

test("rows that were written read back the same, whatever their texts hold", () =>
  fc.assert(fc.property(fc.array(anyRow(["goods", "tax"]), { maxLength: 5 }), (rows) => assert.deepEqual(readRows(writeRows(rows)), rows)), { numRuns: 1_000 }));

test("a rule set that is malformed says every place that is wrong", () => {
  const { problems } = readRuleSet("tables: { a: { rows: [{ when: \"row.nothing == 'x'\", account: '1' }] } }\nrules: [{ id: R1, event: e, zh: 甲, en: a, when: \"1 + 'x' == 2\", entries: [{ debit: b, for: goods }] }]");
  assert.deepEqual(problems.map((problem) => problem.where), ["tables.a[1].when", "rules.R1.entries[1]", "rules.R1.when"]);
});

test("no text of a rule is ever run", () => {
  const { ruleSet } = readRuleSet("tables: { a: { rows: [{ account: '1' }] } }\nrules: [{ id: \"R');throw 1;('\", event: e, zh: \"`${process.exit()}`\", en: a, summary: \"');throw 1;(' {doc.number}\", entries: [{ debit: a, for: \"goods');throw 1;('\" }] }]");
  const [rule] = ruleSet.rules;
  assert.ok(rule);
  assert.equal(compileRuleSet(ruleSet, 1).byId.get(rule.id)?.summary(document, {}), "');throw 1;(' I1");
});
