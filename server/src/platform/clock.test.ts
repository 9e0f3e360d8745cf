import assert from "node:assert/strict";
import { test } from "node:test";
import { fixedClock, momentOf, steppingClock } from "./clock.ts";

test("a fixed clock stands still, and changing a date that it gave does not move it", () => {
  const clock = fixedClock("2026-03-05T08:00:00Z");
  clock().setFullYear(1999);
  assert.equal(clock().toISOString(), "2026-03-05T08:00:00.000Z");
});

test("a stepping clock starts at its moment and moves by its step", () => {
  const clock = steppingClock("2026-03-05T08:00:00Z", 1_000);
  assert.deepEqual([clock(), clock()].map((moment) => moment.toISOString()), ["2026-03-05T08:00:00.000Z", "2026-03-05T08:00:01.000Z"]);
});

test("what is not a moment is refused", () => assert.throws(() => momentOf("5 o'clock"), /is not a moment/));
