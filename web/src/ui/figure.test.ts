import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatAmount, formatQuantity, isNegative, isZero } from "./figure.ts";

test("an amount is grouped, has two decimals and a true minus", () => {
  assert.deepEqual(["0", "1", "1234.5", "-1234567.891", "40809578.57", "-0.004"].map((value) => formatAmount(value)), ["0.00", "1.00", "1,234.50", "−1,234,567.89", "40,809,578.57", "0.00"]);
  assert.deepEqual([formatAmount("1000", "yuan", 0), formatAmount("0.125", "yuan", 3)], ["1,000", "0.125"]);
});

test("万 and 亿 move the point and round half up", () => {
  assert.deepEqual(["62143000", "50", "49.99", "-812450000"].map((value) => formatAmount(value, "wan")), ["6,214.30", "0.01", "0.00", "−81,245.00"]);
  assert.deepEqual([formatAmount("1234567890.12", "yi"), formatAmount("499999", "yi"), formatAmount("500000", "yi")], ["12.35", "0.00", "0.01"]);
});

test("formatting at full precision loses nothing, however large", () => fc.assert(fc.property(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), (minor) => {
  const sign = minor < 0n ? "-" : "";
  const text = (minor < 0n ? -minor : minor).toString().padStart(3, "0");
  const shown = formatAmount(`${sign}${text.slice(0, -2)}.${text.slice(-2)}`);
  assert.equal(BigInt(shown.replaceAll(",", "").replace(".", "").replace("−", "-")), minor);
  assert.equal(isNegative(shown), minor < 0n);
  assert.equal(isZero(shown), minor === 0n);
})));

test("a quantity keeps its decimals and loses trailing zeros", () => {
  assert.deepEqual(["1200.500000", "-3.000000", "0.000001"].map(formatQuantity), ["1,200.5", "−3", "0.000001"]);
});
