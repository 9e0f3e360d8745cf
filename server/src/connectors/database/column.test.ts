import assert from "node:assert/strict";
import { test } from "node:test";
import { decimalText, plain, singleText, wireOf, zoneOffset, type Column, type Kind, type Raw } from "./column.ts";
import { lowOf, pointOf } from "./cursor.ts";

const column = (kind: Kind): Column => ({ name: "c", native: kind, kind, isNullable: true, read: plain, bind: plain });
const isBad = (kind: Kind, raw: Raw): void => void assert.throws(() => wireOf(column(kind), raw, undefined), { problem: { code: "sql.value", facts: { field: "c", native: kind, got: String(raw) }, where: "c" } });

test("a decimal keeps its digits, with or without an exponent", () => {
  const texts = { "1.50": "1.50", "-0.000000000000000001": "-0.000000000000000001", "1e-20": "0.00000000000000000001", "1.5E+3": "1500", "12.345e1": "123.45", ".5": "0.5", "5.": "5", "-1e0": "-1", "0012": "12" };
  assert.deepEqual(Object.fromEntries(Object.keys(texts).map((text) => [text, decimalText(text)])), texts);
  assert.deepEqual(["NaN", "Infinity", "-Infinity", "", ".", "1,5"].map(decimalText), Array(6).fill(undefined));
  assert.deepEqual([0.1, 16777216, -3.4e38, 1.17e-38].map((value) => singleText(Math.fround(value))), ["0.1", "16777216", "-3.4e+38", "1.17e-38"]);
});

test("a day or a time that does not exist is bad, never another day", () => {
  for (const raw of ["0000-00-00", "2026-02-29", "infinity", "44 BC", "2026-13-01", "2026-1-1"]) isBad("date", raw);
  for (const raw of ["0000-00-00 00:00:00", "2026-03-05", "infinity", "2026-03-05 25:00:00"]) isBad("local", raw);
  for (const raw of ["about ten", "1.5", ""]) isBad("big", raw);
  isBad("boolean", "2");
  isBad("json", "{");
});

test("a wall clock's reading gets the offset of its zone, on both sides of a change of clocks", () => {
  const berlin = (wall: string) => zoneOffset("Europe/Berlin", wall);
  assert.deepEqual(["2026-03-29T01:59:59", "2026-03-29T02:30:00", "2026-03-29T03:00:00"].map(berlin), ["+01:00", "+01:00", "+02:00"]);
  assert.deepEqual(["2026-10-25T01:59:59", "2026-10-25T02:30:00", "2026-10-25T03:00:00"].map(berlin), ["+02:00", "+02:00", "+01:00"]);
  assert.deepEqual([zoneOffset("Asia/Shanghai", "2026-03-05T08:00:00"), zoneOffset("Asia/Shanghai", "1988-07-01T08:00:00"), zoneOffset("UTC", "2026-03-05T08:00:00"), zoneOffset("Asia/Kolkata", "2026-03-05T08:00:00"), zoneOffset("America/St_Johns", "2026-01-05T08:00:00")],
    ["+08:00", "+09:00", "Z", "+05:30", "-03:30"]);
});

test("the overlap reaches back in the database's own way of writing", () => {
  const minutes = 5n * 60_000_000_000n;
  const lows = { "2026-03-01 00:02:03.123456+00": "2026-02-28 23:57:03.000000+00", "2026-03-01T00:02:03Z": "2026-02-28T23:57:03Z", "2026-03-01 00:02:03": "2026-02-28 23:57:03", "2026-03-01": "2026-02-28", "1969-12-31 23:59:59.5": "1969-12-31 23:54:59.0" };
  assert.deepEqual(Object.fromEntries(Object.keys(lows).map((text) => [text, lowOf("time", text, minutes)])), lows);
  assert.deepEqual([lowOf("number", "9223372036854775807", 1_000_000_000_000n), lowOf("number", "10", 1_000_000_000_000n), lowOf("number", "10.5", 1_000_000_000n)], ["9223372036854774807", "-990", "9.500000000"]);
  assert.ok((pointOf("time", "2026-03-01 00:00:00.1234567") ?? 0n) < (pointOf("time", "2026-03-01 00:00:00.1234568") ?? 0n));
});
