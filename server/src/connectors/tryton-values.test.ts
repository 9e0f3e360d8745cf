import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatTrimmed, QUANTITY_SCALE } from "../values/index.ts";
import { exactAt, isStamp, numberAt, quantityAt, type Row, stampBefore, stampMs, stampOf, stampWire, type Wire } from "./tryton-values.ts";

const row = (value: Wire): Row => ({ id: 1, value });
const quantity = (value: Wire, digits: number): string | undefined => {
  const got = quantityAt(row(value), "value", digits);
  return got === undefined ? undefined : formatTrimmed(got, QUANTITY_SCALE);
};
const decimal = (text: string): Wire => ({ __class__: "Decimal", decimal: text });

test("a double is the decimal that it shows", () => {
  assert.equal(quantity(12, 0), "12");
  assert.equal(quantity(0.1, 2), "0.1");
  assert.equal(quantity(-2.5, 3), "-2.5");
  assert.equal(quantity(1e-6, 6), "0.000001");
  assert.equal(quantity(1.5e9, 0), "1500000000");
});

test("the noise of floating arithmetic ends below the unit's decimals", () => {
  assert.equal(quantity(0.1 + 0.2, 2), "0.3");
  assert.equal(quantity(4.35 * 100, 0), "435");
});

test("a quantity that truly has more decimals than its unit keeps them", () => {
  assert.equal(quantity(1.5, 0), "1.5");
  assert.equal(quantity(0.123456789, 2), undefined);
});

test("any decimal of up to six places survives the double that carries it", () =>
  fc.assert(fc.property(fc.integer({ min: -999_999_999, max: 999_999_999 }), fc.integer({ min: 0, max: 6 }), (digits, scale) => {
    const text = formatTrimmed(BigInt(digits), scale);
    assert.equal(quantity(Number(text), scale), text);
  })));

test("a Decimal with an exponent keeps its value", () => {
  assert.equal(numberAt(row(decimal("1E+2")), "value", 2), 10_000n);
  assert.equal(numberAt(row(decimal("0E-8")), "value", 2), 0n);
  assert.equal(exactAt(row(decimal("12.3450000000")), "value", 4), 123_450n);
});

test("a price with more decimals than there is room for is not rounded in silence", () => {
  assert.equal(exactAt(row(decimal("0.12345678")), "value", 6), undefined);
  assert.equal(exactAt(row(decimal("NaN")), "value", 6), undefined);
  assert.equal(exactAt(row(null), "value", 6), undefined);
});

const moment = { __class__: "datetime", year: 2026, month: 3, day: 1, hour: 0, minute: 0, second: 30, microsecond: 5000 };

test("a record that was never updated changed when it was created", () => {
  assert.equal(stampOf({ id: 1, create_date: moment, write_date: null }), "2026-03-01T00:00:30.005000");
  assert.equal(stampOf({ id: 1, create_date: moment, write_date: { ...moment, day: 2 } }), "2026-03-02T00:00:30.005000");
});

test("a stamp goes back over midnight and month ends", () => {
  assert.equal(stampBefore("2026-03-01T00:00:30.005000", 300), "2026-02-28T23:55:30.005000");
  assert.deepEqual(stampWire("2026-03-01T00:00:30.005000"), moment);
  assert.ok(isStamp("2026-03-01T00:00:30.005000") && !isStamp("2026-03-01T00:00:30Z"));
});

test("milliseconds rise with the stamp", () => assert.equal(stampMs("1970-01-02T00:00:01.002999"), 86_401_002));
