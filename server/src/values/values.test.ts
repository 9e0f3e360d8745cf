import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { adjust, allocate, amountLeft, dateOf, dayNumber, divideRound, formatDecimal, holding, parseDecimal, quantityLeft, take } from "./index.ts";

test("a decimal that was written reads back the same", () =>
  fc.assert(fc.property(fc.bigInt(-(10n ** 17n), 10n ** 17n), fc.integer({ min: 0, max: 6 }), (value, scale) => {
    const text = formatDecimal(value, scale);
    assert.equal(parseDecimal(text, scale), value);
  }), { numRuns: 2_000 }));

test("what is no plain decimal is refused", () => {
  for (const text of ["", "-", ".5", "5.", "1e3", "1,000", "０", "1.2345678", "--1", " 1", "NaN", "1234567890123456789"]) assert.equal(parseDecimal(text, 6), undefined, text);
});

test("halves are rounded away from zero", () => {
  assert.deepEqual([5n, 15n, -5n, -15n, 4n, -4n].map((value) => divideRound(value, 10n)), [1n, 2n, -1n, -2n, 0n, 0n]);
});

test("shares add up to the total", () =>
  fc.assert(fc.property(fc.bigInt(-(10n ** 12n), 10n ** 12n), fc.array(fc.bigInt(0n, 10n ** 9n), { minLength: 1, maxLength: 20 }).filter((weights) => weights.some((weight) => weight > 0n)), (total, weights) =>
    assert.equal(allocate(total, weights).reduce((sum, part) => sum + part, 0n), total)), { numRuns: 2_000 }));

test("a holding that is taken in parts is empty at the end, to the cent, whatever was adjusted on the way", () =>
  fc.assert(fc.property(fc.bigInt(0n, 10n ** 12n), fc.array(fc.record({ part: fc.bigInt(1n, 100n), change: fc.bigInt(-50n, 50n) }), { minLength: 1, maxLength: 12 }), (amount, steps) => {
    const held = holding(steps.reduce((sum, step) => sum + step.part, 0n), amount);
    let taken = 0n, added = 0n;
    for (const { part, change } of steps) {
      adjust(held, 0n, change);
      added += change;
      taken += take(held, part);
    }
    assert.deepEqual([quantityLeft(held), amountLeft(held), taken], [0n, 0n, amount + added]);
  }), { numRuns: 2_000 }));

test("a day number names its day and no other", () =>
  fc.assert(fc.property(fc.integer({ min: -25_000, max: 80_000 }), (day) => assert.equal(dayNumber(dateOf(day)), day))));
