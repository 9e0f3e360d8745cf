import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { difference, joinLines, type Line, reversed } from "./voucher.ts";

const anyLine: fc.Arbitrary<Line> = fc.record({
  account: fc.constantFrom("1002", "1122.01", "6001"), dimensionSetId: fc.integer({ min: 0, max: 3 }), side: fc.constantFrom("debit" as const, "credit" as const), amount: fc.bigInt(-(10n ** 12n), 10n ** 12n),
  currency: fc.constantFrom("CNY", "USD"), original: fc.bigInt(-1000n, 1000n), rate: fc.constant(0n), quantity: fc.bigInt(-10n, 10n), summary: fc.constant(""),
});

test("a voucher and its reversal leave every account where it was", () =>
  fc.assert(fc.property(fc.array(anyLine, { minLength: 1, maxLength: 12 }), (lines) => {
    const joined = new Map<string, Line>();
    joinLines(joined, lines, 1n);
    joinLines(joined, reversed(lines), 1n);
    for (const line of joined.values()) assert.deepEqual([line.amount, line.original, line.quantity], [0n, 0n, 0n]);
  }), { numRuns: 1_000 }));

test("joining equal lines changes no total", () =>
  fc.assert(fc.property(fc.array(anyLine, { maxLength: 12 }), (lines) => {
    const joined = new Map<string, Line>();
    joinLines(joined, lines, 1n);
    assert.equal(difference([...joined.values()]), difference(lines));
  }), { numRuns: 1_000 }));
