import assert from "node:assert/strict";
import { test } from "node:test";
import { mergeRefusals, Refusal, refuse, renderProblem } from "./refusal.ts";

const closed = { status: 409, zh: "{period} 期间已结账", en: "{period} is closed", todoZh: "请改用 {next}", todoEn: "use {next}" };

test("a problem is told in both languages, with its facts, its place and what to do", () => {
  const problem = { code: "period.closed", facts: { period: "2026-03", next: "2026-04" }, where: "line 3" };
  assert.deepEqual(renderProblem(problem, mergeRefusals([{ "period.closed": closed }])), {
    code: "period.closed", zh: "2026-03 期间已结账", en: "2026-03 is closed", where: "line 3", todo: { zh: "请改用 2026-04", en: "use 2026-04" },
  });
});

test("a fact that was not given shows as its placeholder, never as undefined", () => {
  assert.equal(renderProblem({ code: "period.closed", facts: {} }, mergeRefusals([{ "period.closed": closed }])).en, "{period} is closed");
});

test("two folders cannot use one code", () => {
  assert.throws(() => mergeRefusals([{ "period.closed": closed }, { "period.closed": closed }]), /"period.closed" is declared twice/);
});

test("a refusal carries its code and facts, and bigints do not break its message", () => {
  assert.throws(() => refuse("voucher.unbalanced", { off: 3n }, "line 1"), (error: unknown) => {
    assert.ok(error instanceof Refusal);
    assert.deepEqual([error.code, error.facts, error.where, error.message], ["voucher.unbalanced", { off: 3n }, "line 1", 'voucher.unbalanced {"off":"3"}']);
    return true;
  });
});
